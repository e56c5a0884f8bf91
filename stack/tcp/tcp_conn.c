// tcp_conn.c - a connection's birth and death, and what it tells. See tcp.h.
#include <errno.h>

#include "base/hash.h"
#include "net/ip.h"
#include "tcp/tcp.h"
#include "wire/ip_wire.h"

enum { MSS_DEFAULT_IP4 = 536, MSS_DEFAULT_IP6 = 1220, SYN_WINDOW_MAX = 65535 };

// All that is not zero in a connection that was never one.
static void make_blank(struct tcp *t)
{
    const struct settings *s = &t->host->set;
    t->conn.kind = CONN_TCP;
    for (int i = 0; i < DEADLINES; i++) t->deadline[i] = NEVER;
    t->told_rto = NEVER;
    t->pace_max = PACE_UNLIMITED;
    t->timer.owner = TIMER_OWNER_TCP;
    t->sndq.limit = (uint32_t)s->tcp_wmem_default;
    t->rcvq.limit = tcp_rcv_payload(s->tcp_rmem_default);
    t->cc = cc_find(s->tcp_congestion_control);
    if (t->cc == NULL) t->cc = &cc_cubic;
}

struct tcp *tcp_new(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    if (tt->tcps >= h->sock_limit) return NULL;
    struct tcp *t = block_new(&h->pool, sizeof *t);
    if (t == NULL) return NULL;
    t->host = h;
    t->conn.id = host_new_conn(h);
    if (!table_add_id(h, &t->conn)) {
        block_free(&h->pool, t, sizeof *t);
        return NULL;
    }
    tt->tcps++;
    make_blank(t);
    return t;
}

void tcp_inherit(struct tcp *t, const struct tcp *from)
{
    t->reuse_addr = from->reuse_addr;
    t->reuse_port = from->reuse_port;
    t->nodelay = from->nodelay;
    t->keepalive = from->keepalive;
    t->keep_idle_s = from->keep_idle_s;
    t->keep_intvl_s = from->keep_intvl_s;
    t->keep_count = from->keep_count;
    t->oob_inline = from->oob_inline;
    t->linger_on = from->linger_on;
    t->linger_s = from->linger_s;
    t->mss_user = from->mss_user;
    t->user_timeout_ms = from->user_timeout_ms;
    t->notsent_lowat = from->notsent_lowat;
    t->syn_retries = from->syn_retries;
    t->ttl = from->ttl;
    t->tos = from->tos;
    t->cc = from->cc;
    t->pace_max = from->pace_max;
    t->paced = from->paced;
    t->sndq.limit = from->sndq.limit;
    t->sndq.fixed = from->sndq.fixed;
    t->rcvq.limit = from->rcvq.limit;
    t->rcvq.fixed = from->rcvq.fixed;
}

// What was bound by name stays bound, as in Linux.
void tcp_renew(struct tcp *t)
{
    struct host *h = t->host;
    CHECK(t->state == TCP_CLOSED);
    list_remove(&t->wish);
    rcvq_free(&t->rcvq, &h->pool);
    ledger_free(t);
    struct tcp old = *t;
    *t = (struct tcp){.host = h, .conn.id = old.conn.id, .owned = old.owned, .ready = old.ready,
                      .listener = old.listener, .cork = old.cork, .fo = old.fo & FO_CONNECT,
                      .error = old.error};
    make_blank(t);
    tcp_inherit(t, &old);
    struct endpoint local = conn_local(&old.conn), any = {.addr = addr_any(local.addr.family)};
    if (!old.bound_addr) local.addr = any.addr;
    if (!old.bound_port) local.port = 0;
    conn_name(&t->conn, local, any);
    t->bound_port = old.bound_port;
    t->bound_addr = old.bound_addr;
    if (t->bound_port) table_bind(t);
    tcp_tell_name(t);
    tcp_buf_changed(t);
}

void tcp_forget(struct tcp *t)
{
    struct host *h = t->host;
    tcp_stop_timers(t);
    fastopen_over(t);
    listen_leave(t);
    list_remove(&t->wish);
    list_remove(&t->port);
    if (t->in_table) table_remove(h, &t->conn);
    if (t->conn.kind != CONN_DEAD) table_remove_id(h, &t->conn);  // else TIME-WAIT has the id now
    slices_free(&t->sndq.bytes, &h->pool);
    rcvq_free(&t->rcvq, &h->pool);
    sent_free(&t->sent, &h->pool);
    ledger_free(t);
    block_free(&h->pool, t->listener, sizeof *t->listener);
    h->tcp->tcps--;
    block_free(&h->pool, t, sizeof *t);
}

static void tell_levels(struct tcp *t)
{
    if (!t->buf_told_stale) return;
    t->buf_told_stale = false;
    TRACE(t->host, .type = TRACE_SOCK_BUF, .conn = t->conn.id,
          .sock_buf = {.snd_len = t->sndq.bytes.len, .snd_max = t->sndq.limit,
                       .rcv_len = t->rcvq.bytes.len, .rcv_max = t->rcvq.limit,
                       .rcv_held = t->rcvq.held});
}

void tcp_settle(struct tcp *t)
{
    tell_levels(t);
    if (t->owned || t->parent != NULL) return;
    if (t->state == TCP_TIME_WAIT) {
        timewait_enter(t);
    } else if (t->state == TCP_CLOSED) {
        TRACE(t->host, .type = TRACE_SOCK_GONE, .conn = t->conn.id);
        tcp_forget(t);
    }
}

void tcp_wake(struct tcp *t)
{
    if (t->ready != NULL) host_wake(t->host, t->ready);
}

void tcp_want_output(struct tcp *t)
{
    // Parked, it may still have something to say that cannot wait.
    if (t->parked) list_remove(&t->wish);
    t->parked = false;
    if (!list_linked(&t->wish)) list_push_back(&t->host->output, &t->wish);
}

// RFC 9293: MUST-59.
void tcp_want_ack(struct tcp *t, enum sent why)
{
    // A delayed ACK, or a plain one, gives way to a reason that says more.
    if (t->ack_why == SENT_NOTHING || t->ack_why == SENT_ACK || t->ack_why == SENT_DELAYED_ACK)
        t->ack_why = (uint8_t)why;
    tcp_want_output(t);
}

void tcp_buf_changed(struct tcp *t) { t->buf_told_stale = true; }

uint32_t tcp_ms_at(const struct host *h, nsec at)
{
    return (uint32_t)(((uint64_t)at + (h->boot_ns >> 2)) / 1000000);
}

struct seq tcp_data_end(const struct tcp *t) { return sndq_end(&t->sndq); }

// --- from names to a running connection --------------------------------------------------------

// RFC 6528 §3: a clock of 4 us (MUST-8, SHLD-1) and a keyed hash that no stranger can compute
// (MUST-9), so that numbers of one pair of names rise and those of others tell nothing.
struct seq tcp_new_isn(const struct tcp *t)
{
    const struct host *h = t->host;
    uint64_t clock = ((uint64_t)h->now + (h->boot_ns >> 2)) / 4000;
    return seq_of((uint32_t)(conn_hash(&t->conn, HASH_ISN, h->isn_key) + clock));
}

// RFC 7323 §2.3: the smallest shift that lets the largest buffer be offered.
uint8_t tcp_wscale_offered(const struct host *h)
{
    uint8_t shift = 0;
    while (shift < TCP_WSCALE_MAX && h->set.tcp_rmem_max >> shift > SYN_WINDOW_MAX) shift++;
    return shift;
}

uint32_t tcp_ts_offset(const struct host *h, const struct conn *c)
{
    return (uint32_t)conn_hash(c, HASH_TS, h->isn_key);
}

// Numbers, windows and the path are set for a first SYN; the names are in t->conn.
void tcp_start(struct tcp *t, struct seq iss)
{
    struct host *h = t->host;
    t->iss = iss;
    t->started = true;
    t->recover = t->ecn_until = t->rack_dsack_round = iss;
    t->snd_small_end = iss;
    t->ts_offset = tcp_ts_offset(h, &t->conn);
    sent_init(&t->sent, iss);
    t->sndq.bytes.from = seq_add(iss, 1);
    rtt_init(&t->rtt, USEC(h->set.tcp_rto_min_us), MSEC(h->set.tcp_rto_max_ms));
    uint16_t least = t->conn.family == FAMILY_IP6 ? MSS_DEFAULT_IP6 : MSS_DEFAULT_IP4;
    t->mss_peer = least;  // (MUST-15)
    tcp_set_mss(t);
    // A guess, until segments come; Linux makes the same one for IPv6.
    t->rcv_mss = t->mss_own < MSS_DEFAULT_IP4 ? t->mss_own : MSS_DEFAULT_IP4;
    t->rcv_wscale = h->set.tcp_window_scaling ? tcp_wscale_offered(h) : 0;
    t->wscale_ok = h->set.tcp_window_scaling != 0;
    t->ts_ok = h->set.tcp_timestamps != 0;
    t->sack_ok = h->set.tcp_sack != 0;
    t->last_rcv = t->last_snd = h->now;
    t->rcv_most = SYN_WINDOW_MAX + 1;
    t->rack_reo_mult = 1;
    t->ccs.ssthresh = CC_SSTHRESH_MAX;
    t->round_end = iss;
    t->reordering = (uint16_t)h->set.tcp_reordering;
    tcp_tell_name(t);
}

uint32_t tcp_initial_window(const struct tcp *t)
{
    struct ip_path path;
    bool told = ip_path(t->host, conn_remote_addr(&t->conn), &path) >= 0 && path.initcwnd != 0;
    return told ? path.initcwnd * (uint32_t)t->mss : cc_initial_window(t->mss);
}

void tcp_begin_sending(struct tcp *t)
{
    mtu_begin(t);
    // One segment if the SYN was lost (RFC 5681 §3.1), else ten (RFC 6928), or as the route says.
    // Linux: a single retransmission of the SYN is forgiven.
    t->ccs.cwnd = t->syn_sent > 2 ? t->mss : tcp_initial_window(t);
    t->cc->init(&t->ccs);
    tcp_tune_sndq(t);
    tcp_tell_cwnd(t, CWND_INITIAL);
}

void tcp_established(struct tcp *t, enum tcp_why why)
{
    tcp_set_state(t, TCP_ESTABLISHED, why);
    t->retries = 0;
    t->recovery = RECOVERY_OPEN;
    t->recover = t->sent.una;
    t->undo.valid = false;
    if (!(t->fo & FO_CHILD)) tcp_begin_sending(t);
    tcp_tell_window(t);
    // RFC 6298 (5.7): a SYN that timed out leaves an RTO of 3 s until a sample comes.
    t->rtt.syn_lost = t->syn_sent > 1;
    if (t->rtt.syn_lost) t->rtt.backoff = 0;
    t->rcv_round = t->rcv_nxt;
    t->rcv_round_at = t->host->now;
    // Linux: as long as no bytes came, it is from here that their absence is counted.
    if (t->bytes_received == 0) t->data_received_ms = (uint32_t)(t->host->now / MSEC(1));
    tcp_arm_keepalive(t);
    if (t->fin_wanted) tcp_set_state(t, TCP_FIN_WAIT_1, WHY_USER_CLOSE);  // closed before it opened
    tcp_wake(t);
}

// Something is amiss, but the connection goes on (MUST-47, SHLD-25): whoever asks for SO_ERROR
// learns of it, as with Linux, and the socket is named so that it can ask.
void tcp_doubt(struct tcp *t, int error)
{
    t->soft_error = error;
    if (tcp_in(t, TCP_SYNCHRONIZED)) tcp_wake(t);
}

void tcp_finish(struct tcp *t, enum tcp_why why, int error)
{
    struct host *h = t->host;
    if (t->state == TCP_CLOSED) return;
    tcp_stop_timers(t);
    if (t->state == TCP_LISTEN) listen_close(t);
    tcp_set_state(t, TCP_CLOSED, why);
    if (error != 0) t->error = error;
    list_remove(&t->wish);
    if (t->in_table) table_remove(h, &t->conn);
    t->in_table = false;
    if (!t->passive) list_remove(&t->port);
    fastopen_done(t);
    // Linux: who waits in the accept queue stays there, for accept() to find out what became of it.
    if (!t->promoted) listen_leave(t);
    if (t->sndq.bytes.len > 0) tcp_buf_changed(t);
    slices_free(&t->sndq.bytes, &h->pool);
    sent_free(&t->sent, &h->pool);
    rcvq_forget_held(&t->rcvq, &h->pool);
    t->ack_why = SENT_NOTHING;
    notes_end(t);
    tcp_wake(t);
}

// --- what it tells -----------------------------------------------------------------------------

void tcp_tell_name(const struct tcp *t)
{
    TRACE(t->host, .type = TRACE_SOCK_NAME, .conn = t->conn.id,
          .sock_name = {.local = conn_local(&t->conn), .remote = conn_remote(&t->conn)});
}

void tcp_tell_window(const struct tcp *t)
{
    int32_t rcv = seq_diff(t->rcv_edge, t->rcv_nxt);
    TRACE(t->host, .type = TRACE_TCP_WINDOW, .conn = t->conn.id,
          .tcp_window = {.snd_wnd = t->snd_wnd, .rcv_wnd = rcv > 0 ? (uint32_t)rcv : 0});
}

void tcp_tell_cwnd(const struct tcp *t, enum cwnd_why why)
{
    TRACE(t->host, .type = TRACE_TCP_CWND, .conn = t->conn.id,
          .tcp_cwnd = {.cwnd = t->ccs.cwnd, .ssthresh = t->ccs.ssthresh,
                       .inflight = loss_pipe(t), .why = why});
}
