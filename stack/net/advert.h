// advert.h - a router advertises: its being there, and the prefixes of the link (RFC 4861 §6.2).
//
// What it tells is what it has: of each static address of the interface the prefix, to be on-link
// and, where it has 64 bits, to make names from (SLAAC). It speaks where forwarding and
// netglass.router_advert say so: three times at first, then at random moments, and when asked. A
// router that steps down says so once.
#ifndef ADVERT_H
#define ADVERT_H

#include "net/netif.h"

void advert_begin(struct netif *n);     // IPv6 begins here: speaks soon, if the settings say so
// A host asks for routers. False: we are none that advertises.
bool advert_asked(struct netif *n);
nsec advert_run(struct netif *n);       // advertises when due; returns when to call again

#endif
