// cli.h - what the subcommands share: exit statuses, one clear line on standard error, where a
// run's events go, where scenarios lie.
#ifndef CLI_H
#define CLI_H

#include <getopt.h>
#include <stdio.h>

#include "capture/record.h"
#include "core/trace.h"
#include "scenarios/cli/ladder.h"

enum { EXIT_FINE = 0, EXIT_NOT_MET = 1, EXIT_USAGE = 2 };

enum { CLI_SINKS = 4, CLI_PATH = 4096, CLI_ERROR = 512 };

struct command {
    const char *name, *usage, *text;
    int (*run)(int argc, char **argv);  // argv[0] is "netglass NAME"
};

int cmd_run(int argc, char **argv);
int cmd_drill(int argc, char **argv);         // `run`, if one of its files is a .pkt or a folder
bool cmd_drill_wants(int argc, char **argv, const struct option *of_run);
int cmd_demo(int argc, char **argv);
int cmd_view(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_ss(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_hand(int argc, char **argv);

// "netglass run: no such file" and EXIT_USAGE.
int cli_bad(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A file to write to was named before. What it says is as of cli_bad: the last one would win
// otherwise, and the first be missing, and nobody told.
int cli_twice(const char *command, const char *option, const char *before);

// --- what is made of a stream of events ---------------------------------------------------------

struct cli_picture {            // what the window shows, and where to
    bool        window;         // --view
    const char *picture;        // --record FILE.png, .mp4, ...; NULL: none
    bool        has_at;
    nsec        at;
    bool        light, calm;    // calm: reduced motion
    bool        real_time;      // of a run that goes on by the real clock
    const char *keys;           // typed before the picture
    const char *part;           // the one pane to draw; NULL: all
    int         width, height;  // of the picture; 0: as it comes
    float       scale;          // 0: as it comes
    const char *title;          // NULL: what the recording calls itself
};

struct cli_out {                // filled by options
    bool        ladder, events;
    const char *write;          // -w FILE
    struct cli_picture look;
};

// A sink that passes events on to several.
struct tee {
    struct trace_sink  sink;
    struct trace_sink *to[CLI_SINKS];
    size_t             count;
};

struct cli_sinks {
    struct tee        tee;
    struct trace_sink events;
    struct ladder    *ladder;
    struct record    *record;
    char              recorded[CLI_PATH];  // the file that a picture is made of; "" if none
    bool              temporary;           // and it goes away again
};

void tee_init(struct tee *t);
void tee_add(struct tee *t, struct trace_sink *sink);
// False, with a sentence, if a file cannot be made.
bool cli_sinks_open(struct cli_sinks *s, const struct cli_out *out, char error[CLI_ERROR]);
// Ends the recording (or takes it back, if not keep), prints the ladder. False: with a sentence.
bool cli_sinks_close(struct cli_sinks *s, bool keep, char error[CLI_ERROR]);
void cli_sinks_free(struct cli_sinks *s);

// Opens the window on a recording, or renders it to a file. False, with a sentence, if it cannot.
bool cli_show(const char *recording, const struct cli_picture *look, char error[CLI_ERROR]);
// The same of a run that goes on, on another thread, until the window is closed.
struct feed;
bool cli_watch(struct feed *feed, const struct cli_picture *look, char error[CLI_ERROR]);

// The options that say what to look at and how: run, drill and view have them all.
enum { LOOK_RECORD = 512, LOOK_AT, LOOK_PANE, LOOK_SIZE, LOOK_SCALE, LOOK_THEME, LOOK_LIGHT,
       LOOK_CALM, LOOK_KEYS };
#define LOOK_OPTIONS                                                                            \
    {"record", required_argument, NULL, LOOK_RECORD}, {"at", required_argument, NULL, LOOK_AT},   \
    {"pane", required_argument, NULL, LOOK_PANE}, {"size", required_argument, NULL, LOOK_SIZE},   \
    {"scale", required_argument, NULL, LOOK_SCALE},                                               \
    {"theme", required_argument, NULL, LOOK_THEME}, {"light", no_argument, NULL, LOOK_LIGHT},     \
    {"keys", required_argument, NULL, LOOK_KEYS}, {"calm", no_argument, NULL, LOOK_CALM}
#define LOOK_USAGE                                                                              \
    "      --record OUT      render without a display: OUT.png, .svg, .mp4 or .gif\n"             \
    "      --at TIME         the instant of the picture, or to begin with: 1.5s, 200ms\n"         \
    "      --pane NAME       one pane alone, cut from the whole, or filling --size: client\n"      \
    "                        server narration ladder wire bytes demux graph timeline top\n"       \
    "                        hosts network\n"                                                     \
    "      --size WxH        of the file in pixels, 1280x720 if nothing is said\n"                \
    "      --scale N         pixels to a logical pixel, 0.75 to 4\n"                              \
    "      --theme NAME      dark or light (--light says the same)\n"                             \
    "      --calm            reduced motion: from step to step\n"                                 \
    "      --keys KEYS       typed first, as in the window: 'g/udp<Enter>n<Tab><S-Right><F2>'\n"
enum look { LOOK_OTHER, LOOK_TAKEN, LOOK_BAD };
enum look cli_take_look(struct cli_picture *look, int option, char *value);
// What can be told before anything runs. False, with a sentence.
bool cli_check_look(const struct cli_picture *look, char error[CLI_ERROR]);
bool cli_can_show(void);        // this build has the window
bool cli_has_display(void);
bool cli_has_program(const char *name);  // on PATH

// --- where scenarios lie ----------------------------------------------------------------------

// A scenario by path, or by name ("two-connections") from the built-in ones.
bool cli_find_scenario(const char *name, char path[CLI_PATH]);
bool cli_scenario_folder(char path[CLI_PATH]);
void cli_self(char path[CLI_PATH]);  // how to call this program from here

#endif
