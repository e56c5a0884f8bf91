// tcp_wire_test.c - TCP headers both ways, by table. One row is one fact.
#include <check.h>

#include "base/rng.h"
#include "claims.h"
#include "wire/tcp_wire.h"

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

// Headers that must die, and of what. Each is 20 bytes of zeroes but for what the row says.
static const struct {
    const char *what;
    size_t      len;
    uint8_t     off;
    uint8_t     opts[4];
    enum drop   want;
} bad[] = {
    {"no bytes at all",                   0, 0x50, {0},            DROP_TCP_TRUNCATED},
    {"one byte short of a header",       19, 0x50, {0},            DROP_TCP_TRUNCATED},
    {"offset of four words",             20, 0x40, {0},            DROP_TCP_BAD_OFFSET},
    {"offset beyond the bytes present",  20, 0x60, {0},            DROP_TCP_TRUNCATED},
    {"option of length zero",            24, 0x60, {2, 0},         DROP_TCP_BAD_OPTION},
    {"option of length one",             24, 0x60, {2, 1},         DROP_TCP_BAD_OPTION},
    {"option running past the header",   24, 0x60, {2, 5},         DROP_TCP_BAD_OPTION},
    {"kind with no room for a length",   24, 0x60, {1, 1, 1, 2},   DROP_TCP_BAD_OPTION},
};

START_TEST(parse_rejects)
{
    uint8_t p[24] = {[12] = bad[_i].off};
    memcpy(p + 20, bad[_i].opts, 4);
    struct tcp_seg seg, before;
    memset(&seg, 0x5a, sizeof seg);
    before = seg;
    ck_assert_msg(tcp_parse(&seg, p, bad[_i].len) == bad[_i].want, "%s", bad[_i].what);
    ck_assert_mem_eq(&seg, &before, sizeof seg);  // untouched
}
END_TEST

// Option fields that say nothing we know, and die of nothing (RFC 9293 MUST-6, MUST-7).
static const struct { const char *what; uint8_t opts[12]; } odd[] = {
    {"an unknown kind",                   {253, 4, 1, 2}},
    {"an MSS of three bytes",             {2, 5, 1, 2, 3}},
    {"a window scale of no bytes",        {3, 2}},
    {"timestamps of six bytes",           {8, 8, 1, 2, 3, 4, 5, 6}},
    {"SACK of half a block",              {5, 6, 1, 2, 3, 4}},
    {"SACK permitted, and more",          {4, 3, 1}},
    {"what follows the end of the list",  {0, 2, 4, 5, 180}},
    {"a cookie of three bytes",           {34, 5, 1, 2, 3}},
    {"a cookie of two bytes",             {34, 4, 1, 2}},
    {"another experiment",                {254, 6, 0xf9, 0x8a, 1, 2}},
    {"an experiment without a number",    {254, 3, 0xf9}},
};

START_TEST(parse_passes_over)
{
    static const struct tcp_opts none;
    uint8_t p[32] = {[12] = 0x80};
    memcpy(p + 20, odd[_i].opts, 12);
    struct tcp_seg seg;
    ck_assert_msg(tcp_parse(&seg, p, sizeof p) == DROP_NONE, "%s", odd[_i].what);
    ck_assert_msg(memcmp(&seg.opts, &none, sizeof none) == 0, "%s", odd[_i].what);
}
END_TEST

// Its first bytes look like the number of an experiment, and are none.
#define COOKIE8 {.len = 8, .bytes = {0xf9, 0x89, 3, 4, 5, 6, 7, 8}}

// Segments, and the option bytes Linux sends for them.
static const struct { struct tcp_seg seg; const char *opts; } good[] = {
    {{.sport = 1, .dport = 65535, .seq = {0xffffffff}, .flags = TCP_ACK, .hdr_len = 20}, ""},
    {{.flags = TCP_URG | TCP_ACK, .urg = 0xbeef, .wnd = 7, .hdr_len = 20}, ""},
    {{.flags = TCP_SYN, .wnd = 64240, .hdr_len = 40,
      .opts = {.has_mss = true, .mss = 1460, .has_sack_ok = true, .has_wscale = true, .wscale = 14,
               .has_ts = true, .ts_val = 7, .ts_ecr = 0}},
     "\2\4\5\264" "\4\2\10\12\0\0\0\7\0\0\0\0" "\1\3\3\16"},
    {{.flags = TCP_SYN, .hdr_len = 32,
      .opts = {.has_mss = true, .mss = 1460, .has_sack_ok = true, .has_wscale = true, .wscale = 8}},
     "\2\4\5\264" "\1\1\4\2" "\1\3\3\10"},
    {{.flags = TCP_SYN, .hdr_len = 28,
      .opts = {.has_mss = true, .mss = 536, .has_wscale = true, .wscale = 0}},
     "\2\4\2\30" "\1\3\3\0"},
    {{.flags = TCP_SYN, .hdr_len = 36,
      .opts = {.has_mss = true, .mss = 1460, .has_ts = true, .ts_val = 1, .ts_ecr = 2}},
     "\2\4\5\264" "\1\1\10\12\0\0\0\1\0\0\0\2"},
    {{.flags = TCP_ACK, .hdr_len = 32, .opts = {.has_ts = true, .ts_val = 1, .ts_ecr = 2}},
     "\1\1\10\12\0\0\0\1\0\0\0\2"},
    {{.flags = TCP_ACK, .hdr_len = 32, .opts = {.sacks = 1, .sack = {{{10}, {20}}}}},
     "\1\1\5\12\0\0\0\12\0\0\0\24"},
    {{.flags = TCP_ACK, .hdr_len = 60,
      .opts = {.has_ts = true, .ts_val = 1, .ts_ecr = 2, .sacks = 3,
               .sack = {{{10}, {20}}, {{30}, {40}}, {{0xfffffff0}, {5}}}}},
     "\1\1\10\12\0\0\0\1\0\0\0\2" "\1\1\5\32\0\0\0\12\0\0\0\24\0\0\0\36\0\0\0\50"
     "\377\377\377\360\0\0\0\5"},
    {{.flags = TCP_SYN, .hdr_len = 28,
      .opts = {.has_mss = true, .mss = 1460, .has_fastopen = true}},
     "\2\4\5\264" "\42\2\1\1"},
    {{.flags = TCP_SYN, .hdr_len = 32, .opts = {.has_fastopen = true, .fastopen = COOKIE8}},
     "\42\12\371\211\3\4\5\6\7\10\1\1"},
    {{.flags = TCP_SYN, .hdr_len = 28,
      .opts = {.has_fastopen = true, .fastopen = {.len = 4, .bytes = {9, 8, 7, 6}}}},
     "\42\6\11\10\7\6\1\1"},
    {{.flags = TCP_SYN, .hdr_len = 32,
      .opts = {.has_fastopen = true, .fastopen_old = true, .fastopen = COOKIE8}},
     "\376\14\371\211\371\211\3\4\5\6\7\10"},
    {{.flags = TCP_SYN, .hdr_len = 24, .opts = {.has_fastopen = true, .fastopen_old = true}},
     "\376\4\371\211"},
    {{.flags = TCP_SYN, .hdr_len = 60,  // the fullest SYN there is
      .opts = {.has_mss = true, .mss = 1460, .has_sack_ok = true, .has_wscale = true, .wscale = 7,
               .has_ts = true, .ts_val = 1, .ts_ecr = 0, .has_fastopen = true,
               .fastopen = {.len = 16, .bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}}}},
     "\2\4\5\264" "\4\2\10\12\0\0\0\1\0\0\0\0" "\1\3\3\7"
     "\42\22\1\2\3\4\5\6\7\10\11\1\2\3\4\5\6\7\1\1"},
};

START_TEST(emit_then_parse_is_identity)
{
    uint8_t p[TCP_HDR_MAX + 1];
    struct tcp_seg seg, want = good[_i].seg;
    memset(p, 0xa5, sizeof p);  // a frame is reused, so emit must write every byte it counts
    memset(&seg, 0x5a, sizeof seg);
    ck_assert_uint_eq(tcp_emit(&want, p), want.hdr_len);
    ck_assert_uint_eq(p[want.hdr_len], 0xa5);
    ck_assert_mem_eq(p + TCP_HDR_MIN, good[_i].opts, want.hdr_len - (size_t)TCP_HDR_MIN);
    ck_assert_uint_eq(tcp_opts_len(&want.opts), want.hdr_len - (size_t)TCP_HDR_MIN);
    ck_assert_uint_eq(get16(p + 16), 0);

    ck_assert_int_eq(tcp_parse(&seg, p, want.hdr_len), DROP_NONE);
    ck_assert_uint_eq(seg.sport, want.sport);
    ck_assert_uint_eq(seg.dport, want.dport);
    ck_assert_uint_eq(seg.seq.raw, want.seq.raw);
    ck_assert_uint_eq(seg.ack.raw, want.ack.raw);
    ck_assert_uint_eq(seg.wnd, want.wnd);
    ck_assert_uint_eq(seg.urg, want.urg);
    ck_assert_uint_eq(seg.flags, want.flags);
    ck_assert_uint_eq(seg.hdr_len, want.hdr_len);
    ck_assert_mem_eq(&seg.opts, &want.opts, sizeof seg.opts);
}
END_TEST

// Whatever the rest of a header takes, four blocks are cut to those that fit (RFC 2018 §3).
static const struct { struct tcp_opts opts; uint8_t fit; } crowded[] = {
    {{.sacks = 4}, 4},
    {{.sacks = 4, .has_ts = true}, 3},
    {{.sacks = 4, .has_mss = true, .has_ts = true}, 2},
    {{.sacks = 4, .has_mss = true, .has_ts = true, .has_wscale = true, .has_fastopen = true,
      .fastopen = {.len = 16}}, 0},
};

START_TEST(sack_blocks_fill_the_space_left)
{
    uint8_t p[TCP_HDR_MAX];
    struct tcp_seg seg = {.opts = crowded[_i].opts}, got;
    for (uint32_t i = 0; i < 4; i++) seg.opts.sack[i].from = seq_of(i);
    size_t len = tcp_emit(&seg, p);
    ck_assert_int_eq(tcp_parse(&got, p, len), DROP_NONE);
    ck_assert_uint_eq(got.opts.sacks, crowded[_i].fit);
    for (uint32_t i = 0; i < got.opts.sacks; i++) ck_assert_uint_eq(got.opts.sack[i].from.raw, i);
}
END_TEST

START_TEST(a_window_scale_above_14_means_14)  // RFC 7323 §2.3
{
    uint8_t p[24] = {[12] = 0x60, [20] = 3, [21] = 3, [22] = 15};
    struct tcp_seg seg;
    ck_assert_int_eq(tcp_parse(&seg, p, sizeof p), DROP_NONE);
    ck_assert_uint_eq(seg.opts.wscale, 14);
}
END_TEST

START_TEST(the_iterator_gives_each_option_in_order)
{
    static const uint8_t p[] = {2, 4, 5, 180, 1, 200, 2, 0, 9, 9};
    const uint8_t *at = p, *end = p + sizeof p;
    struct tcp_option o;
    static const uint8_t kinds[] = {2, 1, 200, 0};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        ck_assert_int_eq(tcp_option_next(&o, &at, end), TCP_OPTION_ONE);
        ck_assert_uint_eq(o.kind, kinds[i]);
    }
    ck_assert_int_eq(tcp_option_next(&o, &at, end), TCP_OPTION_DONE);
}
END_TEST

// Any bytes that parse can be emitted, and what was emitted parses to the same again.
START_TEST(noise_is_stable_after_one_round)
{
    struct rng r;
    rng_seed(&r, 1);
    int parsed = 0;
    for (int i = 0; i < 20000; i++) {
        static const uint8_t common[] = {0, 1, 2, 3, 4, 5, 8, 10, 18, 34, 254};
        uint8_t p[TCP_HDR_MAX], q[TCP_HDR_MAX];
        struct tcp_seg a, b;
        rng_fill(&r, p, sizeof p);
        p[12] = (uint8_t)((rng_below(&r, 11) + 5) << 4);
        for (size_t k = 20; k < sizeof p; k++)
            if (rng_chance(&r, 700000)) p[k] = common[rng_below(&r, sizeof common)];
        if (tcp_parse(&a, p, sizeof p) != DROP_NONE) continue;
        parsed++;
        size_t len = tcp_emit(&a, q);
        NEED(tcp_parse(&b, q, len) == DROP_NONE);
        if (a.opts.sacks != b.opts.sacks) continue;  // blocks that no longer fit
        NEED(memcmp(&a.opts, &b.opts, sizeof a.opts) == 0);
        NEED(a.seq.raw == b.seq.raw && a.urg == b.urg && a.flags == b.flags);
    }
    ck_assert_int_gt(parsed, 1000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tcp_wire");
    TCase *c = tcase_create("tcp_wire");
    tcase_add_loop_test(c, parse_rejects, 0, (int)ARRAY_LEN(bad));
    tcase_add_loop_test(c, parse_passes_over, 0, (int)ARRAY_LEN(odd));
    tcase_add_loop_test(c, emit_then_parse_is_identity, 0, (int)ARRAY_LEN(good));
    tcase_add_loop_test(c, sack_blocks_fill_the_space_left, 0, (int)ARRAY_LEN(crowded));
    tcase_add_test(c, a_window_scale_above_14_means_14);
    tcase_add_test(c, the_iterator_gives_each_option_in_order);
    tcase_add_test(c, noise_is_stable_after_one_round);
    suite_add_tcase(s, c);
    return run_claims(s);
}
