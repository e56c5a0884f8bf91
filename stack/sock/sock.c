// sock.c - the calls of stack.h on sockets: find the socket, let its protocol do the work, and tell
// of the call and its result as strace would. What TCP and UDP do alike is here, once; all else is
// theirs. See sock.h.
#include "sock/sock.h"

#include <errno.h>

#include "net/ip.h"

// --- what is told ------------------------------------------------------------------------------

struct call { enum sock_call call; struct endpoint peer; int64_t arg; };

static void tell_call(const struct host *h, const struct sock *s, const struct call *c,
                      int64_t result)
{
    TRACE(h, .type = TRACE_SOCK_CALL, .conn = s->conn,
          .sock_call = {.app = s->app, .fd = s->fd, .call = c->call, .peer = c->peer,
                        .arg = c->arg, .result = result});
}

// Calls on a handle that names nothing have no socket to be told of.
static ssize_t told(const struct host *h, const struct sock *s, struct call c, ssize_t result)
{
    tell_call(h, s, &c, result);
    return result;
}

static int told_int(const struct host *h, const struct sock *s, struct call c, int result)
{
    tell_call(h, s, &c, result);
    return result;
}

// What socket() and accept() return to an application: the number. Nobody's sockets have none.
static int number_of(const struct sock *s) { return s->fd < 0 ? 0 : s->fd; }

// --- open and accept: a socket and its number --------------------------------------------------

// Gives the socket to an application under its lowest free number. -EMFILE
static int enter(struct host *h, struct sock *s, ng_app app)
{
    s->app = app;
    if (app == 0) return 0;
    struct app_entry *a = app_table_get(sock_apps(h), app);
    int fd = fd_take(a, s->ready.sock);
    if (fd < 0) return fd;
    s->fd = fd;
    return 0;
}

static void leave(struct host *h, struct sock *s)
{
    struct app_entry *a = app_table_get(sock_apps(h), s->app);
    if (a != NULL && s->fd >= 0) fd_give_up(a, s->fd);
    sock_free(h, s);
}

// The protocol's half of a new socket.
static int open_inner(struct host *h, struct sock *s)
{
    if (s->kind == KIND_TCP) {
        s->tcp = tcp_open(h, &s->ready);
        if (s->tcp == NULL) return -ENOBUFS;
        s->conn = tcp_id(s->tcp);
    } else {
        s->udp = udp_open(h, &s->ready, s->kind == KIND_PING);
        if (s->udp == NULL) return -ENOBUFS;
        s->conn = udp_id(s->udp);
    }
    return 0;
}

static int check_app(const struct host *h, ng_app app)
{
    if (app == 0) return 0;
    const struct app_entry *a = app_table_get(sock_apps(h), app);
    if (a == NULL) return -EINVAL;
    return fd_is_left(a) ? 0 : -EMFILE;
}

NG_API ng_sock ng_sock_open(struct host *h, ng_app app, enum sock_kind kind, int *error)
{
    bool known = kind == KIND_TCP || kind == KIND_UDP || kind == KIND_PING;
    *error = known ? check_app(h, app) : -EPROTONOSUPPORT;
    if (*error < 0) return 0;
    struct sock *s = sock_new(h, kind, error);
    if (s == NULL) return 0;
    *error = open_inner(h, s);
    if (*error < 0) {
        sock_free(h, s);
        return 0;
    }
    CHECK(enter(h, s, app) == 0);  // a number was left
    TRACE(h, .type = TRACE_SOCK_NEW, .conn = s->conn,
          .sock_new = {.kind = kind, .app = app, .fd = s->fd});
    told(h, s, (struct call){.call = CALL_SOCKET, .arg = kind}, number_of(s));
    return s->ready.sock;
}

// A slot and a number are made ready before the connection leaves the queue, so that a refusal
// loses nothing.
static struct sock *accept_tcp(struct host *h, struct sock *listener, int *error)
{
    *error = listener->kind == KIND_TCP ? check_app(h, listener->app) : -EOPNOTSUPP;
    if (*error < 0) return NULL;
    if (tcp_state_of(listener->tcp) != TCP_LISTEN) { *error = -EINVAL; return NULL; }
    struct sock *s = sock_new(h, KIND_TCP, error);
    if (s == NULL) return NULL;
    s->tcp = tcp_accept(listener->tcp, &s->ready);
    if (s->tcp == NULL) {
        sock_free(h, s);
        *error = -EAGAIN;
        return NULL;
    }
    s->conn = tcp_id(s->tcp);
    CHECK(enter(h, s, listener->app) == 0);
    return s;
}

NG_API ng_sock ng_sock_accept(struct host *h, ng_sock handle, struct endpoint *peer, int *error)
{
    struct sock *listener = sock_get(h, handle);
    if (listener == NULL) { *error = -EBADF; return 0; }
    struct sock *s = accept_tcp(h, listener, error);
    if (s == NULL) {
        told(h, listener, (struct call){.call = CALL_ACCEPT}, *error);
        return 0;
    }
    struct endpoint remote = tcp_remote(s->tcp);
    if (peer != NULL) *peer = remote;
    TRACE(h, .type = TRACE_SOCK_FD, .conn = s->conn,
          .sock_fd = {.app = s->app, .fd = s->fd, .listener = listener->conn});
    told(h, listener, (struct call){.call = CALL_ACCEPT, .peer = remote}, number_of(s));
    return s->ready.sock;
}

// --- names -------------------------------------------------------------------------------------

NG_API int ng_sock_bind(struct host *h, ng_sock handle, const struct endpoint *local)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_bind(s->tcp, local) : udp_bind(s->udp, local);
    return told_int(h, s, (struct call){.call = CALL_BIND, .peer = *local}, rc);
}

NG_API int ng_sock_listen(struct host *h, ng_sock handle, int backlog)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_listen(s->tcp, backlog) : -EOPNOTSUPP;
    return told_int(h, s, (struct call){.call = CALL_LISTEN, .arg = backlog}, rc);
}

// "Any" as a destination is this host, as on Linux and BSD.
static struct endpoint somebody(struct endpoint e)
{
    if (e.addr.family != FAMILY_NONE && addr_is_any(e.addr)) e.addr = ip_loopback(e.addr.family);
    return e;
}

// How a connect() that said -EINPROGRESS has failed meanwhile, or 0. Linux: likewise, once.
static int connect_failure(struct sock *s)
{
    if (!s->connecting || tcp_state_of(s->tcp) != TCP_CLOSED) return 0;
    int error = 0;
    size_t n = sizeof error;
    tcp_get(s->tcp, NG_SO_ERROR, &error, &n);
    return error > 0 ? -error : -ECONNABORTED;
}

NG_API int ng_sock_connect(struct host *h, ng_sock handle, const struct endpoint *peer)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    struct endpoint to = somebody(*peer);
    int rc = to.addr.family == FAMILY_NONE ? 0 : connect_failure(s);
    if (rc == 0) rc = s->kind == KIND_TCP ? tcp_connect(s->tcp, &to) : udp_connect(s->udp, &to);
    // Asked again once the handshake is done, it succeeds, once. Linux: likewise.
    if (s->connecting && rc == -EISCONN) rc = 0;
    s->connecting = rc == -EINPROGRESS || rc == -EALREADY;
    return told_int(h, s, (struct call){.call = CALL_CONNECT, .peer = *peer}, rc);
}

static struct endpoint local_of(const struct sock *s)
{
    return s->kind == KIND_TCP ? tcp_local(s->tcp) : udp_local(s->udp);
}

static struct endpoint remote_of(const struct sock *s)
{
    return s->kind == KIND_TCP ? tcp_remote(s->tcp) : udp_remote(s->udp);
}

NG_API int ng_sock_local(const struct host *h, ng_sock handle, struct endpoint *e)
{
    const struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    *e = local_of(s);
    return told_int(h, s, (struct call){.call = CALL_GETSOCKNAME, .peer = *e}, 0);
}

NG_API int ng_sock_remote(const struct host *h, ng_sock handle, struct endpoint *e)
{
    const struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    *e = remote_of(s);
    int rc = e->port == 0 ? -ENOTCONN : 0;
    return told_int(h, s, (struct call){.call = CALL_GETPEERNAME, .peer = *e}, rc);
}

// --- bytes -------------------------------------------------------------------------------------

NG_API ssize_t ng_sock_read(struct host *h, ng_sock handle, void *buf, size_t n)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    ssize_t rc = s->kind == KIND_TCP ? tcp_read(s->tcp, buf, n)
                                     : udp_recvfrom(s->udp, buf, n, NULL, NULL);
    return told(h, s, (struct call){.call = CALL_READ, .arg = (int64_t)n}, rc);
}

NG_API ssize_t ng_sock_write(struct host *h, ng_sock handle, const void *buf, size_t n)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    ssize_t rc = s->kind == KIND_TCP ? tcp_write(s->tcp, buf, n)
                                     : udp_sendto(s->udp, buf, n, NULL, NULL);
    return told(h, s, (struct call){.call = CALL_WRITE, .arg = (int64_t)n}, rc);
}

// A stream has its one peer, and an address given with the bytes is not looked at, as on Linux.
static ssize_t send_to(struct host *h, struct sock *s, const struct ng_message *m)
{
    struct call call = {.call = CALL_SENDTO, .arg = (int64_t)m->len};
    struct endpoint peer;
    if (m->has_peer) {
        call.peer = m->peer;
        peer = somebody(m->peer);
    }
    ssize_t rc;
    if (s->kind != KIND_TCP)
        rc = udp_sendto(s->udp, m->buf, m->len, m->has_peer ? &peer : NULL, m->info);
    else
        rc = tcp_send(s->tcp, m->buf, m->len, m->flags);
    return told(h, s, call, rc);
}

NG_API ssize_t ng_sock_sendto(struct host *h, ng_sock handle, const void *buf, size_t n,
                              const struct endpoint *to)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    union { const void *in; void *out; } bytes = {.in = buf};
    struct ng_message m = {.buf = bytes.out, .len = n, .has_peer = to != NULL};
    if (to != NULL) m.peer = *to;
    return send_to(h, s, &m);
}

static ssize_t receive(struct host *h, struct sock *s, struct ng_message *m)
{
    struct endpoint sender = {0};
    ssize_t rc;
    if (s->kind != KIND_TCP) {
        rc = udp_recvfrom(s->udp, m->buf, m->len, &sender, m->info);
    } else {
        rc = tcp_read(s->tcp, m->buf, m->len);
        sender = tcp_remote(s->tcp);
    }
    if (rc >= 0) m->peer = sender;
    struct call call = {.call = CALL_RECVFROM, .peer = sender, .arg = (int64_t)m->len};
    return told(h, s, call, rc);
}

NG_API ssize_t ng_sock_recvfrom(struct host *h, ng_sock handle, void *buf, size_t n,
                                struct endpoint *from)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    struct ng_message m = {.buf = buf, .len = n};
    ssize_t rc = receive(h, s, &m);
    if (rc >= 0 && from != NULL) *from = m.peer;
    return rc;
}

NG_API int ng_sock_trouble(struct host *h, ng_sock handle, struct ng_sock_trouble *t)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    return s->kind != KIND_TCP ? udp_trouble(s->udp, t) : -EOPNOTSUPP;
}

static ssize_t peek_at(struct sock *s, void *buf, size_t n)
{
    const uint8_t *p;
    ssize_t there = s->kind == KIND_TCP ? tcp_peek(s->tcp, &p) : udp_peek(s->udp, &p);
    if (there <= 0) return there;
    size_t len = (size_t)there < n ? (size_t)there : n;
    memcpy(buf, p, len);
    return (ssize_t)len;
}

NG_API int ng_sock_note(struct host *h, ng_sock handle, struct ng_note *n)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    return s->kind == KIND_TCP ? tcp_note(s->tcp, n) : -EOPNOTSUPP;
}

static ssize_t send_open(struct host *h, struct sock *s, const struct ng_message *m)
{
    struct call call = {.call = CALL_SENDTO, .peer = m->peer, .arg = (int64_t)m->len};
    struct endpoint to = somebody(m->peer);
    ssize_t rc = tcp_send_open(s->tcp, m->has_peer ? &to : NULL, m);
    if (rc == -EINPROGRESS) s->connecting = true;
    return told(h, s, call, rc);
}

NG_API ssize_t ng_sock_send(struct host *h, ng_sock handle, const struct ng_message *m)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    bool opens = s->kind == KIND_TCP && m->flags & NG_MSG_FASTOPEN;
    if (opens && !(m->flags & ~(unsigned)(NG_MSG_FASTOPEN | NG_MSG_FREED)))
        return send_open(h, s, m);
    unsigned stream = NG_MSG_OOB | NG_MSG_MORE | NG_MSG_EOR | NG_MSG_FREED;
    unsigned known = s->kind == KIND_TCP ? stream : 0;
    return m->flags & ~known ? -EOPNOTSUPP : send_to(h, s, m);
}

static ssize_t receive_urgent(struct host *h, struct sock *s, struct ng_message *m)
{
    bool peek = (m->flags & NG_MSG_PEEK) != 0;
    ssize_t rc = tcp_read_urgent(s->tcp, m->buf, m->len, peek);
    struct call call = {.call = CALL_RECVFROM, .arg = (int64_t)m->len};
    return peek ? rc : told(h, s, call, rc);
}

NG_API ssize_t ng_sock_receive(struct host *h, ng_sock handle, struct ng_message *m)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    unsigned known = NG_MSG_PEEK | (s->kind == KIND_TCP ? NG_MSG_OOB : 0);
    if (m->flags & ~known) return -EOPNOTSUPP;
    if (m->flags & NG_MSG_OOB) return receive_urgent(h, s, m);
    if (!(m->flags & NG_MSG_PEEK)) {
        m->has_peer = true;
        return receive(h, s, m);
    }
    return peek_at(s, m->buf, m->len);
}

// Looking takes nothing, so it is not told; what is consumed was read.
NG_API ssize_t ng_sock_peek(struct host *h, ng_sock handle, const uint8_t **p)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    return s->kind == KIND_TCP ? tcp_peek(s->tcp, p) : udp_peek(s->udp, p);
}

NG_API int ng_sock_consume(struct host *h, ng_sock handle, size_t n)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_consume(s->tcp, n) : udp_consume(s->udp);
    int64_t result = rc < 0 ? rc : (int64_t)n;
    tell_call(h, s, &(struct call){.call = CALL_READ, .arg = (int64_t)n}, result);
    return rc;
}

NG_API ssize_t ng_sock_give(struct host *h, ng_sock handle, struct slice bytes)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    ssize_t rc = s->kind == KIND_TCP ? tcp_give(s->tcp, bytes) : -EOPNOTSUPP;
    return told(h, s, (struct call){.call = CALL_WRITE, .arg = bytes.len}, rc);
}

// --- the end -----------------------------------------------------------------------------------

NG_API int ng_sock_shutdown(struct host *h, ng_sock handle, int how)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_shutdown(s->tcp, how) : udp_shutdown(s->udp, how);
    return told_int(h, s, (struct call){.call = CALL_SHUTDOWN, .arg = how}, rc);
}

// The call is told first, and the number is given up before the protocol ends: what TCP does from
// here on it does on its own.
static void end(struct host *h, struct sock *s, enum sock_call call)
{
    told(h, s, (struct call){.call = call}, 0);
    TRACE(h, .type = TRACE_SOCK_FREE, .conn = s->conn, .sock_free = {.app = s->app, .fd = s->fd});
    struct sock was = *s;
    list_remove(&s->ready.link);
    if (was.kind != KIND_TCP) udp_close(was.udp);
    else if (call == CALL_ABORT) tcp_abort(was.tcp);
    else tcp_close(was.tcp);
    leave(h, s);
}

NG_API int ng_sock_close(struct host *h, ng_sock handle)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_linger(s->tcp) : 0;
    if (rc < 0) return told_int(h, s, (struct call){.call = CALL_CLOSE}, rc);
    end(h, s, CALL_CLOSE);
    return 0;
}

NG_API int ng_sock_abort(struct host *h, ng_sock handle)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    end(h, s, CALL_ABORT);
    return 0;
}

// --- options, events ---------------------------------------------------------------------------

NG_API int ng_sock_set(struct host *h, ng_sock handle, enum ng_option o, const void *v, size_t n)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_set(s->tcp, o, v, n) : udp_set(s->udp, o, v, n);
    return told_int(h, s, (struct call){.call = CALL_SETSOCKOPT, .arg = o}, rc);
}

NG_API int ng_sock_get(struct host *h, ng_sock handle, enum ng_option o, void *v, size_t *n)
{
    struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    int rc = s->kind == KIND_TCP ? tcp_get(s->tcp, o, v, n) : udp_get(s->udp, o, v, n);
    return told_int(h, s, (struct call){.call = CALL_GETSOCKOPT, .arg = o}, rc);
}

NG_API unsigned ng_sock_events(const struct host *h, ng_sock handle)
{
    const struct sock *s = sock_get(h, handle);
    if (s == NULL) return 0;
    return s->kind == KIND_TCP ? tcp_events(s->tcp) : udp_events(s->udp);
}

NG_API int ng_tcp_info(const struct host *h, ng_sock handle, struct ng_tcp_info *info)
{
    const struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    if (s->kind != KIND_TCP) return -EOPNOTSUPP;
    tcp_get_info(s->tcp, info);
    return 0;
}

NG_API int ng_sock_memory(const struct host *h, ng_sock handle, struct ng_sock_memory *memory)
{
    const struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    if (s->kind == KIND_TCP) tcp_get_memory(s->tcp, memory);
    else udp_get_memory(s->udp, memory);
    return 0;
}

NG_API int ng_tcp_cc_info(const struct host *h, ng_sock handle, struct ng_cc_info *info)
{
    const struct sock *s = sock_get(h, handle);
    if (s == NULL) return -EBADF;
    if (s->kind != KIND_TCP) return -EOPNOTSUPP;
    tcp_get_cc_info(s->tcp, info);
    return 0;
}

// --- applications ------------------------------------------------------------------------------

NG_API ng_app ng_app_new(struct host *h, const char *name, bool blocking)
{
    struct app_entry *a = app_table_add(sock_apps(h), name == NULL ? "app" : name, blocking);
    if (a == NULL) return 0;
    TRACE(h, .type = TRACE_APP_NEW,
          .app_new = {.app = a->id, .name = {a->name, (uint32_t)strlen(a->name)},
                      .pid = 1000u + a->id, .blocking = blocking});
    return a->id;
}

NG_API void ng_app_exit(struct host *h, ng_app app)
{
    const struct app_entry *a = app_table_get(sock_apps(h), app);
    if (a == NULL) return;
    for (int fd = FD_FIRST; fd < FD_LIMIT; fd++)
        if (fd_sock(a, fd) != 0) end(h, sock_get(h, fd_sock(a, fd)), CALL_CLOSE);
    app_table_remove(sock_apps(h), app);
    TRACE(h, .type = TRACE_APP_EXIT, .app_exit = {.app = app});
}

NG_API const char *ng_app_name(const struct host *h, ng_app app)
{
    const struct app_entry *a = app_table_get(sock_apps(h), app);
    return a != NULL ? a->name : NULL;
}

NG_API int ng_sock_fd(const struct host *h, ng_sock handle)
{
    const struct sock *s = sock_get(h, handle);
    return s == NULL || s->fd < 0 ? -EBADF : s->fd;
}

NG_API ng_app ng_sock_app(const struct host *h, ng_sock handle)
{
    const struct sock *s = sock_get(h, handle);
    return s == NULL ? 0 : s->app;
}

NG_API ng_sock ng_app_sock(const struct host *h, ng_app app, int fd)
{
    const struct app_entry *a = app_table_get(sock_apps(h), app);
    return a == NULL ? 0 : fd_sock(a, fd);
}

// --- the list of all ---------------------------------------------------------------------------

static void name_owner(const struct host *h, const struct ready *owner, struct ng_sock_entry *e)
{
    const struct sock *s = owner == NULL ? NULL : sock_get(h, owner->sock);
    e->app = s == NULL ? 0 : s->app;
    e->fd = s == NULL ? -1 : s->fd;
}

NG_API bool ng_host_walk(const struct host *h, uint32_t *cursor, struct ng_sock_entry *e)
{
    const struct tcp *t = tcp_next(h, *cursor);
    const struct udp *u = udp_next(h, *cursor);
    *e = (struct ng_sock_entry){.fd = -1};
    if (t != NULL && (u == NULL || tcp_id(t) < udp_id(u))) {
        e->kind = KIND_TCP;
        e->conn = tcp_id(t);
        e->state = tcp_state_of(t);
        e->local = tcp_local(t);
        e->remote = tcp_remote(t);
        tcp_levels(t, e);
        name_owner(h, tcp_owner(t), e);
    } else if (u != NULL) {
        e->kind = udp_pings(u) ? KIND_PING : KIND_UDP;
        e->conn = udp_id(u);
        e->state = udp_remote(u).port != 0 ? TCP_ESTABLISHED : TCP_CLOSED;
        e->local = udp_local(u);
        e->remote = udp_remote(u);
        udp_levels(u, e);
        name_owner(h, udp_owner(u), e);
    } else {
        return false;
    }
    *cursor = e->conn;
    return true;
}
