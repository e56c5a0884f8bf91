// udp_port.c - see udp.h: the table of ports, and which socket a datagram is for.
#include "udp/udp.h"

#include <errno.h>

#include "base/hash.h"

// --- who may have a port -----------------------------------------------------------------------

// Two sockets may share a port if their addresses differ, or if both agreed to share.
static bool conflicts(const struct udp *u, const struct udp *other, const struct endpoint *local)
{
    if (other == u || other->local.port != local->port || other->ping != u->ping) return false;
    if (u->reuse_addr && other->reuse_addr) return false;
    if (u->reuse_port && other->reuse_port) return false;
    return addr_binds(other->local.addr, local->addr) || addr_binds(local->addr, other->local.addr);
}

static bool port_is_free(const struct udp *u, const struct endpoint *local)
{
    LIST_EACH(l, udp_bucket(u->host, local->port))
        if (conflicts(u, LIST_ENTRY(l, struct udp, by_port), local)) return false;
    return true;
}

int udp_take_port(struct udp *u, const struct endpoint *local)
{
    CHECK(local->port != 0);
    if (!port_is_free(u, local)) return -EADDRINUSE;
    udp_leave_port(u);
    u->local = *local;
    list_push_back(udp_bucket(u->host, local->port), &u->by_port);
    return 0;
}

void udp_leave_port(struct udp *u)
{
    list_remove(&u->by_port);
    u->local.port = 0;
}

// RFC 6056 §3.3.1: begin anywhere, then take the first free one. Where to begin is drawn from the
// host's chance and its secret, so that one who sees a port does not know the next.
int udp_take_any_port(struct udp *u, struct addr local)
{
    struct host *h = u->host;
    uint64_t draw[2] = {rng_next(&h->rng), 'u'};
    struct hash_key key = {h->key[0], h->key[1]};
    uint32_t first = (uint32_t)h->set.ip_local_port_first;
    uint32_t range = (uint32_t)h->set.ip_local_port_last - first + 1;
    uint32_t offset = (uint32_t)(hash_bytes(&key, draw, sizeof draw) % range);
    for (uint32_t i = 0; i < range; i++) {
        struct endpoint name = {local, (uint16_t)(first + (offset + i) % range)};
        bool shared = u->reuse_addr || u->reuse_port;
        bool none_there = true;
        LIST_EACH(l, udp_bucket(h, name.port))
            if (LIST_ENTRY(l, struct udp, by_port)->local.port == name.port) none_there = false;
        if (shared && !none_there) continue;  // sharing is for ports that were asked for
        if (udp_take_port(u, &name) == 0) return 0;
    }
    return -EADDRINUSE;
}

// --- whose datagram is it ----------------------------------------------------------------------

// 0: not for u. Else the more of the datagram's ends u names, the higher: the peer counts more
// than our address.
static unsigned score(const struct udp *u, const struct endpoint *local,
                      const struct endpoint *remote)
{
    if (u->local.port != local->port) return 0;
    unsigned points = 1;
    if (!addr_binds(u->local.addr, local->addr)) return 0;
    if (!addr_is_any(u->local.addr)) points += 1;
    if (u->remote.port != 0) {
        if (!endpoint_eq(u->remote, *remote)) return 0;
        points += 2;
    }
    return points;
}

struct udp *udp_find(const struct host *h, const struct endpoint *local,
                     const struct endpoint *remote, bool ping)
{
    struct udp *best = NULL;
    unsigned most = 0;
    LIST_EACH(l, udp_bucket(h, local->port)) {
        struct udp *u = LIST_ENTRY(l, struct udp, by_port);
        unsigned points = u->ping == ping ? score(u, local, remote) : 0;
        if (points > most) { most = points; best = u; }
    }
    return best;
}

bool udp_matches(const struct udp *u, const struct endpoint *local, const struct endpoint *remote)
{
    return !u->ping && score(u, local, remote) > 0;
}
