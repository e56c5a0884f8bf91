// loop.h - one host, one TAP, the monotonic clock: a turn of the real-time loop, in pieces, so that
// whoever owns the applications puts their part between input and output:
//
//     while (loop_wait(&l)) {
//         loop_input(&l);                     // frames in, due timers
//         apps_dispatch(apps, l.host);        // applications make their socket calls
//         if (loop_output(&l) < 0) break;     // what they wrote goes out
//     }
#ifndef LOOP_H
#define LOOP_H

#include "os/tap.h"

struct loop {
    struct host  *host;
    struct netif *netif;
    struct tap   *tap;
    int           signals;   // a signalfd that ends the loop
    struct frame *stuck;     // the kernel's queue was full: try this one first
    int           error;     // -errno that ended it; 0: a signal did
    int           signal;    // the signal that ended it
};

// Blocks SIGINT, SIGTERM and SIGHUP and watches them instead. 0 or -errno.
int  loop_init(struct loop *l, struct host *h, struct netif *n, struct tap *t);
void loop_done(struct loop *l);  // and the signals are as before
// Sleeps until a frame, a deadline or a signal comes. False: it is over (see error and signal).
bool loop_wait(struct loop *l);
void loop_input(struct loop *l);   // takes a bounded batch of frames, then runs the host
int  loop_output(struct loop *l);  // runs the host, then sends all it has; 0 or -errno

#endif
