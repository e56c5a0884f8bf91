// feed.h - a run that is watched while it goes on: the engine on one thread, a window on another.
//
//       engine   -- events, encoded -->  [ ring of bytes ]    -- feed_next -->   window
//                <-- feed_take ---       [ ring of commands ]   <-- feed_ask --
//
// Each ring has one who writes and one who reads, and no lock. Neither side ever waits for the
// other to be done with something. When the ring of events is full, that depends on whose time it
// is. Virtual time stands until there is room, and no event is lost (FEED_WAITS). Real time does
// not stand (FEED_SKIPS): then frames pass unseen, while the world's own changes (hosts, sockets,
// states) go through a part of the ring that is kept for them; of levels and windows the last is
// told afterwards, and a NOTE says what was left out. Only the window misses it, never a recording.
#ifndef FEED_H
#define FEED_H

#include "core/trace.h"

enum { FEED_TEXT = 160, FEED_ROOM = 4 << 20 };

enum feed_manner { FEED_WAITS, FEED_SKIPS };

struct feed;

// What the window wants: an instant (of virtual time; else it is now) and words, see hand.h.
struct feed_command { nsec at; char text[FEED_TEXT]; };

// snap: how many bytes of a frame the window wants to see; room: of the ring, a power of two, or 0.
struct feed *feed_new(enum feed_manner manner, uint32_t snap, size_t room);  // NULL: no memory
void feed_free(struct feed *f);  // when both threads are done with it; NULL is fine

// --- the engine's side ------------------------------------------------------------------------

struct trace_sink *feed_sink(struct feed *f);
void feed_begin(struct feed *f);  // a run begins anew: what was told before holds no longer
// It is over; sentence may be "". close: and so is the window's time.
void feed_end(struct feed *f, const char *sentence, bool close);
bool feed_take(struct feed *f, struct feed_command *c);  // the next command, or false
bool feed_asked(const struct feed *f);                  // one waits
bool feed_alone(const struct feed *f);                  // the window is closed
bool feed_over(const struct feed *f);                   // feed_end was called last
int  feed_fd(const struct feed *f);   // readable when one of these two became true
void feed_wait(struct feed *f);       // until then

// --- the window's side ------------------------------------------------------------------------

enum feed_news { FEED_EVENT, FEED_BEGINS, FEED_ENDS, FEED_NOTHING };

// Called on the engine's thread when something came after feed_next said FEED_NOTHING.
typedef void (*feed_wake)(void *self);
void feed_on_news(struct feed *f, feed_wake wake, void *self);
// The event, its bytes and strings live until the next call. For FEED_ENDS the sentence comes as
// the event's NOTE, and its conn is 1 if the window should close.
enum feed_news feed_next(struct feed *f, struct trace_event *ev);
bool feed_ready(struct feed *f);  // there is an event; if not, nothing is called when one comes
// Asks to be called when something comes; false: something came since the last look.
bool feed_sleep(struct feed *f);
bool feed_ask(struct feed *f, nsec at, const char *text);  // false: too many wait, or too long
void feed_leave(struct feed *f);      // the window is closed: events go nowhere from now on
uint64_t feed_skipped(const struct feed *f);  // events that were left out so far

#endif
