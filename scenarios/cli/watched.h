// watched.h - a run that is looked at while it goes on: the window on this thread, the engine on
// another, a feed between them (capture/feed.h).
//
// In virtual time the past can be had again: when a hand changes a link, the run begins anew with
// all that hands did so far, each at its instant. Up to there it is the same run, and the window
// goes on from where it stands. When the window is closed, a run goes on to its end, and its
// recording is completed, as if nobody had looked.
#ifndef WATCHED_H
#define WATCHED_H

#include "scenarios/cli/cli.h"
#include "scenarios/lua/script.h"

struct live;

// One run from the beginning: calls live_join, then script_run. Returns an exit status.
typedef int live_once(void *self, struct live *live);

// Gives a run the window as one more listener, and its word when to stop.
void live_join(struct live *live, struct tee *tee, struct script_config *script);

// Opens the window and runs `once` until the window is closed and the run has ended. False, with a
// sentence: there could be no window; the run went on without.
bool live_run(live_once *once, void *self, struct hands *hands, const struct cli_picture *look,
              char error[CLI_ERROR]);

#endif
