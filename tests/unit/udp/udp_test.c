// udp_test.c - datagrams from socket to socket, who gets which, and every errno; in both families.
#include "claims.h"
#include "net/ip.h"
#include "udp/udp_user.h"
#include "unit/family.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"

#define ANY   family_any()
#define HERE  family_addr(1)
#define THERE family_addr(2)
#define LOOPBACK (family == FAMILY_IP4 ? addr_ip4(0x7f000001) : addr6("::1"))
#define FAR_AWAY (family == FAMILY_IP4 ? addr_ip4(0x08080808) : addr6("2001:db8::8"))

static struct wire_pair p;

static void setup(void)
{
    pair_open(&p, 0);
    if (family == FAMILY_IP6) pair_ip6(&p);
    for (int i = 0; i < 2; i++) ck_assert_int_eq(ng_netif_set_mtu(p.n[i], family_mtu()), 0);
    pair_meet_by(&p, THERE);
}
static void teardown(void) { pair_close(&p); }

// A datagram of a's for b's port 7, complete but for the IP header, into which wire() puts it.
static struct packet datagram(const char *text)
{
    size_t len = UDP_HDR_LEN + strlen(text);
    struct udp_datagram d = {.sport = 5000, .dport = 7, .len = (uint16_t)len};
    struct packet k = packet_of(text, strlen(text));
    udp_emit(&d, packet_push(&k, UDP_HDR_LEN));
    uint16_t pseudo = csum_pseudo(HERE, THERE, IP_PROTO_UDP, len);
    put16(packet_bytes(&k) + 6,
          udp_csum_field(csum_add(pseudo, csum_sum(packet_bytes(&k), len))));
    return k;
}

static void wire(struct packet *k, struct addr dst, struct mac mac)
{
    struct family_packet ip = {.src = HERE, .dst = dst, .proto = IP_PROTO_UDP, .len = k->len};
    family_emit(&ip, packet_push(k, family_hdr()));
    packet_eth(k, mac, MAC_A, family == FAMILY_IP4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6);
    pair_inject(&p, 1, packet_bytes(k), k->len);
}

static ssize_t send_text(int i, ng_sock s, const char *text, struct endpoint to)
{
    return ng_sock_sendto(p.h[i], s, text, strlen(text), &to);
}

// The next datagram of host i's socket is this text; NULL: there is none.
static void expect_text(int i, ng_sock s, const char *want)
{
    char buf[100];
    ssize_t n = ng_sock_read(p.h[i], s, buf, sizeof buf);
    if (want == NULL) {
        ck_assert_int_eq(n, -EAGAIN);
        return;
    }
    ck_assert_int_eq(n, (ssize_t)strlen(want));
    ck_assert_mem_eq(buf, want, strlen(want));
}

START_TEST(a_datagram_is_echoed)
{
    ng_sock server = bound_udp(&p, 1, ANY, 7), client = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(send_text(0, client, "hello", at(THERE, 7)), 5);
    pair_settle(&p);
    ck_assert_uint_eq(ng_host_ready(p.h[1]), server);
    ck_assert_uint_eq(ng_host_ready(p.h[1]), 0);
    ck_assert_uint_eq(ng_sock_events(p.h[1], server) & NG_READABLE, NG_READABLE);

    char buf[10];
    struct endpoint from, local;
    ck_assert_int_eq(ng_sock_recvfrom(p.h[1], server, buf, sizeof buf, &from), 5);
    ck_assert_int_eq(ng_sock_local(p.h[0], client, &local), 0);
    ck_assert(addr_eq(from.addr, HERE) && from.port == local.port);
    ck_assert(from.port >= 32768 && from.port <= 60999);
    ck_assert_int_eq(ng_sock_sendto(p.h[1], server, buf, 5, &from), 5);
    pair_settle(&p);
    expect_text(0, client, "hello");
    expect_text(0, client, NULL);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 0);
}
END_TEST

// The sums are checked on the way in, so that they came through means that they are right; the
// longest is sent over lo.
START_TEST(every_length_comes_through)
{
    static const size_t lens[] = {0, 1, 2, 1471, 1472, 65507};
    static uint8_t out[UDP_MAX], in[UDP_MAX + 1];
    size_t n = lens[_i];
    int there = n <= 1472;
    for (size_t k = 0; k < n; k++) out[k] = (uint8_t)(k * 31);
    ng_sock server = bound_udp(&p, there, ANY, 7), client = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(there ? THERE : HERE, 7), from;
    ck_assert_int_eq(ng_sock_sendto(p.h[0], client, out, n, &to), (ssize_t)n);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_recvfrom(p.h[there], server, in, sizeof in, &from), (ssize_t)n);
    ck_assert(n == 0 || memcmp(in, out, n) == 0);
}
END_TEST

START_TEST(what_does_not_fit_in_the_buffer_is_lost)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7), out = open_sock(p.h[0], KIND_UDP);
    send_text(0, out, "abcdef", at(THERE, 7));
    send_text(0, out, "next", at(THERE, 7));
    pair_settle(&p);
    char buf[3];
    ck_assert_int_eq(ng_sock_read(p.h[1], in, buf, 3), 3);
    ck_assert_mem_eq(buf, "abc", 3);
    expect_text(1, in, "next");
}
END_TEST

START_TEST(peek_lends_and_consume_takes)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7), out = open_sock(p.h[0], KIND_UDP);
    send_text(0, out, "abc", at(THERE, 7));
    pair_settle(&p);
    const uint8_t *bytes;
    ck_assert_int_eq(ng_sock_peek(p.h[1], in, &bytes), 3);
    ck_assert_mem_eq(bytes, "abc", 3);
    ck_assert_int_eq(ng_sock_consume(p.h[1], in, 3), 0);
    ck_assert_int_eq(ng_sock_peek(p.h[1], in, &bytes), -EAGAIN);
    ck_assert_int_eq(ng_sock_consume(p.h[1], in, 0), -EINVAL);
}
END_TEST

// --- whose datagram ----------------------------------------------------------------------------

START_TEST(the_socket_that_names_most_gets_it)
{
    int on = 1;
    ng_sock any = open_sock(p.h[1], KIND_UDP), one = open_sock(p.h[1], KIND_UDP);
    ng_sock pair = open_sock(p.h[1], KIND_UDP);
    ng_sock all[] = {any, one, pair};
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(ng_sock_set(p.h[1], all[i], NG_SO_REUSEADDR, &on, sizeof on), 0);
        struct endpoint name = at(i == 0 ? ANY : THERE, 7);
        ck_assert_int_eq(ng_sock_bind(p.h[1], all[i], &name), 0);
    }
    ng_sock out = bound_udp(&p, 0, HERE, 1111), other = bound_udp(&p, 0, HERE, 2222);
    struct endpoint peer = at(HERE, 1111);
    ck_assert_int_eq(ng_sock_connect(p.h[1], pair, &peer), 0);
    send_text(0, out, "to the pair", at(THERE, 7));
    send_text(0, other, "to the one", at(THERE, 7));
    pair_settle(&p);
    expect_text(1, pair, "to the pair");
    expect_text(1, one, "to the one");
    ng_sock_close(p.h[1], one);
    send_text(0, other, "to any", at(THERE, 7));
    pair_settle(&p);
    expect_text(1, any, "to any");
    expect_text(1, pair, NULL);
}
END_TEST

START_TEST(a_connected_socket_hears_its_peer_only)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7);
    struct endpoint peer = at(HERE, 1111);
    ck_assert_int_eq(ng_sock_connect(p.h[1], in, &peer), 0);
    ng_sock stranger = bound_udp(&p, 0, HERE, 2222);
    send_text(0, stranger, "no", at(THERE, 7));
    pair_settle(&p);
    expect_text(1, in, NULL);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_NO_SOCKET], 1);

    struct endpoint nobody = {0};
    ck_assert_int_eq(ng_sock_connect(p.h[1], in, &nobody), 0);  // and now everyone again
    send_text(0, stranger, "yes", at(THERE, 7));
    pair_settle(&p);
    expect_text(1, in, "yes");
}
END_TEST

START_TEST(a_broadcast_is_for_every_socket_of_the_port)
{
    int on = 1;
    ng_sock in[3];
    for (int i = 0; i < 3; i++) {
        in[i] = open_sock(p.h[1], KIND_UDP);
        ng_sock_set(p.h[1], in[i], NG_SO_REUSEADDR, &on, sizeof on);
        struct endpoint name = at(i == 2 ? addr_ip4(0x0a0000ff) : ANY, 7);
        ck_assert_int_eq(ng_sock_bind(p.h[1], in[i], &name), 0);
    }
    ng_sock out = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(addr_ip4(0x0a0000ff), 7);
    ck_assert_int_eq(send_text(0, out, "all", to), -EACCES);
    ck_assert_int_eq(ng_sock_connect(p.h[0], out, &to), -EACCES);
    ng_sock_set(p.h[0], out, NG_SO_BROADCAST, &on, sizeof on);
    ck_assert_int_eq(send_text(0, out, "all", to), 3);
    pair_settle(&p);
    for (int i = 0; i < 3; i++) expect_text(1, in[i], "all");
}
END_TEST

START_TEST(a_port_nobody_has_refuses_a_connected_socket)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(THERE, 4242);
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &to), 0);
    ck_assert_int_eq(ng_sock_write(p.h[0], s, "x", 1), 1);
    pair_settle(&p);
    ck_assert_uint_eq(ng_host_ready(p.h[0]), s);
    ck_assert_uint_eq(ng_sock_events(p.h[0], s) & (NG_ERROR | NG_READABLE),
                      NG_ERROR | NG_READABLE);
    char buf[4];
    ck_assert_int_eq(ng_sock_read(p.h[0], s, buf, sizeof buf), -ECONNREFUSED);
    ck_assert_int_eq(ng_sock_read(p.h[0], s, buf, sizeof buf), -EAGAIN);  // told once
    ng_sock_write(p.h[0], s, "x", 1);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_write(p.h[0], s, "x", 1), -ECONNREFUSED);

    ng_sock loose = open_sock(p.h[0], KIND_UDP);
    send_text(0, loose, "x", to);
    pair_settle(&p);
    expect_text(0, loose, NULL);  // who named no peer hears nothing
}
END_TEST

// --- what is refused on arrival ----------------------------------------------------------------

static const struct { const char *what; int byte, value; size_t cut; enum drop want; } bad[] = {
    {"seven bytes",              -1, 0,    3, DROP_UDP_TRUNCATED},
    {"length below a header",     5, 7,    0, DROP_UDP_BAD_LENGTH},
    {"length beyond the packet",  5, 11,   0, DROP_UDP_BAD_LENGTH},
    {"wrong sum",                 7, 0x11, 0, DROP_UDP_BAD_CSUM},
    {"nobody's port",             3, 8,    0, DROP_UDP_BAD_CSUM},
};

START_TEST(input_refuses)
{
    bound_udp(&p, 1, ANY, 7);
    struct packet k = datagram("hi");
    if (bad[_i].byte >= 0) packet_bytes(&k)[bad[_i].byte] = (uint8_t)bad[_i].value;
    k.len -= bad[_i].cut;
    wire(&k, THERE, MAC_B);
    ck_assert_msg(p.log.drops[bad[_i].want] == 1, "%s: %s", bad[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
}
END_TEST

// RFC 768: zero means that the sender made none; RFC 8200 §8.1: in IPv6 each has to.
START_TEST(no_sum_is_a_sum_too)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7);
    struct packet k = datagram("hi");
    put16(packet_bytes(&k) + 6, 0);
    wire(&k, THERE, MAC_B);
    expect_text(1, in, family == FAMILY_IP4 ? "hi" : NULL);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_BAD_CSUM], family == FAMILY_IP6);
}
END_TEST

START_TEST(bytes_behind_the_datagram_are_not_its_own)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7);
    struct packet k = datagram("hi");
    packet_bytes(&k)[k.len++] = '!';
    wire(&k, THERE, MAC_B);
    expect_text(1, in, "hi");
}
END_TEST

START_TEST(a_sum_of_zero_is_sent_as_ones)
{
    p.down = true;
    ng_sock out = bound_udp(&p, 0, HERE, 1000);
    uint8_t body[2] = {0};
    struct endpoint to = at(THERE, 2000);
    // What makes the whole sum up to 0xffff, so that its inverse is zero.
    uint8_t hdr[8] = {1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 0, 10, 0, 0};
    uint16_t sum = csum_add(csum_pseudo(HERE, THERE, IP_PROTO_UDP, 10), csum_sum(hdr, 8));
    put16(body, (uint16_t)~sum);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], out, body, 2, &to), 2);
    pair_settle(&p);
    ck_assert_uint_eq(get16(p.log.seen[0].data + ETH_HDR_LEN + family_hdr() + 6), 0xffff);
}
END_TEST

START_TEST(a_full_queue_drops_and_tells)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7), out = open_sock(p.h[0], KIND_UDP);
    int size = 1;  // raised to the least there is
    ck_assert_int_eq(ng_sock_set(p.h[1], in, NG_SO_RCVBUF, &size, sizeof size), 0);
    char big[1000] = "";
    struct endpoint to = at(THERE, 7);
    for (int i = 0; i < 3; i++) ng_sock_sendto(p.h[0], out, big, sizeof big, &to);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_QUEUE_FULL], 1);
    const struct trace_sock_buf_event *buf = &p.log.last[TRACE_SOCK_BUF].sock_buf;
    ck_assert(buf->rcv_len == 2000 && buf->rcv_max == 2048);
    ck_assert_uint_eq(buf->dropped, 1);
    const struct trace_event *drop = &p.log.last[TRACE_FRAME_DROP];
    ck_assert_uint_eq(drop->conn, p.log.last[TRACE_SOCK_BUF].conn);  // it says whose queue
    ng_sock_read(p.h[1], in, big, sizeof big);
    ck_assert(buf->rcv_len == 1000 && buf->dropped == 1);
}
END_TEST

static int drops_of(int host, ng_sock s)
{
    int n = -1;
    size_t len = sizeof n;
    ck_assert_int_eq(ng_sock_get(p.h[host], s, NG_SO_DROPS, &n, &len), 0);
    return n;
}

START_TEST(each_socket_counts_what_found_no_room)
{
    ng_sock in[2] = {bound_udp(&p, 1, ANY, 7), bound_udp(&p, 1, ANY, 8)};
    ng_sock out = open_sock(p.h[0], KIND_UDP);
    char big[1000] = "";
    int size = 2048;
    for (uint16_t i = 0; i < 2; i++) {
        ng_sock_set(p.h[1], in[i], NG_SO_RCVBUF, &size, sizeof size);
        ck_assert_int_eq(drops_of(1, in[i]), 0);
        struct endpoint to = at(THERE, (uint16_t)(7 + i));
        for (int n = 0; n < 3 + 2 * i; n++) ng_sock_sendto(p.h[0], out, big, sizeof big, &to);
        pair_settle(&p);
    }
    ck_assert(drops_of(1, in[0]) == 1 && drops_of(1, in[1]) == 3 && drops_of(0, out) == 0);
    ck_assert_int_eq(ng_sock_set(p.h[1], in[0], NG_SO_DROPS, &size, sizeof size), -ENOPROTOOPT);
    struct ng_sock_entry e;
    uint32_t cursor = 0;
    for (int i = 0; i < 2; i++) {
        ck_assert(ng_host_walk(p.h[1], &cursor, &e));
        ck_assert(e.dropped == 1 + 2u * (uint32_t)i && e.rcv_max == 2048 && e.rcv_len == 2000);
    }
}
END_TEST

START_TEST(empty_datagrams_fill_a_queue_too)
{
    ng_sock in = bound_udp(&p, 1, ANY, 7), out = open_sock(p.h[0], KIND_UDP);
    int size = 2048;
    ng_sock_set(p.h[1], in, NG_SO_RCVBUF, &size, sizeof size);
    for (int i = 0; i < 9; i++) send_text(0, out, "", at(THERE, 7));
    pair_settle(&p);
    ck_assert_uint_eq(p.log.drops[DROP_UDP_QUEUE_FULL], 1);
}
END_TEST

// --- names -------------------------------------------------------------------------------------

static int bind_to(ng_sock s, struct addr a, uint16_t port)
{
    struct endpoint name = at(a, port);
    return ng_sock_bind(p.h[0], s, &name);
}

START_TEST(bind_keeps_names_apart)
{
    ng_sock a = open_sock(p.h[0], KIND_UDP), b = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(bind_to(a, HERE, 7), 0);
    ck_assert_int_eq(bind_to(a, HERE, 8), -EINVAL);
    ck_assert_int_eq(bind_to(b, HERE, 7), -EADDRINUSE);
    ck_assert_int_eq(bind_to(b, ANY, 7), -EADDRINUSE);
    ck_assert_int_eq(bind_to(b, THERE, 7), -EADDRNOTAVAIL);
    ck_assert_int_eq(bind_to(b, addr_any(FAMILY_NONE), 7), -EAFNOSUPPORT);
    ck_assert_int_eq(bind_to(b, addr_any(FAMILY_IP6), 7), -EADDRINUSE);
    ck_assert_int_eq(bind_to(b, LOOPBACK, 7), 0);  // another address, the same port
    ng_sock c = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(bind_to(c, HERE, 7), -EADDRINUSE);
    ng_sock_close(p.h[0], a);
    ck_assert_int_eq(bind_to(c, HERE, 7), 0);
}
END_TEST

START_TEST(ports_are_shared_only_by_agreement)
{
    static const enum ng_option how[] = {NG_SO_REUSEADDR, NG_SO_REUSEPORT};
    int on = 1;
    ng_sock a = open_sock(p.h[0], KIND_UDP), b = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(ng_sock_set(p.h[0], a, how[_i], &on, sizeof on), 0);
    ck_assert_int_eq(bind_to(a, ANY, 7), 0);
    ck_assert_int_eq(bind_to(b, ANY, 7), -EADDRINUSE);
    ck_assert_int_eq(ng_sock_set(p.h[0], b, how[_i], &on, sizeof on), 0);
    ck_assert_int_eq(bind_to(b, ANY, 7), 0);
}
END_TEST

START_TEST(port_zero_is_any_free_one_and_they_can_run_out)
{
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv4.ip_local_port_range", "4000 4003"), 0);
    bool seen[4] = {false};
    for (int i = 0; i < 4; i++) {
        ng_sock s = open_sock(p.h[0], KIND_UDP);
        ck_assert_int_eq(bind_to(s, ANY, 0), 0);
        struct endpoint name;
        ng_sock_local(p.h[0], s, &name);
        ck_assert(name.port >= 4000 && name.port <= 4003 && !seen[name.port - 4000]);
        seen[name.port - 4000] = true;
    }
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(bind_to(s, ANY, 0), -EADDRINUSE);
    ck_assert_int_eq(send_text(0, s, "x", at(THERE, 7)), -EAGAIN);
}
END_TEST

START_TEST(ports_are_not_given_in_order)
{
    struct endpoint name[3];
    for (int i = 0; i < 3; i++) {
        ng_sock s = open_sock(p.h[0], KIND_UDP);
        bind_to(s, ANY, 0);
        ng_sock_local(p.h[0], s, &name[i]);
    }
    ck_assert(name[1].port != name[0].port + 1 || name[2].port != name[1].port + 1);
}
END_TEST

START_TEST(connect_names_both_ends_and_undoes_it)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(THERE, 7), e;
    ck_assert_int_eq(ng_sock_remote(p.h[0], s, &e), -ENOTCONN);
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &to), 0);
    ck_assert_uint_eq(ng_sock_events(p.h[0], s) & NG_CONNECTED, NG_CONNECTED);
    ng_sock_local(p.h[0], s, &e);
    ck_assert(addr_eq(e.addr, HERE) && e.port != 0);
    ck_assert_int_eq(ng_sock_remote(p.h[0], s, &e), 0);
    ck_assert(endpoint_eq(e, to));
    ck_assert(endpoint_eq(p.log.last[TRACE_SOCK_NAME].sock_name.remote, to));

    struct endpoint nobody = {0};
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &nobody), 0);
    ng_sock_local(p.h[0], s, &e);
    ck_assert_uint_eq(e.port, 0);
    ck_assert_int_eq(ng_sock_remote(p.h[0], s, &e), -ENOTCONN);
    ck_assert_int_eq(ng_sock_write(p.h[0], s, "x", 1), -EDESTADDRREQ);
}
END_TEST

START_TEST(any_as_a_destination_is_this_host)
{
    ng_sock in = bound_udp(&p, 0, ANY, 7), out = open_sock(p.h[0], KIND_UDP);
    ck_assert_int_eq(send_text(0, out, "me", at(ANY, 7)), 2);
    pair_settle(&p);
    expect_text(0, in, "me");
    struct endpoint to = at(ANY, 7), e;
    ck_assert_int_eq(ng_sock_connect(p.h[0], out, &to), 0);
    ng_sock_remote(p.h[0], out, &e);
    ck_assert(addr_eq(e.addr, LOOPBACK));
}
END_TEST

// --- errors of the calls -----------------------------------------------------------------------

START_TEST(sendto_says_what_is_wrong)
{
    static char big[UDP_MAX6 + 1];
    size_t most = family == FAMILY_IP4 ? UDP_MAX : UDP_MAX6;
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint b = at(THERE, 7);
    ck_assert_int_eq(ng_sock_write(p.h[0], s, "x", 1), -EDESTADDRREQ);
    ck_assert_int_eq(send_text(0, s, "x", at(THERE, 0)), -EINVAL);
    ck_assert_int_eq(send_text(0, s, "x", at(addr_any(FAMILY_NONE), 7)), -EAFNOSUPPORT);
    ck_assert_int_eq(send_text(0, s, "x", at(FAR_AWAY, 7)), -ENETUNREACH);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, big, most + 1, &b), -EMSGSIZE);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, big, 1473, &b), 1473);  // in two pieces
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, big, 1472, &b), 1472);
    p.h[0]->pool.fail_in = 1;
    ck_assert_int_eq(send_text(0, s, "x", b), -ENOBUFS);
    p.h[0]->pool.fail_in = 2;
    ck_assert_int_eq(send_text(0, s, "x", b), -ENOBUFS);
    struct endpoint far = at(FAR_AWAY, 7), zero = at(THERE, 0);
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &far), -ENETUNREACH);
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &zero), -EINVAL);
}
END_TEST

START_TEST(shutdown_ends_a_direction)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint to = at(THERE, 7);
    ck_assert_int_eq(ng_sock_shutdown(p.h[0], s, NG_SHUT_WR), -ENOTCONN);
    ng_sock_connect(p.h[0], s, &to);
    ck_assert_int_eq(ng_sock_shutdown(p.h[0], s, 3), -EINVAL);
    ck_assert_int_eq(ng_sock_shutdown(p.h[0], s, NG_SHUT_WR), 0);
    ck_assert_int_eq(ng_sock_write(p.h[0], s, "x", 1), -EPIPE);
    expect_text(0, s, NULL);
    ck_assert_int_eq(ng_sock_shutdown(p.h[0], s, NG_SHUT_RD), 0);
    char c;
    ck_assert_int_eq(ng_sock_read(p.h[0], s, &c, 1), 0);
    ck_assert_uint_eq(ng_sock_events(p.h[0], s) & NG_HUP, NG_HUP);
}
END_TEST

static const struct { enum ng_option o; int set, want, get; } options[] = {
    {NG_SO_RCVBUF, 5000, 0, 5000},        {NG_SO_SNDBUF, 5000, 0, 5000},
    {NG_SO_RCVBUF, -1, 0, 2048},          {NG_SO_REUSEADDR, 5, 0, 1},
    {NG_SO_REUSEPORT, 1, 0, 1},           {NG_SO_BROADCAST, 1, 0, 1},
    {NG_IP_TTL, 9, 0, 9},                 {NG_IP_TTL, 0, -EINVAL, 64},
    {NG_IP_TTL, 256, -EINVAL, 64},        {NG_IP_TOS, 0x10, 0, 0x10},
    {NG_IP_TOS, 256, -EINVAL, 0},         {NG_TCP_NODELAY, 1, -ENOPROTOOPT, -ENOPROTOOPT},
    {NG_SO_LINGER, 1, -ENOPROTOOPT, -ENOPROTOOPT},
};

START_TEST(options_are_set_and_got)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    int v = options[_i].set;
    size_t n = sizeof v;
    ck_assert_int_eq(ng_sock_set(p.h[0], s, options[_i].o, &v, n), options[_i].want);
    ck_assert_int_lt(ng_sock_set(p.h[0], s, options[_i].o, &v, 2), 0);
    int rc = ng_sock_get(p.h[0], s, options[_i].o, &v, &n);
    ck_assert_int_eq(rc < 0 ? rc : v, options[_i].get);
    n = 2;
    ck_assert_int_lt(ng_sock_get(p.h[0], s, options[_i].o, &v, &n), 0);
}
END_TEST

START_TEST(ttl_and_tos_go_out)
{
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    int ttl = 3, tos = 0x28;
    ng_sock_set(p.h[0], s, NG_IP_TTL, &ttl, sizeof ttl);
    ng_sock_set(p.h[0], s, NG_IP_TOS, &tos, sizeof tos);
    p.down = true;
    send_text(0, s, "x", at(THERE, 7));
    pair_settle(&p);
    struct family_packet ip;
    ck_assert(family_parse(&ip, p.log.seen[0].data + ETH_HDR_LEN,
                           p.log.seen[0].len - ETH_HDR_LEN));
    ck_assert_uint_eq(ip.ttl, 3);
    ck_assert_uint_eq(ip.tos, 0x28);
    ck_assert_int_eq(p.log.seen[0].why, SENT_DATAGRAM);
    ck_assert_uint_eq(p.log.steps[STEP_UDP_SEND], 1);
}
END_TEST

START_TEST(a_copy_without_memory_is_no_copy)
{
    int on = 1;
    for (int i = 0; i < 2; i++) {
        ng_sock s = open_sock(p.h[1], KIND_UDP);
        ng_sock_set(p.h[1], s, NG_SO_REUSEADDR, &on, sizeof on);
        struct endpoint name = at(ANY, 7);
        ng_sock_bind(p.h[1], s, &name);
    }
    struct packet k = datagram("hi");
    put16(packet_bytes(&k) + 6, 0);  // no sum, which would be of another destination
    p.h[1]->pool.fail_in = 3;
    wire(&k, addr_ip4(0x0a0000ff), MAC_BROADCAST);
    ck_assert_uint_eq(p.log.steps[STEP_UDP_SOCKET], 1);
    ck_assert_uint_eq(p.h[1]->pool.refused, 1);
}
END_TEST

static void add_names(TCase *c)
{
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, bind_keeps_names_apart);
    tcase_add_loop_test(c, ports_are_shared_only_by_agreement, 0, 2);
    tcase_add_test(c, port_zero_is_any_free_one_and_they_can_run_out);
    tcase_add_test(c, ports_are_not_given_in_order);
    tcase_add_test(c, connect_names_both_ends_and_undoes_it);
    tcase_add_test(c, any_as_a_destination_is_this_host);
    tcase_add_test(c, sendto_says_what_is_wrong);
    tcase_add_test(c, shutdown_ends_a_direction);
    tcase_add_loop_test(c, options_are_set_and_got, 0, ARRAY_LEN(options));
    tcase_add_test(c, ttl_and_tos_go_out);
}

static void add_datagrams(TCase *c)
{
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_datagram_is_echoed);
    tcase_add_loop_test(c, every_length_comes_through, 0, 6);
    tcase_add_test(c, what_does_not_fit_in_the_buffer_is_lost);
    tcase_add_test(c, peek_lends_and_consume_takes);
    tcase_add_test(c, the_socket_that_names_most_gets_it);
    tcase_add_test(c, a_connected_socket_hears_its_peer_only);
    tcase_add_test(c, a_port_nobody_has_refuses_a_connected_socket);
    tcase_add_loop_test(c, input_refuses, 0, ARRAY_LEN(bad));
    tcase_add_test(c, no_sum_is_a_sum_too);
    tcase_add_test(c, bytes_behind_the_datagram_are_not_its_own);
    tcase_add_test(c, a_sum_of_zero_is_sent_as_ones);
    tcase_add_test(c, a_full_queue_drops_and_tells);
    tcase_add_test(c, each_socket_counts_what_found_no_room);
    tcase_add_test(c, empty_datagrams_fill_a_queue_too);
}

int main(void)
{
    Suite *s = suite_create("udp");
    family_add(s, add_datagrams);
    family_add(s, add_names);
    TCase *c = tcase_create("broadcasts");  // IPv6 has none
    tcase_add_checked_fixture(c, family_is_ip4, NULL);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_broadcast_is_for_every_socket_of_the_port);
    tcase_add_test(c, a_copy_without_memory_is_no_copy);
    suite_add_tcase(s, c);
    return run_claims(s);
}
