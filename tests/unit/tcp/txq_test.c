// txq_test.c - TCP above an interface whose queue is short.
#include "claims.h"
#include "unit/tcp_path.h"

// A queue of our own never loses what TCP puts there, however short it is: bytes wait instead.
static const uint32_t queues[] = {1, 2, 8, 100};

START_TEST(our_own_queue_loses_nothing)
{
    struct path *p = path_new(11, MSEC(5), 0);
    for (int i = 0; i < 2; i++) p->n[i]->txq_limit = queues[_i];
    struct transfer x = {.total = 1000000};
    path_pair(p, x.s);
    ck_assert(transfer_run(p, &x, SEC(60)));
    ck_assert_uint_eq(p->log.drops[DROP_TXQ_FULL], 0);
    ck_assert_uint_eq(p->log.sent[SENT_RTO] + p->log.sent[SENT_FAST_RETRANSMIT]
                      + p->log.sent[SENT_RECOVERY] + p->log.sent[SENT_WINDOW_PROBE], 0);
    path_free(p);
}
END_TEST

// For a while it takes nothing at all: bytes wait, are offered again each half second, and go on
// when there is room. Nothing was lost, so no window is cut.
START_TEST(a_shut_queue_only_delays)
{
    struct path *p = path_new(11, MSEC(5), 0);
    ng_sock s[2];
    path_pair(p, s);
    ng_netif_set_queue(p->n[0], 0);
    ck_assert_int_eq(ng_sock_write(p->h[0], s[0], "abcdef", 6), 6);
    path_run(p, SEC(3));
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h[0], s[0], &info), 0);
    ck_assert_uint_eq(info.probes, 6);
    ck_assert_uint_eq(info.backoff, 0);
    ck_assert_uint_eq(p->log.drops[DROP_TXQ_FULL], 0);
    char got[8];
    ck_assert_int_eq(ng_sock_read(p->h[1], s[1], got, sizeof got), -EAGAIN);
    uint32_t cwnd = info.cwnd;
    ng_netif_set_queue(p->n[0], 1);
    path_run(p, MSEC(20));
    ck_assert_int_eq(ng_sock_read(p->h[1], s[1], got, sizeof got), 6);
    ck_assert_int_eq(ng_tcp_info(p->h[0], s[0], &info), 0);
    ck_assert_uint_ge(info.cwnd, cwnd);
    ck_assert_uint_eq(info.probes + info.total_retrans, 0);
    path_free(p);
}
END_TEST

// A RST cannot: nothing is left that would send it later.
START_TEST(what_cannot_wait_is_dropped)
{
    struct path *p = path_new(11, MSEC(5), 0);
    ng_sock s[2];
    path_pair(p, s);
    ng_netif_set_queue(p->n[0], 0);
    ck_assert_int_eq(ng_sock_abort(p->h[0], s[0]), 0);
    path_run(p, MSEC(20));
    ck_assert_uint_eq(p->log.drops[DROP_TXQ_FULL], 1);
    path_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, our_own_queue_loses_nothing, 0, ARRAY_LEN(queues));
    tcase_add_test(tc, a_shut_queue_only_delays);
    tcase_add_test(tc, what_cannot_wait_is_dropped);
}

int main(void)
{
    Suite *s = suite_create("txq");
    family_add(s, add_tests);
    return run_claims(s);
}
