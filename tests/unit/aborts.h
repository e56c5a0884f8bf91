// aborts.h - that a call ends the process, as a broken invariant must (CHECK in base.h). It is
// made in a child of its own, so that all other tests of a file may share one process.
#pragma once
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// A child that says nothing and leaves no core: 0 there, in the parent whether it was aborted.
static inline int aborts_fork(int *aborted)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        return 0;
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    *aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    return 1;
}

#define ck_assert_aborts(call)                                       \
    do {                                                             \
        int aborted;                                                 \
        if (aborts_fork(&aborted) == 0) {                            \
            call;                                                    \
            _exit(0);                                                \
        }                                                            \
        ck_assert_msg(aborted, "%s did not abort", #call);           \
    } while (0)
