// oracle.h - RFC 9293 §3.10.7 as a pure function: what a segment does to a connection.
//
// Written from the RFC's text alone, step by step and in its words, with the amendments of RFC 5961
// (challenge ACKs, the range of ACKs) and RFC 1337 (a RST does not end TIME-WAIT). No line of it is
// shared with stack/tcp. Numbers are relative: ours count from our SYN, theirs from theirs. The
// receive window is not zero, and no segment before this one arrived out of order.
#ifndef ORACLE_H
#define ORACLE_H

#include <errno.h>

#include "base/base.h"
#include "base/words.h"
#include "wire/tcp_wire.h"

struct tcb { enum tcp_state state; bool passive; uint32_t una, nxt, max_wnd, rcv_nxt, rcv_wnd;
             bool fin_sent; };  // our FIN is the number before nxt
struct in_seg { uint8_t flags; uint32_t seq, ack, len; };

// What is to be seen afterwards. reply: flags of the one segment sent, 0 for none.
struct outcome {
    enum tcp_state state;
    uint32_t una, rcv_nxt, delivered;
    uint8_t  reply;
    uint32_t reply_seq, reply_ack;
    int      error;
    bool     eof;
};

static inline bool before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }
static inline bool upto(uint32_t a, uint32_t b) { return (int32_t)(a - b) <= 0; }

static inline uint32_t seg_len(const struct in_seg *s)
{
    return s->len + !!(s->flags & TCP_SYN) + !!(s->flags & TCP_FIN);
}

static inline void send_rst_for(struct outcome *o, const struct in_seg *s)
{
    o->reply = TCP_RST;
    if (s->flags & TCP_ACK) {
        o->reply_seq = s->ack;
    } else {
        o->reply |= TCP_ACK;
        o->reply_ack = s->seq + seg_len(s);
    }
}

static inline void send_ack(struct outcome *o, const struct tcb *c)
{
    o->reply = TCP_ACK;
    o->reply_seq = c->nxt;
    o->reply_ack = o->rcv_nxt;
}

// §3.10.7.1, "If the state is CLOSED": "An incoming segment containing a RST is discarded. An
// incoming segment not containing a RST causes a RST to be sent in response."
static inline void oracle_closed(struct outcome *o, const struct in_seg *s)
{
    if (!(s->flags & TCP_RST)) send_rst_for(o, s);
}

// §3.10.7.2. The new connection is told as the state; the listener stays what it is.
static inline void oracle_listen(struct outcome *o, const struct in_seg *s)
{
    if (s->flags & TCP_RST) return;            // first: "should be ignored"
    if (s->flags & TCP_ACK) {                  // second: "Any acknowledgment is bad"
        send_rst_for(o, s);
    } else if (s->flags & TCP_SYN) {           // third
        o->state = TCP_SYN_RCVD;
        o->rcv_nxt = s->seq + 1;
        o->reply = TCP_SYN | TCP_ACK;
        o->reply_ack = o->rcv_nxt;
    }                                          // fourth: "drop the segment"
}

// The seventh step where text is taken, and the eighth: what lies in the window, from rcv_nxt on.
static inline void oracle_text(struct outcome *o, const struct tcb *c, const struct in_seg *s)
{
    uint32_t first = s->seq + !!(s->flags & TCP_SYN), end = first + s->len;
    uint32_t edge = c->rcv_nxt + c->rcv_wnd;
    bool fin = (s->flags & TCP_FIN) && before(end, edge);
    if (before(edge, end)) end = edge;
    bool anything = s->len > 0 || fin;
    if (anything && upto(first, o->rcv_nxt)) {
        if (before(o->rcv_nxt, end)) {
            o->delivered = end - o->rcv_nxt;
            o->rcv_nxt = end;
        }
        if (fin && o->rcv_nxt == end) {
            o->rcv_nxt++;
            o->eof = true;
        }
    }
    // "Send an acknowledgment"; what is out of order too is answered (MAY-13, RFC 5681 §4.2).
    if (anything) send_ack(o, c);
}

static inline void oracle_fin(struct outcome *o)
{
    if (!o->eof) return;
    if (o->state == TCP_SYN_RCVD || o->state == TCP_ESTABLISHED) o->state = TCP_CLOSE_WAIT;
    else if (o->state == TCP_FIN_WAIT_1) o->state = TCP_CLOSING;  // FIN-WAIT-2 if it was acked
    else if (o->state == TCP_FIN_WAIT_2) o->state = TCP_TIME_WAIT;
}

// §3.10.7.3
static inline void oracle_syn_sent(struct outcome *o, const struct tcb *c, const struct in_seg *s)
{
    bool acceptable = false;
    if (s->flags & TCP_ACK) {  // first: "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset"
        if (upto(s->ack, 0) || before(c->nxt, s->ack)) {
            if (!(s->flags & TCP_RST)) send_rst_for(o, s);
            return;
        }
        acceptable = true;
    }
    if (s->flags & TCP_RST) {  // second
        if (acceptable) {
            o->state = TCP_CLOSED;
            o->error = ECONNREFUSED;  // the user's word for a reset of a connect()
        }
        return;
    }
    if (!(s->flags & TCP_SYN)) return;  // fifth
    o->rcv_nxt = s->seq + 1;            // fourth
    if (!acceptable) {
        o->state = TCP_SYN_RCVD;
        o->reply = TCP_SYN | TCP_ACK;
        o->reply_ack = o->rcv_nxt;
        return;
    }
    o->una = s->ack;
    o->state = TCP_ESTABLISHED;
    struct tcb now = *c;
    now.rcv_nxt = o->rcv_nxt;
    send_ack(o, &now);
    oracle_text(o, &now, s);
    oracle_fin(o);
}

// §3.10.7.4, first: the four cases of the acceptability test, of which the window is never zero.
static inline bool oracle_acceptable(const struct tcb *c, const struct in_seg *s)
{
    uint32_t n = seg_len(s), last = s->seq + n - 1, edge = c->rcv_nxt + c->rcv_wnd;
    bool starts = upto(c->rcv_nxt, s->seq) && before(s->seq, edge);
    if (n == 0) return starts;
    return starts || (upto(c->rcv_nxt, last) && before(last, edge));
}

// Second: the RST bit. True: it is not set.
static inline bool oracle_rst(struct outcome *o, const struct tcb *c, const struct in_seg *s)
{
    if (!(s->flags & TCP_RST)) return true;
    if (c->state == TCP_TIME_WAIT) return false;     // RFC 1337, fix 1
    if (s->seq != c->rcv_nxt) {                      // "MUST send an acknowledgment" (challenge)
        send_ack(o, c);
        return false;
    }
    o->state = TCP_CLOSED;
    switch (c->state) {
    case TCP_SYN_RCVD:    // "return this connection to the LISTEN state", or "connection refused"
        if (c->passive) o->state = TCP_LISTEN;
        else o->error = ECONNREFUSED;
        break;
    case TCP_CLOSE_WAIT: o->error = EPIPE; break;    // Linux's word for it, of all of these
    case TCP_ESTABLISHED: case TCP_FIN_WAIT_1: case TCP_FIN_WAIT_2: o->error = ECONNRESET; break;
    default: break;       // CLOSING, LAST-ACK: "enter the CLOSED state"
    }
    return false;
}

// Fourth: the SYN bit. True: it is not set.
static inline bool oracle_syn(struct outcome *o, const struct tcb *c, const struct in_seg *s)
{
    if (!(s->flags & TCP_SYN)) return true;
    if (c->state == TCP_SYN_RCVD && c->passive) o->state = TCP_LISTEN;
    else send_ack(o, c);  // RFC 5961 §4.2: a challenge ACK in every synchronised state
    return false;
}

// Fifth: the ACK field. True: go on with the text.
static inline bool oracle_ack(struct outcome *o, const struct tcb *c, const struct in_seg *s)
{
    if (!(s->flags & TCP_ACK)) return false;
    if (c->state == TCP_SYN_RCVD) {
        if (!before(c->una, s->ack) || before(c->nxt, s->ack)) {
            send_rst_for(o, s);
            return false;
        }
        o->state = TCP_ESTABLISHED;
        o->una = s->ack;
        return true;
    }
    if (before(s->ack, c->una - c->max_wnd) || before(c->nxt, s->ack)) {  // RFC 5961 §5.2
        send_ack(o, c);
        return false;
    }
    if (before(c->una, s->ack)) o->una = s->ack;
    bool fin_acked = c->fin_sent && o->una == c->nxt;
    if (c->state == TCP_FIN_WAIT_1 && fin_acked) o->state = TCP_FIN_WAIT_2;
    if (c->state == TCP_CLOSING && fin_acked) o->state = TCP_TIME_WAIT;
    if (c->state == TCP_LAST_ACK && fin_acked) o->state = TCP_CLOSED;
    // "CLOSE-WAIT, CLOSING, LAST-ACK, TIME-WAIT: ... Ignore the segment text."
    return c->state == TCP_ESTABLISHED || c->state == TCP_FIN_WAIT_1 || c->state == TCP_FIN_WAIT_2;
}

static inline struct outcome oracle(const struct tcb *c, const struct in_seg *s)
{
    struct outcome o = {.state = c->state, .una = c->una, .rcv_nxt = c->rcv_nxt};
    if (c->state == TCP_CLOSED) oracle_closed(&o, s);
    else if (c->state == TCP_LISTEN) oracle_listen(&o, s);
    else if (c->state == TCP_SYN_SENT) oracle_syn_sent(&o, c, s);
    if (c->state == TCP_CLOSED || c->state == TCP_LISTEN || c->state == TCP_SYN_SENT) return o;

    if (!oracle_acceptable(c, s)) {
        if (!(s->flags & TCP_RST)) send_ack(&o, c);
    } else if (oracle_rst(&o, c, s) && oracle_syn(&o, c, s) && oracle_ack(&o, c, s)) {
        oracle_text(&o, c, s);
        oracle_fin(&o);
    }
    return o;
}

#endif
