// eth_wire.h - an Ethernet II header (RFC 894) as bytes, and as meaning.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +---------------------------------------------------------------+
//     |                      dst                                      |
//     +                               +-------------------------------+
//     |                               |                               |
//     +-------------------------------+              src              +
//     |                                                               |
//     +-------------------------------+-------------------------------+
//     |             type              |
//     +-------------------------------+
//
// A type below 0x600 is an 802.3 length; it names no protocol of ours and is left to the caller.
// The frame check sequence never reaches us: the device has checked and cut it off.
#ifndef ETH_WIRE_H
#define ETH_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"

enum { ETH_HDR_LEN = 14, ETH_TYPE_MIN = 0x600 };
enum { ETH_TYPE_IP4 = 0x0800, ETH_TYPE_ARP = 0x0806, ETH_TYPE_VLAN = 0x8100,
       ETH_TYPE_IP6 = 0x86dd };

struct eth_hdr { uint8_t dst[6], src[6], type[2]; };
static_assert(sizeof(struct eth_hdr) == ETH_HDR_LEN, "eth_hdr must match the wire");

struct eth_frame {
    struct mac dst, src;
    uint16_t   type;
};

// Reads the header at p, of which len bytes are there. f is written only on DROP_NONE.
enum drop eth_parse(struct eth_frame *f, const uint8_t *p, size_t len);

// Writes the header at p, where ETH_HDR_LEN bytes are free, and returns its length.
size_t eth_emit(const struct eth_frame *f, uint8_t *p);

#endif
