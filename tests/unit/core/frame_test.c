// frame_test.c - headers in front, slices behind, and no byte or count lost between them.
#include <check.h>
#include <signal.h>

#include "base/csum.h"
#include "base/rng.h"
#include "claims.h"
#include "core/frame.h"
#include "unit/aborts.h"

static struct pool pool;

static void begin(void) { pool_init(&pool, 1 << 20); }

static void end(void)
{
    ck_assert_uint_eq(pool.frames_out, 0);
    ck_assert_uint_eq(pool.chunks_out, 0);
    pool_drain(&pool);
}

static struct slice bytes(const char *s)
{
    struct chunk *c = chunk_new(&pool, strlen(s));
    memcpy(c->data, s, strlen(s));
    struct slice slice = slice_of(c, 0, strlen(s));
    chunk_drop(c);
    return slice;
}

START_TEST(push_pull_trim)
{
    struct frame *f = frame_new(&pool);
    ck_assert_uint_eq(f->len, 0);
    memcpy(frame_push(f, 3), "tcp", 3);
    memcpy(frame_push(f, 2), "ip", 2);
    ck_assert_uint_eq(f->len, 5);
    ck_assert_mem_eq(frame_start(f), "iptcp", 5);
    frame_pull(f, 2);
    frame_trim(f, 2);
    ck_assert_mem_eq(frame_start(f), "tc", 2);
    ck_assert_uint_eq(f->len, 2);
    frame_push(f, FRAME_HEADROOM - 3);
    ck_assert_uint_eq(f->start, 0);
    frame_free(f);
}
END_TEST

START_TEST(slices_follow_the_head)
{
    struct frame *f = frame_new(&pool);
    memcpy(frame_push(f, 2), "h:", 2);
    frame_give(f, bytes("hello"));
    frame_give(f, bytes(""));
    frame_give(f, bytes(" world"));
    uint8_t all[20];
    ck_assert_uint_eq(f->len, 13);
    for (size_t cap = 0; cap <= sizeof all; cap++) {
        memset(all, '#', sizeof all);
        size_t want = cap < 13 ? cap : 13;
        ck_assert_uint_eq(frame_flatten(f, all, cap), want);
        ck_assert_mem_eq(all, "h:hello world", want);
        if (want < sizeof all) ck_assert_int_eq(all[want], '#');
    }
    frame_free(f);
}
END_TEST

START_TEST(a_received_frame_lends_its_bytes)
{
    struct frame *f = frame_from(&pool, (const uint8_t *)"headpayload", 11);
    frame_pull(f, 4);
    struct slice s = frame_slice(f, 3, 4);
    frame_free(f);
    ck_assert_uint_eq(pool.frames_out, 0);
    ck_assert_mem_eq(slice_bytes(s), "load", 4);
    slice_drop(&s);
}
END_TEST

START_TEST(a_copy_keeps_what_it_is)
{
    struct frame *f = frame_new(&pool);
    struct pool other;
    pool_init(&other, 1 << 20);
    f->l4 = (uint16_t)f->start;
    memcpy(frame_push(f, 4), "ipv4", 4);
    f->l3 = (uint16_t)f->start;
    frame_give(f, bytes("data"));
    f->id = 7;
    f->gso_size = 1448;
    f->csum = CSUM_TODO;
    f->csum_off = 2;
    f->why = SENT_RTO;
    f->family = FAMILY_IP4;
    struct frame *copy = frame_copy(&other, f);
    frame_free(f);
    ck_assert_uint_eq(copy->slices, 0);
    ck_assert_mem_eq(frame_start(copy), "ipv4data", 8);
    ck_assert_mem_eq(copy->head->data + copy->l3, "ipv4", 4);
    ck_assert_mem_eq(copy->head->data + copy->l4, "data", 4);
    ck_assert(copy->id == 7 && copy->gso_size == 1448 && copy->why == SENT_RTO);
    ck_assert(copy->csum == CSUM_TODO && copy->csum_off == 2 && copy->family == FAMILY_IP4);
    frame_free(copy);
    pool_drain(&other);
}
END_TEST

START_TEST(the_longest_frame_fits)
{
    struct frame *f = frame_blank(&pool, FRAME_MAX);
    memset(frame_start(f), 1, FRAME_MAX);
    frame_push(f, FRAME_HEADROOM);
    frame_free(f);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
    uint8_t wire[60] = {0};
    for (int64_t n = 1;; n++) {
        pool.fail_in = n;
        struct frame *f = frame_from(&pool, wire, sizeof wire);
        struct frame *copy = f == NULL ? NULL : frame_copy(&pool, f);
        if (copy != NULL) frame_free(copy);
        if (f != NULL) frame_free(f);
        ck_assert_uint_eq(pool.frames_out + pool.chunks_out, 0);
        if (copy != NULL) {
            ck_assert_int_eq(n, 5);
            break;
        }
    }
}
END_TEST

// A random segment in random slices, odd sizes included, against one sum over the flat bytes.
START_TEST(finished_checksums_are_sound)
{
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    struct addr a = addr_ip4(0x0a000001), b = addr_ip4(0x0a000002);
    struct frame *f = frame_new(&pool);
    f->l4 = (uint16_t)(f->start - 20);
    rng_fill(&r, frame_push(f, 20), 20);
    for (uint64_t n = rng_below(&r, FRAME_SLICES + 1); n > 0; n--) {
        struct chunk *c = chunk_new(&pool, CHUNK_MEDIUM);
        rng_fill(&r, c->data, c->size);
        frame_give(f, slice_of(c, rng_below(&r, 100), rng_below(&r, 1500)));
        chunk_drop(c);
    }
    uint16_t pseudo = csum_pseudo(a, b, 6, f->len);
    put16(frame_start(f) + 16, pseudo);
    f->csum = CSUM_TODO;
    f->csum_off = 16;
    frame_push(f, 14);
    frame_finish_csum(f);
    ck_assert_int_eq(f->csum, CSUM_NONE);
    frame_pull(f, 14);
    static uint8_t flat[16384];
    size_t len = frame_flatten(f, flat, sizeof flat);
    ck_assert(csum_ok(pseudo, flat, len));
    frame_finish_csum(f);  // once is enough
    ck_assert_mem_eq(frame_start(f), flat, 20);
    frame_free(f);
}
END_TEST

// In UDP zero would mean "no checksum"; elsewhere it is a sum like any other (RFC 1624).
START_TEST(a_sum_of_zero_is_sent_as_ffff_by_udp_alone)
{
    for (uint16_t at = 2; at <= 16; at = (uint16_t)(at + 2)) {
        uint8_t bytes[20] = {0};
        memset(bytes + (at < 10 ? 18 : 0), 0xff, 2);
        struct frame *f = frame_from(&pool, bytes, sizeof bytes);
        f->l4 = (uint16_t)f->start;
        f->csum = CSUM_TODO;
        f->csum_off = at;
        frame_finish_csum(f);
        ck_assert_uint_eq(get16(frame_start(f) + at), at == 6 ? 0xffff : 0);
        frame_free(f);
    }
}
END_TEST

START_TEST(beyond_the_headroom_aborts)
{
    ck_assert_aborts(frame_push(frame_new(&pool), FRAME_HEADROOM + 1));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("frame");
    TCase *c = tcase_create("frame");
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, push_pull_trim);
    tcase_add_test(c, slices_follow_the_head);
    tcase_add_test(c, a_received_frame_lends_its_bytes);
    tcase_add_test(c, a_copy_keeps_what_it_is);
    tcase_add_test(c, the_longest_frame_fits);
    tcase_add_test(c, each_allocation_may_fail);
    tcase_add_loop_test(c, finished_checksums_are_sound, 0, 100);
    tcase_add_test(c, a_sum_of_zero_is_sent_as_ffff_by_udp_alone);
    tcase_add_test(c, beyond_the_headroom_aborts);
    suite_add_tcase(s, c);
    return run_claims(s);
}
