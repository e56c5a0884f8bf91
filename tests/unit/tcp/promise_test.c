// promise_test.c - what RFC 9293 asks of a host by number and no other test shows: what leaves in
// the headers, how sequence numbers begin, what the user may set, and what the user is told.
#include "claims.h"
#include "unit/tcp_peer.h"
#include "wire/icmp4_wire.h"

static void write_bytes(struct peer *p, size_t n)
{
    static const uint8_t zeros[65536];
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, zeros, n), (int)n);
    peer_collect(p);
}

static int so_error(struct peer *p)
{
    int error = -1;
    size_t n = sizeof error;
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_ERROR, &error, &n), 0);
    return error;
}

// --- sequence numbers --------------------------------------------------------------------------

static struct seq isn_of(struct peer *p, uint16_t own, struct addr peer, uint16_t port)
{
    struct tcp t = {.host = p->h};
    conn_name(&t.conn, (struct endpoint){host_addr(), own}, (struct endpoint){peer, port});
    return tcp_new_isn(&t);
}

static struct seq isn_to(struct peer *p, uint16_t port)
{
    return isn_of(p, HOST_PORT, peer_addr(), port);
}

static unsigned is_near(struct seq a, struct seq b)
{
    int32_t step = seq_diff(a, b);
    return step > -(1 << 24) && step < 1 << 24;
}

START_TEST(isns_follow_a_clock_of_four_microseconds)  // MUST-8
{
    struct peer *p = peer_new();
    struct seq first = isn_to(p, 80);
    p->now += SEC(1);
    ng_host_run(p->h, p->now);
    ck_assert_int_eq(seq_diff(isn_to(p, 80), first), 250000);
    for (int i = 0; i < 50; i++) {  // they rise, and the secret is the host's for good
        struct seq before = isn_to(p, 80);
        p->now += USEC(40);
        ng_host_run(p->h, p->now);
        ck_assert_int_eq(seq_diff(isn_to(p, 80), before), 10);
    }
    peer_free(p);
}
END_TEST

// MUST-9, SHLD-1: of another port or address, ours or the peer's; and of another host.
START_TEST(isns_of_others_tell_nothing)
{
    struct peer *p = peer_new(), *q = malloc(sizeof *q);
    memset(q, 0, sizeof *q);
    q->now = p->now;
    q->h = ng_host_new(&(struct ng_host_config){.name = "h", .id = 1, .seed = 6, .now = p->now});
    unsigned near[4] = {0};
    for (uint16_t port = 1; port < 200; port++) {
        struct seq isn = isn_to(p, port), other = isn_to(p, (uint16_t)(port + 1));
        near[0] += is_near(isn, other);
        near[1] += is_near(isn, isn_of(p, HOST_PORT, family_addr(3), port));
        near[2] += is_near(isn, isn_of(p, HOST_PORT + 1, peer_addr(), port));
        struct seq here = seq_add(isn, -other.raw);  // without the clock
        near[3] += is_near(here, seq_add(isn_to(q, port), -isn_to(q, (uint16_t)(port + 1)).raw));
    }
    for (int i = 0; i < 4; i++) ck_assert_uint_lt(near[i], 10);  // one in 128 by chance
    ng_host_free(q->h);
    free(q);
    peer_free(p);
}
END_TEST

// --- ports -------------------------------------------------------------------------------------

static uint16_t port_to(struct peer *p, uint8_t last, uint16_t port)
{
    struct tcp *t = tcp_open(p->h, NULL);
    struct endpoint local = {.addr = host_addr()}, to = {family_addr(last), port};
    int rc = table_pick_port(t, local, to);
    tcp_close(t);
    return (uint16_t)(rc < 0 ? 0 : rc);
}

// RFC 6056 §3.3.3: within the range, without a pattern, and of each peer by itself.
START_TEST(ports_cannot_be_guessed)
{
    struct peer *p = peer_new();
    unsigned near = 0, same = 0;
    for (uint8_t i = 2; i < 202; i++) {
        uint16_t a = port_to(p, i, 80), b = port_to(p, i, 80), c = port_to(p, (uint8_t)(i + 1), 80);
        ck_assert(a >= 32768 && a <= 60999);
        near += abs(a - b) < 256;
        near += abs(a - c) < 256;
        same += a == b;
    }
    ck_assert_uint_lt(near, 25);  // 400 pairs, of which about 7 by chance
    ck_assert_uint_lt(same, 3);
    peer_free(p);
}
END_TEST

// Every port of the range is found, each 4-tuple once, and then there is none.
START_TEST(each_port_of_the_range_is_used)
{
    struct peer *p = peer_new();
    struct endpoint to = {peer_addr(), PEER_PORT};
    bool used[8] = {0};
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.ip_local_port_range", "5000 5007"), 0);
    for (int i = 0; i < 9; i++) {
        ng_sock s = peer_socket(p);
        struct endpoint own;
        ck_assert_int_eq(ng_sock_connect(p->h, s, &to), i < 8 ? -EINPROGRESS : -EADDRNOTAVAIL);
        if (i == 8) break;
        ck_assert_int_eq(ng_sock_local(p->h, s, &own), 0);
        ck_assert(own.port >= 5000 && own.port <= 5007 && !used[own.port - 5000]);
        used[own.port - 5000] = true;
    }
    to.port++;  // another peer: all are free again
    ck_assert_int_eq(ng_sock_connect(p->h, peer_socket(p), &to), -EINPROGRESS);
    peer_free(p);
}
END_TEST

// --- timestamps --------------------------------------------------------------------------------

static uint32_t ts_of_syn(struct peer *p, uint16_t port)
{
    ng_sock s = peer_socket(p);
    struct endpoint own = {host_addr(), HOST_PORT + 1}, to = {peer_addr(), port};
    int on = 1;
    ng_sock_set(p->h, s, NG_SO_REUSEADDR, &on, sizeof on);
    ck_assert_int_eq(ng_sock_bind(p->h, s, &own), 0);
    ck_assert_int_eq(ng_sock_connect(p->h, s, &to), -EINPROGRESS);
    p->outs = 0;
    peer_collect(p);
    return p->out[0].seg.opts.ts_val;
}

// RFC 7323 §5.4: the clock ticks each millisecond, from a place that is each connection's own.
START_TEST(the_clock_of_timestamps)
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_established(p);
    uint32_t first = p->ts_seen;
    peer_wait(p, SEC(1));
    write_bytes(p, 1);
    ck_assert_uint_eq(p->out[0].seg.opts.ts_val - first, 1000);
    unsigned near = 0;
    uint32_t before = 0;
    for (uint16_t port = 100; port < 164; port++) {
        uint32_t ts = ts_of_syn(p, port);
        int32_t step = (int32_t)(ts - before);
        near += step > -(1 << 24) && step < 1 << 24;
        before = ts;
    }
    ck_assert_uint_lt(near, 5);
    peer_free(p);
}
END_TEST

// RFC 7323 §5.5: after 24 days of silence the last timestamp says nothing any more; before, what
// is older than it is an old duplicate.
START_TEST(an_old_timestamp_is_forgotten)
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_established(p);
    nsec day = SEC(24 * 3600);
    peer_wait(p, 23 * day);
    p->ts_val -= 5;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_PAWS], 1);
    peer_wait(p, 2 * day);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_PAWS], 1);
    ck_assert_uint_eq(p->out[0].ack, 11);
    peer_free(p);
}
END_TEST

// --- the length of an attempt ------------------------------------------------------------------

// MUST-23 wants three minutes of SYNs. Linux's default is less; one more retry is enough.
static const struct { const char *retries; int seconds; } attempts[] = {{"5", 67}, {"7", 251}};

START_TEST(syns_go_as_long_as_the_setting_says)
{
    struct peer *p = peer_new();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_syn_retries", attempts[_i].retries), 0);
    peer_called(p);
    nsec began = p->now;
    peer_wait(p, SEC(attempts[_i].seconds) - MSEC(1));
    ck_assert_int_eq(peer_state(p), TCP_SYN_SENT);
    peer_wait(p, MSEC(2));
    ck_assert_int_eq(peer_state(p), TCP_CLOSED);
    ck_assert_int_eq(so_error(p), ETIMEDOUT);
    ck_assert((p->now - began > SEC(180)) == (_i == 1));
    peer_free(p);
}
END_TEST

// --- windows and sizes -------------------------------------------------------------------------

START_TEST(windows_are_large_numbers)  // MUST-1, REC-1
{
    struct peer *p = peer_new();
    struct ng_tcp_info info;
    peer_called(p);
    struct tcp_opts o = peer_syn_opts;
    o.wscale = 14;
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = o);
    ng_tcp_info(p->h, p->s, &info);
    ck_assert_uint_eq(info.snd_wnd, 0xffff);  // that of a SYN is not scaled (RFC 7323 §2.2)
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 0xffff);
    ng_tcp_info(p->h, p->s, &info);
    ck_assert_uint_eq(info.snd_wnd, 0xffffu << 14);
    peer_free(p);
}
END_TEST

START_TEST(segments_fit_the_peer)  // MUST-16, SHLD-28
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_called(p);
    struct tcp_opts o = peer_opts(p);
    o.mss = 1000;
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = o);
    write_bytes(p, 2500);
    ck_assert_uint_eq(p->outs, 3);
    ck_assert_uint_eq(p->out[0].len, 988);  // less the timestamps
    ck_assert_uint_eq(p->out[1].len, 988);
    ck_assert_uint_eq(p->out[2].len, 524);
    peer_free(p);
}
END_TEST

START_TEST(the_last_of_what_waits_is_pushed)  // MUST-60, MUST-61, SHLD-27
{
    struct peer *p = peer_connected();
    static const char buf[3000];
    p->outs = 0;
    for (int i = 0; i < 2; i++) ng_sock_write(p->h, p->s, buf, 2000);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 3);  // the pushes of two writes are one
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(!!(p->out[i].seg.flags & TCP_PSH), i == 2);
    peer_free(p);
}
END_TEST

START_TEST(one_ack_for_what_came_together)  // MUST-58, MUST-59
{
    struct peer *p = peer_connected();
    uint8_t b[2048];
    p->outs = 0;
    for (uint32_t i = 0; i < 4; i++) {
        struct say say = {.flags = TCP_ACK, .seq = 1 + i * 1000, .ack = 1, .len = 1000};
        size_t n = peer_build(p, &say, b);
        peer_inject_ip(p, b, n);
    }
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].ack, 4001);
    peer_free(p);
}
END_TEST

// SHLD-16, SHLD-17: the window shrank; what is lost within it is sent again. What lies beyond may
// be asked after once, as a tail probe (MAY-7); its silence ends nothing while the peer answers.
START_TEST(a_shrunken_window_ends_nothing)
{
    struct peer *p = peer_connected();
    write_bytes(p, 2920);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 1000);
    peer_wait(p, SEC(1));
    unsigned within = 0, beyond = 0;
    for (unsigned i = 0; i < p->outs; i++) {
        within += p->out[i].seq == 1 && p->out[i].len == 1000;
        beyond += p->out[i].seq == 1461 && p->out[i].why == SENT_TAIL_PROBE;
    }
    ck_assert_uint_ge(within, 1);
    ck_assert_uint_eq(beyond, 1);
    ck_assert_uint_eq(within + beyond, p->outs);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1461, .wnd = -1);
    for (int i = 0; i < 60; i++) {
        peer_wait(p, SEC(60));
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1461, .wnd = -1);
    }
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    peer_free(p);
}
END_TEST

// SHLD-29, SHLD-30: the first after an RTO. MUST-37: and however many they are, as long as they are
// answered the connection stays.
START_TEST(probes_of_a_shut_window_back_off)
{
    struct peer *p = peer_connected();
    nsec at[5];
    struct ng_tcp_info info;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = -1);
    ng_tcp_info(p->h, p->s, &info);
    nsec due = p->now + info.rto;
    write_bytes(p, 5000);
    ck_assert_uint_eq(p->outs, 0);
    for (int i = 0; i < 5; i++) {
        while (p->outs == 0) peer_wait(p, MSEC(10));
        if (i == 0) ck_assert(p->now >= due && p->now <= due + MSEC(10));
        ck_assert_int_eq(p->out[0].why, SENT_WINDOW_PROBE);
        at[i] = p->now;
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = -1);
        p->outs = 0;
    }
    for (int i = 2; i < 5; i++) {
        nsec ratio = (at[i] - at[i - 1]) * 10 / (at[i - 1] - at[i - 2]);
        ck_assert_int_ge(ratio, 18);
        ck_assert_int_le(ratio, 22);
    }
    for (int i = 0; i < 20; i++) {
        while (p->outs == 0) peer_wait(p, SEC(1));
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = -1);
        p->outs = 0;
    }
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    peer_free(p);
}
END_TEST

// --- the user's calls --------------------------------------------------------------------------

// MUST-43, MUST-44, MUST-45: who asks for no address gets the route's, and keeps it.
START_TEST(our_address_is_asked_for_or_chosen_and_kept)
{
    struct peer *p = peer_new();
    struct addr second = family_addr(9);
    struct endpoint to = {peer_addr(), PEER_PORT}, own;
    ck_assert_int_eq(ng_netif_add_addr(p->n, second, family_bits()), 0);
    p->s = peer_socket(p);
    ck_assert_int_eq(ng_sock_bind(p->h, p->s, &(struct endpoint){second, 0}), 0);
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EINPROGRESS);
    ng_sock_local(p->h, p->s, &own);
    ck_assert(addr_eq(own.addr, second));
    peer_wait(p, SEC(3));
    ck_assert_uint_ge(p->outs, 3);
    for (unsigned i = 0; i < p->outs; i++) ck_assert(addr_eq(p->out[i].src, second));
    p->s = peer_socket(p);
    ck_assert_int_eq(ng_sock_bind(p->h, p->s, &(struct endpoint){family_any(), HOST_PORT}), 0);
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EINPROGRESS);
    ng_sock_local(p->h, p->s, &own);
    ck_assert(addr_eq(own.addr, host_addr()));
    p->outs = 0;
    peer_wait(p, SEC(3));
    ck_assert_uint_ge(p->outs, 3);
    for (unsigned i = 0; i < p->outs; i++)
        if (p->out[i].seg.sport == HOST_PORT) ck_assert(addr_eq(p->out[i].src, host_addr()));
    peer_free(p);
}
END_TEST

START_TEST(a_listener_disturbs_no_connection)  // MUST-41, MUST-42
{
    struct peer *p = peer_connected();
    ng_sock s = peer_socket(p);
    int yes = 1;
    struct endpoint own = {family_any(), HOST_PORT};
    ng_sock_set(p->h, p->s, NG_SO_REUSEADDR, &yes, sizeof yes);
    ng_sock_set(p->h, s, NG_SO_REUSEADDR, &yes, sizeof yes);
    ck_assert_int_eq(ng_sock_bind(p->h, s, &own), 0);
    ck_assert_int_eq(ng_sock_listen(p->h, s, 5), 0);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 5);
    char buf[8];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), 5);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    peer_free(p);
}
END_TEST

// MUST-48, MUST-49, SHLD-21, SHLD-22: as they are set, so they leave, at any time.
START_TEST(tos_and_ttl_are_the_users)
{
    struct peer *p = peer_connected();
    static const struct { int tos, ttl; } wish[] = {{0, 64}, {0x2e << 2, 17}, {0x08, 255}};
    for (size_t i = 0; i < ARRAY_LEN(wish); i++) {
        if (i > 0) ng_sock_set(p->h, p->s, NG_IP_TOS, &wish[i].tos, sizeof(int));
        if (i > 0) ng_sock_set(p->h, p->s, NG_IP_TTL, &wish[i].ttl, sizeof(int));
        p->outs = 0;
        ng_sock_write(p->h, p->s, "x", 1);
        peer_collect(p);
        ck_assert_uint_eq(p->outs, 1);
        ck_assert_int_eq(p->out[0].tos, wish[i].tos);
        ck_assert_int_eq(p->out[0].ttl, wish[i].ttl);
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 2 + (uint32_t)i);
    }
    peer_free(p);
}
END_TEST

// MUST-25, MUST-26, MUST-27, MUST-28, SHLD-12: nobody is asked without a wish; then after two hours
// of silence, or as set, and with no byte.
START_TEST(keepalive_is_off_late_and_empty)
{
    struct peer *p = peer_connected();
    p->outs = 0;
    peer_wait(p, SEC(20000));
    ck_assert_uint_eq(p->outs, 0);
    int yes = 1, idle = 100;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ng_sock_set(p->h, p->s, NG_SO_KEEPALIVE, &yes, sizeof yes);
    peer_wait(p, SEC(7199));
    ck_assert_uint_eq(p->outs, 0);
    peer_wait(p, SEC(2));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_KEEPALIVE);
    ck_assert_uint_eq(p->out[0].len, 0);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ng_sock_set(p->h, p->s, NG_TCP_KEEPIDLE, &idle, sizeof idle);
    peer_wait(p, SEC(101));
    ck_assert_uint_eq(p->outs, 1);
    peer_free(p);
}
END_TEST

// MUST-26: what comes begins the silence anew, and while bytes are out there is none.
START_TEST(keepalive_waits_for_silence)
{
    struct peer *p = peer_connected();
    int yes = 1, idle = 100;
    ng_sock_set(p->h, p->s, NG_SO_KEEPALIVE, &yes, sizeof yes);
    ng_sock_set(p->h, p->s, NG_TCP_KEEPIDLE, &idle, sizeof idle);
    peer_wait(p, SEC(60));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    p->outs = 0;
    peer_wait(p, SEC(90));
    ck_assert_uint_eq(p->outs, 0);
    write_bytes(p, 100);
    peer_wait(p, SEC(120));  // the silence would be over by now
    for (unsigned i = 0; i < p->outs; i++) ck_assert_int_ne(p->out[i].why, SENT_KEEPALIVE);
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 101);
    p->outs = 0;
    peer_wait(p, SEC(101));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_KEEPALIVE);
    peer_free(p);
}
END_TEST

// --- what the user is told ---------------------------------------------------------------------

struct message { uint8_t type, code; int error; };

// An ICMP error of the network about the segment that is in flight. Both families have the same
// header of eight bytes, and quote what it is about.
static void icmp(struct peer *p, const struct message *m, uint32_t seq)
{
    enum { PORTS_AND_SEQ = 8 };
    uint8_t b[128] = {0}, *h = b + family_hdr(), *quote = h + ICMP4_HDR_LEN;
    struct family_packet sent = {.src = host_addr(), .dst = peer_addr(), .proto = IP_PROTO_TCP,
                                 .len = 20};
    size_t at = family_emit(&sent, quote);
    put16(quote + at, HOST_PORT);
    put16(quote + at + 2, PEER_PORT);
    put32(quote + at + 4, seq_add(p->host_isn, seq).raw);
    struct family_packet ip = {.src = peer_addr(), .dst = host_addr(),
                               .len = ICMP4_HDR_LEN + at + PORTS_AND_SEQ};
    ip.proto = family == FAMILY_IP4 ? IP_PROTO_ICMP4 : IP_PROTO_ICMP6;
    size_t hdr = family_emit(&ip, b);
    h[0] = m->type;
    h[1] = m->code;
    uint16_t pseudo = family == FAMILY_IP4 ? 0 : csum_pseudo(ip.src, ip.dst, ip.proto, ip.len);
    put16(h + 2, csum_field(csum_add(pseudo, csum_sum(h, ip.len))));
    p->outs = 0;
    peer_inject_ip(p, b, hdr + ip.len);
    peer_collect(p);
}

// code of the message, and what a user who asks is told; nothing ends the connection. The last two
// are hard: SHLD-26.
enum { MESSAGES = 8, SOFT = 6 };
static const struct message messages[2][MESSAGES] = {
    {{ICMP4_UNREACHABLE, 0, ENETUNREACH},  {ICMP4_UNREACHABLE, 1, EHOSTUNREACH},
     {ICMP4_UNREACHABLE, 5, EOPNOTSUPP},   {ICMP4_TIME_EXCEEDED, 0, EHOSTUNREACH},
     {ICMP4_PARAM_PROBLEM, 0, EPROTO},     {ICMP4_QUENCH, 0, 0},  // MUST-55
     {ICMP4_UNREACHABLE, 2, ENOPROTOOPT},  {ICMP4_UNREACHABLE, 3, ECONNREFUSED}},
    {{ICMP6_UNREACHABLE, 0, ENETUNREACH},  {ICMP6_UNREACHABLE, 2, EHOSTUNREACH},
     {ICMP6_UNREACHABLE, 3, EHOSTUNREACH}, {ICMP6_TIME_EXCEEDED, 0, EHOSTUNREACH},
     {ICMP6_PARAM_PROBLEM, 0, EPROTO},     {100, 0, EPROTO},  // unknown: RFC 4443 §2.4 (a)
     {ICMP6_UNREACHABLE, 1, EACCES},       {ICMP6_UNREACHABLE, 4, ECONNREFUSED}},
};

static const struct message *message(int i) { return &messages[family == FAMILY_IP6][i]; }

// MUST-47, MUST-54, MUST-55, MUST-56, SHLD-25, SHLD-26
START_TEST(icmp_errors_are_told_and_end_nothing)
{
    struct peer *p = peer_connected();
    write_bytes(p, 100);
    while (ng_host_ready(p->h) != 0) {}
    icmp(p, message(_i), 5000);  // about what we never sent
    ck_assert_int_eq(so_error(p), 0);
    bool heard = message(_i)->error != 0;
    ck_assert_uint_eq(ng_host_drops(p->h, DROP_TCP_ICMP_NOT_IN_FLIGHT), heard);
    icmp(p, message(_i), 1);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    if (heard) ck_assert_uint_eq(ng_host_ready(p->h), p->s);
    ck_assert_int_eq(so_error(p), message(_i)->error);
    ck_assert_int_eq(so_error(p), 0);
    ck_assert_uint_eq(p->outs, 0);
    peer_free(p);
}
END_TEST

START_TEST(soft_errors_end_no_attempt)  // MUST-56
{
    struct peer *p = peer_new();
    peer_called(p);
    icmp(p, message(_i), 0);
    ck_assert_int_eq(peer_state(p), TCP_SYN_SENT);
    peer_free(p);
}
END_TEST

// SHLD-9, SHLD-10, MUST-20: after three retransmissions the user may know, long before the end.
START_TEST(a_delivery_problem_is_told_before_the_end)
{
    struct peer *p = peer_connected();
    write_bytes(p, 100);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(so_error(p), 0);
        unsigned sent = p->outs;
        while (p->outs < sent + 1 || p->out[p->outs - 1].why != SENT_RTO) {
            sent = p->outs;
            peer_wait(p, MSEC(10));
        }
    }
    ck_assert_int_eq(so_error(p), ETIMEDOUT);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 101);
    ck_assert_int_eq(so_error(p), 0);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, isns_follow_a_clock_of_four_microseconds);
    tcase_add_test(tc, isns_of_others_tell_nothing);
    tcase_add_test(tc, ports_cannot_be_guessed);
    tcase_add_test(tc, each_port_of_the_range_is_used);
    tcase_add_test(tc, the_clock_of_timestamps);
    tcase_add_test(tc, an_old_timestamp_is_forgotten);
    tcase_add_loop_test(tc, syns_go_as_long_as_the_setting_says, 0, (int)ARRAY_LEN(attempts));
    tcase_add_test(tc, windows_are_large_numbers);
    tcase_add_test(tc, segments_fit_the_peer);
    tcase_add_test(tc, the_last_of_what_waits_is_pushed);
    tcase_add_test(tc, one_ack_for_what_came_together);
    tcase_add_test(tc, a_shrunken_window_ends_nothing);
    tcase_add_test(tc, probes_of_a_shut_window_back_off);
    tcase_add_test(tc, our_address_is_asked_for_or_chosen_and_kept);
    tcase_add_test(tc, a_listener_disturbs_no_connection);
    tcase_add_test(tc, tos_and_ttl_are_the_users);
    tcase_add_test(tc, keepalive_is_off_late_and_empty);
    tcase_add_test(tc, keepalive_waits_for_silence);
    tcase_add_loop_test(tc, icmp_errors_are_told_and_end_nothing, 0, MESSAGES);
    tcase_add_loop_test(tc, soft_errors_end_no_attempt, 0, SOFT);
    tcase_add_test(tc, a_delivery_problem_is_told_before_the_end);
}

int main(void)
{
    Suite *s = suite_create("promise");
    family_add(s, add_tests);
    return run_claims(s);
}
