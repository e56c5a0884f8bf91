// arp_test.c - who is asked, who is believed, and who is not.
#include "claims.h"
#include "net/neigh.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"

#define MAC_EVIL ((struct mac){{2, 0, 0, 0, 0, 0x66}})
#define ADDR_C   addr_ip4(0x0a000003)

static struct wire_pair p;

static void setup(void) { pair_open(&p, 0); }
static void teardown(void) { pair_close(&p); }

// host b hears an ARP packet.
static void hear(uint16_t op, struct mac from_mac, struct addr from, struct addr target)
{
    struct arp_packet arp = {.op = op, .sender_mac = from_mac, .sender = from,
                             .target_mac = op == ARP_REPLY ? MAC_B : (struct mac){{0}},
                             .target = target};
    struct packet k = packet_arp(&arp, op == ARP_REPLY ? MAC_B : MAC_BROADCAST);
    pair_inject(&p, 1, packet_bytes(&k), k.len);
}

static enum nud state_of(struct addr a)
{
    const struct neigh *n = neigh_find(p.n[1], a);
    return n == NULL ? NUD_NONE : n->state;
}

START_TEST(a_question_for_us_is_answered_and_its_sender_learned)
{
    hear(ARP_REQUEST, MAC_A, ADDR_A, ADDR_B);
    ck_assert_int_eq(state_of(ADDR_A), NUD_STALE);
    ck_assert_uint_eq(p.log.steps[STEP_ARP_LEARN], 1);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 0);

    struct frame *f = ng_netif_take(p.n[1]);
    ck_assert_ptr_nonnull(f);
    struct eth_frame eth;
    struct arp_packet arp;
    ck_assert_int_eq(eth_parse(&eth, frame_start(f), f->head_len), DROP_NONE);
    ck_assert(mac_eq(eth.dst, MAC_A) && mac_eq(eth.src, MAC_B) && eth.type == ETH_TYPE_ARP);
    ck_assert_int_eq(arp_parse(&arp, frame_start(f) + ETH_HDR_LEN, ARP_LEN), DROP_NONE);
    ck_assert(arp.op == ARP_REPLY && mac_eq(arp.sender_mac, MAC_B));
    ck_assert(addr_eq(arp.sender, ADDR_B) && addr_eq(arp.target, ADDR_A));
    ck_assert(mac_eq(arp.target_mac, MAC_A));
    ck_assert_int_eq(f->why, SENT_ARP_REPLY);
    frame_free(f);
}
END_TEST

START_TEST(a_probe_is_answered_and_not_learned)  // RFC 5227 §1.1: sender 0.0.0.0
{
    hear(ARP_REQUEST, MAC_A, addr_any(FAMILY_IP4), ADDR_B);
    ck_assert_int_eq(state_of(addr_any(FAMILY_IP4)), NUD_NONE);
    struct frame *f = ng_netif_take(p.n[1]);
    ck_assert_ptr_nonnull(f);
    frame_free(f);
}
END_TEST

START_TEST(a_stranger_from_another_subnet_is_answered_and_not_learned)
{
    hear(ARP_REQUEST, MAC_A, addr_ip4(0xc0a80001), ADDR_B);
    ck_assert_int_eq(state_of(addr_ip4(0xc0a80001)), NUD_NONE);
    struct frame *f = ng_netif_take(p.n[1]);
    ck_assert_ptr_nonnull(f);
    frame_free(f);
}
END_TEST

static const struct {
    const char *what;
    uint16_t    op;
    struct mac  mac;
    uint32_t    sender, target;
    enum drop   want;
} refused[] = {
    {"asks for another",        ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0x0a000001, 0x0a000003,
     DROP_ARP_NOT_MINE},
    {"announces itself",        ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0x0a000001, 0x0a000001,
     DROP_ARP_NOT_MINE},
    {"an answer unasked",       ARP_REPLY,   {{2, 0, 0, 0, 0, 1}}, 0x0a000001, 0x0a000002,
     DROP_ARP_UNASKED},
    {"an answer to another",    ARP_REPLY,   {{2, 0, 0, 0, 0, 1}}, 0x0a000001, 0x0a000003,
     DROP_ARP_UNASKED},
    {"no operation we know",    3,           {{2, 0, 0, 0, 0, 1}}, 0x0a000001, 0x0a000002,
     DROP_ARP_BAD_KIND},
    {"sender is a group MAC",   ARP_REQUEST, {{3, 0, 0, 0, 0, 1}}, 0x0a000001, 0x0a000002,
     DROP_ARP_BAD_SENDER},
    {"sender has no MAC",       ARP_REQUEST, {{0, 0, 0, 0, 0, 0}}, 0x0a000001, 0x0a000002,
     DROP_ARP_BAD_SENDER},
    {"sender is multicast",     ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0xe0000001, 0x0a000002,
     DROP_ARP_BAD_SENDER},
    {"sender is broadcast",     ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0xffffffff, 0x0a000002,
     DROP_ARP_BAD_SENDER},
    {"sender is our subnet's broadcast", ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0x0a0000ff, 0x0a000002,
     DROP_ARP_BAD_SENDER},
    {"sender is loopback",      ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0x7f000001, 0x0a000002,
     DROP_ARP_BAD_SENDER},
    {"an answer from nobody",   ARP_REPLY,   {{2, 0, 0, 0, 0, 1}}, 0x00000000, 0x0a000002,
     DROP_ARP_BAD_SENDER},
};

START_TEST(what_is_refused_teaches_nothing)
{
    struct addr sender = addr_ip4(refused[_i].sender);
    hear(refused[_i].op, refused[_i].mac, sender, addr_ip4(refused[_i].target));
    ck_assert_msg(p.log.drops[refused[_i].want] == 1, "%s: %s", refused[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
    ck_assert_int_eq(state_of(sender), NUD_NONE);
    ck_assert_ptr_null(ng_netif_take(p.n[1]));
}
END_TEST

START_TEST(a_short_packet_is_truncated)
{
    struct arp_packet arp = {.op = ARP_REQUEST, .sender_mac = MAC_A, .sender = ADDR_A,
                             .target = ADDR_B};
    struct packet k = packet_arp(&arp, MAC_BROADCAST);
    pair_inject(&p, 1, packet_bytes(&k), k.len - 1);
    ck_assert_uint_eq(p.log.drops[DROP_ARP_TRUNCATED], 1);
    packet_bytes(&k)[ETH_HDR_LEN + 1] = 6;  // hardware type: IEEE 802
    pair_inject(&p, 1, packet_bytes(&k), k.len);
    ck_assert_uint_eq(p.log.drops[DROP_ARP_BAD_KIND], 1);
}
END_TEST

// RFC 826's merge: whoever is known already may tell of a new MAC, but then is not trusted to be
// reachable there.
START_TEST(a_known_sender_is_corrected_by_what_passes)
{
    hear(ARP_REQUEST, MAC_A, ADDR_A, ADDR_B);
    frame_free(ng_netif_take(p.n[1]));
    hear(ARP_REQUEST, MAC_EVIL, ADDR_A, ADDR_C);
    ck_assert(mac_eq(neigh_find(p.n[1], ADDR_A)->mac, MAC_EVIL));
    ck_assert_int_eq(state_of(ADDR_A), NUD_STALE);
    hear(ARP_REPLY, MAC_A, ADDR_A, ADDR_B);
    ck_assert(mac_eq(neigh_find(p.n[1], ADDR_A)->mac, MAC_A));
    ck_assert_int_eq(state_of(ADDR_A), NUD_STALE);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 0);
}
END_TEST

START_TEST(without_memory_nothing_is_answered_and_nothing_lost)
{
    struct arp_packet arp = {.op = ARP_REQUEST, .sender_mac = MAC_A, .sender = ADDR_A,
                             .target = ADDR_B};
    struct packet k = packet_arp(&arp, MAC_BROADCAST);
    for (int n = 1; n <= 3; n++) {
        struct frame *f = ng_host_frame(p.h[1], k.len);
        memcpy(frame_start(f), packet_bytes(&k), k.len);
        p.h[1]->pool.fail_in = n < 3 ? n : 2;  // the neighbour; the answer's chunk; its frame
        ng_host_input(p.h[1], p.n[1], f, p.now);
        ck_assert_int_lt(p.h[1]->pool.fail_in, 0);
        ck_assert_ptr_null(ng_netif_take(p.n[1]));
        ck_assert_int_eq(state_of(ADDR_A), n == 1 ? NUD_NONE : NUD_STALE);
    }
    ck_assert_uint_eq(p.log.drops[DROP_NO_MEMORY], 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("arp");
    TCase *c = tcase_create("arp");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_question_for_us_is_answered_and_its_sender_learned);
    tcase_add_test(c, a_probe_is_answered_and_not_learned);
    tcase_add_test(c, a_stranger_from_another_subnet_is_answered_and_not_learned);
    tcase_add_loop_test(c, what_is_refused_teaches_nothing, 0, ARRAY_LEN(refused));
    tcase_add_test(c, a_short_packet_is_truncated);
    tcase_add_test(c, a_known_sender_is_corrected_by_what_passes);
    tcase_add_test(c, without_memory_nothing_is_answered_and_nothing_lost);
    suite_add_tcase(s, c);
    return run_claims(s);
}
