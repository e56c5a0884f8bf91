// see recording.h. Here: events from a file.
#include "viz/recording.h"

#include "capture/replay.h"

#include <stdio.h>

static bool read_all(struct recording *r, struct replay *file, char *error, size_t cap)
{
    struct trace_event ev;
    enum replay_next next;
    while ((next = replay_next(file, &ev)) == REPLAY_EVENT) {
        if (recording_add(r, &ev)) continue;
        r->short_of_memory = true;
        snprintf(r->broken, sizeof r->broken, "there is not enough memory for the whole of it");
        break;
    }
    if (next == REPLAY_BROKEN) snprintf(r->broken, sizeof r->broken, "%s", replay_error(file));
    if (r->tape.events > 0) return true;
    if (r->broken[0] != 0) snprintf(error, cap, "%s", r->broken);
    return false;
}

bool recording_open(struct recording *r, const char *path, char *error, size_t cap)
{
    struct replay *file = replay_open(path, error, cap);
    if (file == NULL) return false;
    snprintf(error, cap, "%s: there is not one packet in it", path);
    bool fine = read_all(r, file, error, cap);
    r->foreign = !replay_is_ours(file);
    replay_close(file);
    recording_done(r);
    return fine;
}
