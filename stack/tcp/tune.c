// tune.c - how large the receive buffer should be: twice what the application reads in a round
// trip, so that the window never limits a fast path (Linux: dynamic right-sizing).
//
// A host that never sends measures no round trip but that of its handshake. What comes tells of it
// all the same, as in Linux:
//
//     with timestamps     a full segment echoes the ACK that let it go
//     without             a window of bytes takes a round trip, or longer: the least counts
#include "tcp/tcp.h"

enum { RTT_GAIN = 8 };

static void by_echo(struct tcp *t, const struct arrival *a)
{
    struct ledger *l = t->ledger;
    uint32_t echo = a->seg.opts.ts_ecr, now = tcp_ts_now(t);
    if (!t->ts_ok || !a->seg.opts.has_ts || echo == 0 || echo == l->rcv_echo) return;
    l->rcv_echo = echo;
    int32_t ms = (int32_t)(now - echo);
    if (ledger_bytes_each(a) < t->rcv_mss || ms <= 0) return;
    nsec sample = MSEC(ms);
    if (l->rcv_rtt == 0 || sample < l->rcv_rtt) l->rcv_rtt = sample;
    else l->rcv_rtt += (sample - l->rcv_rtt) / RTT_GAIN;
}

static void by_window(struct tcp *t)
{
    struct ledger *l = t->ledger;
    nsec now = t->host->now;
    bool began = l->rcv_began != 0;
    if (began && seq_lt(t->rcv_nxt, l->rcv_end)) return;
    nsec sample = now > l->rcv_began ? now - l->rcv_began : 1;
    if (began && (l->rcv_rtt == 0 || sample < l->rcv_rtt)) l->rcv_rtt = sample;
    // What lies beyond the edge that we offered comes only after our next ACK.
    l->rcv_end = seq_add(t->rcv_edge, 1 + (uint32_t)seq_diff(t->rcv_nxt, t->rcv_acked));
    l->rcv_began = now;
}

// Bytes came, in order or not; RCV.NXT counts them if they did.
void tune_on_data(struct tcp *t, const struct arrival *a)
{
    if (t->ledger == NULL) return;
    by_window(t);
    by_echo(t, a);
}

nsec tune_rtt(const struct tcp *t)
{
    return t->ledger != NULL && t->ledger->rcv_rtt != 0 ? t->ledger->rcv_rtt : t->rtt.srtt;
}

void tune_on_read(struct tcp *t, size_t read)
{
    t->rcv_copied = cc_add(t->rcv_copied, read);
    nsec rtt = tune_rtt(t), now = t->host->now;
    if (rtt == 0 || now - t->rcv_round_at < rtt) return;
    uint64_t want = 2 * (uint64_t)t->rcv_copied + 16u * t->rcv_mss;
    uint32_t most = tcp_rcv_payload(t->host->set.tcp_rmem_max);
    if (want > most) want = most;
    bool may = !t->rcvq.fixed && t->host->set.tcp_moderate_rcvbuf != 0;
    if (may && want > t->rcvq.limit) t->rcvq.limit = (uint32_t)want;
    t->rcv_copied = 0;
    t->rcv_round_at = now;
}
