// replay.h - a file's events, one after the other.
//
// Opens our own pcapng (all events, as they were), and any foreign pcap or pcapng: there a NOTE
// says when it began, and hosts, frames and TCP connections are inferred from its packets, see
// foreign.h. A file that is cut short gives every whole event before the cut, then the error
// sentence. Files are hostile: every length is checked, nothing is believed.
#ifndef REPLAY_H
#define REPLAY_H

#include "core/trace.h"

struct replay;

enum replay_next { REPLAY_EVENT, REPLAY_END, REPLAY_BROKEN };

struct replay *replay_open(const char *path, char *error, size_t error_cap);  // "-": standard input
// The same over a copy of bytes in memory.
struct replay *replay_open_bytes(const uint8_t *p, size_t len, char *error, size_t error_cap);
bool           replay_is_ours(const struct replay *r);  // false: a foreign capture
// The next event; its bytes and strings live until the next call.
enum replay_next replay_next(struct replay *r, struct trace_event *ev);
const char    *replay_error(const struct replay *r);    // after REPLAY_BROKEN: one sentence
uint64_t       replay_tell(const struct replay *r);     // file position behind the last event
uint64_t       replay_size(const struct replay *r);     // 0: unknown (a pipe)
void           replay_close(struct replay *r);

#endif
