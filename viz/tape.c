// see tape.h
#include "viz/tape.h"

#include "viz/big.h"

void tape_free(struct tape *t)
{
    for (size_t i = 0; i < t->blocks; i++) big_free(t->block[i].bytes, TAPE_BLOCK);
    free(t->block);
    free(t->place);
    *t = (struct tape){0};
}

static bool add_block(struct tape *t)
{
    if (t->blocks == t->blocks_cap) {
        size_t cap = t->blocks_cap != 0 ? t->blocks_cap * 2 : 16;
        struct tape_block *wider = realloc(t->block, cap * sizeof *wider);
        if (wider == NULL) return false;
        t->block = wider;
        t->blocks_cap = cap;
    }
    uint8_t *bytes = big_realloc(NULL, 0, TAPE_BLOCK);
    if (bytes == NULL) return false;
    t->block[t->blocks++] = (struct tape_block){bytes, 0};
    return true;
}

static bool mark_place(struct tape *t, struct tape_place here)
{
    size_t i = (size_t)(t->events / TAPE_STRIDE);
    if (i == t->places_cap) {
        size_t cap = t->places_cap != 0 ? t->places_cap * 2 : 256;
        struct tape_place *wider = realloc(t->place, cap * sizeof *wider);
        if (wider == NULL) return false;
        t->place = wider;
        t->places_cap = cap;
    }
    t->place[i] = here;
    return true;
}

// Times of hostile files lie anywhere, and what is between two of them may not fit: it wraps, and
// wraps back.
static nsec time_plus(nsec t, uint64_t d) { return (nsec)((uint64_t)t + d); }

static bool is_stride(uint64_t event) { return event % TAPE_STRIDE == 0; }

// Behind what is there, or into a block of its own. 0: there is no room.
static size_t encode(struct tape *t, const struct trace_event *ev)
{
    struct tape_block *b = t->blocks != 0 ? &t->block[t->blocks - 1] : NULL;
    size_t len = b != NULL ? trace_encode(ev, b->bytes + b->len, TAPE_BLOCK - b->len) : 0;
    if (len != 0 || !add_block(t)) return len;
    return trace_encode(ev, t->block[t->blocks - 1].bytes, TAPE_BLOCK);
}

bool tape_add(struct tape *t, struct trace_event *ev, struct tape_place *place)
{
    nsec at = ev->at;
    ev->order = 0;
    if (!is_stride(t->events)) ev->at = time_plus(at, -(uint64_t)t->last);
    size_t len = encode(t, ev);
    ev->at = at;
    if (len == 0) return false;
    struct tape_block *b = &t->block[t->blocks - 1];
    *place = (struct tape_place){(uint32_t)(t->blocks - 1), b->len};
    if (is_stride(t->events) && !mark_place(t, *place)) return false;
    b->len += (uint32_t)len;
    ev->order = t->events++;
    t->last = at;
    return true;
}

void tape_at(const struct tape *t, struct tape_place place, struct trace_event *ev)
{
    const struct tape_block *b = &t->block[place.block];
    CHECK(trace_decode(ev, b->bytes + place.off, b->len - place.off) > 0);
}

void tape_read(struct tape_cursor *c, const struct tape_block *b, struct trace_event *ev)
{
    size_t used = trace_decode(ev, b->bytes + c->at.off, b->len - c->at.off);
    CHECK(used > 0);  // we wrote it
    if (!is_stride(c->next)) ev->at = time_plus(ev->at, (uint64_t)c->now);
    c->at.off += (uint32_t)used;
    c->now = ev->at;
    ev->order = c->next++;
}

bool tape_next(struct tape_cursor *c, struct trace_event *ev)
{
    const struct tape *t = c->tape;
    if (c->next >= t->events) return false;
    while (c->at.off >= t->block[c->at.block].len) c->at = (struct tape_place){c->at.block + 1, 0};
    tape_read(c, &t->block[c->at.block], ev);
    return true;
}

struct tape_cursor tape_seek(const struct tape *t, uint64_t event)
{
    struct tape_cursor c = {.tape = t, .next = event};
    if (event >= t->events) return c;
    c.at = t->place[event / TAPE_STRIDE];
    c.next = event - event % TAPE_STRIDE;
    struct trace_event skipped;
    while (c.next < event) tape_next(&c, &skipped);
    return c;
}

bool tape_get(const struct tape *t, uint64_t event, struct trace_event *ev)
{
    struct tape_cursor c = tape_seek(t, event);
    return tape_next(&c, ev);
}

const uint8_t *tape_end(const struct tape *t)
{
    const struct tape_block *b = &t->block[t->blocks - 1];
    return b->bytes + b->len;
}

size_t tape_memory(const struct tape *t)
{
    return t->blocks * TAPE_BLOCK + t->places_cap * sizeof *t->place;
}
