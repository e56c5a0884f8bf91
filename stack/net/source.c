// source.c - see source.h.
#include "net/source.h"

#include "net/ip.h"
#include "net/own.h"

enum { SCOPE_LINK = 2, SCOPE_SITE = 5, SCOPE_GLOBAL = 14 };

// Comparable with the scope field of multicast addresses (RFC 6724 §3.1).
static unsigned scope_of(struct addr a)
{
    if (a.family == FAMILY_IP6 && addr_is_multicast(a)) return a.b[1] & 0xf;
    if (addr_is_link_local(a) || addr_is_loopback(a)) return SCOPE_LINK;
    if (a.family == FAMILY_IP6 && a.b[0] == 0xfe && (a.b[1] & 0xc0) == 0xc0) return SCOPE_SITE;
    return SCOPE_GLOBAL;
}

// The default policy table (RFC 6724 §2.1), longest prefix first.
static const struct { uint8_t bytes[16], bits, precedence, label; } policy[] = {
    {{[15] = 1}, 128, 50, 0},               // ::1
    {{[10] = 0xff, 0xff}, 96, 35, 4},       // ::ffff:0:0, IPv4
    {{0}, 96, 1, 3},                        // ::, IPv4-compatible
    {{0x20, 0x01}, 32, 5, 5},               // Teredo
    {{0x20, 0x02}, 16, 30, 2},              // 6to4
    {{0x3f, 0xfe}, 16, 1, 12},              // 6bone
    {{0xfe, 0xc0}, 10, 1, 11},              // site-local
    {{0xfc}, 7, 3, 13},                     // unique local
    {{0}, 0, 40, 1},                        // all others
};

static struct addr as_ip6(struct addr a)
{
    if (a.family != FAMILY_IP4) return a;
    struct addr mapped = {.family = FAMILY_IP6, .b = {[10] = 0xff, 0xff}};
    memcpy(mapped.b + 12, a.b, 4);
    return mapped;
}

static size_t policy_of(struct addr a)
{
    size_t i = 0;
    a = as_ip6(a);
    while (!prefix_contains((struct prefix){addr_ip6_bytes(policy[i].bytes), policy[i].bits}, a))
        i++;
    return i;
}

static uint8_t label_of(struct addr a) { return policy[policy_of(a)].label; }

static unsigned common_with(const struct own_addr *own, struct addr dst)
{
    unsigned common = addr_common_bits(own->prefix.addr, dst);
    return common < own->prefix.bits ? common : own->prefix.bits;
}

// Whether a is better than b for dst: the first rule that tells them apart decides.
static bool better(const struct own_addr *a, const struct own_addr *b, struct addr dst)
{
    struct addr x = a->prefix.addr, y = b->prefix.addr;
    if (addr_eq(x, dst) != addr_eq(y, dst)) return addr_eq(x, dst);               // rule 1
    unsigned sx = scope_of(x), sy = scope_of(y), wanted = scope_of(dst);
    if (sx < sy) return sx >= wanted;                                             // rule 2
    if (sy < sx) return sy < wanted;
    if (a->state != b->state) return a->state == OWN_PREFERRED;                   // rule 3
    bool lx = label_of(x) == label_of(dst), ly = label_of(y) == label_of(dst);
    if (lx != ly) return lx;                                                      // rule 6
    return common_with(a, dst) > common_with(b, dst);                             // rule 8
}

static const struct own_addr *best_on(const struct netif *n, struct addr dst,
                                      const struct own_addr *best)
{
    for (unsigned i = 0; i < n->addrs; i++) {
        const struct own_addr *own = &n->addr[i];
        if (own->prefix.addr.family != dst.family || !own_usable(own)) continue;
        if (best == NULL || better(own, best, dst)) best = own;
    }
    return best;
}

// IPv4: an address in dst's subnet, else the first.
static struct addr pick_ip4(const struct netif *n, struct addr dst)
{
    struct addr first = {0};
    for (unsigned i = 0; i < n->addrs; i++) {
        const struct own_addr *own = &n->addr[i];
        if (own->prefix.addr.family != FAMILY_IP4 || !own_usable(own)) continue;
        if (prefix_contains(own->prefix, dst)) return own->prefix.addr;
        if (first.family == FAMILY_NONE) first = own->prefix.addr;
    }
    return first;
}

struct addr source_pick(const struct netif *n, struct addr dst)
{
    if (dst.family == FAMILY_IP4) return pick_ip4(n, dst);
    const struct own_addr *best = best_on(n, dst, NULL);
    // An interface with no name wide enough borrows one (weak host model, RFC 1122 §3.3.4.2).
    if (best == NULL || scope_of(best->prefix.addr) < scope_of(dst)) {
        LIST_EACH(l, &n->host->netifs)
            best = best_on(LIST_ENTRY(l, struct netif, link), dst, best);
    }
    return best == NULL ? addr_any(FAMILY_NONE) : best->prefix.addr;
}

struct addr source_on_link(const struct netif *n, struct addr dst)
{
    for (unsigned i = 0; i < n->addrs; i++) {
        const struct own_addr *own = &n->addr[i];
        if (own->prefix.addr.family != dst.family || !own_usable(own)) continue;
        if (dst.family == FAMILY_IP4 || addr_is_link_local(own->prefix.addr))
            return own->prefix.addr;
    }
    return addr_any(FAMILY_NONE);
}

// --- destinations ------------------------------------------------------------------------------

struct rank {
    bool     reachable, scope_fits, lasting, label_fits;
    unsigned precedence, scope, common;
};

static bool is_deprecated(const struct host *h, struct addr a)
{
    LIST_EACH(l, &h->netifs) {
        const struct own_addr *own = own_find(LIST_ENTRY(l, struct netif, link), a);
        if (own != NULL) return own->state == OWN_DEPRECATED;
    }
    return false;
}

static struct rank rank_of(struct host *h, struct addr dst)
{
    struct ip_path path;
    struct rank r = {.precedence = policy[policy_of(dst)].precedence, .scope = scope_of(dst)};
    if (ip_path(h, dst, &path) < 0) return r;
    r.reachable = true;
    r.scope_fits = scope_of(path.src) == r.scope;
    r.lasting = !is_deprecated(h, path.src);
    r.label_fits = label_of(path.src) == label_of(dst);
    r.common = dst.family == FAMILY_IP6 ? addr_common_bits(path.src, dst) : 0;
    return r;
}

bool source_prefers(struct host *h, struct addr a, struct addr b)
{
    struct rank x = rank_of(h, a), y = rank_of(h, b);
    if (x.reachable != y.reachable) return x.reachable;            // rule 1
    if (x.scope_fits != y.scope_fits) return x.scope_fits;         // rule 2
    if (x.lasting != y.lasting) return x.lasting;                  // rule 3
    if (x.label_fits != y.label_fits) return x.label_fits;         // rule 5
    if (x.precedence != y.precedence) return x.precedence > y.precedence;  // rule 6
    if (x.scope != y.scope) return x.scope < y.scope;              // rule 8
    return a.family == b.family && x.common > y.common;            // rule 9
}
