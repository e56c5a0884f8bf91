// mtu_test.c - how long TCP's segments are: what routers tell is used by all, what they do not tell
// is found out (RFC 1191, RFC 8201, RFC 4821, RFC 8899); in both families.
#include "claims.h"
#include "net/pmtu.h"
#include "unit/tcp_path.h"

enum { IP4, IP6, FAMILIES };
static const uint8_t families[FAMILIES] = {FAMILY_IP4, FAMILY_IP6};

// What the path swallows: TCP payloads above this. Told by nobody.
static uint32_t hole;
static unsigned swallowed;

static bool swallow(struct path *p, int from, const struct tcp_seg *seg, uint32_t len)
{
    (void)seg;
    if (from != 0 || len <= hole) return false;
    (void)p;
    swallowed++;
    return true;
}

static struct path *open_path(int which, const char *probing)
{
    struct path *p = malloc(sizeof *p);
    ck_assert_ptr_nonnull(p);
    path_open_for(p, families[which], 3, MSEC(10), 0);
    ck_assert_int_eq(ng_host_set(p->h[0], "net.ipv4.tcp_mtu_probing", probing), 0);
    hole = UINT32_MAX;
    swallowed = 0;
    p->lose = swallow;
    return p;
}

static void close_path(struct path *p)
{
    path_free(p);
}

static struct ng_tcp_info info_of(struct path *p, ng_sock s)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h[0], s, &info), 0);
    return info;
}

static uint32_t headers(int which) { return (which == IP4 ? 20 : 40) + 20 + 12; }

// --- what routers tell -------------------------------------------------------------------------

// One connection's router error is news for the other, and for a third that opens later, which
// still offers what its interface takes (RFC 1191 §3.1).
START_TEST(what_one_learns_all_know)
{
    struct path *p = open_path(_i, "0");
    ng_sock c[2];
    path_pair(p, c);
    uint32_t full = 1500 - headers(_i);
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, full);
    pmtu_learn(p->h[0], path_addr(p->family, 1), 1400);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 50000};
    hole = 1400 - headers(_i);
    ck_assert(transfer_run(p, &x, SEC(2)));
    ck_assert_uint_eq(swallowed, 0);
    ck_assert_uint_eq(p->log.drops[DROP_IP_TOO_BIG], 0);
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1400 - headers(_i));
    ng_sock late = path_connect(p, 80);
    path_run(p, MSEC(100));
    ck_assert_uint_eq(info_of(p, late).mss_snd, 1400 - headers(_i));
    ck_assert_uint_eq(info_of(p, late).mss_offered, 1500 - (headers(_i) - 12));
    close_path(p);
}
END_TEST

// Ten minutes later the way is tried at its full size again (RFC 1191 §6.3), by a connection that
// lived through all of it too.
START_TEST(what_was_learned_is_forgotten)
{
    struct path *p = open_path(_i, "0");
    ng_sock c[2];
    path_pair(p, c);
    pmtu_learn(p->h[0], path_addr(p->family, 1), 1400);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 5000, .shut = true};
    transfer_run(p, &x, SEC(1));
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1400 - headers(_i));
    path_run(p, SEC(599) - MSEC(500));
    x.total = 10000;
    transfer_run(p, &x, MSEC(100));
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1400 - headers(_i));
    path_run(p, SEC(2));
    x.total = 15000;
    transfer_run(p, &x, MSEC(100));
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1500 - headers(_i));
    ck_assert_uint_eq(x.read, 15000);
    close_path(p);
}
END_TEST

// An interface may change its mind, too.
START_TEST(a_narrower_interface_is_heeded)
{
    struct path *p = open_path(_i, "0");
    ng_sock c[2];
    path_pair(p, c);
    ck_assert_int_eq(ng_netif_set_mtu(p->n[0], 1279), _i == IP6 ? -EINVAL : 0);
    ck_assert_int_eq(ng_netif_set_mtu(p->n[0], 1300), 0);
    ck_assert_int_eq(ng_netif_set_mtu(p->n[0], 67), -EINVAL);
    ck_assert_int_eq(ng_netif_set_mtu(p->n[0], 65536), -EINVAL);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 50000};
    hole = 1300 - headers(_i);
    ck_assert(transfer_run(p, &x, SEC(2)));
    ck_assert_uint_eq(swallowed + p->log.drops[DROP_IP_TOO_BIG], 0);
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1300 - headers(_i));
    close_path(p);
}
END_TEST

// A link of 68 bytes cannot carry a TCP header with all its options, so IP cuts (in IPv4).
START_TEST(the_narrowest_link_carries_tcp)
{
    struct path *p = open_path(IP4, "0");
    for (int i = 0; i < 2; i++) ck_assert_int_eq(ng_netif_set_mtu(p->n[i], 68), 0);
    ng_sock c[2];
    path_pair(p, c);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 3000};
    ck_assert(transfer_run(p, &x, SEC(10)));
    ck_assert_uint_gt(p->log.steps[STEP_IP_CUT], 100);
    ck_assert_uint_eq(p->log.drops[DROP_IP_TOO_BIG], 0);
    close_path(p);
}
END_TEST

// --- what nobody tells -------------------------------------------------------------------------

// A path that swallows long segments is no path at all, unless somebody becomes suspicious.
START_TEST(a_black_hole_is_found_and_measured)
{
    for (int probing = 0; probing < 2; probing++) {
        struct path *p = open_path(_i, probing ? "1" : "0");
        ng_sock c[2];
        path_pair(p, c);
        hole = 1200;
        struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 400000};
        ck_assert_int_eq(transfer_run(p, &x, SEC(12)), probing);
        if (probing) {
            uint32_t mss = info_of(p, c[0]).mss_snd;
            ck_assert_uint_le(mss, hole);
            ck_assert_uint_gt(mss, hole - 8);  // tcp_probe_threshold
            ck_assert_uint_gt(p->log.events[TRACE_PATH_MTU], 2);
            ck_assert_uint_gt(p->log.sent[SENT_MTU_PROBE], 3);
        } else {
            ck_assert_uint_eq(x.read, 0);
            ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1500 - headers(_i));
        }
        close_path(p);
    }
}
END_TEST

// Deeper holes: each further timeout halves the size, down to the floor.
START_TEST(a_deep_hole_is_reached_step_by_step)
{
    static const struct { uint32_t hole; const char *base, *floor; uint32_t mss; } rows[] = {
        {600, "1024", "48", 512}, {300, "1024", "48", 256}, {500, "400", "48", 400},
        {90, "1024", "100", 100},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct path *p = open_path(_i, "1");
        ng_host_set(p->h[0], "net.ipv4.tcp_base_mss", rows[i].base);
        ng_host_set(p->h[0], "net.ipv4.tcp_mtu_probe_floor", rows[i].floor);
        ng_host_set(p->h[0], "net.ipv4.tcp_probe_threshold", "65535");  // the search rests
        ng_sock c[2];
        path_pair(p, c);
        hole = rows[i].hole;
        struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 4000};
        ck_assert(transfer_run(p, &x, SEC(400)));
        ck_assert_msg(info_of(p, c[0]).mss_snd == rows[i].mss - 12, "row %zu: %u", i,
                      info_of(p, c[0]).mss_snd);
        close_path(p);
    }
}
END_TEST

// Who always searches begins low and gets up to the full size without losing anything.
START_TEST(a_search_climbs_to_the_full_size)
{
    struct path *p = open_path(_i, "2");
    ng_sock c[2];
    path_pair(p, c);
    ck_assert_uint_eq(info_of(p, c[0]).mss_snd, 1024 - 12);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 1500000};
    ck_assert(transfer_run(p, &x, SEC(10)));
    uint32_t full = 1500 - headers(_i);
    ck_assert_uint_gt(info_of(p, c[0]).mss_snd, full - 8);
    ck_assert_uint_eq(info_of(p, c[0]).bytes_retrans, 0);
    ck_assert_uint_gt(p->log.sent[SENT_MTU_PROBE], 3);
    close_path(p);
}
END_TEST

// A probe that is too long dies alone. It says nothing of congestion: cwnd never falls, no timeout
// is needed, and only the probe's bytes go again; with SACK and without.
START_TEST(a_lost_probe_is_no_congestion)
{
    struct path *p = open_path(_i % 2, "2");
    if (_i >= 2) ng_host_set(p->h[0], "net.ipv4.tcp_sack", "0");
    ng_sock c[2];
    path_pair(p, c);
    hole = 1100;
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 1500000};
    ck_assert(transfer_run(p, &x, SEC(20)));
    struct ng_tcp_info info = info_of(p, c[0]);
    ck_assert_uint_ge(swallowed, 2);
    ck_assert_uint_eq(p->log.sent[SENT_RTO], 0);
    ck_assert_uint_eq(p->log.cwnds[CWND_RECOVERY], 0);
    ck_assert_uint_ge(p->log.sent[SENT_RESIZED], swallowed);
    ck_assert_uint_le(info.bytes_retrans, swallowed * 1460u);
    ck_assert_uint_le(info.mss_snd, hole);
    ck_assert_uint_gt(info.mss_snd + 9, hole);
    close_path(p);
}
END_TEST

// With other losses beside it, the probe decides nothing, and congestion is what it is.
static bool lose_probe_and_more(struct path *p, int from, const struct tcp_seg *seg, uint32_t len)
{
    (void)seg;
    if (from != 0 || p->log.sent[SENT_MTU_PROBE] != 1) return false;
    return len > 1012 || (swallowed < 3 && len > 0 && swallowed++ > 0);
}

START_TEST(a_probe_among_other_losses_decides_nothing)
{
    struct path *p = open_path(_i, "2");
    p->lose = lose_probe_and_more;
    ng_sock c[2];
    path_pair(p, c);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 800000};
    ck_assert(transfer_run(p, &x, SEC(20)));
    ck_assert_uint_ge(p->log.cwnds[CWND_RECOVERY], 1);
    ck_assert_uint_gt(info_of(p, c[0]).mss_snd, 1500 - headers(_i) - 8);  // found later
    close_path(p);
}
END_TEST

// The path became wider: after tcp_probe_interval the search begins anew.
START_TEST(a_search_is_repeated_with_time)
{
    struct path *p = open_path(_i, "2");
    ng_host_set(p->h[0], "net.ipv4.tcp_probe_interval", "30");
    ng_sock c[2];
    path_pair(p, c);
    hole = 1100;
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 400000, .shut = true};
    transfer_run(p, &x, SEC(10));
    ck_assert_uint_le(info_of(p, c[0]).mss_snd, 1100);
    hole = UINT32_MAX;
    x.total += 200000;
    transfer_run(p, &x, SEC(10));
    ck_assert_uint_le(info_of(p, c[0]).mss_snd, 1100);
    path_run(p, SEC(20));
    x.total += 4000000;
    transfer_run(p, &x, SEC(10));
    ck_assert_uint_eq(x.read, x.total);
    ck_assert_uint_gt(info_of(p, c[0]).mss_snd, 1500 - headers(_i) - 8);
    close_path(p);
}
END_TEST

// Whoever has little to say probes nothing: a lost probe would not show before a timeout.
START_TEST(a_short_talk_is_not_probed)
{
    struct path *p = open_path(_i, "2");
    ng_sock c[2];
    path_pair(p, c);
    struct transfer x = {.from = 0, .s = {c[0], c[1]}, .total = 4000};
    ck_assert(transfer_run(p, &x, SEC(2)));
    ck_assert_uint_eq(p->log.sent[SENT_MTU_PROBE], 0);
    close_path(p);
}
END_TEST

// --- the table ---------------------------------------------------------------------------------

START_TEST(a_path_is_never_narrowed_below_its_least)
{
    struct path *p = open_path(IP4, "0");
    struct host *h = p->h[0];
    struct addr a = addr_ip4(0x0a030001), b = path_addr(FAMILY_IP6, 7);
    pmtu_learn(h, a, 100);
    ck_assert_uint_eq(pmtu_of(h, a, 1500), 552);
    ck_assert(pmtu_is_tiny(h, a, 1500));
    pmtu_learn(h, b, 100);
    ck_assert_uint_eq(pmtu_of(h, b, 1500), 1280);
    ck_assert(!pmtu_is_tiny(h, b, 1500));
    pmtu_learn(h, a, 1400);  // an error does not make it wider
    ck_assert_uint_eq(pmtu_of(h, a, 1500), 552);
    ck_assert(pmtu_is_tiny(h, a, 1500));
    pmtu_learn(h, addr_ip4(0x0a030002), 552);
    ck_assert(!pmtu_is_tiny(h, addr_ip4(0x0a030002), 1500));
    ck_assert(pmtu_is_tiny(h, addr_ip4(0x0a030003), 551));
    ck_assert_uint_eq(pmtu_of(h, addr_ip4(0x0a030003), 1500), 1500);
    close_path(p);
}
END_TEST

START_TEST(old_routers_leave_us_to_guess)
{
    ck_assert_uint_eq(pmtu_below(65535), 32000);
    ck_assert_uint_eq(pmtu_below(1500), 1492);
    ck_assert_uint_eq(pmtu_below(1492), 1006);
    ck_assert_uint_eq(pmtu_below(100), 68);
}
END_TEST

START_TEST(the_oldest_path_gives_its_place)
{
    struct path *p = open_path(IP4, "0");
    struct host *h = p->h[0];
    for (uint32_t i = 0; i <= PMTU_MAX; i++) pmtu_learn(h, addr_ip4(0x0a050000 + i), 1000);
    ck_assert_uint_eq(pmtu_of(h, addr_ip4(0x0a050000), 1500), 1500);
    ck_assert_uint_eq(pmtu_of(h, addr_ip4(0x0a050001), 1500), 1000);
    ck_assert_uint_eq(pmtu_of(h, addr_ip4(0x0a050000 + PMTU_MAX), 1500), 1000);
    close_path(p);
}
END_TEST

START_TEST(each_change_is_an_epoch)
{
    struct path *p = open_path(IP4, "0");
    struct host *h = p->h[0];
    uint32_t first = pmtu_epoch(h);
    ck_assert_uint_eq(pmtu_epoch(h), first);
    pmtu_learn(h, addr_ip4(0x0a050000), 1000);
    uint32_t second = pmtu_epoch(h);
    ck_assert_uint_ne(second, first);
    pmtu_learn(h, addr_ip4(0x0a050000), 1200);  // is no news
    ck_assert_uint_eq(pmtu_epoch(h), second);
    path_run(p, SEC(599));
    pmtu_learn(h, addr_ip4(0x0a050001), 1000);
    uint32_t third = pmtu_epoch(h);
    path_run(p, SEC(2));
    uint32_t fourth = pmtu_epoch(h);
    ck_assert_uint_ne(fourth, third);
    ck_assert_uint_eq(pmtu_epoch(h), fourth);
    ck_assert_uint_eq(pmtu_of(h, addr_ip4(0x0a050001), 1500), 1000);
    path_run(p, SEC(599));
    ck_assert_uint_ne(pmtu_epoch(h), fourth);
    close_path(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mtu");
    TCase *tc = tcase_create("mtu");
    tcase_add_loop_test(tc, what_one_learns_all_know, 0, FAMILIES);
    tcase_add_loop_test(tc, what_was_learned_is_forgotten, 0, FAMILIES);
    tcase_add_loop_test(tc, a_narrower_interface_is_heeded, 0, FAMILIES);
    tcase_add_test(tc, the_narrowest_link_carries_tcp);
    tcase_add_loop_test(tc, a_black_hole_is_found_and_measured, 0, FAMILIES);
    tcase_add_loop_test(tc, a_deep_hole_is_reached_step_by_step, 0, FAMILIES);
    tcase_add_loop_test(tc, a_search_climbs_to_the_full_size, 0, FAMILIES);
    tcase_add_loop_test(tc, a_lost_probe_is_no_congestion, 0, 4);
    tcase_add_loop_test(tc, a_probe_among_other_losses_decides_nothing, 0, FAMILIES);
    tcase_add_loop_test(tc, a_search_is_repeated_with_time, 0, FAMILIES);
    tcase_add_loop_test(tc, a_short_talk_is_not_probed, 0, FAMILIES);
    tcase_add_test(tc, a_path_is_never_narrowed_below_its_least);
    tcase_add_test(tc, old_routers_leave_us_to_guess);
    tcase_add_test(tc, the_oldest_path_gives_its_place);
    tcase_add_test(tc, each_change_is_an_epoch);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
