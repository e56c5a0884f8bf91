// source.h - which of our addresses to speak from: RFC 6724 §5 for IPv6, the like for IPv4.
#ifndef SOURCE_H
#define SOURCE_H

#include "net/netif.h"

// The best of ours for dst among those of the interface it goes out by, else of the others. Of
// family NONE: there is none.
struct addr source_pick(const struct netif *n, struct addr dst);
// The one for talk about the link itself: link-local in IPv6. Of family NONE: there is none yet.
struct addr source_on_link(const struct netif *n, struct addr dst);

// Whether destination a goes before b (RFC 6724 §6); either may have no way there at all.
bool source_prefers(struct host *h, struct addr a, struct addr b);

#endif
