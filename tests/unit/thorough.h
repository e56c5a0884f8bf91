// thorough.h - tests that try every one of many cases try every so-manieth in `make check`, and all
// of them where NETGLASS_THOROUGH is set, as `make soak` does.
#ifndef TESTS_THOROUGH_H
#define TESTS_THOROUGH_H

#include <stdlib.h>

// 1 where all cases are asked for, else `usual`.
static inline int every(int usual)
{
    return getenv("NETGLASS_THOROUGH") != NULL ? 1 : usual;
}

#endif
