// ip4_test.c - which packets are sound and ours, and what is written on those we send.
#include "claims.h"
#include "net/ip4.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"


static struct wire_pair p;

static void setup(void) { pair_open(&p, 0); }
static void teardown(void) { pair_close(&p); }

static struct addr addr_of(const char *text)
{
    struct addr a;
    ck_assert(addr_parse(&a, text));
    return a;
}

// An empty UDP datagram for port 9, and what was done to it on its way.
static const struct {
    const char *what, *src, *dst;
    int         spoil, value;  // byte of the IP header that gets another value; -1: none
    bool        keep_csum;     // the header checksum is not set right afterwards
    bool        l2_many;
    enum drop   want;
} packets[] = {
    {"sound, but nobody listens", "10.0.0.1", "10.0.0.2", -1, 0, false, false, DROP_UDP_NO_SOCKET},
    {"any TTL that arrived is fine", "10.0.0.1", "10.0.0.2", 8, 0, false, false,
     DROP_UDP_NO_SOCKET},
    {"version 5",                 "10.0.0.1", "10.0.0.2", 0, 0x55, false, false,
     DROP_IP4_BAD_VERSION},
    {"header of 16 bytes",        "10.0.0.1", "10.0.0.2", 0, 0x44, false, false,
     DROP_IP4_BAD_LENGTH},
    {"header beyond the packet",  "10.0.0.1", "10.0.0.2", 0, 0x4f, false, false,
     DROP_IP4_TRUNCATED},
    {"total below the header",    "10.0.0.1", "10.0.0.2", 3, 19, false, false, DROP_IP4_BAD_LENGTH},
    {"total beyond the frame",    "10.0.0.1", "10.0.0.2", 3, 200, false, false,
     DROP_IP4_BAD_LENGTH},
    {"checksum wrong",            "10.0.0.1", "10.0.0.2", 8, 7, true, false, DROP_IP4_BAD_CSUM},
    {"protocol unknown",          "10.0.0.1", "10.0.0.2", 9, 99, false, false, DROP_IP_NO_PROTOCOL},
    {"for another host",          "10.0.0.1", "10.0.0.3", -1, 0, false, false, DROP_IP_NOT_MINE},
    {"for loopback, by wire",     "10.0.0.1", "127.0.0.1", -1, 0, false, false, DROP_IP_NOT_MINE},
    {"for a group",               "10.0.0.1", "224.0.0.9", -1, 0, false, false, DROP_IP_NOT_MINE},
    {"for all hosts' group",      "10.0.0.1", "224.0.0.1", -1, 0, false, true, DROP_UDP_NO_SOCKET},
    {"for the subnet",            "10.0.0.1", "10.0.0.255", -1, 0, false, true, DROP_UDP_NO_SOCKET},
    {"for everyone",              "10.0.0.1", "255.255.255.255", -1, 0, false, true,
     DROP_UDP_NO_SOCKET},
    {"for us, told to all",       "10.0.0.1", "10.0.0.2", -1, 0, false, true, DROP_UDP_NO_SOCKET},
    {"unknown, told to all",      "10.0.0.1", "10.0.0.2", 9, 99, false, true, DROP_IP_NO_PROTOCOL},
    {"from nobody",               "0.0.0.0",  "10.0.0.2", -1, 0, false, false, DROP_IP_BAD_SOURCE},
    {"from this network",         "0.1.2.3",  "10.0.0.2", -1, 0, false, false, DROP_IP_BAD_SOURCE},
    {"from loopback, by wire",    "127.0.0.1", "10.0.0.2", -1, 0, false, false,
     DROP_IP_BAD_SOURCE},
    {"from ourselves, by wire",   "10.0.0.2", "10.0.0.2", -1, 0, false, false, DROP_IP_BAD_SOURCE},
    {"from a group",              "224.0.0.1", "10.0.0.2", -1, 0, false, false,
     DROP_IP_BAD_SOURCE},
    {"from everyone",             "255.255.255.255", "10.0.0.2", -1, 0, false, false,
     DROP_IP_BAD_SOURCE},
    {"from the subnet",           "10.0.0.255", "10.0.0.2", -1, 0, false, false,
     DROP_IP_BAD_SOURCE},
};

static struct packet build(int i)
{
    struct ip4_packet ip = {.src = addr_of(packets[i].src), .dst = addr_of(packets[i].dst),
                            .proto = IP_PROTO_UDP};
    struct packet k = packet_of("", 0);
    packet_udp(&k, &ip, 5000, 9);
    packet_ip4(&k, ip);
    uint8_t *h = packet_bytes(&k);
    if (packets[i].spoil >= 0) h[packets[i].spoil] = (uint8_t)packets[i].value;
    if (!packets[i].keep_csum) {
        put16(h + 10, 0);
        put16(h + 10, csum_field(csum_sum(h, IP4_HDR_MIN)));
    }
    packet_eth(&k, packets[i].l2_many ? MAC_BROADCAST : MAC_B, MAC_A, ETH_TYPE_IP4);
    return k;
}

START_TEST(input_takes_what_is_sound_and_ours)
{
    struct packet k = build(_i);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_msg(p.log.drops[packets[_i].want] == 1, "%s: %s", packets[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 1);
}
END_TEST

// Only what came to us alone is worth an ICMP error, and only of two kinds here.
START_TEST(errors_go_only_where_they_may)
{
    struct packet k = build(_i);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    pair_settle(&p);
    bool no_port = packets[_i].want == DROP_UDP_NO_SOCKET && !packets[_i].l2_many;
    bool no_proto = packets[_i].want == DROP_IP_NO_PROTOCOL && !packets[_i].l2_many;
    ck_assert_uint_eq(p.log.steps[STEP_ICMP_SEND], no_port || no_proto ? 1 : 0);
    ck_assert_uint_eq(p.log.sent[SENT_PORT_UNREACHABLE], no_port);
    ck_assert_uint_eq(p.log.sent[SENT_PROTO_UNREACHABLE], no_proto);
}
END_TEST

START_TEST(padding_is_cut_off_and_options_passed_over)
{
    ng_sock s = bound_udp(&p, 1, ADDR_B, 9);
    struct ip4_packet ip = {.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_UDP,
                            .router_alert = true, .total_len = IP4_HDR_MIN + 4 + UDP_HDR_LEN + 2};
    struct packet k = packet_of("hi", 2);
    packet_udp(&k, &ip, 5000, 9);
    uint8_t *h = packet_push(&k, IP4_HDR_MIN + 4);
    ip4_emit(&ip, h);
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
    memset(packet_bytes(&k) + k.len, 0xee, 18);
    pair_inject(&p, 1, packet_bytes(&k), k.len + 18);
    char buf[40];
    ck_assert_int_eq(ng_sock_read(p.h[1], s, buf, sizeof buf), 2);
    ck_assert_mem_eq(buf, "hi", 2);

    h = packet_bytes(&k) + ETH_HDR_LEN;
    h[20] = 0x9e;  // a kind that nobody has heard of
    put16(h + 10, 0);
    put16(h + 10, csum_field(csum_sum(h, IP4_HDR_MIN + 4)));
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_int_eq(ng_sock_read(p.h[1], s, buf, sizeof buf), 2);
    h[21] = 99;  // the option's length
    put16(h + 10, 0);
    put16(h + 10, csum_field(csum_sum(h, IP4_HDR_MIN + 4)));
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_uint_eq(p.log.drops[DROP_IP4_BAD_OPTION], 1);
}
END_TEST

// RFC 1122 §3.2.2.5: the sender is told where the fault is, unless more is wrong.
static const struct { uint8_t options[8]; const char *src, *dst; bool spoil; int pointer; } bads[] =
{
    {{7, 99}, "10.0.0.1", "10.0.0.2", false, 20},
    {{1, 1, 7, 1}, "10.0.0.1", "10.0.0.2", false, 22},
    {{7, 4, 9, 9, 1, 1, 1, 7}, "10.0.0.1", "10.0.0.2", false, 27},
    {{7, 99}, "10.0.0.1", "10.0.0.2", true, -1},
    {{7, 99}, "127.0.0.1", "10.0.0.2", false, -1},
    {{7, 99}, "10.0.0.1", "10.0.0.9", false, -1},
    {{7, 99}, "10.0.0.1", "10.0.0.255", false, -1},
};

START_TEST(a_bad_option_is_told_of)
{
    struct packet k = packet_of("hi", 2);
    memcpy(packet_push(&k, 8), bads[_i].options, 8);
    packet_ip4(&k, (struct ip4_packet){.src = addr6(bads[_i].src), .dst = addr6(bads[_i].dst),
                                       .proto = IP_PROTO_UDP});
    uint8_t *h = packet_bytes(&k);
    h[0] = 0x47;
    ip4_fix_csum(h, 28);
    h[11] ^= bads[_i].spoil;
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.drops[DROP_IP4_BAD_OPTION], 1);
    ck_assert_uint_eq(p.log.sent[SENT_PARAM_PROBLEM], bads[_i].pointer >= 0);
    if (bads[_i].pointer < 0) return;
    const struct seen *s = &p.log.seen[p.log.seen_count - 1];
    while (s->why != SENT_PARAM_PROBLEM) s--;
    ck_assert_uint_eq(s->data[34], ICMP4_PARAM_PROBLEM);
    ck_assert_int_eq(s->data[38], bads[_i].pointer);
    ck_assert_mem_eq(s->data + 42, packet_bytes(&k) + 14, 30);
}
END_TEST

// A unicast packet in a broadcast frame is for a socket, but nobody is told an error (RFC 1122
// §3.2.2), and no TCP answers.
START_TEST(a_group_frame_makes_its_packet_one_to_many)
{
    struct packet k = build(0);
    packet_bytes(&k)[0] = 0xff;
    memset(packet_bytes(&k), 0xff, 6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_NO_SOCKET], 1);
    ck_assert_uint_eq(p.log.steps[STEP_ICMP_SEND], 0);
}
END_TEST

// Whoever vouches for a sum at another place than the header's end vouches for nothing.
START_TEST(a_vouched_sum_must_lie_where_the_transport_begins)
{
    ng_sock s = bound_udp(&p, 1, ADDR_B, 9);
    struct packet k = build(0);
    packet_bytes(&k)[ETH_HDR_LEN + IP4_HDR_MIN + 6] ^= 1;  // the UDP sum is wrong
    for (int wrong = 0; wrong < 2; wrong++) {
        struct frame *f = ng_host_frame(p.h[1], k.len);
        memcpy(frame_start(f), packet_bytes(&k), k.len);
        f->csum = CSUM_TODO;
        f->csum_off = 6;
        f->l4 = (uint16_t)(f->start + ETH_HDR_LEN + IP4_HDR_MIN + (unsigned)wrong);
        ng_host_input(p.h[1], p.n[1], f, p.now);
    }
    ck_assert_uint_eq(p.log.drops[DROP_UDP_BAD_CSUM], 1);
    ck_assert_int_eq(ng_sock_read(p.h[1], s, NULL, 0), 0);
}
END_TEST

// --- out ---------------------------------------------------------------------------------------

static void send_from_a(const struct ip_dest *d)
{
    struct frame *f = frame_blank(&p.h[0]->pool, 12);
    memset(frame_start(f), 0, 12);
    ip_output(p.h[0], f, d);
}

static struct ip4_packet sent(unsigned i)
{
    struct ip4_packet ip;
    ck_assert_uint_lt(i, p.log.seen_count);
    ck_assert_int_eq(ip4_parse(&ip, p.log.seen[i].data + ETH_HDR_LEN, 32), DROP_NONE);
    ck_assert(ip4_csum_ok(p.log.seen[i].data + ETH_HDR_LEN, IP4_HDR_MIN));
    return ip;
}

START_TEST(output_writes_what_was_asked)
{
    pair_meet(&p);
    p.down = true;
    send_from_a(&(struct ip_dest){.dst = ADDR_B, .proto = 99, .ttl = 3, .tos = 0xb8 | 2,
                                  .dont_fragment = true});
    ng_host_set(p.h[0], "net.ipv4.ip_default_ttl", "77");
    send_from_a(&(struct ip_dest){.dst = ADDR_B, .src = addr_ip4(0x0a000009), .proto = 98});
    pair_settle(&p);
    struct ip4_packet a = sent(0), b = sent(1);
    ck_assert(a.ttl == 3 && a.dscp == 0xb8 >> 2 && a.ecn == 2 && a.df && a.proto == 99);
    ck_assert(a.id == 0 && a.total_len == 32 && addr_eq(a.src, ADDR_A) && addr_eq(a.dst, ADDR_B));
    ck_assert(b.ttl == 77 && b.dscp == 0 && !b.df && addr_eq(b.src, addr_ip4(0x0a000009)));
    ck_assert_uint_eq(p.log.steps[STEP_IP_ONLINK], 2);
}
END_TEST

START_TEST(packets_that_may_be_cut_have_numbers_of_their_own)
{
    pair_meet(&p);
    for (int i = 0; i < 3; i++) send_from_a(&(struct ip_dest){.dst = ADDR_B, .proto = 99});
    pair_settle(&p);
    ck_assert_uint_eq((uint16_t)(sent(0).id + 1), sent(1).id);
    ck_assert_uint_eq((uint16_t)(sent(1).id + 1), sent(2).id);
}
END_TEST

START_TEST(a_gateway_gets_what_is_far)
{
    pair_meet(&p);
    send_from_a(&(struct ip_dest){.dst = addr_of("8.8.8.8"), .proto = 99});
    ck_assert_uint_eq(p.log.drops[DROP_IP_NO_ROUTE], 1);
    ck_assert_int_eq(ng_host_add_route(p.h[0], addr_any(FAMILY_IP4), 0, ADDR_B, p.n[0]), 0);
    send_from_a(&(struct ip_dest){.dst = addr_of("8.8.8.8"), .proto = 99});
    pair_settle(&p);
    ck_assert_uint_eq(p.log.steps[STEP_IP_GATEWAY], 1);
    ck_assert(addr_eq(sent(0).dst, addr_of("8.8.8.8")));
    ck_assert_mem_eq(p.log.seen[0].data, MAC_B.b, 6);
    ck_assert_uint_eq(p.log.drops[DROP_IP_NOT_MINE], 1);  // and b is no router
}
END_TEST

static const struct { const char *dst; uint8_t mac[6]; } many[] = {
    {"255.255.255.255", {255, 255, 255, 255, 255, 255}},
    {"10.0.0.255",      {255, 255, 255, 255, 255, 255}},
    {"224.1.2.3",       {1, 0, 0x5e, 1, 2, 3}},
};

START_TEST(many_need_no_neighbour)
{
    send_from_a(&(struct ip_dest){.dst = addr_of(many[_i].dst), .proto = 99});
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_ARP_REQUEST], 0);
    ck_assert_mem_eq(p.log.seen[0].data, many[_i].mac, 6);
    pair_meet(&p);  // but what is for one goes to that one alone
    send_from_a(&(struct ip_dest){.dst = ADDR_B, .proto = 99});
    pair_settle(&p);
    ck_assert_mem_eq(p.log.seen[0].data, MAC_B.b, 6);
}
END_TEST

START_TEST(another_family_has_no_way_yet)
{
    send_from_a(&(struct ip_dest){.dst = addr_of("fd00::1"), .proto = 99});
    ck_assert_uint_eq(p.log.drops[DROP_IP_NO_ROUTE], 1);
}
END_TEST

// --- to ourselves ------------------------------------------------------------------------------

START_TEST(what_we_send_to_ourselves_comes_back_by_lo)
{
    ng_sock in = bound_udp(&p, 0, addr_any(FAMILY_IP4), 9);
    ng_sock out = open_sock(p.h[0], KIND_UDP);
    static const char *const names[] = {"127.0.0.1", "10.0.0.1", "127.1.2.3"};
    for (int i = 0; i < 3; i++) {
        struct endpoint to = at(addr_of(names[i]), 9), from;
        ck_assert_int_eq(ng_sock_sendto(p.h[0], out, "hi", 2, &to), 2);
        ck_assert_int_eq(ng_host_next(p.h[0]), p.now);
        ng_host_run(p.h[0], p.now);
        char buf[4];
        ck_assert_int_eq(ng_sock_recvfrom(p.h[0], in, buf, sizeof buf, &from), 2);
        ck_assert(addr_eq(from.addr, to.addr));
    }
    struct endpoint closed = at(ADDR_A, 4242);
    ng_sock_sendto(p.h[0], out, "hi", 2, &closed);
    ng_host_run(p.h[0], p.now);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_NO_SOCKET], 1);
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_DROP].conn, 0);  // who sent it does not own it here

    ck_assert_ptr_null(ng_netif_take(p.n[0]));
    ck_assert_uint_eq(p.log.events[TRACE_NETIF_NEW], 3);  // lo has told of itself
    ck_assert_uint_eq(p.log.last[TRACE_FRAME_RX].netif, 2);
    ck_assert_uint_eq(p.log.sent[SENT_ARP_REQUEST], 0);
}
END_TEST

// What arrives is contiguous, also over lo; and when there is no memory for that, it is told.
START_TEST(slices_are_joined_on_lo)
{
    for (int n = 0; n < 2; n++) {
        struct frame *f = frame_new(&p.h[0]->pool);
        struct chunk *c = chunk_new(&p.h[0]->pool, 8);
        memset(c->data, 0, 8);
        frame_give(f, (struct slice){c, 0, 8});
        ip_output(p.h[0], f, &(struct ip_dest){.dst = ADDR_A, .proto = IP_PROTO_UDP});
        if (n == 1) p.h[0]->pool.fail_in = 1;
        ng_host_run(p.h[0], p.now);
        p.h[0]->pool.fail_in = -1;
    }
    ck_assert_uint_eq(p.log.drops[DROP_UDP_BAD_LENGTH], 1);
    ck_assert_uint_eq(p.log.drops[DROP_NO_MEMORY], 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ip4");
    TCase *c = tcase_create("ip4");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, input_takes_what_is_sound_and_ours, 0, ARRAY_LEN(packets));
    tcase_add_loop_test(c, errors_go_only_where_they_may, 0, ARRAY_LEN(packets));
    tcase_add_test(c, padding_is_cut_off_and_options_passed_over);
    tcase_add_loop_test(c, a_bad_option_is_told_of, 0, ARRAY_LEN(bads));
    tcase_add_test(c, a_group_frame_makes_its_packet_one_to_many);
    tcase_add_test(c, a_vouched_sum_must_lie_where_the_transport_begins);
    tcase_add_test(c, output_writes_what_was_asked);
    tcase_add_test(c, packets_that_may_be_cut_have_numbers_of_their_own);
    tcase_add_test(c, a_gateway_gets_what_is_far);
    tcase_add_loop_test(c, many_need_no_neighbour, 0, ARRAY_LEN(many));
    tcase_add_test(c, another_family_has_no_way_yet);
    tcase_add_test(c, what_we_send_to_ourselves_comes_back_by_lo);
    tcase_add_test(c, slices_are_joined_on_lo);
    suite_add_tcase(s, c);
    return run_claims(s);
}
