// icmp4.c - see icmp4.h.
#include "net/icmp4.h"

#include <errno.h>

#include "base/csum.h"
#include "net/icmp.h"
#include "net/ip.h"
#include "net/route.h"
#include "wire/ip4_option.h"
#include "wire/ip4_wire.h"

enum { ERROR_MAX = 576 };  // bytes of a whole ICMP error at most (RFC 1812 §4.3.2.3)

// --- out ---------------------------------------------------------------------------------------

struct options { uint8_t bytes[IP4_OPTIONS_MAX]; size_t len; };

// f begins with the ICMP header, its checksum complete.
static void output(struct host *h, struct frame *f, const struct ip_info *to, enum sent why,
                   const struct options *o)
{
    f->why = (uint8_t)why;
    host_frame_id(h, f);
    host_step(h, f, STEP_ICMP_SEND, 0, ICMP4_HDR_LEN);
    bool to_us = !to->to_many && ip_is_local(h, to->dst);
    ip_output(h, f, &(struct ip_dest){.src = to_us ? to->dst : addr_any(FAMILY_NONE),
                                      .dst = to->src, .proto = IP_PROTO_ICMP4, .tos = to->tos,
                                      .netif = to->netif, .options = o->bytes,
                                      .options_len = (uint8_t)o->len});
}

// Of a packet, of its first piece, or of nobody knows what (RFC 1122 §3.2.2).
static bool is_later_piece(const struct frame *f)
{
    enum { FRAG_OFFSET = 0x1fff };
    const struct ip4_hdr *hdr = (const struct ip4_hdr *)(f->head->data + f->l3);
    return (get16(hdr->frag) & FRAG_OFFSET) != 0;
}

static bool may_complain(struct host *h, const struct frame *f, const struct ip_info *ip)
{
    if (is_later_piece(f)) return false;
    if (ip->to_many || ip_is_broadcast(h, ip->src) || addr_is_multicast(ip->src)) return false;
    if (ip->proto != IP_PROTO_ICMP4) return true;
    struct icmp4_message about;
    size_t len = f->start + f->head_len - f->l4;
    return icmp4_parse(&about, f->head->data + f->l4, len) == DROP_NONE
        && !icmp4_is_error(about.type);
}

static enum sent why_of(const struct icmp4_message *m)
{
    switch (m->type) {
    case ICMP4_TIME_EXCEEDED: return m->code == ICMP4_TTL ? SENT_TTL_EXCEEDED
                                                          : SENT_REASSEMBLY_EXCEEDED;
    case ICMP4_PARAM_PROBLEM: return SENT_PARAM_PROBLEM;
    case ICMP4_REDIRECT:      return SENT_REDIRECT;
    }
    switch (m->code) {
    case ICMP4_PORT:        return SENT_PORT_UNREACHABLE;
    case ICMP4_PROTO:       return SENT_PROTO_UNREACHABLE;
    case ICMP4_FRAG_NEEDED: return SENT_TOO_BIG;
    default:                return SENT_UNREACHABLE;
    }
}

void icmp4_complain(struct host *h, const struct frame *f, const struct ip_info *ip,
                    const struct icmp4_message *m)
{
    if (!may_complain(h, f, ip)) return;
    size_t there = f->start + f->head_len - f->l3, most = ERROR_MAX - IP4_HDR_MIN - ICMP4_HDR_LEN;
    size_t quote = there < most ? there : most, len = ICMP4_HDR_LEN + quote;
    struct frame *e = frame_blank(&h->pool, len);
    if (e == NULL) return;  // whoever sent it will try again, or not

    uint8_t *p = frame_start(e);
    icmp4_emit(m, p);
    memcpy(p + ICMP4_HDR_LEN, f->head->data + f->l3, quote);
    put16(((struct icmp4_hdr *)p)->csum, csum_field(csum_sum(p, len)));
    if (!icmp_may_send(h)) {
        host_drop(h, e, DROP_ICMP_RATE_LIMIT);
        return;
    }
    struct ip_info to = *ip;
    to.tos = 0;
    output(h, e, &to, why_of(m), &(struct options){.len = 0});
}

// --- in: pings ---------------------------------------------------------------------------------

static enum drop may_answer(const struct host *h, const struct ip_info *ip)
{
    if (h->set.icmp_echo_ignore_all != 0) return DROP_ICMP_ECHO_IGNORED;
    if (ip->to_many && h->set.icmp_echo_ignore_broadcasts != 0) return DROP_ICMP_MULTICAST;
    return DROP_NONE;
}

// What the answer says of its way (RFC 1122 §3.2.2.6), in the name that was asked for. Midnight is
// where the clock began.
static struct options ways(const struct host *h, const struct frame *f, const struct ip_info *ip)
{
    enum { MS_OF_DAY = 86400000 };
    struct options o = {.len = 0};
    const uint8_t *hdr = f->head->data + f->l3;
    if (ip->to_many || ip->hdr_len == IP4_HDR_MIN) return o;
    o.len = ip4_options_echo(o.bytes, hdr, ip->dst, (uint32_t)(h->now / MSEC(1) % MS_OF_DAY));
    return o;
}

// The answer is the question with another type. Its body is the question's own memory, and its
// checksum follows from the question's (RFC 1624), so that no byte of the body is read again.
static enum drop answer_ping(struct host *h, struct frame *f, const struct ip_info *ip)
{
    enum drop why = may_answer(h, ip);
    if (why != DROP_NONE) return why;
    struct frame *a = frame_new(&h->pool);
    if (a == NULL) return DROP_NO_MEMORY;

    host_step(h, f, STEP_ICMP_ECHO, 0, ICMP4_HDR_LEN);
    struct icmp4_hdr *reply = (struct icmp4_hdr *)frame_push(a, ICMP4_HDR_LEN);
    memcpy(reply, frame_start(f), ICMP4_HDR_LEN);
    reply->type = ICMP4_ECHO_REPLY;
    put16(reply->csum, csum_replace16(get16(reply->csum), ICMP4_ECHO << 8, ICMP4_ECHO_REPLY << 8));
    size_t body = f->head_len - ICMP4_HDR_LEN;
    struct options o = ways(h, f, ip);
    if (body > 0) frame_give(a, frame_slice(f, ICMP4_HDR_LEN, body));
    output(h, a, ip, SENT_ECHO_REPLY, &o);
    frame_free(f);
    return DROP_NONE;
}

// The answer to a ping of ours is for the socket that sent it.
static enum drop take_reply(struct host *h, struct frame *f, const struct ip_info *ip)
{
    host_proto(h, ip->proto)->reply(h, f, ip);
    return DROP_NONE;
}

// --- in: errors --------------------------------------------------------------------------------

// What each code of "unreachable" means to a socket. Linux: icmp_err_convert.
static const struct icmp_meaning unreachable[] = {
    [0] = {ENETUNREACH, false},  [1] = {EHOSTUNREACH, false}, [2] = {ENOPROTOOPT, true},
    [3] = {ECONNREFUSED, true},  [4] = {EMSGSIZE, false},     [5] = {EOPNOTSUPP, false},
    [6] = {ENETUNREACH, true},   [7] = {EHOSTDOWN, true},     [8] = {ENONET, true},
    [9] = {ENETUNREACH, true},   [10] = {EHOSTUNREACH, true}, [11] = {ENETUNREACH, false},
    [12] = {EHOSTUNREACH, false}, [13] = {EHOSTUNREACH, true}, [14] = {EHOSTUNREACH, true},
    [15] = {EHOSTUNREACH, true},
};

// RFC 9293: MUST-55.
static struct icmp_meaning meaning_of(const struct icmp4_message *m)
{
    switch (m->type) {
    case ICMP4_UNREACHABLE:
        if (m->code < ARRAY_LEN(unreachable)) return unreachable[m->code];
        return (struct icmp_meaning){EHOSTUNREACH, false};
    case ICMP4_TIME_EXCEEDED: return (struct icmp_meaning){EHOSTUNREACH, false};
    case ICMP4_PARAM_PROBLEM: return (struct icmp_meaning){EPROTO, true};
    default: return (struct icmp_meaning){0};  // quench (RFC 6633) and redirect have no hearers
    }
}

static enum drop take_error(struct host *h, struct frame *f, const struct ip_info *ip,
                            const struct icmp4_message *m)
{
    struct icmp_meaning is = meaning_of(m);
    if (is.error == 0) return DROP_ICMP_UNKNOWN_TYPE;
    const uint8_t *quote = frame_start(f) + ICMP4_HDR_LEN;
    size_t len = f->head_len - ICMP4_HDR_LEN;
    struct ip4_packet q;
    if (ip4_parse_quoted(&q, quote, len) != DROP_NONE) return DROP_ICMP_BAD_QUOTE;
    if (q.frag_offset > 0 || len - q.hdr_len < ICMP_QUOTE_MIN) return DROP_ICMP_BAD_QUOTE;
    if (is.error == EMSGSIZE && m->mtu >= q.total_len) return DROP_ICMP_BAD_MTU;
    const struct proto *p = host_proto(h, q.proto);
    if (!ip_is_local(h, q.src) || p == NULL || p->error == NULL) return DROP_ICMP_NO_SOCKET;

    host_step(h, f, STEP_ICMP_ERROR, 0, ICMP4_HDR_LEN);
    enum drop why = p->error(h, &(struct ip_error){
        .src = q.src, .dst = q.dst, .from = ip->src, .proto = q.proto,
        .quoted = quote + q.hdr_len, .quoted_len = len - q.hdr_len,
        .error = is.error, .hard = is.hard, .mtu = is.error == EMSGSIZE ? m->mtu : 0,
        .len = q.total_len});
    if (why == DROP_NONE) frame_free(f);
    return why;
}

// The quoted packet is ours, and we sent it to whoever tells us of the better hop.
static enum drop take_redirect(struct host *h, struct frame *f, const struct ip_info *ip,
                               const struct icmp4_message *m)
{
    struct ip4_packet q;
    const uint8_t *quote = frame_start(f) + ICMP4_HDR_LEN;
    if (h->set.accept_redirects == 0 || h->set.ip_forward != 0) return DROP_ICMP_IGNORED;
    if (ip4_parse_quoted(&q, quote, f->head_len - ICMP4_HDR_LEN) != DROP_NONE)
        return DROP_ICMP_BAD_QUOTE;
    if (!ip_is_local(h, q.src) || ip_is_broadcast(h, q.dst) || addr_is_multicast(q.dst))
        return DROP_REDIRECT_NOT_MINE;
    enum drop why = route_redirect(h, q.dst, m->gateway, ip->netif, ip->src);
    if (why != DROP_NONE) return why;
    host_step(h, f, STEP_IP_REDIRECT, 0, ICMP4_HDR_LEN);
    frame_free(f);
    return DROP_NONE;
}

void icmp4_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct icmp4_message m;
    enum drop why = icmp4_parse(&m, frame_start(f), f->head_len);
    if (why == DROP_NONE && !csum_ok(0, frame_start(f), f->head_len)) why = DROP_ICMP_BAD_CSUM;
    if (why == DROP_NONE) {
        if (m.type == ICMP4_ECHO) why = answer_ping(h, f, ip);
        else if (m.type == ICMP4_REDIRECT && !ip->to_many) why = take_redirect(h, f, ip, &m);
        else if (m.type == ICMP4_ECHO_REPLY) why = take_reply(h, f, ip);
        else if (icmp4_is_error(m.type) && !ip->to_many) why = take_error(h, f, ip, &m);
        else why = DROP_ICMP_UNKNOWN_TYPE;
    }
    if (why != DROP_NONE) host_drop(h, f, why);
}
