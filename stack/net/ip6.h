// ip6.h - IPv6 (RFC 8200) for a host: is a packet sound and ours, who takes it; and the way out.
#ifndef IP6_H
#define IP6_H

#include "net/ip.h"
#include "net/netif.h"

// f begins with the IPv6 header; to_many: the link's destination was a group.
void ip6_input(struct netif *n, struct frame *f, bool to_many);
void ip6_output(struct host *h, struct frame *f, const struct ip_dest *d);
void ip6_tell_sender(struct host *h, const struct frame *f, int error);

#endif
