// tcp_user.h - TCP as sock/ sees it: the user calls of RFC 9293 §3.9.1. Names of a connection,
// bytes in and out, and what an application may wait for. The inside is in tcp.h, private to this
// folder.
//
// A struct tcp belongs to its socket until tcp_close or tcp_abort, which take it: from then on TCP
// alone keeps it for as long as the protocol asks. All results are >= 0 or -errno.
#ifndef TCP_USER_H
#define TCP_USER_H

#include "net/host.h"
#include "stack.h"

struct tcp;

int         tcp_init(struct host *h);   // makes h->tcp; -ENOMEM
void        tcp_done(struct host *h);   // frees every connection, silently
void        tcp_input(struct host *h, struct frame *f, const struct ip_info *ip);
enum drop   tcp_error(struct host *h, const struct ip_error *e);
void        tcp_timer_fire(struct host *h, struct timer *t);
void        tcp_output_all(struct host *h);  // grants the wishes in h->output, in order

// ready is told about events; NULL only for connections without an owner.
struct tcp *tcp_open(struct host *h, struct ready *ready);  // CLOSED; NULL: at the limit
int         tcp_bind(struct tcp *t, const struct endpoint *local);
int         tcp_listen(struct tcp *t, int backlog);
int         tcp_connect(struct tcp *t, const struct endpoint *peer);  // -EINPROGRESS at first
// connect() and the first bytes in one call (RFC 7413): how many go on the SYN, or -EINPROGRESS if
// none may yet. On an open connection it is tcp_write.
ssize_t     tcp_send_open(struct tcp *t, const struct endpoint *peer, const struct ng_message *m);
int         tcp_note(struct tcp *t, struct ng_note *n);
void        tcp_flush_peers(struct host *h);
struct tcp *tcp_accept(struct tcp *listener, struct ready *ready);    // NULL: none waits
ssize_t     tcp_read(struct tcp *t, void *buf, size_t n);
ssize_t     tcp_write(struct tcp *t, const void *buf, size_t n);
ssize_t     tcp_send(struct tcp *t, const void *buf, size_t n, unsigned flags);  // NG_MSG_*
ssize_t     tcp_read_urgent(struct tcp *t, void *buf, size_t n, bool peek);
ssize_t     tcp_peek(struct tcp *t, const uint8_t **p);
int         tcp_consume(struct tcp *t, size_t n);
ssize_t     tcp_give(struct tcp *t, struct slice bytes);
int         tcp_shutdown(struct tcp *t, int how);
int         tcp_linger(struct tcp *t);  // before tcp_close: -EAGAIN as long as it has to wait
void        tcp_close(struct tcp *t);
void        tcp_abort(struct tcp *t);
int         tcp_set(struct tcp *t, enum ng_option o, const void *v, size_t n);
int         tcp_get(struct tcp *t, enum ng_option o, void *v, size_t *n);
unsigned    tcp_events(const struct tcp *t);  // NG_* bits
uint32_t    tcp_id(const struct tcp *t);
const struct ready *tcp_owner(const struct tcp *t);  // whom it wakes; NULL: nobody owns it
struct endpoint tcp_local(const struct tcp *t);
struct endpoint tcp_remote(const struct tcp *t);
enum tcp_state  tcp_state_of(const struct tcp *t);
void        tcp_get_info(const struct tcp *t, struct ng_tcp_info *info);
void        tcp_get_cc_info(const struct tcp *t, struct ng_cc_info *info);
void        tcp_get_memory(const struct tcp *t, struct ng_sock_memory *m);
// Every connection in order of id, also those without an owner: the first with an id > after.
const struct tcp *tcp_next(const struct host *h, uint32_t after);
void        tcp_levels(const struct tcp *t, struct ng_sock_entry *e);  // buffers, queues

#endif
