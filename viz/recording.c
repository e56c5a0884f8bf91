// see recording.h
#include "viz/recording.h"

void recording_free(struct recording *r)
{
    tape_free(&r->tape);
    history_free(&r->history);
    warp_free(&r->warp);
    model_free(&r->last);
    model_free(&r->stage);
    for (size_t i = 0; i < r->checkpoints; i++) model_free(&r->checkpoint[i].model);
    free(r->checkpoint);
    free(r->sent);
    *r = (struct recording){0};
}

enum { CHECKPOINTS_LEAST = 4 << 20 };  // bytes, however short the tape

static bool checkpoint_due(const struct recording *r, struct tape_place place)
{
    uint64_t last = r->checkpoints == 0 ? 0 : r->checkpoint[r->checkpoints - 1].model.events;
    if (r->last.events - last < CHECKPOINT_EVENTS) return false;
    size_t tape = ((size_t)place.block + 1) * TAPE_BLOCK;
    return r->checkpoint_bytes + model_memory(&r->last) <= tape / 8 + CHECKPOINTS_LEAST;
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

// A frame arrives as it was sent, unless the wire spoiled it: so its bytes are on the tape already.
// Where, is known of the last frames sent: of one that was longer on its way they are kept twice.
static bool bytes_are_known(const struct recording *r, const struct trace_event *ev)
{
    if (ev->type != TRACE_FRAME_RX || r->sent == NULL) return false;
    const struct sent_bytes *sent = &r->sent[ev->frame_rx.frame % SENT_KNOWN];
    if (sent->data.p == NULL || sent->frame != ev->frame_rx.frame) return false;
    const struct trace_bytes *a = &sent->data, *b = &ev->frame_rx.data;
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

static void know_sent(struct recording *r, const struct trace_event *ev)
{
    if (ev->type != TRACE_FRAME_TX) return;
    if (r->sent == NULL) r->sent = calloc(SENT_KNOWN, sizeof *r->sent);
    if (r->sent == NULL) return;
    uint32_t len = ev->frame_tx.data.len;  // the last field: they are the last bytes on the tape
    r->sent[ev->frame_tx.frame % SENT_KNOWN] =
        (struct sent_bytes){ev->frame_tx.frame, {tape_end(&r->tape) - len, len}};
}

// What was the end until now is no instant of its own: whenever somebody looked, the clock is the
// same.
static void take_back_end(struct recording *r)
{
    if (r->provisional) r->warp.n--;
    r->provisional = false;
}

bool recording_keep(struct recording *r, struct trace_event *ev, struct tape_place *place)
{
    if (ev->at < r->end && r->tape.events > 0) ev->at = r->end;  // a clock that went back stands
    if (bytes_are_known(r, ev)) ev->frame_rx.data.len = 0;
    if (!tape_add(&r->tape, ev, place)) return false;
    know_sent(r, ev);
    r->end = ev->at;
    return true;
}

bool recording_fold(struct recording *r, const struct trace_event *ev, struct tape_place place)
{
    take_back_end(r);
    size_t beats = r->history.beats;
    model_apply(&r->last, ev);
    history_apply(&r->history, &r->last, ev, place);
    if ((r->history.beats > beats || r->warp.n == 0) && !warp_add(&r->warp, ev->at)) return false;
    if (checkpoint_due(r, place)) add_checkpoint(r);
    return !r->last.short_of_memory && !r->history.short_of_memory;
}

bool recording_add(struct recording *r, const struct trace_event *given)
{
    struct trace_event ev = *given;
    struct tape_place place;
    return recording_keep(r, &ev, &place) && recording_fold(r, &ev, place);
}

void recording_done(struct recording *r)
{
    size_t instants = r->warp.n;
    warp_add(&r->warp, r->end);
    r->provisional |= r->warp.n > instants;
    history_settle(&r->history, r->end);
    history_choose_stage(&r->history, &r->last);
}

size_t recording_memory(const struct recording *r)
{
    return tape_memory(&r->tape) + history_memory(&r->history) + r->checkpoint_bytes +
           r->warp.cap * (sizeof *r->warp.at + sizeof *r->warp.shown) +
           (r->sent != NULL ? SENT_KNOWN * sizeof *r->sent : 0);
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
