// symbol.h - the names of sockets' world: O_NONBLOCK, SOL_TCP, EINPROGRESS, TCP_CA_Open, ...
#ifndef SYMBOL_H
#define SYMBOL_H

#include "scenarios/drill/ast.h"

bool        symbol_find(struct span name, int64_t *number);
const char *symbol_of_error(int error);  // 11 is "EAGAIN"; "?" for what is none
const char *symbol_text_of_error(int error);  // "Resource temporarily unavailable"
unsigned    symbol_misordered(void);     // tests: how many are out of order

#endif
