// The clock is exactly invertible and never runs back, whatever the instants: checked on random
// ones, with gaps from a nanosecond to hours.
#include "claims.h"
#include "viz/warp.h"

#include "base/rng.h"

#include <check.h>

START_TEST(gaps_are_as_documented)
{
    static const struct { nsec dt; psec want; } rows[] = {
        {0, 0}, {1, PSEC_MS(120)}, {USEC(1), PSEC_MS(200)}, {USEC(10), PSEC_MS(400)},
        {MSEC(200), PSEC_MS(1260)}, {SEC(10), PSEC_MS(1400)}, {SEC(7200), PSEC_MS(1400)}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_int_eq(warp_gap(rows[i].dt), rows[i].want);
}
END_TEST

static nsec random_gap(struct rng *rng)
{
    return (nsec)(rng_next(rng) >> (24 + rng_below(rng, 39)));  // up to 18 minutes
}

static struct warp random_warp(struct rng *rng, size_t n)
{
    struct warp w = {.mode = WARP_EVENTS};
    nsec at = (nsec)(rng_next(rng) >> 30);
    for (size_t i = 0; i < n; i++) {
        ck_assert(warp_add(&w, at));
        at += random_gap(rng);
    }
    return w;
}

START_TEST(there_and_back_is_exact)
{
    struct rng rng;
    rng_seed(&rng, (uint64_t)_i);
    struct warp w = random_warp(&rng, 100);
    for (int mode = 0; mode < WARP_MODES; mode++) {
        w.mode = (enum warp_mode)mode;
        psec before = -1;
        bool linear = mode == WARP_LINEAR;  // its one factor may be below a picosecond a nanosecond
        for (size_t i = 0; i + 1 < w.n; i++) {
            nsec dt = w.at[i + 1] - w.at[i];
            nsec t = w.at[i] + (nsec)rng_below(&rng, (uint64_t)dt + 1);
            psec u = warp_shown(&w, t);
            bool exact = warp_at(&w, u) == t || (linear && warp_length(&w) < w.at[w.n - 1]);
            if (!exact) ck_abort_msg("seed %d mode %d: %ld -> %ld -> %ld", _i, mode, (long)t,
                                     (long)u, (long)warp_at(&w, u));
            if (u < before) ck_abort_msg("seed %d: the clock ran back", _i);
            before = u;
        }
        ck_assert_int_eq(warp_at(&w, warp_shown(&w, w.at[0])), w.at[0]);
        ck_assert_int_eq(warp_at(&w, warp_length(&w)), w.at[w.n - 1]);
    }
    warp_free(&w);
}
END_TEST

START_TEST(instants_are_exact_over_any_gap)
{
    struct warp w = {0};
    for (nsec i = 0; i < 5000; i++) ck_assert(warp_add(&w, i * i * SEC(300)));
    for (size_t i = 0; i < w.n; i++) {
        ck_assert_int_eq(warp_at(&w, warp_shown(&w, w.at[i])), w.at[i]);
        ck_assert_int_eq(warp_shown(&w, w.at[i]), w.shown[i]);
    }
    warp_free(&w);
}
END_TEST

START_TEST(outside_the_clock_stands)
{
    struct warp w = {0};
    ck_assert_int_eq(warp_at(&w, 5), 0);
    ck_assert_int_eq(warp_shown(&w, 5), 0);
    ck_assert(warp_add(&w, 100) && warp_add(&w, 200) && warp_add(&w, 200) && warp_add(&w, 150));
    ck_assert_uint_eq(w.n, 2);
    ck_assert_int_eq(warp_shown(&w, 7), 0);
    ck_assert_int_eq(warp_at(&w, -7), 100);
    ck_assert_int_eq(warp_shown(&w, 900), warp_length(&w));
    ck_assert_int_eq(warp_at(&w, warp_length(&w) + 1), 200);
    warp_free(&w);
}
END_TEST

START_TEST(a_stall_among_microseconds_is_torn)
{
    struct warp w = {0};
    nsec at = 0;
    for (int i = 0; i < 20; i++) warp_add(&w, at += i == 10 ? MSEC(200) : USEC(10));
    for (size_t i = 0; i < w.n; i++) ck_assert_int_eq(warp_torn(&w, i), i == 9);
    warp_free(&w);
}
END_TEST

START_TEST(all_time_there_is_can_be_shown)
{
    struct warp w = {0};
    ck_assert(warp_add(&w, 0));
    ck_assert(warp_add(&w, INT64_MAX / 2));
    ck_assert(warp_add(&w, INT64_MAX - 1));
    for (int mode = 0; mode < WARP_MODES; mode++) {
        w.mode = (enum warp_mode)mode;
        psec half = warp_shown(&w, w.at[1]), whole = warp_length(&w);
        ck_assert_int_gt(half, 0);
        ck_assert_int_gt(whole, half);
        ck_assert_int_eq(warp_at(&w, whole), INT64_MAX - 1);
    }
    warp_free(&w);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("warp");
    TCase *tc = tcase_create("warp");
    tcase_add_test(tc, gaps_are_as_documented);
    tcase_add_test(tc, all_time_there_is_can_be_shown);
    tcase_add_loop_test(tc, there_and_back_is_exact, 0, 20);
    tcase_add_test(tc, instants_are_exact_over_any_gap);
    tcase_add_test(tc, outside_the_clock_stands);
    tcase_add_test(tc, a_stall_among_microseconds_is_torn);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
