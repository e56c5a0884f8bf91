// eth.h - Ethernet II: is a frame for us, and which protocol takes it; and the way out.
#ifndef ETH_H
#define ETH_H

#include "net/netif.h"

void eth_input(struct netif *n, struct frame *f);
// f begins with what Ethernet carries; type says what that is.
void eth_output(struct netif *n, struct frame *f, struct mac dst, uint16_t type);
// The EtherType of IP packets of a family.
uint16_t eth_type_of(uint8_t family);
// Which station a frame came from that eth_input took.
struct mac eth_sender(const struct frame *f);

struct way;
// Puts f, an IP packet, on its way: to everyone, to the other end, or to the neighbour it names.
void link_output(const struct way *way, struct frame *f);

#endif
