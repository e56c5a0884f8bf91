// tcp_wire.c - see tcp_wire.h. No state, no allocation, no assert that a packet can reach.
#include "wire/tcp_wire.h"

enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_WSCALE = 3, OPT_SACK_OK = 4, OPT_SACK = 5,
       OPT_TS = 8 };

// Takes one well-formed option; ones of unknown kind or odd length are skipped (RFC 9293 MUST-6).
static void take_option(struct tcp_opts *o, uint8_t kind, const uint8_t *body, size_t len)
{
    switch (kind) {
    case OPT_MSS:
        if (len == 2) { o->has_mss = true; o->mss = get16(body); }
        break;
    case OPT_WSCALE:  // A peer may send more than 14; we must then use 14 (RFC 7323 §2.3).
        if (len != 1) break;
        o->has_wscale = true;
        o->wscale = body[0] < TCP_WSCALE_MAX ? body[0] : TCP_WSCALE_MAX;
        break;
    case OPT_SACK_OK:
        if (len == 0) o->has_sack_ok = true;
        break;
    case OPT_TS:
        if (len != 8) break;
        o->has_ts = true;
        o->ts_val = get32(body);
        o->ts_ecr = get32(body + 4);
        break;
    case OPT_SACK:
        if (len % 8 != 0) break;
        for (; len > 0 && o->sacks < TCP_SACK_MAX; body += 8, len -= 8, o->sacks++) {
            o->sack[o->sacks].from = seq_of(get32(body));
            o->sack[o->sacks].to = seq_of(get32(body + 4));
        }
        break;
    }
}

static enum drop parse_options(struct tcp_opts *o, const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p != OPT_END) {
        if (*p == OPT_NOP) { p++; continue; }
        if (end - p < 2 || p[1] < 2 || p[1] > end - p) return DROP_TCP_BAD_OPTION;
        take_option(o, p[0], p + 2, (size_t)p[1] - 2);
        p += p[1];
    }
    return DROP_NONE;
}

enum drop tcp_parse(struct tcp_seg *seg, const uint8_t *p, size_t len)
{
    const struct tcp_hdr *h = (const struct tcp_hdr *)p;
    if (len < TCP_HDR_MIN) return DROP_TCP_TRUNCATED;

    size_t hdr_len = (size_t)(h->off >> 4) * 4;
    if (hdr_len < TCP_HDR_MIN) return DROP_TCP_BAD_OFFSET;
    if (hdr_len > len) return DROP_TCP_TRUNCATED;

    struct tcp_seg s = {
        .sport = get16(h->sport), .dport = get16(h->dport),
        .seq = seq_of(get32(h->seq)), .ack = seq_of(get32(h->ack)),
        .wnd = get16(h->wnd), .flags = h->flags, .hdr_len = (uint8_t)hdr_len,
    };
    enum drop why = parse_options(&s.opts, h->opts, p + hdr_len);
    if (why == DROP_NONE) *seg = s;
    return why;
}

static uint8_t *put_option(uint8_t *p, uint8_t kind, uint8_t body_len)
{
    p[0] = kind;
    p[1] = (uint8_t)(body_len + 2);
    return p + 2;
}

static uint8_t *emit_options(const struct tcp_opts *o, uint8_t *p)
{
    uint8_t *start = p;
    if (o->has_mss)     { p = put_option(p, OPT_MSS, 2); put16(p, o->mss); p += 2; }
    if (o->has_sack_ok) p = put_option(p, OPT_SACK_OK, 0);
    if (o->has_wscale)  { p = put_option(p, OPT_WSCALE, 1); *p++ = o->wscale; }
    if (o->has_ts) {
        p = put_option(p, OPT_TS, 8);
        put32(p, o->ts_val);
        put32(p + 4, o->ts_ecr);
        p += 8;
    }
    if (o->sacks > 0) {
        p = put_option(p, OPT_SACK, (uint8_t)(8 * o->sacks));
        for (int i = 0; i < o->sacks; i++, p += 8) {
            put32(p, o->sack[i].from.raw);
            put32(p + 4, o->sack[i].to.raw);
        }
    }
    while ((p - start) % 4 != 0) *p++ = OPT_NOP;
    CHECK(p - start <= TCP_HDR_MAX - TCP_HDR_MIN);
    return p;
}

size_t tcp_emit(const struct tcp_seg *seg, uint8_t *p)
{
    struct tcp_hdr *h = (struct tcp_hdr *)p;
    size_t hdr_len = (size_t)(emit_options(&seg->opts, h->opts) - p);
    put16(h->sport, seg->sport);
    put16(h->dport, seg->dport);
    put32(h->seq, seg->seq.raw);
    put32(h->ack, seg->ack.raw);
    h->off = (uint8_t)(hdr_len / 4 << 4);
    h->flags = seg->flags;
    put16(h->wnd, seg->wnd);
    put16(h->csum, 0);
    put16(h->urg, 0);
    return hdr_len;
}
