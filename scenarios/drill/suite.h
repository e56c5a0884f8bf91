// suite.h - many scripts in one run: side by side on several threads, each in its own world, and
// told about in the order they were named.
#ifndef DRILL_SUITE_H
#define DRILL_SUITE_H

#include "scenarios/drill/drill.h"

enum { SUITE_THREADS = 64 };

struct suite_entry {
    const char         *path;
    struct drill_report report;
    nsec                took;      // on the machine's clock
};

struct suite {
    struct suite_entry *entry;     // in order of their paths as given
    size_t              count, room;
    size_t              passed, failed, broken;
    nsec                took;
};

// Adds a script, or all *.pkt below a folder in order of name. False, with errno: cannot be read.
bool suite_add(struct suite *s, const char *path);
void suite_free(struct suite *s);
// `clock` gives nanoseconds of whatever clock the caller has.
typedef nsec suite_clock(void);
void suite_run(struct suite *s, const struct drill_options *o, unsigned threads,
               suite_clock *clock);

// Reports. Text is for people: the stories of what failed, folders, the slowest, a last line.
void suite_report_text(const struct suite *s, FILE *to, unsigned slowest);
void suite_report_tap(const struct suite *s, FILE *to);
void suite_report_junit(const struct suite *s, FILE *to);
void suite_report_json(const struct suite *s, FILE *to);

#endif
