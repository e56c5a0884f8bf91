// big.h - large arrays in large pages.
//
// Opening a long recording fills gigabytes that were never touched before, and in pages of 4 KB the
// kernel's work for each costs more than ours. So arrays of megabytes ask for large pages; where
// those are not to be had, nothing is lost.
#ifndef BIG_H
#define BIG_H

#include "base/base.h"

#include <sys/mman.h>

enum { BIG_PAGE = 2 << 20 };

static inline void big_advise(void *p, size_t len)
{
    uintptr_t from = ((uintptr_t)p + BIG_PAGE - 1) & ~(uintptr_t)(BIG_PAGE - 1);
    uintptr_t to = ((uintptr_t)p + len) & ~(uintptr_t)(BIG_PAGE - 1);
    if (to > from) madvise((char *)p + (from - (uintptr_t)p), to - from, MADV_HUGEPAGE);
}

// realloc(), for what may become large.
static inline void *big_realloc(void *p, size_t len)
{
    void *moved = realloc(p, len);
    if (moved != NULL && len > BIG_PAGE) big_advise(moved, len);
    return moved;
}

#endif
