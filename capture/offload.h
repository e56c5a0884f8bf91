// offload.h - the checksum that a device would have written.
//
// A frame that leaves with its transport checksum to do, or came with one that the device vouches
// for, holds only the pseudo header's sum. A capture should show what is on the wire, so its copy
// gets the true one; the two bytes that were there are kept beside it for the replay.
#ifndef OFFLOAD_H
#define OFFLOAD_H

#include "base/base.h"

struct offload_patch { uint16_t at; uint8_t was[2]; };  // at 0: nothing was changed

// p is an Ethernet frame of len bytes. One that is cut short, fragmented, or neither TCP nor UDP
// stays as it is.
struct offload_patch offload_finish(uint8_t *p, size_t len);
// Puts back what was there. False if the patch lies outside the frame.
bool offload_undo(uint8_t *p, size_t len, struct offload_patch patch);

#endif
