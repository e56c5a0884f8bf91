// see dissect.h. One function a layer, each handing on to the next.
#include "viz/dissect.h"

#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/udp_wire.h"
#include "wire/vlan_wire.h"

static void dissect_tcp(struct dissect *d, const uint8_t *p, uint32_t at)
{
    d->kind = PACKET_TCP;
    if (tcp_parse(&d->tcp, p + at, d->end - at) != DROP_NONE) return;
    d->l4 = at;
    d->src.port = d->tcp.sport;
    d->dst.port = d->tcp.dport;
    d->payload = at + d->tcp.hdr_len;
}

static void dissect_udp(struct dissect *d, const uint8_t *p, uint32_t at)
{
    d->kind = PACKET_UDP;
    if (d->end - at < UDP_HDR_LEN) return;
    d->l4 = at;
    d->src.port = get16(p + at);
    d->dst.port = get16(p + at + 2);
    d->payload = at + UDP_HDR_LEN;
}

static void dissect_icmp(struct dissect *d, const uint8_t *p, uint32_t at)
{
    d->kind = PACKET_ICMP;
    if (d->end - at < ICMP4_HDR_LEN) return;
    d->l4 = at;
    d->icmp_type = p[at];
    d->icmp_code = p[at + 1];
    d->icmp_id = get16(p + at + 4);
    d->icmp_seq = get16(p + at + 6);
    d->payload = at + ICMP4_HDR_LEN;
}

static void dissect_transport(struct dissect *d, const uint8_t *p, uint32_t at)
{
    d->kind = PACKET_IP;
    d->payload = at;
    if (d->proto == IP_PROTO_TCP) dissect_tcp(d, p, at);
    if (d->proto == IP_PROTO_UDP) dissect_udp(d, p, at);
    if (d->proto == IP_PROTO_ICMP4 || d->proto == IP_PROTO_ICMP6) dissect_icmp(d, p, at);
}

static void trim_padding(struct dissect *d, uint32_t total)
{
    if (d->l3 + total < d->end) d->end = d->l3 + total;
}

static void dissect_ip4(struct dissect *d, const uint8_t *p)
{
    struct ip4_packet ip;
    if (ip4_parse_quoted(&ip, p + d->l3, d->end - d->l3) != DROP_NONE) return;
    d->family = FAMILY_IP4;
    d->proto = ip.proto;
    d->src.addr = ip.src;
    d->dst.addr = ip.dst;
    trim_padding(d, ip.total_len);
    uint32_t at = d->l3 + ip.hdr_len;
    if (at > d->end) return;
    d->payload = at;
    d->fragment = ip.frag_offset != 0;
    if (!d->fragment) dissect_transport(d, p, at);
    else d->kind = PACKET_IP;
}

static void dissect_ip6(struct dissect *d, const uint8_t *p)
{
    struct ip6_packet ip;
    if (ip6_parse_quoted(&ip, p + d->l3, d->end - d->l3) != DROP_NONE) return;
    d->family = FAMILY_IP6;
    d->proto = ip.proto;
    d->src.addr = ip.src;
    d->dst.addr = ip.dst;
    trim_padding(d, (uint32_t)IP6_HDR_LEN + ip.payload_len);
    uint32_t at = d->l3 + ip.hdr_len;
    if (at > d->end) return;
    d->payload = at;
    d->fragment = ip.frag_offset != 0;
    if (!d->fragment) dissect_transport(d, p, at);
    else d->kind = PACKET_IP;
}

void dissect(struct dissect *d, const uint8_t *p, size_t len)
{
    *d = (struct dissect){.len = (uint32_t)len, .end = (uint32_t)len};
    struct eth_frame eth;
    if (eth_parse(&eth, p, len) != DROP_NONE) return;
    d->l3 = ETH_HDR_LEN;
    d->l3 += (uint32_t)vlan_skip(&eth.type, p + d->l3, len - d->l3);
    d->payload = d->l3;
    d->eth_type = eth.type;
    if (eth.type == ETH_TYPE_IP4) dissect_ip4(d, p);
    if (eth.type == ETH_TYPE_IP6) dissect_ip6(d, p);
    if (eth.type == ETH_TYPE_ARP) {
        d->kind = PACKET_ARP;
        if (arp_parse(&d->arp, p + d->l3, len - d->l3) == DROP_NONE) {
            d->payload = d->end = d->l3 + ARP_LEN;
            d->src.addr = d->arp.sender;
            d->dst.addr = d->arp.target;
        }
    }
}

enum layer dissect_layer(const struct dissect *d, size_t at)
{
    if (d->l3 == 0 || at < d->l3) return LAYER_ETH;
    if (at >= d->end) return LAYER_ETH;  // padding is Ethernet's
    if (d->l4 != 0 && at >= d->l4) return at < d->payload ? LAYER_TRANSPORT : LAYER_DATA;
    return at < d->payload || d->kind == PACKET_ARP ? LAYER_IP : LAYER_DATA;
}

void text_put_flags(struct text *t, uint8_t flags)
{
    static const struct { uint8_t bit; const char *name; } names[] = {
        {TCP_FIN, "FIN"}, {TCP_SYN, "SYN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"},
        {TCP_URG, "URG"}, {TCP_ECE, "ECE"}, {TCP_CWR, "CWR"}, {TCP_ACK, "ACK"}};
    size_t before = t->len;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if ((flags & names[i].bit) == 0) continue;
        if (t->len > before) text_put_char(t, ',');
        text_put_str(t, names[i].name);
    }
    if (t->len == before) text_put_str(t, "none");
}
