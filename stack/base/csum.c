// csum.c - see csum.h.
//
// One's complement addition does not care in which order bytes lie in a word, as long as it is the
// same everywhere (RFC 1071 §2 (B)). So words are loaded 8 bytes at a time in the machine's own
// order, and only the result is turned around. Four accumulators keep the additions independent.
#include "base/csum.h"

static uint64_t load64(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

// The carry that leaves at the top comes back in at the bottom.
static uint64_t add64(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

static uint16_t fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t csum_sum(const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (; len >= 32; p += 32, len -= 32) {
        a = add64(a, load64(p));
        b = add64(b, load64(p + 8));
        c = add64(c, load64(p + 16));
        d = add64(d, load64(p + 24));
    }
    for (; len >= 8; p += 8, len -= 8) a = add64(a, load64(p));
    if (len > 0) {
        uint64_t rest = 0;
        memcpy(&rest, p, len);  // an odd byte is followed by a zero one, as RFC 1071 pads it
        b = add64(b, rest);
    }

    uint16_t sum = fold(add64(add64(a, b), add64(c, d)));
    uint8_t bytes[2];
    memcpy(bytes, &sum, sizeof sum);
    return get16(bytes);
}

uint16_t csum_append(uint16_t sum, size_t at, uint16_t part)
{
    if (at % 2 != 0) part = (uint16_t)(part << 8 | part >> 8);
    return csum_add(sum, part);
}

uint16_t csum_pseudo(struct addr src, struct addr dst, uint8_t proto, size_t len)
{
    CHECK(len <= UINT32_MAX);
    uint16_t sum = csum_add(csum_sum(src.b, sizeof src.b), csum_sum(dst.b, sizeof dst.b));
    sum = csum_add(sum, proto);
    sum = csum_add(sum, (uint16_t)(len >> 16));
    return csum_add(sum, (uint16_t)len);
}

uint16_t csum_replace16(uint16_t field, uint16_t from, uint16_t to)
{
    return csum_field(csum_add(csum_add(csum_field(field), csum_field(from)), to));
}

uint16_t csum_replace32(uint16_t field, uint32_t from, uint32_t to)
{
    field = csum_replace16(field, (uint16_t)(from >> 16), (uint16_t)(to >> 16));
    return csum_replace16(field, (uint16_t)from, (uint16_t)to);
}
