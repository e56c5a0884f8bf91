// draw.c - see draw.h. Building the list and asking it; draw_out.c renders and prints it.
#include "viz/draw.h"

#include <math.h>
#include <stdarg.h>

void draw_init(struct draw_list *l, struct fonts *fonts)
{
    *l = (struct draw_list){.fonts = fonts};
}

void draw_reset(struct draw_list *l)
{
    l->n = l->bytes_n = 0;
    l->clips = l->clips_lost = 0;
    l->smooth = l->full = false;
}

void draw_free(struct draw_list *l)
{
    free(l->cmd);
    free(l->bytes);
    *l = (struct draw_list){0};
}

// Clips must stay in pairs, so the last commands' room is kept for those that close one.
static struct draw_cmd *add(struct draw_list *l, enum draw_kind kind, struct ink ink)
{
    bool closes = kind == DRAW_UNCLIP;
    size_t spare_room = closes ? 0 : CANVAS_CLIPS;
    if (l->n + spare_room >= l->cap && l->cap < DRAW_MAX) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        struct draw_cmd *more = realloc(l->cmd, cap * sizeof *more);
        if (more) {
            l->cmd = more;
            l->cap = cap;
        }
    }
    if (l->n + spare_room >= l->cap) {
        l->full = true;
        return &l->spare;
    }
    struct draw_cmd *cmd = &l->cmd[l->n++];
    *cmd = (struct draw_cmd){.kind = kind, .ink = ink, .smooth = l->smooth};
    return cmd;
}

// Copies bytes into the list at an offset that suits points; UINT32_MAX if there is no room.
static uint32_t keep(struct draw_list *l, const void *data, size_t len)
{
    size_t at = (l->bytes_n + 7) & ~(size_t)7;
    if (at + len > l->bytes_cap) {
        size_t cap = l->bytes_cap ? l->bytes_cap : 4096;
        while (cap < at + len) cap *= 2;
        uint8_t *more = cap <= DRAW_BYTES_MAX ? realloc(l->bytes, cap) : NULL;
        if (!more) {
            l->full = true;
            return UINT32_MAX;
        }
        l->bytes = more;
        l->bytes_cap = cap;
    }
    memcpy(l->bytes + at, data, len);
    l->bytes_n = at + len;
    return (uint32_t)at;
}

void draw_fill(struct draw_list *l, struct rect r, float radius, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_FILL, ink);
    cmd->r = r;
    cmd->radius = radius;
}

void draw_stroke(struct draw_list *l, struct rect r, float radius, float width, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_STROKE, ink);
    cmd->r = r;
    cmd->radius = radius;
    cmd->width = width;
}

void draw_glow(struct draw_list *l, struct rect r, float radius, float spread, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_GLOW, ink);
    cmd->r = r;
    cmd->radius = radius;
    cmd->width = spread;
}

void draw_hatch(struct draw_list *l, struct rect r, struct hatch h, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_HATCH, ink);
    cmd->r = r;
    cmd->radius = h.pitch;
    cmd->width = h.width;
}

void draw_circle(struct draw_list *l, struct pt at, float radius, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_CIRCLE, ink);
    cmd->r = rect(at.x, at.y, 0, 0);
    cmd->radius = radius;
}

void draw_ring(struct draw_list *l, struct pt at, float radius, float width, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_RING, ink);
    cmd->r = rect(at.x, at.y, 0, 0);
    cmd->radius = radius;
    cmd->width = width;
}

void draw_line(struct draw_list *l, struct pt a, struct pt b, float width, struct ink ink)
{
    struct draw_cmd *cmd = add(l, DRAW_LINE, ink);
    cmd->r = rect(a.x, a.y, b.x, b.y);
    cmd->width = width;
}

// The head is as long as five widths and at least 8 px; the shaft ends inside it.
void draw_arrow(struct draw_list *l, struct pt a, struct pt b, float width, struct ink ink)
{
    float dx = b.x - a.x, dy = b.y - a.y, len = sqrtf(dx * dx + dy * dy);
    if (!(len > 0)) return;
    float head = fminf(fmaxf(5 * width, 9), len), ux = dx / len, uy = dy / len;
    struct pt neck = {b.x - ux * head, b.y - uy * head};
    float wide = head * 0.5f;
    if (len > head) draw_line(l, a, neck, width, ink);
    struct pt p[3] = {b, {neck.x - uy * wide, neck.y + ux * wide},
                      {neck.x + uy * wide, neck.y - ux * wide}};
    draw_poly(l, p, 3, ink);
}

void draw_poly(struct draw_list *l, const struct pt *p, int n, struct ink ink)
{
    if (n < 3 || n > CANVAS_POLY) return;
    uint32_t at = keep(l, p, (size_t)n * sizeof *p);
    if (at == UINT32_MAX) return;
    struct draw_cmd *cmd = add(l, DRAW_POLY, ink);
    cmd->at = at;
    cmd->n = (uint32_t)n;
}

void draw_path(struct draw_list *l, const struct path *path, struct ink ink)
{
    if (path->n < 2) return;
    uint32_t at = keep(l, path->p, (size_t)path->n * sizeof *path->p);
    if (at == UINT32_MAX) return;
    struct draw_cmd *cmd = add(l, DRAW_PATH, ink);
    cmd->at = at;
    cmd->n = (uint32_t)path->n;
    cmd->width = path->width;
    cmd->dash = path->dash;
}

void draw_dashed(struct draw_list *l, const struct pt ab[2], float width, struct dash dash,
                 struct ink ink)
{
    draw_path(l, &(struct path){.p = ab, .n = 2, .width = width, .dash = dash}, ink);
}

void draw_arc(struct draw_list *l, struct arc arc, struct ink ink)
{
    enum { PIECES = 48 };
    struct pt p[PIECES + 1];
    const float turn = 6.2831853f;
    float span = fminf(fmaxf(arc.to - arc.from, 0), 1);
    int n = (int)ceilf(span * PIECES);
    for (int i = 0; i <= n; i++) {
        float a = turn * (arc.from + span * (float)i / (float)(n ? n : 1));
        p[i] = pt(arc.at.x + arc.radius * sinf(a), arc.at.y - arc.radius * cosf(a));
    }
    draw_path(l, &(struct path){.p = p, .n = n + 1, .width = arc.width}, ink);
}

void draw_text(struct draw_list *l, struct pt at, struct text_style st, const char *s)
{
    uint32_t kept = keep(l, s, strlen(s) + 1);
    if (kept == UINT32_MAX || !*s) return;
    struct draw_cmd *cmd = add(l, DRAW_TEXT, st.ink);
    cmd->r = rect(at.x, at.y, 0, 0);
    cmd->text.at = kept;
    cmd->text.font = st.font;
    cmd->text.align = st.align;
    cmd->text.size = st.size;
    cmd->text.max = st.max;
}

void draw_textf(struct draw_list *l, struct pt at, struct text_style st, const char *fmt, ...)
{
    char s[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(s, sizeof s, fmt, ap);
    va_end(ap);
    draw_text(l, at, st, s);
}

float draw_text_width(const struct draw_list *l, struct text_style st, const char *s)
{
    float w = font_width(l->fonts, (struct type){st.font, st.size}, s);
    return st.max > 0 && w > st.max ? st.max : w;
}

// A full list takes no more clips, but must still close those it took, and only those.
void draw_clip(struct draw_list *l, struct rect r)
{
    CHECK(l->clips + 2 < CANVAS_CLIPS);
    if (l->clips_lost || l->full) {
        l->clips_lost++;
        return;
    }
    struct draw_cmd *cmd = add(l, DRAW_CLIP, ink(PALETTE_BG));
    cmd->r = r;
    if (l->full) l->clips_lost++;
    else l->clips++;
}

void draw_unclip(struct draw_list *l)
{
    if (l->clips_lost) {
        l->clips_lost--;
        return;
    }
    CHECK(l->clips > 0);
    l->clips--;
    add(l, DRAW_UNCLIP, ink(PALETTE_BG));
}

void draw_hit(struct draw_list *l, struct rect r, uint32_t kind, uint64_t id)
{
    struct draw_cmd *cmd = add(l, DRAW_HIT, ink(PALETTE_BG));
    cmd->r = r;
    cmd->hit.kind = kind;
    cmd->hit.id = id;
}

static bool rect_has(struct rect r, struct pt p)
{
    return p.x >= r.x && p.y >= r.y && p.x < r.x + r.w && p.y < r.y + r.h;
}

const struct draw_cmd *draw_hit_at(const struct draw_list *l, struct pt at)
{
    const struct draw_cmd *found = NULL;
    int depth = 0, hidden = 0;  // hidden: the depth of the outermost clip that misses the point
    for (size_t i = 0; i < l->n; i++) {
        const struct draw_cmd *cmd = &l->cmd[i];
        if (cmd->kind == DRAW_CLIP) {
            depth++;
            if (!hidden && !rect_has(cmd->r, at)) hidden = depth;
        } else if (cmd->kind == DRAW_UNCLIP) {
            if (hidden == depth) hidden = 0;
            depth--;
        } else if (cmd->kind == DRAW_HIT && !hidden && rect_has(cmd->r, at)) {
            found = cmd;
        }
    }
    return found;
}
