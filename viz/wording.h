// wording.h - numbers and names as people say them: spans of time, rates, sockets, frames.
#ifndef WORDING_H
#define WORDING_H

#include "viz/scene.h"

void text_put_span(struct text *t, nsec span);       // "34 µs", "199.99 ms", "1.4 s"
// One of a row of instants, each counted from the start; one that would read as the last one does
// is told by its distance from it: "5 s", "+12.6 µs". A zeroed row with its start set is new.
struct instants { nsec start, last; char said[24]; };
void text_put_instant(struct text *t, struct instants *row, nsec at);
void text_put_clock(struct text *t, nsec at);        // "200.1130 ms": four places, for a clock
void text_put_rate(struct text *t, uint64_t bps);    // "100 Mb/s"
void text_put_count(struct text *t, uint64_t n);     // "999", "12.3k", "4.0M"
// The address people know an interface by: no link-local one, if it has another; NULL: none.
const struct prefix *netif_prefix(const struct model_netif *n);
void text_put_title(struct text *t, const char *s);  // with a capital at the front
void text_put_after_dash(struct text *t, const char *sentence);  // in small, without its period
void text_put_host(struct text *t, const struct model *m, uint16_t host);  // "Client"
// "fd 4", or "a new socket", "an orphan" where it has no number.
void text_put_timer(struct text *t, enum tcp_timer timer);  // RTO, persist, tail-probe
void text_put_sock(struct text *t, const struct model_sock *s);
void text_put_range(struct text *t, uint32_t seq, uint32_t len);  // "bytes 1-512"
// "SYN", "bytes 1-512", "an ACK", "an ARP request", "a UDP datagram of 20 bytes".
void text_put_frame(struct text *t, const struct recording *r, const struct history_frame *f);
void text_put_end(struct text *t, struct endpoint e);  // "*:80" for any address
void text_put_call(struct text *t, const struct model_app *a, bool brief);  // "read(4, 4096)"
void text_put_errno(struct text *t, int64_t error);             // "ECONNREFUSED"

const char *tcp_state_short(enum tcp_state s);  // as a pill has it: "ESTAB"

// The bytes of a frame as sent, and their layers.
struct trace_bytes frame_bytes_of(const struct recording *r, const struct history_frame *f);
void frame_dissect(const struct recording *r, const struct history_frame *f, struct dissect *d);

#endif
