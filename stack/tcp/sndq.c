// sndq.c - see sndq.h.
#include "tcp/sndq.h"

size_t sndq_append(struct sndq *q, struct pool *p, const void *bytes, size_t n)
{
    size_t room = sndq_room(q);
    return slices_copy_in(&q->bytes, p, bytes, n < room ? n : room);
}

bool sndq_give(struct sndq *q, struct pool *p, struct slice s)
{
    return s.len <= sndq_room(q) && slices_add(&q->bytes, p, s);
}

void sndq_acked(struct sndq *q, struct pool *p, struct seq una)
{
    int32_t n = seq_diff(una, q->bytes.from);
    if (n > 0) slices_drop(&q->bytes, p, (uint32_t)n);
}
