// code_test.c - the few statements of Python that assertions are made of, by table.
#include <check.h>

#include "claims.h"
#include "scenarios/drill/code.h"

struct program { struct arena arena; struct code_names names; struct code code; };

static bool known(struct span name)
{
    return (name.len == 9 && memcmp(name.p, "tcpi_cwnd", 9) == 0)
        || (name.len == 5 && memcmp(name.p, "bbr_x", 5) == 0);
}

static const char *lookup(void *self, struct span name, code_int *n)
{
    (void)self;
    *n = 10;
    return name.p[0] == 't' ? NULL : "it is BBR's";
}

static void print(void *self, const char *text)
{
    struct text t = text_of(self, 100);
    text_put_str(&t, text);
}

// 0: it holds; 1: it makes no sense; 2: it does not hold.
enum outcome { HOLDS, SENSELESS, FAILS };

static enum outcome run(struct program *p, const char *text, struct code_error *e, char *printed)
{
    if (p->arena.limit == 0) arena_init(&p->arena, 8 << 20);
    struct code_source source = {{text, strlen(text)}, &p->arena, &p->names, known};
    struct code_world w = {lookup, print, printed};
    const struct code_block *b = code_parse(&source, e);
    return b == NULL ? SENSELESS : code_run(&p->code, b, &w, e) ? HOLDS : FAILS;
}

static void drop(struct program *p)
{
    arena_free(&p->arena);
    code_free(&p->code);
}

// Each was held by CPython 3.11 too, with tcpi_cwnd = 10.
static const char *const holds[] = {
    "", "\n\n", "# only words", "pass", "pass; pass",
    "assert tcpi_cwnd == 10",
    "assert tcpi_cwnd == 10, tcpi_cwnd",
    "assert 5 <= tcpi_cwnd <= 20, 'cwnd=%d us' % tcpi_cwnd",
    "assert (tcpi_cwnd & 8) != 0; assert tcpi_cwnd | 1 == 11",
    "x = 3\nassert x == 3 # three\nx += 4; assert x == 7",
    "x = 3 \\\n + 4\nassert x == 7",
    "assert (1 +\n 2) == 3  # in parentheses a line goes on",
    "assert not 0 and (0 or 1)",
    "assert -7 // 2 == -4; assert -7 % 3 == 2; assert 7 // -2 == -4; assert 7 % -3 == -2",
    "assert 7 / 2 == 3.5; assert 6 / 2 == 3; assert -7 / 2 == -3.5; assert 1 / 3 < 0.34",
    "assert 7.5 // 2 == 3.0; assert -7.5 % 2 == 0.5; assert 7.5 % -2 == -0.5",
    "assert 2 ** 10 == 1024; assert 2 ** 3 ** 2 == 512; assert -2 ** 2 == -4; assert 2 ** -1 == .5",
    "assert 4 ** .5 == 2; assert (-1) ** 7 == -1; assert 0 ** 0 == 1; assert 2 ** 100 > 1e30",
    "assert 1 << 4 >> 2 == 4; assert ~0 == -1; assert 6 ^ 3 == 5; assert -1 >> 200 == -1",
    "assert 0x10 == 16 == 0b10000 == 0o20 == 1_6; assert 1e3 == 1000; assert 1.5E-1 == .15",
    "assert 9223372036854775807 + 1 == 9223372036854775808 == 2 ** 63",
    "assert 18446744073709551615 == 0xffffffffffffffff",
    "assert 9007199254740993 != 9007199254740992.0; assert 0.1 + 0.2 != 0.3; "
        "assert 2 ** 63 > 9.2e18",
    "assert 1 < 2 < 3 != 4 >= 4 > -1; assert not 1 < 3 < 2",
    "assert 2 + 3 * 4 == 14; assert (2 + 3) * 4 == 20; assert 10 - 2 - 3 == 5; "
        "assert 8 / 4 / 2 == 1",
    "assert True == 1 and False == 0; assert (True & False) is False; assert None is None",
    "assert 1 is not None; assert not None; assert None != 0",
    "assert tcpi_cwnd in (9, 10); assert tcpi_cwnd not in [1, 2]; assert 'b' in 'abc' in ('abc',)",
    "assert 10 in range(5, 11); assert 11 not in range(11); assert 4 in range(10, 0, -3); pass",
    "assert () == (); assert (1, 2) == (1, 2.0) != (1, 3); assert [1] != (1,); assert not []",
    "assert (1 if tcpi_cwnd > 5 else 0) == 1; assert 0 if tcpi_cwnd < 5 else 1",
    "assert (1 if 0 else 2 if 0 else 3) == 3; assert (0 or 7) == 7; assert (0 and 1 // 0) == 0",
    "assert 1 or 1 // 0; assert 7 if 1 else 1 // 0; assert (None or 'x') == 'x'",
    "assert not 1 == 2; assert not (1 and 0); assert not not 1; assert - -1 == +1",
    "assert 'abc' == \"abc\" < 'abd'; assert 'a' 'b' + 'c' == 'abc'; assert 'ab' * 2 == 'abab'",
    "assert 'a%d%s%%' % (1, 2) == 'a12%'; assert '%5d|%-4d|%04d' % (1, 2, -3) == '    1|2   |-003'",
    "assert '%.2f %e %g %x %X %o %+d' % (1.5, 1.5, 1e6, 255, 255, 8, 1) == "
        "'1.50 1.500000e+00 1e+06 ff FF 10 +1'",
    "assert '%s %r %s %.2s' % ('a', 'a', None, 'abc') == \"a 'a' None ab\"; "
        "assert '%d' % 3.9 == '3'",
    "assert 'tab\\tx\\x41\\'' == 'tab\tx' + r'A' \"'\"; assert r'\\n' == '\\\\n'; "
        "assert len('\\q') == 2",
    "assert abs(-3) == 3 == abs(-3.0); assert min(3, 1, 2) == 1; assert max((1, 5)) == 5",
    "assert int(3.9) == 3 == int(-3.9) * -1; assert round(2.5) == 2; assert round(3.5) == 4",
    "assert round(2.675, 2) == 2.67; assert len('abc') == 3 == len((1, 2, 3)); "
        "assert float(1) == 1.0",
    "assert str(1.0) == '1.0'; assert str(1e16) == '1e+16'; assert str(123456.0) == '123456.0'",
    "assert str((1, 'a', None, True, [2.5])) == \"(1, 'a', None, True, [2.5])\"; "
        "assert str((1,)) == '(1,)'",
    "assert str(0.1) == '0.1'; assert str(1 / 3) == '0.3333333333333333'; "
        "assert str(1e-5) == '1e-05'",
    "assert hex(255) == '0xff'; assert hex(-1) == '-0x1'; assert bool(7) is True; "
        "assert sum([1, 2]) == 3",
    "x = 5; x -= 1; x *= 3; x //= 2; assert x == 6; x |= 1; x &= 5; assert x == 5; x /= 2; "
        "assert x == 2.5",
    "x = 7; x %= 4; x **= 3; x <<= 2; x >>= 1; x ^= 1; assert x == 55",
    "x = 'a'; x += 'b'; assert x == 'ab'; x = (1, x); assert x == (1, 'ab'); y = None; "
        "assert y is None",
    "x = ['a', (1, 2)]; assert x == ['a', (1, 2)]",
};

START_TEST(it_holds)
{
    struct program p = {0};
    char printed[100] = "";
    struct code_error e;
    enum outcome o = run(&p, holds[_i], &e, printed);
    ck_assert_msg(o == HOLDS, "%s\n%u: %s", holds[_i], e.at, e.text);
    drop(&p);
}
END_TEST

#define FOUR "1 if 1 else 1 if 1 else 1 if 1 else 1 if 1 else "

static const struct {
    const char *text;
    enum outcome outcome;
    uint32_t at;
    const char *says;
} no[] = {
    {"assert tcpi_cwnd == 9, 'cwnd=%d' % tcpi_cwnd", FAILS, 7,
     "it does not hold that tcpi_cwnd == 9, where tcpi_cwnd is 10: cwnd=10"},
    {"x = 1\nassert x ==   2, (x, 2)", FAILS, 13, "that x == 2, where x is 1: (1, 2)"},
    {"assert not (\n tcpi_cwnd > 1 and tcpi_cwnd)", FAILS, 7,
     "that not ( tcpi_cwnd > 1 and tcpi_cwnd), where tcpi_cwnd is 10"},
    {"assert 1 // 0", FAILS, 9, "divided"},
    {"assert 1 / 0", FAILS, 9, "divided"},
    {"assert 1.5 % 0", FAILS, 11, "divided"},
    {"assert 0 ** -1", FAILS, 9, "negative power"},
    {"assert (-8) ** .5", FAILS, 12, "no real number"},
    {"assert 1 << -1", FAILS, 9, "less than 0"},
    {"assert 1 << 127", FAILS, 9, "127 bits"},
    {"assert 2 ** 126 * 2", FAILS, 16, "127 bits"},
    {"assert 9 ** 999999999999", FAILS, 9, "127 bits"},
    {"assert int(1e300)", FAILS, 7, "larger"},
    {"assert 'a' < 1", FAILS, 11, "'<' cannot compare"},
    {"assert 'a' + 1", FAILS, 11, "two numbers"},
    {"assert 1.5 & 1", FAILS, 11, "whole"},
    {"assert -'a'", FAILS, 7, "no number"},
    {"assert ~1.5", FAILS, 7, "no whole number"},
    {"assert 1 in 2", FAILS, 9, "'in' wants a list"},
    {"assert '%d%d' % 1", FAILS, 14, "more formats"},
    {"assert '%d' % (1, 2)", FAILS, 12, "more values"},
    {"assert '%y' % 1", FAILS, 12, "a format is"},
    {"assert '%d' % 'a'", FAILS, 12, "wants a number"},
    {"assert '%999d' % 1", FAILS, 15, "at most 100 wide"},
    {"assert 'a' * 1001", FAILS, 11, "at most 1000"},
    {"assert range(1001)", FAILS, 7, "at most 1000"},
    {"assert len(1)", FAILS, 11, "a text or a list"},
    {"assert abs('a')", FAILS, 11, "abs() takes a number"},
    {"assert bbr_x", FAILS, 7, "bbr_x: it is BBR's"},
    {"assert banana == 1", SENSELESS, 7, "nothing is named 'banana'"},
    {"assert 1 or banana", SENSELESS, 12, "'banana'"},
    {"x = 1; assert y", SENSELESS, 14, "'y'"},
    {"x += 1", SENSELESS, 0, "not set before"},
    {"tcpi_cwnd = 1", SENSELESS, 0, "a meaning of its own"},
    {"assert (1", SENSELESS, 9, "')' is missing"},
    {"assert 'abc", SENSELESS, 7, "no end"},
    {"assert 1 2", SENSELESS, 9, "end here"},
    {"assert 1 = 2", SENSELESS, 9, "write =="},
    {"assert (tcpi_cwnd == 9, 'no')", SENSELESS, 7, "always holds"},
    {"assert 1 if 2", SENSELESS, 13, "'else'"},
    {"assert 010", SENSELESS, 7, "'010' is no number"},
    {"assert 1__0", SENSELESS, 7, "no number"},
    {"assert 0x", SENSELESS, 7, "no number"},
    {"assert 1.2.3", SENSELESS, 7, "no number"},
    {"assert 99999999999999999999999999999999999999999", SENSELESS, 7, "no number"},
    {"assert f'x'", SENSELESS, 7, "texts are"},
    {"assert tcpi_cwnd'", SENSELESS, 7, "texts are"},
    {"assert open('x')", SENSELESS, 7, "no function named 'open'"},
    {"assert abs(1, 2)", SENSELESS, 7, "abs() takes one value"},
    {"assert max()", SENSELESS, 7, "some values"},
    {"assert 1 not 2", SENSELESS, 9, "end here"},
    {"import os", SENSELESS, 0, "'import' is not spoken here"},
    {"for x in (1, 2): pass", SENSELESS, 0, "'for' is not spoken here"},
    {"x == 1", SENSELESS, 0, "expected here"},
    {"7 = 1", SENSELESS, 0, "expected here"},
    {"x = ", SENSELESS, 4, "a value is missing"},
    {"assert", SENSELESS, 6, "missing"},
    {"assert and", SENSELESS, 7, "a value is missing"},
    {"print 1", SENSELESS, 6, "'('"},
    {"assert ((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))",
     SENSELESS, 0, "deeply"},
    {"assert ------------------------------------------1", SENSELESS, 0, "deeply"},
    {"assert " FOUR FOUR FOUR FOUR FOUR FOUR FOUR FOUR FOUR FOUR FOUR "1", SENSELESS, 0, "deeply"},
};

START_TEST(it_does_not)
{
    struct program p = {0};
    char printed[100] = "";
    struct code_error e;
    enum outcome o = run(&p, no[_i].text, &e, printed);
    ck_assert_msg(o == no[_i].outcome, "%s: %d\n%s", no[_i].text, (int)o, e.text);
    ck_assert_msg(strstr(e.text, no[_i].says) != NULL, "%s\n%s", no[_i].text, e.text);
    if (no[_i].at > 0) ck_assert_msg(e.at == no[_i].at, "%s: %u", no[_i].text, e.at);
    ck_assert(e.end > e.at);
    drop(&p);
}
END_TEST

// The whole of an assertion is marked, and no more.
START_TEST(what_does_not_hold_is_marked)
{
    struct program p = {0};
    struct code_error e;
    const char *text = "assert 1; assert tcpi_cwnd * 2 == 21 , 'why'";
    ck_assert(run(&p, text, &e, NULL) == FAILS);
    ck_assert_uint_eq(e.at, 17);
    ck_assert_uint_eq(e.end, 36);
    drop(&p);
}
END_TEST

START_TEST(names_live_on_and_print_prints)
{
    struct program p = {0};
    struct code_error e;
    char printed[100] = "";
    ck_assert(run(&p, "cwnd = tcpi_cwnd; t = 'x'", &e, printed) == HOLDS);
    ck_assert(run(&p, "cwnd += 8; print(cwnd)", &e, printed) == HOLDS);
    ck_assert_str_eq(printed, "18");
    ck_assert(run(&p, "print((cwnd, t), t, 1.5, True)", &e, printed) == HOLDS);
    ck_assert_str_eq(printed, "(18, 'x') x 1.5 True");
    ck_assert(run(&p, "print()", &e, printed) == HOLDS);
    ck_assert_str_eq(printed, "");
    drop(&p);
}
END_TEST

START_TEST(names_have_a_limit)
{
    struct program p = {0};
    struct code_error e;
    char printed[100] = "", text[] = "v00 = 1";
    for (int i = 0; i < CODE_VARS; i++) {
        text[1] = (char)('0' + i / 10);
        text[2] = (char)('0' + i % 10);
        ck_assert(run(&p, text, &e, printed) == HOLDS);
    }
    ck_assert(run(&p, "one_more = 1", &e, printed) == SENSELESS);
    drop(&p);
}
END_TEST

// A list of itself twice, again and again: neither memory nor time is without end.
START_TEST(growth_has_a_limit)
{
    struct program p = {0};
    struct code_error e;
    enum outcome o = run(&p, "x = (1, 2)", &e, NULL);
    for (int i = 0; i < 40 && o == HOLDS; i++) o = run(&p, "x = (x, x)", &e, NULL);
    ck_assert(o == FAILS);
    ck_assert_ptr_nonnull(strstr(e.text, "memory"));
    for (int i = 0; i < 40000 && (o = run(&p, "assert x == x; pass", &e, NULL)) == HOLDS; i++) {}
    ck_assert(o == FAILS);
    ck_assert_ptr_nonnull(strstr(e.text, "too long"));
    drop(&p);
}
END_TEST

static const struct { const char *text; bool fine; int64_t n; } shell[] = {
    {"15*1024*1024", true, 15 << 20}, {" (1 + 2)\n* 3 ", true, 9}, {"7/2*2", true, 6},
    {"-7/2", true, -3}, {"-7%3", true, -1}, {"1 << 20", true, 1 << 20}, {"1/0", false, 0},
    {"x", false, 0}, {"1.5", false, 0}, {"2 3", false, 0}, {"", false, 0}, {"1 << 64", false, 0},
};

START_TEST(a_shell_divides_towards_zero)
{
    int64_t n = 99;
    bool fine = code_arithmetic((struct span){shell[_i].text, strlen(shell[_i].text)}, &n);
    ck_assert_msg(fine == shell[_i].fine && n == shell[_i].n, "%s: %lld", shell[_i].text,
                  (long long)n);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("drill code");
    TCase *c = tcase_create("code");
    tcase_add_loop_test(c, it_holds, 0, ARRAY_LEN(holds));
    tcase_add_loop_test(c, it_does_not, 0, ARRAY_LEN(no));
    tcase_add_test(c, what_does_not_hold_is_marked);
    tcase_add_test(c, names_live_on_and_print_prints);
    tcase_add_test(c, names_have_a_limit);
    tcase_add_test(c, growth_has_a_limit);
    tcase_add_loop_test(c, a_shell_divides_towards_zero, 0, ARRAY_LEN(shell));
    suite_add_tcase(s, c);
    return run_claims(s);
}
