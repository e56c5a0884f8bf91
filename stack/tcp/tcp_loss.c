// tcp_loss.c - what is lost, and how to recover: RACK-TLP (RFC 8985) where SACK was agreed on,
// NewReno (RFC 6582) where not, the RTO behind both (RFC 6298), and PRR (RFC 6937) to pace the
// recovery. Duplicate ACKs are no special case of the sender: they take bytes out of the pipe, so
// what RFC 3042 (limited transmit) allows follows by itself.
//
//     OPEN --loss found--> FAST --all that was out then is acknowledged--> OPEN
//       \___ RTO ________-> RTO ___ likewise _____________________________/
#include "tcp/tcp.h"

enum { DUP_THRESH = 3, REO_MULT_MAX = 254, REO_PERSIST = 16 };
// net.ipv4.tcp_recovery: Linux's bits.
enum { RACK_ON = 1, RACK_STATIC = 2, RACK_NO_DUPTHRESH = 4 };
#define TAIL_PROBE_LEAST MSEC(2)
#define ACK_DELAY_MOST   MSEC(200)

// Without SACK each duplicate ACK says that one segment has left the network (RFC 5681 §3.2).
uint32_t loss_pipe(const struct tcp *t)
{
    uint32_t pipe = sent_pipe(&t->sent);
    // The SYN,ACK of a Fast Open child takes no room from its data.
    if (tcp_opened_early(t) && pipe > 0) pipe--;
    if (t->sack_ok) return pipe;
    uint64_t left = (uint64_t)t->dup_acks * t->mss;
    return left < pipe ? pipe - (uint32_t)left : 0;
}

static void tell_loss(const struct tcp *t, const struct sent_rec *r, enum sent why)
{
    TRACE(t->host, .type = TRACE_TCP_LOSS, .conn = t->conn.id,
          .tcp_loss = {.seq = (uint32_t)seq_diff(r->seq, t->iss), .len = r->len, .why = why});
}

static void mark_lost(struct tcp *t, uint32_t i, enum sent why)
{
    const struct sent_rec *r = sent_at(&t->sent, i);
    if (r->flags & (REC_SACKED | REC_LOST)) return;
    tell_loss(t, r, why);
    sent_mark_lost(&t->sent, i);
}

void loss_resize(struct tcp *t, uint32_t i)
{
    if (sent_at(&t->sent, i)->flags & REC_SACKED) return;
    sent_at(&t->sent, i)->flags |= REC_RESIZED;
    mark_lost(t, i, SENT_RESIZED);
    if (t->recovery != RECOVERY_OPEN) return;
    // Linux: tcp_simple_retransmit. As after an RTO, but both windows stay as they are.
    t->recovery = RECOVERY_RTO;
    t->recover = t->sent.nxt;
    t->dup_acks = 0;
    t->undo.valid = false;
    t->tail_out = t->tail_probe = false;
    deadline_clear(t, DEADLINE_PROBE);
}

// Three, unless the settings say otherwise; more, once reordering was seen (RFC 6675 §2).
static uint32_t dup_thresh(const struct tcp *t) { return t->reordering; }

// How far what came late lay below the highest that had come: so much must be borne from now on.
// Linux: tcp_check_sack_reordering.
void loss_note_reordering(struct tcp *t, struct seq low, struct seq high)
{
    int32_t distance = seq_diff(high, low);
    if (distance <= 0) return;
    uint32_t segments = ((uint32_t)distance + t->mss - 1) / t->mss;
    uint32_t most = (uint32_t)t->host->set.tcp_max_reordering;
    if (segments > most) segments = most;
    if (segments > t->reordering) t->reordering = (uint16_t)segments;
    if (t->reordered < UINT16_MAX) t->reordered++;
}

// --- by count (RFC 6675) -----------------------------------------------------------------------

static bool rack_on(const struct tcp *t)
{
    return t->sack_ok && (t->host->set.tcp_recovery & RACK_ON) != 0;
}

// RFC 6675 §4, IsLost(): what lies below more SACKed bytes than reordering explains is lost. What
// went again since is not judged so: it waits for the RTO.
static void count_detect(struct tcp *t)
{
    uint32_t above = 0, borne = (dup_thresh(t) - 1) * t->mss;
    for (uint32_t i = t->sent.count; i-- > 0;) {
        const struct sent_rec *r = sent_at(&t->sent, i);
        if (r->flags & REC_SACKED) above += r->len;
        else if (above > borne && !(r->flags & REC_AGAIN)) mark_lost(t, i, SENT_RECOVERY);
    }
}

// --- RACK --------------------------------------------------------------------------------------

static bool sent_after(nsec at, struct seq end, nsec at2, struct seq end2)
{
    return at > at2 || (at == at2 && seq_lt(end2, end));
}

// RFC 8985 §6.2 step 2: of all that was delivered, what was sent last.
static void rack_update(struct tcp *t, const struct sent_news *news)
{
    if (!news->any) return;
    nsec rtt = t->host->now - news->newest_at;
    // The ACK of a retransmission is the original's if it came sooner than any round trip, or if
    // the timestamp says so. Above a hole it says nothing: the echo waits there for the hole
    // (RFC 7323 §4.3), and would hide all that was sent again behind a repair that was lost.
    bool below = seq_le(news->newest_end, t->sent.una);
    if (news->newest_again && ((below && news->echo_older) || rtt < rtt_min(&t->rtt))) return;
    if (news->reordered) t->reordering_seen = true;
    bool syn = seq_diff(news->top_end, t->iss) <= 1;  // it was no data
    bool linux_rtt = t->host->set.tcp_rack_rtt_of_highest != 0 && !syn;
    t->rack_rtt = linux_rtt ? t->host->now - news->top_at : rtt;
    struct flight *f = sent_flight(&t->sent);
    if (!f->rack_any || sent_after(news->newest_at, news->newest_end, f->rack_at, f->rack_end)) {
        f->rack_any = true;
        f->rack_again = news->newest_again;
        f->rack_at = news->newest_at;
        f->rack_end = news->newest_end;
    }
}

// §6.2 step 4: how much reordering is borne. None as long as none was seen, once three segments or
// a recovery speak of loss.
static nsec rack_window(const struct tcp *t)
{
    bool many = t->sent.sacked >= dup_thresh(t) * t->mss
             && !(t->host->set.tcp_recovery & RACK_NO_DUPTHRESH);
    if (!t->reordering_seen && (t->recovery != RECOVERY_OPEN || many)) return 0;
    nsec window = rtt_min(&t->rtt) / 4 * t->rack_reo_mult;
    return window < t->rtt.srtt ? window : t->rtt.srtt;
}

// Step 5: what was sent so long before something that arrived is lost. Returns how long to wait
// until more is; 0: nothing is waited for.
static nsec rack_detect(struct tcp *t)
{
    nsec wait = 0, window = rack_window(t);
    struct sent_board *s = &t->sent;
    const struct flight *f = sent_flight(s);
    if (f == NULL || !f->rack_any) return 0;
    // Of one instant, what went again left after what was out when the recovery began.
    bool before_recovery = t->recovery != RECOVERY_OPEN && !f->rack_again
                        && seq_le(f->rack_end, t->recover);
    for (uint32_t slot = s->oldest, next; slot != SENT_NONE; slot = next) {
        const struct sent_rec *r = &s->rec[slot];
        next = r->newer;
        if (!sent_after(f->rack_at, f->rack_end, r->at, seq_add(r->seq, r->len))) {
            if (r->at > f->rack_at) break;
            continue;
        }
        if (r->at == f->rack_at && (r->flags & REC_AGAIN) && before_recovery) continue;
        nsec left = r->at + t->rack_rtt + window - t->host->now;
        if (left <= 0) mark_lost(t, sent_find(s, r->seq), SENT_RECOVERY);
        else if (left > wait) wait = left;
    }
    return wait;
}

// --- congestion response -----------------------------------------------------------------------

static void remember(struct tcp *t)
{
    t->undo = (struct undo){.cwnd = t->ccs.cwnd, .ssthresh = t->ccs.ssthresh, .valid = true,
                            .from = t->sent.una};
}

// RFC 6937 §3.1: for each byte that arrives, ssthresh / flight bytes may go. Once the pipe is below
// ssthresh, slow start back to it, but only while ACKs show that the recovery gets on.
static void reduce(struct tcp *t, uint32_t delivered, bool safe)
{
    if (t->cc->control != NULL || t->sent.count == 0) return;
    struct prr *r = &sent_flight(&t->sent)->prr;
    r->delivered += delivered;
    uint32_t pipe = loss_pipe(t);
    int64_t n;
    if (pipe > t->ccs.ssthresh) {
        uint64_t share = (uint64_t)r->delivered * t->ccs.ssthresh;
        n = (int64_t)((share + r->flight - 1) / r->flight) - r->out;
    } else {
        n = (int64_t)r->delivered - r->out;
        if (n < (int64_t)delivered) n = delivered;
        if (safe) n += t->mss;
        if (n > (int64_t)t->ccs.ssthresh - pipe) n = (int64_t)t->ccs.ssthresh - pipe;
    }
    if (n < 0) n = 0;
    // The first retransmission goes at once, and one where nothing is in flight any more; without
    // SACK so does that of each further hole (RFC 6582 §3.2 step 3).
    bool at_once = r->out == 0 || pipe == 0 || (!t->sack_ok && safe);
    if (at_once && n < t->mss) n = t->mss;
    t->ccs.cwnd = pipe + (uint32_t)n;
}

// Marks, not losses: each ACK of this round trip lets the window sink on. Linux: CWR since 3.7.
void loss_begin_sinking(struct tcp *t, uint32_t flight)
{
    sent_flight(&t->sent)->prr = (struct prr){.flight = flight};
}

static bool sinks(const struct tcp *t)
{
    return t->recovery == RECOVERY_OPEN && (t->ecn & ECN_SINKS);
}

// delivered: by the ACK that tells of the loss; it has its share as all that follow. What is in
// flight beyond cwnd is there by limited transmit, and does not count (RFC 5681 §3.2 step 2).
static void enter_fast(struct tcp *t, uint32_t delivered)
{
    uint32_t flight = t->sent.total < t->ccs.cwnd ? t->sent.total : t->ccs.cwnd;
    remember(t);
    t->ccs.ssthresh = t->cc->ssthresh(&t->ccs, flight);
    sent_flight(&t->sent)->prr = (struct prr){.flight = t->sent.total};
    t->recover = t->sent.nxt;
    t->recovery = RECOVERY_FAST;
    t->tail_out = false;
    ecn_was_cut(t);
    reduce(t, delivered, false);
    tcp_tell_cwnd(t, CWND_RECOVERY);
}

static void recovered(struct tcp *t)
{
    // NewReno ends at no more than what is in flight and one segment (RFC 6582 §3.2 step 3), so
    // that no burst follows; with SACK, PRR has brought cwnd to ssthresh already.
    bool steered = t->cc->control != NULL;
    if (t->recovery == RECOVERY_FAST && !steered) t->ccs.cwnd = t->ccs.ssthresh;
    t->recovery = RECOVERY_OPEN;
    t->dup_acks = 0;
    t->frto = t->frto_new = false;
    if (t->rack_persist > 0 && --t->rack_persist == 0) t->rack_reo_mult = 1;
    if (t->cc->restart != NULL && !steered) t->cc->restart(&t->ccs, t->host->now);
    tcp_tell_cwnd(t, CWND_RECOVERED);
}

// Nothing was lost after all: the window is as it was.
static void undo(struct tcp *t)
{
    if (t->ccs.cwnd < t->undo.cwnd) t->ccs.cwnd = t->undo.cwnd;
    t->ccs.ssthresh = t->undo.ssthresh;
    t->undo.valid = false;
    sent_forgive(&t->sent);
    t->frto = t->frto_new = false;
    t->recovery = RECOVERY_OPEN;
    t->dup_acks = 0;
    t->rtt.backoff = 0;
    t->retries = 0;
    tcp_tell_cwnd(t, CWND_UNDO);
}

// Eifel (RFC 3522 §3.2): an ACK whose echo is older than our retransmission is the original's.
void loss_check_spurious(struct tcp *t, uint32_t ts_ecr)
{
    if (!t->undo.valid || !t->undo.marked || t->recovery == RECOVERY_OPEN || ts_ecr == 0) return;
    if ((int32_t)(ts_ecr - t->undo.retrans_ts) < 0) undo(t);
}

// Every byte that went again had arrived before: so nothing was lost (RFC 3708; Linux:
// tcp_try_undo_dsack). The last D-SACK often comes when the recovery is over.
static void undo_by_dsack(struct tcp *t, struct seq from, struct seq to)
{
    struct undo *u = &t->undo;
    if (!u->valid || !u->marked || seq_le(to, u->from) || !seq_lt(from, to)) return;
    uint32_t n = (uint32_t)seq_diff(to, from);
    u->again -= n < u->again ? n : u->again;
    if (u->again == 0) undo(t);
}

// D-SACK (RFC 2883): something we sent again had arrived before. Reordering is greater than we
// bore (RFC 8985 §6.2 step 4).
void loss_on_dsack(struct tcp *t, struct seq from, struct seq to)
{
    undo_by_dsack(t, from, to);
    t->tail_out = false;
    t->reordering_seen = true;
    bool fixed = (t->host->set.tcp_recovery & RACK_STATIC) != 0;
    if (!fixed && t->rack_reo_mult < REO_MULT_MAX && seq_lt(t->rack_dsack_round, t->sent.una)) {
        t->rack_reo_mult++;
        t->rack_dsack_round = t->sent.nxt;
    }
    t->rack_persist = REO_PERSIST;
}

// --- F-RTO (RFC 5682) --------------------------------------------------------------------------

// Was the RTO needed? As long as that is in doubt, new data goes where lost data would go again. If
// an ACK then tells of a segment that was sent once only, the flight was merely slow. With SACK
// that is plain from any block; without, only if the ACK covers nothing that went again (Linux:
// tcp_process_loss).
static void question_rto(struct tcp *t, const struct sent_news *news, bool dup)
{
    if (!t->frto) return;
    bool original = news->has_once && seq_le(news->once_end, t->recover)
                 && (t->sack_ok || !news->again);
    if (original && t->undo.valid) {
        undo(t);
    } else if (seq_lt(t->recover, t->sent.nxt)) {
        if (news->sacked > 0 || dup) t->frto = false;      // step 3a: what is missing is lost
    } else if (news->acked > 0 && seq_lt(t->sent.una, t->recover)) {
        bool waits = seq_lt(t->sent.nxt, tcp_data_end(t))  // step 2b
                  && seq_lt(t->sent.nxt, seq_add(t->sent.una, t->snd_wnd));
        t->frto = t->frto_new = waits;
    }
}

// New data was asked for; if none went, what is lost goes again as after any RTO.
void loss_after_output(struct tcp *t)
{
    if (!t->frto_new) return;
    t->frto_new = false;
    if (seq_lt(t->recover, t->sent.nxt)) return;
    t->frto = false;
    tcp_want_output(t);
}

// --- NewReno without SACK ----------------------------------------------------------------------

static void mark_head_lost(struct tcp *t, enum sent why)
{
    if (t->sent.count == 0) return;
    if (sent_at(&t->sent, 0)->len > t->mss) sent_split(&t->sent, 0, t->mss);
    mark_lost(t, 0, why);
}

// A partial ACK: the next hole is lost too (RFC 6582 §3.2 step 3). What it covers beyond the hole
// had left the network as duplicate ACKs already said.
static void reno_partial(struct tcp *t, uint32_t acked)
{
    uint32_t segments = acked / t->mss;
    t->dup_acks -= segments > 1 ? (segments - 1 < t->dup_acks ? segments - 1 : t->dup_acks) : 0;
    mark_head_lost(t, SENT_RECOVERY);
}

// --- the three occasions -----------------------------------------------------------------------

// What an ACK tells the algorithm. lost: found by this ACK; known: bytes that duplicate ACKs
// without SACK had told of already.
static void tell_algorithm(struct tcp *t, const struct sent_news *news, uint32_t lost,
                           uint64_t known)
{
    uint32_t acked = news->acked + news->sacked, pipe = loss_pipe(t);
    bool control = t->cc->control != NULL;
    // Linux: what is SACKed above a gap does not let cwnd grow until the gap has closed, unless
    // the path is known to reorder.
    bool reorders = t->reordering > t->host->set.tcp_reordering && news->sacked > 0;
    bool waits = t->recovery == RECOVERY_FAST || (news->acked == 0 && !reorders);
    if (!control && waits) return;
    if (acked > t->mss) acked -= known < acked - t->mss ? (uint32_t)known : acked - t->mss;
    struct cc_ack a = {
        .now = t->host->now, .acked = acked, .srtt = t->rtt.srtt,
        .rtt = news->any && !news->newest_again ? t->host->now - news->newest_at : 0,
        .una = t->sent.una, .nxt = t->sent.nxt, .marked = news->marked ? acked : 0,
        // In slow start, half a window in flight is enough (Linux: tcp_is_cwnd_limited).
        .limited = t->cwnd_limited || (t->ccs.cwnd < t->ccs.ssthresh
                                       && t->ccs.cwnd < 2 * (uint64_t)t->max_flight),
        .recovery = (enum cc_recovery)t->recovery, .flight = pipe,
        .flight_before = pipe + acked + lost, .lost = lost, .delivered = t->delivered,
        .rate = news->rate,
    };
    if (ecn_in_round(t)) a.limited = false;
    const struct settings *set = &t->host->set;
    if (set->tcp_cubic_linux)
        a.hystart = (uint8_t)(HYSTART_LINUX | set->tcp_cubic_hystart_detect);
    a.paced = pace_on(t);
    a.pacing = pace_rate(t);
    enum cwnd_why why = control ? t->cc->control(&t->ccs, &a) : t->cc->acked(&t->ccs, &a);
    if (why != CWND_NOTHING) tcp_tell_cwnd(t, why);
}

static void watch_reordering(struct tcp *t, nsec wait)
{
    if (wait > 0) deadline_set(t, DEADLINE_PROBE, TIMER_REORDER, t->host->now + wait);
    else if (deadline_is(t, DEADLINE_PROBE, TIMER_REORDER)) deadline_clear(t, DEADLINE_PROBE);
}

// RFC 8985 §7.4: the probe's fate is known. A plain duplicate ACK, or D-SACK, says that it was not
// needed. If none came by the time later bytes are acknowledged, it repaired a loss, and that was
// congestion.
void loss_check_tail(struct tcp *t, bool plain_dup)
{
    if (!t->tail_out || seq_lt(t->sent.una, t->tail_end)) return;
    if (t->tail_was_new || plain_dup) t->tail_out = false;
    if (!t->tail_out || t->sent.una.raw == t->tail_end.raw) return;
    t->tail_out = false;
    if (t->recovery != RECOVERY_OPEN || t->cc->control != NULL) return;
    t->ccs.ssthresh = t->cc->ssthresh(&t->ccs, t->ccs.cwnd);
    t->ccs.cwnd = t->ccs.ssthresh;
    tcp_tell_cwnd(t, CWND_RECOVERY);
}

static void find_losses(struct tcp *t, const struct sent_news *news, bool partial)
{
    if (rack_on(t)) {
        rack_update(t, news);
        watch_reordering(t, rack_detect(t));
    } else if (t->sack_ok) {
        count_detect(t);
        // RFC 6675 §5: so many ACKs that SACK say that the oldest is lost, however short they were.
        if (t->recovery == RECOVERY_OPEN && t->dup_acks >= dup_thresh(t) && t->sent.lost == 0)
            mark_head_lost(t, SENT_FAST_RETRANSMIT);
    } else if (t->recovery == RECOVERY_FAST && partial) {
        reno_partial(t, news->acked);
    } else if (t->recovery == RECOVERY_OPEN && t->dup_acks >= DUP_THRESH
               && seq_le(t->recover, t->sent.una)) {  // RFC 6582 §3.2 step 2
        mark_head_lost(t, SENT_FAST_RETRANSMIT);
    }
}

void loss_on_ack(struct tcp *t, const struct sent_news *news, bool dup)
{
    uint32_t lost_before = t->sent.lost;
    if (dup && !t->sack_ok && t->dup_acks < UINT32_MAX) t->dup_acks++;
    if (t->sack_ok) t->dup_acks = t->sent.sacked > 0 ? t->dup_acks + dup : 0;
    bool covered = seq_le(t->recover, t->sent.una);
    uint64_t known = t->sack_ok ? 0 : (uint64_t)t->dup_acks * t->mss;
    if (!dup && t->recovery == RECOVERY_OPEN && news->acked > 0) t->dup_acks = 0;

    if (t->recovery == RECOVERY_RTO) question_rto(t, news, dup);
    if (t->recovery != RECOVERY_OPEN && covered && news->acked > 0) recovered(t);
    if (t->recovery == RECOVERY_OPEN && covered)
        t->recover = t->sent.una;  // else it would lie ahead again after 2 GB
    if (seq_lt(t->rack_dsack_round, t->sent.una))  // likewise
        t->rack_dsack_round = seq_add(t->sent.una, UINT32_MAX);
    find_losses(t, news, news->acked > 0);
    uint32_t delivered = news->acked + news->sacked + (dup && !t->sack_ok ? t->mss : 0);
    uint32_t lost = t->sent.lost > lost_before ? t->sent.lost - lost_before : 0;
    if (t->recovery == RECOVERY_OPEN && t->sent.lost > 0) {
        if (!mtu_on_loss(t)) enter_fast(t, delivered);
    } else if (t->recovery == RECOVERY_FAST) {
        bool safe = news->acked > 0 && (!t->sack_ok || lost == 0);
        reduce(t, delivered, safe);
    } else if (sinks(t)) {
        reduce(t, delivered, false);
        tcp_tell_cwnd(t, CWND_ECN);
    }
    if (news->any) tell_algorithm(t, news, lost, known);
}

void loss_on_reorder_timer(struct tcp *t)
{
    watch_reordering(t, rack_detect(t));
    if (t->sent.lost == 0) return;
    if (t->recovery == RECOVERY_OPEN && !mtu_on_loss(t)) enter_fast(t, 0);
    else if (t->recovery == RECOVERY_FAST) reduce(t, 0, false);
    tcp_want_output(t);
}

static void mark_for_rto(struct tcp *t)
{
    nsec window = rack_window(t);
    for (uint32_t i = 0; i < t->sent.count; i++) {
        struct sent_rec *r = sent_at(&t->sent, i);
        if (r->flags & REC_SACKED) continue;
        // What was sent a moment ago is not lost because the head is (RFC 8985 §6.3).
        bool fresh = rack_on(t) && i > 0 && t->rack_rtt > 0
                  && r->at + t->rack_rtt + window > t->host->now;
        if (fresh) continue;
        mark_lost(t, i, SENT_RTO);
        r->flags |= REC_TIMEOUT;
    }
}

// RFC 6298 (5.4), RFC 5681 §3.1: ssthresh is cut once for a flight, however often it times out.
// RFC 9293: MUST-19.
void loss_on_rto(struct tcp *t)
{
    struct sent_board *s = &t->sent;
    if (sent_at(s, 0)->flags & REC_SACKED) sent_forget_sacks(s);  // the peer reneged
    bool first = t->recovery == RECOVERY_OPEN || seq_le(t->recover, s->una);
    t->frto = t->host->set.tcp_frto != 0 && (first || t->retries > 0) && !tcp_in(t, TCP_OPENING);
    t->frto_new = false;
    if (t->recovery != RECOVERY_RTO || seq_le(t->recover, s->una)) {
        if (t->recovery == RECOVERY_OPEN) remember(t);
        if (!tcp_in(t, TCP_OPENING)) t->ccs.ssthresh = t->cc->ssthresh(&t->ccs, s->total);
    }
    t->undo.marked = t->undo.marked && t->recovery == RECOVERY_RTO;
    t->recovery = RECOVERY_RTO;
    t->recover = s->nxt;
    t->dup_acks = 0;
    t->tail_out = t->tail_probe = false;
    deadline_clear(t, DEADLINE_PROBE);
    mark_for_rto(t);
    t->ccs.cwnd = sent_pipe(s) + t->mss;  // the loss window: one segment more than what still flies
    ecn_was_cut(t);
    // Linux's CUBIC forgets all it knew.
    if (t->host->set.tcp_cubic_linux && t->cc == &cc_cubic) t->cc->init(&t->ccs);
    if (t->cc->restart != NULL && t->cc->control == NULL)
        t->cc->restart(&t->ccs, t->host->now);
    if (!tcp_in(t, TCP_OPENING)) tcp_tell_cwnd(t, CWND_RTO);
}

void loss_on_sent(struct tcp *t, const struct plan *p, uint32_t numbers)
{
    if (p->kind == PLAN_BARE) return;
    bool counts = t->recovery == RECOVERY_FAST || sinks(t);
    if (counts) sent_flight(&t->sent)->prr.out += numbers;
    if (p->why != SENT_TAIL_PROBE) return;
    t->tail_probe = false;
    t->tail_out = true;
    t->tail_was_new = p->kind == PLAN_NEW;
    t->tail_end = t->sent.nxt;
    tcp_arm_rto(t, true);
}

// RFC 8985 §7.2: two round trips after the last new byte, and no later than the RTO, whose place it
// then takes.
void loss_arm_tail_probe(struct tcp *t)
{
    bool useful = t->sack_ok && t->recovery == RECOVERY_OPEN && t->sent.total > 0
               && t->sent.sacked == 0 && t->rtt.srtt > 0 && !tcp_in(t, TCP_OPENING);
    if (!useful || t->tail_out || t->host->set.tcp_early_retrans == 0) {
        if (deadline_is(t, DEADLINE_PROBE, TIMER_TAIL_PROBE)) deadline_clear(t, DEADLINE_PROBE);
        return;
    }
    nsec wait = 2 * t->rtt.srtt;
    if (t->sent.total <= t->mss) wait += ACK_DELAY_MOST;
    if (wait < TAIL_PROBE_LEAST) wait = TAIL_PROBE_LEAST;
    nsec at = t->host->now + wait, rto = t->deadline[DEADLINE_RETRANSMIT];
    if (at > rto) at = rto;
    deadline_set(t, DEADLINE_PROBE, TIMER_TAIL_PROBE, at);
}

// RFC 5681 §4.1: after an RTO of silence cwnd says nothing of the path any more. Linux: asked when
// bytes are written, or when a window opens on bytes that waited; probes of it are no silence.
void loss_after_idle(struct tcp *t)
{
    if (t->sent.total > 0) return;
    if (t->cc->control != NULL) {  // Linux: it knows better
        if (t->app_limited_until != 0) t->cc->restart(&t->ccs, t->host->now);
        return;
    }
    if (!t->host->set.tcp_slow_start_after_idle || t->recovery != RECOVERY_OPEN) return;
    if (t->host->now - t->last_snd <= rtt_rto(&t->rtt)) return;
    uint32_t restart = tcp_initial_window(t);
    if (t->ccs.cwnd <= restart) return;
    t->ccs.cwnd = restart;
    if (t->cc->restart != NULL) t->cc->restart(&t->ccs, t->host->now);
    tcp_tell_cwnd(t, CWND_IDLE);
}
