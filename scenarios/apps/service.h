// service.h - what one service is: a few calls per connection, driven by readiness.
//
// serve.c owns listeners, connections and their table by descriptor; a service only ever sees one
// connection at a time. A call that would block simply returns: it is called again when the socket
// is ready. serve_end closes a connection for good.
#ifndef SERVICE_H
#define SERVICE_H

#include "scenarios/apps/serve.h"

struct server;

struct conn {
    struct server  *server;
    struct host    *host;
    ng_sock         sock;
    int             fd;      // its descriptor in the server's table
    struct endpoint peer;
    bool            ended;   // serve_end was called: touch it no more
    void           *state;   // state_size bytes, zeroed, for the service
};

struct service {
    const char *name;
    uint16_t    port;         // the well-known one
    bool        udp;          // answers datagrams as well
    size_t      state_size;
    void (*ready)(struct conn *c, unsigned events);
    void (*end)(struct conn *c);  // frees what state holds; may be NULL
    // One datagram came; the answer is written to out (cap bytes). Returns its length, 0: none.
    size_t (*datagram)(struct server *s, const uint8_t *in, size_t len, char *out, size_t cap);
};

extern const struct service service_echo, service_discard, service_chargen, service_daytime,
                            service_http;

void serve_end(struct conn *c);
int  serve_root(const struct server *s);                    // a directory's descriptor, or -1
void serve_time(const struct server *s, char *out, size_t cap);  // "Mon Nov 23 14:20:35 2026 UTC"

#endif
