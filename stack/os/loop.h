// loop.h - the real world's side of a turn: sleeping, a TAP's frames in and out, and signals.
//
// It knows neither hosts nor a simulator; whoever drives them puts its part in the middle:
//
//     while (loop_wait(&l, sim_next(sim))) {
//         sim_run(sim, clock_monotonic());                        // what was due
//         while ((f = loop_read(&l, host)) != NULL) ...           // frames in: a bounded batch
//         sim_run(sim, sim_now(sim));                             // their consequences
//         while (loop_may_send(&l) && (f = ...)) loop_send(&l, f);   // frames out
//     }
#ifndef LOOP_H
#define LOOP_H

#include "os/tap.h"

enum { LOOP_ALSO = 2 };

struct loop {
    struct tap   *tap;
    int           signals;   // a signalfd that ends the loop
    int           also[LOOP_ALSO];  // other descriptors to wake for, or -1; see loop_watch
    bool          also_ready;
    bool          hold;      // the device's frames wait
    int           budget;    // frames that may still be read this turn
    struct frame *stuck;     // the kernel's queue was full: this one goes first
    int           error;     // -errno that ended it; 0: a signal did
    int           signal;    // the signal that ended it
};

// Blocks SIGINT, SIGTERM and SIGHUP and watches them instead. 0 or -errno.
int  loop_init(struct loop *l, struct tap *t);
void loop_done(struct loop *l);  // and the signals are as before
// Wakes for this descriptor too (at most LOOP_ALSO of them); also_ready tells after each wait.
void loop_watch(struct loop *l, int fd);
// Sleeps until a frame comes, until `next` (NEVER: no such instant), or until a signal. False: it
// is over (see error and signal).
bool loop_wait(struct loop *l, nsec next);
// The next frame of this turn, from h's pool; NULL: no more for now, and the others get their turn.
struct frame *loop_read(struct loop *l, struct host *h);
bool loop_may_send(struct loop *l);                // the device takes a frame now
void loop_send(struct loop *l, struct frame *f);   // takes f

#endif
