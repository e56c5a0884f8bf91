// link.h - a cable: two directions, each with a rate, a delay, chance, and a queue with a limit.
//
// A frame that is enqueued waits for those before it, is put on the wire bit by bit at the rate,
// and arrives a delay later, as a copy from the wire's own pool. A GSO super-frame takes the time
// of all the segments it stands for. Like a host, a link has no clock and calls nobody: frames and
// moments go in by a call, and what has arrived is taken out.
//
//     link_enqueue(f) -> | f f f |  (rate)  ----- f --- f ----->  (delay, jitter)  link_take()
//                          queue    depart                arrive
//
// Each frame's fate is told. Waiting is LINK_QUEUE. Leaving is LINK_FLY, with the instants of its
// first bit out and its last bit in. A frame that the wire loses flies first and has its LINK_DROP
// in the middle of that flight. One that never left the sender (a full queue, a link that is down)
// has a LINK_DROP and no LINK_FLY. A duplicate flies twice.
// LINK_MARK says that a frame met a long queue and was marked for it (RFC 3168 §5).
//
// Chance comes from the link's own stream, one for each direction, and every frame makes the same
// draws whatever the settings are: a change of one quality leaves the luck of the others alone.
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
    uint32_t ecn_packets;       // from so many on, those that can be marked are; 0: never
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
// Holds for the frames that depart from now on. Told: LINK_SET.
void link_set(struct link *l, enum link_end from, const struct link_config *cfg, nsec now);
int  link_add_rule(struct link *l, enum link_end from, const struct link_rule *r);  // -ENOMEM

// --- for whoever drives it --------------------------------------------------------------------

struct link_setup {
    uint32_t           id;
    uint16_t           host[2], netif[2];  // who sits at each end, as events name them
    struct pool       *pool;               // the wire's memory; outlives the link
    struct trace_sink *trace;              // may be NULL
    uint64_t           seed;
    nsec               now;
};

struct link *link_new(const struct link_setup *setup);  // NULL: no memory. Told: LINK_NEW
void         link_free(struct link *l);                 // and the frames in it
void         link_enqueue(struct link *l, enum link_end from, struct frame *f, nsec now);
nsec         link_next(const struct link *l);           // when to call link_take, or NEVER
// The next frame that has arrived by now, in order of arrival, and the end where it came out;
// NULL: none. The caller owns it.
struct frame *link_take(struct link *l, nsec now, enum link_end *to);

#endif
