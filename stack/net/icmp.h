// icmp.h - what ICMP has in common in both families: how often we may complain.
//
// Not more than icmp_msgs_per_sec errors (RFC 1812 §4.3.2.8, RFC 4443 §2.4 f), counted as a bucket
// of tokens that holds icmp_msgs_burst. Errors of both families drink from one bucket.
#ifndef ICMP_H
#define ICMP_H

#include "net/host.h"

enum { ICMP_QUOTE_MIN = 8 };  // bytes behind the quoted headers that name a socket

// A long answer to a ping may be too long for a router on its way back. The last ones are
// remembered, so that a router's word on them can be believed: nobody else knows that they exist.
void icmp_init(struct host *h);
void icmp_note_answer(struct host *h, struct addr to, uint32_t id_seq);
enum drop icmp_error(struct host *h, const struct ip_error *e);  // about a message of ours
bool icmp_may_send(struct host *h);  // takes a token, if there is one

// What an error means to a socket: a positive errno, 0 if nothing; and whether it is final.
struct icmp_meaning { int error; bool hard; };

#endif
