// tcp_rtt_test.c - the numbers of RFC 6298, as rows.
#include <check.h>

#include "claims.h"
#include "tcp/tcp_rtt.h"

// Samples in milliseconds, and what they make of SRTT, RTTVAR and RTO (floor 200 ms).
static const struct { int sample_ms; nsec srtt, rttvar, rto; } course[] = {
    {100, USEC(100000), USEC(50000), USEC(300000)},   // (2.2): R, R/2, max(4 * 50, 200)
    {100, USEC(100000), USEC(37500), USEC(300000)},   // (2.3): 3/4 of 50; the floor rules
    {200, USEC(112500), USEC(53125), USEC(325000)},   // 37.5 * 3/4 + 100/4; 4 * 53.125 > 200
};

START_TEST(samples_move_the_averages)
{
    struct tcp_rtt r;
    rtt_init(&r, MSEC(200), SEC(120));
    ck_assert_int_eq(rtt_rto(&r), SEC(1));  // (2.1)
    for (int i = 0; i <= _i; i++) rtt_sample(&r, MSEC(course[i].sample_ms), 1, SEC(i));
    ck_assert_int_eq(r.srtt, course[_i].srtt);
    ck_assert_int_eq(r.rttvar, course[_i].rttvar);
    ck_assert_int_eq(rtt_rto(&r), course[_i].rto);
}
END_TEST

START_TEST(backoff_doubles_to_a_bound)
{
    struct tcp_rtt r;
    nsec want = MSEC(300), most = _i == 0 ? SEC(120) : SEC(5);
    rtt_init(&r, MSEC(200), most);
    rtt_sample(&r, MSEC(100), 1, SEC(1));
    for (int i = 0; i < 40; i++) {
        ck_assert_int_eq(rtt_rto(&r), want);
        rtt_back_off(&r);
        want = want * 2 < most ? want * 2 : most;  // (5.5), (2.5)
    }
    rtt_sample(&r, MSEC(100), 1, SEC(2));  // Karn: a good sample ends it
    ck_assert_int_eq(rtt_rto(&r), MSEC(300));
}
END_TEST

// RFC 7323 §4.2: many samples a round trip weigh together as one.
START_TEST(more_samples_weigh_less)
{
    struct tcp_rtt one, many;
    rtt_init(&one, MSEC(200), SEC(120));
    rtt_init(&many, MSEC(200), SEC(120));
    rtt_sample(&one, MSEC(100), 1, 0);
    rtt_sample(&many, MSEC(100), 1, 0);
    rtt_sample(&one, MSEC(180), 1, 1);
    for (int i = 0; i < 10; i++) rtt_sample(&many, MSEC(180), 10, 1);
    ck_assert_int_le(many.srtt, one.srtt);
    ck_assert_int_ge(many.srtt, MSEC(109));
}
END_TEST

START_TEST(minimum_forgets_an_old_path)
{
    struct tcp_rtt r;
    rtt_init(&r, MSEC(200), SEC(120));
    rtt_sample(&r, MSEC(10), 1, 0);
    rtt_sample(&r, MSEC(50), 1, SEC(1));
    ck_assert_int_eq(rtt_min(&r), MSEC(10));
    rtt_sample(&r, MSEC(50), 1, SEC(301));
    ck_assert_int_eq(rtt_min(&r), MSEC(10));
    rtt_sample(&r, MSEC(50), 1, SEC(602));
    ck_assert_int_eq(rtt_min(&r), MSEC(50));
}
END_TEST

START_TEST(a_sample_of_nothing_is_a_nanosecond)
{
    struct tcp_rtt r;
    rtt_init(&r, MSEC(200), SEC(120));
    rtt_sample(&r, 0, 1, 0);
    ck_assert_int_eq(r.srtt, 1);  // 0 means that there is none
    ck_assert_int_eq(rtt_rto(&r), MSEC(200) + 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tcp_rtt");
    TCase *tc = tcase_create("tcp_rtt");
    tcase_add_loop_test(tc, samples_move_the_averages, 0, (int)ARRAY_LEN(course));
    tcase_add_loop_test(tc, backoff_doubles_to_a_bound, 0, 2);
    tcase_add_test(tc, more_samples_weigh_less);
    tcase_add_test(tc, minimum_forgets_an_old_path);
    tcase_add_test(tc, a_sample_of_nothing_is_a_nanosecond);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
