// arena.h - memory that grows by taking and is freed at once. What comes out is zeroed.
#ifndef ARENA_H
#define ARENA_H

#include "base/base.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t              used, limit;  // bytes; at the limit arena_take returns NULL
};

void  arena_init(struct arena *a, size_t limit);
void  arena_free(struct arena *a);
void *arena_take(struct arena *a, size_t size);  // NULL: no memory, or the limit
char *arena_text(struct arena *a, const char *p, size_t len);  // a copy that ends in a zero byte

#endif
