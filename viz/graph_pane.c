// Graphs of the connection in the light, over the same clock as everything else. Time/sequence has
// the glyphs of tcptrace and xplot: a segment is an I from its first byte to its last, R one sent
// again, X one lost; the line below is what is acknowledged, the dashed one above how far the
// receiver allows.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

#include <stdio.h>

enum { SERIES_MAX = 3, POINTS_MAX = 1500 };
static const float WINDOW_S = 14;

struct plot {
    struct rect area;
    psec        from, to;      // shown time at the edges
    double      low, high;     // values at the edges
    const struct history_flow *flow;
    int         side;          // who sends most
    bool        is_time;       // values are nanoseconds
};

static float plot_x(const struct plot *p, psec u)
{
    return p->area.x + (float)((double)(u - p->from) / (double)(p->to - p->from)) * p->area.w;
}

static float plot_y(const struct plot *p, double v)
{
    return bottom_of(p->area) - (float)((v - p->low) / (p->high - p->low)) * p->area.h;
}

// --- axes --------------------------------------------------------------------------------------

static double nice_step(double span, int about)
{
    double raw = span / about, unit = pow(10, floor(log10(raw)));
    double n = raw / unit;
    return (n <= 1 ? 1 : n <= 2 ? 2 : n <= 5 ? 5 : 10) * unit;
}

static void put_value(struct text *t, const struct plot *p, double v)
{
    bool near = p->high - p->low < p->high / 20;  // a short name would be the same for all
    if (p->is_time) text_put_span(t, (nsec)v);
    else if (near) text_put_u64(t, (uint64_t)(v + 0.5));
    else text_put_count(t, (uint64_t)(v + 0.5));
}

static void draw_axes(struct draw_list *l, const struct scene *s, const struct plot *p)
{
    double step = nice_step(p->high - p->low, 4);
    for (double v = ceil(p->low / step) * step; v <= p->high; v += step) {
        float y = plot_y(p, v);
        char buf[32];
        struct text t = text_of(buf, sizeof buf);
        put_value(&t, p, v);
        draw_fill(l, rect(p->area.x, y, p->area.w, 1), 0, ink_a(PALETTE_LINE, 130));
        draw_text(l, pt(p->area.x - 6, y), on_right(style(FONT_MONO, 10, PALETTE_LOW)), buf);
    }
    nsec start = recording_start(s->rec);
    float used = -1e9f;
    for (int i = 0; i < 3; i++) {
        psec u = p->from + (p->to - p->from) / 2 * i;
        if (u > s->u) u = s->u;
        const struct warp *w = &s->rec->warp;
        nsec at = w->at[warp_find(w, warp_at(w, u))];  // an instant reads better than a fraction
        u = warp_shown(w, at);
        if (u < p->from) continue;
        char buf[40];
        struct text t = text_of(buf, sizeof buf);
        text_put_span(&t, at - start);
        struct text_style st = style(FONT_MONO, 10, PALETTE_LOW);
        float x = plot_x(p, u), y = bottom_of(p->area) + 10, wide = draw_text_width(l, st, buf);
        float left = i == 0 ? x : i == 1 ? x - wide / 2 : x - wide;
        if (left < used) continue;
        used = left + wide + 10;
        draw_text(l, pt(left, y), st, buf);
    }
    float now = plot_x(p, s->u);
    struct pt ends[2] = {{now, p->area.y - 4}, {now, bottom_of(p->area)}};
    draw_dashed(l, ends, 1.2f, (struct dash){4, 3, 0}, ink(PALETTE_SEL));
}

static void draw_torn(struct draw_list *l, const struct scene *s, const struct plot *p)
{
    const struct warp *w = &s->rec->warp;
    if (w->mode == WARP_LINEAR || w->mode == WARP_REAL) return;
    nsec from = warp_at(w, p->from);
    for (size_t i = warp_find(w, from); i + 1 < w->n && w->shown[i] < s->u; i++) {
        if (!warp_torn(w, i) || w->shown[i + 1] > s->u) continue;
        float x = (plot_x(p, w->shown[i]) + plot_x(p, w->shown[i + 1])) / 2;
        float wide = fminf(14, (plot_x(p, w->shown[i + 1]) - plot_x(p, w->shown[i])) * 0.6f);
        if (wide < 4 || x - wide < p->area.x) continue;
        struct rect band = rect(x - wide / 2, p->area.y - 2, wide, p->area.h + 4);
        draw_fill(l, band, 0, ink(PALETTE_RAISED));
        paint_zigzag(l, pt(band.x, band.y), pt(band.x, bottom_of(band)), ink(PALETTE_LOW));
        paint_zigzag(l, pt(right_of(band), band.y), pt(right_of(band), bottom_of(band)),
                     ink(PALETTE_LOW));
    }
}

// --- time/sequence -----------------------------------------------------------------------------

static psec shown(const struct scene *s, nsec t) { return warp_shown(&s->rec->warp, t); }

// The flow's newest frame that was sent by now, and on from there backwards.
static uint32_t newest(const struct scene *s, const struct plot *p)
{
    uint32_t i = p->flow->last;
    while (i != NONE && s->h->frame[i].depart > s->t) i = s->h->frame[i].prev;
    return i;
}

// A segment of the sender in sight: out on the wire by now, or lost before it.
static bool in_sight(const struct scene *s, const struct plot *p, const struct history_frame *f)
{
    return f->side == p->side && f->depart <= s->t && shown(s, f->depart) >= p->from;
}

// Walking back: the segments before this one left the picture too. (Answers tell nothing here: they
// pass segments that wait in a queue.)
static bool walk_ends(const struct scene *s, const struct plot *p, const struct history_frame *f)
{
    return f->side == p->side && f->ended == END_RECEIVED && shown(s, f->end) < p->from;
}

static bool seq_range(const struct scene *s, struct plot *p)
{
    bool any = false;
    uint64_t edge = 0;
    p->low = 1e18;
    p->high = 0;
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (walk_ends(s, p, f)) break;
        if (in_sight(s, p, f)) {
            p->low = fmin(p->low, f->seq);
            p->high = fmax(p->high, (double)f->seq + f->data);
            any = true;
        } else if (f->side != p->side && (f->flags & TCP_ACK) != 0 && f->end <= s->t) {
            if ((uint64_t)f->ack + f->wnd > edge) edge = (uint64_t)f->ack + f->wnd;
        }
    }
    if (!any) return false;
    if (p->high - p->low < 16) p->high = p->low + 16;
    double span = p->high - p->low;
    // The window's edge belongs in the picture where it is near enough to matter.
    if ((double)edge > p->high && (double)edge < p->high + span * 1.5) p->high = (double)edge;
    p->high += span * 0.14;
    return true;
}

static void draw_segment(struct draw_list *l, const struct scene *s, const struct plot *p,
                         const struct history_frame *f, uint32_t row)
{
    float x = plot_x(p, shown(s, f->depart)), y0 = plot_y(p, f->seq);
    uint32_t len = f->data > 0 ? f->data : 1;
    float y1 = fminf(plot_y(p, (double)f->seq + len), y0 - 2);
    struct ink color = ink(frame_role(f));
    draw_line(l, pt(x, y0), pt(x, y1), 2, color);
    draw_line(l, pt(x - 4, y0), pt(x + 4, y0), 1.6f, color);
    draw_line(l, pt(x - 4, y1), pt(x + 4, y1), 1.6f, color);
    if (f->ended == END_LOST && f->end <= s->t) paint_cross(l, pt(x, y1 - 8), 7, color);
    else if (frame_is_again(f))
        draw_text(l, pt(x, y1 - 8), centred(style(FONT_BOLD, 10, PALETTE_LOSS)), "R");
    if (object_is(s->selected, OBJECT_FRAME, row))
        paint_chosen(l, rect(x - 6, y1 - 3, 12, y0 - y1 + 6), 4);
    draw_hit(l, rect(x - 5, y1 - 4, 10, y0 - y1 + 8), OBJECT_FRAME, row);
}

// A stair from right to left: each answer holds until the next.
static void draw_stair(struct draw_list *l, const struct scene *s, const struct plot *p, bool edge)
{
    float x = plot_x(p, s->u), y = 0;
    bool have = false;
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->side == p->side || (f->flags & TCP_ACK) == 0 || f->end > s->t) continue;
        if (f->ended != END_RECEIVED) continue;
        double v = edge ? (double)f->ack + f->wnd : f->ack;
        float here = fmaxf(plot_x(p, shown(s, f->end)), p->area.x);
        float level = plot_y(p, v);
        if (level < p->area.y - 8 || level > bottom_of(p->area) + 8) {  // out of sight
            if (shown(s, f->end) < p->from) break;
            have = false;
            x = here;
            continue;
        }
        struct ink color = ink(edge ? PALETTE_TCP : PALETTE_ACK);
        if (edge) draw_dashed(l, (struct pt[2]){{here, level}, {x, level}}, 1.5f,
                              (struct dash){5, 3, 0}, color);
        else draw_line(l, pt(here, level), pt(x, level), 1.8f, color);
        if (have) draw_line(l, pt(x, level), pt(x, y), edge ? 1.0f : 1.8f, color);
        x = here;
        y = level;
        have = true;
        if (shown(s, f->end) < p->from) break;
    }
}

// The receiver's window edge by name; where it is far above the picture, by its number.
static void draw_edge_name(struct draw_list *l, const struct scene *s, const struct plot *p)
{
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->side == p->side || (f->flags & TCP_ACK) == 0 || f->end > s->t) continue;
        double v = (double)f->ack + f->wnd;
        bool above = v > p->high;
        float y = above ? p->area.y - 2 : plot_y(p, v) + 10;
        char said[64];
        struct text t = text_of(said, sizeof said);
        text_put_str(&t, "receiver window edge");
        if (above) text_put_str(&t, " ↑ "), text_put_u64(&t, (uint64_t)v);
        draw_text(l, pt(p->area.x + 6, y), style(FONT_UI, 10, PALETTE_TCP), said);
        return;
    }
}

static void draw_sequence(struct draw_list *l, const struct scene *s, struct plot *p)
{
    if (!seq_range(s, p)) return;
    draw_axes(l, s, p);
    draw_torn(l, s, p);
    draw_clip(l, rect(p->area.x - 1, p->area.y - 14, p->area.w + 8, p->area.h + 16));
    draw_stair(l, s, p, true);
    draw_stair(l, s, p, false);
    draw_edge_name(l, s, p);
    for (uint32_t i = newest(s, p); i != NONE; i = s->h->frame[i].prev) {
        const struct history_frame *f = &s->h->frame[i];
        if (walk_ends(s, p, f)) break;
        if (in_sight(s, p, f) && (f->data > 0 || frame_is_control(f))) draw_segment(l, s, p, f, i);
    }
    draw_unclip(l);
}

// --- what TCP measures -------------------------------------------------------------------------

struct series { enum palette_role role; bool dashed; const char *name; };

static uint64_t sample_value(const struct history_sample *x, int k)
{
    return k == 0 ? x->a : k == 1 ? x->b : x->c;
}

struct graph {
    enum sample_kind kind;
    int              count;
    bool             is_time;
    struct series    series[SERIES_MAX];
};

static const struct graph graphs[GRAPH_TABS] = {
    [GRAPH_CWND] = {SAMPLE_CWND, 3, false,
                    {{PALETTE_APP, false, "cwnd"}, {PALETTE_LOSS, true, "ssthresh"},
                     {PALETTE_ACK, false, "in flight"}}},
    [GRAPH_RTT] = {SAMPLE_RTT, 3, true,
                   {{PALETTE_ACK, false, "sample"}, {PALETTE_APP, false, "smoothed"},
                    {PALETTE_TCP, true, "RTO"}}},
    [GRAPH_BUFFERS] = {SAMPLE_BUF, 3, false,
                       {{PALETTE_APP, false, "to send"}, {PALETTE_IP, false, "received"},
                        {PALETTE_ACK, true, "limit"}}},
};

// "No threshold yet" is told as a huge number; it must not press all else flat.
static bool has_value(uint64_t v, bool is_time) { return v < (is_time ? INT64_MAX : 0x40000000u); }

static bool sample_range(const struct scene *s, struct plot *p, const struct graph *g, uint32_t i)
{
    p->low = 0;
    p->high = 0;
    size_t n = 0;
    for (; i != NONE && n < POINTS_MAX; i = s->h->sample[i].prev, n++) {
        const struct history_sample *x = &s->h->sample[i];
        for (int k = 0; k < g->count; k++) {
            uint64_t v = sample_value(x, k);
            if (k == 2 && g->kind == SAMPLE_BUF) continue;
            if (has_value(v, g->is_time)) p->high = fmax(p->high, (double)v);
        }
        if (shown(s, x->at) < p->from) break;
    }
    p->high = p->high > 0 ? p->high * 1.15 : 1;
    return n > 0;
}

static void draw_series(struct draw_list *l, const struct scene *s, const struct plot *p,
                        int k, uint32_t i)
{
    const struct graph *g = &graphs[s->tab];
    float x = plot_x(p, s->u), y = 0;
    bool have = false;
    struct ink color = ink(g->series[k].role);
    for (size_t n = 0; i != NONE && n < POINTS_MAX; i = s->h->sample[i].prev, n++) {
        const struct history_sample *row = &s->h->sample[i];
        uint64_t v = sample_value(row, k);
        if (!has_value(v, g->is_time)) break;
        float here = fmaxf(plot_x(p, shown(s, row->at)), p->area.x);
        float level = clampf(plot_y(p, (double)v), p->area.y - 3, bottom_of(p->area));
        if (g->series[k].dashed)
            draw_dashed(l, (struct pt[2]){{here, level}, {x, level}}, 1.4f,
                        (struct dash){5, 3, 0}, color);
        else draw_line(l, pt(here, level), pt(x, level), 1.8f, color);
        if (have) draw_line(l, pt(x, level), pt(x, y), 1.2f, color);
        x = here;
        y = level;
        have = true;
        if (shown(s, row->at) < p->from) break;
    }
}

static uint32_t newest_sample(const struct scene *s, const struct plot *p, enum sample_kind kind)
{
    // What a receiver holds is told at its end; all else where the bytes come from.
    uint32_t row = history_sock_of(s->h, p->flow->host[p->side], p->flow->conn[p->side]);
    if (row == NONE) return NONE;
    uint32_t i = s->h->sock[row].last[kind];
    while (i != NONE && s->h->sample[i].at > s->t) i = s->h->sample[i].prev;
    return i;
}

static void draw_samples(struct draw_list *l, const struct scene *s, struct plot *p)
{
    const struct graph *g = &graphs[s->tab];
    uint32_t last = newest_sample(s, p, g->kind);
    p->is_time = g->is_time;
    if (last == NONE || !sample_range(s, p, g, last)) {
        draw_text(l, pt(p->area.x, p->area.y + 20), style(FONT_UI, 11, PALETTE_LOW),
                  "Nothing was measured yet.");
        return;
    }
    draw_axes(l, s, p);
    draw_torn(l, s, p);
    draw_clip(l, rect(p->area.x - 1, p->area.y - 6, p->area.w + 2, p->area.h + 8));
    for (int k = g->count - 1; k >= 0; k--) draw_series(l, s, p, k, last);
    draw_unclip(l);
    float x = p->area.x + 6;
    for (int k = 0; k < g->count; k++) {
        struct text_style st = style(FONT_SEMI, 10, g->series[k].role);
        draw_text(l, pt(x, p->area.y + 2), st, g->series[k].name);
        x += draw_text_width(l, st, g->series[k].name) + 12;
    }
}

// --- the whole ---------------------------------------------------------------------------------

static void draw_tabs(struct draw_list *l, const struct scene *s, struct rect r)
{
    static const char *const names[GRAPH_TABS] = {"seq", "cwnd", "RTT", "buffers"};
    float x = r.x + 10;
    for (int i = 0; i < GRAPH_TABS; i++) {
        struct text_style st = style(FONT_SEMI, 11, (int)s->tab == i ? PALETTE_HI : PALETTE_LOW);
        float w = draw_text_width(l, st, names[i]);
        draw_text(l, pt(x, r.y + 15), st, names[i]);
        if ((int)s->tab == i)
            draw_fill(l, rect(x - 1, r.y + 24, w + 2, 2), 1, ink(PALETTE_SEL));
        draw_hit(l, rect(x - 5, r.y + 4, w + 10, 24), OBJECT_TAB, (uint64_t)i);
        x += w + 14;
    }
}

static bool plot_of(struct plot *p, const struct scene *s, struct rect r)
{
    if (s->flow == NONE) return false;
    p->flow = &s->h->flow[s->flow];
    p->side = p->flow->bytes[1] > p->flow->bytes[0] ? 1 : 0;
    p->area = rect(r.x + 56, r.y + 44, r.w - 72, r.h - 66);
    psec first = shown(s, p->flow->born), window = (psec)(WINDOW_S * 1e12);
    p->from = s->u - window > first ? s->u - window : first;
    p->to = s->u + (s->u - p->from) / 24;
    if (p->to - p->from < PSEC_MS(2000)) p->to = p->from + PSEC_MS(2000);
    p->from -= (p->to - p->from) / 40;
    return true;
}

void graph_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    paint_panel(l, s, r, PANE_GRAPH);
    draw_tabs(l, s, r);
    struct plot p = {0};
    if (!plot_of(&p, s, r)) {
        draw_text(l, pt(r.x + 10, r.y + 44), style(FONT_UI, 11, PALETTE_LOW), "No connection yet.");
        return;
    }
    mark_draw(l, p.flow->mark, pt(right_of(r) - 16, r.y + 15), 8, ink(PALETTE_ACK));
    draw_textf(l, pt(right_of(r) - 26, r.y + 15), on_right(style(FONT_MONO, 11, PALETTE_LOW)),
               "%u → %u", p.flow->end[p.side].port, p.flow->end[!p.side].port);
    if (p.flow->kind == KIND_UDP)
        draw_text(l, pt(r.x + 10, r.y + 44), fit(style(FONT_UI, 11, PALETTE_LOW), r.w - 20),
                  "Datagrams carry no sequence numbers: nothing to plot.");
    else if (s->tab == GRAPH_SEQUENCE) draw_sequence(l, s, &p);
    else draw_samples(l, s, &p);
}
