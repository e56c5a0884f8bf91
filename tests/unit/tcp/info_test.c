// info_test.c - ng_tcp_info: what it says of a connection is what happened to it.
#include "claims.h"
#include "unit/tcp_path.h"
#include "unit/tcp_peer.h"

static struct ng_tcp_info info(struct peer *p)
{
    struct ng_tcp_info i;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &i), 0);
    return i;
}

static void write_bytes(struct peer *p, size_t n)
{
    static const char zeros[100000];
    ck_assert_int_eq(ng_sock_write(p->h, p->s, zeros, n), (ssize_t)n);
    peer_collect(p);
}

START_TEST(a_young_connection_has_no_history)
{
    struct peer *p = peer_connected();
    struct ng_tcp_info i = info(p);
    ck_assert_uint_eq(i.pmtu, family_mtu());
    ck_assert_uint_eq(i.mss_offered, 1460);
    ck_assert_uint_eq(i.segs_in + i.segs_out, 3);
    ck_assert_uint_eq(i.notsent + i.unread + i.data_segs_in + i.total_rto + i.dsack_dups, 0);
    ck_assert_int_eq(i.busy_time, 0);
    ck_assert_uint_eq(i.delivery_rate, 0);  // nothing but the SYN was delivered: that is no rate
    ck_assert_int_eq(i.fastopen_fail, NG_FASTOPEN_FINE);
    struct conn *c = table_find(p->h, (struct endpoint){host_addr(), HOST_PORT},
                                (struct endpoint){peer_addr(), PEER_PORT});
    ck_assert_ptr_null(((struct tcp *)(void *)c)->ledger);
    peer_free(p);
}
END_TEST

START_TEST(segments_that_came_are_counted)
{
    struct peer *p = peer_connected();
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 100);
    SAY(p, .flags = TCP_ACK, .seq = 201, .ack = 1, .len = 100);  // out of order
    SAY(p, .flags = TCP_ACK, .seq = 201, .ack = 1, .len = 100);  // and again: no news
    SAY(p, .flags = TCP_ACK, .seq = 301, .ack = 1, .len = 100);
    struct ng_tcp_info i = info(p);
    ck_assert_uint_eq(i.data_segs_in, 4);
    ck_assert_uint_eq(i.early_segs_in, 2);
    ck_assert_uint_eq(i.unread, 100);
    ck_assert_uint_eq(i.bytes_received, 100);
    SAY(p, .flags = TCP_ACK, .seq = 101, .ack = 1, .len = 100);
    ck_assert_uint_eq(info(p).bytes_received, 400);
    peer_wait(p, SEC(3));
    i = info(p);
    ck_assert_int_eq(i.since_data, SEC(3));
    ck_assert_int_eq(i.since_ack, SEC(3));
    peer_free(p);
}
END_TEST

START_TEST(memory_is_what_the_buffers_hold)
{
    struct peer *p = peer_connected();
    struct ng_sock_memory m;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 100);
    SAY(p, .flags = TCP_ACK, .seq = 201, .ack = 1, .len = 50);
    write_bytes(p, 700);
    ck_assert_int_eq(ng_sock_memory(p->h, p->s, &m), 0);
    ck_assert_uint_eq(m.rcv_len, 150);
    ck_assert_uint_eq(m.snd_len, 700);
    int size;
    size_t n = sizeof size;
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_SNDBUF, &size, &n), 0);
    ck_assert_uint_eq(m.snd_most, (uint32_t)size);
    ck_assert_int_eq(ng_sock_get(p->h, p->s, NG_SO_RCVBUF, &size, &n), 0);
    ck_assert_uint_eq(m.rcv_most, (uint32_t)size);
    struct ng_cc_info cc;
    int rc;
    ck_assert_int_eq(ng_tcp_cc_info(p->h, p->s, &cc), 0);
    ck_assert_int_eq(cc.kind, NG_CC_PLAIN);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);
    ck_assert_int_eq(ng_sock_memory(p->h, p->s, &m), -EBADF);
    ck_assert_int_eq(ng_tcp_cc_info(p->h, p->s, &cc), -EBADF);
    ng_sock u = ng_sock_open(p->h, ng_app_new(p->h, "u", false), KIND_UDP, &rc);
    ck_assert_int_eq(ng_sock_memory(p->h, u, &m), 0);
    ck_assert_int_eq(ng_sock_get(p->h, u, NG_SO_RCVBUF, &size, &n), 0);
    ck_assert_uint_eq(m.rcv_most, (uint32_t)size);
    ck_assert_uint_eq(m.rcv_len, 0);
    ck_assert_int_eq(ng_tcp_cc_info(p->h, u, &cc), -EOPNOTSUPP);
    peer_free(p);
}
END_TEST

START_TEST(timeouts_and_their_time_are_counted)
{
    struct peer *p = peer_connected();
    write_bytes(p, 1000);
    nsec began = p->now;
    while (info(p).total_rto < 3) peer_wait(p, MSEC(1));
    struct ng_tcp_info i = info(p);
    ck_assert_uint_eq(i.total_rto_recoveries, 1);
    ck_assert_int_gt(i.total_rto_time, MSEC(100));
    ck_assert_int_lt(i.total_rto_time, p->now - began);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1001);
    nsec spent = info(p).total_rto_time;
    peer_wait(p, SEC(5));
    ck_assert_int_eq(info(p).total_rto_time, spent);  // it is over
    ck_assert_int_eq(info(p).since_sent, p->now - began);
    write_bytes(p, 1000);
    while (info(p).total_rto < 4) peer_wait(p, MSEC(1));
    ck_assert_uint_eq(info(p).total_rto_recoveries, 2);
    peer_free(p);
}
END_TEST

// Where a sender's time goes: a second idle, one in flight, one idle, one before a shut window.
START_TEST(time_is_told_apart)
{
    struct peer *p = peer_connected();
    peer_wait(p, SEC(1));
    write_bytes(p, 100);
    peer_wait(p, SEC(1));
    struct ng_tcp_info i = info(p);
    ck_assert_int_eq(i.busy_time, SEC(1));
    ck_assert_int_eq(i.rwnd_limited + i.sndbuf_limited, 0);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 101, .wnd = -1);
    peer_wait(p, SEC(1));  // idle again
    write_bytes(p, 100);
    ck_assert_uint_eq(info(p).notsent, 100);
    peer_wait(p, SEC(1));
    i = info(p);
    ck_assert_int_eq(i.busy_time, SEC(2));
    ck_assert_int_eq(i.rwnd_limited, SEC(1));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 101);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 201);
    ck_assert_uint_eq(info(p).notsent, 0);
    peer_free(p);
}
END_TEST

START_TEST(a_full_buffer_is_told_apart)
{
    struct peer *p = peer_connected();
    int size = 4096;
    static const char zeros[5000];
    ng_sock_set(p->h, p->s, NG_SO_SNDBUF, &size, sizeof size);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, zeros, 5000), 4096);  // not all
    peer_collect(p);
    peer_wait(p, MSEC(100));
    struct ng_tcp_info i = info(p);
    ck_assert_int_eq(i.sndbuf_limited, MSEC(100));
    ck_assert_int_eq(i.busy_time, MSEC(100));
    peer_free(p);
}
END_TEST

START_TEST(duplicates_told_by_the_peer_are_counted)
{
    struct peer *p = peer_connected();
    write_bytes(p, 1000);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1001);
    struct tcp_opts o = {.sacks = 1};
    o.sack[0].from = seq_add(p->host_isn, 1);
    o.sack[0].to = seq_add(p->host_isn, 1001);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1001, .opts = o);
    ck_assert_uint_eq(info(p).dsack_dups, 1);
    peer_free(p);
}
END_TEST

// A super-frame is as many segments as it is cut into, at both ends.
START_TEST(super_frames_count_as_their_segments)
{
    struct path *p = path_new(3, MSEC(1), NG_OFFLOAD_TSO | NG_OFFLOAD_CSUM);
    struct ng_tcp_info i;
    ng_sock s[2];
    path_pair(p, s);
    uint64_t before[2];
    for (int k = 0; k < 2; k++) {
        ng_tcp_info(p->h[k], s[k], &i);
        before[k] = k == 0 ? i.segs_out : i.segs_in;
    }
    struct transfer x = {.from = 0, .s = {s[0], s[1]}, .total = 144800};
    ck_assert(transfer_run(p, &x, SEC(5)));
    ng_tcp_info(p->h[0], s[0], &i);
    ck_assert_uint_ge(i.segs_out - before[0], 100);
    ng_tcp_info(p->h[1], s[1], &i);
    ck_assert_uint_ge(i.segs_in - before[1], 100);
    ck_assert_uint_ge(i.data_segs_in, 100);
    ck_assert_uint_lt(p->count[0], 60);  // frames
    path_free(p);
}
END_TEST

// The receive buffer grows with what is read, up to the setting, and not where it may not.
START_TEST(both_buffers_grow_as_far_as_they_may)
{
    struct path *p = path_new(9, MSEC(20), 0);
    struct ng_tcp_info i;
    ng_sock s[2];
    bool may = _i == 0;
    for (int k = 0; k < 2; k++) {
        ng_host_set(p->h[k], "net.ipv4.tcp_rmem", "4096 131072 800000");
        ng_host_set(p->h[k], "net.ipv4.tcp_wmem", "4096 16384 300000");
        ng_host_set(p->h[k], "net.ipv4.tcp_moderate_rcvbuf", may ? "1" : "0");
    }
    path_pair(p, s);
    struct transfer x = {.from = 0, .s = {s[0], s[1]}, .total = 3000000};
    ck_assert(transfer_run(p, &x, SEC(30)));
    ng_tcp_info(p->h[1], s[1], &i);
    ck_assert_uint_eq(i.rcv_space, may ? 400000 : 65536);
    int size = 0;
    size_t n = sizeof size;
    ck_assert_int_eq(ng_sock_get(p->h[0], s[0], NG_SO_SNDBUF, &size, &n), 0);
    if (may) ck_assert_int_eq(size, 300000);
    path_free(p);
}
END_TEST

// A round trip of 80 ms, seen by a host that sends nothing but ACKs: by the echo, and without
// timestamps by a window of bytes; the least of those counts.
START_TEST(a_receiver_learns_the_round_trip)
{
    struct peer *p = peer_new();
    bool ts = _i == 1;
    char buf[4096];
    p->ts = ts;
    peer_called_with_buffer(p, 4096);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_opts(p));
    ck_assert_int_eq(info(p).rcv_rtt, 0);
    ck_assert_int_eq(info(p).ato, 0);
    uint32_t at = 1;
    for (int round = 0; round < 6; round++) {
        peer_wait(p, round == 3 ? MSEC(200) : MSEC(80));
        for (int i = 0; i < 4; i++, at += 1024) {
            SAY(p, .flags = TCP_ACK | TCP_PSH, .seq = at, .ack = 1, .len = 1024);
            ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), 1024);
            peer_collect(p);
        }
    }
    struct ng_tcp_info i = info(p);
    if (!ts) ck_assert_int_lt(i.rcv_rtt, MSEC(81));
    ck_assert_int_ge(i.rcv_rtt, MSEC(80));
    ck_assert_int_lt(i.rcv_rtt, MSEC(100));  // the long one weighs an eighth
    ck_assert_int_eq(i.ato, MSEC(40));
    ck_assert_uint_eq(i.rcv_ssthresh, 4096);
    peer_free(p);
}
END_TEST

// Long before a window has come, an echo tells: that of a full segment, once, and later ones by an
// eighth.
START_TEST(an_echo_tells_a_receiver)
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_established(p);
    uint32_t seen = p->ts_seen;
    peer_wait(p, MSEC(80));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 100);
    ck_assert_int_eq(info(p).rcv_rtt, 0);  // a short one may have waited
    p->ts_seen = seen + 1;
    SAY(p, .flags = TCP_ACK, .seq = 101, .ack = 1, .len = 1400);
    ck_assert_int_eq(info(p).rcv_rtt, MSEC(79));
    seen = p->ts_seen;
    peer_wait(p, MSEC(159));
    SAY(p, .flags = TCP_ACK, .seq = 1501, .ack = 1, .len = 1400);
    ck_assert_int_eq(info(p).rcv_rtt, MSEC(89));
    p->ts_seen = seen;  // again
    peer_wait(p, MSEC(10));
    SAY(p, .flags = TCP_ACK, .seq = 2901, .ack = 1, .len = 1400);
    ck_assert_int_eq(info(p).rcv_rtt, MSEC(89));
    peer_free(p);
}
END_TEST

// The path grows longer after the handshake. A host that only reads finds out, and lets its window
// grow to what such a path holds.
START_TEST(a_reader_of_a_longer_path_offers_more)
{
    struct path *p = path_new(9, MSEC(2), 0);
    struct ng_tcp_info i;
    ng_sock s[2];
    ng_host_set(p->h[1], "net.ipv4.tcp_rmem", "4096 131072 8000000");
    for (int k = 0; k < 2; k++) ng_host_set(p->h[k], "net.ipv4.tcp_timestamps", _i ? "1" : "0");
    path_pair(p, s);
    p->delay = MSEC(100);
    struct transfer x = {.from = 0, .s = {s[0], s[1]}, .total = 3000000};
    ck_assert(transfer_run(p, &x, SEC(60)));
    ng_tcp_info(p->h[1], s[1], &i);
    ck_assert_int_ge(i.rcv_rtt, MSEC(180));
    ck_assert_int_le(i.rcv_rtt, MSEC(260));
    ck_assert_uint_ge(i.rcv_space, 500000);
    path_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, a_young_connection_has_no_history);
    tcase_add_test(tc, segments_that_came_are_counted);
    tcase_add_test(tc, memory_is_what_the_buffers_hold);
    tcase_add_test(tc, timeouts_and_their_time_are_counted);
    tcase_add_test(tc, time_is_told_apart);
    tcase_add_test(tc, a_full_buffer_is_told_apart);
    tcase_add_test(tc, duplicates_told_by_the_peer_are_counted);
    tcase_add_test(tc, super_frames_count_as_their_segments);
    tcase_add_loop_test(tc, both_buffers_grow_as_far_as_they_may, 0, 2);
    tcase_add_loop_test(tc, a_receiver_learns_the_round_trip, 0, 2);
    tcase_add_test(tc, an_echo_tells_a_receiver);
    tcase_add_loop_test(tc, a_reader_of_a_longer_path_offers_more, 0, 2);
}

int main(void)
{
    Suite *s = suite_create("info");
    family_add(s, add_tests);
    return run_claims(s);
}
