// tcp_rtt.h - how long a round trip takes, and how long to wait for one: RFC 6298.
//
// SRTT and RTTVAR are kept in nanoseconds with no fraction: at a nanosecond's resolution the error
// of a shift is nothing. RTO = SRTT + max(4 * RTTVAR, floor). Linux: the floor (200 ms) bounds the
// variance term, not the sum, so a path of 100 ms has an RTO of 300 ms; RFC 6298 §2.4's one second
// is the floor's other setting. At most as many samples count as a round trip has
// (RFC 7323 §4.2): with n of them the gains are divided by n.
#ifndef TCP_RTT_H
#define TCP_RTT_H

#include "base/base.h"

enum { RTT_BACKOFF_MAX = 16 };

struct tcp_rtt {
    nsec    srtt, rttvar;   // srtt 0: no sample yet
    nsec    least[2];       // minimum of the present and of the last window of RTT_MIN_WINDOW
    nsec    least_since;
    uint32_t floor_us;      // of the variance term
    uint16_t most_cs;       // an RTO is at most so long, in hundredths of a second
    uint8_t backoff;        // how often the RTO was doubled
    bool    syn_lost;       // a SYN had to go twice: until a sample comes the RTO is longer (5.7)
};

#define RTO_INITIAL    SEC(1)    // RFC 6298 (2.1)
#define RTO_AFTER_SYN  SEC(3)    // (5.7)
#define RTT_MIN_WINDOW SEC(300)

void rtt_init(struct tcp_rtt *r, nsec floor, nsec most);  // most: an RTO's (2.5)
// A sample, never of a segment sent twice (Karn, MUST-18); samples: how many a round trip brings.
void rtt_sample(struct tcp_rtt *r, nsec sample, uint32_t samples, nsec now);
nsec rtt_rto(const struct tcp_rtt *r);  // with backoff
static inline nsec rtt_rto_most(const struct tcp_rtt *r)
{
    return r->most_cs == 0 ? SEC(120) : MSEC(10) * r->most_cs;  // 0: it was no connection yet
}
void rtt_back_off(struct tcp_rtt *r);   // (5.5)
nsec rtt_min(const struct tcp_rtt *r);  // 0: no sample yet

#endif
