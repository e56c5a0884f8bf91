// cmd_view.c - `netglass view`: a recording, or any capture: window, picture, ladder, events.
#include <getopt.h>

#include "capture/replay.h"
#include "scenarios/cli/cli.h"
#include "scenarios/sim/units.h"

enum { OPT_RECORD = 256, OPT_AT, OPT_LIGHT, OPT_LADDER, OPT_EVENTS, OPT_KEYS,
       OPT_CALM, OPT_SIZE };

static const char usage[] =
    "usage: netglass view FILE [options]\n"
    "Opens the window on a recording of netglass (.pcapng) or any other capture (pcap, pcapng).\n"
    "Of a capture that is not ours it shows what the packets prove. With --ladder or --events\n"
    "FILE may be - for standard input.\n\n"
    "      --ladder          print the exchange as text instead\n"
    "      --events          print every event instead, a line each\n"
    "      --record OUT      render without a display: OUT.png (see --at), .mp4, .gif\n"
    "      --at TIME         the instant to begin with, or of the picture: 1.5s, 200ms\n"
    "      --light           the light theme\n"
    "      --size WxH        of the file in pixels, 1280x720 if nothing is said\n"
    "      --calm            reduced motion: from step to step\n"
    "      --keys KEYS       typed first, as in the window: 'g/udp<Enter>n<Tab><S-Right><F2>'\n"
    "  -h, --help            this text\n";

static const struct option options[] = {
    {"ladder", no_argument, NULL, OPT_LADDER},   {"events", no_argument, NULL, OPT_EVENTS},
    {"record", required_argument, NULL, OPT_RECORD}, {"at", required_argument, NULL, OPT_AT},
    {"size", required_argument, NULL, OPT_SIZE},
    {"keys", required_argument, NULL, OPT_KEYS}, {"calm", no_argument, NULL, OPT_CALM},
    {"light", no_argument, NULL, OPT_LIGHT},     {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

// -1: go on; else the exit status.
static int read_options(struct cli_out *o, int argc, char **argv)
{
    int c;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        switch (c) {
        case OPT_LADDER: o->ladder = true; break;
        case OPT_EVENTS: o->events = true; break;
        case OPT_LIGHT:  o->look.light = true; break;
        case OPT_SIZE:
            if (cli_take_size(&o->look, optarg)) break;
            return cli_bad(argv[0], "--size: '%s' is no size such as 1920x1080", optarg);
        case OPT_CALM:   o->look.calm = true; break;
        case OPT_KEYS:   o->look.keys = optarg; break;
        case OPT_RECORD: o->look.picture = optarg; break;
        case OPT_AT:
            o->look.has_at = units_nsec(optarg, &o->look.at);
            if (!o->look.has_at) return cli_bad(argv[0], "--at: '%s' is no time", optarg);
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_FINE;
        default:
            return EXIT_USAGE;  // getopt has said what is wrong
        }
    }
    if (optind == argc) return cli_bad(argv[0], "which file?");
    if (optind + 1 < argc) return cli_bad(argv[0], "one file at a time");
    return -1;
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
    return cli_show(path, &o.look, error) ? EXIT_FINE : cli_bad(argv[0], "%s", error);
}
