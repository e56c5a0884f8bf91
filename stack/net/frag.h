// frag.h - a packet that is longer than its link takes, cut into fragments.
//
// f is a packet whose IP header is on and whose transport checksum is complete. Each fragment gets
// a copy of the header and a part of the payload by reference; all but the last carry a multiple of
// eight bytes. In IPv4 a router may cut as well, and again; in IPv6 only the sender may (RFC 8200
// §4.5).
#ifndef FRAG_H
#define FRAG_H

#include "net/route.h"

// Sends f's fragments by this way, none longer than mtu. Takes f.
void frag_output(struct host *h, struct frame *f, const struct way *way, uint32_t mtu);

#endif
