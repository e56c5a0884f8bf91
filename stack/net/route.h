// route.h - which way: the longest prefix that contains the destination wins.
//
// A packet to one of our own addresses goes through lo; one to a broadcast or multicast address
// needs no gateway. All others follow the table, which is kept longest prefix first, so that the
// first match is the best one.
#ifndef ROUTE_H
#define ROUTE_H

#include "net/netif.h"

enum { ROUTES_MAX = 1024 };

// The decision for one destination.
struct way {
    struct netif *netif;
    struct addr   hop;        // whose MAC the frame gets: the destination's, or a gateway's
    struct addr   src;        // our name on this way, or none
    bool          to_many;    // broadcast or multicast: the MAC follows from the address
    bool          gateway;    // through another host
};

int  route_init(struct host *h);  // -ENOMEM
void route_done(struct host *h);
// gateway of family NONE: dst is on the link of n. n may be NULL if the gateway is on a link.
// -EINVAL: the families differ or it is no prefix, -EEXIST: it is there, -ENETUNREACH: the gateway
// is on no link of ours, -ENOSPC, -ENOMEM.
int  route_add(struct host *h, struct prefix dst, struct addr gateway, struct netif *n);
void route_forget(struct host *h);  // an address changed: what was found may be found otherwise now
bool route_lookup(const struct host *h, struct addr dst, struct way *way);  // false: no way

#endif
