// pcapng.h - the blocks of a pcapng file (draft-ietf-opsawg-pcapng), and those of our own.
//
//     +--------------+--------------+---------------------------+--------------+
//     | type         | total length | body, padded to 4 bytes   | total length |
//     +--------------+--------------+---------------------------+--------------+
//
// We write little endian, one section, interfaces in nanoseconds. Frames are Enhanced Packet
// Blocks. Our own blocks have a type from the range that is left for local use, so other programs
// pass over them; as anybody may use that type, each of ours opens with a magic number:
//
//     HELLO   magic, kind, schema of the events (8 bytes): stands right behind the section header
//     EVENTS  magic, kind, length, then events as trace_encode writes them
//
// A frame event stands there without its bytes. They are in a packet block that went before: the
// n-th frame event since the last EVENTS block means the n-th packet block since then. Behind the
// event stand four bytes: where in the frame we completed a checksum for the reader's sake (0:
// nowhere), and the two bytes that were there.
#ifndef PCAPNG_H
#define PCAPNG_H

#include "base/base.h"

enum {
    PCAPNG_SECTION = 0x0A0D0D0A, PCAPNG_IFACE = 1, PCAPNG_OLD_PACKET = 2, PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_PACKET = 6,
};
static const uint32_t PCAPNG_LOCAL = 0x80004E47;
static const uint32_t PCAPNG_BYTE_ORDER = 0x1A2B3C4D;

enum { PCAPNG_OPT_END = 0, PCAPNG_OPT_COMMENT = 1, PCAPNG_OPT_USERAPPL = 4, PCAPNG_OPT_FLAGS = 2,
       PCAPNG_OPT_IF_NAME = 2, PCAPNG_OPT_IF_IP4 = 4, PCAPNG_OPT_IF_IP6 = 5, PCAPNG_OPT_IF_MAC = 6,
       PCAPNG_OPT_IF_TSRESOL = 9, PCAPNG_OPT_IF_TSOFFSET = 14 };

enum { PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

// What one block may hold at most, ours and others'.
enum { PCAPNG_BLOCK_MAX = 32 << 20, PCAPNG_SNAPLEN = 262144 };

// Our own blocks.
static const uint32_t PCAPNG_MAGIC = 0x31474e31;
enum { PCAPNG_HELLO = 1, PCAPNG_EVENTS = 2, PCAPNG_HELLO_LEN = 16, PCAPNG_EVENTS_HEAD = 12,
       PCAPNG_PATCH_LEN = 4 };

// Link types we understand (the registry of tcpdump.org).
enum { LINKTYPE_NULL = 0, LINKTYPE_ETHERNET = 1, LINKTYPE_RAW_BSD = 12, LINKTYPE_RAW_OPENBSD = 14,
       LINKTYPE_RAW = 101, LINKTYPE_LOOP = 108, LINKTYPE_SLL = 113, LINKTYPE_IPV4 = 228,
       LINKTYPE_IPV6 = 229, LINKTYPE_SLL2 = 276 };

static inline void le_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void le_put32(uint8_t *p, uint32_t v)
{
    le_put16(p, (uint16_t)v);
    le_put16(p + 2, (uint16_t)(v >> 16));
}

static inline uint16_t le_get16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }

static inline uint32_t le_get32(const uint8_t *p)
{
    return le_get16(p) | (uint32_t)le_get16(p + 2) << 16;
}

#endif
