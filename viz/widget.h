// widget.h - the controls of the window, as draw commands and hit regions. What is only looked at
// (panels, pills, chips, cells) is in paint.h.
//
// A widget has no state of its own: what it shows comes in, what the mouse may do goes out as a hit
// region with the caller's kind and id. So a widget is tested as text, like a pane.
#ifndef WIDGET_H
#define WIDGET_H

#include "viz/draw.h"
#include "viz/field.h"
#include "viz/icon.h"

enum widget_state { WIDGET_HOVER = 1, WIDGET_PRESSED = 2, WIDGET_FOCUS = 4, WIDGET_ON = 8,
                    WIDGET_OFF = 16 };  // ON: pushed in, chosen; OFF: cannot be used now

struct widget { struct rect r; uint32_t kind; uint64_t id; unsigned state; };

void widget_button(struct draw_list *l, struct widget w, enum icon icon);
void widget_text_button(struct draw_list *l, struct widget w, const char *text);

// value 0..1; the track runs along the middle of w.r, the whole of w.r takes the mouse.
void  widget_slider(struct draw_list *l, struct widget w, float value);
float widget_slider_value(struct rect r, float x);

// hint shows while the field is empty and not in focus; the caret while it is.
void widget_field(struct draw_list *l, struct widget w, const struct field *f, const char *hint);

// One hit region a tab, whose id is its number. hover: -1 is none.
struct tabs { struct rect r; uint32_t kind; const char *const *name; int n, active, hover; };
void widget_tabs(struct draw_list *l, struct tabs t);

// The ring of the pane or control that the keys go to.
void widget_focus(struct draw_list *l, struct rect r, float radius);

// The ground of a table's row: chosen (ON), under the mouse, or nothing; and its hit region.
void widget_row(struct draw_list *l, struct widget w);

// Beside the point, inside bounds, broken into lines at blanks and newlines.
void widget_tooltip(struct draw_list *l, struct rect bounds, struct pt at, const char *text);

// The thumb along the right edge of view, if content is higher; and an offset kept in its limits.
void  widget_scrollbar(struct draw_list *l, struct rect view, float content, float offset);
float widget_scroll(float view, float content, float offset);

#endif
