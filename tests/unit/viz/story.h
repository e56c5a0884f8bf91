// story.h - a run made up for tests: two hosts, a cable, and whatever the test says on it.
//
// Events are told in any order and sorted by time at the end, first told first, so a test can say
// a segment's departure and arrival in one line. Frames have real headers, made by the emitters of
// stack/wire.
#ifndef STORY_H
#define STORY_H

#include "viz/recording.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"

#include <check.h>
#include <errno.h>

enum { STORY_EVENTS = 4096, STORY_BYTES = 1600, CLIENT = 1, SERVER = 2 };

struct story {
    struct trace_event ev[STORY_EVENTS];
    uint8_t           *bytes[STORY_EVENTS];
    size_t             n, frames;
    nsec               delay;
};

static inline void story_tell(struct story *s, struct trace_event ev)
{
    CHECK(s->n < STORY_EVENTS);
    ev.order = s->n;
    s->ev[s->n++] = ev;
}

static inline struct trace_str story_str(const char *text)
{
    return (struct trace_str){text, (uint32_t)strlen(text)};
}

static inline struct addr story_addr(uint16_t host) { return addr_ip4(0x0a000000u + host); }
static inline struct mac story_mac(uint16_t host)
{
    return (struct mac){{2, 0, 0, 0, 0, (uint8_t)host}};
}

static inline struct endpoint story_end(uint16_t host, uint16_t port)
{
    return (struct endpoint){host == 0 ? addr_any(FAMILY_IP4) : story_addr(host), port};
}

static inline void story_host(struct story *s, uint16_t id, const char *name)
{
    story_tell(s, (struct trace_event){.host = id, .type = TRACE_HOST_NEW,
                                       .host_new = {story_str(name)}});
    story_tell(s, (struct trace_event){.host = id, .netif = 1, .type = TRACE_NETIF_NEW,
                                       .netif_new = {story_str("eth0"), story_mac(id), 1500}});
    story_tell(s, (struct trace_event){.host = id, .netif = 1, .type = TRACE_NETIF_ADDR,
                                       .netif_addr = {story_addr(id), 24}});
}

static inline void story_app(struct story *s, uint16_t host, const char *name, uint32_t pid)
{
    story_tell(s, (struct trace_event){.host = host, .type = TRACE_APP_NEW,
                                       .app_new = {1, story_str(name), pid, 1}});
}

// Two hosts and a cable of 100 Mb/s.
static inline void story_world(struct story *s)
{
    s->delay = USEC(10);
    story_tell(s, (struct trace_event){.type = TRACE_RUN, .run = {story_str("two-clients"), 7}});
    story_host(s, CLIENT, "client");
    story_host(s, SERVER, "server");
    story_tell(s, (struct trace_event){.host = CLIENT, .netif = 1, .type = TRACE_LINK_NEW,
                                       .link_new = {1, SERVER, 1}});
    for (uint16_t h = CLIENT; h <= SERVER; h++)
        story_tell(s, (struct trace_event){
            .host = h, .netif = 1, .type = TRACE_LINK_SET,
            .link_set = {1, 100000000, s->delay, 20000, 100}});
    story_app(s, CLIENT, "curl", 100);
    story_app(s, SERVER, "httpd", 7);
}

struct story_call { nsec at; uint16_t host; uint32_t conn; int32_t fd; enum sock_call call;
                    int64_t arg, result; };

static inline void story_call(struct story *s, struct story_call c)
{
    story_tell(s, (struct trace_event){
        .at = c.at, .host = c.host, .conn = c.conn, .type = TRACE_SOCK_CALL,
        .sock_call = {1, c.fd, c.call, {{0}, 0}, c.arg, c.result}});
}

struct story_sock { nsec at; uint16_t host; uint32_t conn; int32_t fd; enum sock_kind kind;
                    struct endpoint local, remote; };

static inline void story_sock(struct story *s, struct story_sock k)
{
    story_tell(s, (struct trace_event){.at = k.at, .host = k.host, .conn = k.conn,
                                       .type = TRACE_SOCK_NEW,
                                       .sock_new = {k.kind, 1, k.fd, 0}});
    story_tell(s, (struct trace_event){.at = k.at, .host = k.host, .conn = k.conn,
                                       .type = TRACE_SOCK_NAME,
                                       .sock_name = {k.local, k.remote}});
}

struct story_state { nsec at; uint16_t host; uint32_t conn; enum tcp_state from, to;
                     enum tcp_why why; };

static inline void story_state(struct story *s, struct story_state k)
{
    story_tell(s, (struct trace_event){.at = k.at, .host = k.host, .conn = k.conn,
                                       .type = TRACE_TCP_STATE,
                                       .tcp_state = {k.from, k.to, k.why}});
}

static inline void story_buf(struct story *s, nsec at, uint32_t host_conn[2], uint32_t snd,
                             uint32_t rcv)
{
    story_tell(s, (struct trace_event){.at = at, .host = (uint16_t)host_conn[0],
                                       .conn = host_conn[1], .type = TRACE_SOCK_BUF,
                                       .sock_buf = {snd, 65536, rcv, 65536, 0, 0}});
}

struct story_seg {
    nsec     at;
    uint16_t from, sport, dport;
    uint32_t conn, peer_conn, seq, ack, len;
    uint8_t  flags;
    enum sent why;
    bool     lost;
};

static inline size_t story_headers(uint8_t *p, const struct story_seg *g)
{
    uint16_t to = g->from == CLIENT ? SERVER : CLIENT;
    struct eth_frame eth = {story_mac(to), story_mac(g->from), ETH_TYPE_IP4};
    size_t at = eth_emit(&eth, p);
    struct ip4_packet ip = {.src = story_addr(g->from), .dst = story_addr(to), .df = true,
                            .ttl = 64, .proto = IP_PROTO_TCP, .hdr_len = IP4_HDR_MIN,
                            .total_len = (uint16_t)(40 + g->len)};
    at += ip4_emit(&ip, p + at);
    uint32_t isn = g->from == CLIENT ? 1000 : 5000, peer = g->from == CLIENT ? 5000 : 1000;
    struct tcp_seg seg = {.sport = g->sport, .dport = g->dport, .seq = seq_of(isn + g->seq),
                          .ack = seq_of(peer + g->ack), .wnd = 64240, .flags = g->flags};
    return at + tcp_emit(&seg, p + at);
}

static inline void story_step(struct story *s, nsec at, uint16_t host, enum step step,
                              uint64_t frame)
{
    uint16_t head = step == STEP_ETH_MINE || step == STEP_ETH_SEND ? 14 : 20;
    story_tell(s, (struct trace_event){.at = at, .host = host, .netif = 1,
                                       .type = TRACE_FRAME_STEP,
                                       .frame_step = {frame, step, head}});
}

static inline void story_arrive(struct story *s, const struct story_seg *g, uint64_t id,
                                struct trace_bytes bytes)
{
    nsec at = g->at + s->delay;
    uint16_t to = g->from == CLIENT ? SERVER : CLIENT;
    story_tell(s, (struct trace_event){.at = at, .host = to, .netif = 1, .type = TRACE_FRAME_RX,
                                       .frame_rx = {id, bytes.len, 0, 0, bytes}});
    story_step(s, at, to, STEP_ETH_MINE, id);
    story_step(s, at, to, STEP_IP_MINE, id);
    story_step(s, at, to, g->flags == TCP_SYN ? STEP_TCP_LISTENER : STEP_TCP_SOCKET, id);
    story_tell(s, (struct trace_event){
        .at = at, .host = to, .conn = g->peer_conn, .type = TRACE_TCP_SEGMENT,
        .tcp_segment = {id, 0, g->flags, g->seq, g->ack, g->len, 64240, SENT_NOTHING}});
}

// A segment leaves now and arrives a delay later, or is lost half way. Returns its frame's id.
static inline uint64_t story_segment(struct story *s, struct story_seg g)
{
    uint64_t id = (uint64_t)g.from << 48 | ++s->frames;
    uint8_t *p = calloc(1, STORY_BYTES);
    s->bytes[s->n] = p;
    size_t head = story_headers(p, &g);
    for (uint32_t i = 0; i < g.len; i++) p[head + i] = (uint8_t)"GET / HTTP/1.0\r\n"[i % 16];
    struct trace_bytes bytes = {p, (uint32_t)head + g.len};
    story_tell(s, (struct trace_event){
        .at = g.at, .host = g.from, .conn = g.conn, .type = TRACE_TCP_SEGMENT,
        .tcp_segment = {id, 1, g.flags, g.seq, g.ack, g.len, 64240, g.why}});
    story_step(s, g.at, g.from, STEP_TCP_SEND, id);
    story_step(s, g.at, g.from, STEP_IP_ONLINK, id);
    story_step(s, g.at, g.from, STEP_ETH_SEND, id);
    story_tell(s, (struct trace_event){.at = g.at, .host = g.from, .netif = 1, .conn = g.conn,
                                       .type = TRACE_FRAME_TX,
                                       .frame_tx = {id, g.why, bytes.len, 0, 0, bytes}});
    story_tell(s, (struct trace_event){.at = g.at, .host = g.from, .netif = 1,
                                       .type = TRACE_LINK_FLY,
                                       .link_fly = {1, id, g.at, g.at + s->delay, 0, 0}});
    if (g.lost) {
        nsec half = g.at + s->delay / 2;
        story_tell(s, (struct trace_event){.at = half, .host = g.from, .netif = 1,
                                           .type = TRACE_LINK_DROP,
                                           .link_drop = {1, id, DROP_LINK_LOSS, half}});
        return id;
    }
    story_arrive(s, &g, id, bytes);
    return id;
}

static inline int story_compare(const void *a, const void *b)
{
    const struct trace_event *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

// Everything told so far becomes a recording, and the story is empty again.
static inline void story_end_into(struct story *s, struct recording *r)
{
    qsort(s->ev, s->n, sizeof s->ev[0], story_compare);
    for (size_t i = 0; i < s->n; i++) CHECK(recording_add(r, &s->ev[i]));
    recording_done(r);
    for (size_t i = 0; i < STORY_EVENTS; i++) free(s->bytes[i]);
    *s = (struct story){0};
}

// The handshake of one connection from `at` on; the client's socket is conn, the server's peer.
static inline void story_handshake(struct story *s, nsec at, uint16_t port, uint32_t conn)
{
    uint32_t peer = conn + 1;  // the listener is the server's first
    int32_t fd = (int32_t)conn + 2;
    story_sock(s, (struct story_sock){at, CLIENT, conn, fd, KIND_TCP, story_end(CLIENT, port),
                                      story_end(SERVER, 80)});
    story_state(s, (struct story_state){at, CLIENT, conn, TCP_CLOSED, TCP_SYN_SENT,
                                        WHY_USER_CONNECT});
    story_call(s, (struct story_call){at, CLIENT, conn, fd, CALL_CONNECT, 0, -EINPROGRESS});
    struct story_seg syn = {.at = at, .from = CLIENT, .sport = port, .dport = 80, .conn = conn,
                            .peer_conn = 1, .flags = TCP_SYN, .why = SENT_SYN};
    story_segment(s, syn);
    nsec b = at + s->delay, c = b + s->delay, d = c + s->delay;
    story_sock(s, (struct story_sock){b, SERVER, peer, -1, KIND_TCP, story_end(SERVER, 80),
                                      story_end(CLIENT, port)});
    story_state(s, (struct story_state){b, SERVER, peer, TCP_LISTEN, TCP_SYN_RCVD, WHY_SYN});
    story_segment(s, (struct story_seg){
        .at = b, .from = SERVER, .sport = 80, .dport = port, .conn = peer, .peer_conn = conn,
        .ack = 1, .flags = TCP_SYN | TCP_ACK, .why = SENT_SYN_ACK});
    story_state(s, (struct story_state){c, CLIENT, conn, TCP_SYN_SENT, TCP_ESTABLISHED,
                                        WHY_SYN_ACK});
    story_call(s, (struct story_call){c, CLIENT, conn, fd, CALL_CONNECT, 0, 0});
    story_segment(s, (struct story_seg){
        .at = c, .from = CLIENT, .sport = port, .dport = 80, .conn = conn, .peer_conn = peer,
        .seq = 1, .ack = 1, .flags = TCP_ACK, .why = SENT_HANDSHAKE_ACK});
    story_state(s, (struct story_state){d, SERVER, peer, TCP_SYN_RCVD, TCP_ESTABLISHED,
                                        WHY_ACK_OF_SYN});
    story_tell(s, (struct trace_event){.at = d, .host = SERVER, .conn = peer,
                                       .type = TRACE_SOCK_FD, .sock_fd = {1, fd + 1, 1}});
    story_call(s, (struct story_call){d, SERVER, 1, 3, CALL_ACCEPT, 0, fd + 1});
}

// Two connections to one port; a lost segment on the second, and its retransmission.
static inline void story_two_connections(struct story *s)
{
    story_world(s);
    story_sock(s, (struct story_sock){0, SERVER, 1, 3, KIND_TCP, story_end(0, 80), {{0}, 0}});
    story_state(s, (struct story_state){0, SERVER, 1, TCP_CLOSED, TCP_LISTEN, WHY_USER_LISTEN});
    story_call(s, (struct story_call){0, SERVER, 1, 3, CALL_LISTEN, 4, 0});
    story_call(s, (struct story_call){0, SERVER, 1, 3, CALL_ACCEPT, 0, -EAGAIN});
    story_handshake(s, USEC(1), 49152, 1);
    story_handshake(s, USEC(46), 49153, 2);
    uint32_t mine[2] = {CLIENT, 2}, theirs[2] = {SERVER, 3};
    story_call(s, (struct story_call){USEC(96), CLIENT, 2, 4, CALL_WRITE, 1024, 1024});
    story_buf(s, USEC(96), mine, 1024, 0);
    struct story_seg data = {.at = USEC(96), .from = CLIENT, .sport = 49153, .dport = 80,
                             .conn = 2, .peer_conn = 3, .seq = 1, .ack = 1, .len = 512,
                             .flags = TCP_PSH | TCP_ACK, .why = SENT_DATA, .lost = true};
    story_segment(s, data);
    nsec again = MSEC(200) + USEC(96);
    story_tell(s, (struct trace_event){.at = again, .host = CLIENT, .conn = 2,
                                       .type = TRACE_TCP_TIMER,
                                       .tcp_timer = {TIMER_RTO, 1, again}});
    data.at = again, data.lost = false, data.why = SENT_RTO;
    story_segment(s, data);
    story_buf(s, again + s->delay, theirs, 0, 512);
    data.at = again + USEC(5), data.seq = 513, data.why = SENT_DATA;
    story_segment(s, data);
    story_segment(s, (struct story_seg){
        .at = again + s->delay, .from = SERVER, .sport = 80, .dport = 49153, .conn = 3,
        .peer_conn = 2, .seq = 1, .ack = 513, .flags = TCP_ACK, .why = SENT_ACK});
    story_call(s, (struct story_call){again + USEC(40), SERVER, 3, 5, CALL_READ, 4096, 1024});
}

#endif
