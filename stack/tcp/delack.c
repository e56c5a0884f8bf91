// delack.c - bytes that came are acknowledged at once, or a little later (RFC 5681 §4.2, RFC 9293
// §3.8.6.3): with a second full segment, with bytes of our own, or when a wait is over.
//
// How long is learned, as Linux does (ATO, the ACK's timeout): about as long as the peer leaves
// between two segments, from 40 to 200 ms. It waits for a segment that is likely to come, not for
// one that is not. Two phases change that:
//
//     quick       the peer's window is small: after its first bytes, a retransmission, a mark or a
//                 long silence the next ACKs go at once
//     pingpong    a conversation: our bytes answered theirs, so the next ones may carry the ACK
#include "tcp/tcp.h"

enum { ATO_LEAST = 40, ATO_MOST = 200 };  // Linux: TCP_ATO_MIN, TCP_DELACK_MAX; ms (MUST-40)

static uint32_t now_ms(const struct tcp *t) { return (uint32_t)(t->host->now / MSEC(1)); }

static uint32_t rto_ms(const struct tcp *t) { return (uint32_t)(rtt_rto(&t->rtt) / MSEC(1)); }

static void set_ato(struct tcp *t, uint32_t ms)
{
    uint32_t most = rto_ms(t);
    if (ms > most) ms = most;
    t->ato_ms = (uint16_t)(ms < UINT16_MAX ? ms : UINT16_MAX);
}

// As many as it takes to fill half the window, but two at least.
static void be_quick(struct tcp *t, uint32_t most)
{
    uint32_t n = tcp_window_now(t) / (2u * t->rcv_mss);
    if (n < 2) n = 2;
    if (n > most) n = most;
    if (n > t->quick) t->quick = (uint8_t)n;
}

void delack_quicken(struct tcp *t, uint32_t most)
{
    be_quick(t, t->ato_ms == 0 ? QUICK_ACKS : most);  // the first ones
    t->pingpong = false;
    t->ato_ms = ATO_LEAST;
}

// Bytes came in order. Linux: tcp_event_data_recv.
void delack_on_data(struct tcp *t)
{
    uint32_t gap = now_ms(t) - t->data_received_ms;
    t->data_received_ms = now_ms(t);
    if (t->ato_ms == 0) {  // the first ones
        be_quick(t, QUICK_ACKS);
        t->ato_ms = ATO_LEAST;
    } else if (gap <= ATO_LEAST / 2) {
        t->ato_ms = t->ato_ms / 2 + ATO_LEAST / 2;
    } else if (gap < t->ato_ms) {
        set_ato(t, t->ato_ms / 2u + gap);
    } else if (gap > rto_ms(t)) {
        be_quick(t, QUICK_ACKS);  // the peer may have begun anew, with a small window
    }
}

// A short segment is the end of what the peer wrote; so is a full one that is pushed.
void delack_note_end(struct tcp *t, uint32_t len, bool pushed)
{
    if (len >= t->rcv_mss && !pushed) return;
    if (len >= t->rcv_mss) t->peer_pushed |= 1;
    else t->peer_pushed = t->peer_pushed == 0 ? 1 : 2;
}

bool delack_is_quick(const struct tcp *t) { return t->quick > 0 && !t->pingpong; }

// Waiting longer than a round trip would hold up a peer that waits for us.
static nsec wait_of(const struct tcp *t)
{
    nsec wait = MSEC(t->ato_ms), most = MSEC(ATO_MOST);
    if (wait <= MSEC(ATO_LEAST)) return wait;
    if (t->rtt.srtt > 0 && t->rtt.srtt < most) most = t->rtt.srtt;
    if (most < MSEC(ATO_LEAST)) most = MSEC(ATO_LEAST);
    return wait < most ? wait : most;
}

// An ACK will do later; of one that waits already, the sooner counts. Linux: tcp_send_delayed_ack.
void delack_wait(struct tcp *t)
{
    nsec now = t->host->now, wait = wait_of(t), due = t->deadline[DEADLINE_ACK];
    if (t->ack_why != SENT_NOTHING) return;
    if (due != NEVER && due <= now + wait / 4) {
        tcp_want_ack(t, SENT_ACK);  // it is almost due
    } else if (due == NEVER || now + wait < due) {
        deadline_set(t, DEADLINE_ACK, TIMER_DELACK, now + wait);
    }
}

// Nothing came to go with: outside of a conversation the peer is slower than we thought.
void delack_fired(struct tcp *t)
{
    if (t->pingpong) t->ato_ms = ATO_LEAST;
    else set_ato(t, 2u * t->ato_ms);
    t->pingpong = false;
    tcp_want_ack(t, SENT_DELAYED_ACK);
}

// The application has read all: the peer may be waiting for nothing but our ACK. Linux:
// tcp_cleanup_rbuf.
void delack_on_read(struct tcp *t)
{
    if (t->deadline[DEADLINE_ACK] == NEVER || t->rcvq.bytes.len > 0) return;
    if (t->peer_pushed > 1 || (t->peer_pushed == 1 && !t->pingpong)) tcp_want_ack(t, SENT_ACK);
}

// TCP_QUICKACK (tcp(7)): 0 waits from now on, 1 does not, and sends what waits; 2 only does that.
void delack_ask(struct tcp *t, int n)
{
    t->pingpong = n == 0;
    if (n == 0 || t->deadline[DEADLINE_ACK] == NEVER) return;
    tcp_want_ack(t, SENT_ACK);
    t->pingpong = n % 2 == 0;
}

// A segment with an ACK leaves.
void delack_on_sent(struct tcp *t, const struct plan *p)
{
    bool waited = t->ack_why != SENT_NOTHING || t->deadline[DEADLINE_ACK] != NEVER;
    if (waited && t->quick > 0 && --t->quick == 0) t->ato_ms = ATO_LEAST;
    // Our bytes answer theirs. So does what we say together with the last ACK of the handshake.
    bool soon = now_ms(t) - t->data_received_ms < t->ato_ms;
    if (t->ack_why == SENT_HANDSHAKE_ACK && p->kind == PLAN_NEW) soon = true;
    if (p->len > 0 && soon) t->pingpong = true;
    t->peer_pushed = 0;
    t->ack_why = SENT_NOTHING;
    deadline_clear(t, DEADLINE_ACK);
}
