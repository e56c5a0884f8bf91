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

enum { TCP_HDR_MIN = 20, TCP_HDR_MAX = 60, TCP_SACK_MAX = 4, TCP_WSCALE_MAX = 14,
       TCP_OPTS_MAX = TCP_HDR_MAX - TCP_HDR_MIN, TCP_COOKIE_MIN = 4, TCP_COOKIE_MAX = 16 };

enum tcp_option_kind { TCP_OPT_END = 0, TCP_OPT_NOP = 1, TCP_OPT_MSS = 2, TCP_OPT_WSCALE = 3,
                       TCP_OPT_SACK_OK = 4, TCP_OPT_SACK = 5, TCP_OPT_TS = 8, TCP_OPT_MD5 = 19,
                       TCP_OPT_AO = 29, TCP_OPT_FASTOPEN = 34, TCP_OPT_EXPERIMENT = 254 };

enum { TCP_EXPERIMENT_FASTOPEN = 0xf989 };  // RFC 7413 §4.1.1: which experiment kind 254 is

struct tcp_hdr {
    uint8_t sport[2], dport[2];
    uint8_t seq[4], ack[4];
    uint8_t off, flags, wnd[2];
    uint8_t csum[2], urg[2];
    uint8_t opts[];
};
static_assert(sizeof(struct tcp_hdr) == TCP_HDR_MIN, "tcp_hdr must match the wire");

// A Fast Open cookie as raw bytes (RFC 7413 §4.1.1). Of length 0 it asks for one.
struct tcp_cookie { uint8_t len, bytes[TCP_COOKIE_MAX]; };

struct tcp_opts {
    bool       has_mss, has_wscale, has_sack_ok, has_ts;
    bool       has_fastopen, fastopen_old;  // old: as experiment 0xf989 of kind 254
    uint8_t    wscale;
    uint8_t    sacks;  // blocks used in sack[]
    uint16_t   mss;
    uint32_t   ts_val, ts_ecr;
    struct { struct seq from, to; } sack[TCP_SACK_MAX];
    struct tcp_cookie fastopen;
};

struct tcp_seg {
    uint16_t        sport, dport;
    struct seq      seq, ack;
    uint16_t        wnd;      // as on the wire, not scaled yet
    uint16_t        urg;      // counts from seq; means something only with TCP_URG
    uint8_t         flags;
    uint8_t         hdr_len;  // bytes, options included
    struct tcp_opts opts;
};

// Reads the header at p, of which len bytes are there. seg is written only on DROP_NONE.
enum drop tcp_parse(struct tcp_seg *seg, const uint8_t *p, size_t len);

// Writes the header at p, where TCP_HDR_MAX bytes are free, and returns its length.
// The checksum is left zero: it covers the payload, and often the device computes it.
//
// Options come in blocks of four bytes and in the order Linux has them, so that every field is
// aligned and a trace of ours compares with one of theirs. SACK blocks that no longer fit are left
// out, the last first; all the others always fit together.
size_t tcp_emit(const struct tcp_seg *seg, uint8_t *p);

// How many bytes tcp_emit will spend on these options: a segment's payload has that much less room.
size_t tcp_opts_len(const struct tcp_opts *opts);

// One option as it lies there: kind, and the bytes behind kind and length.
struct tcp_option {
    uint8_t        kind, len;  // of body
    const uint8_t *body;
};

enum tcp_option_step { TCP_OPTION_DONE, TCP_OPTION_ONE, TCP_OPTION_BAD };

// Takes the option at *at and moves behind it. BAD if it runs past end or lies about its length.
enum tcp_option_step tcp_option_next(struct tcp_option *o, const uint8_t **at, const uint8_t *end);

#endif
