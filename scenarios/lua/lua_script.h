// lua_script.h - a running scenario as the binding files see it, one file a noun: lua_net.c
// (network, host, cable), lua_app.c (applications and their tasks), lua_sock.c, lua_trace.c
// (watching events), lua_value.c ("10ms", "100Mbit"), lua_safe.c (the world without leaks).
//
// A task is a coroutine of an application: its main function, or one it spawned. It runs until a
// call would block; then it names the socket and the events it waits for, and yields. Only tasks
// may wait: the scenario's main chunk and its callbacks run straight through.
#ifndef LUA_SCRIPT_H
#define LUA_SCRIPT_H

#include <lauxlib.h>
#include <lua.h>

#include "base/rng.h"
#include "scenarios/apps/dhcp.h"
#include "scenarios/apps/dns.h"
#include "scenarios/lua/script.h"
#include "scenarios/sim/sim.h"

enum { SCRIPT_MEMORY = 256 << 20, SCRIPT_READ_MAX = 256 << 10, SCRIPT_ERROR = 2048,
       SCRIPT_TEXT_MAX = 4 << 20, HOST_ADDRS = 16 };

struct script {
    const struct script_config *cfg;
    lua_State        *L;
    struct sim       *sim;       // NULL until the scenario makes its network
    bool              live;      // it was given one, which runs by the real clock
    nsec              start;     // where the clock began: times in a script count from here
    struct trace_sink sink;      // hears everything first, and passes it on to cfg->trace
    struct rng        rng;       // math.random's
    uint64_t          seed;
    struct task      *current;   // whose coroutine runs
    struct list_node  hosts;     // struct lua_host
    struct list_node  programs;
    struct list_node  watchers;
    struct list_node  timers;    // of net:at, not fired yet
    uint64_t          steps, turn;
    size_t            memory;
    char             *text;      // the source, for expectations to quote
    size_t            len, lines;
    uint8_t          *mark;      // a line's EXPECT_* bits
    char             *scratch;   // SCRIPT_READ_MAX bytes for read()
    struct lua_hand  *lent;      // one for each of cfg->hands
    unsigned          met, failed, undone;
    bool              watching;  // inside a watcher: the stack is at work, and may not be called
    bool              broken, over, closing, stopped;
    char              error[SCRIPT_ERROR];
};

enum { EXPECT_HERE = 1, EXPECT_REACHED = 2 };

struct lua_hand { struct script *s; const struct hand *hand; };

struct lua_host {
    struct list_node link;
    struct script   *s;
    struct host     *host;
    char             name[32];
    struct prefix    ip[HOST_ADDRS];
    uint8_t          ips, used;   // the n-th link takes the n-th IPv4 and the n-th IPv6 address
    struct prefix    ip6[HOST_ADDRS];
    uint8_t          ip6s, used6;
    struct addr      gateway, gateway6;
    uint16_t         id;
    struct dns      *dns;         // NULL: it has no resolver
    struct dhcp     *dhcp;        // NULL: its addresses are given
    bool             wants_lease, wants_names, dns_given;
};

struct program {
    struct app       app;
    struct list_node link;
    struct lua_host *host;
    struct script   *s;
    struct list_node tasks;
    char             name[32];
    bool             done;
};

struct task {
    struct list_node link;
    struct program  *program;
    lua_State       *co;
    int              ref;        // keeps the coroutine alive
    int              first, last;  // lines of its function
    ng_sock          sock;       // waited for; 0: none
    unsigned         events;
    int              fd;
    const char      *call;       // what it waits in
    uint64_t         timer;      // wakes it; 0: none
};

static inline struct script *script_of(lua_State *L)
{
    struct script *s;
    memcpy(&s, lua_getextraspace(L), sizeof s);
    return s;
}

// lua_script.c
void script_fail(struct script *s, lua_State *co);  // the error on top of co ends the run
void script_turn(struct script *s);                 // a new turn: its steps count from 0
bool script_must_stop(struct script *s);            // whoever runs it wants it to end
void script_judge(struct script *s, int line, const char *text);  // an expectation failed
const char *script_base_name(const char *path);
void script_note(struct script *s, uint16_t host, const char *text, size_t len);
void script_add_methods(lua_State *L, const char *type, const luaL_Reg *methods);
struct sim *script_sim(lua_State *L);               // raises an error without a network
nsec        script_now(const struct script *s);     // since the clock began
bool script_say(struct script *s, const char *what);  // what broke it; false
void script_may_call(lua_State *L);                 // raises an error inside a watcher

// lua_safe.c
void safe_open(lua_State *L);

// lua_value.c: arguments. All raise an error that names the argument.
nsec        check_nsec(lua_State *L, int i, const char *what);
uint64_t    check_rate(lua_State *L, int i, const char *what);
uint32_t    check_ppm(lua_State *L, int i, const char *what);
uint32_t    check_packets(lua_State *L, int i, const char *what);
uint16_t    check_port(lua_State *L, int i);
// ("10.0.0.2", 80), ("10.0.0.2:80"), or with any_too (80) and ("*", 80). From stack place i on.
struct endpoint check_endpoint(lua_State *L, int i, bool any_too);
void        check_keys(lua_State *L, int i, const char *const *known);  // a table has no others
int         push_errno(lua_State *L, int error);        // nil, "ECONNREFUSED"; returns 2
void        push_endpoint(lua_State *L, struct endpoint e);
const char *errno_name(int error);

// lua_net.c
void             net_open(lua_State *L);
struct lua_host *check_host(lua_State *L, int i);
void             net_free(struct script *s);
void             net_check_given(struct script *s);  // --set HOST/KEY=VALUE: is there such a host?
int              net_give(lua_State *L);     // (light userdata: struct script_world)

// lua_app.c
void app_open(lua_State *L);
int  host_app(lua_State *L);                 // the method host:app
void app_socket_closed(struct program *p, ng_sock sock);  // those who wait for it look again
void app_judge(struct script *s);            // what tasks that still wait never reached
void task_wake(void *self);                  // a struct task, from the sim's loop
struct task *task_current(lua_State *L, const char *call);  // or an error: here nobody may wait
// Waits for events of a socket, then calls k(L, LUA_YIELD, ctx) with the same Lua stack.
int  task_wait(lua_State *L, struct task wait, lua_KContext ctx, lua_KFunction k);
struct program *check_program(lua_State *L, int i);

// lua_sock.c
void sock_open(lua_State *L);
int  app_socket(lua_State *L);               // the method app:socket

// lua_dns.c
int  app_resolve(lua_State *L);              // the method app:resolve
bool is_name(lua_State *L, int i);           // a text that is no address
// Looks up the name and pushes what it found, then calls k. Returns what a call of Lua returns.
int  lookup_begin(lua_State *L, struct program *p, const char *name, uint8_t family,
                  lua_KFunction k);
const struct dns_answer *lookup_answer(lua_State *L, int i);
int  push_dns_error(lua_State *L, enum dns_error error);  // nil, "NXDOMAIN"; returns 2
int  host_lease(lua_State *L);               // the method host:lease
void take_services(lua_State *L, struct lua_host *h);     // dns, dhcp and slaac of net:host
void begin_lease(lua_State *L, struct lua_host *h, struct netif *n);

// lua_ping.c
int  app_ping(lua_State *L);                 // the method app:ping

// lua_trace.c
int  net_on(lua_State *L);
int  net_breakpoint(lua_State *L);
void trace_open(struct script *s);
void trace_close(struct script *s);

#endif
