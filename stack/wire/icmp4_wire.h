// icmp4_wire.h - an ICMP message (RFC 792) as bytes, and as meaning.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +---------------+---------------+-------------------------------+
//     |     type      |     code      |             csum              |
//     +---------------+---------------+-------------------------------+
//     |  rest: id and seq, or mtu, or gateway, or pointer, or unused  |
//     +---------------------------------------------------------------+
//     |  body: what was pinged, or the start of the packet at fault   |
//     +---------------------------------------------------------------+
//
// Only the fields that the type has are read and written; all others are zero.
#ifndef ICMP4_WIRE_H
#define ICMP4_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"

enum { ICMP4_HDR_LEN = 8 };

enum icmp4_type { ICMP4_ECHO_REPLY = 0, ICMP4_UNREACHABLE = 3, ICMP4_QUENCH = 4, ICMP4_REDIRECT = 5,
                  ICMP4_ECHO = 8, ICMP4_TIME_EXCEEDED = 11, ICMP4_PARAM_PROBLEM = 12 };

enum icmp4_unreachable { ICMP4_NET = 0, ICMP4_HOST = 1, ICMP4_PROTO = 2, ICMP4_PORT = 3,
                         ICMP4_FRAG_NEEDED = 4, ICMP4_ADMIN = 13 };

enum icmp4_time { ICMP4_TTL = 0, ICMP4_REASSEMBLY = 1 };  // codes of TIME_EXCEEDED

struct icmp4_hdr { uint8_t type, code, csum[2], rest[4]; };
static_assert(sizeof(struct icmp4_hdr) == ICMP4_HDR_LEN, "icmp4_hdr must match the wire");

struct icmp4_message {
    uint8_t     type, code;
    uint16_t    id, seq;  // ECHO, ECHO_REPLY
    uint16_t    mtu;      // UNREACHABLE with FRAG_NEEDED (RFC 1191 §4); 0 if the router is old
    uint8_t     pointer;  // PARAM_PROBLEM
    struct addr gateway;  // REDIRECT; else of FAMILY_NONE
};

// Errors quote a packet, and no error is ever answered by an error (RFC 1122 §3.2.2).
bool icmp4_is_error(uint8_t type);

// Reads the header at p, of which len bytes are there. m is written only on DROP_NONE.
enum drop icmp4_parse(struct icmp4_message *m, const uint8_t *p, size_t len);

// Writes the header at p, where ICMP4_HDR_LEN bytes are free, and returns its length. The checksum
// is left zero: it covers the body too.
size_t icmp4_emit(const struct icmp4_message *m, uint8_t *p);

#endif
