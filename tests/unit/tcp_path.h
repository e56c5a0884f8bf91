// tcp_path.h - two hosts with a path between them that delays, loses, reorders and duplicates by a
// seed; and two applications' worth of helpers. Host 0 is 10.0.0.1 or fd00::1, host 1 is 10.0.0.2
// or fd00::2: path_open_with opens it for the family of the case (family.h), path_open_for for any.
//
// drop_at[d] names the frames of direction d (0: from host 0) to be lost, counted from 1 since the
// hosts met. Loss and the like are in ppm. Time passes only in path_run.
#ifndef TCP_PATH_H
#define TCP_PATH_H

#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/csum.h"
#include "base/rng.h"
#include "net/host.h"
#include "net/netif.h"
#include "stack.h"
#include "tcp/tcp.h"
#include "unit/family.h"

enum { PATH_FLYING = 8192, PATH_DROPS = 8 };

struct flying { struct frame *f; nsec at; uint64_t order; };

struct path_log {
    struct trace_sink sink;
    unsigned events[TRACE_TYPES], drops[DROPS], sent[SENTS], steps[STEPS], cwnds[CWND_WHYS];
    unsigned states[2][TCP_STATES], whys[TCP_WHYS], timers[TCP_TIMERS];
    bool     print;
};

struct path {
    uint8_t         family;
    struct host    *h[2];
    struct netif   *n[2];
    struct pool     pool;      // of frames in flight
    unsigned        flights[2], count[2];
    unsigned        drop_at[2][PATH_DROPS];
    unsigned        mark_from, mark_to;  // of direction 0: those that can be marked are
    nsec            now, delay;
    uint64_t        order;
    uint32_t        loss_ppm, dup_ppm, reorder_ppm;
    struct rng      rng;
    bool            down;
    bool          (*lose)(struct path *p, int from, const struct tcp_seg *seg, uint32_t len);
    struct path_log log;
    struct flying   flying[2][PATH_FLYING];  // last: large, and of no value but for flights[]
};

static inline void path_tell(struct trace_sink *sink, const struct trace_event *ev)
{
    struct path_log *l = (struct path_log *)(void *)sink;
    l->events[ev->type]++;
    if (ev->type == TRACE_FRAME_DROP) l->drops[ev->frame_drop.why]++;
    if (ev->type == TRACE_FRAME_STEP) l->steps[ev->frame_step.step]++;
    if (ev->type == TRACE_TCP_CWND) l->cwnds[ev->tcp_cwnd.why]++;
    if (ev->type == TRACE_TCP_SEGMENT && ev->tcp_segment.out) l->sent[ev->tcp_segment.why]++;
    if (ev->type == TRACE_TCP_TIMER && ev->tcp_timer.fired) l->timers[ev->tcp_timer.timer]++;
    if (ev->type == TRACE_TCP_STATE) {
        l->states[ev->host - 1][ev->tcp_state.to]++;
        l->whys[ev->tcp_state.why]++;
    }
    if (!l->print || ev->type == TRACE_FRAME_STEP) return;
    char line[512];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, ev);
    puts(line);
}

static inline struct addr path_addr(uint8_t of, int i)
{
    if (of == FAMILY_IP4) return addr_ip4(0x0a000001 + (uint32_t)i);
    return (struct addr){.family = FAMILY_IP6, .b = {0xfd, [15] = (uint8_t)(i + 1)}};
}

static inline struct endpoint path_end(const struct path *p, int i, uint16_t port)
{
    return (struct endpoint){path_addr(p->family, i), port};
}

static inline void path_open_for(struct path *p, uint8_t of, uint64_t seed, nsec delay,
                                 uint32_t offload)
{
    memset(p, 0, offsetof(struct path, flying));
    p->family = of;
    p->log.sink.emit = path_tell;
    p->log.print = getenv("NG_PRINT") != NULL;
    p->delay = delay;
    p->now = SEC(1);
    pool_init(&p->pool, 512u << 20);
    rng_seed(&p->rng, seed);
    for (unsigned i = 0; i < 2; i++) {
        p->h[i] = ng_host_new(&(struct ng_host_config){
            .name = i == 0 ? "a" : "b", .id = (uint16_t)(i + 1), .seed = seed * 2 + i,
            .now = p->now, .trace = &p->log.sink, .memory = 128u << 20});
        ck_assert_ptr_nonnull(p->h[i]);
        p->n[i] = ng_host_add_netif(p->h[i], &(struct ng_netif_config){
            .name = "eth0", .mac = {{2, 0, 0, 0, 0, (uint8_t)(i + 1)}}, .offload = offload});
        unsigned bits = of == FAMILY_IP4 ? 24 : 64;
        ck_assert_int_eq(ng_netif_add_addr(p->n[i], path_addr(of, (int)i), bits), 0);
    }
}

static inline void path_open_with(struct path *p, uint64_t seed, nsec delay, uint32_t offload)
{
    path_open_for(p, family, seed, delay, offload);
    for (int i = 0; i < 2; i++) ck_assert_int_eq(ng_netif_set_mtu(p->n[i], family_mtu()), 0);
}

static inline void path_close(struct path *p)
{
    for (int d = 0; d < 2; d++)
        for (unsigned i = 0; i < p->flights[d]; i++) frame_free(p->flying[d][i].f);
    for (int i = 0; i < 2; i++) ng_host_free(p->h[i]);  // CHECKs that no chunk is left
    pool_drain(&p->pool);
}

static inline struct path *path_new(uint64_t seed, nsec delay, uint32_t offload)
{
    struct path *p = malloc(sizeof *p);
    ck_assert_ptr_nonnull(p);
    path_open_with(p, seed, delay, offload);
    return p;
}

static inline void path_free(struct path *p)
{
    path_close(p);
    free(p);
}

// Where the TCP header of a frame lies, and where the frame ends; 0: it has none.
static inline size_t path_tcp(const struct frame *f, size_t *end)
{
    const uint8_t *b = frame_start(f);
    bool ip6 = get16(b + 12) == 0x86dd;
    if (!ip6 && get16(b + 12) != 0x0800) return 0;
    *end = ip6 ? 54u + get16(b + 18) : 14u + get16(b + 16);
    return b[ip6 ? 20 : 23] != 6 ? 0 : ip6 ? 54 : 34;
}

static inline bool path_is_lost(struct path *p, int d, const struct frame *f)
{
    struct tcp_seg seg;
    size_t end, at = path_tcp(f, &end);
    if (at == 0) return false;  // who asks for a neighbour is always heard
    p->count[d]++;
    for (int i = 0; i < PATH_DROPS; i++)
        if (p->drop_at[d][i] == p->count[d]) return true;
    if (p->lose != NULL && tcp_parse(&seg, frame_start(f) + at, f->len - at) == DROP_NONE
        && p->lose(p, d, &seg, (uint32_t)(end - at - seg.hdr_len)))
        return true;
    return p->down || (p->loss_ppm > 0 && rng_chance(&p->rng, p->loss_ppm));
}

static inline void path_put(struct path *p, int d, struct frame *f, nsec at)
{
    if (f == NULL || p->flights[d] == PATH_FLYING) {
        if (f != NULL) frame_free(f);
        return;
    }
    unsigned i = p->flights[d]++;
    for (; i > 0 && p->flying[d][i - 1].at > at; i--) p->flying[d][i] = p->flying[d][i - 1];
    p->flying[d][i] = (struct flying){f, at, ++p->order};
}

static inline void path_mark(struct path *p, int d, struct frame *f)
{
    uint8_t *b = frame_start(f);
    size_t end;
    bool ip6 = get16(b + 12) == 0x86dd;
    uint8_t both = ip6 ? 0x30 : 3;  // of the second byte of the header
    if (d != 0 || path_tcp(f, &end) == 0 || p->count[0] + 1 < p->mark_from
        || p->count[0] + 1 >= p->mark_to || (b[15] & both) == 0)
        return;
    b[15] |= both;
    if (ip6) return;
    put16(b + 24, 0);
    put16(b + 24, csum_field(csum_sum(b + 14, 20)));
}

// What host d has to send is on its way.
static inline bool path_take(struct path *p, int d)
{
    struct frame *f = ng_netif_take(p->n[d]);
    if (f == NULL) return false;
    struct frame *copy = frame_copy(&p->pool, f);
    frame_free(f);
    ck_assert_ptr_nonnull(copy);
    path_mark(p, d, copy);
    if (path_is_lost(p, d, copy)) {
        frame_free(copy);
        return true;
    }
    nsec at = p->now + p->delay;
    if (p->reorder_ppm > 0 && rng_chance(&p->rng, p->reorder_ppm))
        at += (nsec)rng_below(&p->rng, (uint64_t)p->delay + 1);
    if (p->dup_ppm > 0 && rng_chance(&p->rng, p->dup_ppm))
        path_put(p, d, frame_copy(&p->pool, copy), at + p->delay / 3);
    path_put(p, d, copy, at);
    return true;
}

static inline bool path_deliver(struct path *p, int d)
{
    if (p->flights[d] == 0 || p->flying[d][0].at > p->now) return false;
    struct frame *f = p->flying[d][0].f;
    memmove(p->flying[d], p->flying[d] + 1, --p->flights[d] * sizeof(struct flying));
    struct frame *copy = frame_copy(&p->h[!d]->pool, f);
    if (copy != NULL) ng_host_input(p->h[!d], p->n[!d], copy, p->now);
    frame_free(f);
    return true;
}

static inline void path_settle(struct path *p)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (int d = 0; d < 2; d++) {
            while (path_deliver(p, d)) busy = true;
            ng_host_run(p->h[d], p->now);
            while (path_take(p, d)) busy = p->delay == 0 || busy;
        }
    }
}

static inline nsec path_next(const struct path *p)
{
    nsec next = NEVER;
    for (int d = 0; d < 2; d++) {
        nsec at = ng_host_next(p->h[d]);
        if (at < next) next = at;
        if (p->flights[d] > 0 && p->flying[d][0].at < next) next = p->flying[d][0].at;
    }
    return next;
}

// One step of time, not beyond `until`. False: nothing is left to happen before it.
static inline bool path_step(struct path *p, nsec until)
{
    path_settle(p);
    nsec next = path_next(p);
    if (next > until) {
        if (until > p->now && until != NEVER) p->now = until;
        return false;
    }
    if (next > p->now) p->now = next;
    path_settle(p);
    return true;
}

static inline void path_run(struct path *p, nsec how_long)
{
    nsec until = p->now + how_long;
    while (path_step(p, until)) {}
    for (int d = 0; d < 2; d++) ng_host_run(p->h[d], p->now);
}

// --- applications ------------------------------------------------------------------------------

static inline ng_sock path_socket(struct path *p, int i)
{
    int error = 0;
    ng_sock s = ng_sock_open(p->h[i], 0, KIND_TCP, &error);
    ck_assert_msg(s != 0, "open: %d", error);
    return s;
}

static inline ng_sock path_listen(struct path *p, uint16_t port, int backlog)
{
    ng_sock s = path_socket(p, 1);
    struct endpoint any = {addr_any((enum family)p->family), port};
    ck_assert_int_eq(ng_sock_bind(p->h[1], s, &any), 0);
    ck_assert_int_eq(ng_sock_listen(p->h[1], s, backlog), 0);
    return s;
}

static inline ng_sock path_connect(struct path *p, uint16_t port)
{
    ng_sock s = path_socket(p, 0);
    struct endpoint to = path_end(p, 1, port);
    ck_assert_int_eq(ng_sock_connect(p->h[0], s, &to), -EINPROGRESS);
    return s;
}

static inline ng_sock path_accept(struct path *p, ng_sock listener)
{
    int error = 0;
    struct endpoint peer;
    return ng_sock_accept(p->h[1], listener, &peer, &error);
}

// An open connection: c[0] at host 0, c[1] accepted at host 1.
static inline ng_sock path_pair(struct path *p, ng_sock c[2])
{
    ng_sock listener = path_listen(p, 80, 8);
    c[0] = path_connect(p, 80);
    path_run(p, 8 * p->delay + MSEC(1));
    c[1] = path_accept(p, listener);
    ck_assert_msg(c[1] != 0, "no connection was accepted");
    return listener;
}

// The pattern from byte `at` on: PATH_PIECE bytes of it.
enum { PATH_PIECE = 8192, PATH_PERIOD = 65536 };
static inline const uint8_t *path_bytes(uint64_t at)
{
    static uint8_t bytes[PATH_PERIOD + PATH_PIECE];
    for (unsigned i = 0; bytes[sizeof bytes - 1] == 0; i++)
        bytes[i] = (uint8_t)(i * 131 + (i >> 8) * 17);
    return bytes + at % PATH_PERIOD;
}

// Host `from` writes `total` bytes of a pattern while the other reads; returns how many arrived
// intact by then. The reader is slow if `read_every` is not 0.
struct transfer { int from; ng_sock s[2]; uint64_t total, wrote, read; bool shut, ended, broken; };

static inline void transfer_write(struct path *p, struct transfer *x)
{
    while (x->wrote < x->total) {
        uint64_t left = x->total - x->wrote;
        size_t n = left < PATH_PIECE ? (size_t)left : PATH_PIECE;
        ssize_t did = ng_sock_write(p->h[x->from], x->s[x->from], path_bytes(x->wrote), n);
        if (did <= 0) return;
        x->wrote += (uint64_t)did;
    }
    if (x->shut) return;
    x->shut = ng_sock_shutdown(p->h[x->from], x->s[x->from], NG_SHUT_WR) == 0;
}

static inline void transfer_read(struct path *p, struct transfer *x)
{
    uint8_t buf[PATH_PIECE];
    ssize_t n;
    while ((n = ng_sock_read(p->h[!x->from], x->s[!x->from], buf, sizeof buf)) > 0) {
        if (memcmp(buf, path_bytes(x->read), (size_t)n) != 0) x->broken = true;
        x->read += (uint64_t)n;
    }
    if (n == 0) x->ended = true;
}

// Runs until the reader saw the end of the stream, or the time is over.
static inline bool transfer_run(struct path *p, struct transfer *x, nsec how_long)
{
    nsec until = p->now + how_long;
    do {
        transfer_write(p, x);
        transfer_read(p, x);
        if (x->ended || x->broken) break;
    } while (path_step(p, until));
    path_settle(p);
    return x->ended && !x->broken && x->read == x->total;
}

#endif
