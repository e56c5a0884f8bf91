// ndp.h - neighbour discovery (RFC 4861): who has this IPv6 address, which routers are there, which
// prefixes are on the link; and a better first hop where a router says so.
//
// All of it comes from this very link or is not believed: a hop limit of 255 proves it (§3.1). What
// routers say is taken as net.ipv6.conf.all.accept_ra and accept_redirects allow.
#ifndef NDP_H
#define NDP_H

#include "net/netif.h"
#include "wire/ndp_wire.h"

// Takes f if it serves it; else says why not. f begins with the ICMPv6 header, its checksum seen.
enum drop ndp_input(struct host *h, struct frame *f, const struct ip_info *ip);

// Asks for the MAC of target: everyone it could be, or only the station we believe it to be. from
// is our name in the packet that waits, or of family NONE.
void ndp_ask(struct netif *n, struct addr target, struct addr from, const struct mac *only);
void ndp_probe(struct netif *n, struct addr target);  // is this name free? (RFC 4862 §5.4.2)
void ndp_announce(struct netif *n, struct addr ours);
// Answers asker that a name which others have too is (also) at our MAC.
void ndp_tell_shared(struct netif *n, struct addr name, struct addr asker);

// Sends a message of neighbour discovery; where it is lost, it will be sent or asked for again.
struct ndp_way { struct addr src, dst; enum sent why; };
void ndp_send(struct netif *n, const struct ndp_message *m, const struct ndp_way *way);

// Tells the sender of f, which came for somebody else, that hop is nearer to it (§8.2).
void ndp_redirect(struct netif *n, const struct frame *f, const struct ip_info *ip,
                  struct addr hop);

void ndp_seek_routers(struct netif *n);  // begins to solicit, if the settings say so
nsec ndp_run(struct netif *n);           // solicits when due; returns when to call again

#endif
