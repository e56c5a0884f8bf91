// mark.c - part of each unit test: what Check does at each assertion that holds.
//
// Check writes the place of each to a file, a call of the kernel for every one, to be able to say
// where a test was when it died. That is of use to the process that outlives it, and a third of the
// time of all unit tests: where they share a process (CK_FORK=no), nothing is written. One that
// dies is run again with a process of its own, see tests/run.
#include <stdlib.h>
#include <string.h>

void __real__mark_point(const char *file, int line);
void __wrap__mark_point(const char *file, int line);

void __wrap__mark_point(const char *file, int line)
{
    static enum { UNKNOWN, ALONE, SHARED } process;
    if (process == UNKNOWN) {
        const char *fork = getenv("CK_FORK");
        process = fork != NULL && strcmp(fork, "no") == 0 ? SHARED : ALONE;
    }
    if (process == ALONE) __real__mark_point(file, line);
}
