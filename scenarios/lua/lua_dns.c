// lua_dns.c - names and leases: app:resolve("server.example"), host:lease(), and the options dns
// and dhcp of a host. A host's resolver and its DHCP client are apps of their own.
#include "scenarios/lua/lua_script.h"

// What a task waits for. It stands on the task's stack, and so lives as long.
struct lua_lookup {
    struct task      *task;
    lua_KFunction     then;
    bool              done;
    struct dns_answer answer;
};

int push_dns_error(lua_State *L, enum dns_error error)
{
    lua_pushnil(L);
    lua_pushstring(L, dns_error_name(error));
    return 2;
}

bool is_name(lua_State *L, int i)
{
    struct endpoint e;
    if (lua_type(L, i) != LUA_TSTRING) return false;
    const char *text = lua_tostring(L, i);
    return !addr_parse(&e.addr, text) && !endpoint_parse(&e, text);
}

static void looked_up(void *self, const struct dns_answer *a)
{
    struct lua_lookup *l = self;
    l->answer = *a;
    l->done = true;
    task_wake(l->task);
}

static int lookup_wait_k(lua_State *L, int status, lua_KContext ctx)
{
    struct lua_lookup *l = lua_touserdata(L, -1);
    (void)status, (void)ctx;
    if (!l->done)
        return task_wait(L, (struct task){.call = "resolve", .fd = -1}, 0, lookup_wait_k);
    return l->then(L, LUA_OK, 0);
}

int lookup_begin(lua_State *L, struct program *p, const char *name, uint8_t family,
                 lua_KFunction k)
{
    struct task *t = task_current(L, "resolve");
    if (p->host->dns == NULL) return push_dns_error(L, DNS_NO_SERVER);
    struct lua_lookup *l = lua_newuserdatauv(L, sizeof *l, 0);
    *l = (struct lua_lookup){.task = t, .then = k};
    if (!dns_lookup(p->host->dns, name, family, looked_up, l))
        return luaL_error(L, "no memory for a question");
    return lookup_wait_k(L, LUA_OK, 0);
}

const struct dns_answer *lookup_answer(lua_State *L, int i)
{
    return &((struct lua_lookup *)lua_touserdata(L, i))->answer;
}

// The list of its addresses and what it is really called; or nil and why.
static int resolve_k(lua_State *L, int status, lua_KContext ctx)
{
    const struct dns_answer *a = lookup_answer(L, -1);
    char text[ADDR_TEXT];
    (void)status, (void)ctx;
    if (a->addrs == 0) return push_dns_error(L, a->error);
    lua_newtable(L);
    for (unsigned i = 0; i < a->addrs; i++) {
        lua_pushstring(L, addr_print(a->addr[i], text));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushstring(L, a->name);
    return 2;
}

int app_resolve(lua_State *L)
{
    static const char *const names[] = {"any", "ip4", "ip6", NULL};
    static const uint8_t families[] = {FAMILY_NONE, FAMILY_IP4, FAMILY_IP6};
    struct program *p = check_program(L, 1);
    const char *name = luaL_checkstring(L, 2);
    int which = luaL_checkoption(L, 3, "any", names);
    script_may_call(L);
    lua_settop(L, 3);
    return lookup_begin(L, p, name, families[which], resolve_k);
}

// --- a host's options ----------------------------------------------------------------------------

static unsigned take_servers(lua_State *L, struct addr to[DNS_SERVERS])
{
    unsigned count = 0;
    int type = lua_getfield(L, 3, "dns");
    lua_Integer n = type == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : type != LUA_TNIL;
    if (n > DNS_SERVERS) luaL_error(L, "dns: a host asks at most %d servers", DNS_SERVERS);
    for (lua_Integer i = 1; i <= n; i++) {
        if (type == LUA_TTABLE) lua_rawgeti(L, -1, i);
        else lua_pushvalue(L, -1);
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (!addr_parse(&to[count++], text)) luaL_error(L, "dns: '%s' is no address", text);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return count;
}

void take_services(lua_State *L, struct lua_host *h)
{
    struct dns_config cfg = {.servers = 0};
    cfg.servers = take_servers(L, cfg.server);
    lua_getfield(L, 3, "dhcp");
    h->wants_lease = lua_toboolean(L, -1);
    lua_getfield(L, 3, "slaac");
    h->wants_names = lua_toboolean(L, -1);
    lua_pop(L, 2);
    if (h->wants_names) ng_host_set(h->host, "net.ipv6.conf.all.accept_ra", "1");
    h->dns_given = cfg.servers > 0;
    if (!h->dns_given && !h->wants_lease) return;
    h->dns = dns_start(h->s->sim, h->host, &cfg);
    if (h->dns == NULL) luaL_error(L, "no memory for a resolver");
}

static void lease_changed(void *self, const struct dhcp_lease *lease)
{
    struct lua_host *h = self;
    if (!h->dns_given) dns_set_servers(h->dns, lease->dns, lease->servers);
}

void begin_lease(lua_State *L, struct lua_host *h, struct netif *n)
{
    int error;
    struct dhcp_config cfg = {.netif = n, .mac = ng_netif_mac(n), .changed = lease_changed,
                              .self = h};
    h->dhcp = dhcp_start(h->s->sim, h->host, &cfg, &error);
    if (h->dhcp == NULL) luaL_error(L, "host %s: dhcp: %s", h->name, errno_name(-error));
}

static void set_addr(lua_State *L, const char *key, struct addr a)
{
    char text[ADDR_TEXT];
    if (a.family == FAMILY_NONE) return;
    lua_pushstring(L, addr_print(a, text));
    lua_setfield(L, -2, key);
}

// What the host has on loan: {addr, bits, gateway, server, dns, seconds}; nil: nothing.
int host_lease(lua_State *L)
{
    struct lua_host *h = check_host(L, 1);
    const struct dhcp_lease *lease = h->dhcp != NULL ? dhcp_lease(h->dhcp) : NULL;
    if (lease == NULL || dhcp_state(h->dhcp) < DHCP_BOUND) return 0;
    lua_newtable(L);
    set_addr(L, "addr", lease->addr.addr);
    set_addr(L, "gateway", lease->gateway);
    set_addr(L, "server", lease->server);
    if (lease->servers > 0) set_addr(L, "dns", lease->dns[0]);
    lua_pushinteger(L, lease->addr.bits);
    lua_setfield(L, -2, "bits");
    lua_pushinteger(L, lease->lease_s);
    lua_setfield(L, -2, "seconds");
    return 1;
}
