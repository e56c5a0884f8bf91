// neigh_test.c - the life of a neighbour: asked, reachable, stale, probed, lost; and its frames. By
// ARP and by neighbour discovery, which lead it through the same states.
#include "claims.h"
#include "net/group.h"
#include "net/ip.h"
#include "net/neigh.h"
#include "unit/family.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/ndp_wire.h"

#define HERE  family_addr(1)
#define THERE family_addr(2)

static struct wire_pair p;
static ng_sock out;

// In IPv6 hosts first tell which groups they hear: that is over when a test begins.
static void setup(void)
{
    pair_open(&p, 0);
    if (family == FAMILY_IP6) pair_ip6(&p);
    pair_until(&p, p.now + SEC(10));
    log_init(&p.log);
    out = open_sock(p.h[0], KIND_UDP);
}
static void teardown(void) { pair_close(&p); }

static void send_to(struct addr a, const char *text)
{
    struct endpoint to = at(a, 9);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], out, text, strlen(text), &to), (ssize_t)strlen(text));
}

static enum nud state_of(struct addr a)
{
    const struct neigh *n = neigh_find(p.n[0], a);
    return n == NULL ? NUD_NONE : n->state;
}

static enum sent by(enum sent arp, enum sent ndp) { return family == FAMILY_IP4 ? arp : ndp; }
static enum sent question(void) { return by(SENT_ARP_REQUEST, SENT_NDP_SOLICIT); }
static enum sent reply(void) { return by(SENT_ARP_REPLY, SENT_NDP_ADVERT); }
static enum sent probe(void) { return by(SENT_ARP_PROBE, SENT_NDP_PROBE); }

// For host a: the station asks for a's MAC, or tells its own to all, who did not ask.
static void hear(struct addr from, struct mac mac, bool asks)
{
    struct packet k;
    if (family == FAMILY_IP4) {
        struct arp_packet arp = {.op = asks ? ARP_REQUEST : ARP_REPLY, .sender_mac = mac,
                                 .sender = from, .target = asks ? HERE : family_addr(7),
                                 .target_mac = asks ? (struct mac){{0}} : MAC_BROADCAST};
        k = packet_arp(&arp, MAC_BROADCAST);
    } else {
        struct ndp_message m = {
            .type = asks ? ICMP6_NEIGHBOUR_SOLICIT : ICMP6_NEIGHBOUR_ADVERT,
            .target = asks ? HERE : from, .override = !asks, .has_source_mac = asks,
            .source_mac = mac, .has_target_mac = !asks, .target_mac = mac};
        struct addr dst = asks ? group_solicited_node(HERE) : group_all_nodes(FAMILY_IP6);
        k = packet_ndp(&m, from, dst, mac);
    }
    pair_inject(&p, 0, packet_bytes(&k), k.len);
}

START_TEST(held_frames_go_out_in_order_once_the_answer_is_there)
{
    ng_sock in = bound_udp(&p, 1, THERE, 9);
    send_to(THERE, "one");
    ck_assert_int_eq(state_of(THERE), NUD_INCOMPLETE);
    send_to(THERE, "two");
    send_to(THERE, "three");
    ck_assert_uint_eq(p.log.steps[STEP_ETH_HOLD], 3);
    ck_assert_uint_eq(p.n[0]->txq_len, 1);  // the one question
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[question()], 1);
    ck_assert_uint_eq(p.log.sent[reply()], 1);
    ck_assert_int_eq(state_of(THERE), NUD_REACHABLE);
    static const char *const want[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++) {
        char buf[10] = "";
        ck_assert_int_gt(ng_sock_read(p.h[1], in, buf, sizeof buf), 0);
        ck_assert_str_eq(buf, want[i]);
    }
    send_to(THERE, "four");
    ck_assert_uint_eq(p.log.steps[STEP_ETH_HOLD], 3);
}
END_TEST

START_TEST(of_too_many_held_frames_the_oldest_dies)
{
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv4.neigh_unres_qlen", "2"), 0);
    ng_sock in = bound_udp(&p, 1, THERE, 9);
    send_to(THERE, "one");
    send_to(THERE, "two");
    send_to(THERE, "three");
    ck_assert_uint_eq(p.log.drops[DROP_NEIGH_HELD_FULL], 1);
    pair_settle(&p);
    char buf[10] = "";
    ck_assert_int_eq(ng_sock_read(p.h[1], in, buf, sizeof buf), 3);
    ck_assert_str_eq(buf, "two");
}
END_TEST

START_TEST(silence_fails_it_after_three_questions_and_use_asks_again)
{
    p.down = true;
    send_to(THERE, "x");
    pair_until(&p, p.now + MSEC(2999));
    ck_assert_uint_eq(p.log.sent[question()], 3);
    ck_assert_int_eq(state_of(THERE), NUD_INCOMPLETE);
    ck_assert_uint_eq(p.log.drops[DROP_NEIGH_FAILED], 0);
    pair_until(&p, p.now + MSEC(2));
    ck_assert_int_eq(state_of(THERE), NUD_FAILED);
    ck_assert_uint_eq(p.log.drops[DROP_NEIGH_FAILED], 1);
    ck_assert_int_eq(ng_host_next(p.h[0]), NEVER);

    p.down = false;
    send_to(THERE, "y");
    ck_assert_int_eq(state_of(THERE), NUD_INCOMPLETE);
    pair_settle(&p);
    ck_assert_int_eq(state_of(THERE), NUD_REACHABLE);
}
END_TEST

START_TEST(an_idle_neighbour_goes_stale_without_waking_anyone)
{
    send_to(THERE, "x");
    pair_settle(&p);
    ck_assert_int_eq(state_of(THERE), NUD_REACHABLE);
    ck_assert_int_eq(ng_host_next(p.h[0]), NEVER);
    pair_until(&p, p.now + SEC(7200));
    ck_assert_int_eq(state_of(THERE), NUD_REACHABLE);  // nobody looked
    send_to(THERE, "y");
    ck_assert_int_eq(state_of(THERE), NUD_DELAY);      // it went out, and 5 s from now we ask
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_DATAGRAM], 2);
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(log_sent(&p.log, 1, probe()), 1);
    ck_assert_int_eq(state_of(THERE), NUD_REACHABLE);
}
END_TEST

START_TEST(a_probe_is_for_the_one_station)
{
    send_to(THERE, "x");
    pair_settle(&p);
    pair_until(&p, p.now + SEC(60));
    send_to(THERE, "y");
    pair_until(&p, p.now + SEC(6));
    struct eth_frame eth = {0};
    for (unsigned i = 0; i < p.log.seen_count; i++)
        if (p.log.seen[i].host == 1 && p.log.seen[i].why == probe())
            eth_parse(&eth, p.log.seen[i].data, SEEN_BYTES);
    ck_assert(mac_eq(eth.dst, p.n[1]->mac));
}
END_TEST

START_TEST(a_silent_station_is_probed_three_times_and_lost)
{
    send_to(THERE, "x");
    pair_until(&p, p.now + SEC(60));
    p.down = true;
    send_to(THERE, "y");
    pair_until(&p, p.now + SEC(9));
    ck_assert_uint_eq(log_sent(&p.log, 1, probe()), 3);
    ck_assert_int_eq(state_of(THERE), NUD_FAILED);
    ck_assert_int_eq(ng_host_next(p.h[0]), NEVER);
}
END_TEST

START_TEST(a_question_from_them_answers_ours_too)
{
    p.down = true;
    send_to(THERE, "x");
    pair_settle(&p);
    hear(THERE, p.n[1]->mac, true);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_DATAGRAM], 1);
    ck_assert_int_eq(state_of(THERE), NUD_DELAY);  // heard of, but not proven
}
END_TEST

START_TEST(an_answer_to_another_proves_nothing_to_us)
{
    p.down = true;
    send_to(THERE, "x");
    hear(THERE, p.n[1]->mac, false);
    ck_assert_int_eq(state_of(THERE), NUD_DELAY);  // its MAC is used, and soon probed
}
END_TEST

START_TEST(a_full_table_forgets_who_was_not_used_for_longest)
{
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv4.neigh_gc_thresh3", "3"), 0);
    for (uint8_t i = 2; i <= 4; i++) hear(family_addr(i), (struct mac){{2, 0, 0, 0, 1, i}}, true);
    send_to(family_addr(2), "use the first");
    send_to(family_addr(9), "a new one");
    ck_assert_int_eq(state_of(family_addr(3)), NUD_NONE);
    ck_assert_int_eq(state_of(family_addr(2)), NUD_DELAY);
    enum nud idle = family == FAMILY_IP4 ? NUD_STALE : NUD_DELAY;  // our IPv6 answer used it
    ck_assert_int_eq(state_of(family_addr(4)), idle);
    ck_assert_int_eq(state_of(family_addr(9)), NUD_INCOMPLETE);
}
END_TEST

START_TEST(a_table_full_of_waiting_frames_takes_no_more)
{
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv4.neigh_gc_thresh3", "2"), 0);
    p.down = true;
    send_to(family_addr(0x11), "x");
    send_to(family_addr(0x12), "x");
    send_to(family_addr(0x13), "x");
    ck_assert_uint_eq(p.log.drops[DROP_NEIGH_TABLE_FULL], 1);
    ck_assert_int_eq(state_of(family_addr(0x13)), NUD_NONE);
}
END_TEST

START_TEST(every_change_is_told)
{
    send_to(THERE, "x");
    const struct trace_neigh_state_event *last = &p.log.last_a[TRACE_NEIGH_STATE].neigh_state;
    ck_assert_int_eq(last->from, NUD_NONE);
    ck_assert_int_eq(last->to, NUD_INCOMPLETE);
    pair_settle(&p);
    ck_assert_int_eq(last->from, NUD_INCOMPLETE);
    ck_assert_int_eq(last->to, NUD_REACHABLE);
    ck_assert(addr_eq(last->addr, THERE) && mac_eq(last->mac, p.n[1]->mac));
    ck_assert_uint_eq(p.log.last[TRACE_NEIGH_STATE].netif, 1);
}
END_TEST

START_TEST(without_memory_the_frame_dies_and_is_told)
{
    struct frame *f = frame_new(&p.h[0]->pool);
    p.h[0]->pool.fail_in = 1;
    ip_output(p.h[0], f, &(struct ip_dest){.dst = THERE, .proto = 17});
    ck_assert_uint_eq(p.log.drops[DROP_NO_MEMORY], 1);

    p.h[0]->pool.fail_in = -1;
    f = frame_new(&p.h[0]->pool);
    p.h[0]->pool.fail_in = 2;  // the entry is there, the question is not: asked later
    ip_output(p.h[0], f, &(struct ip_dest){.dst = THERE, .proto = 17});
    ck_assert_uint_eq(p.n[0]->txq_len, 0);
    p.h[0]->pool.fail_in = -1;
    pair_until(&p, p.now + SEC(1));
    ck_assert_int_eq(state_of(THERE), NUD_REACHABLE);
}
END_TEST

static void add_tests(TCase *c)
{
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, held_frames_go_out_in_order_once_the_answer_is_there);
    tcase_add_test(c, of_too_many_held_frames_the_oldest_dies);
    tcase_add_test(c, silence_fails_it_after_three_questions_and_use_asks_again);
    tcase_add_test(c, an_idle_neighbour_goes_stale_without_waking_anyone);
    tcase_add_test(c, a_probe_is_for_the_one_station);
    tcase_add_test(c, a_silent_station_is_probed_three_times_and_lost);
    tcase_add_test(c, a_question_from_them_answers_ours_too);
    tcase_add_test(c, an_answer_to_another_proves_nothing_to_us);
    tcase_add_test(c, a_full_table_forgets_who_was_not_used_for_longest);
    tcase_add_test(c, a_table_full_of_waiting_frames_takes_no_more);
    tcase_add_test(c, every_change_is_told);
    tcase_add_test(c, without_memory_the_frame_dies_and_is_told);
}

int main(void)
{
    Suite *s = suite_create("neigh");
    family_add(s, add_tests);
    return run_claims(s);
}
