// run.c - walks the steps of a script: waits for the time of each, makes it, and keeps the call
// that has not returned yet. See run.h.
#include "scenarios/drill/run.h"

#include <errno.h>
#include <stdarg.h>

#include "scenarios/drill/info.h"
#include "scenarios/drill/sys.h"
#include "scenarios/drill/tell.h"
#include "wire/ip_wire.h"

#define SCRIPT_LONGEST SEC(1000000000)

// --- time ---------------------------------------------------------------------------------------

nsec run_tolerance(const struct run *r, nsec gap)
{
    if (r->options->has_tolerance) return r->options->tolerance;
    nsec part;
    if (__builtin_mul_overflow(gap / 1000000, (nsec)r->config.tolerance_ppm, &part)
        || part > SCRIPT_LONGEST)
        part = SCRIPT_LONGEST;
    return part > r->config.tolerance ? part : r->config.tolerance;
}

void run_learn(struct run *r)
{
    for (struct live *l = r->world->out; l != NULL; l = l->next) {
        if (l->known) continue;
        struct flow *newest = r->flows.newest;
        flow_learn(&r->flows, l);
        l->known = true;
        if (r->config.verbose) tell_left(r, l);
        if (r->flows.newest == newest) continue;
        // The stack has opened it: from now on the script speaks of this one.
        r->flows.current = l->flow;
        l->flow->wanted = true;
        if (r->connecting) l->flow->sock = r->connecting_sock;
        r->connecting = false;
    }
}

static void settle(struct run *r)
{
    world_settle(r->world);
    run_learn(r);
    for (ng_sock s; (s = ng_host_ready(r->world->host)) != 0;) fds_news(&r->fds, s);
}

static void retry_pending(struct run *r)
{
    const struct drill_step *step = r->pending.step;
    if (step == NULL || r->failed) return;
    sys_retry(r);
    settle(r);
    bool late = r->world->now > r->pending.until + r->pending.tolerance;
    if (r->pending.step == step && late && !r->failed)
        run_fail(r, step->what_at, "%s has not returned", step->call->name);
}

// What follows from whatever was just done: packets leave, sockets change, the call that waits may
// return, and more packets leave.
static void pulse(struct run *r)
{
    // Who waits in a send for the connection to open is served before the host runs, so that its
    // bytes carry the last ACK of the handshake. Linux: sk_write_pending.
    if (r->pending.call != NULL && r->pending.call->opening) retry_pending(r);
    settle(r);
    retry_pending(r);
    if (r->world->tired && !r->failed)
        run_fail(r, r->step->at, "the run was ended: it comes to no rest");
}

static void pass_time(struct run *r, nsec to)
{
    if (to > r->world->now) r->world->now = to;
    pulse(r);
}

void run_until(struct run *r, nsec until)
{
    while (!r->failed && r->world->now < until) {
        nsec next = world_next(r->world);
        const struct sys_call *c = r->pending.call;
        if (c != NULL && c->has_deadline && c->deadline < next && c->deadline > r->world->now)
            next = c->deadline;
        pass_time(r, next < until ? next : until);
    }
}

static void wait_for_time(struct run *r, const struct drill_step *step)
{
    const struct when *w = &step->when;
    if (w->relative && w->from > SCRIPT_LONGEST - r->world->now) {
        run_refuse(r, step->at, "a script ends before it is 1,000,000,000 s old");
        return;
    }
    nsec at = w->relative ? r->world->now + w->from : w->from;
    nsec tolerance = run_tolerance(r, at > r->due ? at - r->due : 0);
    r->due = at;
    if (r->world->now > at + tolerance) {
        char text[32];
        struct text t = text_of(text, sizeof text);
        text_put_fixed(&t, (r->world->now - at) / 1000, 6);
        run_fail(r, step->at, "its time was %s s ago when the step before was done", text);
        return;
    }
    run_until(r, at);
}

// --- assertions ---------------------------------------------------------------------------------

struct asked { struct run *run; struct info info; };

static const char *lookup(void *self, struct span name, code_int *n)
{
    return info_lookup(&((struct asked *)self)->info, name, n);
}

static void print(void *self, const char *text)
{
    struct asked *a = self;
    tell_print(a->run, text);
}

ng_sock run_socket(const struct run *r)
{
    const struct flow *f = r->flows.current;
    return f != NULL && f->sock != 0 ? f->sock : r->last_sock;
}

static void run_code(struct run *r, const struct drill_step *step)
{
    struct asked a = {.run = r};
    struct code_error error;
    info_ask(&a.info, r->world->host, run_socket(r));
    struct code_world w = {lookup, print, &a};
    if (code_run(&r->code, step->code, &w, &error)) return;
    uint32_t start = (uint32_t)(step->text.p - r->script->text.p);
    run_fail_at(r, start + error.at, start + error.end, "%s", error.text);
}

// --- steps --------------------------------------------------------------------------------------

static void do_step(struct run *r, const struct drill_step *step)
{
    bool expects = step->what == WHAT_PACKET && step->packet->out;
    if (!expects) wait_for_time(r, step);
    if (r->failed) return;
    if (!expects) r->world->step_line = step->line;  // of what leaves from now on
    if (r->config.verbose && !expects) tell_step(r, step);
    switch (step->what) {
    case WHAT_CALL:  sys_start(r, step); break;
    case WHAT_SHELL: shell_run(r, step->text, step->what_at); break;
    case WHAT_CODE:  run_code(r, step); break;
    case WHAT_PACKET:
        if (expects) packet_expect(r, step);
        else packet_input(r, step->packet);
        break;
    }
    if (!r->failed) pulse(r);
}

// The end: a call may still be out, and packets nobody asked for may have left.
static void finish_pending(struct run *r)
{
    if (r->pending.step == NULL || r->failed) return;
    const struct drill_step *step = r->pending.step;
    run_until(r, r->pending.until + r->pending.tolerance);
    if (r->failed || r->pending.step != step) return;
    run_fail(r, step->what_at, "%s has not returned", step->call->name);
}

static void check_left_over(struct run *r)
{
    unsigned count = 0;
    const struct live *first = NULL;
    for (const struct live *l = r->world->out; l != NULL; l = l->next) {
        bool icmp = l->proto == IP_PROTO_ICMP4 || l->proto == IP_PROTO_ICMP6;
        bool ours = l->flow != NULL && (l->flow == r->flows.current || l->flow->wanted);
        if (!icmp && !ours) continue;
        if (count++ == 0) first = l;
    }
    if (count == 0 || r->failed) return;
    tell_left_over(r, first, count);
}

static void walk(struct run *r)
{
    const struct script *s = r->script;
    r->step = s->steps;
    if (r->config.init_scripts != NULL) shell_run_files(r, r->config.init_scripts);
    if (s->has_init && !r->failed) shell_run(r, s->init, (uint32_t)(s->init.p - s->text.p));
    for (const struct drill_step *step = s->steps; step != NULL; step = step->next) {
        if (r->failed) break;
        r->step = step;
        do_step(r, step);
        if (r->failed) break;
        r->world->step_line = step->line;
        r->report->steps++;
    }
    finish_pending(r);
    r->finished = true;
    check_left_over(r);
    if (s->has_cleanup && !r->failed)
        shell_run(r, s->cleanup, (uint32_t)(s->cleanup.p - s->text.p));
}

// --- birth and death ----------------------------------------------------------------------------

// --profile linux: Linux as the public suite takes it to be, where that is not what we do by
// ourselves. (In SYNs at even intervals it is a Linux before 6.5.)
static const struct drill_pair linux_settings[] = {
    {"net.ipv4.tcp_syn_linear_timeouts", "0"},
    {"netglass.tcp_missing_timestamp_ok", "1"},
    {"netglass.tcp_soft_error_ends_opening", "1"},
    {"netglass.tcp_unsent_ack_ignored", "1"},
    {"netglass.tcp_window_slow_start", "1"},
    {"netglass.tcp_rack_rtt_of_highest", "1"},
    {"netglass.tcp_sndbuf_linux", "1"},
    {"netglass.tcp_mss_of_path", "1"},
    {"netglass.tcp_cubic_linux", "1"},
    {"netglass.tcp_sack_whole_segments", "1"},
    {"netglass.tcp_ecn_by_prr", "1"},
    {"netglass.tcp_bursts_wait", "1"},
};

static bool apply(struct run *r, const struct drill_pair *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ng_host_set(r->world->host, p[i].name, p[i].value) == 0) continue;
        run_refuse(r, 0, "the setting %s=%s is not possible", p[i].name, p[i].value);
        return false;
    }
    return true;
}

static bool apply_settings(struct run *r)
{
    size_t n = r->options->linux_profile ? ARRAY_LEN(linux_settings) : 0;
    return apply(r, linux_settings, n) && apply(r, r->options->set, r->options->sets);
}

static bool open_world(struct run *r)
{
    const struct drill_config *c = &r->config;
    struct world_config cfg = {.local = c->local, .gateway = c->gateway, .remote = c->remote,
                               .prefix = c->prefix, .mtu = c->mtu, .seed = r->options->seed,
                               .trace = r->options->trace,
                               .tell_peer = r->options->tell_peer,
                               .offload = r->options->linux_profile ? NG_OFFLOAD_GSO : 0};
    r->world = malloc(sizeof *r->world);
    if (r->world != NULL && world_open(r->world, &cfg)) return apply_settings(r);
    free(r->world);
    r->world = NULL;
    run_refuse(r, 0, "no host can be made with these addresses");
    return false;
}

static bool take_options(struct run *r)
{
    char error[CONFIG_ERROR];
    config_init(&r->config);
    for (const struct script_option *o = r->script->options; o != NULL; o = o->next) {
        if (strcmp(o->name, "define") == 0 || config_take(&r->config, o->name, o->value, error))
            continue;
        run_refuse(r, o->at, "%s", error);
        return false;
    }
    for (size_t i = 0; i < r->options->options; i++) {
        const struct drill_pair *p = &r->options->option[i];
        if (config_take(&r->config, p->name, p->value, error)) continue;
        run_refuse(r, 0, "%s", error);
        return false;
    }
    if (config_finish(&r->config, error)) return true;
    run_refuse(r, 0, "%s", error);
    return false;
}

static void close_run(struct run *r)
{
    if (r->world != NULL) {
        r->report->end = r->world->now;
        sys_drop(r);
        sys_close_all(r);
        world_close(r->world);
        free(r->world);
    }
    code_free(&r->code);
    fds_free(&r->fds);
    flows_free(&r->flows);
    free(r->zeros);
    free(r->room);
}

void run_script(const struct script *s, const struct drill_options *o, struct drill_report *report)
{
    struct run *r = calloc(1, sizeof *r);
    if (r == NULL) {
        report->verdict = DRILL_BROKEN;
        return;
    }
    *r = (struct run){.script = s, .options = o, .report = report, .next_port = FLOW_PORT,
                      .text = report->stream};
    if (take_options(r) && check_script(r) && !r->config.dry_run && open_world(r)) walk(r);
    close_run(r);
    free(r);
}
