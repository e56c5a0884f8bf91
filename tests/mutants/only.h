// only.h - comes before each test that `make mutants` compiles: of all its claims, only $ONLY is
// tried. All of Check's ways to add one end in this function.
#ifndef TESTS_MUTANTS_ONLY_H
#define TESTS_MUTANTS_ONLY_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define _tcase_add_test(tc, test, ...)                                                             \
    (strcmp((test)->name, getenv("ONLY")) == 0 ? (_tcase_add_test)(tc, test, __VA_ARGS__) : (void)0)

#endif
