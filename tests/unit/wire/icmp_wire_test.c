// icmp_wire_test.c - ICMP of both versions and UDP, both ways.
#include <check.h>

#include "claims.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/udp_wire.h"

static const struct { struct icmp4_message m; uint8_t bytes[8]; } icmp4[] = {
    {{.type = ICMP4_ECHO, .id = 0x1234, .seq = 7}, {8, 0, 0, 0, 0x12, 0x34, 0, 7}},
    {{.type = ICMP4_ECHO_REPLY, .id = 1, .seq = 0xffff}, {0, 0, 0, 0, 0, 1, 0xff, 0xff}},
    {{.type = ICMP4_UNREACHABLE, .code = ICMP4_PORT}, {3, 3}},
    {{.type = ICMP4_UNREACHABLE, .code = ICMP4_FRAG_NEEDED, .mtu = 1492},
     {3, 4, 0, 0, 0, 0, 0x05, 0xd4}},
    {{.type = ICMP4_REDIRECT, .code = 1, .gateway = {FAMILY_IP4, {10, 0, 0, 254}}},
     {5, 1, 0, 0, 10, 0, 0, 254}},
    {{.type = ICMP4_TIME_EXCEEDED, .code = ICMP4_REASSEMBLY}, {11, 1}},
    {{.type = ICMP4_PARAM_PROBLEM, .pointer = 20}, {12, 0, 0, 0, 20}},
    {{.type = 200, .code = 9}, {200, 9}},
};

START_TEST(icmp4_there_and_back)
{
    uint8_t p[ICMP4_HDR_LEN + 1];
    struct icmp4_message got, want = icmp4[_i].m;
    memset(p, 0xa5, sizeof p);
    memset(&got, 0x5a, sizeof got);
    ck_assert_uint_eq(icmp4_emit(&want, p), ICMP4_HDR_LEN);
    ck_assert_mem_eq(p, icmp4[_i].bytes, ICMP4_HDR_LEN);
    ck_assert_uint_eq(p[ICMP4_HDR_LEN], 0xa5);
    ck_assert_int_eq(icmp4_parse(&got, p, ICMP4_HDR_LEN), DROP_NONE);
    ck_assert_uint_eq(got.type, want.type);
    ck_assert_uint_eq(got.code, want.code);
    ck_assert_uint_eq(got.id, want.id);
    ck_assert_uint_eq(got.seq, want.seq);
    ck_assert_uint_eq(got.mtu, want.mtu);
    ck_assert_uint_eq(got.pointer, want.pointer);
    ck_assert(addr_eq(got.gateway, want.gateway));
}
END_TEST

static const struct { struct icmp6_message m; uint8_t bytes[8]; } icmp6[] = {
    {{.type = ICMP6_ECHO, .id = 0x1234, .seq = 7}, {128, 0, 0, 0, 0x12, 0x34, 0, 7}},
    {{.type = ICMP6_ECHO_REPLY, .id = 1, .seq = 2}, {129, 0, 0, 0, 0, 1, 0, 2}},
    {{.type = ICMP6_TOO_BIG, .mtu = 1280}, {2, 0, 0, 0, 0, 0, 5, 0}},
    {{.type = ICMP6_PARAM_PROBLEM, .code = 1, .pointer = 0x01020304}, {4, 1, 0, 0, 1, 2, 3, 4}},
    {{.type = ICMP6_UNREACHABLE, .code = ICMP6_PORT}, {1, 4}},
    {{.type = ICMP6_TIME_EXCEEDED}, {3, 0}},
};

START_TEST(icmp6_there_and_back)
{
    uint8_t p[ICMP6_HDR_LEN + 1];
    struct icmp6_message got, want = icmp6[_i].m;
    memset(p, 0xa5, sizeof p);
    memset(&got, 0x5a, sizeof got);
    ck_assert_uint_eq(icmp6_emit(&want, p), ICMP6_HDR_LEN);
    ck_assert_mem_eq(p, icmp6[_i].bytes, ICMP6_HDR_LEN);
    ck_assert_uint_eq(p[ICMP6_HDR_LEN], 0xa5);
    ck_assert_int_eq(icmp6_parse(&got, p, ICMP6_HDR_LEN), DROP_NONE);
    ck_assert_uint_eq(got.type, want.type);
    ck_assert_uint_eq(got.code, want.code);
    ck_assert_uint_eq(got.id, want.id);
    ck_assert_uint_eq(got.seq, want.seq);
    ck_assert_uint_eq(got.mtu, want.mtu);
    ck_assert_uint_eq(got.pointer, want.pointer);
}
END_TEST

START_TEST(icmp_cut_short)
{
    uint8_t p[8] = {0};
    struct icmp4_message m4;
    struct icmp6_message m6;
    for (size_t len = 0; len < 8; len++) {
        ck_assert_int_eq(icmp4_parse(&m4, p, len), DROP_ICMP_TRUNCATED);
        ck_assert_int_eq(icmp6_parse(&m6, p, len), DROP_ICMP_TRUNCATED);
    }
}
END_TEST

START_TEST(errors_are_known_by_their_type)
{
    int errors = 0;
    for (int type = 0; type < 256; type++) errors += icmp4_is_error((uint8_t)type);
    ck_assert_int_eq(errors, 5);
    ck_assert(icmp4_is_error(ICMP4_UNREACHABLE) && !icmp4_is_error(ICMP4_ECHO));
    ck_assert(icmp6_is_error(ICMP6_TOO_BIG) && !icmp6_is_error(ICMP6_ECHO));
}
END_TEST

START_TEST(udp_there_and_back)
{
    static const uint8_t want[] = {0x13, 0x88, 0, 53, 0, 12, 0xbe, 0xef};
    uint8_t p[16];
    struct udp_datagram got, udp = {.sport = 5000, .dport = 53, .len = 12, .csum = 0xbeef};
    memset(p, 0xa5, sizeof p);
    ck_assert_uint_eq(udp_emit(&udp, p), UDP_HDR_LEN);
    ck_assert_mem_eq(p, want, sizeof want);
    ck_assert_uint_eq(p[UDP_HDR_LEN], 0xa5);
    ck_assert_int_eq(udp_parse(&got, p, 12), DROP_NONE);
    ck_assert_uint_eq(got.sport, 5000);
    ck_assert_uint_eq(got.dport, 53);
    ck_assert_uint_eq(got.len, 12);
    ck_assert_uint_eq(got.csum, 0xbeef);
}
END_TEST

static const struct { const char *what; size_t len; uint8_t says; enum drop want; } udp_bad[] = {
    {"an empty datagram",         8, 8, DROP_NONE},
    {"padding behind it",        12, 8, DROP_NONE},
    {"no bytes",                  0, 8, DROP_UDP_TRUNCATED},
    {"one byte short",            7, 8, DROP_UDP_TRUNCATED},
    {"a length below the header", 8, 7, DROP_UDP_BAD_LENGTH},
    {"a length of zero",          8, 0, DROP_UDP_BAD_LENGTH},
    {"more than is here",         8, 9, DROP_UDP_BAD_LENGTH},
};

START_TEST(udp_rejects)
{
    uint8_t p[12] = {[5] = udp_bad[_i].says};
    struct udp_datagram udp;
    ck_assert_msg(udp_parse(&udp, p, udp_bad[_i].len) == udp_bad[_i].want, "%s", udp_bad[_i].what);
}
END_TEST

START_TEST(a_checksum_of_zero_is_sent_as_ones)
{
    ck_assert_uint_eq(udp_csum_field(0xffff), 0xffff);
    ck_assert_uint_eq(udp_csum_field(0x1234), 0xedcb);
    ck_assert_uint_eq(udp_csum_field(0), 0xffff);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("icmp_wire");
    TCase *c = tcase_create("icmp_wire");
    tcase_add_loop_test(c, icmp4_there_and_back, 0, (int)ARRAY_LEN(icmp4));
    tcase_add_loop_test(c, icmp6_there_and_back, 0, (int)ARRAY_LEN(icmp6));
    tcase_add_test(c, icmp_cut_short);
    tcase_add_test(c, errors_are_known_by_their_type);
    tcase_add_test(c, udp_there_and_back);
    tcase_add_loop_test(c, udp_rejects, 0, (int)ARRAY_LEN(udp_bad));
    tcase_add_test(c, a_checksum_of_zero_is_sent_as_ones);
    suite_add_tcase(s, c);
    return run_claims(s);
}
