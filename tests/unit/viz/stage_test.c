// The whole screen, played without a window: steps, keys and mouse, what the narrator says, and
// that no two words ever lie on each other.
#include "claims.h"
#include "unit/viz/story.h"

#include "viz/say.h"
#include "viz/stage.h"

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

static const struct scene *composed(void)
{
    stage_compose(&stage, 1280, 720);
    return &stage.scene;
}

static void key(int k, unsigned mods)
{
    stage_event(&stage, &(struct ui_event){.kind = UI_KEY, .key = k, .mods = mods});
}

static void type(uint32_t ch)
{
    stage_event(&stage, &(struct ui_event){.kind = UI_CHAR, .ch = ch});
}

// --- the playhead ------------------------------------------------------------------------------

START_TEST(steps_visit_every_beat_both_ways)
{
    size_t beats = rec.history.beats;
    stage_step(&stage, -100);
    for (size_t i = 0; i < beats; i++) {
        const struct scene *s = composed();
        ck_assert_uint_eq(s->beat, i);
        ck_assert_int_eq(s->t, rec.history.beat[i].at);
        ck_assert(i + 1 == beats || s->events == rec.history.beat[i + 1].event);
        stage_step(&stage, 1);
    }
    for (size_t i = beats - 1; i > 0; i--) {
        stage_step(&stage, -1);
        ck_assert_uint_eq(composed()->beat, i - 1);
    }
}
END_TEST

START_TEST(an_instant_is_all_its_events)
{
    stage_seek(&stage, USEC(31));
    const struct scene *s = composed();
    ck_assert_int_eq(s->t, USEC(31));
    ck_assert_int_eq(model_sock(s->m, SERVER, 2)->fd, 4);
    ck_assert_uint_eq(s->events, recording_events_until(&rec, USEC(31)));
}
END_TEST

START_TEST(playing_reaches_the_end_and_stops)
{
    type(' ');
    ck_assert(stage.playing);
    int frames = 0;
    while (stage_advance(&stage, 1.0 / 30) && frames < 10000) frames++;
    ck_assert(!stage.playing);
    ck_assert_int_eq(composed()->t, rec.end);
    double shown = (double)warp_length(&rec.warp) / 1e12;
    ck_assert(fabs(frames / 30.0 - shown) < 0.1);
    type(' ');
    ck_assert(stage.playing && stage.u == 0);
}
END_TEST

START_TEST(trouble_is_found)
{
    type('l');
    const struct scene *s = composed();
    ck_assert_int_eq(rec.history.beat[s->beat].type, TRACE_LINK_DROP);
    size_t loss = s->beat;
    type('l');
    ck_assert_uint_eq(composed()->beat, loss);
    ck_assert_str_eq(stage.notice, "Nothing more is lost.");
    type('x');
    s = composed();
    ck_assert_int_eq(s->h->frame[s->h->beat[s->beat].frame].why, SENT_RTO);
    type('L');
    ck_assert_uint_eq(composed()->beat, loss);
    type('E');
    s = composed();
    ck_assert_int_eq(rec.history.beat[s->beat].type, TRACE_TCP_STATE);
    ck_assert_uint_lt(s->beat, loss);
}
END_TEST

START_TEST(the_connection_in_the_light_is_followed)
{
    composed();
    stage.scene.selected = (struct object){OBJECT_SOCK, sock_id(CLIENT, 2)};
    ck_assert_uint_eq(composed()->flow, NONE);  // it is not there yet
    stage_seek(&stage, USEC(46));
    ck_assert_uint_eq(composed()->flow, 1);
    for (int i = 0; i < 12; i++) {
        key(UI_KEY_ARROW_RIGHT, UI_SHIFT);
        const struct scene *s = composed();
        struct trace_event ev;
        ck_assert(tape_get(&rec.tape, s->h->beat[s->beat].event, &ev));
        bool ours = (ev.host == CLIENT && ev.conn == 2) || (ev.host == SERVER && ev.conn == 3);
        uint32_t frame = s->h->beat[s->beat].frame;
        ck_assert(ours || (frame != NONE && s->h->frame[frame].flow == 1));
    }
}
END_TEST

// --- hands -------------------------------------------------------------------------------------

START_TEST(keys_do_what_the_help_says)
{
    composed();
    type('t');
    ck_assert_int_eq(stage.theme, THEME_LIGHT);
    type('g');
    ck_assert_int_eq(stage.scene.tab, GRAPH_CWND);
    type(']');
    ck_assert(stage.pace < 0.4);
    type('?');
    ck_assert(stage.scene.help);
    type('x');
    ck_assert(!stage.scene.help);
    key(UI_KEY_TAB, 0);
    ck_assert_int_eq(stage.scene.focus, PANE_CLIENT);
    key(UI_KEY_TAB, UI_SHIFT);
    ck_assert_int_eq(stage.scene.focus, PANES);
    key(UI_KEY_END, 0);
    ck_assert_int_eq(composed()->t, rec.end);
    type('2');
    ck_assert_uint_eq(stage.scene.selected.id, sock_id(CLIENT, 2));
    key(UI_KEY_ESC, 0);
    ck_assert_uint_eq(stage.scene.selected.kind, OBJECT_NONE);
    key(UI_KEY_HOME, 0);
    ck_assert_int_eq(composed()->t, 0);
    type('m');
    ck_assert_int_eq(rec.warp.mode, WARP_LINEAR);
    type('s');
    ck_assert_int_eq(stage.wish, WISH_SAVE);
    type('q');
    ck_assert_int_eq(stage.wish, WISH_QUIT);
}
END_TEST

START_TEST(the_clocks_change_and_the_instant_stays)
{
    stage_seek(&stage, USEC(96));
    for (int i = 0; i < WARP_MODES; i++) {
        type('m');
        ck_assert_int_eq(composed()->t, USEC(96));
    }
}
END_TEST

static void click(float x, float y)
{
    stage_event(&stage, &(struct ui_event){.kind = UI_PRESS, .x = x, .y = y, .buttons = UI_LEFT});
    stage_event(&stage, &(struct ui_event){.kind = UI_RELEASE, .x = x, .y = y});
}

// The middle of the first region of a kind that nothing covers.
static bool click_first(uint32_t kind)
{
    composed();
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind != DRAW_HIT || c->hit.kind != kind) continue;
        struct pt at = pt(c->r.x + c->r.w / 2, c->r.y + c->r.h / 2);
        if (draw_hit_at(&stage.list, at) != c) continue;
        click(at.x, at.y);
        return true;
    }
    return false;
}

START_TEST(a_click_selects_in_every_pane)
{
    static const uint32_t kinds[] = {OBJECT_SOCK, OBJECT_BYTE, OBJECT_FRAME};
    stage_seek(&stage, MSEC(200) + USEC(102));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        ck_assert(click_first(kinds[i]));
        ck_assert_uint_eq(stage.scene.selected.kind, kinds[i]);
    }
    ck_assert(click_first(OBJECT_TAB));
    ck_assert_int_eq(stage.scene.tab, GRAPH_SEQUENCE);
    ck_assert(click_first(OBJECT_BUTTON));  // back
    ck_assert(stage.by_step);
}
END_TEST

START_TEST(the_timeline_scrubs)
{
    composed();
    struct rect r = stage_layout(1280, 720).timeline;
    stage_event(&stage, &(struct ui_event){.kind = UI_PRESS, .x = r.x + 300, .y = r.y + 40});
    psec first = stage.u;
    ck_assert_int_gt(first, 0);
    stage_event(&stage, &(struct ui_event){.kind = UI_MOVE, .x = r.x + 600, .y = 10,
                                           .buttons = UI_LEFT});
    ck_assert_int_gt(stage.u, first);
    stage_event(&stage, &(struct ui_event){.kind = UI_RELEASE});
    psec let_go = stage.u;
    stage_event(&stage, &(struct ui_event){.kind = UI_MOVE, .x = r.x + 200, .y = 10});
    ck_assert_int_eq(stage.u, let_go);
}
END_TEST

// --- words -------------------------------------------------------------------------------------

static const char *const sentences[] = {
    "The run begins: two-clients, seed 7.",
    "Server's fd 3 goes from CLOSED to LISTEN – the application called listen().",
    "httpd on Server: listen(3, 4) = 0 – let others connect to this socket.",
    "httpd on Server: accept(3) blocks – no connection waits yet.",
    "Client's fd 3 goes from CLOSED to SYN-SENT – the application called connect().",
    "curl on Client: connect(3) blocks – the handshake has begun, the answer is not here yet.",
    "Client sends SYN – connect(): ask to open, and tell our first number.",
    "SYN arrives at Server; no connection has its 4-tuple, so the listener fd 3 takes it.",
    "A new connection of Server goes from LISTEN to SYN-RECEIVED – a SYN arrived.",
    "Server sends SYN,ACK – agree to open: acknowledge their SYN, send ours.",
    "SYN,ACK arrives at Client; the 4-tuple picks fd 3.",
    "Client's fd 3 goes from SYN-SENT to ESTABLISHED – the SYN,ACK arrived.",
    "curl on Client: connect(3) = 0 – the connection is open.",
    "Client sends an ACK – the third step: their SYN is acknowledged, we are open.",
    "An ACK arrives at Server; the 4-tuple picks a new connection, not the listener.",
};

START_TEST(each_beat_has_its_sentence)
{
    stage_step(&stage, -100);
    for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
        char said[SAY_TEXT];
        struct text t = text_of(said, sizeof said);
        say_beat(&t, composed(), i);
        ck_assert_str_eq(said, sentences[i]);
        stage_step(&stage, 1);
    }
}
END_TEST

START_TEST(no_sentence_is_empty_or_cut)
{
    stage_step(&stage, -100);
    for (size_t i = 0; i < rec.history.beats; i++) {
        char said[SAY_TEXT];
        struct text t = text_of(said, sizeof said);
        say_beat(&t, composed(), i);
        ck_assert_msg(t.len > 10 && !t.cut, "beat %zu: %s", i, said);
        stage_step(&stage, 1);
    }
}
END_TEST

enum { COMMANDS = 8000 };

struct words { struct rect r; size_t at; };

static const char *words_of(const struct words *w)
{
    return (const char *)stage.list.bytes + stage.list.cmd[w->at].text.at;
}

static struct rect clip_of[COMMANDS];  // what each command's clips let through

static struct rect cut(struct rect a, struct rect b)
{
    float x = fmaxf(a.x, b.x), y = fmaxf(a.y, b.y);
    float w = fminf(a.x + a.w, b.x + b.w) - x, h = fminf(a.y + a.h, b.y + b.h) - y;
    return rect(x, y, fmaxf(w, 0), fmaxf(h, 0));
}

static void find_clips(void)
{
    struct rect clip[32] = {rect(-1e5f, -1e5f, 2e5f, 2e5f)};
    int clips = 1;
    ck_assert_uint_lt(stage.list.n, COMMANDS);
    for (size_t i = 0; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind == DRAW_CLIP) clip[clips] = cut(c->r, clip[clips - 1]), clips++;
        if (c->kind == DRAW_UNCLIP) clips--;
        clip_of[i] = clip[clips - 1];
    }
}

static struct rect words_rect(const struct draw_cmd *c)
{
    struct text_style st = {.font = c->text.font, .size = c->text.size, .align = c->text.align};
    float width = draw_text_width(&stage.list, st, (const char *)stage.list.bytes + c->text.at);
    if (c->text.max > 0 && width > c->text.max) width = c->text.max;
    float x = c->r.x - (c->text.align == TEXT_RIGHT    ? width
                        : c->text.align == TEXT_CENTRE ? width / 2
                                                       : 0);
    return rect(x, c->r.y - c->text.size * 0.36f, width, c->text.size * 0.72f);
}

static size_t collect_words(struct words *w, size_t cap)
{
    size_t n = 0;
    find_clips();
    for (size_t i = 0; i < stage.list.n && n < cap; i++) {
        if (stage.list.cmd[i].kind != DRAW_TEXT) continue;
        struct rect r = cut(words_rect(&stage.list.cmd[i]), clip_of[i]);
        if (r.w > 1 && r.h > 0) w[n++] = (struct words){r, i};
    }
    return n;
}

static bool overlap(struct rect a, struct rect b)
{
    return a.x + 0.5f < b.x + b.w && b.x + 0.5f < a.x + a.w && a.y + 0.5f < b.y + b.h &&
           b.y + 0.5f < a.y + a.h;
}

static bool covers(struct rect a, struct rect b)
{
    return a.x <= b.x + 1 && a.y <= b.y + 1 && a.x + a.w + 1 >= b.x + b.w &&
           a.y + a.h + 1 >= b.y + b.h;
}

// Something opaque drawn later may cover words whole (a torn gap does), but the ground that a label
// clears for itself must never cut another's.
static bool hidden(const struct words *w)
{
    for (size_t i = w->at + 1; i < stage.list.n; i++) {
        const struct draw_cmd *c = &stage.list.cmd[i];
        if (c->kind != DRAW_FILL || c->ink.alpha != 255) continue;
        struct rect seen = cut(c->r, clip_of[i]);
        if (covers(seen, w->r)) return true;
        bool ground = c->ink.role == PALETTE_PANEL && c->r.h > 8 && c->r.h < 18;
        if (ground && overlap(seen, w->r))
            ck_abort_msg("at %ld: \"%s\" is cut", (long)stage.scene.t,
                         words_of(w));
    }
    return false;
}

static void check_words(float width, float height)
{
    static struct words w[2000];
    stage_compose(&stage, width, height);
    size_t n = collect_words(w, ARRAY_LEN(w));
    for (size_t i = 0; i < n; i++) {
        if (hidden(&w[i])) continue;
        for (size_t k = i + 1; k < n; k++)
            if (overlap(w[i].r, w[k].r))
                ck_abort_msg("%.0fx%.0f at %ld: \"%s\" on \"%s\"", width, height,
                             (long)stage.scene.t, words_of(&w[k]), words_of(&w[i]));
    }
}

START_TEST(no_two_words_overlap)
{
    static const struct { float w, h; } sizes[] = {{1280, 720}, {960, 600}, {1920, 1080}};
    for (int i = 0; i <= 40; i++) {
        stage.scene.zoom = i % 2 == 0 ? 1 : 0.35f;  // squeezed, there is less room than words
        stage_seek_shown(&stage, warp_length(&rec.warp) * i / 40);
        check_words(sizes[_i].w, sizes[_i].h);
    }
}
END_TEST

// A big scale leaves few logical pixels, fewer than the layout was made for.
START_TEST(any_size_can_be_drawn)
{
    static const float sizes[][2] = {{1, 1}, {40, 900}, {320, 240}, {640, 400}, {960, 90}};
    stage_seek(&stage, MSEC(100));
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (int k = UI_KEY_F1; k < UI_KEY_F1 + 8; k++) {
            stage_compose(&stage, sizes[i][0], sizes[i][1]);
            key(k, 0);
        }
        stage_compose(&stage, sizes[i][0], sizes[i][1]);
    }
}
END_TEST

START_TEST(a_frame_at_the_end_of_time_is_no_trouble)
{
    struct recording late = {0};
    uint8_t bytes[60] = {0};
    ck_assert_uint_eq(story.n, 0);
    story_world(&story);
    nsec at = INT64_MAX - 1;
    story_tell(&story, (struct trace_event){
        .at = at, .host = CLIENT, .netif = 1, .type = TRACE_FRAME_TX,
        .frame_tx = {1, SENT_DATA, sizeof bytes, 0, 0, {bytes, sizeof bytes}}});
    story_end_into(&story, &late);
    ck_assert_int_eq(late.end, at);
    struct stage st;
    stage_init(&st, &late, NULL);
    stage_seek(&st, at);
    stage_compose(&st, 1280, 720);
    ck_assert_int_eq(st.scene.t, at);
    stage_free(&st);
    recording_free(&late);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("stage");
    TCase *tc = tcase_create("stage");
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, steps_visit_every_beat_both_ways);
    tcase_add_test(tc, an_instant_is_all_its_events);
    tcase_add_test(tc, playing_reaches_the_end_and_stops);
    tcase_add_test(tc, trouble_is_found);
    tcase_add_test(tc, the_connection_in_the_light_is_followed);
    tcase_add_test(tc, keys_do_what_the_help_says);
    tcase_add_test(tc, the_clocks_change_and_the_instant_stays);
    tcase_add_test(tc, a_click_selects_in_every_pane);
    tcase_add_test(tc, the_timeline_scrubs);
    tcase_add_test(tc, each_beat_has_its_sentence);
    tcase_add_test(tc, no_sentence_is_empty_or_cut);
    tcase_add_loop_test(tc, no_two_words_overlap, 0, 3);
    tcase_add_test(tc, any_size_can_be_drawn);
    tcase_add_test(tc, a_frame_at_the_end_of_time_is_no_trouble);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
