// notes.h - what an application wanted to be told of its bytes: sent, acknowledged, free again. See
// ng_sock_note.
//
// A write that asks leaves a mark at its end. As the mark is passed it becomes a note, which waits
// until it is taken:
//
//        una          nxt                     end
//         |  in flight |  not sent yet         |
//     ----+------m-----+--------m--------m-----+        m: marks, the oldest first
//     acked: ACKED, FREED   sent: SENT
//
// Marks and notes are rings of NOTES_MAX in one block, which the ledger holds: a connection that
// never asked pays nothing. What finds no room is not told, but a write that asks for FREED is
// refused then, since its memory could never be used again. Neighbours of FREED become one note.
#ifndef NOTES_H
#define NOTES_H

#include "base/base.h"

struct tcp;
struct ng_note;

enum { NOTES_MAX = 64 };

int  notes_set(struct tcp *t, int wants);  // of each write from now on; -EINVAL, -ENOBUFS
int  notes_get(const struct tcp *t);
bool notes_ready(struct tcp *t);           // for a write that asks; false: no room
void notes_wrote(struct tcp *t, int more); // to the end of the send buffer; NG_NOTE_* of this write
void notes_sent(struct tcp *t);
void notes_acked(struct tcp *t);
void notes_end(struct tcp *t);             // it is over: nothing is sent or acknowledged any more
bool notes_wait(const struct tcp *t);
int  notes_take(struct tcp *t, struct ng_note *n);  // -EAGAIN: there is none
void notes_free(struct tcp *t);

#endif
