// app.c - see app.h.
#include "scenarios/sim/app.h"

void apps_init(struct apps *as) { list_reset(&as->list); }

void apps_free(struct apps *as)
{
    struct list_node *n;
    while ((n = list_pop_front(&as->list)) != NULL) {
        struct app *a = LIST_ENTRY(n, struct app, link);
        a->free(a);
    }
}

void apps_add(struct apps *as, struct app *a) { list_push_back(&as->list, &a->link); }

static struct app *find(const struct apps *as, const struct host *h, ng_app id)
{
    LIST_EACH(n, &as->list) {
        struct app *a = LIST_ENTRY(n, struct app, link);
        if (a->host == h && a->id == id) return a;
    }
    return NULL;
}

// A socket may lose its application, and an application may end, while its news wait: then nobody
// is told.
bool apps_dispatch(struct apps *as, struct host *h)
{
    bool told = false;
    ng_sock s;
    while ((s = ng_host_ready(h)) != 0) {
        ng_app id = ng_sock_app(h, s);
        struct app *a = id != 0 ? find(as, h, id) : NULL;
        if (a == NULL) continue;
        a->ready(a, s, ng_sock_events(h, s));
        told = true;
    }
    return told;
}
