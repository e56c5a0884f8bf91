// wire_fuzz.c - every parser of wire/ meets bytes that nobody sane has sent.
//
// What a parser accepts must survive the way back: emitting it, parsing that and emitting again
// gives the same bytes. The buffers are dirtied first, so that a byte left unwritten shows, and the
// input lies in a block of exactly its size, so that a byte read too far shows under ASan.
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"
#include "wire/vlan_wire.h"

enum { ROOM = 70000 };  // a header that was emitted, and a payload as long as any header claims

static uint8_t once[ROOM], twice[ROOM];

#define GOES_BACK(proto, type)                                   \
    static void proto##_goes_back(const uint8_t *p, size_t len)  \
    {                                                            \
        type meaning, again;                                     \
        if (proto##_parse(&meaning, p, len) != DROP_NONE) return; \
        memset(once, 0xa5, 128);                                 \
        size_t n = proto##_emit(&meaning, once);                 \
        CHECK(n <= 128);                                         \
        CHECK(proto##_parse(&again, once, ROOM) == DROP_NONE);   \
        memset(twice, 0x5a, 128);                                \
        CHECK(proto##_emit(&again, twice) == n);                 \
        CHECK(memcmp(once, twice, n) == 0);                      \
    }

// Emitting leaves out options: the packet is shorter by them.
static enum drop packet_parse(struct ip4_packet *ip, const uint8_t *p, size_t len)
{
    enum drop why = ip4_parse(ip, p, len);
    if (why != DROP_NONE) return why;
    int left_out = ip->hdr_len - IP4_HDR_MIN - (ip->router_alert ? 4 : 0);
    CHECK(left_out >= 0);
    ip->total_len = (uint16_t)(ip->total_len - left_out);
    return DROP_NONE;
}

static size_t packet_emit(const struct ip4_packet *ip, uint8_t *p) { return ip4_emit(ip, p); }

GOES_BACK(arp, struct arp_packet)
GOES_BACK(eth, struct eth_frame)
GOES_BACK(icmp4, struct icmp4_message)
GOES_BACK(icmp6, struct icmp6_message)
GOES_BACK(packet, struct ip4_packet)
GOES_BACK(tcp, struct tcp_seg)
GOES_BACK(vlan, struct vlan_tag)

// No way back here: UDP's length and IPv6's extension headers belong to the payload that follows.
static void udp_and_ip6_are_read(const uint8_t *p, size_t len)
{
    struct udp_datagram udp;
    if (udp_parse(&udp, p, len) == DROP_NONE) CHECK(udp_emit(&udp, once) == UDP_HDR_LEN);
    struct ip6_packet ip6;
    if (ip6_parse(&ip6, p, len) == DROP_NONE) {
        CHECK(ip6.hdr_len <= len);
        CHECK(ip6_emit(&ip6, once) <= IP6_EMIT_MAX);
    }
    struct ip4_packet ip4;
    if (ip4_parse_quoted(&ip4, p, len) == DROP_NONE) CHECK(ip4.hdr_len <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static void (*const parsers[])(const uint8_t *p, size_t len) = {
        arp_goes_back, eth_goes_back, icmp4_goes_back, icmp6_goes_back,
        packet_goes_back, tcp_goes_back, vlan_goes_back, udp_and_ip6_are_read,
    };
    if (len == 0) return 0;
    uint8_t *own = malloc(len - 1 + (len == 1));
    CHECK(own != NULL);
    memcpy(own, p + 1, len - 1);
    parsers[p[0] % ARRAY_LEN(parsers)](own, len - 1);
    free(own);
    return 0;
}
