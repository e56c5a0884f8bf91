// How fast a full scene plays on one core: every pane of a run with a hundred, and with a thousand
// frames on the wire at once, composed anew and painted for each picture. The ceiling in the same
// run is a plain fill of the canvas: nobody paints faster than memory is written.
#include "viz/stage.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// The processor's time of this process: what others do to it meanwhile does not count.
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool make(const char *path, unsigned frames)
{
    const char *program = getenv("NETGLASS");
    char size[32];
    snprintf(size, sizeof size, "frames=%u", frames);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_WRONLY), 1);
        execl(program ? program : "build/netglass", "netglass", "run", "tests/bench/flight.lua",
              "-w", path, "-D", size, (char *)NULL);
        _exit(127);
    }
    int status = 1;
    waitpid(pid, &status, 0);
    return status == 0;
}

static unsigned in_flight(const struct recording *r, nsec t)
{
    unsigned n = 0;
    for (size_t i = 0; i < r->history.frames; i++)
        n += r->history.frame[i].depart <= t && r->history.frame[i].end > t;
    return n;
}

// The instant of the thickest traffic: in the middle between the last departure and what arrives.
static nsec thickest(const struct recording *r)
{
    nsec best = 0;
    unsigned most = 0;
    for (size_t i = 0; i < r->history.frames; i += 10) {
        unsigned n = in_flight(r, r->history.frame[i].depart);
        if (n >= most) most = n, best = r->history.frame[i].depart;
    }
    return best + MSEC(1);
}

static double play(struct stage *st, struct canvas *c, float scale, nsec at)
{
    int frames = -1;  // the first fills the glyph cache
    double start = 0, now;
    do {
        stage_seek(st, at);
        for (int i = 0; i < 10; i++) {
            st->playing = true;
            stage_advance(st, 1.0 / 60);
            stage_draw(st, c, scale);
            frames++;
            if (frames == 0) start = cpu_s();
        }
        now = cpu_s();
    } while (now - start < 0.5);
    return frames / (now - start);
}

static double ceiling(struct canvas *c)
{
    int n = 0;
    double start = cpu_s(), now;
    do {
        canvas_clear(c, (uint32_t)n++);
        now = cpu_s();
    } while (now - start < 0.2);
    return n / (now - start);
}

static bool measure(struct fonts *fonts, unsigned frames, float scale, double least, int number)
{
    char path[512], err[512];
    const char *scratch = getenv("SCRATCH");
    snprintf(path, sizeof path, "%s/flight.pcapng", scratch ? scratch : "/tmp");
    struct recording rec = {0};
    struct stage st;
    struct canvas c;
    bool ready = make(path, frames) && recording_open(&rec, path, err, sizeof err) &&
                 canvas_init(&c, (int)(1280 * scale), (int)(720 * scale));
    unlink(path);
    if (!ready) {
        printf("not ok %d - there is no recording to play\n", number);
        return false;
    }
    nsec at = thickest(&rec);
    stage_init(&st, &rec, fonts);
    double fps = play(&st, &c, scale, at), top = ceiling(&c);
    unsigned flying = in_flight(&rec, at);
    bool good = fps >= least && flying >= frames;
    printf("%s %d - a full scene, %u frames in flight, %dx%d: %.0f pictures a second (%.0f or more "
           "are wanted), 1/%.0f of a plain fill\n", good ? "ok" : "not ok", number, flying, c.w,
           c.h, fps, least, top / fps);
    fflush(stdout);
    stage_free(&st);
    recording_free(&rec);
    canvas_free(&c);
    return good;
}

int main(void)
{
    static const struct { unsigned frames; float scale; } row[] = {
        {100, 1}, {1000, 1}, {100, 1.5f}, {1000, 1.5f}};
    char err[256];
    struct fonts *fonts = fonts_open(NULL, err, sizeof err);
    if (!fonts) {
        printf("not ok 1 - fonts: %s\n", err);
        return 1;
    }
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        all &= measure(fonts, row[i].frames, row[i].scale, i < 3 ? 60 : 0, (int)i + 1);
    fonts_close(fonts);
    printf("1..%zu\n", ARRAY_LEN(row));
    return all ? 0 : 1;
}
