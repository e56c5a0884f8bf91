// cli.c - see cli.h: complaints, paths, programs.
#include "scenarios/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

int cli_bad(const char *command, const char *format, ...)
{
    char text[2 * CLI_PATH];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    // A file's name may hold a line end, or what a terminal obeys; this is one line, and only told.
    for (char *c = text; *c != 0; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '.';
    fprintf(stderr, "%s: %s\n", command, text);
    return EXIT_USAGE;
}

int cli_twice(const char *command, const char *option, const char *before)
{
    return cli_bad(command, "%s was given already: %s", option, before);
}

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// Under the current folder a path is as people would write it.
static void shorten(char path[CLI_PATH])
{
    char here[CLI_PATH];
    if (getcwd(here, sizeof here) == NULL) return;
    size_t n = strlen(here);
    if (strncmp(path, here, n) != 0 || path[n] != '/') return;
    memmove(path, path + n + 1, strlen(path + n + 1) + 1);
}

// Where this program lies. Without /proc, as it was called.
static bool read_self(char path[CLI_PATH])
{
    ssize_t n = readlink("/proc/self/exe", path, CLI_PATH - 1);
    path[n > 0 ? n : 0] = 0;
    return n > 0 || realpath(program_invocation_name, path) != NULL;
}

void cli_self(char path[CLI_PATH])
{
    if (cli_has_program("netglass") || !read_self(path)) snprintf(path, CLI_PATH, "netglass");
    else shorten(path);
}

// Beside the program, as the tree has it (a build may lie one folder deeper), or as installed.
bool cli_scenario_folder(char path[CLI_PATH])
{
    static const char *const places[] = {"../share/netglass/scenarios", "../scenarios",
                                         "../../scenarios"};
    char self[CLI_PATH];
    if (!read_self(self)) return false;
    char *slash = strrchr(self, '/');
    if (slash == NULL) return false;
    *slash = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char long_name[CLI_PATH];
        int len = snprintf(long_name, sizeof long_name, "%s/%s", self, places[i]);
        if (len <= 0 || len >= CLI_PATH || !is_folder(long_name)) continue;
        if (realpath(long_name, path) == NULL) continue;
        shorten(path);
        return true;
    }
    return false;
}

bool cli_find_scenario(const char *name, char path[CLI_PATH])
{
    int len = snprintf(path, CLI_PATH, "%s", name);
    if (len <= 0 || len >= CLI_PATH) return false;
    if (access(name, F_OK) == 0 && !is_folder(name)) return true;
    char folder[CLI_PATH];
    if (strchr(name, '/') != NULL || !cli_scenario_folder(folder)) return false;
    const char *dot = strrchr(name, '.');
    const char *end = dot != NULL && strcmp(dot, ".lua") == 0 ? "" : ".lua";
    len = snprintf(path, CLI_PATH, "%s/%s%s", folder, name, end);
    return len > 0 && len < CLI_PATH && is_file(path);
}

bool cli_has_program(const char *name)
{
    const char *p = getenv("PATH");
    char path[CLI_PATH];
    while (p != NULL && *p != 0) {
        size_t len = strcspn(p, ":");
        int n = snprintf(path, sizeof path, "%.*s/%s", (int)len, p, name);
        if (n > 0 && n < (int)sizeof path && is_file(path) && access(path, X_OK) == 0) return true;
        p += len + (p[len] == ':');
    }
    return false;
}
