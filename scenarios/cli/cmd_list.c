// cmd_list.c - `netglass list` and `netglass show NAME`: the built-in scenarios.
#include <dirent.h>
#include <errno.h>

#include "scenarios/cli/cli.h"

enum { LINE = 256 };

static const char list_usage[] =
    "usage: netglass list\n"
    "Lists the built-in scenarios, with what each of them is about.\n";
static const char show_usage[] =
    "usage: netglass show NAME\n"
    "Says what to look at in a scenario, built-in (`netglass list`) or your own: the comment that\n"
    "it opens with.\n";

static bool asks_for_help(int argc, char **argv)
{
    return argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

// Without the two dashes and the space of a comment; NULL: it is none.
static const char *comment_of(char *line)
{
    line[strcspn(line, "\r\n")] = 0;
    if (line[0] != '-' || line[1] != '-') return NULL;
    return line[2] == ' ' ? line + 3 : line + 2;
}

static int is_scenario(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');
    return dot != NULL && dot != e->d_name && strcmp(dot, ".lua") == 0;
}

// The first line is "-- name.lua - what it shows".
static void list_one(const char *folder, const char *file)
{
    char path[CLI_PATH], line[LINE] = "";
    int n = snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *f = n > 0 && n < (int)sizeof path ? fopen(path, "r") : NULL;
    if (f == NULL) return;
    const char *says = fgets(line, sizeof line, f) != NULL ? comment_of(line) : NULL;
    const char *dash = says != NULL ? strstr(says, " - ") : NULL;
    printf("  %-22.*s %s\n", (int)(strlen(file) - 4), file, dash != NULL ? dash + 3 : "");
    fclose(f);
}

int cmd_list(int argc, char **argv)
{
    char folder[CLI_PATH];
    struct dirent **found = NULL;
    if (asks_for_help(argc, argv)) {
        fputs(list_usage, stdout);
        return EXIT_FINE;
    }
    if (argc > 1) return cli_bad(argv[0], "it takes no arguments");
    if (!cli_scenario_folder(folder)) return cli_bad(argv[0], "the folder scenarios is not there");
    int n = scandir(folder, &found, is_scenario, alphasort);
    if (n < 0) return cli_bad(argv[0], "%s: %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        list_one(folder, found[i]->d_name);
        free(found[i]);
    }
    free(found);
    printf("\nnetglass show NAME says what to look at; netglass run NAME --ladder shows it.\n");
    return EXIT_FINE;
}

int cmd_show(int argc, char **argv)
{
    char path[CLI_PATH], line[LINE];
    if (asks_for_help(argc, argv)) {
        fputs(show_usage, stdout);
        return EXIT_FINE;
    }
    if (argc != 2) return cli_bad(argv[0], "which scenario? (netglass list)");
    if (!cli_find_scenario(argv[1], path))
        return cli_bad(argv[0], "%s: there is no such scenario (netglass list)", argv[1]);
    FILE *f = fopen(path, "r");
    if (f == NULL) return cli_bad(argv[0], "%s: %s", path, strerror(errno));
    const char *says;
    while (fgets(line, sizeof line, f) != NULL && (says = comment_of(line)) != NULL) puts(says);
    fclose(f);
    printf("\n%s\n", path);
    return EXIT_FINE;
}
