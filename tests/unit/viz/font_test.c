// Text: where it lands, how wide it is, and that no string, file or folder can upset it. The tests
// hold with whatever fonts the machine has, and with none.
#include "claims.h"
#include "unit/thorough.h"
#include "viz/font.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { W = 160, H = 48 };

static struct canvas c;
static struct fonts *system_fonts;

static void setup(void)
{
    char err[256];
    system_fonts = fonts_open(NULL, err, sizeof err);
    ck_assert_msg(system_fonts != NULL, "%s", err);
    ck_assert(canvas_init(&c, W, H));
}

static void teardown(void)
{
    fonts_close(system_fonts);
    canvas_free(&c);
}

// _i = 0: the machine's fonts; 1: the built-in one.
static struct fonts *fonts_by(int i) { return i ? NULL : system_fonts; }

static float put(struct fonts *f, struct type t, struct pt at, const char *s)
{
    canvas_clear(&c, 0);
    return font_draw(f, &c, t, at, (struct text_run){s, strlen(s), 0xffffffff});
}

struct ink { double sum, x; struct box b; };

static struct ink measure(void)
{
    struct ink ink = {.b = {W, H, 0, 0}};
    for (int i = 0; i < W * H; i++) {
        int v = (int)(c.px[i] & 0xff), x = i % W, y = i / W;
        if (!v) continue;
        ink.sum += v;
        ink.x += v * (x + 0.5);
        if (x < ink.b.x0) ink.b.x0 = x;
        if (x >= ink.b.x1) ink.b.x1 = x + 1;
        if (y < ink.b.y0) ink.b.y0 = y;
        if (y >= ink.b.y1) ink.b.y1 = y + 1;
    }
    ink.x /= ink.sum;
    return ink;
}

START_TEST(utf8_is_read_strictly)
{
    static const struct { const char *s; uint32_t ch; size_t used; } row[] = {
        {"A", 'A', 1}, {"\xc2\xb5", 0xb5, 2}, {"\xe2\x86\x92", 0x2192, 3},
        {"\xf0\x9f\x98\x80", 0x1f600, 4},
        {"\xc0\x80", 0xfffd, 1}, {"\xc1\xbf", 0xfffd, 1}, {"\xe0\x80\x80", 0xfffd, 1},
        {"\xed\xa0\x80", 0xfffd, 1}, {"\xf4\x90\x80\x80", 0xfffd, 1}, {"\xf8", 0xfffd, 1},
        {"\x80", 0xfffd, 1}, {"\xe2\x86", 0xfffd, 1}, {"\xe2\x28\xa1", 0xfffd, 1},
        {"\xff", 0xfffd, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        size_t used;
        uint32_t ch = utf8_next(row[i].s, strlen(row[i].s), &used);
        ck_assert_msg(ch == row[i].ch && used == row[i].used, "row %zu: U+%04X, %zu", i, ch, used);
    }
}
END_TEST

START_TEST(a_letter_stands_on_the_baseline_after_its_pen)
{
    for (int size = 10; size <= 30; size += 5) {
        for (int role = 0; role < FONT_ROLES; role++) {
            struct type t = {(enum font_role)role, (float)size};
            put(fonts_by(_i), t, pt(40, 36.3f), "H");
            struct ink ink = measure();
            ck_assert_int_ge(ink.b.y1, 36);
            ck_assert_int_le(ink.b.y1, 36 + 2 * _i);  // strokes end round, below the line
            ck_assert_double_eq_tol(ink.b.y1 - ink.b.y0, 0.73 * size, _i ? 2 + 0.15 * size : 2);
            double middle = 40 + (double)font_width(fonts_by(_i), t, "H") / 2;
            ck_assert_double_eq_tol(ink.x, middle, 0.04 * size + 0.3);
        }
    }
}
END_TEST

START_TEST(a_quarter_pixel_is_seen)
{
    struct type t = {FONT_UI, 12};
    put(fonts_by(_i), t, pt(40, 30), "lm|");
    struct ink was = measure();
    for (int k = 1; k < 8; k++) {
        put(fonts_by(_i), t, pt(40 + (float)k / 4, 30), "lm|");
        struct ink is = measure();
        ck_assert_double_eq_tol(is.x - was.x, k / 4.0, 0.08);
        ck_assert_double_eq_tol(is.sum / was.sum, 1, 0.02);  // moved, not made bolder
    }
}
END_TEST

START_TEST(width_grows_exactly_with_size)
{
    const char *s = "seq=1 len=512, r\xc3\xa9sum\xc3\xa9";
    for (int role = 0; role < FONT_ROLES; role++) {
        struct type one = {(enum font_role)role, 10}, two = {(enum font_role)role, 15};
        float w = font_width(fonts_by(_i), one, s);
        ck_assert_float_eq_tol(font_width(fonts_by(_i), two, s), w * 1.5f, 0.001f);
        ck_assert_float_gt(w, 60);
        float pen = put(fonts_by(_i), one, pt(3.3f, 20), s);
        ck_assert_float_eq_tol(pen - 3.3f, w, 0.01f);
    }
}
END_TEST

START_TEST(figures_of_mono_are_one_width)
{
    struct type t = {FONT_MONO, 12};
    float w = font_width(fonts_by(_i), t, "0");
    for (const char *p = "123456789abcdef:.xMW"; *p; p++)
        ck_assert_float_eq_tol(font_width_n(fonts_by(_i), t, p, 1), w, 0.001f);
}
END_TEST

START_TEST(text_stays_in_its_clip)
{
    canvas_clip_push(&c, rect(30, 12, 40, 12));
    for (int size = 6; size < 60; size += 3)
        for (float x = -20; x < 90; x += 7.3f) {
            put(fonts_by(_i), (struct type){FONT_BOLD, (float)size}, pt(x, 20), "Wj\xc3\x85@g");
            struct ink ink = measure();
            ck_assert(ink.sum == 0 || (ink.b.x0 >= 30 && ink.b.x1 <= 70));
            ck_assert(ink.sum == 0 || (ink.b.y0 >= 12 && ink.b.y1 <= 24));
        }
}
END_TEST

START_TEST(fitting_leaves_room_for_the_ellipsis)
{
    const char *s = "Retransmitted bytes 1\xe2\x80\x93" "512 arrive";
    struct type t = {FONT_UI, 11};
    struct fonts *f = fonts_by(_i);
    float whole = font_width(f, t, s), dots = font_width(f, t, "\xe2\x80\xa6");
    ck_assert_uint_eq(font_fit(f, t, s, whole + 0.01f), strlen(s));
    size_t last = strlen(s);
    for (float w = whole - 1; w > 0; w -= 3) {
        size_t n = font_fit(f, t, s, w);
        ck_assert_uint_le(n, last);
        ck_assert(n == 0 || font_width_n(f, t, s, n) + dots <= w + 0.01f);
        ck_assert(n == 0 || s[n - 1] != ' ');
        ck_assert((s[n] & 0xc0) != 0x80);  // never inside a character
        last = n;
    }
    ck_assert_uint_eq(font_fit(f, t, s, 0), 0);
}
END_TEST

START_TEST(any_bytes_can_be_drawn)
{
    char s[64];
    uint32_t seed = 12345;
    for (int round = 0; round < 300; round += every(5)) {
        for (size_t i = 0; i < sizeof s - 1; i++) {
            seed = seed * 1664525 + 1013904223;
            s[i] = (char)(seed >> 24 ? seed >> 24 : 1);
        }
        s[sizeof s - 1] = 0;
        float w = put(fonts_by(_i), (struct type){FONT_UI, (float)(round % 40)}, pt(0, 30), s);
        ck_assert(isfinite(w));
    }
    put(fonts_by(_i), (struct type){FONT_UI, NAN}, pt(NAN, 30), "x");
    put(fonts_by(_i), (struct type){FONT_UI, 1e30f}, pt(1e30f, -1e30f), "xyz");
}
END_TEST

START_TEST(control_characters_are_blank)
{
    put(fonts_by(_i), (struct type){FONT_MONO, 12}, pt(10, 30), "\x01\x1b\t\n\x7f \xc2\x85");
    ck_assert(measure().sum == 0);
}
END_TEST

START_TEST(built_in_letters_are_all_there_and_all_differ)
{
    static uint32_t seen[0x7f][W * H];
    for (int ch = '!'; ch < 0x7f; ch++) {
        char s[2] = {(char)ch, 0};
        put(NULL, (struct type){FONT_MONO, 20}, pt(10, 30), s);
        ck_assert_msg(measure().sum > 0, "%c is blank", ch);
        memcpy(seen[ch], c.px, sizeof seen[ch]);
        for (int other = '!'; other < ch; other++)
            if (!memcmp(seen[ch], seen[other], sizeof seen[ch])) ck_abort_msg("%c %c", other, ch);
    }
}
END_TEST

START_TEST(a_missing_folder_is_named)
{
    char err[256] = "";
    ck_assert_ptr_null(fonts_open("/nonexistent/fonts", err, sizeof err));
    ck_assert_str_eq(err, "cannot read the font folder /nonexistent/fonts");
}
END_TEST

START_TEST(a_file_that_is_no_font_is_passed_over)
{
    char dir[] = "/tmp/netglass-font-XXXXXX", path[64], err[256];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    static const char *const name[] = {"Inter-Medium.ttf", "JetBrainsMono-Regular.otf"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, name[i]);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        for (int k = 0; k < 5000; k++) ck_assert_int_eq(write(fd, "\0\1\0\0\xff", 5), 5);
        close(fd);
    }
    struct fonts *f = fonts_open(dir, err, sizeof err);
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_null(strstr(fonts_file(f, FONT_UI), dir));
    put(f, (struct type){FONT_UI, 12}, pt(10, 30), "still here");
    ck_assert(measure().sum > 0);
    fonts_close(f);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, name[i]);
        unlink(path);
    }
    rmdir(dir);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("font");
    TCase *t = tcase_create("font");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, utf8_is_read_strictly);
    tcase_add_loop_test(t, a_letter_stands_on_the_baseline_after_its_pen, 0, 2);
    tcase_add_loop_test(t, a_quarter_pixel_is_seen, 0, 2);
    tcase_add_loop_test(t, width_grows_exactly_with_size, 0, 2);
    tcase_add_loop_test(t, figures_of_mono_are_one_width, 0, 2);
    tcase_add_loop_test(t, text_stays_in_its_clip, 0, 2);
    tcase_add_loop_test(t, fitting_leaves_room_for_the_ellipsis, 0, 2);
    tcase_add_loop_test(t, any_bytes_can_be_drawn, 0, 2);
    tcase_add_loop_test(t, control_characters_are_blank, 0, 2);
    tcase_add_test(t, built_in_letters_are_all_there_and_all_differ);
    tcase_add_test(t, a_missing_folder_is_named);
    tcase_add_test(t, a_file_that_is_no_font_is_passed_over);
    suite_add_tcase(s, t);
    return run_claims(s);
}
