// text_test.c - numbers as people write them, and never a byte past the end.
#include <check.h>

#include "base/text.h"
#include "claims.h"

START_TEST(numbers)
{
    char buf[200];
    struct text t = text_of(buf, sizeof buf);
    text_put_u64(&t, 0);
    text_put_char(&t, ' ');
    text_put_u64(&t, UINT64_MAX);
    text_put_char(&t, ' ');
    text_put_i64(&t, INT64_MIN);
    text_put_char(&t, ' ');
    text_put_hex(&t, 0xbeef, 1);
    text_put_char(&t, ' ');
    text_put_hex(&t, 0xa, 4);
    text_put_char(&t, ' ');
    text_put_dump(&t, (const uint8_t[]){0x00, 0xff, 0x1a}, 3);
    ck_assert_str_eq(buf, "0 18446744073709551615 -9223372036854775808 beef 000a 00ff1a");
    ck_assert(!t.cut);
}
END_TEST

static const struct { int64_t v; unsigned places; const char *want; } fixed[] = {
    {1500, 3, "1.500"}, {5, 3, "0.005"}, {-5, 3, "-0.005"}, {-1234567, 6, "-1.234567"},
    {42, 0, "42"}, {INT64_MIN, 9, "-9223372036.854775808"}, {0, 1, "0.0"},
};

START_TEST(a_new_text_is_empty)
{
    char buf[4] = "old";
    struct text t = text_of(buf, sizeof buf);
    ck_assert_str_eq(buf, "");
    ck_assert_uint_eq(t.len, 0);
}
END_TEST

START_TEST(fixed_point)
{
    char buf[40];
    struct text t = text_of(buf, sizeof buf);
    text_put_fixed(&t, fixed[_i].v, fixed[_i].places);
    ck_assert_str_eq(buf, fixed[_i].want);
}
END_TEST

START_TEST(what_does_not_fit_is_cut_and_told)
{
    char buf[8];
    for (size_t cap = 1; cap <= 6; cap++) {
        memset(buf, 0x7e, sizeof buf);
        struct text t = text_of(buf, cap);
        text_put_str(&t, "hello");
        ck_assert_uint_eq(t.len, cap - 1);
        ck_assert_uint_eq(strlen(buf), cap - 1);
        ck_assert_int_eq(t.cut, cap < 6);
        ck_assert_int_eq(buf[cap], 0x7e);
        text_put_u64(&t, 12);
        text_pad(&t, 100);
        ck_assert(t.cut);
        ck_assert_int_eq(buf[cap], 0x7e);
    }
}
END_TEST

START_TEST(hostile_bytes_become_dots)
{
    char buf[20];
    struct text t = text_of(buf, sizeof buf);
    text_put_printable(&t, (const uint8_t *)"a\x1b[2J\n\xff~\x7f", 9);
    text_pad(&t, 10);
    text_put_char(&t, '|');
    ck_assert_str_eq(buf, "a.[2J..~. |");
}
END_TEST

static const struct { const char *s; uint64_t max; bool ok; uint64_t v; size_t used; } taken[] = {
    {"0", 9, true, 0, 1},
    {"255.", 255, true, 255, 3},
    {"256", 255, false, 0, 0},
    {"01", 9, false, 0, 0},
    {"09", 9, false, 0, 0},
    {"", 9, false, 0, 0},
    {"-1", 9, false, 0, 0},
    {"18446744073709551615", UINT64_MAX, true, UINT64_MAX, 20},
    {"18446744073709551616", UINT64_MAX, false, 0, 0},
    {"99999999999999999999999", UINT64_MAX, false, 0, 0},
    {"5", 4, false, 0, 0},
};

START_TEST(take_u64_takes_all_or_nothing)
{
    const char *at = taken[_i].s;
    uint64_t v = 0;
    ck_assert_int_eq(text_take_u64(&at, taken[_i].max, &v), taken[_i].ok);
    ck_assert_uint_eq(v, taken[_i].v);
    ck_assert_uint_eq((size_t)(at - taken[_i].s), taken[_i].used);
}
END_TEST

START_TEST(take_char_never_passes_the_end)
{
    const char *at = "";
    ck_assert(!text_take_char(&at, '\0'));
    ck_assert(!text_take_char(&at, 'a'));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *c = tcase_create("text");
    tcase_add_test(c, numbers);
    tcase_add_test(c, a_new_text_is_empty);
    tcase_add_loop_test(c, fixed_point, 0, (int)ARRAY_LEN(fixed));
    tcase_add_test(c, what_does_not_fit_is_cut_and_told);
    tcase_add_test(c, hostile_bytes_become_dots);
    tcase_add_loop_test(c, take_u64_takes_all_or_nothing, 0, (int)ARRAY_LEN(taken));
    tcase_add_test(c, take_char_never_passes_the_end);
    suite_add_tcase(s, c);
    return run_claims(s);
}
