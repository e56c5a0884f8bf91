// filter.h - filters in tcpdump's language, compiled by libpcap and run over Ethernet frames in
// memory: "tcp port 80 and tcp[tcpflags] & tcp-syn != 0".
//
// An expression may come from a stranger's scenario, and a run must not depend on the machine. But
// tcpdump's language also takes names of hosts, networks and services, for which libpcap would ask
// the resolver and files in /etc. So only words of the language itself pass; every other name is
// refused with a sentence before libpcap sees it: addresses and ports are numbers here.
//
// Not for two threads at once: older libpcaps compile with state of their own.
#ifndef FILTER_H
#define FILTER_H

#include "base/base.h"

struct filter;

// NULL, and one sentence in error. An empty expression matches every frame.
struct filter *filter_compile(const char *expression, char *error, size_t error_cap);
bool filter_match(const struct filter *f, const uint8_t *frame, size_t len);
void filter_free(struct filter *f);

#endif
