// link_text_test.c - the qualities of a link as text, there and back.
#include <check.h>

#include "claims.h"
#include "scenarios/sim/link_text.h"

static char why[200];
static struct text error;

static bool parse(struct link_config *c, const char *list)
{
    error = text_of(why, sizeof why);
    return link_text_parse(c, list, &error);
}

START_TEST(every_quality_is_read_and_printed)
{
    static const char all[] = "rate=10Mbit,delay=20ms,jitter=1500us,loss=2%,reorder=5%,"
                              "reorder_delay=3s,duplicate=0.5%,corrupt=0.0001%,queue=7,down=1";
    struct link_config c = {0};
    ck_assert_msg(parse(&c, all), "%s", why);
    ck_assert_uint_eq(c.rate_bps, 10000000);
    ck_assert_int_eq(c.delay, MSEC(20));
    ck_assert_int_eq(c.jitter, USEC(1500));
    ck_assert_uint_eq(c.loss_ppm, 20000);
    ck_assert_uint_eq(c.reorder_ppm, 50000);
    ck_assert_int_eq(c.reorder_delay, SEC(3));
    ck_assert_uint_eq(c.duplicate_ppm, 5000);
    ck_assert_uint_eq(c.corrupt_ppm, 1);
    ck_assert_uint_eq(c.queue_packets, 7);
    ck_assert(c.down);
    char line[300];
    struct text t = text_of(line, sizeof line);
    link_text_print(&t, &c);
    ck_assert_str_eq(line, all);
}
END_TEST

START_TEST(what_is_not_named_stays)
{
    struct link_config c = {.delay = MSEC(1), .loss_ppm = 5, .rate_bps = 9};
    ck_assert(parse(&c, "loss=0.5,rate=0"));
    ck_assert_int_eq(c.delay, MSEC(1));
    ck_assert_uint_eq(c.loss_ppm, 500000);
    ck_assert_uint_eq(c.rate_bps, 0);
    ck_assert(parse(&c, ""));
    ck_assert_int_eq(c.delay, MSEC(1));
}
END_TEST

START_TEST(a_perfect_cable_says_so)
{
    char line[40];
    struct text t = text_of(line, sizeof line);
    link_text_print(&t, &(struct link_config){0});
    ck_assert_str_eq(line, "nothing");
}
END_TEST

static const struct { const char *list, *says; } bad[] = {
    {"dealy=20ms", "a link has no \"dealy\" (rate, delay, "},
    {"=5", "a link has no \"\" ("},
    {"delay", "\"\" is no value for delay, like 20ms"},
    {"delay=20", "\"20\" is no value for delay, like 20ms"},
    {"loss=1%,delay=-3ms", "\"-3ms\" is no value for delay"},
    {"loss=2", "\"2\" is no value for loss, like 0.01 or 1%"},
    {"rate=fast", "\"fast\" is no value for rate"},
    {"queue=0", "\"0\" is no value for queue"},
    {"down=yes", "\"yes\" is no value for down"},
    {"loss=1%,", "something is missing behind the last comma"},
    {"loss=1%,,delay=1ms", "a link has no \"\""},
    {"delay=0000000000000000000000000000000000000000000001ms", "is no value for delay"},
    {"delay=\x1b[2J", "\".[2J\" is no value for delay"},
};

START_TEST(what_makes_no_sense_is_refused_and_changes_nothing)
{
    struct link_config c = {.loss_ppm = 77};
    ck_assert_msg(!parse(&c, bad[_i].list), "%s", bad[_i].list);
    ck_assert_msg(strstr(why, bad[_i].says) != NULL, "%s: %s", bad[_i].list, why);
    ck_assert_uint_eq(c.loss_ppm, 77);
    ck_assert_int_eq(c.delay, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("link_text");
    TCase *tc = tcase_create("link_text");
    tcase_add_test(tc, every_quality_is_read_and_printed);
    tcase_add_test(tc, what_is_not_named_stays);
    tcase_add_test(tc, a_perfect_cable_says_so);
    tcase_add_loop_test(tc, what_makes_no_sense_is_refused_and_changes_nothing, 0, ARRAY_LEN(bad));
    suite_add_tcase(s, tc);
    return run_claims(s);
}
