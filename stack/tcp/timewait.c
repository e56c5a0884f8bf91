// timewait.c - see timewait.h.
#include "tcp/timewait.h"

#include "tcp/tcp.h"

enum { RING_MIN = 16, TWO_MSL_MS = 60000 };
static_assert(SEC(60) == TCP_TWO_MSL, "TWO_MSL_MS is TCP_TWO_MSL");

static struct timewait **ring_at(struct tcp_table *tt, uint32_t i)
{
    return &tt->waiting[(tt->wait_head + i) & (tt->wait_cap - 1)];
}

static bool ring_room(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    if (tt->waits < tt->wait_cap) return true;
    uint32_t cap = tt->wait_cap > 0 ? tt->wait_cap * 2 : RING_MIN;
    struct timewait **ring = block_new(&h->pool, cap * sizeof *ring);
    if (ring == NULL) return false;
    for (uint32_t i = 0; i < tt->waits; i++) ring[i] = *ring_at(tt, i);
    block_free(&h->pool, tt->waiting, tt->wait_cap * sizeof *ring);
    tt->waiting = ring;
    tt->wait_cap = cap;
    tt->wait_head = 0;
    return true;
}

static void arm(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    if (tt->waits == 0 || timer_armed(&tt->wait_timer)) return;
    int32_t ms = (int32_t)((*ring_at(tt, 0))->expires_ms - tcp_ms_at(h, h->now));
    wheel_arm(&h->wheel, &tt->wait_timer, h->now + MSEC(ms > 0 ? ms : 1));
}

void timewait_enter(struct tcp *t)
{
    struct host *h = t->host;
    struct tcp_table *tt = h->tcp;
    struct timewait *w = NULL;
    if (tt->waits < h->set.tcp_max_tw_buckets && ring_room(h)) w = block_new(&h->pool, sizeof *w);
    if (w == NULL) {  // no room to wait: better forget than refuse new connections
        tcp_finish(t, WHY_NO_ROOM, 0);
        tcp_settle(t);
        return;
    }
    nsec left = t->deadline[DEADLINE_LIFE] - h->now;
    w->conn = t->conn;
    w->conn.kind = CONN_TIMEWAIT;
    w->conn.wnd = tcp_window_field(t, false);
    w->snd_nxt = t->sent.nxt;
    w->rcv_nxt = t->rcv_nxt;
    w->ts_recent = t->ts_ok ? t->ts_recent : 0;
    w->ts_offset = t->ts_ok ? t->ts_offset : 0;
    w->expires_ms = tcp_ms_at(h, h->now) + (uint32_t)(left > 0 ? left / MSEC(1) : 0);
    *ring_at(tt, tt->waits++) = w;
    // What it still wanted to say, it says now: the record has no wishes.
    if (t->ack_why != SENT_NOTHING) tcp_send_ack(t, t->ack_why);
    table_replace(h, &t->conn, &w->conn);
    t->in_table = false;
    t->deadline[DEADLINE_LIFE] = NEVER;  // not cancelled: the record waits it out
    t->conn.kind = CONN_DEAD;
    tcp_forget(t);
    arm(h);
}

static void bury(struct host *h, struct timewait *w, enum tcp_why why)
{
    h->count.moved[TCP_TIME_WAIT][TCP_CLOSED]++;
    TRACE(h, .type = TRACE_TCP_STATE, .conn = w->conn.id,
          .tcp_state = {.from = TCP_TIME_WAIT, .to = TCP_CLOSED, .why = why});
    TRACE(h, .type = TRACE_SOCK_GONE, .conn = w->conn.id);
    table_remove(h, &w->conn);
    table_remove_id(h, &w->conn);
    w->conn.kind = CONN_DEAD;
}

void timewait_expire(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    uint32_t now = tcp_ms_at(h, h->now);
    for (uint32_t turns = tt->waits; tt->waits > 0; turns--) {
        struct timewait *w = *ring_at(tt, 0);
        bool dead = w->conn.kind == CONN_DEAD;
        bool due = (int32_t)(w->expires_ms - now) <= 0;
        if (!dead && !due) {
            // It may have begun to wait anew; then others are before it.
            bool later = tt->waits > 1
                      && (int32_t)(w->expires_ms - (*ring_at(tt, 1))->expires_ms) > 0;
            if (!later || turns == 0) break;
            *ring_at(tt, tt->waits) = w;
        }
        if (!dead && due) bury(h, w, WHY_TWO_MSL);
        tt->wait_head = (tt->wait_head + 1) & (tt->wait_cap - 1);
        if (!dead && !due) continue;
        tt->waits--;
        block_free(&h->pool, w, sizeof *w);
    }
    arm(h);
}

void timewait_done(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    for (uint32_t i = 0; i < tt->waits; i++) {
        struct timewait *w = *ring_at(tt, i);
        block_free(&h->pool, w, sizeof *w);
    }
    block_free(&h->pool, tt->waiting, tt->wait_cap * sizeof(struct timewait *));
    wheel_cancel(&h->wheel, &tt->wait_timer);
}

static void answer(struct host *h, const struct timewait *w)
{
    struct tcp_seg seg = {.seq = w->snd_nxt, .ack = w->rcv_nxt, .flags = TCP_ACK,
                          .wnd = w->conn.wnd};
    if (w->ts_offset != 0) {
        seg.opts.has_ts = true;
        seg.opts.ts_val = tcp_ms_at(h, h->now) + w->ts_offset;
        seg.opts.ts_ecr = w->ts_recent;
    }
    tcp_reply(h, &w->conn, &seg, SENT_OLD_ACK);
}

// RFC 6191, RFC 9293 §3.6.1 (SHLD-4, MAY-2): a SYN whose timestamp or sequence number is beyond all
// of the old connection cannot be one of its duplicates.
static bool may_reopen(const struct host *h, const struct timewait *w, const struct tcp_seg *s)
{
    struct endpoint local = conn_local(&w->conn), remote = conn_remote(&w->conn);
    if (table_listener(h, local, remote) == NULL) return false;
    if ((s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN) return false;
    if (w->ts_offset != 0 && s->opts.has_ts) {
        int32_t newer = (int32_t)(s->opts.ts_val - w->ts_recent);
        return newer > 0 || (newer == 0 && seq_lt(w->rcv_nxt, s->seq));
    }
    return seq_lt(w->rcv_nxt, s->seq);
}

// A connection waits as a struct tcp as long as a descriptor holds it. For the net that is no
// difference.
bool timewait_reopened(struct tcp *t, const struct arrival *a)
{
    if (t->state != TCP_TIME_WAIT) return false;
    struct timewait w = {.conn = t->conn, .rcv_nxt = t->rcv_nxt, .ts_recent = t->ts_recent,
                         .ts_offset = t->ts_ok ? t->ts_offset : 0};
    if (!may_reopen(t->host, &w, &a->seg)) return false;
    tcp_finish(t, WHY_REUSED, 0);
    return true;
}

void timewait_arrive(struct host *h, struct timewait *w, struct arrival *a)
{
    const struct tcp_seg *s = &a->seg;
    if (s->flags & TCP_RST) {
        bool ends = h->set.tcp_rfc1337 == 0 && s->seq.raw == w->rcv_nxt.raw;
        if (ends) bury(h, w, WHY_RST);
        arrival_drop(a, ends ? DROP_TCP_RST_TAKEN : DROP_TCP_RST_DOUBTFUL);
        return;
    }
    if (may_reopen(h, w, s)) {
        bury(h, w, WHY_REUSED);
        return;
    }
    bool old_ts = w->ts_offset != 0 && s->opts.has_ts
               && (int32_t)(s->opts.ts_val - w->ts_recent) < 0;
    uint32_t numbers = a->len + !!(s->flags & TCP_SYN) + !!(s->flags & TCP_FIN);
    bool fin = (s->flags & TCP_FIN) && seq_add(s->seq, numbers).raw == w->rcv_nxt.raw;
    if (fin && !old_ts) w->expires_ms = tcp_ms_at(h, h->now) + TWO_MSL_MS;
    if (numbers > 0 || s->seq.raw != w->rcv_nxt.raw) answer(h, w);
    if (fin) arrival_drop(a, DROP_TCP_DUPLICATE);
    else arrival_drop(a, old_ts ? DROP_TCP_PAWS : DROP_TCP_UNEXPECTED);
}
