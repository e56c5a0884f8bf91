// dns.c - see dns.h.
#include "scenarios/apps/dns.h"

#include <errno.h>

#include "base/rng.h"

enum { TCP_PREFIX = 2, READS_MAX = 64 };

struct lookup;

// One name and type, on its way through servers and tries.
struct question {
    struct list_node    link;      // in the resolver's list of open ones
    struct lookup      *lookup;
    struct dns_question is;
    ng_sock             sock;
    bool                tcp, sent;
    unsigned            server, tries, chain;
    uint64_t            timer;     // of the sim; 0: none
    uint8_t            *bytes;     // over TCP: length and answer, as far as they came
    size_t              have;
    enum dns_error      error;
    struct dns_reply    reply;
};

struct lookup {
    struct list_node link;
    struct dns      *dns;
    struct question  q[2];
    unsigned         questions, open;
    void           (*done)(void *self, const struct dns_answer *a);
    void            *self;
};

struct dns {
    struct app        app;
    struct sim       *sim;
    struct dns_config is;
    bool              given;  // the servers, by hand or with a lease
    struct list_node  lookups, open;
};

static void ask(struct question *q);

const char *dns_error_name(enum dns_error e)
{
    static const char *const names[] = {
        [DNS_FOUND] = "OK", [DNS_NO_SUCH_NAME] = "NXDOMAIN", [DNS_NO_ADDRESS] = "NODATA",
        [DNS_NO_ANSWER] = "TIMEOUT", [DNS_FAILED] = "SERVFAIL", [DNS_NO_SERVER] = "NOSERVER",
        [DNS_BAD_NAME] = "BADNAME"};
    return names[e];
}

// --- the end of a lookup -----------------------------------------------------------------------

static void add_reply(struct dns_answer *a, const struct question *q)
{
    if (q->error != DNS_FOUND) {
        // That there is no such name, or nothing under it, says more than that nobody answered.
        if (a->error == DNS_NO_SERVER || q->error < a->error) a->error = q->error;
        return;
    }
    a->error = DNS_FOUND;
    if (a->addrs == 0) {
        memcpy(a->name, q->reply.name, sizeof a->name);
        a->ttl = q->reply.ttl;
    }
    for (unsigned i = 0; i < q->reply.addrs; i++) a->addr[a->addrs++] = q->reply.addr[i];
    if (q->reply.ttl < a->ttl) a->ttl = q->reply.ttl;
}

static void lookup_end(void *self)
{
    struct lookup *l = self;
    struct dns_answer a = {.error = DNS_NO_SERVER};
    for (unsigned i = 0; i < l->questions; i++) add_reply(&a, &l->q[i]);
    sim_touch(l->dns->sim, l->dns->app.host);
    dns_order(l->dns->app.host, l->dns->app.id, a.addr, a.addrs);
    void (*done)(void *self, const struct dns_answer *a) = l->done;
    void *whose = l->self;
    list_remove(&l->link);
    free(l);
    done(whose, &a);
}

// By the sim's loop, so that whoever asked is never called from within its own call.
static void lookup_finish(struct lookup *l)
{
    sim_at(l->dns->sim, sim_now(l->dns->sim), lookup_end, l);
}

static void hang_up(struct question *q)
{
    struct dns *d = q->lookup->dns;
    if (q->timer != 0) sim_cancel(d->sim, q->timer);
    q->timer = 0;
    if (q->sock != 0) {
        sim_touch(d->sim, d->app.host);
        ng_sock_close(d->app.host, q->sock);
    }
    q->sock = 0;
    free(q->bytes);
    q->bytes = NULL;
    q->have = 0;
    q->tcp = q->sent = false;
}

static void finish(struct question *q, enum dns_error error)
{
    hang_up(q);
    list_remove(&q->link);
    q->error = error;
    if (--q->lookup->open == 0) lookup_finish(q->lookup);
}

// --- out ---------------------------------------------------------------------------------------

static void next_server(struct question *q, enum dns_error why)
{
    const struct dns *d = q->lookup->dns;
    hang_up(q);
    q->error = why;
    if (++q->server >= d->is.servers) {
        q->server = 0;
        q->tries++;
    }
    if (q->tries < DNS_TRIES) ask(q);
    else finish(q, why);
}

static void out_of_time(void *self)
{
    struct question *q = self;
    q->timer = 0;
    next_server(q, q->error == DNS_FAILED ? DNS_FAILED : DNS_NO_ANSWER);
}

static int send_question(struct question *q)
{
    uint8_t bytes[TCP_PREFIX + DNS_QUERY_MAX];
    struct host *h = q->lookup->dns->app.host;
    size_t len = dns_emit(&q->is, bytes + TCP_PREFIX), skip = q->tcp ? 0 : TCP_PREFIX;
    put16(bytes, (uint16_t)len);
    ssize_t rc = ng_sock_write(h, q->sock, bytes + skip, len + TCP_PREFIX - skip);
    q->sent = rc > 0;  // a new connection takes so few bytes at once
    return rc < 0 ? (int)rc : 0;
}

// A socket of its own, with a port of its own, to the server whose turn it is.
static int dial(struct question *q)
{
    struct dns *d = q->lookup->dns;
    struct host *h = d->app.host;
    int error;
    sim_touch(d->sim, h);
    q->sock = ng_sock_open(h, d->app.id, q->tcp ? KIND_TCP : KIND_UDP, &error);
    if (q->sock == 0) return error;
    struct endpoint server = {d->is.server[q->server], DNS_PORT};
    int rc = ng_sock_connect(h, q->sock, &server);
    if (rc == -EINPROGRESS) return 0;
    return rc < 0 ? rc : send_question(q);
}

static void try_to_ask(struct question *q, bool tcp)
{
    struct dns *d = q->lookup->dns;
    nsec patience = d->is.patience > 0 ? d->is.patience : DNS_PATIENCE;
    hang_up(q);
    q->tcp = tcp;
    q->is.id = (uint16_t)rng_next(sim_rng(d->sim));
    if (tcp) q->bytes = malloc(TCP_PREFIX + DNS_TCP_MAX);
    bool well = !(tcp && q->bytes == NULL) && dial(q) == 0;
    if (well) q->timer = sim_at(d->sim, sim_now(d->sim) + patience, out_of_time, q);
    if (q->timer == 0) next_server(q, DNS_NO_ANSWER);
}

static void ask(struct question *q)
{
    if (q->lookup->dns->is.servers == 0) finish(q, DNS_NO_SERVER);
    else try_to_ask(q, false);
}

// --- in ----------------------------------------------------------------------------------------

// The answer says who is meant, and not where that one is: asked again, under the other name.
static void follow(struct question *q, const struct dns_reply *r)
{
    q->chain += r->cnames;
    memcpy(q->is.name, r->name, sizeof q->is.name);
    q->server = q->tries = 0;
    if (q->chain > DNS_CHAIN_MAX) finish(q, DNS_FAILED);
    else ask(q);
}

static void take(struct question *q, const struct dns_reply *r)
{
    if (r->truncated) {
        if (q->tcp) next_server(q, DNS_FAILED);
        else try_to_ask(q, true);
    } else if (r->rcode == DNS_NXDOMAIN) {
        finish(q, DNS_NO_SUCH_NAME);
    } else if (r->rcode != DNS_OK) {
        next_server(q, DNS_FAILED);
    } else if (r->addrs > 0) {
        q->reply = *r;
        finish(q, DNS_FOUND);
    } else if (r->cnames > 0) {
        follow(q, r);
    } else {
        finish(q, DNS_NO_ADDRESS);
    }
}

// What is no answer to the question is passed over: somebody may be guessing.
static void read_datagrams(struct question *q)
{
    struct host *h = q->lookup->dns->app.host;
    uint8_t bytes[DNS_UDP_MAX];
    struct dns_reply r;
    for (int reads = 0; reads < READS_MAX; reads++) {
        ssize_t n = ng_sock_read(h, q->sock, bytes, sizeof bytes);
        if (n == -EAGAIN) return;
        if (n < 0) {
            next_server(q, DNS_NO_ANSWER);
            return;
        }
        if (!dns_parse(&r, &q->is, bytes, (size_t)n)) continue;
        take(q, &r);
        return;
    }
}

static size_t bytes_wanted(const struct question *q)
{
    return q->have < TCP_PREFIX ? TCP_PREFIX : TCP_PREFIX + (size_t)get16(q->bytes);
}

static void read_stream(struct question *q)
{
    struct host *h = q->lookup->dns->app.host;
    struct dns_reply r;
    while (q->have < bytes_wanted(q)) {
        ssize_t n = ng_sock_read(h, q->sock, q->bytes + q->have, bytes_wanted(q) - q->have);
        if (n == -EAGAIN) return;
        if (n <= 0) {
            next_server(q, DNS_NO_ANSWER);
            return;
        }
        q->have += (size_t)n;
    }
    if (dns_parse(&r, &q->is, q->bytes + TCP_PREFIX, q->have - TCP_PREFIX)) take(q, &r);
    else next_server(q, DNS_FAILED);
}

static void stream_ready(struct question *q, unsigned events)
{
    struct host *h = q->lookup->dns->app.host;
    if (events & NG_ERROR) {
        next_server(q, DNS_NO_ANSWER);
    } else if (!q->sent) {
        if (!(events & NG_CONNECTED)) return;
        if (send_question(q) < 0) next_server(q, DNS_NO_ANSWER);
    } else if (ng_sock_events(h, q->sock) & NG_READABLE) {
        read_stream(q);
    }
}

static void dns_ready(struct app *a, ng_sock s, unsigned events)
{
    struct dns *d = (struct dns *)a;
    LIST_EACH(n, &d->open) {
        struct question *q = LIST_ENTRY(n, struct question, link);
        if (q->sock != s) continue;
        if (q->tcp) stream_ready(q, events);
        else read_datagrams(q);
        return;
    }
}

// --- life --------------------------------------------------------------------------------------

static void dns_free(struct app *a)
{
    struct dns *d = (struct dns *)a;
    for (struct list_node *n; (n = list_pop_front(&d->lookups)) != NULL;) {
        struct lookup *l = LIST_ENTRY(n, struct lookup, link);
        for (unsigned i = 0; i < l->questions; i++) free(l->q[i].bytes);
        free(l);
    }
    free(d);
}

struct dns *dns_start(struct sim *s, struct host *h, const struct dns_config *cfg)
{
    struct dns *d = calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->sim = s;
    d->is = *cfg;
    d->given = cfg->servers > 0;
    list_reset(&d->lookups);
    list_reset(&d->open);
    d->app = (struct app){.host = h, .id = ng_app_new(h, "resolver", false), .ready = dns_ready,
                          .free = dns_free};
    if (d->app.id == 0) {
        free(d);
        return NULL;
    }
    apps_add(sim_apps(s), &d->app);
    return d;
}

void dns_set_servers(struct dns *d, const struct addr *server, unsigned n)
{
    d->given = n > 0;
    d->is.servers = n < DNS_SERVERS ? n : DNS_SERVERS;
    for (unsigned i = 0; i < d->is.servers; i++) d->is.server[i] = server[i];
}

unsigned dns_servers(const struct dns *d) { return d->is.servers; }

static void ask_the_link(struct dns *d)
{
    if (d->is.link == NULL || d->given) return;
    sim_touch(d->sim, d->app.host);  // what time it is there
    d->is.servers = ng_netif_servers(d->is.link, d->is.server, DNS_SERVERS);
}

static void add_question(struct lookup *l, const char *name, uint16_t type)
{
    struct question *q = &l->q[l->questions++];
    q->lookup = l;
    q->is.type = type;
    memcpy(q->is.name, name, DNS_NAME_TEXT);
    list_push_back(&l->dns->open, &q->link);
    l->open++;
}

// Never asked of anybody (RFC 6761 §6.3).
static bool is_localhost(const char *name)
{
    static const char word[] = "localhost";
    size_t len = strlen(name), n = sizeof word - 1;
    if (len < n || strcmp(name + len - n, word) != 0) return false;
    return len == n || name[len - n - 1] == '.';
}

static void answer_localhost(struct lookup *l)
{
    for (unsigned i = 0; i < l->questions; i++) {
        struct question *q = &l->q[i];
        struct addr a = q->is.type == DNS_A ? addr_ip4(0x7f000001)
                                            : (struct addr){.family = FAMILY_IP6, .b[15] = 1};
        q->reply = (struct dns_reply){.addr = {a}, .addrs = 1};
        memcpy(q->reply.name, q->is.name, sizeof q->reply.name);
        finish(q, DNS_FOUND);
    }
}

bool dns_lookup(struct dns *d, const char *name, uint8_t family,
                void (*done)(void *self, const struct dns_answer *a), void *self)
{
    char sound[DNS_NAME_TEXT] = "";
    struct lookup *l = calloc(1, sizeof *l);
    if (l == NULL) return false;
    *l = (struct lookup){.dns = d, .done = done, .self = self};
    ask_the_link(d);
    list_push_back(&d->lookups, &l->link);
    if (!dns_name_take(sound, name)) {
        l->questions = 1;
        l->q[0].error = DNS_BAD_NAME;
        lookup_finish(l);
        return true;
    }
    if (family != FAMILY_IP4) add_question(l, sound, DNS_AAAA);
    if (family != FAMILY_IP6) add_question(l, sound, DNS_A);
    if (is_localhost(sound)) answer_localhost(l);
    else for (unsigned i = 0, n = l->questions; i < n; i++) ask(&l->q[i]);
    return true;
}
