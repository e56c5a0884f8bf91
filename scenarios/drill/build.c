// build.c - `<`: a packet of the script's as bytes, and into the host with it. See run.h, flow.h.
#include "scenarios/drill/run.h"

#include "base/csum.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"

enum { IN_TTL = 64, PACKET_BYTES = IP4_HDR_MAX + IP6_EMIT_MAX + 65535 + 200 };

struct buffer { uint8_t *p; size_t len; };

// --- who it is for ------------------------------------------------------------------------------

static struct endpoint local_end(const struct run *r, uint16_t port)
{
    return (struct endpoint){r->config.local, port};
}

static struct endpoint remote_end(const struct run *r, uint16_t port)
{
    return (struct endpoint){r->config.remote, port};
}

// Does the script have a listener that the current connection did not come from?
static bool opens_anew(const struct run *r, const struct packet *p)
{
    bool syn = (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
    return syn && r->listening;
}

static struct flow *flow_of_ports(struct run *r, const struct packet *p, bool tcp)
{
    struct endpoint local = local_end(r, p->dport), remote = remote_end(r, p->sport);
    struct flow *f = flow_find(&r->flows, tcp, local, remote);
    if (f != NULL) return f;
    f = flow_new(&r->flows, tcp, local, remote);
    const struct flow *like = r->flows.current;
    if (f == NULL || like == NULL || !tcp || p->flags & TCP_SYN) return f;
    // A stray packet: its numbers are those of the connection that the script is about.
    f->local_known = like->local_known;
    f->local_isn = like->local_isn;
    f->remote_isn = like->remote_isn;
    return f;
}

static struct flow *flow_for(struct run *r, const struct packet *p, bool tcp)
{
    if (p->has_ports) return flow_of_ports(r, p, tcp);
    struct flow *f = r->flows.current;
    if (f != NULL && f->tcp == tcp && !(tcp && opens_anew(r, p))) return f;
    f = flow_new(&r->flows, tcp, local_end(r, r->config.bind_port),
                 remote_end(r, r->next_port++));
    r->flows.current = f;
    if (tcp) r->listening = false;
    return f;
}

// --- TCP ----------------------------------------------------------------------------------------

static uint32_t echo_of(struct run *r, const struct flow *f, const struct opt_says *o,
                        uint16_t flags)
{
    uint32_t script = o->number[1], live;
    if (!(flags & TCP_ACK)) return script;  // it answers nothing (RFC 7323 §3.2)
    if (flow_echo(f, script, &live)) return live;
    if (script == 0) return 0;
    if (r->config.echo_scaled && f->stamps_known) return f->first.live + (script - f->first.script);
    run_fail(r, o->at, "ecr %u: the stack has sent no segment that the script calls TS val %u",
             (unsigned)script, (unsigned)script);
    return 0;
}

static uint8_t *put_option(struct run *r, const struct flow *f, const struct packet *packet,
                           const struct opt_says *o, uint8_t *p)
{
    *p++ = o->kind;
    if (o->kind == TCP_OPT_NOP || o->kind == TCP_OPT_END) return p;
    *p++ = (uint8_t)(o->len + 2);
    switch (o->kind) {
    case TCP_OPT_MSS:    put16(p, (uint16_t)o->number[0]); break;
    case TCP_OPT_WSCALE: *p = (uint8_t)o->number[0]; break;
    case TCP_OPT_TS:
        put32(p, o->number[0]);
        put32(p + 4, echo_of(r, f, o, packet->flags));
        break;
    case TCP_OPT_SACK:
        for (unsigned i = 0; i < o->numbers; i++)
            put32(p + 4 * i, flow_local_seq(f, o->number[i], false));
        break;
    default: memcpy(p, o->bytes, o->len);
    }
    return p + o->len;
}

static uint16_t ace_flags(const struct packet *p)
{
    if (!p->has_ace) return p->flags;
    return (uint16_t)(p->flags | (p->ace & 1 ? TCP_ECE : 0) | (p->ace & 2 ? TCP_CWR : 0)
                      | (p->ace & 4 ? FLAG_AE : 0));
}

static void put_tcp(struct run *r, struct flow *f, const struct packet *p, struct buffer *b)
{
    struct tcp_hdr *h = (struct tcp_hdr *)(void *)b->p;
    bool syn = (p->flags & TCP_SYN) != 0;
    uint16_t flags = ace_flags(p);
    if (syn) f->remote_isn = p->seq;
    uint8_t *end = b->p + TCP_HDR_MIN;
    for (unsigned i = 0; i < p->options; i++) end = put_option(r, f, p, &p->option[i], end);
    size_t hdr_len = (size_t)(end - b->p);
    put16(h->sport, f->remote.port);
    put16(h->dport, f->local.port);
    put32(h->seq, flow_remote_seq(f, p->seq, syn));
    put32(h->ack, p->has_ack || p->flags & TCP_ACK ? flow_local_seq(f, p->ack, syn) : 0);
    h->off = (uint8_t)(hdr_len / 4 << 4 | (flags & FLAG_AE ? 1 : 0));
    h->flags = (uint8_t)flags;
    put16(h->wnd, p->win);
    put16(h->csum, 0);
    put16(h->urg, (uint16_t)p->urg);
    memset(end, 0, p->len);
    b->len = hdr_len + p->len;
}

// --- UDP and ICMP -------------------------------------------------------------------------------

static void put_udp(const struct flow *f, const struct packet *p, struct buffer *b)
{
    struct udp_datagram udp = {.sport = f->remote.port, .dport = f->local.port,
                               .len = (uint16_t)(UDP_HDR_LEN + p->len)};
    udp_emit(&udp, b->p);
    memset(b->p + UDP_HDR_LEN, 0, p->len);
    b->len = UDP_HDR_LEN + p->len;
}

struct inner { uint8_t proto; struct addr src; size_t len; };  // what an IP header is for

static size_t put_ip(const struct run *r, const struct packet *p, struct inner in, uint8_t *to);

// The start of a packet of ours, as a router quotes it: IP header, then the transport's.
static size_t put_quote(struct run *r, const struct packet *p, uint8_t *to)
{
    const struct icmp_says *icmp = &p->icmp;
    struct flow *f = r->flows.current;
    bool udp = icmp->quote == QUOTE_UDP || (!icmp->has_quote && f != NULL && !f->tcp);
    size_t hdr_len = udp ? UDP_HDR_LEN : TCP_HDR_MIN;
    struct packet plain = {0};
    struct inner in = {.proto = udp ? IP_PROTO_UDP : IP_PROTO_TCP, .src = r->config.local,
                       .len = hdr_len + icmp->quote_len};
    // Who names an MTU had a packet that was longer.
    if (icmp->has_mtu && in.len < icmp->mtu) in.len = icmp->mtu;
    uint8_t *at = to + put_ip(r, &plain, in, to);
    memset(at, 0, TCP_HDR_MIN);
    put16(at, f != NULL ? f->local.port : r->config.bind_port);
    put16(at + 2, f != NULL ? f->remote.port : r->config.connect_port);
    if (udp) {
        put16(at + 4, (uint16_t)(UDP_HDR_LEN + icmp->quote_len));
        return (size_t)(at - to) + UDP_HDR_LEN;
    }
    put32(at + 4, flow_local_seq(f, icmp->quote_seq, false));
    at[12] = TCP_HDR_MIN / 4 << 4;
    at[13] = TCP_ACK;
    return (size_t)(at - to) + TCP_HDR_MIN;
}

static bool is_echo(const struct icmp_says *icmp)
{
    return icmp->in4 && (icmp->type[0] == ICMP4_ECHO || icmp->type[0] == ICMP4_ECHO_REPLY);
}

static void put_icmp(struct run *r, const struct packet *p, struct buffer *b)
{
    const struct icmp_says *icmp = &p->icmp;
    unsigned version = r->config.family == FAMILY_IP6;
    memset(b->p, 0, ICMP4_HDR_LEN);
    b->p[0] = icmp->type[version];
    b->p[1] = icmp->code[version];
    if (icmp->has_id) put16(b->p + 4, (uint16_t)icmp->id);
    if (icmp->has_mtu && version == 1) put32(b->p + 4, icmp->mtu);
    if (icmp->has_mtu && version == 0) put16(b->p + 6, (uint16_t)icmp->mtu);
    b->len = ICMP4_HDR_LEN;
    if (icmp->quote == QUOTE_RAW || is_echo(icmp)) {
        memset(b->p + b->len, 0, p->len);
        b->len += p->len;
    } else {
        b->len += put_quote(r, p, b->p + b->len);
    }
}

// --- IP -----------------------------------------------------------------------------------------

// To us from src; or from us, if src is our address (a quote).
static size_t put_ip(const struct run *r, const struct packet *p, struct inner in, uint8_t *to)
{
    struct addr dst = addr_eq(in.src, r->config.local) ? r->config.remote : r->config.local;
    uint8_t tos = p->ip.has_tos ? p->ip.tos : p->ip.has_ecn ? p->ip.ecn : 0;
    uint8_t ttl = p->ip.has_ttl ? p->ip.ttl : IN_TTL;
    if (r->config.family == FAMILY_IP6) {
        struct ip6_packet ip = {.src = in.src, .dst = dst, .payload_len = (uint16_t)in.len,
                                .flow = p->ip.flow, .dscp = tos >> 2, .ecn = tos & 3,
                                .hop_limit = ttl, .proto = in.proto};
        return ip6_emit(&ip, to);
    }
    struct ip4_packet ip = {.src = in.src, .dst = dst,
                            .total_len = (uint16_t)(IP4_HDR_MIN + in.len),
                            .ttl = ttl, .proto = in.proto, .dscp = tos >> 2, .ecn = tos & 3};
    return ip4_emit(&ip, to);
}

static void put_csum(const struct run *r, uint8_t proto, const struct buffer *b)
{
    uint16_t pseudo = csum_pseudo(r->config.remote, r->config.local, proto, b->len);
    size_t at = proto == IP_PROTO_TCP ? offsetof(struct tcp_hdr, csum)
              : proto == IP_PROTO_UDP ? offsetof(struct udp_hdr, csum) : 2;
    if (proto == IP_PROTO_ICMP4) pseudo = 0;
    uint16_t sum = csum_add(pseudo, csum_sum(b->p, b->len));
    put16(b->p + at, proto == IP_PROTO_UDP ? udp_csum_field(sum) : csum_field(sum));
}

static uint8_t proto_of(const struct run *r, const struct packet *p)
{
    if (p->kind == PACKET_TCP) return IP_PROTO_TCP;
    if (p->kind == PACKET_UDP) return IP_PROTO_UDP;
    return r->config.family == FAMILY_IP6 ? IP_PROTO_ICMP6 : IP_PROTO_ICMP4;
}

void packet_input(struct run *r, const struct packet *p)
{
    struct flow *f = p->kind == PACKET_ICMP ? NULL : flow_for(r, p, p->kind == PACKET_TCP);
    uint8_t *bytes = malloc(PACKET_BYTES);
    if (bytes == NULL || (p->kind != PACKET_ICMP && f == NULL)) {
        run_fail(r, r->step->what_at, "no memory for this packet, or too many connections");
        free(bytes);
        return;
    }
    // The IP header says how long the rest is, so that is built first, behind its room.
    struct buffer body = {bytes + IP6_EMIT_MAX + IP4_HDR_MAX, 0};
    if (p->kind == PACKET_TCP) put_tcp(r, f, p, &body);
    else if (p->kind == PACKET_UDP) put_udp(f, p, &body);
    else put_icmp(r, p, &body);
    uint8_t proto = proto_of(r, p);
    put_csum(r, proto, &body);
    struct inner in = {proto, r->config.remote, body.len};
    size_t hdr_len = put_ip(r, p, in, bytes);
    memmove(bytes + hdr_len, body.p, body.len);
    if (!r->failed) {
        struct world_input wire = {.family = (uint8_t)r->config.family, .p = bytes,
                                   .len = hdr_len + body.len,
                                   .gso_size = (uint16_t)r->config.gro_size};
        if (p->len <= wire.gso_size) wire.gso_size = 0;
        if (!world_input(r->world, &wire))
            run_fail(r, r->step->what_at, "no memory for this packet");
    }
    free(bytes);
}
