// see graph_paint.h. Here: throughput and queue depth, both counted from the frames themselves. A
// frame waits from when the driver had it until its first bit left, and its bytes are delivered
// when its last bit came.
#include "viz/graph_paint.h"
#include "viz/paint.h"

struct look { uint32_t first, end, stride; };

static struct look look_at(const struct scene *s, const struct plot *p)
{
    nsec from = warp_at(&s->rec->warp, p->from > 0 ? p->from : 0);
    struct look k = {history_first_reaching(s->h, from), history_first_after(s->h, s->t), 1};
    if (k.end > k.first) k.stride = (k.end - k.first) / GRAPH_LOOKS + 1;
    return k;
}

static size_t width_of(const struct plot *p)
{
    return (size_t)clampf(p->area.w, 1, GRAPH_COLUMNS);
}

static size_t now_column(const struct scene *s, const struct plot *p, const struct columns *c)
{
    return plot_column(p, c, s->u);
}

// --- throughput --------------------------------------------------------------------------------

// Over how long bytes are counted: a round trip where that is known, and neither so short that one
// segment is a peak nor so long that nothing is seen to change.
static nsec window_of(const struct scene *s, const struct plot *p, nsec span)
{
    uint32_t row = history_sock_of(s->h, p->flow->host[p->side], p->flow->conn[p->side]);
    uint32_t i = row != NONE ? history_sample_until(s->h, s->h->sock[row].last[SAMPLE_RTT], s->t)
                             : NONE;
    nsec round = i != NONE ? (nsec)s->h->sample[i].b : 0;
    return round > span / 6 ? span / 6 : round < span / 200 ? span / 200 : round;
}

// Bytes a second up to each column.
static void take_rate(const struct scene *s, const struct plot *p, struct columns *c, size_t now)
{
    float sum[GRAPH_COLUMNS + 1] = {0};
    nsec at[GRAPH_COLUMNS + 1];
    for (size_t i = 0; i <= c->n; i++) {
        double part = (double)i / (double)c->n;
        at[i] = warp_at(&s->rec->warp, p->from + (psec)((double)(p->to - p->from) * part));
        if (at[i] > s->t) at[i] = s->t;
    }
    for (size_t i = 0; i < c->n; i++) sum[i + 1] = sum[i] + c->v[i];
    nsec window = window_of(s, p, at[c->n] - at[0]);
    for (size_t i = 0, lo = 0; i <= now && i < c->n; i++) {
        while (lo < i && at[i + 1] - at[lo + 1] >= window) lo++;
        nsec dt = at[i + 1] - at[lo] > window ? at[i + 1] - at[lo] : window;
        c->v[i] = dt > 0 ? (sum[i + 1] - sum[lo]) * 1e9f / (float)dt : 0;
    }
    c->n = now + 1;
}

static void add_bytes(const struct scene *s, const struct plot *p, struct columns c[2])
{
    struct look k = look_at(s, p);
    for (uint32_t i = k.first; i < k.end; i += k.stride) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->flow != p->number || f->side != p->side || f->data == 0 || f->onward) continue;
        const struct history_frame *last = history_last_way(s->h, f);
        float bytes = (float)f->data * (float)k.stride;
        psec left = plot_shown(s, f->depart), came = plot_shown(s, last->end);
        if (f->depart <= s->t && left >= p->from) c[0].v[plot_column(p, &c[0], left)] += bytes;
        if (last->ended == END_RECEIVED && last->end <= s->t && came >= p->from)
            c[1].v[plot_column(p, &c[1], came)] += bytes;
    }
}

void graph_rate(struct draw_list *l, const struct scene *s, struct plot *p)
{
    static const struct series looks[] = {{PALETTE_ACK, true, "sent"},
                                          {PALETTE_APP, false, "delivered"}};
    struct columns *c = calloc(2, sizeof *c);
    if (c == NULL) return;
    c[0].n = c[1].n = width_of(p);
    add_bytes(s, p, c);
    size_t now = now_column(s, p, &c[0]);
    float most = 0;
    for (int i = 0; i < 2; i++) {
        take_rate(s, p, &c[i], now);
        for (size_t k = 0; k < c[i].n; k++) most = fmaxf(most, c[i].v[k]);
    }
    p->low = 0;
    p->high = most > 0 ? (double)most * 1.2 : 1;
    p->unit = PLOT_RATE;
    plot_axes(l, s, p);
    plot_torn(l, s, p);
    for (int i = 0; i < 2; i++) plot_columns(l, p, &c[i], looks[i]);
    plot_names(l, p, looks, 2);
    free(c);
}

// --- queue depth -------------------------------------------------------------------------------

static bool same_way(const struct history_frame *f, uint16_t from, uint16_t to)
{
    return f->from == from && (f->to == to || f->to == 0);
}

static void add_waits(const struct scene *s, const struct plot *p, struct columns c[2])
{
    struct look k = look_at(s, p);
    uint16_t a = p->flow->host[p->side], b = p->flow->host[!p->side];
    if (a == 0 && b == 0) a = s->h->stage[0], b = s->h->stage[1];
    for (uint32_t i = k.first; i < k.end; i += k.stride) {
        const struct history_frame *f = &s->h->frame[i];
        int way = same_way(f, a, b) ? 0 : same_way(f, b, a) ? 1 : -1;
        if (way < 0 || f->depart <= f->tx) continue;
        c[way].v[plot_column(p, &c[way], plot_shown(s, f->tx))] += (float)k.stride;
        if (f->depart <= s->t)
            c[way].v[plot_column(p, &c[way], plot_shown(s, f->depart))] -= (float)k.stride;
    }
}

static void draw_full(struct draw_list *l, const struct scene *s, const struct plot *p)
{
    size_t end = history_trouble_after(s->h, s->t);
    float used = -1e9f;
    for (float x = p->area.x; x < right_of(p->area); x = used + 8) {
        psec u = p->from + (psec)((double)(p->to - p->from) * (double)(x - p->area.x) /
                                  (double)p->area.w);
        nsec t = warp_at(&s->rec->warp, u > 0 ? u : 0);
        size_t i = history_trouble_after(s->h, t - 1);
        while (i < end && (s->h->trouble[i].again ||
                           s->h->frame[s->h->trouble[i].frame].drop != DROP_LINK_QUEUE_FULL)) i++;
        if (i >= end) return;
        used = fmaxf(plot_x(p, plot_shown(s, s->h->trouble[i].at)), x);
        paint_cross(l, pt(used, p->area.y + 10), 7, ink(PALETTE_LOSS));
        draw_hit(l, rect(used - 5, p->area.y + 5, 10, 10), OBJECT_FRAME, s->h->trouble[i].frame);
    }
}

void graph_queue(struct draw_list *l, const struct scene *s, struct plot *p)
{
    static const struct series looks[] = {{PALETTE_APP, false, "waiting to leave"},
                                          {PALETTE_ACK, true, "on the way back"}};
    if (s->rec->foreign) {
        plot_nothing(l, p, "A capture does not know how long frames waited.");
        return;
    }
    struct columns *c = calloc(2, sizeof *c);
    if (c == NULL) return;
    c[0].n = c[1].n = width_of(p);
    add_waits(s, p, c);
    size_t now = now_column(s, p, &c[0]);
    float most = 4;
    for (int i = 0; i < 2; i++) {
        c[i].n = now + 1;
        for (size_t k = 0; k < c[i].n; k++) {
            if (k > 0) c[i].v[k] += c[i].v[k - 1];
            most = fmaxf(most, c[i].v[k]);
        }
    }
    p->low = 0;
    p->high = (double)most * 1.2;
    plot_axes(l, s, p);
    plot_torn(l, s, p);
    for (int i = 1; i >= 0; i--) plot_columns(l, p, &c[i], looks[i]);
    draw_full(l, s, p);
    plot_names(l, p, looks, 2);
    free(c);
}
