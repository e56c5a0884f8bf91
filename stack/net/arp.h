// arp.h - ARP (RFC 826): which MAC has this IPv4 address?
//
// By the RFC's merge rule, whatever passes may correct an entry we have, but only someone who asks
// for an address of ours makes a new one. So an announcement or an answer that nobody asked for
// never brings a stranger into the table.
#ifndef ARP_H
#define ARP_H

#include "net/netif.h"

void arp_input(struct netif *n, struct frame *f);
// Asks for the MAC of target: everyone on the link, or only the station we believe it to be.
void arp_ask(struct netif *n, struct addr target, const struct mac *only);
void arp_probe(struct netif *n, struct addr target);    // is this name free? (RFC 5227 §2.1.1)
void arp_announce(struct netif *n, struct addr ours);   // RFC 5227 §2.3

#endif
