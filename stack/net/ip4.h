// ip4.h - IPv4 (RFC 791) for a host: is a packet sound and ours, who takes it; and the way out.
#ifndef IP4_H
#define IP4_H

#include "net/ip.h"
#include "net/netif.h"

// f begins with the IPv4 header; to_many: the link's destination was a group.
void ip4_input(struct netif *n, struct frame *f, bool to_many);
void ip4_output(struct host *h, struct frame *f, const struct ip_dest *d);
void ip4_tell_sender(struct host *h, const struct frame *f, int error);

#endif
