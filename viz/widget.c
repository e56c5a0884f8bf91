// widget.c - see widget.h. Tooltips are in widget_tip.c.
#include "viz/widget.h"

#include <math.h>

void widget_focus(struct draw_list *l, struct rect r, float radius)
{
    struct rect out = {r.x - 2, r.y - 2, r.w + 4, r.h + 4};
    draw_stroke(l, out, radius + 2, 1.5f, ink(PALETTE_SEL));
}

// The ground of a button in its state; returns the colour that ended up on top.
static struct ink ground(struct draw_list *l, struct widget w)
{
    bool lit = w.state & (WIDGET_HOVER | WIDGET_PRESSED | WIDGET_ON) && !(w.state & WIDGET_OFF);
    struct ink fill = ink(lit ? PALETTE_LINE : PALETTE_RAISED);
    draw_fill(l, w.r, 6, fill);
    draw_stroke(l, w.r, 6, 1, ink(w.state & WIDGET_PRESSED ? PALETTE_LOW : PALETTE_LINE));
    if (w.state & WIDGET_FOCUS) widget_focus(l, w.r, 6);
    if (!(w.state & WIDGET_OFF)) draw_hit(l, w.r, w.kind, w.id);
    return fill;
}

static struct pt middle(struct rect r) { return pt(r.x + r.w / 2, r.y + r.h / 2); }

void widget_button(struct draw_list *l, struct widget w, enum icon icon)
{
    struct icon_style st = {.size = 14, .ink = ink(PALETTE_HI), .on = ground(l, w)};
    if (icon == ICON_RECORD) st.ink = ink(PALETTE_LOSS);
    if (w.state & WIDGET_OFF) st.ink.alpha = 90;
    icon_draw(l, icon, middle(w.r), st);
}

void widget_text_button(struct draw_list *l, struct widget w, const char *text)
{
    struct text_style st = {FONT_SEMI, 11, ink(PALETTE_HI), TEXT_CENTRE, w.r.w - 8};
    ground(l, w);
    if (w.state & WIDGET_OFF) st.ink.alpha = 90;
    draw_text(l, middle(w.r), st, text);
}

enum { KNOB = 6 };

float widget_slider_value(struct rect r, float x)
{
    float v = (x - r.x - KNOB) / (r.w - 2 * KNOB);
    return v > 0 ? fminf(v, 1) : 0;
}

void widget_slider(struct draw_list *l, struct widget w, float value)
{
    float y = w.r.y + w.r.h / 2, at = w.r.x + KNOB + value * (w.r.w - 2 * KNOB);
    bool held = w.state & (WIDGET_HOVER | WIDGET_PRESSED);
    draw_fill(l, rect(w.r.x, y - 2, w.r.w, 4), 2, ink(PALETTE_LINE));
    draw_fill(l, rect(w.r.x, y - 2, at - w.r.x, 4), 2, ink(PALETTE_MID));
    if (held) draw_circle(l, pt(at, y), KNOB + 3, ink_a(PALETTE_HI, 50));
    draw_circle(l, pt(at, y), KNOB, ink(PALETTE_HI));
    if (w.state & WIDGET_FOCUS) draw_ring(l, pt(at, y), KNOB + 2.5f, 1.5f, ink(PALETTE_SEL));
    draw_hit(l, w.r, w.kind, w.id);
}

void widget_field(struct draw_list *l, struct widget w, const struct field *f, const char *hint)
{
    bool focus = w.state & WIDGET_FOCUS, empty = !f->text[0];
    enum palette_role edge = w.state & WIDGET_HOVER ? PALETTE_LOW : PALETTE_LINE;
    struct icon_style lens = {.size = 13, .ink = ink(focus ? PALETTE_HI : PALETTE_LOW)};
    struct text_style st = {.font = FONT_MONO, .size = 10, .ink = ink(PALETTE_MID)};
    struct type type = {st.font, st.size};
    struct rect in = {w.r.x + 26, w.r.y, w.r.w - 34, w.r.h};
    float y = w.r.y + w.r.h / 2, caret = font_width_n(l->fonts, type, f->text, f->caret);
    float slide = caret > in.w - 2 ? in.w - 2 - caret : 0;  // the caret stays in sight
    draw_fill(l, w.r, 6, ink(PALETTE_BG));
    draw_stroke(l, w.r, 6, 1, ink(edge));
    if (focus) draw_stroke(l, w.r, 6, 1.5f, ink(PALETTE_SEL));
    icon_draw(l, ICON_SEARCH, pt(w.r.x + 15, y), lens);
    draw_clip(l, in);
    if (focus) st.ink = ink(PALETTE_HI);
    if (empty) st.ink = ink(PALETTE_LOW);
    draw_text(l, pt(in.x + slide, y), st, empty ? hint : f->text);
    if (focus) draw_fill(l, rect(in.x + slide + caret, y - 7, 1, 14), 0, ink(PALETTE_SEL));
    draw_unclip(l);
    draw_hit(l, w.r, w.kind, w.id);
}

void widget_tabs(struct draw_list *l, struct tabs t)
{
    struct text_style st = {.font = FONT_SEMI, .size = 10};
    float x = t.r.x, y = t.r.y + t.r.h / 2;
    for (int i = 0; i < t.n; i++) {
        bool on = i == t.active;
        float w = draw_text_width(l, st, t.name[i]) + 14;
        if (x + w > t.r.x + t.r.w) break;
        struct rect tab = {x, t.r.y, w, t.r.h};
        if (on || i == t.hover) draw_fill(l, tab, 5, ink(on ? PALETTE_LINE : PALETTE_RAISED));
        st.ink = ink(on ? PALETTE_HI : i == t.hover ? PALETTE_MID : PALETTE_LOW);
        draw_text(l, pt(x + 7, y), st, t.name[i]);
        draw_hit(l, tab, t.kind, (uint64_t)i);
        x += w + 2;
    }
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

float widget_scroll(float view, float content, float offset)
{
    float most = content - view;
    return offset > 0 && most > 0 ? fminf(offset, most) : 0;
}

void widget_scrollbar(struct draw_list *l, struct rect view, float content, float offset)
{
    if (!(content > view.h)) return;
    float thumb = fmaxf(view.h * view.h / content, 16);
    float at = widget_scroll(view.h, content, offset) / (content - view.h) * (view.h - thumb);
    draw_fill(l, rect(view.x + view.w - 4, view.y + at, 3, thumb), 1.5f, ink_a(PALETTE_LOW, 160));
}
