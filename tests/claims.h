// claims.h - how each test written with Check ends: all tests of its suite are run.
#ifndef TESTS_CLAIMS_H
#define TESTS_CLAIMS_H

#include <check.h>

// What main() returns: 0 if all hold. How much is said, and to whom, is CK_VERBOSITY's; see run.
static inline int run_claims(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
