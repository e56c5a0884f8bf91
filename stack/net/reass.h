// reass.h - fragments on their way to be a packet again, for both families.
//
//     offset   0          1480       2960                    total
//     +--------+----------+----------+- - - - - - -+---------+
//     | first  |          |          |   missing   |  last   |     pieces, in order
//     +--------+----------+----------+- - - - - - -+---------+
//
// A datagram is known by its ends, its identification and, in IPv4, its protocol. Its pieces are
// the frames themselves, sorted by offset; what is missing lies between them (RFC 815's holes). It
// is whole when the pieces add up to the total that the last one told.
//
// Fragments are an old way to deceive. So two that overlap spoil the datagram, and what comes of it
// later dies too (RFC 5722, for both families); the very same fragment twice is passed over (RFC
// 8200 §4.5). There is a limit on bytes, over which the oldest datagram goes, one on pieces, and a
// time, after which the sender is told if the first piece is here.
#ifndef REASS_H
#define REASS_H

#include "net/netif.h"

enum { REASS_PIECES_MAX = 2048, REASS_MAX = 1024 };

// What is known of one fragment, which begins with its IP header.
struct fragment {
    struct ip_info info;
    uint32_t       id;
    uint32_t       at, len;  // of the payload, in bytes
    bool           more;
    uint16_t       frag_at;  // IPv6: where the fragment header lies, before the payload
};

int  reass_init(struct host *h);  // -ENOMEM
void reass_done(struct host *h);  // and, without a word, the frames in it
// Takes f. If it was the last that was missing, the whole packet, which begins with its IP header
// and is no fragment any more; else NULL.
struct frame *reass_add(struct host *h, struct frame *f, const struct fragment *fragment);
void reass_timer_fire(struct host *h, struct timer *t);

#endif
