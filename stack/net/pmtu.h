// pmtu.h - how long a packet may be on its whole way: what routers told (RFC 1191, RFC 8201).
//
// Only a protocol that recognises the packet a router complains of may believe it, by ip_believe.
// What is known of a destination holds for mtu_expires seconds, then the way is tried again at the
// interface's full size (RFC 1191 §6.3). Nobody can push a path below min_pmtu (IPv4) or 1280
// (IPv6), so that a forged error costs little. An IPv4 path that is really narrower than min_pmtu
// is crossed all the same: packets for it leave without DF, and routers cut them (Linux: a locked
// MTU). The table holds PMTU_MAX destinations; a new one takes the place of the oldest.
//
// Whoever keeps a size that follows from a path's MTU compares pmtu_epoch with what it was then.
#ifndef PMTU_H
#define PMTU_H

#include "net/host.h"

enum { PMTU_MAX = 256 };

int      pmtu_init(struct host *h);  // -ENOMEM
void     pmtu_done(struct host *h);
void     pmtu_learn(struct host *h, struct addr dst, uint32_t mtu);
uint32_t pmtu_of(const struct host *h, struct addr dst, uint32_t mtu);  // mtu, or less
// The path, which begins with a link of this MTU, is narrower than we go: routers must cut.
bool     pmtu_is_tiny(const struct host *h, struct addr dst, uint32_t mtu);
// Another number whenever something was learned, or was forgotten with time.
uint32_t pmtu_epoch(struct host *h);

// The next smaller size that links are made in, for routers too old to tell one (RFC 1191 §7.1).
uint32_t pmtu_below(uint32_t len);

#endif
