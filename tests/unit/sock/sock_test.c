// sock_test.c - handles that cannot dangle, numbers as in a Unix process, and calls that are told.
#include "claims.h"
#include "sock/sock.h"
#include "unit/family.h"
#include "unit/wire_pair.h"

#define ANY family_any()
#define HERE family_addr(1)
#define THERE family_addr(2)

static struct wire_pair p;
static struct host *a, *b;

static void setup(void)
{
    pair_open(&p, 0);
    if (family == FAMILY_IP6) pair_ip6(&p);
    a = p.h[0];
    b = p.h[1];
}
static void teardown(void) { pair_close(&p); }

static const struct trace_sock_call_event *last_call(void)
{
    return &p.log.last[TRACE_SOCK_CALL].sock_call;
}

// --- handles -----------------------------------------------------------------------------------

START_TEST(a_stale_handle_is_a_bad_descriptor_everywhere)
{
    ng_sock s = open_sock(a, KIND_UDP);
    ck_assert_int_eq(ng_sock_close(a, s), 0);
    ng_sock again = open_sock(a, KIND_UDP);
    unsigned calls = p.log.events[TRACE_SOCK_CALL];
    static const ng_sock never[] = {0, 1, 0xffffffff, 0x00100001};
    for (size_t i = 0; i <= ARRAY_LEN(never); i++) {
        ng_sock bad = i == 0 ? s : never[i - 1];
        if (bad == again) continue;
        struct endpoint e = at(THERE, 7);
        struct ng_tcp_info info;
        const uint8_t *bytes;
        char buf[4] = "";
        int v = 0, error;
        size_t n = sizeof v;
        ck_assert_int_eq(ng_sock_bind(a, bad, &e), -EBADF);
        ck_assert_int_eq(ng_sock_listen(a, bad, 1), -EBADF);
        ck_assert_int_eq(ng_sock_connect(a, bad, &e), -EBADF);
        ck_assert_uint_eq(ng_sock_accept(a, bad, &e, &error), 0);
        ck_assert_int_eq(error, -EBADF);
        ck_assert_int_eq(ng_sock_read(a, bad, buf, 1), -EBADF);
        ck_assert_int_eq(ng_sock_write(a, bad, buf, 1), -EBADF);
        ck_assert_int_eq(ng_sock_sendto(a, bad, buf, 1, &e), -EBADF);
        ck_assert_int_eq(ng_sock_recvfrom(a, bad, buf, 1, &e), -EBADF);
        ck_assert_int_eq(ng_sock_peek(a, bad, &bytes), -EBADF);
        ck_assert_int_eq(ng_sock_consume(a, bad, 1), -EBADF);
        ck_assert_int_eq(ng_sock_give(a, bad, (struct slice){0}), -EBADF);
        ck_assert_int_eq(ng_sock_shutdown(a, bad, 0), -EBADF);
        ck_assert_int_eq(ng_sock_close(a, bad), -EBADF);
        ck_assert_int_eq(ng_sock_abort(a, bad), -EBADF);
        ck_assert_int_eq(ng_sock_set(a, bad, NG_IP_TTL, &v, n), -EBADF);
        ck_assert_int_eq(ng_sock_get(a, bad, NG_IP_TTL, &v, &n), -EBADF);
        ck_assert_int_eq(ng_sock_local(a, bad, &e), -EBADF);
        ck_assert_int_eq(ng_sock_remote(a, bad, &e), -EBADF);
        ck_assert_int_eq(ng_tcp_info(a, bad, &info), -EBADF);
        ck_assert_int_eq(ng_sock_fd(a, bad), -EBADF);
        ck_assert_uint_eq(ng_sock_app(a, bad), 0);
        ck_assert_uint_eq(ng_sock_events(a, bad), 0);
    }
    ck_assert_uint_eq(p.log.events[TRACE_SOCK_CALL], calls);
    ck_assert_int_ne(ng_sock_events(a, again), 0);
}
END_TEST

START_TEST(a_slot_is_used_again_late_and_under_another_name)
{
    ng_sock first = open_sock(a, KIND_UDP), s = first;
    for (int i = 0; i < 5000; i++) {
        ng_sock_close(a, s);
        ck_assert_int_eq(ng_sock_close(a, s), -EBADF);
        s = open_sock(a, KIND_UDP);
        if (s == first) ck_abort_msg("the same handle after %d", i + 1);
    }
}
END_TEST

START_TEST(sockets_have_a_limit)
{
    struct host *h = ng_host_new(&(struct ng_host_config){.sockets = 3, .seed = 1});
    ng_sock s[3];
    int error = 0;
    for (int i = 0; i < 3; i++) s[i] = open_sock(h, KIND_UDP);
    ck_assert_uint_eq(ng_sock_open(h, 0, KIND_UDP, &error), 0);
    ck_assert_int_eq(error, -ENFILE);
    ng_sock_close(h, s[1]);
    ck_assert_uint_ne(ng_sock_open(h, 0, KIND_UDP, &error), 0);
    ck_assert_int_eq(error, 0);
    ng_host_free(h);
}
END_TEST

START_TEST(open_without_memory_leaves_nothing_behind)
{
    for (int kind = KIND_TCP; kind <= KIND_UDP; kind++) {
        for (int n = 1; n < 20; n++) {
            int error = 0;
            ng_app app = ng_app_new(a, "x", true);
            a->pool.fail_in = n;
            ng_sock s = ng_sock_open(a, app, (enum sock_kind)kind, &error);
            bool failed = a->pool.fail_in <= 0;
            a->pool.fail_in = -1;
            if (s == 0) ck_assert_int_eq(error, -ENOBUFS);
            ck_assert(s == 0 || !failed || n > 1);
            if (s != 0) ck_assert_int_eq(ng_sock_close(a, s), 0);
            int fd_error;
            ng_sock after = ng_sock_open(a, app, KIND_UDP, &fd_error);
            ck_assert_int_eq(ng_sock_fd(a, after), 3);  // the number was not lost
            ng_app_exit(a, app);
        }
    }
}
END_TEST

START_TEST(open_refuses_what_it_does_not_know)
{
    int error = 0;
    ck_assert_uint_eq(ng_sock_open(a, 0, KIND_NONE, &error), 0);
    ck_assert_int_eq(error, -EPROTONOSUPPORT);
    ck_assert_uint_eq(ng_sock_open(a, 0, SOCK_KINDS, &error), 0);
    ck_assert_int_eq(error, -EPROTONOSUPPORT);
    ck_assert_uint_eq(ng_sock_open(a, 7, KIND_UDP, &error), 0);
    ck_assert_int_eq(error, -EINVAL);
}
END_TEST

// --- numbers -----------------------------------------------------------------------------------

START_TEST(each_application_counts_from_three)
{
    int error;
    ng_app one = ng_app_new(a, "one", true), two = ng_app_new(a, "two", false);
    ck_assert_str_eq(p.log.last[TRACE_APP_NEW].app_new.name.p, "two");
    ck_assert_uint_eq(p.log.last[TRACE_APP_NEW].app_new.blocking, 0);
    ng_sock s = ng_sock_open(a, one, KIND_UDP, &error), t = ng_sock_open(a, one, KIND_UDP, &error);
    ng_sock u = ng_sock_open(a, two, KIND_UDP, &error);
    ck_assert_int_eq(ng_sock_fd(a, s), 3);
    ck_assert_int_eq(ng_sock_fd(a, t), 4);
    ck_assert_int_eq(ng_sock_fd(a, u), 3);
    ck_assert_uint_eq(ng_app_sock(a, one, 4), t);
    ck_assert_uint_eq(ng_app_sock(a, two, 3), u);
    ck_assert_uint_eq(ng_app_sock(a, two, 4), 0);
    ck_assert_uint_eq(ng_app_sock(a, 99, 3), 0);
    ck_assert_uint_eq(ng_sock_app(a, t), one);
    ng_sock_close(a, s);
    s = ng_sock_open(a, one, KIND_TCP, &error);
    ck_assert_int_eq(ng_sock_fd(a, s), 3);
    ck_assert_int_eq(ng_sock_fd(a, open_sock(a, KIND_UDP)), -EBADF);  // nobody's
}
END_TEST

START_TEST(an_application_has_1021_numbers)
{
    int error = 0;
    ng_app app = ng_app_new(a, "greedy", true);
    for (int i = 3; i < 1024; i++) ck_assert_uint_ne(ng_sock_open(a, app, KIND_UDP, &error), 0);
    ck_assert_uint_eq(ng_sock_open(a, app, KIND_UDP, &error), 0);
    ck_assert_int_eq(error, -EMFILE);
}
END_TEST

START_TEST(an_application_that_ends_closes_its_sockets)
{
    int error;
    ng_app app = ng_app_new(a, "short", true);
    ng_sock s = ng_sock_open(a, app, KIND_UDP, &error), t = ng_sock_open(a, app, KIND_UDP, &error);
    ng_app_exit(a, app);
    ck_assert_int_eq(ng_sock_close(a, s), -EBADF);
    ck_assert_int_eq(ng_sock_close(a, t), -EBADF);
    ck_assert_uint_eq(p.log.events[TRACE_SOCK_FREE], 2);
    ck_assert_uint_eq(p.log.events[TRACE_SOCK_GONE], 2);
    ck_assert_uint_eq(p.log.last[TRACE_APP_EXIT].app_exit.app, app);
    ng_app_exit(a, app);
    ck_assert_uint_eq(p.log.events[TRACE_APP_EXIT], 1);
    ck_assert_uint_eq(ng_sock_open(a, app, KIND_UDP, &error), 0);
}
END_TEST

// --- what is told ------------------------------------------------------------------------------

START_TEST(calls_are_told_with_their_results)
{
    int error, on = 1;
    ng_app app = ng_app_new(a, "told", true);
    ng_sock s = ng_sock_open(a, app, KIND_UDP, &error);
    ck_assert(last_call()->call == CALL_SOCKET && last_call()->result == 3);
    const struct trace_event *new = &p.log.last[TRACE_SOCK_NEW];
    ck_assert(new->sock_new.kind == KIND_UDP && new->sock_new.fd == 3 && new->conn != 0);
    struct endpoint name = at(ANY, 7), to = at(THERE, 9);
    ng_sock_bind(a, s, &name);
    ck_assert(last_call()->call == CALL_BIND && last_call()->result == 0);
    ck_assert(endpoint_eq(last_call()->peer, name) && last_call()->app == app);
    ck_assert(last_call()->fd == 3 && p.log.last[TRACE_SOCK_CALL].conn == new->conn);
    ng_sock_bind(a, s, &name);
    ck_assert_int_eq(last_call()->result, -EINVAL);
    ng_sock_sendto(a, s, "abc", 3, &to);
    ck_assert(last_call()->call == CALL_SENDTO && last_call()->arg == 3);
    ck_assert(last_call()->result == 3 && endpoint_eq(last_call()->peer, to));
    char buf[8];
    ng_sock_read(a, s, buf, sizeof buf);
    ck_assert(last_call()->call == CALL_READ && last_call()->arg == 8);
    ck_assert_int_eq(last_call()->result, -EAGAIN);
    ng_sock_set(a, s, NG_SO_BROADCAST, &on, sizeof on);
    ck_assert(last_call()->call == CALL_SETSOCKOPT && last_call()->arg == NG_SO_BROADCAST);
    ng_sock_local(a, s, &name);
    ck_assert(last_call()->call == CALL_GETSOCKNAME);
    ng_sock_remote(a, s, &name);
    ck_assert(last_call()->call == CALL_GETPEERNAME && last_call()->result == -ENOTCONN);
    ng_sock_listen(a, s, 5);
    ck_assert(last_call()->call == CALL_LISTEN && last_call()->result == -EOPNOTSUPP);
    ck_assert_uint_eq(ng_sock_accept(a, s, NULL, &error), 0);
    ck_assert(last_call()->call == CALL_ACCEPT && last_call()->result == -EOPNOTSUPP);
    ck_assert_int_eq(ng_sock_give(a, s, (struct slice){0}), -EOPNOTSUPP);
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(a, s, &info), -EOPNOTSUPP);
    ng_sock_close(a, s);
    ck_assert(last_call()->call == CALL_CLOSE && last_call()->fd == 3);
    ck_assert_int_eq(p.log.last[TRACE_SOCK_FREE].sock_free.fd, 3);
    ck_assert_uint_eq(p.log.last[TRACE_SOCK_GONE].conn, new->conn);
}
END_TEST

// --- streams -----------------------------------------------------------------------------------

struct stream { ng_app server, client; ng_sock listener, out, in; };

// A client on a is connected to a server on b.
static struct stream connected(void)
{
    int error;
    struct stream s = {.server = ng_app_new(b, "server", true),
                       .client = ng_app_new(a, "client", true)};
    s.listener = ng_sock_open(b, s.server, KIND_TCP, &error);
    struct endpoint name = at(ANY, 80), to = at(THERE, 80), peer;
    ck_assert_int_eq(ng_sock_bind(b, s.listener, &name), 0);
    ck_assert_int_eq(ng_sock_listen(b, s.listener, 5), 0);
    ck_assert_uint_eq(ng_sock_accept(b, s.listener, &peer, &error), 0);
    ck_assert_int_eq(error, -EAGAIN);
    s.out = ng_sock_open(a, s.client, KIND_TCP, &error);
    ck_assert_int_eq(ng_sock_connect(a, s.out, &to), -EINPROGRESS);
    pair_settle(&p);
    s.in = ng_sock_accept(b, s.listener, &peer, &error);
    ck_assert_msg(s.in != 0, "accept: %d", error);
    ck_assert(addr_eq(peer.addr, HERE));
    return s;
}

START_TEST(accept_gives_a_new_socket_with_a_number_of_its_own)
{
    struct stream s = connected();
    ck_assert_int_eq(ng_sock_fd(b, s.listener), 3);
    ck_assert_int_eq(ng_sock_fd(b, s.in), 4);
    ck_assert_uint_eq(ng_sock_app(b, s.in), s.server);
    ck_assert_int_eq(p.log.last[TRACE_SOCK_FD].sock_fd.fd, 4);
    ck_assert(last_call()->call == CALL_ACCEPT && last_call()->result == 4);
    struct endpoint local;
    ng_sock_local(b, s.in, &local);
    ck_assert_uint_eq(local.port, 80);  // both share the port
    ck_assert_uint_eq(ng_sock_events(a, s.out) & NG_CONNECTED, NG_CONNECTED);
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(b, s.in, &info), 0);
    ck_assert_int_eq(info.state, TCP_ESTABLISHED);
    int error;
    ck_assert_uint_eq(ng_sock_accept(b, s.in, NULL, &error), 0);
    ck_assert_int_eq(error, -EINVAL);
}
END_TEST

START_TEST(bytes_go_both_ways_and_the_end_is_told)
{
    struct stream s = connected();
    char buf[16];
    struct endpoint to = at(THERE, 80);
    ck_assert_int_eq(ng_sock_write(a, s.out, "ping", 4), 4);
    ck_assert_int_eq(ng_sock_sendto(a, s.out, "!", 1, &to), 1);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_recvfrom(b, s.in, buf, sizeof buf, &to), 5);
    ck_assert_mem_eq(buf, "ping!", 5);
    ck_assert(addr_eq(to.addr, HERE));
    ck_assert_int_eq(ng_sock_write(b, s.in, "pong", 4), 4);
    pair_settle(&p);
    const uint8_t *bytes;
    ck_assert_int_eq(ng_sock_peek(a, s.out, &bytes), 4);
    ck_assert_mem_eq(bytes, "pong", 4);
    ck_assert_int_eq(ng_sock_consume(a, s.out, 4), 0);
    ck_assert(last_call()->call == CALL_READ && last_call()->result == 4);
    ck_assert_int_eq(ng_sock_shutdown(a, s.out, NG_SHUT_WR), 0);
    pair_settle(&p);
    ck_assert_int_eq(ng_sock_read(b, s.in, buf, sizeof buf), 0);
    ck_assert_int_eq(ng_sock_close(b, s.in), 0);
    ck_assert_int_eq(ng_sock_close(a, s.out), 0);
    ck_assert_int_eq(ng_sock_close(b, s.listener), 0);
    pair_until(&p, p.now + SEC(300));
    uint32_t cursor = 0;
    struct ng_sock_entry e;
    ck_assert(!ng_host_walk(a, &cursor, &e));
    ck_assert(!ng_host_walk(b, &cursor, &e));
}
END_TEST

START_TEST(a_full_application_cannot_accept_and_loses_nothing)
{
    int error;
    struct stream s = connected();
    ng_sock last = 0;
    for (ng_sock more; (more = ng_sock_open(b, s.server, KIND_UDP, &error)) != 0;) last = more;
    ck_assert_int_eq(error, -EMFILE);
    struct endpoint to = at(THERE, 80);
    ng_sock second = open_sock(a, KIND_TCP);
    ng_sock_connect(a, second, &to);
    pair_settle(&p);
    ck_assert_uint_eq(ng_sock_accept(b, s.listener, NULL, &error), 0);
    ck_assert_int_eq(error, -EMFILE);
    ng_sock_close(b, last);
    ck_assert_uint_ne(ng_sock_accept(b, s.listener, NULL, &error), 0);
}
END_TEST

START_TEST(a_stream_is_refused_where_nobody_listens)
{
    ng_sock s = open_sock(a, KIND_TCP);
    struct endpoint to = at(THERE, 81);
    ck_assert_int_eq(ng_sock_sendto(a, s, "x", 1, &to), -EPIPE);
    ck_assert_int_eq(ng_sock_connect(a, s, &to), -EINPROGRESS);
    pair_settle(&p);
    ck_assert_uint_eq(ng_host_ready(a), s);
    int error;
    size_t n = sizeof error;
    ck_assert_int_eq(ng_sock_get(a, s, NG_SO_ERROR, &error, &n), 0);
    ck_assert_int_eq(error, ECONNREFUSED);
}
END_TEST

// The first time that nobody says where the peer is is not the end: it may be the link that loses
// much.
START_TEST(a_stream_to_nobody_ends_when_asking_fails_again_and_again)
{
    ng_sock s = open_sock(a, KIND_TCP);
    struct endpoint to = at(family_addr(77), 80);
    ck_assert_int_eq(ng_sock_connect(a, s, &to), -EINPROGRESS);
    int error = 0;
    size_t n = sizeof error;
    pair_until(&p, p.now + SEC(7));
    ck_assert_int_eq(ng_sock_get(a, s, NG_SO_ERROR, &error, &n), 0);
    ck_assert_int_eq(error, 0);
    pair_until(&p, p.now + SEC(5));
    ck_assert_int_eq(ng_sock_get(a, s, NG_SO_ERROR, &error, &n), 0);
    ck_assert_int_eq(error, EHOSTUNREACH);
}
END_TEST

START_TEST(the_walk_names_all_in_order_of_their_ids)
{
    struct stream s = connected();
    ng_sock u = bound_udp(&p, 1, ANY, 9);
    uint32_t cursor = 0, before = 0;
    struct ng_sock_entry e;
    int tcps = 0, udps = 0;
    while (ng_host_walk(b, &cursor, &e)) {
        ck_assert_uint_gt(e.conn, before);
        before = e.conn;
        tcps += e.kind == KIND_TCP;
        udps += e.kind == KIND_UDP;
        if (e.kind == KIND_UDP) ck_assert(e.local.port == 9 && e.fd == -1 && e.app == 0);
        else ck_assert(e.app == s.server && (e.fd == 3 || e.fd == 4));
        ck_assert(e.kind == KIND_UDP || e.fd == 4 || e.state == TCP_LISTEN);
    }
    ck_assert(tcps == 2 && udps == 1);
    ng_sock_close(b, u);
}
END_TEST

START_TEST(a_host_may_connect_to_itself)
{
    int error;
    ng_sock listener = open_sock(a, KIND_TCP), out = open_sock(a, KIND_TCP);
    const char *us = family == FAMILY_IP4 ? "127.0.0.1" : "::1";
    struct endpoint name = at(ANY, 80), to = at(addr6(us), 80), any = at(ANY, 80);
    ng_sock_bind(a, listener, &name);
    ng_sock_listen(a, listener, 5);
    ck_assert_int_eq(ng_sock_connect(a, out, _i == 0 ? &to : &any), -EINPROGRESS);
    ng_host_run(a, p.now);
    ng_sock in = ng_sock_accept(a, listener, NULL, &error);
    ck_assert_uint_ne(in, 0);
    static char big[100000];
    ck_assert_int_gt(ng_sock_write(a, out, big, sizeof big), 0);
    ng_host_run(a, p.now);
    ck_assert_int_gt(ng_sock_read(a, in, big, sizeof big), 0);
    ck_assert_ptr_null(ng_netif_take(p.n[0]));
}
END_TEST

static void add_streams(TCase *c)
{
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, accept_gives_a_new_socket_with_a_number_of_its_own);
    tcase_add_test(c, bytes_go_both_ways_and_the_end_is_told);
    tcase_add_test(c, a_full_application_cannot_accept_and_loses_nothing);
    tcase_add_test(c, a_stream_is_refused_where_nobody_listens);
    tcase_add_test(c, a_stream_to_nobody_ends_when_asking_fails_again_and_again);
    tcase_add_test(c, the_walk_names_all_in_order_of_their_ids);
    tcase_add_loop_test(c, a_host_may_connect_to_itself, 0, 2);
}

static void add_handles(TCase *c)
{
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_stale_handle_is_a_bad_descriptor_everywhere);
    tcase_add_test(c, a_slot_is_used_again_late_and_under_another_name);
    tcase_add_test(c, sockets_have_a_limit);
    tcase_add_test(c, open_without_memory_leaves_nothing_behind);
    tcase_add_test(c, open_refuses_what_it_does_not_know);
    tcase_add_test(c, each_application_counts_from_three);
    tcase_add_test(c, an_application_has_1021_numbers);
    tcase_add_test(c, an_application_that_ends_closes_its_sockets);
    tcase_add_test(c, calls_are_told_with_their_results);
}

int main(void)
{
    Suite *s = suite_create("sock");
    family_add(s, add_handles);
    family_add(s, add_streams);
    return run_claims(s);
}
