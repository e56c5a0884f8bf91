// wheel.h - timers by the million: arm, re-arm and cancel in constant time.
//
// A hierarchical wheel (Varghese and Lauck, 1987). Level 0 has 64 slots of one tick, level 1 has 64
// slots of 64 ticks, and so on; eight levels span every int64 instant. A timer sits at the level of
// the highest 6-bit digit in which its tick and the wheel's differ, and falls a level whenever the
// wheel enters its slot. One word of bits a level says which slots are taken, so finding the next
// one is a count of trailing zeroes, never a walk over empty slots.
//
// Slots are first in, first out: timers of one instant fire in the order they were armed, which is
// what makes a simulated run repeat itself exactly.
#ifndef WHEEL_H
#define WHEEL_H

#include "base/base.h"

enum { WHEEL_TICK_SHIFT = 16,  // a tick is 2^16 ns = 65.5 us
       WHEEL_DIGIT = 6, WHEEL_SLOTS = 1 << WHEEL_DIGIT, WHEEL_LEVELS = 8 };

struct timer_link { struct timer_link *prev, *next; };

// Embed one in what it wakes. Zeroed is idle.
struct timer {
    struct timer_link link;
    nsec              deadline;
    uint16_t          place;  // level and slot, to clear the bit when the slot empties
    uint8_t           owner;  // whom to wake: the holder of the wheel gives it a meaning
};

struct wheel {
    uint64_t          tick;
    uint64_t          taken[WHEEL_LEVELS];
    struct timer_link slot[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, nsec now);
void wheel_arm(struct wheel *w, struct timer *t, nsec deadline);  // re-arms an armed timer too
void wheel_cancel(struct wheel *w, struct timer *t);              // an idle timer is left alone

static inline bool timer_armed(const struct timer *t) { return t->link.next != NULL; }

// When to look again: exact when it is within 64 ticks, else no later than the next deadline.
nsec wheel_next(const struct wheel *w);

// Unlinks and returns one timer due at now, or NULL. Call it until NULL.
struct timer *wheel_expire(struct wheel *w, nsec now);

#endif
