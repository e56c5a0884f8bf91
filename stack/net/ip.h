// ip.h - how upper protocols send: one call for both families.
//
// The caller builds a frame whose start is its own transport header (f->l4 says where), with csum
// CSUM_TODO (the pseudo header's sum already in place, csum_off set) or complete, and names both
// ends. ip_output takes the frame: it routes, pushes the IP header, resolves the neighbour, and
// enqueues or drops it with a reason.
#ifndef IP_H
#define IP_H

#include "net/host.h"

struct ip_dest {
    struct addr src, dst;   // src may be of family NONE: the route picks it
    uint8_t     proto, ttl, tos;  // ttl 0: the host's default
    bool        dont_fragment;
    bool        unless_tiny;      // but on an IPv4 path narrower than min_pmtu: see pmtu.h
    const uint8_t *options;       // of IPv4, sound and in words; NULL: none
    uint8_t     options_len;
    bool        router_alert;     // routers should look inside (RFC 2113, RFC 2711)
    struct netif *netif;    // NULL, or which way if dst leaves a choice: groups, link-local names
};

void ip_output(struct host *h, struct frame *f, const struct ip_dest *d);

// The way to dst: the interface, what it offloads, which of our addresses to use, and how long a
// packet may be on the whole way and on its first link.
struct ip_path { struct netif *netif; struct addr src; uint32_t mtu, link_mtu, offload;
                 uint32_t mss, initcwnd; };  // as the route says, or 0
struct way;
// How long a packet may be on the whole of this way.
uint32_t ip_way_mtu(const struct host *h, struct addr dst, const struct way *way);
int  ip_path(struct host *h, struct addr dst, struct ip_path *path);  // or -ENETUNREACH
int  ip_path_on(struct host *h, struct addr dst, struct netif *n, struct ip_path *path);
bool ip_is_local(const struct host *h, struct addr a);    // one of our addresses
bool ip_is_broadcast(const struct host *h, struct addr a);  // everyone's, or one of our subnets'
bool ip_speaks(uint8_t family);                           // whether packets of it can be sent
uint32_t ip_header_len(uint8_t family);                   // of what ip_output puts in front
struct addr ip_loopback(uint8_t family);                  // how a host calls itself

// Of a packet that came in (f->l3 is set): who sent it.
struct addr ip_sender(const struct frame *f);
struct addr ip_receiver(const struct frame *f);  // and whom it was sent to
uint8_t     ip_ttl(const struct frame *f);
uint8_t     ip_tos(const struct frame *f);
size_t      ip_options(const struct frame *f, uint8_t to[40]);  // of IPv4; how many bytes
// Whether these IPv4 options may be sent: whole words, sound, and no source route. Or -EINVAL.
int         ip_check_options(const uint8_t *p, size_t len);

// For ip4.c and ip6.c. Notes where the headers lie of a packet that came in, at f's start.
void ip_mark(struct frame *f, uint8_t family, size_t hdr_len);
// Hands a whole packet, which begins with its IP header, to its protocol. Takes f.
void ip_deliver(struct host *h, struct frame *f, const struct ip_info *ip);

// Answers a packet that came in for a port nobody has: borrows f, obeys every rule of silence.
void ip_refuse_port(struct host *h, const struct frame *f, const struct ip_info *ip);

// An upper protocol recognised the packet of its own that was too long (e->error is EMSGSIZE): what
// the router said of the path is believed from here on.
void ip_believe(struct host *h, const struct ip_error *e);

// Tells whoever sent f, which begins with its IP header and never left, what became of it.
void ip_tell_sender(struct host *h, struct frame *f, int error);

#endif
