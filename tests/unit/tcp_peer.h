// tcp_peer.h - one host, and a peer that the test plays itself: segments by hand in, segments out
// as they were meant. The host is 10.0.0.1 or fd00::1, the peer ends in 2 (see family.h); who asks
// for its MAC is answered, time is the test's.
//
// Numbers are relative, as in the events: the peer's count from PEER_ISN, the host's from its SYN.
#ifndef TCP_PEER_H
#define TCP_PEER_H

#include <check.h>
#include <errno.h>

#include "base/csum.h"
#include "net/host.h"
#include "net/netif.h"
#include "stack.h"
#include "tcp/tcp.h"
#include "unit/family.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/ndp_wire.h"

enum { PEER_ISN = 0x7ffff000, PEER_OUT = 64, PEER_PORT = 80, HOST_PORT = 4000 };

struct peer_seg { struct tcp_seg seg; uint32_t seq, ack, len; enum sent why;
                  uint8_t first[8], tos, ttl; struct addr src; };

struct peer_log {
    struct trace_sink sink;
    unsigned          drops[DROPS], whys[TCP_WHYS], events[TRACE_TYPES], cwnds[CWND_WHYS];
};

struct peer {
    struct host    *h;
    struct netif   *n;
    ng_sock         s;         // the host's socket under test
    uint16_t        host_port, peer_port;
    struct peer_seg out[PEER_OUT];
    unsigned        outs;
    struct seq      host_isn;
    bool            host_isn_known, ts, mute;
    uint32_t        ts_val, ts_seen;
    nsec            now;
    struct peer_log log;
};

static const struct mac peer_mac = {{2, 0, 0, 0, 0, 2}}, host_mac = {{2, 0, 0, 0, 0, 1}};

static inline struct addr host_addr(void) { return family_addr(1); }
static inline struct addr peer_addr(void) { return family_addr(2); }

static inline void peer_tell(struct trace_sink *sink, const struct trace_event *ev)
{
    struct peer_log *l = (struct peer_log *)(void *)sink;
    l->events[ev->type]++;
    if (ev->type == TRACE_FRAME_DROP) l->drops[ev->frame_drop.why]++;
    if (ev->type == TRACE_TCP_CWND) l->cwnds[ev->tcp_cwnd.why]++;
    if (ev->type == TRACE_TCP_STATE) l->whys[ev->tcp_state.why]++;
}

static inline void peer_inject(struct peer *p, uint16_t type, const void *bytes, size_t len)
{
    struct frame *f = ng_host_frame(p->h, len + ETH_HDR_LEN);
    ck_assert_ptr_nonnull(f);
    eth_emit(&(struct eth_frame){.dst = host_mac, .src = peer_mac, .type = type}, frame_start(f));
    memcpy(frame_start(f) + ETH_HDR_LEN, bytes, len);
    ng_host_input(p->h, p->n, f, p->now);
}

static inline void peer_inject_ip(struct peer *p, const void *bytes, size_t len)
{
    peer_inject(p, family == FAMILY_IP4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6, bytes, len);
}

static inline void peer_answer_arp(struct peer *p, const struct frame *f)
{
    struct arp_packet arp;
    const uint8_t *b = frame_start(f) + ETH_HDR_LEN;
    if (arp_parse(&arp, b, f->len - ETH_HDR_LEN) != DROP_NONE || arp.op != ARP_REQUEST) return;
    struct arp_packet reply = {.op = ARP_REPLY, .sender_mac = peer_mac, .sender = arp.target,
                               .target_mac = host_mac, .target = host_addr()};
    uint8_t bytes[ARP_LEN];
    arp_emit(&reply, bytes);
    peer_inject(p, ETH_TYPE_ARP, bytes, sizeof bytes);
}

static inline void peer_answer_ndp(struct peer *p, const uint8_t *message, size_t len)
{
    struct ndp_message ask;
    if (ndp_parse(&ask, message, len) != DROP_NONE || ask.type != ICMP6_NEIGHBOUR_SOLICIT) return;
    struct ndp_message answer = {.type = ICMP6_NEIGHBOUR_ADVERT, .target = ask.target,
                                 .solicited = true, .override = true, .has_target_mac = true,
                                 .target_mac = peer_mac};
    struct family_packet ip = {.src = ask.target, .dst = host_addr(), .proto = IP_PROTO_ICMP6,
                               .ttl = NDP_HOP_LIMIT};
    uint8_t b[IP6_EMIT_MAX + NDP_EMIT_MAX], *icmp = b + family_hdr();
    ip.len = ndp_emit(&answer, icmp);
    size_t hdr = family_emit(&ip, b);
    uint16_t pseudo = csum_pseudo(ip.src, ip.dst, ip.proto, ip.len);
    put16(icmp + 2, csum_field(csum_add(pseudo, csum_sum(icmp, ip.len))));
    peer_inject_ip(p, b, hdr + ip.len);
}

static inline void peer_note(struct peer *p, struct frame *f)
{
    uint8_t b[2048];
    size_t n = frame_flatten(f, b, sizeof b);
    struct family_packet ip;
    struct peer_seg o = {.why = f->why};
    if (!family_parse(&ip, b + ETH_HDR_LEN, n - ETH_HDR_LEN)) return;
    size_t at = ETH_HDR_LEN + family_hdr();
    if (ip.proto == IP_PROTO_ICMP6) peer_answer_ndp(p, b + at, ip.len);
    if (ip.proto != IP_PROTO_TCP) return;
    uint16_t pseudo = csum_pseudo(ip.src, ip.dst, IP_PROTO_TCP, ip.len);
    ck_assert(csum_ok(pseudo, b + at, ip.len));  // MUST-2
    ck_assert_int_eq(tcp_parse(&o.seg, b + at, ip.len), DROP_NONE);
    o.tos = ip.tos;
    o.ttl = ip.ttl;
    o.src = ip.src;
    o.len = (uint32_t)(ip.len - o.seg.hdr_len);
    memcpy(o.first, b + at + o.seg.hdr_len, o.len < 8 ? o.len : 8);
    if ((o.seg.flags & TCP_SYN) && !p->host_isn_known) {
        p->host_isn = o.seg.seq;
        p->host_isn_known = true;
    }
    o.seq = (uint32_t)seq_diff(o.seg.seq, p->host_isn);
    o.ack = o.seg.flags & TCP_ACK ? (uint32_t)seq_diff(o.seg.ack, seq_of(PEER_ISN)) : 0;
    if (o.seg.opts.has_ts) p->ts_seen = o.seg.opts.ts_val;
    if (p->outs < PEER_OUT) p->out[p->outs++] = o;
}

static inline void peer_collect(struct peer *p)
{
    for (bool busy = true; busy;) {
        busy = false;
        ng_host_run(p->h, p->now);
        for (struct frame *f; (f = ng_netif_take(p->n)) != NULL; busy = true) {
            if (get16(frame_start(f) + 12) == ETH_TYPE_ARP) peer_answer_arp(p, f);
            else peer_note(p, f);
            frame_free(f);
        }
    }
}

static inline void peer_wait(struct peer *p, nsec how_long)
{
    nsec until = p->now + how_long;
    peer_collect(p);
    for (nsec next; (next = ng_host_next(p->h)) <= until;) {
        if (next > p->now) p->now = next;
        peer_collect(p);
    }
    p->now = until;
    peer_collect(p);
}

static inline void peer_open(struct peer *p)
{
    memset(p, 0, sizeof *p);
    p->log.sink.emit = peer_tell;
    p->now = SEC(1);
    p->peer_port = PEER_PORT;
    p->host_port = HOST_PORT;
    p->ts_val = 1000;
    p->h = ng_host_new(&(struct ng_host_config){.name = "h", .id = 1, .seed = 5, .now = p->now,
                                                .trace = &p->log.sink, .memory = 32u << 20});
    ck_assert_ptr_nonnull(p->h);
    p->n = ng_host_add_netif(p->h, &(struct ng_netif_config){.name = "eth0", .mac = host_mac,
                                                             .mtu = family_mtu()});
    ck_assert_int_eq(ng_netif_add_addr(p->n, host_addr(), family_bits()), 0);
}

static inline void peer_close(struct peer *p) { ng_host_free(p->h); }

static inline struct peer *peer_new(void)
{
    struct peer *p = malloc(sizeof *p);
    ck_assert_ptr_nonnull(p);
    peer_open(p);
    return p;
}

static inline void peer_free(struct peer *p)
{
    peer_close(p);
    free(p);
}

// Is its socket among those that became ready?
static inline bool peer_is_named(struct peer *p)
{
    bool found = false;
    for (ng_sock s; (s = ng_host_ready(p->h)) != 0;) found |= s == p->s;
    return found;
}

// What the peer says; seq and ack are relative, len bytes of 'x' follow the header.
struct say { uint8_t flags; uint32_t seq, ack, len; int wnd; uint16_t sport, dport; bool no_ts;
             struct tcp_opts opts; bool bad_csum; uint8_t tos; uint16_t urg; };

static inline size_t peer_build(struct peer *p, const struct say *say, uint8_t *b)
{
    struct tcp_seg seg = {
        .sport = say->sport != 0 ? say->sport : p->peer_port,
        .dport = say->dport != 0 ? say->dport : p->host_port,
        .seq = seq_add(seq_of(PEER_ISN), say->seq),
        .ack = say->flags & TCP_ACK ? seq_add(p->host_isn, say->ack) : seq_of(0),
        .wnd = (uint16_t)(say->wnd < 0 ? 0 : say->wnd == 0 ? 65535 : say->wnd),
        .flags = say->flags, .opts = say->opts, .urg = say->urg,
    };
    if (p->ts && !say->no_ts && !seg.opts.has_ts) {
        seg.opts.has_ts = true;
        seg.opts.ts_val = p->ts_val;
        seg.opts.ts_ecr = p->ts_seen;
    }
    uint8_t *tcp = b + family_hdr();
    size_t hdr = tcp_emit(&seg, tcp), len = hdr + say->len;
    memset(tcp + hdr, 'x', say->len);
    struct family_packet ip = {.src = peer_addr(), .dst = host_addr(), .proto = IP_PROTO_TCP,
                               .tos = say->tos & 3, .len = len};
    family_emit(&ip, b);
    uint16_t sum = csum_add(csum_pseudo(ip.src, ip.dst, IP_PROTO_TCP, len), csum_sum(tcp, len));
    put16(tcp + 16, (uint16_t)(csum_field(sum) ^ say->bad_csum));
    return len + family_hdr();
}

// Says it, and collects what the host answers at once (p->out from 0).
static inline void peer_say(struct peer *p, const struct say *say)
{
    uint8_t b[4096];
    size_t n = peer_build(p, say, b);
    p->outs = 0;
    peer_inject_ip(p, b, n);
    peer_collect(p);
}

#define SAY(p, ...) peer_say(p, &(struct say){__VA_ARGS__})

static const struct tcp_opts peer_syn_opts = {.has_mss = true, .mss = 1460, .has_wscale = true,
                                              .wscale = 0, .has_sack_ok = true};

static inline enum tcp_state peer_state(struct peer *p)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    return info.state;
}

static inline ng_sock peer_socket(struct peer *p)
{
    int error = 0;
    ng_sock s = ng_sock_open(p->h, 0, KIND_TCP, &error);
    ck_assert_msg(s != 0, "open: %d", error);
    return s;
}

// The host calls, from a socket of that receive buffer (0: the usual one); its SYN is out[0].
static inline void peer_called_with_buffer(struct peer *p, int bytes)
{
    struct endpoint own = {host_addr(), HOST_PORT}, to = {peer_addr(), PEER_PORT};
    p->s = peer_socket(p);
    if (bytes > 0)
        ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_SO_RCVBUF, &bytes, sizeof bytes), 0);
    ck_assert_int_eq(ng_sock_bind(p->h, p->s, &own), 0);
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EINPROGRESS);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_ge(p->outs, 1);
}

static inline void peer_called(struct peer *p) { peer_called_with_buffer(p, 0); }

static inline struct tcp_opts peer_opts(const struct peer *p)
{
    struct tcp_opts o = peer_syn_opts;
    o.has_ts = p->ts;
    o.ts_val = p->ts_val;
    o.ts_ecr = p->ts_seen;
    return o;
}

// The host's call is answered: ESTABLISHED. UNA, NXT and RCV.NXT are 1.
static inline void peer_established(struct peer *p)
{
    peer_called(p);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .seq = 0, .ack = 1, .opts = peer_opts(p));
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
}

// The same of a new one, and what led there is past.
static inline struct peer *peer_connected(void)
{
    struct peer *p = peer_new();
    peer_established(p);
    p->outs = 0;
    return p;
}

static inline void peer_acks(struct peer *p, uint32_t n)
{
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1 + n);
}

static inline ng_sock peer_listener(struct peer *p, int backlog)
{
    ng_sock s = peer_socket(p);
    struct endpoint own = {family_any(), HOST_PORT};
    ck_assert_int_eq(ng_sock_bind(p->h, s, &own), 0);
    ck_assert_int_eq(ng_sock_listen(p->h, s, backlog), 0);
    return s;
}

#endif
