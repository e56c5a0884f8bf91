// socket_list.h - the sockets of a host as ss(8) of Linux lists them.
#ifndef SOCKET_LIST_H
#define SOCKET_LIST_H

#include <stdio.h>

#include "stack.h"

struct socket_list_options {
    bool tcp, udp;          // neither: both
    bool listening, all;    // only those that listen; these and the others
    bool info, processes;   // a second line from ng_tcp_info; who holds it
    bool memory;            // a second line of the buffers, and what they had no room for
    bool no_header;
    bool ip4, ip6;          // neither: both
    const char *state;      // in ss's word; NULL: any
    uint16_t sport, dport;  // 0: any
};

// Reads letters such as "tai": as ss's short options. False: `bad` is none of them.
bool socket_list_flags(struct socket_list_options *o, const char *letters, char *bad);
// The second line, without its end.
void socket_list_info(FILE *to, const struct ng_tcp_info *info);
void socket_list_print(FILE *to, const struct host *h, const struct socket_list_options *o);

#endif
