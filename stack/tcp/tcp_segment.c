// tcp_segment.c - the steps of RFC 9293 §3.10.7.4 but for the ACK's effects: is the segment
// acceptable, is it a RST or a SYN, what data and what FIN does it bring.
#include <errno.h>

#include "tcp/tcp.h"

#define PAWS_IDLE SEC(24 * 24 * 3600)  // RFC 7323 §5.5: then TS.Recent says nothing any more

static const struct verdict go_on = {.act = GO_ON};

static struct verdict drop_for(enum drop why) { return (struct verdict){DROP, why, SENT_NOTHING}; }

static struct verdict answer(enum drop why, enum sent reply)
{
    return (struct verdict){ANSWER, why, reply};
}

static uint32_t seg_numbers(const struct arrival *a)
{
    return a->len + !!(a->seg.flags & TCP_SYN) + !!(a->seg.flags & TCP_FIN);
}

// --- before the steps: PAWS (RFC 7323 §5.3) ----------------------------------------------------

struct verdict check_paws(struct tcp *t, const struct arrival *a)
{
    const struct tcp_opts *o = &a->seg.opts;
    if (!t->ts_ok || (a->seg.flags & TCP_RST)) return go_on;
    if (!o->has_ts && t->host->set.tcp_missing_timestamp_ok) return go_on;
    if (!o->has_ts) return drop_for(DROP_TCP_NO_TIMESTAMP);  // §3.2
    bool old = (int32_t)(o->ts_val - t->ts_recent) < 0;
    if (old && t->host->now - t->ts_recent_at < PAWS_IDLE)
        return answer(DROP_TCP_PAWS, SENT_OLD_ACK);
    return go_on;
}

// --- first: the sequence number ----------------------------------------------------------------

static void begin_two_msl(struct tcp *t)
{
    deadline_set(t, DEADLINE_LIFE, TIMER_TIME_WAIT, t->host->now + TCP_TWO_MSL);
}

// An old segment whose bytes are all here: tell where we are, and that it came twice (RFC 2883).
static struct verdict duplicate(struct tcp *t, const struct arrival *a)
{
    if (t->sack_ok && a->len > 0) {
        struct seq end = seq_add(a->seg.seq, a->len);
        t->dsack = (struct seq_range){a->seg.seq, seq_lt(t->rcv_nxt, end) ? t->rcv_nxt : end};
    }
    struct seq fin = seq_add(a->seg.seq, a->len);
    if (t->state == TCP_TIME_WAIT && (a->seg.flags & TCP_FIN) && fin.raw == t->peer_fin_at.raw)
        begin_two_msl(t);  // our last ACK was lost (RFC 9293 §3.10.7.4, eighth)
    if (a->len > 0) delack_quicken(t, QUICK_ACKS);  // the peer's window has shrunk by a timeout
    return answer(DROP_TCP_DUPLICATE, SENT_OLD_ACK);
}

// The four cases of RFC 9293 §3.10.7.4. A shut window takes no byte, but the ACK and the RST of a
// segment at its edge are heard (MUST-66).
struct verdict check_seq(struct tcp *t, const struct arrival *a)
{
    struct seq seq = a->seg.seq, end = seq_add(seq, seg_numbers(a));
    struct seq edge = seq_add(t->rcv_nxt, tcp_window_now(t));
    bool rst = (a->seg.flags & TCP_RST) != 0;
    bool at_next = seq.raw == t->rcv_nxt.raw;
    if (at_next) return go_on;
    if (seq_lt(seq, edge) && (seq_lt(t->rcv_nxt, seq) || seq_lt(t->rcv_nxt, end))) return go_on;
    if (rst) return drop_for(DROP_TCP_OUT_OF_WINDOW);
    bool all_old = seq_le(end, t->rcv_nxt);
    if (all_old && seg_numbers(a) > 0) return duplicate(t, a);
    return answer(DROP_TCP_OUT_OF_WINDOW, SENT_OLD_ACK);
}

// --- second: RST (RFC 5961 §3.2) ---------------------------------------------------------------

// RFC 9293: SHLD-2.
struct verdict check_rst(struct tcp *t, const struct arrival *a)
{
    if (!(a->seg.flags & TCP_RST)) return go_on;
    if (t->state == TCP_TIME_WAIT && t->host->set.tcp_rfc1337 != 0)
        return drop_for(DROP_TCP_RST_DOUBTFUL);
    if (a->seg.seq.raw != t->rcv_nxt.raw) {
        fastopen_note_odd_rst(t);
        return answer(DROP_TCP_RST_DOUBTFUL, SENT_CHALLENGE_ACK);
    }

    int error = ECONNRESET;
    if (t->state == TCP_SYN_RCVD && !t->passive) error = ECONNREFUSED;
    if (t->state == TCP_CLOSE_WAIT) error = EPIPE;  // Linux: the peer had said all it wanted
    if (tcp_in(t, BIT(TCP_CLOSING) | BIT(TCP_LAST_ACK) | BIT(TCP_TIME_WAIT))) error = 0;
    tcp_finish(t, WHY_RST, error);  // (MUST-12): a reset is told apart from an orderly end
    return drop_for(DROP_TCP_RST_TAKEN);
}

// --- fourth: SYN (RFC 5961 §4.2) ---------------------------------------------------------------

// RFC 9293: MUST-11.
struct verdict check_syn(struct tcp *t, const struct arrival *a)
{
    if (!(a->seg.flags & TCP_SYN)) return go_on;
    if (t->state == TCP_SYN_RCVD && t->passive) {  // back to LISTEN: the child was a mistake
        tcp_finish(t, WHY_SYN, ECONNRESET);
        return drop_for(DROP_TCP_SYN_DOUBTFUL);
    }
    return answer(DROP_TCP_SYN_DOUBTFUL, SENT_CHALLENGE_ACK);
}

// --- seventh: the data -------------------------------------------------------------------------

static void note_ts(struct tcp *t, const struct arrival *a)
{
    // RFC 7323 §4.3: the echo is of the segment that our next ACK will answer. An older one got
    // past PAWS only because TS.Recent had become invalid (§5.5).
    if (!t->ts_ok || !a->seg.opts.has_ts || seq_lt(t->rcv_acked, a->seg.seq)) return;
    t->ts_recent = a->seg.opts.ts_val;
    t->ts_recent_at = t->host->now;
}

// The size of the peer's full segments: what "every second segment" means (RFC 5681 §4.2).
static void note_rcv_mss(struct tcp *t, const struct arrival *a)
{
    uint32_t n = ledger_bytes_each(a);
    if (n > t->mss_own) n = t->mss_own;
    if (n > t->rcv_mss) t->rcv_mss = (uint16_t)n;
    delack_note_end(t, n, (a->seg.flags & TCP_PSH) != 0);
}

// Now or a little later (SHLD-18, SHLD-19, MUST-58).
static void ack_data(struct tcp *t, bool now)
{
    uint32_t waiting = (uint32_t)seq_diff(t->rcv_nxt, t->rcv_acked);
    if (now || delack_is_quick(t) || waiting > t->rcv_mss) tcp_want_ack(t, SENT_ACK);
    else delack_wait(t);
}

// Trims what is old or beyond the window. False: nothing is left.
static bool trim(struct tcp *t, struct arrival *a)
{
    struct seq edge = seq_add(t->rcv_nxt, tcp_window_now(t));
    int32_t old = seq_diff(t->rcv_nxt, a->seg.seq);
    if (old > 0) {
        uint32_t n = (uint32_t)old < a->len ? (uint32_t)old : a->len;
        // RFC 2883 §4.2: the part that was here already is told.
        if (t->sack_ok && n > 0) t->dsack = (struct seq_range){a->seg.seq, seq_add(a->seg.seq, n)};
        a->seg.seq = seq_add(a->seg.seq, n);
        a->off += n;
        a->len -= n;
    }
    int32_t beyond = seq_diff(seq_add(a->seg.seq, a->len), edge);
    if (beyond > 0) {
        a->len -= (uint32_t)beyond < a->len ? (uint32_t)beyond : a->len;
        a->seg.flags &= (uint8_t)~(TCP_FIN | TCP_PSH);  // they lie beyond the window too
    }
    return a->len > 0;
}

static enum drop drop_of(enum rcvq_result r)
{
    switch (r) {
    case RCVQ_KNOWN:     return DROP_TCP_DUPLICATE;
    case RCVQ_FULL:      return DROP_TCP_HELD_FULL;
    case RCVQ_NO_MEMORY: return DROP_NO_MEMORY;
    case RCVQ_TAKEN:     break;
    }
    return DROP_NONE;
}

static struct verdict take_in_order(struct tcp *t, struct arrival *a, struct slice s)
{
    struct pool *p = &t->host->pool;
    bool had_gap = t->rcvq.hold != NULL;
    enum rcvq_result r = rcvq_append(&t->rcvq, p, s);
    if (r != RCVQ_TAKEN) return drop_for(drop_of(r));
    rcvq_join(&t->rcvq, p);
    struct seq before = t->rcv_nxt;
    t->rcv_nxt = slices_end(&t->rcvq.bytes);
    uint32_t fresh = (uint32_t)seq_diff(t->rcv_nxt, before);
    t->bytes_received += fresh;
    if (t->state != TCP_SYN_RCVD) t->rcv_most = cc_add(t->rcv_most, 2 * (uint64_t)fresh);
    host_step(t->host, a->f, STEP_TCP_QUEUE, t->conn.id, 0);
    delack_on_data(t);
    // A gap that fills, wholly or in part, is told at once (RFC 5681 §4.2).
    ack_data(t, had_gap);
    tcp_wake(t);
    return go_on;
}

// Out of order: held (SHLD-31), and an ACK for each, at once, since duplicate ACKs are counted.
// RFC 9293: MAY-13.
static struct verdict take_early(struct tcp *t, struct arrival *a, struct slice s)
{
    struct seq_range known;
    // The last memory is for what fills the hole: nothing else can free what is held.
    const struct pool *p = &t->host->pool;
    if (p->used > p->limit - p->limit / 4) return answer(DROP_NO_MEMORY, SENT_DUP_ACK);
    enum rcvq_result r = rcvq_hold(&t->rcvq, &t->host->pool, a->seg.seq, s, &known);
    if (t->sack_ok && known.from.raw != known.to.raw) t->dsack = known;
    if (r != RCVQ_TAKEN) return answer(drop_of(r), SENT_DUP_ACK);
    host_step(t->host, a->f, STEP_TCP_HOLD, t->conn.id, 0);
    ledger_early(t);
    tcp_send_ack(t, SENT_DUP_ACK);
    return go_on;
}

// The FIN is known before the bytes that come with it are acknowledged: an early one is SACKed.
static void note_fin(struct tcp *t, const struct arrival *a)
{
    struct seq at = seq_add(a->seg.seq, a->len), edge = seq_add(t->rcv_nxt, tcp_window_now(t));
    if (!(a->seg.flags & TCP_FIN) || !tcp_in(t, TCP_MAY_RECEIVE) || seq_lt(edge, at)) return;
    t->peer_fin_known = true;
    t->peer_fin_at = at;
    if (t->rcvq.hold != NULL) t->rcvq.hold->fin_newest = a->len == 0;
}

struct verdict take_data(struct tcp *t, struct arrival *a)
{
    note_ts(t, a);
    ecn_arrive(t, a);
    note_fin(t, a);
    if (a->len == 0) return go_on;
    if (!tcp_may_receive(t)) return drop_for(DROP_TCP_UNEXPECTED);
    struct seq end = seq_add(a->seg.seq, a->len);
    if (!t->owned && t->parent == NULL && seq_lt(t->rcv_nxt, end)) {
        // Nobody will read it: the peer must know (RFC 9293 §3.6.1, SHLD-3). Linux: by a RST as for
        // a connection that is gone, which it is.
        tcp_send_bare_rst(t, a->seg.ack, SENT_RST_AFTER_CLOSE);
        tcp_finish(t, WHY_USER_CLOSE, 0);
        return drop_for(DROP_TCP_AFTER_CLOSE);
    }
    bool shut = tcp_window_now(t) == 0;
    ledger_data_in(t, a);
    note_rcv_mss(t, a);
    if (!trim(t, a)) {
        if (shut) return answer(DROP_TCP_NO_ROOM, SENT_OLD_ACK);
        ack_data(t, true);
        return go_on;
    }
    struct slice s = frame_slice(a->f, a->off, a->len);
    struct verdict v = a->seg.seq.raw == t->rcv_nxt.raw ? take_in_order(t, a, s)
                                                        : take_early(t, a, s);
    tune_on_data(t, a);
    slice_drop(&s);
    tcp_buf_changed(t);
    return v;
}

// --- eighth: FIN -------------------------------------------------------------------------------

// RFC 9293: MUST-13.
static void enter_time_wait(struct tcp *t, enum tcp_why why)
{
    tcp_set_state(t, TCP_TIME_WAIT, why);
    for (int d = 0; d < DEADLINES; d++) deadline_clear(t, (enum deadline)d);
    begin_two_msl(t);
}

static void fin_changes_state(struct tcp *t)
{
    switch (t->state) {
    case TCP_SYN_RCVD:  // not reached: take_ack made it ESTABLISHED
    case TCP_ESTABLISHED: tcp_set_state(t, TCP_CLOSE_WAIT, WHY_FIN); break;
    case TCP_FIN_WAIT_1:  tcp_set_state(t, TCP_CLOSING, WHY_FIN); break;
    case TCP_FIN_WAIT_2:  enter_time_wait(t, WHY_FIN); break;
    default: break;
    }
}

void take_fin(struct tcp *t, const struct arrival *a)
{
    if (a->seg.flags & TCP_FIN) {
        struct seq at = seq_add(a->seg.seq, a->len);
        if (tcp_in(t, TCP_MAY_RECEIVE) && a->len == 0 && at.raw != t->rcv_nxt.raw)
            tcp_send_ack(t, SENT_DUP_ACK);  // it is early, and told like early bytes
    }
    if (t->peer_fin || !t->peer_fin_known || t->peer_fin_at.raw != t->rcv_nxt.raw) return;
    if (!tcp_in(t, TCP_MAY_RECEIVE)) return;
    t->peer_fin = true;
    t->rcv_nxt = seq_add(t->rcv_nxt, 1);
    if (seq_lt(t->rcv_edge, t->rcv_nxt)) t->rcv_edge = t->rcv_nxt;
    tcp_want_ack(t, SENT_ACK);
    fin_changes_state(t);
    tcp_wake(t);
}

// Our FIN is acknowledged: called by take_ack.
void tcp_fin_acked(struct tcp *t)
{
    switch (t->state) {
    case TCP_FIN_WAIT_1:
        tcp_set_state(t, TCP_FIN_WAIT_2, WHY_ACK_OF_FIN);
        if (t->lingering) deadline_clear(t, DEADLINE_LIFE);
        if (!t->owned)  // Linux: nobody can be told any more, so the wait has an end
            deadline_set(t, DEADLINE_LIFE, TIMER_FIN_WAIT_2,
                         t->host->now + SEC(t->host->set.tcp_fin_timeout));
        break;
    case TCP_CLOSING:
        enter_time_wait(t, WHY_ACK_OF_FIN);
        break;
    case TCP_LAST_ACK:
        tcp_finish(t, WHY_ACK_OF_FIN, 0);
        break;
    default: break;
    }
    if (t->lingering) tcp_wake(t);
}
