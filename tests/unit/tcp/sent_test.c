// sent_test.c - the scoreboard against its dullest model: a fate for every sequence number.
#include <check.h>

#include "base/rng.h"
#include "claims.h"
#include "tcp/sent.h"

enum { NUMBERS = 40000 };

static const struct rate_mark no_mark;

struct fate { bool sacked, lost, again; nsec at; };

struct model {
    struct pool       pool;
    struct sent_board s;
    struct seq        base;
    uint32_t          una, nxt;
    struct fate       f[NUMBERS];
};

static void model_open(struct model *m, uint32_t first)
{
    memset(m, 0, sizeof *m);
    pool_init(&m->pool, 64 << 20);
    m->base = seq_of(first);
    sent_init(&m->s, m->base);
}

static void model_close(struct model *m)
{
    sent_free(&m->s, &m->pool);
    ck_assert_uint_eq(m->pool.used, 0);
    pool_drain(&m->pool);
}

static void send(struct model *m, uint32_t n, nsec now)
{
    if (n > NUMBERS - m->nxt) n = NUMBERS - m->nxt;
    if (n == 0) return;
    ck_assert(sent_reserve(&m->s, &m->pool, 1));
    sent_add(&m->s, n, now, &no_mark);
    for (uint32_t i = 0; i < n; i++) m->f[m->nxt + i] = (struct fate){.at = now};
    m->nxt += n;
}

static void ack(struct model *m, uint32_t to)
{
    struct sent_news news = {.high = m->s.high_sacked};
    uint32_t fresh = 0;
    for (uint32_t i = m->una; i < to; i++) fresh += !m->f[i].sacked;
    sent_ack(&m->s, seq_add(m->base, to), &news);
    if (news.acked != fresh) ck_abort_msg("acked %u, should be %u", news.acked, fresh);
    m->una = to;
}

static void sack(struct model *m, uint32_t from, uint32_t to)
{
    struct sent_news news = {.high = m->s.high_sacked};
    uint32_t fresh = 0;
    for (uint32_t i = from > m->una ? from : m->una; i < to; i++) {
        fresh += !m->f[i].sacked;
        m->f[i].sacked = true;
        m->f[i].lost = m->f[i].again = false;
    }
    ck_assert(sent_reserve(&m->s, &m->pool, 2));
    sent_sack(&m->s, seq_add(m->base, from), seq_add(m->base, to), &news);
    if (news.sacked != fresh) ck_abort_msg("sacked %u, should be %u", news.sacked, fresh);
}

static void lose(struct model *m, uint32_t i)
{
    const struct sent_rec *r = sent_at(&m->s, i);
    uint32_t at = (uint32_t)seq_diff(r->seq, m->base);
    for (uint32_t k = at; k < at + r->len; k++)
        if (!m->f[k].sacked) m->f[k].lost = true;
    sent_mark_lost(&m->s, i);
}

static void repeat(struct model *m, uint32_t n, nsec now)
{
    uint32_t i = sent_next_lost(&m->s);
    if (i == m->s.count) return;
    ck_assert(sent_reserve(&m->s, &m->pool, 1));
    if (n < sent_at(&m->s, i)->len) sent_split(&m->s, i, n);
    const struct sent_rec *r = sent_at(&m->s, i);
    uint32_t at = (uint32_t)seq_diff(r->seq, m->base);
    for (uint32_t k = at; k < at + r->len; k++)
        m->f[k] = (struct fate){.again = true, .at = now};
    sent_mark_again(&m->s, i, now, &no_mark);
}

// Sums, adjacency, flags and the order by time are those of the model.
static void check_board(const struct model *m)
{
    const struct sent_board *s = &m->s;
    uint32_t at = m->una, sacked = 0, lost = 0, again = 0, timed = 0, walked = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct sent_rec *r = sent_at(s, i);
        if (seq_diff(r->seq, m->base) != (int32_t)at) ck_abort_msg("record %u is out of place", i);
        for (uint32_t k = 0; k < r->len; k++, at++) {
            const struct fate *f = &m->f[at];
            sacked += f->sacked;
            lost += f->lost;
            again += f->again;
            bool same = f->sacked == !!(r->flags & REC_SACKED) && f->lost == !!(r->flags & REC_LOST)
                     && f->again == !!(r->flags & REC_AGAIN) && (f->sacked || f->at == r->at);
            if (!same) ck_abort_msg("number %u has another fate", at);
        }
        timed += r->timed;
        if (r->timed != !(r->flags & (REC_SACKED | REC_LOST))) ck_abort_msg("time list");
    }
    if (at != m->nxt || s->total != m->nxt - m->una) ck_abort_msg("records end at %u", at);
    if (s->sacked != sacked || s->lost != lost || s->again != again) ck_abort_msg("sums");
    nsec before = 0;
    for (uint32_t slot = s->oldest; slot != SENT_NONE; slot = s->rec[slot].newer, walked++) {
        if (s->rec[slot].at < before) ck_abort_msg("the order by time is broken");
        before = s->rec[slot].at;
    }
    if (walked != timed) ck_abort_msg("%u records by time, should be %u", walked, timed);
}

START_TEST(any_history_keeps_the_books)
{
    static struct model m;
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    model_open(&m, UINT32_MAX - 10000);
    for (nsec now = 1; m.una < NUMBERS; now++) {
        uint32_t flight = m.nxt - m.una;
        uint64_t what = rng_below(&r, 100);
        if (what < 40 || flight == 0) {
            if (flight < 15000) send(&m, 1 + (uint32_t)rng_below(&r, 3000), now);
        } else if (what < 60) {
            uint32_t from = m.una + (uint32_t)rng_below(&r, flight);
            sack(&m, from, from + 1 + (uint32_t)rng_below(&r, m.nxt - from));
        } else if (what < 75) {
            lose(&m, (uint32_t)rng_below(&r, m.s.count));
        } else if (what < 90) {
            repeat(&m, 1 + (uint32_t)rng_below(&r, 1448), now);
        } else if (what < 91) {
            sent_forgive(&m.s);
            for (uint32_t i = m.una; i < m.nxt; i++) m.f[i].lost = false;
        } else {
            ack(&m, m.una + (uint32_t)rng_below(&r, (flight + 1) / 2 + 1));
        }
        if (now % 8 == 0) check_board(&m);
        if (m.nxt == NUMBERS && rng_chance(&r, 100000)) ack(&m, m.nxt);
    }
    check_board(&m);
    model_close(&m);
}
END_TEST

START_TEST(pipe_is_what_still_flies)
{
    static struct model m;
    model_open(&m, 0);
    for (nsec now = 1; now <= 10; now++) send(&m, 1000, now);
    sack(&m, 3000, 6000);
    ck_assert_uint_eq(sent_pipe(&m.s), 7000);
    lose(&m, 0);
    ck_assert_uint_eq(sent_pipe(&m.s), 6000);
    repeat(&m, 1000, 20);
    ck_assert_uint_eq(sent_pipe(&m.s), 7000);
    ck_assert_uint_eq(m.s.count, 8);  // three SACKed records became one
    model_close(&m);
}
END_TEST

// RFC 8985 §6.2: what was never sent again and lies below what was SACKed before came late.
START_TEST(reordering_is_noticed)
{
    static struct model m;
    model_open(&m, 0);
    for (nsec now = 1; now <= 4; now++) send(&m, 1000, now);
    struct sent_news news = {.high = m.s.high_sacked};
    ck_assert(sent_reserve(&m.s, &m.pool, 2));
    sent_sack(&m.s, seq_of(2000), seq_of(4000), &news);
    ck_assert(!news.reordered);
    news = (struct sent_news){.high = m.s.high_sacked};
    sent_sack(&m.s, seq_of(1000), seq_of(4000), &news);
    ck_assert(news.reordered);
    news = (struct sent_news){.high = m.s.high_sacked};
    lose(&m, 0);
    repeat(&m, 1000, 100);
    sent_ack(&m.s, seq_of(4000), &news);
    ck_assert(!news.reordered);  // what went again was not late
    model_close(&m);
}
END_TEST

START_TEST(news_name_what_was_sent_last)
{
    static struct model m;
    model_open(&m, 0);
    for (nsec now = 1; now <= 4; now++) send(&m, 1000, now * 10);
    lose(&m, 0);
    repeat(&m, 1000, 100);
    struct sent_news news = {.high = m.s.high_sacked};
    sent_ack(&m.s, seq_of(3000), &news);
    ck_assert(news.any && news.newest_again && news.again && news.has_once);
    ck_assert_int_eq(news.newest_at, 100);
    ck_assert_int_eq(news.once_at, 20);
    model_close(&m);
}
END_TEST

START_TEST(no_memory_is_told_before_anything_changes)
{
    static struct model m;
    model_open(&m, 0);
    m.pool.fail_in = 1;
    ck_assert(!sent_reserve(&m.s, &m.pool, 5));
    ck_assert_uint_eq(m.pool.used, 0);
    m.pool.fail_in = -1;
    ck_assert(sent_reserve(&m.s, &m.pool, 5));
    model_close(&m);
}
END_TEST

// What is known of the flight stays where it is as the board grows, and goes with the last byte.
START_TEST(what_is_of_the_flight_goes_with_it)
{
    static struct model m;
    model_open(&m, 0);
    ck_assert_ptr_null(sent_flight(&m.s));
    send(&m, 1000, 1);
    ck_assert_int_eq(sent_flight(&m.s)->rack_at, 0);
    sent_flight(&m.s)->rack_at = 7;
    sent_flight(&m.s)->prr.out = 9;
    for (nsec now = 2; now <= 40; now++) send(&m, 1000, now);
    ck_assert_int_eq(sent_flight(&m.s)->rack_at, 7);
    ck_assert_uint_eq(sent_flight(&m.s)->prr.out, 9);

    struct sent_news news = {0};
    sent_ack(&m.s, seq_of(40000), &news);
    sent_rest(&m.s, &m.pool);
    ck_assert_ptr_null(sent_flight(&m.s));
    ck_assert_uint_eq(m.pool.used, 0);
    ck_assert(sent_reserve(&m.s, &m.pool, 1));
    ck_assert_int_eq(sent_flight(&m.s)->rack_at, 0);
    model_close(&m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sent");
    TCase *tc = tcase_create("sent");
    tcase_add_loop_test(tc, any_history_keeps_the_books, 0, 8);
    tcase_add_test(tc, pipe_is_what_still_flies);
    tcase_add_test(tc, reordering_is_noticed);
    tcase_add_test(tc, news_name_what_was_sent_last);
    tcase_add_test(tc, no_memory_is_told_before_anything_changes);
    tcase_add_test(tc, what_is_of_the_flight_goes_with_it);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
