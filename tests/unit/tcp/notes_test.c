// notes_test.c - what writes asked to be told: sent, acknowledged, free again.
#include "claims.h"
#include "unit/tcp_peer.h"

static int want(struct peer *p, int kinds)
{
    return ng_sock_set(p->h, p->s, NG_SO_NOTES, &kinds, sizeof kinds);
}

static ssize_t put(struct peer *p, size_t n, unsigned flags)
{
    static uint8_t zeros[65536];
    struct ng_message m = {.buf = zeros, .len = n, .flags = flags};
    ssize_t rc = ng_sock_send(p->h, p->s, &m);
    peer_collect(p);
    return rc;
}

static bool noted(struct peer *p) { return (ng_sock_events(p->h, p->s) & NG_NOTED) != 0; }

static void expect_note(struct peer *p, enum ng_note_kind kind, uint32_t first, uint32_t last)
{
    struct ng_note n;
    ck_assert_int_eq(ng_sock_note(p->h, p->s, &n), 0);
    ck_assert_int_eq(n.kind, kind);
    ck_assert_uint_eq(n.first, first);
    ck_assert_uint_eq(n.last, last);
}

static void expect_none(struct peer *p)
{
    struct ng_note n;
    ck_assert_int_eq(ng_sock_note(p->h, p->s, &n), -EAGAIN);
    ck_assert(!noted(p));
}

START_TEST(each_write_is_followed)
{
    struct peer *p = peer_connected();
    put(p, 10, 0);
    ck_assert_int_eq(want(p, NG_NOTE_SENT | NG_NOTE_ACKED), 0);
    peer_is_named(p);
    put(p, 1000, 0);  // Nagle holds it
    ck_assert(!peer_is_named(p));
    expect_none(p);
    nsec sent = p->now += MSEC(3);
    peer_acks(p, 10);
    ck_assert(peer_is_named(p) && noted(p));
    uint32_t on = 1;
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_NODELAY, &on, sizeof on), 0);
    put(p, 2000, 0);
    p->now += MSEC(4);
    peer_acks(p, 3010);
    struct ng_note n;
    ck_assert_int_eq(ng_sock_note(p->h, p->s, &n), 0);
    ck_assert(n.kind == NG_NOTE_SENT && n.at == sent && n.last == 999);
    expect_note(p, NG_NOTE_SENT, 2999, 2999);
    ck_assert_int_eq(ng_sock_note(p->h, p->s, &n), 0);
    ck_assert(n.kind == NG_NOTE_ACKED && n.at == sent + MSEC(4) && n.last == 999);
    expect_note(p, NG_NOTE_ACKED, 2999, 2999);
    expect_none(p);
    peer_free(p);
}
END_TEST

// Neither again when bytes go again, nor before all of a write is there.
START_TEST(a_retransmission_is_no_news)
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(want(p, NG_NOTE_SENT | NG_NOTE_ACKED), 0);
    put(p, 2000, 0);
    expect_note(p, NG_NOTE_SENT, 1999, 1999);
    peer_wait(p, SEC(2));
    peer_acks(p, 1999);
    expect_none(p);
    peer_acks(p, 2000);
    expect_note(p, NG_NOTE_ACKED, 1999, 1999);
    peer_free(p);
}
END_TEST

// Neighbours are one note until somebody takes it.
START_TEST(memory_is_free_once_acknowledged)
{
    struct peer *p = peer_connected();
    for (int i = 0; i < 3; i++) ck_assert_int_eq(put(p, 1460, NG_MSG_FREED), 1460);
    put(p, 100, 0);
    peer_acks(p, 2920);
    expect_note(p, NG_NOTE_FREED, 0, 1);
    peer_acks(p, 4480);
    expect_note(p, NG_NOTE_FREED, 2, 2);
    expect_none(p);
    peer_free(p);
}
END_TEST

// What was given without a copy: the chunk is the application's alone again when the note comes.
START_TEST(what_was_given_is_free_again)
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(want(p, NG_NOTE_FREED), 0);
    struct chunk *c = chunk_new(&p->h->pool, 3000);
    c->filled = 3000;
    struct slice own = slice_of(c, 0, 3000);
    ck_assert_int_eq(ng_sock_give(p->h, p->s, (struct slice){.chunk = c, .len = 3000}), 3000);
    peer_collect(p);
    expect_none(p);
    ck_assert_uint_gt(c->refs, 2);
    peer_acks(p, 3000);
    expect_note(p, NG_NOTE_FREED, 0, 0);
    ck_assert_uint_eq(c->refs, 2);  // ours, and that of chunk_new
    slice_drop(&own);
    own = (struct slice){.chunk = c, .len = 3000};
    slice_drop(&own);
    peer_free(p);
}
END_TEST

START_TEST(all_is_free_when_it_is_over)
{
    struct peer *p = peer_connected();
    put(p, 1460, NG_MSG_FREED);
    put(p, 60000, NG_MSG_FREED);
    peer_is_named(p);
    SAY(p, .flags = TCP_RST | TCP_ACK, .seq = 1, .ack = 1);
    ck_assert(peer_is_named(p));
    expect_note(p, NG_NOTE_FREED, 0, 1);
    expect_none(p);
    peer_free(p);
}
END_TEST

// 64 writes may be underway, and 64 notes wait. Who must know is refused, who would like to is not.
START_TEST(there_is_a_limit)
{
    struct peer *p = peer_connected();
    uint32_t on = 1, size = 1 << 20;
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_NODELAY, &on, sizeof on), 0);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_SO_SNDBUF, &size, sizeof size), 0);
    for (int i = 0; i < NOTES_MAX; i++) ck_assert_int_eq(put(p, 1, NG_MSG_FREED), 1);
    ck_assert_int_eq(put(p, 1, NG_MSG_FREED), -ENOBUFS);
    ck_assert_int_eq(put(p, 1, 0), 1);
    peer_acks(p, NOTES_MAX + 1);
    expect_note(p, NG_NOTE_FREED, 0, NOTES_MAX - 1);
    ck_assert_int_eq(want(p, NG_NOTE_SENT), 0);
    for (int i = 0; i < NOTES_MAX + 10; i++) {
        ck_assert_int_eq(put(p, 1, 0), 1);
        peer_acks(p, NOTES_MAX + 2 + (uint32_t)i);
    }
    for (uint32_t i = 0; i < NOTES_MAX; i++) expect_note(p, NG_NOTE_SENT, i, i);
    expect_none(p);
    peer_free(p);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(want(p, 8), -EINVAL);
    ck_assert_int_eq(want(p, -1), -EINVAL);
    int kinds = -1;
    size_t n = sizeof kinds;
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_NOTES, &kinds, &n), 0);
    ck_assert_int_eq(kinds, 0);
    ck_assert_int_eq(want(p, NG_NOTE_ACKED), 0);
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_NOTES, &kinds, &n), 0);
    ck_assert_int_eq(kinds, NG_NOTE_ACKED);
    struct ng_note note;
    ck_assert_int_eq(ng_sock_note(p->h, 0, &note), -EBADF);
    int error;
    ng_sock u = ng_sock_open(p->h, 0, KIND_UDP, &error);
    ck_assert_int_eq(ng_sock_note(p->h, u, &note), -EOPNOTSUPP);
    peer_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("notes");
    TCase *tc = tcase_create("notes");
    tcase_add_test(tc, each_write_is_followed);
    tcase_add_test(tc, a_retransmission_is_no_news);
    tcase_add_test(tc, memory_is_free_once_acknowledged);
    tcase_add_test(tc, what_was_given_is_free_again);
    tcase_add_test(tc, all_is_free_when_it_is_over);
    tcase_add_test(tc, there_is_a_limit);
    tcase_add_test(tc, what_makes_no_sense_is_refused);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
