// flow.h - the connections of a script, and how its numbers become the wire's and back.
//
// A script counts sequence numbers from the initial one of each side, except in packets with SYN,
// which say theirs as they are. The remote side's are the script's own. The local side's initial
// number is learnt from the stack's first SYN:
//
//     wire = script + (isn_live - isn_script)      in a packet with SYN
//     wire = script + isn_live                     in all others
//
// Timestamps: what a script calls `TS val 100` is whatever the stack sent there; it is remembered,
// so that a later `ecr 100` becomes the same. One flow is the current one, to which packets without
// ports belong: the one made last, by a SYN that came to a listener or by a SYN of the stack's.
#ifndef FLOW_H
#define FLOW_H

#include "scenarios/drill/world.h"

enum { FLOW_STAMPS = 4096, FLOWS_MAX = 10000, FLOW_PORT = 50000 };

struct stamp { uint32_t script, live; };

struct flow {
    struct flow *next;         // older
    unsigned     id;           // counts from 1
    bool         tcp;
    struct endpoint local, remote;
    ng_sock      sock;         // of the application, when it is known; 0
    bool         wanted;       // a step has seen it: it may be the current one
    bool         local_known;  // isn: the stack has sent its SYN
    uint32_t     local_isn, local_script, remote_isn;
    bool         stamps_known; // the first pair
    struct stamp first;
    struct stamp *stamp;       // later ones win
    uint32_t     stamps;
    struct { uint32_t script, live; } label[8];  // IPv6 flow labels by the script's names
    unsigned     labels;
};

struct flows {
    struct flow *newest, *current;
    unsigned     count;
};

void         flows_free(struct flows *fs);
struct flow *flow_new(struct flows *fs, bool tcp, struct endpoint local, struct endpoint remote);
struct flow *flow_find(const struct flows *fs, bool tcp, struct endpoint local,
                       struct endpoint remote);
// Finds or makes the flow of a packet that left; learns its initial number.
void         flow_learn(struct flows *fs, struct live *l);

uint32_t flow_local_seq(const struct flow *f, uint32_t script, bool syn);   // to the wire
uint32_t flow_remote_seq(const struct flow *f, uint32_t script, bool syn);
uint32_t flow_script_local(const struct flow *f, uint32_t live, bool syn);  // and back
uint32_t flow_script_remote(const struct flow *f, uint32_t live, bool syn);

void flow_stamp(struct flow *f, uint32_t script, uint32_t live);  // what left had this val
bool flow_echo(const struct flow *f, uint32_t script, uint32_t *live);
bool flow_label_fits(struct flow *f, uint32_t script, uint32_t live);

#endif
