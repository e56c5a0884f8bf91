// ip_wire.h - what both versions of IP share on the wire: protocol numbers and ECN codepoints.
#ifndef IP_WIRE_H
#define IP_WIRE_H

// Protocol and Next Header numbers (IANA). One registry serves both versions.
enum ip_proto { IP_PROTO_ICMP4 = 1, IP_PROTO_IGMP = 2, IP_PROTO_TCP = 6, IP_PROTO_UDP = 17,
                IP_PROTO_ICMP6 = 58, IP_PROTO_NONE = 59 };

// The two low bits of the traffic class (RFC 3168 §5).
enum ecn { ECN_NONE = 0, ECN_ECT1 = 1, ECN_ECT0 = 2, ECN_CE = 3 };

#endif
