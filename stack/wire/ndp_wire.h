// ndp_wire.h - neighbour discovery (RFC 4861) as bytes, and as meaning.
//
// Five ICMPv6 types, each a fixed part and then options in units of eight bytes:
//
//     router solicitation   133   8 bytes          neighbour solicitation  135   24: target
//     router advertisement  134  16: lifetimes     neighbour advertisement 136   24: flags, target
//     redirect              137  40: target (the better first hop), dst
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +---------------+---------------+-------------------------------+
//     |     kind      |  len in eights|             body              |
//     +---------------+---------------+-------------------------------+
//
// One flat struct says what any of the five says; fields that the type has not are zero. Unknown
// options are passed over (§4.6). Whether the message may be believed - hop limit 255, its source,
// a target that is no group - depends on the packet around it, and is for net/ndp.c.
#ifndef NDP_WIRE_H
#define NDP_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"
#include "wire/icmp6_wire.h"

enum { NDP_PREFIX_MAX = 8, NDP_SERVERS_MAX = 4, NDP_HOP_LIMIT = 255 };
// A redirect's quote comes on top.
enum { NDP_EMIT_MAX = 40 + 4 * 8 + NDP_PREFIX_MAX * 32 + NDP_SERVERS_MAX * 16 };

// A prefix of a router advertisement (§4.6.2). Times are in seconds, UINT32_MAX is for ever.
struct ndp_prefix {
    struct prefix prefix;
    bool          on_link, autonomous;
    uint32_t      valid_s, preferred_s;
};

struct ndp_message {
    uint8_t           type, code;
    struct addr       target;                       // NEIGHBOUR_*, REDIRECT; else FAMILY_NONE
    struct addr       dst;                          // REDIRECT
    bool              router, solicited, override;  // NEIGHBOUR_ADVERT
    bool              managed, other;               // ROUTER_ADVERT from here on
    uint8_t           hop_limit;                    // 0: not said; so are all zeroes below
    uint16_t          lifetime_s;                   // 0: no default router
    uint32_t          reachable_ms, retrans_ms;
    bool              has_source_mac, has_target_mac;  // options
    struct mac        source_mac, target_mac;
    uint32_t          mtu;                          // 0: no such option
    uint8_t           prefixes;                     // used in prefix[]; more are passed over
    struct ndp_prefix prefix[NDP_PREFIX_MAX];
    uint8_t           servers;                      // that names are asked of (RFC 8106), in
    struct addr       server[NDP_SERVERS_MAX];      // server[]; more are passed over
    uint32_t          servers_s;                    // for how long; UINT32_MAX: for ever
    const uint8_t    *quoted;                       // REDIRECT: the packet that took the long way
    uint16_t          quoted_len;
};

// True of the five types above.
bool ndp_is_type(uint8_t icmp6_type);

// Reads the message at p, of which len bytes are there, from the ICMPv6 type on. m is written only
// on DROP_NONE; its quote lies within p.
enum drop ndp_parse(struct ndp_message *m, const uint8_t *p, size_t len);

// Writes the message at p, where NDP_EMIT_MAX + quoted_len bytes are free, and returns its length.
// A quote is cut to a multiple of eight. The checksum is left zero: it has a pseudo header.
size_t ndp_emit(const struct ndp_message *m, uint8_t *p);

#endif
