// movie.c - see movie.h.
#include "viz/movie.h"
#include "viz/png.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COLOURS = 256, FPS_MAX = 240 };

struct movie {
    struct movie_options o;
    char                 path[PATH_MAX], part[PATH_MAX];
    const char          *kind;
    struct canvas        last;      // for a PNG
    pid_t                pid;       // ffmpeg's, 0 when there is none
    int                  to;        // frames go here
    int                  complaints;  // a memory file with what ffmpeg said
    long                 frames;
    int64_t              told;      // when the progress line was last written, in ms
    sigset_t             before;    // the signals that were held up before
};

// Ctrl-C in the middle waits until what is half-written is gone: see movie_abandon.
static void hold_signals(struct movie *m)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &m->before);
}

static bool is_told_to_end(const struct movie *m)
{
    sigset_t waiting;
    sigpending(&waiting);
    for (int i = 0; i < 3; i++) {
        int sig = (const int[]){SIGINT, SIGTERM, SIGHUP}[i];
        if (sigismember(&waiting, sig) == 1 && sigismember(&m->before, sig) == 0) return true;
    }
    return false;
}

const char *movie_kind(const char *path, char *err, size_t err_len)
{
    static const char *const kinds[] = {".png", ".svg", ".mp4", ".gif"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < ARRAY_LEN(kinds); i++)
        if (!strcasecmp(dot, kinds[i])) return kinds[i] + 1;
    snprintf(err, err_len, "cannot record %.200s: the name must end in .png, .svg, .mp4 or .gif",
             path);
    return NULL;
}

static bool fail(char *err, size_t err_len, const struct movie *m, const char *why)
{
    snprintf(err, err_len, "cannot record %.200s: %.300s", m->path, why);
    return false;
}

static uint32_t between(uint32_t a, uint32_t b, int num, int den)
{
    uint32_t out = 0xff;
    for (int shift = 16; shift >= 0; shift -= 8) {
        int va = (int)(a >> shift & 0xff), vb = (int)(b >> shift & 0xff);
        out = out << 8 | (uint32_t)(va + (vb - va) * num / den);
    }
    return out;
}

// Every role, and the steps by which the edges of text and shapes fade into each ground.
static void colour_table(enum theme theme, uint32_t table[COLOURS])
{
    enum { SHADES = 6 };
    int n = 0;
    for (int role = 0; role < PALETTE_ROLES; role++)
        table[n++] = palette_rgb(theme, (enum palette_role)role);
    for (int step = 1; step < SHADES; step++)
        for (int ground = PALETTE_BG; ground <= PALETTE_RAISED; ground++)
            for (int role = PALETTE_LINE; role < PALETTE_ON && n < COLOURS; role++)
                table[n++] = between(palette_rgb(theme, (enum palette_role)ground),
                                     palette_rgb(theme, (enum palette_role)role), step, SHADES);
    while (n < COLOURS) table[n++] = 0xff000000;
}

// A descriptor from which the colour table can be read, or -1.
static int colour_file(enum theme theme)
{
    uint32_t table[COLOURS];
    colour_table(theme, table);
    int fd = memfd_create("colours", MFD_CLOEXEC);
    if (fd < 0) return -1;
    if (write(fd, table, sizeof table) != (ssize_t)sizeof table || lseek(fd, 0, SEEK_SET)) {
        close(fd);
        return -1;
    }
    return fd;
}

enum { IN_FRAMES = 0, IN_COLOURS = 3 };

static int start(struct movie *m, int frames, int colours)
{
    char size[32], fps[16], part[PATH_MAX + 8];
    snprintf(size, sizeof size, "%dx%d", m->o.w, m->o.h);
    snprintf(fps, sizeof fps, "%d", m->o.fps);
    snprintf(part, sizeof part, "file:%s", m->part);  // never an option or a protocol
    const char *const head[] = {"ffmpeg", "-hide_banner", "-loglevel", "error", "-y",
        "-f", "rawvideo", "-pixel_format", "bgr0", "-video_size", size, "-framerate", fps,
        "-i", "pipe:0"};
    // Even sides, as H.264 must have; and the matrix of HD, said aloud, or players shift colours.
    const char *const mp4[] = {
        "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:flags=accurate_rnd",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-c:v", "libx264", "-crf", "16", "-tune", "animation", "-pix_fmt", "yuv420p",
        "-movflags", "+faststart", "-f", "mp4"};
    const char *const gif[] = {"-f", "rawvideo", "-pixel_format", "bgra", "-video_size", "16x16",
        "-i", "pipe:3", "-filter_complex",
        "[0:v][1:v]paletteuse=dither=none:diff_mode=rectangle", "-f", "gif"};
    const char *argv[ARRAY_LEN(head) + ARRAY_LEN(mp4) + 2] = {0};
    size_t n = ARRAY_LEN(head), is_gif = colours >= 0;
    static_assert(ARRAY_LEN(gif) <= ARRAY_LEN(mp4), "argv has room for either");
    memcpy(argv, head, sizeof head);
    memcpy(argv + n, is_gif ? gif : mp4, is_gif ? sizeof gif : sizeof mp4);
    n += is_gif ? ARRAY_LEN(gif) : ARRAY_LEN(mp4);
    argv[n] = part;

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, frames, IN_FRAMES);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, m->complaints, 2);
    if (is_gif) posix_spawn_file_actions_adddup2(&files, colours, IN_COLOURS);
    char *const *args = (char *const *)(uintptr_t)argv;  // exec's promise predates const
    int bad = posix_spawnp(&m->pid, "ffmpeg", &files, NULL, args, environ);
    posix_spawn_file_actions_destroy(&files);
    if (bad) m->pid = 0;
    return bad;
}

static bool start_ffmpeg(struct movie *m, char *err, size_t err_len)
{
    int pair[2], colours = -1, bad = 0;
    bool is_gif = !strcmp(m->kind, "gif");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return fail(err, err_len, m, strerror(errno));
    m->to = pair[0];
    m->complaints = memfd_create("ffmpeg", MFD_CLOEXEC);
    if (is_gif) colours = colour_file(m->o.theme);
    if (m->complaints < 0 || (is_gif && colours < 0)) bad = errno;
    if (!bad) bad = start(m, pair[1], colours);
    close(pair[1]);
    if (colours >= 0) close(colours);
    if (!bad) return true;
    return fail(err, err_len, m, bad == ENOENT
                ? "the program ffmpeg is not installed; Debian has it as `apt install ffmpeg`"
                : strerror(bad));
}

struct movie *movie_open(const struct movie_options *o, char *err, size_t err_len)
{
    const char *kind = movie_kind(o->path, err, err_len);
    if (!kind) return NULL;
    struct movie *m = calloc(1, sizeof *m);
    if (!m) {
        snprintf(err, err_len, "cannot record: no memory");
        return NULL;
    }
    m->o = *o;
    m->kind = kind;
    m->to = m->complaints = -1;
    hold_signals(m);
    int len = snprintf(m->path, sizeof m->path, "%s", o->path);
    int part = snprintf(m->part, sizeof m->part, "%.*s.%ld.part", PATH_MAX - 32, o->path,
                        (long)getpid());
    bool ok = true;
    bool too_long = len >= PATH_MAX - 32 || part >= PATH_MAX;
    if (too_long) ok = fail(err, err_len, m, "the name is too long");
    else if (o->fps < 1 || o->fps > FPS_MAX) ok = fail(err, err_len, m, "1 to 240 frames a second");
    else if (!strcmp(kind, "svg")) ok = fail(err, err_len, m, "an SVG does not move");
    else if (!canvas_init(&m->last, o->w, o->h)) ok = fail(err, err_len, m, "not a size of frames");
    else if (strcmp(kind, "png")) ok = start_ffmpeg(m, err, err_len);
    if (ok) return m;
    movie_abandon(m);
    return NULL;
}

static void show_progress(struct movie *m, bool done)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    if (!isatty(STDERR_FILENO) || (!done && ms - m->told < 200)) return;
    m->told = ms;
    fprintf(stderr, "\rrecording %s: frame %ld", m->path, m->frames);
    if (m->o.frames > 0)
        fprintf(stderr, " of %ld, %ld%%", m->o.frames, 100 * m->frames / m->o.frames);
    fputs("   ", stderr);
}

// The last line ffmpeg wrote, which is the nearest to a reason.
static const char *complaint(const struct movie *m, char *buf, size_t len)
{
    off_t size = lseek(m->complaints, 0, SEEK_END), room = (off_t)len - 1;
    ssize_t got = size < 0 ? 0 : pread(m->complaints, buf, len - 1, size > room ? size - room : 0);
    buf[got > 0 ? got : 0] = 0;
    for (size_t end = strlen(buf); end > 0 && buf[end - 1] == '\n'; end--) buf[end - 1] = 0;
    char *line = strrchr(buf, '\n');
    line = line ? line + 1 : buf;
    return *line ? line : "ffmpeg stopped without a word";
}

// Closes ffmpeg's input and waits for it; true if it ended well.
static bool finish(struct movie *m)
{
    int status = 0;
    if (m->to >= 0) close(m->to);
    m->to = -1;
    if (m->pid <= 0) return true;
    while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR) {}
    m->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool send_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

bool movie_frame(struct movie *m, const struct canvas *c, char *err, size_t err_len)
{
    char said[512];
    if (c->w != m->o.w || c->h != m->o.h) return fail(err, err_len, m, "a frame of another size");
    if (is_told_to_end(m)) return fail(err, err_len, m, "it was told to end");
    m->frames++;
    show_progress(m, false);
    for (int y = 0; y < c->h; y++) {
        const uint32_t *row = c->px + (size_t)y * (size_t)c->stride;
        uint32_t *keep = m->last.px + (size_t)y * (size_t)m->last.stride;
        memcpy(keep, row, (size_t)c->w * 4);
    }
    if (m->to < 0) return true;
    const uint8_t *bytes = (const uint8_t *)m->last.px;
    if (send_all(m->to, bytes, (size_t)c->w * (size_t)c->h * 4)) return true;
    finish(m);
    return fail(err, err_len, m, complaint(m, said, sizeof said));
}

void movie_abandon(struct movie *m)
{
    if (!m) return;
    if (m->told) fputc('\n', stderr);  // ends the progress line
    if (m->pid > 0) kill(m->pid, SIGKILL);
    finish(m);
    if (m->complaints >= 0) close(m->complaints);
    unlink(m->part);
    canvas_free(&m->last);
    sigset_t before = m->before;
    free(m);
    sigprocmask(SIG_SETMASK, &before, NULL);  // and here a signal that waited ends us
}

bool movie_close(struct movie *m, char *err, size_t err_len)
{
    char said[512];
    bool ok = true;
    if (m->frames == 0) {
        ok = fail(err, err_len, m, "there was not one frame");
    } else if (!strcmp(m->kind, "png")) {
        ok = png_write(&m->last, m->path, err, err_len);
    } else if (!finish(m)) {
        ok = fail(err, err_len, m, complaint(m, said, sizeof said));
    } else if (rename(m->part, m->path)) {
        ok = fail(err, err_len, m, strerror(errno));
    }
    if (ok) show_progress(m, true);
    movie_abandon(m);
    return ok;
}
