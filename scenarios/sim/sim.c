// sim.c - see sim.h.
//
// The calendar holds one entry a host (its next deadline), one a link (its next departure or
// arrival) and one a timer. Whatever happens to a host puts it on the list of touched hosts, and
// before the next entry each of them is settled: it runs, its applications are told, what they
// wrote goes out, its frames go into the cables, and its entry moves to its new deadline.
#include "scenarios/sim/sim.h"

#include "base/heap.h"
#include "base/rng.h"
#include "core/trace.h"

enum { SIM_MEMORY = 256 << 20, SIM_EVENTS_MAX = 1 << 20, SIM_PARTS_MAX = 65535 };
enum seed_of { SEED_SIM, SEED_HOST, SEED_LINK };

enum due { DUE_HOST, DUE_LINK, DUE_TIMER };

struct entry { struct heap_node due; enum due kind; };

struct port { struct netif *netif; struct cable *cable; enum link_end end; struct sim_tap *tap; };

struct member {
    struct entry     entry;
    struct list_node touched;
    struct host     *host;     // NULL: it is the node behind a TAP
    struct tapnode  *node;
    uint16_t         id;
    struct port     *port;
    size_t           ports;
};

struct cable {
    struct entry   entry;
    struct link   *link;
    struct member *end[2];
    struct netif  *netif[2];
};

struct sim_tap {
    struct sim    *s;
    struct member *member;  // whose interface it is at
    struct netif  *netif;
    struct cable  *cable;   // to the kernel's node; NULL: the short path
};

struct sim_timer {
    struct entry entry;
    struct list_node link;
    uint64_t id;
    void   (*run)(void *self);
    void    *self;
};

struct sim {
    struct sim_config is;
    nsec              now;
    struct heap       calendar;
    struct rng        rng;
    struct apps       apps;
    struct pool       wire;
    struct member   **member;
    struct cable    **cable;
    struct sim_tap  **tap;
    size_t            members, cables, taps;
    struct list_node  touched, timers;
    uint64_t          next_timer, events;
    uint32_t          macs;
    bool              stop, tired;
};

// A seed for each part, by what it is and its number: another part more or less changes no other.
static uint64_t seed_for(const struct sim *s, enum seed_of what, uint64_t number)
{
    struct rng r;
    rng_seed(&r, what == SEED_HOST && s->is.secret != 0 ? s->is.secret : s->is.seed);
    rng_seed(&r, rng_next(&r) + ((uint64_t)what << 32 | number));
    return rng_next(&r);
}

struct sim *sim_new(const struct sim_config *cfg)
{
    struct sim *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->is = *cfg;
    s->now = cfg->now;
    heap_init(&s->calendar, SIM_EVENTS_MAX);
    rng_seed(&s->rng, seed_for(s, SEED_SIM, 0));
    apps_init(&s->apps);
    pool_init(&s->wire, SIM_MEMORY);
    list_reset(&s->touched);
    list_reset(&s->timers);
    s->next_timer = 1;
    if (s->is.trace != NULL) {
        const char *name = cfg->name ? cfg->name : "";
        trace_emit(s->is.trace, &(struct trace_event){
            .at = s->now, .type = TRACE_RUN,
            .run = {.name = {name, (uint32_t)strlen(name)}, .seed = cfg->seed}});
    }
    return s;
}

// Hosts and links both hold frames of the wire's pool, which goes last. The calendar's entries lie
// in hosts and links, so it goes before them.
void sim_free(struct sim *s)
{
    if (s == NULL) return;
    apps_free(&s->apps);
    heap_free(&s->calendar);
    struct list_node *n;
    while ((n = list_pop_front(&s->timers)) != NULL) free(LIST_ENTRY(n, struct sim_timer, link));
    for (size_t i = 0; i < s->members; i++) {
        ng_host_free(s->member[i]->host);
        tapnode_free(s->member[i]->node);
        free(s->member[i]->port);
        free(s->member[i]);
    }
    for (size_t i = 0; i < s->cables; i++) {
        link_free(s->cable[i]->link);
        free(s->cable[i]);
    }
    pool_drain(&s->wire);
    for (size_t i = 0; i < s->taps; i++) free(s->tap[i]);
    free(s->member);
    free(s->cable);
    free(s->tap);
    free(s);
}

nsec sim_now(const struct sim *s) { return s->now; }
struct rng *sim_rng(struct sim *s) { return &s->rng; }
struct trace_sink *sim_trace(struct sim *s) { return s->is.trace; }
struct apps *sim_apps(struct sim *s) { return &s->apps; }
bool sim_tired(const struct sim *s) { return s->tired; }

// Room for one more pointer in an array that is full at each power of two.
static bool grow(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0) return true;
    void *old, *more;
    memcpy(&old, array, sizeof old);
    more = realloc(old, (count ? count * 2 : 1) * size);
    if (more == NULL) return false;
    memcpy(array, &more, sizeof more);
    return true;
}

static struct member *member_of(const struct sim *s, const struct host *h)
{
    for (size_t i = 0; i < s->members; i++)
        if (s->member[i]->host == h) return s->member[i];
    return NULL;
}

static void touch(struct sim *s, struct member *m)
{
    if (!list_linked(&m->touched)) list_push_back(&s->touched, &m->touched);
}

void sim_touch(struct sim *s, struct host *h)
{
    struct member *m = member_of(s, h);
    CHECK(m != NULL);
    if (ng_host_now(h) < s->now) ng_host_run(h, s->now);
    touch(s, m);
}

static struct member *add_member(struct sim *s)
{
    if (s->members == SIM_PARTS_MAX || !grow(&s->member, s->members, sizeof(void *))) return NULL;
    struct member *m = calloc(1, sizeof *m);
    if (m == NULL) return NULL;
    m->id = (uint16_t)(s->members + 1);
    m->entry.kind = DUE_HOST;
    s->member[s->members++] = m;
    return m;
}

struct host *sim_add_host(struct sim *s, const char *name)
{
    struct member *m = add_member(s);
    if (m == NULL) return NULL;
    m->host = ng_host_new(&(struct ng_host_config){
        .name = name, .id = m->id, .seed = seed_for(s, SEED_HOST, m->id), .now = s->now,
        .trace = s->is.trace});
    if (m->host != NULL) touch(s, m);
    return m->host;
}

struct netif *sim_add_device(struct sim *s, struct host *h, const struct ng_netif_config *wish)
{
    struct member *m = member_of(s, h);
    CHECK(m != NULL);
    if (m->ports == SIM_PARTS_MAX || !grow(&m->port, m->ports, sizeof *m->port)) return NULL;
    struct ng_netif_config cfg = *wish;
    char buf[16];
    if (cfg.name == NULL) {
        if (s->macs == SIM_PARTS_MAX) return NULL;
        struct text name = text_of(buf, sizeof buf);
        text_put_str(&name, "eth");
        text_put_u64(&name, m->ports);
        cfg.name = buf;
        cfg.mac = (struct mac){{0x02}};
        put32(cfg.mac.b + 2, ++s->macs);
    }
    struct netif *n = ng_host_add_netif(h, &cfg);
    if (n == NULL) return NULL;
    m->port[m->ports++] = (struct port){.netif = n};
    touch(s, m);
    return n;
}

struct netif *sim_add_netif(struct sim *s, struct host *h, struct addr a, unsigned prefix)
{
    struct netif *n = sim_add_device(s, h, &(struct ng_netif_config){.name = NULL});
    if (n == NULL) return NULL;
    if (a.family != FAMILY_NONE && ng_netif_add_addr(n, a, prefix) < 0) return NULL;
    return n;
}

static struct port *port_of(struct member *m, const struct netif *n)
{
    for (size_t i = 0; i < m->ports; i++)
        if (m->port[i].netif == n) return &m->port[i];
    return NULL;
}

// A cable between two members; an end without an interface is a node, which has one of its own.
static struct cable *add_cable(struct sim *s, struct member *const m[2], struct netif *const n[2])
{
    if (s->cables == SIM_PARTS_MAX || !grow(&s->cable, s->cables, sizeof(void *))) return NULL;
    struct cable *c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    uint32_t id = (uint32_t)s->cables + 1;
    *c = (struct cable){.entry.kind = DUE_LINK, .end = {m[0], m[1]}, .netif = {n[0], n[1]}};
    struct link_setup setup = {
        .id = id, .pool = &s->wire, .trace = s->is.trace, .seed = seed_for(s, SEED_LINK, id),
        .now = s->now};
    for (int i = 0; i < 2; i++) {
        setup.host[i] = m[i]->id;
        setup.netif[i] = n[i] != NULL ? ng_netif_id(n[i]) : (uint16_t)TAPNODE_NETIF;
    }
    c->link = link_new(&setup);
    if (c->link == NULL) {
        free(c);
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (n[i] == NULL) continue;
        struct port *p = port_of(m[i], n[i]);
        p->cable = c;
        p->end = (enum link_end)i;
    }
    s->cable[s->cables++] = c;
    return c;
}

struct link *sim_add_link(struct sim *s, struct host *a, struct netif *an, struct host *b,
                          struct netif *bn)
{
    struct member *m[2] = {member_of(s, a), member_of(s, b)};
    struct netif *n[2] = {an, bn};
    CHECK(m[0] != NULL && m[1] != NULL);
    struct port *end[2] = {port_of(m[0], an), port_of(m[1], bn)};
    CHECK(end[0] != NULL && end[1] != NULL);
    CHECK(end[0] != end[1] && end[0]->cable == NULL && end[1]->cable == NULL);
    struct cable *c = add_cable(s, m, n);
    return c != NULL ? c->link : NULL;
}

struct link *sim_link(const struct sim *s, uint32_t id)
{
    return id > 0 && id <= s->cables ? s->cable[id - 1]->link : NULL;
}

// Keeps its place among the events of one instant when the instant stays the same.
static void schedule(struct sim *s, struct entry *e, nsec at)
{
    if (heap_holds(&e->due) && e->due.at == at) return;
    heap_remove(&s->calendar, &e->due);
    if (at == NEVER) return;
    bool held = heap_push(&s->calendar, &e->due, at < s->now ? s->now : at);
    CHECK(held);  // hosts and links are few, and timers leave them room
}

uint64_t sim_at(struct sim *s, nsec at, void (*run)(void *self), void *self)
{
    if (s->calendar.count + s->members + s->cables >= SIM_EVENTS_MAX) return 0;
    struct sim_timer *t = calloc(1, sizeof *t);
    if (t == NULL) return 0;
    *t = (struct sim_timer){.entry.kind = DUE_TIMER, .id = s->next_timer++, .run = run,
                            .self = self};
    list_push_back(&s->timers, &t->link);
    schedule(s, &t->entry, at);
    return t->id;
}

static void timer_remove(struct sim *s, struct sim_timer *t)
{
    heap_remove(&s->calendar, &t->entry.due);
    list_remove(&t->link);
    free(t);
}

void sim_cancel(struct sim *s, uint64_t id)
{
    LIST_EACH(n, &s->timers) {
        struct sim_timer *t = LIST_ENTRY(n, struct sim_timer, link);
        if (t->id != id) continue;
        timer_remove(s, t);
        return;
    }
}

static void send_frames(struct sim *s, struct port *p)
{
    struct frame *f;
    bool sent = false;
    if (p->tap != NULL && p->cable == NULL) return;  // sim_tap_take empties it
    while ((f = ng_netif_take(p->netif)) != NULL) {
        if (p->cable == NULL) {
            ng_netif_drop(p->netif, f, DROP_LINK_DOWN);
            continue;
        }
        link_enqueue(p->cable->link, p->end, f, s->now);
        sent = true;
    }
    if (sent) schedule(s, &p->cable->entry, link_next(p->cable->link));
}

static void settle(struct sim *s, struct member *m)
{
    if (m->host == NULL) return;
    do ng_host_run(m->host, s->now);
    while (apps_dispatch(&s->apps, m->host));
    for (size_t i = 0; i < m->ports; i++) send_frames(s, &m->port[i]);
    schedule(s, &m->entry, ng_host_next(m->host));
}

// An application may touch another host, so the list may grow while it is worked off.
static void settle_all(struct sim *s)
{
    struct list_node *n;
    while ((n = list_pop_front(&s->touched)) != NULL)
        settle(s, LIST_ENTRY(n, struct member, touched));
}

static void deliver(struct sim *s, struct cable *c)
{
    enum link_end to;
    struct frame *f;
    while ((f = link_take(c->link, s->now, &to)) != NULL) {
        if (c->end[to]->node != NULL) {
            tapnode_leave(c->end[to]->node, f, s->now);
            continue;
        }
        ng_host_input(c->end[to]->host, c->netif[to], f, s->now);
        touch(s, c->end[to]);
    }
    schedule(s, &c->entry, link_next(c->link));
}

static void run_timer(struct sim *s, struct sim_timer *t)
{
    void (*run)(void *self) = t->run;
    void *self = t->self;
    timer_remove(s, t);
    run(self);
}

static void run_entry(struct sim *s, struct entry *e)
{
    switch (e->kind) {
    case DUE_HOST:
        touch(s, HEAP_ENTRY(e, struct member, entry));
        break;
    case DUE_LINK:
        deliver(s, HEAP_ENTRY(e, struct cable, entry));
        break;
    case DUE_TIMER:
        run_timer(s, HEAP_ENTRY(e, struct sim_timer, entry));
        break;
    }
}

nsec sim_next(const struct sim *s)
{
    if (!list_empty(&s->touched)) return s->now;
    struct heap_node *first = heap_peek(&s->calendar);
    return first != NULL ? first->at : NEVER;
}

bool sim_step(struct sim *s)
{
    settle_all(s);
    struct heap_node *first = heap_pop(&s->calendar);
    if (first == NULL) return false;
    s->now = first->at;
    run_entry(s, HEAP_ENTRY(first, struct entry, due));
    settle_all(s);
    s->events++;
    return true;
}

// The clock ends at `until` even if nothing happened so late, unless someone stopped the run.
void sim_run(struct sim *s, nsec until)
{
    s->stop = false;
    settle_all(s);
    while (!s->stop && sim_next(s) <= until && sim_next(s) != NEVER) {
        if (s->is.events > 0 && s->events >= s->is.events) {
            s->tired = s->stop = true;
            return;
        }
        sim_step(s);
    }
    if (!s->stop && until != NEVER && until > s->now) s->now = until;
}

void sim_stop(struct sim *s) { s->stop = true; }

// --- the world outside ---------------------------------------------------------------------------

struct sim_tap *sim_add_tap(struct sim *s, struct host *h, struct netif *n)
{
    struct member *m = member_of(s, h);
    CHECK(m != NULL);
    struct port *p = port_of(m, n);
    CHECK(p != NULL && p->cable == NULL && p->tap == NULL);
    if (s->taps == SIM_PARTS_MAX || !grow(&s->tap, s->taps, sizeof(void *))) return NULL;
    struct sim_tap *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    *t = (struct sim_tap){.s = s, .member = m, .netif = n};
    s->tap[s->taps++] = p->tap = t;
    return t;
}

struct link *sim_tap_link(struct sim_tap *t, const struct tapnode_config *cfg)
{
    struct sim *s = t->s;
    CHECK(t->cable == NULL);
    struct member *m[2] = {t->member, add_member(s)};
    if (m[1] == NULL) return NULL;
    m[1]->node = tapnode_new(cfg, &(struct tapnode_setup){m[1]->id, s->now, s->is.trace});
    if (m[1]->node != NULL) t->cable = add_cable(s, m, (struct netif *[2]){t->netif, NULL});
    return t->cable != NULL ? t->cable->link : NULL;
}

void sim_tap_input(struct sim_tap *t, struct frame *f)
{
    struct sim *s = t->s;
    if (t->cable == NULL) {
        ng_host_input(t->member->host, t->netif, f, s->now);
        touch(s, t->member);
        return;
    }
    tapnode_enter(t->cable->end[LINK_B]->node, f, s->now);
    link_enqueue(t->cable->link, LINK_B, f, s->now);
    schedule(s, &t->cable->entry, link_next(t->cable->link));
}

struct frame *sim_tap_take(struct sim_tap *t)
{
    if (t->cable == NULL) return ng_netif_take(t->netif);
    return tapnode_take(t->cable->end[LINK_B]->node);
}
