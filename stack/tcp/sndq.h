// sndq.h - the send buffer: bytes the application wrote and the peer has not acknowledged yet.
//
//        una                nxt                                end
//         |  sent, in flight |  not sent yet                    |
//         +------------------+----------------------------------+
//
// One copy on write, into chunks of up to 68 KB; none with sndq_give. What is in flight is told by
// sent.h; this queue only keeps the bytes until they are acknowledged. `limit` is the send
// buffer's size in payload bytes; it grows with the congestion window unless the user fixed it.
#ifndef SNDQ_H
#define SNDQ_H

#include "tcp/slices.h"

struct sndq {
    struct slices bytes;
    uint32_t      limit;
    bool          fixed;  // SO_SNDBUF was set: no growth
};

static inline void sndq_init(struct sndq *q, struct seq first, uint32_t limit)
{
    *q = (struct sndq){.bytes.from = first, .limit = limit};
}

static inline struct seq sndq_end(const struct sndq *q) { return slices_end(&q->bytes); }

static inline size_t sndq_room(const struct sndq *q)
{
    return q->bytes.len < q->limit ? q->limit - q->bytes.len : 0;
}

// Copies what there is room for; returns how many bytes, fewer than the room if memory is out.
size_t sndq_append(struct sndq *q, struct pool *p, const void *bytes, size_t n);
// Takes the slice's count. False: it does not fit, or no memory, and the count stays.
bool   sndq_give(struct sndq *q, struct pool *p, struct slice s);
// The peer has all below una, which lies in the queue or at its end.
void   sndq_acked(struct sndq *q, struct pool *p, struct seq una);

#endif
