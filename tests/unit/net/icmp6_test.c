// icmp6_test.c - pings answered byte for byte, errors within their rules, and claims not believed.
#include "claims.h"
#include "net/icmp6.h"
#include "net/ip.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"


static struct wire_pair p;

static void setup(void)
{
    pair_open(&p, 0);
    pair_ip6(&p);
}
static void teardown(void) { pair_close(&p); }

static void say(const struct icmp6_message *m, const void *body, size_t len, struct addr dst)
{
    struct packet k = packet_of(body, len);
    packet_icmp6(&k, m, ADDR6_A, dst);
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = dst, .proto = IP_PROTO_ICMP6});
    packet_eth(&k, addr_is_multicast(dst) ? mac_of_multicast(dst) : MAC_B, MAC_A, ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

// The last frame host b sent for this reason, taken apart.
static struct icmp6_message answer(enum sent why, struct ip6_packet *ip, const uint8_t **body,
                                   size_t *len)
{
    unsigned i = p.log.seen_count;
    while (i > 0 && (p.log.seen[i - 1].why != why || p.log.seen[i - 1].host != 2)) i--;
    ck_assert_uint_gt(i, 0);
    const struct seen *s = &p.log.seen[i - 1];
    const uint8_t *at = s->data + ETH_HDR_LEN;
    ck_assert_int_eq(ip6_parse(ip, at, s->len - ETH_HDR_LEN), DROP_NONE);
    ck_assert(csum_ok(csum_pseudo(ip->src, ip->dst, IP_PROTO_ICMP6, ip->payload_len), at + 40,
                      ip->payload_len));
    struct icmp6_message m;
    ck_assert_int_eq(icmp6_parse(&m, at + 40, ip->payload_len), DROP_NONE);
    *body = at + 40 + ICMP6_HDR_LEN;
    *len = ip->payload_len - (size_t)ICMP6_HDR_LEN;
    return m;
}

START_TEST(a_ping_is_answered_byte_for_byte)
{
    static const size_t lens[] = {0, 1, 56, 57, 1452};
    uint8_t body[1452];
    for (size_t i = 0; i < sizeof body; i++) body[i] = (uint8_t)(i * 7);
    say(&(struct icmp6_message){.type = ICMP6_ECHO, .id = 0x1234, .seq = 0xffff}, body, lens[_i],
        ADDR6_B);
    pair_settle(&p);
    struct ip6_packet ip;
    const uint8_t *got;
    size_t len;
    struct icmp6_message m = answer(SENT_ECHO_REPLY, &ip, &got, &len);
    ck_assert(m.type == ICMP6_ECHO_REPLY && m.id == 0x1234 && m.seq == 0xffff);
    ck_assert_uint_eq(len, lens[_i]);
    if (len > 0) ck_assert_mem_eq(got, body, len);
    ck_assert(addr_eq(ip.src, ADDR6_B) && addr_eq(ip.dst, ADDR6_A));
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_UNASKED], 1);  // a has no use for the answer
}
END_TEST

START_TEST(each_name_of_ours_answers_for_itself)
{
    struct addr second = addr6("fd00::7");
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], second, 64), 0);
    say(&(struct icmp6_message){.type = ICMP6_ECHO}, "x", 1, second);
    pair_settle(&p);
    struct ip6_packet ip;
    const uint8_t *got;
    size_t len;
    answer(SENT_ECHO_REPLY, &ip, &got, &len);
    ck_assert(addr_eq(ip.src, second) && addr_eq(ip.dst, ADDR6_A));
}
END_TEST

START_TEST(a_ping_to_many_is_answered_by_name_unless_told_not_to)
{
    struct icmp6_message ping = {.type = ICMP6_ECHO};
    say(&ping, "x", 1, addr6("ff02::1"));
    pair_settle(&p);
    struct ip6_packet ip;
    const uint8_t *got;
    size_t len;
    answer(SENT_ECHO_REPLY, &ip, &got, &len);
    ck_assert(addr_eq(ip.src, ADDR6_B));
    ng_host_set(p.h[1], "net.ipv6.icmp.echo_ignore_multicast", "1");
    say(&ping, "x", 1, addr6("ff02::1"));
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_MULTICAST], 1);
    ng_host_set(p.h[1], "net.ipv6.icmp.echo_ignore_all", "1");
    say(&ping, "x", 1, ADDR6_B);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_ECHO_IGNORED], 1);
}
END_TEST

// A datagram of this size to a port nobody has.
static void knock(size_t len, struct addr dst)
{
    static uint8_t body[1440];
    struct packet k = packet_of(body, len);
    uint8_t *h = packet_push(&k, UDP_HDR_LEN);
    struct udp_datagram d = {.sport = 5, .dport = 99, .len = (uint16_t)k.len};
    udp_emit(&d, h);
    d.csum = udp_csum_field(csum_add(csum_pseudo(ADDR6_A, dst, IP_PROTO_UDP, k.len),
                                     csum_sum(h, k.len)));
    udp_emit(&d, h);
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = dst, .proto = IP_PROTO_UDP});
    packet_eth(&k, addr_is_multicast(dst) ? mac_of_multicast(dst) : MAC_B, MAC_A, ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

START_TEST(a_port_nobody_has_is_refused_with_as_much_as_fits)
{
    struct ip6_packet ip;
    const uint8_t *quote;
    size_t len;
    knock(10, ADDR6_B);
    pair_settle(&p);
    struct icmp6_message m = answer(SENT_PORT_UNREACHABLE, &ip, &quote, &len);
    ck_assert(m.type == ICMP6_UNREACHABLE && m.code == ICMP6_PORT);
    ck_assert_uint_eq(len, 58);
    knock(1440, ADDR6_B);
    pair_settle(&p);
    answer(SENT_PORT_UNREACHABLE, &ip, &quote, &len);
    ck_assert_uint_eq(len + 48, 1280);
    knock(10, addr6("ff02::1"));
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_PORT_UNREACHABLE], 2);
}
END_TEST

START_TEST(complaints_are_limited)
{
    ng_host_set(p.h[1], "net.ipv4.icmp_msgs_per_sec", "10");
    for (int i = 0; i < 60; i++) knock(1, ADDR6_B);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_RATE_LIMIT], 10);
}
END_TEST

START_TEST(no_error_about_errors_redirects_groups_and_the_nameless)
{
    static const struct {
        uint8_t type, about_type; const char *src; bool to_many, want;
    } rows[] = {
        {ICMP6_UNREACHABLE, ICMP6_ECHO, "fd00::1", false, true},
        {ICMP6_UNREACHABLE, ICMP6_UNREACHABLE, "fd00::1", false, false},
        {ICMP6_UNREACHABLE, ICMP6_REDIRECT, "fd00::1", false, false},
        {ICMP6_UNREACHABLE, ICMP6_ECHO, "fd00::1", true, false},
        {ICMP6_TOO_BIG, ICMP6_ECHO, "fd00::1", true, true},
        {ICMP6_UNREACHABLE, ICMP6_ECHO, "::", false, false},
        {ICMP6_UNREACHABLE, ICMP6_ECHO, "ff02::5", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct packet k = packet_of("12345678", 8);
        struct addr src = addr6(rows[i].src);
        packet_icmp6(&k, &(struct icmp6_message){.type = rows[i].about_type}, src, ADDR6_B);
        packet_ip6(&k, (struct ip6_packet){.src = src, .dst = ADDR6_B, .proto = IP_PROTO_ICMP6});
        struct frame *f = frame_from(&p.h[1]->pool, packet_bytes(&k), k.len);
        ip_mark(f, FAMILY_IP6, IP6_HDR_LEN);
        unsigned before = p.log.steps[STEP_ICMP_SEND];
        icmp6_complain(p.h[1], f, &(struct ip_info){
                           .src = src, .dst = ADDR6_B, .netif = p.n[1],
                           .proto = IP_PROTO_ICMP6, .to_many = rows[i].to_many},
                       &(struct icmp6_message){.type = rows[i].type});
        ck_assert_msg((p.log.steps[STEP_ICMP_SEND] > before) == rows[i].want, "row %zu", i);
        frame_free(f);
    }
}
END_TEST

// --- errors that come in -----------------------------------------------------------------------

static ng_sock connected;

// The error m about a datagram of ours, with what it quotes changed by `spoil`.
static void blame(const struct icmp6_message *m, void (*spoil)(struct packet *k))
{
    connected = bound_udp(&p, 1, ADDR6_B, 7);
    struct endpoint a = at(ADDR6_A, 9);
    ck_assert_int_eq(ng_sock_connect(p.h[1], connected, &a), 0);
    struct packet k = packet_of(NULL, 0);
    udp_emit(&(struct udp_datagram){.sport = 7, .dport = 9, .len = 8},
             packet_push(&k, UDP_HDR_LEN));
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_B, .dst = ADDR6_A, .proto = IP_PROTO_UDP});
    if (spoil != NULL) spoil(&k);
    uint8_t quote[100];
    memcpy(quote, packet_bytes(&k), k.len);
    say(m, quote, k.len, ADDR6_B);
}

static int error_of(ng_sock s)
{
    int v = 0;
    size_t n = sizeof v;
    ck_assert_int_eq(ng_sock_get(p.h[1], s, NG_SO_ERROR, &v, &n), 0);
    return v;
}

static const struct { uint8_t type, code; int want; } meanings[] = {
    {ICMP6_UNREACHABLE, ICMP6_PORT, ECONNREFUSED}, {ICMP6_UNREACHABLE, ICMP6_ADMIN, EACCES},
    {ICMP6_UNREACHABLE, ICMP6_NO_ROUTE, 0},        {ICMP6_UNREACHABLE, 77, 0},
    {ICMP6_TIME_EXCEEDED, ICMP6_HOP_LIMIT, 0},     {ICMP6_PARAM_PROBLEM, 1, EPROTO},
};

START_TEST(an_error_reaches_the_socket_it_names)
{
    blame(&(struct icmp6_message){.type = meanings[_i].type, .code = meanings[_i].code}, NULL);
    ck_assert_int_eq(error_of(connected), meanings[_i].want);
    ck_assert_uint_eq(p.log.steps[STEP_ICMP_ERROR], 1);
}
END_TEST

static void spoil_source(struct packet *k) { packet_bytes(k)[23] ^= 9; }
static void spoil_port(struct packet *k) { packet_bytes(k)[43] ^= 9; }
static void spoil_version(struct packet *k) { packet_bytes(k)[0] = 0x40; }
static void spoil_length(struct packet *k) { k->len -= 1; }
static void spoil_proto(struct packet *k) { packet_bytes(k)[6] = 99; }

static const struct { void (*spoil)(struct packet *k); enum drop want; } lies[] = {
    {spoil_source, DROP_ICMP_NO_SOCKET}, {spoil_port, DROP_ICMP_NO_SOCKET},
    {spoil_version, DROP_ICMP_BAD_QUOTE}, {spoil_length, DROP_ICMP_BAD_QUOTE},
    {spoil_proto, DROP_ICMP_NO_SOCKET},
};

START_TEST(a_claim_that_does_not_fit_is_not_believed)
{
    blame(&(struct icmp6_message){.type = ICMP6_UNREACHABLE, .code = ICMP6_PORT},
          lies[_i].spoil);
    ck_assert_int_eq(error_of(connected), 0);
    if (lies[_i].want != DROP_NONE) ck_assert_uint_eq(p.log.drops[lies[_i].want], 1);
}
END_TEST

// RFC 8201 §4: never below 1280, nor if the packet would have fit.
static const struct { uint16_t whole; uint32_t mtu; enum drop want; uint32_t known; } mtus[] = {
    {1500, 1280, DROP_NONE, 1280},         {1500, 1400, DROP_NONE, 1400},
    {1500, 1279, DROP_ICMP_BAD_MTU, 1500}, {1500, 0, DROP_ICMP_BAD_MTU, 1500},
    {1500, 1500, DROP_ICMP_BAD_MTU, 1500}, {48, 1280, DROP_ICMP_BAD_MTU, 1500},
};

static void lengthen(struct packet *k) { put16(packet_bytes(k) + 4, mtus[0].whole - 40); }

// Somebody else's packet, though its port is one that is open here under any name.
static void lend_to_another(struct packet *k)
{
    lengthen(k);
    packet_bytes(k)[23] ^= 9;
    put16(packet_bytes(k) + IP6_HDR_LEN, 8);
}

START_TEST(an_mtu_is_believed_within_reason)
{
    bound_udp(&p, 1, addr_any(FAMILY_IP6), 8);
    blame(&(struct icmp6_message){.type = ICMP6_TOO_BIG, .mtu = 1280}, lend_to_another);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_NO_SOCKET], 1);
    ng_sock_close(p.h[1], connected);
    p.log.events[TRACE_FRAME_DROP] = 0;
    blame(&(struct icmp6_message){.type = ICMP6_TOO_BIG, .mtu = mtus[_i].mtu},
          mtus[_i].whole == mtus[0].whole ? lengthen : NULL);
    struct ip_path path;
    ck_assert_int_eq(ip_path(p.h[1], ADDR6_A, &path), 0);
    ck_assert_msg(path.mtu == mtus[_i].known, "row %d: %u", _i, path.mtu);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], mtus[_i].want != DROP_NONE);
    ck_assert_uint_eq(p.log.drops[mtus[_i].want], mtus[_i].want != DROP_NONE);
}
END_TEST

// A long answer may be too long for a router on its way: who quotes it is believed, others are not.
START_TEST(a_router_may_speak_of_our_answers)
{
    static uint8_t body[1452];
    for (uint16_t seq = 1; seq <= 3; seq++) {
        say(&(struct icmp6_message){.type = ICMP6_ECHO, .id = 5, .seq = seq}, body,
            seq == 3 ? 100 : sizeof body, ADDR6_B);
        pair_settle(&p);
    }
    static const struct { uint16_t seq; uint8_t type; uint32_t known; } rows[] = {
        {9, ICMP6_ECHO_REPLY, 1500}, {3, ICMP6_ECHO_REPLY, 1500},  // it was short
        {1, ICMP6_ECHO, 1500}, {1, ICMP6_ECHO_REPLY, 1300},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct packet k = packet_of(body, 1200);
        packet_icmp6(&k, &(struct icmp6_message){.type = rows[i].type, .id = 5,
                                                 .seq = rows[i].seq}, ADDR6_B, ADDR6_A);
        packet_ip6(&k, (struct ip6_packet){.src = ADDR6_B, .dst = ADDR6_A, .payload_len = 1460,
                                           .proto = IP_PROTO_ICMP6});
        uint8_t quote[1232];
        memcpy(quote, packet_bytes(&k), sizeof quote);
        say(&(struct icmp6_message){.type = ICMP6_TOO_BIG, .mtu = 1300}, quote, sizeof quote,
            ADDR6_B);
        struct ip_path path;
        ck_assert_int_eq(ip_path(p.h[1], ADDR6_A, &path), 0);
        ck_assert_msg(path.mtu == rows[i].known, "row %zu: %u", i, path.mtu);
    }
    unsigned before = p.log.steps[STEP_IP_CUT];
    say(&(struct icmp6_message){.type = ICMP6_ECHO, .id = 5, .seq = 4}, body, sizeof body,
        ADDR6_B);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.steps[STEP_IP_CUT], before + 2);  // now it fits
}
END_TEST

START_TEST(unknown_messages_are_dropped)
{
    say(&(struct icmp6_message){.type = 200}, "x", 1, ADDR6_B);
    say(&(struct icmp6_message){.type = 100}, "x", 1, ADDR6_B);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_UNKNOWN_TYPE], 1);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_BAD_QUOTE], 1);  // an error, whatever it means
    struct packet k = packet_of("\x80\0\0\0\0\0\0\0", 8);
    packet_ip6(&k, (struct ip6_packet){.src = ADDR6_A, .dst = ADDR6_B, .proto = IP_PROTO_ICMP6});
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_BAD_CSUM], 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("icmp6");
    TCase *tc = tcase_create("icmp6");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_ping_is_answered_byte_for_byte, 0, 5);
    tcase_add_test(tc, each_name_of_ours_answers_for_itself);
    tcase_add_test(tc, a_ping_to_many_is_answered_by_name_unless_told_not_to);
    tcase_add_test(tc, a_port_nobody_has_is_refused_with_as_much_as_fits);
    tcase_add_test(tc, complaints_are_limited);
    tcase_add_test(tc, no_error_about_errors_redirects_groups_and_the_nameless);
    tcase_add_loop_test(tc, an_error_reaches_the_socket_it_names, 0, ARRAY_LEN(meanings));
    tcase_add_loop_test(tc, a_claim_that_does_not_fit_is_not_believed, 0, ARRAY_LEN(lies));
    tcase_add_loop_test(tc, an_mtu_is_believed_within_reason, 0, ARRAY_LEN(mtus));
    tcase_add_test(tc, a_router_may_speak_of_our_answers);
    tcase_add_test(tc, unknown_messages_are_dropped);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
