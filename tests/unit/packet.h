// packet.h - packets by hand: what a test puts on the cable. Each function writes before what is
// already there, from the inside out, as a sending stack does.
#ifndef PACKET_H
#define PACKET_H

#include "base/csum.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/ip4_wire.h"
#include "wire/udp_wire.h"

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

#endif
