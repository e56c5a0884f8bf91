// udp_user.h - UDP as sock/ sees it: names of a socket, datagrams in and out, what to wait for.
//
// A datagram that arrives stays in its own frame until it is read: no copy before the one to the
// reader. A socket's queue is limited by SO_RCVBUF in two ways, by the bytes of its datagrams and
// by their number (each holds at least a small chunk, however short it is). A datagram that is
// sent goes out within the call. All results are >= 0 or -errno, as on Linux.
#ifndef UDP_USER_H
#define UDP_USER_H

#include "net/host.h"
#include "stack.h"

enum { UDP_MAX = 65507, UDP_MAX6 = 65527 };  // bytes of payload in an IPv4, an IPv6 packet

struct udp;

int         udp_init(struct host *h);  // makes h->udp; -ENOMEM
void        udp_done(struct host *h);  // frees every socket, silently
void        udp_input(struct host *h, struct frame *f, const struct ip_info *ip);
enum drop   udp_error(struct host *h, const struct ip_error *e);

// Echo replies, and errors about echo requests.
void        udp_ping_reply(struct host *h, struct frame *f, const struct ip_info *ip);
enum drop   udp_ping_error(struct host *h, const struct ip_error *e);

struct udp *udp_open(struct host *h, struct ready *ready, bool ping);  // NULL: no memory
int         udp_bind(struct udp *u, const struct endpoint *local);
int         udp_connect(struct udp *u, const struct endpoint *peer);  // of family NONE: undo it
// to may be NULL, for the peer it is connected to.
ssize_t     udp_sendto(struct udp *u, const void *buf, size_t n, const struct endpoint *to,
                       const struct ng_packet_info *info);
ssize_t     udp_recvfrom(struct udp *u, void *buf, size_t n, struct endpoint *from,
                         struct ng_packet_info *info);
int         udp_trouble(struct udp *u, struct ng_sock_trouble *t);
ssize_t     udp_peek(struct udp *u, const uint8_t **p);   // the first datagram's bytes
int         udp_consume(struct udp *u);                   // and away with it
int         udp_shutdown(struct udp *u, int how);
void        udp_close(struct udp *u);
int         udp_set(struct udp *u, enum ng_option o, const void *v, size_t n);
int         udp_get(struct udp *u, enum ng_option o, void *v, size_t *n);
unsigned    udp_events(const struct udp *u);  // NG_* bits
uint32_t    udp_id(const struct udp *u);
bool        udp_pings(const struct udp *u);
const struct ready *udp_owner(const struct udp *u);  // what udp_open was given
struct endpoint udp_local(const struct udp *u);
struct endpoint udp_remote(const struct udp *u);
// Every socket in order of id: the first with an id > after.
const struct udp *udp_next(const struct host *h, uint32_t after);
void        udp_levels(const struct udp *u, struct ng_sock_entry *e);
void        udp_get_memory(const struct udp *u, struct ng_sock_memory *m);

#endif
