// syncookie.c - see syncookie.h.
#include "tcp/syncookie.h"

#include "base/hash.h"
#include "tcp/tcp.h"

enum { MINUTE_SHIFT = 24, LOW_BITS = 0xffffff, MINUTES_GOOD = 2, MSS_STEPS = 4 };
enum { SET_ALWAYS = 2 };                    // net.ipv4.tcp_syncookies
enum { TS_BITS = 63, TS_NO_WSCALE = 15, TS_SACK = 16, TS_ECN = 32 };
#define COOKIE_LIFE SEC(120)

// Linux: values that most callers offer, or little less.
static const uint16_t mss_ip4[MSS_STEPS] = {536, 1300, 1440, 1460};
static const uint16_t mss_ip6[MSS_STEPS] = {1220, 1420, 1440, 8940};

static const uint16_t *mss_table(const struct arrival *a)
{
    return a->ip->dst.family == FAMILY_IP6 ? mss_ip6 : mss_ip4;
}

static uint32_t minute_now(const struct host *h)
{
    return (uint32_t)(((uint64_t)h->now + (h->boot_ns >> 2)) / (uint64_t)SEC(60));
}

static struct conn names_of(const struct arrival *a)
{
    struct conn c = {0};
    conn_name(&c, (struct endpoint){a->ip->dst, a->seg.dport},
              (struct endpoint){a->ip->src, a->seg.sport});
    return c;
}

// What a cookie says, and of whom.
struct fact { uint64_t names; uint32_t their_isn, minute, index; };

static uint64_t hash_names(const struct host *h, const struct arrival *a)
{
    const struct conn c = names_of(a);
    return conn_hash(&c, HASH_COOKIE, h->isn_key);
}

static struct seq cookie_of(const struct host *h, const struct fact *f)
{
    uint8_t b[21] = {HASH_COOKIE};
    put32(b + 1, (uint32_t)(f->names >> 32));
    put32(b + 5, (uint32_t)f->names);
    put32(b + 9, f->their_isn);
    put32(b + 13, f->minute);
    put32(b + 17, f->index);
    const struct hash_key key = {h->isn_key[0], h->isn_key[1]};
    uint32_t low = (uint32_t)hash_bytes(&key, b, sizeof b) & LOW_BITS;
    return seq_of((uint32_t)f->names + f->their_isn + (f->minute << MINUTE_SHIFT) + low);
}

bool syncookie_wanted(const struct tcp *listener, bool queue_full)
{
    int64_t set = listener->host->set.tcp_syncookies;
    return set == SET_ALWAYS || (set != 0 && queue_full);
}

bool syncookie_expected(const struct tcp *listener)
{
    const struct host *h = listener->host;
    return h->set.tcp_syncookies != 0 && h->now < listener->listener->cookies_until;
}

static uint32_t mss_index(const struct arrival *a)
{
    const uint16_t *mss = mss_table(a);
    uint32_t index = MSS_STEPS - 1, offered = a->seg.opts.has_mss ? a->seg.opts.mss : 0;
    while (index > 0 && mss[index] > offered) index--;
    return index;
}

// What was agreed on goes into the last bits of our clock, which is moved back to be no later than
// it is.
static uint32_t stamp_of(const struct host *h, const struct tcp_opts *o, bool ecn)
{
    uint32_t now = tcp_ms_at(h, h->now);
    uint32_t bits = o->has_wscale ? o->wscale : TS_NO_WSCALE;
    if (o->has_sack_ok) bits |= TS_SACK;
    if (ecn) bits |= TS_ECN;
    uint32_t stamp = (now & ~(uint32_t)TS_BITS) | bits;
    return (int32_t)(stamp - now) > 0 ? stamp - (TS_BITS + 1) : stamp;
}

// What our SYN,ACK agrees on: what both want, and only where the cookie can bring it back.
static bool agree(struct tcp *t, const struct arrival *a)
{
    const struct settings *s = &t->host->set;
    const struct tcp_opts *o = &a->seg.opts;
    t->ts_ok = s->tcp_timestamps != 0 && o->has_ts;
    t->sack_ok = t->ts_ok && s->tcp_sack != 0 && o->has_sack_ok;
    t->wscale_ok = t->ts_ok && s->tcp_window_scaling != 0 && o->has_wscale;
    bool asked = (a->seg.flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR);
    return t->ts_ok && asked && s->tcp_ecn != 0;
}

void syncookie_answer(struct tcp *listener, const struct arrival *a)
{
    struct host *h = listener->host;
    struct tcp t = {.host = h, .conn = names_of(a), .mss_user = listener->mss_user,
                    .rcvq.limit = listener->rcvq.limit};
    t.conn.id = listener->conn.id;
    tcp_set_mss(&t);
    bool ecn = agree(&t, a);
    const struct fact f = {hash_names(h, a), a->seg.seq.raw, minute_now(h), mss_index(a)};
    struct tcp_seg seg = {.seq = cookie_of(h, &f), .ack = seq_add(a->seg.seq, 1),
                          .flags = TCP_SYN | TCP_ACK | (ecn ? TCP_ECE : 0),
                          .wnd = tcp_window_field(&t, true)};
    seg.opts = (struct tcp_opts){.has_mss = true, .mss = t.mss_own, .has_ts = t.ts_ok,
                                 .has_sack_ok = t.sack_ok, .has_wscale = t.wscale_ok};
    if (t.wscale_ok) seg.opts.wscale = tcp_wscale_offered(h);
    if (t.ts_ok) {
        struct tcp_opts both = seg.opts;
        both.wscale = a->seg.opts.wscale;  // theirs is what we must know again
        seg.opts.ts_val = stamp_of(h, &both, ecn) + tcp_ts_offset(h, &t.conn);
        seg.opts.ts_ecr = a->seg.opts.ts_val;
    }
    listener->listener->cookies_until = h->now + COOKIE_LIFE;
    tcp_reply(h, &t.conn, &seg, SENT_SYN_COOKIE);
}

// True: it is a cookie of ours, and *mss what it says.
static bool open_cookie(const struct host *h, const struct arrival *a, uint16_t *mss)
{
    struct fact f = {.names = hash_names(h, a), .their_isn = a->seg.seq.raw - 1};
    uint32_t minute = minute_now(h);
    uint32_t left = a->seg.ack.raw - 1 - (uint32_t)f.names - f.their_isn;
    uint32_t age = (minute - (left >> MINUTE_SHIFT)) & UINT8_MAX;
    if (age >= MINUTES_GOOD) return false;
    f.minute = minute - age;
    for (; f.index < MSS_STEPS; f.index++) {
        if (seq_add(cookie_of(h, &f), 1).raw != a->seg.ack.raw) continue;
        *mss = mss_table(a)[f.index];
        return true;
    }
    return false;
}

// False: our timestamp agreed on what the settings no longer want.
static bool open_stamp(const struct host *h, uint32_t stamp, struct tcp_seg *syn)
{
    uint32_t wscale = stamp & TS_NO_WSCALE;
    syn->opts.has_sack_ok = (stamp & TS_SACK) != 0;
    syn->opts.has_wscale = wscale != TS_NO_WSCALE;
    if (syn->opts.has_wscale) syn->opts.wscale = (uint8_t)wscale;
    if (stamp & TS_ECN) syn->flags |= TCP_ECE | TCP_CWR;
    return (h->set.tcp_sack != 0 || !syn->opts.has_sack_ok)
        && (h->set.tcp_window_scaling != 0 || !syn->opts.has_wscale);
}

bool syncookie_check(const struct tcp *listener, const struct arrival *a, struct tcp_seg *syn)
{
    const struct host *h = listener->host;
    uint16_t mss;
    if (!open_cookie(h, a, &mss)) return false;
    *syn = a->seg;
    syn->seq = seq_add(a->seg.seq, UINT32_MAX);
    syn->flags = TCP_SYN;
    syn->opts = (struct tcp_opts){.has_mss = true, .mss = mss};
    if (!a->seg.opts.has_ts) return true;
    if (h->set.tcp_timestamps == 0) return false;
    syn->opts.has_ts = true;
    syn->opts.ts_val = a->seg.opts.ts_val;
    const struct conn c = names_of(a);
    return open_stamp(h, a->seg.opts.ts_ecr - tcp_ts_offset(h, &c), syn);
}
