// serve.c - see serve.h. A server is one application: a TCP listener, perhaps a UDP socket, and the
// connections it accepted, found by their descriptor.
#include "scenarios/apps/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "scenarios/apps/service.h"

enum { SERVE_BACKLOG = 128, SERVE_MAX = 16, CONNS_MAX = 1100, DATAGRAM_MAX = 65527 };

struct server {
    struct app            app;  // first: the driver knows only this
    const struct service *service;
    ng_sock               listener, datagrams;
    int                   root;
    nsec                  epoch;
    struct conn          *conns[CONNS_MAX];  // by descriptor
};

static const struct service *const services[] = {
    &service_http, &service_echo, &service_discard, &service_chargen, &service_daytime,
};

int serve_root(const struct server *s) { return s->root; }

void serve_time(const struct server *s, char *out, size_t cap)
{
    time_t seconds = (time_t)((ng_host_now(s->app.host) + s->epoch) / SEC(1));
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL
        || strftime(out, cap, "%a %b %e %H:%M:%S %Y UTC", &tm) == 0)
        out[0] = '\0';
}

static void conn_free(struct conn *c)
{
    if (c->server->service->end != NULL) c->server->service->end(c);
    free(c->state);
    free(c);
}

void serve_end(struct conn *c)
{
    c->server->conns[c->fd] = NULL;
    ng_sock_close(c->host, c->sock);
    c->ended = true;
}

static struct conn *conn_new(struct server *s, int fd, ng_sock sock, struct endpoint peer)
{
    struct conn *c = calloc(1, sizeof *c);
    void *state = calloc(1, s->service->state_size + 1);
    if (c == NULL || state == NULL) {
        free(c);
        free(state);
        return NULL;
    }
    *c = (struct conn){.server = s, .host = s->app.host, .sock = sock, .fd = fd, .peer = peer,
                       .state = state};
    return c;
}

static void conn_ready(struct conn *c, unsigned events)
{
    c->server->service->ready(c, events);
    if (c->ended) conn_free(c);
}

static void accept_all(struct server *s)
{
    struct host *h = s->app.host;
    struct endpoint peer;
    int error;
    ng_sock sock;
    while ((sock = ng_sock_accept(h, s->listener, &peer, &error)) != 0) {
        int fd = ng_sock_fd(h, sock);
        struct conn *c = fd >= 0 && fd < CONNS_MAX ? conn_new(s, fd, sock, peer) : NULL;
        if (c == NULL) {
            ng_sock_abort(h, sock);
            continue;
        }
        s->conns[fd] = c;
        conn_ready(c, ng_sock_events(h, sock));  // bytes may have come before accept()
    }
}

static void answer_datagrams(struct server *s)
{
    static const size_t cap = DATAGRAM_MAX;
    uint8_t *in = malloc(cap);
    char *out = malloc(cap);
    struct endpoint from;
    ssize_t n;
    while (in != NULL && out != NULL
           && (n = ng_sock_recvfrom(s->app.host, s->datagrams, in, cap, &from)) >= 0) {
        // An answer to another service's port could bounce between the two for ever.
        if (from.port < 1024 || s->service->datagram == NULL) continue;
        size_t len = s->service->datagram(s, in, (size_t)n, out, cap);
        if (len > 0) ng_sock_sendto(s->app.host, s->datagrams, out, len, &from);
    }
    free(in);
    free(out);
}

static void server_ready(struct app *a, ng_sock sock, unsigned events)
{
    struct server *s = (struct server *)a;
    if (sock == s->listener) {
        accept_all(s);
        return;
    }
    if (sock == s->datagrams) {
        answer_datagrams(s);
        return;
    }
    int fd = ng_sock_fd(a->host, sock);
    if (fd >= 0 && fd < CONNS_MAX && s->conns[fd] != NULL) conn_ready(s->conns[fd], events);
}

static void server_free(struct app *a)
{
    struct server *s = (struct server *)a;
    for (int fd = 0; fd < CONNS_MAX; fd++)
        if (s->conns[fd] != NULL) conn_free(s->conns[fd]);
    if (s->root >= 0) close(s->root);
    free(s);
}

// One socket of the server, bound to the port on every address of both families.
static ng_sock bound(struct server *s, enum sock_kind kind, uint16_t port, int *error)
{
    ng_sock sock = ng_sock_open(s->app.host, s->app.id, kind, error);
    if (sock == 0) return 0;
    struct endpoint any = {.addr = addr_any(FAMILY_IP6), .port = port};
    *error = ng_sock_bind(s->app.host, sock, &any);
    if (*error == 0 && kind == KIND_TCP) *error = ng_sock_listen(s->app.host, sock, SERVE_BACKLOG);
    return *error == 0 ? sock : 0;
}

static struct server *server_new(struct host *h, const struct service *service, uint16_t port,
                                 int *error)
{
    struct server *s = calloc(1, sizeof *s);
    if (s == NULL) { *error = -ENOMEM; return NULL; }
    s->service = service;
    s->root = -1;
    s->app = (struct app){.host = h, .ready = server_ready, .free = server_free};
    s->app.id = ng_app_new(h, service->name, false);
    *error = s->app.id == 0 ? -ENOMEM : 0;
    if (*error == 0) s->listener = bound(s, KIND_TCP, port, error);
    if (*error == 0 && service->udp) s->datagrams = bound(s, KIND_UDP, port, error);
    if (*error == 0) return s;
    if (s->app.id != 0) ng_app_exit(h, s->app.id);
    free(s);
    return NULL;
}

static const struct service *service_named(const char *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (strlen(services[i]->name) == len && memcmp(services[i]->name, name, len) == 0)
            return services[i];
    return NULL;
}

// Reads one "name[:port]" at *at and moves behind it and its comma.
static bool take_entry(const char **at, const struct service **service, uint16_t *port,
                       char *error, size_t cap)
{
    size_t len = strcspn(*at, ",:");
    *service = service_named(*at, len);
    if (*service == NULL) {
        snprintf(error, cap, "--serve: there is no service \"%.*s\" (http, echo, discard, chargen, "
                 "daytime)", (int)(len < 40 ? len : 40), *at);
        return false;
    }
    *port = (*service)->port;
    *at += len;
    if (**at == ':') {
        uint64_t v = 0;
        (*at)++;
        if (!text_take_u64(at, 65535, &v) || v == 0 || (**at != ',' && **at != '\0')) {
            snprintf(error, cap, "--serve: %s: a port is a number from 1 to 65535",
                     (*service)->name);
            return false;
        }
        *port = (uint16_t)v;
    }
    if (**at == ',') (*at)++;
    return true;
}

static bool open_root(struct server *s, const struct serve_config *cfg, char *error, size_t cap)
{
    s->epoch = cfg->epoch;
    if (cfg->root == NULL || s->service != &service_http) return true;
    s->root = open(cfg->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->root >= 0) return true;
    snprintf(error, cap, "--root: cannot open the folder %s: %s", cfg->root, strerror(errno));
    return false;
}

static bool start_one(struct apps *apps, struct host *h, const struct serve_config *cfg,
                      const char **at, struct text *error)
{
    const struct service *service;
    uint16_t port;
    int rc = 0;
    if (!take_entry(at, &service, &port, error->p, error->cap)) return false;
    struct server *s = server_new(h, service, port, &rc);
    if (s == NULL) {
        snprintf(error->p, error->cap, "--serve: %s: port %u: %s", service->name, port,
                 rc == -EADDRINUSE ? "the port is in use" : strerror(-rc));
        return false;
    }
    apps_add(apps, &s->app);
    return open_root(s, cfg, error->p, error->cap);
}

bool serve_start(struct apps *apps, struct host *h, const struct serve_config *cfg, char *error,
                 size_t cap)
{
    const char *at = cfg->list;
    struct text out = {.p = error, .cap = cap};
    if (*at == '\0') {
        snprintf(error, cap, "--serve: the list is empty");
        return false;
    }
    if (at[strlen(at) - 1] == ',') {
        snprintf(error, cap, "--serve: after the last comma comes no service");
        return false;
    }
    for (int i = 0; *at != '\0'; i++) {
        if (i == SERVE_MAX) {
            snprintf(error, cap, "--serve: at most %d services", SERVE_MAX);
            return false;
        }
        if (!start_one(apps, h, cfg, &at, &out)) return false;
    }
    return true;
}
