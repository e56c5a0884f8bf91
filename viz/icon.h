// icon.h - small pictures drawn as shapes: what fonts lack, or draw differently each.
//
// Icons are made for a box of 14 logical pixels and scale with size; a mark stands for a connection
// wherever it is shown, because hue already says the layer.
#ifndef ICON_H
#define ICON_H

#include "viz/draw.h"

enum icon {
    ICON_PLAY, ICON_PAUSE, ICON_STEP_BACK, ICON_STEP_FORWARD, ICON_RECORD, ICON_STOP, ICON_MOON,
    ICON_SUN, ICON_HELP, ICON_SEARCH, ICON_CLOCK, ICON_CROSS, ICON_CHECK, ICON_UP, ICON_DOWN,
    ICONS
};

// on is what lies under the icon: the moon's shadow is painted with it.
struct icon_style { float size; struct ink ink, on; };
void icon_draw(struct draw_list *l, enum icon icon, struct pt at, struct icon_style st);

// The n-th connection's mark: ring, diamond, square, triangle; then the same, filled the other way.
// Size is its height.
enum { MARKS = 8 };
void mark_draw(struct draw_list *l, unsigned n, struct pt at, float size, struct ink ink);

#endif
