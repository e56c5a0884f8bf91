// group.h - the multicast groups an interface listens to, and telling routers and switches of them.
//
// IGMPv3 (RFC 3376) and MLDv2 (RFC 3810) are one protocol in two families, and so one file. Every
// group is taken from all sources (EXCLUDE of none). A change is reported at once and repeated
// (robustness 2); a query is answered after a random wait within what it allows. A querier of an
// older version makes us speak as old as it, until 260 s after its last word.
//
// 224.0.0.1 and ff02::1 have every station in them: they are always heard and never reported.
#ifndef GROUP_H
#define GROUP_H

#include "net/netif.h"

// Counted: as many leaves as joins. 0; -EINVAL: no group, -ENOSPC: no room for more.
int  group_join(struct netif *n, struct addr a);
void group_leave(struct netif *n, struct addr a);
bool group_has(const struct netif *n, struct addr a);
bool group_on_host(const struct host *h, struct addr a);  // on some interface
bool group_hears(const struct netif *n, struct mac mac);  // some group has this Ethernet address

struct addr group_solicited_node(struct addr a);  // ff02::1:ffXX:XXXX (RFC 4291 §2.7.1)
struct addr group_all_nodes(uint8_t family);      // 224.0.0.1, ff02::1
struct addr group_all_routers(uint8_t family);    // 224.0.0.2, ff02::2

// IGMP has a protocol number; MLD comes from icmp6.c, its checksum already seen.
void igmp_input(struct host *h, struct frame *f, const struct ip_info *ip);
enum drop group_input(struct host *h, struct frame *f, const struct ip_info *ip);

nsec group_run(struct netif *n);  // reports that are due; returns when to call again

#endif
