// world.c - see world.h.
#include "scenarios/drill/world.h"

#include "base/csum.h"
#include "scenarios/drill/live.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/ip6_wire.h"
#include "wire/ndp_wire.h"

enum { ROUNDS = 10000 };

static const struct mac host_mac = {{2, 0, 0, 0, 0, 1}};
static const struct mac gateway_mac = {{2, 0, 0, 0, 0, 2}};

// --- what happened last -------------------------------------------------------------------------

static bool worth_keeping(const struct trace_event *ev)
{
    switch (ev->type) {
    case TRACE_FRAME_DROP: case TRACE_SOCK_CALL: case TRACE_TCP_STATE: case TRACE_TCP_SEGMENT:
    case TRACE_TCP_CWND: case TRACE_TCP_LOSS:
        return true;
    case TRACE_TCP_TIMER:
        return ev->tcp_timer.fired;
    default:
        return false;
    }
}

static void memory_emit(struct trace_sink *sink, const struct trace_event *ev)
{
    struct memory *m = (struct memory *)(void *)((char *)sink - offsetof(struct memory, sink));
    if (m->also != NULL) m->also->emit(m->also, ev);
    if (!worth_keeping(ev)) return;
    uint32_t slot = m->count % MEMORY_EVENTS;
    size_t len = trace_encode(ev, m->event[slot].bytes, MEMORY_BYTES);
    m->event[slot].len = (uint16_t)len;
    if (len > 0) m->count++;
}

bool memory_get(const struct memory *m, uint32_t back, struct trace_event *ev)
{
    if (back >= m->count || back >= MEMORY_EVENTS) return false;
    uint32_t slot = (m->count - 1 - back) % MEMORY_EVENTS;
    return trace_decode(ev, m->event[slot].bytes, m->event[slot].len) > 0;
}

// --- birth and death ----------------------------------------------------------------------------

static bool add_addresses(struct world *w, const struct world_config *cfg)
{
    if (ng_netif_add_addr(w->netif, cfg->local, cfg->prefix) < 0) return false;
    struct prefix home = {cfg->local, (uint8_t)cfg->prefix};
    // A gateway outside of our subnet, or ourselves: everybody is on the cable then.
    bool near = prefix_contains(home, cfg->gateway) && !addr_eq(cfg->gateway, cfg->local);
    if (near) w->via = cfg->gateway;
    return ng_host_add_route(w->host, addr_any(cfg->local.family), 0, w->via, w->netif) == 0;
}

bool world_open(struct world *w, const struct world_config *cfg)
{
    *w = (struct world){.local = cfg->local, .gateway = cfg->gateway,
                        .tell_peer = cfg->tell_peer,
                        .memory = {.sink.emit = memory_emit, .also = cfg->trace}};
    w->out_tail = &w->out;
    if (cfg->trace != NULL) w->memory.sink.snap = cfg->trace->snap;
    struct ng_host_config host = {.name = "dut", .id = 1, .seed = cfg->seed,
                                  .trace = &w->memory.sink};
    w->host = ng_host_new(&host);
    if (w->host == NULL) return false;
    struct ng_netif_config netif = {.name = "eth0", .mac = host_mac, .mtu = cfg->mtu,
                                    .offload = cfg->offload, .txq_frames = WORLD_QUEUE};
    w->netif = ng_host_add_netif(w->host, &netif);
    w->app = ng_app_new(w->host, "script", false);
    if (w->netif == NULL || w->app == 0 || !add_addresses(w, cfg)) {
        world_close(w);
        return false;
    }
    peer_introduce(w, cfg);
    return true;
}

void world_close(struct world *w)
{
    while (w->out != NULL) {
        struct live *l = w->out;
        world_unlink(w, l);
        free(l);
    }
    ng_host_free(w->host);
    w->host = NULL;
}

// --- the link layer -----------------------------------------------------------------------------

static void give_frame(struct world *w, struct mac from, uint16_t type, const uint8_t *p,
                       size_t len)
{
    struct frame *f = ng_host_frame(w->host, ETH_HDR_LEN + len);
    if (f == NULL) return;
    struct eth_frame eth = {.dst = host_mac, .src = from, .type = type};
    uint8_t *to = frame_start(f);
    eth_emit(&eth, to);
    memcpy(to + ETH_HDR_LEN, p, len);
    peer_sends(w, f);
    ng_host_input(w->host, w->netif, f, w->now);
}

bool world_input(struct world *w, const struct world_input *in)
{
    struct frame *f = ng_host_frame(w->host, ETH_HDR_LEN + in->len);
    if (f == NULL) return false;
    struct eth_frame eth = {.dst = host_mac, .src = gateway_mac,
                            .type = in->family == FAMILY_IP6 ? ETH_TYPE_IP6 : ETH_TYPE_IP4};
    uint8_t *to = frame_start(f);
    eth_emit(&eth, to);
    memcpy(to + ETH_HDR_LEN, in->p, in->len);
    f->gso_size = in->gso_size;
    peer_sends(w, f);
    ng_host_input(w->host, w->netif, f, w->now);
    return true;
}

static void answer_arp(struct world *w, const uint8_t *p, size_t len)
{
    struct arp_packet ask;
    if (arp_parse(&ask, p, len) != DROP_NONE || ask.op != ARP_REQUEST) return;
    if (addr_eq(ask.target, w->local)) return;  // an announcement of its own
    struct arp_packet reply = {.op = ARP_REPLY, .sender_mac = gateway_mac, .sender = ask.target,
                               .target_mac = ask.sender_mac, .target = ask.sender};
    uint8_t bytes[ARP_LEN];
    give_frame(w, gateway_mac, ETH_TYPE_ARP, bytes, arp_emit(&reply, bytes));
}

static void advertise(struct world *w, struct addr target, struct addr to)
{
    uint8_t bytes[IP6_EMIT_MAX + NDP_EMIT_MAX], body[NDP_EMIT_MAX];
    struct ndp_message m = {.type = ICMP6_NEIGHBOUR_ADVERT, .target = target, .solicited = true,
                            .override = true, .router = true, .has_target_mac = true,
                            .target_mac = gateway_mac};
    size_t len = ndp_emit(&m, body);
    uint16_t sum = csum_add(csum_pseudo(target, to, IP_PROTO_ICMP6, len), csum_sum(body, len));
    put16(body + 2, csum_field(sum));
    struct ip6_packet ip = {.src = target, .dst = to, .hop_limit = NDP_HOP_LIMIT,
                            .proto = IP_PROTO_ICMP6, .payload_len = (uint16_t)len};
    size_t hdr = ip6_emit(&ip, bytes);
    memcpy(bytes + hdr, body, len);
    give_frame(w, gateway_mac, ETH_TYPE_IP6, bytes, hdr + len);
}

// True if the packet is the link layer's own business in IPv6, which no script wants to see.
static bool answer_ndp(struct world *w, const uint8_t *p, size_t len)
{
    struct ip6_packet ip;
    if (ip6_parse(&ip, p, len) != DROP_NONE || ip.proto != IP_PROTO_ICMP6 || ip.hdr_len >= len)
        return false;
    uint8_t type = p[ip.hdr_len];
    if (type == ICMP6_MLD_REPORT || type == ICMP6_MLD2_REPORT || type == ICMP6_MLD_DONE)
        return true;
    if (!ndp_is_type(type)) return false;
    struct ndp_message ask;
    if (ndp_parse(&ask, p + ip.hdr_len, len - ip.hdr_len) != DROP_NONE) return true;
    // A question without a source is about the asker's own address (RFC 4862): nobody else has it.
    bool asks = ask.type == ICMP6_NEIGHBOUR_SOLICIT && !addr_is_any(ip.src);
    if (asks && !addr_eq(ask.target, w->local)) advertise(w, ask.target, ip.src);
    return true;
}

// --- what leaves --------------------------------------------------------------------------------

static void keep(struct world *w, const struct frame *f, const uint8_t *p, size_t len)
{
    struct live *l = malloc(sizeof *l + len);
    if (l == NULL || w->out_count == WORLD_QUEUE) {
        free(l);
        w->tired = true;
        return;
    }
    *l = (struct live){.at = w->now, .step_line = w->step_line, .why = f->why, .frame = f->id,
                       .len = (uint32_t)len};
    memcpy(l->bytes, p, len);
    live_read(l);
    *w->out_tail = l;
    w->out_tail = &l->next;
    w->out_count++;
}

static void take_frame(struct world *w, struct frame *f)
{
    uint8_t *bytes = w->scratch;
    size_t len = frame_flatten(f, bytes, sizeof w->scratch);
    peer_gets(w, f, bytes, len);
    struct eth_frame eth;
    if (eth_parse(&eth, bytes, len) == DROP_NONE) {
        const uint8_t *p = bytes + ETH_HDR_LEN;
        len -= ETH_HDR_LEN;
        bool mine = eth.type == ETH_TYPE_ARP || (eth.type == ETH_TYPE_IP6 && answer_ndp(w, p, len));
        if (eth.type == ETH_TYPE_ARP) answer_arp(w, p, len);
        if (!mine) keep(w, f, p, len);
    }
    frame_free(f);
}

void world_unlink(struct world *w, struct live *l)
{
    struct live **at = &w->out;
    while (*at != l) at = &(*at)->next;
    *at = l->next;
    if (l->next == NULL) w->out_tail = at;
    w->out_count--;
}

void world_settle(struct world *w)
{
    bool more = true;
    for (int i = 0; more && i < ROUNDS; i++) {
        ng_host_run(w->host, w->now);
        w->events++;
        more = false;
        for (struct frame *f; (f = ng_netif_take(w->netif)) != NULL; more = true) take_frame(w, f);
    }
    if (more || w->events > WORLD_EVENTS) w->tired = true;
}

nsec world_next(const struct world *w)
{
    nsec next = ng_host_next(w->host);
    return next <= w->now ? w->now + 1 : next;
}

void world_go(struct world *w, nsec at)
{
    if (at > w->now) w->now = at;
    world_settle(w);
}
