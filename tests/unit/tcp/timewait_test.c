// timewait_test.c - what ends TIME-WAIT, what begins it anew, and what does neither.
#include "claims.h"
#include "unit/tcp_peer.h"

// The connection of one caller, closed from our side: 2 MSL begin now. The peer's next number is 2.
// held: the application has shut it down, and not closed it yet.
static struct peer *waiting(bool ts, bool held)
{
    struct peer *p = peer_new();
    p->ts = ts;
    ng_sock listener = peer_listener(p, 1);
    SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    int error;
    struct endpoint from;
    p->s = ng_sock_accept(p->h, listener, &from, &error);
    if (held) ng_sock_shutdown(p->h, p->s, NG_SHUT_WR);
    else ng_sock_close(p->h, p->s);
    peer_collect(p);
    SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
    ck_assert_uint_eq(p->h->tcp->waits, !held);
    if (held) ck_assert_int_eq(peer_state(p), TCP_TIME_WAIT);
    return p;
}

// RFC 6191 §2: may a SYN of this number, and with this timestamp beside the last, begin anew?
// The last number was 2, a FIN; NO_TS: the connection has none.
enum { NO_TS = INT32_MAX };
static const struct { const char *what; int32_t seq, ts; bool opens; } syns[] = {
    {"a later stamp, an older number",         -500000,     1, true},
    {"a later stamp, a later number",           500000,     1, true},
    {"the same stamp, a later number",          500000,     0, true},
    {"the same stamp, the next number",              3,     0, true},
    {"the same stamp, the number we wait for",       2,     0, false},
    {"the same stamp, an older number",        -500000,     0, false},
    {"an older stamp, a later number",          500000,    -1, false},
    {"an older stamp, an older number",        -500000,    -1, false},
    {"no stamps, a later number",               500000, NO_TS, true},
    {"no stamps, the number we wait for",            2, NO_TS, false},
    {"no stamps, an older number",             -500000, NO_TS, false},
};

START_TEST(a_syn_reopens)
{
    const int row = _i / 2;
    bool ts = syns[row].ts != NO_TS, held = _i % 2 == 1;
    struct peer *p = waiting(ts, held);
    p->now += SEC(2);
    if (ts) p->ts_val += (uint32_t)syns[row].ts;
    p->ts_seen = 0;
    SAY(p, .flags = TCP_SYN, .seq = (uint32_t)syns[row].seq, .opts = peer_opts(p));
    ck_assert_msg(p->outs == 1, "%s", syns[row].what);
    uint8_t want = syns[row].opens ? TCP_SYN | TCP_ACK : TCP_ACK;
    ck_assert_msg(p->out[0].seg.flags == want, "%s", syns[row].what);
    ck_assert_uint_eq(p->out[0].ack, syns[row].opens ? (uint32_t)syns[row].seq + 1 : 2);
    ck_assert_uint_eq(p->log.whys[WHY_REUSED], syns[row].opens);
    char c;
    if (held) ck_assert_int_eq(ng_sock_read(p->h, p->s, &c, 1), 0);  // the old one ended in order
    peer_free(p);
}
END_TEST

// RFC 9293 §3.10.7.4: the wait of 2 MSL is restarted by the peer's FIN, and by nothing else.
static const struct { const char *what; uint8_t flags; uint32_t seq; int32_t ts; bool anew; }
    repeats[] = {
    {"the FIN",                          TCP_FIN | TCP_ACK, 1,  0, true},
    {"the FIN, with a later stamp",      TCP_FIN | TCP_ACK, 1,  5, true},
    {"the FIN, with an older stamp",     TCP_FIN | TCP_ACK, 1, -5, false},
    {"another FIN",                      TCP_FIN | TCP_ACK, 2,  0, false},
    {"an old ACK",                       TCP_ACK,           1,  0, false},
};

START_TEST(the_wait_is_restarted_by)
{
    const int row = _i / 2;
    bool held = _i % 2 == 1, unanswered = held && repeats[row].seq == 2;
    struct peer *p = waiting(true, held);
    peer_wait(p, SEC(50));
    p->ts_val += (uint32_t)repeats[row].ts;
    SAY(p, .flags = repeats[row].flags, .seq = repeats[row].seq, .ack = 2);
    ck_assert_msg(p->outs == !unanswered, "%s", repeats[row].what);
    if (!unanswered) ck_assert_uint_eq(p->out[0].ack, 2);
    nsec left = repeats[row].anew ? SEC(60) : SEC(10);
    peer_wait(p, left - MSEC(10));
    ck_assert_msg(p->log.whys[WHY_TWO_MSL] == 0, "%s: too soon", repeats[row].what);
    peer_wait(p, MSEC(20));
    ck_assert_msg(p->log.whys[WHY_TWO_MSL] == 1, "%s: too late", repeats[row].what);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, a_syn_reopens, 0, 2 * (int)ARRAY_LEN(syns));
    tcase_add_loop_test(tc, the_wait_is_restarted_by, 0, 2 * (int)ARRAY_LEN(repeats));
}

int main(void)
{
    Suite *s = suite_create("timewait");
    family_add(s, add_tests);
    return run_claims(s);
}
