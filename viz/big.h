// big.h - large arrays in large pages.
//
// Opening a long recording fills gigabytes that were never touched before, and in pages of 4 KB the
// kernel's work for each costs more than ours. So arrays of megabytes ask for large pages; where
// those are not to be had, nothing is lost.
#ifndef BIG_H
#define BIG_H

#include "base/base.h"

#include <sys/mman.h>

enum { BIG_PAGE = 2 << 20, PAGE = 4 << 10 };

// Whole pages, outward: so what malloc() mapped for this alone stays one mapping. In two pieces
// mremap() would refuse it, and each realloc() copy all of it into memory never touched before.
static inline void big_advise(void *p, size_t len)
{
    size_t before = (uintptr_t)p & (PAGE - 1);
    madvise((char *)p - before, (before + len + PAGE - 1) & ~(size_t)(PAGE - 1), MADV_HUGEPAGE);
}

// realloc(), for what may become large.
static inline void *big_realloc(void *p, size_t len)
{
    void *moved = realloc(p, len);
    if (moved != NULL && len > BIG_PAGE) big_advise(moved, len);
    return moved;
}

#endif
