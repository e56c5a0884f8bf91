// loop.c - see loop.h.
#include "os/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/clock.h"

enum { FRAMES_PER_TURN = 64 };  // then timers and applications get their share

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

int loop_init(struct loop *l, struct host *h, struct netif *n, struct tap *t)
{
    *l = (struct loop){.host = h, .netif = n, .tap = t};
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

bool loop_wait(struct loop *l)
{
    struct pollfd fds[2] = {
        {.fd = tap_fd(l->tap), .events = (short)(l->stuck != NULL ? POLLIN | POLLOUT : POLLIN)},
        {.fd = l->signals, .events = POLLIN},
    };
    struct timespec ts;
    int n = ppoll(fds, 2, until(ng_host_next(l->host), &ts), NULL);
    if (n < 0 && errno != EINTR) { l->error = -errno; return false; }
    if (n > 0 && fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) { l->error = -EIO; return false; }

    struct signalfd_siginfo info;
    if (n > 0 && fds[1].revents != 0 && read(l->signals, &info, sizeof info) == sizeof info) {
        l->signal = (int)info.ssi_signo;
        return false;
    }
    return true;
}

void loop_input(struct loop *l)
{
    nsec now = clock_monotonic();
    struct frame *f;
    int error = 0;
    for (int i = 0; i < FRAMES_PER_TURN; i++) {
        f = tap_read(l->tap, l->host, &error);
        if (f == NULL) break;
        ng_host_input(l->host, l->netif, f, now);
    }
    if (error < 0 && error != -ENOMEM) l->error = error;
    ng_host_run(l->host, now);
}

int loop_output(struct loop *l)
{
    if (l->error < 0) return l->error;
    ng_host_run(l->host, clock_monotonic());
    for (;;) {
        struct frame *f = l->stuck != NULL ? l->stuck : ng_netif_take(l->netif);
        l->stuck = NULL;
        if (f == NULL) return 0;
        int rc = tap_write(l->tap, f);
        if (rc == -EAGAIN) { l->stuck = f; return 0; }
        frame_free(f);
        // A TAP that is down takes no frames (EIO); the peer's retransmissions cope with that.
        if (rc < 0 && rc != -EIO && rc != -EINVAL && rc != -ENOBUFS) return l->error = rc;
    }
}
