// lua_net.c - the world: netglass.network{}, net:host(), net:link(), cable:set{}, cable:drop{}.
#include <errno.h>

#include "capture/filter.h"
#include "scenarios/lua/lua_script.h"

#define NET_TYPE   "network"
#define HOST_TYPE  "host"
#define CABLE_TYPE "cable"

enum { PPM_ALL = 1000000, HOSTS_MAX = 1024 };  // of 60 KB each
static const uint64_t EVENTS_MAX = 50000000;  // a scenario has thousands

struct lua_cable {
    struct script   *s;
    struct link     *link;
    struct lua_host *end[2];
    struct netif    *netif[2];
};

// What net:at() will call, on a stack of its own, so that an error can show where it was.
struct lua_timer {
    struct list_node link;
    struct script   *s;
    lua_State       *co;
    int              ref;
};

// --- network ---------------------------------------------------------------------------------

static uint64_t option_seed(lua_State *L, int i, uint64_t otherwise)
{
    if (!lua_istable(L, i) || lua_getfield(L, i, "seed") == LUA_TNIL) return otherwise;
    int exact;
    lua_Integer seed = lua_tointegerx(L, -1, &exact);
    if (!exact) luaL_error(L, "seed: expected a whole number, got %s", luaL_typename(L, -1));
    return (uint64_t)seed;
}

static uint64_t events_of(const struct script *s)
{
    return s->cfg->events > 0 ? s->cfg->events : EVENTS_MAX;
}

// A hand's work is due at its instant before all else that is. What cannot be done there is said.
static void lend_hand(void *self)
{
    struct lua_hand *lent = self;
    struct script *s = lent->s;
    char why[200];
    struct text error = text_of(why, sizeof why);
    if (hand_apply(s->sim, lent->hand->text, &error)) return;
    script_note(s, 0, why, error.len);
    if (s->undone++ == 0 && s->cfg->err != NULL)
        fprintf(s->cfg->err, "%s: by hand: %s\n", s->cfg->path, why);
}

static void take_hands(lua_State *L, struct script *s)
{
    const struct hands *hs = s->cfg->hands;
    if (hs == NULL || hs->n == 0) return;
    s->lent = calloc(hs->n, sizeof *s->lent);
    bool fine = s->lent != NULL;
    for (size_t i = 0; fine && i < hs->n; i++) {
        s->lent[i] = (struct lua_hand){s, &hs->hand[i]};
        fine = sim_at(s->sim, hs->hand[i].at, lend_hand, &s->lent[i]) != 0;
    }
    if (!fine) luaL_error(L, "no memory for the hands on its controls");
}

static int network_new(lua_State *L)
{
    static const char *const known[] = {"seed", "name", NULL};
    struct script *s = script_of(L);
    if (s->sim != NULL)
        return luaL_error(L, s->live ? "this network is real: it is there as `net`"
                                     : "there is a network already: one scenario has one");
    lua_settop(L, 1);
    const char *name = script_base_name(s->cfg->path), *dot = strrchr(name, '.');
    name = lua_pushlstring(L, name, dot != NULL ? (size_t)(dot - name) : strlen(name));
    if (lua_istable(L, 1)) {
        check_keys(L, 1, known);
        if (lua_getfield(L, 1, "name") != LUA_TNIL) name = luaL_checkstring(L, -1);
    }
    if (!s->cfg->has_seed) s->seed = option_seed(L, 1, s->seed);
    rng_seed(&s->rng, s->seed);
    s->sim = sim_new(&(struct sim_config){.name = name, .seed = s->seed, .trace = &s->sink,
                                          .events = events_of(s)});
    if (s->sim == NULL) return luaL_error(L, "no memory for a network");
    take_hands(L, s);
    lua_newuserdatauv(L, 0, 0);
    luaL_setmetatable(L, NET_TYPE);
    return 1;
}

// --- hosts -----------------------------------------------------------------------------------

struct lua_host *check_host(lua_State *L, int i)
{
    return *(struct lua_host **)luaL_checkudata(L, i, HOST_TYPE);
}

static struct lua_host *host_named(const struct script *s, const char *name)
{
    LIST_EACH(n, &s->hosts) {
        struct lua_host *h = LIST_ENTRY(n, struct lua_host, link);
        if (strcmp(h->name, name) == 0) return h;
    }
    return NULL;
}

static void set_one(lua_State *L, struct lua_host *h, const char *name, const char *value)
{
    int r = ng_host_set(h->host, name, value);
    if (r == -ENOENT) luaL_error(L, "host %s: there is no setting '%s'", h->name, name);
    if (r == -ERANGE) luaL_error(L, "host %s: %s: %s is out of range", h->name, name, value);
    if (r < 0) luaL_error(L, "host %s: %s: '%s' is no value of it", h->name, name, value);
}

// One address with its prefix, or a list of them for several links.
static uint8_t take_prefixes(lua_State *L, const char *key, enum family family, struct prefix *to)
{
    uint8_t count = 0;
    int type = lua_getfield(L, 3, key);
    lua_Integer n = type == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : type != LUA_TNIL;
    if (n > HOST_ADDRS) luaL_error(L, "%s: a host has at most %d addresses", key, HOST_ADDRS);
    for (lua_Integer i = 1; i <= n; i++) {
        if (type == LUA_TTABLE) lua_rawgeti(L, -1, i);
        else lua_pushvalue(L, -1);
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (!prefix_parse(&to[count], text) || to[count].addr.family != family)
            luaL_error(L, "%s: expected an address such as \"%s\", got '%s'", key,
                       family == FAMILY_IP4 ? "10.0.0.1/24" : "fd00::1/64", text);
        count++;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return count;
}

static void take_gateway(lua_State *L, const char *key, struct addr *to)
{
    bool given = lua_getfield(L, 3, key) != LUA_TNIL;
    if (given && !addr_parse(to, luaL_checkstring(L, -1)))
        luaL_error(L, "%s: '%s' is no address", key, lua_tostring(L, -1));
    lua_pop(L, 1);
}

static void take_settings(lua_State *L, struct lua_host *h)
{
    if (lua_getfield(L, 3, "cc") != LUA_TNIL)
        set_one(L, h, "net.ipv4.tcp_congestion_control", luaL_checkstring(L, -1));
    lua_pop(L, 1);
    take_gateway(L, "gateway", &h->gateway);
    take_gateway(L, "gateway6", &h->gateway6);
    if (lua_getfield(L, 3, "sysctl") != LUA_TNIL) {
        luaL_checktype(L, -1, LUA_TTABLE);
        lua_pushnil(L);
        while (lua_next(L, -2) != 0) {
            lua_pushvalue(L, -2);
            const char *name = luaL_checkstring(L, -1);
            set_one(L, h, name, luaL_tolstring(L, -2, NULL));
            lua_pop(L, 3);
        }
    }
    lua_pop(L, 1);
}

// --set of the command line goes last, and so over what the scenario says.
static void take_given(lua_State *L, struct lua_host *h)
{
    const struct script_config *cfg = h->s->cfg;
    size_t len = strlen(h->name);
    for (size_t i = 0; i < cfg->sets; i++) {
        const char *key = cfg->set[i].key, *slash = strchr(key, '/');
        if (slash == NULL) set_one(L, h, key, cfg->set[i].value);
        else if ((size_t)(slash - key) == len && memcmp(key, h->name, len) == 0)
            set_one(L, h, slash + 1, cfg->set[i].value);
    }
}

// Of a name that no host has, nobody would ever hear.
void net_check_given(struct script *s)
{
    for (size_t i = 0; i < s->cfg->sets; i++) {
        const char *key = s->cfg->set[i].key, *slash = strchr(key, '/');
        char name[sizeof ((struct lua_host *)0)->name], why[100];
        if (slash == NULL) continue;
        snprintf(name, sizeof name, "%.*s", (int)(slash - key), key);
        if (strlen(name) == (size_t)(slash - key) && host_named(s, name) != NULL) continue;
        snprintf(why, sizeof why, "--set: there is no host '%s'", name);
        script_say(s, why);
        return;
    }
}

static int network_host(lua_State *L)
{
    static const char *const known[] = {"ip", "ip6", "cc", "gateway", "gateway6", "sysctl",
                                        "dns", "dhcp", "slaac", NULL};
    struct sim *sim = script_sim(L);
    struct script *s = script_of(L);
    const char *name = luaL_checkstring(L, 2);
    if (s->live) return luaL_error(L, "this network is real: its host is there as `host`");
    luaL_argcheck(L, *name != 0 && strlen(name) < sizeof ((struct lua_host *)0)->name, 2,
                  "a host's name has 1 to 31 bytes");
    luaL_argcheck(L, host_named(s, name) == NULL, 2, "there is a host of that name");
    if (!list_empty(&s->hosts) &&
        LIST_ENTRY(s->hosts.prev, struct lua_host, link)->id >= HOSTS_MAX)
        return luaL_error(L, "%d hosts are the most a network has", HOSTS_MAX);
    lua_settop(L, 3);
    struct lua_host **ud = lua_newuserdatauv(L, sizeof *ud, 0);
    struct lua_host *h = *ud = calloc(1, sizeof *h);
    if (h == NULL) return luaL_error(L, "no memory for a host");
    h->s = s;
    list_push_back(&s->hosts, &h->link);
    memcpy(h->name, name, strlen(name) + 1);
    h->host = sim_add_host(sim, name);
    if (h->host == NULL) return luaL_error(L, "no memory for a host");
    h->id = (uint16_t)(h->link.prev == &s->hosts
                       ? 1 : LIST_ENTRY(h->link.prev, struct lua_host, link)->id + 1);
    if (lua_istable(L, 3)) {
        check_keys(L, 3, known);
        h->ips = take_prefixes(L, "ip", FAMILY_IP4, h->ip);
        h->ip6s = take_prefixes(L, "ip6", FAMILY_IP6, h->ip6);
        take_services(L, h);
        take_settings(L, h);
    }
    take_given(L, h);
    luaL_setmetatable(L, HOST_TYPE);
    return 1;
}

static int host_name(lua_State *L)
{
    lua_pushstring(L, check_host(L, 1)->name);
    return 1;
}

// --- cables ----------------------------------------------------------------------------------

static void add_gateway(lua_State *L, struct lua_host *h, const char *key, struct addr gateway,
                        struct netif *n)
{
    if (gateway.family == FAMILY_NONE) return;
    int r = ng_host_add_route(h->host, addr_any((enum family)gateway.family), 0, gateway, n);
    if (r < 0) luaL_error(L, "host %s: %s: %s", h->name, key, errno_name(-r));
}

static void give_addr(lua_State *L, struct lua_host *h, struct netif *n, struct prefix p)
{
    int r = ng_netif_add_addr(n, p.addr, p.bits);
    if (r == 0) return;
    char buf[PREFIX_TEXT];
    luaL_error(L, "host %s: it cannot have %s here: %s", h->name, prefix_print(p, buf),
               errno_name(-r));
}

static struct netif *plug(lua_State *L, struct lua_host *h, const struct ng_netif_config *wish)
{
    struct netif *n = sim_add_device(h->s->sim, h->host, wish);
    if (n == NULL) luaL_error(L, "host %s: it can have no more interfaces", h->name);
    if (h->used < h->ips) give_addr(L, h, n, h->ip[h->used++]);
    if (h->used6 < h->ip6s) give_addr(L, h, n, h->ip6[h->used6++]);
    if (h->used <= 1) add_gateway(L, h, "gateway", h->gateway, n);
    if (h->used6 <= 1) add_gateway(L, h, "gateway6", h->gateway6, n);
    if (h->wants_lease && h->dhcp == NULL) begin_lease(L, h, n);
    if (h->wants_names && ng_netif_start_ip6(n) < 0)
        luaL_error(L, "host %s: slaac: IPv6 needs an MTU of 1280", h->name);
    return n;
}

static nsec opt_nsec(lua_State *L, int i, const char *key, nsec otherwise)
{
    bool given = lua_getfield(L, i, key) != LUA_TNIL;
    nsec v = given ? check_nsec(L, -1, key) : otherwise;
    lua_pop(L, 1);
    return v;
}

static uint32_t opt_ppm(lua_State *L, int i, const char *key, uint32_t otherwise)
{
    bool given = lua_getfield(L, i, key) != LUA_TNIL;
    uint32_t v = given ? check_ppm(L, -1, key) : otherwise;
    lua_pop(L, 1);
    return v;
}

// The qualities in the table at i, over those that are there.
static struct link_config take_config(lua_State *L, int i, const struct link_config *old)
{
    struct link_config c = *old;
    if (lua_getfield(L, i, "rate") != LUA_TNIL) c.rate_bps = check_rate(L, -1, "rate");
    lua_pop(L, 1);
    if (lua_getfield(L, i, "queue") != LUA_TNIL) c.queue_packets = check_packets(L, -1, "queue");
    lua_pop(L, 1);
    if (lua_getfield(L, i, "down") != LUA_TNIL) c.down = lua_toboolean(L, -1);
    lua_pop(L, 1);
    c.delay = opt_nsec(L, i, "delay", c.delay);
    c.jitter = opt_nsec(L, i, "jitter", c.jitter);
    c.reorder_delay = opt_nsec(L, i, "reorder_delay", c.reorder_delay);
    c.loss_ppm = opt_ppm(L, i, "loss", c.loss_ppm);
    c.reorder_ppm = opt_ppm(L, i, "reorder", c.reorder_ppm);
    c.duplicate_ppm = opt_ppm(L, i, "duplicate", c.duplicate_ppm);
    c.corrupt_ppm = opt_ppm(L, i, "corrupt", c.corrupt_ppm);
    return c;
}

#define QUALITIES "rate", "delay", "jitter", "loss", "reorder", "reorder_delay", "duplicate", \
                  "corrupt", "queue", "down"

struct pair_option { const char *key; lua_Integer least, most, end[2]; };

static lua_Integer pair_number(lua_State *L, const struct pair_option *o)
{
    int exact;
    lua_Integer v = lua_tointegerx(L, -1, &exact);
    if (!exact || v < o->least || v > o->most)
        luaL_error(L, "%s: expected a number from %I to %I, or two of them for the two ends",
                   o->key, o->least, o->most);
    return v;
}

// A number for both ends of a cable, or one for each; 0 where it is not said.
static void take_pair(lua_State *L, int i, struct pair_option *o)
{
    int type = lua_getfield(L, i, o->key);
    for (int end = 0; end < 2 && type != LUA_TNIL; end++) {
        if (type == LUA_TTABLE) lua_rawgeti(L, -1, end + 1);
        else lua_pushvalue(L, -1);
        o->end[end] = pair_number(L, o);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

// What the interfaces at the ends of a cable are like.
static void take_netifs(lua_State *L, int i, struct ng_netif_config wish[2])
{
    struct pair_option mtu = {"mtu", 68, 65535, {0}}, vlan = {"vlan", 0, 4094, {0}};
    take_pair(L, i, &mtu);
    take_pair(L, i, &vlan);
    for (int end = 0; end < 2; end++)
        wish[end] = (struct ng_netif_config){.mtu = (uint32_t)mtu.end[end],
                                             .vlan = (uint16_t)vlan.end[end]};
}

static int network_link(lua_State *L)
{
    static const char *const known[] = {QUALITIES, "mtu", "vlan", NULL};
    struct sim *sim = script_sim(L);
    script_may_call(L);
    struct lua_host *a = check_host(L, 2), *b = check_host(L, 3);
    lua_settop(L, 4);
    if (lua_isnil(L, 4)) {
        lua_newtable(L);
        lua_replace(L, 4);
    }
    luaL_checktype(L, 4, LUA_TTABLE);
    check_keys(L, 4, known);
    struct link_config cfg = take_config(L, 4, &(struct link_config){0});
    struct lua_cable *c = lua_newuserdatauv(L, sizeof *c, 0);
    struct ng_netif_config wish[2];
    take_netifs(L, 4, wish);
    struct netif *an = plug(L, a, &wish[0]), *bn = plug(L, b, &wish[1]);
    *c = (struct lua_cable){.s = script_of(L), .end = {a, b}, .netif = {an, bn},
                            .link = sim_add_link(sim, a->host, an, b->host, bn)};
    if (c->link == NULL) return luaL_error(L, "no memory for a cable");
    for (int i = 0; i < 2; i++) link_set(c->link, (enum link_end)i, &cfg, sim_now(sim));
    luaL_setmetatable(L, CABLE_TYPE);
    return 1;
}

static struct lua_cable *check_cable(lua_State *L, int i)
{
    return luaL_checkudata(L, i, CABLE_TYPE);
}

// The directions that the table's `from` names, as bits: both without one.
static unsigned take_from(lua_State *L, const struct lua_cable *c)
{
    unsigned ends = BIT(LINK_A) | BIT(LINK_B);
    if (lua_getfield(L, 2, "from") != LUA_TNIL) {
        struct lua_host *h = check_host(L, -1);
        ends = (h == c->end[0] ? BIT(LINK_A) : 0) | (h == c->end[1] ? BIT(LINK_B) : 0);
        if (ends == 0) luaL_error(L, "from: host %s is not at this cable", h->name);
    }
    lua_pop(L, 1);
    return ends;
}

// Narrows or widens the interfaces at the ends that the table's `from` names.
static void set_mtu(lua_State *L, struct lua_cable *c, unsigned ends)
{
    struct pair_option mtu = {"mtu", 68, 65535, {0}};
    take_pair(L, 2, &mtu);
    for (int i = 0; i < 2; i++) {
        if (mtu.end[i] == 0 || !(ends & BIT(i))) continue;
        sim_touch(c->s->sim, c->end[i]->host);
        if (ng_netif_set_mtu(c->netif[i], (uint32_t)mtu.end[i]) < 0)
            luaL_error(L, "mtu: IPv6 needs 1280, got %I", mtu.end[i]);
    }
}

static int cable_set(lua_State *L)
{
    static const char *const known[] = {QUALITIES, "mtu", "from", NULL};
    struct lua_cable *c = check_cable(L, 1);
    script_may_call(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    check_keys(L, 2, known);
    unsigned ends = take_from(L, c);
    set_mtu(L, c, ends);
    for (int i = 0; i < 2; i++) {
        if (!(ends & BIT(i))) continue;
        enum link_end from = (enum link_end)i;
        struct link_config cfg = take_config(L, 2, link_get(c->link, from));
        link_set(c->link, from, &cfg, sim_now(c->s->sim));
    }
    return 0;
}

static bool rule_match(void *self, const uint8_t *p, size_t len)
{
    return self == NULL || filter_match(self, p, len);
}

static void rule_free(void *self) { filter_free(self); }

static uint32_t take_count(lua_State *L, const char *key, uint32_t otherwise)
{
    int exact = 1;
    lua_Integer n = otherwise;
    if (lua_getfield(L, 2, key) != LUA_TNIL) n = lua_tointegerx(L, -1, &exact);
    lua_pop(L, 1);
    if (!exact || n < 0 || n > UINT32_MAX) luaL_error(L, "%s: expected a count", key);
    return (uint32_t)n;
}

static void add_rule(lua_State *L, struct lua_cable *c, enum link_end from, struct link_rule r)
{
    if (lua_getfield(L, 2, "filter") != LUA_TNIL) {
        char error[200];
        r.self = filter_compile(luaL_checkstring(L, -1), error, sizeof error);
        if (r.self == NULL) luaL_error(L, "filter: %s", error);
        r.free = rule_free;
    }
    lua_pop(L, 1);
    if (link_add_rule(c->link, from, &r) == 0) return;
    if (r.self != NULL) filter_free(r.self);
    luaL_error(L, "no memory for a rule");
}

static int cable_drop(lua_State *L)
{
    static const char *const known[] = {"from", "filter", "count", "skip", NULL};
    struct lua_cable *c = check_cable(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    check_keys(L, 2, known);
    unsigned ends = take_from(L, c);
    struct link_rule r = {.match = rule_match, .skip = take_count(L, "skip", 0),
                          .count = take_count(L, "count", 1)};
    for (int i = 0; i < 2; i++)
        if (ends & BIT(i)) add_rule(L, c, (enum link_end)i, r);
    return 0;
}

// --- time ------------------------------------------------------------------------------------

static void timer_fire(void *self)
{
    struct lua_timer *t = self;
    struct script *s = t->s;
    lua_State *L = s->L;
    lua_State *co = t->co;
    int ref = t->ref;
    list_remove(&t->link);
    free(t);
    if (s->broken) return;
    script_turn(s);
    int results, status = lua_resume(co, L, 0, &results);
    if (status == LUA_YIELD) {
        lua_pushliteral(co, "a callback of net:at() may not wait");
        status = LUA_ERRRUN;
    }
    if (status != LUA_OK) script_fail(s, co);
    luaL_unref(L, LUA_REGISTRYINDEX, ref);
}

static int network_at(lua_State *L)
{
    struct sim *sim = script_sim(L);
    struct script *s = script_of(L);
    nsec at = s->start + check_nsec(L, 2, "net:at");
    luaL_checktype(L, 3, LUA_TFUNCTION);
    if (at < sim_now(sim)) return luaL_error(L, "net:at: that time is over");
    struct lua_timer *t = calloc(1, sizeof *t);
    if (t == NULL) return luaL_error(L, "no memory for a timer");
    t->s = s;
    list_push_back(&s->timers, &t->link);
    t->co = lua_newthread(L);
    lua_pushvalue(L, 3);
    lua_xmove(L, t->co, 1);
    t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (sim_at(sim, at, timer_fire, t) == 0) return luaL_error(L, "too many timers");
    return 0;
}

static int network_run(lua_State *L)
{
    struct sim *sim = script_sim(L);
    struct script *s = script_of(L);
    script_may_call(L);
    if (s->live) return luaL_error(L, "net:run(): this network is real, and runs by itself");
    if (s->current != NULL || L != s->L)
        return luaL_error(L, "net:run() is for the main chunk; here it runs already");
    nsec until = sim_now(sim) + check_nsec(L, 2, "net:run");
    if (s->broken) return luaL_error(L, "stopped");
    if (s->cfg->until > 0 && until > s->cfg->until) until = s->cfg->until;
    sim_run(sim, until);
    script_turn(s);
    if (sim_tired(sim)) return luaL_error(L, "the network never rests: %I events are enough",
                                          (lua_Integer)events_of(s));
    if (s->broken) return luaL_error(L, "stopped");  // the first error is kept
    lua_pushboolean(L, sim_now(sim) == until);
    return 1;
}

static int network_now(lua_State *L)
{
    script_sim(L);
    lua_pushnumber(L, (double)script_now(script_of(L)) / 1e9);
    return 1;
}

static int network_note(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);
    script_note(script_of(L), 0, text, len);
    return 0;
}

void net_free(struct script *s)
{
    if (!s->live) sim_free(s->sim);
    s->sim = NULL;
    free(s->lent);
    struct list_node *n;
    while ((n = list_pop_front(&s->hosts)) != NULL) free(LIST_ENTRY(n, struct lua_host, link));
    while ((n = list_pop_front(&s->timers)) != NULL) free(LIST_ENTRY(n, struct lua_timer, link));
}

int net_give(lua_State *L)
{
    const struct script_world *world = lua_touserdata(L, 1);
    struct script *s = script_of(L);
    lua_newuserdatauv(L, 0, 0);
    luaL_setmetatable(L, NET_TYPE);
    lua_setglobal(L, "net");
    struct lua_host **ud = lua_newuserdatauv(L, sizeof *ud, 0);
    struct lua_host *h = *ud = calloc(1, sizeof *h);
    if (h == NULL) return luaL_error(L, "no memory for a host");
    h->s = s;
    h->host = world->host;
    h->id = world->id;
    h->dns = world->dns;
    h->dhcp = world->dhcp;
    h->ip6s = h->used6 = world->ip6;
    struct text name = text_of(h->name, sizeof h->name);
    text_put_str(&name, world->name);
    list_push_back(&s->hosts, &h->link);
    take_given(L, h);
    luaL_setmetatable(L, HOST_TYPE);
    lua_setglobal(L, "host");
    return 0;
}

void net_open(lua_State *L)
{
    static const luaL_Reg network[] = {
        {"host", network_host}, {"link", network_link}, {"at", network_at}, {"run", network_run},
        {"now", network_now}, {"note", network_note}, {"on", net_on},
        {"breakpoint", net_breakpoint}, {NULL, NULL}};
    static const luaL_Reg host[] = {{"app", host_app}, {"name", host_name},
                                    {"lease", host_lease}, {NULL, NULL}};
    static const luaL_Reg cable[] = {{"set", cable_set}, {"drop", cable_drop}, {NULL, NULL}};
    static const luaL_Reg netglass[] = {{"network", network_new}, {NULL, NULL}};
    script_add_methods(L, NET_TYPE, network);
    script_add_methods(L, HOST_TYPE, host);
    script_add_methods(L, CABLE_TYPE, cable);
    luaL_newlib(L, netglass);
    lua_setglobal(L, "netglass");
}
