// tapnode.h - the world outside, as one more node of the simulator.
//
// Behind a TAP device sits a kernel that none of our code can see into. When a link lies between it
// and our host, it takes part in the story as a host of its own: a name, one interface, and the
// frames that leave and reach it. Everything else about it stays unknown.
//
//     kernel -> (TAP) -> tapnode_enter -> link -> our host      told: FRAME_TX at the node
//     kernel <- (TAP) <- tapnode_take <- tapnode_leave <- link  told: FRAME_RX at the node
#ifndef TAPNODE_H
#define TAPNODE_H

#include "core/frame.h"
#include "stack.h"

struct tapnode;

enum { TAPNODE_ADDRS = 8 };

struct tapnode_config {
    const char *name;    // of the host behind the device: "kernel"
    const char *netif;   // "tap0"
    struct mac  mac;
    uint32_t    mtu;
    struct prefix addr[TAPNODE_ADDRS];  // as far as they are known
    unsigned    addrs;
};

// Who it is in the events, and where they go (may be NULL).
struct tapnode_setup { uint16_t id; nsec now; struct trace_sink *trace; };

enum { TAPNODE_NETIF = 1, TAPNODE_QUEUE = 1000 };  // frames that may wait for the device

struct tapnode *tapnode_new(const struct tapnode_config *cfg, const struct tapnode_setup *setup);
void            tapnode_free(struct tapnode *t);  // and the frames that wait
// The kernel sent f: it gets its id, and this is told. Borrows f.
void            tapnode_enter(struct tapnode *t, struct frame *f, nsec now);
// f reached the node: this is told, and it waits for tapnode_take. Takes f.
void            tapnode_leave(struct tapnode *t, struct frame *f, nsec now);
struct frame   *tapnode_take(struct tapnode *t);  // the next frame for the kernel, or NULL; owned

#endif
