// cc_cubic_linux.c - CUBIC as Linux counts it (tcp_cubic.c), by netglass.tcp_cubic_linux.
//
// The curve is RFC 9438's, but windows are whole segments, the curve is looked up a least round
// trip ahead, and what comes of it is a count: one segment more for so many acknowledged. Where
// nothing is known of the path yet, that is at least one for 20. HyStart is its own, too.
#include "tcp/cc_cubic.h"

enum { LINUX_LOW_WINDOW = 16, LINUX_TRAIN_US = 2000, LINUX_BURST = 4 * 65536 };

static void begin_linux_round(struct cubic *c, uint32_t now_us, struct seq nxt)
{
    c->train_from_us = c->train_last_us = now_us;
    c->round_end = nxt;
    c->round_us = UINT32_MAX;
    c->samples = 0;
    c->in_round = true;
}

// ACKs that follow each other closely for half of the least round trip: the pipe is full.
static bool train_is_long(struct cubic *c, const struct cc_ack *a, uint32_t now_us)
{
    if (now_us - c->train_last_us > LINUX_TRAIN_US) return false;
    c->train_last_us = now_us;
    uint64_t burst = a->pacing > 0 ? (uint64_t)LINUX_BURST * 1000000 / a->pacing : 0;
    uint32_t threshold = c->delay_us + (uint32_t)(burst < 1000 ? burst : 1000);
    if (!a->paced) threshold /= 2;
    return now_us - c->train_from_us > threshold;
}

static bool delay_rose(struct cubic *c, uint32_t us)
{
    if (us < c->round_us) c->round_us = us;
    if (c->samples < HYSTART_SAMPLES) {
        c->samples++;
        return false;
    }
    return c->round_us > c->delay_us + hystart_thresh(c->delay_us);
}

static void hystart(struct cc_state *s, const struct cc_ack *a)
{
    struct cubic *c = &s->cubic;
    if (a->rtt == 0 || (c->in_epoch && ms_of(a->now) - c->epoch_ms < 1000)) return;
    uint32_t us = (uint32_t)(a->rtt / USEC(1)), now_us = (uint32_t)(a->now / USEC(1));
    if (us == 0) us = 1;
    if (c->delay_us == 0 || us < c->delay_us) c->delay_us = us;
    // Below the low window not even rounds are told apart (Linux before 6.14).
    if (c->found || s->cwnd >= s->ssthresh || s->cwnd < LINUX_LOW_WINDOW * s->mss) return;
    if (!c->in_round || seq_lt(c->round_end, a->una)) begin_linux_round(c, now_us, a->nxt);
    bool train = (a->hystart & HYSTART_TRAIN) && train_is_long(c, a, now_us);
    bool delay = (a->hystart & HYSTART_DELAY) && delay_rose(c, us);
    if (!train && !delay) return;
    c->found = true;
    s->ssthresh = s->cwnd;
}

// --- congestion avoidance -----------------------------------------------------------------------

enum { SCALE = 410,            // C = 0.4 = 410 / 1024
       RENO_SCALE = 15,        // a segment for 15/8 of a window: 8 (1 + beta) / 3 (1 - beta)
       UNKNOWN_MOST = 20, LEAST = 2, STALE_MS = 31 };
#define ROOT_FACTOR (((uint64_t)1 << 40) / SCALE)

// In 1024ths of a second.
static uint64_t to_scale(uint32_t ms) { return (uint64_t)ms * 1024 / 1000; }

static void begin_epoch(struct cubic *c, uint32_t now, uint32_t cwnd, uint32_t w_max,
                        uint32_t acked)
{
    c->in_epoch = true;
    c->epoch_ms = now;
    c->est_part = acked;
    c->w_est = cwnd;
    c->k_ms = w_max > cwnd ? cubic_root(ROOT_FACTOR * (w_max - cwnd)) : 0;
    c->origin = w_max > cwnd ? w_max : cwnd;
}

static uint32_t count_for(const struct cubic *c, uint32_t now, uint32_t cwnd)
{
    uint64_t t = to_scale(now - c->epoch_ms + c->delay_us / 1000);
    uint64_t d = t < c->k_ms ? c->k_ms - t : t - c->k_ms;
    if (d > 1 << 17) d = 1 << 17;  // two minutes: beyond any window
    uint64_t delta = (SCALE * d * d * d) >> 40;
    uint64_t target = t >= c->k_ms ? c->origin + delta : c->origin > delta ? c->origin - delta : 0;
    uint64_t cnt = target > cwnd ? cwnd / (target - cwnd) : 100 * (uint64_t)cwnd;
    if (c->w_max == 0 && cnt > UNKNOWN_MOST) return UNKNOWN_MOST;
    return (uint32_t)cnt;
}

// How many segments must be acknowledged for one more.
static void update(struct cubic *c, const struct cc_state *s, uint32_t now, uint32_t acked)
{
    uint32_t cwnd = s->cwnd / s->mss;
    c->est_part += acked;
    if (c->last_cwnd == cwnd && now - c->last_ms <= STALE_MS) return;
    if (!c->in_epoch || now != c->last_ms) {
        c->last_cwnd = cwnd;
        c->last_ms = now;
        if (!c->in_epoch) begin_epoch(c, now, cwnd, c->w_max / s->mss, acked);
        c->cnt = count_for(c, now, cwnd);
    }
    uint32_t a_segment = cwnd * RENO_SCALE / 8;
    while (a_segment > 0 && c->est_part > a_segment) {
        c->est_part -= a_segment;
        c->w_est++;
    }
    if (c->w_est > cwnd && c->cnt > cwnd / (c->w_est - cwnd)) c->cnt = cwnd / (c->w_est - cwnd);
    if (c->cnt < LEAST) c->cnt = LEAST;
}

static void add(struct cc_state *s, uint32_t acked)
{
    struct cubic *c = &s->cubic;
    uint32_t more = 0;
    if (c->grown >= c->cnt) {  // credit from a larger count is given gently
        c->grown = 0;
        more = 1;
    }
    c->grown += acked;
    more += c->grown / c->cnt;
    c->grown %= c->cnt;
    s->cwnd = cc_add(s->cwnd, (uint64_t)more * s->mss);
}

enum cwnd_why cubic_linux_acked(struct cc_state *s, const struct cc_ack *a)
{
    struct cubic *c = &s->cubic;
    uint32_t now = ms_of(a->now), before = s->cwnd;
    hystart(s, a);
    if (!a->limited) return CWND_NOTHING;
    uint32_t acked = (a->acked + s->mss - 1) / s->mss;
    if (s->cwnd < s->ssthresh) {
        uint32_t room = (s->ssthresh - s->cwnd + s->mss - 1) / s->mss;
        uint32_t taken = acked < room ? acked : room;
        s->cwnd = cc_add(s->cwnd, (uint64_t)taken * s->mss);
        acked -= taken;
        if (acked == 0) return CWND_SLOW_START;
    }
    update(c, s, now, acked);
    add(s, acked);
    return s->cwnd > before ? CWND_AVOIDANCE : CWND_NOTHING;
}
