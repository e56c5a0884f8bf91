// session_test.c - two hosts: opening, carrying bytes, closing.
#include "unit/tcp_path.h"

START_TEST(handshake_opens_both_ends)
{
    struct path *p = malloc(sizeof *p);
    path_open_with(p, 1, MSEC(5), 0);
    ng_sock c[2];
    path_pair(p, c);
    ck_assert(ng_sock_events(p->h[0], c[0]) & NG_CONNECTED);
    ck_assert(ng_sock_events(p->h[1], c[1]) & NG_CONNECTED);
    ck_assert_uint_eq(p->log.sent[SENT_SYN], 1);
    ck_assert_uint_eq(p->log.sent[SENT_SYN_ACK], 1);
    ck_assert_uint_eq(p->log.sent[SENT_HANDSHAKE_ACK], 1);
    path_close(p);
    free(p);
}
END_TEST

START_TEST(bytes_arrive)
{
    struct path *p = malloc(sizeof *p);
    path_open_with(p, 2, MSEC(5), 0);
    ng_sock c[2];
    path_pair(p, c);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 1000000};
    ck_assert(transfer_run(p, &x, SEC(10)));
    path_close(p);
    free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("session");
    TCase *tc = tcase_create("session");
    tcase_add_test(tc, handshake_opens_both_ends);
    tcase_add_test(tc, bytes_arrive);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
