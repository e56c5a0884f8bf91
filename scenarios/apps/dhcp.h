// dhcp.h - a DHCP client (RFC 2131 §4.4): an address on loan, renewed while the host lives.
//
//     SELECTING --offer--> REQUESTING --ack--> PROBING --free--> BOUND --T1--> RENEWING --T2--+
//         ^  ^                 | nak              | taken          ^                |          v
//         |  +-----------------+                  | (decline)      +------ ack -----+---- REBINDING
//         +---------------------------------------+---------------------- the lease is over ----+
//
// It is an app like any other: one UDP socket, bound to port 68, and a timer of the simulator. The
// address and the default route come and go by the calls of stack.h. Whether another station has
// the address already is asked by ARP where net.ipv4.conf.all.addr_probe says so.
#ifndef DHCP_H
#define DHCP_H

#include "scenarios/sim/sim.h"

enum dhcp_state { DHCP_SELECTING, DHCP_REQUESTING, DHCP_PROBING, DHCP_BOUND, DHCP_RENEWING,
                  DHCP_REBINDING };

struct dhcp_lease {
    struct prefix addr;     // family NONE: there is none
    struct addr   gateway, server, dns[4];
    unsigned      servers;  // used in dns
    uint32_t      lease_s;
};

struct dhcp_config {
    struct netif *netif;
    struct mac    mac;
    // Told when there is a lease, and when there is none any more; may be NULL.
    void        (*changed)(void *self, const struct dhcp_lease *lease);
    void         *self;
};

struct dhcp;

// Lives as long as the sim's apps. NULL, and -errno in *error: there is no memory, or no socket.
struct dhcp *dhcp_start(struct sim *s, struct host *h, const struct dhcp_config *cfg, int *error);
const struct dhcp_lease *dhcp_lease(const struct dhcp *d);
enum dhcp_state dhcp_state(const struct dhcp *d);

#endif
