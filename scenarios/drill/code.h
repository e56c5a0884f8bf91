// code.h - what stands in %{ ... }%: the few statements of Python that scripts are written in.
//
//     statement := `assert` e [`,` e] | `print(` e `)` | name `=` e | name `+=` e (and -= *=)
//     e         := or / and / not / chained comparisons / | ^ & << >> + - * / % - ~ / literals
//
// Values are whole numbers, texts and tuples of them. Names are the fields of tcp_info as they are
// now, constants (TCP_CA_Open), and variables, which live as long as the script's run.
#ifndef DRILL_CODE_H
#define DRILL_CODE_H

#include "base/text.h"
#include "scenarios/drill/lex.h"

enum { CODE_VARS = 64, CODE_NAME = 48, CODE_DEPTH = 40, CODE_TEXT = 400 };

struct code { unsigned count; struct { char name[CODE_NAME]; int64_t value; } var[CODE_VARS]; };

// Looks up what is no variable: true, and the number. self is the caller's.
typedef bool code_lookup(void *self, struct span name, int64_t *number);

struct code_result {
    bool     ok;
    size_t   at;             // where in the code it failed
    char     text[CODE_TEXT];
};

struct code_world { code_lookup *lookup; void (*print)(void *self, const char *text); void *self; };

// Runs one block. Not ok: an assertion does not hold, or the code makes no sense.
struct code_result code_run(struct code *code, struct span text, const struct code_world *w);

#endif
