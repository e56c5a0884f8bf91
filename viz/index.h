// index.h - from a 64-bit key to a small number: frames by id, sockets by host and number.
//
// Open addressing with linear probing; keys are never removed (a recording forgets nothing), only
// given another number. Zeroed is empty.
#ifndef INDEX_H
#define INDEX_H

#include "base/base.h"

enum { INDEX_NONE = UINT32_MAX };

struct index_entry { uint64_t key; uint32_t value; bool used; };

struct index {
    struct index_entry *entry;
    size_t              n, cap;  // cap is a power of two, or 0
};

void     index_free(struct index *x);
bool     index_put(struct index *x, uint64_t key, uint32_t value);  // false: no memory
uint32_t index_get(const struct index *x, uint64_t key);            // or INDEX_NONE

#endif
