// cc_model_test.c - BBR and Vegas as arithmetic: what an ACK says of the path goes in, and out come
// a window and a rate.
#include <check.h>

#include "claims.h"
#include "tcp/cc.h"

enum { MSS = 1000, RTT_MS = 50 };

// A path of `rate` bytes a second, and a sender that always has more. An ACK is for two segments.
struct path { struct cc_state s; nsec now; uint64_t delivered, lost; uint32_t rate;
              unsigned above, below, even; nsec rtt; struct seq una; };

static void path_open(struct path *p, const struct cc *cc, uint32_t rate)
{
    *p = (struct path){.rate = rate, .rtt = MSEC(RTT_MS), .now = SEC(1)};
    p->s = (struct cc_state){.cwnd = 10 * MSS, .ssthresh = UINT32_MAX, .mss = MSS};
    cc->init(&p->s);
}

// One round trip: cwnd leaves at the rate of the path or the sender's, whichever is less.
static void bbr_round(struct path *p, bool app_limited)
{
    struct cc_state *s = &p->s;
    uint64_t prior = p->delivered, bdp = (uint64_t)p->rate * RTT_MS / 1000;
    uint32_t flight = s->cwnd;
    uint64_t sends = cc_bbr.rate(s) == 0 ? p->rate : cc_bbr.rate(s);
    if (flight > sends * RTT_MS / 1000 + 2 * MSS && sends < p->rate)
        flight = (uint32_t)(sends * RTT_MS / 1000 + 2 * MSS);
    nsec queue = flight > bdp ? (nsec)((flight - bdp) * 1000000000ull / p->rate) : 0;
    nsec round = p->rtt + queue, from = p->now;
    for (uint32_t at = 2 * MSS; at <= flight; at += 2 * MSS) {
        p->now = from + round * at / flight;
        p->delivered += 2 * MSS;
        cc_bbr.control(s, &(struct cc_ack){
            .now = p->now, .acked = 2 * MSS, .rtt = round, .srtt = round, .flight = flight,
            .flight_before = flight + 2 * MSS, .delivered = p->delivered,
            .rate = {.prior = prior, .delivered = flight, .interval = round,
                     .app_limited = app_limited}});
        uint64_t rate = cc_bbr.rate(s), bw = s->bbr.bw[0];
        p->above += rate > bw * 6 / 5;
        p->below += rate < bw * 4 / 5;
        p->even += rate > bw * 9 / 10 && rate < bw * 11 / 10;
    }
}

// 10 MB/s and 50 ms: a BDP of 500 kB. Startup finds it in a few rounds, and drains what it queued.
START_TEST(bbr_finds_the_path)
{
    struct path p;
    path_open(&p, &cc_bbr, 10000000);
    int rounds = 0;
    for (; !p.s.bbr.full && rounds < 30; rounds++) bbr_round(&p, false);
    ck_assert_int_ge(rounds, 6);
    ck_assert_int_le(rounds, 14);
    ck_assert_uint_ge(p.s.bbr.bw[0], 9500000);
    ck_assert_uint_le(p.s.bbr.bw[0], 10500000);
    ck_assert_uint_eq(p.s.bbr.rtprop_us, RTT_MS * 1000);
    for (int i = 0; i < 5; i++) bbr_round(&p, false);
    ck_assert_uint_ge(p.s.cwnd, 900000);  // twice the BDP, and three bursts
    ck_assert_uint_le(p.s.cwnd, 1100000);
}
END_TEST

// In PROBE_BW the rate is five quarters for a round trip, three for the next, and then even.
START_TEST(bbr_probes_and_drains_in_turn)
{
    struct path p;
    path_open(&p, &cc_bbr, 10000000);
    for (int i = 0; i < 30; i++) bbr_round(&p, false);
    p.above = p.below = p.even = 0;
    for (int i = 0; i < 40; i++) bbr_round(&p, false);
    ck_assert_uint_ge(p.above, 1000);
    ck_assert_uint_ge(p.below, 200);
    ck_assert_uint_ge(p.even, 4 * p.above);
    ck_assert_uint_ge(p.even, 4 * p.below);
}
END_TEST

// An application that is slow does not make the path slow; ten rounds of a slower path do.
START_TEST(bbr_forgets_after_ten_rounds)
{
    struct path p;
    path_open(&p, &cc_bbr, 10000000);
    for (int i = 0; i < 30; i++) bbr_round(&p, false);
    p.rate = 2000000;
    for (int i = 0; i < 30; i++) bbr_round(&p, true);
    ck_assert_uint_ge(p.s.bbr.bw[0], 9500000);
    path_open(&p, &cc_bbr, 10000000);
    for (int i = 0; i < 30; i++) bbr_round(&p, false);
    p.rate = 2000000;
    for (int i = 0; i < 8; i++) bbr_round(&p, false);
    ck_assert_uint_ge(p.s.bbr.bw[0], 9500000);
    for (int i = 0; i < 16; i++) bbr_round(&p, false);
    ck_assert_uint_le(p.s.bbr.bw[0], 3000000);
}
END_TEST

// Ten seconds without a lower round trip: four segments in flight for 200 ms, and then as before.
START_TEST(bbr_looks_for_the_round_trip)
{
    struct path p;
    path_open(&p, &cc_bbr, 10000000);
    for (int i = 0; i < 30; i++) bbr_round(&p, false);
    uint32_t cwnd = p.s.cwnd;
    p.rtt = MSEC(60);  // a longer path: never again as low
    nsec from = p.now, began = 0, ended = 0;
    while (ended == 0 && p.now < from + SEC(14)) {
        bbr_round(&p, false);
        bool probing = p.s.cwnd == 4 * MSS;
        if (began == 0 && probing) began = p.now;
        if (began != 0 && !probing) ended = p.now;
    }
    ck_assert_int_ge(began - from, SEC(9));
    ck_assert_int_le(began - from, SEC(12));
    ck_assert_int_ge(ended - began, MSEC(150));
    ck_assert_int_le(ended - began, MSEC(600));
    ck_assert_uint_ge(p.s.cwnd, cwnd * 9 / 10);
    ck_assert_uint_ge(p.s.bbr.bw[0], 8000000);
    ck_assert_uint_ge(p.s.bbr.rtprop_us, 60000);
}
END_TEST

static void bbr_ack(struct path *p, enum cc_recovery r, uint32_t acked, uint32_t lost,
                    uint32_t flight)
{
    p->delivered += acked;
    cc_bbr.control(&p->s, &(struct cc_ack){
        .now = p->now, .acked = acked, .lost = lost, .recovery = r, .srtt = p->rtt,
        .flight = flight, .flight_before = flight + acked + lost, .delivered = p->delivered,
        .rate = {.prior = p->delivered - acked - flight, .delivered = flight + acked,
                 .interval = p->rtt}});
}

// In the first round of a recovery no more leaves than arrives; at its end cwnd is what it was.
START_TEST(bbr_keeps_its_window_over_a_loss)
{
    struct path p;
    path_open(&p, &cc_bbr, 10000000);
    for (int i = 0; i < 30; i++) bbr_round(&p, false);
    uint32_t cwnd = p.s.cwnd, ssthresh = p.s.ssthresh;
    ck_assert_uint_eq(cc_bbr.ssthresh(&p.s, 500 * MSS), ssthresh);
    bbr_ack(&p, CC_FAST, 2 * MSS, 10 * MSS, 480 * MSS);
    ck_assert_uint_eq(p.s.cwnd, 482 * MSS);
    bbr_ack(&p, CC_FAST, 2 * MSS, 0, 478 * MSS);
    ck_assert_uint_eq(p.s.cwnd, 482 * MSS);
    bbr_ack(&p, CC_OPEN, 2 * MSS, 0, 476 * MSS);
    ck_assert_uint_ge(p.s.cwnd, cwnd * 95 / 100);
    // After an RTO it starts from what flies, and comes back likewise.
    cwnd = p.s.cwnd;
    cc_bbr.ssthresh(&p.s, 500 * MSS);
    p.s.cwnd = MSS;
    bbr_ack(&p, CC_TIMEOUT, MSS, 0, MSS);
    ck_assert_uint_le(p.s.cwnd, 4 * MSS);
    bbr_ack(&p, CC_OPEN, 2 * MSS, 0, 2 * MSS);
    ck_assert_uint_ge(p.s.cwnd, cwnd * 95 / 100);
}
END_TEST

// --- Vegas -------------------------------------------------------------------------------------

// Ten ACKs of a round trip; then the next round begins.
static enum cwnd_why vegas_round(struct path *p, nsec rtt, bool limited)
{
    enum cwnd_why why = CWND_NOTHING;
    struct seq nxt = seq_add(p->una, 10 * MSS);
    for (int i = 0; i < 10; i++) {
        p->una = seq_add(p->una, MSS);
        why = cc_vegas.acked(&p->s, &(struct cc_ack){
            .now = p->now, .acked = MSS, .rtt = rtt, .srtt = rtt, .una = p->una,
            .nxt = seq_add(nxt, 10 * MSS), .limited = limited});
    }
    p->now += rtt;
    return why;
}

// 20 segments and a base of 50 ms: each 2.5 ms above are a segment in a queue.
static const struct { const char *what; uint32_t rtt_us; int32_t change; } rounds[] = {
    {"none waits", 50000, MSS}, {"one waits", 52500, MSS}, {"three wait", 58000, 0},
    {"five wait", 63000, -MSS}, {"many wait", 100000, -MSS},
};

START_TEST(vegas_keeps_two_to_four_waiting)
{
    struct path p;
    path_open(&p, &cc_vegas, 0);
    p.s.ssthresh = 10 * MSS;
    vegas_round(&p, MSEC(50), true);  // the base
    p.s.cwnd = 20 * MSS;
    vegas_round(&p, USEC(rounds[_i].rtt_us), true);
    uint32_t before = p.s.cwnd = 20 * MSS;
    vegas_round(&p, USEC(rounds[_i].rtt_us), true);
    ck_assert_msg((int32_t)(p.s.cwnd - before) == rounds[_i].change, "%s: %d", rounds[_i].what,
                  (int)(p.s.cwnd - before));
}
END_TEST

START_TEST(vegas_ends_slow_start_as_a_queue_builds)
{
    struct path p;
    path_open(&p, &cc_vegas, 0);
    for (int i = 0; i < 3; i++) vegas_round(&p, MSEC(50), true);
    ck_assert_uint_ge(p.s.cwnd, 30 * MSS);
    ck_assert_uint_eq(p.s.ssthresh, UINT32_MAX);
    for (int i = 0; i < 2; i++) vegas_round(&p, MSEC(75), true);
    ck_assert_uint_lt(p.s.ssthresh, UINT32_MAX);
    ck_assert_uint_le(p.s.cwnd, 45 * MSS);
    uint32_t cwnd = p.s.cwnd;
    vegas_round(&p, MSEC(50), false);  // unused, it does not grow
    vegas_round(&p, MSEC(50), false);
    ck_assert_uint_le(p.s.cwnd, cwnd);
    ck_assert_uint_eq(cc_vegas.ssthresh(&p.s, 30 * MSS), 15 * MSS);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cc_model");
    TCase *tc = tcase_create("cc_model");
    tcase_add_test(tc, bbr_finds_the_path);
    tcase_add_test(tc, bbr_probes_and_drains_in_turn);
    tcase_add_test(tc, bbr_forgets_after_ten_rounds);
    tcase_add_test(tc, bbr_looks_for_the_round_trip);
    tcase_add_test(tc, bbr_keeps_its_window_over_a_loss);
    tcase_add_loop_test(tc, vegas_keeps_two_to_four_waiting, 0, (int)ARRAY_LEN(rounds));
    tcase_add_test(tc, vegas_ends_slow_start_as_a_queue_builds);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
