// parse.h - the text of a .pkt script to its list of steps (ast.h), or to one error with its place.
//
//     file := option* init-command? step+ cleanup-command?
//
// Grammar by recursive descent, over the lexer: parse.c has the file, times and steps,
// parse_packet.c what follows < and >, parse_value.c calls and their arguments. A script is
// hostile: its size, nesting and counts have limits, and what is not understood is an error.
#ifndef PARSE_H
#define PARSE_H

#include "scenarios/drill/lex.h"

enum { SCRIPT_MAX = 1 << 20, SCRIPT_MEMORY = 64 << 20, STEPS_MAX = 100000, VALUE_DEPTH = 12 };

struct parse_input {
    const char   *path;      // for messages
    struct span   text;      // kept by the caller as long as the script
    const struct define *defines;
    size_t        defines_count;
};

struct parse_error {
    uint32_t line, column;
    uint32_t at;
    char     text[DRILL_ERROR_TEXT];
};

// True: s is filled, and to be freed with script_free. False: error says why, s needs no care.
bool script_parse(struct script *s, const struct parse_input *in, struct parse_error *error);
void script_free(struct script *s);

// The language's word for what ICMP says in numbers; NULL: it has none.
const char *icmp_type_word(uint8_t type, bool six);
const char *icmp_code_word(uint8_t type, uint8_t code, bool six);

// Between the files of the parser.
struct packet *parse_packet(struct lex *l, bool out);
struct call   *parse_call(struct lex *l, struct token name);
struct value  *parse_value(struct lex *l, unsigned depth);
void          *parse_take(struct lex *l, size_t size);  // NULL: failed

#endif
