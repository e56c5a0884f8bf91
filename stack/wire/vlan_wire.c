// vlan_wire.c - see vlan_wire.h.
#include "wire/vlan_wire.h"

#include "wire/eth_wire.h"

enum drop vlan_parse(struct vlan_tag *tag, const uint8_t *p, size_t len)
{
    const struct vlan_hdr *h = (const struct vlan_hdr *)p;
    if (len < VLAN_TAG_LEN) return DROP_VLAN_TRUNCATED;
    uint16_t tci = get16(h->tci);
    *tag = (struct vlan_tag){
        .priority = (uint8_t)(tci >> 13), .drop_eligible = (tci & 0x1000) != 0,
        .vlan = tci & 0xfff, .type = get16(h->type),
    };
    return DROP_NONE;
}

size_t vlan_skip(uint16_t *type, const uint8_t *p, size_t len)
{
    struct vlan_tag tag;
    size_t at = 0;
    while (*type == ETH_TYPE_VLAN && at < 2 * VLAN_TAG_LEN) {
        if (vlan_parse(&tag, p + at, len - at) != DROP_NONE) break;
        *type = tag.type;
        at += VLAN_TAG_LEN;
    }
    return at;
}

size_t vlan_emit(const struct vlan_tag *tag, uint8_t *p)
{
    struct vlan_hdr *h = (struct vlan_hdr *)p;
    unsigned tci = (tag->priority & 7u) << 13 | (unsigned)tag->drop_eligible << 12;
    put16(h->tci, (uint16_t)(tci | (tag->vlan & 0xfffu)));
    put16(h->type, tag->type);
    return VLAN_TAG_LEN;
}
