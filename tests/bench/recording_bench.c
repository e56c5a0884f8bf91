// A recording of a million frames: how long until the window can show it, how long until any
// instant of it is reached and drawn, and how much memory that takes. The ceiling in the same run
// is reading the file's bytes and summing them: nobody opens a file without that.
//
// `recording_bench FILE` measures another recording or capture instead of making one.
// timeout: 300
#include "viz/stage.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MEGABYTES = 30, INSTANTS = 200, W = 1280, H = 720 };

static int tests, failed;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void tell(bool good, const char *what)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, what);
    fflush(stdout);
    failed += !good;
}

// Runs the scenario into a file. False if that failed.
static bool make(const char *path)
{
    const char *program = getenv("NETGLASS");
    char size[32];
    snprintf(size, sizeof size, "megabytes=%d", MEGABYTES);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        execl(program ? program : "build/netglass", "netglass", "run", "tests/bench/million.lua",
              "-w", path, "-D", size, (char *)NULL);
        _exit(127);
    }
    int status = 1;
    waitpid(pid, &status, 0);
    return status == 0;
}

// The processor's time of this process: what others do to it meanwhile does not count.
static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double read_all(const char *path)
{
    static uint8_t buf[1 << 18];
    int fd = open(path, O_RDONLY);
    double start = cpu_s();
    for (ssize_t n; (n = read(fd, buf, sizeof buf)) > 0;) {
        uint64_t part = 0;
        for (ssize_t i = 0; i < n; i++) part += buf[i];
        if (part == 1) break;  // it is used, and never so small
    }
    close(fd);
    return cpu_s() - start;
}

// What the kernel says of this process, in bytes.
static double memory(const char *which)
{
    char line[128];
    double kb = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, which, strlen(which))) kb = strtod(line + strlen(which), NULL);
    if (f) fclose(f);
    return kb * 1024;
}

static void measure_instants(struct stage *st, struct canvas *c)
{
    double worst = 0, sum = 0;
    uint64_t chance = 1;
    for (int i = 0; i < INSTANTS; i++) {
        chance = chance * 6364136223846793005u + 1442695040888963407u;
        double start = cpu_s();
        psec length = warp_length(&st->rec->warp);
        stage_seek_shown(st, (psec)((double)(chance >> 11) / 9007199254740992.0 * (double)length));
        stage_draw(st, c, 1);
        double took = cpu_s() - start;
        sum += took;
        if (took > worst) worst = took;
    }
    char said[160];
    snprintf(said, sizeof said, "any instant is reached and drawn in under 50 ms: %.1f ms at most, "
             "%.1f ms on average", worst * 1e3, sum / INSTANTS * 1e3);
    tell(worst < 0.050, said);
}

int main(int argc, char **argv)
{
    char path[512], err[512], said[300];
    const char *scratch = getenv("SCRATCH");
    snprintf(path, sizeof path, "%s/million.pcapng", scratch ? scratch : "/tmp");
    if (argc > 1) snprintf(path, sizeof path, "%s", argv[1]);
    else if (!make(path)) tell(false, "there is no recording to measure");
    if (failed) return 1;

    struct stat file;
    if (stat(path, &file)) return 1;
    read_all(path);
    double ceiling = read_all(path);
    static struct recording rec;
    static struct stage st;
    static struct canvas c;
    struct fonts *fonts = fonts_open(NULL, err, sizeof err);
    if (!fonts || !canvas_init(&c, W, H)) return 1;
    double start = cpu_s(), clock = now_s();
    if (!recording_open(&rec, path, err, sizeof err)) {
        printf("not ok 1 - %s\n", err);
        return 1;
    }
    stage_init(&st, &rec, fonts);
    stage_draw(&st, &c, 1);
    double opened = cpu_s() - start;
    clock = now_s() - clock;
    snprintf(said, sizeof said, "%zu frames, %llu events, %.0f MB are open and drawn in under 2 s: "
             "%.2f s went by (on two threads, %.2f s of a core), %.1f times as long as reading "
             "the bytes",
             rec.history.frames,
             (unsigned long long)rec.tape.events, (double)file.st_size / 1e6, clock,
             opened, clock / ceiling);
    tell(clock < 2, said);
    measure_instants(&st, &c);
    double most = memory("VmHWM:"), size = (double)file.st_size;
    snprintf(said, sizeof said, "memory is under 1.5 times the file: %.0f MB at most, %.2f times",
             most / 1e6, most / size);
    tell(most < size * 1.5, said);
    stage_free(&st);
    recording_free(&rec);
    fonts_close(fonts);
    canvas_free(&c);
    if (argc == 1) unlink(path);
    printf("1..%d\n", tests);
    return failed != 0;
}
