// addr.c - see addr.h.
#include "base/addr.h"

enum { IP6_GROUPS = 8 };

struct addr addr_ip4(uint32_t host_order)
{
    struct addr a = {.family = FAMILY_IP4};
    put32(a.b, host_order);
    return a;
}

struct addr addr_ip4_bytes(const uint8_t b[4])
{
    struct addr a = {.family = FAMILY_IP4};
    memcpy(a.b, b, 4);
    return a;
}

struct addr addr_ip6_bytes(const uint8_t b[16])
{
    struct addr a = {.family = FAMILY_IP6};
    memcpy(a.b, b, 16);
    return a;
}

struct addr addr_any(enum family family) { return (struct addr){.family = (uint8_t)family}; }

uint32_t addr_ip4_u32(struct addr a) { return get32(a.b); }

bool addr_is_any(struct addr a)
{
    static const uint8_t zero[sizeof a.b];
    return memcmp(a.b, zero, sizeof zero) == 0;
}

bool addr_is_multicast(struct addr a)
{
    if (a.family == FAMILY_IP4) return a.b[0] >> 4 == 14;
    return a.family == FAMILY_IP6 && a.b[0] == 0xff;
}

bool addr_is_loopback(struct addr a)
{
    static const struct addr ip6_loopback = {FAMILY_IP6, {[15] = 1}};
    if (a.family == FAMILY_IP4) return a.b[0] == 127;
    return addr_eq(a, ip6_loopback);
}

bool addr_is_broadcast(struct addr a)
{
    return a.family == FAMILY_IP4 && addr_ip4_u32(a) == UINT32_MAX;
}

bool addr_is_link_local(struct addr a)
{
    if (a.family == FAMILY_IP4) return a.b[0] == 169 && a.b[1] == 254;
    return a.family == FAMILY_IP6 && a.b[0] == 0xfe && (a.b[1] & 0xc0) == 0x80;
}

bool addr_binds(struct addr bound, struct addr a)
{
    if (!addr_is_any(bound)) return addr_eq(bound, a);
    return bound.family != FAMILY_IP4 || a.family == FAMILY_IP4;
}

int addr_compare(struct addr a, struct addr b)
{
    if (a.family != b.family) return a.family < b.family ? -1 : 1;
    return memcmp(a.b, b.b, sizeof a.b);
}

struct addr addr_mask(struct addr a, unsigned bits)
{
    for (unsigned i = 0; i < sizeof a.b; i++) {
        unsigned keep = bits <= i * 8 ? 0 : bits - i * 8 < 8 ? bits - i * 8 : 8;
        a.b[i] &= (uint8_t)(0xff00u >> keep);
    }
    return a;
}

unsigned addr_common_bits(struct addr a, struct addr b)
{
    unsigned most = a.family == b.family ? (unsigned)addr_len(a) * 8 : 0;
    unsigned n = 0;
    while (n < most && ((a.b[n / 8] ^ b.b[n / 8]) & 0x80 >> n % 8) == 0) n++;
    return n;
}

bool prefix_contains(struct prefix p, struct addr a)
{
    unsigned whole = p.bits / 8, rest = p.bits % 8;
    if (a.family != p.addr.family || memcmp(a.b, p.addr.b, whole) != 0) return false;
    return rest == 0 || (a.b[whole] ^ p.addr.b[whole]) >> (8 - rest) == 0;
}

struct addr prefix_broadcast(struct prefix p)
{
    if (p.addr.family != FAMILY_IP4) return addr_any(p.addr.family);
    uint32_t host_bits = p.bits >= 32 ? 0 : UINT32_MAX >> p.bits;
    return addr_ip4(addr_ip4_u32(p.addr) | host_bits);
}

static bool take_ip4(const char **at, uint8_t b[4])
{
    for (int i = 0; i < 4; i++) {
        uint64_t v;
        if (i > 0 && !text_take_char(at, '.')) return false;
        if (!text_take_u64(at, 255, &v)) return false;
        b[i] = (uint8_t)v;
    }
    return true;
}

// One to four hexadecimal digits.
static bool take_group(const char **at, uint8_t b[2])
{
    unsigned v = 0, digits = 0;
    for (int d; digits < 4 && (d = text_hex_digit(**at)) >= 0; digits++, (*at)++)
        v = v << 4 | (unsigned)d;
    put16(b, (uint16_t)v);
    return digits > 0 && text_hex_digit(**at) < 0;
}

// Groups one by one; `gap` is where "::" stood, and the groups after it move to the end.
static bool take_ip6(const char **at, uint8_t b[16])
{
    uint8_t read[16] = {0};
    int n = 0, gap = -1;
    if ((*at)[0] == ':' && (*at)[1] == ':') {
        gap = 0;
        *at += 2;
    }
    while (n < IP6_GROUPS) {
        const char *group = *at;
        if (n == gap && text_hex_digit(*group) < 0) break;  // "::" stood last
        if (n <= IP6_GROUPS - 2 && take_ip4(at, read + 2 * n)) { n += 2; break; }
        *at = group;
        if (!take_group(at, read + 2 * n)) return false;
        n++;
        if (n == IP6_GROUPS || **at != ':') break;
        (*at)++;
        if (**at != ':') continue;
        if (gap >= 0) return false;
        gap = n;
        (*at)++;
    }
    if (gap < 0 ? n != IP6_GROUPS : n == IP6_GROUPS) return false;
    if (gap < 0) gap = n;
    memset(b, 0, 16);
    memcpy(b, read, (size_t)(2 * gap));
    memcpy(b + 2 * (IP6_GROUPS - (n - gap)), read + 2 * gap, (size_t)(2 * (n - gap)));
    return true;
}

static bool take_addr(const char **at, struct addr *out)
{
    const char *start = *at;
    struct addr a = {.family = FAMILY_IP4};
    if (!take_ip4(at, a.b)) {
        *at = start;
        a = addr_any(FAMILY_IP6);
        if (!take_ip6(at, a.b)) return false;
    }
    *out = a;
    return true;
}

bool addr_parse(struct addr *out, const char *s)
{
    struct addr a;
    if (!take_addr(&s, &a) || *s != '\0') return false;
    *out = a;
    return true;
}

bool prefix_parse(struct prefix *out, const char *s)
{
    struct addr a;
    uint64_t bits;
    if (!take_addr(&s, &a) || !text_take_char(&s, '/')) return false;
    if (!text_take_u64(&s, addr_len(a) * 8, &bits) || *s != '\0') return false;
    *out = (struct prefix){a, (uint8_t)bits};
    return true;
}

bool endpoint_parse(struct endpoint *out, const char *s)
{
    struct addr a;
    uint64_t port;
    bool bracket = text_take_char(&s, '[');
    if (!take_addr(&s, &a) || bracket != (a.family == FAMILY_IP6)) return false;
    if (bracket && !text_take_char(&s, ']')) return false;
    if (!text_take_char(&s, ':') || !text_take_u64(&s, UINT16_MAX, &port) || *s != '\0')
        return false;
    *out = (struct endpoint){a, (uint16_t)port};
    return true;
}

bool mac_parse(struct mac *out, const char *s)
{
    struct mac m;
    for (int i = 0; i < 6; i++) {
        if (i > 0 && !text_take_char(&s, ':')) return false;
        int high = text_hex_digit(s[0]);
        int low = high < 0 ? -1 : text_hex_digit(s[1]);
        if (low < 0) return false;
        m.b[i] = (uint8_t)(high << 4 | low);
        s += 2;
    }
    if (*s != '\0') return false;
    *out = m;
    return true;
}

static void put_ip4(struct text *t, const uint8_t b[4])
{
    for (int i = 0; i < 4; i++) {
        if (i > 0) text_put_char(t, '.');
        text_put_u64(t, b[i]);
    }
}

// RFC 5952 §4.2: the longest run of zero groups, the first of equals, and never of one group only.
static void find_zeros(const uint8_t b[16], int *from, int *len)
{
    *from = -1;
    *len = 1;
    for (int i = 0, run = 0; i < IP6_GROUPS; i++) {
        run = get16(b + 2 * i) == 0 ? run + 1 : 0;
        if (run <= *len) continue;
        *len = run;
        *from = i + 1 - run;
    }
}

static void put_ip6(struct text *t, const uint8_t b[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(b, mapped, sizeof mapped) == 0) {  // RFC 5952 §5
        text_put_str(t, "::ffff:");
        put_ip4(t, b + 12);
        return;
    }
    int from, len;
    find_zeros(b, &from, &len);
    for (int i = 0; i < IP6_GROUPS; i++) {
        if (i == from) {
            text_put_str(t, "::");
            i += len - 1;
            continue;
        }
        if (i > 0 && i != from + len) text_put_char(t, ':');
        text_put_hex(t, get16(b + 2 * i), 1);
    }
}

void text_put_addr(struct text *t, struct addr a)
{
    switch (a.family) {
    case FAMILY_IP4: put_ip4(t, a.b); break;
    case FAMILY_IP6: put_ip6(t, a.b); break;
    default:         text_put_char(t, '*'); break;
    }
}

void text_put_prefix(struct text *t, struct prefix p)
{
    text_put_addr(t, p.addr);
    text_put_char(t, '/');
    text_put_u64(t, p.bits);
}

void text_put_endpoint(struct text *t, struct endpoint e)
{
    bool bracket = e.addr.family == FAMILY_IP6;
    if (bracket) text_put_char(t, '[');
    text_put_addr(t, e.addr);
    text_put_str(t, bracket ? "]:" : ":");
    text_put_u64(t, e.port);
}

void text_put_mac(struct text *t, struct mac m)
{
    for (int i = 0; i < 6; i++) {
        if (i > 0) text_put_char(t, ':');
        text_put_hex(t, m.b[i], 2);
    }
}

const char *addr_print(struct addr a, char buf[ADDR_TEXT])
{
    struct text t = text_of(buf, ADDR_TEXT);
    text_put_addr(&t, a);
    return buf;
}

const char *prefix_print(struct prefix p, char buf[PREFIX_TEXT])
{
    struct text t = text_of(buf, PREFIX_TEXT);
    text_put_prefix(&t, p);
    return buf;
}

const char *endpoint_print(struct endpoint e, char buf[ENDPOINT_TEXT])
{
    struct text t = text_of(buf, ENDPOINT_TEXT);
    text_put_endpoint(&t, e);
    return buf;
}

const char *mac_print(struct mac m, char buf[MAC_TEXT])
{
    struct text t = text_of(buf, MAC_TEXT);
    text_put_mac(&t, m);
    return buf;
}

bool mac_is_zero(struct mac m) { return mac_eq(m, (struct mac){{0}}); }

struct mac mac_of_bytes(const uint8_t b[6])
{
    struct mac m;
    memcpy(m.b, b, sizeof m.b);
    return m;
}

bool mac_is_station(struct mac m) { return !mac_is_group(m) && !mac_is_zero(m); }

struct mac mac_of_multicast(struct addr a)
{
    CHECK(addr_is_multicast(a));
    if (a.family == FAMILY_IP6)
        return (struct mac){{0x33, 0x33, a.b[12], a.b[13], a.b[14], a.b[15]}};
    return (struct mac){{0x01, 0x00, 0x5e, a.b[1] & 0x7f, a.b[2], a.b[3]}};
}
