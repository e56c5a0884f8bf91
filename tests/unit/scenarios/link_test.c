// link_test.c - a cable alone: frames in, frames out, and what it tells of them.
#include <check.h>

#include "base/csum.h"
#include "claims.h"
#include "core/trace.h"
#include "scenarios/sim/link.h"

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

enum { TOLD = 20000, LEN = 1000 };

struct ear { struct trace_sink sink; struct trace_event told[TOLD]; size_t count; };

static struct pool pool;
static struct link *cable;
static struct ear ear;

static void hear(struct trace_sink *sink, const struct trace_event *ev)
{
    struct ear *e = (struct ear *)(void *)sink;
    if (e->count < TOLD) e->told[e->count++] = *ev;
}

static size_t told(enum trace_type type)
{
    size_t n = 0;
    for (size_t i = 0; i < ear.count; i++) n += ear.told[i].type == type;
    return n;
}

static const struct trace_event *last(enum trace_type type)
{
    for (size_t i = ear.count; i-- > 0;)
        if (ear.told[i].type == type) return &ear.told[i];
    ck_abort_msg("%s was not told", trace_type_name(type));
}

static size_t drops(enum drop why)
{
    size_t n = 0;
    for (size_t i = 0; i < ear.count; i++)
        n += ear.told[i].type == TRACE_LINK_DROP && ear.told[i].link_drop.why == why;
    return n;
}

static void make(uint64_t seed)
{
    memset(&ear, 0, sizeof ear);
    ear.sink.emit = hear;
    pool_init(&pool, 16 << 20);
    cable = link_new(&(struct link_setup){.id = 1, .host = {1, 2}, .netif = {1, 1}, .pool = &pool,
                                          .trace = &ear.sink, .seed = seed});
    ck_assert_ptr_nonnull(cable);
}

static void unmake(void)
{
    link_free(cable);
    pool_drain(&pool);  // and nothing is out: no frame leaked
}

static void qualities(struct link_config cfg)
{
    for (int i = 0; i < 2; i++) link_set(cable, (enum link_end)i, &cfg, 0);
}

static struct frame *frame_of(uint64_t id, size_t len)
{
    struct frame *f = frame_blank(&pool, len);
    ck_assert_ptr_nonnull(f);
    memset(frame_start(f), (int)(id & 0x7f), len);
    f->id = id;
    return f;
}

static void send(uint64_t id, nsec now) { link_enqueue(cable, LINK_A, frame_of(id, LEN), now); }

// Everything that comes out until nothing is left. Returns how many; the ids go to out.
static size_t drain(uint64_t *out, size_t cap)
{
    size_t n = 0;
    nsec at, before = 0;
    while ((at = link_next(cable)) != NEVER) {
        NEED(at >= before);
        before = at;
        enum link_end to;
        struct frame *f;
        while ((f = link_take(cable, at, &to)) != NULL) {
            NEED(to == LINK_B && n < cap);
            out[n++] = f->id;
            frame_free(f);
        }
    }
    return n;
}

START_TEST(a_frame_takes_its_time_on_the_line_and_on_the_way)
{
    make(1);
    qualities((struct link_config){.rate_bps = 8000000, .delay = MSEC(5)});  // a byte a us
    send(1, SEC(1));
    const struct trace_event *fly = last(TRACE_LINK_FLY);
    ck_assert_int_eq(fly->link_fly.depart, SEC(1));
    ck_assert_int_eq(fly->link_fly.arrive, SEC(1) + MSEC(6));
    ck_assert_int_eq(link_next(cable), SEC(1) + MSEC(6));
    enum link_end to = LINK_A;
    ck_assert_ptr_null(link_take(cable, SEC(1) + MSEC(6) - 1, &to));
    struct frame *f = link_take(cable, SEC(1) + MSEC(6), &to);
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(to, LINK_B);
    ck_assert_uint_eq(f->id, 1);
    ck_assert_uint_eq(f->len, LEN);
    ck_assert_uint_eq(frame_start(f)[LEN - 1], 1);
    frame_free(f);
    ck_assert_int_eq(link_next(cable), NEVER);
    unmake();
}
END_TEST

START_TEST(frames_wait_for_those_before_them)
{
    make(1);
    qualities((struct link_config){.rate_bps = 8000000, .delay = MSEC(5)});
    for (uint64_t id = 1; id <= 3; id++) send(id, 0);
    ck_assert_uint_eq(told(TRACE_LINK_FLY), 1);
    ck_assert_uint_eq(told(TRACE_LINK_QUEUE), 2);
    ck_assert_uint_eq(last(TRACE_LINK_QUEUE)->link_queue.packets, 2);
    ck_assert_uint_eq(last(TRACE_LINK_QUEUE)->link_queue.bytes, 2 * LEN);
    uint64_t out[8];
    ck_assert_uint_eq(drain(out, 8), 3);
    for (uint64_t i = 0; i < 3; i++) ck_assert_uint_eq(out[i], i + 1);
    ck_assert_int_eq(last(TRACE_LINK_FLY)->link_fly.depart, MSEC(2));
    ck_assert_int_eq(last(TRACE_LINK_FLY)->link_fly.arrive, MSEC(8));
    ck_assert_uint_eq(last(TRACE_LINK_FLY)->link_fly.packets, 0);
    unmake();
}
END_TEST

START_TEST(the_directions_do_not_wait_for_each_other)
{
    make(1);
    qualities((struct link_config){.rate_bps = 8000000});
    send(1, 0);
    link_enqueue(cable, LINK_B, frame_of(2, LEN), 0);
    ck_assert_uint_eq(told(TRACE_LINK_FLY), 2);
    enum link_end to;
    struct frame *f = link_take(cable, MSEC(1), &to);
    ck_assert_uint_eq(f->id, 1);
    frame_free(f);
    f = link_take(cable, MSEC(1), &to);
    ck_assert_uint_eq(f->id, 2);
    ck_assert_int_eq(to, LINK_A);
    frame_free(f);
    unmake();
}
END_TEST

START_TEST(a_full_queue_refuses)
{
    make(1);
    qualities((struct link_config){.rate_bps = 8000, .queue_packets = 2});
    for (uint64_t id = 1; id <= 4; id++) send(id, 0);  // one flies, two wait
    ck_assert_uint_eq(drops(DROP_LINK_QUEUE_FULL), 1);
    ck_assert_uint_eq(last(TRACE_LINK_DROP)->link_drop.frame, 4);
    uint64_t out[8];
    ck_assert_uint_eq(drain(out, 8), 3);
    unmake();
}
END_TEST

START_TEST(a_link_that_is_down_carries_nothing)
{
    make(1);
    qualities((struct link_config){.rate_bps = 8000000});
    send(1, 0);
    send(2, 0);  // waits
    qualities((struct link_config){.rate_bps = 8000000, .down = true});
    send(3, 0);
    ck_assert_uint_eq(drops(DROP_LINK_DOWN), 1);
    uint64_t out[8];
    ck_assert_uint_eq(drain(out, 8), 1);  // it was on its way
    ck_assert_uint_eq(out[0], 1);
    ck_assert_uint_eq(drops(DROP_LINK_DOWN), 2);
    unmake();
}
END_TEST

START_TEST(what_is_too_big_or_finds_no_memory_is_dropped_with_a_reason)
{
    make(1);
    struct frame *f = frame_new(&pool);
    struct chunk *c = chunk_new(&pool, CHUNK_LARGE);
    memset(c->data, 0, FRAME_MAX + 1);
    frame_give(f, slice_of(c, 0, FRAME_MAX + 1));
    chunk_drop(c);
    link_enqueue(cable, LINK_A, f, 0);
    ck_assert_uint_eq(drops(DROP_LINK_TOO_BIG), 1);
    f = frame_of(2, LEN);
    pool.fail_in = 1;
    link_enqueue(cable, LINK_A, f, 0);
    ck_assert_uint_eq(drops(DROP_NO_MEMORY), 1);
    unmake();
}
END_TEST

START_TEST(loss_is_as_often_as_asked_and_told_in_mid_flight)
{
    enum { FRAMES = 4000 };
    static uint64_t out[FRAMES];
    make(1);
    qualities((struct link_config){.delay = MSEC(10), .loss_ppm = 250000});
    for (uint64_t id = 1; id <= FRAMES; id++) send(id, (nsec)id * 1000);
    size_t arrived = drain(out, FRAMES);
    ck_assert_uint_eq(arrived + drops(DROP_LINK_LOSS), FRAMES);
    ck_assert_uint_gt(arrived, FRAMES * 72 / 100);
    ck_assert_uint_lt(arrived, FRAMES * 78 / 100);
    const struct trace_event *lost = last(TRACE_LINK_DROP);
    nsec sent = (nsec)lost->link_drop.frame * 1000;
    ck_assert_int_eq(lost->at, sent + MSEC(5));
    ck_assert_int_eq(lost->link_drop.when, lost->at);
    unmake();
}
END_TEST

// What was lost with this seed and these qualities, as bits.
static void losses(uint64_t seed, struct link_config cfg, uint8_t *lost, size_t frames)
{
    static uint64_t out[4000];
    make(seed);
    qualities(cfg);
    for (uint64_t id = 1; id <= frames; id++) send(id, (nsec)id);
    size_t arrived = drain(out, ARRAY_LEN(out));
    memset(lost, 1, frames);
    for (size_t i = 0; i < arrived; i++) lost[out[i] - 1] = 0;
    unmake();
}

START_TEST(luck_is_the_seeds_and_no_other_qualitys)
{
    enum { FRAMES = 300 };
    uint8_t a[FRAMES], b[FRAMES], c[FRAMES], d[FRAMES];
    losses(7, (struct link_config){.loss_ppm = 200000}, a, FRAMES);
    losses(7, (struct link_config){.loss_ppm = 200000}, b, FRAMES);
    losses(7, (struct link_config){.loss_ppm = 200000, .jitter = MSEC(3), .delay = MSEC(1),
                                   .duplicate_ppm = 100000, .reorder_ppm = 50000,
                                   .corrupt_ppm = 50000}, c, FRAMES);
    losses(8, (struct link_config){.loss_ppm = 200000}, d, FRAMES);
    ck_assert_mem_eq(a, b, FRAMES);
    ck_assert_mem_eq(a, c, FRAMES);
    ck_assert(memcmp(a, d, FRAMES) != 0);
}
END_TEST

START_TEST(duplicates_fly_twice)
{
    make(1);
    qualities((struct link_config){.duplicate_ppm = 1000000});
    send(1, 0);
    uint64_t out[8];
    ck_assert_uint_eq(drain(out, 8), 2);
    ck_assert_uint_eq(out[0], 1);
    ck_assert_uint_eq(out[1], 1);
    ck_assert_uint_eq(told(TRACE_LINK_FLY), 2);
    unmake();
}
END_TEST

START_TEST(damage_is_one_bit_and_no_longer_vouched_for)
{
    make(1);
    qualities((struct link_config){.corrupt_ppm = 1000000});
    struct frame *f = frame_of(1, LEN);
    memset(frame_start(f), 0, LEN);
    f->csum = CSUM_CHECKED;
    link_enqueue(cable, LINK_A, f, 0);
    enum link_end to;
    f = link_take(cable, link_next(cable), &to);
    ck_assert_ptr_nonnull(f);
    int bits = 0;
    for (size_t i = 0; i < LEN; i++) bits += __builtin_popcount(frame_start(f)[i]);
    ck_assert_int_eq(bits, 1);
    ck_assert_int_eq(f->csum, CSUM_NONE);
    frame_free(f);
    unmake();
}
END_TEST

START_TEST(damage_comes_after_the_checksum)
{
    make(1);
    qualities((struct link_config){.corrupt_ppm = 1000000});
    struct frame *f = frame_of(1, 100), *whole = frame_of(1, 100);
    f->csum = whole->csum = CSUM_TODO;
    f->l4 = (uint16_t)(f->start + 34);
    whole->l4 = (uint16_t)(whole->start + 34);
    f->csum_off = whole->csum_off = 16;
    frame_finish_csum(whole);
    link_enqueue(cable, LINK_A, f, 0);
    enum link_end to;
    f = link_take(cable, link_next(cable), &to);
    int bits = 0;
    for (size_t i = 0; i < 100; i++)
        bits += __builtin_popcount(frame_start(f)[i] ^ frame_start(whole)[i]);
    ck_assert_int_eq(bits, 1);
    frame_free(f);
    frame_free(whole);
    unmake();
}
END_TEST

START_TEST(jitter_and_reordering_let_frames_overtake)
{
    static const struct link_config ways[] = {
        {.delay = MSEC(1), .jitter = MSEC(1)}, {.delay = MSEC(1), .reorder_ppm = 200000}};
    static uint64_t out[200];
    make(3);
    qualities(ways[_i]);
    for (uint64_t id = 1; id <= 200; id++) send(id, (nsec)id * 10000);
    ck_assert_uint_eq(drain(out, 200), 200);
    int overtaken = 0;
    for (int i = 1; i < 200; i++) overtaken += out[i] < out[i - 1];
    ck_assert_int_gt(overtaken, 10);
    unmake();
}
END_TEST

static int freed;

static bool of_even_id(void *self, const uint8_t *p, size_t len)
{
    (void)self;
    return len == LEN && p[0] % 2 == 0;
}

static void count_free(void *self) { freed += self == &freed; }

START_TEST(a_rule_drops_what_it_names_after_skipping)
{
    make(1);
    freed = 0;
    struct link_rule rule = {.match = of_even_id, .free = count_free, .self = &freed, .skip = 1,
                             .count = 2};
    ck_assert_int_eq(link_add_rule(cable, LINK_A, &rule), 0);
    for (uint64_t id = 1; id <= 10; id++) send(id, (nsec)id);
    uint64_t out[16];
    ck_assert_uint_eq(drain(out, 16), 8);
    ck_assert_uint_eq(drops(DROP_LINK_FILTER), 2);
    for (int i = 0; i < 8; i++) ck_assert(out[i] != 4 && out[i] != 6);
    unmake();
    ck_assert_int_eq(freed, 1);
}
END_TEST

START_TEST(a_super_frame_takes_the_time_of_its_segments)
{
    make(1);
    qualities((struct link_config){.rate_bps = 8000000});
    struct frame *f = frame_of(1, 14 + 20 + 20 + 5000);
    uint8_t *p = frame_start(f);
    p[14] = 0x45;
    p[14 + 20 + 12] = 0x50;
    f->gso_size = 1000;  // five segments, so four more headers of 54 bytes
    link_enqueue(cable, LINK_A, f, 0);
    ck_assert_int_eq(last(TRACE_LINK_FLY)->link_fly.arrive, USEC(54 + 5000 + 4 * 54));
    unmake();
}
END_TEST

START_TEST(nothing_takes_no_time_at_all)
{
    make(1);
    send(1, 0);
    ck_assert_int_gt(link_next(cable), 0);
    unmake();
}
END_TEST

START_TEST(what_it_is_and_becomes_is_told)
{
    make(1);
    qualities((struct link_config){.rate_bps = 1000, .delay = 5, .loss_ppm = 7});
    ck_assert_uint_eq(told(TRACE_LINK_NEW), 1);
    ck_assert_uint_eq(ear.told[0].link_new.peer_host, 2);
    ck_assert_uint_eq(told(TRACE_LINK_SET), 2);
    ck_assert_uint_eq(last(TRACE_LINK_SET)->link_set.rate_bps, 1000);
    ck_assert_uint_eq(last(TRACE_LINK_SET)->link_set.queue_packets, 1000);
    ck_assert_uint_eq(last(TRACE_LINK_SET)->host, 2);
    ck_assert_int_eq(link_get(cable, LINK_B)->delay, 5);
    unmake();
}
END_TEST

// --- marks (RFC 3168 §5) -----------------------------------------------------------------------

static struct frame *packet_with_tos(uint64_t id, bool six, uint8_t tos)
{
    struct frame *f = frame_of(id, 200);
    uint8_t *p = frame_start(f);
    put16(p + 12, six ? 0x86dd : 0x0800);
    put16(p + 14, six ? (uint16_t)(0x6000 | tos << 4) : (uint16_t)(0x4500 | tos));
    if (six) return f;
    put16(p + 24, 0);
    put16(p + 24, csum_field(csum_sum(p + 14, 20)));
    return f;
}

// The first frame flies at once, the second waits alone; from the third on the queue is long.
static const struct { bool six; uint8_t tos, then; } marked[] = {
    {false, 0, 0}, {false, 1, 3}, {false, 2, 3}, {false, 3, 3}, {false, 0xb8, 0xb8},
    {false, 0xba, 0xbb}, {true, 0, 0}, {true, 1, 3}, {true, 2, 3}, {true, 0xba, 0xbb},
};

START_TEST(a_long_queue_marks_what_can_be_marked)
{
    make(1);
    qualities((struct link_config){.rate_bps = 1000000, .ecn_packets = 2});
    for (uint64_t id = 1; id <= 3; id++)
        link_enqueue(cable, LINK_A, packet_with_tos(id, marked[_i].six, marked[_i].tos), 0);
    bool can = (marked[_i].tos & 3) != 0;
    ck_assert_uint_eq(told(TRACE_LINK_MARK), can);
    if (can) ck_assert_uint_eq(last(TRACE_LINK_MARK)->link_mark.frame, 3);
    enum link_end to;
    for (uint64_t id = 1; id <= 3; id++) {
        struct frame *f = link_take(cable, SEC(1), &to);
        ck_assert_ptr_nonnull(f);
        const uint8_t *p = frame_start(f);
        uint8_t tos = marked[_i].six ? (uint8_t)(get16(p + 14) >> 4) : p[15];
        ck_assert_int_eq(tos, id == 3 ? marked[_i].then : marked[_i].tos);
        if (!marked[_i].six) ck_assert_int_eq(csum_field(csum_sum(p + 14, 20)), 0);
        frame_free(f);
    }
    unmake();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("link");
    TCase *c = tcase_create("link");
    tcase_add_test(c, a_frame_takes_its_time_on_the_line_and_on_the_way);
    tcase_add_test(c, frames_wait_for_those_before_them);
    tcase_add_test(c, the_directions_do_not_wait_for_each_other);
    tcase_add_test(c, a_full_queue_refuses);
    tcase_add_test(c, a_link_that_is_down_carries_nothing);
    tcase_add_test(c, what_is_too_big_or_finds_no_memory_is_dropped_with_a_reason);
    tcase_add_test(c, loss_is_as_often_as_asked_and_told_in_mid_flight);
    tcase_add_test(c, luck_is_the_seeds_and_no_other_qualitys);
    tcase_add_test(c, duplicates_fly_twice);
    tcase_add_test(c, damage_is_one_bit_and_no_longer_vouched_for);
    tcase_add_test(c, damage_comes_after_the_checksum);
    tcase_add_loop_test(c, jitter_and_reordering_let_frames_overtake, 0, 2);
    tcase_add_test(c, a_rule_drops_what_it_names_after_skipping);
    tcase_add_test(c, a_super_frame_takes_the_time_of_its_segments);
    tcase_add_test(c, nothing_takes_no_time_at_all);
    tcase_add_test(c, what_it_is_and_becomes_is_told);
    tcase_add_loop_test(c, a_long_queue_marks_what_can_be_marked, 0, ARRAY_LEN(marked));
    suite_add_tcase(s, c);
    return run_claims(s);
}
