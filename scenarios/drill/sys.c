// sys.c - the table of calls, making them, and judging what they return. See sys.h.
#include "scenarios/drill/sys.h"

#include <errno.h>

#include "scenarios/drill/symbol.h"

static const struct entry { const char *name; unsigned least, most; sys_fn *fn; } table[] = {
    {"socket", 3, 3, sys_do_socket},         {"bind", 3, 3, sys_do_bind},
    {"listen", 2, 2, sys_do_listen},         {"accept", 3, 3, sys_do_accept},
    {"connect", 3, 3, sys_do_connect},       {"read", 3, 3, sys_do_read},
    {"readv", 3, 3, sys_do_readv},           {"recv", 4, 4, sys_do_recv},
    {"recvfrom", 6, 6, sys_do_recvfrom},     {"recvmsg", 3, 3, sys_do_recvmsg},
    {"write", 3, 3, sys_do_write},           {"writev", 3, 3, sys_do_writev},
    {"send", 4, 4, sys_do_send},             {"sendto", 6, 6, sys_do_sendto},
    {"sendmsg", 3, 3, sys_do_sendmsg},       {"fcntl", 2, 3, sys_do_fcntl},
    {"ioctl", 2, 3, sys_do_ioctl},           {"close", 1, 1, sys_do_close},
    {"shutdown", 2, 2, sys_do_shutdown},     {"getsockopt", 5, 5, sys_do_getsockopt},
    {"setsockopt", 5, 5, sys_do_setsockopt}, {"poll", 3, 3, sys_do_poll},
    {"cap_set", 1, 3, sys_do_cap_set},       {"open", 2, 3, sys_do_open},
    {"sendfile", 4, 4, sys_do_sendfile},     {"epoll_create", 1, 1, sys_do_epoll_create},
    {"epoll_ctl", 4, 4, sys_do_epoll_ctl},   {"epoll_wait", 4, 4, sys_do_epoll_wait},
    {"pipe", 1, 1, sys_do_pipe},             {"splice", 6, 6, sys_do_splice},
};

static const struct entry *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return NULL;
}

// --- arguments ----------------------------------------------------------------------------------

bool sys_number_of(const struct value *v, int64_t *n)
{
    if (v->kind != VALUE_INT && v->kind != VALUE_SYMBOL) return false;
    *n = v->number;
    return true;
}

bool sys_int_of(struct sys_call *c, const struct value *v, int64_t *n)
{
    if (v != NULL && sys_number_of(v, n)) return true;
    run_refuse(c->run, v != NULL ? v->at : c->run->step->what_at, "a number is expected here");
    return false;
}

bool sys_int(struct sys_call *c, unsigned i, int64_t *n) { return sys_int_of(c, c->arg[i], n); }

bool sys_opt_int(struct sys_call *c, unsigned i, int64_t *n)
{
    return c->arg[i]->kind == VALUE_ELLIPSIS || sys_int(c, i, n);
}

const struct value *sys_in_list(const struct value *v)
{
    return v->kind == VALUE_LIST && v->first != NULL && v->first->next == NULL ? v->first : v;
}

const struct value *sys_field(const struct value *v, const char *name)
{
    if (v->kind != VALUE_STRUCT) return NULL;
    for (const struct value *f = v->first; f != NULL; f = f->next)
        if (f->kind == VALUE_PAIR && strcmp(f->name, name) == 0) return f->first;
    return NULL;
}

bool sys_is_null(const struct value *v)
{
    return v->kind == VALUE_SYMBOL && strcmp(v->name, "NULL") == 0;
}

struct fd *sys_fd(struct sys_call *c, unsigned i, int64_t *rc)
{
    int64_t n;
    *rc = -EBADF;
    if (!sys_int(c, i, &n)) return NULL;
    return n >= 0 && n <= INT32_MAX ? fd_find(&c->run->fds, (int)n) : NULL;
}

struct fd *sys_socket(struct sys_call *c, unsigned i, int64_t *rc)
{
    struct fd *f = sys_fd(c, i, rc);
    if (f == NULL || f->kind == FD_SOCKET) return f;
    *rc = -ENOTSOCK;
    return NULL;
}

int64_t sys_may_wait(struct sys_call *c, const struct fd *f, int64_t msg_flags, int64_t rc)
{
    if (rc == -EAGAIN && !(f->flags & LINUX_O_NONBLOCK) && !(msg_flags & LINUX_MSG_DONTWAIT))
        c->waits = true;
    return rc;
}

// A new descriptor has the number that the script gives it in the result. If another has that name,
// the script speaks of it no more; it stays open, without one.
int64_t sys_new_fd(struct sys_call *c, enum fd_kind kind, struct fd **f)
{
    int64_t number = 0;
    const struct value *result = c->call->result;
    *f = NULL;
    if (!sys_number_of(result, &number) || number < 0) return 0;  // it should have failed
    struct fds *fds = &c->run->fds;
    struct fd *before = number <= INT32_MAX ? fd_find(fds, (int)number) : NULL;
    if (before != NULL) before->number = -2 - (int)fds->unnamed++;
    if (number <= INT32_MAX) *f = fd_add(fds, (int)number, kind);
    if (*f == NULL) run_refuse(c->run, result->at, "there are too many descriptors");
    return number;
}

static uint8_t *room_of(struct sys_call *c, uint8_t **buffer, size_t *room, size_t n)
{
    if (n <= *room && *buffer != NULL) return *buffer;
    if (n > SYS_BYTES_MAX) {
        run_refuse(c->run, c->run->step->what_at, "a call moves at most %d bytes", SYS_BYTES_MAX);
        return NULL;
    }
    free(*buffer);
    *room = n < 65536 ? 65536 : n;
    *buffer = calloc(1, *room);
    if (*buffer == NULL) {
        *room = 0;
        run_fail(c->run, c->run->step->what_at, "no memory");
    }
    return *buffer;
}

uint8_t *sys_zeros(struct sys_call *c, size_t n)
{
    return room_of(c, &c->run->zeros, &c->run->zeros_room, n);
}

uint8_t *sys_room(struct sys_call *c, size_t n)
{
    return room_of(c, &c->run->room, &c->run->room_room, n);
}

// --- the result ---------------------------------------------------------------------------------

static void say_result(struct text *t, int64_t result)
{
    text_put_i64(t, result < 0 ? -1 : result);
    if (result >= 0) return;
    text_put_char(t, ' ');
    text_put_str(t, symbol_of_error((int)-result));
    text_put_str(t, " (");
    text_put_str(t, symbol_text_of_error((int)-result));
    text_put_char(t, ')');
}

static bool makes_fd(const char *name)
{
    return strcmp(name, "socket") == 0 || strcmp(name, "accept") == 0 || strcmp(name, "open") == 0
        || strcmp(name, "epoll_create") == 0;
}

static void judge(struct run *r, const struct call *c, int64_t result)
{
    const struct value *expected = c->result;
    int64_t want = 0;
    if (expected->kind == VALUE_ELLIPSIS || r->failed) return;
    if (!sys_number_of(expected, &want)) {
        run_refuse(r, expected->at, "a call's result is a number");
        return;
    }
    char text[100];
    struct text t = text_of(text, sizeof text);
    say_result(&t, result);
    bool fine = result < 0 ? want == -1 && (c->error == 0 || c->error == -result)
                           : want == result || (makes_fd(c->name) && want >= 0);
    if (fine && result >= 0 && c->error != 0) fine = false;
    if (fine) return;
    uint32_t at = result < 0 && want == -1 ? c->error_at : expected->at;
    if (r->config.lax_calls) run_warn(r, at, "%s returns %s", c->name, text);
    else run_fail(r, at, "%s returns %s", c->name, text);
}

// A call that came back: was it in time, and is its result the script's?
static void finish(struct run *r, const struct call *c, int64_t result)
{
    struct pending *p = &r->pending;
    nsec now = r->world->now;
    if (p->step != NULL && p->step->call == c) {
        const struct drill_step *at_hand = r->step;
        r->step = p->step;
        nsec off = now > p->until ? now - p->until : p->until - now;
        judge(r, c, result);
        if (!r->failed && off > p->tolerance) {
            char text[32];
            struct text t = text_of(text, sizeof text);
            text_put_fixed(&t, off / 1000, 6);
            run_fail(r, p->step->at, "%s returns %s s too %s", c->name, text,
                     now > p->until ? "late" : "early");
        }
        r->step = at_hand;
        sys_drop(r);
        return;
    }
    judge(r, c, result);
}

// --- making it ----------------------------------------------------------------------------------

void sys_check(struct run *r, const struct drill_step *step)
{
    const struct call *c = step->call;
    const struct entry *e = find(c->name);
    if (e == NULL && strncmp(c->name, "psp_", 4) == 0)
        run_refuse(r, step->what_at, "%s: PSP is not spoken here", c->name);
    else if (e == NULL)
        run_refuse(r, step->what_at, "there is no call named %s", c->name);
    else if (c->count < e->least || c->count > e->most)
        run_refuse(r, step->what_at, "%s takes %u argument%s%s, not %u", e->name, e->least,
                   e->least == 1 ? "" : "s", e->most > e->least ? " or more" : "", c->count);
}

static void take_arguments(struct sys_call *c)
{
    unsigned i = 0;
    for (const struct value *v = c->call->args; v != NULL && i < SYS_ARGS; v = v->next)
        c->arg[i++] = v;
}

void sys_drop(struct run *r)
{
    free(r->pending.call);
    r->pending = (struct pending){0};
}

static void keep(struct run *r, const struct drill_step *step, const struct sys_call *c)
{
    struct sys_call *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        run_fail(r, step->what_at, "no memory");
        return;
    }
    *kept = *c;
    nsec base = step->when.relative ? r->world->now - step->when.from : 0;
    r->pending = (struct pending){
        .step = step, .call = kept, .until = base + step->when.end,
        .tolerance = run_tolerance(r, step->when.end - step->when.from)};
}

// The script gives the call no time of its own, but it would block: it may for as long as the
// tolerance is, and then it does.
static void wait_here(struct run *r, const struct drill_step *step, const struct sys_call *c)
{
    nsec until = r->world->now + run_tolerance(r, 0);
    if (c->has_deadline && c->deadline != NEVER && c->deadline > until) until = c->deadline;
    keep(r, step, c);
    r->pending.until = r->world->now;
    r->pending.tolerance = until - r->world->now;
    while (!r->failed && r->pending.step == step && r->world->now < until) {
        nsec next = world_next(r->world);
        run_until(r, next < until ? next : until);
    }
    if (r->failed || r->pending.step != step) return;
    run_fail(r, step->what_at, "%s blocks, and the script gives it no time to: 0...0.1 %s(...)",
             step->call->name, step->call->name);
}

void sys_start(struct run *r, const struct drill_step *step)
{
    struct sys_call c = {.run = r, .call = step->call};
    const struct entry *e = find(step->call->name);
    take_arguments(&c);
    if (step->when.has_end && r->pending.step != NULL) {
        run_fail(r, step->at, "the call of line %u has not returned yet: one may block at a time",
                 (unsigned)r->pending.step->line);
        return;
    }
    int64_t result = e->fn(&c);
    if (r->failed) return;
    if (c.waits && !step->when.has_end && r->pending.step != NULL) {
        run_fail(r, step->what_at, "%s would block, and so does the call of line %u",
                 step->call->name, (unsigned)r->pending.step->line);
    } else if (c.waits && step->when.has_end) {
        keep(r, step, &c);
    } else if (c.waits) {
        wait_here(r, step, &c);
    } else if (step->when.has_end) {
        keep(r, step, &c);  // to be judged by the clock too
        finish(r, step->call, result);
    } else {
        finish(r, step->call, result);
    }
}

void sys_retry(struct run *r)
{
    struct sys_call *c = r->pending.call;
    const struct entry *e = find(c->call->name);
    c->waits = false;
    c->again = true;
    const struct drill_step *at_hand = r->step;
    r->step = r->pending.step;
    int64_t result = e->fn(c);
    r->step = at_hand;
    if (!c->waits && !r->failed) finish(r, c->call, result);
}

void sys_close_all(struct run *r)
{
    while (r->fds.count > 0) {
        struct fd *f = &r->fds.fd[r->fds.count - 1];
        if (f->kind == FD_SOCKET) ng_sock_close(r->world->host, f->sock);
        fd_remove(&r->fds, f->number);
    }
}

int64_t sys_do_cap_set(struct sys_call *c)
{
    (void)c;
    return 0;  // nobody is privileged here, and nothing asks for it
}
