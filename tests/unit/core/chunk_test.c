// chunk_test.c - counts, limits and the memory that is kept.
#include <check.h>
#include <signal.h>

#include "base/rng.h"
#include "claims.h"
#include "core/chunk.h"
#include "unit/aborts.h"

START_TEST(the_smallest_size_that_holds_it)
{
    static const struct { size_t ask; uint32_t get; } sizes[] = {
        {0, CHUNK_SMALL}, {256, CHUNK_SMALL}, {257, CHUNK_MEDIUM}, {2048, CHUNK_MEDIUM},
        {2049, CHUNK_LARGE}, {CHUNK_LARGE, CHUNK_LARGE},
    };
    struct pool p;
    pool_init(&p, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct chunk *c = chunk_new(&p, sizes[i].ask);
        ck_assert_uint_eq(c->size, sizes[i].get);
        ck_assert_uint_eq(c->filled, 0);
        memset(c->data, 0xa5, c->size);
        ck_assert_uint_eq(p.used, sizes[i].get);
        chunk_drop(c);
        ck_assert_uint_eq(p.used, 0);
    }
    pool_drain(&p);
    ck_assert_uint_eq(p.kept, 0);
}
END_TEST

START_TEST(the_last_count_gives_it_back)
{
    struct pool p;
    pool_init(&p, 4096);
    struct chunk *c = chunk_new(&p, 100);
    memcpy(c->data, "abcdef", 6);
    struct slice s = slice_of(c, 2, 4);
    struct slice part = slice_part(s, 1, 2);
    ck_assert_uint_eq(c->refs, 3);
    chunk_drop(c);
    slice_drop(&s);
    ck_assert_ptr_null(s.chunk);
    slice_drop(&s);  // an empty one has no count to give
    ck_assert_uint_eq(p.chunks_out, 1);
    ck_assert_mem_eq(slice_bytes(part), "de", 2);
    slice_drop(&part);
    ck_assert_uint_eq(p.chunks_out, 0);
    pool_drain(&p);
}
END_TEST

START_TEST(the_limit_holds_for_all_memory)
{
    struct pool p;
    pool_init(&p, 2 * CHUNK_MEDIUM);
    struct chunk *a = chunk_new(&p, CHUNK_MEDIUM), *b = chunk_new(&p, CHUNK_MEDIUM);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_null(chunk_new(&p, 1));
    ck_assert_uint_eq(p.refused, 1);
    ck_assert_ptr_null(chunk_new(&p, CHUNK_LARGE));
    chunk_drop(a);
    chunk_drop(b);
    // The memory of two medium chunks waits; a small one makes room for itself by freeing it.
    struct chunk *c = chunk_new(&p, 1);
    ck_assert_ptr_nonnull(c);
    ck_assert_uint_le(p.used + p.kept, p.limit);
    chunk_drop(c);
    pool_drain(&p);
}
END_TEST

START_TEST(a_test_can_fail_the_nth_allocation)
{
    struct pool p;
    pool_init(&p, 1 << 20);
    p.fail_in = 2;
    struct chunk *a = chunk_new(&p, 1), *b = chunk_new(&p, 1), *c = chunk_new(&p, 1);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_null(b);
    ck_assert_ptr_nonnull(c);
    ck_assert_uint_eq(p.refused, 1);
    chunk_drop(a);
    chunk_drop(c);
    pool_drain(&p);
}
END_TEST

START_TEST(what_is_kept_is_used_again)
{
    struct pool p;
    pool_init(&p, 1 << 20);
    struct chunk *a = chunk_new(&p, 100);
    chunk_drop(a);
    ck_assert_uint_eq(p.kept, POOL_KEEPS ? CHUNK_SMALL : 0);
    struct chunk *b = chunk_new(&p, 200);
    if (POOL_KEEPS) ck_assert_ptr_eq(a, b);
    ck_assert_uint_eq(p.kept, 0);
    chunk_drop(b);
    pool_drain(&p);
}
END_TEST

START_TEST(sums_agree_with_a_model)
{
    enum { SLOTS = 40, STEPS = 20000 };
    static struct chunk *held[SLOTS];
    struct pool p;
    struct rng r;
    rng_seed(&r, (uint64_t)_i + 1);
    pool_init(&p, 10 * CHUNK_LARGE);
    size_t used = 0;
    for (int step = 0; step < STEPS; step++) {
        struct chunk **slot = &held[rng_below(&r, SLOTS)];
        if (*slot != NULL) {
            used -= (*slot)->size;
            chunk_drop(*slot);
            *slot = NULL;
        } else if ((*slot = chunk_new(&p, rng_below(&r, CHUNK_LARGE + 1))) != NULL) {
            used += (*slot)->size;
        }
        if (p.used != used || p.used + p.kept > p.limit) ck_abort_msg("step %d", step);
    }
    for (int i = 0; i < SLOTS; i++) {
        if (held[i] != NULL) chunk_drop(held[i]);
        held[i] = NULL;
    }
    ck_assert_uint_eq(p.chunks_out, 0);
    pool_drain(&p);
}
END_TEST

START_TEST(a_drain_with_a_chunk_out_aborts)
{
    struct pool p;
    pool_init(&p, 4096);
    struct chunk *out = chunk_new(&p, 1);
    ck_assert_aborts(pool_drain(&p));
    chunk_drop(out);
    pool_drain(&p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chunk");
    TCase *c = tcase_create("chunk");
    tcase_add_test(c, the_smallest_size_that_holds_it);
    tcase_add_test(c, the_last_count_gives_it_back);
    tcase_add_test(c, the_limit_holds_for_all_memory);
    tcase_add_test(c, a_test_can_fail_the_nth_allocation);
    tcase_add_test(c, what_is_kept_is_used_again);
    tcase_add_loop_test(c, sums_agree_with_a_model, 0, 3);
    tcase_add_test(c, a_drain_with_a_chunk_out_aborts);
    suite_add_tcase(s, c);
    return run_claims(s);
}
