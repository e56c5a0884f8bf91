// ip6.c - see ip6.h.
#include "net/ip6.h"

#include "base/hash.h"
#include "net/anycast.h"
#include "net/eth.h"
#include "net/forward.h"
#include "net/frag.h"
#include "net/group.h"
#include "net/icmp6.h"
#include "net/own.h"
#include "net/pmtu.h"
#include "net/reass.h"
#include "net/route.h"
#include "wire/ip6_wire.h"

// --- in ----------------------------------------------------------------------------------------

static bool is_mapped_ip4(struct addr a)
{
    static const struct prefix mapped = {{FAMILY_IP6, {[10] = 0xff, 0xff}}, 96};
    return prefix_contains(mapped, a);
}

// A source names one station that is not us; only lo brings our own. None at all is for those who
// have no name yet (RFC 4291 §2.5.2), and a mapped IPv4 address does not travel on wires.
static bool source_is_sound(const struct netif *n, struct addr src)
{
    if (n->loopback) return ip_is_local(n->host, src);
    return !addr_is_multicast(src) && !addr_is_loopback(src) && !is_mapped_ip4(src)
        && !ip_is_local(n->host, src);
}

// Groups of scope 0 are reserved, and of scope 1 never leave a host (RFC 4291 §2.7).
static bool group_is_ours(const struct netif *n, struct addr dst)
{
    unsigned scope = dst.b[1] & 0xf;
    if (n->loopback) return scope != 0 && group_on_host(n->host, dst);
    return scope > 1 && group_has(n, dst);
}

static bool dst_is_ours(const struct netif *n, struct addr dst)
{
    if (addr_is_multicast(dst)) return group_is_ours(n, dst);
    if (addr_is_loopback(dst) && !n->loopback) return false;
    return ip_is_local(n->host, dst) || anycast_on_host(n->host, dst);
}

static enum drop check(const struct netif *n, const struct frame *f, struct ip6_packet *ip)
{
    enum drop why = ip6_parse(ip, frame_start(f), f->head_len);
    if (why != DROP_NONE) return why;
    if (!n->ip6) return DROP_IP_NOT_MINE;
    if (!source_is_sound(n, ip->src)) return DROP_IP_BAD_SOURCE;
    if (dst_is_ours(n, ip->dst)) return DROP_NONE;
    bool forwards = n->host->set.ip6_forwarding != 0 && !addr_is_multicast(ip->dst);
    return forwards ? DROP_NONE : DROP_IP_NOT_MINE;
}

// A header that must not be accepted: some of them are answered (RFC 8200 §4).
static void refuse_problem(struct host *h, struct frame *f, const struct ip_info *info,
                           const struct ip6_packet *ip)
{
    static const uint8_t code[] = {[IP6_PROBLEM_FIELD] = 0, [IP6_PROBLEM_NEXT] = 1,
                                   [IP6_PROBLEM_OPTION] = 2, [IP6_PROBLEM_OPTION_TO_US] = 2};
    bool silent = ip->problem == IP6_PROBLEM_SILENT
               || (ip->problem == IP6_PROBLEM_OPTION_TO_US && info->to_many);
    if (!silent)
        icmp6_complain(h, f, info, &(struct icmp6_message){
            .type = ICMP6_PARAM_PROBLEM, .code = code[ip->problem], .pointer = ip->problem_at});
    host_drop(h, f, DROP_IP6_PROBLEM);
}

static void deliver_whole(struct netif *n, struct frame *f, const struct ip_info *first)
{
    struct ip6_packet ip;
    enum drop why = ip6_parse(&ip, frame_start(f), f->head_len);
    if (why == DROP_NONE && ip6_is_fragment(&ip)) why = DROP_IP6_BAD_EXTENSION;
    if (why != DROP_NONE) {
        host_drop(n->host, f, why);
        return;
    }
    ip_mark(f, FAMILY_IP6, ip.hdr_len);
    struct ip_info info = *first;
    info.proto = ip.proto;
    info.next_at = ip.next_at;
    info.hdr_len = ip.hdr_len;
    info.tos = (uint8_t)(ip.dscp << 2 | ip.ecn);
    if (ip.problem != IP6_PROBLEM_NONE) refuse_problem(n->host, f, &info, &ip);
    else ip_deliver(n->host, f, &info);
}

// Whoever looks at a first fragment must see the ports behind its headers (RFC 7112): so it must
// hold all of them.
static bool headers_are_whole(const struct frame *f, const struct ip6_packet *ip)
{
    if (ip->frag_offset > 0) return true;
    size_t at = (size_t)ip->frag_at + IP6_FRAG_LEN, left = f->head_len - at;
    uint8_t next = frame_start(f)[ip->frag_at];
    for (int n = 0; ip6_is_extension(next); n++) {
        const uint8_t *p = frame_start(f) + at;
        if (n == IP6_EXT_MAX || left < 8) return false;
        size_t len = ((size_t)p[1] + 1) * 8;
        if (len > left) return false;
        next = p[0];
        at += len;
        left -= len;
    }
    return left >= (next == IP_PROTO_TCP ? 20 : next == IP_PROTO_NONE ? 0 : 8);
}

static void take_fragment(struct host *h, struct frame *f, struct ip_info *info,
                          const struct ip6_packet *ip)
{
    if (!headers_are_whole(f, ip)) {
        icmp6_complain(h, f, info, &(struct icmp6_message){.type = ICMP6_PARAM_PROBLEM, .code = 3});
        host_drop(h, f, DROP_FRAG_NO_HEADERS);
        return;
    }
    info->next_at = ip->frag_named_at;
    struct frame *whole = reass_add(h, f, &(struct fragment){
        .info = *info, .id = ip->frag_id, .at = ip->frag_offset, .more = ip->mf,
        .len = (uint32_t)(ip->payload_len + IP6_HDR_LEN - ip->hdr_len), .frag_at = ip->frag_at});
    if (whole != NULL) deliver_whole(info->netif, whole, info);
}

void ip6_input(struct netif *n, struct frame *f, bool to_many)
{
    struct host *h = n->host;
    struct ip6_packet ip;
    enum drop why = check(n, f, &ip);
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    frame_trim(f, (size_t)ip.payload_len + IP6_HDR_LEN);  // what the link added
    ip_mark(f, FAMILY_IP6, ip.hdr_len);
    struct ip_info info = {
        .src = ip.src, .dst = ip.dst, .netif = n, .proto = ip.proto, .ttl = ip.hop_limit,
        .tos = (uint8_t)(ip.dscp << 2 | ip.ecn), .next_at = ip.next_at, .hdr_len = ip.hdr_len,
        .to_many = to_many || addr_is_multicast(ip.dst),
        .shared = anycast_on_host(h, ip.dst) && !ip_is_local(h, ip.dst),
        .in_pieces = ip.has_frag, .router_alert = ip.router_alert,
    };
    // What stands behind the first headers is for whoever it is sent to.
    if (!dst_is_ours(n, ip.dst)) forward_input(h, f, &info);
    else if (ip.problem != IP6_PROBLEM_NONE) refuse_problem(h, f, &info, &ip);
    else if (ip6_is_fragment(&ip)) take_fragment(h, f, &info, &ip);
    else ip_deliver(h, f, &info);
}

// --- out ---------------------------------------------------------------------------------------

// One number for all packets of a conversation, which nobody can guess from another (RFC 6437 §3).
static uint32_t flow_label(const struct host *h, const struct frame *f, const struct ip_dest *d,
                           struct addr src)
{
    if (h->set.auto_flowlabels == 0) return 0;
    uint8_t name[2 + 16 + 16 + 4] = {'f', d->proto};
    memcpy(name + 2, src.b, 16);
    memcpy(name + 18, d->dst.b, 16);
    bool ports = d->proto == IP_PROTO_TCP || d->proto == IP_PROTO_UDP;
    if (ports && f->head_len >= 4) memcpy(name + 34, frame_start(f), 4);
    struct hash_key key = {h->key[0], h->key[1]};
    uint32_t label = (uint32_t)hash_bytes(&key, name, sizeof name) & 0xfffff;
    return label != 0 ? label : 1;
}

static uint8_t hop_limit(const struct host *h, const struct ip_dest *d, const struct netif *n)
{
    if (d->ttl != 0) return d->ttl;
    if (addr_is_multicast(d->dst)) return 1;
    return n->hop_limit != 0 ? n->hop_limit : (uint8_t)h->set.ip6_hop_limit;
}

static void put_header(struct host *h, struct frame *f, const struct ip_dest *d,
                       const struct way *way)
{
    struct ip6_packet ip = {
        .src = d->src.family != FAMILY_NONE ? d->src : way->src, .dst = d->dst,
        .proto = d->proto, .dscp = d->tos >> 2, .ecn = d->tos & 3,
        .hop_limit = hop_limit(h, d, way->netif), .router_alert = d->router_alert,
    };
    ip.flow = flow_label(h, f, d, ip.src);
    uint8_t hdr[IP6_EMIT_MAX];
    size_t len = ip6_emit(&ip, hdr);
    f->l4 = (uint16_t)f->start;
    put16(((struct ip6_hdr *)hdr)->payload_len, (uint16_t)(f->len + len - IP6_HDR_LEN));
    memcpy(frame_push(f, len), hdr, len);
    f->l3 = (uint16_t)f->start;
}

static enum drop may_go(const struct host *h, const struct frame *f, const struct ip_dest *d,
                        const struct way *way)
{
    if (!way->netif->ip6) return DROP_IP_NO_ROUTE;
    if (d->src.family == FAMILY_NONE && way->src.family == FAMILY_NONE) return DROP_IP_NO_SOURCE;
    size_t len = (size_t)f->len + (d->router_alert ? 8 : 0);
    if (len > UINT16_MAX) return DROP_IP_TOO_BIG;
    uint32_t mtu = ip_way_mtu(h, d->dst, way);
    bool fits = f->gso_size > 0 || len + IP6_HDR_LEN <= mtu;
    return fits || !d->dont_fragment ? DROP_NONE : DROP_IP_TOO_BIG;
}

void ip6_output(struct host *h, struct frame *f, const struct ip_dest *d)
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

void ip6_tell_sender(struct host *h, const struct frame *f, int error)
{
    struct ip6_packet ip;
    if (ip6_parse_quoted(&ip, frame_start(f), f->head_len) != DROP_NONE) return;
    const struct proto *p = host_proto(h, ip.proto);
    if (p == NULL || p->error == NULL || f->head_len - ip.hdr_len < 8) return;
    p->error(h, &(struct ip_error){
        .src = ip.src, .dst = ip.dst, .from = ip.src, .proto = ip.proto,
        .quoted = frame_start(f) + ip.hdr_len, .quoted_len = f->head_len - ip.hdr_len,
        .error = error, .local = true});
}
