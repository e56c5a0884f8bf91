// field.c - see field.h.
#include "viz/field.h"

static bool is_inside(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

static size_t before(const struct field *f, size_t at)
{
    if (at > 0) at--;
    while (at > 0 && is_inside(f->text[at])) at--;
    return at;
}

static size_t after(const struct field *f, size_t at)
{
    if (f->text[at]) at++;
    while (is_inside(f->text[at])) at++;
    return at;
}

static size_t word_before(const struct field *f, size_t at)
{
    while (at > 0 && f->text[at - 1] == ' ') at--;
    while (at > 0 && f->text[at - 1] != ' ') at--;
    return at;
}

static size_t word_after(const struct field *f, size_t at)
{
    while (f->text[at] == ' ') at++;
    while (f->text[at] && f->text[at] != ' ') at++;
    return at;
}

// Takes out the bytes between two places, whichever is first, and leaves the caret there.
static enum field_says cut(struct field *f, size_t a, size_t b)
{
    if (a == b) return FIELD_NOTHING;
    size_t from = a < b ? a : b, to = a < b ? b : a;
    memmove(f->text + from, f->text + to, strlen(f->text + to) + 1);
    f->caret = from;
    return FIELD_CHANGED;
}

static enum field_says move(struct field *f, size_t to)
{
    if (to == f->caret) return FIELD_NOTHING;
    f->caret = to;
    return FIELD_MOVED;
}

static size_t encode(uint32_t ch, char out[4])
{
    if (ch < ' ' || ch == 0x7f || ch > 0x10ffff || (ch >= 0xd800 && ch < 0xe000)) return 0;
    size_t n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; ch >>= 6) out[i] = (char)(0x80 | (ch & 0x3f));
    out[0] = (char)(n == 1 ? ch : lead[n] | ch);
    return n;
}

static enum field_says type(struct field *f, uint32_t ch)
{
    char bytes[4];
    size_t n = encode(ch, bytes), len = strlen(f->text);
    if (n == 0 || len + n >= FIELD_MAX) return FIELD_NOTHING;
    memmove(f->text + f->caret + n, f->text + f->caret, len - f->caret + 1);
    memcpy(f->text + f->caret, bytes, n);
    f->caret += n;
    return FIELD_CHANGED;
}

static enum field_says on_key(struct field *f, const struct ui_event *e)
{
    bool words = e->mods & UI_CTRL;
    switch (e->key) {
    case UI_KEY_ENTER: return FIELD_ENTERED;
    case UI_KEY_ESC: return FIELD_LEFT;
    case UI_KEY_ARROW_LEFT:
        return move(f, words ? word_before(f, f->caret) : before(f, f->caret));
    case UI_KEY_ARROW_RIGHT:
        return move(f, words ? word_after(f, f->caret) : after(f, f->caret));
    case UI_KEY_HOME: return move(f, 0);
    case UI_KEY_END: return move(f, strlen(f->text));
    case UI_KEY_BACKSPACE:
        return cut(f, words ? word_before(f, f->caret) : before(f, f->caret), f->caret);
    case UI_KEY_DELETE:
        return cut(f, f->caret, words ? word_after(f, f->caret) : after(f, f->caret));
    default: break;
    }
    if (!(e->mods & UI_CTRL)) return FIELD_NOTHING;
    switch (e->key) {
    case 'a': return move(f, 0);
    case 'e': return move(f, strlen(f->text));
    case 'u': return cut(f, 0, f->caret);
    case 'k': return cut(f, f->caret, strlen(f->text));
    case 'w': return cut(f, word_before(f, f->caret), f->caret);
    default: return FIELD_NOTHING;
    }
}

void field_set(struct field *f, const char *text)
{
    size_t len = strlen(text);
    if (len >= FIELD_MAX) {
        len = FIELD_MAX - 1;
        while (len > 0 && is_inside(text[len])) len--;
    }
    memcpy(f->text, text, len);
    f->text[len] = 0;
    f->caret = len;
}

enum field_says field_event(struct field *f, const struct ui_event *e)
{
    if (e->kind == UI_CHAR) return type(f, e->ch);
    return e->kind == UI_KEY ? on_key(f, e) : FIELD_NOTHING;
}
