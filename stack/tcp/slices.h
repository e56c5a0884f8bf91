// slices.h - a run of bytes of one stream, kept as slices of chunks.
//
//     from                                                                     from + len
//      |  item: chunk A, 900..68000    | chunk A', 0..1448  | chunk B, 0..310    |
//      +-------------------------------+--------------------+--------------------+
//
// What the send queue and the receive queue have in common. Bytes are named by their sequence
// number, so that a frame to be sent again asks for the numbers it had the first time; an item is
// found by binary search. Frames that carry the bytes hold counts of the same chunks: nothing is
// copied, and dropping bytes here frees memory only when the last frame is gone too.
//
// Invariants: items are adjacent (item i ends where i + 1 begins), none is empty, their lengths sum
// to len. An empty run owns no memory at all.
#ifndef SLICES_H
#define SLICES_H

#include "core/block.h"

struct slices_item { struct slice s; struct seq seq; bool end; };  // end: of a record

struct slices {
    struct slices_item *ring;
    uint32_t            cap, head, count;  // cap is a power of two
    uint32_t            len;
    struct seq          from;       // of the first byte
    bool                tail_open;  // we made the last chunk: nobody else writes into it
    bool                has_ends;   // somewhere
};

static inline struct seq slices_end(const struct slices *q) { return seq_add(q->from, q->len); }

void     slices_free(struct slices *q, struct pool *p);
// Puts a slice behind the last byte and takes its count. False: no memory, and the count stays.
bool     slices_add(struct slices *q, struct pool *p, struct slice s);
// Copies what fits into the free end of the last chunk; returns how many bytes.
size_t   slices_fill(struct slices *q, const uint8_t *bytes, size_t n);
// Copies n bytes into chunks, the last one's free end first. A new chunk is chosen for what waits
// already, so that few writes make small chunks and many make large ones. Returns what it took.
size_t   slices_copy_in(struct slices *q, struct pool *p, const uint8_t *bytes, size_t n);
// Forgets the n first bytes.
void     slices_drop(struct slices *q, struct pool *p, uint32_t n);
// The bytes [at, at + len) as slices with counts of their own, at most cap of them.
// Returns how many there are.
unsigned slices_get(const struct slices *q, struct seq at, uint32_t len, struct slice *out,
                    unsigned cap);
// How many bytes from `at` the first cap slices cover.
uint32_t slices_reach(const struct slices *q, struct seq at, unsigned cap);
// A record ends with the last byte there is (MSG_EOR): what comes later is kept apart from it.
void     slices_end_record(struct slices *q);
// How many of the n bytes from `at` are of one record.
uint32_t slices_record(const struct slices *q, struct seq at, uint32_t n);
void     slices_copy_out(const struct slices *q, struct seq at, uint8_t *to, uint32_t n);

#endif
