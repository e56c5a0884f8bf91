// forward.h - packets for others, where the host is a router (RFC 1812, RFC 8200, RFC 4861 §8.2).
//
// Only net.ipv4.ip_forward and net.ipv6.conf.all.forwarding make it one, never that it has two
// interfaces (RFC 1122 §3.1). A packet that cannot go on is answered with the error that says why.
#ifndef FORWARD_H
#define FORWARD_H

#include "net/netif.h"

// Takes f, a sound packet for somebody else whose headers are marked, or drops it.
void forward_input(struct host *h, struct frame *f, const struct ip_info *ip);
// A packet that was on its way, begins with its IP header, and found its next hop silent.
void forward_tell_sender(struct host *h, struct frame *f);

#endif
