// cc_test.c - congestion control as arithmetic: one ACK in, a window out.
#include <check.h>

#include "claims.h"
#include "tcp/cc.h"

enum { MSS = 1000 };

static struct cc_state fresh(const struct cc *cc, uint32_t cwnd, uint32_t ssthresh)
{
    struct cc_state s = {.cwnd = cwnd, .ssthresh = ssthresh, .mss = MSS};
    cc->init(&s);
    return s;
}

static enum cwnd_why ack(const struct cc *cc, struct cc_state *s, uint32_t acked, nsec now)
{
    return cc->acked(s, &(struct cc_ack){.now = now, .acked = acked, .srtt = MSEC(50),
                                         .rtt = MSEC(50), .limited = true});
}

// A round trip at full window, an ACK for two segments.
static void round_trip(const struct cc *cc, struct cc_state *s, nsec now)
{
    uint32_t flight = s->cwnd;
    for (uint32_t at = 0; at + 2 * MSS <= flight; at += 2 * MSS) ack(cc, s, 2 * MSS, now);
}

// RFC 6928 §2.
static const struct { uint32_t mss, window; } initial[] = {
    {536, 5360}, {1460, 14600}, {1448, 14480}, {4312, 14600}, {9000, 18000},
};

START_TEST(initial_window)
{
    ck_assert_uint_eq(cc_initial_window(initial[_i].mss), initial[_i].window);
}
END_TEST

START_TEST(names_are_found)
{
    ck_assert_ptr_eq(cc_find("newreno"), &cc_newreno);
    ck_assert_ptr_eq(cc_find("reno"), &cc_newreno);
    ck_assert_ptr_eq(cc_find("cubic"), &cc_cubic);
    ck_assert_ptr_eq(cc_find("bbr"), &cc_bbr);
    ck_assert_ptr_eq(cc_find("vegas"), &cc_vegas);
    ck_assert_ptr_null(cc_find("nonesuch"));
}
END_TEST

// RFC 5681 §3.1: no more than one segment an ACK, however much it covers.
START_TEST(newreno_slow_start_adds_a_segment_an_ack)
{
    struct cc_state s = fresh(&cc_newreno, 10 * MSS, UINT32_MAX);
    ck_assert_int_eq(ack(&cc_newreno, &s, 5 * MSS, 0), CWND_SLOW_START);
    ck_assert_uint_eq(s.cwnd, 11 * MSS);
    ack(&cc_newreno, &s, 10, 0);  // and no more than was acknowledged: splitting gains nothing
    ck_assert_uint_eq(s.cwnd, 11 * MSS + 10);
}
END_TEST

START_TEST(newreno_avoidance_adds_a_segment_a_round)
{
    struct cc_state s = fresh(&cc_newreno, 10 * MSS, 5 * MSS);
    round_trip(&cc_newreno, &s, 0);
    ck_assert_uint_eq(s.cwnd, 11 * MSS);
    for (int i = 0; i < 10; i++) round_trip(&cc_newreno, &s, 0);
    ck_assert_uint_ge(s.cwnd, 20 * MSS);
    ck_assert_uint_le(s.cwnd, 21 * MSS);
    s = fresh(&cc_newreno, 10 * MSS, 10 * MSS);  // where both are the same, either way will do
    round_trip(&cc_newreno, &s, 0);
    ck_assert_uint_eq(s.cwnd, 11 * MSS);
}
END_TEST

START_TEST(newreno_halves)
{
    struct cc_state s = fresh(&cc_newreno, 10 * MSS, 5 * MSS);
    ck_assert_uint_eq(cc_newreno.ssthresh(&s, 10 * MSS), 5 * MSS);
    ck_assert_uint_eq(cc_newreno.ssthresh(&s, 3 * MSS), 2 * MSS);  // two segments at least
}
END_TEST

START_TEST(unused_window_does_not_grow)
{
    const struct cc *all[] = {&cc_newreno, &cc_cubic};
    struct cc_state s = fresh(all[_i], 10 * MSS, 5 * MSS);
    for (int i = 0; i < 100; i++)
        all[_i]->acked(&s, &(struct cc_ack){.now = SEC(i), .acked = MSS, .srtt = MSEC(50)});
    ck_assert_uint_eq(s.cwnd, 10 * MSS);
}
END_TEST

START_TEST(cubic_cuts_to_seven_tenths)
{
    struct cc_state s = fresh(&cc_cubic, 10 * MSS, UINT32_MAX);
    ck_assert_uint_eq(cc_cubic.ssthresh(&s, 10 * MSS), 7 * MSS);
    ck_assert_uint_eq(s.cubic.w_max, 10 * MSS);
}
END_TEST

// RFC 9438 §4.7: a second loss below the last maximum gives up some of it to others.
START_TEST(cubic_converges_fast)
{
    struct cc_state s = fresh(&cc_cubic, 100 * MSS, UINT32_MAX);
    s.cwnd = cc_cubic.ssthresh(&s, s.cwnd);
    cc_cubic.ssthresh(&s, s.cwnd);
    ck_assert_uint_eq(s.cubic.w_max, 70 * MSS * 17 / 20);
}
END_TEST

// K seconds after a loss the window is back at its maximum, flat there, and then grows beyond.
// K = cbrt(W_max * 0.3 / 0.4): 100 segments give 4.217 s.
START_TEST(cubic_returns_to_its_maximum_after_k)
{
    struct cc_state s = fresh(&cc_cubic, 100 * MSS, UINT32_MAX);
    s.ssthresh = s.cwnd = cc_cubic.ssthresh(&s, s.cwnd);
    nsec rtt = MSEC(200), now = 0;  // long, so that Reno is slower
    for (; now < MSEC(4200); now += rtt) round_trip(&cc_cubic, &s, now);
    ck_assert_uint_ge(s.cubic.k_ms, 4200);
    ck_assert_uint_le(s.cubic.k_ms, 4230);
    ck_assert_uint_ge(s.cwnd, 98 * MSS);
    ck_assert_uint_le(s.cwnd, 101 * MSS);
    for (; now < MSEC(8400); now += rtt) round_trip(&cc_cubic, &s, now);
    ck_assert_uint_ge(s.cwnd, 120 * MSS);  // C * 4.18^3 = 29 segments above
    ck_assert_uint_le(s.cwnd, 132 * MSS);
}
END_TEST

// On a short path Reno would be faster, and CUBIC keeps up with it (§4.3).
START_TEST(cubic_is_no_slower_than_reno)
{
    struct cc_state s = fresh(&cc_cubic, 20 * MSS, UINT32_MAX);
    s.ssthresh = s.cwnd = cc_cubic.ssthresh(&s, s.cwnd);
    for (nsec now = 0; now < MSEC(100); now += MSEC(1)) round_trip(&cc_cubic, &s, now);
    ck_assert_uint_ge(s.cwnd, 14 * MSS + 100 * MSS * 50 / 100);
}
END_TEST

// RFC 9406: round trips that rise by an eighth end slow start, after five slower rounds.
START_TEST(hystart_leaves_slow_start_as_delay_rises)
{
    struct cc_state s = fresh(&cc_cubic, 100 * MSS, UINT32_MAX);
    struct seq una = {0};
    nsec rtt = MSEC(40);
    int rounds = 0;
    for (; s.ssthresh == UINT32_MAX && rounds < 30; rounds++) {
        struct seq nxt = seq_add(una, 20 * MSS);
        for (; seq_lt(una, nxt); una = seq_add(una, MSS))
            cc_cubic.acked(&s, &(struct cc_ack){.now = MSEC(rounds * 50), .acked = MSS, .rtt = rtt,
                .srtt = rtt, .una = una, .nxt = nxt, .limited = true});
        if (rounds >= 3) rtt += MSEC(6);
    }
    ck_assert_int_ge(rounds, 8);
    ck_assert_int_le(rounds, 12);
}
END_TEST

// A round of 20 ACKs at this round trip; how many segments the window grew.
static uint32_t hystart_round(struct cc_state *s, struct seq *una, nsec rtt)
{
    uint32_t before = s->cwnd;
    for (int i = 0; i < 20; i++) {
        *una = seq_add(*una, MSS);
        cc_cubic.acked(s, &(struct cc_ack){.acked = MSS, .rtt = rtt, .srtt = rtt, .una = *una,
                                           .nxt = seq_add(*una, 20 * MSS), .limited = true});
    }
    return (s->cwnd - before) / MSS;
}

// RFC 9406 §4.2: while it is in doubt, a quarter of the pace. If the delay falls below what it was
// when the doubt began, that is over, and slow start goes on.
START_TEST(hystart_forgives_a_passing_delay)
{
    struct cc_state s = fresh(&cc_cubic, 100 * MSS, UINT32_MAX);
    struct seq una = {0};
    for (int i = 0; i < 3; i++) ck_assert_uint_eq(hystart_round(&s, &una, MSEC(40)), 20);
    hystart_round(&s, &una, MSEC(50));
    for (int i = 0; i < 2; i++) ck_assert_uint_eq(hystart_round(&s, &una, MSEC(51)), 5);
    hystart_round(&s, &una, MSEC(41));
    for (int i = 0; i < 10; i++) ck_assert_uint_eq(hystart_round(&s, &una, MSEC(41)), 20);
    ck_assert_uint_eq(s.ssthresh, UINT32_MAX);
}
END_TEST

START_TEST(hystart_does_not_mind_a_steady_delay)
{
    struct cc_state s = fresh(&cc_cubic, 100 * MSS, UINT32_MAX);
    struct seq una = {0};
    for (int i = 0; i < 30; i++) {
        struct seq nxt = seq_add(una, 20 * MSS);
        for (; seq_lt(una, nxt); una = seq_add(una, MSS))
            cc_cubic.acked(&s, &(struct cc_ack){.now = MSEC(i * 50), .acked = MSS, .rtt = MSEC(40),
                .srtt = MSEC(40), .una = una, .nxt = nxt, .limited = true});
    }
    ck_assert_uint_eq(s.ssthresh, UINT32_MAX);
    ck_assert_uint_ge(s.cwnd, 600 * MSS);
}
END_TEST

// One ACK of a segment for each of a window of 20, a round, with Linux's own HyStart.
static void linux_round(struct cc_state *s, struct seq *una, nsec at, nsec apart, nsec rtt)
{
    struct seq nxt = seq_add(*una, 20 * MSS);
    for (; seq_lt(*una, nxt); at += apart) {
        *una = seq_add(*una, MSS);
        cc_cubic.acked(s, &(struct cc_ack){.now = at, .acked = MSS, .rtt = rtt, .srtt = rtt,
            .una = *una, .nxt = nxt, .limited = true,
            .hystart = HYSTART_LINUX | HYSTART_TRAIN | HYSTART_DELAY});
    }
}

// A round after a steady one of 100 ms: the window at which slow start ends; 0: it does not.
static const struct { const char *what; nsec apart, rtt; uint32_t want; } linux_[] = {
    {"the same delay, ACKs far apart",       MSEC(3), MSEC(100), 0},
    {"more than an eighth, ninth sample",    MSEC(3), MSEC(113), 48},
    {"an eighth more is not yet too much",   MSEC(3), USEC(112500), 0},
    {"ACKs close by for half a round trip",  USEC(1900), MSEC(30), 48},
    {"ACKs not quite close enough for that", USEC(2100), MSEC(30), 0},
};

START_TEST(linux_hystart_ends_slow_start_at_once)
{
    struct cc_state s = fresh(&cc_cubic, 20 * MSS, UINT32_MAX);
    struct seq una = {0};
    linux_round(&s, &una, MSEC(100), MSEC(3), MSEC(100));
    linux_round(&s, &una, MSEC(300), linux_[_i].apart, linux_[_i].rtt);
    uint32_t want = linux_[_i].want == 0 ? UINT32_MAX : linux_[_i].want * MSS;
    ck_assert_msg(s.ssthresh == want, "%s: %u", linux_[_i].what, (unsigned)(s.ssthresh / MSS));
}
END_TEST

// Acknowledges n segments, one an ACK and a millisecond, in congestion avoidance by Linux's count.
static void linux_acks(struct cc_state *s, int n, nsec *now)
{
    for (int i = 0; i < n; i++, *now += MSEC(1))
        cc_cubic.acked(s, &(struct cc_ack){.now = *now, .acked = MSS, .rtt = MSEC(100),
            .srtt = MSEC(100), .limited = true, .hystart = HYSTART_LINUX});
}

START_TEST(linux_cubic_counts_segments)
{
    struct cc_state s = fresh(&cc_cubic, 50 * MSS, 50 * MSS);
    nsec now = SEC(1);
    // Nothing is known of the path: a segment for 20, at least.
    linux_acks(&s, 19, &now);
    ck_assert_uint_eq(s.cwnd, 50 * MSS);
    linux_acks(&s, 21, &now);
    ck_assert_uint_eq(s.cwnd, 52 * MSS);
    // After a loss: concave up to the old maximum, in K seconds, and no more than one for two.
    s.ssthresh = cc_cubic.ssthresh(&s, 0);
    ck_assert_uint_eq(s.ssthresh, 52 * MSS * 7 / 10);
    s.cwnd = s.ssthresh;
    linux_acks(&s, 4000, &now);
    ck_assert_uint_ge(s.cwnd, 51 * MSS);
    uint32_t before = s.cwnd;
    now += SEC(30);
    linux_acks(&s, 40, &now);
    ck_assert_uint_ge(s.cwnd, before + 20 * MSS);
    ck_assert_uint_le(s.cwnd, before + 21 * MSS);  // with what was left of the count before
}
END_TEST

// RFC 9438 §5.8: a pause with nothing in flight moves the curve, not the window.
START_TEST(cubic_takes_no_credit_for_a_pause)
{
    for (uint8_t way = 0; way <= HYSTART_LINUX; way += HYSTART_LINUX) {
        struct cc_state s = fresh(&cc_cubic, 50 * MSS, 50 * MSS);
        struct cc_ack a = {.now = SEC(1), .acked = MSS, .rtt = MSEC(100), .srtt = MSEC(100),
                           .limited = true, .hystart = way};
        for (int i = 0; i < 100; i++, a.now += MSEC(1)) cc_cubic.acked(&s, &a);
        uint32_t before = s.cwnd;
        cc_cubic.resume(&s, a.now, a.now + SEC(60));
        a.now += SEC(60);
        for (int i = 0; i < 20; i++, a.now += MSEC(1)) cc_cubic.acked(&s, &a);
        ck_assert_uint_le(s.cwnd, before + MSS);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cc");
    TCase *tc = tcase_create("cc");
    tcase_add_loop_test(tc, initial_window, 0, (int)ARRAY_LEN(initial));
    tcase_add_test(tc, names_are_found);
    tcase_add_test(tc, newreno_slow_start_adds_a_segment_an_ack);
    tcase_add_test(tc, newreno_avoidance_adds_a_segment_a_round);
    tcase_add_test(tc, newreno_halves);
    tcase_add_loop_test(tc, unused_window_does_not_grow, 0, 2);
    tcase_add_test(tc, cubic_cuts_to_seven_tenths);
    tcase_add_test(tc, cubic_converges_fast);
    tcase_add_test(tc, cubic_returns_to_its_maximum_after_k);
    tcase_add_test(tc, cubic_is_no_slower_than_reno);
    tcase_add_test(tc, hystart_leaves_slow_start_as_delay_rises);
    tcase_add_test(tc, hystart_forgives_a_passing_delay);
    tcase_add_test(tc, hystart_does_not_mind_a_steady_delay);
    tcase_add_test(tc, linux_cubic_counts_segments);
    tcase_add_test(tc, cubic_takes_no_credit_for_a_pause);
    tcase_add_loop_test(tc, linux_hystart_ends_slow_start_at_once, 0, (int)ARRAY_LEN(linux_));
    suite_add_tcase(s, tc);
    return run_claims(s);
}
