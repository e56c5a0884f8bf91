// dns_wire.h - DNS (RFC 1035 §4) as a stub resolver speaks it: one question out, one answer in.
//
//     +--------------------------+ 0       names:  3 w w w 6 s e r v e r 0
//     | id, flags, four counts   |         or, in their tail, two bytes that point back at one
//     +--------------------------+ 12
//     | question: name type class|         records: name type class ttl length data
//     +--------------------------+
//     | answers: records ...     |         authority and additional records are not looked at
//     +--------------------------+
//
// What comes in is a stranger's. It is an answer only if it has the question's id and repeats the
// question; every count and length in it is a claim, and a pointer must point back, so that names
// end.
#ifndef DNS_WIRE_H
#define DNS_WIRE_H

#include "base/addr.h"
#include "base/base.h"

enum { DNS_PORT = 53, DNS_HDR_LEN = 12, DNS_UDP_MAX = 512, DNS_TCP_MAX = 65535 };
enum { DNS_NAME_TEXT = 256, DNS_QUERY_MAX = DNS_HDR_LEN + 255 + 4 };
enum { DNS_ADDRS = 16, DNS_CHAIN_MAX = 8 };  // more addresses are left out, a longer chain is none

enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_AAAA = 28 };
enum dns_rcode { DNS_OK = 0, DNS_FORMERR = 1, DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3, DNS_NOTIMP = 4,
                 DNS_REFUSED = 5 };

struct dns_question {
    uint16_t id, type;
    char     name[DNS_NAME_TEXT];  // small letters, without a dot at the end
};

struct dns_reply {
    uint8_t     rcode;
    bool        truncated;   // more was there than fits: nothing else is told but rcode
    struct addr addr[DNS_ADDRS];
    unsigned    addrs;
    unsigned    cnames;      // links of the chain that led from the question's name to this one:
    char        name[DNS_NAME_TEXT];
    uint32_t    ttl;         // seconds: the least of what led here
};

// The name as questions bear it: small letters, no dot at the end. False: it cannot be one.
bool   dns_name_take(char to[DNS_NAME_TEXT], const char *text);
// The question as bytes, of which DNS_QUERY_MAX are free at p; its length. name is sound.
size_t dns_emit(const struct dns_question *q, uint8_t *p);
// False: it is no answer to q, or none at all. r is written only on true.
bool   dns_parse(struct dns_reply *r, const struct dns_question *q, const uint8_t *p, size_t len);

#endif
