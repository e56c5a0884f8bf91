// tcp_mtu.c - how long a segment may be: what both ends and the routers say, and what is found out.
//
// Routers tell of narrow links (net/pmtu.h), but some paths swallow long packets without a word.
// Then TCP finds the size by itself, if tcp_mtu_probing says so (RFC 4821, RFC 8899). It begins
// with segments that pass everywhere, and now and then sends one that is longer:
//
//     low                    probe                    high      sizes of packets
//      |----------- passes --- ? --- may pass ---------|
//
// The probe is the middle. It carries new bytes, and enough follow that its loss shows like any
// other. Acknowledged, it is the new low, and segments grow; lost alone, it is the new high, its
// bytes go again in short segments, and nothing is said of congestion. Other losses beside it leave
// the question open. The search rests when the rest is not worth a probe, and begins anew after
// tcp_probe_interval, for paths change.
#include "net/ip.h"
#include "net/pmtu.h"
#include "tcp/tcp.h"

enum { TS_BYTES = 12, PROBE_CWND = 11 };  // segments of window that a probe needs, as on Linux

static uint32_t min32(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint16_t seconds_now(const struct tcp *t) { return (uint16_t)(t->host->now / SEC(1)); }

static const struct settings *set_of(const struct tcp *t) { return &t->host->set; }

// --- segment size ------------------------------------------------------------------------------

// IP's and TCP's, without options.
static uint32_t header_bytes(const struct tcp *t)
{
    return TCP_HDR_MIN + ip_header_len(t->conn.family);
}

// Of a packet of this size, as the MSS option counts; not below what is worth sending.
static uint32_t mss_in(const struct tcp *t, uint32_t mtu)
{
    uint32_t mss = mtu > header_bytes(t) ? mtu - header_bytes(t) : 0;
    uint32_t least = (uint32_t)set_of(t)->tcp_min_snd_mss;
    if (mss > UINT16_MAX) mss = UINT16_MAX;
    if (t->mss_user != 0 && mss > t->mss_user) mss = t->mss_user;
    return mss < least ? least : mss;
}

// What a packet to this peer carries, less the options that every segment has. A peer that asks for
// tiny segments means ill.
static uint32_t payload_of(const struct tcp *t, uint32_t mtu)
{
    uint32_t mss = mss_in(t, mtu), least = (uint32_t)set_of(t)->tcp_min_snd_mss;
    if (mss > t->mss_peer) mss = t->mss_peer;
    if (mss < least) mss = least;
    return mss - (t->ts_ok ? TS_BYTES : 0);
}

// The packet that a payload makes.
static uint16_t packet_of(const struct tcp *t, uint32_t payload)
{
    uint32_t whole = payload + (t->ts_ok ? TS_BYTES : 0u) + header_bytes(t);
    return (uint16_t)min32(whole, UINT16_MAX);
}

// While the search is on, no longer than what is known to pass.
static uint32_t known_to_pass(const struct tcp *t, uint32_t mtu)
{
    const struct mtu_search *m = &t->mtu;
    if (!t->mtu_search_on) return mtu;
    return min32(mtu, m->low > m->start ? m->low : m->start);
}

// What both ends could take.
static uint16_t most_of(const struct tcp *t)
{
    uint32_t mss = t->mss_user != 0 ? min32(t->mss_peer, t->mss_user) : t->mss_peer;
    return (uint16_t)min32(mss + header_bytes(t), UINT16_MAX);
}

// The search goes no further than the path's MTU, as far as that is known; and on again, should it
// turn out to be more.
static void bound_search(struct tcp *t, uint32_t mtu)
{
    struct mtu_search *m = &t->mtu;
    if (t->mtu_bound && m->high < mtu) {
        m->high = most_of(t);
        t->mtu_bound = false;
    }
    if (m->high > mtu) {
        m->high = (uint16_t)mtu;
        t->mtu_bound = true;
    }
    if (m->low > m->high) m->low = m->high;
}

// What a segment of ours may carry (MUST-16): the peer's MSS, the path's MTU and the user's wish,
// less the options that every segment has. What we offer is what our interface can take, whatever
// the path (MUST-67, RFC 1191 §3.1). On a path too narrow for the least MSS IP cuts our packets.
// A route may say what to offer instead.
void tcp_set_mss(struct tcp *t)
{
    struct ip_path path;
    uint32_t mtu = 576, link_mtu = 576, told = 0;
    if (ip_path(t->host, conn_remote_addr(&t->conn), &path) >= 0) {
        mtu = path.mtu;
        link_mtu = path.link_mtu;
        told = path.mss;
        t->out = path.netif;
        t->gso_ok = (path.offload & (NG_OFFLOAD_TSO | NG_OFFLOAD_GSO)) != 0
                 && mss_in(t, mtu) + header_bytes(t) <= mtu;
        t->gso_soft = (path.offload & NG_OFFLOAD_TSO) == 0;
    }
    t->mtu.epoch = (uint16_t)pmtu_epoch(t->host);
    bound_search(t, mtu);
    uint32_t offer = t->host->set.tcp_mss_of_path ? mtu : link_mtu;
    t->mss_own = (uint16_t)mss_in(t, told != 0 ? told + header_bytes(t) : offer);
    t->mss = (uint16_t)payload_of(t, known_to_pass(t, mtu));
    t->ccs.mss = t->mss;
}

// --- the search --------------------------------------------------------------------------------

static void tell(const struct tcp *t)
{
    TRACE(t->host, .type = TRACE_PATH_MTU, .conn = t->conn.id,
          .path_mtu = {.dst = conn_remote_addr(&t->conn), .mtu = t->mtu.low});
}

// From what is known to pass up to what both ends could take.
static void begin_search(struct tcp *t, uint32_t low)
{
    struct mtu_search *m = &t->mtu;
    m->high = most_of(t);
    t->mtu_bound = false;
    m->low = (uint16_t)min32(low, m->high);
    m->probe = 0;
    m->since_s = seconds_now(t);
    tcp_set_mss(t);
}

// The handshake is over. Linux: whoever called begins with tcp_base_mss; who was called keeps the
// size the handshake left it with, until that fails.
void mtu_begin(struct tcp *t)
{
    struct mtu_search *m = &t->mtu;
    t->mtu_search_on = set_of(t)->tcp_mtu_probing > 1;
    m->start = 0;
    if (t->passive && t->mtu_search_on) {
        t->mtu_search_on = false;
        tcp_set_mss(t);
        t->mtu_search_on = true;
        m->start = packet_of(t, t->mss);
    }
    begin_search(t, (uint32_t)set_of(t)->tcp_base_mss + header_bytes(t));
}

void mtu_check(struct tcp *t)
{
    struct mtu_search *m = &t->mtu;
    if (m->epoch != (uint16_t)pmtu_epoch(t->host)) tcp_set_mss(t);
    bool rests = m->high - m->low < set_of(t)->tcp_probe_threshold;
    uint16_t passed = (uint16_t)(seconds_now(t) - m->since_s);
    if (!t->mtu_search_on || !rests || passed < set_of(t)->tcp_probe_interval) return;
    begin_search(t, m->low);
}

// The size of the next probe's payload, or 0: none is worth while, or its loss would not show.
static uint32_t next_probe(const struct tcp *t)
{
    const struct mtu_search *m = &t->mtu;
    if (!t->mtu_search_on || m->probe != 0) return 0;
    if (m->high - m->low < set_of(t)->tcp_probe_threshold) return 0;
    if (t->recovery != RECOVERY_OPEN || t->sent.lost > 0 || t->tail_probe) return 0;
    // SACK blocks of ours would change the size of what we send.
    struct seq_range range[TCP_SACK_MAX];
    if (tcp_sacks(t, range) > 0) return 0;
    uint32_t len = payload_of(t, (uint32_t)(m->high + m->low) / 2);
    bool room = t->ccs.cwnd >= PROBE_CWND * (uint32_t)t->mss && t->ccs.cwnd >= len;
    return len > t->mss && room ? len : 0;
}

enum mtu_turn mtu_turn(const struct tcp *t, uint32_t avail, uint32_t window, uint32_t *len)
{
    *len = next_probe(t);
    if (*len == 0) return MTU_NONE;
    uint32_t needed = *len + (t->reordering + 1u) * t->mss;
    if (avail < needed || window < needed) return MTU_NONE;
    uint32_t pipe = loss_pipe(t);
    return pipe > 0 && pipe + *len > t->ccs.cwnd ? MTU_WAIT : MTU_PROBE;
}

void mtu_on_sent(struct tcp *t, const struct plan *p)
{
    t->mtu.probe = packet_of(t, p->len);
    t->mtu.end = seq_add(p->seq, p->len);
}

void mtu_on_acked(struct tcp *t)
{
    struct mtu_search *m = &t->mtu;
    if (m->probe == 0 || seq_lt(t->sent.una, m->end)) return;
    if (m->low < m->probe) m->low = m->probe;
    m->probe = 0;
    tcp_set_mss(t);
    tell(t);
}

// Of what is lost, how much the probe carried. The probe is the oldest of what is in flight.
static uint32_t lost_of_probe(const struct tcp *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->sent.count; i++) {
        const struct sent_rec *r = sent_at(&t->sent, i);
        if (!seq_lt(r->seq, t->mtu.end)) break;
        if (r->flags & REC_LOST) n += r->len;
    }
    return n;
}

bool mtu_on_loss(struct tcp *t)
{
    struct mtu_search *m = &t->mtu;
    if (m->probe == 0) return false;
    uint32_t carried = m->probe - packet_of(t, 0);
    if (seq_add(t->sent.una, carried).raw != m->end.raw) return false;
    uint32_t lost = lost_of_probe(t), size = m->probe;
    if (lost == 0) return false;
    m->probe = 0;
    if (lost != t->sent.lost) return false;  // others too: that was congestion
    if (m->high >= size) m->high = (uint16_t)(size - 1);
    t->mtu_bound = false;
    for (uint32_t i = 0; i < t->sent.count && seq_lt(sent_at(&t->sent, i)->seq, m->end); i++)
        loss_resize(t, i);
    return true;
}

// A timeout says nothing of a probe. Many of them in a row may mean that long packets vanish on the
// way: then only short ones are sent, shorter with every further timeout (RFC 4821 §7.7).
void mtu_on_timeout(struct tcp *t)
{
    struct mtu_search *m = &t->mtu;
    const struct settings *s = set_of(t);
    m->probe = 0;
    bool suspicious = t->retries >= s->tcp_retries1 && tcp_in(t, TCP_SYNCHRONIZED);
    if (!suspicious || s->tcp_mtu_probing == 0) return;
    if (t->mtu_search_on) {
        int64_t mss = (m->low - (int64_t)header_bytes(t)) / 2;
        if (mss > s->tcp_base_mss) mss = s->tcp_base_mss;
        if (mss < s->tcp_mtu_probe_floor) mss = s->tcp_mtu_probe_floor;
        if (mss < s->tcp_min_snd_mss) mss = s->tcp_min_snd_mss;
        m->low = (uint16_t)min32((uint32_t)mss + header_bytes(t), m->high);
    }
    t->mtu_search_on = true;
    m->start = 0;
    m->since_s = seconds_now(t);
    tcp_set_mss(t);
    tell(t);
}
