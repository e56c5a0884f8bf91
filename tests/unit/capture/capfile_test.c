// capfile_test.c - files of others: both byte orders, every resolution of time, and every lie.
#include <check.h>

#include "base/rng.h"
#include "capture/capfile.h"
#include "capture/pcapng.h"
#include "claims.h"

#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

// A file being built, in either byte order.
struct file { uint8_t p[4096]; size_t len, block; bool big; };

static void u16(struct file *f, uint16_t v)
{
    uint8_t *p = f->p + f->len;
    if (f->big) put16(p, v);
    else le_put16(p, v);
    f->len += 2;
}

static void u32(struct file *f, uint32_t v)
{
    uint8_t *p = f->p + f->len;
    if (f->big) put32(p, v);
    else le_put32(p, v);
    f->len += 4;
}

static void bytes(struct file *f, const char *s, size_t len)
{
    memcpy(f->p + f->len, s, len);
    f->len += len;
    while (f->len % 4 != 0) f->p[f->len++] = 0;
}

static void begin(struct file *f, uint32_t type)
{
    f->block = f->len;
    u32(f, type);
    u32(f, 0);
}

static void end(struct file *f)
{
    uint32_t total = (uint32_t)(f->len + 4 - f->block);
    u32(f, total);
    size_t back = f->len;
    f->len = f->block + 4;
    u32(f, total);
    f->len = back;
}

static void section(struct file *f)
{
    begin(f, PCAPNG_SECTION);
    u32(f, PCAPNG_BYTE_ORDER);
    u16(f, 1);
    u16(f, 0);
    u32(f, UINT32_MAX);
    u32(f, UINT32_MAX);
    end(f);
}

static void iface(struct file *f, uint16_t linktype, int tsresol, int64_t tsoffset)
{
    begin(f, PCAPNG_IFACE);
    u16(f, linktype);
    u16(f, 0);
    u32(f, 0);
    u16(f, PCAPNG_OPT_IF_NAME);
    u16(f, 3);
    bytes(f, "eth", 3);
    if (tsresol >= 0) {
        u16(f, PCAPNG_OPT_IF_TSRESOL);
        u16(f, 1);
        bytes(f, (char[]){(char)tsresol}, 1);
    }
    u16(f, PCAPNG_OPT_IF_TSOFFSET);
    u16(f, 8);
    u32(f, (uint32_t)(f->big ? tsoffset >> 32 : tsoffset));
    u32(f, (uint32_t)(f->big ? tsoffset : tsoffset >> 32));
    u16(f, PCAPNG_OPT_END);
    u16(f, 0);
    end(f);
}

static void packet(struct file *f, uint32_t number, uint64_t time, const char *data)
{
    begin(f, PCAPNG_PACKET);
    u32(f, number);
    u32(f, (uint32_t)(time >> 32));
    u32(f, (uint32_t)time);
    u32(f, (uint32_t)strlen(data));
    u32(f, 1000);
    bytes(f, data, strlen(data));
    end(f);
}

static void must_open(struct capfile *c, const struct file *f)
{
    char error[300] = "";
    ck_assert_msg(capfile_of_bytes(c, f->p, f->len, error, sizeof error), "%s", error);
}

static const struct { int tsresol; int64_t offset; uint64_t time; nsec at; } times[] = {
    {-1,   0,  1000001, 1000001000},              // microseconds, if nothing is said
    {6,    0,  1000001, 1000001000},
    {9,    0,  1000001, 1000001},
    {0,    0,  3,       SEC(3)},
    {12,   0,  5999,    5},                       // picoseconds, cut
    {0x8a, 0,  1536,    1500000000},              // 2^-10 s
    {0xa0, 0,  0x140000000, 1250000000},          // 2^-32 s
    {0x80, 0,  7,       SEC(7)},
    {9,    10, 1,       SEC(10) + 1},
    {9,    -2, 1,       1 - SEC(2)},
    {0,    0,  UINT64_MAX, INT64_MAX},            // what does not fit stays at the end
    {127,  0,  UINT64_MAX, 0},
    {0xff, 0,  UINT64_MAX, 0},
    {9,    INT64_MIN, 0, INT64_MIN},
};

START_TEST(times_of_every_resolution)
{
    for (int big = 0; big < 2; big++) {
        struct file f = {.big = big};
        section(&f);
        iface(&f, LINKTYPE_ETHERNET, times[_i].tsresol, times[_i].offset);
        packet(&f, 0, times[_i].time, "abcde");
        struct capfile c;
        must_open(&c, &f);
        ck_assert_int_eq(capfile_next(&c), CAPFILE_PACKET);
        ck_assert_int_eq(c.packet.at, times[_i].at);
        ck_assert_uint_eq(c.packet.caplen, 5);
        ck_assert_uint_eq(c.packet.len, 1000);
        ck_assert_mem_eq(c.packet.p, "abcde", 5);
        ck_assert_int_eq(capfile_next(&c), CAPFILE_END);
        capfile_close(&c);
    }
}
END_TEST

// Two sections of different byte order, blocks of every kind, and some that nobody knows.
START_TEST(blocks_of_every_kind)
{
    struct file f = {.big = true};
    section(&f);
    begin(&f, 0x12345678);
    bytes(&f, "what is this?", 13);
    end(&f);
    iface(&f, LINKTYPE_ETHERNET, 9, 0);
    iface(&f, LINKTYPE_RAW, 9, 0);
    packet(&f, 1, 77, "raw");
    begin(&f, PCAPNG_SIMPLE_PACKET);
    u32(&f, 6);
    bytes(&f, "simple", 6);
    end(&f);
    begin(&f, PCAPNG_LOCAL);  // of somebody else, not ours
    bytes(&f, "their own", 9);
    end(&f);
    f.big = false;
    section(&f);
    iface(&f, LINKTYPE_SLL, 0, 0);
    begin(&f, PCAPNG_OLD_PACKET);
    u16(&f, 0);
    u16(&f, 9);
    u32(&f, 0);
    u32(&f, 5);
    u32(&f, 3);
    u32(&f, 3);
    bytes(&f, "old", 3);
    end(&f);

    struct capfile c;
    must_open(&c, &f);
    ck_assert_int_eq(capfile_next(&c), CAPFILE_PACKET);
    ck_assert(c.packet.linktype == LINKTYPE_RAW && c.packet.at == 77);
    ck_assert_int_eq(capfile_next(&c), CAPFILE_PACKET);
    ck_assert(c.packet.linktype == LINKTYPE_ETHERNET && c.packet.at == 77);
    ck_assert_mem_eq(c.packet.p, "simple", 6);
    ck_assert_int_eq(capfile_next(&c), CAPFILE_PACKET);
    ck_assert(c.packet.linktype == LINKTYPE_SLL && c.packet.at == SEC(5));
    ck_assert_int_eq(capfile_next(&c), CAPFILE_END);
    capfile_close(&c);
}
END_TEST

enum { SECTION_LEN = 28, IFACE_LEN = 52, OPTIONS = 16, PACKET_AT = SECTION_LEN + IFACE_LEN };

// A file of a section, an interface and a packet, and the place where it is made to lie.
static const struct { const char *what; size_t at; uint32_t value; const char *says; } lies[] = {
    {"a block below its frame",      SECTION_LEN + 4, 8, "length makes no sense"},
    {"a block of odd length",        SECTION_LEN + 4, 13, "length makes no sense"},
    {"a block beyond all limits",    SECTION_LEN + 4, 0xfffffffc, "length makes no sense"},
    {"a block beyond the file",      SECTION_LEN + 4, 4096, "cut short"},
    {"two lengths that differ",      PACKET_AT - 4, 48, "two lengths differ"},
    {"another version",              12, 2, "version of pcapng is unknown"},
    {"an option beyond its block",   SECTION_LEN + OPTIONS, 0xff000002, "option runs past"},
    {"an interface nobody described", PACKET_AT + 8, 1, "was not described"},
    {"a packet beyond its block",    PACKET_AT + 20, 9, "longer than its block"},
    {"a packet of 4 GB",             PACKET_AT + 20, 0xffffffff, "longer than its block"},
    {"no byte order",                8, 0x1a2b3c4e, "byte order"},
};

START_TEST(lies_end_the_reading)
{
    struct file f = {.big = false};
    section(&f);
    iface(&f, LINKTYPE_ETHERNET, 9, 0);
    ck_assert_uint_eq(f.len, PACKET_AT);
    packet(&f, 0, 1, "abcde");
    le_put32(f.p + lies[_i].at, lies[_i].value);
    struct capfile c;
    must_open(&c, &f);
    ck_assert_msg(capfile_next(&c) == CAPFILE_BROKEN, "%s", lies[_i].what);
    ck_assert_msg(strstr(c.error, lies[_i].says) != NULL, "%s: %s", lies[_i].what, c.error);
    capfile_close(&c);
}
END_TEST

static void pcap_head(struct file *f, uint32_t magic)
{
    u32(f, magic);
    u16(f, 2);
    u16(f, 4);
    u32(f, 0);
    u32(f, 0);
    u32(f, 65535);
    u32(f, LINKTYPE_ETHERNET);
}

START_TEST(classic_pcap_of_four_kinds)
{
    for (int kind = 0; kind < 4; kind++) {
        struct file f = {.big = kind & 1};
        bool nano = (kind & 2) != 0;
        pcap_head(&f, nano ? 0xa1b23c4d : 0xa1b2c3d4);
        for (uint32_t i = 0; i < 2; i++) {
            u32(&f, 3 + i);
            u32(&f, 250);
            u32(&f, 4);
            u32(&f, 60);
            bytes(&f, "data", 4);
        }
        struct capfile c;
        must_open(&c, &f);
        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(capfile_next(&c), CAPFILE_PACKET);
            ck_assert_int_eq(c.packet.at, SEC(3 + i) + (nano ? 250 : USEC(250)));
            ck_assert(c.packet.caplen == 4 && c.packet.len == 60);
            ck_assert_mem_eq(c.packet.p, "data", 4);
        }
        ck_assert_int_eq(capfile_next(&c), CAPFILE_END);
        capfile_close(&c);
        for (size_t cut = 24 + 20 + 1; cut < f.len; cut++) {
            struct file part = f;
            part.len = cut;
            must_open(&c, &part);
            NEED(capfile_next(&c) == CAPFILE_PACKET);
            NEED(capfile_next(&c) == CAPFILE_BROKEN);
            NEED(strstr(c.error, "cut short") != NULL);
            capfile_close(&c);
        }
    }
}
END_TEST

START_TEST(a_pcap_packet_of_4_gb)
{
    struct file f = {.big = false};
    pcap_head(&f, 0xa1b2c3d4);
    for (int i = 0; i < 4; i++) u32(&f, UINT32_MAX);
    struct capfile c;
    must_open(&c, &f);
    ck_assert_int_eq(capfile_next(&c), CAPFILE_BROKEN);
    capfile_close(&c);
}
END_TEST

static const struct { const char *p; size_t len; const char *says; } no_captures[] = {
    {"", 0, "the file is empty"},
    {"ab", 2, "no pcap or pcapng"},
    {"#!/bin/sh\n", 10, "no pcap or pcapng"},
    {"\x1f\x8b\x08\x00xx", 6, "gunzip it first"},
    {"\xa1\xb2\xc3\xd4\0\2", 6, "cut short"},
};

START_TEST(what_is_no_capture_is_told)
{
    struct capfile c;
    char error[300] = "";
    ck_assert(!capfile_of_bytes(&c, (const uint8_t *)no_captures[_i].p, no_captures[_i].len, error,
                                sizeof error));
    ck_assert_msg(strstr(error, no_captures[_i].says) != NULL, "%s", error);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("capfile");
    TCase *c = tcase_create("capfile");
    tcase_add_loop_test(c, times_of_every_resolution, 0, (int)ARRAY_LEN(times));
    tcase_add_test(c, blocks_of_every_kind);
    tcase_add_loop_test(c, lies_end_the_reading, 0, (int)ARRAY_LEN(lies));
    tcase_add_test(c, classic_pcap_of_four_kinds);
    tcase_add_test(c, a_pcap_packet_of_4_gb);
    tcase_add_loop_test(c, what_is_no_capture_is_told, 0, (int)ARRAY_LEN(no_captures));
    suite_add_tcase(s, c);
    return run_claims(s);
}
