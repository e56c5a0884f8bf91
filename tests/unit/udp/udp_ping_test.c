// udp_ping_test.c - sockets that ping, over both families: answers find them by id, errors by what
// they quote, and nobody else's do.
#include "claims.h"
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

static struct addr far_end(int family) { return family == 0 ? ADDR_B : ADDR6_B; }
static struct addr near_end(int family) { return family == 0 ? ADDR_A : ADDR6_A; }

static int set(ng_sock s, enum ng_option o, int value)
{
    return ng_sock_set(p.h[0], s, o, &value, sizeof value);
}

static ssize_t ping(ng_sock s, struct addr to, uint16_t number, const void *data, size_t len)
{
    struct endpoint e = at(to, number);
    ssize_t rc = ng_sock_sendto(p.h[0], s, data, len, &e);
    pair_settle(&p);
    return rc;
}

START_TEST(an_answer_comes_back_whole)
{
    static uint8_t sent[UDP_MAX6], got[UDP_MAX6 + 1];
    static const size_t sizes[] = {0, 1, 56, 1472, 1473, 30001, UDP_MAX};
    ng_sock s = open_sock(p.h[0], KIND_PING);
    for (size_t i = 0; i < sizeof sent; i++) sent[i] = (uint8_t)(i * 7);
    for (uint16_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct endpoint from;
        ck_assert_int_eq(ping(s, far_end(_i), (uint16_t)(i + 1), sent, sizes[i]),
                         (ssize_t)sizes[i]);
        ck_assert(ng_sock_events(p.h[0], s) & NG_READABLE);
        ssize_t n = ng_sock_recvfrom(p.h[0], s, got, sizeof got, &from);
        ck_assert_int_eq(n, (ssize_t)sizes[i]);
        ck_assert(addr_eq(from.addr, far_end(_i)));
        ck_assert_uint_eq(from.port, i + 1u);
        if (memcmp(sent, got, sizes[i]) != 0) ck_abort_msg("%zu bytes differ", sizes[i]);
    }
    ck_assert_int_eq(ng_sock_read(p.h[0], s, got, 1), -EAGAIN);
    ck_assert_uint_eq(p.log.steps[STEP_ICMP_SOCKET], ARRAY_LEN(sizes));
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 0);
}
END_TEST

START_TEST(the_wire_sees_an_echo_request)
{
    ng_sock s = open_sock(p.h[0], KIND_PING);
    struct endpoint me = at(addr_any(_i == 0 ? FAMILY_IP4 : FAMILY_IP6), 0x1234);
    ck_assert_int_eq(ng_sock_bind(p.h[0], s, &me), 0);
    ck_assert_int_eq(set(s, NG_IP_TTL, 9), 0);
    ping(s, far_end(_i), 5, "abc", 3);
    const struct seen *k = NULL;
    for (unsigned i = 0; i < p.log.seen_count; i++)
        if (p.log.seen[i].why == SENT_ECHO_REQUEST) k = &p.log.seen[i];
    ck_assert_ptr_nonnull(k);
    const uint8_t *ip = k->data + ETH_HDR_LEN, *icmp = ip + (_i == 0 ? IP4_HDR_MIN : IP6_HDR_LEN);
    ck_assert_uint_eq(_i == 0 ? ip[8] : ip[7], 9);
    ck_assert_uint_eq(icmp[0], _i == 0 ? ICMP4_ECHO : ICMP6_ECHO);
    ck_assert_uint_eq(get16(icmp + 4), 0x1234);
    ck_assert_uint_eq(get16(icmp + 6), 5);
    ck_assert_mem_eq(icmp + 8, "abc", 3);
    uint16_t pseudo = csum_pseudo(near_end(_i), far_end(_i), IP_PROTO_ICMP6, 11);
    ck_assert(csum_ok(_i == 0 ? 0 : pseudo, icmp, 11));
    ck_assert_uint_ne(k->conn, 0);
}
END_TEST

START_TEST(each_socket_gets_its_own_answers)
{
    char got[8];
    ng_sock a = open_sock(p.h[0], KIND_PING), b = open_sock(p.h[0], KIND_PING);
    ng_sock u = bound_udp(&p, 0, addr_any(FAMILY_IP6), 4000);
    struct endpoint same = at(addr_any(FAMILY_IP6), 4000);
    ck_assert_int_eq(ng_sock_bind(p.h[0], a, &same), 0);  // ports and ids are two things
    ck_assert_int_eq(ng_sock_bind(p.h[0], b, &same), -EADDRINUSE);
    ping(a, far_end(_i), 1, "a", 1);
    ping(b, far_end(_i), 1, "b", 1);
    ck_assert_int_eq(ng_sock_read(p.h[0], a, got, 8), 1);
    ck_assert_int_eq(got[0], 'a');
    ck_assert_int_eq(ng_sock_read(p.h[0], b, got, 8), 1);
    ck_assert_int_eq(got[0], 'b');
    ck_assert_int_eq(ng_sock_read(p.h[0], u, got, 8), -EAGAIN);
    // And a datagram to the port is the datagram socket's.
    ng_sock from = open_sock(p.h[1], KIND_UDP);
    struct endpoint to = at(near_end(_i), 4000);
    ck_assert_int_eq(ng_sock_sendto(p.h[1], from, "u", 1, &to), 1);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_read(p.h[0], a, got, 8), -EAGAIN);
    ck_assert_int_eq(ng_sock_read(p.h[0], u, got, 8), 1);
}
END_TEST

START_TEST(an_answer_nobody_waits_for_dies)
{
    ng_sock s = open_sock(p.h[0], KIND_PING);
    pair_meet(&p);
    struct endpoint e = at(far_end(_i), 1);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, "x", 1, &e), 1);
    ng_sock_close(p.h[0], s);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.drops[DROP_ICMP_UNASKED], 1);
}
END_TEST

// b's router role: the answer to a packet whose time runs out there.
START_TEST(an_error_reaches_the_socket_it_is_about)
{
    ng_sock s = open_sock(p.h[0], KIND_PING), other = open_sock(p.h[0], KIND_PING);
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv4.ip_forward", "1"), 0);
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.forwarding", "1"), 0);
    struct addr beyond = addr6(_i == 0 ? "10.9.0.1" : "fd09::1");
    ck_assert_int_eq(ng_host_add_route(p.h[0], beyond, _i == 0 ? 32 : 128, far_end(_i), p.n[0]), 0);
    ck_assert_int_eq(ng_host_add_route(p.h[1], beyond, _i == 0 ? 32 : 128, far_end(_i), p.n[1]),
                     _i == 0 ? 0 : 0);
    ck_assert_int_eq(set(s, NG_IP_TTL, 1), 0);
    ping(s, beyond, 1, "x", 1);
    ck_assert(!(ng_sock_events(p.h[0], s) & NG_ERROR));  // it did not ask for those
    ck_assert_int_eq(set(s, NG_IP_RECVERR, 1), 0);
    ping(s, beyond, 2, "x", 1);
    ck_assert(ng_sock_events(p.h[0], s) & NG_ERROR);
    ck_assert(!(ng_sock_events(p.h[0], other) & NG_ERROR));
    struct ng_sock_trouble t;
    char got[8];
    ck_assert_int_eq(ng_sock_read(p.h[0], s, got, 8), -EHOSTUNREACH);
    ck_assert_int_eq(ng_sock_trouble(p.h[0], s, &t), 0);
    ck_assert_int_eq(t.error, EHOSTUNREACH);
    ck_assert(addr_eq(t.from, far_end(_i)) && addr_eq(t.to.addr, beyond));
    ck_assert_uint_eq(t.to.port, 2);
    ck_assert_int_eq(ng_sock_trouble(p.h[0], s, &t), -EAGAIN);
}
END_TEST

START_TEST(what_a_ping_cannot_do)
{
    ng_sock s = open_sock(p.h[0], KIND_PING);
    struct endpoint to = at(far_end(_i), 1);
    ck_assert_int_eq(ng_sock_connect(p.h[0], s, &to), -EOPNOTSUPP);
    ck_assert_int_eq(ng_sock_listen(p.h[0], s, 1), -EOPNOTSUPP);
    ck_assert_int_eq(ping(s, far_end(_i), 0, "x", 1), -EINVAL);
    static const uint8_t big[UDP_MAX6 + 1];
    ck_assert_int_eq(ping(s, far_end(_i), 1, big, _i == 0 ? UDP_MAX + 1 : UDP_MAX6 + 1), -EMSGSIZE);
    ck_assert_int_eq(set(s, NG_IP_MTU_DISCOVER, 1), 0);
    ck_assert_int_eq(ping(s, far_end(_i), 1, big, 1473), -EMSGSIZE);
    ck_assert_uint_eq(p.log.sent[SENT_ECHO_REQUEST], 0);
}
END_TEST

START_TEST(a_host_pings_itself)
{
    char got[8];
    struct addr self[] = {addr6("127.0.0.1"), addr6("::1"), ADDR_A, ADDR6_A};
    ng_sock s = open_sock(p.h[0], KIND_PING);
    ck_assert_int_eq(ping(s, self[_i], 1, "me", 2), 2);
    ck_assert_int_eq(ng_sock_read(p.h[0], s, got, 8), 2);
}
END_TEST

START_TEST(it_is_listed_as_what_it_is)
{
    struct ng_sock_entry e;
    uint32_t cursor = 0;
    open_sock(p.h[0], KIND_PING);
    ck_assert(ng_host_walk(p.h[0], &cursor, &e));
    ck_assert_int_eq(e.kind, KIND_PING);
    ck_assert_int_eq(p.log.last[TRACE_SOCK_NEW].sock_new.kind, KIND_PING);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("udp_ping");
    TCase *c = tcase_create("udp_ping");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, an_answer_comes_back_whole, 0, 2);
    tcase_add_loop_test(c, the_wire_sees_an_echo_request, 0, 2);
    tcase_add_loop_test(c, each_socket_gets_its_own_answers, 0, 2);
    tcase_add_loop_test(c, an_answer_nobody_waits_for_dies, 0, 2);
    tcase_add_loop_test(c, an_error_reaches_the_socket_it_is_about, 0, 2);
    tcase_add_loop_test(c, what_a_ping_cannot_do, 0, 2);
    tcase_add_loop_test(c, a_host_pings_itself, 0, 4);
    tcase_add_test(c, it_is_listed_as_what_it_is);
    suite_add_tcase(s, c);
    return run_claims(s);
}
