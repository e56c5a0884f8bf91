// lua_app.c - applications: host:app(name, fn), app:spawn(fn), app:sleep("10ms"), and the tasks
// that run their functions.
#include "scenarios/lua/lua_script.h"

#define APP_TYPE "app"

struct program *check_program(lua_State *L, int i)
{
    return *(struct program **)luaL_checkudata(L, i, APP_TYPE);
}

// --- tasks -----------------------------------------------------------------------------------

static void task_free(struct task *t)
{
    list_remove(&t->link);
    free(t);
}

// A program ends with its last task, as a process does, and what it left open is closed.
static void task_end(struct task *t)
{
    struct program *p = t->program;
    luaL_unref(p->s->L, LUA_REGISTRYINDEX, t->ref);
    task_free(t);
    if (!list_empty(&p->tasks)) return;
    p->done = true;
    ng_app_exit(p->app.host, p->app.id);
}

static void task_resume(struct task *t, int args)
{
    struct program *p = t->program;
    struct script *s = p->s;
    if (s->broken) return;
    if (t->timer != 0) sim_cancel(s->sim, t->timer);
    t->timer = 0;
    t->sock = 0;
    script_turn(s);
    sim_touch(s->sim, p->app.host);
    s->current = t;
    int results, status = lua_resume(t->co, s->L, args, &results);
    s->current = NULL;
    if (status == LUA_YIELD) lua_pop(t->co, results);
    else if (status == LUA_OK) task_end(t);
    else script_fail(s, t->co);
}

void task_wake(void *self)
{
    struct task *t = self;
    t->timer = 0;
    task_resume(t, 0);
}

// The function and its arguments stand on its stack.
static void task_start(void *self)
{
    struct task *t = self;
    t->timer = 0;
    task_resume(t, lua_gettop(t->co) - 1);
}

// A task that will begin in the present instant, after whoever makes it. Takes the function and its
// arguments, which are the top `count` values.
static void task_new(lua_State *L, struct program *p, int count)
{
    struct task *t = calloc(1, sizeof *t);
    if (t == NULL) luaL_error(L, "no memory for a task");
    t->program = p;
    list_push_back(&p->tasks, &t->link);
    t->co = lua_newthread(L);
    t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    luaL_checkstack(t->co, count + 1, NULL);
    lua_xmove(L, t->co, count);
    lua_Debug ar;
    lua_pushvalue(t->co, 1);
    lua_getinfo(t->co, ">S", &ar);
    t->first = ar.linedefined;
    t->last = ar.lastlinedefined;
    t->call = "start";
    t->timer = sim_at(p->s->sim, sim_now(p->s->sim), task_start, t);
    if (t->timer == 0) luaL_error(L, "too many timers");
}

struct task *task_current(lua_State *L, const char *call)
{
    struct script *s = script_of(L);
    script_may_call(L);
    if (s->current == NULL || s->current->co != L)
        luaL_error(L, "%s() would wait, and only the functions of an app may", call);
    return s->current;
}

int task_wait(lua_State *L, struct task wait, lua_KContext ctx, lua_KFunction k)
{
    struct task *t = task_current(L, wait.call);
    t->sock = wait.sock;
    t->events = wait.events;
    t->fd = wait.fd;
    t->call = wait.call;
    return lua_yieldk(L, 0, ctx, k);
}

// A closed handle is never named again, so who waits for it would wait for ever: it looks again,
// and sees EBADF.
void app_socket_closed(struct program *p, ng_sock sock)
{
    struct sim *sim = p->s->sim;
    LIST_EACH(n, &p->tasks) {
        struct task *t = LIST_ENTRY(n, struct task, link);
        if (t->sock != sock || t == p->s->current) continue;
        t->sock = 0;
        t->timer = sim_at(sim, sim_now(sim), task_wake, t);
    }
}

// --- programs --------------------------------------------------------------------------------

static void program_ready(struct app *a, ng_sock sock, unsigned events)
{
    struct program *p = LIST_ENTRY(a, struct program, app);
    LIST_EACH_SAFE(n, following, &p->tasks) {
        struct task *t = LIST_ENTRY(n, struct task, link);
        if (t->sock != sock || t->sock == 0) continue;
        if ((events & (t->events | NG_ERROR | NG_HUP)) != 0) task_resume(t, 0);
    }
}

static void program_free(struct app *a)
{
    struct program *p = LIST_ENTRY(a, struct program, app);
    LIST_EACH_SAFE(n, following, &p->tasks) task_free(LIST_ENTRY(n, struct task, link));
    list_remove(&p->link);
    free(p);
}

int host_app(lua_State *L)
{
    struct lua_host *h = check_host(L, 1);
    const char *name = luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    script_may_call(L);
    luaL_argcheck(L, *name != 0 && strlen(name) < sizeof ((struct program *)0)->name, 2,
                  "an app's name has 1 to 31 bytes");
    lua_settop(L, 3);
    struct program **ud = lua_newuserdatauv(L, sizeof *ud, 0);
    struct program *p = *ud = calloc(1, sizeof *p);
    if (p == NULL) return luaL_error(L, "no memory for an app");
    *p = (struct program){.host = h, .s = h->s};
    sim_touch(h->s->sim, h->host);
    p->app = (struct app){.host = h->host, .ready = program_ready, .free = program_free,
                          .id = ng_app_new(h->host, name, true)};
    memcpy(p->name, name, strlen(name) + 1);
    list_reset(&p->tasks);
    list_push_back(&h->s->programs, &p->link);
    apps_add(sim_apps(h->s->sim), &p->app);
    if (p->app.id == 0) return luaL_error(L, "no memory for an app");
    luaL_setmetatable(L, APP_TYPE);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, 4);
    task_new(L, p, 2);
    return 1;
}

static int app_spawn(lua_State *L)
{
    struct program *p = check_program(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (p->done) return luaL_error(L, "app %s has ended", p->name);
    task_new(L, p, lua_gettop(L) - 1);
    return 0;
}

static int slept(lua_State *L, int status, lua_KContext ctx)
{
    (void)L, (void)status, (void)ctx;
    return 0;
}

static int app_sleep(lua_State *L)
{
    struct program *p = check_program(L, 1);
    nsec d = check_nsec(L, 2, "sleep");
    struct task *t = task_current(L, "sleep");
    t->timer = sim_at(p->s->sim, sim_now(p->s->sim) + d, task_wake, t);
    if (t->timer == 0) return luaL_error(L, "too many timers");
    return task_wait(L, (struct task){.call = "sleep", .fd = -1}, 0, slept);
}

static int app_now(lua_State *L)
{
    lua_pushnumber(L, (double)script_now(check_program(L, 1)->s) / 1e9);
    return 1;
}

static int app_done(lua_State *L)
{
    lua_pushboolean(L, check_program(L, 1)->done);
    return 1;
}

static int app_note(lua_State *L)
{
    struct program *p = check_program(L, 1);
    size_t len;
    const char *text = luaL_checklstring(L, 2, &len);
    script_note(p->s, p->host->id, text, len);
    return 0;
}

static int app_name(lua_State *L)
{
    lua_pushstring(L, check_program(L, 1)->name);
    return 1;
}

// --- the end ---------------------------------------------------------------------------------

static void judge_line(struct script *s, const struct task *t, size_t line)
{
    char buf[200];
    struct text text = text_of(buf, sizeof buf);
    text_put_str(&text, "never reached: ");
    text_put_str(&text, t->program->name);
    text_put_str(&text, " on ");
    text_put_str(&text, t->program->host->name);
    text_put_str(&text, " still waits in ");
    text_put_str(&text, t->call);
    text_put_char(&text, '(');
    if (t->fd >= 0) text_put_i64(&text, t->fd);
    text_put_char(&text, ')');
    script_judge(s, (int)line, buf);
    s->mark[line] |= EXPECT_REACHED;
}

// An app that waits for ever is no fault in itself: servers do. But an expectation in its lines
// that was not reached by then has not been met.
void app_judge(struct script *s)
{
    LIST_EACH(n, &s->programs) {
        LIST_EACH(k, &LIST_ENTRY(n, struct program, link)->tasks) {
            const struct task *t = LIST_ENTRY(k, struct task, link);
            for (size_t i = (size_t)t->first; i <= (size_t)t->last && i <= s->lines; i++)
                if ((s->mark[i] & (EXPECT_HERE | EXPECT_REACHED)) == EXPECT_HERE)
                    judge_line(s, t, i);
        }
    }
}

void app_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"socket", app_socket}, {"resolve", app_resolve}, {"ping", app_ping},
        {"spawn", app_spawn}, {"sleep", app_sleep}, {"now", app_now},
        {"note", app_note}, {"done", app_done}, {"name", app_name}, {NULL, NULL}};
    script_add_methods(L, APP_TYPE, methods);
}
