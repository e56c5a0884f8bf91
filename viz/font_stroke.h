// font_stroke.h - our own last font: every letter a few strokes on a 4 by 9 grid.
//
// It needs no file, so text is readable on a machine with no fonts at all, and its widths are the
// same everywhere, so the geometry of panes can be tested as text. One width for all characters,
// 0.6 of the size, as JetBrains Mono has; the weight follows the role.
#ifndef FONT_STROKE_H
#define FONT_STROKE_H

#include "viz/canvas.h"

#define FONT_STROKE_ADVANCE 0.6f

// Coverage of one character with its pen at x (0..1, a fraction of a pixel), relative to the
// baseline; cov is malloc'd and the caller's. NULL for a blank or without memory.
struct stroke_glyph { uint32_t ch; float size, x; bool bold; };
bool font_stroke_draw(const struct stroke_glyph *g, struct mask *out);

#endif
