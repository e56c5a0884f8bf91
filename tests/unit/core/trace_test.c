// trace_test.c - decode(encode(x)) = x for every type of event, and nothing hostile gets through.
#include <check.h>

#include "claims.h"
#include "unit/core/random_event.h"

// In hot loops: each ck_assert() writes to a pipe.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

#define SAME_PLAIN(type) \
    static bool same_##type(const trace_##type *a, const trace_##type *b) { return *a == *b; }

SAME_PLAIN(u8) SAME_PLAIN(u16) SAME_PLAIN(u32) SAME_PLAIN(u64) SAME_PLAIN(i32) SAME_PLAIN(i64)
SAME_PLAIN(nsec) SAME_PLAIN(drop) SAME_PLAIN(sent) SAME_PLAIN(step) SAME_PLAIN(call)
SAME_PLAIN(sock_kind) SAME_PLAIN(nud) SAME_PLAIN(own) SAME_PLAIN(tcp_state) SAME_PLAIN(tcp_why)
SAME_PLAIN(timer) SAME_PLAIN(cwnd)
static bool same_addr(const trace_addr *a, const trace_addr *b) { return addr_eq(*a, *b); }
static bool same_mac(const trace_mac *a, const trace_mac *b) { return mac_eq(*a, *b); }
static bool same_endpoint(const trace_endpoint *a, const trace_endpoint *b)
{
    return endpoint_eq(*a, *b);
}
static bool same_bytes(const trace_bytes *a, const trace_bytes *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}
static bool same_str(const trace_str *a, const trace_str *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

static bool same_event(const struct trace_event *a, const struct trace_event *b)
{
    if (a->at != b->at || a->order != b->order || a->host != b->host) return false;
    if (a->netif != b->netif || a->conn != b->conn || a->type != b->type) return false;
    switch (a->type) {
#define F(type, field) if (!same_##type(&x->field, &y->field)) return false;
#define EVENT(NAME, name, says, fields)                         \
    case TRACE_##NAME: {                                        \
        const struct trace_##name##_event *x = &a->name, *y = &b->name; \
        fields                                                  \
    } break;
#include "core/events.def"
#undef EVENT
#undef F
    case TRACE_TYPES: break;
    }
    return true;
}

START_TEST(decode_gives_back_what_was_encoded)
{
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    for (int n = 0; n < 200; n++) {
        struct trace_event ev, back;
        uint8_t code[2 * RANDOM_BYTES];
        memset(code, 0x5a, sizeof code);
        random_event(&r, (enum trace_type)_i, &ev);
        size_t bound = trace_encode_size(&ev);
        size_t len = trace_encode(&ev, code, bound);
        NEED(len > 0 && len <= bound);
        NEED(code[len] == 0x5a);
        NEED(trace_decode(&back, code, sizeof code) == len);
        NEED(same_event(&ev, &back));
        NEED(trace_encode(&ev, code, bound - 1) == 0);
    }
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    struct rng r;
    rng_seed(&r, 1000 + (uint64_t)_i);
    for (int n = 0; n < 5; n++) {
        struct trace_event ev, back;
        uint8_t code[2 * RANDOM_BYTES];
        random_event(&r, (enum trace_type)_i, &ev);
        size_t len = trace_encode(&ev, code, sizeof code);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *exact = malloc(cut + 1);  // so that a sanitizer sees one byte too many
            memcpy(exact + 1, code, cut);
            NEED(trace_decode(&back, exact + 1, cut) == 0);
            free(exact);
        }
    }
}
END_TEST

// Whatever decodes is valid: it encodes again, and to an event that is the same.
START_TEST(random_bytes_are_refused_or_mean_something)
{
    struct rng r;
    rng_seed(&r, 77);
    unsigned valid = 0;
    for (int n = 0; n < 100000; n++) {
        uint8_t hostile[64], again[1024];
        struct trace_event ev, back;
        rng_fill(&r, hostile, sizeof hostile);
        hostile[0] %= TRACE_TYPES;
        for (size_t i = 1; i < sizeof hostile; i++) hostile[i] &= n & 1 ? 0x7f : 0x8f;
        size_t used = trace_decode(&ev, hostile, sizeof hostile);
        if (used == 0) continue;
        valid++;
        NEED(used <= sizeof hostile);
        size_t len = trace_encode(&ev, again, sizeof again);
        NEED(len > 0);
        NEED(trace_decode(&back, again, len) == len);
        NEED(same_event(&ev, &back));
    }
    ck_assert_uint_gt(valid, 1000);
}
END_TEST

// The bytes of a TCP_STATE event: type, at, order, host, netif, conn, from, to, why.
static const struct { const char *what; uint8_t type, to, host2, tail; bool ok; } forged[] = {
    {"all as it should be",          TRACE_TCP_STATE, TCP_ESTABLISHED, 0,    0,    true},
    {"a type that does not exist",   TRACE_TYPES,     TCP_ESTABLISHED, 0,    0,    false},
    {"a state that does not exist",  TRACE_TCP_STATE, TCP_STATES,      0,    0,    false},
    {"a host above 16 bits",         TRACE_TCP_STATE, TCP_ESTABLISHED, 0x7f, 0,    false},
    {"a number that does not end",   TRACE_TCP_STATE, TCP_ESTABLISHED, 0,    0xff, false},
};

START_TEST(forged_fields)
{
    uint8_t host1 = forged[_i].host2 != 0 ? 0xff : 0x81;
    uint8_t code[] = {forged[_i].type, 2, 3, host1, host1, forged[_i].host2, 0, 5,
                      TCP_SYN_SENT, forged[_i].to, WHY_SYN_ACK | (forged[_i].tail & 0x80)};
    struct trace_event ev;
    size_t used = trace_decode(&ev, code, sizeof code);
    ck_assert_msg((used == sizeof code) == forged[_i].ok, "%s: %zu", forged[_i].what, used);
    if (forged[_i].ok) ck_assert(ev.tcp_state.to == TCP_ESTABLISHED && ev.host == 129);
}
END_TEST

START_TEST(a_varint_has_at_most_64_bits)
{
    // RUN with an empty name and a seed of ten bytes: its last may hold one bit.
    uint8_t code[] = {TRACE_RUN, 0, 0, 0, 0, 0, 0,
                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    struct trace_event ev;
    ck_assert_uint_eq(trace_decode(&ev, code, sizeof code), sizeof code);
    ck_assert(ev.run.seed == UINT64_MAX);
    code[sizeof code - 1] = 0x02;
    ck_assert_uint_eq(trace_decode(&ev, code, sizeof code), 0);
    code[sizeof code - 1] = 0x81;
    ck_assert_uint_eq(trace_decode(&ev, code, sizeof code), 0);
}
END_TEST

START_TEST(a_number_keeps_to_its_type)
{
    // SOCK_FREE of app 0: fd is INT32_MIN, zigzagged 2^32 - 1; then one below it, 2^32 + 1.
    uint8_t code[] = {TRACE_SOCK_FREE, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f};
    struct trace_event ev;
    ck_assert_uint_eq(trace_decode(&ev, code, sizeof code), sizeof code);
    ck_assert_int_eq(ev.sock_free.fd, INT32_MIN);
    memcpy(code + 7, "\x81\x80\x80\x80\x10", 5);
    ck_assert_uint_eq(trace_decode(&ev, code, sizeof code), 0);
    memcpy(code + 7, "\x80\x80\x80\x80\x10", 5);  // one above INT32_MAX
    ck_assert_uint_eq(trace_decode(&ev, code, sizeof code), 0);
}
END_TEST

START_TEST(a_line_for_people)
{
    char line[200];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, &(struct trace_event){
        .at = MSEC(1000) + USEC(200), .host = 1, .conn = 3, .type = TRACE_TCP_STATE,
        .tcp_state = {TCP_SYN_SENT, TCP_ESTABLISHED, WHY_SYN_ACK}});
    ck_assert_str_eq(line, "1.000200000 tcp_state host=1 conn=3 from=SYN-SENT to=ESTABLISHED "
                           "why=syn-ack");
    t = text_of(line, sizeof line);
    trace_print(&t, &(struct trace_event){
        .type = TRACE_NOTE, .note = {.text = {"a\x1b\nb", 4}}});
    ck_assert_str_eq(line, "0.000000000 note text=\"a..b\"");
    t = text_of(line, sizeof line);
    trace_print(&t, &(struct trace_event){
        .host = 2, .netif = 1, .type = TRACE_FRAME_RX,
        .frame_rx = {.frame = 9, .len = 60, .data = {NULL, 0}}});
    ck_assert_str_eq(line, "0.000000000 frame_rx host=2 netif=1 frame=9 len=60 gso=0 csum_todo=0 "
                           "data=0 bytes");
    t = text_of(line, sizeof line);
    trace_print(&t, &(struct trace_event){
        .host = 2, .conn = 1, .type = TRACE_TCP_TIMER,
        .tcp_timer = {TIMER_RTO, 0, NEVER}});
    ck_assert_str_eq(line, "0.000000000 tcp_timer host=2 conn=1 timer=rto fired=0 deadline=never");
}
END_TEST

START_TEST(every_type_prints_its_name)
{
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    struct trace_event ev;
    random_event(&r, (enum trace_type)_i, &ev);
    static char line[8 * RANDOM_BYTES];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, &ev);
    ck_assert(!t.cut);
    ck_assert_ptr_nonnull(strstr(line, trace_type_name(ev.type)));
    ck_assert_ptr_null(strchr(line, '\n'));
    ck_assert_uint_gt(strlen(trace_type_text(ev.type)), 5);
}
END_TEST

struct counter { struct trace_sink sink; uint64_t seen; };

static void count(struct trace_sink *sink, const struct trace_event *ev)
{
    struct counter *c = (struct counter *)sink;
    NEED(ev->order == c->seen++);
    NEED(ev->at == 42 && ev->host == 7);
}

START_TEST(a_sink_sees_numbered_events)
{
    struct counter c = {.sink.emit = count};
    struct { nsec now; uint16_t id; struct trace_sink *trace; } host = {42, 7, &c.sink};
    TRACE(&host, .type = TRACE_TCP_ACKED, .tcp_acked = {.una = 1});
    TRACE(&host, .type = TRACE_TCP_ACKED, .tcp_acked = {.una = 2});
    host.trace = NULL;
    TRACE(&host, .type = TRACE_TCP_ACKED, .tcp_acked = {.una = 3});
    ck_assert_uint_eq(c.seen, 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trace");
    TCase *c = tcase_create("trace");
    tcase_add_loop_test(c, decode_gives_back_what_was_encoded, 0, TRACE_TYPES);
    tcase_add_loop_test(c, every_truncation_is_refused, 0, TRACE_TYPES);
    tcase_add_test(c, random_bytes_are_refused_or_mean_something);
    tcase_add_loop_test(c, forged_fields, 0, (int)ARRAY_LEN(forged));
    tcase_add_test(c, a_varint_has_at_most_64_bits);
    tcase_add_test(c, a_number_keeps_to_its_type);
    tcase_add_test(c, a_line_for_people);
    tcase_add_loop_test(c, every_type_prints_its_name, 0, TRACE_TYPES);
    tcase_add_test(c, a_sink_sees_numbered_events);
    suite_add_tcase(s, c);
    return run_claims(s);
}
