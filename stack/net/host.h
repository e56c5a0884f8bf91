// host.h - one stack's whole state, as its protocols see it. Public users know only the name.
//
// Ownership of time: `now` is set at the doors (input, run) and constant while the stack works.
// Upper protocols hang their state here as opaque pointers, so that net/ need not know them, and
// they never know each other; host.c, above all, ties them together with struct proto.
#ifndef HOST_H
#define HOST_H

#include "base/addr.h"
#include "base/counts.h"
#include "base/list.h"
#include "base/rng.h"
#include "core/frame.h"
#include "core/trace.h"
#include "core/wheel.h"
#include "net/settings.h"

struct host;
struct netif;

// What IP knows of a packet when it hands it up. Borrowed; lives as long as the call.
struct ip_info {
    struct addr   src, dst;
    struct netif *netif;   // where it came in
    uint8_t       proto, ttl, tos;
    uint16_t      hdr_len;  // of IP, all its headers together
    uint16_t      next_at;  // IPv6: where the byte lies that names proto
    bool          to_many;  // the IP or the link's destination is broadcast or multicast
    bool          shared;   // dst is a name that we share with other routers (anycast.h)
    bool          in_pieces;     // IPv6: it had a fragment header, even if it was the only piece
    bool          router_alert;  // IPv6: it bears the option of that name
};

// An ICMP error about a packet we sent: whose names it quotes, and what it says.
struct ip_error {
    struct addr    src, dst;     // of the quoted packet: src is ours
    struct addr    from;         // who complains
    uint8_t        proto;
    const uint8_t *quoted;       // the first quoted bytes after the IP header
    size_t         quoted_len;   // at least 8
    int            error;        // positive errno: ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ...
    bool           hard;         // final, as far as the complainer can tell
    bool           local;        // our own finding: nobody can have forged it
    uint32_t       mtu;          // for EMSGSIZE; else 0
    uint32_t       len;          // of the whole packet, as its header says
};

// One protocol above IP. The table of them stands in host.c: control goes up here and nowhere else.
struct proto {
    const char *name;
    uint8_t     number;
    void (*input)(struct host *h, struct frame *f, const struct ip_info *ip);  // takes f
    enum drop (*error)(struct host *h, const struct ip_error *e);  // may be NULL; is it believed?
    void (*reply)(struct host *h, struct frame *f, const struct ip_info *ip);  // of ICMP: an echo
                                                                               // reply; takes f
};

// Whose struct timer is it? host.c wakes the owner.
enum timer_owner { TIMER_OWNER_TCP = 1, TIMER_OWNER_NEIGH, TIMER_OWNER_REASS,
                   TIMER_OWNER_NETIF };

enum { IP_IDS = 64, ICMP_ANSWERS = 8 };

struct icmp_answer { struct addr to; uint32_t id_seq; };  // of a ping, see icmp.h

// Embedded in what an application waits for. `sock` is the handle that ng_host_ready returns.
struct ready { struct list_node link; uint32_t sock; };

struct host {
    nsec               now;
    uint16_t           id;
    struct trace_sink *trace;
    struct pool        pool;
    struct wheel       wheel;
    struct rng         rng;
    uint64_t           key[2];        // SipHash key: tables, ports
    uint64_t           isn_key[2];    // RFC 6528's secret
    uint64_t           name_key[2];   // RFC 7217's: of the addresses we make for ourselves
    uint64_t           boot_ns;       // random offset of clocks that strangers see
    struct settings    set;
    struct list_node   netifs;        // struct netif, in order of id
    struct list_node   output;        // whoever wants to send at the end of this run
    struct list_node   ready;         // struct ready: sockets whose events changed
    const struct proto *const *protos;  // ends with NULL
    struct neigh_table *neigh;
    struct route_table *routes;
    struct reass_table *reass;
    struct pmtu_table  *pmtu;
    uint32_t            mtu_epoch;  // grows when packets may have to be shorter, or may be longer
    struct tcp_table   *tcp;
    struct udp_table   *udp;
    struct sock_table  *socks;
    struct netif       *lo;           // packets to ourselves; told of when it first carries one
    uint64_t           next_frame;
    uint32_t           next_conn;
    uint16_t           next_netif;
    uint16_t           ip_ids[IP_IDS];  // counters of the IPv4 identification, by hash of the pair
    nsec               icmp_at;       // when icmp_tokens was last filled
    int64_t            icmp_tokens;   // ICMP errors we may send now, in millionths
    struct icmp_answer answer[ICMP_ANSWERS];  // to long pings, the last ones
    uint32_t           answers;       // so far
    uint32_t           sock_limit;
    struct counts      count;
    uint8_t           *scratch;       // FRAME_MAX bytes to flatten a frame for the trace
    char               name[32];
};

// The only way to free a frame unserved. Takes f, counts and tells why.
void     host_drop(struct host *h, struct frame *f, enum drop why);
void     host_wake(struct host *h, struct ready *r);  // names the socket in ng_host_ready, once
uint32_t host_new_conn(struct host *h);               // a fresh id for a socket or connection
// What a trace may see of the frame, contiguous; good until the next call. Needs a trace.
struct trace_bytes host_view(struct host *h, const struct frame *f);
// The frame's id, which it gets here if it has none.
uint64_t host_frame_id(struct host *h, struct frame *f);
// The protocol of this number, or NULL.
const struct proto *host_proto(const struct host *h, uint8_t number);
// Tells what a layer did with a frame; head is how many bytes of header it took off or put on.
void     host_step(struct host *h, const struct frame *f, enum step step, uint32_t conn,
                   size_t head);

#endif
