// big.h - large arrays in large pages.
//
// Opening a long recording fills gigabytes that were never touched before, and in pages of 4 KB the
// kernel's work for each costs more than ours. So what grows beyond a large page is mapped for
// itself, in whole large pages, and grows by moving these and no byte. Below it is malloc()'s.
// Where large pages are not to be had, nothing is lost.
#ifndef BIG_H
#define BIG_H

#include "base/base.h"

// As realloc() and free(), for arrays that only grow, by whoever knows how long they were (0: p is
// NULL). What is new is not cleared.
void *big_realloc(void *p, size_t had, size_t len);  // NULL: no memory, and p is as it was
void  big_free(void *p, size_t had);

#endif
