// see feed.h. A record in the ring is a word of 32 bits (what it is, how long) and its bytes, all
// in one piece: where the end of the memory is too near, a record of filling goes before.
#include "capture/feed.h"

#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS = 64, LATEST = 256, ALIGN = 8, WAIT_NS = 200000 };
enum { GIVE_BACK = 16 << 10, LOOK_AGAIN = USEC(200) };
enum record { RECORD_EVENT, RECORD_BEGINS, RECORD_ENDS, RECORD_FILLING };

// Frames and what belongs to them pass unseen; of levels the last counts; all else always goes on.
enum worth { WORTH_WORLD, WORTH_LAST, WORTH_FRAME };

struct latest { bool full; uint16_t netif, which; struct trace_event ev; };

struct summary { uint64_t events, frames, bytes, changes; nsec from, to; };

struct feed {
    enum feed_manner  manner;
    uint8_t          *ring;
    size_t            room;       // a power of two
    int               fd;         // wakes the engine
    struct trace_sink sink;
    _Atomic(feed_wake) wake;
    void             *wake_self;

    _Alignas(64) _Atomic uint64_t head;  // where the engine writes next
    uint64_t          tail_seen;         // the engine's last look at tail
    bool              skipping;
    nsec              looked;            // when room was asked for
    struct summary    missed;
    struct latest     latest[LATEST];
    _Atomic uint64_t  skipped;

    _Alignas(64) uint64_t taken;         // of the record that the window holds: behind it
    uint64_t          head_seen, given;  // the window's last look at head; tail as it was last set
    _Alignas(64) _Atomic uint64_t tail;  // where the window reads next, or a little before
    _Alignas(64) _Atomic bool asleep;
    _Atomic bool      left, over;

    _Alignas(64) _Atomic uint32_t asked, done;  // commands: given, and taken
    struct feed_command command[COMMANDS];
};

static void emit(struct trace_sink *sink, const struct trace_event *ev);

struct feed *feed_new(enum feed_manner manner, uint32_t snap, size_t room)
{
    struct feed *f = aligned_alloc(64, (sizeof *f + 63) / 64 * 64);
    if (f == NULL) return NULL;
    memset(f, 0, sizeof *f);
    f->manner = manner;
    f->room = room != 0 ? room : FEED_ROOM;
    f->sink = (struct trace_sink){.emit = emit, .snap = snap};
    f->ring = malloc(f->room);
    f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (f->ring != NULL && f->fd >= 0) return f;
    feed_free(f);
    return NULL;
}

void feed_free(struct feed *f)
{
    if (f == NULL) return;
    if (f->fd >= 0) close(f->fd);
    free(f->ring);
    free(f);
}

// --- the engine writes -------------------------------------------------------------------------

struct trace_sink *feed_sink(struct feed *f) { return &f->sink; }
bool feed_alone(const struct feed *f) { return atomic_load(&f->left); }

static size_t whole(size_t len) { return (4 + len + ALIGN - 1) / ALIGN * ALIGN; }

// Bytes that are free, and after a record of this length in one piece still would be.
static size_t room_left(struct feed *f, uint64_t head, size_t len)
{
    size_t to_end = f->room - (size_t)(head & (f->room - 1)), need = whole(len);
    if (need > to_end) need += to_end;
    size_t left = f->room - (size_t)(head - f->tail_seen);
    if (left < need + f->room / 2) {  // a look at the other side costs; seldom is one needed
        f->tail_seen = atomic_load_explicit(&f->tail, memory_order_acquire);
        left = f->room - (size_t)(head - f->tail_seen);
    }
    return left >= need ? left - need + 1 : 0;
}

static void wake_window(struct feed *f)
{
    if (!atomic_load(&f->asleep) || !atomic_exchange(&f->asleep, false)) return;
    feed_wake wake = atomic_load(&f->wake);
    if (wake != NULL) wake(f->wake_self);
}

static void put_word(struct feed *f, uint64_t at, enum record kind, size_t len)
{
    uint32_t word = (uint32_t)kind << 28 | (uint32_t)len;
    memcpy(f->ring + (at & (f->room - 1)), &word, sizeof word);
}

// There is room: writes it, then lets the window see it.
static void put(struct feed *f, enum record kind, const struct trace_event *ev, size_t bound)
{
    uint64_t head = atomic_load_explicit(&f->head, memory_order_relaxed);
    size_t to_end = f->room - (size_t)(head & (f->room - 1));
    if (whole(bound) > to_end) {
        put_word(f, head, RECORD_FILLING, to_end - 4);
        head += to_end;
    }
    uint8_t *p = f->ring + (head & (f->room - 1)) + 4;
    size_t len = ev != NULL ? trace_encode(ev, p, bound) : 0;
    put_word(f, head, kind, len);
    atomic_store(&f->head, head + whole(len));
    wake_window(f);
}

static bool put_waiting(struct feed *f, enum record kind, const struct trace_event *ev)
{
    size_t bound = ev != NULL ? trace_encode_size(ev) : 0;
    CHECK(whole(bound) < f->room / 4);
    const struct timespec pause = {.tv_nsec = WAIT_NS};
    while (room_left(f, atomic_load_explicit(&f->head, memory_order_relaxed), bound) == 0) {
        if (feed_alone(f)) return false;
        nanosleep(&pause, NULL);
    }
    put(f, kind, ev, bound);
    return true;
}

// --- what is left out --------------------------------------------------------------------------

static enum worth worth_of(enum trace_type type)
{
    static const uint8_t worth[TRACE_TYPES] = {
        [TRACE_FRAME_TX] = WORTH_FRAME,    [TRACE_FRAME_RX] = WORTH_FRAME,
        [TRACE_FRAME_DROP] = WORTH_FRAME,  [TRACE_FRAME_STEP] = WORTH_FRAME,
        [TRACE_LINK_QUEUE] = WORTH_FRAME,  [TRACE_LINK_DROP] = WORTH_FRAME,
        [TRACE_LINK_MARK] = WORTH_FRAME,   [TRACE_TCP_SEGMENT] = WORTH_FRAME,
        [TRACE_TCP_LOSS] = WORTH_FRAME,    [TRACE_SOCK_CALL] = WORTH_FRAME,
        [TRACE_LINK_FLY] = WORTH_LAST,     [TRACE_SOCK_BUF] = WORTH_LAST,
        [TRACE_SOCK_QUEUE] = WORTH_LAST,   [TRACE_TCP_CWND] = WORTH_LAST,
        [TRACE_TCP_WINDOW] = WORTH_LAST,   [TRACE_TCP_RTT] = WORTH_LAST,
        [TRACE_TCP_TIMER] = WORTH_LAST,    [TRACE_TCP_ACKED] = WORTH_LAST,
    };
    return (enum worth)worth[type];
}

static bool put_kept(struct feed *f, const struct trace_event *ev)
{
    size_t bound = trace_encode_size(ev);
    if (room_left(f, atomic_load_explicit(&f->head, memory_order_relaxed), bound) == 0) {
        f->missed.changes++;
        return false;
    }
    put(f, RECORD_EVENT, ev, bound);
    return true;
}

// A level that is told later must not say that it happened now: a timer that fired has fired.
static bool same_level(const struct trace_event *a, const struct trace_event *b)
{
    return a->type == b->type && a->host == b->host && a->netif == b->netif && a->conn == b->conn &&
           (a->type != TRACE_TCP_TIMER || a->tcp_timer.timer == b->tcp_timer.timer);
}

static void keep_latest(struct feed *f, const struct trace_event *ev)
{
    uint32_t part = ev->type == TRACE_TCP_TIMER ? (uint32_t)ev->tcp_timer.timer : ev->netif;
    uint32_t key = (uint32_t)ev->type + part * 37 + ev->host * 131u + ev->conn * 8191u;
    size_t i = key * 0x9e3779b9u >> 24;
    static_assert(LATEST == 1 << 8, "the upper bits of 32 are the place");
    struct latest *l = &f->latest[i];
    if (l->full && !same_level(&l->ev, ev)) put_kept(f, &l->ev);  // it makes room
    l->full = true;
    l->ev = *ev;
}

static void leave_out(struct feed *f, const struct trace_event *ev, enum worth worth)
{
    struct summary *m = &f->missed;
    if (m->events++ == 0) m->from = ev->at;
    m->to = ev->at;
    if (ev->type == TRACE_FRAME_TX) m->frames++, m->bytes += ev->frame_tx.len;
    if (ev->type == TRACE_FRAME_RX) m->frames++, m->bytes += ev->frame_rx.len;
    if (worth == WORTH_LAST) keep_latest(f, ev);
    atomic_store_explicit(&f->skipped, atomic_load_explicit(&f->skipped, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static void put_span(struct text *t, nsec span)
{
    bool long_one = span >= SEC(1);
    text_put_fixed(t, span / (long_one ? MSEC(10) : USEC(10)), 2);
    text_put_str(t, long_one ? " s" : " ms");
}

static void say_missed(struct feed *f)
{
    char said[200];
    struct text t = text_of(said, sizeof said);
    const struct summary *m = &f->missed;
    text_put_str(&t, "The window fell behind: ");
    text_put_u64(&t, m->frames);
    text_put_str(&t, " frames (");
    text_put_u64(&t, m->bytes / 1000);
    text_put_str(&t, " kB) passed unseen in ");
    put_span(&t, m->to - m->from);
    if (m->changes > 0) {
        text_put_str(&t, ", and ");
        text_put_u64(&t, m->changes);
        text_put_str(&t, " changes of the world");
    }
    text_put_char(&t, '.');
    struct trace_event ev = {.at = m->to, .type = TRACE_NOTE,
                             .note = {.text = {said, (uint32_t)t.len}}};
    f->missed = (struct summary){0};
    put_kept(f, &ev);
}

// There is room again: first the last word on each level, then what was left out.
static void catch_up(struct feed *f)
{
    for (size_t i = 0; i < LATEST; i++) {
        struct latest *l = &f->latest[i];
        if (!l->full) continue;
        l->full = false;
        struct trace_event ev = l->ev;
        ev.at = f->missed.to;
        put_kept(f, &ev);
    }
    say_missed(f);
    f->skipping = false;
}

// A quarter of the ring is for the world alone; skipping ends when half is free, so that what is
// left out is left out in one piece.
static void put_or_skip(struct feed *f, const struct trace_event *ev)
{
    enum worth worth = worth_of(ev->type);
    uint64_t head = atomic_load_explicit(&f->head, memory_order_relaxed);
    size_t bound = trace_encode_size(ev), left = room_left(f, head, bound);
    f->looked = ev->at;
    if (f->skipping && left > f->room / 2) catch_up(f);
    else if (!f->skipping && left <= f->room / 4) f->skipping = true;
    if (!f->skipping) put(f, RECORD_EVENT, ev, bound);
    else if (worth == WORTH_WORLD) put_kept(f, ev);
    else leave_out(f, ev, worth);
}

// Under load nearly all events go this way, so it must cost next to nothing. Whether there is room
// again is asked when some time has gone by.
static bool goes_unseen(struct feed *f, const struct trace_event *ev)
{
    if (!f->skipping || worth_of(ev->type) != WORTH_FRAME) return false;
    if (ev->at - f->looked >= LOOK_AGAIN) return false;
    leave_out(f, ev, WORTH_FRAME);
    return true;
}

static void emit(struct trace_sink *sink, const struct trace_event *given)
{
    struct feed *f = (struct feed *)(void *)((char *)sink - offsetof(struct feed, sink));
    if (feed_alone(f) || goes_unseen(f, given)) return;
    struct trace_event ev = *given;
    uint32_t snap = f->sink.snap;
    if (ev.type == TRACE_FRAME_TX && ev.frame_tx.data.len > snap) ev.frame_tx.data.len = snap;
    if (ev.type == TRACE_FRAME_RX && ev.frame_rx.data.len > snap) ev.frame_rx.data.len = snap;
    if (f->manner == FEED_WAITS) put_waiting(f, RECORD_EVENT, &ev);
    else put_or_skip(f, &ev);
}

bool feed_over(const struct feed *f) { return atomic_load(&f->over); }

void feed_begin(struct feed *f)
{
    atomic_store(&f->over, false);
    put_waiting(f, RECORD_BEGINS, NULL);
}

void feed_end(struct feed *f, const char *sentence, bool close)
{
    if (f->skipping) catch_up(f);
    struct trace_event ev = {.type = TRACE_NOTE, .conn = close,
                             .note = {.text = {sentence, (uint32_t)strlen(sentence)}}};
    put_waiting(f, RECORD_ENDS, &ev);
    atomic_store(&f->over, true);
}

// --- the engine listens ------------------------------------------------------------------------

bool feed_asked(const struct feed *f)
{
    return atomic_load_explicit(&f->asked, memory_order_acquire) !=
           atomic_load_explicit(&f->done, memory_order_relaxed);
}

bool feed_take(struct feed *f, struct feed_command *c)
{
    if (!feed_asked(f)) {
        uint64_t rung;
        if (read(f->fd, &rung, sizeof rung) < 0 || !feed_asked(f)) return false;
    }
    uint32_t done = atomic_load_explicit(&f->done, memory_order_relaxed);
    *c = f->command[done % COMMANDS];
    atomic_store_explicit(&f->done, done + 1, memory_order_release);
    return true;
}

int feed_fd(const struct feed *f) { return f->fd; }

void feed_wait(struct feed *f)
{
    while (!feed_asked(f) && !feed_alone(f)) {
        struct pollfd fd = {.fd = f->fd, .events = POLLIN};
        uint64_t rung;
        if (poll(&fd, 1, -1) > 0 && read(f->fd, &rung, sizeof rung) < 0) continue;
    }
}

// --- the window --------------------------------------------------------------------------------

void feed_on_news(struct feed *f, feed_wake wake, void *self)
{
    f->wake_self = self;
    atomic_store(&f->wake, wake);
}

static void ring_bell(struct feed *f)
{
    uint64_t one = 1;
    while (write(f->fd, &one, sizeof one) < 0) break;  // full: it rings already
}

bool feed_ask(struct feed *f, nsec at, const char *text)
{
    uint32_t asked = atomic_load_explicit(&f->asked, memory_order_relaxed);
    size_t len = strlen(text);
    if (asked - atomic_load_explicit(&f->done, memory_order_acquire) == COMMANDS) return false;
    if (len >= FEED_TEXT) return false;
    struct feed_command *c = &f->command[asked % COMMANDS];
    c->at = at;
    memcpy(c->text, text, len + 1);
    atomic_store_explicit(&f->asked, asked + 1, memory_order_release);
    ring_bell(f);
    return true;
}

void feed_leave(struct feed *f)
{
    atomic_store(&f->left, true);
    ring_bell(f);
}

uint64_t feed_skipped(const struct feed *f)
{
    return atomic_load_explicit(&f->skipped, memory_order_relaxed);
}

// What one thread writes and the other reads travels between their caches, so each side looks at
// the other's place, and tells its own, as seldom as it can.
static void give_back(struct feed *f)
{
    f->given = f->taken;
    atomic_store_explicit(&f->tail, f->taken, memory_order_release);
}

bool feed_ready(struct feed *f)
{
    if (f->head_seen == f->taken)
        f->head_seen = atomic_load_explicit(&f->head, memory_order_acquire);
    if (f->head_seen != f->taken) return true;
    give_back(f);
    return false;
}

// What came between the last look and the wish for the bell would never ring it: a second look.
bool feed_sleep(struct feed *f)
{
    atomic_store(&f->asleep, true);
    f->head_seen = atomic_load(&f->head);
    if (f->head_seen == f->taken) return true;
    atomic_store(&f->asleep, false);
    return false;
}

enum feed_news feed_next(struct feed *f, struct trace_event *ev)
{
    for (;;) {
        if (f->taken - f->given >= GIVE_BACK || f->taken - f->given >= f->room / 8) give_back(f);
        if (!feed_ready(f) && feed_sleep(f)) return FEED_NOTHING;
        uint8_t *p = f->ring + (f->taken & (f->room - 1));
        uint32_t word;
        memcpy(&word, p, sizeof word);
        size_t len = word & 0xfffffff;
        f->taken += whole(len);
        if (word >> 28 == RECORD_FILLING) continue;
        if (word >> 28 == RECORD_BEGINS) return FEED_BEGINS;
        CHECK(trace_decode(ev, p + 4, len) == len);  // we wrote it
        return word >> 28 == RECORD_ENDS ? FEED_ENDS : FEED_EVENT;
    }
}
