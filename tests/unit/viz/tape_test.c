#include <check.h>

#include "claims.h"
#include "viz/big.h"
#include "viz/tape.h"

static struct tape tape;

static void begin(void) { tape = (struct tape){0}; }
static void end(void) { tape_free(&tape); }

// Mostly nothing goes by; now and then any time stands in a hostile file, forwards or back.
static nsec time_of(uint32_t i)
{
    static const nsec far[] = {INT64_MIN, INT64_MAX, 0, -1, 1, INT64_MAX - 1};
    return i % 61 == 60 ? far[i / 61 % ARRAY_LEN(far)] : (nsec)(i / 7) * 40;
}

START_TEST(times_come_back_wherever_one_begins)
{
    enum { EVENTS = 3000 };
    struct tape_place place;
    for (uint32_t i = 0; i < EVENTS; i++) {
        struct trace_event ev = {.at = time_of(i), .host = 1, .conn = i, .type = TRACE_TCP_ACKED};
        ck_assert(tape_add(&tape, &ev, &place));
        ck_assert_int_eq(ev.at, time_of(i));
        ck_assert_uint_eq(ev.order, i);
    }
    for (uint32_t i = 0; i < EVENTS; i += 37) {
        struct trace_event ev;
        struct tape_cursor c = tape_seek(&tape, i);
        for (uint32_t k = i; k < EVENTS && k < i + 200; k++) {
            if (!tape_next(&c, &ev) || ev.at != time_of(k) || ev.conn != k || ev.order != k)
                ck_abort_msg("event %u, read from %u", k, i);
        }
    }
}
END_TEST

START_TEST(the_bytes_of_a_frame_end_the_tape)
{
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31);
    struct trace_event ev = {.at = 5, .host = 1, .type = TRACE_FRAME_TX,
                             .frame_tx = {.frame = 9, .len = 300, .data = {bytes, sizeof bytes}}};
    struct tape_place place;
    ck_assert(tape_add(&tape, &ev, &place));
    ck_assert_mem_eq(tape_end(&tape) - sizeof bytes, bytes, sizeof bytes);
}
END_TEST

// Across the edge between malloc()'s memory and mapped pages, what was written stays.
START_TEST(large_arrays_keep_what_they_hold)
{
    size_t had = 0, len[] = {100, 1 << 20, 2 << 20, (2 << 20) + 1, 4 << 20, 9 << 20, 40 << 20};
    uint8_t *p = NULL;
    for (size_t i = 0; i < ARRAY_LEN(len); i++) {
        p = big_realloc(p, had, len[i]);
        ck_assert_ptr_nonnull(p);
        for (size_t k = 0; k < had; k += 97)
            if (p[k] != (uint8_t)(k * 13)) ck_abort_msg("byte %zu at step %zu", k, i);
        for (size_t k = 0; k < len[i]; k++) p[k] = (uint8_t)(k * 13);
        had = len[i];
    }
    big_free(p, had);
    ck_assert_ptr_null(big_realloc(NULL, 0, SIZE_MAX - 100));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tape");
    TCase *tc = tcase_create("tape");
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, times_come_back_wherever_one_begins);
    tcase_add_test(tc, the_bytes_of_a_frame_end_the_tape);
    tcase_add_test(tc, large_arrays_keep_what_they_hold);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
