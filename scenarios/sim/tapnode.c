// tapnode.c - see tapnode.h.
#include "scenarios/sim/tapnode.h"

#include "core/trace.h"

struct tapnode {
    struct tapnode_setup is;
    struct list_node     out;
    uint32_t             waiting;
    uint64_t             next_frame;
    uint8_t             *scratch;  // FRAME_MAX bytes to flatten a frame for the trace; or NULL
};

static void tell(const struct tapnode *t, nsec now, struct trace_event ev)
{
    if (t->is.trace == NULL) return;
    ev.at = now;
    ev.host = t->is.id;
    trace_emit(t->is.trace, &ev);
}

static struct trace_str str(const char *s) { return (struct trace_str){s, (uint32_t)strlen(s)}; }

static void introduce(const struct tapnode *t, const struct tapnode_config *cfg)
{
    tell(t, t->is.now, (struct trace_event){
        .type = TRACE_HOST_NEW, .host_new = {.name = str(cfg->name)}});
    tell(t, t->is.now, (struct trace_event){
        .type = TRACE_NETIF_NEW, .netif = TAPNODE_NETIF,
        .netif_new = {.name = str(cfg->netif), .mac = cfg->mac, .mtu = cfg->mtu}});
    for (unsigned i = 0; i < cfg->addrs; i++)
        tell(t, t->is.now, (struct trace_event){
            .type = TRACE_NETIF_ADDR, .netif = TAPNODE_NETIF,
            .netif_addr = {.addr = cfg->addr[i].addr, .prefix = cfg->addr[i].bits}});
}

struct tapnode *tapnode_new(const struct tapnode_config *cfg, const struct tapnode_setup *setup)
{
    struct tapnode *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->is = *setup;
    list_reset(&t->out);
    if (setup->trace != NULL && (t->scratch = malloc(FRAME_MAX)) == NULL) {
        free(t);
        return NULL;
    }
    introduce(t, cfg);
    return t;
}

void tapnode_free(struct tapnode *t)
{
    if (t == NULL) return;
    struct frame *f;
    while ((f = tapnode_take(t)) != NULL) frame_free(f);
    free(t->scratch);
    free(t);
}

static struct trace_bytes view(const struct tapnode *t, const struct frame *f)
{
    if (t->is.trace == NULL) return (struct trace_bytes){0};
    size_t want = f->len < t->is.trace->snap ? f->len : t->is.trace->snap;
    if (want > FRAME_MAX) want = FRAME_MAX;
    return (struct trace_bytes){t->scratch, (uint32_t)frame_flatten(f, t->scratch, want)};
}

void tapnode_enter(struct tapnode *t, struct frame *f, nsec now)
{
    f->id = (uint64_t)t->is.id << 40 | ++t->next_frame;
    tell(t, now, (struct trace_event){
        .type = TRACE_FRAME_TX, .netif = TAPNODE_NETIF,
        .frame_tx = {.frame = f->id, .len = f->len, .gso = f->gso_size,
                     .csum_todo = f->csum == CSUM_TODO, .data = view(t, f)}});
}

void tapnode_leave(struct tapnode *t, struct frame *f, nsec now)
{
    tell(t, now, (struct trace_event){
        .type = TRACE_FRAME_RX, .netif = TAPNODE_NETIF,
        .frame_rx = {.frame = f->id, .len = f->len, .gso = f->gso_size,
                     .csum_todo = f->csum == CSUM_TODO, .data = view(t, f)}});
    if (t->waiting >= TAPNODE_QUEUE) {
        tell(t, now, (struct trace_event){
            .type = TRACE_FRAME_DROP, .netif = TAPNODE_NETIF,
            .frame_drop = {.frame = f->id, .why = DROP_TXQ_FULL, .len = f->len}});
        frame_free(f);
        return;
    }
    list_push_back(&t->out, &f->link);
    t->waiting++;
}

struct frame *tapnode_take(struct tapnode *t)
{
    struct list_node *n = list_pop_front(&t->out);
    if (n == NULL) return NULL;
    t->waiting--;
    return LIST_ENTRY(n, struct frame, link);
}
