// canvas_rows.h - what the two halves of the canvas share: pixels, rows and coverage arithmetic.
//
// Private to canvas.c and canvas_path.c. Alpha runs 0..256 so that full opacity is a shift and not
// a division; a brush is a colour with its alpha in that form.
#ifndef CANVAS_ROWS_H
#define CANVAS_ROWS_H

#include "viz/canvas.h"

#include <math.h>
#include <wchar.h>

#define OPAQUE 0xff000000u

struct brush { uint32_t rgb; int alpha; };
struct run   { int a, b; };  // columns, b outside

static inline float unit(float v) { return v > 0 ? (v < 1 ? v : 1) : 0; }

// Of two, without libm's care for NaN: these are in every inner loop.
static inline float most(float a, float b) { return a > b ? a : b; }
static inline float least(float a, float b) { return a < b ? a : b; }

// How much of the pixel around v lies in [a, b].
static inline float overlap(float v, float a, float b)
{
    float lo = v - 0.5f > a ? v - 0.5f : a, hi = v + 0.5f < b ? v + 0.5f : b;
    return hi > lo ? hi - lo : 0;
}

// A float from anywhere to a pixel in [lo, hi]; NaN becomes lo, and no conversion overflows.
static inline int to_pixel(float v, int lo, int hi)
{
    if (!(v > (float)lo)) return lo;
    return v < (float)hi ? (int)v : hi;
}

// wmemset is the C library's fastest way to repeat a 32-bit word.
static inline void paint_row(uint32_t *px, int n, uint32_t rgb)
{
    static_assert(sizeof(wchar_t) == sizeof *px, "a pixel is as wide as a wchar_t");
    if (n > 0) wmemset((wchar_t *)px, (wchar_t)rgb, (size_t)n);
}

static inline uint32_t *canvas_row(struct canvas *c, int y)
{
    return c->px + (size_t)y * (size_t)c->stride;
}

static inline const struct box *canvas_clip(const struct canvas *c)
{
    return &c->clip[c->clips - 1];
}

// The pixels a shape may touch, within the clip.
static inline struct box box_of(const struct canvas *c, struct rect r)
{
    const struct box *k = canvas_clip(c);
    return (struct box){to_pixel(floorf(r.x), k->x0, k->x1), to_pixel(floorf(r.y), k->y0, k->y1),
                        to_pixel(ceilf(r.x + r.w), k->x0, k->x1),
                        to_pixel(ceilf(r.y + r.h), k->y0, k->y1)};
}

static inline struct brush brush_of(uint32_t argb)
{
    int a = (int)(argb >> 24);
    return (struct brush){argb | OPAQUE, a + (a >> 7)};
}

static inline struct brush brush_thin(struct brush b, float cover)
{
    b.alpha = (int)((float)b.alpha * cover + 0.5f);
    return b;
}

// alpha is 0..256, and 256 gives exactly rgb.
static inline void blend(uint32_t *px, uint32_t rgb, int alpha)
{
    uint32_t d = *px, a = (uint32_t)alpha, na = 256 - a;
    uint32_t rb = (d & 0xff00ff) * na + (rgb & 0xff00ff) * a + 0x800080;
    uint32_t g = (d & 0xff00) * na + (rgb & 0xff00) * a + 0x8000;
    *px = OPAQUE | (rb >> 8 & 0xff00ff) | (g >> 8 & 0xff00);
}

static inline void mix(uint32_t *px, struct brush b, float cover)
{
    if (cover > 0) blend(px, b.rgb, (int)((float)b.alpha * cover + 0.5f));
}

// A row of one colour and coverage. The caller has cut it to the clip.
void canvas_span(struct canvas *c, int y, struct run run, struct brush b);

#endif
