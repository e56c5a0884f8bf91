// listen_test.c - many listeners, listeners that share a port, and a backlog that is full.
#include "claims.h"
#include "unit/tcp_peer.h"

static void set(struct peer *p, const char *name, const char *value)
{
    ck_assert_int_eq(ng_host_set(p->h, name, value), 0);
}

static ng_sock listen_at(struct peer *p, struct endpoint at, bool share, int backlog)
{
    ng_sock s = peer_socket(p);
    int on = share;
    ng_sock_set(p->h, s, NG_SO_REUSEPORT, &on, sizeof on);
    ck_assert_int_eq(ng_sock_bind(p->h, s, &at), 0);
    ck_assert_int_eq(ng_sock_listen(p->h, s, backlog), 0);
    return s;
}

// A caller from this port is open at the host's end.
static void call(struct peer *p, uint16_t from, uint16_t to)
{
    p->host_isn_known = false;
    p->peer_port = from;
    p->host_port = to;
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
}

static unsigned accept_all(struct peer *p, ng_sock listener)
{
    unsigned n = 0;
    int error;
    struct endpoint from;
    for (ng_sock s; (s = ng_sock_accept(p->h, listener, &from, &error)) != 0; n++)
        ng_sock_abort(p->h, s);
    return n;
}

// Linux: SO_REUSEPORT divides callers by their 4-tuple; nobody is left out, and the same caller
// comes to the same listener again.
START_TEST(listeners_share_a_port)
{
    enum { LISTENERS = 40, CALLS = 4000 };
    struct peer *p = peer_new();
    ng_sock s[LISTENERS];
    const struct endpoint any = {family_any(), HOST_PORT};
    for (int i = 0; i < LISTENERS; i++) s[i] = listen_at(p, any, true, 1000);
    for (uint16_t i = 0; i < CALLS; i++) call(p, (uint16_t)(2000 + i), HOST_PORT);
    unsigned all = 0;
    for (int i = 0; i < LISTENERS; i++) {
        unsigned n = accept_all(p, s[i]);
        ck_assert_msg(n > 50 && n < 160, "listener %d: %u", i, n);  // 100 on average
        all += n;
    }
    ck_assert_uint_eq(all, CALLS);
    for (int turn = 0; turn < 3; turn++) {
        call(p, 7777, HOST_PORT);
        SAY(p, .flags = TCP_RST, .seq = 1);
    }
    unsigned who = 0;
    for (int i = 0; i < LISTENERS; i++) who += accept_all(p, s[i]) > 0;
    ck_assert_uint_eq(who, 1);
    peer_free(p);
}
END_TEST

// Both must have said so: one that did not keeps its port to itself.
START_TEST(a_port_is_shared_only_if_both_say_so)
{
    struct peer *p = peer_new();
    const struct endpoint any = {family_any(), HOST_PORT};
    int yes = 1;
    ng_sock one = peer_socket(p), two = peer_socket(p);
    ng_sock_set(p->h, _i == 0 ? one : two, NG_SO_REUSEPORT, &yes, sizeof yes);
    ck_assert_int_eq(ng_sock_bind(p->h, one, &any), 0);
    ck_assert_int_eq(ng_sock_bind(p->h, two, &any), -EADDRINUSE);
    peer_free(p);
}
END_TEST

START_TEST(the_nearest_listener_takes_the_call)
{
    struct peer *p = peer_new();
    ng_sock any = listen_at(p, (struct endpoint){family_any(), HOST_PORT}, true, 5);
    ng_sock own = listen_at(p, (struct endpoint){host_addr(), HOST_PORT}, true, 5);
    call(p, 2000, HOST_PORT);
    ck_assert_uint_eq(accept_all(p, own), 1);
    ck_assert_uint_eq(accept_all(p, any), 0);
    ng_sock_close(p->h, own);
    call(p, 2001, HOST_PORT);
    ck_assert_uint_eq(accept_all(p, any), 1);
    peer_free(p);
}
END_TEST

START_TEST(two_thousand_listeners_each_have_their_port)
{
    enum { LISTENERS = 2000 };
    struct peer *p = peer_new();
    static ng_sock s[LISTENERS];
    for (uint16_t i = 0; i < LISTENERS; i++)
        s[i] = listen_at(p, (struct endpoint){family_any(), (uint16_t)(1000 + i)}, false,
                         1);
    for (uint16_t i = 0; i < LISTENERS; i += 97) {
        call(p, 5000, (uint16_t)(1000 + i));
        ck_assert_uint_eq(accept_all(p, s[i]), 1);
        ng_sock_close(p->h, s[i]);
        peer_collect(p);
        SAY(p, .flags = TCP_SYN, .sport = 5001);
        ck_assert_int_eq(p->out[0].why, SENT_RST_REFUSED);
    }
    peer_free(p);
}
END_TEST

// somaxconn bounds whatever listen() asks for; a negative backlog is all there may be.
static const struct { int backlog; unsigned taken; } backlogs[] = {
    {0, 1}, {2, 3}, {3, 4}, {100, 4}, {-1, 4},
};

START_TEST(the_setting_bounds_the_backlog)
{
    struct peer *p = peer_new();
    set(p, "net.core.somaxconn", "3");
    ng_sock s = listen_at(p, (struct endpoint){family_any(), HOST_PORT}, false,
                          backlogs[_i].backlog);
    for (uint16_t i = 0; i < 8; i++) call(p, (uint16_t)(2000 + i), HOST_PORT);
    ck_assert_uint_eq(accept_all(p, s), backlogs[_i].taken);
    peer_free(p);
}
END_TEST

// Who cannot be accepted is passed over in silence, and may try again; or refused, where the
// setting says so. With SYN cookies it is the same.
START_TEST(a_full_backlog_is_silent_or_refuses)
{
    struct peer *p = peer_new();
    bool refuse = _i & 1, cookie = _i & 2;
    set(p, "net.ipv4.tcp_abort_on_overflow", refuse ? "1" : "0");
    set(p, "net.ipv4.tcp_syncookies", cookie ? "2" : "0");
    ng_sock s = listen_at(p, (struct endpoint){family_any(), HOST_PORT}, false, 0);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);  // its SYN comes before the queue is full
    struct seq isn = p->host_isn;
    uint16_t port = p->peer_port;
    call(p, 2000, HOST_PORT);
    p->peer_port = port;
    p->host_isn = isn;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_ACCEPT_QUEUE_FULL], 1);
    ck_assert_uint_eq(p->outs, refuse);
    if (refuse) ck_assert_int_eq(p->out[0].why, SENT_RST_BACKLOG);
    if (refuse) ck_assert_uint_eq(p->out[0].seg.flags, TCP_RST);
    ck_assert_uint_eq(p->log.whys[WHY_NO_ROOM], refuse && !cookie);
    ck_assert_uint_eq(accept_all(p, s), 1);
    SAY(p, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .len = 4);
    ck_assert_uint_eq(accept_all(p, s), !refuse || cookie);
    peer_free(p);
}
END_TEST

// RFC 9293 §3.7.1 (MUST-14): what the listener was told of the MSS holds for whom it accepts: in
// the SYN,ACK, and in the segments that are sent, whatever the peer would take. So do the times of
// keep-alives.
START_TEST(a_child_has_the_mss_and_the_times_of_its_listener)
{
    struct peer *p = peer_new();
    set(p, "net.ipv4.tcp_syncookies", _i == 1 ? "2" : "0");
    ng_sock s = listen_at(p, (struct endpoint){family_any(), HOST_PORT}, false, 1);
    int mss = 700, error;
    ck_assert_int_eq(ng_sock_set(p->h, s, NG_TCP_MAXSEG, &mss, sizeof mss), 0);
    ck_assert_int_eq(ng_sock_set(p->h, s, NG_TCP_KEEPIDLE, &(int){11}, sizeof(int)), 0);
    ck_assert_int_eq(ng_sock_set(p->h, s, NG_TCP_KEEPINTVL, &(int){12}, sizeof(int)), 0);
    ck_assert_int_eq(ng_sock_set(p->h, s, NG_TCP_KEEPCNT, &(int){13}, sizeof(int)), 0);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seg.opts.mss, 700);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    struct endpoint from;
    ng_sock child = ng_sock_accept(p->h, s, &from, &error);
    static const enum ng_option keep[] = {NG_TCP_KEEPIDLE, NG_TCP_KEEPINTVL, NG_TCP_KEEPCNT};
    for (int i = 0; i < 3; i++) {
        int value = 0;
        size_t n = sizeof value;
        ck_assert_int_eq(ng_sock_get(p->h, child, keep[i], &value, &n), 0);
        ck_assert_int_eq(value, 11 + i);
    }
    ck_assert_int_eq(ng_sock_write(p->h, child, (uint8_t[1400]){0}, 1400), 1400);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 2);
    ck_assert_uint_eq(p->out[0].len, 700);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, listeners_share_a_port);
    tcase_add_loop_test(tc, a_port_is_shared_only_if_both_say_so, 0, 2);
    tcase_add_test(tc, the_nearest_listener_takes_the_call);
    tcase_add_test(tc, two_thousand_listeners_each_have_their_port);
    tcase_add_loop_test(tc, the_setting_bounds_the_backlog, 0, (int)ARRAY_LEN(backlogs));
    tcase_add_loop_test(tc, a_full_backlog_is_silent_or_refuses, 0, 4);
    tcase_add_loop_test(tc, a_child_has_the_mss_and_the_times_of_its_listener, 0, 2);
}

int main(void)
{
    Suite *s = suite_create("listen");
    family_add(s, add_tests);
    return run_claims(s);
}
