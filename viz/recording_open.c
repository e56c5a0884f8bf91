// see recording.h. Here: events from a file.
//
//      reader   -- full blocks of the tape -->  [ up to 16 ]  -->   folder
//
// A file of one block, as most are, needs no second thread.
#include "viz/recording.h"

#include "capture/replay.h"

#include <pthread.h>
#include <stdio.h>

enum { AHEAD = 16 };

struct opening {
    struct recording *r;
    struct tape_cursor at;     // how far it is folded
    pthread_t         folder;
    bool              has_folder;
    pthread_mutex_t   lock;    // of all below; the reader alone writes handed and ended
    pthread_cond_t    change;
    struct tape_block block[AHEAD];
    uint32_t          handed, folded;  // how many blocks
    bool              ended, failed;
};

// --- folding -----------------------------------------------------------------------------------

static bool fold_block(struct opening *o, uint32_t number, struct tape_block b)
{
    struct tape_cursor *c = &o->at;
    for (c->at = (struct tape_place){number, 0}; c->at.off < b.len;) {
        struct tape_place place = c->at;
        struct trace_event ev;
        tape_read(c, &b, &ev);
        if (!recording_fold(o->r, &ev, place)) return false;
    }
    return true;
}

static void *fold_all(void *self)
{
    struct opening *o = self;
    pthread_mutex_lock(&o->lock);
    for (;;) {
        while (o->folded == o->handed && !o->ended) pthread_cond_wait(&o->change, &o->lock);
        if (o->folded == o->handed) break;
        struct tape_block b = o->block[o->folded % AHEAD];
        bool fine = !o->failed;
        pthread_mutex_unlock(&o->lock);
        fine = fine && fold_block(o, o->folded, b);
        pthread_mutex_lock(&o->lock);
        o->folded++;
        o->failed = !fine;
        pthread_cond_signal(&o->change);
    }
    pthread_mutex_unlock(&o->lock);
    return NULL;
}

// --- reading -----------------------------------------------------------------------------------

// The next block is full, or the last. False: what came before could not be folded.
static bool hand_over(struct opening *o)
{
    pthread_mutex_lock(&o->lock);
    while (o->handed - o->folded == AHEAD) pthread_cond_wait(&o->change, &o->lock);
    o->block[o->handed % AHEAD] = o->r->tape.block[o->handed];
    o->handed++;
    bool fine = !o->failed;
    pthread_cond_signal(&o->change);
    pthread_mutex_unlock(&o->lock);
    return fine;
}

// Without a thread, by the reader itself.
static bool pass_on(struct opening *o)
{
    if (!o->has_folder && o->handed + 1 < o->r->tape.blocks)
        o->has_folder = pthread_create(&o->folder, NULL, fold_all, o) == 0;
    if (o->has_folder) return hand_over(o);
    o->failed = o->failed || !fold_block(o, o->handed, o->r->tape.block[o->handed]);
    o->folded = ++o->handed;
    return !o->failed;
}

static bool add(struct opening *o, struct trace_event *ev)
{
    struct tape_place place;
    if (!recording_keep(o->r, ev, &place)) return false;
    return place.block == o->handed || pass_on(o);
}

// What was kept and not folded is not there.
static bool end(struct opening *o)
{
    while (o->handed < o->r->tape.blocks) pass_on(o);
    if (o->has_folder) {
        pthread_mutex_lock(&o->lock);
        o->ended = true;
        pthread_cond_signal(&o->change);
        pthread_mutex_unlock(&o->lock);
        pthread_join(o->folder, NULL);
    }
    if (!o->failed) return true;
    o->r->tape.events = o->r->last.events;
    o->r->end = o->r->last.now;
    return false;
}

static bool read_all(struct recording *r, struct replay *file, char *error, size_t cap)
{
    struct opening o = {.r = r, .lock = PTHREAD_MUTEX_INITIALIZER,
                        .change = PTHREAD_COND_INITIALIZER};
    struct trace_event ev;
    enum replay_next next;
    bool fine = true;
    while (fine && (next = replay_next(file, &ev)) == REPLAY_EVENT) fine = add(&o, &ev);
    if (!end(&o) || !fine) {
        r->short_of_memory = true;
        snprintf(r->broken, sizeof r->broken, "there is not enough memory for the whole of it");
    } else if (next == REPLAY_BROKEN) {
        snprintf(r->broken, sizeof r->broken, "%s", replay_error(file));
    }
    if (r->tape.events > 0) return true;
    if (r->broken[0] != 0) snprintf(error, cap, "%s", r->broken);
    return false;
}

bool recording_open(struct recording *r, const char *path, char *error, size_t cap)
{
    struct replay *file = replay_open(path, error, cap);
    if (file == NULL) return false;
    snprintf(error, cap, "%s: there is not one packet in it", path);
    bool fine = read_all(r, file, error, cap);
    r->foreign = !replay_is_ours(file);
    replay_close(file);
    recording_done(r);
    return fine;
}
