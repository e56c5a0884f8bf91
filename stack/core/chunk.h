// chunk.h - counted bytes, and slices of them.
//
// A chunk is memory of one of three sizes that knows the pool it goes back to and how many hold it.
// A slice is a part of a chunk and holds one count. Payload is never copied inside the stack: the
// send queue, the frame on its way out and the frame that is sent again are slices of one chunk.
// A pool has a limit in bytes; at the limit chunk_new returns NULL, and the caller has a reason for
// it (DROP_NO_MEMORY, -ENOBUFS). A pool outlives its chunks: pool_drain with one out is a CHECK.
// Not thread-safe, and need not be: a host and its frames live on one thread.
//
// What is given back waits in free lists, so that a packet costs no malloc; under AddressSanitizer
// it is really freed, so that a use after free is seen.
#ifndef CHUNK_H
#define CHUNK_H

#include "base/base.h"
#include "base/list.h"

enum { CHUNK_SMALL = 256, CHUNK_MEDIUM = 2048, CHUNK_LARGE = 68 * 1024, CHUNK_SIZES = 3 };

struct chunk {
    struct pool *pool;
    uint32_t     refs;
    uint32_t     size;    // bytes at data
    uint32_t     filled;  // bytes a producer has written so far; the rest is free to append
    uint32_t     size_class;
    union { struct chunk *next_free; uint8_t align_to[16]; };
    uint8_t      data[];
};

struct slice { struct chunk *chunk; uint32_t off, len; };

struct pool {
    struct chunk *free[CHUNK_SIZES];
    struct frame *free_frames;
    size_t        used, limit;  // bytes in chunks that are out, and how many may be
    size_t        kept;         // bytes of chunks waiting in the free lists
    uint64_t      refused;      // how often the limit said no
    uint32_t      chunks_out, frames_out;
    int64_t       fail_in;      // tests: the n-th allocation from now fails, 1 the next; <= 0: none
};

void          pool_init(struct pool *p, size_t limit);
void          pool_drain(struct pool *p);  // frees the kept memory; CHECKs that nothing is out

struct chunk *chunk_new(struct pool *p, size_t size);  // the smallest that holds size; refs = 1
void          chunk_recycle(struct chunk *c);          // its last count is gone: use chunk_drop

static inline struct chunk *chunk_hold(struct chunk *c)
{
    c->refs++;
    return c;
}

static inline void chunk_drop(struct chunk *c)
{
    CHECK(c->refs > 0);
    if (--c->refs == 0) chunk_recycle(c);
}

static inline const uint8_t *slice_bytes(struct slice s) { return s.chunk->data + s.off; }

// Takes a count of its own.
static inline struct slice slice_of(struct chunk *c, size_t off, size_t len)
{
    CHECK(off <= c->size && len <= c->size - off);
    return (struct slice){chunk_hold(c), (uint32_t)off, (uint32_t)len};
}

// Likewise; off counts from the slice's start.
static inline struct slice slice_part(struct slice s, size_t off, size_t len)
{
    CHECK(off <= s.len && len <= s.len - off);
    return slice_of(s.chunk, s.off + off, len);
}

// Gives its count back; s becomes empty. An empty one has none to give.
static inline void slice_drop(struct slice *s)
{
    if (s->chunk != NULL) chunk_drop(s->chunk);
    *s = (struct slice){0};
}

// For frame.c: whether a test wants this allocation to fail, and whether free lists are in use.
bool pool_fails(struct pool *p);
#if defined(__SANITIZE_ADDRESS__)
enum { POOL_KEEPS = false };
#elif defined(__has_feature)
enum { POOL_KEEPS = !__has_feature(address_sanitizer) };
#else
enum { POOL_KEEPS = true };
#endif

#endif
