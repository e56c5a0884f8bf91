// ladder_paint.h - the frame of the ladder that its two halves share: where time lies, and what is
// in sight. Private to ladder_*.c and density.c.
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

enum { BURSTS_MAX = 512 };

// Frames of one kind, connection and direction that leave in one cell of time.
struct burst {
    uint32_t flow, count, ack, row;  // row: its first frame
    uint64_t bytes;
    int64_t  cell;
    nsec     depart[2], arrive[2];  // of the first and the last
    uint8_t  side;
    bool     data, passes;          // the filter lets it through
};
struct bursts { struct burst b[BURSTS_MAX]; size_t n; };

struct ladder ladder_of(const struct scene *s, struct rect pane);
float ladder_y(const struct ladder *d, const struct scene *s, nsec t);
void  ladder_arrows(struct draw_list *l, const struct scene *s, const struct ladder *d);
void  ladder_sides(struct draw_list *l, const struct scene *s, const struct ladder *d);

void  ladder_flows(struct draw_list *l, const struct scene *s, const struct ladder *d);
void  bursts_collect(struct bursts *bs, const struct scene *s, const struct ladder *d);
void  bursts_draw(struct draw_list *l, const struct scene *s, const struct ladder *d,
                  const struct bursts *bs);
void  bursts_label(struct draw_list *l, const struct scene *s, const struct ladder *d,
                   struct labels *taken, const struct bursts *bs);

#endif
