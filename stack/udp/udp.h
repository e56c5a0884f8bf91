// udp.h - struct udp and the table of ports, private to this folder.
#ifndef UDP_H
#define UDP_H

#include "udp/udp_user.h"
#include "wire/udp_wire.h"

enum { UDP_BUCKETS = 256, UDP_GROUPS = 20, IP_LEN_MAX = 65535 };

struct udp {
    struct list_node by_id;     // in the table's list of all
    struct list_node by_port;   // in its port's bucket; in none while it has no port
    struct host     *host;
    struct ready    *ready;
    uint32_t         id;
    struct endpoint  local;     // address NONE or 0.0.0.0: any of ours
    struct endpoint  remote;    // port 0: not connected
    struct list_node queue;     // frames, each beginning with its payload
    uint32_t         rcv_len, rcv_count;  // bytes and datagrams in the queue
    uint32_t         rcv_max, snd_max;
    uint32_t         dropped;   // datagrams that found no room, so far
    int              error;     // positive errno that waits to be told
    uint8_t          ttl, tos;  // ttl 0: the host's default
    bool             bound;     // by bind(), so that the address stays when a connection is undone
    bool             reuse_addr, reuse_port, broadcast, shut_rd, shut_wr;
    bool             dont_fragment, no_check, recverr;
    bool             ping;      // ICMP echo: see udp_ping.c
    // Groups it joined; how it sends to groups.
    struct ng_group  group[UDP_GROUPS];
    uint8_t          groups, group_ttl;
    uint16_t         group_netif;
    bool             group_loop;
    uint8_t          options_len, options[40];  // of IPv4, to be sent
    struct ng_sock_trouble trouble;  // with recverr: the last error; error 0: none
};

struct udp_table {
    struct list_node port[UDP_BUCKETS];
    struct list_node all;       // in order of id
};

static inline struct list_node *udp_bucket(const struct host *h, uint16_t port)
{
    return &h->udp->port[port % UDP_BUCKETS];
}

// f begins with its header, which goes; and it joins the queue, or dies. Takes f.
void udp_deliver(struct udp *u, struct frame *f);
// An ICMP error about what u sent to `to`.
enum drop udp_take_icmp(struct udp *u, const struct ip_error *e, const struct endpoint *to);
int  udp_take_error(struct udp *u);  // the waiting error as -errno, once; 0: none

// --- udp_option.c: options, and the groups among them --------------------------------------------

void udp_leave_groups(struct udp *u);
// Whether a datagram that came by this interface to `to`, which names many, is for u: every
// broadcast is, and of groups those that it joined.
bool udp_hears(const struct udp *u, struct addr to, uint16_t netif);

// --- udp_ping.c: datagrams with ICMP's header ----------------------------------------------------

uint8_t  udp_ping_proto(uint8_t family);
void     udp_ping_header(const struct udp *u, struct frame *f, const struct endpoint *to,
                         struct addr src);
uint16_t udp_ping_number(const uint8_t *header);

// --- udp_port.c: who has which port ------------------------------------------------------------

// Gives u the local name, which no other may have. -EADDRINUSE
int  udp_take_port(struct udp *u, const struct endpoint *local);
// The same with a free port of the ephemeral range (RFC 6056). -EADDRINUSE: none is free.
int  udp_take_any_port(struct udp *u, struct addr local);
void udp_leave_port(struct udp *u);

// The socket that a datagram is for: the one that says most about its ends. NULL: none.
struct udp *udp_find(const struct host *h, const struct endpoint *local,
                     const struct endpoint *remote, bool ping);
// Whether a datagram to many, at this port, is for u too.
bool udp_matches(const struct udp *u, const struct endpoint *local, const struct endpoint *remote);

#endif
