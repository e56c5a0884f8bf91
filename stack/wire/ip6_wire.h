// ip6_wire.h - an IPv6 header and its extension headers (RFC 8200) as bytes, and as meaning.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------+-----------+---+-------+-------------------------------+
//     |   6   |    dscp   |ecn|                  flow                 |
//     +-------+-----------+---+-------+---------------+---------------+
//     |          payload_len          |     next      |   hop_limit   |
//     +-------------------------------+---------------+---------------+
//     |                         src (16 bytes)                        |
//     |                         dst (16 bytes)                        |
//     +---------------------------------------------------------------+
//     |  extension headers: hop-by-hop, destination, routing, fragment |
//     +---------------------------------------------------------------+
//
// Parsing walks the chain as far as a receiving host may: to the upper layer, or to the fragment
// header of a packet that must first be put together. The walk is bounded in headers; their lengths
// are checked against the packet. A chain that is well formed but must not be accepted - an unknown
// option that says so, a routing header with segments left - is no bad packet: RFC 8200 wants an
// ICMPv6 answer that points at the byte. So it parses, with `problem` and `problem_at` set, proto
// IP_PROTO_NONE, and the caller decides.
#ifndef IP6_WIRE_H
#define IP6_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"
#include "wire/ip_wire.h"

enum { IP6_HDR_LEN = 40, IP6_EXT_MAX = 8, IP6_OPTIONS_MAX = 32, IP6_MTU_MIN = 1280,
       IP6_FRAG_LEN = 8 };
enum { IP6_EMIT_MAX = IP6_HDR_LEN + 8 + 8 };  // with router alert and fragment header
enum { IP6_NEXT_HOP = 0, IP6_NEXT_ROUTING = 43, IP6_NEXT_FRAGMENT = 44, IP6_NEXT_DEST = 60 };

// What an extension header asks for, in terms of the answer (RFC 8200 §4, RFC 4443 §3.4).
enum ip6_problem {
    IP6_PROBLEM_NONE,
    IP6_PROBLEM_FIELD,         // Parameter Problem code 0: a routing header we do not follow
    IP6_PROBLEM_NEXT,          // code 1: hop-by-hop options not first
    IP6_PROBLEM_OPTION,        // code 2: an unknown option, answered even if sent to many
    IP6_PROBLEM_OPTION_TO_US,  // code 2, but no answer if sent to many
    IP6_PROBLEM_SILENT,        // an unknown option: drop, say nothing
};

struct ip6_hdr {
    uint8_t ver_class_flow[4];
    uint8_t payload_len[2], next, hop_limit;
    uint8_t src[16], dst[16];
};
static_assert(sizeof(struct ip6_hdr) == IP6_HDR_LEN, "ip6_hdr must match the wire");

struct ip6_packet {
    struct addr src, dst;
    uint16_t    payload_len;   // extension headers included, as on the wire
    uint32_t    flow;          // 20 bits
    uint8_t     dscp, ecn;
    uint8_t     hop_limit;
    uint8_t     proto;         // what follows the last header walked
    uint16_t    hdr_len;       // bytes before that
    bool        has_frag, mf;  // a fragment header was there
    uint16_t    frag_offset;   // in bytes
    uint32_t    frag_id;
    uint16_t    frag_at;       // where the fragment header starts
    uint16_t    frag_named_at; // where the Next Header field lies that says there is one
    uint16_t    next_at;       // where the Next Header field lies that gave proto
    bool        router_alert;  // RFC 2711 hop-by-hop option, value 0 (MLD)
    uint8_t     problem;       // enum ip6_problem
    uint16_t    problem_at;    // the offending byte
};

// A packet with a fragment header that is alone is whole already (RFC 6946).
static inline bool ip6_is_fragment(const struct ip6_packet *ip)
{
    return ip->has_frag && (ip->mf || ip->frag_offset > 0);
}

bool ip6_is_extension(uint8_t next);  // of the four kinds that the walk knows

// Reads the headers at p, of which len bytes are there; the payload fits in len. ip is written only
// on DROP_NONE.
enum drop ip6_parse(struct ip6_packet *ip, const uint8_t *p, size_t len);

// The same for a packet quoted in an ICMPv6 error: its headers are whole, its payload may be cut.
enum drop ip6_parse_quoted(struct ip6_packet *ip, const uint8_t *p, size_t len);

// Writes the headers at p, where IP6_EMIT_MAX bytes are free, and returns their length: the fixed
// one, then a router alert and a fragment header if asked. payload_len is the caller's and counts
// both; hdr_len, frag_at, frag_named_at, next_at and the problem are not read.
size_t ip6_emit(const struct ip6_packet *ip, uint8_t *p);

#endif
