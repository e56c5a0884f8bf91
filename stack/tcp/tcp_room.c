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
// TCP_NOTSENT_LOWAT bounds in the same way what waits behind the base. (Linux: before each buffer.)
//
// The end of a buffer is pushed too, once half of the peer's window was written since the last
// push.
#include "tcp/tcp.h"

// What Linux charges for a buffer beside its bytes, and for a segment beside its payload when it
// reckons how large the whole should be.
enum { BUFFER_WEIGHT = 1280, BUFFER_MOST = 65535 - 60 - TCP_HDR_MAX, SEGMENT_EXTRA = 640,
       SEGMENT_HEAD = 256, INITIAL_SEGMENTS = 10 };

static uint32_t unit_of(const struct tcp *t)
{
    uint32_t most = t->snd_wnd_max / 2 < BUFFER_MOST ? t->snd_wnd_max / 2 : BUFFER_MOST;
    return most > t->mss ? most / t->mss * t->mss : t->mss;
}

// Behind what may leave at once. What pacing or a full device holds back may not.
static struct seq base_of(const struct tcp *t)
{
    if (t->held || t->parked) return t->sent.nxt;
    uint32_t pipe = loss_pipe(t), room = t->ccs.cwnd > pipe ? t->ccs.cwnd - pipe : 0;
    int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), t->sent.nxt);
    uint32_t open = window > 0 ? (uint32_t)window : 0;
    if (room > open) room = open;
    return seq_add(t->sent.nxt, room / t->mss * t->mss);
}

static bool by_buffers(const struct tcp *t)
{
    return t->host->set.tcp_sndbuf_linux != 0 && t->mss > 0 && !tcp_in(t, TCP_OPENING);
}

static uint64_t limit_of(const struct tcp *t)
{
    return t->sndq.fixed ? 2 * (uint64_t)t->sndq.limit : t->sndq.limit;
}

static uint32_t lowat_of(const struct tcp *t)
{
    return t->notsent_lowat != 0 ? t->notsent_lowat : (uint32_t)t->host->set.tcp_notsent_lowat;
}

static uint32_t room_by_bytes(const struct tcp *t)
{
    uint32_t room = (uint32_t)sndq_room(&t->sndq), lowat = lowat_of(t);
    if (lowat == UINT32_MAX || t->mss == 0) return room;
    int64_t waiting = seq_diff(tcp_data_end(t), base_of(t)), more = lowat - waiting;
    return more <= 0 ? 0 : more < room ? (uint32_t)more : room;
}

static uint64_t weight_of(const struct tcp *t, uint64_t bytes)
{
    uint32_t unit = unit_of(t);
    return bytes + (bytes + unit - 1) / unit * BUFFER_WEIGHT;
}

// A buffer that is begun where bytes may leave at once loses those, and is filled up again behind
// them.
uint32_t tcp_write_room(const struct tcp *t)
{
    if (!by_buffers(t)) return room_by_bytes(t);
    uint32_t unit = unit_of(t), lowat = lowat_of(t);
    struct seq base = base_of(t), end = tcp_data_end(t), at = end;
    int32_t waiting = seq_diff(end, base);
    if (waiting > 0) at = seq_add(base, ((uint32_t)waiting + unit - 1) / unit * unit);
    while (weight_of(t, (uint32_t)seq_diff(at, t->sent.una)) < limit_of(t)) {
        bool leaves = seq_lt(at, base);
        if (!leaves && (uint32_t)seq_diff(at, base) >= lowat) break;
        at = seq_add(at, unit);
        if (leaves && seq_lt(base, at)) at = seq_add(base, unit);
    }
    return (uint32_t)seq_diff(at, end);
}

// Bytes that wait to be sent. Before our turn to send, what may leave then waits no more.
static uint32_t unsent_of(const struct tcp *t)
{
    struct seq from = list_linked(&t->wish) ? base_of(t) : t->sent.nxt;
    int32_t n = seq_diff(tcp_data_end(t), from);
    return n > 0 ? (uint32_t)n : 0;
}

// Linux: a third of the buffer must be free, and fewer bytes wait to be sent than half of
// TCP_NOTSENT_LOWAT.
bool tcp_room_is_worth_it(const struct tcp *t)
{
    uint32_t unsent = unsent_of(t);
    if (2 * (uint64_t)unsent >= lowat_of(t)) return false;
    if (!by_buffers(t)) return sndq_room(&t->sndq) >= t->sndq.limit / 3;
    uint64_t weight = weight_of(t, t->sndq.bytes.len - unsent) + weight_of(t, unsent);
    return weight * 3 <= limit_of(t) * 2;
}

// The send buffer grows with what can be in flight, so that the window and not the buffer limits a
// fast path: twice the congestion window, which Linux counts in segments and what they cost it.
void tcp_tune_sndq(struct tcp *t)
{
    uint64_t want = 2 * (uint64_t)t->ccs.cwnd, most = (uint64_t)t->host->set.tcp_wmem_max;
    if (t->host->set.tcp_sndbuf_linux) {
        uint32_t mss = t->mss > t->mss_peer ? t->mss : t->mss_peer, cost = 1;
        uint64_t segments = t->ccs.cwnd / t->mss;
        if (segments < INITIAL_SEGMENTS) segments = INITIAL_SEGMENTS;
        while (cost < mss + SEGMENT_EXTRA) cost *= 2;
        want = 2 * segments * (cost + SEGMENT_HEAD);
    }
    if (want > most) want = most;
    if (!t->sndq.fixed && want > t->sndq.limit) {
        t->sndq.limit = (uint32_t)want;
        tcp_buf_changed(t);
    }
}

// After each turn to send: whoever waits for room is told once. Linux: it is then that the buffer
// grows, unless all of cwnd is in use.
void tcp_wake_writer(struct tcp *t)
{
    if (by_buffers(t) && t->wants_room && loss_pipe(t) < t->ccs.cwnd) tcp_tune_sndq(t);
    bool room = tcp_room_is_worth_it(t);
    if (room && t->wants_room) tcp_wake(t);
    t->wants_room = !room;
}

// Bytes were written behind `from`: where buffers end, and which of the ends Linux would push.
void tcp_note_buffers(struct tcp *t, struct seq from)
{
    if (!by_buffers(t) || t->snd_wnd_max == 0) return;
    uint32_t unit = unit_of(t), half = t->snd_wnd_max / 2;
    struct seq base = base_of(t);
    if (t->push_step == 0 || seq_le(from, base)) t->buffers_from = base;
    int32_t behind = seq_diff(seq_add(from, half), t->buffers_from);
    uint32_t pass = behind < 0 ? 0 : (uint32_t)behind / unit + 1;
    t->push_step = unit > half ? unit : unit * (half / unit + 1);
    t->push_from = seq_add(t->buffers_from, pass * unit);
    t->push_to = tcp_data_end(t);
}

// How far it is from `at` to the end of its buffer: no segment goes beyond.
uint32_t tcp_buffer_left(const struct tcp *t, struct seq at)
{
    if (t->push_step == 0 || !by_buffers(t)) return UINT32_MAX;
    int32_t in = seq_diff(at, t->buffers_from);
    uint32_t unit = unit_of(t);
    return in < 0 ? (uint32_t)-in : unit - (uint32_t)in % unit;
}

bool tcp_is_pushed_at(const struct tcp *t, struct seq end)
{
    if (t->push_step == 0 || seq_lt(end, t->push_from) || seq_lt(t->push_to, end)) return false;
    return (uint32_t)seq_diff(end, t->push_from) % t->push_step == 0;
}
