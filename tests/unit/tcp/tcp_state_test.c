// tcp_state_test.c - the arrows of RFC 9293 Figure 5, all of them and no other; and that each
// change is told.
#include <check.h>

#include "claims.h"
#include "tcp/tcp.h"
#include "unit/aborts.h"

static const struct { enum tcp_state from, to; } arrows[] = {
    {TCP_CLOSED, TCP_LISTEN},           {TCP_CLOSED, TCP_SYN_SENT},
    {TCP_CLOSED, TCP_SYN_RCVD},         {TCP_LISTEN, TCP_CLOSED},
    {TCP_SYN_SENT, TCP_SYN_RCVD},       {TCP_SYN_SENT, TCP_ESTABLISHED},
    {TCP_SYN_SENT, TCP_CLOSED},         {TCP_SYN_RCVD, TCP_ESTABLISHED},
    {TCP_SYN_RCVD, TCP_CLOSED},         {TCP_ESTABLISHED, TCP_FIN_WAIT_1},
    {TCP_ESTABLISHED, TCP_CLOSE_WAIT},  {TCP_ESTABLISHED, TCP_CLOSED},
    {TCP_FIN_WAIT_1, TCP_FIN_WAIT_2},   {TCP_FIN_WAIT_1, TCP_CLOSING},
    {TCP_FIN_WAIT_1, TCP_CLOSED},       {TCP_FIN_WAIT_2, TCP_TIME_WAIT},
    {TCP_FIN_WAIT_2, TCP_CLOSED},       {TCP_CLOSING, TCP_TIME_WAIT},
    {TCP_CLOSING, TCP_CLOSED},          {TCP_CLOSE_WAIT, TCP_LAST_ACK},
    {TCP_CLOSE_WAIT, TCP_CLOSED},       {TCP_LAST_ACK, TCP_CLOSED},
    {TCP_TIME_WAIT, TCP_CLOSED},
};

static bool is_arrow(enum tcp_state from, enum tcp_state to)
{
    for (size_t i = 0; i < ARRAY_LEN(arrows); i++)
        if (arrows[i].from == from && arrows[i].to == to) return true;
    return false;
}

START_TEST(these_arrows_and_no_other)
{
    for (int from = 0; from < TCP_STATES; from++)
        for (int to = 0; to < TCP_STATES; to++)
            ck_assert_msg(tcp_state_may_follow((enum tcp_state)from, (enum tcp_state)to)
                              == is_arrow((enum tcp_state)from, (enum tcp_state)to),
                          "%s to %s", tcp_state_name((enum tcp_state)from),
                          tcp_state_name((enum tcp_state)to));
}
END_TEST

struct last_event { struct trace_sink sink; struct trace_event ev; int count; };

static void keep_last(struct trace_sink *sink, const struct trace_event *ev)
{
    struct last_event *last = (struct last_event *)(void *)sink;
    last->ev = *ev;
    last->count++;
}

START_TEST(a_change_is_told)
{
    struct last_event last = {.sink.emit = keep_last};
    struct host h = {.now = MSEC(5), .id = 3, .trace = &last.sink};
    struct tcp t = {.host = &h, .conn.id = 42, .state = TCP_SYN_SENT};
    tcp_set_state(&t, TCP_ESTABLISHED, WHY_SYN_ACK);
    ck_assert_int_eq(last.count, 1);
    ck_assert_int_eq(last.ev.type, TRACE_TCP_STATE);
    ck_assert_int_eq(last.ev.at, MSEC(5));
    ck_assert_uint_eq(last.ev.host, 3);
    ck_assert_uint_eq(last.ev.conn, 42);
    ck_assert_int_eq(last.ev.tcp_state.from, TCP_SYN_SENT);
    ck_assert_int_eq(last.ev.tcp_state.to, TCP_ESTABLISHED);
    ck_assert_int_eq(last.ev.tcp_state.why, WHY_SYN_ACK);
}
END_TEST

START_TEST(no_other_change_is_possible)
{
    struct host h = {.now = 0};
    struct tcp t = {.host = &h, .state = TCP_TIME_WAIT};
    ck_assert_aborts(tcp_set_state(&t, TCP_ESTABLISHED, WHY_SYN_ACK));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tcp_state");
    TCase *tc = tcase_create("tcp_state");
    tcase_add_test(tc, these_arrows_and_no_other);
    tcase_add_test(tc, a_change_is_told);
    tcase_add_test(tc, no_other_change_is_possible);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
