// dns_order.c - see dns.h: which of a name's addresses to try first (RFC 6724 §6).
//
// The source each would be reached from is asked as programs ask it: by connecting a datagram
// socket, which sends nothing.
#include "scenarios/apps/dns.h"

struct policy { struct prefix prefix; uint8_t precedence, label; };

// RFC 6724 §2.1; IPv4 as its mapped addresses.
static const struct policy policies[] = {
    {{{FAMILY_IP6, {[15] = 1}}, 128}, 50, 0},
    {{{FAMILY_IP6, {[10] = 0xff, 0xff}}, 96}, 35, 4},
    {{{FAMILY_IP6, {0x20, 0x02}}, 16}, 30, 2},        {{{FAMILY_IP6, {0x20, 0x01}}, 32}, 5, 5},
    {{{FAMILY_IP6, {0xfc}}, 7}, 3, 13},               {{{FAMILY_IP6, {0xfe, 0xc0}}, 10}, 1, 11},
    {{{FAMILY_IP6, {0x3f, 0xfe}}, 16}, 1, 12},        {{{FAMILY_IP6, {0}}, 96}, 1, 3},
    {{{FAMILY_IP6, {0}}, 0}, 40, 1},
};

enum { SCOPE_LINK = 2, SCOPE_GLOBAL = 14 };

struct candidate { struct addr dst, src; };

static const struct policy *policy_of(struct addr a)
{
    struct addr as6 = a;
    if (a.family == FAMILY_IP4) {
        as6 = (struct addr){.family = FAMILY_IP6, .b = {[10] = 0xff, 0xff}};
        memcpy(as6.b + 12, a.b, 4);
    }
    const struct policy *p = policies;
    while (!prefix_contains(p->prefix, as6)) p++;  // the last contains all
    return p;
}

static int scope_of(struct addr a)
{
    if (addr_is_loopback(a)) return SCOPE_LINK;
    if (a.family == FAMILY_IP4) return get16(a.b) == 0xa9fe ? SCOPE_LINK : SCOPE_GLOBAL;
    if (addr_is_multicast(a)) return a.b[1] & 0xf;
    return a.b[0] == 0xfe && (a.b[1] & 0xc0) == 0x80 ? SCOPE_LINK : SCOPE_GLOBAL;
}

static struct addr source_for(struct host *h, ng_app app, struct addr dst)
{
    struct endpoint to = {dst, DNS_PORT}, from = {0};
    int error;
    ng_sock s = ng_sock_open(h, app, KIND_UDP, &error);
    if (s == 0) return addr_any(FAMILY_NONE);
    if (ng_sock_connect(h, s, &to) < 0 || ng_sock_local(h, s, &from) < 0)
        from.addr = addr_any(FAMILY_NONE);
    ng_sock_close(h, s);
    return from.addr;
}

static unsigned common_bits(struct addr a, struct addr b)
{
    unsigned n = 0;
    while (n < 64 && ((a.b[n / 8] ^ b.b[n / 8]) & 0x80 >> n % 8) == 0) n++;
    return n;
}

// Whether a goes before b: rules 1, 2, 5, 6, 8 and 9.
static bool is_better(const struct candidate *a, const struct candidate *b)
{
    bool usable_a = a->src.family != FAMILY_NONE, usable_b = b->src.family != FAMILY_NONE;
    if (usable_a != usable_b || !usable_a) return usable_a && !usable_b;
    bool scope_a = scope_of(a->dst) == scope_of(a->src);
    bool scope_b = scope_of(b->dst) == scope_of(b->src);
    if (scope_a != scope_b) return scope_a;
    const struct policy *pa = policy_of(a->dst), *pb = policy_of(b->dst);
    bool label_a = pa->label == policy_of(a->src)->label;
    bool label_b = pb->label == policy_of(b->src)->label;
    if (label_a != label_b) return label_a;
    if (pa->precedence != pb->precedence) return pa->precedence > pb->precedence;
    if (scope_of(a->dst) != scope_of(b->dst)) return scope_of(a->dst) < scope_of(b->dst);
    if (a->dst.family != FAMILY_IP6 || b->dst.family != FAMILY_IP6) return false;
    return common_bits(a->dst, a->src) > common_bits(b->dst, b->src);
}

// Few, and in an order that must stay where nothing speaks against it.
void dns_order(struct host *h, ng_app app, struct addr *a, unsigned n)
{
    struct candidate c[2 * DNS_ADDRS];
    CHECK(n <= ARRAY_LEN(c));
    if (n < 2) return;
    for (unsigned i = 0; i < n; i++) {
        struct candidate new = {a[i], source_for(h, app, a[i])};
        unsigned at = i;
        for (; at > 0 && is_better(&new, &c[at - 1]); at--) c[at] = c[at - 1];
        c[at] = new;
    }
    for (unsigned i = 0; i < n; i++) a[i] = c[i].dst;
}
