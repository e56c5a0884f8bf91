// infile.c - see infile.h.
#include "capture/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INFILE_BUFFER = 256 * 1024 };

static bool fail(struct infile *f, const char *path, int code, char *error, size_t cap)
{
    snprintf(error, cap, "cannot read %s: %s", path, strerror(code));
    infile_close(f);
    return false;
}

bool infile_open(struct infile *f, const char *path, char *error, size_t cap)
{
    struct stat st;
    *f = (struct infile){.fd = STDIN_FILENO};
    if (strcmp(path, "-") != 0) {
        f->fd = open(path, O_RDONLY | O_CLOEXEC);
        if (f->fd < 0) return fail(f, path, errno, error, cap);
        f->close_fd = true;
    }
    if (fstat(f->fd, &st) != 0) return fail(f, path, errno, error, cap);
    if (S_ISDIR(st.st_mode)) return fail(f, path, EISDIR, error, cap);
    if (S_ISREG(st.st_mode)) f->size = (uint64_t)st.st_size;
    f->buf = malloc(INFILE_BUFFER);
    if (f->buf == NULL) return fail(f, path, ENOMEM, error, cap);
    f->cap = INFILE_BUFFER;
    return true;
}

bool infile_of_bytes(struct infile *f, const uint8_t *p, size_t len)
{
    *f = (struct infile){.fd = -1, .ended = true, .buf = malloc(len + 1), .to = len, .size = len};
    if (f->buf == NULL) return false;
    if (len > 0) memcpy(f->buf, p, len);
    return true;
}

void infile_close(struct infile *f)
{
    if (f->close_fd) close(f->fd);
    free(f->buf);
    *f = (struct infile){.fd = -1};
}

// Room behind what is here: first by moving it to the front, then by twice the memory.
static bool make_room(struct infile *f)
{
    if (f->to < f->cap) return true;
    if (f->from > 0) {
        memmove(f->buf, f->buf + f->from, f->to - f->from);
        f->to -= f->from;
        f->from = 0;
        return true;
    }
    uint8_t *more = realloc(f->buf, f->cap * 2);
    if (more == NULL) {
        f->error = ENOMEM;
        return false;
    }
    f->buf = more;
    f->cap *= 2;
    return true;
}

size_t infile_left(struct infile *f, size_t n)
{
    while (f->to - f->from < n && !f->ended && f->error == 0 && make_room(f)) {
        ssize_t got = read(f->fd, f->buf + f->to, f->cap - f->to);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) f->error = errno;
        else if (got == 0) f->ended = true;
        else f->to += (size_t)got;
    }
    return f->to - f->from < n ? f->to - f->from : n;
}

const uint8_t *infile_need(struct infile *f, size_t n)
{
    return infile_left(f, n) == n ? f->buf + f->from : NULL;
}

void infile_skip(struct infile *f, size_t n)
{
    CHECK(n <= f->to - f->from);
    f->from += n;
    f->at += n;
}
