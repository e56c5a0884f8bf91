// icmp4.h - ICMP (RFC 792) for a host: pings are answered, errors are sent and taken.
//
// No error is sent about an ICMP error, about what went to many, about a later fragment, or to a
// sender that is not one station (RFC 1122 §3.2.2); and not more than icmp_msgs_per_sec of them
// (RFC 1812 §4.3.2.8), counted as a bucket of tokens that holds icmp_msgs_burst.
//
// An error that comes in is a claim, not a fact. It must quote a packet with a source of ours, and
// the protocol it quotes then looks whether it could have sent it.
#ifndef ICMP4_H
#define ICMP4_H

#include "net/host.h"
#include "wire/icmp4_wire.h"

void icmp4_init(struct host *h);
void icmp4_input(struct host *h, struct frame *f, const struct ip_info *ip);
// "Unreachable" with this code, about a packet that came in. Borrows f.
void icmp4_refuse(struct host *h, const struct frame *f, const struct ip_info *ip, uint8_t code);

#endif
