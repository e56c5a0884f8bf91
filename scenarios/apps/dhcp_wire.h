// dhcp_wire.h - DHCP for IPv4 (RFC 2131, RFC 2132) as bytes, and as meaning.
//
//     op, htype, hlen, hops | xid | secs, flags | ciaddr | yiaddr | siaddr | giaddr
//     chaddr (16) | sname (64) | file (128) | 63 82 53 63 | options: kind, length, bytes ... | 255
//
// Only what a client needs: addresses of a kind that comes several times, the first few of them.
#ifndef DHCP_WIRE_H
#define DHCP_WIRE_H

#include "base/addr.h"
#include "base/base.h"

enum { DHCP_FIXED_LEN = 240, DHCP_EMIT_MAX = 400, DHCP_LIST = 4 };
enum { DHCP_SERVER_PORT = 67, DHCP_CLIENT_PORT = 68 };
enum { DHCP_BOOTREQUEST = 1, DHCP_BOOTREPLY = 2 };

enum dhcp_kind { DHCP_NONE, DHCP_DISCOVER, DHCP_OFFER, DHCP_REQUEST, DHCP_DECLINE, DHCP_ACK,
                 DHCP_NAK, DHCP_RELEASE };

struct dhcp_message {
    uint8_t     op, kind;        // kind: enum dhcp_kind
    uint32_t    xid;
    uint16_t    secs;
    bool        broadcast;
    struct addr ciaddr, yiaddr;  // 0.0.0.0: none
    struct mac  chaddr;
    struct addr requested, server;        // of family NONE where there is no such option
    uint8_t     mask_bits;                // 0: not said
    uint8_t     routers, servers;         // used in the lists
    struct addr router[DHCP_LIST], dns[DHCP_LIST];
    uint32_t    lease_s, renew_s, rebind_s;  // 0: not said; UINT32_MAX is for ever
};

// Reads the message at p. False: it is none, or it lies about its lengths. m is written only on
// true.
bool   dhcp_parse(struct dhcp_message *m, const uint8_t *p, size_t len);
// Writes a client's message at p, where DHCP_EMIT_MAX bytes are free, and returns its length.
size_t dhcp_emit(const struct dhcp_message *m, uint8_t *p);

#endif
