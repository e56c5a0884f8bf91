// see news.h
#include "viz/news.h"

#include "viz/stage_parts.h"

#include "capture/feed.h"

#include <stdio.h>
#include <time.h>

enum { LOOK_AT_CLOCK = 64, LOOK_AT_MEMORY = 4096, HEAVY = 8000 };
static const double LOAD_S = 0.2;

void news_free(struct news *n)
{
    recording_free(&n->next);
    *n = (struct news){0};
}

static double clock_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct recording *target(struct news *n, struct stage *st)
{
    return n->anew ? &n->next : st->rec;
}

// The new run has come as far as the old one is shown: no one can tell them apart yet.
static void change_over(struct news *n, struct stage *st)
{
    recording_done(&n->next);
    stage_replace(st, &n->next);
    n->anew = false;
    size_t beat = history_beat_after(&st->rec->history, n->goal - 1);
    const struct history *h = &st->rec->history;
    bool there = beat < h->beats && h->beat[beat].at == n->goal;
    if (there && !st->playing && !st->at_edge) stage_stand_behind(st, beat);
}

static void begin(struct news *n, struct stage *st)
{
    recording_free(&n->next);
    n->anew = n->runs++ > 0;
    n->full = false;
    st->live = true;
}

static void end(struct news *n, struct stage *st, const struct trace_event *ev)
{
    struct trace_str said = ev->note.text;
    if (n->anew) change_over(n, st);
    st->live = st->held = st->at_edge = false;
    if (ev->conn != 0) st->wish = WISH_QUIT;
    if (said.len == 0) return;
    char text[160];
    snprintf(text, sizeof text, "%.*s", (int)said.len, said.p);
    stage_notice(st, text);
}

static bool str_is(struct trace_str s, const char *word)
{
    return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

static void take_control(struct stage *st, const struct trace_control_event *e)
{
    if (str_is(e->key, "clock")) st->held = !str_is(e->value, "goes on");
}

static void add(struct news *n, struct stage *st, const struct trace_event *ev)
{
    struct recording *r = target(n, st);
    n->events++;
    if (n->full) return;
    n->full = !recording_add(r, ev);
    size_t most = n->most != 0 ? n->most : NEWS_MEMORY_MAX;
    if (n->events % LOOK_AT_MEMORY == 0 && recording_memory(r) > most) n->full = true;
    if (n->full) stage_notice(st, "The window's memory is full: it shows no more of this run.");
    if (n->anew && r->end > n->goal) change_over(n, st);
    if (ev->type == TRACE_CONTROL) take_control(st, &ev->control);
}

bool news_heavy(const struct news *n) { return n->load > HEAVY; }

// The higher of now and the time before, which fades.
static void weigh(struct news *n, double now)
{
    double passed = now - n->load_s;
    if (passed < LOAD_S) return;
    double rate = (double)(n->events - n->load_events) / passed;
    n->load = rate > n->load / 2 ? rate : n->load / 2;
    n->load_s = now;
    n->load_events = n->events;
}

void news_take(struct news *n, struct stage *st, double seconds)
{
    if (n->feed == NULL) return;
    double now = clock_s(), until = now + seconds;
    weigh(n, now);
    uint64_t before = n->events, runs = n->runs;
    struct trace_event ev;
    enum feed_news what;
    n->busy = false;
    // Then it is looked at by the clock, and not called.
    bool heavy = st->live && st->real_time && news_heavy(n);
    while (!n->busy && (!heavy || feed_ready(n->feed)) &&
           (what = feed_next(n->feed, &ev)) != FEED_NOTHING) {
        if (what == FEED_BEGINS) begin(n, st);
        else if (what == FEED_ENDS) end(n, st, &ev);
        else add(n, st, &ev);
        n->busy = n->events % LOOK_AT_CLOCK == 0 && clock_s() > until;
    }
    if (n->events == before && n->runs == runs) return;
    recording_done(st->rec);
    st->dirty = true;
}

void news_wait(struct news *n, struct stage *st, nsec until)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    for (;;) {
        news_take(n, st, 0.05);
        if (n->runs > 0 && !st->live) return;
        if (n->events > 0 && st->rec->end - recording_start(st->rec) >= until) return;
        if (!n->busy) nanosleep(&pause, NULL);
    }
}

void news_ask(struct news *n, struct stage *st)
{
    // At the next nanosecond: what is seen has happened, and stays.
    nsec at = st->real_time ? 0 : stage_time(st) + 1;
    n->goal = at;
    if (n->feed == NULL || !feed_ask(n->feed, at, st->ask))
        stage_notice(st, "The run does not take that now.");
}
