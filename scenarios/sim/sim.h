// sim.h - many hosts, cables between them, and one clock that jumps from event to event.
//
// Events order by (at, order of scheduling), and every draw of chance comes from the run's seed, so
// a run is a function of the script and the seed, bit for bit. By virtual time whoever drives it
// calls sim_run once. By real time it calls sim_run(s, the clock's now) again and again, asks
// sim_next how long to sleep, and carries the frames of a TAP; nothing here knows the difference.
#ifndef SIM_H
#define SIM_H

#include "scenarios/sim/app.h"
#include "scenarios/sim/link.h"
#include "scenarios/sim/tapnode.h"
#include "stack.h"

struct sim;

struct sim_config {
    const char        *name;   // of the scenario
    uint64_t           seed;
    struct trace_sink *trace;  // may be NULL; gets what the world, hosts and links tell
    uint64_t           events; // after how many to stop, in case of a world that never rests;
                               // 0: no limit
    nsec               now;    // where the clock begins
    uint64_t           secret; // seed of the hosts' keys, where strangers could guess the seed;
                               // 0: they too follow from the seed
};

struct sim *sim_new(const struct sim_config *cfg);  // NULL: no memory
void        sim_free(struct sim *s);
nsec        sim_now(const struct sim *s);
struct rng *sim_rng(struct sim *s);
struct trace_sink *sim_trace(struct sim *s);
struct apps *sim_apps(struct sim *s);
bool        sim_tired(const struct sim *s);  // it stopped at the limit of events

// Hosts and links live as long as the sim. A host's id counts from 1.
struct host *sim_add_host(struct sim *s, const char *name);
// Joins two interfaces; MACs are 02:00:00:00:00:NN by count. NULL: no memory.
struct link *sim_add_link(struct sim *s, struct host *a, struct netif *an, struct host *b,
                          struct netif *bn);
struct netif *sim_add_netif(struct sim *s, struct host *h, struct addr a, unsigned prefix);
struct link *sim_link(const struct sim *s, uint32_t id);  // as events name it; NULL: none
// An interface as you want it, in place of one of the simulator's making; what has no name and no
// MAC gets them by count all the same.
struct netif *sim_add_device(struct sim *s, struct host *h, const struct ng_netif_config *cfg);

// --- the world outside ------------------------------------------------------------------------
// A TAP device at an interface that has no link. What the kernel wrote goes in by sim_tap_input,
// what is for it comes out of sim_tap_take. Frames take the short path from the one to the other,
// unless sim_tap_link puts a link between the interface (its end A) and a node for the kernel.
struct sim_tap;

struct sim_tap *sim_add_tap(struct sim *s, struct host *h, struct netif *n);  // NULL: no memory
// To be called before the first frame. NULL: no memory.
struct link    *sim_tap_link(struct sim_tap *t, const struct tapnode_config *cfg);
void            sim_tap_input(struct sim_tap *t, struct frame *f);  // takes f
struct frame   *sim_tap_take(struct sim_tap *t);                    // owned; NULL: none waits

// Calls run(self) at an instant, not before now. Cancel by the id that is returned (never 0).
uint64_t sim_at(struct sim *s, nsec at, void (*run)(void *self), void *self);
void     sim_cancel(struct sim *s, uint64_t id);
// Before anything is done to a host from outside its own events (a socket call, a frame): brings
// its clock to the present, and sees to it that what is done takes its course.
void     sim_touch(struct sim *s, struct host *h);

// Runs until nothing is left to do, until the clock reaches `until`, or until sim_stop.
void     sim_run(struct sim *s, nsec until);
void     sim_stop(struct sim *s);
bool     sim_step(struct sim *s);  // one event; false: nothing is left
nsec     sim_next(const struct sim *s);  // the next event's instant, or NEVER

#endif
