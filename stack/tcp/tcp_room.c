// tcp_room.c - how much the application may write now, and when it is worth waking it.
//
// By default the send buffer holds as many bytes as its limit says. Linux counts by buffers of its
// own (netglass.tcp_sndbuf_linux): as long as they weigh less than twice what SO_SNDBUF said, one
// more is begun, and filled up; each holds up to half of the peer's window or 64 KB. What may leave
// at once leaves first, so the buffers begin behind it:
//
//     una        nxt             base            base + unit      base + 2 units
//      | in flight | may leave now | a buffer       | a buffer       |
//
// The end of a buffer is pushed too, once half of the peer's window was written since the last
// push.
#include "tcp/tcp.h"

enum { BUFFER_WEIGHT = 768, BUFFER_MOST = 65535 - 60 - TCP_HDR_MAX };

static uint32_t unit_of(const struct tcp *t)
{
    uint32_t most = t->snd_wnd_max / 2 < BUFFER_MOST ? t->snd_wnd_max / 2 : BUFFER_MOST;
    return most > t->mss ? most / t->mss * t->mss : t->mss;
}

static struct seq base_of(const struct tcp *t)
{
    uint32_t pipe = loss_pipe(t), room = t->ccs.cwnd > pipe ? t->ccs.cwnd - pipe : 0;
    int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), t->sent.nxt);
    uint32_t open = window > 0 ? (uint32_t)window : 0;
    if (room > open) room = open;
    return seq_add(t->sent.nxt, room / t->mss * t->mss);
}

static bool by_buffers(const struct tcp *t)
{
    return t->host->set.tcp_sndbuf_linux != 0 && !tcp_in(t, TCP_OPENING);
}

static uint64_t limit_of(const struct tcp *t)
{
    return t->sndq.fixed ? 2 * (uint64_t)t->sndq.limit : t->sndq.limit;
}

uint32_t tcp_write_room(const struct tcp *t)
{
    if (!by_buffers(t)) return (uint32_t)sndq_room(&t->sndq);
    uint32_t unit = unit_of(t);
    struct seq end = tcp_data_end(t), edge = base_of(t);
    uint64_t weight = (uint64_t)(uint32_t)seq_diff(edge, t->sent.una) + BUFFER_WEIGHT;
    while (weight < limit_of(t)) {
        edge = seq_add(edge, unit);
        weight += unit + BUFFER_WEIGHT;
    }
    int32_t room = seq_diff(edge, end);
    return room > 0 ? (uint32_t)room : 0;
}

// Linux: a third of the buffer must be free.
bool tcp_room_is_worth_it(const struct tcp *t)
{
    if (!by_buffers(t)) return sndq_room(&t->sndq) >= t->sndq.limit / 3;
    return (uint64_t)t->sndq.bytes.len * 3 <= limit_of(t) * 2;
}

// Bytes were written behind `from`: where buffers end that Linux would push.
void tcp_note_pushes(struct tcp *t, struct seq from)
{
    if (!by_buffers(t) || t->snd_wnd_max == 0) return;
    uint32_t unit = unit_of(t), half = t->snd_wnd_max / 2;
    struct seq mark = base_of(t), pushed = from;
    while (seq_diff(mark, pushed) <= (int32_t)half) mark = seq_add(mark, unit);
    t->push_step = unit > half ? unit : unit * (half / unit + 1);
    t->push_from = mark;
    t->push_to = tcp_data_end(t);
}

bool tcp_is_pushed_at(const struct tcp *t, struct seq end)
{
    if (t->push_step == 0 || seq_lt(end, t->push_from) || seq_lt(t->push_to, end)) return false;
    return (uint32_t)seq_diff(end, t->push_from) % t->push_step == 0;
}
