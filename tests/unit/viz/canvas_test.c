// A shape's ink is its area: coverage is checked by sums, by symmetry and by a dull model that asks
// 16 x 16 points in each pixel.
#include "claims.h"
#include "viz/canvas.h"

#include <check.h>
#include <math.h>

enum { W = 96, H = 64, BLACK = 0, WHITE = 0xffffffff };

static struct canvas c;

static void fresh(void)
{
    ck_assert(canvas_init(&c, W, H));
    canvas_clear(&c, BLACK);
}

static double ink_sum(void)
{
    double sum = 0;
    for (int i = 0; i < W * H; i++) sum += (c.px[i] & 0xff) / 255.0;
    return sum;
}

static uint32_t px(int x, int y) { return c.px[y * W + x] & 0xffffff; }

static bool all_is(uint32_t rgb, struct box b)
{
    for (int y = b.y0; y < b.y1; y++)
        for (int x = b.x0; x < b.x1; x++)
            if (px(x, y) != rgb) return false;
    return true;
}

static void ink_is(const char *what, double want, double slack)
{
    double got = ink_sum();
    ck_assert_msg(fabs(got - want) <= slack, "%s: %.3f, not %.3f", what, got, want);
    canvas_clear(&c, BLACK);
}

START_TEST(ink_is_area)
{
    fresh();
    canvas_fill(&c, rect(10, 10, 20, 12), 0, WHITE);
    ink_is("whole pixels", 240, 0.001);
    canvas_fill(&c, rect(10.25f, 10.75f, 20.5f, 12.5f), 0, WHITE);
    ink_is("fractions", 20.5 * 12.5, 0.5);
    canvas_fill(&c, rect(10.3f, 10.4f, 0.2f, 10), 0, WHITE);
    ink_is("thinner than a pixel", 2, 0.1);
    canvas_circle(&c, pt(40.3f, 30.1f), 17.2f, WHITE);
    ink_is("disc", M_PI * 17.2 * 17.2, 2);
    canvas_ring(&c, pt(40, 30), 15, 2, WHITE);
    ink_is("ring", 2 * M_PI * 15 * 2, 1);
    canvas_stroke(&c, rect(5, 5, 60, 40), 0, 1.5f, WHITE);
    ink_is("stroke", 60 * 40 - 57 * 37, 1);
    canvas_line(&c, pt(10, 10), pt(70, 40), 2, WHITE);
    ink_is("line", 2 * hypot(60, 30), 1.5);
    canvas_line(&c, pt(10, 10), pt(70, 40), 0.5f, WHITE);
    ink_is("hairline", 0.5 * hypot(60, 30), 1);
    canvas_poly(&c, (struct pt[3]){{10, 10}, {60, 15}, {30, 55}}, 3, WHITE);
    ink_is("triangle", fabs(50.0 * 45 - 20.0 * 5) / 2, 4);
    canvas_poly(&c, (struct pt[3]){{30, 55}, {60, 15}, {10, 10}}, 3, WHITE);
    ink_is("triangle the other way round", fabs(50.0 * 45 - 20.0 * 5) / 2, 4);
    canvas_free(&c);
}
END_TEST

static bool in_rounded(double x, double y, double w, double h, double r)
{
    double dx = fmax(fmax(r - x, x - (w - r)), 0), dy = fmax(fmax(r - y, y - (h - r)), 0);
    return x >= 0 && y >= 0 && x <= w && y <= h && dx * dx + dy * dy <= r * r;
}

// Share of the pixel that a rounded rectangle's stroke of width t covers, by counting points.
static double counted(struct rect r, double radius, double t, int x, int y)
{
    int hits = 0;
    for (int i = 0; i < 256; i++) {
        double sx = x + (i % 16 + 0.5) / 16 - (double)r.x;
        double sy = y + (i / 16 + 0.5) / 16 - (double)r.y;
        bool out = in_rounded(sx, sy, (double)r.w, (double)r.h, radius);
        bool in = t > 0 && in_rounded(sx - t, sy - t, (double)r.w - 2 * t, (double)r.h - 2 * t,
                                      fmax(radius - t, 0));
        hits += out && !in;
    }
    return hits / 256.0;
}

START_TEST(rounded_shapes_agree_with_counted_points)
{
    static const struct { struct rect r; float radius, width; } shape[] = {
        {{6, 5, 60, 40}, 8, 0}, {{6.3f, 5.7f, 60.2f, 41.1f}, 6.5f, 0}, {{20, 20, 9, 9}, 4.5f, 0},
        {{6, 5, 60, 40}, 8, 1}, {{6.5f, 5.5f, 60, 40}, 8, 1.5f}, {{3, 3, 80, 50}, 25, 3},
    };
    fresh();
    for (size_t k = 0; k < ARRAY_LEN(shape); k++) {
        canvas_clear(&c, BLACK);
        if (shape[k].width > 0)
            canvas_stroke(&c, shape[k].r, shape[k].radius, shape[k].width, WHITE);
        else
            canvas_fill(&c, shape[k].r, shape[k].radius, WHITE);
        double worst = 0;
        for (int i = 0; i < W * H; i++) {
            double want = counted(shape[k].r, (double)shape[k].radius, (double)shape[k].width,
                                  i % W, i / W);
            worst = fmax(worst, fabs((c.px[i] & 0xff) / 255.0 - want));
        }
        ck_assert_msg(worst < 0.13, "shape %zu is off by %.3f of a pixel", k, worst);
    }
    canvas_free(&c);
}
END_TEST

START_TEST(a_big_stroke_leaves_its_interior_alone)
{
    fresh();
    canvas_clear(&c, 0x123456);
    canvas_stroke(&c, rect(4, 4, 80, 50), 8, 1, WHITE);
    ck_assert(all_is(0x123456, (struct box){12, 5, 76, 53}));
    ck_assert(all_is(0xffffff, (struct box){12, 4, 76, 5}));
    ck_assert(all_is(0xffffff, (struct box){83, 12, 84, 46}));
    canvas_free(&c);
}
END_TEST

START_TEST(blending_is_exact_at_the_ends_and_near_between)
{
    fresh();
    for (uint32_t alpha = 0; alpha < 256; alpha++) {
        canvas_clear(&c, 0x204060);
        canvas_fill(&c, rect(0, 0, 8, 8), 0, alpha << 24 | 0xe0c010);
        static const int from[3] = {0x20, 0x40, 0x60}, to[3] = {0xe0, 0xc0, 0x10};
        for (int i = 0; i < 3; i++) {
            double want = from[i] + (to[i] - from[i]) * (alpha / 255.0);
            double got = px(3, 3) >> (16 - 8 * i) & 0xff;
            if (fabs(got - want) > 1) ck_abort_msg("alpha %u: %g, not %g", alpha, got, want);
        }
        if (alpha == 0) ck_assert_uint_eq(px(3, 3), 0x204060);
        if (alpha == 255) ck_assert_uint_eq(px(3, 3), 0xe0c010);
        ck_assert_uint_eq(c.px[0] >> 24, 255);
    }
    canvas_free(&c);
}
END_TEST

static void draw_everything(float k)
{
    struct pt zig[5] = {{-50, 10 * k}, {20, 50 * k}, {40, -10}, {90 * k, 80}, {200, 20}};
    canvas_fill(&c, rect(-20, -20, 200 * k, 200), 30, WHITE);
    canvas_stroke(&c, rect(-5 * k, 3, 100, 60), 9, 4, WHITE);
    canvas_glow(&c, rect(20, 20, 30 * k, 20), 6, 30, WHITE);
    canvas_hatch(&c, rect(-10, -10, 150, 90 * k), (struct hatch){6, 3}, WHITE);
    canvas_circle(&c, pt(48 * k, 32), 40, WHITE);
    canvas_ring(&c, pt(48, 32 * k), 45, 9, WHITE);
    canvas_line(&c, pt(-500 * k, -300), pt(900, 800), 13, WHITE);
    canvas_poly(&c, zig, 3, WHITE);
    canvas_path(&c, &(struct path){.p = zig, .n = 5, .width = 9 * k}, WHITE);
    canvas_path(&c, &(struct path){.p = zig, .n = 5, .width = 7, .dash = {9, 5, k}}, WHITE);
}

START_TEST(nothing_is_touched_outside_the_clip)
{
    fresh();
    canvas_clip_push(&c, rect(20, 10, 50, 40));
    canvas_clip_push(&c, rect(30, 0, 100, 30));  // cut by the outer one to 30,10 40x20
    for (int i = 1; i < 20; i++) draw_everything((float)i / 10);
    ck_assert(!all_is(BLACK, (struct box){30, 10, 70, 30}));
    canvas_clip_pop(&c);
    canvas_clip_pop(&c);
    ck_assert(all_is(BLACK, (struct box){0, 0, W, 10}));
    ck_assert(all_is(BLACK, (struct box){0, 30, W, H}));
    ck_assert(all_is(BLACK, (struct box){0, 0, 30, H}));
    ck_assert(all_is(BLACK, (struct box){70, 0, W, H}));
    canvas_free(&c);
}
END_TEST

START_TEST(absurd_coordinates_are_harmless)
{
    static const float odd[] = {0, -0.0f, 1e-30f, 1e9f, -1e9f, 3e38f, -3e38f, INFINITY, -INFINITY,
                                NAN, 31.5f, 2147483648.0f};
    fresh();
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
            float a = odd[i], b = odd[k];
            struct pt p[3] = {{a, b}, {b, a}, {10, 20}};
            canvas_fill(&c, rect(a, b, b, 20), a, 0x80ffffff);
            canvas_stroke(&c, rect(b, a, 20, b), b, a, 0x80ffffff);
            canvas_glow(&c, rect(a, 5, b, 9), 3, b, 0x80ffffff);
            canvas_hatch(&c, rect(a, b, 20, 20), (struct hatch){b, a}, 0x80ffffff);
            canvas_circle(&c, pt(a, b), b, 0x80ffffff);
            canvas_line(&c, pt(a, b), pt(b, 7), 3, 0x80ffffff);
            canvas_line(&c, pt(3, 4), pt(50, 7), b, 0x80ffffff);
            canvas_poly(&c, p, 3, 0x80ffffff);
            canvas_path(&c, &(struct path){.p = p, .n = 3, .width = 2, .dash = {4, 4, a}}, WHITE);
            canvas_path(&c, &(struct path){.p = p, .n = 3, .width = b, .dash = {a, b, 0}}, WHITE);
            canvas_clip_push(&c, rect(a, b, b, a));
            canvas_fill(&c, rect(0, 0, 96, 64), 0, WHITE);
            canvas_clip_pop(&c);
        }
    }
    canvas_free(&c);
}
END_TEST

START_TEST(a_far_line_is_the_near_line)  // the cut to the clip must not bend it
{
    fresh();
    canvas_line(&c, pt(-9.6e6f, -6.4e6f), pt(9.6e6f, 6.4e6f), 1.5f, WHITE);
    uint32_t far[W * H];
    memcpy(far, c.px, sizeof far);
    canvas_clear(&c, BLACK);
    canvas_line(&c, pt(-96, -64), pt(192, 128), 1.5f, WHITE);
    for (int i = 0; i < W * H; i++)
        ck_assert_int_le(abs((int)(far[i] & 0xff) - (int)(c.px[i] & 0xff)), 2);
    canvas_free(&c);
}
END_TEST

START_TEST(dashes_cover_their_share)
{
    struct pt p[2] = {{0, 30}, {W, 30}};
    fresh();
    canvas_path(&c, &(struct path){.p = p, .n = 2, .width = 2, .dash = {6, 2, 0}}, WHITE);
    ck_assert_double_eq_tol(ink_sum(), W * 2 * 0.75, W * 2 * 0.08);
    uint32_t at_start = px(3, 30);
    canvas_clear(&c, BLACK);
    canvas_path(&c, &(struct path){.p = p, .n = 2, .width = 2, .dash = {6, 2, 4}}, WHITE);
    ck_assert_uint_gt(at_start, px(3, 30));  // the phase moved the gap here
    canvas_free(&c);
}
END_TEST

START_TEST(a_path_does_not_blend_with_itself)
{
    struct pt p[3] = {{10, 30}, {80, 30}, {10, 30}};
    fresh();
    canvas_path(&c, &(struct path){.p = p, .n = 3, .width = 5}, 0x80ffffff);
    ck_assert_uint_eq(px(40, 30), 0x808080);
    canvas_free(&c);
}
END_TEST

START_TEST(sizes_have_limits)
{
    ck_assert(!canvas_init(&c, 0, 10));
    ck_assert(!canvas_init(&c, 10, CANVAS_MAX + 1));
    ck_assert(canvas_init(&c, 1, 1));
    ck_assert(canvas_resize(&c, 300, 2));
    draw_everything(1);
    canvas_free(&c);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("canvas");
    TCase *t = tcase_create("canvas");
    tcase_add_test(t, ink_is_area);
    tcase_add_test(t, rounded_shapes_agree_with_counted_points);
    tcase_add_test(t, a_big_stroke_leaves_its_interior_alone);
    tcase_add_test(t, blending_is_exact_at_the_ends_and_near_between);
    tcase_add_test(t, nothing_is_touched_outside_the_clip);
    tcase_add_test(t, absurd_coordinates_are_harmless);
    tcase_add_test(t, a_far_line_is_the_near_line);
    tcase_add_test(t, dashes_cover_their_share);
    tcase_add_test(t, a_path_does_not_blend_with_itself);
    tcase_add_test(t, sizes_have_limits);
    suite_add_tcase(s, t);
    return run_claims(s);
}
