// route.c - see route.h.
#include "net/route.h"

#include <errno.h>

#include "net/ip.h"

struct route { struct prefix dst; struct addr gateway; struct netif *netif; };

// The last answer is kept, for most packets follow one that went the same way.
struct route_table {
    struct route *route;
    uint32_t      count, cap;
    struct addr   last_dst;  // family NONE: nothing is kept
    struct way    last;
};

int route_init(struct host *h)
{
    h->routes = calloc(1, sizeof *h->routes);
    return h->routes == NULL ? -ENOMEM : 0;
}

void route_done(struct host *h)
{
    if (h->routes == NULL) return;
    free(h->routes->route);
    free(h->routes);
    h->routes = NULL;
}

static int grow(struct route_table *t)
{
    if (t->count < t->cap) return 0;
    if (t->count == ROUTES_MAX) return -ENOSPC;
    uint32_t cap = t->cap == 0 ? 8 : t->cap * 2;
    struct route *more = realloc(t->route, cap * sizeof *more);
    if (more == NULL) return -ENOMEM;
    t->route = more;
    t->cap = cap;
    return 0;
}

static const struct route *best(const struct route_table *t, struct addr dst)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (prefix_contains(t->route[i].dst, dst)) return &t->route[i];
    return NULL;
}

// The interface on whose link the gateway is, or NULL.
static struct netif *link_of(const struct route_table *t, struct addr gateway)
{
    const struct route *r = best(t, gateway);
    return r == NULL || r->gateway.family != FAMILY_NONE ? NULL : r->netif;
}

int route_add(struct host *h, struct prefix dst, struct addr gateway, struct netif *n)
{
    struct route_table *t = h->routes;
    if (addr_len(dst.addr) == 0 || dst.bits > addr_len(dst.addr) * 8) return -EINVAL;
    dst.addr = addr_mask(dst.addr, dst.bits);
    if (gateway.family != FAMILY_NONE) {
        if (gateway.family != dst.addr.family) return -EINVAL;
        struct netif *on = link_of(t, gateway);
        if (on == NULL || (n != NULL && on != n)) return -ENETUNREACH;
        n = on;
    }
    if (n == NULL) return -EINVAL;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->route[i].dst.bits == dst.bits && addr_eq(t->route[i].dst.addr, dst.addr))
            return -EEXIST;
    int rc = grow(t);
    if (rc < 0) return rc;

    uint32_t at = t->count++;
    for (; at > 0 && t->route[at - 1].dst.bits < dst.bits; at--) t->route[at] = t->route[at - 1];
    t->route[at] = (struct route){dst, gateway, n};
    route_forget(h);
    return 0;
}

void route_forget(struct host *h)
{
    if (h->routes != NULL) h->routes->last_dst = addr_any(FAMILY_NONE);
}

// --- lookup ------------------------------------------------------------------------------------

// The first interface that can name itself in dst's family.
static struct netif *first_netif(const struct host *h, struct addr dst)
{
    LIST_EACH(l, &h->netifs) {
        struct netif *n = LIST_ENTRY(l, struct netif, link);
        if (netif_source(n, dst).family != FAMILY_NONE) return n;
    }
    return NULL;
}

static struct netif *netif_of_broadcast(const struct host *h, struct addr dst)
{
    LIST_EACH(l, &h->netifs) {
        struct netif *n = LIST_ENTRY(l, struct netif, link);
        if (netif_is_broadcast(n, dst)) return n;
    }
    return NULL;
}

// A broadcast or multicast address goes out by its own interface, or by the best there is.
static bool way_to_many(const struct host *h, struct addr dst, struct way *way)
{
    struct netif *n = netif_of_broadcast(h, dst);
    if (n == NULL && !addr_is_broadcast(dst) && !addr_is_multicast(dst)) return false;
    const struct route *r = best(h->routes, dst);
    if (n == NULL && r != NULL) n = r->netif;
    if (n == NULL) n = first_netif(h, dst);
    *way = (struct way){.netif = n, .hop = dst, .to_many = true};
    return true;
}

static bool find_way(const struct host *h, struct addr dst, struct way *way)
{
    if (addr_is_any(dst)) return false;
    if (ip_is_local(h, dst)) {
        *way = (struct way){.netif = h->lo, .hop = dst, .src = dst};
        return true;
    }
    if (!way_to_many(h, dst, way)) {
        const struct route *r = best(h->routes, dst);
        if (r == NULL) return false;
        bool through = r->gateway.family != FAMILY_NONE;
        *way = (struct way){.netif = r->netif, .hop = through ? r->gateway : dst,
                            .gateway = through};
    }
    if (way->netif == NULL) return false;
    way->src = netif_source(way->netif, way->hop);
    return true;
}

bool route_lookup(const struct host *h, struct addr dst, struct way *way)
{
    struct route_table *t = h->routes;
    if (dst.family != FAMILY_NONE && addr_eq(t->last_dst, dst)) {
        *way = t->last;
        return true;
    }
    if (!find_way(h, dst, way)) return false;
    t->last_dst = dst;
    t->last = *way;
    return true;
}
