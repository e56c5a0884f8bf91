// list_test.c - the ring keeps its order, and knows who is in it.
#include <check.h>
#include <signal.h>

#include "base/list.h"
#include "claims.h"
#include "unit/aborts.h"

struct item { int id; struct list_node link; };

static void push_all(struct list_node *head, struct item *items, int n)
{
    list_reset(head);
    memset(items, 0, sizeof *items * (size_t)n);
    for (int i = 0; i < n; i++) {
        items[i].id = i;
        list_push_back(head, &items[i].link);
    }
}

START_TEST(push_back_is_first_in_first_out)
{
    struct list_node head;
    struct item items[5];
    push_all(&head, items, 5);
    int want = 0;
    LIST_EACH(n, &head) ck_assert_int_eq(LIST_ENTRY(n, struct item, link)->id, want++);
    ck_assert_int_eq(want, 5);
    for (int i = 0; i < 5; i++) ck_assert_ptr_eq(list_pop_front(&head), &items[i].link);
    ck_assert_ptr_null(list_pop_front(&head));
    ck_assert(list_empty(&head));
}
END_TEST

START_TEST(push_front_is_last_in_first_out)
{
    struct list_node head, a = {0}, b = {0};
    list_reset(&head);
    list_push_front(&head, &a);
    list_push_front(&head, &b);
    ck_assert_ptr_eq(list_front(&head), &b);
    ck_assert_ptr_eq(list_back(&head), &a);
}
END_TEST

START_TEST(remove_unlinks_once_and_then_does_nothing)
{
    struct list_node head;
    struct item items[3];
    push_all(&head, items, 3);
    ck_assert(list_linked(&items[1].link));
    list_remove(&items[1].link);
    list_remove(&items[1].link);
    ck_assert(!list_linked(&items[1].link));
    ck_assert_ptr_eq(items[0].link.next, &items[2].link);
    ck_assert_ptr_eq(items[2].link.prev, &items[0].link);
}
END_TEST

START_TEST(safe_walk_may_remove_the_node_at_hand)
{
    struct list_node head;
    struct item items[6];
    push_all(&head, items, 6);
    LIST_EACH_SAFE(n, next, &head)
        if (LIST_ENTRY(n, struct item, link)->id % 2 == 0) list_remove(n);
    for (int i = 1; i < 6; i += 2) ck_assert_ptr_eq(list_pop_front(&head), &items[i].link);
    ck_assert(list_empty(&head));
}
END_TEST

START_TEST(a_node_cannot_be_in_two_lists)
{
    struct list_node a, b, n = {0};
    list_reset(&a);
    list_reset(&b);
    list_push_back(&a, &n);
    ck_assert_aborts(list_push_back(&b, &n));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("list");
    TCase *c = tcase_create("list");
    tcase_add_test(c, push_back_is_first_in_first_out);
    tcase_add_test(c, push_front_is_last_in_first_out);
    tcase_add_test(c, remove_unlinks_once_and_then_does_nothing);
    tcase_add_test(c, safe_walk_may_remove_the_node_at_hand);
    tcase_add_test(c, a_node_cannot_be_in_two_lists);
    suite_add_tcase(s, c);
    return run_claims(s);
}
