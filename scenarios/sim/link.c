// link.c - see link.h.
//
// Each direction is a queue before a line that is free again at `free_at`; the flights of both
// directions lie in one heap by their arrival. link_take makes the departures that are due before
// it looks for arrivals, so time inside the link is always in order.
#include "scenarios/sim/link.h"

#include <errno.h>

#include "base/csum.h"
#include "base/heap.h"
#include "base/rng.h"
#include "core/trace.h"

enum { LINK_QUEUE_DEFAULT = 1000, LINK_FLIGHTS_MAX = 1 << 20 };

// Where the headers of an Ethernet frame say how long they are.
enum { ETH_LEN = 14, IP4_IHL_AT = ETH_LEN, IP4_LEN = 20, IP6_LEN = 40, TCP_OFF_AT = 12,
       TCP_LEAST = 20, IP4_CSUM_AT = 10, ETH_IP4 = 0x0800, ETH_IP6 = 0x86dd };

struct rule { struct rule *next; struct link_rule is; };

struct flight {
    struct heap_node due;
    struct frame    *frame;
    enum link_end    from;
    enum drop        why;  // DROP_NONE: it will arrive
};

struct direction {
    struct link_config cfg;
    struct rng         rng;
    struct list_node   queue;  // frames of the wire's pool
    uint32_t           packets, bytes;
    nsec               free_at;
    struct rule       *rules;
};

struct link {
    struct link_setup is;
    struct direction  dir[2];
    struct heap       flights;
};

static void tell(const struct link *l, enum link_end from, nsec at, struct trace_event ev)
{
    if (l->is.trace == NULL) return;
    ev.at = at;
    ev.host = l->is.host[from];
    ev.netif = l->is.netif[from];
    trace_emit(l->is.trace, &ev);
}

// Takes the frame.
static void lose(const struct link *l, const struct flight *gone, nsec when)
{
    tell(l, gone->from, when, (struct trace_event){
        .type = TRACE_LINK_DROP,
        .link_drop = {.link = l->is.id, .frame = gone->frame->id, .why = gone->why,
                      .when = when}});
    frame_free(gone->frame);
}

struct link *link_new(const struct link_setup *setup)
{
    struct link *l = calloc(1, sizeof *l);
    if (l == NULL) return NULL;
    l->is = *setup;
    heap_init(&l->flights, LINK_FLIGHTS_MAX);
    struct rng r;
    rng_seed(&r, setup->seed);
    for (int i = 0; i < 2; i++) {
        l->dir[i].rng = rng_fork(&r);
        list_reset(&l->dir[i].queue);
    }
    tell(l, LINK_A, setup->now, (struct trace_event){
        .type = TRACE_LINK_NEW,
        .link_new = {.link = setup->id, .peer_host = setup->host[LINK_B],
                     .peer_netif = setup->netif[LINK_B]}});
    return l;
}

static void direction_free(struct direction *d)
{
    struct list_node *n;
    while ((n = list_pop_front(&d->queue)) != NULL) frame_free(LIST_ENTRY(n, struct frame, link));
    while (d->rules != NULL) {
        struct rule *r = d->rules;
        d->rules = r->next;
        if (r->is.free != NULL) r->is.free(r->is.self);
        free(r);
    }
}

void link_free(struct link *l)
{
    if (l == NULL) return;
    struct heap_node *n;
    while ((n = heap_pop(&l->flights)) != NULL) {
        struct flight *f = HEAP_ENTRY(n, struct flight, due);
        frame_free(f->frame);
        free(f);
    }
    heap_free(&l->flights);
    for (int i = 0; i < 2; i++) direction_free(&l->dir[i]);
    free(l);
}

const struct link_config *link_get(const struct link *l, enum link_end from)
{
    return &l->dir[from].cfg;
}

int link_add_rule(struct link *l, enum link_end from, const struct link_rule *r)
{
    struct rule *added = calloc(1, sizeof *added);
    if (added == NULL) return -ENOMEM;
    added->is = *r;
    struct rule **at = &l->dir[from].rules;
    while (*at != NULL) at = &(*at)->next;
    *at = added;
    return 0;
}

// Bytes of header that each segment of a super-frame repeats. All of its head if its payload is in
// slices; else the headers are read. 0 if they are not TCP's.
static size_t header_len(const struct frame *f)
{
    if (f->slices > 0) return f->head_len;
    const uint8_t *p = frame_start(f);
    if (f->head_len < ETH_LEN + IP6_LEN) return 0;
    size_t l4 = ETH_LEN + (p[IP4_IHL_AT] >> 4 == 4 ? (size_t)(p[IP4_IHL_AT] & 15) * 4 : IP6_LEN);
    if (l4 + TCP_LEAST > f->head_len) return 0;
    return l4 + (size_t)(p[l4 + TCP_OFF_AT] >> 4) * 4;
}

// What the wire carries: a super-frame is as long as the segments it stands for.
static uint64_t wire_len(const struct frame *f)
{
    size_t head = f->gso_size > 0 ? header_len(f) : 0;
    if (head == 0 || head >= f->len) return f->len;
    uint64_t segments = (f->len - head + f->gso_size - 1) / f->gso_size;
    return f->len + (segments - 1) * head;
}

static nsec time_on_line(const struct link_config *cfg, const struct frame *f)
{
    if (cfg->rate_bps == 0) return 0;
    // Rounded up, so that a frame is never faster than its line.
    unsigned __int128 bits = (unsigned __int128)wire_len(f) * 8 * 1000000000u;
    unsigned __int128 t = (bits + cfg->rate_bps - 1) / cfg->rate_bps;
    return t > (unsigned __int128)SEC(86400) ? SEC(86400) : (nsec)t;
}

static bool rule_takes(struct direction *d, const struct frame *f)
{
    for (struct rule *r = d->rules; r != NULL; r = r->next) {
        if (r->is.count == 0 || !r->is.match(r->is.self, frame_start(f), f->len)) continue;
        if (r->is.skip > 0) {
            r->is.skip--;
            continue;
        }
        r->is.count--;
        return true;
    }
    return false;
}

// One bit of it flips. The sum is made whole first, or the receiver could not see the damage.
static void damage(struct frame *f, uint64_t draw)
{
    if (f->csum == CSUM_TODO) frame_finish_csum(f);
    f->csum = CSUM_NONE;
    uint64_t bit = draw % ((uint64_t)f->len * 8);
    frame_start(f)[bit / 8] ^= (uint8_t)(1u << (bit % 8));
}

// why is DROP_NONE, or what will befall it in the middle of its flight.
static void launch(struct link *l, struct flight what, nsec depart, nsec arrive)
{
    const struct direction *d = &l->dir[what.from];
    tell(l, what.from, depart, (struct trace_event){
        .type = TRACE_LINK_FLY,
        .link_fly = {.link = l->is.id, .frame = what.frame->id, .depart = depart,
                     .arrive = arrive, .packets = d->packets, .bytes = d->bytes}});
    struct flight *fl = calloc(1, sizeof *fl);
    nsec until = what.why == DROP_NONE ? arrive : depart + (arrive - depart) / 2;
    if (fl != NULL) {
        *fl = what;
        if (heap_push(&l->flights, &fl->due, until)) return;
        free(fl);
    }
    what.why = DROP_NO_MEMORY;
    lose(l, &what, depart);
}

// A frame of the wire's pool gets its time on the line, and its luck.
static void depart(struct link *l, enum link_end from, struct frame *f, nsec now)
{
    struct direction *d = &l->dir[from];
    const struct link_config *c = &d->cfg;
    bool lost = rng_chance(&d->rng, c->loss_ppm), late = rng_chance(&d->rng, c->reorder_ppm);
    bool twice = rng_chance(&d->rng, c->duplicate_ppm);
    bool damaged = rng_chance(&d->rng, c->corrupt_ppm);
    uint64_t draw = rng_next(&d->rng);
    nsec jitter = (nsec)rng_below(&d->rng, (uint64_t)c->jitter + 1);

    d->free_at = now + time_on_line(c, f);
    nsec arrive = d->free_at + c->delay + jitter;
    if (late) arrive += c->reorder_delay ? c->reorder_delay : c->delay;
    // What takes no time at all could go round for ever within one instant.
    if (arrive <= now) arrive = now + 1;

    struct flight what = {.frame = f, .from = from};
    if (rule_takes(d, f)) what.why = DROP_LINK_FILTER;
    else if (lost) what.why = DROP_LINK_LOSS;
    if (damaged) damage(f, draw);
    struct flight again = what;
    again.frame = twice && what.why == DROP_NONE ? frame_copy(l->is.pool, f) : NULL;
    launch(l, what, now, arrive);
    if (again.frame != NULL) launch(l, again, now, arrive);
}

// The next instant at which a frame leaves the queue of a direction.
static nsec departure(const struct direction *d)
{
    return list_empty(&d->queue) ? NEVER : d->free_at;
}

static void depart_next(struct link *l, enum link_end from)
{
    struct direction *d = &l->dir[from];
    struct frame *f = LIST_ENTRY(list_pop_front(&d->queue), struct frame, link);
    d->packets--;
    d->bytes -= f->len;
    if (!d->cfg.down) {
        depart(l, from, f, d->free_at);
        return;
    }
    lose(l, &(struct flight){.frame = f, .from = from, .why = DROP_LINK_DOWN}, d->free_at);
}

// Why the frame cannot even wait, or DROP_NONE.
static enum drop refuses(const struct direction *d, const struct frame *f, bool waits)
{
    uint32_t limit = d->cfg.queue_packets ? d->cfg.queue_packets : LINK_QUEUE_DEFAULT;
    if (d->cfg.down) return DROP_LINK_DOWN;
    if (f->len > FRAME_MAX) return DROP_LINK_TOO_BIG;
    if (waits && d->packets >= limit) return DROP_LINK_QUEUE_FULL;
    return DROP_NONE;
}

static void run(struct link *l, nsec now)
{
    for (;;) {
        nsec a = departure(&l->dir[LINK_A]), b = departure(&l->dir[LINK_B]);
        if ((a < b ? a : b) > now) return;
        depart_next(l, a <= b ? LINK_A : LINK_B);
    }
}

void link_set(struct link *l, enum link_end from, const struct link_config *cfg, nsec now)
{
    run(l, now);
    l->dir[from].cfg = *cfg;
    tell(l, from, now, (struct trace_event){
        .type = TRACE_LINK_SET,
        .link_set = {.link = l->is.id, .rate_bps = cfg->rate_bps, .delay = cfg->delay,
                     .loss_ppm = cfg->loss_ppm,
                     .queue_packets = cfg->queue_packets ? cfg->queue_packets
                                                         : LINK_QUEUE_DEFAULT}});
}

// Marks the packet if its sender can be told so. False: it cannot.
static bool mark(struct frame *f)
{
    uint8_t *p = frame_start(f);
    uint16_t type = f->head_len < ETH_LEN + IP4_LEN ? 0 : get16(p + ETH_LEN - 2);
    if (type == ETH_IP4) {
        uint8_t *ip = p + ETH_LEN;
        size_t len = (size_t)(ip[0] & 15) * 4;
        if ((ip[1] & 3) == 0 || len < IP4_LEN || ETH_LEN + len > f->head_len) return false;
        ip[1] |= 3;
        put16(ip + IP4_CSUM_AT, 0);
        put16(ip + IP4_CSUM_AT, csum_field(csum_sum(ip, len)));
        return true;
    }
    if (type != ETH_IP6 || (p[ETH_LEN + 1] & 0x30) == 0) return false;
    p[ETH_LEN + 1] |= 0x30;
    return true;
}

void link_enqueue(struct link *l, enum link_end from, struct frame *f, nsec now)
{
    run(l, now);
    struct direction *d = &l->dir[from];
    bool waits = !list_empty(&d->queue) || d->free_at > now;
    enum drop why = refuses(d, f, waits);
    struct frame *copy = why == DROP_NONE ? frame_copy(l->is.pool, f) : NULL;
    if (copy == NULL) {
        if (why == DROP_NONE) why = DROP_NO_MEMORY;
        lose(l, &(struct flight){.frame = f, .from = from, .why = why}, now);
        return;
    }
    frame_free(f);
    if (!waits) {
        depart(l, from, copy, now);
        return;
    }
    list_push_back(&d->queue, &copy->link);
    d->packets++;
    d->bytes += copy->len;
    tell(l, from, now, (struct trace_event){
        .type = TRACE_LINK_QUEUE,
        .link_queue = {.link = l->is.id, .frame = copy->id, .packets = d->packets,
                       .bytes = d->bytes}});
    if (d->cfg.ecn_packets == 0 || d->packets < d->cfg.ecn_packets || !mark(copy)) return;
    tell(l, from, now, (struct trace_event){
        .type = TRACE_LINK_MARK,
        .link_mark = {.link = l->is.id, .frame = copy->id, .packets = d->packets}});
}

nsec link_next(const struct link *l)
{
    nsec next = NEVER;
    for (int i = 0; i < 2; i++) {
        nsec at = departure(&l->dir[i]);
        if (at < next) next = at;
    }
    struct heap_node *first = heap_peek(&l->flights);
    return first != NULL && first->at < next ? first->at : next;
}

// Departures and the ends of flights happen in the order of their instants.
struct frame *link_take(struct link *l, nsec now, enum link_end *to)
{
    nsec at;
    while ((at = link_next(l)) <= now) {
        run(l, at);
        struct heap_node *first = heap_peek(&l->flights);
        if (first == NULL || first->at > at) continue;
        struct flight *fl = HEAP_ENTRY(heap_pop(&l->flights), struct flight, due);
        struct flight end = *fl;
        free(fl);
        if (end.why == DROP_NONE) {
            *to = end.from == LINK_A ? LINK_B : LINK_A;
            return end.frame;
        }
        lose(l, &end, at);
    }
    return NULL;
}
