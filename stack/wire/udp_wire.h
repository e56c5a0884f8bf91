// udp_wire.h - a UDP header (RFC 768) as bytes, and as meaning.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |             sport             |             dport             |
//     +-------------------------------+-------------------------------+
//     |              len              |             csum              |
//     +-------------------------------+-------------------------------+
//
// A checksum of zero means "none", so one that comes out as zero is sent as 0xffff. IPv6 forbids
// "none" (RFC 8200 §8.1); that is for udp/ to say, which knows what the datagram came in.
#ifndef UDP_WIRE_H
#define UDP_WIRE_H

#include "base/base.h"
#include "base/words.h"

enum { UDP_HDR_LEN = 8 };

struct udp_hdr { uint8_t sport[2], dport[2], len[2], csum[2]; };
static_assert(sizeof(struct udp_hdr) == UDP_HDR_LEN, "udp_hdr must match the wire");

struct udp_datagram {
    uint16_t sport, dport;
    uint16_t len;       // header and payload
    uint16_t csum;      // as on the wire; 0 is none
};

// Reads the header at p, of which len bytes are there. udp is written only on DROP_NONE.
enum drop udp_parse(struct udp_datagram *udp, const uint8_t *p, size_t len);

// Writes the header at p, where UDP_HDR_LEN bytes are free, and returns its length. The checksum is
// the caller's, who knows the payload: 0, then udp_csum_field() of the whole.
size_t udp_emit(const struct udp_datagram *udp, uint8_t *p);

// The field for a sum (see csum.h): its inverse, but never 0.
uint16_t udp_csum_field(uint16_t sum);

#endif
