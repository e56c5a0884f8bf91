// cc_cubic.h - what CUBIC by its RFC and CUBIC as Linux counts it have in common.
#ifndef CC_CUBIC_H
#define CC_CUBIC_H

#include "tcp/cc.h"

enum { HYSTART_SAMPLES = 8,  // RFC 9406 §4.3, in which it follows Linux
       HYSTART_MIN_THRESH_US = 4000, HYSTART_MAX_THRESH_US = 16000 };

// An eighth of a round trip, within bounds: a delay longer by that says that a queue fills.
static inline uint32_t hystart_thresh(uint32_t us)
{
    us /= 8;
    if (us < HYSTART_MIN_THRESH_US) return HYSTART_MIN_THRESH_US;
    return us < HYSTART_MAX_THRESH_US ? us : HYSTART_MAX_THRESH_US;
}

static inline uint32_t ms_of(nsec t) { return (uint32_t)(t / MSEC(1)); }

uint32_t      cubic_root(uint64_t x);  // the largest r with r^3 <= x
// cc_cubic_linux.c
enum cwnd_why cubic_linux_acked(struct cc_state *s, const struct cc_ack *a);

#endif
