// tcp_timer.c - six deadlines, one timer.
//
// The wheel holds a connection once, at the least of its deadlines. Moving a deadline later touches
// nothing: the early wake finds it not due and arms the timer anew. So the RTO, which every ACK
// moves, costs the wheel about one operation a round trip.
#include <errno.h>

#include "net/netif.h"
#include "tcp/tcp.h"

enum { PERSIST_DOUBLINGS = 16, SYN_DOUBLINGS = 16 };
#define DEADLINE_TOLD MSEC(50)  // a move by less is not worth telling
#define STUCK_RETRY   MSEC(500) // Linux: TCP_RESOURCE_PROBE_INTERVAL

static void tell_timer(const struct tcp *t, enum tcp_timer kind, bool fired, nsec at)
{
    TRACE(t->host, .type = TRACE_TCP_TIMER, .conn = t->conn.id,
          .tcp_timer = {.timer = kind, .fired = fired, .deadline = at});
}

void deadline_set(struct tcp *t, enum deadline d, enum tcp_timer kind, nsec at)
{
    bool same = t->deadline[d] != NEVER && t->deadline_kind[d] == kind;
    bool moved = d != DEADLINE_RETRANSMIT || at - t->told_rto >= DEADLINE_TOLD || at < t->told_rto;
    if (!same || (moved && at != t->deadline[d])) {
        tell_timer(t, kind, false, at);
        if (d == DEADLINE_RETRANSMIT) t->told_rto = at;
    }
    t->deadline[d] = at;
    t->deadline_kind[d] = (uint8_t)kind;
    if (!timer_armed(&t->timer) || at < t->timer.deadline)
        wheel_arm(&t->host->wheel, &t->timer, at);
}

void deadline_clear(struct tcp *t, enum deadline d)
{
    if (t->deadline[d] == NEVER) return;
    t->deadline[d] = NEVER;
    tell_timer(t, t->deadline_kind[d], false, NEVER);
}

void tcp_stop_timers(struct tcp *t)
{
    for (int d = 0; d < DEADLINES; d++) deadline_clear(t, (enum deadline)d);
    wheel_cancel(&t->host->wheel, &t->timer);
}

// --- arming ------------------------------------------------------------------------------------

// When a wait that begins now is over: not later than the user's own limit (MUST-21), as soon as
// something went unanswered. Linux: tcp_clamp_rto_to_user_timeout.
static nsec before_users_limit(const struct tcp *t, nsec wait)
{
    nsec now = t->host->now, limit = t->retries_since + MSEC(t->user_timeout_ms);
    bool counts = t->user_timeout_ms != 0 && t->retries > 0 && !tcp_in(t, TCP_OPENING);
    return counts && limit > now && limit < now + wait ? limit : now + wait;
}

// RFC 6298 (5.1): what is in flight has a timer. (5.3): an ACK of new bytes restarts it. (5.2).
void tcp_arm_rto(struct tcp *t, bool anew)
{
    if (t->sent.total == 0) {
        if (deadline_is(t, DEADLINE_RETRANSMIT, TIMER_RTO)) deadline_clear(t, DEADLINE_RETRANSMIT);
        return;
    }
    if (anew || !deadline_is(t, DEADLINE_RETRANSMIT, TIMER_RTO))
        deadline_set(t, DEADLINE_RETRANSMIT, TIMER_RTO, before_users_limit(t, rtt_rto(&t->rtt)));
}

// Our own interface takes nothing. That says nothing of the path, so there is no backing off.
static bool interface_is_stuck(const struct tcp *t)
{
    return t->parked && t->out != NULL && netif_is_busy(t->out);
}

// Bytes wait, nothing is in flight that could bring an ACK, and it is the peer's window, or an
// interface that takes nothing, that holds them: probe it (MUST-36), first after an RTO (SHLD-29),
// then backing off (SHLD-30).
// RFC 9293: MUST-35.
void tcp_arm_persist(struct tcp *t)
{
    bool waiting = tcp_in(t, TCP_MAY_SEND | TCP_OUR_FIN) && !t->fin_sent
                && (tcp_data_end(t).raw != t->sent.nxt.raw || t->fin_wanted);
    if (!waiting || t->sent.total > 0) {
        if (deadline_is(t, DEADLINE_RETRANSMIT, TIMER_PERSIST))
            deadline_clear(t, DEADLINE_RETRANSMIT);
        t->probes = 0;
        return;
    }
    if (t->deadline[DEADLINE_RETRANSMIT] != NEVER) return;
    nsec wait = rtt_rto(&t->rtt), most = rtt_rto_most(&t->rtt);
    for (int i = 0; i < t->probes && wait < most; i++) wait *= 2;
    if (wait > most) wait = most;
    if (interface_is_stuck(t) && t->probes > 0) wait = STUCK_RETRY;
    deadline_set(t, DEADLINE_RETRANSMIT, TIMER_PERSIST, t->host->now + wait);
}

static nsec keep_idle(const struct tcp *t)
{
    return SEC(t->keep_idle_s != 0 ? t->keep_idle_s : t->host->set.tcp_keepalive_time);
}

// Off unless asked for (MUST-25); two hours of silence by default (MUST-28).
// RFC 9293: MAY-5.
void tcp_arm_keepalive(struct tcp *t)
{
    if (!tcp_in(t, TCP_SYNCHRONIZED & ~(uint32_t)BIT(TCP_TIME_WAIT))) return;
    if (t->lingering || deadline_is(t, DEADLINE_LIFE, TIMER_FIN_WAIT_2)) return;
    if (!t->keepalive) {
        deadline_clear(t, DEADLINE_LIFE);
        return;
    }
    nsec last = t->last_rcv > t->last_snd ? t->last_rcv : t->last_snd;
    deadline_set(t, DEADLINE_LIFE, TIMER_KEEPALIVE, last + keep_idle(t));
}

// --- firing ------------------------------------------------------------------------------------

// R2 (MUST-20): how often the oldest segment may be sent again before the connection is given up.
// RFC 9293: MUST-22, SHLD-11.
static int64_t tries_allowed(const struct tcp *t)
{
    const struct settings *s = &t->host->set;
    bool wanted = t->owned || t->parent != NULL;
    switch (t->state) {
    // Linux: those at even intervals come on top, so that the last SYN goes after 35 s by default.
    case TCP_SYN_SENT: {
        int64_t tries = t->syn_retries != 0 ? t->syn_retries : s->tcp_syn_retries;
        tries += s->tcp_syn_linear_timeouts;
        return tries < UINT8_MAX ? tries : UINT8_MAX;  // the counter stops there
    }
    case TCP_SYN_RCVD: return t->passive ? s->tcp_synack_retries : s->tcp_syn_retries;
    default:           return wanted ? s->tcp_retries2 : s->tcp_orphan_retries;
    }
}

// The peer shut its window over what is in flight. That is no silence as long as it answers: no
// timeout then (SHLD-17). Linux: tcp_rtx_probe0_timed_out.
static bool window_shut_on_flight(const struct tcp *t)
{
    return t->snd_wnd == 0 && t->owned && tcp_in(t, TCP_SYNCHRONIZED)
        && t->host->now - t->last_rcv < 2 * rtt_rto_most(&t->rtt);
}

static bool gives_up(struct tcp *t)
{
    if (t->sent.total > 0 && window_shut_on_flight(t)) return false;
    nsec since = t->host->now - t->retries_since;
    // The user's own limit (MUST-21) counts time from the first transmission that went unanswered.
    if (t->user_timeout_ms != 0 && !tcp_in(t, TCP_OPENING))
        return t->retries > 0 && since >= MSEC(t->user_timeout_ms);
    return t->retries >= tries_allowed(t);
}

static void give_up(struct tcp *t)
{
    int error = t->soft_error != 0 ? t->soft_error : ETIMEDOUT;
    tcp_finish(t, t->owned ? WHY_TIMEOUT : WHY_ORPHAN, error);
}

static void fire_rto(struct tcp *t)
{
    if (t->sent.total == 0) return;
    if (t->retries == 0) t->retries_since = sent_at(&t->sent, 0)->at;
    bool last = gives_up(t);
    fastopen_note_timeout(t, last);
    if (last) {
        give_up(t);
        return;
    }
    bool stuck = interface_is_stuck(t);
    mtu_on_timeout(t);
    ledger_rto(t);
    loss_on_rto(t);
    if (t->retries < UINT8_MAX) t->retries++;
    // R1 (MUST-20, SHLD-9, SHLD-10): the user may know. That the next hop may be gone the neighbour
    // table sees by itself: every retransmission asks for it.
    bool doubtful = t->retries == t->host->set.tcp_retries1 && !tcp_in(t, TCP_OPENING);
    if (doubtful) tcp_doubt(t, ETIMEDOUT);
    // Linux: the first SYNs go at even intervals, because a lost SYN says nothing of congestion.
    bool even = t->state == TCP_SYN_SENT && t->retries <= t->host->set.tcp_syn_linear_timeouts;
    if (stuck) deadline_set(t, DEADLINE_RETRANSMIT, TIMER_RTO, t->host->now + STUCK_RETRY);
    else if (!even) rtt_back_off(&t->rtt);
    tcp_want_output(t);
}

// A window that stays shut is no reason to close as long as probes are answered (MUST-37); retries
// counts those that were not.
// Linux: but the user's own limit counts from the first of them, answered or not.
static void fire_persist(struct tcp *t)
{
    if (t->probes == 0) t->retries_since = t->host->now;
    nsec most = MSEC(t->user_timeout_ms);
    bool enough = most > 0 && t->probes > 0 && t->host->now - t->retries_since >= most;
    if (enough || gives_up(t)) {
        give_up(t);
        return;
    }
    if (t->retries < UINT8_MAX) t->retries++;
    if (t->probes < PERSIST_DOUBLINGS) t->probes++;
    // A window too small for a full segment takes what fits; a shut one is asked.
    t->override = t->probe_window = true;
    if (urgent_out(t)) tcp_send_ack(t, SENT_URGENT);  // a probe is too old to be listened to
    tcp_want_output(t);
}

// One unanswered probe proves nothing (MUST-29). Linux: the user's own limit, if there is one, says
// how long a silence may be, and not the number of probes (tcp(7), TCP_USER_TIMEOUT).
static bool keep_probes_enough(const struct tcp *t)
{
    if (t->user_timeout_ms != 0)
        return t->keep_probes > 0 && t->host->now - t->last_rcv >= MSEC(t->user_timeout_ms);
    int64_t most = t->keep_count != 0 ? t->keep_count : t->host->set.tcp_keepalive_probes;
    return t->keep_probes >= most;
}

static void fire_keepalive(struct tcp *t)
{
    const struct settings *s = &t->host->set;
    nsec last = t->last_rcv > t->last_snd ? t->last_rcv : t->last_snd;
    bool busy = t->sent.total > 0 || tcp_data_end(t).raw != t->sent.nxt.raw;
    if (busy || (t->keep_probes == 0 && t->host->now - last < keep_idle(t))) {
        // (MUST-26). Linux: with bytes out the wait begins anew.
        nsec at = (busy ? t->host->now : last) + keep_idle(t);
        deadline_set(t, DEADLINE_LIFE, TIMER_KEEPALIVE, at);
        return;
    }
    if (keep_probes_enough(t)) {
        tcp_send_rst(t, SENT_RST_TIMEOUT);
        give_up(t);
        return;
    }
    t->keep_probes++;
    t->keep_probe = true;
    nsec every = SEC(t->keep_intvl_s != 0 ? t->keep_intvl_s : s->tcp_keepalive_intvl);
    deadline_set(t, DEADLINE_LIFE, TIMER_KEEPALIVE, t->host->now + every);
    tcp_want_output(t);
}

static void fire(struct tcp *t, enum tcp_timer kind)
{
    switch (kind) {
    case TIMER_RTO:        fire_rto(t); break;
    case TIMER_PERSIST:    fire_persist(t); break;
    case TIMER_DELACK:     delack_fired(t); break;
    case TIMER_TAIL_PROBE: t->tail_probe = true;
                           tcp_arm_rto(t, true);  // the probe takes its turn
                           tcp_want_output(t); break;
    case TIMER_REORDER:    loss_on_reorder_timer(t); break;
    case TIMER_KEEPALIVE:  fire_keepalive(t); break;
    case TIMER_LINGER:     tcp_wake(t); break;
    case TIMER_CORK:       t->override = true;
                           t->more = t->more_held = false;
                           tcp_want_output(t); break;
    case TIMER_PACE:       tcp_want_output(t); break;
    case TIMER_TIME_WAIT:  tcp_finish(t, WHY_TWO_MSL, 0); break;
    case TIMER_FIN_WAIT_2: tcp_finish(t, WHY_ORPHAN, 0); break;
    case TIMER_NOTHING: case TCP_TIMERS: break;
    }
}

void tcp_timer_fire(struct host *h, struct timer *timer)
{
    if (timer == &h->tcp->wait_timer) {
        timewait_expire(h);
        return;
    }
    struct tcp *t = (struct tcp *)(void *)((char *)timer - offsetof(struct tcp, timer));
    for (int d = 0; d < DEADLINES && t->state != TCP_CLOSED; d++) {
        if (t->deadline[d] > h->now) continue;
        enum tcp_timer kind = t->deadline_kind[d];
        t->deadline[d] = NEVER;
        if (d == DEADLINE_RETRANSMIT) t->told_rto = NEVER;
        tell_timer(t, kind, true, h->now);
        fire(t, kind);
    }
    nsec least = NEVER;
    for (int d = 0; d < DEADLINES; d++)
        if (t->deadline[d] < least) least = t->deadline[d];
    // What fired may have armed the wheel for a later deadline than the next one.
    bool late = !timer_armed(&t->timer) || least < t->timer.deadline;
    if (least != NEVER && late) wheel_arm(&h->wheel, &t->timer, least);
    tcp_settle(t);
}
