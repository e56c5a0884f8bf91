// netif_test.c - addresses, the queue and its limit, and work that the device does not do: sums
// and the cutting of super-frames.
#include "claims.h"
#include "net/gso.h"
#include "net/ip.h"
#include "net/own.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/tcp_wire.h"

static struct wire_pair p;

static void setup(void) { pair_open(&p, 0); }
static void teardown(void) { pair_close(&p); }

static const struct { const char *addr; unsigned bits; int want; } adds[] = {
    {"10.0.0.7",        24,  0},
    {"10.1.0.7",        32,  0},
    {"10.1.0.7",        0,   0},
    {"10.0.0.1",        24,  -EEXIST},
    {"0.0.0.0",         24,  -EINVAL},
    {"224.0.0.1",       24,  -EINVAL},
    {"255.255.255.255", 24,  -EINVAL},
    {"127.0.0.1",       8,   -EEXIST},  // lo has it
    {"10.1.0.7",        33,  -EINVAL},
};

START_TEST(add_addr_takes_what_a_station_may_have)
{
    struct addr a;
    ck_assert(addr_parse(&a, adds[_i].addr));
    unsigned told = p.log.events[TRACE_NETIF_ADDR];
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], a, adds[_i].bits), adds[_i].want);
    ck_assert_uint_eq(p.log.events[TRACE_NETIF_ADDR], told + (adds[_i].want == 0));
    if (adds[_i].want < 0) return;
    ck_assert(ip_is_local(p.h[0], a));
    ck_assert_uint_eq(own_find(p.n[0], a)->prefix.bits, adds[_i].bits);
}
END_TEST

START_TEST(addresses_have_a_limit)
{
    for (uint32_t i = 1; i < NETIF_ADDRS; i++)
        ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr_ip4(0x0b000000 + i), 24), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr_ip4(0x0c000001), 24), -ENOSPC);
}
END_TEST

START_TEST(interfaces_have_numbers_names_and_limits)
{
    ck_assert_uint_eq(ng_netif_id(p.n[0]), 1);
    ck_assert_uint_eq(p.log.events[TRACE_NETIF_NEW], 2);  // lo is silent until it is used
    struct ng_netif_config cfg = {.name = "eth1", .mac = {{2, 0, 0, 0, 0, 9}}};
    ck_assert_uint_eq(ng_netif_id(ng_host_add_netif(p.h[0], &cfg)), 2);
    cfg.mac.b[0] = 3;
    ck_assert_ptr_null(ng_host_add_netif(p.h[0], &cfg));  // a group cannot send
    cfg.mac.b[0] = 2;
    cfg.mtu = 67;
    ck_assert_ptr_null(ng_host_add_netif(p.h[0], &cfg));
    cfg.mtu = 65536;
    ck_assert_ptr_null(ng_host_add_netif(p.h[0], &cfg));
    cfg.mtu = 0;
    for (int i = 2; i < NETIF_MAX; i++) ck_assert_ptr_nonnull(ng_host_add_netif(p.h[0], &cfg));
    ck_assert_ptr_null(ng_host_add_netif(p.h[0], &cfg));
}
END_TEST

START_TEST(a_full_queue_drops_the_newest)
{
    struct netif *n = ng_host_add_netif(p.h[0], &(struct ng_netif_config){
        .name = "eth1", .mac = {{2, 0, 0, 0, 0, 9}}, .txq_frames = 2});
    for (unsigned i = 0; i < 3; i++) {
        struct frame *f = frame_from(&p.h[0]->pool, (const uint8_t *)"abc" + i, 1);
        netif_enqueue(n, f);
    }
    ck_assert_uint_eq(p.log.drops[DROP_TXQ_FULL], 1);
    for (unsigned i = 0; i < 2; i++) {
        struct frame *f = ng_netif_take(n);
        ck_assert_int_eq(*frame_start(f), "abc"[i]);
        ck_assert_uint_eq(f->id >> 40, 1);
        ck_assert_uint_eq(f->id & 0xff, i + 1);
        frame_free(f);
    }
    ck_assert_ptr_null(ng_netif_take(n));
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_TX], 2);
}
END_TEST

START_TEST(frames_left_in_the_queue_end_with_the_host)
{
    netif_enqueue(p.n[0], frame_new(&p.h[0]->pool));  // teardown CHECKs that nothing is lost
}
END_TEST

// --- super-frames ------------------------------------------------------------------------------

enum { GSO_LEN = 3500, GSO_SIZE = 1000, GSO_MARK = 1200,
       HEADERS = ETH_HDR_LEN + IP4_HDR_MIN + 20 + 12 };

// A super-frame of 3500 bytes in slices of 700, as TCP would send it.
static struct frame *super_frame(struct host *h)
{
    struct frame *f = frame_new(&h->pool);
    for (unsigned i = 0; i < GSO_LEN / 700; i++) {
        struct chunk *c = chunk_new(&h->pool, 700);
        for (unsigned k = 0; k < 700; k++) c->data[k] = (uint8_t)((i * 700 + k) % 251);
        frame_give(f, (struct slice){c, 0, 700});
    }
    struct tcp_seg seg = {.sport = 1, .dport = 2, .seq = seq_of(0xfffffc00), .ack = seq_of(77),
                          .wnd = 5, .flags = TCP_ACK | TCP_PSH | TCP_FIN | TCP_CWR | TCP_URG,
                          .urg = GSO_MARK,
                          .opts = {.has_ts = true, .ts_val = 3, .ts_ecr = 4}};
    uint8_t hdr[TCP_HDR_MAX];
    size_t len = tcp_emit(&seg, hdr);
    ck_assert_uint_eq(len, 32);
    memcpy(frame_push(f, len), hdr, len);
    put16(((struct tcp_hdr *)frame_start(f))->csum,
          csum_pseudo(ADDR_A, ADDR_B, IP_PROTO_TCP, len + GSO_LEN));
    f->l4 = (uint16_t)f->start;
    f->csum = CSUM_TODO;
    f->csum_off = offsetof(struct tcp_hdr, csum);
    f->gso_size = GSO_SIZE;
    f->why = SENT_DATA;
    f->conn = 42;
    return f;
}

static void send_super(struct wire_pair *w)
{
    ip_output(w->h[0], super_frame(w->h[0]),
              &(struct ip_dest){.dst = ADDR_B, .proto = IP_PROTO_TCP, .dont_fragment = true});
}

static void check_segment(const struct frame *f, unsigned i)
{
    uint8_t all[2000];
    size_t len = frame_flatten(f, all, sizeof all);
    bool last = i == 3;
    size_t payload = last ? 500 : GSO_SIZE;
    ck_assert_uint_eq(len, HEADERS + payload);
    struct ip4_packet ip;
    ck_assert_int_eq(ip4_parse(&ip, all + ETH_HDR_LEN, len - ETH_HDR_LEN), DROP_NONE);
    ck_assert(ip4_csum_ok(all + ETH_HDR_LEN, IP4_HDR_MIN));
    ck_assert_uint_eq(ip.total_len, len - ETH_HDR_LEN);
    ck_assert_uint_eq(ip.id, i);
    uint8_t *tcp = all + ETH_HDR_LEN + IP4_HDR_MIN;
    struct tcp_seg seg;
    ck_assert_int_eq(tcp_parse(&seg, tcp, 32 + payload), DROP_NONE);
    ck_assert(csum_ok(csum_pseudo(ADDR_A, ADDR_B, IP_PROTO_TCP, 32 + payload), tcp, 32 + payload));
    ck_assert_uint_eq(seg.seq.raw, 0xfffffc00u + i * GSO_SIZE);
    ck_assert_uint_eq(seg.flags, TCP_ACK | (last ? TCP_PSH | TCP_FIN : 0) | (i == 0 ? TCP_CWR : 0)
                                     | (i < 2 ? TCP_URG : 0));
    ck_assert_uint_eq(seg.urg, i < 2 ? GSO_MARK - i * GSO_SIZE : 0);  // where it was
    ck_assert_uint_eq(seg.opts.ts_val, 3);
    for (size_t k = 0; k < payload; k++)
        if (tcp[32 + k] != (i * GSO_SIZE + k) % 251) ck_abort_msg("byte %zu of segment %u", k, i);
    ck_assert_uint_eq(f->conn, 42);
    ck_assert_int_eq(f->why, SENT_DATA);
    ck_assert_uint_eq(f->gso_size, 0);
    ck_assert_uint_eq(f->csum, CSUM_NONE);
}

START_TEST(a_super_frame_is_cut_where_the_device_cannot)
{
    pair_meet(&p);
    send_super(&p);
    uint64_t ids[4];
    for (unsigned i = 0; i < 4; i++) {
        struct frame *f = ng_netif_take(p.n[0]);
        ck_assert_ptr_nonnull(f);
        check_segment(f, i);
        ids[i] = f->id;
        frame_free(f);
    }
    ck_assert_ptr_null(ng_netif_take(p.n[0]));
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_TX], 4);
    ck_assert(ids[0] != ids[1] && ids[1] != ids[2] && ids[2] != ids[3]);
    ck_assert_uint_eq(ids[0], p.log.last[TRACE_FRAME_STEP].frame_step.frame);  // the super's own
}
END_TEST

// A received super-frame is contiguous: its payload begins in the head.
START_TEST(a_contiguous_super_frame_is_cut_alike)
{
    pair_meet(&p);
    send_super(&p);
    p.n[0]->offload = NETIF_TSO | NETIF_CSUM;
    struct frame *f = ng_netif_take(p.n[0]);
    struct frame *flat = frame_copy(&p.h[0]->pool, f);
    frame_free(f);
    flat->conn = 42;
    uint32_t at = 0;
    for (unsigned i = 0; i < 4; i++) {
        struct frame *seg = gso_next(p.h[0], flat, &at);
        frame_finish_csum(seg);
        check_segment(seg, i);
        frame_free(seg);
    }
    ck_assert_uint_eq(at, gso_payload(flat));
    frame_free(flat);
}
END_TEST

START_TEST(a_device_that_can_gets_it_whole)
{
    p.n[0]->offload = NETIF_TSO | NETIF_CSUM;
    pair_meet(&p);
    send_super(&p);
    struct frame *f = ng_netif_take(p.n[0]);
    ck_assert_uint_eq(f->len, HEADERS + GSO_LEN);
    ck_assert_uint_eq(f->gso_size, GSO_SIZE);
    ck_assert_uint_eq(f->csum, CSUM_TODO);
    ck_assert_uint_eq(f->slices, 5);
    ck_assert_int_eq(p.log.last[TRACE_FRAME_TX].frame_tx.csum_todo, 1);
    frame_free(f);
}
END_TEST

START_TEST(memory_that_ends_while_cutting_ends_the_rest)
{
    pair_meet(&p);
    send_super(&p);
    frame_free(ng_netif_take(p.n[0]));
    p.h[0]->pool.fail_in = 1 + _i;
    ck_assert_ptr_null(ng_netif_take(p.n[0]));
    ck_assert_uint_eq(p.log.drops[DROP_NO_MEMORY], 1);
    ck_assert(!netif_waits(p.n[0]));
}
END_TEST

START_TEST(a_half_cut_super_frame_ends_with_the_host)
{
    pair_meet(&p);
    send_super(&p);
    frame_free(ng_netif_take(p.n[0]));
    ck_assert(netif_waits(p.n[0]));  // teardown CHECKs that nothing is lost
}
END_TEST

START_TEST(too_big_for_the_link_and_not_to_be_cut_is_dropped)
{
    struct frame *f = super_frame(p.h[0]);
    f->gso_size = 0;
    ip_output(p.h[0], f, &(struct ip_dest){.dst = ADDR_B, .proto = IP_PROTO_TCP,
                                            .dont_fragment = true});
    ck_assert_uint_eq(p.log.drops[DROP_IP_TOO_BIG], 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("netif");
    TCase *c = tcase_create("netif");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, add_addr_takes_what_a_station_may_have, 0, ARRAY_LEN(adds));
    tcase_add_test(c, addresses_have_a_limit);
    tcase_add_test(c, interfaces_have_numbers_names_and_limits);
    tcase_add_test(c, a_full_queue_drops_the_newest);
    tcase_add_test(c, frames_left_in_the_queue_end_with_the_host);
    tcase_add_test(c, a_super_frame_is_cut_where_the_device_cannot);
    tcase_add_test(c, a_contiguous_super_frame_is_cut_alike);
    tcase_add_test(c, a_device_that_can_gets_it_whole);
    tcase_add_loop_test(c, memory_that_ends_while_cutting_ends_the_rest, 0, 2);
    tcase_add_test(c, a_half_cut_super_frame_ends_with_the_host);
    tcase_add_test(c, too_big_for_the_link_and_not_to_be_cut_is_dropped);
    suite_add_tcase(s, c);
    return run_claims(s);
}
