// canvas_path.c - see canvas.h. Lines, convex polygons and paths.
#include "viz/canvas_rows.h"

#include <math.h>

static inline bool pt_is_finite(struct pt p) { return isfinite(p.x) && isfinite(p.y); }

// One side of a convex shape: positive outside, in pixels.
struct side { float nx, ny, off; };

// Sides of the polygon, whichever way round it runs; 0 if it has no area.
static int sides_of(struct side *out, const struct pt *p, int n)
{
    double area = 0;
    for (int i = 0; i < n; i++) {
        struct pt a = p[i], b = p[(i + 1) % n];
        area += (double)(a.x - p[0].x) * (double)(b.y - p[0].y)
              - (double)(b.x - p[0].x) * (double)(a.y - p[0].y);
    }
    if (area == 0) return 0;
    float turn = area > 0 ? 1 : -1;
    int sides = 0;
    for (int i = 0; i < n; i++) {
        struct pt a = p[i], b = p[(i + 1) % n];
        float dx = b.x - a.x, dy = b.y - a.y, len = sqrtf(dx * dx + dy * dy);
        if (!(len > 0)) continue;
        float nx = turn * dy / len, ny = -turn * dx / len;
        out[sides++] = (struct side){nx, ny, -(nx * a.x + ny * a.y)};
    }
    return sides;
}

// Columns of the row at height y where every side is nearer than limit; false if there are none.
static bool row_within(const struct side *s, int n, float y, float limit, float span[2])
{
    for (int i = 0; i < n; i++) {
        float rest = s[i].ny * y + s[i].off;
        if (s[i].nx > 1e-6f) {
            float x = (limit - rest) / s[i].nx;
            if (x < span[1]) span[1] = x;
        } else if (s[i].nx < -1e-6f) {
            float x = (limit - rest) / s[i].nx;
            if (x > span[0]) span[0] = x;
        } else if (rest > limit) {
            return false;
        }
    }
    return span[0] <= span[1];
}

static inline float sides_cover(const struct side *s, int n, float x, float y)
{
    float worst = -1;
    for (int i = 0; i < n; i++) {
        float d = s[i].nx * x + s[i].ny * y + s[i].off;
        if (d > worst) worst = d;
    }
    return unit(0.5f - worst);
}

static struct box poly_box(const struct canvas *c, const struct pt *p, int n)
{
    float x0 = p[0].x, x1 = x0, y0 = p[0].y, y1 = y0;
    for (int i = 1; i < n; i++) {
        x0 = fminf(x0, p[i].x);
        x1 = fmaxf(x1, p[i].x);
        y0 = fminf(y0, p[i].y);
        y1 = fmaxf(y1, p[i].y);
    }
    return box_of(c, (struct rect){x0 - 0.5f, y0 - 0.5f, x1 - x0 + 1, y1 - y0 + 1});
}

void canvas_poly(struct canvas *c, const struct pt *p, int n, uint32_t argb)
{
    if (n < 3 || n > CANVAS_POLY) return;
    for (int i = 0; i < n; i++)
        if (!pt_is_finite(p[i])) return;
    struct side s[CANVAS_POLY];
    int sides = sides_of(s, p, n);
    if (sides < 3) return;
    struct box b = poly_box(c, p, n);
    struct brush brush = brush_of(argb);
    for (int y = b.y0; y < b.y1; y++) {
        float yc = (float)y + 0.5f;
        float touch[2] = {(float)b.x0, (float)b.x1}, full[2] = {(float)b.x0, (float)b.x1};
        if (!row_within(s, sides, yc, 0.5f, touch)) continue;
        struct run run = {to_pixel(floorf(touch[0] - 0.5f), b.x0, b.x1),
                          to_pixel(ceilf(touch[1] + 0.5f), b.x0, b.x1)};
        struct run solid = {run.b, run.b};
        if (row_within(s, sides, yc, -0.5f, full))
            solid = (struct run){to_pixel(ceilf(full[0] - 0.5f), run.a, run.b),
                                 to_pixel(floorf(full[1] + 0.5f), run.a, run.b)};
        if (solid.b < solid.a) solid = (struct run){run.b, run.b};
        uint32_t *px = canvas_row(c, y);
        for (int x = run.a; x < solid.a; x++)
            mix(&px[x], brush, sides_cover(s, sides, (float)x + 0.5f, yc));
        canvas_span(c, y, solid, brush);
        for (int x = solid.b; x < run.b; x++)
            mix(&px[x], brush, sides_cover(s, sides, (float)x + 0.5f, yc));
    }
}

// Cuts the segment to the clip grown by margin, so that far coordinates cost no precision and no
// time. t gets where the cut ends lie along the uncut segment. Liang and Barsky, 1984.
static bool segment_cut(const struct box *k, float margin, struct pt p[2], double t[2])
{
    double x = (double)p[0].x, y = (double)p[0].y;
    double dx = (double)p[1].x - x, dy = (double)p[1].y - y, m = (double)margin;
    const double go[4] = {-dx, dx, -dy, dy};
    const double room[4] = {x - k->x0 + m, k->x1 + m - x, y - k->y0 + m, k->y1 + m - y};
    t[0] = 0;
    t[1] = 1;
    for (int i = 0; i < 4; i++) {
        if (go[i] == 0) {
            if (room[i] < 0) return false;
            continue;
        }
        double at = room[i] / go[i];
        if (go[i] < 0) t[0] = fmax(t[0], at);
        else t[1] = fmin(t[1], at);
    }
    if (t[0] >= t[1]) return false;
    p[1] = (struct pt){(float)(x + t[1] * dx), (float)(y + t[1] * dy)};
    p[0] = (struct pt){(float)(x + t[0] * dx), (float)(y + t[0] * dy)};
    return true;
}

// A width under a pixel becomes a pixel of less opacity.
static uint32_t thin_colour(uint32_t argb, float *width)
{
    if (*width >= 1) return argb;
    uint32_t alpha = (uint32_t)((float)(argb >> 24) * *width + 0.5f);
    *width = 1;
    return (argb & 0xffffff) | alpha << 24;
}

void canvas_line(struct canvas *c, struct pt a, struct pt b, float width, uint32_t argb)
{
    if (!pt_is_finite(a) || !pt_is_finite(b) || !(width > 0) || !isfinite(width)) return;
    struct pt p[2] = {a, b};
    double t[2];
    argb = thin_colour(argb, &width);
    if (!segment_cut(canvas_clip(c), width + 2, p, t)) return;
    float dx = p[1].x - p[0].x, dy = p[1].y - p[0].y, len = sqrtf(dx * dx + dy * dy);
    if (!(len > 0)) return;
    float ux = dx / len * width / 2, uy = dy / len * width / 2;
    struct pt quad[4] = {{p[0].x - uy, p[0].y + ux}, {p[1].x - uy, p[1].y + ux},
                         {p[1].x + uy, p[1].y - ux}, {p[0].x + uy, p[0].y - ux}};
    canvas_poly(c, quad, 4, argb);
}

void mask_capsule(struct mask *m, struct pt a, struct pt b, float hw)
{
    float dx = b.x - a.x, dy = b.y - a.y, len2 = dx * dx + dy * dy, reach = hw + 0.5f;
    float left = (float)m->x, top = (float)m->y;
    int y0 = to_pixel(floorf(least(a.y, b.y) - reach - top), 0, m->h);
    int y1 = to_pixel(ceilf(most(a.y, b.y) + reach - top), 0, m->h);
    for (int y = y0; y < y1; y++) {
        float yc = (float)y + top + 0.5f;
        float x_lo = least(a.x, b.x) - reach, x_hi = most(a.x, b.x) + reach;
        if (fabsf(dy) > 0.01f) {  // a slanted line crosses a row in few columns
            float at = a.x + (yc - a.y) * dx / dy, half = reach * sqrtf(len2) / fabsf(dy) + reach;
            x_lo = most(x_lo, at - half);
            x_hi = least(x_hi, at + half);
        }
        uint8_t *row = m->cov + (size_t)y * (size_t)m->w;
        int x1 = to_pixel(ceilf(x_hi - left), 0, m->w);
        for (int x = to_pixel(floorf(x_lo - left), 0, m->w); x < x1; x++) {
            float px = (float)x + left + 0.5f - a.x, py = yc - a.y;
            float t = len2 > 0 ? unit((px * dx + py * dy) / len2) : 0;
            float ex = px - t * dx, ey = py - t * dy;
            int v = (int)(unit(reach - sqrtf(ex * ex + ey * ey)) * 255 + 0.5f);
            if (v > row[x]) row[x] = (uint8_t)v;
        }
    }
}

// A mask over what is visible of the path, in the canvas's scratch memory; false if nothing is.
static bool path_mask(struct canvas *c, const struct path *path, struct mask *m)
{
    float grow = path->width / 2 + 1;
    struct box b = {INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    for (int i = 0; i < path->n; i++) {
        struct pt p = path->p[i];
        struct box one = box_of(c, (struct rect){p.x - grow, p.y - grow, 2 * grow, 2 * grow});
        if (one.x0 < b.x0) b.x0 = one.x0;
        if (one.y0 < b.y0) b.y0 = one.y0;
        if (one.x1 > b.x1) b.x1 = one.x1;
        if (one.y1 > b.y1) b.y1 = one.y1;
    }
    if (b.x0 >= b.x1 || b.y0 >= b.y1) return false;
    size_t need = (size_t)(b.x1 - b.x0) * (size_t)(b.y1 - b.y0);
    if (need > c->scratch_len) {
        uint8_t *more = realloc(c->scratch, need);
        if (!more) return false;
        c->scratch = more;
        c->scratch_len = need;
    }
    memset(c->scratch, 0, need);
    *m = (struct mask){c->scratch, b.x0, b.y0, b.x1 - b.x0, b.y1 - b.y0};
    return true;
}

// The dashes of one segment that begins `from` pixels along the path.
static void mask_dashes(struct mask *m, const struct path *path, const struct pt p[2],
                        const double from[2])
{
    double step = (double)path->dash.on + (double)path->dash.off;
    double len = from[1] - from[0];
    double phase = (double)path->dash.phase, cap = (double)path->width / 2;
    double on = fmax((double)path->dash.on - 2 * cap, 0.01);  // the round ends give the rest back
    for (double at = floor((from[0] - phase) / step) * step + phase; at < from[1]; at += step) {
        double t0 = fmax(0, (at + cap - from[0]) / len);
        double t1 = fmin(1, (at + cap + on - from[0]) / len);
        if (t0 >= t1) continue;
        float dx = p[1].x - p[0].x, dy = p[1].y - p[0].y;
        struct pt a = {p[0].x + (float)t0 * dx, p[0].y + (float)t0 * dy};
        struct pt b = {p[0].x + (float)t1 * dx, p[0].y + (float)t1 * dy};
        mask_capsule(m, a, b, path->width / 2);
    }
}

void canvas_path(struct canvas *c, const struct path *path, uint32_t argb)
{
    struct path fat = *path;
    struct mask m;
    if (path->n < 2 || !(path->width > 0) || !isfinite(path->width)) return;
    argb = thin_colour(argb, &fat.width);
    if (!path_mask(c, &fat, &m)) return;
    bool dashed = fat.dash.off > 0 && fat.dash.on + fat.dash.off >= 0.5f;
    double along = 0;
    for (int i = 0; i + 1 < fat.n; i++) {
        struct pt p[2] = {fat.p[i], fat.p[i + 1]};
        double t[2];
        if (!pt_is_finite(p[0]) || !pt_is_finite(p[1])) continue;
        double len = hypot((double)(p[1].x - p[0].x), (double)(p[1].y - p[0].y));
        if (segment_cut(canvas_clip(c), fat.width + 2, p, t)) {
            double ends[2] = {along + t[0] * len, along + t[1] * len};
            if (dashed) mask_dashes(&m, &fat, p, ends);
            else mask_capsule(&m, p[0], p[1], fat.width / 2);
        }
        along += len;
    }
    canvas_blit(c, &m, argb);
}
