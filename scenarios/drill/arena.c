// arena.c - see arena.h.
#include "scenarios/drill/arena.h"

enum { BLOCK = 16 * 1024, ALIGN = 16 };

struct arena_block {
    struct arena_block *next;
    size_t              used, size;
    _Alignas(ALIGN) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t limit) { *a = (struct arena){.limit = limit}; }

void arena_free(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    a->used = 0;
}

void *arena_take(struct arena *a, size_t size)
{
    if (size > a->limit) return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (size > a->limit - a->used) return NULL;
    struct arena_block *b = a->blocks;
    if (b == NULL || size > b->size - b->used) {
        size_t room = size > BLOCK ? size : BLOCK;
        b = calloc(1, sizeof *b + room);
        if (b == NULL) return NULL;
        b->size = room;
        b->next = a->blocks;
        a->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += size;
    a->used += size;
    return p;
}

char *arena_text(struct arena *a, const char *p, size_t len)
{
    char *copy = arena_take(a, len + 1);
    if (copy != NULL && len > 0) memcpy(copy, p, len);
    return copy;
}
