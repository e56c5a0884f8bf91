// print.h - a frame as one line, much as tcpdump has it:
//
//     10.0.0.1:49152 > 10.0.0.2:80 Flags [S], seq 7, win 64240, options [mss 1460], length 0
//     ARP who-has 10.0.0.2 tell 10.0.0.1
//     10.0.0.1 > 10.0.0.2 ICMP echo request, id 1, seq 1, length 64
//
// Any bytes may be given: what cannot be read is named by its drop word in brackets, as in
// `[tcp-bad-option]`, and nothing is printed that a terminal could stumble over. A line has no end
// of line in it.
#ifndef PRINT_H
#define PRINT_H

#include "base/text.h"

enum { PRINT_TEXT = 768 };  // room that every line fits in

// Where the two numbers of a TCP segment are counted from. Zeroed means: as on the wire. With the
// first numbers of the connection in it they come out as 1, 2, 3, which is what people can read.
struct print_base { struct seq seq, ack; };

void print_frame(struct text *t, const uint8_t *p, size_t len);   // from its Ethernet header on
void print_packet(struct text *t, const uint8_t *p, size_t len);  // from its IP header on
void print_frame_from(struct text *t, const uint8_t *p, size_t len, struct print_base base);
void print_packet_from(struct text *t, const uint8_t *p, size_t len, struct print_base base);

void print_tcp_flags(struct text *t, uint8_t flags);  // "S.", "P.", "none"
// "mss 1460,nop,nop,sackOK" from the bytes of the option field, in their order.
void print_tcp_options(struct text *t, const uint8_t *p, size_t len);

#endif
