// fdtable_test.c - the lowest free number, as in a Unix process.
#include <check.h>
#include <errno.h>

#include "claims.h"
#include "sock/fdtable.h"

START_TEST(numbers_begin_at_three_and_the_lowest_free_is_next)
{
    struct app_table *t = app_table_new();
    struct app_entry *a = app_table_add(t, "a", true);
    for (int fd = 3; fd < 8; fd++) ck_assert_int_eq(fd_take(a, (ng_sock)fd * 10), fd);
    fd_give_up(a, 6);
    fd_give_up(a, 4);
    ck_assert_uint_eq(fd_sock(a, 4), 0);
    ck_assert_int_eq(fd_take(a, 1), 4);
    ck_assert_int_eq(fd_take(a, 2), 6);
    ck_assert_int_eq(fd_take(a, 3), 8);
    ck_assert_uint_eq(fd_sock(a, 5), 50);
    ck_assert_uint_eq(fd_sock(a, -1), 0);
    ck_assert_uint_eq(fd_sock(a, 0), 0);
    ck_assert_uint_eq(fd_sock(a, FD_LIMIT), 0);
    app_table_free(t);
}
END_TEST

START_TEST(a_table_has_a_limit)
{
    struct app_table *t = app_table_new();
    struct app_entry *a = app_table_add(t, "a", true);
    for (int fd = FD_FIRST; fd < FD_LIMIT; fd++) ck_assert_int_eq(fd_take(a, 1), fd);
    ck_assert(!fd_is_left(a));
    ck_assert_int_eq(fd_take(a, 1), -EMFILE);
    fd_give_up(a, 1023);
    ck_assert(fd_is_left(a));
    ck_assert_int_eq(fd_take(a, 1), 1023);
    app_table_free(t);
}
END_TEST

START_TEST(ids_of_applications_are_never_used_again)
{
    struct app_table *t = app_table_new();
    for (unsigned id = 1; id <= 40; id++) {
        struct app_entry *a = app_table_add(t, "a name longer than there is room for", false);
        ck_assert_uint_eq(a->id, id);
        ck_assert_uint_eq(strlen(a->name), sizeof a->name - 1);
        ck_assert_ptr_eq(app_table_get(t, a->id), a);
        if (id % 2 == 0) app_table_remove(t, a->id);
    }
    ck_assert_ptr_null(app_table_get(t, 0));
    ck_assert_ptr_null(app_table_get(t, 2));
    ck_assert_ptr_null(app_table_get(t, 41));
    app_table_remove(t, 2);
    app_table_remove(t, 999);
    app_table_free(t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fdtable");
    TCase *c = tcase_create("fdtable");
    tcase_add_test(c, numbers_begin_at_three_and_the_lowest_free_is_next);
    tcase_add_test(c, a_table_has_a_limit);
    tcase_add_test(c, ids_of_applications_are_never_used_again);
    suite_add_tcase(s, c);
    return run_claims(s);
}
