// widget_label.c - see widget.h. What is looked at: pills, chips, cards, cells, tooltips.
#include "viz/widget.h"

#include <math.h>

float widget_pill(struct draw_list *l, struct pt at, struct pill p)
{
    bool solid = p.look == PILL_SOLID;
    struct text_style st = {.font = solid ? FONT_BOLD : FONT_SEMI, .size = 10};
    float h = 15, w = draw_text_width(l, st, p.text) + 16;
    float x = p.from_right ? at.x - w : at.x;
    struct rect r = {x, at.y - h / 2, w, h};
    if (solid) {
        st.ink = ink(p.role == PALETTE_SEL ? PALETTE_ON_SEL : PALETTE_ON);
        draw_fill(l, r, h / 2, ink(p.role));
    } else {
        bool strong = p.look == PILL_STRONG, tint = p.look == PILL_TINT;
        struct ink edge = tint ? ink(p.role) : ink_a(PALETTE_ACK, strong ? 200 : 130);
        st.ink = ink(tint ? p.role : strong ? PALETTE_HI : PALETTE_MID);
        draw_fill(l, r, h / 2, ink_a(tint ? p.role : PALETTE_ACK, strong ? 64 : 40));
        draw_stroke(l, r, h / 2, 1, edge);
    }
    draw_text(l, pt(x + 8, at.y), st, p.text);
    return w;
}

float widget_chip(struct draw_list *l, struct pt at, unsigned mark, const char *text)
{
    struct text_style st = {.font = FONT_MONO, .size = 10, .ink = ink(PALETTE_HI)};
    float w = draw_text_width(l, st, text) + 19;
    draw_fill(l, rect(at.x, at.y - 7, w, 14), 3, ink_a(PALETTE_HI, 24));
    mark_draw(l, mark, pt(at.x + 7.5f, at.y), 7, ink(PALETTE_HI));
    draw_text(l, pt(at.x + 14.5f, at.y), st, text);
    return w;
}

void widget_letter(struct draw_list *l, struct rect r, enum palette_role role, const char *text)
{
    struct text_style st = {FONT_BOLD, 10, ink(PALETTE_ON), TEXT_CENTRE, 0};
    draw_fill(l, r, 3, ink(role));
    draw_text(l, pt(r.x + r.w / 2, r.y + r.h / 2), st, text);
}

void widget_panel(struct draw_list *l, struct rect r, const char *title, const char *note)
{
    struct text_style head = {.font = FONT_SEMI, .size = 11, .ink = ink(PALETTE_MID)};
    struct text_style side = {FONT_UI, 10, ink(PALETTE_LOW), TEXT_RIGHT, 0};
    draw_fill(l, r, 8, ink(PALETTE_PANEL));
    draw_stroke(l, r, 8, 1, ink(PALETTE_LINE));
    draw_text(l, pt(r.x + 10, r.y + 15), head, title);
    side.max = fmaxf(r.w - draw_text_width(l, head, title) - 34, 1);
    draw_text(l, pt(r.x + r.w - 10, r.y + 15), side, note);
}

void widget_card(struct draw_list *l, struct widget w, enum palette_role edge)
{
    bool on = w.state & WIDGET_ON;
    draw_fill(l, w.r, 6, ink(PALETTE_RAISED));
    if (on) draw_glow(l, w.r, 6, 6, ink_a(PALETTE_SEL, 80));
    draw_stroke(l, w.r, 6, 1, ink(w.state & WIDGET_HOVER ? PALETTE_LOW : PALETTE_LINE));
    if (on) draw_stroke(l, w.r, 6, 1.5f, ink(PALETTE_SEL));
    if (edge != PALETTE_LINE) draw_fill(l, rect(w.r.x, w.r.y + 4, 3, w.r.h - 8), 1, ink(edge));
    if (w.state & WIDGET_FOCUS) widget_focus(l, w.r, 6);
    if (w.kind) draw_hit(l, w.r, w.kind, w.id);
}

void widget_row(struct draw_list *l, struct widget w)
{
    if (w.state & WIDGET_ON) {
        draw_fill(l, w.r, 5, ink_a(PALETTE_SEL, 40));
        draw_stroke(l, w.r, 5, 1, ink(PALETTE_SEL));
    } else if (w.state & WIDGET_HOVER) {
        draw_fill(l, w.r, 5, ink(PALETTE_RAISED));
    }
    draw_hit(l, w.r, w.kind, w.id);
}

float widget_cells(struct draw_list *l, struct pt at, struct cells c)
{
    for (int i = 0; i < c.n; i++) {
        struct rect r = {at.x + (float)i * (c.size + c.gap), at.y - c.size / 2, c.size, c.size};
        if (i < c.lit) draw_fill(l, r, 2, ink(c.role));
        else draw_stroke(l, r, 2, 1, ink_a(PALETTE_LOW, 170));
    }
    return (float)c.n * (c.size + c.gap) - c.gap;
}

void widget_bytes(struct draw_list *l, struct rect r, struct bytes_bar b)
{
    draw_fill(l, r, 2, ink(PALETTE_LINE));
    if (!(b.room > 0) || !(b.held > 0)) return;
    float held = fminf(b.held / b.room, 1) * r.w;
    float flying = fminf(fmaxf(b.flying, 0) / b.room, held / r.w) * r.w;
    if (held < 2) held = 2;  // one byte is seen
    draw_fill(l, rect(r.x, r.y, held, r.h), 2, ink_a(b.role, flying > 0 ? 110 : 255));
    if (!(flying > 0)) return;
    draw_fill(l, rect(r.x, r.y, held - flying, r.h), 2, ink(b.role));
    struct rect air = {r.x + held - flying, r.y, flying, r.h};
    draw_hatch(l, air, (struct hatch){4, 1.5f}, ink(b.role));
}

enum { TIP_LINES = 12 };
#define TIP_WIDTH 300.0f

// The length of the next line: up to a newline, or to the last blank that fits.
static size_t line_length(const struct draw_list *l, struct type t, const char *s)
{
    size_t end = strcspn(s, "\n"), fits = 0;
    if (font_width_n(l->fonts, t, s, end) <= TIP_WIDTH) return end;
    for (size_t i = 1; i <= end; i++)
        if ((s[i] == ' ' || i == end) && font_width_n(l->fonts, t, s, i) <= TIP_WIDTH) fits = i;
    return fits ? fits : end;  // a word longer than the line is cut by its ellipsis
}

void widget_tooltip(struct draw_list *l, struct rect bounds, struct pt at, const char *text)
{
    struct text_style st = {FONT_UI, 11, ink(PALETTE_HI), TEXT_LEFT, TIP_WIDTH};
    struct type type = {st.font, st.size};
    const char *start[TIP_LINES];
    size_t len[TIP_LINES];
    int n = 0;
    float width = 0;
    for (const char *s = text; *s && n < TIP_LINES; n++) {
        start[n] = s;
        len[n] = line_length(l, type, s);
        width = fmaxf(width, fminf(font_width_n(l->fonts, type, s, len[n]), TIP_WIDTH));
        s += len[n];
        if (*s == ' ' || *s == '\n') s++;
    }
    if (n == 0) return;
    struct rect r = {at.x + 12, at.y + 14, width + 18, (float)n * 16 + 10};
    if (r.x + r.w > bounds.x + bounds.w) r.x = fmaxf(bounds.x, at.x - r.w - 6);
    if (r.y + r.h > bounds.y + bounds.h) r.y = fmaxf(bounds.y, at.y - r.h - 6);
    draw_glow(l, r, 6, 10, ink_a(PALETTE_BG, 150));
    draw_fill(l, r, 6, ink(PALETTE_RAISED));
    draw_stroke(l, r, 6, 1, ink(PALETTE_LOW));
    for (int i = 0; i < n; i++) {
        char line[256];
        size_t k = len[i] < sizeof line - 1 ? len[i] : sizeof line - 1;
        memcpy(line, start[i], k);
        line[k] = 0;
        draw_text(l, pt(r.x + 9, r.y + 13 + (float)i * 16), st, line);
    }
}
