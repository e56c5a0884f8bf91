// see stage.h. Here: where to go: the next loss, match or breakpoint, along a packet's trail, and
// through the challenge.
#include "viz/stage_parts.h"

#include "viz/say.h"

#include <stdio.h>
#include <strings.h>

enum { BLOCK = 2000 };  // sentences are searched backwards by so many

// --- the next of a kind --------------------------------------------------------------------------

static bool sentence_has(struct stage *st, size_t beat, const char *words)
{
    const struct history *h = &st->rec->history;
    struct scene s = st->scene;
    s.events = beat + 1 < h->beats ? h->beat[beat + 1].event : st->rec->tape.events;
    s.m = recording_at(st->rec, s.events);
    s.t = h->beat[beat].at;
    s.beat = beat;
    char said[SAY_TEXT];
    struct text t = text_of(said, sizeof said);
    say_beat(&t, &s, beat);
    return strcasestr(said, words) != NULL;
}

static bool beat_matches(struct stage *st, size_t i)
{
    const struct beat *b = &st->rec->history.beat[i];
    if (st->words[0] != 0) return sentence_has(st, i, st->words);
    if (st->sift.filter == NULL || b->frame == NONE) return false;
    bool outside = st->rec->history.frame[b->frame].from == 0;
    if (b->type != (outside ? TRACE_FRAME_RX : TRACE_FRAME_TX)) return false;
    return sift_passes(&st->sift, b->frame);
}

static bool beat_is(struct stage *st, enum stage_seek what, size_t i)
{
    const struct history *h = &st->rec->history;
    const struct beat *b = &h->beat[i];
    switch (what) {
    case SEEK_LOSS:
        return b->type == TRACE_LINK_DROP || b->type == TRACE_FRAME_DROP ||
               b->type == TRACE_TCP_LOSS;
    case SEEK_AGAIN:
        return b->type == TRACE_FRAME_TX && b->frame != NONE && frame_is_again(&h->frame[b->frame]);
    case SEEK_STATE: return b->type == TRACE_TCP_STATE;
    default:         return beat_matches(st, i);
    }
}

// Sentences need the world at their moment, which is cheap only forwards: so the last one before
// is looked for block by block, each from its beginning.
static size_t find_before(struct stage *st, enum stage_seek what, size_t now)
{
    size_t none = st->rec->history.beats;
    for (size_t end = now; end > 0;) {
        size_t from = end > BLOCK ? end - BLOCK : 0, found = none;
        for (size_t i = from; i < end; i++)
            if (beat_is(st, what, i)) found = i;
        if (found != none) return found;
        end = from;
    }
    return none;
}

static size_t find_after(struct stage *st, enum stage_seek what, size_t now)
{
    size_t beats = st->rec->history.beats;
    for (size_t i = now + 1; i < beats; i++)
        if (beat_is(st, what, i)) return i;
    return beats;
}

void stage_seek_next(struct stage *st, enum stage_seek what, int by)
{
    static const char *const missing[][2] = {
        [SEEK_LOSS] = {"Nothing more is lost.", "Nothing was lost before."},
        [SEEK_AGAIN] = {"Nothing more is sent again.", "Nothing was sent again before."},
        [SEEK_STATE] = {"No more state changes.", "No state changed before."},
        [SEEK_MATCH] = {"Nothing more fits.", "Nothing before fits."}};
    if (what == SEEK_MATCH && st->filter[0] == 0) {
        stage_notice(st, "First tell what to look for: / opens the filter.");
        return;
    }
    sift_look(&st->sift, st->rec);
    size_t now = stage_beat(st), beats = st->rec->history.beats;
    size_t found = by > 0 ? find_after(st, what, now) : find_before(st, what, now);
    if (found < beats) stage_stand_behind(st, found);
    else stage_notice(st, missing[what][by < 0]);
    stage_look(st);
}

// --- filter and breakpoints ----------------------------------------------------------------------

bool stage_set_filter(struct stage *st, const char *text)
{
    st->complaint[0] = 0;
    bool words = text[0] == '"';
    if (!sift_set(&st->sift, words ? "" : text, st->complaint, sizeof st->complaint)) return false;
    snprintf(st->filter, sizeof st->filter, "%s", text);
    snprintf(st->words, sizeof st->words, "%s", words ? text + 1 : "");
    size_t len = strlen(st->words);
    if (len > 0 && st->words[len - 1] == '"') st->words[len - 1] = 0;
    sift_look(&st->sift, st->rec);
    st->dirty = true;
    return true;
}

bool stage_add_break(struct stage *st, const char *text)
{
    st->complaint[0] = 0;
    if (!watches_add(&st->watches, text, st->complaint, sizeof st->complaint)) return false;
    st->dirty = true;
    return true;
}

static void tell_break(struct stage *st, size_t which)
{
    char said[sizeof st->notice];
    snprintf(said, sizeof said, "Stopped: %.180s", st->watches.watch[which].text);
    stage_notice(st, said);
}

void stage_run_to_break(struct stage *st)
{
    if (st->watches.n == 0) {
        stage_notice(st, "There is no breakpoint yet: b sets one.");
        return;
    }
    size_t which = 0;
    uint64_t end = st->rec->tape.events;
    uint64_t at = watches_find(&st->watches, st->rec, st->events, end, &which);
    if (at < end) {
        stage_stand_at(st, at);
        tell_break(st, which);
    } else {
        stage_notice(st, "No breakpoint is met from here on.");
    }
    stage_look(st);
}

bool stage_breaks(struct stage *st, psec *u)
{
    if (st->watches.n == 0) return false;
    size_t which = 0;
    uint64_t to = recording_events_until(st->rec, warp_at(&st->rec->warp, *u));
    uint64_t at = watches_find(&st->watches, st->rec, st->events, to, &which);
    if (at >= to) return false;
    if (st->at_edge && st->real_time && !st->held) stage_ask(st, "hold");
    stage_stand_at(st, at);
    tell_break(st, which);
    *u = st->u;
    return true;
}

// --- a packet's trail ----------------------------------------------------------------------------

static void stand_on_trail(struct stage *st, size_t stop)
{
    st->trail_at = stop;
    stage_stand_behind(st, history_beat_of(&st->rec->history, st->trail.event[stop] + 1));
}

void stage_follow(struct stage *st)
{
    st->following = !st->following;
    st->dirty = true;
    if (!st->following) return;
    if (!trail_find(&st->trail, st->rec, st->scene.frame)) {
        st->following = false;
        stage_notice(st, "There is no packet to follow yet.");
        stage_look(st);
        return;
    }
    st->scene.selected = (struct object){OBJECT_FRAME, st->trail.frame};
    stand_on_trail(st, 0);
    stage_look(st);
}

void stage_follow_step(struct stage *st, int by)
{
    size_t at = st->trail_at;
    if (by < 0 && at > 0) at--;
    if (by > 0 && at + 1 < st->trail.n) at++;
    if (at == st->trail_at && by > 0)
        stage_notice(st, "That was its whole way. f lets go of it.");
    stand_on_trail(st, at);
}

// --- the challenge -------------------------------------------------------------------------------

static void end_challenge(struct stage *st)
{
    char said[100];
    st->quizzing = false;
    snprintf(said, sizeof said, "The challenge is over: %u of %u known.", st->quiz.known,
             st->quiz.asked);
    stage_notice(st, said);
}

void stage_challenge(struct stage *st)
{
    if (st->quizzing) {
        end_challenge(st);
        return;
    }
    st->quiz = (struct quiz){0};
    st->playing = false;
    st->quizzing = quiz_ask(&st->quiz, &st->scene, st->rec, stage_beat(st));
    if (!st->quizzing) stage_notice(st, "Nothing more happens: go back, then ask again.");
    stage_look(st);
    st->dirty = true;
}

void stage_answer(struct stage *st, int option)
{
    if (st->quiz.answer < 0) {
        quiz_answer(&st->quiz, option);
        st->dirty = true;
        return;
    }
    stage_stand_behind(st, st->quiz.beat);  // seen and told: on to the next
    stage_look(st);
    if (!quiz_ask(&st->quiz, &st->scene, st->rec, st->quiz.beat)) end_challenge(st);
    stage_look(st);
}
