// code_format.c - 'cwnd=%d, %5.1f ms' % (cwnd, rtt / 1000). See code_value.h.
#include <math.h>
#include <stdio.h>

#include "scenarios/drill/code_value.h"

enum { WIDTH_MOST = 100 };

struct spec { bool left, zeros, plus, space, alternate, has_places; int width, places; char what; };

static int number_at(const char **p, const char *end)
{
    int n = 0;
    for (; *p < end && **p >= '0' && **p <= '9'; ++*p)
        if (n <= WIDTH_MOST) n = n * 10 + (**p - '0');
    return n;
}

static struct spec spec_at(const char **p, const char *end)
{
    struct spec s = {0};
    for (; *p < end && **p != 0 && strchr("-0+ #", **p) != NULL; ++*p) {
        s.left = s.left || **p == '-';
        s.zeros = s.zeros || **p == '0';
        s.plus = s.plus || **p == '+';
        s.space = s.space || **p == ' ';
        s.alternate = s.alternate || **p == '#';
    }
    s.width = number_at(p, end);
    if (*p < end && **p == '.') {
        ++*p;
        s.has_places = true;
        s.places = number_at(p, end);
    }
    s.what = *p < end ? *(*p)++ : 0;
    return s;
}

// Filled up to its width: in front with spaces, behind the sign with zeros, or behind.
static void put_padded(struct text *t, const struct spec *s, const char *p, size_t len, bool number)
{
    size_t fill = (size_t)s->width > len ? (size_t)s->width - len : 0;
    bool zeros = s->zeros && !s->left && number;
    bool sign = len > 0 && (p[0] == '-' || p[0] == '+' || p[0] == ' ');
    if (zeros && sign) text_put_char(t, *p++);
    if (zeros && sign) len--;
    for (size_t i = 0; i < fill && !s->left; i++) text_put_char(t, zeros ? '0' : ' ');
    text_put_bytes(t, p, len);
    for (size_t i = 0; i < fill && s->left; i++) text_put_char(t, ' ');
}

static void put_sign(struct text *t, const struct spec *s, bool negative)
{
    if (!negative && (s->plus || s->space)) text_put_char(t, s->plus ? '+' : ' ');
}

static void put_whole(struct code_math *m, uint32_t at, struct text *t, const struct spec *s,
                      const struct code_value *v)
{
    bool decimal = strchr("diu", s->what) != NULL;
    if (!code_is_whole(v) && !(decimal && v->kind == CODE_FLOAT)) {
        code_fail(m, at, "%%%c wants a %snumber", s->what, decimal ? "" : "whole ");
        return;
    }
    struct code_value n = v->kind == CODE_FLOAT ? code_truncate(m, at, v->x) : *v;
    if (m->failed) return;
    char body[200];
    struct text b = text_of(body, sizeof body);
    put_sign(&b, s, n.n < 0);
    if (s->alternate && !decimal) text_put_str(&b, s->what == 'o' ? "0o" : "0x");
    code_put_int(&b, n.n, decimal ? 10 : s->what == 'o' ? 8 : 16);
    for (size_t i = 0; s->what == 'X' && i < b.len; i++)
        if (body[i] >= 'a' && body[i] <= 'z') body[i] = (char)(body[i] - 'a' + 'A');
    put_padded(t, s, body, b.len, true);
}

static void put_fraction(struct code_math *m, uint32_t at, struct text *t, const struct spec *s,
                         const struct code_value *v)
{
    char body[500];
    struct text b = text_of(body, sizeof body);
    if (!code_is_number(v)) {
        code_fail(m, at, "%%%c wants a number", s->what);
        return;
    }
    double x = code_as_float(v);
    int places = s->has_places ? s->places : 6;
    put_sign(&b, s, signbit(x));
    char digits[450];
    switch (s->what) {
    case 'f': case 'F': snprintf(digits, sizeof digits, "%.*f", places, x); break;
    case 'e': snprintf(digits, sizeof digits, "%.*e", places, x); break;
    case 'E': snprintf(digits, sizeof digits, "%.*E", places, x); break;
    case 'G': snprintf(digits, sizeof digits, "%.*G", places, x); break;
    default:  snprintf(digits, sizeof digits, "%.*g", places, x); break;
    }
    text_put_str(&b, digits);
    put_padded(t, s, body, b.len, isfinite(x));
}

static void put_one(struct code_math *m, uint32_t at, struct text *t, const struct spec *s,
                    const struct code_value *v)
{
    char body[CODE_STRING + 1];
    struct text b = text_of(body, sizeof body);
    if (strchr("diuxXo", s->what) != NULL) {
        put_whole(m, at, t, s, v);
    } else if (strchr("fFeEgG", s->what) != NULL) {
        put_fraction(m, at, t, s, v);
    } else {
        if (s->what == 's') code_put(m, &b, v);
        else code_put_repr(m, &b, v);
        size_t len = s->has_places && (size_t)s->places < b.len ? (size_t)s->places : b.len;
        put_padded(t, s, body, len, false);
    }
}

struct code_value code_format(struct code_math *m, uint32_t at, const struct code_value *f,
                              const struct code_value *v)
{
    char text[CODE_STRING + 2];
    struct text t = text_of(text, sizeof text);
    bool many = v->kind == CODE_LIST && v->tuple;
    const struct code_value *arg = many ? v->item : v;
    uint32_t left = many ? v->count : 1;
    for (const char *p = f->chars, *end = p + f->count; p < end && !m->failed;) {
        if (*p != '%') {
            text_put_char(&t, *p++);
            continue;
        }
        p++;
        struct spec s = spec_at(&p, end);
        if (s.what == '%') {
            text_put_char(&t, '%');
        } else if (s.what == 0 || strchr("diuxXosrfFeEgG", s.what) == NULL) {
            code_fail(m, at, "a format is %%d, %%s, %%r, %%x, %%o, %%f, %%e, %%g or %%%%");
        } else if (s.width > WIDTH_MOST || s.places > WIDTH_MOST) {
            code_fail(m, at, "a format is at most %d wide", WIDTH_MOST);
        } else if (left == 0) {
            code_fail(m, at, "there are more formats than values");
        } else {
            put_one(m, at, &t, &s, arg);
            arg++;
            left--;
        }
    }
    if (left > 0) code_fail(m, at, "there are more values than formats");
    return m->failed ? (struct code_value){0} : code_of_chars(m, at, text, t.len);
}
