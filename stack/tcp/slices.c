// slices.c - see slices.h.
#include "tcp/slices.h"

enum { RING_MIN = 4 };

static struct slices_item *item_at(const struct slices *q, uint32_t i)
{
    return &q->ring[(q->head + i) & (q->cap - 1)];
}

static size_t ring_bytes(uint32_t cap) { return cap * sizeof(struct slices_item); }

void slices_free(struct slices *q, struct pool *p)
{
    for (uint32_t i = 0; i < q->count; i++) slice_drop(&item_at(q, i)->s);
    block_free(p, q->ring, ring_bytes(q->cap));
    *q = (struct slices){.from = slices_end(q)};
}

static bool make_room(struct slices *q, struct pool *p)
{
    if (q->count < q->cap) return true;
    uint32_t cap = q->cap > 0 ? q->cap * 2 : RING_MIN;
    struct slices_item *ring = block_new(p, ring_bytes(cap));
    if (ring == NULL) return false;
    for (uint32_t i = 0; i < q->count; i++) ring[i] = *item_at(q, i);
    block_free(p, q->ring, ring_bytes(q->cap));
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
    return true;
}

bool slices_add(struct slices *q, struct pool *p, struct slice s)
{
    CHECK(s.len > 0);
    if (!make_room(q, p)) return false;
    *item_at(q, q->count++) = (struct slices_item){.s = s, .seq = slices_end(q)};
    q->len += s.len;
    q->tail_open = false;
    return true;
}

// The bytes behind a slice are free to be written if we made the chunk, or if nobody else sees it.
size_t slices_fill(struct slices *q, const uint8_t *bytes, size_t n)
{
    if (q->count == 0) return 0;
    struct slice *tail = &item_at(q, q->count - 1)->s;
    struct chunk *c = tail->chunk;
    if (item_at(q, q->count - 1)->end || (!q->tail_open && c->refs != 1)) return 0;

    uint32_t at = tail->off + tail->len;
    if (n > c->size - at) n = c->size - at;
    if (n == 0) return 0;
    memcpy(c->data + at, bytes, n);
    c->filled = at + (uint32_t)n;
    tail->len += (uint32_t)n;
    q->len += (uint32_t)n;
    return n;
}

// A record ended in the chunk that we are filling: the next one begins behind it. A chunk each
// would let short records hold many times what the buffer's limit counts.
static size_t begin_behind(struct slices *q, struct pool *p, const uint8_t *bytes, size_t n)
{
    if (q->count == 0 || !q->tail_open) return 0;
    struct slice last = item_at(q, q->count - 1)->s;
    uint32_t at = last.off + last.len, room = last.chunk->size - at;
    if (n > room) n = room;
    if (n == 0 || !slices_add(q, p, (struct slice){last.chunk, at, (uint32_t)n})) return 0;
    chunk_hold(last.chunk);
    memcpy(last.chunk->data + at, bytes, n);
    last.chunk->filled = at + (uint32_t)n;
    q->tail_open = true;
    return n;
}

// A large chunk only where it will be a quarter full, a small one only where it is enough.
static size_t chunk_size_for(size_t wish)
{
    if (wish >= CHUNK_LARGE / 4) return CHUNK_LARGE;
    return wish < CHUNK_MEDIUM ? wish : CHUNK_MEDIUM;
}

size_t slices_copy_in(struct slices *q, struct pool *p, const uint8_t *bytes, size_t n)
{
    size_t done = slices_fill(q, bytes, n);
    if (done == 0) done = begin_behind(q, p, bytes, n);
    while (done < n) {
        size_t left = n - done;
        struct chunk *c = chunk_new(p, chunk_size_for(left + q->len));
        if (c == NULL) break;

        size_t part = left < c->size ? left : c->size;
        struct slice s = {.chunk = c, .len = (uint32_t)part};
        if (!slices_add(q, p, s)) {
            chunk_drop(c);
            break;
        }
        memcpy(c->data, bytes + done, part);
        c->filled = (uint32_t)part;
        q->tail_open = true;
        done += part;
    }
    return done;
}

void slices_drop(struct slices *q, struct pool *p, uint32_t n)
{
    CHECK(n <= q->len);
    q->len -= n;
    q->from = seq_add(q->from, n);
    while (n > 0) {
        struct slices_item *first = item_at(q, 0);
        if (n < first->s.len) {
            first->s.off += n;
            first->s.len -= n;
            first->seq = q->from;
            return;
        }
        n -= first->s.len;
        slice_drop(&first->s);
        q->head = (q->head + 1) & (q->cap - 1);
        q->count--;
    }
    if (q->count == 0) slices_free(q, p);
}

// The item that holds the byte at `at`, which must be inside.
static uint32_t find(const struct slices *q, struct seq at)
{
    uint32_t low = 0, high = q->count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (seq_le(item_at(q, mid)->seq, at)) low = mid;
        else high = mid;
    }
    return low;
}

unsigned slices_get(const struct slices *q, struct seq at, uint32_t len, struct slice *out,
                    unsigned cap)
{
    uint32_t skip = (uint32_t)seq_diff(at, q->from);
    CHECK(skip <= q->len && len <= q->len - skip);
    unsigned n = 0;
    for (uint32_t i = find(q, at); len > 0 && n < cap; i++, n++) {
        const struct slices_item *it = item_at(q, i);
        uint32_t off = (uint32_t)seq_diff(at, it->seq);
        uint32_t part = it->s.len - off < len ? it->s.len - off : len;
        out[n] = slice_part(it->s, off, part);
        at = seq_add(at, part);
        len -= part;
    }
    return n;
}

uint32_t slices_reach(const struct slices *q, struct seq at, unsigned cap)
{
    uint32_t skip = (uint32_t)seq_diff(at, q->from);
    if (skip >= q->len) return 0;
    if (q->count <= cap) return q->len - skip;
    uint32_t last = find(q, at) + cap;
    struct seq end = last < q->count ? item_at(q, last)->seq : slices_end(q);
    return (uint32_t)seq_diff(end, at);
}

void slices_end_record(struct slices *q)
{
    if (q->count > 0) item_at(q, q->count - 1)->end = q->has_ends = true;
}

uint32_t slices_record(const struct slices *q, struct seq at, uint32_t n)
{
    if (!q->has_ends || n == 0) return n;
    struct seq end = seq_add(at, n);
    for (uint32_t i = find(q, at); i < q->count; i++) {
        const struct slices_item *it = item_at(q, i);
        struct seq here = seq_add(it->seq, it->s.len);
        if (!seq_lt(here, end)) break;
        if (it->end) return (uint32_t)seq_diff(here, at);
    }
    return n;
}

void slices_copy_out(const struct slices *q, struct seq at, uint8_t *to, uint32_t n)
{
    uint32_t skip = (uint32_t)seq_diff(at, q->from);
    CHECK(skip <= q->len && n <= q->len - skip);
    for (uint32_t i = n > 0 ? find(q, at) : 0; n > 0; i++) {
        const struct slices_item *it = item_at(q, i);
        uint32_t off = (uint32_t)seq_diff(at, it->seq);
        uint32_t part = it->s.len - off < n ? it->s.len - off : n;
        memcpy(to, slice_bytes(it->s) + off, part);
        at = seq_add(at, part);
        to += part;
        n -= part;
    }
}
