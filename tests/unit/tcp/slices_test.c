// slices_test.c - the send buffer against its dullest model: an array of bytes.
#include <check.h>

#include "base/rng.h"
#include "claims.h"
#include "tcp/sndq.h"

enum { STREAM = 1 << 20 };

static uint8_t byte_at(uint32_t i) { return (uint8_t)(i * 131 + (i >> 8)); }

struct model { struct pool pool; struct sndq q; uint32_t una, end; struct seq base; };

static void model_open(struct model *m, uint32_t first, uint32_t limit)
{
    pool_init(&m->pool, 8 << 20);
    m->una = m->end = 0;
    m->base = seq_of(first);
    sndq_init(&m->q, m->base, limit);
}

static void model_close(struct model *m)
{
    slices_free(&m->q.bytes, &m->pool);
    ck_assert_uint_eq(m->pool.used, 0);
    pool_drain(&m->pool);
}

static uint32_t append(struct model *m, uint32_t n)
{
    uint8_t buf[8192];
    for (uint32_t i = 0; i < n; i++) buf[i] = byte_at(m->end + i);
    uint32_t took = (uint32_t)sndq_append(&m->q, &m->pool, buf, n);
    m->end += took;
    return took;
}

static void check_bytes(const struct model *m, uint32_t at, uint32_t len)
{
    struct slice s[8];
    uint32_t i = at;
    unsigned n = slices_get(&m->q.bytes, seq_add(m->base, at), len, s, 8);
    for (unsigned k = 0; k < n; k++) {
        for (uint32_t b = 0; b < s[k].len; b++, i++)
            if (slice_bytes(s[k])[b] != byte_at(i)) ck_abort_msg("byte %u differs", i);
        slice_drop(&s[k]);
    }
    uint32_t reach = slices_reach(&m->q.bytes, seq_add(m->base, at), 8);
    if (i - at != (len < reach ? len : reach)) ck_abort_msg("%u bytes of %u", i - at, len);
}

START_TEST(bytes_come_back_under_their_numbers)
{
    struct model m;
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    model_open(&m, UINT32_MAX - 5000, 200000);  // the numbers wrap early on
    while (m.end < STREAM) {
        uint32_t want = 1 + (uint32_t)rng_below(&r, rng_chance(&r, 500000) ? 50 : 8192);
        uint32_t room = (uint32_t)sndq_room(&m.q);
        ck_assert_uint_eq(append(&m, want), want < room ? want : room);
        uint32_t held = m.end - m.una;
        ck_assert_uint_eq(m.q.bytes.len, held);
        uint32_t off = (uint32_t)rng_below(&r, held), len = (uint32_t)rng_below(&r, held - off) + 1;
        check_bytes(&m, m.una + off, len < held - off ? len : held - off);
        if (rng_chance(&r, 300000) || held > 150000) {
            m.una += (uint32_t)rng_below(&r, held + 1);
            sndq_acked(&m.q, &m.pool, seq_add(m.base, m.una));
        }
    }
    model_close(&m);
}
END_TEST

START_TEST(many_small_writes_share_chunks)
{
    struct model m;
    model_open(&m, 7, 1 << 20);
    for (int i = 0; i < 20000; i++) append(&m, 10);
    ck_assert_uint_eq(m.q.bytes.len, 200000);
    ck_assert_uint_le(m.pool.chunks_out, 16);
    ck_assert_uint_le(m.pool.used, 2 * 200000);
    model_close(&m);
}
END_TEST

START_TEST(one_small_write_takes_a_small_chunk)
{
    struct model m;
    model_open(&m, 7, 1 << 20);
    append(&m, 100);
    ck_assert_uint_eq(m.q.bytes.ring[0].s.chunk->size, CHUNK_SMALL);
    sndq_acked(&m.q, &m.pool, seq_add(m.base, 100));
    ck_assert_uint_eq(m.pool.used, 0);  // an empty queue owns nothing
    model_close(&m);
}
END_TEST

START_TEST(a_given_slice_is_shared_not_copied)
{
    struct model m;
    model_open(&m, 7, 1 << 20);
    struct chunk *c = chunk_new(&m.pool, 1000);
    memset(c->data, 'x', 1000);
    ck_assert(sndq_give(&m.q, &m.pool, slice_of(c, 100, 500)));
    ck_assert_uint_eq(c->refs, 2);
    ck_assert_uint_eq(slices_fill(&m.q.bytes, (const uint8_t *)"y", 1), 0);
    struct slice s;
    ck_assert_uint_eq(slices_get(&m.q.bytes, m.base, 500, &s, 1), 1);
    ck_assert_ptr_eq(s.chunk, c);
    slice_drop(&s);
    chunk_drop(c);
    model_close(&m);
}
END_TEST

START_TEST(a_give_beyond_the_limit_is_refused)
{
    struct model m;
    model_open(&m, 7, 2048);
    struct slice s = {.chunk = chunk_new(&m.pool, 2000), .len = 2000};
    struct slice t = slice_part(s, 0, 100);
    ck_assert(sndq_give(&m.q, &m.pool, s));
    ck_assert(!sndq_give(&m.q, &m.pool, t));
    slice_drop(&t);
    model_close(&m);
}
END_TEST

START_TEST(memory_out_takes_what_fits)
{
    for (int64_t fail = 1; fail < 12; fail++) {
        struct model m;
        model_open(&m, 7, 1 << 20);
        m.pool.fail_in = fail;
        uint32_t took = 0;
        for (int i = 0; i < 40; i++) took += append(&m, 8000);
        ck_assert_uint_eq(took, m.q.bytes.len);
        check_bytes(&m, 0, took);
        model_close(&m);
    }
}
END_TEST

// MSG_EOR: records end where they were said to, whatever is acknowledged or written later.
START_TEST(records_end_where_they_were_said_to)
{
    struct model m;
    model_open(&m, UINT32_MAX - 500, 1 << 20);
    append(&m, 700);
    ck_assert_uint_eq(slices_record(&m.q.bytes, m.base, 700), 700);  // nothing was said
    append(&m, 300);
    slices_end_record(&m.q.bytes);
    append(&m, 100);
    slices_end_record(&m.q.bytes);
    append(&m, 5000);
    ck_assert_uint_eq(slices_record(&m.q.bytes, m.base, 6100), 1000);
    ck_assert_uint_eq(slices_record(&m.q.bytes, m.base, 999), 999);
    ck_assert_uint_eq(slices_record(&m.q.bytes, seq_add(m.base, 600), 5500), 400);
    ck_assert_uint_eq(slices_record(&m.q.bytes, seq_add(m.base, 1000), 5100), 100);
    ck_assert_uint_eq(slices_record(&m.q.bytes, seq_add(m.base, 1100), 5000), 5000);
    sndq_acked(&m.q, &m.pool, seq_add(m.base, 1050));
    ck_assert_uint_eq(slices_record(&m.q.bytes, seq_add(m.base, 1050), 5050), 50);
    check_bytes(&m, 1050, 5050);
    model_close(&m);
}
END_TEST

// However short the records are, they share chunks: else 64 KB each would be held for a few bytes.
START_TEST(short_records_share_chunks)
{
    struct model m;
    model_open(&m, 1000, 1 << 20);
    append(&m, 5000);
    append(&m, 5000);
    append(&m, 8000);  // from here on chunks are large
    for (int i = 0; i < 1000; i++) {
        slices_end_record(&m.q.bytes);
        append(&m, 7);
    }
    ck_assert_uint_lt(m.pool.used, 300000);
    ck_assert_uint_eq(slices_record(&m.q.bytes, seq_add(m.base, 18003), 100), 4);
    check_bytes(&m, 0, 25000);
    sndq_acked(&m.q, &m.pool, seq_add(m.base, 18100));
    check_bytes(&m, 18100, 6900);
    model_close(&m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("slices");
    TCase *tc = tcase_create("slices");
    tcase_add_loop_test(tc, bytes_come_back_under_their_numbers, 0, 4);
    tcase_add_test(tc, many_small_writes_share_chunks);
    tcase_add_test(tc, one_small_write_takes_a_small_chunk);
    tcase_add_test(tc, a_given_slice_is_shared_not_copied);
    tcase_add_test(tc, a_give_beyond_the_limit_is_refused);
    tcase_add_test(tc, memory_out_takes_what_fits);
    tcase_add_test(tc, records_end_where_they_were_said_to);
    tcase_add_test(tc, short_records_share_chunks);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
