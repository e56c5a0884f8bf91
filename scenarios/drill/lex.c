// lex.c - see lex.h.
#include "scenarios/drill/lex.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_word_char(char c) { return is_word_start(c) || is_digit(c); }

void lex_fail(struct lex *l, size_t at, const char *format, ...)
{
    if (l->failed) return;
    va_list args;
    va_start(args, format);
    vsnprintf(l->error, sizeof l->error, format, args);
    va_end(args);
    l->failed = true;
    l->error_at = (uint32_t)at;
    l->at = l->len;
}

static char at_offset(const struct lex *l, size_t n)
{
    return l->len - l->at > n ? l->text[l->at + n] : 0;
}

static void pass_comment(struct lex *l)
{
    size_t open = l->at;
    if (at_offset(l, 1) == '/') {
        while (l->at < l->len && l->text[l->at] != '\n') l->at++;
        return;
    }
    for (l->at += 2; l->at < l->len; l->at++)
        if (at_offset(l, 0) == '*' && at_offset(l, 1) == '/') {
            l->at += 2;
            return;
        }
    lex_fail(l, open, "this comment has no end");
}

bool lex_space(struct lex *l)
{
    while (l->at < l->len) {
        char c = l->text[l->at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') l->at++;
        else if (c == '/' && (at_offset(l, 1) == '/' || at_offset(l, 1) == '*')) pass_comment(l);
        else return true;
    }
    return false;
}

uint32_t lex_here(struct lex *l)
{
    lex_space(l);
    return (uint32_t)l->at;
}

char lex_peek(struct lex *l) { return lex_space(l) ? l->text[l->at] : 0; }

bool lex_peek_is(struct lex *l, const char *mark)
{
    size_t n = strlen(mark);
    return lex_space(l) && l->len - l->at >= n && memcmp(l->text + l->at, mark, n) == 0;
}

bool lex_take(struct lex *l, const char *mark)
{
    if (!lex_peek_is(l, mark)) return false;
    l->at += strlen(mark);
    return true;
}

bool lex_need(struct lex *l, const char *mark)
{
    if (lex_take(l, mark)) return true;
    lex_fail(l, lex_here(l), "'%s' is missing here", mark);
    return false;
}

bool lex_is_word(struct lex *l) { return is_word_start(lex_peek(l)); }

static size_t word_len(const struct lex *l)
{
    size_t n = 0;
    while (is_word_char(at_offset(l, n))) n++;
    return n;
}

bool lex_peek_word(struct lex *l, const char *word)
{
    if (!lex_is_word(l)) return false;
    size_t n = word_len(l);
    return n == strlen(word) && memcmp(l->text + l->at, word, n) == 0;
}

bool lex_take_word(struct lex *l, const char *word)
{
    if (!lex_peek_word(l, word)) return false;
    l->at += strlen(word);
    return true;
}

// The last one counts.
static const char *define_find(const struct define *all, size_t n, struct span word)
{
    while (n-- > 0)
        if (strlen(all[n].name) == word.len && memcmp(all[n].name, word.p, word.len) == 0)
            return all[n].value;
    return NULL;
}

static const char *definition_of(const struct lex *l, struct span word)
{
    const char *value = define_find(l->defines, l->defines_count, word);
    return value != NULL ? value : define_find(l->own, l->own_count, word);
}

// A definition's text is one token: a number, a quoted text, a command or a word.
static void define_token(struct token *t, const char *value)
{
    size_t n = strlen(value);
    uint64_t number;
    t->text = (struct span){value, n};
    if (n >= 2 && (value[0] == '"' || value[0] == '`') && value[n - 1] == value[0]) {
        t->kind = value[0] == '"' ? TOKEN_STRING : TOKEN_COMMAND;
        t->text = (struct span){value + 1, n - 2};
    } else if (lex_read_number(t->text, UINT64_MAX, &number)) {
        t->kind = TOKEN_INT;
    }
}

struct token lex_word(struct lex *l)
{
    struct token t = {.at = lex_here(l)};
    if (!lex_is_word(l)) return t;
    t.kind = TOKEN_WORD;
    t.text = (struct span){l->text + l->at, word_len(l)};
    l->at += t.text.len;
    const char *value = definition_of(l, t.text);
    if (value != NULL) define_token(&t, value);
    return t;
}

static bool all_hex(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (text_hex_digit(s.p[i]) < 0) return false;
    return true;
}

struct span lex_hex(struct lex *l)
{
    lex_space(l);
    struct span s = {l->text + l->at, word_len(l)};
    const char *value = definition_of(l, s);
    struct span hex = value != NULL ? (struct span){value, strlen(value)} : s;
    if (!all_hex(hex)) return (struct span){0};
    l->at += s.len;
    return hex;
}

bool lex_is_number(struct lex *l) { return is_digit(lex_peek(l)); }

bool lex_read_number(struct span s, uint64_t most, uint64_t *n)
{
    unsigned base = s.len > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X') ? 16 : 10;
    size_t i = base == 16 ? 2 : 0;
    if (i == s.len) return false;
    uint64_t v = 0;
    for (; i < s.len; i++) {
        int d = text_hex_digit(s.p[i]);
        if (d < 0 || (unsigned)d >= base || v > (most - (unsigned)d) / base) return false;
        if ((unsigned)d > most) return false;
        v = v * base + (unsigned)d;
    }
    *n = v;
    return true;
}

// However large.
static bool is_number(struct span s)
{
    bool hex = s.len > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
    for (size_t i = hex ? 2 : 0; i < s.len; i++)
        if (hex ? text_hex_digit(s.p[i]) < 0 : !is_digit(s.p[i])) return false;
    return s.len > 0;
}

bool lex_number(struct lex *l, uint64_t most, uint64_t *n)
{
    uint32_t at = lex_here(l);
    struct span s = {l->text + l->at, word_len(l)};
    size_t end = at + s.len;
    struct token t = lex_word(l);
    if (t.kind == TOKEN_INT) s = t.text;
    l->at = end;
    if (lex_read_number(s, most, n)) return true;
    int shown = (int)(s.len < 60 ? s.len : 60);
    if (is_number(s))
        lex_fail(l, at, "%.*s is too large: at most %llu", shown, s.p, (unsigned long long)most);
    else if (t.kind == TOKEN_WORD)
        lex_fail(l, at, "a number is missing here: '%.*s' stands for none", shown, s.p);
    else if (s.len > 0)
        lex_fail(l, at, "'%.*s' is no number", shown, s.p);
    else
        lex_fail(l, at, "a number is missing here");
    return false;
}

bool lex_seconds(struct lex *l, nsec *t)
{
    uint32_t at = lex_here(l);
    uint64_t s = 0, us = 0;
    size_t digits = 0;
    for (; is_digit(at_offset(l, 0)); l->at++, digits++) {
        s = s * 10 + (uint64_t)(at_offset(l, 0) - '0');
        if (s > 1000000000) {
            lex_fail(l, at, "this time is too late: at most 1000000000 s");
            return false;
        }
    }
    bool dots = at_offset(l, 0) == '.' && at_offset(l, 1) == '.';
    if (at_offset(l, 0) == '.' && !dots) {
        l->at++;
        uint64_t unit = 100000;
        for (; is_digit(at_offset(l, 0)); l->at++, unit /= 10, digits++)
            us += unit * (uint64_t)(at_offset(l, 0) - '0');
    }
    if (digits == 0) {
        lex_fail(l, at, "a time in seconds is missing here");
        return false;
    }
    *t = SEC(s) + USEC(us);
    return true;
}

// One character of a string, escapes undone. False: the string ends too early.
static bool string_char(struct lex *l, uint8_t *c)
{
    static const char escapes[] = "n\nr\rt\t0\0a\ab\bf\fv\v";
    *c = (uint8_t)at_offset(l, 0);
    if (l->at >= l->len || *c == '\n') return false;
    l->at++;
    if (*c != '\\') return true;
    char e = at_offset(l, 0);
    if (l->at >= l->len) return false;
    l->at++;
    *c = (uint8_t)e;
    if (e == 'x') {
        int hi = text_hex_digit(at_offset(l, 0)), lo = text_hex_digit(at_offset(l, 1));
        if (hi < 0 || lo < 0) return false;
        *c = (uint8_t)(hi << 4 | lo);
        l->at += 2;
        return true;
    }
    for (size_t i = 0; i + 1 < sizeof escapes - 1; i += 2)
        if (e == escapes[i]) *c = (uint8_t)escapes[i + 1];
    return true;
}

const uint8_t *lex_string(struct lex *l, size_t *len)
{
    *len = 0;
    size_t start = l->at, room = 0;
    while (lex_take(l, "\"")) {  // once over it for the room
        uint8_t c;
        while (l->at < l->len && at_offset(l, 0) != '"') {
            if (!string_char(l, &c)) {
                lex_fail(l, start, "this string has no end");
                return NULL;
            }
            room++;
        }
        if (l->at == l->len) {
            lex_fail(l, start, "this string has no end");
            return NULL;
        }
        l->at++;
    }
    size_t end = l->at;
    uint8_t *bytes = arena_take(l->arena, room + 1);
    if (bytes == NULL) {
        lex_fail(l, start, "the script needs too much memory");
        return NULL;
    }
    l->at = start;
    while (l->at < end && lex_take(l, "\"")) {
        while (at_offset(l, 0) != '"') string_char(l, &bytes[(*len)++]);
        l->at++;
    }
    l->at = end;
    return bytes;
}

struct span lex_until(struct lex *l, const char *close, uint32_t opened)
{
    size_t start = l->at, n = strlen(close);
    for (; l->len - l->at >= n; l->at++)
        if (memcmp(l->text + l->at, close, n) == 0) {
            struct span s = {l->text + start, l->at - start};
            l->at += n;
            return s;
        }
    lex_fail(l, opened, "its end, '%s', is missing", close);
    return (struct span){0};
}

struct place place_of(struct span script, size_t at)
{
    if (at > script.len) at = script.len;
    struct place p = {.line = 1};
    size_t start = 0;
    for (size_t i = 0; i < at; i++)
        if (script.p[i] == '\n') {
            p.line++;
            start = i + 1;
        }
    size_t end = start;
    while (end < script.len && script.p[end] != '\n') end++;
    if (end > start && script.p[end - 1] == '\r') end--;
    p.column = (uint32_t)(at - start) + 1;
    p.text = (struct span){script.p + start, end - start};
    return p;
}
