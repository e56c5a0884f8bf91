// What SCREEN claims of the palette, measured: contrast of text (WCAG 2), and the distance between
// the hues as eyes with and without a colour deficiency see them (CIE76, matrices of Machado,
// Oliveira and Fernandes 2009 at full severity).
#include "claims.h"
#include "viz/palette.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

struct lab { double l, a, b; };
struct rgb { double v[3]; };  // linear light, 0..1

static struct rgb linear(uint32_t argb)
{
    struct rgb out;
    for (int i = 0; i < 3; i++) {
        double c = (argb >> (16 - 8 * i) & 0xff) / 255.0;
        out.v[i] = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
    }
    return out;
}

static struct rgb turned(struct rgb in, const double m[3][3])
{
    struct rgb out;
    for (int i = 0; i < 3; i++) {
        double sum = m[i][0] * in.v[0] + m[i][1] * in.v[1] + m[i][2] * in.v[2];
        out.v[i] = fmin(fmax(sum, 0), 1);
    }
    return out;
}

static double lightness(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static struct lab lab_of(struct rgb c)
{
    double x = 0.4124564 * c.v[0] + 0.3575761 * c.v[1] + 0.1804375 * c.v[2];
    double y = 0.2126729 * c.v[0] + 0.7151522 * c.v[1] + 0.0721750 * c.v[2];
    double z = 0.0193339 * c.v[0] + 0.1191920 * c.v[1] + 0.9503041 * c.v[2];
    double fx = lightness(x / 0.95047), fy = lightness(y), fz = lightness(z / 1.08883);
    return (struct lab){116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
}

static double luminance(uint32_t argb)
{
    struct rgb c = linear(argb);
    return 0.2126 * c.v[0] + 0.7152 * c.v[1] + 0.0722 * c.v[2];
}

static double contrast(uint32_t a, uint32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

static const double vision[4][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413},  // deuteranopia
     {-0.011820, 0.042940, 0.968881}},
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216},  // protanopia
     {-0.003882, -0.048116, 1.051998}},
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602},  // tritanopia
     {0.004733, 0.691367, 0.303900}},
};

static const enum palette_role hues[] = {PALETTE_ETH, PALETTE_IP, PALETTE_TCP,
                                         PALETTE_APP, PALETTE_LOSS, PALETTE_SEL};

static double least_distance(enum theme theme, int eye)
{
    double least = INFINITY;
    for (size_t i = 0; i < ARRAY_LEN(hues); i++) {
        for (size_t k = 0; k < i; k++) {
            struct lab a = lab_of(turned(linear(palette_rgb(theme, hues[i])), vision[eye]));
            struct lab b = lab_of(turned(linear(palette_rgb(theme, hues[k])), vision[eye]));
            double d = sqrt((a.l - b.l) * (a.l - b.l) + (a.a - b.a) * (a.a - b.a)
                            + (a.b - b.b) * (a.b - b.b));
            least = fmin(least, d);
        }
    }
    return least;
}

START_TEST(the_yardstick_is_right)
{
    ck_assert_double_eq_tol(contrast(0xff000000, 0xffffffff), 21, 1e-9);
    ck_assert_double_eq_tol(contrast(0xff767676, 0xffffffff), 4.54, 0.01);
    struct lab red = lab_of(linear(0xffff0000));
    ck_assert_double_eq_tol(red.l, 53.24, 0.02);
    ck_assert_double_eq_tol(red.a, 80.09, 0.02);
    ck_assert_double_eq_tol(red.b, 67.20, 0.02);
}
END_TEST

START_TEST(hues_stay_apart_for_every_eye)
{
    static const double want[THEMES] = {30, 23};
    for (int theme = 0; theme < THEMES; theme++) {
        for (int eye = 0; eye < 4; eye++) {
            double got = least_distance((enum theme)theme, eye);
            if (getenv("NETGLASS_TEST_REPORT")) printf("theme %d eye %d: %.2f\n", theme, eye, got);
            ck_assert_msg(got >= want[theme], "theme %d, eye %d: %.2f", theme, eye, got);
        }
    }
}
END_TEST

START_TEST(every_text_can_be_read)
{
    static const enum palette_role text[] = {PALETTE_HI, PALETTE_MID, PALETTE_LOW, PALETTE_ETH,
        PALETTE_IP, PALETTE_TCP, PALETTE_APP, PALETTE_ACK, PALETTE_LOSS, PALETTE_SEL};
    for (int t = 0; t < THEMES; t++) {
        double least = 99, most = 0;
        for (size_t i = 0; i < ARRAY_LEN(text); i++) {
            if (t == THEME_LIGHT && text[i] == PALETTE_SEL) continue;  // never text on light
            double c = contrast(palette_rgb((enum theme)t, text[i]),
                                palette_rgb((enum theme)t, PALETTE_RAISED));
            ck_assert_msg(c >= 4.5, "theme %d %s: %.2f", t, palette_name(text[i]), c);
            least = fmin(least, c);
            most = fmax(most, c);
        }
        if (getenv("NETGLASS_TEST_REPORT")) printf("theme %d: %.2f-%.2f\n", t, least, most);
    }
}
END_TEST

START_TEST(text_on_a_fill_can_be_read)
{
    static const enum palette_role fill[] = {PALETTE_ETH, PALETTE_IP, PALETTE_TCP, PALETTE_APP,
                                             PALETTE_ACK, PALETTE_LOSS};
    for (int t = 0; t < THEMES; t++) {
        uint32_t on = palette_rgb((enum theme)t, PALETTE_ON);
        for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
            double c = contrast(palette_rgb((enum theme)t, fill[i]), on);
            ck_assert_msg(c >= 4.5, "theme %d on %s: %.2f", t, palette_name(fill[i]), c);
        }
        double sel = contrast(palette_rgb((enum theme)t, PALETTE_SEL),
                              palette_rgb((enum theme)t, PALETTE_ON_SEL));
        ck_assert_msg(sel >= 4.5, "theme %d on sel: %.2f", t, sel);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("palette");
    TCase *c = tcase_create("palette");
    tcase_add_test(c, the_yardstick_is_right);
    tcase_add_test(c, hues_stay_apart_for_every_eye);
    tcase_add_test(c, every_text_can_be_read);
    tcase_add_test(c, text_on_a_fill_can_be_read);
    suite_add_tcase(s, c);
    return run_claims(s);
}
