// syncookie.h - a handshake that costs no memory: SYN cookies (RFC 4987 §3.6).
//
// When more callers knock than the SYN queue holds, what must be known of each is not kept but sent
// along, in the number of our SYN,ACK; an honest caller's last ACK brings it back:
//
//      31      24 23                                 0
//     +----------+------------------------------------+      + hash of the names
//     |  minute  | hash of all that it stands for     |      + their SYN's number
//     +----------+------------------------------------+
//
// It stands for the names, their number, the minute, and a size from a short table of MSS (Linux
// adds the size to the hash, so an ACK that is off by one may pass for another size; not so here).
// What else a SYN agrees on fits into six bits, as Linux has them, which stand at the end of our
// timestamp, so they come back with its echo; without timestamps nothing is agreed on. A cookie is
// good for one to two minutes, and only while the listener gave some out lately.
#ifndef SYNCOOKIE_H
#define SYNCOOKIE_H

#include "net/host.h"
#include "wire/tcp_wire.h"

struct arrival;
struct tcp;

bool syncookie_wanted(const struct tcp *listener, bool queue_full);
void syncookie_answer(struct tcp *listener, const struct arrival *a);  // a SYN,ACK, and no more
// The listener gave cookies out not long ago.
bool syncookie_expected(const struct tcp *listener);
// Is a's ACK of a cookie? Then *syn is the SYN that it answered, as far as it matters.
bool syncookie_check(const struct tcp *listener, const struct arrival *a, struct tcp_seg *syn);

#endif
