// canvas.c - see canvas.h. Rectangles, discs and masks; lines and polygons are in canvas_path.c.
#include "viz/canvas.h"
#include "viz/canvas_rows.h"

#include <math.h>

bool canvas_init(struct canvas *c, int w, int h)
{
    *c = (struct canvas){0};
    return canvas_resize(c, w, h);
}

bool canvas_resize(struct canvas *c, int w, int h)
{
    if (w < 1 || h < 1 || w > CANVAS_MAX || h > CANVAS_MAX) return false;
    uint32_t *px = calloc((size_t)w * (size_t)h, sizeof *px);
    if (!px) return false;
    free(c->px);
    c->px = px;
    c->w = c->stride = w;
    c->h = h;
    c->clip[0] = (struct box){0, 0, w, h};
    c->clips = 1;
    return true;
}

void canvas_free(struct canvas *c)
{
    free(c->px);
    free(c->scratch);
    *c = (struct canvas){0};
}

void canvas_clear(struct canvas *c, uint32_t rgb)
{
    for (int y = 0; y < c->h; y++) paint_row(canvas_row(c, y), c->w, rgb | OPAQUE);
}

void canvas_clip_push(struct canvas *c, struct rect r)
{
    CHECK(c->clips < CANVAS_CLIPS);
    const struct box *outer = canvas_clip(c);
    struct box b = {
        .x0 = to_pixel(roundf(r.x), outer->x0, outer->x1),
        .y0 = to_pixel(roundf(r.y), outer->y0, outer->y1),
        .x1 = to_pixel(roundf(r.x + r.w), outer->x0, outer->x1),
        .y1 = to_pixel(roundf(r.y + r.h), outer->y0, outer->y1),
    };
    c->clip[c->clips++] = b;
}

void canvas_clip_pop(struct canvas *c)
{
    CHECK(c->clips > 1);
    c->clips--;
}

void canvas_span(struct canvas *c, int y, struct run run, struct brush b)
{
    uint32_t *row = canvas_row(c, y);
    if (b.alpha >= 256) {
        paint_row(row + run.a, run.b - run.a, b.rgb);
        return;
    }
    if (b.alpha <= 0) return;
    // dst + (src - dst) * a / 256, two channels at a time: src * a is the same all along the row.
    uint32_t a = (uint32_t)b.alpha, na = 256 - a;
    uint32_t rb = (b.rgb & 0xff00ff) * a + 0x800080, g = (b.rgb & 0xff00) * a + 0x8000;
    for (int x = run.a; x < run.b; x++) {
        uint32_t d = row[x];
        row[x] = OPAQUE | (((d & 0xff00ff) * na + rb) >> 8 & 0xff00ff)
               | (((d & 0xff00) * na + g) >> 8 & 0xff00);
    }
}

// A rounded rectangle by its edges. Coverage in a corner is distance from the corner's circle; the
// straight parts are exact overlap; the two agree where they meet.
struct rounded { float x0, y0, x1, y1, r; };

static struct rounded rounded_of(struct rect r, float radius)
{
    float most_round = least(r.w, r.h) / 2;
    if (!(radius > 0)) radius = 0;
    if (radius > most_round) radius = most_round;
    return (struct rounded){r.x, r.y, r.x + r.w, r.y + r.h, radius};
}

static inline float rounded_cover(const struct rounded *s, float x, float y)
{
    float dx = most(s->x0 + s->r - x, x - (s->x1 - s->r));
    float dy = most(s->y0 + s->r - y, y - (s->y1 - s->r));
    if (dx > 0 && dy > 0) return unit(s->r + 0.5f - sqrtf(dx * dx + dy * dy));
    return overlap(x, s->x0, s->x1) * overlap(y, s->y0, s->y1);
}

// The columns of row y whose coverage is the row's own; the rest must be asked pixel by pixel.
static struct run rounded_solid(const struct rounded *s, float y, const struct box *clip)
{
    float inset = 0;
    float dy = most(s->y0 + s->r - y, y - (s->y1 - s->r));
    if (dy > 0) {
        float full = s->r - 0.5f;
        inset = s->r - (full > dy ? sqrtf(full * full - dy * dy) : 0) + 0.5f;
    }
    struct run run = {to_pixel(ceilf(s->x0 + inset), clip->x0, clip->x1),
                      to_pixel(floorf(s->x1 - inset), clip->x0, clip->x1)};
    if (run.b < run.a) run.b = run.a;
    return run;
}

static inline bool rect_is_drawable(struct rect r)
{
    return r.w > 0 && r.h > 0 && isfinite(r.x) && isfinite(r.y) && isfinite(r.w) && isfinite(r.h);
}

void canvas_fill(struct canvas *c, struct rect r, float radius, uint32_t argb)
{
    if (!rect_is_drawable(r)) return;
    struct rounded s = rounded_of(r, radius);
    struct box b = box_of(c, (struct rect){r.x, r.y, r.w, r.h});
    struct brush brush = brush_of(argb);
    for (int y = b.y0; y < b.y1; y++) {
        float yc = (float)y + 0.5f, row = overlap(yc, s.y0, s.y1);
        struct run solid = rounded_solid(&s, yc, &b);
        uint32_t *px = canvas_row(c, y);
        for (int x = b.x0; x < solid.a; x++)
            mix(&px[x], brush, rounded_cover(&s, (float)x + 0.5f, yc));
        canvas_span(c, y, solid, brush_thin(brush, row));
        for (int x = solid.b; x < b.x1; x++)
            mix(&px[x], brush, rounded_cover(&s, (float)x + 0.5f, yc));
    }
}

void canvas_stroke(struct canvas *c, struct rect r, float radius, float width, uint32_t argb)
{
    if (!rect_is_drawable(r) || !(width > 0)) return;
    struct rect hole = {r.x + width, r.y + width, r.w - 2 * width, r.h - 2 * width};
    if (!rect_is_drawable(hole)) {
        canvas_fill(c, r, radius, argb);
        return;
    }
    struct rounded out = rounded_of(r, radius);
    struct rounded in = rounded_of(hole, out.r - width);
    struct box b = box_of(c, r);
    struct brush brush = brush_of(argb);
    for (int y = b.y0; y < b.y1; y++) {
        float yc = (float)y + 0.5f;
        float row = overlap(yc, out.y0, out.y1) - overlap(yc, in.y0, in.y1);
        struct run so = rounded_solid(&out, yc, &b), si = rounded_solid(&in, yc, &b);
        struct run inner = {so.a > si.a ? so.a : si.a, so.b < si.b ? so.b : si.b};
        uint32_t *px = canvas_row(c, y);
        for (int x = b.x0; x < b.x1; x++) {
            if (x == inner.a && inner.a < inner.b) {  // never walk the panel's interior
                canvas_span(c, y, inner, brush_thin(brush, row));
                x = inner.b - 1;
                continue;
            }
            float xc = (float)x + 0.5f;
            mix(&px[x], brush, rounded_cover(&out, xc, yc) - rounded_cover(&in, xc, yc));
        }
    }
}

// How strongly a glow shines at distance d outside its edge.
static inline float glow_at(float d, float spread)
{
    float fade = unit(1 - d / spread);
    return fade * fade * unit(d + 0.5f);
}

void canvas_glow(struct canvas *c, struct rect r, float radius, float spread, uint32_t argb)
{
    if (!rect_is_drawable(r) || !(spread > 0) || !isfinite(spread)) return;
    struct rounded s = rounded_of(r, radius);
    struct rect outer = {r.x - spread, r.y - spread, r.w + 2 * spread, r.h + 2 * spread};
    struct box b = box_of(c, outer);
    struct brush brush = brush_of(argb);
    struct run flat = {to_pixel(ceilf(s.x0 + s.r), b.x0, b.x1),
                       to_pixel(floorf(s.x1 - s.r), b.x0, b.x1)};
    for (int y = b.y0; y < b.y1; y++) {
        float yc = (float)y + 0.5f;
        float dy = most(s.y0 + s.r - yc, yc - (s.y1 - s.r));
        uint32_t *px = canvas_row(c, y);
        for (int x = b.x0; x < b.x1; x++) {
            if (x == flat.a && flat.a < flat.b) {
                canvas_span(c, y, flat, brush_thin(brush, glow_at(dy - s.r, spread)));
                x = flat.b - 1;
                continue;
            }
            float xc = (float)x + 0.5f;
            float dx = most(s.x0 + s.r - xc, xc - (s.x1 - s.r));
            float d = dx > 0 && dy > 0 ? sqrtf(dx * dx + dy * dy) : most(dx, dy);
            mix(&px[x], brush, glow_at(d - s.r, spread));
        }
    }
}

void canvas_hatch(struct canvas *c, struct rect r, struct hatch h, uint32_t argb)
{
    if (!rect_is_drawable(r) || !(h.pitch >= 1) || !(h.width > 0)) return;
    struct rounded s = rounded_of(r, 0);
    struct box b = box_of(c, r);
    struct brush brush = brush_of(argb);
    const float lean_x = 0.894427f, lean_y = 0.447214f;  // a '/' that rises 2 for 1
    for (int y = b.y0; y < b.y1; y++) {
        uint32_t *px = canvas_row(c, y);
        float yc = (float)y + 0.5f;
        for (int x = b.x0; x < b.x1; x++) {
            float xc = (float)x + 0.5f;
            float u = (xc - s.x0) * lean_x + (yc - s.y0) * lean_y;
            float d = u - floorf(u / h.pitch) * h.pitch - h.pitch / 2;
            float stripe = unit(h.width / 2 + 0.5f - fabsf(d));
            mix(&px[x], brush, stripe * rounded_cover(&s, xc, yc));
        }
    }
}

void canvas_circle(struct canvas *c, struct pt at, float radius, uint32_t argb)
{
    struct rect r = {at.x - radius, at.y - radius, 2 * radius, 2 * radius};
    canvas_fill(c, r, radius, argb);
}

void canvas_ring(struct canvas *c, struct pt at, float radius, float width, uint32_t argb)
{
    float out = radius + width / 2;
    struct rect r = {at.x - out, at.y - out, 2 * out, 2 * out};
    canvas_stroke(c, r, out, width, argb);
}

void canvas_blit(struct canvas *c, const struct mask *m, uint32_t argb)
{
    const struct box *clip = canvas_clip(c);
    struct brush brush = brush_of(argb);
    int x0 = m->x < clip->x0 ? clip->x0 : m->x, x1 = m->x + m->w;
    int y0 = m->y < clip->y0 ? clip->y0 : m->y, y1 = m->y + m->h;
    if (x1 > clip->x1) x1 = clip->x1;
    if (y1 > clip->y1) y1 = clip->y1;
    for (int y = y0; y < y1; y++) {
        const uint8_t *cov = m->cov + (size_t)(y - m->y) * (size_t)m->w;
        uint32_t *px = canvas_row(c, y);
        for (int x = x0; x < x1; x++) {
            int v = cov[x - m->x];
            if (v) blend(&px[x], brush.rgb, brush.alpha * (v + (v >> 7)) >> 8);
        }
    }
}
