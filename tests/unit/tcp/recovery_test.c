// recovery_test.c - what is asked of a sender beyond the single loss: RFC 5681, 6298, 6582, 6675,
// 8985.
#include "claims.h"
#include "unit/tcp_far.h"

// RFC 5681 §3.1: nothing is known of the path yet.
START_TEST(ssthresh_begins_arbitrarily_high)
{
    struct peer *p = far_peer(true, false);
    ck_assert_uint_eq(info_of(p).ssthresh, UINT32_MAX);
    peer_free(p);
}
END_TEST

// RFC 5681 §4.1: more than an RTO (300 ms) after the last segment, no more than the initial window;
// a cwnd below stays.
static const struct { const char *wanted; nsec idle; bool restarts; } idle[] = {
    {"1", MSEC(90), false}, {"1", MSEC(110), true}, {"0", SEC(10), false},
};

START_TEST(silence_ends_a_large_window)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_slow_start_after_idle", idle[_i].wanted);
    send(p, 40 * MSS);
    for (uint32_t at = 10; at <= 40; at += 10) {
        peer_wait(p, MSEC(100));
        ack(p, 1 + at * MSS);
    }
    uint32_t cwnd = info_of(p).cwnd;
    ck_assert_uint_ge(cwnd, 30 * MSS);
    peer_wait(p, idle[_i].idle);
    send(p, 60 * MSS);
    ck_assert_uint_eq(info_of(p).cwnd, idle[_i].restarts ? 10 * MSS : cwnd);
    ck_assert_uint_eq(p->outs, idle[_i].restarts ? 10 : 65535 / MSS);
    peer_free(p);
}
END_TEST

START_TEST(silence_does_not_raise_a_small_window)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_frto", "0");
    send(p, MSS);
    peer_wait(p, SEC(1));  // probed, then timed out
    ack(p, 1 + MSS);
    uint32_t cwnd = info_of(p).cwnd;
    ck_assert_uint_lt(cwnd, 5 * MSS);
    peer_wait(p, SEC(10));
    send(p, 20 * MSS);
    ck_assert_uint_le(info_of(p).cwnd, cwnd);
    peer_free(p);
}
END_TEST

// RFC 6298 §3: a sample at least once a round trip, also in recovery with timestamps.
START_TEST(each_round_trip_is_measured)
{
    bool ts = _i == 1;
    struct peer *p = far_peer(true, ts);
    unsigned before = p->log.events[TRACE_TCP_RTT], mss = info_of(p).mss_snd;
    send(p, 80 * MSS);
    for (unsigned round = 1; round <= 4; round++) {
        uint32_t seen = p->ts_seen;
        peer_wait(p, MSEC(100 + round));
        p->ts_seen = seen;
        ack(p, 1 + round * 10 * mss);
        ck_assert_uint_eq(p->log.events[TRACE_TCP_RTT], before + round);
        ck_assert_int_gt(info_of(p).srtt, MSEC(100));
    }
    peer_free(p);
}
END_TEST

// RFC 5681 §3.1: one loss, one cut, however often its repair times out.
START_TEST(a_second_timeout_does_not_cut_again)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_early_retrans", "0");
    send(p, 10 * MSS);
    peer_wait(p, SEC(3));
    ck_assert_uint_ge(p->log.cwnds[CWND_RTO], 3);
    ck_assert_uint_eq(info_of(p).ssthresh, 7 * MSS);
    peer_free(p);
}
END_TEST

// RFC 6582 §3.2: of four holes each partial ACK repeats the next, one a round trip, and no more
// goes out than what it says has left.
START_TEST(partial_acks_repeat_hole_by_hole)
{
    struct peer *p = far_peer(false, false);
    setting_is(p, "net.ipv4.tcp_congestion_control", "newreno");
    send(p, 60 * MSS);
    peer_wait(p, MSEC(100));
    for (int i = 0; i < 6; i++) ack(p, 1);  // 1, 3, 5 and 7 of ten are lost
    uint32_t ssthresh = info_of(p).ssthresh;
    for (uint32_t hole = 3; hole <= 7; hole += 2) {
        peer_wait(p, MSEC(100));
        ack(p, 1 + (hole - 1) * MSS);
        ck_assert_int_eq(p->out[0].why, SENT_RECOVERY);
        ck_assert_uint_eq(p->out[0].seq, 1 + (hole - 1) * MSS);
        unsigned again = 0;
        for (unsigned i = 0; i < p->outs; i++) again += p->out[i].why == SENT_RECOVERY;
        ck_assert_uint_eq(again, 1);
        ck_assert_uint_le(p->outs, 3);
        ck_assert_int_eq(info_of(p).ca_state, NG_CA_RECOVERY);
    }
    ck_assert_uint_eq(info_of(p).total_retrans, 4);
    ck_assert_uint_eq(info_of(p).ssthresh, ssthresh);  // one cut for all of them
    peer_free(p);
}
END_TEST

// Step 3, full acknowledgement: cwnd is ssthresh, and no burst follows.
START_TEST(a_full_ack_ends_recovery_at_ssthresh)
{
    struct peer *p = far_peer(_i == 1, false);
    send(p, 60 * MSS);
    peer_wait(p, MSEC(100));
    for (uint32_t i = 2; i <= 10; i++) {
        if (_i == 1) sack(p, 1, 1 + MSS, 1 + i * MSS);
        else ack(p, 1);
    }
    ck_assert_uint_eq(info_of(p).ssthresh, 7 * MSS);
    uint32_t out = (uint32_t)(info_of(p).bytes_sent - info_of(p).bytes_retrans);
    peer_wait(p, MSEC(100));
    ack(p, 1 + out);
    struct ng_tcp_info i = info_of(p);
    ck_assert_int_eq(i.ca_state, NG_CA_OPEN);
    ck_assert_uint_eq(i.ssthresh, 7 * MSS);  // and no slow start from there
    ck_assert_uint_ge(i.cwnd, 7 * MSS);
    ck_assert_uint_le(i.cwnd, 9 * MSS);
    ck_assert_uint_le(p->outs, 9);
    peer_free(p);
}
END_TEST

// RFC 6582 §3.2 step 2: duplicates of what was already recovered begin nothing new.
START_TEST(duplicates_after_a_recovery_begin_no_other)
{
    struct peer *p = far_peer(false, false);
    setting_is(p, "net.ipv4.tcp_frto", "0");
    send(p, 30 * MSS);
    peer_wait(p, MSEC(310));  // an RTO
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_LOSS);
    uint32_t ssthresh = info_of(p).ssthresh;
    ack(p, 1 + MSS);
    for (int i = 0; i < 5; i++) ack(p, 1 + MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_LOSS);
    ck_assert_uint_eq(info_of(p).ssthresh, ssthresh);
    peer_free(p);
}
END_TEST

// RFC 6675 §5.1: after an RTO in a recovery that has ended, and no SACK begins another before all
// that was sent until then is acknowledged.
START_TEST(after_a_timeout_sacks_begin_no_recovery)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_frto", "0");
    send(p, 40 * MSS);
    peer_wait(p, MSEC(100));
    for (uint32_t i = 3; i <= 6; i++) sack(p, 1, 1 + 2 * MSS, 1 + i * MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_RECOVERY);
    unsigned cuts = p->log.cwnds[CWND_RECOVERY];
    peer_wait(p, SEC(1));
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_LOSS);
    uint32_t ssthresh = info_of(p).ssthresh;
    uint32_t end = inside(p)->recover.raw - inside(p)->iss.raw;
    for (uint32_t i = 7; i <= 10; i++) sack(p, 1 + MSS, 1 + 2 * MSS, 1 + i * MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_LOSS);
    ack(p, end - MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_LOSS);
    ck_assert_uint_eq(info_of(p).ssthresh, ssthresh);
    ck_assert_uint_eq(p->log.cwnds[CWND_RECOVERY], cuts);
    ack(p, end);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_OPEN);
    peer_free(p);
}
END_TEST

// RFC 2018 §8: a peer may forget what it told of. The oldest is SACKed, and yet not acknowledged.
START_TEST(a_peer_may_take_its_sacks_back)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_early_retrans", "0");
    send(p, 3 * MSS);
    sack(p, 1, 1, 1 + 2 * MSS);
    p->outs = 0;
    peer_wait(p, MSEC(310));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    ck_assert_uint_eq(p->out[0].seq, 1);
    peer_free(p);
}
END_TEST

// --- RACK-TLP ----------------------------------------------------------------------------------

// Four segments, of which the second arrives: how long is the first waited for? Then all is well.
static nsec patience(struct peer *p, uint32_t *at)
{
    unsigned before = (unsigned)info_of(p).total_retrans;
    inside(p)->ccs.cwnd = 10 * MSS;
    send(p, 4 * MSS);
    peer_wait(p, MSEC(100));
    sack(p, *at, *at + MSS, *at + 2 * MSS);
    nsec from = p->now;
    while (info_of(p).total_retrans == before && p->now < from + SEC(1)) peer_wait(p, MSEC(1));
    nsec waited = p->now - from;
    peer_wait(p, MSEC(100));
    *at += 4 * MSS;
    ack(p, *at);
    return waited;
}

static void dsack(struct peer *p, uint32_t at) { sack(p, at, at - MSS, at); }

// RFC 8985 §6.2: the reordering window grows by a quarter of a round trip for each round in which a
// D-SACK came, and is small again after sixteen recoveries without one.
START_TEST(dsacks_teach_patience_for_sixteen_recoveries)
{
    struct peer *p = far_peer(true, false);
    uint32_t at = 1;
    ck_assert_int_eq(patience(p, &at), MSEC(25));
    dsack(p, at);
    dsack(p, at);  // of the same round
    ck_assert_int_eq(patience(p, &at), MSEC(50));
    dsack(p, at);
    for (int i = 0; i < 16; i++) ck_assert_int_eq(patience(p, &at), MSEC(75));
    ck_assert_int_eq(patience(p, &at), MSEC(25));
    peer_free(p);
}
END_TEST

// §3.3.2: however many D-SACKs come, it is no longer than a round trip.
START_TEST(patience_ends_at_a_round_trip)
{
    struct peer *p = far_peer(true, false);
    uint32_t at = 1;
    for (int i = 1; i <= 8; i++) {
        nsec most = info_of(p).srtt, waited = patience(p, &at);
        ck_assert_int_eq(waited, i <= 4 ? MSEC(25) * i : MSEC(100));
        ck_assert_int_le(waited, most);
        dsack(p, at);
    }
    peer_free(p);
}
END_TEST

// RFC 8985 §7.2: the probe goes two round trips (100 ms) after the last new byte or the last ACK,
// and 200 ms later if there is one segment only, of which the ACK may be delayed; but never after
// the RTO, which is 300 ms here, or as long as `rttvar` makes it. §7.3: it is the last segment, or
// new bytes; and there is one.
static const struct { uint32_t segments, acked; nsec rttvar, after; } tails[] = {
    {4, 0, 0, MSEC(200)}, {1, 0, 0, MSEC(300)}, {1, 0, MSEC(200), MSEC(400)}, {4, 2, 0, MSEC(200)},
};

START_TEST(a_tail_is_probed_after)
{
    struct peer *p = far_peer(true, false);
    if (tails[_i].rttvar > 0) inside(p)->rtt.rttvar = tails[_i].rttvar;
    send(p, tails[_i].segments * MSS);
    if (tails[_i].acked > 0) {
        peer_wait(p, MSEC(100));
        ack(p, 1 + tails[_i].acked * MSS);
    }
    p->outs = 0;
    nsec began = p->now;
    while (p->outs == 0) peer_wait(p, MSEC(1));
    ck_assert_int_eq(p->now - began, tails[_i].after);
    ck_assert_int_eq(p->out[0].why, SENT_TAIL_PROBE);
    ck_assert_uint_eq(p->out[0].seq, 1 + (tails[_i].segments - 1) * MSS);
    peer_wait(p, SEC(1));
    for (unsigned i = 1; i < p->outs; i++) ck_assert_int_eq(p->out[i].why, SENT_RTO);
    peer_free(p);
}
END_TEST

START_TEST(a_probe_is_new_bytes_if_there_are_any)
{
    struct peer *p = far_peer(true, false);
    send(p, 12 * MSS);
    ck_assert_uint_eq(p->outs, 10);
    p->outs = 0;
    peer_wait(p, MSEC(210));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_TAIL_PROBE);
    ck_assert_uint_eq(p->out[0].seq, 1 + 10 * MSS);
    peer_wait(p, MSEC(250));  // and it is the only one
    ck_assert_uint_eq(p->outs, 1);
    peer_free(p);
}
END_TEST

// RFC 8985 §7.1: a recovery makes what a probe was to find out idle. The ACK that ends it must not
// cut the window again in the probe's name.
START_TEST(a_recovery_ends_the_tail_probe)
{
    struct peer *p = far_peer(true, false);
    send(p, 4 * MSS);
    p->outs = 0;
    peer_wait(p, MSEC(210));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_TAIL_PROBE);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + 3 * MSS, 1 + 4 * MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_RECOVERY);
    uint32_t ssthresh = info_of(p).ssthresh;
    peer_wait(p, MSEC(100));
    ack(p, 1 + 4 * MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_OPEN);
    send(p, MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 5 * MSS);
    ck_assert_uint_eq(info_of(p).ssthresh, ssthresh);
    ck_assert_uint_ge(info_of(p).cwnd, ssthresh);
    peer_free(p);
}
END_TEST

// A model sets no ssthresh; whoever takes over from it in a recovery must have one to lead to.
START_TEST(a_recovery_outlives_its_congestion_control)
{
    struct peer *p = far_peer(_i == 1, false);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_CONGESTION, "bbr", 3), 0);
    send(p, 10 * MSS);
    peer_wait(p, MSEC(100));
    for (uint32_t i = 1; i <= 4; i++) {
        if (_i == 1) sack(p, 1, 1 + MSS, 1 + (i + 1) * MSS);
        else ack(p, 1);
    }
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_RECOVERY);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_CONGESTION, "newreno", 7), 0);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 10 * MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_OPEN);
    ck_assert_uint_le(info_of(p).cwnd, 10 * MSS);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, ssthresh_begins_arbitrarily_high);
    tcase_add_loop_test(tc, silence_ends_a_large_window, 0, (int)ARRAY_LEN(idle));
    tcase_add_test(tc, silence_does_not_raise_a_small_window);
    tcase_add_loop_test(tc, each_round_trip_is_measured, 0, 2);
    tcase_add_test(tc, a_second_timeout_does_not_cut_again);
    tcase_add_test(tc, partial_acks_repeat_hole_by_hole);
    tcase_add_loop_test(tc, a_full_ack_ends_recovery_at_ssthresh, 0, 2);
    tcase_add_test(tc, duplicates_after_a_recovery_begin_no_other);
    tcase_add_test(tc, after_a_timeout_sacks_begin_no_recovery);
    tcase_add_test(tc, a_peer_may_take_its_sacks_back);
    tcase_add_test(tc, dsacks_teach_patience_for_sixteen_recoveries);
    tcase_add_test(tc, patience_ends_at_a_round_trip);
    tcase_add_loop_test(tc, a_tail_is_probed_after, 0, (int)ARRAY_LEN(tails));
    tcase_add_test(tc, a_probe_is_new_bytes_if_there_are_any);
    tcase_add_test(tc, a_recovery_ends_the_tail_probe);
    tcase_add_loop_test(tc, a_recovery_outlives_its_congestion_control, 0, 2);
}

int main(void)
{
    Suite *s = suite_create("recovery");
    family_add(s, add_tests);
    return run_claims(s);
}
