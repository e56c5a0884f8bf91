// lua_safe.c - Lua's libraries less every door to the outside and every leak of chance.
//
// What repeats only by luck in plain Lua, and what it is here:
//   next, pairs     walk by a seeded hash        walk sorted: numbers, then texts, then booleans
//   math.random     seeds itself                 draws from the run's seed
//   table.sort      may ask the clock for a pivot  a merge sort, which is stable as well
//   tostring, "%s"  show a table's address       say "table"
//   __gc            runs when memory happens to  refused
// There is no io, os, package, debug, coroutine, dofile, loadfile, require, collectgarbage, and no
// string.dump; load takes text only.
#include <lualib.h>

#include "scenarios/lua/lua_script.h"

// --- order -----------------------------------------------------------------------------------

static int rank_of(lua_State *L, int i)
{
    switch (lua_type(L, i)) {
    case LUA_TNUMBER: return 1;
    case LUA_TSTRING: return 2;
    case LUA_TBOOLEAN: return 3;
    default: return 0;
    }
}

static bool bytes_before(lua_State *L, int a, int b)
{
    size_t al, bl;
    const char *ap = lua_tolstring(L, a, &al), *bp = lua_tolstring(L, b, &bl);
    int c = memcmp(ap, bp, al < bl ? al : bl);
    return c != 0 ? c < 0 : al < bl;
}

static bool key_before(lua_State *L, int a, int b)
{
    int ra = rank_of(L, a), rb = rank_of(L, b);
    if (ra != rb) return ra < rb;
    if (ra == 1) return lua_compare(L, a, b, LUA_OPLT);
    if (ra == 2) return bytes_before(L, a, b);
    return lua_toboolean(L, a) < lua_toboolean(L, b);
}

// Is the element at a to come after the one at b? Between two keys, or by the script's own word.
static bool comes_after(lua_State *L, int a, int b, int by)
{
    if (by == 0) return key_before(L, b, a);
    if (lua_isnil(L, by)) return lua_compare(L, b, a, LUA_OPLT);
    lua_pushvalue(L, by);
    lua_pushvalue(L, b);
    lua_pushvalue(L, a);
    lua_call(L, 2, 1);
    bool before = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return before;
}

// Merges the runs [lo, mid) and [mid, hi) of table t into table into, by `by` (0: as keys).
struct merge { int t, into, by; lua_Integer lo, mid, hi; };

static void merge(lua_State *L, struct merge m)
{
    lua_Integer a = m.lo, b = m.mid;
    for (lua_Integer i = m.lo; i < m.hi; i++) {
        bool second = a >= m.mid;
        if (!second && b < m.hi) {
            lua_rawgeti(L, m.t, a);
            lua_rawgeti(L, m.t, b);
            second = comes_after(L, lua_gettop(L) - 1, lua_gettop(L), m.by);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, m.t, second ? b++ : a++);
        lua_rawseti(L, m.into, i);
    }
}

// Sorts 1..n of the table at t, stably. A scratch table stands on top while it works.
static void sort(lua_State *L, int t, lua_Integer n, int by)
{
    luaL_checkstack(L, 10, NULL);
    lua_createtable(L, n < 1 << 20 ? (int)n : 0, 0);
    int from = t, into = lua_gettop(L);
    for (lua_Integer width = 1; width < n; width *= 2) {
        for (lua_Integer lo = 1; lo <= n; lo += 2 * width) {
            lua_Integer mid = lo + width, hi = lo + 2 * width;
            merge(L, (struct merge){.t = from, .into = into, .by = by, .lo = lo,
                                    .mid = mid > n + 1 ? n + 1 : mid,
                                    .hi = hi > n + 1 ? n + 1 : hi});
        }
        int other = from;
        from = into;
        into = other;
    }
    for (lua_Integer i = 1; from != t && i <= n; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, t, i);
    }
    lua_settop(L, lua_gettop(L) - 1);
}

static int safe_sort(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    sort(L, 1, (lua_Integer)lua_rawlen(L, 1), 2);
    return 0;
}

static void check_key(lua_State *L, int i)
{
    if (rank_of(L, i) == 0)
        luaL_error(L, "a walk over keys of type %s has no order that repeats", luaL_typename(L, i));
}

// The sorted keys of the table at 1 as a list on top.
static void push_keys(lua_State *L)
{
    lua_newtable(L);
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        check_key(L, lua_gettop(L));
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++n);
    }
    sort(L, lua_gettop(L), n, 0);
}

// Upvalues: the list of keys, the place in it. A key that was cleared meanwhile is passed over.
static int pairs_step(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(2));
    for (;;) {
        lua_pushinteger(L, ++at);
        lua_replace(L, lua_upvalueindex(2));
        if (lua_rawgeti(L, lua_upvalueindex(1), at) == LUA_TNIL) return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) != LUA_TNIL) return 2;
        lua_pop(L, 2);
    }
}

static int safe_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_keys(L);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_step, 2);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

// The least key above the one given. It looks at all of them: pairs() is the way to walk far.
static int safe_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) check_key(L, 2);
    lua_pushnil(L);  // 3: the best so far
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        check_key(L, 4);
        bool above = lua_isnil(L, 2) || key_before(L, 2, 4);
        if (above && (lua_isnil(L, 3) || key_before(L, 4, 3))) {
            lua_pushvalue(L, 4);
            lua_replace(L, 3);
        }
    }
    if (lua_isnil(L, 3)) return 1;
    lua_pushvalue(L, 3);
    lua_rawget(L, 1);
    return 2;
}

// --- chance ----------------------------------------------------------------------------------

static int safe_random(lua_State *L)
{
    struct rng *r = &script_of(L)->rng;
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, (double)(rng_next(r) >> 11) * (0.5 / ((uint64_t)1 << 52)));
        return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        break;
    default:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "the interval is empty");
    uint64_t span = (uint64_t)high - (uint64_t)low;
    uint64_t draw = span == UINT64_MAX ? rng_next(r) : rng_below(r, span + 1);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + draw));
    return 1;
}

// --- addresses -------------------------------------------------------------------------------

static bool shows_address(lua_State *L, int i)
{
    switch (lua_type(L, i)) {
    case LUA_TTABLE: case LUA_TFUNCTION: case LUA_TTHREAD: case LUA_TUSERDATA:
    case LUA_TLIGHTUSERDATA:
        if (luaL_getmetafield(L, i, "__tostring") == LUA_TNIL) return true;
        lua_pop(L, 1);
        return false;
    default:
        return false;
    }
}

static void push_text(lua_State *L, int i)
{
    if (shows_address(L, i)) lua_pushstring(L, luaL_typename(L, i));
    else luaL_tolstring(L, i, NULL);
}

static int safe_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    push_text(L, 1);
    return 1;
}

static int safe_format(lua_State *L)
{
    for (const char *p = luaL_checkstring(L, 1); (p = strchr(p, '%')) != NULL; p++) {
        if (p[1] == '%') {
            p++;
            continue;
        }
        if (p[1 + strspn(p + 1, "-+ #0123456789.")] == 'p')
            return luaL_error(L, "format: %%p would show an address");
    }
    for (int i = 2; i <= lua_gettop(L); i++) {
        if (!shows_address(L, i)) continue;
        lua_pushstring(L, luaL_typename(L, i));
        lua_replace(L, i);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static int safe_print(lua_State *L)
{
    FILE *out = script_of(L)->cfg->out;
    for (int i = 1, n = lua_gettop(L); i <= n && out != NULL; i++) {
        push_text(L, i);
        size_t len;
        const char *p = lua_tolstring(L, -1, &len);
        if (i > 1) fputc('\t', out);
        fwrite(p, 1, len, out);
        lua_pop(L, 1);
    }
    if (out != NULL) fputc('\n', out);
    return 0;
}

// --- doors -----------------------------------------------------------------------------------

static int safe_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "=load");
    lua_settop(L, 4);
    if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (!lua_isnil(L, 4)) {
        lua_pushvalue(L, 4);
        lua_setupvalue(L, -2, 1);
    }
    return 1;
}

static int safe_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_type(L, 2) == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "__gc runs when memory happens to; it is not for scenarios");
        lua_pop(L, 1);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

static void remove_fields(lua_State *L, const char *const *names)
{
    for (; *names != NULL; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

// Puts f in the place of the table's field, which f gets as its upvalue.
static void wrap(lua_State *L, const char *field, lua_CFunction f)
{
    lua_getfield(L, -1, field);
    lua_pushcclosure(L, f, 1);
    lua_setfield(L, -2, field);
}

void safe_open(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8}, {NULL, NULL}};
    static const luaL_Reg base[] = {
        {"pairs", safe_pairs}, {"next", safe_next}, {"tostring", safe_tostring},
        {"print", safe_print}, {"load", safe_load}, {NULL, NULL}};
    static const char *const no_base[] = {"dofile", "loadfile", "collectgarbage", "warn", NULL};
    static const char *const no_string[] = {"dump", NULL};
    static const char *const no_math[] = {"randomseed", NULL};

    for (const luaL_Reg *lib = libraries; lib->name != NULL; lib++) {
        luaL_requiref(L, lib->name, lib->func, 1);
        lua_pop(L, 1);
    }
    lua_pushglobaltable(L);
    luaL_setfuncs(L, base, 0);
    remove_fields(L, no_base);
    wrap(L, "setmetatable", safe_setmetatable);
    lua_getfield(L, -1, "string");
    remove_fields(L, no_string);
    wrap(L, "format", safe_format);
    lua_pop(L, 1);
    lua_getfield(L, -1, "math");
    remove_fields(L, no_math);
    lua_pushcfunction(L, safe_random);
    lua_setfield(L, -2, "random");
    lua_pop(L, 1);
    lua_getfield(L, -1, "table");
    lua_pushcfunction(L, safe_sort);
    lua_setfield(L, -2, "sort");
    lua_pop(L, 2);
}
