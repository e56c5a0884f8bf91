// icmp6.h - ICMPv6 (RFC 4443) for a host: pings are answered, errors are sent and taken, and
// neighbour discovery and group membership go to their own files.
//
// No error is sent about an ICMPv6 error or a redirect, about what went to many (but for two that
// path MTU discovery and options need), or to a sender that is not one station (§2.4 e); and not
// more than icmp.h allows. An error that comes in is a claim, not a fact: it must quote a packet
// with a source of ours, and the protocol it quotes looks whether it could have sent it.
#ifndef ICMP6_H
#define ICMP6_H

#include "net/host.h"
#include "wire/icmp6_wire.h"

void icmp6_input(struct host *h, struct frame *f, const struct ip_info *ip);
// The error m about a packet that came in. Borrows f, of which l3 and l4 are known.
void icmp6_complain(struct host *h, const struct frame *f, const struct ip_info *ip,
                    const struct icmp6_message *m);

#endif
