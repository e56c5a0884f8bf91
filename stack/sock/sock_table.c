// sock_table.c - see sock.h: the slots behind the handles.
#include "sock/sock.h"

#include <errno.h>

enum { GENERATIONS = 1 << (32 - SOCK_INDEX_BITS) };
enum { SLOTS = CHUNK_MEDIUM / sizeof(struct sock) };  // in one chunk
enum { NO_SLOT = UINT32_MAX };

struct sock_table {
    struct app_table *apps;
    struct chunk    **page;
    uint32_t          pages, pages_max, limit, used;
    uint32_t          first_free, last_free;  // indexes, or NO_SLOT
};

int sock_init(struct host *h)
{
    struct sock_table *t = calloc(1, sizeof *t);
    if (t == NULL) return -ENOMEM;
    h->socks = t;
    t->limit = h->sock_limit < SOCKS_MAX ? h->sock_limit : SOCKS_MAX;
    t->pages_max = (t->limit + SLOTS - 1) / SLOTS;
    t->first_free = t->last_free = NO_SLOT;
    t->page = calloc(t->pages_max, sizeof(struct chunk *));
    t->apps = app_table_new();
    return t->page == NULL || t->apps == NULL ? -ENOMEM : 0;
}

void sock_done(struct host *h)
{
    struct sock_table *t = h->socks;
    if (t == NULL) return;
    for (uint32_t i = 0; i < t->pages; i++) chunk_drop(t->page[i]);
    app_table_free(t->apps);
    free(t->page);
    free(t);
    h->socks = NULL;
}

struct app_table *sock_apps(const struct host *h) { return h->socks->apps; }

static struct sock *slot(const struct sock_table *t, uint32_t index)
{
    return (struct sock *)(void *)t->page[index / SLOTS]->data + index % SLOTS;
}

static void put_free(struct sock_table *t, struct sock *s)
{
    s->next_free = NO_SLOT;
    if (t->last_free == NO_SLOT) t->first_free = s->index;
    else slot(t, t->last_free)->next_free = s->index;
    t->last_free = s->index;
}

static bool add_page(struct host *h)
{
    struct sock_table *t = h->socks;
    if (t->pages == t->pages_max) return false;
    struct chunk *c = chunk_new(&h->pool, CHUNK_MEDIUM);
    if (c == NULL) return false;
    uint32_t first = t->pages * SLOTS;
    t->page[t->pages++] = c;
    for (uint32_t i = 0; i < SLOTS; i++) {
        *slot(t, first + i) = (struct sock){.generation = 1, .index = first + i};
        put_free(t, slot(t, first + i));
    }
    return true;
}

struct sock *sock_new(struct host *h, enum sock_kind kind, int *error)
{
    struct sock_table *t = h->socks;
    *error = -ENFILE;
    if (t->used == t->limit) return NULL;
    *error = -ENOBUFS;
    if (t->first_free == NO_SLOT && !add_page(h)) return NULL;
    *error = 0;
    struct sock *s = slot(t, t->first_free);
    t->first_free = s->next_free;
    if (t->first_free == NO_SLOT) t->last_free = NO_SLOT;
    t->used++;
    uint32_t handle = (uint32_t)s->generation << SOCK_INDEX_BITS | s->index;
    *s = (struct sock){.ready.sock = handle, .kind = (uint8_t)kind, .fd = -1,
                       .generation = s->generation, .index = s->index};
    return s;
}

void sock_free(struct host *h, struct sock *s)
{
    struct sock_table *t = h->socks;
    CHECK(s->kind != KIND_NONE);
    list_remove(&s->ready.link);
    s->kind = KIND_NONE;
    s->generation = (uint16_t)((s->generation + 1) % GENERATIONS);
    if (s->generation == 0) s->generation = 1;
    t->used--;
    put_free(t, s);
}

struct sock *sock_get(const struct host *h, ng_sock handle)
{
    const struct sock_table *t = h->socks;
    uint32_t index = handle & (SOCKS_MAX - 1);
    if (index / SLOTS >= t->pages) return NULL;
    struct sock *s = slot(t, index);
    return s->kind != KIND_NONE && s->ready.sock == handle ? s : NULL;
}
