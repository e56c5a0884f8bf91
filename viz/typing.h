// typing.h - hands as text: keys and clicks that are played to a stage without a window.
//
//     g/tcp port 80<Enter>n<S-Right><Tab><Down><F2><Click 640 300><RightClick 90 160><Hover 20 30>
//
// A character is typed as it is; a named key stands in angle brackets, with S-, C- or A- before it
// for Shift, Ctrl and Alt; `<lt>` is a `<`. So a picture can show what only hands can bring about,
// and a test can hold the window against it.
#ifndef TYPING_H
#define TYPING_H

#include "viz/stage.h"

// What is typed is drawn in between for a picture of w x h logical pixels: a click hits what is
// seen. False, with a sentence in error, if a key has no such name.
bool typing_play(struct stage *st, const char *keys, struct pt size, char *error, size_t cap);

#endif
