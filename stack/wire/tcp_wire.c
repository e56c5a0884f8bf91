// tcp_wire.c - see tcp_wire.h. No state, no allocation, no assert that a packet can reach.
#include "wire/tcp_wire.h"

enum { TS_LEN = 8, SACK_LEN = 8 };

// A cookie of odd or impossible size is no Fast Open option at all (RFC 7413 §4.1.1).
static void take_fastopen(struct tcp_opts *o, const uint8_t *cookie, size_t len, bool old)
{
    if (len % 2 != 0 || (len > 0 && len < TCP_COOKIE_MIN) || len > TCP_COOKIE_MAX) return;
    o->has_fastopen = true;
    o->fastopen_old = old;
    o->fastopen = (struct tcp_cookie){.len = (uint8_t)len};
    memcpy(o->fastopen.bytes, cookie, len);
}

static void take_sack(struct tcp_opts *o, const uint8_t *block, size_t len)
{
    if (len % SACK_LEN != 0) return;
    for (; len > 0 && o->sacks < TCP_SACK_MAX; block += SACK_LEN, len -= SACK_LEN, o->sacks++) {
        o->sack[o->sacks].from = seq_of(get32(block));
        o->sack[o->sacks].to = seq_of(get32(block + 4));
    }
}

// Takes one well-formed option; ones of unknown kind or odd length are skipped (RFC 9293 MUST-6).
// RFC 9293: MUST-4.
static void take_option(struct tcp_opts *o, uint8_t kind, const uint8_t *body, size_t len)
{
    switch (kind) {
    case TCP_OPT_MSS:
        if (len == 2) { o->has_mss = true; o->mss = get16(body); }
        break;
    case TCP_OPT_WSCALE:  // A peer may send more than 14; we must then use 14 (RFC 7323 §2.3).
        if (len != 1) break;
        o->has_wscale = true;
        o->wscale = body[0] < TCP_WSCALE_MAX ? body[0] : TCP_WSCALE_MAX;
        break;
    case TCP_OPT_SACK_OK:
        if (len == 0) o->has_sack_ok = true;
        break;
    case TCP_OPT_SACK:
        take_sack(o, body, len);
        break;
    case TCP_OPT_TS:
        if (len != TS_LEN) break;
        o->has_ts = true;
        o->ts_val = get32(body);
        o->ts_ecr = get32(body + 4);
        break;
    case TCP_OPT_FASTOPEN:
        take_fastopen(o, body, len, false);
        break;
    case TCP_OPT_EXPERIMENT:
        if (len >= 2 && get16(body) == TCP_EXPERIMENT_FASTOPEN)
            take_fastopen(o, body + 2, len - 2, true);
        break;
    }
}

// RFC 9293: MUST-7, MUST-64.
enum tcp_option_step tcp_option_next(struct tcp_option *o, const uint8_t **at, const uint8_t *end)
{
    const uint8_t *p = *at;
    if (p >= end) return TCP_OPTION_DONE;
    if (*p == TCP_OPT_END || *p == TCP_OPT_NOP) {
        *o = (struct tcp_option){.kind = *p, .body = p + 1};
        *at = *p == TCP_OPT_END ? end : p + 1;
        return TCP_OPTION_ONE;
    }
    if (end - p < 2 || p[1] < 2 || p[1] > end - p) return TCP_OPTION_BAD;
    *o = (struct tcp_option){.kind = p[0], .len = (uint8_t)(p[1] - 2), .body = p + 2};
    *at = p + p[1];
    return TCP_OPTION_ONE;
}

static enum drop parse_options(struct tcp_opts *o, const uint8_t *p, const uint8_t *end)
{
    struct tcp_option one;
    enum tcp_option_step step;
    while ((step = tcp_option_next(&one, &p, end)) == TCP_OPTION_ONE)
        take_option(o, one.kind, one.body, one.len);
    return step == TCP_OPTION_BAD ? DROP_TCP_BAD_OPTION : DROP_NONE;
}

// RFC 9293: MUST-5.
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
        .wnd = get16(h->wnd), .urg = get16(h->urg), .flags = h->flags, .hdr_len = (uint8_t)hdr_len,
    };
    enum drop why = parse_options(&s.opts, h->opts, p + hdr_len);
    if (why == DROP_NONE) *seg = s;
    return why;
}

static uint8_t *put_nops(uint8_t *p, int n)
{
    while (n-- > 0) *p++ = TCP_OPT_NOP;
    return p;
}

static uint8_t *put_option(uint8_t *p, uint8_t kind, size_t body_len)
{
    p[0] = kind;
    p[1] = (uint8_t)(body_len + 2);
    return p + 2;
}

static uint8_t *put_ts(uint8_t *p, const struct tcp_opts *o)
{
    // On a SYN, SACK-permitted fills what two no-ops would.
    p = o->has_sack_ok ? put_option(p, TCP_OPT_SACK_OK, 0) : put_nops(p, 2);
    p = put_option(p, TCP_OPT_TS, TS_LEN);
    put32(p, o->ts_val);
    put32(p + 4, o->ts_ecr);
    return p + TS_LEN;
}

static uint8_t *put_fastopen(uint8_t *p, const struct tcp_opts *o)
{
    const struct tcp_cookie *cookie = &o->fastopen;
    CHECK(cookie->len <= TCP_COOKIE_MAX && cookie->len % 2 == 0);
    if (o->fastopen_old) {
        p = put_option(p, TCP_OPT_EXPERIMENT, cookie->len + 2u);
        put16(p, TCP_EXPERIMENT_FASTOPEN);
        p += 2;
    } else {
        p = put_option(p, TCP_OPT_FASTOPEN, cookie->len);
    }
    memcpy(p, cookie->bytes, cookie->len);
    // All lengths are even: what is over four is nothing or two, and so is what is missing.
    return put_nops(p + cookie->len, (o->fastopen_old ? cookie->len : cookie->len + 2) % 4);
}

static uint8_t *put_sack(uint8_t *p, const struct tcp_opts *o, int blocks)
{
    p = put_option(put_nops(p, 2), TCP_OPT_SACK, (size_t)(SACK_LEN * blocks));
    for (int i = 0; i < blocks; i++, p += SACK_LEN) {
        put32(p, o->sack[i].from.raw);
        put32(p + 4, o->sack[i].to.raw);
    }
    return p;
}

// RFC 9293: MUST-69.
static uint8_t *emit_options(const struct tcp_opts *o, uint8_t *p)
{
    uint8_t *end = p + TCP_OPTS_MAX;
    if (o->has_mss) {
        p = put_option(p, TCP_OPT_MSS, 2);
        put16(p, o->mss);
        p += 2;
    }
    if (o->has_ts) p = put_ts(p, o);
    else if (o->has_sack_ok) p = put_option(put_nops(p, 2), TCP_OPT_SACK_OK, 0);
    if (o->has_wscale) {
        p = put_option(put_nops(p, 1), TCP_OPT_WSCALE, 1);
        *p++ = o->wscale;
    }
    if (o->has_fastopen) p = put_fastopen(p, o);

    int room = (int)(end - p - 4) / SACK_LEN;  // two no-ops, kind and length come first
    int blocks = o->sacks < room ? o->sacks : room;
    if (blocks > 0) p = put_sack(p, o, blocks);
    CHECK(p <= end);
    return p;
}

size_t tcp_opts_len(const struct tcp_opts *opts)
{
    uint8_t scratch[TCP_OPTS_MAX];
    return (size_t)(emit_options(opts, scratch) - scratch);
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
    put16(h->urg, seg->urg);
    return hdr_len;
}
