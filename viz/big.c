// see big.h
#include "viz/big.h"

#include <sys/mman.h>

enum { BIG_PAGE = 2 << 20 };

static size_t big_round(size_t len)
{
    return (len + BIG_PAGE - 1) & ~(size_t)(BIG_PAGE - 1);
}

// Asked for in one piece too long, of which the ends are given back.
static uint8_t *big_map(size_t len)
{
    void *got = mmap(NULL, len + BIG_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
    if (got == MAP_FAILED) return NULL;
    size_t before = (size_t)(-(uintptr_t)got & (BIG_PAGE - 1));
    uint8_t *p = (uint8_t *)got + before;
    if (before > 0) munmap(got, before);
    munmap(p + len, BIG_PAGE - before);
    madvise(p, len, MADV_HUGEPAGE);
    return p;
}

void *big_realloc(void *p, size_t had, size_t len)
{
    CHECK(len >= had);
    if (len < BIG_PAGE) return realloc(p, len);
    size_t old = had >= BIG_PAGE ? big_round(had) : 0;
    if (old != 0 && old == big_round(len)) return p;
    uint8_t *fresh = len < SIZE_MAX / 2 ? big_map(big_round(len)) : NULL;
    if (fresh == NULL) return NULL;
    if (old != 0 && mremap(p, old, old, MREMAP_MAYMOVE | MREMAP_FIXED, fresh) != MAP_FAILED)
        return fresh;
    if (had > 0) memcpy(fresh, p, had);
    big_free(p, had);
    return fresh;
}

void big_free(void *p, size_t had)
{
    if (had >= BIG_PAGE) munmap(p, big_round(had));
    else free(p);
}
