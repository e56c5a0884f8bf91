// trail.h - one packet's way, from write() to read(): the events at which something happens to it.
//
// Of a segment with data the way begins with the write() whose bytes it carries first and ends with
// the read() that takes its last byte; between lie every sending of these bytes, every loss, every
// arrival. Of a datagram, the sendto() and the recvfrom() that belong to it, counted on their
// sockets. Of any other frame, its own departure and end. What a recording does not know (a
// stranger's capture has no calls) is left out.
#ifndef TRAIL_H
#define TRAIL_H

#include "viz/recording.h"

enum { TRAIL_MAX = 24 };

struct trail {
    uint64_t event[TRAIL_MAX];  // rising
    size_t   n;
    uint32_t frame;             // whose it is
};

// Returns whether there is anything to follow.
bool trail_find(struct trail *t, struct recording *r, uint32_t frame);

#endif
