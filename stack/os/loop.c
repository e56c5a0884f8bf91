// loop.c - see loop.h.
#include "os/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/clock.h"

// Then timers, applications and acknowledgements get their share: with 64 KB frames, a sender whose
// window is half a megabyte waits for them.
enum { FRAMES_PER_TURN = 8 };

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

int loop_init(struct loop *l, struct tap *t)
{
    *l = (struct loop){.tap = t, .also = {-1, -1}};
    sigset_t set = ending_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return l->signals < 0 ? -errno : 0;
}

void loop_done(struct loop *l)
{
    if (l->stuck != NULL) frame_free(l->stuck);
    if (l->signals >= 0) close(l->signals);
    sigset_t set = ending_signals();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

// How long to sleep at most; NULL for ever.
static const struct timespec *until(nsec next, struct timespec *ts)
{
    if (next == NEVER) return NULL;
    nsec now = clock_monotonic(), wait = next > now ? next - now : 0;
    *ts = (struct timespec){.tv_sec = wait / SEC(1), .tv_nsec = wait % SEC(1)};
    return ts;
}

void loop_watch(struct loop *l, int fd)
{
    int *place = &l->also[0];
    while (*place >= 0) place++;
    CHECK(place < l->also + LOOP_ALSO);
    *place = fd;
}

bool loop_wait(struct loop *l, nsec next)
{
    if (l->error < 0) return false;
    short in = l->hold ? 0 : POLLIN;
    struct pollfd fds[2 + LOOP_ALSO] = {
        {.fd = tap_fd(l->tap), .events = (short)(l->stuck != NULL ? in | POLLOUT : in)},
        {.fd = l->signals, .events = POLLIN},
        {.fd = l->also[0], .events = POLLIN},  // poll passes over -1
        {.fd = l->also[1], .events = POLLIN},
    };
    struct timespec ts;
    int n = ppoll(fds, ARRAY_LEN(fds), until(next, &ts), NULL);
    if (n < 0 && errno != EINTR) { l->error = -errno; return false; }
    if (n > 0 && fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) { l->error = -EIO; return false; }

    l->budget = FRAMES_PER_TURN;
    l->also_ready = n > 0 && (fds[2].revents | fds[3].revents) != 0;
    struct signalfd_siginfo info;
    if (n > 0 && fds[1].revents != 0 && read(l->signals, &info, sizeof info) == sizeof info) {
        l->signal = (int)info.ssi_signo;
        return false;
    }
    return true;
}

struct frame *loop_read(struct loop *l, struct host *h)
{
    if (l->budget <= 0) return NULL;
    l->budget--;
    int error;
    struct frame *f = tap_read(l->tap, h, &error);
    if (error < 0 && error != -ENOMEM) l->error = error;
    return f;
}

void loop_send(struct loop *l, struct frame *f)
{
    CHECK(l->stuck == NULL);
    int rc = tap_write(l->tap, f);
    if (rc == -EAGAIN) { l->stuck = f; return; }
    frame_free(f);
    // A TAP that is down takes no frames (EIO); the peer's retransmissions cope with that.
    if (rc < 0 && rc != -EIO && rc != -EINVAL && rc != -ENOBUFS) l->error = rc;
}

bool loop_may_send(struct loop *l)
{
    struct frame *f = l->stuck;
    l->stuck = NULL;
    if (f != NULL) loop_send(l, f);
    return l->stuck == NULL && l->error == 0;
}
