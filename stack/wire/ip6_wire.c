// ip6_wire.c - see ip6_wire.h.
#include "wire/ip6_wire.h"

enum { OPT_PAD1 = 0, OPT_PADN = 1, OPT_ROUTER_ALERT = 5 };
enum { FRAG_MF = 1, FRAG_OFFSET = 0xfff8 };

// Where the walk stands. `next` is the kind of the header at `at`, read from the byte at next_at.
struct walk {
    const uint8_t *p;
    size_t         end, at, next_at;
    uint8_t        next;
};

static void set_problem(struct ip6_packet *ip, enum ip6_problem problem, size_t at)
{
    ip->problem = (uint8_t)problem;
    ip->problem_at = (uint16_t)at;
}

// The two high bits of an unknown option's kind say what to do with it (RFC 8200 §4.2).
static enum ip6_problem unknown_option(uint8_t kind)
{
    static const enum ip6_problem action[] = {
        IP6_PROBLEM_NONE, IP6_PROBLEM_SILENT, IP6_PROBLEM_OPTION, IP6_PROBLEM_OPTION_TO_US,
    };
    return action[kind >> 6];
}

// Options of a hop-by-hop or destination header, which lie in [at, end).
static enum drop walk_options(struct ip6_packet *ip, const uint8_t *p, size_t at, size_t end)
{
    for (int n = 0; at < end; n++) {
        if (n >= IP6_OPTIONS_MAX) return DROP_IP6_BAD_EXTENSION;  // RFC 8504 §5.3 allows a limit
        if (p[at] == OPT_PAD1) { at++; continue; }
        if (end - at < 2 || p[at + 1] > end - at - 2) return DROP_IP6_BAD_EXTENSION;
        size_t len = p[at + 1];
        if (p[at] == OPT_ROUTER_ALERT && len == 2) {
            if (get16(p + at + 2) == 0) ip->router_alert = true;
        } else if (p[at] != OPT_PADN) {
            enum ip6_problem problem = unknown_option(p[at]);
            if (problem != IP6_PROBLEM_NONE) {
                set_problem(ip, problem, at);
                return DROP_NONE;
            }
        }
        at += 2 + len;
    }
    return DROP_NONE;
}

static void take_fragment(struct ip6_packet *ip, const uint8_t *h, size_t at)
{
    uint16_t frag = get16(h + 2);
    ip->has_frag = true;
    ip->frag_offset = frag & FRAG_OFFSET;
    ip->mf = (frag & FRAG_MF) != 0;
    ip->frag_id = get32(h + 4);
    ip->frag_at = (uint16_t)at;
}

bool ip6_is_extension(uint8_t next)
{
    return next == IP6_NEXT_HOP || next == IP6_NEXT_DEST || next == IP6_NEXT_ROUTING ||
           next == IP6_NEXT_FRAGMENT;
}

// Takes one extension header and moves on, unless it is a problem.
static enum drop walk_one(struct ip6_packet *ip, struct walk *w)
{
    const uint8_t *h = w->p + w->at;
    if (w->end - w->at < 8) return DROP_IP6_BAD_EXTENSION;
    size_t len = w->next == IP6_NEXT_FRAGMENT ? IP6_FRAG_LEN : ((size_t)h[1] + 1) * 8;
    if (len > w->end - w->at) return DROP_IP6_BAD_EXTENSION;

    enum drop why = DROP_NONE;
    switch (w->next) {
    case IP6_NEXT_HOP:  // only right behind the fixed header (RFC 8200 §4.1)
        if (w->at != IP6_HDR_LEN) set_problem(ip, IP6_PROBLEM_NEXT, w->next_at);
        else why = walk_options(ip, w->p, w->at + 2, w->at + len);
        break;
    case IP6_NEXT_DEST:
        why = walk_options(ip, w->p, w->at + 2, w->at + len);
        break;
    case IP6_NEXT_ROUTING:  // none is followed here (RFC 5095); with no segments left it is over
        if (h[3] != 0) set_problem(ip, IP6_PROBLEM_FIELD, w->at + 2);
        break;
    case IP6_NEXT_FRAGMENT:
        if (ip->has_frag) return DROP_IP6_BAD_EXTENSION;
        take_fragment(ip, h, w->at);
        ip->frag_named_at = (uint16_t)w->next_at;
        break;
    }
    if (why != DROP_NONE || ip->problem != IP6_PROBLEM_NONE) return why;
    w->next_at = w->at;
    w->next = h[0];
    w->at += len;
    return DROP_NONE;
}

static enum drop walk_extensions(struct ip6_packet *ip, const uint8_t *p, size_t end)
{
    struct walk w = {.p = p, .end = end, .at = IP6_HDR_LEN, .next_at = 6, .next = p[6]};
    for (int n = 0; ip6_is_extension(w.next) && !ip6_is_fragment(ip); n++) {
        if (n >= IP6_EXT_MAX) return DROP_IP6_BAD_EXTENSION;
        enum drop why = walk_one(ip, &w);
        if (why != DROP_NONE) return why;
        if (ip->problem == IP6_PROBLEM_NONE) continue;
        w.next = IP_PROTO_NONE;
        break;
    }
    if (ip6_is_fragment(ip)) {
        // All but the last carry a multiple of eight, and the whole fits 16 bits (RFC 8200 §4.5).
        size_t len = (size_t)ip->payload_len + IP6_HDR_LEN - w.at;
        if (ip->mf && len % 8 != 0) set_problem(ip, IP6_PROBLEM_FIELD, 4);
        if (ip->frag_offset + len > UINT16_MAX)
            set_problem(ip, IP6_PROBLEM_FIELD, (size_t)ip->frag_at + 2);
    }
    ip->proto = ip->problem == IP6_PROBLEM_NONE ? w.next : IP_PROTO_NONE;
    ip->hdr_len = (uint16_t)w.at;
    ip->next_at = (uint16_t)w.next_at;
    return DROP_NONE;
}

enum drop ip6_parse_quoted(struct ip6_packet *ip, const uint8_t *p, size_t len)
{
    const struct ip6_hdr *h = (const struct ip6_hdr *)p;
    if (len < 1) return DROP_IP6_TRUNCATED;
    if (p[0] >> 4 != 6) return DROP_IP6_BAD_VERSION;
    if (len < IP6_HDR_LEN) return DROP_IP6_TRUNCATED;

    uint32_t first = get32(h->ver_class_flow);
    struct ip6_packet k = {
        .src = addr_ip6_bytes(h->src), .dst = addr_ip6_bytes(h->dst),
        .payload_len = get16(h->payload_len), .flow = first & 0xfffff,
        .dscp = first >> 22 & 0x3f, .ecn = first >> 20 & 3, .hop_limit = h->hop_limit,
    };
    size_t end = (size_t)k.payload_len + IP6_HDR_LEN;
    enum drop why = walk_extensions(&k, p, end < len ? end : len);
    if (why == DROP_NONE) *ip = k;
    return why;
}

enum drop ip6_parse(struct ip6_packet *ip, const uint8_t *p, size_t len)
{
    const struct ip6_hdr *h = (const struct ip6_hdr *)p;
    if (len >= IP6_HDR_LEN && p[0] >> 4 == 6 && get16(h->payload_len) > len - IP6_HDR_LEN)
        return DROP_IP6_BAD_LENGTH;
    return ip6_parse_quoted(ip, p, len);
}

static uint8_t *emit_router_alert(uint8_t *p)
{
    static const uint8_t options[] = {OPT_ROUTER_ALERT, 2, 0, 0, OPT_PADN, 0};
    p[1] = 0;
    memcpy(p + 2, options, sizeof options);
    return p + 8;
}

static uint8_t *emit_fragment(const struct ip6_packet *ip, uint8_t *p)
{
    CHECK(ip->frag_offset % 8 == 0);
    p[1] = 0;
    put16(p + 2, (uint16_t)(ip->frag_offset | (ip->mf ? FRAG_MF : 0)));
    put32(p + 4, ip->frag_id);
    return p + IP6_FRAG_LEN;
}

size_t ip6_emit(const struct ip6_packet *ip, uint8_t *p)
{
    struct ip6_hdr *h = (struct ip6_hdr *)p;
    uint32_t class = (uint32_t)(ip->dscp & 0x3f) << 2 | (ip->ecn & 3u);
    put32(h->ver_class_flow, 6u << 28 | class << 20 | (ip->flow & 0xfffff));
    put16(h->payload_len, ip->payload_len);
    h->hop_limit = ip->hop_limit;
    memcpy(h->src, ip->src.b, sizeof h->src);
    memcpy(h->dst, ip->dst.b, sizeof h->dst);

    uint8_t *at = p + IP6_HDR_LEN, *next = &h->next;
    if (ip->router_alert) {
        *next = IP6_NEXT_HOP;
        next = at;
        at = emit_router_alert(at);
    }
    if (ip->has_frag) {
        *next = IP6_NEXT_FRAGMENT;
        next = at;
        at = emit_fragment(ip, at);
    }
    *next = ip->proto;
    return (size_t)(at - p);
}
