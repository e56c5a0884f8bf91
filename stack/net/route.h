// route.h - which way: the longest prefix that contains the destination wins.
//
// A packet to one of our own addresses goes through lo; one to a broadcast or multicast address
// needs no gateway. All others follow the table, which is kept longest prefix first, so that the
// first match is the best one. Of several gateways for one prefix the first is taken whose MAC we
// do not know to be beyond reach (RFC 1122 §3.3.1.5, RFC 4861 §6.3.6).
//
// Routes are given by hand, or learned: from router advertisements, until their time is over, and
// from redirects, for single destinations. Of the latter there are at most ROUTE_REDIRECTS; a new
// one takes the place of the oldest. Routers can teach us ROUTE_LEARNED ways and no more, so that
// a liar leaves room for what is given by hand. A redirect to a hop that died is passed over.
//
// A link-local destination is on some link, but which? On the one that the caller names, else where
// it is known as a neighbour, else the first.
#ifndef ROUTE_H
#define ROUTE_H

#include "net/netif.h"

enum { ROUTES_MAX = 1024, ROUTE_REDIRECTS = 256, ROUTE_LEARNED = 128 };

// What a route says of the paths that begin with it: ng_route_metrics. 0: nothing.
struct route_metrics { uint32_t mtu, mss, initcwnd; bool mtu_locked; };

// The decision for one destination.
struct way {
    struct netif *netif;
    struct addr   hop;        // whose MAC the frame gets: the destination's, or a gateway's
    struct addr   src;        // our name on this way, or none
    bool          to_many;    // broadcast or multicast: the MAC follows from the address
    bool          gateway;    // through another host
    nsec          until;      // the route's end; NEVER: none in sight
    struct route_metrics metrics;
};

int  route_init(struct host *h);  // -ENOMEM
void route_done(struct host *h);
// gateway of family NONE: dst is on the link of n. n may be NULL if the gateway is on a link.
// -EINVAL: the families differ or it is no prefix, -EEXIST: it is there, -ENETUNREACH: the gateway
// is on no link of ours, -ENOSPC, -ENOMEM.
int  route_add(struct host *h, struct prefix dst, struct addr gateway, struct netif *n);
int  route_remove(struct host *h, struct prefix dst, struct addr gateway);  // 0, or -ESRCH
// -ESRCH, -EINVAL: a number that cannot be.
int  route_set_metrics(struct host *h, struct prefix dst, struct addr gateway,
                       const struct route_metrics *m);
void route_forget(struct host *h);  // what was found once may be found otherwise now
bool route_lookup(const struct host *h, struct addr dst, struct way *way);  // false: no way
// The same, by way of n if dst leaves a choice of links; n may be NULL.
bool route_lookup_on(const struct host *h, struct addr dst, struct netif *n, struct way *way);

// What routers say of themselves. until is when it ends, 0 that it has ended.
void route_learn_router(struct host *h, struct addr gateway, struct netif *n, nsec until);
void route_learn_link(struct host *h, struct prefix p, struct netif *n, nsec until);
void route_forget_router(struct host *h, struct addr gateway, struct netif *n);
// `from`, our first hop towards dst, says that gateway (of family NONE: dst itself) is the better
// one. DROP_NONE, or why it is not believed.
enum drop route_redirect(struct host *h, struct addr dst, struct addr gateway, struct netif *n,
                         struct addr from);

#endif
