// see stage.h. Here: sliders for the link in the light, its delay, rate and loss, both ways. What
// they say goes to the run in words ("link 1 delay=50ms"), and comes back as an event of it.
#include "viz/stage_parts.h"

#include "viz/paint.h"
#include "viz/widget.h"
#include "viz/wording.h"

#include <stdio.h>

enum { BOX_W = 380, ROW_H = 30, HEAD_H = 34, FOOT_H = 24, TRACK_X = 68, TRACK_W = 200,
       STOPS_MAX = 40 };

// The values a slider can stand on: steps that look alike on a scale of powers of ten.
static const uint16_t steps[] = {10, 15, 20, 30, 50, 70};
struct stops { uint64_t v[STOPS_MAX]; int n; };

static void add_decades(struct stops *s, uint64_t from, uint64_t to)
{
    for (uint64_t unit = from; unit <= to; unit *= 10)
        for (size_t i = 0; i < ARRAY_LEN(steps) && s->n < STOPS_MAX; i++)
            if (unit * steps[i] / 10 <= to) s->v[s->n++] = unit * steps[i] / 10;
}

static struct stops stops_of(enum link_slider which)
{
    struct stops s = {.n = 0};
    if (which != SLIDE_RATE) s.v[s.n++] = 0;
    if (which == SLIDE_DELAY) add_decades(&s, USEC(10), SEC(3));
    else if (which == SLIDE_RATE) add_decades(&s, 10000, UINT64_C(10000000000));
    else add_decades(&s, 1000, 1000000);
    if (which == SLIDE_RATE) s.v[s.n++] = 0;  // no limit is the most
    return s;
}

static uint64_t value_of(const struct model_netif *n, enum link_slider which)
{
    return which == SLIDE_DELAY  ? (uint64_t)n->delay
           : which == SLIDE_RATE ? n->rate_bps
                                 : n->loss_ppm;
}

static int nearest_stop(const struct stops *s, enum link_slider which, uint64_t v)
{
    int best = which == SLIDE_RATE && v == 0 ? s->n - 1 : 0;
    if (v == 0) return best;
    for (int i = 0; i < s->n; i++)
        if (s->v[i] <= v && s->v[i] != 0) best = i;
    return best;
}

const struct model_netif *link_between(const struct model *m, uint16_t a, uint16_t b)
{
    for (size_t i = 0; m != NULL && i < m->netifs; i++) {
        const struct model_netif *n = &m->netif[i];
        if (n->host == a && n->has_link && n->peer_host == b) return n;
    }
    return NULL;
}

static const struct model_netif *link_here(const struct stage *st)
{
    const uint16_t *pair = st->rec->history.stage;
    bool back = st->sliders.way == WAY_BACK;
    return link_between(st->scene.m, pair[back], pair[!back]);
}

void stage_open_link(struct stage *st)
{
    stage_look(st);
    st->dirty = true;
    if (st->sliders.open) {
        st->sliders.open = false;
    } else if (!st->can_ask) {
        stage_notice(st, "What was recorded stays as it was: `netglass run NAME --view` has "
                         "sliders for its links.");
    } else if (link_here(st) == NULL) {
        stage_notice(st, st->real_time ? "No link lies between: `netglass up --link delay=0ms "
                                         "--view` puts one there."
                                       : "No link joins these two: choose neighbours.");
    } else {
        st->sliders = (struct sliders){.open = true, .row = st->sliders.row,
                                       .way = st->sliders.way};
        st->prompt = PROMPT_NONE;
    }
}

static void put_words(struct text *t, enum link_slider which, uint64_t v)
{
    if (which == SLIDE_DELAY) {
        text_put_str(t, "delay=");
        text_put_u64(t, v / 1000);
        text_put_str(t, "us");
    } else if (which == SLIDE_RATE) {
        text_put_str(t, "rate=");
        text_put_u64(t, v / 1000);
        if (v > 0) text_put_str(t, "kbit");
    } else {
        text_put_str(t, "loss=");
        text_put_fixed(t, (int64_t)v / 1000, 1);
        text_put_char(t, '%');
    }
}

static void ask(struct stage *st, enum link_slider which, int stop)
{
    const struct model_netif *n = link_here(st);
    if (n == NULL) return;
    struct stops s = stops_of(which);
    struct text t = text_of(st->ask, sizeof st->ask);
    text_put_str(&t, "link ");
    text_put_u64(&t, n->link);
    if (st->sliders.way != WAY_BOTH) text_put_str(&t, n->is_first ? " from a" : " from b");
    text_put_char(&t, ' ');
    put_words(&t, which, s.v[stop]);
    st->wish = WISH_ASK;
    st->sliders.asked[which] = stop + 1;
    st->dirty = true;
}

// Where a slider stands: under the hand, or where it was put, until the run has taken it.
static int stop_now(const struct stage *st, enum link_slider which, const struct stops *s)
{
    const struct model_netif *n = link_here(st);
    if (st->sliders.held == (int)which + 1) return st->sliders.at;
    if (st->sliders.asked[which] > 0) return st->sliders.asked[which] - 1;
    return n != NULL ? nearest_stop(s, which, value_of(n, which)) : 0;
}

static struct rect box_of(const struct stage *st)
{
    struct rect wire = stage_pane(st, PANE_WIRE);
    float h = HEAD_H + (SLIDERS + 1) * ROW_H + FOOT_H, w = BOX_W;
    float y = wire.w > 0 ? wire.y - h - 4 : st->h - h - 90;
    return rect((st->w - w) / 2, y, w, h);
}

static struct rect track_of(const struct stage *st, int which)
{
    struct rect box = box_of(st);
    return rect(box.x + TRACK_X, box.y + HEAD_H + (float)which * ROW_H + 5, TRACK_W, 20);
}

// --- hands ---------------------------------------------------------------------------------------

void stage_slide_link(struct stage *st, int which, float x)
{
    struct stops s = stops_of((enum link_slider)which);
    st->sliders.held = which + 1;
    st->sliders.row = which;
    st->sliders.at = (int)(widget_slider_value(track_of(st, which), x) * (float)(s.n - 1) + 0.5f);
    st->dirty = true;
}

void stage_release_link(struct stage *st)
{
    int which = st->sliders.held - 1;
    st->sliders.held = 0;
    if (which >= 0) ask(st, (enum link_slider)which, st->sliders.at);
}

// What was asked for the other way is told by the link itself.
void stage_turn_link(struct stage *st, int by)
{
    struct sliders *s = &st->sliders;
    s->row = SLIDERS;
    s->way = (s->way + by + LINK_WAYS) % LINK_WAYS;
    for (int i = 0; i < SLIDERS; i++) s->asked[i] = 0;
    st->dirty = true;
}

static void turn(struct stage *st, int by)
{
    if (st->sliders.row == SLIDERS) {
        stage_turn_link(st, by);
        return;
    }
    enum link_slider which = (enum link_slider)st->sliders.row;
    struct stops s = stops_of(which);
    int at = stop_now(st, which, &s) + by;
    if (at >= 0 && at < s.n) ask(st, which, at);
}

bool stage_link_key(struct stage *st, int key)
{
    if (!st->sliders.open) return false;
    switch (key) {
    case UI_KEY_ARROW_UP:    st->sliders.row = (st->sliders.row + SLIDERS) % (SLIDERS + 1); break;
    case UI_KEY_TAB:
    case UI_KEY_ARROW_DOWN:  st->sliders.row = (st->sliders.row + 1) % (SLIDERS + 1); break;
    case UI_KEY_ARROW_LEFT:  turn(st, -1); break;
    case UI_KEY_ARROW_RIGHT: turn(st, 1); break;
    case UI_KEY_ENTER:
    case UI_KEY_ESC: st->sliders.open = false; break;
    default: return false;
    }
    st->dirty = true;
    return true;
}

// --- the picture ---------------------------------------------------------------------------------

static void put_value(struct text *t, enum link_slider which, uint64_t v)
{
    if (which == SLIDE_DELAY) {
        text_put_span(t, (nsec)v);
    } else if (which == SLIDE_RATE) {
        if (v > 0) text_put_rate(t, v);
        else text_put_str(t, "no limit");
    } else {
        text_put_fixed(t, (int64_t)v / 1000, 1);
        text_put_str(t, " %");
    }
}

// What was asked for is so, at the instant that is shown: from here on the link itself tells.
static void forget_granted(struct stage *st, enum link_slider which, const struct stops *s)
{
    const struct model_netif *n = link_here(st);
    int now = n != NULL ? nearest_stop(s, which, value_of(n, which)) : 0;
    if (st->sliders.asked[which] == now + 1) st->sliders.asked[which] = 0;
}

static void paint_slider(struct stage *st, int which)
{
    static const char *const names[SLIDERS] = {"delay", "rate", "loss"};
    struct draw_list *l = &st->list;
    struct stops s = stops_of((enum link_slider)which);
    forget_granted(st, (enum link_slider)which, &s);
    int at = stop_now(st, (enum link_slider)which, &s);
    struct rect track = track_of(st, which);
    float y = track.y + track.h / 2;
    bool here = st->sliders.row == which;
    bool under = object_is(st->scene.hover, OBJECT_SLIDER, (uint64_t)which);
    unsigned state = (here ? WIDGET_FOCUS : 0) | (under ? WIDGET_HOVER : 0);
    draw_text(l, pt(track.x - TRACK_X + 16, y),
              style(here ? FONT_SEMI : FONT_UI, 12, here ? PALETTE_HI : PALETTE_MID), names[which]);
    widget_slider(l, (struct widget){track, OBJECT_SLIDER, (uint64_t)which, state},
                  (float)at / (float)(s.n - 1));
    char buf[40];
    struct text t = text_of(buf, sizeof buf);
    put_value(&t, (enum link_slider)which, s.v[at]);
    draw_text(l, pt(right_of(track) + 16, y), style(FONT_MONO, 12, PALETTE_HI), buf);
}

// "both ways", "Client to Server", "Server to Client": a click, or an arrow, and it is the next.
static void paint_way(struct stage *st, const struct model_netif *n)
{
    struct draw_list *l = &st->list;
    struct rect row = track_of(st, SLIDERS);
    float y = row.y + row.h / 2;
    bool here = st->sliders.row == SLIDERS;
    bool under = object_is(st->scene.hover, OBJECT_SLIDER, SLIDERS);
    char buf[100];
    struct text t = text_of(buf, sizeof buf);
    if (st->sliders.way == WAY_BOTH) {
        text_put_str(&t, "both ways");
    } else {
        text_put_host(&t, st->scene.m, n->host);
        text_put_str(&t, " to ");
        text_put_host(&t, st->scene.m, n->peer_host);
    }
    draw_text(l, pt(row.x - TRACK_X + 16, y),
              style(here ? FONT_SEMI : FONT_UI, 12, here ? PALETTE_HI : PALETTE_MID), "way");
    row.w = BOX_W - TRACK_X - 16;
    widget_text_button(l, (struct widget){row, OBJECT_SLIDER, SLIDERS,
                                     (here ? WIDGET_FOCUS : 0) | (under ? WIDGET_HOVER : 0)}, buf);
}

void stage_paint_link(struct stage *st)
{
    const struct model_netif *n = link_here(st);
    if (!st->sliders.open || n == NULL) return;
    struct draw_list *l = &st->list;
    struct rect box = box_of(st);
    draw_glow(l, box, 8, 14, ink_a(PALETTE_BG, 200));
    draw_fill(l, box, 8, ink(PALETTE_PANEL));
    draw_stroke(l, box, 8, 1, ink(PALETTE_LOW));
    draw_hit(l, box, OBJECT_NONE, 0);
    char buf[100];
    struct text t = text_of(buf, sizeof buf);
    text_put_host(&t, st->scene.m, n->host);
    text_put_str(&t, " and ");
    text_put_host(&t, st->scene.m, n->peer_host);
    float y = box.y + 18;
    draw_text(l, pt(box.x + 16, y), style(FONT_SEMI, 11, PALETTE_MID), "LINK");
    draw_text(l, pt(box.x + TRACK_X, y), fit(style(FONT_UI, 11, PALETTE_LOW), BOX_W - 90), buf);
    for (int i = 0; i < SLIDERS; i++) paint_slider(st, i);
    paint_way(st, n);
    draw_text(l, pt(box.x + 16, bottom_of(box) - 14),
              fit(style(FONT_UI, 10, PALETTE_LOW), BOX_W - 32),
              st->real_time ? "arrows or the mouse; from now on, and so it is recorded"
                            : "arrows or the mouse; the run begins anew and changes from here on");
}
