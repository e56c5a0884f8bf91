// block.h - plain memory that counts against a host's pool: connections, tables, queues' indexes.
//
// A chunk is for bytes of packets; a block is for everything else that a stranger can make a host
// allocate, so that one limit covers both and a test can let each allocation fail in turn. The
// caller remembers the size (it is the size of a struct, or a capacity it keeps anyway). Blocks
// come zeroed.
#ifndef BLOCK_H
#define BLOCK_H

#include "core/chunk.h"

void *block_new(struct pool *p, size_t size);               // NULL at the limit
void  block_free(struct pool *p, void *block, size_t size);  // NULL is left alone
// A bigger copy of the block, the rest zeroed; the old one is gone. NULL: the old one stays.
void *block_grow(struct pool *p, void *block, size_t size, size_t to);

#endif
