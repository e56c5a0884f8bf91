// words.h - the enums of words.def and their names. `drop_name(d)` is for columns and filters,
// `drop_text(d)` is a sentence for people. A number outside the enum (a hostile recording) reads
// "?".
#ifndef WORDS_H
#define WORDS_H

enum drop {
#define DROP(name, word, text) DROP_##name,
#include "base/words.def"
    DROPS
};

enum sent {
#define SENT(name, word, text) SENT_##name,
#include "base/words.def"
    SENTS
};

enum tcp_state {
#define STATE(name, word, text) TCP_##name,
#include "base/words.def"
    TCP_STATES
};

enum tcp_why {
#define WHY(name, word, text) WHY_##name,
#include "base/words.def"
    TCP_WHYS
};

enum step {
#define STEP(name, word, text) STEP_##name,
#include "base/words.def"
    STEPS
};

enum sock_call {
#define CALL(name, word, text) CALL_##name,
#include "base/words.def"
    SOCK_CALLS
};

enum tcp_timer {
#define TIMER(name, word, text) TIMER_##name,
#include "base/words.def"
    TCP_TIMERS
};

enum cwnd_why {
#define CWND(name, word, text) CWND_##name,
#include "base/words.def"
    CWND_WHYS
};

enum nud {
#define NUD(name, word, text) NUD_##name,
#include "base/words.def"
    NUDS
};

enum sock_kind {
#define KIND(name, word, text) KIND_##name,
#include "base/words.def"
    SOCK_KINDS
};

enum own {
#define OWN(name, word, text) OWN_##name,
#include "base/words.def"
    OWNS
};

#define WORD_FAMILY(type, noun)                \
    const char *noun##_name(enum type member); \
    const char *noun##_text(enum type member);

WORD_FAMILY(drop, drop)
WORD_FAMILY(sent, sent)
WORD_FAMILY(tcp_state, tcp_state)
WORD_FAMILY(tcp_why, tcp_why)
WORD_FAMILY(step, step)
WORD_FAMILY(sock_call, sock_call)
WORD_FAMILY(tcp_timer, tcp_timer)
WORD_FAMILY(cwnd_why, cwnd_why)
WORD_FAMILY(nud, nud)
WORD_FAMILY(sock_kind, sock_kind)
WORD_FAMILY(own, own)
#undef WORD_FAMILY

#endif
