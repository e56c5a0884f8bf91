// rcvq.c - see rcvq.h.
#include "tcp/rcvq.h"

enum { ITEMS_MIN = 8, RUNS_MIN = 4 };

void rcvq_forget_held(struct rcvq *q, struct pool *p)
{
    struct rcvq_hold *h = q->hold;
    if (h == NULL) return;
    for (uint32_t i = 0; i < h->items; i++) slice_drop(&h->item[i].s);
    block_free(p, h->item, h->item_cap * sizeof *h->item);
    block_free(p, h->run, h->run_cap * sizeof *h->run);
    block_free(p, h, sizeof *h);
    q->hold = NULL;
    q->held = 0;
}

void rcvq_free(struct rcvq *q, struct pool *p)
{
    rcvq_forget_held(q, p);
    slices_free(&q->bytes, p);
}

// A slice that fills less than half its chunk.
static bool is_wasteful(struct slice s) { return s.len < s.chunk->size / 2; }

enum rcvq_result rcvq_append(struct rcvq *q, struct pool *p, struct slice s)
{
    if (is_wasteful(s)) {
        size_t took = slices_copy_in(&q->bytes, p, slice_bytes(s), s.len);
        if (took == s.len) return RCVQ_TAKEN;
        s.off += (uint32_t)took;
        s.len -= (uint32_t)took;
        return took > 0 ? RCVQ_TAKEN : RCVQ_NO_MEMORY;
    }
    if (!slices_add(&q->bytes, p, s)) return RCVQ_NO_MEMORY;
    chunk_hold(s.chunk);
    return RCVQ_TAKEN;
}

static bool grow_items(struct rcvq_hold *h, struct pool *p)
{
    if (h->items < h->item_cap) return true;
    uint32_t cap = h->item_cap > 0 ? h->item_cap * 2 : ITEMS_MIN;
    void *item = block_grow(p, h->item, h->item_cap * sizeof *h->item, cap * sizeof *h->item);
    if (item == NULL) return false;
    h->item = item;
    h->item_cap = cap;
    return true;
}

static bool grow_runs(struct rcvq_hold *h, struct pool *p)
{
    if (h->runs < h->run_cap) return true;
    uint32_t cap = h->run_cap > 0 ? h->run_cap * 2 : RUNS_MIN;
    void *run = block_grow(p, h->run, h->run_cap * sizeof *h->run, cap * sizeof *h->run);
    if (run == NULL) return false;
    h->run = run;
    h->run_cap = cap;
    return true;
}

// The first run that ends behind `at`: the only one that may hold it, or the next one up.
static uint32_t run_after(const struct rcvq_hold *h, struct seq at)
{
    uint32_t low = 0, high = h->runs;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (seq_le(h->run[mid].at.to, at)) low = mid + 1;
        else high = mid;
    }
    return low;
}

// The first item that begins at `at` or later.
static uint32_t item_after(const struct rcvq_hold *h, struct seq at)
{
    uint32_t low = 0, high = h->items;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (seq_lt(h->item[mid].seq, at)) low = mid + 1;
        else high = mid;
    }
    return low;
}

// Bytes that continue an item whose chunk nobody else sees go behind it: a thousand held segments
// of one byte are one chunk.
static bool fill_item(struct rcvq_item *it, struct seq at, struct slice s)
{
    struct chunk *c = it->s.chunk;
    uint32_t end = it->s.off + it->s.len;
    if (seq_add(it->seq, it->s.len).raw != at.raw || c->refs != 1) return false;
    if (!is_wasteful(s) || c->size - end < s.len) return false;
    memcpy(c->data + end, slice_bytes(s), s.len);
    it->s.len += s.len;
    return true;
}

// Keeps bytes that are not held yet, all of them in one gap.
static enum rcvq_result put_item(struct rcvq *q, struct pool *p, struct seq at, struct slice s)
{
    struct rcvq_hold *h = q->hold;
    uint32_t i = item_after(h, at);
    if (i > 0 && fill_item(&h->item[i - 1], at, s)) return RCVQ_TAKEN;
    if (h->items == RCVQ_ITEMS) return RCVQ_FULL;
    if (!grow_items(h, p)) return RCVQ_NO_MEMORY;

    struct slice own = s;
    if (is_wasteful(s)) {
        own = (struct slice){.chunk = chunk_new(p, s.len), .len = s.len};
        if (own.chunk == NULL) return RCVQ_NO_MEMORY;
        memcpy(own.chunk->data, slice_bytes(s), s.len);
    } else {
        chunk_hold(s.chunk);
    }
    memmove(&h->item[i + 1], &h->item[i], (h->items - i) * sizeof *h->item);
    h->item[i] = (struct rcvq_item){.s = own, .seq = at};
    h->items++;
    return RCVQ_TAKEN;
}

// The run at i was [.., at) or begins at the end of the new bytes: one of them grows, or two join,
// or a new one appears between them.
static void note_run(struct rcvq_hold *h, uint32_t i, struct seq at, struct seq to)
{
    bool joins_before = i > 0 && h->run[i - 1].at.to.raw == at.raw;
    bool joins_after = i < h->runs && h->run[i].at.from.raw == to.raw;
    if (joins_before && joins_after) {
        h->run[i - 1].at.to = h->run[i].at.to;
        memmove(&h->run[i], &h->run[i + 1], (h->runs - i - 1) * sizeof *h->run);
        h->runs--;
    } else if (joins_after) {
        h->run[i].at.from = at;
    } else if (joins_before) {
        h->run[i - 1].at.to = to;
    } else {
        memmove(&h->run[i + 1], &h->run[i], (h->runs - i) * sizeof *h->run);
        h->run[i].at = (struct seq_range){at, to};
        h->runs++;
        i++;
    }
    h->run[joins_after && !joins_before ? i : i - 1].stamp = ++h->stamp;
}

static bool hold_exists(struct rcvq *q, struct pool *p)
{
    if (q->hold == NULL) q->hold = block_new(p, sizeof *q->hold);
    return q->hold != NULL;
}

// Takes the part of [at, end) below the run at i, or all of it if no run is in the way.
static enum rcvq_result hold_part(struct rcvq *q, struct pool *p, struct seq at, struct slice s)
{
    struct rcvq_hold *h = q->hold;
    if (h->runs == RCVQ_RUNS) return RCVQ_FULL;
    if (!grow_runs(h, p)) return RCVQ_NO_MEMORY;
    enum rcvq_result r = put_item(q, p, at, s);
    if (r != RCVQ_TAKEN) return r;
    note_run(h, run_after(h, at), at, seq_add(at, s.len));
    q->held += s.len;
    return RCVQ_TAKEN;
}

enum rcvq_result rcvq_hold(struct rcvq *q, struct pool *p, struct seq at, struct slice s,
                           struct seq_range *known)
{
    *known = (struct seq_range){at, at};
    if (!hold_exists(q, p)) return RCVQ_NO_MEMORY;
    struct rcvq_hold *h = q->hold;
    h->fin_newest = false;
    enum rcvq_result result = RCVQ_KNOWN;
    while (s.len > 0) {
        uint32_t i = run_after(h, at);
        struct seq end = seq_add(at, s.len);
        bool blocked = i < h->runs && seq_lt(h->run[i].at.from, end);
        struct seq gap_end = blocked ? h->run[i].at.from : end;
        uint32_t part;
        if (seq_lt(at, gap_end)) {
            part = (uint32_t)seq_diff(gap_end, at);
            struct slice piece = {s.chunk, s.off, part};
            enum rcvq_result r = hold_part(q, p, at, piece);
            if (h->items == 0) rcvq_forget_held(q, p);  // an empty hold owns nothing
            if (r != RCVQ_TAKEN) return result == RCVQ_TAKEN ? RCVQ_TAKEN : r;
            result = RCVQ_TAKEN;
        } else {  // inside run i
            struct seq to = seq_lt(h->run[i].at.to, end) ? h->run[i].at.to : end;
            part = (uint32_t)seq_diff(to, at);
            if (known->from.raw == known->to.raw) *known = (struct seq_range){at, to};
        }
        at = seq_add(at, part);
        s.off += part;
        s.len -= part;
    }
    if (result == RCVQ_KNOWN && h->runs > 0) h->run[run_after(h, known->from)].stamp = ++h->stamp;
    return result;
}

// The first item and its run lie at or below the end of the stream.
static enum rcvq_result join_first(struct rcvq *q, struct pool *p, uint32_t i)
{
    struct rcvq_item *it = &q->hold->item[i];
    struct seq end = slices_end(&q->bytes);
    uint32_t old = (uint32_t)seq_diff(end, it->seq);
    if (old >= it->s.len) return RCVQ_TAKEN;
    return rcvq_append(q, p, (struct slice){it->s.chunk, it->s.off + old, it->s.len - old});
}

// Runs shrink or go with what joined the stream or was passed by it.
static void trim_runs(struct rcvq *q)
{
    struct rcvq_hold *h = q->hold;
    struct seq end = slices_end(&q->bytes);
    uint32_t gone = run_after(h, end);
    if (gone > 0) memmove(h->run, h->run + gone, (h->runs - gone) * sizeof *h->run);
    h->runs -= gone;
    if (h->runs > 0 && seq_lt(h->run[0].at.from, end)) h->run[0].at.from = end;
}

uint32_t rcvq_join(struct rcvq *q, struct pool *p)
{
    struct rcvq_hold *h = q->hold;
    if (h == NULL) return 0;
    uint32_t before = q->bytes.len, i = 0;
    for (; i < h->items && seq_le(h->item[i].seq, slices_end(&q->bytes)); i++) {
        uint32_t len = h->item[i].s.len;
        struct seq item_end = seq_add(h->item[i].seq, len);
        if (join_first(q, p, i) != RCVQ_TAKEN) break;
        if (seq_lt(slices_end(&q->bytes), item_end)) break;  // memory ran out half way
        q->held -= len;
        slice_drop(&h->item[i].s);
    }
    memmove(h->item, h->item + i, (h->items - i) * sizeof *h->item);
    h->items -= i;
    if (h->items == 0) rcvq_forget_held(q, p);
    else trim_runs(q);
    return q->bytes.len - before;
}

unsigned rcvq_runs(const struct rcvq *q, struct seq_range *out, unsigned cap)
{
    const struct rcvq_hold *h = q->hold;
    if (h == NULL) return 0;
    unsigned n = 0;
    for (uint32_t below = UINT32_MAX; n < cap && n < h->runs; n++) {
        const struct rcvq_run *best = NULL;
        for (uint32_t i = 0; i < h->runs; i++) {
            const struct rcvq_run *r = &h->run[i];
            if (r->stamp < below && (best == NULL || r->stamp > best->stamp)) best = r;
        }
        if (best == NULL) break;
        out[n] = best->at;
        below = best->stamp;
    }
    return n;
}

size_t rcvq_read(struct rcvq *q, struct pool *p, void *to, size_t n)
{
    uint32_t part = n < q->bytes.len ? (uint32_t)n : q->bytes.len;
    slices_copy_out(&q->bytes, q->bytes.from, to, part);
    slices_drop(&q->bytes, p, part);
    return part;
}

size_t rcvq_peek(const struct rcvq *q, const uint8_t **at)
{
    if (q->bytes.count == 0) return 0;
    struct slice first = q->bytes.ring[q->bytes.head].s;
    *at = slice_bytes(first);
    return first.len;
}
