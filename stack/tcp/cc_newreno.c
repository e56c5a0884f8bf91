// cc_newreno.c - RFC 5681 with byte counting: the algorithm all others are measured by.
#include "tcp/cc.h"

static void newreno_init(struct cc_state *s) { s->newreno = (struct newreno){0}; }

enum cwnd_why cc_reno_grow(struct cc_state *s, uint32_t *counted, const struct cc_ack *a)
{
    if (!a->limited) return CWND_NOTHING;
    if (s->cwnd < s->ssthresh) {
        // At most one segment an ACK (RFC 5681 §3.1), so that splitting ACKs gains nothing.
        s->cwnd = cc_add(s->cwnd, a->acked < s->mss ? a->acked : s->mss);
        return CWND_SLOW_START;
    }
    // One segment for each window of bytes acknowledged: no more than one a round trip.
    *counted = cc_add(*counted, a->acked);
    if (*counted < s->cwnd) return CWND_NOTHING;
    *counted -= s->cwnd;
    s->cwnd = cc_add(s->cwnd, s->mss);
    return CWND_AVOIDANCE;
}

static enum cwnd_why newreno_acked(struct cc_state *s, const struct cc_ack *a)
{
    return cc_reno_grow(s, &s->newreno.counted, a);
}

static uint32_t newreno_ssthresh(struct cc_state *s, uint32_t flight)
{
    s->newreno.counted = 0;
    uint32_t least = CC_MIN_SEGMENTS * s->mss;
    return flight / 2 > least ? flight / 2 : least;
}

const struct cc cc_newreno = {
    .name = "newreno",
    .init = newreno_init,
    .acked = newreno_acked,
    .ssthresh = newreno_ssthresh,
};
