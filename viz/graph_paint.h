// graph_paint.h - the plane that all graphs of a connection are drawn on: shown time to the right,
// values upwards, torn gaps where time is. Private to graph_*.c.
#ifndef GRAPH_PAINT_H
#define GRAPH_PAINT_H

#include "viz/scene.h"

struct plot {
    struct rect area;
    psec        from, to;      // shown time at the edges
    double      low, high;     // values at the edges
    const struct history_flow *flow;
    uint32_t    number;        // of the flow
    int         side;          // who sends most
    enum { PLOT_COUNT, PLOT_TIME, PLOT_RATE } unit;  // of the values; rates are bytes a second
};

// Steps over the columns of a plot, from differences that were added to it: a value that rises by
// what begins in a column and falls by what ends there.
enum { GRAPH_COLUMNS = 2048, GRAPH_LOOKS = 16384 };
struct columns { float v[GRAPH_COLUMNS]; size_t n; };

float  plot_x(const struct plot *p, psec u);
float  plot_y(const struct plot *p, double v);
psec   plot_shown(const struct scene *s, nsec t);
size_t plot_column(const struct plot *p, const struct columns *c, psec u);
void   plot_axes(struct draw_list *l, const struct scene *s, const struct plot *p);
void   plot_torn(struct draw_list *l, const struct scene *s, const struct plot *p);
void   plot_nothing(struct draw_list *l, const struct plot *p, const char *why);

struct series { enum palette_role role; bool dashed; const char *name; };
void   plot_names(struct draw_list *l, const struct plot *p, const struct series *series, int n);
void   plot_columns(struct draw_list *l, const struct plot *p, const struct columns *c,
                    struct series look);

void graph_sequence(struct draw_list *l, const struct scene *s, struct plot *p);
void graph_samples(struct draw_list *l, const struct scene *s, struct plot *p);
void graph_rate(struct draw_list *l, const struct scene *s, struct plot *p);
void graph_queue(struct draw_list *l, const struct scene *s, struct plot *p);
void graph_states(struct draw_list *l, const struct scene *s, struct plot *p);

#endif
