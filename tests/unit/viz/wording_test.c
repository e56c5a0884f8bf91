// wording_test.c - numbers as people say them.
#include "claims.h"
#include "viz/wording.h"

#include <check.h>

static const struct { nsec before, at; const char *says; } rows[] = {
    {0, SEC(5), "5 s"},
    {0, USEC(34), "34 µs"},
    {SEC(5), SEC(5) + 12600, "+12.6 µs"},
    {SEC(5), SEC(5) + 612807, "+612.8 µs"},  // what follows has no room beside the ladder
    {SEC(5000), SEC(5000) + 999999, "+999.9 µs"},
    {SEC(5000), SEC(5000) + 3, "+3 ns"},
    {SEC(5000), SEC(5000) + MSEC(61), "+61 ms"},
};

START_TEST(an_instant_that_reads_as_the_last_is_told_by_its_distance)
{
    char said[40];
    struct instants row = {0};
    struct text t = text_of(said, sizeof said);
    if (rows[_i].before > 0) text_put_instant(&t, &row, rows[_i].before);
    t = text_of(said, sizeof said);
    text_put_instant(&t, &row, rows[_i].at);
    ck_assert_str_eq(said, rows[_i].says);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wording");
    TCase *tc = tcase_create("wording");
    tcase_add_loop_test(tc, an_instant_that_reads_as_the_last_is_told_by_its_distance, 0,
                        ARRAY_LEN(rows));
    suite_add_tcase(s, tc);
    return run_claims(s);
}
