// sys_file.c - files and pipes of a script's process. Their bytes are all zero, so a file is a
// length, and none of the machine's is ever opened. See sys.h.
#include <errno.h>

#include "scenarios/drill/sys.h"

int64_t sys_do_open(struct sys_call *c)
{
    const struct value *path = c->arg[0];
    struct run *r = c->run;
    if (path->kind != VALUE_STRING) return run_refuse(r, path->at, "a path is expected here"), 0;
    const struct file *file = file_find(&r->files, (struct span){(const char *)path->bytes,
                                                                 path->len});
    int64_t how = 0;
    if (!sys_int(c, 1, &how)) return 0;
    bool make = file == NULL && how & LINUX_O_CREAT && r->files.count < FILES_MAX
             && path->len < sizeof r->files.file[0].name;
    if (make) {
        struct file *made = &r->files.file[r->files.count++];
        *made = (struct file){0};
        memcpy(made->name, path->bytes, path->len);
        file = made;
    }
    if (file == NULL) return -ENOENT;
    struct fd *f;
    int64_t rc = sys_new_fd(c, FD_FILE, &f);
    if (f != NULL) f->size = file->size;
    return rc;
}

int64_t sys_do_pipe(struct sys_call *c)
{
    const struct value *pair = c->arg[0], *a = pair->first;
    int64_t in, out;
    if (pair->kind != VALUE_LIST || a == NULL || a->next == NULL)
        return run_refuse(c->run, pair->at, "a pair of descriptors is expected here: [3, 4]"), 0;
    if (!sys_int_of(c, a, &in) || !sys_int_of(c, a->next, &out)) return 0;
    struct fds *fds = &c->run->fds;
    struct fd *f = in >= 0 && in <= INT32_MAX ? fd_add(fds, (int)in, FD_PIPE_READ) : NULL;
    if (f != NULL) f->other = (int)out;
    f = out >= 0 && out <= INT32_MAX && f != NULL ? fd_add(fds, (int)out, FD_PIPE_WRITE) : NULL;
    if (f == NULL) {
        run_refuse(c->run, pair->at, "one of these is open already, or there are too many");
        return 0;
    }
    f->other = (int)in;
    return 0;
}

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

// Zeros into a socket, n of them in all: a blocking call waits for room until the last is in.
static int64_t write_all(struct sys_call *c, const struct fd *out, int64_t n)
{
    uint8_t *zeros = sys_zeros(c, (size_t)n);
    while (zeros != NULL && c->done < n) {
        ssize_t rc = ng_sock_write(c->run->world->host, out->sock, zeros, (size_t)(n - c->done));
        if (rc > 0) c->done += rc;
        else if (sys_may_wait(c, out, 0, rc) < 0) return c->waits || c->done == 0 ? rc : c->done;
        else break;
    }
    return c->done;
}

// From a file to a socket, in as many writes as it takes.
int64_t sys_do_sendfile(struct sys_call *c)
{
    int64_t rc, offset = 0, n;
    struct fd *out = sys_socket(c, 0, &rc);
    if (out == NULL) return rc;
    struct fd *in = sys_fd(c, 1, &rc);
    if (in == NULL || !sys_int(c, 3, &n)) return rc;
    if (in->kind != FD_FILE) return -EINVAL;
    const struct value *at = sys_in_list(c->arg[2]);
    bool own = sys_is_null(at);  // the file's own place counts then
    if (!own && !sys_int_of(c, at, &offset)) return 0;
    if (own) offset = (int64_t)in->at;
    if (offset < 0 || n < 0) return -EINVAL;
    if (own && c->done > 0) offset -= c->done;  // it has moved on already
    int64_t left = (int64_t)in->size > offset ? (int64_t)in->size - offset : 0;
    int64_t before = c->done;
    rc = write_all(c, out, min64(n, left));
    if (own) in->at += (uint64_t)(c->done - before);
    return rc;
}

// The next byte is an urgent one, which a splice neither takes nor passes. Linux: it does not wait
// for it to go either, lest it wait for ever.
static bool stands_at_mark(const struct sys_call *c, const struct fd *in)
{
    int mark = 0;
    size_t n = sizeof mark;
    struct host *h = c->run->world->host;
    if (!(ng_sock_events(h, in->sock) & NG_PRIORITY)) return false;
    return ng_sock_get(h, in->sock, NG_SO_ATMARK, &mark, &n) == 0 && mark != 0;
}

// Between a pipe and a socket, whichever way.
int64_t sys_do_splice(struct sys_call *c)
{
    int64_t rc, n;
    struct fd *in = sys_fd(c, 0, &rc);
    if (in == NULL) return rc;
    struct fd *out = sys_fd(c, 2, &rc);
    if (out == NULL || !sys_int(c, 4, &n)) return rc;
    if (n < 0) return -EINVAL;
    struct run *r = c->run;
    if (in->kind == FD_SOCKET && out->kind == FD_PIPE_WRITE) {
        struct fd *to = fd_find(&r->fds, out->other);
        uint8_t *room = sys_room(c, (size_t)n);
        if (to == NULL || room == NULL) return -EPIPE;
        if (stands_at_mark(c, in)) return in->flags & LINUX_O_NONBLOCK ? -EAGAIN : 0;
        rc = ng_sock_read(r->world->host, in->sock, room, (size_t)n);
        if (rc > 0) to->size += (uint64_t)rc;
        return sys_may_wait(c, in, 0, rc);
    }
    if (in->kind != FD_PIPE_READ || out->kind != FD_SOCKET) return -EINVAL;
    int64_t before = c->done;
    rc = write_all(c, out, min64(n, before + (int64_t)(in->size - in->at)));
    in->at += (uint64_t)(c->done - before);
    return rc;
}
