// code.h - what stands in %{ ... }%: the few statements of Python that scripts are written in.
//
//     statement := `assert` e [`,` e] | `print(` e, ... `)` | name `=` e, `+=` ... | `pass`
//     e         := e `if` e `else` e, or, and, not, in, is, comparisons in chains, | ^ & << >>
//                  + - * / // % **, ~, abs() float() int() len() max() min() ..., literals
//
// Names are the fields of tcp_info as they are when the step's time comes, constants (TCP_CA_Open),
// and variables, which live as long as the script's run. The text is read with the script, so that
// what makes no sense, or names nothing, is known before anything runs: what is left for the run is
// whether it holds. A shell's $((...)) is read likewise, with its own division.
#ifndef DRILL_CODE_H
#define DRILL_CODE_H

#include "scenarios/drill/code_value.h"
#include "scenarios/drill/ast.h"

enum { CODE_VARS = 64, CODE_NAME = 48, CODE_DEPTH = 40 };

struct code_node;
struct code_statement;
struct code_block { struct span text; struct code_statement *first; };

// The variables of a script so far.
struct code_names { unsigned count; char name[CODE_VARS][CODE_NAME]; };

struct code_source {
    struct span        text;
    struct arena      *arena;
    struct code_names *names;
    bool             (*known)(struct span name);   // of what is no variable
};

struct code_error { uint32_t at, end; char text[CODE_TEXT]; };  // at, end: from the text's start

// NULL: error says why.
const struct code_block *code_parse(const struct code_source *s, struct code_error *error);

// A run's variables. Zeroed, it has none.
struct code { struct arena arena; uint32_t work; struct code_value var[CODE_VARS]; };

struct code_world {
    const char *(*lookup)(void *self, struct span name, code_int *n);  // NULL, or why there is none
    void        (*print)(void *self, const char *text);
    void         *self;
};

// Runs one block. False: an assertion does not hold, or something cannot be reckoned.
bool code_run(struct code *code, const struct code_block *b, const struct code_world *w,
              struct code_error *error);
void code_free(struct code *code);

// The value of what a shell writes into $((...)).
bool code_arithmetic(struct span text, int64_t *n);

#endif
