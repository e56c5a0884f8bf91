// tcp_ack.c - the fifth step of RFC 9293 §3.10.7.4: what an ACK may be, and all that it brings.
#include <errno.h>

#include "tcp/tcp.h"

static const struct verdict go_on = {.act = GO_ON};

// SYN-RECEIVED wants the ACK of our SYN; all other states one of [UNA - MAX.WND, NXT], so that a
// blind stranger has little chance (RFC 5961 §5.2, MAY-12).
struct verdict check_ack(struct tcp *t, const struct arrival *a)
{
    const struct tcp_seg *s = &a->seg;
    if (!(s->flags & TCP_ACK)) return (struct verdict){DROP, DROP_TCP_NO_ACK, 0};
    if (t->state == TCP_SYN_RCVD) {
        bool good = seq_lt(t->sent.una, s->ack) && seq_le(s->ack, t->sent.nxt);
        if (!good) return (struct verdict){RESET, DROP_TCP_BAD_ACK, SENT_RST_BAD_ACK};
        return go_on;
    }
    bool unsent = seq_lt(t->sent.nxt, s->ack);
    if (unsent && t->state == TCP_ESTABLISHED && t->host->set.tcp_unsent_ack_ignored)
        return (struct verdict){DROP, DROP_TCP_BAD_ACK, 0};
    struct seq oldest = seq_add(t->sent.una, -t->snd_wnd_max);
    if (seq_lt(s->ack, oldest) || unsent)
        return (struct verdict){ANSWER, DROP_TCP_BAD_ACK, SENT_CHALLENGE_ACK};
    return go_on;
}

static void tell_rtt(const struct tcp *t, nsec sample)
{
    TRACE(t->host, .type = TRACE_TCP_RTT, .conn = t->conn.id,
          .tcp_rtt = {.sample = sample, .srtt = t->rtt.srtt, .rttvar = t->rtt.rttvar,
                      .rto = rtt_rto(&t->rtt)});
}

// What our timestamp said at that time: echoes are compared with it.
static uint32_t ts_at(const struct tcp *t, nsec at)
{
    return tcp_ms_at(t->host, at) + t->ts_offset;
}

// Does the ACK answer an earlier copy than the last?
static void note_echo(const struct tcp *t, const struct arrival *a, struct sent_news *news)
{
    if (!news->newest_again || !t->ts_ok || !a->seg.opts.has_ts) return;
    news->echo_older = (int32_t)(a->seg.opts.ts_ecr - ts_at(t, news->newest_at)) < 0;
}

// Of segments sent once, by our own clock. Of one sent again (Karn, MUST-18) only if the echo says
// that it is this last copy which is answered (RFC 7323 §4): an older echo may only mean that the
// ACK of the first copy was lost, and would count the whole wait as a round trip.
static void measure(struct tcp *t, const struct arrival *a, const struct sent_news *news,
                    uint32_t flight)
{
    nsec sample;
    if (news->has_once && !news->again) {
        sample = t->host->now - news->once_at;
    } else if (t->ts_ok && a->seg.opts.has_ts && news->newest_again && news->acked > 0) {
        if (news->echo_older) return;
        sample = t->host->now - news->newest_at;
    } else {
        return;
    }
    // RFC 7323 Appendix G: about one ACK for two segments of the flight.
    rtt_sample(&t->rtt, sample, (flight + 2u * t->mss - 1) / (2u * t->mss), t->host->now);
    tell_rtt(t, sample);
}

// The first block may tell of a duplicate instead (RFC 2883 §4): it lies below UNA, or inside the
// second.
static bool is_dsack(const struct arrival *a)
{
    const struct tcp_opts *o = &a->seg.opts;
    if (o->sacks == 0) return false;
    if (seq_le(o->sack[0].to, a->seg.ack)) return true;
    return o->sacks > 1 && seq_le(o->sack[1].from, o->sack[0].from)
        && seq_le(o->sack[0].to, o->sack[1].to);
}

// Linux: what the peer holds counts by segments of ours that it covers wholly.
static bool whole_segments(const struct tcp *t, struct seq *from, struct seq *to)
{
    if (!t->host->set.tcp_sack_whole_segments) return true;
    if (seq_lt(*from, t->sent.una)) *from = t->sent.una;
    const struct sent_rec *r = sent_at(&t->sent, sent_find(&t->sent, *from));
    uint32_t part = (uint32_t)seq_diff(*from, r->seq) % t->mss;
    if (part > 0) *from = seq_add(*from, t->mss - part);
    if (seq_lt(seq_add(r->seq, r->len), *from)) *from = seq_add(r->seq, r->len);
    r = sent_at(&t->sent, sent_find(&t->sent, seq_add(*to, UINT32_MAX)));
    bool at_end = seq_add(r->seq, r->len).raw == to->raw;
    if (!at_end) *to = seq_add(*to, -((uint32_t)seq_diff(*to, r->seq) % t->mss));
    return seq_lt(*from, *to);
}

// A block must lie within what we sent and the peer has not acknowledged; else it is not ours.
static void take_sacks(struct tcp *t, const struct arrival *a, struct sent_news *news)
{
    const struct tcp_opts *o = &a->seg.opts;
    if (!t->sack_ok || o->sacks == 0) return;
    bool dsack = is_dsack(a);
    if (dsack) ledger_dsack(t);
    if (dsack) loss_on_dsack(t, o->sack[0].from, o->sack[0].to);
    for (int i = dsack; i < o->sacks; i++) {
        struct seq from = o->sack[i].from, to = o->sack[i].to;
        if (!seq_lt(from, to) || seq_lt(t->sent.nxt, to) || seq_le(to, t->sent.una)) continue;
        if (!whole_segments(t, &from, &to)) continue;
        if (!sent_reserve(&t->sent, &t->host->pool, 2)) return;  // advice only: it comes again
        sent_sack(&t->sent, from, to, news);
    }
}

// Bytes are acknowledged: they leave the scoreboard and the buffer. Our SYN and FIN are numbers on
// the board, but no bytes.
static void take_delivered(struct tcp *t, const struct arrival *a, struct sent_news *news)
{
    struct seq una = t->sent.una, end = tcp_data_end(t);
    sent_ack(&t->sent, a->seg.ack, news);
    if (una.raw == t->sent.una.raw) return;

    struct seq bytes = seq_lt(end, t->sent.una) ? end : t->sent.una;
    uint32_t before = t->sndq.bytes.len;
    sndq_acked(&t->sndq, &t->host->pool, bytes);
    t->bytes_acked += before - t->sndq.bytes.len;
    notes_acked(t);
    if (before != t->sndq.bytes.len) tcp_buf_changed(t);
    t->retries = 0;
    t->soft_error = 0;
    urgent_acked(t);
    ecn_acked(t);
    ledger_delivered(t);
    TRACE(t->host, .type = TRACE_TCP_ACKED, .conn = t->conn.id,
          .tcp_acked = {.una = (uint32_t)seq_diff(t->sent.una, t->iss)});
}

void tcp_take_acked(struct tcp *t, const struct arrival *a)
{
    uint32_t flight = t->sent.total;
    struct sent_news news = {.high = t->sent.high_sacked};
    take_delivered(t, a, &news);
    note_echo(t, a, &news);
    measure(t, a, &news, flight);
    tcp_arm_rto(t, true);
    sent_rest(&t->sent, &t->host->pool);
}

// RFC 9293 §3.10.7.4: only a segment newer than the last that changed the window may change it.
// RFC 9293: MUST-1, REC-1.
static bool take_window(struct tcp *t, const struct arrival *a)
{
    const struct tcp_seg *s = &a->seg;
    if (!seq_le(t->sent.una, s->ack)) return false;
    bool newer = seq_lt(t->snd_wl1, s->seq)
              || (t->snd_wl1.raw == s->seq.raw && seq_le(t->snd_wl2, s->ack));
    if (!newer) return false;
    uint32_t wnd = (uint32_t)s->wnd << t->snd_wscale;
    bool changed = wnd != t->snd_wnd;
    t->snd_wl1 = s->seq;
    t->snd_wl2 = s->ack;
    t->snd_wnd = wnd;
    if (wnd > t->snd_wnd_max) t->snd_wnd_max = wnd;
    if (changed) tcp_tell_window(t);
    if (changed && tcp_data_end(t).raw != t->sent.nxt.raw) loss_after_idle(t);
    return changed;
}

// RFC 5681 §2: data is in flight, the segment brings no data, no FIN, no new ACK and no new window.
// With SACK: it says that something arrived (RFC 6675 §2).
static bool is_dup(const struct tcp *t, const struct arrival *a, const struct sent_news *news,
                   bool window_changed)
{
    if (t->sack_ok) return news->sacked > 0 && news->acked == 0;
    return t->sent.total > 0 && a->len == 0 && !(a->seg.flags & TCP_FIN)
        && a->seg.ack.raw == t->sent.una.raw && !window_changed;
}

struct verdict take_ack(struct tcp *t, const struct arrival *a)
{
    if (t->state == TCP_SYN_RCVD && t->passive && !listen_promote(t)) {
        if (t->host->set.tcp_abort_on_overflow == 0)
            return (struct verdict){DROP, DROP_TCP_ACCEPT_QUEUE_FULL, 0};
        tcp_finish(t, WHY_NO_ROOM, ECONNRESET);
        return (struct verdict){RESET, DROP_TCP_ACCEPT_QUEUE_FULL, SENT_RST_BACKLOG};
    }
    bool opened = t->state == TCP_SYN_RCVD;
    uint32_t flight = t->sent.total;
    struct seq una = t->sent.una;
    struct sent_news news = {.high = t->sent.high_sacked};
    t->retries = t->sent.total == 0 ? 0 : t->retries;  // a probe was answered
    if (t->ts_ok && a->seg.opts.has_ts && seq_lt(una, a->seg.ack))
        loss_check_spurious(t, a->seg.opts.ts_ecr);
    if (seq_le(una, a->seg.ack)) take_delivered(t, a, &news);
    mtu_on_acked(t);
    bool late = t->sack_ok && news.reordered;
    if (late) loss_note_reordering(t, news.low, t->sent.una);
    news.reordered = false;
    take_sacks(t, a, &news);
    if (news.reordered) loss_note_reordering(t, news.low, t->sent.high_sacked);
    news.reordered |= late;
    bool changed = take_window(t, a);
    bool dup = is_dup(t, a, &news, changed) && una.raw == t->sent.una.raw;
    loss_check_tail(t, una.raw == t->sent.una.raw && a->len == 0 && a->seg.opts.sacks == 0);
    note_echo(t, a, &news);
    if (t->mss > 0) t->segs_delivered += (news.acked + news.sacked + t->mss - 1u) / t->mss;
    measure(t, a, &news, flight);
    news.rate = rate_on_ack(t, &news);
    ecn_heed(t, a, news.acked + news.sacked, flight);
    news.marked = (a->seg.flags & TCP_ECE) && (t->ecn & ECN_OK);
    if (opened) fastopen_done(t);
    if (opened) tcp_established(t, WHY_ACK_OF_SYN);
    if ((!opened || t->fo & FO_CHILD) && (news.any || dup)) loss_on_ack(t, &news, dup);
    if (news.acked > 0 && !t->host->set.tcp_sndbuf_linux) tcp_tune_sndq(t);
    if (news.any) pace_tell(t);

    bool moved = una.raw != t->sent.una.raw;
    sent_rest(&t->sent, &t->host->pool);
    if (moved) tcp_arm_rto(t, true);
    if (news.any) loss_arm_tail_probe(t);
    if (t->fin_sent && t->sent.count == 0 && moved) tcp_fin_acked(t);
    bool released = t->more_held;
    t->more_held = false;
    if (t->state != TCP_CLOSED && (moved || changed || news.any || dup || released))
        tcp_want_output(t);
    return go_on;
}
