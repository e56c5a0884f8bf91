// disconnect_test.c - connect() to nobody (AF_UNSPEC): whatever the state, the connection ends, and
// the socket may begin another life, with its options and the port that was bound.
#include "claims.h"
#include "unit/tcp_peer.h"

static int so_error(struct peer *p)
{
    int error = -1;
    size_t n = sizeof error;
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_ERROR, &error, &n), 0);
    return error;
}

static int disconnect(struct peer *p)
{
    struct endpoint nobody = {0};
    p->outs = 0;
    int rc = ng_sock_connect(p->h, p->s, &nobody);
    peer_collect(p);
    return rc;
}

static const struct { enum tcp_state state; bool rst; int error; } states[] = {
    {TCP_CLOSED,      false, 0},
    {TCP_LISTEN,      false, 0},
    {TCP_SYN_SENT,    false, ECONNRESET},
    {TCP_SYN_RCVD,    true,  ECONNRESET},
    {TCP_ESTABLISHED, true,  ECONNRESET},
    {TCP_CLOSE_WAIT,  true,  ECONNRESET},
    {TCP_FIN_WAIT_1,  true,  ECONNRESET},
    {TCP_FIN_WAIT_2,  true,  ECONNRESET},
    {TCP_CLOSING,     false, 0},
    {TCP_LAST_ACK,    false, 0},
    {TCP_TIME_WAIT,   false, 0},
};

static void our_fin(struct peer *p)
{
    ck_assert_int_eq(ng_sock_shutdown(p->h, p->s, NG_SHUT_WR), 0);
    peer_collect(p);
}

static void bring_to(struct peer *p, enum tcp_state s)
{
    enum { FIN_ACK = TCP_FIN | TCP_ACK };
    uint32_t both = BIT(TCP_FIN_WAIT_1) | BIT(TCP_FIN_WAIT_2) | BIT(TCP_CLOSING)
                  | BIT(TCP_TIME_WAIT);
    if (s == TCP_CLOSED) p->s = peer_socket(p);
    if (s == TCP_LISTEN) p->s = peer_listener(p, 1);
    if (s == TCP_SYN_SENT || s == TCP_SYN_RCVD) peer_called(p);
    if (s == TCP_SYN_RCVD) SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
    if (BIT(s) & (both | BIT(TCP_ESTABLISHED) | BIT(TCP_CLOSE_WAIT) | BIT(TCP_LAST_ACK))) {
        peer_established(p);
        ng_sock_write(p->h, p->s, "unacked", 7);
        peer_collect(p);
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 8, .len = 9);    // nobody reads it
        SAY(p, .flags = TCP_ACK, .seq = 20, .ack = 8, .len = 9);   // held
        SAY(p, .flags = TCP_ACK, .seq = 10, .ack = 8, .len = 10);
    }
    if (s == TCP_CLOSE_WAIT || s == TCP_LAST_ACK) SAY(p, .flags = FIN_ACK, .seq = 29, .ack = 8);
    if (s == TCP_LAST_ACK || (BIT(s) & both)) our_fin(p);
    if (s == TCP_FIN_WAIT_2) SAY(p, .flags = TCP_ACK, .seq = 29, .ack = 9);
    if (s == TCP_CLOSING) SAY(p, .flags = FIN_ACK, .seq = 29, .ack = 8);
    if (s == TCP_TIME_WAIT) SAY(p, .flags = FIN_ACK, .seq = 29, .ack = 9);
    ck_assert_int_eq(peer_state(p), s);
}

START_TEST(a_socket_begins_anew_from)
{
    struct peer *p = peer_new();
    bring_to(p, states[_i].state);
    int mss = 700, on = 1;
    ng_sock_set(p->h, p->s, NG_TCP_NODELAY, &on, sizeof on);
    if (states[_i].state < TCP_SYN_SENT) ng_sock_set(p->h, p->s, NG_TCP_MAXSEG, &mss, sizeof mss);
    ck_assert_int_eq(disconnect(p), 0);
    ck_assert_int_eq(peer_state(p), TCP_CLOSED);
    ck_assert_uint_eq(p->outs, states[_i].rst);
    if (states[_i].rst) ck_assert_int_eq(p->out[0].why, SENT_RST_ABORT);
    ck_assert_int_eq(so_error(p), states[_i].error);
    char buf[10];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), -ENOTCONN);
    ck_assert_int_eq(disconnect(p), 0);  // and again: nothing happens
    ck_assert_uint_eq(p->outs, 0);
    peer_wait(p, SEC(130));              // nor later
    ck_assert_uint_eq(p->outs, 0);

    struct endpoint to = {peer_addr(), PEER_PORT}, own;
    p->host_isn_known = false;
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EINPROGRESS);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN);
    ck_assert_int_eq(ng_sock_local(p->h, p->s, &own), 0);
    bool bound = states[_i].state != TCP_CLOSED;
    if (bound) ck_assert_uint_eq(own.port, HOST_PORT);
    p->host_port = own.port;
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_opts(p));
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    on = 0;
    size_t n = sizeof on;
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_TCP_NODELAY, &on, &n), 0);
    ck_assert_int_eq(on, 1);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 5);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), 5);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    peer_free(p);
}
END_TEST

// What had not been asked yet is kept until somebody asks, or calls.
START_TEST(an_error_waits_for_its_asker)
{
    struct peer *p = peer_new();
    peer_established(p);
    SAY(p, .flags = TCP_RST, .seq = 1);
    ck_assert_int_eq(disconnect(p), 0);
    if (_i == 0) {
        ck_assert_int_eq(so_error(p), ECONNRESET);
    } else {
        struct endpoint to = {peer_addr(), PEER_PORT};
        ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EINPROGRESS);
        ck_assert_int_eq(so_error(p), 0);
    }
    peer_free(p);
}
END_TEST

// Who waits to be accepted is refused, and the port is free for others to call from.
START_TEST(a_listener_lets_its_callers_go)
{
    struct peer *p = peer_new();
    p->s = peer_listener(p, 5);
    SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_int_eq(disconnect(p), 0);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_RST_BACKLOG);
    ck_assert_int_eq(ng_sock_listen(p->h, p->s, 5), 0);
    p->host_isn_known = false;
    p->peer_port++;
    SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    int error;
    struct endpoint from;
    ck_assert_uint_ne(ng_sock_accept(p->h, p->s, &from, &error), 0);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, a_socket_begins_anew_from, 0, (int)ARRAY_LEN(states));
    tcase_add_loop_test(tc, an_error_waits_for_its_asker, 0, 2);
    tcase_add_test(tc, a_listener_lets_its_callers_go);
}

int main(void)
{
    Suite *s = suite_create("disconnect");
    family_add(s, add_tests);
    return run_claims(s);
}
