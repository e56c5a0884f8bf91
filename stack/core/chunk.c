// chunk.c - see chunk.h.
#include "core/chunk.h"

#include "core/frame.h"

static const uint32_t size_of_class[CHUNK_SIZES] = {CHUNK_SMALL, CHUNK_MEDIUM, CHUNK_LARGE};

static unsigned class_of(size_t size)
{
    CHECK(size <= CHUNK_LARGE);
    return size <= CHUNK_SMALL ? 0 : size <= CHUNK_MEDIUM ? 1 : 2;
}

void pool_init(struct pool *p, size_t limit)
{
    *p = (struct pool){.limit = limit, .fail_in = -1};
}

static void free_kept_chunks(struct pool *p)
{
    for (unsigned i = 0; i < CHUNK_SIZES; i++) {
        for (struct chunk *c; (c = p->free[i]) != NULL;) {
            p->free[i] = c->next_free;
            free(c);
        }
    }
    p->kept = 0;
}

void pool_drain(struct pool *p)
{
    CHECK(p->chunks_out == 0);
    CHECK(p->frames_out == 0);
    free_kept_chunks(p);
    for (struct frame *f; (f = p->free_frames) != NULL;) {
        p->free_frames = f->next_free;
        free(f);
    }
}

bool pool_fails(struct pool *p)
{
    if (p->fail_in <= 0 || --p->fail_in > 0) return false;
    p->fail_in = -1;
    p->refused++;
    return true;
}

static struct chunk *allocate(struct pool *p, unsigned class)
{
    // What waits in other lists counts too: memory in all never exceeds the limit.
    if (p->used + p->kept + size_of_class[class] > p->limit) free_kept_chunks(p);
    struct chunk *c = malloc(sizeof *c + size_of_class[class]);
    if (c == NULL) return NULL;
    c->pool = p;
    c->size = size_of_class[class];
    c->size_class = class;
    return c;
}

struct chunk *chunk_new(struct pool *p, size_t size)
{
    unsigned class = class_of(size);
    if (pool_fails(p)) return NULL;
    if (size_of_class[class] > p->limit || p->used > p->limit - size_of_class[class]) {
        p->refused++;
        return NULL;
    }

    struct chunk *c = p->free[class];
    if (c != NULL) {
        p->free[class] = c->next_free;
        p->kept -= c->size;
    } else if ((c = allocate(p, class)) == NULL) {
        p->refused++;
        return NULL;
    }
    c->refs = 1;
    c->filled = 0;
    c->next_free = NULL;
    p->used += c->size;
    p->chunks_out++;
    return c;
}

void chunk_recycle(struct chunk *c)
{
    CHECK(c->refs == 0);
    struct pool *p = c->pool;
    CHECK(p->chunks_out > 0);
    p->chunks_out--;
    p->used -= c->size;
    if (!POOL_KEEPS) {
        free(c);
        return;
    }
    c->next_free = p->free[c->size_class];
    p->free[c->size_class] = c;
    p->kept += c->size;
}
