// cmd_run.c - `netglass run`: scenarios in virtual time, judged by their expectations.
#include "capture/replay.h"
#include "scenarios/cli/cli.h"
#include "scenarios/cli/watched.h"
#include "scenarios/lua/script.h"
#include "scenarios/sim/units.h"

enum { OPT_VIEW = 256, OPT_LADDER, OPT_EVENTS, OPT_SEED, OPT_UNTIL, OPT_SET, OPT_HAND, OPT_HANDS,
       PAIRS_MAX = 256 };

struct run_options {
    struct cli_out       out;
    struct script_config script;
    struct script_pair   set[PAIRS_MAX], param[PAIRS_MAX];
    struct hands         hands;
    const char          *command;  // as complaints name it
    bool                 help;
};

static const char usage[] =
    "usage: netglass run FILE.lua ... [options]\n"
    "       netglass run FILE.pkt|FOLDER ... [options]   (--help with one says more)\n"
    "Runs scenarios in virtual time. A file is found by its path, or by its name among the\n"
    "built-in ones (`netglass list`). Exit status: 0 all expectations were met, 1 one was not,\n"
    "2 bad usage or a broken script.\n\n"
    "      --ladder          print the exchange as text\n"
    "      --events          print every event, a line each\n"
    "  -w FILE               write a capture: .pcapng (frames for Wireshark, and all events for\n"
    "                        `netglass view`) or .pcap (frames only)\n"
    "      --view            open the window on the run\n"
    LOOK_USAGE
    "      --seed N          of all chance, before the scenario's own\n"
    "      --until TIME      end the run there at the latest\n"
    "      --set KEY=VALUE   a setting of all hosts (net.ipv4.tcp_sack=0), or of one\n"
    "                        (server/net.ipv4.tcp_sack=0)\n"
    "  -D NAME=VALUE         param.NAME in the script\n"
    "      --hand DEED       a hand on the controls: '200ms link 1 delay=50ms,loss=2%', or\n"
    "                        for one way '200ms link 1 from a delay=50ms' (or from b)\n"
    "      --hands FILE      all that was done by hand in a recording, once more\n"
    "  -h, --help            this text\n";

static const struct option options[] = {
    {"ladder", no_argument, NULL, OPT_LADDER},     {"events", no_argument, NULL, OPT_EVENTS},
    {"view", no_argument, NULL, OPT_VIEW},         LOOK_OPTIONS,
    {"seed", required_argument, NULL, OPT_SEED},   {"until", required_argument, NULL, OPT_UNTIL},
    {"hand", required_argument, NULL, OPT_HAND},   {"hands", required_argument, NULL, OPT_HANDS},
    {"set", required_argument, NULL, OPT_SET},     {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static bool take_pair(struct script_pair *pairs, size_t *count, char *text)
{
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || *count == PAIRS_MAX) return false;
    *equals = 0;
    pairs[(*count)++] = (struct script_pair){text, equals + 1};
    return true;
}

static bool take_seed(struct script_config *c, const char *text)
{
    c->has_seed = text_take_u64(&text, UINT64_MAX, &c->seed) && *text == 0;
    return c->has_seed;
}

static int take_hand(struct run_options *o, const char *text)
{
    struct hand h;
    char why[CLI_ERROR];
    struct text error = text_of(why, sizeof why);
    if (!hand_parse(&h, text, &error)) return cli_bad(o->command, "--hand '%s': %s", text, why);
    if (hands_join(&o->hands, &h)) return EXIT_FINE;
    return cli_bad(o->command, "--hand: more than %d are too many", HANDS_MAX);
}

static int take_hands(struct run_options *o, const char *path)
{
    char error[CLI_ERROR];
    struct replay *r = replay_open(path, error, sizeof error);
    if (r == NULL) return cli_bad(o->command, "--hands: %s", error);
    struct trace_event ev;
    enum replay_next next;
    struct hand h;
    bool fine = true;
    while (fine && (next = replay_next(r, &ev)) == REPLAY_EVENT)
        if (hand_of_control(&h, &ev)) fine = hands_join(&o->hands, &h);
    int status = EXIT_FINE;
    if (!fine) status = cli_bad(o->command, "--hands: more than %d are too many", HANDS_MAX);
    else if (next == REPLAY_BROKEN)
        status = cli_bad(o->command, "--hands: %s", replay_error(r));
    replay_close(r);
    return status;
}

// False: the value is none of this option.
static bool take_option(struct run_options *o, int option, char *value)
{
    struct cli_picture *look = &o->out.look;
    enum look taken = cli_take_look(look, option, value);
    if (taken != LOOK_OTHER) return taken == LOOK_TAKEN;
    switch (option) {
    case OPT_LADDER: return o->out.ladder = true;
    case OPT_EVENTS: return o->out.events = true;
    case OPT_VIEW:   return look->window = true;
    case OPT_SEED:   return take_seed(&o->script, value);
    case OPT_UNTIL:  return units_nsec(value, &o->script.until) && o->script.until > 0;
    case OPT_SET:    return take_pair(o->set, &o->script.sets, value);
    case 'D':        return take_pair(o->param, &o->script.params, value);
    case 'w':
        o->out.write = value;
        return *value != 0;
    default:
        return o->help = true;
    }
}

static int read_options(struct run_options *o, int argc, char **argv)
{
    int c, which = -1;
    while ((c = getopt_long(argc, argv, "w:D:h", options, &which)) != -1) {
        if (c == '?') return EXIT_USAGE;  // getopt has said what is wrong
        if (c == OPT_HAND || c == OPT_HANDS) {
            int bad = c == OPT_HAND ? take_hand(o, optarg) : take_hands(o, optarg);
            if (bad != EXIT_FINE) return bad;
            continue;
        }
        if (c == 'w' && o->out.write != NULL) return cli_twice(argv[0], "-w", o->out.write);
        if (c == LOOK_RECORD && o->out.look.picture != NULL)
            return cli_twice(argv[0], "--record", o->out.look.picture);
        if (take_option(o, c, optarg)) continue;
        if (c < 256) return cli_bad(argv[0], "-%c: '%s' is no value for it", c, optarg);
        return cli_bad(argv[0], "--%s: '%s' is no value for it", options[which].name, optarg);
    }
    if (o->help) return EXIT_FINE;
    if (optind == argc) return cli_bad(argv[0], "which scenario? (netglass list)");
    bool one = o->out.write != NULL || o->out.look.window || o->out.look.picture != NULL;
    if (one && argc - optind > 1)
        return cli_bad(argv[0], "-w, --view and --record take one scenario at a time");
    char error[CLI_ERROR];
    if (!cli_check_look(&o->out.look, error)) return cli_bad(argv[0], "%s", error);
    return EXIT_FINE;
}

static void tell(FILE *to, const char *path, const struct script_report *r)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char buf[40];
    struct text t = text_of(buf, sizeof buf);
    text_put_fixed(&t, r->end / 1000, 6);
    fprintf(to, "%s: %u expectation%s met", name, r->met, r->met == 1 ? "" : "s");
    if (r->failed > 0) fprintf(to, ", %u not met", r->failed);
    fprintf(to, "; %s s of virtual time, seed %llu\n", buf, (unsigned long long)r->seed);
}

// One run, from the beginning to the end; what was made of its events is in sinks.
static int run_once(const struct run_options *o, struct cli_sinks *sinks, struct live *live)
{
    char error[CLI_ERROR];
    struct script_config script = o->script;
    if (live != NULL) live_join(live, &sinks->tee, &script);
    script.trace = sinks->tee.count > 0 ? &sinks->tee.sink : NULL;
    bool piped = o->out.write != NULL && strcmp(o->out.write, "-") == 0;
    script.out = piped ? stderr : stdout;
    script.err = stderr;
    struct script_report report;
    enum script_verdict verdict = script_run(&script, &report);
    int status = (int)verdict;
    if (!cli_sinks_close(sinks, verdict != SCRIPT_BROKEN, error))
        status = cli_bad(o->command, "%s", error);
    if (verdict != SCRIPT_BROKEN) tell(script.out, script.path, &report);
    return report.undone > 0 ? EXIT_USAGE : status;
}

struct watched { const struct run_options *o; int status; };

// The engine's thread: once, and anew from the beginning whenever a hand has changed something.
static int run_watched(void *self, struct live *live)
{
    struct watched *w = self;
    struct cli_sinks sinks;
    char error[CLI_ERROR];
    struct cli_out out = w->o->out;
    out.look.window = false;  // the window hears it from us, and needs no file
    if (!cli_sinks_open(&sinks, &out, error)) return cli_bad(w->o->command, "%s", error);
    w->status = run_once(w->o, &sinks, live);
    cli_sinks_free(&sinks);
    return w->status;
}

static int run_in_window(struct run_options *o)
{
    char error[CLI_ERROR];
    struct watched w = {.o = o};
    if (live_run(run_watched, &w, &o->hands, &o->out.look, error)) return w.status;
    return cli_bad(o->command, "%s", error);
}

static int run_one(struct run_options *o, const char *name)
{
    char path[CLI_PATH], error[CLI_ERROR];
    if (!cli_find_scenario(name, path))
        return cli_bad(o->command, "%s: there is no such scenario (netglass list)", name);
    o->script.path = path;
    o->script.hands = &o->hands;
    if (o->out.look.window && o->out.look.picture == NULL && cli_has_display())
        return run_in_window(o);
    struct cli_sinks sinks;
    if (!cli_sinks_open(&sinks, &o->out, error)) return cli_bad(o->command, "%s", error);
    int status = run_once(o, &sinks, NULL);
    bool look = o->out.look.window || o->out.look.picture != NULL;
    if (status != EXIT_USAGE && look && !cli_show(sinks.recorded, &o->out.look, error))
        status = cli_bad(o->command, "%s", error);
    cli_sinks_free(&sinks);
    return status;
}

int cmd_run(int argc, char **argv)
{
    if (cmd_drill_wants(argc, argv, options)) return cmd_drill(argc, argv);
    struct run_options *o = calloc(1, sizeof *o);
    if (o == NULL) return cli_bad(argv[0], "no memory");
    o->command = argv[0];
    int status = read_options(o, argc, argv);
    o->script.set = o->set;
    o->script.param = o->param;
    if (o->help) fputs(usage, stdout);
    for (int i = optind; status != EXIT_USAGE && !o->help && i < argc; i++) {
        int one = run_one(o, argv[i]);
        if (one > status) status = one;
    }
    free(o);
    return status;
}
