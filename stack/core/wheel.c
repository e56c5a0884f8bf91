// wheel.c - see wheel.h.
#include "core/wheel.h"

static void slot_reset(struct timer_link *l) { l->prev = l->next = l; }
static bool slot_empty(const struct timer_link *l) { return l->next == l; }

static struct timer *timer_of(struct timer_link *l)
{
    return (struct timer *)((char *)l - offsetof(struct timer, link));
}

static unsigned digit(uint64_t tick, unsigned level)
{
    return (unsigned)(tick >> (WHEEL_DIGIT * level)) & (WHEEL_SLOTS - 1);
}

// The first tick covered by a slot, given the digits the wheel has above that level.
static uint64_t slot_start(const struct wheel *w, unsigned level, unsigned slot)
{
    uint64_t span = (uint64_t)1 << (WHEEL_DIGIT * level);
    uint64_t above = w->tick & ~(span * WHEEL_SLOTS - 1);
    return above | span * slot;
}

void wheel_init(struct wheel *w, nsec now)
{
    CHECK(now >= 0);
    w->tick = (uint64_t)now >> WHEEL_TICK_SHIFT;
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        w->taken[level] = 0;
        for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++) slot_reset(&w->slot[level][slot]);
    }
}

static void place(struct wheel *w, struct timer *t)
{
    uint64_t tick = (uint64_t)t->deadline >> WHEEL_TICK_SHIFT;
    if (tick < w->tick) tick = w->tick;  // late already: due in the present tick

    uint64_t differ = tick ^ w->tick;
    unsigned level = differ == 0 ? 0 : (63 - (unsigned)__builtin_clzll(differ)) / WHEEL_DIGIT;
    unsigned slot = digit(tick, level);
    struct timer_link *head = &w->slot[level][slot];

    t->place = (uint16_t)(level * WHEEL_SLOTS + slot);
    t->link.prev = head->prev;
    t->link.next = head;
    head->prev->next = &t->link;
    head->prev = &t->link;
    w->taken[level] |= (uint64_t)1 << slot;
}

void wheel_arm(struct wheel *w, struct timer *t, nsec deadline)
{
    CHECK(deadline >= 0 && deadline < NEVER);
    wheel_cancel(w, t);
    t->deadline = deadline;
    place(w, t);
}

void wheel_cancel(struct wheel *w, struct timer *t)
{
    if (!timer_armed(t)) return;
    unsigned level = t->place / WHEEL_SLOTS, slot = t->place % WHEEL_SLOTS;
    t->link.prev->next = t->link.next;
    t->link.next->prev = t->link.prev;
    t->link.prev = t->link.next = NULL;
    if (slot_empty(&w->slot[level][slot])) w->taken[level] &= ~((uint64_t)1 << slot);
}

// The nearest taken slot at or after the wheel's tick. Levels nest, so the lowest taken one wins.
static bool nearest_slot(const struct wheel *w, unsigned *level, unsigned *slot)
{
    for (*level = 0; *level < WHEEL_LEVELS; (*level)++) {
        if (w->taken[*level] == 0) continue;
        *slot = (unsigned)__builtin_ctzll(w->taken[*level]);
        return true;
    }
    return false;
}

nsec wheel_next(const struct wheel *w)
{
    unsigned level, slot;
    if (!nearest_slot(w, &level, &slot)) return NEVER;
    if (level > 0) return (nsec)(slot_start(w, level, slot) << WHEEL_TICK_SHIFT);

    nsec first = NEVER;
    const struct timer_link *head = &w->slot[0][slot];
    for (struct timer_link *l = head->next; l != head; l = l->next)
        if (timer_of(l)->deadline < first) first = timer_of(l)->deadline;
    return first;
}

// Enters a slot above level 0: each of its timers falls at least one level.
static void cascade(struct wheel *w, unsigned level, unsigned slot)
{
    struct timer_link *head = &w->slot[level][slot];
    struct timer_link *l = head->next, *next;
    struct timer_link *end = head;
    slot_reset(head);
    w->taken[level] &= ~((uint64_t)1 << slot);
    for (; l != end; l = next) {
        next = l->next;
        place(w, timer_of(l));
    }
}

struct timer *wheel_expire(struct wheel *w, nsec now)
{
    CHECK(now >= 0);
    uint64_t tick_now = (uint64_t)now >> WHEEL_TICK_SHIFT;
    unsigned level, slot;

    while (nearest_slot(w, &level, &slot) && slot_start(w, level, slot) <= tick_now) {
        w->tick = slot_start(w, level, slot) > w->tick ? slot_start(w, level, slot) : w->tick;
        if (level > 0) { cascade(w, level, slot); continue; }

        struct timer_link *head = &w->slot[0][slot];
        for (struct timer_link *l = head->next; l != head; l = l->next) {
            struct timer *t = timer_of(l);
            if (t->deadline > now) continue;  // later in this very tick
            wheel_cancel(w, t);
            return t;
        }
        return NULL;
    }
    if (tick_now > w->tick) w->tick = tick_now;
    return NULL;
}
