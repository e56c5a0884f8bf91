// see wording.h
#include "viz/wording.h"

#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"

#include <ctype.h>
#include <errno.h>

// --- numbers -----------------------------------------------------------------------------------

// v / unit with at most `places` digits behind the point, and no trailing zeros.
static void put_scaled(struct text *t, int64_t v, int64_t unit, unsigned places)
{
    int64_t tens = 1;
    for (unsigned i = 0; i < places; i++) tens *= 10;
    int64_t whole = v / unit, rest = (v % unit) * tens / unit;
    while (places > 0 && rest % 10 == 0) rest /= 10, tens /= 10, places--;
    text_put_fixed(t, whole * tens + rest, places);
}

void text_put_span(struct text *t, nsec span)
{
    if (span < 0) {
        text_put_char(t, '-');
        span = span == INT64_MIN ? INT64_MAX : -span;
    }
    static const struct { nsec unit; const char *name; } units[] = {
        {SEC(3600), " h"}, {SEC(60), " min"}, {SEC(1), " s"}, {MSEC(1), " ms"}, {USEC(1), " µs"}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (span < units[i].unit) continue;
        put_scaled(t, span, units[i].unit, 3);
        text_put_str(t, units[i].name);
        return;
    }
    text_put_i64(t, span);
    text_put_str(t, span == 0 ? " µs" : " ns");
}

// Four digits are enough of a distance, and more have no room: "+612.8 µs".
static void put_step(struct text *t, nsec d)
{
    nsec fine = 1;
    while (d / fine >= 10000) fine *= 10;
    text_put_char(t, '+');
    text_put_span(t, d < SEC(60) ? d - d % fine : d);
}

void text_put_instant(struct text *t, struct instants *row, nsec at)
{
    char said[sizeof row->said];
    struct text new = text_of(said, sizeof said);
    text_put_span(&new, at - row->start);
    bool same = strcmp(said, row->said) == 0;
    if (same) put_step(t, at - row->last);
    else text_put_str(t, said);
    row->last = at;
    memcpy(row->said, said, sizeof said);
}

void text_put_clock(struct text *t, nsec at)
{
    if (at < 0) at = 0;
    if (at < MSEC(1)) {
        text_put_fixed(t, at, 3);
        text_put_str(t, " µs");
    } else if (at < SEC(1)) {
        text_put_fixed(t, at / 100, 4);
        text_put_str(t, " ms");
    } else {
        text_put_fixed(t, at / 1000, 6);
        text_put_str(t, " s");
    }
}

void text_put_rate(struct text *t, uint64_t bps)
{
    static const struct { uint64_t unit; const char *name; } units[] = {
        {1000000000, " Gb/s"}, {1000000, " Mb/s"}, {1000, " kb/s"}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (bps < units[i].unit) continue;
        put_scaled(t, (int64_t)(bps & INT64_MAX), (int64_t)units[i].unit, 2);
        text_put_str(t, units[i].name);
        return;
    }
    text_put_u64(t, bps);
    text_put_str(t, " b/s");
}

void text_put_count(struct text *t, uint64_t n)
{
    if (n < 10000) {
        text_put_u64(t, n);
        return;
    }
    static const struct { uint64_t unit; char name; } units[] = {
        {1000000000, 'G'}, {1000000, 'M'}, {1000, 'k'}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (n < units[i].unit) continue;
        put_scaled(t, (int64_t)(n & INT64_MAX), (int64_t)units[i].unit, 1);
        text_put_char(t, units[i].name);
        return;
    }
}

void text_put_errno(struct text *t, int64_t error)
{
    static const struct { int number; const char *name; } names[] = {
        {EAGAIN, "EAGAIN"}, {EINPROGRESS, "EINPROGRESS"}, {ECONNREFUSED, "ECONNREFUSED"},
        {ECONNRESET, "ECONNRESET"}, {ETIMEDOUT, "ETIMEDOUT"}, {EADDRINUSE, "EADDRINUSE"},
        {EPIPE, "EPIPE"}, {EBADF, "EBADF"}, {EINVAL, "EINVAL"}, {ENOTCONN, "ENOTCONN"},
        {EISCONN, "EISCONN"}, {EHOSTUNREACH, "EHOSTUNREACH"}, {ENETUNREACH, "ENETUNREACH"},
        {EMSGSIZE, "EMSGSIZE"}, {ENOBUFS, "ENOBUFS"}, {EACCES, "EACCES"}, {EALREADY, "EALREADY"},
        {EADDRNOTAVAIL, "EADDRNOTAVAIL"}, {EMFILE, "EMFILE"}, {ENOMEM, "ENOMEM"},
        {EOPNOTSUPP, "EOPNOTSUPP"}, {EDESTADDRREQ, "EDESTADDRREQ"}, {ECONNABORTED, "ECONNABORTED"},
        {ENOPROTOOPT, "ENOPROTOOPT"}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].number == error) {
            text_put_str(t, names[i].name);
            return;
        }
    text_put_str(t, "error ");
    text_put_i64(t, error);
}

// --- names -------------------------------------------------------------------------------------

void text_put_title(struct text *t, const char *s)
{
    if (*s == 0) return;
    text_put_char(t, (char)toupper((unsigned char)*s));
    text_put_str(t, s + 1);
}

void text_put_after_dash(struct text *t, const char *s)
{
    size_t len = strlen(s);
    if (len == 0) return;
    text_put_str(t, " – ");
    // A word in capitals (ACK, RST, IP) keeps them.
    bool plain = islower((unsigned char)s[1]) || s[1] == ' ';
    text_put_char(t, plain ? (char)tolower((unsigned char)*s) : *s);
    text_put_bytes(t, s + 1, len - 1 - (s[len - 1] == '.'));
}

void text_put_host(struct text *t, const struct model *m, uint16_t host)
{
    const struct model_host *h = model_host(m, host);
    text_put_title(t, h != NULL ? h->name : "somebody");
}

void text_put_timer(struct text *t, enum tcp_timer timer)
{
    text_put_str(t, timer == TIMER_RTO ? "RTO" : tcp_timer_name(timer));
}

void text_put_sock(struct text *t, const struct model_sock *s)
{
    if (s != NULL && s->fd >= 0) {
        text_put_str(t, "fd ");
        text_put_i64(t, s->fd);
    } else {
        text_put_str(t, s == NULL ? "no socket" : s->freed ? "a closed socket" : "a new socket");
    }
}

void text_put_range(struct text *t, uint32_t seq, uint32_t len)
{
    text_put_str(t, len == 1 ? "byte " : "bytes ");
    text_put_u64(t, seq);
    if (len < 2) return;
    text_put_str(t, "–");
    text_put_u64(t, seq + len - 1);
}

void text_put_end(struct text *t, struct endpoint e)
{
    if (!addr_is_any(e.addr)) {
        text_put_endpoint(t, e);
        return;
    }
    text_put_str(t, "*:");
    if (e.port != 0) text_put_u64(t, e.port);
    else text_put_char(t, '*');
}

const char *tcp_state_short(enum tcp_state s)
{
    static const char *const names[TCP_STATES] = {
        [TCP_CLOSED] = "CLOSED", [TCP_LISTEN] = "LISTEN", [TCP_SYN_SENT] = "SYN_SENT",
        [TCP_SYN_RCVD] = "SYN_RCVD", [TCP_ESTABLISHED] = "ESTAB", [TCP_FIN_WAIT_1] = "FIN_WAIT_1",
        [TCP_FIN_WAIT_2] = "FIN_WAIT_2", [TCP_CLOSING] = "CLOSING",
        [TCP_CLOSE_WAIT] = "CLOSE_WAIT", [TCP_LAST_ACK] = "LAST_ACK",
        [TCP_TIME_WAIT] = "TIME_WAIT"};
    return (size_t)s < TCP_STATES ? names[s] : "?";
}

static bool call_has_bytes(uint8_t call)
{
    return call == CALL_READ || call == CALL_WRITE || call == CALL_SENDTO || call == CALL_RECVFROM;
}

void text_put_call(struct text *t, const struct model_app *a, bool brief)
{
    uint8_t call = a->last.call;
    text_put_str(t, sock_call_name(call));
    text_put_char(t, '(');
    if (call != CALL_SOCKET) text_put_i64(t, a->last.fd);
    bool to = call == CALL_CONNECT || call == CALL_BIND || call == CALL_SENDTO;
    if (brief && (to || call_has_bytes(call) || call == CALL_LISTEN)) {
        text_put_str(t, ", …)");
        return;
    }
    if (to && a->peer.port != 0) {
        text_put_str(t, ", ");
        text_put_end(t, a->peer);
    }
    if (call_has_bytes(call) || call == CALL_LISTEN) {
        text_put_str(t, ", ");
        text_put_i64(t, a->arg);
    }
    text_put_char(t, ')');
}

// --- frames ------------------------------------------------------------------------------------

struct trace_bytes frame_bytes_of(const struct recording *r, const struct history_frame *f)
{
    struct trace_event ev;
    if (!f->seen) return (struct trace_bytes){0};
    tape_at(&r->tape, f->place, &ev);
    return ev.type == TRACE_FRAME_TX ? ev.frame_tx.data : ev.frame_rx.data;
}

void frame_dissect(const struct recording *r, const struct history_frame *f, struct dissect *d)
{
    struct trace_bytes b = frame_bytes_of(r, f);
    dissect(d, b.p, b.len);
}

static const char *icmp4_name(const struct dissect *d)
{
    switch (d->icmp_type) {
    case ICMP4_ECHO:          return "an ICMP echo request (ping)";
    case ICMP4_ECHO_REPLY:    return "an ICMP echo reply";
    case ICMP4_UNREACHABLE:
        return d->icmp_code == ICMP4_FRAG_NEEDED ? "an ICMP fragmentation needed"
                                                 : "an ICMP destination unreachable";
    case ICMP4_REDIRECT:      return "an ICMP redirect";
    case ICMP4_TIME_EXCEEDED: return "an ICMP time exceeded";
    case ICMP4_PARAM_PROBLEM: return "an ICMP parameter problem";
    default:                  return "an ICMP message";
    }
}

static const char *icmp6_name(const struct dissect *d)
{
    switch (d->icmp_type) {
    case ICMP6_ECHO:             return "an ICMPv6 echo request (ping)";
    case ICMP6_ECHO_REPLY:       return "an ICMPv6 echo reply";
    case ICMP6_UNREACHABLE:      return "an ICMPv6 destination unreachable";
    case ICMP6_TOO_BIG:          return "an ICMPv6 packet too big";
    case ICMP6_TIME_EXCEEDED:    return "an ICMPv6 time exceeded";
    case ICMP6_PARAM_PROBLEM:    return "an ICMPv6 parameter problem";
    case ICMP6_MLD_QUERY:        return "a multicast listener query";
    case ICMP6_MLD_REPORT: case ICMP6_MLD2_REPORT: return "a multicast listener report";
    case ICMP6_MLD_DONE:         return "a multicast listener done";
    case ICMP6_ROUTER_SOLICIT:   return "a router solicitation";
    case ICMP6_ROUTER_ADVERT:    return "a router advertisement";
    case ICMP6_NEIGHBOUR_SOLICIT:return "a neighbour solicitation";
    case ICMP6_NEIGHBOUR_ADVERT: return "a neighbour advertisement";
    case ICMP6_REDIRECT:         return "an ICMPv6 redirect";
    default:                     return "an ICMPv6 message";
    }
}

// A fragment but the first has no header of its transport.
static const char *ip_name(const struct dissect *d)
{
    return d->proto == IP_PROTO_IGMP ? "an IGMP message"
         : d->fragment               ? "a fragment" : "an IP packet";
}

static void put_tcp(struct text *t, const struct history_frame *f)
{
    if (frame_is_control(f) || (f->flags & TCP_ACK) == 0) {
        uint8_t shown = (uint8_t)(f->flags & ~TCP_PSH);
        text_put_flags(t, shown);
        if (f->data > 0) text_put_str(t, " with ");
    } else if (f->data == 0) {
        text_put_str(t, "an ACK");
    }
    if (f->data > 0) text_put_range(t, f->seq + ((f->flags & TCP_SYN) != 0), f->data);
}

void text_put_frame(struct text *t, const struct recording *r, const struct history_frame *f)
{
    struct dissect d;
    switch (f->kind) {
    case PACKET_TCP: put_tcp(t, f); return;
    case PACKET_UDP:
        text_put_str(t, "a datagram of ");
        text_put_u64(t, f->data);
        text_put_str(t, f->data == 1 ? " byte" : " bytes");
        return;
    case PACKET_ARP:
        frame_dissect(r, f, &d);
        text_put_str(t, d.arp.op == ARP_REPLY ? "an ARP reply" : "an ARP request");
        return;
    case PACKET_ICMP:
        frame_dissect(r, f, &d);
        text_put_str(t, d.family == FAMILY_IP4 ? icmp4_name(&d) : icmp6_name(&d));
        return;
    case PACKET_IP:
        frame_dissect(r, f, &d);
        text_put_str(t, ip_name(&d));
        return;
    default: text_put_str(t, "a frame"); return;
    }
}

const struct prefix *netif_prefix(const struct model_netif *n)
{
    if (n == NULL || n->addrs == 0) return NULL;
    for (size_t i = 0; i < n->addrs; i++) {
        const struct addr *a = &n->addr[i].addr;
        bool link_local = a->family == FAMILY_IP6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
        if (!link_local) return &n->addr[i];
    }
    return &n->addr[0];
}
