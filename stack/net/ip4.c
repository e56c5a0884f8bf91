// ip4.c - see ip4.h.
#include "net/ip4.h"

#include "base/hash.h"
#include "net/eth.h"
#include "net/icmp4.h"
#include "net/neigh.h"
#include "net/route.h"
#include "wire/ip4_wire.h"

// --- in ----------------------------------------------------------------------------------------

// A source must name one station that is not us (RFC 1122 §3.2.1.3); only lo brings our own.
static bool source_is_sound(const struct netif *n, struct addr src)
{
    if (n->loopback) return ip_is_local(n->host, src);
    return src.b[0] != 0 && src.b[0] < 0xe0  // neither "this network" nor multicast nor reserved
        && !netif_is_broadcast(n, src) && !ip_is_local(n->host, src);
}

static bool dst_is_many(const struct netif *n, struct addr dst)
{
    return addr_is_broadcast(dst) || netif_is_broadcast(n, dst)
        || addr_eq(dst, addr_ip4(0xe0000001));  // the group every host is in (RFC 1112 §4)
}

// Any address of ours is taken from any link, as on Linux; but 127/8 never travels on a wire.
static bool dst_is_ours(const struct netif *n, struct addr dst)
{
    if (addr_is_loopback(dst) && !n->loopback) return false;
    return ip_is_local(n->host, dst);
}

static enum drop check(const struct netif *n, const struct frame *f, struct ip4_packet *ip,
                       bool *to_many)
{
    enum drop why = ip4_parse(ip, frame_start(f), f->head_len);
    if (why != DROP_NONE) return why;
    if (!ip4_csum_ok(frame_start(f), ip->hdr_len)) return DROP_IP4_BAD_CSUM;
    if (!source_is_sound(n, ip->src)) return DROP_IP4_BAD_SOURCE;
    if (dst_is_ours(n, ip->dst)) return DROP_NONE;
    *to_many = dst_is_many(n, ip->dst);
    return *to_many ? DROP_NONE : DROP_IP_NOT_MINE;
}

// Hands a whole packet to its protocol. f begins with the IP header.
static void deliver(struct host *h, struct frame *f, const struct ip_info *ip, size_t hdr_len)
{
    host_step(h, f, STEP_IP_MINE, 0, hdr_len);
    frame_pull(f, hdr_len);
    const struct proto *p = host_proto(h, ip->proto);
    if (p != NULL) {
        p->input(h, f, ip);
        return;
    }
    icmp4_refuse(h, f, ip, ICMP4_PROTO);
    host_drop(h, f, DROP_IP_NO_PROTOCOL);
}

void ip4_input(struct netif *n, struct frame *f, bool to_many)
{
    struct host *h = n->host;
    struct ip4_packet ip;
    enum drop why = check(n, f, &ip, &to_many);
    if (why == DROP_NONE && ip4_is_fragment(&ip)) why = DROP_IP_FRAGMENT;
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    frame_trim(f, ip.total_len);  // what Ethernet added to fill its least length
    f->family = FAMILY_IP4;
    f->l3 = (uint16_t)f->start;
    uint16_t l4 = (uint16_t)(f->start + ip.hdr_len);
    // Whoever vouches for a checksum must have meant the same bytes.
    if (f->csum == CSUM_TODO && f->l4 != l4) f->csum = CSUM_NONE;
    f->l4 = l4;
    struct ip_info info = {
        .src = ip.src, .dst = ip.dst, .netif = n, .proto = ip.proto, .ttl = ip.ttl,
        .tos = (uint8_t)(ip.dscp << 2 | ip.ecn), .to_many = to_many,
    };
    deliver(h, f, &info, ip.hdr_len);
}

// --- out ---------------------------------------------------------------------------------------

// The identification matters only to fragments: a packet that may not be cut carries none
// (RFC 6864 §4.1). Others count, by pair of addresses, from a place that strangers cannot guess.
static uint16_t new_id(struct host *h, const struct ip_dest *d)
{
    if (d->dont_fragment) return 0;
    uint8_t pair[10] = {'i', d->proto};
    memcpy(pair + 2, d->src.b, 4);
    memcpy(pair + 6, d->dst.b, 4);
    struct hash_key key = {h->key[0], h->key[1]};
    uint64_t hash = hash_bytes(&key, pair, sizeof pair);
    return (uint16_t)((hash >> 32) + h->ip_ids[hash % IP_IDS]++);
}

static void put_header(struct host *h, struct frame *f, const struct ip_dest *d, struct addr src)
{
    struct ip4_packet ip = {
        .src = src, .dst = d->dst, .total_len = (uint16_t)(f->len + IP4_HDR_MIN),
        .df = d->dont_fragment, .proto = d->proto, .dscp = d->tos >> 2, .ecn = d->tos & 3,
        .ttl = d->ttl != 0 ? d->ttl : (uint8_t)h->set.ip_default_ttl,
    };
    struct ip_dest pair = *d;
    pair.src = src;
    ip.id = new_id(h, &pair);
    f->l4 = (uint16_t)f->start;
    ip4_emit(&ip, frame_push(f, IP4_HDR_MIN));
    f->l3 = (uint16_t)f->start;
}

static enum drop may_go(const struct frame *f, const struct ip_dest *d, const struct way *way)
{
    if (d->src.family == FAMILY_NONE && way->src.family == FAMILY_NONE) return DROP_IP_NO_SOURCE;
    size_t len = f->len + IP4_HDR_MIN;
    if (len > IP4_LEN_MAX || (f->gso_size == 0 && len > way->netif->mtu)) return DROP_IP_TOO_BIG;
    return DROP_NONE;
}

void ip4_output(struct host *h, struct frame *f, const struct ip_dest *d)
{
    struct way way;
    enum drop why = DROP_IP_NO_ROUTE;
    if (route_lookup(h, d->dst, &way)) why = may_go(f, d, &way);
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    put_header(h, f, d, d->src.family != FAMILY_NONE ? d->src : way.src);
    host_step(h, f, way.gateway ? STEP_IP_GATEWAY : STEP_IP_ONLINK, f->conn, IP4_HDR_MIN);
    if (way.netif->loopback) eth_output(way.netif, f, way.netif->mac, eth_type_of(FAMILY_IP4));
    else if (!way.to_many) neigh_output(way.netif, way.hop, f);
    else eth_output(way.netif, f, addr_is_multicast(d->dst) ? mac_of_multicast(d->dst)
                                                            : MAC_BROADCAST,
                    eth_type_of(FAMILY_IP4));
}

void ip4_tell_sender(struct host *h, const struct frame *f, int error)
{
    struct ip4_packet ip;
    if (ip4_parse_quoted(&ip, frame_start(f), f->head_len) != DROP_NONE) return;
    const struct proto *p = host_proto(h, ip.proto);
    if (p == NULL || p->error == NULL || f->head_len - ip.hdr_len < 8) return;
    p->error(h, &(struct ip_error){
        .src = ip.src, .dst = ip.dst, .from = ip.src, .proto = ip.proto,
        .quoted = frame_start(f) + ip.hdr_len, .quoted_len = f->head_len - ip.hdr_len,
        .error = error, .local = true});
}
