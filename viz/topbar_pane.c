// The top bar: whose run this is, the way through it, the clock, the pace, and what else to press.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/ui.h"
#include "viz/widget.h"
#include "viz/wording.h"

enum { PACE_W = 120 };
static const double PACE_SLOW = 2.0, PACE_FAST = 0.02;  // seconds for a typical event

static float middle(struct rect bar) { return bar.x + bar.w / 2 - 214; }

struct rect pace_track(struct rect bar)
{
    return rect(middle(bar) + 264, bar.y + 26, PACE_W, 4);
}

double pace_at(struct rect bar, float x)
{
    struct rect track = pace_track(bar);
    double part = clampf((x - track.x) / track.w, 0, 1);
    return PACE_SLOW * pow(PACE_FAST / PACE_SLOW, part);
}

static float pace_place(struct rect track, double pace)
{
    double part = log(pace / PACE_SLOW) / log(PACE_FAST / PACE_SLOW);
    return track.x + track.w * clampf((float)part, 0, 1);
}

static void draw_logo(struct draw_list *l, struct pt at)
{
    draw_circle(l, at, 7.5f, ink(PALETTE_ETH));
    draw_circle(l, pt(at.x + 10, at.y), 7.5f, ink_a(PALETTE_TCP, 205));
}

static void draw_button(struct draw_list *l, const struct scene *s, struct rect r, enum button b)
{
    enum icon icon = b == BUTTON_BACK     ? ICON_STEP_BACK
                     : b == BUTTON_STEP   ? ICON_STEP_FORWARD
                     : b == BUTTON_RECORD ? ICON_RECORD
                     : b == BUTTON_THEME  ? ICON_MOON
                     : b == BUTTON_HELP   ? ICON_HELP
                     : s->playing         ? ICON_PAUSE
                                          : ICON_PLAY;
    unsigned state = object_is(s->hover, OBJECT_BUTTON, b) ? WIDGET_HOVER : 0;
    widget_button(l, (struct widget){r, OBJECT_BUTTON, b, state}, icon);
}

static void draw_pace(struct draw_list *l, const struct scene *s, struct rect bar)
{
    struct rect track = pace_track(bar);
    float knob = pace_place(track, s->pace);
    draw_text(l, pt(track.x, bar.y + 14), style(FONT_UI, 10, PALETTE_MID), "pace");
    draw_textf(l, pt(right_of(track), bar.y + 14), on_right(style(FONT_SEMI, 10, PALETTE_HI)),
               "1 event / %.*f s", s->pace < 0.095 ? 2 : 1, s->pace);
    draw_fill(l, track, 2, ink(PALETTE_LINE));
    draw_fill(l, rect(track.x, track.y, knob - track.x, track.h), 2, ink(PALETTE_ACK));
    draw_circle(l, pt(knob, track.y + 2), 6, ink(PALETTE_HI));
    draw_hit(l, rect(track.x - 8, bar.y + 18, track.w + 16, 20), OBJECT_PACE, 0);
}

static void draw_filter(struct draw_list *l, const struct scene *s, struct rect r)
{
    bool empty = s->filter == NULL || s->filter[0] == 0;
    bool under = object_is(s->hover, OBJECT_BUTTON, BUTTON_FILTER);
    draw_fill(l, r, 5, ink(PALETTE_BG));
    draw_stroke(l, r, 5, 1, ink(s->prompt == PROMPT_FILTER ? PALETTE_SEL
                                : under                    ? PALETTE_MID
                                                           : PALETTE_LINE));
    float room = r.w - 32;
    if (s->sift->filter != NULL) {
        struct text_style count = on_right(style(FONT_MONO, 10, PALETTE_MID));
        char n[24];
        struct text t = text_of(n, sizeof n);
        text_put_count(&t, s->sift->passed);
        draw_text(l, pt(right_of(r) - 7, r.y + r.h / 2), count, n);
        room -= draw_text_width(l, count, n) + 6;
    }
    draw_ring(l, pt(r.x + 13, r.y + 12), 4, 1.4f, ink(PALETTE_LOW));
    draw_line(l, pt(r.x + 16, r.y + 15), pt(r.x + 19, r.y + 18), 1.6f, ink(PALETTE_LOW));
    draw_text(l, pt(r.x + 26, r.y + r.h / 2),
              fit(style(FONT_MONO, 11, empty ? PALETTE_LOW : PALETTE_HI), room),
              empty ? "tcp port 80" : s->filter);
    draw_hit(l, r, OBJECT_BUTTON, BUTTON_FILTER);
}

// A red dot and how many breakpoints there are.
static void draw_breaks(struct draw_list *l, const struct scene *s, struct rect r)
{
    bool some = s->watches->n > 0;
    bool under = object_is(s->hover, OBJECT_BUTTON, BUTTON_BREAK);
    draw_fill(l, r, 5, ink(PALETTE_RAISED));
    draw_stroke(l, r, 5, 1, ink(s->prompt == PROMPT_BREAK ? PALETTE_SEL
                                : under                   ? PALETTE_MID
                                                          : PALETTE_LINE));
    float y = r.y + r.h / 2;
    if (some) draw_circle(l, pt(r.x + 14, y), 4.5f, ink(PALETTE_LOSS));
    else draw_ring(l, pt(r.x + 14, y), 4, 1.4f, ink(PALETTE_LOW));
    draw_textf(l, pt(r.x + 26, y), style(FONT_MONO, 11, some ? PALETTE_HI : PALETTE_LOW), "%zu",
               s->watches->n);
    draw_hit(l, r, OBJECT_BUTTON, BUTTON_BREAK);
}

// The run goes on: whether we go along, are behind, or hold it. A click does the next of these.
static void draw_live(struct draw_list *l, const struct scene *s, struct pt at)
{
    static const struct { struct pill pill; uint32_t key; } said[] = {
        [LIVE_BEHIND] = {{"LIVE, BEHIND", PILL_QUIET, PALETTE_ACK, true}, UI_KEY_END},
        [LIVE_EDGE] = {{"LIVE", PILL_TINT, PALETTE_HI, true}, ' '},
        [LIVE_HELD] = {{"HELD", PILL_SOLID, PALETTE_SEL, true}, 'p'}};
    if (s->live == LIVE_OVER) return;
    struct rect r = paint_pill(l, at, said[s->live].pill);
    draw_hit(l, r, OBJECT_KEY, said[s->live].key);
}

void topbar_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    draw_fill(l, r, 0, ink(PALETTE_PANEL));
    draw_fill(l, rect(r.x, r.y + r.h - 1, r.w, 1), 0, ink(PALETTE_LINE));
    float y = r.y + 22, x = middle(r);
    draw_logo(l, pt(r.x + 22, y));
    draw_text(l, pt(r.x + 48, y), style(FONT_BOLD, 14, PALETTE_HI), "netglass");
    draw_text(l, pt(r.x + 132, y), fit(style(FONT_UI, 12, PALETTE_MID), x - r.x - 144), s->title);

    draw_live(l, s, pt(x - 12, y));
    draw_button(l, s, rect(x, r.y + 9, 32, 26), BUTTON_BACK);
    draw_button(l, s, rect(x + 37, r.y + 9, 40, 26), BUTTON_PLAY);
    draw_button(l, s, rect(x + 82, r.y + 9, 32, 26), BUTTON_STEP);
    struct rect clock = rect(x + 123, r.y + 9, 130, 26);
    draw_fill(l, clock, 5, ink(PALETTE_BG));
    draw_stroke(l, clock, 5, 1, ink(PALETTE_LINE));
    char buf[40];
    struct text t = text_of(buf, sizeof buf);
    text_put_clock(&t, s->t - recording_start(s->rec));
    draw_text(l, pt(clock.x + clock.w / 2, y), centred(style(FONT_MONO, 15, PALETTE_HI)), buf);
    draw_pace(l, s, r);

    float right = right_of(r) - 10;
    draw_button(l, s, rect(right - 32, r.y + 9, 32, 26), BUTTON_HELP);
    draw_button(l, s, rect(right - 68, r.y + 9, 32, 26), BUTTON_THEME);
    draw_button(l, s, rect(right - 104, r.y + 9, 32, 26), BUTTON_RECORD);
    float room = right - 112 - (right_of(pace_track(r)) + 16);
    if (room > 220) {
        draw_breaks(l, s, rect(right - 112 - 140 - 50, r.y + 9, 44, 26));
    }
    if (room > 70) draw_filter(l, s, rect(right - 112 - fminf(room, 140), r.y + 9,
                                          fminf(room, 140), 26));
}
