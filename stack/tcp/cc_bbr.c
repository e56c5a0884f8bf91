// cc_bbr.c - BBR version 1 (draft-cardwell-iccrg-bbr-congestion-control-00), in integers: sends as
// fast as the path delivers, whatever is lost, and keeps no more in flight than it needs for that.
//
//     bandwidth  the most that was delivered, of the last 10 round trips     (struct rate_sample)
//     rtprop     the least round trip of the last 10 s
//     rate = gain * bandwidth,  cwnd = gain * bandwidth * rtprop + 3 bursts
//
//     STARTUP --three rounds without growth--> DRAIN --flight is one BDP--> PROBE_BW
//        \________ and from all of them, each 10 s without a lower rtprop: PROBE_RTT and back
//
// Rates are bytes a second in 32 bits: beyond 34 Gbit/s they stand still. Instants are cut to 32
// bits too, and compared by difference. In place of chance, the arrival time picks the first phase.
#include "tcp/cc.h"

#include "stack.h"

enum { GAIN_ONE = 256, GAIN_HIGH = 739, GAIN_DRAIN = 88, GAIN_CWND = 2 * GAIN_ONE,  // 2 / ln 2
       BW_ROUNDS = 10, FULL_ROUNDS = 3, PHASES = 8, CWND_LEAST = 4, BURSTS = 3,
       RTPROP_MS = 10000, PROBE_RTT_US = 200000,
       SLOW_RATE = 150000, FAST_RATE = 3000000, BURST_MOST = 65536 };

enum mode { STARTUP, DRAIN, PROBE_BW, PROBE_RTT };

static const uint16_t phase_gain[PHASES] = {GAIN_ONE * 5 / 4, GAIN_ONE * 3 / 4, GAIN_ONE, GAIN_ONE,
                                            GAIN_ONE, GAIN_ONE, GAIN_ONE, GAIN_ONE};

static void bbr_init(struct cc_state *s) { s->bbr = (struct bbr){0}; }

static uint32_t ms_of(nsec t) { return (uint32_t)(t / MSEC(1)); }
static uint32_t us_of(nsec t) { return (uint32_t)(t / USEC(1)); }
static uint32_t saturate(uint64_t n) { return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX; }

// --- what the path is like ---------------------------------------------------------------------

// The greatest of the last BW_ROUNDS rounds, by three candidates (Kathleen Nichols' filter): each
// is the greatest since the one before it.
static void take_peak(struct bbr *b, int first, uint32_t bw)
{
    for (int i = first; i < 3; i++) {
        b->bw[i] = bw;
        b->bw_round[i] = b->round;
    }
}

static uint16_t age_of(const struct bbr *b, int i) { return (uint16_t)(b->round - b->bw_round[i]); }

static void next_peak(struct bbr *b, uint32_t bw)
{
    for (int i = 0; i < 2; i++) {
        b->bw[i] = b->bw[i + 1];
        b->bw_round[i] = b->bw_round[i + 1];
    }
    take_peak(b, 2, bw);
}

static void note_bandwidth(struct bbr *b, uint32_t bw)
{
    if (bw >= b->bw[0] || age_of(b, 2) > BW_ROUNDS) {
        take_peak(b, 0, bw);
        return;
    }
    if (bw >= b->bw[1]) take_peak(b, 1, bw);
    else if (bw >= b->bw[2]) take_peak(b, 2, bw);
    if (age_of(b, 0) > BW_ROUNDS) {  // the best is too old, and its followers move up
        next_peak(b, bw);
        if (age_of(b, 0) > BW_ROUNDS) next_peak(b, bw);
    } else if (b->bw_round[1] == b->bw_round[0] && age_of(b, 1) > BW_ROUNDS / 4) {
        take_peak(b, 1, bw);
    } else if (b->bw_round[2] == b->bw_round[1] && age_of(b, 2) > BW_ROUNDS / 2) {
        take_peak(b, 2, bw);
    }
}

static void update_bandwidth(struct bbr *b, const struct cc_ack *a)
{
    b->round_start = false;
    if (a->rate.interval <= 0) return;
    if ((int32_t)((uint32_t)a->rate.prior - b->next_round) >= 0) {
        b->next_round = (uint32_t)a->delivered;
        if (b->mode != PROBE_RTT) b->round++;
        b->round_start = true;
        b->conserve = false;  // it was for one round
    }
    uint64_t us = (uint64_t)(a->rate.interval / USEC(1));
    uint32_t bw = saturate((uint64_t)a->rate.delivered * 1000000 / (us > 0 ? us : 1));
    // In PROBE_RTT we are the slow ones.
    bool slow = a->rate.app_limited || b->mode == PROBE_RTT;
    if (!slow || bw >= b->bw[0]) note_bandwidth(b, bw);
}

// Bytes for a gain: BDP and what bursts and delayed ACKs hold.
static uint32_t inflight(const struct cc_state *s, uint32_t gain)
{
    const struct bbr *b = &s->bbr;
    if (b->rtprop_us == 0) return cc_initial_window(s->mss);
    uint64_t bdp = (uint64_t)b->bw[0] * b->rtprop_us / 1000000;
    uint64_t burst = b->rate < SLOW_RATE ? s->mss : b->rate < FAST_RATE ? 2 * s->mss
                                                  : b->rate / 1000;
    if (burst > BURST_MOST) burst = BURST_MOST;
    return saturate(bdp * gain / GAIN_ONE + BURSTS * burst);
}

// --- the modes ---------------------------------------------------------------------------------

static uint32_t pacing_gain(const struct bbr *b)
{
    switch ((enum mode)b->mode) {
    case STARTUP:  return GAIN_HIGH;
    case DRAIN:    return GAIN_DRAIN;
    case PROBE_BW: return phase_gain[b->phase];
    default:       return GAIN_ONE;
    }
}

static uint32_t cwnd_gain(const struct bbr *b)
{
    return b->mode == PROBE_BW ? GAIN_CWND : b->mode == PROBE_RTT ? GAIN_ONE : GAIN_HIGH;
}

static void next_phase(struct bbr *b, nsec now)
{
    b->phase = (uint8_t)((b->phase + 1) % PHASES);
    b->phase_us = us_of(now);
}

// Anywhere but in the phase that drains.
static void enter_probe_bw(struct bbr *b, nsec now)
{
    b->mode = PROBE_BW;
    b->phase = (uint8_t)(PHASES - 1 - us_of(now) % (PHASES - 1));
    next_phase(b, now);
}

static void check_phase(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    if (b->mode != PROBE_BW) return;
    uint32_t gain = pacing_gain(b);
    bool full = us_of(a->now) - b->phase_us > b->rtprop_us;
    if (gain > GAIN_ONE) full = full && (a->lost > 0 || a->flight_before >= inflight(s, gain));
    if (gain < GAIN_ONE) full = full || a->flight_before <= inflight(s, GAIN_ONE);
    if (full) next_phase(b, a->now);
}

// The pipe is full once three rounds brought no quarter more.
static void check_full(struct bbr *b, const struct cc_ack *a)
{
    if (b->full || !b->round_start || a->rate.app_limited) return;
    if (b->bw[0] >= b->full_bw + b->full_bw / 4) {
        b->full_bw = b->bw[0];
        b->full_rounds = 0;
        return;
    }
    b->full = ++b->full_rounds >= FULL_ROUNDS;
}

static void check_drain(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    if (b->mode == STARTUP && b->full) b->mode = DRAIN;
    if (b->mode == DRAIN && a->flight <= inflight(s, GAIN_ONE)) enter_probe_bw(b, a->now);
}

static void save_cwnd(struct cc_state *s)
{
    struct bbr *b = &s->bbr;
    bool plain = b->recovery == 0 && b->mode != PROBE_RTT;
    if (plain || b->prior_cwnd < s->cwnd) b->prior_cwnd = s->cwnd;
}

static void restore_cwnd(struct cc_state *s)
{
    if (s->cwnd < s->bbr.prior_cwnd) s->cwnd = s->bbr.prior_cwnd;
}

// Four segments in flight for 200 ms and a round: long enough for the queue, if it is ours, to be
// gone when the next round trip is measured.
static void probe_rtt(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    if (!b->probing) {
        if (a->flight > CWND_LEAST * s->mss) return;
        b->probing = true;
        b->probed_round = false;
        b->phase_us = us_of(a->now);
        b->next_round = (uint32_t)a->delivered;
        return;
    }
    if (b->round_start) b->probed_round = true;
    if (!b->probed_round || us_of(a->now) - b->phase_us < PROBE_RTT_US) return;
    b->rtprop_ms = ms_of(a->now);
    restore_cwnd(s);
    if (b->full) enter_probe_bw(b, a->now);
    else b->mode = STARTUP;
}

static void update_rtprop(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    bool old = b->rtprop_us != 0 && ms_of(a->now) - b->rtprop_ms > RTPROP_MS;
    uint32_t us = us_of(a->rtt) > 0 ? us_of(a->rtt) : 1;
    if (a->rtt > 0 && (b->rtprop_us == 0 || us <= b->rtprop_us || old)) {
        b->rtprop_us = us;
        b->rtprop_ms = ms_of(a->now);
    }
    if (old && b->mode != PROBE_RTT && !b->restarted) {
        save_cwnd(s);
        b->mode = PROBE_RTT;
        b->probing = false;
    }
    if (b->mode == PROBE_RTT) probe_rtt(s, a);
    if (a->rate.delivered > 0) b->restarted = false;
}

// --- what follows from it ----------------------------------------------------------------------

static void set_rate(struct cc_state *s, uint32_t gain, nsec srtt)
{
    struct bbr *b = &s->bbr;
    if (b->rate == 0 && srtt > 0)  // the first: of the initial window
        b->rate = saturate((uint64_t)s->cwnd * 1000000 / (us_of(srtt) > 0 ? us_of(srtt) : 1)
                           * GAIN_HIGH / GAIN_ONE);
    uint32_t rate = saturate((uint64_t)b->bw[0] * gain / GAIN_ONE);
    if (b->full || rate > b->rate) b->rate = rate;
}

// Losses take their place; for a round, no more leaves than arrives. Then cwnd is as before.
static void heed_recovery(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    uint8_t before = b->recovery;
    b->recovery = (uint8_t)a->recovery;
    if (a->lost > 0) s->cwnd = s->cwnd > a->lost + s->mss ? s->cwnd - a->lost : s->mss;
    if (a->recovery == CC_FAST && before != CC_FAST) {
        b->conserve = true;
        b->next_round = (uint32_t)a->delivered;
        s->cwnd = a->flight + (a->acked > s->mss ? a->acked : s->mss);
    } else if (a->recovery == CC_OPEN && before != CC_OPEN) {
        b->conserve = false;
        restore_cwnd(s);
    } else if (a->recovery == CC_TIMEOUT && before != CC_TIMEOUT) {
        b->full_bw = 0;  // the path may be another
        b->full_rounds = 0;
    }
    if (b->conserve && s->cwnd < a->flight + a->acked) s->cwnd = a->flight + a->acked;
}

static void set_cwnd(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    heed_recovery(s, a);
    uint32_t target = inflight(s, cwnd_gain(b)), grown = cc_add(s->cwnd, a->acked);
    uint32_t least = CWND_LEAST * s->mss;
    if (!b->conserve) {
        if (b->full) s->cwnd = grown < target ? grown : target;
        else if (s->cwnd < target || a->delivered < cc_initial_window(s->mss)) s->cwnd = grown;
        if (s->cwnd < least) s->cwnd = least;
    }
    if (b->mode == PROBE_RTT && s->cwnd > least) s->cwnd = least;
}

static enum cwnd_why bbr_control(struct cc_state *s, const struct cc_ack *a)
{
    struct bbr *b = &s->bbr;
    uint32_t before = s->cwnd;
    update_bandwidth(b, a);
    check_phase(s, a);
    check_full(b, a);
    check_drain(s, a);
    update_rtprop(s, a);
    set_rate(s, pacing_gain(b), a->srtt);
    set_cwnd(s, a);
    return s->cwnd != before ? CWND_MODEL : CWND_NOTHING;
}

// No cut: but what cwnd was is to come back.
static uint32_t bbr_ssthresh(struct cc_state *s, uint32_t flight)
{
    (void)flight;
    save_cwnd(s);
    return s->ssthresh;
}

// An application that had paused begins again: at the speed of the path, with no probing before
// the first ACK.
static void bbr_restart(struct cc_state *s, nsec now)
{
    (void)now;
    s->bbr.restarted = true;
    if (s->bbr.mode == PROBE_BW) set_rate(s, GAIN_ONE, 0);
}

static uint64_t bbr_rate(const struct cc_state *s) { return s->bbr.rate; }

static void bbr_tell(const struct cc_state *s, struct ng_cc_info *info)
{
    const struct bbr *b = &s->bbr;
    info->kind = NG_CC_BBR;
    info->bw = b->bw[0];
    info->min_rtt_us = b->rtprop_us;
    info->pacing_gain = pacing_gain(b);
    info->cwnd_gain = cwnd_gain(b);
}

const struct cc cc_bbr = {
    .name = "bbr",
    .init = bbr_init,
    .control = bbr_control,
    .ssthresh = bbr_ssthresh,
    .rate = bbr_rate,
    .restart = bbr_restart,
    .tell = bbr_tell,
};
