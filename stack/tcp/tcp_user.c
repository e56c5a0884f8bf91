// tcp_user.c - the user calls of RFC 9293 §3.10.1 to §3.10.6. See tcp_user.h.
#include "tcp/tcp_user.h"

#include <errno.h>

#include "net/ip.h"
#include "tcp/tcp.h"

int tcp_init(struct host *h)
{
    struct tcp_table *tt = block_new(&h->pool, sizeof *tt);
    if (tt == NULL) return -ENOMEM;
    for (int i = 0; i < TCP_PORT_BUCKETS; i++) list_reset(&tt->port[i]);
    tt->wait_timer.owner = TIMER_OWNER_TCP;
    h->tcp = tt;
    return 0;
}

void tcp_done(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    if (tt == NULL) return;
    for (struct conn *c = table_next(h, 0); c != NULL; c = table_next(h, c->id)) {
        if (c->kind != CONN_TCP) continue;
        struct tcp *t = (struct tcp *)(void *)c;
        t->parent = NULL;       // nobody is told
        list_remove(&t->port);  // a listener goes before the children in its queues
    }
    for (struct conn *c; (c = table_next(h, 0)) != NULL;) {
        if (c->kind == CONN_TCP) {
            tcp_forget((struct tcp *)(void *)c);
        } else {
            table_remove(h, c);
            table_remove_id(h, c);
        }
    }
    timewait_done(h);
    fastopen_flush(h);
    block_free(&h->pool, tt->slot, tt->slots * sizeof *tt->slot);
    block_free(&h->pool, tt->by_id, tt->id_cap * sizeof *tt->by_id);
    block_free(&h->pool, tt, sizeof *tt);
    h->tcp = NULL;
}

struct tcp *tcp_open(struct host *h, struct ready *ready)
{
    struct tcp *t = tcp_new(h);
    if (t == NULL) return NULL;
    t->owned = true;
    t->ready = ready;
    return t;
}

static int take_error(struct tcp *t)
{
    int error = t->error;
    t->error = 0;
    return -error;
}

// --- names -------------------------------------------------------------------------------------

// RFC 9293: MUST-43.
int tcp_bind(struct tcp *t, const struct endpoint *local)
{
    if (t->state != TCP_CLOSED || t->bound_port || t->started) return -EINVAL;
    struct endpoint at = *local;
    if (!addr_is_any(at.addr) && !ip_is_local(t->host, at.addr)) return -EADDRNOTAVAIL;
    int rc;
    if (at.port == 0) {
        struct endpoint nobody = {.addr = addr_any(at.addr.family)};
        rc = table_pick_port(t, at, nobody);
        if (rc < 0) return rc == -EADDRNOTAVAIL ? -EADDRINUSE : rc;
        at.port = (uint16_t)rc;
    } else if ((rc = table_may_bind(t, at)) < 0) {
        return rc;
    }
    conn_name(&t->conn, at, (struct endpoint){.addr = addr_any(at.addr.family)});
    t->bound_port = true;
    t->bound_addr = !addr_is_any(at.addr);
    table_bind(t);
    tcp_tell_name(t);
    return 0;
}

int tcp_listen(struct tcp *t, int backlog)
{
    int64_t most = t->host->set.somaxconn;
    uint32_t n = backlog < 0 || backlog > most ? (uint32_t)most : (uint32_t)backlog;
    if (t->state == TCP_LISTEN) {
        t->listener->backlog = n;
        fastopen_listen(t, n);
        listen_tell(t);
        return 0;
    }
    if (t->state != TCP_CLOSED || t->started) return -EINVAL;
    if (!t->bound_port) {
        struct endpoint any = {.addr = addr_any(FAMILY_IP4)};
        int rc = tcp_bind(t, &any);
        if (rc < 0) return rc;
    }
    // Two that shared the port by SO_REUSEADDR may not both listen (MUST-41, MUST-42).
    int rc = table_may_listen(t);
    if (rc < 0) return rc;
    if (listen_make(t) == NULL) return -ENOBUFS;
    t->listener->backlog = n;
    fastopen_listen(t, n);
    tcp_set_state(t, TCP_LISTEN, WHY_USER_LISTEN);
    listen_tell(t);
    return 0;
}

// Our end of the connection: what was bound, else what the route says (MUST-44), and a port.
static int choose_local(struct tcp *t, const struct endpoint *peer, struct endpoint *local)
{
    struct ip_path path;
    int rc = ip_path(t->host, peer->addr, &path);
    if (rc < 0) return rc;
    *local = t->bound_port ? conn_local(&t->conn) : (struct endpoint){0};
    if (!t->bound_addr) local->addr = path.src;
    if (local->addr.family != peer->addr.family) return -EAFNOSUPPORT;
    if (t->bound_port)
        return table_find(t->host, *local, *peer) == NULL ? 0 : -EADDRNOTAVAIL;
    rc = table_pick_port(t, *local, *peer);
    if (rc < 0) return rc;
    local->port = (uint16_t)rc;
    return 0;
}

// SYN-SENT, but for the SYN.
static int begin_call(struct tcp *t, const struct endpoint *peer)
{
    if (tcp_in(t, TCP_OPENING)) return t->fo & FO_DEFERRED ? -EISCONN : -EALREADY;
    if (t->state == TCP_LISTEN) return -EISCONN;
    if (t->state != TCP_CLOSED) return -EISCONN;
    if (t->started) return -EINVAL;
    struct addr a = peer->addr;
    if (addr_is_multicast(a) || addr_is_broadcast(a)) return -ENETUNREACH;  // (MUST-46)
    if (addr_is_any(a) || peer->port == 0) return -EADDRNOTAVAIL;

    struct endpoint local;
    int rc = choose_local(t, peer, &local);
    if (rc < 0) return rc;
    struct conn before = t->conn;
    list_remove(&t->port);
    conn_name(&t->conn, local, *peer);
    if (!table_add(t->host, &t->conn)) {
        t->conn = before;
        if (t->bound_port) table_bind(t);
        return -ENOBUFS;
    }
    t->in_table = true;
    t->error = 0;
    if (t->bound_port) table_bind(t);
    tcp_start(t, tcp_new_isn(t));
    tcp_set_state(t, TCP_SYN_SENT, WHY_USER_CONNECT);
    return 0;
}

static void abort_with(struct tcp *t, enum sent why)
{
    uint32_t peer_knows = TCP_MAY_SEND | TCP_MAY_RECEIVE | BIT(TCP_SYN_RCVD);
    if (tcp_in(t, peer_knows)) tcp_send_rst(t, why);
    tcp_finish(t, WHY_USER_ABORT, 0);
}

// connect() to nobody: the connection is aborted, and the socket may connect or listen anew. Linux:
// tcp_disconnect, which leaves it with ECONNRESET until then.
static int disconnect(struct tcp *t)
{
    if (t->state == TCP_CLOSED && !t->started) return 0;
    bool cut = tcp_in(t, TCP_MAY_SEND | TCP_MAY_RECEIVE | TCP_OPENING);
    abort_with(t, SENT_RST_ABORT);
    tcp_renew(t);
    if (cut) t->error = ECONNRESET;
    tcp_wake(t);
    tcp_settle(t);
    return 0;
}

int tcp_connect(struct tcp *t, const struct endpoint *peer)
{
    if (peer->addr.family == FAMILY_NONE) return disconnect(t);
    int rc = begin_call(t, peer);
    if (rc < 0) return rc;
    if ((t->fo & FO_CONNECT) && fastopen_may_call(t)) {
        fastopen_ask(t);
        if (fastopen_may_carry(t)) {  // the SYN goes with the first bytes that are written
            t->fo |= FO_DEFERRED;
            tcp_wake(t);
            return 0;
        }
    }
    tcp_want_output(t);
    return -EINPROGRESS;
}

// The call was begun; its SYN goes now, with as many bytes as it may carry.
static ssize_t send_first(struct tcp *t, const void *buf, size_t n, unsigned flags)
{
    t->fo &= (uint16_t)~FO_DEFERRED;
    fastopen_ask(t);
    size_t room = fastopen_may_carry(t) ? fastopen_room(t) : 0, took = n < room ? n : room;
    if (took > 0) took = sndq_append(&t->sndq, &t->host->pool, buf, took);
    if (took > 0) {
        t->fo |= FO_DATA;
        notes_wrote(t, flags & NG_MSG_FREED ? NG_NOTE_FREED : 0);
        tcp_buf_changed(t);
    }
    tcp_want_output(t);
    tcp_settle(t);
    return took > 0 ? (ssize_t)took : -EINPROGRESS;
}

ssize_t tcp_send_open(struct tcp *t, const struct endpoint *peer, const struct ng_message *m)
{
    unsigned flags = m->flags & NG_MSG_FREED;
    if (tcp_in(t, TCP_SYNCHRONIZED) || (t->fo & FO_DEFERRED))
        return tcp_send(t, m->buf, m->len, flags);
    if (!fastopen_may_call(t)) return -EOPNOTSUPP;
    if (peer == NULL) return -EDESTADDRREQ;
    if (peer->addr.family == FAMILY_NONE) return -EOPNOTSUPP;  // AF_UNSPEC
    if (t->error != 0) return take_error(t);
    if (flags != 0 && !notes_ready(t)) return -ENOBUFS;
    int rc = begin_call(t, peer);
    return rc < 0 ? rc : send_first(t, m->buf, m->len, flags);
}

void tcp_flush_peers(struct host *h) { fastopen_flush(h); }

struct tcp *tcp_accept(struct tcp *listener, struct ready *ready)
{
    if (listener->state != TCP_LISTEN) return NULL;
    struct list_node *n = list_front(&listener->listener->accept_queue);
    if (n == NULL) return NULL;
    struct tcp *t = LIST_ENTRY(n, struct tcp, queue);
    listen_leave(t);
    t->owned = true;
    t->ready = ready;
    return t;
}

// --- bytes -------------------------------------------------------------------------------------

// Why there is nothing to read.
static ssize_t nothing_to_read(struct tcp *t)
{
    if (t->error != 0) return take_error(t);
    if (t->peer_fin || t->shut_rd) return 0;
    if (t->state == TCP_CLOSED) return t->started ? 0 : -ENOTCONN;
    if (t->state == TCP_LISTEN) return -ENOTCONN;
    return -EAGAIN;
}

static void after_read(struct tcp *t, size_t n)
{
    tcp_buf_changed(t);
    tune_on_read(t, n);
    delack_on_read(t);
    if (tcp_in(t, TCP_MAY_RECEIVE) && tcp_window_grew(t)) tcp_want_ack(t, SENT_WINDOW_UPDATE);
    tcp_settle(t);
}

ssize_t tcp_read(struct tcp *t, void *buf, size_t n)
{
    if (n == 0) return 0;
    size_t got = rcvq_read(&t->rcvq, &t->host->pool, buf, urgent_reach(t, n));
    urgent_passed(t);
    if (got == 0) return nothing_to_read(t);
    after_read(t, got);
    return (ssize_t)got;
}

// The urgent byte alone, which is no part of the stream; -EINVAL: none was announced, or it was
// read, or it stands in the stream.
ssize_t tcp_read_urgent(struct tcp *t, void *buf, size_t n, bool peek)
{
    uint8_t byte;
    ssize_t got = urgent_read(t, &byte, peek);
    if (got <= 0 || n == 0) return got < 0 ? got : 0;
    memcpy(buf, &byte, 1);
    return got;
}

ssize_t tcp_peek(struct tcp *t, const uint8_t **p)
{
    size_t most = urgent_reach(t, SIZE_MAX), n = rcvq_peek(&t->rcvq, p);
    if (n > most) n = most;
    return n > 0 ? (ssize_t)n : nothing_to_read(t);
}

int tcp_consume(struct tcp *t, size_t n)
{
    if (n > t->rcvq.bytes.len) return -EINVAL;
    if (n == 0) return 0;
    slices_drop(&t->rcvq.bytes, &t->host->pool, (uint32_t)n);
    urgent_passed(t);
    after_read(t, n);
    return 0;
}

int tcp_note(struct tcp *t, struct ng_note *n) { return notes_take(t, n); }

// 0: bytes may be written now.
static int may_write(struct tcp *t)
{
    if (t->error != 0) return take_error(t);
    if (t->fin_wanted) return -EPIPE;
    if (tcp_may_send(t)) return 0;
    if (tcp_in(t, TCP_OPENING)) return -EAGAIN;
    return -EPIPE;  // Linux: whether it was connected once or never
}

// What a cork holds leaves after an RTO at the latest. Linux: likewise, about 200 ms.
static void after_write(struct tcp *t)
{
    if (!tcp_room_is_worth_it(t)) t->wants_room = true;
    tcp_buf_changed(t);
    ledger_turn(t);
    if ((t->cork || t->more_held) && t->deadline[DEADLINE_CORK] == NEVER)
        deadline_set(t, DEADLINE_CORK, TIMER_CORK, t->host->now + rtt_rto(&t->rtt));
    tcp_want_output(t);
    tcp_settle(t);
}

// MSG_MORE is a cork for this once: until the next ACK, or bytes without it. MSG_EOR keeps what is
// written later out of the segments of these bytes. Linux: likewise.
ssize_t tcp_send(struct tcp *t, const void *buf, size_t n, unsigned flags)
{
    if ((flags & NG_MSG_FREED) && n > 0 && !notes_ready(t)) return -ENOBUFS;
    if (t->fo & FO_DEFERRED) return send_first(t, buf, n, flags);
    int rc = may_write(t);
    if (rc < 0 || n == 0) return rc;
    size_t room = tcp_write_room(t);
    ledger_wrote(t, n <= room);
    if (n > room) t->wants_room = true;
    if (room == 0) return -EAGAIN;
    rate_check_app(t);
    loss_after_idle(t);
    struct seq end = tcp_data_end(t);
    size_t took = slices_copy_in(&t->sndq.bytes, &t->host->pool, buf, n < room ? n : room);
    if (took == 0) return -ENOBUFS;
    if (flags & NG_MSG_OOB) urgent_mark(t);
    tcp_note_buffers(t, end);
    notes_wrote(t, flags & NG_MSG_FREED ? NG_NOTE_FREED : 0);
    t->more = t->more_held = (flags & NG_MSG_MORE) != 0;
    if ((flags & NG_MSG_EOR) && took == n) slices_end_record(&t->sndq.bytes);
    if (!t->more && !t->cork) deadline_clear(t, DEADLINE_CORK);
    after_write(t);
    return (ssize_t)took;
}

ssize_t tcp_write(struct tcp *t, const void *buf, size_t n) { return tcp_send(t, buf, n, 0); }

ssize_t tcp_give(struct tcp *t, struct slice bytes)
{
    int rc = may_write(t);
    if (rc < 0 || bytes.len == 0) return rc;
    bool room = sndq_room(&t->sndq) >= bytes.len && tcp_write_room(t) > 0;
    if (!room && t->sndq.bytes.len > 0) {
        t->wants_room = true;
        return -EAGAIN;
    }
    if (bytes.len > t->sndq.limit) return -EMSGSIZE;
    rate_check_app(t);
    loss_after_idle(t);
    struct slice own = slice_of(bytes.chunk, bytes.off, bytes.len);
    if (!sndq_give(&t->sndq, &t->host->pool, own)) {
        slice_drop(&own);
        return -ENOBUFS;
    }
    notes_wrote(t, 0);
    after_write(t);
    return (ssize_t)bytes.len;
}

// --- closing -----------------------------------------------------------------------------------

// RFC 9293 §3.10.4: no more bytes from us. The state changes now; the FIN goes when all before it
// has gone. In SYN-RECEIVED both wait for the ACK of our SYN.
static void send_fin(struct tcp *t, enum tcp_why why)
{
    if (t->fin_wanted) return;
    t->fin_wanted = true;
    if (t->state == TCP_SYN_RCVD) return;
    tcp_set_state(t, t->state == TCP_CLOSE_WAIT ? TCP_LAST_ACK : TCP_FIN_WAIT_1, why);
    tcp_want_output(t);
}

int tcp_shutdown(struct tcp *t, int how)
{
    if (how < NG_SHUT_RD || how > NG_SHUT_RDWR) return -EINVAL;
    if (t->state == TCP_CLOSED || t->state == TCP_SYN_SENT) return -ENOTCONN;
    if (t->state == TCP_LISTEN) {
        if (how != NG_SHUT_WR) tcp_finish(t, WHY_USER_CLOSE, 0);
        return 0;
    }
    if (how != NG_SHUT_WR) t->shut_rd = true;
    if (how != NG_SHUT_RD && tcp_in(t, TCP_MAY_SEND | BIT(TCP_SYN_RCVD)))
        send_fin(t, WHY_USER_CLOSE);
    tcp_wake(t);
    return 0;
}

static void let_go(struct tcp *t)
{
    t->owned = false;
    t->ready = NULL;
}

void tcp_abort(struct tcp *t)
{
    let_go(t);
    abort_with(t, SENT_RST_ABORT);
    tcp_settle(t);
}

// Nobody will read what comes now. An orphan has a time limit where the protocol has none.
// RFC 9293: MAY-1.
static void orphan(struct tcp *t)
{
    slices_free(&t->rcvq.bytes, &t->host->pool);
    if (t->state == TCP_FIN_WAIT_2)
        deadline_set(t, DEADLINE_LIFE, TIMER_FIN_WAIT_2,
                     t->host->now + SEC(t->host->set.tcp_fin_timeout));
}

static bool has_unread(const struct tcp *t) { return t->rcvq.bytes.len > 0 || t->rcvq.held > 0; }

// The peer has not acknowledged all, and there is time left to wait for that.
static bool must_linger(const struct tcp *t)
{
    return tcp_in(t, TCP_OUR_FIN) && deadline_is(t, DEADLINE_LIFE, TIMER_LINGER);
}

// SO_LINGER of some seconds: the FIN goes, and close() waits until it is acknowledged, but no
// longer than that. Linux: what the peer has not by then goes on without anybody.
int tcp_linger(struct tcp *t)
{
    if (!t->linger_on || t->linger_s == 0 || has_unread(t)) return 0;
    if (!t->lingering) {
        if (tcp_in(t, TCP_MAY_SEND)) send_fin(t, WHY_USER_CLOSE);
        if (!tcp_in(t, TCP_OUR_FIN)) return 0;
        t->lingering = true;
        deadline_set(t, DEADLINE_LIFE, TIMER_LINGER, t->host->now + SEC(t->linger_s));
        tcp_wake(t);
    }
    return must_linger(t) ? -EAGAIN : 0;
}

void tcp_close(struct tcp *t)
{
    let_go(t);
    if (must_linger(t)) deadline_clear(t, DEADLINE_LIFE);
    bool unread = has_unread(t);
    bool synchronized = tcp_in(t, TCP_MAY_SEND | TCP_MAY_RECEIVE) || tcp_opened_early(t);
    if (tcp_in(t, BIT(TCP_LISTEN) | BIT(TCP_SYN_SENT))) {
        tcp_finish(t, WHY_USER_CLOSE, 0);
    } else if (synchronized && unread) {
        abort_with(t, SENT_RST_UNREAD);  // (SHLD-3): bytes are lost, and the peer must know
    } else if (synchronized && t->linger_on && t->linger_s == 0) {
        abort_with(t, SENT_RST_ABORT);
    } else {
        if (tcp_in(t, TCP_MAY_SEND | BIT(TCP_SYN_RCVD))) send_fin(t, WHY_USER_CLOSE);
        if (t->state != TCP_CLOSED) orphan(t);
    }
    tcp_settle(t);
}

// --- what may be waited for --------------------------------------------------------------------

unsigned tcp_events(const struct tcp *t)
{
    unsigned e = 0;
    if (t->state == TCP_LISTEN) return t->listener->accept_len > 0 ? NG_ACCEPTABLE : 0;
    bool over = t->state == TCP_CLOSED && t->started;
    if (t->error != 0) e |= NG_ERROR | NG_READABLE | NG_WRITABLE;
    // An urgent byte that is not in the stream is nothing to read.
    uint32_t least = urgent_at_mark(t) && !t->oob_inline ? 1 : 0;
    if (t->rcvq.bytes.len > least || t->peer_fin || t->shut_rd || over) e |= NG_READABLE;
    if (t->urgent == URGENT_AHEAD || t->urgent == URGENT_HERE) e |= NG_URGENT;
    if (t->urgent == URGENT_HERE) e |= NG_PRIORITY;
    if (t->fo & FO_DEFERRED) e |= NG_WRITABLE;
    if (tcp_may_send(t) && tcp_room_is_worth_it(t)) e |= NG_WRITABLE;
    if (t->fin_wanted || over) e |= NG_WRITABLE;  // it would fail at once
    if (tcp_in(t, TCP_SYNCHRONIZED)) e |= NG_CONNECTED;
    if (notes_wait(t)) e |= NG_NOTED;
    if (t->peer_fin) e |= NG_PEER_CLOSED;
    if (over || (t->peer_fin && t->fin_wanted)) e |= NG_HUP;
    if (t->lingering && !must_linger(t)) e |= NG_LINGERED;
    return e;
}
