// netif.c - see netif.h.
#include "net/netif.h"

#include <errno.h>

#include "net/gso.h"
#include "net/route.h"

static struct netif *netif_make(struct host *h, const struct netif_setup *cfg)
{
    struct netif *n = calloc(1, sizeof *n);
    if (n == NULL) return NULL;
    struct text name = text_of(n->name, sizeof n->name);
    text_put_str(&name, cfg->name);
    n->host = h;
    n->mac = cfg->mac;
    n->mtu = cfg->mtu;
    n->offload = cfg->offload;
    n->txq_limit = cfg->txq_frames;
    list_reset(&n->txq);
    return n;
}

static void tell_addr(const struct netif *n, struct prefix p)
{
    TRACE(n->host, .type = TRACE_NETIF_ADDR, .netif = n->id,
          .netif_addr = {.addr = p.addr, .prefix = p.bits});
}

// Gives the interface its number and tells what is known of it so far.
static void netif_announce(struct netif *n)
{
    n->id = ++n->host->next_netif;
    TRACE(n->host, .type = TRACE_NETIF_NEW, .netif = n->id,
          .netif_new = {.name = {n->name, (uint32_t)strlen(n->name)}, .mac = n->mac,
                        .mtu = n->mtu});
    for (unsigned i = 0; i < n->addrs; i++) tell_addr(n, n->addr[i]);
}

struct netif *netif_new(struct host *h, const struct netif_setup *cfg)
{
    struct netif *n = netif_make(h, cfg);
    if (n == NULL) return NULL;
    list_push_back(&h->netifs, &n->link);
    netif_announce(n);
    return n;
}

struct netif *netif_new_loopback(struct host *h)
{
    struct netif *n = netif_make(h, &(struct netif_setup){
        .name = "lo", .mtu = 65535, .offload = NETIF_CSUM | NETIF_TSO, .txq_frames = NETIF_TXQ});
    if (n == NULL) return NULL;
    n->loopback = true;
    n->addr[n->addrs++] = (struct prefix){addr_ip4(0x7f000001), 8};
    return n;
}

void netif_free(struct netif *n)
{
    for (struct list_node *l; (l = list_pop_front(&n->txq)) != NULL;)
        frame_free(LIST_ENTRY(l, struct frame, link));
    if (n->cutting != NULL) frame_free(n->cutting);
    list_remove(&n->link);
    free(n);
}

// --- addresses ---------------------------------------------------------------------------------

int netif_add_addr(struct netif *n, struct addr a, unsigned bits)
{
    if (addr_len(a) == 0 || bits > addr_len(a) * 8) return -EINVAL;
    if (addr_is_any(a) || addr_is_multicast(a) || addr_is_broadcast(a)) return -EINVAL;
    if (addr_is_loopback(a) && !n->loopback) return -EINVAL;
    if (netif_has_addr(n, a)) return -EEXIST;
    if (n->addrs == NETIF_ADDRS) return -ENOSPC;
    struct prefix p = {a, (uint8_t)bits};
    n->addr[n->addrs++] = p;
    route_forget(n->host);
    if (n->id != 0) tell_addr(n, p);
    return 0;
}

bool netif_has_addr(const struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->addrs; i++)
        if (addr_eq(n->addr[i].addr, a)) return true;
    return false;
}

bool netif_is_broadcast(const struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->addrs; i++) {
        struct prefix p = n->addr[i];
        // A /31 has two stations and no broadcast address (RFC 3021), a /32 has only one station.
        if (p.addr.family != FAMILY_IP4 || a.family != FAMILY_IP4 || p.bits >= 31) continue;
        if (addr_eq(prefix_broadcast(p), a)) return true;
    }
    return false;
}

struct addr netif_source(const struct netif *n, struct addr dst)
{
    struct addr first = {0};
    for (unsigned i = 0; i < n->addrs; i++) {
        if (n->addr[i].addr.family != dst.family) continue;
        if (prefix_contains(n->addr[i], dst)) return n->addr[i].addr;
        if (first.family == FAMILY_NONE) first = n->addr[i].addr;
    }
    return first;
}

// --- frames ------------------------------------------------------------------------------------

void netif_enqueue(struct netif *n, struct frame *f)
{
    if (n->txq_len >= n->txq_limit) {
        host_drop(n->host, f, DROP_TXQ_FULL);
        return;
    }
    if (n->id == 0) netif_announce(n);
    host_frame_id(n->host, f);
    list_push_back(&n->txq, &f->link);
    n->txq_len++;
}

bool netif_waits(const struct netif *n) { return n->cutting != NULL || n->txq_len > 0; }

static struct frame *next_whole(struct netif *n)
{
    struct list_node *l = list_pop_front(&n->txq);
    if (l == NULL) return NULL;
    n->txq_len--;
    return LIST_ENTRY(l, struct frame, link);
}

// The next segment of the super-frame being cut. If there is no memory for one, all the rest is
// lost: TCP will find out.
static struct frame *next_segment(struct netif *n)
{
    struct frame *f = gso_next(n->host, n->cutting, &n->cut_at);
    if (f == NULL) {
        host_drop(n->host, n->cutting, DROP_NO_MEMORY);
        n->cutting = NULL;
    } else if (n->cut_at >= gso_payload(n->cutting)) {
        frame_free(n->cutting);
        n->cutting = NULL;
    }
    return f;
}

struct frame *netif_take(struct netif *n)
{
    struct host *h = n->host;
    struct frame *f = NULL;
    while (f == NULL) {
        if (n->cutting != NULL) { f = next_segment(n); continue; }
        f = next_whole(n);
        if (f == NULL) return NULL;
        if (f->gso_size == 0 || (n->offload & NETIF_TSO) != 0) break;
        n->cutting = f;
        n->cut_at = 0;
        f = NULL;
    }
    if ((n->offload & NETIF_CSUM) == 0) frame_finish_csum(f);
    f->stamp = h->now;
    TRACE(h, .type = TRACE_FRAME_TX, .netif = n->id, .conn = f->conn,
          .frame_tx = {.frame = f->id, .why = f->why, .len = f->len, .gso = f->gso_size,
                       .csum_todo = f->csum == CSUM_TODO, .data = host_view(h, f)});
    return f;
}
