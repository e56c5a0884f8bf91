// drill.h - packetdrill scripts (.pkt) on our own stack: each in a fresh host, in virtual time.
//
// A script says what an application does, what the network brings and what must leave, and when.
// drill_run parses it, walks its steps against a host that lives only for it, and tells whether all
// was as the script says; if not, in words: which step, what was expected, what came instead, what
// state the socket was in and what had happened just before. Nothing in a script is executed by
// anything but this interpreter: back-quoted commands are read, and understood or refused.
//
// The language is packetdrill's, as its own suite uses it. Where we differ: time is exact, so that
// a tolerance of 0 means something; a packet with ports of its own is a connection of its own.
#ifndef DRILL_H
#define DRILL_H

#include <stdio.h>

#include "core/trace.h"
#include "scenarios/drill/lex.h"

struct drill_pair { const char *name, *value; };

struct drill_options {
    const struct drill_pair *option;   // --name=value as the language has them; over the script's
    size_t                   options;
    const struct define     *define;   // -D NAME=value
    size_t                   defines;
    const struct drill_pair *set;      // settings of the host, before the script's own
    size_t                   sets;
    uint64_t                 seed;
    struct trace_sink       *trace;    // gets every event; may be NULL
    bool                     tell_peer;      // and of the script as if it were a host, on a cable
    bool                     linux_profile;  // segments leave in bursts, as Linux's do
    bool                     strict;         // packets left over at the end are failures
    bool                     ignore_shell;   // unknown commands are warnings
    bool                     has_tolerance;
    nsec                     tolerance;      // over the script's, and no percentage
};

enum drill_verdict { DRILL_PASSED, DRILL_FAILED, DRILL_BROKEN };  // BROKEN: no script of ours

struct drill_report {
    enum drill_verdict verdict;
    uint32_t line, column;       // of the failure
    uint32_t steps, warnings;
    nsec     end;                // virtual time
    char    *message;            // one line; NULL if it passed. Freed by drill_report_free
    char    *text;               // the whole story, warnings and prints; may be NULL
    FILE    *stream;             // into text, while it runs
};

// Reads and runs the script at path.
enum drill_verdict drill_run(const char *path, const struct drill_options *o,
                             struct drill_report *r);
// The same with the text given; path is for messages and for the files a command names.
enum drill_verdict drill_run_text(const char *path, struct span text,
                                  const struct drill_options *o, struct drill_report *r);
void drill_report_free(struct drill_report *r);
const char *drill_verdict_name(enum drill_verdict v);

#endif
