// txq_test.c - TCP above an interface whose queue is short.
#include "unit/tcp_path.h"

// A queue of our own never loses what TCP puts there, however short it is: bytes wait instead.
static const uint32_t queues[] = {1, 2, 8, 100};

START_TEST(our_own_queue_loses_nothing)
{
    struct path *p = malloc(sizeof *p);
    path_open_with(p, 11, MSEC(5), 0);
    for (int i = 0; i < 2; i++) p->n[i]->txq_limit = queues[_i];
    struct transfer x = {.total = 3000000};
    path_pair(p, x.s);
    ck_assert(transfer_run(p, &x, SEC(60)));
    ck_assert_uint_eq(p->log.drops[DROP_TXQ_FULL], 0);
    ck_assert_uint_eq(p->log.sent[SENT_RTO] + p->log.sent[SENT_FAST_RETRANSMIT]
                      + p->log.sent[SENT_RECOVERY] + p->log.sent[SENT_WINDOW_PROBE], 0);
    path_close(p);
    free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, our_own_queue_loses_nothing, 0, ARRAY_LEN(queues));
}

int main(void)
{
    Suite *s = suite_create("txq");
    family_add(s, add_tests);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
