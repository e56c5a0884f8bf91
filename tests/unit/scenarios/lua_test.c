// lua_test.c - scenarios as strings: what they may do, what they may not, and what is said of it.
#include <check.h>

#include "claims.h"
#include "core/trace.h"
#include "scenarios/lua/script.h"
#include "scenarios/sim/units.h"

enum { SAID = 4096, WORLD = 1200 };

struct result {
    enum script_verdict  verdict;
    struct script_report report;
    char                 out[SAID], err[SAID];
};

static struct result run_with(const char *text, struct script_config cfg)
{
    struct result r = {0};
    cfg.path = "t.lua";
    cfg.text = text;
    cfg.len = strlen(text);
    cfg.out = fmemopen(r.out, sizeof r.out - 1, "w");
    cfg.err = fmemopen(r.err, sizeof r.err - 1, "w");
    r.verdict = script_run(&cfg, &r.report);
    fclose(cfg.out);
    fclose(cfg.err);
    return r;
}

static struct result run(const char *text) { return run_with(text, (struct script_config){0}); }

// --- the language ----------------------------------------------------------------------------

static const struct { const char *what, *text, *out; } prints[] = {
    {"pairs walks sorted",
     "local t = {z=1, a=1, m=1, [3]=1, [1]=1, [2.5]=1, [true]=1}\n"
     "local s = '' for k in pairs(t) do s = s .. tostring(k) .. ' ' end print(s)",
     "1 2.5 3 a m z true \n"},
    {"a key cleared on the way is passed over",
     "local t = {a=1,b=2,c=3} local s = '' for k in pairs(t) do s = s .. k t.b = nil end print(s)",
     "ac\n"},
    {"pairs asks __pairs",
     "local t = setmetatable({}, {__pairs = function() return function(_, k) "
     "if not k then return 1, 2 end end, nil, nil end}) for k, v in pairs(t) do print(k, v) end",
     "1\t2\n"},
    {"next is the least above", "print(next({b=1, a=2})) print(next({a=1}, 'a')) print(next({}))",
     "a\t2\nnil\nnil\n"},
    {"sort is stable and takes a comparison",
     "local t = {} for i = 1, 300 do t[i] = {k = i % 3, i = i} end\n"
     "table.sort(t, function(a, b) return a.k < b.k end)\n"
     "local ok = true for i = 2, 300 do local a, b = t[i-1], t[i]\n"
     "ok = ok and (a.k < b.k or a.k == b.k and a.i < b.i) end print(ok)", "true\n"},
    {"sort without one", "local t = {3,1,2} table.sort(t) print(table.concat(t, ','))", "1,2,3\n"},
    {"no address is shown", "print({}, print, tostring({}), ('%s'):format({}))",
     "table\tfunction\ttable\ttable\n"},
    {"but __tostring is",
     "print(setmetatable({}, {__tostring = function() return 'me' end}))", "me\n"},
    {"format is else as ever", "print(('%d%% %5.2f %q'):format(7, 1.5, 'x'))", "7%  1.50 \"x\"\n"},
    {"the doors are gone",
     "print(io, os, package, debug, coroutine, require, dofile, loadfile, collectgarbage)\n"
     "print(string.dump, math.randomseed)",
     "nil\tnil\tnil\tnil\tnil\tnil\tnil\tnil\tnil\nnil\tnil\n"},
    {"load takes text", "print(load('return 1 + 1')())", "2\n"},
    {"and no binary", "print((load('\\27Lua')))", "nil\n"},
    {"chance draws within bounds",
     "local ok = true for _ = 1, 1000 do local a, b, c = math.random(), math.random(6), "
     "math.random(-2, 2)\n ok = ok and a >= 0 and a < 1 and b >= 1 and b <= 6 and c >= -2 and "
     "c <= 2 end print(ok)", "true\n"},
    {"param without -D is empty", "print(next(param), param.x)", "nil\tnil\n"},
    {"an interpreter's line is passed over", "#!/usr/bin/env netglass run\nprint('x')", "x\n"},
};

START_TEST(the_language_has_no_chance_and_no_doors)
{
    struct result r = run(prints[_i].text);
    ck_assert_msg(r.verdict == SCRIPT_MET, "%s: %s", prints[_i].what, r.err);
    ck_assert_str_eq(r.out, prints[_i].out);
}
END_TEST

START_TEST(chance_is_the_seeds)
{
    static const char text[] = "netglass.network{seed = 3} print(math.random(1000000000))";
    struct result a = run(text), b = run(text);
    struct result c = run_with(text, (struct script_config){.has_seed = true, .seed = 4});
    ck_assert_str_eq(a.out, b.out);
    ck_assert_str_ne(a.out, c.out);
    ck_assert_uint_eq(a.report.seed, 3);
    ck_assert_uint_eq(c.report.seed, 4);
}
END_TEST

// --- what is wrong is said ---------------------------------------------------------------------

#define NET "local net = netglass.network{}\n"
#define HOSTS NET "local a = net:host('a', {ip = '10.0.0.1/24'})\n" \
                  "local b = net:host('b', {ip = '10.0.0.2/24'})\n"
#define CABLE HOSTS "local cable = net:link(a, b, {rate = '100Mbit', delay = '1ms'})\n"

static const struct { const char *what, *text, *says; } errors[] = {
    {"bad syntax", "local x = = 1", "t.lua:1: unexpected symbol"},
    {"a fault in the main chunk", "local x = nil\nlocal function f()\n  return x.y\nend\nf()",
     "t.lua:3: attempt to index"},
    {"with the way there", "local x = nil\nlocal function f()\n  return x.y\nend\nf()",
     "(called from t.lua:5)"},
    {"a fault in an app", CABLE "a:app('x', function(app)\n  error('ouch')\nend)\nnet:run('1s')",
     "t.lua:6: ouch"},
    {"an error that is no text", "\nerror({})", "t.lua:2: an error that is no text"},
    {"nor in an app", CABLE "a:app('x', function(app)\n  error()\nend)\nnet:run('1s')",
     "t.lua:6: an error that is no text"},
    {"of many lines one is made", "error('one\\ntwo')", "t.lua:1: one two\n"},
    {"compiled Lua", "\33Lua", "t.lua: this is compiled Lua"},
    {"a loop without end", "while true do\nend", "t.lua:1: 1000000 steps"},
    {"even in a pcall", "while true do pcall(function() while true do end end) end", "steps"},
    {"a loop without end in an app", CABLE "a:app('x', function()\n while true do end end)\n"
     "net:run('1s')", "t.lua:6: 1000000 steps"},
    {"all memory", "local s = 'x' while true do s = s .. s end", "t.lua: out of memory"},
    {"a network that never rests", CABLE "b:app('y', function(app) local s = app:socket('udp')\n"
     "s:bind(7) s:sendto('x', '10.0.0.1:7') while true do s:sendto(s:recvfrom()) end end)\n"
     "a:app('x', function(app) local s = app:socket('udp') s:bind(7)\n"
     "while true do s:sendto(s:recvfrom()) end end) net:run('10000h')", "the network never rests"},
    {"two networks", NET "netglass.network{}", "t.lua:2: there is a network already"},
    {"an unknown option", NET "net:host('a', {pi = '10.0.0.1/24'})", "no option 'pi'; there are: "},
    {"no address", NET "net:host('a', {ip = '10.0.0.1'})", "ip: expected an address such as"},
    {"no rate", HOSTS "net:link(a, b, {rate = 'fast'})", "rate: expected a rate such as"},
    {"no time", HOSTS "net:link(a, b, {delay = '1 parsec'})", "delay: expected a time such as"},
    {"no chance", HOSTS "net:link(a, b, {loss = 2})", "loss: expected a chance such as"},
    {"no queue", HOSTS "net:link(a, b, {queue = 0})", "queue: expected a number of packets"},
    {"no server", NET "net:host('a', {dns = 'here'})", "dns: 'here' is no address"},
    {"a name without a port", CABLE "a:app('x', function(app) app:socket('tcp'):connect('x.y') end)"
     " net:run('1s')", "bad argument #2"},
    {"no VLAN", HOSTS "net:link(a, b, {vlan = 4095})", "vlan: expected a number from 0 to 4094"},
    {"half a pair", HOSTS "net:link(a, b, {mtu = {1500}})", "mtu: expected a number from 68 to"},
    {"an MTU too small for IPv6", NET "net:link(net:host('a', {ip6 = 'fd00::1/64'}), "
     "net:host('b')):set{mtu = 1279}",
     "mtu: IPv6 needs 1280, got 1279"},
    {"no MTU", CABLE "cable:set{mtu = 67}", "mtu: expected a number from 68 to 65535"},
    {"IPv6 where it cannot be", NET "net:link(net:host('a', {ip6 = 'fd00::1/64'}), net:host('b'), "
     "{mtu = 1000})", "host a: it cannot have fd00::1/64 here: EINVAL"},
    {"no filter", CABLE "cable:drop{filter = 'tcp and and'}", "filter: "},
    {"another cable's host", CABLE "cable:drop{from = net:host('c', {})}",
     "from: host c is not at this cable"},
    {"no setting", NET "net:host('a', {sysctl = {['net.nothing'] = 1}})",
     "host a: there is no setting 'net.nothing'"},
    {"out of range", NET "net:host('a', {sysctl = {['net.ipv4.ip_default_ttl'] = 0}})",
     "is out of range"},
    {"a name twice", HOSTS "net:host('a')", "there is a host of that name"},
    {"waiting in the main chunk", CABLE "local keep\na:app('x', function(app) keep = "
     "app:socket('udp') app:sleep('1h') end)\nnet:run('1ms') keep:recvfrom()",
     "recvfrom() would wait, and only the functions of an app may"},
    {"sleeping in a callback", CABLE "local app = a:app('x', function(app) app:sleep('1s') end)\n"
     "net:at('1ms', function() app:sleep('1s') end) net:run('2s')", "only the functions of an app"},
    {"acting in a watcher", CABLE "net:on('sock_new', function() a:app('y', function() end) end)\n"
     "a:app('x', function(app) app:socket('udp') end) net:run('1s')", "the stack is at work"},
    {"an unknown event", NET "net:on('nothing', print)", "there is no event 'nothing'"},
    {"running within a run", CABLE "net:at('1ms', function() net:run('1s') end) net:run('1s')",
     "net:run() is for the main chunk"},
    {"a time that is over", CABLE "net:run('1s') net:at('1ms', print)", "that time is over"},
    {"keys without an order", "for k in pairs({[{}] = 1}) do end", "has no order that repeats"},
    {"__gc", "setmetatable({}, {__gc = print})", "__gc runs when memory happens to"},
    {"an address by format", "print(('%p'):format({}))", "would show an address"},
    {"an unknown socket option", CABLE "a:app('x', function(app) app:socket('tcp'):set('speed', 1)"
     " end) net:run('1s')", "there is no socket option 'speed'"},
    {"a port too far", CABLE "a:app('x', function(app) app:socket('tcp'):bind(65536) end)"
     " net:run('1s')", "65536 is not a port"},
};

START_TEST(an_error_says_where_and_what)
{
    struct script_config limits = {.steps = 1000000, .events = 100000, .memory = 8 << 20};
    struct result r = run_with(errors[_i].text, limits);
    ck_assert_msg(r.verdict == SCRIPT_BROKEN, "%s: it was let through", errors[_i].what);
    ck_assert_msg(strstr(r.err, errors[_i].says) != NULL, "%s: %s", errors[_i].what, r.err);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_said)
{
    char err[SAID] = "";
    FILE *f = fmemopen(err, sizeof err - 1, "w");
    struct script_report report;
    struct script_config cfg = {.path = "no/such.lua", .err = f};
    ck_assert_int_eq(script_run(&cfg, &report), SCRIPT_BROKEN);
    fclose(f);
    ck_assert_str_eq(err, "no/such.lua: No such file or directory\n");
}
END_TEST

// --- expectations ----------------------------------------------------------------------------

static const struct {
    const char *what, *text;
    unsigned    met, failed;
    const char *says;
} judged[] = {
    {"met", "expect(1 == 1) expect(true, 'said')", 2, 0, ""},
    {"not met, with its source", "local x = 1\n  expect(x == 2)\n", 0, 1,
     "t.lua:2: not met: expect(x == 2)"},
    {"not met, with its text", "expect(false, 'the sky is green')", 0, 1,
     "t.lua:1: not met: the sky is green"},
    {"never reached by an app that still waits",
     CABLE "b:app('x', function(app)\n  local s = app:socket('udp')\n  s:bind(7)\n  s:recvfrom()\n"
     "  expect(true)\nend)\nnet:run('1s')", 0, 1,
     "t.lua:9: not met: never reached: x on b still waits in recvfrom(3)"},
    {"a branch not taken by one that ended is fine",
     CABLE "b:app('x', function(app)\n  if app:now() > 5 then\n expect(false)\n end\nend)\n"
     "net:run('1s')", 0, 0, ""},
    {"nor does a comment count",
     CABLE "b:app('x', function(app)\n  local s = app:socket('udp')\n  s:bind(7)\n  s:recvfrom()\n"
     "  -- expect(true)\nend)\nnet:run('1s')", 0, 0, ""},
};

START_TEST(expectations_are_judged)
{
    struct result r = run(judged[_i].text);
    ck_assert_msg(r.report.met == judged[_i].met && r.report.failed == judged[_i].failed,
                  "%s: %u met, %u failed; %s", judged[_i].what, r.report.met, r.report.failed,
                  r.err);
    ck_assert_int_eq(r.verdict, judged[_i].failed > 0 ? SCRIPT_FAILED : SCRIPT_MET);
    ck_assert_msg(strstr(r.err, judged[_i].says) != NULL, "%s: %s", judged[_i].what, r.err);
}
END_TEST

// --- the world -------------------------------------------------------------------------------

static const struct { const char *what, *text; } worlds[] = {
    {"time passes in sleep and in links",
     "a:app('x', function(app)\n app:sleep('250ms') expect(app:now() == 0.25)\n"
     " app:sleep(1) expect(app:now() == 1.25) end)"},
    {"net:at acts at its time",
     "net:at('300ms', function() expect(net:now() == 0.3) cable:set{delay = '5ms'} end)\n"
     "local set = 0 net:on('link_set', function(ev) set = set + 1 expect(ev.delay == 0.005) "
     "expect(ev.at == 0.3) end)\n net:run('1s') expect(set == 2)"},
    {"an app is done when its last task is",
     "local x = a:app('x', function(app) app:spawn(function(n) app:sleep(n) end, 2) end)\n"
     "net:run('1s') expect(not x:done()) net:run('2s') expect(x:done())"},
    {"a refused connection is an error of that name",
     "a:app('x', function(app) local ok, err = app:socket('tcp'):connect('10.0.0.2', 80)\n"
     " expect(ok == nil) expect(err == 'ECONNREFUSED') end)"},
    {"so is a port in use",
     "a:app('x', function(app) app:socket('udp'):bind(7)\n"
     " local ok, err = app:socket('udp'):bind(7) expect(not ok and err == 'EADDRINUSE') end)"},
    {"a socket closed by another task wakes who waits in it",
     "a:app('x', function(app) local s = app:socket('udp') s:bind(7)\n"
     " app:spawn(function() app:sleep('1ms') s:close() end)\n"
     " local d, err = s:recvfrom() expect(d == nil and err == 'EBADF') end)"},
    {"options are set and got",
     "a:app('x', function(app) local s = app:socket('tcp')\n"
     " expect(s:set('nodelay', true)) expect(s:get('nodelay') == 1)\n"
     " expect(s:set('linger', 3)) expect(s:get('linger') == 3)\n"
     " expect(s:set('linger', false)) expect(s:get('linger') == false) end)"},
    {"write takes all, read gives in parts",
     "local text = ('x'):rep(300000)\n"
     "b:app('y', function(app) local l = app:socket('tcp') l:bind('*', 80) l:listen()\n"
     " local c = l:accept() local n = 0\n"
     " while true do local d = c:read(1000) if not d then break end n = n + #d end\n"
     " expect(n == 300000) end)\n"
     "a:app('x', function(app) local s = app:socket('tcp') expect(s:connect('10.0.0.2:80'))\n"
     " expect(s:write(text) == 300000) s:close() end)"},
    {"read_all takes a number too",
     "b:app('y', function(app) local l = app:socket('tcp') l:bind(80) l:listen()\n"
     " local c = l:accept() expect(c:read_all(3) == 'abc') expect(c:read_all() == 'def') end)\n"
     "a:app('x', function(app) local s = app:socket('tcp') s:connect('10.0.0.2', 80)\n"
     " s:write('abcdef') s:close() end)"},
    {"an urgent byte is read before its turn, and marks its place",
     "b:app('y', function(app) local l = app:socket('tcp') l:bind(80) l:listen()\n"
     " local c = l:accept() expect(c:read_urgent() == '!') expect(c:get('inq') == 3)\n"
     " expect(c:get('atmark') == 0) expect(c:read() == 'abc') expect(c:get('atmark') == 1)\n"
     " expect(c:read() == 'def') expect(c:read_urgent() == nil) end)\n"
     "a:app('x', function(app) local s = app:socket('tcp') s:connect('10.0.0.2', 80)\n"
     " s:write('abc') expect(s:write_urgent('!') == 1) s:write('def') s:close() end)"},
    {"a rule drops what its filter names",
     "cable:drop{from = a, filter = 'udp port 7', skip = 1, count = 1}\n"
     "b:app('y', function(app) local s = app:socket('udp') s:bind(7)\n"
     " expect(s:recvfrom() == '1') expect(s:recvfrom() == '3') end)\n"
     "a:app('x', function(app) local s = app:socket('udp')\n"
     " for i = 1, 3 do s:sendto(tostring(i), '10.0.0.2:7') app:sleep('10ms') end end)"},
    {"a breakpoint stops the run and it goes on",
     "net:breakpoint(function(ev) return ev.type == 'note' and ev.text == 'here' end)\n"
     "net:at('100ms', function() net:note('here') end)\n"
     "expect(net:run('1s') == false) expect(net:now() == 0.1) expect(net:run('1s') == true)"},
    {"events have names for what they say",
     "local seen = {} net:on('*', function(ev) seen[ev.type] = ev end)\n"
     "a:app('x', function(app) local s = app:socket('udp') s:bind(9) end) net:run('1ms')\n"
     "expect(seen.sock_call.call == 'close' or seen.sock_call.call == 'bind')\n"
     "expect(seen.sock_new.kind == 'udp' and seen.sock_new.host == 'a')\n"
     "expect(seen.app_new == nil or seen.app_new.name == 'x')"},
    {"ends of a cable in one VLAN talk, in two they do not",
     "local c, d = net:host('c', {ip = {'10.1.0.1/24', '10.2.0.1/24'}}), "
     "net:host('d', {ip = {'10.1.0.2/24', '10.2.0.2/24'}})\n"
     "net:link(c, d, {vlan = 10}) net:link(c, d, {vlan = {20, 30}, mtu = {1500, 9000}})\n"
     "local lost = 0 net:on('frame_drop', function(ev) lost = lost + (ev.why == 'vlan-not-mine' "
     "and 1 or 0) end)\n"
     "d:app('y', function(app) local s = app:socket('udp') s:bind(7)\n"
     " expect(s:recvfrom() == 'ten') expect(not app:done()) end)\n"
     "c:app('x', function(app) local s = app:socket('udp')\n"
     " s:sendto('twenty', '10.2.0.2:7') s:sendto('ten', '10.1.0.2:7') end)\n"
     "net:run('5s') expect(lost == 3)"},
    {"a cable grows narrow, at one end",
     "cable:set{from = a, mtu = 100}\n"
     "local cut = 0 net:on('frame_step', function(ev) cut = cut + (ev.step == 'ip-cut' and 1 or 0) "
     "end)\n"
     "for i, h in ipairs{a, b} do h:app('x', function(app) local s = app:socket('udp')\n"
     " s:bind(7) s:sendto(('x'):rep(200), i == 1 and '10.0.0.2' or '10.0.0.1', 7)\n"
     " app:sleep('1s') end) end\n"
     "net:run('10ms') expect(cut == 3)"},
    {"without a server names have no address, but for localhost",
     "local c = net:host('c', {dns = '10.0.0.9'})\n"
     "c:app('x', function(app) local s = app:socket('tcp')\n"
     " local ok, err = s:connect('server.example', 80) expect(not ok and err == 'TIMEOUT')\n"
     " local list, name = app:resolve('localhost', 'ip6') expect(list[1] == '::1')\n"
     " local l = app:socket('tcp') l:bind('*', 80) l:listen()\n"
     " expect(s:connect('localhost:80')) expect(s:peer_name() == '127.0.0.1:80') end)\n"
     "a:app('x', function(app) local list, err = app:resolve('server.example')\n"
     " expect(not list and err == 'NOSERVER') expect(not a:lease()) end)"},
    {"each address of a name is tried",
     "local c = net:host('c', {ip = '10.1.0.1/24', ip6 = '2001:db8::1/64', dns = '10.1.0.2'})\n"
     "local d = net:host('d', {ip = '10.1.0.2/24', ip6 = '2001:db8::2/64'}) net:link(c, d)\n"
     "d:app('names', function(app) local s = app:socket('udp') s:bind(53)\n"
     " while true do local q, who = s:recvfrom() local six = q:byte(-3) == 28\n"
     "  s:sendto(q:sub(1, 2) .. '\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0' .. q:sub(13) .. "
     "'\\xc0\\x0c' .. q:sub(-4) .. '\\0\\0\\0\\9' .. (six and '\\0\\x10\\x20\\1\\x0d\\xb8"
     "\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\2' or '\\0\\4\\10\\1\\0\\2'), who) end end)\n"
     "d:app('web', function(app) local l = app:socket('tcp') l:bind('10.1.0.2', 80) l:listen()\n"
     " l:accept() end)\n"
     "c:app('x', function(app) local list = app:resolve('d.example')\n"
     " expect(list[1] == '2001:db8::2' and list[2] == '10.1.0.2') local s = app:socket('tcp')\n"
     " expect(s:connect('d.example', 80)) expect(s:peer_name() == '10.1.0.2:80')\n"
     " local ok, err = app:socket('tcp'):connect('d.example:81') expect(err == 'ECONNREFUSED')\n"
     " end) net:run('1s')"},
    {"what a watcher causes, none watches",
     "local n = 0 net:on('*', function() n = n + 1 expect(true) net:note('seen') end)\n"
     "a:app('x', function(app) app:socket('udp') end) net:run('1ms') expect(n > 3 and n < 50)"},
    {"an error in a call is nil and its name, an error in a type is an error",
     "a:app('x', function(app) local s = app:socket('udp')\n"
     " expect(not pcall(s.bind, s, {})) local l, e = app:socket('tcp'):accept()\n"
     " expect(l == nil and e == 'EINVAL') end)"},
    {"the path to an app on the same host is its loopback",
     "b:app('y', function(app) local s = app:socket('udp') s:bind(7)\n"
     " local c = app:socket('udp') c:sendto('x', '127.0.0.1', 7) expect(s:recvfrom() == 'x') end)"},
};

START_TEST(scenarios_do_what_they_say)
{
    char text[WORLD + 1000];
    snprintf(text, sizeof text, "%s%s\nnet:run('5s')", CABLE, worlds[_i].text);
    struct result r = run(text);
    ck_assert_msg(r.verdict == SCRIPT_MET, "%s: %s", worlds[_i].what, r.err);
    ck_assert_msg(r.report.met > 0, "%s: nothing was expected", worlds[_i].what);
}
END_TEST

START_TEST(settings_and_parameters_come_from_outside)
{
    static const struct script_pair set[] = {{"net.ipv4.ip_default_ttl", "9"},
                                             {"b/net.ipv4.ip_default_ttl", "7"}};
    static const struct script_pair param[] = {{"size", "12"}};
    struct result r = run_with(CABLE
        "local ttl = {} net:on('frame_tx', function(ev)\n"
        " if #ev.data > 34 and ev.data:byte(13) == 8 and ev.data:byte(14) == 0 then\n"
        "  ttl[ev.host] = ev.data:byte(23) end end)\n"
        "b:app('y', function(app) local s = app:socket('udp') s:bind(7)\n"
        " local d, peer = s:recvfrom() expect(#d == 12) s:sendto(d, peer) end)\n"
        "a:app('x', function(app) local s = app:socket('udp')\n"
        " s:sendto(('x'):rep(tonumber(param.size)), '10.0.0.2', 7) s:recvfrom() end)\n"
        "net:run('1s') expect(ttl.a == 9) expect(ttl.b == 7)",
        (struct script_config){.set = set, .sets = 2, .param = param, .params = 1});
    ck_assert_msg(r.verdict == SCRIPT_MET, "%s", r.err);
    ck_assert_uint_eq(r.report.met, 3);
}
END_TEST

START_TEST(until_ends_the_run)
{
    struct result r = run_with(CABLE "net:run('10s')", (struct script_config){.until = SEC(2)});
    ck_assert_int_eq(r.verdict, SCRIPT_MET);
    ck_assert_int_eq(r.report.end, SEC(2));
}
END_TEST

// --- units -----------------------------------------------------------------------------------

static const struct { const char *text; nsec v; } times[] = {
    {"0s", 0}, {"10ms", MSEC(10)}, {"1.5s", MSEC(1500)}, {"2h", SEC(7200)}, {"5min", SEC(300)},
    {"7ns", 7}, {"0.25us", 250}, {"1MS", MSEC(1)}, {"", -1}, {"ms", -1}, {"1", -1}, {"1.s", -1},
    {".5s", -1}, {"1 s", -1}, {"-1s", -1}, {"1.5ns", -1}, {"1e3s", -1}, {"01s", -1},
    {"99999999999999h", -1}, {"1.1234567890s", -1}, {"1sx", -1}};

START_TEST(times_are_read)
{
    nsec v = -1;
    ck_assert_int_eq(units_nsec(times[_i].text, &v), times[_i].v >= 0);
    ck_assert_int_eq(v, times[_i].v);
}
END_TEST

START_TEST(rates_chances_and_packets_are_read)
{
    uint64_t bps;
    uint32_t n;
    ck_assert(units_rate("100Mbit", &bps) && bps == 100000000);
    ck_assert(units_rate("1.5kbit", &bps) && bps == 1500);
    ck_assert(!units_rate("0bit", &bps) && !units_rate("9000Gbit", &bps) && !units_rate("1", &bps));
    ck_assert(units_ppm("2%", &n) && n == 20000);
    ck_assert(units_ppm("0.000001", &n) && n == 1);
    ck_assert(!units_ppm("101%", &n) && !units_ppm("2", &n) && !units_ppm("0.0000001", &n));
    ck_assert(units_packets("100p", &n) && n == 100);
    ck_assert(!units_packets("0", &n) && !units_packets("p", &n));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lua");
    TCase *c = tcase_create("lua");
    tcase_set_timeout(c, 30);
    tcase_add_loop_test(c, the_language_has_no_chance_and_no_doors, 0, ARRAY_LEN(prints));
    tcase_add_test(c, chance_is_the_seeds);
    tcase_add_loop_test(c, an_error_says_where_and_what, 0, ARRAY_LEN(errors));
    tcase_add_test(c, a_file_that_is_not_there_is_said);
    tcase_add_loop_test(c, expectations_are_judged, 0, ARRAY_LEN(judged));
    tcase_add_loop_test(c, scenarios_do_what_they_say, 0, ARRAY_LEN(worlds));
    tcase_add_test(c, settings_and_parameters_come_from_outside);
    tcase_add_test(c, until_ends_the_run);
    tcase_add_loop_test(c, times_are_read, 0, ARRAY_LEN(times));
    tcase_add_test(c, rates_chances_and_packets_are_read);
    suite_add_tcase(s, c);
    return run_claims(s);
}
