// rng.c - see rng.h.
#include "base/rng.h"

static uint64_t rotl(uint64_t x, unsigned n) { return x << n | x >> (64 - n); }

// Each step is a bijection of the counter, so no seed gives the all-zero state xoshiro dies in.
static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void rng_seed(struct rng *r, uint64_t seed)
{
    for (size_t i = 0; i < ARRAY_LEN(r->s); i++) r->s[i] = splitmix(&seed);
}

uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

struct rng rng_fork(struct rng *r)
{
    struct rng child;
    rng_seed(&child, rng_next(r));
    return child;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    CHECK(n > 0);
    // 2^64 mod n values are too many for an even split; draws below that are thrown again.
    uint64_t excess = (0 - n) % n;
    uint64_t x;
    do x = rng_next(r); while (x < excess);
    return x % n;
}

bool rng_chance(struct rng *r, uint32_t ppm) { return rng_below(r, 1000000) < ppm; }

void rng_fill(struct rng *r, void *to, size_t len)
{
    uint8_t *p = to;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t x = rng_next(r);
        // Byte by byte, low first: the same bytes whatever the machine's order.
        for (size_t k = i; k < len && k < i + 8; k++, x >>= 8) p[k] = (uint8_t)x;
    }
}
