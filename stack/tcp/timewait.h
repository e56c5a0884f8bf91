// timewait.h - a dead connection in 64 bytes, so that old segments die out before its names are
// used again (RFC 9293 §3.6.1, MUST-13).
//
// It stands in the table where the connection stood, and answers a FIN that comes again. All wait
// equally long, so a ring in order of arrival and one timer serve them all; a wait that begins anew
// is put off to the end of the ring when its old turn comes. A record that was taken out before its
// time stays in the ring as a dead one until then.
#ifndef TIMEWAIT_H
#define TIMEWAIT_H

#include "net/host.h"

struct arrival;
struct tcp;

enum conn_kind { CONN_DEAD, CONN_TCP, CONN_TIMEWAIT };

// The names of a connection, and what the table needs. Addresses are of `family`, in wire order.
struct conn {
    uint32_t id;
    uint16_t lport, rport;
    uint8_t  laddr[16], raddr[16];
    uint8_t  kind, family;
    uint16_t wnd;  // of a timewait: our last window field. Here because the room is free.
};

struct timewait {
    struct conn conn;
    struct seq  snd_nxt, rcv_nxt;
    uint32_t    ts_recent, ts_offset;  // both 0: no timestamps were agreed on
    uint32_t    expires_ms;            // of tcp_ms_at
};
static_assert(sizeof(struct timewait) <= 64, "TIME-WAIT is 64 bytes");

void timewait_enter(struct tcp *t);  // an unowned connection in TIME_WAIT becomes a record
// Takes the frame, unless it is a SYN that may begin a new connection under these names: then the
// record is gone and a->f is left for the listener.
void timewait_arrive(struct host *h, struct timewait *w, struct arrival *a);
// The same of a connection that waits and still has its descriptor. True: it is over, and a is the
// listener's.
bool timewait_reopened(struct tcp *t, const struct arrival *a);
void timewait_expire(struct host *h);
void timewait_done(struct host *h);

#endif
