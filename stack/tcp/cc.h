// cc.h - congestion control behind one vtable: how much may be in the network.
//
// An algorithm sees numbers, never a connection: what an ACK delivered, round trips, the windows.
// It owns cwnd and ssthresh while all goes well. In recovery PRR (tcp_loss.c) steers cwnd towards
// the ssthresh that the algorithm chose at the loss, so every algorithm recovers alike.
//
// To add one: a file cc_NAME.c with a `const struct cc`, its state in the union, its name at the
// end, a row in cc.c.
#ifndef CC_H
#define CC_H

#include "base/base.h"
#include "base/words.h"
#include "tcp/rate.h"

struct ng_cc_info;

enum { CC_INITIAL_SEGMENTS = 10, CC_MIN_SEGMENTS = 2 };  // RFC 6928; RFC 5681 §3.1

#define CC_SSTHRESH_MAX UINT32_MAX  // "arbitrarily high" (RFC 5681 §3.1)

struct newreno { uint32_t counted; };  // bytes acknowledged towards the next step

struct dctcp {
    uint32_t   alpha;          // the smoothed share of marked bytes, of 1024
    uint32_t   acked, marked;  // bytes of this round
    uint32_t   counted;        // as newreno's
    struct seq round_end;
    bool       in_round;
};

struct cubic {
    uint32_t epoch_ms;         // when this growth began, if it has
    uint32_t last_ms;          // the last ACK, so that idle time does not count
    uint32_t w_max, w_est;     // bytes
    union { uint32_t w_before; uint32_t last_cwnd; };  // at the last cut; at Linux's last look
    uint32_t k_ms;
    uint32_t grown, est_part;  // remainders of the two divisions
    // HyStart++ (RFC 9406)
    // The least round trips; in Linux's own: round_us, the least ever, the train's beginning.
    uint32_t   round_us;
    union { uint32_t last_us; uint32_t delay_us; };
    union { uint32_t baseline_us; uint32_t train_from_us; };
    struct seq round_end;
    uint8_t    samples, css_rounds;
    bool       in_epoch, in_css, in_round;
    // Linux's HyStart: it has ended slow start; the last ACK of a train
    bool       found;
    uint32_t   train_last_us, cnt, origin;  // and its count; segments
};

struct vegas {
    uint32_t   base_us, least_us;  // least round trip of all, and of this round
    uint32_t   counted;            // as newreno's
    struct seq round_end;
    uint8_t    samples;
    bool       in_round;
};

struct bbr {
    uint32_t bw[3];            // the greatest bandwidth, and who follows it; bytes a second
    uint16_t bw_round[3];      // and the rounds they are of
    uint16_t round;
    uint32_t next_round;       // of bytes delivered: where the round ends
    uint32_t rtprop_us, rtprop_ms;  // least round trip, and when it was seen
    uint32_t phase_us;         // when this phase began, or the probing for rtprop
    uint32_t full_bw;          // what three rounds have to surpass
    uint32_t rate, prior_cwnd;
    uint8_t  mode, phase, full_rounds, recovery;
    bool     full : 1, round_start : 1, conserve : 1, probing : 1, probed_round : 1,
             restarted : 1;
};

struct cc_state {
    uint32_t cwnd, ssthresh, mss;  // bytes
    union { struct newreno newreno; struct cubic cubic; struct dctcp dctcp; struct vegas vegas;
            struct bbr bbr; };
};

// What one ACK of new data tells.
struct cc_ack {
    nsec       now;
    uint32_t   acked;          // bytes delivered
    uint32_t   marked;         // of them, by an ACK with ECE
    nsec       rtt, srtt;      // of this ACK (0: no sample) and smoothed (0: none yet)
    struct seq una, nxt;
    bool       limited;        // by cwnd: else there is no reason to grow (RFC 7661)
    // For those that control:
    enum cc_recovery { CC_OPEN, CC_FAST, CC_TIMEOUT } recovery;
    uint32_t   flight, flight_before;  // in the network, after this ACK and before it
    uint32_t   lost;           // found lost by this ACK
    uint64_t   delivered;      // in all
    struct rate_sample rate;
    uint8_t    hystart;        // 0: HyStart++; else Linux's, by these signs
    bool       paced;
    uint64_t   pacing;         // its rate, bytes a second
};

enum { HYSTART_TRAIN = 1, HYSTART_DELAY = 2, HYSTART_LINUX = 4 };

struct cc {
    const char *name;
    bool        precise_ecn;  // asks for ECN, and for an ECE of each mark (RFC 8257)
    void          (*init)(struct cc_state *s);
    enum cwnd_why (*acked)(struct cc_state *s, const struct cc_ack *a);  // not in recovery
    // In place of acked: called in recovery too, and cwnd is its own, but for an RTO.
    enum cwnd_why (*control)(struct cc_state *s, const struct cc_ack *a);
    // A loss was found: the new ssthresh. flight: bytes in flight before it.
    uint32_t      (*ssthresh)(struct cc_state *s, uint32_t flight);
    uint32_t      (*marked)(struct cc_state *s, uint32_t flight);  // likewise, by ECN; or NULL
    // Bytes a second at which it wants to be paced; 0: not known yet. NULL: as cwnd says.
    uint64_t      (*rate)(const struct cc_state *s);
    // After idle and, of those that do not control, after recovery and RTO; or NULL.
    void          (*restart)(struct cc_state *s, nsec now);
    // Bytes go out again; the last went at `since`, and all were acknowledged. Or NULL.
    void          (*resume)(struct cc_state *s, nsec since, nsec now);
    void          (*tell)(const struct cc_state *s, struct ng_cc_info *info);  // or NULL
};

extern const struct cc cc_newreno, cc_cubic, cc_dctcp, cc_vegas, cc_bbr;

// Slow start, and one segment a round trip (RFC 5681 §3.1); counted is the algorithm's remainder.
enum cwnd_why cc_reno_grow(struct cc_state *s, uint32_t *counted, const struct cc_ack *a);

const struct cc *cc_find(const char *name);  // NULL: none has that name
// The initial window of RFC 6928: ten segments, but no more than 14600 bytes or two segments.
uint32_t         cc_initial_window(uint32_t mss);

static inline uint32_t cc_add(uint32_t cwnd, uint64_t n)
{
    return n > UINT32_MAX / 2 - cwnd ? UINT32_MAX / 2 : cwnd + (uint32_t)n;
}

#endif
