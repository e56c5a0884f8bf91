// see stage.h. Here: which two hosts are on stage, where there are more.
#include "viz/stage_parts.h"

#include "viz/topology.h"

// The one that stands left in the topology stands left.
static void put_on_stage(struct stage *st, uint16_t a, uint16_t b)
{
    struct topology t;
    topology_of(&t, st->rec);
    bool swap = topology_place(&t, a) > topology_place(&t, b);
    history_keep_stage(&st->rec->history, (uint16_t[2]){swap ? b : a, swap ? a : b});
    st->dirty = true;
}

void stage_choose_host(struct stage *st, uint16_t host)
{
    const uint16_t *now = st->rec->history.stage;
    bool there = host == now[0] || host == now[1];
    uint16_t beside = st->last_host;
    if (beside != now[0] && beside != now[1]) beside = now[1];
    st->last_host = host;
    st->dirty = true;
    if (!there) put_on_stage(st, beside, host);
}

void stage_choose_link(struct stage *st, uint32_t link)
{
    const struct model *m = &st->rec->last;
    const uint16_t *now = st->rec->history.stage;
    for (size_t i = 0; i < m->netifs; i++) {
        const struct model_netif *n = &m->netif[i];
        if (!n->has_link || n->link != link) continue;
        bool there = (n->host == now[0] && n->peer_host == now[1]) ||
                     (n->host == now[1] && n->peer_host == now[0]);
        if (!there) put_on_stage(st, n->host, n->peer_host);
        st->sliders.open = false;
        if (there || st->can_ask) stage_open_link(st);
        return;
    }
}

void stage_next_pair(struct stage *st, int by)
{
    const struct model *m = &st->rec->last;
    const uint16_t *now = st->rec->history.stage;
    size_t n = m->netifs, at = 0;
    for (size_t i = 0; i < n; i++)
        if (m->netif[i].host == now[0] && m->netif[i].peer_host == now[1]) at = i;
    for (size_t i = 1; i <= n; i++) {
        const struct model_netif *f = &m->netif[(at + (by > 0 ? i : n - i)) % n];
        bool same = f->peer_host == now[0] && f->host == now[1];
        if (!f->has_link || f->host > f->peer_host || same) continue;
        put_on_stage(st, f->host, f->peer_host);
        return;
    }
}
