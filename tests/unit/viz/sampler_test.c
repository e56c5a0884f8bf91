// One picture of every shape and widget, in both themes, against the picture that was looked at and
// found good. It uses the built-in font, so it is the same on every machine; compilers may differ
// in the last bit of a distance, hence a small slack.
//
// After a change that is meant, look at the new picture and keep it: NETGLASS_KEEP=1 build/...test
#include "claims.h"
#include "viz/paint.h"
#include "viz/png.h"
#include "viz/widget.h"

#include <check.h>
#include <stdio.h>

enum { W = 320, H = 200 };

static void labels(struct draw_list *l)
{
    static const struct pill pills[] = {{"STEP 8", PILL_SOLID, PALETTE_SEL, false},
                                        {"LOST", PILL_SOLID, PALETTE_LOSS, false},
                                        {"RTX of #7", PILL_TINT, PALETTE_LOSS, false},
                                        {"ESTAB", PILL_STRONG, PALETTE_ACK, false},
                                        {"SYN", PILL_QUIET, PALETTE_ACK, false}};
    float x = 6;
    for (size_t i = 0; i < ARRAY_LEN(pills); i++)
        x += 6 + paint_pill(l, pt(x, 48), pills[i]).w;
    for (unsigned n = 0; n < MARKS; n++)
        mark_draw(l, n, pt(12 + 14 * (float)n, 66), 9, ink(PALETTE_HI));
    paint_chip(l, pt(130, 66), 1, "49153");
    paint_layer(l, rect(186, 58, 16, 16), LAYER_ETH, "E");
    paint_layer(l, rect(204, 58, 16, 16), LAYER_IP, "I");
    paint_layer(l, rect(222, 58, 16, 16), LAYER_TRANSPORT, "T");
    paint_cells(l, pt(250, 66), 6, 4, PALETTE_SEL);
}

static void shapes(struct draw_list *l)
{
    struct pt zig[9], ab[2] = {{170, 132}, {312, 138}};
    for (int i = 0; i < 9; i++) zig[i] = pt(170 + 18 * (float)i, i % 2 ? 118 : 122);
    draw_arrow(l, pt(170, 84), pt(312, 92), 1.5f, ink(PALETTE_TCP));
    draw_arrow(l, pt(312, 100), pt(170, 108), 1.2f, ink(PALETTE_ACK));
    draw_path(l, &(struct path){.p = zig, .n = 9, .width = 1}, ink(PALETTE_MID));
    draw_dashed(l, ab, 1.5f, (struct dash){5, 4, 0}, ink(PALETTE_LOSS));
    draw_arc(l, (struct arc){pt(180, 156), 8, 0, 0.66f, 2.5f}, ink(PALETTE_TCP));
    draw_ring(l, pt(204, 156), 7, 1.5f, ink(PALETTE_SEL));
    draw_circle(l, pt(226, 156), 7, ink(PALETTE_APP));
    l->smooth = true;
    draw_fill(l, rect(240.4f, 150.3f, 40.5f, 11.2f), 5, ink(PALETTE_IP));
    l->smooth = false;
    struct text_style st = {FONT_UI, 11, ink(PALETTE_HI), TEXT_LEFT, 130};
    draw_text(l, pt(170, 182), st, "The quick brown fox jumps over 0123456789");
}

static void controls(struct draw_list *l)
{
    struct field f;
    for (int i = 0; i < 8; i++) {
        unsigned state = i == 1 ? WIDGET_HOVER : i == 2 ? WIDGET_FOCUS : i == 3 ? WIDGET_OFF : 0;
        struct widget w = {rect(6 + 39 * (float)i, 6, 34, 26), 1, (uint64_t)i, state};
        widget_button(l, w, i < 5 ? (enum icon)i : (enum icon)(i + 1));
    }
    field_set(&f, "tcp.port == 80");
    widget_field(l, (struct widget){rect(6, 82, 150, 26), 1, 1, WIDGET_FOCUS}, &f, "");
    widget_slider(l, (struct widget){rect(6, 114, 150, 16), 1, 1, WIDGET_HOVER}, 0.6f);
    paint_card(l, rect(10, 138, 142, 24), PALETTE_APP);
    paint_chosen(l, rect(10, 138, 142, 24), 5);
    draw_hatch(l, rect(24, 146, 100, 9), (struct hatch){5, 1.8f}, ink(PALETTE_APP));
    widget_row(l, (struct widget){rect(10, 170, 142, 22), 1, 1, WIDGET_ON});
}

static void sample(struct canvas *c, enum theme theme, float scale)
{
    struct draw_list l;
    draw_init(&l, NULL);
    draw_fill(&l, rect(0, 0, W, H), 0, ink(PALETTE_PANEL));
    controls(&l);
    labels(&l);
    shapes(&l);
    ck_assert(canvas_init(c, (int)(W * scale), (int)(H * scale)));
    draw_render(&l, c, theme, scale);
    draw_free(&l);
}

static int worst_channel(uint32_t a, uint32_t b)
{
    int worst = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        int d = abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff));
        if (d > worst) worst = d;
    }
    return worst;
}

static const struct { const char *golden; enum theme theme; float scale; } row[] = {
    {"tests/golden/sampler-dark.png", THEME_DARK, 1.5f},
    {"tests/golden/sampler-light.png", THEME_LIGHT, 1},
};

START_TEST(the_picture_is_the_one_that_was_looked_at)
{
    char err[400];
    struct canvas got, want;
    sample(&got, row[_i].theme, row[_i].scale);
    if (getenv("NETGLASS_KEEP"))
        ck_assert_msg(png_write(&got, row[_i].golden, err, sizeof err), "%s", err);
    ck_assert_msg(png_read(&want, row[_i].golden, err, sizeof err), "%s", err);
    ck_assert_int_eq(got.w, want.w);
    ck_assert_int_eq(got.h, want.h);
    int off = 0, first = 0;
    for (int i = got.w * got.h; i-- > 0;) {
        if (worst_channel(got.px[i], want.px[i]) <= 6) continue;
        off++;
        first = i;
    }
    ck_assert_msg(off == 0, "%d pixels differ, the first at %d,%d", off, first % got.w,
                  first / got.w);
    canvas_free(&got);
    canvas_free(&want);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sampler");
    TCase *t = tcase_create("sampler");
    tcase_add_loop_test(t, the_picture_is_the_one_that_was_looked_at, 0, ARRAY_LEN(row));
    suite_add_tcase(s, t);
    return run_claims(s);
}
