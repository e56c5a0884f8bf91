// info.h - the names that assertions may use: a connection as Linux's struct tcp_info has it
// (info.def), its congestion control as TCP_CC_INFO has it, the socket's memory as SO_MEMINFO has
// it, and the constants of symbol.h.
//
// What SO_MEMINFO tells is counted in bytes of payload here, where Linux counts its buffers whole.
#ifndef DRILL_INFO_H
#define DRILL_INFO_H

#include "scenarios/drill/code_value.h"
#include "scenarios/drill/lex.h"
#include "stack.h"

// SO_MEMINFO's numbers, in the order of linux/sock_diag.h.
enum { MEMORY_RMEM_ALLOC, MEMORY_RCVBUF, MEMORY_WMEM_ALLOC, MEMORY_SNDBUF, MEMORY_FWD_ALLOC,
       MEMORY_WMEM_QUEUED, MEMORY_OPTMEM, MEMORY_BACKLOG, MEMORY_DROPS, MEMORY_VARS };

struct info {
    bool               has_tcp, has_memory;
    struct ng_tcp_info tcp;
    struct ng_cc_info  cc;
    uint32_t           memory[MEMORY_VARS];
};

// What is known of a socket now; of 0, nothing.
void info_ask(struct info *info, const struct host *h, ng_sock s);
bool info_memory(const struct host *h, ng_sock s, uint32_t memory[MEMORY_VARS]);
// There is such a name, though perhaps not of every socket.
bool info_knows(struct span name);
// NULL, and the number; or why there is none.
const char *info_lookup(const struct info *info, struct span name, code_int *n);

#endif
