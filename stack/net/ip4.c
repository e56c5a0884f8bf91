// ip4.c - see ip4.h.
#include "net/ip4.h"

#include "base/hash.h"
#include "net/eth.h"
#include "net/forward.h"
#include "net/frag.h"
#include "net/gso.h"
#include "net/group.h"
#include "net/icmp4.h"
#include "net/own.h"
#include "net/pmtu.h"
#include "net/reass.h"
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

// Who has no name yet may ask all of the link for one (RFC 1122 §3.2.1.3 a), and tell or ask of
// groups: so do switches, which need no name (RFC 3376 §4.2.13, RFC 4541 §2.1.1).
static bool is_nameless(const struct ip4_packet *ip)
{
    bool of_groups = ip->proto == IP_PROTO_IGMP && addr_is_multicast(ip->dst);
    return addr_is_any(ip->src) && (addr_is_broadcast(ip->dst) || of_groups);
}

static bool dst_is_many(const struct netif *n, struct addr dst)
{
    if (n->loopback) return ip_is_broadcast(n->host, dst) || group_on_host(n->host, dst);
    return addr_is_broadcast(dst) || netif_is_broadcast(n, dst) || group_has(n, dst);
}

// Any address of ours is taken from any link, as on Linux; but 127/8 never travels on a wire.
static bool dst_is_ours(const struct netif *n, struct addr dst)
{
    if (addr_is_loopback(dst) && !n->loopback) return false;
    return ip_is_local(n->host, dst);
}

enum whose { OURS, MANYS, ANOTHERS };

// A source route is the way of whoever wants to be where he may not; so nobody follows one unless
// the settings say so, and we never do (RFC 7126 §4.3, §4.4). Where they do, a packet whose route
// is at its end is for us, and no other (RFC 1122 §3.2.1.8).
// RFC 9293: MUST-50.
static enum drop check(const struct netif *n, const struct frame *f, struct ip4_packet *ip,
                       enum whose *whose)
{
    enum drop why = ip4_parse(ip, frame_start(f), f->head_len);
    if (why != DROP_NONE) return why;
    if (!ip4_csum_ok(frame_start(f), ip->hdr_len)) return DROP_IP4_BAD_CSUM;
    if (!is_nameless(ip) && !source_is_sound(n, ip->src)) return DROP_IP_BAD_SOURCE;
    if (ip->source_route && n->host->set.accept_source_route == 0) return DROP_IP4_SOURCE_ROUTE;
    if (ip->source_route_left) return DROP_IP4_SOURCE_ROUTE;
    if (dst_is_ours(n, ip->dst)) *whose = OURS;
    else if (dst_is_many(n, ip->dst)) *whose = MANYS;
    else *whose = ANOTHERS;
    return *whose != ANOTHERS || n->host->set.ip_forward != 0 ? DROP_NONE : DROP_IP_NOT_MINE;
}

// The whole packet, if this was the last piece that was missing. Its header is the first piece's.
static struct frame *put_together(struct host *h, struct frame *f, struct ip_info *info,
                                  const struct ip4_packet *ip)
{
    struct frame *whole = reass_add(h, f, &(struct fragment){
        .info = *info, .id = ip->id, .at = ip->frag_offset, .more = ip->mf,
        .len = (uint32_t)ip->total_len - ip->hdr_len});
    if (whole == NULL) return NULL;
    const struct ip4_hdr *hdr = (const struct ip4_hdr *)frame_start(whole);
    info->hdr_len = (uint16_t)((hdr->ver_ihl & 15) * 4);
    info->tos = hdr->tos;
    info->ttl = hdr->ttl;
    ip_mark(whole, FAMILY_IP4, info->hdr_len);
    return whole;
}

// An option that breaks its bounds is told of, if all else is sound (RFC 1122 §3.2.2.5).
static void refuse_option(struct netif *n, struct frame *f, bool to_many)
{
    const struct ip4_hdr *hdr = (const struct ip4_hdr *)frame_start(f);
    size_t hdr_len = (size_t)(hdr->ver_ihl & 15) * 4;
    struct ip_info info = {.src = addr_ip4_bytes(hdr->src), .dst = addr_ip4_bytes(hdr->dst),
                           .netif = n, .proto = hdr->proto, .to_many = to_many};
    if (ip4_csum_ok(frame_start(f), hdr_len) && source_is_sound(n, info.src)
        && dst_is_ours(n, info.dst)) {
        ip_mark(f, FAMILY_IP4, hdr_len);
        icmp4_complain(n->host, f, &info, &(struct icmp4_message){
            .type = ICMP4_PARAM_PROBLEM, .pointer = ip4_bad_option(frame_start(f), hdr_len)});
    }
    host_drop(n->host, f, DROP_IP4_BAD_OPTION);
}

void ip4_input(struct netif *n, struct frame *f, bool to_many)
{
    struct host *h = n->host;
    struct ip4_packet ip;
    enum whose whose;
    enum drop why = check(n, f, &ip, &whose);
    if (why == DROP_IP4_BAD_OPTION) {
        refuse_option(n, f, to_many);
        return;
    }
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    frame_trim(f, ip.total_len);  // what Ethernet added to fill its least length
    ip_mark(f, FAMILY_IP4, ip.hdr_len);
    struct ip_info info = {
        .src = ip.src, .dst = ip.dst, .netif = n, .proto = ip.proto, .ttl = ip.ttl,
        .tos = (uint8_t)(ip.dscp << 2 | ip.ecn), .hdr_len = ip.hdr_len,
        .to_many = to_many || whose == MANYS,
    };
    if (whose == ANOTHERS) {
        forward_input(h, f, &info);
        return;
    }
    if (ip4_is_fragment(&ip)) f = put_together(h, f, &info, &ip);
    if (f != NULL) ip_deliver(h, f, &info);
}

// --- out ---------------------------------------------------------------------------------------

// The identification matters only to fragments: a packet that may not be cut carries none
// (RFC 6864 §4.1). Others count, by pair of addresses, from a place that strangers cannot guess.
static uint16_t new_id(struct host *h, const struct ip_dest *d, uint32_t packets)
{
    uint8_t pair[10] = {'i', d->proto};
    memcpy(pair + 2, d->src.b, 4);
    memcpy(pair + 6, d->dst.b, 4);
    struct hash_key key = {h->key[0], h->key[1]};
    uint64_t hash = hash_bytes(&key, pair, sizeof pair);
    uint16_t *last = &h->ip_ids[hash % IP_IDS];
    uint16_t first = *last;
    *last = (uint16_t)(first + packets);
    return (uint16_t)((hash >> 32) + first);
}

static size_t ip4_header_len(const struct ip_dest *d)
{
    size_t options = d->router_alert ? 4 : d->options_len;
    return IP4_HDR_MIN + options;
}

static void put_options(uint8_t *p, const struct ip_dest *d)
{
    memcpy(p + IP4_HDR_MIN, d->options, d->options_len);
    p[0] = (uint8_t)(4 << 4 | (IP4_HDR_MIN + d->options_len) / 4);
    ip4_fix_csum(p, IP4_HDR_MIN + (size_t)d->options_len);
}

static bool may_cut(const struct host *h, const struct ip_dest *d, const struct netif *n)
{
    return !d->dont_fragment || (d->unless_tiny && pmtu_is_tiny(h, d->dst, n->mtu));
}

static void put_header(struct host *h, struct frame *f, const struct ip_dest *d,
                       const struct way *way)
{
    size_t len = ip4_header_len(d);
    struct addr src = d->src.family != FAMILY_NONE ? d->src : way->src;
    struct ip4_packet ip = {
        .src = src, .dst = d->dst, .total_len = (uint16_t)(f->len + len),
        .df = !may_cut(h, d, way->netif), .proto = d->proto, .dscp = d->tos >> 2, .ecn = d->tos & 3,
        .router_alert = d->router_alert,
        .ttl = d->ttl != 0 ? d->ttl : (uint8_t)h->set.ip_default_ttl,
    };
    struct ip_dest pair = *d;
    pair.src = src;
    if (!ip.df) ip.id = new_id(h, &pair, gso_segments(f));
    f->l4 = (uint16_t)f->start;
    uint8_t *p = frame_push(f, len);
    ip4_emit(&ip, p);
    if (!d->router_alert && d->options_len > 0) put_options(p, d);
    f->l3 = (uint16_t)f->start;
}

static enum drop may_go(const struct host *h, const struct frame *f, const struct ip_dest *d,
                        const struct way *way)
{
    if (d->src.family == FAMILY_NONE && way->src.family == FAMILY_NONE) return DROP_IP_NO_SOURCE;
    size_t len = f->len + ip4_header_len(d);
    if (len > IP4_LEN_MAX) return DROP_IP_TOO_BIG;
    bool fits = f->gso_size > 0 || len <= ip_way_mtu(h, d->dst, way);
    return fits || may_cut(h, d, way->netif) ? DROP_NONE : DROP_IP_TOO_BIG;
}

void ip4_output(struct host *h, struct frame *f, const struct ip_dest *d)
{
    struct way way;
    enum drop why = DROP_IP_NO_ROUTE;
    if (route_lookup_on(h, d->dst, d->netif, &way)) why = may_go(h, f, d, &way);
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    put_header(h, f, d, &way);
    host_step(h, f, way.gateway ? STEP_IP_GATEWAY : STEP_IP_ONLINK, f->conn,
              (size_t)(f->l4 - f->l3));
    uint32_t mtu = ip_way_mtu(h, d->dst, &way);
    if (f->gso_size == 0 && f->len > mtu) frag_output(h, f, &way, mtu);
    else link_output(&way, f);
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
