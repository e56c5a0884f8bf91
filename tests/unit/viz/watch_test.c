// Breakpoints: what is one, what is none, and the event at which each breaks in a run that loses a
// segment and sends it again.
#include "claims.h"
#include "unit/viz/story.h"

#include "viz/watch.h"

static struct story story;
static struct recording rec;

static void begin(void)
{
    rec = (struct recording){0};
    story_two_connections(&story);
    static const struct { nsec at; uint32_t cwnd; nsec rto; } told[] = {
        {USEC(70), 14480, MSEC(200)}, {USEC(90), 14480, MSEC(200)},
        {MSEC(200) + USEC(97), 1448, MSEC(400)}, {MSEC(200) + USEC(120), 2896, MSEC(400)},
        {MSEC(200) + USEC(130), 1448, MSEC(400)}};
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        struct trace_event ev = {.at = told[i].at, .host = CLIENT, .conn = 2};
        ev.type = TRACE_TCP_CWND;
        ev.tcp_cwnd.cwnd = told[i].cwnd;
        story_tell(&story, ev);
        ev = (struct trace_event){.at = told[i].at, .host = CLIENT, .conn = 2,
                                  .type = TRACE_TCP_RTT, .tcp_rtt = {.rto = told[i].rto}};
        story_tell(&story, ev);
    }
    story_end_into(&story, &rec);
}

static void end(void) { recording_free(&rec); }

START_TEST(these_are_breakpoints)
{
    static const char *const good[] = {
        "cwnd < 2900", " cwnd<2900 ", "CWND <= 64k", "ssthresh != 0", "rto >= 400ms", "srtt > 1.5s",
        "snd_wnd = 0", "snd-wnd == 0 of server", "rcv > 1M of server fd 4", "rto fires",
        "tail-probe fires of client", "state TIME-WAIT", "state = time_wait", "state any",
        "state ESTAB fd 3", "lost", "again of client fd 4", "at 200ms", "at 0.5s", "at 17ns",
        "frame tcp port 80", "frame tcp[tcpflags] & tcp-syn != 0", "frame"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct watch w;
        char error[160] = "";
        ck_assert_msg(watch_parse(&w, good[i], error, sizeof error), "%s: %s", good[i], error);
        ck_assert_str_eq(w.text, good[i]);
        watch_free(&w);
    }
}
END_TEST

START_TEST(these_are_none)
{
    static const char *const bad[] = {
        "", "cwnd", "cwnd 5", "cwnd <", "cwnd < x", "cwnd < 5ms", "rto > 5", "rto fires maybe",
        "state", "state SLEEPING", "lost and found", "at", "at noon", "at 5", "frame port http",
        "frame not a filter", "of client", "again of", "again fd", "again fd x",
        "cwnd < 99999999999999999999", "at 99999999999s", "lost fd 99999999999", "hello"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct watch w;
        char error[160] = "";
        ck_assert_msg(!watch_parse(&w, bad[i], error, sizeof error), "%s", bad[i]);
        ck_assert_msg(strlen(error) > 10, "%s: no sentence", bad[i]);
        ck_assert_ptr_null(w.filter);
    }
}
END_TEST

// Where it breaks, from an event on; the instant tells which event it was.
static nsec breaks_at(const char *text, uint64_t from, uint64_t *found)
{
    struct watches ws = {0};
    char error[160];
    size_t which = 99;
    ck_assert_msg(watches_add(&ws, text, error, sizeof error), "%s: %s", text, error);
    *found = watches_find(&ws, &rec, from, rec.tape.events, &which);
    struct trace_event ev = {.at = NEVER};
    if (*found < rec.tape.events) {
        ck_assert_uint_eq(which, 0);
        tape_get(&rec.tape, *found, &ev);
    }
    watches_free(&ws);
    return ev.at;
}

static const struct { const char *text; nsec first, second; } runs[] = {
    {"cwnd < 2900", MSEC(200) + USEC(97), NEVER},  // it stays below
    {"cwnd < 2000", MSEC(200) + USEC(97), MSEC(200) + USEC(130)},
    {"cwnd < 2000 of client fd 4", MSEC(200) + USEC(97), MSEC(200) + USEC(130)},
    {"cwnd < 2000 of server", NEVER, NEVER},
    {"cwnd < 2000 fd 3", NEVER, NEVER},
    {"rto > 300ms", MSEC(200) + USEC(97), NEVER},
    {"rto fires", MSEC(200) + USEC(96), NEVER},
    {"persist fires", NEVER, NEVER},
    {"again", MSEC(200) + USEC(96), NEVER},
    {"state SYN-SENT", USEC(1), USEC(46)},
    {"state SYN-SENT of server", NEVER, NEVER},
    {"at 100ms", MSEC(200) + USEC(96), NEVER},
    {"at 1us", USEC(1), NEVER},
    {"frame tcp port 49153 and tcp[tcpflags] & tcp-syn != 0", USEC(46), USEC(58)},
    {"frame udp", NEVER, NEVER},
};

START_TEST(it_breaks_when_it_should)
{
    uint64_t at;
    nsec delay = USEC(12);
    nsec first = breaks_at(runs[_i].text, 0, &at);
    ck_assert_msg(first == runs[_i].first, "%s: first at %ld", runs[_i].text, (long)first);
    if (first == NEVER) return;
    nsec second = breaks_at(runs[_i].text, at + 1, &at);
    bool same = second == runs[_i].second || (runs[_i].second != NEVER && second < NEVER &&
                                              second - runs[_i].second < delay);
    ck_assert_msg(same, "%s: then at %ld", runs[_i].text, (long)second);
}
END_TEST

START_TEST(what_is_lost_breaks)
{
    uint64_t at;
    ck_assert_int_lt(breaks_at("lost", 0, &at), MSEC(1));
    ck_assert_int_eq(breaks_at("lost", at + 1, &at), NEVER);
}
END_TEST

START_TEST(there_are_eight_at_most)
{
    struct watches ws = {0};
    char error[160];
    for (int i = 0; i < WATCHES_MAX; i++)
        ck_assert(watches_add(&ws, i % 2 ? "lost" : "frame udp", error, sizeof error));
    ck_assert(!watches_add(&ws, "again", error, sizeof error));
    watches_drop(&ws, 1);
    watches_drop(&ws, 77);
    ck_assert_uint_eq(ws.n, WATCHES_MAX - 1);
    ck_assert_int_eq(ws.watch[1].kind, WATCH_FRAME);
    watches_free(&ws);
    ck_assert_uint_eq(ws.n, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("watch");
    TCase *tc = tcase_create("watch");
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, these_are_breakpoints);
    tcase_add_test(tc, these_are_none);
    tcase_add_loop_test(tc, it_breaks_when_it_should, 0, ARRAY_LEN(runs));
    tcase_add_test(tc, what_is_lost_breaks);
    tcase_add_test(tc, there_are_eight_at_most);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
