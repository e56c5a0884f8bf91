// heap_test.c - the heap against an array that is searched from end to end.
#include <check.h>
#include <signal.h>

#include "base/heap.h"
#include "base/rng.h"
#include "claims.h"
#include "unit/aborts.h"

enum { NODES = 200, STEPS = 3000, SEEDS = 10 };

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

static struct heap_node node[NODES];

static struct heap_node *model_first(void)
{
    struct heap_node *first = NULL;
    for (int i = 0; i < NODES; i++) {
        struct heap_node *n = &node[i];
        if (!heap_holds(n)) continue;
        if (first == NULL || n->at < first->at || (n->at == first->at && n->order < first->order))
            first = n;
    }
    return first;
}

START_TEST(agrees_with_a_searched_array)
{
    struct heap h;
    struct rng r;
    rng_seed(&r, (uint64_t)_i);
    memset(node, 0, sizeof node);
    heap_init(&h, NODES);
    size_t held = 0;
    for (int step = 0; step < STEPS; step++) {
        struct heap_node *n = &node[rng_below(&r, NODES)];
        switch (rng_below(&r, 4)) {
        case 0: case 1:  // few moments, so that ties are common
            if (heap_holds(n)) break;
            NEED(heap_push(&h, n, (nsec)rng_below(&r, 50)));
            held++;
            break;
        case 2:
            held -= heap_holds(n);
            heap_remove(&h, n);
            NEED(!heap_holds(n));
            break;
        default: {
            struct heap_node *first = model_first();
            NEED(heap_peek(&h) == first);
            NEED(heap_pop(&h) == first);
            held -= first != NULL;
        }
        }
        NEED(h.count == held);
    }
    heap_free(&h);
    for (int i = 0; i < NODES; i++) NEED(!heap_holds(&node[i]));
}
END_TEST

START_TEST(one_instant_comes_out_in_the_order_it_went_in)
{
    struct heap h;
    memset(node, 0, sizeof node);
    heap_init(&h, NODES);
    for (int i = 0; i < NODES; i++) ck_assert(heap_push(&h, &node[i], 7));
    for (int i = 0; i < NODES; i++) NEED(heap_pop(&h) == &node[i]);
    ck_assert_ptr_null(heap_pop(&h));
    heap_free(&h);
}
END_TEST

START_TEST(the_limit_refuses_and_keeps_the_rest)
{
    struct heap h;
    memset(node, 0, sizeof node);
    heap_init(&h, 2);
    ck_assert(heap_push(&h, &node[0], 2));
    ck_assert(heap_push(&h, &node[1], 1));
    ck_assert(!heap_push(&h, &node[2], 0));
    ck_assert(!heap_holds(&node[2]));
    ck_assert_ptr_eq(heap_pop(&h), &node[1]);
    ck_assert(heap_push(&h, &node[2], 0));
    heap_free(&h);
}
END_TEST

START_TEST(a_node_cannot_be_pushed_twice)
{
    struct heap h;
    struct heap_node n = {0};
    heap_init(&h, 2);
    heap_push(&h, &n, 1);
    ck_assert_aborts(heap_push(&h, &n, 2));
    heap_free(&h);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("heap");
    TCase *c = tcase_create("heap");
    tcase_add_loop_test(c, agrees_with_a_searched_array, 0, SEEDS);
    tcase_add_test(c, one_instant_comes_out_in_the_order_it_went_in);
    tcase_add_test(c, the_limit_refuses_and_keeps_the_rest);
    tcase_add_test(c, a_node_cannot_be_pushed_twice);
    suite_add_tcase(s, c);
    return run_claims(s);
}
