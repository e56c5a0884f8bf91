// profile_test.c - Linux's defaults under Linux's names, and what of its ways is no setting.
#include "claims.h"
#include "unit/tcp_peer.h"

static const struct { const char *name, *value; } defaults[] = {
    {"net.core.somaxconn", "4096"},
    {"net.ipv4.ip_local_port_range", "32768\t60999"},
    {"net.ipv4.tcp_congestion_control", "cubic"},
    {"net.ipv4.tcp_ecn", "0"},
    {"net.ipv4.tcp_fastopen", "1"},
    {"net.ipv4.tcp_fin_timeout", "60"},
    {"net.ipv4.tcp_keepalive_intvl", "75"},
    {"net.ipv4.tcp_keepalive_probes", "9"},
    {"net.ipv4.tcp_keepalive_time", "7200"},
    {"net.ipv4.tcp_max_tw_buckets", "262144"},
    {"net.ipv4.tcp_min_tso_segs", "2"},
    {"net.ipv4.tcp_moderate_rcvbuf", "1"},
    {"net.ipv4.tcp_notsent_lowat", "4294967295"},
    {"net.ipv4.tcp_pacing_ca_ratio", "120"},
    {"net.ipv4.tcp_pacing_ss_ratio", "200"},
    {"net.ipv4.tcp_reordering", "3"},
    {"net.ipv4.tcp_retries1", "3"},
    {"net.ipv4.tcp_retries2", "15"},
    {"net.ipv4.tcp_rmem", "4096\t540000\t15728640"},
    {"net.ipv4.tcp_recovery", "1"},
    {"net.ipv4.tcp_dsack", "1"},
    {"net.ipv4.tcp_max_reordering", "300"},
    {"net.ipv4.tcp_fastopen_blackhole_timeout_sec", "0"},
    {"net.ipv4.tcp_rto_max_ms", "120000"},
    {"net.ipv4.tcp_rto_min_us", "200000"},
    {"net.ipv4.tcp_sack", "1"},
    {"net.ipv4.tcp_slow_start_after_idle", "0"},
    {"net.ipv4.tcp_stdurg", "0"},
    {"net.ipv4.tcp_syn_linear_timeouts", "4"},
    {"net.ipv4.tcp_syn_retries", "5"},
    {"net.ipv4.tcp_synack_retries", "5"},
    {"net.ipv4.tcp_syncookies", "1"},
    {"net.ipv4.tcp_timestamps", "1"},
    {"net.ipv4.tcp_tso_win_divisor", "3"},
    {"net.ipv4.tcp_window_scaling", "1"},
    {"net.ipv4.tcp_wmem", "4096\t262144\t4194304"},
};

START_TEST(the_defaults_are_those_of_linux)
{
    struct peer *p = peer_new();
    char value[64];
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
        ck_assert_msg(ng_host_get(p->h, defaults[i].name, value, sizeof value) == 0, "%s",
                      defaults[i].name);
        ck_assert_msg(strcmp(value, defaults[i].value) == 0, "%s = %s", defaults[i].name, value);
        ck_assert_int_eq(ng_host_set(p->h, defaults[i].name, value), 0);
    }
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_no_such_thing", "1"), -ENOENT);
    peer_free(p);
}
END_TEST

// The options of a SYN, byte for byte, as Linux orders them: a caller's, with and without
// timestamps and SACK, and a listener's answer, which has only what was offered.
static const struct { const char *ts, *sack; uint8_t bytes[20]; size_t n; } orders[] = {
    {"1", "1", {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 8}, 20},
    {"0", "1", {2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 8}, 12},
    {"0", "0", {2, 4, 5, 180, 1, 3, 3, 8}, 8},
    {"1", "0", {2, 4, 5, 180, 1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 8}, 20},
};

START_TEST(a_syn_has_its_options_in_linuxs_order)
{
    struct peer *p = peer_new();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_timestamps", orders[_i].ts), 0);
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_sack", orders[_i].sack), 0);
    for (int answer = 0; answer < 2; answer++) {
        if (answer) {
            p->host_isn_known = false;
            p->host_port = 81;
            ng_sock s = peer_socket(p);
            struct endpoint own = {family_any(), 81};
            ng_sock_bind(p->h, s, &own);
            ng_sock_listen(p->h, s, 1);
            p->ts = true;
            SAY(p, .flags = TCP_SYN, .opts = peer_opts(p));
        } else {
            peer_called(p);
        }
        struct tcp_seg seg = p->out[0].seg;
        uint8_t b[TCP_HDR_MAX];
        seg.opts.ts_val = seg.opts.ts_ecr = 0;
        ck_assert_uint_eq(tcp_emit(&seg, b), 20 + orders[_i].n);
        ck_assert_mem_eq(b + 20, orders[_i].bytes, orders[_i].n);
        ck_assert_uint_eq(p->out[0].seg.hdr_len, 20 + orders[_i].n);
        ck_assert_uint_eq(seg.wnd, 65535);
    }
    peer_free(p);
}
END_TEST

// Ten segments at first; the buffer's size is told double; the RTO begins at 1 s, is at least the
// round trip and 200 ms, and at most 120 s; a shut window is probed at the RTO, doubled each time.
START_TEST(what_is_no_setting)
{
    struct peer *p = peer_new();
    static const char zeros[40000];
    peer_called(p);
    struct ng_tcp_info i;
    ng_tcp_info(p->h, p->s, &i);
    ck_assert_int_eq(i.rto, SEC(1));
    peer_wait(p, MSEC(100));
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = {.has_mss = true, .mss = 1000});
    int size = 30000, told = 0;
    size_t n = sizeof told;
    ng_sock_set(p->h, p->s, NG_SO_SNDBUF, &size, sizeof size);
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_SNDBUF, &told, &n), 0);
    ck_assert_int_eq(told, 60000);
    ng_tcp_info(p->h, p->s, &i);
    ck_assert_int_eq(i.rto, MSEC(300));
    p->outs = 0;
    ck_assert_int_gt(ng_sock_write(p->h, p->s, zeros, 30000), 20000);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 10);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 10001, .wnd = -1);
    ng_tcp_info(p->h, p->s, &i);
    nsec rto = i.rto, began = p->now;
    for (int probe = 0; probe < 3; probe++) {
        p->outs = 0;
        nsec at = began + rto * ((2 << probe) - 1);
        peer_wait(p, at - MSEC(5) - p->now);
        ck_assert_uint_eq(p->outs, 0);
        peer_wait(p, MSEC(10));
        ck_assert_uint_eq(p->outs, 1);
        ck_assert_int_eq(p->out[0].why, SENT_WINDOW_PROBE);
        ck_assert_uint_eq(p->out[0].seq, 10000);  // una - 1
    }
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, the_defaults_are_those_of_linux);
    tcase_add_loop_test(tc, a_syn_has_its_options_in_linuxs_order, 0, (int)ARRAY_LEN(orders));
    tcase_add_test(tc, what_is_no_setting);
}

int main(void)
{
    Suite *s = suite_create("profile");
    family_add(s, add_tests);
    return run_claims(s);
}
