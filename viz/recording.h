// recording.h - a run one can go back and forth in.
//
// Events come in once, in order, from a file or from a live run, and go to four places: the tape
// (all of them, encoded), the history, the clock, and the model of now. Now and then the model is
// copied: a checkpoint. The model at any earlier point is the nearest checkpoint before it and the
// events behind, so scrubbing is state and never a guess. Checkpoints stand at least 10,000 events
// apart, and further where models are big: together they stay below an eighth of the tape.
//
// A file is opened by two threads: one reads and keeps, the other follows on the tape and folds.
// So of the two halves of recording_add neither looks at what the other writes.
#ifndef RECORDING_H
#define RECORDING_H

#include "viz/history.h"
#include "viz/model.h"
#include "viz/tape.h"
#include "viz/warp.h"

enum { CHECKPOINT_EVENTS = 10000, SENT_KNOWN = 1 << 15, CACHE_LINE = 64 };

struct checkpoint { struct model model; };
struct sent_bytes { uint64_t frame; struct trace_bytes data; };  // on the tape; data.p NULL: none

struct recording {
    struct tape        tape;
    struct sent_bytes *sent;     // SENT_KNOWN, by number: the bytes of each of the last frames sent
    nsec               end;      // time of the last event
    uint8_t            apart[CACHE_LINE];  // above is what keeping writes, below what folding does
    struct history     history;
    struct warp        warp;
    struct model       last;     // after all events
    struct model       stage;    // what recording_at made last
    struct checkpoint *checkpoint;
    size_t             checkpoints, checkpoints_cap, checkpoint_bytes;
    bool               provisional;  // the clock's last instant is just the end so far
    bool               foreign;  // no events of ours: packets only
    bool               short_of_memory;
    char               broken[160];  // why it ends early, or ""
};

void recording_free(struct recording *r);  // zeroed is empty
bool recording_add(struct recording *r, const struct trace_event *ev);  // false: no memory
// Its halves: onto the tape, as the event then is (it may have lost bytes that the tape has;
// place is where); and from there into the rest.
bool recording_keep(struct recording *r, struct trace_event *ev, struct tape_place *place);
bool recording_fold(struct recording *r, const struct trace_event *ev, struct tape_place place);
// All events of a file; what was whole before damage stays, and `broken` tells. False, with one
// sentence in error, if nothing could be read.
bool recording_open(struct recording *r, const char *path, char *error, size_t cap);
void recording_done(struct recording *r);  // after the last event for now: who is on stage

// The model after the first n events. It lives until the next call.
const struct model *recording_at(struct recording *r, uint64_t n);
// How many events happened up to and with t.
uint64_t recording_events_until(const struct recording *r, nsec t);
nsec     recording_start(const struct recording *r);  // time of the first instant
size_t   recording_memory(const struct recording *r);

#endif
