// ladder_frame.c - reads a frame for its row: what it says, in numbers that count from the start of
// its connection. All of it comes from the bytes, so a foreign capture reads the same.
#include "scenarios/cli/ladder_rows.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/print.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"
#include "wire/vlan_wire.h"

struct packet {
    struct addr    src, dst;
    uint8_t        proto;
    const uint8_t *payload;
    size_t         held, len;  // bytes of payload that are here, and that there were
    bool           cut;        // it is a fragment:
    struct ladder_fragment part;
};

struct flow *ladder_flow(const struct ladder *l, struct endpoint a, struct endpoint b)
{
    for (size_t i = l->flows.count; i-- > 0;) {
        struct flow *f = LADDER_AT(l->flows, struct flow, i);
        if ((endpoint_eq(f->end[0], a) && endpoint_eq(f->end[1], b))
            || (endpoint_eq(f->end[0], b) && endpoint_eq(f->end[1], a)))
            return f;
    }
    return NULL;
}

// The flow of a frame from a to b, made if it is the first.
static struct flow *take_flow(struct ladder *l, struct row *r, struct endpoint a,
                              struct endpoint b)
{
    struct flow *f = ladder_flow(l, a, b);
    if (f == NULL) {
        f = vec_add(&l->flows, sizeof *f);
        if (f == NULL) return NULL;
        f->end[0] = a;
        f->end[1] = b;
        r->first = true;
    }
    r->flow = (uint32_t)(f - (struct flow *)l->flows.p) + 1;
    return f;
}

static void put_flags(struct text *t, uint8_t flags)
{
    static const struct { uint8_t bit; const char *name; } names[] = {
        {TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"}, {TCP_ACK, "ACK"},
        {TCP_URG, "URG"}, {TCP_ECE, "ECE"}, {TCP_CWR, "CWR"}};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!(flags & names[i].bit)) continue;
        if (any) text_put_char(t, ',');
        text_put_str(t, names[i].name);
        any = true;
    }
    if (!any) text_put_str(t, "no flags");
}

static uint32_t relative(struct flow_side *side, uint32_t raw, bool syn)
{
    if (!side->known) {
        side->known = true;
        side->base = syn ? raw : raw - 1;
    }
    return raw - side->base;
}

// The reason alone does not tell: the bytes do.
static bool may_be_again(enum sent why)
{
    return why == SENT_FOREIGN || why == SENT_TAIL_PROBE || why == SENT_RESIZED;
}

static void count_numbers(struct flow *f, struct row *r, const struct tcp_seg *seg, bool from_1)
{
    struct flow_side *mine = &f->side[from_1], *theirs = &f->side[!from_1];
    bool syn = (seg->flags & TCP_SYN) != 0;
    // A new SYN on old ports begins anew.
    if (syn && mine->known && seg->seq.raw != mine->base) *mine = (struct flow_side){0};
    if (syn) {
        mine->scaled = seg->opts.has_wscale;
        mine->scale = seg->opts.wscale;
    }
    // Who refuses has no numbers of its own (RFC 9293 §3.10.7.1).
    bool refuses = (seg->flags & TCP_RST) != 0 && !mine->known;
    r->seq = refuses ? seg->seq.raw : relative(mine, seg->seq.raw, syn);
    if (seg->flags & TCP_ACK) r->ack = relative(theirs, seg->ack.raw, false);
    bool scaled = !syn && mine->scaled && theirs->scaled;
    r->win = (uint32_t)seg->wnd << (scaled && mine->scale <= TCP_WSCALE_MAX ? mine->scale : 0);
    uint32_t space = r->len + syn + ((seg->flags & TCP_FIN) != 0), end = r->seq + space;
    if (space > 0 && may_be_again(r->why) && (int32_t)(end - mine->high) <= 0 && mine->high > 0)
        r->again = true;
    if ((int32_t)(end - mine->high) > 0) mine->high = end;
}

static void read_tcp(struct ladder *l, struct row *r, const struct packet *p)
{
    struct tcp_seg seg;
    struct text t = text_of(r->text, sizeof r->text);
    if (tcp_parse(&seg, p->payload, p->held) != DROP_NONE || seg.hdr_len > p->len) return;
    struct endpoint src = {p->src, seg.sport}, dst = {p->dst, seg.dport};
    r->tcp = true;
    r->flags = seg.flags;
    r->len = (uint32_t)(p->len - seg.hdr_len);
    put_flags(&t, seg.flags);
    struct flow *f = take_flow(l, r, src, dst);
    if (f == NULL) return;
    f->tcp = true;
    count_numbers(f, r, &seg, !endpoint_eq(f->end[0], src));
    r->look = seg.flags & (TCP_SYN | TCP_FIN | TCP_RST) ? LOOK_CONTROL
              : r->len > 0 ? LOOK_DATA : LOOK_ACK;
}

static void read_udp(struct ladder *l, struct row *r, const struct packet *p)
{
    struct udp_datagram d;
    if (p->held < UDP_HDR_LEN || udp_parse(&d, p->payload, p->len) != DROP_NONE) return;
    struct text t = text_of(r->text, sizeof r->text);
    text_put_str(&t, "UDP len=");
    text_put_u64(&t, (uint64_t)d.len - UDP_HDR_LEN);
    text_put_str(&t, " to port ");
    text_put_u64(&t, d.dport);
    take_flow(l, r, (struct endpoint){p->src, d.sport}, (struct endpoint){p->dst, d.dport});
    r->look = LOOK_UDP;
}

static bool open_ip4(struct packet *p, const uint8_t *b, size_t len)
{
    struct ip4_packet ip;
    if (ip4_parse_quoted(&ip, b, len) != DROP_NONE) return false;
    if (ip.total_len < ip.hdr_len) return false;
    *p = (struct packet){.src = ip.src, .dst = ip.dst, .proto = ip.proto,
                         .payload = b + ip.hdr_len, .held = len - ip.hdr_len,
                         .len = (size_t)ip.total_len - ip.hdr_len,
                         .cut = ip4_is_fragment(&ip)};
    p->part = (struct ladder_fragment){ip.id, ip.frag_offset, (uint32_t)p->len, ip.mf};
    if (p->held > p->len) p->held = p->len;
    return true;
}

static bool open_ip6(struct packet *p, const uint8_t *b, size_t len)
{
    struct ip6_packet ip;
    if (ip6_parse_quoted(&ip, b, len) != DROP_NONE) return false;
    size_t all = (size_t)ip.payload_len + 40;  // the fixed header
    if (all < ip.hdr_len || len < ip.hdr_len) return false;
    *p = (struct packet){.src = ip.src, .dst = ip.dst, .proto = ip.proto,
                         .payload = b + ip.hdr_len, .held = len - ip.hdr_len,
                         .len = all - ip.hdr_len, .cut = ip6_is_fragment(&ip)};
    p->part = (struct ladder_fragment){ip.frag_id, ip.frag_offset, (uint32_t)p->len, ip.mf};
    if (p->held > p->len) p->held = p->len;
    return true;
}

static void read_arp(struct row *r, const uint8_t *b, size_t len)
{
    struct arp_packet arp;
    if (arp_parse(&arp, b, len) != DROP_NONE) return;
    struct text t = text_of(r->text, sizeof r->text);
    r->look = LOOK_ARP;
    text_put_str(&t, arp.op == ARP_REQUEST ? "ARP who has " : "ARP ");
    text_put_addr(&t, arp.op == ARP_REQUEST ? arp.target : arp.sender);
    if (arp.op == ARP_REQUEST) {
        text_put_char(&t, '?');
        return;
    }
    text_put_str(&t, " is at ");
    text_put_mac(&t, arp.sender_mac);
}

// Where a recording does not know both ends, addresses stand for hosts.
static void place(struct ladder *l, struct row *r, const struct packet *p)
{
    if (r->host == LADDER_NOWHERE) r->host = ladder_host_at(l, p->src);
    if (r->to == LADDER_NOWHERE) r->to = ladder_host_at(l, p->dst);
}

static void read_ip(struct ladder *l, struct row *r, const struct packet *p)
{
    place(l, r, p);
    if (p->cut) ladder_read_fragment(r, &p->part);
    else if (p->proto == IP_PROTO_TCP) read_tcp(l, r, p);
    else if (p->proto == IP_PROTO_UDP) read_udp(l, r, p);
    else if (p->proto == IP_PROTO_ICMP4) ladder_read_icmp4(r, p->payload, p->held);
    else if (p->proto == IP_PROTO_ICMP6) ladder_read_icmp6(r, p->payload, p->held);
}

void ladder_read_frame(struct ladder *l, struct row *r, const uint8_t *p, size_t len)
{
    struct eth_frame eth;
    struct packet ip;
    r->look = LOOK_PLAIN;
    if (len > 0 && eth_parse(&eth, p, len) == DROP_NONE) {
        size_t at = ETH_HDR_LEN;
        at += vlan_skip(&eth.type, p + at, len - at);
        const uint8_t *b = p + at;
        size_t left = len - at;
        if (eth.type == ETH_TYPE_ARP) read_arp(r, b, left);
        else if (eth.type == ETH_TYPE_IP4 && open_ip4(&ip, b, left)) read_ip(l, r, &ip);
        else if (eth.type == ETH_TYPE_IP6 && open_ip6(&ip, b, left)) read_ip(l, r, &ip);
    }
    if (r->text[0] != 0) return;
    struct text t = text_of(r->text, sizeof r->text);
    if (len > 0) print_frame(&t, p, len);
    else text_put_str(&t, "a frame");
}
