// ip4_wire.h - an IPv4 header (RFC 791) as bytes, and as meaning.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------+-------+-----------+---+-------------------------------+
//     |   4   |  ihl  |    dscp   |ecn|           total_len           |
//     +-------+-------+-----------+---+-+-+-+-------------------------+
//     |              id               |0|D|M|       frag_offset       |
//     +---------------+---------------+-+-+-+-------------------------+
//     |      ttl      |     proto     |             csum              |
//     +---------------+---------------+-------------------------------+
//     |                              src                              |
//     +---------------------------------------------------------------+
//     |                              dst                              |
//     +---------------------------------------------------------------+
//     |                 opts: 0..40 bytes, in 32-bit words            |
//     +---------------------------------------------------------------+
//
// Options are checked for their lengths and passed over; of the two kinds that change what a host
// does, the presence is noted. The header checksum is a question of its own, ip4_csum_ok(), because
// a quoted header inside an ICMP error need not have a right one.
#ifndef IP4_WIRE_H
#define IP4_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"
#include "wire/ip_wire.h"

enum { IP4_HDR_MIN = 20, IP4_HDR_MAX = 60, IP4_LEN_MAX = 65535, IP4_MTU_MIN = 68 };
enum { IP4_FRAG_DF = 0x4000, IP4_FRAG_MF = 0x2000 };  // of the field that holds the offset

struct ip4_hdr {
    uint8_t ver_ihl, tos, total_len[2];
    uint8_t id[2], frag[2];
    uint8_t ttl, proto, csum[2];
    uint8_t src[4], dst[4];
    uint8_t opts[];
};
static_assert(sizeof(struct ip4_hdr) == IP4_HDR_MIN, "ip4_hdr must match the wire");

struct ip4_packet {
    struct addr src, dst;
    uint16_t    total_len;     // header and payload; what lies behind is padding
    uint16_t    id;
    uint16_t    frag_offset;   // in bytes
    bool        df, mf;
    uint8_t     ttl, proto;
    uint8_t     dscp, ecn;
    uint8_t     hdr_len;       // bytes, options included
    bool        router_alert;  // RFC 2113; the one option we also emit
    bool        source_route;  // loose or strict: someone else chose the way
    bool        source_route_left;  // and it goes on from here
};

static inline bool ip4_is_fragment(const struct ip4_packet *ip)
{
    return ip->mf || ip->frag_offset > 0;
}

// Reads the header at p, of which len bytes are there; total_len fits in len. ip is written only on
// DROP_NONE.
enum drop ip4_parse(struct ip4_packet *ip, const uint8_t *p, size_t len);

// The same for a packet quoted in an ICMP error: its header is whole, its payload may be cut short.
enum drop ip4_parse_quoted(struct ip4_packet *ip, const uint8_t *p, size_t len);

// Where in a header the option is that ip4_parse refused with DROP_IP4_BAD_OPTION.
uint8_t ip4_bad_option(const uint8_t *p, size_t hdr_len);

// For a header that ip4_parse() has read, or that only has a bad option.
bool ip4_csum_ok(const uint8_t *p, size_t hdr_len);

// Writes the checksum of a header whose bytes were changed.
void ip4_fix_csum(uint8_t *p, size_t hdr_len);

// Writes the header at p, where IP4_HDR_MAX bytes are free, checksum included, and returns its
// length. total_len is the caller's; hdr_len is not read but computed.
size_t ip4_emit(const struct ip4_packet *ip, uint8_t *p);

#endif
