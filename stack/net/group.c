// group.c - see group.h.
#include "net/group.h"

#include <errno.h>

#include "base/csum.h"
#include "net/ip.h"
#include "net/own.h"
#include "net/source.h"
#include "wire/icmp6_wire.h"
#include "wire/igmp_wire.h"
#include "wire/ip_wire.h"

// RFC 3376 §8, RFC 3810 §9.
enum { ROBUSTNESS = 2, NEWEST_IGMP = 3, NEWEST_MLD = 2 };
#define REPORT_INTERVAL SEC(1)
#define OLDER_QUERIER_PRESENT SEC(260)

// --- names -------------------------------------------------------------------------------------

struct addr group_solicited_node(struct addr a)
{
    struct addr g = {.family = FAMILY_IP6, .b = {0xff, 2, [11] = 1, 0xff}};
    memcpy(g.b + 13, a.b + 13, 3);
    return g;
}

static struct addr well_known(uint8_t family, uint8_t which)
{
    if (family == FAMILY_IP4) return addr_ip4(0xe0000000u + which);
    return (struct addr){.family = FAMILY_IP6, .b = {0xff, 2, [15] = which}};
}

struct addr group_all_nodes(uint8_t family) { return well_known(family, 1); }
struct addr group_all_routers(uint8_t family) { return well_known(family, 2); }

static struct addr report_group(uint8_t family) { return well_known(family, 22); }

// --- who listens -------------------------------------------------------------------------------

static struct group *find(struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->groups; i++)
        if (addr_eq(n->group[i].addr, a)) return &n->group[i];
    return NULL;
}

// RFC 1112 §4; RFC 4291 §2.8.
static bool always_heard(const struct netif *n, struct addr a)
{
    return addr_eq(a, group_all_nodes(a.family)) && (a.family == FAMILY_IP4 || n->ip6);
}

bool group_has(const struct netif *n, struct addr a)
{
    if (!addr_is_multicast(a)) return false;
    if (always_heard(n, a)) return true;
    for (unsigned i = 0; i < n->groups; i++)
        if (addr_eq(n->group[i].addr, a)) return n->group[i].users > 0;
    return false;
}

bool group_on_host(const struct host *h, struct addr a)
{
    LIST_EACH(l, &h->netifs)
        if (group_has(LIST_ENTRY(l, struct netif, link), a)) return true;
    return false;
}

bool group_hears(const struct netif *n, struct mac mac)
{
    if (mac_eq(mac, mac_of_multicast(group_all_nodes(FAMILY_IP4)))) return true;
    if (n->ip6 && mac_eq(mac, mac_of_multicast(group_all_nodes(FAMILY_IP6)))) return true;
    for (unsigned i = 0; i < n->groups; i++)
        if (n->group[i].users > 0 && mac_eq(mac, mac_of_multicast(n->group[i].addr))) return true;
    return false;
}

static bool is_all_routers(struct addr a)
{
    a.b[1] = 2;  // of the link, of the site
    return addr_eq(a, group_all_routers(FAMILY_IP6));
}

// Groups of no wider scope than the interface are nobody else's concern (RFC 3810 §6). Those that
// every host or router is in by itself are told where addresses are asked for too: switches must
// let the questions through (RFC 4862 §5.4.2), but simulated worlds have none.
static bool is_told(const struct netif *n, struct addr a)
{
    if (n->loopback || always_heard(n, a)) return false;
    if (a.family == FAMILY_IP4) return true;
    if ((a.b[1] & 0xf) < 2) return false;
    bool by_itself = is_all_routers(a)
        || addr_common_bits(a, group_solicited_node(addr_any(FAMILY_IP6))) >= 104;
    return !by_itself || n->host->set.accept_dad != 0;
}

static void change(struct netif *n, struct group *g)
{
    if (!is_told(n, g->addr)) {
        g->due = NEVER;
        return;
    }
    g->reports = ROBUSTNESS;
    g->due = n->host->now;
    netif_wake_at(n, g->due);
}

int group_join(struct netif *n, struct addr a)
{
    if (!addr_is_multicast(a)) return -EINVAL;
    struct group *g = find(n, a);
    if (g == NULL) {
        if (n->groups == NETIF_GROUPS) return -ENOSPC;
        g = &n->group[n->groups++];
        *g = (struct group){.addr = a, .due = NEVER};
    }
    if (g->users == UINT16_MAX) return -ENOSPC;
    if (g->users++ == 0) change(n, g);
    return 0;
}

static void forget(struct netif *n, struct group *g) { *g = n->group[--n->groups]; }

void group_leave(struct netif *n, struct addr a)
{
    struct group *g = find(n, a);
    if (g == NULL || g->users == 0 || --g->users > 0) return;
    change(n, g);
    if (g->due == NEVER) forget(n, g);
}

// --- reports -----------------------------------------------------------------------------------

static unsigned side(uint8_t family) { return family == FAMILY_IP6; }

static uint8_t newest(uint8_t family) { return family == FAMILY_IP4 ? NEWEST_IGMP : NEWEST_MLD; }

static uint8_t version_spoken(const struct netif *n, uint8_t family)
{
    const struct querier *q = &n->querier[side(family)];
    return n->host->now < q->until ? q->version : newest(family);
}

static void send(struct netif *n, const struct igmp_message *m, struct addr dst)
{
    struct host *h = n->host;
    bool ip6 = m->family == FAMILY_IP6;
    struct ip_dest d = {.src = source_on_link(n, dst), .dst = dst, .netif = n, .ttl = 1,
                        .proto = ip6 ? IP_PROTO_ICMP6 : IP_PROTO_IGMP, .router_alert = true,
                        .tos = ip6 ? 0 : 0xc0};
    if (d.src.family == FAMILY_NONE) d.src = addr_any((enum family)m->family);
    size_t len = igmp_size(m);
    struct frame *f = frame_blank(&h->pool, len);
    if (f == NULL) return;  // it is repeated, or asked again
    uint8_t *p = frame_start(f);
    igmp_emit(m, p);
    if (ip6) put16(p + 2, csum_field(csum_add(csum_pseudo(d.src, dst, IP_PROTO_ICMP6, len),
                                              csum_sum(p, len))));
    f->why = m->kind == IGMP_LEAVE ? SENT_GROUP_LEAVE : SENT_GROUP_REPORT;
    host_frame_id(h, f);
    ip_output(h, f, &d);
}

// What is left to say of a group that changed; else the answer to a query.
static uint8_t record_kind(const struct group *g)
{
    if (g->users == 0) return IGMP_TO_INCLUDE;
    return g->reports > 0 ? IGMP_TO_EXCLUDE : IGMP_IS_EXCLUDE;
}

static void said(struct netif *n, struct group *g)
{
    g->due = NEVER;
    if (g->reports > 0 && --g->reports > 0)
        g->due = n->host->now + 1 + (nsec)rng_below(&n->host->rng, REPORT_INTERVAL);
}

// All of a family that are due, in one message of the newest version.
static void report_records(struct netif *n, uint8_t family)
{
    struct igmp_message m = {.family = family, .kind = IGMP_RECORDS, .version = newest(family)};
    for (unsigned i = 0; i < n->groups && m.records < IGMP_RECORDS_MAX; i++) {
        struct group *g = &n->group[i];
        if (g->addr.family != family || g->due > n->host->now) continue;
        m.record[m.records++] = (struct igmp_record){.kind = record_kind(g), .group = g->addr};
        said(n, g);
    }
    if (m.records > 0) send(n, &m, report_group(family));
}

// As older routers understand it, one message a group (RFC 2236 §3, RFC 2710 §4).
static void report_old(struct netif *n, struct group *g, uint8_t version)
{
    bool leave = g->users == 0;
    struct addr a = g->addr;
    said(n, g);
    if (leave && a.family == FAMILY_IP4 && version == 1) return;  // version 1 leaves in silence
    struct igmp_message m = {.family = a.family, .version = version, .group = a,
                             .kind = leave ? IGMP_LEAVE : IGMP_REPORT};
    send(n, &m, leave ? group_all_routers(a.family) : a);
}

nsec group_run(struct netif *n)
{
    nsec next = NEVER;
    for (unsigned i = 0; i < n->groups; i++) {
        if (n->group[i].due > n->host->now) continue;
        uint8_t family = n->group[i].addr.family, version = version_spoken(n, family);
        if (version == newest(family)) report_records(n, family);
        else report_old(n, &n->group[i], version);
    }
    for (unsigned i = 0; i < n->groups;) {
        struct group *g = &n->group[i];
        if (g->users == 0 && g->due == NEVER) {
            forget(n, g);
            continue;
        }
        if (g->due < next) next = g->due;
        i++;
    }
    return next;
}

// --- queries -----------------------------------------------------------------------------------

static void answer_later(struct netif *n, struct group *g, nsec within)
{
    if (!is_told(n, g->addr)) return;
    nsec at = n->host->now + 1 + (nsec)rng_below(&n->host->rng, (uint64_t)within);
    if (at < g->due) g->due = at;
    netif_wake_at(n, g->due);
}

static void take_query(struct netif *n, const struct igmp_message *m)
{
    struct querier *q = &n->querier[side(m->family)];
    if (m->version < newest(m->family))
        *q = (struct querier){m->version, n->host->now + OLDER_QUERIER_PRESENT};
    nsec within = MSEC(igmp_max_resp_ms(m));
    if (within < MSEC(1)) within = MSEC(1);
    for (unsigned i = 0; i < n->groups; i++) {
        struct group *g = &n->group[i];
        if (g->addr.family != m->family) continue;
        if (addr_is_any(m->group) || addr_eq(m->group, g->addr)) answer_later(n, g, within);
    }
}

// To an old router, one report a group is enough, whoever sends it.
static void hear_report(struct netif *n, const struct igmp_message *m)
{
    struct group *g = find(n, m->group);
    if (g == NULL || g->users == 0 || version_spoken(n, m->family) == newest(m->family)) return;
    g->reports = 0;
    g->due = NEVER;
}

// In MLD a report may come from one who has no name yet, a query may not, and it bears the router
// alert (RFC 3810 §5.1.14, §6.2).
static bool query_is_sound(const struct ip_info *ip)
{
    return ip->src.family == FAMILY_IP4 || (addr_is_link_local(ip->src) && ip->router_alert);
}

enum drop group_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct igmp_message m;
    // From this link only: hop limit 1, and for MLD a link-local source (RFC 3810 §6.2).
    if (ip->ttl != 1) return DROP_IGMP_NOT_LOCAL;
    if (f->family == FAMILY_IP6 && !addr_is_link_local(ip->src) && !addr_is_any(ip->src))
        return DROP_IGMP_NOT_LOCAL;
    enum drop why = igmp_parse(&m, (enum family)f->family, frame_start(f), f->head_len);
    if (why != DROP_NONE) return why;
    if (m.kind == IGMP_QUERY && !query_is_sound(ip)) return DROP_IGMP_BAD_QUERY;
    host_step(h, f, STEP_GROUP_HEAR, 0, 0);
    if (m.kind == IGMP_QUERY) take_query(ip->netif, &m);
    else if (m.kind == IGMP_REPORT) hear_report(ip->netif, &m);
    frame_free(f);
    return DROP_NONE;
}

void igmp_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    enum drop why = csum_ok(0, frame_start(f), f->head_len) ? DROP_NONE : DROP_ICMP_BAD_CSUM;
    if (why == DROP_NONE) why = group_input(h, f, ip);
    if (why != DROP_NONE) host_drop(h, f, why);
}
