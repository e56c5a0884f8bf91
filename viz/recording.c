// see recording.h
#include "viz/recording.h"

#include "capture/replay.h"

#include <stdio.h>

void recording_free(struct recording *r)
{
    tape_free(&r->tape);
    history_free(&r->history);
    warp_free(&r->warp);
    model_free(&r->last);
    model_free(&r->stage);
    for (size_t i = 0; i < r->checkpoints; i++) model_free(&r->checkpoint[i].model);
    free(r->checkpoint);
    *r = (struct recording){0};
}

static bool checkpoint_due(const struct recording *r)
{
    uint64_t last = r->checkpoints == 0 ? 0 : r->checkpoint[r->checkpoints - 1].model.events;
    if (r->last.events - last < CHECKPOINT_EVENTS) return false;
    return r->checkpoint_bytes + model_memory(&r->last) <= tape_memory(&r->tape) / 8 +
                                                               (size_t)TAPE_BLOCK * 4;
}

// Without memory there is one checkpoint less, and nothing else is lost.
static void add_checkpoint(struct recording *r)
{
    if (r->checkpoints == r->checkpoints_cap) {
        size_t cap = r->checkpoints_cap != 0 ? r->checkpoints_cap * 2 : 16;
        struct checkpoint *wider = realloc(r->checkpoint, cap * sizeof *wider);
        if (wider == NULL) return;
        r->checkpoint = wider;
        r->checkpoints_cap = cap;
    }
    struct checkpoint *c = &r->checkpoint[r->checkpoints];
    *c = (struct checkpoint){0};
    if (!model_copy(&c->model, &r->last)) {
        model_free(&c->model);
        return;
    }
    r->checkpoint_bytes += model_memory(&c->model);
    r->checkpoints++;
}

// A frame arrives as it was sent unless the wire spoiled it: then its bytes are on the tape already.
static bool bytes_are_known(const struct recording *r, const struct trace_event *ev)
{
    if (ev->type != TRACE_FRAME_RX) return false;
    uint32_t i = history_frame_of(&r->history, ev->frame_rx.frame);
    if (i == NONE || r->history.frame[i].event == UINT64_MAX) return false;
    struct trace_event sent;
    if (!tape_get(&r->tape, r->history.frame[i].event, &sent)) return false;
    if (sent.type != TRACE_FRAME_TX) return false;
    const struct trace_bytes *a = &sent.frame_tx.data, *b = &ev->frame_rx.data;
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

bool recording_add(struct recording *r, const struct trace_event *given)
{
    struct trace_event ev = *given;
    if (ev.at < r->end && r->tape.events > 0) ev.at = r->end;  // a clock that went back stands
    if (bytes_are_known(r, &ev)) ev.frame_rx.data.len = 0;
    uint64_t number = r->tape.events;
    ev.order = number;
    if (!tape_add(&r->tape, &ev)) return false;
    size_t beats = r->history.beats;
    model_apply(&r->last, &ev);
    history_apply(&r->history, &r->last, &ev, number);
    r->end = ev.at;
    if ((r->history.beats > beats || r->warp.n == 0) && !warp_add(&r->warp, ev.at)) return false;
    if (checkpoint_due(r)) add_checkpoint(r);
    return !r->last.short_of_memory && !r->history.short_of_memory;
}

void recording_done(struct recording *r)
{
    warp_add(&r->warp, r->end);
    history_choose_stage(&r->history);
}

static bool read_all(struct recording *r, struct replay *file, char *error, size_t cap)
{
    struct trace_event ev;
    enum replay_next next;
    while ((next = replay_next(file, &ev)) == REPLAY_EVENT) {
        if (recording_add(r, &ev)) continue;
        r->short_of_memory = true;
        snprintf(r->broken, sizeof r->broken, "there is not enough memory for the whole of it");
        break;
    }
    if (next == REPLAY_BROKEN) snprintf(r->broken, sizeof r->broken, "%s", replay_error(file));
    if (r->tape.events > 0) return true;
    snprintf(error, cap, "%s", r->broken[0] != 0 ? r->broken : "the recording is empty");
    return false;
}

bool recording_open(struct recording *r, const char *path, char *error, size_t cap)
{
    struct replay *file = replay_open(path, error, cap);
    if (file == NULL) return false;
    bool fine = read_all(r, file, error, cap);
    r->foreign = !replay_is_ours(file);
    replay_close(file);
    recording_done(r);
    return fine;
}

nsec recording_start(const struct recording *r) { return r->warp.n > 0 ? r->warp.at[0] : 0; }

static const struct model *nearest(const struct recording *r, uint64_t n)
{
    size_t lo = 0, hi = r->checkpoints;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (r->checkpoint[mid].model.events <= n) lo = mid + 1;
        else hi = mid;
    }
    return lo == 0 ? NULL : &r->checkpoint[lo - 1].model;
}

const struct model *recording_at(struct recording *r, uint64_t n)
{
    if (n > r->tape.events) n = r->tape.events;
    const struct model *from = nearest(r, n);
    bool back = r->stage.events > n;
    if (back || (from != NULL && from->events > r->stage.events)) {
        static const struct model nothing;
        if (!model_copy(&r->stage, from != NULL ? from : &nothing)) model_free(&r->stage);
    }
    struct tape_cursor c = tape_seek(&r->tape, r->stage.events);
    struct trace_event ev;
    while (r->stage.events < n && tape_next(&c, &ev)) model_apply(&r->stage, &ev);
    return &r->stage;
}

// By halving over numbers; each look decodes at most a stride of the tape.
uint64_t recording_events_until(const struct recording *r, nsec t)
{
    uint64_t lo = 0, hi = r->tape.events;
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        struct trace_event ev;
        if (tape_get(&r->tape, mid, &ev) && ev.at <= t) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}
