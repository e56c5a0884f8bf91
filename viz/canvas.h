// canvas.h - our own anti-aliased painter: shapes and coverage masks into one opaque ARGB buffer.
//
// Window, PNG and video frames are the same pixels, made here and nowhere else, so a picture is a
// pure function of what was drawn. Coordinates are device pixels as floats; a pixel's middle lies
// at .5. Coverage comes from signed distance (round shapes) or exact overlap (straight edges), and
// every shape is cut into rows whose solid middle is a plain span, because stroking a big panel
// pixel by pixel costs more than all the rest of a frame.
//
// A colour is 0xAARRGGBB, its alpha being opacity; the buffer itself stays opaque. Strokes of
// rectangles lie inside the rectangle. Coordinates may be anything, even NaN: what cannot be seen
// is not drawn, and nothing outside the innermost clip rectangle is ever touched.
#ifndef CANVAS_H
#define CANVAS_H

#include "base/base.h"

enum { CANVAS_MAX = 8192,  // pixels a side
       CANVAS_CLIPS = 32, CANVAS_POLY = 32 };

struct pt   { float x, y; };
struct rect { float x, y, w, h; };
struct box  { int x0, y0, x1, y1; };  // whole pixels, x1 and y1 outside

// 8-bit coverage whose first byte lies at pixel (x, y).
struct mask {
    uint8_t *cov;
    int      x, y, w, h;
};

struct canvas {
    uint32_t  *px;
    int        w, h, stride;  // stride counts pixels
    struct box clip[CANVAS_CLIPS];
    int        clips;
    uint8_t   *scratch;       // coverage of a path before it is blended
    size_t     scratch_len;
};

struct dash  { float on, off, phase; };
struct hatch { float pitch, width; };  // stripes leaning like '/'

static inline struct pt   pt(float x, float y) { return (struct pt){x, y}; }
static inline struct rect rect(float x, float y, float w, float h)
{
    return (struct rect){x, y, w, h};
}

// false when the size is not 1..CANVAS_MAX or memory is short; resizing keeps nothing.
bool canvas_init(struct canvas *c, int w, int h);
bool canvas_resize(struct canvas *c, int w, int h);
void canvas_free(struct canvas *c);

void canvas_clear(struct canvas *c, uint32_t rgb);       // ignores the clip
void canvas_clip_push(struct canvas *c, struct rect r);  // on whole pixels, in the outer clip
void canvas_clip_pop(struct canvas *c);

void canvas_fill(struct canvas *c, struct rect r, float radius, uint32_t argb);
void canvas_stroke(struct canvas *c, struct rect r, float radius, float width, uint32_t argb);
void canvas_glow(struct canvas *c, struct rect r, float radius, float spread, uint32_t argb);
void canvas_hatch(struct canvas *c, struct rect r, struct hatch h, uint32_t argb);
void canvas_circle(struct canvas *c, struct pt at, float radius, uint32_t argb);
void canvas_ring(struct canvas *c, struct pt at, float radius, float width, uint32_t argb);

// Butt ends; a width under one pixel fades instead of thinning.
void canvas_line(struct canvas *c, struct pt a, struct pt b, float width, uint32_t argb);
void canvas_poly(struct canvas *c, const struct pt *p, int n, uint32_t argb);  // convex, n <= 32

// Round joins and ends; where the path crosses itself it is not blended twice. off = 0 is solid.
struct path { const struct pt *p; int n; float width; struct dash dash; };
void canvas_path(struct canvas *c, const struct path *path, uint32_t argb);

void canvas_blit(struct canvas *c, const struct mask *m, uint32_t argb);

// Joins the coverage of a round-ended line of half width hw to the mask (the greater wins).
void mask_capsule(struct mask *m, struct pt a, struct pt b, float hw);

#endif
