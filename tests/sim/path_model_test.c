// path_model_test.c - those that look at the path instead of at losses: BBR fills a lossy one where
// NewReno cannot, Vegas keeps a queue short where CUBIC fills it.
#include "claims.h"
#include "sim/bulk.h"
#include "sim/setting.h"

enum { LOSSY_SECONDS = 4, QUEUE_SECONDS = 20 };

static uint64_t bits_a_second(const char *cc, uint64_t seed)
{
    struct link_config cfg = {.rate_bps = 100000000, .delay = MSEC(25), .loss_ppm = 10000,
                              .queue_packets = 1000};
    struct bulk *b = bulk_open(seed, &cfg, cc);
    sim_run(b->s, SEC(LOSSY_SECONDS));
    ck_assert(!b->broken && !b->failed);
    uint64_t rate = b->read * 8 / LOSSY_SECONDS;
    printf("# %s seed %d at 1 %% loss: %.1f Mbit/s, %d RTOs\n", cc, (int)seed, (double)rate / 1e6,
           (int)b->log.cwnds[CWND_RTO]);
    bulk_close(b);
    return rate;
}

START_TEST(bbr_fills_a_lossy_path)
{
    uint64_t seed = (uint64_t)setting("MODEL_SEED", 1);
    ck_assert_uint_ge(bits_a_second("bbr", seed), 70000000);
    ck_assert_uint_le(bits_a_second("newreno", seed), 15000000);
}
END_TEST

struct use { uint64_t rate, depth; };  // bits a second; frames in the queue, on average

static struct use queue_use(const char *cc)
{
    struct link_config cfg = {.rate_bps = 10000000, .delay = MSEC(20), .queue_packets = 200};
    struct bulk *b = bulk_open(1, &cfg, cc);
    sim_run(b->s, SEC(QUEUE_SECONDS));
    ck_assert(!b->broken && !b->failed);
    struct use u = {.rate = b->read * 8 / QUEUE_SECONDS,
                    .depth = b->log.depths > 0 ? b->log.depth_sum / b->log.depths : 0};
    printf("# %s: %.2f of 10 Mbit/s, %d frames wait on average, %d at most\n", cc,
           (double)u.rate / 1e6, (int)u.depth, (int)b->log.depth_most);
    bulk_close(b);
    return u;
}

START_TEST(vegas_keeps_the_queue_short)
{
    struct use vegas = queue_use("vegas"), cubic = queue_use("cubic"), bbr = queue_use("bbr");
    ck_assert_uint_ge(vegas.rate, 9000000);
    ck_assert_uint_le(vegas.depth, 12);
    ck_assert_uint_ge(cubic.depth, 4 * vegas.depth);
    ck_assert_uint_ge(bbr.rate, 8500000);
    ck_assert_uint_le(bbr.depth, 60);
}
END_TEST

static void tests(TCase *c)
{
    tcase_set_timeout(c, 120);
    tcase_add_test(c, bbr_fills_a_lossy_path);
    tcase_add_test(c, vegas_keeps_the_queue_short);
}

int main(void)
{
    Suite *s = suite_create("path_model");
    family_add(s, tests);
    return run_claims(s);
}
