// arp.c - see arp.h.
#include "net/arp.h"

#include "net/eth.h"
#include "net/neigh.h"
#include "net/own.h"
#include "net/source.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"

static void output(struct netif *n, const struct arp_packet *arp, struct mac dst, enum sent why)
{
    struct frame *f = frame_new(&n->host->pool);
    if (f == NULL) return;  // it will be asked again, or ask again
    arp_emit(arp, frame_push(f, ARP_LEN));
    f->why = (uint8_t)why;
    host_frame_id(n->host, f);
    eth_output(n, f, dst, ETH_TYPE_ARP);
}

void arp_ask(struct netif *n, struct addr target, const struct mac *only)
{
    struct arp_packet arp = {.op = ARP_REQUEST, .sender_mac = n->mac, .target = target,
                             .sender = source_pick(n, target)};
    if (arp.sender.family == FAMILY_NONE) arp.sender = addr_any(FAMILY_IP4);
    if (only != NULL) output(n, &arp, *only, SENT_ARP_PROBE);
    else output(n, &arp, MAC_BROADCAST, SENT_ARP_REQUEST);
}

void arp_probe(struct netif *n, struct addr target)
{
    struct arp_packet arp = {.op = ARP_REQUEST, .sender_mac = n->mac, .target = target,
                             .sender = addr_any(FAMILY_IP4)};
    output(n, &arp, MAC_BROADCAST, SENT_ADDR_PROBE);
}

void arp_announce(struct netif *n, struct addr ours)
{
    struct arp_packet arp = {.op = ARP_REQUEST, .sender_mac = n->mac, .target = ours,
                             .sender = ours};
    output(n, &arp, MAC_BROADCAST, SENT_ARP_ANNOUNCE);
}

static void answer(struct netif *n, const struct arp_packet *question)
{
    struct arp_packet arp = {.op = ARP_REPLY, .sender_mac = n->mac, .sender = question->target,
                             .target_mac = question->sender_mac, .target = question->sender};
    output(n, &arp, question->sender_mac, SENT_ARP_REPLY);
}

// Could a station be called so? 0.0.0.0 could: one that asks whether an address is free (RFC 5227).
// One that bears our own name is in conflict with us and is not believed.
static bool sender_is_sound(const struct netif *n, const struct arp_packet *arp)
{
    if (mac_is_group(arp->sender_mac) || mac_is_zero(arp->sender_mac)) return false;
    if (addr_is_any(arp->sender)) return arp->op == ARP_REQUEST;
    return !addr_is_multicast(arp->sender) && !addr_is_broadcast(arp->sender)
        && !addr_is_loopback(arp->sender) && !netif_is_broadcast(n, arp->sender)
        && !netif_has_addr(n, arp->sender);
}

static bool is_on_link(const struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->addrs; i++)
        if (prefix_contains(n->addr[i].prefix, a)) return true;
    return false;
}

// Another station says that an address is its own which we have, or want to have; or it asks, like
// us, whether it is free (RFC 5227 §2.1.1, §2.4).
static bool meets_our_name(struct netif *n, const struct arp_packet *arp)
{
    struct own_addr *own = own_find(n, arp->sender);
    bool asks = addr_is_any(arp->sender) && arp->op == ARP_REQUEST;
    if (own == NULL && asks) {
        own = own_find(n, arp->target);
        if (own != NULL && own->state != OWN_TENTATIVE) own = NULL;
    }
    if (own == NULL || mac_eq(arp->sender_mac, n->mac)) return false;
    own_conflict(n, own, arp->sender_mac);
    return true;
}

// What to do with a packet, as RFC 826 has it: merge, then, if we are the target, add and answer.
static enum drop serve(struct netif *n, struct frame *f, const struct arp_packet *arp)
{
    if (arp->op != ARP_REQUEST && arp->op != ARP_REPLY) return DROP_ARP_BAD_KIND;
    if (meets_our_name(n, arp)) return DROP_ARP_CONFLICT;
    if (!sender_is_sound(n, arp)) return DROP_ARP_BAD_SENDER;
    bool for_us = netif_has_addr(n, arp->target);
    bool merged = neigh_heard(n, arp->sender, arp->sender_mac, arp->op == ARP_REPLY && for_us);
    if (merged) host_step(n->host, f, STEP_ARP_LEARN, 0, ARP_LEN);
    if (arp->op == ARP_REPLY) return merged ? DROP_NONE : DROP_ARP_UNASKED;
    if (!for_us) return merged ? DROP_NONE : DROP_ARP_NOT_MINE;

    if (!merged && !addr_is_any(arp->sender) && is_on_link(n, arp->sender)) {
        enum drop why = neigh_meet(n, arp->sender, arp->sender_mac);
        if (why != DROP_NONE) return why;
        host_step(n->host, f, STEP_ARP_LEARN, 0, ARP_LEN);
    }
    answer(n, arp);
    return DROP_NONE;
}

void arp_input(struct netif *n, struct frame *f)
{
    struct arp_packet arp;
    enum drop why = arp_parse(&arp, frame_start(f), f->head_len);
    if (why == DROP_NONE) why = serve(n, f, &arp);
    if (why == DROP_NONE) frame_free(f);
    else host_drop(n->host, f, why);
}
