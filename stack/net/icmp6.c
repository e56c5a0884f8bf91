// icmp6.c - see icmp6.h. Section numbers are those of RFC 4443.
#include "net/icmp6.h"

#include <errno.h>

#include "base/csum.h"
#include "net/group.h"
#include "net/icmp.h"
#include "net/ip.h"
#include "net/ndp.h"
#include "wire/igmp_wire.h"
#include "wire/ip6_wire.h"
#include "wire/ndp_wire.h"

enum { QUOTE_MAX = IP6_MTU_MIN - IP6_HDR_LEN - ICMP6_HDR_LEN };  // the least MTU there is (§3)

// --- out ---------------------------------------------------------------------------------------

// f begins with the ICMPv6 header, the checksum field zero. The source is the address that was
// spoken to, if it is one station's (§2.2).
static void output(struct host *h, struct frame *f, const struct ip_info *to, enum sent why)
{
    struct ip_dest d = {.src = to->dst, .dst = to->src, .proto = IP_PROTO_ICMP6, .tos = to->tos,
                        .netif = to->netif};
    struct ip_path path;
    if (to->to_many || !ip_is_local(h, d.src)) {
        d.src = addr_any(FAMILY_NONE);
        if (ip_path_on(h, d.dst, to->netif, &path) == 0) d.src = path.src;
    }
    f->why = (uint8_t)why;
    host_frame_id(h, f);
    if (d.src.family == FAMILY_NONE) {
        host_drop(h, f, DROP_IP_NO_SOURCE);
        return;
    }
    f->l4 = (uint16_t)f->start;
    f->csum = CSUM_TODO;
    f->csum_off = offsetof(struct icmp6_hdr, csum);
    put16(frame_start(f) + f->csum_off, csum_pseudo(d.src, d.dst, IP_PROTO_ICMP6, f->len));
    host_step(h, f, STEP_ICMP_SEND, 0, ICMP6_HDR_LEN);
    ip_output(h, f, &d);
}

static bool may_complain(const struct frame *f, const struct ip_info *ip,
                         const struct icmp6_message *m)
{
    bool excepted = m->type == ICMP6_TOO_BIG || (m->type == ICMP6_PARAM_PROBLEM && m->code == 2);
    if ((ip->to_many && !excepted) || addr_is_any(ip->src) || addr_is_multicast(ip->src))
        return false;
    if (ip->proto != IP_PROTO_ICMP6) return true;
    struct icmp6_message about;
    size_t len = f->start + f->head_len - f->l4;
    return icmp6_parse(&about, f->head->data + f->l4, len) == DROP_NONE
        && !icmp6_is_error(about.type) && about.type != ICMP6_REDIRECT;
}

static enum sent why_of(const struct icmp6_message *m)
{
    switch (m->type) {
    case ICMP6_UNREACHABLE:   return m->code == ICMP6_PORT ? SENT_PORT_UNREACHABLE
                                                           : SENT_UNREACHABLE;
    case ICMP6_TOO_BIG:       return SENT_TOO_BIG;
    case ICMP6_TIME_EXCEEDED: return m->code == ICMP6_HOP_LIMIT ? SENT_TTL_EXCEEDED
                                                                : SENT_REASSEMBLY_EXCEEDED;
    default:                  return SENT_PARAM_PROBLEM;
    }
}

void icmp6_complain(struct host *h, const struct frame *f, const struct ip_info *ip,
                    const struct icmp6_message *m)
{
    if (!may_complain(f, ip, m)) return;
    size_t there = f->start + f->head_len - f->l3;
    size_t quote = there < QUOTE_MAX ? there : QUOTE_MAX;
    struct frame *e = frame_blank(&h->pool, ICMP6_HDR_LEN + quote);
    if (e == NULL) return;  // whoever sent it will try again, or not
    icmp6_emit(m, frame_start(e));
    memcpy(frame_start(e) + ICMP6_HDR_LEN, f->head->data + f->l3, quote);
    if (!icmp_may_send(h)) {
        host_drop(h, e, DROP_ICMP_RATE_LIMIT);
        return;
    }
    struct ip_info to = *ip;
    to.tos = 0;
    output(h, e, &to, why_of(m));
}

// --- in: pings ---------------------------------------------------------------------------------

static enum drop may_answer(const struct host *h, const struct ip_info *ip)
{
    if (h->set.icmp6_echo_ignore_all != 0) return DROP_ICMP_ECHO_IGNORED;
    if (ip->to_many && h->set.icmp6_echo_ignore_multicast != 0) return DROP_ICMP_MULTICAST;
    return addr_is_any(ip->src) ? DROP_IP_BAD_SOURCE : DROP_NONE;
}

// The answer is the question with another type, and its body is the question's own memory.
static enum drop answer_ping(struct host *h, struct frame *f, const struct ip_info *ip)
{
    enum drop why = may_answer(h, ip);
    if (why != DROP_NONE) return why;
    struct frame *a = frame_new(&h->pool);
    if (a == NULL) return DROP_NO_MEMORY;

    host_step(h, f, STEP_ICMP_ECHO, 0, ICMP6_HDR_LEN);
    struct icmp6_hdr *reply = (struct icmp6_hdr *)frame_push(a, ICMP6_HDR_LEN);
    memcpy(reply, frame_start(f), ICMP6_HDR_LEN);
    reply->type = ICMP6_ECHO_REPLY;
    if (f->head_len > QUOTE_MAX) icmp_note_answer(h, ip->src, get32(reply->rest));
    size_t body = f->head_len - ICMP6_HDR_LEN;
    if (body > 0) frame_give(a, frame_slice(f, ICMP6_HDR_LEN, body));
    output(h, a, ip, SENT_ECHO_REPLY);
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

// Linux: icmpv6_err_convert.
static struct icmp_meaning meaning_of(const struct icmp6_message *m)
{
    static const struct icmp_meaning unreachable[] = {
        [0] = {ENETUNREACH, false}, [1] = {EACCES, true}, [2] = {EHOSTUNREACH, false},
        [3] = {EHOSTUNREACH, false}, [4] = {ECONNREFUSED, true}, [5] = {EACCES, true},
        [6] = {EACCES, true},
    };
    switch (m->type) {
    case ICMP6_UNREACHABLE:
        if (m->code < ARRAY_LEN(unreachable)) return unreachable[m->code];
        return (struct icmp_meaning){EHOSTUNREACH, false};
    case ICMP6_TOO_BIG:       return (struct icmp_meaning){EMSGSIZE, false};
    case ICMP6_TIME_EXCEEDED: return (struct icmp_meaning){EHOSTUNREACH, false};
    case ICMP6_PARAM_PROBLEM: return (struct icmp_meaning){EPROTO, m->code == 1};
    default:                  return (struct icmp_meaning){EPROTO, false};  // §2.4 (a): passed on
    }
}

static enum drop take_error(struct host *h, struct frame *f, const struct ip_info *ip,
                            const struct icmp6_message *m)
{
    struct icmp_meaning is = meaning_of(m);
    const uint8_t *quote = frame_start(f) + ICMP6_HDR_LEN;
    size_t len = f->head_len - ICMP6_HDR_LEN;
    struct ip6_packet q;
    if (ip6_parse_quoted(&q, quote, len) != DROP_NONE) return DROP_ICMP_BAD_QUOTE;
    if (q.frag_offset > 0 || len < q.hdr_len + (size_t)ICMP_QUOTE_MIN) return DROP_ICMP_BAD_QUOTE;
    // RFC 8201 §4: less than every link has is not believed, and asks for nothing (RFC 8021).
    uint32_t whole = q.payload_len + (uint32_t)IP6_HDR_LEN;
    if (is.error == EMSGSIZE && (m->mtu < IP6_MTU_MIN || m->mtu >= whole)) return DROP_ICMP_BAD_MTU;
    const struct proto *p = host_proto(h, q.proto);
    if (!ip_is_local(h, q.src) || p == NULL || p->error == NULL) return DROP_ICMP_NO_SOCKET;

    host_step(h, f, STEP_ICMP_ERROR, 0, ICMP6_HDR_LEN);
    enum drop why = p->error(h, &(struct ip_error){
        .src = q.src, .dst = q.dst, .from = ip->src, .proto = q.proto,
        .quoted = quote + q.hdr_len, .quoted_len = len - q.hdr_len,
        .error = is.error, .hard = is.hard, .mtu = is.error == EMSGSIZE ? m->mtu : 0,
        .len = whole});
    if (why == DROP_NONE) frame_free(f);
    return why;
}

// --- in ----------------------------------------------------------------------------------------

static bool csum_is_ok(const struct frame *f, const struct ip_info *ip)
{
    if (f->csum != CSUM_NONE) return true;
    uint16_t pseudo = csum_pseudo(ip->src, ip->dst, IP_PROTO_ICMP6, f->len);
    return csum_ok(pseudo, frame_start(f), f->len);
}

static bool is_mld(uint8_t type)
{
    return (type >= ICMP6_MLD_QUERY && type <= ICMP6_MLD_DONE) || type == ICMP6_MLD2_REPORT;
}

void icmp6_input(struct host *h, struct frame *f, const struct ip_info *ip)
{
    struct icmp6_message m;
    enum drop why = icmp6_parse(&m, frame_start(f), f->head_len);
    if (why == DROP_NONE && !csum_is_ok(f, ip)) why = DROP_ICMP_BAD_CSUM;
    if (why == DROP_NONE) {
        if (m.type == ICMP6_ECHO) why = answer_ping(h, f, ip);
        else if (ndp_is_type(m.type)) why = ndp_input(h, f, ip);
        else if (is_mld(m.type)) why = group_input(h, f, ip);
        else if (m.type == ICMP6_ECHO_REPLY) why = take_reply(h, f, ip);
        else if (icmp6_is_error(m.type) && !ip->to_many) why = take_error(h, f, ip, &m);
        else why = DROP_ICMP_UNKNOWN_TYPE;
    }
    if (why != DROP_NONE) host_drop(h, f, why);
}
