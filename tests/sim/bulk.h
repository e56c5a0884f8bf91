// bulk.h - one connection that sends as much as it can over one cable, and an application on the
// other side that reads all of it and checks every byte. The sender is host 1, the reader host 2;
// they speak the `family` of unit/family.h, with segments of one size by both.
#ifndef BULK_H
#define BULK_H

#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "base/rng.h"
#include "base/text.h"
#include "core/trace.h"
#include "scenarios/sim/sim.h"
#include "unit/family.h"

enum { BULK_PERIOD = 65521, BULK_PART = 16384 };

// What the run told: enough to see how it was recovered.
struct bulk_log { struct trace_sink sink; uint64_t sent[SENTS], cwnds[CWND_WHYS];
                  uint64_t depths, depth_sum, depth_most; };  // of the sender's queue at the cable

struct bulk {
    struct sim     *s;
    struct link    *link;
    struct app      app[2];
    ng_sock         listener, sock[2];
    uint64_t        total, wrote, read;  // total: how much to send
    bool            shut, ended, broken, failed;
    uint8_t         pattern[BULK_PERIOD + BULK_PART];
    struct bulk_log log;
};

static inline void bulk_tell(struct trace_sink *sink, const struct trace_event *ev)
{
    struct bulk_log *l = (struct bulk_log *)(void *)sink;
    if (ev->type == TRACE_TCP_CWND && ev->host == 1) l->cwnds[ev->tcp_cwnd.why]++;
    if (ev->type == TRACE_TCP_SEGMENT && ev->tcp_segment.out && ev->host == 1)
        l->sent[ev->tcp_segment.why]++;
    if (ev->type == TRACE_LINK_QUEUE && ev->host == 1) {
        l->depths++;
        l->depth_sum += ev->link_queue.packets;
        if (l->depth_most < ev->link_queue.packets) l->depth_most = ev->link_queue.packets;
    }
    if (ev->type == TRACE_FRAME_STEP || getenv("NG_PRINT") == NULL) return;
    char line[512];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, ev);
    puts(line);
}

static inline void bulk_write(struct bulk *b)
{
    struct host *h = b->app[0].host;
    while (b->wrote < b->total) {
        uint64_t left = b->total - b->wrote;
        size_t n = left < BULK_PART ? (size_t)left : BULK_PART;
        ssize_t r = ng_sock_write(h, b->sock[0], b->pattern + b->wrote % BULK_PERIOD, n);
        if (r <= 0) {
            b->failed |= r != -EAGAIN;
            return;
        }
        b->wrote += (uint64_t)r;
    }
    if (!b->shut) b->failed |= ng_sock_shutdown(h, b->sock[0], NG_SHUT_WR) != 0;
    b->shut = true;
}

static inline void bulk_read(struct bulk *b)
{
    static uint8_t buf[BULK_PART];
    while (!b->ended) {
        ssize_t r = ng_sock_read(b->app[1].host, b->sock[1], buf, BULK_PART);
        if (r == -EAGAIN) return;
        b->ended = r <= 0;
        b->failed |= r < 0;
        if (r <= 0) return;
        b->broken |= memcmp(buf, b->pattern + b->read % BULK_PERIOD, (size_t)r) != 0;
        b->read += (uint64_t)r;
    }
}

static inline void bulk_sender_ready(struct app *a, ng_sock s, unsigned events)
{
    struct bulk *b = (struct bulk *)(void *)((char *)a - offsetof(struct bulk, app));
    if (s == b->sock[0] && (events & (NG_WRITABLE | NG_ERROR))) bulk_write(b);
}

static inline void bulk_reader_ready(struct app *a, ng_sock s, unsigned events)
{
    struct bulk *b = (struct bulk *)(void *)((char *)(a - 1) - offsetof(struct bulk, app));
    int error;
    (void)events;
    if (s == b->listener && b->sock[1] == 0)
        b->sock[1] = ng_sock_accept(a->host, s, NULL, &error);
    if (b->sock[1] != 0) bulk_read(b);
}

static inline void bulk_app_free(struct app *a) { (void)a; }

// Both directions get cfg, but only the sender's loses. The caller frees it with bulk_close.
static inline struct bulk *bulk_open(uint64_t seed, const struct link_config *cfg, const char *cc)
{
    struct bulk *b = calloc(1, sizeof *b);
    struct rng r;
    rng_seed(&r, 1);
    rng_fill(&r, b->pattern, BULK_PERIOD);
    memcpy(b->pattern + BULK_PERIOD, b->pattern, BULK_PART);
    b->log.sink.emit = bulk_tell;
    b->total = UINT64_MAX;
    b->s = sim_new(&(struct sim_config){.name = "bulk", .seed = seed, .trace = &b->log.sink});
    struct host *h[2];
    struct netif *n[2];
    for (uint32_t i = 0; i < 2; i++) {
        h[i] = sim_add_host(b->s, i == 0 ? "sender" : "reader");
        n[i] = sim_add_netif(b->s, h[i], family_addr((uint8_t)(i + 1)), family_bits());
        ck_assert_int_eq(ng_netif_set_mtu(n[i], family_mtu()), 0);
        b->app[i] = (struct app){.host = h[i], .id = ng_app_new(h[i], "bulk", false),
                                 .ready = i == 0 ? bulk_sender_ready : bulk_reader_ready,
                                 .free = bulk_app_free};
        apps_add(sim_apps(b->s), &b->app[i]);
    }
    b->link = sim_add_link(b->s, h[0], n[0], h[1], n[1]);
    struct link_config back = *cfg;
    back.loss_ppm = 0;
    link_set(b->link, LINK_A, cfg, 0);
    link_set(b->link, LINK_B, &back, 0);
    int error;
    struct endpoint any = {family_any(), 80}, to = {family_addr(2), 80};
    b->listener = ng_sock_open(h[1], b->app[1].id, KIND_TCP, &error);
    ck_assert_int_eq(ng_sock_bind(h[1], b->listener, &any), 0);
    ck_assert_int_eq(ng_sock_listen(h[1], b->listener, 5), 0);
    b->sock[0] = ng_sock_open(h[0], b->app[0].id, KIND_TCP, &error);
    if (cc != NULL)
        ck_assert_int_eq(ng_sock_set(h[0], b->sock[0], NG_TCP_CONGESTION, cc, strlen(cc)), 0);
    ck_assert_int_eq(ng_sock_connect(h[0], b->sock[0], &to), -EINPROGRESS);
    return b;
}

static inline void bulk_close(struct bulk *b)
{
    sim_free(b->s);
    free(b);
}

#endif
