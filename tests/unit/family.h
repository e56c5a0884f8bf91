// family.h - the tests of a file by IPv4, and all of them once more by IPv6.
//
// family_add() puts each test into two cases; what differs between them is `family`, and what
// follows from it here. Hosts are 10.0.0.n or fd00::n. The MTU of a cable is 20 more by IPv6, as
// its header is: so an MSS is 1460 by both, and a test that counts bytes counts the same ones.
#ifndef FAMILY_H
#define FAMILY_H

#include <check.h>

#include "base/addr.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

static uint8_t family = FAMILY_IP4;  // of the test that runs

static inline void family_is_ip4(void) { family = FAMILY_IP4; }
static inline void family_is_ip6(void) { family = FAMILY_IP6; }

static inline void family_add(Suite *s, void (*tests)(TCase *tc))
{
    for (int i = 0; i < 2; i++) {
        TCase *tc = tcase_create(i == 0 ? "ip4" : "ip6");
        tcase_add_checked_fixture(tc, i == 0 ? family_is_ip4 : family_is_ip6, NULL);
        tests(tc);
        suite_add_tcase(s, tc);
    }
}

static inline struct addr family_addr(uint8_t n)
{
    if (family == FAMILY_IP4) return (struct addr){4, {10, 0, 0, n}};
    return (struct addr){6, {0xfd, [15] = n}};
}

static inline struct addr family_any(void) { return addr_any((enum family)family); }
static inline unsigned    family_bits(void) { return family == FAMILY_IP4 ? 24 : 64; }
static inline size_t      family_hdr(void) { return family == FAMILY_IP4 ? 20 : 40; }
static inline uint32_t    family_mtu(void) { return 1480 + (uint32_t)family_hdr(); }

// A packet without options or extensions, as both families have it.
struct family_packet { struct addr src, dst; uint8_t proto, tos, ttl; size_t len; };

// The header at b, before ip->len bytes of payload; a ttl of 0 is 64. Returns its length.
static inline size_t family_emit(const struct family_packet *ip, uint8_t *b)
{
    uint8_t ttl = ip->ttl != 0 ? ip->ttl : 64, dscp = ip->tos >> 2, ecn = ip->tos & 3;
    if (family == FAMILY_IP4)
        return ip4_emit(&(struct ip4_packet){.src = ip->src, .dst = ip->dst, .proto = ip->proto,
                                             .ttl = ttl, .dscp = dscp, .ecn = ecn,
                                             .total_len = (uint16_t)(ip->len + IP4_HDR_MIN)}, b);
    return ip6_emit(&(struct ip6_packet){.src = ip->src, .dst = ip->dst, .proto = ip->proto,
                                         .hop_limit = ttl, .dscp = dscp, .ecn = ecn,
                                         .payload_len = (uint16_t)ip->len}, b);
}

// Reads the n bytes at b, whatever the family; false: they are no IP packet.
static inline bool family_parse(struct family_packet *ip, const uint8_t *b, size_t n)
{
    struct ip4_packet four;
    struct ip6_packet six;
    if (n > 0 && b[0] >> 4 == 4 && ip4_parse(&four, b, n) == DROP_NONE)
        *ip = (struct family_packet){four.src, four.dst, four.proto,
                                     (uint8_t)(four.dscp << 2 | four.ecn), four.ttl,
                                     (size_t)four.total_len - four.hdr_len};
    else if (n > 0 && b[0] >> 4 == 6 && ip6_parse(&six, b, n) == DROP_NONE)
        *ip = (struct family_packet){six.src, six.dst, six.proto,
                                     (uint8_t)(six.dscp << 2 | six.ecn), six.hop_limit,
                                     IP6_HDR_LEN + (size_t)six.payload_len - six.hdr_len};
    else return false;
    return true;
}

#endif
