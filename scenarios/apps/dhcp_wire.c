// dhcp_wire.c - see dhcp_wire.h. Option numbers are those of RFC 2132.
#include "scenarios/apps/dhcp_wire.h"

enum { OPT_PAD = 0, OPT_MASK = 1, OPT_ROUTER = 3, OPT_DNS = 6, OPT_REQUESTED = 50, OPT_LEASE = 51,
       OPT_KIND = 53, OPT_SERVER = 54, OPT_WISHES = 55, OPT_MAX_SIZE = 57, OPT_RENEW = 58,
       OPT_REBIND = 59, OPT_CLIENT_ID = 61, OPT_END = 255 };
enum { AT_XID = 4, AT_SECS = 8, AT_FLAGS = 10, AT_CIADDR = 12, AT_YIADDR = 16, AT_CHADDR = 28,
       AT_MAGIC = 236, MESSAGE_LEAST = 300, SIZE_MOST = 1472 };
static const uint32_t magic = 0x63825363, broadcast_flag = 0x8000;

static uint8_t bits_of(uint32_t mask)
{
    uint8_t bits = 0;
    while (bits < 32 && (mask & 0x80000000u >> bits) != 0) bits++;
    return bits;
}

static uint8_t take_list(struct addr to[DHCP_LIST], const uint8_t *p, size_t len)
{
    uint8_t n = 0;
    for (; n < DHCP_LIST && len >= 4; n++, p += 4, len -= 4) to[n] = addr_ip4_bytes(p);
    return n;
}

static void take_option(struct dhcp_message *m, uint8_t kind, const uint8_t *p, size_t len)
{
    if (kind == OPT_KIND && len == 1) m->kind = p[0];
    if (len < 4) return;
    switch (kind) {
    case OPT_MASK:      m->mask_bits = bits_of(get32(p)); break;
    case OPT_REQUESTED: m->requested = addr_ip4_bytes(p); break;
    case OPT_SERVER:    m->server = addr_ip4_bytes(p); break;
    case OPT_LEASE:     m->lease_s = get32(p); break;
    case OPT_RENEW:     m->renew_s = get32(p); break;
    case OPT_REBIND:    m->rebind_s = get32(p); break;
    case OPT_ROUTER:    m->routers = take_list(m->router, p, len); break;
    case OPT_DNS:       m->servers = take_list(m->dns, p, len); break;
    }
}

bool dhcp_parse(struct dhcp_message *m, const uint8_t *p, size_t len)
{
    if (len < DHCP_FIXED_LEN || get32(p + AT_MAGIC) != magic || p[1] != 1 || p[2] != 6)
        return false;
    struct dhcp_message k = {
        .op = p[0], .xid = get32(p + AT_XID), .secs = get16(p + AT_SECS),
        .broadcast = (get16(p + AT_FLAGS) & broadcast_flag) != 0,
        .ciaddr = addr_ip4_bytes(p + AT_CIADDR), .yiaddr = addr_ip4_bytes(p + AT_YIADDR),
        .chaddr = mac_of_bytes(p + AT_CHADDR),
    };
    for (size_t at = DHCP_FIXED_LEN; at < len && p[at] != OPT_END;) {
        if (p[at] == OPT_PAD) { at++; continue; }
        if (len - at < 2 || p[at + 1] > len - at - 2) return false;
        take_option(&k, p[at], p + at + 2, p[at + 1]);
        at += 2 + (size_t)p[at + 1];
    }
    if (k.kind == DHCP_NONE) return false;
    *m = k;
    return true;
}

static uint8_t *put_option(uint8_t *at, uint8_t kind, const void *bytes, uint8_t len)
{
    at[0] = kind;
    at[1] = len;
    memcpy(at + 2, bytes, len);
    return at + 2 + len;
}

static uint8_t *put_addr(uint8_t *at, uint8_t kind, struct addr a)
{
    return a.family == FAMILY_NONE ? at : put_option(at, kind, a.b, 4);
}

static uint8_t *put_number(uint8_t *at, uint8_t kind, uint32_t v)
{
    uint8_t bytes[4];
    put32(bytes, v);
    return v == 0 ? at : put_option(at, kind, bytes, 4);
}

static uint8_t *put_list(uint8_t *at, uint8_t kind, const struct addr *list, uint8_t n)
{
    uint8_t bytes[4 * DHCP_LIST];
    for (uint8_t i = 0; i < n; i++) memcpy(bytes + (size_t)4 * i, list[i].b, 4);
    return n == 0 ? at : put_option(at, kind, bytes, (uint8_t)(4 * n));
}

size_t dhcp_emit(const struct dhcp_message *m, uint8_t *p)
{
    static const uint8_t wishes[] = {OPT_MASK, OPT_ROUTER, OPT_DNS, OPT_LEASE, OPT_RENEW,
                                     OPT_REBIND};
    memset(p, 0, DHCP_EMIT_MAX);
    p[0] = m->op;
    p[1] = 1;  // Ethernet
    p[2] = 6;
    put32(p + AT_XID, m->xid);
    put16(p + AT_SECS, m->secs);
    put16(p + AT_FLAGS, m->broadcast ? (uint16_t)broadcast_flag : 0);
    memcpy(p + AT_CIADDR, m->ciaddr.b, 4);
    memcpy(p + AT_YIADDR, m->yiaddr.b, 4);
    memcpy(p + AT_CHADDR, m->chaddr.b, 6);
    put32(p + AT_MAGIC, magic);

    uint8_t *at = put_option(p + DHCP_FIXED_LEN, OPT_KIND, &m->kind, 1);
    at = put_addr(at, OPT_REQUESTED, m->requested);
    at = put_addr(at, OPT_SERVER, m->server);
    if (m->mask_bits > 0) at = put_number(at, OPT_MASK, UINT32_MAX << (32 - m->mask_bits));
    at = put_list(at, OPT_ROUTER, m->router, m->routers);
    at = put_list(at, OPT_DNS, m->dns, m->servers);
    at = put_number(at, OPT_LEASE, m->lease_s);
    at = put_number(at, OPT_RENEW, m->renew_s);
    at = put_number(at, OPT_REBIND, m->rebind_s);
    if (m->op == DHCP_BOOTREQUEST) {
        uint8_t id[7] = {1}, size[2];
        memcpy(id + 1, m->chaddr.b, 6);
        put16(size, SIZE_MOST);
        at = put_option(at, OPT_CLIENT_ID, id, sizeof id);
        at = put_option(at, OPT_MAX_SIZE, size, sizeof size);
        at = put_option(at, OPT_WISHES, wishes, sizeof wishes);
    }
    *at++ = OPT_END;
    size_t len = (size_t)(at - p);
    return len < MESSAGE_LEAST ? MESSAGE_LEAST : len;  // some servers want what BOOTP had
}
