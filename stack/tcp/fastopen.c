// fastopen.c - see fastopen.h.
#include "tcp/fastopen.h"

#include <errno.h>

#include "base/hash.h"
#include "tcp/tcp.h"

// --- client: what is known of servers ----------------------------------------------------------

static struct fastopen_peer *find(const struct host *h, struct addr a)
{
    struct fastopen_cache *c = h->tcp->fastopen;
    for (uint32_t i = 0; c != NULL && i < c->count; i++)
        if (addr_eq(c->peer[i].addr, a)) return &c->peer[i];
    return NULL;
}

static struct fastopen_peer *find_or_add(struct host *h, struct addr a)
{
    struct fastopen_peer *p = find(h, a);
    if (p != NULL) return p;
    if (h->tcp->fastopen == NULL) h->tcp->fastopen = block_new(&h->pool, sizeof *h->tcp->fastopen);
    struct fastopen_cache *c = h->tcp->fastopen;
    if (c == NULL) return NULL;
    p = &c->peer[0];
    if (c->count < FASTOPEN_PEERS) {
        p = &c->peer[c->count++];
    } else {
        for (uint32_t i = 1; i < c->count; i++)
            if (c->peer[i].used < p->used) p = &c->peer[i];
    }
    *p = (struct fastopen_peer){.addr = a};
    return p;
}

void fastopen_flush(struct host *h)
{
    block_free(&h->pool, h->tcp->fastopen, sizeof *h->tcp->fastopen);
    h->tcp->fastopen = NULL;
}

bool fastopen_may_call(const struct tcp *t)
{
    return (t->host->set.tcp_fastopen & FO_SET_CLIENT) != 0;
}

static bool needs_no_cookie(const struct tcp *t)
{
    return (t->fo & FO_NO_COOKIE) || (t->host->set.tcp_fastopen & FO_SET_CLIENT_NO_COOKIE);
}

// --- client: what swallows bytes on a SYN ------------------------------------------------------

// RFC 7413 §7.1 leaves it to the client what to do about middleboxes that swallow such SYNs, or all
// that follows them. Linux: for a time no SYN of this host carries bytes or asks for a cookie.
enum { PAUSE_DOUBLINGS = 6, PAUSE_AFTER_TIMEOUTS = 3 };

static bool is_paused(const struct host *h)
{
    nsec wait = SEC(h->set.tcp_fastopen_blackhole_timeout_sec);
    const struct tcp_table *tt = h->tcp;
    if (wait == 0 || tt->fo_pauses == 0) return false;
    uint32_t doublings = tt->fo_pauses - 1;
    wait <<= doublings < PAUSE_DOUBLINGS ? doublings : PAUSE_DOUBLINGS;
    return h->now < tt->fo_paused_at + wait;
}

static void pause_all(struct host *h)
{
    if (h->set.tcp_fastopen_blackhole_timeout_sec == 0) return;
    h->tcp->fo_paused_at = h->now;
    h->tcp->fo_pauses++;
}

static bool is_caller(const struct tcp *t) { return !t->passive && (t->fo & FO_ASKED); }

static bool heard_bytes(const struct tcp *t)
{
    return t->ledger != NULL && t->ledger->data_segs_in > 0;
}

void fastopen_ask(struct tcp *t)
{
    if (is_paused(t->host)) return;
    t->fo |= FO_ASKED | (t->host->tcp->fo_pauses > 0 ? FO_TRIAL : 0);
}

void fastopen_note_timeout(struct tcp *t, bool last)
{
    int timeouts = t->retries + 1;
    bool enough = timeouts == PAUSE_AFTER_TIMEOUTS || (timeouts < PAUSE_AFTER_TIMEOUTS && last);
    if (is_caller(t) && enough) pause_all(t->host);
}

// A reset from out of the window, where no bytes ever came from.
void fastopen_note_odd_rst(struct tcp *t)
{
    if (is_caller(t) && t->state == TCP_ESTABLISHED && !heard_bytes(t)) pause_all(t->host);
}

// A FIN came, and none of the bytes before it; or all went well, and the next pause is a first one.
void fastopen_over(struct tcp *t)
{
    if (!is_caller(t)) return;
    if (!heard_bytes(t) && t->peer_fin_known && !t->peer_fin) pause_all(t->host);
    if (heard_bytes(t) && (t->fo & FO_TRIAL)) t->host->tcp->fo_pauses = 0;
}

// --- client: what our SYN carries --------------------------------------------------------------

bool fastopen_may_carry(const struct tcp *t)
{
    if (is_paused(t->host)) return false;
    const struct fastopen_peer *p = find(t->host, conn_remote_addr(&t->conn));
    return needs_no_cookie(t) || (p != NULL && p->cookie.len > 0);
}

// RFC 7413 §4.1.3.1: no more than the server said it takes, and room for all options.
uint32_t fastopen_room(const struct tcp *t)
{
    const struct fastopen_peer *p = find(t->host, conn_remote_addr(&t->conn));
    uint32_t mss = t->mss_own;
    if (p != NULL && p->mss != 0 && p->mss < mss) mss = p->mss;
    return mss > TCP_OPTS_MAX ? mss - TCP_OPTS_MAX : 0;
}

// A SYN,ACK with a cookie brings it; one without says that this form of the option may be unknown
// there. Linux: likewise.
void fastopen_learn(struct tcp *t, const struct tcp_opts *o)
{
    struct fastopen_peer *p = find_or_add(t->host, conn_remote_addr(&t->conn));
    if (p == NULL) return;
    p->used = ++t->host->tcp->fastopen->stamp;
    p->mss = t->mss_peer;
    if (needs_no_cookie(t)) return;  // one that was not asked for is not kept
    if (o->has_fastopen && o->fastopen.len > 0) {
        p->cookie = o->fastopen;
        p->old = o->fastopen_old;
        return;
    }
    uint8_t try_old = t->fo & FO_OLD ? 2 : 1;
    bool asked_in_vain = t->syn_sent == 1 && !(t->fo & FO_DATA) && p->cookie.len == 0;
    if (asked_in_vain && try_old > p->try_old) p->try_old = try_old;
}

static void client_option(struct tcp *t, struct tcp_opts *o)
{
    struct fastopen_peer *p = find(t->host, conn_remote_addr(&t->conn));
    if (needs_no_cookie(t)) return;
    o->has_fastopen = true;
    if (p != NULL && p->cookie.len > 0) o->fastopen = p->cookie;
    if (p != NULL) o->fastopen_old = p->cookie.len > 0 ? p->old : p->try_old == 1;
    if (o->fastopen_old) t->fo |= FO_OLD;
}

// --- server: cookies ---------------------------------------------------------------------------

// Linux's cookie: SipHash-2-4 of the client's and the server's address, eight bytes little-endian.
struct tcp_cookie fastopen_cookie(const uint8_t key[16], struct addr client, struct addr server)
{
    size_t n = client.family == FAMILY_IP6 ? 16 : 4;
    uint8_t b[32];
    memcpy(b, client.b, n);
    memcpy(b + n, server.b, n);
    struct hash_key k = hash_key_of(key);
    uint64_t hash = hash_bytes(&k, b, 2 * n);
    struct tcp_cookie c = {.len = 8};
    for (int i = 0; i < 8; i++) c.bytes[i] = (uint8_t)(hash >> (8 * i));
    return c;
}

// The listener's own keys, else the host's, else one that comes of the host's secret.
static void keys_of(const struct host *h, const struct listener *own, struct fastopen_keys *k)
{
    if (own != NULL && own->fo_keys.count > 0) {
        *k = own->fo_keys;
        return;
    }
    *k = (struct fastopen_keys){.count = h->set.tcp_fastopen_keys};
    memcpy(k->key, h->set.tcp_fastopen_key, sizeof k->key);
    if (k->count > 0) return;
    k->count = 1;
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t what[2] = {HASH_FASTOPEN, i};
        uint64_t v = hash_bytes(&(struct hash_key){h->isn_key[0], h->isn_key[1]}, what, 2);
        for (int n = 0; n < 8; n++) k->key[0][8 * i + n] = (uint8_t)(v >> (8 * n));
    }
}

static struct tcp_cookie cookie_for(const struct tcp *child, const struct fastopen_keys *k, int i)
{
    return fastopen_cookie(k->key[i], conn_remote_addr(&child->conn),
                           conn_local_addr(&child->conn));
}

static bool same_cookie(const struct tcp_cookie *a, const struct tcp_cookie *b)
{
    uint8_t odd = a->len ^ b->len;
    for (int i = 0; i < TCP_COOKIE_MAX; i++) odd |= a->bytes[i] ^ b->bytes[i];
    return odd == 0;
}

static struct tcp *listener_of(const struct tcp *child)
{
    struct conn *c = child->fo_listener == 0 ? NULL : table_next(child->host,
                                                                 child->fo_listener - 1);
    if (c == NULL || c->id != child->fo_listener || c->kind != CONN_TCP) return NULL;
    struct tcp *l = (struct tcp *)(void *)c;
    return l->state == TCP_LISTEN ? l : NULL;
}

void fastopen_done(struct tcp *child)
{
    struct tcp *l = listener_of(child);
    if (l != NULL) l->listener->fo_pending--;
    child->fo_listener = 0;
}

// Linux: bit 0x400 opens all listeners to it, as many at a time as the backlog has room for.
void fastopen_listen(struct tcp *listener, uint32_t backlog)
{
    int64_t bits = listener->host->set.tcp_fastopen;
    bool all = (bits & FO_SET_SERVER) && (bits & FO_SET_ALL_LISTENERS);
    if (all && listener->listener->fo_limit == 0)
        listener->listener->fo_limit = backlog;
}

// The bytes of the SYN are the application's at once (RFC 7413 §4.2.2); the last ACK comes later.
static void open_child(struct tcp *listener, struct tcp *child, struct arrival *a)
{
    child->fo |= FO_CHILD;
    // A SYN acknowledges nothing: the window it offers begins behind our own SYN.
    child->snd_wnd++;
    child->fo_listener = listener->conn.id;
    listener->listener->fo_pending++;
    uint32_t window = child->rcvq.limit < UINT16_MAX ? child->rcvq.limit : UINT16_MAX;
    child->rcv_edge = seq_add(child->rcv_nxt, window);
    tcp_begin_sending(child);
    CHECK(listen_promote(child));
    a->seg.seq = child->rcv_nxt;  // the SYN is taken; what follows it is data
    if (a->len == 0) return;
    take_data(child, a);
    if (child->rcv_nxt.raw != a->seg.seq.raw) child->fo |= FO_TAKEN;
}

void fastopen_arrive(struct tcp *listener, struct tcp *child, struct arrival *a)
{
    const struct tcp_opts *o = &a->seg.opts;
    int64_t bits = listener->host->set.tcp_fastopen;
    if (!(bits & FO_SET_SERVER) || (a->len == 0 && !o->has_fastopen)) return;
    if (listener->listener->fo_pending >= listener->listener->fo_limit) return;  // RFC 7413 §5.1
    if ((bits & FO_SET_SERVER_NO_COOKIE) || (listener->fo & FO_NO_COOKIE)) {
        open_child(listener, child, a);
        return;
    }
    if (!o->has_fastopen) return;

    struct fastopen_keys k;
    keys_of(child->host, listener->listener, &k);
    int valid = -1;
    for (int i = 0; i < k.count && valid < 0; i++) {
        struct tcp_cookie good = cookie_for(child, &k, i);
        if (same_cookie(&good, &o->fastopen)) valid = i;
    }
    // Asked for, wrong, or of the old key: the SYN,ACK brings a new one.
    if (valid != 0) {
        child->fo |= FO_ASKED | (o->fastopen_old ? FO_OLD : 0);
    }
    if (valid >= 0) open_child(listener, child, a);
}

static void server_option(const struct tcp *t, struct tcp_opts *o)
{
    const struct tcp *l = t->parent != NULL ? t->parent : listener_of(t);
    struct fastopen_keys k;
    keys_of(t->host, l != NULL ? l->listener : NULL, &k);
    o->has_fastopen = true;
    o->fastopen_old = (t->fo & FO_OLD) != 0;
    o->fastopen = cookie_for(t, &k, 0);
}

void fastopen_option(struct tcp *t, struct tcp_opts *o)
{
    if (!(t->fo & FO_ASKED) || t->syn_sent > 0) return;  // on the first SYN only (§4.1.3)
    if (t->passive) server_option(t, o);
    else client_option(t, o);
}

// --- keys --------------------------------------------------------------------------------------

// One key of 16 bytes, or two: the second is only recognised, and not given out.
int fastopen_set_key(struct tcp *t, const void *v, size_t n)
{
    if (n != 16 && n != 32) return -EINVAL;
    if (listen_make(t) == NULL) return -ENOBUFS;
    t->listener->fo_keys = (struct fastopen_keys){.count = (uint8_t)(n / 16)};
    memcpy(t->listener->fo_keys.key, v, n);
    return 0;
}

int fastopen_get_key(const struct tcp *t, void *v, size_t *n)
{
    struct fastopen_keys k;
    keys_of(t->host, t->listener, &k);
    size_t size = 16u * k.count;
    if (*n < size) return -EINVAL;
    memcpy(v, k.key, size);
    *n = size;
    return 0;
}
