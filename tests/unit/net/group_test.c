// group_test.c - groups: joined, reported, asked after, left; to new routers and to old ones.
#include "claims.h"
#include "net/group.h"
#include "net/own.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/igmp_wire.h"

#define G4 addr_ip4(0xe9010203)
#define G6 addr6("ff15::77")

static struct wire_pair p;

static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
}
static void teardown(void) { pair_close(&p); }

static struct addr group_of(int family) { return family == FAMILY_IP4 ? G4 : G6; }

// The n-th report or leave that host b sent, from the last; the message in it.
static struct igmp_message told(unsigned n, struct addr *dst)
{
    for (unsigned i = p.log.seen_count; i-- > 0;) {
        const struct seen *s = &p.log.seen[i];
        if (s->host != 2 || (s->why != SENT_GROUP_REPORT && s->why != SENT_GROUP_LEAVE)) continue;
        if (n-- > 0) continue;
        static struct igmp_message m;
        const uint8_t *at = s->data + ETH_HDR_LEN;
        if (get16(s->data + 12) == ETH_TYPE_IP4) {
            struct ip4_packet ip;
            ck_assert_int_eq(ip4_parse(&ip, at, s->len - ETH_HDR_LEN), DROP_NONE);
            ck_assert(ip.ttl == 1 && ip.router_alert && ip.proto == IP_PROTO_IGMP);
            ck_assert(csum_ok(0, at + ip.hdr_len, (size_t)(ip.total_len - ip.hdr_len)));
            ck_assert_int_eq(igmp_parse(&m, FAMILY_IP4, at + ip.hdr_len,
                                        (size_t)(ip.total_len - ip.hdr_len)), DROP_NONE);
            *dst = ip.dst;
        } else {
            struct ip6_packet ip;
            ck_assert_int_eq(ip6_parse(&ip, at, s->len - ETH_HDR_LEN), DROP_NONE);
            ck_assert(ip.hop_limit == 1 && ip.router_alert && addr_is_link_local(ip.src));
            size_t len = ip.payload_len + (size_t)IP6_HDR_LEN - ip.hdr_len;
            uint16_t pseudo = csum_pseudo(ip.src, ip.dst, IP_PROTO_ICMP6, len);
            ck_assert(csum_ok(pseudo, at + ip.hdr_len, len));
            ck_assert_int_eq(igmp_parse(&m, FAMILY_IP6, at + ip.hdr_len, len), DROP_NONE);
            *dst = ip.dst;
        }
        return m;
    }
    ck_abort_msg("nothing was told");
}

static const int families[] = {FAMILY_IP4, FAMILY_IP6};

START_TEST(joining_and_leaving_are_told_twice_each)
{
    struct addr g = group_of(families[_i]), dst;
    ck_assert_int_eq(group_join(p.n[1], g), 0);
    ck_assert_int_eq(group_join(p.n[1], g), 0);  // the second user changes nothing
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_GROUP_REPORT), 2);
    struct igmp_message m = told(0, &dst);
    ck_assert(m.kind == IGMP_RECORDS && m.records == 1);
    ck_assert(m.record[0].kind == IGMP_TO_EXCLUDE && addr_eq(m.record[0].group, g));
    ck_assert(addr_eq(dst, families[_i] == FAMILY_IP4 ? addr_ip4(0xe0000016) : addr6("ff02::16")));
    group_leave(p.n[1], g);
    ck_assert(group_has(p.n[1], g));
    group_leave(p.n[1], g);
    ck_assert(!group_has(p.n[1], g));
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_GROUP_REPORT), 4);
    ck_assert_uint_eq(told(0, &dst).record[0].kind, IGMP_TO_INCLUDE);
    group_leave(p.n[1], g);  // once too often
}
END_TEST

// A query by host a: as IGMP or MLD of some version.
static void query_from(const struct igmp_message *m, struct addr from, uint8_t ttl, bool alert)
{
    uint8_t bytes[64];
    int family = m->family;
    struct packet k = packet_of(bytes, igmp_emit(m, bytes));
    struct addr to = group_all_nodes(m->family);
    if (family == FAMILY_IP4) {
        packet_ip4(&k, (struct ip4_packet){.src = from, .dst = to, .proto = IP_PROTO_IGMP,
                                           .ttl = ttl});
    } else {
        packet_csum6(&k, from, to);
        packet_ip6(&k, (struct ip6_packet){.src = from, .dst = to, .proto = IP_PROTO_ICMP6,
                                           .hop_limit = ttl, .router_alert = alert});
    }
    packet_eth(&k, mac_of_multicast(to), MAC_A, family == FAMILY_IP4 ? ETH_TYPE_IP4
                                                                     : ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

static void query(int family, struct addr group, uint8_t version, uint16_t max_resp, uint8_t ttl)
{
    struct addr from = family == FAMILY_IP4 ? ADDR_A : addr6("fe80::9");
    query_from(&(struct igmp_message){.family = (uint8_t)family, .kind = IGMP_QUERY,
                                      .version = version, .group = group, .max_resp = max_resp},
               from, ttl, true);
}

static void quiet(int family)
{
    ck_assert_int_eq(group_join(p.n[1], group_of(family)), 0);
    pair_until(&p, p.now + SEC(5));
    p.log.seen_count = 0;
}

START_TEST(a_question_to_all_is_answered_in_time)
{
    struct addr dst;
    int family = families[_i];
    quiet(family);
    query(family, addr_any((enum family)family), family == FAMILY_IP4 ? 3 : 2,
          family == FAMILY_IP4 ? 10 : 1000, 1);
    ck_assert_uint_eq(p.log.seen_count, 0);
    pair_until(&p, p.now + MSEC(1001));
    bool found = false;
    for (unsigned n = 0; !found && n < log_sent(&p.log, 2, SENT_GROUP_REPORT); n++) {
        struct igmp_message m = told(n, &dst);
        for (int i = 0; i < m.records; i++)
            found = found || (m.record[i].kind == IGMP_IS_EXCLUDE
                              && addr_eq(m.record[i].group, group_of(family)));
    }
    ck_assert(found);
    p.log.seen_count = 0;
    query(family, family == FAMILY_IP4 ? addr_ip4(0xe9010204) : addr6("ff15::78"),
          family == FAMILY_IP4 ? 3 : 2, 10, 1);  // another group
    pair_until(&p, p.now + SEC(2));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_GROUP_REPORT), 0);
}
END_TEST

static const struct { int family; uint8_t version; uint16_t max_resp; bool leave_told; } old[] = {
    {FAMILY_IP4, 1, 0, false}, {FAMILY_IP4, 2, 10, true}, {FAMILY_IP6, 1, 1000, true},
};

START_TEST(to_an_old_router_we_speak_as_it_does)
{
    struct addr dst, g = group_of(old[_i].family);
    quiet(old[_i].family);
    query(old[_i].family, addr_any((enum family)old[_i].family), old[_i].version,
          old[_i].max_resp, 1);
    pair_until(&p, p.now + SEC(11));
    bool found = false;
    for (unsigned n = 0; !found && n < log_sent(&p.log, 2, SENT_GROUP_REPORT); n++) {
        struct igmp_message m = told(n, &dst);
        found = m.kind == IGMP_REPORT && m.version == old[_i].version && addr_eq(m.group, g)
             && addr_eq(dst, g);
    }
    ck_assert(found);
    group_leave(p.n[1], g);
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_GROUP_LEAVE), old[_i].leave_told ? 2 : 0);
    if (old[_i].leave_told) {
        ck_assert_int_eq(told(0, &dst).kind, IGMP_LEAVE);
        ck_assert(addr_eq(dst, group_all_routers((uint8_t)old[_i].family)));
    }
    pair_until(&p, p.now + SEC(300));  // the old router is forgotten
    group_join(p.n[1], g);
    pair_until(&p, p.now + SEC(5));
    ck_assert_int_eq(told(0, &dst).kind, IGMP_RECORDS);
}
END_TEST

START_TEST(another_ones_report_spares_ours)
{
    quiet(FAMILY_IP4);
    query(FAMILY_IP4, addr_any(FAMILY_IP4), 2, 100, 1);
    uint8_t bytes[64];
    struct igmp_message m = {.family = FAMILY_IP4, .kind = IGMP_REPORT, .version = 2, .group = G4};
    struct packet k = packet_of(bytes, igmp_emit(&m, bytes));
    packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = G4, .proto = IP_PROTO_IGMP,
                                       .ttl = 1});
    packet_eth(&k, mac_of_multicast(G4), MAC_A, ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    pair_until(&p, p.now + SEC(15));
    ck_assert_uint_eq(log_sent(&p.log, 2, SENT_GROUP_REPORT), 0);
}
END_TEST

START_TEST(what_comes_from_beyond_the_link_is_dropped)
{
    quiet(families[_i]);
    query(families[_i], addr_any((enum family)families[_i]), families[_i] == FAMILY_IP4 ? 3 : 2,
          10, 2);
    ck_assert_uint_eq(p.log.drops[DROP_IGMP_NOT_LOCAL], 1);
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(p.log.seen_count, 0);
}
END_TEST

// RFC 3810 §5.1.14, §6.2; and RFC 4541 §2.1.1: a switch asks without a name, but only in IPv4.
START_TEST(a_query_is_a_routers_or_a_switchs)
{
    static const struct { const char *from; bool alert, heard; } rows[] = {
        {"0.0.0.0", false, true}, {"::", true, false}, {"fd00::1", true, false},
        {"fe80::9", false, false}, {"fe80::9", true, true},
    };
    struct addr from = addr6(rows[_i].from);
    struct igmp_message m = {.family = from.family, .kind = IGMP_QUERY, .max_resp = 10,
                             .version = from.family == FAMILY_IP4 ? 3 : 2,
                             .group = addr_any((enum family)from.family)};
    quiet(from.family);
    query_from(&m, from, 1, rows[_i].alert);
    bool refused = p.log.drops[DROP_IGMP_BAD_QUERY] + p.log.drops[DROP_IGMP_NOT_LOCAL] == 1;
    pair_until(&p, p.now + SEC(5));
    ck_assert(refused == !rows[_i].heard);
    ck_assert_uint_eq(p.log.seen_count > 0, rows[_i].heard);
}
END_TEST

START_TEST(nonsense_is_dropped_by_name)
{
    static const struct { uint8_t bytes[8]; size_t len; enum drop want; } rows[] = {
        {{0x11, 0, 0xee, 0xfe}, 4, DROP_IGMP_TRUNCATED},
        {{0x33, 0, 0xcc, 0xff, 0, 0, 0, 0}, 8, DROP_IGMP_UNKNOWN_TYPE},
        {{0x11, 0, 0, 0, 0, 0, 0, 0}, 8, DROP_ICMP_BAD_CSUM},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct packet k = packet_of(rows[i].bytes, rows[i].len);
        if (i == 0) put16(packet_bytes(&k) + 2, csum_field(0x1100));
        packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = addr_ip4(0xe0000001),
                                           .proto = IP_PROTO_IGMP, .ttl = 1});
        packet_eth(&k, mac_of_multicast(addr_ip4(0xe0000001)), MAC_A, ETH_TYPE_IP4);
        pair_inject(&p, 1, packet_bytes(&k), k.len);
        ck_assert_msg(p.log.drops[rows[i].want] == 1, "row %zu: %s", i,
                      drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
    }
}
END_TEST

START_TEST(groups_are_heard_by_their_ethernet_names)
{
    ck_assert(!group_hears(p.n[1], mac_of_multicast(G4)));
    group_join(p.n[1], G4);
    ck_assert(group_hears(p.n[1], mac_of_multicast(G4)));
    ck_assert(group_hears(p.n[1], mac_of_multicast(group_all_nodes(FAMILY_IP4))));
    ck_assert(group_hears(p.n[1], mac_of_multicast(group_all_nodes(FAMILY_IP6))));
    ck_assert(group_hears(p.n[1], mac_of_multicast(group_solicited_node(ADDR6_B))));
    ck_assert_int_eq(group_join(p.n[1], ADDR_B), -EINVAL);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < 100; i++) rc = group_join(p.n[1], addr_ip4(0xe1000000 + i));
    ck_assert_int_eq(rc, -ENOSPC);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("group");
    TCase *tc = tcase_create("group");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, joining_and_leaving_are_told_twice_each, 0, 2);
    tcase_add_loop_test(tc, a_question_to_all_is_answered_in_time, 0, 2);
    tcase_add_loop_test(tc, to_an_old_router_we_speak_as_it_does, 0, ARRAY_LEN(old));
    tcase_add_test(tc, another_ones_report_spares_ours);
    tcase_add_loop_test(tc, what_comes_from_beyond_the_link_is_dropped, 0, 2);
    tcase_add_loop_test(tc, a_query_is_a_routers_or_a_switchs, 0, 5);
    tcase_add_test(tc, nonsense_is_dropped_by_name);
    tcase_add_test(tc, groups_are_heard_by_their_ethernet_names);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
