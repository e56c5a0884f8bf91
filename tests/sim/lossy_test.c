// lossy_test.c - whole connections over bad links: every byte arrives, in order, once; nothing
// leaks; and time that passes costs nothing.
#include <check.h>
#include <errno.h>
#include <time.h>

#include "base/rng.h"
#include "claims.h"
#include "core/trace.h"
#include "scenarios/sim/sim.h"

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("seed %d: %s", seed, #cond); } while (0)

enum { MEGABYTE = 1 << 20, SEEDS = 100, PART = 16384 };

static int seed;

// One end of a connection: writes `size` bytes of a pattern, and checks the other end's pattern.
struct end {
    struct app app;
    ng_sock    listener, sock;
    uint32_t   salt, size;
    uint64_t   sent, got;
    bool       ended, done;
};

// The bytes of an endless stream from `at` on: PART of them. Its period is no multiple of anything.
static const uint8_t *pattern(uint32_t salt, uint64_t at)
{
    enum { PERIOD = 65521 };
    static uint8_t bytes[2][PERIOD + PART];
    if (bytes[0][0] == bytes[1][0]) {
        struct rng r;
        rng_seed(&r, 1);
        for (int i = 0; i < 2; i++) {
            rng_fill(&r, bytes[i], PERIOD);
            bytes[i][0] = (uint8_t)i;
            memcpy(bytes[i] + PERIOD, bytes[i], PART);
        }
    }
    return &bytes[salt][at % PERIOD];
}

static void write_some(struct end *e)
{
    while (e->sent < e->size) {
        size_t n = e->size - e->sent < PART ? (size_t)(e->size - e->sent) : PART;
        ssize_t r = ng_sock_write(e->app.host, e->sock, pattern(e->salt, e->sent), n);
        if (r == -EAGAIN) return;
        NEED(r > 0);
        e->sent += (uint64_t)r;
    }
    if (!e->ended) NEED(ng_sock_shutdown(e->app.host, e->sock, NG_SHUT_WR) == 0);
    e->ended = true;
}

static void read_some(struct end *e)
{
    static uint8_t buf[PART];
    while (!e->done) {
        ssize_t r = ng_sock_read(e->app.host, e->sock, buf, PART);
        if (r == -EAGAIN) return;
        NEED(r >= 0);
        NEED(memcmp(buf, pattern(!e->salt, e->got), (size_t)r) == 0);
        e->got += (uint64_t)r;
        e->done = r == 0;
    }
}

// Even seeds are worlds of IPv6.
static struct addr name(uint8_t last)
{
    if (seed % 2 != 0) return addr_ip4(0x0a000000u + last);
    return (struct addr){.family = FAMILY_IP6, .b = {0xfd, [15] = last}};
}

static void call(struct end *e)
{
    int error;
    struct endpoint to = {name(2), 80};
    e->sock = ng_sock_open(e->app.host, e->app.id, KIND_TCP, &error);
    NEED(ng_sock_connect(e->app.host, e->sock, &to) == -EINPROGRESS);
}

// Three questions for a MAC in a row may be lost: then the host seems unreachable, and a program
// that means it tries again.
static bool called_again(struct end *e)
{
    int error = 0;
    size_t n = sizeof error;
    if (ng_sock_get(e->app.host, e->sock, NG_SO_ERROR, &error, &n) < 0 || error != EHOSTUNREACH)
        return false;
    ng_sock_close(e->app.host, e->sock);
    call(e);
    return true;
}

static void on_ready(struct app *a, ng_sock sock, unsigned events)
{
    struct end *e = LIST_ENTRY(a, struct end, app);
    if ((events & NG_ERROR) && called_again(e)) return;
    if (sock == e->listener) {
        int error;
        e->sock = ng_sock_accept(a->host, sock, NULL, &error);
        events = ng_sock_events(a->host, e->sock);
    }
    if (e->sock == 0 || !(events & NG_CONNECTED)) return;
    write_some(e);
    read_some(e);
}

static void on_free(struct app *a) { (void)a; }

static void end_init(struct end *e, struct sim *s, struct host *h, uint32_t salt, uint32_t size)
{
    *e = (struct end){.salt = salt, .size = size};
    e->app = (struct app){.host = h, .id = ng_app_new(h, "end", false), .ready = on_ready,
                          .free = on_free};
    apps_add(sim_apps(s), &e->app);
}

struct world { struct sim *s; struct link *link; struct end client, server; };

// Two hosts, a cable, and a connection that is about to open.
static void world_open(struct world *w, struct link_config cfg, uint32_t size)
{
    w->s = sim_new(&(struct sim_config){.name = "lossy", .seed = (uint64_t)seed});
    struct host *h[2];
    struct netif *n[2];
    for (uint8_t i = 0; i < 2; i++) {
        h[i] = sim_add_host(w->s, i == 0 ? "client" : "server");
        n[i] = sim_add_netif(w->s, h[i], name(i + 1), seed % 2 != 0 ? 24 : 64);
    }
    w->link = sim_add_link(w->s, h[0], n[0], h[1], n[1]);
    for (int i = 0; i < 2; i++) link_set(w->link, (enum link_end)i, &cfg, 0);
    end_init(&w->client, w->s, h[0], 0, size);
    end_init(&w->server, w->s, h[1], 1, size);

    int error;
    struct endpoint any = {addr_any((enum family)name(1).family), 80};
    w->server.listener = ng_sock_open(h[1], w->server.app.id, KIND_TCP, &error);
    NEED(ng_sock_bind(h[1], w->server.listener, &any) == 0);
    NEED(ng_sock_listen(h[1], w->server.listener, 5) == 0);
    call(&w->client);
}

static bool world_done(const struct world *w) { return w->client.done && w->server.done; }

// What the promise of a second is worth in builds that are made to be slow.
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
enum { SECONDS = 20 };
#else
enum { SECONDS = 1 };
#endif

static double cpu_seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static const struct link_config bad = {.rate_bps = 100000000, .delay = MSEC(1),
                                       .loss_ppm = 200000};

START_TEST(a_megabyte_each_way_survives_a_fifth_lost)
{
    struct world w;
    seed = _i + 1;
    world_open(&w, bad, MEGABYTE);
    while (!world_done(&w) && sim_now(w.s) < SEC(1200)) sim_run(w.s, sim_now(w.s) + SEC(1));
    NEED(world_done(&w));
    NEED(w.client.got == MEGABYTE && w.server.got == MEGABYTE);
    sim_free(w.s);  // and no frame and no chunk is out: the pools CHECK it
}
END_TEST

static const struct { const char *what; struct link_config cfg; } worse[] = {
    {"reordering", {.rate_bps = 100000000, .delay = MSEC(5), .reorder_ppm = 300000}},
    {"jitter", {.rate_bps = 100000000, .delay = MSEC(1), .jitter = MSEC(10)}},
    {"duplicates", {.rate_bps = 100000000, .delay = MSEC(1), .duplicate_ppm = 300000}},
    {"damage", {.rate_bps = 100000000, .delay = MSEC(1), .corrupt_ppm = 50000}},
    {"a short queue", {.rate_bps = 10000000, .delay = MSEC(20), .queue_packets = 5}},
    {"all of it", {.rate_bps = 50000000, .delay = MSEC(10), .jitter = MSEC(2), .loss_ppm = 50000,
                   .reorder_ppm = 50000, .duplicate_ppm = 50000, .corrupt_ppm = 20000,
                   .queue_packets = 50}},
};

START_TEST(bytes_survive_what_else_links_do)
{
    for (seed = 1; seed <= 5; seed++) {
        struct world w;
        world_open(&w, worse[_i].cfg, MEGABYTE / 4);
        sim_run(w.s, SEC(600));
        ck_assert_msg(world_done(&w), "%s, seed %d", worse[_i].what, seed);
        NEED(w.client.got == MEGABYTE / 4 && w.server.got == MEGABYTE / 4);
        sim_free(w.s);
    }
}
END_TEST

START_TEST(two_idle_hours_take_no_time)
{
    struct world w;
    seed = 1 + _i;
    world_open(&w, (struct link_config){.rate_bps = 100000000, .delay = MSEC(1)}, 0);
    w.client.size = w.server.size = 1000;
    w.client.ended = w.server.ended = true;  // they stay connected
    double began = cpu_seconds();
    sim_run(w.s, SEC(7200));
    ck_assert(cpu_seconds() - began < SECONDS);
    ck_assert_uint_eq(w.client.got, 1000);
    ck_assert_uint_eq(w.server.got, 1000);
    ck_assert(ng_sock_events(w.client.app.host, w.client.sock) & NG_CONNECTED);
    ck_assert_int_eq(sim_now(w.s), SEC(7200));
    sim_free(w.s);
}
END_TEST

START_TEST(ten_lossy_seconds_take_less_than_one)
{
    struct world w;
    seed = 1 + _i;
    struct link_config cfg = {.rate_bps = 100000000, .delay = MSEC(1), .loss_ppm = 10000};
    world_open(&w, cfg, UINT32_MAX);
    double began = cpu_seconds();
    sim_run(w.s, SEC(10));
    double took = cpu_seconds() - began;
    ck_assert_msg(took < SECONDS, "%.2f s", took);
    ck_assert_uint_gt(w.server.got, MEGABYTE);
    sim_free(w.s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lossy");
    TCase *c = tcase_create("lossy");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, a_megabyte_each_way_survives_a_fifth_lost, 0, SEEDS);
    tcase_add_loop_test(c, bytes_survive_what_else_links_do, 0, ARRAY_LEN(worse));
    tcase_add_loop_test(c, two_idle_hours_take_no_time, 0, 2);
    tcase_add_loop_test(c, ten_lossy_seconds_take_less_than_one, 0, 2);
    suite_add_tcase(s, c);
    return run_claims(s);
}
