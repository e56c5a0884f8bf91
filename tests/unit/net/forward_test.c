// forward_test.c - a host as a router between two links: what passes, what is answered instead, and
// how senders learn of narrow links and better hops.
//
//     a  10.1.0.1  -----  10.1.0.9  r  10.2.0.9  -----  10.2.0.2  b
//        fd01::1          fd01::9      fd02::9          fd02::2
#include "claims.h"
#include "net/ip.h"
#include "net/route.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"

enum { A, R, B, HOSTS };
enum { RA, RB = 3, PORTS = 4 };  // ports by number: a, r towards a, b, r towards b

static struct { struct host *h[HOSTS]; struct netif *port[PORTS]; struct log log; nsec now; } w;

static struct host *host_of(int port) { return w.h[(int[]){A, R, B, R}[port]]; }

static struct netif *add_port(int port, const char *ip4, const char *ip6, uint32_t mtu)
{
    struct netif *n = ng_host_add_netif(host_of(port), &(struct ng_netif_config){
        .name = "eth", .mac = {{2, 0, 0, 0, 0, (uint8_t)(port + 1)}}, .mtu = mtu});
    ck_assert_ptr_nonnull(n);
    ck_assert_int_eq(ng_netif_add_addr(n, addr6(ip4), 24), 0);
    ck_assert_int_eq(ng_netif_add_addr(n, addr6(ip6), 64), 0);
    return w.port[port] = n;
}

static void route(int host, const char *dst, unsigned bits, const char *gateway)
{
    ck_assert_int_eq(ng_host_add_route(w.h[host], addr6(dst), bits, addr6(gateway), NULL), 0);
}

static void build(uint32_t far_mtu)
{
    memset(&w, 0, sizeof w);
    log_init(&w.log);
    w.now = SEC(1);
    for (int i = 0; i < HOSTS; i++) {
        w.h[i] = ng_host_new(&(struct ng_host_config){.name = "h", .id = (uint16_t)(i + 1),
                             .seed = 5 + (uint64_t)i, .now = w.now, .trace = &w.log.sink,
                             .memory = 64 << 20});
        ck_assert_ptr_nonnull(w.h[i]);
    }
    add_port(A, "10.1.0.1", "fd01::1", 1500);
    add_port(1, "10.1.0.9", "fd01::9", 1500);
    add_port(B, "10.2.0.2", "fd02::2", far_mtu);
    add_port(RB, "10.2.0.9", "fd02::9", far_mtu);
    ck_assert_int_eq(ng_host_set(w.h[R], "net.ipv4.ip_forward", "1"), 0);
    ck_assert_int_eq(ng_host_set(w.h[R], "net.ipv6.conf.all.forwarding", "1"), 0);
    route(A, "0.0.0.0", 0, "10.1.0.9");
    route(A, "::", 0, "fd01::9");
    route(B, "0.0.0.0", 0, "10.2.0.9");
    route(B, "::", 0, "fd02::9");
}

static void setup(void) { build(1500); }

static void teardown(void)
{
    for (int i = 0; i < HOSTS; i++) ng_host_free(w.h[i]);
}

static bool carry(int port)
{
    static const int peer[] = {1, 0, 3, 2};
    struct frame *f = ng_netif_take(w.port[port]);
    if (f == NULL) return false;
    struct frame *there = frame_copy(&host_of(peer[port])->pool, f);
    frame_free(f);
    ng_host_input(host_of(peer[port]), w.port[peer[port]], there, w.now);
    return true;
}

static void settle(void)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (int i = 0; i < HOSTS; i++) ng_host_run(w.h[i], w.now);
        for (int i = 0; i < PORTS; i++) busy = carry(i) || busy;
    }
}

static void until(nsec when)
{
    for (;;) {
        settle();
        nsec next = NEVER;
        for (int i = 0; i < HOSTS; i++)
            if (ng_host_next(w.h[i]) < next) next = ng_host_next(w.h[i]);
        if (next > when) break;
        if (next > w.now) w.now = next;
    }
    w.now = when;
    settle();
}

// The same, but each cable takes a millisecond.
static void flow(nsec how_long)
{
    for (nsec end = w.now + how_long; w.now < end; w.now += MSEC(1)) {
        for (int i = 0; i < HOSTS; i++) ng_host_run(w.h[i], w.now);
        for (int i = 0; i < PORTS; i++)
            for (unsigned n = w.port[i]->txq_len; n > 0; n--) carry(i);
    }
}

static const char *const far[] = {"10.2.0.2", "fd02::2"};

static ng_sock udp_at(int host, struct addr a, uint16_t port)
{
    ng_sock s = open_sock(w.h[host], KIND_UDP);
    struct endpoint name = at(a, port);
    ck_assert_int_eq(ng_sock_bind(w.h[host], s, &name), 0);
    return s;
}

static void send(ng_sock s, const char *to, size_t len)
{
    static uint8_t bytes[60000];
    struct endpoint e = at(addr6(to), 7);
    ck_assert_int_eq(ng_sock_sendto(w.h[A], s, bytes, len, &e), (ssize_t)len);
}

static ssize_t received(ng_sock s)
{
    static uint8_t bytes[60000];
    return ng_sock_read(w.h[B], s, bytes, sizeof bytes);
}

// The TTL of the last frame that b was given, and of the router's last answer its type and code.
static uint8_t ttl_at_b(void)
{
    const uint8_t *p = NULL;
    for (unsigned i = 0; i < w.log.seen_count; i++)
        if (w.log.seen[i].why == SENT_FORWARDED) p = w.log.seen[i].data;
    ck_assert_ptr_nonnull(p);
    return get16(p + 12) == ETH_TYPE_IP4 ? p[14 + 8] : p[14 + 7];
}

START_TEST(a_packet_passes_with_one_hop_less)
{
    ng_sock to = udp_at(B, addr_any(FAMILY_IP6), 7), from = open_sock(w.h[A], KIND_UDP);
    send(from, far[_i], 10);
    settle();
    ck_assert_int_eq(received(to), 10);
    ck_assert_uint_eq(ttl_at_b(), 63);
    ck_assert_uint_eq(w.log.steps[STEP_IP_FORWARD], 1);
    ck_assert_uint_eq(w.log.events[TRACE_FRAME_DROP], 0);
}
END_TEST

START_TEST(two_interfaces_make_no_router)
{
    ck_assert_int_eq(ng_host_set(w.h[R], "net.ipv4.ip_forward", "0"), 0);
    ck_assert_int_eq(ng_host_set(w.h[R], "net.ipv6.conf.all.forwarding", "0"), 0);
    send(open_sock(w.h[A], KIND_UDP), far[_i], 10);
    settle();
    ck_assert_uint_eq(w.log.drops[DROP_IP_NOT_MINE], 1);
}
END_TEST

static void set_ttl(ng_sock s, int ttl)
{
    ck_assert_int_eq(ng_sock_set(w.h[A], s, NG_IP_TTL, &ttl, sizeof ttl), 0);
}

START_TEST(the_last_hop_is_told_of)
{
    ng_sock from = open_sock(w.h[A], KIND_UDP);
    set_ttl(from, 1);
    send(from, far[_i], 10);
    settle();
    ck_assert_uint_eq(w.log.drops[DROP_IP_TTL_EXPIRED], 1);
    ck_assert_uint_eq(w.log.sent[SENT_TTL_EXCEEDED], 1);
    ck_assert_uint_eq(w.log.steps[STEP_ICMP_ERROR], 1);
    set_ttl(from, 2);
    send(from, far[_i], 10);  // nobody has the port: traceroute's last answer
    settle();
    ck_assert_uint_eq(w.log.sent[SENT_PORT_UNREACHABLE], 1);
    ck_assert_uint_eq(w.log.steps[STEP_ICMP_ERROR], 2);
}
END_TEST

// A later piece has no ports: an error about it would be of no use to anyone (RFC 1122 §3.2.2).
START_TEST(no_error_about_a_later_piece)
{
    for (uint16_t at = 0; at <= 8; at = (uint16_t)(at + 8)) {
        struct packet k = packet_of("1234567812345678", 16);
        packet_ip4(&k, (struct ip4_packet){.src = addr6("10.1.0.1"), .dst = addr6("10.2.0.2"),
                                           .proto = 17, .ttl = 1, .mf = true, .frag_offset = at});
        packet_eth(&k, w.port[1]->mac, w.port[A]->mac, ETH_TYPE_IP4);
        struct frame *f = ng_host_frame(w.h[R], k.len);
        memcpy(frame_start(f), packet_bytes(&k), k.len);
        ng_host_input(w.h[R], w.port[1], f, w.now);
    }
    settle();
    ck_assert_uint_eq(w.log.drops[DROP_IP_TTL_EXPIRED], 2);
    ck_assert_uint_eq(w.log.sent[SENT_TTL_EXCEEDED], 1);
}
END_TEST

static const char *const nowhere[] = {"10.9.0.1", "fd09::1"};

START_TEST(no_route_is_answered)
{
    send(open_sock(w.h[A], KIND_UDP), nowhere[_i], 10);
    settle();
    ck_assert_uint_eq(w.log.drops[DROP_IP_NO_ROUTE], 1);
    ck_assert_uint_eq(w.log.sent[SENT_UNREACHABLE], 1);
}
END_TEST

static const char *const dead[] = {"10.2.0.77", "fd02::77"};

START_TEST(a_silent_next_hop_is_answered)
{
    send(open_sock(w.h[A], KIND_UDP), dead[_i], 10);
    until(w.now + SEC(5));
    ck_assert_uint_eq(w.log.drops[DROP_NEIGH_FAILED], 1);
    ck_assert_uint_eq(w.log.sent[SENT_UNREACHABLE], 1);
    ck_assert_uint_eq(w.log.steps[STEP_ICMP_ERROR], 1);
}
END_TEST

// --- narrow links --------------------------------------------------------------------------------

static void narrow(void) { build(1300); }

START_TEST(a_router_cuts_ip4_that_may_be_cut)
{
    ng_sock to = udp_at(B, addr_any(FAMILY_IP4), 7);
    send(open_sock(w.h[A], KIND_UDP), far[0], 1400);
    settle();
    ck_assert_int_eq(received(to), 1400);
    ck_assert_uint_eq(w.log.steps[STEP_IP_CUT], 2);
}
END_TEST

// Options are for the first piece only, unless they say that they are for all (RFC 791 §3.1).
START_TEST(a_router_copies_the_options_that_are_for_all)
{
    static const uint8_t options[8] = {7, 3, 4, 1, 0x94, 4, 0, 0};  // record route; router alert
    static uint8_t body[1400];
    struct packet k = packet_of(body, sizeof body);
    memcpy(packet_push(&k, 8), options, 8);
    packet_ip4(&k, (struct ip4_packet){.src = addr6("10.1.0.1"), .dst = addr6("10.2.0.2"),
                                       .proto = 17, .id = 77});
    uint8_t *h = packet_bytes(&k);
    h[0] = 0x47;
    ip4_fix_csum(h, 28);
    packet_eth(&k, w.port[1]->mac, w.port[A]->mac, ETH_TYPE_IP4);
    struct frame *f = ng_host_frame(w.h[R], k.len);
    memcpy(frame_start(f), packet_bytes(&k), k.len);
    ng_host_input(w.h[R], w.port[1], f, w.now);
    settle();
    const struct seen *piece[2];
    unsigned pieces = 0;
    for (unsigned i = 0; i < w.log.seen_count; i++)
        if (w.log.seen[i].why == SENT_FORWARDED && pieces < 2) piece[pieces++] = &w.log.seen[i];
    ck_assert_uint_eq(pieces, 2);
    ck_assert_mem_eq(piece[0]->data + 34, options, 8);
    static const uint8_t later[8] = {1, 1, 1, 1, 0x94, 4, 0, 0};
    ck_assert_mem_eq(piece[1]->data + 34, later, 8);
    for (int i = 0; i < 2; i++) ck_assert(ip4_csum_ok(piece[i]->data + 14, 28));
}
END_TEST

// RFC 8201: the first is lost, the second is cut by its sender.
START_TEST(a_router_tells_ip6_senders_of_the_narrow_link)
{
    ng_sock to = udp_at(B, addr_any(FAMILY_IP6), 7), from = open_sock(w.h[A], KIND_UDP);
    send(from, far[1], 1400);
    settle();
    ck_assert_int_eq(received(to), -EAGAIN);
    ck_assert_uint_eq(w.log.drops[DROP_IP_TOO_BIG], 1);
    ck_assert_uint_eq(w.log.sent[SENT_TOO_BIG], 1);
    ck_assert_uint_eq(w.log.events[TRACE_PATH_MTU], 1);
    struct ip_path path;
    ck_assert_int_eq(ip_path(w.h[A], addr6(far[1]), &path), 0);
    ck_assert_uint_eq(path.mtu, 1300);
    send(from, far[1], 1400);
    settle();
    ck_assert_int_eq(received(to), 1400);
    w.now += SEC(601);  // forgotten, and tried again
    ck_assert_int_eq(ip_path(w.h[A], addr6(far[1]), &path), 0);
    ng_host_run(w.h[A], w.now);
    ck_assert_int_eq(ip_path(w.h[A], addr6(far[1]), &path), 0);
    ck_assert_uint_eq(path.mtu, 1500);
}
END_TEST

// TCP sends with DF: the connection lives through a link that is narrower than both ends know.
START_TEST(a_connection_finds_the_size_of_its_path)
{
    int error;
    ng_sock listener = open_sock(w.h[B], KIND_TCP), client = open_sock(w.h[A], KIND_TCP);
    struct endpoint any = at(addr_any(FAMILY_IP6), 80), b = at(addr6(far[_i]), 80);
    w.port[B]->mtu = w.port[B]->mtu6 = 1500;  // b offers more than the router can carry
    ck_assert_int_eq(ng_sock_bind(w.h[B], listener, &any), 0);
    ck_assert_int_eq(ng_sock_listen(w.h[B], listener, 5), 0);
    ck_assert_int_eq(ng_sock_connect(w.h[A], client, &b), -EINPROGRESS);
    settle();
    ng_sock conn = ng_sock_accept(w.h[B], listener, NULL, &error);
    ck_assert(conn != 0);
    static uint8_t bytes[8000];
    ck_assert_int_eq(ng_sock_write(w.h[A], client, bytes, sizeof bytes), (ssize_t)sizeof bytes);
    until(w.now + SEC(5));
    size_t got = 0;
    for (ssize_t n; (n = ng_sock_read(w.h[B], conn, bytes, sizeof bytes)) > 0;) got += (size_t)n;
    ck_assert_uint_eq(got, sizeof bytes);
    ck_assert_uint_ge(w.log.sent[SENT_TOO_BIG], 1);
    struct ng_tcp_info info;
    ng_tcp_info(w.h[A], client, &info);
    ck_assert_uint_eq(info.mss_snd, 1300 - (_i == 0 ? 40 : 60) - 12);
}
END_TEST

// The window is as it was, for a long packet that a router threw away says nothing of congestion
// (RFC 1191 §6.4, RFC 8201 §5.4); only what was too long goes again.
START_TEST(a_narrow_link_is_no_congestion)
{
    int error;
    ng_sock listener = open_sock(w.h[B], KIND_TCP), client = open_sock(w.h[A], KIND_TCP);
    struct endpoint any = at(addr_any(FAMILY_IP6), 80), b = at(addr6(far[_i]), 80);
    for (int i = B; i <= RB; i++) ck_assert_int_eq(ng_netif_set_mtu(w.port[i], 1500), 0);
    ng_sock_bind(w.h[B], listener, &any);
    ng_sock_listen(w.h[B], listener, 5);
    ck_assert_int_eq(ng_sock_connect(w.h[A], client, &b), -EINPROGRESS);
    flow(MSEC(20));
    ng_sock conn = ng_sock_accept(w.h[B], listener, NULL, &error);
    ck_assert(conn != 0);
    static uint8_t bytes[14000];
    ck_assert_int_eq(ng_sock_write(w.h[A], client, bytes, 7000), 7000);
    flow(MSEC(50));
    struct ng_tcp_info before, after;
    ng_tcp_info(w.h[A], client, &before);
    ck_assert_int_eq(ng_netif_set_mtu(w.port[RB], 1300), 0);  // in the middle of a transfer
    ck_assert_int_eq(ng_sock_write(w.h[A], client, bytes, 14000), 14000);
    flow(MSEC(50));
    ng_tcp_info(w.h[A], client, &after);
    size_t got = 0;
    for (ssize_t n; (n = ng_sock_read(w.h[B], conn, bytes, sizeof bytes)) > 0;) got += (size_t)n;
    ck_assert_uint_eq(got, 21000);
    ck_assert_uint_ge(after.cwnd, before.cwnd);
    ck_assert_uint_eq(after.ssthresh, before.ssthresh);
    ck_assert_uint_lt(after.mss_snd, 1300);
    ck_assert_uint_le(after.bytes_retrans, 14000);
    ck_assert_uint_ge(after.bytes_retrans, 12000);
    ck_assert_uint_eq(w.log.last[TRACE_TCP_LOSS].tcp_loss.why, SENT_RESIZED);
}
END_TEST

// A router whose next link is narrower than we go (552): what we send may be cut then.
START_TEST(a_tiny_ip4_path_is_crossed_in_pieces)
{
    int error;
    ng_sock listener = open_sock(w.h[B], KIND_TCP), client = open_sock(w.h[A], KIND_TCP);
    struct endpoint any = at(addr_any(FAMILY_IP4), 80), b = at(addr6(far[0]), 80);
    ng_sock_bind(w.h[B], listener, &any);
    ng_sock_listen(w.h[B], listener, 5);
    ck_assert_int_eq(ng_sock_connect(w.h[A], client, &b), -EINPROGRESS);
    settle();
    ng_sock conn = ng_sock_accept(w.h[B], listener, NULL, &error);
    w.port[RB]->mtu = 200;  // IPv6 would not allow it
    static uint8_t bytes[8000];
    ck_assert_int_eq(ng_sock_write(w.h[A], client, bytes, sizeof bytes), (ssize_t)sizeof bytes);
    until(w.now + SEC(1));
    size_t got = 0;
    for (ssize_t n; (n = ng_sock_read(w.h[B], conn, bytes, sizeof bytes)) > 0;) got += (size_t)n;
    ck_assert_uint_eq(got, sizeof bytes);
    struct ng_tcp_info info;
    ng_tcp_info(w.h[A], client, &info);
    ck_assert_uint_eq(info.mss_snd, 552 - 40 - 12);
    ck_assert_uint_gt(w.log.steps[STEP_IP_CUT], 16);
}
END_TEST

// Who wants no datagram of his cut learns that one was too long, and then cannot send such.
START_TEST(a_datagram_that_must_not_be_cut_fails_with_a_reason)
{
    ng_sock s = open_sock(w.h[A], KIND_UDP);
    struct endpoint b = at(addr6(far[_i]), 7);
    int one = 1, error = 0;
    size_t n = sizeof error;
    ck_assert_int_eq(ng_sock_set(w.h[A], s, NG_IP_MTU_DISCOVER, &one, sizeof one), 0);
    ck_assert_int_eq(ng_sock_connect(w.h[A], s, &b), 0);
    static uint8_t bytes[1400];
    ck_assert_int_eq(ng_sock_write(w.h[A], s, bytes, 1400), 1400);
    settle();
    ck_assert_uint_eq(w.log.sent[SENT_TOO_BIG], 1);
    ck_assert_int_eq(ng_sock_get(w.h[A], s, NG_SO_ERROR, &error, &n), 0);
    ck_assert_int_eq(error, EMSGSIZE);
    ck_assert_int_eq(ng_sock_write(w.h[A], s, bytes, 1400), -EMSGSIZE);
    ck_assert_int_eq(ng_sock_write(w.h[A], s, bytes, 1200), 1200);
}
END_TEST

// --- redirects -----------------------------------------------------------------------------------

// Another gateway on a's own link leads to 10.7/16 and fd07::/16: r says so, and a listens.
START_TEST(a_detour_by_the_same_link_is_told_of_and_avoided)
{
    static const char *const beyond[] = {"10.7.0.1", "fd07::1"}, *const near[] = {"10.1.0.8",
                                                                                  "fe80::8"};
    route(R, "10.7.0.0", 16, "10.1.0.8");
    ck_assert_int_eq(ng_host_add_route(w.h[R], addr6("fd07::"), 16, addr6("fe80::8"),
                                       w.port[1]), 0);
    route(A, "fd07::", 16, "fd01::9");
    struct way way;
    ck_assert(route_lookup(w.h[A], addr6(beyond[_i]), &way));
    if (_i == 1) {  // in IPv6, routers go by their link-local names
        ck_assert_int_eq(ng_host_add_route(w.h[A], addr6("fd07::"), 32,
                         w.port[1]->addr[1].prefix.addr, w.port[A]), 0);
    }
    send(open_sock(w.h[A], KIND_UDP), beyond[_i], 10);
    settle();
    ck_assert_uint_eq(w.log.sent[SENT_REDIRECT], 1);
    ck_assert_uint_eq(w.log.steps[STEP_IP_REDIRECT], 1);
    ck_assert(route_lookup(w.h[A], addr6(beyond[_i]), &way));
    ck_assert(addr_eq(way.hop, addr6(near[_i])));
    if (_i == 1) return;
    ck_assert_int_eq(ng_host_set(w.h[R], "net.ipv4.conf.all.send_redirects", "0"), 0);
    send(open_sock(w.h[A], KIND_UDP), "10.7.0.2", 10);
    settle();
    ck_assert_uint_eq(w.log.sent[SENT_REDIRECT], 1);
}
END_TEST

START_TEST(an_ip4_redirect_is_not_always_followed)
{
    static const struct { const char *from, *quoted_src, *gateway, *accept; enum drop want; }
    rows[] = {
        {"10.1.0.9", "10.1.0.1", "10.1.0.8", "0", DROP_ICMP_IGNORED},
        {"10.1.0.9", "10.1.0.7", "10.1.0.8", "1", DROP_REDIRECT_NOT_MINE},  // not our packet
        {"10.1.0.9", "10.1.0.1", "10.3.0.8", "1", DROP_REDIRECT_NOT_MINE},  // not on our link
        {"10.1.0.9", "10.1.0.1", "10.1.0.1", "1", DROP_REDIRECT_NOT_MINE},  // ourselves
        {"10.1.0.6", "10.1.0.1", "10.1.0.8", "1", DROP_REDIRECT_NOT_MINE},  // not our first hop
        {"10.1.0.9", "10.1.0.1", "10.1.0.8", "1", DROP_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ng_host_set(w.h[A], "net.ipv4.conf.all.accept_redirects", rows[i].accept);
        struct packet k = packet_of("12345678", 8);
        packet_ip4(&k, (struct ip4_packet){.src = addr6(rows[i].quoted_src),
                                           .dst = addr6("10.7.0.1"), .proto = IP_PROTO_UDP});
        packet_icmp4(&k, &(struct icmp4_message){.type = ICMP4_REDIRECT, .code = 1,
                                                 .gateway = addr6(rows[i].gateway)});
        packet_ip4(&k, (struct ip4_packet){.src = addr6(rows[i].from),
                                           .dst = addr6("10.1.0.1"), .proto = IP_PROTO_ICMP4});
        packet_eth(&k, w.port[A]->mac, w.port[1]->mac, ETH_TYPE_IP4);
        struct frame *f = ng_host_frame(w.h[A], k.len);
        memcpy(frame_start(f), packet_bytes(&k), k.len);
        unsigned before = w.log.drops[rows[i].want];
        ng_host_input(w.h[A], w.port[A], f, w.now);
        if (rows[i].want == DROP_NONE) ck_assert_uint_eq(w.log.steps[STEP_IP_REDIRECT], 1);
        else ck_assert_msg(w.log.drops[rows[i].want] == before + 1, "row %zu", i);
    }
}
END_TEST

// --- what does not pass --------------------------------------------------------------------------

static const struct { const char *src, *dst; enum drop want; bool told; } kept[] = {
    {"169.254.0.1", "10.2.0.2", DROP_IP_NO_ROUTE, true},
    {"10.1.0.1", "169.254.0.2", DROP_IP_NOT_MINE, false},
    {"10.1.0.1", "240.0.0.2", DROP_IP_NOT_MINE, false},
    {"10.1.0.1", "10.2.0.255", DROP_IP_NOT_MINE, false},
    {"fe80::77", "fd02::2", DROP_IP_NO_ROUTE, true},
    {"fd01::1", "fe80::77", DROP_IP_NOT_MINE, false},
    {"fd01::1", "ff05::77", DROP_IP_NOT_MINE, false},
};

START_TEST(names_of_one_link_do_not_leave_it)
{
    struct packet k = packet_of("12345678", 8);
    struct addr src = addr6(kept[_i].src), dst = addr6(kept[_i].dst);
    bool six = src.family == FAMILY_IP6;
    if (six) packet_ip6(&k, (struct ip6_packet){.src = src, .dst = dst, .proto = 17});
    else packet_ip4(&k, (struct ip4_packet){.src = src, .dst = dst, .proto = 17});
    packet_eth(&k, w.port[1]->mac, w.port[A]->mac, six ? ETH_TYPE_IP6 : ETH_TYPE_IP4);
    struct frame *f = ng_host_frame(w.h[R], k.len);
    memcpy(frame_start(f), packet_bytes(&k), k.len);
    ng_host_input(w.h[R], w.port[1], f, w.now);
    ck_assert_msg(w.log.drops[kept[_i].want] >= 1, "row %d: %s", _i,
                  drop_name(w.log.last[TRACE_FRAME_DROP].frame_drop.why));
    ck_assert_uint_eq(w.log.steps[STEP_ICMP_SEND] > 0, kept[_i].told);
}
END_TEST

// Nor is one that ends here believed, unless the settings say so.
static const struct { uint8_t pointer; const char *accept, *dst; unsigned dropped; } routes[] = {
    {4, NULL, "10.1.0.9", 1}, {4, "1", "10.1.0.9", 1}, {4, "1", "10.1.0.254", 1},
    {8, NULL, "10.1.0.254", 1}, {8, "1", "10.1.0.254", 0},
};

START_TEST(a_source_route_is_not_followed)
{
    uint8_t options[8] = {0x83, 7, routes[_i].pointer, 10, 2, 0, 2, 0};
    if (routes[_i].accept != NULL)
        ck_assert_int_eq(ng_host_set(w.h[R], "net.ipv4.conf.all.accept_source_route",
                                     routes[_i].accept), 0);
    struct packet k = packet_of("12345678", 8);
    memcpy(packet_push(&k, 8), options, 8);
    struct ip4_packet ip = {.src = addr6("10.1.0.1"), .dst = addr6(routes[_i].dst), .proto = 17};
    packet_ip4(&k, ip);
    uint8_t *h = packet_bytes(&k);
    h[0] = 0x47;
    ip4_fix_csum(h, 28);
    packet_eth(&k, w.port[1]->mac, w.port[A]->mac, ETH_TYPE_IP4);
    struct frame *f = ng_host_frame(w.h[R], k.len);
    memcpy(frame_start(f), packet_bytes(&k), k.len);
    ng_host_input(w.h[R], w.port[1], f, w.now);
    ck_assert_uint_eq(w.log.drops[DROP_IP4_SOURCE_ROUTE], routes[_i].dropped);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("forward");
    TCase *tc = tcase_create("forward");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_packet_passes_with_one_hop_less, 0, 2);
    tcase_add_loop_test(tc, two_interfaces_make_no_router, 0, 2);
    tcase_add_loop_test(tc, the_last_hop_is_told_of, 0, 2);
    tcase_add_test(tc, no_error_about_a_later_piece);
    tcase_add_loop_test(tc, no_route_is_answered, 0, 2);
    tcase_add_loop_test(tc, a_silent_next_hop_is_answered, 0, 2);
    tcase_add_loop_test(tc, a_detour_by_the_same_link_is_told_of_and_avoided, 0, 2);
    tcase_add_test(tc, an_ip4_redirect_is_not_always_followed);
    tcase_add_loop_test(tc, names_of_one_link_do_not_leave_it, 0, ARRAY_LEN(kept));
    tcase_add_loop_test(tc, a_source_route_is_not_followed, 0, ARRAY_LEN(routes));
    TCase *tn = tcase_create("narrow");
    tcase_add_checked_fixture(tn, narrow, teardown);
    tcase_add_test(tn, a_router_cuts_ip4_that_may_be_cut);
    tcase_add_test(tn, a_router_copies_the_options_that_are_for_all);
    tcase_add_test(tn, a_router_tells_ip6_senders_of_the_narrow_link);
    tcase_add_loop_test(tn, a_connection_finds_the_size_of_its_path, 0, 2);
    tcase_add_loop_test(tn, a_narrow_link_is_no_congestion, 0, 2);
    tcase_add_test(tn, a_tiny_ip4_path_is_crossed_in_pieces);
    tcase_add_loop_test(tn, a_datagram_that_must_not_be_cut_fails_with_a_reason, 0, 2);
    suite_add_tcase(s, tc);
    suite_add_tcase(s, tn);
    return run_claims(s);
}
