// idle_test.c - IDLE_CONNS=20000 connections that say nothing (100,000 in `make soak`): what each
// costs at either end, in the host's own account and in the process's, and that timers fire among
// them, once and in time.
#include <check.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#include "claims.h"
#include "net/host.h"
#include "sim/setting.h"
#include "stack.h"
#include "tcp/tcp.h"
#include "unit/family.h"

enum { CONNS = 20000, ASKING = 10000, BATCH = 500, PER_PORT = 20000, WARM = 200, KEEP_S = 100,
       MOST = 1024 };

struct told { struct trace_sink sink; uint64_t fired; };

struct world { struct host *h[2]; struct netif *n[2]; nsec now; struct told told;
               uint64_t asking; };

static void tell(struct trace_sink *sink, const struct trace_event *ev)
{
    struct told *t = (struct told *)(void *)sink;
    bool keepalive = ev->type == TRACE_TCP_TIMER && ev->tcp_timer.timer == TIMER_KEEPALIVE;
    t->fired += keepalive && ev->tcp_timer.fired;
}

static void world_open(struct world *w, uint32_t conns)
{
    memset(w, 0, sizeof *w);
    w->told.sink.emit = tell;
    w->now = SEC(1);
    for (unsigned i = 0; i < 2; i++) {
        w->h[i] = ng_host_new(&(struct ng_host_config){
            .name = i == 0 ? "a" : "b", .id = (uint16_t)(i + 1), .seed = i, .now = w->now,
            .trace = i == 0 ? &w->told.sink : NULL, .memory = (size_t)1 << 30,
            .sockets = conns + 1000});
        w->n[i] = ng_host_add_netif(w->h[i], &(struct ng_netif_config){
            .name = "eth0", .mac = {{2, 0, 0, 0, 0, (uint8_t)(i + 1)}}});
        struct addr a = family_addr((uint8_t)(i + 1));
        ck_assert_int_eq(ng_netif_add_addr(w->n[i], a, family_bits()), 0);
    }
}

static void world_settle(struct world *w)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (int i = 0; i < 2; i++) {
            ng_host_run(w->h[i], w->now);
            for (struct frame *f; (f = ng_netif_take(w->n[i])) != NULL; busy = true) {
                struct frame *copy = frame_copy(&w->h[!i]->pool, f);
                frame_free(f);
                ng_host_input(w->h[!i], w->n[!i], copy, w->now);
            }
            while (ng_host_ready(w->h[i]) != 0) {}
        }
    }
}

// Time goes on, from deadline to deadline.
static void pass(struct world *w, nsec how_long)
{
    for (nsec until = w->now + how_long; w->now < until;) {
        nsec a = ng_host_next(w->h[0]), b = ng_host_next(w->h[1]), next = a < b ? a : b;
        w->now = next > w->now && next < until ? next : until;
        world_settle(w);
    }
}

static ng_sock listen_at(struct world *w, uint16_t port)
{
    int error = 0;
    ng_sock s = ng_sock_open(w->h[1], 0, KIND_TCP, &error);
    struct endpoint any = {family_any(), port};
    ck_assert_int_eq(ng_sock_bind(w->h[1], s, &any), 0);
    ck_assert_int_eq(ng_sock_listen(w->h[1], s, 1000), 0);
    return s;
}

// n more connections, open at both ends; the first callers ask for keep-alive.
static void connect_some(struct world *w, ng_sock listener, uint16_t port, int n)
{
    int error = 0, on = 1;
    struct endpoint to = {family_addr(2), port}, from;
    for (int i = 0; i < n; i++) {
        ng_sock s = ng_sock_open(w->h[0], 0, KIND_TCP, &error);
        if (s == 0 || ng_sock_connect(w->h[0], s, &to) != -EINPROGRESS)
            ck_abort_msg("no connection: %d", error);
        if (w->asking == ASKING) continue;
        ng_sock_set(w->h[0], s, NG_SO_KEEPALIVE, &on, sizeof on);
        w->asking++;
    }
    world_settle(w);
    for (int i = 0; i < n; i++)
        if (ng_sock_accept(w->h[1], listener, &from, &error) == 0) ck_abort_msg("%d", error);
}

struct cost { size_t pool[2], heap; };

static struct cost cost_of(const struct world *w)
{
    struct mallinfo2 m = mallinfo2();
    return (struct cost){{w->h[0]->pool.used, w->h[1]->pool.used}, m.uordblks + m.hblkhd};
}

START_TEST(an_idle_connection_is_at_most_a_kilobyte)
{
    struct world w;
    int conns = setting("IDLE_CONNS", CONNS);
    world_open(&w, (uint32_t)conns + WARM);
    ck_assert_int_eq(ng_host_set(w.h[0], "net.ipv4.tcp_keepalive_time", "100"), 0);
    ng_sock listener = listen_at(&w, 80);
    connect_some(&w, listener, 80, 1);  // until the neighbours know each other
    connect_some(&w, listener, 80, WARM - 1);
    struct cost before = cost_of(&w);
    for (int done = 0; done < conns; done += BATCH) {
        uint16_t port = (uint16_t)(81 + done / PER_PORT);
        if (done % PER_PORT == 0) listener = listen_at(&w, port);
        int left = conns - done < BATCH ? conns - done : BATCH;
        connect_some(&w, listener, port, left);
        w.now += MSEC(1);
    }
    struct cost after = cost_of(&w);
    size_t each[2], heap = (after.heap - before.heap) / (2 * (size_t)conns);
    for (int i = 0; i < 2; i++) each[i] = (after.pool[i] - before.pool[i]) / (size_t)conns;
    printf("# %d connections: %zu bytes each at the caller, %zu at the server, %zu of the heap\n",
           conns, each[0], each[1], heap);
    fflush(stdout);
    ck_assert_uint_le(each[0], MOST);
    ck_assert_uint_le(each[1], MOST);
    ck_assert_uint_le(heap, MOST);

    // Once the deadlines of the handshakes are over, the server's ends want nothing ever; the
    // callers' ask once each when their time has come.
    pass(&w, SEC(10));
    ck_assert(ng_host_next(w.h[1]) == NEVER);
    ck_assert_uint_eq(w.told.fired, 0);
    while (w.told.fired < w.asking && w.now < SEC(2 * KEEP_S)) pass(&w, MSEC(1));
    ck_assert_uint_eq(w.told.fired, w.asking);
    ck_assert(w.now >= SEC(1 + KEEP_S));
    ck_assert_uint_eq(ng_host_counts(w.h[0])->sent[SENT_KEEPALIVE], w.asking);
    for (int i = 0; i < 2; i++) ng_host_free(w.h[i]);
}
END_TEST

static void tests(TCase *tc)
{
    tcase_set_timeout(tc, 300);
    tcase_add_test(tc, an_idle_connection_is_at_most_a_kilobyte);
}

int main(void)
{
    Suite *s = suite_create("idle");
    family_add(s, tests);
    return run_claims(s);
}
