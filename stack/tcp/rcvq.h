// rcvq.h - the receive buffer: bytes in order for the application, and bytes held behind a gap.
//
//        read          end (RCV.NXT)     held runs, out of order          right edge
//         |  in order    |  gap  [ run 1 ]   gap   [ run 2 ]                 |
//         +--------------+-------------------------------------------------- +
//
// Received bytes stay in the chunk they came in; reading is the one copy. A small segment in a big
// chunk would pin memory out of proportion, so it is copied: every chunk in here is at least half
// full of our bytes or shared with its neighbour, which makes `limit` an honest bound (a chunk of
// 256 B apart). What is held out of order is bounded in runs and items too, because a stranger
// chooses them.
//
// Runs are what SACK reports (RFC 2018 §4): each has a stamp of its last change, so that the most
// recent come first.
#ifndef RCVQ_H
#define RCVQ_H

#include "tcp/slices.h"

enum { RCVQ_RUNS = 1024, RCVQ_ITEMS = 16384 };

struct seq_range { struct seq from, to; };

struct rcvq_run  { struct seq_range at; uint32_t stamp; };
struct rcvq_item { struct slice s; struct seq seq; };

struct rcvq_hold {
    struct rcvq_run  *run;   // in order, with gaps between them
    struct rcvq_item *item;  // in order
    uint32_t          runs, run_cap, items, item_cap, stamp;
    bool              fin_newest;  // a FIN of its own came later than all of these
};

struct rcvq {
    struct slices     bytes;  // in order
    struct rcvq_hold *hold;   // NULL while nothing is held
    uint32_t          held;   // bytes
    uint32_t          limit;  // in payload bytes: what the window is made of
    bool              fixed;  // SO_RCVBUF was set: no growth
};

enum rcvq_result {
    RCVQ_TAKEN,     // all or some of its bytes are new, and are kept now
    RCVQ_KNOWN,     // all its bytes were held already
    RCVQ_FULL,      // too many runs or items
    RCVQ_NO_MEMORY,
};

static inline void rcvq_init(struct rcvq *q, struct seq first, uint32_t limit)
{
    *q = (struct rcvq){.bytes.from = first, .limit = limit};
}

void rcvq_free(struct rcvq *q, struct pool *p);
// Bytes that continue the stream. Borrows s and takes counts of its own.
enum rcvq_result rcvq_append(struct rcvq *q, struct pool *p, struct slice s);
// Bytes behind a gap. *known gets the part that was held already (for D-SACK), or an empty range.
enum rcvq_result rcvq_hold(struct rcvq *q, struct pool *p, struct seq at, struct slice s,
                           struct seq_range *known);
// After an append: moves what is in order now. Returns the bytes that joined the stream.
uint32_t rcvq_join(struct rcvq *q, struct pool *p);
// Up to cap runs, the most recently changed first. Returns how many.
unsigned rcvq_runs(const struct rcvq *q, struct seq_range *out, unsigned cap);
size_t   rcvq_read(struct rcvq *q, struct pool *p, void *to, size_t n);
// The first contiguous bytes; 0 if there are none.
size_t   rcvq_peek(const struct rcvq *q, const uint8_t **at);
// How many held bytes are to be thrown away for this reason: all. SACKed bytes may be (RFC 2018).
void     rcvq_forget_held(struct rcvq *q, struct pool *p);

#endif
