// see dissect.h. Here: the bytes by name, one table a layer. A field that the frame is too short
// for is left out.
#include "viz/dissect.h"

#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/vlan_wire.h"

enum form { FORM_MAC, FORM_TYPE, FORM_U8, FORM_U16, FORM_U32, FORM_HEX16, FORM_ADDR4, FORM_ADDR6,
            FORM_PROTO, FORM_FLAGS, FORM_WORDS, FORM_FRAG, FORM_IHL, FORM_ARP_OP, FORM_VLAN };

struct row { const char *name; uint8_t at, len, form; };

static const struct row eth_rows[] = {
    {"Dst MAC", 0, 6, FORM_MAC}, {"Src MAC", 6, 6, FORM_MAC}, {"Type", 12, 2, FORM_TYPE}};
static const struct row vlan_rows[] = {{"VLAN", 0, 2, FORM_VLAN}, {"Type", 2, 2, FORM_TYPE}};
static const struct row arp_rows[] = {
    {"Operation", 6, 2, FORM_ARP_OP}, {"Sender MAC", 8, 6, FORM_MAC},
    {"Sender IP", 14, 4, FORM_ADDR4}, {"Target MAC", 18, 6, FORM_MAC},
    {"Target IP", 24, 4, FORM_ADDR4}};
static const struct row ip4_rows[] = {
    {"Version, IHL", 0, 1, FORM_IHL}, {"Length", 2, 2, FORM_U16}, {"Id", 4, 2, FORM_U16},
    {"Fragment", 6, 2, FORM_FRAG}, {"TTL", 8, 1, FORM_U8}, {"Protocol", 9, 1, FORM_PROTO},
    {"IP checksum", 10, 2, FORM_HEX16}, {"Source", 12, 4, FORM_ADDR4},
    {"Destination", 16, 4, FORM_ADDR4}};
static const struct row ip6_rows[] = {
    {"Payload", 4, 2, FORM_U16}, {"Next header", 6, 1, FORM_PROTO}, {"Hop limit", 7, 1, FORM_U8},
    {"Source", 8, 16, FORM_ADDR6}, {"Destination", 24, 16, FORM_ADDR6}};
static const struct row tcp_rows[] = {
    {"Src port", 0, 2, FORM_U16}, {"Dst port", 2, 2, FORM_U16}, {"Seq", 4, 4, FORM_U32},
    {"Ack", 8, 4, FORM_U32}, {"Header", 12, 1, FORM_WORDS}, {"Flags", 13, 1, FORM_FLAGS},
    {"Window", 14, 2, FORM_U16}, {"Checksum", 16, 2, FORM_HEX16}, {"Urgent", 18, 2, FORM_U16}};
static const struct row udp_rows[] = {
    {"Src port", 0, 2, FORM_U16}, {"Dst port", 2, 2, FORM_U16}, {"Length", 4, 2, FORM_U16},
    {"Checksum", 6, 2, FORM_HEX16}};
static const struct row icmp_rows[] = {
    {"ICMP type", 0, 1, FORM_U8}, {"ICMP code", 1, 1, FORM_U8}, {"Checksum", 2, 2, FORM_HEX16}};
// What the other four bytes of the header are depends on the type.
static const struct row echo_rows[] = {
    {"Identifier", 4, 2, FORM_U16}, {"Sequence", 6, 2, FORM_U16}};
static const struct row mtu4_rows[] = {{"Next MTU", 6, 2, FORM_U16}};
static const struct row mtu6_rows[] = {{"MTU", 4, 4, FORM_U32}};
static const struct row gateway_rows[] = {{"Gateway", 4, 4, FORM_ADDR4}};
static const struct row pointer4_rows[] = {{"Pointer", 4, 1, FORM_U8}};
static const struct row pointer6_rows[] = {{"Pointer", 4, 4, FORM_U32}};
static const struct row advert_rows[] = {
    {"Hop limit", 4, 1, FORM_U8}, {"Lifetime, s", 6, 2, FORM_U16}};
static const struct row groups_rows[] = {{"Groups", 6, 2, FORM_U16}};
static const struct row target_rows[] = {{"Target", 8, 16, FORM_ADDR6}};
static const struct row group_rows[] = {{"Group", 8, 16, FORM_ADDR6}};

static void put_proto(struct text *t, uint8_t proto)
{
    text_put_u64(t, proto);
    text_put_str(t, proto == IP_PROTO_TCP    ? "  TCP"
                    : proto == IP_PROTO_UDP  ? "  UDP"
                    : proto == IP_PROTO_ICMP4 ? "  ICMP"
                    : proto == IP_PROTO_ICMP6 ? "  ICMPv6"
                    : proto == IP_PROTO_IGMP  ? "  IGMP" : "");
}

static void put_type(struct text *t, uint16_t type)
{
    text_put_str(t, "0x");
    text_put_hex(t, type, 4);
    text_put_str(t, type == ETH_TYPE_IP4   ? "  IPv4"
                    : type == ETH_TYPE_IP6 ? "  IPv6"
                    : type == ETH_TYPE_ARP ? "  ARP"
                    : type == ETH_TYPE_VLAN ? "  802.1Q" : "");
}

static void put_frag(struct text *t, uint16_t v)
{
    if (v & 0x4000) text_put_str(t, "do not");
    else if ((v & 0x3fff) == 0) text_put_str(t, "no");
    if ((v & 0x3fff) == 0) return;
    text_put_str(t, "at ");
    text_put_u64(t, (uint64_t)(v & 0x1fff) * 8);
    if (v & 0x2000) text_put_str(t, ", more");
}

static void put_value(struct text *t, const uint8_t *p, const struct row *row)
{
    switch ((enum form)row->form) {
    case FORM_MAC:   text_put_mac(t, mac_of_bytes(p)); break;
    case FORM_TYPE:  put_type(t, get16(p)); break;
    case FORM_VLAN:  text_put_u64(t, get16(p) & 0xfff); break;
    case FORM_U8:    text_put_u64(t, *p); break;
    case FORM_U16:   text_put_u64(t, get16(p)); break;
    case FORM_U32:   text_put_u64(t, get32(p)); break;
    case FORM_HEX16: text_put_hex(t, get16(p), 4); break;
    case FORM_ADDR4: text_put_addr(t, addr_ip4_bytes(p)); break;
    case FORM_ADDR6: text_put_addr(t, addr_ip6_bytes(p)); break;
    case FORM_PROTO: put_proto(t, *p); break;
    case FORM_FLAGS: text_put_flags(t, *p); break;
    case FORM_WORDS: text_put_u64(t, (uint64_t)(*p >> 4) * 4), text_put_str(t, " bytes"); break;
    case FORM_FRAG:  put_frag(t, get16(p)); break;
    case FORM_IHL:
        text_put_u64(t, *p >> 4), text_put_str(t, ", ");
        text_put_u64(t, (uint64_t)(*p & 15) * 4), text_put_str(t, " bytes");
        break;
    case FORM_ARP_OP: text_put_str(t, get16(p) == ARP_REPLY ? "2  reply" : "1  request"); break;
    default: break;
    }
}

struct fields { struct header_field *f; size_t n; const uint8_t *p; uint32_t len; };

static void add_rows(struct fields *fs, enum layer layer, uint32_t base, const struct row *row,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fs->n == FIELDS_MAX || base + row[i].at + row[i].len > fs->len) return;
        struct header_field *f = &fs->f[fs->n++];
        *f = (struct header_field){.at = base + row[i].at, .len = row[i].len,
                                   .layer = (uint8_t)layer, .name = row[i].name};
        struct text t = text_of(f->value, sizeof f->value);
        put_value(&t, fs->p + f->at, &row[i]);
    }
}

#define ADD(fs, layer, base, rows) add_rows(fs, layer, base, rows, ARRAY_LEN(rows))

static void add_run(struct fields *fs, enum layer layer, const char *name, uint32_t from,
                    uint32_t to)
{
    if (fs->n == FIELDS_MAX || to > fs->len || from >= to) return;
    struct header_field *f = &fs->f[fs->n++];
    *f = (struct header_field){.at = from, .len = to - from, .layer = (uint8_t)layer, .name = name};
    struct text t = text_of(f->value, sizeof f->value);
    text_put_u64(&t, f->len);
    text_put_str(&t, " B");
    if (layer != LAYER_DATA) return;
    text_put_str(&t, "  ");
    text_put_printable(&t, fs->p + from, f->len < 12 ? f->len : 12);
}

static void add_icmp4(struct fields *fs, const struct dissect *d)
{
    uint32_t at = d->l4;
    switch (d->icmp_type) {
    case ICMP4_ECHO: case ICMP4_ECHO_REPLY: ADD(fs, LAYER_TRANSPORT, at, echo_rows); break;
    case ICMP4_UNREACHABLE:
        if (d->icmp_code == ICMP4_FRAG_NEEDED) ADD(fs, LAYER_TRANSPORT, at, mtu4_rows);
        break;
    case ICMP4_REDIRECT: ADD(fs, LAYER_TRANSPORT, at, gateway_rows); break;
    case ICMP4_PARAM_PROBLEM: ADD(fs, LAYER_TRANSPORT, at, pointer4_rows); break;
    default: break;
    }
}

static void add_icmp6(struct fields *fs, const struct dissect *d)
{
    uint32_t at = d->l4;
    switch (d->icmp_type) {
    case ICMP6_ECHO: case ICMP6_ECHO_REPLY: ADD(fs, LAYER_TRANSPORT, at, echo_rows); break;
    case ICMP6_TOO_BIG: ADD(fs, LAYER_TRANSPORT, at, mtu6_rows); break;
    case ICMP6_PARAM_PROBLEM: ADD(fs, LAYER_TRANSPORT, at, pointer6_rows); break;
    case ICMP6_ROUTER_ADVERT: ADD(fs, LAYER_TRANSPORT, at, advert_rows); break;
    case ICMP6_MLD2_REPORT: ADD(fs, LAYER_TRANSPORT, at, groups_rows); break;
    case ICMP6_NEIGHBOUR_SOLICIT: case ICMP6_NEIGHBOUR_ADVERT: case ICMP6_REDIRECT:
        ADD(fs, LAYER_DATA, at, target_rows);
        break;
    case ICMP6_MLD_QUERY: case ICMP6_MLD_REPORT: case ICMP6_MLD_DONE:
        ADD(fs, LAYER_DATA, at, group_rows);
        break;
    default: break;
    }
}

size_t dissect_fields(const struct dissect *d, const uint8_t *p, struct header_field f[FIELDS_MAX])
{
    struct fields fs = {f, 0, p, d->len};
    ADD(&fs, LAYER_ETH, 0, eth_rows);
    for (uint32_t tag = ETH_HDR_LEN; tag < d->l3; tag += VLAN_TAG_LEN)
        ADD(&fs, LAYER_ETH, tag, vlan_rows);
    if (d->l3 == 0) return fs.n;
    if (d->kind == PACKET_ARP) ADD(&fs, LAYER_IP, d->l3, arp_rows);
    if (d->family == FAMILY_IP4) ADD(&fs, LAYER_IP, d->l3, ip4_rows);
    if (d->family == FAMILY_IP6) ADD(&fs, LAYER_IP, d->l3, ip6_rows);
    if (d->l4 != 0 && d->kind == PACKET_TCP) {
        ADD(&fs, LAYER_TRANSPORT, d->l4, tcp_rows);
        add_run(&fs, LAYER_TRANSPORT, "Options", d->l4 + TCP_HDR_MIN, d->payload);
    }
    if (d->l4 != 0 && d->kind == PACKET_UDP) ADD(&fs, LAYER_TRANSPORT, d->l4, udp_rows);
    if (d->l4 != 0 && d->kind == PACKET_ICMP) {
        ADD(&fs, LAYER_TRANSPORT, d->l4, icmp_rows);
        if (d->family == FAMILY_IP4) add_icmp4(&fs, d);
        else add_icmp6(&fs, d);
    }
    if (d->kind != PACKET_ARP) add_run(&fs, LAYER_DATA, "Payload", d->payload, d->end);
    if (d->end < d->len) add_run(&fs, LAYER_ETH, "Padding", d->end, d->len);
    return fs.n;
}
