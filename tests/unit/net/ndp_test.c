// ndp_test.c - neighbour discovery: questions and answers, what is not believed, routers, prefixes
// and redirects.
#include <stdio.h>

#include "claims.h"
#include "net/group.h"
#include "net/ip.h"
#include "net/neigh.h"
#include "net/own.h"
#include "net/route.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/ndp_wire.h"

#define MAC_R ((struct mac){{2, 0, 0, 0, 0, 9}})
#define ROUTER addr6("fe80::9")
#define NODES addr6("ff02::1")

static struct wire_pair p;

static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
}
static void teardown(void) { pair_close(&p); }

struct said { struct addr src, dst; uint8_t hop_limit; bool in_pieces; };

// A message for host b, as the cable brings it.
static void say_bytes(const uint8_t *bytes, size_t len, struct said s)
{
    struct packet k = packet_of(bytes, len);
    packet_csum6(&k, s.src, s.dst);
    packet_ip6(&k, (struct ip6_packet){.src = s.src, .dst = s.dst, .proto = IP_PROTO_ICMP6,
                                       .hop_limit = s.hop_limit, .has_frag = s.in_pieces});
    struct mac to = addr_is_multicast(s.dst) ? mac_of_multicast(s.dst) : MAC_B;
    packet_eth(&k, to, MAC_A, ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

static void say(const struct ndp_message *m, struct said s)
{
    uint8_t bytes[NDP_EMIT_MAX];
    say_bytes(bytes, ndp_emit(m, bytes), s);
}

static struct ndp_message solicit(struct addr target)
{
    return (struct ndp_message){.type = ICMP6_NEIGHBOUR_SOLICIT, .target = target,
                                .has_source_mac = true, .source_mac = MAC_A};
}

static enum nud state_of(struct addr a)
{
    const struct neigh *n = neigh_find(p.n[1], a);
    return n == NULL ? NUD_NONE : n->state;
}

// What host b sends next.
static struct ndp_message next(struct ip6_packet *ip)
{
    struct ndp_message m;
    struct frame *f = ng_netif_take(p.n[1]);
    ck_assert_ptr_nonnull(f);
    const uint8_t *at = frame_start(f) + ETH_HDR_LEN;
    ck_assert_int_eq(ip6_parse(ip, at, f->len - ETH_HDR_LEN), DROP_NONE);
    ck_assert_uint_eq(ip->hop_limit, NDP_HOP_LIMIT);
    ck_assert(csum_ok(csum_pseudo(ip->src, ip->dst, IP_PROTO_ICMP6, ip->payload_len), at + 40,
                      ip->payload_len));
    ck_assert_int_eq(ndp_parse(&m, at + IP6_HDR_LEN, ip->payload_len), DROP_NONE);
    frame_free(f);
    return m;
}

START_TEST(a_question_for_us_is_answered_and_its_sender_learned)
{
    struct ndp_message m = solicit(ADDR6_B);
    say(&m, (struct said){ADDR6_A, group_solicited_node(ADDR6_B), 255, false});
    struct ip6_packet ip;
    struct ndp_message a = next(&ip);
    ck_assert_uint_eq(a.type, ICMP6_NEIGHBOUR_ADVERT);
    ck_assert(a.solicited && a.override && !a.router && addr_eq(a.target, ADDR6_B));
    ck_assert(a.has_target_mac && mac_eq(a.target_mac, MAC_B));
    ck_assert(addr_eq(ip.dst, ADDR6_A) && addr_eq(ip.src, ADDR6_B));
    ck_assert_int_eq(state_of(ADDR6_A), NUD_DELAY);  // learned, and used for the answer
}
END_TEST

START_TEST(an_option_of_no_length_is_nobodys)
{
    struct ndp_message m = solicit(ADDR6_B);
    uint8_t bytes[NDP_EMIT_MAX];
    size_t len = ndp_emit(&m, bytes);
    bytes[25] = 0;  // behind the target: the option's length
    say_bytes(bytes, len, (struct said){ADDR6_A, group_solicited_node(ADDR6_B), 255, false});
    ck_assert_uint_eq(p.log.drops[DROP_NDP_BAD_OPTION], 1);
    ck_assert_int_eq(state_of(ADDR6_A), NUD_NONE);
    ck_assert_ptr_null(ng_netif_take(p.n[1]));
}
END_TEST

START_TEST(an_asker_without_a_name_is_answered_before_all)
{
    struct ndp_message m = solicit(ADDR6_B);
    m.has_source_mac = false;
    say(&m, (struct said){addr_any(FAMILY_IP6), group_solicited_node(ADDR6_B), 255, false});
    struct ip6_packet ip;
    struct ndp_message a = next(&ip);
    ck_assert(!a.solicited && addr_eq(ip.dst, NODES));
    ck_assert_uint_eq(p.log.events[TRACE_NEIGH_STATE], 0);
}
END_TEST

static const struct {
    const char *what, *src, *dst, *target;
    uint8_t     type, code, hop_limit;
    bool        source_mac, solicited;
    enum drop   want;
} bad[] = {
    {"a question from afar",    "fd00::1", "ff02::1:ff00:2", "fd00::2", 135, 0, 254, true, false,
     DROP_NDP_NOT_LOCAL},
    {"a code",                  "fd00::1", "ff02::1:ff00:2", "fd00::2", 135, 1, 255, true, false,
     DROP_ICMP_UNKNOWN_TYPE},
    {"a question for a group",  "fd00::1", "fd00::2", "ff02::1", 135, 0, 255, true, false,
     DROP_NDP_BAD_SENDER},
    {"for somebody else",       "fd00::1", "fd00::2", "fd00::3", 135, 0, 255, true, false,
     DROP_NDP_NOT_MINE},
    {"no name, yet a MAC",      "::", "ff02::1:ff00:2", "fd00::2", 135, 0, 255, true, false,
     DROP_NDP_BAD_SENDER},
    {"no name, to one",         "::", "fd00::2", "fd00::2", 135, 0, 255, false, false,
     DROP_NDP_BAD_SENDER},
    {"an answer unasked",       "fd00::1", "fd00::2", "fd00::7", 136, 0, 255, false, true,
     DROP_NDP_UNASKED},
    {"one of a group",          "fd00::1", "fd00::2", "ff02::7", 136, 0, 255, false, true,
     DROP_NDP_BAD_SENDER},
    {"solicited by many",       "fd00::1", "ff02::1", "fd00::7", 136, 0, 255, false, true,
     DROP_NDP_BAD_SENDER},
    {"of our own name",         "fd00::1", "ff02::1", "fd00::2", 136, 0, 255, false, false,
     DROP_NDP_DUPLICATE},
    {"a router's, not asked for", "fe80::9", "ff02::1", "::", 134, 0, 255, false, false,
     DROP_NDP_IGNORED},
    {"a router with no local name", "fd00::1", "ff02::1", "::", 134, 0, 255, false, false,
     DROP_NDP_BAD_SENDER},
    {"a solicitation of routers", "fd00::1", "ff02::1", "::", 133, 0, 255, false, false,
     DROP_NDP_IGNORED},
    {"a redirect with no local name", "fd00::1", "fd00::2", "fe80::8", 137, 0, 255, false, false,
     DROP_NDP_BAD_SENDER},
    {"a redirect by no router of ours", "fe80::9", "fd00::2", "fe80::8", 137, 0, 255, false, false,
     DROP_REDIRECT_NOT_MINE},
    {"a redirect to no link-local name", "fe80::9", "fd00::2", "fd00::8", 137, 0, 255, false,
     false, DROP_NDP_BAD_SENDER},
};

START_TEST(what_is_refused_teaches_nothing)
{
    struct ndp_message m = {.type = bad[_i].type, .code = bad[_i].code,
                            .target = addr6(bad[_i].target), .solicited = bad[_i].solicited,
                            .has_source_mac = bad[_i].source_mac, .source_mac = MAC_A,
                            .dst = addr6("2001:db8::1"), .lifetime_s = 1800};
    say(&m, (struct said){addr6(bad[_i].src), addr6(bad[_i].dst), bad[_i].hop_limit, false});
    ck_assert_msg(p.log.drops[bad[_i].want] == 1, "%s: %s", bad[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
    ck_assert_uint_eq(p.log.events[TRACE_NEIGH_STATE], 0);
}
END_TEST

// Sends something to a, so that host b asks for it.
// RFC 6980 §5: whatever it says, and though it is whole in its one piece (RFC 6946).
START_TEST(in_fragments_nothing_is_believed)
{
    static const uint8_t types[] = {133, 134, 135, 136, 137};
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct ndp_message m = solicit(addr6("fd00::2"));
        m.type = types[i];
        say(&m, (struct said){addr6("fe80::9"), addr6("fd00::2"), 255, true});
        ck_assert_uint_eq(p.log.drops[DROP_NDP_IN_PIECES], i + 1);
    }
    ck_assert_uint_eq(p.log.events[TRACE_NEIGH_STATE], 0);
}
END_TEST

static void want(const char *a)
{
    static ng_sock s;
    s = open_sock(p.h[1], KIND_UDP);
    struct endpoint to = at(addr6(a), 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[1], s, "x", 1, &to), 1);
}

static void tell(const char *target, struct mac mac, bool solicited, bool override)
{
    struct ndp_message m = {.type = ICMP6_NEIGHBOUR_ADVERT, .target = addr6(target),
                            .solicited = solicited, .override = override, .has_target_mac = true,
                            .target_mac = mac};
    say(&m, (struct said){addr6(target), ADDR6_B, 255, false});
}

// RFC 4861 §7.2.5, row by row: what an advertisement does to what is known.
START_TEST(an_advertisement_changes_what_it_may)
{
    struct mac other = {{2, 0, 0, 0, 0, 7}};
    want("fd00::7");
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_INCOMPLETE);
    tell("fd00::7", MAC_A, true, false);
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_REACHABLE);
    tell("fd00::7", other, true, false);   // another MAC without override: doubt, no change
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_STALE);
    ck_assert(mac_eq(neigh_find(p.n[1], addr6("fd00::7"))->mac, MAC_A));
    tell("fd00::7", other, false, true);
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_STALE);
    ck_assert(mac_eq(neigh_find(p.n[1], addr6("fd00::7"))->mac, other));
    tell("fd00::7", other, true, true);
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_REACHABLE);
    want("fd00::8");
    tell("fd00::8", MAC_A, false, false);
    ck_assert_int_eq(state_of(addr6("fd00::8")), NUD_DELAY);  // STALE, and the datagram used it
    tell("fd00::8", (struct mac){{1, 0, 0, 0, 0, 7}}, true, true);
    ck_assert_uint_eq(p.log.drops[DROP_NDP_BAD_SENDER], 1);
}
END_TEST

START_TEST(the_question_bears_the_name_of_the_packet_that_waits)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("fd00::22"), 64), 0);
    ng_sock s = bound_udp(&p, 1, addr6("fd00::22"), 9);
    struct endpoint to = at(addr6("fd00::7"), 7);
    ng_sock_sendto(p.h[1], s, "x", 1, &to);
    struct ip6_packet ip;
    struct ndp_message m = next(&ip);
    ck_assert(addr_eq(ip.src, addr6("fd00::22")) && addr_eq(ip.dst, addr6("ff02::1:ff00:7")));
    ck_assert(addr_eq(m.target, addr6("fd00::7")) && mac_eq(m.source_mac, MAC_B));
}
END_TEST

// --- routers -----------------------------------------------------------------------------------

static struct ndp_message advert(void)
{
    return (struct ndp_message){
        .type = ICMP6_ROUTER_ADVERT, .hop_limit = 33, .lifetime_s = 100, .mtu = 1400,
        .has_source_mac = true, .source_mac = MAC_R, .prefixes = 1,
        .prefix = {{.prefix = {addr6("2001:db8:5::"), 64}, .on_link = true, .autonomous = true,
                    .valid_s = 1000, .preferred_s = 500}}};
}

static void advertise(const struct ndp_message *m)
{
    say(m, (struct said){ROUTER, NODES, 255, false});
}

static struct own_addr *made(void)
{
    for (unsigned i = 0; i < p.n[1]->addrs; i++)
        if (p.n[1]->addr[i].origin == OWN_SLAAC) return &p.n[1]->addr[i];
    return NULL;
}

START_TEST(a_router_brings_a_route_a_name_and_its_advice)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    advertise(&m);
    struct own_addr *own = made();
    ck_assert_ptr_nonnull(own);
    ck_assert(prefix_contains((struct prefix){addr6("2001:db8:5::"), 64}, own->prefix.addr));
    struct way way;
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(way.gateway && addr_eq(way.hop, ROUTER) && addr_eq(way.src, own->prefix.addr));
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:5::77"), &way));
    ck_assert(!way.gateway);
    struct ip_path path;
    ck_assert_int_eq(ip_path(p.h[1], addr6("2001:db8:9::1"), &path), 0);
    ck_assert_uint_eq(path.mtu, 1400);
    ck_assert_int_eq(state_of(ROUTER), NUD_STALE);
    want("2001:db8:9::1");
    struct frame *f = ng_netif_take(p.n[1]);
    struct ip6_packet ip;
    ck_assert_int_eq(ip6_parse(&ip, frame_start(f) + ETH_HDR_LEN, f->len - ETH_HDR_LEN), 0);
    ck_assert_uint_eq(ip.hop_limit, 33);
    ck_assert(mac_eq(mac_of_bytes(frame_start(f)), MAC_R));
    frame_free(f);
}
END_TEST

START_TEST(what_a_router_brought_ends_as_it_said)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    advertise(&m);
    struct way way;
    pair_until(&p, p.now + SEC(101));
    ck_assert(!route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert_int_eq(made()->state, OWN_PREFERRED);
    pair_until(&p, p.now + SEC(400));
    ck_assert_int_eq(made()->state, OWN_DEPRECATED);
    pair_until(&p, p.now + SEC(500));
    ck_assert_ptr_null(made());
    ck_assert_int_eq(p.log.last[TRACE_ADDR_STATE].addr_state.to, OWN_NONE);
}
END_TEST

// RFC 4862 §5.5.3 e: nobody can take a name from us with one short lifetime.
// RFC 8106: servers that names are asked of, until their time is over or the router takes them
// back.
START_TEST(a_router_tells_who_knows_names)
{
    struct addr got[NETIF_SERVERS];
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    m.servers = 3;
    m.servers_s = 60;
    m.server[0] = addr6("2001:db8::53");
    m.server[1] = addr6("ff02::fb");  // no server
    m.server[2] = addr6("2001:db8::54");
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 0);
    advertise(&m);
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 2);
    ck_assert(addr_eq(got[0], m.server[0]) && addr_eq(got[1], m.server[2]));
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, 1), 1);
    pair_until(&p, p.now + SEC(59));
    m.servers = 0;  // that says nothing of them
    advertise(&m);
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 2);
    pair_until(&p, p.now + SEC(2));
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 0);
    m.servers = 1;
    advertise(&m);
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 1);
    m.servers_s = 0;
    advertise(&m);
    ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 0);
}
END_TEST

// Two such options in one word: what is to be forgotten, and what is in its place.
START_TEST(of_servers_only_the_living_count)
{
    enum { AT = 16, LEN = 24 };
    uint8_t bytes[AT + 2 * LEN] = {ICMP6_ROUTER_ADVERT, [6] = 1};
    struct addr got[NETIF_SERVERS], dead = addr6("2001:db8::1"), alive = addr6("2001:db8::2");
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    for (unsigned second = 0; second < 2; second++) {
        for (unsigned i = 0; i < 2; i++) {
            uint8_t *o = bytes + AT + i * LEN;
            o[0] = 25;
            o[1] = LEN / 8;
            put32(o + 4, i == second ? 60 : 0);
            memcpy(o + 8, i == second ? alive.b : dead.b, 16);
        }
        say_bytes(bytes, sizeof bytes, (struct said){ROUTER, NODES, 255, false});
        ck_assert_uint_eq(ng_netif_servers(p.n[1], got, NETIF_SERVERS), 1);
        ck_assert(addr_eq(got[0], alive));
    }
}
END_TEST

START_TEST(a_short_lifetime_is_not_believed_below_two_hours)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    m.prefix[0].valid_s = m.prefix[0].preferred_s = 100000;
    advertise(&m);
    m.prefix[0].valid_s = m.prefix[0].preferred_s = 10;
    advertise(&m);
    ck_assert_int_eq(made()->valid_until, p.now + SEC(7200));
    advertise(&m);
    ck_assert_int_eq(made()->valid_until, p.now + SEC(7200));
    m.prefix[0].valid_s = UINT32_MAX;
    m.prefix[0].preferred_s = UINT32_MAX;
    advertise(&m);
    ck_assert_int_eq(made()->valid_until, NEVER);
}
END_TEST

static const struct {
    const char *what, *prefix; uint8_t bits; uint32_t valid, preferred;
} odd[] = {
    {"not of 64 bits",            "2001:db8:5::", 63, 100, 100},
    {"preferred beyond valid",    "2001:db8:5::", 64, 100, 101},
    {"link-local",                "fe80::",       64, 100, 100},
    {"over already",              "2001:db8:5::", 64, 0,   0},
};

START_TEST(a_prefix_that_makes_no_name)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    m.prefix[0].prefix = (struct prefix){addr6(odd[_i].prefix), odd[_i].bits};
    m.prefix[0].valid_s = odd[_i].valid;
    m.prefix[0].preferred_s = odd[_i].preferred;
    advertise(&m);
    ck_assert_msg(made() == NULL, "%s", odd[_i].what);
}
END_TEST

START_TEST(a_router_that_steps_down_is_gone)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    struct way way;
    advertise(&m);
    m.lifetime_s = 0;
    advertise(&m);
    ck_assert(!route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    m.lifetime_s = 100;
    advertise(&m);
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    struct ndp_message na = {.type = ICMP6_NEIGHBOUR_ADVERT, .target = ROUTER,
                             .has_target_mac = true, .target_mac = MAC_R, .override = true};
    say(&na, (struct said){ROUTER, NODES, 255, false});  // no longer a router (RFC 4861 §7.2.5)
    ck_assert(!route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
}
END_TEST

// RFC 4861 §7.2.5: a word that is passed over does not end a router either, and what failed is only
// found again by asking.
START_TEST(only_a_word_that_counts_changes_anything)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    struct way way;
    advertise(&m);
    ck_assert(neigh_find(p.n[1], ROUTER)->router);
    tell("fe80::9", (struct mac){{2, 0, 0, 0, 0, 7}}, false, false);  // no router, says a stranger
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(neigh_find(p.n[1], ROUTER)->router);
    tell("fe80::9", (struct mac){{2, 0, 0, 0, 0, 7}}, false, true);
    ck_assert(!route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(!neigh_find(p.n[1], ROUTER)->router);

    want("fd00::7");
    pair_until(&p, p.now + SEC(4));
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_FAILED);
    tell("fd00::7", MAC_A, true, true);
    ck_assert_int_eq(state_of(addr6("fd00::7")), NUD_FAILED);
    ck_assert_uint_eq(p.log.drops[DROP_NDP_UNASKED], 1);
}
END_TEST

// RFC 4861 §6.3.4: how often to ask, and how long an answer holds, is for the router to say.
START_TEST(a_router_sets_the_pace)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    m.retrans_ms = 200;
    m.reachable_ms = 1000;
    advertise(&m);
    m.retrans_ms = 7;
    m.reachable_ms = 3600001;
    advertise(&m);  // cannot be
    want("fd00::7");
    pair_until(&p, p.now + MSEC(450));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_NDP_SOLICIT), 3);
    tell("fd00::7", MAC_A, true, true);
    nsec left = neigh_find(p.n[1], addr6("fd00::7"))->until - p.now;
    ck_assert(left >= MSEC(500) && left <= MSEC(1500));
}
END_TEST

// A liar with many prefixes takes a part of the table, and no more.
START_TEST(a_router_teaches_only_so_many_ways)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    pair_set(&p, "net.ipv6.conf.all.autoconf", "0");
    struct ndp_message m = advert();
    m.prefixes = 8;
    for (unsigned i = 0; i < 8; i++) m.prefix[i] = m.prefix[0];
    for (unsigned k = 0; k < ROUTE_LEARNED / 8 + 2; k++) {
        for (unsigned i = 0; i < 8; i++) m.prefix[i].prefix.addr.b[7] = (uint8_t)(8 * k + i);
        advertise(&m);
    }
    struct way way;
    struct addr a = addr6("2001:db8:5::77");
    for (unsigned i = 0; i < ROUTE_LEARNED + 8; i++) {
        a.b[7] = (uint8_t)i;
        ck_assert(route_lookup(p.h[1], a, &way));
        ck_assert_msg(way.gateway == (i >= ROUTE_LEARNED - 1), "prefix %u", i);  // and the default
    }
    pair_until(&p, p.now + SEC(1001));  // they end, and there is room again
    m.prefix[0].prefix = (struct prefix){addr6("2001:db8:6::"), 64};
    advertise(&m);
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:6::1"), &way) && !way.gateway);
}
END_TEST

START_TEST(routers_are_asked_for_three_times)
{
    struct wire_pair q;
    pair_open(&q, 0);
    pair_set(&q, "net.ipv6.conf.all.accept_ra", "1");
    pair_ip6(&q);
    pair_until(&q, q.now + SEC(20));
    ck_assert_uint_eq(log_sent(&q.log, 1, SENT_ROUTER_SOLICIT), 3);
    pair_close(&q);
}
END_TEST

// RFC 4861 §6.3.7: one that is no default router is no reason to ask no more.
START_TEST(routers_are_asked_for_until_one_is_there)
{
    pair_close(&p);
    pair_open(&p, 0);
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    pair_ip6(&p);
    pair_until(&p, p.now + SEC(1));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_ROUTER_SOLICIT), 1);
    struct ndp_message m = advert();
    m.lifetime_s = 0;
    advertise(&m);
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_ROUTER_SOLICIT), 2);
    m.lifetime_s = 100;
    advertise(&m);
    pair_until(&p, p.now + SEC(10));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_ROUTER_SOLICIT), 2);
}
END_TEST

// --- redirects ---------------------------------------------------------------------------------

static void redirect(const char *dst, const char *target, struct addr from)
{
    struct ndp_message m = {.type = ICMP6_REDIRECT, .target = addr6(target), .dst = addr6(dst),
                            .has_target_mac = true, .target_mac = MAC_A};
    say(&m, (struct said){from, ADDR6_B, 255, false});
}

START_TEST(a_better_first_hop_is_taken_for_that_destination)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    advertise(&m);
    redirect("2001:db8:9::1", "fe80::7", ROUTER);
    struct way way;
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(addr_eq(way.hop, addr6("fe80::7")));
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::2"), &way));
    ck_assert(addr_eq(way.hop, ROUTER));
    redirect("2001:db8:9::2", "2001:db8:9::2", ROUTER);  // it is on the link
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::2"), &way));
    ck_assert(!way.gateway);
    redirect("2001:db8:9::1", "fe80::8", ROUTER);  // not the first hop any more
    ck_assert_uint_eq(p.log.drops[DROP_REDIRECT_NOT_MINE], 1);
    redirect("2001:db8:9::1", "fe80::8", addr6("fe80::7"));
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(addr_eq(way.hop, addr6("fe80::8")));
    ck_assert_uint_eq(p.log.steps[STEP_IP_REDIRECT], 3);
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.accept_redirects", "0"), 0);
    redirect("2001:db8:9::3", "fe80::8", ROUTER);
    ck_assert_uint_eq(p.log.drops[DROP_NDP_IGNORED], 1);
}
END_TEST

// RFC 4861 §7.3.3: the better hop died, and the way before it is good again.
START_TEST(a_redirect_to_the_dead_is_void)
{
    static const char *const targets[] = {"fe80::7", "2001:db8:9::1"};
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    advertise(&m);
    struct ndp_message r = {.type = ICMP6_REDIRECT, .target = addr6(targets[_i]),
                            .dst = addr6("2001:db8:9::1")};
    say(&r, (struct said){ROUTER, ADDR6_B, 255, false});
    struct way way;
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(addr_eq(way.hop, addr6(targets[_i])));
    want("2001:db8:9::1");
    pair_until(&p, p.now + SEC(4));
    ck_assert_int_eq(state_of(addr6(targets[_i])), NUD_FAILED);
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(addr_eq(way.hop, ROUTER));
}
END_TEST

START_TEST(redirects_are_limited_and_the_oldest_goes)
{
    pair_set(&p, "net.ipv6.conf.all.accept_ra", "1");
    struct ndp_message m = advert();
    advertise(&m);
    char dst[40];
    for (int i = 0; i <= ROUTE_REDIRECTS; i++) {
        snprintf(dst, sizeof dst, "2001:db8:9::%x", i + 1);
        redirect(dst, "fe80::7", ROUTER);
    }
    struct way way;
    ck_assert(route_lookup(p.h[1], addr6("2001:db8:9::1"), &way));
    ck_assert(addr_eq(way.hop, ROUTER));
    ck_assert(route_lookup(p.h[1], addr6(dst), &way));
    ck_assert(addr_eq(way.hop, addr6("fe80::7")));
}
END_TEST

START_TEST(a_dead_router_gives_way_to_another)
{
    ck_assert_int_eq(ng_host_add_route(p.h[1], addr_any(FAMILY_IP6), 0, addr6("fd00::8"), NULL), 0);
    ck_assert_int_eq(ng_host_add_route(p.h[1], addr_any(FAMILY_IP6), 0, addr6("fd00::9"), NULL), 0);
    struct way way;
    ck_assert(route_lookup(p.h[1], addr6("2001:db8::1"), &way));
    ck_assert(addr_eq(way.hop, addr6("fd00::8")));
    want("2001:db8::1");
    pair_until(&p, p.now + SEC(4));
    ck_assert_uint_eq(p.log.drops[DROP_NEIGH_FAILED], 1);
    ck_assert(route_lookup(p.h[1], addr6("2001:db8::1"), &way));
    ck_assert(addr_eq(way.hop, addr6("fd00::9")));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ndp");
    TCase *tc = tcase_create("ndp");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_question_for_us_is_answered_and_its_sender_learned);
    tcase_add_test(tc, an_option_of_no_length_is_nobodys);
    tcase_add_test(tc, an_asker_without_a_name_is_answered_before_all);
    tcase_add_loop_test(tc, what_is_refused_teaches_nothing, 0, ARRAY_LEN(bad));
    tcase_add_test(tc, in_fragments_nothing_is_believed);
    tcase_add_test(tc, an_advertisement_changes_what_it_may);
    tcase_add_test(tc, the_question_bears_the_name_of_the_packet_that_waits);
    tcase_add_test(tc, a_router_brings_a_route_a_name_and_its_advice);
    tcase_add_test(tc, what_a_router_brought_ends_as_it_said);
    tcase_add_test(tc, a_router_tells_who_knows_names);
    tcase_add_test(tc, of_servers_only_the_living_count);
    tcase_add_test(tc, a_short_lifetime_is_not_believed_below_two_hours);
    tcase_add_loop_test(tc, a_prefix_that_makes_no_name, 0, ARRAY_LEN(odd));
    tcase_add_test(tc, a_router_that_steps_down_is_gone);
    tcase_add_test(tc, routers_are_asked_for_three_times);
    tcase_add_test(tc, a_better_first_hop_is_taken_for_that_destination);
    tcase_add_test(tc, only_a_word_that_counts_changes_anything);
    tcase_add_test(tc, a_router_sets_the_pace);
    tcase_add_test(tc, a_router_teaches_only_so_many_ways);
    tcase_add_test(tc, routers_are_asked_for_until_one_is_there);
    tcase_add_loop_test(tc, a_redirect_to_the_dead_is_void, 0, 2);
    tcase_add_test(tc, redirects_are_limited_and_the_oldest_goes);
    tcase_add_test(tc, a_dead_router_gives_way_to_another);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
