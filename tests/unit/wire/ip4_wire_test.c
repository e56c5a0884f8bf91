// ip4_wire_test.c - IPv4 headers both ways, by table.
#include <check.h>

#include "claims.h"
#include "wire/ip4_wire.h"

// Changes to a sound packet of 28 bytes - a header, and eight of payload - and what they lead to.
static const struct {
    const char *what;
    size_t      len;
    struct { uint8_t at, byte; } set[4];
    enum drop   want, quoted;
} bad[] = {
    {"nothing wrong",            28, {{0}}, DROP_NONE, DROP_NONE},
    {"padding behind it",        40, {{0}}, DROP_NONE, DROP_NONE},
    {"a header and no more",     20, {{3, 20}}, DROP_NONE, DROP_NONE},
    {"no bytes",                  0, {{0}}, DROP_IP4_TRUNCATED, DROP_IP4_TRUNCATED},
    {"one byte short",           19, {{0}}, DROP_IP4_TRUNCATED, DROP_IP4_TRUNCATED},
    {"version 6",                28, {{0, 0x65}}, DROP_IP4_BAD_VERSION, DROP_IP4_BAD_VERSION},
    {"four words",               28, {{0, 0x44}}, DROP_IP4_BAD_LENGTH, DROP_IP4_BAD_LENGTH},
    {"fifteen words, seven here", 28, {{0, 0x4f}, {3, 60}}, DROP_IP4_TRUNCATED,
     DROP_IP4_TRUNCATED},
    {"total below the header",   28, {{3, 19}}, DROP_IP4_BAD_LENGTH, DROP_IP4_BAD_LENGTH},
    {"total above what is here", 28, {{3, 29}}, DROP_IP4_BAD_LENGTH, DROP_NONE},
    {"beyond 64 KB when whole",  28, {{6, 0x1f}, {7, 0xff}}, DROP_IP4_BAD_LENGTH,
     DROP_IP4_BAD_LENGTH},
    {"option of length zero",    28, {{0, 0x46}, {20, 7}, {21, 0}}, DROP_IP4_BAD_OPTION,
     DROP_IP4_BAD_OPTION},
    {"option past the header",   28, {{0, 0x46}, {20, 7}, {21, 5}}, DROP_IP4_BAD_OPTION,
     DROP_IP4_BAD_OPTION},
    {"kind without a length",    28, {{0, 0x46}, {20, 1}, {22, 1}, {23, 7}}, DROP_NONE, DROP_NONE},
    {"the same, no end before",  28, {{0, 0x46}, {20, 1}, {21, 1}, {22, 1}}, DROP_NONE, DROP_NONE},
};

static void make_sound(uint8_t p[40])
{
    static const uint8_t sound[28] = {
        0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    };
    memset(p, 0, 40);
    memcpy(p, sound, sizeof sound);
}

START_TEST(parse_rejects)
{
    uint8_t p[40];
    struct ip4_packet ip, before;
    make_sound(p);
    for (size_t i = 0; i < 4; i++)
        if (bad[_i].set[i].byte != 0 || bad[_i].set[i].at != 0)
            p[bad[_i].set[i].at] = bad[_i].set[i].byte;
    memset(&ip, 0x5a, sizeof ip);
    before = ip;
    ck_assert_msg(ip4_parse(&ip, p, bad[_i].len) == bad[_i].want, "%s", bad[_i].what);
    if (bad[_i].want != DROP_NONE) ck_assert_mem_eq(&ip, &before, sizeof ip);
    ck_assert_msg(ip4_parse_quoted(&ip, p, bad[_i].len) == bad[_i].quoted, "%s", bad[_i].what);
}
END_TEST

START_TEST(an_option_kind_in_the_last_byte_has_no_length)
{
    uint8_t p[40];
    struct ip4_packet ip;
    make_sound(p);
    memcpy(p + 20, (const uint8_t[]){1, 1, 1, 7}, 4);
    p[0] = 0x46;
    ck_assert_int_eq(ip4_parse(&ip, p, 28), DROP_IP4_BAD_OPTION);
}
END_TEST

static const struct ip4_packet good[] = {
    {.src = {FAMILY_IP4, {10, 0, 0, 1}}, .dst = {FAMILY_IP4, {10, 0, 0, 2}}, .total_len = 20,
     .ttl = 64, .proto = IP_PROTO_TCP, .hdr_len = 20, .df = true},
    {.src = {FAMILY_IP4, {255, 254, 253, 252}}, .dst = {FAMILY_IP4, {1, 2, 3, 4}},
     .total_len = 65535, .id = 0xbeef, .ttl = 1, .proto = 255, .dscp = 63, .ecn = ECN_CE,
     .hdr_len = 20},
    {.src = {FAMILY_IP4, {10, 0, 0, 1}}, .dst = {FAMILY_IP4, {10, 0, 0, 2}}, .total_len = 100,
     .id = 1, .frag_offset = 65424, .mf = true, .proto = IP_PROTO_UDP, .hdr_len = 20},
    {.src = {FAMILY_IP4, {10, 0, 0, 1}}, .dst = {FAMILY_IP4, {224, 0, 0, 22}}, .total_len = 24,
     .ttl = 1, .proto = IP_PROTO_IGMP, .hdr_len = 24, .dscp = 48, .router_alert = true},
};

START_TEST(emit_then_parse_is_identity)
{
    static uint8_t p[65536];
    struct ip4_packet ip, want = good[_i];
    memset(p, 0xa5, sizeof p);
    memset(&ip, 0x5a, sizeof ip);
    ck_assert_uint_eq(ip4_emit(&want, p), want.hdr_len);
    ck_assert_uint_eq(p[want.hdr_len], 0xa5);
    ck_assert(ip4_csum_ok(p, want.hdr_len));
    ck_assert_int_eq(ip4_parse(&ip, p, sizeof p), DROP_NONE);
    ck_assert(addr_eq(ip.src, want.src) && addr_eq(ip.dst, want.dst));
    ck_assert_uint_eq(ip.total_len, want.total_len);
    ck_assert_uint_eq(ip.id, want.id);
    ck_assert_uint_eq(ip.frag_offset, want.frag_offset);
    ck_assert_int_eq(ip.df, want.df);
    ck_assert_int_eq(ip.mf, want.mf);
    ck_assert_uint_eq(ip.ttl, want.ttl);
    ck_assert_uint_eq(ip.proto, want.proto);
    ck_assert_uint_eq(ip.dscp, want.dscp);
    ck_assert_uint_eq(ip.ecn, want.ecn);
    ck_assert_uint_eq(ip.hdr_len, want.hdr_len);
    ck_assert_int_eq(ip.router_alert, want.router_alert);
    ck_assert(!ip.source_route);
    p[8] ^= 1;
    ck_assert(!ip4_csum_ok(p, want.hdr_len));
}
END_TEST

START_TEST(router_alert_is_of_value_zero_and_length_four)
{
    static const struct { uint8_t opts[4]; bool alert; } row[] = {
        {{0x94, 4, 0, 0}, true}, {{0x94, 4, 0, 1}, false}, {{0x94, 3, 0, 0}, false},
        {{0x07, 4, 0, 0}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        uint8_t p[40];
        struct ip4_packet ip;
        make_sound(p);
        memcpy(p + 20, row[i].opts, 4);
        p[0] = 0x46;
        ck_assert_int_eq(ip4_parse(&ip, p, 28), DROP_NONE);
        ck_assert_int_eq(ip.router_alert, row[i].alert);
    }
}
END_TEST

// A header as a real host sent it, checksum and all.
START_TEST(bytes_of_a_known_header)
{
    static const uint8_t want[20] = {
        0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
        0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
    };
    uint8_t p[IP4_HDR_MAX];
    struct ip4_packet ip = {
        .src = addr_ip4(0xc0a80001), .dst = addr_ip4(0xc0a800c7), .total_len = 0x73, .df = true,
        .ttl = 64, .proto = IP_PROTO_UDP,
    };
    ck_assert_uint_eq(ip4_emit(&ip, p), sizeof want);
    ck_assert_mem_eq(p, want, sizeof want);
}
END_TEST

START_TEST(source_routes_are_noticed)
{
    uint8_t p[40];
    struct ip4_packet ip;
    for (int strict = 0; strict < 2; strict++) {
        make_sound(p);
        memcpy(p + 20, (const uint8_t[]){1, strict ? 0x89 : 0x83, 7, 4, 10, 0, 0, 9}, 8);
        p[0] = 0x47;
        ck_assert_int_eq(ip4_parse(&ip, p, 28), DROP_NONE);
        ck_assert(ip.source_route && ip.source_route_left);
        ck_assert(!ip.router_alert);
        p[23] = 8;
        ip4_fix_csum(p, 28);
        ck_assert_int_eq(ip4_parse(&ip, p, 28), DROP_NONE);
        ck_assert(ip.source_route && !ip.source_route_left);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ip4_wire");
    TCase *c = tcase_create("ip4_wire");
    tcase_add_loop_test(c, parse_rejects, 0, (int)ARRAY_LEN(bad));
    tcase_add_test(c, an_option_kind_in_the_last_byte_has_no_length);
    tcase_add_loop_test(c, emit_then_parse_is_identity, 0, (int)ARRAY_LEN(good));
    tcase_add_test(c, router_alert_is_of_value_zero_and_length_four);
    tcase_add_test(c, bytes_of_a_known_header);
    tcase_add_test(c, source_routes_are_noticed);
    suite_add_tcase(s, c);
    return run_claims(s);
}
