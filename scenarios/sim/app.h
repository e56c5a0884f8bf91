// app.h - a program that lives on a host, in virtual and in real time alike.
//
// An app owns one descriptor table (ng_app) and is told when one of its sockets changed. It then
// makes its socket calls and returns; it never blocks. Lua scripts (coroutines that seem to block)
// and the C servers (http, echo, discard, chargen, daytime) are both apps, and both the simulator
// and the real-time loop drive them through apps_dispatch.
#ifndef APP_H
#define APP_H

#include "base/list.h"
#include "stack.h"

struct app {
    struct list_node link;  // in the driver's list
    struct host     *host;
    ng_app           id;
    // One of its sockets changed; events are its NG_* bits now. Spurious calls may happen.
    void (*ready)(struct app *a, ng_sock s, unsigned events);
    void (*free)(struct app *a);  // frees what the app allocated, and the app itself
};

struct apps { struct list_node list; };

void apps_init(struct apps *as);
void apps_free(struct apps *as);
// Registers an app whose host, id, ready and free are set.
void apps_add(struct apps *as, struct app *a);
// Tells the apps of h what became ready, until nothing more is. Returns true if anyone was told.
bool apps_dispatch(struct apps *as, struct host *h);

#endif
