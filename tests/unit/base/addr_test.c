// addr_test.c - text and addresses, both ways; libc's inet_pton is the second opinion.
#include <arpa/inet.h>
#include <check.h>

#include "base/addr.h"
#include "base/rng.h"
#include "claims.h"

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

// Text that is read, and how it is printed again (RFC 5952 §4, §5).
static const struct { const char *in, *out; } good[] = {
    {"0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255"},
    {"10.0.0.1", "10.0.0.1"},
    {"::", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"fd00:0:0:0:0:0:0:1", "fd00::1"},
    {"2001:0DB8::0001", "2001:db8::1"},
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},        // one zero group stays
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                 // the longest run
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},           // the first of equals
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"::ffff:c000:201", "::ffff:192.0.2.1"},
    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
    {"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
};

START_TEST(parse_then_print)
{
    struct addr a;
    char buf[ADDR_TEXT];
    ck_assert_msg(addr_parse(&a, good[_i].in), "%s", good[_i].in);
    ck_assert_str_eq(addr_print(a, buf), good[_i].out);
    uint8_t libc[16];
    ck_assert_int_eq(inet_pton(a.family == FAMILY_IP4 ? AF_INET : AF_INET6, good[_i].in, libc), 1);
    ck_assert_mem_eq(a.b, libc, addr_len(a));
}
END_TEST

static const char *const bad[] = {
    "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4",
    "1.2.3.", ".1.2.3", "0x1.2.3.4", "1..2.3", "9999999999.1.1.1", ":", ":::", "::1::", "1::2::3",
    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1:", ":1",
    "12345::", "g::", "::1%lo", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "1.2.3.4::",
    "::1/64", "[::1]", "1:::2",
};

START_TEST(parse_refuses)
{
    struct addr a = addr_ip4(0x01020304), before = a;
    ck_assert_msg(!addr_parse(&a, bad[_i]), "%s", bad[_i]);
    ck_assert(addr_eq(a, before));
    uint8_t libc[16];
    ck_assert_msg(!inet_pton(AF_INET6, bad[_i], libc) && !inet_pton(AF_INET, bad[_i], libc),
                  "libc takes %s", bad[_i]);
}
END_TEST

START_TEST(printed_addresses_read_back)
{
    struct rng r;
    rng_seed(&r, 1);
    for (int i = 0; i < 3000; i++) {
        struct addr a = addr_any(rng_chance(&r, 200000) ? FAMILY_IP4 : FAMILY_IP6), b;
        for (size_t k = 0; k < addr_len(a); k += 2)
            if (rng_chance(&r, 500000)) put16(a.b + k, (uint16_t)rng_next(&r));
        char buf[ADDR_TEXT];
        uint8_t libc[16];
        addr_print(a, buf);
        NEED(addr_parse(&b, buf) && addr_eq(a, b));
        NEED(inet_pton(a.family == FAMILY_IP4 ? AF_INET : AF_INET6, buf, libc) == 1);
        NEED(memcmp(libc, a.b, addr_len(a)) == 0);
    }
}
END_TEST

// Random text over the alphabet of addresses: we and libc agree on what is one.
START_TEST(agrees_with_libc_on_noise)
{
    struct rng r;
    rng_seed(&r, 2);
    for (int i = 0; i < 20000; i++) {
        static const char alphabet[] = "0123af::::..";
        char s[24];
        size_t len = rng_below(&r, sizeof s);
        for (size_t k = 0; k < len; k++) s[k] = alphabet[rng_below(&r, sizeof alphabet - 1)];
        s[len] = '\0';
        struct addr a;
        uint8_t libc[16];
        bool ours = addr_parse(&a, s);
        if (ours != (inet_pton(AF_INET, s, libc) == 1 || inet_pton(AF_INET6, s, libc) == 1))
            ck_abort_msg("differs on \"%s\": ours %d", s, ours);
    }
}
END_TEST

static const struct { const char *s; bool any, multicast, loopback, broadcast, local; } kind[] = {
    {"0.0.0.0",         .any = true},
    {"224.0.0.1",       .multicast = true},
    {"239.255.255.255", .multicast = true},
    {"240.0.0.1",       .any = false},
    {"127.9.9.9",       .loopback = true},
    {"255.255.255.255", .broadcast = true},
    {"169.254.0.1",     .local = true},
    {"::",              .any = true},
    {"ff02::1",         .multicast = true},
    {"::1",             .loopback = true},
    {"fe80::1",         .local = true},
    {"febf::1",         .local = true},
    {"fec0::1",         .any = false},
    {"10.0.0.1",        .any = false},
};

START_TEST(kinds)
{
    struct addr a;
    ck_assert(addr_parse(&a, kind[_i].s));
    ck_assert_int_eq(addr_is_any(a), kind[_i].any);
    ck_assert_int_eq(addr_is_multicast(a), kind[_i].multicast);
    ck_assert_int_eq(addr_is_loopback(a), kind[_i].loopback);
    ck_assert_int_eq(addr_is_broadcast(a), kind[_i].broadcast);
    ck_assert_int_eq(addr_is_link_local(a), kind[_i].local);
}
END_TEST

static const struct { const char *prefix, *addr; bool in; } within[] = {
    {"10.0.0.1/24", "10.0.0.255", true}, {"10.0.0.1/24", "10.0.1.0", false},
    {"10.0.0.1/0", "255.0.0.1", true},   {"10.0.0.1/32", "10.0.0.1", true},
    {"10.0.0.1/32", "10.0.0.0", false},  {"10.0.0.1/31", "10.0.0.0", true},
    {"10.0.0.1/0", "::", false},         {"fd00::1/64", "fd00::ffff", true},
    {"fd00::1/64", "fd00:0:0:1::", false}, {"fd00::1/127", "fd00::", true},
    {"::/0", "ff::", true},              {"192.168.4.0/22", "192.168.7.255", true},
    {"192.168.4.0/22", "192.168.8.0", false},
};

START_TEST(prefixes_contain)
{
    struct prefix p;
    struct addr a;
    char buf[PREFIX_TEXT];
    ck_assert(prefix_parse(&p, within[_i].prefix));
    ck_assert_str_eq(prefix_print(p, buf), within[_i].prefix);
    ck_assert(addr_parse(&a, within[_i].addr));
    ck_assert_int_eq(prefix_contains(p, a), within[_i].in);
    ck_assert_int_eq(p.addr.family == a.family && addr_common_bits(p.addr, a) >= p.bits,
                     within[_i].in);
}
END_TEST

START_TEST(prefixes_have_a_broadcast)
{
    struct prefix p;
    ck_assert(prefix_parse(&p, "10.1.2.3/20"));
    ck_assert_uint_eq(addr_ip4_u32(prefix_broadcast(p)), 0x0a010fff);
    ck_assert(prefix_parse(&p, "10.1.2.4/32"));
    ck_assert_uint_eq(addr_ip4_u32(prefix_broadcast(p)), 0x0a010204);
    p.bits = 0;
    ck_assert_uint_eq(addr_ip4_u32(prefix_broadcast(p)), UINT32_MAX);
}
END_TEST

static const char *const bad_prefix[] = {
    "10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "::/129", "10.0.0.1/24 ", "10.0.0.1/-1", "/24",
    "10.0.0.1/024", "10.0.0.1//24",
};

START_TEST(prefix_refuses)
{
    struct prefix p;
    ck_assert_msg(!prefix_parse(&p, bad_prefix[_i]), "%s", bad_prefix[_i]);
}
END_TEST

START_TEST(endpoints)
{
    static const char *const ok[] = {"10.0.0.1:80", "[fd00::1]:80", "0.0.0.0:0", "[::]:65535"};
    static const char *const no[] = {
        "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "fd00::1:80", "[fd00::1]", "[fd00::1]80",
        "[10.0.0.1]:80", "[fd00::1:80", "[]:80", ":80", "10.0.0.1:80x",
    };
    struct endpoint e;
    char buf[ENDPOINT_TEXT];
    for (size_t i = 0; i < ARRAY_LEN(ok); i++) {
        ck_assert_msg(endpoint_parse(&e, ok[i]), "%s", ok[i]);
        ck_assert_str_eq(endpoint_print(e, buf), ok[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        ck_assert_msg(!endpoint_parse(&e, no[i]), "%s", no[i]);
}
END_TEST

START_TEST(longest_texts_fit)
{
    char a[ADDR_TEXT], p[PREFIX_TEXT], e[ENDPOINT_TEXT];
    struct addr ip6 = addr_any(FAMILY_IP6);
    memset(ip6.b, 0xff, sizeof ip6.b);
    ck_assert_str_eq(addr_print(ip6, a), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    ck_assert_str_eq(prefix_print((struct prefix){ip6, 128}, p),
                     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
    ck_assert_str_eq(endpoint_print((struct endpoint){ip6, 65535}, e),
                     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}
END_TEST

START_TEST(macs)
{
    static const char *const no[] = {
        "", "02:00:00:00:00", "02:00:00:00:00:1", "02:00:00:00:00:011", "02-00-00-00-00-01",
        "0g:00:00:00:00:01", "02:00:00:00:00:01 ",
    };
    struct mac m;
    char buf[MAC_TEXT];
    ck_assert(mac_parse(&m, "02:00:5E:00:00:af"));
    ck_assert_str_eq(mac_print(m, buf), "02:00:5e:00:00:af");
    for (size_t i = 0; i < ARRAY_LEN(no); i++) ck_assert_msg(!mac_parse(&m, no[i]), "%s", no[i]);
    ck_assert(!mac_is_group(m) && mac_is_group(MAC_BROADCAST) && mac_is_broadcast(MAC_BROADCAST));
    ck_assert(!mac_is_zero(m) && mac_is_zero((struct mac){{0}}));
}
END_TEST

START_TEST(multicast_maps_to_ethernet)
{
    struct addr a;
    char buf[MAC_TEXT];
    ck_assert(addr_parse(&a, "239.129.2.3"));  // the top bit of the second byte is lost
    ck_assert_str_eq(mac_print(mac_of_multicast(a), buf), "01:00:5e:01:02:03");
    ck_assert(addr_parse(&a, "ff02::1:ff12:3456"));
    ck_assert_str_eq(mac_print(mac_of_multicast(a), buf), "33:33:ff:12:34:56");
}
END_TEST

START_TEST(compare_is_an_order)
{
    ck_assert_int_lt(addr_compare(addr_ip4(1), addr_ip4(2)), 0);
    ck_assert_int_eq(addr_compare(addr_ip4(2), addr_ip4(2)), 0);
    ck_assert_int_gt(addr_compare(addr_any(FAMILY_IP6), addr_ip4(UINT32_MAX)), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("addr");
    TCase *c = tcase_create("addr");
    tcase_add_loop_test(c, parse_then_print, 0, (int)ARRAY_LEN(good));
    tcase_add_loop_test(c, parse_refuses, 0, (int)ARRAY_LEN(bad));
    tcase_add_test(c, printed_addresses_read_back);
    tcase_add_test(c, agrees_with_libc_on_noise);
    tcase_add_loop_test(c, kinds, 0, (int)ARRAY_LEN(kind));
    tcase_add_loop_test(c, prefixes_contain, 0, (int)ARRAY_LEN(within));
    tcase_add_test(c, prefixes_have_a_broadcast);
    tcase_add_loop_test(c, prefix_refuses, 0, (int)ARRAY_LEN(bad_prefix));
    tcase_add_test(c, endpoints);
    tcase_add_test(c, longest_texts_fit);
    tcase_add_test(c, macs);
    tcase_add_test(c, multicast_maps_to_ethernet);
    tcase_add_test(c, compare_is_an_order);
    suite_add_tcase(s, c);
    return run_claims(s);
}
