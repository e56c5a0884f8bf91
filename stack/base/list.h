// list.h - a doubly linked list that lives inside what it links.
//
// A list is a ring: the head is a node that is not part of any element, and an empty list is a head
// that points at itself. So no operation has a special case for the first or last element, none
// allocates, and a node leaves its list without knowing which list that is.
//
//     +-> head <-> a <-> b <-> c <-+
//     +----------------------------+
//
// Invariants: a node is in one list or in none; a node in none has next == NULL, so a zeroed node
// is ready for use. A head must be reset before use, and is never NULL inside. Neither may be
// copied.
#ifndef LIST_H
#define LIST_H

#include "base/base.h"

struct list_node { struct list_node *prev, *next; };

// The element around a node: LIST_ENTRY(node, struct neigh, link).
#define LIST_ENTRY(node, type, member) \
    ((type *)(void *)((char *)(node) - offsetof(type, member)))

// Walks the nodes in order. In the body nothing may be removed but by the safe form, and there
// only the node at hand.
#define LIST_EACH(node, head) \
    for (struct list_node *node = (head)->next; node != (head); node = node->next)
#define LIST_EACH_SAFE(node, following, head)                                       \
    for (struct list_node *node = (head)->next, *following = node->next;            \
         node != (head); node = following, following = node->next)

static inline void list_reset(struct list_node *head) { head->prev = head->next = head; }
static inline bool list_empty(const struct list_node *head) { return head->next == head; }
static inline bool list_linked(const struct list_node *n) { return n->next != NULL; }

static inline void list_insert_after(struct list_node *at, struct list_node *n)
{
    CHECK(!list_linked(n));
    n->prev = at;
    n->next = at->next;
    at->next->prev = n;
    at->next = n;
}

static inline void list_push_front(struct list_node *head, struct list_node *n)
{
    list_insert_after(head, n);
}

static inline void list_push_back(struct list_node *head, struct list_node *n)
{
    list_insert_after(head->prev, n);
}

// A node in no list is left alone, so that tearing down needs no question.
static inline void list_remove(struct list_node *n)
{
    if (!list_linked(n)) return;
    n->prev->next = n->next;
    n->next->prev = n->prev;
    n->prev = n->next = NULL;
}

static inline struct list_node *list_front(const struct list_node *head)
{
    return list_empty(head) ? NULL : head->next;
}

static inline struct list_node *list_back(const struct list_node *head)
{
    return list_empty(head) ? NULL : head->prev;
}

static inline struct list_node *list_pop_front(struct list_node *head)
{
    struct list_node *n = list_front(head);
    if (n != NULL) list_remove(n);
    return n;
}

#endif
