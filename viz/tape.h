// tape.h - a recording in memory: every event once, encoded, and any of them found at once.
//
// Events lie one after the other in blocks of some megabytes, in the codec's own form, so memory
// stays near the size of the file; the place of every 64th is kept, and reading from there finds
// the rest. An event's order is its number on the tape, and is not kept; its time is kept as what
// went by since the event before, mostly nothing, and in full with every 64th. The bytes of a frame
// stand in its FRAME_TX; a FRAME_RX that brings the same bytes is kept without them (whoever adds
// decides).
#ifndef TAPE_H
#define TAPE_H

#include "core/trace.h"

enum { TAPE_BLOCK = 4 << 20, TAPE_STRIDE = 64 };

struct tape_block { uint8_t *bytes; uint32_t len; };
struct tape_place { uint32_t block, off; };

struct tape {
    struct tape_block *block;
    struct tape_place *place;  // of each TAPE_STRIDE-th event
    size_t             blocks, blocks_cap, places_cap;
    uint64_t           events;
    nsec               last;   // time of the last event
};

// Reads on from an event; what an event points to lives as long as the tape.
struct tape_cursor { const struct tape *tape; uint64_t next; struct tape_place at; nsec now; };

void tape_free(struct tape *t);  // a zeroed tape is empty
// False: no memory, or the event is larger than a block. place is where it lies now. ev's order is
// set to its number.
bool tape_add(struct tape *t, struct trace_event *ev, struct tape_place *place);
// The event that lies there, less its order and its time.
void tape_at(const struct tape *t, struct tape_place place, struct trace_event *ev);
struct tape_cursor tape_seek(const struct tape *t, uint64_t event);
bool tape_next(struct tape_cursor *c, struct trace_event *ev);  // false: at the end
// The event number c->next, which lies at c->at in this block.
void tape_read(struct tape_cursor *c, const struct tape_block *b, struct trace_event *ev);
bool tape_get(const struct tape *t, uint64_t event, struct trace_event *ev);
const uint8_t *tape_end(const struct tape *t);  // behind the last byte of the last event
size_t tape_memory(const struct tape *t);

#endif
