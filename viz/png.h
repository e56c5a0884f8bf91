// png.h - a canvas to a PNG file and back, through libpng.
//
// A picture appears under its name only when it is whole: it is written beside it and renamed.
// Errors are one sentence in err and the return is false.
#ifndef VIZ_PNG_H  // PNG_H is libpng's
#define VIZ_PNG_H

#include "viz/canvas.h"

bool png_write(const struct canvas *c, const char *path, char *err, size_t err_len);
bool png_read(struct canvas *c, const char *path, char *err, size_t err_len);  // inits c

#endif
