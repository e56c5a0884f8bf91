// sys_data.c - calls that move bytes. What a script writes is zeros, and what it reads must be.
// See sys.h.
#include <errno.h>

#include "scenarios/drill/sys.h"

// What a send or receive is asked for, in whichever form.
struct transfer {
    struct fd *f;
    int64_t    len, flags;
    bool       bad_buffer;                // NULL where bytes should be
    bool       has_peer;                  // of sendto
    struct endpoint peer;                 // of recvfrom: who sent it
    struct ng_packet_info info;           // of sendmsg: what its control messages ask for
    bool       has_info;
    const struct value *message;          // of recvmsg: what it must come back with
    struct sys_told told;                 // and what does
};

// --- arguments ----------------------------------------------------------------------------------

// A buffer is `...`; NULL tests EFAULT; a text or an address says nothing more.
static bool buffer_arg(const struct value *v, int64_t len) { return !sys_is_null(v) || len == 0; }

static bool len_arg(struct sys_call *c, unsigned i, int64_t *n)
{
    if (!sys_int(c, i, n)) return false;
    if (*n >= 0 && *n <= SYS_BYTES_MAX) return true;
    run_refuse(c->run, c->arg[i]->at, "a call moves from 0 to %d bytes", SYS_BYTES_MAX);
    return false;
}

// [{..., 100}, {..., 40}]: the sum of the lengths.
static bool iov_len(struct sys_call *c, const struct value *list, struct transfer *t)
{
    if (list == NULL || list->kind != VALUE_LIST) {
        run_refuse(c->run, list != NULL ? list->at : c->run->step->what_at,
                 "a vector of buffers is expected here: [{..., 100}, {..., 40}]");
        return false;
    }
    for (const struct value *v = list->first; v != NULL; v = v->next) {
        const struct value *len = NULL;
        int64_t n = 0;
        if (v->kind == VALUE_STRUCT && v->first != NULL) len = v->first->next;
        if (len == NULL || !sys_number_of(len, &n) || n < 0 || n > SYS_BYTES_MAX
            || t->len + n > SYS_BYTES_MAX) {
            run_refuse(c->run, v->at, "a buffer is {..., LENGTH}");
            return false;
        }
        if (!buffer_arg(v->first, n)) t->bad_buffer = true;
        t->len += n;
    }
    return true;
}

static bool peer_arg(struct sys_call *c, const struct value *v, struct transfer *t)
{
    t->peer = (struct endpoint){c->run->config.remote, c->run->config.connect_port};
    if (v == NULL || sys_is_null(v)) return true;
    bool unspec = v->kind == VALUE_SYMBOL && strcmp(v->name, "AF_UNSPEC") == 0;
    if (unspec) t->peer = (struct endpoint){0};
    t->has_peer = true;
    return v->kind != VALUE_STRUCT || sys_address(c, v, &t->peer);
}

static bool plain_args(struct sys_call *c, struct transfer *t, int64_t *rc)
{
    t->f = sys_fd(c, 0, rc);
    if (!len_arg(c, 2, &t->len)) return false;
    t->bad_buffer = !buffer_arg(c->arg[1], t->len);
    return c->call->count < 4 || sys_int(c, 3, &t->flags);
}

static bool vector_args(struct sys_call *c, struct transfer *t, int64_t *rc)
{
    t->f = sys_fd(c, 0, rc);
    return iov_len(c, c->arg[1], t);
}

static bool message_args(struct sys_call *c, struct transfer *t, int64_t *rc)
{
    t->f = sys_fd(c, 0, rc);
    t->message = c->arg[1];
    if (!sys_int(c, 2, &t->flags)) return false;
    if (sys_is_null(c->arg[1])) return t->bad_buffer = true;
    return iov_len(c, sys_field(c->arg[1], "msg_iov"), t);
}

// --- sending ------------------------------------------------------------------------------------

static unsigned send_flags(const struct sys_call *c, const struct transfer *t)
{
    unsigned to = 0;
    int64_t flags = t->flags;
    // One number a call, however often it has to wait for room.
    bool first = c->done == 0 && !c->again;
    if (flags & LINUX_MSG_ZEROCOPY && t->f->zerocopy && t->f->tcp && first) to |= NG_MSG_FREED;
    if (flags & LINUX_MSG_MORE) to |= NG_MSG_MORE;
    if (flags & LINUX_MSG_EOR) to |= NG_MSG_EOR;
    if (flags & LINUX_MSG_OOB) to |= NG_MSG_OOB;
    if (flags & LINUX_MSG_FASTOPEN) to |= NG_MSG_FASTOPEN;
    return to;
}

static ssize_t send_once(struct sys_call *c, const struct transfer *t, uint8_t *p, size_t n)
{
    struct host *h = c->run->world->host;
    unsigned flags = send_flags(c, t);
    if (flags == 0 && !t->has_peer && !t->has_info) return ng_sock_write(h, t->f->sock, p, n);
    struct ng_packet_info info = t->info;
    struct ng_message m = {.buf = p, .len = n, .flags = flags, .has_peer = t->has_peer,
                           .peer = t->peer, .info = t->has_info ? &info : NULL};
    return ng_sock_send(h, t->f->sock, &m);
}

static bool in_syn_sent(const struct sys_call *c, const struct fd *f)
{
    struct ng_tcp_info info;
    return f->tcp && ng_tcp_info(c->run->world->host, f->sock, &info) == 0
        && info.state == TCP_SYN_SENT;
}

// A writer that waits for room is woken when there is a good deal of it, or nothing to hope for.
static bool is_worth_waking(const struct sys_call *c, const struct fd *f)
{
    return ng_sock_events(c->run->world->host, f->sock) & (NG_WRITABLE | NG_ERROR | NG_HUP);
}

// A blocking write takes all, however long; a non-blocking one what there is room for. One whose
// first bytes went with the SYN (RFC 7413) waits as connect() does before it writes the rest; if
// the attempt fails, that is its result, whatever the SYN carried. Linux: tcp_sendmsg_fastopen.
static int64_t send_bytes(struct sys_call *c, struct transfer *t)
{
    if (t->bad_buffer) return -EFAULT;
    uint8_t *zeros = sys_zeros(c, (size_t)t->len);
    if (zeros == NULL) return 0;
    bool may_wait = !(t->f->flags & LINUX_O_NONBLOCK) && !(t->flags & LINUX_MSG_DONTWAIT);
    if (c->opening) {
        int64_t rc = sys_open_outcome(c, t->f);
        if (rc < 0) return rc;
        c->opening = false;
        if (c->done >= t->len) return c->done;
    } else if (c->again && t->f->tcp && !is_worth_waking(c, t->f)) {
        c->waits = true;
        return -EAGAIN;
    }
    for (;;) {
        // What was written before the error is what the call returns; the next one hears of it.
        bool error = ng_sock_events(c->run->world->host, t->f->sock) & NG_ERROR;
        if (c->done > 0 && error) return c->done;
        ssize_t n = send_once(c, t, zeros, (size_t)(t->len - c->done));
        bool opens = t->flags & LINUX_MSG_FASTOPEN && (n >= 0 || n == -EINPROGRESS);
        if (opens) sys_opened(c, t->f);
        if (n > 0) c->done += n;
        if (may_wait && (n >= 0 || n == -EINPROGRESS) && in_syn_sent(c, t->f)) {
            c->opening = c->waits = true;
            return -EINPROGRESS;
        }
        if (n == -EAGAIN && may_wait) c->waits = true;
        if (n < 0) return c->done > 0 && !c->waits ? c->done : n;
        t->flags &= ~(int64_t)LINUX_MSG_FASTOPEN;
        if (c->done >= t->len || !may_wait || !t->f->tcp || n == 0) return c->done;
    }
}

static int64_t file_write(struct run *r, struct fd *f, int64_t len)
{
    struct fd *to = f->kind == FD_PIPE_WRITE ? fd_find(&r->fds, f->other) : f;
    if (f->kind == FD_EPOLL || f->kind == FD_PIPE_READ) return -EBADF;
    if (to == NULL) return -EPIPE;
    to->size += (uint64_t)len;
    return len;
}

static int64_t send_to(struct sys_call *c, struct transfer *t, int64_t rc)
{
    if (t->f == NULL || c->run->failed) return rc;
    if (t->f->kind != FD_SOCKET) return file_write(c->run, t->f, t->len);
    // A call that waited has used its flag: the connection is being opened already.
    if (c->again) t->flags &= ~(int64_t)LINUX_MSG_FASTOPEN;
    return send_bytes(c, t);
}

int64_t sys_do_write(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    return plain_args(c, &t, &rc) ? send_to(c, &t, rc) : 0;
}

int64_t sys_do_send(struct sys_call *c) { return sys_do_write(c); }

int64_t sys_do_writev(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    return vector_args(c, &t, &rc) ? send_to(c, &t, rc) : 0;
}

int64_t sys_do_sendto(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    if (!plain_args(c, &t, &rc) || !peer_arg(c, c->arg[4], &t)) return 0;
    return send_to(c, &t, rc);
}

int64_t sys_do_sendmsg(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    if (!message_args(c, &t, &rc)) return 0;
    // TCP looks at the name only where it opens a connection; UDP always.
    bool named = t.f != NULL && (!t.f->tcp || t.flags & LINUX_MSG_FASTOPEN);
    if (named && !t.bad_buffer && !peer_arg(c, sys_field(c->arg[1], "msg_name"), &t)) return 0;
    if (!t.bad_buffer && !sys_control_args(c, c->arg[1], &t.info)) return 0;
    t.has_info = t.f != NULL && !t.f->tcp && (t.info.tos != 0 || t.info.ttl != 0);
    return send_to(c, &t, rc);
}

// --- receiving ----------------------------------------------------------------------------------

static void check_zeros(struct sys_call *c, const uint8_t *p, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (p[i] != 0) {
            run_fail(c->run, c->run->step->what_at, "byte %lld of what is read is not zero",
                     (long long)i);
            return;
        }
}

// A datagram tells more than a stream: who sent it, how long it really is, its TTL and TOS.
static ssize_t receive_datagram(struct sys_call *c, struct transfer *t, struct ng_message *m)
{
    struct ng_packet_info info = {0};
    struct host *h = c->run->world->host;
    const uint8_t *p;
    ssize_t whole = ng_sock_peek(h, t->f->sock, &p);
    if (whole < 0) return whole;
    m->info = &info;
    ssize_t n = ng_sock_receive(h, t->f->sock, m);
    if (n < 0) return n;
    t->has_peer = m->has_peer;
    t->peer = m->peer;
    t->told.has_ttl = t->f->tell_ttl;
    t->told.has_tos = t->f->tell_tos;
    t->told.ttl = info.ttl;
    t->told.tos = info.tos;
    if (whole > n) t->told.flags |= LINUX_MSG_TRUNC;
    return t->flags & LINUX_MSG_TRUNC ? whole : n;
}

// Linux: MSG_TRUNC throws a stream's bytes away.
static ssize_t receive_once(struct sys_call *c, struct transfer *t, uint8_t *p, size_t n)
{
    unsigned flags = (t->flags & LINUX_MSG_PEEK ? NG_MSG_PEEK : 0)
                   | (t->flags & LINUX_MSG_OOB ? NG_MSG_OOB : 0);
    struct host *h = c->run->world->host;
    struct ng_message m = {.buf = p, .len = n, .flags = flags};
    if (!t->f->tcp) return receive_datagram(c, t, &m);
    return flags == 0 ? ng_sock_read(h, t->f->sock, p, n) : ng_sock_receive(h, t->f->sock, &m);
}

// A note of the stack. Linux tells twice that bytes are sent, of the queue before the device and of
// the device, which is one moment here; with the bytes, so that no room for them cuts them off.
static bool receive_note(struct sys_call *c, struct transfer *t)
{
    struct fd *f = t->f;
    bool both = f->stamps & LINUX_TX_SCHED && f->stamps & LINUX_TX_SOFTWARE;
    bool rest = f->half.kind != 0;
    if (rest) t->told.note = f->half;
    else if (ng_sock_note(c->run->world->host, f->sock, &t->told.note) < 0) return false;
    bool sent = t->told.note.kind == NG_NOTE_SENT;
    t->told.sched = sent && !rest && f->stamps & LINUX_TX_SCHED;
    f->half = sent && !rest && both ? t->told.note : (struct ng_note){0};
    t->told.flags |= LINUX_MSG_ERRQUEUE;
    if (t->told.note.kind != NG_NOTE_FREED) t->told.flags |= LINUX_MSG_TRUNC;
    return true;
}

// recvmsg(MSG_ERRQUEUE): what the socket was told of its bytes, or else the last ICMP error. No
// bytes come with it.
static int64_t receive_error(struct sys_call *c, struct transfer *t)
{
    if (t->f->tcp && receive_note(c, t)) return 0;
    int rc = ng_sock_trouble(c->run->world->host, t->f->sock, &t->told.trouble);
    if (rc < 0) return -EAGAIN;
    t->told.flags |= LINUX_MSG_ERRQUEUE;
    return 0;
}

static int64_t receive_bytes(struct sys_call *c, struct transfer *t)
{
    if (t->flags & LINUX_MSG_ERRQUEUE) return receive_error(c, t);
    if (t->bad_buffer) return -EFAULT;
    uint8_t *room = sys_room(c, (size_t)t->len);
    if (room == NULL) return 0;
    for (;;) {
        memset(room, 0xff, (size_t)(t->len - c->done));
        ssize_t n = receive_once(c, t, room, (size_t)(t->len - c->done));
        if (n == -EAGAIN && c->done == 0) return sys_may_wait(c, t->f, t->flags, n);
        if (n > 0) check_zeros(c, room, n < t->len ? n : t->len);
        if (n < 0 && n != -EAGAIN) return c->done > 0 ? c->done : n;
        if (n > 0) c->done += n;
        bool all = t->flags & LINUX_MSG_WAITALL && !(t->flags & LINUX_MSG_PEEK) && t->f->tcp;
        if (!all || n == 0 || c->done >= t->len) return c->done;
        if (n == -EAGAIN && sys_may_wait(c, t->f, t->flags, n) < 0)
            return c->waits ? -EAGAIN : c->done;
    }
}

static int64_t file_read(struct sys_call *c, struct fd *f, int64_t len)
{
    if (f->kind == FD_EPOLL || f->kind == FD_PIPE_WRITE) return -EBADF;
    uint64_t left = f->size - f->at, n = (uint64_t)len < left ? (uint64_t)len : left;
    bool more = f->kind == FD_PIPE_READ && fd_find(&c->run->fds, f->other) != NULL;
    if (n == 0 && len > 0 && more) return sys_may_wait(c, f, 0, -EAGAIN);
    f->at += n;
    return (int64_t)n;
}

static int64_t receive_from(struct sys_call *c, struct transfer *t, int64_t rc)
{
    if (t->f == NULL || c->run->failed) return rc;
    if (t->f->kind != FD_SOCKET) return file_read(c, t->f, t->len);
    return receive_bytes(c, t);
}

int64_t sys_do_read(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    return plain_args(c, &t, &rc) ? receive_from(c, &t, rc) : 0;
}

int64_t sys_do_recv(struct sys_call *c) { return sys_do_read(c); }

int64_t sys_do_recvfrom(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    struct endpoint want;
    const struct value *from = c->arg[4];
    if (from->kind == VALUE_STRUCT && !sys_address(c, from, &want)) return 0;
    if (!plain_args(c, &t, &rc)) return 0;
    int64_t n = receive_from(c, &t, rc);
    bool other = n >= 0 && !c->waits && from->kind == VALUE_STRUCT
              && !(t.has_peer && endpoint_eq(t.peer, want));
    if (other) run_fail(c->run, from->at, "another one sent it");
    return n;
}

int64_t sys_do_readv(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    return vector_args(c, &t, &rc) ? receive_from(c, &t, rc) : 0;
}

int64_t sys_do_recvmsg(struct sys_call *c)
{
    int64_t rc = 0;
    struct transfer t = {0};
    if (!message_args(c, &t, &rc)) return 0;
    int64_t n = receive_from(c, &t, rc);
    if (n < 0 || c->waits || t.f == NULL || t.f->kind != FD_SOCKET || c->run->failed) return n;
    t.told.has_inq = t.f->tell_inq && !(t.told.flags & LINUX_MSG_ERRQUEUE);
    if (t.told.has_inq) t.told.inq = sys_waiting(c->run, t.f);
    sys_check_message(c, t.message, &t.told);
    return n;
}
