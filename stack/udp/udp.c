// udp.c - UDP (RFC 768): sockets, datagrams in and out. See udp_user.h.
#include "udp/udp.h"

#include <errno.h>

#include "base/csum.h"
#include "net/group.h"
#include "net/ip.h"
#include "wire/ip_wire.h"
#include "wire/udp_wire.h"

static_assert(sizeof(struct udp) <= CHUNK_MEDIUM, "a UDP socket fits in a chunk");

int udp_init(struct host *h)
{
    h->udp = calloc(1, sizeof *h->udp);
    if (h->udp == NULL) return -ENOMEM;
    for (unsigned i = 0; i < UDP_BUCKETS; i++) list_reset(&h->udp->port[i]);
    list_reset(&h->udp->all);
    return 0;
}

static struct frame *first_waiting(const struct udp *u)
{
    struct list_node *l = list_front(&u->queue);
    return l == NULL ? NULL : LIST_ENTRY(l, struct frame, link);
}

static void release(struct udp *u)
{
    for (struct frame *f; (f = first_waiting(u)) != NULL;) {
        list_remove(&f->link);
        frame_free(f);
    }
    udp_leave_groups(u);
    udp_leave_port(u);
    list_remove(&u->by_id);
    chunk_drop(LIST_ENTRY(u, struct chunk, data));
}

void udp_done(struct host *h)
{
    if (h->udp == NULL) return;
    for (struct list_node *l; (l = list_front(&h->udp->all)) != NULL;)
        release(LIST_ENTRY(l, struct udp, by_id));
    free(h->udp);
    h->udp = NULL;
}

// --- what is told ------------------------------------------------------------------------------

static void tell_name(const struct udp *u)
{
    TRACE(u->host, .type = TRACE_SOCK_NAME, .conn = u->id,
          .sock_name = {.local = u->local, .remote = u->remote});
}

static void tell_levels(const struct udp *u)
{
    TRACE(u->host, .type = TRACE_SOCK_BUF, .conn = u->id,
          .sock_buf = {.snd_max = u->snd_max, .rcv_len = u->rcv_len, .rcv_max = u->rcv_max,
                       .dropped = u->dropped});
}

static void wake(struct udp *u)
{
    if (u->ready != NULL) host_wake(u->host, u->ready);
}

// --- sockets -----------------------------------------------------------------------------------

struct udp *udp_open(struct host *h, struct ready *ready, bool ping)
{
    struct chunk *c = chunk_new(&h->pool, sizeof(struct udp));
    if (c == NULL) return NULL;
    struct udp *u = (struct udp *)(void *)c->data;
    *u = (struct udp){.host = h, .ready = ready, .id = host_new_conn(h), .ping = ping,
                      .rcv_max = (uint32_t)h->set.rmem_default,
                      .snd_max = (uint32_t)h->set.wmem_default,
                      .group_ttl = 1, .group_loop = true};
    list_reset(&u->queue);
    list_push_back(&h->udp->all, &u->by_id);
    return u;
}

void udp_close(struct udp *u)
{
    TRACE(u->host, .type = TRACE_SOCK_GONE, .conn = u->id);
    release(u);
}

// An address to bind to: any, one of ours, or one that reaches many.
static int check_local(const struct host *h, struct addr a)
{
    if (!ip_speaks(a.family)) return -EAFNOSUPPORT;
    if (addr_is_any(a) || addr_is_multicast(a)) return 0;
    return ip_is_local(h, a) || ip_is_broadcast(h, a) ? 0 : -EADDRNOTAVAIL;
}

int udp_bind(struct udp *u, const struct endpoint *local)
{
    if (u->local.port != 0) return -EINVAL;
    int rc = check_local(u->host, local->addr);
    if (rc == 0) rc = local->port != 0 ? udp_take_port(u, local)
                                       : udp_take_any_port(u, local->addr);
    if (rc < 0) return rc;
    u->bound = true;
    tell_name(u);
    return 0;
}

// A socket that sends before it was bound gets a port. Linux says EAGAIN when none is free.
static int need_port(struct udp *u, uint8_t family)
{
    if (u->local.port != 0) return 0;
    if (udp_take_any_port(u, addr_any(family)) < 0) return -EAGAIN;
    tell_name(u);
    return 0;
}

// Whether a datagram may go to this end, and by which way.
static int check_peer(struct udp *u, const struct endpoint *peer, struct netif *n,
                      struct ip_path *path)
{
    if (!ip_speaks(peer->addr.family)) return -EAFNOSUPPORT;
    struct addr bound = u->local.addr;
    if (bound.family != peer->addr.family && !addr_binds(bound, peer->addr)) return -EAFNOSUPPORT;
    if (ip_is_broadcast(u->host, peer->addr) && !u->broadcast) return -EACCES;
    return ip_path_on(u->host, peer->addr, n, path);
}

static int disconnect(struct udp *u)
{
    u->remote = (struct endpoint){0};
    if (!u->bound) {
        udp_leave_port(u);
        u->local = (struct endpoint){0};
    }
    tell_name(u);
    return 0;
}

int udp_connect(struct udp *u, const struct endpoint *peer)
{
    if (peer->addr.family == FAMILY_NONE) return disconnect(u);
    if (u->ping) return -EOPNOTSUPP;  // each ping has its own number
    struct ip_path path;
    int rc = check_peer(u, peer, NULL, &path);
    if (rc == 0 && peer->port == 0) rc = -EINVAL;
    if (rc == 0) rc = need_port(u, peer->addr.family);
    if (rc < 0) return rc;
    if (addr_is_any(u->local.addr)) u->local.addr = path.src;
    u->remote = *peer;
    tell_name(u);
    return 0;
}

int udp_shutdown(struct udp *u, int how)
{
    if (how < NG_SHUT_RD || how > NG_SHUT_RDWR) return -EINVAL;
    if (u->remote.port == 0) return -ENOTCONN;
    if (how != NG_SHUT_WR) u->shut_rd = true;
    if (how != NG_SHUT_RD) u->shut_wr = true;
    wake(u);
    return 0;
}

int udp_take_error(struct udp *u)
{
    int error = u->error;
    u->error = 0;
    return -error;
}

// --- out ---------------------------------------------------------------------------------------

struct bytes { const void *p; size_t len; };

static void put_header(const struct udp *u, struct frame *f, const struct endpoint *to,
                       struct addr src)
{
    struct udp_datagram d = {.sport = u->local.port, .dport = to->port,
                             .len = (uint16_t)(UDP_HDR_LEN + f->len)};
    bool unchecked = u->no_check && to->addr.family == FAMILY_IP4;
    if (!unchecked) d.csum = csum_pseudo(src, to->addr, IP_PROTO_UDP, d.len);
    udp_emit(&d, frame_push(f, UDP_HDR_LEN));
    f->csum = unchecked ? CSUM_NONE : CSUM_TODO;
    f->csum_off = offsetof(struct udp_hdr, csum);
    f->why = SENT_DATAGRAM;
}

// The datagram as a frame of its own: headroom, header, and the one copy of the payload. The sum
// of the pseudo header is in place; device or interface does the rest.
static struct frame *build(struct udp *u, struct bytes b, const struct endpoint *to,
                           struct addr src)
{
    size_t n = b.len;
    struct frame *f = frame_blank(&u->host->pool, n);
    if (f == NULL) return NULL;
    if (n > 0) memcpy(frame_start(f), b.p, n);
    if (u->ping) udp_ping_header(u, f, to, src);
    else put_header(u, f, to, src);
    f->l4 = (uint16_t)f->start;
    f->conn = u->id;
    return f;
}

static size_t longest(uint8_t family) { return family == FAMILY_IP6 ? UDP_MAX6 : UDP_MAX; }

// The interface that the caller names, or the one set for groups. NULL: as routes say.
static int choose_netif(struct udp *u, const struct endpoint *to, const struct ng_packet_info *info,
                        struct netif **n)
{
    uint16_t id = info != NULL ? info->netif : 0;
    if (id == 0 && addr_is_multicast(to->addr)) id = u->group_netif;
    *n = id == 0 ? NULL : netif_by_id(u->host, id);
    return id != 0 && *n == NULL ? -ENODEV : 0;
}

static int may_send(struct udp *u, size_t n, const struct endpoint *to, struct netif *netif,
                    struct ip_path *path)
{
    if (u->shut_wr) return -EPIPE;
    if (u->error != 0) return udp_take_error(u);
    if (to->port == 0) return to == &u->remote ? -EDESTADDRREQ : -EINVAL;
    int rc = n > longest(to->addr.family) ? -EMSGSIZE : check_peer(u, to, netif, path);
    if (rc < 0) return rc;
    size_t whole = ip_header_len(to->addr.family) + UDP_HDR_LEN + n;
    if (to->addr.family == FAMILY_IP4) whole += u->options_len;
    if (whole > path->mtu && (u->dont_fragment || ip_is_broadcast(u->host, to->addr)))
        return -EMSGSIZE;  // RFC 919 §7: a broadcast is never cut
    if (whole > IP_LEN_MAX + (to->addr.family == FAMILY_IP6 ? 40u : 0)) return -EMSGSIZE;
    return need_port(u, to->addr.family);
}

// From the address the caller names, else the one it is bound to, else the route's.
static int choose_source(const struct udp *u, const struct ip_path *path,
                         const struct ng_packet_info *info, struct addr *src)
{
    const struct addr bound = u->local.addr;
    *src = path->src;
    if (info != NULL && !addr_is_any(info->local)) {
        *src = info->local;
        return ip_is_local(u->host, *src) ? 0 : -EADDRNOTAVAIL;
    }
    if (!addr_is_any(bound) && !addr_is_multicast(bound) && !ip_is_broadcast(u->host, bound))
        *src = bound;
    return 0;
}

static struct ip_dest dest_of(const struct udp *u, const struct endpoint *to, struct addr src,
                              const struct ng_packet_info *info)
{
    uint8_t proto = u->ping ? udp_ping_proto(to->addr.family) : IP_PROTO_UDP;
    struct ip_dest d = {.src = src, .dst = to->addr, .proto = proto, .ttl = u->ttl,
                        .tos = u->tos, .dont_fragment = u->dont_fragment,
                        .options = u->options, .options_len = u->options_len};
    if (addr_is_multicast(to->addr)) d.ttl = u->group_ttl;
    if (info == NULL) return d;
    if (info->ttl != 0) d.ttl = info->ttl;
    if (info->tos != 0) d.tos = info->tos;
    return d;
}

static int send_one(struct udp *u, struct bytes b, const struct endpoint *to,
                    const struct ip_dest *d)
{
    struct frame *f = build(u, b, to, d->src);
    if (f == NULL) return -ENOBUFS;
    host_frame_id(u->host, f);
    host_step(u->host, f, u->ping ? STEP_ICMP_SEND : STEP_UDP_SEND, u->id, UDP_HDR_LEN);
    ip_output(u->host, f, d);
    return 0;
}

ssize_t udp_sendto(struct udp *u, const void *buf, size_t n, const struct endpoint *to,
                   const struct ng_packet_info *info)
{
    struct host *h = u->host;
    struct ip_path path;
    struct netif *netif;
    struct addr src;
    if (to == NULL) to = &u->remote;
    int rc = choose_netif(u, to, info, &netif);
    if (rc == 0) rc = may_send(u, n, to, netif, &path);
    if (rc == 0) rc = choose_source(u, &path, info, &src);
    if (rc < 0) return rc;
    struct ip_dest d = dest_of(u, to, src, info);
    d.netif = netif;
    bool many = addr_is_multicast(to->addr);
    // Members on this host hear it by lo (RFC 1112 §6.1); a time to live of 0 is for them alone.
    if (many && u->group_loop && group_on_host(h, to->addr)) {
        struct ip_dest here = d;
        here.netif = h->lo;
        here.ttl = 1;
        rc = send_one(u, (struct bytes){buf, n}, to, &here);
    }
    if (rc == 0 && !(many && d.ttl == 0)) rc = send_one(u, (struct bytes){buf, n}, to, &d);
    return rc < 0 ? rc : (ssize_t)n;
}

// --- in ----------------------------------------------------------------------------------------

static bool has_room(const struct udp *u, uint32_t len)
{
    return u->rcv_len + (uint64_t)len <= u->rcv_max && u->rcv_count < u->rcv_max / CHUNK_SMALL;
}

// f begins with its payload.
static void queue_give(struct udp *u, struct frame *f)
{
    f->conn = u->id;
    if (!has_room(u, f->len)) {
        host_drop(u->host, f, DROP_UDP_QUEUE_FULL);
        u->dropped++;
        tell_levels(u);
        return;
    }
    list_push_back(&u->queue, &f->link);
    u->rcv_len += f->len;
    u->rcv_count++;
    tell_levels(u);
    wake(u);
}

void udp_deliver(struct udp *u, struct frame *f)
{
    host_step(u->host, f, u->ping ? STEP_ICMP_SOCKET : STEP_UDP_SOCKET, u->id, UDP_HDR_LEN);
    frame_pull(f, UDP_HDR_LEN);
    queue_give(u, f);
}

// What went to many is for every socket that matches, as everywhere: each but the last gets a copy.
// True if anyone was there.
// A group is heard by those who joined it on this link.
static bool deliver_to_many(struct host *h, struct frame *f, const struct endpoint *local,
                            const struct endpoint *remote)
{
    struct udp *last = NULL;
    LIST_EACH(l, udp_bucket(h, local->port)) {
        struct udp *u = LIST_ENTRY(l, struct udp, by_port);
        if (!udp_matches(u, local, remote) || !udp_hears(u, local->addr, f->netif)) continue;
        struct frame *copy = last == NULL ? NULL : frame_copy(&h->pool, f);
        if (copy != NULL) udp_deliver(last, copy);
        last = u;
    }
    if (last != NULL) udp_deliver(last, f);
    return last != NULL;
}

static enum drop check(const struct frame *f, const struct ip_info *ip, struct udp_datagram *d)
{
    enum drop why = udp_parse(d, frame_start(f), f->head_len);
    if (why != DROP_NONE || f->csum != CSUM_NONE) return why;
    if (d->csum == 0) return ip->src.family == FAMILY_IP6 ? DROP_UDP_BAD_CSUM : DROP_NONE;
    uint16_t pseudo = csum_pseudo(ip->src, ip->dst, IP_PROTO_UDP, d->len);
    return csum_ok(pseudo, frame_start(f), d->len) ? DROP_NONE : DROP_UDP_BAD_CSUM;
}

void udp_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct udp_datagram d;
    enum drop why = check(f, ip, &d);
    if (why != DROP_NONE) {
        host_drop(h, f, why);
        return;
    }
    frame_trim(f, d.len);
    struct endpoint local = {ip->dst, d.dport}, remote = {ip->src, d.sport};
    if (ip->to_many) {
        if (!deliver_to_many(h, f, &local, &remote)) host_drop(h, f, DROP_UDP_NO_SOCKET);
        return;
    }
    struct udp *u = udp_find(h, &local, &remote, false);
    if (u != NULL) {
        udp_deliver(u, f);
        return;
    }
    ip_refuse_port(h, f, ip);
    host_drop(h, f, DROP_UDP_NO_SOCKET);
}

// Only a socket that named its peer hears of errors, and only of those that are final (RFC 1122
// §4.1.3.3; Linux, without IP_RECVERR). To any other the error could be about anyone's packet.
enum drop udp_error(struct host *h, const struct ip_error *e)
{
    const struct udp_hdr *quoted = (const struct udp_hdr *)e->quoted;
    struct endpoint local = {e->src, get16(quoted->sport)};
    struct endpoint remote = {e->dst, get16(quoted->dport)};
    struct udp *u = udp_find(h, &local, &remote, false);
    return u == NULL ? DROP_ICMP_NO_SOCKET : udp_take_icmp(u, e, &remote);
}

enum drop udp_take_icmp(struct udp *u, const struct ip_error *e, const struct endpoint *to)
{
    ip_believe(u->host, e);
    if (u->recverr) {
        u->trouble = (struct ng_sock_trouble){e->error, e->from, *to, e->mtu};
    } else if (u->remote.port == 0 || !(e->hard || (e->error == EMSGSIZE && u->dont_fragment))) {
        return DROP_NONE;
    }
    u->error = e->error;
    wake(u);
    return DROP_NONE;
}

// --- reading -----------------------------------------------------------------------------------

static void forget_first(struct udp *u, struct frame *f)
{
    list_remove(&f->link);
    u->rcv_len -= f->len;
    u->rcv_count--;
    frame_free(f);
    tell_levels(u);
}

// The first datagram, or -errno; 0 with *f NULL: nothing will ever come.
static int next_datagram(struct udp *u, struct frame **f)
{
    *f = NULL;
    if (u->error != 0) return udp_take_error(u);
    *f = first_waiting(u);
    return *f != NULL || u->shut_rd ? 0 : -EAGAIN;
}

static struct endpoint sender_of(const struct udp *u, const struct frame *f)
{
    const uint8_t *p = f->head->data + f->l4;
    const struct udp_hdr *hdr = (const struct udp_hdr *)p;
    return (struct endpoint){ip_sender(f), u->ping ? udp_ping_number(p) : get16(hdr->sport)};
}

// What does not fit in buf is lost, as with every datagram socket.
ssize_t udp_recvfrom(struct udp *u, void *buf, size_t n, struct endpoint *from,
                     struct ng_packet_info *info)
{
    struct frame *f;
    int rc = next_datagram(u, &f);
    if (f == NULL) return rc;
    size_t len = frame_flatten(f, buf, n);
    if (from != NULL) *from = sender_of(u, f);
    if (info != NULL) {
        *info = (struct ng_packet_info){.local = ip_receiver(f), .netif = f->netif,
                                        .ttl = ip_ttl(f), .tos = ip_tos(f)};
        info->options_len = (uint8_t)ip_options(f, info->options);
    }
    forget_first(u, f);
    return (ssize_t)len;
}

ssize_t udp_peek(struct udp *u, const uint8_t **p)
{
    struct frame *f;
    int rc = next_datagram(u, &f);
    if (f == NULL) return rc;
    *p = frame_start(f);
    return (ssize_t)f->len;
}

int udp_consume(struct udp *u)
{
    struct frame *f = first_waiting(u);
    if (f == NULL) return -EINVAL;
    forget_first(u, f);
    return 0;
}

// --- questions ---------------------------------------------------------------------------------

unsigned udp_events(const struct udp *u)
{
    unsigned events = NG_WRITABLE;
    if (!list_empty(&u->queue) || u->shut_rd || u->error != 0) events |= NG_READABLE;
    if (u->remote.port != 0) events |= NG_CONNECTED;
    if (u->error != 0) events |= NG_ERROR;
    if (u->shut_rd && u->shut_wr) events |= NG_HUP;
    return events;
}

uint32_t udp_id(const struct udp *u) { return u->id; }
bool udp_pings(const struct udp *u) { return u->ping; }
const struct ready *udp_owner(const struct udp *u) { return u->ready; }
struct endpoint udp_local(const struct udp *u) { return u->local; }
struct endpoint udp_remote(const struct udp *u) { return u->remote; }

const struct udp *udp_next(const struct host *h, uint32_t after)
{
    LIST_EACH(l, &h->udp->all) {
        const struct udp *u = LIST_ENTRY(l, struct udp, by_id);
        if (u->id > after) return u;
    }
    return NULL;
}

void udp_levels(const struct udp *u, struct ng_sock_entry *e)
{
    e->rcv_len = u->rcv_len;
    e->rcv_max = u->rcv_max;
    e->snd_max = u->snd_max;
    e->dropped = u->dropped;
    e->snd_len = e->accept_len = e->backlog = 0;
}

void udp_get_memory(const struct udp *u, struct ng_sock_memory *m)
{
    *m = (struct ng_sock_memory){.rcv_len = u->rcv_len, .rcv_most = u->rcv_max,
                                 .snd_most = u->snd_max, .dropped = u->dropped};
}
