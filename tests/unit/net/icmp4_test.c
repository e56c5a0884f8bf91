// icmp4_test.c - pings answered byte for byte, errors within their rules, and claims not believed.
#include "claims.h"
#include "net/icmp4.h"
#include "net/ip.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"


static struct wire_pair p;

struct slice_of { const void *p; size_t len; };

static void setup(void)
{
    pair_open(&p, 0);
    pair_meet(&p);
}
static void teardown(void) { pair_close(&p); }

// An ICMP message with a body, from src to dst, for host b.
static void say_from(struct addr src, const struct icmp4_message *m, struct slice_of body,
                     struct addr dst)
{
    struct packet k = packet_of(body.p, body.len);
    packet_icmp4(&k, m);
    packet_ip4(&k, (struct ip4_packet){.src = src, .dst = dst, .proto = IP_PROTO_ICMP4,
                                       .id = 7, .dscp = 3});
    packet_eth(&k, ip_is_local(p.h[1], dst) ? MAC_B : MAC_BROADCAST, MAC_A, ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

static void say(const struct icmp4_message *m, const void *body, size_t len, struct addr dst)
{
    say_from(ADDR_A, m, (struct slice_of){body, len}, dst);
}

// The last frame host b sent, taken apart.
static struct icmp4_message answer(struct ip4_packet *ip, const uint8_t **body, size_t *len)
{
    ck_assert_uint_ge(p.log.seen_count, 1);
    const struct seen *s = &p.log.seen[p.log.seen_count - 1];
    const uint8_t *at = s->data + ETH_HDR_LEN;
    ck_assert_uint_eq(s->host, 2);
    ck_assert_int_eq(ip4_parse(ip, at, s->len - ETH_HDR_LEN), DROP_NONE);
    ck_assert_uint_eq(ip->proto, IP_PROTO_ICMP4);
    *len = ip->total_len - (size_t)IP4_HDR_MIN;
    ck_assert(csum_ok(0, at + IP4_HDR_MIN, *len));
    struct icmp4_message m;
    ck_assert_int_eq(icmp4_parse(&m, at + IP4_HDR_MIN, *len), DROP_NONE);
    *body = at + IP4_HDR_MIN + ICMP4_HDR_LEN;
    *len -= ICMP4_HDR_LEN;
    return m;
}

START_TEST(a_ping_is_answered_byte_for_byte)
{
    static const size_t lens[] = {0, 1, 56, 57, 1472};
    uint8_t body[1472];
    for (size_t i = 0; i < sizeof body; i++) body[i] = (uint8_t)(i * 7);
    say(&(struct icmp4_message){.type = ICMP4_ECHO, .id = 0x1234, .seq = 0xffff}, body, lens[_i],
        ADDR_B);
    pair_settle(&p);
    struct ip4_packet ip;
    const uint8_t *got;
    size_t len;
    struct icmp4_message m = answer(&ip, &got, &len);
    ck_assert(m.type == ICMP4_ECHO_REPLY && m.code == 0 && m.id == 0x1234 && m.seq == 0xffff);
    ck_assert_uint_eq(len, lens[_i]);
    if (len > 0) ck_assert_mem_eq(got, body, len);
    ck_assert(addr_eq(ip.src, ADDR_B) && addr_eq(ip.dst, ADDR_A) && ip.dscp == 3);
    ck_assert_uint_eq(p.log.sent[SENT_ECHO_REPLY], 1);
    ck_assert_uint_eq(p.log.steps[STEP_ICMP_ECHO], 1);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_UNASKED], 1);  // a has no use for the answer
}
END_TEST

START_TEST(each_name_of_ours_answers_for_itself)
{
    struct addr second = addr_ip4(0x0a000007);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], second, 24), 0);
    say(&(struct icmp4_message){.type = ICMP4_ECHO}, "x", 1, second);
    pair_settle(&p);
    struct ip4_packet ip;
    const uint8_t *got;
    size_t len;
    answer(&ip, &got, &len);
    ck_assert(addr_eq(ip.src, second) && addr_eq(ip.dst, ADDR_A));
}
END_TEST

// A ping that lists its way: what comes back bears our name. The sum covers it too.
START_TEST(a_ping_learns_its_way)
{
    static const uint8_t asked[12] = {7, 7, 4, 0, 0, 0, 0, 1, 1}, told[8] = {7, 7, 8, 10, 0, 0, 2};
    uint8_t icmp[12] = {ICMP4_ECHO, 0, 0, 0, 0, 1, 0, 2, 'b', 'o', 'd', 'y'};
    put16(icmp + 2, csum_field(csum_sum(icmp, sizeof icmp)));
    struct packet k = packet_of(asked, sizeof asked);
    memcpy(packet_bytes(&k) + k.len, icmp, sizeof icmp);
    k.len += sizeof icmp;
    packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_ICMP4});
    packet_bytes(&k)[0] = 0x48;
    ip4_fix_csum(packet_bytes(&k), 32);
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_ECHO_REPLY], 1);
    const uint8_t *at = p.log.seen[p.log.seen_count - 1].data + ETH_HDR_LEN;
    struct ip4_packet ip;
    ck_assert_int_eq(ip4_parse(&ip, at, 28 + 12), DROP_NONE);
    ck_assert(ip4_csum_ok(at, ip.hdr_len) && ip.hdr_len == 28);
    ck_assert_mem_eq(at + 20, told, 8);
    ck_assert_mem_eq(at + 28 + ICMP4_HDR_LEN, "body", 4);
}
END_TEST

START_TEST(padding_is_no_part_of_a_ping)
{
    struct packet k = packet_of("x", 1);
    packet_icmp4(&k, &(struct icmp4_message){.type = ICMP4_ECHO});
    packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_ICMP4});
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
    memset(packet_bytes(&k) + k.len, 0xee, 60 - k.len);
    pair_inject(&p, 1, packet_bytes(&k), 60);
    pair_settle(&p);
    struct ip4_packet ip;
    const uint8_t *body;
    size_t len;
    answer(&ip, &body, &len);
    ck_assert_uint_eq(len, 1);
    ck_assert_uint_eq(p.log.seen[p.log.seen_count - 1].len, k.len);
}
END_TEST

START_TEST(pings_are_ignored_where_the_settings_say_so)
{
    struct icmp4_message ping = {.type = ICMP4_ECHO};
    say(&ping, "x", 1, addr_ip4(0x0a0000ff));
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_MULTICAST], 1);
    ng_host_set(p.h[1], "net.ipv4.icmp_echo_ignore_broadcasts", "0");
    say(&ping, "x", 1, addr_ip4(0x0a0000ff));
    pair_settle(&p);
    struct ip4_packet ip;
    const uint8_t *body;
    size_t len;
    answer(&ip, &body, &len);
    ck_assert(addr_eq(ip.src, ADDR_B));  // not the broadcast address
    ng_host_set(p.h[1], "net.ipv4.icmp_echo_ignore_all", "1");
    say(&ping, "x", 1, ADDR_B);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_ECHO_IGNORED], 1);
    ck_assert_uint_eq(p.log.sent[SENT_ECHO_REPLY], 1);
}
END_TEST

START_TEST(a_ping_without_memory_is_dropped)
{
    for (int n = 0; n < 2; n++) {
        struct packet k = packet_of("x", 1);
        packet_icmp4(&k, &(struct icmp4_message){.type = ICMP4_ECHO});
        packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_ICMP4});
        packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
        struct frame *f = frame_from(&p.h[1]->pool, packet_bytes(&k), k.len);
        p.h[1]->pool.fail_in = 1 + n;
        ng_host_input(p.h[1], p.n[1], f, p.now);
    }
    ck_assert_uint_eq(p.log.drops[DROP_NO_MEMORY], 2);
    ck_assert_ptr_null(ng_netif_take(p.n[1]));
}
END_TEST

static const struct { const char *what; size_t len; uint8_t bytes[16]; enum drop want; } bad[] = {
    {"seven bytes",           7, {8, 0, 0xf7, 0xff}, DROP_ICMP_TRUNCATED},
    {"the sum is wrong",      8, {8, 0, 0xf7, 0xfe}, DROP_ICMP_BAD_CSUM},
    {"an answer to no ping",  8, {0, 0, 0xff, 0xff}, DROP_ICMP_UNASKED},
    {"a timestamp request",   8, {13, 0, 0xf2, 0xff}, DROP_ICMP_UNKNOWN_TYPE},
    {"an information request", 8, {15, 0, 0xf0, 0xff}, DROP_ICMP_UNKNOWN_TYPE},
    {"a question for the mask", 8, {17, 0, 0xee, 0xff}, DROP_ICMP_UNKNOWN_TYPE},
    {"a redirect of nothing", 8, {5, 0, 0xfa, 0xff}, DROP_ICMP_BAD_QUOTE},
    {"a source quench",       8, {4, 0, 0xfb, 0xff}, DROP_ICMP_UNKNOWN_TYPE},
    {"an error with no quote", 8, {3, 3, 0xfc, 0xfc}, DROP_ICMP_BAD_QUOTE},
};

START_TEST(input_refuses)
{
    struct packet k = packet_of(bad[_i].bytes, bad[_i].len);
    packet_ip4(&k, (struct ip4_packet){.src = ADDR_A, .dst = ADDR_B, .proto = IP_PROTO_ICMP4});
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_msg(p.log.drops[bad[_i].want] == 1, "%s: %s", bad[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
}
END_TEST

// --- errors we send ----------------------------------------------------------------------------

static void send_udp_to_b(size_t len, uint8_t proto)
{
    static uint8_t payload[1472];
    struct ip4_packet ip = {.src = ADDR_A, .dst = ADDR_B, .proto = proto, .id = 99, .dscp = 46};
    struct packet k = packet_of(payload, len);
    packet_udp(&k, &ip, 5000, 4242);
    packet_ip4(&k, ip);
    packet_eth(&k, MAC_B, MAC_A, ETH_TYPE_IP4);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

static const struct { size_t payload; uint8_t proto; size_t quoted; } quotes[] = {
    {0, IP_PROTO_UDP, 28}, {10, IP_PROTO_UDP, 38}, {1000, IP_PROTO_UDP, 548}, {10, 99, 38},
};

START_TEST(an_error_quotes_the_packet_up_to_576_bytes)
{
    send_udp_to_b(quotes[_i].payload, quotes[_i].proto);
    pair_settle(&p);
    struct ip4_packet ip, quoted;
    const uint8_t *body;
    size_t len;
    struct icmp4_message m = answer(&ip, &body, &len);
    ck_assert_uint_eq(m.type, ICMP4_UNREACHABLE);
    ck_assert_uint_eq(m.code, quotes[_i].proto == 99 ? ICMP4_PROTO : ICMP4_PORT);
    ck_assert_uint_eq(len, quotes[_i].quoted);
    ck_assert_uint_eq(ip.dscp, 0);
    ck_assert_int_eq(ip4_parse_quoted(&quoted, body, len), DROP_NONE);
    ck_assert(quoted.id == 99 && addr_eq(quoted.src, ADDR_A) && addr_eq(quoted.dst, ADDR_B));
    ck_assert_uint_eq(p.log.drops[quotes[_i].proto == 99 ? DROP_IP_NO_PROTOCOL
                                                         : DROP_UDP_NO_SOCKET], 1);
    ck_assert_uint_eq(p.log.sent[quotes[_i].proto == 99 ? SENT_PROTO_UNREACHABLE
                                                        : SENT_PORT_UNREACHABLE], 1);
}
END_TEST

START_TEST(errors_have_a_rate)
{
    ng_host_set(p.h[1], "net.ipv4.icmp_msgs_per_sec", "10");
    pair_until(&p, p.now + SEC(1));
    for (int i = 0; i < 60; i++) send_udp_to_b(1, IP_PROTO_UDP);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_RATE_LIMIT], 10);  // the bucket holds 50
    pair_until(&p, p.now + MSEC(99));
    send_udp_to_b(1, IP_PROTO_UDP);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_RATE_LIMIT], 11);
    pair_until(&p, p.now + MSEC(2));
    send_udp_to_b(1, IP_PROTO_UDP);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_RATE_LIMIT], 11);
    pair_until(&p, p.now + SEC(100000));
    for (int i = 0; i < 51; i++) send_udp_to_b(1, IP_PROTO_UDP);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_RATE_LIMIT], 12);
    ng_host_set(p.h[1], "net.ipv4.icmp_msgs_per_sec", "1000000");
    pair_until(&p, p.now + SEC(20000000));  // half a year: no sum overflows
    send_udp_to_b(1, IP_PROTO_UDP);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_RATE_LIMIT], 12);
}
END_TEST

// RFC 1122 §3.2.2: an ICMP error is never answered by one. Here it comes in a protocol nobody has,
// so the question is asked of icmp4_refuse itself.
START_TEST(no_error_about_an_error_nor_about_a_group)
{
    static const struct { uint8_t type; bool to_many; uint32_t src; bool want; } rows[] = {
        {ICMP4_ECHO,          false, 0x0a000001, true},
        {ICMP4_UNREACHABLE,   false, 0x0a000001, false},
        {ICMP4_TIME_EXCEEDED, false, 0x0a000001, false},
        {ICMP4_ECHO,          true,  0x0a000001, false},
        {ICMP4_ECHO,          false, 0x0a0000ff, false},
        {ICMP4_ECHO,          false, 0xffffffff, false},
        {ICMP4_ECHO,          false, 0xe0000001, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct packet k = packet_of("12345678", 8);
        packet_icmp4(&k, &(struct icmp4_message){.type = rows[i].type});
        packet_ip4(&k, (struct ip4_packet){.src = addr_ip4(rows[i].src), .dst = ADDR_B,
                                           .proto = IP_PROTO_ICMP4});
        struct frame *f = frame_from(&p.h[1]->pool, packet_bytes(&k), k.len);
        f->l3 = (uint16_t)f->start;
        frame_pull(f, IP4_HDR_MIN);
        f->l4 = (uint16_t)f->start;
        unsigned before = p.log.steps[STEP_ICMP_SEND];
        icmp4_complain(p.h[1], f, &(struct ip_info){
                           .src = addr_ip4(rows[i].src), .dst = ADDR_B, .netif = p.n[1],
                           .proto = IP_PROTO_ICMP4, .to_many = rows[i].to_many},
                       &(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_PROTO});
        ck_assert_msg(p.log.steps[STEP_ICMP_SEND] == before + rows[i].want, "row %zu", i);
        frame_free(f);
    }
}
END_TEST

START_TEST(an_error_without_memory_is_no_error)
{
    p.h[1]->pool.fail_in = 3;  // after the frame that comes in
    send_udp_to_b(1, IP_PROTO_UDP);
    ck_assert_int_eq(p.h[1]->pool.fail_in, -1);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_NO_SOCKET], 1);
    ck_assert_uint_eq(p.log.steps[STEP_ICMP_SEND], 0);
}
END_TEST

// --- errors we hear of -------------------------------------------------------------------------

static const struct {
    const char *what;
    uint8_t     type, code;
    int         error;  // what the connected socket then says; 0: nothing
    enum drop   drop;
} heard[] = {
    {"net",             ICMP4_UNREACHABLE, 0,  0, 0},
    {"host",            ICMP4_UNREACHABLE, 1,  0, 0},
    {"protocol",        ICMP4_UNREACHABLE, 2,  ENOPROTOOPT, 0},
    {"port",            ICMP4_UNREACHABLE, 3,  ECONNREFUSED, 0},
    {"too big",         ICMP4_UNREACHABLE, 4,  0, 0},
    {"source route",    ICMP4_UNREACHABLE, 5,  0, 0},
    {"net unknown",     ICMP4_UNREACHABLE, 6,  ENETUNREACH, 0},
    {"host unknown",    ICMP4_UNREACHABLE, 7,  EHOSTDOWN, 0},
    {"isolated",        ICMP4_UNREACHABLE, 8,  ENONET, 0},
    {"net prohibited",  ICMP4_UNREACHABLE, 9,  ENETUNREACH, 0},
    {"host prohibited", ICMP4_UNREACHABLE, 10, EHOSTUNREACH, 0},
    {"net, this TOS",   ICMP4_UNREACHABLE, 11, 0, 0},
    {"host, this TOS",  ICMP4_UNREACHABLE, 12, 0, 0},
    {"filtered",        ICMP4_UNREACHABLE, 13, EHOSTUNREACH, 0},
    {"precedence",      ICMP4_UNREACHABLE, 14, EHOSTUNREACH, 0},
    {"cut off",         ICMP4_UNREACHABLE, 15, EHOSTUNREACH, 0},
    {"a new code",      ICMP4_UNREACHABLE, 16, 0, 0},
    {"TTL",             ICMP4_TIME_EXCEEDED, 0, 0, 0},
    {"bad header",      ICMP4_PARAM_PROBLEM, 0, EPROTO, 0},
    {"quench",          ICMP4_QUENCH,        0, 0, DROP_ICMP_UNKNOWN_TYPE},
    {"redirect",        ICMP4_REDIRECT,      0, 0, DROP_REDIRECT_NOT_MINE},
};

// What b once sent to port 7 of a, as an error would quote it.
static struct packet quote_of(struct addr src, uint16_t sport, uint8_t proto)
{
    struct ip4_packet ip = {.src = src, .dst = ADDR_A, .proto = proto};
    struct packet k = packet_of("", 0);
    packet_udp(&k, &ip, sport, 7);
    packet_ip4(&k, ip);
    return k;
}

static ng_sock connected(void)
{
    ng_sock s = bound_udp(&p, 1, ADDR_B, 5555);
    struct endpoint peer = at(ADDR_A, 7);
    ck_assert_int_eq(ng_sock_connect(p.h[1], s, &peer), 0);
    return s;
}

START_TEST(each_code_has_its_meaning)
{
    ng_sock s = connected();
    struct packet q = quote_of(ADDR_B, 5555, IP_PROTO_UDP);
    say_from(addr_ip4(0x0a000009),  // a router, not the peer
             &(struct icmp4_message){.type = heard[_i].type, .code = heard[_i].code},
             (struct slice_of){packet_bytes(&q), q.len}, ADDR_B);
    int error = -1;
    size_t len = sizeof error;
    ck_assert_int_eq(ng_sock_get(p.h[1], s, NG_SO_ERROR, &error, &len), 0);
    ck_assert_msg(error == heard[_i].error, "%s: %d", heard[_i].what, error);
    if (heard[_i].drop != 0) ck_assert_uint_eq(p.log.drops[heard[_i].drop], 1);
    else ck_assert_uint_eq(p.log.steps[STEP_ICMP_ERROR], 1);
}
END_TEST

START_TEST(a_claim_about_what_we_never_sent_is_not_believed)
{
    static const struct { uint32_t src; uint16_t sport; uint8_t proto; size_t len; enum drop want; }
    rows[] = {
        {0x0a000009, 5555, IP_PROTO_UDP,   28, DROP_ICMP_NO_SOCKET},  // not our address
        {0x0a000002, 5555, 99,             28, DROP_ICMP_NO_SOCKET},  // not our protocol
        {0x0a000002, 5555, IP_PROTO_ICMP4, 28, DROP_ICMP_NO_SOCKET},  // we send no pings
        {0x0a000002, 5555, IP_PROTO_UDP,   27, DROP_ICMP_BAD_QUOTE},
        {0x0a000002, 5555, IP_PROTO_UDP,   19, DROP_ICMP_BAD_QUOTE},
        {0x0a000002, 5556, IP_PROTO_UDP,   28, DROP_NONE},            // no such socket
    };
    ng_sock s = connected();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct packet q = quote_of(addr_ip4(rows[i].src), rows[i].sport, rows[i].proto);
        say(&(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_PORT},
            packet_bytes(&q), rows[i].len, ADDR_B);
        if (rows[i].want != DROP_NONE)
            ck_assert_int_eq(p.log.last[TRACE_FRAME_DROP].frame_drop.why, rows[i].want);
    }
    struct packet later = quote_of(ADDR_B, 5555, IP_PROTO_UDP);
    packet_bytes(&later)[7] = 1;  // a later fragment has no ports
    say(&(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_PORT},
        packet_bytes(&later), later.len, ADDR_B);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_BAD_QUOTE], 3);
    struct packet all = quote_of(ADDR_B, 5555, IP_PROTO_UDP);
    say(&(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_PORT},
        packet_bytes(&all), all.len, addr_ip4(0x0a0000ff));  // said to everyone
    ck_assert_uint_eq(ng_sock_events(p.h[1], s) & NG_ERROR, 0);
}
END_TEST

// A router names an MTU that the packet it quotes is longer than, or it is no router (RFC 1191 §3).
static const struct { uint16_t quoted_len, mtu; enum drop want; uint32_t known; } mtus[] = {
    {1500, 1400, DROP_NONE, 1400},        {1500, 1499, DROP_NONE, 1499},
    {1500, 1500, DROP_ICMP_BAD_MTU, 1500}, {28, 1400, DROP_ICMP_BAD_MTU, 1500},
    {1500, 68, DROP_NONE, 552},           {1500, 20, DROP_NONE, 552},
    {1500, 0, DROP_NONE, 1492},           {65535, 0, DROP_NONE, 1492},  // it lies on its length
    {1492, 0, DROP_NONE, 1006},
};

START_TEST(an_mtu_is_believed_within_reason)
{
    connected();
    struct packet q = quote_of(ADDR_B, 5555, IP_PROTO_UDP);
    put16(packet_bytes(&q) + 2, mtus[_i].quoted_len);
    say(&(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_FRAG_NEEDED,
                                .mtu = mtus[_i].mtu}, packet_bytes(&q), q.len, ADDR_B);
    struct ip_path path;
    ck_assert_int_eq(ip_path(p.h[1], ADDR_A, &path), 0);
    ck_assert_msg(path.mtu == mtus[_i].known, "row %d: %u", _i, path.mtu);
    ck_assert_uint_eq(path.link_mtu, 1500);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], mtus[_i].want != DROP_NONE);
    ck_assert_uint_eq(p.log.drops[mtus[_i].want], mtus[_i].want != DROP_NONE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("icmp4");
    TCase *c = tcase_create("icmp4");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, a_ping_is_answered_byte_for_byte, 0, 5);
    tcase_add_test(c, each_name_of_ours_answers_for_itself);
    tcase_add_test(c, a_ping_learns_its_way);
    tcase_add_test(c, padding_is_no_part_of_a_ping);
    tcase_add_test(c, pings_are_ignored_where_the_settings_say_so);
    tcase_add_test(c, a_ping_without_memory_is_dropped);
    tcase_add_loop_test(c, input_refuses, 0, ARRAY_LEN(bad));
    tcase_add_loop_test(c, an_error_quotes_the_packet_up_to_576_bytes, 0, ARRAY_LEN(quotes));
    tcase_add_test(c, errors_have_a_rate);
    tcase_add_test(c, no_error_about_an_error_nor_about_a_group);
    tcase_add_test(c, an_error_without_memory_is_no_error);
    tcase_add_loop_test(c, each_code_has_its_meaning, 0, ARRAY_LEN(heard));
    tcase_add_loop_test(c, an_mtu_is_believed_within_reason, 0, ARRAY_LEN(mtus));
    tcase_add_test(c, a_claim_about_what_we_never_sent_is_not_believed);
    suite_add_tcase(s, c);
    return run_claims(s);
}
