// advert.c - see advert.h. Section numbers are those of RFC 4861.
#include "net/advert.h"

#include "net/group.h"
#include "net/ndp.h"
#include "net/own.h"
#include "net/source.h"
#include "wire/ndp_wire.h"

enum { INITIAL_ADVERTS = 3, LIFETIME_MAX = 9000, PREFIX_BITS_SLAAC = 64 };  // §10, §6.2.1
#define INITIAL_INTERVAL SEC(16)
#define BETWEEN_MIN      SEC(3)
#define ANSWER_DELAY_MAX MSEC(500)

static bool advertises(const struct netif *n)
{
    const struct settings *set = &n->host->set;
    return n->ip6 && !n->loopback && set->ip6_forwarding != 0 && set->router_advert != 0;
}

static bool is_told(const struct ndp_message *m, struct prefix p)
{
    for (int i = 0; i < m->prefixes; i++) {
        struct prefix q = m->prefix[i].prefix;
        if (q.bits == p.bits && addr_eq(q.addr, p.addr)) return true;
    }
    return false;
}

static void add_prefixes(const struct netif *n, struct ndp_message *m)
{
    const struct settings *set = &n->host->set;
    for (unsigned i = 0; i < n->addrs && m->prefixes < NDP_PREFIX_MAX; i++) {
        const struct own_addr *own = &n->addr[i];
        struct prefix p = own->prefix;
        p.addr = addr_mask(p.addr, p.bits);
        if (p.addr.family != FAMILY_IP6 || own->origin != OWN_STATIC) continue;
        if (addr_is_link_local(p.addr) || is_told(m, p)) continue;
        m->prefix[m->prefixes++] = (struct ndp_prefix){
            .prefix = p, .on_link = true, .autonomous = p.bits == PREFIX_BITS_SLAAC,
            .valid_s = (uint32_t)set->router_prefix_valid,
            .preferred_s = (uint32_t)(set->router_prefix_preferred < set->router_prefix_valid
                                      ? set->router_prefix_preferred : set->router_prefix_valid)};
    }
}

// False: the link-local name that it must come from is not there yet.
static bool advertise(struct netif *n, bool present)
{
    int64_t lifetime = 3 * n->host->set.router_advert;
    struct addr to = group_all_nodes(FAMILY_IP6), src = source_on_link(n, to);
    if (src.family == FAMILY_NONE) return false;
    struct ndp_message m = {.type = ICMP6_ROUTER_ADVERT, .has_source_mac = !n->point_to_point,
                            .source_mac = n->mac};
    if (present) {
        m.hop_limit = (uint8_t)n->host->set.ip6_hop_limit;
        m.lifetime_s = (uint16_t)(lifetime < LIFETIME_MAX ? lifetime : LIFETIME_MAX);
        add_prefixes(n, &m);
    }
    ndp_send(n, &m, &(struct ndp_way){src, to, SENT_ROUTER_ADVERT});
    n->advert_last = n->host->now;
    return true;
}

// Between a third of the longest interval and all of it; the first ones come faster (§6.2.4).
static nsec interval(struct netif *n)
{
    nsec most = SEC(n->host->set.router_advert), least = most / 3;
    if (least < BETWEEN_MIN) least = BETWEEN_MIN;
    if (most < least) most = least;
    nsec wait = least + (nsec)rng_below(&n->host->rng, (uint64_t)(most - least) + 1);
    return n->adverts < INITIAL_ADVERTS && wait > INITIAL_INTERVAL ? INITIAL_INTERVAL : wait;
}

void advert_begin(struct netif *n)
{
    if (!advertises(n)) return;
    n->adverts = 0;
    n->advert_at = n->host->now + (nsec)rng_below(&n->host->rng, ANSWER_DELAY_MAX);
    netif_wake_at(n, n->advert_at);
}

bool advert_asked(struct netif *n)
{
    if (!advertises(n)) return false;
    nsec at = n->host->now + (nsec)rng_below(&n->host->rng, ANSWER_DELAY_MAX);
    if (n->adverts > 0 && at < n->advert_last + BETWEEN_MIN) at = n->advert_last + BETWEEN_MIN;
    if (at < n->advert_at) n->advert_at = at;  // §6.2.6: one answer, to all, is enough
    netif_wake_at(n, n->advert_at);
    return true;
}

nsec advert_run(struct netif *n)
{
    if (n->advert_at > n->host->now) return n->advert_at;
    if (!advertises(n)) {
        if (n->adverts > 0) advertise(n, false);  // §6.2.5
        n->adverts = 0;
        n->advert_at = NEVER;
    } else if (!advertise(n, true)) {
        n->advert_at = n->host->now + SEC(1);
    } else {
        if (n->adverts < INITIAL_ADVERTS) n->adverts++;
        n->advert_at = n->host->now + interval(n);
    }
    return n->advert_at;
}
