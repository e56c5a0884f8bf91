// route.c - see route.h.
#include "net/route.h"

#include <errno.h>

#include "net/anycast.h"
#include "net/ip.h"
#include "net/neigh.h"
#include "net/own.h"
#include "net/source.h"
#include "wire/ip4_wire.h"

enum origin { BY_HAND, BY_ROUTER, BY_REDIRECT };

struct route {
    struct prefix dst;
    struct addr   gateway;  // of family NONE: on the link
    struct netif *netif;
    uint8_t       origin;
    nsec          until;    // NEVER: for ever
    struct route_metrics metrics;
};

// The last answer is kept, for most packets follow one that went the same way.
struct route_table {
    struct route       *route;
    uint32_t            count, cap, redirects, learned;
    struct addr         last_dst;  // family NONE: nothing is kept
    const struct netif *last_on;
    struct way          last;
    nsec                last_until;
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

static bool is_on_link(const struct route *r) { return r->gateway.family == FAMILY_NONE; }

// The next hop does not answer. Of a redirect to dst itself that is dst.
static bool is_beyond_reach(const struct route *r)
{
    if (is_on_link(r) && r->origin != BY_REDIRECT) return false;
    const struct neigh *n = neigh_find(r->netif, is_on_link(r) ? r->dst.addr : r->gateway);
    return n != NULL && n->state == NUD_FAILED;
}

static const struct route *best(const struct host *h, struct addr dst)
{
    const struct route_table *t = h->routes;
    const struct route *found = NULL;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct route *r = &t->route[i];
        if (found != NULL && r->dst.bits < found->dst.bits) break;
        if (r->until <= h->now || !prefix_contains(r->dst, dst)) continue;
        if (!is_beyond_reach(r)) return r;
        // A redirect to the dead is void: the way before it is tried again (RFC 4861 §7.3.3).
        if (found == NULL && r->origin != BY_REDIRECT) found = r;
    }
    return found;
}

static void remove_at(struct route_table *t, uint32_t i)
{
    if (t->route[i].origin == BY_REDIRECT) t->redirects--;
    if (t->route[i].origin == BY_ROUTER) t->learned--;
    t->count--;
    for (; i < t->count; i++) t->route[i] = t->route[i + 1];
    t->last_dst = addr_any(FAMILY_NONE);
}

static void forget_old(struct host *h)
{
    struct route_table *t = h->routes;
    for (uint32_t i = t->count; i > 0; i--)
        if (t->route[i - 1].until <= h->now) remove_at(t, i - 1);
}

static struct route *find(struct route_table *t, struct prefix dst, struct addr gateway,
                          const struct netif *n)
{
    for (uint32_t i = 0; i < t->count; i++) {
        struct route *r = &t->route[i];
        if (r->dst.bits == dst.bits && r->netif == n && addr_eq(r->dst.addr, dst.addr)
            && addr_eq(r->gateway, gateway))
            return r;
    }
    return NULL;
}

static int insert(struct host *h, const struct route *new)
{
    struct route_table *t = h->routes;
    forget_old(h);
    if (new->origin == BY_ROUTER && t->learned == ROUTE_LEARNED) return -ENOSPC;
    int rc = grow(t);
    if (rc < 0) return rc;
    uint32_t at = t->count++;
    for (; at > 0 && t->route[at - 1].dst.bits < new->dst.bits; at--)
        t->route[at] = t->route[at - 1];
    t->route[at] = *new;
    if (new->origin == BY_REDIRECT) t->redirects++;
    if (new->origin == BY_ROUTER) t->learned++;
    route_forget(h);
    return 0;
}

// The interface on whose link the gateway is, or NULL.
static struct netif *link_of(const struct host *h, struct addr gateway, struct netif *n)
{
    if (addr_is_link_local(gateway) && gateway.family == FAMILY_IP6 && n != NULL)
        return n->ip6 ? n : NULL;
    const struct route *r = best(h, gateway);
    return r == NULL || !is_on_link(r) ? NULL : r->netif;
}

int route_add(struct host *h, struct prefix dst, struct addr gateway, struct netif *n)
{
    struct route_table *t = h->routes;
    if (addr_len(dst.addr) == 0 || dst.bits > addr_len(dst.addr) * 8) return -EINVAL;
    dst.addr = addr_mask(dst.addr, dst.bits);
    if (gateway.family != FAMILY_NONE) {
        if (gateway.family != dst.addr.family) return -EINVAL;
        struct netif *on = link_of(h, gateway, n);
        if (on == NULL || (n != NULL && on != n)) return -ENETUNREACH;
        n = on;
    }
    if (n == NULL) return -EINVAL;
    if (find(t, dst, gateway, n) != NULL) return -EEXIST;
    return insert(h, &(struct route){dst, gateway, n, BY_HAND, NEVER, {0}});
}

// The first of them, whatever its interface.
static struct route *find_any(struct route_table *t, struct prefix dst, struct addr gateway)
{
    dst.addr = addr_mask(dst.addr, dst.bits);
    for (uint32_t i = 0; i < t->count; i++) {
        struct route *r = &t->route[i];
        if (r->dst.bits == dst.bits && addr_eq(r->dst.addr, dst.addr)
            && addr_eq(r->gateway, gateway))
            return r;
    }
    return NULL;
}

int route_remove(struct host *h, struct prefix dst, struct addr gateway)
{
    struct route_table *t = h->routes;
    const struct route *r = find_any(t, dst, gateway);
    if (r == NULL) return -ESRCH;
    remove_at(t, (uint32_t)(r - t->route));
    return 0;
}

int route_set_metrics(struct host *h, struct prefix dst, struct addr gateway,
                      const struct route_metrics *m)
{
    bool mtu_ok = m->mtu == 0 || (m->mtu >= IP4_MTU_MIN && m->mtu <= IP4_LEN_MAX);
    if (!mtu_ok || m->mss > UINT16_MAX || m->initcwnd > UINT16_MAX) return -EINVAL;
    struct route *r = find_any(h->routes, dst, gateway);
    if (r == NULL) return -ESRCH;
    r->metrics = *m;
    h->mtu_epoch++;
    route_forget(h);
    return 0;
}

// --- learned -----------------------------------------------------------------------------------

static void learn(struct host *h, struct prefix dst, struct addr gateway, struct netif *n,
                  nsec until)
{
    dst.addr = addr_mask(dst.addr, dst.bits);
    struct route *r = find(h->routes, dst, gateway, n);
    if (r == NULL) {
        if (until > h->now) insert(h, &(struct route){dst, gateway, n, BY_ROUTER, until, {0}});
    } else if (r->origin == BY_ROUTER) {
        r->until = until;
        route_forget(h);
    }
}

void route_learn_router(struct host *h, struct addr gateway, struct netif *n, nsec until)
{
    learn(h, (struct prefix){addr_any((enum family)gateway.family), 0}, gateway, n, until);
}

void route_learn_link(struct host *h, struct prefix p, struct netif *n, nsec until)
{
    learn(h, p, addr_any(FAMILY_NONE), n, until);
}

void route_forget_router(struct host *h, struct addr gateway, struct netif *n)
{
    struct route_table *t = h->routes;
    for (uint32_t i = t->count; i > 0; i--) {
        const struct route *r = &t->route[i - 1];
        if (r->origin != BY_HAND && r->netif == n && addr_eq(r->gateway, gateway))
            remove_at(t, i - 1);
    }
}

static void forget_redirect(struct route_table *t, struct prefix dst)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct route *r = &t->route[i];
        bool same = r->dst.bits == dst.bits && addr_eq(r->dst.addr, dst.addr);
        if (r->origin != BY_REDIRECT || (!same && t->redirects < ROUTE_REDIRECTS)) continue;
        remove_at(t, i);
        return;
    }
}

enum drop route_redirect(struct host *h, struct addr dst, struct addr gateway, struct netif *n,
                         struct addr from)
{
    struct prefix one = {dst, (uint8_t)(addr_len(dst) * 8)};
    const struct route *r = ip_is_local(h, dst) ? NULL : best(h, dst);
    if (r == NULL || is_on_link(r) || r->netif != n || !addr_eq(r->gateway, from))
        return DROP_REDIRECT_NOT_MINE;
    if (gateway.family != FAMILY_NONE && (link_of(h, gateway, n) != n || ip_is_local(h, gateway)))
        return DROP_REDIRECT_NOT_MINE;
    forget_redirect(h->routes, one);
    int rc = insert(h, &(struct route){one, gateway, n, BY_REDIRECT, NEVER, {0}});
    return rc < 0 ? DROP_NO_MEMORY : DROP_NONE;
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
        if (source_pick(n, dst).family != FAMILY_NONE) return n;
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

static struct netif *netif_of_neighbour(const struct host *h, struct addr dst)
{
    LIST_EACH(l, &h->netifs) {
        struct netif *n = LIST_ENTRY(l, struct netif, link);
        if (neigh_find(n, dst) != NULL) return n;
    }
    return NULL;
}

// A broadcast or multicast address goes out by its own interface, or by the best there is.
static struct netif *netif_to_many(const struct host *h, struct addr dst, struct netif *n)
{
    struct netif *own = netif_of_broadcast(h, dst);
    if (own != NULL) return own;
    if (n != NULL) return n;
    const struct route *r = best(h, dst);
    return r != NULL ? r->netif : first_netif(h, dst);
}

static bool is_to_many(const struct host *h, struct addr dst)
{
    return addr_is_multicast(dst) || addr_is_broadcast(dst) || netif_of_broadcast(h, dst) != NULL;
}

static bool needs_a_link(struct addr dst)
{
    return dst.family == FAMILY_IP6 && addr_is_link_local(dst);
}

static bool find_way(const struct host *h, struct addr dst, struct netif *n, struct way *way)
{
    if (is_to_many(h, dst)) {
        *way = (struct way){.netif = netif_to_many(h, dst, n), .hop = dst, .to_many = true,
                            .until = NEVER};
        return way->netif != NULL;
    }
    if (needs_a_link(dst)) {
        if (n == NULL) n = netif_of_neighbour(h, dst);
        if (n != NULL) {
            *way = (struct way){.netif = n, .hop = dst, .until = h->now};  // neighbours move
            return true;
        }
    }
    const struct route *r = best(h, dst);
    if (r == NULL) return false;
    *way = (struct way){.netif = r->netif, .hop = is_on_link(r) ? dst : r->gateway,
                        .gateway = !is_on_link(r), .until = r->until, .metrics = r->metrics};
    return true;
}

static bool look_up(const struct host *h, struct addr dst, struct netif *n, struct way *way)
{
    if (addr_is_any(dst)) return false;
    if (ip_is_local(h, dst)) {
        *way = (struct way){.netif = h->lo, .hop = dst, .src = dst, .until = NEVER};
        return true;
    }
    if (anycast_on_host(h, dst)) {  // we are one of them, and the nearest
        struct addr src = source_pick(h->lo, dst);
        *way = (struct way){.netif = h->lo, .hop = dst, .src = src, .until = NEVER};
        return true;
    }
    if (!find_way(h, dst, n, way)) return false;
    way->src = source_pick(way->netif, dst.family == FAMILY_IP4 ? way->hop : dst);
    return true;
}

bool route_lookup_on(const struct host *h, struct addr dst, struct netif *n, struct way *way)
{
    struct route_table *t = h->routes;
    bool kept = dst.family != FAMILY_NONE && addr_eq(t->last_dst, dst) && t->last_on == n;
    if (kept && h->now < t->last_until) {
        *way = t->last;
        return true;
    }
    if (!look_up(h, dst, n, way)) return false;
    t->last_dst = dst;
    t->last_on = n;
    t->last = *way;
    t->last_until = way->until;
    return true;
}

bool route_lookup(const struct host *h, struct addr dst, struct way *way)
{
    return route_lookup_on(h, dst, NULL, way);
}
