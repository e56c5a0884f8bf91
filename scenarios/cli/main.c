// main.c - netglass: one program, a subcommand for each thing to do with it.
#include "scenarios/cli/cli.h"
#include "scenarios/cli/cmd_up.h"

#include <errno.h>
#include <fcntl.h>

#define VERSION "0.1"

static const struct command commands[] = {
    {"demo", "[--out DIR]", "two connections to one port: ladder, capture, pictures", cmd_demo},
    {"list", "", "the built-in scenarios", cmd_list},
    {"show", "NAME", "what to look at in a scenario", cmd_show},
    {"run", "FILE.lua|FILE.pkt ...", "run scenarios in virtual time", cmd_run},
    {"view", "FILE", "look at a recording, or at any capture", cmd_view},
    {"up", "--tap NAME --addr ADDR/LEN", "be a host on a TAP device, in real time", cmd_up},
    {"ss", "[-taulip]", "the sockets of a running `up`, as ss(8) lists them", cmd_ss},
    {"hand", "WORDS", "change a running `up`: its link, its clock", cmd_hand},
    {"stat", "[-zj]", "its counters, as nstat(8) names them, and its drops", cmd_stat},
};

static void help(FILE *to)
{
    fputs("netglass - a TCP/IP stack you can see through\n\n", to);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const struct command *c = &commands[i];
        char line[80];
        snprintf(line, sizeof line, "netglass %s %s", c->name, c->usage);
        fprintf(to, "  %-40s %s\n", line, c->text);
    }
    fputs("\nnetglass COMMAND --help tells more. Begin with: netglass demo\n", to);
}

// A standard file that is closed stays so. A capture that got its number would get what is printed
// as well, in its midst.
static void hold_numbers(void)
{
    static const int nothing[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < (int)ARRAY_LEN(nothing); fd++) {
        if (fcntl(fd, F_GETFD) >= 0) continue;
        if (open("/dev/null", nothing[fd]) != fd) return;
    }
}

// The end of every command, which says nothing of standard output before.
static int told(const char *self, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    return cli_bad(self, "what it told could not be written: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    hold_numbers();
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    char dashes[] = "--help";
    if (argc == 3 && strcmp(argv[1], "help") == 0) {  // `help run` is `run --help`
        argv[1] = argv[2];
        argv[2] = dashes;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        help(stdout);
        return told("netglass", EXIT_FINE);
    }
    if (strcmp(name, "--version") == 0) {
        puts("netglass " VERSION);
        return told("netglass", EXIT_FINE);
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(name, commands[i].name) != 0) continue;
        char self[32];
        snprintf(self, sizeof self, "netglass %s", name);
        argv[1] = self;  // so that getopt speaks of it
        return told(self, commands[i].run(argc - 1, argv + 1));
    }
    return cli_bad("netglass", "there is no command '%s' (netglass --help)", name);
}
