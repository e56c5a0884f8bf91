// tcp_listen.c - a listener and its two queues.
//
//     SYN -> [ SYN queue: SYN-RECEIVED ] -> last ACK -> [ accept queue: ESTABLISHED ] -> accept()
//
// Linux's rules: the accept queue holds backlog + 1 connections. When it is full, new SYNs and the
// last ACKs of others are dropped; both peers try again, and by then there may be room. When the
// SYN queue is full, cookies answer (syncookie.h), so that a flood of SYNs shuts nobody out.
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

// A child that has its names, and is in the SYN queue. NULL: *why there is none.
static struct tcp *new_child(struct tcp *listener, const struct arrival *a, enum drop *why)
{
    struct host *h = listener->host;
    struct tcp *t = tcp_new(h);
    *why = h->tcp->tcps >= h->sock_limit ? DROP_TCP_TABLE_FULL : DROP_NO_MEMORY;
    if (t == NULL) return NULL;
    conn_name(&t->conn, (struct endpoint){a->ip->dst, a->seg.dport},
              (struct endpoint){a->ip->src, a->seg.sport});
    if (!table_add(h, &t->conn)) {
        *why = DROP_NO_MEMORY;
        tcp_forget(t);
        return NULL;
    }
    t->in_table = true;
    t->passive = true;
    tcp_inherit(t, listener);
    TRACE(h, .type = TRACE_SOCK_NEW, .conn = t->conn.id,
          .sock_new = {.kind = KIND_TCP, .fd = -1, .listener = listener->conn.id});
    t->parent = listener;
    list_push_back(&listener->listener->syn_queue, &t->queue);
    listener->listener->syn_len++;
    a->f->conn = t->conn.id;
    return t;
}

// RFC 9293 §3.10.7.2, third: a SYN makes a connection in SYN-RECEIVED.
static void take_call(struct tcp *listener, struct arrival *a)
{
    enum drop why;
    struct tcp *t = new_child(listener, a, &why);
    if (t == NULL) {
        arrival_drop(a, why);
        return;
    }
    tcp_start(t, tcp_new_isn(t));
    tcp_set_state(t, TCP_SYN_RCVD, WHY_SYN);
    tcp_take_syn(t, a);
    tcp_tell_in(t, a);
    listen_tell(listener);
    fastopen_arrive(listener, t, a);
    tcp_want_output(t);
    arrival_free(a);
}

static void answer_by_cookie(struct tcp *listener, struct arrival *a)
{
    host_step(a->host, a->f, STEP_TCP_COOKIE, listener->conn.id, 0);
    syncookie_answer(listener, a);
    arrival_free(a);
}

// An ACK brought a cookie back: the connection begins as if its SYN had been kept, and this ACK is
// the first segment it gets.
static void take_cookie(struct tcp *listener, struct arrival *a, const struct tcp_seg *syn)
{
    enum drop why;
    struct tcp *t = new_child(listener, a, &why);
    if (t == NULL) {
        arrival_drop(a, why);
        return;
    }
    struct arrival first = {.host = a->host, .ip = a->ip, .seg = *syn};
    tcp_start(t, seq_add(a->seg.ack, UINT32_MAX));
    sent_init(&t->sent, a->seg.ack);  // our SYN,ACK is sent and acknowledged
    t->syn_sent = 1;
    tcp_set_state(t, TCP_SYN_RCVD, WHY_SYN_COOKIE);
    tcp_take_syn(t, &first);
    a->host->count.cookies_back++;
    CHECK(listen_promote(t));
    tcp_established(t, WHY_ACK_OF_SYN);
    tcp_arrive(t, a);
    tcp_settle(t);
}

// A handshake is complete, but nobody accepts: its peer tries again, or is refused at once.
static void overflow(struct tcp *listener, struct arrival *a)
{
    if (listener->host->set.tcp_abort_on_overflow != 0) tcp_refuse(a, SENT_RST_BACKLOG);
    arrival_drop(a, DROP_TCP_ACCEPT_QUEUE_FULL);
}

// Second: an ACK can be of nothing we sent, unless that was a cookie.
static void take_stray_ack(struct tcp *listener, struct arrival *a)
{
    bool may = !(a->seg.flags & TCP_SYN) && syncookie_expected(listener);
    struct tcp_seg syn;
    if (may && syncookie_check(listener, a, &syn)) {
        if (accept_queue_full(listener)) overflow(listener, a);
        else take_cookie(listener, a, &syn);
        return;
    }
    tcp_refuse(a, SENT_RST_BAD_ACK);
    arrival_drop(a, may ? DROP_TCP_BAD_COOKIE : DROP_TCP_BAD_ACK);
}

void listen_arrive(struct tcp *listener, struct arrival *a)
{
    uint8_t flags = a->seg.flags;
    if (flags & TCP_RST) {
        arrival_drop(a, DROP_TCP_UNEXPECTED);
    } else if (flags & TCP_ACK) {
        take_stray_ack(listener, a);
    } else if (!(flags & TCP_SYN)) {
        arrival_drop(a, DROP_TCP_UNEXPECTED);
    } else if (accept_queue_full(listener)) {
        arrival_drop(a, DROP_TCP_ACCEPT_QUEUE_FULL);
    } else if (syncookie_wanted(listener, syn_queue_full(listener))) {
        answer_by_cookie(listener, a);
    } else if (syn_queue_full(listener)) {
        arrival_drop(a, DROP_TCP_SYN_QUEUE_FULL);
    } else {
        take_call(listener, a);
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
