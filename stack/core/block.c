// block.c - see block.h.
#include "core/block.h"

void *block_new(struct pool *p, size_t size)
{
    if (pool_fails(p)) return NULL;
    bool fits = size <= p->limit && p->used <= p->limit - size;
    void *block = fits ? calloc(1, size) : NULL;
    if (block == NULL) {
        p->refused++;
        return NULL;
    }
    p->used += size;
    return block;
}

void block_free(struct pool *p, void *block, size_t size)
{
    if (block == NULL) return;
    CHECK(p->used >= size);
    p->used -= size;
    free(block);
}

void *block_grow(struct pool *p, void *block, size_t size, size_t to)
{
    CHECK(to >= size);
    void *bigger = block_new(p, to);
    if (bigger == NULL) return NULL;
    if (size > 0) memcpy(bigger, block, size);
    block_free(p, block, size);
    return bigger;
}
