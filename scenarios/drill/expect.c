// expect.c - `>`: waits for a packet of the stack's and compares it with the script's, field by
// field. See run.h.
//
// Where the script says more payload than came in one segment, those that follow are joined to it:
// they must be of one kind, follow each other, and all but the last be equally long. The first
// gives the sequence number and CWR, the last gives the rest. So a stack that cuts its segments
// itself meets a script written for one that leaves it to the device.
#include "scenarios/drill/run.h"

#include "wire/ip_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"

#define GIVE_UP SEC(2)            // how long a packet may be late before nobody waits for it
#define ANY_TIME SEC(24 * 3600)   // how long `*` waits

struct window { nsec from, to, tolerance, wait; bool any; };

// --- finding it ---------------------------------------------------------------------------------

static bool is_of_kind(const struct live *l, enum packet_kind kind)
{
    switch (kind) {
    case PACKET_TCP: return l->proto == IP_PROTO_TCP;
    case PACKET_UDP: return l->proto == IP_PROTO_UDP;
    default:         return l->proto == IP_PROTO_ICMP4 || l->proto == IP_PROTO_ICMP6;
    }
}

// Of this connection, or of one that begins with it.
static bool is_ours(struct run *r, struct live *l)
{
    struct flow *current = r->flows.current;
    if (l->flow == NULL || l->flow == current) return l->flow != NULL;
    bool newer = current == NULL || l->flow->id > current->id;
    bool opens = l->proto == IP_PROTO_UDP || (l->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    return newer && opens && !l->flow->wanted;
}

static struct live *find(struct run *r, const struct packet *p)
{
    for (struct live *l = r->world->out; l != NULL; l = l->next) {
        if (!is_of_kind(l, p->kind)) continue;
        if (p->kind == PACKET_ICMP || l->bad != DROP_NONE) return l;
        if (p->has_ports ? l->sport == p->sport && l->dport == p->dport : is_ours(r, l)) return l;
    }
    return NULL;
}

// Waits for it until `until`; NULL: it did not come, or the script failed while it waited.
static struct live *wait_for(struct run *r, const struct packet *p, nsec until)
{
    for (;;) {
        struct live *l = find(r, p);
        if (l != NULL || r->failed || r->world->now >= until) return l;
        nsec next = world_next(r->world);
        if (next == NEVER && r->pending.step == NULL) return NULL;
        run_until(r, next < until ? next : until);
    }
}

// --- joining ------------------------------------------------------------------------------------

enum { MAY_DIFFER = TCP_FIN | TCP_PSH | TCP_CWR };

static bool may_join(const struct live *all, const struct live *l, uint32_t cut)
{
    if (l->flow != all->flow || l->proto != all->proto || l->bad != DROP_NONE) return false;
    if ((l->flags ^ all->flags) & ~MAY_DIFFER) return false;
    if (all->flags & TCP_FIN || l->payload_len == 0) return false;
    if (l->opts_len != all->opts_len || l->payload_len > cut) return false;
    return l->seq == all->seq + all->payload_len && l->tos == all->tos;
}

// Takes in what follows. `all` is the sum so far; it owns only its own bytes, so what is looked at
// later (options, payload) is copied or checked here.
static void join(struct live *all, const struct live *l)
{
    uint16_t cwr = all->flags & TCP_CWR;
    all->flags = (uint16_t)((l->flags & ~TCP_CWR) | cwr);
    all->ack = l->ack;
    all->win = l->win;
    all->urg = l->urg;
    all->csum_bad = all->csum_bad || l->csum_bad;
    all->payload_len += l->payload_len;
    if (l->opts_len > 0) memcpy(all->joined_opts, l->opts, l->opts_len);
    all->opts = all->joined_opts;
}

static bool is_zero(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != 0) return false;
    return true;
}

static void join_all(struct run *r, const struct packet *p, struct live *all, nsec until,
                     struct mismatch *m)
{
    uint32_t cut = all->payload_len;
    if (r->config.strict_segments || p->kind != PACKET_TCP || cut == 0) return;
    while (all->payload_len < p->len && !r->failed) {
        struct live *l = wait_for(r, p, until);
        if (l == NULL || !may_join(all, l, cut)) return;
        bool shorter = l->payload_len < cut;
        if (l->payload_len > p->len - all->payload_len) return;
        if (!is_zero(l->payload, l->payload_len)) all->not_zero = true;
        join(all, l);
        world_unlink(r->world, l);
        free(l);
        m->joined++;
        if (shorter) return;
    }
}

// --- comparing ----------------------------------------------------------------------------------

static struct diff *differ(struct mismatch *m, const char *field)
{
    if (m->diffs == DIFFS_MAX) return &m->diff[DIFFS_MAX - 1];
    m->diff[m->diffs].field = field;
    return &m->diff[m->diffs++];
}

static void differ_number(struct mismatch *m, const char *field, uint32_t expected,
                          uint32_t actual)
{
    if (expected == actual) return;
    struct diff *d = differ(m, field);
    snprintf(d->expected, sizeof d->expected, "%u", (unsigned)expected);
    snprintf(d->actual, sizeof d->actual, "%u", (unsigned)actual);
}

static void compare_ip(struct mismatch *m, const struct packet *p, const struct live *l)
{
    const struct ip_says *ip = &p->ip;
    uint8_t ecn = l->tos & 3;
    bool other = ip->ect01 ? ecn != ECN_ECT0 && ecn != ECN_ECT1 : ip->has_ecn && ecn != ip->ecn;
    if (other) {
        struct diff *d = differ(m, "ECN");
        snprintf(d->expected, sizeof d->expected, "%s", ip->ect01 ? "ect01" : show_ecn(ip->ecn));
        snprintf(d->actual, sizeof d->actual, "%s", show_ecn(ecn));
    }
    if (ip->has_tos) differ_number(m, "TOS", ip->tos, l->tos);
    if (ip->has_ttl) differ_number(m, "TTL", ip->ttl, l->ttl);
    if (!ip->has_flow) return;
    if (ip->flow == 0 || l->flow == NULL) differ_number(m, "flow label", ip->flow, l->flow_label);
    else if (!flow_label_fits(l->flow, ip->flow, l->flow_label))
        differ_number(m, "flow label", ip->flow, l->flow_label);
}

static void compare_flags(struct mismatch *m, const struct packet *p, const struct live *l)
{
    uint16_t expected = p->flags;
    if (p->has_ace)
        expected |= (uint16_t)((p->ace & 1 ? TCP_ECE : 0) | (p->ace & 2 ? TCP_CWR : 0)
                               | (p->ace & 4 ? FLAG_AE : 0));
    if (expected == l->flags) return;
    struct diff *d = differ(m, "flags");
    struct text e = text_of(d->expected, sizeof d->expected);
    struct text a = text_of(d->actual, sizeof d->actual);
    show_flags(&e, expected);
    show_flags(&a, l->flags);
}

// What the option of the wire would be called in the script; its timestamps are checked apart.
static bool same_option(const struct run *r, const struct live *l, const struct opt_says *o,
                        const struct tcp_option *raw)
{
    if (raw->kind != o->kind || raw->len != o->len) return false;
    switch (o->kind) {
    case TCP_OPT_MSS:    return get16(raw->body) == o->number[0];
    case TCP_OPT_WSCALE: return raw->body[0] == o->number[0];
    case TCP_OPT_SACK:
        for (unsigned i = 0; i < o->numbers; i++)
            if (get32(raw->body + 4 * i) != flow_remote_seq(l->flow, o->number[i], false))
                return false;
        return true;
    case TCP_OPT_TS: {
        const struct flow *f = l->flow;
        if (get32(raw->body + 4) != o->number[1]) return false;
        if (r->config.stamp_tick == 0 || f == NULL || !f->stamps_known) return true;
        int32_t off = (int32_t)((get32(raw->body) - f->first.live)
                                - (o->number[0] - f->first.script));
        nsec error = (nsec)(off < 0 ? -(int64_t)off : off) * r->config.stamp_tick;
        return error <= r->config.tolerance;
    }
    default: return raw->len == 0 || memcmp(raw->body, o->bytes, raw->len) == 0;
    }
}

static bool next_raw(struct tcp_option *raw, const uint8_t **at, const uint8_t *end)
{
    if (*at < end && (**at == TCP_OPT_NOP || **at == TCP_OPT_END)) {
        *raw = (struct tcp_option){.kind = *(*at)++};
        return true;
    }
    return *at < end && tcp_option_next(raw, at, end) == TCP_OPTION_ONE;
}

static bool same_options(const struct run *r, const struct packet *p, const struct live *l)
{
    const uint8_t *at = l->opts, *end = l->opts + l->opts_len;
    struct tcp_option raw;
    for (unsigned i = 0; i < p->options; i++)
        if (!next_raw(&raw, &at, end) || !same_option(r, l, &p->option[i], &raw)) return false;
    return at == end;
}

static void compare_options(const struct run *r, struct mismatch *m, const struct packet *p,
                            const struct live *l)
{
    if (p->any_options || same_options(r, p, l)) return;
    struct diff *d = differ(m, "options");
    struct show e, a;
    show_packet(&e, p, l->family == FAMILY_IP6);
    show_live(&a, l, p);
    memcpy(d->expected, e.part[SHOW_OPTIONS], sizeof d->expected);
    memcpy(d->actual, a.part[SHOW_OPTIONS], sizeof d->actual);
}

static void compare_tcp(const struct run *r, struct mismatch *m, const struct packet *p,
                        const struct live *l)
{
    bool syn = (l->flags & TCP_SYN) != 0;
    compare_flags(m, p, l);
    differ_number(m, "sequence", p->seq, flow_script_local(l->flow, l->seq, syn));
    differ_number(m, "length", p->len, l->payload_len);
    bool acks = p->flags & TCP_ACK || p->has_ack;
    uint32_t ack = l->flags & TCP_ACK ? flow_script_remote(l->flow, l->ack, syn) : l->ack;
    if (acks || !(l->flags & TCP_ACK)) differ_number(m, "acknowledgment", p->ack, ack);
    if (p->has_win) differ_number(m, "window", p->win, l->win);
    differ_number(m, "reserved", 0, l->reserved);
    differ_number(m, "urgent pointer", p->urg, l->urg);
    compare_options(r, m, p, l);
}

// Which of the packets that came does an error of ours speak of?
static void compare_quote(const struct run *r, struct mismatch *m, const struct icmp_says *says,
                          const struct live *l)
{
    const uint8_t *q = l->payload;
    bool six = r->config.family == FAMILY_IP6;
    size_t hdr = l->payload_len == 0 ? 0 : six ? 40 : 4 * (size_t)(q[0] & 15);
    if (hdr == 0 || l->payload_len < hdr + UDP_HDR_LEN) {
        snprintf(differ(m, "quote")->actual, DIFF_TEXT, "too short");
        return;
    }
    bool udp = says->quote == QUOTE_UDP;
    uint32_t whole = six ? 40u + get16(q + 4) : get16(q + 2);
    differ_number(m, "quoted protocol", udp ? IP_PROTO_UDP : IP_PROTO_TCP, six ? q[6] : q[9]);
    const uint8_t *h = q + hdr;
    if (udp) {
        differ_number(m, "quoted length", says->quote_len, get16(h + 4) - UDP_HDR_LEN);
        return;
    }
    differ_number(m, "quoted sequence", says->quote_seq,
                  flow_script_remote(r->flows.current, get32(h + 4), false));
    if (l->payload_len < hdr + TCP_HDR_MIN) return;
    uint32_t head = (uint32_t)hdr + 4u * (h[12] >> 4);
    differ_number(m, "quoted length", says->quote_len, whole > head ? whole - head : 0);
}

static void compare_icmp(const struct run *r, struct mismatch *m, const struct packet *p,
                         const struct live *l)
{
    unsigned version = r->config.family == FAMILY_IP6;
    differ_number(m, "ICMP type", p->icmp.type[version], l->type);
    differ_number(m, "ICMP code", p->icmp.code[version], l->code);
    if (p->icmp.has_mtu) differ_number(m, "MTU", p->icmp.mtu, l->mtu);
    if (p->icmp.has_id) differ_number(m, "id", p->icmp.id, l->id);
    if (p->icmp.has_quote && p->icmp.quote == QUOTE_RAW)
        differ_number(m, "length", p->len, l->payload_len);
    else if (p->icmp.has_quote && m->diffs == 0)
        compare_quote(r, m, &p->icmp, l);
}

static void compare(const struct run *r, struct mismatch *m, const struct packet *p,
                    const struct live *l)
{
    compare_ip(m, p, l);
    if (p->kind == PACKET_TCP) compare_tcp(r, m, p, l);
    else if (p->kind == PACKET_UDP) differ_number(m, "length", p->len, l->payload_len);
    else compare_icmp(r, m, p, l);
    bool payload = p->kind != PACKET_ICMP && (l->not_zero || !is_zero(l->payload, m->first_len));
    if (payload) snprintf(differ(m, "payload")->actual, DIFF_TEXT, "bytes that are not zero");
    if (l->csum_bad) snprintf(differ(m, "checksum")->actual, DIFF_TEXT, "a wrong one");
}

// --- what it teaches ----------------------------------------------------------------------------

static void learn(const struct packet *p, struct live *l)
{
    struct flow *f = l->flow;
    if (f == NULL || p->kind != PACKET_TCP) return;
    f->wanted = true;
    const uint8_t *at = l->opts, *end = l->opts + l->opts_len;
    struct tcp_option raw;
    for (unsigned i = 0; i < p->options && next_raw(&raw, &at, end); i++)
        if (raw.kind == TCP_OPT_TS && raw.len == 8 && p->option[i].kind == TCP_OPT_TS)
            flow_stamp(f, p->option[i].number[0], get32(raw.body));
}

// --- time ---------------------------------------------------------------------------------------

static struct window window_of(const struct run *r, const struct when *w)
{
    nsec base = w->relative ? r->world->now : 0, now = r->world->now;
    if (w->any) return (struct window){.from = 0, .to = NEVER, .wait = now + ANY_TIME, .any = true};
    struct window win = {.from = base + w->from, .to = base + w->to};
    nsec gap = win.from - now;
    win.tolerance = run_tolerance(r, gap > 0 ? gap : 0);
    win.wait = win.to + win.tolerance + GIVE_UP;
    return win;
}

static void check_time(struct run *r, const struct window *w, const struct mismatch *m, nsec at)
{
    if (w->any || (at >= w->from - w->tolerance && at <= w->to + w->tolerance)) return;
    bool late = at > w->to;
    char off[32], slack[32];
    struct text o = text_of(off, sizeof off), s = text_of(slack, sizeof slack);
    text_put_fixed(&o, (late ? at - w->to : w->from - at) / 1000, 6);
    text_put_fixed(&s, w->tolerance / 1000, 6);
    run_fail_packet(r, m, "the packet is right, but leaves %s s too %s (tolerance %s s)", off,
                    late ? "late" : "early", slack);
}

// --- all of it ----------------------------------------------------------------------------------

static void fail_missing(struct run *r, const struct window *w, const struct mismatch *m)
{
    if (w->any) run_fail_packet(r, m, "no packet leaves any more");
    else run_fail_packet(r, m, "no packet leaves");
}

// Does a packet say what a step expects, its time aside?
static bool fits(const struct run *r, const struct packet *p, const struct live *l)
{
    struct mismatch *m = calloc(1, sizeof *m);
    if (m == NULL || !is_of_kind(l, p->kind) || l->bad != DROP_NONE) {
        free(m);
        return false;
    }
    m->first_len = l->payload_len;
    compare(r, m, p, l);
    bool same = m->diffs == 0;
    free(m);
    return same;
}

// Which of the two is wrong: did one packet too many leave, or one too few?
static void look_around(const struct run *r, struct mismatch *m)
{
    enum { AHEAD = 20 };
    unsigned seen = 0;
    const struct live *next = r->world->out;
    if (m->joined > 1) return;
    m->next_fits = next != NULL && next->flow == m->live->flow && fits(r, m->packet, next);
    for (const struct drill_step *s = r->step->next; s != NULL && seen < AHEAD; s = s->next) {
        if (s->what != WHAT_PACKET || !s->packet->out) continue;
        seen++;
        if (m->meant == NULL && fits(r, s->packet, m->live)) m->meant = s;
    }
}

static void fail_different(struct run *r, struct mismatch *m)
{
    char fields[200];
    look_around(r, m);
    if (m->next_fits) {
        run_fail_packet(r, m, "a packet leaves before the one that is expected here");
        return;
    }
    if (m->meant != NULL) {
        run_fail_packet(r, m, "this packet does not leave: what does is expected on line %u",
                        (unsigned)m->meant->line);
        return;
    }
    struct text t = text_of(fields, sizeof fields);
    for (unsigned i = 0; i < m->diffs; i++) {
        if (i > 0) text_put_str(&t, i + 1 == m->diffs ? " and " : ", ");
        text_put_str(&t, m->diff[i].field);
    }
    bool one = m->diffs == 1 && fields[t.len - 1] != 's';  // flags and options are many
    run_fail_packet(r, m, "another packet leaves than is expected: %s differ%s", fields,
                    one ? "s" : "");
}

void packet_expect(struct run *r, const struct drill_step *step)
{
    const struct packet *p = step->packet;
    struct window w = window_of(r, &step->when);
    r->due = w.any ? r->world->now : w.from;
    struct mismatch m = {.packet = p, .joined = 1, .from = w.from, .to = w.to, .any_time = w.any,
                         .six = r->config.family == FAMILY_IP6};
    struct live *l = wait_for(r, p, w.wait);
    if (l == NULL) {
        if (!r->failed) fail_missing(r, &w, &m);
        return;
    }
    if (l->flow != NULL && !p->has_ports) r->flows.current = l->flow;
    // A SYN's number is what the script calls our first one.
    bool opens = p->kind == PACKET_TCP && p->flags & TCP_SYN;
    if (l->flow != NULL && opens) l->flow->local_script = p->seq;
    m.live = l;
    m.first_len = l->payload_len;
    world_unlink(r->world, l);
    nsec patience = (l->at > w.to && !w.any ? l->at : w.any ? l->at : w.to) + w.tolerance;
    join_all(r, p, l, patience, &m);
    compare(r, &m, p, l);
    if (m.diffs > 0 && !r->failed) fail_different(r, &m);
    else if (!r->failed) check_time(r, &w, &m, l->at);
    learn(p, l);
    free(l);
}
