// field.h - one line of text being edited: the filter box, and what else will be typed into.
//
// Always valid, terminated UTF-8 with the caret between characters; what does not fit is left out.
#ifndef FIELD_H
#define FIELD_H

#include "viz/ui.h"

enum { FIELD_MAX = 256 };

struct field {
    char   text[FIELD_MAX];
    size_t caret;  // in bytes
};

enum field_says { FIELD_NOTHING, FIELD_MOVED, FIELD_CHANGED, FIELD_ENTERED, FIELD_LEFT };

void field_set(struct field *f, const char *text);  // cut to fit, caret at the end

// Arrows (with Ctrl by words), Home, End, Backspace, Delete, Ctrl+A E U K W as in a shell. Enter
// and Esc are told and change nothing.
enum field_says field_event(struct field *f, const struct ui_event *e);

#endif
