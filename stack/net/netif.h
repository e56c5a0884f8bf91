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

enum { NETIF_CSUM = 1, NETIF_TSO = 2, NETIF_GSO = 4 };  // what the device does by itself
enum { NETIF_ADDRS = 16, NETIF_NAME = 16, NETIF_MAX = 64, NETIF_MTU = 1500, NETIF_TXQ = 1000 };
enum { NETIF_GROUPS = 64, ANYCAST_WAITS = 8, NETIF_SERVERS = 4 };

// An address of ours and its life, which own.c leads.
struct own_addr {
    struct prefix prefix;
    uint8_t       state;     // enum own
    uint8_t       origin;    // enum own_origin
    uint8_t       probes;    // questions still to be sent while TENTATIVE, announcements after
    uint8_t       collisions;  // how many names before it were taken (RFC 7217 §5: DAD_Counter)
    nsec          due;       // of the next of them; NEVER: nothing is to be done
    nsec          preferred_until, valid_until;  // NEVER: for ever
    nsec          defended;  // when we last told another that it is ours
};

// A multicast group we listen to, and by how many (see group.h).
struct group {
    struct addr addr;
    uint16_t    users;
    uint8_t     reports;     // still to be sent
    nsec        due;         // of the next of them, or of the answer to a query; NEVER: none
};

// Who asked for a name that routers share, and when it is told (see anycast.h).
struct anycast_wait { struct addr name, asker; nsec due; };

// The oldest router that asks which groups we are in, by family, and until when it counts.
struct querier { uint8_t version; nsec until; };

struct netif {
    struct list_node link;    // in the host's list, in order of id; lo is in none
    struct host     *host;
    char             name[NETIF_NAME];
    uint16_t         id;      // counts from 1 in its host
    bool             loopback;
    bool             point_to_point;  // one other end: nobody is asked for its MAC
    struct mac       mac, peer;       // peer: that of the other end, where there is but one
    uint32_t         mtu;     // of the IP packet
    uint32_t         offload; // NETIF_* bits
    uint16_t         vlan;    // 802.1Q: the tag that its frames carry; 0: none
    struct own_addr  addr[NETIF_ADDRS];
    unsigned         addrs;
    struct group     group[NETIF_GROUPS];
    unsigned         groups;
    struct querier   querier[2];
    struct timer     timer;   // what the interface does by itself: see own.h
    bool             ip6;     // IPv6 is spoken here
    bool             routes;  // it is in the groups that an IPv6 router is in
    struct anycast_wait wait[ANYCAST_WAITS];  // in order of time
    unsigned         waits;
    // What a router advised (RFC 4861 §6.3.4); 0: nothing.
    uint8_t          hop_limit;
    uint32_t         reachable_ms, retrans_ms;
    struct addr      server[NETIF_SERVERS];  // that names are asked of (RFC 8106)
    unsigned         servers;
    nsec             servers_until;
    uint8_t          solicits;    // router solicitations still to be sent
    nsec             solicit_at;  // NEVER: none
    uint8_t          adverts;     // as a router: how many went out, up to the first three
    nsec             advert_at, advert_last;  // the next one (NEVER: none), and the last
    uint32_t         mtu6;    // of IPv6 packets: a router may ask for less than mtu
    struct list_node txq;
    struct list_node parked;  // who waits for room in txq: nodes of host.output
    uint32_t         txq_len, txq_limit;
    struct frame    *cutting; // a super-frame of which segments are still to be taken
    uint32_t         cut_at;  // the first byte of its payload that is not taken yet
};

struct netif_setup {
    const char *name;
    struct mac  mac;
    uint32_t    mtu, offload, txq_frames;
    uint16_t    vlan;
    bool        point_to_point;
};

struct netif *netif_new(struct host *h, const struct netif_setup *cfg);  // NULL: no memory
struct netif *netif_new_loopback(struct host *h);
void          netif_free(struct netif *n);  // and, without a word, the frames in it

// -EINVAL: less than the families it speaks need, or more than a packet can have.
int           netif_set_mtu(struct netif *n, uint32_t mtu);
bool          netif_is_broadcast(const struct netif *n, struct addr a);  // of one of its subnets

struct netif *netif_by_id(const struct host *h, uint16_t id);  // NULL: there is none

void          netif_set_queue(struct netif *n, uint32_t frames);

void          netif_enqueue(struct netif *n, struct frame *f);
// Back-pressure: who could wait should, and is put into the host's output list again when the queue
// is half empty. The last eighth of the queue is for those who cannot.
bool          netif_is_busy(const struct netif *n);
void          netif_park(struct netif *n, struct list_node *wish);  // wish is in no list
struct frame *netif_take(struct netif *n);  // complete, as the device wants it; owned. Or NULL
bool          netif_waits(const struct netif *n);  // there is something to take

#endif
