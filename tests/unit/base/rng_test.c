// rng_test.c - the same seed gives the same run, and chance is fair enough to trust.
#include <check.h>

#include "base/rng.h"
#include "claims.h"

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

START_TEST(seeds_make_runs)
{
    struct rng a, b, c;
    rng_seed(&a, 1);
    rng_seed(&b, 1);
    rng_seed(&c, 2);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = rng_next(&a);
        NEED(x == rng_next(&b));
        same += x == rng_next(&c);
    }
    ck_assert_int_eq(same, 0);
}
END_TEST

// xoshiro256** from state {1, 2, 3, 4}, worked by hand: s[1] * 5 = 10, rotated by 7 = 1280, * 9.
START_TEST(next_follows_the_definition)
{
    struct rng r = {{1, 2, 3, 4}};
    ck_assert_uint_eq(rng_next(&r), 11520);
    // After that step s is {7, 0, 0x40002, 6 << 45}: s[1] is 0, and so is the next draw.
    ck_assert_uint_eq(r.s[0], 7);
    ck_assert_uint_eq(r.s[1], 0);
    ck_assert_uint_eq(r.s[2], 0x40002);
    ck_assert_uint_eq(r.s[3], (uint64_t)6 << 45);
    ck_assert_uint_eq(rng_next(&r), 0);
}
END_TEST

// The first outputs of splitmix64 for the seed 1234567, as they are published.
START_TEST(seed_fills_the_state_by_splitmix64)
{
    struct rng r;
    rng_seed(&r, 1234567);
    ck_assert_uint_eq(r.s[0], 6457827717110365317u);
    ck_assert_uint_eq(r.s[1], 3203168211198807973u);
    ck_assert_uint_eq(r.s[2], 9817491932198370423u);
    ck_assert_uint_eq(r.s[3], 4593380528125082431u);
}
END_TEST

START_TEST(below_reaches_all_and_nothing_else)
{
    enum { N = 7, DRAWS = 70000 };
    struct rng r;
    int seen[N] = {0};
    rng_seed(&r, 3);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t x = rng_below(&r, N);
        NEED(x < N);
        seen[x]++;
    }
    for (int i = 0; i < N; i++) ck_assert_int_lt(abs(seen[i] - DRAWS / N), 500);
    for (int i = 0; i < 100; i++) NEED(rng_below(&r, 1) == 0);
    for (int i = 0; i < 100; i++) NEED(rng_below(&r, UINT64_MAX) != UINT64_MAX);
}
END_TEST

START_TEST(chance_is_in_parts_per_million)
{
    enum { DRAWS = 100000 };
    struct rng r;
    rng_seed(&r, 4);
    int hits = 0;
    for (int i = 0; i < DRAWS; i++) hits += rng_chance(&r, 20000);
    ck_assert_int_lt(abs(hits - DRAWS / 50), 200);
    for (int i = 0; i < 1000; i++) {
        NEED(!rng_chance(&r, 0));
        NEED(rng_chance(&r, 1000000));
    }
}
END_TEST

START_TEST(a_chance_of_nothing_still_draws)
{
    struct rng a, b;
    rng_seed(&a, 5);
    b = a;
    rng_chance(&a, 0);
    rng_chance(&b, 500000);
    ck_assert_uint_eq(rng_next(&a), rng_next(&b));
}
END_TEST

START_TEST(fork_leaves_the_parents_stream_alone)
{
    struct rng a, b;
    rng_seed(&a, 6);
    b = a;
    struct rng child = rng_fork(&a);
    for (int i = 0; i < 10; i++) rng_next(&child);
    rng_next(&b);
    ck_assert_uint_eq(rng_next(&a), rng_next(&b));
}
END_TEST

START_TEST(fill_writes_just_its_bytes)
{
    struct rng r;
    uint8_t p[16];
    for (size_t len = 0; len < sizeof p; len++) {
        memset(p, 0xa5, sizeof p);
        rng_seed(&r, 7);
        rng_fill(&r, p, len);
        for (size_t i = len; i < sizeof p; i++) NEED(p[i] == 0xa5);
        rng_seed(&r, 7);
        uint64_t draw[2] = {rng_next(&r)};
        draw[1] = rng_next(&r);
        for (size_t i = 0; i < len; i++) NEED(p[i] == (uint8_t)(draw[i / 8] >> (8 * (i % 8))));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rng");
    TCase *c = tcase_create("rng");
    tcase_add_test(c, seeds_make_runs);
    tcase_add_test(c, next_follows_the_definition);
    tcase_add_test(c, seed_fills_the_state_by_splitmix64);
    tcase_add_test(c, below_reaches_all_and_nothing_else);
    tcase_add_test(c, chance_is_in_parts_per_million);
    tcase_add_test(c, a_chance_of_nothing_still_draws);
    tcase_add_test(c, fork_leaves_the_parents_stream_alone);
    tcase_add_test(c, fill_writes_just_its_bytes);
    suite_add_tcase(s, c);
    return run_claims(s);
}
