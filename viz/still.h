// still.h - the picture of a stage as a file: the pixels as PNG, the draw list as SVG.
//
// The name's ending chooses. Both are the picture that was composed last, so what the window saves
// is what the window shows. A file appears under its name when it is whole, or not at all.
#ifndef STILL_H
#define STILL_H

#include "viz/stage.h"

bool still_is(const char *path);  // ends in .png or .svg
// A part of what stage_draw drew of st: its pixels, and where it lies in logical ones.
struct still { const struct stage *st; struct canvas c; struct rect view; };
struct still still_of(const struct stage *st, const struct canvas *c, float scale,
                      struct rect view);
enum { STILL_NAME = 256 };
// "two-connections-3.png": the first of the stage's title that is not there yet.
void still_free_name(const struct stage *st, const char *ending, char name[STILL_NAME]);
// False, with one sentence in err.
bool still_write(const struct still *s, const char *path, char *err, size_t err_len);

#endif
