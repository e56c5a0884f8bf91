// draw_svg.c - see draw.h. The list as SVG: the same shapes, for papers and slides.
//
// Strokes of rectangles are inside in our lists and on the line in SVG, hence the half widths. What
// is still lies on whole logical pixels as on a canvas, so that hairlines are sharp where it is
// shown at its own size. Text is text: its font is named with others to fall back on, and its width
// is given, so that the picture keeps its shape where Inter is not installed.
#include "viz/draw_out.h"

#include <inttypes.h>
#include <math.h>

static void put_paint(FILE *out, const char *attr, struct ink ink, enum theme theme)
{
    fprintf(out, " %s=\"#%06" PRIx32 "\"", attr, palette_rgb(theme, ink.role) & 0xffffff);
    if (ink.alpha != 255) fprintf(out, " %s-opacity=\"%.3g\"", attr, ink.alpha / 255.0);
}

static void put_box(FILE *out, struct rect r, float radius, float in)
{
    double w = (double)(r.w - 2 * in), h = (double)(r.h - 2 * in), round = (double)(radius - in);
    fprintf(out, "<rect x=\"%.6g\" y=\"%.6g\" width=\"%.6g\" height=\"%.6g\"", (double)(r.x + in),
            (double)(r.y + in), w > 0 ? w : 0, h > 0 ? h : 0);
    if (round > 0) fprintf(out, " rx=\"%.6g\"", round);
}

static void put_stroke(FILE *out, const struct draw_cmd *cmd, enum theme theme)
{
    fputs(" fill=\"none\"", out);
    put_paint(out, "stroke", cmd->ink, theme);
    fprintf(out, " stroke-width=\"%.6g\"/>\n", (double)cmd->width);
}

// A glow is rings of fading opacity; five show no steps at the widths we use.
static void put_glow(FILE *out, const struct draw_cmd *cmd, enum theme theme)
{
    enum { RINGS = 5 };
    for (int i = 0; i < RINGS; i++) {
        float step = cmd->width / RINGS, grow = step * (float)(i + 1);
        float fade = 1 - ((float)i + 0.5f) / RINGS;
        struct draw_cmd ring = *cmd;
        ring.width = step;
        ring.ink.alpha = (uint8_t)((float)cmd->ink.alpha * fade * fade);
        struct rect r = {cmd->r.x - grow, cmd->r.y - grow, cmd->r.w + 2 * grow,
                         cmd->r.h + 2 * grow};
        put_box(out, r, cmd->radius + grow, step / 2);
        put_stroke(out, &ring, theme);
    }
}

static void put_hatch(FILE *out, const struct draw_cmd *cmd, enum theme theme, size_t id)
{
    double pitch = (double)cmd->radius;
    struct rect r = draw_on_pixels(cmd, 1);
    fprintf(out, "<pattern id=\"h%zu\" width=\"%.6g\" height=\"%.6g\" "
            "patternUnits=\"userSpaceOnUse\" patternTransform=\"translate(%.6g %.6g) "
            "rotate(26.565)\"><path d=\"M%.6g 0V%.6g\"", id, pitch, pitch, (double)r.x,
            (double)r.y, pitch / 2, pitch);
    put_stroke(out, cmd, theme);
    fputs("</pattern>\n", out);
    put_box(out, r, 0, 0);
    fprintf(out, " fill=\"url(#h%zu)\"/>\n", id);
}

static void put_points(const struct draw_list *l, const struct draw_cmd *cmd, FILE *out)
{
    struct pt two[2];
    const struct pt *p = draw_points(l, cmd);
    if (cmd->n == 2) {
        draw_points_on_pixels(l, cmd, 1, two);
        p = two;
    }
    fprintf(out, "<%s points=\"", cmd->kind == DRAW_POLY ? "polygon" : "polyline");
    for (uint32_t i = 0; i < cmd->n; i++)
        fprintf(out, "%s%.6g,%.6g", i ? " " : "", (double)p[i].x, (double)p[i].y);
    putc('"', out);
}

static void put_path(const struct draw_list *l, const struct draw_cmd *cmd, enum theme theme,
                     FILE *out)
{
    put_points(l, cmd, out);
    if (cmd->dash.off > 0)
        fprintf(out, " stroke-dasharray=\"%.6g %.6g\" stroke-dashoffset=\"%.6g\"",
                (double)cmd->dash.on, (double)cmd->dash.off, (double)-cmd->dash.phase);
    fputs(" stroke-linejoin=\"round\" stroke-linecap=\"round\"", out);
    put_stroke(out, cmd, theme);
}

// Text of any origin into XML: markup escaped, what XML forbids replaced.
static void put_escaped(FILE *out, const char *s, size_t len)
{
    while (len > 0) {
        size_t used;
        uint32_t ch = utf8_next(s, len, &used);
        if (ch == '<') fputs("&lt;", out);
        else if (ch == '>') fputs("&gt;", out);
        else if (ch == '&') fputs("&amp;", out);
        else if (ch < ' ' || ch == 0x7f) putc(' ', out);
        else if ((ch >= 0xfffd && ch <= 0xffff)) fputs("&#xfffd;", out);
        else fwrite(s, 1, used, out);
        s += used;
        len -= used;
    }
}

#define SANS "Inter,'DejaVu Sans',Verdana,sans-serif"
#define MONO "'JetBrains Mono','DejaVu Sans Mono',Consolas,monospace"

static void put_text(const struct draw_list *l, const struct draw_cmd *cmd, enum theme theme,
                     FILE *out)
{
    static const char *const family[FONT_ROLES] = {
        [FONT_UI] = SANS "\" font-weight=\"500",
        [FONT_SEMI] = SANS "\" font-weight=\"600",
        [FONT_BOLD] = SANS "\" font-weight=\"700",
        [FONT_MONO] = MONO "\" font-weight=\"400",
        [FONT_MONO_SEMI] = MONO "\" font-weight=\"600",
    };
    struct text_place at = text_place(l, cmd);
    if (at.len == 0 && !at.cut) return;
    fprintf(out, "<text x=\"%.6g\" y=\"%.6g\" font-family=\"%s\" font-size=\"%.6g\" "
            "textLength=\"%.6g\" lengthAdjust=\"spacingAndGlyphs\" "
            "style=\"font-feature-settings:'calt' 0,'liga' 0\" xml:space=\"preserve\"",
            (double)at.x, (double)at.baseline, family[cmd->text.font], (double)cmd->text.size,
            (double)at.width);
    put_paint(out, "fill", cmd->ink, theme);
    putc('>', out);
    put_escaped(out, draw_string(l, cmd), at.len);
    fprintf(out, "%s</text>\n", at.cut ? ELLIPSIS : "");
}

static void put_clip(FILE *out, const struct draw_cmd *cmd, size_t id, bool seen)
{
    fprintf(out, "<clipPath id=\"c%zu\">", id);
    put_box(out, seen ? draw_on_pixels(cmd, 1) : rect(0, 0, 0, 0), 0, 0);
    fprintf(out, "/></clipPath>\n<g clip-path=\"url(#c%zu)\">\n", id);
}

static void put_round(FILE *out, const struct draw_cmd *cmd)
{
    fprintf(out, "<circle cx=\"%.6g\" cy=\"%.6g\" r=\"%.6g\"", (double)cmd->r.x, (double)cmd->r.y,
            (double)cmd->radius);
}

static void put_line(FILE *out, const struct draw_cmd *cmd, enum theme theme)
{
    struct rect r;
    if (draw_line_on_pixels(cmd, 1, &r)) {
        put_box(out, r, 0, 0);
        put_paint(out, "fill", cmd->ink, theme);
        fputs("/>\n", out);
        return;
    }
    fprintf(out, "<line x1=\"%.6g\" y1=\"%.6g\" x2=\"%.6g\" y2=\"%.6g\"", (double)cmd->r.x,
            (double)cmd->r.y, (double)cmd->r.w, (double)cmd->r.h);
    put_stroke(out, cmd, theme);
}

static void put_fill(FILE *out, const struct draw_cmd *cmd, enum theme theme)
{
    put_paint(out, "fill", cmd->ink, theme);
    fputs("/>\n", out);
}

// What is nowhere is not drawn: SVG has no word for it.
static bool is_somewhere(const struct draw_list *l, const struct draw_cmd *cmd)
{
    const float all[] = {cmd->r.x, cmd->r.y, cmd->r.w, cmd->r.h, cmd->radius, cmd->width};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (!isfinite(all[i])) return false;
    if (cmd->kind != DRAW_POLY && cmd->kind != DRAW_PATH) return true;
    const struct pt *p = draw_points(l, cmd);
    for (uint32_t i = 0; i < cmd->n; i++)
        if (!isfinite(p[i].x) || !isfinite(p[i].y)) return false;
    return true;
}

static void put_command(const struct draw_list *l, size_t i, enum theme theme, FILE *out)
{
    const struct draw_cmd *cmd = &l->cmd[i];
    switch (cmd->kind) {
    case DRAW_FILL:
        put_box(out, draw_on_pixels(cmd, 1), cmd->radius, 0);
        put_fill(out, cmd, theme);
        break;
    case DRAW_STROKE:
        put_box(out, draw_on_pixels(cmd, 1), cmd->radius, cmd->width / 2);
        put_stroke(out, cmd, theme);
        break;
    case DRAW_GLOW: put_glow(out, cmd, theme); break;
    case DRAW_HATCH: put_hatch(out, cmd, theme, i); break;
    case DRAW_CIRCLE:
        put_round(out, cmd);
        put_fill(out, cmd, theme);
        break;
    case DRAW_RING:
        put_round(out, cmd);
        put_stroke(out, cmd, theme);
        break;
    case DRAW_LINE: put_line(out, cmd, theme); break;
    case DRAW_POLY:
        put_points(l, cmd, out);
        put_fill(out, cmd, theme);
        break;
    case DRAW_PATH: put_path(l, cmd, theme, out); break;
    case DRAW_TEXT: put_text(l, cmd, theme, out); break;
    case DRAW_CLIP: put_clip(out, cmd, i, is_somewhere(l, cmd)); break;
    case DRAW_UNCLIP: fputs("</g>\n", out); break;
    case DRAW_HIT:
    case DRAW_KINDS: break;
    }
}

bool draw_svg(const struct draw_list *l, struct rect view, enum theme theme, FILE *out)
{
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.6g\" height=\"%.6g\" "
            "viewBox=\"%.6g %.6g %.6g %.6g\">\n", (double)view.w, (double)view.h,
            (double)view.x, (double)view.y, (double)view.w, (double)view.h);
    struct draw_cmd ground = {.r = view, .ink = ink(PALETTE_BG)};
    put_box(out, ground.r, 0, 0);
    put_fill(out, &ground, theme);
    for (size_t i = 0; i < l->n; i++) {
        bool clips = l->cmd[i].kind == DRAW_CLIP || l->cmd[i].kind == DRAW_UNCLIP;
        if (clips || is_somewhere(l, &l->cmd[i])) put_command(l, i, theme, out);
    }
    fputs("</svg>\n", out);
    return !ferror(out);
}
