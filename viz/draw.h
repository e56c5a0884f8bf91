// draw.h - the draw list: what a pane shows, as data.
//
// A pane is a pure function (scene, rectangle) -> draw list. The list can be rendered on a
// canvas, printed as text (golden tests), written as SVG, and asked what lies under the mouse; none
// of these needs the others, or a window. Coordinates are logical pixels (SCREEN at scale 1); the
// renderer multiplies by the scale and puts the edges of still things on whole device pixels.
// Colours are roles of the palette with an opacity, and become colours only when rendered.
//
// The list copies every string and point it is given. It never fails halfway: at DRAW_MAX commands
// it stops growing and says so in `full`.
#ifndef DRAW_H
#define DRAW_H

#include "viz/canvas.h"
#include "viz/font.h"
#include "viz/palette.h"

#include <stdio.h>

enum { DRAW_MAX = 1 << 18, DRAW_BYTES_MAX = 1 << 24 };

struct ink { uint8_t role, alpha; };

static inline struct ink ink(enum palette_role role)
{
    return (struct ink){(uint8_t)role, 255};
}
static inline struct ink ink_a(enum palette_role role, int alpha)  // 0 clear, 255 solid
{
    return (struct ink){(uint8_t)role, (uint8_t)alpha};
}

enum draw_kind {
    DRAW_FILL, DRAW_STROKE, DRAW_GLOW, DRAW_HATCH, DRAW_CIRCLE, DRAW_RING, DRAW_LINE, DRAW_POLY,
    DRAW_PATH, DRAW_TEXT, DRAW_CLIP, DRAW_UNCLIP, DRAW_HIT, DRAW_KINDS
};

enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };

// max is a width beyond which the text ends in an ellipsis; 0 is no limit.
struct text_style {
    enum font_role  font;
    float           size;
    struct ink      ink;
    enum text_align align;
    float           max;
};

struct draw_cmd {
    enum draw_kind kind;
    bool           smooth;  // keep fractions of a pixel: for what moves
    struct ink     ink;
    struct rect    r;       // or two points: r.x, r.y and r.w, r.h
    float          radius, width;
    union {
        struct dash                                         dash;  // of a path
        struct { uint32_t at; enum font_role font; enum text_align align; float size, max; } text;
        struct { uint32_t kind; uint64_t id; }              hit;
    };
    uint32_t at, n;         // points of a path or polygon, in bytes
};

struct draw_list {
    struct draw_cmd *cmd;
    uint8_t         *bytes;  // strings and points
    size_t           n, cap, bytes_n, bytes_cap;
    struct fonts    *fonts;  // borrowed; NULL measures and draws with the built-in font
    int              clips, clips_lost;
    struct draw_cmd  spare;  // what a full list is given goes here, and nowhere else
    bool             smooth; // given to commands added from now on
    bool             full;
};

void draw_init(struct draw_list *l, struct fonts *fonts);
void draw_reset(struct draw_list *l);  // empty, memory kept for the next frame
void draw_free(struct draw_list *l);

void draw_fill(struct draw_list *l, struct rect r, float radius, struct ink ink);
void draw_stroke(struct draw_list *l, struct rect r, float radius, float width, struct ink ink);
void draw_glow(struct draw_list *l, struct rect r, float radius, float spread, struct ink ink);
void draw_hatch(struct draw_list *l, struct rect r, struct hatch h, struct ink ink);
void draw_circle(struct draw_list *l, struct pt at, float radius, struct ink ink);
void draw_ring(struct draw_list *l, struct pt at, float radius, float width, struct ink ink);
void draw_line(struct draw_list *l, struct pt a, struct pt b, float width, struct ink ink);
void draw_arrow(struct draw_list *l, struct pt a, struct pt b, float width, struct ink ink);
void draw_poly(struct draw_list *l, const struct pt *p, int n, struct ink ink);  // convex, n <= 32
void draw_path(struct draw_list *l, const struct path *path, struct ink ink);
void draw_dashed(struct draw_list *l, const struct pt ab[2], float width, struct dash dash,
                 struct ink ink);
// A piece of a circle's line, in turns clockwise from the top: 0 to 0.25 is the first quarter.
struct arc { struct pt at; float radius, from, to, width; };
void draw_arc(struct draw_list *l, struct arc arc, struct ink ink);

// at.y is the middle of the capitals, so text of any size centres on its row.
void draw_text(struct draw_list *l, struct pt at, struct text_style st, const char *s);
void draw_textf(struct draw_list *l, struct pt at, struct text_style st, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
float draw_text_width(const struct draw_list *l, struct text_style st, const char *s);

void draw_clip(struct draw_list *l, struct rect r);
void draw_unclip(struct draw_list *l);

// A region that the mouse can select: kind and id are the caller's own words for the object.
void draw_hit(struct draw_list *l, struct rect r, uint32_t kind, uint64_t id);
// The last added region under the point that its clips let through, or NULL.
const struct draw_cmd *draw_hit_at(const struct draw_list *l, struct pt at);

void draw_render(const struct draw_list *l, struct canvas *c, enum theme theme, float scale);
void draw_print(const struct draw_list *l, FILE *out);
bool draw_svg(const struct draw_list *l, struct rect view, enum theme theme, FILE *out);

#endif
