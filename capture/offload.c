// offload.c - see offload.h.
#include "capture/offload.h"

#include "base/csum.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"
#include "wire/vlan_wire.h"

// A transport segment: where it lies in the frame, and what its checksum covers besides.
struct segment { size_t at, len; uint8_t proto; struct addr src, dst; };

// The offset behind the Ethernet header and up to two tags, and the type of what stands there.
static size_t find_packet(const uint8_t *p, size_t len, uint16_t *type)
{
    struct eth_frame eth;
    if (eth_parse(&eth, p, len) != DROP_NONE) return 0;
    size_t at = ETH_HDR_LEN;
    for (int tags = 0; eth.type == ETH_TYPE_VLAN && tags < 2; tags++) {
        struct vlan_tag tag;
        if (vlan_parse(&tag, p + at, len - at) != DROP_NONE) return 0;
        eth.type = tag.type;
        at += VLAN_TAG_LEN;
    }
    *type = eth.type;
    return at;
}

static bool find_segment(struct segment *s, const uint8_t *p, size_t len)
{
    uint16_t type = 0;
    size_t at = find_packet(p, len, &type);
    if (at == 0) return false;
    if (type == ETH_TYPE_IP4) {
        struct ip4_packet ip;
        if (ip4_parse(&ip, p + at, len - at) != DROP_NONE || ip4_is_fragment(&ip)) return false;
        *s = (struct segment){at + ip.hdr_len, ip.total_len - (size_t)ip.hdr_len, ip.proto,
                              ip.src, ip.dst};
        return true;
    }
    if (type == ETH_TYPE_IP6) {
        struct ip6_packet ip;
        if (ip6_parse(&ip, p + at, len - at) != DROP_NONE || ip6_is_fragment(&ip)) return false;
        size_t total = IP6_HDR_LEN + (size_t)ip.payload_len;
        *s = (struct segment){at + ip.hdr_len, total - ip.hdr_len, ip.proto, ip.src, ip.dst};
        return true;
    }
    return false;
}

struct offload_patch offload_finish(uint8_t *p, size_t len)
{
    struct offload_patch patch = {0};
    struct segment s;
    if (!find_segment(&s, p, len)) return patch;
    size_t field = s.proto == IP_PROTO_TCP   ? offsetof(struct tcp_hdr, csum)
                   : s.proto == IP_PROTO_UDP ? offsetof(struct udp_hdr, csum)
                                             : s.len;
    if (field + 2 > s.len || s.at + field > UINT16_MAX) return patch;

    uint8_t *csum = p + s.at + field;
    patch.at = (uint16_t)(s.at + field);
    memcpy(patch.was, csum, 2);
    put16(csum, 0);
    uint16_t sum = csum_add(csum_pseudo(s.src, s.dst, s.proto, s.len), csum_sum(p + s.at, s.len));
    put16(csum, udp_csum_field(sum));
    return patch;
}

bool offload_undo(uint8_t *p, size_t len, struct offload_patch patch)
{
    if (patch.at == 0) return true;
    if (len < 2 || patch.at > len - 2) return false;
    memcpy(p + patch.at, patch.was, 2);
    return true;
}
