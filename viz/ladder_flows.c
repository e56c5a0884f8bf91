// see ladder_paint.h and density.h. Here: flows, what is left to draw of a ladder when its arrows
// would be a solid block. Each connection has a lane between the lifelines; in it, to the right of
// the middle what the opener sends, to the left what comes back, in bytes a second; and as a line
// how much of both is on its way. Losses and retransmissions stand in the lane, one in each few
// pixels at most.
#include "viz/density.h"
#include "viz/paint.h"
#include "viz/wording.h"

enum { LANES_MAX = 24, BINS_MAX = 1024, LOOKS_MAX = 16384, BIN_PX = 3, HEAD_H = 18, MARK_PX = 9,
       FLOWS_MAX = 256, WINDOW = 12 };
static const float LANE_W = 104;

struct lane {
    uint32_t flow;
    float    sent[2][BINS_MAX];   // bytes, then bytes a second
    float    flying[BINS_MAX + 1];
};

struct flows {
    uint32_t    flow[FLOWS_MAX];
    uint64_t    bytes[FLOWS_MAX];
    size_t      n, lanes, bins;
    struct lane lane[LANES_MAX];
    float       most_sent, most_flying;
};

struct rows { uint32_t first, end, stride; };

static struct rows rows_in_sight(const struct scene *s, const struct ladder *d)
{
    struct rows r = {history_first_reaching(s->h, d->from), history_first_after(s->h, s->t), 1};
    if (r.end > r.first) r.stride = (r.end - r.first) / LOOKS_MAX + 1;
    return r;
}

// --- who has a lane ----------------------------------------------------------------------------

static void weigh(struct flows *fs, const struct scene *s, struct rows r)
{
    for (uint32_t i = r.first; i < r.end; i += r.stride) {
        const struct history_frame *f = &s->h->frame[i];
        if (f->flow == NONE || !frame_on_stage(s, f)) continue;
        size_t k = 0;
        while (k < fs->n && fs->flow[k] != f->flow) k++;
        if (k == FLOWS_MAX) continue;
        if (k == fs->n) fs->flow[fs->n] = f->flow, fs->bytes[fs->n++] = 0;
        fs->bytes[k] += f->len;
        for (; k > 0 && fs->bytes[k] > fs->bytes[k - 1]; k--) {  // the heaviest first
            uint64_t bytes = fs->bytes[k];
            fs->bytes[k] = fs->bytes[k - 1], fs->bytes[k - 1] = bytes;
            fs->flow[k] = fs->flow[k - 1], fs->flow[k - 1] = f->flow;
        }
    }
}

static struct lane *lane_of(struct flows *fs, uint32_t flow)
{
    for (size_t i = 0; i < fs->lanes; i++)
        if (fs->lane[i].flow == flow) return &fs->lane[i];
    return NULL;
}

static int by_number(const void *a, const void *b)
{
    const struct lane *x = a, *y = b;
    return (x->flow > y->flow) - (x->flow < y->flow);
}

static void give_lanes(struct flows *fs, const struct ladder *d)
{
    size_t room = (size_t)fmaxf((d->right - d->left) / LANE_W, 1);
    fs->lanes = fs->n < room ? fs->n : room < LANES_MAX ? room : LANES_MAX;
    for (size_t i = 0; i < fs->lanes; i++) fs->lane[i].flow = fs->flow[i];
    qsort(fs->lane, fs->lanes, sizeof fs->lane[0], by_number);  // heavier or not, it keeps its side
}

// --- what is in the lanes ----------------------------------------------------------------------

static size_t bin_at(const struct flows *fs, const struct scene *s, const struct ladder *d, nsec t)
{
    float y = (ladder_y(d, s, t) - d->body.y) / BIN_PX;
    return y <= 0 ? 0 : y >= (float)fs->bins ? fs->bins - 1 : (size_t)y;
}

static void fill(struct flows *fs, const struct scene *s, const struct ladder *d, struct rows r)
{
    for (uint32_t i = r.first; i < r.end; i += r.stride) {
        const struct history_frame *f = &s->h->frame[i];
        struct lane *lane = f->flow != NONE ? lane_of(fs, f->flow) : NULL;
        if (lane == NULL || f->depart > s->t) continue;
        float bytes = (float)f->len * (float)r.stride;
        size_t bin = bin_at(fs, s, d, f->depart);
        if (f->depart >= d->from) lane->sent[f->side & 1][bin] += bytes;
        lane->flying[bin] += bytes;
        nsec end = frame_journey(s, f).end;
        if (end <= s->t) lane->flying[bin_at(fs, s, d, end)] -= bytes;
    }
}

// Bytes a second around each bin: over WINDOW bins to both sides, or one busy instant would be all
// there is to see.
static void smooth(float *v, const float *sum, const nsec *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t lo = i > WINDOW ? i - WINDOW : 0, hi = i + WINDOW + 1 < n ? i + WINDOW + 1 : n;
        nsec dt = at[hi] - at[lo];
        v[i] = dt > 0 ? (sum[hi] - sum[lo]) * 1e9f / (float)dt : 0;
    }
}

static void take_rates(struct flows *fs, const struct scene *s, const struct ladder *d, size_t n)
{
    nsec at[BINS_MAX + 1];
    float sum[BINS_MAX + 1] = {0};
    for (size_t i = 0; i <= n; i++)
        at[i] = warp_at(&s->rec->warp, d->top + (psec)((double)(i * BIN_PX) / d->per_psec));
    for (size_t k = 0; k < fs->lanes; k++) {
        struct lane *lane = &fs->lane[k];
        for (int side = 0; side < 2; side++) {
            for (size_t i = 0; i < n; i++) sum[i + 1] = sum[i] + lane->sent[side][i];
            smooth(lane->sent[side], sum, at, n);
            for (size_t i = 0; i < n; i++)
                fs->most_sent = fmaxf(fs->most_sent, lane->sent[side][i]);
        }
        for (size_t i = 0; i < n; i++) {
            if (i > 0) lane->flying[i] += lane->flying[i - 1];
            fs->most_flying = fmaxf(fs->most_flying, lane->flying[i]);
        }
    }
}

// --- the picture -------------------------------------------------------------------------------

// Bars of equal length are one.
struct area { float most; struct ink ink; };
static void draw_area(struct draw_list *l, const float *v, size_t n, struct rect r, struct area a)
{
    for (size_t i = 0, k; i < n; i = k) {
        float w = roundf(v[i] / a.most * fabsf(r.w));
        for (k = i + 1; k < n && roundf(v[k] / a.most * fabsf(r.w)) == w; k++) {}
        if (w <= 0) continue;
        float y = r.y + (float)(i * BIN_PX), h = (float)((k - i) * BIN_PX);
        draw_fill(l, rect(r.w > 0 ? r.x : r.x - w, y, w, h), 0, a.ink);
    }
}

static void draw_flying(struct draw_list *l, const struct lane *lane, size_t n, struct rect r,
                        float most)
{
    struct pt p[BINS_MAX];
    if (n < 2 || most <= 0) return;
    for (size_t i = 0; i < n; i++)
        p[i] = pt(r.x + fmaxf(lane->flying[i], 0) / most * r.w, r.y + (float)(i * BIN_PX) + 1);
    draw_path(l, &(struct path){.p = p, .n = (int)n, .width = 1.3f}, ink(PALETTE_TCP));
}

static void draw_troubles(struct draw_list *l, const struct scene *s, const struct ladder *d,
                          const struct flows *fs, float width)
{
    float used[LANES_MAX];
    for (size_t i = 0; i < LANES_MAX; i++) used[i] = -1e9f;
    size_t end = history_trouble_after(s->h, s->t), n = 0;
    for (size_t i = history_trouble_after(s->h, d->from - 1); i < end && n < LOOKS_MAX; i++, n++) {
        const struct trouble *t = &s->h->trouble[i];
        const struct history_frame *f = &s->h->frame[t->frame];
        for (size_t k = 0; k < fs->lanes; k++) {
            float y = ladder_y(d, s, t->at), x = d->left + ((float)k + 0.5f) * width;
            if (fs->lane[k].flow != f->flow || y < used[k] + MARK_PX) continue;
            if (y < d->body.y + HEAD_H + MARK_PX) continue;
            used[k] = y;
            struct text_style st = centred(style(FONT_BOLD, 10, PALETTE_LOSS));
            if (t->again) draw_text(l, pt(x + 9, y), st, "R");
            else paint_cross(l, pt(x - 9, y), 7, ink(PALETTE_LOSS));
            draw_hit(l, rect(x - 14, y - 5, 28, 10), OBJECT_FRAME, t->frame);
        }
    }
}

// Which connection, its rate and what is on its way now; the last only where there is room.
static void draw_head(struct draw_list *l, const struct scene *s, const struct lane *lane,
                      struct rect r, size_t bin)
{
    const struct history_flow *f = &s->h->flow[lane->flow];
    char port[12], said[64];
    struct text p = text_of(port, sizeof port), t = text_of(said, sizeof said);
    text_put_u64(&p, f->end[0].port);
    text_put_rate(&t, (uint64_t)(lane->sent[0][bin] + lane->sent[1][bin]) * 8);
    if (r.w > 260) {
        text_put_str(&t, "  ");
        text_put_count(&t, (uint64_t)fmaxf(lane->flying[bin], 0));
        text_put_str(&t, "B in flight");
    }
    draw_fill(l, r, 0, ink(PALETTE_PANEL));
    float x = r.x + 4 + paint_chip(l, pt(r.x + 4, r.y + r.h / 2), f->mark, port) + 5;
    draw_text(l, pt(x, r.y + r.h / 2), fit(style(FONT_MONO, 10, PALETTE_MID), right_of(r) - x - 2),
              said);
    draw_hit(l, r, OBJECT_FLOW, lane->flow);
}

static void draw_lane(struct draw_list *l, const struct flows *fs, const struct lane *lane,
                      struct rect r, size_t n)
{
    float x = r.x + r.w / 2, half = r.w / 2 - 8;
    struct area sent = {fmaxf(fs->most_sent, 1), ink_a(PALETTE_APP, 130)};
    struct area flying = {fmaxf(fs->most_flying, 1), ink_a(PALETTE_TCP, 40)};
    draw_area(l, lane->flying, n, rect(x + 1, r.y, half, r.h), flying);
    draw_area(l, lane->sent[0], n, rect(x + 1, r.y, half, r.h), sent);
    draw_area(l, lane->sent[1], n, rect(x - 1, r.y, -half, r.h), sent);
    draw_fill(l, rect(x - 0.5f, r.y, 1, r.h), 0, ink(PALETTE_LINE));
    draw_flying(l, lane, n, rect(x, r.y, half, r.h), fs->most_flying);
    draw_hit(l, r, OBJECT_FLOW, lane->flow);
}

static void draw_lanes(struct draw_list *l, const struct scene *s, const struct ladder *d,
                       const struct flows *fs)
{
    float width = (d->right - d->left) / (float)fs->lanes;
    size_t now = bin_at(fs, s, d, s->t);
    for (size_t i = 0; i < fs->lanes; i++)
        draw_lane(l, fs, &fs->lane[i], rect(d->left + (float)i * width, d->body.y, width,
                                            (float)((now + 1) * BIN_PX)), now + 1);
    draw_troubles(l, s, d, fs, width);
    for (size_t i = 0; i < fs->lanes; i++)
        draw_head(l, s, &fs->lane[i],
                  rect(d->left + (float)i * width + 2, d->body.y, width - 4, HEAD_H), now);
}

void ladder_flows(struct draw_list *l, const struct scene *s, const struct ladder *d)
{
    struct flows *fs = calloc(1, sizeof *fs);
    if (fs == NULL) return;
    struct rows r = rows_in_sight(s, d);
    fs->bins = (size_t)clampf(d->body.h / BIN_PX, 1, BINS_MAX);
    weigh(fs, s, r);
    give_lanes(fs, d);
    fill(fs, s, d, r);
    take_rates(fs, s, d, bin_at(fs, s, d, s->t) + 1);
    if (fs->lanes > 0) draw_lanes(l, s, d, fs);
    free(fs);
}
