// cc_dctcp.c - DCTCP (RFC 8257): the window is cut by the share of bytes that came marked, not by
// half, so that queues with a low marking threshold stay both short and busy.
//
// alpha is that share, smoothed over about 16 round trips, in 1/1024.
#include "tcp/cc.h"

#include "stack.h"

enum { ALPHA_ONE = 1024, GAIN_SHIFT = 4 };

// RFC 8257 §3.3: alpha begins at one, which is as cautious as a loss.
static void dctcp_init(struct cc_state *s)
{
    s->dctcp = (struct dctcp){.alpha = ALPHA_ONE};
}

static void end_round(struct dctcp *d, const struct cc_ack *a)
{
    uint32_t share = (uint32_t)((uint64_t)d->marked * ALPHA_ONE / d->acked);
    // Rounded up as it falls, or it would never reach zero.
    uint32_t fall = (d->alpha + (1u << GAIN_SHIFT) - 1) >> GAIN_SHIFT;
    d->alpha = d->alpha - fall + (share >> GAIN_SHIFT);
    if (d->alpha > ALPHA_ONE) d->alpha = ALPHA_ONE;
    d->acked = d->marked = 0;
    d->round_end = a->nxt;
}

static enum cwnd_why dctcp_acked(struct cc_state *s, const struct cc_ack *a)
{
    struct dctcp *d = &s->dctcp;
    if (!d->in_round) d->round_end = a->nxt;
    d->in_round = true;
    d->acked = cc_add(d->acked, a->acked);
    d->marked = cc_add(d->marked, a->marked);
    if (seq_le(d->round_end, a->una) && d->acked > 0) end_round(d, a);
    return cc_reno_grow(s, &d->counted, a);
}

static uint32_t at_least(const struct cc_state *s, uint32_t cwnd)
{
    uint32_t least = CC_MIN_SEGMENTS * s->mss;
    return cwnd > least ? cwnd : least;
}

static uint32_t dctcp_marked(struct cc_state *s, uint32_t flight)
{
    (void)flight;
    return at_least(s, s->cwnd - (uint32_t)((uint64_t)s->cwnd * s->dctcp.alpha / (2 * ALPHA_ONE)));
}

static uint32_t dctcp_ssthresh(struct cc_state *s, uint32_t flight)
{
    s->dctcp.counted = 0;
    return at_least(s, flight / 2);  // a loss is a loss (§3.5)
}

static void dctcp_tell(const struct cc_state *s, struct ng_cc_info *info)
{
    info->kind = NG_CC_DCTCP;
    info->alpha = s->dctcp.alpha;
    info->acked = s->dctcp.acked;
    info->marked = s->dctcp.marked;
}

const struct cc cc_dctcp = {
    .name = "dctcp",
    .precise_ecn = true,
    .init = dctcp_init,
    .acked = dctcp_acked,
    .ssthresh = dctcp_ssthresh,
    .marked = dctcp_marked,
    .tell = dctcp_tell,
};
