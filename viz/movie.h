// movie.h - frames into an MP4 or GIF, by the program ffmpeg; or the last of them into a PNG.
//
// The name's ending chooses: .mp4, .gif, .png (an .svg is no movie, see still.h). Frames go to
// ffmpeg raw through a socket pair, so a dying ffmpeg is an error of ours and no signal. The movie
// appears under its name only when it is whole: it is made beside it and renamed, and removed if
// anything fails. A GIF has one table of colours for all frames, made from the theme's own: nothing
// flickers, and no frame waits in memory for a second pass.
//
// Long work shows: on a terminal, a line on stderr counts the frames.
#ifndef MOVIE_H
#define MOVIE_H

#include "viz/canvas.h"
#include "viz/palette.h"

struct movie;

struct movie_options {
    const char *path;
    int         w, h, fps;  // all frames have this size
    long        frames;     // how many will come, for the progress line; 0 is unknown
    enum theme  theme;      // whose colours a GIF keeps exactly
};

// All three: false, or NULL, with one sentence in err; nothing is left behind then.
struct movie *movie_open(const struct movie_options *o, char *err, size_t err_len);
bool movie_frame(struct movie *m, const struct canvas *c, char *err, size_t err_len);
bool movie_close(struct movie *m, char *err, size_t err_len);  // frees m, whatever it returns

void movie_abandon(struct movie *m);  // frees m and leaves no file

// The ending of a name we can record, or NULL with a sentence.
const char *movie_kind(const char *path, char *err, size_t err_len);

#endif
