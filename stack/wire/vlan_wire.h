// vlan_wire.h - an IEEE 802.1Q tag as bytes, and as meaning.
//
// It follows an Ethernet header of type 0x8100 and ends in the type of what comes next:
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-----+-+-----------------------+-------------------------------+
//     | pri |D|          vlan         |             type              |
//     +-----+-+-----------------------+-------------------------------+
//
// Vlan 0 is no VLAN, only a priority; 4095 is reserved.
#ifndef VLAN_WIRE_H
#define VLAN_WIRE_H

#include "base/base.h"
#include "base/words.h"

enum { VLAN_TAG_LEN = 4, VLAN_MAX = 4094 };

struct vlan_hdr { uint8_t tci[2], type[2]; };
static_assert(sizeof(struct vlan_hdr) == VLAN_TAG_LEN, "vlan_hdr must match the wire");

struct vlan_tag {
    uint8_t  priority;       // 0..7
    bool     drop_eligible;
    uint16_t vlan;           // 0..4095
    uint16_t type;           // of what follows the tag
};

// Reads the tag at p, of which len bytes are there. tag is written only on DROP_NONE.
enum drop vlan_parse(struct vlan_tag *tag, const uint8_t *p, size_t len);

// Writes the tag at p, where VLAN_TAG_LEN bytes are free, and returns its length.
size_t vlan_emit(const struct vlan_tag *tag, uint8_t *p);

// Passes over the tags behind an Ethernet header, two at most: type is the header's, and then that
// of what follows them. How many bytes of tags are at p, of which len bytes are there; a tag that
// is cut short is none.
size_t vlan_skip(uint16_t *type, const uint8_t *p, size_t len);

#endif
