// lua_value.c - see lua_script.h. What scenarios write for times, rates, chances and addresses.
//
// Texts are read by units.c; a number is in seconds, bits a second, or a chance between 0 and 1.
#include "scenarios/lua/lua_script.h"
#include "scenarios/sim/units.h"

enum { PORT_MAX = 65535, QUEUE_MAX = 1000000, PPM = 1000000, SECONDS_MAX = 1000000000 };
static const uint64_t RATE_MAX = 1000000000000;  // 1 Tbit/s

static int bad(lua_State *L, int i, const char *what, const char *want)
{
    const char *got = lua_type(L, i) == LUA_TSTRING ? lua_tostring(L, i) : luaL_typename(L, i);
    return luaL_error(L, "%s: expected %s, got %s", what, want, got);
}

// A number of seconds. It is below 2^53 ns for about a hundred days, so the product is as exact as
// what was written.
nsec check_nsec(lua_State *L, int i, const char *what)
{
    nsec v = 0;
    bool ok = false;
    if (lua_type(L, i) == LUA_TNUMBER) {
        double seconds = lua_tonumber(L, i);
        ok = seconds >= 0 && seconds <= SECONDS_MAX;
        if (ok) v = (nsec)(seconds * 1e9 + 0.5);
    } else if (lua_type(L, i) == LUA_TSTRING) {
        ok = units_nsec(lua_tostring(L, i), &v);
    }
    if (!ok) bad(L, i, what, "a time such as \"10ms\" or \"1.5s\"");
    return v;
}

uint64_t check_rate(lua_State *L, int i, const char *what)
{
    uint64_t v = 0;
    bool ok = false;
    if (lua_isinteger(L, i)) {
        lua_Integer n = lua_tointeger(L, i);
        ok = n >= 0 && (uint64_t)n <= RATE_MAX;
        v = (uint64_t)n;
    } else if (lua_type(L, i) == LUA_TSTRING) {
        ok = units_rate(lua_tostring(L, i), &v);
    }
    if (!ok) bad(L, i, what, "a rate such as \"100Mbit\" or \"64kbit\"");
    return v;
}

uint32_t check_ppm(lua_State *L, int i, const char *what)
{
    uint32_t v = 0;
    bool ok = false;
    if (lua_type(L, i) == LUA_TNUMBER) {
        double chance = lua_tonumber(L, i);
        ok = chance >= 0 && chance <= 1;
        if (ok) v = (uint32_t)(chance * PPM + 0.5);
    } else if (lua_type(L, i) == LUA_TSTRING) {
        ok = units_ppm(lua_tostring(L, i), &v);
    }
    if (!ok) bad(L, i, what, "a chance such as 0.02 or \"2%\"");
    return v;
}

uint32_t check_packets(lua_State *L, int i, const char *what)
{
    uint32_t v = 0;
    bool ok = false;
    if (lua_isinteger(L, i)) {
        lua_Integer n = lua_tointeger(L, i);
        ok = n >= 1 && n <= QUEUE_MAX;
        v = (uint32_t)n;
    } else if (lua_type(L, i) == LUA_TSTRING) {
        ok = units_packets(lua_tostring(L, i), &v);
    }
    if (!ok) bad(L, i, what, "a number of packets such as \"100p\"");
    return v;
}

uint16_t check_port(lua_State *L, int i)
{
    lua_Integer port = luaL_checkinteger(L, i);
    if (port < 0 || port > PORT_MAX) luaL_error(L, "%d is not a port", (int)port);
    return (uint16_t)port;
}

struct endpoint check_endpoint(lua_State *L, int i, bool any_too)
{
    struct endpoint e = {.addr = addr_any(FAMILY_IP4)};
    if (any_too && lua_type(L, i) == LUA_TNUMBER) {
        e.port = check_port(L, i);
        return e;
    }
    const char *text = luaL_checkstring(L, i);
    if (lua_isnoneornil(L, i + 1)) {
        if (!endpoint_parse(&e, text)) bad(L, i, "address", "one such as \"10.0.0.2:80\"");
        return e;
    }
    if (!(any_too && strcmp(text, "*") == 0) && !addr_parse(&e.addr, text))
        bad(L, i, "address", "one such as \"10.0.0.2\"");
    e.port = check_port(L, i + 1);
    return e;
}

void check_keys(lua_State *L, int i, const char *const *known)
{
    lua_pushnil(L);
    while (lua_next(L, i) != 0) {
        lua_pop(L, 1);
        const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (key == NULL) luaL_error(L, "options have names: {delay = \"10ms\"}");
        const char *const *k = known;
        while (*k != NULL && strcmp(*k, key) != 0) k++;
        if (*k != NULL) continue;
        luaL_Buffer b;
        luaL_buffinit(L, &b);
        for (k = known; *k != NULL; k++) {
            if (k != known) luaL_addstring(&b, ", ");
            luaL_addstring(&b, *k);
        }
        luaL_pushresult(&b);
        luaL_error(L, "no option '%s'; there are: %s", key, lua_tostring(L, -1));
    }
}

const char *errno_name(int error)
{
    const char *name = strerrorname_np(error);
    return name != NULL ? name : "EUNKNOWN";
}

int push_errno(lua_State *L, int error)
{
    lua_pushnil(L);
    lua_pushstring(L, errno_name(error));
    return 2;
}

void push_endpoint(lua_State *L, struct endpoint e)
{
    char buf[ENDPOINT_TEXT];
    lua_pushstring(L, endpoint_print(e, buf));
}
