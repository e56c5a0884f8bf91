// warp.h - the event-paced clock: from virtual time to time on the screen, and back.
//
// A handshake of 34 us and a stall of 10 s must both be watchable, so equal time does not get equal
// room. Between two instants at which something happens lies a gap of
//
//     clamp(0.20 s + 0.20 s * log10(dt in us), 0.12 s, 1.4 s)
//
// of shown time; shown time is the sum of the gaps, and linear inside each. Ladder, wire, timeline
// and movies all use this one map, so they never disagree.
//
// Both sides are whole numbers (nanoseconds, picoseconds). A gap has more picoseconds than
// nanoseconds up to 20 minutes, so warp_at(warp_shown(t)) is t exactly: at each instant always, and
// at every nanosecond of gaps up to that length. Before the first instant and after the last the
// clock stands.
#ifndef WARP_H
#define WARP_H

#include "base/base.h"

typedef int64_t psec;  // picoseconds of shown time
#define PSEC_MS(n) ((psec)(n) * 1000000000)

enum warp_mode {
    WARP_EVENTS,  // as above
    WARP_LINEAR,  // one factor for all, such that the whole takes as long as event-paced
    WARP_REAL,    // a second is a second
    WARP_FAST,    // event-paced room, played without waiting
    WARP_MODES
};

struct warp {
    nsec          *at;     // the instants, rising
    psec          *shown;  // where each lies, event-paced
    size_t         n, cap, shown_cap;
    enum warp_mode mode;
};

void   warp_free(struct warp *w);            // a zeroed warp is empty
bool   warp_add(struct warp *w, nsec at);    // false: no memory; an instant before the last is it
psec   warp_gap(nsec dt);                    // the shown length of a gap
psec   warp_length(const struct warp *w);    // of the whole, in its mode
psec   warp_shown(const struct warp *w, nsec t);
nsec   warp_at(const struct warp *w, psec shown);
size_t warp_find(const struct warp *w, nsec t);  // the last instant <= t; 0 if none is
// Is the gap behind instant i so much longer than its neighbours that it must be drawn torn?
bool   warp_torn(const struct warp *w, size_t i);
const char *warp_mode_name(enum warp_mode mode);

#endif
