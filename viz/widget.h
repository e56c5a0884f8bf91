// widget.h - the controls and the small furniture of the window, as draw commands and hit regions.
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

// A rounded label, its left or right end at x, its middle at y. Returns its width.
enum pill_look {
    PILL_SOLID,   // the role's colour, filled: STEP 8, RETRANSMIT
    PILL_TINT,    // outlined and tinted, text in the role's colour
    PILL_STRONG,  // a state that lasts: ESTAB
    PILL_QUIET,   // a state that passes: SYN_SENT, BLOCKED
};
struct pill { const char *text; enum pill_look look; enum palette_role role; bool from_right; };
float widget_pill(struct draw_list *l, struct pt at, struct pill p);

// A connection's mark and name on a soft ground, its left end at x. Returns its width.
float widget_chip(struct draw_list *l, struct pt at, unsigned mark, const char *text);

// One header's letter on its colour, as on the wire: E, I, T.
void widget_letter(struct draw_list *l, struct rect r, enum palette_role role, const char *text);

// A pane's ground, border, title, and a note at the right; focus marks the pane the keys go to.
void widget_panel(struct draw_list *l, struct rect r, const char *title, const char *note);
void widget_focus(struct draw_list *l, struct rect r, float radius);
void widget_card(struct draw_list *l, struct widget w, enum palette_role edge);  // edge LINE: none

// The ground of a table's row: chosen (ON), under the mouse, or nothing; and its hit region.
void widget_row(struct draw_list *l, struct widget w);

// n cells of which `lit` are filled: queues, the match meter. at is the left end's middle.
struct cells { int n, lit; float size, gap; enum palette_role role; };
float widget_cells(struct draw_list *l, struct pt at, struct cells c);

// A bar of bytes: `held` of `room` filled, the last `flying` of them hatched.
struct bytes_bar { float held, flying, room; enum palette_role role; };
void widget_bytes(struct draw_list *l, struct rect r, struct bytes_bar b);

// Beside the point, inside bounds, broken into lines at blanks and newlines.
void widget_tooltip(struct draw_list *l, struct rect bounds, struct pt at, const char *text);

// The thumb along the right edge of view, if content is higher; and an offset kept in its limits.
void  widget_scrollbar(struct draw_list *l, struct rect view, float content, float offset);
float widget_scroll(float view, float content, float offset);

#endif
