// lua_ping.c - app:ping("10.0.0.2", {size = 56, ttl = 64, timeout = "1s"}).
//
// Returns how long the answer took, in seconds, and who gave it; or nil, the name of the error, and
// who told it: a router on the way whose patience with it ran out ("EHOSTUNREACH"), or nobody at
// all ("TIMEOUT"). With that, a traceroute is a loop over ttl.
#include <errno.h>

#include "scenarios/lua/lua_script.h"

enum { SIZE_DEFAULT = 56, SIZE_MAX_PING = 65507, NUMBER = 1 };

// On the task's stack while it waits.
struct lua_ping {
    struct program *program;
    ng_sock         sock;
    nsec            sent, until;
};

static void push_addr(lua_State *L, struct addr a)
{
    char text[ADDR_TEXT];
    lua_pushstring(L, addr_print(a, text));
}

static int end(struct lua_ping *w, int results)
{
    ng_sock_close(w->program->app.host, w->sock);
    w->sock = 0;
    return results;
}

static int end_with_error(lua_State *L, struct lua_ping *w, int error)
{
    struct ng_sock_trouble t;
    push_errno(L, error);
    if (ng_sock_trouble(w->program->app.host, w->sock, &t) < 0) return end(w, 2);
    push_addr(L, t.from);
    return end(w, 3);
}

static int ping_k(lua_State *L, int status, lua_KContext ctx)
{
    struct lua_ping *w = lua_touserdata(L, -1);
    struct program *p = w->program;
    struct host *h = p->app.host;
    struct endpoint from;
    (void)status, (void)ctx;
    sim_touch(p->s->sim, h);
    ssize_t n = ng_sock_recvfrom(h, w->sock, p->s->scratch, SCRIPT_READ_MAX, &from);
    nsec now = sim_now(p->s->sim);
    if (n >= 0) {
        lua_pushnumber(L, (double)(now - w->sent) / 1e9);
        push_addr(L, from.addr);
        return end(w, 2);
    }
    if (n != -EAGAIN) return end_with_error(L, w, (int)-n);
    if (now >= w->until) {
        lua_pushnil(L);
        lua_pushliteral(L, "TIMEOUT");
        return end(w, 2);
    }
    struct task *t = task_current(L, "ping");
    t->timer = sim_at(p->s->sim, w->until, task_wake, t);
    struct task wait = {.sock = w->sock, .events = NG_READABLE, .fd = ng_sock_fd(h, w->sock),
                        .call = "ping"};
    return task_wait(L, wait, 0, ping_k);
}

static lua_Integer option(lua_State *L, const char *key, lua_Integer otherwise, lua_Integer most)
{
    lua_Integer v = otherwise;
    if (lua_istable(L, 3) && lua_getfield(L, 3, key) != LUA_TNIL) {
        int exact;
        v = lua_tointegerx(L, -1, &exact);
        if (!exact || v < 0 || v > most) luaL_error(L, "%s: expected a number to %I", key, most);
    }
    lua_settop(L, 3);
    return v;
}

static nsec patience(lua_State *L)
{
    nsec v = SEC(1);
    if (lua_istable(L, 3) && lua_getfield(L, 3, "timeout") != LUA_TNIL)
        v = check_nsec(L, -1, "timeout");
    lua_settop(L, 3);
    return v;
}

// The socket and its options. 0 or -errno.
static int prepare(struct lua_ping *w, lua_Integer ttl)
{
    struct host *h = w->program->app.host;
    int error, on = 1, hops = (int)ttl;
    w->sock = ng_sock_open(h, w->program->app.id, KIND_PING, &error);
    if (w->sock == 0) return error;
    error = ng_sock_set(h, w->sock, NG_IP_RECVERR, &on, sizeof on);
    if (error == 0 && ttl > 0) error = ng_sock_set(h, w->sock, NG_IP_TTL, &hops, sizeof hops);
    return error;
}

int app_ping(lua_State *L)
{
    static const char *const known[] = {"size", "ttl", "timeout", NULL};
    struct program *p = check_program(L, 1);
    struct endpoint to = {.port = NUMBER};
    const char *text = luaL_checkstring(L, 2);
    luaL_argcheck(L, addr_parse(&to.addr, text), 2, "an address was expected");
    task_current(L, "ping");
    lua_settop(L, 3);
    if (lua_istable(L, 3)) check_keys(L, 3, known);
    size_t size = (size_t)option(L, "size", SIZE_DEFAULT, SIZE_MAX_PING);
    lua_Integer ttl = option(L, "ttl", 0, 255);
    nsec wait = patience(L);
    struct lua_ping *w = lua_newuserdatauv(L, sizeof *w, 0);
    nsec now = sim_now(p->s->sim);
    *w = (struct lua_ping){.program = p, .sent = now, .until = now + wait};
    sim_touch(p->s->sim, p->app.host);
    int error = prepare(w, ttl);
    if (w->sock == 0) return push_errno(L, -error);
    for (size_t i = 0; i < size; i++) p->s->scratch[i] = (char)i;
    ssize_t n = error < 0 ? error
                          : ng_sock_sendto(p->app.host, w->sock, p->s->scratch, size, &to);
    return n < 0 ? end_with_error(L, w, (int)-n) : ping_k(L, LUA_OK, 0);
}
