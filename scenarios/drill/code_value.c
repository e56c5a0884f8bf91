// code_value.c - see code_value.h.
#include "scenarios/drill/code_value.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

__extension__ typedef unsigned __int128 magnitude;

static const code_int most = (code_int)(~(magnitude)0 >> 1);

void code_fail(struct code_math *m, uint32_t at, const char *format, ...)
{
    if (m->failed) return;
    va_list args;
    va_start(args, format);
    vsnprintf(m->text, sizeof m->text, format, args);
    va_end(args);
    m->failed = true;
    m->at = at;
    m->end = at + 1;
}

static bool tired(struct code_math *m)
{
    if (m->work++ >= CODE_WORK) code_fail(m, m->here, "the code of this script takes too long");
    return m->failed;
}

static struct code_value none(void) { return (struct code_value){0}; }

struct code_value code_of_chars(struct code_math *m, uint32_t at, const char *p, size_t len)
{
    char *copy = len > CODE_STRING ? NULL : arena_text(m->arena, p, len);
    if (len > CODE_STRING) code_fail(m, at, "a text has at most %d bytes", CODE_STRING);
    else if (copy == NULL) code_fail(m, at, "the code of this script needs too much memory");
    if (m->failed) return none();
    return (struct code_value){.kind = CODE_CHARS, .count = (uint32_t)len, .chars = copy};
}

const char *code_op_mark(enum code_op op)
{
    static const char *const marks[OPS] = {
        "", "or", "and", "not", "in", "not in", "is", "is not", "==", "!=", "<=", ">=", "<", ">",
        "|", "^", "&", "<<", ">>", "+", "-", "*", "//", "/", "%", "-", "+", "~", "**", "/", "%"};
    return marks[op];
}

bool code_is_true(const struct code_value *v)
{
    switch (v->kind) {
    case CODE_NONE:  return false;
    case CODE_FLOAT: return v->x != 0;
    case CODE_CHARS: case CODE_LIST: return v->count > 0;
    default:         return v->n != 0;
    }
}

bool code_is_whole(const struct code_value *v)
{
    return v->kind == CODE_INT || v->kind == CODE_BOOL;
}

bool code_is_number(const struct code_value *v)
{
    return code_is_whole(v) || v->kind == CODE_FLOAT;
}

double code_as_float(const struct code_value *v)
{
    return v->kind == CODE_FLOAT ? v->x : (double)v->n;
}

struct code_value code_truncate(struct code_math *m, uint32_t at, double x)
{
    if (x > -0x1p126 && x < 0x1p126) return code_of_int((code_int)x);
    code_fail(m, at, "this is no whole number, or a larger one than we have");
    return none();
}

double code_round(double x, int places)
{
    char text[400];
    if (places > 20 || !isfinite(x)) return x;
    if (places < 0) return places < -300 ? 0 : round(x / pow(10, -places)) * pow(10, -places);
    snprintf(text, sizeof text, "%.*f", places, x);
    return strtod(text, NULL);
}

// --- whole numbers ------------------------------------------------------------------------------

static magnitude size_of(code_int n) { return n < 0 ? 0 - (magnitude)n : (magnitude)n; }

static struct code_value too_large(struct code_math *m, uint32_t at)
{
    code_fail(m, at, "this number is larger than the 127 bits we have");
    return none();
}

static struct code_value add(struct code_math *m, uint32_t at, code_int a, code_int b)
{
    if (b > 0 ? a > most - b : a < -most - b) return too_large(m, at);
    return code_of_int(a + b);
}

static struct code_value multiply(struct code_math *m, uint32_t at, code_int a, code_int b)
{
    magnitude x = size_of(a), y = size_of(b);
    if (y != 0 && x > (magnitude)most / y) return too_large(m, at);
    magnitude n = x * y;
    return code_of_int((a < 0) == (b < 0) ? (code_int)n : -(code_int)n);
}

static struct code_value power(struct code_math *m, uint32_t at, code_int a, code_int b)
{
    struct code_value v = code_of_int(1);
    if (b < 0 && a == 0) code_fail(m, at, "0 has no negative power");
    if (b < 0) return code_of_float(pow((double)a, (double)b));
    if (a == 0 || a == 1) return code_of_int(b == 0 ? 1 : a);
    if (a == -1) return code_of_int(b % 2 == 0 ? 1 : -1);
    for (; b > 0 && !m->failed; b--) v = multiply(m, at, v.n, a);
    return v;
}

static struct code_value shift(struct code_math *m, uint32_t at, code_int a, code_int b, bool left)
{
    if (b < 0) {
        code_fail(m, at, "nothing can be shifted by less than 0");
        return none();
    }
    if (!left) return code_of_int(b > 126 ? (a < 0 ? -1 : 0) : a >> b);
    if (a == 0) return code_of_int(0);
    return b > 126 ? too_large(m, at) : multiply(m, at, a, (code_int)((magnitude)1 << b));
}

static struct code_value floor_of(code_int a, code_int b, bool rest)
{
    code_int q = a / b, r = a % b;
    if (r != 0 && (r < 0) != (b < 0)) {
        q--;
        r += b;
    }
    return code_of_int(rest ? r : q);
}

static struct code_value whole(struct code_math *m, uint32_t at, enum code_op op, code_int a,
                               code_int b)
{
    code_int bits = op == OP_BIT_OR ? a | b : op == OP_BIT_XOR ? a ^ b : a & b;
    bool divides = op == OP_DIV || op == OP_FLOOR || op == OP_MOD || op == OP_QUOTIENT
                || op == OP_REST;
    if (divides && b == 0) {
        code_fail(m, at, "nothing can be divided by 0");
        return none();
    }
    switch (op) {
    case OP_BIT_OR: case OP_BIT_XOR: case OP_BIT_AND:
        return bits < -most ? too_large(m, at) : code_of_int(bits);
    case OP_LEFT:     return shift(m, at, a, b, true);
    case OP_RIGHT:    return shift(m, at, a, b, false);
    case OP_ADD:      return add(m, at, a, b);
    case OP_SUB:      return add(m, at, a, -b);
    case OP_MUL:      return multiply(m, at, a, b);
    case OP_DIV:      return code_of_float((double)a / (double)b);
    case OP_FLOOR:    return floor_of(a, b, false);
    case OP_MOD:      return floor_of(a, b, true);
    case OP_POW:      return power(m, at, a, b);
    case OP_QUOTIENT: return code_of_int(a / b);
    default:          return code_of_int(a % b);
    }
}

// --- all values ---------------------------------------------------------------------------------

static struct code_value with_fraction(struct code_math *m, uint32_t at, enum code_op op, double a,
                                       double b)
{
    bool divides = op == OP_DIV || op == OP_FLOOR || op == OP_MOD;
    if ((divides && b == 0) || (op == OP_POW && a == 0 && b < 0)) {
        code_fail(m, at, "nothing can be divided by 0");
        return none();
    }
    double rest = divides ? fmod(a, b) : 0;
    if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
    if (rest == 0) rest = copysign(0, b);
    switch (op) {
    case OP_ADD:   return code_of_float(a + b);
    case OP_SUB:   return code_of_float(a - b);
    case OP_MUL:   return code_of_float(a * b);
    case OP_DIV:   return code_of_float(a / b);
    case OP_FLOOR: return code_of_float(round((a - rest) / b));
    case OP_MOD:   return code_of_float(rest);
    case OP_POW:
        if (a < 0 && b != floor(b)) code_fail(m, at, "this power is no real number");
        return code_of_float(pow(a, b));
    default:
        code_fail(m, at, "'%s' wants two whole numbers", code_op_mark(op));
        return none();
    }
}

// 'ab' + 'cd', 'ab' * 3
static struct code_value join_chars(struct code_math *m, uint32_t at, const struct code_value *a,
                                    const struct code_value *b)
{
    char text[CODE_STRING + 2];
    struct text t = text_of(text, sizeof text);
    if (b->kind == CODE_CHARS) {
        text_put_bytes(&t, a->chars, a->count);
        text_put_bytes(&t, b->chars, b->count);
    } else if (a->count > 0) {
        for (code_int i = 0; i < b->n && !t.cut; i++) text_put_bytes(&t, a->chars, a->count);
    }
    return code_of_chars(m, at, text, t.len);
}

struct code_value code_binary(struct code_math *m, uint32_t at, enum code_op op,
                              const struct code_value *a, const struct code_value *b)
{
    if (m->failed) return none();
    bool chars = a->kind == CODE_CHARS;
    if (op == OP_MOD && chars) return code_format(m, at, a, b);
    if (op == OP_ADD && chars && b->kind == CODE_CHARS) return join_chars(m, at, a, b);
    if (op == OP_MUL && chars && code_is_whole(b)) return join_chars(m, at, a, b);
    if (code_is_whole(a) && code_is_whole(b)) {
        struct code_value v = whole(m, at, op, a->n, b->n);
        bool both = a->kind == CODE_BOOL && b->kind == CODE_BOOL;
        if (both && (op == OP_BIT_OR || op == OP_BIT_XOR || op == OP_BIT_AND)) v.kind = CODE_BOOL;
        return v;
    }
    if (code_is_number(a) && code_is_number(b))
        return with_fraction(m, at, op, code_as_float(a), code_as_float(b));
    code_fail(m, at, "'%s' wants two numbers", code_op_mark(op));
    return none();
}

struct code_value code_unary(struct code_math *m, uint32_t at, enum code_op op,
                             struct code_value v)
{
    if (op == OP_NOT) return code_of_bool(!code_is_true(&v));
    if (!code_is_number(&v) || (op == OP_INVERT && !code_is_whole(&v)))
        code_fail(m, at, "this is no %snumber", op == OP_INVERT ? "whole " : "");
    if (m->failed) return none();
    if (v.kind == CODE_FLOAT) return code_of_float(op == OP_NEG ? -v.x : v.x);
    if (op == OP_INVERT && v.n == most) return too_large(m, at);
    return code_of_int(op == OP_NEG ? -v.n : op == OP_INVERT ? ~v.n : v.n);
}

// --- order --------------------------------------------------------------------------------------

// -1, 0, 1; 2: neither is before the other, nor are they equal.
static int order_of_mixed(code_int n, double x)
{
    if (isnan(x)) return 2;
    if (x >= 0x1p127) return -1;
    if (x < -0x1p127) return 1;
    code_int t = (code_int)x;
    double part = x - (double)t;
    return n != t ? (n > t) - (n < t) : (part < 0) - (part > 0);
}

static int order_of_numbers(const struct code_value *a, const struct code_value *b)
{
    bool fa = a->kind == CODE_FLOAT, fb = b->kind == CODE_FLOAT;
    if (fa && fb) return isnan(a->x) || isnan(b->x) ? 2 : (a->x > b->x) - (a->x < b->x);
    if (fb) return order_of_mixed(a->n, b->x);
    if (!fa) return (a->n > b->n) - (a->n < b->n);
    int order = order_of_mixed(b->n, a->x);
    return order == 2 ? 2 : -order;
}

static int order_of_chars(const struct code_value *a, const struct code_value *b)
{
    uint32_t n = a->count < b->count ? a->count : b->count;
    int order = n > 0 ? memcmp(a->chars, b->chars, n) : 0;
    if (order != 0) return order < 0 ? -1 : 1;
    return (a->count > b->count) - (a->count < b->count);
}

static bool are_equal(struct code_math *m, const struct code_value *a, const struct code_value *b)
{
    if (tired(m)) return false;
    if (code_is_number(a) && code_is_number(b)) return order_of_numbers(a, b) == 0;
    if (a->kind != b->kind || a->count != b->count) return false;
    if (a->kind == CODE_CHARS) return order_of_chars(a, b) == 0;
    if (a->kind == CODE_LIST && a->tuple != b->tuple) return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!are_equal(m, &a->item[i], &b->item[i])) return false;
    return true;
}

static bool is_in(struct code_math *m, uint32_t at, const struct code_value *a,
                  const struct code_value *b)
{
    if (b->kind == CODE_CHARS && a->kind == CODE_CHARS) {
        for (uint32_t i = 0; i + a->count <= b->count; i++)
            if (a->count == 0 || memcmp(b->chars + i, a->chars, a->count) == 0) return true;
        return false;
    }
    if (b->kind != CODE_LIST) code_fail(m, at, "'in' wants a list, as in x in (1, 2)");
    for (uint32_t i = 0; b->kind == CODE_LIST && i < b->count; i++)
        if (are_equal(m, a, &b->item[i])) return true;
    return false;
}

bool code_compare(struct code_math *m, uint32_t at, enum code_op op, const struct code_value *a,
                  const struct code_value *b)
{
    if (m->failed) return false;
    int order = 2;
    switch (op) {
    case OP_EQ:     return are_equal(m, a, b);
    case OP_NE:     return !are_equal(m, a, b);
    case OP_IS:     return a->kind == b->kind && are_equal(m, a, b);
    case OP_IS_NOT: return a->kind != b->kind || !are_equal(m, a, b);
    case OP_IN:     return is_in(m, at, a, b);
    case OP_NOT_IN: return !is_in(m, at, a, b);
    default: break;
    }
    if (code_is_number(a) && code_is_number(b)) order = order_of_numbers(a, b);
    else if (a->kind == CODE_CHARS && b->kind == CODE_CHARS) order = order_of_chars(a, b);
    else code_fail(m, at, "'%s' cannot compare these", code_op_mark(op));
    if (order == 2) return false;
    return op == OP_LT ? order < 0 : op == OP_LE ? order <= 0
         : op == OP_GT ? order > 0 : order >= 0;
}

// --- as text ------------------------------------------------------------------------------------

void code_put_int(struct text *t, code_int n, unsigned base)
{
    char digits[130];
    size_t i = sizeof digits;
    magnitude left = size_of(n);
    do {
        digits[--i] = "0123456789abcdef"[left % base];
        left /= base;
    } while (left > 0);
    if (n < 0) text_put_char(t, '-');
    text_put_bytes(t, digits + i, sizeof digits - i);
}

// The fewest digits that say which float it is.
static void put_float(struct text *t, double x)
{
    char text[60];
    int digits = 1;
    if (!isfinite(x)) {
        text_put_str(t, isnan(x) ? "nan" : x < 0 ? "-inf" : "inf");
        return;
    }
    for (; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, x);
        if (strtod(text, NULL) == x) break;
    }
    snprintf(text, sizeof text, "%.*e", digits - 1, x);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10), places = digits - 1 - exponent;
    if (exponent >= -4 && exponent < 16)
        snprintf(text, sizeof text, "%.*f", places > 1 ? places : 1, x);
    text_put_str(t, text);
}

static void put_quoted(struct text *t, const struct code_value *v)
{
    char quote = memchr(v->chars, '\'', v->count) != NULL
              && memchr(v->chars, '"', v->count) == NULL ? '"' : '\'';
    text_put_char(t, quote);
    for (uint32_t i = 0; i < v->count; i++) {
        char c = v->chars[i];
        if (c == quote || c == '\\') text_put_char(t, '\\');
        if (c == '\n') text_put_str(t, "\\n");
        else if (c == '\t') text_put_str(t, "\\t");
        else text_put_char(t, c);
    }
    text_put_char(t, quote);
}

void code_put_repr(struct code_math *m, struct text *t, const struct code_value *v)
{
    if (t->cut || tired(m)) return;
    switch (v->kind) {
    case CODE_NONE:  text_put_str(t, "None"); break;
    case CODE_BOOL:  text_put_str(t, v->n != 0 ? "True" : "False"); break;
    case CODE_INT:   code_put_int(t, v->n, 10); break;
    case CODE_FLOAT: put_float(t, v->x); break;
    case CODE_CHARS: put_quoted(t, v); break;
    case CODE_LIST:
        text_put_char(t, v->tuple ? '(' : '[');
        for (uint32_t i = 0; i < v->count; i++) {
            if (i > 0) text_put_str(t, ", ");
            code_put_repr(m, t, &v->item[i]);
        }
        text_put_str(t, !v->tuple ? "]" : v->count == 1 ? ",)" : ")");
        break;
    }
}

void code_put(struct code_math *m, struct text *t, const struct code_value *v)
{
    if (v->kind == CODE_CHARS) text_put_bytes(t, v->chars, v->count);
    else code_put_repr(m, t, v);
}

// --- copies -------------------------------------------------------------------------------------

struct code_value code_copy(struct code_math *m, uint32_t at, const struct code_value *v)
{
    if (tired(m)) return none();
    if (v->kind == CODE_CHARS) return code_of_chars(m, at, v->chars, v->count);
    if (v->kind != CODE_LIST || v->count == 0) return *v;
    struct code_value *items = arena_take(m->arena, v->count * sizeof *items);
    if (items == NULL) {
        code_fail(m, at, "the code of this script needs too much memory");
        return none();
    }
    for (uint32_t i = 0; i < v->count; i++) items[i] = code_copy(m, at, &v->item[i]);
    struct code_value copy = *v;
    copy.item = items;
    return copy;
}
