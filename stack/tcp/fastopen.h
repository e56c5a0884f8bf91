// fastopen.h - bytes on a SYN: TCP Fast Open (RFC 7413).
//
//   client                                       server
//     SYN, option empty ------------------------>          the first time: may I have a cookie?
//     <---------------------- SYN,ACK, cookie              it is kept, by the server's address
//     SYN, cookie, 1000 bytes ------------------>          later: the bytes go to accept() at once
//     <---------------------- SYN,ACK of 1001
//
// A cookie is SipHash-2-4 of both addresses under the server's key, so the server keeps nothing,
// and only who really has that address can know it. Two keys may be valid, so that a key can be
// changed while clients still hold cookies of the old one. What a client keeps of a server, it
// keeps per address and for a bounded number of them: cookie, MSS, and which form of the option
// works there (kind 34, or the experimental one of old).
#ifndef FASTOPEN_H
#define FASTOPEN_H

#include "net/host.h"
#include "wire/tcp_wire.h"

struct tcp;
struct arrival;

// Bits of struct tcp's fo. The first two are options of the user.
enum { FO_CONNECT = 1,    // connect() waits for the first bytes, if there is a cookie
       FO_NO_COOKIE = 2,  // neither ask for one nor want one
       FO_ASKED = 4,      // our first SYN has the option
       FO_OLD = 8,        // in its experimental form
       FO_DEFERRED = 16,  // connect() has returned, and no SYN was sent
       FO_DATA = 32,      // our SYN carried bytes
       FO_TAKEN = 64,     // bytes on a SYN, ours or theirs, were accepted
       FO_TRIAL = 256,    // the first after a pause: do they get through again?
       FO_CHILD = 128 };  // a listener's child that its cookie opened before the last ACK

// net.ipv4.tcp_fastopen: Linux's bits.
enum { FO_SET_CLIENT = 1, FO_SET_SERVER = 2, FO_SET_CLIENT_NO_COOKIE = 4,
       FO_SET_SERVER_NO_COOKIE = 0x200, FO_SET_ALL_LISTENERS = 0x400 };

enum { FASTOPEN_PEERS = 128 };

struct fastopen_keys { uint8_t count, key[2][16]; };

struct fastopen_peer {
    struct addr       addr;
    struct tcp_cookie cookie;
    bool              old;      // the cookie is of the experimental form
    uint8_t           try_old;  // 1: kind 34 found no answer, try the other; 2: neither did
    uint16_t          mss;      // 0: not known
    uint32_t          used;     // stamp: the least is given up first
};

struct fastopen_cache { struct fastopen_peer peer[FASTOPEN_PEERS]; uint32_t count, stamp; };

// Client.
bool     fastopen_may_call(const struct tcp *t);      // the settings allow it
bool     fastopen_may_carry(const struct tcp *t);     // bytes may go on the SYN
uint32_t fastopen_room(const struct tcp *t);          // how many of them
void     fastopen_ask(struct tcp *t);                 // our SYN is to have the option
void     fastopen_learn(struct tcp *t, const struct tcp_opts *o);  // from a SYN,ACK
void     fastopen_flush(struct host *h);              // forgets all servers
void     fastopen_note_timeout(struct tcp *t, bool last);
void     fastopen_note_odd_rst(struct tcp *t);
void     fastopen_over(struct tcp *t);                // it was a connection
// Server.
void     fastopen_arrive(struct tcp *listener, struct tcp *child, struct arrival *a);
void     fastopen_listen(struct tcp *listener, uint32_t backlog);  // listen() was called
void     fastopen_done(struct tcp *child);            // it is pending no more
struct tcp_cookie fastopen_cookie(const uint8_t key[16], struct addr client, struct addr server);
// Both: what our SYN says.
void     fastopen_option(struct tcp *t, struct tcp_opts *o);
int      fastopen_set_key(struct tcp *t, const void *v, size_t n);
int      fastopen_get_key(const struct tcp *t, void *v, size_t *n);

#endif
