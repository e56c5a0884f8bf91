// heap.c - see heap.h.
#include "base/heap.h"

enum { HEAP_FIRST_CAP = 64 };

void heap_init(struct heap *h, size_t limit) { *h = (struct heap){.limit = limit}; }

void heap_free(struct heap *h)
{
    for (size_t i = 0; i < h->count; i++) h->node[i]->place = 0;
    free(h->node);
    heap_init(h, h->limit);
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct heap *h, size_t i, struct heap_node *n)
{
    h->node[i] = n;
    n->place = i + 1;
}

// Moves the hole at i towards the root until n may fill it.
static void rise(struct heap *h, size_t i, struct heap_node *n)
{
    while (i > 0 && before(n, h->node[(i - 1) / 2])) {
        put(h, i, h->node[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(h, i, n);
}

// Moves the hole at i towards the leaves until n may fill it.
static void sink(struct heap *h, size_t i, struct heap_node *n)
{
    for (size_t child; (child = 2 * i + 1) < h->count; i = child) {
        if (child + 1 < h->count && before(h->node[child + 1], h->node[child])) child++;
        if (!before(h->node[child], n)) break;
        put(h, i, h->node[child]);
    }
    put(h, i, n);
}

static bool grow(struct heap *h)
{
    size_t cap = h->cap == 0 ? HEAP_FIRST_CAP : h->cap * 2;
    if (cap > SIZE_MAX / sizeof *h->node) return false;
    struct heap_node **node = realloc(h->node, cap * sizeof *node);
    if (node == NULL) return false;
    h->node = node;
    h->cap = cap;
    return true;
}

bool heap_push(struct heap *h, struct heap_node *n, nsec at)
{
    CHECK(!heap_holds(n));
    if (h->count >= h->limit) return false;
    if (h->count == h->cap && !grow(h)) return false;
    n->at = at;
    n->order = h->pushed++;
    rise(h, h->count++, n);
    return true;
}

struct heap_node *heap_peek(const struct heap *h) { return h->count == 0 ? NULL : h->node[0]; }

struct heap_node *heap_pop(struct heap *h)
{
    struct heap_node *n = heap_peek(h);
    if (n != NULL) heap_remove(h, n);
    return n;
}

void heap_remove(struct heap *h, struct heap_node *n)
{
    if (!heap_holds(n)) return;
    size_t i = n->place - 1;
    CHECK(i < h->count && h->node[i] == n);
    struct heap_node *last = h->node[--h->count];
    n->place = 0;
    if (last == n) return;
    if (i > 0 && before(last, h->node[(i - 1) / 2])) rise(h, i, last);
    else sink(h, i, last);
}
