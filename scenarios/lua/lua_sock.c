// lua_sock.c - sockets: app:socket("tcp"), and the calls of a socket program.
//
// A call that would block waits in task_wait and is made again by its continuation, so each call is
// written once, as the continuation of itself. ctx carries what a call has done so far.
#include <errno.h>

#include "scenarios/lua/lua_script.h"

#define SOCK_TYPE "socket"

enum { DATAGRAM_MAX = 65507, READ_DEFAULT = 65536, BACKLOG_DEFAULT = 128 };

struct lua_sock {
    struct program *program;
    struct host    *host;
    ng_sock         id;
    int             fd;
    enum sock_kind  kind;
};

static struct lua_sock *check_sock(lua_State *L)
{
    return luaL_checkudata(L, 1, SOCK_TYPE);
}

// For calls that reach the stack.
static struct lua_sock *begin(lua_State *L)
{
    script_may_call(L);
    struct lua_sock *s = check_sock(L);
    struct script *script = s->program->s;
    // Called from another app or from the main chunk: the host must run all the same.
    sim_touch(script->sim, s->host);
    return s;
}

static int result(lua_State *L, int r)
{
    if (r < 0) return push_errno(L, -r);
    lua_pushboolean(L, true);
    return 1;
}

static int wait_for(lua_State *L, unsigned events, const char *call, lua_KContext ctx,
                    lua_KFunction k)
{
    struct lua_sock *s = check_sock(L);
    struct task wait = {.sock = s->id, .events = events, .fd = s->fd, .call = call};
    return task_wait(L, wait, ctx, k);
}

static void push_sock(lua_State *L, struct program *p, ng_sock id, enum sock_kind kind)
{
    struct lua_sock *s = lua_newuserdatauv(L, sizeof *s, 0);
    *s = (struct lua_sock){.program = p, .host = p->app.host, .id = id, .kind = kind,
                           .fd = ng_sock_fd(p->app.host, id)};
    luaL_setmetatable(L, SOCK_TYPE);
}

int app_socket(lua_State *L)
{
    static const char *const names[] = {"tcp", "udp", "ping", NULL};
    static const enum sock_kind kinds[] = {KIND_TCP, KIND_UDP, KIND_PING};
    struct program *p = check_program(L, 1);
    script_may_call(L);
    int kind = luaL_checkoption(L, 2, "tcp", names), error = 0;
    if (p->done) return luaL_error(L, "app %s has ended", p->name);
    sim_touch(p->s->sim, p->app.host);
    ng_sock id = ng_sock_open(p->app.host, p->app.id, kinds[kind], &error);
    if (id == 0) return push_errno(L, error < 0 ? -error : error);
    push_sock(L, p, id, kinds[kind]);
    return 1;
}

// --- names -----------------------------------------------------------------------------------

static int sock_bind(lua_State *L)
{
    struct lua_sock *s = begin(L);
    struct endpoint e = check_endpoint(L, 2, true);
    // A port alone is one of every address: of both families where the host speaks both.
    if (lua_type(L, 2) == LUA_TNUMBER && s->program->host->ip6s > 0)
        e.addr = addr_any(FAMILY_IP6);
    return result(L, ng_sock_bind(s->host, s->id, &e));
}

static int sock_listen(lua_State *L)
{
    struct lua_sock *s = begin(L);
    lua_Integer backlog = luaL_optinteger(L, 2, BACKLOG_DEFAULT);
    luaL_argcheck(L, backlog >= 0 && backlog <= 65535, 2, "a backlog is 0 to 65535");
    return result(L, ng_sock_listen(s->host, s->id, (int)backlog));
}

static int push_name(lua_State *L, bool remote)
{
    struct lua_sock *s = check_sock(L);
    struct endpoint e;
    int r = remote ? ng_sock_remote(s->host, s->id, &e) : ng_sock_local(s->host, s->id, &e);
    if (r < 0) return push_errno(L, -r);
    push_endpoint(L, e);
    return 1;
}

static int sock_local_name(lua_State *L) { return push_name(L, false); }
static int sock_peer_name(lua_State *L) { return push_name(L, true); }

static int sock_fd(lua_State *L)
{
    lua_pushinteger(L, check_sock(L)->fd);
    return 1;
}

// --- connections -----------------------------------------------------------------------------

static int accept_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct lua_sock *s = begin(L);
    struct endpoint peer;
    int error = 0;
    ng_sock id = ng_sock_accept(s->host, s->id, &peer, &error);
    if (error < 0) error = -error;
    if (id == 0 && error == EAGAIN) return wait_for(L, NG_ACCEPTABLE, "accept", 0, accept_k);
    if (id == 0) return push_errno(L, error);
    push_sock(L, s->program, id, KIND_TCP);
    push_endpoint(L, peer);
    return 2;
}

static int sock_accept(lua_State *L) { return accept_k(L, LUA_OK, 0); }

// A socket whose connect() failed is spent: the next address gets a new one, as in every program
// that walks through the list of getaddrinfo().
static bool renew(struct lua_sock *s)
{
    int error;
    ng_sock_close(s->host, s->id);
    s->id = ng_sock_open(s->host, s->program->app.id, s->kind, &error);
    s->fd = s->id != 0 ? ng_sock_fd(s->host, s->id) : -1;
    return s->id != 0;
}

// Asked again when the socket is named, connect() tells how it ended, as it does in Unix. Of the
// addresses of a name, which stand at 4, each is tried until one answers. ctx: the number of the
// address, times two, and 1 when it was called before.
static int connect_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct lua_sock *s = begin(L);
    const struct dns_answer *named = lua_isnoneornil(L, 4) ? NULL : lookup_answer(L, 4);
    if (named != NULL && named->addrs == 0) return push_dns_error(L, named->error);
    for (;; ctx = (ctx | 1) + 1) {
        struct endpoint peer;
        if (named == NULL) peer = check_endpoint(L, 2, false);
        else peer = (struct endpoint){named->addr[ctx / 2], check_port(L, 3)};
        int r = ng_sock_connect(s->host, s->id, &peer);
        if (r == -EINPROGRESS || r == -EALREADY || r == -EAGAIN)
            return wait_for(L, NG_WRITABLE | NG_CONNECTED, "connect", ctx | 1, connect_k);
        if (r == -EISCONN && (ctx & 1)) r = 0;
        bool more = named != NULL && (size_t)ctx / 2 + 1 < named->addrs;
        if (r == 0 || !more || !renew(s)) return result(L, r);
    }
}

// "server.example:80" as name and port.
static void split_name(lua_State *L)
{
    const char *text = lua_tostring(L, 2), *colon = strrchr(text, ':');
    if (colon == NULL) return;
    const char *at = colon + 1;
    uint64_t port;
    if (!text_take_u64(&at, UINT16_MAX, &port) || *at != '\0') return;
    lua_pushinteger(L, (lua_Integer)port);
    lua_replace(L, 3);
    lua_pushlstring(L, text, (size_t)(colon - text));
    lua_replace(L, 2);
}

static int sock_connect(lua_State *L)
{
    struct lua_sock *s = begin(L);
    lua_settop(L, 3);
    if (!is_name(L, 2)) return connect_k(L, LUA_OK, 0);
    if (lua_isnil(L, 3)) split_name(L);
    check_port(L, 3);
    return lookup_begin(L, s->program, lua_tostring(L, 2), FAMILY_NONE, connect_k);
}

static int sock_shutdown(lua_State *L)
{
    static const char *const names[] = {"rd", "wr", "rdwr", NULL};
    struct lua_sock *s = begin(L);
    int how = luaL_checkoption(L, 2, "wr", names);  // in the order of NG_SHUT_*
    return result(L, ng_sock_shutdown(s->host, s->id, how));
}

static int close_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct lua_sock *s = begin(L);
    int r = ng_sock_close(s->host, s->id);
    if (r == -EAGAIN) return wait_for(L, NG_LINGERED | NG_ERROR, "close", 0, close_k);
    app_socket_closed(s->program, s->id);
    return result(L, r);
}

static int sock_close(lua_State *L) { return close_k(L, LUA_OK, 0); }

static int sock_abort(lua_State *L)
{
    struct lua_sock *s = begin(L);
    int r = ng_sock_abort(s->host, s->id);
    app_socket_closed(s->program, s->id);
    return result(L, r);
}

// --- bytes -----------------------------------------------------------------------------------

static size_t check_size(lua_State *L, int i, size_t otherwise)
{
    lua_Integer n = luaL_optinteger(L, i, (lua_Integer)otherwise);
    luaL_argcheck(L, n >= 0, i, "a size is not negative");
    return (size_t)n < SCRIPT_READ_MAX ? (size_t)n : SCRIPT_READ_MAX;
}

static int read_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct lua_sock *s = begin(L);
    size_t n = check_size(L, 2, READ_DEFAULT);
    char *buf = s->program->s->scratch;
    ssize_t r = ng_sock_read(s->host, s->id, buf, n);
    if (r == -EAGAIN) return wait_for(L, NG_READABLE | NG_PEER_CLOSED, "read", 0, read_k);
    if (r < 0) return push_errno(L, (int)-r);
    if (r == 0 && n > 0) lua_pushnil(L);
    else lua_pushlstring(L, buf, (size_t)r);
    return 1;
}

static int sock_read(lua_State *L)
{
    lua_settop(L, 2);
    return read_k(L, LUA_OK, 0);
}

// Reads until the end, or until n bytes are there. The parts stand in the table at 3; ctx counts
// their bytes.
static int read_all_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct lua_sock *s = begin(L);
    lua_Integer limit = luaL_optinteger(L, 2, LUA_MAXINTEGER);
    char *buf = s->program->s->scratch;
    while (ctx < limit) {
        lua_Integer want = limit - ctx < READ_DEFAULT ? limit - ctx : READ_DEFAULT;
        ssize_t r = ng_sock_read(s->host, s->id, buf, (size_t)want);
        if (r == -EAGAIN)
            return wait_for(L, NG_READABLE | NG_PEER_CLOSED, "read", ctx, read_all_k);
        if (r < 0) return push_errno(L, (int)-r);
        if (r == 0) break;
        lua_pushlstring(L, buf, (size_t)r);
        lua_rawseti(L, 3, (lua_Integer)lua_rawlen(L, 3) + 1);
        ctx += r;
    }
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (lua_Integer i = 1, n = (lua_Integer)lua_rawlen(L, 3); i <= n; i++) {
        lua_rawgeti(L, 3, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return 1;
}

static int sock_read_all(lua_State *L)
{
    lua_settop(L, 2);
    lua_newtable(L);
    return read_all_k(L, LUA_OK, 0);
}

// ctx: how many bytes are taken. Returns when all are.
static int send_k(lua_State *L, lua_KContext ctx, unsigned flags, lua_KFunction k)
{
    struct lua_sock *s = begin(L);
    size_t len, done = (size_t)ctx;
    union { const char *in; void *out; } p = {.in = luaL_checklstring(L, 2, &len)};
    do {
        ssize_t r;
        if (flags == 0) {
            r = ng_sock_write(s->host, s->id, p.in + done, len - done);
        } else {
            const struct ng_message m = {.buf = (char *)p.out + done, .len = len - done,
                                         .flags = flags};
            r = ng_sock_send(s->host, s->id, &m);
        }
        if (r == -EAGAIN) return wait_for(L, NG_WRITABLE, "write", (lua_KContext)done, k);
        if (r < 0) return push_errno(L, (int)-r);
        done += (size_t)r;
    } while (done < len);
    lua_pushinteger(L, (lua_Integer)len);
    return 1;
}

static int write_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    return send_k(L, ctx, 0, write_k);
}

static int sock_write(lua_State *L) { return write_k(L, LUA_OK, 0); }

// --- urgent data -----------------------------------------------------------------------------

static int write_urgent_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    return send_k(L, ctx, NG_MSG_OOB, write_urgent_k);
}

static int sock_write_urgent(lua_State *L) { return write_urgent_k(L, LUA_OK, 0); }

// Waits for the urgent byte; nil: the peer will send none any more.
static int read_urgent_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct lua_sock *s = begin(L);
    char byte;
    struct ng_message m = {.buf = &byte, .len = 1, .flags = NG_MSG_OOB};
    ssize_t r = ng_sock_receive(s->host, s->id, &m);
    int in_line = 0;
    size_t n = sizeof in_line;
    ng_sock_get(s->host, s->id, NG_SO_OOBINLINE, &in_line, &n);
    unsigned over = NG_PEER_CLOSED | NG_HUP | NG_ERROR;
    bool none_yet = r == -EAGAIN || (r == -EINVAL && !in_line);
    bool ended = none_yet && (ng_sock_events(s->host, s->id) & over) != 0;
    if (none_yet && !ended)
        return wait_for(L, NG_PRIORITY | over, "read_urgent", 0, read_urgent_k);
    if (r < 0 && !ended) return push_errno(L, (int)-r);
    if (r == 1) lua_pushlstring(L, &byte, 1);
    else lua_pushnil(L);
    return 1;
}

static int sock_read_urgent(lua_State *L) { return read_urgent_k(L, LUA_OK, 0); }

static int sendto_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct lua_sock *s = begin(L);
    size_t len;
    const char *p = luaL_checklstring(L, 2, &len);
    struct endpoint to = check_endpoint(L, 3, false);
    ssize_t r = ng_sock_sendto(s->host, s->id, p, len, &to);
    if (r == -EAGAIN) return wait_for(L, NG_WRITABLE, "sendto", 0, sendto_k);
    if (r < 0) return push_errno(L, (int)-r);
    lua_pushinteger(L, (lua_Integer)r);
    return 1;
}

static int sock_sendto(lua_State *L) { return sendto_k(L, LUA_OK, 0); }

static int recvfrom_k(lua_State *L, int status, lua_KContext ctx)
{
    (void)status, (void)ctx;
    struct lua_sock *s = begin(L);
    size_t n = check_size(L, 2, DATAGRAM_MAX);
    char *buf = s->program->s->scratch;
    struct endpoint from = {.addr = addr_any(FAMILY_NONE)};
    ssize_t r = ng_sock_recvfrom(s->host, s->id, buf, n, &from);
    if (r == -EAGAIN) return wait_for(L, NG_READABLE, "recvfrom", 0, recvfrom_k);
    if (r < 0) return push_errno(L, (int)-r);
    lua_pushlstring(L, buf, (size_t)r);
    push_endpoint(L, from);
    return 2;
}

static int sock_recvfrom(lua_State *L)
{
    lua_settop(L, 2);
    return recvfrom_k(L, LUA_OK, 0);
}

// --- options ---------------------------------------------------------------------------------

static const struct { const char *name; enum ng_option option; } options[] = {
    {"sndbuf", NG_SO_SNDBUF}, {"rcvbuf", NG_SO_RCVBUF}, {"reuseaddr", NG_SO_REUSEADDR},
    {"reuseport", NG_SO_REUSEPORT}, {"linger", NG_SO_LINGER}, {"keepalive", NG_SO_KEEPALIVE},
    {"broadcast", NG_SO_BROADCAST}, {"ttl", NG_IP_TTL}, {"tos", NG_IP_TOS},
    {"nodelay", NG_TCP_NODELAY}, {"cork", NG_TCP_CORK}, {"maxseg", NG_TCP_MAXSEG},
    {"quickack", NG_TCP_QUICKACK}, {"user_timeout", NG_TCP_USER_TIMEOUT},
    {"congestion", NG_TCP_CONGESTION}, {"mtu_discover", NG_IP_MTU_DISCOVER},
    {"multicast_ttl", NG_IP_MULTICAST_TTL}, {"multicast_loop", NG_IP_MULTICAST_LOOP},
    {"multicast_if", NG_IP_MULTICAST_IF}, {"join", NG_IP_JOIN}, {"leave", NG_IP_LEAVE},
    {"recverr", NG_IP_RECVERR}, {"no_check", NG_SO_NO_CHECK},
    {"oobinline", NG_SO_OOBINLINE}, {"atmark", NG_SO_ATMARK}, {"inq", NG_SO_INQ},
    {"drops", NG_SO_DROPS},
    {"notsent_lowat", NG_TCP_NOTSENT_LOWAT},
};

static enum ng_option check_option(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (strcmp(options[i].name, name) == 0) return options[i].option;
    return (enum ng_option)luaL_error(L, "there is no socket option '%s'", name);
}

static int check_value(lua_State *L)
{
    if (lua_isboolean(L, 3)) return lua_toboolean(L, 3);
    lua_Integer v = luaL_checkinteger(L, 3);
    luaL_argcheck(L, v >= INT32_MIN && v <= INT32_MAX, 3, "too large a number");
    return (int)v;
}

// A group, and by which interface: its number, from 1; none: the one by which it would be sent to.
static struct ng_group check_group(lua_State *L)
{
    struct ng_group g = {.netif = 0};
    luaL_argcheck(L, addr_parse(&g.group, luaL_checkstring(L, 3)), 3, "a group was expected");
    lua_Integer netif = luaL_optinteger(L, 4, 0);
    luaL_argcheck(L, netif >= 0 && netif <= UINT16_MAX, 4, "interfaces count from 1");
    g.netif = (uint16_t)netif;
    return g;
}

static int sock_set(lua_State *L)
{
    struct lua_sock *s = begin(L);
    enum ng_option o = check_option(L);
    if (o == NG_TCP_CONGESTION) {
        size_t len;
        const char *name = luaL_checklstring(L, 3, &len);
        return result(L, ng_sock_set(s->host, s->id, o, name, len));
    }
    if (o == NG_SO_LINGER) {  // seconds, or false
        bool on = !lua_isboolean(L, 3) || lua_toboolean(L, 3);
        struct ng_linger linger = {.onoff = on, .seconds = on ? check_value(L) : 0};
        return result(L, ng_sock_set(s->host, s->id, o, &linger, sizeof linger));
    }
    if (o == NG_IP_JOIN || o == NG_IP_LEAVE) {
        struct ng_group g = check_group(L);
        return result(L, ng_sock_set(s->host, s->id, o, &g, sizeof g));
    }
    int v = check_value(L);
    return result(L, ng_sock_set(s->host, s->id, o, &v, sizeof v));
}

static int sock_get(lua_State *L)
{
    struct lua_sock *s = begin(L);
    enum ng_option o = check_option(L);
    char buf[64];
    size_t len = o == NG_TCP_CONGESTION ? sizeof buf : o == NG_SO_LINGER ? sizeof(struct ng_linger)
                                                                         : sizeof(int);
    int r = ng_sock_get(s->host, s->id, o, buf, &len);
    if (r < 0) return push_errno(L, -r);
    if (o == NG_TCP_CONGESTION) {
        lua_pushlstring(L, buf, strnlen(buf, len < sizeof buf ? len : sizeof buf));
        return 1;
    }
    int v[2] = {0, 0};  // a linger's second number is its seconds
    memcpy(v, buf, o == NG_SO_LINGER ? sizeof v : sizeof *v);
    if (o == NG_SO_LINGER && v[0] == 0) lua_pushboolean(L, false);
    else lua_pushinteger(L, o == NG_SO_LINGER ? v[1] : v[0]);
    return 1;
}

// With "recverr": the last error that was told, who told it, whom the datagram was for, and the
// path's MTU if it was too long. nil: there is none.
static int sock_trouble(lua_State *L)
{
    struct lua_sock *s = begin(L);
    struct ng_sock_trouble t;
    char from[ADDR_TEXT];
    if (ng_sock_trouble(s->host, s->id, &t) < 0) return 0;
    lua_newtable(L);
    lua_pushstring(L, errno_name(t.error));
    lua_setfield(L, -2, "error");
    lua_pushstring(L, addr_print(t.from, from));
    lua_setfield(L, -2, "from");
    push_endpoint(L, t.to);
    lua_setfield(L, -2, "to");
    lua_pushinteger(L, t.mtu);
    lua_setfield(L, -2, "mtu");
    return 1;
}

static void set_count(lua_State *L, const char *key, uint64_t v)
{
    lua_pushinteger(L, (lua_Integer)v);
    lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool v)
{
    lua_pushboolean(L, v);
    lua_setfield(L, -2, key);
}

static void set_seconds(lua_State *L, const char *key, nsec v)
{
    lua_pushnumber(L, (double)v / 1e9);
    lua_setfield(L, -2, key);
}

static int sock_info(lua_State *L)
{
    struct lua_sock *s = check_sock(L);
    struct ng_tcp_info i;
    int r = ng_tcp_info(s->host, s->id, &i);
    if (r < 0) return push_errno(L, -r);
    lua_newtable(L);
    lua_pushstring(L, tcp_state_name(i.state));
    lua_setfield(L, -2, "state");
    lua_pushlstring(L, i.congestion, strnlen(i.congestion, sizeof i.congestion));
    lua_setfield(L, -2, "congestion");
    const struct { const char *key; uint64_t v; } counts[] = {
        {"mss_snd", i.mss_snd}, {"mss_rcv", i.mss_rcv}, {"wscale_snd", i.wscale_snd},
        {"wscale_rcv", i.wscale_rcv}, {"cwnd", i.cwnd}, {"ssthresh", i.ssthresh},
        {"snd_wnd", i.snd_wnd}, {"rcv_wnd", i.rcv_wnd}, {"unacked", i.unacked}, {"lost", i.lost},
        {"retrans", i.retrans}, {"retransmits", i.retransmits}, {"backoff", i.backoff},
        {"bytes_sent", i.bytes_sent}, {"bytes_acked", i.bytes_acked},
        {"bytes_received", i.bytes_received}, {"bytes_retrans", i.bytes_retrans},
        {"segs_out", i.segs_out}, {"segs_in", i.segs_in}, {"total_retrans", i.total_retrans},
        {"pacing_rate", i.pacing_rate}, {"delivery_rate", i.delivery_rate}};
    for (size_t k = 0; k < ARRAY_LEN(counts); k++) set_count(L, counts[k].key, counts[k].v);
    set_flag(L, "timestamps", i.timestamps);
    set_flag(L, "sack", i.sack);
    set_flag(L, "ecn", i.ecn);
    set_seconds(L, "rto", i.rto);
    set_seconds(L, "srtt", i.srtt);
    set_seconds(L, "rttvar", i.rttvar);
    set_seconds(L, "min_rtt", i.min_rtt);
    return 1;
}

void sock_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"bind", sock_bind}, {"listen", sock_listen}, {"accept", sock_accept},
        {"connect", sock_connect}, {"read", sock_read}, {"read_all", sock_read_all},
        {"write", sock_write}, {"sendto", sock_sendto}, {"recvfrom", sock_recvfrom},
        {"write_urgent", sock_write_urgent}, {"read_urgent", sock_read_urgent},
        {"shutdown", sock_shutdown}, {"close", sock_close}, {"abort", sock_abort},
        {"set", sock_set}, {"get", sock_get}, {"trouble", sock_trouble},
        {"info", sock_info}, {"fd", sock_fd}, {"local_name", sock_local_name},
        {"peer_name", sock_peer_name}, {NULL, NULL}};
    script_add_methods(L, SOCK_TYPE, methods);
}
