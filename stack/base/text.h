// text.h - words and numbers into a bounded buffer, without stdio.
//
// Everything in stack/ that prints, prints into a `struct text`. What does not fit is cut off and
// remembered in `cut`; the buffer always ends in a zero byte, so it is always a C string.
//
//     char line[200];
//     struct text t = text_of(line, sizeof line);
//     text_put_str(&t, "seq ");
//     text_put_u64(&t, seq);
#ifndef TEXT_H
#define TEXT_H

#include "base/base.h"

struct text {
    char  *p;
    size_t len, cap;  // len < cap
    bool   cut;       // something did not fit
};

struct text text_of(char *buf, size_t cap);  // cap is at least 1

void text_put_char(struct text *t, char c);
void text_put_str(struct text *t, const char *s);
void text_put_bytes(struct text *t, const char *s, size_t len);
void text_put_u64(struct text *t, uint64_t v);
void text_put_i64(struct text *t, int64_t v);
void text_put_hex(struct text *t, uint64_t v, unsigned digits);  // lower case, at least digits
void text_put_dump(struct text *t, const uint8_t *p, size_t len);  // two digits a byte

// v counted in units of 10^-places: text_put_fixed(t, 1500, 3) is "1.500".
void text_put_fixed(struct text *t, int64_t v, unsigned places);

// Bytes of unknown origin: those a terminal could stumble over become dots.
void text_put_printable(struct text *t, const uint8_t *p, size_t len);

// Spaces up to a column, at least none.
void text_pad(struct text *t, size_t column);

// Reads a decimal number without sign or superfluous zero, moves *at behind it. False, with
// nothing moved, if there is none or it is above max.
bool text_take_u64(const char **at, uint64_t max, uint64_t *v);

// Moves *at over c. False, with nothing moved, if something else is there.
bool text_take_char(const char **at, char c);

// The value of a hexadecimal digit, or -1.
int text_hex_digit(char c);

#endif
