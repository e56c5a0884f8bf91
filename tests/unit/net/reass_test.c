// reass_test.c - fragments: in any order, twice, over each other, too late, too many; and a whole
// datagram of the greatest size both ways.
#include "claims.h"
#include "net/icmp4.h"
#include "net/ip.h"
#include "net/reass.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"


enum { LEN = 100 };  // of the UDP datagram that is cut up below, header and all

static struct wire_pair p;
static ng_sock server;
static uint8_t datagram[2][LEN];  // by family

static void write_datagram(uint8_t *to, struct addr src, struct addr dst)
{
    for (int i = 0; i < LEN; i++) to[i] = (uint8_t)(i * 3);
    struct udp_datagram d = {.sport = 5, .dport = 7, .len = LEN};
    udp_emit(&d, to);
    d.csum = udp_csum_field(csum_add(csum_pseudo(src, dst, IP_PROTO_UDP, LEN), csum_sum(to, LEN)));
    udp_emit(&d, to);
}

static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
    server = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7);
    write_datagram(datagram[0], ADDR_A, ADDR_B);
    write_datagram(datagram[1], ADDR6_A, ADDR6_B);
}
static void teardown(void) { pair_close(&p); }

struct cut { uint16_t at, len; bool more; uint32_t id; };

// A fragment of the datagram, with `spoil` xored onto its bytes.
static void give_marked(int ip6, struct cut c, uint8_t spoil, uint8_t tos)
{
    uint8_t bytes[LEN];
    for (int i = 0; i < c.len; i++) bytes[i] = (uint8_t)(datagram[ip6][(c.at + i) % LEN] ^ spoil);
    struct packet k = packet_of(bytes, c.len);
    if (ip6)
        packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = ADDR6_B, .proto = IP_PROTO_UDP,
                                           .has_frag = true, .mf = c.more, .frag_offset = c.at,
                                           .frag_id = c.id, .dscp = tos >> 2,
                                           .ecn = tos & 3});
    else
        packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_UDP,
                                           .mf = c.more, .frag_offset = c.at,
                                           .id = (uint16_t)c.id, .dscp = tos >> 2,
                                           .ecn = tos & 3});
    packet_eth(&k, MAC_B, MAC_A, ip6 ? ETH_TYPE_IP6 : ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

static void give(int ip6, struct cut c, uint8_t spoil) { give_marked(ip6, c, spoil, 0); }

// The datagram as the socket got it, or -errno.
static ssize_t got(int ip6)
{
    static uint8_t buf[LEN];
    ssize_t n = ng_sock_read(p.h[1], server, buf, sizeof buf);
    if (n >= 0) {
        ck_assert_int_eq(n, LEN - UDP_HDR_LEN);
        ck_assert_mem_eq(buf, datagram[ip6] + UDP_HDR_LEN, LEN - UDP_HDR_LEN);
    }
    return n;
}

static const struct cut parts[] = {{0, 40, true, 9}, {40, 24, true, 9}, {64, 36, false, 9}};
static const uint8_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1},
                                    {2, 1, 0}};

START_TEST(pieces_in_any_order_make_the_packet)
{
    int ip6 = _i / 6;
    for (int k = 0; k < 3; k++) {
        ck_assert_int_eq(got(ip6), -EAGAIN);
        give(ip6, parts[orders[_i % 6][k]], 0);
    }
    ck_assert_int_ge(got(ip6), 0);
    ck_assert_uint_eq(p.log.steps[STEP_IP_HOLD], 3);
    ck_assert_uint_eq(p.log.steps[STEP_IP_WHOLE], 1);
}
END_TEST

// RFC 3168 §5.3: a mark on one piece is a mark on the packet; and no packet has both a mark and a
// piece that could not be marked.
static const struct { uint8_t ecn[3]; int want; } ecns[] = {
    {{ECN_ECT0, ECN_ECT0, ECN_ECT0}, ECN_ECT0}, {{ECN_NONE, ECN_NONE, ECN_NONE}, ECN_NONE},
    {{ECN_ECT0, ECN_ECT0, ECN_CE}, ECN_CE},     {{ECN_ECT0, ECN_CE, ECN_ECT0}, ECN_CE},
    {{ECN_CE, ECN_ECT1, ECN_ECT0}, ECN_CE},     {{ECN_NONE, ECN_CE, ECN_NONE}, -1},
    {{ECN_CE, ECN_CE, ECN_NONE}, -1},
};

START_TEST(a_mark_on_a_piece_is_a_mark_on_the_packet)
{
    int ip6 = _i % 2, row = _i / 2;
    for (int k = 0; k < 3; k++) give_marked(ip6, parts[k], 0, 0x28 | ecns[row].ecn[k]);
    uint8_t buf[LEN];
    struct ng_packet_info info = {0};
    struct ng_message m = {.buf = buf, .len = sizeof buf, .info = &info};
    ssize_t n = ng_sock_receive(p.h[1], server, &m);
    if (ecns[row].want < 0) {
        ck_assert_int_eq(n, -EAGAIN);
        ck_assert_uint_eq(p.log.drops[DROP_FRAG_BAD_ECN], 3);
        return;
    }
    ck_assert_int_eq(n, LEN - UDP_HDR_LEN);
    ck_assert_uint_eq(info.tos, 0x28 | (unsigned)ecns[row].want);
}
END_TEST

START_TEST(the_same_piece_twice_is_passed_over)
{
    int ip6 = _i;
    give(ip6, parts[1], 0);
    give(ip6, parts[1], 0);
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_DUPLICATE], 1);
    give(ip6, parts[0], 0);
    give(ip6, parts[2], 0);
    ck_assert_int_ge(got(ip6), 0);
}
END_TEST

static const struct { const char *what; struct cut cut; uint8_t spoil; enum drop want; } liars[] = {
    {"the same place, other bytes", {40, 24, true, 9}, 1, DROP_FRAG_OVERLAP},
    {"into the one before",         {32, 8, true, 9}, 0, DROP_FRAG_OVERLAP},
    {"into the one behind",         {0, 48, true, 9}, 0, DROP_FRAG_OVERLAP},
    {"over all of it",              {0, 72, true, 9}, 0, DROP_FRAG_OVERLAP},
    {"within it",                   {48, 8, true, 9}, 0, DROP_FRAG_OVERLAP},
};

// RFC 5722 §4: all of it dies, and what comes later too.
START_TEST(pieces_that_overlap_spoil_the_packet)
{
    int ip6 = _i % 2, row = _i / 2;
    give(ip6, parts[1], 0);
    give(ip6, parts[0], 0);
    give(ip6, liars[row].cut, liars[row].spoil);
    ck_assert_msg(p.log.drops[liars[row].want] == 3, "%s", liars[row].what);
    for (int k = 0; k < 3; k++) give(ip6, parts[k], 0);
    ck_assert_int_eq(got(ip6), -EAGAIN);
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_OVERLAP], 6);
    pair_until(&p, p.now + SEC(61));
    for (int k = 0; k < 3; k++) give(ip6, parts[k], 0);  // the name is free again
    ck_assert_int_ge(got(ip6), 0);
    ck_assert_uint_eq(p.log.sent[SENT_REASSEMBLY_EXCEEDED], 0);
}
END_TEST

static const struct { const char *what; struct cut first, second; } lengths[] = {
    {"behind the end",            {64, 36, false, 9}, {104, 8, true, 9}},
    {"another end",               {64, 36, false, 9}, {64, 30, false, 9}},
    {"an end before what is there", {64, 36, true, 9}, {40, 16, false, 9}},
    {"not of eights",             {0, 40, true, 9},   {40, 23, true, 9}},
    {"nothing",                   {0, 40, true, 9},   {40, 0, true, 9}},
    {"beyond any packet",         {0, 40, true, 9},   {65528, 16, true, 9}},
};

START_TEST(lengths_that_contradict_are_refused)
{
    int ip6 = _i % 2, row = _i / 2;
    struct cut first = lengths[row].first;
    if (first.more) first.len &= 0xfff8;
    give(ip6, first, 0);
    unsigned before = p.log.events[TRACE_FRAME_DROP];
    give(ip6, lengths[row].second, 0);
    ck_assert_msg(p.log.events[TRACE_FRAME_DROP] == before + 1, "%s", lengths[row].what);
    enum drop why = p.log.last[TRACE_FRAME_DROP].frame_drop.why;
    ck_assert_msg(why == DROP_FRAG_BAD_LENGTH || why == DROP_IP6_PROBLEM
                  || why == DROP_IP4_BAD_LENGTH, "%s: %s", lengths[row].what, drop_name(why));
}
END_TEST

START_TEST(late_pieces_are_dropped_and_the_sender_told)
{
    int ip6 = _i;
    give(ip6, parts[0], 0);
    give(ip6, parts[2], 0);
    pair_until(&p, p.now + SEC(59));
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_TIMEOUT], 0);
    pair_until(&p, p.now + SEC(2));
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_TIMEOUT], 2);
    ck_assert_uint_eq(p.log.sent[SENT_REASSEMBLY_EXCEEDED], 1);
    give(ip6, parts[1], 0);  // without the first piece, silence
    pair_until(&p, p.now + SEC(61));
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_TIMEOUT], 3);
    ck_assert_uint_eq(p.log.sent[SENT_REASSEMBLY_EXCEEDED], 1);
}
END_TEST

START_TEST(of_too_many_bytes_the_oldest_packet_goes)
{
    ng_host_set(p.h[1], "net.ipv4.ipfrag_high_thresh", "1024");
    for (uint32_t id = 1; id <= 5; id++) give(_i, (struct cut){0, 40, true, id}, 0);
    ck_assert_uint_ge(p.log.drops[DROP_FRAG_FULL], 1);
    unsigned full = p.log.drops[DROP_FRAG_FULL];
    give(_i, (struct cut){40, 24, true, 5}, 0);
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_FULL], full + 1);
    ng_host_set(p.h[1], "net.ipv4.ipfrag_high_thresh", "0");
    give(_i, (struct cut){0, 40, true, 6}, 0);
    ck_assert_uint_ge(p.log.drops[DROP_FRAG_FULL], full + 2);
}
END_TEST

START_TEST(without_memory_a_piece_is_dropped)
{
    for (int n = 1; n <= 2; n++) {
        struct packet k = packet_of(datagram[0], 40);
        packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_UDP,
                                           .mf = true, .id = 4});
        packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
        struct frame *f = frame_from(&p.h[1]->pool, packet_bytes(&k), k.len);
        p.h[1]->pool.fail_in = n;
        ng_host_input(p.h[1], p.n[1], f, p.now);
        ck_assert_uint_eq(p.log.drops[DROP_NO_MEMORY], (unsigned)n);
    }
}
END_TEST

// RFC 6946: a packet that is its own only fragment has nothing to do with others of its name.
START_TEST(an_atomic_fragment_stands_alone)
{
    give(1, parts[0], 0);
    give(1, (struct cut){0, LEN, false, 9}, 0);
    ck_assert_int_ge(got(1), 0);
    ck_assert_uint_eq(p.log.steps[STEP_IP_HOLD], 1);
}
END_TEST

// RFC 7112: a first fragment holds all headers.
START_TEST(a_first_fragment_without_its_headers_is_refused)
{
    uint8_t bytes[16] = {IP_PROTO_UDP, 1, 1, 4};  // a destination header that ends elsewhere
    struct packet k = packet_of(bytes, 8);
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = ADDR6_B, .proto = IP6_NEXT_DEST,
                                       .has_frag = true, .mf = true, .frag_id = 3});
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_uint_eq(p.log.drops[DROP_FRAG_NO_HEADERS], 1);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_PARAM_PROBLEM], 1);
}
END_TEST

static const size_t sizes[] = {1472, 1473, 4000, 30001, 65507};

START_TEST(datagrams_of_any_size_cross_in_pieces)
{
    static uint8_t out[65507], in[65507];
    bool ip6 = _i / 5 == 1;
    size_t len = sizes[_i % 5];
    for (size_t i = 0; i < len; i++) out[i] = (uint8_t)(i * 31 + i / 256);
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(ip6 ? ADDR6_B : ADDR_B, 7), from;
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, out, len, &to), (ssize_t)len);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_recvfrom(p.h[1], server, in, sizeof in, &from), (ssize_t)len);
    ck_assert_mem_eq(in, out, len);
    size_t header = ip6 ? 48 : 20, room = (1500 - header) / 8 * 8;
    size_t whole = (ip6 ? 40u : 20u) + 8 + len;
    unsigned want = whole <= 1500 ? 0 : (unsigned)((len + 8 + room - 1) / room);
    ck_assert_uint_eq(p.log.steps[STEP_IP_CUT], want);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 0);
}
END_TEST

START_TEST(what_must_not_be_cut_is_not)
{
    static uint8_t out[1473];
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    int on = 1;
    ck_assert_int_eq(ng_sock_set(p.h[0], s, NG_SO_BROADCAST, &on, sizeof on), 0);
    struct endpoint all = at(addr_ip4(0x0a0000ff), 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, out, sizeof out, &all), -EMSGSIZE);
    struct frame *f = frame_blank(&p.h[0]->pool, 2000);
    ip_output(p.h[0], f, &(struct ip_dest){.dst = ADDR_B, .proto = 99, .dont_fragment = true});
    f = frame_blank(&p.h[0]->pool, 2000);
    ip_output(p.h[0], f, &(struct ip_dest){.dst = ADDR6_B, .proto = 99, .dont_fragment = true});
    ck_assert_uint_eq(p.log.drops[DROP_IP_TOO_BIG], 2);
}
END_TEST

START_TEST(without_memory_nothing_is_cut_in_half)
{
    static uint8_t out[3000];
    pair_meet(&p);
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(ADDR_B, 7);
    unsigned lost = 0;
    for (int n = 1; n < 12; n++) {
        p.h[0]->pool.fail_in = n;
        ssize_t rc = ng_sock_sendto(p.h[0], s, out, sizeof out, &to);
        p.h[0]->pool.fail_in = 0;
        lost += rc == (ssize_t)sizeof out && p.log.drops[DROP_NO_MEMORY] > 0;
        pair_settle(&p);
    }
    ck_assert_uint_gt(lost, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("reass");
    TCase *tc = tcase_create("reass");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_mark_on_a_piece_is_a_mark_on_the_packet, 0, 2 * ARRAY_LEN(ecns));
    tcase_add_loop_test(tc, pieces_in_any_order_make_the_packet, 0, 12);
    tcase_add_loop_test(tc, the_same_piece_twice_is_passed_over, 0, 2);
    tcase_add_loop_test(tc, pieces_that_overlap_spoil_the_packet, 0, 2 * ARRAY_LEN(liars));
    tcase_add_loop_test(tc, lengths_that_contradict_are_refused, 0, 2 * ARRAY_LEN(lengths));
    tcase_add_loop_test(tc, late_pieces_are_dropped_and_the_sender_told, 0, 2);
    tcase_add_loop_test(tc, of_too_many_bytes_the_oldest_packet_goes, 0, 2);
    tcase_add_test(tc, without_memory_a_piece_is_dropped);
    tcase_add_test(tc, an_atomic_fragment_stands_alone);
    tcase_add_test(tc, a_first_fragment_without_its_headers_is_refused);
    tcase_add_loop_test(tc, datagrams_of_any_size_cross_in_pieces, 0, 10);
    tcase_add_test(tc, what_must_not_be_cut_is_not);
    tcase_add_test(tc, without_memory_nothing_is_cut_in_half);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
