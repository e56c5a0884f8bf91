// lua_trace.c - watching a run: net:on("tcp_state", fn), net:breakpoint(fn). An event is a table of
// the fields that events.def gives it, with `type`, `at` in seconds, `host` by name, `netif` and
// `conn`.
//
// A watcher is called in the midst of the stack's work. It may look, keep, expect and stop; it may
// not call the stack. What it wants done it asks of net:at().
#include <math.h>

#include "core/frame.h"
#include "scenarios/lua/lua_script.h"

struct watcher {
    struct list_node link;
    int              ref;
    enum trace_type  type;   // TRACE_TYPES: all
    bool             stops;  // a breakpoint: its word stops the run
};

// --- an event as a table ---------------------------------------------------------------------

static void push_count(lua_State *L, uint64_t v) { lua_pushinteger(L, (lua_Integer)v); }

static void push_u8(lua_State *L, uint8_t v) { push_count(L, v); }
static void push_u16(lua_State *L, uint16_t v) { push_count(L, v); }
static void push_u32(lua_State *L, uint32_t v) { push_count(L, v); }
static void push_u64(lua_State *L, uint64_t v) { push_count(L, v); }
static void push_i32(lua_State *L, int32_t v) { lua_pushinteger(L, v); }
static void push_i64(lua_State *L, int64_t v) { lua_pushinteger(L, v); }
static void push_drop(lua_State *L, enum drop v) { lua_pushstring(L, drop_name(v)); }
static void push_sent(lua_State *L, enum sent v) { lua_pushstring(L, sent_name(v)); }
static void push_step(lua_State *L, enum step v) { lua_pushstring(L, step_name(v)); }
static void push_call(lua_State *L, enum sock_call v) { lua_pushstring(L, sock_call_name(v)); }
static void push_sock_kind(lua_State *L, enum sock_kind v) { lua_pushstring(L, sock_kind_name(v)); }
static void push_tcp_state(lua_State *L, enum tcp_state v) { lua_pushstring(L, tcp_state_name(v)); }
static void push_tcp_why(lua_State *L, enum tcp_why v) { lua_pushstring(L, tcp_why_name(v)); }
static void push_timer(lua_State *L, enum tcp_timer v) { lua_pushstring(L, tcp_timer_name(v)); }
static void push_cwnd(lua_State *L, enum cwnd_why v) { lua_pushstring(L, cwnd_why_name(v)); }
static void push_nud(lua_State *L, enum nud v) { lua_pushstring(L, nud_name(v)); }
static void push_own(lua_State *L, enum own v) { lua_pushstring(L, own_name(v)); }

static void push_nsec(lua_State *L, nsec v)
{
    if (v == NEVER) lua_pushnumber(L, HUGE_VAL);
    else lua_pushnumber(L, (double)v / 1e9);
}

static void push_addr(lua_State *L, struct addr v)
{
    char buf[ADDR_TEXT];
    lua_pushstring(L, addr_print(v, buf));
}

static void push_mac(lua_State *L, struct mac v)
{
    char buf[MAC_TEXT];
    lua_pushstring(L, mac_print(v, buf));
}

static void push_str(lua_State *L, struct trace_str v) { lua_pushlstring(L, v.p, v.len); }

static void push_bytes(lua_State *L, struct trace_bytes v)
{
    lua_pushlstring(L, (const char *)v.p, v.p != NULL ? v.len : 0);
}

#define F(type, field) push_##type(L, e->field); lua_setfield(L, -2, #field);
#define EVENT(NAME, name, says, fields)                                                     \
    static void fill_##name(lua_State *L, const struct trace_##name##_event *e) { fields }
#include "core/events.def"
#undef EVENT
#undef F

static void fill(lua_State *L, const struct trace_event *ev)
{
    switch (ev->type) {
#define EVENT(NAME, name, says, fields) case TRACE_##NAME: fill_##name(L, &ev->name); break;
#include "core/events.def"
#undef EVENT
    case TRACE_TYPES: break;
    }
}

static void push_event(lua_State *L, const struct script *s, const struct trace_event *ev)
{
    lua_newtable(L);
    fill(L, ev);
    lua_pushstring(L, trace_type_name(ev->type));
    lua_setfield(L, -2, "type");
    push_nsec(L, ev->at);
    lua_setfield(L, -2, "at");
    push_count(L, ev->netif);
    lua_setfield(L, -2, "netif");
    push_count(L, ev->conn);
    lua_setfield(L, -2, "conn");
    LIST_EACH(n, &s->hosts) {
        const struct lua_host *h = LIST_ENTRY(n, struct lua_host, link);
        if (h->id != ev->host) continue;
        lua_pushstring(L, h->name);
        lua_setfield(L, -2, "host");
    }
}

// --- watchers --------------------------------------------------------------------------------

static void stop_at(struct script *s, const struct trace_event *ev)
{
    static const char key[] = "breakpoint";
    const char *name = trace_type_name(ev->type);
    sim_stop(s->sim);
    trace_emit(&s->sink, &(struct trace_event){
        .at = ev->at, .host = ev->host, .conn = ev->conn, .type = TRACE_CONTROL,
        .control = {.key = {key, sizeof key - 1}, .value = {name, (uint32_t)strlen(name)}}});
}

struct watch { struct script *s; const struct watcher *w; const struct trace_event *ev; };

static int watch(lua_State *L)
{
    const struct watch *now = lua_touserdata(L, 1);
    struct script *s = now->s;
    const struct watcher *w = now->w;
    const struct trace_event *ev = now->ev;
    lua_State *co = lua_newthread(L);  // so that an error can show where it was
    lua_rawgeti(co, LUA_REGISTRYINDEX, w->ref);
    push_event(co, s, ev);
    int results, status = lua_resume(co, L, 1, &results);
    if (status == LUA_YIELD) {
        lua_pushliteral(co, "a watcher may not wait");
        status = LUA_ERRRUN;
    }
    if (status != LUA_OK) script_fail(s, co);
    else if (w->stops && results > 0 && lua_toboolean(co, -results)) stop_at(s, ev);
    return 0;
}

// Nothing may jump out of the stack's work, not even for want of memory.
static void call_watcher(struct script *s, const struct watcher *w, const struct trace_event *ev)
{
    lua_State *L = s->L;
    if (!lua_checkstack(L, 3)) return;
    lua_pushcfunction(L, watch);
    lua_pushlightuserdata(L, &(struct watch){s, w, ev});
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) return;
    script_fail(s, L);
    lua_pop(L, 1);
}

// Watchers may look at all bytes of a frame; who else listens gets as many as it asked for.
static void pass_on(struct trace_sink *next, const struct trace_event *ev)
{
    struct trace_event cut = *ev;
    if (ev->type == TRACE_FRAME_TX && cut.frame_tx.data.len > next->snap)
        cut.frame_tx.data.len = next->snap;
    if (ev->type == TRACE_FRAME_RX && cut.frame_rx.data.len > next->snap)
        cut.frame_rx.data.len = next->snap;
    next->emit(next, &cut);
}

static void on_event(struct trace_sink *sink, const struct trace_event *ev)
{
    struct script *s = LIST_ENTRY(sink, struct script, sink);
    if (s->cfg->trace != NULL) pass_on(s->cfg->trace, ev);
    if (s->watching || s->closing || s->broken) return;  // what a watcher causes, none watches
    if (script_must_stop(s)) return;
    s->watching = true;
    LIST_EACH(n, &s->watchers) {
        const struct watcher *w = LIST_ENTRY(n, struct watcher, link);
        if (!s->broken && (w->type == ev->type || w->type == TRACE_TYPES)) call_watcher(s, w, ev);
    }
    s->watching = false;
}

void trace_open(struct script *s)
{
    struct trace_sink *next = s->cfg->trace;
    s->sink = (struct trace_sink){.emit = on_event, .snap = next != NULL ? next->snap : 0};
}

void trace_close(struct script *s)
{
    struct list_node *n;
    while ((n = list_pop_front(&s->watchers)) != NULL) free(LIST_ENTRY(n, struct watcher, link));
}

static int add_watcher(lua_State *L, int fn, enum trace_type type, bool stops)
{
    struct script *s = script_of(L);
    script_sim(L);
    luaL_checktype(L, fn, LUA_TFUNCTION);
    struct watcher *w = calloc(1, sizeof *w);
    if (w == NULL) return luaL_error(L, "no memory for a watcher");
    *w = (struct watcher){.type = type, .stops = stops};
    list_push_back(&s->watchers, &w->link);
    if (type == TRACE_FRAME_TX || type == TRACE_FRAME_RX || type == TRACE_TYPES)
        s->sink.snap = FRAME_MAX;
    lua_pushvalue(L, fn);
    w->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int net_on(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);
    enum trace_type type = 0;
    while (type < TRACE_TYPES && strcmp(trace_type_name(type), name) != 0) type++;
    if (type == TRACE_TYPES && strcmp(name, "*") != 0)
        return luaL_error(L, "there is no event '%s' (\"*\" is all of them)", name);
    return add_watcher(L, 3, type, false);
}

int net_breakpoint(lua_State *L) { return add_watcher(L, 2, TRACE_TYPES, true); }
