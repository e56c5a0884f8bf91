// ip.c - see ip.h. The one place that tells the families apart on the way down and in questions
// that upper protocols ask; on the way up, eth.c does.
#include "net/ip.h"

#include <errno.h>

#include "net/icmp4.h"
#include "net/ip4.h"
#include "net/route.h"
#include "wire/ip4_wire.h"

bool ip_speaks(uint8_t family) { return family == FAMILY_IP4; }

uint32_t ip_header_len(uint8_t family)
{
    return family == FAMILY_IP6 ? 40 : IP4_HDR_MIN;
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
    return addr_any(FAMILY_NONE);
}

void ip_output(struct host *h, struct frame *f, const struct ip_dest *d)
{
    f->family = d->dst.family;
    host_frame_id(h, f);
    if (f->family == FAMILY_IP4) ip4_output(h, f, d);
    else host_drop(h, f, DROP_IP_NO_ROUTE);
}

void ip_refuse_port(struct host *h, const struct frame *f, const struct ip_info *ip)
{
    if (f->family == FAMILY_IP4) icmp4_refuse(h, f, ip, ICMP4_PORT);
}

void ip_tell_sender(struct host *h, const struct frame *f, int error)
{
    if (f->family == FAMILY_IP4) ip4_tell_sender(h, f, error);
}

int ip_path(struct host *h, struct addr dst, struct ip_path *path)
{
    struct way way;
    if (!ip_speaks(dst.family) || !route_lookup(h, dst, &way)) return -ENETUNREACH;
    if (way.src.family == FAMILY_NONE) return -EADDRNOTAVAIL;
    *path = (struct ip_path){.netif = way.netif, .src = way.src, .mtu = way.netif->mtu,
                             .offload = way.netif->offload};
    return 0;
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
