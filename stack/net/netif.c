// netif.c - see netif.h.
#include "net/netif.h"

#include <errno.h>

#include "net/gso.h"
#include "net/ip.h"
#include "net/own.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

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
    n->vlan = cfg->vlan;
    n->point_to_point = cfg->point_to_point;
    n->txq_limit = cfg->txq_frames;
    n->mtu6 = cfg->mtu;
    n->timer.owner = TIMER_OWNER_NETIF;
    n->solicit_at = n->advert_at = NEVER;
    list_reset(&n->txq);
    list_reset(&n->parked);
    return n;
}

// Gives the interface its number and tells what is known of it so far.
static void netif_announce(struct netif *n)
{
    n->id = ++n->host->next_netif;
    TRACE(n->host, .type = TRACE_NETIF_NEW, .netif = n->id,
          .netif_new = {.name = {n->name, (uint32_t)strlen(n->name)}, .mac = n->mac,
                        .mtu = n->mtu});
    for (unsigned i = 0; i < n->addrs; i++) own_tell(n, &n->addr[i]);
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
    n->ip6 = true;
    own_add(n, (struct prefix){addr_ip4(0x7f000001), 8}, OWN_STATIC);
    own_add(n, (struct prefix){ip_loopback(FAMILY_IP6), 128}, OWN_STATIC);
    return n;
}

void netif_free(struct netif *n)
{
    for (struct list_node *l; (l = list_pop_front(&n->txq)) != NULL;)
        frame_free(LIST_ENTRY(l, struct frame, link));
    if (n->cutting != NULL) frame_free(n->cutting);
    while (list_pop_front(&n->parked) != NULL) {}
    wheel_cancel(&n->host->wheel, &n->timer);
    list_remove(&n->link);
    free(n);
}

int netif_set_mtu(struct netif *n, uint32_t mtu)
{
    if (mtu < (n->ip6 ? (uint32_t)IP6_MTU_MIN : IP4_MTU_MIN) || mtu > IP4_LEN_MAX) return -EINVAL;
    n->mtu = n->mtu6 = mtu;
    n->host->mtu_epoch++;
    return 0;
}

struct netif *netif_by_id(const struct host *h, uint16_t id)
{
    if (h->lo->id == id) return id != 0 ? h->lo : NULL;
    LIST_EACH(l, &h->netifs) {
        struct netif *n = LIST_ENTRY(l, struct netif, link);
        if (n->id == id) return n;
    }
    return NULL;
}

bool netif_is_broadcast(const struct netif *n, struct addr a)
{
    for (unsigned i = 0; i < n->addrs; i++) {
        struct prefix p = n->addr[i].prefix;
        // A /31 has two stations and no broadcast address (RFC 3021), a /32 has only one station.
        if (p.addr.family != FAMILY_IP4 || a.family != FAMILY_IP4 || p.bits >= 31) continue;
        if (addr_eq(prefix_broadcast(p), a)) return true;
    }
    return false;
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

bool netif_is_busy(const struct netif *n)
{
    return n->txq_len >= n->txq_limit - n->txq_limit / 8;
}

void netif_park(struct netif *n, struct list_node *wish) { list_push_back(&n->parked, wish); }

static void unpark(struct netif *n)
{
    for (struct list_node *l; (l = list_pop_front(&n->parked)) != NULL;)
        list_push_back(&n->host->output, l);
}

void netif_set_queue(struct netif *n, uint32_t frames)
{
    n->txq_limit = frames;
    if (!netif_is_busy(n)) unpark(n);
}

static struct frame *next_whole(struct netif *n)
{
    struct list_node *l = list_pop_front(&n->txq);
    if (l == NULL) return NULL;
    n->txq_len--;
    if (n->txq_len <= n->txq_limit / 2) unpark(n);
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
    h->count.frames_out++;
    h->count.bytes_out += f->len;
    h->count.sent[f->why] += gso_segments(f);
    TRACE(h, .type = TRACE_FRAME_TX, .netif = n->id, .conn = f->conn,
          .frame_tx = {.frame = f->id, .why = f->why, .len = f->len, .gso = f->gso_size,
                       .csum_todo = f->csum == CSUM_TODO, .data = host_view(h, f)});
    return f;
}
