// tcp_rtt.c - see tcp_rtt.h.
#include "tcp/tcp_rtt.h"

void rtt_init(struct tcp_rtt *r, nsec floor, nsec most)
{
    *r = (struct tcp_rtt){.floor_us = (uint32_t)(floor / USEC(1)),
                          .most_cs = (uint16_t)(most / MSEC(10))};
}

// The minimum forgets: after two windows without it, a longer path has replaced it
// (RFC 8985 §6.2).
static void note_least(struct tcp_rtt *r, nsec sample, nsec now)
{
    if (r->least[0] == 0) {
        r->least[0] = r->least[1] = sample;
        r->least_since = now;
    } else if (now - r->least_since > RTT_MIN_WINDOW) {
        r->least[1] = r->least[0];
        r->least[0] = sample;
        r->least_since = now;
    } else if (sample < r->least[0]) {
        r->least[0] = sample;
    }
}

void rtt_sample(struct tcp_rtt *r, nsec sample, uint32_t samples, nsec now)
{
    if (sample < 1) sample = 1;
    if (samples < 1) samples = 1;
    note_least(r, sample, now);
    if (r->srtt == 0) {  // (2.2)
        r->srtt = sample;
        r->rttvar = sample / 2;
    } else {             // (2.3): RTTVAR first, because it uses the old SRTT
        nsec error = sample - r->srtt;
        nsec size = error < 0 ? -error : error;
        r->rttvar += (size - r->rttvar) / (4 * (nsec)samples);
        r->srtt += error / (8 * (nsec)samples);
        if (r->srtt < 1) r->srtt = 1;
    }
    r->backoff = 0;  // Karn: the first good sample ends the backoff
}

nsec rtt_rto(const struct tcp_rtt *r)
{
    nsec floor = USEC(r->floor_us), variance = 4 * r->rttvar > floor ? 4 * r->rttvar : floor;
    nsec first = r->syn_lost ? RTO_AFTER_SYN : RTO_INITIAL;
    nsec rto = r->srtt == 0 ? first : r->srtt + variance, most = rtt_rto_most(r);
    for (unsigned i = 0; i < r->backoff && rto < most; i++) rto *= 2;
    return rto < most ? rto : most;
}

void rtt_back_off(struct tcp_rtt *r)
{
    if (r->backoff < RTT_BACKOFF_MAX) r->backoff++;
}

nsec rtt_min(const struct tcp_rtt *r)
{
    return r->least[0] < r->least[1] ? r->least[0] : r->least[1];
}
