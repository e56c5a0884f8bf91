// memory_test.c - each allocation of a session fails once: nothing crashes, nothing leaks, and what
// can be carried is carried. And: what a connection costs.
#include "claims.h"
#include "unit/thorough.h"
#include "unit/tcp_path.h"

// A session with all that allocates: handshake, bytes both ways with holes, close.
static bool session(struct path *p, struct transfer *x)
{
    int error = 0;
    ng_sock listener = ng_sock_open(p->h[1], 0, KIND_TCP, &error);
    ng_sock c = ng_sock_open(p->h[0], 0, KIND_TCP, &error);
    struct endpoint any = {addr_any((enum family)p->family), 80}, to = path_end(p, 1, 80), peer;
    bool ok = listener != 0 && c != 0 && ng_sock_bind(p->h[1], listener, &any) == 0
           && ng_sock_listen(p->h[1], listener, 5) == 0
           && ng_sock_connect(p->h[0], c, &to) == -EINPROGRESS;
    path_run(p, SEC(5));
    ng_sock s = ok ? ng_sock_accept(p->h[1], listener, &peer, &error) : 0;
    if (s != 0) {
        for (unsigned i = 0; i < 4; i++) p->drop_at[0][i] = p->count[0] + 4 + 3 * i;
        *x = (struct transfer){.from = 0, .s = {c, s}, .total = 60000};
        ok = transfer_run(p, x, SEC(100));
        ng_sock_close(p->h[1], s);
    }
    ng_sock_close(p->h[0], c);
    ng_sock_close(p->h[1], listener);
    path_run(p, SEC(200));
    return ok && s != 0;
}

static struct path *open_path(void)
{
    struct path *p = path_new(1, MSEC(5), 0);
    return p;
}

static void close_path(struct path *p)
{
    path_free(p);
}

// The n-th allocation of host _i % 2 from the start fails.
START_TEST(any_allocation_may_fail)
{
    for (int64_t n = 1 + _i / 2; n < 400; n += family == FAMILY_IP4 ? 20 : 60) {
        if (n > 40 && n % every(4) != 0) continue;
        struct path *p = open_path();
        struct transfer x = {0};
        p->h[_i % 2]->pool.fail_in = n;
        bool ok = session(p, &x);
        ck_assert(!x.broken);
        // A refused socket or listener ends it; a lost frame or chunk does not.
        if (x.total > 0) ck_assert_msg(ok, "fail_in %d: %u of %u", (int)n, (unsigned)x.read,
                                       (unsigned)x.total);
        close_path(p);
    }
}
END_TEST

START_TEST(an_idle_connection_is_below_a_kilobyte)
{
    enum { CONNS = 400 };
    struct path *p = open_path();
    ng_sock listener = path_listen(p, 80, 1000), c[2];
    ng_host_set(p->h[1], "net.ipv4.tcp_max_syn_backlog", "1000");
    for (int i = 0; i < 8; i++) path_connect(p, 80);
    path_run(p, SEC(1));
    size_t before[2] = {p->h[0]->pool.used, p->h[1]->pool.used};
    for (int i = 0; i < CONNS; i++) c[0] = path_connect(p, 80);
    path_run(p, SEC(1));
    for (int i = 0; i < CONNS + 8; i++) c[1] = path_accept(p, listener);
    ck_assert(ng_sock_events(p->h[0], c[0]) & NG_CONNECTED);
    ck_assert(ng_sock_events(p->h[1], c[1]) & NG_CONNECTED);
    for (int i = 0; i < 2; i++)
        ck_assert_uint_le((p->h[i]->pool.used - before[i]) / CONNS, 1024);
    close_path(p);
}
END_TEST

START_TEST(a_time_wait_is_small)
{
    enum { CONNS = 256 };
    struct path *p = open_path();
    ng_sock listener = path_listen(p, 80, 1000), c[CONNS];
    ng_host_set(p->h[1], "net.ipv4.tcp_max_syn_backlog", "1000");
    path_connect(p, 81);  // refused; but now they know each other
    path_run(p, SEC(1));
    size_t before = p->h[0]->pool.used;
    for (int i = 0; i < CONNS; i++) c[i] = path_connect(p, 80);
    path_run(p, SEC(1));
    for (int i = 0; i < CONNS; i++) ng_sock_close(p->h[0], c[i]);
    path_run(p, MSEC(100));
    for (int i = 0; i < CONNS; i++) ng_sock_close(p->h[1], path_accept(p, listener));
    path_run(p, SEC(1));
    ck_assert_uint_eq(p->h[0]->tcp->waits, CONNS);
    ck_assert_uint_eq(p->h[0]->tcp->tcps, 1);
    // 64 bytes, and its share of the three tables, which grow by doubling.
    ck_assert_uint_le((p->h[0]->pool.used - before) / CONNS, 200);
    path_run(p, SEC(62));
    ck_assert_uint_eq(p->h[0]->tcp->waits, 0);
    close_path(p);
}
END_TEST

// At the limit of connections there is a reason, not a crash.
START_TEST(the_table_has_a_limit)
{
    struct path *p = open_path();
    p->h[1]->sock_limit = 4;
    path_listen(p, 80, 100);
    for (int i = 0; i < 8; i++) path_connect(p, 80);
    path_run(p, MSEC(100));
    ck_assert_uint_ge(p->log.drops[DROP_TCP_TABLE_FULL], 5);
    close_path(p);
}
END_TEST

// Little memory for packets: slower, but whole.
START_TEST(a_poor_host_gets_there)
{
    struct path *p = open_path();
    ng_sock c[2];
    path_pair(p, c);
    p->h[1]->pool.limit = p->h[1]->pool.used + 40000;
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 300000};
    ck_assert(transfer_run(p, &x, SEC(600)));
    close_path(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, any_allocation_may_fail, 0, 40);
    tcase_add_test(tc, an_idle_connection_is_below_a_kilobyte);
    tcase_add_test(tc, a_time_wait_is_small);
    tcase_add_test(tc, the_table_has_a_limit);
    tcase_add_test(tc, a_poor_host_gets_there);
}

int main(void)
{
    Suite *s = suite_create("memory");
    family_add(s, add_tests);
    return run_claims(s);
}
