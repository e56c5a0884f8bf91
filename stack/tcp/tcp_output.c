// tcp_output.c - from a plan to a frame: header, options, window, slices. tcp_plan.c decides.
#include "base/csum.h"
#include "net/ip.h"
#include "net/netif.h"
#include "tcp/tcp.h"
#include "wire/ip_wire.h"

enum { CSUM_OFF = offsetof(struct tcp_hdr, csum), TS_BYTES = 12,
       SYN_WINDOW_MOST = 65535 };
#define MEMORY_RETRY MSEC(500)  // Linux: TCP_RESOURCE_PROBE_INTERVAL

// --- the window we offer -----------------------------------------------------------------------

static struct seq edge_wanted(const struct tcp *t)
{
    uint32_t used = t->rcvq.bytes.len, room = t->rcvq.limit > used ? t->rcvq.limit - used : 0;
    if (t->host->set.tcp_window_slow_start && room > t->rcv_most) room = t->rcv_most;
    return seq_add(t->rcv_nxt, room);
}

// Silly windows are avoided (MUST-39): the edge moves by a segment or half the buffer, never back
// (SHLD-14).
static struct seq edge_next(const struct tcp *t)
{
    struct seq wanted = edge_wanted(t);
    uint32_t least = t->rcvq.limit / 2 < t->rcv_mss ? t->rcvq.limit / 2 : t->rcv_mss;
    // Linux: a scaled window is told as it is; its unit is coarse enough.
    if (t->host->set.tcp_window_slow_start && t->wscale_ok) least = 0;
    return seq_diff(wanted, t->rcv_edge) >= (int32_t)least ? wanted : t->rcv_edge;
}

// RFC 9293: MAY-8.
uint32_t tcp_window_now(const struct tcp *t)
{
    int32_t n = seq_diff(t->rcv_edge, t->rcv_nxt);
    return n > 0 ? (uint32_t)n : 0;
}

// Is an edge within a unit of the window field behind the end of the buffer?
static bool edge_is_lent(const struct tcp *t, struct seq edge, uint32_t unit)
{
    struct seq end = seq_add(t->rcv_nxt, t->rcvq.limit - t->rcvq.bytes.len);
    return seq_lt(edge, seq_add(end, unit));
}

// A buffer of less than a unit of the window field: rounded down, no window of it would ever be
// told. So once it is empty it is told as one unit. Linux: __tcp_select_window, likewise.
static bool is_less_than_a_unit(const struct tcp *t)
{
    return t->wscale_ok && t->rcvq.limit >> t->rcv_wscale == 0;
}

// The field, and the edge it says. Scaling rounds down, and would move the edge back by a few
// bytes; then the field is rounded up (RFC 7323 §2.4), unless that would lend a sleeping reader's
// peer more with each segment: then it says less than what we go on to take. A SYN's is not scaled
// (§2.2).
uint16_t tcp_window_field(struct tcp *t, bool syn)
{
    uint8_t shift = syn || !t->wscale_ok ? 0 : t->rcv_wscale;
    uint32_t most = (uint32_t)SYN_WINDOW_MOST << shift;
    struct seq edge = edge_next(t);
    int32_t n = seq_diff(edge, t->rcv_nxt);
    uint32_t window = n > 0 ? (uint32_t)n : 0;
    if (window > most) window = most;
    uint32_t field = window >> shift;
    if (seq_lt(seq_add(t->rcv_nxt, field << shift), t->rcv_edge) && field < SYN_WINDOW_MOST) {
        uint32_t up = (tcp_window_now(t) + (1u << shift) - 1) >> shift;
        if (edge_is_lent(t, seq_add(t->rcv_nxt, up << shift), 1u << shift)) field = up;
    }
    if (field > SYN_WINDOW_MOST) field = SYN_WINDOW_MOST;
    if (!syn && is_less_than_a_unit(t)) field = t->rcvq.bytes.len == 0;
    edge = seq_add(t->rcv_nxt, field << shift);
    if (seq_lt(t->rcv_edge, edge)) t->rcv_edge = edge;
    return (uint16_t)field;
}

// Linux: the application read; tell the peer once the window could double, not at every read. What
// the field cannot say is no window.
bool tcp_window_grew(const struct tcp *t)
{
    if (is_less_than_a_unit(t)) return t->rcvq.bytes.len == 0;
    uint32_t most = (uint32_t)SYN_WINDOW_MOST << (t->wscale_ok ? t->rcv_wscale : 0);
    int32_t room = seq_diff(edge_wanted(t), t->rcv_nxt);
    uint32_t now = tcp_window_now(t), wanted = room > 0 ? (uint32_t)room : 0;
    if (wanted > most) wanted = most;
    uint32_t least = t->rcvq.limit / 2 < t->rcv_mss ? t->rcvq.limit / 2 : t->rcv_mss;
    return wanted >= now + least && wanted / 2 >= now;
}

// --- header ------------------------------------------------------------------------------------

// Puts the header in front of what f carries, and gives it to IP. Takes f.
// RFC 9293: MUST-2.
static void send_frame(struct host *h, const struct conn *c, const struct tcp_seg *seg,
                       struct frame *f, const struct ip_dest *dest)
{
    uint8_t hdr[TCP_HDR_MAX];
    size_t n = tcp_emit(seg, hdr);
    memcpy(frame_push(f, n), hdr, n);
    f->l4 = (uint16_t)f->start;
    f->csum = CSUM_TODO;
    f->csum_off = CSUM_OFF;
    f->conn = c->id;
    put16(frame_start(f) + CSUM_OFF, csum_pseudo(dest->src, dest->dst, IP_PROTO_TCP, f->len));
    host_step(h, f, STEP_TCP_SEND, c->id, n);
    ip_output(h, f, dest);
}

// RFC 9293: MUST-45, SHLD-22.
static struct ip_dest dest_of(const struct conn *c, uint8_t ttl, uint8_t tos)
{
    return (struct ip_dest){.src = conn_local_addr(c), .dst = conn_remote_addr(c),
                            .proto = IP_PROTO_TCP, .ttl = ttl, .tos = tos, .dont_fragment = true,
                            .unless_tiny = true};
}

// A segment without a connection behind it: a refusal, or the answer of a TIME-WAIT.
void tcp_reply(struct host *h, const struct conn *c, const struct tcp_seg *seg, enum sent why)
{
    struct frame *f = frame_new(&h->pool);
    if (f == NULL) return;
    f->why = (uint8_t)why;
    struct tcp_seg s = *seg;
    s.sport = c->lport;
    s.dport = c->rport;
    struct ip_dest dest = dest_of(c, 0, 0);
    send_frame(h, c, &s, f, &dest);
}

// RFC 9293 §3.10.7.1: an answer to a segment that belongs to nobody takes its numbers from it.
void tcp_refuse(const struct arrival *a, enum sent why)
{
    const struct tcp_seg *in = &a->seg;
    if ((in->flags & TCP_RST) || a->ip->to_many) return;
    struct conn c = {0};
    conn_name(&c, (struct endpoint){a->ip->dst, in->dport},
              (struct endpoint){a->ip->src, in->sport});
    struct tcp_seg seg = {.flags = TCP_RST};
    if (in->flags & TCP_ACK) {
        seg.seq = in->ack;
    } else {
        uint32_t n = a->len + !!(in->flags & TCP_SYN) + !!(in->flags & TCP_FIN);
        seg.flags = TCP_RST | TCP_ACK;
        seg.ack = seq_add(in->seq, n);
    }
    tcp_reply(a->host, &c, &seg, why);
}

// RFC 5961 §7: at most so many a second in the whole host. A stranger who could count them would
// learn of others' connections (CVE-2016-5696), so chance has a part in how many they are: from
// half the limit to one and a half, as Linux has it.
bool tcp_challenge_allowed(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    uint32_t limit = (uint32_t)h->set.tcp_challenge_ack_limit, half = (limit + 1) / 2;
    if (tt->challenge_since == 0 || h->now - tt->challenge_since >= SEC(1)) {
        tt->challenge_since = h->now;
        tt->challenges = limit == 0 ? 0 : half + (uint32_t)rng_below(&h->rng, limit);
    }
    return tt->challenges > 0 && tt->challenges-- > 0;
}

// A FIN that came early is a number like others (Linux: likewise): the end of a run, or one alone.
static unsigned sack_fin(const struct tcp *t, struct seq_range *range, unsigned n, unsigned most)
{
    struct seq at = t->peer_fin_at;
    if (!t->peer_fin_known || t->peer_fin || !seq_lt(t->rcv_nxt, at)) return n;
    for (unsigned i = 0; i < n; i++) {
        if (seq_lt(at, range[i].from) || seq_lt(range[i].to, at)) continue;
        if (range[i].to.raw == at.raw) range[i].to = seq_add(at, 1);
        return n;
    }
    bool first = t->rcvq.hold == NULL || t->rcvq.hold->fin_newest;
    if (n == most && !first) return n;
    if (n == most) n--;
    if (first) memmove(range + 1, range, n * sizeof *range);
    range[first ? 0 : n] = (struct seq_range){at, seq_add(at, 1)};
    return n + 1;
}

// The blocks of our next ACK: what came twice first (RFC 2883), then the newest (RFC 2018 §4).
unsigned tcp_sacks(const struct tcp *t, struct seq_range range[TCP_SACK_MAX])
{
    unsigned n = 0, most = t->ts_ok ? 3 : TCP_SACK_MAX;
    if (!t->sack_ok) return 0;
    bool twice = t->dsack.from.raw != t->dsack.to.raw && t->host->set.tcp_dsack != 0;
    if (twice) range[n++] = t->dsack;
    unsigned runs = rcvq_runs(&t->rcvq, range + n, most - n);
    return n + sack_fin(t, range + n, runs, most - n);
}

static void put_sacks(const struct tcp *t, struct tcp_opts *o)
{
    struct seq_range range[TCP_SACK_MAX];
    o->sacks = (uint8_t)tcp_sacks(t, range);
    for (unsigned i = 0; i < o->sacks; i++) {
        o->sack[i].from = range[i].from;
        o->sack[i].to = range[i].to;
    }
}

// RFC 9293: SHLD-5, MAY-3.
static void put_options(struct tcp *t, const struct plan *p, struct tcp_opts *o)
{
    if (p->flags & TCP_SYN) {
        o->has_mss = true;  // on a SYN and nowhere else (MUST-14, MUST-65)
        o->mss = t->mss_own;
        o->has_wscale = t->wscale_ok;
        o->wscale = t->rcv_wscale;
        o->has_sack_ok = t->sack_ok;
        fastopen_option(t, o);
    } else if (t->sack_ok && (p->flags & TCP_ACK) && !(p->flags & TCP_RST)) {
        put_sacks(t, o);
    }
    o->has_ts = t->ts_ok;
    if (o->has_ts) {
        o->ts_val = tcp_ts_now(t);
        o->ts_ecr = p->flags & TCP_ACK ? t->ts_recent : 0;
    }
}

static void tell_out(const struct tcp *t, const struct plan *p, const struct frame *f,
                     const struct tcp_seg *seg)
{
    uint32_t wnd = seg->wnd;
    if (!(p->flags & TCP_SYN) && t->wscale_ok) wnd <<= t->rcv_wscale;
    TRACE(t->host, .type = TRACE_TCP_SEGMENT, .conn = t->conn.id,
          .tcp_segment = {.frame = f->id, .out = 1, .flags = seg->flags,
                          .seq = (uint32_t)seq_diff(seg->seq, t->iss),
                          .ack = seg->flags & TCP_ACK ? (uint32_t)seq_diff(seg->ack, t->irs) : 0,
                          .len = p->len, .wnd = wnd, .why = p->why});
}

// --- one plan ----------------------------------------------------------------------------------

// The payload by reference; copied only if the bytes lie in more pieces than a frame has room for.
static bool attach(struct tcp *t, struct frame *f, const struct plan *p)
{
    struct slice s[FRAME_SLICES];
    if (p->len == 0) return true;
    struct seq at = seq_add(p->seq, !!(p->flags & TCP_SYN));
    if (slices_reach(&t->sndq.bytes, at, FRAME_SLICES) >= p->len) {
        unsigned n = slices_get(&t->sndq.bytes, at, p->len, s, FRAME_SLICES);
        for (unsigned i = 0; i < n; i++) frame_give(f, s[i]);
        return true;
    }
    struct chunk *c = chunk_new(&t->host->pool, p->len);
    if (c == NULL) return false;
    slices_copy_out(&t->sndq.bytes, at, c->data, p->len);
    c->filled = p->len;
    frame_give(f, (struct slice){.chunk = c, .len = p->len});
    return true;
}

// The scoreboard learns what goes out. Room was reserved.
static void note_sent(struct tcp *t, const struct plan *p, uint32_t numbers)
{
    nsec now = t->host->now;
    if (p->kind == PLAN_NEW) {
        bool resumes = t->sent.total == 0 && p->len > 0 && t->cc->resume != NULL;
        if (resumes) t->cc->resume(&t->ccs, t->last_snd, now);
        struct rate_mark mark = rate_on_send(t);
        sent_add(&t->sent, numbers, now, &mark);
        if (p->len > 0) ledger_sent(t, p->len);
        if (p->len > 0) notes_sent(t);
        // Bytes on a SYN hold up nobody: the peer was not asked whether it takes them. Nor does a
        // probe of the path, which is more than a full segment.
        bool small = p->len % t->mss != 0 && !(p->flags & TCP_SYN) && p->why != SENT_MTU_PROBE;
        if (small) t->snd_small_end = t->sent.nxt;
        if (p->flags & TCP_FIN) t->fin_sent = true;
        if (p->push) sent_at(&t->sent, t->sent.count - 1)->flags |= REC_PUSH;
        t->last_snd = now;
    } else if (p->kind == PLAN_AGAIN) {
        uint32_t i = p->record, skip = (uint32_t)seq_diff(p->seq, sent_at(&t->sent, i)->seq);
        if (skip > 0) sent_split(&t->sent, i++, skip);
        if (numbers < sent_at(&t->sent, i)->len) sent_split(&t->sent, i, numbers);
        struct rate_mark mark = rate_on_send(t);
        sent_mark_again(&t->sent, i, now, &mark);
        if (p->len > 0) ledger_sent(t, p->len);
        ledger_again(t, p->len);
        if (!t->undo.marked) t->undo.retrans_ts = tcp_ts_now(t);
        t->undo.marked = true;
        t->undo.again += numbers;
    }
    if (p->len > 0) t->data_segs_out += (p->len + t->mss - 1u) / t->mss;
    loss_on_sent(t, p, numbers);
    pace_sent(t, p->len);
    if (p->why == SENT_MTU_PROBE) mtu_on_sent(t, p);
}

// Whatever leaves with an ACK tells the peer all it needs to know.
static void note_acked(struct tcp *t, const struct plan *p)
{
    t->rcv_acked = t->rcv_nxt;
    t->dsack = (struct seq_range){0};
    delack_on_sent(t, p);
}

bool tcp_emit_plan(struct tcp *t, const struct plan *p)
{
    struct host *h = t->host;
    uint32_t numbers = p->len + !!(p->flags & TCP_SYN) + !!(p->flags & TCP_FIN);
    if (p->kind != PLAN_BARE && !sent_reserve(&t->sent, &h->pool, 3)) return false;
    struct frame *f = frame_new(&h->pool);
    if (f == NULL) return false;
    if (!attach(t, f, p)) {
        frame_free(f);
        return false;
    }

    bool syn = (p->flags & TCP_SYN) != 0;
    struct tcp_seg seg = {.sport = t->conn.lport, .dport = t->conn.rport, .seq = p->seq,
                          .ack = p->flags & TCP_ACK ? t->rcv_nxt : seq_of(0),
                          .flags = p->flags | ecn_flags(t, p),
                          .wnd = tcp_window_field(t, syn)};
    if (!(p->flags & (TCP_SYN | TCP_RST))) urgent_put(t, &seg);
    put_options(t, p, &seg.opts);
    f->why = p->why;
    uint32_t full = t->mss - (uint32_t)(tcp_opts_len(&seg.opts) - (t->ts_ok ? TS_BYTES : 0));
    if (p->len > full && !syn && p->why != SENT_MTU_PROBE) f->gso_size = (uint16_t)full;
    host_frame_id(h, f);
    if (syn && t->syn_sent < UINT8_MAX) t->syn_sent++;
    t->segs_out += ledger_segments(p->len, f->gso_size);
    note_sent(t, p, numbers);
    if (p->flags & TCP_ACK) note_acked(t, p);
    tell_out(t, p, f, &seg);
    struct ip_dest dest = dest_of(&t->conn, t->ttl, t->tos | ecn_codepoint(t, p));
    dest.dont_fragment = !t->may_fragment;
    send_frame(h, &t->conn, &seg, f, &dest);
    return true;
}

void tcp_send_ack(struct tcp *t, enum sent why)
{
    struct plan p = {.kind = PLAN_BARE, .seq = t->sent.nxt, .flags = TCP_ACK,
                     .why = (uint8_t)why};
    tcp_emit_plan(t, &p);
}

void tcp_send_rst(struct tcp *t, enum sent why)
{
    struct plan p = {.kind = PLAN_BARE, .seq = t->sent.nxt, .flags = TCP_RST | TCP_ACK,
                     .why = (uint8_t)why};
    tcp_emit_plan(t, &p);
}

void tcp_send_bare_rst(struct tcp *t, struct seq seq, enum sent why)
{
    struct plan p = {.kind = PLAN_BARE, .seq = seq, .flags = TCP_RST, .why = (uint8_t)why};
    tcp_emit_plan(t, &p);
}

// Memory is out: nothing was sent, and no ACK will come to remind us.
static void retry_later(struct tcp *t)
{
    t->memory_out = true;
    deadline_set(t, DEADLINE_PACE, TIMER_PACE, t->host->now + MEMORY_RETRY);
}

// Linux: tcp_cwnd_validate. What cwnd held back, or the largest flight of a round, tells whether
// it was of use, so that only a used window grows (RFC 7661 §4.3).
static void note_use(struct tcp *t)
{
    bool limited = loss_pipe(t) + t->mss > t->ccs.cwnd || tcp_burst_waits(t);
    bool more = !t->cwnd_limited && t->sent.total > t->max_flight;
    if (seq_lt(t->sent.una, t->round_end) && !limited && !more) return;
    t->cwnd_limited = limited;
    t->max_flight = t->sent.total;
    t->round_end = t->sent.nxt;
}

// A queue of our own that is full would lose what comes now, and we would take that for
// congestion. So bytes wait here until the driver has taken some frames.
static bool must_wait(struct tcp *t, const struct plan *p)
{
    if (p->len == 0 || t->out == NULL || !netif_is_busy(t->out)) return false;
    t->parked = true;
    netif_park(t->out, &t->wish);
    return true;
}

void tcp_output(struct tcp *t)
{
    struct plan p;
    mtu_check(t);
    bool sent_new = false;
    t->parked = t->held = false;
    while (t->state != TCP_CLOSED && tcp_plan(t, &p)) {
        if (must_wait(t, &p)) break;
        if ((t->held = pace_holds(t, &p))) break;
        if (!tcp_emit_plan(t, &p)) {
            retry_later(t);
            return;
        }
        if (p.why == SENT_WINDOW_PROBE) t->probe_window = false;
        if (p.why == SENT_KEEPALIVE) t->keep_probe = false;
        if (p.kind == PLAN_NEW) sent_new = true;
        if (p.kind != PLAN_BARE) t->override = t->probe_window = false;
    }
    bool waits = t->parked || t->held;
    if (waits && t->ack_why != SENT_NOTHING) tcp_send_ack(t, t->ack_why);
    t->memory_out = false;
    if (!waits) {
        t->override = t->tail_probe = false;
        loss_after_output(t);
    }
    if (tcp_data_end(t).raw == t->sent.nxt.raw) deadline_clear(t, DEADLINE_CORK);
    tcp_arm_rto(t, false);
    if (!t->held) tcp_arm_persist(t);
    if (sent_new) note_use(t);
    if (sent_new) loss_arm_tail_probe(t);
    ledger_turn(t);
    tcp_wake_writer(t);
}

void tcp_output_all(struct host *h)
{
    struct list_node *n;
    while ((n = list_pop_front(&h->output)) != NULL) {
        struct tcp *t = LIST_ENTRY(n, struct tcp, wish);
        tcp_output(t);
        tcp_settle(t);
    }
}
