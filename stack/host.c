// host.c - puts a host together, and is its doors: frames, moments and settings in; frames, ready
// sockets and the next deadline out. The one place that names every protocol.
#include "stack.h"

#include <errno.h>

#include "net/anycast.h"
#include "net/eth.h"
#include "net/group.h"
#include "net/icmp.h"
#include "net/icmp4.h"
#include "net/icmp6.h"
#include "net/ip.h"
#include "net/neigh.h"
#include "net/netif.h"
#include "net/own.h"
#include "net/pmtu.h"
#include "net/reass.h"
#include "net/route.h"
#include "sock/sock.h"
#include "tcp/cc.h"
#include "tcp/tcp_user.h"
#include "udp/udp_user.h"
#include "wire/ip4_wire.h"
#include "wire/vlan_wire.h"

static_assert((int)NG_OFFLOAD_CSUM == (int)NETIF_CSUM, "stack.h and netif.h mean the same");
static_assert((int)NG_OFFLOAD_TSO == (int)NETIF_TSO, "stack.h and netif.h mean the same");
static_assert((int)NG_OFFLOAD_GSO == (int)NETIF_GSO, "stack.h and netif.h mean the same");

enum { MEMORY = 256 << 20, SOCKETS = 65536, ROUNDS = 64 };

static const struct proto icmp4 = {"icmp", IP_PROTO_ICMP4, icmp4_input, udp_ping_error,
                                   udp_ping_reply};
static const struct proto icmp6 = {"icmp6", IP_PROTO_ICMP6, icmp6_input, udp_ping_error,
                                   udp_ping_reply};
static const struct proto igmp = {"igmp", IP_PROTO_IGMP, igmp_input, NULL, NULL};
static const struct proto udp = {"udp", IP_PROTO_UDP, udp_input, udp_error, NULL};
static const struct proto tcp = {"tcp", IP_PROTO_TCP, tcp_input, tcp_error, NULL};
static const struct proto *const protos[] = {&tcp, &udp, &icmp4, &icmp6, &igmp, NULL};

// --- birth and death ---------------------------------------------------------------------------

static void draw_secrets(struct host *h, uint64_t seed)
{
    rng_seed(&h->rng, seed);
    for (int i = 0; i < 2; i++) {
        h->key[i] = rng_next(&h->rng);
        h->isn_key[i] = rng_next(&h->rng);
    }
    h->boot_ns = rng_next(&h->rng);
    rng_fill(&h->rng, h->ip_ids, sizeof h->ip_ids);
    for (int i = 0; i < 2; i++) h->name_key[i] = rng_next(&h->rng);
}

static int init_parts(struct host *h)
{
    int rc = neigh_init(h);
    if (rc == 0) rc = route_init(h);
    if (rc == 0) rc = reass_init(h);
    if (rc == 0) rc = pmtu_init(h);
    if (rc == 0) rc = udp_init(h);
    if (rc == 0) rc = tcp_init(h);
    if (rc == 0) rc = sock_init(h);
    icmp_init(h);
    if (rc == 0 && (h->lo = netif_new_loopback(h)) == NULL) rc = -ENOMEM;
    if (rc == 0 && h->trace != NULL && (h->scratch = malloc(FRAME_MAX)) == NULL) rc = -ENOMEM;
    return rc;
}

NG_API struct host *ng_host_new(const struct ng_host_config *cfg)
{
    struct host *h = calloc(1, sizeof *h);
    if (h == NULL) return NULL;
    struct text name = text_of(h->name, sizeof h->name);
    text_put_str(&name, cfg->name != NULL ? cfg->name : "host");
    h->id = cfg->id;
    h->now = cfg->now;
    h->trace = cfg->trace;
    h->sock_limit = cfg->sockets != 0 ? cfg->sockets : SOCKETS;
    h->protos = protos;
    pool_init(&h->pool, cfg->memory != 0 ? cfg->memory : MEMORY);
    wheel_init(&h->wheel, h->now);
    settings_init(&h->set);
    draw_secrets(h, cfg->seed);
    list_reset(&h->netifs);
    list_reset(&h->output);
    list_reset(&h->ready);
    if (init_parts(h) < 0) {
        ng_host_free(h);
        return NULL;
    }
    TRACE(h, .type = TRACE_HOST_NEW,
          .host_new = {.name = {h->name, (uint32_t)strlen(h->name)}});
    return h;
}

// Silently: what ends with the host is no event of its life.
NG_API void ng_host_free(struct host *h)
{
    if (h == NULL) return;
    h->trace = NULL;
    while (list_pop_front(&h->ready) != NULL) {}
    if (h->tcp != NULL) tcp_done(h);
    udp_done(h);
    sock_done(h);
    reass_done(h);
    pmtu_done(h);
    neigh_done(h);
    route_done(h);
    for (struct list_node *l; (l = list_front(&h->netifs)) != NULL;)
        netif_free(LIST_ENTRY(l, struct netif, link));
    if (h->lo != NULL) netif_free(h->lo);
    pool_drain(&h->pool);
    free(h->scratch);
    free(h);
}

// --- what every layer may ask of its host ------------------------------------------------------

uint64_t host_frame_id(struct host *h, struct frame *f)
{
    if (f->id == 0) f->id = (uint64_t)h->id << 40 | ++h->next_frame;
    return f->id;
}

struct trace_bytes host_view(struct host *h, const struct frame *f)
{
    uint32_t want = f->len < h->trace->snap ? f->len : h->trace->snap;
    if (want <= f->head_len) return (struct trace_bytes){frame_start(f), want};
    if (want > FRAME_MAX) want = FRAME_MAX;
    return (struct trace_bytes){h->scratch, (uint32_t)frame_flatten(f, h->scratch, want)};
}

void host_drop(struct host *h, struct frame *f, enum drop why)
{
    CHECK(why > DROP_NONE && why < DROPS);
    h->count.dropped[why]++;
    TRACE(h, .type = TRACE_FRAME_DROP, .conn = f->conn,
          .frame_drop = {.frame = host_frame_id(h, f), .why = why, .len = f->len});
    frame_free(f);
}

void host_step(struct host *h, const struct frame *f, enum step step, uint32_t conn, size_t head)
{
    TRACE(h, .type = TRACE_FRAME_STEP, .conn = conn,
          .frame_step = {.frame = f->id, .step = step, .head = (uint16_t)head});
}

void host_wake(struct host *h, struct ready *r)
{
    if (!list_linked(&r->link)) list_push_back(&h->ready, &r->link);
}

uint32_t host_new_conn(struct host *h) { return ++h->next_conn; }

const struct proto *host_proto(const struct host *h, uint8_t number)
{
    for (const struct proto *const *p = h->protos; *p != NULL; p++)
        if ((*p)->number == number) return *p;
    return NULL;
}

// --- the doors ---------------------------------------------------------------------------------

static void enter(struct host *h, nsec now)
{
    CHECK(now >= h->now);
    h->now = now;
}

static void input(struct netif *n, struct frame *f)
{
    struct host *h = n->host;
    f->stamp = h->now;
    f->conn = 0;  // whose it is, is for us to say
    h->count.frames_in++;
    h->count.bytes_in += f->len;
    f->netif = n->id;
    host_frame_id(h, f);
    TRACE(h, .type = TRACE_FRAME_RX, .netif = n->id,
          .frame_rx = {.frame = f->id, .len = f->len, .gso = f->gso_size,
                       .csum_todo = f->csum == CSUM_TODO, .data = host_view(h, f)});
    eth_input(n, f);
}

NG_API void ng_host_input(struct host *h, struct netif *n, struct frame *f, nsec now)
{
    CHECK(n->host == h);
    CHECK(f->slices == 0);
    enter(h, now);
    input(n, f);
}

static void fire_timers(struct host *h)
{
    for (struct timer *t; (t = wheel_expire(&h->wheel, h->now)) != NULL;) {
        switch (t->owner) {
        case TIMER_OWNER_TCP:   tcp_timer_fire(h, t); break;
        case TIMER_OWNER_NEIGH: neigh_timer_fire(h, t); break;
        case TIMER_OWNER_REASS: reass_timer_fire(h, t); break;
        case TIMER_OWNER_NETIF: netif_timer_fire(h, t); break;
        default:                CHECK(false);
        }
    }
}

// What we sent to ourselves arrives, contiguous as everything that arrives. Only what is there now:
// its answers are for the next round.
static void turn_loopback(struct host *h)
{
    for (uint32_t waiting = h->lo->txq_len; waiting > 0; waiting--) {
        struct frame *f = netif_take(h->lo);
        if (f->slices > 0) {
            struct frame *whole = frame_copy(&h->pool, f);
            if (whole == NULL) {
                host_drop(h, f, DROP_NO_MEMORY);
                continue;
            }
            frame_free(f);
            f = whole;
        }
        input(h->lo, f);
    }
}

static bool is_quiet(const struct host *h)
{
    return list_empty(&h->output) && !netif_waits(h->lo);
}

// Rounds until nobody wants anything. A host that talks to itself without end gets its next rounds
// at the next call: ng_host_next then says "now".
NG_API void ng_host_run(struct host *h, nsec now)
{
    enter(h, now);
    for (int round = 0; round < ROUNDS; round++) {
        fire_timers(h);
        tcp_output_all(h);
        turn_loopback(h);
        if (is_quiet(h)) break;
    }
}

NG_API nsec ng_host_now(const struct host *h) { return h->now; }

NG_API nsec ng_host_next(const struct host *h)
{
    return is_quiet(h) ? wheel_next(&h->wheel) : h->now;
}

NG_API ng_sock ng_host_ready(struct host *h)
{
    struct list_node *l = list_pop_front(&h->ready);
    return l == NULL ? 0 : LIST_ENTRY(l, struct ready, link)->sock;
}

NG_API struct frame *ng_host_frame(struct host *h, size_t n)
{
    return n > FRAME_MAX ? NULL : frame_blank(&h->pool, n);
}

// --- settings, interfaces ----------------------------------------------------------------------

NG_API void ng_host_flush_peers(struct host *h) { tcp_flush_peers(h); }

NG_API int ng_host_set(struct host *h, const char *name, const char *value)
{
    bool algorithm = strcmp(name, "net.ipv4.tcp_congestion_control") == 0;
    bool fits = strlen(value) < sizeof h->set.tcp_congestion_control;
    if (algorithm && fits && cc_find(value) == NULL) return -EINVAL;  // TCP knows them
    int rc = settings_set(&h->set, name, value);
    if (rc < 0) return rc;
    LIST_EACH(l, &h->netifs) anycast_take_role(LIST_ENTRY(l, struct netif, link));
    route_forget(h);
    return 0;
}

NG_API int ng_host_get(const struct host *h, const char *name, char *value, size_t cap)
{
    return settings_get(&h->set, name, value, cap);
}

NG_API uint64_t ng_host_drops(const struct host *h, enum drop why)
{
    return why < DROPS ? h->count.dropped[why] : 0;
}

NG_API const struct counts *ng_host_counts(const struct host *h) { return &h->count; }

NG_API struct netif *ng_host_add_netif(struct host *h, const struct ng_netif_config *cfg)
{
    if (mac_is_group(cfg->mac) || h->next_netif >= NETIF_MAX) return NULL;
    if (cfg->vlan > VLAN_MAX) return NULL;
    if (cfg->mtu != 0 && (cfg->mtu < IP4_MTU_MIN || cfg->mtu > IP4_LEN_MAX)) return NULL;
    return netif_new(h, &(struct netif_setup){
        .name = cfg->name != NULL ? cfg->name : "eth0", .mac = cfg->mac,
        .mtu = cfg->mtu != 0 ? cfg->mtu : NETIF_MTU, .offload = cfg->offload,
        .vlan = cfg->vlan, .point_to_point = cfg->point_to_point,
        .txq_frames = cfg->txq_frames != 0 ? cfg->txq_frames : NETIF_TXQ});
}

NG_API int ng_netif_start_ip6(struct netif *n) { return own_start_ip6(n); }

// An address brings the route to its own subnet; a second one in the same subnet finds it there.
NG_API int ng_netif_add_addr(struct netif *n, struct addr a, unsigned prefix)
{
    if (prefix > 128) return -EINVAL;
    struct prefix p = {a, (uint8_t)prefix};
    int rc = ip_is_local(n->host, a) ? -EEXIST : own_add(n, p, OWN_STATIC);
    if (rc < 0 || prefix == addr_len(a) * 8) return rc;
    rc = route_add(n->host, p, addr_any(FAMILY_NONE), n);
    return rc == -EEXIST ? 0 : rc;
}

NG_API int ng_netif_remove_addr(struct netif *n, struct addr a)
{
    const struct own_addr *own = own_find(n, a);
    if (own == NULL) return -EADDRNOTAVAIL;
    struct prefix p = own->prefix;
    int rc = own_remove(n, a);
    bool last = true;
    for (unsigned i = 0; i < n->addrs; i++)
        if (n->addr[i].prefix.bits == p.bits && prefix_contains(p, n->addr[i].prefix.addr))
            last = false;
    if (last) route_remove(n->host, p, addr_any(FAMILY_NONE));
    return rc;
}

NG_API unsigned ng_netif_servers(const struct netif *n, struct addr *server, unsigned most)
{
    unsigned count = n->host->now < n->servers_until ? n->servers : 0;
    if (count > most) count = most;
    for (unsigned i = 0; i < count; i++) server[i] = n->server[i];
    return count;
}

NG_API enum own ng_netif_addr_state(struct netif *n, struct addr a)
{
    const struct own_addr *own = own_find(n, a);
    return own == NULL ? OWN_NONE : (enum own)own->state;
}

NG_API int ng_host_remove_route(struct host *h, struct addr dst, unsigned prefix,
                                struct addr gateway)
{
    if (prefix > addr_len(dst) * 8) return -ESRCH;
    return route_remove(h, (struct prefix){dst, (uint8_t)prefix}, gateway);
}

NG_API int ng_host_set_route_metrics(struct host *h, struct addr dst, unsigned prefix,
                                     struct addr gateway, const struct ng_route_metrics *m)
{
    if (prefix > addr_len(dst) * 8) return -ESRCH;
    struct route_metrics own = {m->mtu, m->mss, m->initcwnd, m->mtu_locked};
    return route_set_metrics(h, (struct prefix){dst, (uint8_t)prefix}, gateway, &own);
}

NG_API int ng_host_add_route(struct host *h, struct addr dst, unsigned prefix,
                             struct addr gateway, struct netif *n)
{
    if (prefix > 128) return -EINVAL;
    return route_add(h, (struct prefix){dst, (uint8_t)prefix}, gateway, n);
}

NG_API void ng_netif_set_queue(struct netif *n, uint32_t frames) { netif_set_queue(n, frames); }
NG_API int ng_netif_set_mtu(struct netif *n, uint32_t mtu) { return netif_set_mtu(n, mtu); }

NG_API struct frame *ng_netif_take(struct netif *n) { return netif_take(n); }

NG_API uint16_t ng_netif_id(const struct netif *n) { return n->id; }

NG_API struct mac ng_netif_mac(const struct netif *n) { return n->mac; }

NG_API void ng_netif_drop(struct netif *n, struct frame *f, enum drop why)
{
    host_drop(n->host, f, why);
}
