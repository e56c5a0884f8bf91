// Graphs of the connection in the light, over the same clock as everything else. Here: the tabs,
// the axes and the gaps; the graphs themselves are in graph_sequence.c, graph_samples.c,
// graph_bulk.c and graph_states.c.
#include "viz/graph_paint.h"
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/wording.h"

#include <stdio.h>

static const float WINDOW_S = 14;

float plot_x(const struct plot *p, psec u)
{
    return p->area.x + (float)((double)(u - p->from) / (double)(p->to - p->from)) * p->area.w;
}

float plot_y(const struct plot *p, double v)
{
    return bottom_of(p->area) - (float)((v - p->low) / (p->high - p->low)) * p->area.h;
}

psec plot_shown(const struct scene *s, nsec t) { return warp_shown(&s->rec->warp, t); }

size_t plot_column(const struct plot *p, const struct columns *c, psec u)
{
    double part = (double)(u - p->from) / (double)(p->to - p->from) * (double)c->n;
    return part <= 0 ? 0 : part >= (double)c->n ? c->n - 1 : (size_t)part;
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
    if (p->unit == PLOT_TIME) text_put_span(t, (nsec)v);
    else if (p->unit == PLOT_RATE) text_put_rate(t, (uint64_t)v * 8);
    else if (near) text_put_u64(t, (uint64_t)(v + 0.5));
    else text_put_count(t, (uint64_t)(v + 0.5));
}

void plot_axes(struct draw_list *l, const struct scene *s, const struct plot *p)
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

void plot_torn(struct draw_list *l, const struct scene *s, const struct plot *p)
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

void plot_nothing(struct draw_list *l, const struct plot *p, const char *why)
{
    paint_wrapped(l, pt(p->area.x - 46, p->area.y + 2),
                  fit(style(FONT_UI, 11, PALETTE_LOW), p->area.w + 50), 3, why);
}

void plot_names(struct draw_list *l, const struct plot *p, const struct series *series, int n)
{
    float x = p->area.x + 6, y = p->area.y - 4;
    for (int k = 0; k < n; k++) {
        struct ink color = ink(series[k].role);
        struct text_style st = style(FONT_SEMI, 10, series[k].role);
        struct pt line[2] = {{x, y}, {x + 14, y}};
        float w = draw_text_width(l, st, series[k].name);
        draw_fill(l, rect(x - 3, y - 7, w + 24, 14), 2, ink(PALETTE_PANEL));
        if (series[k].dashed) draw_dashed(l, line, 1.6f, (struct dash){5, 3, 0}, color);
        else draw_line(l, line[0], line[1], 1.8f, color);
        draw_text(l, pt(x + 18, y), st, series[k].name);
        x += w + 30;
    }
}

// Runs of one value are one line, and steps join them.
void plot_columns(struct draw_list *l, const struct plot *p, const struct columns *c,
                  struct series look)
{
    struct ink color = ink(look.role);
    for (size_t i = 0, k; i < c->n; i = k) {
        for (k = i + 1; k < c->n && fabsf(c->v[k] - c->v[i]) < 0.01f; k++) {}
        float y = plot_y(p, c->v[i]), x = p->area.x + (float)i, to = p->area.x + (float)k;
        if (look.dashed) draw_dashed(l, (struct pt[2]){{x, y}, {to, y}}, 1.4f,
                                     (struct dash){5, 3, p->area.x - x}, color);
        else draw_line(l, pt(x, y), pt(to, y), 1.8f, color);
        if (k < c->n) draw_line(l, pt(to, y), pt(to, plot_y(p, c->v[k])), 1.2f, color);
    }
}

// --- the whole ---------------------------------------------------------------------------------

// Returns where they end.
static float draw_tabs(struct draw_list *l, const struct scene *s, struct rect r)
{
    static const char *const names[GRAPH_TABS] = {
        [GRAPH_SEQUENCE] = "seq", [GRAPH_CWND] = "cwnd", [GRAPH_RTT] = "RTT", [GRAPH_RATE] = "rate",
        [GRAPH_QUEUE] = "queue", [GRAPH_BUFFERS] = "buffers", [GRAPH_STATES] = "states"};
    float x = r.x + 10, room = r.w - 40;
    for (int i = 0; i < GRAPH_TABS; i++)
        room -= draw_text_width(l, style(FONT_SEMI, 11, PALETTE_LOW), names[i]);
    float gap = clampf(room / (GRAPH_TABS - 1), 4, 13);
    for (int i = 0; i < GRAPH_TABS; i++) {
        struct text_style st = style(FONT_SEMI, 11, (int)s->tab == i ? PALETTE_HI : PALETTE_LOW);
        float w = draw_text_width(l, st, names[i]);
        draw_text(l, pt(x, r.y + 15), st, names[i]);
        if ((int)s->tab == i)
            draw_fill(l, rect(x - 1, r.y + 24, w + 2, 2), 1, ink(PALETTE_SEL));
        draw_hit(l, rect(x - gap / 2, r.y + 4, w + gap, 24), OBJECT_TAB, (uint64_t)i);
        x += w + gap;
    }
    return x;
}

static bool plot_of(struct plot *p, const struct scene *s, struct rect r)
{
    if (s->flow == NONE) return false;
    p->flow = &s->h->flow[s->flow];
    p->number = s->flow;
    p->side = p->flow->bytes[1] > p->flow->bytes[0] ? 1 : 0;
    p->area = rect(r.x + 56, r.y + 44, r.w - 72, r.h - 66);
    psec first = plot_shown(s, p->flow->born), window = (psec)(WINDOW_S * 1e12);
    p->from = s->u - window > first ? s->u - window : first;
    p->to = s->u + (s->u - p->from) / 24;
    if (p->to - p->from < PSEC_MS(2000)) p->to = p->from + PSEC_MS(2000);
    p->from -= (p->to - p->from) / 40;
    return true;
}

// Whose graph it is: its mark, and its ports where the tabs leave room.
static void draw_whose(struct draw_list *l, const struct plot *p, struct rect r, float from)
{
    char ports[32];
    snprintf(ports, sizeof ports, "%u \xe2\x86\x92 %u", p->flow->end[p->side].port,
             p->flow->end[!p->side].port);
    struct text_style st = on_right(style(FONT_MONO, 11, PALETTE_LOW));
    float x = right_of(r) - 16, y = r.y + 15;
    mark_draw(l, p->flow->mark, pt(x, y), 8, ink(PALETTE_ACK));
    if (x - 10 - draw_text_width(l, st, ports) >= from) draw_text(l, pt(x - 10, y), st, ports);
}

void graph_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    static void (*const draw[GRAPH_TABS])(struct draw_list *, const struct scene *,
                                          struct plot *) = {
        [GRAPH_SEQUENCE] = graph_sequence, [GRAPH_CWND] = graph_samples,
        [GRAPH_RTT] = graph_samples, [GRAPH_RATE] = graph_rate, [GRAPH_QUEUE] = graph_queue,
        [GRAPH_BUFFERS] = graph_samples, [GRAPH_STATES] = graph_states};
    paint_panel(l, s, r, PANE_GRAPH);
    float from = draw_tabs(l, s, r);
    struct plot p = {0};
    if (!plot_of(&p, s, r)) {
        draw_text(l, pt(r.x + 10, r.y + 44), style(FONT_UI, 11, PALETTE_LOW), "No connection yet.");
        return;
    }
    draw_whose(l, &p, r, from);
    bool of_tcp = s->tab != GRAPH_RATE && s->tab != GRAPH_QUEUE && s->tab != GRAPH_BUFFERS;
    if (p.flow->kind == KIND_UDP && of_tcp)
        plot_nothing(l, &p, s->tab == GRAPH_STATES ? "Datagrams need no connection: no states."
                            : "Datagrams carry no sequence numbers: nothing to plot.");
    else draw[s->tab](l, s, &p);
}
