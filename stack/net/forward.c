// forward.c - see forward.h.
#include "net/forward.h"

#include "base/csum.h"
#include "net/eth.h"
#include "net/frag.h"
#include "net/icmp4.h"
#include "net/icmp6.h"
#include "net/ip.h"
#include "net/ndp.h"
#include "net/own.h"
#include "net/route.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"

// What to answer, in both families' words.
struct refusal { enum drop why; struct icmp4_message ip4; struct icmp6_message ip6; };

static void refuse(struct host *h, struct frame *f, const struct ip_info *ip,
                   const struct refusal *r)
{
    if (f->family == FAMILY_IP4) icmp4_complain(h, f, ip, &r->ip4);
    else icmp6_complain(h, f, ip, &r->ip6);
    host_drop(h, f, r->why);
}

static const struct refusal ttl_expired = {
    DROP_IP_TTL_EXPIRED, {.type = ICMP4_TIME_EXCEEDED, .code = ICMP4_TTL},
    {.type = ICMP6_TIME_EXCEEDED, .code = ICMP6_HOP_LIMIT}};
static const struct refusal no_route = {
    DROP_IP_NO_ROUTE, {.type = ICMP4_UNREACHABLE, .code = ICMP4_NET},
    {.type = ICMP6_UNREACHABLE, .code = ICMP6_NO_ROUTE}};
static const struct refusal beyond_scope = {
    DROP_IP_NO_ROUTE, {.type = ICMP4_UNREACHABLE, .code = ICMP4_HOST},
    {.type = ICMP6_UNREACHABLE, .code = ICMP6_SCOPE}};

// Names that mean something on one link only do not leave it (RFC 3927 §2.7, RFC 4291 §2.5.6).
static bool may_leave(struct addr a)
{
    if (addr_is_link_local(a) || addr_is_loopback(a) || addr_is_any(a)) return false;
    return a.family == FAMILY_IP6 || a.b[0] < 224;
}

// A super-frame stays one only while it can be cut: TCP, its checksum left to do.
static bool is_sound_super(const struct frame *f, const struct ip_info *ip)
{
    const struct tcp_hdr *t = (const struct tcp_hdr *)(f->head->data + f->l4);
    size_t there = f->start + f->head_len - f->l4;
    if (ip->proto != IP_PROTO_TCP || f->csum != CSUM_TODO || there < TCP_HDR_MIN) return false;
    size_t hdr_len = (size_t)(t->off >> 4) * 4;
    return hdr_len >= TCP_HDR_MIN && hdr_len < there;
}

static uint32_t mtu_of(const struct frame *f, const struct netif *n)
{
    return f->family == FAMILY_IP6 ? n->mtu6 : n->mtu;
}

// The longest packet that f will be on the wire.
static uint32_t wire_len(const struct frame *f)
{
    if (f->gso_size == 0) return f->len;
    const struct tcp_hdr *t = (const struct tcp_hdr *)(f->head->data + f->l4);
    return (uint32_t)(f->l4 - f->l3) + (uint32_t)(t->off >> 4) * 4 + f->gso_size;
}

static void count_hop(struct frame *f)
{
    uint8_t *p = frame_start(f);
    if (f->family == FAMILY_IP6) {
        ((struct ip6_hdr *)p)->hop_limit--;
        return;
    }
    struct ip4_hdr *ip = (struct ip4_hdr *)p;
    const uint8_t *word = p + offsetof(struct ip4_hdr, ttl);
    uint16_t was = get16(word);
    ip->ttl--;
    put16(ip->csum, csum_replace16(get16(ip->csum), was, get16(word)));
}

static bool may_cut(const struct frame *f)
{
    if (f->family == FAMILY_IP6 || f->gso_size > 0) return false;
    return (get16(((const struct ip4_hdr *)frame_start(f))->frag) & IP4_FRAG_DF) == 0;
}

// It leaves by the link it came from: the sender could have gone straight (RFC 1812 §5.2.7.2).
static void maybe_redirect(struct host *h, const struct frame *f, const struct ip_info *ip,
                           const struct way *way)
{
    if (way->netif != ip->netif || way->netif->point_to_point) return;
    if (f->family == FAMILY_IP6) {
        if (addr_is_link_local(way->hop) || !way->gateway)
            ndp_redirect(ip->netif, f, ip, way->hop);
        return;
    }
    struct way back;
    bool near = route_lookup(h, ip->src, &back) && back.netif == ip->netif && !back.gateway;
    if (h->set.send_redirects != 0 && near)
        icmp4_complain(h, f, ip, &(struct icmp4_message){.type = ICMP4_REDIRECT, .code = 1,
                                                         .gateway = way->hop});
}

static void send_on(struct host *h, struct frame *f, const struct ip_info *ip,
                    const struct way *way)
{
    uint32_t mtu = mtu_of(f, way->netif);
    bool fits = wire_len(f) <= mtu;
    if (!fits && !may_cut(f)) {
        refuse(h, f, ip, &(struct refusal){
            DROP_IP_TOO_BIG,
            {.type = ICMP4_UNREACHABLE, .code = ICMP4_FRAG_NEEDED, .mtu = (uint16_t)mtu},
            {.type = ICMP6_TOO_BIG, .mtu = mtu}});
        return;
    }
    maybe_redirect(h, f, ip, way);
    host_step(h, f, STEP_IP_FORWARD, 0, 0);
    f->why = SENT_FORWARDED;
    count_hop(f);
    if (fits) link_output(way, f);
    else frag_output(h, f, way, mtu);
}

void forward_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct way way;
    if (f->gso_size > 0 && !is_sound_super(f, ip)) f->gso_size = 0;
    // What is for all of some link is not sent on, nor told of (RFC 2644, RFC 1812 §4.3.2.7).
    bool many = ip->to_many || ip_is_broadcast(h, ip->dst);
    if (many || !may_leave(ip->dst)) host_drop(h, f, DROP_IP_NOT_MINE);
    else if (!may_leave(ip->src)) refuse(h, f, ip, &beyond_scope);
    else if (ip->ttl <= 1) refuse(h, f, ip, &ttl_expired);
    else if (!route_lookup(h, ip->dst, &way)) refuse(h, f, ip, &no_route);
    else if (f->family == FAMILY_IP6 && !way.netif->ip6) refuse(h, f, ip, &no_route);
    else send_on(h, f, ip, &way);
}

// --- the next hop is silent ----------------------------------------------------------------------

void forward_tell_sender(struct host *h, struct frame *f)
{
    struct ip_info info = {0};
    if (f->family == FAMILY_IP4) {
        struct ip4_packet ip;
        if (ip4_parse_quoted(&ip, frame_start(f), f->head_len) != DROP_NONE) return;
        info = (struct ip_info){.src = ip.src, .dst = ip.dst, .proto = ip.proto};
        if (ip.frag_offset > 0) return;
        icmp4_complain(h, f, &info, &(struct icmp4_message){.type = ICMP4_UNREACHABLE,
                                                            .code = ICMP4_HOST});
    } else {
        struct ip6_packet ip;
        if (ip6_parse_quoted(&ip, frame_start(f), f->head_len) != DROP_NONE) return;
        info = (struct ip_info){.src = ip.src, .dst = ip.dst, .proto = ip.proto};
        icmp6_complain(h, f, &info, &(struct icmp6_message){.type = ICMP6_UNREACHABLE,
                                                            .code = ICMP6_ADDRESS});
    }
}
