// see history.h
#include "viz/history.h"

#include "viz/big.h"

#include <errno.h>

static void *append(void *array, size_t *n, size_t *cap, size_t size)
{
    void *p;
    memcpy(&p, array, sizeof p);
    if (*n == *cap) {
        size_t wider = *cap != 0 ? *cap * 2 : 64;
        void *moved = wider < NONE ? big_realloc(p, *cap * size, wider * size) : NULL;
        if (moved == NULL) return NULL;
        memcpy(array, &moved, sizeof moved);
        *cap = wider;
        p = moved;
    }
    return memset((char *)p + (*n)++ * size, 0, size);
}

#define APPEND(h, part, parts) \
    append(&(h)->part, &(h)->parts, &(h)->parts##_cap, sizeof *(h)->part)
#define RELEASE(h, part, parts) big_free((h)->part, (h)->parts##_cap * sizeof *(h)->part)

void history_free(struct history *h)
{
    RELEASE(h, frame, frames);
    RELEASE(h, flow, flows);
    RELEASE(h, span, spans);
    RELEASE(h, sample, samples);
    RELEASE(h, sock, socks);
    RELEASE(h, beat, beats);
    RELEASE(h, trouble, troubles);
    big_free(h->frame_reach, h->reach_cap * sizeof *h->frame_reach);
    index_free(&h->pairs);
    index_free(&h->frame_ids);
    index_free(&h->sock_ids);
    index_free(&h->flow_ends);
    *h = (struct history){0};
}

size_t history_memory(const struct history *h)
{
    return h->frames_cap * (sizeof *h->frame + sizeof *h->frame_reach) +
           h->flows_cap * sizeof *h->flow + h->spans_cap * sizeof *h->span +
           h->samples_cap * sizeof *h->sample + h->socks_cap * sizeof *h->sock +
           h->beats_cap * sizeof *h->beat + h->troubles_cap * sizeof *h->trouble +
           (h->frame_ids.cap + h->sock_ids.cap + h->flow_ends.cap) * sizeof(struct index_entry);
}

bool frame_is_again(const struct history_frame *f) { return sent_is_again(f->why); }

bool frame_is_control(const struct history_frame *f)
{
    return f->kind == PACKET_TCP && (f->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0;
}

bool frame_is_bare_ack(const struct history_frame *f)
{
    return f->kind == PACKET_TCP && f->data == 0 && !frame_is_control(f);
}

// --- finding -----------------------------------------------------------------------------------

// Frames in flight are spoken of again and again, and so are sockets: those of late are found
// without the index, which is too large for any cache. The upper half of an id is its host.
static uint32_t recent_slot(uint64_t id)
{
    return (uint32_t)(id + (id >> 32) * (HISTORY_RECENT / 8)) % HISTORY_RECENT;
}

uint32_t history_frame_of(const struct history *h, uint64_t id)
{
    uint32_t recent_1 = h->recent_1[recent_slot(id)];
    if (recent_1 != 0 && h->frame[recent_1 - 1].id == id) return recent_1 - 1;
    return index_get(&h->frame_ids, id);
}

const struct history_frame *history_last_way(const struct history *h,
                                             const struct history_frame *f)
{
    uint32_t last = h->routed ? history_frame_of(h, f->id) : NONE;
    return last != NONE ? &h->frame[last] : f;
}

uint32_t history_sock_of(const struct history *h, uint16_t host, uint32_t conn)
{
    return index_get(&h->sock_ids, (uint64_t)host << 32 | conn);
}

// The same for both directions: the ends are mixed one by one and added.
static uint64_t end_key(struct endpoint e)
{
    uint64_t half[2];
    memcpy(half, e.addr.b, sizeof half);
    uint64_t k = (half[0] ^ e.addr.family) * 0x9e3779b97f4a7c15ull;
    k = (k ^ k >> 32 ^ half[1]) * 0xff51afd7ed558ccdull;
    return (k ^ k >> 29 ^ e.port) * 0x9e3779b97f4a7c15ull;
}

static bool flow_fits(const struct history_flow *f, const struct endpoint ends[2], uint8_t kind)
{
    return f->kind == kind &&
           ((endpoint_eq(f->end[0], ends[0]) && endpoint_eq(f->end[1], ends[1])) ||
            (endpoint_eq(f->end[0], ends[1]) && endpoint_eq(f->end[1], ends[0])));
}

// Two flows may share a key; the later then stands under the key's successor.
static uint64_t flow_key(const struct history *h, const struct endpoint ends[2], uint8_t kind)
{
    uint64_t key = end_key(ends[0]) + end_key(ends[1]) + kind;
    for (;; key++) {
        uint32_t i = index_get(&h->flow_ends, key);
        if (i == INDEX_NONE || flow_fits(&h->flow[i], ends, kind)) return key;
    }
}

uint32_t history_flow_of(const struct history *h, struct endpoint a, struct endpoint b,
                         uint8_t kind)
{
    return index_get(&h->flow_ends, flow_key(h, (struct endpoint[2]){a, b}, kind));
}

uint32_t history_first_reaching(const struct history *h, nsec t)
{
    size_t lo = 0, hi = h->frames;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->frame_reach[mid] < t) lo = mid + 1;
        else hi = mid;
    }
    return (uint32_t)lo;
}

uint32_t history_first_after(const struct history *h, nsec t)
{
    size_t lo = 0, hi = h->frames;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->frame[mid].tx <= t) lo = mid + 1;
        else hi = mid;
    }
    return (uint32_t)lo;
}

// Down a chain of rows to the first that is not after t. `jump` is taken whenever it stays after t.
#define CHAIN_UNTIL(rows, i, time, t)                                                         \
    while ((i) != NONE && (rows)[i].time > (t))                                               \
        (i) = (rows)[i].jump != NONE && (rows)[(rows)[i].jump].time > (t) ? (rows)[i].jump    \
                                                                          : (rows)[i].prev

uint32_t history_flow_until(const struct history *h, uint32_t flow, nsec t)
{
    uint32_t i = h->flow[flow].last;
    CHAIN_UNTIL(h->frame, i, tx, t);
    return i;
}

uint32_t history_sample_until(const struct history *h, uint32_t newest, nsec t)
{
    uint32_t i = newest;
    CHAIN_UNTIL(h->sample, i, at, t);
    return i;
}

// The jump of a new row behind prev: past two equal skips in a row, else to prev itself.
#define CHAIN_JUMP(rows, prev)                                                                \
    ((prev) == NONE || !skips_are_equal((rows)[prev].nth, nth_of(rows, (rows)[prev].jump),    \
                                        jump_nth(rows, (rows)[prev].jump))                    \
         ? (prev) : (rows)[(rows)[prev].jump].jump)
#define nth_of(rows, i) ((i) == NONE ? 0 : (rows)[i].nth)
#define jump_nth(rows, i) ((i) == NONE ? 0 : nth_of(rows, (rows)[i].jump))

static bool skips_are_equal(uint32_t from, uint32_t to, uint32_t beyond)
{
    return to != 0 && from - to == to - beyond;
}

size_t history_trouble_after(const struct history *h, nsec t)
{
    size_t lo = 0, hi = h->troubles;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->trouble[mid].at <= t) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

size_t history_beat_after(const struct history *h, nsec t)
{
    size_t lo = 0, hi = h->beats;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->beat[mid].at <= t) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

size_t history_beat_of(const struct history *h, uint64_t events)
{
    size_t lo = 0, hi = h->beats;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->beat[mid].event < events) lo = mid + 1;
        else hi = mid;
    }
    return lo == 0 ? 0 : lo - 1;
}

size_t history_beat_telling(const struct history *h, size_t i)
{
    size_t best = i;
    for (size_t k = i; k > 0 && h->beat[k - 1].at == h->beat[i].at; k--)
        if (h->beat[k - 1].weight >= h->beat[best].weight) best = k - 1;
    return best;
}

// --- frames and flows ----------------------------------------------------------------------------

static struct history_frame *new_frame(struct history *h, uint64_t id, nsec at)
{
    size_t n = h->frames;
    if (h->frames == h->reach_cap) {
        size_t cap = h->reach_cap != 0 ? h->reach_cap * 2 : 64;
        nsec *wider =
            big_realloc(h->frame_reach, h->reach_cap * sizeof *wider, cap * sizeof *wider);
        if (wider == NULL) return NULL;
        h->frame_reach = wider;
        h->reach_cap = cap;
    }
    struct history_frame *f = APPEND(h, frame, frames);
    if (f == NULL) return NULL;
    h->frame_reach[n] = NEVER;
    *f = (struct history_frame){.id = id, .tx = at, .depart = at, .arrive = NEVER, .end = NEVER,
                                .flow = NONE, .prev = NONE, .next = NONE,
                                .jump = NONE};
    return index_put(&h->frame_ids, id, (uint32_t)n) ? f : NULL;
}

// A frame is known from the first word about it; one that has ended and is spoken of again (it was
// forwarded under its old number) begins anew.
static struct history_frame *frame_for(struct history *h, uint64_t id, nsec at, bool sends)
{
    uint32_t i = history_frame_of(h, id);
    if (i != NONE) h->recent_1[recent_slot(id)] = i + 1;
    if (i != NONE && !(sends && h->frame[i].ended != END_ALIVE)) return &h->frame[i];
    struct history_frame *f = new_frame(h, id, at);
    if (f == NULL) h->short_of_memory = true;
    else h->recent_1[recent_slot(id)] = (uint32_t)h->frames;
    if (f == NULL || i == NONE) return f;
    const struct history_frame *before = &h->frame[i];
    f->onward = h->routed = true;
    f->seq = before->seq, f->ack = before->ack, f->wnd = before->wnd;
    return f;
}

static struct history_flow *get_flow(struct history *h, const struct endpoint ends[2],
                                     uint8_t kind, nsec at)
{
    uint64_t key = flow_key(h, ends, kind);
    uint32_t i = index_get(&h->flow_ends, key);
    if (i != INDEX_NONE) return &h->flow[i];
    struct history_flow *f = APPEND(h, flow, flows);
    if (f == NULL || !index_put(&h->flow_ends, key, (uint32_t)(h->flows - 1))) {
        h->short_of_memory = true;
        return NULL;
    }
    *f = (struct history_flow){.end = {ends[0], ends[1]}, .first = NONE, .last = NONE,
                               .kind = kind, .mark = (uint8_t)((h->flows - 1) & 0xff),
                               .born = at};
    return f;
}

// Numbers are counted from each side's first, as our own hosts tell theirs; of a host that tells
// nothing (a kernel behind a TAP) they are in the bytes, once its SYN was seen.
static void number_segment(struct history_flow *flow, struct history_frame *f,
                           const struct tcp_seg *seg)
{
    int mine = f->side, other = !f->side;
    bool syn = (seg->flags & TCP_SYN) != 0;
    if (syn) {
        flow->isn[mine] = seg->seq.raw;
        flow->scale[mine] = seg->opts.has_wscale ? seg->opts.wscale : 0xff;
        flow->begun |= (uint8_t)(1u << mine);
    }
    if (f->seq != 0 || f->ack != 0 || f->wnd != 0) return;  // told already
    if (flow->begun >> mine & 1) f->seq = seg->seq.raw - flow->isn[mine];
    if ((seg->flags & TCP_ACK) != 0 && flow->begun >> other & 1)
        f->ack = seg->ack.raw - flow->isn[other];
    bool scaled = !syn && flow->begun == 3 && flow->scale[0] < 15 && flow->scale[1] < 15;
    f->wnd = (uint32_t)seg->wnd << (scaled ? flow->scale[mine] : 0);
}

static void join_flow(struct history *h, struct history_frame *f, const struct dissect *d,
                      nsec at)
{
    if (d->kind != PACKET_TCP && d->kind != PACKET_UDP) return;
    if (d->l4 == 0) return;
    uint8_t kind = d->kind == PACKET_TCP ? KIND_TCP : KIND_UDP;
    struct history_flow *flow = get_flow(h, (struct endpoint[2]){d->src, d->dst}, kind, at);
    if (flow == NULL) return;
    uint32_t n = (uint32_t)(f - h->frame);
    f->flow = (uint32_t)(flow - h->flow);
    f->side = endpoint_eq(flow->end[0], d->src) ? 0 : 1;
    if (kind == KIND_TCP) number_segment(flow, f, &d->tcp);
    if (f->onward) return;  // it is there once
    f->prev = flow->last;
    f->jump = CHAIN_JUMP(h->frame, f->prev);
    f->nth = ++flow->frames;
    if (flow->last != NONE) h->frame[flow->last].next = n;
    else flow->first = n;
    flow->last = n;
    flow->bytes[f->side] += f->data;
    flow->again += frame_is_again(f);
}

// They come nearly in order of time: a loss may be told before it happens.
static void add_trouble(struct history *h, struct trouble t)
{
    if (APPEND(h, trouble, troubles) == NULL) {
        h->short_of_memory = true;
        return;
    }
    size_t i = h->troubles - 1;
    for (; i > 0 && h->trouble[i - 1].at > t.at; i--) h->trouble[i] = h->trouble[i - 1];
    h->trouble[i] = t;
}

static void frame_bytes(struct history *h, struct history_frame *f, const struct trace_bytes *b,
                        nsec at)
{
    struct dissect d;
    dissect(&d, b->p, b->len);
    f->kind = d.kind;
    if (d.l3 != 0) f->l3_len = (uint16_t)((d.l4 != 0 ? d.l4 : d.payload) - d.l3);
    if (d.l4 != 0) f->l4_len = (uint16_t)(d.payload - d.l4);
    if (d.kind == PACKET_TCP && d.l4 != 0) f->flags = d.tcp.flags;
    if (d.kind == PACKET_TCP || d.kind == PACKET_UDP || d.kind == PACKET_ICMP) {
        // A capture may hold less than the frame had; padding is no payload.
        uint32_t end = d.end == d.len ? f->len : d.end;
        f->data = end > d.payload && d.payload != 0 ? end - d.payload : 0;
    }
    join_flow(h, f, &d, at);
}

static void set_end(struct history *h, struct history_frame *f, enum frame_end how, nsec at)
{
    f->ended = (uint8_t)how;
    f->end = at;
    // The running greatest end: frames mostly end in order, so few steps are taken.
    for (size_t i = (size_t)(f - h->frame); i < h->frames; i++) {
        nsec before = i > 0 ? h->frame_reach[i - 1] : 0;
        nsec reach = h->frame[i].end > before ? h->frame[i].end : before;
        if (i > (size_t)(f - h->frame) && reach == h->frame_reach[i]) break;
        h->frame_reach[i] = reach;
    }
}

static void count_pair(struct history *h, const struct history_frame *f)
{
    if (f->from == 0 || f->to == 0) return;
    uint16_t lo = f->from < f->to ? f->from : f->to, hi = f->from < f->to ? f->to : f->from;
    uint64_t key = (uint64_t)lo << 16 | hi;
    uint32_t seen = index_get(&h->pairs, key);
    seen = seen == INDEX_NONE ? 1 : seen + 1;
    if (seen == INDEX_NONE || !index_put(&h->pairs, key, seen) || seen <= h->pair_most) return;
    h->pair_most = seen;
    h->pair[0] = lo;
    h->pair[1] = hi;
}

static void apply_tx(struct history *h, const struct model *m, const struct trace_event *ev,
                     struct tape_place place)
{
    struct history_frame *f = frame_for(h, ev->frame_tx.frame, ev->at, true);
    if (f == NULL) return;
    f->place = place;
    f->seen = true;
    f->tx = f->depart = ev->at;
    f->len = ev->frame_tx.len;
    f->why = (uint8_t)ev->frame_tx.why;
    f->from = ev->host;
    const struct model_netif *n = model_netif(m, ev->host, ev->netif);
    f->to = n != NULL && n->has_link ? n->peer_host : 0;
    frame_bytes(h, f, &ev->frame_tx.data, ev->at);
    count_pair(h, f);
    uint32_t row = (uint32_t)(f - h->frame);
    if (frame_is_again(f)) add_trouble(h, (struct trouble){ev->at, row, true});
    if (f->to == 0) set_end(h, f, END_RECEIVED, ev->at);  // it leaves our sight at once
}

static void apply_rx(struct history *h, const struct trace_event *ev, struct tape_place place)
{
    struct history_frame *f = frame_for(h, ev->frame_rx.frame, ev->at, false);
    if (f == NULL) return;
    bool told = f->to != 0 || !f->seen;
    f->to = ev->host;
    if (!told) count_pair(h, f);  // nobody knew where it would go
    if (!f->seen) {
        f->place = place;
        f->seen = true;
        f->len = ev->frame_rx.len;
        f->why = SENT_FOREIGN;
        frame_bytes(h, f, &ev->frame_rx.data, ev->at);
    }
    set_end(h, f, END_RECEIVED, ev->at);
}

static void apply_death(struct history *h, uint64_t id, enum drop why, enum frame_end how,
                        nsec at)
{
    uint32_t i = history_frame_of(h, id);
    if (i == NONE) return;
    struct history_frame *f = &h->frame[i];
    f->drop = (uint8_t)why;
    if (f->ended == END_RECEIVED) return;  // it came, and died inside: the journey stands
    set_end(h, f, how, at);
    add_trouble(h, (struct trouble){at, i, false});
    if (f->flow != NONE) h->flow[f->flow].lost++;
}

static void apply_fly(struct history *h, const struct trace_event *ev)
{
    uint32_t i = history_frame_of(h, ev->link_fly.frame);
    if (i == NONE) return;
    h->frame[i].depart = ev->link_fly.depart;
    h->frame[i].arrive = ev->link_fly.arrive;
}

static void apply_segment(struct history *h, const struct trace_event *ev)
{
    const struct trace_tcp_segment_event *e = &ev->tcp_segment;
    if (!e->out) return;
    struct history_frame *f = frame_for(h, e->frame, ev->at, true);
    if (f == NULL) return;
    f->seq = e->seq;
    f->ack = e->ack;
    f->wnd = e->wnd;
}

// --- sockets, states, samples ------------------------------------------------------------------

static uint64_t sock_key(const struct history_sock *s) { return (uint64_t)s->host << 32 | s->conn; }

static struct history_sock *sock_for(struct history *h, const struct trace_event *ev)
{
    uint64_t key = (uint64_t)ev->host << 32 | ev->conn;
    uint32_t *recent_1 = &h->recent_sock_1[recent_slot(key)];
    if (*recent_1 != 0 && sock_key(&h->sock[*recent_1 - 1]) == key) return &h->sock[*recent_1 - 1];
    uint32_t i = index_get(&h->sock_ids, key);
    if (i != INDEX_NONE) *recent_1 = i + 1;
    if (i != INDEX_NONE) return &h->sock[i];
    struct history_sock *s = APPEND(h, sock, socks);
    if (s == NULL || !index_put(&h->sock_ids, key, (uint32_t)(h->socks - 1))) {
        h->short_of_memory = true;
        return NULL;
    }
    *s = (struct history_sock){.conn = ev->conn, .host = ev->host, .fd = -1, .flow = NONE,
                               .fd_to = UINT64_MAX, .kind = KIND_TCP, .span = NONE};
    for (size_t k = 0; k < SAMPLES; k++) s->last[k] = NONE;
    return s;
}

static void add_sample(struct history *h, struct history_sock *s, enum sample_kind kind,
                       struct history_sample x)
{
    struct history_sample *row = APPEND(h, sample, samples);
    if (row == NULL) {
        h->short_of_memory = true;
        return;
    }
    *row = x;
    row->prev = s->last[kind];
    row->jump = CHAIN_JUMP(h->sample, row->prev);
    row->nth = nth_of(h->sample, row->prev) + 1;
    s->last[kind] = (uint32_t)(h->samples - 1);
}

static void name_sock(struct history *h, struct history_sock *s, const struct trace_event *ev)
{
    const struct trace_sock_name_event *e = &ev->sock_name;
    if (e->remote.port == 0 || e->local.port == 0) return;
    struct history_flow *f =
        get_flow(h, (struct endpoint[2]){e->local, e->remote}, s->kind, ev->at);
    if (f == NULL) return;
    int side = endpoint_eq(f->end[0], e->local) ? 0 : 1;
    f->host[side] = ev->host;
    f->conn[side] = ev->conn;
    s->flow = (uint32_t)(f - h->flow);
}

static void change_state(struct history *h, struct history_sock *s, const struct trace_event *ev)
{
    if (s->span != NONE) h->span[s->span].to = ev->at;
    struct history_span *p = APPEND(h, span, spans);
    if (p == NULL) {
        h->short_of_memory = true;
        return;
    }
    *p = (struct history_span){.from = ev->at, .to = NEVER, .conn = ev->conn, .host = ev->host,
                               .state = (uint8_t)ev->tcp_state.to,
                               .why = (uint8_t)ev->tcp_state.why};
    s->span = (uint32_t)(h->spans - 1);
}

static void take_level(struct history_sock *s, const struct trace_sock_buf_event *e)
{
    if (e->snd_len > s->peak_snd) s->peak_snd = e->snd_len;
    if (e->rcv_len + e->rcv_held > s->peak_rcv) s->peak_rcv = e->rcv_len + e->rcv_held;
}

static void apply_sock(struct history *h, const struct trace_event *ev)
{
    if (ev->conn == 0) return;
    struct history_sock *s = sock_for(h, ev);
    if (s == NULL) return;
    struct history_sample x = {.at = ev->at};
    switch (ev->type) {
    case TRACE_SOCK_NEW:
        s->kind = (uint8_t)ev->sock_new.kind;
        s->fd = ev->sock_new.fd;
        s->fd_from = ev->order;
        s->listener = ev->sock_new.listener;
        break;
    case TRACE_SOCK_FD:
        s->fd = ev->sock_fd.fd;
        s->fd_from = ev->order;
        break;
    case TRACE_SOCK_FREE: s->fd_to = ev->order; break;
    case TRACE_SOCK_NAME: name_sock(h, s, ev); break;
    case TRACE_TCP_STATE: change_state(h, s, ev); break;
    case TRACE_SOCK_GONE:
        if (s->span != NONE) h->span[s->span].to = ev->at;
        break;
    case TRACE_SOCK_BUF:
        take_level(s, &ev->sock_buf);
        x.a = ev->sock_buf.snd_len, x.b = ev->sock_buf.rcv_len, x.c = ev->sock_buf.rcv_max;
        add_sample(h, s, SAMPLE_BUF, x);
        break;
    case TRACE_TCP_CWND:
        x.a = ev->tcp_cwnd.cwnd, x.b = ev->tcp_cwnd.ssthresh, x.c = ev->tcp_cwnd.inflight;
        add_sample(h, s, SAMPLE_CWND, x);
        break;
    case TRACE_TCP_WINDOW:
        x.a = ev->tcp_window.snd_wnd, x.b = ev->tcp_window.rcv_wnd;
        add_sample(h, s, SAMPLE_WINDOW, x);
        break;
    case TRACE_TCP_RTT:
        x.a = (uint64_t)ev->tcp_rtt.sample, x.b = (uint64_t)ev->tcp_rtt.srtt;
        x.c = (uint64_t)ev->tcp_rtt.rto;
        add_sample(h, s, SAMPLE_RTT, x);
        break;
    case TRACE_TCP_ACKED:
        x.a = ev->tcp_acked.una;
        add_sample(h, s, SAMPLE_ACKED, x);
        break;
    default: break;
    }
}

int32_t history_fd_at(const struct history *h, uint16_t host, uint32_t conn, uint64_t event)
{
    uint32_t i = history_sock_of(h, host, conn);
    if (i == NONE || event < h->sock[i].fd_from || event > h->sock[i].fd_to) return -1;
    return h->sock[i].fd;
}

// --- beats -------------------------------------------------------------------------------------

static uint8_t frame_weight(const struct history_frame *f)
{
    if (frame_is_again(f)) return 90;
    if (f->kind == PACKET_TCP) {
        if (f->flags & TCP_RST) return 84;
        if (f->flags & (TCP_SYN | TCP_FIN)) return 70;
        return f->data > 0 ? 68 : 40;
    }
    return f->kind == PACKET_UDP ? 68 : f->kind == PACKET_ICMP ? 60 : 30;
}

static uint8_t call_weight(const struct trace_sock_call_event *c)
{
    if (c->result == -EAGAIN) return 12;
    if (c->result < 0 && c->result != -EINPROGRESS) return 85;
    switch (c->call) {
    case CALL_ACCEPT: return 66;
    case CALL_READ: case CALL_RECVFROM: return 62;
    case CALL_CONNECT: case CALL_CLOSE: case CALL_ABORT: return 58;
    case CALL_WRITE: case CALL_SENDTO: return 56;
    case CALL_SETSOCKOPT: case CALL_GETSOCKOPT: case CALL_GETSOCKNAME: case CALL_GETPEERNAME:
        return 10;
    default: return 30;
    }
}

// 0: not a beat of its own.
static uint8_t event_weight(const struct history *h, const struct trace_event *ev,
                            uint32_t frame)
{
    switch (ev->type) {
    case TRACE_FRAME_TX: return frame != NONE ? frame_weight(&h->frame[frame]) : 30;
    case TRACE_FRAME_RX:
        return frame != NONE ? (uint8_t)(frame_weight(&h->frame[frame]) + 2) : 30;
    case TRACE_LINK_DROP: return 94;
    case TRACE_FRAME_DROP: return 80;
    case TRACE_SOCK_CALL: return call_weight(&ev->sock_call);
    case TRACE_TCP_STATE: return ev->tcp_state.to == TCP_CLOSED ? 44 : 46;
    case TRACE_TCP_TIMER:
        return !ev->tcp_timer.fired ? 0 : ev->tcp_timer.timer == TIMER_DELACK ? 34 : 88;
    case TRACE_TCP_LOSS: return 72;
    case TRACE_NOTE:     return 95;
    case TRACE_EXPECT:   return ev->expect.ok ? 20 : 99;
    case TRACE_RUN:      return 5;
    case TRACE_CONTROL:  return 60;
    default: return 0;
    }
}

static uint32_t frame_in_event(const struct history *h, const struct trace_event *ev)
{
    switch (ev->type) {
    case TRACE_FRAME_TX:   return history_frame_of(h, ev->frame_tx.frame);
    case TRACE_FRAME_RX:   return history_frame_of(h, ev->frame_rx.frame);
    case TRACE_FRAME_DROP: return history_frame_of(h, ev->frame_drop.frame);
    case TRACE_LINK_DROP:  return history_frame_of(h, ev->link_drop.frame);
    default: return NONE;
    }
}

static void add_beat(struct history *h, const struct trace_event *ev)
{
    uint32_t frame = frame_in_event(h, ev);
    uint8_t weight = event_weight(h, ev, frame);
    if (weight == 0) return;
    struct beat *b = APPEND(h, beat, beats);
    if (b == NULL) {
        h->short_of_memory = true;
        return;
    }
    *b = (struct beat){.event = ev->order, .at = ev->at, .frame = frame, .host = ev->host,
                       .type = (uint8_t)ev->type, .weight = weight};
}

void history_apply(struct history *h, const struct model *m, const struct trace_event *ev,
                   struct tape_place place)
{
    switch (ev->type) {
    case TRACE_FRAME_TX: apply_tx(h, m, ev, place); break;
    case TRACE_FRAME_RX: apply_rx(h, ev, place); break;
    case TRACE_FRAME_DROP:
        apply_death(h, ev->frame_drop.frame, ev->frame_drop.why, END_KILLED, ev->at);
        break;
    case TRACE_LINK_DROP:
        apply_death(h, ev->link_drop.frame, ev->link_drop.why, END_LOST, ev->link_drop.when);
        break;
    case TRACE_LINK_FLY: apply_fly(h, ev); break;
    case TRACE_TCP_SEGMENT: apply_segment(h, ev); break;
    default: apply_sock(h, ev); break;
    }
    add_beat(h, ev);
}

// --- the stage ---------------------------------------------------------------------------------

enum { SETTLE_AFTER_S = 2 };

// Without this, one frame that is never heard of again would make all that follow it look as if
// they might be in flight, and each picture would look at them all.
void history_settle(struct history *h, nsec now)
{
    if (h->frames - h->settled < h->settled / 4) return;  // in a live run, seldom
    h->settled = h->frames;
    size_t first = history_first_reaching(h, NEVER);  // those before have all come to an end
    nsec reach = first > 0 ? h->frame_reach[first - 1] : 0;
    for (size_t i = first; i < h->frames; i++) {
        const struct history_frame *f = &h->frame[i];
        nsec end = f->end, due = f->arrive != NEVER ? f->arrive : f->depart;
        if (end == NEVER && due < now - SEC(SETTLE_AFTER_S)) end = due;
        if (end > reach) reach = end;
        h->frame_reach[i] = reach;
    }
}

void history_keep_stage(struct history *h, const uint16_t pair[2])
{
    memcpy(h->stage, pair, sizeof h->stage);
    h->stage_kept = true;
}

// A socket without a peer does not tell whose its datagrams are; their addresses do.
static uint16_t end_of(const struct model *m, const struct history_flow *f, int side)
{
    return f->host[side] != 0 ? f->host[side] : model_owner(m, f->end[side].addr);
}

// Of one host that talks with strangers: it stands at its end, and nobody we can see at theirs.
static void choose_alone(struct history *h, const struct model *m)
{
    const struct history_flow *most = NULL;
    for (size_t i = 0; i < h->flows; i++) {
        const struct history_flow *f = &h->flow[i];
        bool known = end_of(m, f, 0) != 0 || end_of(m, f, 1) != 0;
        if (known && (most == NULL || f->frames > most->frames)) most = f;
    }
    for (int side = 0; side < 2 && most != NULL; side++) h->stage[side] = end_of(m, most, side);
    if (most == NULL && m->hosts > 0) h->stage[1] = m->host[0].id;
}

void history_choose_stage(struct history *h, const struct model *m)
{
    if (h->stage_kept) return;
    memcpy(h->stage, h->pair, sizeof h->stage);
    const struct history_flow *most = NULL;  // whoever talks over routers stands at both its ends
    for (size_t i = 0; i < h->flows; i++) {
        const struct history_flow *f = &h->flow[i];
        uint16_t a = end_of(m, f, 0), b = end_of(m, f, 1);
        bool known = a != 0 && b != 0 && a != b;
        if (known && (most == NULL || f->frames > most->frames)) most = f;
    }
    if (most != NULL) {
        for (int side = 0; side < 2; side++) h->stage[side] = end_of(m, most, side);
        return;
    }
    if (h->stage[0] == 0 && h->stage[1] == 0) {
        choose_alone(h, m);
        return;
    }
    for (size_t i = 0; i < h->flows; i++) {
        const struct history_flow *f = &h->flow[i];
        const struct history_frame *first = f->first != NONE ? &h->frame[f->first] : NULL;
        if (first == NULL || first->from != h->stage[1] || first->to != h->stage[0]) continue;
        if (first->side != 0) continue;
        h->stage[0] = first->from;
        h->stage[1] = first->to;
        return;
    }
}
