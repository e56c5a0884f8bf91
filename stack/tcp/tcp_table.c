// tcp_table.c - who has this 4-tuple, who has this port, who comes next by id. See tcp.h.
//
// By 4-tuple: open addressing with linear probing. A slot holds 32 bits of a keyed hash, so that a
// probe reads a connection only when it is almost surely the right one; deleting shifts back what
// follows, so there are no tombstones and a lookup never degrades. By id: an array that only ever
// grows at its end, since ids rise; holes are squeezed out when they are the greater part. Nothing
// in here depends on the order of the hash table.
#include <errno.h>

#include "base/hash.h"
#include "tcp/tcp.h"

enum { SLOTS_MIN = 16, IDS_MIN = 16, PORT_TRIES = 65536 };

static struct addr addr_of(uint8_t family, const uint8_t b[16])
{
    struct addr a = {.family = family};
    memcpy(a.b, b, sizeof a.b);
    return a;
}

struct addr conn_local_addr(const struct conn *c) { return addr_of(c->family, c->laddr); }
struct addr conn_remote_addr(const struct conn *c) { return addr_of(c->family, c->raddr); }

struct endpoint conn_local(const struct conn *c)
{
    return (struct endpoint){conn_local_addr(c), c->lport};
}

struct endpoint conn_remote(const struct conn *c)
{
    return (struct endpoint){conn_remote_addr(c), c->rport};
}

void conn_name(struct conn *c, struct endpoint local, struct endpoint remote)
{
    c->family = local.addr.family;
    c->lport = local.port;
    c->rport = remote.port;
    memcpy(c->laddr, local.addr.b, sizeof c->laddr);
    memcpy(c->raddr, remote.addr.b, sizeof c->raddr);
}

// Each use hashes another first byte, so that no answer of one is an answer of another.
uint64_t conn_hash(const struct conn *c, uint8_t use, const uint64_t key[2])
{
    uint8_t b[38];
    size_t n = c->family == FAMILY_IP6 ? 16 : 4;
    b[0] = use;
    b[1] = c->family;
    put16(b + 2, c->lport);
    put16(b + 4, c->rport);
    memcpy(b + 6, c->laddr, n);
    memcpy(b + 6 + n, c->raddr, n);
    return hash_bytes(&(struct hash_key){key[0], key[1]}, b, 6 + 2 * n);
}

static uint32_t tag_of(const struct host *h, const struct conn *c)
{
    return (uint32_t)conn_hash(c, HASH_TUPLE, h->key);
}

static bool same_names(const struct conn *a, const struct conn *b)
{
    return a->lport == b->lport && a->rport == b->rport && a->family == b->family
        && memcmp(a->laddr, b->laddr, 16) == 0 && memcmp(a->raddr, b->raddr, 16) == 0;
}

// The slot of the connection with these names, or the free one where it would go.
static uint32_t probe(const struct tcp_table *tt, const struct conn *c, uint32_t tag)
{
    uint32_t mask = tt->slots - 1, i = tag & mask;
    while (tt->slot[i].conn != NULL
           && !(tt->slot[i].tag == tag && same_names(tt->slot[i].conn, c)))
        i = (i + 1) & mask;
    return i;
}

struct conn *table_find(const struct host *h, struct endpoint local, struct endpoint remote)
{
    const struct tcp_table *tt = h->tcp;
    if (tt->used == 0) return NULL;
    struct conn c = {0};
    conn_name(&c, local, remote);
    if (tt->last != NULL && same_names(tt->last, &c)) return tt->last;
    return h->tcp->last = tt->slot[probe(tt, &c, tag_of(h, &c))].conn;
}

static bool grow(struct host *h)
{
    struct tcp_table *tt = h->tcp;
    if (tt->used * 4 < tt->slots * 3) return true;
    uint32_t old = tt->slots, slots = old > 0 ? old * 2 : SLOTS_MIN;
    struct tuple_slot *from = tt->slot, *slot = block_new(&h->pool, slots * sizeof *slot);
    if (slot == NULL) return false;
    tt->slot = slot;
    tt->slots = slots;
    for (uint32_t i = 0; i < old; i++)
        if (from[i].conn != NULL) slot[probe(tt, from[i].conn, from[i].tag)] = from[i];
    block_free(&h->pool, from, old * sizeof *from);
    return true;
}

bool table_add(struct host *h, struct conn *c)
{
    if (!grow(h)) return false;
    uint32_t tag = tag_of(h, c), i = probe(h->tcp, c, tag);
    CHECK(h->tcp->slot[i].conn == NULL);
    h->tcp->slot[i] = (struct tuple_slot){tag, c};
    h->tcp->used++;
    return true;
}

void table_remove(struct host *h, struct conn *c)
{
    struct tcp_table *tt = h->tcp;
    uint32_t mask = tt->slots - 1, hole = probe(tt, c, tag_of(h, c));
    CHECK(tt->slot[hole].conn == c);
    if (tt->last == c) tt->last = NULL;
    for (uint32_t i = (hole + 1) & mask; tt->slot[i].conn != NULL; i = (i + 1) & mask) {
        uint32_t home = tt->slot[i].tag & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;  // it lies behind the hole's reach
        tt->slot[hole] = tt->slot[i];
        hole = i;
    }
    tt->slot[hole] = (struct tuple_slot){0};
    tt->used--;
}

// --- by id -------------------------------------------------------------------------------------

// The first entry with this id or a greater one.
static uint32_t id_place(const struct tcp_table *tt, uint32_t id)
{
    uint32_t low = 0, high = tt->ids;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (tt->by_id[mid].id < id) low = mid + 1;
        else high = mid;
    }
    return low;
}

bool table_add_id(struct host *h, struct conn *c)
{
    struct tcp_table *tt = h->tcp;
    if (tt->ids == tt->id_cap) {
        uint32_t cap = tt->id_cap > 0 ? tt->id_cap * 2 : IDS_MIN;
        void *by_id = block_grow(&h->pool, tt->by_id, tt->id_cap * sizeof *tt->by_id,
                                 cap * sizeof *tt->by_id);
        if (by_id == NULL) return false;
        tt->by_id = by_id;
        tt->id_cap = cap;
    }
    uint32_t i = tt->ids;
    if (i > 0 && tt->by_id[i - 1].id > c->id) i = id_place(tt, c->id);  // ids have wrapped
    memmove(&tt->by_id[i + 1], &tt->by_id[i], (tt->ids - i) * sizeof *tt->by_id);
    tt->by_id[i] = (struct id_entry){c->id, c};
    tt->ids++;
    return true;
}

void table_remove_id(struct host *h, struct conn *c)
{
    struct tcp_table *tt = h->tcp;
    uint32_t i = id_place(tt, c->id);
    CHECK(i < tt->ids && tt->by_id[i].conn == c);
    tt->by_id[i].conn = NULL;
    if (++tt->id_holes * 2 <= tt->ids) return;

    uint32_t n = 0;
    for (i = 0; i < tt->ids; i++)
        if (tt->by_id[i].conn != NULL) tt->by_id[n++] = tt->by_id[i];
    tt->ids = n;
    tt->id_holes = 0;
}

struct conn *table_next(const struct host *h, uint32_t after)
{
    const struct tcp_table *tt = h->tcp;
    if (after == UINT32_MAX) return NULL;
    for (uint32_t i = id_place(tt, after + 1); i < tt->ids; i++)
        if (tt->by_id[i].conn != NULL) return tt->by_id[i].conn;
    return NULL;
}

bool table_replace(struct host *h, struct conn *old, struct conn *with)
{
    struct tcp_table *tt = h->tcp;
    uint32_t slot = probe(tt, old, tag_of(h, old)), i = id_place(tt, old->id);
    CHECK(tt->slot[slot].conn == old && tt->by_id[i].conn == old);
    tt->slot[slot].conn = with;
    if (tt->last == old) tt->last = with;
    tt->by_id[i].conn = with;
    return true;
}

// --- by port -----------------------------------------------------------------------------------

static struct list_node *bucket(const struct host *h, uint16_t port)
{
    return &h->tcp->port[port % TCP_PORT_BUCKETS];
}

void table_bind(struct tcp *t)
{
    if (!list_linked(&t->port)) list_push_back(bucket(t->host, t->conn.lport), &t->port);
}

static bool addrs_overlap(struct addr a, struct addr b)
{
    return addr_binds(a, b) || addr_binds(b, a);
}

// Linux's rules: two may share a port if both said SO_REUSEADDR and none listens, or both said
// SO_REUSEPORT. A connection's 4-tuple is its own, so only its bound port counts.
static bool may_share(const struct tcp *a, const struct tcp *b)
{
    if (a->reuse_port && b->reuse_port) return true;
    return a->reuse_addr && b->reuse_addr && b->state != TCP_LISTEN;
}

// Connections that were accepted, or wait in TIME-WAIT, keep their port from being bound again,
// unless the new one says SO_REUSEADDR.
static bool port_has_conns(const struct host *h, const struct tcp *t, struct endpoint local)
{
    const struct tcp_table *tt = h->tcp;
    for (uint32_t i = 0; i < tt->ids; i++) {
        const struct conn *c = tt->by_id[i].conn;
        if (c == NULL || c == &t->conn || c->lport != local.port || c->rport == 0) continue;
        if (addrs_overlap(conn_local_addr(c), local.addr)) return true;
    }
    return false;
}

int table_may_bind(const struct tcp *t, struct endpoint local)
{
    LIST_EACH(n, bucket(t->host, local.port)) {
        const struct tcp *other = LIST_ENTRY(n, struct tcp, port);
        if (other == t || other->conn.lport != local.port) continue;
        if (!addrs_overlap(conn_local_addr(&other->conn), local.addr)) continue;
        if (!may_share(t, other)) return -EADDRINUSE;
    }
    if (!t->reuse_addr && !t->reuse_port && port_has_conns(t->host, t, local)) return -EADDRINUSE;
    return 0;
}

int table_may_listen(const struct tcp *t)
{
    LIST_EACH(n, bucket(t->host, t->conn.lport)) {
        const struct tcp *other = LIST_ENTRY(n, struct tcp, port);
        if (other == t || other->conn.lport != t->conn.lport) continue;
        if (other->state != TCP_LISTEN) continue;
        if (!addrs_overlap(conn_local_addr(&other->conn), conn_local_addr(&t->conn))) continue;
        if (!(t->reuse_port && other->reuse_port)) return -EADDRINUSE;
    }
    return 0;
}

// A port nobody bound, and with a remote end, a 4-tuple that is not in use.
static bool port_is_free(const struct tcp *t, struct endpoint local, struct endpoint remote)
{
    LIST_EACH(n, bucket(t->host, local.port)) {
        const struct tcp *other = LIST_ENTRY(n, struct tcp, port);
        if (other->conn.lport == local.port
            && addrs_overlap(conn_local_addr(&other->conn), local.addr))
            return false;
    }
    return remote.port != 0 ? table_find(t->host, local, remote) == NULL
                            : !port_has_conns(t->host, t, local);
}

// RFC 6056 §3.3.3: a keyed hash of the ends gives each pair a place to begin, and chance a step
// from it, so that ports look random to strangers and are seldom used again soon.
int table_pick_port(struct tcp *t, struct endpoint local, struct endpoint remote)
{
    struct host *h = t->host;
    uint32_t first = (uint32_t)h->set.ip_local_port_first;
    uint32_t last = (uint32_t)h->set.ip_local_port_last;
    if (last < first) return -EADDRNOTAVAIL;
    uint32_t count = last - first + 1;

    struct conn c = {0};
    conn_name(&c, local, remote);
    uint64_t at = conn_hash(&c, HASH_PORT, h->key) + rng_below(&h->rng, count);
    for (uint32_t i = 0; i < count && i < PORT_TRIES; i++) {
        local.port = (uint16_t)(first + (at + i) % count);
        if (port_is_free(t, local, remote)) return local.port;
    }
    return -EADDRNOTAVAIL;
}

enum { FITS_NOT, FITS_ANY, FITS_OWN };

// How well a listener fits: one of this very address before one of any.
static int fit_of(const struct tcp *t, struct endpoint local)
{
    if (t->state != TCP_LISTEN || t->conn.lport != local.port) return FITS_NOT;
    struct addr a = conn_local_addr(&t->conn);
    if (!addrs_overlap(a, local.addr)) return FITS_NOT;
    return addr_is_any(a) ? FITS_ANY : FITS_OWN;
}

// The listener that fits best. Several that share a port by SO_REUSEPORT divide the callers by a
// hash of the 4-tuple.
struct tcp *table_listener(const struct host *h, struct endpoint local, struct endpoint remote)
{
    int best = FITS_ANY;
    uint32_t n = 0, turn = 0;
    struct tcp *t = NULL;
    LIST_EACH(node, bucket(h, local.port)) {
        struct tcp *other = LIST_ENTRY(node, struct tcp, port);
        int fit = fit_of(other, local);
        if (fit < best) continue;
        if (fit > best) n = 0;
        best = fit;
        if (n++ == 0) t = other;
    }
    if (n <= 1) return t;
    struct conn c = {0};
    conn_name(&c, local, remote);
    uint64_t chosen = conn_hash(&c, HASH_PORT, h->key) % n;
    LIST_EACH(node, bucket(h, local.port)) {
        t = LIST_ENTRY(node, struct tcp, port);
        if (fit_of(t, local) == best && turn++ == chosen) break;
    }
    return t;
}
