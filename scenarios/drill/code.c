// code.c - see code.h.
#include "scenarios/drill/code.h"

#include <math.h>

#include "scenarios/drill/code_tree.h"

enum { BLOCK_MEMORY = 1 << 20, VARS_MEMORY = 256 << 10, NAMES_TOLD = 6 };

struct eval {
    struct code_math         math;
    struct code             *code;
    const struct code_block *block;
    const struct code_world *w;
};

static struct code_value eval(struct eval *e, const struct code_node *n);

static struct code_value none(void) { return (struct code_value){0}; }

// --- functions ----------------------------------------------------------------------------------

struct values { const struct code_value *v; uint32_t count; };

// max(a, b) and max((a, b)) are the same.
static struct values spread(struct eval *e, const struct code_node *n, const struct code_value *v)
{
    if (n->count > 1) return (struct values){v, n->count};
    if (v->kind == CODE_LIST && v->count > 0) return (struct values){v->item, v->count};
    code_fail(&e->math, n->first->at, "some values are expected here");
    return (struct values){NULL, 0};
}

static struct code_value extreme(struct eval *e, const struct code_node *n,
                                 const struct code_value *v, enum code_op op)
{
    struct values all = spread(e, n, v);
    struct code_value best = all.count > 0 ? all.v[0] : none();
    for (uint32_t i = 1; i < all.count; i++)
        if (code_compare(&e->math, n->at, op, &all.v[i], &best)) best = all.v[i];
    return best;
}

static struct code_value sum(struct eval *e, const struct code_node *n, const struct code_value *v)
{
    struct values all = spread(e, n, v);
    struct code_value total = code_of_int(0);
    for (uint32_t i = 0; i < all.count; i++)
        total = code_binary(&e->math, n->at, OP_ADD, &total, &all.v[i]);
    return total;
}

static struct code_value range(struct eval *e, const struct code_node *n,
                               const struct code_value *v)
{
    struct code_math *m = &e->math;
    for (unsigned i = 0; i < n->count; i++)
        if (!code_is_whole(&v[i])) code_fail(m, n->at, "range() takes whole numbers");
    code_int from = n->count > 1 ? v[0].n : 0, to = v[n->count > 1].n;
    code_int step = n->count > 2 ? v[2].n : 1;
    struct code_value *item = arena_take(m->arena, CODE_ITEMS * sizeof *item);
    if (item == NULL) code_fail(m, n->at, "the code of this script needs too much memory");
    if (step == 0) code_fail(m, n->at, "range() takes no step of 0");
    struct code_value list = {.kind = CODE_LIST, .item = item};
    for (code_int i = from; !m->failed && (step > 0 ? i < to : i > to); i += step) {
        if (list.count == CODE_ITEMS) code_fail(m, n->at, "at most %d values", CODE_ITEMS);
        else item[list.count++] = code_of_int(i);
    }
    return list;
}

static struct code_value rounded(struct eval *e, const struct code_node *n,
                                 const struct code_value *v)
{
    code_int places = n->count > 1 && code_is_whole(&v[1]) ? v[1].n : 0;
    if (v->kind != CODE_FLOAT) return code_of_int(v->n);
    if (n->count == 1) return code_truncate(&e->math, n->at, nearbyint(v->x));
    int few = places > 400 ? 400 : places < -400 ? -400 : (int)places;
    return code_of_float(code_round(v->x, few));
}

static struct code_value as_text(struct eval *e, const struct code_node *n,
                                 const struct code_value *v)
{
    char text[CODE_STRING + 2];
    struct text t = text_of(text, sizeof text);
    bool minus = v->kind != CODE_CHARS && code_is_whole(v) && v->n < 0;
    if (n->function == CALL_STR) {
        code_put(&e->math, &t, v);
    } else if (code_is_whole(v)) {
        text_put_str(&t, minus ? "-0x" : "0x");
        code_put_int(&t, minus ? -v->n : v->n, 16);
    } else {
        code_fail(&e->math, n->at, "hex() takes a whole number");
    }
    return code_of_chars(&e->math, n->at, text, t.len);
}

static struct code_value call_of_number(struct eval *e, const struct code_node *n,
                                        const struct code_value *v)
{
    static const char *const names[CALLS] = {
        [CALL_ABS] = "abs", [CALL_FLOAT] = "float", [CALL_INT] = "int", [CALL_ROUND] = "round"};
    if (!code_is_number(v)) {
        code_fail(&e->math, n->first->at, "%s() takes a number", names[n->function]);
        return none();
    }
    bool whole = code_is_whole(v);
    switch (n->function) {
    case CALL_FLOAT: return code_of_float(code_as_float(v));
    case CALL_INT:   return whole ? code_of_int(v->n) : code_truncate(&e->math, n->at, v->x);
    case CALL_ABS:
        return whole ? code_of_int(v->n < 0 ? -v->n : v->n) : code_of_float(fabs(v->x));
    default:         return rounded(e, n, v);
    }
}

static struct code_value call(struct eval *e, const struct code_node *n)
{
    struct code_value *v = arena_take(e->math.arena, n->count * sizeof *v);
    if (v == NULL) {
        code_fail(&e->math, n->at, "the code of this script needs too much memory");
        return none();
    }
    unsigned count = 0;
    for (const struct code_node *a = n->first; a != NULL; a = a->next) v[count++] = eval(e, a);
    if (e->math.failed) return none();
    switch (n->function) {
    case CALL_BOOL:  return code_of_bool(code_is_true(v));
    case CALL_MAX:   return extreme(e, n, v, OP_GT);
    case CALL_MIN:   return extreme(e, n, v, OP_LT);
    case CALL_SUM:   return sum(e, n, v);
    case CALL_RANGE: return range(e, n, v);
    case CALL_STR:   case CALL_HEX: return as_text(e, n, v);
    case CALL_LEN:
        if (v->kind == CODE_CHARS || v->kind == CODE_LIST) return code_of_int(v->count);
        code_fail(&e->math, n->first->at, "len() takes a text or a list");
        return none();
    default: return call_of_number(e, n, v);
    }
}

// --- expressions --------------------------------------------------------------------------------

static struct code_value named(struct eval *e, const struct code_node *n)
{
    code_int number = 0;
    const char *why = e->w->lookup(e->w->self, n->name, &number);
    if (why != NULL) code_fail(&e->math, n->at, "%.*s: %s", (int)n->name.len, n->name.p, why);
    return code_of_int(number);
}

static struct code_value list(struct eval *e, const struct code_node *n)
{
    struct code_value v = {.kind = CODE_LIST, .tuple = n->tuple, .count = n->count};
    struct code_value *items = n->count == 0 ? NULL
                             : arena_take(e->math.arena, n->count * sizeof *items);
    if (items == NULL && n->count > 0) {
        code_fail(&e->math, n->at, "the code of this script needs too much memory");
        return none();
    }
    unsigned i = 0;
    for (const struct code_node *item = n->first; item != NULL; item = item->next)
        items[i++] = eval(e, item);
    v.item = items;
    return v;
}

// As far as it takes: the rest of an `or` is not looked at once something is true. The value is
// that of the operand that decided.
static struct code_value junction(struct eval *e, const struct code_node *first, bool all)
{
    struct code_value v = eval(e, first);
    for (const struct code_node *n = first->next; n != NULL && code_is_true(&v) == all; n = n->next)
        v = eval(e, n);
    return v;
}

// a < b <= c: all of them hold, and each is looked at once.
static struct code_value comparisons(struct eval *e, const struct code_node *first)
{
    struct code_value left = eval(e, first);
    for (const struct code_node *n = first->next; n != NULL; n = n->next) {
        struct code_value right = eval(e, n);
        if (!code_compare(&e->math, n->join_at, n->join, &left, &right)) return code_of_bool(false);
        left = right;
    }
    return code_of_bool(true);
}

static struct code_value chain(struct eval *e, const struct code_node *first)
{
    enum code_op op = first->next->join;
    if (op == OP_OR || op == OP_AND) return junction(e, first, op == OP_AND);
    if (op >= OP_IN && op <= OP_GT) return comparisons(e, first);
    struct code_value v = eval(e, first);
    for (const struct code_node *n = first->next; n != NULL && !e->math.failed; n = n->next) {
        struct code_value right = eval(e, n);
        v = code_binary(&e->math, n->join_at, n->join, &v, &right);
    }
    return v;
}

static struct code_value choice(struct eval *e, const struct code_node *condition)
{
    struct code_value v = eval(e, condition);
    const struct code_node *then = condition->next;
    return eval(e, code_is_true(&v) ? then : then->next);
}

static struct code_value eval(struct eval *e, const struct code_node *n)
{
    if (e->math.failed) return none();
    switch (n->form) {
    case FORM_VALUE: return n->value;
    case FORM_NAME:  return named(e, n);
    case FORM_VAR:   return e->code->var[n->var];
    case FORM_CHAIN: return chain(e, n->first);
    case FORM_UNARY: return code_unary(&e->math, n->at, n->op, eval(e, n->first));
    case FORM_IF:    return choice(e, n->first);
    case FORM_LIST:  return list(e, n);
    default:         return call(e, n);
    }
}

// --- statements ---------------------------------------------------------------------------------

// The words of the script, on one line.
static void put_source(struct text *t, const struct eval *e, const struct code_node *n)
{
    const char *p = e->block->text.p;
    bool space = false;
    for (uint32_t i = n->at; i < n->end; i++) {
        char after = i + 1 < n->end ? p[i + 1] : 0;
        bool line_goes_on = p[i] == '\\' && (after == '\n' || after == '\r');
        bool blank = line_goes_on || p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r';
        if (!blank && space && t->len > 0) text_put_char(t, ' ');
        if (!blank) text_put_printable(t, (const uint8_t *)p + i, 1);
        space = blank;
    }
}

struct told { unsigned count; struct span name[NAMES_TOLD]; };

static struct span name_of(const struct eval *e, const struct code_node *n)
{
    if (n->form == FORM_NAME) return n->name;
    return (struct span){e->block->text.p + n->at, n->end - n->at};
}

// What the names of an expression stand for, each once.
static void put_names(struct eval *e, struct text *t, const struct code_node *n, struct told *told)
{
    if (n->form == FORM_NAME || n->form == FORM_VAR) {
        struct span name = name_of(e, n);
        for (unsigned i = 0; i < told->count; i++)
            if (told->name[i].len == name.len && memcmp(told->name[i].p, name.p, name.len) == 0)
                return;
        if (told->count == NAMES_TOLD) return;
        struct code_value v = eval(e, n);
        text_put_str(t, told->count++ == 0 ? ", where " : ", ");
        told->name[told->count - 1] = name;
        text_put_printable(t, (const uint8_t *)name.p, name.len);
        text_put_str(t, " is ");
        code_put_repr(&e->math, t, &v);
        return;
    }
    if (n->form == FORM_VALUE) return;
    for (const struct code_node *part = n->first; part != NULL; part = part->next)
        put_names(e, t, part, told);
}

static void do_assert(struct eval *e, const struct code_statement *st)
{
    struct code_value v = eval(e, st->value);
    if (e->math.failed || code_is_true(&v)) return;
    char text[CODE_TEXT - 30];
    struct text t = text_of(text, sizeof text);
    struct told told = {0};
    put_source(&t, e, st->value);
    put_names(e, &t, st->value, &told);
    struct code_value message = st->message != NULL ? eval(e, st->message) : none();
    if (st->message != NULL) text_put_str(&t, ": ");
    if (st->message != NULL) code_put(&e->math, &t, &message);
    code_fail(&e->math, st->value->at, "it does not hold that %s", text);
    e->math.end = st->value->end;
}

static void do_print(struct eval *e, const struct code_statement *st)
{
    char text[CODE_STRING + 2];
    struct text t = text_of(text, sizeof text);
    for (const struct code_node *n = st->value->first; n != NULL; n = n->next) {
        struct code_value v = eval(e, n);
        if (t.len > 0 || n != st->value->first) text_put_char(&t, ' ');
        code_put(&e->math, &t, &v);
    }
    if (!e->math.failed) e->w->print(e->w->self, text);
}

static void do_set(struct eval *e, const struct code_statement *st)
{
    struct code_value v = eval(e, st->value);
    struct code_value *var = &e->code->var[st->var];
    if (st->op != OP_NOTHING) v = code_binary(&e->math, st->at, st->op, var, &v);
    struct arena *block = e->math.arena;
    e->math.arena = &e->code->arena;  // it outlives the block
    v = code_copy(&e->math, st->at, &v);
    e->math.arena = block;
    if (!e->math.failed) *var = v;
}

bool code_run(struct code *code, const struct code_block *b, const struct code_world *w,
              struct code_error *error)
{
    struct arena arena;
    arena_init(&arena, BLOCK_MEMORY);
    if (code->arena.limit == 0) arena_init(&code->arena, VARS_MEMORY);
    struct eval e = {.math = {.arena = &arena, .work = code->work}, .code = code, .block = b,
                     .w = w};
    for (const struct code_statement *st = b->first; st != NULL && !e.math.failed; st = st->next) {
        e.math.here = st->at;
        if (st->verb == VERB_ASSERT) do_assert(&e, st);
        else if (st->verb == VERB_PRINT) do_print(&e, st);
        else do_set(&e, st);
    }
    code->work = e.math.work;
    *error = (struct code_error){.at = e.math.at, .end = e.math.end};
    memcpy(error->text, e.math.text, sizeof error->text);
    arena_free(&arena);
    return !e.math.failed;
}

void code_free(struct code *code) { arena_free(&code->arena); }

bool code_arithmetic(struct span text, int64_t *n)
{
    struct arena arena;
    struct code_error error;
    struct code none_set = {0};
    arena_init(&arena, BLOCK_MEMORY);
    struct code_source source = {.text = text, .arena = &arena};
    const struct code_node *tree = code_parse_arithmetic(&source, &error);
    struct eval e = {.math.arena = &arena, .code = &none_set};
    struct code_value v = tree != NULL ? eval(&e, tree) : none();
    bool fine = tree != NULL && !e.math.failed && code_is_whole(&v) && v.n >= INT64_MIN
             && v.n <= INT64_MAX;
    *n = fine ? (int64_t)v.n : 0;
    arena_free(&arena);
    return fine;
}
