// labels.h - which places on a picture are taken by words, so that no two words overlap.
//
// A label is offered places, best first, and takes the first free one, or none. Those that matter
// most are placed first.
#ifndef LABELS_H
#define LABELS_H

#include "viz/draw.h"

enum { LABELS_MAX = 512 };

struct labels { struct rect taken[LABELS_MAX]; size_t n; };

bool labels_free(const struct labels *ls, struct rect r);
bool labels_take(struct labels *ls, struct rect r);  // false: it meets another, nothing is taken

#endif
