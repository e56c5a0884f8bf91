// cc_vegas.c - Vegas: keeps a few segments in the bottleneck's queue, and so never fills it.
//
//     diff = cwnd * (rtt - base) / base      bytes in queues, as the rise of round trips says
//
// Once a round trip: below ALPHA segments of diff cwnd grows by one, above BETA it shrinks by one.
// Slow start ends at GAMMA. The least round trip ever is the base, the least of the round the rtt,
// so that delayed ACKs do not count (Brakmo and Peterson 1995; numbers and order as in Linux).
#include "tcp/cc.h"

#include "stack.h"

enum { ALPHA = 2, BETA = 4, GAMMA = 1, SAMPLES = 2 };

static void vegas_init(struct cc_state *s) { s->vegas = (struct vegas){0}; }

static void vegas_restart(struct cc_state *s, nsec now)
{
    (void)now;
    s->vegas.in_round = false;
}

static void begin_round(struct vegas *v, const struct cc_ack *a)
{
    v->in_round = true;
    v->round_end = a->nxt;
    v->samples = 0;
    v->least_us = UINT32_MAX;
}

static void note_rtt(struct vegas *v, nsec rtt)
{
    if (rtt == 0) return;
    uint32_t us = rtt < USEC(1) ? 1 : (uint32_t)(rtt / USEC(1));
    if (v->base_us == 0 || us < v->base_us) v->base_us = us;
    if (us < v->least_us) v->least_us = us;
    if (v->samples < UINT8_MAX) v->samples++;
}

static void set_cwnd(struct cc_state *s, uint32_t cwnd)
{
    uint32_t least = CC_MIN_SEGMENTS * s->mss;
    s->cwnd = cwnd > least ? cwnd : least;
    if (s->ssthresh > s->cwnd - s->mss) s->ssthresh = s->cwnd - s->mss;
}

// A round with enough samples has ended.
static enum cwnd_why steer(struct cc_state *s, const struct cc_ack *a)
{
    struct vegas *v = &s->vegas;
    uint64_t target = (uint64_t)s->cwnd * v->base_us / v->least_us;
    uint64_t diff = (uint64_t)s->cwnd * (v->least_us - v->base_us) / v->base_us;
    if (s->cwnd < s->ssthresh) {
        if (diff <= GAMMA * s->mss) return cc_reno_grow(s, &v->counted, a);
        if (target + s->mss < s->cwnd) set_cwnd(s, (uint32_t)target + s->mss);
        else set_cwnd(s, s->cwnd);
        return CWND_DELAY;
    }
    if (diff > BETA * s->mss) {
        set_cwnd(s, s->cwnd - s->mss);
        return CWND_DELAY;
    }
    if (diff >= ALPHA * s->mss || !a->limited) return CWND_NOTHING;
    s->cwnd = cc_add(s->cwnd, s->mss);
    return CWND_AVOIDANCE;
}

static enum cwnd_why vegas_acked(struct cc_state *s, const struct cc_ack *a)
{
    struct vegas *v = &s->vegas;
    if (!v->in_round) begin_round(v, a);
    note_rtt(v, a->rtt);
    if (seq_lt(a->una, v->round_end))
        return s->cwnd < s->ssthresh ? cc_reno_grow(s, &v->counted, a) : CWND_NOTHING;
    // With one or two samples a delayed ACK may have hidden the true round trip.
    enum cwnd_why why = v->samples > SAMPLES ? steer(s, a) : cc_reno_grow(s, &v->counted, a);
    begin_round(v, a);
    return why;
}

static uint32_t vegas_ssthresh(struct cc_state *s, uint32_t flight)
{
    s->vegas.counted = 0;
    uint32_t least = CC_MIN_SEGMENTS * s->mss;
    return flight / 2 > least ? flight / 2 : least;
}

// Linux: what is not known yet is as large as an int can be.
static uint32_t known_or_most(uint32_t us)
{
    enum { MOST = 0x7fffffff };
    return us == 0 || us > MOST ? MOST : us;
}

static void vegas_tell(const struct cc_state *s, struct ng_cc_info *info)
{
    const struct vegas *v = &s->vegas;
    info->kind = NG_CC_VEGAS;
    info->samples = v->samples;
    info->base_us = known_or_most(v->base_us);
    info->least_us = known_or_most(v->least_us);
}

const struct cc cc_vegas = {
    .name = "vegas",
    .init = vegas_init,
    .acked = vegas_acked,
    .ssthresh = vegas_ssthresh,
    .restart = vegas_restart,
    .tell = vegas_tell,
};
