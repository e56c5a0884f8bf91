// code_value.h - the values of %{ ... }%, and what Python's operators make of them.
//
// As in Python, numbers are whole or not, and a comparison of the two is exact; `/` gives a float,
// `//` and `%` go towards minus infinity, and a bool is a number too. Unlike there all is bounded:
// whole numbers to 127 bits, texts and lists in length, and the work of a whole script in steps, so
// that no script can take long. What goes beyond is an error with its place.
#ifndef DRILL_CODE_VALUE_H
#define DRILL_CODE_VALUE_H

#include "base/text.h"
#include "scenarios/drill/arena.h"

enum { CODE_STRING = 1000, CODE_ITEMS = 1000, CODE_WORK = 5000000, CODE_TEXT = 400 };

__extension__ typedef __int128 code_int;

enum code_kind { CODE_NONE, CODE_BOOL, CODE_INT, CODE_FLOAT, CODE_CHARS, CODE_LIST };

struct code_value {
    enum code_kind kind;
    bool           tuple;                  // LIST: written (1, 2)
    uint32_t       count;                  // CHARS: bytes; LIST: items
    union {
        code_int    n;                     // BOOL, INT
        double      x;                     // FLOAT
        const char *chars;                 // no zero at the end
        const struct code_value *item;
    };
};

// Loosest first, as they bind.
enum code_op {
    OP_NOTHING, OP_OR, OP_AND, OP_NOT,
    OP_IN, OP_NOT_IN, OP_IS, OP_IS_NOT, OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT,
    OP_BIT_OR, OP_BIT_XOR, OP_BIT_AND, OP_LEFT, OP_RIGHT, OP_ADD, OP_SUB,
    OP_MUL, OP_FLOOR, OP_DIV, OP_MOD, OP_NEG, OP_POS, OP_INVERT, OP_POW,
    OP_QUOTIENT, OP_REST,                  // of C and the shell: towards zero
    OPS
};

// The first failure counts; all that follows gives CODE_NONE.
struct code_math {
    struct arena *arena;                   // of what is made
    uint32_t      work, here;              // here: of the statement at hand
    bool          failed;
    uint32_t      at, end;
    char          text[CODE_TEXT];
};

void code_fail(struct code_math *m, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline struct code_value code_of_int(code_int n)
{
    return (struct code_value){.kind = CODE_INT, .n = n};
}
static inline struct code_value code_of_bool(bool b)
{
    return (struct code_value){.kind = CODE_BOOL, .n = b};
}
static inline struct code_value code_of_float(double x)
{
    return (struct code_value){.kind = CODE_FLOAT, .x = x};
}
struct code_value code_of_chars(struct code_math *m, uint32_t at, const char *p, size_t len);

const char *code_op_mark(enum code_op op);
bool code_is_true(const struct code_value *v);
bool code_is_whole(const struct code_value *v);   // BOOL, INT
bool code_is_number(const struct code_value *v);  // or FLOAT
double code_as_float(const struct code_value *v);
// Trunc, and the nearest to x with so many decimals (ties to even). The first may fail.
struct code_value code_truncate(struct code_math *m, uint32_t at, double x);
double code_round(double x, int places);

struct code_value code_unary(struct code_math *m, uint32_t at, enum code_op op,
                             struct code_value v);
struct code_value code_binary(struct code_math *m, uint32_t at, enum code_op op,
                              const struct code_value *a, const struct code_value *b);
bool code_compare(struct code_math *m, uint32_t at, enum code_op op, const struct code_value *a,
                  const struct code_value *b);

// As str() has it, and with quotes around texts as repr() has it.
void code_put(struct code_math *m, struct text *t, const struct code_value *v);
void code_put_repr(struct code_math *m, struct text *t, const struct code_value *v);
// code_format.c: 'cwnd=%d' % v
struct code_value code_format(struct code_math *m, uint32_t at, const struct code_value *f,
                              const struct code_value *v);
void code_put_int(struct text *t, code_int n, unsigned base);

// A copy that lives as long as m's arena.
struct code_value code_copy(struct code_math *m, uint32_t at, const struct code_value *v);

#endif
