// gso.h - a super-frame cut into the segments it stands for, where the device cannot do it.
//
// TCP sends up to 64 KB as one frame: one set of headers, then payload by reference. Here each
// segment gets a copy of the headers and the next gso_size bytes, again by reference, and only the
// fields that must differ are touched:
//
//     IP    length, identification + i, header checksum
//     TCP   sequence number + offset; FIN and PSH on the last one only, CWR on the first only
//     csum  the pseudo header's sum, by the difference of the lengths (still CSUM_TODO)
#ifndef GSO_H
#define GSO_H

#include "net/host.h"

uint32_t gso_payload(const struct frame *super);  // bytes behind the TCP header
// How many segments a frame stands for: 1 if it is no super-frame. Any frame may be asked, for its
// l4 is checked.
uint32_t gso_segments(const struct frame *f);

// The segment that begins at byte *at of the payload, and *at moves behind it. NULL: no memory.
// The first keeps the super-frame's id, the others get ids of their own.
struct frame *gso_next(struct host *h, const struct frame *super, uint32_t *at);

#endif
