// hash.h - SipHash-2-4: a hash nobody can steer without the key.
//
// Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012). Peers choose the bytes we hash
// - addresses, ports, cookies - so an unkeyed hash would let them choose the bucket too. Each host
// has one key. From it come table buckets, initial sequence numbers (RFC 6528), port offsets (RFC
// 6056), SYN cookies and Fast Open cookies; each use hashes a different first byte, so that no
// answer of one use is an answer of another.
#ifndef HASH_H
#define HASH_H

#include "base/base.h"

struct hash_key { uint64_t k0, k1; };

struct hash_key hash_key_of(const uint8_t bytes[16]);
uint64_t        hash_bytes(const struct hash_key *key, const void *data, size_t len);

#endif
