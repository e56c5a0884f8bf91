// dns_wire_test.c - DNS as bytes: names, questions, and answers that tell, or lie.
#include "claims.h"
#include "unit/scenarios/apps/dns_answer.h"

#include <check.h>
#include <stdio.h>

static const struct dns_question q4 = {0x1234, DNS_A, "www.server.example"};
static const struct dns_question q6 = {0x1234, DNS_AAAA, "www.server.example"};

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct { const char *text, *name; } names[] = {
    {"server.example", "server.example"}, {"Server.EXAMPLE.", "server.example"},
    {"a", "a"}, {"_x-1.b", "_x-1.b"}, {L63 ".b", L63 ".b"},
    {L63 "." L63 "." L63 "." L61, L63 "." L63 "." L63 "." L61},
    {"", NULL}, {".", NULL}, {"a..b", NULL}, {".a", NULL}, {"a b", NULL}, {"a/b", NULL},
    {"a" L63 ".b", NULL}, {"a:80", NULL}, {"\xc3\xa4.b", NULL},
    {L63 "." L63 "." L63 "." L61 "a", NULL},
    {L63 "." L63 "." L63 "." L63 "." L63, NULL},
};

START_TEST(names_are_taken_or_refused)
{
    char to[DNS_NAME_TEXT];
    bool sound = dns_name_take(to, names[_i].text);
    ck_assert_msg(sound == (names[_i].name != NULL), "%s", names[_i].text);
    if (sound) ck_assert_str_eq(to, names[_i].name);
}
END_TEST

START_TEST(a_question_is_emitted)
{
    static const uint8_t want[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 6,
        's', 'e', 'r', 'v', 'e', 'r', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 28, 0, 1};
    uint8_t p[DNS_QUERY_MAX];
    memset(p, 0xa5, sizeof p);
    ck_assert_uint_eq(dns_emit(&q6, p), sizeof want);
    ck_assert_mem_eq(p, want, sizeof want);
    struct dns_question longest = {.type = DNS_A};
    ck_assert(dns_name_take(longest.name, names[5].text));
    ck_assert_uint_eq(dns_emit(&longest, p), DNS_QUERY_MAX);
}
END_TEST

static bool parse(struct dns_reply *r, const struct dns_question *q, const struct dns_bytes *b)
{
    uint8_t *exact = malloc(b->len);  // where a sanitizer sees a step too far
    memcpy(exact, b->p, b->len);
    bool ok = dns_parse(r, q, exact, b->len);
    free(exact);
    return ok;
}

static const char *first(const struct dns_reply *r)
{
    static char text[ADDR_TEXT];
    return r->addrs > 0 ? addr_print(r->addr[0], text) : "none";
}

START_TEST(addresses_of_both_families_are_read)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    answer_addr(&b, "@12", "10.0.0.7");
    answer_addr(&b, "WWW.Server.example", "10.0.0.8");
    answer_addr(&b, "other.example", "10.0.0.9");     // nobody asked
    answer_addr(&b, "@12", "fd00::7");                // of another type
    ck_assert(parse(&r, &q4, &b));
    ck_assert_uint_eq(r.addrs, 2);
    ck_assert_str_eq(first(&r), "10.0.0.7");
    ck_assert_str_eq(r.name, "www.server.example");
    ck_assert_uint_eq(r.ttl, 3600);
    struct dns_bytes b6 = answer_to(&q6, ANSWER_FLAGS);
    answer_addr(&b6, "@12", "fd00::7");
    ck_assert(parse(&r, &q6, &b6));
    ck_assert_str_eq(first(&r), "fd00::7");
}
END_TEST

START_TEST(chains_are_followed_in_any_order)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    answer_addr(&b, "real.example", "10.0.0.7");
    answer_cname(&b, "web.example", "real@23");
    answer_cname(&b, "@12", "web.example");
    ck_assert(parse(&r, &q4, &b));
    ck_assert_str_eq(first(&r), "10.0.0.7");
    ck_assert_str_eq(r.name, "real.example");
    ck_assert_uint_eq(r.cnames, 2);
}
END_TEST

START_TEST(a_chain_may_end_in_nothing)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    answer_cname(&b, "@12", "elsewhere.example");
    ck_assert(parse(&r, &q4, &b));
    ck_assert_uint_eq(r.addrs, 0);
    ck_assert_str_eq(r.name, "elsewhere.example");
    ck_assert_uint_eq(r.cnames, 1);
}
END_TEST

START_TEST(more_addresses_than_there_is_room_for)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    for (int i = 0; i < DNS_ADDRS + 3; i++) answer_addr(&b, "@12", "10.0.0.7");
    ck_assert(parse(&r, &q4, &b));
    ck_assert_uint_eq(r.addrs, DNS_ADDRS);
}
END_TEST

START_TEST(a_reply_that_is_cut_says_so)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS | ANSWER_CUT);
    put16(b.p + 6, 40);  // of which none is here
    ck_assert(parse(&r, &q4, &b));
    ck_assert(r.truncated && r.addrs == 0);
    b = answer_to(&q4, ANSWER_FLAGS | DNS_NXDOMAIN);
    ck_assert(parse(&r, &q4, &b));
    ck_assert(!r.truncated && r.rcode == DNS_NXDOMAIN);
}
END_TEST

// Each begins as a sound answer with one address, of which one byte is then another; or it is cut.
static const struct { const char *what; int at; uint8_t byte; int cut; } lies[] = {
    {"another id",                     0, 0x13, 0}, {"another id's low byte",   1, 0x35, 0},
    {"a question, no answer",          2, 0x01, 0}, {"another operation",       2, 0xa1, 0},
    {"no question",                    5, 0, 0},    {"two questions",           5, 2, 0},
    {"more answers than there are",    7, 2, 0},    {"65,281 of them",          6, 0xff, 0},
    {"another name",                   13, 'x', 0}, {"a longer label",          12, 4, 0},
    {"a label of 64",                  12, 64, 0},  {"a byte no name has",      14, ' ', 0},
    {"a dot in a label",               14, '.', 0}, {"another type",            33, 28, 0},
    {"another class",                  35, 3, 0},   {"a pointer forward",       37, 60, 0},
    {"a pointer at itself",            37, 36, 0},  {"a record too long",       47, 5, 0},
    {"an address of three bytes",      47, 3, 0},   {"nothing at all",          -1, 0, 52},
    {"no whole header",                -1, 0, 41},  {"a header alone",          -1, 0, 40},
    {"a name cut short",               -1, 0, 30},  {"a question cut short",    -1, 0, 17},
    {"half a pointer",                 -1, 0, 15},  {"no fields of a record",   -1, 0, 14},
    {"half of the fields",             -1, 0, 9},   {"three bytes of four",     -1, 0, 1},
};

START_TEST(lies_are_refused)
{
    struct dns_reply r = {.ttl = 77};
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    answer_addr(&b, "@12", "10.0.0.7");
    ck_assert_uint_eq(b.len, 52);
    if (lies[_i].at >= 0) b.p[lies[_i].at] = lies[_i].byte;
    b.len -= (size_t)lies[_i].cut;
    ck_assert_msg(!parse(&r, &q4, &b), "%s", lies[_i].what);
    ck_assert_uint_eq(r.ttl, 77);
}
END_TEST

START_TEST(loops_end)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    answer_cname(&b, "@12", "web.example");
    answer_cname(&b, "web.example", "@12");
    ck_assert(!parse(&r, &q4, &b));
    b = answer_to(&q4, ANSWER_FLAGS);
    answer_cname(&b, "@12", "@12");
    ck_assert(!parse(&r, &q4, &b));
    // Two pointers at each other: the second points forward.
    b = answer_to(&q4, ANSWER_FLAGS);
    answer_addr(&b, "a@38", "10.0.0.7");
    ck_assert(!parse(&r, &q4, &b));
}
END_TEST

// A name may not grow beyond what a name is by pointers.
START_TEST(names_have_an_end)
{
    struct dns_reply r;
    struct dns_bytes b = answer_to(&q4, ANSWER_FLAGS);
    size_t at = b.len;
    answer_cname(&b, "@12", L63 "." L63 "." L63);
    char name[200];
    snprintf(name, sizeof name, L63 "@%d", (int)(at + 12));
    answer_cname(&b, "web.example", name);
    ck_assert(parse(&r, &q4, &b));  // 255 characters of another's name: passed over
    ck_assert_uint_eq(r.cnames, 1);
    answer_addr(&b, name, "10.0.0.7");
    ck_assert(!parse(&r, &q4, &b));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dns_wire");
    TCase *c = tcase_create("dns_wire");
    tcase_add_loop_test(c, names_are_taken_or_refused, 0, (int)ARRAY_LEN(names));
    tcase_add_test(c, a_question_is_emitted);
    tcase_add_test(c, addresses_of_both_families_are_read);
    tcase_add_test(c, chains_are_followed_in_any_order);
    tcase_add_test(c, a_chain_may_end_in_nothing);
    tcase_add_test(c, more_addresses_than_there_is_room_for);
    tcase_add_test(c, a_reply_that_is_cut_says_so);
    tcase_add_loop_test(c, lies_are_refused, 0, (int)ARRAY_LEN(lies));
    tcase_add_test(c, loops_end);
    tcase_add_test(c, names_have_an_end);
    suite_add_tcase(s, c);
    return run_claims(s);
}
