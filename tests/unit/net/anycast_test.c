// anycast_test.c - the name that all routers of a link share: who has it, how it is told, what may
// be sent to it.
#include "claims.h"
#include "net/anycast.h"
#include "net/group.h"
#include "net/ip.h"
#include "net/own.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/ndp_wire.h"

#define SHARED addr6("fd00::")

static struct wire_pair p;

static void forward(int host, const char *on)
{
    ck_assert_int_eq(ng_host_set(p.h[host], "net.ipv6.conf.all.forwarding", on), 0);
}

// Host b is a router, a is not.
static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
    forward(1, "1");
}
static void teardown(void) { pair_close(&p); }

static void ask(struct addr from, struct addr target)
{
    bool nameless = addr_is_any(from);
    struct ndp_message m = {.type = ICMP6_NEIGHBOUR_SOLICIT, .target = target,
                            .has_source_mac = !nameless, .source_mac = MAC_A};
    struct packet k = packet_ndp(&m, from, group_solicited_node(target), MAC_A);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

// How often host b told of the shared name, and how the last time.
static unsigned adverts_as(struct ip6_packet *ip, struct ndp_message *m)
{
    unsigned told = 0;
    for (unsigned i = 0; i < p.log.seen_count; i++) {
        const struct seen *s = &p.log.seen[i];
        const uint8_t *at = s->data + ETH_HDR_LEN;
        struct ip6_packet is;
        struct ndp_message says;
        if (s->host != 2 || s->why != SENT_NDP_ADVERT) continue;
        ck_assert_int_eq(ip6_parse(&is, at, s->len - ETH_HDR_LEN), DROP_NONE);
        ck_assert_int_eq(ndp_parse(&says, at + IP6_HDR_LEN, is.payload_len), DROP_NONE);
        if (!addr_eq(says.target, SHARED)) continue;
        *ip = is;
        *m = says;
        told++;
    }
    return told;
}

static unsigned adverts(void)
{
    return adverts_as(&(struct ip6_packet){0}, &(struct ndp_message){0});
}

// RFC 4861 §7.2.4, §7.2.7: no override, from a name of the router's own, within a second.
START_TEST(it_is_told_after_a_while_and_overrides_nothing)
{
    nsec least = SEC(2), most = 0;
    struct ip6_packet ip;
    struct ndp_message m;
    for (int i = 0; i < 20; i++) {
        nsec asked = p.now;
        p.log.seen_count = 0;
        ask(ADDR6_A, SHARED);
        ask(ADDR6_A, SHARED);  // is asked once
        while (adverts() == 0) pair_until(&p, p.now + MSEC(10));
        nsec took = p.now - asked;
        if (took < least) least = took;
        if (took > most) most = took;
        pair_until(&p, asked + SEC(2));
        ck_assert_uint_eq(adverts_as(&ip, &m), 1);
    }
    ck_assert(!m.override && m.solicited && m.router && addr_eq(m.target, SHARED));
    ck_assert(m.has_target_mac && mac_eq(m.target_mac, MAC_B));
    ck_assert(addr_eq(ip.src, ADDR6_B) && addr_eq(ip.dst, ADDR6_A));
    ck_assert(least < MSEC(300) && most > MSEC(700) && most <= MSEC(1010));
    ask(addr_any(FAMILY_IP6), SHARED);
    pair_until(&p, p.now + SEC(1));
    ck_assert_uint_eq(adverts_as(&ip, &m), 2);  // who has no name yet: all are told
    ck_assert(!m.solicited && !m.override && addr_eq(ip.dst, addr6("ff02::1")));
}
END_TEST

START_TEST(more_askers_than_can_wait_are_told_sooner)
{
    for (int i = 0; i < ANYCAST_WAITS + 3; i++) {
        struct addr from = ADDR6_A;
        from.b[15] = (uint8_t)(0x10 + i);
        ask(from, SHARED);
    }
    ck_assert_uint_eq(p.n[1]->waits, ANYCAST_WAITS);
    pair_settle(&p);
    ck_assert_uint_eq(adverts(), 3);
    pair_until(&p, p.now + SEC(1));
    ck_assert_uint_eq(adverts(), ANYCAST_WAITS + 3);
    ck_assert_uint_eq(p.n[1]->waits, 0);
}
END_TEST

static bool ping_comes_back(struct addr to, struct endpoint *from)
{
    char got[8];
    ng_sock s = open_sock(p.h[0], KIND_PING);
    struct endpoint e = at(to, 1);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, "hello", 5, &e), 5);
    pair_until(&p, p.now + SEC(2));
    bool back = ng_sock_recvfrom(p.h[0], s, got, sizeof got, from) == 5;
    ng_sock_close(p.h[0], s);
    return back;
}

// RFC 4291 §2.6.1: one of the routers answers, and the answer says which.
START_TEST(a_host_reaches_a_router_by_the_name_they_share)
{
    struct endpoint from;
    ck_assert(ping_comes_back(SHARED, &from) && addr_eq(from.addr, ADDR6_B));
    forward(1, "0");
    ck_assert(!ping_comes_back(SHARED, &from));  // no router any more
    ck_assert_uint_ge(p.log.drops[DROP_IP_NOT_MINE], 1);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("fd02::2"), 127), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("fd03::1"), 126), 0);
    forward(1, "1");
    ck_assert(!anycast_on_host(p.h[1], addr6("fd02::2")));  // RFC 6164 §6
    ck_assert(anycast_on_host(p.h[1], addr6("fd03::")));
    ck_assert(anycast_on_host(p.h[1], addr6("fe80::")));
    ck_assert(!anycast_on_host(p.h[1], addr_any(FAMILY_IP6)));
    ck_assert(!anycast_on_host(p.h[1], addr6("fd00::9")) && !anycast_on_host(p.h[0], SHARED));
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.accept_dad", "1"), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("fd04::1"), 64), 0);
    ck_assert(!anycast_on_host(p.h[1], addr6("fd04::")));  // not while its own name is on trial
    pair_until(&p, p.now + SEC(3));
    ck_assert(anycast_on_host(p.h[1], addr6("fd04::")));
}
END_TEST

START_TEST(the_router_itself_is_the_nearest)
{
    ng_sock s = open_sock(p.h[1], KIND_PING);
    struct endpoint to = at(SHARED, 1), from;
    char got[8];
    ck_assert_int_eq(ng_sock_sendto(p.h[1], s, "hello", 5, &to), 5);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_recvfrom(p.h[1], s, got, sizeof got, &from), 5);
    ck_assert(addr_eq(from.addr, ADDR6_B));
    ck_assert_uint_eq(p.log.sent[SENT_NDP_SOLICIT], 0);
}
END_TEST

START_TEST(datagrams_arrive_and_are_refused_by_name)
{
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7), out = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(SHARED, 7), nobody = at(SHARED, 8);
    char got[8];
    ck_assert_int_eq(ng_sock_sendto(p.h[0], out, "hello", 5, &to), 5);
    pair_until(&p, p.now + SEC(2));
    ck_assert_int_eq(ng_sock_read(p.h[1], in, got, sizeof got), 5);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], out, "hello", 5, &nobody), 5);
    pair_settle(&p);
    const struct seen *s = &p.log.seen[p.log.seen_count - 1];
    ck_assert_int_eq(s->why, SENT_PORT_UNREACHABLE);
    struct ip6_packet ip;
    ck_assert_int_eq(ip6_parse(&ip, s->data + ETH_HDR_LEN, s->len - ETH_HDR_LEN), DROP_NONE);
    ck_assert(addr_eq(ip.src, ADDR6_B));
}
END_TEST

// A connection has two ends, and this name is no one's.
START_TEST(nobody_connects_to_it)
{
    ng_sock l = open_sock(p.h[1], KIND_TCP), s = open_sock(p.h[0], KIND_TCP);
    struct endpoint name = at(addr_any(FAMILY_IP6), 80), to = at(SHARED, 80);
    ck_assert_int_eq(ng_sock_bind(p.h[1], l, &name), 0);
    ck_assert_int_eq(ng_sock_listen(p.h[1], l, 5), 0);
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &to), -EINPROGRESS);
    pair_until(&p, p.now + MSEC(1500));
    ck_assert_uint_ge(p.log.drops[DROP_TCP_NOT_UNICAST], 1);
    for (unsigned i = 0; i < p.log.seen_count; i++)
        ck_assert(p.log.seen[i].host == 1 || p.log.seen[i].data[20] != IP_PROTO_TCP);
}
END_TEST

// RFC 4291 §2.8; switches are told where addresses are asked for (RFC 3810 §6).
START_TEST(a_router_is_in_the_groups_of_routers)
{
    static const char *const groups[] = {"ff02::2", "ff05::2", "ff02::1:ff00:0"};
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        ck_assert(group_has(p.n[1], addr6(groups[i])) && !group_has(p.n[0], addr6(groups[i])));
        ck_assert(group_hears(p.n[1], mac_of_multicast(addr6(groups[i]))));
    }
    pair_until(&p, p.now + SEC(3));
    ck_assert_uint_eq(p.log.sent[SENT_GROUP_REPORT], 0);
    forward(1, "0");
    forward(1, "0");
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        ck_assert(!group_has(p.n[1], addr6(groups[i])));
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.accept_dad", "1"), 0);
    forward(1, "1");
    forward(1, "1");
    pair_until(&p, p.now + SEC(3));
    ck_assert_uint_ge(p.log.sent[SENT_GROUP_REPORT], 2);
    forward(1, "0");
    ck_assert(!group_has(p.n[1], addr6("ff02::2")));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("anycast");
    TCase *tc = tcase_create("anycast");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, it_is_told_after_a_while_and_overrides_nothing);
    tcase_add_test(tc, more_askers_than_can_wait_are_told_sooner);
    tcase_add_test(tc, a_host_reaches_a_router_by_the_name_they_share);
    tcase_add_test(tc, the_router_itself_is_the_nearest);
    tcase_add_test(tc, datagrams_arrive_and_are_refused_by_name);
    tcase_add_test(tc, nobody_connects_to_it);
    tcase_add_test(tc, a_router_is_in_the_groups_of_routers);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
