// view.h - the door of viz/: look at a recording in a window, or render it to a file.
//
// Both draw the same pictures. Without a display, or with a path to record to, nothing of the
// system's graphics is touched: a PNG is the picture at one instant, a movie plays from there (or
// from the start) to the end at the default pace.
#ifndef VIEW_H
#define VIEW_H

#include "base/base.h"

struct view_options {
    const char *title;    // NULL: what the recording calls itself
    bool        light;
    float       scale;    // of logical pixels; 0: chosen from the screen, or the file's width
    int         width, height;  // of a file, in pixels; 0: 1280 x 720
    const char *record;   // NULL: open the window; else a .png, .svg, .mp4 or .gif
    const char *part;     // of the layout, alone in the file: cut from the whole, or drawn for the
                          // size that is said; NULL: all
    bool        has_at;
    nsec        at;       // counted from the recording's first instant
    bool        play;     // the window begins to play at once
    bool        calm;     // reduced motion
    bool        real_time;  // of a run that goes on: it does not wait for us
    const char *keys;     // typed before anything is shown, see typing.h; or NULL
};

bool view_has_display(void);
// Is there such a kind of file, and such a part? False, with one sentence in error.
bool view_check(const struct view_options *o, char *error, size_t cap);
// 0, or -1 with one sentence in error. A recording that is cut short is shown as far as it goes; to
// a file that is written, and told, all the same.
int  view_recording(const char *path, const struct view_options *o, char *error, size_t cap);
// The window on a run that goes on, on another thread. 0 when it was closed.
struct feed;
int  view_live(struct feed *feed, const struct view_options *o, char *error, size_t cap);

#endif
