// One list, four readers: canvas, text, SVG, mouse. The geometry here is measured with the built-in
// font, so every machine has the same numbers.
#include "claims.h"
#include "viz/draw.h"

#include <check.h>
#include <math.h>

static struct draw_list l;
static struct canvas c;

static void setup(void) { draw_init(&l, NULL); }
static void teardown(void) { draw_free(&l); }

static const struct text_style plain = {.font = FONT_MONO, .size = 10, .ink = {PALETTE_HI, 255}};

static char *printed(void)
{
    char *out = NULL;
    size_t len;
    FILE *f = open_memstream(&out, &len);
    draw_print(&l, f);
    fclose(f);
    return out;
}

static char *as_svg(void)
{
    char *out = NULL;
    size_t len;
    FILE *f = open_memstream(&out, &len);
    ck_assert(draw_svg(&l, rect(0, 0, 100, 50), THEME_DARK, f));
    fclose(f);
    return out;
}

static void every_kind(void)
{
    struct text_style right = plain;
    right.align = TEXT_RIGHT;
    right.max = 40.5f;
    draw_fill(&l, rect(6, 50, 316, 396), 8, ink(PALETTE_PANEL));
    draw_stroke(&l, rect(6, 50, 316, 396), 8, 1.5f, ink(PALETTE_SEL));
    draw_glow(&l, rect(1, 2, 3, 4), 0, 6, ink_a(PALETTE_SEL, 110));
    draw_hatch(&l, rect(0, 0, 30, 9), (struct hatch){4, 1.5f}, ink(PALETTE_APP));
    draw_circle(&l, pt(5, 6), 2.25f, ink(PALETTE_IP));
    draw_ring(&l, pt(5, 6), 4, 1, ink(PALETTE_IP));
    draw_line(&l, pt(0, 1), pt(9, 1), 1, ink(PALETTE_LINE));
    l.smooth = true;
    draw_poly(&l, (struct pt[3]){{0, 0}, {-0.004f, 5}, {5, 1.0f / 3}}, 3, ink(PALETTE_LOSS));
    l.smooth = false;
    draw_dashed(&l, (struct pt[2]){{0, 0}, {9, 9}}, 2, (struct dash){4, 3, 0}, ink(PALETTE_TCP));
    draw_clip(&l, rect(0, 0, 50, 50));
    draw_text(&l, pt(50, 20), right, "say \"hi\"\\\n<&>\x7f");
    draw_unclip(&l);
    draw_hit(&l, rect(6, 50, 316, 396), 2, 17);
}

START_TEST(every_kind_prints)
{
    every_kind();
    char *got = printed();
    ck_assert_str_eq(got,
        "fill 6,50 316x396 r8 panel\n"
        "stroke 6,50 316x396 r8 w1.5 sel\n"
        "glow 1,2 3x4 w6 sel/110\n"
        "hatch 0,0 30x9 pitch 4 w1.5 app\n"
        "circle 5,6 r2.25 ip\n"
        "ring 5,6 r4 w1 ip\n"
        "line 0,1 9,1 w1 line\n"
        "poly 0,0 0,5 5,0.33 loss smooth\n"
        "path 0,0 9,9 w2 dash 4/3 tcp\n"
        "clip 0,0 50x50\n"
        "text 50,20 \"say \\\"hi\\\"\\\\\\x0a<&>\\x7f\" mono 10 right max 40.5 hi\n"
        "unclip\n"
        "hit 6,50 316x396 2:17\n");
    free(got);
}
END_TEST

START_TEST(svg_is_balanced_and_escaped)
{
    every_kind();
    char *svg = as_svg();
    int open = 0, depth = 0;
    for (const char *p = svg; *p; p++) {
        if (*p == '<') {
            ck_assert_int_eq(open++, 0);
            if (p[1] == '/') depth--;
            else if (p[1] != '?') depth++;
        } else if (*p == '>') {
            ck_assert_int_eq(open--, 1);
            if (p[-1] == '/') depth--;
        }
        ck_assert_int_ge(depth, 0);
    }
    ck_assert_int_eq(depth, 0);
    ck_assert_ptr_nonnull(strstr(svg, "<text"));
    ck_assert_ptr_null(strchr(svg, 0x7f));
    free(svg);
}
END_TEST

START_TEST(svg_has_nothing_that_xml_has_not)
{
    draw_text(&l, pt(1, 9), plain, "]]>\xef\xbf\xbf\xef\xbf\xbe\xc3(\x01\xf0\x9f\x98\x80");
    draw_fill(&l, rect(NAN, 0, 3, INFINITY), 0, ink(PALETTE_HI));
    draw_poly(&l, (struct pt[3]){{0, 0}, {NAN, 5}, {5, 1}}, 3, ink(PALETTE_LOSS));
    draw_clip(&l, rect(0, NAN, 3, 3));
    draw_unclip(&l);
    char *svg = as_svg();
    ck_assert_ptr_nonnull(strstr(svg, ">]]&gt;&#xfffd;&#xfffd;&#xfffd;( \xf0\x9f\x98\x80</text>"));
    ck_assert_ptr_null(strstr(svg, "nan"));
    ck_assert_ptr_null(strstr(svg, "inf"));
    free(svg);
}
END_TEST

START_TEST(a_hit_is_the_last_one_its_clips_let_through)
{
    draw_hit(&l, rect(0, 0, 100, 100), 1, 1);
    draw_clip(&l, rect(0, 0, 50, 50));
    draw_hit(&l, rect(0, 0, 100, 100), 1, 2);
    draw_clip(&l, rect(10, 10, 100, 100));
    draw_hit(&l, rect(0, 0, 30, 30), 1, 3);
    draw_unclip(&l);
    draw_unclip(&l);
    draw_hit(&l, rect(90, 0, 10, 10), 2, 4);
    draw_clip(&l, rect(0, 80, 100, 10));
    draw_clip(&l, rect(0, 0, 100, 100));
    draw_unclip(&l);
    draw_hit(&l, rect(0, 60, 50, 40), 2, 5);  // of which one strip is seen
    draw_unclip(&l);
    static const struct { float x, y; uint64_t id; } row[] = {
        {20, 20, 3}, {5, 20, 2}, {40, 40, 2}, {60, 20, 1}, {95, 5, 4}, {20, 85, 5}, {20, 70, 1},
        {99.5f, 99.5f, 1}, {100, 50, 0}, {-1, 3, 0}, {NAN, 3, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const struct draw_cmd *hit = draw_hit_at(&l, pt(row[i].x, row[i].y));
        ck_assert_uint_eq(hit ? hit->hit.id : 0, row[i].id);
    }
}
END_TEST

static void render(int w, int h, float scale)
{
    ck_assert(canvas_init(&c, w, h));
    canvas_clear(&c, palette_rgb(THEME_DARK, PALETTE_BG));
    draw_render(&l, &c, THEME_DARK, scale);
}

// A still hairline is one clean pixel at every scale: no third colour between line and ground.
START_TEST(still_edges_are_sharp_at_every_scale)
{
    static const float scale[] = {1, 1.1f, 1.2f, 1.25f, 1.5f, 1.75f, 2, 3};
    draw_fill(&l, rect(5, 3, 20.4f, 11), 0, ink(PALETTE_PANEL));
    draw_stroke(&l, rect(31, 3.3f, 13, 12), 0, 1, ink(PALETTE_HI));
    draw_line(&l, pt(3, 21.5f), pt(40, 21.5f), 1, ink(PALETTE_HI));
    draw_line(&l, pt(2.5f, 2), pt(2.5f, 20), 1, ink(PALETTE_HI));
    float s = scale[_i];
    render((int)(50 * s), (int)(25 * s), s);
    int between = 0;
    for (int i = 0; i < c.w * c.h; i++)
        between += c.px[i] != palette_rgb(THEME_DARK, PALETTE_BG)
                && c.px[i] != palette_rgb(THEME_DARK, PALETTE_PANEL)
                && c.px[i] != palette_rgb(THEME_DARK, PALETTE_HI);
    if (s == 1.5f) ck_assert_int_gt(between, 0);  // one pixel and a half is drawn as it is
    else ck_assert_int_eq(between, 0);
    canvas_free(&c);
}
END_TEST

START_TEST(what_moves_keeps_its_fractions)
{
    uint32_t edge[2];
    for (int smooth = 0; smooth < 2; smooth++) {
        draw_reset(&l);
        l.smooth = smooth;
        draw_fill(&l, rect(5.5f, 3, 8, 8), 0, ink(PALETTE_HI));
        render(20, 20, 1);
        edge[smooth] = c.px[6 * 20 + 5];
        canvas_free(&c);
    }
    ck_assert_uint_ne(edge[0], edge[1]);
}
END_TEST

START_TEST(text_is_placed_by_its_middle_and_its_align)
{
    static const struct { enum text_align align; double middle; } row[] = {
        {TEXT_LEFT, 50 + 12}, {TEXT_CENTRE, 50}, {TEXT_RIGHT, 50 - 12},
    };
    struct text_style st = plain;
    st.align = row[_i].align;
    draw_text(&l, pt(50, 20), st, "HIIH");  // 4 characters of 6 pixels
    render(100, 40, 1);
    double sum = 0, x = 0, y = 0;
    for (int i = 0; i < c.w * c.h; i++) {
        double v = (c.px[i] & 0xff) - (palette_rgb(THEME_DARK, PALETTE_BG) & 0xff);
        sum += v;
        x += v * (i % c.w + 0.5);
        y += v * (i / c.w + 0.5);
    }
    ck_assert_double_eq_tol(x / sum, row[_i].middle, 0.3);
    ck_assert_double_eq_tol(y / sum, 20, 0.6);
    canvas_free(&c);
}
END_TEST

START_TEST(long_text_ends_in_an_ellipsis_within_its_max)
{
    struct text_style st = plain;
    st.max = 40;
    ck_assert_float_eq_tol(draw_text_width(&l, st, "0123456789"), 40, 0.001f);
    draw_text(&l, pt(10, 20), st, "0123456789");
    char *svg = as_svg();
    ck_assert_ptr_nonnull(strstr(svg, ">01234\xe2\x80\xa6</text>"));
    free(svg);
    render(100, 40, 1);
    for (int i = 0; i < c.w * c.h; i++)
        if (i % c.w >= 51) ck_assert_uint_eq(c.px[i], palette_rgb(THEME_DARK, PALETTE_BG));
    canvas_free(&c);
}
END_TEST

START_TEST(a_full_list_says_so_and_keeps_its_clips_paired)
{
    for (int round = 0; round < DRAW_MAX / 100; round++) {
        draw_clip(&l, rect(0, 0, 50, 50));
        for (int i = 0; i < 120; i++) draw_fill(&l, rect(0, 0, 1, 1), 0, ink(PALETTE_HI));
        draw_clip(&l, rect(0, 0, 20, 50));
        draw_unclip(&l);
        draw_unclip(&l);
    }
    ck_assert(l.full);
    ck_assert_uint_le(l.n, DRAW_MAX);
    render(4, 4, 1);  // would stop at a pair that is broken
    canvas_free(&c);
    draw_reset(&l);
    while (!l.full) {  // a clip itself is the straw
        draw_clip(&l, rect(0, 0, 50, 50));
        draw_unclip(&l);
    }
    render(4, 4, 1);
    canvas_free(&c);
    draw_reset(&l);
    ck_assert(!l.full);
    draw_fill(&l, rect(0, 0, 1, 1), 0, ink(PALETTE_HI));
    ck_assert_uint_eq(l.n, 1);
}
END_TEST

START_TEST(a_full_string_space_drops_the_text_only)
{
    char *s = malloc(1 << 20);
    memset(s, 'x', (1 << 20) - 1);
    s[(1 << 20) - 1] = 0;
    for (int i = 0; i < 20; i++) draw_text(&l, pt(0, 0), plain, s);
    ck_assert(l.full);
    ck_assert_uint_lt(l.n, 17);
    free(s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("draw");
    TCase *t = tcase_create("draw");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_kind_prints);
    tcase_add_test(t, svg_is_balanced_and_escaped);
    tcase_add_test(t, svg_has_nothing_that_xml_has_not);
    tcase_add_test(t, a_hit_is_the_last_one_its_clips_let_through);
    tcase_add_loop_test(t, still_edges_are_sharp_at_every_scale, 0, 8);
    tcase_add_test(t, what_moves_keeps_its_fractions);
    tcase_add_loop_test(t, text_is_placed_by_its_middle_and_its_align, 0, 3);
    tcase_add_test(t, long_text_ends_in_an_ellipsis_within_its_max);
    tcase_add_test(t, a_full_list_says_so_and_keeps_its_clips_paired);
    tcase_add_test(t, a_full_string_space_drops_the_text_only);
    suite_add_tcase(s, t);
    return run_claims(s);
}
