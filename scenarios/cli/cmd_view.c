// cmd_view.c - `netglass view`: a recording, or any capture: window, picture, ladder, events.
#include <errno.h>
#include <unistd.h>

#include "capture/replay.h"
#include "scenarios/cli/cli.h"

enum { OPT_LADDER = 256, OPT_EVENTS };

static const char usage[] =
    "usage: netglass view FILE [options]\n"
    "Opens the window on a recording of netglass (.pcapng) or any other capture (pcap, pcapng).\n"
    "Of a capture that is not ours it shows what the packets prove. With --ladder or --events\n"
    "FILE may be - for standard input.\n\n"
    "      --ladder          print the exchange as text instead\n"
    "      --events          print every event instead, a line each\n"
    LOOK_USAGE
    "  -h, --help            this text\n";

static const struct option options[] = {
    {"ladder", no_argument, NULL, OPT_LADDER},   {"events", no_argument, NULL, OPT_EVENTS},
    LOOK_OPTIONS,                                {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

// -1: go on; else the exit status.
static int read_options(struct cli_out *o, int argc, char **argv)
{
    int c, which = -1;
    while ((c = getopt_long(argc, argv, "h", options, &which)) != -1) {
        if (c == LOOK_RECORD && o->look.picture != NULL)
            return cli_twice(argv[0], "--record", o->look.picture);
        enum look look = cli_take_look(&o->look, c, optarg);
        if (look == LOOK_TAKEN) continue;
        if (look == LOOK_BAD)
            return cli_bad(argv[0], "--%s: '%s' is no value for it", options[which].name, optarg);
        switch (c) {
        case OPT_LADDER: o->ladder = true; break;
        case OPT_EVENTS: o->events = true; break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_FINE;
        default:
            return EXIT_USAGE;  // getopt has said what is wrong
        }
    }
    if (optind == argc) return cli_bad(argv[0], "which file?");
    if (optind + 1 < argc) return cli_bad(argv[0], "one file at a time");
    char error[CLI_ERROR];
    return cli_check_look(&o->look, error) ? -1 : cli_bad(argv[0], "%s", error);
}

// Every whole event of a damaged file is shown before the complaint.
static int print(const struct cli_out *o, const char *command, const char *path)
{
    char error[CLI_ERROR];
    struct replay *r = replay_open(path, error, sizeof error);
    if (r == NULL) return cli_bad(command, "%s", error);
    struct cli_sinks sinks;
    if (!cli_sinks_open(&sinks, o, error)) {
        replay_close(r);
        return cli_bad(command, "%s", error);
    }
    struct trace_event ev;
    enum replay_next next;
    while ((next = replay_next(r, &ev)) == REPLAY_EVENT)
        sinks.tee.sink.emit(&sinks.tee.sink, &ev);
    int status = EXIT_FINE;
    if (!cli_sinks_close(&sinks, true, error)) status = cli_bad(command, "%s", error);
    if (next == REPLAY_BROKEN) status = cli_bad(command, "%s", replay_error(r));
    cli_sinks_free(&sinks);
    replay_close(r);
    return status;
}

int cmd_view(int argc, char **argv)
{
    struct cli_out o = {0};
    int status = read_options(&o, argc, argv);
    if (status >= 0) return status;
    const char *path = argv[optind];
    if (o.ladder || o.events) {
        struct cli_out text = {.ladder = o.ladder, .events = o.events};
        status = print(&text, argv[0], path);
        if (status != EXIT_FINE || o.look.picture == NULL) return status;
    }
    char error[CLI_ERROR];
    o.look.window = o.look.picture == NULL;
    if (access(path, R_OK) < 0)  // told before what else may be wrong, as that there is no display
        return cli_bad(argv[0], "cannot read %s: %s", path, strerror(errno));
    return cli_show(path, &o.look, error) ? EXIT_FINE : cli_bad(argv[0], "%s", error);
}
