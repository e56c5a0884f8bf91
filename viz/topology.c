// see topology.h
#include "viz/topology.h"

#include <stdlib.h>

enum { FLOWS_MAX = 4096, FAR = 255 };

struct work {
    const struct recording *r;
    uint16_t host[TOPOLOGY_MAX];
    uint8_t  far[TOPOLOGY_MAX];
    bool     joined[TOPOLOGY_MAX][TOPOLOGY_MAX];
    size_t   n;
};

static int index_of(const struct work *w, uint16_t host)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->host[i] == host) return (int)i;
    return -1;
}

static void join(struct work *w, uint16_t a, uint16_t b)
{
    int i = index_of(w, a), k = index_of(w, b);
    if (i < 0 || k < 0 || i == k) return;
    w->joined[i][k] = w->joined[k][i] = true;
}

// Where no cable is known (a stranger's capture), those are joined who speak with each other.
static void join_all(struct work *w)
{
    const struct model *m = &w->r->last;
    const struct history *h = &w->r->history;
    bool any = false;
    for (size_t i = 0; i < m->netifs; i++) {
        if (!m->netif[i].has_link) continue;
        join(w, m->netif[i].host, m->netif[i].peer_host);
        any = true;
    }
    for (size_t i = 0; !any && i < h->flows && i < FLOWS_MAX; i++)
        join(w, h->flow[i].host[0], h->flow[i].host[1]);
}

// Nobody opens anything: then the first host is where it begins.
static void begin(struct work *w)
{
    const struct history *h = &w->r->history;
    bool any = false;
    memset(w->far, FAR, sizeof w->far);
    for (size_t i = 0; i < h->flows && i < FLOWS_MAX; i++) {
        int opener = index_of(w, h->flow[i].host[0]), other = index_of(w, h->flow[i].host[1]);
        if (opener < 0 || other < 0 || w->far[other] == 0) continue;
        w->far[opener] = 0;
        any = true;
    }
    if (!any && w->n > 0) w->far[0] = 0;
}

static void spread(struct work *w)
{
    bool more = true;
    for (int step = 0; more && step < FAR - 1; step++) {
        more = false;
        for (size_t i = 0; i < w->n; i++) {
            if (w->far[i] != step) continue;
            for (size_t k = 0; k < w->n; k++) {
                if (!w->joined[i][k] || w->far[k] != FAR) continue;
                w->far[k] = (uint8_t)(step + 1);
                more = true;
            }
        }
    }
}

static void place(struct topology *t, const struct work *w)
{
    t->columns = 0;
    for (int far = 0; far <= FAR; far++) {  // those that nothing reaches come last
        size_t before = t->n;
        for (size_t i = 0; i < w->n; i++) {
            if (w->far[i] != far) continue;
            t->node[t->n].host = w->host[i];
            t->node[t->n].column = (uint8_t)t->columns;
            t->node[t->n].row = (uint8_t)(t->n - before);
            t->n++;
        }
        if (t->n > before) t->rows[t->columns++] = (uint8_t)(t->n - before);
    }
}

void topology_of(struct topology *t, const struct recording *r)
{
    *t = (struct topology){0};
    struct work *w = calloc(1, sizeof *w);
    if (w == NULL) return;
    w->r = r;
    for (size_t i = 0; i < r->last.hosts; i++) {
        if (r->last.host[i].id == 0) continue;
        if (w->n < TOPOLOGY_MAX) w->host[w->n++] = r->last.host[i].id;
        else t->beyond++;
    }
    join_all(w);
    begin(w);
    spread(w);
    place(t, w);
    free(w);
}

int topology_place(const struct topology *t, uint16_t host)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->node[i].host == host) return (int)i;
    return -1;
}
