// ndp_wire.c - see ndp_wire.h. Section numbers are those of RFC 4861.
#include "wire/ndp_wire.h"

enum { OPT_SOURCE_MAC = 1, OPT_TARGET_MAC = 2, OPT_PREFIX = 3, OPT_REDIRECTED = 4, OPT_MTU = 5,
       OPT_SERVERS = 25 };
enum { MAC_LEN = 8, PREFIX_LEN = 32, MTU_LEN = 8, REDIRECTED_HDR_LEN = 8,
       SERVERS_HDR_LEN = 8, SERVER_LEN = 16 };
enum { RA_MANAGED = 0x80, RA_OTHER = 0x40 };
enum { NA_ROUTER = 0x80, NA_SOLICITED = 0x40, NA_OVERRIDE = 0x20 };
enum { PREFIX_ON_LINK = 0x80, PREFIX_AUTONOMOUS = 0x40 };

// Where the options start, 0 for a type that is not of ours.
static size_t fixed_len(uint8_t type)
{
    switch (type) {
    case ICMP6_ROUTER_SOLICIT:    return 8;
    case ICMP6_ROUTER_ADVERT:     return 16;
    case ICMP6_NEIGHBOUR_SOLICIT: return 24;
    case ICMP6_NEIGHBOUR_ADVERT:  return 24;
    case ICMP6_REDIRECT:          return 40;
    default:                      return 0;
    }
}

bool ndp_is_type(uint8_t icmp6_type) { return fixed_len(icmp6_type) > 0; }

static void take_prefix(struct ndp_message *m, const uint8_t *o)
{
    if (m->prefixes == NDP_PREFIX_MAX || o[2] > 128) return;
    m->prefix[m->prefixes++] = (struct ndp_prefix){
        .prefix = {addr_ip6_bytes(o + 16), o[2]},
        .on_link = (o[3] & PREFIX_ON_LINK) != 0, .autonomous = (o[3] & PREFIX_AUTONOMOUS) != 0,
        .valid_s = get32(o + 4), .preferred_s = get32(o + 8),
    };
}

// Several such options may come: servers that are to be forgotten (of time 0) do not stand beside
// those that are there, and the shortest time is that of all.
static void take_servers(struct ndp_message *m, const uint8_t *o, size_t len)
{
    if (len < SERVERS_HDR_LEN + SERVER_LEN || (len - SERVERS_HDR_LEN) % SERVER_LEN != 0) return;
    uint32_t life_s = get32(o + 4);
    if (m->servers > 0 && life_s == 0) return;
    if (m->servers_s == 0) m->servers = 0;
    if (m->servers == 0 || life_s < m->servers_s) m->servers_s = life_s;
    for (size_t at = SERVERS_HDR_LEN; at < len && m->servers < NDP_SERVERS_MAX; at += SERVER_LEN)
        m->server[m->servers++] = addr_ip6_bytes(o + at);
}

// Takes one option of len bytes. Those of another length than theirs are passed over like unknown
// ones: later RFCs may widen them.
static void take_option(struct ndp_message *m, const uint8_t *o, size_t len)
{
    switch (o[0]) {
    case OPT_SOURCE_MAC:
        if (len != MAC_LEN) break;
        m->has_source_mac = true;
        m->source_mac = mac_of_bytes(o + 2);
        break;
    case OPT_TARGET_MAC:
        if (len != MAC_LEN) break;
        m->has_target_mac = true;
        m->target_mac = mac_of_bytes(o + 2);
        break;
    case OPT_PREFIX:
        if (len == PREFIX_LEN && m->type == ICMP6_ROUTER_ADVERT) take_prefix(m, o);
        break;
    case OPT_MTU:
        if (len == MTU_LEN && m->type == ICMP6_ROUTER_ADVERT) m->mtu = get32(o + 4);
        break;
    case OPT_SERVERS:
        if (m->type == ICMP6_ROUTER_ADVERT) take_servers(m, o, len);
        break;
    case OPT_REDIRECTED:
        if (m->type != ICMP6_REDIRECT) break;
        m->quoted = o + REDIRECTED_HDR_LEN;
        m->quoted_len = (uint16_t)(len - REDIRECTED_HDR_LEN);
        break;
    }
}

// An option of no length would never end: the whole message goes (§6.1.1, §7.1.1).
static enum drop parse_options(struct ndp_message *m, const uint8_t *p, size_t len)
{
    while (len > 0) {
        size_t option_len = len < 2 ? 0 : (size_t)p[1] * 8;
        if (option_len == 0 || option_len > len) return DROP_NDP_BAD_OPTION;
        take_option(m, p, option_len);
        p += option_len;
        len -= option_len;
    }
    return DROP_NONE;
}

static void take_fixed(struct ndp_message *m, const uint8_t *p)
{
    switch (m->type) {
    case ICMP6_ROUTER_ADVERT:
        m->hop_limit = p[4];
        m->managed = (p[5] & RA_MANAGED) != 0;
        m->other = (p[5] & RA_OTHER) != 0;
        m->lifetime_s = get16(p + 6);
        m->reachable_ms = get32(p + 8);
        m->retrans_ms = get32(p + 12);
        break;
    case ICMP6_NEIGHBOUR_ADVERT:
        m->router = (p[4] & NA_ROUTER) != 0;
        m->solicited = (p[4] & NA_SOLICITED) != 0;
        m->override = (p[4] & NA_OVERRIDE) != 0;
        m->target = addr_ip6_bytes(p + 8);
        break;
    case ICMP6_NEIGHBOUR_SOLICIT:
        m->target = addr_ip6_bytes(p + 8);
        break;
    case ICMP6_REDIRECT:
        m->target = addr_ip6_bytes(p + 8);
        m->dst = addr_ip6_bytes(p + 24);
        break;
    }
}

enum drop ndp_parse(struct ndp_message *m, const uint8_t *p, size_t len)
{
    if (len < ICMP6_HDR_LEN) return DROP_ICMP_TRUNCATED;
    size_t fixed = fixed_len(p[0]);
    if (fixed == 0) return DROP_ICMP_UNKNOWN_TYPE;
    if (len < fixed) return DROP_ICMP_TRUNCATED;
    struct ndp_message k = {.type = p[0], .code = p[1]};
    take_fixed(&k, p);
    enum drop why = parse_options(&k, p + fixed, len - fixed);
    if (why == DROP_NONE) *m = k;
    return why;
}

static void put_fixed(const struct ndp_message *m, uint8_t *p)
{
    switch (m->type) {
    case ICMP6_ROUTER_ADVERT:
        p[4] = m->hop_limit;
        p[5] = (uint8_t)((m->managed ? RA_MANAGED : 0) | (m->other ? RA_OTHER : 0));
        put16(p + 6, m->lifetime_s);
        put32(p + 8, m->reachable_ms);
        put32(p + 12, m->retrans_ms);
        break;
    case ICMP6_NEIGHBOUR_ADVERT:
        p[4] = (uint8_t)((m->router ? NA_ROUTER : 0) | (m->solicited ? NA_SOLICITED : 0) |
                         (m->override ? NA_OVERRIDE : 0));
        memcpy(p + 8, m->target.b, 16);
        break;
    case ICMP6_NEIGHBOUR_SOLICIT:
        memcpy(p + 8, m->target.b, 16);
        break;
    case ICMP6_REDIRECT:
        memcpy(p + 8, m->target.b, 16);
        memcpy(p + 24, m->dst.b, 16);
        break;
    }
}

// Starts an option of len bytes, all zero but for its first two.
static uint8_t *put_option(uint8_t *p, uint8_t kind, size_t len)
{
    memset(p, 0, len);
    p[0] = kind;
    p[1] = (uint8_t)(len / 8);
    return p + len;
}

static uint8_t *put_mac(uint8_t *p, uint8_t kind, struct mac mac)
{
    uint8_t *end = put_option(p, kind, MAC_LEN);
    memcpy(p + 2, mac.b, sizeof mac.b);
    return end;
}

static uint8_t *put_prefix(uint8_t *p, const struct ndp_prefix *x)
{
    uint8_t *end = put_option(p, OPT_PREFIX, PREFIX_LEN);
    p[2] = x->prefix.bits;
    p[3] = (uint8_t)((x->on_link ? PREFIX_ON_LINK : 0) | (x->autonomous ? PREFIX_AUTONOMOUS : 0));
    put32(p + 4, x->valid_s);
    put32(p + 8, x->preferred_s);
    memcpy(p + 16, x->prefix.addr.b, 16);
    return end;
}

static uint8_t *put_servers(uint8_t *p, const struct ndp_message *m)
{
    uint8_t *end = put_option(p, OPT_SERVERS, SERVERS_HDR_LEN + (size_t)m->servers * SERVER_LEN);
    put32(p + 4, m->servers_s);
    for (int i = 0; i < m->servers; i++)
        memcpy(p + SERVERS_HDR_LEN + i * SERVER_LEN, m->server[i].b, SERVER_LEN);
    return end;
}

static uint8_t *put_redirected(uint8_t *p, const struct ndp_message *m)
{
    size_t len = m->quoted_len & ~(size_t)7, longest = 255 * 8 - REDIRECTED_HDR_LEN;
    if (len > longest) len = longest;
    uint8_t *end = put_option(p, OPT_REDIRECTED, REDIRECTED_HDR_LEN + len);
    memcpy(p + REDIRECTED_HDR_LEN, m->quoted, len);
    return end;
}

size_t ndp_emit(const struct ndp_message *m, uint8_t *p)
{
    size_t fixed = fixed_len(m->type);
    CHECK(fixed > 0);
    CHECK(m->prefixes <= NDP_PREFIX_MAX && m->servers <= NDP_SERVERS_MAX);
    memset(p, 0, fixed);
    p[0] = m->type;
    p[1] = m->code;
    put_fixed(m, p);

    uint8_t *at = p + fixed;
    if (m->has_source_mac) at = put_mac(at, OPT_SOURCE_MAC, m->source_mac);
    if (m->has_target_mac) at = put_mac(at, OPT_TARGET_MAC, m->target_mac);
    if (m->mtu > 0) {
        put32(put_option(at, OPT_MTU, MTU_LEN) - 4, m->mtu);
        at += MTU_LEN;
    }
    for (int i = 0; i < m->prefixes; i++) at = put_prefix(at, &m->prefix[i]);
    if (m->servers > 0) at = put_servers(at, m);
    if (m->quoted != NULL) at = put_redirected(at, m);
    return (size_t)(at - p);
}
