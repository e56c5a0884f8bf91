// all.c - the unit tests of a build in one program. Each test is a link to it, and runs what its
// own name says: build/unit/tcp/listen_test calls the main() of tests/unit/tcp/listen_test.c, which
// make has named unit_tcp_listen_test_main. With arguments it runs all the tests they name, one
// after the other, and each has a log of its own in the folder $SCRATCH.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT(name) int name##_main(void);
#include UNITS
#undef UNIT

static const struct {
    const char *name;
    int (*main)(void);
} units[] = {
#define UNIT(name) {#name, name##_main},
#include UNITS
#undef UNIT
};

// Is it "…/unit/tcp/listen_test" that was called, where `name` is unit_tcp_listen_test?
static bool is_called(const char *path, const char *name)
{
    size_t n = strlen(name), all = strlen(path);
    if (all < n) return false;
    path += all - n;
    while (*name != '\0' && *name == (*path == '/' ? '_' : *path)) name++, path++;
    return *name == '\0';
}

static int run_called(const char *path, bool log)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!is_called(path, units[i].name)) continue;
        char file[4096];
        snprintf(file, sizeof file, "%s/%s.tap", getenv("SCRATCH"), units[i].name);
        if (log) setenv("CK_TAP_LOG_FILE_NAME", file, 1);
        return units[i].main();
    }
    fprintf(stderr, "%s: there is no unit test of this name\n", path);
    return 2;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc < 2) return run_called(argv[0], false);
    for (int i = 1; i < argc; i++)
        failed |= run_called(argv[i], true);
    return failed;
}
