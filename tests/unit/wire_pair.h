// wire_pair.h - two hosts on one cable, with no simulator between: what one takes, the other gets.
//
// Hosts are "a" (10.0.0.1/24) and "b" (10.0.0.2/24). pair_settle() carries frames until both are
// quiet; pair_until() also lets time pass, from deadline to deadline. The log counts all that is
// told, and keeps the frames that were sent.
#ifndef WIRE_PAIR_H
#define WIRE_PAIR_H

#include <check.h>
#include <errno.h>

#include "net/host.h"
#include "net/netif.h"
#include "stack.h"

enum { SEEN_MAX = 256, SEEN_BYTES = 1600 };

struct seen {
    uint16_t  host, netif, gso;
    enum sent why;
    uint64_t  id;
    uint32_t  len, conn;
    uint8_t   data[SEEN_BYTES];
};

struct log {
    struct trace_sink  sink;
    unsigned           events[TRACE_TYPES], drops[DROPS], steps[STEPS], sent[SENTS];
    struct trace_event last[TRACE_TYPES];     // of either host
    struct trace_event last_a[TRACE_TYPES];   // of host a
    struct seen        seen[SEEN_MAX];
    unsigned           seen_count;
};

static inline void log_emit(struct trace_sink *sink, const struct trace_event *ev)
{
    struct log *l = (struct log *)(void *)sink;
    l->events[ev->type]++;
    l->last[ev->type] = *ev;
    if (ev->host == 1) l->last_a[ev->type] = *ev;
    if (ev->type == TRACE_FRAME_DROP) l->drops[ev->frame_drop.why]++;
    if (ev->type == TRACE_FRAME_STEP) l->steps[ev->frame_step.step]++;
    if (ev->type != TRACE_FRAME_TX) return;
    const struct trace_frame_tx_event *tx = &ev->frame_tx;
    l->sent[tx->why]++;
    if (l->seen_count == SEEN_MAX) return;
    struct seen *s = &l->seen[l->seen_count++];
    *s = (struct seen){.host = ev->host, .netif = ev->netif, .gso = tx->gso, .why = tx->why,
                       .id = tx->frame, .len = tx->len, .conn = ev->conn};
    memcpy(s->data, tx->data.p, tx->data.len < SEEN_BYTES ? tx->data.len : SEEN_BYTES);
}

static inline void log_init(struct log *l)
{
    memset(l, 0, sizeof *l);
    l->sink.emit = log_emit;
    l->sink.snap = SEEN_BYTES;
}

// How many frames host a or b sent for this reason.
static inline unsigned log_sent(const struct log *l, uint16_t host, enum sent why)
{
    unsigned n = 0;
    for (unsigned i = 0; i < l->seen_count; i++)
        n += l->seen[i].host == host && l->seen[i].why == why;
    return n;
}

struct wire_pair {
    struct host  *h[2];
    struct netif *n[2];
    struct log    log;
    nsec          now;
    bool          down;  // the cable swallows everything
};

#define ADDR_A addr_ip4(0x0a000001)
#define ADDR_B addr_ip4(0x0a000002)

// fd00::1 and fd00::2, which pair_ip6 gives them.
static inline struct addr addr6(const char *text)
{
    struct addr a;
    ck_assert_msg(addr_parse(&a, text), "%s", text);
    return a;
}
#define ADDR6_A addr6("fd00::1")
#define ADDR6_B addr6("fd00::2")

static inline struct endpoint at(struct addr a, uint16_t port)
{
    return (struct endpoint){a, port};
}

static inline void pair_open(struct wire_pair *p, uint32_t offload)
{
    memset(p, 0, sizeof *p);
    log_init(&p->log);
    p->now = SEC(1);
    for (unsigned i = 0; i < 2; i++) {
        p->h[i] = ng_host_new(&(struct ng_host_config){
            .name = i == 0 ? "a" : "b", .id = (uint16_t)(i + 1), .seed = 7 + i, .now = p->now,
            .trace = &p->log.sink, .memory = 64 << 20});
        ck_assert_ptr_nonnull(p->h[i]);
        p->n[i] = ng_host_add_netif(p->h[i], &(struct ng_netif_config){
            .name = "eth0", .mac = {{2, 0, 0, 0, 0, (uint8_t)(i + 1)}}, .offload = offload});
        ck_assert_ptr_nonnull(p->n[i]);
        ck_assert_int_eq(ng_netif_add_addr(p->n[i], i == 0 ? ADDR_A : ADDR_B, 24), 0);
    }
}

static inline void pair_ip6(struct wire_pair *p)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(ng_netif_add_addr(p->n[i], i == 0 ? ADDR6_A : ADDR6_B, 64), 0);
}

static inline void pair_set(struct wire_pair *p, const char *name, const char *value)
{
    for (int i = 0; i < 2; i++) ck_assert_int_eq(ng_host_set(p->h[i], name, value), 0);
}

static inline void pair_close(struct wire_pair *p)
{
    for (int i = 0; i < 2; i++) ng_host_free(p->h[i]);  // CHECKs that no chunk is left
}

static inline bool pair_carry(struct wire_pair *p, int from)
{
    struct frame *f = ng_netif_take(p->n[from]);
    if (f == NULL) return false;
    struct frame *there = p->down ? NULL : frame_copy(&p->h[!from]->pool, f);
    frame_free(f);
    if (there != NULL) ng_host_input(p->h[!from], p->n[!from], there, p->now);
    return true;
}

static inline void pair_settle(struct wire_pair *p)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (int i = 0; i < 2; i++) {
            ng_host_run(p->h[i], p->now);
            while (pair_carry(p, i)) busy = true;
        }
    }
}

static inline void pair_until(struct wire_pair *p, nsec when)
{
    for (;;) {
        pair_settle(p);
        nsec a = ng_host_next(p->h[0]), b = ng_host_next(p->h[1]);
        nsec next = a < b ? a : b;
        if (next > when) break;
        if (next > p->now) p->now = next;
    }
    p->now = when;
    pair_settle(p);
}

// Bytes as if they came from the cable.
static inline void pair_inject(struct wire_pair *p, int to, const void *bytes, size_t len)
{
    struct frame *f = ng_host_frame(p->h[to], len);
    ck_assert_ptr_nonnull(f);
    if (len > 0) memcpy(frame_start(f), bytes, len);
    ng_host_input(p->h[to], p->n[to], f, p->now);
}

static inline ng_sock open_sock(struct host *h, enum sock_kind kind)
{
    int error;
    ng_sock s = ng_sock_open(h, 0, kind, &error);
    ck_assert_msg(s != 0, "open: %d", error);
    return s;
}

// A UDP socket of host i with a name.
static inline ng_sock bound_udp(struct wire_pair *p, int i, struct addr a, uint16_t port)
{
    ng_sock s = open_sock(p->h[i], KIND_UDP);
    struct endpoint name = at(a, port);
    ck_assert_int_eq(ng_sock_bind(p->h[i], s, &name), 0);
    return s;
}

// Lets both learn the other's MAC, with a datagram nobody reads.
static inline void pair_meet_by(struct wire_pair *p, struct addr b)
{
    ng_sock s = open_sock(p->h[0], KIND_UDP);
    ng_sock there = bound_udp(p, 1, b, 9);
    struct endpoint to = at(b, 9);
    ck_assert_int_eq(ng_sock_sendto(p->h[0], s, "x", 1, &to), 1);
    pair_settle(p);
    ng_sock_close(p->h[0], s);
    ng_sock_close(p->h[1], there);
    while (ng_host_ready(p->h[0]) != 0 || ng_host_ready(p->h[1]) != 0) {}
    memset(p->log.events, 0, sizeof p->log.events);
    memset(p->log.drops, 0, sizeof p->log.drops);
    memset(p->log.steps, 0, sizeof p->log.steps);
    memset(p->log.sent, 0, sizeof p->log.sent);
    p->log.seen_count = 0;
}

static inline void pair_meet(struct wire_pair *p) { pair_meet_by(p, ADDR_B); }

#endif
