// ecn.c - explicit congestion notification (RFC 3168): the net marks packets, and loses none.
//
//   sender                      queue                         receiver
//     data, ECT(0) ------------> is long: ECT -> CE ----------->  CE: ECE on each ACK from now on
//     <------------------------------------------- ACK, ECE
//     cwnd is cut, once a round trip; new data, CWR ----------->  CWR: ECE no more
//
// A congestion control that asks for precise ECN (DCTCP, RFC 8257 §3.2) wants to know how many were
// marked: then ECE says of each ACK whether what it acknowledges came marked.
#include "tcp/tcp.h"

enum { IP_ECN_MASK = 3, IP_ECT_0 = 2, IP_CE = 3, ECN_SET_ASK = 1 };

static bool precise(const struct tcp *t) { return t->cc->precise_ecn; }

// RFC 3168 §6.1.1. A SYN asks with both flags, its answer agrees with ECE alone. Who marks a SYN is
// no sound path (Linux: likewise).
void ecn_take_syn(struct tcp *t, const struct arrival *a)
{
    uint8_t flags = a->seg.flags & (TCP_ECE | TCP_CWR);
    bool ok = (t->ecn & ECN_ASKED) && flags == TCP_ECE;
    if (!(a->seg.flags & TCP_ACK)) {
        ok = flags == (TCP_ECE | TCP_CWR) && (a->ip->tos & IP_ECN_MASK) == 0
          && (t->host->set.tcp_ecn != 0 || precise(t));
    }
    if (ok) t->ecn |= ECN_OK;
}

// What goes into a segment's flags. A SYN that goes again does not ask any more (§6.1.1.1): it may
// have been lost because it asked.
uint8_t ecn_flags(struct tcp *t, const struct plan *p)
{
    if ((p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
        bool wants = t->host->set.tcp_ecn == ECN_SET_ASK || precise(t);
        t->ecn &= (uint8_t)~ECN_ASKED;
        if (!wants || p->kind != PLAN_NEW) return 0;
        t->ecn |= ECN_ASKED;
        return TCP_ECE | TCP_CWR;
    }
    if (!(t->ecn & ECN_OK) || !(p->flags & TCP_ACK)) return 0;
    if (p->flags & TCP_SYN) return TCP_ECE;
    uint8_t flags = t->ecn & ECN_ECHO ? TCP_ECE : 0;
    if ((t->ecn & ECN_CUT) && p->kind == PLAN_NEW && p->len > 0) {
        flags |= TCP_CWR;
        t->ecn &= (uint8_t)~ECN_CUT;
    }
    return flags;
}

// New data may be marked. Not so what goes again, nor ACKs alone, nor SYNs (§6.1.4, §6.1.5).
uint8_t ecn_codepoint(const struct tcp *t, const struct plan *p)
{
    return (t->ecn & ECN_OK) && p->kind == PLAN_NEW && p->len > 0 ? IP_ECT_0 : 0;
}

// RFC 8257 §3.2: where the marks begin or end, what came before is acknowledged as it came.
static void take_mark_precisely(struct tcp *t, bool marked)
{
    bool before = (t->ecn & ECN_ECHO) != 0;
    if (before == marked) return;
    if (t->rcv_nxt.raw != t->rcv_acked.raw) tcp_send_ack(t, SENT_ACK);
    t->ecn ^= ECN_ECHO;
    tcp_want_ack(t, SENT_ACK);
}

void ecn_arrive(struct tcp *t, const struct arrival *a)
{
    if (!(t->ecn & ECN_OK) || (a->seg.flags & TCP_SYN) || a->len == 0) return;
    uint8_t codepoint = a->ip->tos & IP_ECN_MASK;
    bool marked = codepoint == IP_CE;
    if (marked) t->marks_in++;
    if (codepoint != 0) t->ecn |= ECN_SEEN;
    if (codepoint != 0) ledger_codepoint(t, codepoint, a->len);
    if (precise(t)) {
        take_mark_precisely(t, marked);
        return;
    }
    if (a->seg.flags & TCP_CWR) t->ecn &= (uint8_t)~ECN_ECHO;
    if (marked) t->ecn |= ECN_ECHO;
    // Linux: a sender whose window was cut, or is about to be, should not wait for an ACK.
    if (marked || (a->seg.flags & TCP_CWR)) delack_quicken(t, 2);
}

bool ecn_in_round(const struct tcp *t)
{
    return (t->ecn & ECN_OK) && seq_lt(t->sent.una, t->ecn_until);
}

// The window is cut, for whatever reason: the receiver is told, and marks of this round trip say
// nothing new (§6.1.2).
void ecn_was_cut(struct tcp *t)
{
    if (!(t->ecn & ECN_OK)) return;
    t->ecn = (uint8_t)((t->ecn | ECN_CUT) & ~(ECN_REDUCED | ECN_SINKS));
    t->ecn_until = t->sent.nxt;
}

// UNA moved on. It takes the end of the last round along, which would else lie ahead again after
// 2 GB without a mark.
void ecn_acked(struct tcp *t)
{
    bool over = seq_lt(t->ecn_until, t->sent.una);
    if ((t->ecn & ECN_SINKS) && (over || t->sent.count == 0)) {
        t->ecn &= (uint8_t)~ECN_SINKS;
        t->ccs.cwnd = t->ccs.ssthresh;
        tcp_tell_cwnd(t, CWND_ECN);
    }
    if (!over) return;
    t->ecn_until = t->sent.una;
    t->ecn &= (uint8_t)~ECN_REDUCED;
}

// An ACK with ECE: congestion, as if a segment had been lost, but nothing has to go again.
// flight: what was out before it came.
// RFC 9293: SHLD-8.
void ecn_heed(struct tcp *t, const struct arrival *a, uint32_t delivered, uint32_t flight)
{
    if (!(t->ecn & ECN_OK) || !(a->seg.flags & TCP_ECE) || (a->seg.flags & TCP_SYN)) return;
    t->delivered_marked += delivered;
    if (t->recovery != RECOVERY_OPEN || ecn_in_round(t) || flight == 0) return;
    if (t->cc->control != NULL) return;
    t->ccs.ssthresh = t->cc->marked != NULL ? t->cc->marked(&t->ccs, flight)
                                            : t->cc->ssthresh(&t->ccs, flight);
    ecn_was_cut(t);
    t->ecn |= ECN_REDUCED;
    if (t->host->set.tcp_ecn_by_prr && t->sent.count > 0 && t->ccs.cwnd > t->ccs.ssthresh) {
        t->ecn |= ECN_SINKS;
        loss_begin_sinking(t, flight);
        return;
    }
    if (t->ccs.cwnd > t->ccs.ssthresh) t->ccs.cwnd = t->ccs.ssthresh;
    tcp_tell_cwnd(t, CWND_ECN);
}
