// tell_event.c - what happened, an event a line, in the words of a script. See tell.h.
//
//     0.010000 > P. 1:901(900) ack 1 win 65535   data: New bytes from the send buffer.
//     0.010000   SYN-RECEIVED to ESTABLISHED   ack-of-syn: Our SYN was acknowledged.
#include "scenarios/drill/symbol.h"
#include "scenarios/drill/tell.h"

enum { WHY_COLUMN = 52 };

static void put_why(struct text *t, const char *name, const char *says)
{
    size_t at = t->len;
    if (at < WHY_COLUMN) text_pad(t, WHY_COLUMN);
    else text_put_str(t, "   ");
    text_put_str(t, name);
    text_put_str(t, ": ");
    text_put_str(t, says);
}

static void put_pair(struct text *t, const char *name, uint64_t n)
{
    text_put_char(t, ' ');
    text_put_str(t, name);
    text_put_char(t, ' ');
    text_put_u64(t, n);
}

static void put_segment(struct text *t, const struct trace_tcp_segment_event *e, unsigned shift)
{
    text_put_str(t, e->out ? " > " : " < ");
    show_flags(t, e->flags);
    text_put_char(t, ' ');
    text_put_u64(t, e->seq);
    text_put_char(t, ':');
    text_put_u64(t, e->seq + e->len);
    text_put_char(t, '(');
    text_put_u64(t, e->len);
    text_put_char(t, ')');
    if (e->flags & 0x10) put_pair(t, "ack", e->ack);
    put_pair(t, "win", e->wnd >> shift);
    if (e->out) put_why(t, sent_name(e->why), sent_text(e->why));
}

static const char *const options[] = {
    [NG_SO_ERROR] = "SO_ERROR", [NG_SO_SNDBUF] = "SO_SNDBUF", [NG_SO_RCVBUF] = "SO_RCVBUF",
    [NG_SO_REUSEADDR] = "SO_REUSEADDR", [NG_SO_REUSEPORT] = "SO_REUSEPORT",
    [NG_SO_LINGER] = "SO_LINGER", [NG_SO_KEEPALIVE] = "SO_KEEPALIVE",
    [NG_SO_BROADCAST] = "SO_BROADCAST", [NG_TCP_NODELAY] = "TCP_NODELAY",
    [NG_TCP_CORK] = "TCP_CORK", [NG_TCP_MAXSEG] = "TCP_MAXSEG",
    [NG_TCP_QUICKACK] = "TCP_QUICKACK", [NG_TCP_USER_TIMEOUT] = "TCP_USER_TIMEOUT",
    [NG_TCP_CONGESTION] = "TCP_CONGESTION", [NG_TCP_KEEPIDLE] = "TCP_KEEPIDLE",
    [NG_TCP_KEEPINTVL] = "TCP_KEEPINTVL", [NG_TCP_KEEPCNT] = "TCP_KEEPCNT",
    [NG_TCP_SYNCNT] = "TCP_SYNCNT", [NG_TCP_FASTOPEN] = "TCP_FASTOPEN",
    [NG_TCP_FASTOPEN_CONNECT] = "TCP_FASTOPEN_CONNECT",
    [NG_TCP_FASTOPEN_NO_COOKIE] = "TCP_FASTOPEN_NO_COOKIE",
    [NG_TCP_FASTOPEN_KEY] = "TCP_FASTOPEN_KEY", [NG_SO_MAX_PACING_RATE] = "SO_MAX_PACING_RATE",
    [NG_SO_NO_CHECK] = "SO_NO_CHECK", [NG_SO_OOBINLINE] = "SO_OOBINLINE",
    [NG_TCP_NOTSENT_LOWAT] = "TCP_NOTSENT_LOWAT"};

static void put_argument(struct text *t, const struct trace_sock_call_event *e)
{
    bool option = e->call == CALL_SETSOCKOPT || e->call == CALL_GETSOCKOPT;
    bool named = option && e->arg > 0 && e->arg < (int64_t)ARRAY_LEN(options)
              && options[e->arg] != NULL;
    if (e->arg == 0) return;
    text_put_str(t, ", ");
    if (named) text_put_str(t, options[e->arg]);
    else text_put_i64(t, e->arg);
}

static void put_call(struct text *t, const struct trace_sock_call_event *e)
{
    bool named = e->peer.port != 0;
    text_put_str(t, "   ");
    text_put_str(t, sock_call_name(e->call));
    text_put_char(t, '(');
    text_put_i64(t, e->fd);
    if (named) {
        text_put_str(t, ", ");
        text_put_endpoint(t, e->peer);
    }
    put_argument(t, e);
    text_put_str(t, ") = ");
    text_put_i64(t, e->result < 0 ? -1 : e->result);
    if (e->result >= 0) return;
    text_put_char(t, ' ');
    text_put_str(t, symbol_of_error((int)-e->result));
}

static void put_cwnd(struct text *t, const struct trace_tcp_cwnd_event *e)
{
    text_put_str(t, "  ");
    put_pair(t, "cwnd", e->cwnd);
    if (e->ssthresh < UINT32_MAX / 2) put_pair(t, "ssthresh", e->ssthresh);
    put_pair(t, "in flight", e->inflight);
    put_why(t, cwnd_why_name(e->why), cwnd_why_text(e->why));
}

void tell_event(struct text *t, const struct trace_event *ev, unsigned shift)
{
    text_put_fixed(t, ev->at / 1000, 6);
    switch (ev->type) {
    case TRACE_TCP_SEGMENT: put_segment(t, &ev->tcp_segment, shift); break;
    case TRACE_SOCK_CALL:   put_call(t, &ev->sock_call); break;
    case TRACE_TCP_CWND:    put_cwnd(t, &ev->tcp_cwnd); break;
    case TRACE_TCP_STATE:
        text_put_str(t, "   ");
        text_put_str(t, tcp_state_name(ev->tcp_state.from));
        text_put_str(t, " to ");
        text_put_str(t, tcp_state_name(ev->tcp_state.to));
        put_why(t, tcp_why_name(ev->tcp_state.why), tcp_why_text(ev->tcp_state.why));
        break;
    case TRACE_TCP_TIMER:
        text_put_str(t, "   the timer fires");
        put_why(t, tcp_timer_name(ev->tcp_timer.timer), tcp_timer_text(ev->tcp_timer.timer));
        break;
    case TRACE_TCP_LOSS:
        text_put_str(t, "   lost: ");
        text_put_u64(t, ev->tcp_loss.seq);
        text_put_char(t, ':');
        text_put_u64(t, ev->tcp_loss.seq + ev->tcp_loss.len);
        put_why(t, sent_name(ev->tcp_loss.why), sent_text(ev->tcp_loss.why));
        break;
    case TRACE_FRAME_DROP:
        text_put_str(t, "   a packet of ");
        text_put_u64(t, ev->frame_drop.len);
        text_put_str(t, " bytes is dropped");
        put_why(t, drop_name(ev->frame_drop.why), drop_text(ev->frame_drop.why));
        break;
    default:
        text_put_char(t, ' ');
        trace_print(t, ev);
    }
}
