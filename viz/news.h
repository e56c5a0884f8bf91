// news.h - what comes in from a run that goes on, and what is asked of it: the window's end of a
// feed (capture/feed.h).
//
// Events go into the stage's recording as they come. When a run begins anew (a hand changed it),
// the new one grows aside until it has come as far as the playhead; then it takes the old one's
// place. Up to there they are the same, so the picture stays as it is.
#ifndef NEWS_H
#define NEWS_H

#include "viz/stage.h"

struct feed;

enum { NEWS_MEMORY_MAX = 1 << 30 };  // what a window keeps of a run at most

struct news {
    struct feed     *feed;  // NULL: nothing comes
    struct recording next;
    bool             anew;  // next grows
    bool             full, busy;  // busy: there is more to take at once
    size_t           most;        // of memory, instead of NEWS_MEMORY_MAX; 0: that
    uint64_t         events, runs;
    double           load, load_s;  // events a second, of late; when it was looked at
    uint64_t         load_events;
    nsec             goal;        // how far next must come: what was asked last happens there
};

void news_free(struct news *n);
// Before there is a window: until something is there to be seen at this time of the run (or all).
void news_wait(struct news *n, struct stage *st, nsec until);
// Takes what came, for so many seconds at most.
void news_take(struct news *n, struct stage *st, double seconds);
// So much comes that drawing less often is better than taking it from the run.
bool news_heavy(const struct news *n);
// What a hand did on the stage (its wish was WISH_ASK).
void news_ask(struct news *n, struct stage *st);

#endif
