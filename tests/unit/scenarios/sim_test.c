// sim_test.c - the calendar, and hosts that meet in it.
#include <check.h>

#include "base/hash.h"
#include "claims.h"
#include "core/trace.h"
#include "scenarios/sim/sim.h"

enum { TRACE_TEXT = 512 };

// A sink that sums up all it hears, and keeps the instants of some.
struct ear {
    struct trace_sink sink;
    struct hash_key   key;
    uint64_t          digest, events, order;
    nsec              at;
    uint64_t          lost_on_1, lost_on_2;  // which frames link 1 and link 2 lost, as a digest
    unsigned          types[TRACE_TYPES];
};

static struct ear ear;

static void hear(struct trace_sink *sink, const struct trace_event *ev)
{
    struct ear *e = (struct ear *)(void *)sink;
    char line[TRACE_TEXT];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, ev);
    e->digest = hash_bytes(&e->key, line, t.len) + e->digest * 31;
    ck_assert_msg(ev->at >= e->at, "time goes back: %s", line);
    e->at = ev->at;
    e->events++;
    e->types[ev->type]++;
    if (ev->type == TRACE_LINK_DROP) {
        uint64_t *lost = ev->link_drop.link == 1 ? &e->lost_on_1 : &e->lost_on_2;
        *lost = *lost * 31 + (uint64_t)ev->link_drop.when;
    }
}

static struct sim *make(uint64_t seed)
{
    memset(&ear, 0, sizeof ear);
    ear.sink.emit = hear;
    struct sim *s = sim_new(&(struct sim_config){.name = "test", .seed = seed, .trace = &ear.sink,
                                                 .events = 1000000});
    ck_assert_ptr_nonnull(s);
    return s;
}

struct pair { struct host *h[2]; struct link *link; };

static struct addr ip(uint32_t last) { return addr_ip4(0x0a000000 + last); }

static struct pair join(struct sim *s, uint32_t net, struct link_config cfg)
{
    struct pair p;
    struct netif *n[2];
    for (uint32_t i = 0; i < 2; i++) {
        p.h[i] = sim_add_host(s, i == 0 ? "left" : "right");
        ck_assert_ptr_nonnull(p.h[i]);
        n[i] = sim_add_netif(s, p.h[i], ip(net * 256 + i + 1), 24);
        ck_assert_ptr_nonnull(n[i]);
    }
    p.link = sim_add_link(s, p.h[0], n[0], p.h[1], n[1]);
    ck_assert_ptr_nonnull(p.link);
    for (int i = 0; i < 2; i++) link_set(p.link, (enum link_end)i, &cfg, sim_now(s));
    return p;
}

// --- the calendar ----------------------------------------------------------------------------

struct mark { int *next; int order; nsec at; struct sim *s; };

static void mark(void *self)
{
    struct mark *m = self;
    m->order = (*m->next)++;
    m->at = sim_now(m->s);
}

START_TEST(timers_fire_in_time_and_then_in_the_order_they_were_set)
{
    struct sim *s = make(1);
    static const nsec at[] = {30, 10, 20, 10, 10};
    static const int order[] = {4, 0, 3, 1, 2};
    struct mark m[5];
    int next = 0;
    for (int i = 0; i < 5; i++) {
        m[i] = (struct mark){&next, -1, -1, s};
        ck_assert_uint_ne(sim_at(s, at[i], mark, &m[i]), 0);
    }
    ck_assert_int_eq(sim_next(s), 10);
    sim_run(s, 100);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(m[i].order, order[i]);
        ck_assert_int_eq(m[i].at, at[i]);
    }
    ck_assert_int_eq(sim_now(s), 100);
    sim_free(s);
}
END_TEST

START_TEST(a_cancelled_timer_is_silent)
{
    struct sim *s = make(1);
    int next = 0;
    struct mark a = {&next, -1, -1, s}, b = a;
    uint64_t id = sim_at(s, 10, mark, &a);
    sim_at(s, 20, mark, &b);
    sim_cancel(s, id);
    sim_cancel(s, id + 100);
    sim_run(s, 15);
    ck_assert_int_eq(sim_now(s), 15);
    sim_run(s, NEVER);
    ck_assert_int_eq(a.order, -1);
    ck_assert_int_eq(b.order, 0);
    ck_assert_int_eq(sim_now(s), 20);  // where the last thing happened
    sim_free(s);
}
END_TEST

static void stop(void *self) { sim_stop(self); }

static void again(void *self)
{
    struct sim *s = self;
    sim_at(s, sim_now(s), again, s);
}

START_TEST(a_run_can_be_stopped_and_goes_on)
{
    struct sim *s = make(1);
    int next = 0;
    struct mark m = {&next, -1, -1, s};
    sim_at(s, 10, stop, s);
    sim_at(s, 20, mark, &m);
    sim_run(s, 100);
    ck_assert_int_eq(sim_now(s), 10);
    sim_run(s, 100);
    ck_assert_int_eq(m.at, 20);
    ck_assert(!sim_tired(s));
    sim_free(s);
}
END_TEST

START_TEST(a_world_that_never_rests_is_stopped)
{
    struct sim *s = make(1);
    sim_at(s, 5, again, s);
    sim_run(s, 100);
    ck_assert(sim_tired(s));
    ck_assert_int_eq(sim_now(s), 5);
    sim_free(s);
}
END_TEST

// --- hosts -----------------------------------------------------------------------------------

// Sends back what it gets; and a client that counts what comes back.
struct echo { struct app app; ng_sock sock; unsigned got; bool server, freed; struct sim *s; };

static void echo_ready(struct app *a, ng_sock sock, unsigned events)
{
    struct echo *e = LIST_ENTRY(a, struct echo, app);
    uint8_t buf[100];
    struct endpoint from;
    ck_assert_uint_eq(sock, e->sock);
    if (!(events & NG_READABLE)) return;
    ssize_t n;
    while ((n = ng_sock_recvfrom(a->host, sock, buf, sizeof buf, &from)) >= 0) {
        e->got++;
        if (e->server) ng_sock_sendto(a->host, sock, buf, (size_t)n, &from);
    }
}

static void echo_free(struct app *a) { LIST_ENTRY(a, struct echo, app)->freed = true; }

static void echo_open(struct echo *e, struct sim *s, struct host *h, uint16_t port)
{
    int error;
    *e = (struct echo){.server = port == 7, .s = s};
    e->app = (struct app){.host = h, .id = ng_app_new(h, "echo", false), .ready = echo_ready,
                          .free = echo_free};
    apps_add(sim_apps(s), &e->app);
    e->sock = ng_sock_open(h, e->app.id, KIND_UDP, &error);
    ck_assert_uint_ne(e->sock, 0);
    struct endpoint any = {addr_any(FAMILY_IP4), port};
    ck_assert_int_eq(ng_sock_bind(h, e->sock, &any), 0);
}

static void ping(void *self)
{
    struct echo *e = self;
    struct endpoint to = {ip(2), 7};
    sim_touch(e->s, e->app.host);
    ng_sock_sendto(e->app.host, e->sock, "ping", 4, &to);
}

START_TEST(a_datagram_goes_there_and_back)
{
    struct sim *s = make(1);
    struct pair p = join(s, 0, (struct link_config){.delay = MSEC(10)});
    struct echo client, server;
    echo_open(&server, s, p.h[1], 7);
    echo_open(&client, s, p.h[0], 1000);
    ping(&client);
    sim_run(s, MSEC(39));
    ck_assert_uint_eq(client.got, 0);  // ARP goes first: two round trips
    sim_run(s, MSEC(41));
    ck_assert_uint_eq(server.got, 1);
    ck_assert_uint_eq(client.got, 1);
    ck_assert_uint_gt(ear.types[TRACE_LINK_FLY], 3);
    sim_free(s);
    ck_assert(client.freed && server.freed);
}
END_TEST

START_TEST(apps_are_told_until_nothing_is_left_to_tell)
{
    struct sim *s = make(1);
    struct pair p = join(s, 0, (struct link_config){.delay = MSEC(1)});
    struct echo server;
    echo_open(&server, s, p.h[1], 7);
    sim_run(s, 0);
    ck_assert(!apps_dispatch(sim_apps(s), p.h[1]));
    struct endpoint self = {ip(2), 7};
    server.server = false;
    ng_sock_sendto(p.h[1], server.sock, "x", 1, &self);
    ng_host_run(p.h[1], sim_now(s));
    ck_assert(apps_dispatch(sim_apps(s), p.h[1]));
    ck_assert_uint_eq(server.got, 1);
    ck_assert(!apps_dispatch(sim_apps(s), p.h[1]));
    sim_free(s);
}
END_TEST

START_TEST(a_touched_host_lives_in_the_present)
{
    struct sim *s = make(1);
    struct pair p = join(s, 0, (struct link_config){.delay = MSEC(1)});
    struct echo client, server;
    echo_open(&server, s, p.h[1], 7);
    echo_open(&client, s, p.h[0], 1000);
    sim_at(s, SEC(5), ping, &client);  // the hosts have slept for five seconds
    sim_run(s, SEC(6));
    ck_assert_uint_eq(client.got, 1);  // and hear() saw no time go back
    sim_free(s);
}
END_TEST

// --- chance ----------------------------------------------------------------------------------

// A run of many pings over a lossy link, with another pair of hosts beside it or not.
static uint64_t lossy(uint64_t seed, bool neighbours)
{
    struct sim *s = make(seed);
    struct pair p = join(s, 0, (struct link_config){.delay = MSEC(1), .loss_ppm = 300000});
    if (neighbours) join(s, 1, (struct link_config){.delay = MSEC(1), .loss_ppm = 300000});
    struct echo client, server;
    echo_open(&server, s, p.h[1], 7);
    echo_open(&client, s, p.h[0], 1000);
    for (int i = 0; i < 50; i++) sim_at(s, MSEC(10 * i), ping, &client);
    sim_run(s, SEC(10));
    uint64_t digest = ear.digest;
    sim_free(s);
    return digest;
}

START_TEST(equal_seeds_give_equal_runs)
{
    uint64_t a = lossy(5, false), luck = ear.lost_on_1;
    ck_assert_uint_eq(lossy(5, false), a);
    ck_assert_uint_ne(lossy(6, false), a);
    ck_assert_uint_ne(ear.lost_on_1, luck);
}
END_TEST

START_TEST(a_links_luck_is_its_own)
{
    lossy(5, false);
    uint64_t luck = ear.lost_on_1;
    lossy(5, true);
    ck_assert_uint_eq(ear.lost_on_1, luck);
}
END_TEST

// --- the world outside -----------------------------------------------------------------------

static const struct mac our_mac = {{2, 0, 0, 0, 0, 1}}, kernel_mac = {{2, 0, 0, 0, 0, 2}};

static struct sim_tap *add_tap(struct sim *s, struct host **h)
{
    *h = sim_add_host(s, "netglass");
    struct netif *n = sim_add_device(s, *h, &(struct ng_netif_config){
        .name = "tap0", .mac = our_mac, .mtu = 1500});
    ck_assert_ptr_nonnull(n);
    ck_assert_int_eq(ng_netif_add_addr(n, ip(1), 24), 0);
    struct sim_tap *t = sim_add_tap(s, *h, n);
    ck_assert_ptr_nonnull(t);
    return t;
}

// The kernel asks who has our address.
static struct frame *ask(struct host *h)
{
    static const uint8_t request[] = {
        255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
        2, 0, 0, 0, 0, 2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
    struct frame *f = ng_host_frame(h, sizeof request);
    memcpy(frame_start(f), request, sizeof request);
    return f;
}

static bool answers(struct sim_tap *t)
{
    struct frame *f = sim_tap_take(t);
    if (f == NULL) return false;
    bool ours = f->len >= 42 && memcmp(frame_start(f), kernel_mac.b, 6) == 0
        && memcmp(frame_start(f) + 6, our_mac.b, 6) == 0 && frame_start(f)[21] == 2;
    frame_free(f);
    return ours && sim_tap_take(t) == NULL;
}

START_TEST(a_tap_without_a_link_is_a_short_path)
{
    struct sim *s = make(1);
    struct host *h;
    struct sim_tap *t = add_tap(s, &h);
    sim_run(s, SEC(1));
    sim_tap_input(t, ask(h));
    sim_run(s, SEC(1));  // no time passes
    ck_assert(answers(t));
    ck_assert_uint_eq(ear.types[TRACE_LINK_NEW] + ear.types[TRACE_LINK_FLY], 0);
    ck_assert_uint_eq(ear.types[TRACE_HOST_NEW], 1);
    sim_free(s);
}
END_TEST

START_TEST(a_link_before_a_tap_takes_its_time)
{
    struct sim *s = make(1);
    struct host *h;
    struct sim_tap *t = add_tap(s, &h);
    struct link *l = sim_tap_link(t, &(struct tapnode_config){
        .name = "kernel", .netif = "tap0", .mac = kernel_mac, .mtu = 1500, .addr = {{ip(2), 24}},
        .addrs = 1});
    ck_assert_ptr_nonnull(l);
    for (int i = 0; i < 2; i++)
        link_set(l, (enum link_end)i, &(struct link_config){.delay = MSEC(10)}, 0);
    sim_run(s, SEC(1));
    sim_tap_input(t, ask(h));
    ck_assert_int_eq(sim_next(s), SEC(1) + MSEC(10));
    sim_run(s, SEC(1) + MSEC(20) - 1);
    ck_assert_ptr_null(sim_tap_take(t));
    sim_run(s, SEC(1) + MSEC(20));
    ck_assert(answers(t));
    ck_assert_uint_eq(ear.types[TRACE_HOST_NEW], 2);  // the kernel takes part in the story
    ck_assert_uint_eq(ear.types[TRACE_FRAME_TX], 2);
    ck_assert_uint_eq(ear.types[TRACE_FRAME_RX], 2);
    ck_assert_uint_eq(ear.types[TRACE_LINK_FLY], 2);
    sim_tap_input(t, ask(h));
    sim_run(s, SEC(1) + MSEC(45));
    sim_free(s);  // with a frame that nobody took
}
END_TEST

START_TEST(a_secret_changes_the_hosts_and_not_the_luck_of_links)
{
    uint64_t drop = 0;
    for (uint64_t secret = 1; secret <= 2; secret++) {
        memset(&ear, 0, sizeof ear);
        ear.sink.emit = hear;
        struct sim *s = sim_new(&(struct sim_config){
            .name = "test", .seed = 3, .secret = secret, .trace = &ear.sink, .now = SEC(5)});
        struct pair p = join(s, 0, (struct link_config){.loss_ppm = 500000});
        struct echo client;
        echo_open(&client, s, p.h[0], 1000);
        for (int i = 0; i < 50; i++) sim_at(s, SEC(6) + MSEC(10 * i), ping, &client);
        sim_run(s, SEC(8));
        ck_assert_uint_gt(ear.types[TRACE_LINK_DROP], 0);
        ck_assert(secret == 1 || drop == ear.lost_on_1);
        drop = ear.lost_on_1;
        sim_free(s);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sim");
    TCase *c = tcase_create("sim");
    tcase_add_test(c, timers_fire_in_time_and_then_in_the_order_they_were_set);
    tcase_add_test(c, a_cancelled_timer_is_silent);
    tcase_add_test(c, a_run_can_be_stopped_and_goes_on);
    tcase_add_test(c, a_world_that_never_rests_is_stopped);
    tcase_add_test(c, a_datagram_goes_there_and_back);
    tcase_add_test(c, apps_are_told_until_nothing_is_left_to_tell);
    tcase_add_test(c, a_touched_host_lives_in_the_present);
    tcase_add_test(c, equal_seeds_give_equal_runs);
    tcase_add_test(c, a_links_luck_is_its_own);
    tcase_add_test(c, a_tap_without_a_link_is_a_short_path);
    tcase_add_test(c, a_link_before_a_tap_takes_its_time);
    tcase_add_test(c, a_secret_changes_the_hosts_and_not_the_luck_of_links);
    suite_add_tcase(s, c);
    return run_claims(s);
}
