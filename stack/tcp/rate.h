// rate.h - how fast the path delivers: each ACK makes a sample (draft-cheng-iccrg-delivery-rate-
// estimation, and Linux).
//
//     mark of the segment:  delivered, delivered_at, first_at       when it was sent
//     now, at its ACK:      delivered' , now
//     rate = (delivered' - delivered) / max(now - delivered_at, at - first_at)
//
// The longer of both intervals, that of the ACKs and that of the sending, keeps ACKs that come in
// a heap from claiming more than was ever sent. What was sent while the application had nothing
// more says how fast the application is, not the path: the sample says so.
#ifndef RATE_H
#define RATE_H

#include "base/base.h"

// What is known as a segment leaves.
struct rate_mark {
    uint64_t delivered;       // bytes the peer had by then
    nsec     delivered_at;    // when the last of them was told
    nsec     first_at;        // when the flight began of which it is part
    bool     app_limited;     // the application had no more
};

// What its ACK shows. interval 0: nothing.
struct rate_sample {
    uint64_t prior;           // bytes delivered in all when the segment left
    uint32_t delivered;       // bytes delivered since
    nsec     interval;        // in this time
    bool     app_limited;
};

#endif
