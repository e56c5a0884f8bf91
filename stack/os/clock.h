// clock.h - the real world's time and chance, for whoever drives a host in real time.
#ifndef CLOCK_H
#define CLOCK_H

#include "base/base.h"

nsec     clock_monotonic(void);
nsec     clock_wall(void);    // since 1970 in UTC
uint64_t clock_entropy(void); // unpredictable, from the kernel; aborts if the kernel has none

#endif
