// foreign_tcp.c - see foreign_tcp.h.
#include "capture/foreign_tcp.h"

#include "base/hash.h"

enum { SLOTS_FIRST = 256, CONNS_MAX = 65536 };

// One end of a connection, as far as what it sent tells.
struct side {
    uint32_t       conn;       // its id at its host; 0: not told yet
    uint32_t       gone;       // the id of the connection it had under the same names before
    bool           based;      // base is known: the first number, from which all others count
    struct seq     base;
    bool           syn, fin;   // it sent one
    uint32_t       fin_end;    // what acknowledges its FIN
    uint32_t       fin_acked;  // the least its segments with a FIN acknowledged
    uint32_t       acked;      // the most it ever acknowledged
    uint32_t       sent;       // behind the last number it ever used
    bool           has_sent;
    bool           has_wscale;
    uint8_t        wscale;
    bool           known;      // state means something: its beginning was seen
    enum tcp_state state;
};

struct conn { struct endpoint ends[2]; struct side sides[2]; };

struct foreign_tcp {
    struct conn *conns;
    uint32_t    *slots;  // a conn's index + 1, or 0
    uint32_t     count, cap, slot_count, last_id;
};

struct foreign_tcp *foreign_tcp_new(void)
{
    struct foreign_tcp *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->slot_count = SLOTS_FIRST;
    t->slots = calloc(t->slot_count, sizeof *t->slots);
    if (t->slots != NULL) return t;
    free(t);
    return NULL;
}

void foreign_tcp_free(struct foreign_tcp *t)
{
    free(t->conns);
    free(t->slots);
    free(t);
}

// --- the table ---------------------------------------------------------------------------------

static uint64_t hash_end(struct endpoint e)
{
    static const struct hash_key key = {3, 4};
    uint8_t bytes[sizeof e.addr.b + 3];
    memcpy(bytes, e.addr.b, sizeof e.addr.b);
    bytes[sizeof e.addr.b] = e.addr.family;
    put16(bytes + sizeof e.addr.b + 1, e.port);
    return hash_bytes(&key, bytes, sizeof bytes);
}

// Both directions of a connection meet in one slot: the sum does not care which end comes first.
static uint32_t slot_of(const struct foreign_tcp *t, struct endpoint a, struct endpoint b)
{
    return (uint32_t)((hash_end(a) + hash_end(b)) % t->slot_count);
}

static bool grow_slots(struct foreign_tcp *t)
{
    uint32_t *old = t->slots;
    uint32_t *slots = calloc((size_t)t->slot_count * 2, sizeof *slots);
    if (slots == NULL) return false;
    t->slots = slots;
    t->slot_count *= 2;
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t slot = slot_of(t, t->conns[i].ends[0], t->conns[i].ends[1]);
        while (slots[slot] != 0) slot = (slot + 1) % t->slot_count;
        slots[slot] = i + 1;
    }
    free(old);
    return true;
}

static struct conn *add_conn(struct foreign_tcp *t, struct endpoint from, struct endpoint to)
{
    if (t->count == CONNS_MAX) return NULL;
    if (t->count * 2 >= t->slot_count && !grow_slots(t)) return NULL;
    if (t->count == t->cap) {
        uint32_t cap = t->cap * 2 + 16;
        struct conn *more = realloc(t->conns, cap * sizeof *more);
        if (more == NULL) return NULL;
        t->conns = more;
        t->cap = cap;
    }
    uint32_t slot = slot_of(t, from, to);
    while (t->slots[slot] != 0) slot = (slot + 1) % t->slot_count;
    t->slots[slot] = t->count + 1;
    struct conn *c = &t->conns[t->count++];
    *c = (struct conn){.ends = {from, to}};
    return c;
}

// The connection, and which of its ends is `from`.
static struct conn *find_conn(struct foreign_tcp *t, struct endpoint from, struct endpoint to,
                              unsigned *end)
{
    uint32_t slot = slot_of(t, from, to);
    for (; t->slots[slot] != 0; slot = (slot + 1) % t->slot_count) {
        struct conn *c = &t->conns[t->slots[slot] - 1];
        for (*end = 0; *end < 2; ++*end)
            if (endpoint_eq(c->ends[*end], from) && endpoint_eq(c->ends[!*end], to)) return c;
    }
    *end = 0;
    return add_conn(t, from, to);
}

// --- what a segment proves ---------------------------------------------------------------------

static void set_state(struct foreign_queue *q, const struct foreign_segment *s, struct side *side,
                      enum tcp_state to, enum tcp_why why)
{
    struct trace_event *ev = foreign_put(q, TRACE_TCP_STATE, s->from_host);
    ev->conn = side->conn;
    ev->tcp_state = (struct trace_tcp_state_event){side->state, to, why};
    side->state = to;
}

static void begin_in(struct side *side, enum tcp_state state)
{
    side->known = true;
    side->state = state;
}

static void sent_syn(struct foreign_queue *q, const struct foreign_segment *s, struct side *me)
{
    bool answer = (s->seg->flags & TCP_ACK) != 0;
    if (!me->known) begin_in(me, answer ? TCP_LISTEN : TCP_CLOSED);
    if (!answer && me->state == TCP_CLOSED) set_state(q, s, me, TCP_SYN_SENT, WHY_USER_CONNECT);
    if (answer && (me->state == TCP_LISTEN || me->state == TCP_SYN_SENT))
        set_state(q, s, me, TCP_SYN_RCVD, WHY_SYN);
}

// It acknowledges the peer's FIN, so the FIN arrived, and so did what that segment acknowledged.
static void knows_fin(struct foreign_queue *q, const struct foreign_segment *s, struct side *me,
                      const struct side *peer)
{
    if (me->state == TCP_ESTABLISHED) set_state(q, s, me, TCP_CLOSE_WAIT, WHY_FIN);
    if (me->state != TCP_FIN_WAIT_1) return;
    if ((int32_t)(peer->fin_acked - me->fin_end) >= 0) {
        set_state(q, s, me, TCP_FIN_WAIT_2, WHY_ACK_OF_FIN);
        set_state(q, s, me, TCP_TIME_WAIT, WHY_FIN);
    } else if ((int32_t)(peer->acked - me->fin_end) < 0) {
        set_state(q, s, me, TCP_CLOSING, WHY_FIN);  // both closed at once
    }
}

static void sent_ack(struct foreign_queue *q, const struct foreign_segment *s, struct side *me,
                     const struct side *peer)
{
    bool fin = (s->seg->flags & TCP_FIN) != 0;
    if (me->state == TCP_SYN_SENT && peer->syn) set_state(q, s, me, TCP_ESTABLISHED, WHY_SYN_ACK);
    // In SYN-RECEIVED a host may repeat a bare ACK of the SYN; only more than that proves more.
    bool more = s->payload > 0 || fin || (int32_t)(s->ack - 1) > 0;
    if (me->state == TCP_SYN_RCVD && more) set_state(q, s, me, TCP_ESTABLISHED, WHY_ACK_OF_SYN);
    if (peer->fin && (int32_t)(s->ack - peer->fin_end) >= 0) knows_fin(q, s, me, peer);
    if (!fin) return;
    if (me->state == TCP_ESTABLISHED) set_state(q, s, me, TCP_FIN_WAIT_1, WHY_USER_CLOSE);
    if (me->state == TCP_CLOSE_WAIT) set_state(q, s, me, TCP_LAST_ACK, WHY_USER_CLOSE);
}

static void prove(struct foreign_queue *q, const struct foreign_segment *s, struct side *me,
                  const struct side *peer)
{
    uint8_t flags = s->seg->flags;
    if ((flags & TCP_RST) != 0) {
        if (me->known && me->state != TCP_CLOSED) set_state(q, s, me, TCP_CLOSED, WHY_UNSEEN);
    } else if ((flags & TCP_SYN) != 0) {
        sent_syn(q, s, me);
    } else if ((flags & TCP_ACK) != 0 && me->known) {
        sent_ack(q, s, me, peer);
    }
}

// --- numbers that count from 0 -----------------------------------------------------------------

static void set_base(struct side *side, struct seq base)
{
    if (side->based) return;
    side->base = base;
    side->based = true;
}

static void count_from_0(struct foreign_segment *s, struct side *me, struct side *peer)
{
    const struct tcp_seg *seg = s->seg;
    bool syn = (seg->flags & TCP_SYN) != 0, ack = (seg->flags & TCP_ACK) != 0;
    set_base(me, syn ? seg->seq : seq_add(seg->seq, UINT32_MAX));
    if (ack) set_base(peer, seq_add(seg->ack, UINT32_MAX));
    s->seq = (uint32_t)seq_diff(seg->seq, me->base);
    s->ack = ack ? (uint32_t)seq_diff(seg->ack, peer->base) : 0;
    if (syn && seg->opts.has_wscale) {
        me->has_wscale = true;
        me->wscale = seg->opts.wscale > TCP_WSCALE_MAX ? TCP_WSCALE_MAX : seg->opts.wscale;
    }
    bool scaled = !syn && me->has_wscale && peer->has_wscale;
    s->wnd = scaled ? (uint32_t)seg->wnd << me->wscale : seg->wnd;
}

static void remember(const struct foreign_segment *s, struct side *me)
{
    if ((s->seg->flags & TCP_SYN) != 0) me->syn = true;
    if ((int32_t)(s->ack - me->acked) > 0) me->acked = s->ack;
    if ((s->seg->flags & TCP_FIN) == 0) return;
    if (!me->fin || (int32_t)(s->ack - me->fin_acked) < 0) me->fin_acked = s->ack;
    me->fin = true;
    me->fin_end = s->seq + s->payload + 1;
}

// Numbers that were used before are used again. One byte or none from there is a keep-alive.
static void compare(struct foreign_segment *s, struct side *me)
{
    bool marked = (s->seg->flags & (TCP_SYN | TCP_FIN)) != 0;
    uint32_t len = s->payload + ((s->seg->flags & TCP_SYN) != 0) +
                   ((s->seg->flags & TCP_FIN) != 0);
    if (len == 0 || (s->seg->flags & TCP_RST) != 0) return;
    bool beyond = !me->has_sent || (int32_t)(s->seq + len - me->sent) > 0;
    s->again = !beyond && (s->payload > 1 || marked);
    if (beyond) me->sent = s->seq + len;
    me->has_sent = true;
}

// --- the door ----------------------------------------------------------------------------------

// A side's socket is told of once the side is heard of.
static void tell_socket(struct foreign_tcp *t, struct foreign_queue *q, uint16_t host,
                        struct side *side, const struct endpoint names[2])
{
    if (side->conn != 0) return;
    side->conn = ++t->last_id;
    struct trace_event *ev = foreign_put(q, TRACE_SOCK_NEW, host);
    ev->conn = side->conn;
    ev->sock_new.kind = KIND_TCP;
    ev->sock_new.fd = -1;
    ev = foreign_put(q, TRACE_SOCK_NAME, host);
    ev->conn = side->conn;
    ev->sock_name.local = names[0];
    ev->sock_name.remote = names[1];
}

// A SYN with another first number opens another connection under the old names. Each side leaves
// the old one when it says so itself.
static bool is_anew(const struct foreign_segment *s, const struct side *me)
{
    bool syn_only = (s->seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
    return syn_only && me->based && s->seg->seq.raw != me->base.raw;
}

static void begin_anew(struct conn *c)
{
    for (int i = 0; i < 2; i++) {
        uint32_t gone = c->sides[i].conn != 0 ? c->sides[i].conn : c->sides[i].gone;
        c->sides[i] = (struct side){.gone = gone};
    }
}

static void tell_gone(struct foreign_queue *q, uint16_t host, struct side *side)
{
    if (side->gone == 0) return;
    foreign_put(q, TRACE_SOCK_GONE, host)->conn = side->gone;
    side->gone = 0;
}

static void tell_segment(struct foreign_queue *q, const struct foreign_segment *s, bool out)
{
    struct trace_event *ev = foreign_put(q, TRACE_TCP_SEGMENT, out ? s->from_host : s->to_host);
    ev->conn = out ? s->from_conn : s->to_conn;
    ev->tcp_segment = (struct trace_tcp_segment_event){
        .frame = s->frame, .out = out, .flags = s->seg->flags, .seq = s->seq, .ack = s->ack,
        .len = s->payload, .wnd = s->wnd,
        .why = s->again ? SENT_FOREIGN_AGAIN : SENT_FOREIGN};
}

void foreign_tcp_sent(struct foreign_tcp *t, struct foreign_queue *q, struct foreign_segment *s)
{
    unsigned end;
    struct conn *c = find_conn(t, s->from, s->to, &end);
    if (c == NULL) return;
    struct side *me = &c->sides[end], *peer = &c->sides[!end];
    if (is_anew(s, me)) begin_anew(c);
    if ((s->seg->flags & TCP_SYN) != 0) tell_gone(q, s->from_host, me);
    tell_socket(t, q, s->from_host, me, (struct endpoint[]){s->from, s->to});
    tell_socket(t, q, s->to_host, peer, (struct endpoint[]){s->to, s->from});
    s->from_conn = me->conn;
    s->to_conn = peer->conn;
    count_from_0(s, me, peer);
    prove(q, s, me, peer);
    remember(s, me);
    compare(s, me);
    tell_segment(q, s, true);
}

void foreign_tcp_received(struct foreign_queue *q, const struct foreign_segment *s)
{
    if (s->to_conn != 0) tell_segment(q, s, false);
}
