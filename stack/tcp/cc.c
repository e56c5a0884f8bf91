// cc.c - the list of algorithms, and what all of them begin with. See cc.h.
#include "tcp/cc.h"

static const struct cc *const algorithms[] = {&cc_cubic, &cc_newreno, &cc_dctcp, &cc_vegas,
                                              &cc_bbr};

// RFC 9293: MAY-18.
const struct cc *cc_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (strcmp(algorithms[i]->name, name) == 0) return algorithms[i];
    if (strcmp(name, "reno") == 0) return &cc_newreno;  // Linux's name for it
    return NULL;
}

uint32_t cc_initial_window(uint32_t mss)
{
    uint32_t most = 2 * mss > 14600 ? 2 * mss : 14600;
    return CC_INITIAL_SEGMENTS * mss < most ? CC_INITIAL_SEGMENTS * mss : most;
}
