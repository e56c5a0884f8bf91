// route_test.c - the longest prefix wins, gateways must be near, and our own addresses stay inside.
#include "claims.h"
#include "net/ip.h"
#include "net/route.h"
#include "unit/wire_pair.h"

static struct wire_pair p;
static struct netif *eth1;

// Host a: eth0 10.0.0.1/24, eth1 192.168.0.1/16 and 10.9.9.0/31; the rest by routes.
static void setup(void)
{
    pair_open(&p, 0);
    eth1 = ng_host_add_netif(p.h[0], &(struct ng_netif_config){
        .name = "eth1", .mac = {{2, 0, 0, 0, 1, 1}}, .mtu = 9000, .offload = NG_OFFLOAD_TSO});
    struct prefix more[2];
    prefix_parse(&more[0], "192.168.0.1/16");
    prefix_parse(&more[1], "10.9.9.0/31");
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(ng_netif_add_addr(eth1, more[i].addr, more[i].bits), 0);
}
static void teardown(void) { pair_close(&p); }

static struct addr addr_of(const char *text)
{
    struct addr a = {0};
    if (text != NULL) ck_assert(addr_parse(&a, text));
    return a;
}

static int add(const char *dst, const char *gateway, struct netif *n)
{
    struct prefix d;
    ck_assert(prefix_parse(&d, dst));
    return ng_host_add_route(p.h[0], d.addr, d.bits, addr_of(gateway), n);
}

static const struct {
    const char *dst, *netif, *hop, *src;
    bool        to_many, gateway;
} ways[] = {
    {"10.0.0.2",        "eth0", "10.0.0.2",       "10.0.0.1",    false, false},
    {"192.168.7.7",     "eth1", "192.168.7.7",    "192.168.0.1", false, false},
    {"10.9.9.1",        "eth1", "10.9.9.1",       "10.9.9.0",    false, false},  // RFC 3021
    {"8.8.8.8",         "eth0", "10.0.0.254",     "10.0.0.1",    false, true},
    {"172.16.1.1",      "eth1", "192.168.0.9",    "192.168.0.1", false, true},
    {"172.16.2.1",      "eth0", "10.0.0.7",       "10.0.0.1",    false, true},
    {"172.16.2.9",      "eth1", "172.16.2.9",     "192.168.0.1", false, false},
    {"10.0.0.1",        "lo",   "10.0.0.1",       "10.0.0.1",    false, false},
    {"192.168.0.1",     "lo",   "192.168.0.1",    "192.168.0.1", false, false},
    {"127.0.0.1",       "lo",   "127.0.0.1",      "127.0.0.1",   false, false},
    {"127.8.9.10",      "lo",   "127.8.9.10",     "127.8.9.10",  false, false},
    {"255.255.255.255", "eth0", "255.255.255.255", "10.0.0.1",   true,  false},
    {"10.0.0.255",      "eth0", "10.0.0.255",     "10.0.0.1",    true,  false},
    {"192.168.255.255", "eth1", "192.168.255.255", "192.168.0.1", true, false},
    {"224.0.0.5",       "eth0", "224.0.0.5",      "10.0.0.1",    true,  false},
    {"239.1.2.3",       "eth1", "239.1.2.3",      "192.168.0.1", true,  false},
};

START_TEST(lookup_finds_the_best_way)
{
    ck_assert_int_eq(add("0.0.0.0/0", "10.0.0.254", NULL), 0);
    ck_assert_int_eq(add("172.16.0.0/12", "192.168.0.9", eth1), 0);
    ck_assert_int_eq(add("172.16.2.0/24", "10.0.0.7", p.n[0]), 0);
    ck_assert_int_eq(add("172.16.2.9/32", NULL, eth1), 0);
    ck_assert_int_eq(add("239.0.0.0/8", NULL, eth1), 0);
    struct way way;
    ck_assert(route_lookup(p.h[0], addr_of(ways[_i].dst), &way));
    ck_assert_str_eq(way.netif->name, ways[_i].netif);
    ck_assert_msg(addr_eq(way.hop, addr_of(ways[_i].hop)), "hop to %s", ways[_i].dst);
    ck_assert_msg(addr_eq(way.src, addr_of(ways[_i].src)), "source to %s", ways[_i].dst);
    ck_assert(way.to_many == ways[_i].to_many && way.gateway == ways[_i].gateway);
}
END_TEST

START_TEST(without_a_default_route_far_is_nowhere)
{
    struct way way;
    struct ip_path path;
    ck_assert(!route_lookup(p.h[0], addr_of("8.8.8.8"), &way));
    ck_assert(!route_lookup(p.h[0], addr_of("0.0.0.0"), &way));
    ck_assert_int_eq(ip_path(p.h[0], addr_of("8.8.8.8"), &path), -ENETUNREACH);
    ck_assert_int_eq(ip_path(p.h[0], addr_of("fe80::1"), &path), -ENETUNREACH);
    ck_assert_int_eq(ip_path(p.h[0], addr_of("192.168.1.1"), &path), 0);
    ck_assert_uint_eq(path.mtu, 9000);
    ck_assert_uint_eq(path.offload, NG_OFFLOAD_TSO);
    ck_assert(addr_eq(path.src, addr_of("192.168.0.1")));
}
END_TEST

START_TEST(an_interface_without_a_name_is_no_way)
{
    struct netif *bare = ng_host_add_netif(p.h[0], &(struct ng_netif_config){
        .name = "eth2", .mac = {{2, 0, 0, 0, 2, 1}}});
    ck_assert_int_eq(add("100.0.0.0/8", NULL, bare), 0);
    struct ip_path path;
    ck_assert_int_eq(ip_path(p.h[0], addr_of("100.1.1.1"), &path), -EADDRNOTAVAIL);
    ip_output(p.h[0], frame_new(&p.h[0]->pool),
              &(struct ip_dest){.dst = addr_of("100.1.1.1"), .proto = 17});
    ck_assert_uint_eq(p.log.drops[DROP_IP_NO_SOURCE], 1);
}
END_TEST

START_TEST(add_refuses_what_cannot_be)
{
    ck_assert_int_eq(add("10.0.0.0/24", NULL, p.n[0]), -EEXIST);
    ck_assert_int_eq(add("0.0.0.0/0", "11.0.0.1", NULL), -ENETUNREACH);
    ck_assert_int_eq(add("0.0.0.0/0", "10.0.0.254", eth1), -ENETUNREACH);
    ck_assert_int_eq(add("0.0.0.0/0", NULL, NULL), -EINVAL);
    ck_assert_int_eq(add("fd00::/8", "10.0.0.2", NULL), -EINVAL);
    ck_assert_int_eq(ng_host_add_route(p.h[0], addr_of("1.2.3.4"), 33, addr_of(NULL), eth1),
                     -EINVAL);
    ck_assert_int_eq(ng_host_add_route(p.h[0], addr_of("1.2.3.4"), 256, addr_of(NULL), eth1),
                     -EINVAL);
    ck_assert_int_eq(ng_host_add_route(p.h[0], addr_of(NULL), 0, addr_of(NULL), eth1), -EINVAL);
    ck_assert_int_eq(add("0.0.0.0/0", "10.0.0.254", NULL), 0);
    ck_assert_int_eq(add("9.0.0.0/8", "8.8.8.8", NULL), -ENETUNREACH);  // beyond a gateway
}
END_TEST

// What a route says of its paths counts for those that begin with it, and is forgotten with it.
START_TEST(a_route_may_know_its_paths)
{
    struct prefix d;
    struct ip_path path;
    struct ng_route_metrics m = {.mtu = 1300, .mss = 1000, .initcwnd = 3};
    ck_assert(prefix_parse(&d, "172.16.0.0/16"));
    ck_assert_int_eq(add("172.16.0.0/16", "192.168.0.9", NULL), 0);
    struct addr via = addr_of("192.168.0.9"), to = addr_of("172.16.3.4");
    ck_assert_int_eq(ng_host_set_route_metrics(p.h[0], d.addr, d.bits, via, &m), 0);
    ck_assert_int_eq(ip_path(p.h[0], to, &path), 0);
    ck_assert_uint_eq(path.mtu, 1300);
    ck_assert_uint_eq(path.link_mtu, 9000);
    ck_assert_uint_eq(path.mss, 1000);
    ck_assert_uint_eq(path.initcwnd, 3);
    ip_believe(p.h[0], &(struct ip_error){.error = EMSGSIZE, .dst = to, .mtu = 900});
    ck_assert_int_eq(ip_path(p.h[0], to, &path), 0);
    ck_assert_uint_eq(path.mtu, 900);
    m.mtu_locked = true;
    ck_assert_int_eq(ng_host_set_route_metrics(p.h[0], d.addr, d.bits, via, &m), 0);
    ck_assert_int_eq(ip_path(p.h[0], to, &path), 0);
    ck_assert_uint_eq(path.mtu, 1300);
    struct addr other = addr_of("172.16.3.5");
    ip_believe(p.h[0], &(struct ip_error){.error = EMSGSIZE, .dst = other, .mtu = 900});
    ck_assert_int_eq(ng_host_set_route_metrics(p.h[0], d.addr, d.bits, via,
                                               &(struct ng_route_metrics){0}), 0);
    ck_assert_int_eq(ip_path(p.h[0], other, &path), 0);
    ck_assert_uint_eq(path.mtu, 9000);
    ck_assert_uint_eq(path.mss + path.initcwnd, 0);
}
END_TEST

static const struct { struct ng_route_metrics m; int rc; } metrics[] = {
    {{.mtu = 67}, -EINVAL}, {{.mtu = 65536}, -EINVAL}, {{.mtu = 68}, 0},
    {{.mss = 65536}, -EINVAL}, {{.initcwnd = 65536}, -EINVAL}, {{.initcwnd = 65535}, 0},
};

START_TEST(metrics_that_cannot_be_are_refused)
{
    struct prefix d;
    const struct ng_route_metrics *m = &metrics[_i].m;
    ck_assert(prefix_parse(&d, "172.16.0.0/16"));
    struct addr via = addr_of("192.168.0.9");
    if (metrics[_i].rc == 0)
        ck_assert_int_eq(ng_host_set_route_metrics(p.h[0], d.addr, 16, via, m), -ESRCH);
    ck_assert_int_eq(add("172.16.0.0/16", "192.168.0.9", NULL), 0);
    ck_assert_int_eq(ng_host_set_route_metrics(p.h[0], d.addr, 16, via, m), metrics[_i].rc);
    ck_assert_int_eq(ng_host_set_route_metrics(p.h[0], d.addr, 129, via, m), -ESRCH);
}
END_TEST

START_TEST(the_table_has_a_limit)
{
    int rc = 0;
    unsigned added = 0;
    for (uint32_t i = 0; rc == 0 && i < 2 * ROUTES_MAX; i++, added += rc == 0)
        rc = ng_host_add_route(p.h[0], addr_ip4(0x14000000 + i), 32, addr_of(NULL), eth1);
    ck_assert_int_eq(rc, -ENOSPC);
    ck_assert_uint_eq(added, ROUTES_MAX - 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("route");
    TCase *c = tcase_create("route");
    tcase_add_test(c, a_route_may_know_its_paths);
    tcase_add_loop_test(c, metrics_that_cannot_be_are_refused, 0, (int)ARRAY_LEN(metrics));
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, lookup_finds_the_best_way, 0, ARRAY_LEN(ways));
    tcase_add_test(c, without_a_default_route_far_is_nowhere);
    tcase_add_test(c, an_interface_without_a_name_is_no_way);
    tcase_add_test(c, add_refuses_what_cannot_be);
    tcase_add_test(c, the_table_has_a_limit);
    suite_add_tcase(s, c);
    return run_claims(s);
}
