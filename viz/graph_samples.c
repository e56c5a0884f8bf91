// see graph_paint.h. Here: what TCP measures and decides, as its events told it: congestion window,
// round trips, buffers.
#include "viz/graph_paint.h"
#include "viz/paint.h"

enum { SERIES_MAX = 3, POINTS_MAX = 1500 };

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
        if (plot_shown(s, x->at) < p->from) break;
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
        float here = fmaxf(plot_x(p, plot_shown(s, row->at)), p->area.x);
        float level = clampf(plot_y(p, (double)v), p->area.y - 3, bottom_of(p->area));
        if (g->series[k].dashed)
            draw_dashed(l, (struct pt[2]){{here, level}, {x, level}}, 1.4f,
                        (struct dash){5, 3, 0}, color);
        else draw_line(l, pt(here, level), pt(x, level), 1.8f, color);
        if (have) draw_line(l, pt(x, level), pt(x, y), 1.2f, color);
        x = here;
        y = level;
        have = true;
        if (plot_shown(s, row->at) < p->from) break;
    }
}

static uint32_t newest_sample(const struct scene *s, const struct plot *p, enum sample_kind kind)
{
    // What a receiver holds is told at its end; all else where the bytes come from.
    uint32_t row = history_sock_of(s->h, p->flow->host[p->side], p->flow->conn[p->side]);
    if (row == NONE) return NONE;
    return history_sample_until(s->h, s->h->sock[row].last[kind], s->t);
}

void graph_samples(struct draw_list *l, const struct scene *s, struct plot *p)
{
    const struct graph *g = &graphs[s->tab];
    uint32_t last = newest_sample(s, p, g->kind);
    p->unit = g->is_time ? PLOT_TIME : PLOT_COUNT;
    if (last == NONE || !sample_range(s, p, g, last)) {
        plot_nothing(l, p, "Nothing was measured yet.");
        return;
    }
    plot_axes(l, s, p);
    plot_torn(l, s, p);
    draw_clip(l, rect(p->area.x - 1, p->area.y - 6, p->area.w + 2, p->area.h + 8));
    for (int k = g->count - 1; k >= 0; k--) draw_series(l, s, p, k, last);
    draw_unclip(l);
    plot_names(l, p, g->series, g->count);
}
