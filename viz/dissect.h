// dissect.h - the bytes of a frame as the layers a picture shows.
//
// A dissection is lenient where the stack is strict: a wrong checksum or a frame cut short by a
// capture still has layers to draw. It never reads behind the bytes it was given, and what it
// could not read it leaves zero.
#ifndef DISSECT_H
#define DISSECT_H

#include "base/addr.h"
#include "wire/arp_wire.h"
#include "wire/ip_wire.h"
#include "wire/tcp_wire.h"

enum packet_kind { PACKET_OTHER, PACKET_ARP, PACKET_IP, PACKET_ICMP, PACKET_UDP, PACKET_TCP };

struct dissect {
    uint8_t           kind;     // enum packet_kind
    uint8_t           family, proto;
    uint16_t          eth_type;
    uint32_t          len;      // bytes that were there to read
    uint32_t          l3, l4, payload, end;  // offsets; 0: no such part. end is before padding
    struct endpoint   src, dst;  // ports are 0 where there are none
    struct tcp_seg    tcp;
    struct arp_packet arp;
    uint8_t           icmp_type, icmp_code;
    bool              fragment; // but not the first: its transport's header was in that
    uint16_t          icmp_id, icmp_seq;
};

// One named run of bytes. Neighbouring small fields of one byte share its offset.
enum layer { LAYER_ETH, LAYER_IP, LAYER_TRANSPORT, LAYER_DATA, LAYERS };
struct header_field { uint32_t at, len; uint8_t layer; const char *name; char value[56]; };
enum { FIELDS_MAX = 40 };

void   dissect(struct dissect *d, const uint8_t *p, size_t len);
size_t dissect_fields(const struct dissect *d, const uint8_t *p, struct header_field f[FIELDS_MAX]);
// Which layer a byte belongs to.
enum layer dissect_layer(const struct dissect *d, size_t at);

// "SYN", "SYN,ACK", "PSH,ACK", "none".
void text_put_flags(struct text *t, uint8_t flags);

#endif
