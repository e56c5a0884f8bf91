// control.h - how one netglass asks another that is running: a socket in the file system.
//
// `netglass up` listens at DIR/TAP@NETNS.sock, where DIR is $XDG_RUNTIME_DIR/netglass, or
// /run/netglass for root, or /tmp/netglass-UID; it belongs to us alone, or is not used. A TAP's
// name means something in its network namespace only, hence NETNS. A request is one line; the
// answer begins with '+', or with '-' before a sentence that says why not, and ends with the
// connection. Nobody can make the running program wait: whoever is slow is cut off.
#ifndef CONTROL_H
#define CONTROL_H

#include <stdio.h>

#include "base/base.h"

struct control;

enum { CONTROL_REQUEST = 512 };

// --- who runs --------------------------------------------------------------------------------

// Writes the answer to a request, or a sentence why there is none and returns false.
typedef bool control_answer(void *self, const char *request, FILE *to);

// NULL, with a sentence in error, if it cannot be. Then all else works without it.
struct control *control_open(const char *tap, char *error, size_t cap);
void control_close(struct control *c);  // NULL is fine; the socket's name is gone
int  control_fd(const struct control *c);  // becomes readable when control_turn has something to do
void control_turn(struct control *c, control_answer *answer, void *self);

// --- who asks --------------------------------------------------------------------------------

// Asks the netglass on this TAP, or the only one that runs if tap is NULL; copies the answer to
// `to`. False, with a sentence in error.
bool control_ask(const char *tap, const char *request, FILE *to, char *error, size_t cap);

#endif
