// ladder_paint.h - the frame of the ladder that its two halves share: where time lies, and what is
// in sight. Private to ladder_pane.c, ladder_arrows.c and ladder_sides.c.
#ifndef LADDER_PAINT_H
#define LADDER_PAINT_H

#include "viz/labels.h"
#include "viz/scene.h"

struct ladder {
    struct rect r, body;   // the pane, and the part of it where time runs
    float       left, right;  // the two lifelines
    float       per_psec;  // pixels
    psec        top;       // shown time at the top of the body
    nsec        from, to;  // what lies in the body, as far as it has happened
};

float ladder_y(const struct ladder *d, const struct scene *s, nsec t);
void  ladder_arrows(struct draw_list *l, const struct scene *s, const struct ladder *d);
void  ladder_sides(struct draw_list *l, const struct scene *s, const struct ladder *d);

#endif
