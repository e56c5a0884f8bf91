// tcp_plan.c - what to send next, and why: a pure question about a connection.
//
// In order: a SYN; what was lost; new bytes and the FIN; a probe; an ACK alone. Each plan_* answers
// for one of them. tcp_plan never changes the connection, so that it is tested by a table and the
// answer can be asked for twice.
#include "tcp/tcp.h"

enum { SUPER_MAX = 65535 - 60 - TCP_HDR_MAX,  // payload of the longest IP packet
       SOME_SEGMENTS = 3 };                   // Linux: tcp_max_tso_deferred_mss
#define JUST_NOW MSEC(1)

// Payload of a full segment now: SACK blocks on it leave less room (MUST-16).
static uint32_t segment_max(const struct tcp *t)
{
    struct seq_range range[TCP_SACK_MAX];
    unsigned blocks = tcp_sacks(t, range);
    if (blocks == 0) return t->mss;
    uint32_t bytes = 4 + 8 * blocks;
    return t->mss > bytes + 8 ? t->mss - bytes : 8;
}

static uint32_t min32(uint32_t a, uint32_t b) { return a < b ? a : b; }

// Linux: tcp_tso_autosize. As much as goes out in about a millisecond at the rate of pacing; on a
// short path more, since a burst does little harm there. And no
// more than half of cwnd, so that there are always two.
static uint32_t burst_segments(const struct tcp *t, uint32_t mss)
{
    uint64_t segments = SUPER_MAX / mss, half = t->ccs.cwnd / 2 / mss, rate = pace_rate(t);
    if (rate != PACE_UNLIMITED) {
        uint64_t bytes = rate >> 10;
        uint64_t shift = ((uint64_t)rtt_min(&t->rtt) / 1000) >> 9;
        if (shift < 17) bytes += 65536u >> shift;
        uint64_t least = (uint64_t)t->host->set.tcp_min_tso_segs;
        bytes /= mss;
        if (bytes < segments) segments = bytes > least ? bytes : least;
    }
    if (segments > half) segments = half;
    return segments > 0 ? (uint32_t)segments : 1;
}

// A burst leaves as one super-frame, cut by the device or by our interface, else segment by
// segment. On lo one segment may be longer than a super-frame's payload. Each segment before an
// urgent mark says something else.
static uint32_t burst_max(const struct tcp *t, uint32_t mss)
{
    if (!t->gso_ok || mss >= SUPER_MAX || urgent_out(t)) return mss;
    return (t->gso_soft || pace_on(t) ? burst_segments(t, mss) : SUPER_MAX / mss) * mss;
}

static uint32_t cwnd_room(const struct tcp *t)
{
    uint32_t pipe = loss_pipe(t), room = t->ccs.cwnd > pipe ? t->ccs.cwnd - pipe : 0;
    return pipe == 0 && room < t->mss ? t->mss : room;
}

// What may go is a good part of a window, or all of a buffer: it is not worth while to wait.
static bool is_fair_share(const struct tcp *t, uint32_t may, uint32_t buffer, uint32_t all)
{
    uint32_t divisor = (uint32_t)t->host->set.tcp_tso_win_divisor;
    uint32_t window = min32(t->snd_wnd, t->ccs.cwnd);
    if (may >= burst_max(t, t->mss) || (buffer < all && may >= buffer)) return true;
    return divisor != 0 ? may >= window / divisor : may > SOME_SEGMENTS * t->mss;
}

// Linux: tcp_tso_should_defer. Bursts are the cheaper the longer they are; so a short one waits for
// the ACK of what went half a round trip ago or more, if our last bytes have hardly left.
bool tcp_burst_waits(const struct tcp *t)
{
    uint32_t all = (uint32_t)seq_diff(tcp_data_end(t), t->sent.nxt);
    uint32_t buffer = min32(all, tcp_buffer_left(t, t->sent.nxt));
    int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), t->sent.nxt);
    bool bursts = t->host->set.tcp_bursts_wait && t->gso_ok && t->recovery == RECOVERY_OPEN;
    if (!bursts || t->tail_probe || t->sent.count == 0 || buffer <= t->mss || window <= 0)
        return false;
    nsec now = t->host->now, age = now - sent_at(&t->sent, 0)->at;
    if (now - t->last_snd > JUST_NOW || 2 * age < t->rtt.srtt) return false;
    uint32_t may = min32((uint32_t)window, cwnd_room(t));
    if (is_fair_share(t, may, buffer, all)) return false;
    return may <= buffer && !(t->fin_wanted && buffer == all);
}

static bool plan_syn(const struct tcp *t, struct plan *p)
{
    if (!tcp_in(t, TCP_OPENING) || (t->fo & FO_DEFERRED)) return false;
    bool first = t->sent.count == 0;
    if (!first && !(sent_at(&t->sent, 0)->flags & REC_LOST)) return false;
    bool answer = t->state == TCP_SYN_RCVD;
    *p = (struct plan){
        .kind = first ? PLAN_NEW : PLAN_AGAIN, .seq = t->iss,
        .flags = answer ? TCP_SYN | TCP_ACK : TCP_SYN,
    };
    if (first && !answer && (t->fo & FO_DATA)) p->len = t->sndq.bytes.len;  // bytes on the SYN
    p->push = p->len > 0;  // if they go again, then pushed
    if (answer) p->why = t->syn_sent == 0 || !t->passive ? SENT_SYN_ACK : SENT_SYN_ACK_AGAIN;
    else p->why = first ? SENT_SYN : SENT_SYN_AGAIN;
    return true;
}

// Payload of the sequence numbers [seq, seq + n), and whether our FIN is among them.
// RFC 9293: MUST-60, SHLD-27.
static void fill(const struct tcp *t, struct plan *p, struct seq seq, uint32_t n)
{
    uint32_t left = (uint32_t)seq_diff(tcp_data_end(t), seq);
    p->seq = seq;
    p->len = min32(n, left);
    p->flags = TCP_ACK;
    if (n > left) p->flags |= TCP_FIN;
    // The last byte that waits is pushed (MUST-61), unless more was announced (MSG_MORE); so is the
    // end of a record. (And the end of what the window takes.)
    bool record = p->len < left && slices_record(&t->sndq.bytes, seq, p->len + 1) == p->len;
    bool buffer = tcp_is_pushed_at(t, seq_add(seq, p->len));
    p->push = p->len > 0 && (record || buffer || (p->len == left && !t->more));
    // Linux: and the end of each burst, so that what joins segments at the far end lets go of them.
    if (p->push || (t->gso_ok && p->len > t->mss)) p->flags |= TCP_PSH;
}

// Something is in flight: nothing has gone in this recovery yet.
static bool is_first_repair(const struct tcp *t)
{
    return t->recovery == RECOVERY_FAST && sent_flight(&t->sent)->prr.out == 0;
}

static enum sent why_again(const struct tcp *t, const struct sent_rec *r)
{
    if (r->flags & REC_RESIZED) return SENT_RESIZED;
    if (r->flags & REC_TIMEOUT) return SENT_RTO;
    if (t->recovery == RECOVERY_OPEN && (t->fo & FO_DATA)) return SENT_SYN_DATA;
    return is_first_repair(t) ? SENT_FAST_RETRANSMIT : SENT_RECOVERY;
}

// The first lost record, as much of it as cwnd lets out. The peer may have shrunk its window since:
// what lies beyond it waits, but for the oldest byte (SHLD-16, RFC 9293 §3.8.6).
static bool plan_again(const struct tcp *t, struct plan *p)
{
    uint32_t i = sent_next_lost(&t->sent);
    if (i == t->sent.count || t->state == TCP_SYN_SENT || t->frto_new) return false;
    const struct sent_rec *r = sent_at(&t->sent, i);

    uint32_t mss = segment_max(t), pipe = loss_pipe(t);
    uint32_t room = t->ccs.cwnd > pipe ? t->ccs.cwnd - pipe : 0;
    bool must = pipe == 0 || is_first_repair(t);
    if (!must && room < min32(r->len, mss)) return false;

    uint32_t n = r->len;
    if (r->seq.raw != t->sent.una.raw || t->snd_wnd > 0) {
        int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), r->seq);
        if (window <= 0 && r->seq.raw != t->sent.una.raw) return false;
        if (window > 0) n = min32(n, (uint32_t)window);
    } else {
        n = min32(n, mss);
    }
    uint32_t burst = room / mss * mss;
    burst = min32(burst > mss ? burst : mss, burst_max(t, mss));
    uint32_t left = (uint32_t)seq_diff(tcp_data_end(t), r->seq);
    if (n > burst && !(n == left + 1 && left <= burst)) n = burst;
    fill(t, p, r->seq, n);
    if (n == r->len && r->flags & REC_PUSH) p->flags |= TCP_PSH;
    p->kind = PLAN_AGAIN;
    p->record = i;
    p->why = (uint8_t)why_again(t, r);
    return true;
}

// Nagle, with Minshall's change: a short segment waits while another short one is in flight
// (MUST-17, SHLD-7). Linux does the same.
// RFC 9293: MAY-16.
static bool short_may_go(const struct tcp *t)
{
    if (t->fin_wanted || t->override || t->frto_new || urgent_out(t)) return true;
    if (t->cork || t->more_held) return false;
    return t->nodelay || seq_le(t->snd_small_end, t->sent.una);
}

// How many of `avail` bytes go in the next segment. Silly windows are avoided (MUST-38): a full
// segment, all there is, or half the largest window the peer ever offered. No segment goes beyond
// the end of a record; one that ends there, with more behind it, need not wait to be filled.
// RFC 9293: SHLD-28.
static uint32_t new_len(const struct tcp *t, uint32_t all, uint32_t window, uint32_t room)
{
    uint32_t avail = min32(slices_record(&t->sndq.bytes, t->sent.nxt, all),
                           tcp_buffer_left(t, t->sent.nxt));
    uint32_t mss = segment_max(t);
    uint32_t n = min32(avail, min32(window, min32(room, burst_max(t, mss))));
    if (n < min32(avail, window) && n < mss) return 0;  // cwnd has no room for a full segment
    uint32_t reach = slices_reach(&t->sndq.bytes, t->sent.nxt, FRAME_SLICES);
    if (n > reach) n = reach > mss ? reach : min32(n, mss);

    uint32_t tail = n % mss;
    if (n == avail && (tail == 0 || avail < all || short_may_go(t))) return n;
    if (n > mss) return n - tail;
    if (n == mss) return n;
    return n > 0 && (n >= t->snd_wnd_max / 2 || t->override) && n < avail ? n : 0;
}

static bool may_send_new(const struct tcp *t)
{
    return (tcp_may_send(t) || tcp_in(t, TCP_OUR_FIN)) && !t->fin_sent;
}

// RFC 9293: MUST-34, SHLD-15.
static bool plan_new(const struct tcp *t, struct plan *p)
{
    if (!may_send_new(t)) return false;
    uint32_t avail = (uint32_t)seq_diff(tcp_data_end(t), t->sent.nxt);
    if (avail == 0 && !t->fin_wanted) return false;
    if (t->sent.count == 0 && t->state == TCP_SYN_RCVD) return false;  // the SYN,ACK goes first

    int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), t->sent.nxt);
    if (window <= 0) return false;
    uint32_t longer;
    enum mtu_turn turn = mtu_turn(t, avail, (uint32_t)window, &longer);
    if (turn == MTU_WAIT) return false;
    if (turn == MTU_PROBE) {
        fill(t, p, t->sent.nxt, longer);
        if (!p->push) p->flags &= (uint8_t)~TCP_PSH;  // it is no burst
        p->kind = PLAN_NEW;
        p->why = SENT_MTU_PROBE;
        return true;
    }
    uint32_t room = cwnd_room(t);
    if (t->tail_probe && room < t->mss) room = t->mss;
    if (tcp_burst_waits(t)) return false;
    uint32_t n = avail > 0 ? new_len(t, avail, (uint32_t)window, room) : 0;
    if (t->tail_probe) n = min32(n, segment_max(t));
    if (n == 0 && avail > 0) return false;

    bool fin = t->fin_wanted && t->state != TCP_SYN_RCVD && n == avail && (uint32_t)window > n;
    if (n == 0 && !fin) return false;
    fill(t, p, t->sent.nxt, n + fin);
    p->kind = PLAN_NEW;
    if (t->tail_probe) p->why = SENT_TAIL_PROBE;
    else if (t->frto_new) p->why = SENT_FRTO;
    else if (n == 0) p->why = SENT_FIN;
    else if (t->recovery == RECOVERY_OPEN && t->dup_acks > 0) p->why = SENT_LIMITED_TRANSMIT;
    else p->why = SENT_DATA;
    return true;
}

// The end of what is in flight, again: if it was lost, its SACK or ACK tells (RFC 8985 §7.3).
// RFC 9293: MAY-7.
static bool plan_tail(const struct tcp *t, struct plan *p)
{
    if (!t->tail_probe || t->sent.count == 0) return false;
    uint32_t i = t->sent.count - 1;
    const struct sent_rec *r = sent_at(&t->sent, i);
    if (r->flags & (REC_SACKED | REC_LOST)) return false;
    uint32_t n = min32(r->len, segment_max(t));
    fill(t, p, seq_add(r->seq, r->len - n), n);
    if (r->flags & REC_PUSH) p->flags |= TCP_PSH;
    p->kind = PLAN_AGAIN;
    p->record = i;
    p->why = SENT_TAIL_PROBE;
    return true;
}

// A number that is known to be acknowledged already asks for an ACK. Linux probes a zero window in
// the same way, with no byte of new data, so nothing is in doubt if the window stays shut.
// RFC 9293: SHLD-12.
static bool plan_probe(const struct tcp *t, struct plan *p)
{
    if (!t->probe_window && !t->keep_probe) return false;
    *p = (struct plan){.kind = PLAN_BARE, .seq = seq_add(t->sent.una, UINT32_MAX),
                       .flags = TCP_ACK,
                       .why = t->probe_window ? SENT_WINDOW_PROBE : SENT_KEEPALIVE};
    return true;
}

static bool plan_ack(const struct tcp *t, struct plan *p)
{
    if (t->ack_why == SENT_NOTHING || !tcp_in(t, TCP_SYNCHRONIZED | BIT(TCP_SYN_RCVD)))
        return false;
    *p = (struct plan){.kind = PLAN_BARE, .seq = t->sent.nxt, .flags = TCP_ACK,
                       .why = t->ack_why};
    return true;
}

bool tcp_plan(const struct tcp *t, struct plan *p)
{
    *p = (struct plan){0};
    return plan_syn(t, p) || plan_again(t, p) || plan_new(t, p) || plan_tail(t, p)
        || plan_probe(t, p) || plan_ack(t, p);
}
