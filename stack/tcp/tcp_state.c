// tcp_state.c - the arrows of RFC 9293 Figure 5, as data, and the one door through which a
// connection changes its state. A child of a listener begins CLOSED, not in LISTEN, because the
// listener stays what it is; and no arrow takes two steps at once.
#include "tcp/tcp.h"

static const uint16_t followers[TCP_STATES] = {
    [TCP_CLOSED]      = BIT(TCP_LISTEN) | BIT(TCP_SYN_SENT) | BIT(TCP_SYN_RCVD),
    [TCP_LISTEN]      = BIT(TCP_CLOSED),
    [TCP_SYN_SENT]    = BIT(TCP_SYN_RCVD) | BIT(TCP_ESTABLISHED) | BIT(TCP_CLOSED),
    [TCP_SYN_RCVD]    = BIT(TCP_ESTABLISHED) | BIT(TCP_CLOSED),
    [TCP_ESTABLISHED] = BIT(TCP_FIN_WAIT_1) | BIT(TCP_CLOSE_WAIT) | BIT(TCP_CLOSED),
    [TCP_FIN_WAIT_1]  = BIT(TCP_FIN_WAIT_2) | BIT(TCP_CLOSING) | BIT(TCP_CLOSED),
    [TCP_FIN_WAIT_2]  = BIT(TCP_TIME_WAIT) | BIT(TCP_CLOSED),
    [TCP_CLOSING]     = BIT(TCP_TIME_WAIT) | BIT(TCP_CLOSED),
    [TCP_CLOSE_WAIT]  = BIT(TCP_LAST_ACK) | BIT(TCP_CLOSED),
    [TCP_LAST_ACK]    = BIT(TCP_CLOSED),
    [TCP_TIME_WAIT]   = BIT(TCP_CLOSED),
};

bool tcp_state_may_follow(enum tcp_state from, enum tcp_state to)
{
    return (followers[from] & BIT(to)) != 0;
}

void tcp_set_state(struct tcp *t, enum tcp_state to, enum tcp_why why)
{
    enum tcp_state from = t->state;
    CHECK(tcp_state_may_follow(from, to));
    t->state = (uint8_t)to;
    t->host->count.moved[from][to]++;
    TRACE(t->host, .type = TRACE_TCP_STATE, .conn = t->conn.id,
          .tcp_state = {.from = from, .to = to, .why = why});
}
