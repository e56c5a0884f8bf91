// icmp4.h - ICMP (RFC 792) for a host: pings are answered, errors are sent and taken.
//
// No error is sent about an ICMP error, about what went to many, about a later fragment, or to a
// sender that is not one station (RFC 1122 §3.2.2); and not more of them than icmp.h allows.
//
// An error that comes in is a claim, not a fact. It must quote a packet with a source of ours, and
// the protocol it quotes then looks whether it could have sent it.
#ifndef ICMP4_H
#define ICMP4_H

#include "net/host.h"
#include "wire/icmp4_wire.h"

void icmp4_input(struct host *h, struct frame *f, const struct ip_info *ip);
// The error m about a packet that came in. Borrows f, of which l3 and l4 are known.
void icmp4_complain(struct host *h, const struct frame *f, const struct ip_info *ip,
                    const struct icmp4_message *m);

#endif
