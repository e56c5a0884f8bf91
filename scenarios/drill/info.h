// info.h - a connection as Linux's struct tcp_info has it: field by field, by name. Windows are
// counted in segments there and times in microseconds; here is where both are made of ours.
#ifndef DRILL_INFO_H
#define DRILL_INFO_H

#include "scenarios/drill/lex.h"
#include "stack.h"

// "tcpi_snd_cwnd" of the connection, or a constant such as TCP_CA_Open. False: there is no such.
bool info_lookup(const struct ng_tcp_info *info, struct span name, int64_t *n);
bool info_field(const struct ng_tcp_info *info, struct span name, int64_t *n);  // "snd_cwnd"

#endif
