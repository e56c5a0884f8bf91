// told_test.c - what a connection tells of itself: the levels of a listener's two queues, and the
// two receive windows, each time they change and as they are.
#include "claims.h"
#include "unit/tcp_path.h"

enum { TOLD_MAX = 512 };

struct told {
    struct path        p;
    struct trace_event ev[TOLD_MAX];  // of the type asked for
    enum trace_type    type;
    unsigned           count;
};

static void keep(struct trace_sink *sink, const struct trace_event *ev)
{
    struct told *t = LIST_ENTRY(sink, struct told, p.log.sink);
    path_tell(sink, ev);
    if (ev->type == t->type && t->count < TOLD_MAX) t->ev[t->count++] = *ev;
}

static struct told *told_open(enum trace_type type)
{
    struct told *t = calloc(1, sizeof *t);
    ck_assert_ptr_nonnull(t);
    path_open_with(&t->p, 1, MSEC(5), 0);
    t->type = type;
    t->p.log.sink.emit = keep;
    return t;
}

static void told_close(struct told *t)
{
    path_close(&t->p);
    free(t);
}

static void is_queue(const struct told *t, unsigned i, uint32_t syn, uint32_t accept)
{
    ck_assert_uint_lt(i, t->count);
    const struct trace_event *ev = &t->ev[i];
    ck_assert_uint_eq(ev->host, 2);
    ck_assert_msg(ev->sock_queue.syn_len == syn && ev->sock_queue.accept_len == accept,
                  "event %u: %u handshakes, %u to accept", i, ev->sock_queue.syn_len,
                  ev->sock_queue.accept_len);
    ck_assert_uint_eq(ev->sock_queue.backlog, 5);
}

START_TEST(a_listener_tells_its_queues)
{
    struct told *t = told_open(TRACE_SOCK_QUEUE);
    ng_sock listener = path_listen(&t->p, 80, 5);
    ck_assert_uint_eq(t->count, 1);
    is_queue(t, 0, 0, 0);
    path_connect(&t->p, 80);
    path_run(&t->p, MSEC(100));
    is_queue(t, 1, 1, 0);               // the SYN
    is_queue(t, 2, 0, 1);               // the last ACK
    ck_assert_uint_eq(t->count, 3);
    ck_assert_uint_ne(path_accept(&t->p, listener), 0);
    is_queue(t, 3, 0, 0);
    ck_assert_uint_eq(t->count, 4);
    told_close(t);
}
END_TEST

// Nobody reads: the window that host 0 sees shrinks to nothing, and opens again by a read.
START_TEST(both_windows_are_told)
{
    struct told *t = told_open(TRACE_TCP_WINDOW);
    ng_sock c[2];
    path_pair(&t->p, c);
    ck_assert_uint_gt(t->count, 1);
    static const uint8_t bytes[4096];
    while (ng_sock_write(t->p.h[0], c[0], bytes, sizeof bytes) > 0) path_run(&t->p, MSEC(20));
    path_run(&t->p, SEC(1));
    const struct trace_event *last = &t->ev[t->count - 1];
    struct ng_tcp_info info;
    ng_tcp_info(t->p.h[0], c[0], &info);
    ck_assert_uint_eq(last->host, 1);
    ck_assert_uint_eq(last->tcp_window.snd_wnd, 0);
    ck_assert_uint_eq(last->tcp_window.rcv_wnd, info.rcv_wnd);
    uint8_t buf[65536];
    while (ng_sock_read(t->p.h[1], c[1], buf, sizeof buf) > 0) {}
    path_run(&t->p, MSEC(100));
    last = &t->ev[t->count - 1];
    ck_assert_uint_eq(last->host, 1);
    ck_assert_uint_gt(last->tcp_window.snd_wnd, 1448);
    for (unsigned i = 1; i < t->count; i++)  // told when it changed, not more often
        ck_assert(t->ev[i].host != 1 || t->ev[i - 1].host != 1
                  || t->ev[i].tcp_window.snd_wnd != t->ev[i - 1].tcp_window.snd_wnd);
    told_close(t);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, a_listener_tells_its_queues);
    tcase_add_test(tc, both_windows_are_told);
}

int main(void)
{
    Suite *s = suite_create("told");
    family_add(s, add_tests);
    return run_claims(s);
}
