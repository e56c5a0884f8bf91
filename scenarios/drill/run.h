// run.h - one script on its way: what all files of the runner share.
//
//     run.c     walks the steps, waits, keeps the blocking call
//     expect.c  `>`: is what left what the script says?     build.c  `<`: a packet of the script's
//     sys*.c    calls                                       code*.c  %{ assertions }%
//     shell.c   `commands`                                  tell.c   the story of a failure
//     check.c   what can be refused before anything runs
//
// A failure is told once, by run_fail: the first one counts, and every loop ends when it is there.
#ifndef RUN_H
#define RUN_H

#include <stdio.h>

#include "scenarios/drill/code.h"
#include "scenarios/drill/drill.h"
#include "scenarios/drill/fd.h"
#include "scenarios/drill/flow.h"
#include "scenarios/drill/parse.h"
#include "scenarios/drill/shell.h"
#include "scenarios/drill/config.h"
#include "scenarios/drill/world.h"

enum { DIFFS_MAX = 12, DIFF_TEXT = 160 };

// A field of a packet that is not as the script says; both as text.
struct diff { const char *field; char expected[DIFF_TEXT], actual[DIFF_TEXT]; };

// What run_fail adds to its sentence, in tell.c.
struct mismatch {
    const struct packet *packet;   // what the script says
    const struct live   *live;     // what came; NULL: nothing
    uint32_t             joined;   // of how many frames
    uint32_t             first_len;  // payload of the first of them
    bool                 any_time, six;
    nsec                 from, to; // when it was expected
    struct diff          diff[DIFFS_MAX];
    unsigned             diffs;
    const struct drill_step *meant;  // a later step that what came fits; NULL: none
    bool                 next_fits;  // what left behind it is what was expected
};

// A call that has not returned yet.
struct pending {
    const struct drill_step *step;
    struct sys_call         *call;
    nsec                     until;     // when it should return
    nsec                     tolerance;
};

struct run {
    const struct script        *script;
    const struct drill_options *options;
    struct drill_report        *report;
    struct drill_config         config;
    struct world               *world;
    struct flows                flows;
    struct fds                  fds;
    struct code                 code;
    struct files                files;
    struct counts               nstat;             // as nstat saw them last
    uint8_t                    *zeros, *room;      // buffers of calls
    size_t                      zeros_room, room_room;
    struct pending              pending;
    const struct drill_step    *step;     // at hand
    nsec                        due;       // when the step before should have been done
    uint16_t                    next_port;
    bool                        connecting;  // connect() was called, and no SYN seen yet
    bool                        listening;   // listen() was called, and no SYN built yet
    ng_sock                     connecting_sock, last_sock;
    bool                        failed;
    bool                        finished;    // all steps were made
    FILE                       *text;      // the story
};

void run_fail(struct run *r, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// With the whole of what is wrong underlined.
void run_fail_at(struct run *r, uint32_t at, uint32_t end, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void run_fail_packet(struct run *r, const struct mismatch *m, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// What the script asks for cannot be had here: it is broken, whatever the stack does.
void run_refuse(struct run *r, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void run_warn(struct run *r, uint32_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// run.c
nsec run_tolerance(const struct run *r, nsec gap);
// Lets the world go on until `until`, or until the call that waits is done with `done` (may be
// NULL); false: the script failed, or the time came.
void run_until(struct run *r, nsec until);
void run_learn(struct run *r);   // to whom do the packets in the queue belong?
ng_sock run_socket(const struct run *r);  // of the connection that the script is about; 0: none
void run_script(const struct script *s, const struct drill_options *o,
                struct drill_report *report);

// check.c: false: the script was refused
bool check_script(struct run *r);
// build.c
void packet_input(struct run *r, const struct packet *p);
// expect.c
void packet_expect(struct run *r, const struct drill_step *step);
// show.c: a packet in the script's words.
struct show { char part[8][DIFF_TEXT]; };   // ip, kind or flags, range, ack, win, urg, options
enum { SHOW_IP, SHOW_HEAD, SHOW_RANGE, SHOW_ACK, SHOW_WIN, SHOW_URG, SHOW_OPTIONS, SHOW_PARTS };
void show_packet(struct show *s, const struct packet *p, bool six);
void show_live(struct show *s, const struct live *l, const struct packet *like);
void show_flags(struct text *t, uint16_t flags);
const char *show_ecn(uint8_t codepoint);

#endif
