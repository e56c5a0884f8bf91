// text.c - see text.h.
#include "base/text.h"

struct text text_of(char *buf, size_t cap)
{
    CHECK(cap > 0);
    buf[0] = '\0';
    return (struct text){.p = buf, .cap = cap};
}

void text_put_bytes(struct text *t, const char *s, size_t len)
{
    size_t room = t->cap - t->len - 1;
    if (len > room) {
        len = room;
        t->cut = true;
    }
    if (len > 0) memcpy(t->p + t->len, s, len);
    t->len += len;
    t->p[t->len] = '\0';
}

void text_put_char(struct text *t, char c) { text_put_bytes(t, &c, 1); }

void text_put_str(struct text *t, const char *s) { text_put_bytes(t, s, strlen(s)); }

static void put_digits(struct text *t, uint64_t v, unsigned base, unsigned min_digits)
{
    char buf[64];
    size_t at = sizeof buf;
    if (min_digits > sizeof buf) min_digits = sizeof buf;
    do {
        buf[--at] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v != 0);
    while (sizeof buf - at < min_digits) buf[--at] = '0';
    text_put_bytes(t, buf + at, sizeof buf - at);
}

void text_put_u64(struct text *t, uint64_t v) { put_digits(t, v, 10, 1); }

// INT64_MIN has no positive twin; unsigned arithmetic gives its size all the same.
static uint64_t put_sign(struct text *t, int64_t v)
{
    if (v >= 0) return (uint64_t)v;
    text_put_char(t, '-');
    return 0 - (uint64_t)v;
}

void text_put_i64(struct text *t, int64_t v) { text_put_u64(t, put_sign(t, v)); }

void text_put_hex(struct text *t, uint64_t v, unsigned digits) { put_digits(t, v, 16, digits); }

void text_put_dump(struct text *t, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) text_put_hex(t, p[i], 2);
}

void text_put_fixed(struct text *t, int64_t v, unsigned places)
{
    CHECK(places <= 18);
    uint64_t size = put_sign(t, v), unit = 1;
    for (unsigned i = 0; i < places; i++) unit *= 10;
    text_put_u64(t, size / unit);
    if (places == 0) return;
    text_put_char(t, '.');
    put_digits(t, size % unit, 10, places);
}

void text_put_printable(struct text *t, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text_put_char(t, p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.');
}

void text_pad(struct text *t, size_t column)
{
    while (t->len < column && !t->cut) text_put_char(t, ' ');
}

bool text_take_u64(const char **at, uint64_t max, uint64_t *v)
{
    const char *p = *at;
    uint64_t n = 0;
    if (*p < '0' || *p > '9') return false;
    if (p[0] == '0' && p[1] >= '0' && p[1] <= '9') return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (digit > max || n > (max - digit) / 10) return false;
        n = n * 10 + digit;
    }
    *at = p;
    *v = n;
    return true;
}

bool text_take_char(const char **at, char c)
{
    if (c == '\0' || **at != c) return false;
    (*at)++;
    return true;
}

int text_hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
