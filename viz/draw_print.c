// draw_print.c - see draw.h. The list as text, one command a line, and as SVG.
//
//   fill 6,50 316x396 r8 panel
//   text 40,66 "Client" semi 14 hi
//   hit 6,50 316x396 2:17
#include "viz/draw_out.h"

#include <math.h>

static const char *const kind_name[] = {
    "fill", "stroke", "glow", "hatch", "circle", "ring", "line", "poly", "path", "text", "clip",
    "unclip", "hit",
};
static_assert(ARRAY_LEN(kind_name) == DRAW_KINDS, "a name for each kind");

static const char *const font_name[] = {"ui", "semi", "bold", "mono", "mono-semi"};
static_assert(ARRAY_LEN(font_name) == FONT_ROLES, "a name for each font");

static const char *const align_name[] = {"", " centre", " right"};

// Two decimals are more than the eye or a golden text needs; whole numbers print without.
static void put_number(FILE *out, const char *before, float v)
{
    double n = round((double)v * 100) / 100;
    fprintf(out, "%s%.10g", before, n == 0 ? 0 : n);  // never -0
}

static void put_pair(FILE *out, const char *before, float x, float y, const char *between)
{
    put_number(out, before, x);
    put_number(out, between, y);
}

static void put_rect(FILE *out, const struct draw_cmd *cmd)
{
    put_pair(out, " ", cmd->r.x, cmd->r.y, ",");
    put_pair(out, " ", cmd->r.w, cmd->r.h, "x");
}

static void put_points(const struct draw_list *l, const struct draw_cmd *cmd, FILE *out)
{
    const struct pt *p = draw_points(l, cmd);
    for (uint32_t i = 0; i < cmd->n; i++) put_pair(out, " ", p[i].x, p[i].y, ",");
}

static void put_text(const struct draw_list *l, const struct draw_cmd *cmd, FILE *out)
{
    put_pair(out, " ", cmd->r.x, cmd->r.y, ",");
    fputs(" \"", out);
    for (const char *s = draw_string(l, cmd); *s; s++) {
        unsigned char ch = (unsigned char)*s;
        if (ch < ' ' || ch == 0x7f) {
            fprintf(out, "\\x%02x", ch);
            continue;
        }
        if (ch == '"' || ch == '\\') putc('\\', out);
        putc(ch, out);
    }
    fprintf(out, "\" %s", font_name[cmd->text.font]);
    put_number(out, " ", cmd->text.size);
    fputs(align_name[cmd->text.align], out);
    if (cmd->text.max > 0) put_number(out, " max ", cmd->text.max);
}

static void put_shape(const struct draw_list *l, const struct draw_cmd *cmd, FILE *out)
{
    switch (cmd->kind) {
    case DRAW_FILL:
    case DRAW_STROKE:
    case DRAW_GLOW:
    case DRAW_HATCH:
        put_rect(out, cmd);
        if (cmd->kind == DRAW_HATCH) put_number(out, " pitch ", cmd->radius);
        else if (cmd->radius != 0) put_number(out, " r", cmd->radius);
        break;
    case DRAW_CIRCLE:
    case DRAW_RING:
        put_pair(out, " ", cmd->r.x, cmd->r.y, ",");
        put_number(out, " r", cmd->radius);
        break;
    case DRAW_LINE:
        put_pair(out, " ", cmd->r.x, cmd->r.y, ",");
        put_pair(out, " ", cmd->r.w, cmd->r.h, ",");
        break;
    case DRAW_POLY:
    case DRAW_PATH: put_points(l, cmd, out); break;
    case DRAW_TEXT: put_text(l, cmd, out); break;
    case DRAW_CLIP: put_rect(out, cmd); break;
    case DRAW_HIT:
        put_rect(out, cmd);
        fprintf(out, " %u:%llu", cmd->hit.kind, (unsigned long long)cmd->hit.id);
        break;
    case DRAW_UNCLIP:
    case DRAW_KINDS: break;
    }
}

void draw_print(const struct draw_list *l, FILE *out)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct draw_cmd *cmd = &l->cmd[i];
        fputs(kind_name[cmd->kind], out);
        put_shape(l, cmd, out);
        if (cmd->width > 0) put_number(out, " w", cmd->width);
        if (cmd->kind == DRAW_PATH && cmd->dash.off > 0)
            put_pair(out, " dash ", cmd->dash.on, cmd->dash.off, "/");
        if (cmd->kind < DRAW_CLIP) {
            fprintf(out, " %s", palette_name(cmd->ink.role));
            if (cmd->ink.alpha != 255) fprintf(out, "/%u", cmd->ink.alpha);
        }
        if (cmd->smooth && cmd->kind < DRAW_CLIP) fputs(" smooth", out);
        putc('\n', out);
    }
    if (l->full) fputs("(full)\n", out);
}
