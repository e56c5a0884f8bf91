// cmd_up.c - `netglass up`: one host on a real TAP device, in real time, serving the kernel.
#include "scenarios/cli/cmd_up.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include "capture/record.h"
#include "os/clock.h"
#include "os/loop.h"
#include "scenarios/apps/serve.h"

enum { ADDRS_MAX = TAP_ADDRS, SETS_MAX = 64 };

struct up_options {
    const char   *tap, *serve, *root, *write;
    const char   *set[SETS_MAX];
    struct prefix addr[ADDRS_MAX];
    struct addr   gateway[ADDRS_MAX];
    unsigned      addrs, gateways, sets;
    bool          offload, help;
    uint32_t      snap;
};

struct up {
    struct up_options opt;
    struct record    *record;
    struct host      *host;
    struct tap       *tap;
    struct netif     *netif;
    struct apps       apps;
    struct loop       loop;
    bool              looping;
    char              error[512];
};

static const char usage[] =
    "usage: netglass up --tap NAME --addr ADDR/PREFIX [options]\n"
    "Runs one netglass host on a TAP device, in real time. Ctrl-C ends it.\n\n"
    "  --tap NAME         the TAP device; made if it is not there, and gone again afterwards\n"
    "  --addr ADDR/LEN    our address, like 10.9.0.2/24 or fd00:9::2/64; may be said again\n"
    "  --gw ADDR          the kernel's end, and our default route (default: the first other\n"
    "                     address of the prefix, and no default route); once a family\n"
    "  --set KEY=VALUE    a setting by its sysctl name, like net.ipv4.tcp_sack=0\n"
    "  --serve LIST       services: http:80,echo:7,discard:9,chargen:19,daytime:13\n"
    "  --root DIR         the folder http serves (else it tells about the connection)\n"
    "  -w FILE            write a capture: .pcapng (with all events) or .pcap\n"
    "  -s, --snap BYTES   capture at most so many bytes of a frame (default: all)\n"
    "  --no-offload       no virtio-net headers: no checksum and segmentation offload\n"
    "  -h, --help         this text\n";

enum { OPT_TAP = 256, OPT_ADDR, OPT_GW, OPT_SERVE, OPT_ROOT, OPT_NO_OFFLOAD, OPT_SET };

static const struct option options[] = {
    {"tap", required_argument, NULL, OPT_TAP},     {"addr", required_argument, NULL, OPT_ADDR},
    {"gw", required_argument, NULL, OPT_GW},       {"serve", required_argument, NULL, OPT_SERVE},
    {"root", required_argument, NULL, OPT_ROOT},   {"snap", required_argument, NULL, 's'},
    {"set", required_argument, NULL, OPT_SET},
    {"no-offload", no_argument, NULL, OPT_NO_OFFLOAD},
    {"help", no_argument, NULL, 'h'},              {NULL, 0, NULL, 0},
};

static int complain(const char *format, const char *what)
{
    fputs("netglass up: ", stderr);
    fprintf(stderr, format, what);
    fputs("\n", stderr);
    return 2;
}

static int take_addr(struct up_options *o)
{
    if (o->addrs == ADDRS_MAX) return complain("--addr %s: there are eight already", optarg);
    if (!prefix_parse(&o->addr[o->addrs], optarg))
        return complain("--addr: \"%s\" is not an address with its prefix length, like "
                        "10.9.0.2/24 or fd00:9::2/64", optarg);
    o->addrs++;
    return 0;
}

static int take_gateway(struct up_options *o)
{
    if (o->gateways == ADDRS_MAX) return complain("--gw %s: there are eight already", optarg);
    if (!addr_parse(&o->gateway[o->gateways], optarg))
        return complain("--gw: \"%s\" is not an address", optarg);
    o->gateways++;
    return 0;
}

static int take_option(struct up_options *o, int c)
{
    const char *at = optarg;
    uint64_t v;
    switch (c) {
    case OPT_TAP:   o->tap = optarg; return 0;
    case OPT_SERVE: o->serve = optarg; return 0;
    case OPT_ROOT:  o->root = optarg; return 0;
    case 'w':       o->write = optarg; return 0;
    case 'h':       o->help = true; return 0;
    case OPT_NO_OFFLOAD: o->offload = false; return 0;
    case 's':
        if (!text_take_u64(&at, 262144, &v) || *at != '\0' || v == 0)
            return complain("--snap: \"%s\" is not a number from 1 to 262144", optarg);
        o->snap = (uint32_t)v;
        return 0;
    case OPT_ADDR: return take_addr(o);
    case OPT_GW:   return take_gateway(o);
    case OPT_SET:
        if (o->sets == SETS_MAX) return complain("--set: too many of them: %s", optarg);
        o->set[o->sets++] = optarg;
        return 0;
    default:  // getopt has said what is wrong
        fputs("`netglass up --help` lists the options.\n", stderr);
        return 2;
    }
}

static int check_gateways(const struct up_options *o)
{
    for (unsigned g = 0; g < o->gateways; g++) {
        bool near = false;
        for (unsigned i = 0; i < o->addrs; i++)
            near = near || prefix_contains(o->addr[i], o->gateway[g]);
        if (!near) return complain("--gw: the gateway must be in the network of --addr%s", "");
    }
    return 0;
}

static int parse_options(struct up_options *o, int argc, char **argv)
{
    *o = (struct up_options){.offload = true, .snap = 262144};
    int c, rc;
    optind = 1;
    while ((c = getopt_long(argc, argv, "w:s:h", options, NULL)) != -1)
        if ((rc = take_option(o, c)) != 0) return rc;
    if (o->help) return 0;
    if (optind < argc) return complain("\"%s\": an option was expected", argv[optind]);
    if (o->tap == NULL) return complain("%s", "--tap NAME is needed: which TAP device?");
    if (o->addrs == 0)
        return complain("%s", "--addr ADDR/PREFIX is needed, like --addr 10.9.0.2/24");
    return check_gateways(o);
}

// The kernel's end of a network of ours: the gateway, or the first address that is not ours.
static struct prefix kernel_end(const struct up_options *o, unsigned i)
{
    struct prefix end = o->addr[i];
    for (unsigned g = 0; g < o->gateways; g++) {
        if (!prefix_contains(end, o->gateway[g])) continue;
        end.addr = o->gateway[g];
        return end;
    }
    unsigned bits = (unsigned)addr_len(end.addr) * 8, last = bits / 8 - 1;
    if (end.bits > bits - 2) return (struct prefix){0};
    end.addr = addr_mask(end.addr, end.bits);
    end.addr.b[last]++;
    if (addr_eq(end.addr, o->addr[i].addr)) end.addr.b[last]++;
    return end;
}

// The same for all of them, each network once.
static unsigned kernel_ends(const struct up_options *o, struct prefix to[ADDRS_MAX])
{
    unsigned n = 0;
    for (unsigned i = 0; i < o->addrs; i++) {
        struct prefix end = kernel_end(o, i);
        bool new = end.addr.family != FAMILY_NONE;
        for (unsigned k = 0; k < n; k++) new = new && !prefix_contains(to[k], end.addr);
        for (unsigned k = 0; k < o->addrs; k++) new = new && !addr_eq(o->addr[k].addr, end.addr);
        if (new) to[n++] = end;
    }
    return n;
}

// A locally administered MAC that follows from the address, so that it is the same every time.
static struct mac mac_for(struct addr a)
{
    const uint8_t *end = a.b + addr_len(a) - 4;
    return (struct mac){{0x02, 0x00, end[0], end[1], end[2], end[3]}};
}

static bool open_wire(struct up *u)
{
    struct tap_config cfg = {.name = u->opt.tap, .offload = u->opt.offload};
    cfg.kernels = kernel_ends(&u->opt, cfg.kernel);
    u->tap = tap_open(&cfg, u->error, sizeof u->error);
    return u->tap != NULL;
}

static bool open_record(struct up *u)
{
    if (u->opt.write == NULL) return true;
    u->record = record_open(u->opt.write, u->error, sizeof u->error);
    if (u->record == NULL) return false;
    record_sink(u->record)->snap = u->opt.snap;
    return true;
}

// What a host on a real link does by itself, as Linux does it; then what the user says.
static bool settle(struct up *u)
{
    static const char *const own[] = {"net.ipv6.conf.all.accept_dad=1",
                                      "net.ipv6.conf.all.accept_ra=1"};
    unsigned owns = ARRAY_LEN(own);
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

static int give_names(struct up *u)
{
    int rc = 0;
    for (unsigned i = 0; i < u->opt.addrs && rc == 0; i++)
        rc = ng_netif_add_addr(u->netif, u->opt.addr[i].addr, u->opt.addr[i].bits);
    for (unsigned i = 0; i < u->opt.gateways && rc == 0; i++) {
        struct addr gw = u->opt.gateway[i];
        rc = ng_host_add_route(u->host, addr_any((enum family)gw.family), 0, gw, u->netif);
    }
    if (rc < 0) snprintf(u->error, sizeof u->error, "--addr, --gw: %s", strerror(-rc));
    return rc;
}

static bool open_host(struct up *u)
{
    struct ng_host_config hc = {
        .name = "netglass", .id = 1, .seed = clock_entropy(), .now = clock_monotonic(),
        .trace = u->record != NULL ? record_sink(u->record) : NULL,
    };
    struct ng_netif_config nc = {
        .name = u->opt.tap, .mac = mac_for(u->opt.addr[0].addr), .mtu = tap_mtu(u->tap),
        .offload = tap_offload(u->tap),
    };
    snprintf(u->error, sizeof u->error, "out of memory");
    u->host = ng_host_new(&hc);
    if (u->host == NULL || !settle(u)) return false;
    u->netif = ng_host_add_netif(u->host, &nc);
    return u->netif != NULL && give_names(u) == 0;
}

static bool open_services(struct up *u)
{
    struct serve_config cfg = {.list = u->opt.serve, .root = u->opt.root,
                               .epoch = clock_wall() - clock_monotonic()};
    if (u->opt.serve == NULL) return true;
    return serve_start(&u->apps, u->host, &cfg, u->error, sizeof u->error);
}

static bool start(struct up *u)
{
    apps_init(&u->apps);
    if (!open_wire(u) || !open_record(u) || !open_host(u) || !open_services(u)) return false;
    int rc = loop_init(&u->loop, u->host, u->netif, u->tap);
    if (rc < 0) snprintf(u->error, sizeof u->error, "signals: %s", strerror(-rc));
    u->looping = rc == 0;
    return rc == 0;
}

static void greet(const struct up *u)
{
    struct prefix kernel[ADDRS_MAX];
    char addr[ADDR_TEXT];
    printf("netglass is up: ");
    for (unsigned i = 0; i < u->opt.addrs; i++)
        printf("%s%s", i > 0 ? ", " : "", addr_print(u->opt.addr[i].addr, addr));
    printf(" on %s, MTU %u, offload %s.\n", u->opt.tap, tap_mtu(u->tap),
           tap_offload(u->tap) != 0 ? "on" : "off");
    unsigned ends = kernel_ends(&u->opt, kernel);
    if (tap_made(u->tap)) printf("Made %s; the kernel's end is", u->opt.tap);
    else printf("%s was there before and will be left as it was", u->opt.tap);
    for (unsigned i = 0; i < ends && tap_made(u->tap); i++)
        printf("%s %s", i > 0 ? "," : "", addr_print(kernel[i].addr, addr));
    printf(".\n");
    if (u->opt.serve != NULL) printf("Serving %s.\n", u->opt.serve);
    bool http = u->opt.serve != NULL && strstr(u->opt.serve, "http") != NULL;
    addr_print(u->opt.addr[0].addr, addr);
    const char *format = u->opt.addr[0].addr.family == FAMILY_IP6 ? "%s[%s]" : "%s%s";
    printf("Try: ping %s", addr);
    if (http) printf(format, ", or curl http://", addr);
    printf(". Ctrl-C ends it.\n");
    fflush(stdout);
}

static void say_drops(const struct host *h)
{
    for (int d = 1; d < DROPS; d++) {
        uint64_t n = ng_host_drops(h, (enum drop)d);
        if (n > 0) printf("  dropped %llu: %s\n", (unsigned long long)n, drop_text((enum drop)d));
    }
}

static void run(struct up *u)
{
    ng_host_run(u->host, clock_monotonic());
    apps_dispatch(&u->apps, u->host);
    if (loop_output(&u->loop) < 0) return;
    while (loop_wait(&u->loop)) {
        loop_input(&u->loop);
        apps_dispatch(&u->apps, u->host);
        if (loop_output(&u->loop) < 0) return;
    }
}

// In this order: applications close their sockets, the wire gives its frames back, the host goes,
// and the recording is completed last.
static int stop(struct up *u, bool started)
{
    int status = started ? 0 : 2;
    apps_free(&u->apps);
    if (u->looping) loop_done(&u->loop);
    tap_close(u->tap);
    if (u->host != NULL) ng_host_free(u->host);
    if (u->record != NULL && !started) {
        record_abandon(u->record);
    } else if (u->record != NULL && record_close(u->record, u->error, sizeof u->error) < 0) {
        complain("%s", u->error);
        status = 1;
    } else if (u->record != NULL) {
        printf("Wrote %s.\n", u->opt.write);
    }
    return status;
}

int cmd_up(int argc, char **argv)
{
    struct up u = {0};
    int rc = parse_options(&u.opt, argc, argv);
    if (rc != 0) return rc;
    if (u.opt.help) { fputs(usage, stdout); return 0; }

    bool started = start(&u);
    if (!started) complain("%s", u.error);
    if (started) {
        greet(&u);
        run(&u);
        printf("\nnetglass is down.\n");
        say_drops(u.host);
    }
    int error = u.loop.error;
    rc = stop(&u, started);
    if (error < 0) {
        complain("the TAP failed: %s", strerror(-error));
        return 1;
    }
    return rc;
}
