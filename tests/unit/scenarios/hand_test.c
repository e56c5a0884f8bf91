// hand_test.c - hands on the controls of a run: what they do is told, and does the same again.
#include <check.h>
#include <stdio.h>

#include "claims.h"
#include "core/trace.h"
#include "scenarios/lua/script.h"

enum { EVENTS_CAP = 1 << 20 };

static const char world[] =
    "local net = netglass.network{ seed = 3 }\n"
    "local a = net:host('a', { ip = '10.0.0.1/24' })\n"
    "local b = net:host('b', { ip = '10.0.0.2/24' })\n"
    "net:link(a, b, { delay = '10us', rate = '100Mbit' })\n"
    "b:app('sink', function(app)\n"
    "  local l = app:socket('tcp') l:bind(80) l:listen(1)\n"
    "  local c = l:accept() c:read_all() c:close()\n"
    "end)\n"
    "a:app('source', function(app)\n"
    "  local s = app:socket('tcp') s:connect('10.0.0.2', 80)\n"
    "  s:write(('x'):rep(20000)) s:close()\n"
    "end)\n"
    "net:run('2s')\n";

static struct hand hand(const char *text)
{
    char why[200];
    struct text error = text_of(why, sizeof why);
    struct hand h;
    ck_assert_msg(hand_parse(&h, text, &error), "%s", why);
    return h;
}

static const struct { const char *text, *says; } bad[] = {
    {"link 1 delay=1ms", "begins with no time"},
    {"200 link 1 delay=1ms", "begins with no time"},
    {"200ms", "begins with no time"},
    {"200ms link delay=1ms", "expected words such as"},
    {"200ms link 0 delay=1ms", "expected words such as"},
    {"200ms link 1", "expected words such as"},
    {"200ms link 1 delay=much", "no value for delay"},
    {"200ms link 1 colour=red", "a link has no \"colour\""},
    {"200ms drop everything", "expected words such as"},
    {"200ms link 1 from c delay=1ms", "from c delay"},
    {"200ms link 1 from a", "from a"},
};

START_TEST(words_that_are_none_are_told_of)
{
    char why[300];
    struct text error = text_of(why, sizeof why);
    struct hand h;
    ck_assert(!hand_parse(&h, bad[_i].text, &error));
    ck_assert_msg(strstr(why, bad[_i].says) != NULL, "%s: %s", bad[_i].text, why);
}
END_TEST

START_TEST(a_new_future_forgets_the_old_one)
{
    struct hands hs = {.n = 0};
    struct hand one = hand("1ms link 1 loss=1%"), two = hand("2ms link 1 loss=2%"),
                three = hand("3ms link 1 loss=3%");
    ck_assert(hands_add(&hs, &one) && hands_add(&hs, &three) && hands_add(&hs, &two));
    ck_assert_uint_eq(hs.n, 2);
    ck_assert_str_eq(hs.hand[1].text, "link 1 loss=2%");
    ck_assert(hands_join(&hs, &three) && hands_join(&hs, &one));  // but those of a list are kept
    ck_assert_uint_eq(hs.n, 4);
    for (size_t i = 1; i < hs.n; i++) ck_assert_int_le(hs.hand[i - 1].at, hs.hand[i].at);
    while (hands_join(&hs, &three)) {}
    ck_assert_uint_eq(hs.n, HANDS_MAX);
}
END_TEST

struct tape_sink {
    struct trace_sink sink;
    uint8_t          *p;
    size_t            len;
    struct hands      done;       // as the events tell it
    nsec              delay;      // of the last LINK_SET
    nsec              delay_at;   // since when it is so
    nsec              from[3];    // the last delay of what each host sends
    bool              stop;
};

static void keep(struct trace_sink *sink, const struct trace_event *ev)
{
    struct tape_sink *t = (struct tape_sink *)(void *)sink;
    size_t len = trace_encode(ev, t->p + t->len, EVENTS_CAP - t->len);
    CHECK(len > 0);
    t->len += len;
    struct hand h;
    if (hand_of_control(&h, ev)) hands_join(&t->done, &h);
    if (ev->type != TRACE_LINK_SET) return;
    t->delay = ev->link_set.delay, t->delay_at = ev->at;
    if (ev->host < ARRAY_LEN(t->from)) t->from[ev->host] = ev->link_set.delay;
}

static bool wants_to_stop(void *self) { return ((struct tape_sink *)self)->stop; }

static struct script_report run_into(struct tape_sink *t, const struct hands *hs,
                                     enum script_verdict want)
{
    *t = (struct tape_sink){.sink = {.emit = keep, .snap = 2000}, .p = t->p, .stop = t->stop};
    struct script_config cfg = {.path = "t.lua", .text = world, .len = sizeof world - 1,
                                .trace = &t->sink, .hands = hs, .stop = wants_to_stop,
                                .stop_self = t, .err = stderr};
    struct script_report r;
    ck_assert_int_eq(script_run(&cfg, &r), want);
    return r;
}

static struct tape_sink plain, changed, again;

START_TEST(the_same_hands_do_the_same_again)
{
    struct hand late = hand("150us link 1 delay=5ms"), more = hand("8ms link 1 loss=30%,rate=0");
    struct hands hs = {.n = 0};
    ck_assert(hands_join(&hs, &more) && hands_join(&hs, &late));
    run_into(&plain, NULL, SCRIPT_MET);
    run_into(&changed, &hs, SCRIPT_MET);
    ck_assert_uint_eq(changed.done.n, 2);
    ck_assert_str_eq(changed.done.hand[1].text, more.text);
    ck_assert_int_eq(changed.done.hand[1].at, more.at);
    ck_assert_int_eq(changed.delay, MSEC(5));
    ck_assert_int_eq(changed.delay_at, MSEC(8));
    ck_assert(plain.len != changed.len || memcmp(plain.p, changed.p, plain.len) != 0);
    run_into(&again, &changed.done, SCRIPT_MET);
    ck_assert_uint_eq(again.len, changed.len);
    ck_assert(memcmp(again.p, changed.p, again.len) == 0);
}
END_TEST

START_TEST(one_way_is_changed_and_the_other_stays)
{
    for (int end = 0; end < 2; end++) {
        struct hand one = hand(end == 0 ? "150us link 1 from a delay=5ms"
                                        : "150us link 1 from b delay=5ms");
        struct hands hs = {.n = 0};
        ck_assert(hands_join(&hs, &one));
        run_into(&changed, &hs, SCRIPT_MET);
        ck_assert_uint_eq(changed.done.n, 1);
        ck_assert_str_eq(changed.done.hand[0].text, one.text);
        ck_assert_int_eq(changed.from[1 + end], MSEC(5));
        ck_assert_int_eq(changed.from[2 - end], USEC(10));
        run_into(&again, &changed.done, SCRIPT_MET);
        ck_assert_uint_eq(again.len, changed.len);
        ck_assert(memcmp(again.p, changed.p, again.len) == 0);
    }
}
END_TEST

// Up to its instant a hand leaves no trace: this is why a window may begin a run anew under it.
START_TEST(nothing_changes_before_its_instant)
{
    struct hand late = hand("150us link 1 delay=5ms");
    struct hands hs = {.n = 0};
    ck_assert(hands_join(&hs, &late));
    run_into(&plain, NULL, SCRIPT_MET);
    run_into(&changed, &hs, SCRIPT_MET);
    size_t at = 0, used;
    struct trace_event ev, other;
    for (uint64_t order = 0;; order++, at += used) {
        used = trace_decode(&ev, plain.p + at, plain.len - at);
        if (ev.at >= late.at) break;
        ck_assert_uint_eq(trace_decode(&other, changed.p + at, changed.len - at), used);
        ck_assert(memcmp(plain.p + at, changed.p + at, used) == 0);
    }
    ck_assert_uint_gt(at, 1000);
}
END_TEST

START_TEST(a_link_that_is_not_there_is_told_of)
{
    struct hand h = hand("1ms link 2 loss=1%");
    struct hands hs = {.n = 0};
    ck_assert(hands_join(&hs, &h));
    run_into(&changed, &hs, SCRIPT_MET);
    ck_assert_uint_eq(changed.done.n, 0);
    static const char said[] = "there is no link 2";
    ck_assert(memmem(changed.p, changed.len, said, sizeof said - 1) != NULL);
}
END_TEST

START_TEST(a_run_leaves_off_when_it_is_told_to)
{
    changed.stop = true;
    struct script_report r = run_into(&changed, NULL, SCRIPT_BROKEN);
    ck_assert(r.stopped);
    ck_assert_int_lt(r.end, MSEC(1));
    changed.stop = false;
}
END_TEST

int main(void)
{
    struct tape_sink *all[] = {&plain, &changed, &again};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) CHECK((all[i]->p = malloc(EVENTS_CAP)) != NULL);
    Suite *s = suite_create("hand");
    TCase *tc = tcase_create("hand");
    tcase_add_loop_test(tc, words_that_are_none_are_told_of, 0, ARRAY_LEN(bad));
    tcase_add_test(tc, a_new_future_forgets_the_old_one);
    tcase_add_test(tc, the_same_hands_do_the_same_again);
    tcase_add_test(tc, one_way_is_changed_and_the_other_stays);
    tcase_add_test(tc, nothing_changes_before_its_instant);
    tcase_add_test(tc, a_link_that_is_not_there_is_told_of);
    tcase_add_test(tc, a_run_leaves_off_when_it_is_told_to);
    suite_add_tcase(s, tc);
    int failed = run_claims(s);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) free(all[i]->p);
    return failed;
}
