// see model.h. The fold itself: one function an event, one family after the other.
#include "viz/model.h"

#include "viz/model_parts.h"

#include <errno.h>

static void copy_name(char *to, size_t cap, struct trace_str s)
{
    struct text t = text_of(to, cap);
    text_put_printable(&t, (const uint8_t *)s.p, s.len < cap ? s.len : cap - 1);
}

// --- the world ---------------------------------------------------------------------------------

static void host_new(struct model *m, const struct trace_event *ev)
{
    struct model_host *h = model_get_host(m, ev->host);
    if (h != NULL) copy_name(h->name, sizeof h->name, ev->host_new.name);
}

static void netif_new(struct model *m, const struct trace_event *ev)
{
    struct model_netif *n = model_get_netif(m, ev->host, ev->netif);
    if (n == NULL) return;
    copy_name(n->name, sizeof n->name, ev->netif_new.name);
    n->mac = ev->netif_new.mac;
    n->mtu = ev->netif_new.mtu;
}

static void netif_addr(struct model *m, const struct trace_event *ev)
{
    struct model_netif *n = model_get_netif(m, ev->host, ev->netif);
    if (n == NULL || n->addrs == MODEL_ADDRS) return;
    n->addr[n->addrs++] = (struct prefix){ev->netif_addr.addr, ev->netif_addr.prefix};
}

static void join(struct model *m, uint16_t a[2], uint16_t b[2], uint32_t link)
{
    struct model_netif *n = model_get_netif(m, a[0], a[1]);
    if (n == NULL) return;
    n->has_link = true;
    n->link = link;
    n->peer_host = b[0];
    n->peer_netif = b[1];
}

static void link_new(struct model *m, const struct trace_event *ev)
{
    uint16_t a[2] = {ev->host, ev->netif};
    uint16_t b[2] = {ev->link_new.peer_host, ev->link_new.peer_netif};
    join(m, a, b, ev->link_new.link);
    join(m, b, a, ev->link_new.link);
    struct model_netif *first = model_get_netif(m, a[0], a[1]);
    if (first != NULL) first->is_first = true;
}

static void link_set(struct model *m, const struct trace_event *ev)
{
    struct model_netif *n = model_get_netif(m, ev->host, ev->netif);
    if (n == NULL) return;
    n->rate_bps = ev->link_set.rate_bps;
    n->delay = ev->link_set.delay;
    n->loss_ppm = ev->link_set.loss_ppm;
    n->queue_max = ev->link_set.queue_packets;
}

static void app_new(struct model *m, const struct trace_event *ev)
{
    struct model_host *h = model_get_host(m, ev->host);
    if (h != NULL) h->tells = true;
    struct model_app *a = model_get_app(m, ev->host, ev->app_new.app);
    if (a == NULL) return;
    copy_name(a->name, sizeof a->name, ev->app_new.name);
    a->pid = ev->app_new.pid;
    a->blocking = ev->app_new.blocking != 0;
}

static void app_exit(struct model *m, const struct trace_event *ev)
{
    struct model_app *a = model_get_app(m, ev->host, ev->app_exit.app);
    if (a != NULL) a->exited = true;
}

// --- frames: their way through a host, and over the wire -----------------------------------------

static struct model_path *path_begin(struct model_host *h, const struct trace_event *ev,
                                     uint64_t frame, bool up)
{
    struct model_path *p = &h->path[h->paths++ % MODEL_PATHS];
    *p = (struct model_path){.frame = frame, .at = ev->at, .event = ev->order, .up = up,
                             .conn = ev->conn};
    return p;
}

static struct model_path *path_of(struct model_host *h, uint64_t frame)
{
    uint32_t n = h->paths < MODEL_PATHS ? h->paths : MODEL_PATHS;
    for (uint32_t i = 0; i < n; i++) {
        struct model_path *p = &h->path[(h->paths - 1 - i) % MODEL_PATHS];
        if (p->frame == frame) return p;
    }
    return NULL;
}

static void frame_tx(struct model *m, const struct trace_event *ev)
{
    struct model_host *h = model_get_host(m, ev->host);
    if (h == NULL) return;
    struct model_path *p = path_of(h, ev->frame_tx.frame);
    if (p == NULL || p->up) p = path_begin(h, ev, ev->frame_tx.frame, false);
    p->len = ev->frame_tx.len;
    p->at = ev->at;  // a frame that was held goes on its way now
    p->event = ev->order;
    p->ended = true;
    if (ev->conn != 0) p->conn = ev->conn;
    h->tx++;
    if (sent_is_again(ev->frame_tx.why)) m->again++;
}

static void frame_rx(struct model *m, const struct trace_event *ev)
{
    struct model_host *h = model_get_host(m, ev->host);
    if (h == NULL) return;
    path_begin(h, ev, ev->frame_rx.frame, true)->len = ev->frame_rx.len;
    h->rx++;
}

static void frame_drop(struct model *m, const struct trace_event *ev)
{
    struct model_host *h = model_get_host(m, ev->host);
    m->drops++;
    if (h == NULL) return;
    h->drops++;
    struct model_path *p = path_of(h, ev->frame_drop.frame);
    if (p == NULL) return;
    struct model_sock *k = p->conn != 0 ? model_get_sock(m, ev->host, p->conn) : NULL;
    if (k != NULL && ev->frame_drop.why == DROP_UDP_QUEUE_FULL && k->datagrams_came > 0)
        k->datagrams_came--;
    p->drop = (uint8_t)ev->frame_drop.why;
    p->ended = true;
    p->event = ev->order;
}

static void frame_step(struct model *m, const struct trace_event *ev)
{
    struct model_host *h = model_get_host(m, ev->host);
    if (h == NULL) return;
    h->tells = true;
    struct model_path *p = path_of(h, ev->frame_step.frame);
    if (p == NULL) p = path_begin(h, ev, ev->frame_step.frame, false);
    if (ev->conn != 0) p->conn = ev->conn;
    struct model_sock *k = ev->conn != 0 ? model_get_sock(m, ev->host, ev->conn) : NULL;
    enum step step = ev->frame_step.step;
    if (k != NULL && (step == STEP_UDP_SOCKET || step == STEP_ICMP_SOCKET)) {
        k->datagrams_came++;
        k->touched = ev->at;
    }
    p->event = ev->order;
    if (p->steps == MODEL_STEPS) return;
    p->step[p->steps].step = (uint8_t)ev->frame_step.step;
    p->step[p->steps++].head = ev->frame_step.head;
}

static void queue_level(struct model *m, const struct trace_event *ev, uint32_t n, uint32_t bytes)
{
    struct model_netif *netif = model_get_netif(m, ev->host, ev->netif);
    if (netif == NULL) return;
    netif->queued = n;
    netif->queued_bytes = bytes;
}

static void link_queue(struct model *m, const struct trace_event *ev)
{
    queue_level(m, ev, ev->link_queue.packets, ev->link_queue.bytes);
}

static void link_fly(struct model *m, const struct trace_event *ev)
{
    queue_level(m, ev, ev->link_fly.packets, ev->link_fly.bytes);
}

static void link_drop(struct model *m, const struct trace_event *ev)
{
    m->drops++;
    m->lost++;
    struct model_host *h = model_get_host(m, ev->host);
    if (h != NULL) h->drops++;
}

static void neigh_state(struct model *m, const struct trace_event *ev)
{
    struct model_neigh *n = model_get_neigh(m, ev->host, ev->netif, ev->neigh_state.addr);
    if (n == NULL) return;
    n->mac = ev->neigh_state.mac;
    n->state = (uint8_t)ev->neigh_state.to;
}

// --- sockets -----------------------------------------------------------------------------------

static void sock_new(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->kind = (uint8_t)ev->sock_new.kind;
    s->app = ev->sock_new.app;
    s->fd = ev->sock_new.fd;
    s->listener = ev->sock_new.listener;
    s->born = ev->at;
}

static void sock_fd(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->app = ev->sock_fd.app;
    s->fd = ev->sock_fd.fd;
    s->listener = ev->sock_fd.listener;
}

static bool would_block(const struct trace_event *ev)
{
    int64_t r = ev->sock_call.result;
    return r == -EAGAIN || (ev->sock_call.call == CALL_CONNECT && r == -EINPROGRESS);
}

static void forget_pending(struct model_app *a, uint8_t call, int32_t fd)
{
    for (size_t i = 0; i < a->pendings; i++) {
        if (a->pending[i].call != call || a->pending[i].fd != fd) continue;
        memmove(&a->pending[i], &a->pending[i + 1], (a->pendings - 1 - i) * sizeof a->pending[0]);
        a->pendings--;
        return;
    }
}

static void app_called(struct model_app *a, const struct trace_event *ev)
{
    const struct trace_sock_call_event *c = &ev->sock_call;
    a->last = (struct model_call){(uint8_t)c->call, c->fd};
    a->arg = c->arg;
    a->result = c->result;
    a->peer = c->peer;
    a->at = ev->at;
    forget_pending(a, a->last.call, a->last.fd);
    if (a->blocking && would_block(ev) && a->pendings < MODEL_PENDING)
        a->pending[a->pendings++] = a->last;
    if (c->call == CALL_ACCEPT && c->result >= 0) {
        if (a->accepted_on != c->fd) a->accepts = 0;
        a->accepted_on = c->fd;
        a->accepted[a->accepts++ % MODEL_ACCEPTED] = (int32_t)c->result;
    }
}

static void sock_moved_bytes(struct model_sock *s, const struct trace_sock_call_event *c)
{
    uint64_t n = c->result > 0 ? (uint64_t)c->result : 0;
    if (c->call == CALL_WRITE && n > 0) {
        s->written += n;
        s->tick[s->ticks++ % MODEL_TICKS] = s->written;
    }
    if (c->call == CALL_READ) s->read += n;
    if (c->call == CALL_SENDTO && c->result >= 0) s->datagrams_out++;
    if (c->call == CALL_RECVFROM && c->result >= 0) s->datagrams_in++;
}

static void sock_call(struct model *m, const struct trace_event *ev)
{
    const struct trace_sock_call_event *c = &ev->sock_call;
    struct model_app *a = model_get_app(m, ev->host, c->app);
    if (a != NULL) app_called(a, ev);
    struct model_sock *s = ev->conn != 0 ? model_get_sock(m, ev->host, ev->conn) : NULL;
    if (s == NULL) return;
    sock_moved_bytes(s, c);
    if (c->result < 0 && !would_block(ev)) {
        s->error = (int32_t)-c->result;
        s->error_call = (uint8_t)c->call;
    }
}

static void sock_name(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->local = ev->sock_name.local;
    s->remote = ev->sock_name.remote;
}

static void sock_buf(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->snd_len = ev->sock_buf.snd_len;
    s->snd_max = ev->sock_buf.snd_max;
    s->rcv_len = ev->sock_buf.rcv_len;
    s->rcv_max = ev->sock_buf.rcv_max;
    s->rcv_held = ev->sock_buf.rcv_held;
    s->datagrams_lost = ev->sock_buf.dropped;
}

static void sock_queue(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->syn_len = ev->sock_queue.syn_len;
    s->accept_len = ev->sock_queue.accept_len;
    s->backlog = ev->sock_queue.backlog;
}

static void sock_free(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    (void)ev;
    s->freed = true;
    s->fd = -1;
}

// --- TCP ---------------------------------------------------------------------------------------

static void tcp_state(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    bool was_opening = ev->tcp_state.from == TCP_SYN_SENT;
    s->kind = KIND_TCP;
    s->state = (uint8_t)ev->tcp_state.to;
    s->state_why = (uint8_t)ev->tcp_state.why;
    s->state_at = ev->at;
    struct model_app *a = was_opening && s->app != 0 ? model_get_app(m, ev->host, s->app) : NULL;
    if (a != NULL) forget_pending(a, CALL_CONNECT, s->fd);
}

static uint32_t seq_end(const struct trace_tcp_segment_event *e)
{
    return e->seq + e->len + ((e->flags & 0x03) != 0);  // SYN and FIN each take a number
}

static void tcp_segment(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    const struct trace_tcp_segment_event *e = &ev->tcp_segment;
    if (e->out) {
        if ((int32_t)(seq_end(e) - s->snd_nxt) > 0) s->snd_nxt = seq_end(e);
        if (sent_is_again(e->why)) s->again++;
        return;
    }
    s->touched = ev->at;
    if (e->seq == s->rcv_nxt) s->rcv_nxt = seq_end(e);
    struct model_host *h = model_get_host(m, ev->host);
    struct model_path *p = h != NULL ? path_of(h, e->frame) : NULL;
    if (p != NULL) p->conn = ev->conn;
}

static void tcp_cwnd(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->cwnd = ev->tcp_cwnd.cwnd;
    s->ssthresh = ev->tcp_cwnd.ssthresh;
    s->inflight = ev->tcp_cwnd.inflight;
}

static void tcp_window(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->snd_wnd = ev->tcp_window.snd_wnd;
    s->rcv_wnd = ev->tcp_window.rcv_wnd;
}

static void tcp_rtt(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->srtt = ev->tcp_rtt.srtt;
    s->rttvar = ev->tcp_rtt.rttvar;
    s->rto = ev->tcp_rtt.rto;
}

static void tcp_timer(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    if ((size_t)ev->tcp_timer.timer >= TCP_TIMERS) return;
    // Its timer goes when the connection shrinks to what TIME-WAIT needs; the wait goes on.
    bool shrinks = ev->tcp_timer.timer == TIMER_TIME_WAIT && s->state == TCP_TIME_WAIT;
    if (shrinks && ev->tcp_timer.deadline == NEVER) return;
    s->deadline[ev->tcp_timer.timer] = ev->tcp_timer.fired ? NEVER : ev->tcp_timer.deadline;
}

static void tcp_acked(struct model *m, const struct trace_event *ev, struct model_sock *s)
{
    (void)m;
    s->una = ev->tcp_acked.una;
}

// --- the fold ----------------------------------------------------------------------------------

static void apply_world(struct model *m, const struct trace_event *ev)
{
    switch (ev->type) {
    case TRACE_HOST_NEW:    host_new(m, ev); break;
    case TRACE_NETIF_NEW:   netif_new(m, ev); break;
    case TRACE_NETIF_ADDR:  netif_addr(m, ev); break;
    case TRACE_LINK_NEW:    link_new(m, ev); break;
    case TRACE_LINK_SET:    link_set(m, ev); break;
    case TRACE_APP_NEW:     app_new(m, ev); break;
    case TRACE_APP_EXIT:    app_exit(m, ev); break;
    case TRACE_FRAME_TX:    frame_tx(m, ev); break;
    case TRACE_FRAME_RX:    frame_rx(m, ev); break;
    case TRACE_FRAME_DROP:  frame_drop(m, ev); break;
    case TRACE_FRAME_STEP:  frame_step(m, ev); break;
    case TRACE_LINK_QUEUE:  link_queue(m, ev); break;
    case TRACE_LINK_FLY:    link_fly(m, ev); break;
    case TRACE_LINK_DROP:   link_drop(m, ev); break;
    case TRACE_NEIGH_STATE: neigh_state(m, ev); break;
    case TRACE_SOCK_CALL:   sock_call(m, ev); break;
    case TRACE_SOCK_GONE:   model_drop_sock(m, ev->host, ev->conn); break;
    case TRACE_EXPECT:
        m->expects++;
        m->failures += ev->expect.ok == 0;
        break;
    case TRACE_RUN:
        copy_name(m->run, sizeof m->run, ev->run.name);
        m->seed = ev->run.seed;
        break;
    default: break;
    }
}

static void apply_sock(struct model *m, const struct trace_event *ev)
{
    static void (*const take[TRACE_TYPES])(struct model *, const struct trace_event *,
                                           struct model_sock *) = {
        [TRACE_SOCK_NEW] = sock_new,     [TRACE_SOCK_FD] = sock_fd,
        [TRACE_SOCK_NAME] = sock_name,   [TRACE_SOCK_BUF] = sock_buf,
        [TRACE_SOCK_QUEUE] = sock_queue, [TRACE_SOCK_FREE] = sock_free,
        [TRACE_TCP_STATE] = tcp_state,   [TRACE_TCP_SEGMENT] = tcp_segment,
        [TRACE_TCP_CWND] = tcp_cwnd,     [TRACE_TCP_WINDOW] = tcp_window,
        [TRACE_TCP_RTT] = tcp_rtt,       [TRACE_TCP_TIMER] = tcp_timer,
        [TRACE_TCP_ACKED] = tcp_acked,
    };
    if ((size_t)ev->type >= TRACE_TYPES || take[ev->type] == NULL || ev->conn == 0) return;
    struct model_sock *s = model_get_sock(m, ev->host, ev->conn);
    if (s != NULL) take[ev->type](m, ev, s);
}

void model_apply(struct model *m, const struct trace_event *ev)
{
    if (ev->at > m->now) m->now = ev->at;
    m->events++;
    apply_world(m, ev);
    apply_sock(m, ev);
}
