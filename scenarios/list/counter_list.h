// counter_list.h - a host's counters as nstat(8) of Linux names them, and its drops by reason.
//
// Each of Linux's names is a sum of what struct counts holds; those that would always be 0 here are
// not listed. A drop's name is "Drop." and its word.
#ifndef COUNTER_LIST_H
#define COUNTER_LIST_H

#include <stdio.h>

#include "base/counts.h"

struct counter_list_options { bool zeros, json; };

void counter_list_print(FILE *to, const struct counts *c, const struct counter_list_options *o);
// The value under one of Linux's names. False: there is no such name.
bool counter_value(const struct counts *c, const char *name, uint64_t *v);

#endif
