// cmd_ss.c - `netglass ss`, `stat` and `hand`: what a running `up` knows, and what it should do.
#include <getopt.h>

#include "base/text.h"
#include "scenarios/cli/cli.h"
#include "scenarios/cli/control.h"

enum { LETTERS_MAX = 32, OPT_TAP = 256 };

struct question { const char *verb, *options, *usage; const struct option *long_options; };

static const char ss_usage[] =
    "usage: netglass ss [--tap NAME] [-taulnipm46H]\n"
    "Lists the sockets of a running `netglass up`, as ss(8) does: connections, unless -l or -a\n"
    "asks for more.\n\n"
    "  -t, --tcp          TCP sockets\n"
    "  -u, --udp          UDP sockets\n"
    "  -l, --listening    those that listen\n"
    "  -a, --all          those and the others\n"
    "  -i, --info         what TCP knows of a connection\n"
    "  -p, --processes    which application has it, under which number\n"
    "  -m, --memory       its buffers, and how many datagrams found no room in them\n"
    "  -4, -6             one family\n"
    "  -n, --numeric      as it is anyway\n"
    "  -H, --no-header    without the line of titles\n"
    "      --tap NAME     of the one on this TAP, if several run\n"
    "  -h, --help         this text\n";

static const char stat_usage[] =
    "usage: netglass stat [--tap NAME] [-zj]\n"
    "Shows the counters of a running `netglass up` since its start, under the names nstat(8) has,\n"
    "and the frames it dropped, by reason.\n\n"
    "  -z, --zeros        those that are 0, too\n"
    "  -j, --json         as JSON\n"
    "      --tap NAME     of the one on this TAP, if several run\n"
    "  -h, --help         this text\n";

static const char hand_usage[] =
    "usage: netglass hand [--tap NAME] WORDS\n"
    "Lays a hand on a running `netglass up`; what it does is recorded.\n\n"
    "  link 1 QUALITIES   the link gets them, both ways: delay=50ms,loss=2%,rate=10Mbit\n"
    "  hold               the host's clock stands, and the kernel's frames wait\n"
    "  step               then: one frame, or what is due next\n"
    "  go                 it goes on from where it stood\n"
    "      --tap NAME     of the one on this TAP, if several run\n"
    "  -h, --help         this text\n";

static const struct option hand_options[] = {
    {"tap", required_argument, NULL, OPT_TAP}, {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static const struct option ss_options[] = {
    {"tcp", no_argument, NULL, 't'},       {"udp", no_argument, NULL, 'u'},
    {"listening", no_argument, NULL, 'l'}, {"all", no_argument, NULL, 'a'},
    {"info", no_argument, NULL, 'i'},      {"processes", no_argument, NULL, 'p'},
    {"memory", no_argument, NULL, 'm'},
    {"ipv4", no_argument, NULL, '4'},      {"ipv6", no_argument, NULL, '6'},
    {"numeric", no_argument, NULL, 'n'},   {"no-header", no_argument, NULL, 'H'},
    {"tap", required_argument, NULL, OPT_TAP}, {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static const struct option stat_options[] = {
    {"zeros", no_argument, NULL, 'z'}, {"json", no_argument, NULL, 'j'},
    {"tap", required_argument, NULL, OPT_TAP}, {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

// The letters of the options go over as they are.
static int ask(int argc, char **argv, const struct question *q)
{
    char letters[LETTERS_MAX] = "", error[CLI_ERROR];
    size_t len = 0;
    const char *tap = NULL;
    for (int c; (c = getopt_long(argc, argv, q->options, q->long_options, NULL)) != -1;) {
        if (c == '?') return EXIT_USAGE;
        if (c == 'h') {
            fputs(q->usage, stdout);
            return EXIT_FINE;
        }
        if (c == OPT_TAP) tap = optarg;
        else if (len + 1 < sizeof letters && strchr(letters, c) == NULL) letters[len++] = (char)c;
    }
    if (optind < argc) return cli_bad(argv[0], "\"%s\": an option was expected", argv[optind]);
    char request[CONTROL_REQUEST];
    snprintf(request, sizeof request, "%s %s", q->verb, letters);
    if (control_ask(tap, request, stdout, error, sizeof error)) return EXIT_FINE;
    return cli_bad(argv[0], "%s", error);
}

int cmd_hand(int argc, char **argv)
{
    char request[CONTROL_REQUEST], error[CLI_ERROR];
    const char *tap = NULL;
    for (int c; (c = getopt_long(argc, argv, "+h", hand_options, NULL)) != -1;) {
        if (c == '?') return EXIT_USAGE;
        if (c == 'h') {
            fputs(hand_usage, stdout);
            return EXIT_FINE;
        }
        tap = optarg;
    }
    if (optind == argc) return cli_bad(argv[0], "what should it do? (--help)");
    struct text t = text_of(request, sizeof request);
    text_put_str(&t, "hand");
    for (int i = optind; i < argc; i++) {
        text_put_char(&t, ' ');
        text_put_str(&t, argv[i]);
    }
    if (t.cut) return cli_bad(argv[0], "that is too long");
    if (control_ask(tap, request, stdout, error, sizeof error)) return EXIT_FINE;
    return cli_bad(argv[0], "%s", error);
}

int cmd_ss(int argc, char **argv)
{
    return ask(argc, argv, &(struct question){"ss", "taulnipm46Hh", ss_usage, ss_options});
}

int cmd_stat(int argc, char **argv)
{
    return ask(argc, argv, &(struct question){"stat", "zjh", stat_usage, stat_options});
}
