// pace.c - pacing: bytes leave evenly over the round trip, where they else leave in bursts.
//
//     pace_at |<- len / rate ->|<- len / rate ->|<-  ...        the moments at which a burst leaves
//
// Linux, in all numbers: the rate is cwnd a round trip, twice that while slow start is far from its
// end and a fifth more afterwards, and never above SO_MAX_PACING_RATE. The first ten segments go
// unpaced, and who comes late may catch up on half an interval. It paces if a congestion control
// or SO_MAX_PACING_RATE asks for it, and for all connections if net.core.default_qdisc is fq: then
// the departures are those that Linux's fq makes of the same times.
#include "tcp/tcp.h"

enum { UNPACED_SEGMENTS = 10, PERCENT = 100 };

// In bytes a second. Without a round trip there is no rate, and a bound of 0 is none.
uint64_t pace_rate(const struct tcp *t)
{
    const struct settings *s = &t->host->set;
    uint64_t rate = t->cc->rate != NULL ? t->cc->rate(&t->ccs) : 0;
    if (rate == 0 && t->rtt.srtt > 0) {
        bool fast = t->ccs.cwnd < t->ccs.ssthresh / 2;
        uint64_t ratio = (uint64_t)(fast ? s->tcp_pacing_ss_ratio : s->tcp_pacing_ca_ratio);
        uint64_t window = t->ccs.cwnd > t->sent.total ? t->ccs.cwnd : t->sent.total;
        uint64_t us = (uint64_t)(t->rtt.srtt / USEC(1));
        rate = window * ratio / PERCENT * (SEC(1) / USEC(1)) / (us > 0 ? us : 1);
    }
    if (rate == 0) rate = PACE_UNLIMITED;
    return rate < t->pace_max ? rate : t->pace_max;
}

bool pace_on(const struct tcp *t)
{
    return t->paced || t->cc->rate != NULL || t->host->set.fq;
}

// Does the plan have to wait for its moment? An ACK alone never does, nor what the RTO sends again.
bool pace_holds(struct tcp *t, const struct plan *p)
{
    bool free = p->kind == PLAN_BARE || (p->why == SENT_RTO && p->record == 0);
    if (free || !pace_on(t) || t->pace_at <= t->host->now) return false;
    deadline_set(t, DEADLINE_PACE, TIMER_PACE, t->pace_at);
    return true;
}

// Linux: tcp_update_skb_after_send.
void pace_sent(struct tcp *t, uint32_t len)
{
    if (len == 0 || !pace_on(t)) return;
    nsec before = t->pace_at, at = before > t->host->now ? before : t->host->now;
    uint64_t rate = pace_rate(t);
    if (rate > 0 && rate != PACE_UNLIMITED && t->data_segs_out >= UNPACED_SEGMENTS) {
        nsec wait = (nsec)((uint64_t)len * SEC(1) / rate), late = at - before;
        at += wait - (late < wait / 2 ? late : wait / 2);
    }
    t->pace_at = at;
}

// SO_MAX_PACING_RATE: once it was set, the connection paces (Linux: likewise).
void pace_bound(struct tcp *t, uint64_t rate)
{
    t->pace_max = rate;
    if (rate != PACE_UNLIMITED) t->paced = true;
}

void pace_tell(const struct tcp *t)
{
    if (!pace_on(t)) return;
    TRACE(t->host, .type = TRACE_TCP_RATE, .conn = t->conn.id,
          .tcp_rate = {.pacing = pace_rate(t), .delivery = rate_delivery(t),
                       .app_limited = t->rate_app_limited});
}
