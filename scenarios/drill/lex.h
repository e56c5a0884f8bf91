// lex.h - the words, numbers and marks of a .pkt script, and where an error is.
//
// The language has no fixed tokens: `5.` is a number in a time and flags in a packet, and a cookie
// may begin with a digit. So the parser asks for what it wants and the lexer says whether it is
// there. White space and comments in front are passed over. A word that was defined (-D NAME=value)
// is read as its value.
//
// The first error sticks: it is kept with its place, nothing more is there, and every lex_* says
// no. So a parser may go on to its end and be asked once.
#ifndef LEX_H
#define LEX_H

#include "scenarios/drill/ast.h"

enum { DRILL_ERROR_TEXT = 512, DRILL_DEFINES = 64 };

struct define { const char *name, *value; };
struct code_names;

struct lex {
    const char    *path;
    const char    *text;
    size_t         len, at;
    struct arena  *arena;
    const struct define *defines;    // given from outside: these win over the script's own
    size_t         defines_count;
    struct code_names *names;        // that code has set so far
    struct define  own[DRILL_DEFINES];
    size_t         own_count;
    bool           failed;
    uint32_t       error_at;
    char           error[DRILL_ERROR_TEXT];
};

void lex_fail(struct lex *l, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool     lex_space(struct lex *l);              // moves to what comes next; false: the end
uint32_t lex_here(struct lex *l);               // where that is
char     lex_peek(struct lex *l);               // its first character; 0 at the end
bool     lex_peek_is(struct lex *l, const char *mark);
bool     lex_take(struct lex *l, const char *mark);   // passes over mark if it is there
bool     lex_need(struct lex *l, const char *mark);   // or else fails
bool     lex_is_word(struct lex *l);            // a letter or underscore is next
bool     lex_take_word(struct lex *l, const char *word);  // this whole word
bool     lex_peek_word(struct lex *l, const char *word);

enum token_kind { TOKEN_NONE, TOKEN_WORD, TOKEN_INT, TOKEN_STRING, TOKEN_COMMAND };
struct token { enum token_kind kind; uint32_t at; struct span text; };

// A word, or what it was defined as.
struct token lex_word(struct lex *l);
// A run of hexadecimal digits, or a word defined as one. Empty: there is none.
struct span  lex_hex(struct lex *l);
bool         lex_number(struct lex *l, uint64_t most, uint64_t *n);   // 10 or 0x10; else fails
bool         lex_is_number(struct lex *l);
// The same in given text, all of it. False: it is none.
bool         lex_read_number(struct span s, uint64_t most, uint64_t *n);
bool         lex_seconds(struct lex *l, nsec *t);                     // 1, .5, 0.25; else fails
// Quoted bytes with C's escapes; neighbours are joined. NULL: failed.
const uint8_t *lex_string(struct lex *l, size_t *len);
// What stands between the opening mark, already taken, and the closing one.
struct span  lex_until(struct lex *l, const char *close, uint32_t opened);

// Line and column of a place, from 1; and the line's text without its end.
struct place { uint32_t line, column; struct span text; };
struct place place_of(struct span script, size_t at);

#endif
