// swarm_test.c - worlds drawn from a seed: two to four hosts, cables of every quality with IPv4,
// IPv6 or both, connections with every option, readers that dawdle, half-closes and aborts. After
// each event:
//
//   * what was read is what was written, in order, from the first byte on
//   * no timer lies in the past, and the world comes to rest
//   * what is in flight is at most cwnd and one segment when something is sent
// and at the end: a connection that nobody cut short is complete, nothing of any connection is
// left, and every chunk is free (the pools CHECK it).
//
// SWARM_SEEDS=2000 is the campaign of `make soak`. A failing seed is printed; SWARM_FIRST=seed
// SWARM_SEEDS=1 replays it, with NG_PRINT=1 in every event.
#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "base/rng.h"
#include "base/text.h"
#include "claims.h"
#include "core/trace.h"
#include "net/host.h"
#include "scenarios/sim/sim.h"
#include "sim/setting.h"
#include "tcp/tcp.h"

#define NEED(w, cond) do { if (!(cond)) \
    ck_abort_msg("SWARM_FIRST=%d at %.6f: %s", (int)(w)->seed, (double)sim_now((w)->s) / 1e9, \
                 #cond); } while (0)

enum { HOSTS = 4, LINKS = 5, CONNS = 8, PORT = 80, FIRST_PORT = 10000, PERIOD = 65521,
       PART = 16384, BYTES_MOST = 400000,
       SEGMENT_MOST = 1460 };
enum ending { SHUT_THEN_CLOSE, CLOSE_AT_END, WAIT_THEN_CLOSE, ABORT_EARLY, ENDINGS };

struct swarm;

struct side {
    struct swarm *w;
    struct conn_plan *conn;
    struct host  *host;
    ng_sock       sock;
    enum ending   ending;
    uint64_t      total, wrote, read, abort_at;
    nsec          pause;      // 0: it reads whatever is there at once
    bool          shut, eof, over;
    int           error;
};

struct conn_plan { struct side side[2]; struct endpoint to; bool gentle; };

struct station { struct app app; struct swarm *w; ng_sock listener; };

// Of all worlds so far.
static struct { uint64_t worlds, conns, by_ip6, complete, bytes, segments, again; } told;

struct swarm {
    struct trace_sink sink;
    uint64_t        seed;
    struct sim     *s;
    struct rng      rng;
    struct rng      family_rng;  // beside it: what else is drawn does not hang on the family
    struct station  st[HOSTS];
    unsigned        hosts, links, conns;
    struct { unsigned end[2]; bool gentle, by[2]; } link[LINKS];  // by IPv4, by IPv6
    struct conn_plan conn[CONNS];
    uint8_t         pattern[2][PERIOD + PART];
};

static uint64_t below(struct swarm *w, uint64_t n) { return rng_below(&w->rng, n); }
static bool one_in(struct swarm *w, uint64_t n) { return below(w, n) == 0; }

// --- what is told ------------------------------------------------------------------------------

// The struct behind an event's connection. It exists while it tells.
static const struct tcp *teller(const struct swarm *w, const struct trace_event *ev)
{
    const struct host *h = w->st[ev->host - 1].app.host;
    const struct conn *c = table_next(h, ev->conn - 1);
    return c != NULL && c->id == ev->conn && c->kind == CONN_TCP ? (const void *)c : NULL;
}

static void tell(struct trace_sink *sink, const struct trace_event *ev)
{
    struct swarm *w = (struct swarm *)(void *)sink;
    if (getenv("NG_PRINT") != NULL && ev->type != TRACE_FRAME_STEP) {
        char line[512];
        struct text t = text_of(line, sizeof line);
        trace_print(&t, ev);
        puts(line);
    }
    if (ev->type == TRACE_TCP_SEGMENT && ev->tcp_segment.out) told.segments++;
    if (ev->type == TRACE_TCP_LOSS) told.again++;
    if (ev->type != TRACE_TCP_SEGMENT || !ev->tcp_segment.out || ev->tcp_segment.len == 0) return;
    const struct tcp *t = teller(w, ev);
    if (t == NULL) return;
    // The first that goes again and a tail probe ask no cwnd (RFC 5681 §3.2, RFC 8985 §7.3), and a
    // model's may lie below what is in flight (seen: seeds 96 and 260).
    unsigned why = ev->tcp_segment.why;
    if (why == SENT_FAST_RETRANSMIT || why == SENT_TAIL_PROBE) return;
    NEED(w, t->ccs.cwnd > 0 && loss_pipe(t) <= t->ccs.cwnd + SEGMENT_MOST);
    NEED(w, seq_diff(t->sent.nxt, seq_add(t->sent.una, t->snd_wnd_max)) <= 1);
}

// --- the applications --------------------------------------------------------------------------

static void leave(struct side *s, bool abort)
{
    if (s->over) return;
    s->over = true;
    if (abort) ng_sock_abort(s->host, s->sock);
    else ng_sock_close(s->host, s->sock);
}

static void side_read(struct side *s, size_t most)
{
    uint8_t buf[PART];
    const struct side *from = &s->conn->side[s == &s->conn->side[0]];
    const uint8_t *pattern = s->w->pattern[s == &s->conn->side[0]];
    while (!s->eof && most > 0) {
        ssize_t n = ng_sock_read(s->host, s->sock, buf, most < PART ? most : PART);
        if (n == -EAGAIN) return;
        if (n < 0) s->error = (int)-n;
        if (n <= 0) s->eof = true;
        if (n <= 0) return;
        NEED(s->w, memcmp(buf, pattern + s->read % PERIOD, (size_t)n) == 0);
        s->read += (uint64_t)n;
        NEED(s->w, s->read <= from->wrote);
        most -= (size_t)n;
    }
}

static void side_write(struct side *s)
{
    const uint8_t *pattern = s->w->pattern[s != &s->conn->side[0]];
    uint64_t end = s->ending == ABORT_EARLY && s->abort_at < s->total ? s->abort_at : s->total;
    while (s->wrote < end) {
        uint64_t n = 1 + below(s->w, PART);
        if (n > end - s->wrote) n = end - s->wrote;
        ssize_t did = ng_sock_write(s->host, s->sock, pattern + s->wrote % PERIOD, (size_t)n);
        if (did == -EAGAIN) return;
        if (did < 0) s->error = (int)-did;
        if (did <= 0) return;
        s->wrote += (uint64_t)did;
    }
}

static void side_act(struct side *s, size_t may_read)
{
    if (s->over || s->sock == 0) return;
    unsigned e = ng_sock_events(s->host, s->sock);
    if (!(e & (NG_CONNECTED | NG_ERROR | NG_HUP))) return;
    side_read(s, may_read);
    if (!s->shut && !(s->ending == WAIT_THEN_CLOSE && !s->eof)) side_write(s);
    if (s->error != 0) {
        leave(s, false);
    } else if (s->ending == ABORT_EARLY) {
        if (s->wrote >= s->abort_at || s->wrote == s->total) leave(s, true);
    } else if (s->ending == CLOSE_AT_END) {
        if (s->wrote == s->total) leave(s, false);
    } else if (s->wrote == s->total && (s->eof || s->ending == SHUT_THEN_CLOSE)) {
        if (!s->shut && ng_sock_shutdown(s->host, s->sock, NG_SHUT_WR) == 0) s->shut = true;
        if (s->eof) leave(s, false);
    }
}

static void set(struct side *s, enum ng_option o, int value)
{
    ng_sock_set(s->host, s->sock, o, &value, sizeof value);
}

static void draw_option(struct side *s)
{
    static const char *const cc[] = {"cubic", "newreno", "bbr", "vegas", "dctcp"};
    struct swarm *w = s->w;
    switch (below(w, 9)) {
    case 0: set(s, NG_TCP_NODELAY, (int)below(w, 2)); break;
    case 1: set(s, NG_TCP_CORK, (int)below(w, 2)); break;
    case 2: set(s, NG_TCP_QUICKACK, (int)below(w, 2)); break;
    case 3: set(s, NG_SO_SNDBUF, (int)below(w, 200000)); break;
    case 4: set(s, NG_SO_RCVBUF, (int)below(w, 200000)); break;
    case 5: set(s, NG_TCP_MAXSEG, 200 + (int)below(w, 1300)); break;
    case 6: set(s, NG_SO_KEEPALIVE, (int)below(w, 2)); break;
    case 7: set(s, NG_TCP_KEEPIDLE, 1 + (int)below(w, 60)); break;
    case 8: {
        const char *name = cc[below(w, ARRAY_LEN(cc))];
        ng_sock_set(s->host, s->sock, NG_TCP_CONGESTION, name, strlen(name));
        break;
    }
    }
}

// Now and then a side that dawdles reads some, or changes its mind about an option.
static void poke(void *self)
{
    struct side *s = self;
    if (s->over) return;
    sim_touch(s->w->s, s->host);
    if (s->sock != 0 && one_in(s->w, 20)) draw_option(s);
    side_act(s, 1 + below(s->w, 30000));
    sim_at(s->w->s, sim_now(s->w->s) + 1 + s->pause, poke, s);
}

static bool accept_one(struct station *st)
{
    int error;
    struct endpoint peer;
    ng_sock sock = ng_sock_accept(st->app.host, st->listener, &peer, &error);
    if (sock == 0) return false;
    struct side *s = &st->w->conn[peer.port - FIRST_PORT].side[1];
    if (s->sock != 0) {  // its first try was given up by the caller; it does not try again
        ng_sock_abort(st->app.host, sock);
        return true;
    }
    s->sock = sock;
    side_act(s, s->pause > 0 ? 0 : SIZE_MAX);
    return true;
}

static void on_ready(struct app *a, ng_sock sock, unsigned events)
{
    struct station *st = LIST_ENTRY(a, struct station, app);
    (void)events;
    if (sock == st->listener) {
        while (accept_one(st)) {}
        return;
    }
    for (unsigned i = 0; i < st->w->conns; i++) {
        for (int k = 0; k < 2; k++) {
            struct side *s = &st->w->conn[i].side[k];
            if (s->host == a->host && s->sock == sock) side_act(s, s->pause > 0 ? 0 : SIZE_MAX);
        }
    }
}

static void on_free(struct app *a) { (void)a; }

static void call(void *self)
{
    struct side *s = self;
    struct swarm *w = s->w;
    int error;
    sim_touch(w->s, s->host);
    s->sock = ng_sock_open(s->host, w->st[s->host->id - 1].app.id, KIND_TCP, &error);
    uint16_t port = (uint16_t)(FIRST_PORT + (s->conn - w->conn));
    struct endpoint own = {addr_any((enum family)s->conn->to.addr.family), port};
    NEED(w, ng_sock_bind(s->host, s->sock, &own) == 0);
    for (uint64_t n = below(w, 4); n > 0; n--) draw_option(s);
    NEED(w, ng_sock_connect(s->host, s->sock, &s->conn->to) == -EINPROGRESS);
}

// --- the world ---------------------------------------------------------------------------------

// Of the link's end k: 10.0.link.k+1 or fd00:link::k+1.
static struct addr end_addr(enum family family, unsigned link, unsigned k)
{
    if (family == FAMILY_IP4) return addr_ip4(0x0a000001 + (link << 8) + k);
    return (struct addr){6, {0xfd, [3] = (uint8_t)link, [15] = (uint8_t)(k + 1)}};
}

static struct netif *add_end(struct swarm *w, unsigned i, unsigned k)
{
    struct host *h = w->st[w->link[i].end[k]].app.host;
    enum family first = w->link[i].by[0] ? FAMILY_IP4 : FAMILY_IP6;
    struct netif *n = sim_add_netif(w->s, h, end_addr(first, i, k), first == FAMILY_IP4 ? 24 : 64);
    if (w->link[i].by[0] && w->link[i].by[1])
        NEED(w, ng_netif_add_addr(n, end_addr(FAMILY_IP6, i, k), 64) == 0);
    return n;
}

static void draw_link(struct swarm *w, struct link *l, bool *gentle)
{
    static const uint64_t rate[] = {0, 256000, 2000000, 10000000, 100000000, 1000000000};
    *gentle = true;
    for (int d = 0; d < 2; d++) {
        struct link_config c = {.rate_bps = rate[below(w, ARRAY_LEN(rate))],
                                .delay = USEC(1 + below(w, 1u << below(w, 18)))};
        if (one_in(w, 2)) c.loss_ppm = (uint32_t)below(w, 100000);
        if (one_in(w, 3)) c.reorder_ppm = (uint32_t)below(w, 300000);
        if (one_in(w, 3)) c.duplicate_ppm = (uint32_t)below(w, 100000);
        // ARP has no checksum, and the simulator's Ethernet none either: a damaged answer may hide
        // a neighbour for longer than a caller tries.
        if (one_in(w, 8)) c.corrupt_ppm = (uint32_t)below(w, 30000);
        if (c.corrupt_ppm > 0) *gentle = false;
        if (one_in(w, 3)) c.jitter = (nsec)below(w, (uint64_t)c.delay + 1);
        if (one_in(w, 3)) c.queue_packets = 2 + (uint32_t)below(w, 60);
        link_set(l, (enum link_end)d, &c, 0);
    }
}

static void draw_side(struct swarm *w, struct side *s, struct conn_plan *c, struct host *h)
{
    *s = (struct side){.w = w, .conn = c, .host = h};
    s->total = one_in(w, 6) ? 0 : below(w, one_in(w, 3) ? BYTES_MOST : 5000);
    s->ending = one_in(w, 5) ? (enum ending)below(w, ENDINGS) : SHUT_THEN_CLOSE;
    s->abort_at = below(w, s->total + 1);
    if (one_in(w, 3)) s->pause = MSEC(1 + below(w, 300));
}

static void draw_conn(struct swarm *w, struct conn_plan *c)
{
    unsigned l = (unsigned)below(w, w->links), from = (unsigned)below(w, 2);
    for (unsigned k = 0; k < 2; k++)
        draw_side(w, &c->side[k], c, w->st[w->link[l].end[k ^ from]].app.host);
    if (c->side[0].ending == WAIT_THEN_CLOSE && c->side[1].ending == WAIT_THEN_CLOSE)
        c->side[1].ending = SHUT_THEN_CLOSE;
    c->gentle = w->link[l].gentle
             && c->side[0].ending != ABORT_EARLY && c->side[0].ending != CLOSE_AT_END
             && c->side[1].ending != ABORT_EARLY && c->side[1].ending != CLOSE_AT_END;
    bool ip6 = !w->link[l].by[0] || (w->link[l].by[1] && rng_below(&w->family_rng, 2) == 0);
    c->to = (struct endpoint){end_addr(ip6 ? FAMILY_IP6 : FAMILY_IP4, l, 1 ^ from), PORT};
    told.by_ip6 += ip6;
    sim_at(w->s, MSEC(below(w, 3000)), call, &c->side[0]);
    for (int k = 0; k < 2; k++)
        if (c->side[k].pause > 0) sim_at(w->s, c->side[k].pause, poke, &c->side[k]);
}

static void open_station(struct swarm *w, unsigned i)
{
    static const char *const names[HOSTS] = {"a", "b", "c", "d"};
    struct station *st = &w->st[i];
    int error;
    struct host *h = sim_add_host(w->s, names[i]);
    st->w = w;
    st->app = (struct app){.host = h, .id = ng_app_new(h, "swarm", false), .ready = on_ready,
                           .free = on_free};
    apps_add(sim_apps(w->s), &st->app);
    if (one_in(w, 6)) ng_host_set(h, "net.ipv4.tcp_sack", "0");
    if (one_in(w, 6)) ng_host_set(h, "net.ipv4.tcp_timestamps", "0");
    if (one_in(w, 6)) ng_host_set(h, "net.ipv4.tcp_window_scaling", "0");
    st->listener = ng_sock_open(h, st->app.id, KIND_TCP, &error);
    NEED(w, ng_sock_bind(h, st->listener, &(struct endpoint){addr_any(FAMILY_IP6), PORT}) == 0);
    NEED(w, ng_sock_listen(h, st->listener, 1 + (int)below(w, 16)) == 0);
}

static struct swarm *swarm_open(uint64_t seed)
{
    struct swarm *w = calloc(1, sizeof *w);
    w->seed = seed;
    w->sink.emit = tell;
    rng_seed(&w->rng, seed);
    rng_seed(&w->family_rng, ~seed);
    for (int i = 0; i < 2; i++) {
        rng_fill(&w->rng, w->pattern[i], PERIOD);
        memcpy(w->pattern[i] + PERIOD, w->pattern[i], PART);
    }
    w->s = sim_new(&(struct sim_config){.name = "swarm", .seed = seed, .trace = &w->sink,
                                        .events = 20000000});
    w->hosts = 2 + (unsigned)below(w, HOSTS - 1);
    for (unsigned i = 0; i < w->hosts; i++) open_station(w, i);
    w->links = w->hosts - 1 + (unsigned)below(w, LINKS - w->hosts + 2);
    for (unsigned i = 0; i < w->links; i++) {  // the first ones join all; the rest lie anywhere
        unsigned a = i + 1 < w->hosts ? i + 1 : (unsigned)below(w, w->hosts);
        unsigned b = i + 1 < w->hosts ? (unsigned)below(w, i + 1)
                                      : (a + 1 + (unsigned)below(w, w->hosts - 1)) % w->hosts;
        struct netif *n[2];
        unsigned end[2] = {a, b};
        unsigned families = 1 + (unsigned)rng_below(&w->family_rng, 3);
        for (unsigned k = 0; k < 2; k++) w->link[i].by[k] = families >> k & 1;
        for (unsigned k = 0; k < 2; k++) {
            w->link[i].end[k] = end[k];
            n[k] = add_end(w, i, k);
        }
        struct link *l = sim_add_link(w->s, w->st[a].app.host, n[0], w->st[b].app.host, n[1]);
        draw_link(w, l, &w->link[i].gentle);
    }
    w->conns = 1 + (unsigned)below(w, CONNS);
    for (unsigned i = 0; i < w->conns; i++) draw_conn(w, &w->conn[i]);
    return w;
}

static bool all_over(const struct swarm *w)
{
    for (unsigned i = 0; i < w->conns; i++)
        if (!w->conn[i].side[0].over || !w->conn[i].side[1].over) return false;
    return true;
}

// Steps the world, with what must hold after each event.
static void swarm_run(struct swarm *w, nsec until)
{
    while (sim_now(w->s) < until && !all_over(w) && sim_step(w->s)) {
        for (unsigned i = 0; i < w->hosts; i++)
            NEED(w, ng_host_next(w->st[i].app.host) >= w->st[i].app.host->now);
    }
    NEED(w, !sim_tired(w->s));
}

static void check_complete(struct swarm *w)
{
    for (unsigned i = 0; i < w->conns; i++) {
        struct conn_plan *c = &w->conn[i];
        told.conns++;
        told.bytes += c->side[0].read + c->side[1].read;
        if (!c->gentle) continue;
        told.complete++;
        for (int k = 0; k < 2; k++) {
            struct side *s = &c->side[k];
            if (s->error != 0 || !s->eof || s->read != c->side[!k].total)
                ck_abort_msg("SWARM_FIRST=%d: %u side %d: error %d, eof %d, read %d of %d",
                             (int)w->seed, i, k, s->error, s->eof, (int)s->read,
                             (int)c->side[!k].total);
        }
    }
}

static void swarm(uint64_t seed)
{
    struct swarm *w = swarm_open(seed);
    swarm_run(w, SEC(1800));
    check_complete(w);
    // Whoever still waits for a peer that is gone goes too; then all must fade.
    for (unsigned i = 0; i < w->hosts; i++) {
        sim_touch(w->s, w->st[i].app.host);
        ng_app_exit(w->st[i].app.host, w->st[i].app.id);
    }
    for (unsigned i = 0; i < w->conns; i++)
        w->conn[i].side[0].over = w->conn[i].side[1].over = true;
    sim_run(w->s, sim_now(w->s) + SEC(3600));
    for (unsigned i = 0; i < w->hosts; i++) {
        NEED(w, w->st[i].app.host->tcp->tcps == 0);
        NEED(w, w->st[i].app.host->tcp->waits == 0);
    }
    told.worlds++;
    sim_free(w->s);
    free(w);
}

START_TEST(a_swarm_keeps_its_promises)
{
    int first = setting("SWARM_FIRST", 1), seeds = setting("SWARM_SEEDS", 50);
    for (int seed = first; seed < first + seeds; seed++) swarm((uint64_t)seed);
    printf("# %d worlds, %d connections (%d by IPv6, %d to be complete), %.1f MB, %d segments, "
           "%d lost\n", (int)told.worlds, (int)told.conns, (int)told.by_ip6, (int)told.complete,
           (double)told.bytes / 1e6, (int)told.segments, (int)told.again);
    ck_assert(seeds < 10 || (told.by_ip6 > told.conns / 4 && told.by_ip6 < told.conns * 3 / 4));
}
END_TEST

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    Suite *s = suite_create("swarm");
    TCase *c = tcase_create("swarm");
    tcase_set_timeout(c, 1500);
    tcase_add_test(c, a_swarm_keeps_its_promises);
    suite_add_tcase(s, c);
    return run_claims(s);
}
