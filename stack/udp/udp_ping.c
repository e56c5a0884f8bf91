// udp_ping.c - see udp.h: sockets that ping (Linux: SOCK_DGRAM with IPPROTO_ICMP).
//
// A ping socket is a datagram socket whose header is ICMP's: where a datagram has two ports, an
// echo has an identifier and a number. So the identifier is the local port, which the socket is
// given as any other is, and the number is the port of the far end:
//
//     sendto("abc", 10.0.0.2:7)        echo request, id 40123, number 7, "abc"
//     recvfrom() = "abc", 10.0.0.2:7   the answer to it
#include "udp/udp.h"

#include "base/csum.h"
#include "net/icmp.h"
#include "net/ip.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip_wire.h"

enum { AT_ID = 4, AT_NUMBER = 6, AT_CSUM = 2 };
static_assert((int)ICMP4_HDR_LEN == (int)UDP_HDR_LEN && (int)ICMP6_HDR_LEN == (int)UDP_HDR_LEN,
              "all three headers are of one length");

uint8_t udp_ping_proto(uint8_t family)
{
    return family == FAMILY_IP6 ? IP_PROTO_ICMP6 : IP_PROTO_ICMP4;
}

void udp_ping_header(const struct udp *u, struct frame *f, const struct endpoint *to,
                     struct addr src)
{
    uint8_t *p = frame_push(f, UDP_HDR_LEN);
    bool ip6 = to->addr.family == FAMILY_IP6;
    *p = ip6 ? ICMP6_ECHO : ICMP4_ECHO;
    memset(p + 1, 0, UDP_HDR_LEN - 1);
    put16(p + AT_ID, u->local.port);
    put16(p + AT_NUMBER, to->port);
    // ICMPv6 sums the addresses too (RFC 4443 §2.3). ICMP's sum is nobody's offload.
    if (ip6) put16(p + AT_CSUM, csum_pseudo(src, to->addr, IP_PROTO_ICMP6, f->len));
    f->csum = CSUM_TODO;
    f->csum_off = AT_CSUM;
    f->l4 = (uint16_t)f->start;
    if (!ip6) frame_finish_csum(f);
    f->why = SENT_ECHO_REQUEST;
}

uint16_t udp_ping_number(const uint8_t *header) { return get16(header + AT_NUMBER); }

void udp_ping_reply(struct host *h, struct frame *f, const struct ip_info *ip)
{
    const uint8_t *p = frame_start(f);
    struct endpoint local = {ip->dst, get16(p + AT_ID)};
    struct endpoint remote = {ip->src, udp_ping_number(p)};
    struct udp *u = ip->to_many ? NULL : udp_find(h, &local, &remote, true);
    if (u != NULL) udp_deliver(u, f);
    else host_drop(h, f, DROP_ICMP_UNASKED);
}

enum drop udp_ping_error(struct host *h, const struct ip_error *e)
{
    uint8_t echo = e->src.family == FAMILY_IP6 ? ICMP6_ECHO : ICMP4_ECHO;
    struct endpoint local = {e->src, get16(e->quoted + AT_ID)};
    struct endpoint remote = {e->dst, udp_ping_number(e->quoted)};
    if (e->quoted[0] != echo) return icmp_error(h, e);
    struct udp *u = udp_find(h, &local, &remote, true);
    return u != NULL ? udp_take_icmp(u, e, &remote) : DROP_ICMP_NO_SOCKET;
}
