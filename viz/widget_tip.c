// widget_tip.c - see widget.h. Tooltips: a box of lines beside the mouse.
#include "viz/widget.h"

#include <math.h>

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
