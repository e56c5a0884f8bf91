// lua_script.c - see script.h. Reads a scenario, runs it within its limits, and judges it.
#include "scenarios/lua/lua_script.h"

#include <errno.h>

enum { HOOK_STEPS = 1000, TRACE_LINES = 12, QUOTE_MAX = 120 };
static const uint64_t STEPS_TURN = 50000000, STEPS_ALL = 2000000000, SEED_DEFAULT = 1;

// --- limits ----------------------------------------------------------------------------------

static void *limited_alloc(void *ud, void *p, size_t old, size_t size)
{
    struct script *s = ud;
    size_t had = p != NULL ? old : 0;
    if (size == 0) {
        s->memory -= had;
        free(p);
        return NULL;
    }
    size_t limit = s->cfg->memory > 0 ? s->cfg->memory : SCRIPT_MEMORY;
    if (size > had && s->memory + (size - had) > limit) return NULL;
    void *q = realloc(p, size);
    if (q != NULL) s->memory = s->memory - had + size;
    return q;
}

// The budget is spent by whoever is running, so a pcall() around a loop without end is stopped too:
// from then on each single step is an error.
static void count_steps(lua_State *L, lua_Debug *ar)
{
    struct script *s = script_of(L);
    uint64_t all = s->cfg->steps > 0 ? s->cfg->steps : STEPS_ALL;
    uint64_t turn = all < STEPS_TURN ? all : STEPS_TURN;
    s->steps += HOOK_STEPS;
    s->turn += HOOK_STEPS;
    if (script_must_stop(s)) luaL_error(L, "stopped");
    if (!s->over && s->turn <= turn && s->steps <= all) return;
    s->over = true;
    lua_sethook(L, count_steps, LUA_MASKCOUNT, 1);
    lua_getinfo(L, "Sl", ar);
    const char *what = s->turn > turn ? "and no call that waits" : "in all";
    lua_pushfstring(L, "%s:%d: %I steps %s: a loop without end?", ar->short_src, ar->currentline,
                    (lua_Integer)(s->turn > turn ? turn : all), what);
    lua_error(L);
}

void script_turn(struct script *s) { s->turn = 0; }

bool script_must_stop(struct script *s)
{
    if (s->closing || s->cfg->stop == NULL || !s->cfg->stop(s->cfg->stop_self)) return false;
    s->stopped = s->broken = true;
    if (s->sim != NULL) sim_stop(s->sim);
    return true;
}

// --- errors ----------------------------------------------------------------------------------

static void put_fmt(struct text *t, const char *before, const char *word, const char *after)
{
    text_put_str(t, before);
    text_put_str(t, word);
    text_put_str(t, after);
}

// The lines of the scenario that led to the one the message names, all in one line.
static void put_callers(struct text *t, lua_State *co)
{
    lua_Debug ar;
    int shown = -1;  // the first is where it happened, and the message says it
    for (int level = 0; lua_getstack(co, level, &ar) && shown < TRACE_LINES; level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline < 0 || shown++ < 0) continue;
        put_fmt(t, shown == 1 ? " (called from " : ", from ", ar.short_src, ":");
        text_put_i64(t, ar.currentline);
    }
    if (shown > 0) text_put_char(t, ')');
}

// error({}): Lua puts no place before what is no text.
static void put_no_text(struct text *t, lua_State *co)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline < 0) continue;
        put_fmt(t, "", ar.short_src, ":");
        text_put_i64(t, ar.currentline);
        text_put_str(t, ": ");
        break;
    }
    text_put_str(t, "an error that is no text");
}

void script_fail(struct script *s, lua_State *co)
{
    if (!s->broken) {
        struct text t = text_of(s->error, sizeof s->error);
        size_t len = 0;
        const char *p = lua_type(co, -1) == LUA_TSTRING ? lua_tolstring(co, -1, &len) : NULL;
        if (p == NULL) put_no_text(&t, co);
        text_put_bytes(&t, p != NULL ? p : "", len);
        put_callers(&t, co);
    }
    s->broken = true;
    if (s->sim != NULL) sim_stop(s->sim);
}

static int on_main_error(lua_State *L)
{
    script_fail(script_of(L), L);
    return 1;
}

const char *script_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

// --- expectations ----------------------------------------------------------------------------

// Marks the lines that hold a call of expect(), comments aside. Good enough to tell which were
// never reached; a line it takes for one too many is a line that nobody waits in.
static void mark_expects(struct script *s)
{
    static const char word[] = "expect";
    size_t line = 1;
    bool comment = false;
    for (size_t i = 0; i < s->len; i++) {
        const char *p = s->text + i;
        size_t left = s->len - i;
        if (*p == '\n') {
            line++;
            comment = false;
        }
        if (left > 1 && p[0] == '-' && p[1] == '-') comment = true;
        if (comment || left < sizeof word || memcmp(p, word, sizeof word - 1) != 0) continue;
        char before = i > 0 ? p[-1] : ' ', after = p[sizeof word - 1];
        bool alone = !(before == '_' || before == '.' || before == ':' || before == '"');
        alone = alone && !((before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z'));
        if (alone && (after == '(' || after == ' ')) s->mark[line] |= EXPECT_HERE;
    }
}

// The source of a line, without the space around it.
static const char *line_of(const struct script *s, int number, size_t *len)
{
    const char *p = s->text, *end = s->text + s->len;
    for (int line = 1; line < number && p < end; p++) line += *p == '\n';
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    const char *q = p;
    while (q < end && *q != '\n' && *q != '\r') q++;
    *len = (size_t)(q - p) < QUOTE_MAX ? (size_t)(q - p) : QUOTE_MAX;
    return p;
}

// In a recording a file is known by its name alone: where it lay changes nothing.
// What a scenario says is one line, whatever is in it.
static void put_line(FILE *to, const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fputc((unsigned char)p[i] < ' ' || p[i] == 0x7f ? ' ' : p[i], to);
    fputc('\n', to);
}

static void tell_expect(struct script *s, bool ok, int line, struct trace_str text)
{
    char buf[200];
    struct text where = text_of(buf, sizeof buf);
    text_put_str(&where, script_base_name(s->cfg->path));
    text_put_char(&where, ':');
    text_put_i64(&where, line);
    nsec now = s->sim != NULL ? sim_now(s->sim) : 0;
    uint16_t host = s->current != NULL ? s->current->program->host->id : 0;
    trace_emit(&s->sink, &(struct trace_event){
        .at = now, .host = host, .type = TRACE_EXPECT,
        .expect = {.ok = ok, .where = {buf, (uint32_t)where.len}, .text = text}});
    if (ok) s->met++;
    else s->failed++;
    if (ok || s->cfg->err == NULL) return;
    fprintf(s->cfg->err, "%s:%d: not met: ", s->cfg->path, line);
    put_line(s->cfg->err, text.p, text.len);
}

void script_judge(struct script *s, int line, const char *text)
{
    tell_expect(s, false, line, (struct trace_str){text, (uint32_t)strlen(text)});
}

static void check_expect(struct script *s, lua_State *L, bool ok, const char *text)
{
    lua_Debug ar = {.currentline = 0};
    bool known = lua_getstack(L, 1, &ar) && lua_getinfo(L, "Sl", &ar) && ar.currentline > 0;
    int line = known ? ar.currentline : 0;
    if (line > 0 && (size_t)line <= s->lines) s->mark[line] |= EXPECT_REACHED;
    size_t len = text != NULL ? strlen(text) : 0;
    if (text == NULL) text = line_of(s, line, &len);
    tell_expect(s, ok, line, (struct trace_str){text, (uint32_t)len});
}

static int lua_expect(lua_State *L)
{
    luaL_checkany(L, 1);
    check_expect(script_of(L), L, lua_toboolean(L, 1), luaL_optstring(L, 2, NULL));
    lua_settop(L, 1);
    return 1;
}

void script_note(struct script *s, uint16_t host, const char *text, size_t len)
{
    trace_emit(&s->sink, &(struct trace_event){
        .at = s->sim != NULL ? sim_now(s->sim) : 0, .host = host, .type = TRACE_NOTE,
        .note = {.text = {text, (uint32_t)len}}});
}

// --- the text --------------------------------------------------------------------------------

static char *read_file(FILE *f, size_t *len)
{
    char *text = malloc(SCRIPT_TEXT_MAX + 1);
    if (text == NULL) return NULL;
    *len = fread(text, 1, SCRIPT_TEXT_MAX + 1, f);
    return text;
}

bool script_say(struct script *s, const char *what)
{
    struct text t = text_of(s->error, sizeof s->error);
    put_fmt(&t, s->cfg->path, ": ", what);
    s->broken = true;
    return false;
}

static bool read_text(struct script *s)
{
    const struct script_config *cfg = s->cfg;
    if (cfg->text != NULL) {
        s->len = cfg->len;
        s->text = malloc(cfg->len + 1);
        if (s->text != NULL) memcpy(s->text, cfg->text, cfg->len);
    } else {
        FILE *f = fopen(cfg->path, "rb");
        if (f == NULL) return script_say(s, strerror(errno));
        s->text = read_file(f, &s->len);
        bool bad = ferror(f) != 0;
        int error = errno;
        fclose(f);
        if (bad) return script_say(s, strerror(error));
    }
    if (s->text == NULL) return script_say(s, "no memory");
    if (s->len > SCRIPT_TEXT_MAX) return script_say(s, "longer than a scenario may be (4 MiB)");
    if (s->len > 0 && s->text[0] == '#')  // an interpreter's line is a comment to us
        for (size_t i = 0; i < s->len && s->text[i] != '\n'; i++) s->text[i] = ' ';
    s->lines = 1;
    for (size_t i = 0; i < s->len; i++) s->lines += s->text[i] == '\n';
    s->mark = calloc(s->lines + 2, 1);
    if (s->mark == NULL) return script_say(s, "no memory");
    mark_expects(s);
    return true;
}

// --- a run -----------------------------------------------------------------------------------

struct sim *script_sim(lua_State *L)
{
    struct script *s = script_of(L);
    if (s->sim == NULL) luaL_error(L, "there is no network yet: netglass.network{}");
    return s->sim;
}

nsec script_now(const struct script *s) { return sim_now(s->sim) - s->start; }

void script_may_call(lua_State *L)
{
    if (script_of(L)->watching)
        luaL_error(L, "the stack is at work: a watcher may look, and act only by net:at()");
}

void script_add_methods(lua_State *L, const char *type, const luaL_Reg *methods)
{
    luaL_newmetatable(L, type);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "locked");
    lua_setfield(L, -2, "__metatable");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}

static int open_world(lua_State *L)
{
    struct script *s = script_of(L);
    safe_open(L);
    net_open(L);
    app_open(L);
    sock_open(L);
    lua_register(L, "expect", lua_expect);
    lua_newtable(L);
    for (size_t i = 0; i < s->cfg->params; i++) {
        lua_pushstring(L, s->cfg->param[i].value);
        lua_setfield(L, -2, s->cfg->param[i].key);
    }
    lua_setglobal(L, "param");
    return 0;
}

static bool open_state(struct script *s)
{
    s->L = lua_newstate(limited_alloc, s);
    if (s->L == NULL) return script_say(s, "no memory");
    memcpy(lua_getextraspace(s->L), &s, sizeof s);
    lua_sethook(s->L, count_steps, LUA_MASKCOUNT, HOOK_STEPS);
    lua_pushcfunction(s->L, open_world);
    if (lua_pcall(s->L, 0, 0, 0) == LUA_OK) return true;
    return script_say(s, lua_tostring(s->L, -1));
}

static void run_main(struct script *s)
{
    lua_State *L = s->L;
    char name[512];
    struct text t = text_of(name, sizeof name);
    put_fmt(&t, "@", s->cfg->path, "");
    if (s->len > 0 && s->text[0] == LUA_SIGNATURE[0]) {
        script_say(s, "this is compiled Lua; a scenario is text");
        return;
    }
    lua_pushcfunction(L, on_main_error);
    int status = luaL_loadbufferx(L, s->text, s->len, name, "t");
    if (status == LUA_OK) status = lua_pcall(L, 0, 0, 1);
    else script_fail(s, L);
    if (status == LUA_OK || s->broken) return;
    // No handler runs when memory is out.
    script_say(s, status == LUA_ERRMEM ? "out of memory" : "it failed");
}

void script_close(struct script *s)
{
    if (s == NULL) return;
    s->closing = true;
    net_free(s);
    trace_close(s);
    if (s->L != NULL) lua_close(s->L);
    free(s->scratch);
    free(s->text);
    free(s->mark);
    free(s);
}

struct script *script_open(const struct script_config *cfg)
{
    struct script *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->cfg = cfg;
    s->seed = cfg->has_seed ? cfg->seed : SEED_DEFAULT;
    rng_seed(&s->rng, s->seed);
    list_reset(&s->hosts);
    list_reset(&s->programs);
    list_reset(&s->watchers);
    list_reset(&s->timers);
    trace_open(s);
    s->scratch = malloc(SCRIPT_READ_MAX);
    if (s->scratch != NULL) return s;
    free(s);
    return NULL;
}

enum script_verdict script_end(struct script *s, struct script_report *report)
{
    const struct script_config *cfg = s->cfg;
    if (!s->broken) app_judge(s);
    if (!s->broken) net_check_given(s);
    if (s->broken && !s->stopped && cfg->err != NULL)
        put_line(cfg->err, s->error, strlen(s->error));
    *report = (struct script_report){.met = s->met, .failed = s->failed, .seed = s->seed,
                                     .undone = s->undone, .stopped = s->stopped,
                                     .end = s->sim != NULL ? script_now(s) : 0};
    return s->broken ? SCRIPT_BROKEN : s->failed ? SCRIPT_FAILED : SCRIPT_MET;
}

enum script_verdict script_run(const struct script_config *cfg, struct script_report *report)
{
    *report = (struct script_report){0};
    struct script *s = script_open(cfg);
    if (s == NULL) return SCRIPT_BROKEN;
    if (read_text(s) && open_state(s)) run_main(s);
    enum script_verdict verdict = script_end(s, report);
    script_close(s);
    return verdict;
}

// --- by the real clock -----------------------------------------------------------------------

struct trace_sink *script_sink(struct script *s) { return &s->sink; }

bool script_begin(struct script *s, const struct script_world *world)
{
    s->sim = world->sim;
    s->start = sim_now(world->sim);
    s->live = true;
    if (!read_text(s) || !open_state(s)) return false;
    struct script_world given = *world;
    lua_pushcfunction(s->L, net_give);
    lua_pushlightuserdata(s->L, &given);
    if (lua_pcall(s->L, 1, 0, 0) == LUA_OK) run_main(s);
    else script_say(s, lua_tostring(s->L, -1));
    return !s->broken;
}

bool script_rests(const struct script *s)
{
    if (s->broken) return true;
    LIST_EACH(n, &s->programs)
        if (!LIST_ENTRY(n, struct program, link)->done) return false;
    return list_empty(&s->timers);
}
