// see model.h. Here: the arrays, and how their members are found.
#include "viz/model.h"

#include "viz/model_parts.h"

// Room for one more of size; *p may move. False: no memory.
static bool grow(void *p, size_t *cap, size_t n, size_t size)
{
    if (n < *cap) return true;
    size_t wider = *cap != 0 ? *cap * 2 : 8;
    void *old, *moved;
    memcpy(&old, p, sizeof old);
    moved = realloc(old, wider * size);
    if (moved == NULL) return false;
    memcpy(p, &moved, sizeof moved);
    *cap = wider;
    return true;
}

void model_free(struct model *m)
{
    free(m->host);
    free(m->netif);
    free(m->neigh);
    free(m->app);
    free(m->sock);
    *m = (struct model){0};
}

static bool copy_array(void *to, size_t *cap, const void *from, size_t bytes_each_n[2])
{
    size_t each = bytes_each_n[0], n = bytes_each_n[1];
    void *p;
    memcpy(&p, to, sizeof p);
    if (*cap < n) {
        void *fresh = realloc(p, n * each);
        if (fresh == NULL) return false;
        memcpy(to, &fresh, sizeof fresh);
        *cap = n;
        p = fresh;
    }
    if (n > 0) memcpy(p, from, n * each);
    return true;
}

#define COPY(part, parts)                                      \
    copy_array(&to->part, &to->parts##_cap, from->part,        \
               (size_t[]){sizeof *from->part, from->parts})

bool model_copy(struct model *to, const struct model *from)
{
    struct model kept = *to;
    if (!COPY(host, hosts) || !COPY(netif, netifs) || !COPY(neigh, neighs) || !COPY(app, apps) ||
        !COPY(sock, socks))
        return false;
    kept = *to;
    *to = *from;
    to->host = kept.host, to->hosts_cap = kept.hosts_cap;
    to->netif = kept.netif, to->netifs_cap = kept.netifs_cap;
    to->neigh = kept.neigh, to->neighs_cap = kept.neighs_cap;
    to->app = kept.app, to->apps_cap = kept.apps_cap;
    to->sock = kept.sock, to->socks_cap = kept.socks_cap;
    return true;
}

size_t model_memory(const struct model *m)
{
    return sizeof *m + m->hosts_cap * sizeof *m->host + m->netifs_cap * sizeof *m->netif +
           m->neighs_cap * sizeof *m->neigh + m->apps_cap * sizeof *m->app +
           m->socks_cap * sizeof *m->sock;
}

// --- finding -----------------------------------------------------------------------------------

const struct model_host *model_host(const struct model *m, uint16_t host)
{
    for (size_t i = 0; i < m->hosts; i++)
        if (m->host[i].id == host) return &m->host[i];
    return NULL;
}

const struct model_netif *model_netif(const struct model *m, uint16_t host, uint16_t netif)
{
    for (size_t i = 0; i < m->netifs; i++)
        if (m->netif[i].host == host && m->netif[i].id == netif) return &m->netif[i];
    return NULL;
}

const struct model_netif *model_netif_of(const struct model *m, uint16_t host)
{
    for (size_t i = 0; i < m->netifs; i++)
        if (m->netif[i].host == host) return &m->netif[i];
    return NULL;
}

const struct model_app *model_app(const struct model *m, uint16_t host, uint16_t app)
{
    for (size_t i = 0; i < m->apps; i++)
        if (m->app[i].host == host && m->app[i].id == app) return &m->app[i];
    return NULL;
}

static uint64_t sock_key(uint16_t host, uint32_t conn) { return (uint64_t)host << 32 | conn; }

// The first socket whose key is not below.
static size_t sock_place(const struct model *m, uint64_t key)
{
    size_t lo = 0, hi = m->socks;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (sock_key(m->sock[mid].host, m->sock[mid].conn) < key) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

const struct model_sock *model_sock(const struct model *m, uint16_t host, uint32_t conn)
{
    size_t i = sock_place(m, sock_key(host, conn));
    if (i == m->socks || m->sock[i].host != host || m->sock[i].conn != conn) return NULL;
    return &m->sock[i];
}

const struct model_sock *model_sock_fd(const struct model *m, uint16_t host, uint16_t app,
                                       int32_t fd)
{
    for (size_t i = sock_place(m, sock_key(host, 0)); i < m->socks; i++) {
        const struct model_sock *s = &m->sock[i];
        if (s->host != host) break;
        if (s->app == app && s->fd == fd) return s;
    }
    return NULL;
}

static bool addr_fits(struct addr have, struct addr want)
{
    return addr_is_any(have) || addr_eq(have, want);
}

const struct model_sock *model_match(const struct model *m, uint16_t host, uint8_t kind,
                                     const struct endpoint ends[2])
{
    const struct model_sock *best = NULL;
    int best_score = -1;
    for (size_t i = sock_place(m, sock_key(host, 0)); i < m->socks; i++) {
        const struct model_sock *s = &m->sock[i];
        if (s->host != host) break;
        if (s->kind != kind || s->local.port != ends[0].port) continue;
        if (!addr_fits(s->local.addr, ends[0].addr)) continue;
        bool connected = s->remote.port != 0;
        if (connected && !endpoint_eq(s->remote, ends[1])) continue;
        int score = connected * 2 + !addr_is_any(s->local.addr);
        if (score > best_score) best = s, best_score = score;
    }
    return best;
}

uint16_t model_owner(const struct model *m, struct addr a)
{
    for (size_t i = 0; i < m->netifs; i++)
        for (size_t k = 0; k < m->netif[i].addrs; k++)
            if (addr_eq(m->netif[i].addr[k].addr, a)) return m->netif[i].host;
    return 0;
}

const struct model_path *model_path(const struct model_host *h, uint64_t frame)
{
    uint32_t n = h->paths < MODEL_PATHS ? h->paths : MODEL_PATHS;
    for (uint32_t i = 0; i < n; i++) {
        const struct model_path *p = &h->path[(h->paths - 1 - i) % MODEL_PATHS];
        if (p->frame == frame) return p;
    }
    return NULL;
}

const struct model_path *model_last_path(const struct model_host *h)
{
    const struct model_path *last = NULL;
    uint32_t n = h->paths < MODEL_PATHS ? h->paths : MODEL_PATHS;
    for (uint32_t i = 0; i < n; i++)
        if (last == NULL || h->path[i].event > last->event) last = &h->path[i];
    return last;
}

bool model_app_blocked(const struct model_app *a)
{
    for (size_t i = 0; i < a->pendings; i++)
        if (a->pending[i].call == a->last.call && a->pending[i].fd == a->last.fd) return true;
    return false;
}

bool sent_is_again(enum sent why)
{
    return why == SENT_RTO || why == SENT_FAST_RETRANSMIT || why == SENT_RECOVERY ||
           why == SENT_SYN_AGAIN || why == SENT_SYN_ACK_AGAIN || why == SENT_TAIL_PROBE ||
           why == SENT_FOREIGN_AGAIN;
}

// --- making ------------------------------------------------------------------------------------

#define APPEND(m, part, parts)                                                              \
    (grow(&(m)->part, &(m)->parts##_cap, (m)->parts, sizeof *(m)->part)                     \
         ? memset(&(m)->part[(m)->parts++], 0, sizeof *(m)->part)                           \
         : ((m)->short_of_memory = true, (void *)NULL))

static void name_after(char *name, size_t cap, const char *noun, uint64_t number)
{
    struct text t = text_of(name, cap);
    text_put_str(&t, noun);
    text_put_u64(&t, number);
}

struct model_host *model_get_host(struct model *m, uint16_t host)
{
    for (size_t i = 0; i < m->hosts; i++)
        if (m->host[i].id == host) return &m->host[i];
    if (m->hosts == MODEL_HOSTS_MAX) return NULL;
    struct model_host *h = APPEND(m, host, hosts);
    if (h == NULL) return NULL;
    h->id = host;
    name_after(h->name, sizeof h->name, "host ", host);
    return h;
}

struct model_netif *model_get_netif(struct model *m, uint16_t host, uint16_t netif)
{
    for (size_t i = 0; i < m->netifs; i++)
        if (m->netif[i].host == host && m->netif[i].id == netif) return &m->netif[i];
    if (m->netifs == MODEL_HOSTS_MAX * 4 || model_get_host(m, host) == NULL) return NULL;
    struct model_netif *n = APPEND(m, netif, netifs);
    if (n == NULL) return NULL;
    n->host = host;
    n->id = netif;
    name_after(n->name, sizeof n->name, "if", netif);
    return n;
}

struct model_app *model_get_app(struct model *m, uint16_t host, uint16_t app)
{
    for (size_t i = 0; i < m->apps; i++)
        if (m->app[i].host == host && m->app[i].id == app) return &m->app[i];
    if (app == 0 || model_get_host(m, host) == NULL) return NULL;
    struct model_app *a = APPEND(m, app, apps);
    if (a == NULL) return NULL;
    a->host = host;
    a->id = app;
    name_after(a->name, sizeof a->name, "app ", app);
    return a;
}

struct model_sock *model_get_sock(struct model *m, uint16_t host, uint32_t conn)
{
    uint64_t key = sock_key(host, conn);
    size_t i = sock_place(m, key);
    if (i < m->socks && sock_key(m->sock[i].host, m->sock[i].conn) == key) return &m->sock[i];
    if (conn == 0 || model_get_host(m, host) == NULL) return NULL;
    if (APPEND(m, sock, socks) == NULL) return NULL;
    struct model_sock *s = &m->sock[i];
    memmove(s + 1, s, (m->socks - 1 - i) * sizeof *s);
    *s = (struct model_sock){.host = host, .conn = conn, .fd = -1, .kind = KIND_TCP,
                             .born = m->now, .state_at = m->now, .touched = -1};
    for (size_t k = 0; k < TCP_TIMERS; k++) s->deadline[k] = NEVER;
    return s;
}

struct model_neigh *model_get_neigh(struct model *m, uint16_t host, uint16_t netif, struct addr a)
{
    for (size_t i = 0; i < m->neighs; i++) {
        struct model_neigh *n = &m->neigh[i];
        if (n->host == host && n->netif == netif && addr_eq(n->addr, a)) return n;
    }
    struct model_neigh *n = APPEND(m, neigh, neighs);
    if (n != NULL) *n = (struct model_neigh){.host = host, .netif = netif, .addr = a};
    return n;
}

void model_drop_sock(struct model *m, uint16_t host, uint32_t conn)
{
    size_t i = sock_place(m, sock_key(host, conn));
    if (i == m->socks || m->sock[i].host != host || m->sock[i].conn != conn) return;
    memmove(&m->sock[i], &m->sock[i + 1], (m->socks - 1 - i) * sizeof *m->sock);
    m->socks--;
}
