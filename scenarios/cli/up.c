// up.c - see up.h.
#include "scenarios/cli/up.h"

#include <errno.h>
#include <stdio.h>

#include "os/clock.h"
#include "base/hash.h"
#include "capture/feed.h"
#include "scenarios/apps/dhcp.h"
#include "scenarios/apps/serve.h"
#include "scenarios/list/counter_list.h"
#include "scenarios/list/socket_list.h"

enum { WINDOW_SNAP = 512 };
static const nsec LINGER = SEC(10);

// What is at the TAP: the router's addresses, or the host's.
static const struct prefix *outer_addrs(const struct up_options *o, unsigned *n)
{
    *n = o->routers > 0 ? o->routers : o->addrs;
    return o->routers > 0 ? o->router : o->addr;
}

// The far end of a network of ours: the first address that is not ours.
static struct prefix far_end(struct prefix ours)
{
    struct prefix end = ours;
    unsigned bits = (unsigned)addr_len(end.addr) * 8, last = bits / 8 - 1;
    if (end.bits > bits - 2) return (struct prefix){0};
    end.addr = addr_mask(end.addr, end.bits);
    end.addr.b[last]++;
    if (addr_eq(end.addr, ours.addr)) end.addr.b[last]++;
    return end;
}

// The kernel's end of a network of ours: the gateway, or the first address that is not ours.
static struct prefix kernel_end(const struct up_options *o, struct prefix ours)
{
    for (unsigned g = 0; g < o->gateways; g++)
        if (prefix_contains(ours, o->gateway[g])) return (struct prefix){o->gateway[g], ours.bits};
    return far_end(ours);
}

// The same for all of them, each network once.
unsigned up_kernel_ends(const struct up_options *o, struct prefix to[UP_ADDRS])
{
    unsigned n = 0, ours;
    const struct prefix *addr = outer_addrs(o, &ours);
    for (unsigned i = 0; i < ours; i++) {
        struct prefix end = kernel_end(o, addr[i]);
        bool new = end.addr.family != FAMILY_NONE;
        for (unsigned k = 0; k < n; k++) new = new && !prefix_contains(to[k], end.addr);
        for (unsigned k = 0; k < ours; k++) new = new && !addr_eq(addr[k].addr, end.addr);
        if (new) to[n++] = end;
    }
    return n;
}

// A locally administered MAC that follows from the address, or where there is none from the name of
// the device, so that it is the same every time.
static struct mac mac_for(const struct up_options *o)
{
    struct addr a = o->addr[0].addr;
    if (o->addrs == 0)
        put32(a.b, (uint32_t)hash_bytes(&(struct hash_key){0}, o->tap, strlen(o->tap)));
    const uint8_t *end = o->addrs == 0 ? a.b : a.b + addr_len(a) - 4;
    return (struct mac){{0x02, 0x00, end[0], end[1], end[2], end[3]}};
}

static bool fail(struct up *u, const char *what)
{
    snprintf(u->error, sizeof u->error, "%s", what);
    return false;
}

// --- start ---------------------------------------------------------------------------------------

// Two owners of an address would each get a part of its packets, and neither a conversation.
static bool addresses_are_free(struct up *u)
{
    char text[ADDR_TEXT], name[16];
    unsigned n;
    const struct prefix *addr = outer_addrs(&u->opt, &n);
    for (unsigned i = 0; i < n; i++) {
        struct addr a = addr[i].addr;
        if (!tap_kernel_has(a, name)) continue;
        snprintf(u->error, sizeof u->error, "--addr: %s is in use: the kernel has it on %s",
                 addr_print(a, text), name);
        return false;
    }
    return true;
}

static bool open_wire(struct up *u)
{
    if (!addresses_are_free(u)) return false;
    struct tap_config cfg = {.name = u->opt.tap, .tun = u->opt.tun, .mtu = u->opt.mtu,
                             .offload = u->opt.offload};
    // In a VLAN the kernel's end is a device of its own, on top of ours.
    if (u->opt.vlan == 0) cfg.kernels = up_kernel_ends(&u->opt, cfg.kernel);
    u->tap = tap_open(&cfg, u->error, sizeof u->error);
    return u->tap != NULL;
}

static bool open_record(struct up *u)
{
    if (u->opt.write == NULL) return true;
    u->record = record_open(u->opt.write, u->error, sizeof u->error);
    if (u->record == NULL) return false;
    record_sink(u->record)->snap = u->opt.snap;
    tee_add(&u->tee, record_sink(u->record));
    return true;
}

// Whoever looks cannot be waited for, and sees the beginning of each frame.
static bool open_feed(struct up *u)
{
    if (!u->opt.look.window) return true;
    u->feed = feed_new(FEED_SKIPS, WINDOW_SNAP, 0);
    if (u->feed == NULL) return fail(u, "out of memory");
    tee_add(&u->tee, feed_sink(u->feed));
    feed_begin(u->feed);
    return true;
}

static void say_name(struct trace_sink *sink, const struct trace_event *ev)
{
    (void)sink;
    if (ev->type != TRACE_ADDR_STATE) return;
    char name[ADDR_TEXT];
    struct addr a = ev->addr_state.addr;
    if (a.family != FAMILY_IP6 || addr_is_link_local(a)) return;
    addr_print(a, name);
    if (ev->addr_state.to == OWN_PREFERRED) printf("We are %s by now.\n", name);
    if (ev->addr_state.to == OWN_NONE) printf("We are %s no more.\n", name);
    fflush(stdout);
}

static bool open_names(struct up *u)
{
    u->names.emit = say_name;
    if (u->opt.slaac) tee_add(&u->tee, &u->names);
    return true;
}

static bool open_script(struct up *u)
{
    if (u->opt.script == NULL) return true;
    u->script_cfg = (struct script_config){
        .path = u->opt.script, .has_seed = u->opt.has_seed, .seed = u->opt.seed,
        .trace = u->tee.count > 0 ? &u->tee.sink : NULL, .out = stdout, .err = stderr,
        .steps = UINT64_MAX, .param = u->opt.param, .params = u->opt.params};
    u->script = script_open(&u->script_cfg);
    return u->script != NULL || fail(u, "out of memory");
}

static bool open_sim(struct up *u)
{
    u->epoch = clock_wall() - clock_monotonic();
    struct sim_config cfg = {
        .name = "up", .seed = u->opt.has_seed ? u->opt.seed : clock_entropy(), .now = up_now(u),
        .secret = clock_entropy() | 1};
    if (u->tee.count > 0) cfg.trace = &u->tee.sink;
    if (u->script != NULL) cfg.trace = script_sink(u->script);
    u->sim = sim_new(&cfg);
    if (u->sim != NULL) u->host = sim_add_host(u->sim, "netglass");
    u->outer = u->host;
    if (u->host != NULL && u->opt.routers > 0) u->outer = sim_add_host(u->sim, "router");
    return u->outer != NULL || fail(u, "out of memory");
}

// What a host on a real link does by itself, as Linux does it; then what the user says.
static bool settle(struct up *u)
{
    static const char *const own[] = {"net.ipv6.conf.all.accept_dad=1",
                                      "net.ipv6.conf.all.accept_ra=1",
                                      "net.ipv4.conf.all.addr_probe=1"};
    unsigned owns = ARRAY_LEN(own) - (u->opt.dhcp ? 0 : 1);  // what was given by hand is not asked
    for (unsigned i = 0; i < owns + u->opt.sets; i++) {
        const char *set = i < owns ? own[i] : u->opt.set[i - owns], *equals = strchr(set, '=');
        char name[128];
        size_t len = equals != NULL ? (size_t)(equals - set) : sizeof name;
        if (len < sizeof name) {
            memcpy(name, set, len);
            name[len] = '\0';
        }
        int rc = len < sizeof name ? ng_host_set(u->host, name, equals + 1) : -EINVAL;
        if (rc == 0) continue;
        snprintf(u->error, sizeof u->error, "--set %.200s: %s", set,
                 rc == -ENOENT ? "there is no such setting" : "expected NAME=VALUE, with a value "
                 "that the setting may have");
        return false;
    }
    return true;
}

static int give_way(struct host *h, struct netif *n, struct addr gateway)
{
    return ng_host_add_route(h, addr_any((enum family)gateway.family), 0, gateway, n);
}

static int give_names(struct up *u)
{
    int rc = 0;
    unsigned n;
    const struct prefix *addr = outer_addrs(&u->opt, &n);
    char text[ADDR_TEXT];
    for (unsigned i = 0; i < n && rc == 0; i++)
        if ((rc = ng_netif_add_addr(u->netif, addr[i].addr, addr[i].bits)) < 0)
            snprintf(u->error, sizeof u->error, "--addr %s: %s", addr_print(addr[i].addr, text),
                     rc == -EEXIST ? "it was given already" : strerror(-rc));
    for (unsigned i = 0; i < u->opt.gateways && rc == 0; i++)
        if ((rc = give_way(u->outer, u->netif, u->opt.gateway[i])) < 0)
            snprintf(u->error, sizeof u->error, "--gw %s: %s", addr_print(u->opt.gateway[i], text),
                     rc == -EEXIST ? "there is a way like it already" : strerror(-rc));
    if (rc == 0 && u->opt.slaac && (rc = ng_netif_start_ip6(u->netif)) < 0)
        snprintf(u->error, sizeof u->error, "--slaac: IPv6 needs an MTU of 1280");
    return rc;
}

// The router's other cable, with our host at its end. Between them nothing is lost, and no time.
static bool open_behind(struct up *u)
{
    static const struct ng_netif_config any = {.name = NULL};
    struct netif *near = sim_add_device(u->sim, u->outer, &any);
    struct netif *ours = sim_add_device(u->sim, u->host, &any);
    if (near == NULL || ours == NULL
        || sim_add_link(u->sim, u->outer, near, u->host, ours) == NULL)
        return fail(u, "out of memory");
    ng_host_set(u->outer, "net.ipv4.ip_forward", "1");
    ng_host_set(u->outer, "net.ipv6.conf.all.forwarding", "1");
    int rc = 0;
    for (unsigned i = 0; i < u->opt.addrs && rc == 0; i++) {
        struct prefix p = u->opt.addr[i], router = far_end(p);
        rc = ng_netif_add_addr(ours, p.addr, p.bits);
        if (rc == 0) rc = ng_netif_add_addr(near, router.addr, router.bits);
        if (rc == 0) rc = give_way(u->host, ours, router.addr);
        if (rc == -EEXIST) rc = 0;  // a second name of one family
    }
    if (rc < 0) snprintf(u->error, sizeof u->error, "--addr, --router: %s", strerror(-rc));
    return rc == 0;
}

static bool open_netif(struct up *u)
{
    if (!settle(u)) return false;
    struct ng_netif_config nc = {
        .name = u->opt.tap, .mtu = tap_mtu(u->tap), .offload = tap_offload(u->tap),
        .vlan = u->opt.vlan, .point_to_point = u->opt.tun,
    };
    if (!u->opt.tun) nc.mac = mac_for(&u->opt);
    u->mac = nc.mac;
    u->netif = sim_add_device(u->sim, u->outer, &nc);
    if (u->netif == NULL) return fail(u, "out of memory");
    return give_names(u) == 0 && (u->opt.routers == 0 || open_behind(u));
}

static bool open_link(struct up *u)
{
    u->wire = sim_add_tap(u->sim, u->outer, u->netif);
    if (u->wire == NULL) return fail(u, "out of memory");
    if (!u->opt.linked) return true;
    struct tapnode_config kernel = {
        .name = "kernel", .netif = u->opt.tap, .mac = tap_mac(u->tap), .mtu = tap_mtu(u->tap)};
    kernel.addrs = up_kernel_ends(&u->opt, kernel.addr);
    u->link = sim_tap_link(u->wire, &kernel);
    if (u->link == NULL) return fail(u, "out of memory");
    for (int i = 0; i < 2; i++)
        link_set(u->link, (enum link_end)i, &u->opt.link, sim_now(u->sim));
    return true;
}

static bool open_services(struct up *u)
{
    struct serve_config cfg = {.list = u->opt.serve, .root = u->opt.root};
    if (u->opt.serve == NULL) return true;
    return serve_start(sim_apps(u->sim), u->host, &cfg, u->error, sizeof u->error);
}

// Without a control socket everything else works; so it is said, and no more.
static void open_control(struct up *u)
{
    char error[UP_ERROR];
    u->control = control_open(u->opt.tap, error, sizeof error);
    if (u->control != NULL) loop_watch(&u->loop, control_fd(u->control));
    else cli_bad("netglass up", "%s", error);
}

static void say_lease(void *self, const struct dhcp_lease *lease)
{
    char addr[PREFIX_TEXT], server[ADDR_TEXT];
    const struct up *u = self;
    if (u->opt.servers == 0) dns_set_servers(u->dns, lease->dns, lease->servers);
    if (lease->addr.addr.family == FAMILY_NONE) {
        printf("The lease is over.\n");
    } else {
        printf("Leased %s from %s for %u s", prefix_print(lease->addr, addr),
               addr_print(lease->server, server), lease->lease_s);
        if (lease->gateway.family != FAMILY_NONE)
            printf(", gateway %s", addr_print(lease->gateway, server));
        for (unsigned i = 0; i < lease->servers; i++)
            printf("%s %s", i == 0 ? ", dns" : "", addr_print(lease->dns[i], server));
        printf(".\n");
    }
    fflush(stdout);
}

// Who asks for a lease is told of servers with it.
static bool open_dns(struct up *u)
{
    struct dns_config cfg = {.servers = u->opt.servers, .link = u->netif};
    if (u->opt.servers == 0 && !u->opt.dhcp && !u->opt.slaac) return true;
    memcpy(cfg.server, u->opt.dns, sizeof cfg.server);
    u->dns = dns_start(u->sim, u->host, &cfg);
    return u->dns != NULL || fail(u, "out of memory");
}

static bool open_dhcp(struct up *u)
{
    int error = 0;
    struct dhcp_config cfg = {.netif = u->netif, .mac = u->mac, .changed = say_lease,
                              .self = u};
    if (!u->opt.dhcp) return true;
    u->dhcp = dhcp_start(u->sim, u->host, &cfg, &error);
    if (u->dhcp != NULL) return true;
    snprintf(u->error, sizeof u->error, "--dhcp: %s", strerror(-error));
    return false;
}

bool up_start(struct up *u)
{
    tee_init(&u->tee);
    bool fine = open_wire(u) && open_record(u) && open_feed(u) && open_names(u) &&
                open_script(u) && open_sim(u) && open_netif(u) && open_link(u) &&
                open_services(u) && open_dns(u) && open_dhcp(u);
    if (!fine) return false;
    int rc = loop_init(&u->loop, u->tap);
    if (rc < 0) snprintf(u->error, sizeof u->error, "signals: %s", strerror(-rc));
    u->looping = rc == 0;
    if (u->looping) open_control(u);
    if (u->looping && u->feed != NULL) loop_watch(&u->loop, feed_fd(u->feed));
    return rc == 0;
}

// --- questions -----------------------------------------------------------------------------------

static bool answer_ss(const struct up *u, const char *letters, FILE *to)
{
    struct socket_list_options o = {0};
    char bad;
    if (socket_list_flags(&o, letters, &bad)) {
        socket_list_print(to, u->host, &o);
        return true;
    }
    fprintf(to, "ss knows no -%c", bad);
    return false;
}

static bool answer_stat(const struct up *u, const char *letters, FILE *to)
{
    struct counter_list_options o = {.zeros = strchr(letters, 'z') != NULL,
                                     .json = strchr(letters, 'j') != NULL};
    counter_list_print(to, ng_host_counts(u->host), &o);
    return true;
}

static bool answer_hand(struct up *u, const char *words, FILE *to)
{
    char why[UP_ERROR];
    struct text error = text_of(why, sizeof why);
    if (up_hand(u, words, &error)) return true;
    fputs(why, to);
    return false;
}

static bool answer(void *self, const char *request, FILE *to)
{
    struct up *u = self;
    if (strncmp(request, "hand ", 5) == 0) return answer_hand(u, request + 5, to);
    if (strncmp(request, "ss ", 3) == 0) return answer_ss(u, request + 3, to);
    if (strncmp(request, "stat ", 5) == 0) return answer_stat(u, request + 5, to);
    fputs("it does not know what that means", to);
    return false;
}

// --- run -----------------------------------------------------------------------------------------

// Whoever holds the device sends what the wire has for it, as far as the kernel takes it.
void up_send(struct up *u)
{
    struct frame *f;
    while (loop_may_send(&u->loop) && (f = sim_tap_take(u->wire)) != NULL) loop_send(&u->loop, f);
}

// What was due by now, the frames that came, and what follows from both.
static void turn(struct up *u)
{
    up_obey(u);
    if (u->loop.also_ready) control_turn(u->control, answer, u);
    if (u->held) return;
    nsec now = up_now(u);
    sim_run(u->sim, now);
    struct frame *f;
    while ((f = loop_read(&u->loop, u->outer)) != NULL) sim_tap_input(u->wire, f);
    sim_run(u->sim, now);
    up_send(u);
}

// Connections that still have something to say to the other end.
static bool talks(const struct host *h)
{
    uint32_t cursor = 0;
    struct ng_sock_entry e;
    while (ng_host_walk(h, &cursor, &e))
        if (e.kind == KIND_TCP && e.state != TCP_CLOSED && e.state != TCP_LISTEN
            && e.state != TCP_TIME_WAIT)
            return true;
    return false;
}

// The end of a script ends the run, unless there are services to go on with. Its connections get a
// while to close.
static bool goes_on(struct up *u)
{
    if (u->script == NULL || !script_rests(u->script)) return true;
    if (u->opt.serve != NULL) return true;
    if (u->linger == 0) u->linger = up_now(u) + LINGER;
    return talks(u->host) && up_now(u) < u->linger;
}

// In the loop's clock.
static nsec wake_at(const struct up *u)
{
    nsec next = u->held ? NEVER : sim_next(u->sim);
    if (u->linger != 0 && u->linger < next) next = u->linger;
    return next == NEVER ? NEVER : next - u->epoch;
}

void up_run(struct up *u)
{
    struct script_world world = {.sim = u->sim, .host = u->host, .name = "netglass", .id = 1,
                                 .dns = u->dns, .dhcp = u->dhcp};
    for (unsigned i = 0; i < u->opt.addrs; i++)
        world.ip6 = world.ip6 || u->opt.addr[i].addr.family == FAMILY_IP6;
    u->broken = u->script != NULL && !script_begin(u->script, &world);
    if (u->broken) return;
    do turn(u);
    while (goes_on(u) && loop_wait(&u->loop, wake_at(u)));
}

// --- stop ----------------------------------------------------------------------------------------

static int close_record(struct up *u, bool keep)
{
    if (u->record == NULL) return 0;
    if (!keep) {
        record_abandon(u->record);
        return 0;
    }
    if (record_close(u->record, u->error, sizeof u->error) < 0) {
        cli_bad("netglass up", "%s", u->error);
        return 1;
    }
    printf("Wrote %s.\n", u->opt.write);
    return 0;
}

// In this order: the wire gives its frames back, the script is judged, its world goes, and the
// recording is completed last.
int up_stop(struct up *u, bool started)
{
    int status = started ? 0 : 2;
    control_close(u->control);
    if (u->looping) loop_done(&u->loop);
    tap_close(u->tap);
    if (u->script != NULL && started) {
        struct script_report report;
        int verdict = (int)script_end(u->script, &report);
        if (verdict > status) status = verdict;
    }
    sim_free(u->sim);
    script_close(u->script);
    int wrote = close_record(u, started && !u->broken);
    return wrote > status ? wrote : status;
}
