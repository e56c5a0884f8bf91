// csum_test.c - the fast sum against the two lines of RFC 1071 §4.1, written out.
#include <check.h>

#include "base/csum.h"
#include "base/rng.h"
#include "claims.h"

enum { LONGEST = 300, ROUNDS = 2000 };

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

static uint16_t model_sum(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++) sum += i % 2 == 0 ? (uint64_t)p[i] << 8 : p[i];
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

// RFC 1071 §3: the sum of 00 01 f2 03 f4 f5 f6 f7 is ddf2.
START_TEST(example_of_the_rfc)
{
    static const uint8_t p[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
    ck_assert_uint_eq(csum_sum(p, sizeof p), 0xddf2);
    ck_assert_uint_eq(csum_field(0xddf2), 0x220d);
}
END_TEST

START_TEST(agrees_with_the_model)
{
    static uint8_t bytes[LONGEST + 8];
    struct rng r;
    rng_seed(&r, 1);
    for (int i = 0; i < ROUNDS; i++) {
        size_t off = rng_below(&r, 8), len = rng_below(&r, LONGEST);
        rng_fill(&r, bytes, sizeof bytes);
        if (i % 4 == 0) memset(bytes, 0xff, sizeof bytes);  // carries everywhere
        NEED(csum_sum(bytes + off, len) == model_sum(bytes + off, len));
    }
    ck_assert_uint_eq(csum_sum(NULL, 0), 0);
}
END_TEST

START_TEST(long_runs_of_ones_do_not_overflow)
{
    static uint8_t bytes[1 << 17];
    memset(bytes, 0xff, sizeof bytes);
    ck_assert_uint_eq(csum_sum(bytes, sizeof bytes), 0xffff);
    ck_assert_uint_eq(csum_sum(bytes, sizeof bytes - 1), model_sum(bytes, sizeof bytes - 1));
}
END_TEST

START_TEST(parts_make_the_whole_at_any_offset)
{
    uint8_t bytes[LONGEST];
    struct rng r;
    rng_seed(&r, 2);
    for (int i = 0; i < ROUNDS; i++) {
        rng_fill(&r, bytes, sizeof bytes);
        size_t a = rng_below(&r, LONGEST), b = a + rng_below(&r, LONGEST - a + 1);
        uint16_t sum = csum_sum(bytes, a);
        sum = csum_append(sum, a, csum_sum(bytes + a, b - a));
        sum = csum_append(sum, b, csum_sum(bytes + b, LONGEST - b));
        NEED(sum == csum_sum(bytes, LONGEST));
    }
}
END_TEST

START_TEST(replace_is_what_a_new_sum_would_say)
{
    uint8_t p[40];
    struct rng r;
    rng_seed(&r, 3);
    for (int i = 0; i < ROUNDS; i++) {
        rng_fill(&r, p, sizeof p);
        uint16_t field = csum_field(csum_sum(p, sizeof p));
        uint16_t from16 = get16(p + 8), to16 = (uint16_t)rng_next(&r);
        uint32_t from32 = get32(p + 20), to32 = (uint32_t)rng_next(&r);
        put16(p + 8, to16);
        put32(p + 20, to32);
        uint16_t replaced = csum_replace32(csum_replace16(field, from16, to16), from32, to32);
        NEED(replaced == csum_field(csum_sum(p, sizeof p)));
    }
}
END_TEST

// RFC 1624 §4: the case that older formulas got wrong. 0xdd2f goes by 0x5555 -> 0x3285 to 0x0000.
START_TEST(replace_survives_the_example_of_rfc_1624)
{
    ck_assert_uint_eq(csum_replace16(0xdd2f, 0x5555, 0x3285), 0x0000);
}
END_TEST

START_TEST(ok_accepts_the_field_and_nothing_else)
{
    uint8_t p[24];
    struct rng r;
    struct addr src = addr_ip4(0x0a000001), dst = addr_ip4(0x0a000002);
    rng_seed(&r, 4);
    rng_fill(&r, p, sizeof p);
    put16(p + 16, 0);
    uint16_t pseudo = csum_pseudo(src, dst, 6, sizeof p);
    put16(p + 16, csum_field(csum_add(pseudo, csum_sum(p, sizeof p))));
    ck_assert(csum_ok(pseudo, p, sizeof p));
    for (size_t bit = 0; bit < sizeof p * 8; bit++) {
        p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        NEED(!csum_ok(pseudo, p, sizeof p));
        p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
END_TEST

// The pseudo headers of RFC 9293 §3.1 and RFC 8200 §8.1, laid out byte by byte.
START_TEST(pseudo_headers_of_both_families)
{
    struct addr a = addr_ip4(0xc0a80001), b = addr_ip4(0xfffefdfc);
    uint8_t ip4[12] = {0xc0, 0xa8, 0, 1, 0xff, 0xfe, 0xfd, 0xfc, 0, 17, 0xab, 0xcd};
    ck_assert_uint_eq(csum_pseudo(a, b, 17, 0xabcd), model_sum(ip4, sizeof ip4));

    uint8_t ip6[40];
    for (uint8_t i = 0; i < 32; i++) ip6[i] = (uint8_t)(i * 37);
    put32(ip6 + 32, 0x00012345);
    put32(ip6 + 36, 58);
    ck_assert_uint_eq(csum_pseudo(addr_ip6_bytes(ip6), addr_ip6_bytes(ip6 + 16), 58, 0x12345),
                      model_sum(ip6, sizeof ip6));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("csum");
    TCase *c = tcase_create("csum");
    tcase_add_test(c, example_of_the_rfc);
    tcase_add_test(c, agrees_with_the_model);
    tcase_add_test(c, long_runs_of_ones_do_not_overflow);
    tcase_add_test(c, parts_make_the_whole_at_any_offset);
    tcase_add_test(c, replace_is_what_a_new_sum_would_say);
    tcase_add_test(c, replace_survives_the_example_of_rfc_1624);
    tcase_add_test(c, ok_accepts_the_field_and_nothing_else);
    tcase_add_test(c, pseudo_headers_of_both_families);
    suite_add_tcase(s, c);
    return run_claims(s);
}
