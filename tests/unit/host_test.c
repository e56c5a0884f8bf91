// host_test.c - the doors of a host: time, frames, timers, ids; and that it ends without a trace.
#include "claims.h"
#include "unit/thorough.h"
#include "net/ip.h"
#include "unit/family.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "unit/aborts.h"

#define ANY family_any()
#define HERE family_addr(1)
#define THERE family_addr(2)

static void open_pair(struct wire_pair *p)
{
    pair_open(p, 0);
    if (family == FAMILY_IP6) pair_ip6(p);
}

START_TEST(a_host_tells_of_itself_once)
{
    static struct log log;
    log_init(&log);
    struct host *h = ng_host_new(&(struct ng_host_config){.id = 3, .now = 5, .trace = &log.sink});
    ck_assert_uint_eq(log.events[TRACE_HOST_NEW], 1);
    ck_assert_uint_eq(log.last[TRACE_HOST_NEW].host, 3);
    ck_assert_int_eq(log.last[TRACE_HOST_NEW].at, 5);
    ck_assert_mem_eq(log.last[TRACE_HOST_NEW].host_new.name.p, "host", 4);
    ck_assert_int_eq(ng_host_next(h), NEVER);
    ck_assert_uint_eq(ng_host_ready(h), 0);
    ng_host_run(h, 6);
    ng_host_free(h);
    ng_host_free(NULL);
    uint64_t told = 0;
    for (int i = 0; i < TRACE_TYPES; i++) told += log.events[i];
    ck_assert_uint_eq(told, 1);  // and its end is silent
}
END_TEST

START_TEST(settings_are_a_hosts_own)
{
    struct host *a = ng_host_new(&(struct ng_host_config){0});
    struct host *b = ng_host_new(&(struct ng_host_config){0});
    char v[8];
    ck_assert_int_eq(ng_host_set(a, "net.ipv4.ip_default_ttl", "9"), 0);
    ck_assert_int_eq(ng_host_get(b, "net.ipv4.ip_default_ttl", v, sizeof v), 0);
    ck_assert_str_eq(v, "64");
    ck_assert_int_eq(ng_host_get(a, "net.ipv4.ip_default_ttl", v, sizeof v), 0);
    ck_assert_str_eq(v, "9");
    ng_host_free(a);
    ng_host_free(b);
}
END_TEST

START_TEST(time_never_goes_back)
{
    struct host *h = ng_host_new(&(struct ng_host_config){.now = SEC(2)});
    ck_assert_aborts(ng_host_run(h, SEC(1)));
    ng_host_free(h);
}
END_TEST

START_TEST(frames_keep_their_ids_across_hosts)
{
    static struct wire_pair p;
    open_pair(&p);
    ng_sock in = bound_udp(&p, 1, ANY, 7), out = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(THERE, 7);
    ng_sock_sendto(p.h[0], out, "x", 1, &to);
    pair_settle(&p);
    uint64_t id = p.log.last_a[TRACE_FRAME_TX].frame_tx.frame;
    ck_assert_uint_eq(id >> 40, 1);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_RX].frame_rx.frame, id);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_STEP].frame_step.frame, id);
    ck_assert_int_eq(p.log.last[TRACE_FRAME_STEP].frame_step.step, STEP_UDP_SOCKET);
    ck_assert_uint_ne(p.log.last_a[TRACE_FRAME_TX].conn, 0);
    char c;
    ck_assert_int_eq(ng_sock_read(p.h[1], in, &c, 1), 1);
    pair_close(&p);
}
END_TEST

START_TEST(a_driver_may_drop_and_is_counted)
{
    static struct wire_pair p;
    pair_open(&p, 0);
    ng_netif_drop(p.n[0], ng_host_frame(p.h[0], 10), DROP_LINK_DOWN);
    ck_assert_uint_eq(ng_host_drops(p.h[0], DROP_LINK_DOWN), 1);
    ck_assert_uint_eq(ng_host_drops(p.h[0], DROPS), 0);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_DROP].frame_drop.len, 10);
    ck_assert_ptr_null(ng_host_frame(p.h[0], FRAME_MAX + 1));
    pair_close(&p);
}
END_TEST

START_TEST(an_echo_that_answers_itself_does_not_hold_the_host)
{
    static struct wire_pair p;
    open_pair(&p);
    ng_sock s = bound_udp(&p, 0, ANY, 7);
    struct endpoint me = at(HERE, 7);
    // An echo server that got a datagram from itself: each turn is one run, and the host says now.
    ng_sock_sendto(p.h[0], s, "x", 1, &me);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(ng_host_next(p.h[0]), p.now);
        ng_host_run(p.h[0], p.now);
        char c;
        ck_assert_int_eq(ng_sock_recvfrom(p.h[0], s, &c, 1, &me), 1);
        ng_sock_sendto(p.h[0], s, &c, 1, &me);
    }
    pair_close(&p);
}
END_TEST

START_TEST(a_trace_sees_no_more_than_it_wants)
{
    static struct wire_pair p;
    pair_open(&p, 0);
    p.log.sink.snap = 20;
    pair_inject(&p, 0, "0123456789012345678901234567890123456789", 40);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_RX].frame_rx.len, 40);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_RX].frame_rx.data.len, 20);
    p.log.sink.snap = 0;
    pair_inject(&p, 0, "0123456789012345678901234567890123456789", 40);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_RX].frame_rx.data.len, 0);
    pair_close(&p);
}
END_TEST

// --- one seed, one run -------------------------------------------------------------------------

struct digest { struct trace_sink sink; uint64_t sum; };

static void digest_emit(struct trace_sink *sink, const struct trace_event *ev)
{
    struct digest *d = (struct digest *)(void *)sink;
    static uint8_t buf[4096];
    size_t len = trace_encode(ev, buf, sizeof buf);
    for (size_t i = 0; i < len; i++) d->sum = (d->sum ^ buf[i]) * 0x100000001b3;
}

static uint64_t run_with_seed(uint64_t seed)
{
    struct digest d = {.sink = {.emit = digest_emit, .snap = 1600}, .sum = 1};
    struct host *h = ng_host_new(&(struct ng_host_config){.id = 1, .seed = seed, .trace = &d.sink});
    ng_sock in = open_sock(h, KIND_UDP), out = open_sock(h, KIND_UDP);
    struct endpoint name = at(ANY, 7), to = at(ip_loopback(family), 7);
    ng_sock_bind(h, in, &name);
    for (int i = 0; i < 10; i++) {
        ng_sock_sendto(h, out, "x", 1, &to);
        ng_host_run(h, i);
    }
    ng_host_free(h);
    return d.sum;
}

START_TEST(equal_seeds_give_equal_runs)
{
    ck_assert(run_with_seed(1) == run_with_seed(1));
    ck_assert(run_with_seed(1) != run_with_seed(2));
}
END_TEST

// --- memory ------------------------------------------------------------------------------------

// A stream from a to b, as far as it gets.
struct stream { ng_sock listener, out, in; };

static void stream_open(struct wire_pair *p, struct stream *s)
{
    int error;
    struct endpoint name = at(ANY, 80), to = at(THERE, 80);
    s->listener = ng_sock_open(p->h[1], 0, KIND_TCP, &error);
    ng_sock_bind(p->h[1], s->listener, &name);
    ng_sock_listen(p->h[1], s->listener, 2);
    s->out = ng_sock_open(p->h[0], 0, KIND_TCP, &error);
    s->in = 0;
    ng_sock_connect(p->h[0], s->out, &to);
}

static void stream_turn(struct wire_pair *p, struct stream *s)
{
    static char buf[5000];
    int error;
    if (s->in == 0) s->in = ng_sock_accept(p->h[1], s->listener, NULL, &error);
    ng_sock_write(p->h[0], s->out, buf, sizeof buf);
    ssize_t n = ng_sock_read(p->h[1], s->in, buf, sizeof buf);
    if (n > 0) ng_sock_write(p->h[1], s->in, buf, (size_t)n);
    ng_sock_read(p->h[0], s->out, buf, sizeof buf);
}

static struct packet a_ping(void)
{
    struct packet k = packet_of("ping", 4);
    if (family == FAMILY_IP4) {
        packet_icmp4(&k, &(struct icmp4_message){.type = ICMP4_ECHO});
        packet_ip4(&k, (struct ip4_packet){.src = HERE, .dst = THERE, .proto = IP_PROTO_ICMP4});
    } else {
        packet_icmp6(&k, &(struct icmp6_message){.type = ICMP6_ECHO}, HERE, THERE);
        packet_ip6(&k, (struct ip6_packet){.src = HERE, .dst = THERE, .proto = IP_PROTO_ICMP6});
    }
    packet_eth(&k, (struct mac){{2, 0, 0, 0, 0, 2}}, (struct mac){{2, 0, 0, 0, 0, 1}},
               family == FAMILY_IP4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6);
    return k;
}

// A little of everything, with the n-th allocation of one host failing. pair_close CHECKs that
// nothing is lost; that nobody crashed is the other half of the claim.
static bool life_with_failure(int who, int n)
{
    static struct wire_pair p;
    open_pair(&p);
    p.h[who]->pool.fail_in = n;
    struct stream stream;
    stream_open(&p, &stream);
    struct endpoint b = at(THERE, 7), closed = at(THERE, 4242), me = at(HERE, 7), from;
    ng_sock in[2], out;
    int error;
    for (int i = 0; i < 2; i++) {
        in[i] = ng_sock_open(p.h[i], ng_app_new(p.h[i], "x", true), KIND_UDP, &error);
        struct endpoint name = at(ANY, 7);
        ng_sock_bind(p.h[i], in[i], &name);
    }
    out = ng_sock_open(p.h[0], 0, KIND_UDP, &error);
    ng_sock_sendto(p.h[0], out, "x", 1, &b);
    ng_sock_sendto(p.h[0], out, "y", 1, &me);
    ng_sock_sendto(p.h[0], out, "z", 1, &closed);
    struct packet k = a_ping();
    struct frame *f = ng_host_frame(p.h[1], k.len);
    if (f != NULL) {
        memcpy(frame_start(f), packet_bytes(&k), k.len);
        ng_host_input(p.h[1], p.n[1], f, p.now);
    }
    for (int turn = 0; turn < 20; turn++) {
        for (int i = 0; i < 2; i++) {
            ng_host_run(p.h[i], p.now);
            for (struct frame *t; (t = ng_netif_take(p.n[i])) != NULL; frame_free(t)) {
                struct frame *there = frame_copy(&p.h[!i]->pool, t);
                if (there != NULL) ng_host_input(p.h[!i], p.n[!i], there, p.now);
            }
            char c;
            ng_sock_recvfrom(p.h[i], in[i], &c, 1, &from);
        }
        stream_turn(&p, &stream);
        p.now += MSEC(500);
    }
    bool reached = p.h[who]->pool.fail_in < 0;
    pair_close(&p);
    return reached;
}

START_TEST(any_allocation_may_fail)
{
    int n = 1;
    while (life_with_failure(_i, n)) n += n < 40 ? 1 : every(8);
    ck_assert_int_gt(n, 10);
}
END_TEST

START_TEST(a_host_without_memory_refuses_all)
{
    ck_assert_ptr_null(ng_host_new(&(struct ng_host_config){.memory = 1}));
    struct host *h = ng_host_new(&(struct ng_host_config){0});
    int error;
    h->pool.limit = 1;
    ck_assert_uint_eq(ng_sock_open(h, 0, KIND_UDP, &error), 0);
    ck_assert_int_eq(error, -ENOBUFS);
    ck_assert_ptr_null(ng_host_frame(h, 1));
    ng_host_free(h);
}
END_TEST

static void by_family(TCase *c)
{
    tcase_add_test(c, frames_keep_their_ids_across_hosts);
    tcase_add_test(c, an_echo_that_answers_itself_does_not_hold_the_host);
    tcase_add_test(c, equal_seeds_give_equal_runs);
    tcase_add_loop_test(c, any_allocation_may_fail, 0, 2);
}

int main(void)
{
    Suite *s = suite_create("host");
    TCase *c = tcase_create("host");
    tcase_add_test(c, a_host_tells_of_itself_once);
    tcase_add_test(c, settings_are_a_hosts_own);
    tcase_add_test(c, time_never_goes_back);
    tcase_add_test(c, a_driver_may_drop_and_is_counted);
    tcase_add_test(c, a_trace_sees_no_more_than_it_wants);
    tcase_add_test(c, a_host_without_memory_refuses_all);
    suite_add_tcase(s, c);
    family_add(s, by_family);
    return run_claims(s);
}
