// anycast.c - see anycast.h.
#include "net/anycast.h"

#include "net/group.h"
#include "net/ndp.h"
#include "net/own.h"

enum { BITS_MAX = 126 };
#define ANSWER_DELAY_MAX SEC(1)  // MAX_ANYCAST_DELAY_TIME (RFC 4861 §10)

static bool routes(const struct netif *n)
{
    return n->ip6 && !n->loopback && n->host->set.ip6_forwarding != 0;
}

bool anycast_on(const struct netif *n, struct addr a)
{
    if (!routes(n) || a.family != FAMILY_IP6 || addr_is_any(a)) return false;
    for (unsigned i = 0; i < n->addrs; i++) {
        struct prefix p = n->addr[i].prefix;
        if (p.addr.family != FAMILY_IP6 || p.bits > BITS_MAX || !own_usable(&n->addr[i])) continue;
        if (addr_eq(addr_mask(p.addr, p.bits), a)) return true;
    }
    return false;
}

bool anycast_on_host(const struct host *h, struct addr a)
{
    if (h->set.ip6_forwarding == 0) return false;
    LIST_EACH(l, &h->netifs)
        if (anycast_on(LIST_ENTRY(l, struct netif, link), a)) return true;
    return false;
}

// RFC 4291 §2.8: all routers of the link and of the site, and who is asked for the shared name,
// which ends in zeros whatever the prefix is.
void anycast_take_role(struct netif *n)
{
    static const uint8_t site[16] = {0xff, 5, [15] = 2};
    const struct addr group[] = {group_all_routers(FAMILY_IP6), addr_ip6_bytes(site),
                                 group_solicited_node(addr_any(FAMILY_IP6))};
    if (n->routes == routes(n)) return;
    n->routes = !n->routes;
    for (size_t i = 0; i < ARRAY_LEN(group); i++) {
        if (n->routes) group_join(n, group[i]);
        else group_leave(n, group[i]);
    }
}

// --- answers -------------------------------------------------------------------------------------

static void answer_first(struct netif *n)
{
    struct anycast_wait w = n->wait[0];
    n->waits--;
    memmove(n->wait, n->wait + 1, n->waits * sizeof w);
    if (anycast_on(n, w.name)) ndp_tell_shared(n, w.name, w.asker);
}

void anycast_answer_later(struct netif *n, struct addr a, struct addr asker)
{
    struct host *h = n->host;
    for (unsigned i = 0; i < n->waits; i++)
        if (addr_eq(n->wait[i].name, a) && addr_eq(n->wait[i].asker, asker)) return;
    if (n->waits == ANYCAST_WAITS) answer_first(n);
    nsec due = h->now + (nsec)rng_below(&h->rng, ANSWER_DELAY_MAX);
    unsigned at = n->waits++;
    for (; at > 0 && n->wait[at - 1].due > due; at--) n->wait[at] = n->wait[at - 1];
    n->wait[at] = (struct anycast_wait){a, asker, due};
    netif_wake_at(n, due);
}

nsec anycast_run(struct netif *n)
{
    while (n->waits > 0 && n->wait[0].due <= n->host->now) answer_first(n);
    return n->waits > 0 ? n->wait[0].due : NEVER;
}
