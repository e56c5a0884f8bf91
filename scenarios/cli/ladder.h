// ladder.h - an exchange as text: a lifeline for each of two hosts, and a line for each event.
//
//      time                 client 10.0.0.1                             server 10.0.0.2
//   0.000030   connect(3, 10.0.0.2:80) … │                                     │
//   0.000030               fd 3 SYN-SENT │── SYN seq=0 len=0 win=64240 ───────▶│ fd 3 listens
//
// Each line has its time. Frames are arrows, drawn when they were sent, with what the far end did
// with them behind the head, and behind the tail why they were sent, where that is not plain.
// Calls, states and timers stand in the margin of their host. A ladder is a fold over events, so a
// run and a recording of it give the same text. Of a foreign capture it draws what the packets say.
// Two hosts are shown: the pair with the most frames between them.
#ifndef LADDER_H
#define LADDER_H

#include <stdio.h>

#include "core/trace.h"

struct ladder;

struct ladder_style {
    bool     utf8;   // lines and arrows; else - | > <
    bool     colour;
    unsigned width;  // columns, 100 to 200; others are brought there
};

struct ladder     *ladder_new(void);  // NULL: no memory
struct trace_sink *ladder_sink(struct ladder *l);
void               ladder_print(const struct ladder *l, FILE *out, const struct ladder_style *st);
void               ladder_free(struct ladder *l);

// What suits a stream: UTF-8 by the locale, colour on a terminal and without NO_COLOR.
struct ladder_style ladder_style_of(FILE *out);

#endif
