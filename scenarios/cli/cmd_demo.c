// cmd_demo.c - `netglass demo`: the first thing a newcomer sees. Two connections to one server
// port: as a ladder, as a capture, and as moving pictures.
#include <errno.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenarios/cli/cli.h"
#include "scenarios/lua/script.h"

#define SCENARIO "two-connections"

struct demo {
    const char *command, *folder;
    char        capture[CLI_PATH], picture[CLI_PATH], movie[CLI_PATH];
    bool        windowed, pictured, filmed;
};

static const char usage[] =
    "usage: netglass demo [--out DIR]\n"
    "Runs the scenario " SCENARIO ": prints its ladder, writes DIR/" SCENARIO ".pcapng,\n"
    "and opens the window on it. Without a display it renders a picture and a movie instead.\n\n"
    "      --out DIR         where to write (default: netglass-demo)\n"
    "  -h, --help            this text\n";

// With the folders above it.
static bool make_folder(const char *path)
{
    char part[CLI_PATH];
    int n = snprintf(part, sizeof part, "%s", path);
    if (n <= 0 || n >= (int)sizeof part) return false;
    for (char *p = part + 1; *p != 0; p++) {
        if (*p != '/') continue;
        *p = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return false;
        *p = '/';
    }
    struct stat st;
    if (mkdir(part, 0777) == 0) return true;
    return errno == EEXIST && stat(part, &st) == 0 && S_ISDIR(st.st_mode);
}

static int run(struct demo *d)
{
    char path[CLI_PATH], error[CLI_ERROR];
    if (!cli_find_scenario(SCENARIO, path))
        return cli_bad(d->command, "the scenario " SCENARIO " is not there");
    struct cli_out out = {.ladder = true, .write = d->capture};
    struct cli_sinks sinks;
    if (!cli_sinks_open(&sinks, &out, error)) return cli_bad(d->command, "%s", error);
    struct script_report report;
    struct script_config script = {.path = path, .trace = &sinks.tee.sink, .out = stdout,
                                   .err = stderr};
    int status = (int)script_run(&script, &report);
    if (!cli_sinks_close(&sinks, status != SCRIPT_BROKEN, error))
        status = cli_bad(d->command, "%s", error);
    cli_sinks_free(&sinks);
    return status;
}

static bool draw(struct demo *d, const char *to)
{
    char error[CLI_ERROR];
    struct cli_picture look = {.picture = to, .window = to == NULL};
    if (cli_show(d->capture, &look, error)) return true;
    cli_bad(d->command, "%s", error);
    return false;
}

static int show(struct demo *d)
{
    if (!cli_can_show()) return EXIT_FINE;
    d->windowed = cli_has_display() && draw(d, NULL);
    if (d->windowed) return EXIT_FINE;
    d->pictured = draw(d, d->picture);
    bool ffmpeg = cli_has_program("ffmpeg");
    if (d->pictured && ffmpeg) d->filmed = draw(d, d->movie);
    return d->pictured && (d->filmed || !ffmpeg) ? EXIT_FINE : EXIT_USAGE;
}

static void tell(const struct demo *d)
{
    printf("\nWritten:\n  %-40s the capture: for Wireshark, and for netglass view\n", d->capture);
    if (d->pictured) printf("  %-40s a picture of it\n", d->picture);
    if (d->filmed) printf("  %-40s how it moves\n", d->movie);
    if (d->pictured && !d->filmed && !cli_has_program("ffmpeg"))
        printf("  (no movie: that needs ffmpeg; on Debian: apt install ffmpeg)\n");
    if (!cli_can_show())
        printf("  (no pictures: this build has no window; it was made with SDL=0)\n");
    char self[CLI_PATH];
    cli_self(self);
    printf("\nNow try:\n"
           "  %s run lost-segment --ladder\n      a segment is lost, and sent again\n"
           "  %s view %s%s\n      the same run %s\n"
           "  %s list\n      what else there is to see\n", self, self, d->capture,
           d->windowed ? "" : " --ladder",
           d->windowed ? "in the window, at your pace" : "again, from its capture", self);
}

static bool name_files(struct demo *d)
{
    const struct { char *to; const char *end; } files[] = {
        {d->capture, ".pcapng"}, {d->picture, ".png"}, {d->movie, ".mp4"}};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        int n = snprintf(files[i].to, CLI_PATH, "%s/" SCENARIO "%s", d->folder, files[i].end);
        if (n <= 0 || n >= CLI_PATH) return false;
    }
    return true;
}

int cmd_demo(int argc, char **argv)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    static const char folder[] = "netglass-demo";
    struct demo *d = calloc(1, sizeof *d);
    if (d == NULL) return cli_bad(argv[0], "no memory");
    d->command = argv[0];
    d->folder = folder;
    int c, status = -1;
    while (status < 0 && (c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'o') d->folder = optarg;
        else status = c == 'h' ? EXIT_FINE : EXIT_USAGE;
    }
    if (status == EXIT_FINE) fputs(usage, stdout);
    if (status < 0 && optind < argc)
        status = cli_bad(argv[0], "'%s'? It takes no files", argv[optind]);
    if (status < 0 && *d->folder == 0) status = cli_bad(argv[0], "--out: which folder?");
    if (status < 0 && (!name_files(d) || !make_folder(d->folder)))
        status = cli_bad(argv[0], "%s: %s", d->folder, strerror(errno ? errno : ENAMETOOLONG));
    if (status < 0) {
        status = run(d);
        if (status != EXIT_USAGE) {
            int shown = show(d);
            tell(d);
            if (shown > status) status = shown;
        }
    }
    free(d);
    return status;
}
