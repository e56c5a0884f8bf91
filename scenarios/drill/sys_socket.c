// sys_socket.c - calls that make, name, open and close sockets. See sys.h.
#include <errno.h>

#include "scenarios/drill/sys.h"

enum { LINUX_F_GETFD = 1, LINUX_F_SETFD = 2, LINUX_F_GETFL = 3, LINUX_F_SETFL = 4,
       LINUX_FIONREAD = 0x541b, LINUX_FIONBIO = 0x5421, LINUX_SIOCOUTQ = 0x5411,
       LINUX_SIOCATMARK = 0x8905, LINUX_SIOCOUTQNSD = 0x894b, PROTO_TCP = 6, PROTO_UDP = 17 };

// socket(domain, type, protocol): what Linux says to each triple (inet_create).
static int64_t kind_of(int64_t type, int64_t protocol, enum sock_kind *kind)
{
    type &= ~(int64_t)(LINUX_SOCK_NONBLOCK | 0x80000);
    if (type != LINUX_SOCK_STREAM && type != LINUX_SOCK_DGRAM) return -ESOCKTNOSUPPORT;
    int64_t own = type == LINUX_SOCK_STREAM ? PROTO_TCP : PROTO_UDP;
    *kind = type == LINUX_SOCK_STREAM ? KIND_TCP : KIND_UDP;
    return protocol == 0 || protocol == own ? 0 : -EPROTONOSUPPORT;
}

int64_t sys_do_socket(struct sys_call *c)
{
    int64_t domain = LINUX_AF_INET, type, protocol;
    enum sock_kind kind = KIND_NONE;
    if (!sys_opt_int(c, 0, &domain) || !sys_int(c, 1, &type) || !sys_int(c, 2, &protocol)) return 0;
    if (domain != LINUX_AF_INET && domain != LINUX_AF_INET6) return -EAFNOSUPPORT;
    int64_t rc = kind_of(type, protocol, &kind);
    if (rc < 0) return rc;
    struct run *r = c->run;
    int error;
    ng_sock s = ng_sock_open(r->world->host, r->world->app, kind, &error);
    if (s == 0) return error;
    struct fd *f;
    rc = sys_new_fd(c, FD_SOCKET, &f);
    if (f == NULL) {
        ng_sock_close(r->world->host, s);
        return rc;
    }
    f->sock = s;
    f->tcp = kind == KIND_TCP;
    if (type & LINUX_SOCK_NONBLOCK) f->flags |= LINUX_O_NONBLOCK;
    r->last_sock = s;
    return rc;
}

// --- addresses ----------------------------------------------------------------------------------

static bool call_text(const struct value *v, const char *name, char *text, size_t cap)
{
    if (v == NULL || v->kind != VALUE_CALL || strcmp(v->name, name) != 0 || v->first == NULL)
        return false;
    const struct value *s = v->first;
    if (s->kind != VALUE_STRING || s->len >= cap) return false;
    memcpy(text, s->bytes, s->len);
    text[s->len] = 0;
    return true;
}

// {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("1.2.3.4")}
bool sys_address(struct sys_call *c, const struct value *v, struct endpoint *e)
{
    char text[ADDR_TEXT];
    const struct value *port = sys_field(v, "sin_port"), *addr = sys_field(v, "sin_addr");
    if (port == NULL) port = sys_field(v, "sin6_port");
    if (addr == NULL) addr = sys_field(v, "sin6_addr");
    int64_t n = 0;
    bool fine = port != NULL && port->kind == VALUE_CALL && strcmp(port->name, "htons") == 0
             && port->first != NULL && sys_number_of(port->first, &n) && n >= 0 && n <= 65535;
    fine = fine && (call_text(addr, "inet_addr", text, sizeof text)
                    || call_text(addr, "inet6_addr", text, sizeof text))
        && addr_parse(&e->addr, text);
    // IPv4 by a socket of IPv6: ::ffff:1.2.3.4 is 1.2.3.4.
    if (fine && c->run->config.mapped) e->addr = config_unmapped(e->addr);
    e->port = (uint16_t)n;
    if (!fine)
        run_refuse(c->run, v->at, "an address is ..., or {sa_family = AF_INET, "
                   "sin_port = htons(80), sin_addr = inet_addr(\"1.2.3.4\")}");
    return fine;
}

// An address argument: `...` is the given default; AF_UNSPEC in its place asks to disconnect.
static bool endpoint_arg(struct sys_call *c, unsigned i, struct endpoint *e, bool *unspec)
{
    const struct value *v = c->arg[i];
    *unspec = v->kind == VALUE_SYMBOL && strcmp(v->name, "AF_UNSPEC") == 0;
    if (v->kind == VALUE_ELLIPSIS || *unspec) return true;
    return sys_address(c, v, e);
}

int64_t sys_do_bind(struct sys_call *c)
{
    int64_t rc;
    bool unspec;
    struct run *r = c->run;
    struct fd *f = sys_socket(c, 0, &rc);
    struct endpoint e = {r->config.local, r->config.bind_port};
    if (f == NULL || !endpoint_arg(c, 1, &e, &unspec)) return rc;
    return ng_sock_bind(r->world->host, f->sock, &e);
}

int64_t sys_do_listen(struct sys_call *c)
{
    int64_t rc, backlog;
    struct fd *f = sys_socket(c, 0, &rc);
    if (f == NULL || !sys_int(c, 1, &backlog)) return rc;
    if (backlog > INT32_MAX || backlog < INT32_MIN) backlog = INT32_MAX;
    rc = ng_sock_listen(c->run->world->host, f->sock, (int)backlog);
    if (rc == 0) c->run->listening = true;
    return rc;
}

// --- connect ------------------------------------------------------------------------------------

// Of a connect() that blocks, as the socket's events tell it.
int64_t sys_open_outcome(struct sys_call *c, const struct fd *f)
{
    struct host *h = c->run->world->host;
    unsigned events = ng_sock_events(h, f->sock);
    if (events & NG_CONNECTED) return 0;
    if (events & (NG_ERROR | NG_HUP)) {
        int error = 0;
        size_t n = sizeof error;
        ng_sock_get(h, f->sock, NG_SO_ERROR, &error, &n);
        return error != 0 ? -error : -ECONNABORTED;
    }
    c->waits = true;
    return -EINPROGRESS;
}

void sys_opened(struct sys_call *c, const struct fd *f)
{
    struct run *r = c->run;
    r->connecting = true;
    r->connecting_sock = f->sock;
    r->last_sock = f->sock;
}

int64_t sys_do_connect(struct sys_call *c)
{
    int64_t rc;
    bool unspec;
    struct run *r = c->run;
    struct fd *f = sys_socket(c, 0, &rc);
    if (f == NULL) return rc;
    if (c->again) return sys_open_outcome(c, f);
    struct endpoint e = {r->config.remote, r->config.connect_port};
    if (!endpoint_arg(c, 1, &e, &unspec)) return 0;
    if (unspec) e = (struct endpoint){0};
    rc = ng_sock_connect(r->world->host, f->sock, &e);
    if ((rc == -EINPROGRESS || rc == 0) && !unspec) sys_opened(c, f);
    if (rc == -EINPROGRESS && !(f->flags & LINUX_O_NONBLOCK)) c->waits = true;
    return rc;
}

// --- accept -------------------------------------------------------------------------------------

static void match_flow(struct run *r, ng_sock s, const struct endpoint *peer)
{
    for (struct flow *f = r->flows.newest; f != NULL; f = f->next)
        if (f->tcp && f->sock == 0 && endpoint_eq(f->remote, *peer)) {
            f->sock = s;
            return;
        }
}

int64_t sys_do_accept(struct sys_call *c)
{
    int64_t rc;
    struct run *r = c->run;
    struct fd *listener = sys_socket(c, 0, &rc);
    if (listener == NULL) return rc;
    struct endpoint peer = {0}, want;
    int error = 0;
    bool named = c->arg[1]->kind == VALUE_STRUCT;
    if (named && !sys_address(c, c->arg[1], &want)) return 0;
    ng_sock s = ng_sock_accept(r->world->host, listener->sock, &peer, &error);
    if (s == 0) return sys_may_wait(c, listener, 0, error);
    struct fd parent = *listener;  // the table may move
    struct fd *f;
    rc = sys_new_fd(c, FD_SOCKET, &f);
    if (f == NULL) {
        ng_sock_close(r->world->host, s);
        return rc;
    }
    f->sock = s;
    f->tcp = parent.tcp;
    f->zerocopy = parent.zerocopy;
    f->tell_inq = parent.tell_inq;
    memcpy(f->kept, parent.kept, sizeof f->kept);
    r->last_sock = s;
    match_flow(r, s, &peer);
    if (named && !endpoint_eq(peer, want)) run_fail(r, c->arg[1]->at, "the peer is another one");
    return rc;
}

// --- the end ------------------------------------------------------------------------------------

int64_t sys_do_shutdown(struct sys_call *c)
{
    int64_t rc, how;
    struct fd *f = sys_socket(c, 0, &rc);
    if (f == NULL || !sys_int(c, 1, &how)) return rc;
    if (how < 0 || how > 2) return -EINVAL;
    return ng_sock_shutdown(c->run->world->host, f->sock, (int)how);
}

static void forget_sock(struct run *r, ng_sock s)
{
    for (struct flow *f = r->flows.newest; f != NULL; f = f->next)
        if (f->sock == s) f->sock = 0;
    if (r->last_sock == s) r->last_sock = 0;
}

int64_t sys_do_close(struct sys_call *c)
{
    int64_t rc;
    struct run *r = c->run;
    struct fd *f = sys_fd(c, 0, &rc);
    if (f == NULL) return rc;
    rc = 0;
    if (f->kind == FD_SOCKET) {
        forget_sock(r, f->sock);
        rc = ng_sock_close(r->world->host, f->sock);
        c->waits = rc == -EAGAIN;  // it lingers, also where O_NONBLOCK is set
        if (c->waits) return rc;
    } else if (f->kind == FD_PIPE_READ || f->kind == FD_PIPE_WRITE) {
        struct fd *other = fd_find(&r->fds, f->other);
        if (other != NULL) other->other = -1;
    }
    fd_remove(&r->fds, f->number);
    return rc;
}

// --- fcntl, ioctl -------------------------------------------------------------------------------

int64_t sys_do_fcntl(struct sys_call *c)
{
    int64_t rc, command, flags = 0;
    struct fd *f = sys_fd(c, 0, &rc);
    if (f == NULL || !sys_int(c, 1, &command)) return rc;
    if (c->call->count > 2 && !sys_int(c, 2, &flags)) return 0;
    switch (command) {
    case LINUX_F_GETFL: return f->flags;
    case LINUX_F_SETFL:
        f->flags = (f->flags & 3) | ((uint32_t)flags & LINUX_O_NONBLOCK);
        return 0;
    case LINUX_F_GETFD: case LINUX_F_SETFD: return 0;
    default: return -EINVAL;
    }
}

// Of datagrams, what one read would give: the length of the first.
static int64_t readable(struct run *r, const struct fd *f, const struct ng_sock_entry *e)
{
    const uint8_t *p;
    if (f->tcp || e->rcv_len == 0 || ng_sock_events(r->world->host, f->sock) & NG_ERROR)
        return e->rcv_len;
    return ng_sock_peek(r->world->host, f->sock, &p);
}

static int64_t unsent(struct run *r, const struct fd *f, const struct ng_sock_entry *e)
{
    struct ng_tcp_info i;
    if (!f->tcp || ng_tcp_info(r->world->host, f->sock, &i) < 0) return 0;
    return e->snd_len > i.unacked ? e->snd_len - i.unacked : 0;
}

static int64_t levels_of(struct run *r, const struct fd *f, int64_t request, int64_t *n)
{
    uint32_t cursor = 0;
    struct ng_sock_entry e;
    int number = ng_sock_fd(r->world->host, f->sock), level = 0;
    size_t size = sizeof level;
    bool asked = request == LINUX_SIOCATMARK || (request == LINUX_FIONREAD && f->tcp);
    while (ng_host_walk(r->world->host, &cursor, &e)) {
        if (e.app != r->world->app || e.fd != number) continue;
        if (e.kind == KIND_TCP && e.state == TCP_LISTEN) return -EINVAL;
        *n = request == LINUX_FIONREAD ? readable(r, f, &e)
           : request == LINUX_SIOCOUTQ ? e.snd_len : unsent(r, f, &e);
        if (!asked) return 0;
        int rc = ng_sock_get(r->world->host, f->sock,
                             request == LINUX_SIOCATMARK ? NG_SO_ATMARK : NG_SO_INQ, &level, &size);
        *n = level;
        return rc;
    }
    return -EBADF;
}

// What TCP_CM_INQ says: after the peer's FIN there is always one thing more to read, its end.
int64_t sys_waiting(struct run *r, const struct fd *f)
{
    int64_t n = 0;
    if (levels_of(r, f, LINUX_FIONREAD, &n) < 0 || n > 0) return n;
    return (ng_sock_events(r->world->host, f->sock) & NG_PEER_CLOSED) != 0;
}

int64_t sys_do_ioctl(struct sys_call *c)
{
    int64_t rc, request, want = 0, n = 0;
    struct run *r = c->run;
    struct fd *f = sys_fd(c, 0, &rc);
    if (f == NULL || !sys_int(c, 1, &request)) return rc;
    const struct value *v = c->call->count > 2 ? sys_in_list(c->arg[2]) : NULL;
    if (v != NULL && v->kind != VALUE_ELLIPSIS && !sys_int_of(c, v, &want)) return 0;
    if (request == LINUX_FIONBIO) {
        f->flags = want != 0 ? f->flags | LINUX_O_NONBLOCK : f->flags & ~(uint32_t)LINUX_O_NONBLOCK;
        return 0;
    }
    if (f->kind != FD_SOCKET) return -ENOTTY;
    bool known = request == LINUX_FIONREAD || request == LINUX_SIOCOUTQ
              || request == LINUX_SIOCOUTQNSD || (request == LINUX_SIOCATMARK && f->tcp);
    if (!known) return -ENOTTY;
    rc = levels_of(r, f, request, &n);
    if (rc == 0 && v != NULL && v->kind != VALUE_ELLIPSIS && n != want)
        run_fail(r, v->at, "ioctl gives %lld, not %lld", (long long)n, (long long)want);
    return rc;
}
