// What each key does, over everything else. Each row can be clicked, and does what its key does, or
// by a right click what its other key does: so whatever has no button of its own is here for the
// mouse.
#include "viz/paint.h"
#include "viz/panes.h"
#include "viz/ui.h"
#include "viz/widget.h"

static const struct row { const char *keys, *what; uint32_t does; } rows[] = {
    {"Space", "play, pause", ' '},
    {"k", "play backwards", 'k'},
    {"← →  , .", "one step back, on", UI_KEY_ARROW_RIGHT},
    {"Shift ← →", "one step of the connection in the light",
     UI_KEY_ARROW_RIGHT | UI_SHIFT << UI_KEY_MODS},
    {"PgUp PgDn", "ten steps back, on", UI_KEY_PAGE_DOWN},
    {"Home End", "to the beginning, to the end", UI_KEY_HOME},
    {"l L", "to the next loss, the one before", 'l'},
    {"x X", "to the next retransmission, the one before", 'x'},
    {"e E", "to the next change of state, the one before", 'e'},
    {"/", "filter, or search for \"words", '/'},
    {"n N", "to the next match, the one before", 'n'},
    {"b", "break when ...", 'b'},
    {"B", "run to the next breakpoint", 'B'},
    {"f", "follow a packet from write() to read()", 'f'},
    {"c", "challenge: what happens next?", 'c'},
    {"1 – 9", "select a socket", '1'},
    {"[ ]", "slower, faster", ']'},
    {"m", "clock: event-paced, linear, real, fastest", 'm'},
    {"a", "full motion, or from step to step", 'a'},
    {"+ -  wheel", "taller, shorter ladder (over sockets: to the others)", '+'},
    {"g", "next graph", 'g'},
    {"w", "sliders for the link: delay, rate, loss", 'w'},
    {"p", "hold a host that runs, let it go on", 'p'},
    {"F1 – F8", "one pane alone; again, or Esc: all", UI_KEY_F1 + 1},
    {"o O", "two other neighbours on stage", 'o'},
    {"Tab", "to the next pane", UI_KEY_TAB},
    {"arrows, Enter", "inside it: to a thing, and press it", 0},
    {"Ctrl +- wheel", "larger, smaller", 0},
    {"t", "dark, light", 't'},
    {"s S", "save this picture, as PNG, as SVG", 's'},
    {"r", "record a movie, from here on", 'r'},
    {"Esc", "let go: one thing after the other", 0},
    {"?", "this list", '?'},
    {"q", "leave", 'q'},
};

enum { HALF = (ARRAY_LEN(rows) + 1) / 2, PITCH = 22, COLUMN_W = 430, HEAD_H = 50 };

static void draw_row(struct draw_list *l, const struct scene *s, struct rect r, const struct row *k)
{
    float y = r.y + r.h / 2;
    if (k->does != 0) {
        bool under = object_is(s->hover, OBJECT_KEY, k->does);
        widget_row(l, (struct widget){r, OBJECT_KEY, k->does, under ? WIDGET_HOVER : 0});
    }
    draw_text(l, pt(r.x + 12, y), style(FONT_MONO, 12, PALETTE_HI), k->keys);
    draw_text(l, pt(r.x + 124, y), fit(style(FONT_UI, 12, PALETTE_MID), r.w - 130), k->what);
}

void help_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    draw_fill(l, r, 0, ink_a(PALETTE_BG, 190));
    float h = HEAD_H + PITCH * (float)HALF + 46, w = fminf(2 * COLUMN_W + 24, r.w - 20);
    struct rect box = rect(r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h);
    draw_fill(l, box, 10, ink(PALETTE_PANEL));
    draw_stroke(l, box, 10, 1, ink(PALETTE_LINE));
    draw_text(l, pt(box.x + 24, box.y + 26), style(FONT_SEMI, 14, PALETTE_HI), "Keys");
    draw_text(l, pt(right_of(box) - 24, box.y + 26), on_right(style(FONT_UI, 11, PALETTE_LOW)),
              "a click on a row does the same; a right click, the other way");
    float column = (w - 24) / 2;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        float x = box.x + 12 + (float)(i / HALF) * column;
        float y = box.y + HEAD_H + PITCH * (float)(i % HALF);
        draw_row(l, s, rect(x, y, column - 6, PITCH), &rows[i]);
    }
    draw_text(l, pt(box.x + 24, bottom_of(box) - 22), fit(style(FONT_UI, 11, PALETTE_LOW), w - 48),
              "A click selects the same thing in every pane. A right click on a socket, a frame or "
              "the timeline sets a breakpoint there. A double click enlarges a pane.");
}
