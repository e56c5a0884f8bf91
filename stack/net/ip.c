// ip.c - see ip.h. The one place that tells the families apart on the way down and in questions
// that upper protocols ask; on the way up, eth.c does.
#include "net/ip.h"

#include <errno.h>

#include "net/forward.h"
#include "net/gso.h"
#include "net/icmp4.h"
#include "net/icmp6.h"
#include "net/ip4.h"
#include "net/ip6.h"
#include "net/own.h"
#include "net/pmtu.h"
#include "net/route.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

bool ip_speaks(uint8_t family) { return family == FAMILY_IP4 || family == FAMILY_IP6; }

uint32_t ip_header_len(uint8_t family)
{
    return family == FAMILY_IP6 ? IP6_HDR_LEN : IP4_HDR_MIN;
}

struct addr ip_loopback(uint8_t family)
{
    if (family == FAMILY_IP4) return addr_ip4(0x7f000001);
    return (struct addr){.family = family, .b[15] = 1};
}

struct addr ip_sender(const struct frame *f)
{
    const uint8_t *p = f->head->data + f->l3;
    if (f->family == FAMILY_IP4) return addr_ip4_bytes(((const struct ip4_hdr *)p)->src);
    return addr_ip6_bytes(((const struct ip6_hdr *)p)->src);
}

struct addr ip_receiver(const struct frame *f)
{
    const uint8_t *p = f->head->data + f->l3;
    if (f->family == FAMILY_IP4) return addr_ip4_bytes(((const struct ip4_hdr *)p)->dst);
    return addr_ip6_bytes(((const struct ip6_hdr *)p)->dst);
}

uint8_t ip_ttl(const struct frame *f)
{
    const uint8_t *p = f->head->data + f->l3;
    if (f->family == FAMILY_IP4) return ((const struct ip4_hdr *)p)->ttl;
    return ((const struct ip6_hdr *)p)->hop_limit;
}

uint8_t ip_tos(const struct frame *f)
{
    const uint8_t *p = f->head->data + f->l3;
    if (f->family == FAMILY_IP4) return ((const struct ip4_hdr *)p)->tos;
    return (uint8_t)(get16(p) >> 4);
}

size_t ip_options(const struct frame *f, uint8_t to[40])
{
    if (f->family != FAMILY_IP4) return 0;
    size_t len = (size_t)(f->l4 - f->l3) - IP4_HDR_MIN;
    memcpy(to, f->head->data + f->l3 + IP4_HDR_MIN, len);
    return len;
}

int ip_check_options(const uint8_t *p, size_t len)
{
    uint8_t hdr[IP4_HDR_MAX] = {0};
    if (len % 4 != 0 || len > IP4_HDR_MAX - IP4_HDR_MIN) return -EINVAL;
    hdr[0] = (uint8_t)(4u << 4 | (IP4_HDR_MIN + len) / 4);
    hdr[3] = (uint8_t)(IP4_HDR_MIN + len);
    if (len > 0) memcpy(hdr + IP4_HDR_MIN, p, len);
    struct ip4_packet ip;
    bool sound = ip4_parse(&ip, hdr, IP4_HDR_MIN + len) == DROP_NONE && !ip.source_route;
    return sound ? 0 : -EINVAL;
}

void ip_output(struct host *h, struct frame *f, const struct ip_dest *d)
{
    f->family = d->dst.family;
    host_frame_id(h, f);
    if (f->family == FAMILY_IP4) ip4_output(h, f, d);
    else if (f->family == FAMILY_IP6) ip6_output(h, f, d);
    else host_drop(h, f, DROP_IP_NO_ROUTE);
}

void ip_mark(struct frame *f, uint8_t family, size_t hdr_len)
{
    f->family = family;
    f->l3 = (uint16_t)f->start;
    uint16_t l4 = (uint16_t)(f->start + hdr_len);
    // Whoever vouches for a checksum must have meant the same bytes.
    if (f->csum == CSUM_TODO && f->l4 != l4) f->csum = CSUM_NONE;
    f->l4 = l4;
}

// Some protocols belong to one family, though both share the numbers.
static const struct proto *proto_for(const struct host *h, uint8_t family, uint8_t number)
{
    bool ip4_only = number == IP_PROTO_ICMP4 || number == IP_PROTO_IGMP;
    if (ip4_only && family != FAMILY_IP4) return NULL;
    if (number == IP_PROTO_ICMP6 && family != FAMILY_IP6) return NULL;
    return host_proto(h, number);
}

static void refuse_proto(struct host *h, const struct frame *f, const struct ip_info *ip)
{
    if (f->family == FAMILY_IP4) {
        icmp4_complain(h, f, ip, &(struct icmp4_message){.type = ICMP4_UNREACHABLE,
                                                         .code = ICMP4_PROTO});
    } else if (ip->proto != IP_PROTO_NONE) {  // "no next header" says itself that there is nothing
        icmp6_complain(h, f, ip, &(struct icmp6_message){.type = ICMP6_PARAM_PROBLEM, .code = 1,
                                                         .pointer = ip->next_at});
    }
}

void ip_deliver(struct host *h, struct frame *f, const struct ip_info *ip)
{
    host_step(h, f, STEP_IP_MINE, 0, ip->hdr_len);
    frame_pull(f, ip->hdr_len);
    const struct proto *p = proto_for(h, f->family, ip->proto);
    if (p != NULL) {
        h->count.delivered[ip->proto] += gso_segments(f);
        p->input(h, f, ip);
        return;
    }
    refuse_proto(h, f, ip);
    host_drop(h, f, DROP_IP_NO_PROTOCOL);
}

void ip_refuse_port(struct host *h, const struct frame *f, const struct ip_info *ip)
{
    if (f->family == FAMILY_IP4)
        icmp4_complain(h, f, ip, &(struct icmp4_message){.type = ICMP4_UNREACHABLE,
                                                         .code = ICMP4_PORT});
    else
        icmp6_complain(h, f, ip, &(struct icmp6_message){.type = ICMP6_UNREACHABLE,
                                                         .code = ICMP6_PORT});
}

void ip_believe(struct host *h, const struct ip_error *e)
{
    struct way way;
    if (e->error != EMSGSIZE) return;
    if (route_lookup(h, e->dst, &way) && way.metrics.mtu_locked) return;  // we know better
    struct ip_path path;
    uint32_t mtu = e->mtu;
    if (mtu == 0) {  // RFC 1191 §5: an old router; some of them tell a wrong length, too
        bool known = ip_path(h, e->dst, &path) == 0 && path.mtu < e->len;
        mtu = pmtu_below(known ? path.mtu : e->len);
    }
    pmtu_learn(h, e->dst, mtu);
}

void ip_tell_sender(struct host *h, struct frame *f, int error)
{
    if (f->why == SENT_FORWARDED) forward_tell_sender(h, f);
    else if (f->family == FAMILY_IP4) ip4_tell_sender(h, f, error);
    else ip6_tell_sender(h, f, error);
}

uint32_t ip_way_mtu(const struct host *h, struct addr dst, const struct way *way)
{
    uint32_t mtu = dst.family == FAMILY_IP6 ? way->netif->mtu6 : way->netif->mtu;
    if (way->metrics.mtu != 0 && way->metrics.mtu < mtu) mtu = way->metrics.mtu;
    return way->metrics.mtu_locked ? mtu : pmtu_of(h, dst, mtu);
}

int ip_path_on(struct host *h, struct addr dst, struct netif *n, struct ip_path *path)
{
    struct way way;
    if (!ip_speaks(dst.family) || !route_lookup_on(h, dst, n, &way)) return -ENETUNREACH;
    // Who has no name yet asks all of its link for one (RFC 1122 §3.2.1.3 a).
    if (way.src.family == FAMILY_NONE && addr_is_broadcast(dst)) way.src = addr_any(FAMILY_IP4);
    if (way.src.family == FAMILY_NONE) return -EADDRNOTAVAIL;
    uint32_t mtu = dst.family == FAMILY_IP6 ? way.netif->mtu6 : way.netif->mtu;
    *path = (struct ip_path){.netif = way.netif, .src = way.src, .mtu = ip_way_mtu(h, dst, &way),
                             .link_mtu = mtu, .offload = way.netif->offload,
                             .mss = way.metrics.mss, .initcwnd = way.metrics.initcwnd};
    return 0;
}

int ip_path(struct host *h, struct addr dst, struct ip_path *path)
{
    return ip_path_on(h, dst, NULL, path);
}

bool ip_is_local(const struct host *h, struct addr a)
{
    if (addr_is_loopback(a)) return true;
    LIST_EACH(l, &h->netifs)
        if (netif_has_addr(LIST_ENTRY(l, struct netif, link), a)) return true;
    return false;
}

bool ip_is_broadcast(const struct host *h, struct addr a)
{
    if (addr_is_broadcast(a)) return true;
    LIST_EACH(l, &h->netifs)
        if (netif_is_broadcast(LIST_ENTRY(l, struct netif, link), a)) return true;
    return false;
}
