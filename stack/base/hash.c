// hash.c - see hash.h. The names v0..v3, c and d are the paper's.
#include "base/hash.h"

enum { C_ROUNDS = 2, D_ROUNDS = 4 };

struct sip { uint64_t v0, v1, v2, v3; };

static uint64_t rotl(uint64_t x, unsigned n) { return x << n | x >> (64 - n); }

// Little-endian, as the paper has it; len is at most 8.
static uint64_t load(const uint8_t *p, size_t len)
{
    uint64_t m = 0;
    for (size_t i = 0; i < len; i++) m |= (uint64_t)p[i] << (8 * i);
    return m;
}

static void sip_rounds(struct sip *s, int n)
{
    while (n-- > 0) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotl(s->v1, 13) ^ s->v0;
        s->v3 = rotl(s->v3, 16) ^ s->v2;
        s->v0 = rotl(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = rotl(s->v1, 17) ^ s->v2;
        s->v3 = rotl(s->v3, 21) ^ s->v0;
        s->v2 = rotl(s->v2, 32);
    }
}

static void take_word(struct sip *s, uint64_t m)
{
    s->v3 ^= m;
    sip_rounds(s, C_ROUNDS);
    s->v0 ^= m;
}

struct hash_key hash_key_of(const uint8_t bytes[16])
{
    return (struct hash_key){load(bytes, 8), load(bytes + 8, 8)};
}

uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len)
{
    const uint8_t *p = data;
    struct sip s = {
        .v0 = key->k0 ^ 0x736f6d6570736575, .v1 = key->k1 ^ 0x646f72616e646f6d,
        .v2 = key->k0 ^ 0x6c7967656e657261, .v3 = key->k1 ^ 0x7465646279746573,
    };
    size_t whole = len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) take_word(&s, load(p + i, 8));

    // The last word carries the rest and, in its top byte, the length modulo 256.
    uint64_t last = (uint64_t)len << 56;
    if (len > whole) last |= load(p + whole, len - whole);
    take_word(&s, last);

    s.v2 ^= 0xff;
    sip_rounds(&s, D_ROUNDS);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
