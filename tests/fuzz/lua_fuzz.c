// lua_fuzz.c - any text as a scenario, with a network before it: a verdict within its limits, and
// what is wrong said. Then the same again: the same verdict, the same events.
#include "base/hash.h"
#include "core/trace.h"
#include "scenarios/lua/script.h"

enum { TEXT_MAX = 1 << 16, LINE = 2048 };

static const char prologue[] =
    "local net = netglass.network{seed = 1}\n"
    "local a = net:host('a', {ip = '10.0.0.1/24'}) local b = net:host('b', {ip = '10.0.0.2/24'})\n"
    "local cable = net:link(a, b, {rate = '100Mbit', delay = '1ms', loss = 0.05})\n";

struct ear { struct trace_sink sink; uint64_t digest; };

static void hear(struct trace_sink *sink, const struct trace_event *ev)
{
    static const struct hash_key key = {1, 2};
    struct ear *e = (struct ear *)(void *)sink;
    char line[LINE];
    struct text t = text_of(line, sizeof line);
    trace_print(&t, ev);
    e->digest = e->digest * 31 + hash_bytes(&key, line, t.len);
}

static enum script_verdict run(const char *text, size_t len, uint64_t *digest)
{
    static char said[1 << 16];
    memset(said, 0, 16);
    struct ear ear = {.sink = {.emit = hear, .snap = 100}};
    struct script_config cfg = {.path = "f.lua", .text = text, .len = len, .trace = &ear.sink,
                                .until = SEC(10), .steps = 200000, .events = 20000,
                                .memory = 8 << 20, .err = fmemopen(said, sizeof said, "w")};
    struct script_report report;
    enum script_verdict verdict = script_run(&cfg, &report);
    fclose(cfg.err);
    CHECK(verdict == SCRIPT_MET || said[0] != 0);
    *digest = ear.digest;
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + sizeof prologue];
    if (size > TEXT_MAX) return 0;
    memcpy(text, prologue, sizeof prologue - 1);
    if (size > 0) memcpy(text + sizeof prologue - 1, data, size);
    uint64_t first, second;
    enum script_verdict verdict = run(text, sizeof prologue - 1 + size, &first);
    CHECK(run(text, sizeof prologue - 1 + size, &second) == verdict);
    CHECK(first == second);
    return 0;
}
