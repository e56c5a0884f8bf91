// ip4_wire.c - see ip4_wire.h.
#include "wire/ip4_wire.h"

#include "base/csum.h"

enum { OPT_END = 0, OPT_NOP = 1, OPT_LSRR = 0x83, OPT_SSRR = 0x89, OPT_ROUTER_ALERT = 0x94 };
enum { FRAG_OFFSET = 0x1fff };

static enum drop parse_options(struct ip4_packet *ip, const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p != OPT_END) {
        if (*p == OPT_NOP) { p++; continue; }
        if (end - p < 2 || p[1] < 2 || p[1] > end - p) return DROP_IP4_BAD_OPTION;
        if (p[0] == OPT_LSRR || p[0] == OPT_SSRR) {
            ip->source_route = true;
            ip->source_route_left |= p[1] < 3 || p[2] <= p[1];  // the pointer is not behind it
        }
        if (p[0] == OPT_ROUTER_ALERT && p[1] == 4 && get16(p + 2) == 0) ip->router_alert = true;
        p += p[1];
    }
    return DROP_NONE;
}

uint8_t ip4_bad_option(const uint8_t *p, size_t hdr_len)
{
    size_t at = IP4_HDR_MIN;
    while (at < hdr_len) {
        if (p[at] == OPT_NOP) { at++; continue; }
        if (hdr_len - at < 2 || p[at + 1] < 2 || p[at + 1] > hdr_len - at) break;
        at += p[at + 1];
    }
    return (uint8_t)at;
}

enum drop ip4_parse_quoted(struct ip4_packet *ip, const uint8_t *p, size_t len)
{
    const struct ip4_hdr *h = (const struct ip4_hdr *)p;
    if (len < 1) return DROP_IP4_TRUNCATED;
    if (h->ver_ihl >> 4 != 4) return DROP_IP4_BAD_VERSION;
    if (len < IP4_HDR_MIN) return DROP_IP4_TRUNCATED;

    size_t hdr_len = (size_t)(h->ver_ihl & 15) * 4;
    if (hdr_len < IP4_HDR_MIN) return DROP_IP4_BAD_LENGTH;
    if (hdr_len > len) return DROP_IP4_TRUNCATED;
    if (get16(h->total_len) < hdr_len) return DROP_IP4_BAD_LENGTH;

    uint16_t frag = get16(h->frag);
    struct ip4_packet k = {
        .src = addr_ip4_bytes(h->src), .dst = addr_ip4_bytes(h->dst),
        .total_len = get16(h->total_len), .id = get16(h->id),
        .frag_offset = (uint16_t)((frag & FRAG_OFFSET) * 8),
        .df = (frag & IP4_FRAG_DF) != 0, .mf = (frag & IP4_FRAG_MF) != 0,
        .ttl = h->ttl, .proto = h->proto,
        .dscp = h->tos >> 2, .ecn = h->tos & 3, .hdr_len = (uint8_t)hdr_len,
    };
    // Put together, no packet may be longer than its length field can say.
    if (k.frag_offset + (k.total_len - hdr_len) > IP4_LEN_MAX) return DROP_IP4_BAD_LENGTH;
    enum drop why = parse_options(&k, h->opts, p + hdr_len);
    if (why == DROP_NONE) *ip = k;
    return why;
}

enum drop ip4_parse(struct ip4_packet *ip, const uint8_t *p, size_t len)
{
    struct ip4_packet k;
    enum drop why = ip4_parse_quoted(&k, p, len);
    if (why != DROP_NONE) return why;
    if (k.total_len > len) return DROP_IP4_BAD_LENGTH;
    *ip = k;
    return DROP_NONE;
}

bool ip4_csum_ok(const uint8_t *p, size_t hdr_len) { return csum_ok(0, p, hdr_len); }

void ip4_fix_csum(uint8_t *p, size_t hdr_len)
{
    struct ip4_hdr *h = (struct ip4_hdr *)p;
    put16(h->csum, 0);
    put16(h->csum, csum_field(csum_sum(p, hdr_len)));
}

size_t ip4_emit(const struct ip4_packet *ip, uint8_t *p)
{
    struct ip4_hdr *h = (struct ip4_hdr *)p;
    size_t hdr_len = IP4_HDR_MIN;
    if (ip->router_alert) {
        put32(h->opts, (uint32_t)OPT_ROUTER_ALERT << 24 | 4u << 16);
        hdr_len += 4;
    }
    CHECK(ip->frag_offset % 8 == 0);
    unsigned frag = (ip->df ? IP4_FRAG_DF : 0u) | (ip->mf ? IP4_FRAG_MF : 0u)
                  | ip->frag_offset / 8u;
    h->ver_ihl = (uint8_t)(4u << 4 | hdr_len / 4);
    h->tos = (uint8_t)(ip->dscp << 2 | (ip->ecn & 3));
    put16(h->total_len, ip->total_len);
    put16(h->id, ip->id);
    put16(h->frag, (uint16_t)frag);
    h->ttl = ip->ttl;
    h->proto = ip->proto;
    memcpy(h->src, ip->src.b, sizeof h->src);
    memcpy(h->dst, ip->dst.b, sizeof h->dst);
    ip4_fix_csum(p, hdr_len);
    return hdr_len;
}
