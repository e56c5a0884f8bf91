// parse.c - the file, its options, times and steps. See parse.h.
#include "scenarios/drill/parse.h"

#include <stdio.h>

#include "scenarios/drill/code.h"
#include "scenarios/drill/info.h"

struct lines { size_t at; uint32_t line; };  // counts on, so that a script is walked once

void *parse_take(struct lex *l, size_t size)
{
    void *p = arena_take(l->arena, size);
    if (p == NULL) lex_fail(l, l->at, "the script needs too much memory");
    return p;
}

// --- options ------------------------------------------------------------------------------------

static bool in_option(char c)
{
    return c > ' ' && c != '=' && c != '`' && c != '"' && c != 0x7f;
}

static const char *option_value(struct lex *l)
{
    size_t len;
    if (lex_peek(l) == '"') return (const char *)lex_string(l, &len);
    size_t start = lex_here(l), n = 0;
    while (start + n < l->len && l->text[start + n] > ' ') {
        char c = l->text[start + n];
        if (c == '/' && start + n + 1 < l->len && l->text[start + n + 1] == '/') break;
        if (c == '`') {
            lex_fail(l, start + n, "no command can be the value of an option");
            return NULL;
        }
        n++;
    }
    l->at = start + n;
    if (n == 0) lex_fail(l, start, "the option's value is missing here");
    return arena_text(l->arena, l->text + start, n);
}

// --define=NAME=value: a number, a word, a "text" or a `command`, kept with its marks.
static void parse_define(struct lex *l, uint32_t at)
{
    struct span name = {l->text + l->at, 0};
    while (l->at < l->len && in_option(l->text[l->at])) l->at++;
    name.len = (size_t)(l->text + l->at - name.p);
    if (name.len == 0 || l->at == l->len || l->text[l->at] != '=') {
        lex_fail(l, at, "a definition is --define=NAME=value");
        return;
    }
    size_t start = ++l->at;
    char mark = l->at < l->len ? l->text[l->at] : 0;
    bool marked = mark == '"' || mark == '`';
    if (marked) {
        l->at++;
        lex_until(l, mark == '"' ? "\"" : "`", (uint32_t)start);
    }
    while (!marked && l->at < l->len && in_option(l->text[l->at])) l->at++;
    if (l->failed) return;
    if (l->at == start) lex_fail(l, start, "the definition's value is missing here");
    if (l->own_count == DRILL_DEFINES) lex_fail(l, at, "there are too many definitions");
    struct define d = {arena_text(l->arena, name.p, name.len),
                       arena_text(l->arena, l->text + start, l->at - start)};
    if (d.name == NULL || d.value == NULL) lex_fail(l, at, "the script needs too much memory");
    if (!l->failed) l->own[l->own_count++] = d;
}

static struct script_option *parse_option(struct lex *l)
{
    struct script_option *o = parse_take(l, sizeof *o);
    if (o == NULL) return NULL;
    o->at = lex_here(l);
    l->at += 2;
    size_t n = 0;
    while (l->at + n < l->len && in_option(l->text[l->at + n])) n++;
    o->name = arena_text(l->arena, l->text + l->at, n);
    l->at += n;
    if (n == 0) lex_fail(l, o->at, "an option has a name: --name or --name=value");
    if (o->name != NULL && strcmp(o->name, "define") == 0) {
        if (l->at < l->len && l->text[l->at] == '=') l->at++;
        parse_define(l, o->at);
        o->value = "";
        return o;
    }
    o->value = l->at < l->len && l->text[l->at] == '=' ? (l->at++, option_value(l)) : "";
    if (o->name == NULL || o->value == NULL) lex_fail(l, o->at, "the script needs too much memory");
    return o;
}

static void parse_options(struct lex *l, struct script *s)
{
    struct script_option **tail = &s->options;
    while (lex_peek_is(l, "--")) {
        struct script_option *o = parse_option(l);
        if (l->failed) return;
        *tail = o;
        tail = &o->next;
    }
}

// --- times --------------------------------------------------------------------------------------

// T, +T, T~U, +T~+U, *
static void parse_when(struct lex *l, struct when *w)
{
    uint32_t at = lex_here(l);
    if (lex_take(l, "*")) {
        w->any = true;
        return;
    }
    w->relative = lex_take(l, "+");
    if (!lex_seconds(l, &w->from)) return;
    w->to = w->from;
    if (!lex_take(l, "~")) return;
    w->range = true;
    bool relative = lex_take(l, "+");
    if (!lex_seconds(l, &w->to)) return;
    if (relative != w->relative)
        lex_fail(l, at, "both ends of a window are relative, or none is");
    else if (w->to < w->from)
        lex_fail(l, at, "this window ends before it begins");
}

static void parse_end_time(struct lex *l, struct when *w)
{
    if (!lex_take(l, "...")) return;
    uint32_t at = lex_here(l);
    lex_take(l, "+");  // it counts from where the start does, with or without
    w->has_end = true;
    if (lex_seconds(l, &w->end) && w->end < w->from)
        lex_fail(l, at, "the call would return before it is made");
}

// What may stand behind which form of time.
static void check_when(struct lex *l, const struct drill_step *step)
{
    const struct when *w = &step->when;
    bool out = step->what == WHAT_PACKET && step->packet != NULL && step->packet->out;
    if ((w->any || w->range) && !out)
        lex_fail(l, step->at, "only an outgoing packet may have %s",
                 w->any ? "any time" : "a window of time");
    if (w->has_end && step->what != WHAT_CALL)
        lex_fail(l, step->at, "only a call may block until a time");
}

// --- steps --------------------------------------------------------------------------------------

static void parse_code(struct lex *l, struct drill_step *step)
{
    struct code_error error;
    step->what = WHAT_CODE;
    step->text = lex_until(l, "}%", step->what_at);
    if (l->failed) return;
    struct code_source source = {.text = step->text, .arena = l->arena, .names = l->names,
                                 .known = info_knows};
    step->code = code_parse(&source, &error);
    if (step->code == NULL)
        lex_fail(l, (size_t)(step->text.p - l->text) + error.at, "%s", error.text);
}

static void parse_what(struct lex *l, struct drill_step *step)
{
    step->what_at = lex_here(l);
    if (lex_take(l, "%{")) {
        parse_code(l, step);
    } else if (lex_take(l, "`")) {
        step->what = WHAT_SHELL;
        step->text = lex_until(l, "`", step->what_at);
    } else if (lex_peek(l) == '<' || lex_peek(l) == '>') {
        bool out = lex_peek(l) == '>';
        l->at++;
        step->what = WHAT_PACKET;
        step->packet = parse_packet(l, out);
    } else if (lex_is_word(l)) {
        struct token name = lex_word(l);
        if (name.kind == TOKEN_COMMAND) {
            step->what = WHAT_SHELL;
            step->text = name.text;
            return;
        }
        step->what = WHAT_CALL;
        step->call = parse_call(l, name);
    } else {
        lex_fail(l, step->what_at, "a packet (< or >), a call, a `command` or %%{ code }%% is "
                                   "missing here");
    }
}

static uint32_t line_at(struct lines *n, const struct lex *l, size_t at)
{
    for (; n->at < at; n->at++) n->line += l->text[n->at] == '\n';
    return n->line;
}

static struct drill_step *parse_step(struct lex *l, struct lines *lines)
{
    struct drill_step *step = parse_take(l, sizeof *step);
    if (step == NULL) return NULL;
    step->at = lex_here(l);
    step->line = line_at(lines, l, step->at);
    char c = lex_peek(l);
    if (c != '+' && c != '*' && c != '.' && !lex_is_number(l)) {
        lex_fail(l, step->at, "a step begins with its time");
        return NULL;
    }
    parse_when(l, &step->when);
    parse_end_time(l, &step->when);
    parse_what(l, step);
    if (l->failed) return NULL;
    step->end = (uint32_t)l->at;
    check_when(l, step);
    return step;
}

static void check_order(struct lex *l, const struct drill_step *step,
                        const struct drill_step *first, nsec *last)
{
    const struct when *w = &step->when;
    if (step == first && (w->any || w->from != 0)) {
        lex_fail(l, step->at, "the first step must be at time 0");
    } else if (!w->relative && !w->any) {
        if (w->from < *last) lex_fail(l, step->at, "this is before the step above");
        *last = w->from;
    }
}

static void parse_steps(struct lex *l, struct script *s)
{
    struct drill_step **tail = &s->steps;
    struct lines lines = {.line = 1};
    nsec last = 0;
    while (lex_space(l) && lex_peek(l) != '`') {
        struct drill_step *step = parse_step(l, &lines);
        if (l->failed) return;
        if (++s->count > STEPS_MAX) {
            lex_fail(l, step->at, "there are more than %d steps", STEPS_MAX);
            return;
        }
        check_order(l, step, s->count == 1 ? step : s->steps, &last);
        *tail = step;
        tail = &step->next;
    }
}

static void parse_file(struct lex *l, struct script *s)
{
    parse_options(l, s);
    uint32_t at = lex_here(l);
    s->has_init = lex_take(l, "`");
    if (s->has_init) s->init = lex_until(l, "`", at);
    parse_steps(l, s);
    if (l->failed) return;
    if (s->count == 0) {
        lex_fail(l, lex_here(l), "there is no step in this script");
        return;
    }
    at = lex_here(l);
    s->has_cleanup = lex_take(l, "`");
    if (s->has_cleanup) s->cleanup = lex_until(l, "`", at);
    if (lex_space(l)) lex_fail(l, l->at, "nothing may follow the last command");
}

bool script_parse(struct script *s, const struct parse_input *in, struct parse_error *error)
{
    *s = (struct script){.path = in->path, .text = in->text};
    *error = (struct parse_error){.line = 1, .column = 1};
    arena_init(&s->arena, SCRIPT_MEMORY);
    struct code_names names = {0};
    struct lex l = {.path = in->path, .text = in->text.p, .len = in->text.len, .arena = &s->arena,
                    .names = &names, .defines = in->defines, .defines_count = in->defines_count};
    if (in->text.len > SCRIPT_MAX) lex_fail(&l, 0, "a script has at most %d bytes", SCRIPT_MAX);
    if (!l.failed) parse_file(&l, s);
    if (!l.failed) return true;
    struct place p = place_of(in->text, l.error_at);
    error->line = p.line;
    error->column = p.column;
    error->at = l.error_at;
    snprintf(error->text, sizeof error->text, "%s", l.error);
    script_free(s);
    return false;
}

void script_free(struct script *s) { arena_free(&s->arena); }
