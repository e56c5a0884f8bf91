// lua_live_test.c - a script on a host that somebody else made and whose clock somebody else runs.
#include <check.h>
#include <stdio.h>

#include "claims.h"
#include "scenarios/lua/script.h"
#include "scenarios/sim/sim.h"

enum { SAID = 1000 };

static const nsec start = SEC(1000000);

struct live { char out[SAID], err[SAID]; enum script_verdict verdict; bool begun, rested; };

// Runs it for ten seconds on one host, 127.0.0.1, as netglass up would.
static struct live run(const char *text)
{
    struct live l = {0};
    struct script_config cfg = {.path = "t.lua", .text = text, .len = strlen(text),
                                .out = fmemopen(l.out, SAID - 1, "w"),
                                .err = fmemopen(l.err, SAID - 1, "w")};
    struct script *s = script_open(&cfg);
    ck_assert_ptr_nonnull(s);
    struct sim *sim = sim_new(&(struct sim_config){.name = "up", .seed = 1, .now = start,
                                                   .trace = script_sink(s)});
    struct host *h = sim_add_host(sim, "netglass");
    l.begun = script_begin(s, &(struct script_world){
        .sim = sim, .host = h, .name = "netglass", .id = 1});
    for (nsec t = 0; t < SEC(10) && !script_rests(s); t += MSEC(100)) sim_run(sim, start + t);
    l.rested = script_rests(s);
    struct script_report report;
    l.verdict = script_end(s, &report);
    sim_free(sim);
    script_close(s);
    fclose(cfg.out);
    fclose(cfg.err);
    return l;
}

static const char talk[] =
    "net:on('tcp_state', function(ev) seen = true end)\n"
    "host:app('server', function(app)\n"
    "  local l = app:socket('tcp') l:bind(80) l:listen(5)\n"
    "  local c = l:accept() c:write('hello ' .. c:read(100)) c:close()\n"
    "end)\n"
    "net:at('1s', function() print('one second', net:now()) end)\n"
    "host:app('client', function(app)\n"
    "  app:sleep('2s')\n"
    "  local s = app:socket('tcp') expect(s:connect('127.0.0.1', 80))\n"
    "  s:write('you') print(s:read(100), app:now()) expect(seen)\n"
    "end)\n";

START_TEST(applications_run_by_another_clock)
{
    struct live l = run(talk);
    ck_assert_msg(l.begun && l.rested && l.verdict == SCRIPT_MET, "%s", l.err);
    ck_assert_str_eq(l.out, "one second\t1.0\nhello you\t2.0\n");
}
END_TEST

START_TEST(a_server_never_rests)
{
    struct live l = run("host:app('server', function(app) local l = app:socket('tcp') l:bind(80)\n"
                        "l:listen(5) l:accept() expect(false) end)");
    ck_assert(l.begun && !l.rested);
    ck_assert_int_eq(l.verdict, SCRIPT_FAILED);
    ck_assert_ptr_nonnull(strstr(l.err, "never reached: server on netglass still waits"));
}
END_TEST

static const struct { const char *text, *says; } wrong[] = {
    {"net:run('1s')", "t.lua:1: net:run(): this network is real"},
    {"netglass.network{}", "t.lua:1: this network is real: it is there as `net`"},
    {"net:host('x')", "t.lua:1: this network is real: its host is there as `host`"},
    {"host:app('a', function(app) app:sleep('1s') nothing() end)", "t.lua:1: attempt to call"},
    {"((", "t.lua:1:"},
};

START_TEST(what_is_wrong_ends_it_with_one_line)
{
    struct live l = run(wrong[_i].text);
    ck_assert(l.rested);
    ck_assert_int_eq(l.verdict, SCRIPT_BROKEN);
    ck_assert_msg(strstr(l.err, wrong[_i].says) == l.err, "%s", l.err);
    ck_assert_ptr_eq(strchr(l.err, '\n'), l.err + strlen(l.err) - 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lua_live");
    TCase *tc = tcase_create("lua_live");
    tcase_add_test(tc, applications_run_by_another_clock);
    tcase_add_test(tc, a_server_never_rests);
    tcase_add_loop_test(tc, what_is_wrong_ends_it_with_one_line, 0, ARRAY_LEN(wrong));
    suite_add_tcase(s, tc);
    return run_claims(s);
}
