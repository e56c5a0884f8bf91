// foreign_tcp.h - what segments that were overheard prove about their connections, see foreign.h.
#ifndef FOREIGN_TCP_H
#define FOREIGN_TCP_H

#include "core/trace.h"
#include "wire/tcp_wire.h"

// The events that one packet gives; more than this it cannot.
enum { FOREIGN_EVENTS = 40 };
struct foreign_queue { struct trace_event events[FOREIGN_EVENTS]; unsigned count, next; };

// A fresh event at the queue's end.
struct trace_event *foreign_put(struct foreign_queue *q, enum trace_type type, uint16_t host);

struct foreign_segment {
    struct endpoint       from, to;
    uint16_t              from_host, to_host;
    const struct tcp_seg *seg;
    uint32_t              payload;
    uint64_t              frame;
    // Filled by foreign_tcp_sent, for what follows; 0: the connection is one too many.
    uint32_t              from_conn, to_conn, seq, ack, wnd;
    bool                  again;  // all its numbers were seen before
};

struct foreign_tcp;

struct foreign_tcp *foreign_tcp_new(void);
void foreign_tcp_free(struct foreign_tcp *t);
void foreign_tcp_sent(struct foreign_tcp *t, struct foreign_queue *q, struct foreign_segment *s);
void foreign_tcp_received(struct foreign_queue *q, const struct foreign_segment *s);

#endif
