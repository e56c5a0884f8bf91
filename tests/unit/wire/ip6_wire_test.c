// ip6_wire_test.c - IPv6 headers and their extensions both ways, by table.
#include <check.h>

#include "claims.h"
#include "wire/ip6_wire.h"

enum { ROOM = IP6_HDR_LEN + 96 };

static void make_fixed(uint8_t p[ROOM], uint8_t next, uint16_t payload_len)
{
    memset(p, 0, ROOM);
    p[0] = 0x60;
    put16(p + 4, payload_len);
    p[6] = next;
    p[7] = 64;
    p[8] = p[24] = 0xfd;
    p[23] = 1;
    p[39] = 2;
}

// Chains of extension headers, as they lie behind a fixed header whose next header is `first`.
static const struct {
    const char *what;
    uint8_t     first;
    uint16_t    payload_len;
    uint8_t     ext[32];
    enum drop   want;
    uint8_t     proto, hdr_len, problem, problem_at;
} chain[] = {
    {"none", 6, 20, {0}, DROP_NONE, 6, 40, 0, 0},
    {"no next header", 59, 0, {0}, DROP_NONE, 59, 40, 0, 0},
    {"an unknown protocol", 200, 8, {0}, DROP_NONE, 200, 40, 0, 0},
    {"hop-by-hop of padding", 0, 16, {17, 0, 1, 4}, DROP_NONE, 17, 48, 0, 0},
    {"hop-by-hop of single pads", 0, 16, {17, 0, 0, 0, 0, 0, 0, 0}, DROP_NONE, 17, 48, 0, 0},
    {"two words of it", 0, 24, {17, 1, 1, 12}, DROP_NONE, 17, 56, 0, 0},
    {"destination options", 60, 16, {6, 0, 1, 4}, DROP_NONE, 6, 48, 0, 0},
    {"both, and routing at its end", 0, 32,
     {60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 6, 0, 0, 0}, DROP_NONE, 6, 64, 0, 0},
    {"an atomic fragment", 44, 16, {6, 0, 0, 0, 1, 2, 3, 4}, DROP_NONE, 6, 48, 0, 0},
    {"an unknown option to skip", 0, 16, {6, 0, 0x1e, 4}, DROP_NONE, 6, 48, 0, 0},
    {"one to drop in silence", 0, 16, {6, 0, 0x5e, 4}, DROP_NONE, 59, 40, IP6_PROBLEM_SILENT, 42},
    {"one to complain about", 0, 16, {6, 0, 0, 0x9e, 3}, DROP_NONE, 59, 40,
     IP6_PROBLEM_OPTION, 43},
    {"one to complain about to one", 60, 16, {6, 0, 0xde, 4}, DROP_NONE, 59, 40,
     IP6_PROBLEM_OPTION_TO_US, 42},
    {"routing with segments left", 43, 16, {6, 0, 0, 1}, DROP_NONE, 59, 40, IP6_PROBLEM_FIELD, 42},
    {"hop-by-hop not first", 60, 24, {0, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4}, DROP_NONE, 59, 48,
     IP6_PROBLEM_NEXT, 40},
    {"a first fragment", 44, 16, {17, 0, 0, 1}, DROP_NONE, 17, 48, 0, 0},
    {"a fragment that is no multiple of eight", 44, 17, {17, 0, 0, 1}, DROP_NONE, 59, 48,
     IP6_PROBLEM_FIELD, 4},
    {"a last fragment may be any length", 44, 17, {17, 0, 0, 8}, DROP_NONE, 17, 48, 0, 0},
    {"a fragment that just fits", 44, 15, {17, 0, 0xff, 0xf8}, DROP_NONE, 17, 48, 0, 0},
    {"a fragment beyond 64 KB", 44, 16, {17, 0, 0xff, 0xf8}, DROP_NONE, 59, 48,
     IP6_PROBLEM_FIELD, 42},
    {"nothing is walked behind a fragment", 44, 16, {60, 0, 0, 8}, DROP_NONE, 60, 48, 0, 0},
    {"cut within its first eight", 0, 7, {6, 0, 1, 4}, DROP_IP6_BAD_EXTENSION, 0, 0, 0, 0},
    {"longer than the payload", 0, 8, {6, 1, 1, 12}, DROP_IP6_BAD_EXTENSION, 0, 0, 0, 0},
    {"no payload at all", 0, 0, {0}, DROP_IP6_BAD_EXTENSION, 0, 0, 0, 0},
    {"an option past its header", 0, 16, {6, 0, 1, 5}, DROP_IP6_BAD_EXTENSION, 0, 0, 0, 0},
    {"an option without a length", 0, 16, {6, 0, 1, 3, 0, 0, 0, 1}, DROP_IP6_BAD_EXTENSION,
     0, 0, 0, 0},
    {"two fragment headers", 44, 24, {44, 0, 0, 0, 0, 0, 0, 0, 6}, DROP_IP6_BAD_EXTENSION,
     0, 0, 0, 0},
};

START_TEST(chains)
{
    uint8_t p[ROOM];
    struct ip6_packet ip;
    make_fixed(p, chain[_i].first, chain[_i].payload_len);
    memcpy(p + IP6_HDR_LEN, chain[_i].ext, sizeof chain[_i].ext);
    ck_assert_msg(ip6_parse(&ip, p, ROOM) == chain[_i].want, "%s", chain[_i].what);
    if (chain[_i].want != DROP_NONE) return;
    ck_assert_msg(ip.proto == chain[_i].proto, "%s: proto %u", chain[_i].what, ip.proto);
    ck_assert_msg(ip.hdr_len == chain[_i].hdr_len, "%s: hdr_len %u", chain[_i].what, ip.hdr_len);
    ck_assert_msg(ip.problem == chain[_i].problem, "%s: problem %u", chain[_i].what, ip.problem);
    ck_assert_msg(ip.problem_at == chain[_i].problem_at, "%s: at %u", chain[_i].what,
                  ip.problem_at);
}
END_TEST

START_TEST(a_long_chain_ends)
{
    uint8_t p[ROOM];
    struct ip6_packet ip;
    for (uint16_t n = 1; n <= IP6_EXT_MAX + 1; n++) {
        make_fixed(p, 60, (uint16_t)(8 * n));
        for (uint16_t i = 0; i < n; i++)
            memcpy(p + IP6_HDR_LEN + 8 * i, (const uint8_t[]){i + 1 < n ? 60 : 59, 0, 1, 4}, 4);
        ck_assert_int_eq(ip6_parse(&ip, p, ROOM),
                         n <= IP6_EXT_MAX ? DROP_NONE : DROP_IP6_BAD_EXTENSION);
    }
}
END_TEST

START_TEST(options_have_a_limit)
{
    for (size_t ones = 26; ones <= 28; ones += 2) {  // 26 + 6 is the limit, 28 + 5 one more
        uint8_t p[ROOM];
        struct ip6_packet ip;
        make_fixed(p, 0, 40);
        p[40] = 59;
        p[41] = 4;
        for (size_t at = 42 + ones; at < 80; at += 2) p[at] = 1;
        ck_assert_int_eq(ip6_parse(&ip, p, ROOM),
                         ones == 26 ? DROP_NONE : DROP_IP6_BAD_EXTENSION);
    }
}
END_TEST

START_TEST(next_at_leads_to_the_byte_that_names_the_protocol)
{
    uint8_t p[ROOM];
    struct ip6_packet ip;
    make_fixed(p, 200, 0);
    ck_assert_int_eq(ip6_parse(&ip, p, ROOM), DROP_NONE);
    ck_assert_uint_eq(ip.next_at, 6);
    make_fixed(p, 0, 16);
    memcpy(p + 40, (const uint8_t[]){60, 0, 1, 4, 0, 0, 0, 0, 200, 0, 1, 4}, 12);
    ck_assert_int_eq(ip6_parse(&ip, p, ROOM), DROP_NONE);
    ck_assert_uint_eq(ip.next_at, 48);
    ck_assert_uint_eq(p[ip.next_at], ip.proto);
}
END_TEST

static const struct {
    const char *what;
    size_t      len;
    uint8_t     first;
    enum drop   want, quoted;
} bad[] = {
    {"nothing wrong",          60, 0x60, DROP_NONE, DROP_NONE},
    {"no bytes",                0, 0x60, DROP_IP6_TRUNCATED, DROP_IP6_TRUNCATED},
    {"one byte short",         39, 0x60, DROP_IP6_TRUNCATED, DROP_IP6_TRUNCATED},
    {"version 4",              60, 0x40, DROP_IP6_BAD_VERSION, DROP_IP6_BAD_VERSION},
    {"payload one byte short", 59, 0x60, DROP_IP6_BAD_LENGTH, DROP_NONE},
};

START_TEST(parse_rejects)
{
    uint8_t p[ROOM];
    struct ip6_packet ip, before;
    make_fixed(p, 6, 20);
    p[0] = bad[_i].first;
    memset(&ip, 0x5a, sizeof ip);
    before = ip;
    ck_assert_msg(ip6_parse(&ip, p, bad[_i].len) == bad[_i].want, "%s", bad[_i].what);
    if (bad[_i].want != DROP_NONE) ck_assert_mem_eq(&ip, &before, sizeof ip);
    ck_assert_msg(ip6_parse_quoted(&ip, p, bad[_i].len) == bad[_i].quoted, "%s", bad[_i].what);
}
END_TEST

#define FD1 {FAMILY_IP6, {0xfd, [15] = 1}}
#define FF2 {FAMILY_IP6, {0xff, 2, [15] = 0x16}}

static const struct ip6_packet good[] = {
    {.src = FD1, .dst = FF2, .payload_len = 0, .hop_limit = 64, .proto = IP_PROTO_NONE,
     .hdr_len = 40},
    {.src = FD1, .dst = FD1, .payload_len = 20, .flow = 0xfffff, .dscp = 63, .ecn = ECN_ECT1,
     .hop_limit = 255, .proto = IP_PROTO_TCP, .hdr_len = 40},
    {.src = FD1, .dst = FF2, .payload_len = 36, .flow = 0x12345, .dscp = 1, .ecn = ECN_CE,
     .hop_limit = 1, .proto = IP_PROTO_ICMP6, .hdr_len = 48, .router_alert = true},
    {.src = FD1, .dst = FD1, .payload_len = 64, .hop_limit = 9, .proto = IP_PROTO_UDP,
     .hdr_len = 48, .has_frag = true, .mf = true, .frag_offset = 1448, .frag_id = 0xdeadbeef},
    {.src = FD1, .dst = FD1, .payload_len = 16, .hop_limit = 9, .proto = IP_PROTO_UDP,
     .hdr_len = 56, .has_frag = true, .frag_offset = 8, .frag_id = 1, .router_alert = true},
};

START_TEST(emit_then_parse_is_identity)
{
    uint8_t p[ROOM];
    struct ip6_packet ip, want = good[_i];
    memset(p, 0xa5, sizeof p);
    memset(&ip, 0x5a, sizeof ip);
    ck_assert_uint_eq(ip6_emit(&want, p), want.hdr_len);
    ck_assert_uint_eq(p[want.hdr_len], 0xa5);
    ck_assert_int_eq(ip6_parse(&ip, p, sizeof p), DROP_NONE);
    ck_assert(addr_eq(ip.src, want.src) && addr_eq(ip.dst, want.dst));
    ck_assert_uint_eq(ip.payload_len, want.payload_len);
    ck_assert_uint_eq(ip.flow, want.flow);
    ck_assert_uint_eq(ip.dscp, want.dscp);
    ck_assert_uint_eq(ip.ecn, want.ecn);
    ck_assert_uint_eq(ip.hop_limit, want.hop_limit);
    ck_assert_uint_eq(ip.proto, want.proto);
    ck_assert_uint_eq(ip.hdr_len, want.hdr_len);
    ck_assert_int_eq(ip.has_frag, want.has_frag);
    ck_assert_int_eq(ip.mf, want.mf);
    ck_assert_uint_eq(ip.frag_offset, want.frag_offset);
    ck_assert_uint_eq(ip.frag_id, want.frag_id);
    ck_assert_int_eq(ip.router_alert, want.router_alert);
    ck_assert_uint_eq(ip.problem, IP6_PROBLEM_NONE);
    if (want.has_frag) ck_assert_uint_eq(ip.frag_at, want.hdr_len - 8u);
}
END_TEST

START_TEST(emitted_extensions_byte_by_byte)
{
    static const uint8_t want[16] = {
        44, 0, 5, 2, 0, 0, 1, 0,
        17, 0, 0x05, 0xa9, 0xde, 0xad, 0xbe, 0xef,
    };
    uint8_t p[ROOM];
    struct ip6_packet ip = {
        .proto = IP_PROTO_UDP, .router_alert = true, .has_frag = true, .mf = true,
        .frag_offset = 1448, .frag_id = 0xdeadbeef,
    };
    memset(p, 0xa5, sizeof p);
    ck_assert_uint_eq(ip6_emit(&ip, p), IP6_EMIT_MAX);
    ck_assert_uint_eq(p[6], 0);
    ck_assert_mem_eq(p + IP6_HDR_LEN, want, sizeof want);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ip6_wire");
    TCase *c = tcase_create("ip6_wire");
    tcase_add_loop_test(c, chains, 0, (int)ARRAY_LEN(chain));
    tcase_add_test(c, a_long_chain_ends);
    tcase_add_test(c, options_have_a_limit);
    tcase_add_test(c, next_at_leads_to_the_byte_that_names_the_protocol);
    tcase_add_loop_test(c, parse_rejects, 0, (int)ARRAY_LEN(bad));
    tcase_add_loop_test(c, emit_then_parse_is_identity, 0, (int)ARRAY_LEN(good));
    tcase_add_test(c, emitted_extensions_byte_by_byte);
    suite_add_tcase(s, c);
    return run_claims(s);
}
