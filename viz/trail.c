// see trail.h
#include "viz/trail.h"

static void add(struct trail *t, uint64_t event)
{
    size_t at = t->n;
    while (at > 0 && t->event[at - 1] > event) at--;
    if (at > 0 && t->event[at - 1] == event) return;
    if (t->n == TRAIL_MAX) return;
    memmove(&t->event[at + 1], &t->event[at], (t->n - at) * sizeof t->event[0]);
    t->event[at] = event;
    t->n++;
}

// The beats of one frame: sent, arrived, died.
static void add_frame(struct trail *t, const struct history *h, uint32_t row)
{
    const struct history_frame *f = &h->frame[row];
    for (size_t i = history_beat_after(h, f->tx - 1); i < h->beats; i++) {
        const struct beat *b = &h->beat[i];
        if (f->end != NEVER && b->at > f->end) return;
        if (b->frame == row) add(t, b->event);
    }
}

// --- calls -------------------------------------------------------------------------------------

struct call_sum { uint16_t host; uint32_t conn; bool out; uint64_t from, to; };

static bool is_out(enum sock_call call) { return call == CALL_WRITE || call == CALL_SENDTO; }
static bool is_in(enum sock_call call) { return call == CALL_READ || call == CALL_RECVFROM; }

// The calls of a socket that moved units [from, to) of all it moved that way: the bytes of a
// stream, or datagrams, each of which is one.
static void add_calls(struct trail *t, const struct recording *r, struct call_sum want, bool bytes)
{
    const struct history *h = &r->history;
    uint64_t moved = 0;
    for (size_t i = 0; i < h->beats && moved < want.to; i++) {
        const struct beat *b = &h->beat[i];
        struct trace_event ev;
        if (b->type != TRACE_SOCK_CALL || b->host != want.host) continue;
        if (!tape_get(&r->tape, b->event, &ev) || ev.conn != want.conn) continue;
        const struct trace_sock_call_event *c = &ev.sock_call;
        bool ours = want.out ? is_out(c->call) : is_in(c->call);
        if (!ours || c->result < 0 || (bytes && c->result == 0)) continue;
        uint64_t before = moved;
        moved += bytes ? (uint64_t)c->result : 1;
        if (moved > want.from && before < want.to) add(t, b->event);
    }
}

// The first call that gives, the last that takes: what lies between are other bytes' calls.
static void add_ends(struct trail *t, const struct recording *r, struct call_sum want, bool bytes)
{
    struct trail calls = {0};
    add_calls(&calls, r, want, bytes);
    if (calls.n > 0) add(t, want.out ? calls.event[0] : calls.event[calls.n - 1]);
}

// --- streams and datagrams ---------------------------------------------------------------------

static bool same_bytes(const struct history_frame *f, const struct history_frame *g)
{
    return g->side == f->side && g->data > 0 && g->seq < f->seq + f->data &&
           f->seq < g->seq + g->data;
}

static void follow_stream(struct trail *t, const struct recording *r, const struct history_frame *f)
{
    const struct history *h = &r->history;
    const struct history_flow *flow = &h->flow[f->flow];
    int other = !f->side;
    // Sequence number 0 is the SYN's, so the stream's first byte is number 1.
    uint64_t from = f->seq > 0 ? f->seq - 1 : 0, to = from + f->data;
    if (flow->conn[f->side] != 0)
        add_ends(t, r, (struct call_sum){flow->host[f->side], flow->conn[f->side], true, from, to},
                 true);
    for (uint32_t i = flow->first; i != NONE; i = h->frame[i].next)
        if (same_bytes(f, &h->frame[i])) add_frame(t, h, i);
    if (flow->conn[other] != 0)
        add_ends(t, r, (struct call_sum){flow->host[other], flow->conn[other], false, to - 1, to},
                 true);
}

// Whose it was when it came: later the socket may be gone.
static uint32_t taker_of(struct recording *r, const struct history_frame *f)
{
    const struct history_flow *flow = &r->history.flow[f->flow];
    const struct model *m = recording_at(r, recording_events_until(r, f->end));
    struct endpoint ends[2] = {flow->end[!f->side], flow->end[f->side]};
    const struct model_sock *k = model_match(m, f->to, KIND_UDP, ends);
    return k != NULL ? k->conn : 0;
}

// Which of the datagrams between these ends, or to this end from anywhere, it is.
static uint64_t datagrams_before(const struct history *h, const struct history_frame *f, bool out)
{
    struct endpoint mine = h->flow[f->flow].end[out ? f->side : !f->side];
    uint64_t n = 0;
    for (size_t i = 0; i < h->frames; i++) {
        const struct history_frame *g = &h->frame[i];
        if (g->flow == NONE || h->flow[g->flow].kind != KIND_UDP) continue;
        struct endpoint end = h->flow[g->flow].end[out ? g->side : !g->side];
        if (!endpoint_eq(end, mine)) continue;
        if (out ? g->tx < f->tx || (g->tx == f->tx && g < f)
                : g->ended == END_RECEIVED && g->end < f->end)
            n++;
    }
    return n;
}

static void follow_datagram(struct trail *t, struct recording *r, const struct history_frame *f)
{
    const struct history *h = &r->history;
    struct trace_event ev;
    uint64_t nth = datagrams_before(h, f, true);
    tape_at(&r->tape, f->place, &ev);
    if (ev.type == TRACE_FRAME_TX && ev.conn != 0)
        add_ends(t, r, (struct call_sum){f->from, ev.conn, true, nth, nth + 1}, false);
    if (f->ended != END_RECEIVED) return;
    uint32_t conn = taker_of(r, f);
    nth = datagrams_before(h, f, false);
    if (conn != 0) add_ends(t, r, (struct call_sum){f->to, conn, false, nth, nth + 1}, false);
}

bool trail_find(struct trail *t, struct recording *r, uint32_t frame)
{
    const struct history *h = &r->history;
    *t = (struct trail){.frame = frame};
    if (frame >= h->frames || !h->frame[frame].seen) return false;
    const struct history_frame *f = &h->frame[frame];
    bool known = f->flow != NONE;
    if (known && f->kind == PACKET_TCP && f->data > 0) {
        follow_stream(t, r, f);
        return t->n > 0;
    }
    add_frame(t, h, frame);
    if (known && f->kind == PACKET_UDP) follow_datagram(t, r, f);
    return t->n > 0;
}
