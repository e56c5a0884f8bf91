// wheel_test.c - the wheel against the dullest model there is: an array, searched.
#include <check.h>

#include "claims.h"
#include "core/wheel.h"

enum { TIMERS = 64, STEPS = 4000, SEEDS = 10 };

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

static uint64_t rng_state;
static uint64_t rng(void)  // xorshift64*: any seed but 0, same run on every machine
{
    rng_state ^= rng_state >> 12; rng_state ^= rng_state << 25; rng_state ^= rng_state >> 27;
    return rng_state * 0x2545f4914f6cdd1dULL;
}

// Deadlines of every scale, from within the tick to years away: one scale per level of the wheel.
static nsec some_delay(void) { return (nsec)(rng() >> (8 + rng() % 50)) % SEC(200000000); }

START_TEST(agrees_with_a_sorted_model)
{
    static struct wheel w;
    static struct timer timers[TIMERS];
    static struct { nsec at; } model[TIMERS];
    rng_state = 0x9e3779b97f4a7c15ULL + (unsigned)_i;
    nsec now = (nsec)rng_state >> 8;
    if (now < 0) now = -now;
    memset(timers, 0, sizeof timers);
    for (int i = 0; i < TIMERS; i++) model[i].at = NEVER;
    wheel_init(&w, now);

    for (int step = 0; step < STEPS; step++) {
        int i = (int)(rng() % TIMERS);
        switch (rng() % 8) {
        case 0: wheel_cancel(&w, &timers[i]); model[i].at = NEVER; break;
        case 1: case 2: case 3: case 4:
            model[i].at = now + some_delay();
            wheel_arm(&w, &timers[i], model[i].at);
            break;
        default: {
            // Step as the simulator does: to the next deadline, sometimes only part of the way.
            nsec next = wheel_next(&w), first = NEVER;
            for (int k = 0; k < TIMERS; k++) if (model[k].at < first) first = model[k].at;
            NEED(next <= first);  // may be early, never late
            NEED(first != NEVER || next == NEVER);
            if (next == NEVER) break;
            if (next > now) now = rng() % 4 ? next : now + (nsec)(rng() % (uint64_t)(next - now));
            struct timer *t;
            while ((t = wheel_expire(&w, now)) != NULL) {
                NEED(model[t - timers].at <= now);  // not early, and not after a cancel
                model[t - timers].at = NEVER;
            }
            for (int k = 0; k < TIMERS; k++) NEED(model[k].at > now);  // none missed
        }
        }
    }
}
END_TEST

START_TEST(one_instant_fires_in_arming_order)
{
    static struct wheel w;
    static struct timer t[8];
    nsec at = SEC(3600) + 7;
    memset(t, 0, sizeof t);
    wheel_init(&w, 0);
    for (int i = 0; i < 8; i++) {
        wheel_arm(&w, &t[i], at);                               // from ever nearer to the deadline,
        while (wheel_expire(&w, at - (at >> (2 * i + 1)))) {}   // so from ever lower levels
    }
    for (int i = 0; i < 8; i++) ck_assert_ptr_eq(wheel_expire(&w, at), &t[i]);
    ck_assert_ptr_null(wheel_expire(&w, at));
    ck_assert_int_eq(wheel_next(&w), NEVER);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wheel");
    TCase *c = tcase_create("wheel");
    tcase_add_loop_test(c, agrees_with_a_sorted_model, 0, SEEDS);
    tcase_add_test(c, one_instant_fires_in_arming_order);
    suite_add_tcase(s, c);
    return run_claims(s);
}
