// see tape.h
#include "viz/tape.h"

#include "viz/big.h"

void tape_free(struct tape *t)
{
    for (size_t i = 0; i < t->blocks; i++) free(t->block[i].bytes);
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
    uint8_t *bytes = aligned_alloc(BIG_PAGE, TAPE_BLOCK);
    if (bytes == NULL) return false;
    big_advise(bytes, TAPE_BLOCK);
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

bool tape_add(struct tape *t, struct trace_event *ev, struct tape_place *place)
{
    ev->order = 0;
    struct tape_block *b = t->blocks != 0 ? &t->block[t->blocks - 1] : NULL;
    size_t len = b != NULL ? trace_encode(ev, b->bytes + b->len, TAPE_BLOCK - b->len) : 0;
    if (len == 0) {
        if (!add_block(t)) return false;
        b = &t->block[t->blocks - 1];
        len = trace_encode(ev, b->bytes, TAPE_BLOCK);
        if (len == 0) return false;
    }
    *place = (struct tape_place){(uint32_t)(t->blocks - 1), b->len};
    if (t->events % TAPE_STRIDE == 0 && !mark_place(t, *place)) return false;
    b->len += (uint32_t)len;
    ev->order = t->events++;
    return true;
}

void tape_at(const struct tape *t, struct tape_place place, struct trace_event *ev)
{
    const struct tape_block *b = &t->block[place.block];
    CHECK(trace_decode(ev, b->bytes + place.off, b->len - place.off) > 0);
}

bool tape_next(struct tape_cursor *c, struct trace_event *ev)
{
    const struct tape *t = c->tape;
    if (c->next >= t->events) return false;
    while (c->at.off >= t->block[c->at.block].len) c->at = (struct tape_place){c->at.block + 1, 0};
    const struct tape_block *b = &t->block[c->at.block];
    size_t used = trace_decode(ev, b->bytes + c->at.off, b->len - c->at.off);
    CHECK(used > 0);  // we wrote it
    c->at.off += (uint32_t)used;
    ev->order = c->next++;
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

size_t tape_memory(const struct tape *t)
{
    return t->blocks * TAPE_BLOCK + t->places_cap * sizeof *t->place;
}
