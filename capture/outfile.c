// outfile.c - see outfile.h.
#include "capture/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTFILE_BUFFER = 256 * 1024, PART_NAMES = 100 };

static bool say(const struct outfile *o, int code, char *error, size_t cap)
{
    const char *name = strcmp(o->path, "-") == 0 ? "standard output" : o->path;
    snprintf(error, cap, "cannot write %s: %s", name, strerror(code));
    return false;
}

static void forget(struct outfile *o)
{
    free(o->path);
    free(o->temp);
    free(o->buf);
    *o = (struct outfile){.fd = -1};
}

// A name beside the file's own, so that rename() moves no bytes. O_EXCL: it is nobody else's.
static int open_part(struct outfile *o)
{
    size_t cap = strlen(o->path) + sizeof ".part99";
    o->temp = malloc(cap);
    if (o->temp == NULL) return ENOMEM;
    for (int n = 0; n < PART_NAMES; n++) {
        if (n == 0) snprintf(o->temp, cap, "%s.part", o->path);
        else snprintf(o->temp, cap, "%s.part%d", o->path, n);
        o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (o->fd >= 0 || errno != EEXIST) break;
    }
    if (o->fd >= 0) return 0;
    int code = errno;
    free(o->temp);
    o->temp = NULL;
    return code;
}

static int open_somewhere(struct outfile *o)
{
    struct stat st;
    if (strcmp(o->path, "-") == 0) {
        o->fd = STDOUT_FILENO;
        return 0;
    }
    o->close_fd = true;
    if (stat(o->path, &st) != 0 || S_ISREG(st.st_mode)) return open_part(o);
    if (S_ISDIR(st.st_mode)) return EISDIR;
    o->fd = open(o->path, O_WRONLY | O_CLOEXEC);
    return o->fd < 0 ? errno : 0;
}

bool outfile_open(struct outfile *o, const char *path, char *error, size_t cap)
{
    *o = (struct outfile){.fd = -1, .path = strdup(path), .buf = malloc(OUTFILE_BUFFER)};
    int code = o->path == NULL || o->buf == NULL ? ENOMEM : open_somewhere(o);
    if (code == 0) return true;
    if (o->path != NULL) say(o, code, error, cap);
    else snprintf(error, cap, "out of memory");
    forget(o);
    return false;
}

static void write_out(struct outfile *o, const uint8_t *p, size_t len)
{
    while (len > 0 && o->error == 0) {
        ssize_t n = write(o->fd, p, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            o->error = errno;
            return;
        }
        p += n;
        len -= (size_t)n;
    }
}

static void flush(struct outfile *o)
{
    write_out(o, o->buf, o->len);
    o->len = 0;
}

void outfile_put(struct outfile *o, const void *p, size_t len)
{
    if (o->error != 0 || len == 0) return;
    if (len > OUTFILE_BUFFER - o->len) flush(o);
    if (len >= OUTFILE_BUFFER) {
        write_out(o, p, len);
        return;
    }
    memcpy(o->buf + o->len, p, len);
    o->len += len;
}

void outfile_fail(struct outfile *o, int error)
{
    if (o->error == 0) o->error = error;
}

int outfile_close(struct outfile *o, char *error, size_t cap)
{
    flush(o);
    // Some file systems tell only here that the disk is full.
    if (o->close_fd && close(o->fd) != 0) outfile_fail(o, errno);
    o->close_fd = false;
    if (o->error == 0 && o->temp != NULL && rename(o->temp, o->path) != 0) outfile_fail(o, errno);

    int result = -o->error;
    if (result == 0) {
        free(o->temp);
        o->temp = NULL;
    } else {
        say(o, o->error, error, cap);
    }
    outfile_abandon(o);
    return result;
}

void outfile_abandon(struct outfile *o)
{
    if (o->close_fd) close(o->fd);
    if (o->temp != NULL) unlink(o->temp);
    forget(o);
}
