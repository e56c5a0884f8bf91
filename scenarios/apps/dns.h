// dns.h - a stub resolver (RFC 1034 §5.3.1): names to addresses, asked of the servers it was told.
//
//     lookup --> one question a family --UDP--> server 1 --no answer in time--> server 2 ... again
//                         |                        |  cut short: the same over TCP
//                         |                        +- "look under another name": a new question
//                         +--> both answered: addresses, the best first (RFC 6724 §6)
//
// It is an app like any other. Every try is a socket of its own, connected to one server, so that
// its port is new and nobody else is heard; with a random id that makes an answer hard to forge
// (RFC 5452). What does not answer the question asked is passed over, and the wait goes on.
#ifndef DNS_H
#define DNS_H

#include "scenarios/apps/dns_wire.h"
#include "scenarios/sim/sim.h"

enum { DNS_SERVERS = 4, DNS_TRIES = 2 };  // tries: of all servers in turn
#define DNS_PATIENCE SEC(5)

enum dns_error { DNS_FOUND, DNS_NO_SUCH_NAME, DNS_NO_ADDRESS, DNS_NO_ANSWER, DNS_FAILED,
                 DNS_NO_SERVER, DNS_BAD_NAME };

// As scripts and people read it: "NXDOMAIN".
const char *dns_error_name(enum dns_error e);

struct dns_answer {
    enum dns_error error;
    struct addr    addr[2 * DNS_ADDRS];
    unsigned       addrs;
    char           name[DNS_NAME_TEXT];  // what it is really called
    uint32_t       ttl;                  // seconds
};

struct dns;

struct dns_config {
    struct addr server[DNS_SERVERS];
    unsigned    servers;
    const struct netif *link;  // with no server: those that a router of this link tells of, or NULL
    nsec        patience;   // with one server; 0: DNS_PATIENCE
};

// Lives as long as the sim's apps. NULL: no memory.
struct dns *dns_start(struct sim *s, struct host *h, const struct dns_config *cfg);
// The servers from now on; what is asked already is asked of them too.
void        dns_set_servers(struct dns *d, const struct addr *server, unsigned n);
unsigned    dns_servers(const struct dns *d);

// Asks for addresses of this family, or with FAMILY_NONE of both. done(self, answer) is called
// once, from the sim's loop and never from in here, and the answer lasts as long as the call.
// False: no memory, and nothing will be called.
bool dns_lookup(struct dns *d, const char *name, uint8_t family,
                void (*done)(void *self, const struct dns_answer *a), void *self);

// dns_order.c: the best address first, as h has the ways and names to reach it; app asks for them.
void dns_order(struct host *h, ng_app app, struct addr *a, unsigned n);

#endif
