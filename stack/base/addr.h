// addr.h - who: internet addresses of both families, endpoints, prefixes, Ethernet addresses.
//
// One `struct addr` serves both families, so that every layer above IP is written once. Bytes are
// in network order; an IPv4 address fills b[0..3] and the rest is zero, which makes equality a
// comparison of bytes. All are small values, passed and returned by copy.
//
// Text goes by the RFCs: IPv6 is printed as RFC 5952 wants it (lower case, longest run of zeros
// shortened), and both parsers take the whole string or nothing.
#ifndef ADDR_H
#define ADDR_H

#include "base/base.h"
#include "base/text.h"

enum family { FAMILY_NONE = 0, FAMILY_IP4 = 4, FAMILY_IP6 = 6 };

struct addr     { uint8_t family; uint8_t b[16]; };
struct endpoint { struct addr addr; uint16_t port; };
struct prefix   { struct addr addr; uint8_t bits; };  // addr keeps its host bits: 10.0.0.1/24
struct mac      { uint8_t b[6]; };

// Room for the longest text of each, zero byte included.
enum { ADDR_TEXT = 46, ENDPOINT_TEXT = 54, PREFIX_TEXT = 50, MAC_TEXT = 18 };

struct addr addr_ip4(uint32_t host_order);      // addr_ip4(0x0a000001) is 10.0.0.1
struct addr addr_ip4_bytes(const uint8_t b[4]);
struct addr addr_ip6_bytes(const uint8_t b[16]);
struct addr addr_any(enum family family);       // 0.0.0.0 or ::
uint32_t    addr_ip4_u32(struct addr a);        // host order

// Bytes of an address of the family: 4, 16, or 0 for none.
static inline size_t addr_len(struct addr a)
{
    return a.family == FAMILY_IP4 ? 4 : a.family == FAMILY_IP6 ? 16 : 0;
}

static inline bool addr_eq(struct addr a, struct addr b)
{
    return a.family == b.family && memcmp(a.b, b.b, sizeof a.b) == 0;
}

static inline bool endpoint_eq(struct endpoint a, struct endpoint b)
{
    return a.port == b.port && addr_eq(a.addr, b.addr);
}

bool addr_is_any(struct addr a);         // also true of FAMILY_NONE
bool addr_is_multicast(struct addr a);   // 224.0.0.0/4, ff00::/8
bool addr_is_loopback(struct addr a);    // 127.0.0.0/8, ::1
bool addr_is_broadcast(struct addr a);   // 255.255.255.255; a subnet's own is known to net/ only
bool addr_is_link_local(struct addr a);  // 169.254.0.0/16, fe80::/10
// Whether a name bound to this address is for what comes to a: the address itself, any of its
// family, or, bound to [::], any at all (RFC 3493 §5.3; Linux: bindv6only 0).
bool addr_binds(struct addr bound, struct addr a);
int  addr_compare(struct addr a, struct addr b);  // by family, then by bytes

struct addr addr_mask(struct addr a, unsigned bits);          // host bits cleared
unsigned    addr_common_bits(struct addr a, struct addr b);   // 0 if the families differ
bool        prefix_contains(struct prefix p, struct addr a);
struct addr prefix_broadcast(struct prefix p);  // all host bits set; IPv4 only, else addr_any

// True and *out written if the whole of s is one address (prefix, endpoint, Ethernet address).
bool addr_parse(struct addr *out, const char *s);
bool prefix_parse(struct prefix *out, const char *s);      // "10.0.0.1/24"; the slash is a must
bool endpoint_parse(struct endpoint *out, const char *s);  // "10.0.0.1:80", "[fd00::1]:80"
bool mac_parse(struct mac *out, const char *s);            // "02:00:00:00:00:01"

void text_put_addr(struct text *t, struct addr a);
void text_put_prefix(struct text *t, struct prefix p);
void text_put_endpoint(struct text *t, struct endpoint e);
void text_put_mac(struct text *t, struct mac m);

// The same into a buffer of the caller's, which is returned.
const char *addr_print(struct addr a, char buf[ADDR_TEXT]);
const char *prefix_print(struct prefix p, char buf[PREFIX_TEXT]);
const char *endpoint_print(struct endpoint e, char buf[ENDPOINT_TEXT]);
const char *mac_print(struct mac m, char buf[MAC_TEXT]);

#define MAC_BROADCAST ((struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}})

static inline bool mac_eq(struct mac a, struct mac b) { return memcmp(a.b, b.b, sizeof a.b) == 0; }
static inline bool mac_is_group(struct mac m) { return (m.b[0] & 1) != 0; }  // and broadcast
static inline bool mac_is_broadcast(struct mac m) { return mac_eq(m, MAC_BROADCAST); }

bool       mac_is_zero(struct mac m);
bool       mac_is_station(struct mac m);  // neither a group nor zero
struct mac mac_of_bytes(const uint8_t b[6]);

// The Ethernet group of a multicast address (RFC 1112 §6.4, RFC 2464 §7).
struct mac mac_of_multicast(struct addr a);

#endif
