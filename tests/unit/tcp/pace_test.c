// pace_test.c - when paced segments leave, to the nanosecond, and what rate samples say.
#include "claims.h"
#include "unit/tcp_far.h"

enum { SENDS = 64 };

static void bound(struct peer *p, uint32_t rate)
{
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
}

// Runs for so long; when each segment left, since now, in microseconds.
static unsigned departures(struct peer *p, nsec how_long, int64_t us[SENDS])
{
    nsec from = p->now, until = p->now + how_long;
    unsigned n = 0;
    p->outs = 0;
    for (nsec next; (next = ng_host_next(p->h)) <= until;) {
        if (next > p->now) p->now = next;
        peer_collect(p);
        for (; n < p->outs && n < SENDS; n++) us[n] = (p->now - from) / USEC(1);
    }
    p->now = until;
    return n;
}

// 146 kB/s is a segment each 10 ms. Ten leave unpaced; who comes late catches up on half of an
// interval, once.
START_TEST(departures_are_exact)
{
    struct peer *p = far_peer(true, false);
    bound(p, 146000);
    send(p, 40 * MSS);
    ck_assert_uint_eq(p->outs, 10);
    peer_wait(p, MSEC(50));
    ck_assert_uint_eq(p->outs, 10);  // cwnd holds
    ack(p, 1 + 2 * MSS);
    ck_assert_uint_eq(p->outs, 1);
    int64_t us[SENDS];
    ck_assert_uint_eq(departures(p, MSEC(40), us), 3);
    ck_assert_int_eq(us[0], 5000);
    ck_assert_int_eq(us[1], 15000);
    ck_assert_int_eq(us[2], 25000);
    ck_assert_uint_eq(info_of(p).max_pacing_rate, 146000);
    ck_assert_uint_eq(info_of(p).pacing_rate, 146000);
    ck_assert_uint_gt(p->log.events[TRACE_TCP_RATE], 0);
    peer_free(p);
}
END_TEST

// Linux's fq: all are paced, at twice cwnd a round trip in slow start, at 1.2 after it.
static const struct { const char *cut, *ratio; unsigned percent; } ratios[] = {
    {NULL, NULL, 200}, {"1", NULL, 120}, {NULL, "300", 300}, {"1", "150", 150},
};

START_TEST(fq_paces_by_cwnd_and_round_trip)
{
    struct peer *p = far_peer(true, false);
    bool cut = ratios[_i].cut != NULL;
    const char *name = cut ? "net.ipv4.tcp_pacing_ca_ratio" : "net.ipv4.tcp_pacing_ss_ratio";
    ck_assert_int_eq(ng_host_set(p->h, "net.core.default_qdisc", "fq"), 0);
    if (ratios[_i].ratio != NULL) ck_assert_int_eq(ng_host_set(p->h, name, ratios[_i].ratio), 0);
    send(p, 80 * MSS);
    setting_is(p, "net.ipv4.tcp_frto", "0");
    if (cut) {  // an RTO: slow start ends at 7 segments
        peer_wait(p, MSEC(600));
        for (uint32_t i = 1; i <= 10; i++) ack(p, 1 + i * MSS);
    }
    struct ng_tcp_info i = info_of(p);
    uint64_t window = i.cwnd > i.unacked ? i.cwnd : i.unacked;
    uint64_t rate = window * ratios[_i].percent / 100 * 1000000 / (uint64_t)(i.srtt / 1000);
    if (cut) ck_assert_uint_ge(i.cwnd, i.ssthresh / 2);
    ck_assert_uint_eq(i.pacing_rate, rate);
    ck_assert_uint_eq(i.max_pacing_rate, UINT64_MAX);
    if (!cut) {
        peer_wait(p, MSEC(50));
        ack(p, 1 + 4 * MSS);
        int64_t us[SENDS];
        ck_assert_uint_eq(p->outs, 1);
        ck_assert_uint_eq(departures(p, MSEC(40), us), 7);
        int64_t each = (int64_t)(MSS * 1000000ull / info_of(p).pacing_rate);
        ck_assert_int_ge(us[2] - us[1], each - 1);
        ck_assert_int_le(us[2] - us[1], each + 1);
    }
    peer_free(p);
}
END_TEST

START_TEST(else_nothing_is_paced)
{
    struct peer *p = far_peer(true, false);
    send(p, 40 * MSS);
    peer_wait(p, MSEC(50));
    ack(p, 1 + 4 * MSS);
    ck_assert_uint_eq(p->outs, 8);
    ck_assert_uint_eq(p->log.events[TRACE_TCP_RATE], 0);
    ck_assert_int_eq(ng_host_set(p->h, "net.core.default_qdisc", "fq_codel"), -EINVAL);
    char name[16];
    ck_assert_int_eq(ng_host_get(p->h, "net.core.default_qdisc", name, sizeof name), 0);
    ck_assert_str_eq(name, "pfifo_fast");
    peer_free(p);
}
END_TEST

// An ACK of what comes in does not wait for our bytes' turn, nor does a timeout's retransmission.
START_TEST(acks_and_timeouts_do_not_wait)
{
    struct peer *p = far_peer(true, false);
    bound(p, 1460);  // a segment a second
    send(p, 40 * MSS);
    ck_assert_uint_eq(p->outs, 10);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1 + 5 * MSS, .len = 10);
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 1 + 5 * MSS, .len = 10);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].len, 0);
    ck_assert_uint_eq(p->out[0].ack, 21);
    p->outs = 0;
    peer_wait(p, MSEC(650));
    unsigned again = 0;
    for (unsigned i = 0; i < p->outs; i++) again += p->out[i].why == SENT_RTO;
    ck_assert_uint_eq(again, 1);
    peer_free(p);
}
END_TEST

// A cork and a pause of pacing are two waits.
START_TEST(a_cork_waits_beside)
{
    struct peer *p = far_peer(true, false);
    int on = 1;
    bound(p, 146000);
    send(p, 11 * MSS);
    ng_sock_set(p->h, p->s, NG_TCP_CORK, &on, sizeof on);
    send(p, 100);
    ack(p, 1 + 10 * MSS);
    int64_t us[SENDS];
    ck_assert_uint_eq(p->outs + departures(p, MSEC(150), us), 1);
    ck_assert_uint_eq(departures(p, MSEC(160), us), 1);  // an RTO later
    ck_assert_uint_eq(p->out[0].len, 100);
    peer_free(p);
}
END_TEST

START_TEST(the_bound_is_of_four_bytes_or_eight)
{
    struct peer *p = far_peer(true, false);
    uint64_t big = 1ull << 33, got;
    size_t n = sizeof got;
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_SO_MAX_PACING_RATE, &big, sizeof big), 0);
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_MAX_PACING_RATE, &got, &n), 0);
    ck_assert_uint_eq(got, big);
    uint32_t small;
    n = sizeof small;
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_MAX_PACING_RATE, &small, &n), 0);
    ck_assert_uint_eq(small, UINT32_MAX);
    bound(p, UINT32_MAX);
    ck_assert_uint_eq(info_of(p).max_pacing_rate, UINT64_MAX);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_SO_MAX_PACING_RATE, &small, 2), -EINVAL);
    peer_free(p);
}
END_TEST

START_TEST(a_child_is_bound_as_its_listener)
{
    struct peer p;
    peer_open(&p);
    ng_sock l = peer_listener(&p, 5);
    uint32_t rate = 9000;
    ck_assert_int_eq(ng_sock_set(p.h, l, NG_SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
    SAY(&p, .flags = TCP_SYN, .opts = peer_opts(&p));
    SAY(&p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    int error;
    p.s = ng_sock_accept(p.h, l, NULL, &error);
    ck_assert_uint_ne(p.s, 0);
    ck_assert_uint_eq(info_of(&p).max_pacing_rate, 9000);
    peer_close(&p);
}
END_TEST

// --- rate samples ------------------------------------------------------------------------------

// Ten segments in a flight of 100 ms are 146 kB/s. What is sent by an application that has no more
// says so, and does not count unless it was faster.
START_TEST(delivery_is_measured)
{
    struct peer *p = far_peer(true, false);
    ck_assert_uint_eq(info_of(p).delivery_rate, 0);
    send(p, 60 * MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 10 * MSS);
    ck_assert_uint_eq(info_of(p).delivery_rate, 146000);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 30 * MSS);  // 20 at once: a heap, of which the sending took as long as a round trip
    ck_assert_uint_eq(info_of(p).delivery_rate, 292000);
    ck_assert(!info_of(p).delivery_rate_app_limited);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 60 * MSS);
    ck_assert_uint_eq(info_of(p).delivery_rate, 438000);
    peer_free(p);
}
END_TEST

// ACKs that come close together claim no more than was sent in that time: two segments in 211 ms.
START_TEST(sending_took_its_time_too)
{
    struct peer *p = far_peer(true, false);
    send(p, MSS);
    peer_wait(p, MSEC(200));
    send(p, MSS);
    peer_wait(p, MSEC(10));
    ack(p, 1 + MSS);
    peer_wait(p, MSEC(1));
    send(p, MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 3 * MSS);
    ck_assert_uint_eq(info_of(p).delivery_rate, 2 * MSS * 1000 / 211);
    peer_free(p);
}
END_TEST

START_TEST(a_slow_application_is_no_slow_path)
{
    struct peer *p = far_peer(true, false);
    send(p, 10 * MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 10 * MSS);
    ck_assert_uint_eq(info_of(p).delivery_rate, 146000);
    send(p, MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 11 * MSS);
    ck_assert_uint_eq(info_of(p).delivery_rate, 146000);
    send(p, 20 * MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 31 * MSS);  // limited too, but faster
    ck_assert_uint_ge(info_of(p).delivery_rate, 160000);
    ck_assert(info_of(p).delivery_rate_app_limited);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, departures_are_exact);
    tcase_add_loop_test(tc, fq_paces_by_cwnd_and_round_trip, 0, (int)ARRAY_LEN(ratios));
    tcase_add_test(tc, else_nothing_is_paced);
    tcase_add_test(tc, acks_and_timeouts_do_not_wait);
    tcase_add_test(tc, a_cork_waits_beside);
    tcase_add_test(tc, the_bound_is_of_four_bytes_or_eight);
    tcase_add_test(tc, a_child_is_bound_as_its_listener);
    tcase_add_test(tc, delivery_is_measured);
    tcase_add_test(tc, sending_took_its_time_too);
    tcase_add_test(tc, a_slow_application_is_no_slow_path);
}

int main(void)
{
    Suite *s = suite_create("pace");
    family_add(s, add_tests);
    return run_claims(s);
}
