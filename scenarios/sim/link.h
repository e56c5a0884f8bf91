// link.h - a cable: two directions, each with a rate, a delay, chance, and a queue with a limit.
//
// A frame that is enqueued waits for those before it, is put on the wire bit by bit at the rate,
// and arrives a delay later, as a copy from the wire's own pool. A GSO super-frame takes the time
// of all the segments it stands for. Each frame's fate is told: LINK_QUEUE, LINK_FLY, or LINK_DROP.
#ifndef LINK_H
#define LINK_H

#include "core/frame.h"
#include "stack.h"

struct link;

struct link_config {
    uint64_t rate_bps;          // 0: no limit
    nsec     delay, jitter;     // one way; the jitter is uniform in 0..jitter and may reorder
    uint32_t loss_ppm, reorder_ppm, duplicate_ppm, corrupt_ppm;  // chances per frame, in a million
    nsec     reorder_delay;     // how much later a reordered frame arrives; 0: one delay more
    uint32_t queue_packets;     // frames that may wait; 0: 1000
    bool     down;
};

// A frame the scenario wants dropped: match is asked for each frame of the direction.
struct link_rule {
    bool (*match)(void *self, const uint8_t *p, size_t len);
    void (*free)(void *self);  // may be NULL
    void  *self;
    uint32_t skip, count;      // let `skip` matches pass, then drop `count`
};

enum link_end { LINK_A, LINK_B };  // the direction is named by its sender

const struct link_config *link_get(const struct link *l, enum link_end from);
void link_set(struct link *l, enum link_end from, const struct link_config *cfg);  // told: LINK_SET
int  link_add_rule(struct link *l, enum link_end from, const struct link_rule *r);  // -ENOMEM

#endif
