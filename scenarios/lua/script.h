// script.h - a scenario in Lua: read, run in virtual time, judged.
//
// A scenario builds hosts and cables, gives the hosts applications, runs them, and says what it
// expects. It may come from a stranger, so it gets a world of its own: no files, no clock, no
// processes, no binary chunks, a limit of memory and a limit of steps. And it gets no chance but
// the run's seed: pairs() walks sorted, math.random draws from the seed, and no address is printed.
//
// An application is a coroutine. A call that would block waits until the stack names its socket, so
// a scenario reads like a textbook's socket program. Calls that fail return nil and the name of the
// error, as Lua's io does: `local ok, err = s:connect("10.0.0.2", 81)`.
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdio.h>

#include "core/trace.h"
#include "scenarios/sim/hand.h"
#include "stack.h"

struct dns;
struct dhcp;

struct script_pair { const char *key, *value; };

struct script_config {
    const char *path;           // as messages name it; read from there unless text is given
    const char *text;           // may be NULL
    size_t      len;            // of text
    bool        has_seed;       // the seed below goes before the scenario's own
    uint64_t    seed;
    nsec        until;          // the run ends here at the latest; 0: no such limit
    struct trace_sink *trace;   // may be NULL
    FILE       *out, *err;      // what print() says; what is wrong. May be NULL: nobody hears it
    const struct script_pair *set;    // settings of all hosts, or "host/setting" of one
    size_t      sets;
    const struct script_pair *param;  // the table `param`
    size_t      params;
    uint64_t    steps;          // of Lua, in all; 0: 2,000 million, and 50 million without waiting
    uint64_t    events;         // of the simulator, in all; 0: 50 million
    size_t      memory;         // of Lua, in bytes; 0: 256 MiB
    const struct hands *hands;  // what someone does to the links while it runs; or NULL
    bool      (*stop)(void *self);  // asked at each event: leave off now? May be NULL
    void       *stop_self;
};

enum script_verdict { SCRIPT_MET = 0, SCRIPT_FAILED = 1, SCRIPT_BROKEN = 2 };

struct script_report {
    unsigned met, failed;       // expectations
    unsigned undone;            // hands that found no such link; the first is told on err
    nsec     end;               // where the clock stood
    uint64_t seed;
    bool     stopped;           // by the word of cfg->stop: the verdict is BROKEN, nothing is said
};

// Runs it from beginning to end. BROKEN: it could not be read, or stopped on an error (told on err
// with file and line); FAILED: an expectation failed, or was never reached by an application that
// still waits.
enum script_verdict script_run(const struct script_config *cfg, struct script_report *report);

// --- by the real clock ------------------------------------------------------------------------
// The same applications on a host that lives in real time. The scenario finds it as `host` and the
// network as `net`; whoever made them runs the clock:
//
//     s = script_open(&cfg)             then a sim that tells script_sink(s), with the host in it
//     script_begin(s, &world)           the main chunk runs, and its applications begin
//     ... until script_rests(s)
//     verdict = script_end(s, &report)  then the sim goes, and last
//     script_close(s)

struct script_world {
    struct sim  *sim;
    struct host *host;
    const char  *name;
    uint16_t     id;
    struct dns  *dns;   // its resolver; NULL: it has none
    struct dhcp *dhcp;  // who leases its address; NULL: it is given
    bool         ip6;   // it has IPv6 addresses: a port alone is bound for both families
};

struct script      *script_open(const struct script_config *cfg);  // NULL: no memory
struct trace_sink  *script_sink(struct script *s);  // passes on to cfg->trace
bool                script_begin(struct script *s, const struct script_world *world);
bool                script_rests(const struct script *s);  // no app of it runs; or it broke
enum script_verdict script_end(struct script *s, struct script_report *report);
void                script_close(struct script *s);

#endif
