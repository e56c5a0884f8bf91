// icmp6_wire.h - an ICMPv6 message (RFC 4443) as bytes, and as meaning.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +---------------+---------------+-------------------------------+
//     |     type      |     code      |             csum              |
//     +---------------+---------------+-------------------------------+
//     |        rest: id and seq, or mtu, or pointer, or unused        |
//     +---------------------------------------------------------------+
//     |  body: what was pinged, or the start of the packet at fault   |
//     +---------------------------------------------------------------+
//
// Errors have types below 128. Neighbour discovery and MLD share the first four bytes; what their
// types mean is in ndp_wire.h and igmp_wire.h. The checksum has a pseudo header, unlike ICMPv4's
// (RFC 4443 §2.3).
#ifndef ICMP6_WIRE_H
#define ICMP6_WIRE_H

#include "base/base.h"
#include "base/words.h"

enum { ICMP6_HDR_LEN = 8 };

enum icmp6_type { ICMP6_UNREACHABLE = 1, ICMP6_TOO_BIG = 2, ICMP6_TIME_EXCEEDED = 3,
                  ICMP6_PARAM_PROBLEM = 4, ICMP6_ECHO = 128, ICMP6_ECHO_REPLY = 129,
                  ICMP6_MLD_QUERY = 130, ICMP6_MLD_REPORT = 131, ICMP6_MLD_DONE = 132,
                  ICMP6_ROUTER_SOLICIT = 133, ICMP6_ROUTER_ADVERT = 134,
                  ICMP6_NEIGHBOUR_SOLICIT = 135, ICMP6_NEIGHBOUR_ADVERT = 136,
                  ICMP6_REDIRECT = 137, ICMP6_MLD2_REPORT = 143 };

enum icmp6_unreachable { ICMP6_NO_ROUTE = 0, ICMP6_ADMIN = 1, ICMP6_SCOPE = 2, ICMP6_ADDRESS = 3,
                         ICMP6_PORT = 4 };

enum icmp6_time { ICMP6_HOP_LIMIT = 0, ICMP6_REASSEMBLY = 1 };  // codes of TIME_EXCEEDED

struct icmp6_hdr { uint8_t type, code, csum[2], rest[4]; };
static_assert(sizeof(struct icmp6_hdr) == ICMP6_HDR_LEN, "icmp6_hdr must match the wire");

struct icmp6_message {
    uint8_t  type, code;
    uint16_t id, seq;   // ECHO, ECHO_REPLY
    uint32_t mtu;       // TOO_BIG
    uint32_t pointer;   // PARAM_PROBLEM
};

static inline bool icmp6_is_error(uint8_t type) { return type < 128; }

// Reads the header at p, of which len bytes are there. m is written only on DROP_NONE.
enum drop icmp6_parse(struct icmp6_message *m, const uint8_t *p, size_t len);

// Writes the header at p, where ICMP6_HDR_LEN bytes are free, and returns its length. The checksum
// is left zero: it covers the body and a pseudo header too.
size_t icmp6_emit(const struct icmp6_message *m, uint8_t *p);

#endif
