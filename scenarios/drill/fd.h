// fd.h - the descriptors of a script's process: its own numbers, and what stands behind them.
//
// A script says `socket(...) = 3`, and means: call it 3 from now on. Blocking, O_NONBLOCK, poll and
// epoll are the kernel's business in the world a script is written for, and are ours here: the
// stack's sockets never block.
#ifndef DRILL_FD_H
#define DRILL_FD_H

#include "stack.h"

enum { FDS_MAX = 1024, EPOLL_ITEMS = 64, FILE_MAX = 1 << 20, FD_KEPT = 16 };

enum fd_kind { FD_SOCKET = 1, FD_EPOLL, FD_FILE, FD_PIPE_READ, FD_PIPE_WRITE };

struct epoll_item {
    int      fd;            // the script's
    uint32_t events;        // as asked: EPOLLIN ... EPOLLET
    uint64_t data;
    bool     news;          // something happened to it since it was last told of (edge)
    bool     off;           // EPOLLONESHOT, told
};

struct fd {
    int          number;    // the script's; below 0: its name was given to another
    enum fd_kind kind;
    uint32_t     flags;     // of open and fcntl: O_RDWR | O_NONBLOCK
    // SOCKET
    ng_sock      sock;
    bool         tcp, tell_inq, tell_ttl, tell_tos, zerocopy;
    uint32_t     stamps;    // SOF_TIMESTAMPING_*
    int32_t      kept[FD_KEPT];  // options that change nothing here, to be asked for: sys_option.c
    struct ng_note half;    // a note of which one message was told, and one is still to be; or none
    // EPOLL
    struct epoll_item *items;
    unsigned     count;
    // FILE, PIPE: bytes are all zero, so their number is enough
    uint64_t     size, at;
    int          other;     // PIPE: the other end
};

struct fds { struct fd *fd; unsigned count, room, unnamed; };

struct fd *fd_find(const struct fds *t, int number);  // NULL: not open
struct fd *fd_add(struct fds *t, int number, enum fd_kind kind);  // NULL: taken, or too many
void       fd_remove(struct fds *t, int number);
void       fds_free(struct fds *t);
// The socket changed: epoll's edges.
void       fds_news(struct fds *t, ng_sock s);

#endif
