// dhcp.c - see dhcp.h. Section numbers are those of RFC 2131.
#include "scenarios/apps/dhcp.h"

#include <errno.h>

#include "base/rng.h"
#include "scenarios/apps/dhcp_wire.h"

enum { TRIES_MAX = 4, BITS_OF_CLASS = 24, READ_MAX = 1500 };
#define FIRST_WAIT    SEC(4)
#define LONGEST_WAIT  SEC(64)
#define DECLINED_WAIT SEC(10)   // §3.1 5
#define PROBE_LOOK    MSEC(500)
#define LEAST_RENEW   SEC(60)

struct dhcp {
    struct app         app;
    struct sim        *sim;
    struct dhcp_config is;
    ng_sock            sock;
    enum dhcp_state    state;
    struct dhcp_message offer;    // what we ask for, or were given
    struct dhcp_lease  lease;
    uint32_t           xid;
    unsigned           tries;
    uint64_t           timer;     // of the sim; 0: none
    nsec               began, renew_at, rebind_at, ends_at;
};

static void turn(struct dhcp *d);

// --- time --------------------------------------------------------------------------------------

static void fire(void *self)
{
    struct dhcp *d = self;
    d->timer = 0;
    turn(d);
}

static void wake_at(struct dhcp *d, nsec at)
{
    if (d->timer != 0) sim_cancel(d->sim, d->timer);
    d->timer = at == NEVER ? 0 : sim_at(d->sim, at, fire, d);
}

// 4, 8, 16, 32, 64 seconds, each a second more or less (§4.1).
static nsec patience(struct dhcp *d)
{
    nsec wait = FIRST_WAIT << (d->tries < TRIES_MAX ? d->tries : TRIES_MAX);
    if (wait > LONGEST_WAIT) wait = LONGEST_WAIT;
    return wait - SEC(1) + (nsec)rng_below(sim_rng(d->sim), SEC(2));
}

// --- out ---------------------------------------------------------------------------------------

static struct dhcp_message message(const struct dhcp *d, enum dhcp_kind kind)
{
    nsec secs = (sim_now(d->sim) - d->began) / SEC(1);
    return (struct dhcp_message){.op = DHCP_BOOTREQUEST, .kind = (uint8_t)kind, .xid = d->xid,
                                 .secs = (uint16_t)(secs < UINT16_MAX ? secs : UINT16_MAX),
                                 .chaddr = d->is.mac};
}

static void send(struct dhcp *d, const struct dhcp_message *m, struct addr to)
{
    uint8_t bytes[DHCP_EMIT_MAX];
    struct ng_packet_info info = {.netif = ng_netif_id(d->is.netif)};
    struct ng_message out = {.buf = bytes, .len = dhcp_emit(m, bytes), .has_peer = true,
                             .peer = {to, DHCP_SERVER_PORT}, .info = &info};
    sim_touch(d->sim, d->app.host);
    ng_sock_send(d->app.host, d->sock, &out);  // what is lost is sent again
}

static void ask_all(struct dhcp *d, enum dhcp_kind kind)
{
    struct dhcp_message m = message(d, kind);
    m.broadcast = true;
    if (kind != DHCP_DISCOVER) {
        m.requested = d->offer.yiaddr;
        m.server = d->offer.server;
    }
    send(d, &m, addr_ip4(UINT32_MAX));
}

// An extension names no server and asks for nothing: the address says it all (§4.3.2).
static void ask_again(struct dhcp *d, struct addr to)
{
    struct dhcp_message m = message(d, DHCP_REQUEST);
    m.ciaddr = d->lease.addr.addr;
    send(d, &m, to);
}

// --- states ------------------------------------------------------------------------------------

static void discover(struct dhcp *d)
{
    d->state = DHCP_SELECTING;
    d->tries = 0;
    d->began = sim_now(d->sim);
    d->xid = (uint32_t)rng_next(sim_rng(d->sim));
    turn(d);
}

static void tell(struct dhcp *d)
{
    if (d->is.changed != NULL) d->is.changed(d->is.self, &d->lease);
}

static void lose(struct dhcp *d)
{
    struct host *h = d->app.host;
    if (d->lease.addr.addr.family == FAMILY_NONE) return;
    sim_touch(d->sim, h);
    if (d->lease.gateway.family != FAMILY_NONE)
        ng_host_remove_route(h, addr_any(FAMILY_IP4), 0, d->lease.gateway);
    ng_netif_remove_addr(d->is.netif, d->lease.addr.addr);
    d->lease = (struct dhcp_lease){0};
    tell(d);
}

static nsec later(nsec now, uint32_t seconds)
{
    return seconds == UINT32_MAX ? NEVER : now + SEC(seconds);
}

static void set_times(struct dhcp *d, const struct dhcp_message *m)
{
    nsec now = sim_now(d->sim);
    uint32_t lease = m->lease_s, half = lease / 2, most = lease - lease / 8;
    d->ends_at = later(now, lease);
    d->renew_at = later(now, m->renew_s > 0 && m->renew_s < lease ? m->renew_s : half);
    d->rebind_at = later(now, m->rebind_s > 0 && m->rebind_s < lease ? m->rebind_s : most);
    if (lease == UINT32_MAX) d->renew_at = d->rebind_at = NEVER;
    if (d->renew_at > d->rebind_at) d->renew_at = d->rebind_at;
    d->lease.lease_s = lease;
}

static void be_bound(struct dhcp *d)
{
    d->state = DHCP_BOUND;
    d->tries = 0;
    if (d->lease.gateway.family != FAMILY_NONE)
        ng_host_add_route(d->app.host, addr_any(FAMILY_IP4), 0, d->lease.gateway, d->is.netif);
    wake_at(d, d->renew_at);
    tell(d);
}

// The address is ours on probation: does anybody have it?
static void take_lease(struct dhcp *d, const struct dhcp_message *m)
{
    uint8_t bits = m->mask_bits > 0 ? m->mask_bits : BITS_OF_CLASS;
    d->lease = (struct dhcp_lease){.addr = {m->yiaddr, bits}, .server = m->server,
                                   .servers = m->servers};
    for (unsigned i = 0; i < m->servers; i++) d->lease.dns[i] = m->dns[i];
    if (m->routers > 0) d->lease.gateway = m->router[0];
    set_times(d, m);
    sim_touch(d->sim, d->app.host);
    int rc = ng_netif_add_addr(d->is.netif, m->yiaddr, bits);
    if (rc < 0 && rc != -EEXIST) {
        d->lease = (struct dhcp_lease){0};
        discover(d);
        return;
    }
    d->state = DHCP_PROBING;
    turn(d);
}

static void look_at_probe(struct dhcp *d)
{
    enum own own = ng_netif_addr_state(d->is.netif, d->lease.addr.addr);
    if (own == OWN_TENTATIVE) {
        wake_at(d, sim_now(d->sim) + PROBE_LOOK);
    } else if (own == OWN_PREFERRED) {
        be_bound(d);
    } else {
        ask_all(d, DHCP_DECLINE);
        ng_netif_remove_addr(d->is.netif, d->lease.addr.addr);
        d->lease = (struct dhcp_lease){0};
        d->state = DHCP_SELECTING;
        d->tries = 0;
        wake_at(d, sim_now(d->sim) + DECLINED_WAIT);
    }
}

// Half of what is left, but a minute at least (§4.4.5).
static void extend(struct dhcp *d, nsec until, struct addr to)
{
    nsec now = sim_now(d->sim), wait = (until - now) / 2;
    if (wait < LEAST_RENEW) wait = until - now < LEAST_RENEW ? until - now : LEAST_RENEW;
    ask_again(d, to);
    wake_at(d, now + wait);
}

// The state we are in is new, or its deadline has come.
static void turn(struct dhcp *d)
{
    nsec now = sim_now(d->sim);
    if (d->state == DHCP_BOUND) d->state = DHCP_RENEWING;
    if (d->state == DHCP_RENEWING && now >= d->rebind_at) d->state = DHCP_REBINDING;
    switch (d->state) {
    case DHCP_SELECTING:
        ask_all(d, DHCP_DISCOVER);
        wake_at(d, now + patience(d));
        d->tries++;
        break;
    case DHCP_REQUESTING:
        if (d->tries > TRIES_MAX) {
            discover(d);
            return;
        }
        ask_all(d, DHCP_REQUEST);
        wake_at(d, now + patience(d));
        d->tries++;
        break;
    case DHCP_PROBING:  look_at_probe(d); break;
    case DHCP_RENEWING: extend(d, d->rebind_at, d->lease.server); break;
    case DHCP_REBINDING:
        if (now < d->ends_at) {
            extend(d, d->ends_at, addr_ip4(UINT32_MAX));
        } else {
            lose(d);
            discover(d);
        }
        break;
    case DHCP_BOUND: break;
    }
}

// --- in ----------------------------------------------------------------------------------------

static bool may_be_had(const struct dhcp_message *m)
{
    return !addr_is_any(m->yiaddr) && !addr_is_multicast(m->yiaddr)
        && !addr_is_broadcast(m->yiaddr) && m->lease_s > 0 && m->server.family != FAMILY_NONE;
}

static void take_ack(struct dhcp *d, const struct dhcp_message *m)
{
    bool extends = d->state == DHCP_RENEWING || d->state == DHCP_REBINDING;
    if (!may_be_had(m)) return;
    if (d->state == DHCP_REQUESTING && addr_eq(m->yiaddr, d->offer.yiaddr)) {
        take_lease(d, m);
    } else if (extends && addr_eq(m->yiaddr, d->lease.addr.addr)) {
        set_times(d, m);
        d->lease.server = m->server;
        d->state = DHCP_BOUND;
        wake_at(d, d->renew_at);
    }
}

static void take(struct dhcp *d, const struct dhcp_message *m)
{
    if (m->op != DHCP_BOOTREPLY || m->xid != d->xid || !mac_eq(m->chaddr, d->is.mac)) return;
    if (m->kind == DHCP_OFFER && d->state == DHCP_SELECTING && may_be_had(m)) {
        d->offer = *m;
        d->state = DHCP_REQUESTING;
        d->tries = 0;
        turn(d);
    } else if (m->kind == DHCP_ACK) {
        take_ack(d, m);
    } else if (m->kind == DHCP_NAK && d->state != DHCP_SELECTING && d->state != DHCP_BOUND
               && d->state != DHCP_PROBING) {
        lose(d);
        discover(d);
    }
}

static void dhcp_ready(struct app *a, ng_sock s, unsigned events)
{
    struct dhcp *d = (struct dhcp *)a;
    uint8_t bytes[READ_MAX];
    struct dhcp_message m;
    (void)events;
    for (ssize_t n; (n = ng_sock_read(a->host, s, bytes, sizeof bytes)) >= 0;)
        if (dhcp_parse(&m, bytes, (size_t)n)) take(d, &m);
}

// --- life --------------------------------------------------------------------------------------

static void dhcp_free(struct app *a) { free(a); }

static int open_socket(struct dhcp *d)
{
    struct host *h = d->app.host;
    int on = 1, error;
    d->sock = ng_sock_open(h, d->app.id, KIND_UDP, &error);
    if (d->sock == 0) return error;
    struct endpoint any = {addr_any(FAMILY_IP4), DHCP_CLIENT_PORT};
    ng_sock_set(h, d->sock, NG_SO_BROADCAST, &on, sizeof on);
    return ng_sock_bind(h, d->sock, &any);
}

struct dhcp *dhcp_start(struct sim *s, struct host *h, const struct dhcp_config *cfg, int *error)
{
    *error = -ENOMEM;
    struct dhcp *d = calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->sim = s;
    d->is = *cfg;
    d->app = (struct app){.host = h, .ready = dhcp_ready, .free = dhcp_free};
    d->app.id = ng_app_new(h, "dhcp", false);
    if (d->app.id != 0) *error = open_socket(d);
    if (*error < 0) {
        if (d->app.id != 0) ng_app_exit(h, d->app.id);
        free(d);
        return NULL;
    }
    apps_add(sim_apps(s), &d->app);
    discover(d);
    return d;
}

const struct dhcp_lease *dhcp_lease(const struct dhcp *d) { return &d->lease; }
enum dhcp_state dhcp_state(const struct dhcp *d) { return d->state; }
