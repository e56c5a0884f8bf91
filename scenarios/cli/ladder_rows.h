// ladder_rows.h - a ladder's rows and what it remembers of hosts and sockets. It stands between
// ladder.c, which folds events, ladder_frame.c, which reads frames, and ladder_print.c, which
// draws.
#ifndef LADDER_ROWS_H
#define LADDER_ROWS_H

#include "scenarios/cli/ladder.h"

enum { LADDER_TEXT = 88, LADDER_NAME = 32, LADDER_NOWHERE = UINT16_MAX };

enum row_kind { ROW_FRAME, ROW_CALL, ROW_STATE, ROW_TIMER, ROW_APP, ROW_NOTE, ROW_FAILED };
enum row_look { LOOK_PLAIN, LOOK_ARP, LOOK_CONTROL, LOOK_DATA, LOOK_ACK, LOOK_ICMP, LOOK_UDP };

struct row {
    nsec          at;
    enum row_kind kind;
    uint16_t      host, to;   // places in the ladder's hosts; `to` of frames only
    uint16_t      app;        // place in the ladder's apps + 1; 0: none
    uint32_t      conn;
    uint32_t      flow;       // place in the ladder's flows + 1; 0: none
    bool          wide;       // part of a long note
    char          text[LADDER_TEXT];
    // frames:
    uint64_t      frame;
    uint64_t      digest;     // of its bytes
    bool          twin;       // a foreign capture held it twice
    enum row_look look;
    enum sent     why;
    enum drop     drop;       // why it was lost, or refused by the far host
    bool          lost;       // on the wire
    bool          arrived;
    bool          again;      // its bytes were sent before
    bool          tcp;        // text holds the flags; the numbers stand here
    bool          first;      // of its flow: the mark is spelt out
    uint8_t       flags;
    uint32_t      seq, ack, len, win;
    char          got[32];    // who took it: "fd 4"
};

struct ladder_host {
    uint16_t    id;           // as events name it; 0: told from its address
    struct addr addr;
    char        name[LADDER_NAME];
    unsigned    apps;
};

// A connection, or a pair of UDP ports. Numbers of side 0 are those of who spoke first.
struct flow {
    struct endpoint end[2];
    struct flow_side { uint32_t base, high; uint8_t scale; bool known, scaled; } side[2];
    bool tcp;
};

struct ladder_sock {
    uint16_t host, app;
    uint32_t conn, listener;
    int32_t  fd;
    bool     closed;
    enum sock_call waits_in;  // the call that has not returned yet
    struct endpoint local, remote;
};

struct ladder_app { uint16_t host, id; bool blocking; char name[LADDER_NAME]; };
struct ladder_end { uint16_t host, netif, peer, peer_netif; };  // event ids: who is at the far end

struct vec { void *p; size_t count, cap; };

struct ladder {
    struct trace_sink sink;
    struct vec        rows, hosts, flows, socks, apps, ends;
    size_t            left_out;
    char              name[LADDER_TEXT];
    uint64_t          seed;
    bool              named, no_memory;
};

#define LADDER_AT(v, type, i) (&((type *)(v).p)[i])

// A new zeroed element at the end, or NULL when memory is out.
void *vec_add(struct vec *v, size_t size);

// ladder_frame.c: fills look, text, numbers and flow of a frame's row from its bytes, and its two
// ends if they are not known (`to` or `host` LADDER_NOWHERE).
void  ladder_read_frame(struct ladder *l, struct row *r, const uint8_t *p, size_t len);
// ladder_icmp.c: look and text of what begins with an ICMP header, and of a fragment.
struct ladder_fragment { uint32_t id, at, len; bool more; };
void  ladder_read_icmp4(struct row *r, const uint8_t *p, size_t len);
void  ladder_read_icmp6(struct row *r, const uint8_t *p, size_t len);
void  ladder_read_fragment(struct row *r, const struct ladder_fragment *f);
// The flow between two endpoints, from either side; NULL: none yet.
struct flow *ladder_flow(const struct ladder *l, struct endpoint a, struct endpoint b);
uint16_t     ladder_host_at(struct ladder *l, struct addr a);  // by address; made if need be

#endif
