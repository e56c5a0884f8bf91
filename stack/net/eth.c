// eth.c - see eth.h. The one place that knows which EtherType goes where.
#include "net/eth.h"

#include "net/arp.h"
#include "net/group.h"
#include "net/ip4.h"
#include "net/ip6.h"
#include "net/neigh.h"
#include "net/route.h"
#include "wire/eth_wire.h"
#include "wire/vlan_wire.h"

// An interface in a VLAN hears that VLAN alone, and one in none what has no tag, or a tag of VLAN
// 0, which only says how urgent a frame is (802.1Q §6.9). eth gets the type of what follows.
static enum drop take_tag(const struct netif *n, const struct frame *f, struct eth_frame *eth,
                          size_t *hdr_len)
{
    struct vlan_tag tag = {.vlan = 0};
    if (eth->type == ETH_TYPE_VLAN) {
        enum drop why = vlan_parse(&tag, frame_start(f) + *hdr_len, f->head_len - *hdr_len);
        if (why != DROP_NONE) return why;
        eth->type = tag.type;
        *hdr_len += VLAN_TAG_LEN;
    }
    return tag.vlan == n->vlan ? DROP_NONE : DROP_VLAN_NOT_MINE;
}

void eth_input(struct netif *n, struct frame *f)
{
    struct host *h = n->host;
    struct eth_frame eth;
    enum drop why = eth_parse(&eth, frame_start(f), f->head_len);
    bool to_many = why == DROP_NONE && mac_is_group(eth.dst);
    if (why == DROP_NONE && !mac_eq(eth.dst, n->mac) && !mac_is_broadcast(eth.dst)
        && !(to_many && group_hears(n, eth.dst)))
        why = DROP_ETH_NOT_MINE;
    size_t hdr_len = ETH_HDR_LEN;
    if (why == DROP_NONE) why = take_tag(n, f, &eth, &hdr_len);
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    host_step(h, f, to_many ? STEP_ETH_BROADCAST : STEP_ETH_MINE, 0, hdr_len);
    f->l2 = (uint16_t)f->start;
    frame_pull(f, hdr_len);
    switch (eth.type) {
    case ETH_TYPE_ARP: arp_input(n, f); break;
    case ETH_TYPE_IP4: ip4_input(n, f, to_many); break;
    case ETH_TYPE_IP6: ip6_input(n, f, to_many); break;
    default:           host_drop(h, f, DROP_ETH_UNKNOWN_TYPE); break;
    }
}

uint16_t eth_type_of(uint8_t family)
{
    return family == FAMILY_IP6 ? ETH_TYPE_IP6 : ETH_TYPE_IP4;
}

void eth_output(struct netif *n, struct frame *f, struct mac dst, uint16_t type)
{
    size_t hdr_len = ETH_HDR_LEN;
    if (n->vlan != 0) {
        vlan_emit(&(struct vlan_tag){.vlan = n->vlan, .type = type}, frame_push(f, VLAN_TAG_LEN));
        hdr_len += VLAN_TAG_LEN;
        type = ETH_TYPE_VLAN;
    }
    eth_emit(&(struct eth_frame){.dst = dst, .src = n->mac, .type = type},
             frame_push(f, ETH_HDR_LEN));
    host_step(n->host, f, STEP_ETH_SEND, f->conn, hdr_len);
    netif_enqueue(n, f);
}

struct mac eth_sender(const struct frame *f)
{
    return mac_of_bytes(((const struct eth_hdr *)(f->head->data + f->l2))->src);
}

void link_output(const struct way *way, struct frame *f)
{
    struct netif *n = way->netif;
    uint16_t type = eth_type_of(f->family);
    if (n->loopback || n->point_to_point) eth_output(n, f, n->peer, type);
    else if (!way->to_many) neigh_output(n, way->hop, f);
    else eth_output(n, f, addr_is_multicast(way->hop) ? mac_of_multicast(way->hop)
                                                      : MAC_BROADCAST, type);
}
