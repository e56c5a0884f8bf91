// paint.h - the small shapes that panes share, so that the same thing looks the same everywhere.
#ifndef PAINT_H
#define PAINT_H

#include "viz/icon.h"
#include "viz/scene.h"

#include <math.h>

enum { PAINT_GAP = 6 };

static inline struct text_style style(enum font_role font, float size, enum palette_role role)
{
    return (struct text_style){.font = font, .size = size, .ink = ink(role)};
}

static inline struct text_style on_right(struct text_style st)
{
    st.align = TEXT_RIGHT;
    return st;
}

static inline struct text_style centred(struct text_style st)
{
    st.align = TEXT_CENTRE;
    return st;
}

static inline struct text_style fit(struct text_style st, float max)
{
    st.max = max;
    return st;
}

static inline float right_of(struct rect r) { return r.x + r.w; }
static inline float bottom_of(struct rect r) { return r.y + r.h; }
static inline float clampf(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : v; }
static inline bool rects_meet(struct rect a, struct rect b)
{
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

void paint_panel(struct draw_list *l, const struct scene *s, struct rect r, enum pane pane);
void paint_title(struct draw_list *l, struct rect r, const char *title);
void paint_card(struct draw_list *l, struct rect r, enum palette_role bar);  // ROLES: no bar
void paint_chosen(struct draw_list *l, struct rect r, float radius);  // selection's ring and glow

// A rounded box around a word; returns its rectangle. at is its right or left middle.
enum pill_look {
    PILL_SOLID,   // the role's colour, filled: STEP 8, RETRANSMIT
    PILL_TINT,    // outlined and tinted, the word in the role's colour
    PILL_STRONG,  // a state that lasts: ESTAB
    PILL_QUIET,   // a state that passes: SYN_SENT, BLOCKED
};
struct pill { const char *text; enum pill_look look; enum palette_role role; bool right; };
struct rect paint_pill(struct draw_list *l, struct pt at, struct pill p);

// "fd 4" on its chip; returns its width.
float paint_fd(struct draw_list *l, struct pt at, const struct model_sock *k, bool chosen);

// A connection's mark and name on a soft ground; without a name the mark alone. Returns its width.
float paint_chip(struct draw_list *l, struct pt at, unsigned mark, const char *name);
float paint_chip_width(const struct draw_list *l, const char *name);

// Words over at most so many lines of st.max, broken at blanks; the last may end in an ellipsis.
// The middle of the first line is at `at`.
void paint_wrapped(struct draw_list *l, struct pt at, struct text_style st, int lines,
                   const char *said);

// Text whose end matters most, within st.max: "…::8080]:443".
void paint_tail(struct draw_list *l, struct pt at, struct text_style st, const char *s);

// Small cells in a row, the first `full` of n filled.
void paint_cells(struct draw_list *l, struct pt at, int n, int full, enum palette_role role);

// One layer's letter on its colour: E, I, T.
void paint_layer(struct draw_list *l, struct rect r, enum layer layer, const char *text);
enum palette_role layer_role(enum layer layer);
const char *layer_letter(const struct history_frame *f, enum layer layer);
void paint_cross(struct draw_list *l, struct pt at, float size, struct ink ink);
void paint_zigzag(struct draw_list *l, struct pt a, struct pt b, struct ink ink);
void paint_clock(struct draw_list *l, struct pt at, float radius, struct ink ink);

// The colour of a frame's line and name.
enum palette_role frame_role(const struct history_frame *f);

#endif
