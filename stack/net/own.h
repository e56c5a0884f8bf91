// own.h - the addresses of ours, and their lives.
//
// An address begins TENTATIVE where the settings say to ask first whether somebody has it: by
// neighbour solicitations (RFC 4862 §5.4) or by ARP probes (RFC 5227 §2.1), and is nobody's until
// silence says it is free. Statically given ones last for ever; those a router's prefix brought
// (SLAAC) become DEPRECATED and vanish as the router said, unless it says so again.
//
//     (none) --> TENTATIVE --silence--> PREFERRED --time--> DEPRECATED --time--> (none)
//                    |                      |
//                    +---- a conflict ------+--> DUPLICATE
//
// A name of our own making that is taken gives way to another one (RFC 7217 §6), three times.
#ifndef OWN_H
#define OWN_H

#include "net/netif.h"

enum own_origin { OWN_STATIC, OWN_LINK_LOCAL, OWN_SLAAC };

// 0; -EINVAL: not a station's address or prefix, -EEXIST: it is there, -ENOSPC: no room for more.
int  own_add(struct netif *n, struct prefix p, enum own_origin origin);
// 0, or -EADDRNOTAVAIL.
int  own_remove(struct netif *n, struct addr a);
struct own_addr *own_find(struct netif *n, struct addr a);   // in whatever state; NULL: none
bool netif_has_addr(const struct netif *n, struct addr a);   // and it is in use
bool own_usable(const struct own_addr *own);
void own_tell(const struct netif *n, const struct own_addr *own);

// Another station has, or wants, an address that we have, or want; from is its MAC.
void own_conflict(struct netif *n, struct own_addr *own, struct mac from);
// A router's prefix, good for these seconds; UINT32_MAX is for ever (RFC 4862 §5.5.3).
void own_autoconf(struct netif *n, struct prefix p, uint32_t valid_s, uint32_t preferred_s);
// IPv6 begins on an interface: its link-local address, its route, its routers. 0, or -EINVAL: the
// MTU is below what IPv6 needs.
int  own_start_ip6(struct netif *n);

// What an interface does by itself, at its time: ask, announce, forget, solicit, report.
void netif_timer_fire(struct host *h, struct timer *t);
void netif_wake_at(struct netif *n, nsec at);  // no later than this

#endif
