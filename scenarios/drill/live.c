// live.c - see live.h.
#include "scenarios/drill/live.h"

#include "base/csum.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"

struct body { const uint8_t *p; size_t len; };

static struct body read_ip4(struct live *l)
{
    struct ip4_packet ip;
    l->family = FAMILY_IP4;
    l->bad = ip4_parse(&ip, l->bytes, l->len);
    if (l->bad != DROP_NONE) return (struct body){0};
    l->csum_bad = !ip4_csum_ok(l->bytes, ip.hdr_len);
    l->src = ip.src;
    l->dst = ip.dst;
    l->proto = ip.proto;
    l->ttl = ip.ttl;
    l->tos = (uint8_t)(ip.dscp << 2 | ip.ecn);
    return (struct body){l->bytes + ip.hdr_len, (size_t)ip.total_len - ip.hdr_len};
}

static struct body read_ip6(struct live *l)
{
    struct ip6_packet ip;
    l->family = FAMILY_IP6;
    l->bad = ip6_parse(&ip, l->bytes, l->len);
    if (l->bad != DROP_NONE) return (struct body){0};
    l->src = ip.src;
    l->dst = ip.dst;
    l->proto = ip.proto;
    l->ttl = ip.hop_limit;
    l->tos = (uint8_t)(ip.dscp << 2 | ip.ecn);
    l->flow_label = ip.flow;
    return (struct body){l->bytes + ip.hdr_len, (size_t)IP6_HDR_LEN + ip.payload_len - ip.hdr_len};
}

static void read_tcp(struct live *l, struct body b)
{
    struct tcp_seg seg;
    l->bad = tcp_parse(&seg, b.p, b.len);
    if (l->bad != DROP_NONE) return;
    l->sport = seg.sport;
    l->dport = seg.dport;
    // The AE bit is the lowest of the four that follow the data offset.
    l->flags = (uint16_t)(seg.flags | (b.p[12] & 1) << 8);
    l->reserved = b.p[12] >> 1 & 7;
    l->seq = seg.seq.raw;
    l->ack = seg.ack.raw;
    l->win = seg.wnd;
    l->urg = seg.urg;
    l->opts = b.p + TCP_HDR_MIN;
    l->opts_len = (uint8_t)(seg.hdr_len - TCP_HDR_MIN);
    l->payload = b.p + seg.hdr_len;
    l->payload_len = (uint32_t)(b.len - seg.hdr_len);
    if (!csum_ok(csum_pseudo(l->src, l->dst, IP_PROTO_TCP, b.len), b.p, b.len)) l->csum_bad = true;
}

static void read_udp(struct live *l, struct body b)
{
    struct udp_datagram udp;
    l->bad = udp_parse(&udp, b.p, b.len);
    if (l->bad != DROP_NONE) return;
    l->sport = udp.sport;
    l->dport = udp.dport;
    l->payload = b.p + UDP_HDR_LEN;
    l->payload_len = (uint32_t)udp.len - UDP_HDR_LEN;
    uint16_t pseudo = csum_pseudo(l->src, l->dst, IP_PROTO_UDP, udp.len);
    if (udp.csum != 0 && !csum_ok(pseudo, b.p, udp.len)) l->csum_bad = true;
}

static void read_icmp(struct live *l, struct body b)
{
    l->bad = b.len < ICMP4_HDR_LEN ? DROP_ICMP_TRUNCATED : DROP_NONE;
    if (l->bad != DROP_NONE) return;
    l->type = b.p[0];
    l->code = b.p[1];
    l->id = get16(b.p + 4);
    l->mtu = l->family == FAMILY_IP4 ? get16(b.p + 6) : get32(b.p + 4);
    l->payload = b.p + ICMP4_HDR_LEN;
    l->payload_len = (uint32_t)(b.len - ICMP4_HDR_LEN);
    uint16_t pseudo = l->family == FAMILY_IP4 ? 0
                    : csum_pseudo(l->src, l->dst, IP_PROTO_ICMP6, b.len);
    if (!csum_ok(pseudo, b.p, b.len)) l->csum_bad = true;
}

void live_read(struct live *l)
{
    bool six = l->len > 0 && l->bytes[0] >> 4 == 6;
    struct body b = six ? read_ip6(l) : read_ip4(l);
    if (l->bad != DROP_NONE) return;
    if (l->proto == IP_PROTO_TCP) read_tcp(l, b);
    else if (l->proto == IP_PROTO_UDP) read_udp(l, b);
    else if (l->proto == (six ? IP_PROTO_ICMP6 : IP_PROTO_ICMP4)) read_icmp(l, b);
}
