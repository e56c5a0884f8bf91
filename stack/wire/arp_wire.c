// arp_wire.c - see arp_wire.h.
#include "wire/arp_wire.h"

enum { ARP_HW_ETHERNET = 1, ARP_PROTO_IP4 = 0x0800 };

enum drop arp_parse(struct arp_packet *arp, const uint8_t *p, size_t len)
{
    const struct arp_hdr *h = (const struct arp_hdr *)p;
    if (len < ARP_LEN) return DROP_ARP_TRUNCATED;
    if (get16(h->hw) != ARP_HW_ETHERNET || h->hw_len != sizeof h->sender_mac)
        return DROP_ARP_BAD_KIND;
    if (get16(h->proto) != ARP_PROTO_IP4 || h->proto_len != sizeof h->sender)
        return DROP_ARP_BAD_KIND;
    *arp = (struct arp_packet){
        .op = get16(h->op),
        .sender_mac = mac_of_bytes(h->sender_mac), .target_mac = mac_of_bytes(h->target_mac),
        .sender = addr_ip4_bytes(h->sender), .target = addr_ip4_bytes(h->target),
    };
    return DROP_NONE;
}

size_t arp_emit(const struct arp_packet *arp, uint8_t *p)
{
    struct arp_hdr *h = (struct arp_hdr *)p;
    put16(h->hw, ARP_HW_ETHERNET);
    put16(h->proto, ARP_PROTO_IP4);
    h->hw_len = sizeof h->sender_mac;
    h->proto_len = sizeof h->sender;
    put16(h->op, arp->op);
    memcpy(h->sender_mac, arp->sender_mac.b, sizeof h->sender_mac);
    memcpy(h->sender, arp->sender.b, sizeof h->sender);
    memcpy(h->target_mac, arp->target_mac.b, sizeof h->target_mac);
    memcpy(h->target, arp->target.b, sizeof h->target);
    return ARP_LEN;
}
