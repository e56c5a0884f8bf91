// density.h - how much of a busy ladder is drawn: each frame, bursts of frames, or flows.
//
// The level follows from the arrows in sight, for each 100 pixels of the ladder's height: to 8 each
// frame is an arrow with its words; to 80 neighbours of one kind in one connection are one
// parallelogram; beyond, each connection is a lane of bytes a second. A burst is what leaves within
// one cell of time; cells are doubled until bursts are as sparse as single frames would have to be.
// A level is left only well past its edge, so that a picture at an edge does not flicker. What
// teaches is drawn singly at every level: frames lost or sent again, SYN, FIN, RST, a shut window,
// and what is selected.
//
// Rows are looked at in strides where there are more than a picture has room for, so the cost is
// one of pixels.
#ifndef DENSITY_H
#define DENSITY_H

#include "viz/ladder_paint.h"

// Of all that are in sight, in 100 pixels of what has happened.
float        density_arrows(const struct scene *s, const struct ladder *d);
struct density density_next(struct density now, float arrows);

// The way of a frame from one host on stage to the other: over routers it is several frames of one
// number, of which the first stands for all. One that a router dropped is lost half way; one that
// a router cut ends there.
struct journey { nsec depart, arrive, end; uint8_t ended; bool half_way; enum drop drop; };
struct journey frame_journey(const struct scene *s, const struct history_frame *f);
// Rows before this one may still be on their way at t: see history_first_reaching.
uint32_t journeys_since(const struct scene *s, nsec t);

bool frame_on_stage(const struct scene *s, const struct history_frame *f);
bool frame_goes_right(const struct scene *s, const struct history_frame *f);
bool frame_is_exception(const struct scene *s, uint32_t row);

#endif
