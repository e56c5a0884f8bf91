// tcp_input.c - a segment comes in: whose is it, and the way through RFC 9293 §3.10.7. The steps
// are in tcp_segment.c and tcp_ack.c; each returns a verdict, and only the parents here act on it.
#include <errno.h>

#include "base/csum.h"
#include "net/ip.h"
#include "tcp/tcp.h"
#include "wire/ip_wire.h"

void arrival_free(struct arrival *a)
{
    if (a->f != NULL) frame_free(a->f);
    a->f = NULL;
}

void arrival_drop(struct arrival *a, enum drop why)
{
    if (a->f != NULL) host_drop(a->host, a->f, why);
    a->f = NULL;
}

void tcp_tell_in(const struct tcp *t, const struct arrival *a)
{
    const struct tcp_seg *s = &a->seg;
    // Their numbers count from their SYN, which may be this very segment; ours from our SYN.
    bool opening = t->state == TCP_SYN_SENT || t->state == TCP_LISTEN;
    struct seq irs = opening ? s->seq : t->irs;
    uint32_t wnd = s->wnd;
    if (!(s->flags & TCP_SYN) && t->wscale_ok && !opening) wnd <<= t->snd_wscale;
    TRACE(t->host, .type = TRACE_TCP_SEGMENT, .conn = t->conn.id,
          .tcp_segment = {.frame = a->f->id, .out = 0, .flags = s->flags,
                          .seq = (uint32_t)seq_diff(s->seq, irs),
                          .ack = s->flags & TCP_ACK ? (uint32_t)seq_diff(s->ack, t->iss) : 0,
                          .len = a->len, .wnd = wnd, .why = SENT_NOTHING});
}

// What a SYN agrees on (RFC 9293 §3.7.1, RFC 7323, RFC 2018). Either side may decline.
void tcp_take_options(struct tcp *t, const struct tcp_opts *o)
{
    if (o->has_mss) t->mss_peer = o->mss;
    t->wscale_ok = t->wscale_ok && o->has_wscale;
    t->snd_wscale = t->wscale_ok ? o->wscale : 0;
    if (!t->wscale_ok) t->rcv_wscale = 0;
    t->ts_ok = t->ts_ok && o->has_ts;
    t->sack_ok = t->sack_ok && o->has_sack_ok;
    if (t->ts_ok) {
        t->ts_recent = o->ts_val;
        t->ts_recent_at = t->host->now;
    }
    tcp_set_mss(t);
}

// --- SYN-SENT (§3.10.7.3) ----------------------------------------------------------------------

void tcp_take_syn(struct tcp *t, const struct arrival *a)
{
    t->irs = a->seg.seq;
    t->rcv_nxt = seq_add(t->irs, 1);
    t->rcv_edge = t->rcv_acked = t->rcv_nxt;
    if (t->syn_sent > 0)  // our SYN has offered a window already
        t->rcv_edge = seq_add(t->rcv_nxt, t->rcvq.limit < UINT16_MAX ? t->rcvq.limit : UINT16_MAX);
    t->rcvq.bytes.from = t->rcv_nxt;
    tcp_take_options(t, &a->seg.opts);
    ecn_take_syn(t, a);
    t->snd_wnd = t->snd_wnd_max = a->seg.wnd;  // a SYN's window is not scaled
    t->snd_wl1 = a->seg.seq;
    t->snd_wl2 = a->seg.ack;
}

// Linux: a SYN,ACK that echoes a timestamp we never sent answers another's SYN.
static bool echo_is_ours(const struct tcp *t, const struct tcp_opts *o)
{
    if (!o->has_ts || o->ts_ecr == 0) return true;
    uint32_t first = tcp_ms_at(t->host, t->last_snd) + t->ts_offset;
    return (int32_t)(o->ts_ecr - first) >= 0 && (int32_t)(tcp_ts_now(t) - o->ts_ecr) >= 0;
}

// First and second: an ACK must be of our SYN, and a RST counts only with such an ACK.
static struct verdict synsent_check(struct tcp *t, const struct arrival *a)
{
    const struct tcp_seg *s = &a->seg;
    bool good_ack = false;
    if (s->flags & TCP_ACK) {
        good_ack = seq_lt(t->iss, s->ack) && seq_le(s->ack, t->sent.nxt);
        if (!good_ack && (s->flags & TCP_RST)) return (struct verdict){DROP, DROP_TCP_BAD_ACK, 0};
        if (!good_ack) return (struct verdict){RESET, DROP_TCP_BAD_ACK, SENT_RST_BAD_ACK};
    }
    if (good_ack && t->ts_ok && !(s->flags & TCP_RST) && !echo_is_ours(t, &s->opts))
        return (struct verdict){RESET, DROP_TCP_PAWS, SENT_RST_BAD_ACK};
    if (s->flags & TCP_RST) {
        if (!good_ack) return (struct verdict){DROP, DROP_TCP_RST_DOUBTFUL, 0};
        tcp_finish(t, WHY_RST, ECONNREFUSED);
        return (struct verdict){DROP, DROP_TCP_RST_TAKEN, 0};
    }
    if (!(s->flags & TCP_SYN)) return (struct verdict){DROP, DROP_TCP_UNEXPECTED, 0};
    return (struct verdict){.act = GO_ON};
}

// RFC 7413 §4.1.3.1: bytes of our SYN that were not accepted with it go again, at once and as
// ordinary ones. That is no sign of congestion.
static void syn_data_taken(struct tcp *t)
{
    if (!(t->fo & FO_DATA)) return;
    if (t->sent.count == 0) t->fo |= FO_TAKEN;
    for (uint32_t i = 0; i < t->sent.count; i++) sent_mark_lost(&t->sent, i);
    tcp_want_output(t);
}

static void synsent_arrive(struct tcp *t, struct arrival *a)
{
    struct verdict v = synsent_check(t, a);
    if (v.act != GO_ON) {
        if (v.act == RESET) tcp_refuse(a, v.reply);
        arrival_drop(a, v.why);
        return;
    }
    tcp_take_syn(t, a);
    if (t->fo & FO_ASKED && a->seg.flags & TCP_ACK) fastopen_learn(t, &a->seg.opts);
    if (!(a->seg.flags & TCP_ACK)) {
        // Both sides called (MUST-10): our SYN goes again, with an ACK of theirs.
        tcp_set_state(t, TCP_SYN_RCVD, WHY_SYN);
        if (t->sent.count > 0) sent_mark_lost(&t->sent, 0);
        tcp_want_output(t);
        arrival_free(a);
        return;
    }
    tcp_take_acked(t, a);
    t->segs_delivered = 1;  // with whatever it carried
    syn_data_taken(t);
    tcp_established(t, WHY_SYN_ACK);
    tcp_want_ack(t, SENT_HANDSHAKE_ACK);
    a->seg.seq = t->rcv_nxt;  // the SYN is taken; what follows it is data
    if (a->seg.urg > 0) a->seg.urg--;
    take_urgent(t, a);
    struct verdict d = take_data(t, a);
    if (d.act == GO_ON) take_fin(t, a);
    arrival_free(a);
}

// --- the other states (§3.10.7.4) --------------------------------------------------------------

static void act_on(struct tcp *t, struct arrival *a, struct verdict v)
{
    if (v.act == ANSWER && v.reply == SENT_CHALLENGE_ACK && !tcp_challenge_allowed(t->host))
        v.act = DROP;
    if (v.act == ANSWER) tcp_send_ack(t, v.reply);
    if (v.act == RESET) tcp_refuse(a, v.reply);
    arrival_drop(a, v.why);
}

// A SYN,ACK while in SYN-RECEIVED after a simultaneous open: the peer's SYN is known already, what
// is new is its ACK. The SYN of a listener's caller that comes again asks for our SYN,ACK again.
// True: the segment is done with.
static bool synrcvd_repeated_syn(struct tcp *t, struct arrival *a)
{
    struct tcp_seg *s = &a->seg;
    if (t->state != TCP_SYN_RCVD || !(s->flags & TCP_SYN) || s->seq.raw != t->irs.raw) return false;
    if (s->flags & TCP_RST) return false;
    if ((s->flags & TCP_ACK) && t->passive) return false;  // no caller of ours says that
    if (s->flags & TCP_ACK) {
        s->flags &= (uint8_t)~TCP_SYN;
        s->seq = t->rcv_nxt;
        if (!seq_lt(t->sent.una, s->ack) || seq_lt(t->sent.nxt, s->ack)) return false;
        // Linux: it is a duplicate all the same, and is told as one.
        if (t->sack_ok) t->dsack = (struct seq_range){t->irs, t->rcv_nxt};
        tcp_want_ack(t, SENT_DUP_ACK);
        return false;
    }
    if (t->sent.count > 0 && t->sent.una.raw == t->iss.raw) {
        sent_mark_lost(&t->sent, 0);
        tcp_want_output(t);
    }
    arrival_drop(a, DROP_TCP_DUPLICATE);
    return true;
}

typedef struct verdict check(struct tcp *t, const struct arrival *a);

static void segment_arrive(struct tcp *t, struct arrival *a)
{
    static check *const checks[] = {check_paws, check_seq, check_rst, check_syn, check_ack,
                                    take_ack};
    if (synrcvd_repeated_syn(t, a)) return;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        struct verdict v = checks[i](t, a);
        if (v.act == GO_ON) continue;
        act_on(t, a, v);
        return;
    }
    take_urgent(t, a);
    struct verdict v = take_data(t, a);
    if (v.act != GO_ON) {
        act_on(t, a, v);
        return;
    }
    take_fin(t, a);
    arrival_free(a);
}

void tcp_arrive(struct tcp *t, struct arrival *a)
{
    t->segs_in += ledger_segments(a->len, a->f->gso_size);
    t->last_rcv = t->host->now;
    t->keep_probes = 0;
    tcp_tell_in(t, a);
    if (t->state == TCP_SYN_SENT) synsent_arrive(t, a);
    else segment_arrive(t, a);
    ledger_turn(t);
}

// --- whose is it -------------------------------------------------------------------------------

static enum drop parse(struct arrival *a)
{
    struct frame *f = a->f;
    if (a->ip->to_many || a->ip->shared) return DROP_TCP_NOT_UNICAST;  // (MUST-57)
    enum drop why = tcp_parse(&a->seg, frame_start(f), f->head_len);
    if (why != DROP_NONE) return why;
    // (MUST-3), unless the device or the sender in this very machine vouches for it.
    if (f->csum == CSUM_NONE) {
        uint16_t pseudo = csum_pseudo(a->ip->src, a->ip->dst, IP_PROTO_TCP, f->len);
        if (!csum_ok(pseudo, frame_start(f), f->head_len)) return DROP_TCP_BAD_CSUM;
    }
    // (MUST-63): nobody can be answered there. IP lets no group or broadcast speak.
    if (addr_is_any(a->ip->src) || a->seg.sport == 0)
        return DROP_TCP_BAD_SOURCE;
    a->off = a->seg.hdr_len;
    a->len = f->head_len - a->seg.hdr_len;
    return DROP_NONE;
}

static void no_socket(struct arrival *a)
{
    if (a->seg.flags & TCP_RST) {
        arrival_drop(a, DROP_TCP_NO_SOCKET_RST);
        return;
    }
    tcp_refuse(a, a->seg.flags & TCP_ACK ? SENT_RST_BAD_ACK : SENT_RST_REFUSED);
    arrival_drop(a, DROP_TCP_NO_SOCKET);
}

static void to_conn(struct host *h, struct arrival *a, struct conn *c)
{
    a->f->conn = c->id;
    host_step(h, a->f, STEP_TCP_SOCKET, c->id, a->seg.hdr_len);
    if (c->kind == CONN_TIMEWAIT) {
        timewait_arrive(h, (struct timewait *)(void *)c, a);
        return;
    }
    struct tcp *t = (struct tcp *)(void *)c, *parent = t->parent;
    if (timewait_reopened(t, a)) return;
    tcp_arrive(t, a);
    tcp_settle(t);
    if (parent != NULL) tcp_settle(parent);
}

void tcp_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct arrival a = {.host = h, .f = f, .ip = ip};
    enum drop why = parse(&a);
    if (why != DROP_NONE) {
        arrival_drop(&a, why);
        return;
    }
    struct endpoint local = {ip->dst, a.seg.dport}, remote = {ip->src, a.seg.sport};
    struct conn *c = table_find(h, local, remote);
    if (c != NULL) {
        to_conn(h, &a, c);
        if (a.f == NULL) return;  // else a SYN that outlived a TIME-WAIT: for the listener
    }
    struct tcp *listener = table_listener(h, local, remote);
    if (listener == NULL) {
        no_socket(&a);
        return;
    }
    a.f->conn = listener->conn.id;
    host_step(h, a.f, STEP_TCP_LISTENER, listener->conn.id, a.seg.hdr_len);
    listen_arrive(listener, &a);
}

// --- ICMP (RFC 9293 §3.9.2.2, RFC 5927) --------------------------------------------------------

// The quoted header holds at least ports and sequence number. Only who knows a number in flight
// can have seen the segment, so others are not listened to.
// RFC 9293: MUST-54.
static enum drop blame(struct host *h, const struct ip_error *e, struct tcp **blamed)
{
    if (e->quoted_len < 8) return DROP_ICMP_BAD_QUOTE;
    struct endpoint local = {e->src, get16(e->quoted)}, remote = {e->dst, get16(e->quoted + 2)};
    struct conn *c = table_find(h, local, remote);
    if (c == NULL || c->kind != CONN_TCP) return DROP_ICMP_NO_SOCKET;
    struct tcp *t = *blamed = (struct tcp *)(void *)c;
    struct seq seq = seq_of(get32(e->quoted + 4));
    bool in_flight = seq_le(t->sent.una, seq) && seq_le(seq, t->sent.nxt);
    return in_flight ? DROP_NONE : DROP_TCP_ICMP_NOT_IN_FLIGHT;
}

// The path is narrower than we thought: what was too long for it is cut anew, with the window as it
// was (RFC 1191 §6.4, RFC 8201 §5.4). RFC 5927 §7.2's check is that of blame(); a mtu that is no
// improvement is ignored.
static void too_big(struct tcp *t)
{
    uint16_t before = t->mss;
    tcp_set_mss(t);
    if (t->state == TCP_SYN_SENT && t->sent.total > 1) {  // a SYN too long: without bytes then
        sent_mark_lost(&t->sent, 0);
        tcp_want_output(t);
        return;
    }
    if (t->mss >= before) return;
    for (uint32_t i = 0; i < t->sent.count; i++)
        if (sent_at(&t->sent, i)->len > t->mss) loss_resize(t, i);
    tcp_want_output(t);
}

// What ends an attempt to connect: a message that is final, or a neighbour that stayed silent
// after many SYNs. The first silence proves nothing where a fifth of all frames is lost. (So does
// BSD; Linux gives up at once.)
static bool ends_attempt(const struct tcp *t, const struct ip_error *e)
{
    if (!tcp_in(t, TCP_OPENING)) return false;
    if (t->host->set.tcp_soft_error_ends_opening && !e->local) return true;
    bool final = e->hard && e->error != EPROTO;  // a parameter problem is soft (MUST-56)
    return final || (e->local && t->retries > t->host->set.tcp_syn_retries);
}

enum drop tcp_error(struct host *h, const struct ip_error *e)
{
    struct tcp *t;
    enum drop why = blame(h, e, &t);
    if (why != DROP_NONE) return why;
    struct tcp *parent = t->parent;
    if (e->error == EMSGSIZE) {
        ip_believe(h, e);
        too_big(t);
    } else if (ends_attempt(t, e)) {
        tcp_finish(t, WHY_ICMP, e->error);
    } else {
        // A connection that works is not ended by a message anyone can forge; the error is told
        // if the connection fails later (MUST-56, RFC 5927 §5.2).
        tcp_doubt(t, e->error);
    }
    tcp_settle(t);
    if (parent != NULL) tcp_settle(parent);
    return DROP_NONE;
}
