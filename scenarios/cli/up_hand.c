// up_hand.c - see up.h: hands on a host that runs, from its window or by `netglass hand`.
#include "scenarios/cli/up.h"

#include "capture/feed.h"
#include "os/clock.h"
#include "scenarios/sim/hand.h"

nsec up_now(const struct up *u) { return u->held ? u->held_at : u->epoch + clock_monotonic(); }

static void tell(struct up *u, const char *value)
{
    static const char key[] = "clock";
    if (sim_trace(u->sim) == NULL) return;
    trace_emit(sim_trace(u->sim), &(struct trace_event){
        .at = sim_now(u->sim), .type = TRACE_CONTROL,
        .control = {.key = {key, sizeof key - 1}, .value = {value, (uint32_t)strlen(value)}}});
}

static void hold(struct up *u)
{
    if (u->held) return;
    u->held_at = up_now(u);
    u->held = u->loop.hold = true;
    tell(u, "held");
}

// The clock goes on from where it stood: what waited for it is not late.
static void go(struct up *u)
{
    if (!u->held) return;
    tell(u, "goes on");
    u->epoch = u->held_at - clock_monotonic();
    u->held = u->loop.hold = false;
}

// One frame from the kernel; if none waits, what is due next, as soon as it is due.
static void step(struct up *u)
{
    if (!u->held) hold(u);
    tell(u, "a step");
    u->loop.budget = 1;
    struct frame *f = loop_read(&u->loop, u->host);
    if (f != NULL) sim_tap_input(u->wire, f);
    else if (sim_next(u->sim) != NEVER && sim_next(u->sim) > u->held_at)
        u->held_at = sim_next(u->sim);
    sim_run(u->sim, u->held_at);
    up_send(u);
}

bool up_hand(struct up *u, const char *words, struct text *error)
{
    sim_run(u->sim, up_now(u));
    if (strcmp(words, "hold") == 0) hold(u);
    else if (strcmp(words, "go") == 0) go(u);
    else if (strcmp(words, "step") == 0) step(u);
    else if (strncmp(words, "link ", 5) == 0) return hand_apply(u->sim, words, error);
    else {
        text_put_str(error, "it knows hold, go, step and link 1 delay=50ms,loss=2%");
        return false;
    }
    return true;
}

void up_obey(struct up *u)
{
    struct feed_command c;
    while (u->feed != NULL && feed_take(u->feed, &c)) {
        char why[200];
        struct text error = text_of(why, sizeof why);
        if (up_hand(u, c.text, &error)) continue;
        trace_emit(sim_trace(u->sim), &(struct trace_event){
            .at = sim_now(u->sim), .type = TRACE_NOTE,
            .note = {.text = {why, (uint32_t)error.len}}});
    }
    if (u->feed != NULL && feed_alone(u->feed) && u->held) go(u);  // nobody is left to let it go
}
