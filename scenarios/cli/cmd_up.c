// cmd_up.c - `netglass up`: one host on a real TAP device, in real time, serving the kernel.
#include "scenarios/cli/cmd_up.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/feed.h"
#include "scenarios/cli/cli.h"
#include "scenarios/cli/up.h"
#include "scenarios/sim/link_text.h"
#include "wire/ip6_wire.h"

static const char usage[] =
    "usage: netglass up --tap NAME --addr ADDR/PREFIX [options]\n"
    "Runs one netglass host on a TAP device, in real time. Ctrl-C ends it.\n\n"
    "  --tap NAME         the TAP device; made if it is not there, and gone again afterwards\n"
    "  --tun NAME         a TUN device in its place: packets without Ethernet\n"
    "  --vlan ID          be in this VLAN of the TAP: frames bear its 802.1Q tag\n"
    "  --mtu BYTES        the longest packet, 68 to 65535 (IPv6: 1280; default: the device's)\n"
    "  --addr ADDR/LEN    our address, like 10.9.0.2/24 or fd00:9::2/64; may be said again\n"
    "  --gw ADDR          the kernel's end, and our default route (default: the first other\n"
    "                     address of the prefix, and no default route); once a family\n"
    "  --dhcp             lease an IPv4 address from a server on the link, with or without --addr\n"
    "  --slaac            make IPv6 addresses of what the link's router says, likewise\n"
    "  --router ADDR/LEN  a router between the TAP and us: its address on the TAP; --addr is then\n"
    "                     behind it, in a network of its own; may be said again\n"
    "  --dns ADDR         a server that names are asked of; may be said again (default: those\n"
    "                     that come with the lease, or that the router tells of)\n"
    "  --set KEY=VALUE    a setting by its sysctl name, like net.ipv4.tcp_sack=0\n"
    "  --serve LIST       services: http:80,echo:7,discard:9,chargen:19,daytime:13\n"
    "  --root DIR         the folder http serves (else it tells about the connection)\n"
    "  --run FILE.lua     run its applications on this host, which it finds as `host`, and the\n"
    "                     network as `net`; netglass ends with them, or goes on with --serve\n"
    "  --link QUALITIES   a link between the TAP and us, both ways: delay=20ms,jitter=5ms,\n"
    "                     loss=1%,reorder=5%,duplicate=1%,corrupt=0.1%,rate=10Mbit,queue=100p.\n"
    "                     Chance falls on packets, so it brings --no-offload with it\n"
    "  -D NAME=VALUE      param.NAME in that script\n"
    "  --seed N           of the link's chance, and of the script's\n"
    "  -w FILE            write a capture: .pcapng (with all events) or .pcap\n"
    "      --view         open the window on it; closing it leaves the host as it is\n"
    "      --light, --calm   the window's light theme, reduced motion\n"
    "  -s, --snap BYTES   capture at most so many bytes of a frame (default: all)\n"
    "  --no-offload       no virtio-net headers: no checksum and segmentation offload\n"
    "  -h, --help         this text\n";

enum { WINDOW_NICE = 10, SNAP_ALL = 262144 };
enum { OPT_TAP = 256, OPT_ADDR, OPT_GW, OPT_SERVE, OPT_ROOT, OPT_RUN,
       OPT_LINK, OPT_SEED, OPT_NO_OFFLOAD, OPT_SET, OPT_DHCP, OPT_TUN, OPT_VLAN, OPT_MTU, OPT_VIEW,
       OPT_LIGHT, OPT_CALM, OPT_DNS, OPT_ROUTER, OPT_SLAAC };

static const struct option options[] = {
    {"tap", required_argument, NULL, OPT_TAP},     {"addr", required_argument, NULL, OPT_ADDR},
    {"gw", required_argument, NULL, OPT_GW},       {"serve", required_argument, NULL, OPT_SERVE},
    {"root", required_argument, NULL, OPT_ROOT},   {"snap", required_argument, NULL, 's'},
    {"run", required_argument, NULL, OPT_RUN},     {"link", required_argument, NULL, OPT_LINK},
    {"seed", required_argument, NULL, OPT_SEED},   {"set", required_argument, NULL, OPT_SET},
    {"dhcp", no_argument, NULL, OPT_DHCP},         {"tun", required_argument, NULL, OPT_TUN},
    {"vlan", required_argument, NULL, OPT_VLAN},   {"mtu", required_argument, NULL, OPT_MTU},
    {"view", no_argument, NULL, OPT_VIEW},         {"calm", no_argument, NULL, OPT_CALM},
    {"light", no_argument, NULL, OPT_LIGHT},
    {"slaac", no_argument, NULL, OPT_SLAAC},
    {"dns", required_argument, NULL, OPT_DNS},
    {"router", required_argument, NULL, OPT_ROUTER},
    {"no-offload", no_argument, NULL, OPT_NO_OFFLOAD},
    {"help", no_argument, NULL, 'h'},              {NULL, 0, NULL, 0},
};

static int complain(const char *format, const char *what)
{
    return cli_bad("netglass up", format, what);
}

static int take_link(struct up_options *o)
{
    char why[UP_ERROR];
    struct text error = text_of(why, sizeof why);
    o->linked = link_text_parse(&o->link, optarg, &error);
    if (!o->linked) return complain("--link: %s", why);
    o->offload = false;
    return 0;
}

static int take_param(struct up_options *o)
{
    char *equals = strchr(optarg, '=');
    if (equals == NULL || equals == optarg || o->params == UP_PARAMS)
        return complain("-D: \"%s\" is not NAME=VALUE", optarg);
    *equals = '\0';
    o->param[o->params++] = (struct script_pair){optarg, equals + 1};
    return 0;
}

// Of a network of version 4 the first address names it and the last means all (RFC 1122 §3.2.1.3).
static bool is_for_a_host(struct prefix p)
{
    struct addr a = p.addr, first = addr_mask(a, p.bits);
    if (addr_is_any(a) || addr_is_multicast(a) || addr_is_loopback(a) || addr_is_broadcast(a))
        return false;
    if (a.family != FAMILY_IP4 || p.bits > 30) return true;
    uint32_t mask = UINT32_MAX >> p.bits;
    return !addr_eq(a, first) && (get32(a.b) & mask) != mask;
}

static int take_prefix(const char *option, struct prefix to[UP_ADDRS], unsigned *n)
{
    const char *why = NULL;
    if (*n == UP_ADDRS) why = "there are eight already";
    else if (!prefix_parse(&to[*n], optarg))
        why = "not an address with its prefix length, like 10.9.0.2/24 or fd00:9::2/64";
    else if (!is_for_a_host(to[*n])) why = "not an address that a host may have";
    if (why == NULL) {
        ++*n;
        return 0;
    }
    return cli_bad("netglass up", "%s: \"%s\" is %s", option, optarg, why);
}

static int take_gateway(struct up_options *o)
{
    if (o->gateways == UP_ADDRS) return complain("--gw %s: there are eight already", optarg);
    if (!addr_parse(&o->gateway[o->gateways], optarg))
        return complain("--gw: \"%s\" is not an address", optarg);
    o->gateways++;
    return 0;
}

static int take_dns(struct up_options *o)
{
    if (o->servers == DNS_SERVERS) return complain("--dns %s: there are four already", optarg);
    if (!addr_parse(&o->dns[o->servers], optarg))
        return complain("--dns: \"%s\" is not an address", optarg);
    o->servers++;
    return 0;
}

// A number of an option, in these bounds.
static int take_number(const char *option, uint64_t least, uint64_t most, uint64_t *v)
{
    const char *at = optarg;
    if (text_take_u64(&at, most, v) && *at == '\0' && *v >= least) return 0;
    return cli_bad("netglass up", "%s: \"%s\" is not a number from %llu to %llu", option, optarg,
                   (unsigned long long)least, (unsigned long long)most);
}

static int take_device(struct up_options *o, bool tun)
{
    if (o->tap != NULL) return complain("%s: one device is enough", optarg);
    o->tap = optarg;
    o->tun = tun;
    return 0;
}

static int take_vlan(struct up_options *o)
{
    uint64_t v = 0;
    int rc = take_number("--vlan", 1, 4094, &v);
    o->vlan = (uint16_t)v;
    return rc;
}

static int take_mtu(struct up_options *o)
{
    uint64_t v = 0;
    int rc = take_number("--mtu", 68, 65535, &v);
    o->mtu = (uint32_t)v;
    return rc;
}

static int take_snap(struct up_options *o)
{
    uint64_t v = 0;
    int rc = take_number("--snap", 1, SNAP_ALL, &v);
    o->snap = (uint32_t)v;
    return rc;
}

static int take_write(struct up_options *o)
{
    if (o->write != NULL) return complain("-w was given already: %s", o->write);
    o->write = optarg;
    return 0;
}

static int take_option(struct up_options *o, int c)
{
    const char *at = optarg;
    switch (c) {
    case OPT_TAP:   return take_device(o, false);
    case OPT_TUN:   return take_device(o, true);
    case OPT_VLAN:  return take_vlan(o);
    case OPT_MTU:   return take_mtu(o);
    case OPT_DNS:   return take_dns(o);
    case OPT_SERVE: o->serve = optarg; return 0;
    case OPT_ROOT:  o->root = optarg; return 0;
    case OPT_RUN:   o->script = optarg; return 0;
    case OPT_LINK:  return take_link(o);
    case 'D':       return take_param(o);
    case 'w':       return take_write(o);
    case 'h':       o->help = true; return 0;
    case OPT_NO_OFFLOAD: o->offload = false; return 0;
    case 's':       return take_snap(o);
    case OPT_VIEW:  o->look.window = true; return 0;
    case OPT_LIGHT: o->look.light = true; return 0;
    case OPT_CALM:  o->look.calm = true; return 0;
    case OPT_SEED:
        o->has_seed = text_take_u64(&at, UINT64_MAX, &o->seed) && *at == '\0';
        return o->has_seed ? 0 : complain("--seed: \"%s\" is not a whole number", optarg);
    case OPT_DHCP: o->dhcp = true; return 0;
    case OPT_SLAAC: o->slaac = true; return 0;
    case OPT_ADDR: return take_prefix("--addr", o->addr, &o->addrs);
    case OPT_ROUTER:
        o->offload = false;  // a router passes on what it gets
        return take_prefix("--router", o->router, &o->routers);
    case OPT_GW:   return take_gateway(o);
    case OPT_SET:
        if (o->sets == UP_SETS) return complain("--set: too many of them: %s", optarg);
        o->set[o->sets++] = optarg;
        return 0;
    default:
        return EXIT_USAGE;  // getopt has said what is wrong
    }
}

static int check_gateways(const struct up_options *o)
{
    for (unsigned g = 0; g < o->gateways; g++) {
        bool near = false;
        for (unsigned i = 0; i < (o->routers > 0 ? o->routers : o->addrs); i++)
            near = near || prefix_contains(o->routers > 0 ? o->router[i] : o->addr[i],
                                           o->gateway[g]);
        if (!near) return complain("--gw: the gateway must be in the network of --addr%s", "");
        for (unsigned i = 0; i < o->addrs; i++)
            if (addr_eq(o->addr[i].addr, o->gateway[g]))
                return complain("%s", "--gw: the gateway is the kernel's end, and --addr is ours");
    }
    return 0;
}

// Both networks of a router could not be told apart if they were one.
static int check_routers(const struct up_options *o)
{
    for (unsigned r = 0; r < o->routers; r++) {
        for (unsigned i = 0; i < o->addrs; i++) {
            struct prefix a = o->addr[i], b = o->router[r];
            if (!prefix_contains(a, b.addr) && !prefix_contains(b, a.addr)) continue;
            return complain("%s", "--router: --addr is behind it, and must be in another network");
        }
    }
    return 0;
}

// What would have no effect, or none that can be.
static int check_pairs(const struct up_options *o)
{
    bool ip6 = o->slaac;
    for (unsigned i = 0; i < o->addrs; i++) ip6 = ip6 || o->addr[i].addr.family == FAMILY_IP6;
    for (unsigned i = 0; i < o->routers; i++) ip6 = ip6 || o->router[i].addr.family == FAMILY_IP6;
    if (o->mtu != 0 && o->mtu < IP6_MTU_MIN && ip6)
        return complain("%s", "--mtu: IPv6 takes no less than 1280");
    if (o->root != NULL && (o->serve == NULL || strstr(o->serve, "http") == NULL))
        return complain("--root %s: without --serve http:80 nothing serves it", o->root);
    if (o->snap < SNAP_ALL && o->write == NULL)
        return complain("%s", "--snap: of what? There is no -w FILE");
    return 0;
}

static int parse_options(struct up_options *o, int argc, char **argv)
{
    *o = (struct up_options){.offload = true, .snap = SNAP_ALL};
    int c, rc;
    optind = 1;
    while ((c = getopt_long(argc, argv, "w:s:D:h", options, NULL)) != -1)
        if ((rc = take_option(o, c)) != 0) return rc;
    if (o->help) return 0;
    if (optind < argc) return complain("\"%s\": an option was expected", argv[optind]);
    if (o->tap == NULL) return complain("%s", "--tap NAME is needed: which TAP device?");
    if (o->tun && (o->vlan != 0 || o->dhcp))
        return complain("%s", "--tun: without Ethernet there is no --vlan and no --dhcp");
    if (o->routers > 0 && (o->dhcp || o->addrs == 0))
        return complain("%s", "--router: the host behind it needs --addr, and cannot lease one");
    if (o->routers > 0 && o->slaac)
        return complain("%s", "--slaac: the router of --router does not advertise");
    if (o->addrs == 0 && !o->dhcp && !o->slaac)
        return complain("%s", "--addr ADDR/PREFIX is needed, like --addr 10.9.0.2/24, or --dhcp, "
                        "or --slaac");
    if (o->look.window && !cli_can_show())
        return complain("%s", "--view: this build has no window (it was made with SDL=0)");
    if (o->look.window && !cli_has_display())
        return complain("%s", "--view: there is no display; -w FILE.pcapng records, and "
                        "`netglass view` shows it elsewhere");
    if (o->script != NULL && access(o->script, R_OK) < 0)
        return cli_bad("netglass up", "--run: cannot read %s: %s", o->script, strerror(errno));
    if ((rc = check_pairs(o)) != 0 || (rc = check_gateways(o)) != 0) return rc;
    return check_routers(o);
}

// In a VLAN the kernel's end is for whoever runs the kernel to make.
static void say_vlan(const struct up *u)
{
    printf("We are in VLAN %u of it: ip link add link %s name %s.%u type vlan id %u", u->opt.vlan,
           u->opt.tap, u->opt.tap, u->opt.vlan, u->opt.vlan);
}

static void greet(const struct up *u)
{
    struct prefix kernel[UP_ADDRS];
    char addr[ADDR_TEXT];
    printf("netglass is up: ");
    for (unsigned i = 0; i < u->opt.addrs; i++)
        printf("%s%s", i > 0 ? ", " : "", addr_print(u->opt.addr[i].addr, addr));
    if (u->opt.addrs == 0)
        printf("asking %s", !u->opt.dhcp ? "routers" : !u->opt.slaac ? "for a lease"
                            : "for a lease, and routers");
    printf(" on %s, MTU %u, offload %s.\n", u->opt.tap, tap_mtu(u->tap),
           tap_offload(u->tap) != 0 ? "on" : "off");
    unsigned ends = up_kernel_ends(&u->opt, kernel);
    for (unsigned i = 0; i < u->opt.routers; i++)
        printf("%s %s", i == 0 ? "Behind a router:" : ",", addr_print(u->opt.router[i].addr, addr));
    if (u->opt.routers > 0) printf(".\n");
    if (u->opt.vlan != 0) say_vlan(u);
    else if (tap_made(u->tap)) printf("Made %s; the kernel's end is", u->opt.tap);
    else printf("%s was there before and will be left as it was", u->opt.tap);
    bool named = tap_made(u->tap) && u->opt.vlan == 0;
    for (unsigned i = 0; i < ends && named; i++)
        printf("%s %s", i > 0 ? "," : "", addr_print(kernel[i].addr, addr));
    if (ends == 0 && named) printf(" without an address");
    printf(".\n");
    if (u->link != NULL) {
        char words[300];
        struct text t = text_of(words, sizeof words);
        link_text_print(&t, link_get(u->link, LINK_A));
        printf("A link lies between, both ways: %s.\n", words);
    }
    if (u->opt.serve != NULL) printf("Serving %s.\n", u->opt.serve);
    bool http = u->opt.serve != NULL && strstr(u->opt.serve, "http") != NULL;
    addr_print(u->opt.addr[0].addr, addr);
    const char *format = u->opt.addr[0].addr.family == FAMILY_IP6 ? "%s[%s]" : "%s%s";
    if (u->opt.addrs > 0) {
        printf("Try: ping %s", addr);
        if (http) printf(format, ", or curl http://", addr);
        printf(". ");
    }
    printf("Ctrl-C ends it.\n");
}

static void say_drops(const struct host *h)
{
    for (int d = 1; d < DROPS; d++) {
        uint64_t n = ng_host_drops(h, (enum drop)d);
        if (n > 0) printf("  dropped %llu: %s\n", (unsigned long long)n, drop_text((enum drop)d));
    }
}

// --- the window ---------------------------------------------------------------------------------

static void *engine(void *self)
{
    struct up *u = self;
    up_run(u);
    feed_end(u->feed, "netglass is down.", u->loop.signal != 0);
    return NULL;
}

// The host on a thread of its own, before which the window always stands back. Both end with a
// signal; the window alone when it is closed.
static void run_in_window(struct up *u)
{
    char error[CLI_ERROR];
    pthread_t thread;
    int rc = pthread_create(&thread, NULL, engine, u);
    if (rc != 0) {
        complain("--view: %s", strerror(rc));
        return;
    }
    setpriority(PRIO_PROCESS, 0, WINDOW_NICE);
    u->opt.look.real_time = true;
    u->opt.look.title = "up";
    bool shown = cli_watch(u->feed, &u->opt.look, error);
    feed_leave(u->feed);
    if (!shown) complain("--view: %s", error);
    if (!feed_over(u->feed)) printf("The window is closed, the host goes on. Ctrl-C ends it.\n");
    pthread_join(thread, NULL);
}

int cmd_up(int argc, char **argv)
{
    struct up u = {0};
    int rc = parse_options(&u.opt, argc, argv);
    if (rc != 0) return rc;
    if (u.opt.help) { fputs(usage, stdout); return 0; }

    setvbuf(stdout, NULL, _IOLBF, 0);  // what a script says is heard at once, in a pipe too
    bool started = up_start(&u);
    if (!started) complain("%s", u.error);
    if (started) {
        greet(&u);
        if (u.feed != NULL) run_in_window(&u);
        else up_run(&u);
        printf("\nnetglass is down.\n");
        say_drops(u.host);
    }
    int error = u.loop.error;
    rc = up_stop(&u, started);
    feed_free(u.feed);
    if (error < 0) {
        complain("the TAP failed: %s", strerror(-error));
        return 1;
    }
    return rc;
}
