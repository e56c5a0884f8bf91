// How fast a full window is painted, on one core: 300 rounded rectangles with borders, 400 pieces
// of text, and capsules on the wire, at 1280x720 and at scale 1.5. The ceiling in the same run is a
// plain fill of the canvas: nobody paints faster than memory is written.
#include "viz/draw.h"

#include <stdio.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void panels(struct draw_list *l)
{
    for (int i = 0; i < 6; i++) {  // six panes that fill the window
        struct rect r = {(float)(i % 3) * 426 + 4, (float)(i / 3) * 360 + 4, 420, 352};
        draw_fill(l, r, 8, ink(PALETTE_PANEL));
        draw_stroke(l, r, 8, 1, ink(PALETTE_LINE));
    }
    for (int i = 0; i < 294; i++) {  // cards in them
        struct rect r = {(float)(i % 14) * 91 + 6, (float)(i / 14) * 34 + 6, 85, 28};
        draw_fill(l, r, 6, ink(PALETTE_RAISED));
        draw_stroke(l, r, 6, i == 100 ? 1.5f : 1, ink(i == 100 ? PALETTE_SEL : PALETTE_LINE));
    }
    draw_glow(l, rect(188, 244, 85, 28), 6, 6, ink_a(PALETTE_SEL, 110));
}

static void texts(struct draw_list *l)
{
    for (int i = 0; i < 400; i++) {
        struct text_style st = {i % 2 ? FONT_MONO : FONT_UI, 11, ink(PALETTE_MID), TEXT_LEFT, 0};
        struct pt at = {(float)(i % 14) * 91 + 10, (float)(i / 14) * 24 + 16};
        draw_textf(l, at, st, "seq=%d ack=1", i);
    }
}

static void capsules(struct draw_list *l, int n, float t)
{
    l->smooth = true;
    for (int i = 0; i < n; i++) {
        float x = (float)((i * 37) % 1240) + t, y = (float)((i * 71) % 700);
        draw_fill(l, rect(x, y, 24, 10), 5, ink(PALETTE_TCP));
        draw_fill(l, rect(x, y, 12, 10), 5, ink(PALETTE_IP));
    }
    l->smooth = false;
}

// Frames a second over about half a second, the list built anew each time as a pane does.
static double measure(struct fonts *fonts, int sprites, float scale)
{
    struct canvas c;
    struct draw_list l;
    int frames = -1;  // the first fills the glyph cache
    double start = 0, now;
    if (!canvas_init(&c, (int)(1280 * scale), (int)(720 * scale))) return 0;
    draw_init(&l, fonts);
    do {
        draw_reset(&l);
        panels(&l);
        texts(&l);
        capsules(&l, sprites, (float)(frames % 100) * 0.37f);
        canvas_clear(&c, palette_rgb(THEME_DARK, PALETTE_BG));
        draw_render(&l, &c, THEME_DARK, scale);
        now = now_s();
        if (frames++ < 0) start = now;
    } while (now - start < 0.5);
    draw_free(&l);
    canvas_free(&c);
    return frames / (now - start);
}

static double ceiling(float scale)
{
    struct canvas c;
    int frames = 0;
    if (!canvas_init(&c, (int)(1280 * scale), (int)(720 * scale))) return 0;
    double start = now_s(), now;
    do {
        canvas_clear(&c, (uint32_t)frames++);
        now = now_s();
    } while (now - start < 0.2);
    canvas_free(&c);
    return frames / (now - start);
}

int main(void)
{
    char err[256];
    struct fonts *fonts = fonts_open(NULL, err, sizeof err);
    if (!fonts) {
        printf("not ok 1 - fonts: %s\n", err);
        return 1;
    }
    static const struct { int sprites; float scale; double least; } row[] = {
        {100, 1, 60}, {1000, 1, 60}, {10000, 1, 0}, {100, 1.5f, 60}, {1000, 1.5f, 0},
    };
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        double fps = measure(fonts, row[i].sprites, row[i].scale), top = ceiling(row[i].scale);
        bool good = fps >= row[i].least;
        all &= good;
        printf("%s %zu - %5d sprites at %.0fx%.0f: %.0f frames a second, 1/%.1f of a plain fill\n",
               good ? "ok" : "not ok", i + 1, row[i].sprites, 1280 * (double)row[i].scale,
               720 * (double)row[i].scale, fps, top / fps);
    }
    fonts_close(fonts);
    return all ? 0 : 1;
}
