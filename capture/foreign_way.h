// foreign_way.h - a packet that a router has sent on is the one it got: where several links of its
// way were captured, it is known again.
//
// A router changes the Ethernet header, the TTL and with it the checksum (RFC 1812 §5.3.1), and
// may mark congestion (RFC 3168 §5); all else stays as the sender wrote it. What a sender sends
// again has the TTL that it had the first time.
#ifndef FOREIGN_WAY_H
#define FOREIGN_WAY_H

#include "base/addr.h"

struct foreign_way;

struct foreign_way *foreign_way_new(void);  // NULL: no memory
void foreign_way_free(struct foreign_way *w);

// Is it a packet that was seen on a link before this one? The headers' senders must differ, unless
// `made_up`: nobody knows them then.
bool foreign_way_is_further(struct foreign_way *w, nsec at, const uint8_t *frame, size_t len,
                            bool made_up);

#endif
