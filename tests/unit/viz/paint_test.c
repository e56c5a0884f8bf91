// What panes share, as text: each shape has one look, and is as wide as it says.
#include "claims.h"
#include "viz/paint.h"

#include <check.h>

static struct draw_list l;
static char *text;

static void setup(void) { draw_init(&l, NULL); }

static void teardown(void)
{
    draw_free(&l);
    free(text);
    text = NULL;
}

static const char *printed(void)
{
    size_t len;
    free(text);
    FILE *f = open_memstream(&text, &len);
    draw_print(&l, f);
    fclose(f);
    return text;
}

START_TEST(a_pill_is_where_it_says)
{
    for (int look = PILL_SOLID; look <= PILL_QUIET; look++) {
        draw_reset(&l);
        struct rect r = paint_pill(&l, pt(200, 50), (struct pill){"ESTAB", (enum pill_look)look,
                                                                  PALETTE_LOSS, true});
        ck_assert_float_eq_tol(l.cmd[0].r.x, r.x, 0.01f);
        ck_assert_float_eq_tol(r.x + r.w, 200, 0.01f);
        ck_assert_float_eq_tol(r.y + r.h / 2, 50, 0.01f);
    }
    draw_reset(&l);
    paint_pill(&l, pt(0, 0), (struct pill){"STEP 8", PILL_SOLID, PALETTE_SEL, false});
    ck_assert_ptr_nonnull(strstr(printed(), "on-sel"));  // never the light text on yellow
}
END_TEST

START_TEST(looks_of_a_pill_differ)
{
    char *seen[PILL_QUIET + 1];
    for (int look = PILL_SOLID; look <= PILL_QUIET; look++) {
        draw_reset(&l);
        paint_pill(&l, pt(0, 0), (struct pill){"X", (enum pill_look)look, PALETTE_LOSS, false});
        seen[look] = strdup(printed());
        for (int k = 0; k < look; k++) ck_assert_str_ne(seen[k], seen[look]);
    }
    for (int look = PILL_SOLID; look <= PILL_QUIET; look++) free(seen[look]);
}
END_TEST

START_TEST(furniture_prints)
{
    paint_card(&l, rect(0, 0, 100, 46), PALETTE_TCP);
    paint_chosen(&l, rect(0, 0, 100, 46), 5);
    paint_cells(&l, pt(10, 50), 3, 1, PALETTE_SEL);
    paint_layer(&l, rect(0, 0, 16, 16), LAYER_ETH, "E");
    float w = paint_chip(&l, pt(0, 50), 1, "49152");
    ck_assert_float_eq_tol(w, paint_chip_width(&l, "49152"), 0.01f);
    ck_assert_float_eq_tol(w, 50, 0.01f);
    paint_chip(&l, pt(0, 50), 1, "");
    ck_assert_str_eq(printed(),
        "fill 0,0 100x46 r5 raised\n"
        "stroke 0,0 100x46 r5 w1 line\n"
        "fill 0,1 3x44 r1.5 tcp\n"
        "glow 0,0 100x46 r5 w7 sel/70\n"
        "stroke 0,0 100x46 r5 w1.5 sel\n"
        "fill 10,45.5 9x9 r2 sel\n"
        "fill 21,45.5 9x9 r2 line\n"
        "fill 32,45.5 9x9 r2 line\n"
        "fill 0,0 16x16 r3 eth\n"
        "text 8,8 \"E\" bold 10 centre on\n"
        "fill 0,43 50x14 r4 raised\n"
        "poly 7,46.5 10.5,50 7,53.5 3.5,50 hi\n"
        "text 15,50 \"49152\" mono 10 hi\n"
        "fill 0,43 14x14 r4 raised\n"
        "poly 7,46.5 10.5,50 7,53.5 3.5,50 hi\n");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("paint");
    TCase *t = tcase_create("paint");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_pill_is_where_it_says);
    tcase_add_test(t, looks_of_a_pill_differ);
    tcase_add_test(t, furniture_prints);
    suite_add_tcase(s, t);
    return run_claims(s);
}
