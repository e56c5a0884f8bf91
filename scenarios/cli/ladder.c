// ladder.c - see ladder.h. Folds events into rows.
#include "scenarios/cli/ladder.h"

#include <errno.h>

#include "base/hash.h"
#include "scenarios/cli/ladder_rows.h"

enum { ROWS_MAX = 50000, SNAP = 256, LOOK_BACK = 4096, TWIN_LOOK_BACK = 64 };

void *vec_add(struct vec *v, size_t size)
{
    if (v->count == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 16;
        void *p = realloc(v->p, cap * size);
        if (p == NULL) return NULL;
        v->p = p;
        v->cap = cap;
    }
    void *added = (char *)v->p + v->count++ * size;
    memset(added, 0, size);
    return added;
}

// --- who is who ------------------------------------------------------------------------------

static uint16_t host_by_id(struct ladder *l, uint16_t id)
{
    for (size_t i = 0; i < l->hosts.count; i++)
        if (LADDER_AT(l->hosts, struct ladder_host, i)->id == id) return (uint16_t)i;
    return LADDER_NOWHERE;
}

uint16_t ladder_host_at(struct ladder *l, struct addr a)
{
    for (size_t i = 0; i < l->hosts.count; i++)
        if (addr_eq(LADDER_AT(l->hosts, struct ladder_host, i)->addr, a)) return (uint16_t)i;
    if (l->hosts.count >= LADDER_NOWHERE) return LADDER_NOWHERE;
    struct ladder_host *h = vec_add(&l->hosts, sizeof *h);
    if (h == NULL) return LADDER_NOWHERE;
    h->addr = a;
    return (uint16_t)(l->hosts.count - 1);
}

static struct ladder_sock *sock_of(struct ladder *l, uint16_t host, uint32_t conn)
{
    for (size_t i = l->socks.count; i-- > 0;) {
        struct ladder_sock *s = LADDER_AT(l->socks, struct ladder_sock, i);
        if (s->host == host && s->conn == conn) return s;
    }
    struct ladder_sock *s = vec_add(&l->socks, sizeof *s);
    if (s != NULL) *s = (struct ladder_sock){.host = host, .conn = conn, .fd = -1};
    return s;
}

static uint16_t app_of(const struct ladder *l, uint16_t host, uint16_t id)
{
    for (size_t i = 0; i < l->apps.count; i++) {
        const struct ladder_app *a = LADDER_AT(l->apps, struct ladder_app, i);
        if (a->host == host && a->id == id) return (uint16_t)(i + 1);
    }
    return 0;
}

static uint32_t flow_of(const struct ladder *l, const struct ladder_sock *s)
{
    if (s->remote.port == 0) return 0;
    const struct flow *f = ladder_flow(l, s->local, s->remote);
    return f != NULL ? (uint32_t)(f - (struct flow *)l->flows.p) + 1 : 0;
}

static bool starts_with(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static void copy_str(char *to, size_t cap, struct trace_str s)
{
    struct text t = text_of(to, cap);
    text_put_printable(&t, (const uint8_t *)s.p, s.len);
}

// --- rows ------------------------------------------------------------------------------------

static struct row *add_row(struct ladder *l, const struct trace_event *ev, enum row_kind kind)
{
    if (l->rows.count >= ROWS_MAX) {
        l->left_out++;
        return NULL;
    }
    struct row *r = vec_add(&l->rows, sizeof *r);
    if (r == NULL) {
        l->no_memory = true;
        return NULL;
    }
    *r = (struct row){.at = ev->at, .kind = kind, .conn = ev->conn, .host = host_by_id(l, ev->host),
                      .to = LADDER_NOWHERE};
    return r;
}

// The latest row of a frame: what happens to frames happens soon.
static struct row *row_of_frame(struct ladder *l, uint64_t frame)
{
    size_t least = l->rows.count > LOOK_BACK ? l->rows.count - LOOK_BACK : 0;
    for (size_t i = l->rows.count; i-- > least;) {
        struct row *r = LADDER_AT(l->rows, struct row, i);
        if (r->kind == ROW_FRAME && r->frame == frame) return r;
    }
    return NULL;
}

// Of a capture that is not ours nothing: it knows of no sockets.
static void put_fd(const struct ladder *l, struct text *t, const struct ladder_sock *s)
{
    if (l->apps.count == 0) return;
    if (s->fd < 0) {
        text_put_str(t, "new ");
        return;
    }
    text_put_str(t, s->closed ? "(fd " : "fd ");
    text_put_i64(t, s->fd);
    text_put_str(t, s->closed ? ") " : " ");
}

static bool is_again(enum sent why)
{
    switch (why) {
    case SENT_SYN_AGAIN: case SENT_SYN_ACK_AGAIN: case SENT_RTO: case SENT_FAST_RETRANSMIT:
    case SENT_RECOVERY: case SENT_FOREIGN_AGAIN:
        return true;
    default:
        return false;
    }
}

// A capture taken at both ends holds a frame twice, with the same bytes down to its identification
// and timestamp. A segment that is sent again comes later, and hardly ever with all of these.
static bool seen_before(struct ladder *l, const struct trace_event *ev, uint64_t digest)
{
    size_t least = l->rows.count > TWIN_LOOK_BACK ? l->rows.count - TWIN_LOOK_BACK : 0;
    for (size_t i = l->rows.count; i-- > least;) {
        struct row *r = LADDER_AT(l->rows, struct row, i);
        if (r->kind != ROW_FRAME || r->digest != digest || r->twin) continue;
        if (ev->at - r->at > MSEC(100)) return false;
        r->frame = ev->frame_tx.frame;
        return r->twin = true;
    }
    return false;
}

// The calls that led to the first frame of a flow belong to it too.
static void mark_earlier(struct ladder *l)
{
    size_t least = l->rows.count > TWIN_LOOK_BACK ? l->rows.count - TWIN_LOOK_BACK : 0;
    for (size_t i = l->rows.count; i-- > least;) {
        struct row *r = LADDER_AT(l->rows, struct row, i);
        if (r->flow != 0 || r->conn == 0 || r->kind == ROW_FRAME) continue;
        if (r->host == LADDER_NOWHERE || starts_with(r->text, "socket")) continue;
        uint16_t host = LADDER_AT(l->hosts, struct ladder_host, r->host)->id;
        const struct ladder_sock *s = sock_of(l, host, r->conn);
        if (s != NULL) r->flow = flow_of(l, s);
    }
}

static void frame_tx(struct ladder *l, const struct trace_event *ev)
{
    static const struct hash_key key = {1, 2};  // of no matter: it only compares
    enum sent why = ev->frame_tx.why;
    bool foreign = why == SENT_FOREIGN || why == SENT_FOREIGN_AGAIN;
    uint64_t digest = hash_bytes(&key, ev->frame_tx.data.p, ev->frame_tx.data.len);
    if (foreign && seen_before(l, ev, digest)) return;
    struct row *r = add_row(l, ev, ROW_FRAME);
    if (r == NULL) return;
    r->digest = digest;
    r->frame = ev->frame_tx.frame;
    r->why = ev->frame_tx.why;
    r->again = is_again(r->why);
    for (size_t i = 0; i < l->ends.count; i++) {
        const struct ladder_end *e = LADDER_AT(l->ends, struct ladder_end, i);
        if (e->host == ev->host && e->netif == ev->netif) r->to = host_by_id(l, e->peer);
        if (e->peer == ev->host && e->peer_netif == ev->netif) r->to = host_by_id(l, e->host);
    }
    r->arrived = foreign;
    ladder_read_frame(l, r, ev->frame_tx.data.p, ev->frame_tx.data.len);
    if (r->first) mark_earlier(l);
}

// A frame from beyond what the recording knows (a TAP device) has no row yet.
static void frame_rx(struct ladder *l, const struct trace_event *ev)
{
    struct row *r = row_of_frame(l, ev->frame_rx.frame);
    if (r == NULL) {
        r = add_row(l, ev, ROW_FRAME);
        if (r == NULL) return;
        r->frame = ev->frame_rx.frame;
        r->to = r->host;
        r->host = LADDER_NOWHERE;
        r->why = SENT_FOREIGN;
        ladder_read_frame(l, r, ev->frame_rx.data.p, ev->frame_rx.data.len);
    }
    if (r->to == host_by_id(l, ev->host)) r->arrived = true;
}

static void frame_step(struct ladder *l, const struct trace_event *ev)
{
    struct row *r = row_of_frame(l, ev->frame_step.frame);
    if (r == NULL || r->to != host_by_id(l, ev->host) || ev->conn == 0) return;
    enum step step = ev->frame_step.step;
    if (step != STEP_TCP_SOCKET && step != STEP_TCP_LISTENER && step != STEP_UDP_SOCKET
        && step != STEP_ICMP_SOCKET)
        return;
    struct ladder_sock *s = sock_of(l, ev->host, ev->conn);
    if (s == NULL) return;
    struct text t = text_of(r->got, sizeof r->got);
    put_fd(l, &t, s);
    if (step == STEP_TCP_LISTENER) text_put_str(&t, "listens");
    else if (t.len > 0) t.p[--t.len] = 0;  // the space behind it
}

static void frame_drop(struct ladder *l, const struct trace_event *ev)
{
    struct row *r = row_of_frame(l, ev->frame_drop.frame);
    if (r != NULL && !r->lost) r->drop = ev->frame_drop.why;
}

static void link_drop(struct ladder *l, const struct trace_event *ev)
{
    struct row *r = row_of_frame(l, ev->link_drop.frame);
    if (r == NULL || r->arrived) return;
    r->lost = true;
    r->drop = ev->link_drop.why;
}

// --- calls -----------------------------------------------------------------------------------

static void put_result(struct text *t, int64_t result)
{
    text_put_str(t, " = ");
    const char *name = result < 0 && result > -4096 ? strerrorname_np((int)-result) : NULL;
    if (name != NULL) {
        text_put_str(t, name);
        return;
    }
    text_put_i64(t, result);
}

static void put_peer(struct text *t, struct endpoint e, const char *before)
{
    text_put_str(t, before);
    if (addr_is_any(e.addr)) {
        text_put_str(t, "*:");
        text_put_u64(t, e.port);
    } else {
        text_put_endpoint(t, e);
    }
}

// What stands between the brackets, after the descriptor. Once a call has waited, its arguments
// have been read already.
static void put_arguments(struct text *t, const struct trace_sock_call_event *c, bool resumed)
{
    if (resumed) return;
    switch (c->call) {
    case CALL_BIND: case CALL_CONNECT:
        put_peer(t, c->peer, ", ");
        break;
    case CALL_LISTEN: case CALL_READ: case CALL_WRITE: case CALL_RECVFROM:
        text_put_str(t, ", ");
        text_put_i64(t, c->arg);
        break;
    case CALL_SENDTO:
        put_peer(t, c->peer, ", ");
        break;
    case CALL_SHUTDOWN:
        text_put_str(t, c->arg == 0 ? ", RD" : c->arg == 1 ? ", WR" : ", RDWR");
        break;
    default:
        break;
    }
}

// The connection that accept() gave a number to.
static struct ladder_sock *sock_by_fd(const struct ladder *l, const struct trace_event *ev,
                                      int32_t fd)
{
    for (size_t i = l->socks.count; i-- > 0;) {
        struct ladder_sock *s = LADDER_AT(l->socks, struct ladder_sock, i);
        if (s->host == ev->host && s->app == ev->sock_call.app && s->fd == fd) return s;
    }
    return NULL;
}

// A call is told when it returns, after the change of state that it made. People read it the other
// way round: the cause, then the effect.
static void put_before_states(struct ladder *l, struct row *call)
{
    size_t at = l->rows.count - 1, first = at;
    struct row *rows = l->rows.p;
    while (first > 0 && rows[first - 1].kind == ROW_STATE && rows[first - 1].conn == call->conn
           && rows[first - 1].host == call->host && rows[first - 1].at == call->at)
        first--;
    struct row moved = *call;
    memmove(&rows[first + 1], &rows[first], (at - first) * sizeof *rows);
    rows[first] = moved;
}

static bool would_wait(int64_t result) { return result == -EAGAIN || result == -EINPROGRESS; }

static void sock_call(struct ladder *l, const struct trace_event *ev)
{
    const struct trace_sock_call_event *c = &ev->sock_call;
    uint16_t app = app_of(l, ev->host, c->app);
    bool waits = would_wait(c->result);
    if (waits && app != 0 && !LADDER_AT(l->apps, struct ladder_app, app - 1u)->blocking) return;
    if (c->call == CALL_GETSOCKNAME || c->call == CALL_GETPEERNAME) return;
    struct ladder_sock *s = sock_of(l, ev->host, ev->conn);
    struct row *r = add_row(l, ev, ROW_CALL);
    if (r == NULL) return;
    r->app = app;
    struct text t = text_of(r->text, sizeof r->text);
    text_put_str(&t, sock_call_name(c->call));
    text_put_char(&t, '(');
    if (c->call == CALL_SOCKET) text_put_str(&t, sock_kind_name((enum sock_kind)c->arg));
    else text_put_i64(&t, c->fd);
    put_arguments(&t, c, s != NULL && s->waits_in == c->call);
    if (s != NULL) s->waits_in = waits ? c->call : CALL_NOTHING;
    text_put_char(&t, ')');
    bool all_sent = c->call == CALL_SENDTO && c->result == c->arg;
    if (waits) text_put_str(&t, " \x01");  // drawn as dots
    else if (!all_sent) put_result(&t, c->result);
    if (c->call == CALL_READ && c->result == 0 && c->arg > 0) text_put_str(&t, " end");
    if (c->call == CALL_ACCEPT && c->result >= 0) s = sock_by_fd(l, ev, (int32_t)c->result);
    if (s != NULL) r->flow = flow_of(l, s);
    bool causes = c->call == CALL_LISTEN || c->call == CALL_SHUTDOWN || c->call == CALL_CLOSE;
    if (causes || (c->call == CALL_CONNECT && waits)) put_before_states(l, r);
}

// --- sockets, states, timers --------------------------------------------------------------------

static void tcp_state(struct ladder *l, const struct trace_event *ev)
{
    struct ladder_sock *s = sock_of(l, ev->host, ev->conn);
    struct row *r = s != NULL ? add_row(l, ev, ROW_STATE) : NULL;
    if (r == NULL) return;
    struct text t = text_of(r->text, sizeof r->text);
    put_fd(l, &t, s);
    text_put_str(&t, tcp_state_name(ev->tcp_state.to));
    r->app = app_of(l, ev->host, s->app);
    r->flow = flow_of(l, s);
}

static void tcp_timer(struct ladder *l, const struct trace_event *ev)
{
    if (!ev->tcp_timer.fired || ev->tcp_timer.timer == TIMER_DELACK) return;
    if (ev->tcp_timer.timer == TIMER_PACE) return;
    struct ladder_sock *s = sock_of(l, ev->host, ev->conn);
    struct row *r = s != NULL ? add_row(l, ev, ROW_TIMER) : NULL;
    if (r == NULL) return;
    struct text t = text_of(r->text, sizeof r->text);
    put_fd(l, &t, s);
    text_put_str(&t, tcp_timer_name(ev->tcp_timer.timer));
    text_put_str(&t, " timer");
    r->app = app_of(l, ev->host, s->app);
    r->flow = flow_of(l, s);
}

static void sock_event(struct ladder *l, const struct trace_event *ev)
{
    struct ladder_sock *s = sock_of(l, ev->host, ev->conn);
    if (s == NULL) return;
    switch (ev->type) {
    case TRACE_SOCK_NEW:
        s->app = ev->sock_new.app;
        s->fd = ev->sock_new.fd;
        s->listener = ev->sock_new.listener;
        break;
    case TRACE_SOCK_FD:
        s->app = ev->sock_fd.app;
        s->fd = ev->sock_fd.fd;
        break;
    case TRACE_SOCK_NAME:
        s->local = ev->sock_name.local;
        s->remote = ev->sock_name.remote;
        break;
    default:
        s->closed = true;
    }
}

// --- the world -------------------------------------------------------------------------------

static void host_new(struct ladder *l, const struct trace_event *ev)
{
    struct ladder_host *h = vec_add(&l->hosts, sizeof *h);
    if (h == NULL) return;
    h->id = ev->host;
    copy_str(h->name, sizeof h->name, ev->host_new.name);
}

static void netif_addr(struct ladder *l, const struct trace_event *ev)
{
    uint16_t at = host_by_id(l, ev->host);
    if (at == LADDER_NOWHERE) return;
    struct ladder_host *h = LADDER_AT(l->hosts, struct ladder_host, at);
    // Of several the first, but for names that are good on one link only.
    bool better = h->addr.family == FAMILY_NONE || addr_is_link_local(h->addr);
    if (better && !addr_is_loopback(ev->netif_addr.addr)) h->addr = ev->netif_addr.addr;
}

static void app_new(struct ladder *l, const struct trace_event *ev)
{
    struct ladder_app *a = vec_add(&l->apps, sizeof *a);
    if (a == NULL) return;
    *a = (struct ladder_app){.host = ev->host, .id = ev->app_new.app,
                             .blocking = ev->app_new.blocking};
    copy_str(a->name, sizeof a->name, ev->app_new.name);
    uint16_t host = host_by_id(l, ev->host);
    if (host != LADDER_NOWHERE) LADDER_AT(l->hosts, struct ladder_host, host)->apps++;
    struct row *r = add_row(l, ev, ROW_APP);
    if (r == NULL) return;
    struct text t = text_of(r->text, sizeof r->text);
    text_put_str(&t, a->name);
    text_put_str(&t, " starts, pid ");
    text_put_u64(&t, ev->app_new.pid);
}

static void app_exit(struct ladder *l, const struct trace_event *ev)
{
    uint16_t app = app_of(l, ev->host, ev->app_exit.app);
    struct row *r = app != 0 ? add_row(l, ev, ROW_APP) : NULL;
    if (r == NULL) return;
    struct text t = text_of(r->text, sizeof r->text);
    text_put_str(&t, LADDER_AT(l->apps, struct ladder_app, app - 1u)->name);
    text_put_str(&t, " exits");
}

static void add_link(struct ladder *l, const struct trace_event *ev)
{
    struct ladder_end *e = vec_add(&l->ends, sizeof *e);
    if (e == NULL) return;
    *e = (struct ladder_end){.host = ev->host, .netif = ev->netif,
                             .peer = ev->link_new.peer_host,
                             .peer_netif = ev->link_new.peer_netif};
}

// A long one takes several rows, broken between words.
static void note(struct ladder *l, const struct trace_event *ev)
{
    struct trace_str rest = ev->note.text;
    while (rest.len > 0) {
        uint32_t n = rest.len < LADDER_TEXT ? rest.len : LADDER_TEXT - 1, end = n;
        while (n < rest.len && end > 0 && rest.p[end] != ' ') end--;
        if (end > 0) n = end;
        struct row *r = add_row(l, ev, ROW_NOTE);
        if (r == NULL) return;
        copy_str(r->text, sizeof r->text, (struct trace_str){rest.p, n});
        r->wide = ev->note.text.len >= LADDER_TEXT;
        while (n < rest.len && rest.p[n] == ' ') n++;
        rest = (struct trace_str){rest.p + n, rest.len - n};
    }
}

static void expect(struct ladder *l, const struct trace_event *ev)
{
    struct row *r = ev->expect.ok ? NULL : add_row(l, ev, ROW_FAILED);
    if (r != NULL) copy_str(r->text, sizeof r->text, ev->expect.text);
}

static void on_event(struct trace_sink *sink, const struct trace_event *ev)
{
    struct ladder *l = (struct ladder *)(void *)((char *)sink - offsetof(struct ladder, sink));
    switch (ev->type) {
    case TRACE_RUN:
        copy_str(l->name, sizeof l->name, ev->run.name);
        l->seed = ev->run.seed;
        l->named = true;
        break;
    case TRACE_HOST_NEW:   host_new(l, ev); break;
    case TRACE_NETIF_ADDR: netif_addr(l, ev); break;
    case TRACE_LINK_NEW:   add_link(l, ev); break;
    case TRACE_APP_NEW:    app_new(l, ev); break;
    case TRACE_APP_EXIT:   app_exit(l, ev); break;
    case TRACE_FRAME_TX:   frame_tx(l, ev); break;
    case TRACE_FRAME_RX:   frame_rx(l, ev); break;
    case TRACE_FRAME_STEP: frame_step(l, ev); break;
    case TRACE_FRAME_DROP: frame_drop(l, ev); break;
    case TRACE_LINK_DROP:  link_drop(l, ev); break;
    case TRACE_SOCK_CALL:  sock_call(l, ev); break;
    case TRACE_SOCK_NEW: case TRACE_SOCK_FD: case TRACE_SOCK_NAME: case TRACE_SOCK_FREE:
        sock_event(l, ev);
        break;
    case TRACE_TCP_STATE:  tcp_state(l, ev); break;
    case TRACE_TCP_TIMER:  tcp_timer(l, ev); break;
    case TRACE_NOTE:       note(l, ev); break;
    case TRACE_EXPECT:     expect(l, ev); break;
    default: break;
    }
}

struct ladder *ladder_new(void)
{
    struct ladder *l = calloc(1, sizeof *l);
    if (l != NULL) l->sink = (struct trace_sink){.emit = on_event, .snap = SNAP};
    return l;
}

struct trace_sink *ladder_sink(struct ladder *l) { return &l->sink; }

void ladder_free(struct ladder *l)
{
    if (l == NULL) return;
    struct vec *all[] = {&l->rows, &l->hosts, &l->flows, &l->socks, &l->apps, &l->ends};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) free(all[i]->p);
    free(l);
}
