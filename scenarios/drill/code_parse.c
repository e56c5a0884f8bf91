// code_parse.c - the text between %{ and }% to a block of statements. See code_tree.h.
#include "scenarios/drill/code_tree.h"

#include <stdarg.h>
#include <stdio.h>

struct parse {
    const struct code_source *source;
    const char               *p;
    size_t                    len, at;           // at the first failure, at is len, and stays there
    size_t                    space, space_end;  // where the last space was
    unsigned                  parens;   // inside them a line's end means nothing
    unsigned                  depth;
    bool                      shell;
    bool                      failed;
    struct code_error        *error;
};

static void fail(struct parse *s, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct parse *s, size_t at, const char *format, ...)
{
    if (s->failed) return;
    va_list args;
    va_start(args, format);
    vsnprintf(s->error->text, sizeof s->error->text, format, args);
    va_end(args);
    s->failed = true;
    s->error->at = (uint32_t)at;
    s->error->end = s->error->at + 1;
    s->at = s->len;
}

static void *take_memory(struct parse *s, size_t size)
{
    void *p = arena_take(s->source->arena, size);
    if (p == NULL) fail(s, s->at, "the script needs too much memory");
    return p;
}

// --- tokens -------------------------------------------------------------------------------------

static char peek(const struct parse *s, size_t n)
{
    return s->len - s->at > n ? s->p[s->at + n] : 0;
}

static void pass_space(struct parse *s)
{
    if (s->at != s->space_end) s->space = s->at;
    for (; s->at < s->len; s->at++) {
        char c = peek(s, 0);
        if (c == '\\' && (peek(s, 1) == '\n' || (peek(s, 1) == '\r' && peek(s, 2) == '\n'))) {
            s->at += peek(s, 1) == '\r' ? 2 : 1;
        } else if (c == '#') {
            while (s->at + 1 < s->len && peek(s, 1) != '\n') s->at++;
        } else if (!(c == ' ' || c == '\t' || c == '\r' || (c == '\n' && s->parens > 0))) {
            break;
        }
    }
    s->space_end = s->at;
}

static uint32_t end_of_token(const struct parse *s)
{
    return (uint32_t)(s->at == s->space_end ? s->space : s->at);
}

static bool take(struct parse *s, const char *mark)
{
    pass_space(s);
    size_t n = strlen(mark);
    if (s->len - s->at < n || memcmp(s->p + s->at, mark, n) != 0) return false;
    s->at += n;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static struct span word(struct parse *s)
{
    pass_space(s);
    size_t n = 0;
    while (is_word_char(peek(s, n))) n++;
    return (struct span){s->p + s->at, n};
}

static bool is(struct span s, const char *name)
{
    return s.len == strlen(name) && memcmp(s.p, name, s.len) == 0;
}

static bool take_word(struct parse *s, const char *name)
{
    if (!is(word(s), name)) return false;
    s->at += strlen(name);
    return true;
}

static void need(struct parse *s, const char *mark)
{
    if (!take(s, mark)) fail(s, s->at, "'%s' is missing here", mark);
}

// --- nodes --------------------------------------------------------------------------------------

static struct code_node *expression(struct parse *s);

static struct code_node *new_node(struct parse *s, enum code_form form, size_t at)
{
    struct code_node *n = s->failed ? NULL : take_memory(s, sizeof *n);
    if (n == NULL) return NULL;
    n->form = form;
    n->at = (uint32_t)at;
    n->end = end_of_token(s);
    return n;
}

static struct code_node *finish(struct parse *s, struct code_node *n)
{
    if (n != NULL) n->end = end_of_token(s);
    return s->failed ? NULL : n;
}

static struct code_node *constant(struct parse *s, size_t at, struct code_value v)
{
    struct code_node *n = new_node(s, FORM_VALUE, at);
    if (n != NULL) n->value = v;
    return n;
}

// Values with commas between, up to the closing mark. True: a comma stood at the end.
static bool items(struct parse *s, struct code_node *list, const char *close)
{
    struct code_node **tail = &list->first;
    bool comma = true;
    s->parens++;
    while (!take(s, close) && !s->failed) {
        if (!comma) fail(s, s->at, "'%s' is missing here", close);
        else if (list->count++ == CODE_ITEMS) fail(s, s->at, "at most %d values", CODE_ITEMS);
        if (s->failed) break;
        *tail = expression(s);
        if (s->failed) break;
        tail = &(*tail)->next;
        comma = take(s, ",");
    }
    s->parens--;
    return comma;
}

static struct code_node *parenthesis(struct parse *s, size_t at)
{
    struct code_node *list = new_node(s, FORM_LIST, at);
    if (list == NULL) return NULL;
    bool comma = items(s, list, ")");
    if (s->failed) return NULL;
    list->tuple = true;
    if (list->count == 1 && !comma) {  // a value between parentheses
        list->first->at = (uint32_t)at;
        return finish(s, list->first);
    }
    return finish(s, list);
}

// --- literals -----------------------------------------------------------------------------------

static bool escape(struct parse *s, char *c)
{
    static const char escapes[] = "n\nr\rt\t\\\\''\"\"";
    for (size_t i = 0; i + 1 < sizeof escapes - 1; i += 2)
        if (peek(s, 0) == escapes[i]) {
            *c = escapes[i + 1];
            return true;
        }
    int hi = text_hex_digit(peek(s, 1)), lo = text_hex_digit(peek(s, 2));
    if (peek(s, 0) != 'x' || hi < 0 || lo < 0) return false;
    *c = (char)(unsigned char)(hi << 4 | lo);
    s->at += 2;
    return true;
}

static void text_part(struct parse *s, struct text *t, char quote, bool raw)
{
    size_t start = s->at++;
    for (; s->at < s->len && peek(s, 0) != quote && peek(s, 0) != '\n'; s->at++) {
        char c = peek(s, 0);
        if (c == '\\' && !raw) {
            s->at++;
            if (!escape(s, &c)) s->at--;  // Python leaves those it does not know
        }
        text_put_char(t, c);
    }
    if (peek(s, 0) != quote) fail(s, start, "this text has no end");
    else s->at++;
}

static struct code_node *text_literal(struct parse *s, bool raw)
{
    char text[CODE_STRING + 2];
    struct text t = text_of(text, sizeof text);
    size_t at = s->at;
    do {
        text_part(s, &t, peek(s, 0), raw);
        pass_space(s);
        raw = false;
    } while (!s->failed && (peek(s, 0) == '\'' || peek(s, 0) == '"'));
    if (t.cut) fail(s, at, "a text has at most %d bytes", CODE_STRING);
    if (s->failed) return NULL;
    char *copy = arena_text(s->source->arena, text, t.len);
    if (copy == NULL) fail(s, at, "the script needs too much memory");
    return constant(s, at, (struct code_value){.kind = CODE_CHARS, .count = (uint32_t)t.len,
                                               .chars = copy});
}

static bool whole_literal(const char *p, size_t len, unsigned base, code_int *n)
{
    *n = 0;
    for (size_t i = 0; i < len; i++) {
        int d = text_hex_digit(p[i]);
        if (p[i] == '_' && i > 0 && i + 1 < len && p[i - 1] != '_') continue;
        if (d < 0 || (unsigned)d >= base || *n >> 120 != 0) return false;
        *n = *n * base + d;
    }
    return len > 0;
}

// How far a literal reaches; and whether it has a fraction or an exponent.
static size_t number_length(const struct parse *s, bool *fraction)
{
    size_t n = 0;
    bool other = peek(s, 0) == '0' && peek(s, 1) != 0 && strchr("xXoObB", peek(s, 1)) != NULL;
    *fraction = false;
    for (;; n++) {
        char c = peek(s, n);
        bool exponent = !other && n > 0 && (peek(s, n - 1) == 'e' || peek(s, n - 1) == 'E');
        if (!other && (c == '.' || c == 'e' || c == 'E')) *fraction = true;
        else if (!is_word_char(c) && !(exponent && (c == '+' || c == '-'))) return n;
    }
}

static struct code_node *number(struct parse *s)
{
    bool fraction;
    size_t at = s->at, len = number_length(s, &fraction);
    const char *p = s->p + at;
    unsigned base = len < 2 || p[0] != '0' ? 10 : p[1] == 'x' || p[1] == 'X' ? 16
                  : p[1] == 'o' || p[1] == 'O' ? 8 : p[1] == 'b' || p[1] == 'B' ? 2 : 10;
    struct code_value v = {.kind = fraction ? CODE_FLOAT : CODE_INT};
    char copy[60], *end = copy;
    snprintf(copy, sizeof copy, "%.*s", (int)(len < 59 ? len : 59), p);
    bool plain = base != 10 || len < 2 || p[0] != '0' || strspn(copy, "0_") == len;  // no 010
    s->at += len;
    if (fraction) v.x = strtod(copy, &end);
    bool fine = fraction ? len < sizeof copy && *end == 0
                         : plain && whole_literal(base == 10 ? p : p + 2,
                                                  base == 10 ? len : len - 2, base, &v.n);
    if (!fine) fail(s, at, "'%.*s' is no number", (int)(len < 60 ? len : 60), p);
    return constant(s, at, v);
}

// --- names --------------------------------------------------------------------------------------

static const char *const functions[CALLS] = {
    "abs", "bool", "float", "hex", "int", "len", "max", "min", "range", "round", "str", "sum"};

static const char *const reserved[] = {
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "print", "raise", "return", "try", "while", "with", "yield"};

static bool is_reserved(struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (is(name, reserved[i])) return true;
    return false;
}

static int variable(const struct parse *s, struct span name)
{
    const struct code_names *all = s->source->names;
    for (unsigned i = 0; all != NULL && i < all->count; i++)
        if (is(name, all->name[i])) return (int)i;
    return -1;
}

static struct code_node *call(struct parse *s, struct span name, size_t at)
{
    static const uint8_t most[CALLS] = {1, 1, 1, 1, 1, 1, 255, 255, 3, 2, 1, 1};
    struct code_node *n = new_node(s, FORM_CALL, at);
    unsigned f = 0;
    while (f < CALLS && !is(name, functions[f])) f++;
    if (n == NULL) return NULL;
    if (f == CALLS) {
        fail(s, at, "there is no function named '%.*s' here", (int)name.len, name.p);
        return NULL;
    }
    n->function = (enum code_function)f;
    items(s, n, ")");
    if (!s->failed && (n->count == 0 || n->count > most[f]))
        fail(s, at, "%s() takes %s", functions[f], most[f] == 1 ? "one value"
             : most[f] == 2 ? "one value or two" : most[f] == 3 ? "one value to three"
             : "some values");
    return finish(s, n);
}

static struct code_node *name(struct parse *s, struct span name)
{
    size_t at = s->at;
    if (is_reserved(name)) {
        fail(s, at, "a value is missing here");
        return NULL;
    }
    s->at += name.len;
    if (is(name, "True") || is(name, "False"))
        return constant(s, at, code_of_bool(is(name, "True")));
    if (is(name, "None")) return constant(s, at, (struct code_value){0});
    int var = variable(s, name);
    if (var < 0 && take(s, "(")) return call(s, name, at);
    s->at = at + name.len;
    struct code_node *n = new_node(s, var < 0 ? FORM_NAME : FORM_VAR, at);
    if (n == NULL) return NULL;
    if (var >= 0) n->var = (unsigned)var;
    else n->name = name;
    if (var < 0 && (s->source->known == NULL || !s->source->known(name)))
        fail(s, at, "nothing is named '%.*s'", (int)(name.len < 100 ? name.len : 100), name.p);
    return finish(s, n);
}

static struct code_node *primary(struct parse *s)
{
    pass_space(s);
    size_t at = s->at;
    char c = peek(s, 0), after = peek(s, 1);
    bool raw = (c == 'r' || c == 'R') && (after == '\'' || after == '"');
    if (is_digit(c) || (c == '.' && is_digit(after))) return number(s);
    if (raw) s->at++;
    if (raw || c == '\'' || c == '"') return text_literal(s, raw);
    if (take(s, "(")) return parenthesis(s, at);
    if (take(s, "[")) {
        struct code_node *list = new_node(s, FORM_LIST, at);
        if (list != NULL) items(s, list, "]");
        return finish(s, list);
    }
    struct span w = word(s);
    if (w.len > 0 && (peek(s, w.len) == '\'' || peek(s, w.len) == '"'))
        fail(s, at, "texts are '...' or \"...\" here");
    else if (w.len == 0)
        fail(s, at, "a value is missing here");
    return s->failed ? NULL : name(s, w);
}

// --- operators ----------------------------------------------------------------------------------

static bool deeper(struct parse *s)
{
    if (++s->depth > CODE_DEPTH) fail(s, s->at, "this is nested too deeply");
    return !s->failed;
}

static struct code_node *joined(struct code_node *n, enum code_op op, size_t at)
{
    if (n == NULL) return NULL;
    n->join = op;
    n->join_at = (uint32_t)at;
    return n;
}

static struct code_node *new_chain(struct parse *s, struct code_node *first)
{
    struct code_node *n = first == NULL ? NULL : new_node(s, FORM_CHAIN, first->at);
    if (n != NULL) n->first = first;
    return n;
}

static struct code_node *unary(struct parse *s);

// Tighter than a sign in front of it, looser than one behind: -2 ** -2.
static struct code_node *power(struct parse *s)
{
    struct code_node *n = primary(s);
    pass_space(s);
    size_t at = s->at;
    if (n == NULL || !take(s, "**")) return n;
    struct code_node *chain = new_chain(s, n);
    if (chain == NULL) return NULL;
    n->next = joined(unary(s), OP_POW, at);
    return finish(s, chain);
}

static struct code_node *sign(struct parse *s, enum code_op op, size_t at,
                              struct code_node *operand(struct parse *))
{
    struct code_node *n = new_node(s, FORM_UNARY, at);
    if (n == NULL) return NULL;
    n->op = op;
    n->first = operand(s);
    return finish(s, n);
}

static struct code_node *unary(struct parse *s)
{
    struct code_node *n = NULL;
    pass_space(s);
    size_t at = s->at;
    if (deeper(s)) {
        if (take(s, "-")) n = sign(s, OP_NEG, at, unary);
        else if (take(s, "+")) n = sign(s, OP_POS, at, unary);
        else if (take(s, "~")) n = sign(s, OP_INVERT, at, unary);
        else n = power(s);
    }
    s->depth--;
    return n;
}

enum level { LEVEL_OR, LEVEL_AND, LEVEL_COMPARE, LEVEL_BIT_OR, LEVEL_BIT_XOR, LEVEL_BIT_AND,
             LEVEL_SHIFT, LEVEL_SUM, LEVEL_PRODUCT };

// Of one level, the longer mark comes before its beginning.
static const struct { enum level level; const char *mark; enum code_op op; } operators[] = {
    {LEVEL_COMPARE, "==", OP_EQ}, {LEVEL_COMPARE, "!=", OP_NE}, {LEVEL_COMPARE, "<=", OP_LE},
    {LEVEL_COMPARE, ">=", OP_GE}, {LEVEL_COMPARE, "<", OP_LT},  {LEVEL_COMPARE, ">", OP_GT},
    {LEVEL_BIT_OR, "|", OP_BIT_OR}, {LEVEL_BIT_XOR, "^", OP_BIT_XOR},
    {LEVEL_BIT_AND, "&", OP_BIT_AND}, {LEVEL_SHIFT, "<<", OP_LEFT}, {LEVEL_SHIFT, ">>", OP_RIGHT},
    {LEVEL_SUM, "+", OP_ADD}, {LEVEL_SUM, "-", OP_SUB}, {LEVEL_PRODUCT, "*", OP_MUL},
    {LEVEL_PRODUCT, "//", OP_FLOOR}, {LEVEL_PRODUCT, "/", OP_DIV}, {LEVEL_PRODUCT, "%", OP_MOD},
};

static enum code_op comparing_word(struct parse *s)
{
    size_t before = s->at;
    if (take_word(s, "in")) return OP_IN;
    if (take_word(s, "not") && take_word(s, "in")) return OP_NOT_IN;
    s->at = before;
    if (!take_word(s, "is")) return OP_NOTHING;
    return take_word(s, "not") ? OP_IS_NOT : OP_IS;
}

static enum code_op take_operator(struct parse *s, enum level level)
{
    if (level == LEVEL_OR) return take_word(s, "or") ? OP_OR : OP_NOTHING;
    if (level == LEVEL_AND) return take_word(s, "and") ? OP_AND : OP_NOTHING;
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        if (operators[i].level != level || !take(s, operators[i].mark)) continue;
        enum code_op op = operators[i].op;
        if (!s->shell) return op;
        return op == OP_DIV ? OP_QUOTIENT : op == OP_MOD ? OP_REST : op;
    }
    return level == LEVEL_COMPARE ? comparing_word(s) : OP_NOTHING;
}

static struct code_node *negation(struct parse *s);

static struct code_node *chain(struct parse *s, enum level level);

static struct code_node *operand(struct parse *s, enum level level)
{
    if (level == LEVEL_AND) return negation(s);
    return level == LEVEL_PRODUCT ? unary(s) : chain(s, level + 1);
}

static struct code_node *chain(struct parse *s, enum level level)
{
    struct code_node *first = operand(s, level), *all = NULL;
    if (first == NULL) return NULL;
    struct code_node **tail = &first->next;
    while (!s->failed) {
        pass_space(s);
        size_t at = s->at;
        enum code_op op = take_operator(s, level);
        if (op == OP_NOTHING) break;
        if (all == NULL) all = new_chain(s, first);
        *tail = joined(operand(s, level), op, at);
        if (s->failed) return NULL;
        tail = &(*tail)->next;
    }
    return s->failed ? NULL : all != NULL ? finish(s, all) : first;
}

static struct code_node *negation(struct parse *s)
{
    struct code_node *n = NULL;
    pass_space(s);
    size_t at = s->at;
    if (deeper(s) && take_word(s, "not")) n = sign(s, OP_NOT, at, negation);
    else if (!s->failed) n = chain(s, LEVEL_COMPARE);
    s->depth--;
    return n;
}

// then if condition else other
static struct code_node *choice(struct parse *s)
{
    struct code_node *then = chain(s, LEVEL_OR);
    if (s->failed || !take_word(s, "if")) return then;
    struct code_node *n = new_node(s, FORM_IF, then->at);
    struct code_node *condition = chain(s, LEVEL_OR);
    if (!s->failed && !take_word(s, "else")) fail(s, s->at, "'else' is missing here");
    struct code_node *other = expression(s);
    if (s->failed) return NULL;
    n->first = condition;
    condition->next = then;
    then->next = other;
    return finish(s, n);
}

static struct code_node *expression(struct parse *s)
{
    struct code_node *n = deeper(s) ? choice(s) : NULL;
    s->depth--;
    return s->failed ? NULL : n;
}

// --- statements ---------------------------------------------------------------------------------

static void parse_assert(struct parse *s, struct code_statement *st)
{
    st->verb = VERB_ASSERT;
    st->value = expression(s);
    if (s->failed) return;
    if (st->value->form == FORM_LIST && st->value->count > 0)
        fail(s, st->value->at, "this always holds: a condition in parentheses with its message");
    if (take(s, ",")) st->message = expression(s);
}

static void parse_print(struct parse *s, struct code_statement *st)
{
    st->verb = VERB_PRINT;
    need(s, "(");
    struct code_node *list = new_node(s, FORM_LIST, s->at);
    if (list != NULL) items(s, list, ")");
    st->value = list;
}

static void new_variable(struct parse *s, struct span name, size_t at, unsigned *slot)
{
    struct code_names *all = s->source->names;
    if (all == NULL || all->count == CODE_VARS)
        fail(s, at, "there are at most %d names", CODE_VARS);
    else if (name.len >= CODE_NAME) fail(s, at, "this name is too long");
    if (s->failed) return;
    *slot = all->count++;
    memcpy(all->name[*slot], name.p, name.len);
    all->name[*slot][name.len] = 0;
}

static enum code_op assignment(struct parse *s, bool *found)
{
    static const struct { const char *mark; enum code_op op; } ops[] = {
        {"+=", OP_ADD}, {"-=", OP_SUB}, {"**=", OP_POW}, {"*=", OP_MUL}, {"//=", OP_FLOOR},
        {"/=", OP_DIV}, {"%=", OP_MOD}, {"|=", OP_BIT_OR}, {"&=", OP_BIT_AND}, {"^=", OP_BIT_XOR},
        {"<<=", OP_LEFT}, {">>=", OP_RIGHT}};
    *found = true;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        if (take(s, ops[i].mark)) return ops[i].op;
    *found = take(s, "=") && peek(s, 0) != '=';
    return OP_NOTHING;
}

static void parse_set(struct parse *s, struct code_statement *st)
{
    bool found;
    struct span name = word(s);
    size_t at = s->at;
    bool named = name.len > 0 && !is_digit(name.p[0]);
    s->at += name.len;
    st->verb = VERB_SET;
    st->op = assignment(s, &found);
    int var = variable(s, name);
    if (named && is_reserved(name))
        fail(s, at, "'%.*s' is not spoken here: assert, print() and name = value are",
             (int)name.len, name.p);
    else if (!named || !found)
        fail(s, at, "assert, print() or name = value is expected here");
    else if (s->source->known != NULL && s->source->known(name))
        fail(s, at, "'%.*s' has a meaning of its own: choose another name", (int)name.len, name.p);
    else if (var < 0 && st->op != OP_NOTHING)
        fail(s, at, "'%.*s' was not set before", (int)(name.len < 100 ? name.len : 100), name.p);
    if (s->failed) return;
    st->value = expression(s);
    st->var = (unsigned)var;
    if (!s->failed && var < 0) new_variable(s, name, at, &st->var);
}

static struct code_statement *parse_statement(struct parse *s)
{
    struct code_statement *st = take_memory(s, sizeof *st);
    if (st == NULL) return NULL;
    pass_space(s);
    st->at = (uint32_t)s->at;
    if (take_word(s, "assert")) parse_assert(s, st);
    else if (take_word(s, "print")) parse_print(s, st);
    else parse_set(s, st);
    return st;
}

static void check_end(struct parse *s)
{
    pass_space(s);
    char c = peek(s, 0);
    if (s->failed || s->at >= s->len || c == '\n' || c == ';') return;
    fail(s, s->at, c == '=' ? "to compare, write ==" : "the line should end here");
}

const struct code_block *code_parse(const struct code_source *source, struct code_error *error)
{
    struct parse s = {.source = source, .p = source->text.p, .len = source->text.len,
                      .error = error};
    *error = (struct code_error){0};
    struct code_block *b = take_memory(&s, sizeof *b);
    if (b == NULL) return NULL;
    b->text = source->text;
    struct code_statement **tail = &b->first;
    while (!s.failed) {
        while (take(&s, "\n") || take(&s, ";")) {}
        if (s.at >= s.len) break;
        if (take_word(&s, "pass")) {
            check_end(&s);
            continue;
        }
        struct code_statement *st = parse_statement(&s);
        check_end(&s);
        if (s.failed) break;
        *tail = st;
        tail = &st->next;
    }
    return s.failed ? NULL : b;
}

const struct code_node *code_parse_arithmetic(const struct code_source *source,
                                              struct code_error *error)
{
    struct parse s = {.source = source, .p = source->text.p, .len = source->text.len,
                      .error = error, .shell = true, .parens = 1};
    *error = (struct code_error){0};
    struct code_node *n = expression(&s);
    check_end(&s);
    return s.failed ? NULL : n;
}
