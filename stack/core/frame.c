// frame.c - see frame.h.
#include "core/frame.h"

#include "base/csum.h"

enum { CSUM_AT_OF_UDP = 6 };

static struct frame *take_struct(struct pool *p)
{
    if (pool_fails(p)) return NULL;
    struct frame *f = p->free_frames;
    if (f != NULL) p->free_frames = f->next_free;
    else if ((f = malloc(sizeof *f)) == NULL) p->refused++;
    return f;
}

static void give_struct(struct pool *p, struct frame *f)
{
    CHECK(p->frames_out > 0);
    p->frames_out--;
    if (!POOL_KEEPS) {
        free(f);
        return;
    }
    f->next_free = p->free_frames;
    p->free_frames = f;
}

// A frame whose head has room for FRAME_HEADROOM and len bytes. Every field but the slices is
// zeroed; of those the first f->slices mean something. The pool's limit on chunks is one on frames
// too, because each frame has a chunk.
static struct frame *frame_with_room(struct pool *p, size_t len)
{
    struct chunk *head = chunk_new(p, FRAME_HEADROOM + len);
    if (head == NULL) return NULL;
    struct frame *f = take_struct(p);
    if (f == NULL) {
        chunk_drop(head);
        return NULL;
    }
    size_t rest = offsetof(struct frame, start);
    memset((uint8_t *)f + rest, 0, sizeof *f - rest);
    f->link = (struct list_node){0};
    f->pool = p;
    f->head = head;
    f->start = FRAME_HEADROOM;
    p->frames_out++;
    return f;
}

struct frame *frame_new(struct pool *p) { return frame_with_room(p, 0); }

struct frame *frame_blank(struct pool *p, size_t len)
{
    CHECK(len <= FRAME_MAX);
    struct frame *f = frame_with_room(p, len);
    if (f != NULL) f->len = f->head_len = (uint32_t)len;
    return f;
}

struct frame *frame_from(struct pool *pool, const uint8_t *p, size_t len)
{
    struct frame *f = frame_blank(pool, len);
    if (f != NULL && len > 0) memcpy(frame_start(f), p, len);
    return f;
}

// An offset in one frame's head, told in another's. 0 means not known yet and stays 0.
static uint16_t offset_in(const struct frame *to, const struct frame *from, uint16_t off)
{
    return off == 0 ? 0 : (uint16_t)(off + to->start - from->start);
}

struct frame *frame_copy(struct pool *to, const struct frame *f)
{
    struct frame *copy = frame_blank(to, f->len);
    if (copy == NULL) return NULL;
    frame_flatten(f, frame_start(copy), f->len);
    copy->id = f->id;
    copy->gso_size = f->gso_size;
    copy->l3 = offset_in(copy, f, f->l3);
    copy->l4 = offset_in(copy, f, f->l4);
    copy->csum_off = f->csum_off;
    copy->csum = f->csum;
    copy->why = f->why;
    copy->family = f->family;
    return copy;
}

void frame_free(struct frame *f)
{
    CHECK(!list_linked(&f->link));
    for (unsigned i = 0; i < f->slices; i++) chunk_drop(f->payload[i].chunk);
    chunk_drop(f->head);
    give_struct(f->pool, f);
}

uint8_t *frame_push(struct frame *f, size_t n)
{
    CHECK(n <= f->start);
    f->start -= (uint32_t)n;
    f->head_len += (uint32_t)n;
    f->len += (uint32_t)n;
    return frame_start(f);
}

void frame_pull(struct frame *f, size_t n)
{
    CHECK(n <= f->head_len);
    f->start += (uint32_t)n;
    f->head_len -= (uint32_t)n;
    f->len -= (uint32_t)n;
}

void frame_trim(struct frame *f, size_t len)
{
    CHECK(f->slices == 0);
    CHECK(len <= f->head_len);
    f->len = f->head_len = (uint32_t)len;
}

void frame_give(struct frame *f, struct slice s)
{
    CHECK(f->slices < FRAME_SLICES);
    f->payload[f->slices++] = s;
    f->len += s.len;
}

struct slice frame_slice(const struct frame *f, size_t off, size_t len)
{
    CHECK(off <= f->head_len && len <= f->head_len - off);
    return slice_of(f->head, f->start + off, len);
}

size_t frame_flatten(const struct frame *f, uint8_t *p, size_t cap)
{
    size_t done = f->head_len < cap ? f->head_len : cap;
    if (done > 0) memcpy(p, frame_start(f), done);
    for (unsigned i = 0; i < f->slices && done < cap; i++) {
        size_t len = f->payload[i].len < cap - done ? f->payload[i].len : cap - done;
        memcpy(p + done, slice_bytes(f->payload[i]), len);
        done += len;
    }
    return done;
}

// The field holds the pseudo header's sum, so the sum of all there is, field included, is the sum
// to store. In UDP, whose sum lies at 6, zero means "no checksum", so its twin 0xffff is sent (RFC
// 768); elsewhere zero is zero (RFC 1624).
void frame_finish_csum(struct frame *f)
{
    if (f->csum != CSUM_TODO) return;
    CHECK(f->l4 >= f->start);
    size_t skip = f->l4 - f->start;
    CHECK(skip + f->csum_off + 2 <= f->head_len);

    size_t at = f->head_len - skip;
    uint16_t sum = csum_sum(frame_start(f) + skip, at);
    for (unsigned i = 0; i < f->slices; i++) {
        sum = csum_append(sum, at, csum_sum(slice_bytes(f->payload[i]), f->payload[i].len));
        at += f->payload[i].len;
    }
    uint16_t field = csum_field(sum);
    if (field == 0 && f->csum_off == CSUM_AT_OF_UDP) field = 0xffff;
    put16(f->head->data + f->l4 + f->csum_off, field);
    f->csum = CSUM_NONE;
}
