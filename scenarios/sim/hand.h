// hand.h - a hand on the controls of a running world: at an instant, in words.
//
//     link 1 delay=50ms,loss=2%      both directions of a cable get these qualities, over what they
//                                    have; cables count from 1, see link_text.h for the words
//     link 1 from a delay=50ms       only what its first end sends; from b, what the other does
//
// What a hand did is told (CONTROL: "link 1" = "delay=50ms,loss=2%", or "link 1 from a" = ...) and
// so is in the recording.
// The same hands in the same run do the same again, bit for bit.
#ifndef HAND_H
#define HAND_H

#include "core/trace.h"
#include "scenarios/sim/link_text.h"
#include "scenarios/sim/sim.h"

enum { HAND_TEXT = 160, HANDS_MAX = 256 };

struct hand { nsec at; char text[HAND_TEXT]; };

// What someone did to this run, in order of time.
struct hands { struct hand hand[HANDS_MAX]; size_t n; };

// "200ms link 1 delay=50ms". False, with a sentence in error.
bool hand_parse(struct hand *h, const char *text, struct text *error);
bool hand_check(const char *text, struct text *error);  // are these words any that can be done?
// Does it to s, now, and tells. False, with a sentence, if there is no such thing in this world.
bool hand_apply(struct sim *s, const char *text, struct text *error);

// Behind all that lie before it in time; what lay behind it is forgotten: a new future begins.
bool hands_add(struct hands *hs, const struct hand *h);  // false: there are too many
// In order of time, with nothing forgotten.
bool hands_join(struct hands *hs, const struct hand *h);
// A CONTROL of a recording as a hand; false if it was none that can be done again.
bool hand_of_control(struct hand *h, const struct trace_event *ev);

#endif
