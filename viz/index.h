// index.h - from a 64-bit key to a small number: frames by id, sockets by host and number.
//
// Open addressing with linear probing; keys are never removed (a recording forgets nothing), only
// given another number. Keys that follow each other lie together, eight in a run, because frames
// are numbered in the order they are spoken of. Zeroed is empty.
#ifndef INDEX_H
#define INDEX_H

#include "base/base.h"

enum { INDEX_NONE = UINT32_MAX };

#pragma pack(push, 4)
struct index_entry { uint64_t key; uint32_t value_1; };  // one more than the number; 0: unused
#pragma pack(pop)

struct index {
    struct index_entry *entry;
    size_t              n, cap;  // cap is a power of two, or 0
};

void     index_free(struct index *x);
bool     index_put(struct index *x, uint64_t key, uint32_t value);  // false: no memory
uint32_t index_get(const struct index *x, uint64_t key);            // or INDEX_NONE

#endif
