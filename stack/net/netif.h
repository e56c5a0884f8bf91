// netif.h - an interface: its names, its addresses, and the frames that wait for the driver.
//
// An interface has no transmit function. What the stack sends lies in txq until the driver takes
// it; what the driver received it hands to ng_host_input. Work that the device does not offer is
// done at the last moment, in netif_take: a super-frame is cut into segments one by one, and a
// checksum left to do is done. So the queue holds few large frames, and what leaves is complete.
//
// Every host has one interface of its own, "lo", whose far end is the host itself: what goes to one
// of our addresses goes through it as an ordinary Ethernet frame, so that it is seen, counted and
// limited like any other. It tells of itself when it first carries a frame, and has no id before.
#ifndef NETIF_H
#define NETIF_H

#include "net/host.h"

enum { NETIF_CSUM = 1, NETIF_TSO = 2 };  // what the device does by itself
enum { NETIF_ADDRS = 16, NETIF_NAME = 16, NETIF_MAX = 64, NETIF_MTU = 1500, NETIF_TXQ = 1000 };

struct netif {
    struct list_node link;    // in the host's list, in order of id; lo is in none
    struct host     *host;
    char             name[NETIF_NAME];
    uint16_t         id;      // counts from 1 in its host
    bool             loopback;
    struct mac       mac;
    uint32_t         mtu;     // of the IP packet
    uint32_t         offload; // NETIF_* bits
    struct prefix    addr[NETIF_ADDRS];
    unsigned         addrs;
    struct list_node txq;
    uint32_t         txq_len, txq_limit;
    struct frame    *cutting; // a super-frame of which segments are still to be taken
    uint32_t         cut_at;  // the first byte of its payload that is not taken yet
};

struct netif_setup {
    const char *name;
    struct mac  mac;
    uint32_t    mtu, offload, txq_frames;
};

struct netif *netif_new(struct host *h, const struct netif_setup *cfg);  // NULL: no memory
struct netif *netif_new_loopback(struct host *h);
void          netif_free(struct netif *n);  // and, without a word, the frames in it

// 0; -EINVAL: not a station's address or prefix, -EEXIST: it is ours, -ENOSPC: no room for more.
int           netif_add_addr(struct netif *n, struct addr a, unsigned bits);
bool          netif_has_addr(const struct netif *n, struct addr a);
bool          netif_is_broadcast(const struct netif *n, struct addr a);  // of one of its subnets
// Our name towards dst: an address in its subnet, else the first of its family, else none.
struct addr   netif_source(const struct netif *n, struct addr dst);

void          netif_enqueue(struct netif *n, struct frame *f);
struct frame *netif_take(struct netif *n);  // complete, as the device wants it; owned. Or NULL
bool          netif_waits(const struct netif *n);  // there is something to take

#endif
