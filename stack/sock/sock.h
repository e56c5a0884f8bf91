// sock.h - handles: what an application holds instead of a pointer.
//
//      31          20 19                              0
//     +--------------+---------------------------------+
//     |  generation  |             index               |     0 is no handle
//     +--------------+---------------------------------+
//
// The index finds a slot, the generation says whether it still is the same socket: it changes when
// the slot is freed, and slots are used again oldest first, so a stale handle gives -EBADF for a
// very long time. Slots live in the host's packet memory, a chunk of them at a time, and never
// move: TCP and UDP hold a pointer to the `struct ready` inside.
#ifndef SOCK_H
#define SOCK_H

#include "sock/fdtable.h"
#include "tcp/tcp_user.h"
#include "udp/udp_user.h"

enum { SOCK_INDEX_BITS = 20, SOCKS_MAX = 1 << SOCK_INDEX_BITS };

struct sock {
    struct ready   ready;      // ready.sock is the handle
    uint8_t        kind;       // enum sock_kind; KIND_NONE: the slot is free
    ng_app         app;        // 0: none
    int            fd;         // -1: none
    uint32_t       conn;       // in events
    uint16_t       generation;
    bool           connecting;  // connect() has said -EINPROGRESS and not yet how it ended
    uint32_t       index, next_free;
    union { struct tcp *tcp; struct udp *udp; };
};

int          sock_init(struct host *h);  // -ENOMEM
// Forgets all sockets and applications, silently. UDP and TCP free their own.
void         sock_done(struct host *h);
struct sock *sock_get(const struct host *h, ng_sock handle);  // NULL: stale, or never was
struct sock *sock_new(struct host *h, enum sock_kind kind, int *error);  // -ENFILE, -ENOBUFS
void         sock_free(struct host *h, struct sock *s);
struct app_table *sock_apps(const struct host *h);

#endif
