// print.c - see print.h.
#include "wire/print.h"

#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/igmp_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/ndp_wire.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"
#include "wire/vlan_wire.h"

enum { VLAN_TAGS_MAX = 2, DUMP_MAX = 16, RECORDS_MAX = 4 };

// An IP packet of either version, opened. Lengths of what is there and of what the header claims
// differ only in quotes.
struct opened {
    struct addr       src, dst;
    uint8_t           proto;
    const uint8_t    *p;             // what the IP headers carry
    size_t            len, claimed;
    bool              fragment, more;
    uint32_t          frag_id;
    uint16_t          frag_offset;
    bool              quoted;        // inside an ICMP error: no further quotes are followed
    bool              bad_csum;
    struct print_base base;
};

static void put_field(struct text *t, const char *name, uint64_t v)
{
    text_put_str(t, name);
    text_put_u64(t, v);
}

static void put_drop(struct text *t, enum drop why)
{
    text_put_str(t, " [");
    text_put_str(t, drop_name(why));
    text_put_char(t, ']');
}

static void put_pair(struct text *t, const struct opened *o)
{
    text_put_addr(t, o->src);
    text_put_str(t, " > ");
    text_put_addr(t, o->dst);
}

static void put_ports(struct text *t, const struct opened *o)
{
    text_put_endpoint(t, (struct endpoint){o->src, get16(o->p)});
    text_put_str(t, " > ");
    text_put_endpoint(t, (struct endpoint){o->dst, get16(o->p + 2)});
}

void print_tcp_flags(struct text *t, uint8_t flags)
{
    static const char letter[8] = {'F', 'S', 'R', 'P', '.', 'U', 'E', 'W'};
    if (flags == 0) text_put_str(t, "none");
    for (unsigned i = 0; i < 8; i++)
        if ((flags & BIT(i)) != 0) text_put_char(t, letter[i]);
}

static void put_cookie(struct text *t, const char *name, const uint8_t *p, size_t len)
{
    text_put_str(t, name);
    if (len == 0) {
        text_put_str(t, "cookiereq");
        return;
    }
    text_put_str(t, "cookie ");
    text_put_dump(t, p, len);
}

static void put_sack(struct text *t, const uint8_t *p, size_t len, uint32_t base)
{
    text_put_str(t, "sack");
    for (; len >= 8; p += 8, len -= 8) {
        put_field(t, " ", get32(p) - base);
        put_field(t, ":", get32(p + 4) - base);
    }
}

// Options of a known kind but another length than theirs print as unknown ones do.
static bool put_known_option(struct text *t, const struct tcp_option *o, uint32_t base)
{
    const uint8_t *b = o->body;
    switch (o->kind) {
    case TCP_OPT_END: text_put_str(t, "eol"); return true;
    case TCP_OPT_NOP: text_put_str(t, "nop"); return true;
    case TCP_OPT_MSS:
        if (o->len == 2) put_field(t, "mss ", get16(b));
        return o->len == 2;
    case TCP_OPT_WSCALE:
        if (o->len == 1) put_field(t, "wscale ", b[0]);
        return o->len == 1;
    case TCP_OPT_SACK_OK:
        if (o->len == 0) text_put_str(t, "sackOK");
        return o->len == 0;
    case TCP_OPT_SACK:
        if (o->len % 8 == 0) put_sack(t, b, o->len, base);
        return o->len % 8 == 0;
    case TCP_OPT_TS:
        if (o->len != 8) return false;
        put_field(t, "TS val ", get32(b));
        put_field(t, " ecr ", get32(b + 4));
        return true;
    case TCP_OPT_FASTOPEN:
        put_cookie(t, "tfo ", b, o->len);
        return true;
    case TCP_OPT_EXPERIMENT:
        if (o->len < 2 || get16(b) != TCP_EXPERIMENT_FASTOPEN) return false;
        put_cookie(t, "exp-tfo ", b + 2, o->len - 2u);
        return true;
    default: return false;
    }
}

static void put_options(struct text *t, const uint8_t *p, size_t len, uint32_t base)
{
    const uint8_t *start = p, *end = p + len;
    struct tcp_option o;
    for (enum tcp_option_step step; ; ) {
        const uint8_t *before = p;
        step = tcp_option_next(&o, &p, end);
        if (step == TCP_OPTION_DONE) return;
        if (before > start) text_put_char(t, ',');
        if (step == TCP_OPTION_BAD) {
            text_put_str(t, "bad");
            return;
        }
        if (put_known_option(t, &o, base)) continue;
        put_field(t, "unknown-", o.kind);
        if (o.len > 0) text_put_str(t, " 0x");
        text_put_dump(t, o.body, o.len);
    }
}

void print_tcp_options(struct text *t, const uint8_t *p, size_t len) { put_options(t, p, len, 0); }

// As tcpdump: a number only where the segment occupies sequence space, a range where it has bytes.
static void put_numbers(struct text *t, const struct opened *o, const struct tcp_seg *s, size_t len)
{
    uint32_t from = s->seq.raw - o->base.seq.raw;
    if (len > 0 || (s->flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0) put_field(t, ", seq ", from);
    if (len > 0) put_field(t, ":", (uint32_t)(from + len));
    if ((s->flags & TCP_ACK) != 0) put_field(t, ", ack ", s->ack.raw - o->base.ack.raw);
    put_field(t, ", win ", s->wnd);
    if ((s->flags & TCP_URG) != 0) put_field(t, ", urg ", s->urg);
}

static void put_tcp(struct text *t, const struct opened *o)
{
    struct tcp_seg s;
    enum drop why = tcp_parse(&s, o->p, o->len);
    if (why == DROP_TCP_TRUNCATED && o->quoted && o->len >= 8) {
        put_ports(t, o);
        put_field(t, " TCP seq ", get32(o->p + 4));
        return;
    }
    if (o->len >= 4) put_ports(t, o);
    else put_pair(t, o);
    if (why != DROP_NONE) {
        text_put_str(t, " TCP");
        put_drop(t, why);
        return;
    }
    text_put_str(t, " Flags [");
    print_tcp_flags(t, s.flags);
    text_put_char(t, ']');
    size_t len = o->claimed - s.hdr_len;
    put_numbers(t, o, &s, len);
    if (s.hdr_len > TCP_HDR_MIN) {
        text_put_str(t, ", options [");
        put_options(t, o->p + TCP_HDR_MIN, s.hdr_len - (size_t)TCP_HDR_MIN, o->base.ack.raw);
        text_put_char(t, ']');
    }
    put_field(t, ", length ", len);
}

static void put_udp(struct text *t, const struct opened *o)
{
    struct udp_datagram u;
    bool whole = o->len >= UDP_HDR_LEN;  // a quote holds the header, and often nothing else
    enum drop why = udp_parse(&u, o->p, whole ? o->claimed : o->len);
    if (whole) put_ports(t, o);
    else put_pair(t, o);
    text_put_str(t, " UDP");
    if (why != DROP_NONE) put_drop(t, why);
    else put_field(t, ", length ", u.len - (size_t)UDP_HDR_LEN);
}

static void put_ip(struct text *t, struct opened *o, const uint8_t *p, size_t len);

// The packet at fault, in parentheses.
static void put_quote(struct text *t, const struct opened *o, size_t hdr_len)
{
    if (o->quoted || o->len <= hdr_len) return;
    struct opened inner = {.quoted = true};
    text_put_str(t, " (");
    put_ip(t, &inner, o->p + hdr_len, o->len - hdr_len);
    text_put_char(t, ')');
}

static const char *icmp4_unreachable_name(uint8_t code)
{
    switch (code) {
    case ICMP4_NET:         return "net unreachable";
    case ICMP4_HOST:        return "host unreachable";
    case ICMP4_PROTO:       return "protocol unreachable";
    case ICMP4_PORT:        return "port unreachable";
    case ICMP4_FRAG_NEEDED: return "unreachable, need to fragment";
    case ICMP4_ADMIN:       return "unreachable, prohibited by a filter";
    default:                return NULL;
    }
}

static const char *icmp4_name(const struct icmp4_message *m)
{
    switch (m->type) {
    case ICMP4_ECHO_REPLY:    return "echo reply";
    case ICMP4_ECHO:          return "echo request";
    case ICMP4_UNREACHABLE:   return icmp4_unreachable_name(m->code);
    case ICMP4_QUENCH:        return "source quench";
    case ICMP4_REDIRECT:      return "redirect";
    case ICMP4_TIME_EXCEEDED: return m->code == ICMP4_REASSEMBLY ? "reassembly time exceeded"
                                                                 : "time exceeded in transit";
    case ICMP4_PARAM_PROBLEM: return "parameter problem";
    default:                  return NULL;
    }
}

static void put_icmp_name(struct text *t, const char *name, uint8_t type, uint8_t code)
{
    if (name != NULL) {
        text_put_str(t, name);
        return;
    }
    put_field(t, "type ", type);
    put_field(t, " code ", code);
}

static void put_icmp4(struct text *t, const struct opened *o)
{
    struct icmp4_message m;
    enum drop why = icmp4_parse(&m, o->p, o->len);
    put_pair(t, o);
    text_put_str(t, " ICMP");
    if (why != DROP_NONE) {
        put_drop(t, why);
        return;
    }
    text_put_char(t, ' ');
    put_icmp_name(t, icmp4_name(&m), m.type, m.code);
    switch (m.type) {
    case ICMP4_ECHO:
    case ICMP4_ECHO_REPLY:
        put_field(t, ", id ", m.id);
        put_field(t, ", seq ", m.seq);
        break;
    case ICMP4_UNREACHABLE:
        if (m.code == ICMP4_FRAG_NEEDED) put_field(t, ", mtu ", m.mtu);
        break;
    case ICMP4_REDIRECT:
        text_put_str(t, ", to ");
        text_put_addr(t, m.gateway);
        break;
    case ICMP4_PARAM_PROBLEM:
        put_field(t, ", octet ", m.pointer);
        break;
    }
    if (icmp4_is_error(m.type)) put_quote(t, o, ICMP4_HDR_LEN);
    put_field(t, ", length ", o->claimed);
}

static const char *icmp6_unreachable_name(uint8_t code)
{
    switch (code) {
    case ICMP6_NO_ROUTE: return "no route";
    case ICMP6_ADMIN:    return "unreachable, prohibited by a filter";
    case ICMP6_SCOPE:    return "unreachable, beyond scope";
    case ICMP6_ADDRESS:  return "address unreachable";
    case ICMP6_PORT:     return "port unreachable";
    default:             return NULL;
    }
}

static const char *icmp6_name(const struct icmp6_message *m)
{
    switch (m->type) {
    case ICMP6_UNREACHABLE:       return icmp6_unreachable_name(m->code);
    case ICMP6_TOO_BIG:           return "packet too big";
    case ICMP6_TIME_EXCEEDED:     return m->code == ICMP6_REASSEMBLY ? "reassembly time exceeded"
                                                                     : "time exceeded in transit";
    case ICMP6_PARAM_PROBLEM:     return "parameter problem";
    case ICMP6_ECHO:              return "echo request";
    case ICMP6_ECHO_REPLY:        return "echo reply";
    case ICMP6_ROUTER_SOLICIT:    return "router solicitation";
    case ICMP6_ROUTER_ADVERT:     return "router advertisement";
    case ICMP6_NEIGHBOUR_SOLICIT: return "neighbour solicitation";
    case ICMP6_NEIGHBOUR_ADVERT:  return "neighbour advertisement";
    case ICMP6_REDIRECT:          return "redirect";
    default:                      return NULL;
    }
}

static void put_ndp(struct text *t, const struct opened *o)
{
    struct ndp_message m;
    enum drop why = ndp_parse(&m, o->p, o->len);
    if (why != DROP_NONE) {
        put_drop(t, why);
        return;
    }
    switch (m.type) {
    case ICMP6_NEIGHBOUR_SOLICIT: text_put_str(t, ", who has "); break;
    case ICMP6_NEIGHBOUR_ADVERT:  text_put_str(t, ", here is "); break;
    case ICMP6_ROUTER_ADVERT:     put_field(t, ", lifetime ", m.lifetime_s); break;
    case ICMP6_REDIRECT:
        text_put_str(t, ", for ");
        text_put_addr(t, m.dst);
        text_put_str(t, " ask ");
        break;
    }
    if (m.target.family == FAMILY_IP6) text_put_addr(t, m.target);
    for (int i = 0; i < m.prefixes; i++) {
        text_put_str(t, ", prefix ");
        text_put_prefix(t, m.prefix[i].prefix);
    }
    if (m.has_target_mac) {
        text_put_str(t, " at ");
        text_put_mac(t, m.target_mac);
    }
    if (m.has_source_mac) {
        text_put_str(t, ", from ");
        text_put_mac(t, m.source_mac);
    }
}

// Group membership: IGMP, and MLD inside ICMPv6.
static void put_igmp(struct text *t, const struct opened *o)
{
    static const char *const kind[] = {"query", "report", "leave", "report"};
    static const char *const record[] = {
        [IGMP_IS_INCLUDE] = "is-in ", [IGMP_IS_EXCLUDE] = "is-ex ", [IGMP_TO_INCLUDE] = "to-in ",
        [IGMP_TO_EXCLUDE] = "to-ex ", [IGMP_ALLOW] = "allow ", [IGMP_BLOCK] = "block ",
    };
    struct igmp_message m;
    enum drop why = igmp_parse(&m, o->src.family, o->p, o->len);
    if (why != DROP_NONE) {
        put_drop(t, why);
        return;
    }
    text_put_char(t, ' ');
    text_put_str(t, kind[m.kind]);
    put_field(t, " v", m.version);
    if (m.kind != IGMP_RECORDS) {
        text_put_str(t, " group ");
        text_put_addr(t, m.group);
    }
    for (int i = 0; i < m.records; i++) {
        uint8_t k = m.record[i].kind;
        text_put_str(t, i == 0 ? ": " : ", ");
        if (i == RECORDS_MAX) {
            put_field(t, "and ", m.records - (unsigned)i);
            text_put_str(t, " more");
            break;
        }
        text_put_str(t, k >= IGMP_IS_INCLUDE && k <= IGMP_BLOCK ? record[k] : "unknown ");
        text_put_addr(t, m.record[i].group);
        if (m.record[i].sources > 0) put_field(t, " sources ", m.record[i].sources);
    }
    put_field(t, ", length ", o->claimed);
}

static bool is_mld(uint8_t type)
{
    return (type >= ICMP6_MLD_QUERY && type <= ICMP6_MLD_DONE) || type == ICMP6_MLD2_REPORT;
}

static void put_icmp6(struct text *t, const struct opened *o)
{
    struct icmp6_message m;
    enum drop why = icmp6_parse(&m, o->p, o->len);
    put_pair(t, o);
    if (why == DROP_NONE && is_mld(m.type)) {
        text_put_str(t, " MLD");
        put_igmp(t, o);
        return;
    }
    text_put_str(t, " ICMP6");
    if (why != DROP_NONE) {
        put_drop(t, why);
        return;
    }
    text_put_char(t, ' ');
    put_icmp_name(t, icmp6_name(&m), m.type, m.code);
    if (ndp_is_type(m.type)) put_ndp(t, o);
    switch (m.type) {
    case ICMP6_ECHO:
    case ICMP6_ECHO_REPLY:
        put_field(t, ", id ", m.id);
        put_field(t, ", seq ", m.seq);
        break;
    case ICMP6_TOO_BIG:       put_field(t, ", mtu ", m.mtu); break;
    case ICMP6_PARAM_PROBLEM: put_field(t, ", octet ", m.pointer); break;
    }
    if (icmp6_is_error(m.type)) put_quote(t, o, ICMP6_HDR_LEN);
    put_field(t, ", length ", o->claimed);
}

static void put_proto(struct text *t, uint8_t proto)
{
    switch (proto) {
    case IP_PROTO_ICMP4: text_put_str(t, " ICMP"); break;
    case IP_PROTO_IGMP:  text_put_str(t, " IGMP"); break;
    case IP_PROTO_TCP:   text_put_str(t, " TCP"); break;
    case IP_PROTO_UDP:   text_put_str(t, " UDP"); break;
    case IP_PROTO_ICMP6: text_put_str(t, " ICMP6"); break;
    default:             put_field(t, " protocol ", proto); break;
    }
}

static void put_fragment(struct text *t, const struct opened *o)
{
    put_pair(t, o);
    put_proto(t, o->proto);
    put_field(t, " fragment ", o->frag_offset);
    put_field(t, "+", o->claimed);
    put_field(t, ", id ", o->frag_id);
    if (o->more) text_put_str(t, ", more follow");
}

static void put_opened(struct text *t, const struct opened *o)
{
    bool ip4 = o->src.family == FAMILY_IP4;
    if (o->fragment) put_fragment(t, o);
    else if (o->proto == IP_PROTO_TCP) put_tcp(t, o);
    else if (o->proto == IP_PROTO_UDP) put_udp(t, o);
    else if (o->proto == IP_PROTO_ICMP4 && ip4) put_icmp4(t, o);
    else if (o->proto == IP_PROTO_ICMP6 && !ip4) put_icmp6(t, o);
    else if (o->proto == IP_PROTO_IGMP && ip4) {
        put_pair(t, o);
        text_put_str(t, " IGMP");
        put_igmp(t, o);
    } else {
        put_pair(t, o);
        put_proto(t, o->proto);
        put_field(t, ", length ", o->claimed);
    }
    if (o->bad_csum) put_drop(t, DROP_IP4_BAD_CSUM);
}

static enum drop open_ip4(struct opened *o, const uint8_t *p, size_t len)
{
    struct ip4_packet ip;
    enum drop why = o->quoted ? ip4_parse_quoted(&ip, p, len) : ip4_parse(&ip, p, len);
    if (why != DROP_NONE) return why;
    size_t end = ip.total_len < len ? ip.total_len : len;
    o->src = ip.src;
    o->dst = ip.dst;
    o->proto = ip.proto;
    o->p = p + ip.hdr_len;
    o->len = end - ip.hdr_len;
    o->claimed = ip.total_len - (size_t)ip.hdr_len;
    o->fragment = ip4_is_fragment(&ip);
    o->more = ip.mf;
    o->frag_id = ip.id;
    o->frag_offset = ip.frag_offset;
    o->bad_csum = !o->quoted && !ip4_csum_ok(p, ip.hdr_len);
    return DROP_NONE;
}

static enum drop open_ip6(struct opened *o, const uint8_t *p, size_t len)
{
    struct ip6_packet ip;
    enum drop why = o->quoted ? ip6_parse_quoted(&ip, p, len) : ip6_parse(&ip, p, len);
    if (why != DROP_NONE) return why;
    size_t total = (size_t)ip.payload_len + IP6_HDR_LEN;
    size_t end = total < len ? total : len;
    o->src = ip.src;
    o->dst = ip.dst;
    o->proto = ip.proto;
    o->p = p + ip.hdr_len;
    o->len = end - ip.hdr_len;
    o->claimed = total - ip.hdr_len;
    o->fragment = ip6_is_fragment(&ip);
    o->more = ip.mf;
    o->frag_id = ip.frag_id;
    o->frag_offset = ip.frag_offset;
    return DROP_NONE;
}

// o says how to look at it: as a quote, and from which numbers.
static void put_ip(struct text *t, struct opened *o, const uint8_t *p, size_t len)
{
    bool ip6 = len > 0 && p[0] >> 4 == 6;
    enum drop why = ip6 ? open_ip6(o, p, len) : open_ip4(o, p, len);
    if (why == DROP_NONE) {
        put_opened(t, o);
        return;
    }
    text_put_str(t, ip6 ? "IP6" : "IP");
    put_drop(t, why);
    put_field(t, ", length ", len);
}

void print_packet_from(struct text *t, const uint8_t *p, size_t len, struct print_base base)
{
    struct opened o = {.base = base};
    put_ip(t, &o, p, len);
}

static void put_arp(struct text *t, const uint8_t *p, size_t len)
{
    struct arp_packet a;
    enum drop why = arp_parse(&a, p, len);
    text_put_str(t, "ARP");
    if (why != DROP_NONE) {
        put_drop(t, why);
        return;
    }
    text_put_char(t, ' ');
    switch (a.op) {
    case ARP_REQUEST:
        text_put_str(t, "who-has ");
        text_put_addr(t, a.target);
        text_put_str(t, " tell ");
        text_put_addr(t, a.sender);
        break;
    case ARP_REPLY:
        text_put_addr(t, a.sender);
        text_put_str(t, " is-at ");
        text_put_mac(t, a.sender_mac);
        break;
    default:
        put_field(t, "op ", a.op);
        break;
    }
}

// Neither IP nor ARP: the stations, the type and the first bytes.
static void put_unknown(struct text *t, const struct eth_frame *f, const uint8_t *p, size_t len)
{
    text_put_mac(t, f->src);
    text_put_str(t, " > ");
    text_put_mac(t, f->dst);
    text_put_str(t, f->type < ETH_TYPE_MIN ? " 802.3 length 0x" : " type 0x");
    text_put_hex(t, f->type, 4);
    if (len > 0) text_put_str(t, " 0x");
    text_put_dump(t, p, len < DUMP_MAX ? len : DUMP_MAX);
    put_field(t, ", length ", len);
}

void print_frame_from(struct text *t, const uint8_t *p, size_t len, struct print_base base)
{
    struct eth_frame f;
    enum drop why = eth_parse(&f, p, len);
    size_t at = ETH_HDR_LEN;
    for (int n = 0; why == DROP_NONE && f.type == ETH_TYPE_VLAN && n < VLAN_TAGS_MAX; n++) {
        struct vlan_tag tag;
        why = vlan_parse(&tag, p + at, len - at);
        if (why != DROP_NONE) break;
        put_field(t, "vlan ", tag.vlan);
        if (tag.priority > 0) put_field(t, " priority ", tag.priority);
        text_put_char(t, ' ');
        f.type = tag.type;
        at += VLAN_TAG_LEN;
    }
    if (why != DROP_NONE) {
        text_put_str(t, "Ethernet");
        put_drop(t, why);
        put_field(t, ", length ", len);
        return;
    }
    switch (f.type) {
    case ETH_TYPE_ARP: put_arp(t, p + at, len - at); break;
    case ETH_TYPE_IP4:
    case ETH_TYPE_IP6: print_packet_from(t, p + at, len - at, base); break;
    default:           put_unknown(t, &f, p + at, len - at); break;
    }
}

void print_frame(struct text *t, const uint8_t *p, size_t len)
{
    print_frame_from(t, p, len, (struct print_base){0});
}

void print_packet(struct text *t, const uint8_t *p, size_t len)
{
    print_packet_from(t, p, len, (struct print_base){0});
}
