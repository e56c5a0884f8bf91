// response_test.c - how fast a connection is on a lossy path, against what theory says.
//
// At a loss of p per segment, Reno keeps a mean window of sqrt(3/2) / sqrt(p) segments, and CUBIC
// that or (C (3 + beta) / (4 (1 - beta)))^(1/4) RTT^(3/4) / p^(3/4), whichever is larger (RFC 9438
// section 5, C = 0.4, beta = 0.7). At 1 % and 50 ms both are 12.25 segments, by Reno's rule.
// RESPONSE_SEEDS=10 RESPONSE_SECONDS=60 is the whole campaign; the defaults are its short version.
#include <stdio.h>

#include "claims.h"
#include "sim/bulk.h"
#include "sim/setting.h"

enum { SEGMENT = 1448, RTT_MS = 50, LOSS_PPM = 10000, WINDOW_MILLI = 12247 };

static const char *const names[] = {"newreno", "cubic"};

static uint64_t bits_a_second(const char *cc, uint64_t seed, int seconds)
{
    struct link_config cfg = {.rate_bps = 100000000, .delay = MSEC(RTT_MS / 2),
                              .loss_ppm = LOSS_PPM, .queue_packets = 1000};
    struct bulk *b = bulk_open(seed, &cfg, cc);
    sim_run(b->s, SEC(seconds));
    ck_assert_msg(!b->broken && !b->failed, "%s, seed %d", cc, (int)seed);
    uint64_t rate = b->read * 8 / (uint64_t)seconds;
    printf("# %s seed %d: %.2f Mbit/s, %d fast, %d rto, %d probes, %d again\n", cc, (int)seed,
           (double)rate / 1e6, (int)b->log.cwnds[CWND_RECOVERY], (int)b->log.cwnds[CWND_RTO],
           (int)b->log.sent[SENT_TAIL_PROBE], (int)(b->log.sent[SENT_RECOVERY]
           + b->log.sent[SENT_FAST_RETRANSMIT]));
    bulk_close(b);
    return rate;
}

START_TEST(a_lossy_path_is_used_as_theory_says)
{
    int seeds = setting("RESPONSE_SEEDS", 2), seconds = setting("RESPONSE_SECONDS", 60);
    uint64_t sum = 0, want = (uint64_t)WINDOW_MILLI * SEGMENT * 8 / RTT_MS;
    for (int seed = 1; seed <= seeds; seed++)
        sum += bits_a_second(names[_i], (uint64_t)seed, seconds);
    uint64_t mean = sum / (uint64_t)seeds;
    printf("# %s: %.2f Mbit/s, theory %.2f, ratio %.3f\n", names[_i], (double)mean / 1e6,
           (double)want / 1e6, (double)mean / (double)want);
    ck_assert_msg(mean * 4 >= want * 3 && mean * 4 <= want * 5, "%s: %.2f Mbit/s, not %.2f",
                  names[_i], (double)mean / 1e6, (double)want / 1e6);
}
END_TEST

static void tests(TCase *c)
{
    tcase_set_timeout(c, 600);
    tcase_add_loop_test(c, a_lossy_path_is_used_as_theory_says, 0, ARRAY_LEN(names));
}

int main(void)
{
    Suite *s = suite_create("response");
    family_add(s, tests);
    return run_claims(s);
}
