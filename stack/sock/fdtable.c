// fdtable.c - see fdtable.h.
#include "sock/fdtable.h"

#include <errno.h>

struct app_table { struct app_entry **app; uint32_t count, cap; };  // app[id - 1]

struct app_table *app_table_new(void) { return calloc(1, sizeof(struct app_table)); }

void app_table_free(struct app_table *t)
{
    if (t == NULL) return;
    for (uint32_t i = 0; i < t->count; i++) free(t->app[i]);
    free(t->app);
    free(t);
}

static bool grow(struct app_table *t)
{
    if (t->count < t->cap) return true;
    uint32_t cap = t->cap == 0 ? 8 : t->cap * 2;
    struct app_entry **more = realloc(t->app, cap * sizeof(struct app_entry *));
    if (more == NULL) return false;
    t->app = more;
    t->cap = cap;
    return true;
}

struct app_entry *app_table_add(struct app_table *t, const char *name, bool blocking)
{
    if (t->count == UINT16_MAX || !grow(t)) return NULL;
    struct app_entry *a = calloc(1, sizeof *a);
    if (a == NULL) return NULL;
    struct text text = text_of(a->name, sizeof a->name);
    text_put_str(&text, name);
    a->blocking = blocking;
    a->taken[0] = ((uint64_t)1 << FD_FIRST) - 1;
    t->app[t->count++] = a;
    a->id = (ng_app)t->count;
    return a;
}

struct app_entry *app_table_get(const struct app_table *t, ng_app id)
{
    return id == 0 || id > t->count ? NULL : t->app[id - 1];
}

void app_table_remove(struct app_table *t, ng_app id)
{
    if (app_table_get(t, id) == NULL) return;
    free(t->app[id - 1]);
    t->app[id - 1] = NULL;
}

static int lowest_free(const struct app_entry *a)
{
    for (int i = 0; i < FD_LIMIT / 64; i++)
        if (~a->taken[i] != 0) return i * 64 + __builtin_ctzll(~a->taken[i]);
    return -EMFILE;
}

bool fd_is_left(const struct app_entry *a) { return lowest_free(a) >= 0; }

int fd_take(struct app_entry *a, ng_sock s)
{
    int fd = lowest_free(a);
    if (fd < 0) return fd;
    a->taken[fd / 64] |= (uint64_t)1 << fd % 64;
    a->sock[fd] = s;
    return fd;
}

void fd_give_up(struct app_entry *a, int fd)
{
    CHECK(fd >= FD_FIRST && fd < FD_LIMIT);
    a->taken[fd / 64] &= ~((uint64_t)1 << fd % 64);
    a->sock[fd] = 0;
}

ng_sock fd_sock(const struct app_entry *a, int fd)
{
    return fd < FD_FIRST || fd >= FD_LIMIT ? 0 : a->sock[fd];
}
