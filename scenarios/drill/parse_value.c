// parse_value.c - calls, and the values that are their arguments and results. See parse.h.
#include "scenarios/drill/parse.h"
#include "scenarios/drill/symbol.h"

static struct value *new_value(struct lex *l, enum value_kind kind, uint32_t at)
{
    struct value *v = parse_take(l, sizeof *v);
    if (v == NULL) return NULL;
    v->kind = kind;
    v->at = at;
    return v;
}

// Values up to the closing mark, with commas between. Returns the first.
static struct value *parse_list(struct lex *l, const char *close, unsigned depth, unsigned *count)
{
    struct value *first = NULL, **tail = &first;
    *count = 0;
    if (lex_take(l, close)) return NULL;
    do {
        struct value *v = parse_value(l, depth + 1);
        if (l->failed) return NULL;
        *tail = v;
        tail = &v->next;
        ++*count;
    } while (lex_take(l, ","));
    lex_need(l, close);
    return first;
}

static struct value *parse_integer(struct lex *l)
{
    struct value *v = new_value(l, VALUE_INT, lex_here(l));
    if (v == NULL) return NULL;
    bool minus = lex_take(l, "-");
    uint64_t n = 0;
    if (!lex_number(l, minus ? (uint64_t)INT64_MAX : UINT64_MAX, &n)) return NULL;
    v->number = minus ? -(int64_t)n : (int64_t)n;
    return v;
}

// name=value, name(args)=value, or name(args)
static struct value *parse_named(struct lex *l, struct token word, unsigned depth)
{
    struct value *v = new_value(l, VALUE_CALL, word.at);
    if (v == NULL) return NULL;
    v->name = arena_text(l->arena, word.text.p, word.text.len);
    unsigned count;
    if (lex_take(l, "(")) v->first = parse_list(l, ")", depth, &count);
    if (l->failed || !lex_take(l, "=")) return v;
    v->kind = VALUE_PAIR;
    v->args = v->first;
    v->first = parse_value(l, depth + 1);
    return v;
}

static bool symbol_number(struct lex *l, struct token word, int64_t *n)
{
    if (symbol_find(word.text, n)) return true;
    lex_fail(l, word.at, "'%.*s' has no meaning here, and is not defined", (int)word.text.len,
             word.text.p);
    return false;
}

static struct value *parse_name(struct lex *l, unsigned depth)
{
    struct token word = lex_word(l);
    if (word.kind == TOKEN_INT) {
        struct value *v = new_value(l, VALUE_INT, word.at);
        uint64_t n = 0;
        lex_read_number(word.text, UINT64_MAX, &n);
        if (v != NULL) v->number = (int64_t)n;
        return v;
    }
    if (word.kind == TOKEN_STRING) {
        struct value *v = new_value(l, VALUE_STRING, word.at);
        if (v == NULL) return NULL;
        v->bytes = (const uint8_t *)word.text.p;
        v->len = word.text.len;
        return v;
    }
    if (word.kind == TOKEN_COMMAND) {
        lex_fail(l, word.at, "a command is no value");
        return NULL;
    }
    if (lex_peek(l) == '(' || lex_peek(l) == '=') return parse_named(l, word, depth);
    struct value *v = new_value(l, VALUE_SYMBOL, word.at);
    if (v == NULL || !symbol_number(l, word, &v->number)) return NULL;
    v->name = arena_text(l->arena, word.text.p, word.text.len);
    return v;
}

// What an opaque brace holds: GRE's and MPLS's own notation, which no call of ours takes.
static bool parse_opaque(struct lex *l)
{
    if (!lex_peek_word(l, "flags") && lex_peek(l) != '(') return false;
    lex_fail(l, lex_here(l), "GRE and MPLS are not spoken here");
    return true;
}

static struct value *parse_primary(struct lex *l, unsigned depth)
{
    uint32_t at = lex_here(l);
    unsigned count;
    struct value *v = NULL;
    if (lex_take(l, "...")) return new_value(l, VALUE_ELLIPSIS, at);
    if (lex_take(l, "[")) {
        v = new_value(l, VALUE_LIST, at);
        if (v != NULL) v->first = parse_list(l, "]", depth, &count);
        return v;
    }
    if (lex_take(l, "{")) {
        v = new_value(l, VALUE_STRUCT, at);
        if (v != NULL && !parse_opaque(l)) v->first = parse_list(l, "}", depth, &count);
        return v;
    }
    if (lex_peek(l) == '"') {
        v = new_value(l, VALUE_STRING, at);
        if (v != NULL) v->bytes = lex_string(l, &v->len);
        return v;
    }
    if (lex_is_number(l) || lex_peek(l) == '-') return parse_integer(l);
    if (lex_is_word(l)) return parse_name(l, depth);
    lex_fail(l, at, "a value is missing here");
    return NULL;
}

struct value *parse_value(struct lex *l, unsigned depth)
{
    if (depth > VALUE_DEPTH) {
        lex_fail(l, lex_here(l), "values are nested too deeply");
        return NULL;
    }
    struct value *v = parse_primary(l, depth);
    while (!l->failed && lex_take(l, "|")) {
        struct value *more = parse_primary(l, depth);
        if (l->failed) return NULL;
        bool numbers = (v->kind == VALUE_SYMBOL || v->kind == VALUE_INT)
                    && (more->kind == VALUE_SYMBOL || more->kind == VALUE_INT);
        if (!numbers) lex_fail(l, more->at, "only numbers can be joined by |");
        v->number |= more->number;
    }
    return l->failed ? NULL : v;
}

// Words in parentheses are decoration, as strace has it.
static void pass_note(struct lex *l)
{
    uint32_t at = lex_here(l);
    if (lex_take(l, "(")) lex_until(l, ")", at);
}

// An error's name behind the result; but a step of its own may begin with a defined word.
static void parse_result(struct lex *l, struct call *c)
{
    c->result = parse_value(l, 0);
    if (l->failed) return;
    if (lex_is_word(l)) {
        struct token word = lex_word(l);
        int64_t n = 0;
        if (!symbol_number(l, word, &n)) return;
        if (word.text.p[0] != 'E') lex_fail(l, word.at, "an error's name is missing here");
        c->error = (int)n;
        c->error_at = word.at;
    }
    pass_note(l);
    pass_note(l);
}

struct call *parse_call(struct lex *l, struct token name)
{
    struct call *c = parse_take(l, sizeof *c);
    if (c == NULL || !lex_need(l, "(")) return NULL;
    c->name = arena_text(l->arena, name.text.p, name.text.len);
    c->args = parse_list(l, ")", 0, &c->count);
    if (!l->failed && lex_need(l, "=")) parse_result(l, c);
    return l->failed ? NULL : c;
}
