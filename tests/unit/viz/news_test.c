// news_test.c - a run that goes on while it is looked at: the playhead goes along, hands ask the
// run for what they want, and one that began anew takes the place of the old one unseen.
#include "claims.h"
#include "unit/viz/story.h"

#include "capture/feed.h"
#include "viz/news.h"
#include "viz/typing.h"

static struct story story;
static struct recording rec;
static struct stage stage;
static struct news news;

static void begin(bool real_time)
{
    rec = (struct recording){0};
    news = (struct news){.feed = feed_new(real_time ? FEED_SKIPS : FEED_WAITS, 2000, 1 << 20)};
    story_two_connections(&story);
    qsort(story.ev, story.n, sizeof story.ev[0], story_compare);
    feed_begin(news.feed);
    stage_init(&stage, &rec, NULL);
    stage.can_ask = true;
    stage.real_time = stage.live = real_time;
}

static void end(void)
{
    feed_free(news.feed);
    news_free(&news);
    stage_free(&stage);
    recording_free(&rec);
    for (size_t i = 0; i < STORY_EVENTS; i++) free(story.bytes[i]);
    story = (struct story){0};
}

// The first n events of the story, from the i-th on.
static void tell(size_t i, size_t n)
{
    for (; i < n; i++) {
        struct trace_event ev = story.ev[i];
        trace_emit(feed_sink(news.feed), &ev);
    }
    news_take(&news, &stage, 1);
}

static void hands(const char *keys)
{
    char error[120];
    ck_assert_msg(typing_play(&stage, keys, pt(1280, 720), error, sizeof error), "%s", error);
    if (stage.wish == WISH_ASK) news_ask(&news, &stage);
    stage.wish = WISH_NONE;
    stage_compose(&stage, 1280, 720);
}

static void asked(nsec at, const char *words)
{
    struct feed_command c;
    ck_assert_msg(feed_take(news.feed, &c), "nothing was asked for; %s was expected", words);
    ck_assert_str_eq(c.text, words);
    ck_assert_int_eq(c.at, at);
}

static bool shows(const char *words)
{
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        const char *said = c->kind == DRAW_TEXT ? (char *)stage.list.bytes + c->text.at : "";
        if (strstr(said, words) != NULL) return true;
    }
    return false;
}

START_TEST(a_run_in_progress_is_seen_as_far_as_it_is)
{
    begin(false);
    tell(0, 40);
    ck_assert_uint_eq(rec.tape.events, 40);
    hands("<End>");
    ck_assert_uint_eq(stage.scene.events, 40);
    ck_assert(stage.at_edge && shows("LIVE"));
    tell(40, story.n);
    for (int i = 0; i < 2000 && stage_moves(&stage); i++) stage_advance(&stage, 0.02);
    stage_compose(&stage, 1280, 720);
    ck_assert_uint_eq(stage.scene.events, story.n);  // it went along
    feed_end(news.feed, "That was it.", false);
    news_take(&news, &stage, 1);
    stage_compose(&stage, 1280, 720);
    ck_assert(!stage.live && !shows("LIVE") && shows("That was it."));
    end();
}
END_TEST

START_TEST(the_clock_is_the_same_whenever_one_looked)
{
    begin(false);
    for (size_t i = 0; i < story.n; i++) tell(i, i + 1);
    struct recording once = {0};
    for (size_t i = 0; i < story.n; i++) ck_assert(recording_add(&once, &story.ev[i]));
    recording_done(&once);
    ck_assert_uint_eq(rec.warp.n, once.warp.n);
    for (size_t i = 0; i < once.warp.n; i++) {
        ck_assert_int_eq(rec.warp.at[i], once.warp.at[i]);
        ck_assert_int_eq(rec.warp.shown[i], once.warp.shown[i]);
    }
    recording_free(&once);
    end();
}
END_TEST

START_TEST(whoever_looks_back_is_left_in_peace)
{
    begin(true);
    tell(0, 40);
    stage_to_edge(&stage);
    hands(" ");
    ck_assert(!stage.at_edge);
    nsec t = stage_time(&stage);
    tell(40, story.n);
    stage_advance(&stage, 1);
    ck_assert_int_eq(stage_time(&stage), t);
    stage_compose(&stage, 1280, 720);
    ck_assert(shows("BEHIND"));
    hands("<Home><End>");
    ck_assert(stage.at_edge);
    end();
}
END_TEST

START_TEST(sliders_ask_for_what_they_show)
{
    begin(false);
    tell(0, story.n);
    hands("<Home><Right><Right>w");
    ck_assert(stage.sliders.open && shows("both ways"));
    nsec t = stage_time(&stage);
    hands("<Right>");
    asked(t + 1, "link 1 delay=15us");
    hands("<Down><Left>");
    asked(t + 1, "link 1 rate=70000kbit");
    hands("<Down><Right>");
    asked(t + 1, "link 1 loss=3.0%");
    hands("<Esc>");
    ck_assert(!stage.sliders.open);
    struct rect wire = stage_pane(&stage, PANE_WIRE);
    char click[40];
    snprintf(click, sizeof click, "<Click %d %d>", (int)wire.x + 60, (int)wire.y + 14);
    hands(click);  // on its qualities
    ck_assert(stage.sliders.open);
    struct feed_command c;
    ck_assert(!feed_take(news.feed, &c));
    end();
}
END_TEST

START_TEST(sliders_may_be_for_one_way)
{
    begin(false);
    tell(0, story.n);
    hands("<Home><Right><Right>w<Up>");
    ck_assert_int_eq(stage.sliders.row, SLIDERS);
    nsec t = stage_time(&stage);
    hands("<Right>");
    ck_assert(shows("Client to Server"));
    hands("<Down><Right>");
    asked(t + 1, "link 1 from a delay=15us");
    hands("<Up><Right>");
    ck_assert(shows("Server to Client"));
    hands("<Up><Right>");
    asked(t + 1, "link 1 from b loss=3.0%");
    hands("<Down><Left><Left>");
    ck_assert(shows("both ways"));
    hands("<Down><Right>");
    asked(t + 1, "link 1 delay=15us");
    end();
}
END_TEST

START_TEST(a_slider_is_dragged_and_asks_when_it_is_let_go)
{
    begin(false);
    tell(0, story.n);
    hands("<Home>w");
    struct rect r = {0};
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        bool slider = c->kind == DRAW_HIT && c->hit.kind == OBJECT_SLIDER;
        if (slider && c->hit.id == SLIDE_LOSS) r = c->r;
    }
    ck_assert(r.w > 0);
    struct ui_event e = {.kind = UI_PRESS, .x = r.x + 20, .y = r.y + 8, .buttons = UI_LEFT,
                         .clicks = 1};
    struct feed_command c;
    stage_event(&stage, &e);
    e.kind = UI_MOVE;
    e.x = r.x + r.w + 30;
    stage_event(&stage, &e);
    ck_assert_int_eq(stage.wish, WISH_NONE);
    ck_assert(!feed_take(news.feed, &c));
    e.kind = UI_RELEASE;
    stage_event(&stage, &e);
    hands("");
    asked(stage_time(&stage) + 1, "link 1 loss=100.0%");
    end();
}
END_TEST

START_TEST(what_was_recorded_has_no_sliders)
{
    begin(false);
    tell(0, story.n);
    stage.can_ask = false;
    hands("w");
    ck_assert(!stage.sliders.open && shows("stays as it was"));
    hands("p");
    ck_assert(shows("Only a host that runs by the real clock"));
    end();
}
END_TEST

// The same run once more, with a hand's deed in it: the picture stays until the deed is seen.
// A run may tell more than there is memory for: what the window has stays, and the run goes on.
START_TEST(a_window_that_is_full_says_so_and_keeps_what_it_has)
{
    begin(false);
    tell(0, story.n);
    uint64_t had = 0;
    news.most = recording_memory(&rec) + 200000;
    for (nsec at = story.ev[story.n - 1].at; !news.full && at < SEC(3600); at += USEC(1)) {
        struct trace_event ev = {.at = at, .host = 1, .type = TRACE_NOTE,
                                 .note = {.text = {"something", 9}}};
        trace_emit(feed_sink(news.feed), &ev);
        news_take(&news, &stage, 1);
        ck_assert_uint_lt(recording_memory(&rec), 2 * news.most);
    }
    ck_assert(news.full);
    ck_assert_ptr_nonnull(strstr(stage.notice, "memory is full"));
    had = rec.tape.events;
    tell(story.n - 1, story.n);
    ck_assert_uint_eq(rec.tape.events, had);
    hands("<Home><Right>");
    ck_assert_int_gt(stage_time(&stage), 0);  // it can be looked at as before
    end();
}
END_TEST

START_TEST(a_run_that_began_anew_takes_the_place_of_the_old_one)
{
    begin(false);
    tell(0, story.n);
    hands("/tcp port 49153<Enter><Home><Right><Right><Right><Right><Right><Right>w<Right>");
    nsec t = stage_time(&stage);
    asked(t + 1, "link 1 delay=15us");
    uint64_t events = stage.events, all = rec.tape.events;
    feed_begin(news.feed);
    size_t half = 0;
    while (half < story.n && story.ev[half].at <= t) half++;
    tell(0, half);
    ck_assert(news.anew);
    ck_assert_uint_eq(rec.tape.events, all);  // still the old one
    ck_assert_uint_eq(stage.events, events);
    struct trace_event deed = {.at = t + 1, .type = TRACE_CONTROL,
                               .control = {story_str("link 1"), story_str("delay=15us")}};
    trace_emit(feed_sink(news.feed), &deed);
    deed = (struct trace_event){.at = t + 1, .host = CLIENT, .netif = 1, .type = TRACE_LINK_SET,
                                .link_set = {1, 100000000, USEC(15), 20000, 100}};
    trace_emit(feed_sink(news.feed), &deed);
    tell(half, story.n);
    ck_assert(!news.anew);
    ck_assert_uint_eq(rec.tape.events, all + 2);
    ck_assert_int_eq(stage_time(&stage), t + 1);
    stage_compose(&stage, 1280, 720);
    ck_assert(shows("By hand, link 1 gets a delay of 15 µs."));
    ck_assert(shows("15 µs there, 10 µs back"));
    for (uint32_t i = 0; i < rec.history.frames; i++)
        ck_assert_int_eq(sift_passes(&stage.sift, i), rec.history.frame[i].flow == 1);
    end();
}
END_TEST

START_TEST(a_host_is_held_stepped_and_let_go)
{
    begin(true);
    tell(0, story.n);
    stage_to_edge(&stage);
    hands("p");
    asked(0, "hold");
    struct trace_event ev = {.at = rec.end, .type = TRACE_CONTROL,
                             .control = {story_str("clock"), story_str("held")}};
    trace_emit(feed_sink(news.feed), &ev);
    tell(0, 0);
    stage_to_edge(&stage);
    hands("<Right>");
    ck_assert(shows("HELD"));
    asked(0, "step");
    hands("<Left><Right>");  // there is something to see: no need to ask
    struct feed_command c;
    ck_assert(!feed_take(news.feed, &c));
    hands("p");
    asked(0, "go");
    ev.control.value = story_str("goes on");
    trace_emit(feed_sink(news.feed), &ev);
    tell(0, 0);
    ck_assert(!stage.held);
    end();
}
END_TEST

START_TEST(a_breakpoint_holds_the_host)
{
    begin(true);
    tell(0, 10);
    stage_to_edge(&stage);
    hands("bstate ESTABLISHED<Enter>");
    stage_to_edge(&stage);
    tell(10, story.n);
    for (int i = 0; i < 2000 && stage_moves(&stage); i++) stage_advance(&stage, 0.02);
    ck_assert(!stage.at_edge && stage.by_step);
    hands("");
    asked(0, "hold");
    ck_assert_uint_lt(stage.events, rec.tape.events);
    end();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("news");
    TCase *tc = tcase_create("news");
    tcase_add_test(tc, a_run_in_progress_is_seen_as_far_as_it_is);
    tcase_add_test(tc, the_clock_is_the_same_whenever_one_looked);
    tcase_add_test(tc, whoever_looks_back_is_left_in_peace);
    tcase_add_test(tc, sliders_ask_for_what_they_show);
    tcase_add_test(tc, a_slider_is_dragged_and_asks_when_it_is_let_go);
    tcase_add_test(tc, sliders_may_be_for_one_way);
    tcase_add_test(tc, a_window_that_is_full_says_so_and_keeps_what_it_has);
    tcase_add_test(tc, what_was_recorded_has_no_sliders);
    tcase_add_test(tc, a_run_that_began_anew_takes_the_place_of_the_old_one);
    tcase_add_test(tc, a_host_is_held_stepped_and_let_go);
    tcase_add_test(tc, a_breakpoint_holds_the_host);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
