// tcp_wire.h - a TCP header as bytes, and as meaning.
//
// Two forms, and one function each way. `struct tcp_hdr` is the header as it lies in a frame: byte
// arrays only, so it has no padding, no alignment and no byte order of its own. `struct tcp_seg` is
// what the header says, in host order. Only tcp_parse() and tcp_emit() know both.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |             sport             |             dport             |
//     +-------------------------------+-------------------------------+
//     |                              seq                              |
//     +---------------------------------------------------------------+
//     |                              ack                              |
//     +-------+-------+---------------+-------------------------------+
//     |  off  | rsvd  |     flags     |              wnd              |
//     +-------+-------+---------------+-------------------------------+
//     |             csum              |              urg              |
//     +-------------------------------+-------------------------------+
//     |                 opts: 0..40 bytes, in 32-bit words            |
//     +---------------------------------------------------------------+
#ifndef TCP_WIRE_H
#define TCP_WIRE_H

#include "base/base.h"
#include "base/words.h"

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08,
       TCP_ACK = 0x10, TCP_URG = 0x20, TCP_ECE = 0x40, TCP_CWR = 0x80 };

enum { TCP_HDR_MIN = 20, TCP_HDR_MAX = 60, TCP_SACK_MAX = 4, TCP_WSCALE_MAX = 14 };

struct tcp_hdr {
    uint8_t sport[2], dport[2];
    uint8_t seq[4], ack[4];
    uint8_t off, flags, wnd[2];
    uint8_t csum[2], urg[2];
    uint8_t opts[];
};
static_assert(sizeof(struct tcp_hdr) == TCP_HDR_MIN, "tcp_hdr must match the wire");

struct tcp_opts {
    bool       has_mss, has_wscale, has_sack_ok, has_ts;
    uint8_t    wscale;
    uint8_t    sacks;  // blocks used in sack[]
    uint16_t   mss;
    uint32_t   ts_val, ts_ecr;
    struct { struct seq from, to; } sack[TCP_SACK_MAX];
};

struct tcp_seg {
    uint16_t        sport, dport;
    struct seq      seq, ack;
    uint16_t        wnd;      // as on the wire, not scaled yet
    uint8_t         flags;
    uint8_t         hdr_len;  // bytes, options included
    struct tcp_opts opts;
};

// Reads the header at p, of which len bytes are there. seg is written only on DROP_NONE.
enum drop tcp_parse(struct tcp_seg *seg, const uint8_t *p, size_t len);

// Writes the header at p, where TCP_HDR_MAX bytes are free, and returns its length.
// The checksum is left zero: it covers the payload, and often the device computes it.
size_t tcp_emit(const struct tcp_seg *seg, uint8_t *p);

#endif
