// ip6_test.c - IPv6 for a host: TCP, UDP and pings between two, and what is refused and how.
#include "claims.h"
#include "net/group.h"
#include "net/ip.h"
#include "net/own.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"


static struct wire_pair p;

static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
}
static void teardown(void) { pair_close(&p); }

static void inject(struct packet *k)
{
    packet_eth(k, MAC_B, MAC_A, ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(k), k->len);
}

// The last frame host b sent: its IPv6 header, and what follows.
static struct ip6_packet last(const uint8_t **payload)
{
    ck_assert_uint_ge(p.log.seen_count, 1);
    const struct seen *s = &p.log.seen[p.log.seen_count - 1];
    ck_assert_uint_eq(s->host, 2);
    struct ip6_packet ip;
    ck_assert_int_eq(ip6_parse(&ip, s->data + ETH_HDR_LEN, s->len - ETH_HDR_LEN), DROP_NONE);
    *payload = s->data + ETH_HDR_LEN + ip.hdr_len;
    return ip;
}

START_TEST(half_headers_and_other_versions_die)
{
    uint8_t bytes[IP6_HDR_LEN] = {0x60, [6] = IP_PROTO_NONE, [7] = 64};
    struct packet cut = packet_of(bytes, sizeof bytes - 1);
    inject(&cut);
    ck_assert_uint_eq(p.log.drops[DROP_IP6_TRUNCATED], 1);
    bytes[0] = 0x50;
    struct packet five = packet_of(bytes, sizeof bytes);
    inject(&five);
    ck_assert_uint_eq(p.log.drops[DROP_IP6_BAD_VERSION], 1);
}
END_TEST

START_TEST(a_datagram_and_its_answer)
{
    ng_sock server = bound_udp(&p, 1, ADDR6_B, 7), client = open_sock(p.h[0], KIND_UDP);
    struct endpoint b = at(ADDR6_B, 7), from;
    ck_assert_int_eq(ng_sock_sendto(p.h[0], client, "ping", 4, &b), 4);
    pair_settle(&p);
    char buf[10];
    ck_assert_int_eq(ng_sock_recvfrom(p.h[1], server, buf, sizeof buf, &from), 4);
    ck_assert(addr_eq(from.addr, ADDR6_A));
    ck_assert_int_eq(ng_sock_sendto(p.h[1], server, "pong!", 5, &from), 5);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_read(p.h[0], client, buf, sizeof buf), 5);
    ck_assert_mem_eq(buf, "pong!", 5);
    ck_assert_uint_eq(p.log.sent[SENT_NDP_SOLICIT], 1);  // b met a by its question
}
END_TEST

START_TEST(a_connection_carries_bytes_both_ways)
{
    int error;
    ng_sock listener = open_sock(p.h[1], KIND_TCP), client = open_sock(p.h[0], KIND_TCP);
    struct endpoint any = at(addr_any(FAMILY_IP6), 80), b = at(ADDR6_B, 80), peer;
    ck_assert_int_eq(ng_sock_bind(p.h[1], listener, &any), 0);
    ck_assert_int_eq(ng_sock_listen(p.h[1], listener, 5), 0);
    ck_assert_int_eq(ng_sock_connect(p.h[0], client, &b), -EINPROGRESS);
    pair_settle(&p);
    ng_sock conn = ng_sock_accept(p.h[1], listener, &peer, &error);
    ck_assert_msg(conn != 0, "%d", error);
    ck_assert(addr_eq(peer.addr, ADDR6_A));
    ck_assert_int_eq(ng_sock_write(p.h[0], client, "hello", 5), 5);
    pair_settle(&p);
    char buf[10];
    ck_assert_int_eq(ng_sock_read(p.h[1], conn, buf, sizeof buf), 5);
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p.h[0], client, &info), 0);
    ck_assert_uint_eq(info.mss_snd + (info.timestamps ? 12 : 0), 1440);
}
END_TEST

START_TEST(a_wild_ip6_name_is_for_ip4_too)
{
    ng_sock server = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7);
    ng_sock client = open_sock(p.h[0], KIND_UDP), other = open_sock(p.h[1], KIND_UDP);
    struct endpoint b = at(ADDR_B, 7), from, name = at(addr_any(FAMILY_IP4), 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], client, "four", 4, &b), 4);
    pair_settle(&p);
    char buf[10];
    ck_assert_int_eq(ng_sock_recvfrom(p.h[1], server, buf, sizeof buf, &from), 4);
    ck_assert(addr_eq(from.addr, ADDR_A));
    ck_assert_int_eq(ng_sock_sendto(p.h[1], server, "back", 4, &from), 4);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_read(p.h[0], client, buf, sizeof buf), 4);
    ck_assert_int_eq(ng_sock_bind(p.h[1], other, &name), -EADDRINUSE);
}
END_TEST

START_TEST(a_host_talks_to_itself_by_its_loopback_name)
{
    ng_sock server = bound_udp(&p, 0, addr6("::1"), 7), client = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(addr_any(FAMILY_IP6), 7);  // "any" as a destination is this host
    ck_assert_int_eq(ng_sock_sendto(p.h[0], client, "me", 2, &to), 2);
    pair_settle(&p);
    char buf[4];
    ck_assert_int_eq(ng_sock_read(p.h[0], server, buf, sizeof buf), 2);
    ck_assert_uint_eq(p.log.drops[DROP_IP_BAD_SOURCE], 0);
}
END_TEST

// A conversation has a flow label of its own, which its packets share (RFC 6437 §3).
START_TEST(flow_labels_tell_conversations_apart)
{
    uint32_t label[3];
    static const uint16_t port[] = {7, 7, 8};
    ng_sock client = open_sock(p.h[1], KIND_UDP);
    for (int i = 0; i < 3; i++) {
        struct endpoint to = at(ADDR6_A, port[i]);
        ck_assert_int_eq(ng_sock_sendto(p.h[1], client, "x", 1, &to), 1);
        pair_settle(&p);
        for (unsigned k = 0; k < p.log.seen_count; k++)
            if (p.log.seen[k].why == SENT_DATAGRAM)
                label[i] = get32(p.log.seen[k].data + ETH_HDR_LEN) & 0xfffff;
    }
    ck_assert_uint_ne(label[0], 0);
    ck_assert_uint_eq(label[0], label[1]);
    ck_assert_uint_ne(label[0], label[2]);
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.auto_flowlabels", "0"), 0);
    struct endpoint to = at(ADDR6_A, 7);
    ng_sock_sendto(p.h[1], client, "x", 1, &to);
    pair_settle(&p);
    const uint8_t *payload;
    p.log.seen_count = 0;
    ng_sock_sendto(p.h[1], client, "x", 1, &to);
    ng_host_run(p.h[1], p.now);
    frame_free(ng_netif_take(p.n[1]));
    ck_assert_uint_eq(last(&payload).flow, 0);
}
END_TEST

static const struct {
    const char *what, *src, *dst;
    uint8_t     first;  // of the payload, which is a hop-by-hop header if next is 0
    uint8_t     next;
    uint16_t    payload_len;
    enum drop   want;
} bad[] = {
    {"from a group",              "ff02::1",   "fd00::2", 0, 59, 0, DROP_IP_BAD_SOURCE},
    {"from loopback, by wire",    "::1",       "fd00::2", 0, 59, 0, DROP_IP_BAD_SOURCE},
    {"from ourselves, by wire",   "fd00::2",   "fd00::2", 0, 59, 0, DROP_IP_BAD_SOURCE},
    {"from IPv4, mapped",         "::ffff:10.0.0.1", "fd00::2", 0, 59, 0, DROP_IP_BAD_SOURCE},
    {"to loopback, by wire",      "fd00::1",   "::1",     0, 59, 0, DROP_IP_NOT_MINE},
    {"to a stranger",             "fd00::1",   "fd00::3", 0, 59, 0, DROP_IP_NOT_MINE},
    {"to a group we are not in",  "fd00::1",   "ff02::9", 0, 59, 0, DROP_IP_NOT_MINE},
    {"to a group of this node",   "fd00::1",   "ff01::1", 0, 59, 0, DROP_IP_NOT_MINE},
    {"nothing inside",            "fd00::1",   "fd00::2", 0, 59, 0, DROP_IP_NO_PROTOCOL},
    {"a protocol of IPv4",        "fd00::1",   "fd00::2", 0, 1,  0, DROP_IP_NO_PROTOCOL},
    {"longer than the frame",     "fd00::1",   "fd00::2", 0, 59, 9, DROP_IP6_BAD_LENGTH},
    {"an option chain too long",  "fd00::1",   "fd00::2", 0, 0,  0, DROP_IP6_BAD_EXTENSION},
};

START_TEST(input_refuses)
{
    uint8_t payload[8] = {59, bad[_i].next == 0 ? 9 : 0};
    struct packet k = packet_of(payload, sizeof payload);
    packet_ip6(&k, (struct ip6_packet){.src = addr6(bad[_i].src), .dst = addr6(bad[_i].dst),
                                       .proto = bad[_i].next,
                                       .payload_len = bad[_i].payload_len});
    ck_assert_int_eq(group_join(p.n[1], addr6("ff01::1")), 0);  // of that, no wire may tell
    inject(&k);
    ck_assert_msg(p.log.drops[bad[_i].want] == 1, "%s: %s", bad[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
}
END_TEST

static const struct {
    const char *what;
    uint8_t     next, payload[16];  // of the extension header
    bool        to_many;
    int         code;               // of the Parameter Problem, -1: silence
    uint32_t    pointer;
} problem[] = {
    {"an unknown protocol",        99,  {0},                         false, 1, 6},
    {"one behind an extension",    60,  {99, 0, 1, 4},               false, 1, 40},
    {"an option to be skipped",    60,  {59, 0, 0x1e, 4},            false, -1, 0},
    {"an option to be dropped",    60,  {59, 0, 0x5e, 4},            false, -1, 0},
    {"an option to be answered",   60,  {59, 0, 0x9e, 4},            false, 2, 42},
    {"the same to many",           60,  {59, 0, 0x9e, 4},            true,  2, 42},
    {"one not for many",           60,  {59, 0, 0xde, 4},            false, 2, 42},
    {"the same to many",           60,  {59, 0, 0xde, 4},            true,  -1, 0},
    {"a route with a leg left",    43,  {59, 0, 0, 1},               false, 0, 42},
    {"hop-by-hop, not first",      60,  {0, 0, 1, 4, [8] = 59},      false, 1, 40},
};

START_TEST(headers_that_ask_too_much_are_answered_as_they_say)
{
    struct addr dst = problem[_i].to_many ? addr6("ff02::1") : ADDR6_B;
    struct packet k = packet_of(problem[_i].payload, sizeof problem[_i].payload);
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = dst, .proto = problem[_i].next});
    inject(&k);
    pair_settle(&p);
    unsigned want = problem[_i].code >= 0;
    ck_assert_msg(p.log.sent[SENT_PARAM_PROBLEM] == want, "%s", problem[_i].what);
    if (!want) return;
    const uint8_t *at = NULL;
    for (unsigned i = 0; i < p.log.seen_count; i++)
        if (p.log.seen[i].why == SENT_PARAM_PROBLEM) at = p.log.seen[i].data + ETH_HDR_LEN + 40;
    struct icmp6_message m;
    ck_assert_int_eq(icmp6_parse(&m, at, 100), DROP_NONE);
    ck_assert_msg(m.code == problem[_i].code && m.pointer == problem[_i].pointer, "%s: %d %u",
                  problem[_i].what, m.code, m.pointer);
    ck_assert_uint_eq(p.log.drops[DROP_IP6_PROBLEM] + p.log.drops[DROP_IP_NO_PROTOCOL], 1);
}
END_TEST

START_TEST(padding_of_the_link_is_cut_off)
{
    struct packet k = packet_of("x\0\0\0\0\0\0\0", 8);
    struct ip6_packet ip = {.src = ADDR6_A, .dst = ADDR6_B, .proto = IP_PROTO_UDP};
    k.len = 1;
    uint8_t *h = packet_push(&k, UDP_HDR_LEN);
    struct udp_datagram d = {.sport = 1, .dport = 7, .len = 9};
    udp_emit(&d, h);
    d.csum = udp_csum_field(csum_add(csum_pseudo(ip.src, ip.dst, IP_PROTO_UDP, 9),
                                     csum_sum(h, 9)));
    udp_emit(&d, h);
    packet_ip6(&k, ip);
    k.len += 7;
    ng_sock server = bound_udp(&p, 1, ADDR6_B, 7);
    inject(&k);
    char buf[20];
    ck_assert_int_eq(ng_sock_read(p.h[1], server, buf, sizeof buf), 1);
}
END_TEST

// RFC 8200 §8.1: a sum of zero says "none", which IPv6 does not have.
START_TEST(a_datagram_without_a_checksum_is_dropped)
{
    struct packet k = packet_of("x", 1);
    udp_emit(&(struct udp_datagram){.sport = 1, .dport = 7, .len = 9},
             packet_push(&k, UDP_HDR_LEN));
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = ADDR6_B, .proto = IP_PROTO_UDP});
    inject(&k);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_BAD_CSUM], 1);
}
END_TEST

START_TEST(a_host_without_ip6_hears_none)
{
    struct wire_pair q;
    pair_open(&q, 0);
    struct packet k = packet_of(NULL, 0);
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = addr6("ff02::1"), .proto = 59});
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP6);
    pair_inject(&q, 1, packet_bytes(&k), k.len);
    ck_assert_uint_eq(q.log.drops[DROP_IP_NOT_MINE], 1);
    ng_sock s = open_sock(q.h[0], KIND_UDP);
    struct endpoint to = at(ADDR6_B, 7);
    ck_assert_int_eq(ng_sock_sendto(q.h[0], s, "x", 1, &to), -ENETUNREACH);
    pair_close(&q);
}
END_TEST

// RFC 6437 §3: a flow's label follows from its names and a secret, so no stranger can guess it.
START_TEST(flow_labels_follow_from_a_secret)
{
    uint32_t label[3];
    for (int i = 0; i < 3; i++) {
        struct host *h = ng_host_new(&(struct ng_host_config){.id = 9, .seed = 5 + (i == 2)});
        struct netif *n = ng_host_add_netif(h, &(struct ng_netif_config){.mac = {{2}}});
        ck_assert_int_eq(ng_netif_add_addr(n, ADDR6_A, 64), 0);
        ng_sock s = open_sock(h, KIND_UDP);
        struct endpoint to = at(ADDR6_B, 9);
        ng_sock_sendto(h, s, "x", 1, &to);
        struct frame *f = ng_netif_take(n);  // the question for the neighbour
        ck_assert_ptr_nonnull(f);
        label[i] = get32(frame_start(f) + ETH_HDR_LEN) & 0xfffff;
        frame_free(f);
        ng_host_free(h);
    }
    ck_assert_uint_ne(label[0], 0);
    ck_assert_uint_eq(label[0], label[1]);
    ck_assert_uint_ne(label[0], label[2]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ip6");
    TCase *tc = tcase_create("ip6");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, half_headers_and_other_versions_die);
    tcase_add_test(tc, a_datagram_and_its_answer);
    tcase_add_test(tc, a_connection_carries_bytes_both_ways);
    tcase_add_test(tc, a_wild_ip6_name_is_for_ip4_too);
    tcase_add_test(tc, a_host_talks_to_itself_by_its_loopback_name);
    tcase_add_test(tc, flow_labels_tell_conversations_apart);
    tcase_add_loop_test(tc, input_refuses, 0, ARRAY_LEN(bad));
    tcase_add_loop_test(tc, headers_that_ask_too_much_are_answered_as_they_say, 0,
                        ARRAY_LEN(problem));
    tcase_add_test(tc, padding_of_the_link_is_cut_off);
    tcase_add_test(tc, a_datagram_without_a_checksum_is_dropped);
    tcase_add_test(tc, a_host_without_ip6_hears_none);
    tcase_add_test(tc, flow_labels_follow_from_a_secret);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
