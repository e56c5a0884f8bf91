// own.c - see own.h.
#include "net/own.h"

#include <errno.h>

#include "base/hash.h"
#include "net/advert.h"
#include "net/anycast.h"
#include "net/arp.h"
#include "net/group.h"
#include "net/ndp.h"
#include "net/neigh.h"
#include "net/route.h"
#include "wire/ip6_wire.h"

// RFC 5227 §1.1, RFC 4862 §5.1, RFC 7217 §7.
enum { ARP_PROBES = 3, ANNOUNCEMENTS = 2, NAMES_MAX = 3, IID_BITS = 64 };
#define FIRST_DELAY_MAX SEC(1)
#define ARP_PROBE_MIN   SEC(1)
#define ARP_PROBE_SPAN  SEC(1)
#define ANNOUNCE_WAIT   SEC(2)
#define DEFEND_INTERVAL SEC(10)
#define TWO_HOURS       SEC(7200)

// --- questions ---------------------------------------------------------------------------------

bool own_usable(const struct own_addr *own)
{
    return own->state == OWN_PREFERRED || own->state == OWN_DEPRECATED;
}

struct own_addr *own_find(struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->addrs; i++)
        if (addr_eq(n->addr[i].prefix.addr, a)) return &n->addr[i];
    return NULL;
}

bool netif_has_addr(const struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->addrs; i++)
        if (addr_eq(n->addr[i].prefix.addr, a)) return own_usable(&n->addr[i]);
    return false;
}

// --- what is told ------------------------------------------------------------------------------

static void tell_state(const struct netif *n, const struct own_addr *own, enum own from)
{
    if (n->id == 0) return;
    TRACE(n->host, .type = TRACE_ADDR_STATE, .netif = n->id,
          .addr_state = {.addr = own->prefix.addr, .prefix = own->prefix.bits, .from = from,
                         .to = own->state});
}

void own_tell(const struct netif *n, const struct own_addr *own)
{
    TRACE(n->host, .type = TRACE_NETIF_ADDR, .netif = n->id,
          .netif_addr = {.addr = own->prefix.addr, .prefix = own->prefix.bits});
    if (own->state != OWN_PREFERRED) tell_state(n, own, OWN_NONE);
}

static void set_state(struct netif *n, struct own_addr *own, enum own to)
{
    enum own from = own->state;
    if (from == to) return;
    own->state = (uint8_t)to;
    route_forget(n->host);
    tell_state(n, own, from);
}

// --- birth and death ---------------------------------------------------------------------------

static bool is_ip6(const struct own_addr *own) { return own->prefix.addr.family == FAMILY_IP6; }

static nsec random_below(struct host *h, nsec most)
{
    return (nsec)rng_below(&h->rng, (uint64_t)most);
}

// A name is asked for first, unless the settings or the link make the question idle.
static void begin_life(struct netif *n, struct own_addr *own)
{
    const struct settings *set = &n->host->set;
    int64_t probes = is_ip6(own) ? (set->accept_dad != 0 ? set->dad_transmits : 0)
                                 : (set->addr_probe != 0 ? ARP_PROBES : 0);
    own->due = NEVER;
    own->state = OWN_PREFERRED;
    if (n->loopback || n->point_to_point) return;
    if (probes > 0) {
        own->state = OWN_TENTATIVE;
        own->probes = (uint8_t)probes;
        own->due = n->host->now + random_below(n->host, FIRST_DELAY_MAX);
    } else if (is_ip6(own) ? set->ndisc_notify != 0 : set->arp_notify != 0) {
        own->probes = is_ip6(own) ? 1 : ANNOUNCEMENTS;
        own->due = n->host->now;
    }
    netif_wake_at(n, own->due);
}

static int check_new(struct netif *n, struct prefix p)
{
    struct addr a = p.addr;
    if (addr_len(a) == 0 || p.bits > addr_len(a) * 8) return -EINVAL;
    if (addr_is_any(a) || addr_is_multicast(a) || addr_is_broadcast(a)) return -EINVAL;
    if (addr_is_loopback(a) && !n->loopback) return -EINVAL;
    if (own_find(n, a) != NULL) return -EEXIST;
    return n->addrs == NETIF_ADDRS ? -ENOSPC : 0;
}

int own_add(struct netif *n, struct prefix p, enum own_origin origin)
{
    int rc = check_new(n, p);
    if (rc == 0 && p.addr.family == FAMILY_IP6) rc = own_start_ip6(n);
    if (rc == 0) rc = check_new(n, p);  // the link-local address may have taken the last place
    if (rc == 0 && p.addr.family == FAMILY_IP6 && !n->loopback)
        rc = group_join(n, group_solicited_node(p.addr));
    if (rc < 0) return rc;
    struct own_addr *own = &n->addr[n->addrs++];
    *own = (struct own_addr){.prefix = p, .origin = (uint8_t)origin, .preferred_until = NEVER,
                             .valid_until = NEVER, .defended = -DEFEND_INTERVAL};
    begin_life(n, own);
    route_forget(n->host);
    if (n->id != 0) own_tell(n, own);
    return 0;
}

static void forget(struct netif *n, struct own_addr *own)
{
    set_state(n, own, OWN_NONE);
    if (is_ip6(own) && !n->loopback) group_leave(n, group_solicited_node(own->prefix.addr));
    struct own_addr *last = &n->addr[--n->addrs];
    for (; own < last; own++) own[0] = own[1];  // in order of birth: the first is asked first
}

int own_remove(struct netif *n, struct addr a)
{
    struct own_addr *own = own_find(n, a);
    if (own == NULL) return -EADDRNOTAVAIL;
    forget(n, own);
    return 0;
}

// --- names of our own making (RFC 7217) --------------------------------------------------------

// Interface identifiers that are spoken for (RFC 5453): all zero is every router's, the last 128
// of fdff::/16 are other anycast addresses.
static bool iid_reserved(const uint8_t iid[8])
{
    static const uint8_t zero[8] = {0}, anycast[7] = {0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    return memcmp(iid, zero, 8) == 0 || (memcmp(iid, anycast, 7) == 0 && iid[7] >= 0x80);
}

static struct addr make_name(const struct netif *n, struct addr prefix, uint8_t *collisions)
{
    const struct host *h = n->host;
    struct hash_key key = {h->name_key[0], h->name_key[1]};
    if (h->set.has_stable_secret) key = hash_key_of(h->set.stable_secret);
    uint8_t from[8 + sizeof n->mac.b + 2] = {0};
    for (;; ++*collisions) {
        memcpy(from, prefix.b, 8);
        memcpy(from + 8, n->mac.b, sizeof n->mac.b);
        from[sizeof from - 2] = *collisions;
        from[sizeof from - 1] = 'a';
        uint64_t iid = hash_bytes(&key, from, sizeof from);
        struct addr a = prefix;
        put32(a.b + 8, (uint32_t)(iid >> 32));
        put32(a.b + 12, (uint32_t)iid);
        if (!iid_reserved(a.b + 8)) return a;
    }
}

static int add_made(struct netif *n, struct addr prefix, enum own_origin origin,
                    uint8_t collisions)
{
    struct addr a = make_name(n, addr_mask(prefix, IID_BITS), &collisions);
    int rc = own_add(n, (struct prefix){a, IID_BITS}, origin);
    if (rc == 0) own_find(n, a)->collisions = collisions;
    return rc;
}

int own_start_ip6(struct netif *n)
{
    if (n->ip6) return 0;
    if (n->mtu < IP6_MTU_MIN) return -EINVAL;
    n->ip6 = true;
    struct addr fe80 = {.family = FAMILY_IP6, .b = {0xfe, 0x80}};
    int rc = route_add(n->host, (struct prefix){fe80, IID_BITS}, addr_any(FAMILY_NONE), n);
    if (rc == 0) rc = add_made(n, fe80, OWN_LINK_LOCAL, 0);
    if (rc < 0) {
        n->ip6 = false;
        return rc;
    }
    ndp_seek_routers(n);
    anycast_take_role(n);
    advert_begin(n);
    return 0;
}

// The name's lifetimes as this router's word has them (RFC 4862 §5.5.3 e): a short valid time is
// not believed of an address in use, or one forged packet could take it from us.
static void renew(struct own_addr *own, nsec now, nsec valid, nsec preferred)
{
    nsec left = own->valid_until == NEVER ? NEVER : own->valid_until - now;
    if (valid > TWO_HOURS || valid > left) own->valid_until = valid == NEVER ? NEVER : now + valid;
    else if (left > TWO_HOURS) own->valid_until = now + TWO_HOURS;
    own->preferred_until = preferred == NEVER ? NEVER : now + preferred;
}

static struct own_addr *made_in(struct netif *n, struct prefix p)
{
    for (unsigned i = 0; i < n->addrs; i++)
        if (n->addr[i].origin == OWN_SLAAC && prefix_contains(p, n->addr[i].prefix.addr))
            return &n->addr[i];
    return NULL;
}

static nsec seconds(uint32_t s) { return s == UINT32_MAX ? NEVER : SEC(s); }

void own_autoconf(struct netif *n, struct prefix p, uint32_t valid_s, uint32_t preferred_s)
{
    nsec now = n->host->now;
    if (preferred_s > valid_s || p.bits != IID_BITS || addr_is_link_local(p.addr)) return;
    struct own_addr *own = made_in(n, p);
    if (own == NULL) {
        if (valid_s == 0 || add_made(n, p.addr, OWN_SLAAC, 0) < 0) return;
        own = made_in(n, p);
        own->valid_until = now;
    }
    renew(own, now, seconds(valid_s), seconds(preferred_s));
    if (own->state == OWN_DEPRECATED && own->preferred_until > now)
        set_state(n, own, OWN_PREFERRED);
    netif_wake_at(n, now);
}

// --- conflicts ---------------------------------------------------------------------------------

static bool on_trial(const struct own_addr *own) { return own->state == OWN_TENTATIVE; }

// Another one wants an IPv4 address of ours. Once in ten seconds we tell that it is ours; if they
// insist, a name that was given to us by hand is kept all the same (RFC 5227 §2.4 b, c).
static void defend(struct netif *n, struct own_addr *own)
{
    nsec now = n->host->now;
    if (now - own->defended < DEFEND_INTERVAL) return;
    own->defended = now;
    if (is_ip6(own)) ndp_announce(n, own->prefix.addr);
    else arp_announce(n, own->prefix.addr);
}

void own_conflict(struct netif *n, struct own_addr *own, struct mac from)
{
    if (mac_eq(from, n->mac)) return;  // our own question, come back by a loop of the link
    if (!on_trial(own)) {
        if (own_usable(own)) defend(n, own);
        return;
    }
    own->due = NEVER;
    set_state(n, own, OWN_DUPLICATE);
    if (own->origin == OWN_STATIC || own->collisions + 1 >= NAMES_MAX) return;
    struct own_addr was = *own;
    forget(n, own);
    if (add_made(n, was.prefix.addr, (enum own_origin)was.origin, was.collisions + 1) < 0) return;
    struct own_addr *next = &n->addr[n->addrs - 1];
    next->preferred_until = was.preferred_until;
    next->valid_until = was.valid_until;
}

// --- by itself ---------------------------------------------------------------------------------

// Nobody objected: it is ours.
static void come_of_age(struct netif *n, struct own_addr *own)
{
    set_state(n, own, OWN_PREFERRED);
    own->probes = is_ip6(own) ? 0 : ANNOUNCEMENTS;
    own->due = is_ip6(own) ? NEVER : n->host->now;
}

static void ask_once(struct netif *n, struct own_addr *own)
{
    struct host *h = n->host;
    own->probes--;
    if (is_ip6(own)) {
        ndp_probe(n, own->prefix.addr);
        own->due = h->now + neigh_retrans(n, FAMILY_IP6);
    } else {
        arp_probe(n, own->prefix.addr);
        own->due = h->now + (own->probes > 0 ? ARP_PROBE_MIN + random_below(h, ARP_PROBE_SPAN)
                                             : ANNOUNCE_WAIT);
    }
}

static void announce_once(struct netif *n, struct own_addr *own)
{
    if (is_ip6(own)) ndp_announce(n, own->prefix.addr);
    else arp_announce(n, own->prefix.addr);
    own->due = --own->probes > 0 ? n->host->now + ANNOUNCE_WAIT : NEVER;
}

static void live(struct netif *n, struct own_addr *own)
{
    nsec now = n->host->now;
    if (own->due <= now) {
        if (on_trial(own) && own->probes > 0) ask_once(n, own);
        else if (on_trial(own)) come_of_age(n, own);
        else if (own->probes > 0) announce_once(n, own);
        else own->due = NEVER;
    }
    if (own->state == OWN_PREFERRED && own->preferred_until <= now)
        set_state(n, own, OWN_DEPRECATED);
}

static nsec sooner(nsec a, nsec b) { return a < b ? a : b; }

static nsec own_run(struct netif *n)
{
    nsec now = n->host->now, next = NEVER;
    for (unsigned i = 0; i < n->addrs;) {
        struct own_addr *own = &n->addr[i];
        if (own->valid_until <= now) {
            forget(n, own);
            continue;
        }
        while (own->due <= now) live(n, own);
        live(n, own);
        next = sooner(next, sooner(own->due, own->valid_until));
        if (own->state == OWN_PREFERRED) next = sooner(next, own->preferred_until);
        i++;
    }
    return next;
}

void netif_timer_fire(struct host *h, struct timer *t)
{
    (void)h;
    struct netif *n = LIST_ENTRY(t, struct netif, timer);
    nsec next = own_run(n);
    next = sooner(next, ndp_run(n));
    next = sooner(next, anycast_run(n));
    next = sooner(next, advert_run(n));
    next = sooner(next, group_run(n));
    if (next != NEVER) netif_wake_at(n, next);
}

void netif_wake_at(struct netif *n, nsec at)
{
    if (at == NEVER || (timer_armed(&n->timer) && n->timer.deadline <= at)) return;
    wheel_arm(&n->host->wheel, &n->timer, at);
}
