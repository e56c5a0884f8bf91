// font.h - text for the canvas: measured in logical pixels, drawn from cached coverage.
//
// A role names a family and weight; behind it stands a chain of files (Inter or JetBrains Mono,
// DejaVu, whatever else is installed), asked in turn for each character, and last our own stroke
// font, so that text can always be drawn. Widths come from the font's design units and so grow
// exactly with the scale; a glyph is drawn at the nearest quarter pixel from an image four times
// as wide, hinted in height only: stems keep their true place, lines of text stay sharp.
//
// Text is UTF-8 from anywhere; a broken sequence shows as U+FFFD, a control character as a blank.
#ifndef FONT_H
#define FONT_H

#include "viz/canvas.h"

enum font_role { FONT_UI, FONT_SEMI, FONT_BOLD, FONT_MONO, FONT_MONO_SEMI, FONT_ROLES };

struct fonts;

// dir, or else the environment's NETGLASS_FONT_DIR, is searched before the system's folders.
// NULL only with a sentence in err: a folder was named and cannot be read, or memory is short.
struct fonts *fonts_open(const char *dir, char *err, size_t err_len);
void          fonts_close(struct fonts *f);

// The file that serves a role first, or "" for the built-in strokes. fonts may be NULL everywhere
// below: then the built-in font serves, the same on every machine, as tests of layout want it.
const char *fonts_file(const struct fonts *f, enum font_role role);

struct type { enum font_role role; float size; };  // size in pixels, logical or real

float font_width(struct fonts *f, struct type t, const char *s);
float font_width_n(struct fonts *f, struct type t, const char *s, size_t len);

// The longest start of s that fits width together with an ellipsis; strlen(s) if all of it fits.
size_t font_fit(struct fonts *f, struct type t, const char *s, float width);

// Draws len bytes with the pen at `at` on the baseline, which is rounded to a whole pixel.
// Returns the pen's new x.
struct text_run { const char *s; size_t len; uint32_t argb; };
float font_draw(struct fonts *f, struct canvas *c, struct type t, struct pt at,
                struct text_run run);

// One character of UTF-8 and how many bytes it took (at least 1 of the left > 0).
uint32_t utf8_next(const char *s, size_t left, size_t *used);

#endif
