// filter_test.c - tcpdump's language over frames, and no name is ever looked up.
#include <check.h>

#include "capture/filter.h"
#include "claims.h"

// Ethernet, IPv4 10.0.0.1 -> 10.0.0.2, TCP 12345 -> 80, SYN.
static const uint8_t syn[] = {
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
    0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 1, 0, 0, 0, 0, 0};

static const struct { const char *expression; bool matches; } known[] = {
    {"", true},
    {"tcp", true},
    {"udp", false},
    {"tcp[tcpflags] & tcp-syn != 0", true},
    {"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", true},
    {"tcp[tcpflags] == tcp-ack", false},
    {"tcp[tcpflags]&tcp-syn!=0 and not arp", true},
    {"src host 10.0.0.1 and dst port 80", true},
    {"src host 10.0.0.2", false},
    {"host fd00::1", false},
    {"ether src 02:00:00:00:00:01", true},
    {"net 10.0.0.0/8 && (portrange 79-81 || icmp)", true},
    {"ip[8] = 0x40", true},
    {"ip[2:2] = 40 and tcp[2:2] = 80", true},
    {"host ::1", false},
    {"len - 14 = 40", true},
    {"greater 100", false},
    {"ip proto 6", true},
    {"icmp[icmptype] == icmp-echo", false},
};

START_TEST(matches_as_tcpdump_does)
{
    char error[300] = "";
    struct filter *f = filter_compile(known[_i].expression, error, sizeof error);
    ck_assert_msg(f != NULL, "%s", error);
    ck_assert_msg(filter_match(f, syn, sizeof syn) == known[_i].matches, "%s",
                  known[_i].expression);
    filter_match(f, syn, 0);
    filter_free(f);
}
END_TEST

static const struct { const char *expression, *says; } bad[] = {
    {"host www.example.com",    "'www.example.com' is no word"},
    {"host localhost",          "'localhost' is no word"},
    {"port http",               "'http' is no word"},
    {"tcp or dst net loopback", "'loopback' is no word"},
    {"beef",                    "'beef' is no word"},
    {"tcp-synx",                "'tcp-synx' is no word"},
    {"tcp[foo]",                "'foo' is no word"},
    {"host 5-6",                "'5-6' is no word"},
    {"host 1.2.3.4.5",          "'1.2.3.4.5' is no word"},
    {"host dead:beef",          "'dead:beef' is no word"},
    {"host 10.0.0.",            "'10.0.0.' is no word"},
    {"tcp and and",             "filter 'tcp and and': "},
    {"tcp[",                    "filter 'tcp[': "},
    {"port 99999",              "filter 'port 99999': "},
};

START_TEST(refuses_with_a_sentence)
{
    char error[300] = "";
    ck_assert_ptr_null(filter_compile(bad[_i].expression, error, sizeof error));
    ck_assert_msg(strstr(error, bad[_i].says) != NULL, "%s", error);
}
END_TEST

START_TEST(an_endless_expression_is_refused)
{
    char error[300] = "", *long_one = malloc(100001);
    memset(long_one, '(', 100000);
    long_one[100000] = '\0';
    ck_assert_ptr_null(filter_compile(long_one, error, sizeof error));
    ck_assert_str_eq(error, "a filter may have at most 4000 characters");
    long_one[4000] = '\0';
    ck_assert_ptr_null(filter_compile(long_one, error, sizeof error));
    free(long_one);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("filter");
    TCase *c = tcase_create("filter");
    tcase_add_loop_test(c, matches_as_tcpdump_does, 0, (int)ARRAY_LEN(known));
    tcase_add_loop_test(c, refuses_with_a_sentence, 0, (int)ARRAY_LEN(bad));
    tcase_add_test(c, an_endless_expression_is_refused);
    suite_add_tcase(s, c);
    return run_claims(s);
}
