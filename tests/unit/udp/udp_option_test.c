// udp_option_test.c - groups joined and left by sockets, what a datagram tells besides its bytes,
// and options in both directions.
#include "claims.h"
#include "net/group.h"
#include "net/ip.h"
#include "udp/udp.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"


static struct wire_pair p;

static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
}
static void teardown(void) { pair_close(&p); }

static int set(int i, ng_sock s, enum ng_option o, int value)
{
    return ng_sock_set(p.h[i], s, o, &value, sizeof value);
}

static int get(int i, ng_sock s, enum ng_option o)
{
    int value = -1;
    size_t n = sizeof value;
    ck_assert_int_eq(ng_sock_get(p.h[i], s, o, &value, &n), 0);
    return value;
}

static int member(int i, ng_sock s, enum ng_option o, const char *group, uint16_t netif)
{
    struct ng_group g = {addr6(group), netif};
    return ng_sock_set(p.h[i], s, o, &g, sizeof g);
}

static const char *const groups[] = {"239.1.2.3", "ff15::77"};

static void send(int i, ng_sock s, const char *to, const char *text)
{
    struct endpoint e = at(addr6(to), 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[i], s, text, strlen(text), &e), (ssize_t)strlen(text));
    pair_settle(&p);
}

static ssize_t got(int i, ng_sock s)
{
    char buf[100];
    return ng_sock_read(p.h[i], s, buf, sizeof buf);
}

START_TEST(those_who_joined_hear_and_no_others)
{
    const char *g = groups[_i];
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7), out = open_sock(p.h[0], KIND_UDP);
    send(0, out, g, "before");
    ck_assert_int_eq(got(1, in), -EAGAIN);
    ck_assert_int_eq(member(1, in, NG_IP_JOIN, g, 0), 0);
    ck_assert_int_eq(member(1, in, NG_IP_JOIN, g, 0), -EADDRINUSE);
    send(0, out, g, "joined");
    ck_assert_int_eq(got(1, in), 6);
    ck_assert_int_eq(member(1, in, NG_IP_LEAVE, g, 0), 0);
    ck_assert_int_eq(member(1, in, NG_IP_LEAVE, g, 0), -EADDRNOTAVAIL);
    send(0, out, g, "after");
    ck_assert_int_eq(got(1, in), -EAGAIN);
}
END_TEST

// Another socket's membership opens the interface, not this socket (Linux: IP_MULTICAST_ALL 0).
START_TEST(a_socket_hears_its_own_groups)
{
    ng_sock one = open_sock(p.h[1], KIND_UDP), two = open_sock(p.h[1], KIND_UDP);
    set(1, one, NG_SO_REUSEADDR, 1);
    set(1, two, NG_SO_REUSEADDR, 1);
    struct endpoint name = at(addr_any(FAMILY_IP4), 7);
    ck_assert_int_eq(ng_sock_bind(p.h[1], one, &name), 0);
    ck_assert_int_eq(ng_sock_bind(p.h[1], two, &name), 0);
    ck_assert_int_eq(member(1, one, NG_IP_JOIN, groups[0], 0), 0);
    ng_sock out = open_sock(p.h[0], KIND_UDP);
    send(0, out, groups[0], "x");
    ck_assert_int_eq(got(1, one), 1);
    ck_assert_int_eq(got(1, two), -EAGAIN);
    member(1, two, NG_IP_JOIN, groups[0], 0);
    send(0, out, groups[0], "x");
    ck_assert_int_eq(got(1, one), 1);
    ck_assert_int_eq(got(1, two), 1);
}
END_TEST

// Two sockets joined one group, each on a link of its own: what comes by a link is for one of them.
START_TEST(a_group_is_heard_on_the_link_it_was_joined_on)
{
    struct netif *second = ng_host_add_netif(p.h[1], &(struct ng_netif_config){
        .name = "eth1", .mac = {{2, 0, 0, 0, 0, 3}}});
    ck_assert_int_eq(ng_netif_add_addr(second, addr_ip4(0x0a000102), 24), 0);
    ck_assert_int_eq(ng_netif_add_addr(second, addr6("fd00:0:0:1::2"), 64), 0);
    ng_sock in[2], out = open_sock(p.h[0], KIND_UDP);
    for (int i = 0; i < 2; i++) {
        in[i] = open_sock(p.h[1], KIND_UDP);
        struct endpoint any = at(addr_any(FAMILY_IP6), 7);
        ck_assert_int_eq(set(1, in[i], NG_SO_REUSEADDR, 1), 0);
        ck_assert_int_eq(ng_sock_bind(p.h[1], in[i], &any), 0);
        uint16_t netif = ng_netif_id(i == 0 ? p.n[1] : second);
        ck_assert_int_eq(member(1, in[i], NG_IP_JOIN, groups[_i], netif), 0);
    }
    send(0, out, groups[_i], "by the first");
    ck_assert_int_eq(got(1, in[0]), 12);
    ck_assert_int_eq(got(1, in[1]), -EAGAIN);
}
END_TEST

START_TEST(a_closed_socket_leaves_its_groups)
{
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7);
    member(1, in, NG_IP_JOIN, groups[_i], 0);
    ck_assert(group_has(p.n[1], addr6(groups[_i])));
    ng_sock_close(p.h[1], in);
    ck_assert(!group_has(p.n[1], addr6(groups[_i])));
}
END_TEST

START_TEST(members_on_the_sending_host_hear_too_unless_told_not_to)
{
    ng_sock in = bound_udp(&p, 0, addr_any(FAMILY_IP6), 7), out = open_sock(p.h[0], KIND_UDP);
    member(0, in, NG_IP_JOIN, groups[_i], 0);
    send(0, out, groups[_i], "x");
    ck_assert_int_eq(got(0, in), 1);
    ck_assert_int_eq(set(0, out, NG_IP_MULTICAST_LOOP, 0), 0);
    send(0, out, groups[_i], "x");
    ck_assert_int_eq(got(0, in), -EAGAIN);
    ck_assert_int_eq(get(0, out, NG_IP_MULTICAST_LOOP), 0);
    set(0, out, NG_IP_MULTICAST_LOOP, 1);
    set(0, out, NG_IP_MULTICAST_TTL, 0);
    unsigned before = log_sent(&p.log, 1, SENT_DATAGRAM);
    send(0, out, groups[_i], "x");  // for this host alone
    ck_assert_int_eq(got(0, in), 1);
    ck_assert_uint_eq(log_sent(&p.log, 1, SENT_DATAGRAM), before + 1);
}
END_TEST

START_TEST(groups_stay_on_the_link_unless_told_otherwise)
{
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7), out = open_sock(p.h[0], KIND_UDP);
    member(1, in, NG_IP_JOIN, groups[_i], ng_netif_id(p.n[1]));
    char buf[10];
    struct ng_packet_info info;
    struct ng_message m = {.buf = buf, .len = sizeof buf, .info = &info};
    send(0, out, groups[_i], "x");
    ck_assert_int_eq(ng_sock_receive(p.h[1], in, &m), 1);
    ck_assert_uint_eq(info.ttl, 1);
    ck_assert(addr_eq(info.local, addr6(groups[_i])));
    ck_assert_uint_eq(info.netif, ng_netif_id(p.n[1]));
    ck_assert_int_eq(set(0, out, NG_IP_MULTICAST_TTL, 33), 0);
    ck_assert_int_eq(set(0, out, NG_IP_MULTICAST_IF, ng_netif_id(p.n[0])), 0);
    send(0, out, groups[_i], "x");
    ck_assert_int_eq(ng_sock_receive(p.h[1], in, &m), 1);
    ck_assert_uint_eq(info.ttl, 33);
    ck_assert_int_eq(get(0, out, NG_IP_MULTICAST_TTL), 33);
    ck_assert_int_eq(get(0, out, NG_IP_MULTICAST_IF), ng_netif_id(p.n[0]));
}
END_TEST

// RFC 1122 §3.2.1.3: who is bound to a group's name speaks by one of the host's own.
START_TEST(a_group_is_no_name_to_speak_from)
{
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7);
    ng_sock out = bound_udp(&p, 0, addr6(groups[_i]), 9);
    struct endpoint from;
    char c;
    send(0, out, _i == 0 ? "10.0.0.2" : "fd00::2", "x");
    ck_assert_int_eq(ng_sock_recvfrom(p.h[1], in, &c, 1, &from), 1);
    ck_assert(addr_eq(from.addr, _i == 0 ? ADDR_A : ADDR6_A) && from.port == 9);
}
END_TEST

START_TEST(memberships_that_cannot_be)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(member(0, s, NG_IP_JOIN, "10.0.0.2", 0), -EINVAL);
    ck_assert_int_eq(member(0, s, NG_IP_JOIN, groups[0], 99), -ENODEV);
    ck_assert_int_eq(ng_sock_set(p.h[0], s, NG_IP_JOIN, "x", 1), -EINVAL);
    ck_assert_int_eq(set(0, s, NG_IP_MULTICAST_IF, 99), -EADDRNOTAVAIL);
    ck_assert_int_eq(set(0, s, NG_IP_MULTICAST_IF, -1), -EINVAL);
    ck_assert_int_eq(set(0, s, NG_IP_MULTICAST_TTL, 256), -EINVAL);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < 100; i++) {
        struct ng_group g = {addr_ip4(0xe1000000 + i), 0};
        rc = ng_sock_set(p.h[0], s, NG_IP_JOIN, &g, sizeof g);
    }
    ck_assert_int_eq(rc, -ENOBUFS);
}
END_TEST

static const char *const ends[] = {"10.0.0.2", "fd00::2"};

START_TEST(what_came_with_a_datagram_is_told)
{
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7), out = open_sock(p.h[0], KIND_UDP);
    set(0, out, NG_IP_TTL, 77);
    set(0, out, NG_IP_TOS, 0xb8);
    send(0, out, ends[_i], "x");
    char buf[10];
    struct ng_packet_info info;
    struct ng_message m = {.buf = buf, .len = sizeof buf, .info = &info};
    ck_assert_int_eq(ng_sock_receive(p.h[1], in, &m), 1);
    ck_assert(info.ttl == 77 && info.tos == 0xb8 && info.options_len == 0);
    ck_assert(addr_eq(info.local, addr6(ends[_i])) && info.netif == ng_netif_id(p.n[1]));
}
END_TEST

START_TEST(one_datagram_may_ask_for_its_own)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr_ip4(0x0a000005), 24), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr6("fd00::5"), 64), 0);
    struct addr from = _i == 0 ? addr_ip4(0x0a000005) : addr6("fd00::5");
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7), out = open_sock(p.h[0], KIND_UDP);
    char bytes[] = "x";
    struct ng_packet_info info = {.local = from, .netif = ng_netif_id(p.n[0]), .ttl = 9, .tos = 4};
    struct ng_message m = {.buf = bytes, .len = 1, .has_peer = true, .peer = at(addr6(ends[_i]), 7),
                           .info = &info};
    ck_assert_int_eq(ng_sock_send(p.h[0], out, &m), 1);
    pair_settle(&p);
    struct ng_packet_info told;
    struct ng_message r = {.buf = bytes, .len = 1, .info = &told};
    ck_assert_int_eq(ng_sock_receive(p.h[1], in, &r), 1);
    ck_assert(addr_eq(r.peer.addr, from) && told.ttl == 9 && told.tos == 4);
    info.local = addr6(ends[_i]);
    ck_assert_int_eq(ng_sock_send(p.h[0], out, &m), -EADDRNOTAVAIL);
    info.netif = 99;
    ck_assert_int_eq(ng_sock_send(p.h[0], out, &m), -ENODEV);
}
END_TEST

// RFC 1122 §4.1.3.2: options go out as they are set, and come up as they are.
START_TEST(ip4_options_go_both_ways)
{
    static const uint8_t alert[] = {0x94, 4, 0, 0}, route[] = {0x83, 7, 4, 10, 0, 0, 2, 0},
                         odd[] = {1, 1, 1}, broken[] = {0x94, 9, 0, 0};
    ng_sock in = bound_udp(&p, 1, ADDR_B, 7), out = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(ng_sock_set(p.h[0], out, NG_IP_OPTIONS, alert, sizeof alert), 0);
    send(0, out, ends[0], "x");
    char buf[10];
    struct ng_packet_info info;
    struct ng_message m = {.buf = buf, .len = sizeof buf, .info = &info};
    ck_assert_int_eq(ng_sock_receive(p.h[1], in, &m), 1);
    ck_assert_uint_eq(info.options_len, 4);
    ck_assert_mem_eq(info.options, alert, 4);
    uint8_t back[40];
    size_t n = sizeof back;
    ck_assert_int_eq(ng_sock_get(p.h[0], out, NG_IP_OPTIONS, back, &n), 0);
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(ng_sock_set(p.h[0], out, NG_IP_OPTIONS, route, sizeof route), -EINVAL);
    ck_assert_int_eq(ng_sock_set(p.h[0], out, NG_IP_OPTIONS, odd, sizeof odd), -EINVAL);
    ck_assert_int_eq(ng_sock_set(p.h[0], out, NG_IP_OPTIONS, broken, sizeof broken), -EINVAL);
    static char big[3000];
    struct endpoint e = at(ADDR_B, 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], out, big, sizeof big, &e), (ssize_t)sizeof big);
    pair_settle(&p);
    static char whole[3000];
    ck_assert_int_eq(ng_sock_read(p.h[1], in, whole, sizeof whole), (ssize_t)sizeof whole);
}
END_TEST

START_TEST(no_checksum_where_the_sender_wants_none)
{
    ng_sock in = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7);
    for (int i = 0; i < 2; i++) {
        ng_sock out = open_sock(p.h[0], KIND_UDP);
        ck_assert_int_eq(set(0, out, NG_SO_NO_CHECK, 1), 0);
        p.log.seen_count = 0;
        send(0, out, ends[i], "x");
        const struct seen *s = &p.log.seen[0];
        while (s->why != SENT_DATAGRAM) s++;
        const uint8_t *csum = s->data + ETH_HDR_LEN + (i == 0 ? 20 : 40) + 6;
        ck_assert_int_eq(get16(csum) == 0, i == 0);  // IPv6 has no "none"
        ck_assert_int_eq(got(1, in), 1);
    }
}
END_TEST

START_TEST(what_must_not_be_cut_is_refused_by_size)
{
    static char big[1473];
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint e = at(ADDR_B, 7);
    ck_assert_int_eq(set(0, s, NG_IP_MTU_DISCOVER, 1), 0);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, big, 1473, &e), -EMSGSIZE);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, big, 1472, &e), 1472);
    ck_assert_int_eq(get(0, s, NG_IP_MTU_DISCOVER), 1);
}
END_TEST

// A traceroute's socket: not connected, and wants to know who complained of what.
START_TEST(soft_errors_are_told_to_those_who_ask)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct ng_sock_trouble t;
    ck_assert_int_eq(ng_sock_trouble(p.h[0], s, &t), -EAGAIN);
    send(0, s, ends[_i], "nobody is there");
    ck_assert_int_eq(get(0, s, NG_SO_ERROR), 0);
    ck_assert_int_eq(set(0, s, NG_IP_RECVERR, 1), 0);
    send(0, s, ends[_i], "nobody is there");
    ck_assert(ng_sock_events(p.h[0], s) & NG_ERROR);
    ck_assert_int_eq(got(0, s), -ECONNREFUSED);
    ck_assert_int_eq(ng_sock_trouble(p.h[0], s, &t), 0);
    ck_assert_int_eq(t.error, ECONNREFUSED);
    ck_assert(addr_eq(t.from, addr6(ends[_i])) && addr_eq(t.to.addr, t.from) && t.to.port == 7);
    ck_assert_int_eq(ng_sock_trouble(p.h[0], s, &t), -EAGAIN);
}
END_TEST

// For host a: "port unreachable" about a datagram from src, port 9, to b's port 7.
static void blame(int row, struct addr src)
{
    static const struct udp_datagram d = {.sport = 9, .dport = 7, .len = UDP_HDR_LEN};
    uint8_t udp[UDP_HDR_LEN];
    udp_emit(&d, udp);
    struct packet k = packet_of(udp, sizeof udp);
    if (row == 0) {
        packet_ip4(&k, (struct ip4_packet){.src = src, .dst = ADDR_B, .proto = IP_PROTO_UDP});
        packet_icmp4(&k, &(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_PORT});
        packet_ip4(&k, (struct ip4_packet){.src = ADDR_B, .dst = ADDR_A, .proto = IP_PROTO_ICMP4});
    } else {
        packet_ip6(&k, (struct ip6_packet){.src = src, .dst = ADDR6_B, .proto = IP_PROTO_UDP});
        packet_icmp6(&k, &(struct icmp6_message){.type = ICMP6_UNREACHABLE, .code = ICMP6_PORT},
                     ADDR6_B, ADDR6_A);
        packet_ip6(&k, (struct ip6_packet){.src = ADDR6_B, .dst = ADDR6_A,
                                           .proto = IP_PROTO_ICMP6});
    }
    packet_eth(&k, MAC_A, MAC_B, row == 0 ? ETH_TYPE_IP4 : ETH_TYPE_IP6);
    pair_inject(&p, 0, packet_bytes(&k), k.len);
}

// A socket that is bound to any address of ours sent from none of a stranger's.
START_TEST(an_error_about_a_strangers_datagram_is_nobodys)
{
    ng_sock s = bound_udp(&p, 0, addr_any(FAMILY_IP6), 9);
    ck_assert_int_eq(set(0, s, NG_IP_RECVERR, 1), 0);
    blame(_i, _i == 0 ? addr_ip4(0x0a000009) : addr6("fd00::9"));
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_NO_SOCKET], 1);
    ck_assert_int_eq(get(0, s, NG_SO_ERROR), 0);
    blame(_i, _i == 0 ? ADDR_A : ADDR6_A);
    ck_assert_int_eq(get(0, s, NG_SO_ERROR), ECONNREFUSED);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("udp_option");
    TCase *tc = tcase_create("udp_option");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, those_who_joined_hear_and_no_others, 0, 2);
    tcase_add_test(tc, a_socket_hears_its_own_groups);
    tcase_add_loop_test(tc, a_group_is_heard_on_the_link_it_was_joined_on, 0, 2);
    tcase_add_loop_test(tc, a_closed_socket_leaves_its_groups, 0, 2);
    tcase_add_loop_test(tc, members_on_the_sending_host_hear_too_unless_told_not_to, 0, 2);
    tcase_add_loop_test(tc, groups_stay_on_the_link_unless_told_otherwise, 0, 2);
    tcase_add_loop_test(tc, a_group_is_no_name_to_speak_from, 0, 2);
    tcase_add_test(tc, memberships_that_cannot_be);
    tcase_add_loop_test(tc, what_came_with_a_datagram_is_told, 0, 2);
    tcase_add_loop_test(tc, one_datagram_may_ask_for_its_own, 0, 2);
    tcase_add_test(tc, ip4_options_go_both_ways);
    tcase_add_test(tc, no_checksum_where_the_sender_wants_none);
    tcase_add_test(tc, what_must_not_be_cut_is_refused_by_size);
    tcase_add_loop_test(tc, soft_errors_are_told_to_those_who_ask, 0, 2);
    tcase_add_loop_test(tc, an_error_about_a_strangers_datagram_is_nobodys, 0, 2);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
