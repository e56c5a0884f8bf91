// clock.c - see clock.h.
#include "os/clock.h"

#include <sys/random.h>
#include <time.h>

static nsec read_clock(clockid_t id)
{
    struct timespec ts;
    CHECK(clock_gettime(id, &ts) == 0);
    return SEC(ts.tv_sec) + ts.tv_nsec;
}

nsec clock_monotonic(void) { return read_clock(CLOCK_MONOTONIC); }
nsec clock_wall(void)      { return read_clock(CLOCK_REALTIME); }

uint64_t clock_entropy(void)
{
    uint64_t v;
    CHECK(getrandom(&v, sizeof v, 0) == (ssize_t)sizeof v);
    return v;
}
