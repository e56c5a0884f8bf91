// ndp.c - see ndp.h. Section numbers are those of RFC 4861.
#include "net/ndp.h"

#include "base/csum.h"
#include "net/advert.h"
#include "net/anycast.h"
#include "net/eth.h"
#include "net/group.h"
#include "net/icmp.h"
#include "net/ip.h"
#include "net/neigh.h"
#include "net/own.h"
#include "net/route.h"
#include "net/source.h"
#include "wire/ip6_wire.h"

enum { ROUTER_SOLICITATIONS = 3 };  // §10
// Milliseconds: an hour at most (§6.2.1); and no router can make us ask without a pause.
enum { REACHABLE_MAX = 3600000, RETRANS_MIN = 8 };
enum { QUOTE_MAX = 1000 };          // of a redirect, which fits in 1280 (§8.2)
#define SOLICIT_DELAY_MAX SEC(1)
#define SOLICIT_INTERVAL  SEC(4)

// --- out ---------------------------------------------------------------------------------------

void ndp_send(struct netif *n, const struct ndp_message *m, const struct ndp_way *way)
{
    struct host *h = n->host;
    uint8_t bytes[NDP_EMIT_MAX + QUOTE_MAX];
    size_t len = ndp_emit(m, bytes);
    uint16_t pseudo = csum_pseudo(way->src, way->dst, IP_PROTO_ICMP6, len);
    put16(bytes + 2, csum_field(csum_add(pseudo, csum_sum(bytes, len))));
    struct frame *f = frame_blank(&h->pool, len);
    if (f == NULL) return;
    memcpy(frame_start(f), bytes, len);
    f->why = (uint8_t)way->why;
    host_frame_id(h, f);
    host_step(h, f, STEP_ICMP_SEND, 0, ICMP6_HDR_LEN);
    ip_output(h, f, &(struct ip_dest){.src = way->src, .dst = way->dst, .netif = n,
                                      .ttl = NDP_HOP_LIMIT, .proto = IP_PROTO_ICMP6});
}

static struct addr name_for(const struct netif *n, struct addr target, struct addr from)
{
    if (from.family == FAMILY_IP6 && netif_has_addr(n, from)) return from;  // §7.2.2
    struct addr src = source_pick(n, target);
    return src.family != FAMILY_NONE && netif_has_addr(n, src) ? src : source_on_link(n, target);
}

void ndp_ask(struct netif *n, struct addr target, struct addr from, const struct mac *only)
{
    struct addr src = name_for(n, target, from);
    if (src.family == FAMILY_NONE) return;  // nobody could answer us
    struct ndp_message m = {.type = ICMP6_NEIGHBOUR_SOLICIT, .target = target,
                            .has_source_mac = true, .source_mac = n->mac};
    if (only != NULL) ndp_send(n, &m, &(struct ndp_way){src, target, SENT_NDP_PROBE});
    else ndp_send(n, &m, &(struct ndp_way){src, group_solicited_node(target), SENT_NDP_SOLICIT});
}

void ndp_probe(struct netif *n, struct addr target)
{
    struct ndp_message m = {.type = ICMP6_NEIGHBOUR_SOLICIT, .target = target};
    struct addr dst = group_solicited_node(target);
    ndp_send(n, &m, &(struct ndp_way){addr_any(FAMILY_IP6), dst, SENT_NDP_DAD});
}

static struct ndp_message advert(const struct netif *n, struct addr ours)
{
    return (struct ndp_message){.type = ICMP6_NEIGHBOUR_ADVERT, .target = ours, .override = true,
                                .router = n->host->set.ip6_forwarding != 0,
                                .has_target_mac = true, .target_mac = n->mac};
}

void ndp_announce(struct netif *n, struct addr ours)
{
    struct ndp_message m = advert(n, ours);
    ndp_send(n, &m, &(struct ndp_way){ours, group_all_nodes(FAMILY_IP6), SENT_NDP_ADVERT});
}

// §7.2.4: its source is a name of ours alone, and it overrides nothing.
void ndp_tell_shared(struct netif *n, struct addr name, struct addr asker)
{
    struct ndp_message m = advert(n, name);
    m.override = false;
    m.solicited = !addr_is_any(asker);
    struct addr dst = m.solicited ? asker : group_all_nodes(FAMILY_IP6);
    struct addr src = name_for(n, dst, addr_any(FAMILY_NONE));
    if (src.family == FAMILY_NONE) return;
    ndp_send(n, &m, &(struct ndp_way){src, dst, SENT_NDP_ADVERT});
}

void ndp_redirect(struct netif *n, const struct frame *f, const struct ip_info *ip,
                  struct addr hop)
{
    struct host *h = n->host;
    struct way back;
    struct addr src = source_on_link(n, hop);
    if (src.family == FAMILY_NONE || addr_is_any(ip->src) || addr_is_multicast(ip->src)) return;
    if (!route_lookup(h, ip->src, &back) || back.netif != n || back.gateway) return;
    if (!icmp_may_send(h)) return;
    const struct neigh *next = neigh_find(n, hop);
    size_t there = f->start + f->head_len - f->l3;
    struct ndp_message m = {.type = ICMP6_REDIRECT, .target = hop, .dst = ip->dst,
                            .quoted = f->head->data + f->l3,
                            .quoted_len = (uint16_t)(there < QUOTE_MAX ? there : QUOTE_MAX)};
    if (next != NULL && mac_is_station(next->mac)) {
        m.has_target_mac = true;
        m.target_mac = next->mac;
    }
    ndp_send(n, &m, &(struct ndp_way){src, ip->src, SENT_REDIRECT});
}

static void solicit_routers(struct netif *n)
{
    struct addr src = source_on_link(n, group_all_routers(FAMILY_IP6));
    struct ndp_message m = {.type = ICMP6_ROUTER_SOLICIT};
    if (src.family != FAMILY_NONE) {
        m.has_source_mac = true;
        m.source_mac = n->mac;
    } else {
        src = addr_any(FAMILY_IP6);
    }
    ndp_send(n, &m, &(struct ndp_way){src, group_all_routers(FAMILY_IP6), SENT_ROUTER_SOLICIT});
}

// Linux: accept_ra 1 is for hosts, 2 for routers too.
static bool listens_to_routers(const struct host *h)
{
    return h->set.accept_ra > (h->set.ip6_forwarding != 0 ? 1 : 0);
}

void ndp_seek_routers(struct netif *n)
{
    struct host *h = n->host;
    if (n->loopback || !listens_to_routers(h)) return;
    n->solicits = ROUTER_SOLICITATIONS;
    n->solicit_at = h->now + (nsec)rng_below(&h->rng, SOLICIT_DELAY_MAX);
    netif_wake_at(n, n->solicit_at);
}

nsec ndp_run(struct netif *n)
{
    if (n->solicit_at > n->host->now) return n->solicit_at;
    solicit_routers(n);
    n->solicit_at = --n->solicits > 0 ? n->host->now + SOLICIT_INTERVAL : NEVER;
    return n->solicit_at;
}

// --- in: neighbours ----------------------------------------------------------------------------

// An asker without a name wants the name it asks for: everyone should hear whose it is (§7.2.4).
static void answer(struct netif *n, const struct ndp_message *m, struct addr asker)
{
    struct ndp_message a = advert(n, m->target);
    a.solicited = !addr_is_any(asker);
    struct addr dst = a.solicited ? asker : group_all_nodes(FAMILY_IP6);
    ndp_send(n, &a, &(struct ndp_way){m->target, dst, SENT_NDP_ADVERT});
}

static enum drop take_solicit(struct host *h, struct frame *f, const struct ip_info *ip,
                              const struct ndp_message *m)
{
    struct netif *n = ip->netif;
    bool nameless = addr_is_any(ip->src);
    if (addr_is_multicast(m->target)) return DROP_NDP_BAD_SENDER;
    if (nameless && (m->has_source_mac || !addr_eq(ip->dst, group_solicited_node(m->target))))
        return DROP_NDP_BAD_SENDER;  // §7.1.1
    struct own_addr *own = own_find(n, m->target);
    bool shared = own == NULL && anycast_on(n, m->target);
    if (own == NULL && !shared) return DROP_NDP_NOT_MINE;
    // RFC 4862 §5.4.3: two that want one name, or one that is too early.
    if (!shared && !own_usable(own)) {
        if (nameless) own_conflict(n, own, eth_sender(f));
        return DROP_NDP_DUPLICATE;
    }
    if (!nameless && m->has_source_mac && mac_is_station(m->source_mac)) {
        enum drop why = neigh_meet(n, ip->src, m->source_mac);
        if (why != DROP_NONE) return why;
        host_step(h, f, STEP_NDP_LEARN, 0, 0);
    }
    if (shared) anycast_answer_later(n, m->target, ip->src);
    else answer(n, m, ip->src);
    return DROP_NONE;
}

static enum drop take_advert(struct host *h, struct frame *f, const struct ip_info *ip,
                             const struct ndp_message *m)
{
    struct netif *n = ip->netif;
    if (addr_is_multicast(m->target) || (addr_is_multicast(ip->dst) && m->solicited))
        return DROP_NDP_BAD_SENDER;  // §7.1.2
    struct own_addr *own = own_find(n, m->target);
    if (own != NULL) {
        own_conflict(n, own, eth_sender(f));
        return DROP_NDP_DUPLICATE;
    }
    if (m->has_target_mac && !mac_is_station(m->target_mac)) return DROP_NDP_BAD_SENDER;
    struct neigh_word word = {.has_mac = m->has_target_mac, .mac = m->target_mac,
                              .solicited = m->solicited, .override = m->override,
                              .router = m->router};
    enum neigh_verdict verdict = neigh_told(n, m->target, &word);
    if (verdict == NEIGH_STRANGER) return DROP_NDP_UNASKED;
    if (verdict == NEIGH_TAKEN && !m->router) route_forget_router(h, m->target, n);  // §7.2.5
    host_step(h, f, STEP_NDP_LEARN, 0, 0);
    return DROP_NONE;
}

// --- in: routers -------------------------------------------------------------------------------

static enum drop take_router_solicit(struct host *h, struct frame *f, const struct ip_info *ip,
                                     const struct ndp_message *m)
{
    bool nameless = addr_is_any(ip->src);
    if (nameless && m->has_source_mac) return DROP_NDP_BAD_SENDER;  // §6.1.1
    if (!advert_asked(ip->netif)) return DROP_NDP_IGNORED;
    if (m->has_source_mac && mac_is_station(m->source_mac))
        neigh_meet(ip->netif, ip->src, m->source_mac);
    host_step(h, f, STEP_NDP_LEARN, 0, 0);
    return DROP_NONE;
}

static nsec until(const struct host *h, uint32_t seconds)
{
    return seconds == UINT32_MAX ? NEVER : h->now + SEC(seconds);
}

static void take_prefix(struct netif *n, const struct ndp_prefix *p)
{
    struct host *h = n->host;
    if (addr_is_link_local(p->prefix.addr) || addr_is_multicast(p->prefix.addr)) return;
    if (p->on_link) route_learn_link(h, p->prefix, n, until(h, p->valid_s));
    if (p->autonomous && h->set.autoconf != 0)
        own_autoconf(n, p->prefix, p->valid_s, p->preferred_s);
}

// In place of those it told of before (RFC 8106 §5.1, §6.2); of time 0: none.
static void take_servers(struct netif *n, const struct ndp_message *m)
{
    static_assert((int)NDP_SERVERS_MAX <= (int)NETIF_SERVERS, "all have room");
    if (m->servers == 0) return;
    n->servers = 0;
    n->servers_until = until(n->host, m->servers_s);
    for (int i = 0; i < m->servers; i++)
        if (!addr_is_multicast(m->server[i]) && !addr_is_any(m->server[i]))
            n->server[n->servers++] = m->server[i];
}

static enum drop take_router(struct host *h, struct frame *f, const struct ip_info *ip,
                             const struct ndp_message *m)
{
    struct netif *n = ip->netif;
    if (!addr_is_link_local(ip->src)) return DROP_NDP_BAD_SENDER;  // §6.1.2
    if (!listens_to_routers(h)) return DROP_NDP_IGNORED;
    if (m->lifetime_s != 0) n->solicit_at = NEVER;  // §6.3.7
    if (m->hop_limit != 0) n->hop_limit = m->hop_limit;
    if (m->reachable_ms != 0 && m->reachable_ms <= REACHABLE_MAX) n->reachable_ms = m->reachable_ms;
    if (m->retrans_ms >= RETRANS_MIN && m->retrans_ms <= REACHABLE_MAX)
        n->retrans_ms = m->retrans_ms;
    if (m->mtu >= IP6_MTU_MIN && m->mtu <= n->mtu && m->mtu != n->mtu6) {
        n->mtu6 = m->mtu;
        h->mtu_epoch++;
    }
    if (m->has_source_mac && mac_is_station(m->source_mac))
        neigh_meet(n, ip->src, m->source_mac);
    neigh_is_router(n, ip->src);
    route_learn_router(h, ip->src, n, m->lifetime_s == 0 ? 0 : until(h, m->lifetime_s));
    for (int i = 0; i < m->prefixes; i++) take_prefix(n, &m->prefix[i]);
    take_servers(n, m);
    host_step(h, f, STEP_NDP_ROUTER, 0, 0);
    return DROP_NONE;
}

// Believed only from the router that is the present first hop towards dst (§8.1, §8.3).
static enum drop take_redirect(struct host *h, struct frame *f, const struct ip_info *ip,
                               const struct ndp_message *m)
{
    struct netif *n = ip->netif;
    bool on_link = addr_eq(m->target, m->dst);
    if (!addr_is_link_local(ip->src) || addr_is_multicast(m->dst)) return DROP_NDP_BAD_SENDER;
    if (!on_link && !addr_is_link_local(m->target)) return DROP_NDP_BAD_SENDER;
    if (h->set.ip6_accept_redirects == 0 || h->set.ip6_forwarding != 0) return DROP_NDP_IGNORED;
    enum drop why = route_redirect(h, m->dst, on_link ? addr_any(FAMILY_NONE) : m->target, n,
                                   ip->src);
    if (why != DROP_NONE) return why;
    if (m->has_target_mac && mac_is_station(m->target_mac))
        neigh_meet(n, m->target, m->target_mac);
    host_step(h, f, STEP_IP_REDIRECT, 0, 0);
    return DROP_NONE;
}

// --- in ----------------------------------------------------------------------------------------

enum drop ndp_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct ndp_message m;
    if (ip->ttl != NDP_HOP_LIMIT) return DROP_NDP_NOT_LOCAL;
    if (ip->in_pieces) return DROP_NDP_IN_PIECES;  // RFC 6980 §5: nobody who watches could read it
    enum drop why = ndp_parse(&m, frame_start(f), f->head_len);
    if (why == DROP_NONE && m.code != 0) why = DROP_ICMP_UNKNOWN_TYPE;
    if (why != DROP_NONE) return why;
    switch (m.type) {
    case ICMP6_NEIGHBOUR_SOLICIT: why = take_solicit(h, f, ip, &m); break;
    case ICMP6_NEIGHBOUR_ADVERT:  why = take_advert(h, f, ip, &m); break;
    case ICMP6_ROUTER_ADVERT:     why = take_router(h, f, ip, &m); break;
    case ICMP6_REDIRECT:          why = take_redirect(h, f, ip, &m); break;
    default:                      why = take_router_solicit(h, f, ip, &m); break;
    }
    if (why == DROP_NONE) frame_free(f);
    return why;
}
