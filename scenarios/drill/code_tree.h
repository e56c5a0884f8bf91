// code_tree.h - a block of code as it was read: between code_parse.c, which makes it, and code.c,
// which goes through it.
//
// a + b - c is one chain of three operands, each with the sign in front of it, and so is each level
// of operators: long sums are not deep, and depth is what the reader bounds.
#ifndef DRILL_CODE_TREE_H
#define DRILL_CODE_TREE_H

#include "scenarios/drill/code.h"

enum code_form { FORM_VALUE, FORM_NAME, FORM_VAR, FORM_CHAIN, FORM_UNARY, FORM_IF, FORM_LIST,
                 FORM_CALL };

enum code_function { CALL_ABS, CALL_BOOL, CALL_FLOAT, CALL_HEX, CALL_INT, CALL_LEN, CALL_MAX,
                     CALL_MIN, CALL_RANGE, CALL_ROUND, CALL_STR, CALL_SUM, CALLS };

struct code_node {
    enum code_form form;
    enum code_op   join;           // in a chain: between this and what is before it
    uint32_t       at, end;
    uint32_t       join_at;
    union {
        struct code_value  value;
        struct span        name;
        unsigned           var;
        enum code_op       op;         // UNARY
        bool               tuple;      // LIST
        enum code_function function;
    };
    unsigned          count;       // of LIST and CALL
    struct code_node *first;       // operands; of IF: condition, then, else
    struct code_node *next;
};

enum code_verb { VERB_ASSERT, VERB_PRINT, VERB_SET };

struct code_statement {
    enum code_verb         verb;
    uint32_t               at;
    unsigned               var;    // SET
    enum code_op           op;     // SET: NOTHING for =, ADD for +=
    const struct code_node *value, *message;  // PRINT: value is a LIST
    struct code_statement *next;
};

// What a shell reckons: `/` and `%` are of whole numbers, towards zero.
const struct code_node *code_parse_arithmetic(const struct code_source *source,
                                              struct code_error *error);

#endif
