// source_test.c - which of our names for which destination: the examples of RFC 6724, and more.
#include <stdio.h>

#include "claims.h"
#include "net/own.h"
#include "net/source.h"
#include "unit/wire_pair.h"

static struct wire_pair p;

static void setup(void) { pair_open(&p, 0); }
static void teardown(void) { pair_close(&p); }

// RFC 6724 §10.1. Several names are set apart by blanks; the link-local one is there by itself.
static const struct { const char *ours, *dst, *want; bool first_old; } sources[] = {
    {"2001:db8:3::1 fd11::1",       "2001:db8:1::1",  "2001:db8:3::1", false},
    {"2001:db8:1::1",               "2001:db8:1::2",  "2001:db8:1::1", false},
    {"2001:db8:1::1",               "fe80::1",        "fe80",          false},
    {"2001:db8:3::1",               "ff05::1",        "2001:db8:3::1", false},
    {"2001:db8:1::2 2001:db8:3::2", "2001:db8:1::2",  "::2",           false},
    {"2001:db8:1::5 2001:db8:3::2", "2001:db8:3::5",  "2001:db8:3::2", false},
    {"2002:c633:6401::21 2001:db8:1::2", "2002:c633:6401::d5e3", "2002:c633:6401::21", false},
    {"fd11::1 2001:db8:3::1",       "fd22::1",        "fd11::1",       false},
    {"2001:db8:1::2 2001:db8:3::2", "2001:db8:1::5",  "2001:db8:3::2", true},
    // The scope, and the label, though another has more bits in common.
    {"2001:db8:3::1 fe80::5",       "ff05::1",        "2001:db8:3::1", false},
    {"2002:c633:6401::21 4000:db8::1", "2003::1",     "4000:db8::1",   false},
};

START_TEST(the_best_source)
{
    for (const char *at = sources[_i].ours; *at != '\0'; at += strspn(at, " ")) {
        char text[40];
        size_t len = strcspn(at, " ");
        snprintf(text, sizeof text, "%.*s", (int)len, at);
        ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr6(text), 64), 0);
        at += len;
    }
    if (sources[_i].first_old) own_find(p.n[0], addr6("2001:db8:1::2"))->state = OWN_DEPRECATED;
    struct addr got = source_pick(p.n[0], addr6(sources[_i].dst));
    if (strcmp(sources[_i].want, "fe80") == 0) ck_assert(addr_is_link_local(got));
    else if (strcmp(sources[_i].want, "::2") == 0) ck_assert(addr_eq(got, addr6("2001:db8:1::2")));
    else ck_assert_msg(addr_eq(got, addr6(sources[_i].want)), "row %d", _i);
}
END_TEST

START_TEST(an_interface_without_a_wide_name_borrows_one)
{
    struct netif *n = ng_host_add_netif(p.h[0], &(struct ng_netif_config){
        .name = "eth1", .mac = {{2, 0, 0, 0, 0, 8}}});
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr6("2001:db8::1"), 64), 0);
    ck_assert_int_eq(own_start_ip6(n), 0);
    ck_assert(addr_eq(source_pick(n, addr6("2001:db8:9::1")), addr6("2001:db8::1")));
    ck_assert(addr_is_link_local(source_pick(n, addr6("fe80::77"))));
    ck_assert(addr_is_link_local(source_on_link(n, addr6("ff02::1"))));
    ck_assert_int_eq(source_on_link(n, ADDR_B).family, FAMILY_NONE);
}
END_TEST

// RFC 6724 §10.2 and §10.3: which destination first.
static const struct { const char *ours, *first, *second; } destinations[] = {
    {"2001:db8:1::2", "2001:db8:1::1", "10.0.0.9"},          // the label fits, precedence
    {"fe80::1",       "10.0.0.9",      "2001:db8:1::1"},     // no source wide enough
    {"2001:db8:1::2", "fe80::1",       "2001:db8:1::1"},     // the smaller scope
    {"fd11::2",       "fd11::1",       "2001:db8:1::1"},     // the label fits
    {"2001:db8:1::2", "10.0.0.9",      "2002:c633:6401::1"}, // IPv4 before 6to4 from another label
    {"2001:db8:1::2", "2001:db8:1::1", "2001:db9:1::1"},     // more bits in common
};

START_TEST(the_better_destination)
{
    struct addr ours = addr6(destinations[_i].ours), gateway = addr6("fe80::99");
    if (!addr_is_link_local(ours)) ck_assert_int_eq(ng_netif_add_addr(p.n[0], ours, 64), 0);
    else ck_assert_int_eq(own_start_ip6(p.n[0]), 0);
    ck_assert_int_eq(ng_host_add_route(p.h[0], addr_any(FAMILY_IP6), 0, gateway, p.n[0]), 0);
    struct addr a = addr6(destinations[_i].first), b = addr6(destinations[_i].second);
    ck_assert_msg(source_prefers(p.h[0], a, b), "row %d", _i);
    ck_assert_msg(!source_prefers(p.h[0], b, a), "row %d", _i);
}
END_TEST

// Rule 3: a prefix that the router takes back is no way to begin anything.
START_TEST(a_name_that_fades_comes_last)
{
    struct addr ours = addr6("2001:db8:1::2"), far = addr6("2001:db8:1::1"), near = ADDR_B;
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ours, 64), 0);
    ck_assert(source_prefers(p.h[0], far, near) && !source_prefers(p.h[0], near, far));
    own_find(p.n[0], ours)->state = OWN_DEPRECATED;
    ck_assert(source_prefers(p.h[0], near, far) && !source_prefers(p.h[0], far, near));
}
END_TEST

START_TEST(what_can_be_reached_goes_first)
{
    ck_assert(source_prefers(p.h[0], ADDR_B, addr6("2001:db8::1")));
    ck_assert(!source_prefers(p.h[0], addr6("2001:db8::1"), ADDR_B));
    // Though the other has the better precedence, and the source fits in nothing and fades.
    struct addr near = addr6("2002:c633:6401::1"), nowhere = addr_ip4(0x08080808);
    ck_assert_int_eq(own_start_ip6(p.n[0]), 0);
    ck_assert_int_eq(ng_host_add_route(p.h[0], addr_any(FAMILY_IP6), 0, addr6("fe80::99"),
                                       p.n[0]), 0);
    for (unsigned i = 0; i < p.n[0]->addrs; i++)
        if (p.n[0]->addr[i].prefix.addr.family == FAMILY_IP6)
            p.n[0]->addr[i].state = OWN_DEPRECATED;
    ck_assert(source_prefers(p.h[0], near, nowhere) && !source_prefers(p.h[0], nowhere, near));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("source");
    TCase *tc = tcase_create("source");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, the_best_source, 0, ARRAY_LEN(sources));
    tcase_add_test(tc, an_interface_without_a_wide_name_borrows_one);
    tcase_add_loop_test(tc, the_better_destination, 0, ARRAY_LEN(destinations));
    tcase_add_test(tc, a_name_that_fades_comes_last);
    tcase_add_test(tc, what_can_be_reached_goes_first);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
