// timewait_test.c - what ends TIME-WAIT, what begins it anew, and what does neither.
#include "unit/tcp_peer.h"

// The connection of one caller, closed from our side: 2 MSL begin now. The peer's next number is 2.
static struct peer *waiting(bool ts)
{
    struct peer *p = peer_new();
    p->ts = ts;
    ng_sock listener = peer_listener(p, 1);
    SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    int error;
    struct endpoint from;
    p->s = ng_sock_accept(p->h, listener, &from, &error);
    ng_sock_close(p->h, p->s);
    peer_collect(p);
    SAY(p, .flags = TCP_FIN | TCP_ACK, .seq = 1, .ack = 2);
    ck_assert_uint_eq(p->h->tcp->waits, 1);
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
    bool ts = syns[_i].ts != NO_TS;
    struct peer *p = waiting(ts);
    p->now += SEC(2);
    if (ts) p->ts_val += (uint32_t)syns[_i].ts;
    p->ts_seen = 0;
    SAY(p, .flags = TCP_SYN, .seq = (uint32_t)syns[_i].seq, .opts = peer_opts(p));
    ck_assert_msg(p->outs == 1, "%s", syns[_i].what);
    uint8_t want = syns[_i].opens ? TCP_SYN | TCP_ACK : TCP_ACK;
    ck_assert_msg(p->out[0].seg.flags == want, "%s", syns[_i].what);
    ck_assert_uint_eq(p->out[0].ack, syns[_i].opens ? (uint32_t)syns[_i].seq + 1 : 2);
    ck_assert_uint_eq(p->log.whys[WHY_REUSED], syns[_i].opens);
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
    struct peer *p = waiting(true);
    peer_wait(p, SEC(50));
    p->ts_val += (uint32_t)repeats[_i].ts;
    SAY(p, .flags = repeats[_i].flags, .seq = repeats[_i].seq, .ack = 2);
    ck_assert_msg(p->outs == 1, "%s", repeats[_i].what);
    ck_assert_uint_eq(p->out[0].ack, 2);
    nsec left = repeats[_i].anew ? SEC(60) : SEC(10);
    peer_wait(p, left - MSEC(10));
    ck_assert_msg(p->log.whys[WHY_TWO_MSL] == 0, "%s: too soon", repeats[_i].what);
    peer_wait(p, MSEC(20));
    ck_assert_msg(p->log.whys[WHY_TWO_MSL] == 1, "%s: too late", repeats[_i].what);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, a_syn_reopens, 0, (int)ARRAY_LEN(syns));
    tcase_add_loop_test(tc, the_wait_is_restarted_by, 0, (int)ARRAY_LEN(repeats));
}

int main(void)
{
    Suite *s = suite_create("timewait");
    family_add(s, add_tests);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
