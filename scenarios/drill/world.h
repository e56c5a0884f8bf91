// world.h - what is around the code under test: one host with one interface, the gateway on the
// other end of its cable, and the clock that both live by.
//
//     script  <->  run  <->  host "dut" -- eth0 ======= gateway (02:..:02), which is the script
//
// The gateway answers ARP and neighbour discovery by itself and in no time, so that a script sees
// only what it is about. What the host sends else is kept in a queue with the moment it left, until
// a step asks for it.
#ifndef WORLD_H
#define WORLD_H

#include "core/frame.h"
#include "scenarios/drill/drill.h"
#include "stack.h"

enum { WORLD_EVENTS = 1000000, WORLD_QUEUE = 20000, MEMORY_EVENTS = 64, MEMORY_BYTES = 256 };

// A packet that the host sent: from its IP header on.
struct live {
    struct live *next;
    nsec         at;
    uint32_t     step_line;    // of the last step that was done before it
    uint8_t      why;          // enum sent
    uint64_t     frame;
    struct flow *flow;         // whose; NULL: none we know
    bool         known;        // flow was looked for
    uint8_t      family, proto, tos, ttl;
    uint32_t     flow_label;
    struct addr  src, dst;
    uint16_t     sport, dport;
    // TCP
    uint16_t     flags, win, urg;
    uint32_t     seq, ack;
    const uint8_t *opts;
    uint8_t      opts_len, reserved;   // reserved: the three bits that must be zero
    // ICMP
    uint8_t      type, code;
    uint16_t     id;
    uint32_t     mtu;
    const uint8_t *payload;    // of the transport; for ICMP behind its 8 bytes
    uint32_t     payload_len;
    enum drop    bad;          // it could not be read: why
    bool         csum_bad;
    bool         not_zero;     // of the segments joined to it, one has other bytes than zero
    uint8_t      joined_opts[40];
    uint32_t     len;
    uint8_t      bytes[];
};

// The last things that happened, for the story of a failure.
struct memory {
    struct trace_sink  sink;
    struct trace_sink *also;
    uint32_t           count;
    struct { uint16_t len; uint8_t bytes[MEMORY_BYTES]; } event[MEMORY_EVENTS];
};

struct world_config {
    struct addr local, gateway, remote;
    unsigned    prefix;
    uint32_t    mtu, offload;
    uint64_t    seed;
    struct trace_sink *trace;
    bool        tell_peer;
};

struct world {
    nsec           now;
    struct host   *host;
    struct netif  *netif;
    ng_app         app;
    struct addr    local, gateway;
    struct addr    via;               // the next hop of routes, or none: all are on the cable
    struct memory  memory;
    bool           tell_peer;         // peer.c
    uint64_t       peer_frames;
    struct live   *out, **out_tail;   // what left, oldest first
    uint32_t       out_count;
    uint32_t       step_line;
    uint64_t       events;            // how often the host ran
    bool           tired;             // more than WORLD_EVENTS, or the queue is full
    uint8_t        scratch[FRAME_MAX];
};

bool world_open(struct world *w, const struct world_config *cfg);  // false: no memory
void world_close(struct world *w);
// Lets the host do what is due now, and takes what it sends.
void world_settle(struct world *w);
// The next moment at which something is to do, or NEVER.
nsec world_next(const struct world *w);
// Moves the clock to `at` (not before now) and settles.
void world_go(struct world *w, nsec at);
// A packet arrives: from its IP header on. False: no memory. gso_size: the device made it of
// several segments of this size; 0: of one.
struct world_input { uint8_t family; const uint8_t *p; size_t len; uint16_t gso_size; };
bool world_input(struct world *w, const struct world_input *in);
// peer.c: who looks at a run sees two hosts and a cable, as the gateway does not exist for itself.
// No more happens than is told: frames take no time.
void peer_introduce(struct world *w, const struct world_config *cfg);
void peer_sends(struct world *w, struct frame *f);   // before it is the host's
void peer_gets(struct world *w, const struct frame *f, const uint8_t *bytes, size_t len);
// Takes a packet out of the queue; the caller frees it.
void world_unlink(struct world *w, struct live *l);

// One of the last events, 0 the newest. False: it is not remembered.
bool memory_get(const struct memory *m, uint32_t back, struct trace_event *ev);

#endif
