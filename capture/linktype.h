// linktype.h - packets of other link types as Ethernet frames.
//
// Everything above reads Ethernet. A packet that was captured without an Ethernet header gets one
// made up: its type is what the capture knows, its addresses are those the capture knows, or zero.
#ifndef LINKTYPE_H
#define LINKTYPE_H

#include "capture/capfile.h"

enum linktype_kind {
    LINKTYPE_AS_IT_IS,
    LINKTYPE_MADE_UP,   // understood, but the Ethernet header will be ours
    LINKTYPE_UNKNOWN,
};

enum linktype_kind linktype_kind(uint32_t linktype);

// A frame whose header is made up; the packet's bytes from `skip` on follow it.
struct linktype_frame { uint8_t header[14]; uint32_t skip; };

// For LINKTYPE_MADE_UP. False: the packet is too short to say what it is.
bool linktype_make_up(struct linktype_frame *f, const struct cap_packet *p);

#endif
