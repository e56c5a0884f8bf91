// rcvq_test.c - the receive buffer against its dullest model: which bytes are here, as flags.
#include <check.h>

#include "base/rng.h"
#include "claims.h"
#include "tcp/rcvq.h"

enum { STREAM = 60000 };

static uint8_t byte_at(uint32_t i) { return (uint8_t)(i * 131 + (i >> 8)); }

struct model {
    struct pool pool;
    struct rcvq q;
    struct seq  base;
    uint32_t    read, next;     // what the model read, and its RCV.NXT
    bool        here[STREAM];
};

static void model_open(struct model *m, uint32_t first)
{
    memset(m, 0, sizeof *m);
    pool_init(&m->pool, 16 << 20);
    m->base = seq_of(first);
    rcvq_init(&m->q, m->base, STREAM);
}

static void model_close(struct model *m)
{
    rcvq_free(&m->q, &m->pool);
    ck_assert_uint_eq(m->pool.used, 0);
    pool_drain(&m->pool);
}

// A segment as the wire brings it: its bytes in a chunk that has the size of a frame.
static struct slice segment(struct model *m, uint32_t at, uint32_t len)
{
    struct chunk *c = chunk_new(&m->pool, len + 200);
    ck_assert_ptr_nonnull(c);
    for (uint32_t i = 0; i < len; i++) c->data[66 + i] = byte_at(at + i);
    return (struct slice){c, 66, len};
}

static enum rcvq_result put(struct model *m, uint32_t at, uint32_t len)
{
    struct slice s = segment(m, at, len);
    struct seq_range known;
    enum rcvq_result r;
    if (at == m->next) {
        r = rcvq_append(&m->q, &m->pool, s);
        if (r == RCVQ_TAKEN) rcvq_join(&m->q, &m->pool);
    } else {
        r = rcvq_hold(&m->q, &m->pool, seq_add(m->base, at), s, &known);
    }
    slice_drop(&s);
    if (r != RCVQ_TAKEN) return r;
    for (uint32_t i = 0; i < len; i++) m->here[at + i] = true;
    while (m->next < STREAM && m->here[m->next]) m->next++;
    return r;
}

static void check_state(const struct model *m)
{
    uint32_t held = 0, runs = 0;
    for (uint32_t i = m->next; i < STREAM; i++) {
        held += m->here[i];
        runs += m->here[i] && !m->here[i - 1];
    }
    if (m->q.bytes.len != m->next - m->read) ck_abort_msg("in order: %u", m->q.bytes.len);
    if (m->q.held != held) ck_abort_msg("held %u, should be %u", m->q.held, held);
    uint32_t have = m->q.hold != NULL ? m->q.hold->runs : 0;
    if (have != runs) ck_abort_msg("%u runs, should be %u", have, runs);
}

static void read_some(struct model *m, uint32_t n)
{
    uint8_t buf[4096];
    size_t got = rcvq_read(&m->q, &m->pool, buf, n);
    for (size_t i = 0; i < got; i++)
        if (buf[i] != byte_at(m->read + (uint32_t)i)) ck_abort_msg("byte %zu differs", m->read + i);
    m->read += (uint32_t)got;
}

// Every order of arrival, with overlaps and repeats, gives the stream and the right runs.
START_TEST(any_order_gives_the_stream)
{
    static struct model m;
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    model_open(&m, UINT32_MAX - 30000);
    for (int step = 0; m.next < STREAM; step++) {
        uint32_t ahead = (uint32_t)rng_below(&r, 20) == 0 ? 0 : (uint32_t)rng_below(&r, 9000);
        uint32_t at = m.next + ahead;
        if (rng_chance(&r, 400000)) at = m.next;
        uint32_t len = 1 + (uint32_t)rng_below(&r, rng_chance(&r, 300000) ? 20 : 1448);
        if (at >= STREAM) continue;
        if (len > STREAM - at) len = STREAM - at;
        enum rcvq_result res = put(&m, at, len);
        ck_assert(res == RCVQ_TAKEN || res == RCVQ_KNOWN);
        if (step % 16 == 0) check_state(&m);
        if (rng_chance(&r, 200000)) read_some(&m, (uint32_t)rng_below(&r, 4096));
    }
    check_state(&m);
    while (m.read < STREAM) read_some(&m, 4096);
    ck_assert_ptr_null(m.q.hold);
    model_close(&m);
}
END_TEST

// RFC 2018 §4: the block with the segment that came last is told first.
START_TEST(the_latest_run_is_told_first)
{
    static struct model m;
    model_open(&m, 100);
    put(&m, 1000, 100);
    put(&m, 3000, 100);
    put(&m, 5000, 100);
    put(&m, 1100, 50);
    struct seq_range run[4];
    ck_assert_uint_eq(rcvq_runs(&m.q, run, 4), 3);
    ck_assert_uint_eq(run[0].from.raw, 1100);
    ck_assert_uint_eq(run[0].to.raw, 1250);
    ck_assert_uint_eq(run[1].from.raw, 5100);
    ck_assert_uint_eq(run[2].from.raw, 3100);
    ck_assert_uint_eq(rcvq_runs(&m.q, run, 2), 2);
    model_close(&m);
}
END_TEST

START_TEST(what_is_known_is_told)
{
    static struct model m;
    model_open(&m, 0);
    put(&m, 1000, 500);
    struct slice s = segment(&m, 1200, 100);
    struct seq_range known;
    ck_assert_int_eq(rcvq_hold(&m.q, &m.pool, seq_of(1200), s, &known), RCVQ_KNOWN);
    ck_assert_uint_eq(known.from.raw, 1200);
    ck_assert_uint_eq(known.to.raw, 1300);
    slice_drop(&s);
    s = segment(&m, 1400, 300);
    ck_assert_int_eq(rcvq_hold(&m.q, &m.pool, seq_of(1400), s, &known), RCVQ_TAKEN);
    ck_assert_uint_eq(known.from.raw, 1400);
    ck_assert_uint_eq(known.to.raw, 1500);
    slice_drop(&s);
    model_close(&m);
}
END_TEST

// A stranger sends a byte at a time: memory stays near the bytes, not near the frames.
START_TEST(tiny_segments_do_not_pin_their_frames)
{
    static struct model m;
    model_open(&m, 0);
    for (uint32_t i = 0; i < 5000; i++) put(&m, i, 1);
    ck_assert_uint_le(m.pool.used, 4 * 5000);
    for (uint32_t i = 0; i < 5000; i++) put(&m, 10000 + i, 1);
    ck_assert_uint_le(m.pool.used, 16 * 5000);
    model_close(&m);
}
END_TEST

START_TEST(every_second_byte_meets_a_limit)
{
    static struct model m;
    model_open(&m, 0);
    unsigned full = 0;
    for (uint32_t i = 1; i < STREAM; i += 2) full += put(&m, i, 1) == RCVQ_FULL;
    ck_assert_uint_eq(full, STREAM / 2 - RCVQ_RUNS);
    ck_assert_uint_le(m.pool.used, RCVQ_RUNS * 400u);
    model_close(&m);
}
END_TEST

START_TEST(memory_out_loses_no_order)
{
    for (int64_t fail = 1; fail < 60; fail++) {
        static struct model m;
        model_open(&m, 0);
        struct rng r;
        rng_seed(&r, (uint64_t)fail);
        for (int i = 0; i < 60; i++) {
            uint32_t at = m.next + (rng_chance(&r, 500000) ? 0 : (uint32_t)rng_below(&r, 4000));
            struct slice s = segment(&m, at, 1 + (uint32_t)rng_below(&r, 1000));
            struct seq_range known;
            m.pool.fail_in = i == 30 ? fail % 4 + 1 : -1;
            if (at == m.next) {
                rcvq_append(&m.q, &m.pool, s);
                rcvq_join(&m.q, &m.pool);
                m.next = m.read + m.q.bytes.len;
            } else {
                rcvq_hold(&m.q, &m.pool, seq_add(m.base, at), s, &known);
            }
            slice_drop(&s);
            m.pool.fail_in = -1;
            read_some(&m, 500);
        }
        model_close(&m);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rcvq");
    TCase *tc = tcase_create("rcvq");
    tcase_add_loop_test(tc, any_order_gives_the_stream, 0, 12);
    tcase_add_test(tc, the_latest_run_is_told_first);
    tcase_add_test(tc, what_is_known_is_told);
    tcase_add_test(tc, tiny_segments_do_not_pin_their_frames);
    tcase_add_test(tc, every_second_byte_meets_a_limit);
    tcase_add_test(tc, memory_out_loses_no_order);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
