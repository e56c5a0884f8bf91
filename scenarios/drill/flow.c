// flow.c - see flow.h.
#include "scenarios/drill/flow.h"

#include "wire/ip_wire.h"
#include "wire/tcp_wire.h"

void flows_free(struct flows *fs)
{
    while (fs->newest != NULL) {
        struct flow *next = fs->newest->next;
        free(fs->newest->stamp);
        free(fs->newest);
        fs->newest = next;
    }
    *fs = (struct flows){0};
}

struct flow *flow_new(struct flows *fs, bool tcp, struct endpoint local, struct endpoint remote)
{
    struct flow *f = fs->count < FLOWS_MAX ? calloc(1, sizeof *f) : NULL;
    if (f == NULL) return NULL;
    f->id = ++fs->count;
    f->tcp = tcp;
    f->local = local;
    f->remote = remote;
    f->next = fs->newest;
    fs->newest = f;
    return f;
}

struct flow *flow_find(const struct flows *fs, bool tcp, struct endpoint local,
                       struct endpoint remote)
{
    for (struct flow *f = fs->newest; f != NULL; f = f->next)
        if (f->tcp == tcp && endpoint_eq(f->local, local) && endpoint_eq(f->remote, remote))
            return f;
    return NULL;
}

// A SYN with a new number over names that were used before opens another connection.
static bool is_new_open(const struct flow *f, const struct live *l)
{
    bool opens = (l->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    return opens && f->local_known && f->local_isn != l->seq;
}

void flow_learn(struct flows *fs, struct live *l)
{
    bool tcp = l->proto == IP_PROTO_TCP;
    if (l->bad != DROP_NONE || (!tcp && l->proto != IP_PROTO_UDP)) return;
    struct endpoint local = {l->src, l->sport}, remote = {l->dst, l->dport};
    struct flow *f = flow_find(fs, tcp, local, remote);
    bool opens = !tcp || (l->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    if (opens && (f == NULL || (tcp && is_new_open(f, l)))) f = flow_new(fs, tcp, local, remote);
    l->flow = f;
    if (f == NULL || !tcp || !(l->flags & TCP_SYN)) return;
    f->local_known = true;
    f->local_isn = l->seq;
}

uint32_t flow_local_seq(const struct flow *f, uint32_t script, bool syn)
{
    if (f == NULL || !f->local_known) return script;
    return script + f->local_isn - (syn ? f->local_script : 0);
}

uint32_t flow_remote_seq(const struct flow *f, uint32_t script, bool syn)
{
    return f == NULL || syn ? script : script + f->remote_isn;
}

uint32_t flow_script_local(const struct flow *f, uint32_t live, bool syn)
{
    if (f == NULL || !f->local_known) return live;
    return live - f->local_isn + (syn ? f->local_script : 0);
}

uint32_t flow_script_remote(const struct flow *f, uint32_t live, bool syn)
{
    return f == NULL || syn ? live : live - f->remote_isn;
}

void flow_stamp(struct flow *f, uint32_t script, uint32_t live)
{
    if (!f->stamps_known) f->first = (struct stamp){script, live};
    f->stamps_known = true;
    for (uint32_t i = f->stamps; i-- > 0;)
        if (f->stamp[i].script == script) {
            f->stamp[i].live = live;
            return;
        }
    if (f->stamps == FLOW_STAMPS) return;
    if ((f->stamps & (f->stamps - 1)) == 0) {  // at 0 and each power of two
        uint32_t room = f->stamps == 0 ? 1 : f->stamps * 2;
        struct stamp *more = realloc(f->stamp, room * sizeof *more);
        if (more == NULL) return;
        f->stamp = more;
    }
    f->stamp[f->stamps++] = (struct stamp){script, live};
}

bool flow_echo(const struct flow *f, uint32_t script, uint32_t *live)
{
    for (uint32_t i = f->stamps; i-- > 0;)
        if (f->stamp[i].script == script) {
            *live = f->stamp[i].live;
            return true;
        }
    return false;
}

// A label in a script is a name: the same one stays the same on the wire, another is another.
bool flow_label_fits(struct flow *f, uint32_t script, uint32_t live)
{
    for (unsigned i = 0; i < f->labels; i++)
        if (f->label[i].script == script || f->label[i].live == live)
            return f->label[i].script == script && f->label[i].live == live;
    if (f->labels == ARRAY_LEN(f->label)) return false;
    f->label[f->labels].script = script;
    f->label[f->labels++].live = live;
    return true;
}
