// cmd_drill.c - `netglass run FILE.pkt ...`: packetdrill scripts, one or a folder full of them.
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "scenarios/cli/cli.h"
#include "scenarios/drill/config.h"
#include "scenarios/drill/suite.h"
#include "scenarios/sim/units.h"

enum { OPT_VIEW = 256, OPT_LADDER, OPT_EVENTS, OPT_SEED, OPT_SET,
       OPT_TAP, OPT_JUNIT, OPT_JSON, OPT_STRICT, OPT_TOLERANCE, OPT_PROFILE, OPT_IGNORE_SHELL,
       OPT_SLOWEST, PAIRS = 64 };

struct drill_args {
    struct cli_out       out;
    struct drill_options drill;
    struct drill_pair    option[PAIRS], set[PAIRS];
    struct define        define[PAIRS];
    struct suite         suite;
    unsigned             threads, slowest;
    bool                 tap, json, help;
    const char          *junit;
};

static const char usage[] =
    "usage: netglass run FILE.pkt|FOLDER ... [options]\n"
    "Runs packetdrill scripts on netglass's own stack, in virtual time, each in a fresh host.\n"
    "Nothing in a script is executed: its commands are understood or refused. Exit status:\n"
    "0 all passed, 1 one failed, 2 bad usage or a broken script.\n\n"
    "      --tap             report as TAP, --json as JSON, on standard output\n"
    "      --junit FILE      and as JUnit's XML in a file\n"
    "  -j N                  run N scripts at a time\n"
    "      --slowest N       name the N that took longest\n"
    "      --strict          packets left over at the end are failures\n"
    "      --tolerance N     microseconds a packet may be early or late (else as scripts say)\n"
    "      --ignore-shell    commands that are not understood are warnings\n"
    "      --profile linux   bursts and PSH as Linux has them, though no RFC asks for it\n"
    "      --set KEY=VALUE   a setting of the host (net.ipv4.tcp_sack=0)\n"
    "  -D NAME=VALUE         what NAME means in the script\n"
    "      --NAME=VALUE      an option of the language, over the script's own: ip_version,\n"
    "                        local_ip, remote_ip, mtu, tolerance_usecs, ...\n"
    "      --seed N          of all chance in the host\n"
    "  -v, --verbose         tell each step and each packet\n"
    "For one script, to see more of it:\n"
    "      --ladder          print the exchange as text\n"
    "      --events          print every event, a line each\n"
    "  -w FILE               write a capture: .pcapng or .pcap\n"
    "      --view            open the window on the run, once it is over\n"
    LOOK_USAGE
    "  -h, --help            this text\n";

static const struct option options[] = {
    {"ladder", no_argument, NULL, OPT_LADDER},   {"events", no_argument, NULL, OPT_EVENTS},
    {"view", no_argument, NULL, OPT_VIEW},       LOOK_OPTIONS,
    {"seed", required_argument, NULL, OPT_SEED}, {"set", required_argument, NULL, OPT_SET},
    {"tap", no_argument, NULL, OPT_TAP},         {"junit", required_argument, NULL, OPT_JUNIT},
    {"json", no_argument, NULL, OPT_JSON},       {"strict", no_argument, NULL, OPT_STRICT},
    {"tolerance", required_argument, NULL, OPT_TOLERANCE},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"ignore-shell", no_argument, NULL, OPT_IGNORE_SHELL},
    {"slowest", required_argument, NULL, OPT_SLOWEST},
    {"define", required_argument, NULL, 'D'},    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static bool take_number(const char *text, uint64_t most, uint64_t *n)
{
    return text_take_u64(&text, most, n) && *text == 0;
}

// NAME=VALUE, cut at the sign.
static bool cut_pair(char *text, const char **name, const char **value)
{
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) return false;
    *equals = 0;
    *name = text;
    *value = equals + 1;
    return true;
}

static bool take_define(struct drill_args *a, char *text)
{
    struct define *d = &a->define[a->drill.defines];
    if (a->drill.defines == PAIRS || !cut_pair(text, &d->name, &d->value)) return false;
    a->drill.defines++;
    return true;
}

static bool take_set(struct drill_args *a, char *text)
{
    struct drill_pair *p = &a->set[a->drill.sets];
    if (a->drill.sets == PAIRS || !cut_pair(text, &p->name, &p->value)) return false;
    a->drill.sets++;
    return true;
}

static bool take_verbose(struct drill_args *a)
{
    if (a->drill.options < PAIRS)
        a->option[a->drill.options++] = (struct drill_pair){"verbose", ""};
    return true;
}

static bool take_report(struct drill_args *a, int option, char *value)
{
    uint64_t n = 0;
    bool fine = true;
    switch (option) {
    case OPT_TAP:  return a->tap = true;
    case OPT_JSON: return a->json = true;
    case OPT_JUNIT:
        a->junit = value;
        return *value != 0;
    case OPT_SLOWEST:
        fine = take_number(value, 100000, &n);
        a->slowest = (unsigned)n;
        return fine;
    case 'j':
        fine = take_number(value, SUITE_THREADS, &n) && n > 0;
        a->threads = (unsigned)n;
        return fine;
    default: return a->help = true;
    }
}

static bool take_option(struct drill_args *a, int option, char *value)
{
    struct cli_picture *look = &a->out.look;
    struct drill_options *d = &a->drill;
    uint64_t n = 0;
    enum look taken = cli_take_look(look, option, value);
    if (taken != LOOK_OTHER) return taken == LOOK_TAKEN;
    switch (option) {
    case OPT_LADDER:       return a->out.ladder = true;
    case OPT_EVENTS:       return a->out.events = true;
    case OPT_VIEW:         return look->window = true;
    case OPT_SEED:         return take_number(value, UINT64_MAX, &d->seed);
    case OPT_SET:          return take_set(a, value);
    case OPT_STRICT:       return d->strict = true;
    case OPT_IGNORE_SHELL: return d->ignore_shell = true;
    case OPT_PROFILE:      return d->linux_profile = strcmp(value, "linux") == 0;
    case 'D':              return take_define(a, value);
    case 'v':              return take_verbose(a);
    case OPT_TOLERANCE:
        d->has_tolerance = take_number(value, 1000000000, &n);
        d->tolerance = USEC(n);
        return d->has_tolerance;
    case 'w':
        a->out.write = value;
        return *value != 0;
    default: return take_report(a, option, value);
    }
}

// Options of the language are many and have their own table: --name, --name=value. They are taken
// out of argv before getopt sees the rest.
static bool take_language(struct drill_args *a, char *arg)
{
    char name[64];
    const char *equals = strchr(arg, '=');
    size_t n = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
    if (strncmp(arg, "--", 2) != 0 || n - 2 >= sizeof name || a->drill.options == PAIRS)
        return false;
    memcpy(name, arg + 2, n - 2);
    name[n - 2] = 0;
    if (!config_knows(name)) return false;
    struct drill_pair *p = &a->option[a->drill.options++];
    p->name = arg + 2;
    p->value = equals != NULL ? equals + 1 : "";
    arg[n] = 0;
    return true;
}

// The file that an option names, if one was named before.
static const char *named_before(const struct drill_args *a, int option, const char **name)
{
    *name = option == 'w' ? "-w" : option == OPT_JUNIT ? "--junit" : "--record";
    return option == 'w' ? a->out.write : option == OPT_JUNIT ? a->junit
         : option == LOOK_RECORD ? a->out.look.picture : NULL;
}

static int take_all(struct drill_args *a, int argc, char **argv)
{
    int c, which = -1;
    const char *name, *before;
    while ((c = getopt_long(argc, argv, "w:D:j:vh", options, &which)) != -1) {
        if (c == '?') return EXIT_USAGE;  // getopt has said what is wrong
        if ((before = named_before(a, c, &name)) != NULL) return cli_twice(argv[0], name, before);
        if (take_option(a, c, optarg)) continue;
        if (c < 256) return cli_bad(argv[0], "-%c: '%s' is no value for it", c, optarg);
        return cli_bad(argv[0], "--%s: '%s' is no value for it", options[which].name, optarg);
    }
    return EXIT_FINE;
}

static int read_options(struct drill_args *a, int argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < argc; i++) {
        if (config_lacks_value(argv[i]))
            return cli_bad(argv[0], "%s has its value in the same word: %s=%s", argv[i], argv[i],
                           i + 1 < argc ? argv[i + 1] : "...");
        if (!take_language(a, argv[i])) argv[kept++] = argv[i];
    }
    int status = take_all(a, kept, argv);
    if (status != EXIT_FINE || a->help) return status;
    for (int i = optind; i < kept; i++) {
        if (suite_add(&a->suite, argv[i])) continue;
        return cli_bad(argv[0], "%s: %s", argv[i], strerror(errno));
    }
    if (a->suite.count == 0)
        return cli_bad(argv[0], "%s: there is no .pkt script in it", argv[optind]);
    char error[CLI_ERROR];
    if (!cli_check_look(&a->out.look, error)) return cli_bad(argv[0], "%s", error);
    return EXIT_FINE;
}

static int write_junit(const struct drill_args *a, const char *command)
{
    FILE *to = fopen(a->junit, "w");
    if (to == NULL) return cli_bad(command, "%s: %s", a->junit, strerror(errno));
    suite_report_junit(&a->suite, to);
    return fclose(to) == 0 ? EXIT_FINE : cli_bad(command, "%s: %s", a->junit, strerror(errno));
}

static int report(const struct drill_args *a, const char *command, FILE *to)
{
    const struct suite *s = &a->suite;
    if (a->tap) suite_report_tap(s, to);
    else if (a->json) suite_report_json(s, to);
    else suite_report_text(s, to, a->slowest);
    int status = s->broken > 0 ? EXIT_USAGE : s->failed > 0 ? EXIT_NOT_MET : EXIT_FINE;
    if (a->junit == NULL) return status;
    int written = write_junit(a, command);
    return written > status ? written : status;
}

static bool looks(const struct cli_out *o)
{
    return o->write != NULL || o->look.window || o->look.picture != NULL || o->ladder || o->events;
}

// One script, with its events going wherever they are wanted.
static int run_shown(struct drill_args *a, const char *command)
{
    char error[CLI_ERROR];
    struct cli_sinks sinks;
    if (a->suite.count > 1)
        return cli_bad(command, "-w, --view, --record, --ladder and --events take one script");
    if (!cli_sinks_open(&sinks, &a->out, error)) return cli_bad(command, "%s", error);
    if (sinks.tee.count > 0) a->drill.trace = &sinks.tee.sink;
    // A capture for Wireshark has each packet once; a picture has somebody at both ends.
    a->drill.tell_peer = a->out.look.window || a->out.look.picture != NULL;
    suite_run(&a->suite, &a->drill, 1, clock_monotonic);
    bool ran = a->suite.entry[0].report.steps > 0;  // else there is nothing to look at
    bool piped = a->out.write != NULL && strcmp(a->out.write, "-") == 0;
    int status = EXIT_FINE;
    if (!cli_sinks_close(&sinks, ran, error)) status = cli_bad(command, "%s", error);
    int told = report(a, command, piped ? stderr : stdout);
    if (told > status) status = told;
    bool look = a->out.look.window || a->out.look.picture != NULL;
    if (ran && look && !cli_show(sinks.recorded, &a->out.look, error))
        status = cli_bad(command, "%s", error);
    cli_sinks_free(&sinks);
    return status;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// Whether the next word belongs to this option: it is no file, though one may have its name.
static bool takes_value(const char *word, const struct option *known)
{
    if (word[0] != '-') return false;
    if (word[1] != '-') return word[1] != '\0' && word[2] == '\0' && strchr("wDj", word[1]) != NULL;
    for (const struct option *o = known; o->name != NULL; o++)
        if (strcmp(word + 2, o->name) == 0) return o->has_arg == required_argument;
    return false;
}

bool cmd_drill_wants(int argc, char **argv, const struct option *of_run)
{
    for (int i = 1; i < argc; i++) {
        size_t n = strlen(argv[i]);
        bool option = argv[i][0] == '-';
        if (takes_value(argv[i], options) || takes_value(argv[i], of_run)) i++;
        if (option) continue;
        if (n > 4 && strcmp(argv[i] + n - 4, ".pkt") == 0) return true;
        if (is_folder(argv[i])) return true;
    }
    return false;
}

int cmd_drill(int argc, char **argv)
{
    struct drill_args *a = calloc(1, sizeof *a);
    if (a == NULL) return cli_bad(argv[0], "no memory");
    a->threads = 1;
    a->drill.option = a->option;
    a->drill.set = a->set;
    a->drill.define = a->define;
    a->drill.seed = 1;
    int status = read_options(a, argc, argv);
    if (a->help) fputs(usage, stdout);
    if (status == EXIT_FINE && !a->help && looks(&a->out)) {
        status = run_shown(a, argv[0]);
    } else if (status == EXIT_FINE && !a->help) {
        suite_run(&a->suite, &a->drill, a->threads, clock_monotonic);
        status = report(a, argv[0], stdout);
    }
    suite_free(&a->suite);
    free(a);
    return status;
}
