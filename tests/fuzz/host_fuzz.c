// host_fuzz.c - any frames at any time into a host with sockets open: it neither crashes, nor
// leaks, nor wants to run in the past, nor sends what it could not itself read.
//
// The first byte says whether the world speaks IPv6. Then comes a run of records: a byte of flags,
// a byte of length, that many bytes of frame. Flags ask for repairs, so that more than checksum
// errors is tried: 1 sets the MAC and the EtherType of the family, 2 our address as the
// destination, 4 the header checksum (of IPv6: the payload's length), 8 vouches for the transport's
// checksum, 16 a wait before it, 32 answers of the application, 64 a super-frame, 128 a TCP segment
// that continues the conversation: its numbers count from where the host's last segment ended.
#include <errno.h>

#include "base/csum.h"
#include "core/frame.h"
#include "net/host.h"
#include "stack.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

enum { MAC = 1, DST = 2, CSUM = 4, VOUCHED = 8, WAIT = 16, APP = 32, GSO = 64, TALK = 128 };
enum { PORT = 7, SOCKS = 16 };

struct world {
    bool          six;
    struct host  *h;
    struct netif *n;
    nsec          now;
    ng_app        app;
    ng_sock       sock[SOCKS];
    unsigned      socks;
    struct tcp_seg said;      // the last segment the host sent
    uint32_t       said_end;  // the number behind it
    uint8_t        said_to[16];
};

static struct addr name(const struct world *w, uint8_t last)
{
    if (!w->six) return addr_ip4(0x0a000000 + last);
    return (struct addr){.family = FAMILY_IP6, .b = {0xfd, [15] = last}};
}

static size_t hdr_of(const struct world *w) { return w->six ? IP6_HDR_LEN : IP4_HDR_MIN; }

// Where the header has the sender's address; the destination's follows.
static size_t src_at(const struct world *w) { return w->six ? 8 : 12; }
static size_t addr_bytes(const struct world *w) { return w->six ? 16 : 4; }

static void open_one(struct world *w, enum sock_kind kind)
{
    int error;
    struct endpoint any = {addr_any(w->six ? FAMILY_IP6 : FAMILY_IP4), PORT};
    ng_sock s = ng_sock_open(w->h, w->app, kind, &error);
    if (s == 0) return;
    ng_sock_bind(w->h, s, &any);
    if (kind == KIND_TCP) ng_sock_listen(w->h, s, 4);
    w->sock[w->socks++] = s;
}

static void world_open(struct world *w, bool six)
{
    *w = (struct world){.now = SEC(1), .six = six};
    w->h = ng_host_new(&(struct ng_host_config){.id = 1, .seed = 1, .now = w->now,
                                                .memory = 4 << 20});
    CHECK(w->h != NULL);
    w->n = ng_host_add_netif(w->h, &(struct ng_netif_config){.mac = {{2, 0, 0, 0, 0, 1}}});
    struct addr us = name(w, 1);
    CHECK(ng_host_set(w->h, "net.ipv6.conf.all.accept_ra", "1") == 0);
    CHECK(ng_netif_add_addr(w->n, us, six ? 64 : 24) == 0);
    CHECK(ng_host_add_route(w->h, addr_any((enum family)us.family), 0, name(w, 254), w->n) == 0);
    w->app = ng_app_new(w->h, "fuzz", false);
    open_one(w, KIND_UDP);
    open_one(w, KIND_TCP);
}

static void repair(const struct world *w, uint8_t *p, size_t len, unsigned flags)
{
    static const uint8_t eth[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    if (len < ETH_HDR_LEN + hdr_of(w)) return;
    uint8_t *ip = p + ETH_HDR_LEN;
    size_t hdr_len = (size_t)(ip[0] & 15) * 4, there = len - ETH_HDR_LEN;
    if (flags & MAC) memcpy(p, eth, sizeof eth);
    if (flags & MAC) put16(p + 12, w->six ? ETH_TYPE_IP6 : ETH_TYPE_IP4);
    if (flags & DST) memcpy(ip + src_at(w) + addr_bytes(w), name(w, 1).b, addr_bytes(w));
    if (w->six && (flags & CSUM)) put16(ip + 4, (uint16_t)(there - IP6_HDR_LEN));
    if (w->six || (flags & CSUM) == 0 || hdr_len < IP4_HDR_MIN || hdr_len > there) return;
    put16(ip + 10, 0);
    put16(ip + 10, csum_field(csum_sum(ip, hdr_len)));
}

// Both ports, and both numbers as offsets, as the peer of the last segment would have them. Where
// nothing was said yet, a SYN begins it.
static void continue_talk(const struct world *w, uint8_t *p, size_t len)
{
    size_t at = ETH_HDR_LEN + hdr_of(w);
    uint8_t *ip = p + ETH_HDR_LEN;
    if (len < at + TCP_HDR_MIN) return;
    struct tcp_hdr *t = (struct tcp_hdr *)(p + at);
    bool first = w->said.dport == 0;
    if (first) {
        t->off = 5 << 4;
        t->flags = TCP_SYN;
    }
    ip[0] = w->six ? 0x60 : 0x45;
    if (!w->six) ip[6] = ip[7] = 0;
    ip[w->six ? 6 : 9] = IP_PROTO_TCP;
    put16(ip + (w->six ? 4 : 2), (uint16_t)(len - (w->six ? at : ETH_HDR_LEN)));
    memcpy(ip + src_at(w), first ? name(w, 2).b : w->said_to, addr_bytes(w));
    put16(t->sport, first ? 5000 : w->said.dport);
    put16(t->dport, first ? PORT : w->said.sport);
    put32(t->seq, w->said.ack.raw + (uint32_t)(int8_t)t->seq[3]);
    put32(t->ack, w->said_end + (uint32_t)(int8_t)t->ack[3]);
}

static void listen_to(struct world *w, const uint8_t *ip, size_t len)
{
    struct tcp_seg seg;
    size_t at = hdr_of(w);
    if (ip[w->six ? 6 : 9] != IP_PROTO_TCP) return;
    CHECK(tcp_parse(&seg, ip + at, len - at) == DROP_NONE);
    if (seg.flags & TCP_RST) return;
    w->said = seg;
    memcpy(w->said_to, ip + src_at(w) + addr_bytes(w), addr_bytes(w));
    w->said_end = seg.seq.raw + (uint32_t)(len - at - seg.hdr_len)
                + !!(seg.flags & TCP_SYN) + !!(seg.flags & TCP_FIN);
}

// What goes out must be sound: a receiver could read it.
static void drain(struct world *w)
{
    for (struct frame *f; (f = ng_netif_take(w->n)) != NULL; frame_free(f)) {
        static uint8_t all[FRAME_MAX];
        struct eth_frame eth;
        struct ip4_packet ip;
        struct ip6_packet ip6;
        size_t len = frame_flatten(f, all, sizeof all);
        CHECK(len == f->len);
        CHECK(eth_parse(&eth, all, len) == DROP_NONE);
        CHECK(f->gso_size == 0 && f->csum != CSUM_TODO);
        CHECK(len <= ETH_HDR_LEN + 1500);
        if (eth.type == ETH_TYPE_IP6) {
            CHECK(ip6_parse(&ip6, all + ETH_HDR_LEN, len - ETH_HDR_LEN) == DROP_NONE);
            CHECK(ip6.problem == IP6_PROBLEM_NONE);
            CHECK((size_t)ip6.payload_len + IP6_HDR_LEN == len - ETH_HDR_LEN);
        } else if (eth.type == ETH_TYPE_IP4) {
            CHECK(ip4_parse(&ip, all + ETH_HDR_LEN, len - ETH_HDR_LEN) == DROP_NONE);
            CHECK(ip4_csum_ok(all + ETH_HDR_LEN, ip.hdr_len));
            CHECK(ip.total_len == len - ETH_HDR_LEN);
        }
        if (eth.type == (w->six ? ETH_TYPE_IP6 : ETH_TYPE_IP4))
            listen_to(w, all + ETH_HDR_LEN, len - ETH_HDR_LEN);
    }
}

static void serve(struct world *w)
{
    static uint8_t buf[2048];
    for (ng_sock s; (s = ng_host_ready(w->h)) != 0;) {
        struct endpoint from;
        int error;
        if (ng_sock_events(w->h, s) & NG_ACCEPTABLE && w->socks < SOCKS) {
            ng_sock in = ng_sock_accept(w->h, s, &from, &error);
            if (in != 0) w->sock[w->socks++] = in;
        }
        ssize_t n = ng_sock_recvfrom(w->h, s, buf, sizeof buf, &from);
        if (n > 0 && s == w->sock[0]) ng_sock_sendto(w->h, s, buf, (size_t)n, &from);
        else if (n > 0) ng_sock_write(w->h, s, buf, (size_t)n);
        else if (n != -EAGAIN && s != w->sock[0] && s != w->sock[1]) ng_sock_close(w->h, s);
    }
}

static void run(struct world *w)
{
    ng_host_run(w->h, w->now);
    nsec next = ng_host_next(w->h);
    CHECK(next > 0);
    drain(w);
}

static void input(struct world *w, const uint8_t *p, size_t len, unsigned flags)
{
    if (flags & WAIT) {
        nsec next = ng_host_next(w->h);
        w->now += len == 0 && next != NEVER && next > w->now ? next - w->now : MSEC(100);
        run(w);
    }
    struct frame *f = ng_host_frame(w->h, len);
    if (f == NULL) return;
    memcpy(frame_start(f), p, len);
    if (flags & TALK) continue_talk(w, frame_start(f), len);
    repair(w, frame_start(f), len, flags);
    if (flags & VOUCHED) f->csum = CSUM_CHECKED;
    if (flags & GSO) f->gso_size = 100;
    ng_host_input(w->h, w->n, f, w->now);
    run(w);
    if (flags & APP) serve(w);
    run(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    struct world w;
    if (len == 0) return 0;
    world_open(&w, p[0] & 1);
    p++;
    for (const uint8_t *end = p + len - 1; end - p >= 2;) {
        unsigned flags = p[0];
        size_t want = p[1], there = (size_t)(end - p) - 2, n = want < there ? want : there;
        input(&w, p + 2, n, flags);
        p += 2 + n;
    }
    ng_app_exit(w.h, w.app);
    w.now += SEC(1);
    run(&w);
    ng_host_free(w.h);  // CHECKs that nothing is lost
    return 0;
}
