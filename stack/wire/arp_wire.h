// arp_wire.h - an ARP packet (RFC 826) as bytes, and as meaning.
//
// Only the one kind anybody uses: IPv4 addresses over Ethernet.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |       hw = 1 (Ethernet)       |      proto = 0x0800 (IPv4)    |
//     +---------------+---------------+-------------------------------+
//     |   hw_len = 6  | proto_len = 4 |              op               |
//     +---------------+---------------+-------------------------------+
//     |             sender_mac (6), sender (4)                        |
//     |             target_mac (6), target (4)                        |
//     +---------------------------------------------------------------+
//
// Whether the addresses make sense is for net/arp.c; every pattern of them can be read and printed.
#ifndef ARP_WIRE_H
#define ARP_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"

enum { ARP_LEN = 28 };
enum arp_op { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_hdr {
    uint8_t hw[2], proto[2], hw_len, proto_len, op[2];
    uint8_t sender_mac[6], sender[4];
    uint8_t target_mac[6], target[4];
};
static_assert(sizeof(struct arp_hdr) == ARP_LEN, "arp_hdr must match the wire");

struct arp_packet {
    uint16_t    op;  // enum arp_op, or whatever the wire said
    struct mac  sender_mac, target_mac;
    struct addr sender, target;
};

// Reads the packet at p, of which len bytes are there: padding may follow. arp is written only on
// DROP_NONE.
enum drop arp_parse(struct arp_packet *arp, const uint8_t *p, size_t len);

// Writes the packet at p, where ARP_LEN bytes are free, and returns its length.
size_t arp_emit(const struct arp_packet *arp, uint8_t *p);

#endif
