// urgent.c - urgent data (RFC 9293 §3.8.5, RFC 6093): a mark in the stream, told ahead of it.
//
//                          the urgent byte
//     ... a b c d e f g h [!] i j k ...
//                             ^ the urgent pointer: the byte behind it (MUST-62)
//
// Each segment that begins before the mark says how far away it is, so it is right whatever is sent
// again, cut or merged; and while a mark is out, segments leave one by one. As in all sockets, the
// last byte before the mark is the urgent one, which MSG_OOB reads by itself. Marks move on: of
// several only the last is known, so urgent data may be of any length (MUST-31).
//
// A reader is stopped at the mark, so that it can see it (NG_SO_ATMARK); behind it the byte is
// left out of the stream, unless NG_SO_OOBINLINE wants it there.
// RFC 9293: MUST-30.
#include <errno.h>

#include "tcp/tcp.h"

enum { POINTER_MOST = 0xffff };

// --- out ---------------------------------------------------------------------------------------

bool urgent_out(const struct tcp *t) { return t->snd_urgent && seq_lt(t->sent.una, t->snd_up); }

// All that was written so far is urgent. A shut window keeps the bytes here, but not the news.
void urgent_mark(struct tcp *t)
{
    t->snd_urgent = true;
    t->snd_up = tcp_data_end(t);
    int32_t window = seq_diff(seq_add(t->sent.una, t->snd_wnd), t->sent.nxt);
    if (window <= 0) tcp_want_ack(t, SENT_URGENT);
}

void urgent_acked(struct tcp *t)
{
    if (!urgent_out(t)) t->snd_urgent = false;
}

// RFC 9293: MUST-62. A mark that is too far for 16 bits is said to be as far as they go: the
// segment that gets there will say more.
void urgent_put(const struct tcp *t, struct tcp_seg *seg)
{
    if (!urgent_out(t) || !seq_lt(seg->seq, t->snd_up)) return;
    int32_t far = seq_diff(t->snd_up, seg->seq);
    seg->urg = (uint16_t)(far < POINTER_MOST ? far : POINTER_MOST);
    seg->flags |= TCP_URG;
}

// --- in ----------------------------------------------------------------------------------------

static void skip_byte(struct tcp *t)
{
    slices_drop(&t->rcvq.bytes, &t->host->pool, 1);
    tcp_buf_changed(t);
}

static bool inside(struct seq at, struct seq from, uint32_t len)
{
    return seq_le(from, at) && seq_lt(at, seq_add(from, len));
}

// A new mark, if it is ahead of what is known: of the bytes that came, of those that were read, and
// of the last mark (MUST-32). Linux: tcp_check_urg.
static void take_pointer(struct tcp *t, const struct arrival *a)
{
    uint32_t up = a->seg.urg;
    if (up > 0 && t->host->set.tcp_stdurg == 0) up--;
    struct seq at = seq_add(a->seg.seq, up), unread = t->rcvq.bytes.from;
    if (seq_lt(at, unread) || seq_lt(at, t->rcv_nxt)) return;
    if (t->urgent != URGENT_NONE && seq_le(at, t->rcv_up)) return;
    // The old urgent byte is next to be read: it stays out of the stream, though it lost its mark.
    bool next = t->urgent != URGENT_NONE && t->rcv_up.raw == unread.raw && t->rcvq.bytes.len > 0;
    if (next && !t->oob_inline) skip_byte(t);
    t->urgent = URGENT_AHEAD;
    t->rcv_up = at;
    tcp_wake(t);
}

// RFC 9293 §3.10.7.4, sixth: the URG bit.
// RFC 9293: MUST-31, MUST-32.
void take_urgent(struct tcp *t, const struct arrival *a)
{
    if (!tcp_may_receive(t)) return;
    if (a->seg.flags & TCP_URG) take_pointer(t, a);
    if (t->urgent != URGENT_AHEAD || !inside(t->rcv_up, a->seg.seq, a->len)) return;
    uint32_t off = a->off + (uint32_t)seq_diff(t->rcv_up, a->seg.seq);
    t->urgent = URGENT_HERE;
    t->urgent_byte = frame_start(a->f)[off];
    tcp_wake(t);
}

// --- for the user ------------------------------------------------------------------------------

// RFC 9293: MUST-33.
bool urgent_at_mark(const struct tcp *t)
{
    return t->urgent != URGENT_NONE && t->rcv_up.raw == t->rcvq.bytes.from.raw;
}

// A read begins: at the mark it passes the urgent byte. It may take so many of n bytes.
size_t urgent_reach(struct tcp *t, size_t n)
{
    if (t->urgent == URGENT_NONE) return n;
    if (urgent_at_mark(t)) {
        if (!t->oob_inline && t->rcvq.bytes.len > 0) skip_byte(t);
        return n;
    }
    int32_t ahead = seq_diff(t->rcv_up, t->rcvq.bytes.from);
    return ahead > 0 && (size_t)ahead < n ? (size_t)ahead : n;
}

// Some bytes were read: the mark may lie behind.
void urgent_passed(struct tcp *t)
{
    if (t->urgent != URGENT_NONE && seq_lt(t->rcv_up, t->rcvq.bytes.from)) t->urgent = URGENT_NONE;
}

// Bytes that a read may take before it is stopped. Linux: SIOCINQ.
uint32_t urgent_readable(const struct tcp *t)
{
    uint32_t len = t->rcvq.bytes.len;
    int32_t ahead = seq_diff(t->rcv_up, t->rcvq.bytes.from);
    bool stops = t->urgent != URGENT_NONE && !t->oob_inline && ahead >= 0 && (uint32_t)ahead < len;
    return stops ? (uint32_t)ahead : len;
}

ssize_t urgent_read(struct tcp *t, uint8_t *byte, bool peek)
{
    if (t->oob_inline || t->urgent == URGENT_NONE || t->urgent == URGENT_READ) return -EINVAL;
    if (t->state == TCP_CLOSED && !t->started) return -ENOTCONN;
    if (t->urgent == URGENT_HERE) {
        *byte = t->urgent_byte;
        if (!peek) t->urgent = URGENT_READ;
        return 1;
    }
    return t->state == TCP_CLOSED || t->shut_rd ? 0 : -EAGAIN;
}
