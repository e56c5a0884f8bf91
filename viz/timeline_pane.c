// The timeline: the whole run in shown time, how many frames where, what was lost, and the playhead
// to drag. What a column of pixels holds is counted by binary search, so a million frames draw as
// fast as ten.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

enum { LEFT = 84, RIGHT = 150, BIN = 4, BARS_H = 27, IDLE_W = 30 };

struct rect timeline_track(struct rect r)
{
    return rect(r.x + LEFT, r.y + r.h - 16, r.w - LEFT - RIGHT, 3);
}

psec timeline_at(const struct scene *s, struct rect r, float x)
{
    struct rect track = timeline_track(r);
    float part = clampf((x - track.x) / track.w, 0, 1);
    return (psec)((double)warp_length(&s->rec->warp) * part);
}

static float place_of(const struct scene *s, struct rect track, psec u)
{
    psec length = warp_length(&s->rec->warp);
    return track.x + (length > 0 ? (float)((double)u / (double)length) * track.w : 0);
}

static uint32_t frames_between(const struct scene *s, nsec from, nsec to)
{
    return history_first_after(s->h, to) - history_first_after(s->h, from);
}

static void draw_bars(struct draw_list *l, const struct scene *s, struct rect track)
{
    const struct warp *w = &s->rec->warp;
    int bins = (int)(track.w / BIN);
    uint32_t most = 6, count[2048];
    if (bins > (int)ARRAY_LEN(count)) bins = ARRAY_LEN(count);
    if (bins < 1) return;
    psec length = warp_length(w);
    nsec from = recording_start(s->rec) - 1;
    for (int i = 0; i < bins; i++) {
        nsec to = warp_at(w, (psec)((double)length * (i + 1) / bins));
        count[i] = frames_between(s, from, to);
        if (count[i] > most) most = count[i];
        from = to;
    }
    float now = place_of(s, track, s->u);
    for (int i = 0; i < bins; i++) {
        if (count[i] == 0) continue;
        float x = track.x + (float)i * BIN;
        float h = 3 + (BARS_H - 3) * sqrtf((float)count[i] / (float)most);
        draw_fill(l, rect(x, track.y - 4 - h, BIN - 1, h), 0,
                  x <= now ? ink(PALETTE_ACK) : ink_a(PALETTE_ACK, 80));
    }
}

// One triangle a column at most, however many were lost in it: behind each, on to the first that
// lies beyond.
static void draw_losses(struct draw_list *l, const struct scene *s, struct rect track, float y)
{
    const struct warp *w = &s->rec->warp;
    double per_px = (double)warp_length(w) / (double)track.w;
    for (size_t i = 0; i < s->h->troubles;) {
        const struct trouble *t = &s->h->trouble[i];
        psec u = warp_shown(w, t->at);
        float x = place_of(s, track, u), way = t->again ? -1.0f : 1.0f;  // lost: down; again: up
        struct pt p[3] = {{x - 4, y - 3 * way}, {x + 4, y - 3 * way}, {x, y + 4 * way}};
        draw_poly(l, p, 3, ink(PALETTE_LOSS));
        size_t beyond = history_trouble_after(s->h, warp_at(w, u + (psec)(5 * per_px)) - 1);
        i = beyond > i ? beyond : i + 1;
    }
}

static void draw_idle(struct draw_list *l, const struct scene *s, struct rect track)
{
    const struct warp *w = &s->rec->warp;
    if (w->mode == WARP_LINEAR || w->mode == WARP_REAL) return;
    // The longest gap there can be has no room for a word: then none of the many has.
    if (place_of(s, track, warp_gap(SEC(100))) - track.x < IDLE_W) return;
    for (size_t i = 0; i + 1 < w->n; i++) {
        if (!warp_torn(w, i)) continue;
        float x0 = place_of(s, track, w->shown[i]), x1 = place_of(s, track, w->shown[i + 1]);
        char said[40];
        struct text t = text_of(said, sizeof said);
        text_put_span(&t, w->at[i + 1] - w->at[i]);
        struct text_style st = style(FONT_UI, 10, PALETTE_LOW);
        if (draw_text_width(l, st, said) + 10 > x1 - x0) continue;
        draw_text(l, pt((x0 + x1) / 2, track.y - 14), centred(st), said);
    }
}

static void draw_axis(struct draw_list *l, const struct scene *s, struct rect track)
{
    float y = track.y + 11;
    psec length = warp_length(&s->rec->warp);
    struct instants row = {.start = recording_start(s->rec)};
    int n = (int)(track.w / 170);
    float used = -1e9f;
    for (int i = 0; i <= n; i++) {
        const struct warp *w = &s->rec->warp;
        size_t k = warp_find(w, warp_at(w, n > 0 ? (psec)((double)length * i / n) : 0));
        nsec at = w->n > 0 ? w->at[k] : 0;
        char buf[40];
        struct text t = text_of(buf, sizeof buf);
        struct instants before = row;
        text_put_instant(&t, &row, at);
        struct text_style st = style(FONT_MONO, 10, PALETTE_LOW);
        float x = place_of(s, track, warp_shown(w, at)), wide = draw_text_width(l, st, buf);
        float left = i == n ? x - wide : i == 0 ? x : x - wide / 2;
        if (left < used) {
            row = before;
            continue;
        }
        used = left + wide + 12;
        draw_text(l, pt(left, y), st, buf);
    }
}

// Where playing will stop: instants are known beforehand, all else is not.
static void draw_watches(struct draw_list *l, const struct scene *s, struct rect track)
{
    for (size_t i = 0; i < s->watches->n; i++) {
        const struct watch *w = &s->watches->watch[i];
        if (w->kind != WATCH_AT) continue;
        float x = place_of(s, track, warp_shown(&s->rec->warp, recording_start(s->rec) + w->line));
        draw_line(l, pt(x, track.y - 22), pt(x, track.y), 1.5f, ink(PALETTE_LOSS));
        draw_circle(l, pt(x, track.y + 1.5f), 4, ink(PALETTE_LOSS));
    }
}

static void draw_counters(struct draw_list *l, const struct scene *s, struct rect r)
{
    unsigned open = 0;
    for (size_t i = 0; i < s->m->socks; i++) open += s->m->sock[i].fd >= 0;
    float x = right_of(r) - RIGHT + 16, end = right_of(r) - 10;
    static const char *const names[] = {"frames", "lost / resent", "open sockets"};
    for (int i = 0; i < 3; i++) {
        float y = r.y + 16 + (float)i * 16;
        draw_text(l, pt(x, y), style(FONT_UI, 10, PALETTE_MID), names[i]);
        struct text_style st = on_right(style(FONT_MONO, 10, PALETTE_HI));
        char a[24], b[24];
        struct text ta = text_of(a, sizeof a), tb = text_of(b, sizeof b);
        if (i == 0) text_put_count(&ta, history_first_after(s->h, s->t));
        if (i == 0) text_put_count(&tb, s->h->frames);
        if (i == 1) text_put_count(&ta, s->m->lost), text_put_count(&tb, s->m->again);
        if (i == 1 && s->m->lost + s->m->again > 0) st.ink = ink(PALETTE_LOSS);
        if (i == 2) draw_textf(l, pt(end, y), st, "%u", open);
        else draw_textf(l, pt(end, y), st, "%s / %s", a, b);
    }
}

void timeline_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    paint_panel(l, s, r, PANE_TIMELINE);
    paint_title(l, r, "TIMELINE");
    struct rect track = timeline_track(r);
    draw_text(l, pt(r.x + 10, r.y + 32), style(FONT_UI, 10, PALETTE_MID),
              warp_mode_name(s->rec->warp.mode));
    draw_hit(l, rect(r.x + 6, r.y + 24, LEFT - 16, 16), OBJECT_BUTTON, BUTTON_MODE);
    draw_textf(l, pt(r.x + 10, r.y + 47), style(FONT_UI, 10, PALETTE_MID), "pace %.1f×",
               0.4 / s->pace);
    draw_fill(l, track, 1.5f, ink(PALETTE_LINE));
    draw_bars(l, s, track);
    draw_idle(l, s, track);
    draw_losses(l, s, track, r.y + 10);
    draw_axis(l, s, track);
    draw_watches(l, s, track);
    float x = place_of(s, track, s->u);
    draw_fill(l, rect(track.x, track.y, x - track.x, 3), 1.5f, ink(PALETTE_SEL));
    draw_line(l, pt(x, r.y + 6), pt(x, track.y), 1.8f, ink(PALETTE_SEL));
    draw_circle(l, pt(x, track.y + 1.5f), 5.5f, ink(PALETTE_SEL));
    draw_circle(l, pt(x, track.y + 1.5f), 2.5f, ink(PALETTE_PANEL));
    draw_counters(l, s, r);
    draw_hit(l, rect(track.x - 6, r.y, track.w + 12, r.h), OBJECT_TIMELINE, 0);
}
