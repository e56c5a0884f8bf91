// csum.h - the Internet checksum (RFC 1071).
//
// All that is called a sum here is the folded 16-bit one's complement sum of big-endian words, as a
// number in host order, not inverted. Sums of parts add up to the sum of the whole, provided each
// part's offset in the whole is even; csum_append() takes care of the odd ones. The field in a
// header is the inverse of a sum, csum_field().
//
// 0x0000 and 0xffff are both zero in one's complement. Sums of real data never come out as 0x0000
// unless every byte is zero, so checks compare against 0xffff.
#ifndef CSUM_H
#define CSUM_H

#include "base/addr.h"

uint16_t csum_sum(const void *p, size_t len);

// The sum of two parts, each of which starts at an even offset.
static inline uint16_t csum_add(uint16_t a, uint16_t b)
{
    uint32_t sum = (uint32_t)a + b;
    return (uint16_t)(sum + (sum >> 16));
}

// The sum of `at` bytes so far, and of the part that follows them.
uint16_t csum_append(uint16_t sum, size_t at, uint16_t part);

// What TCP, UDP and ICMPv6 add in front (RFC 9293 §3.1, RFC 8200 §8.1). len is that of the segment,
// header and all.
uint16_t csum_pseudo(struct addr src, struct addr dst, uint8_t proto, size_t len);

static inline uint16_t csum_field(uint16_t sum) { return (uint16_t)~sum; }

// True if the bytes at p, checksum field among them, are sound. `before` is a pseudo header or 0.
static inline bool csum_ok(uint16_t before, const void *p, size_t len)
{
    return csum_add(before, csum_sum(p, len)) == 0xffff;
}

// A header field changes and its checksum with it, without the rest being read (RFC 1624, eqn. 3).
uint16_t csum_replace16(uint16_t field, uint16_t from, uint16_t to);
uint16_t csum_replace32(uint16_t field, uint32_t from, uint32_t to);

#endif
