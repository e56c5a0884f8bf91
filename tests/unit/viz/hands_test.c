// What hands can do beyond stepping: filter, search, break, follow, be challenged, point with keys
// alone. All of it played as text, as --keys does.
#include "claims.h"
#include "unit/viz/story.h"

#include "viz/typing.h"

#include <math.h>

static struct story story;
static struct recording rec;
static struct stage stage;

static void begin(void)
{
    rec = (struct recording){0};
    story_two_connections(&story);
    story_end_into(&story, &rec);
    stage_init(&stage, &rec, NULL);
}

static void end(void)
{
    stage_free(&stage);
    recording_free(&rec);
}

static const struct scene *hands(const char *keys)
{
    char error[120];
    ck_assert_msg(typing_play(&stage, keys, pt(1280, 720), error, sizeof error), "%s", error);
    stage_compose(&stage, 1280, 720);
    return &stage.scene;
}

static const struct history_frame *frame_told(const struct scene *s)
{
    uint32_t row = s->h->beat[s->beat].frame;
    ck_assert_uint_ne(row, NONE);
    return &s->h->frame[row];
}

// --- filter and search ---------------------------------------------------------------------------

START_TEST(a_filter_passes_its_frames_and_n_visits_them)
{
    const struct scene *s = hands("<Home>/tcp port 49153<Enter>");
    ck_assert_int_eq(s->prompt, PROMPT_NONE);
    uint32_t mine = 0;
    for (uint32_t i = 0; i < s->h->frames; i++) {
        ck_assert_int_eq(sift_passes(s->sift, i), s->h->frame[i].flow == 1);
        mine += s->h->frame[i].flow == 1;
    }
    ck_assert_uint_eq(s->sift->passed, mine);
    for (uint32_t i = 0; i < mine; i++) ck_assert_uint_eq(frame_told(hands("n"))->flow, 1);
    hands("n");
    ck_assert_str_eq(stage.notice, "Nothing more fits.");
    for (uint32_t i = 1; i < mine; i++) ck_assert_uint_eq(frame_told(hands("N"))->flow, 1);
    hands("N");
    ck_assert_str_eq(stage.notice, "Nothing before fits.");
    s = hands("/<C-u><Enter>");
    ck_assert_ptr_null(s->sift->filter);
    ck_assert(sift_passes(s->sift, 0));
}
END_TEST

START_TEST(a_bad_filter_is_told_of_and_the_old_one_stays)
{
    hands("/udp<Enter>");
    const struct scene *s = hands("/<C-u>port http<Enter>");
    ck_assert_int_eq(s->prompt, PROMPT_FILTER);
    ck_assert_ptr_nonnull(s->complaint);
    ck_assert_str_eq(s->filter, "udp");
    s = hands("<Backspace>");
    ck_assert_ptr_null(s->complaint);
    s = hands("<Esc>");
    ck_assert_int_eq(s->prompt, PROMPT_NONE);
    ck_assert_str_eq(s->filter, "udp");
}
END_TEST

START_TEST(words_are_looked_for_in_sentences)
{
    const struct scene *s = hands("<Home>/\"listener fd 3<Enter>n");
    ck_assert_int_eq(s->t, USEC(11));
    s = hands("n");
    ck_assert_int_eq(s->t, USEC(56));
    s = hands("N");
    ck_assert_int_eq(s->t, USEC(11));
    hands("N");
    ck_assert_str_eq(stage.notice, "Nothing before fits.");
}
END_TEST

START_TEST(without_a_filter_n_says_so)
{
    hands("n");
    ck_assert_str_eq(stage.notice, "First tell what to look for: / opens the filter.");
}
END_TEST

// --- breakpoints ---------------------------------------------------------------------------------

static void play_until_it_stops(void)
{
    for (int i = 0; stage.playing && i < 10000; i++) stage_advance(&stage, 1.0 / 30);
    stage_compose(&stage, 1280, 720);
}

START_TEST(playing_stops_at_a_breakpoint)
{
    hands("brto fires<Enter> ");
    play_until_it_stops();
    ck_assert_int_eq(stage.scene.t, MSEC(200) + USEC(96));
    struct trace_event ev;
    ck_assert(tape_get(&rec.tape, stage.scene.events - 1, &ev));
    ck_assert_int_eq(ev.type, TRACE_TCP_TIMER);
    ck_assert_str_eq(stage.notice, "Stopped: rto fires");
    hands(" ");
    play_until_it_stops();
    ck_assert_int_eq(stage.scene.t, rec.end);
}
END_TEST

START_TEST(it_runs_to_a_breakpoint_at_once)
{
    hands("B");
    ck_assert_str_eq(stage.notice, "There is no breakpoint yet: b sets one.");
    const struct scene *s = hands("<Home>bstate SYN-SENT<Enter>B");
    ck_assert_int_eq(s->t, USEC(1));
    s = hands("B");
    ck_assert_int_eq(s->t, USEC(46));
    s = hands("B");
    ck_assert_int_eq(s->t, USEC(46));
    ck_assert_str_eq(stage.notice, "No breakpoint is met from here on.");
}
END_TEST

START_TEST(breakpoints_are_dropped_by_key_and_click)
{
    const struct scene *s = hands("blost<Enter>bagain<Enter>b");
    ck_assert_uint_eq(s->watches->n, 2);
    s = hands("<Backspace>");
    ck_assert_uint_eq(s->watches->n, 1);
    ck_assert_str_eq(s->watches->watch[0].text, "lost");
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind != DRAW_HIT || c->hit.kind != OBJECT_WATCH) continue;
        char click[60];
        snprintf(click, sizeof click, "<Click %.1f %.1f>", c->r.x + 5, c->r.y + 5);
        s = hands(click);
        break;
    }
    ck_assert_uint_eq(s->watches->n, 0);
    ck_assert_int_eq(s->prompt, PROMPT_BREAK);
}
END_TEST

// The middle of the first region of a kind that nothing covers.
static void at_first(uint32_t kind, const char *how, char out[80])
{
    stage_compose(&stage, 1280, 720);
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind != DRAW_HIT || c->hit.kind != kind) continue;
        struct pt at = pt(c->r.x + c->r.w / 2, c->r.y + c->r.h / 2);
        if (draw_hit_at(&stage.list, at) != c) continue;
        snprintf(out, 80, "<%s %.1f %.1f>", how, at.x, at.y);
        return;
    }
    ck_abort_msg("nothing of kind %u is on the screen", kind);
}

START_TEST(a_right_click_sets_a_breakpoint)
{
    static const struct { uint32_t kind; const char *text; } clicks[] = {
        {OBJECT_SOCK, "state any of client fd 3"},
        {OBJECT_FRAME, "frame tcp port 49152 and port 80"},
        {OBJECT_TIMELINE, "at "}};
    char click[80];
    stage_seek(&stage, USEC(60));
    for (size_t i = 0; i < ARRAY_LEN(clicks); i++) {
        at_first(clicks[i].kind, "RightClick", click);
        const struct scene *s = hands(click);
        ck_assert_uint_eq(s->watches->n, i + 1);
        const char *text = s->watches->watch[i].text;
        ck_assert_msg(strncmp(text, clicks[i].text, strlen(clicks[i].text)) == 0, "%s", text);
    }
}
END_TEST

// --- following a packet --------------------------------------------------------------------------

START_TEST(a_packet_is_followed_from_write_to_read)
{
    static const uint8_t way[] = {TRACE_SOCK_CALL, TRACE_FRAME_TX, TRACE_LINK_DROP, TRACE_FRAME_TX,
                                  TRACE_FRAME_RX, TRACE_SOCK_CALL};
    stage_seek(&stage, USEC(98));  // the first data is on the wire, and will be lost
    const struct scene *s = hands("f");
    ck_assert_uint_eq(s->trail.n, ARRAY_LEN(way));
    for (size_t i = 0; i < ARRAY_LEN(way); i++) {
        ck_assert_uint_eq(s->trail.at, i);
        ck_assert_int_eq(s->h->beat[s->beat].type, way[i]);
        s = hands("<Right>");
    }
    ck_assert_uint_eq(s->trail.at, ARRAY_LEN(way) - 1);  // it ends there
    struct trace_event ev;
    ck_assert(tape_get(&rec.tape, s->h->beat[s->beat].event, &ev));
    ck_assert_int_eq(ev.sock_call.call, CALL_READ);
    ck_assert_int_eq(ev.host, SERVER);
    s = hands("<Left>");
    ck_assert_int_eq(s->h->beat[s->beat].type, TRACE_FRAME_RX);
    ck_assert_uint_eq(hands("f")->trail.n, 0);
}
END_TEST

// --- the challenge -------------------------------------------------------------------------------

START_TEST(the_challenge_asks_and_counts)
{
    const struct scene *s = hands("<Home>c");
    unsigned known = 0, asked = 0;
    while (s->quiz != NULL && asked < 200) {
        size_t hidden = s->quiz->beat;
        int answer = (int)(asked % 3 == 0 ? s->quiz->right : (s->quiz->right + 1) %
                                                                 s->quiz->options);
        ck_assert_int_ge(s->quiz->options, 2);
        ck_assert_uint_lt(s->beat, hidden);
        for (int i = 0; i < s->quiz->options; i++)
            for (int k = 0; k < i; k++)
                ck_assert_str_ne(s->quiz->option[i], s->quiz->option[k]);
        known += answer == s->quiz->right;
        asked++;
        char keys[4] = {(char)('1' + answer), 0};
        s = hands(keys);
        ck_assert_int_eq(s->quiz->answer, answer);
        ck_assert_uint_eq(s->quiz->known, known);
        ck_assert_uint_eq(s->quiz->asked, asked);
        s = hands("<Enter>");
        if (s->quiz != NULL) ck_assert_uint_eq(s->beat, hidden);
    }
    ck_assert_uint_gt(asked, 10);
    ck_assert_ptr_null(s->quiz);
    ck_assert(strstr(stage.notice, "The challenge is over") == stage.notice);
}
END_TEST

START_TEST(the_same_question_is_the_same)
{
    struct quiz first = *hands("<Home>c")->quiz;
    struct quiz second = *hands("<Esc><End><Home>c")->quiz;
    ck_assert_int_eq(first.right, second.right);
    ck_assert_int_eq(first.options, second.options);
    for (int i = 0; i < first.options; i++) ck_assert_str_eq(first.option[i], second.option[i]);
}
END_TEST

START_TEST(a_click_answers)
{
    char click[80];
    hands("<Home>c");
    at_first(OBJECT_OPTION, "Click", click);
    ck_assert_int_eq(hands(click)->quiz->answer, 0);
}
END_TEST

// --- panes, cursor, tips -------------------------------------------------------------------------

START_TEST(keys_alone_reach_what_the_mouse_does)
{
    stage_seek(&stage, MSEC(200) + USEC(102));
    const struct scene *s = hands("<Tab><Down>");
    ck_assert_int_eq(s->focus, PANE_CLIENT);
    ck_assert_int_eq(stage.cursor.kind, OBJECT_SOCK);
    uint64_t first = stage.cursor.id;
    s = hands("<Down><Enter>");
    ck_assert_uint_ne(stage.cursor.id, first);
    ck_assert_uint_eq(s->selected.id, stage.cursor.id);
    s = hands("<Tab><Down><Down><Enter>");
    ck_assert_int_eq(s->focus, PANE_LADDER);
    ck_assert_int_eq(s->selected.kind, OBJECT_FRAME);
    s = hands("<Tab><Tab><Tab><Right><Right><Enter>");
    ck_assert_int_eq(s->focus, PANE_INSPECTOR);
    ck_assert_int_eq(s->selected.kind, OBJECT_BYTE);
    hands("<Esc><Esc>");
    ck_assert_int_eq(stage.scene.focus, PANES);
}
END_TEST

START_TEST(every_pane_can_be_had_alone)
{
    static const enum pane panes[] = {PANE_CLIENT, PANE_LADDER, PANE_SERVER, PANE_INSPECTOR,
                                      PANE_DEMUX, PANE_GRAPH, PANE_WIRE};
    for (size_t i = 0; i < ARRAY_LEN(panes); i++) {
        char key[8];
        snprintf(key, sizeof key, "<F%zu>", i + 1);
        hands(key);
        struct rect r = stage_pane(&stage, panes[i]);
        ck_assert_msg(r.w > 1200 && r.h > 500, "pane %zu: %.0f x %.0f", i, r.w, r.h);
        ck_assert(stage_pane(&stage, panes[(i + 1) % ARRAY_LEN(panes)]).w <= 0);
        hands(i % 2 == 0 ? key : "<Esc>");
        ck_assert(stage_pane(&stage, panes[i]).w < 1000);
    }
}
END_TEST

START_TEST(tips_come_when_the_mouse_rests)
{
    static const uint32_t kinds[] = {OBJECT_SOCK, OBJECT_FRAME, OBJECT_BUTTON, OBJECT_TIMELINE};
    char hover[80];
    stage_seek(&stage, USEC(60));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        at_first(kinds[i], "Hover", hover);
        size_t before = stage.list.n;
        hands(hover);
        ck_assert_msg(stage.list.n > before + 3, "no tip for kind %u", kinds[i]);
        ck_assert(isinf(stage_rest(&stage)));
        hands("<Hover 2 60>");
    }
}
END_TEST

START_TEST(without_motion_it_goes_from_step_to_step)
{
    hands("<Home>a ");
    for (int i = 0; i < 100 && stage.playing; i++) {
        stage_advance(&stage, 0.05);
        stage_compose(&stage, 1280, 720);
        nsec t = stage.scene.t;
        bool instant = false;
        for (size_t k = 0; k < rec.warp.n; k++) instant |= rec.warp.at[k] == t;
        ck_assert_msg(!stage.playing || instant, "%ld is between two", (long)t);
    }
}
END_TEST

static const struct scene *click_key(uint32_t key, const char *how)
{
    char click[80] = "";
    hands("?");
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind == DRAW_HIT && c->hit.kind == OBJECT_KEY && c->hit.id == key)
            snprintf(click, sizeof click, "<%s %.1f %.1f>", how, c->r.x + 5, c->r.y + 5);
    }
    ck_assert_msg(click[0] != 0, "key %u is not listed", key);
    return hands(click);
}

// Whatever a key does, the mouse does; where there are two, the right button is the other one.
START_TEST(a_right_click_on_a_row_is_its_other_key)
{
    click_key('l', "Click");
    nsec lost = stage_time(&stage);
    ck_assert_int_gt(lost, 0);
    click_key(UI_KEY_HOME, "RightClick");
    ck_assert_int_eq(stage_time(&stage), rec.end);
    ck_assert(!click_key('l', "RightClick")->help);
    ck_assert_int_eq(stage_time(&stage), lost);
    hands("<Click 150 165><Home>");
    uint32_t along = UI_KEY_ARROW_RIGHT | UI_SHIFT << UI_KEY_MODS;
    size_t here = click_key(along, "Click")->beat, next = click_key(along, "Click")->beat;
    ck_assert_uint_gt(next, here);
    ck_assert_uint_eq(click_key(along, "RightClick")->beat, here);
    float zoom = stage.scene.zoom;
    click_key('+', "Click");
    ck_assert_float_gt(stage.scene.zoom, zoom);
    click_key('+', "RightClick");
    ck_assert_float_eq_tol(stage.scene.zoom, zoom, 0.001f);
}
END_TEST

START_TEST(the_help_does_what_it_lists)
{
    char click[80];
    hands("?");
    at_first(OBJECT_KEY, "Click", click);  // Space
    hands(click);
    ck_assert(!stage.scene.help);
    ck_assert(stage.playing);
}
END_TEST

START_TEST(what_is_no_key_is_told)
{
    char error[120];
    static const char *const bad[] = {"<Up><Nope>", "<F13>", "<Click 3>", "<>", "<S->"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!typing_play(&stage, bad[i], pt(1280, 720), error, sizeof error), "%s",
                      bad[i]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hands");
    TCase *tc = tcase_create("hands");
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_filter_passes_its_frames_and_n_visits_them);
    tcase_add_test(tc, a_bad_filter_is_told_of_and_the_old_one_stays);
    tcase_add_test(tc, words_are_looked_for_in_sentences);
    tcase_add_test(tc, without_a_filter_n_says_so);
    tcase_add_test(tc, playing_stops_at_a_breakpoint);
    tcase_add_test(tc, it_runs_to_a_breakpoint_at_once);
    tcase_add_test(tc, breakpoints_are_dropped_by_key_and_click);
    tcase_add_test(tc, a_right_click_sets_a_breakpoint);
    tcase_add_test(tc, a_packet_is_followed_from_write_to_read);
    tcase_add_test(tc, the_challenge_asks_and_counts);
    tcase_add_test(tc, the_same_question_is_the_same);
    tcase_add_test(tc, a_click_answers);
    tcase_add_test(tc, keys_alone_reach_what_the_mouse_does);
    tcase_add_test(tc, every_pane_can_be_had_alone);
    tcase_add_test(tc, tips_come_when_the_mouse_rests);
    tcase_add_test(tc, without_motion_it_goes_from_step_to_step);
    tcase_add_test(tc, the_help_does_what_it_lists);
    tcase_add_test(tc, a_right_click_on_a_row_is_its_other_key);
    tcase_add_test(tc, what_is_no_key_is_told);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
