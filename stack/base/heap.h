// heap.h - what happens next: a binary min-heap of moments.
//
// The simulator's calendar. An element embeds a `struct heap_node`; the heap is an array of
// pointers to them in which no node is later than its two children at 2i+1 and 2i+2. Each node
// knows its place in the array, so one in the middle can be taken out.
//
// Nodes of one instant come out in the order they went in: push stamps each with a rising count.
// Together (at, order) is a total order, so the run of events never depends on the heap's shape.
//
// Invariants: node[i]->place == i + 1; a node in no heap has place 0, so a zeroed one is ready.
#ifndef HEAP_H
#define HEAP_H

#include "base/base.h"

struct heap_node {
    nsec     at;
    uint64_t order;
    size_t   place;
};

struct heap {
    struct heap_node **node;
    size_t             count, cap, limit;
    uint64_t           pushed;
};

// The element around a node: HEAP_ENTRY(node, struct sim_event, due).
#define HEAP_ENTRY(n, type, member) ((type *)(void *)((char *)(n) - offsetof(type, member)))

void heap_init(struct heap *h, size_t limit);  // holds no more than limit nodes
void heap_free(struct heap *h);                // forgets the nodes, frees the array

// False if the heap is at its limit or there is no memory; the node is then in no heap.
bool heap_push(struct heap *h, struct heap_node *n, nsec at);

struct heap_node *heap_peek(const struct heap *h);  // the first to come, or NULL
struct heap_node *heap_pop(struct heap *h);         // and takes it out

void heap_remove(struct heap *h, struct heap_node *n);  // a node in no heap is left alone

static inline bool heap_holds(const struct heap_node *n) { return n->place != 0; }

#endif
