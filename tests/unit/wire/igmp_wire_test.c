// igmp_wire_test.c - IGMP and MLD both ways, by table.
#include <check.h>

#include "base/csum.h"
#include "claims.h"
#include "wire/igmp_wire.h"

#define G4 {FAMILY_IP4, {224, 0, 0, 251}}
#define G6 {FAMILY_IP6, {0xff, 2, [15] = 0xfb}}

static const uint8_t sources[32] = {10, 0, 0, 1, 10, 0, 0, 2, [16] = 0xfd, [31] = 9};

// Messages, and their bytes but for the checksum at 2 and 3.
static const struct { struct igmp_message m; size_t len; uint8_t bytes[72]; } good[] = {
    {{.family = FAMILY_IP4, .kind = IGMP_QUERY, .version = 1}, 8, {0x11}},
    {{.family = FAMILY_IP4, .kind = IGMP_QUERY, .version = 2, .max_resp = 100, .group = G4}, 8,
     {0x11, 100, 0, 0, 224, 0, 0, 251}},
    {{.family = FAMILY_IP4, .kind = IGMP_QUERY, .version = 3, .max_resp = 0x8f, .suppress = true,
      .robustness = 2, .interval = 125, .group = G4, .sources = 2, .source = sources}, 20,
     {0x11, 0x8f, 0, 0, 224, 0, 0, 251, 0x0a, 125, 0, 2, 10, 0, 0, 1, 10, 0, 0, 2}},
    {{.family = FAMILY_IP4, .kind = IGMP_REPORT, .version = 1, .group = G4}, 8,
     {0x12, 0, 0, 0, 224, 0, 0, 251}},
    {{.family = FAMILY_IP4, .kind = IGMP_REPORT, .version = 2, .group = G4}, 8,
     {0x16, 0, 0, 0, 224, 0, 0, 251}},
    {{.family = FAMILY_IP4, .kind = IGMP_LEAVE, .version = 2, .group = G4}, 8,
     {0x17, 0, 0, 0, 224, 0, 0, 251}},
    {{.family = FAMILY_IP4, .kind = IGMP_RECORDS, .version = 3, .records = 2,
      .record = {{.kind = IGMP_TO_EXCLUDE, .group = G4},
                 {.kind = IGMP_ALLOW, .group = G4, .sources = 1, .source = sources}}}, 28,
     {0x22, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 224, 0, 0, 251,
      5, 0, 0, 1, 224, 0, 0, 251, 10, 0, 0, 1}},
    {{.family = FAMILY_IP6, .kind = IGMP_QUERY, .version = 1, .max_resp = 10000}, 24,
     {130, 0, 0, 0, 0x27, 0x10}},
    {{.family = FAMILY_IP6, .kind = IGMP_QUERY, .version = 2, .max_resp = 1000, .robustness = 7,
      .interval = 1, .group = G6, .sources = 1, .source = sources + 16}, 44,
     {130, 0, 0, 0, 3, 0xe8, 0, 0, 0xff, 2, [23] = 0xfb, 7, 1, 0, 1, 0xfd, [43] = 9}},
    {{.family = FAMILY_IP6, .kind = IGMP_REPORT, .version = 1, .group = G6}, 24,
     {131, [8] = 0xff, 2, [23] = 0xfb}},
    {{.family = FAMILY_IP6, .kind = IGMP_LEAVE, .version = 1, .group = G6}, 24,
     {132, [8] = 0xff, 2, [23] = 0xfb}},
    {{.family = FAMILY_IP6, .kind = IGMP_RECORDS, .version = 2, .records = 1,
      .record = {{.kind = IGMP_TO_INCLUDE, .group = G6, .sources = 2, .source = sources}}}, 60,
     {143, [7] = 1, 3, 0, 0, 2, 0xff, 2, [27] = 0xfb, 10, 0, 0, 1, 10, 0, 0, 2, [44] = 0xfd,
      [59] = 9}},
};

START_TEST(emit_then_parse_is_identity)
{
    uint8_t p[80], again[80];
    struct igmp_message m, want = good[_i].m;
    memset(p, 0xa5, sizeof p);
    memset(again, 0x5a, sizeof again);
    memset(&m, 0x5a, sizeof m);
    ck_assert_uint_eq(igmp_size(&want), good[_i].len);
    ck_assert_uint_eq(igmp_emit(&want, p), good[_i].len);
    ck_assert_uint_eq(p[good[_i].len], 0xa5);
    if (want.family == FAMILY_IP4) ck_assert(csum_ok(0, p, good[_i].len));
    else ck_assert_uint_eq(get16(p + 2), 0);

    ck_assert_int_eq(igmp_parse(&m, want.family, p, good[_i].len), DROP_NONE);
    ck_assert_uint_eq(m.kind, want.kind);
    ck_assert_uint_eq(m.version, want.version);
    ck_assert_uint_eq(m.max_resp, want.max_resp);
    ck_assert_uint_eq(m.sources, want.sources);
    ck_assert_uint_eq(m.records, want.records);
    ck_assert(want.group.family == FAMILY_NONE || addr_eq(m.group, want.group));
    ck_assert_uint_eq(igmp_emit(&m, again), good[_i].len);
    ck_assert_mem_eq(again, p, good[_i].len);

    p[2] = p[3] = 0;
    ck_assert_mem_eq(p, good[_i].bytes, good[_i].len);
}
END_TEST

static const struct {
    const char *what;
    enum family family;
    size_t      len;
    uint8_t     bytes[40];
    enum drop   want;
} bad[] = {
    {"no bytes",                   FAMILY_IP4,  0, {0x11}, DROP_IGMP_TRUNCATED},
    {"seven bytes",                FAMILY_IP4,  7, {0x16}, DROP_IGMP_TRUNCATED},
    {"a query of nine bytes",      FAMILY_IP4,  9, {0x11}, DROP_IGMP_TRUNCATED},
    {"a query of eleven bytes",    FAMILY_IP4, 11, {0x11}, DROP_IGMP_TRUNCATED},
    {"a source that is not there", FAMILY_IP4, 15, {0x11, [11] = 1}, DROP_IGMP_TRUNCATED},
    {"and one that is",            FAMILY_IP4, 16, {0x11, [11] = 1}, DROP_NONE},
    {"an unknown type",            FAMILY_IP4,  8, {0x13}, DROP_IGMP_UNKNOWN_TYPE},
    {"a type of MLD in IGMP",      FAMILY_IP4, 24, {130}, DROP_IGMP_UNKNOWN_TYPE},
    {"a type of IGMP in MLD",      FAMILY_IP6, 24, {0x11}, DROP_IGMP_UNKNOWN_TYPE},
    {"MLD of 23 bytes",            FAMILY_IP6, 23, {131}, DROP_IGMP_TRUNCATED},
    {"an MLD query of 27 bytes",   FAMILY_IP6, 27, {130}, DROP_IGMP_TRUNCATED},
    {"no records",                 FAMILY_IP4,  8, {0x22}, DROP_NONE},
    {"a record that is not there", FAMILY_IP4,  8, {0x22, [7] = 1}, DROP_IGMP_TRUNCATED},
    {"a record cut short",         FAMILY_IP4, 15, {0x22, [7] = 1}, DROP_IGMP_TRUNCATED},
    {"a record's source missing",  FAMILY_IP4, 19, {0x22, [7] = 1, 1, 0, 0, 1},
     DROP_IGMP_TRUNCATED},
    {"auxiliary words missing",    FAMILY_IP4, 19, {0x22, [7] = 1, 1, 1, 0, 0},
     DROP_IGMP_TRUNCATED},
    {"auxiliary words",            FAMILY_IP4, 20, {0x22, [7] = 1, 1, 1, 0, 0}, DROP_NONE},
    {"an MLD record cut short",    FAMILY_IP6, 27, {143, [7] = 1, 1}, DROP_IGMP_TRUNCATED},
};

START_TEST(parse_rejects)
{
    struct igmp_message m = {.kind = 77};
    ck_assert_msg(igmp_parse(&m, bad[_i].family, bad[_i].bytes, bad[_i].len) == bad[_i].want, "%s",
                  bad[_i].what);
    if (bad[_i].want != DROP_NONE) ck_assert_uint_eq(m.kind, 77);
}
END_TEST

START_TEST(more_records_than_we_keep_are_passed_over)
{
    uint8_t p[8 + 8 * (IGMP_RECORDS_MAX + 1)] = {0x22, [7] = IGMP_RECORDS_MAX + 1};
    struct igmp_message m;
    for (uint8_t i = 0; i <= IGMP_RECORDS_MAX; i++) p[8 + 8 * i] = i;
    ck_assert_int_eq(igmp_parse(&m, FAMILY_IP4, p, sizeof p), DROP_NONE);
    ck_assert_uint_eq(m.records, IGMP_RECORDS_MAX);
    ck_assert_uint_eq(m.record[IGMP_RECORDS_MAX - 1].kind, IGMP_RECORDS_MAX - 1);
    ck_assert_int_eq(igmp_parse(&m, FAMILY_IP4, p, sizeof p - 1), DROP_IGMP_TRUNCATED);
}
END_TEST

static const struct { uint8_t family, version; uint16_t code; uint32_t ms; } resp[] = {
    {FAMILY_IP4, 1, 0, 10000},      {FAMILY_IP4, 2, 100, 10000},   {FAMILY_IP4, 2, 255, 25500},
    {FAMILY_IP4, 3, 127, 12700},    {FAMILY_IP4, 3, 128, 12800},   {FAMILY_IP4, 3, 255, 3174400},
    {FAMILY_IP6, 1, 65535, 65535},  {FAMILY_IP6, 2, 32767, 32767}, {FAMILY_IP6, 2, 32768, 32768},
    {FAMILY_IP6, 2, 65535, 8387584},
};

START_TEST(response_times_of_all_versions)
{
    struct igmp_message m = {.family = resp[_i].family, .version = resp[_i].version,
                             .kind = IGMP_QUERY, .max_resp = resp[_i].code};
    ck_assert_uint_eq(igmp_max_resp_ms(&m), resp[_i].ms);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("igmp_wire");
    TCase *c = tcase_create("igmp_wire");
    tcase_add_loop_test(c, emit_then_parse_is_identity, 0, (int)ARRAY_LEN(good));
    tcase_add_loop_test(c, parse_rejects, 0, (int)ARRAY_LEN(bad));
    tcase_add_test(c, more_records_than_we_keep_are_passed_over);
    tcase_add_loop_test(c, response_times_of_all_versions, 0, (int)ARRAY_LEN(resp));
    suite_add_tcase(s, c);
    return run_claims(s);
}
