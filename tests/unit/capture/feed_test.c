// feed_test.c - a run told from one thread to another: nothing is lost where time can wait, and
// where it cannot, what is left out is told.
#include <check.h>
#include <pthread.h>
#include <stdio.h>

#include "capture/feed.h"
#include "claims.h"

enum { ROOM = 1 << 16, MANY = 30000 };

static uint8_t bytes[1500];

static struct trace_event frame(uint64_t n)
{
    return (struct trace_event){
        .at = (nsec)n * 1000, .host = 1, .netif = 1, .type = TRACE_FRAME_TX,
        .frame_tx = {.frame = n, .len = sizeof bytes, .data = {bytes, sizeof bytes}}};
}

static struct trace_event state(uint64_t n, enum tcp_state to)
{
    return (struct trace_event){.at = (nsec)n * 1000, .host = 1, .conn = (uint32_t)n + 1,
                                .type = TRACE_TCP_STATE, .tcp_state = {TCP_CLOSED, to, 0}};
}

static struct trace_event level(uint64_t n, uint32_t conn)
{
    return (struct trace_event){.at = (nsec)n * 1000, .host = 1, .conn = conn,
                                .type = TRACE_SOCK_BUF, .sock_buf = {.snd_len = (uint32_t)n}};
}

static void tell(struct feed *f, struct trace_event ev) { trace_emit(feed_sink(f), &ev); }

static void *tell_many(void *self)
{
    struct feed *f = self;
    feed_begin(f);
    for (uint64_t n = 0; n < MANY; n++) tell(f, frame(n));
    feed_end(f, "that was all", true);
    return NULL;
}

START_TEST(virtual_time_waits_and_nothing_is_lost)
{
    struct feed *f = feed_new(FEED_WAITS, 100, ROOM);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, tell_many, f), 0);
    struct trace_event ev;
    enum feed_news what;
    uint64_t n = 0;
    bool begun = false;
    while ((what = feed_next(f, &ev)) != FEED_ENDS) {
        begun |= what == FEED_BEGINS;
        if (what != FEED_EVENT) continue;
        if (ev.frame_tx.frame != n++) ck_abort_msg("out of order: %llu", (unsigned long long)n);
        if (ev.frame_tx.data.len != 100 || memcmp(ev.frame_tx.data.p, bytes, 100) != 0)
            ck_abort_msg("other bytes");
    }
    pthread_join(thread, NULL);
    ck_assert(begun && feed_over(f));
    ck_assert_uint_eq(n, MANY);
    ck_assert_uint_eq(feed_skipped(f), 0);
    ck_assert_int_eq(strncmp(ev.note.text.p, "that was all", ev.note.text.len), 0);
    ck_assert_uint_eq(ev.conn, 1);
    feed_free(f);
}
END_TEST

struct seen { uint64_t frames, states, missed, notes, changes; uint32_t level; };

static void look(struct feed *f, struct seen *s)
{
    struct trace_event ev;
    enum feed_news what;
    while ((what = feed_next(f, &ev)) == FEED_EVENT) {
        s->frames += ev.type == TRACE_FRAME_TX;
        s->states += ev.type == TRACE_TCP_STATE;
        if (ev.type == TRACE_SOCK_BUF) s->level = ev.sock_buf.snd_len;
        if (ev.type != TRACE_NOTE) continue;
        unsigned long long missed = 0, changes = 0;
        char said[300];
        snprintf(said, sizeof said, "%.*s", (int)ev.note.text.len, ev.note.text.p);
        int fits = sscanf(said, "The window fell behind: %llu frames", &missed);
        ck_assert_msg(fits == 1, "%s", said);
        const char *and = strstr(said, ", and ");
        if (and != NULL) sscanf(and, ", and %llu changes", &changes);
        s->missed += missed;
        s->changes += changes;
        s->notes++;
    }
}

START_TEST(real_time_skips_frames_but_never_the_world_and_says_so)
{
    struct feed *f = feed_new(FEED_SKIPS, 1500, ROOM);
    struct seen s = {0};
    uint64_t states = 0;
    for (uint64_t n = 0; n < 5000; n++) {  // nobody looks: and nobody is waited for
        tell(f, frame(n));
        tell(f, level(n, 7));
        if (n % 50 == 0) tell(f, state(n, TCP_ESTABLISHED)), states++;
    }
    look(f, &s);
    ck_assert_uint_eq(s.states, states);
    ck_assert_uint_lt(s.frames, 100);
    ck_assert_uint_gt(feed_skipped(f), 4000);
    struct trace_event later = frame(5000);
    later.at += MSEC(1);
    tell(f, later);  // there is room again
    look(f, &s);
    ck_assert_uint_eq(s.notes, 1);
    ck_assert_uint_eq(s.frames + s.missed, 5001);
    ck_assert_uint_eq(s.level, 4999);
    ck_assert_uint_eq(s.changes, 0);
    feed_free(f);
}
END_TEST

START_TEST(even_the_world_may_be_too_much_and_is_counted)
{
    struct feed *f = feed_new(FEED_SKIPS, 1500, ROOM);
    struct seen s = {0};
    for (uint64_t n = 0; n < 20000; n++) tell(f, state(n, TCP_CLOSED));
    look(f, &s);
    feed_end(f, "", false);
    look(f, &s);
    ck_assert_uint_eq(s.states + s.changes, 20000);
    ck_assert_uint_gt(s.changes, 0);
    feed_free(f);
}
END_TEST

START_TEST(commands_come_in_order_and_a_full_ring_says_no)
{
    struct feed *f = feed_new(FEED_WAITS, 0, ROOM);
    struct feed_command c;
    ck_assert(!feed_take(f, &c) && !feed_asked(f));
    int given = 0;
    for (char text[20]; snprintf(text, sizeof text, "word %d", given), feed_ask(f, given, text);)
        given++;
    ck_assert_int_gt(given, 10);
    feed_wait(f);  // returns at once
    for (int i = 0; i < given; i++) {
        char text[20];
        snprintf(text, sizeof text, "word %d", i);
        ck_assert(feed_take(f, &c));
        ck_assert_str_eq(c.text, text);
        ck_assert_int_eq(c.at, i);
    }
    ck_assert(!feed_take(f, &c));
    char much[FEED_TEXT + 1];
    memset(much, 'x', sizeof much);
    much[FEED_TEXT] = 0;
    ck_assert(!feed_ask(f, 0, much));
    feed_free(f);
}
END_TEST

START_TEST(a_run_goes_on_when_the_window_is_closed)
{
    struct feed *f = feed_new(FEED_WAITS, 1500, ROOM);
    feed_leave(f);
    tell_many(f);  // would wait for ever
    ck_assert(feed_alone(f));
    feed_wait(f);
    feed_free(f);
}
END_TEST

static void ring(void *self) { ++*(int *)self; }

START_TEST(the_bell_rings_once_for_whoever_sleeps)
{
    struct feed *f = feed_new(FEED_WAITS, 0, ROOM);
    struct trace_event ev;
    int rung = 0;
    feed_on_news(f, ring, &rung);
    tell(f, state(1, TCP_LISTEN));
    ck_assert_int_eq(rung, 0);  // it looks anyway
    ck_assert_int_eq(feed_next(f, &ev), FEED_EVENT);
    ck_assert_int_eq(feed_next(f, &ev), FEED_NOTHING);
    for (uint64_t n = 0; n < 5; n++) tell(f, state(n, TCP_LISTEN));
    ck_assert_int_eq(rung, 1);
    feed_free(f);
}
END_TEST

// What comes while the window falls asleep: after it looked, before it asked for the bell.
START_TEST(nobody_sleeps_through_what_came)
{
    struct feed *f = feed_new(FEED_WAITS, 0, ROOM);
    struct trace_event ev;
    int rung = 0;
    feed_on_news(f, ring, &rung);
    ck_assert(!feed_ready(f));
    tell(f, state(1, TCP_LISTEN));
    ck_assert_int_eq(rung, 0);
    ck_assert(!feed_sleep(f));  // and so it does not
    ck_assert_int_eq(feed_next(f, &ev), FEED_EVENT);
    tell(f, state(2, TCP_LISTEN));
    ck_assert_int_eq(rung, 0);  // nobody sleeps
    ck_assert_int_eq(feed_next(f, &ev), FEED_EVENT);
    ck_assert(feed_sleep(f));
    tell(f, state(3, TCP_LISTEN));
    ck_assert_int_eq(rung, 1);
    feed_free(f);
}
END_TEST

START_TEST(who_looks_by_the_clock_is_not_called)
{
    struct feed *f = feed_new(FEED_SKIPS, 1500, ROOM);
    struct trace_event ev;
    int rings = 0;
    feed_on_news(f, ring, &rings);
    ck_assert(!feed_ready(f));
    tell(f, frame(1));
    ck_assert_int_eq(rings, 0);
    ck_assert(feed_ready(f));
    ck_assert_int_eq(feed_next(f, &ev), FEED_EVENT);
    ck_assert(!feed_ready(f));
    ck_assert_int_eq(feed_next(f, &ev), FEED_NOTHING);
    tell(f, frame(2));
    ck_assert_int_eq(rings, 1);
    tell(f, frame(3));
    ck_assert_int_eq(rings, 1);
    feed_free(f);
}
END_TEST

int main(void)
{
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
    Suite *s = suite_create("feed");
    TCase *tc = tcase_create("feed");
    tcase_add_test(tc, virtual_time_waits_and_nothing_is_lost);
    tcase_add_test(tc, real_time_skips_frames_but_never_the_world_and_says_so);
    tcase_add_test(tc, even_the_world_may_be_too_much_and_is_counted);
    tcase_add_test(tc, commands_come_in_order_and_a_full_ring_says_no);
    tcase_add_test(tc, a_run_goes_on_when_the_window_is_closed);
    tcase_add_test(tc, the_bell_rings_once_for_whoever_sleeps);
    tcase_add_test(tc, nobody_sleeps_through_what_came);
    tcase_add_test(tc, who_looks_by_the_clock_is_not_called);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
