// igmp_wire.h - group membership as bytes, and as meaning: IGMP (RFC 3376, 2236) and MLD (RFC 3810,
// 2710).
//
// The two protocols are one with addresses of two sizes; MLD travels in ICMPv6. Four kinds of
// message: a query by a router, the report of the older versions about one group, the leave that
// goes with it, and the newer report that lists records.
//
//     IGMP query:  type, max resp, csum, group      | S+QRV, interval, n, n sources (version 3)
//     MLD query:   type, 0, csum, max resp, 0, group | S+QRV, interval, n, n sources (version 2)
//     new report:  type, 0, csum, 0, n; n times: kind, aux len, n sources, group, sources, aux
//
// Queries of all versions have one type; their length tells them apart (RFC 3376 §7.1).
#ifndef IGMP_WIRE_H
#define IGMP_WIRE_H

#include "base/addr.h"
#include "base/base.h"
#include "base/words.h"

enum { IGMP_RECORDS_MAX = 16 };

enum igmp_kind { IGMP_QUERY, IGMP_REPORT, IGMP_LEAVE, IGMP_RECORDS };

enum igmp_record_kind { IGMP_IS_INCLUDE = 1, IGMP_IS_EXCLUDE = 2, IGMP_TO_INCLUDE = 3,
                        IGMP_TO_EXCLUDE = 4, IGMP_ALLOW = 5, IGMP_BLOCK = 6 };

// What a host wants of one group. Joining is TO_EXCLUDE of no sources, leaving TO_INCLUDE of none.
struct igmp_record {
    uint8_t        kind;     // enum igmp_record_kind, or whatever the wire said
    struct addr    group;
    uint16_t       sources;
    const uint8_t *source;   // sources addresses, as on the wire
};

struct igmp_message {
    uint8_t            family;    // FAMILY_IP4: IGMP, FAMILY_IP6: MLD
    uint8_t            kind;      // enum igmp_kind
    uint8_t            version;   // IGMP 1..3, MLD 1..2
    struct addr        group;     // a general query has none: all zero
    uint16_t           max_resp;  // QUERY: as on the wire, see igmp_max_resp_ms
    bool               suppress;  // QUERY of the newest version from here on
    uint8_t            robustness, interval;
    uint16_t           sources;
    const uint8_t     *source;
    uint16_t           records;   // RECORDS: used in record[]; more are passed over
    struct igmp_record record[IGMP_RECORDS_MAX];
};

// Reads the message at p, of which len bytes are there, up to the end of the packet. m is written
// only on DROP_NONE; its lists lie within p.
enum drop igmp_parse(struct igmp_message *m, enum family family, const uint8_t *p, size_t len);

// Writes the message at p, where igmp_size() bytes are free, and returns that. IGMP's checksum is
// written; MLD's is left zero, as it has a pseudo header.
size_t igmp_emit(const struct igmp_message *m, uint8_t *p);
size_t igmp_size(const struct igmp_message *m);

// How long hosts may wait with their answer to a query.
uint32_t igmp_max_resp_ms(const struct igmp_message *m);

#endif
