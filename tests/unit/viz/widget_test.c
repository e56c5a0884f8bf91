// Widgets as text: what each draws, and where the mouse finds it.
#include "claims.h"
#include "viz/widget.h"

#include <check.h>
#include <math.h>

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

static uint64_t hit(float x, float y)
{
    const struct draw_cmd *cmd = draw_hit_at(&l, pt(x, y));
    return cmd ? cmd->hit.id : 0;
}

static struct widget wide(unsigned state)
{
    return (struct widget){rect(10, 10, 140, 26), 3, 9, state};
}

START_TEST(a_button_is_ground_border_hit_and_icon)
{
    widget_button(&l, (struct widget){rect(10, 10, 32, 26), 3, 9, 0}, ICON_PLAY);
    ck_assert_str_eq(printed(),
        "fill 10,10 32x26 r6 raised\n"
        "stroke 10,10 32x26 r6 w1 line\n"
        "hit 10,10 32x26 3:9\n"
        "poly 22,17 22,29 32,23 hi\n");
}
END_TEST

START_TEST(states_of_a_button_show)
{
    char *last = NULL;
    for (unsigned state = 0; state <= WIDGET_OFF; state = state ? state * 2 : 1) {
        if (state == WIDGET_ON) continue;  // looks as under the mouse
        draw_reset(&l);
        widget_button(&l, wide(state), ICON_STOP);
        ck_assert(!last || strcmp(printed(), last) != 0);
        ck_assert_uint_eq(hit(20, 20), state == WIDGET_OFF ? 0 : 9);
        free(last);
        last = strdup(printed());
    }
    free(last);
}
END_TEST

START_TEST(icons_stay_in_their_box_and_differ)
{
    char *seen[ICONS] = {0};
    struct canvas c;
    ck_assert(canvas_init(&c, 60, 60));
    for (int icon = 0; icon < ICONS; icon++) {
        struct icon_style st = {28, ink(PALETTE_HI), ink(PALETTE_BG)};
        draw_reset(&l);
        icon_draw(&l, (enum icon)icon, pt(30, 30), st);
        seen[icon] = strdup(printed());
        for (int k = 0; k < icon; k++) {
            if (icon == ICON_RECORD || k == ICON_RECORD) continue;
            ck_assert_str_ne(seen[k], seen[icon]);
        }
        canvas_clear(&c, palette_rgb(THEME_DARK, PALETTE_BG));
        draw_render(&l, &c, THEME_DARK, 1);
        int lit = 0, out = 0;
        for (int i = 0; i < 3600; i++) {
            if (c.px[i] == palette_rgb(THEME_DARK, PALETTE_BG)) continue;
            lit++;
            out += abs(i % 60 - 30) > 15 || abs(i / 60 - 30) > 15;
        }
        ck_assert_int_gt(lit, 30);
        ck_assert_int_eq(out, 0);
    }
    for (int icon = 0; icon < ICONS; icon++) free(seen[icon]);
    canvas_free(&c);
}
END_TEST

START_TEST(marks_differ)
{
    char *seen[MARKS];
    for (unsigned n = 0; n < MARKS; n++) {
        draw_reset(&l);
        mark_draw(&l, n, pt(30, 30), 8, ink(PALETTE_HI));
        seen[n] = strdup(printed());
        for (unsigned k = 0; k < n; k++) ck_assert_str_ne(seen[k], seen[n]);
    }
    for (unsigned n = 0; n < MARKS; n++) free(seen[n]);
}
END_TEST

START_TEST(a_slider_goes_where_the_mouse_is)
{
    struct rect r = {10, 10, 120, 16};
    for (float x = 16; x <= 124; x += 4) {
        draw_reset(&l);
        float v = widget_slider_value(r, x);
        widget_slider(&l, (struct widget){r, 1, 5, 0}, v);
        for (size_t i = 0; i < l.n; i++)
            if (l.cmd[i].kind == DRAW_CIRCLE) ck_assert_float_eq_tol(l.cmd[i].r.x, x, 0.01f);
    }
    ck_assert_float_eq(widget_slider_value(r, -1000), 0);
    ck_assert_float_eq(widget_slider_value(r, 1000), 1);
    ck_assert_float_eq(widget_slider_value(r, NAN), 0);
    ck_assert_uint_eq(hit(20, 12), 5);
}
END_TEST

START_TEST(a_field_keeps_its_caret_in_sight)
{
    struct field f;
    field_set(&f, "tcp.port == 80 and ip.src == 10.0.0.1");
    static const size_t caret[] = {0, 5, 20, 37};
    for (size_t i = 0; i < ARRAY_LEN(caret); i++) {
        f.caret = caret[i];
        draw_reset(&l);
        widget_field(&l, wide(WIDGET_FOCUS), &f, "filter");
        const struct draw_cmd *bar = NULL;
        for (size_t k = 0; k < l.n; k++)
            if (l.cmd[k].kind == DRAW_FILL && l.cmd[k].r.w == 1) bar = &l.cmd[k];
        ck_assert_ptr_nonnull(bar);
        ck_assert_float_ge(bar->r.x, 36);
        ck_assert_float_le(bar->r.x, 142);
    }
    draw_reset(&l);
    field_set(&f, "");
    widget_field(&l, wide(0), &f, "filter");
    ck_assert_ptr_nonnull(strstr(printed(), "\"filter\" mono 10 low"));
    ck_assert_uint_eq(hit(20, 20), 9);
}
END_TEST

START_TEST(tabs_are_hit_by_number_and_cut_at_the_edge)
{
    static const char *const name[] = {"seq", "cwnd", "RTT", "throughput", "state"};
    struct tabs t = {rect(0, 0, 200, 20), 7, name, 5, 1, -1};
    widget_tabs(&l, t);  // 6 a character, 14 around it, 2 between: 0-32, 34-72, 74-106, 108-182
    static const struct { float x; int want; } row[] = {
        {1, 0}, {33, -1}, {40, 1}, {75, 2}, {181, 3}, {185, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const struct draw_cmd *cmd = draw_hit_at(&l, pt(row[i].x, 10));
        ck_assert_int_eq(cmd ? (int)cmd->hit.id : -1, row[i].want);
    }
    ck_assert_ptr_nonnull(strstr(printed(), "\"cwnd\" semi 10 hi"));
    ck_assert_ptr_null(strstr(printed(), "state"));
}
END_TEST

START_TEST(a_tooltip_stays_in_bounds_and_breaks_at_blanks)
{
    const char *s = "SYN_RCVD: the server answered the SYN and waits for the ACK that completes "
                    "the handshake\nClick to select";
    struct rect bounds = {0, 0, 400, 300};
    for (float x = 0; x <= 400; x += 50) {
        for (float y = 0; y <= 300; y += 50) {
            draw_reset(&l);
            widget_tooltip(&l, bounds, pt(x, y), s);
            int lines = 0;
            for (size_t i = 0; i < l.n; i++) {
                lines += l.cmd[i].kind == DRAW_TEXT;
                if (l.cmd[i].kind != DRAW_FILL) continue;
                ck_assert(l.cmd[i].r.x >= 0 && l.cmd[i].r.x + l.cmd[i].r.w <= 400);
                ck_assert(l.cmd[i].r.y >= 0 && l.cmd[i].r.y + l.cmd[i].r.h <= 300);
            }
            ck_assert_int_eq(lines, 4);  // 45 characters a line
        }
    }
    ck_assert_ptr_nonnull(strstr(printed(), "\"SYN_RCVD: the server answered the SYN and\""));
    draw_reset(&l);
    widget_tooltip(&l, bounds, pt(0, 0), "");
    ck_assert_uint_eq(l.n, 0);
    char longest[4096];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    widget_tooltip(&l, bounds, pt(0, 0), longest);
    ck_assert_uint_gt(l.n, 0);
}
END_TEST

START_TEST(scrolling_has_two_ends)
{
    ck_assert_float_eq(widget_scroll(100, 300, -5), 0);
    ck_assert_float_eq(widget_scroll(100, 300, 150), 150);
    ck_assert_float_eq(widget_scroll(100, 300, 999), 200);
    ck_assert_float_eq(widget_scroll(100, 50, 20), 0);
    widget_scrollbar(&l, rect(0, 0, 50, 100), 90, 0);
    ck_assert_uint_eq(l.n, 0);  // nothing to scroll
    for (float at = 0; at <= 900; at += 100) {
        draw_reset(&l);
        widget_scrollbar(&l, rect(0, 0, 50, 100), 1000, at);
        ck_assert_float_ge(l.cmd[0].r.y, 0);
        ck_assert_float_le(l.cmd[0].r.y + l.cmd[0].r.h, 100.01f);
    }
    ck_assert_float_eq_tol(l.cmd[0].r.y + l.cmd[0].r.h, 100, 0.01f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("widget");
    TCase *t = tcase_create("widget");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_button_is_ground_border_hit_and_icon);
    tcase_add_test(t, states_of_a_button_show);
    tcase_add_test(t, icons_stay_in_their_box_and_differ);
    tcase_add_test(t, marks_differ);
    tcase_add_test(t, a_slider_goes_where_the_mouse_is);
    tcase_add_test(t, a_field_keeps_its_caret_in_sight);
    tcase_add_test(t, tabs_are_hit_by_number_and_cut_at_the_edge);
    tcase_add_test(t, a_tooltip_stays_in_bounds_and_breaks_at_blanks);
    tcase_add_test(t, scrolling_has_two_ends);
    suite_add_tcase(s, t);
    return run_claims(s);
}
