// rate.c - see rate.h.
#include "tcp/rate.h"

#include "tcp/tcp.h"

// What a segment that leaves now takes along. After silence a new flight begins.
struct rate_mark rate_on_send(struct tcp *t)
{
    struct flight *f = sent_flight(&t->sent);
    if (t->sent.total == 0) f->began_at = f->delivered_at = t->host->now;
    return (struct rate_mark){.delivered = t->delivered, .delivered_at = f->delivered_at,
                              .first_at = f->began_at, .app_limited = t->app_limited_until != 0};
}

// Before the application's bytes are queued: had it left room unused?
void rate_check_app(struct tcp *t)
{
    uint32_t waits = (uint32_t)seq_diff(tcp_data_end(t), t->sent.nxt), pipe = loss_pipe(t);
    if (waits >= t->mss || pipe >= t->ccs.cwnd || t->sent.lost > 0) return;
    t->app_limited_until = t->delivered + pipe > 0 ? t->delivered + pipe : 1;
}

// What the ACK delivered is counted, and measured against what was known when it was sent. A sample
// shorter than any round trip is of a retransmission, and says nothing.
struct rate_sample rate_on_ack(struct tcp *t, const struct sent_news *news)
{
    struct rate_sample none = {0};
    t->delivered += news->acked + news->sacked;
    if (t->delivered > t->app_limited_until) t->app_limited_until = 0;
    if (!news->any) return none;
    struct flight *f = sent_flight(&t->sent);
    f->delivered_at = t->host->now;
    f->began_at = news->newest_at;

    const struct rate_mark *m = &news->mark;
    nsec acks = t->host->now - m->delivered_at, sends = news->newest_at - m->first_at;
    struct rate_sample s = {.prior = m->delivered, .app_limited = m->app_limited,
                            .delivered = (uint32_t)(t->delivered - m->delivered),
                            .interval = acks > sends ? acks : sends};
    if (s.interval <= 0 || s.interval < rtt_min(&t->rtt)) return none;
    // The last one is kept for ng_tcp_info, unless the application was slower than the path before;
    // and unless all that was delivered is one number, as a SYN's.
    if (s.delivered <= 1) return s;
    uint64_t us = (uint64_t)s.interval / 1000 > 0 ? (uint64_t)s.interval / 1000 : 1;
    bool faster = s.delivered * (uint64_t)t->rate_us >= t->rate_delivered * us;
    if (s.app_limited && !faster) return s;
    t->rate_delivered = s.delivered;
    t->rate_us = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
    t->rate_app_limited = s.app_limited;
    return s;
}

// In bytes a second; 0: no sample yet.
uint64_t rate_delivery(const struct tcp *t)
{
    return t->rate_us == 0 ? 0 : (uint64_t)t->rate_delivered * (SEC(1) / USEC(1)) / t->rate_us;
}
