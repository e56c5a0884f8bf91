// linger_test.c - what close() leaves behind: SO_LINGER of some seconds, and TIME-WAIT under its
// settings.
#include "claims.h"
#include "unit/tcp_peer.h"

static void linger(struct peer *p, int seconds)
{
    struct ng_linger l = {1, seconds};
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_SO_LINGER, &l, sizeof l), 0);
}

static unsigned lingered(struct peer *p)
{
    return ng_sock_events(p->h, p->s) & NG_LINGERED;
}

// Bytes and FIN are out; close() waits for their ACK, and is told of it.
START_TEST(close_waits_until_all_is_acknowledged)
{
    struct peer *p = peer_connected();
    linger(p, 5);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "abc", 3), 3);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    peer_collect(p);
    ck_assert_uint_eq(p->out[p->outs - 1].seg.flags & TCP_FIN, TCP_FIN);
    ck_assert_int_eq(peer_state(p), TCP_FIN_WAIT_1);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 4);  // the bytes, not the FIN
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    ck_assert_uint_eq(lingered(p), 0);
    peer_is_named(p);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 5);
    ck_assert(peer_is_named(p));
    ck_assert_uint_eq(lingered(p), NG_LINGERED);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EBADF);
    SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 5);
    ck_assert_uint_eq(p->out[0].ack, 2);  // the rest goes on without anybody
    peer_free(p);
}
END_TEST

// The time is over: close() is done, and what is left goes on by itself.
START_TEST(close_waits_no_longer_than_asked)
{
    struct peer *p = peer_connected();
    linger(p, 5);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "abc", 3), 3);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    peer_wait(p, MSEC(4990));
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    peer_is_named(p);
    peer_wait(p, MSEC(20));
    ck_assert(peer_is_named(p));
    ck_assert_uint_eq(lingered(p), NG_LINGERED);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    p->outs = 0;
    peer_wait(p, SEC(10));
    ck_assert_uint_ge(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seq, 1);
    ck_assert_uint_eq(p->log.whys[WHY_ORPHAN], 0);
    peer_free(p);
}
END_TEST

// When there is nothing to wait for: after the peer's FIN (LAST-ACK) there is; with no bytes to
// lose, with unread ones, or when it never was open, there is not.
START_TEST(close_waits_only_where_there_is_something)
{
    struct peer *p = peer_connected();
    linger(p, 5);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    peer_collect(p);
    ck_assert_int_eq(p->out[p->outs - 1].why, SENT_RST_UNREAD);
    peer_close(p);

    peer_open(p);
    peer_called(p);
    linger(p, 5);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    peer_close(p);

    peer_open(p);
    peer_established(p);
    linger(p, 5);
    SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    peer_collect(p);
    ck_assert_int_eq(peer_state(p), TCP_LAST_ACK);
    peer_is_named(p);
    SAY(p, .flags = TCP_ACK, .seq = 2, .ack = 2);
    ck_assert(peer_is_named(p));
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    peer_free(p);
}
END_TEST

START_TEST(a_reset_or_an_exit_ends_the_wait)
{
    struct peer *p = peer_connected();
    linger(p, 5);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    peer_collect(p);
    peer_is_named(p);
    SAY(p, .flags = TCP_RST, .seq = 1);
    ck_assert(peer_is_named(p));
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    ng_app app = ng_app_new(p->h, "x", false);
    int error;
    struct endpoint to = {peer_addr(), 99};
    p->s = ng_sock_open(p->h, app, KIND_TCP, &error);
    linger(p, 5);
    p->host_isn_known = false;
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EINPROGRESS);
    p->outs = 0;
    peer_collect(p);
    p->host_port = p->out[0].seg.sport;
    p->peer_port = 99;
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EAGAIN);
    ng_app_exit(p->h, app);  // a program that ends waits for nothing
    ck_assert_int_eq(ng_sock_close(p->h, p->s), -EBADF);
    peer_free(p);
}
END_TEST

// --- TIME-WAIT -----------------------------------------------------------------------------------

static void to_time_wait(struct peer *p, bool close_before)
{
    ng_sock_shutdown(p->h, p->s, NG_SHUT_WR);
    peer_collect(p);
    if (close_before) ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
}

static enum tcp_state state_in_table(struct peer *p)
{
    struct ng_sock_entry e;
    for (uint32_t at = 0; ng_host_walk(p->h, &at, &e);)
        if (e.local.port == HOST_PORT) return e.state;
    return TCP_CLOSED;
}

// RFC 1337, whether a socket still holds the connection or only the record of it is left.
static const struct { bool closed; const char *set; uint32_t seq;
               enum tcp_state after; } kills[] = {
    {false, "1", 2, TCP_TIME_WAIT}, {true, "1", 2, TCP_TIME_WAIT},
    {false, "0", 2, TCP_CLOSED},    {true, "0", 2, TCP_CLOSED},
    {false, "0", 3, TCP_TIME_WAIT}, {true, "0", 3, TCP_TIME_WAIT},
};

START_TEST(a_reset_ends_time_wait_only_if_it_may)
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_rfc1337", kills[_i].set), 0);
    to_time_wait(p, kills[_i].closed);
    ck_assert_int_eq(state_in_table(p), TCP_TIME_WAIT);
    SAY(p, .flags = TCP_RST, .seq = kills[_i].seq);
    enum tcp_state is = kills[_i].closed ? state_in_table(p) : peer_state(p);
    ck_assert_int_eq(is, kills[_i].after);
    if (!kills[_i].closed) {
        int error = -1;
        size_t n = sizeof error;
        ng_sock_get(p->h, p->s, NG_SO_ERROR, &error, &n);
        ck_assert_int_eq(error, 0);
    }
    peer_free(p);
}
END_TEST

// With no room left to wait, the connection is forgotten, and says so.
START_TEST(only_so_many_wait)
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_max_tw_buckets", _i == 0 ? "0" : "1"), 0);
    to_time_wait(p, true);
    ck_assert_int_eq(state_in_table(p), _i == 0 ? TCP_CLOSED : TCP_TIME_WAIT);
    ck_assert_uint_eq(p->log.whys[WHY_NO_ROOM], _i == 0);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, close_waits_until_all_is_acknowledged);
    tcase_add_test(tc, close_waits_no_longer_than_asked);
    tcase_add_test(tc, close_waits_only_where_there_is_something);
    tcase_add_test(tc, a_reset_or_an_exit_ends_the_wait);
    tcase_add_loop_test(tc, a_reset_ends_time_wait_only_if_it_may, 0, (int)ARRAY_LEN(kills));
    tcase_add_loop_test(tc, only_so_many_wait, 0, 2);
}

int main(void)
{
    Suite *s = suite_create("linger");
    family_add(s, add_tests);
    return run_claims(s);
}
