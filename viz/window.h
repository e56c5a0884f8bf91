// window.h - a window that shows one canvas: the only face of SDL that the rest of viz sees.
//
// The client draws when asked and says when it wants to be asked again; while it wants nothing the
// window sleeps in the system's event wait, so a paused run costs no processor time. The canvas has
// the window's size in real pixels; a scale turns logical pixels into those, chosen from the
// screen, or by --scale, and changed by Ctrl + and Ctrl -, which the window keeps for itself.
#ifndef WINDOW_H
#define WINDOW_H

#include "viz/canvas.h"
#include "viz/ui.h"

// Of the window in its own units, and of the layout in logical pixels: the scale gives way.
enum { WINDOW_MIN_W = 960, WINDOW_MIN_H = 600 };

#define WINDOW_SCALE_MIN 0.75f
#define WINDOW_SCALE_MAX 4.0f

struct window;

struct window_client {
    void *self;
    void (*event)(void *self, const struct ui_event *e);
    // Draws all of the canvas; false: nothing has changed, keep what is shown.
    bool (*draw)(void *self, struct canvas *c, float scale, double now_s);
    // Seconds until draw should be called again, 0 for the next frame; NULL, or a result that is
    // INFINITY, is not before an event.
    double (*next_wake)(void *self, double now_s);
};

struct window_options {
    const char *title;
    float       scale;  // 0: chosen from the screen
};

// NULL with a sentence in err, for one when there is no display.
struct window *window_open(const struct window_options *o, char *err, size_t err_len);
void           window_close(struct window *w);

// Until the window is closed (the client is told with UI_QUIT) or stopped.
void  window_run(struct window *w, const struct window_client *client);
void  window_stop(struct window *w);
void  window_redraw(struct window *w);  // the client's state has changed: draw
void  window_wake(struct window *w);    // the same, from any thread
float window_scale(const struct window *w);
void  window_set_title(struct window *w, const char *title);

#endif
