// counts.h - what a host counts, from its birth on.
//
// Counting happens at the few doors that everything passes: the interfaces, the step from IP to a
// protocol, the reason for each packet, the reason for each loss, the arrows between TCP's states.
// Any other number that tools show is a sum of these.
#ifndef COUNTS_H
#define COUNTS_H

#include "base/base.h"
#include "base/words.h"

struct counts {
    uint64_t frames_in, bytes_in, frames_out, bytes_out;  // as the devices saw them
    uint64_t delivered[256];   // packets to each IP protocol; a super-frame counts its segments
    uint64_t sent[SENTS];      // packets, by why they were sent; likewise
    uint64_t dropped[DROPS];   // frames, by why
    uint64_t cookies_back;     // connections that a SYN cookie opened
    uint64_t moved[TCP_STATES][TCP_STATES];  // connections, from one state to another
};

#endif
