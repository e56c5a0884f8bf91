// code_test.c - the few statements of Python that assertions are made of, by table.
#include <check.h>

#include "scenarios/drill/code.h"

static bool lookup(void *self, struct span name, int64_t *n)
{
    (void)self;
    *n = 10;
    return name.len == 9 && memcmp(name.p, "tcpi_cwnd", 9) == 0;
}

static void print(void *self, const char *text)
{
    struct text t = text_of(self, 100);
    text_put_str(&t, text);
}

static struct code_result run(struct code *c, const char *text, char printed[100])
{
    struct code_world w = {lookup, print, printed};
    return code_run(c, (struct span){text, strlen(text)}, &w);
}

static const char *const holds[] = {
    "", "\n\n", "# only words", "pass",
    "assert tcpi_cwnd == 10",
    "assert tcpi_cwnd == 10, tcpi_cwnd",
    "assert 5 <= tcpi_cwnd <= 20, 'cwnd=%d us' % tcpi_cwnd",
    "assert (tcpi_cwnd & 8) != 0; assert tcpi_cwnd | 1 == 11",
    "x = 3\nassert x == 3 # three\nx += 4; assert x == 7",
    "x = 3 \\\n + 4\nassert x == 7",
    "assert (1 +\n 2) == 3",
    "assert not 0 and (0 or 1)",
    "assert -7 // 2 == -4; assert -7 % 3 == 2; assert 7 / 2 == 3",
    "assert 1 << 4 >> 2 == 4; assert ~0 == -1; assert 6 ^ 3 == 5",
    "assert 0x10 == 16; assert True; assert False == 0",
    "assert 1 < 2 < 3 != 4 >= 4 > -1",
    "assert 2 + 3 * 4 == 14; assert (2 + 3) * 4 == 20",
    "assert 'abc' == \"abc\"; assert 'a%d%s%%' % (1, 2) == 'a12%'",
    "x = 5; x -= 1; x *= 3; x //= 2; assert x == 6; x |= 1; x &= 5; assert x == 5",
    "assert 9223372036854775807 + 1 < 0",
};

START_TEST(it_holds)
{
    struct code c = {0};
    char printed[100] = "";
    struct code_result r = run(&c, holds[_i], printed);
    ck_assert_msg(r.ok, "%s\n%s", holds[_i], r.text);
}
END_TEST

static const struct { const char *text; size_t at; const char *says; } fails[] = {
    {"assert tcpi_cwnd == 9, 'cwnd=%d' % tcpi_cwnd", 7, "tcpi_cwnd == 9: cwnd=10"},
    {"x = 1\nassert x == 2, (x, 2)", 13, "x == 2: (1, 2)"},
    {"assert banana == 1", 7, "'banana'"},
    {"x += 1", 0, "not set before"},
    {"assert 1 // 0", 8, "divided"},
    {"assert 1 << 63", 9, "shift"},
    {"assert 'a' < 1", 11, "compared"},
    {"assert (1", 9, "')'"},
    {"assert 'abc", 8, "no end"},
    {"assert '%d%d' % 1", 13, "more formats"},
    {"assert 1 2", 9, "end here"},
    {"import os", 0, "expected here"},
    {"x == 1", 0, "expected here"},
    {"x = 'a'", 0, "a number"},
    {"assert", 6, "missing"},
    {"print 1", 6, "'('"},
    {"assert ((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))",
     0, "deeply"},
};

START_TEST(it_does_not)
{
    struct code c = {0};
    char printed[100] = "";
    struct code_result r = run(&c, fails[_i].text, printed);
    ck_assert_msg(!r.ok, "%s", fails[_i].text);
    ck_assert_msg(strstr(r.text, fails[_i].says) != NULL, "%s\n%s", fails[_i].text, r.text);
    if (fails[_i].at > 0) ck_assert_msg(r.at == fails[_i].at, "%s: %zu", fails[_i].text, r.at);
}
END_TEST

START_TEST(names_live_on_and_print_prints)
{
    struct code c = {0};
    char printed[100] = "";
    ck_assert(run(&c, "cwnd = tcpi_cwnd", printed).ok);
    ck_assert(run(&c, "cwnd += 8; print(cwnd)", printed).ok);
    ck_assert_str_eq(printed, "18");
    ck_assert(run(&c, "print((cwnd, 'a'))", printed).ok);
    ck_assert_str_eq(printed, "(18, a)");
}
END_TEST

START_TEST(names_have_a_limit)
{
    struct code c = {0};
    char printed[100] = "", text[] = "v00 = 1";
    for (int i = 0; i < CODE_VARS; i++) {
        text[1] = (char)('0' + i / 10);
        text[2] = (char)('0' + i % 10);
        ck_assert(run(&c, text, printed).ok);
    }
    ck_assert(!run(&c, "one_more = 1", printed).ok);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("drill code");
    TCase *c = tcase_create("code");
    tcase_add_loop_test(c, it_holds, 0, ARRAY_LEN(holds));
    tcase_add_loop_test(c, it_does_not, 0, ARRAY_LEN(fails));
    tcase_add_test(c, names_live_on_and_print_prints);
    tcase_add_test(c, names_have_a_limit);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
