// tcp_listen.c - a listener and its two queues.
//
//     SYN -> [ SYN queue: SYN-RECEIVED ] -> last ACK -> [ accept queue: ESTABLISHED ] -> accept()
//
// Linux's rules: the accept queue holds backlog + 1 connections. When it is full, new SYNs and the
// last ACKs of others are dropped; both peers try again, and by then there may be room.
#include <errno.h>

#include "tcp/tcp.h"

enum { SYN_QUEUE_LEAST = 16 };

void listen_tell(const struct tcp *t)
{
    const struct listener *l = t->listener;
    TRACE(t->host, .type = TRACE_SOCK_QUEUE, .conn = t->conn.id,
          .sock_queue = {.syn_len = l->syn_len, .accept_len = l->accept_len,
                         .backlog = l->backlog});
}

struct listener *listen_make(struct tcp *t)
{
    if (t->listener != NULL) return t->listener;
    t->listener = block_new(&t->host->pool, sizeof *t->listener);
    if (t->listener == NULL) return NULL;
    list_reset(&t->listener->syn_queue);
    list_reset(&t->listener->accept_queue);
    return t->listener;
}

static bool accept_queue_full(const struct tcp *listener)
{
    return listener->listener->accept_len > listener->listener->backlog;
}

// At least a few handshakes may be under way, however short the backlog.
static bool syn_queue_full(const struct tcp *listener)
{
    const struct listener *l = listener->listener;
    uint32_t most = l->backlog > SYN_QUEUE_LEAST ? l->backlog : SYN_QUEUE_LEAST;
    int64_t limit = listener->host->set.tcp_max_syn_backlog;
    return l->syn_len >= most || l->syn_len >= limit;
}

// What an accepted socket has from its listener.
static void inherit(struct tcp *t, const struct tcp *from)
{
    t->reuse_addr = from->reuse_addr;
    t->reuse_port = from->reuse_port;
    t->nodelay = from->nodelay;
    t->keepalive = from->keepalive;
    t->linger_on = from->linger_on;
    t->linger_s = from->linger_s;
    t->mss_user = from->mss_user;
    t->user_timeout_ms = from->user_timeout_ms;
    t->ttl = from->ttl;
    t->tos = from->tos;
    t->cc = from->cc;
    t->sndq.limit = from->sndq.limit;
    t->sndq.fixed = from->sndq.fixed;
    t->rcvq.limit = from->rcvq.limit;
    t->rcvq.fixed = from->rcvq.fixed;
}

// RFC 9293 §3.10.7.2, third: a SYN makes a connection in SYN-RECEIVED.
static struct tcp *make_child(struct tcp *listener, struct arrival *a)
{
    struct host *h = listener->host;
    struct tcp *t = tcp_new(h);
    if (t == NULL) return NULL;
    conn_name(&t->conn, (struct endpoint){a->ip->dst, a->seg.dport},
              (struct endpoint){a->ip->src, a->seg.sport});
    if (!table_add(h, &t->conn)) {
        tcp_forget(t);
        return NULL;
    }
    t->in_table = true;
    t->passive = true;
    inherit(t, listener);
    TRACE(h, .type = TRACE_SOCK_NEW, .conn = t->conn.id,
          .sock_new = {.kind = KIND_TCP, .fd = -1, .listener = listener->conn.id});
    tcp_start(t, tcp_new_isn(t));
    tcp_set_state(t, TCP_SYN_RCVD, WHY_SYN);
    tcp_take_syn(t, a);
    a->f->conn = t->conn.id;
    tcp_tell_in(t, a);

    struct listener *l = listener->listener;
    t->parent = listener;
    list_push_back(&l->syn_queue, &t->queue);
    l->syn_len++;
    listen_tell(listener);
    fastopen_arrive(listener, t, a);
    tcp_want_output(t);
    return t;
}

void listen_arrive(struct tcp *listener, struct arrival *a)
{
    uint8_t flags = a->seg.flags;
    if (flags & TCP_RST) {
        arrival_drop(a, DROP_TCP_UNEXPECTED);
    } else if (flags & TCP_ACK) {  // second: it can be of nothing we sent
        tcp_refuse(a, SENT_RST_BAD_ACK);
        arrival_drop(a, DROP_TCP_BAD_ACK);
    } else if (!(flags & TCP_SYN)) {
        arrival_drop(a, DROP_TCP_UNEXPECTED);
    } else if (accept_queue_full(listener)) {
        arrival_drop(a, DROP_TCP_ACCEPT_QUEUE_FULL);
    } else if (syn_queue_full(listener)) {
        arrival_drop(a, DROP_TCP_SYN_QUEUE_FULL);
    } else if (make_child(listener, a) == NULL) {
        arrival_drop(a, DROP_TCP_TABLE_FULL);
    } else {
        arrival_free(a);
    }
}

bool listen_promote(struct tcp *t)
{
    struct tcp *parent = t->parent;
    if (t->promoted) return true;  // its cookie did
    if (accept_queue_full(parent)) return false;
    struct listener *l = parent->listener;
    list_remove(&t->queue);
    t->promoted = true;
    l->syn_len--;
    list_push_back(&l->accept_queue, &t->queue);
    l->accept_len++;
    listen_tell(parent);
    tcp_wake(parent);
    return true;
}

void listen_leave(struct tcp *t)
{
    struct tcp *parent = t->parent;
    if (parent == NULL) return;
    t->parent = NULL;
    list_remove(&t->queue);
    if (t->promoted) parent->listener->accept_len--;
    else parent->listener->syn_len--;
    listen_tell(parent);
}

static void refuse_all(struct list_node *queue)
{
    for (struct list_node *n; (n = list_front(queue)) != NULL;) {
        struct tcp *t = LIST_ENTRY(n, struct tcp, queue);
        if (t->state != TCP_CLOSED) tcp_send_rst(t, SENT_RST_BACKLOG);
        if (t->state != TCP_CLOSED) tcp_finish(t, WHY_LISTENER_CLOSED, 0);
        listen_leave(t);
        tcp_settle(t);
    }
}

void listen_close(struct tcp *t)
{
    if (t->listener == NULL) return;
    refuse_all(&t->listener->syn_queue);
    refuse_all(&t->listener->accept_queue);
}
