// anycast.h - the name that all routers of a link share: its prefix, and zeros (RFC 4291 §2.6.1).
//
// What is sent to it reaches one of them, whichever the sender hears of first. So nobody asks if it
// is free, an advertisement of it takes nobody's place and comes after a random wait (RFC 4861
// §7.2.7), and it is no name to speak from. TCP, which needs one and the same peer, is not spoken
// to it. A prefix of 127 or 128 bits has no room for such a name (RFC 6164 §6).
//
// It is a router's while net.ipv6.conf.all.forwarding says so, as are the groups of all routers.
#ifndef ANYCAST_H
#define ANYCAST_H

#include "net/netif.h"

bool anycast_on(const struct netif *n, struct addr a);  // a is the routers' name on this link
bool anycast_on_host(const struct host *h, struct addr a);

// The interface joins or leaves the groups that a router is in, as the settings now say.
void anycast_take_role(struct netif *n);

// asker wants to know the MAC of a: it is told soon. Of more than ANYCAST_WAITS the first at once.
void anycast_answer_later(struct netif *n, struct addr a, struct addr asker);
nsec anycast_run(struct netif *n);  // answers that are due; returns when to call again

#endif
