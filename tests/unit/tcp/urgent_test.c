// urgent_test.c - urgent data (RFC 9293 §3.8.5): the mark is told right in each segment that begins
// before it, however it is cut, lost and sent again; and a reader learns where it is.
#include "claims.h"
#include "unit/tcp_path.h"
#include "unit/tcp_peer.h"

static ssize_t send_urgent(struct host *h, ng_sock s, const void *bytes, size_t n)
{
    union { const void *in; void *out; } u = {.in = bytes};
    struct ng_message m = {.buf = u.out, .len = n, .flags = NG_MSG_OOB};
    return ng_sock_send(h, s, &m);
}

static ssize_t receive_urgent(struct host *h, ng_sock s, char *byte, unsigned flags)
{
    struct ng_message m = {.buf = byte, .len = 1, .flags = NG_MSG_OOB | flags};
    return ng_sock_receive(h, s, &m);
}

static int option(struct host *h, ng_sock s, enum ng_option o)
{
    int value = -1;
    size_t n = sizeof value;
    ck_assert_int_eq(ng_sock_get(h, s, o, &value, &n), 0);
    return value;
}

static void set_inline(struct host *h, ng_sock s)
{
    int on = 1;
    ck_assert_int_eq(ng_sock_set(h, s, NG_SO_OOBINLINE, &on, sizeof on), 0);
    ck_assert_int_eq(option(h, s, NG_SO_OOBINLINE), 1);
}

// --- out ---------------------------------------------------------------------------------------

static void expect_mark(const struct peer_seg *s, uint32_t seq, uint16_t urg)
{
    ck_assert_uint_eq(s->seq, seq);
    ck_assert_int_eq((s->seg.flags & TCP_URG) != 0, urg != 0);
    ck_assert_uint_eq(s->seg.urg, urg);
}

START_TEST(the_pointer_names_the_byte_behind)  // MUST-30, MUST-62
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(send_urgent(p->h, p->s, "abc", 3), 3);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    expect_mark(&p->out[0], 1, 3);
    p->outs = 0;
    peer_wait(p, SEC(1));  // a probe of the tail, and the RTO: it is the same mark
    ck_assert_uint_ge(p->outs, 1);
    for (unsigned i = 0; i < p->outs; i++) expect_mark(&p->out[i], 1, 3);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 4);
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "d", 1), 1);
    peer_collect(p);
    expect_mark(&p->out[0], 4, 0);
    peer_free(p);
}
END_TEST

// Each segment says how far the mark is from its own beginning; also when, after an ACK of a part,
// one is sent again, and however many were urgent (MUST-31).
START_TEST(the_mark_stays_where_it_is)
{
    struct peer *p = peer_connected();
    static const char zeros[4000];
    ck_assert_int_eq(ng_sock_write(p->h, p->s, zeros, 1000), 1000);
    ck_assert_int_eq(send_urgent(p->h, p->s, zeros, 3000), 3000);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, zeros, 1000), 1000);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 4);
    expect_mark(&p->out[0], 1, 4000);
    expect_mark(&p->out[1], 1461, 2540);
    expect_mark(&p->out[2], 2921, 1080);
    expect_mark(&p->out[3], 4381, 0);  // behind the mark
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 2001);  // into the second
    p->outs = 0;
    peer_wait(p, SEC(2));
    bool seen = false;
    for (unsigned i = 0; i < p->outs; i++) {
        uint32_t seq = p->out[i].seq;
        expect_mark(&p->out[i], seq, seq < 4001 ? (uint16_t)(4001 - seq) : 0);
        seen |= seq == 2001;
    }
    ck_assert(seen);
    peer_free(p);
}
END_TEST

// More than 16 bits away: as far as they go, and exactly as soon as they do.
START_TEST(a_mark_far_away_is_told_as_far_as_it_goes)
{
    struct peer *p = peer_connected();
    static const char zeros[100000];
    int size = 200000;
    ng_sock_set(p->h, p->s, NG_SO_SNDBUF, &size, sizeof size);
    ck_assert_int_eq(send_urgent(p->h, p->s, zeros, 100000), 100000);
    uint32_t told = 0, mark = 100001;
    for (uint32_t una = 1; una < mark;) {
        p->outs = 0;
        peer_collect(p);
        for (unsigned i = 0; i < p->outs; i++) {
            uint32_t far = mark - p->out[i].seq;
            ck_assert_uint_eq(p->out[i].seg.urg, far < 65535 ? far : 65535);
            told++;
        }
        una = p->out[p->outs - 1].seq + p->out[p->outs - 1].len;
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = una);
        if (una < mark) ck_assert_uint_ge(p->outs, 1);
        for (unsigned i = 0; i < p->outs && una < mark; i++) {
            uint32_t far = mark - p->out[i].seq;
            ck_assert_uint_eq(p->out[i].seg.urg, far < 65535 ? far : 65535);
            una = p->out[i].seq + p->out[i].len;
            told++;
        }
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = una);
        for (unsigned i = 0; i < p->outs; i++) una = p->out[i].seq + p->out[i].len;
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = una);
    }
    ck_assert_uint_ge(told, 30);
    peer_free(p);
}
END_TEST

// A shut window holds the bytes back, but the peer hears that some are urgent, and again with each
// probe. Neither does Nagle hold them.
START_TEST(urgency_is_told_through_a_shut_window)
{
    struct peer *p = peer_connected();
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = -1);
    p->outs = 0;
    ck_assert_int_eq(send_urgent(p->h, p->s, "abc", 3), 3);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_URGENT);
    ck_assert_uint_eq(p->out[0].len, 0);
    expect_mark(&p->out[0], 1, 3);
    p->outs = 0;
    peer_wait(p, MSEC(1500));
    unsigned again = 0;
    for (unsigned i = 0; i < p->outs; i++) again += p->out[i].why == SENT_URGENT;
    ck_assert_uint_ge(again, 1);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    expect_mark(&p->out[0], 1, 3);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "d", 1), 1);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);  // a short one is in flight, but an urgent mark too
    expect_mark(&p->out[0], 4, 0);
    peer_free(p);
}
END_TEST

// --- in ----------------------------------------------------------------------------------------

static void expect_events(struct peer *p, unsigned want)
{
    unsigned mask = NG_READABLE | NG_URGENT | NG_PRIORITY;
    ck_assert_uint_eq(ng_sock_events(p->h, p->s) & mask, want);
}

static void expect_read(struct peer *p, ssize_t want)
{
    char buf[100];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), want);
}

START_TEST(the_pointer_is_told_before_its_byte)  // MUST-32, MUST-33
{
    struct peer *p = peer_connected();
    char byte = 0;
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), -EINVAL);
    while (ng_host_ready(p->h) != 0) {}
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 21);  // the news alone
    ck_assert_uint_eq(ng_host_ready(p->h), p->s);
    expect_events(p, NG_URGENT);
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 21, .len = 10);
    expect_events(p, NG_READABLE | NG_URGENT);
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), -EAGAIN);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 0);
    expect_read(p, 10);
    expect_events(p, NG_URGENT);
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .urg = 11, .len = 10);
    expect_events(p, NG_READABLE | NG_URGENT);
    SAY(p, .flags = TCP_ACK, .seq = 21, .ack = 1, .len = 10);  // its first byte is the urgent one
    expect_events(p, NG_READABLE | NG_URGENT | NG_PRIORITY);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_INQ), 10);
    expect_read(p, 10);  // up to the mark
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_INQ), 0);
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, NG_MSG_PEEK), 1);
    expect_events(p, NG_READABLE | NG_URGENT | NG_PRIORITY);
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), 1);
    ck_assert_int_eq(byte, 'x');
    expect_events(p, NG_READABLE);
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), -EINVAL);  // once
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    expect_read(p, 9);  // without it
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 0);
    peer_free(p);
}
END_TEST

// A reader who does not ask loses the byte; alone it is nothing to read.
START_TEST(a_byte_that_nobody_asks_for_is_passed_by)
{
    struct peer *p = peer_connected();
    char byte;
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 1, .len = 1);
    expect_events(p, NG_URGENT | NG_PRIORITY);
    expect_read(p, -EAGAIN);
    expect_events(p, 0);
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), -EINVAL);
    SAY(p, .flags = TCP_ACK, .seq = 2, .ack = 1, .len = 5);
    const uint8_t *at;
    ck_assert_int_eq(ng_sock_peek(p->h, p->s, &at), 5);
    ck_assert_int_eq(ng_sock_consume(p->h, p->s, 5), 0);
    peer_free(p);
}
END_TEST

START_TEST(peek_and_consume_stop_there_too)
{
    struct peer *p = peer_connected();
    const uint8_t *at;
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 8, .len = 20);
    ck_assert_int_eq(ng_sock_peek(p->h, p->s, &at), 7);
    ck_assert_int_eq(ng_sock_consume(p->h, p->s, 7), 0);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    ck_assert_int_eq(ng_sock_peek(p->h, p->s, &at), 12);
    ck_assert_int_eq(ng_sock_consume(p->h, p->s, 12), 0);
    expect_events(p, 0);
    peer_free(p);
}
END_TEST

START_TEST(inline_it_is_read_with_the_others)
{
    struct peer *p = peer_connected();
    char byte;
    set_inline(p->h, p->s);
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 8, .len = 20);
    expect_events(p, NG_READABLE | NG_URGENT | NG_PRIORITY);
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), -EINVAL);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_INQ), 20);
    expect_read(p, 7);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    expect_read(p, 13);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 0);
    expect_events(p, 0);
    peer_free(p);
}
END_TEST

// Which of two pointers counts. first and second: where they point to, from the stream's first
// byte; came: bytes that are there by then; mark: where the reader is stopped.
static const struct { const char *what; uint16_t first, second, came; int mark; } pairs[] = {
    {"the later one",             5, 15, 0, 14},
    {"not one that goes back",   15,  5, 0, 14},
    {"not the same again",       15, 15, 0, 14},
    {"not into what came",       15,  5, 10, 14},
    {"0 is the byte itself",      0,  0, 0, 0},
};

START_TEST(marks_only_move_on)
{
    struct peer *p = peer_connected();
    uint32_t came = pairs[_i].came;
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = pairs[_i].first, .len = came);
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = pairs[_i].second);
    SAY(p, .flags = TCP_ACK, .seq = 1 + came, .ack = 1, .len = 30 - came);
    set_inline(p->h, p->s);
    if (pairs[_i].mark > 0) expect_read(p, pairs[_i].mark);
    ck_assert_msg(option(p->h, p->s, NG_SO_ATMARK) == 1, "%s", pairs[_i].what);
    expect_read(p, 30 - pairs[_i].mark);
    peer_free(p);
}
END_TEST

// RFC 9293 §3.8.5: it is news of what is ahead. A pointer into bytes that are here, though nobody
// has read them, came too late; the next byte is the first it may name.
START_TEST(a_pointer_into_what_came_is_ignored)
{
    struct peer *p = peer_connected();
    bool ahead = _i == 1;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 20);
    while (ng_host_ready(p->h) != 0) {}
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .urg = ahead ? 11 : 10, .len = 15);
    expect_events(p, NG_READABLE | (ahead ? NG_URGENT | NG_PRIORITY : 0));
    char byte;
    ck_assert_int_eq(receive_urgent(p->h, p->s, &byte, 0), ahead ? 1 : -EINVAL);
    expect_read(p, ahead ? 20 : 25);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), ahead);
    peer_free(p);
}
END_TEST

// A second mark while the reader stands at the first: the first byte stays out of the stream
// although it is no mark any more. One in the midst of the stream becomes a byte like others.
START_TEST(an_overtaken_byte)
{
    struct peer *p = peer_connected();
    bool at_it = _i == 1;
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 5, .len = 10);
    if (at_it) expect_read(p, 4);
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 11, .ack = 1, .urg = 5, .len = 10);
    expect_read(p, at_it ? 9 : 14);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    expect_read(p, 5);
    peer_free(p);
}
END_TEST

START_TEST(a_setting_takes_the_pointer_as_of_old)
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_stdurg", "1"), 0);
    SAY(p, .flags = TCP_ACK | TCP_URG, .seq = 1, .ack = 1, .urg = 5, .len = 10);
    expect_read(p, 5);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    peer_free(p);
}
END_TEST

START_TEST(a_child_inherits_inline_and_a_syn_ack_may_be_urgent)
{
    struct peer *p = peer_new();
    peer_called(p);
    struct tcp_opts o = peer_syn_opts;
    SAY(p, .flags = TCP_SYN | TCP_ACK | TCP_URG, .ack = 1, .opts = o, .urg = 4, .len = 10);
    expect_read(p, 2);  // the pointer counts from the SYN
    ck_assert_int_eq(option(p->h, p->s, NG_SO_ATMARK), 1);
    ng_sock_close(p->h, p->s);
    p->h->set.tcp_fin_timeout = 1;
    peer_close(p);

    peer_open(p);
    ng_sock listener = peer_listener(p, 1);
    set_inline(p->h, listener);
    SAY(p, .flags = TCP_SYN, .opts = o);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    int error;
    struct endpoint from;
    p->s = ng_sock_accept(p->h, listener, &from, &error);
    ck_assert_int_eq(option(p->h, p->s, NG_SO_OOBINLINE), 1);
    peer_free(p);
}
END_TEST

// --- both, over a bad path ----------------------------------------------------------------------

// Every segment on the wire: the mark it tells is one that was set, and the last before its time.
struct wire { uint64_t mark; struct seq isn; bool isn_known, wrong; unsigned marked; };
static struct wire *wire_now;

static bool watch(struct path *p, int d, const struct tcp_seg *s, uint32_t len)
{
    struct wire *w = wire_now;
    (void)p, (void)len;
    if (d != 0) return false;
    if (s->flags & TCP_SYN) {
        w->isn = s->seq;
        w->isn_known = true;
        return false;
    }
    if (!(s->flags & TCP_URG)) return false;
    uint64_t at = (uint64_t)(uint32_t)seq_diff(s->seq, w->isn) - 1, far = w->mark - at;
    if (at >= w->mark || s->urg != (far < 65535 ? far : 65535)) w->wrong = true;
    w->marked++;
    return false;
}

enum { STREAM = 120000 };

static void write_some(struct path *p, ng_sock s, struct rng *rng, uint64_t *wrote)
{
    uint8_t buf[4000];
    size_t n = 1 + (size_t)rng_below(rng, sizeof buf);
    if (n > STREAM - *wrote) n = (size_t)(STREAM - *wrote);
    if (n == 0) return;
    memcpy(buf, path_bytes(*wrote), n);
    bool urgent = rng_chance(rng, 200000) || *wrote + n == STREAM;
    ssize_t did = urgent ? send_urgent(p->h[0], s, buf, n) : ng_sock_write(p->h[0], s, buf, n);
    if (did <= 0) return;
    *wrote += (uint64_t)did;
    if (urgent) wire_now->mark = *wrote;
}

// Reads inline; what it is stopped at must be a byte that was urgent once: here, the last of a
// write, of which the very last is.
static void read_all(struct path *p, ng_sock s, uint64_t *got, uint64_t *last_mark)
{
    uint8_t buf[3000];
    ssize_t n;
    while ((n = ng_sock_read(p->h[1], s, buf, sizeof buf)) > 0) {
        if (memcmp(buf, path_bytes(*got), (size_t)n) != 0) ck_abort_msg("byte %d", (int)*got);
        *got += (uint64_t)n;
        if (option(p->h[1], s, NG_SO_ATMARK)) *last_mark = *got;
    }
}

START_TEST(a_bad_path_moves_no_mark)
{
    struct path *p = path_new((uint64_t)_i + 77, MSEC(3), _i % 2 ? NG_OFFLOAD_GSO : 0);
    struct wire w = {0};
    struct rng rng;
    wire_now = &w;
    rng_seed(&rng, (uint64_t)_i);
    p->lose = watch;
    ng_sock s[2];
    path_pair(p, s);
    set_inline(p->h[1], s[1]);
    p->loss_ppm = 20000;
    p->reorder_ppm = 50000;
    p->dup_ppm = 20000;
    uint64_t wrote = 0, got = 0, last = 0;
    for (nsec end = p->now + SEC(60); got < STREAM && p->now < end;) {
        write_some(p, s[0], &rng, &wrote);
        read_all(p, s[1], &got, &last);
        path_run(p, USEC(300));
    }
    ck_assert_uint_eq(got, STREAM);
    ck_assert_uint_eq(last, STREAM - 1);
    ck_assert(!w.wrong);
    ck_assert_uint_gt(w.marked, 20);
    path_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, the_pointer_names_the_byte_behind);
    tcase_add_test(tc, the_mark_stays_where_it_is);
    tcase_add_test(tc, a_mark_far_away_is_told_as_far_as_it_goes);
    tcase_add_test(tc, urgency_is_told_through_a_shut_window);
    tcase_add_test(tc, the_pointer_is_told_before_its_byte);
    tcase_add_test(tc, a_byte_that_nobody_asks_for_is_passed_by);
    tcase_add_test(tc, peek_and_consume_stop_there_too);
    tcase_add_test(tc, inline_it_is_read_with_the_others);
    tcase_add_loop_test(tc, marks_only_move_on, 0, (int)ARRAY_LEN(pairs));
    tcase_add_loop_test(tc, a_pointer_into_what_came_is_ignored, 0, 2);
    tcase_add_loop_test(tc, an_overtaken_byte, 0, 2);
    tcase_add_test(tc, a_setting_takes_the_pointer_as_of_old);
    tcase_add_test(tc, a_child_inherits_inline_and_a_syn_ack_may_be_urgent);
    tcase_add_loop_test(tc, a_bad_path_moves_no_mark, 0, 6);
}

int main(void)
{
    Suite *s = suite_create("urgent");
    family_add(s, add_tests);
    return run_claims(s);
}
