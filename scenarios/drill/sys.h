// sys.h - calls of a script: made, waiting, and what they returned.
//
// A call is a function over its arguments that is called again whenever something happened, until
// it no longer says that it waits. So a blocking call is a value that the runner keeps, and nothing
// is ever blocked. Results are as the kernel's: >= 0, or -errno.
#ifndef DRILL_SYS_H
#define DRILL_SYS_H

#include "scenarios/drill/run.h"

enum { SYS_ARGS = 8, SYS_BYTES_MAX = 64 << 20 };

// The numbers of Linux's ABI that the calls themselves need; scripts have them by name.
enum {
    LINUX_O_NONBLOCK = 0x800, LINUX_O_CREAT = 0x40,
    LINUX_AF_UNSPEC = 0, LINUX_AF_INET = 2, LINUX_AF_INET6 = 10,
    LINUX_SOCK_STREAM = 1, LINUX_SOCK_DGRAM = 2, LINUX_SOCK_NONBLOCK = 0x800,
    LINUX_MSG_OOB = 1, LINUX_MSG_PEEK = 2, LINUX_MSG_TRUNC = 0x20, LINUX_MSG_DONTWAIT = 0x40,
    LINUX_MSG_EOR = 0x80, LINUX_MSG_WAITALL = 0x100, LINUX_MSG_ERRQUEUE = 0x2000,
    LINUX_MSG_NOSIGNAL = 0x4000, LINUX_MSG_MORE = 0x8000, LINUX_MSG_ZEROCOPY = 0x4000000,
    LINUX_TX_SOFTWARE = 2, LINUX_TX_SCHED = 0x100, LINUX_TX_ACK = 0x200,  // SOF_TIMESTAMPING_*
    LINUX_MSG_FASTOPEN = 0x20000000,
};

struct sys_call {
    struct run         *run;
    const struct call  *call;
    const struct value *arg[SYS_ARGS];
    bool                waits;      // set by the call: it would block, and may
    bool                again;      // it was called before
    bool                opening;    // a send that opens the connection, and waits for that
    int64_t             done;       // bytes so far
    nsec                deadline;   // of poll and epoll_wait; NEVER: none
    bool                has_deadline;
};

// Refuses a script whose call nobody knows, or not with so many arguments.
void sys_check(struct run *r, const struct drill_step *step);
// Makes the call of the step at hand; a blocking one may become run->pending.
void sys_start(struct run *r, const struct drill_step *step);
void sys_retry(struct run *r);   // the pending one, because something happened
void sys_drop(struct run *r);    // frees the pending one
void sys_close_all(struct run *r);

// Arguments. They fail the script if the argument is of another kind, and return false.
bool    sys_int(struct sys_call *c, unsigned i, int64_t *n);
bool    sys_int_of(struct sys_call *c, const struct value *v, int64_t *n);
bool    sys_opt_int(struct sys_call *c, unsigned i, int64_t *n);  // `...` leaves n as it is
// The value that stands alone in brackets: [7]
const struct value *sys_in_list(const struct value *v);
const struct value *sys_field(const struct value *v, const char *name);
bool    sys_is_null(const struct value *v);
// The descriptor of an argument; NULL with -EBADF in *rc if it is not open.
struct fd *sys_fd(struct sys_call *c, unsigned i, int64_t *rc);
struct fd *sys_socket(struct sys_call *c, unsigned i, int64_t *rc);  // -ENOTSOCK too
int64_t sys_may_wait(struct sys_call *c, const struct fd *f, int64_t msg_flags, int64_t rc);
int64_t sys_new_fd(struct sys_call *c, enum fd_kind kind, struct fd **f);  // named by the result
bool    sys_number_of(const struct value *v, int64_t *n);
uint8_t *sys_zeros(struct sys_call *c, size_t n);   // n bytes, all zero; NULL: failed
uint8_t *sys_room(struct sys_call *c, size_t n);    // n bytes to read into
void    sys_opened(struct sys_call *c, const struct fd *f);  // a connection is being opened
// What became of that: 0, -errno, or -EINPROGRESS and the call waits.
int64_t sys_open_outcome(struct sys_call *c, const struct fd *f);
int64_t sys_waiting(struct run *r, const struct fd *f);     // bytes that wait to be read

// sys_socket.c: {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("1.2.3.4")}
bool    sys_address(struct sys_call *c, const struct value *v, struct endpoint *e);

// sys_message.c: what came with the bytes of a recvmsg, and what goes with those of a sendmsg.
struct sys_told {
    bool     has_inq, has_ttl, has_tos;
    int64_t  inq, flags;               // flags: MSG_TRUNC, MSG_ERRQUEUE
    uint8_t  ttl, tos;
    struct ng_sock_trouble trouble;    // error 0: none
    struct ng_note note;               // kind 0: none
    bool     sched;                    // the note is of the queue before the device, not of it
};
bool    sys_control_args(struct sys_call *c, const struct value *message,
                         struct ng_packet_info *info);
void    sys_check_message(struct sys_call *c, const struct value *message,
                          const struct sys_told *told);

typedef int64_t sys_fn(struct sys_call *c);
sys_fn sys_do_socket, sys_do_bind, sys_do_listen, sys_do_connect, sys_do_accept, sys_do_shutdown,
    sys_do_close, sys_do_fcntl, sys_do_ioctl, sys_do_read, sys_do_readv, sys_do_recv,
    sys_do_recvfrom, sys_do_recvmsg, sys_do_write, sys_do_writev, sys_do_send, sys_do_sendto,
    sys_do_sendmsg, sys_do_setsockopt, sys_do_getsockopt, sys_do_poll, sys_do_epoll_create,
    sys_do_epoll_ctl, sys_do_epoll_wait, sys_do_open, sys_do_pipe, sys_do_splice, sys_do_sendfile,
    sys_do_cap_set;

#endif
