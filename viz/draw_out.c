// draw_out.c - see draw.h. The list on a canvas.
//
// Snapping: a still rectangle's edges, and lines along an axis, go to whole device pixels, so that
// hairlines are one sharp pixel at every scale. What is marked smooth keeps its fractions, or it
// would jump along instead of gliding.
#include "viz/draw_out.h"

#include <math.h>

static uint32_t argb_of(struct ink ink, enum theme theme)
{
    return (palette_rgb(theme, ink.role) & 0xffffff) | (uint32_t)ink.alpha << 24;
}

struct rect draw_on_pixels(const struct draw_cmd *cmd, float s)
{
    struct rect r = {cmd->r.x * s, cmd->r.y * s, cmd->r.w * s, cmd->r.h * s};
    if (cmd->smooth) return r;
    float x0 = roundf(r.x), y0 = roundf(r.y);
    float x1 = roundf(r.x + r.w), y1 = roundf(r.y + r.h);
    if (x1 <= x0 && r.w > 0) x1 = x0 + 1;  // the thinnest bar is still seen
    if (y1 <= y0 && r.h > 0) y1 = y0 + 1;
    return rect(x0, y0, x1 - x0, y1 - y0);
}

// Line widths near a whole number of pixels become it; 1.5 and the like stay.
float draw_width(float width, float s)
{
    float w = width * s, whole = roundf(w);
    if (whole >= 1 && fabsf(w - whole) < 0.3f) return whole;
    return w;
}

bool draw_line_on_pixels(const struct draw_cmd *cmd, float s, struct rect *r)
{
    struct pt a = pt(cmd->r.x * s, cmd->r.y * s), b = pt(cmd->r.w * s, cmd->r.h * s);
    float w = draw_width(cmd->width, s);
    bool flat = cmd->r.y == cmd->r.h, upright = cmd->r.x == cmd->r.w;
    if (cmd->smooth || (!flat && !upright)) return false;
    float across = flat ? a.y : a.x;
    across = roundf(across - w / 2);  // the line's near edge on a pixel's edge
    float lo = roundf(flat ? fminf(a.x, b.x) : fminf(a.y, b.y));
    float hi = roundf(flat ? fmaxf(a.x, b.x) : fmaxf(a.y, b.y));
    *r = flat ? rect(lo, across, hi - lo, w) : rect(across, lo, w, hi - lo);
    return true;
}

static void render_line(const struct draw_cmd *cmd, struct canvas *c, float s, uint32_t argb)
{
    struct pt a = pt(cmd->r.x * s, cmd->r.y * s), b = pt(cmd->r.w * s, cmd->r.h * s);
    struct rect r;
    if (draw_line_on_pixels(cmd, s, &r)) canvas_fill(c, r, 0, argb);
    else canvas_line(c, a, b, draw_width(cmd->width, s), argb);
}

void draw_points_on_pixels(const struct draw_list *l, const struct draw_cmd *cmd, float s,
                           struct pt *out)
{
    const struct pt *p = draw_points(l, cmd);
    for (uint32_t i = 0; i < cmd->n; i++) out[i] = pt(p[i].x * s, p[i].y * s);
    if (cmd->kind != DRAW_PATH || cmd->n != 2 || cmd->smooth) return;
    // Dashes and bars along an axis are put on pixels too.
    float nudge = fmodf(roundf(draw_width(cmd->width, s)), 2) / 2;
    if (out[0].y == out[1].y) out[0].y = out[1].y = floorf(out[0].y) + nudge;
    if (out[0].x == out[1].x) out[0].x = out[1].x = floorf(out[0].x) + nudge;
}

static void render_path(const struct draw_list *l, const struct draw_cmd *cmd, struct canvas *c,
                        float s, uint32_t argb)
{
    struct pt few[64], *p = few;
    if (cmd->n > ARRAY_LEN(few)) p = malloc(cmd->n * sizeof *p);
    if (!p) return;
    draw_points_on_pixels(l, cmd, s, p);
    float w = draw_width(cmd->width, s);
    struct dash d = {cmd->dash.on * s, cmd->dash.off * s, cmd->dash.phase * s};
    canvas_path(c, &(struct path){.p = p, .n = (int)cmd->n, .width = w, .dash = d}, argb);
    if (p != few) free(p);
}

struct text_place text_place(const struct draw_list *l, const struct draw_cmd *cmd)
{
    struct type type = {cmd->text.font, cmd->text.size};
    const char *s = draw_string(l, cmd);
    struct text_place at = {.len = strlen(s), .width = font_width(l->fonts, type, s)};
    if (cmd->text.max > 0 && at.width > cmd->text.max) {
        at.len = font_fit(l->fonts, type, s, cmd->text.max);
        at.cut = true;
        at.width = font_width_n(l->fonts, type, s, at.len) + font_width(l->fonts, type, ELLIPSIS);
    }
    float share = cmd->text.align == TEXT_RIGHT ? 1 : cmd->text.align == TEXT_CENTRE ? 0.5f : 0;
    at.x = cmd->r.x - share * at.width;
    at.baseline = cmd->r.y + TEXT_MIDDLE * cmd->text.size;
    return at;
}

static void render_text(const struct draw_list *l, const struct draw_cmd *cmd, struct canvas *c,
                        float s, uint32_t argb)
{
    struct text_place at = text_place(l, cmd);
    struct type type = {cmd->text.font, cmd->text.size * s};
    struct text_run run = {draw_string(l, cmd), at.len, argb};
    struct pt pen = {at.x * s, at.baseline * s};
    pen.x = font_draw(l->fonts, c, type, pen, run);
    if (!at.cut) return;
    run = (struct text_run){ELLIPSIS, strlen(ELLIPSIS), argb};
    font_draw(l->fonts, c, type, pen, run);
}

static void render_one(const struct draw_list *l, const struct draw_cmd *cmd, struct canvas *c,
                       enum theme theme, float s)
{
    uint32_t argb = argb_of(cmd->ink, theme);
    struct pt p[CANVAS_POLY], at = {cmd->r.x * s, cmd->r.y * s};
    switch (cmd->kind) {
    case DRAW_FILL: canvas_fill(c, draw_on_pixels(cmd, s), cmd->radius * s, argb); break;
    case DRAW_STROKE:
        canvas_stroke(c, draw_on_pixels(cmd, s), cmd->radius * s, draw_width(cmd->width, s), argb);
        break;
    case DRAW_GLOW:
        canvas_glow(c, draw_on_pixels(cmd, s), cmd->radius * s, cmd->width * s, argb);
        break;
    case DRAW_HATCH:
        canvas_hatch(c, draw_on_pixels(cmd, s), (struct hatch){cmd->radius * s, cmd->width * s},
                     argb);
        break;
    case DRAW_CIRCLE: canvas_circle(c, at, cmd->radius * s, argb); break;
    case DRAW_RING: canvas_ring(c, at, cmd->radius * s, cmd->width * s, argb); break;
    case DRAW_LINE: render_line(cmd, c, s, argb); break;
    case DRAW_POLY:
        draw_points_on_pixels(l, cmd, s, p);
        canvas_poly(c, p, (int)cmd->n, argb);
        break;
    case DRAW_PATH: render_path(l, cmd, c, s, argb); break;
    case DRAW_TEXT: render_text(l, cmd, c, s, argb); break;
    case DRAW_CLIP: canvas_clip_push(c, draw_on_pixels(cmd, s)); break;
    case DRAW_UNCLIP: canvas_clip_pop(c); break;
    case DRAW_HIT:
    case DRAW_KINDS: break;
    }
}

void draw_render(const struct draw_list *l, struct canvas *c, enum theme theme, float scale)
{
    int clips = c->clips;
    for (size_t i = 0; i < l->n; i++) render_one(l, &l->cmd[i], c, theme, scale);
    CHECK(c->clips == clips);
}
