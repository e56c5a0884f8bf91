// words.c - see words.h.
#include "base/words.h"

#include "base/base.h"

struct word { const char *name, *text; };

#define WORD(name, word, text) {word, text},

static const struct word drops[] = {
#define DROP WORD
#include "base/words.def"
};
static const struct word sents[] = {
#define SENT WORD
#include "base/words.def"
};
static const struct word tcp_states[] = {
#define STATE WORD
#include "base/words.def"
};
static const struct word tcp_whys[] = {
#define WHY WORD
#include "base/words.def"
};
static const struct word steps[] = {
#define STEP WORD
#include "base/words.def"
};
static const struct word sock_calls[] = {
#define CALL WORD
#include "base/words.def"
};
static const struct word tcp_timers[] = {
#define TIMER WORD
#include "base/words.def"
};
static const struct word cwnd_whys[] = {
#define CWND WORD
#include "base/words.def"
};
static const struct word nuds[] = {
#define NUD WORD
#include "base/words.def"
};
static const struct word sock_kinds[] = {
#define KIND WORD
#include "base/words.def"
};
static const struct word owns[] = {
#define OWN WORD
#include "base/words.def"
};

#define WORD_FAMILY(type, noun, table, count)                                               \
    static_assert(ARRAY_LEN(table) == (count), "each member of the enum has its name");     \
    const char *noun##_name(enum type m) { return m < (count) ? table[m].name : "?"; }      \
    const char *noun##_text(enum type m) { return m < (count) ? table[m].text : "?"; }

WORD_FAMILY(drop, drop, drops, DROPS)
WORD_FAMILY(sent, sent, sents, SENTS)
WORD_FAMILY(tcp_state, tcp_state, tcp_states, TCP_STATES)
WORD_FAMILY(tcp_why, tcp_why, tcp_whys, TCP_WHYS)
WORD_FAMILY(step, step, steps, STEPS)
WORD_FAMILY(sock_call, sock_call, sock_calls, SOCK_CALLS)
WORD_FAMILY(tcp_timer, tcp_timer, tcp_timers, TCP_TIMERS)
WORD_FAMILY(cwnd_why, cwnd_why, cwnd_whys, CWND_WHYS)
WORD_FAMILY(nud, nud, nuds, NUDS)
WORD_FAMILY(sock_kind, sock_kind, sock_kinds, SOCK_KINDS)
WORD_FAMILY(own, own, owns, OWNS)
