// foreign.h - events inferred from the packets of a capture that is not ours.
//
// Only what the packets prove is told. A host stands for each address that sent or was sent
// something; a frame is told as sent by one (FRAME_TX, why = foreign) and, if it is for one host,
// as received by the other at the same time, because the capture does not know the flight. A TCP
// connection's segments are told with numbers that count from 0, as Wireshark does it. Its state is
// told where what a side SENDS proves it: a lost packet never arrives, but what a host says it
// knows, it knows. So a server is ESTABLISHED when it first says so, and the last ACK of a
// connection proves nothing about its receiver. A frame that was captured at both its ends (as our
// own captures are, and keep to be when another program has written them anew) is told once, and so
// is a packet that was captured before and behind a router.
#ifndef FOREIGN_H
#define FOREIGN_H

#include "capture/capfile.h"
#include "core/trace.h"

struct foreign;

struct foreign *foreign_new(const char *name);  // of the file, for people; NULL: no memory
void foreign_free(struct foreign *f);
// Infers what it can from a packet; the events then wait in a queue that must be empty before.
// False: why not stands in error.
bool foreign_take(struct foreign *f, const struct cap_packet *p, char *error, size_t error_cap);
// The next event, or false. Its bytes and strings live until the next foreign_take.
bool foreign_next(struct foreign *f, struct trace_event *ev);

#endif
