// ip_fuzz.c - fragments and extension headers of both families into a host: it neither crashes, nor
// leaks, nor wants to run in the past, whatever is held, put together, answered or forgotten.
//
// The input is a run of records: a byte of flags, a byte of length, that many bytes. Flags: 1 IPv6
// (else IPv4), 2 to many, 4 a fragment whose offset and identification come from the bytes' first
// two, 8 the last one, 16 a sound ICMPv6 checksum, 32 hop limit 255, 64 a wait before it. The first
// byte that is left says what follows the header. ip_corpus/ begins with packets of both families
// in pieces that fit and in pieces that do not, and with chains of extension headers.
#include "base/csum.h"
#include "core/frame.h"
#include "net/host.h"
#include "stack.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

enum { IP6 = 1, MANY = 2, FRAG = 4, LAST = 8, SUM = 16, LOCAL = 32, WAIT = 64, ROOM = 512 };

struct record { uint8_t flags, next; uint16_t offset, id; const uint8_t *p; size_t len; };

static struct addr ip6(uint8_t a, uint8_t b, uint8_t last)
{
    return (struct addr){.family = FAMILY_IP6, .b = {a, b, [15] = last}};
}

static size_t put_ip6(const struct record *r, uint8_t *to)
{
    bool frag = (r->flags & FRAG) != 0;
    struct ip6_packet ip = {
        .src = ip6(0xfe, 0x80, 9), .dst = r->flags & MANY ? ip6(0xff, 2, 1) : ip6(0xfd, 0, 1),
        .hop_limit = r->flags & LOCAL ? 255 : 1, .proto = r->next, .has_frag = frag,
        .mf = !(r->flags & LAST), .frag_offset = r->offset, .frag_id = r->id,
        .payload_len = (uint16_t)(r->len + (frag ? 8 : 0)),
    };
    size_t n = ip6_emit(&ip, to);
    memcpy(to + n, r->p, r->len);
    if ((r->flags & SUM) && r->len >= 4 && !frag) {
        put16(to + n + 2, 0);
        uint16_t pseudo = csum_pseudo(ip.src, ip.dst, IP_PROTO_ICMP6, r->len);
        put16(to + n + 2, csum_field(csum_add(pseudo, csum_sum(to + n, r->len))));
    }
    return n + r->len;
}

static size_t put_ip4(const struct record *r, uint8_t *to)
{
    bool frag = (r->flags & FRAG) != 0;
    struct ip4_packet ip = {
        .src = addr_ip4(0x0a000002), .dst = addr_ip4(r->flags & MANY ? 0xe0000001 : 0x0a000001),
        .ttl = r->flags & LOCAL ? 1 : 64, .proto = r->next, .mf = frag && !(r->flags & LAST),
        .frag_offset = frag ? r->offset : 0, .id = r->id,
        .total_len = (uint16_t)(IP4_HDR_MIN + r->len),
    };
    size_t n = ip4_emit(&ip, to);
    memcpy(to + n, r->p, r->len);
    return n + r->len;
}

static void give(struct host *h, struct netif *n, const struct record *r, nsec now)
{
    uint8_t bytes[ROOM];
    bool six = (r->flags & IP6) != 0;
    size_t at = eth_emit(&(struct eth_frame){
        .dst = {{2, 0, 0, 0, 0, 1}}, .src = {{2, 0, 0, 0, 0, 2}},
        .type = six ? ETH_TYPE_IP6 : ETH_TYPE_IP4}, bytes);
    at += six ? put_ip6(r, bytes + at) : put_ip4(r, bytes + at);
    struct frame *f = ng_host_frame(h, at);
    if (f == NULL) return;
    memcpy(frame_start(f), bytes, at);
    ng_host_input(h, n, f, now);
}

static void settle(struct host *h, struct netif *n, nsec now)
{
    ng_host_run(h, now);
    for (struct frame *f; (f = ng_netif_take(n)) != NULL;) frame_free(f);
    while (ng_host_ready(h) != 0) {}
    CHECK(ng_host_next(h) >= now);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    nsec now = SEC(1);
    struct host *h = ng_host_new(&(struct ng_host_config){.id = 1, .seed = 1, .now = now,
                                                          .memory = 4 << 20});
    CHECK(h != NULL);
    CHECK(ng_host_set(h, "net.ipv6.conf.all.accept_ra", "1") == 0);
    CHECK(ng_host_set(h, "net.ipv4.ipfrag_high_thresh", "65536") == 0);
    struct netif *n = ng_host_add_netif(h, &(struct ng_netif_config){.mac = {{2, 0, 0, 0, 0, 1}}});
    CHECK(ng_netif_add_addr(n, addr_ip4(0x0a000001), 24) == 0);
    CHECK(ng_netif_add_addr(n, ip6(0xfd, 0, 1), 64) == 0);
    while (len >= 5) {
        struct record r = {.flags = p[0], .next = p[4], .id = p[3], .len = p[1]};
        r.offset = (uint16_t)(p[2] * 8);
        p += 5;
        len -= 5;
        if (r.len > len) r.len = len;
        r.p = p;
        if (r.flags & WAIT) now += SEC(7);
        give(h, n, &r, now);
        settle(h, n, now);
        p += r.len;
        len -= r.len;
    }
    settle(h, n, now + SEC(100));
    ng_host_free(h);
    return 0;
}
