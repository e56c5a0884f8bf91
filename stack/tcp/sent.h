// sent.h - the scoreboard: what was sent, when, and what is known of its fate.
//
//      una                                                            nxt
//       | rec 0      | rec 1 SACKED | rec 2 LOST | rec 3 AGAIN | rec 4 |
//       +------------+--------------+------------+-------------+-------+
//
// A record is a run of sequence numbers that were sent together and share a fate; SYN and FIN count
// as one number each. Records are split where a SACK block, an ACK or a retransmission cuts them,
// and SACKed neighbours melt into one, so that the board stays as small as the number of holes.
//
// Two orders: by sequence, an array of slots found by binary search; and by time of the last
// transmission, a list through the slots, which is what RACK walks (RFC 8985 §6.2). SACKed and LOST
// records are not in the list: nothing more can be learned from waiting for them.
//
// What is true only of the bytes in flight (struct flight) stands in the same block, and goes with
// the last of them: an idle connection pays for none of it.
//
//     | slots, cap of them | order, cap numbers | flight |
//
// Invariants: records are adjacent from una to nxt; total, sacked, lost and again are the bytes of
// all, SACKED, LOST and AGAIN records; no record is both SACKED and LOST.
#ifndef SENT_H
#define SENT_H

#include "core/block.h"
#include "tcp/rate.h"

enum { REC_SACKED = 1,  // the peer holds it
       REC_LOST = 2,    // taken for lost, and not sent again yet
       REC_AGAIN = 4,   // was sent more than once: no RTT sample (Karn)
       REC_TIMEOUT = 8,    // was taken for lost by the RTO
       REC_REPAIR = 32,    // was taken for lost, and is on its way again
       REC_PUSH = 16,      // its end was the end of what was written, and is pushed again
       REC_RESIZED = 64 }; // was longer than its path takes

enum { SENT_NONE = UINT32_MAX, SENT_RECORDS_MAX = 65536 };

struct sent_rec {
    struct seq seq;
    uint32_t   len;
    nsec       at;              // of the last transmission
    struct rate_mark mark;
    uint32_t   older, newer;    // neighbours in time, or SENT_NONE
    uint8_t    flags;
    uint8_t    tries;           // retransmissions, saturating
    bool       timed;           // in the list by time
};

// Proportional rate reduction (RFC 6937).
struct prr { uint32_t flight, delivered, out; };

// Of the next flight all is zero at first.
struct flight {
    nsec       delivered_at, began_at;  // see rate.h
    nsec       rack_at;                 // RACK (RFC 8985 §5.2): of all that arrived, what was
    struct seq rack_end;                // sent last
    bool       rack_any, rack_again;    // any did; it was a retransmission
    struct prr prr;
};

struct sent_board {
    struct sent_rec *rec;       // slots: the beginning of the block; NULL: it rests
    uint32_t         cap, first, count;
    uint32_t         free;      // list of unused slots, by `newer`
    uint32_t         oldest, newest;  // by time
    uint32_t         total, sacked, lost, again;
    struct seq       una, nxt, high_sacked;  // high_sacked: the end of the highest SACKed byte
};

// What one ACK told: gathered by sent_ack and sent_sack, read by loss and congestion control.
struct sent_news {
    struct seq high;          // set by the caller: high_sacked before this ACK
    uint32_t acked, sacked;   // bytes newly acknowledged (not SACKed before), newly SACKed
    bool     any;             // something was delivered, and of it the record sent last has:
    bool     newest_again;    // it was a retransmission
    nsec     newest_at;
    struct seq newest_end;
    struct seq top_end;       // of the highest that was delivered: by the ACK itself, else by SACK
    nsec     top_at;
    bool     top_acked;
    struct rate_mark mark;
    bool     has_once;        // something sent only once was delivered; of those the first's time
    nsec     once_at;
    struct seq once_end;      // and the lowest end of those
    bool     reordered;       // a record below `high`, sent once, was delivered: the lowest is at
    struct seq low;
    bool     again;           // something sent more than once was acknowledged
    bool     marked;          // set by the caller: the ACK has ECE
    struct rate_sample rate;  // set by the caller
    bool     echo_older;      // set by the caller: the echo is older than that last transmission
};

void sent_init(struct sent_board *s, struct seq una);
void sent_free(struct sent_board *s, struct pool *p);
// An empty board owns no memory after this.
void sent_rest(struct sent_board *s, struct pool *p);
// Room for n more records, so that what follows cannot fail. False: no memory.
bool sent_reserve(struct sent_board *s, struct pool *p, uint32_t n);
// New bytes at nxt; a record must be reserved.
void sent_add(struct sent_board *s, uint32_t len, nsec now, const struct rate_mark *mark);
// All below ack is delivered. ack is in [una, nxt].
void sent_ack(struct sent_board *s, struct seq ack, struct sent_news *news);
// The peer says that it holds [from, to). Splits need two reserved records.
void sent_sack(struct sent_board *s, struct seq from, struct seq to, struct sent_news *news);
// Slots by sequence: order[first .. first + count).
static inline uint32_t *sent_order(const struct sent_board *s)
{
    return (uint32_t *)(void *)(s->rec + s->cap);
}
// NULL while the board rests.
static inline struct flight *sent_flight(const struct sent_board *s)
{
    return s->rec == NULL ? NULL : (struct flight *)(void *)(sent_order(s) + s->cap);
}
// A record as a number: 0 is the oldest by sequence. The pointer lives until the next change.
static inline struct sent_rec *sent_at(const struct sent_board *s, uint32_t i)
{
    return &s->rec[sent_order(s)[s->first + i]];
}
// The first record with its end above seq, or count.
uint32_t sent_find(const struct sent_board *s, struct seq seq);
// Cuts record i after len bytes (fewer than it has); one record must be reserved.
void sent_split(struct sent_board *s, uint32_t i, uint32_t len);
void sent_mark_lost(struct sent_board *s, uint32_t i);
// Record i goes out again now.
void sent_mark_again(struct sent_board *s, uint32_t i, nsec now, const struct rate_mark *mark);
// The first LOST record, or count.
uint32_t sent_next_lost(const struct sent_board *s);
// A false alarm: nothing is lost any more.
void sent_forgive(struct sent_board *s);
// The peer may have thrown away what it SACKed (RFC 2018 §8): forget the SACKs.
void sent_forget_sacks(struct sent_board *s);

// Bytes in the network: RFC 6675's pipe. What was SACKed has left it, what is lost too.
static inline uint32_t sent_pipe(const struct sent_board *s)
{
    return s->total - s->sacked - s->lost;
}

#endif
