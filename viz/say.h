// say.h - the narrator: one true sentence a beat, from the event's own reasons and names.
#ifndef SAY_H
#define SAY_H

#include "viz/scene.h"

enum { SAY_TEXT = 320 };

// The sentence of beat i; m is the model after it (or later at the same instant).
void say_beat(struct text *out, const struct scene *s, size_t i);

// What a layer did with a packet, short enough for its card: "dst MAC is mine: strip 14 B".
void say_step(struct text *out, const struct scene *s, uint16_t host, const struct model_path *p,
              size_t step);

#endif
