// rng.h - chance that can be repeated.
//
// xoshiro256** (Blackman and Vigna, 2018), its 256 bits of state filled from a 64-bit seed by
// splitmix64. Equal seeds give equal runs on every machine and compiler: integers only. It is fast
// and well spread, and it is no secret: what a peer must not guess comes from hash.h.
#ifndef RNG_H
#define RNG_H

#include "base/base.h"

struct rng { uint64_t s[4]; };

void     rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);

// A stream of its own, so that one user's draws do not shift another's.
struct rng rng_fork(struct rng *r);

// Even over 0..n-1, without the bias a plain remainder has. n is at least 1.
uint64_t rng_below(struct rng *r, uint64_t n);

// True in ppm of a million draws. It draws even for 0, so that setting a link's loss to nothing
// leaves the rest of the run as it was.
bool rng_chance(struct rng *r, uint32_t ppm);

void rng_fill(struct rng *r, void *to, size_t len);

#endif
