// sim.h - many hosts, cables between them, and one clock that jumps from event to event.
//
// Events order by (at, order of scheduling), and every draw of chance comes from the run's seed, so
// a run is a function of the script and the seed, bit for bit. The same hosts and apps run by the
// monotonic clock in os/loop.c; nothing here knows the difference.
#ifndef SIM_H
#define SIM_H

#include "scenarios/sim/app.h"
#include "scenarios/sim/link.h"
#include "stack.h"

struct sim;

struct sim_config {
    const char        *name;   // of the scenario
    uint64_t           seed;
    struct trace_sink *trace;  // may be NULL; gets what the world, hosts and links tell
    uint64_t           events; // after how many to stop, in case of a world that never rests;
                               // 0: no limit
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
