// ndp_wire_test.c - neighbour discovery both ways, by table.
#include <check.h>

#include "claims.h"
#include "wire/ndp_wire.h"

#define FD2 {FAMILY_IP6, {0xfd, [15] = 2}}
#define FE1 {FAMILY_IP6, {0xfe, 0x80, [15] = 1}}

static const uint8_t quoted[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};

// Messages, and the bytes they are.
static const struct { struct ndp_message m; size_t len; uint8_t bytes[80]; } good[] = {
    {{.type = ICMP6_ROUTER_SOLICIT}, 8, {133}},
    {{.type = ICMP6_ROUTER_SOLICIT, .has_source_mac = true, .source_mac = {{2, 0, 0, 0, 0, 1}}}, 16,
     {133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 1}},
    {{.type = ICMP6_NEIGHBOUR_SOLICIT, .target = FD2}, 24,
     {135, [8] = 0xfd, [23] = 2}},
    {{.type = ICMP6_NEIGHBOUR_ADVERT, .target = FD2, .solicited = true, .override = true,
      .has_target_mac = true, .target_mac = {{2, 0, 0, 0, 0, 2}}}, 32,
     {136, [4] = 0x60, [8] = 0xfd, [23] = 2, 2, 1, 2, 0, 0, 0, 0, 2}},
    {{.type = ICMP6_NEIGHBOUR_ADVERT, .target = FD2, .router = true}, 24,
     {136, [4] = 0x80, [8] = 0xfd, [23] = 2}},
    {{.type = ICMP6_ROUTER_ADVERT, .hop_limit = 64, .managed = true, .lifetime_s = 1800,
      .reachable_ms = 30000, .retrans_ms = 1000, .mtu = 1280, .prefixes = 1,
      .prefix = {{.prefix = {{FAMILY_IP6, {0xfd}}, 64}, .on_link = true, .valid_s = UINT32_MAX,
                  .preferred_s = 600}}}, 56,
     {134, 0, 0, 0, 64, 0x80, 7, 8, 0, 0, 0x75, 0x30, 0, 0, 3, 0xe8,
      5, 1, 0, 0, 0, 0, 5, 0,
      3, 4, 64, 0x80, 255, 255, 255, 255, 0, 0, 2, 0x58, 0, 0, 0, 0, 0xfd}},
    {{.type = ICMP6_ROUTER_ADVERT, .other = true, .prefixes = 1,
      .prefix = {{.prefix = {{FAMILY_IP6, {0xfd}}, 128}, .autonomous = true}}}, 48,
     {134, 0, 0, 0, 0, 0x40, [16] = 3, 4, 128, 0x40, [32] = 0xfd}},
    {{.type = ICMP6_ROUTER_ADVERT, .servers = 2, .servers_s = 600, .server = {FD2, FE1}}, 56,
     {134, [16] = 25, 5, 0, 0, 0, 0, 2, 0x58, [24] = 0xfd, [39] = 2, 0xfe, 0x80, [55] = 1}},
    {{.type = ICMP6_REDIRECT, .target = FE1, .dst = FD2, .quoted = quoted, .quoted_len = 16}, 64,
     {137, [8] = 0xfe, 0x80, [23] = 1, 0xfd, [39] = 2, 4, 3, [48] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
      11, 12, 13, 14, 15, 16}},
};

START_TEST(emit_then_parse_is_identity)
{
    static uint8_t p[NDP_EMIT_MAX + 64];
    struct ndp_message m, want = good[_i].m;
    memset(p, 0xa5, sizeof p);
    memset(&m, 0x5a, sizeof m);
    ck_assert_uint_eq(ndp_emit(&want, p), good[_i].len);
    ck_assert_mem_eq(p, good[_i].bytes, good[_i].len);
    ck_assert_uint_eq(p[good[_i].len], 0xa5);

    ck_assert_int_eq(ndp_parse(&m, p, good[_i].len), DROP_NONE);
    ck_assert_uint_eq(m.type, want.type);
    ck_assert(addr_eq(m.target, want.target) && addr_eq(m.dst, want.dst));
    ck_assert_uint_eq(m.quoted_len, want.quoted_len);
    if (want.quoted != NULL) ck_assert_mem_eq(m.quoted, want.quoted, want.quoted_len);
    // The bytes above hold the rest: what parse missed, emit would leave out.
    static uint8_t again[NDP_EMIT_MAX + 64];
    ck_assert_uint_eq(ndp_emit(&m, again), good[_i].len);
    ck_assert_mem_eq(again, p, good[_i].len);
}
END_TEST

START_TEST(a_quote_is_cut_to_eights)
{
    static uint8_t p[NDP_EMIT_MAX + 64];
    struct ndp_message m = good[ARRAY_LEN(good) - 1].m;
    m.quoted_len = 19;
    ck_assert_uint_eq(ndp_emit(&m, p), 64);
    m.quoted_len = 7;
    ck_assert_uint_eq(ndp_emit(&m, p), 48);
}
END_TEST

START_TEST(a_quote_is_cut_to_what_an_option_can_say)
{
    static uint8_t p[NDP_EMIT_MAX + 3000], long_quote[3000];
    struct ndp_message m = good[ARRAY_LEN(good) - 1].m;
    m.quoted = long_quote;
    m.quoted_len = sizeof long_quote;
    ck_assert_uint_eq(ndp_emit(&m, p), 40 + 255 * 8);
    ck_assert_int_eq(ndp_parse(&m, p, 40 + 255 * 8), DROP_NONE);
    ck_assert_uint_eq(m.quoted_len, 254 * 8);
}
END_TEST

START_TEST(more_prefixes_than_we_keep_are_passed_over)
{
    static uint8_t p[16 + 32 * (NDP_PREFIX_MAX + 1)];
    struct ndp_message m = {.type = ICMP6_ROUTER_ADVERT, .prefixes = NDP_PREFIX_MAX};
    for (uint8_t i = 0; i < NDP_PREFIX_MAX; i++)
        m.prefix[i].prefix = (struct prefix){{FAMILY_IP6, {i}}, 64};
    size_t len = ndp_emit(&m, p);
    memcpy(p + len, (const uint8_t[]){3, 4, 64}, 3);
    ck_assert_int_eq(ndp_parse(&m, p, sizeof p), DROP_NONE);
    ck_assert_uint_eq(m.prefixes, NDP_PREFIX_MAX);
    ck_assert_uint_eq(m.prefix[NDP_PREFIX_MAX - 1].prefix.addr.b[0], NDP_PREFIX_MAX - 1);
}
END_TEST

static const struct { const char *what; size_t len; uint8_t bytes[48]; enum drop want; } bad[] = {
    {"no bytes",                     0, {135}, DROP_ICMP_TRUNCATED},
    {"seven bytes",                  7, {133}, DROP_ICMP_TRUNCATED},
    {"an echo request",             24, {128}, DROP_ICMP_UNKNOWN_TYPE},
    {"a solicitation cut short",    23, {135}, DROP_ICMP_TRUNCATED},
    {"an advertisement cut short",  15, {134}, DROP_ICMP_TRUNCATED},
    {"a redirect cut short",        39, {137}, DROP_ICMP_TRUNCATED},
    {"an option of length zero",    16, {133, [8] = 1, 0}, DROP_NDP_BAD_OPTION},
    {"an option past the end",      16, {133, [8] = 1, 2}, DROP_NDP_BAD_OPTION},
    {"half an option",              12, {133, [8] = 1, 1}, DROP_NDP_BAD_OPTION},
    {"a kind without a length",      9, {133, [8] = 1}, DROP_NDP_BAD_OPTION},
    {"an unknown option",           16, {133, [8] = 99, 1}, DROP_NONE},
    {"a MAC of another medium",     24, {133, [8] = 1, 2}, DROP_NONE},
    {"a prefix of 129 bits",        48, {134, [16] = 3, 4, 129}, DROP_NONE},
    {"a prefix where none belongs", 40, {133, [8] = 3, 4, 64}, DROP_NONE},
    {"an MTU where none belongs",   16, {133, [8] = 5, 1, 0, 0, 0, 0, 5, 0}, DROP_NONE},
    {"a quote where none belongs",  16, {133, [8] = 4, 1}, DROP_NONE},
    {"servers where none belong",   32, {133, [8] = 25, 3}, DROP_NONE},
    {"no servers at all",           24, {134, [16] = 25, 1}, DROP_NONE},
    {"a server and a half",         48, {134, [16] = 25, 4}, DROP_NONE},
    {"an MTU of the wrong size",    32, {134, [16] = 5, 2, 0, 0, 0, 0, 5, 0}, DROP_NONE},
};

START_TEST(parse_rejects_or_passes_over)
{
    struct ndp_message m = {.type = 77};
    ck_assert_msg(ndp_parse(&m, bad[_i].bytes, bad[_i].len) == bad[_i].want, "%s", bad[_i].what);
    if (bad[_i].want != DROP_NONE) ck_assert_uint_eq(m.type, 77);
    else ck_assert(!m.has_source_mac && m.prefixes == 0 && m.mtu == 0 && m.quoted == NULL
                   && m.servers == 0);
}
END_TEST

START_TEST(five_types_are_ours)
{
    for (int type = 0; type < 256; type++)
        ck_assert_int_eq(ndp_is_type((uint8_t)type), type >= 133 && type <= 137);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ndp_wire");
    TCase *c = tcase_create("ndp_wire");
    tcase_add_loop_test(c, emit_then_parse_is_identity, 0, (int)ARRAY_LEN(good));
    tcase_add_test(c, a_quote_is_cut_to_eights);
    tcase_add_test(c, a_quote_is_cut_to_what_an_option_can_say);
    tcase_add_test(c, more_prefixes_than_we_keep_are_passed_over);
    tcase_add_loop_test(c, parse_rejects_or_passes_over, 0, (int)ARRAY_LEN(bad));
    tcase_add_test(c, five_types_are_ours);
    suite_add_tcase(s, c);
    return run_claims(s);
}
