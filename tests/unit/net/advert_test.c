// advert_test.c - a router's advertisements: when, what of, and how they end.
#include "claims.h"
#include "net/own.h"
#include "net/route.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/ndp_wire.h"


static struct wire_pair p;

// Host b is a router that advertises; a is its host, and makes a name.
static void setup(void)
{
    pair_open(&p, 0);
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.forwarding", "1"), 0);
    ck_assert_int_eq(ng_host_set(p.h[1], "netglass.router_advert", "60"), 0);
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv6.conf.all.accept_ra", "1"), 0);
}
static void teardown(void) { pair_close(&p); }

static void begin(void)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("2001:db8:1::1"), 64), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("2001:db8:1::2"), 64), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("2001:db8:2::1"), 80), 0);
    ck_assert_int_eq(ng_netif_start_ip6(p.n[0]), 0);
}

static unsigned adverts(void) { return log_sent(&p.log, 2, SENT_ROUTER_ADVERT); }

// The last that went out.
static struct ndp_message last(struct ip6_packet *ip)
{
    struct ndp_message m = {0};
    for (unsigned i = p.log.seen_count; i-- > 0;) {
        const struct seen *s = &p.log.seen[i];
        const uint8_t *at = s->data + ETH_HDR_LEN;
        if (s->why != SENT_ROUTER_ADVERT) continue;
        ck_assert_int_eq(ip6_parse(ip, at, s->len - ETH_HDR_LEN), DROP_NONE);
        ck_assert_int_eq(ndp_parse(&m, at + IP6_HDR_LEN, ip->payload_len), DROP_NONE);
        return m;
    }
    ck_abort_msg("nothing was advertised");
}

static void solicit(const char *src, bool mac)
{
    struct ndp_message m = {.type = ICMP6_ROUTER_SOLICIT, .has_source_mac = mac,
                            .source_mac = MAC_A};
    struct packet k = packet_ndp(&m, addr6(src), addr6("ff02::2"), MAC_A);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

START_TEST(it_tells_each_prefix_once_and_a_host_makes_a_name)
{
    begin();
    pair_until(&p, p.now + SEC(2));
    struct ip6_packet ip;
    struct ndp_message m = last(&ip);
    ck_assert(addr_eq(ip.dst, addr6("ff02::1")) && addr_is_link_local(ip.src));
    ck_assert_uint_eq(ip.hop_limit, NDP_HOP_LIMIT);
    ck_assert(m.has_source_mac && mac_eq(m.source_mac, MAC_B));
    ck_assert_uint_eq(m.lifetime_s, 180);
    ck_assert_uint_eq(m.hop_limit, 64);
    ck_assert_uint_eq(m.prefixes, 2);
    ck_assert(addr_eq(m.prefix[0].prefix.addr, addr6("2001:db8:1::")));
    ck_assert(m.prefix[0].on_link && m.prefix[0].autonomous);
    ck_assert_uint_eq(m.prefix[0].valid_s, 2592000);
    ck_assert_uint_eq(m.prefix[0].preferred_s, 604800);
    ck_assert(m.prefix[1].prefix.bits == 80 && m.prefix[1].on_link && !m.prefix[1].autonomous);
    struct way way;
    ck_assert(route_lookup(p.h[0], addr6("2001:db8:9::1"), &way) && way.gateway);
    struct addr name = p.n[0]->addr[p.n[0]->addrs - 1].prefix.addr;
    ck_assert(netif_has_addr(p.n[0], name) && prefix_contains(m.prefix[0].prefix, name));
}
END_TEST

// §6.2.4: three within 16 s each, then one in 20 to 60 s.
START_TEST(it_speaks_often_at_first_and_then_now_and_then)
{
    begin();
    pair_until(&p, p.now + SEC(1) + 2 * SEC(16));
    ck_assert_uint_ge(adverts(), 3);
    for (int i = 0; i < 5; i++) {
        unsigned before = adverts();
        pair_until(&p, p.now + SEC(61));
        ck_assert_uint_ge(adverts(), before + 1);
        ck_assert_uint_le(adverts(), before + 4);
    }
}
END_TEST

// §6.2.6: who asks is answered within half a second, but all of them together, once in 3 s.
START_TEST(who_asks_is_answered_but_not_too_often)
{
    begin();
    pair_until(&p, p.now + SEC(1) + 3 * SEC(16) + SEC(4));
    unsigned before = adverts();
    solicit("::", false);
    pair_until(&p, p.now + MSEC(501));
    ck_assert_uint_eq(adverts(), before + 1);
    for (int i = 0; i < 50; i++) solicit("fe80::1", true);
    pair_until(&p, p.now + MSEC(2400));
    ck_assert_uint_eq(adverts(), before + 1);
    pair_until(&p, p.now + MSEC(1200));
    ck_assert_uint_eq(adverts(), before + 2);
}
END_TEST

START_TEST(a_nameless_asker_with_a_mac_is_no_asker)
{
    begin();
    pair_until(&p, p.now + SEC(60));
    unsigned before = adverts(), bad = p.log.drops[DROP_NDP_BAD_SENDER];
    solicit("::", true);
    ck_assert_uint_eq(p.log.drops[DROP_NDP_BAD_SENDER], bad + 1);
    pair_until(&p, p.now + MSEC(600));
    ck_assert_uint_le(adverts(), before + 1);  // its own, if it was due
}
END_TEST

// §6.2.5: a last word with a lifetime of 0; the hosts look for another way.
START_TEST(a_router_that_stops_says_so)
{
    begin();
    pair_until(&p, p.now + SEC(2));
    ck_assert_int_eq(ng_host_set(p.h[1], "netglass.router_advert", "0"), 0);
    pair_until(&p, p.now + SEC(61));
    struct ip6_packet ip;
    struct ndp_message m = last(&ip);
    ck_assert_uint_eq(m.lifetime_s, 0);
    struct way way;
    ck_assert(!route_lookup(p.h[0], addr6("2001:db8:9::1"), &way));
    unsigned said = adverts();
    pair_until(&p, p.now + SEC(200));
    ck_assert_uint_eq(adverts(), said);
}
END_TEST

START_TEST(a_host_advertises_nothing_and_hears_no_question)
{
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.forwarding", "0"), 0);
    begin();
    solicit("::", false);
    pair_until(&p, p.now + SEC(61));
    ck_assert_uint_eq(adverts(), 0);
    ck_assert_uint_ge(p.log.drops[DROP_ETH_NOT_MINE], 1);  // ff02::2 is for routers: RFC 4291 §2.8
}
END_TEST

// Its own name is on trial for a second, and nothing may be said without it (§4.2).
START_TEST(it_waits_for_its_name)
{
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.accept_dad", "1"), 0);
    begin();
    for (nsec until = p.now + SEC(1); p.now < until && adverts() == 0;)
        pair_until(&p, p.now + MSEC(10));
    ck_assert_uint_eq(adverts(), 0);
    pair_until(&p, p.now + SEC(4));
    ck_assert_uint_ge(adverts(), 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("advert");
    TCase *tc = tcase_create("advert");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, it_tells_each_prefix_once_and_a_host_makes_a_name);
    tcase_add_test(tc, it_speaks_often_at_first_and_then_now_and_then);
    tcase_add_test(tc, who_asks_is_answered_but_not_too_often);
    tcase_add_test(tc, a_nameless_asker_with_a_mac_is_no_asker);
    tcase_add_test(tc, a_router_that_stops_says_so);
    tcase_add_test(tc, a_host_advertises_nothing_and_hears_no_question);
    tcase_add_test(tc, it_waits_for_its_name);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
