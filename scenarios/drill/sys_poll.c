// sys_poll.c - poll and epoll, over the events of the stack's sockets. See sys.h.
#include <errno.h>

#include "scenarios/drill/sys.h"

enum { LINUX_POLLIN = 1, LINUX_POLLPRI = 2, LINUX_POLLOUT = 4, LINUX_POLLERR = 8,
       LINUX_POLLHUP = 0x10, LINUX_POLLNVAL = 0x20, LINUX_POLLRDNORM = 0x40,
       LINUX_POLLWRNORM = 0x100, LINUX_POLLRDHUP = 0x2000, LINUX_EPOLLONESHOT = 1 << 30,
       POLL_ALWAYS = LINUX_POLLERR | LINUX_POLLHUP };
#define LINUX_EPOLLET 0x80000000u

// POLLIN|POLLOUT, and what has no name in a number.
static void put_events(struct text *t, uint32_t events)
{
    static const struct { uint32_t bit; const char *name; } names[] = {
        {LINUX_POLLIN, "POLLIN"}, {LINUX_POLLPRI, "POLLPRI"}, {LINUX_POLLOUT, "POLLOUT"},
        {LINUX_POLLERR, "POLLERR"}, {LINUX_POLLHUP, "POLLHUP"}, {LINUX_POLLNVAL, "POLLNVAL"},
        {LINUX_POLLRDNORM, "POLLRDNORM"}, {LINUX_POLLWRNORM, "POLLWRNORM"},
        {LINUX_POLLRDHUP, "POLLRDHUP"}};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!(events & names[i].bit)) continue;
        if (any) text_put_char(t, '|');
        text_put_str(t, names[i].name);
        events &= ~names[i].bit;
        any = true;
    }
    if (any && events == 0) return;
    if (any) text_put_char(t, '|');
    text_put_str(t, events == 0 ? "no event" : "0x");
    if (events != 0) text_put_hex(t, events, 1);
}

static void fail_events(struct sys_call *c, uint32_t at, uint32_t got, uint32_t want)
{
    char a[160], b[160];
    struct text is = text_of(a, sizeof a), wants = text_of(b, sizeof b);
    put_events(&is, got);
    put_events(&wants, want);
    run_fail(c->run, at, "%s tells %s, not %s", c->call->name, a, b);
}

// Linux: what was never opened can neither be read nor written, and that at once.
static bool is_unopened(const struct run *r, const struct fd *f)
{
    struct ng_tcp_info i;
    return f->tcp && ng_tcp_info(r->world->host, f->sock, &i) == 0 && i.state == TCP_CLOSED;
}

static uint32_t poll_of_sock(const struct run *r, const struct fd *f)
{
    unsigned e = ng_sock_events(r->world->host, f->sock);
    uint32_t to = 0;
    if (e == 0 && is_unopened(r, f)) to = LINUX_POLLOUT | LINUX_POLLWRNORM | LINUX_POLLHUP;
    if (e & (NG_READABLE | NG_ACCEPTABLE)) to |= LINUX_POLLIN | LINUX_POLLRDNORM;
    if (e & NG_PRIORITY) to |= LINUX_POLLPRI;
    if (e & NG_WRITABLE) to |= LINUX_POLLOUT | LINUX_POLLWRNORM;
    if (e & NG_PEER_CLOSED) to |= LINUX_POLLRDHUP;
    if (e & NG_HUP) to |= LINUX_POLLHUP | LINUX_POLLRDHUP;
    if (e & (NG_ERROR | NG_NOTED) || f->half.kind != 0) to |= LINUX_POLLERR;
    return to;
}

static uint32_t poll_of(const struct run *r, const struct fd *f)
{
    const struct fd *other = fd_find(&r->fds, f->other);
    switch (f->kind) {
    case FD_SOCKET:     return poll_of_sock(r, f);
    case FD_FILE:       return LINUX_POLLIN | LINUX_POLLOUT;
    case FD_PIPE_READ:  return (f->at < f->size ? LINUX_POLLIN : 0) | (other ? 0 : LINUX_POLLHUP);
    case FD_PIPE_WRITE: return LINUX_POLLOUT | (other ? 0 : LINUX_POLLERR);
    default:            return 0;
    }
}

// True: the time of a waiting call is over, or it has none.
static bool out_of_time(struct sys_call *c, int64_t timeout_ms)
{
    if (!c->has_deadline) {
        c->has_deadline = true;
        c->deadline = timeout_ms < 0 ? NEVER : c->run->world->now + MSEC(timeout_ms);
    }
    if (c->run->world->now >= c->deadline) return true;
    c->waits = true;
    return false;
}

static bool timeout_arg(struct sys_call *c, unsigned i, int64_t *ms)
{
    if (!sys_int(c, i, ms)) return false;
    if (*ms > INT32_MAX) *ms = INT32_MAX;
    return true;
}

// --- poll ---------------------------------------------------------------------------------------

struct poll_entry { int64_t fd, events, revents; const struct value *at; };

static bool poll_entry(struct sys_call *c, const struct value *v, struct poll_entry *e)
{
    const struct value *fd = sys_field(v, "fd"), *events = sys_field(v, "events");
    const struct value *revents = sys_field(v, "revents");
    *e = (struct poll_entry){.at = revents != NULL ? revents : v};
    if (fd == NULL || events == NULL) {
        run_refuse(c->run, v->at, "poll watches {fd=N, events=E, revents=E}");
        return false;
    }
    return sys_int_of(c, fd, &e->fd) && sys_int_of(c, events, &e->events)
        && (revents == NULL || sys_int_of(c, revents, &e->revents));
}

static uint32_t poll_now(struct sys_call *c, const struct poll_entry *e)
{
    const struct fd *f = e->fd < 0 ? NULL : fd_find(&c->run->fds, (int)e->fd);
    if (e->fd < 0) return 0;
    if (f == NULL) return LINUX_POLLNVAL;
    return poll_of(c->run, f) & ((uint32_t)e->events | POLL_ALWAYS);
}

static void check_revents(struct sys_call *c)
{
    for (const struct value *v = c->arg[0]->first; v != NULL; v = v->next) {
        struct poll_entry e;
        if (!poll_entry(c, v, &e)) return;
        uint32_t got = poll_now(c, &e);
        if (got != (uint32_t)e.revents) fail_events(c, e.at->at, got, (uint32_t)e.revents);
    }
}

int64_t sys_do_poll(struct sys_call *c)
{
    int64_t n, timeout, ready = 0, seen = 0;
    if (!sys_int(c, 1, &n) || !timeout_arg(c, 2, &timeout)) return 0;
    for (const struct value *v = c->arg[0]->first; v != NULL; v = v->next, seen++) {
        struct poll_entry e;
        if (!poll_entry(c, v, &e)) return 0;
        ready += poll_now(c, &e) != 0;
    }
    if (seen != n) {
        run_refuse(c->run, c->arg[1]->at, "there are %lld descriptors in the list",
                   (long long)seen);
        return 0;
    }
    if (ready == 0 && !out_of_time(c, timeout)) return 0;
    c->waits = false;
    check_revents(c);
    return ready;
}

// --- epoll --------------------------------------------------------------------------------------

static struct fd *epoll_arg(struct sys_call *c, int64_t *rc)
{
    struct fd *f = sys_fd(c, 0, rc);
    if (f == NULL || f->kind == FD_EPOLL) return f;
    *rc = -EINVAL;
    return NULL;
}

int64_t sys_do_epoll_create(struct sys_call *c)
{
    int64_t size;
    struct fd *f;
    if (!sys_int(c, 0, &size)) return 0;
    if (size <= 0) return -EINVAL;
    int64_t rc = sys_new_fd(c, FD_EPOLL, &f);
    if (f == NULL) return rc;
    f->items = calloc(EPOLL_ITEMS, sizeof *f->items);
    if (f->items == NULL) run_fail(c->run, c->run->step->what_at, "no memory");
    return rc;
}

// {events=EPOLLIN, fd=4}: what to watch for, and what to call it.
static bool epoll_event(struct sys_call *c, const struct value *v, uint32_t *events,
                        uint64_t *data)
{
    static const char *const names[] = {"fd", "ptr", "u32", "u64"};
    const struct value *e = sys_field(v, "events");
    int64_t n = 0;
    *data = 0;
    if (e == NULL) {
        run_refuse(c->run, v->at, "an event is {events=E, fd=N}, or with ptr, u32 or u64");
        return false;
    }
    if (!sys_int_of(c, e, &n)) return false;
    *events = (uint32_t)n;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct value *d = sys_field(v, names[i]);
        if (d != NULL && !sys_int_of(c, d, &n)) return false;
        if (d != NULL) *data = i == 2 ? (uint32_t)n : (uint64_t)n;
    }
    return true;
}

static struct epoll_item *item_of(struct fd *epoll, int fd)
{
    for (unsigned i = 0; i < epoll->count; i++)
        if (epoll->items[i].fd == fd) return &epoll->items[i];
    return NULL;
}

int64_t sys_do_epoll_ctl(struct sys_call *c)
{
    enum { ADD = 1, DEL = 2, MOD = 3 };
    int64_t rc, op, fd_rc;
    struct fd *epoll = epoll_arg(c, &rc), *f = sys_fd(c, 2, &fd_rc);
    if (epoll == NULL || !sys_int(c, 1, &op)) return rc;
    if (f == NULL) return fd_rc;
    if (f->kind == FD_FILE) return -EPERM;
    if (f == epoll) return -EINVAL;
    if (f->kind == FD_EPOLL)
        return run_refuse(c->run, c->arg[2]->at, "no epoll watches another one here"), 0;
    struct epoll_item *item = item_of(epoll, f->number);
    if (op == DEL) {
        if (item == NULL) return -ENOENT;
        *item = epoll->items[--epoll->count];
        return 0;
    }
    uint32_t events;
    uint64_t data;
    if (op != ADD && op != MOD) return -EINVAL;
    if (!epoll_event(c, c->arg[3], &events, &data)) return 0;
    if (op == ADD && item != NULL) return -EEXIST;
    if (op == MOD && item == NULL) return -ENOENT;
    if (op == ADD && epoll->count == EPOLL_ITEMS) return -ENOMEM;
    if (item == NULL) item = &epoll->items[epoll->count++];
    // Level or edge, what is there already is news.
    *item = (struct epoll_item){.fd = f->number, .events = events, .data = data, .news = true};
    return 0;
}

static uint32_t item_ready(const struct run *r, const struct epoll_item *item)
{
    const struct fd *f = fd_find(&r->fds, item->fd);
    if (f == NULL || item->off) return 0;
    if (item->events & LINUX_EPOLLET && !item->news) return 0;
    return poll_of(r, f) & (item->events | POLL_ALWAYS);
}

// Compares the first event that is told, as the language does.
static void check_event(struct sys_call *c, uint32_t events, uint64_t data, bool any)
{
    uint32_t want;
    uint64_t want_data;
    const struct value *v = c->arg[1];
    if (v->kind == VALUE_ELLIPSIS) return;
    if (v->kind == VALUE_LIST && v->first != NULL) v = v->first;
    if (!epoll_event(c, v, &want, &want_data)) return;
    if (!any && want == 0) return;
    if (events != want)
        fail_events(c, v->at, events, want);
    else if (data != want_data)
        run_fail(c->run, v->at, "epoll_wait tells of %llu, not %llu", (unsigned long long)data,
                 (unsigned long long)want_data);
}

int64_t sys_do_epoll_wait(struct sys_call *c)
{
    int64_t rc, most, timeout, ready = 0;
    struct fd *epoll = epoll_arg(c, &rc);
    if (epoll == NULL || !sys_int(c, 2, &most) || !timeout_arg(c, 3, &timeout)) return rc;
    if (most <= 0) return -EINVAL;
    uint32_t first = 0;
    uint64_t data = 0;
    for (unsigned i = 0; i < epoll->count && ready < most; i++) {
        struct epoll_item *item = &epoll->items[i];
        uint32_t events = item_ready(c->run, item);
        if (events == 0) continue;
        if (ready++ == 0) {
            first = events;
            data = item->data;
        }
        if (item->events & LINUX_EPOLLET) item->news = false;
        if (item->events & LINUX_EPOLLONESHOT) item->off = true;
    }
    if (ready == 0 && !out_of_time(c, timeout)) return 0;
    c->waits = false;
    check_event(c, first, data, ready > 0);
    return ready;
}
