// sys_option.c - setsockopt and getsockopt: Linux's names to the stack's. See sys.h.
#include <errno.h>

#include "scenarios/drill/info.h"
#include "scenarios/drill/sys.h"

enum { DISCOVER_DONT = 0, DISCOVER_MOST = 5 };  // IP_PMTUDISC_*
enum { SOCKET_ = 1, IP_ = 0, IPV6_ = 41, TCP_ = 6, INQ = 36, IP_RECVTTL_ = 12, IP_RECVTOS_ = 13,
       HOPLIMIT_ = 51, TCLASS_ = 66, SO_TYPE_ = 3, SO_ACCEPTCONN_ = 30, SO_PROTOCOL_ = 38,
       SO_DOMAIN_ = 39, SO_TIMESTAMPING_ = 37, SO_ZEROCOPY_ = 60, SO_MEMINFO_ = 55 };

// ASKED: only getsockopt knows it, and the script's descriptor has the answer. So MEMORY, of which
// it has nine numbers.
enum form { INT, LINGER, TEXT, EMULATED, ASKED, MEMORY, DISCOVER };

// What a script may set. EMULATED ones change nothing that a script can see on the wire.
static const struct known { int level, name; enum form form; enum ng_option option; } known[] = {
    {SOCKET_, 2, INT, NG_SO_REUSEADDR},    {SOCKET_, 4, INT, NG_SO_ERROR},
    {SOCKET_, 6, INT, NG_SO_BROADCAST},    {SOCKET_, 7, INT, NG_SO_SNDBUF},
    {SOCKET_, 8, INT, NG_SO_RCVBUF},       {SOCKET_, 9, INT, NG_SO_KEEPALIVE},
    {SOCKET_, 10, INT, NG_SO_OOBINLINE},
    {SOCKET_, 12, EMULATED, 0},            // SO_PRIORITY
    {SOCKET_, 13, LINGER, NG_SO_LINGER},   {SOCKET_, 15, INT, NG_SO_REUSEPORT},
    {SOCKET_, 36, EMULATED, 0},            // SO_MARK
    {SOCKET_, SO_TIMESTAMPING_, EMULATED, 0}, {SOCKET_, SO_ZEROCOPY_, EMULATED, 0},
    {SOCKET_, 47, INT, NG_SO_MAX_PACING_RATE},
    {IP_, 1, INT, NG_IP_TOS},              {IP_, 2, INT, NG_IP_TTL},
    {SOCKET_, 11, INT, NG_SO_NO_CHECK},
    {SOCKET_, SO_TYPE_, ASKED, 0},         {SOCKET_, SO_ACCEPTCONN_, ASKED, 0},
    {SOCKET_, SO_PROTOCOL_, ASKED, 0},     {SOCKET_, SO_DOMAIN_, ASKED, 0},
    {SOCKET_, SO_MEMINFO_, MEMORY, 0},
    {IP_, 11, INT, NG_IP_RECVERR},
    {IP_, IP_RECVTTL_, EMULATED, 0},       {IP_, IP_RECVTOS_, EMULATED, 0},
    {IP_, 33, INT, NG_IP_MULTICAST_TTL},   {IP_, 34, INT, NG_IP_MULTICAST_LOOP},
    {IPV6_, 18, INT, NG_IP_MULTICAST_TTL}, {IPV6_, 19, INT, NG_IP_MULTICAST_LOOP},
    {IPV6_, 25, INT, NG_IP_RECVERR},
    {IPV6_, 26, EMULATED, 0},              // IPV6_V6ONLY
    {IPV6_, HOPLIMIT_, EMULATED, 0},       {IPV6_, TCLASS_, EMULATED, 0},
    {IP_, 15, EMULATED, 0},                // IP_FREEBIND
    {IP_, 10, DISCOVER, NG_IP_MTU_DISCOVER}, {IPV6_, 23, DISCOVER, NG_IP_MTU_DISCOVER},
    {IPV6_, 16, INT, NG_IP_TTL},           {IPV6_, 67, INT, NG_IP_TOS},
    {TCP_, 1, INT, NG_TCP_NODELAY},        {TCP_, 2, INT, NG_TCP_MAXSEG},
    {TCP_, 3, INT, NG_TCP_CORK},           {TCP_, 4, INT, NG_TCP_KEEPIDLE},
    {TCP_, 5, INT, NG_TCP_KEEPINTVL},      {TCP_, 6, INT, NG_TCP_KEEPCNT},
    {TCP_, 12, INT, NG_TCP_QUICKACK},      {TCP_, 13, TEXT, NG_TCP_CONGESTION},
    {TCP_, 7, INT, NG_TCP_SYNCNT},         {TCP_, 23, INT, NG_TCP_FASTOPEN},
    {TCP_, 30, INT, NG_TCP_FASTOPEN_CONNECT}, {TCP_, 33, TEXT, NG_TCP_FASTOPEN_KEY},
    {TCP_, 34, INT, NG_TCP_FASTOPEN_NO_COOKIE},
    {TCP_, 18, INT, NG_TCP_USER_TIMEOUT},  {TCP_, 25, INT, NG_TCP_NOTSENT_LOWAT},
     {TCP_, INQ, EMULATED, 0},
};

static const struct known *find(int64_t level, int64_t name)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].level == level && known[i].name == name) return &known[i];
    return NULL;
}

// Where a descriptor keeps the value of an EMULATED option: they are counted through.
static int32_t *kept_of(struct fd *f, const struct known *of)
{
    size_t n = 0;
    for (const struct known *k = known; k < of; k++) n += k->form == EMULATED;
    CHECK(n < FD_KEPT);
    return &f->kept[n];
}

// What both calls begin with.
struct target { struct fd *f; int64_t level, name, rc; const struct known *known; };

static bool target_of(struct sys_call *c, struct target *t)
{
    t->f = sys_socket(c, 0, &t->rc);
    if (!sys_int(c, 1, &t->level) || !sys_int(c, 2, &t->name) || t->f == NULL) return false;
    t->known = find(t->level, t->name);
    t->rc = t->level == SOCKET_ || t->known != NULL ? -ENOPROTOOPT : -EOPNOTSUPP;
    if (t->known == NULL)
        run_refuse(c->run, c->arg[2]->at, "this option is not known here");
    return t->known != NULL;
}

static bool linger_of(struct sys_call *c, const struct value *v, struct ng_linger *l)
{
    const struct value *onoff = sys_field(v, "onoff"), *linger = sys_field(v, "linger");
    int64_t on, seconds;
    if (onoff == NULL || linger == NULL) {
        run_refuse(c->run, v->at, "a linger is {onoff=1, linger=0}");
        return false;
    }
    if (!sys_int_of(c, onoff, &on) || !sys_int_of(c, linger, &seconds)) return false;
    *l = (struct ng_linger){(int)on, (int)seconds};
    return true;
}

// Linux's bits to the notes of the stack: when the last byte of a write is sent, or acknowledged.
static int64_t set_stamps(struct sys_call *c, const struct target *t, const struct value *v)
{
    int64_t n = 0;
    if (!sys_int_of(c, v, &n)) return 0;
    t->f->stamps = (uint32_t)n;
    int wants = (n & (LINUX_TX_SOFTWARE | LINUX_TX_SCHED) ? NG_NOTE_SENT : 0)
              | (n & LINUX_TX_ACK ? NG_NOTE_ACKED : 0);
    if (!t->f->tcp) return 0;
    return ng_sock_set(c->run->world->host, t->f->sock, NG_SO_NOTES, &wants, sizeof wants);
}

static int64_t set_emulated(struct sys_call *c, const struct target *t)
{
    int64_t n = 0;
    const struct value *v = sys_in_list(c->arg[3]);
    if (t->level == SOCKET_ && t->name == SO_TIMESTAMPING_) return set_stamps(c, t, v);
    if (t->level == SOCKET_ && t->name == SO_ZEROCOPY_) {
        if (!sys_int_of(c, v, &n)) return 0;
        if (n < 0 || n > 1) return -EINVAL;
        t->f->zerocopy = n != 0;
        return 0;
    }
    bool ip = t->level == IP_, ip6 = t->level == IPV6_;
    bool *on = t->level == TCP_ && t->name == INQ ? &t->f->tell_inq
             : (ip && t->name == IP_RECVTTL_) || (ip6 && t->name == HOPLIMIT_) ? &t->f->tell_ttl
             : (ip && t->name == IP_RECVTOS_) || (ip6 && t->name == TCLASS_) ? &t->f->tell_tos
             : NULL;
    if (on == NULL && !sys_number_of(v, &n)) return 0;  // bytes: nothing that is asked for again
    if (on != NULL && !sys_int_of(c, v, &n)) return 0;
    if (on != NULL) *on = n != 0;
    bool number = t->level == SOCKET_;  // a priority, a mark; the others are on or off
    *kept_of(t->f, t->known) = number ? (int32_t)(uint32_t)(uint64_t)n : n != 0;
    return 0;
}

// Linux takes a byte for options of IP.
static int64_t set_byte(struct sys_call *c, const struct target *t, int value)
{
    value &= 0xff;
    return ng_sock_set(c->run->world->host, t->f->sock, t->known->option, &value, sizeof value);
}

int64_t sys_do_setsockopt(struct sys_call *c)
{
    struct target t;
    if (!target_of(c, &t)) return t.rc;
    struct host *h = c->run->world->host;
    const struct value *v = sys_in_list(c->arg[3]);
    int64_t len = 0, n = 0;
    struct ng_linger linger;
    sys_opt_int(c, 4, &len);
    if (c->run->failed) return 0;
    if (sys_is_null(v)) return -EFAULT;
    switch (t.known->form) {
    case ASKED:    case MEMORY: return -ENOPROTOOPT;
    case EMULATED: return set_emulated(c, &t);
    case LINGER:
        if (!linger_of(c, v, &linger)) return 0;
        return ng_sock_set(h, t.f->sock, t.known->option, &linger, sizeof linger);
    case TEXT:
        if (v->kind != VALUE_STRING) return run_refuse(c->run, v->at, "a text is expected here"), 0;
        return ng_sock_set(h, t.f->sock, t.known->option, v->bytes,
                           c->arg[4]->kind == VALUE_ELLIPSIS || (size_t)len > v->len
                               ? v->len : (size_t)len);
    default: break;
    }
    // "\x01\x00\x00\x00": the bytes themselves.
    if (v->kind == VALUE_STRING)
        return ng_sock_set(h, t.f->sock, t.known->option, v->bytes,
                           (size_t)len < v->len ? (size_t)len : v->len);
    if (!sys_int_of(c, v, &n)) return 0;
    int value = (int)(uint32_t)(uint64_t)n;
    if (t.known->form == DISCOVER) {
        if (value < 0 || value > DISCOVER_MOST) return -EINVAL;
        value = value != DISCOVER_DONT;
    }
    if (t.level == IP_ && len == 1) return set_byte(c, &t, value);
    size_t size = len >= 0 && len < (int64_t)sizeof value ? (size_t)len : sizeof value;
    return ng_sock_set(h, t.f->sock, t.known->option, &value, size);
}

// --- getsockopt ---------------------------------------------------------------------------------

// The length that comes back, against the script's [4].
static void check_len(struct sys_call *c, size_t len)
{
    const struct value *v = sys_in_list(c->arg[4]);
    int64_t want;
    if (v->kind == VALUE_ELLIPSIS || c->run->failed || !sys_int_of(c, v, &want)) return;
    if ((int64_t)len != want)
        run_fail(c->run, v->at, "getsockopt gives %zu bytes, not %lld", len, (long long)want);
}

static int64_t get_text(struct sys_call *c, const struct target *t, const struct value *want)
{
    char text[64] = {0};
    size_t n = sizeof text;
    int rc = ng_sock_get(c->run->world->host, t->f->sock, t->known->option, text, &n);
    if (rc < 0 || want->kind != VALUE_STRING) return rc;
    // A name ends in zeros that nobody writes; a key has its length.
    size_t len = n < sizeof text ? n : sizeof text, told = want->len;
    while (len > told && text[len - 1] == 0) len--;
    if (len != told || memcmp(text, want->bytes, len) != 0)
        run_fail(c->run, want->at, "getsockopt gives \"%.40s\"", text);
    return rc;
}

static int64_t get_linger(struct sys_call *c, const struct target *t, const struct value *want)
{
    struct ng_linger have, l;
    size_t n = sizeof have;
    int rc = ng_sock_get(c->run->world->host, t->f->sock, NG_SO_LINGER, &have, &n);
    if (rc < 0 || want->kind == VALUE_ELLIPSIS || !linger_of(c, want, &l)) return rc;
    if (have.onoff != l.onoff || have.seconds != l.seconds)
        run_fail(c->run, want->at, "getsockopt gives {onoff=%d, linger=%d}", have.onoff,
                 have.seconds);
    check_len(c, n);
    return rc;
}

// [0, 131072]: the first numbers of SO_MEMINFO, as many as the script names.
static int64_t get_memory(struct sys_call *c, const struct target *t)
{
    uint32_t memory[MEMORY_VARS];
    int64_t room = sizeof memory, want = 0;
    const struct value *v = c->arg[3];
    const struct value *len = sys_in_list(c->arg[4]);
    if (!info_memory(c->run->world->host, t->f->sock, memory)) return -EBADF;
    if (len->kind != VALUE_ELLIPSIS && !sys_int_of(c, len, &room)) return 0;
    size_t told = room < 0 ? 0 : room < (int64_t)sizeof memory ? (size_t)room : sizeof memory;
    if (v->kind == VALUE_LIST) v = v->first;
    for (size_t i = 0; v != NULL && v->kind != VALUE_ELLIPSIS; v = v->next, i++) {
        if (!sys_int_of(c, v, &want)) return 0;
        if ((i + 1) * sizeof *memory > told)
            return run_fail(c->run, v->at, "getsockopt gives %zu bytes, and no more", told), 0;
        if (memory[i] != want)
            return run_fail(c->run, v->at, "getsockopt gives %u, not %lld", (unsigned)memory[i],
                            (long long)want), 0;
    }
    check_len(c, told);
    return 0;
}

static int asked_of(const struct sys_call *c, const struct target *t)
{
    struct ng_sock_entry e;
    uint32_t cursor = 0;
    const struct world *w = c->run->world;
    int number = ng_sock_fd(w->host, t->f->sock);
    switch (t->name) {
    case SO_TYPE_:     return t->f->tcp ? LINUX_SOCK_STREAM : LINUX_SOCK_DGRAM;
    case SO_PROTOCOL_: return t->f->tcp ? 6 : 17;
    case SO_DOMAIN_:
        return c->run->config.family == FAMILY_IP6 || c->run->config.mapped ? LINUX_AF_INET6
                                                                           : LINUX_AF_INET;
    default:
        while (ng_host_walk(w->host, &cursor, &e))
            if (e.app == w->app && e.fd == number) return e.state == TCP_LISTEN;
        return 0;
    }
}

static int emulated_of(const struct target *t)
{
    bool own = t->level == SOCKET_;
    return own && t->name == SO_ZEROCOPY_ ? t->f->zerocopy
         : own && t->name == SO_TIMESTAMPING_ ? (int)t->f->stamps : *kept_of(t->f, t->known);
}

int64_t sys_do_getsockopt(struct sys_call *c)
{
    struct target t;
    if (!target_of(c, &t)) return t.rc;
    const struct value *want = sys_in_list(c->arg[3]);
    int64_t expected = 0;
    if (t.known->form == TEXT) return get_text(c, &t, want);
    if (t.known->form == LINGER) return get_linger(c, &t, want);
    if (t.known->form == MEMORY) return get_memory(c, &t);
    int value = 0;
    size_t n = sizeof value;
    int rc = 0;
    if (t.known->form == EMULATED)
        value = emulated_of(&t);
    else if (t.known->form == ASKED)
        value = asked_of(c, &t);
    else
        rc = ng_sock_get(c->run->world->host, t.f->sock, t.known->option, &value, &n);
    if (rc < 0 || want->kind == VALUE_ELLIPSIS) return rc;
    if (!sys_int_of(c, want, &expected)) return 0;
    if (value != (int)(uint32_t)(uint64_t)expected)
        run_fail(c->run, want->at, "getsockopt gives %d, not %lld", value, (long long)expected);
    check_len(c, n);
    return rc;
}
