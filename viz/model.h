// model.h - the world at one instant: a fold over the events of a recording.
//
// model_apply takes one event after the other; nothing else changes a model, so the picture at any
// instant is a checkpoint and the events behind it. All state lies in flat arrays of small values
// without pointers, which makes a copy a handful of memcpy: that is what checkpoints are.
//
// What is no longer so is not here (a frame that arrived, a socket that is gone): history.h keeps
// what was. Events may come from a hostile file: unknown hosts and sockets are made up on first
// mention, up to a limit, and nothing is believed beyond its type.
#ifndef MODEL_H
#define MODEL_H

#include "core/trace.h"

enum { MODEL_NAME = 24, MODEL_STEPS = 8, MODEL_PENDING = 4, MODEL_TICKS = 8, MODEL_ADDRS = 4,
       MODEL_HOSTS_MAX = 1024, MODEL_ACCEPTED = 4, MODEL_PATHS = 12 };

// One packet on its way through the layers of a host.
struct model_path {
    uint64_t frame;
    nsec     at;
    uint64_t event;        // the order of its last event
    uint32_t conn;         // the socket it belongs to, when that is known
    uint32_t len;
    bool     up, ended;    // ended: handed to the driver, or to its socket, or dropped
    uint8_t  drop;         // enum drop
    uint8_t  steps;
    struct { uint8_t step; uint16_t head; } step[MODEL_STEPS];
};

struct model_host {
    uint16_t          id;
    char              name[MODEL_NAME];
    struct model_path path[MODEL_PATHS];  // of the last packets, a ring
    uint32_t          paths;              // counts all
    uint64_t          rx, tx, drops;
    bool              tells;              // what happens inside; a kernel behind a TAP does not
};

// An interface, and the direction of the link that leaves it.
struct model_netif {
    uint16_t      host, id, peer_host, peer_netif;
    char          name[16];
    struct mac    mac;
    uint32_t      mtu, link;
    struct prefix addr[MODEL_ADDRS];
    uint8_t       addrs;
    uint64_t      rate_bps;
    nsec          delay;
    uint32_t      loss_ppm, queue_max;
    uint32_t      queued, queued_bytes;  // frames waiting for the wire
    bool          has_link, is_first;    // first: end a of the link
};

struct model_neigh { uint16_t host, netif; struct addr addr; struct mac mac; uint8_t state; };

struct model_call { uint8_t call; int32_t fd; };

struct model_app {
    uint16_t          host, id;
    char              name[MODEL_NAME];
    uint32_t          pid;
    bool              blocking, exited;
    struct model_call pending[MODEL_PENDING];  // blocked in these
    uint8_t           pendings;
    struct model_call last;                    // the last call, its argument and result
    int64_t           arg, result;
    struct endpoint   peer;
    nsec              at;                      // of the last call; 0 with last.call 0: none yet
    int32_t           accepted_on;             // accept()'s results, the last ones
    int32_t           accepted[MODEL_ACCEPTED];
    uint32_t          accepts;
};

struct model_sock {
    uint16_t        host, app;
    uint32_t        conn, listener;
    int32_t         fd;             // -1: no application has it
    uint8_t         kind, state, state_why, error_call;
    bool            freed;          // the application gave it up
    int32_t         error;          // errno of the last failed call, or 0
    nsec            born, state_at, touched;  // touched: the last arrival matched to it
    struct endpoint local, remote;
    uint32_t        snd_len, snd_max, rcv_len, rcv_max, rcv_held;
    uint32_t        syn_len, accept_len, backlog;
    uint32_t        cwnd, ssthresh, inflight, snd_wnd, rcv_wnd;
    uint32_t        snd_nxt, una, rcv_nxt;  // counted from the first sequence number
    nsec            srtt, rttvar, rto;
    nsec            deadline[TCP_TIMERS];   // NEVER: not set
    uint32_t        again;                  // segments sent again
    uint64_t        written, read;          // bytes, by calls
    uint64_t        datagrams_in, datagrams_out;  // by calls
    uint32_t        datagrams_lost;  // they found the queue full
    uint64_t        datagrams_came;  // matched by the UDP layer; those not read yet wait
    uint64_t        tick[MODEL_TICKS];      // ends of the last write() calls, in bytes written
    uint32_t        ticks;                  // counts all; the ring keeps the last
};

struct model {
    struct model_host   *host;
    struct model_netif  *netif;
    struct model_neigh  *neigh;
    struct model_app    *app;
    struct model_sock   *sock;    // by (host, conn)
    size_t hosts, hosts_cap, netifs, netifs_cap, neighs, neighs_cap, apps, apps_cap;
    size_t socks, socks_cap;
    nsec     now;
    uint64_t events;              // applied so far
    uint64_t drops, lost, again, expects, failures;  // lost: of the dropped, those on the wire
    char     run[64];             // the scenario's name
    uint64_t seed;
    bool     short_of_memory;     // some event could not be taken in
};

void model_free(struct model *m);                         // a zeroed model is empty
bool model_copy(struct model *to, const struct model *from);  // false: no memory
void model_apply(struct model *m, const struct trace_event *ev);
size_t model_memory(const struct model *m);

const struct model_host  *model_host(const struct model *m, uint16_t host);
const struct model_netif *model_netif(const struct model *m, uint16_t host, uint16_t netif);
const struct model_netif *model_netif_of(const struct model *m, uint16_t host);  // its first
const struct model_app   *model_app(const struct model *m, uint16_t host, uint16_t app);
const struct model_sock  *model_sock(const struct model *m, uint16_t host, uint32_t conn);
const struct model_sock  *model_sock_fd(const struct model *m, uint16_t host, uint16_t app,
                                        int32_t fd);
// The socket that a segment with these ends belongs to, seen from the host: the most specific.
const struct model_sock  *model_match(const struct model *m, uint16_t host, uint8_t kind,
                                      const struct endpoint ends[2]);
// Which host has this address; 0: none.
uint16_t model_owner(const struct model *m, struct addr a);
// The way of a frame through this host, newest first; NULL: forgotten, or never here.
const struct model_path *model_path(const struct model_host *h, uint64_t frame);
const struct model_path *model_last_path(const struct model_host *h);
bool model_app_blocked(const struct model_app *a);  // in its last call

bool sent_is_again(enum sent why);  // the same bytes are sent once more

#endif
