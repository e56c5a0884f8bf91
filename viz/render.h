// render.h - pictures and movies of a stage into files, without a window.
#ifndef RENDER_H
#define RENDER_H

#include "viz/stage.h"
#include "viz/view.h"

// By the ending of o->record. 0, or -1 with one sentence in error; no half file stays behind.
int render_file(struct stage *st, const struct view_options *o, char *error, size_t cap);

#endif
