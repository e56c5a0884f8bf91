// cc_cubic.c - CUBIC (RFC 9438) with HyStart++ (RFC 9406), in integers.
//
//     W_cubic(t) = C * (t - K)^3 + W_max      C = 0.4 segments/s^3, beta = 0.7
//
// Time runs in milliseconds and windows in bytes: C * mss * ms^3 / 10^9. Clamping |t - K| to 2^16
// ms keeps every product in 64 bits; a minute past K the window is beyond any buffer anyway.
#include "tcp/cc_cubic.h"

enum { BETA_NUM = 7, BETA_DEN = 10,       // RFC 9438 §4.6
       ALPHA_NUM = 9, ALPHA_DEN = 17,     // 3 * (1 - beta) / (1 + beta), §4.3
       OFFSET_MAX_MS = 65535 };

enum { CSS_DIVISOR = 4, CSS_ROUNDS = 5 };  // RFC 9406 §4.3

static void cubic_init(struct cc_state *s) { s->cubic = (struct cubic){0}; }

// The largest r with r^3 <= x, a bit a step.
uint32_t cubic_root(uint64_t x)
{
    uint64_t r = 0;
    for (int bit = 21; bit >= 0; bit--) {
        uint64_t try = r | (uint64_t)1 << bit;
        if (try * try <= x / try) r = try;
    }
    return (uint32_t)r;
}

// --- slow start: HyStart++ ---------------------------------------------------------------------

static void begin_round(struct cubic *c, struct seq nxt)
{
    c->last_us = c->round_us;
    c->round_us = 0;
    c->samples = 0;
    c->round_end = nxt;
    c->in_round = true;
}

// Delay rose over a round: the queue fills. Grow at a quarter of the pace, and if that was no
// passing thing, end slow start (RFC 9406 §4.2).
static void hystart(struct cc_state *s, const struct cc_ack *a)
{
    struct cubic *c = &s->cubic;
    if (!c->in_round || seq_le(c->round_end, a->una)) {
        if (c->in_css && c->in_round && ++c->css_rounds >= CSS_ROUNDS) s->ssthresh = s->cwnd;
        begin_round(c, a->nxt);
    }
    if (a->rtt == 0) return;
    uint32_t us = (uint32_t)(a->rtt / USEC(1));
    if (us == 0) us = 1;
    if (c->round_us == 0 || us < c->round_us) c->round_us = us;
    if (++c->samples < HYSTART_SAMPLES || c->last_us == 0) {
        if (c->samples == UINT8_MAX) c->samples--;
        return;
    }
    if (c->samples == UINT8_MAX) c->samples--;
    if (c->in_css) {
        if (c->round_us < c->baseline_us) c->in_css = false;
        return;
    }
    uint32_t thresh = hystart_thresh(c->last_us);
    if (c->round_us >= c->last_us + thresh) {
        c->in_css = true;
        c->css_rounds = 0;
        c->baseline_us = c->round_us;
    }
}

// --- congestion avoidance ----------------------------------------------------------------------

static void begin_epoch(struct cc_state *s, const struct cc_ack *a)
{
    struct cubic *c = &s->cubic;
    c->in_epoch = true;
    c->epoch_ms = ms_of(a->now);
    c->grown = c->est_part = 0;
    c->w_est = s->cwnd;
    if (c->w_max <= s->cwnd) {  // after slow start without a loss, or beyond the old maximum
        c->w_max = s->cwnd;
        c->k_ms = 0;
    } else {
        uint64_t gap = c->w_max - s->cwnd;
        c->k_ms = cubic_root(gap * 2500000000u / s->mss);  // / C, and seconds^3 to ms^3
    }
}

static uint64_t w_cubic(const struct cc_state *s, int64_t ms)
{
    const struct cubic *c = &s->cubic;
    int64_t d = ms - c->k_ms;
    bool before = d < 0;
    if (before) d = -d;
    if (d > OFFSET_MAX_MS) d = OFFSET_MAX_MS;
    uint64_t bytes = (uint64_t)(d * d * d) / 10 * 4 / 1000 * s->mss / 1000000;
    if (!before) return c->w_max + bytes;
    return bytes < c->w_max ? c->w_max - bytes : 0;
}

// What Reno would have by now (§4.3): alpha segments a window, then one segment.
static void grow_estimate(struct cc_state *s, uint32_t acked)
{
    struct cubic *c = &s->cubic;
    uint64_t gain = (uint64_t)acked * s->mss;
    if (c->w_est < c->w_before) gain = gain * ALPHA_NUM / ALPHA_DEN;
    gain += c->est_part;
    c->est_part = (uint32_t)(gain % s->cwnd);
    c->w_est = cc_add(c->w_est, gain / s->cwnd);
}

static enum cwnd_why avoidance(struct cc_state *s, const struct cc_ack *a)
{
    struct cubic *c = &s->cubic;
    if (!c->in_epoch) begin_epoch(s, a);
    grow_estimate(s, a->acked);

    uint32_t ms = ms_of(a->now) - c->epoch_ms;
    uint64_t target = w_cubic(s, ms);
    uint32_t before = s->cwnd;
    if (target < c->w_est) {  // the Reno-friendly region
        if (s->cwnd < c->w_est) s->cwnd = c->w_est;
    } else {
        target = w_cubic(s, ms + a->srtt / MSEC(1));
        uint64_t most = (uint64_t)s->cwnd + s->cwnd / 2;  // §4.4
        if (target > most) target = most;
        if (target > s->cwnd) {
            uint64_t gain = (target - s->cwnd) * a->acked + c->grown;
            c->grown = (uint32_t)(gain % s->cwnd);
            s->cwnd = cc_add(s->cwnd, gain / before);
        }
    }
    return s->cwnd > before ? CWND_AVOIDANCE : CWND_NOTHING;
}

static enum cwnd_why cubic_acked(struct cc_state *s, const struct cc_ack *a)
{
    struct cubic *c = &s->cubic;
    if (a->hystart & HYSTART_LINUX) return cubic_linux_acked(s, a);
    if (!a->limited) {  // time in which nothing pressed against cwnd is no time (§5.8)
        c->epoch_ms += ms_of(a->now) - c->last_ms;
        c->last_ms = ms_of(a->now);
        return CWND_NOTHING;
    }
    c->last_ms = ms_of(a->now);
    if (s->cwnd < s->ssthresh) {
        hystart(s, a);
        // Linux: an ACK that covers many segments counts for all of them; offload makes such ACKs.
        s->cwnd = cc_add(s->cwnd, c->in_css ? a->acked / CSS_DIVISOR : a->acked);
        return CWND_SLOW_START;
    }
    return avoidance(s, a);
}

static uint32_t cubic_ssthresh(struct cc_state *s, uint32_t flight)
{
    struct cubic *c = &s->cubic;
    c->in_epoch = c->in_css = c->in_round = false;
    c->found = false;
    c->w_before = s->cwnd;
    // Fast convergence (§4.7): a shrinking maximum says that others need room.
    if (s->cwnd < c->w_max)
        c->w_max = (uint32_t)((uint64_t)s->cwnd * (BETA_DEN + BETA_NUM) / (2 * BETA_DEN));
    else
        c->w_max = s->cwnd;
    // Linux: of cwnd, not of what is in flight. cwnd grows only when it is used, so it is no claim
    // (RFC 9438 §4.6 allows it on that condition).
    (void)flight;
    uint32_t cut = (uint32_t)((uint64_t)s->cwnd * BETA_NUM / BETA_DEN);
    uint32_t least = CC_MIN_SEGMENTS * s->mss;
    return cut > least ? cut : least;
}

static void cubic_restart(struct cc_state *s, nsec now)
{
    s->cubic.in_epoch = s->cubic.in_round = false;
    s->cubic.last_ms = ms_of(now);
}

// RFC 9438 §5.8: time without anything in flight is no time.
static void cubic_resume(struct cc_state *s, nsec since, nsec now)
{
    struct cubic *c = &s->cubic;
    if (!c->in_epoch) return;
    uint32_t idle = ms_of(now - since), age = ms_of(now) - c->epoch_ms;
    c->epoch_ms += idle < age ? idle : age;
    uint32_t last = ms_of(now) - c->last_ms;
    c->last_ms += idle < last ? idle : last;
}

const struct cc cc_cubic = {
    .name = "cubic",
    .init = cubic_init,
    .acked = cubic_acked,
    .ssthresh = cubic_ssthresh,
    .restart = cubic_restart,
    .resume = cubic_resume,
};
