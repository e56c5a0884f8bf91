// igmp_wire.c - see igmp_wire.h.
#include "wire/igmp_wire.h"

#include "base/csum.h"

enum { HDR_LEN = 8, SUPPRESS = 0x08, ROBUSTNESS = 0x07, NEWEST_LEN = 4 };

// Every message there is. One table serves both directions.
static const struct { uint8_t family, kind, version, type; } wire_type[] = {
    {FAMILY_IP4, IGMP_QUERY,   3, 0x11}, {FAMILY_IP4, IGMP_REPORT, 1, 0x12},
    {FAMILY_IP4, IGMP_REPORT,  2, 0x16}, {FAMILY_IP4, IGMP_LEAVE,  2, 0x17},
    {FAMILY_IP4, IGMP_RECORDS, 3, 0x22},
    {FAMILY_IP6, IGMP_QUERY,   2, 130},  {FAMILY_IP6, IGMP_REPORT, 1, 131},
    {FAMILY_IP6, IGMP_LEAVE,   1, 132},  {FAMILY_IP6, IGMP_RECORDS, 2, 143},
};

static size_t group_len(uint8_t family) { return family == FAMILY_IP4 ? 4 : 16; }

// IGMP's group takes the place of MLD's maximum response and reserve.
static size_t group_at(uint8_t family) { return family == FAMILY_IP4 ? 4 : 8; }

static size_t short_len(uint8_t family) { return group_at(family) + group_len(family); }

static uint8_t newest(uint8_t family) { return family == FAMILY_IP4 ? 3 : 2; }

static struct addr group_of(uint8_t family, const uint8_t *p)
{
    return family == FAMILY_IP4 ? addr_ip4_bytes(p) : addr_ip6_bytes(p);
}

static enum drop parse_query(struct igmp_message *m, const uint8_t *p, size_t len)
{
    bool ip4 = m->family == FAMILY_IP4;
    size_t at = short_len(m->family);
    m->max_resp = ip4 ? p[1] : get16(p + 4);
    if (len == at) {
        m->version = ip4 && m->max_resp > 0 ? 2 : 1;
        return DROP_NONE;
    }
    if (len < at + NEWEST_LEN) return DROP_IGMP_TRUNCATED;
    m->suppress = (p[at] & SUPPRESS) != 0;
    m->robustness = p[at] & ROBUSTNESS;
    m->interval = p[at + 1];
    m->sources = get16(p + at + 2);
    m->source = p + at + NEWEST_LEN;
    if (m->sources * group_len(m->family) > len - at - NEWEST_LEN) return DROP_IGMP_TRUNCATED;
    return DROP_NONE;
}

static enum drop parse_records(struct igmp_message *m, const uint8_t *p, size_t len)
{
    size_t at = HDR_LEN, size = group_len(m->family);
    for (unsigned n = get16(p + 6); n > 0; n--) {
        if (len - at < 4 + size) return DROP_IGMP_TRUNCATED;
        struct igmp_record r = {
            .kind = p[at], .group = group_of(m->family, p + at + 4),
            .sources = get16(p + at + 2), .source = p + at + 4 + size,
        };
        size_t rest = r.sources * size + (size_t)p[at + 1] * 4;
        at += 4 + size;
        if (len - at < rest) return DROP_IGMP_TRUNCATED;
        at += rest;
        if (m->records < IGMP_RECORDS_MAX) m->record[m->records++] = r;
    }
    return DROP_NONE;
}

enum drop igmp_parse(struct igmp_message *m, enum family family, const uint8_t *p, size_t len)
{
    if (len < HDR_LEN) return DROP_IGMP_TRUNCATED;
    struct igmp_message k = {.family = (uint8_t)family};
    size_t i = 0;
    while (i < ARRAY_LEN(wire_type) && (wire_type[i].family != family || wire_type[i].type != p[0]))
        i++;
    if (i == ARRAY_LEN(wire_type)) return DROP_IGMP_UNKNOWN_TYPE;
    k.kind = wire_type[i].kind;
    k.version = wire_type[i].version;

    enum drop why = DROP_NONE;
    if (k.kind == IGMP_RECORDS) {
        why = parse_records(&k, p, len);
    } else {
        if (len < short_len(k.family)) return DROP_IGMP_TRUNCATED;
        k.group = group_of(k.family, p + group_at(k.family));
        if (k.kind == IGMP_QUERY) why = parse_query(&k, p, len);
    }
    if (why == DROP_NONE) *m = k;
    return why;
}

static bool has_sources(const struct igmp_message *m)
{
    return m->kind == IGMP_QUERY && m->version == newest(m->family);
}

size_t igmp_size(const struct igmp_message *m)
{
    size_t size = group_len(m->family);
    if (m->kind != IGMP_RECORDS)
        return short_len(m->family) + (has_sources(m) ? NEWEST_LEN + m->sources * size : 0);
    size_t len = HDR_LEN;
    for (int i = 0; i < m->records; i++) len += 4 + size + m->record[i].sources * size;
    return len;
}

static void put_sources(uint8_t *p, const uint8_t *source, size_t len)
{
    if (len > 0) memcpy(p, source, len);
}

static void put_query(const struct igmp_message *m, uint8_t *p)
{
    if (m->family == FAMILY_IP4) p[1] = (uint8_t)m->max_resp;
    else put16(p + 4, m->max_resp);
    if (!has_sources(m)) return;
    uint8_t *at = p + short_len(m->family);
    at[0] = (uint8_t)((m->suppress ? SUPPRESS : 0) | (m->robustness & ROBUSTNESS));
    at[1] = m->interval;
    put16(at + 2, m->sources);
    put_sources(at + NEWEST_LEN, m->source, m->sources * group_len(m->family));
}

static void put_records(const struct igmp_message *m, uint8_t *p)
{
    size_t size = group_len(m->family);
    put16(p + 6, m->records);
    uint8_t *at = p + HDR_LEN;
    for (int i = 0; i < m->records; i++) {
        const struct igmp_record *r = &m->record[i];
        at[0] = r->kind;
        at[1] = 0;
        put16(at + 2, r->sources);
        memcpy(at + 4, r->group.b, size);
        put_sources(at + 4 + size, r->source, r->sources * size);
        at += 4 + size + r->sources * size;
    }
}

// The type of an older query is that of the newest.
static uint8_t type_of(const struct igmp_message *m)
{
    for (size_t i = 0; i < ARRAY_LEN(wire_type); i++) {
        if (wire_type[i].family != m->family || wire_type[i].kind != m->kind) continue;
        if (m->kind == IGMP_QUERY || wire_type[i].version == m->version) return wire_type[i].type;
    }
    return 0;
}

size_t igmp_emit(const struct igmp_message *m, uint8_t *p)
{
    uint8_t type = type_of(m);
    CHECK(type != 0);
    CHECK(m->records <= IGMP_RECORDS_MAX);
    memset(p, 0, m->kind == IGMP_RECORDS ? (size_t)HDR_LEN : short_len(m->family));
    p[0] = type;
    if (m->kind != IGMP_RECORDS)
        memcpy(p + group_at(m->family), m->group.b, group_len(m->family));
    if (m->kind == IGMP_QUERY) put_query(m, p);
    if (m->kind == IGMP_RECORDS) put_records(m, p);
    size_t len = igmp_size(m);
    if (m->family == FAMILY_IP4) put16(p + 2, csum_field(csum_sum(p, len)));
    return len;
}

// Large values are stored as three bits of exponent and a mantissa whose top bit is understood
// (RFC 3376 §4.1.1, RFC 3810 §5.1.3).
static uint32_t float_value(uint32_t code, unsigned mantissa_bits)
{
    uint32_t top = 1u << mantissa_bits;
    if (code < top << 3) return code;
    return ((code & (top - 1)) | top) << ((code >> mantissa_bits & 7) + 3);
}

uint32_t igmp_max_resp_ms(const struct igmp_message *m)
{
    if (m->family == FAMILY_IP6 && m->version == 1) return m->max_resp;
    if (m->family == FAMILY_IP6) return float_value(m->max_resp, 12);
    if (m->version == 1) return 10000;  // the fixed time of version 1 (RFC 2236 §4)
    return 100 * (m->version == 2 ? m->max_resp : float_value(m->max_resp, 4));
}
