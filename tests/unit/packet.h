// packet.h - packets by hand: what a test puts on the cable. Each function writes before what is
// already there, from the inside out, as a sending stack does.
#ifndef PACKET_H
#define PACKET_H

#include "base/csum.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/ndp_wire.h"
#include "wire/udp_wire.h"

// The two that speak with each other.
#define MAC_A ((struct mac){{2, 0, 0, 0, 0, 1}})
#define MAC_B ((struct mac){{2, 0, 0, 0, 0, 2}})

enum { PACKET_ROOM = 128, PACKET_MAX = 4096 };

struct packet { uint8_t mem[PACKET_MAX]; size_t start, len; };

static inline uint8_t *packet_bytes(struct packet *p) { return p->mem + p->start; }

static inline struct packet packet_of(const void *payload, size_t len)
{
    struct packet p = {.start = PACKET_ROOM, .len = len};
    if (len > 0) memcpy(p.mem + p.start, payload, len);
    return p;
}

static inline uint8_t *packet_push(struct packet *p, size_t n)
{
    p->start -= n;
    p->len += n;
    return p->mem + p->start;
}

static inline void packet_udp(struct packet *p, const struct ip4_packet *ip, uint16_t sport,
                              uint16_t dport)
{
    size_t len = p->len + UDP_HDR_LEN;
    uint8_t *h = packet_push(p, UDP_HDR_LEN);
    struct udp_datagram d = {.sport = sport, .dport = dport, .len = (uint16_t)len};
    udp_emit(&d, h);
    uint16_t pseudo = csum_pseudo(ip->src, ip->dst, IP_PROTO_UDP, len);
    d.csum = udp_csum_field(csum_add(pseudo, csum_sum(h, len)));
    udp_emit(&d, h);
}

static inline void packet_icmp4(struct packet *p, const struct icmp4_message *m)
{
    uint8_t *h = packet_push(p, ICMP4_HDR_LEN);
    icmp4_emit(m, h);
    put16(((struct icmp4_hdr *)h)->csum, csum_field(csum_sum(h, p->len)));
}

// total_len, if 0, is what there is.
static inline void packet_ip4(struct packet *p, struct ip4_packet ip)
{
    if (ip.total_len == 0) ip.total_len = (uint16_t)(p->len + IP4_HDR_MIN);
    if (ip.ttl == 0) ip.ttl = 64;
    ip4_emit(&ip, packet_push(p, IP4_HDR_MIN));
}

// An ICMPv6 message whose header is there: its checksum.
static inline void packet_csum6(struct packet *p, struct addr src, struct addr dst)
{
    uint8_t *h = packet_bytes(p);
    put16(h + 2, 0);
    uint16_t pseudo = csum_pseudo(src, dst, IP_PROTO_ICMP6, p->len);
    put16(h + 2, csum_field(csum_add(pseudo, csum_sum(h, p->len))));
}

static inline void packet_icmp6(struct packet *p, const struct icmp6_message *m, struct addr src,
                                struct addr dst)
{
    icmp6_emit(m, packet_push(p, ICMP6_HDR_LEN));
    packet_csum6(p, src, dst);
}

// payload_len, if 0, is what there is. Extension headers but those that ip6_emit knows are the
// payload's beginning.
static inline void packet_ip6(struct packet *p, struct ip6_packet ip)
{
    uint8_t hdr[IP6_EMIT_MAX];
    size_t extra = (ip.router_alert ? 8u : 0) + (ip.has_frag ? 8u : 0);
    if (ip.payload_len == 0) ip.payload_len = (uint16_t)(p->len + extra);
    if (ip.hop_limit == 0) ip.hop_limit = 64;
    size_t len = ip6_emit(&ip, hdr);
    memcpy(packet_push(p, len), hdr, len);
}

static inline void packet_eth(struct packet *p, struct mac dst, struct mac src, uint16_t type)
{
    eth_emit(&(struct eth_frame){.dst = dst, .src = src, .type = type},
             packet_push(p, ETH_HDR_LEN));
}

static inline struct packet packet_arp(const struct arp_packet *arp, struct mac dst)
{
    struct packet p = packet_of(NULL, 0);
    arp_emit(arp, packet_push(&p, ARP_LEN));
    packet_eth(&p, dst, arp->sender_mac, ETH_TYPE_ARP);
    return p;
}

// A message of neighbour discovery to a group, from its first link (RFC 4861).
static inline struct packet packet_ndp(const struct ndp_message *m, struct addr src,
                                       struct addr group, struct mac from)
{
    uint8_t bytes[NDP_EMIT_MAX];
    struct packet p = packet_of(bytes, ndp_emit(m, bytes));
    packet_csum6(&p, src, group);
    packet_ip6(&p, (struct ip6_packet){.src = src, .dst = group, .proto = IP_PROTO_ICMP6,
                                       .hop_limit = NDP_HOP_LIMIT});
    packet_eth(&p, mac_of_multicast(group), from, ETH_TYPE_IP6);
    return p;
}

#endif
