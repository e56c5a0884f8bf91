// tcp_option.c - options of the user, and what the user may ask. See tcp_user.h.
#include <errno.h>

#include "net/ip.h"
#include "tcp/tcp.h"

enum { RCVBUF_LEAST = 2048, SNDBUF_LEAST = 2304, MSS_USER_LEAST = 88 };  // Linux: 2304 twice

static bool as_int(const void *v, size_t n, int *out)
{
    if (n < sizeof *out) return false;
    memcpy(out, v, sizeof *out);
    return true;
}

static int set_congestion(struct tcp *t, const char *name, size_t n)
{
    char text[16] = {0};
    if (n == 0 || n >= sizeof text) return -ENOENT;
    memcpy(text, name, n);
    const struct cc *cc = cc_find(text);
    if (cc == NULL) return -ENOENT;
    bool modelled = t->cc->control != NULL && cc->control == NULL;
    t->cc = cc;
    cc->init(&t->ccs);
    // A model sets no ssthresh, and the recovery that it began leads to one from here on.
    if (modelled && t->recovery == RECOVERY_FAST)
        t->ccs.ssthresh = cc->ssthresh(&t->ccs, t->sent.total);
    return 0;
}

static uint32_t buffer_size(int n, int least, int64_t most)
{
    return n < least ? (uint32_t)least : n > most ? (uint32_t)most : (uint32_t)n;
}

static int set_linger(struct tcp *t, const void *v, size_t n)
{
    struct ng_linger l;
    if (n < sizeof l) return -EINVAL;
    memcpy(&l, v, sizeof l);
    if (l.seconds < 0) return -EINVAL;
    t->linger_on = l.onoff != 0;
    t->linger_s = (uint16_t)(l.seconds < UINT16_MAX ? l.seconds : UINT16_MAX);
    return 0;
}

// RFC 9293: MUST-27.
static int set_number(struct tcp *t, enum ng_option o, int n)
{
    const struct settings *s = &t->host->set;
    switch (o) {
    case NG_SO_REUSEADDR:  t->reuse_addr = n != 0; return 0;
    case NG_SO_REUSEPORT:  t->reuse_port = n != 0; return 0;
    case NG_SO_BROADCAST:  return 0;
    case NG_SO_OOBINLINE:  t->oob_inline = n != 0; return 0;
    case NG_TCP_QUICKACK:  delack_ask(t, n); return 0;
    case NG_SO_SNDBUF:
        t->sndq.limit = buffer_size(n, SNDBUF_LEAST, s->tcp_wmem_max);
        t->sndq.fixed = true;
        tcp_buf_changed(t);
        return 0;
    case NG_SO_RCVBUF:
        t->rcvq.limit = buffer_size(n, RCVBUF_LEAST, tcp_rcv_payload(s->tcp_rmem_max));
        t->rcvq.fixed = true;
        tcp_buf_changed(t);
        return 0;
    case NG_SO_KEEPALIVE:  // (MUST-24)
        t->keepalive = n != 0;
        tcp_arm_keepalive(t);
        return 0;
    case NG_TCP_NODELAY:   // (MUST-17)
        t->nodelay = n != 0;
        // Linux: what waits goes now, corked or not.
        if (t->nodelay) t->override = true;
        if (t->nodelay) deadline_clear(t, DEADLINE_CORK);
        tcp_want_output(t);
        return 0;
    case NG_TCP_CORK:
        t->cork = n != 0;
        if (!t->cork) deadline_clear(t, DEADLINE_CORK);
        if (!t->cork) t->override = true;  // what was held goes now
        tcp_want_output(t);
        return 0;
    case NG_IP_TTL:        // (MUST-49)
        if (n < 1 || n > UINT8_MAX) return -EINVAL;
        t->ttl = (uint8_t)n;
        return 0;
    case NG_IP_TOS:        // (MUST-48, SHLD-21)
        if (n < 0 || n > UINT8_MAX) return -EINVAL;
        t->tos = (uint8_t)(n & ~3);  // its last two bits are those of ECN (RFC 3168 §5)
        return 0;
    case NG_IP_MTU_DISCOVER: t->may_fragment = n == 0; return 0;
    case NG_TCP_MAXSEG:
        if (n < MSS_USER_LEAST || n > UINT16_MAX) return -EINVAL;
        t->mss_user = (uint16_t)n;
        if (t->started) tcp_set_mss(t);
        return 0;
    case NG_TCP_NOTSENT_LOWAT:
        t->notsent_lowat = (uint32_t)n;
        tcp_want_output(t);
        return 0;
    case NG_TCP_USER_TIMEOUT:  // (MUST-21)
        if (n < 0) return -EINVAL;
        t->user_timeout_ms = (uint32_t)n;
        return 0;
    case NG_TCP_KEEPIDLE: case NG_TCP_KEEPINTVL:
        if (n < 1 || n > INT16_MAX) return -EINVAL;
        *(o == NG_TCP_KEEPIDLE ? &t->keep_idle_s : &t->keep_intvl_s) = (uint16_t)n;
        tcp_arm_keepalive(t);
        return 0;
    case NG_TCP_SYNCNT: case NG_TCP_KEEPCNT:
        if (n < 1 || n > INT8_MAX) return -EINVAL;
        *(o == NG_TCP_SYNCNT ? &t->syn_retries : &t->keep_count) = (uint8_t)n;
        return 0;
    default: return -ENOPROTOOPT;
    }
}

// In 4 bytes or 8, of which all ones mean no bound.
static int set_pacing(struct tcp *t, const void *v, size_t n)
{
    uint64_t rate = 0;
    uint32_t small = 0;
    if (n >= sizeof rate) {
        memcpy(&rate, v, sizeof rate);
    } else if (n == sizeof small) {
        memcpy(&small, v, sizeof small);
        rate = small == UINT32_MAX ? PACE_UNLIMITED : small;
    } else {
        return -EINVAL;
    }
    pace_bound(t, rate);
    return 0;
}

// Options of Fast Open (Linux: the same, of the same values).
static int set_fastopen(struct tcp *t, enum ng_option o, int n)
{
    uint8_t bit = o == NG_TCP_FASTOPEN_CONNECT ? FO_CONNECT : FO_NO_COOKIE;
    if (o == NG_TCP_FASTOPEN) {
        if (n < 0 || !tcp_in(t, BIT(TCP_CLOSED) | BIT(TCP_LISTEN))) return -EINVAL;
        int64_t most = t->host->set.somaxconn;
        if (listen_make(t) == NULL) return -ENOBUFS;
        t->listener->fo_limit = n < most ? (uint32_t)n : (uint32_t)most;
        return 0;
    }
    if (n < 0 || n > 1) return -EINVAL;
    if (o == NG_TCP_FASTOPEN_CONNECT && !fastopen_may_call(t)) return -EOPNOTSUPP;
    bool listens = t->state == TCP_LISTEN && o == NG_TCP_FASTOPEN_NO_COOKIE;
    if (t->state != TCP_CLOSED && !listens) return -EINVAL;
    t->fo = (uint16_t)(n ? t->fo | bit : t->fo & ~bit);
    return 0;
}

int tcp_set(struct tcp *t, enum ng_option o, const void *v, size_t n)
{
    int number;
    int rc;
    if (o == NG_TCP_CONGESTION) rc = set_congestion(t, v, n);
    else if (o == NG_SO_LINGER) rc = set_linger(t, v, n);
    else if (o == NG_TCP_FASTOPEN_KEY) rc = fastopen_set_key(t, v, n);
    else if (o == NG_SO_MAX_PACING_RATE) rc = set_pacing(t, v, n);
    else if (!as_int(v, n, &number)) rc = -EINVAL;
    else if (o == NG_SO_NOTES) rc = notes_set(t, number);
    else if (o >= NG_TCP_FASTOPEN && o <= NG_TCP_FASTOPEN_NO_COOKIE)
        rc = set_fastopen(t, o, number);
    else rc = set_number(t, o, number);
    tcp_settle(t);
    return rc;
}

// Linux doubles what the user set, for its own bookkeeping, and tells the double.
static int buffer_told(uint32_t limit, bool doubled)
{
    uint64_t n = doubled ? 2 * (uint64_t)limit : limit;
    return n > INT32_MAX ? INT32_MAX : (int)n;
}

static int get_number(struct tcp *t, enum ng_option o, int *n)
{
    switch (o) {
    case NG_SO_ERROR: {
        // A soft error too, but not while it opens: there a program reads it as the outcome.
        bool soft = t->error == 0 && tcp_in(t, TCP_SYNCHRONIZED);
        int32_t *error = soft ? &t->soft_error : &t->error;
        *n = *error;
        *error = 0;
        return 0;
    }
    case NG_SO_REUSEADDR:  *n = t->reuse_addr; return 0;
    case NG_SO_REUSEPORT:  *n = t->reuse_port; return 0;
    case NG_SO_SNDBUF:     *n = buffer_told(t->sndq.limit, t->sndq.fixed); return 0;
    case NG_SO_RCVBUF:     *n = buffer_told(t->rcvq.limit, true); return 0;
    case NG_SO_KEEPALIVE:  *n = t->keepalive; return 0;
    case NG_SO_BROADCAST:  *n = 0; return 0;
    case NG_SO_OOBINLINE:  *n = t->oob_inline; return 0;
    case NG_SO_ATMARK:     *n = urgent_at_mark(t); return 0;
    case NG_SO_INQ:        *n = (int)urgent_readable(t); return 0;
    case NG_IP_TTL:        *n = t->ttl != 0 ? t->ttl : (int)t->host->set.ip_default_ttl; return 0;
    case NG_IP_TOS:        *n = t->tos; return 0;
    case NG_IP_MTU_DISCOVER: *n = !t->may_fragment; return 0;
    case NG_TCP_NODELAY:   *n = t->nodelay; return 0;
    case NG_TCP_CORK:      *n = t->cork; return 0;
    case NG_TCP_QUICKACK:  *n = !t->pingpong; return 0;
    case NG_TCP_MAXSEG:    *n = t->started ? t->mss : t->mss_user; return 0;
    case NG_SO_NOTES:      *n = notes_get(t); return 0;
    case NG_TCP_NOTSENT_LOWAT: *n = (int)t->notsent_lowat; return 0;
    case NG_TCP_USER_TIMEOUT: *n = (int)t->user_timeout_ms; return 0;
    case NG_TCP_KEEPIDLE:  *n = t->keep_idle_s; return 0;
    case NG_TCP_KEEPINTVL: *n = t->keep_intvl_s; return 0;
    case NG_TCP_SYNCNT:
        *n = t->syn_retries != 0 ? t->syn_retries : (int)t->host->set.tcp_syn_retries;
        return 0;
    case NG_TCP_FASTOPEN:  *n = t->listener != NULL ? (int)t->listener->fo_limit : 0; return 0;
    case NG_TCP_FASTOPEN_CONNECT:   *n = (t->fo & FO_CONNECT) != 0; return 0;
    case NG_TCP_FASTOPEN_NO_COOKIE: *n = (t->fo & FO_NO_COOKIE) != 0; return 0;
    case NG_TCP_KEEPCNT:   *n = t->keep_count; return 0;
    default: return -ENOPROTOOPT;
    }
}

static int put(void *v, size_t *n, const void *value, size_t size)
{
    if (*n < size) return -EINVAL;
    memcpy(v, value, size);
    *n = size;
    return 0;
}

int tcp_get(struct tcp *t, enum ng_option o, void *v, size_t *n)
{
    if (o == NG_TCP_CONGESTION) return put(v, n, t->cc->name, strlen(t->cc->name) + 1);
    if (o == NG_TCP_FASTOPEN_KEY) return fastopen_get_key(t, v, n);
    if (o == NG_SO_MAX_PACING_RATE) {
        uint32_t small = t->pace_max < UINT32_MAX ? (uint32_t)t->pace_max : UINT32_MAX;
        return *n >= sizeof t->pace_max ? put(v, n, &t->pace_max, sizeof t->pace_max)
                                        : put(v, n, &small, sizeof small);
    }
    if (o == NG_SO_LINGER) {
        struct ng_linger l = {t->linger_on, t->linger_s};
        return put(v, n, &l, sizeof l);
    }
    int number;
    int rc = *n < sizeof number ? -EINVAL : get_number(t, o, &number);
    return rc < 0 ? rc : put(v, n, &number, sizeof number);
}

// --- names and levels of all that stands in the table ------------------------------------------

uint32_t tcp_id(const struct tcp *t) { return t->conn.id; }
struct endpoint tcp_local(const struct tcp *t) { return conn_local(&t->conn); }
struct endpoint tcp_remote(const struct tcp *t) { return conn_remote(&t->conn); }

const struct ready *tcp_owner(const struct tcp *t)
{
    return t->conn.kind == CONN_TIMEWAIT ? NULL : t->ready;
}

// A TIME-WAIT is a struct conn and little more: nothing else of it may be touched.
enum tcp_state tcp_state_of(const struct tcp *t)
{
    return t->conn.kind == CONN_TIMEWAIT ? TCP_TIME_WAIT : (enum tcp_state)t->state;
}

const struct tcp *tcp_next(const struct host *h, uint32_t after)
{
    return (const struct tcp *)(const void *)table_next(h, after);
}

void tcp_levels(const struct tcp *t, struct ng_sock_entry *e)
{
    if (t->conn.kind == CONN_TIMEWAIT) return;
    e->snd_len = t->sndq.bytes.len;
    e->rcv_len = t->rcvq.bytes.len;
    e->snd_max = t->sndq.limit;
    e->rcv_max = t->rcvq.limit;
    if (t->state != TCP_LISTEN) return;
    e->accept_len = t->listener->accept_len;
    e->backlog = t->listener->backlog;
}

void tcp_get_memory(const struct tcp *t, struct ng_sock_memory *m)
{
    *m = (struct ng_sock_memory){0};
    if (t->conn.kind == CONN_TIMEWAIT) return;
    m->rcv_len = t->rcvq.bytes.len + t->rcvq.held;
    m->snd_len = t->sndq.bytes.len;
    m->rcv_most = (uint32_t)buffer_told(t->rcvq.limit, true);
    m->snd_most = (uint32_t)buffer_told(t->sndq.limit, t->sndq.fixed);
}

static enum ng_ca_state ca_state_of(const struct tcp *t)
{
    if (t->recovery == RECOVERY_RTO) return NG_CA_LOSS;
    if (t->recovery == RECOVERY_FAST) return NG_CA_RECOVERY;
    if (t->ecn & ECN_REDUCED) return NG_CA_CWR;
    return t->sent.sacked > 0 || t->dup_acks > 0 ? NG_CA_DISORDER : NG_CA_OPEN;
}

static enum ng_fastopen_fail fastopen_fail_of(const struct tcp *t)
{
    if (t->passive || !(t->fo & FO_ASKED) || t->fo & FO_TAKEN) return NG_FASTOPEN_FINE;
    if (!(t->fo & FO_DATA)) return NG_FASTOPEN_NO_COOKIE;
    if (tcp_in(t, TCP_OPENING) && t->syn_sent < 2) return NG_FASTOPEN_FINE;
    return t->syn_sent > 1 ? NG_FASTOPEN_SYN_AGAIN : NG_FASTOPEN_NOT_ACKED;
}

// Linux: what was taken for lost stays so when it goes again, until it is acknowledged.
static uint32_t lost_of(const struct tcp *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->sent.count; i++) {
        const struct sent_rec *r = sent_at(&t->sent, i);
        if (r->flags & (REC_LOST | REC_REPAIR) && !(r->flags & REC_SACKED)) n += r->len;
    }
    return n;
}

void tcp_get_info(const struct tcp *t, struct ng_tcp_info *info)
{
    *info = (struct ng_tcp_info){.state = tcp_state_of(t)};
    if (t->conn.kind == CONN_TIMEWAIT) return;
    info->mss_snd = t->mss;
    info->mss_rcv = t->rcv_mss;
    info->wscale_snd = t->snd_wscale;
    info->wscale_rcv = t->wscale_ok ? t->rcv_wscale : 0;
    info->timestamps = t->ts_ok;
    info->sack = t->sack_ok;
    info->ecn = (t->ecn & ECN_OK) != 0;
    info->ecn_seen = (t->ecn & ECN_SEEN) != 0;
    info->syn_data = (t->fo & FO_TAKEN) != 0;
    info->fastopen_child = (t->fo & FO_CHILD) != 0;
    info->cwnd = t->ccs.cwnd;
    info->ssthresh = t->ccs.ssthresh;
    info->snd_wnd = t->snd_wnd;
    info->rcv_wnd = tcp_window_now(t);
    info->mss_offered = t->mss_own;
    info->ca_state = ca_state_of(t);
    info->sacked = t->sent.sacked;
    info->probes = t->probes;
    info->reordering = t->reordering;
    info->reordered = t->reordered;
    info->segs_delivered = t->segs_delivered;
    uint32_t since_ms = (uint32_t)(t->host->now / MSEC(1)) - t->data_received_ms;
    info->since_data = MSEC(since_ms);
    info->unacked = t->sent.total;
    info->lost = lost_of(t);
    info->retrans = t->sent.again;
    info->retransmits = t->retries;
    info->backoff = t->rtt.backoff;
    info->bytes_acked = t->bytes_acked;
    info->bytes_received = t->bytes_received;
    info->segs_out = t->segs_out;
    info->segs_in = t->segs_in;
    info->rto = rtt_rto(&t->rtt);
    info->srtt = t->rtt.srtt;
    info->rttvar = t->rtt.rttvar;
    info->min_rtt = rtt_min(&t->rtt);
    info->pacing_rate = pace_rate(t);
    info->max_pacing_rate = t->pace_max;
    info->delivery_rate = rate_delivery(t);
    info->delivery_rate_app_limited = t->rate_app_limited;
    info->data_segs_out = t->data_segs_out;
    struct ip_path path;
    bool way = t->started && ip_path(t->host, conn_remote_addr(&t->conn), &path) >= 0;
    info->pmtu = way ? path.mtu : 0;
    info->rcv_space = t->rcvq.limit;
    bool slow = t->host->set.tcp_window_slow_start && t->rcv_most < t->rcvq.limit;
    info->rcv_ssthresh = slow ? t->rcv_most : t->rcvq.limit;
    info->rcv_rtt = t->ledger != NULL ? t->ledger->rcv_rtt : 0;
    info->ato = MSEC(t->ato_ms);
    info->received_ce = t->marks_in;
    info->unread = urgent_readable(t);
    info->notsent = t->state == TCP_LISTEN || !t->started
                  ? 0 : (uint32_t)seq_diff(tcp_data_end(t), t->sent.nxt);
    info->since_sent = t->host->now - t->last_snd;
    info->since_ack = t->host->now - t->last_rcv;
    info->delivered_ce = t->mss > 0 ? (t->delivered_marked + t->mss - 1u) / t->mss : 0;
    info->fastopen_fail = fastopen_fail_of(t);
    ledger_tell(t, info);
    if (t->state == TCP_LISTEN) {
        info->accept_len = t->listener->accept_len;
        info->backlog = t->listener->backlog;
    }
    size_t n = strlen(t->cc->name);
    memcpy(info->congestion, t->cc->name, n < sizeof info->congestion ? n : 15);
}

void tcp_get_cc_info(const struct tcp *t, struct ng_cc_info *info)
{
    *info = (struct ng_cc_info){0};
    if (t->conn.kind == CONN_TIMEWAIT || t->cc->tell == NULL) return;
    t->cc->tell(&t->ccs, info);
    bool dctcp = info->kind == NG_CC_DCTCP;
    info->enabled = dctcp ? (t->ecn & ECN_OK) != 0 : t->recovery == RECOVERY_OPEN;
    info->ce_state = dctcp && (t->ecn & ECN_ECHO);
    // Linux: without ECN a DCTCP is a NewReno, and has nothing to tell.
    if (dctcp && !info->enabled) info->alpha = info->acked = info->marked = 0;
    // BBR has its own after the first ACK of data, and the handshake's before that.
    nsec least = rtt_min(&t->rtt);
    if (info->kind == NG_CC_BBR && info->min_rtt_us == 0)
        info->min_rtt_us = least == NEVER ? UINT32_MAX : (uint32_t)(least / USEC(1));
}
