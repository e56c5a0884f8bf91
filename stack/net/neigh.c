// neigh.c - see neigh.h.
#include "net/neigh.h"

#include <errno.h>

#include "base/hash.h"
#include "net/arp.h"
#include "net/eth.h"
#include "net/ip.h"
#include "net/ndp.h"
#include "net/route.h"

enum { BUCKETS = 256 };
#define DELAY_FIRST_PROBE SEC(5)  // RFC 4861 §10, DELAY_FIRST_PROBE_TIME

struct neigh_table {
    struct list_node bucket[BUCKETS];
    struct list_node by_use;  // the front one was not used for longest
    uint32_t         count;
};

static_assert(sizeof(struct neigh) <= CHUNK_SMALL, "a neighbour fits in a small chunk");

int neigh_init(struct host *h)
{
    struct neigh_table *t = calloc(1, sizeof *t);
    if (t == NULL) return -ENOMEM;
    for (unsigned i = 0; i < BUCKETS; i++) list_reset(&t->bucket[i]);
    list_reset(&t->by_use);
    h->neigh = t;
    return 0;
}

static struct chunk *chunk_around(struct neigh *n)
{
    return LIST_ENTRY(n, struct chunk, data);
}

static struct frame *pop_held(struct list_node *held)
{
    struct list_node *l = list_pop_front(held);
    return l == NULL ? NULL : LIST_ENTRY(l, struct frame, link);
}

static void neigh_forget(struct host *h, struct neigh *n)
{
    for (struct frame *f; (f = pop_held(&n->held)) != NULL;) frame_free(f);
    wheel_cancel(&h->wheel, &n->timer);
    list_remove(&n->link);
    list_remove(&n->by_use);
    h->neigh->count--;
    chunk_drop(chunk_around(n));
}

void neigh_done(struct host *h)
{
    if (h->neigh == NULL) return;
    for (struct list_node *l; (l = list_front(&h->neigh->by_use)) != NULL;)
        neigh_forget(h, LIST_ENTRY(l, struct neigh, by_use));
    free(h->neigh);
    h->neigh = NULL;
}

// --- the table ---------------------------------------------------------------------------------

static struct list_node *bucket_of(const struct netif *n, struct addr a)
{
    const struct host *h = n->host;
    uint8_t name[3 + sizeof a.b] = {'n', (uint8_t)n->id, a.family};
    memcpy(name + 3, a.b, sizeof a.b);
    struct hash_key key = {h->key[0], h->key[1]};
    return &h->neigh->bucket[hash_bytes(&key, name, sizeof name) % BUCKETS];
}

// Most packets go where the last one went: it is looked at first, and hashed is only the rest.
static struct neigh *lookup(const struct netif *n, struct addr a)
{
    struct list_node *last = list_back(&n->host->neigh->by_use);
    struct neigh *newest = last != NULL ? LIST_ENTRY(last, struct neigh, by_use) : NULL;
    if (newest != NULL && newest->netif == n && addr_eq(newest->addr, a)) return newest;
    LIST_EACH(l, bucket_of(n, a)) {
        struct neigh *found = LIST_ENTRY(l, struct neigh, link);
        if (found->netif == n && addr_eq(found->addr, a)) return found;
    }
    return NULL;
}

const struct neigh *neigh_find(const struct netif *n, struct addr a) { return lookup(n, a); }

static bool make_room(struct host *h)
{
    if (h->neigh->count < (uint64_t)h->set.neigh_gc_thresh3) return true;
    LIST_EACH(l, &h->neigh->by_use) {
        struct neigh *old = LIST_ENTRY(l, struct neigh, by_use);
        if (old->held_len > 0) continue;
        neigh_forget(h, old);
        return true;
    }
    return false;
}

// A new entry of which nothing is known; or NULL, and why.
static struct neigh *add(struct netif *n, struct addr a, enum drop *why)
{
    struct host *h = n->host;
    *why = DROP_NEIGH_TABLE_FULL;
    if (!make_room(h)) return NULL;
    *why = DROP_NO_MEMORY;
    struct chunk *c = chunk_new(&h->pool, sizeof(struct neigh));
    if (c == NULL) return NULL;

    struct neigh *new = (struct neigh *)(void *)c->data;
    *new = (struct neigh){.netif = n, .addr = a, .timer.owner = TIMER_OWNER_NEIGH};
    list_reset(&new->held);
    list_push_back(bucket_of(n, a), &new->link);
    list_push_back(&h->neigh->by_use, &new->by_use);
    h->neigh->count++;
    *why = DROP_NONE;
    return new;
}

// --- states ------------------------------------------------------------------------------------

static void set_state(struct neigh *n, enum nud to)
{
    enum nud from = n->state;
    n->state = to;
    if (from == to) return;
    if (from == NUD_FAILED || to == NUD_FAILED) route_forget(n->netif->host);
    TRACE(n->netif->host, .type = TRACE_NEIGH_STATE, .netif = n->netif->id,
          .neigh_state = {.addr = n->addr, .mac = n->mac, .from = from, .to = to});
}

nsec neigh_retrans(const struct netif *n, uint8_t family)
{
    bool told = family == FAMILY_IP6 && n->retrans_ms != 0;
    return told ? MSEC(n->retrans_ms) : MSEC(n->host->set.neigh_retrans_ms);
}

// The one place that knows how each family asks. While a MAC is believed, only its station is.
static void ask(struct neigh *n)
{
    struct host *h = n->netif->host;
    n->probes++;
    wheel_arm(&h->wheel, &n->timer, h->now + neigh_retrans(n->netif, n->addr.family));
    const struct mac *only = n->state == NUD_PROBE ? &n->mac : NULL;
    if (n->addr.family == FAMILY_IP4) {
        arp_ask(n->netif, n->addr, only);
        return;
    }
    struct list_node *first = list_front(&n->held);
    struct addr from = first == NULL ? addr_any(FAMILY_NONE)
                                     : ip_sender(LIST_ENTRY(first, struct frame, link));
    ndp_ask(n->netif, n->addr, from, only);
}

static void begin_asking(struct neigh *n, enum nud state)
{
    n->probes = 0;
    set_state(n, state);
    ask(n);
}

static void send(struct neigh *n, struct frame *f)
{
    eth_output(n->netif, f, n->mac, eth_type_of(n->addr.family));
}

static void hold(struct neigh *n, struct frame *f)
{
    struct host *h = n->netif->host;
    host_step(h, f, STEP_ETH_HOLD, f->conn, 0);
    if (n->held_len >= (uint64_t)h->set.neigh_unres_qlen) {
        n->held_len--;
        host_drop(h, pop_held(&n->held), DROP_NEIGH_HELD_FULL);
    }
    list_push_back(&n->held, &f->link);
    n->held_len++;
}

// Nobody answered. The entry is FAILED before anyone is told, so that whoever tries again at once
// begins anew; the entry itself may be gone when the first has been told.
static void fail(struct host *h, struct neigh *n)
{
    struct list_node held;
    list_reset(&held);
    for (struct list_node *l; (l = list_pop_front(&n->held)) != NULL;) list_push_back(&held, l);
    n->held_len = 0;
    n->mac = (struct mac){0};
    set_state(n, NUD_FAILED);
    for (struct frame *f; (f = pop_held(&held)) != NULL;) {
        ip_tell_sender(h, f, EHOSTUNREACH);
        host_drop(h, f, DROP_NEIGH_FAILED);
    }
}

void neigh_timer_fire(struct host *h, struct timer *t)
{
    struct neigh *n = LIST_ENTRY(t, struct neigh, timer);
    if (n->state == NUD_DELAY) begin_asking(n, NUD_PROBE);
    else if (n->probes < NEIGH_PROBES) ask(n);
    else fail(h, n);
}

// --- in use ------------------------------------------------------------------------------------

static void use(struct neigh *n)
{
    struct host *h = n->netif->host;
    list_remove(&n->by_use);
    list_push_back(&h->neigh->by_use, &n->by_use);
    if (n->state == NUD_REACHABLE && h->now >= n->until) set_state(n, NUD_STALE);
    if (n->state == NUD_STALE) {
        set_state(n, NUD_DELAY);
        wheel_arm(&h->wheel, &n->timer, h->now + DELAY_FIRST_PROBE);
    }
}

static void send_held(struct neigh *n)
{
    if (n->held_len == 0) return;
    use(n);
    n->held_len = 0;
    for (struct frame *f; (f = pop_held(&n->held)) != NULL;) send(n, f);
}

void neigh_output(struct netif *n, struct addr hop, struct frame *f)
{
    enum drop why;
    struct neigh *to = lookup(n, hop);
    if (to == NULL && (to = add(n, hop, &why)) == NULL) {
        host_drop(n->host, f, why);
        return;
    }
    use(to);
    if (to->state == NUD_REACHABLE || to->state == NUD_DELAY || to->state == NUD_PROBE) {
        send(to, f);
        return;
    }
    hold(to, f);
    if (to->state != NUD_INCOMPLETE) begin_asking(to, NUD_INCOMPLETE);
}

// A random time around neigh_base_reachable_ms (RFC 4861 §6.3.2), so that hosts do not ask in step.
static nsec reachable_time(const struct neigh *it)
{
    struct host *h = it->netif->host;
    nsec base = MSEC(h->set.neigh_base_reachable_ms);
    if (it->addr.family == FAMILY_IP6 && it->netif->reachable_ms != 0)
        base = MSEC(it->netif->reachable_ms);
    return base / 2 + (nsec)rng_below(&h->rng, (uint64_t)base);
}

bool neigh_heard(struct netif *n, struct addr a, struct mac mac, bool answer)
{
    struct host *h = n->host;
    struct neigh *it = lookup(n, a);
    if (it == NULL) return false;
    bool asked = it->state == NUD_INCOMPLETE || it->state == NUD_PROBE;
    bool same = mac_eq(it->mac, mac);
    if (!(answer && asked) && same) return true;  // nothing new, and no proof that we are heard

    it->mac = mac;
    wheel_cancel(&h->wheel, &it->timer);
    if (answer && asked) {
        it->until = h->now + reachable_time(it);
        set_state(it, NUD_REACHABLE);
    } else {
        set_state(it, NUD_STALE);
    }
    send_held(it);
    return true;
}

static void learn(struct neigh *it, const struct neigh_word *word)
{
    struct host *h = it->netif->host;
    bool changed = word->has_mac && !mac_eq(it->mac, word->mac);
    if (!changed && !word->solicited) return;
    if (changed) it->mac = word->mac;
    wheel_cancel(&h->wheel, &it->timer);
    if (word->solicited) it->until = h->now + reachable_time(it);
    set_state(it, word->solicited ? NUD_REACHABLE : NUD_STALE);
}

enum neigh_verdict neigh_told(struct netif *n, struct addr a, const struct neigh_word *word)
{
    struct neigh *it = lookup(n, a);
    if (it == NULL || it->state == NUD_FAILED) return NEIGH_STRANGER;
    bool known = it->state != NUD_INCOMPLETE;
    if (!known && !word->has_mac) return NEIGH_PASSED_OVER;  // not what we want to know
    if (known && word->has_mac && !word->override && !mac_eq(it->mac, word->mac)) {
        if (it->state == NUD_REACHABLE) set_state(it, NUD_STALE);
        return NEIGH_PASSED_OVER;
    }
    it->router = word->router;
    learn(it, word);
    send_held(it);
    return NEIGH_TAKEN;
}

void neigh_is_router(struct netif *n, struct addr a)
{
    struct neigh *it = lookup(n, a);
    if (it != NULL) it->router = true;
}

void neigh_confirm(struct netif *n, struct addr a)
{
    struct neigh *it = lookup(n, a);
    if (it == NULL || it->state < NUD_REACHABLE || it->state > NUD_PROBE) return;
    wheel_cancel(&n->host->wheel, &it->timer);
    it->until = n->host->now + reachable_time(it);
    set_state(it, NUD_REACHABLE);
}

enum drop neigh_meet(struct netif *n, struct addr a, struct mac mac)
{
    if (neigh_heard(n, a, mac, false)) return DROP_NONE;
    enum drop why;
    struct neigh *new = add(n, a, &why);
    if (new == NULL) return why;
    new->mac = mac;
    set_state(new, NUD_STALE);
    return DROP_NONE;
}
