// control.c - see control.h.
#include "scenarios/cli/control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

enum { CLIENTS_MAX = 8, ANSWER_MAX = 16 << 20, SEND_BUFFER = 1 << 20, PATH = 108, ASK_SECONDS = 5,
       NAME_MAX_LEN = 64 };

struct client { int fd; size_t len, sent, size; char request[CONTROL_REQUEST]; char *answer; };

struct control {
    int           epoll, listener;
    unsigned      next;    // who goes if another comes and all places are taken: the oldest
    char          path[PATH];
    struct client client[CLIENTS_MAX];
};

// --- where ---------------------------------------------------------------------------------------

static void folder(char path[PATH])
{
    const char *run = getenv("XDG_RUNTIME_DIR");
    if (run != NULL && run[0] == '/' && strlen(run) < PATH / 2)
        snprintf(path, PATH, "%s/netglass", run);
    else if (geteuid() == 0) snprintf(path, PATH, "/run/netglass");
    else snprintf(path, PATH, "/tmp/netglass-%u", (unsigned)geteuid());
}

// Ours alone, and no link to somewhere else.
static bool folder_is_safe(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid()
        && (st.st_mode & 077) == 0;
}

static unsigned long netns(void)
{
    struct stat st;
    return stat("/proc/self/ns/net", &st) == 0 ? (unsigned long)st.st_ino : 0;
}

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    memcpy(a.sun_path, path, strlen(path) + 1);
    return a;
}

// A connected descriptor, or -errno.
static int call(const char *path)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0) return fd;
    int error = -errno;
    close(fd);
    return error;
}

// --- who runs ------------------------------------------------------------------------------------

static int listen_at(const char *path)
{
    struct sockaddr_un a = address(path);
    int other = call(path);
    if (other >= 0) {
        close(other);
        return -EADDRINUSE;
    }
    if (other == -ECONNREFUSED) unlink(path);  // left behind by one that died
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    if (bind(fd, (const struct sockaddr *)&a, sizeof a) == 0 && listen(fd, CLIENTS_MAX) == 0)
        return fd;
    int error = -errno;
    close(fd);
    return error;
}

static bool watch(const struct control *c, int fd, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.fd = fd};
    return epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &ev) == 0
        || (errno == EEXIST && epoll_ctl(c->epoll, EPOLL_CTL_MOD, fd, &ev) == 0);
}

struct control *control_open(const char *tap, char *error, size_t cap)
{
    char dir[PATH];
    folder(dir);
    struct control *c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    for (int i = 0; i < CLIENTS_MAX; i++) c->client[i].fd = -1;
    int len = snprintf(c->path, PATH, "%s/%s@%lu.sock", dir, tap, netns());
    bool made = mkdir(dir, 0700) == 0 || errno == EEXIST;
    int why = made ? 0 : errno;
    if (made && !folder_is_safe(dir)) why = EPERM;
    c->listener = why != 0 || len >= PATH ? -1 : listen_at(c->path);
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (c->listener >= 0 && c->epoll >= 0 && watch(c, c->listener, EPOLLIN)) return c;
    if (why == 0) why = c->listener < -1 ? -c->listener : EIO;
    snprintf(error, cap, "no control socket in %s: %s", dir, strerror(why));
    if (c->listener < 0) c->path[0] = '\0';
    control_close(c);
    return NULL;
}

static void hang_up(struct client *cl)
{
    close(cl->fd);
    free(cl->answer);
    *cl = (struct client){.fd = -1};
}

void control_close(struct control *c)
{
    if (c == NULL) return;
    if (c->path[0] != '\0') unlink(c->path);
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (c->client[i].fd >= 0) hang_up(&c->client[i]);
    if (c->listener >= 0) close(c->listener);
    if (c->epoll >= 0) close(c->epoll);
    free(c);
}

int control_fd(const struct control *c) { return c->epoll; }

// The file system lets in nobody but us, and root; this is for sockets that were passed on.
static bool is_friend(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0
        && (who.uid == geteuid() || who.uid == 0);
}

static void let_in(struct control *c)
{
    int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    if (!is_friend(fd) || !watch(c, fd, EPOLLIN)) {
        close(fd);
        return;
    }
    struct client *cl = &c->client[c->next++ % CLIENTS_MAX];
    if (cl->fd >= 0) hang_up(cl);
    *cl = (struct client){.fd = fd};
}

static void make_answer(struct client *cl, control_answer *answer, void *self)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL) return;
    fputc('+', to);
    bool fine = answer(self, cl->request, to);
    if (fclose(to) != 0 || size > ANSWER_MAX) {
        free(text);
        return;
    }
    if (!fine) text[0] = '-';
    cl->answer = text;
    cl->size = size;
    int room = SEND_BUFFER;
    setsockopt(cl->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

// True if the whole line is there.
static bool take_request(struct client *cl)
{
    ssize_t n = read(cl->fd, cl->request + cl->len, sizeof cl->request - 1 - cl->len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n <= 0) {
        hang_up(cl);
        return false;
    }
    cl->len += (size_t)n;
    char *end = memchr(cl->request, '\n', cl->len);
    if (end != NULL) *end = '\0';
    else if (cl->len == sizeof cl->request - 1) hang_up(cl);
    return end != NULL && cl->fd >= 0;
}

static void send_answer(const struct control *c, struct client *cl)
{
    while (cl->sent < cl->size) {
        ssize_t n = send(cl->fd, cl->answer + cl->sent, cl->size - cl->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN && watch(c, cl->fd, EPOLLOUT)) return;
        if (n <= 0) break;
        cl->sent += (size_t)n;
    }
    hang_up(cl);
}

static void attend(const struct control *c, struct client *cl, control_answer *answer, void *self)
{
    if (cl->answer == NULL) {
        if (!take_request(cl)) return;
        make_answer(cl, answer, self);
    }
    send_answer(c, cl);
}

void control_turn(struct control *c, control_answer *answer, void *self)
{
    struct epoll_event ready[CLIENTS_MAX + 1];
    int n = epoll_wait(c->epoll, ready, CLIENTS_MAX + 1, 0);
    for (int i = 0; i < n; i++) {
        if (ready[i].data.fd == c->listener) let_in(c);
        for (int k = 0; k < CLIENTS_MAX; k++)
            if (c->client[k].fd == ready[i].data.fd) attend(c, &c->client[k], answer, self);
    }
}

// --- who asks ------------------------------------------------------------------------------------

struct found { char path[PATH], tap[NAME_MAX_LEN]; int fd; bool near; };

// "tap0@4026531840.sock" -> "tap0", and whether it is in our own network namespace.
static bool take_name(const char *file, struct found *f)
{
    const char *at = strrchr(file, '@');
    if (at == NULL || at == file || (size_t)(at - file) >= sizeof f->tap) return false;
    memcpy(f->tap, file, (size_t)(at - file));
    f->tap[at - file] = '\0';
    char mine[40];
    snprintf(mine, sizeof mine, "@%lu.sock", netns());
    f->near = strcmp(at, mine) == 0;
    return strcmp(at + strlen(at) - (strlen(at) > 5 ? 5 : 0), ".sock") == 0;
}

// Takes f for the best so far if it is as near, and gives up one that is further.
static unsigned weigh(struct found *best, const struct found *f, unsigned equals)
{
    bool first = best->fd < 0;
    if (!first && best->near && !f->near) {
        close(f->fd);
        return equals;
    }
    bool nearer = !first && f->near && !best->near;
    if (!first) close(best->fd);
    *best = *f;
    return first || nearer ? 1 : equals + 1;
}

// The best of those that answer: in our namespace before others. Counts the equally good ones.
static unsigned find(const char *dir, const char *tap, struct found *best, struct text *names)
{
    unsigned equals = 0;
    DIR *d = folder_is_safe(dir) ? opendir(dir) : NULL;
    *best = (struct found){.fd = -1};
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        struct found f = {.fd = -1};
        if (!take_name(e->d_name, &f) || (tap != NULL && strcmp(tap, f.tap) != 0)) continue;
        struct text path = text_of(f.path, sizeof f.path);
        text_put_str(&path, dir);
        text_put_char(&path, '/');
        text_put_str(&path, e->d_name);
        if (path.cut || (f.fd = call(f.path)) < 0) continue;
        text_put_str(names, names->len > 0 ? ", " : "");
        text_put_str(names, f.tap);
        equals = weigh(best, &f, equals);
    }
    if (d != NULL) closedir(d);
    return equals;
}

// The first byte tells whether the rest is the answer or a sentence.
static bool copy_answer(int fd, FILE *to, char *error, size_t cap)
{
    char part[4096];
    size_t len = 0;
    bool first = true, fine = false;
    for (ssize_t n; (n = read(fd, part, sizeof part)) > 0; first = false) {
        const char *p = part;
        if (first) {
            fine = *p++ == '+';
            n--;
        }
        if (fine) fwrite(p, 1, (size_t)n, to);
        for (ssize_t i = 0; !fine && i < n && len + 1 < cap; i++) error[len++] = p[i];
    }
    if (!fine) error[len] = '\0';
    if (!fine && len == 0) snprintf(error, cap, "it did not answer");
    return fine;
}

bool control_ask(const char *tap, const char *request, FILE *to, char *error, size_t cap)
{
    char dir[PATH], list[200];
    struct text names = text_of(list, sizeof list);
    struct found best;
    folder(dir);
    unsigned n = find(dir, tap, &best, &names);
    if (n != 1) {
        if (n > 1) snprintf(error, cap, "several run: say which with --tap (%s)", list);
        else if (tap != NULL) snprintf(error, cap, "no netglass up runs on %.32s", tap);
        else snprintf(error, cap, "no netglass up runs here");
        if (best.fd >= 0) close(best.fd);
        return false;
    }
    struct timeval limit = {.tv_sec = ASK_SECONDS};
    setsockopt(best.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    char line[CONTROL_REQUEST + 2];
    int len = snprintf(line, sizeof line, "%s\n", request);
    bool fine = send(best.fd, line, (size_t)len, MSG_NOSIGNAL) == len;
    if (!fine) snprintf(error, cap, "it does not listen: %s", strerror(errno));
    fine = fine && copy_answer(best.fd, to, error, cap);
    close(best.fd);
    return fine;
}
