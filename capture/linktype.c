// linktype.c - see linktype.h. The layouts are those of tcpdump.org's registry of link types.
#include "capture/linktype.h"

#include "capture/pcapng.h"
#include "wire/eth_wire.h"

enum { NULL_LEN = 4, SLL_LEN = 16, SLL2_LEN = 20 };

enum linktype_kind linktype_kind(uint32_t linktype)
{
    switch (linktype) {
    case LINKTYPE_ETHERNET: return LINKTYPE_AS_IT_IS;
    case LINKTYPE_NULL: case LINKTYPE_LOOP: case LINKTYPE_RAW: case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD: case LINKTYPE_IPV4: case LINKTYPE_IPV6: case LINKTYPE_SLL:
    case LINKTYPE_SLL2: return LINKTYPE_MADE_UP;
    default: return LINKTYPE_UNKNOWN;
    }
}

static bool from_raw(struct linktype_frame *f, struct eth_frame *eth, const struct cap_packet *p,
                     uint32_t skip)
{
    if (p->caplen < skip + 1) return false;
    unsigned version = p->p[skip] >> 4;
    if (version != 4 && version != 6) return false;
    eth->type = version == 4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6;
    f->skip = skip;
    return true;
}

// "Linux cooked": the sender's address is told, the receiver's is not.
static bool from_cooked(struct linktype_frame *f, struct eth_frame *eth, const struct cap_packet *p)
{
    bool second = p->linktype == LINKTYPE_SLL2;
    uint32_t len = second ? SLL2_LEN : SLL_LEN;
    if (p->caplen < len) return false;
    unsigned addr_len = second ? p->p[11] : get16(p->p + 4);
    if (addr_len == 6) eth->src = mac_of_bytes(p->p + (second ? 12 : 6));
    eth->type = get16(p->p + (second ? 0 : 14));
    f->skip = len;
    return true;
}

bool linktype_make_up(struct linktype_frame *f, const struct cap_packet *p)
{
    struct eth_frame eth = {.type = 0};
    bool ok;
    switch (p->linktype) {
    case LINKTYPE_NULL: case LINKTYPE_LOOP: ok = from_raw(f, &eth, p, NULL_LEN); break;
    case LINKTYPE_SLL: case LINKTYPE_SLL2:  ok = from_cooked(f, &eth, p); break;
    default:                                ok = from_raw(f, &eth, p, 0); break;
    }
    static_assert(sizeof f->header == ETH_HDR_LEN, "room for the header");
    if (ok) eth_emit(&eth, f->header);
    return ok;
}
