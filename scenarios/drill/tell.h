// tell.h - the story of a failure: which step, what was expected, what came, in which state the
// connection is, and what happened just before.
#ifndef DRILL_TELL_H
#define DRILL_TELL_H

#include "scenarios/drill/run.h"

// tell_event.c: on one line. shift: of the window of a segment
void tell_event(struct text *t, const struct trace_event *ev, unsigned shift);
// tell_packet.c: what was expected and what left, one above the other
void tell_packets(struct run *r, const struct mismatch *m);
void tell_print(struct run *r, const char *text);
// --verbose: a step that is being made, and a packet that left.
void tell_step(struct run *r, const struct drill_step *step);
void tell_left(struct run *r, const struct live *l);
void tell_left_over(struct run *r, const struct live *first, unsigned count);
// An error of the script's text, before there is a run.
void tell_parse_error(FILE *to, const char *path, struct span text, const struct parse_error *e);

#endif
