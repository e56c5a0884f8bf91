// fd.c - see fd.h.
#include "scenarios/drill/fd.h"

struct fd *fd_find(const struct fds *t, int number)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->fd[i].number == number) return &t->fd[i];
    return NULL;
}

struct fd *fd_add(struct fds *t, int number, enum fd_kind kind)
{
    if (number < 0 || t->count == FDS_MAX || fd_find(t, number) != NULL) return NULL;
    if (t->count == t->room) {
        unsigned room = t->room == 0 ? 8 : t->room * 2;
        struct fd *more = realloc(t->fd, room * sizeof *more);
        if (more == NULL) return NULL;
        t->fd = more;
        t->room = room;
    }
    struct fd *f = &t->fd[t->count++];
    *f = (struct fd){.number = number, .kind = kind, .flags = 2};  // O_RDWR
    return f;
}

static void forget_item(struct fd *epoll, int number)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < epoll->count; i++)
        if (epoll->items[i].fd != number) epoll->items[kept++] = epoll->items[i];
    epoll->count = kept;
}

void fd_remove(struct fds *t, int number)
{
    struct fd *f = fd_find(t, number);
    if (f == NULL) return;
    free(f->items);
    *f = t->fd[--t->count];
    for (unsigned i = 0; i < t->count; i++)
        if (t->fd[i].kind == FD_EPOLL) forget_item(&t->fd[i], number);
}

void fds_free(struct fds *t)
{
    for (unsigned i = 0; i < t->count; i++) free(t->fd[i].items);
    free(t->fd);
    *t = (struct fds){0};
}

void fds_news(struct fds *t, ng_sock s)
{
    for (unsigned i = 0; i < t->count; i++) {
        struct fd *epoll = &t->fd[i];
        if (epoll->kind != FD_EPOLL) continue;
        for (unsigned k = 0; k < epoll->count; k++) {
            const struct fd *f = fd_find(t, epoll->items[k].fd);
            if (f != NULL && f->kind == FD_SOCKET && f->sock == s) epoll->items[k].news = true;
        }
    }
}
