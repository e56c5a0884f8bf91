// What each key does, over everything else, until any key.
#include "viz/paint.h"
#include "viz/panes.h"

static const struct { const char *keys, *what; } rows[] = {
    {"Space", "play, pause"},
    {"← →", "one step back, on"},
    {"Shift + ← →", "one step of the connection in the light"},
    {"Home, End", "to the beginning, to the end"},
    {"l", "to the next loss or retransmission"},
    {"[ ]", "slower, faster"},
    {"m", "clock: event-paced, linear, real time, fastest"},
    {"+ -, wheel", "taller, shorter ladder"},
    {"1 – 9", "select a socket"},
    {"Tab", "to the next pane"},
    {"g", "next graph"},
    {"t", "dark, light"},
    {"s", "save this picture as PNG"},
    {"r", "record to MP4, from here on"},
    {"Ctrl + -", "larger, smaller"},
    {"Esc", "let go of the selection"},
    {"q", "leave"},
};

void help_pane(struct draw_list *l, const struct scene *s, struct rect r)
{
    (void)s;
    draw_fill(l, r, 0, ink_a(PALETTE_BG, 190));
    float h = 62 + 22.0f * ARRAY_LEN(rows), w = 480;
    struct rect box = rect(r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h);
    draw_fill(l, box, 10, ink(PALETTE_PANEL));
    draw_stroke(l, box, 10, 1, ink(PALETTE_LINE));
    draw_text(l, pt(box.x + 24, box.y + 26), style(FONT_SEMI, 14, PALETTE_HI), "Keys");
    draw_text(l, pt(right_of(box) - 24, box.y + 26), on_right(style(FONT_UI, 11, PALETTE_LOW)),
              "click anything to select it everywhere");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        float y = box.y + 58 + 22.0f * (float)i;
        draw_text(l, pt(box.x + 24, y), style(FONT_MONO, 12, PALETTE_HI), rows[i].keys);
        draw_text(l, pt(box.x + 150, y), style(FONT_UI, 12, PALETTE_MID), rows[i].what);
    }
}
