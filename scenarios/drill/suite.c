// suite.c - see suite.h. Scripts share nothing, so threads share a counter and no more.
#include "scenarios/drill/suite.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { DEPTH = 16, FILES = 100000 };

static bool add_file(struct suite *s, const char *path)
{
    if (s->count == FILES) return errno = EMFILE, false;
    if (s->count == s->room) {
        size_t room = s->room == 0 ? 16 : s->room * 2;
        struct suite_entry *more = realloc(s->entry, room * sizeof *more);
        if (more == NULL) return false;
        s->entry = more;
        s->room = room;
    }
    char *copy = strdup(path);
    if (copy == NULL) return false;
    s->entry[s->count++] = (struct suite_entry){.path = copy};
    return true;
}

static bool is_script(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".pkt") == 0;
}

// A link to a folder is not followed, for it may lead back; a link to a script is.
static bool is_link(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static bool add_folder(struct suite *s, const char *path, unsigned depth)
{
    struct dirent **names;
    errno = ELOOP;
    int n = depth < DEPTH ? scandir(path, &names, NULL, alphasort) : -1;
    bool ok = n >= 0;
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        char *inner = NULL;
        struct stat st;
        if (ok && name[0] != '.' && asprintf(&inner, "%s/%s", path, name) > 0
            && stat(inner, &st) == 0) {
            if (S_ISDIR(st.st_mode)) ok = is_link(inner) || add_folder(s, inner, depth + 1);
            else if (S_ISREG(st.st_mode) && is_script(name)) ok = add_file(s, inner);
        }
        free(inner);
        free(names[i]);
    }
    if (n >= 0) free(names);
    return ok;
}

bool suite_add(struct suite *s, const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0) return false;
    return S_ISDIR(st.st_mode) ? add_folder(s, path, 0) : add_file(s, path);
}

void suite_free(struct suite *s)
{
    for (size_t i = 0; i < s->count; i++) {
        drill_report_free(&s->entry[i].report);
        free((char *)(uintptr_t)s->entry[i].path);
    }
    free(s->entry);
    *s = (struct suite){0};
}

// --- running -----------------------------------------------------------------------------------

struct work {
    struct suite               *suite;
    const struct drill_options *options;
    suite_clock                *clock;
    atomic_size_t               next;
};

static void *work_on(void *self)
{
    struct work *w = self;
    for (;;) {
        size_t i = atomic_fetch_add(&w->next, 1);
        if (i >= w->suite->count) return NULL;
        struct suite_entry *e = &w->suite->entry[i];
        nsec start = w->clock();
        drill_run(e->path, w->options, &e->report);
        e->took = w->clock() - start;
    }
}

void suite_run(struct suite *s, const struct drill_options *o, unsigned threads,
               suite_clock *clock)
{
    struct work w = {.suite = s, .options = o, .clock = clock};
    pthread_t thread[SUITE_THREADS];
    unsigned started = 0;
    nsec start = clock();
    if (threads > SUITE_THREADS) threads = SUITE_THREADS;
    if (threads > s->count) threads = (unsigned)s->count;
    while (started + 1 < threads && pthread_create(&thread[started], NULL, work_on, &w) == 0)
        started++;
    work_on(&w);
    for (unsigned i = 0; i < started; i++) pthread_join(thread[i], NULL);
    s->took = clock() - start;
    for (size_t i = 0; i < s->count; i++) {
        enum drill_verdict v = s->entry[i].report.verdict;
        s->passed += v == DRILL_PASSED;
        s->failed += v == DRILL_FAILED;
        s->broken += v == DRILL_BROKEN;
    }
}
