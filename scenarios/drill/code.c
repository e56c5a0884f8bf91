// code.c - see code.h.
#include "scenarios/drill/code.h"

#include <stdarg.h>
#include <stdio.h>

struct val { enum { VAL_NUMBER, VAL_TEXT, VAL_TUPLE } kind; int64_t n; char *text;
             struct val *items; unsigned count; };

struct eval {
    struct code             *code;
    const struct code_world *w;
    struct span              in;
    size_t                   at;
    unsigned                 parens;   // inside them a line's end means nothing
    unsigned                 depth;
    struct arena             arena;
    struct code_result       result;
};

static void fail(struct eval *e, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct eval *e, size_t at, const char *format, ...)
{
    if (!e->result.ok) return;
    va_list args;
    va_start(args, format);
    vsnprintf(e->result.text, sizeof e->result.text, format, args);
    va_end(args);
    e->result.ok = false;
    e->result.at = at;
    e->at = e->in.len;
}

// --- tokens -------------------------------------------------------------------------------------

static char at(const struct eval *e, size_t n)
{
    return e->in.len - e->at > n ? e->in.p[e->at + n] : 0;
}

static void pass_space(struct eval *e)
{
    for (; e->at < e->in.len; e->at++) {
        char c = at(e, 0);
        if (c == '\\' && (at(e, 1) == '\n' || (at(e, 1) == '\r' && at(e, 2) == '\n'))) {
            e->at += at(e, 1) == '\r' ? 2 : 1;
        } else if (c == '#') {
            while (e->at + 1 < e->in.len && at(e, 1) != '\n') e->at++;
        } else if (!(c == ' ' || c == '\t' || c == '\r' || (c == '\n' && e->parens > 0))) {
            return;
        }
    }
}

static bool take(struct eval *e, const char *mark)
{
    pass_space(e);
    size_t n = strlen(mark);
    if (e->in.len - e->at < n || memcmp(e->in.p + e->at, mark, n) != 0) return false;
    e->at += n;
    return true;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static struct span word(struct eval *e)
{
    pass_space(e);
    size_t n = 0;
    while (is_word_char(at(e, n))) n++;
    return (struct span){e->in.p + e->at, n};
}

static bool take_word(struct eval *e, const char *name)
{
    struct span s = word(e);
    if (s.len != strlen(name) || memcmp(s.p, name, s.len) != 0) return false;
    e->at += s.len;
    return true;
}

// --- values -------------------------------------------------------------------------------------

static struct val number(int64_t n) { return (struct val){.kind = VAL_NUMBER, .n = n}; }

static bool is_true(const struct val *v)
{
    return v->kind == VAL_NUMBER ? v->n != 0 : v->kind == VAL_TEXT ? v->text[0] != 0 : v->count > 0;
}

static void put_val(struct text *t, const struct val *v)
{
    if (v->kind == VAL_NUMBER) {
        text_put_i64(t, v->n);
    } else if (v->kind == VAL_TEXT) {
        text_put_printable(t, (const uint8_t *)v->text, strlen(v->text));
    } else {
        text_put_char(t, '(');
        for (unsigned i = 0; i < v->count; i++) {
            if (i > 0) text_put_str(t, ", ");
            put_val(t, &v->items[i]);
        }
        text_put_char(t, ')');
    }
}

// 'cwnd=%d' % cwnd
static struct val format(struct eval *e, size_t where, const struct val *f, const struct val *args)
{
    char text[CODE_TEXT];
    struct text t = text_of(text, sizeof text);
    const struct val *arg = args->kind == VAL_TUPLE ? args->items : args;
    unsigned left = args->kind == VAL_TUPLE ? args->count : 1;
    for (const char *p = f->text; *p != 0; p++) {
        if (*p != '%') {
            text_put_char(&t, *p);
            continue;
        }
        p++;
        if (*p == '%') {
            text_put_char(&t, '%');
        } else if (*p == 0 || strchr("disxu", *p) == NULL) {
            fail(e, where, "a format is %%d, %%s, %%x or %%%%");
            break;
        } else if (left == 0) {
            fail(e, where, "there are more formats than values");
            break;
        } else {
            if (*p == 'x' && arg->kind == VAL_NUMBER) text_put_hex(&t, (uint64_t)arg->n, 1);
            else put_val(&t, arg);
            arg++;
            left--;
        }
    }
    struct val v = {.kind = VAL_TEXT, .text = arena_text(&e->arena, text, t.len)};
    if (v.text == NULL) fail(e, where, "no memory");
    return v;
}

// --- expressions, from the tightest to the loosest ----------------------------------------------

static struct val expression(struct eval *e);

static struct val text_literal(struct eval *e, char quote)
{
    size_t start = ++e->at;
    while (e->at < e->in.len && at(e, 0) != quote && at(e, 0) != '\n') e->at++;
    struct val v = {.kind = VAL_TEXT};
    v.text = arena_text(&e->arena, e->in.p + start, e->at - start);
    if (v.text == NULL) fail(e, start, "no memory");
    else if (!take(e, quote == '"' ? "\"" : "'")) fail(e, start, "this text has no end");
    return e->result.ok ? v : number(0);
}

static struct val tuple(struct eval *e, struct val first)
{
    enum { ITEMS = 16 };
    struct val v = {.kind = VAL_TUPLE};
    v.items = arena_take(&e->arena, ITEMS * sizeof *v.items);
    if (v.items == NULL) {
        fail(e, e->at, "no memory");
        return number(0);
    }
    v.items[v.count++] = first;
    while (e->result.ok && !take(e, ")")) {
        if (v.count == ITEMS) fail(e, e->at, "a tuple has at most %d values", ITEMS);
        else v.items[v.count++] = expression(e);
        if (!take(e, ",") && at(e, 0) != ')') fail(e, e->at, "')' is missing here");
    }
    e->parens--;
    return v;
}

static struct val parenthesis(struct eval *e)
{
    e->parens++;
    struct val v = expression(e);
    if (take(e, ",")) return tuple(e, v);
    if (!take(e, ")")) fail(e, e->at, "')' is missing here");
    e->parens--;
    return v;
}

static struct val name(struct eval *e, struct span s)
{
    size_t where = e->at;
    e->at += s.len;
    for (unsigned i = 0; i < e->code->count; i++)
        if (strlen(e->code->var[i].name) == s.len
            && memcmp(e->code->var[i].name, s.p, s.len) == 0)
            return number(e->code->var[i].value);
    int64_t n = 0;
    if (s.len == 4 && memcmp(s.p, "True", 4) == 0) return number(1);
    if (s.len == 5 && memcmp(s.p, "False", 5) == 0) return number(0);
    if (!e->w->lookup(e->w->self, s, &n))
        fail(e, where, "nothing is named '%.*s'", (int)s.len, s.p);
    return number(n);
}

static struct val primary(struct eval *e)
{
    pass_space(e);
    char c = at(e, 0);
    if (c == '\'' || c == '"') return text_literal(e, c);
    if (take(e, "(")) return parenthesis(e);
    struct span s = word(e);
    if (s.len == 0) {
        fail(e, e->at, "a value is missing here");
        return number(0);
    }
    if (c < '0' || c > '9') return name(e, s);
    uint64_t n;
    if (!lex_read_number(s, INT64_MAX, &n)) fail(e, e->at, "'%.*s' is no number", (int)s.len, s.p);
    else e->at += s.len;
    return number(e->result.ok ? (int64_t)n : 0);
}

static struct val unary(struct eval *e)
{
    size_t where = e->at;
    if (++e->depth > CODE_DEPTH) fail(e, where, "this is nested too deeply");
    struct val v;
    bool minus = e->result.ok && take(e, "-"), invert = !minus && e->result.ok && take(e, "~");
    if (!e->result.ok) v = number(0);
    else v = minus || invert ? unary(e) : primary(e);
    if ((minus || invert) && v.kind != VAL_NUMBER) fail(e, where, "this is no number");
    e->depth--;
    if (minus) return number((int64_t)(0 - (uint64_t)v.n));
    return invert ? number(~v.n) : v;
}

// Division as in Python: towards minus infinity.
static int64_t floor_divide(int64_t a, int64_t b, bool rest)
{
    if (b == -1) return rest ? 0 : (int64_t)(0 - (uint64_t)a);
    int64_t q = a / b, m = a % b;
    if (m != 0 && (m < 0) != (b < 0)) {
        q--;
        m += b;
    }
    return rest ? m : q;
}

static int64_t arithmetic(struct eval *e, size_t where, const char *op, struct val a, struct val b)
{
    if (a.kind != VAL_NUMBER || b.kind != VAL_NUMBER) {
        fail(e, where, "'%s' wants two numbers", op);
        return 0;
    }
    uint64_t x = (uint64_t)a.n, y = (uint64_t)b.n;
    switch (op[0]) {
    case '|': return (int64_t)(x | y);
    case '^': return (int64_t)(x ^ y);
    case '&': return (int64_t)(x & y);
    case '+': return (int64_t)(x + y);
    case '-': return (int64_t)(x - y);
    case '*': return (int64_t)(x * y);
    case '<': case '>':
        if (y > 62) fail(e, where, "a shift is from 0 to 62");
        else return op[0] == '<' ? (int64_t)(x << y) : a.n >> y;
        return 0;
    default:
        if (b.n == 0) fail(e, where, "nothing can be divided by 0");
        else return floor_divide(a.n, b.n, op[0] == '%');
        return 0;
    }
}

// Operators by level, tightest last; the longer mark comes before its beginning.
static const char *const levels[][5] = {
    {"|", NULL}, {"^", NULL}, {"&", NULL}, {"<<", ">>", NULL}, {"+", "-", NULL},
    {"*", "//", "/", "%", NULL},
};

static bool take_operator(struct eval *e, unsigned level, const char **op)
{
    for (unsigned i = 0; levels[level][i] != NULL; i++) {
        size_t before = e->at;
        if (!take(e, levels[level][i])) continue;
        *op = levels[level][i];
        if (at(e, 0) != '=') return true;
        e->at = before;  // an assignment: not ours
    }
    return false;
}

static struct val binary(struct eval *e, unsigned level)
{
    if (level == ARRAY_LEN(levels)) return unary(e);
    struct val v = binary(e, level + 1);
    size_t where = e->at;
    const char *op;
    while (e->result.ok && take_operator(e, level, &op)) {
        struct val right = binary(e, level + 1);
        if (!e->result.ok) break;
        if (op[0] == '%' && v.kind == VAL_TEXT) v = format(e, where, &v, &right);
        else v = number(arithmetic(e, where, op, v, right));
    }
    return v;
}

static bool compares(struct eval *e, size_t where, const char *op, struct val a, struct val b)
{
    int order;
    if (a.kind == VAL_NUMBER && b.kind == VAL_NUMBER) order = (a.n > b.n) - (a.n < b.n);
    else if (a.kind == VAL_TEXT && b.kind == VAL_TEXT) order = strcmp(a.text, b.text);
    else return fail(e, where, "these cannot be compared"), false;
    switch (op[0]) {
    case '=': return order == 0;
    case '!': return order != 0;
    case '<': return op[1] == '=' ? order <= 0 : order < 0;
    default:  return op[1] == '=' ? order >= 0 : order > 0;
    }
}

// a < b <= c: all of them hold.
static struct val comparison(struct eval *e)
{
    static const char *const ops[] = {"==", "!=", "<=", ">=", "<", ">"};
    struct val left = binary(e, 0);
    bool any = false, holds = true;
    for (bool more = true; more && e->result.ok;) {
        more = false;
        for (unsigned i = 0; i < ARRAY_LEN(ops) && !more; i++) {
            size_t where = e->at;
            if (!take(e, ops[i])) continue;
            struct val right = binary(e, 0);
            if (e->result.ok) holds = compares(e, where, ops[i], left, right) && holds;
            left = right;
            any = more = true;
        }
    }
    return any ? number(holds) : left;
}

static struct val negation(struct eval *e)
{
    if (++e->depth > CODE_DEPTH) fail(e, e->at, "this is nested too deeply");
    struct val v;
    if (!e->result.ok) {
        v = number(0);
    } else if (take_word(e, "not")) {
        v = negation(e);
        v = number(!is_true(&v));
    } else {
        v = comparison(e);
    }
    e->depth--;
    return v;
}

// Both sides are always looked at: a name that means nothing is an error wherever it stands.
static struct val junction(struct eval *e, bool all)
{
    struct val v = all ? negation(e) : junction(e, true);
    while (e->result.ok && take_word(e, all ? "and" : "or")) {
        struct val right = all ? negation(e) : junction(e, true);
        if (!e->result.ok) break;
        if (is_true(&v) == all) v = right;
    }
    return v;
}

static struct val expression(struct eval *e)
{
    if (++e->depth > CODE_DEPTH) fail(e, e->at, "this is nested too deeply");
    struct val v = e->result.ok ? junction(e, false) : number(0);
    e->depth--;
    return v;
}

// --- statements ---------------------------------------------------------------------------------

static void do_assert(struct eval *e)
{
    pass_space(e);
    size_t where = e->at;
    struct val v = expression(e);
    size_t end = e->at;
    struct val message = number(0);
    bool has_message = e->result.ok && take(e, ",");
    if (has_message) message = expression(e);
    if (!e->result.ok || is_true(&v)) return;
    while (end > where && (e->in.p[end - 1] == ' ' || e->in.p[end - 1] == '\n')) end--;
    char text[CODE_TEXT];
    struct text t = text_of(text, sizeof text);
    text_put_printable(&t, (const uint8_t *)e->in.p + where, end - where);
    if (has_message) text_put_str(&t, ": ");
    if (has_message) put_val(&t, &message);
    fail(e, where, "it does not hold that %s", text);
}

static void do_print(struct eval *e)
{
    if (!take(e, "(")) {
        fail(e, e->at, "'(' is missing here");
        return;
    }
    struct val v = parenthesis(e);
    if (!e->result.ok) return;
    char text[CODE_TEXT];
    struct text t = text_of(text, sizeof text);
    put_val(&t, &v);
    e->w->print(e->w->self, text);
}

static int64_t *variable(struct eval *e, struct span s, size_t where, bool make)
{
    for (unsigned i = 0; i < e->code->count; i++)
        if (strlen(e->code->var[i].name) == s.len
            && memcmp(e->code->var[i].name, s.p, s.len) == 0)
            return &e->code->var[i].value;
    if (!make) fail(e, where, "'%.*s' was not set before", (int)s.len, s.p);
    else if (e->code->count == CODE_VARS) fail(e, where, "there are at most %d names", CODE_VARS);
    else if (s.len >= CODE_NAME) fail(e, where, "this name is too long");
    if (!e->result.ok) return NULL;
    memcpy(e->code->var[e->code->count].name, s.p, s.len);
    e->code->var[e->code->count].name[s.len] = 0;
    return &e->code->var[e->code->count++].value;
}

static void do_assignment(struct eval *e)
{
    static const char *const ops[] = {"=", "+=", "-=", "*=", "//=", "|=", "&="};
    struct span s = word(e);
    size_t where = e->at;
    e->at += s.len;
    const char *op = NULL;
    for (unsigned i = 0; i < ARRAY_LEN(ops) && op == NULL; i++)
        if (take(e, ops[i])) op = ops[i];
    if (s.len == 0 || op == NULL || (op[0] == '=' && at(e, 0) == '=')) {
        fail(e, where, "assert, print() or name = value is expected here");
        return;
    }
    struct val v = expression(e);
    if (e->result.ok && v.kind != VAL_NUMBER) fail(e, where, "a name holds a number");
    int64_t *to = e->result.ok ? variable(e, s, where, op[0] == '=') : NULL;
    if (to != NULL) *to = op[0] == '=' ? v.n : arithmetic(e, where, op, number(*to), v);
}

static void statement(struct eval *e)
{
    if (take_word(e, "assert")) do_assert(e);
    else if (take_word(e, "print")) do_print(e);
    else if (!take_word(e, "pass")) do_assignment(e);
}

struct code_result code_run(struct code *code, struct span text, const struct code_world *w)
{
    struct eval e = {.code = code, .w = w, .in = text, .result.ok = true};
    arena_init(&e.arena, 1 << 20);
    while (e.result.ok) {
        while (take(&e, "\n") || take(&e, ";")) {}
        if (e.at >= e.in.len) break;
        statement(&e);
        pass_space(&e);
        if (e.result.ok && e.at < e.in.len && at(&e, 0) != '\n' && at(&e, 0) != ';')
            fail(&e, e.at, "the line should end here");
    }
    arena_free(&e.arena);
    return e.result;
}
