// neigh.h - who is next to us: the MAC of each neighbour in use, and whether it still holds.
//
// One cache for both families, after RFC 4861 §7.3.2, which says for IPv6 what good ARP caches do:
//
//                use: ask                 answer
//     (none) ----------------> INCOMPLETE --------> REACHABLE <--------------+
//        ^                         | no answer          | some 30 s pass     | answer
//        |                         v                    v        use         |
//        +--- use: ask again --- FAILED               STALE ------> DELAY -> PROBE
//                                  ^                    ^            5 s      | no answer
//                                  +--------------------|---------------------+
//                       heard from it without asking ---+
//
// Frames for an INCOMPLETE neighbour are held, in order, up to neigh_unres_qlen; of more, the
// oldest dies. Time turns REACHABLE to STALE only when somebody looks, so an idle host sleeps.
// The table holds neigh_gc_thresh3 entries; a new one then takes the place of the entry that was
// not used for longest and holds no frames. Entries live in the host's packet memory.
#ifndef NEIGH_H
#define NEIGH_H

#include "net/netif.h"

enum { NEIGH_PROBES = 3 };  // requests before we give up, to everyone and to one

struct neigh {
    struct list_node link;       // in its bucket
    struct list_node by_use;     // in the table's order of use
    struct timer     timer;
    struct netif    *netif;
    struct addr      addr;
    struct mac       mac;        // unless NONE, INCOMPLETE or FAILED
    enum nud         state;
    uint8_t          probes;     // sent since we began to ask
    bool             router;     // it said so (RFC 4861 §7.3.3)
    nsec             until;      // REACHABLE: how long
    struct list_node held;
    uint32_t         held_len;
};

int  neigh_init(struct host *h);  // -ENOMEM
void neigh_done(struct host *h);  // and, without a word, the frames that are held

// Sends f, which begins with its IP header, to a neighbour, as soon as its MAC is known.
void neigh_output(struct netif *n, struct addr hop, struct frame *f);

// Somebody said that a is at mac: as an answer to a question, or unasked. Only what is known
// already changes; false if nothing is known of a.
bool neigh_heard(struct netif *n, struct addr a, struct mac mac, bool answer);
// Somebody who talks to us said it: worth a new entry, because we shall answer. DROP_NONE, or why
// there can be none.
enum drop neigh_meet(struct netif *n, struct addr a, struct mac mac);

// A neighbour advertisement's word on its target (RFC 4861 §7.2.5): is it known at all, and if so,
// does the word count?
struct neigh_word { bool has_mac, solicited, override, router; struct mac mac; };
enum neigh_verdict { NEIGH_STRANGER, NEIGH_PASSED_OVER, NEIGH_TAKEN };
enum neigh_verdict neigh_told(struct netif *n, struct addr a, const struct neigh_word *word);
void neigh_is_router(struct netif *n, struct addr a);  // it said so by advertising itself
// An upper protocol heard from beyond this neighbour: it must be there (RFC 4861 §7.3.1).
void neigh_confirm(struct netif *n, struct addr a);

// How long to wait for an answer: as the settings, or in IPv6 a router, say (RFC 4861 §6.3.4).
nsec neigh_retrans(const struct netif *n, uint8_t family);
const struct neigh *neigh_find(const struct netif *n, struct addr a);  // NULL: nothing is known
void neigh_timer_fire(struct host *h, struct timer *t);

#endif
