// syncookie_test.c - SYN cookies: what they say, when they are given out, when they are believed,
// and that a flood of SYNs shuts nobody out.
#include "claims.h"
#include "unit/tcp_path.h"
#include "unit/tcp_peer.h"
#include "unit/thorough.h"

static struct peer *peer(const char *cookies)
{
    struct peer *p = peer_new();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_syncookies", cookies), 0);
    return p;
}

static unsigned children(const struct peer *p)
{
    struct ng_sock_entry e;
    unsigned n = 0;
    for (uint32_t at = 0; ng_host_walk(p->h, &at, &e);) n += e.state != TCP_LISTEN;
    return n;
}

static ng_sock accepted(struct peer *p, ng_sock listener)
{
    int error = 0;
    struct endpoint from;
    return p->s = ng_sock_accept(p->h, listener, &from, &error);
}

static struct ng_tcp_info info_of(struct peer *p)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    return info;
}

// A SYN of each size, by either setting: answered, and nothing is kept.
enum { SIZES = 9 };
static const struct { uint16_t offered, known; } sizes_by[2][SIZES] = {
    {{0, 536}, {536, 536}, {1299, 536}, {1300, 1300}, {1439, 1300}, {1440, 1440}, {1459, 1440},
     {1460, 1460}, {9000, 1460}},
    {{0, 1220}, {536, 1220}, {1220, 1220}, {1419, 1220}, {1420, 1420}, {1439, 1420}, {1440, 1440},
     {8939, 1440}, {8940, 1460}},
};

START_TEST(the_number_brings_the_mss_back)
{
    struct peer *p = peer("2");
    ng_sock listener = peer_listener(p, 5);
    uint16_t offered = sizes_by[family == FAMILY_IP6][_i].offered;
    SAY(p, .flags = TCP_SYN, .opts = {.has_mss = offered != 0, .mss = offered});
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_SYN_COOKIE);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN | TCP_ACK);
    ck_assert_uint_eq(p->out[0].ack, 1);
    ck_assert_uint_eq(p->out[0].seg.wnd, 65535);
    ck_assert_uint_eq(children(p), 0);
    ck_assert_uint_eq(ng_host_next(p->h) == NEVER, 1);  // it is not sent again
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(p->log.whys[WHY_SYN_COOKIE], 1);
    ck_assert_uint_ne(accepted(p, listener), 0);
    ck_assert_uint_eq(info_of(p).mss_snd, sizes_by[family == FAMILY_IP6][_i].known);
    ck_assert_uint_eq(ng_host_counts(p->h)->cookies_back, 1);
    peer_free(p);
}
END_TEST

// What was agreed on comes back with the echo of our timestamp, in all combinations.
START_TEST(the_timestamp_brings_the_options_back)
{
    struct peer *p = peer("2");
    bool ts = _i & 1, sack = _i & 2, wscale = _i & 4, ecn = _i & 8;
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_ecn", "2"), 0);
    ng_sock listener = peer_listener(p, 5);
    p->ts = ts;
    struct tcp_opts o = {.has_mss = true, .mss = 1460, .has_sack_ok = sack, .has_wscale = wscale,
                         .wscale = wscale ? 9 : 0, .has_ts = ts, .ts_val = p->ts_val};
    uint8_t ask = ecn ? TCP_ECE | TCP_CWR : 0;
    p->now += MSEC(37 * _i);
    SAY(p, .flags = TCP_SYN | ask, .opts = o);
    const struct tcp_opts *got = &p->out[0].seg.opts;
    ck_assert_int_eq(got->has_ts, ts);
    ck_assert_int_eq(got->has_sack_ok, ts && sack);
    ck_assert_int_eq(got->has_wscale, ts && wscale);
    ck_assert_int_eq((p->out[0].seg.flags & TCP_ECE) != 0, ts && ecn);
    if (ts) ck_assert_uint_eq(got->ts_ecr, p->ts_val);
    p->now += MSEC(20);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 1000);
    ck_assert_uint_ne(accepted(p, listener), 0);
    struct ng_tcp_info info = info_of(p);
    ck_assert_int_eq(info.timestamps, ts);
    ck_assert_int_eq(info.sack, ts && sack);
    ck_assert_int_eq(info.wscale_snd, ts && wscale ? 9 : 0);
    ck_assert_int_eq(info.wscale_rcv, ts && wscale ? 8 : 0);
    ck_assert_int_eq(info.ecn, ts && ecn);
    ck_assert_uint_eq(info.snd_wnd, ts && wscale ? 1000 << 9 : 1000);
    peer_free(p);
}
END_TEST

// Our clock never goes back by it: a stamp is no later than now, and at most 64 ms earlier.
START_TEST(the_timestamp_is_close_to_the_time)
{
    struct peer *p = peer("2");
    peer_listener(p, 5);
    p->ts = true;
    uint32_t before = 0;
    for (int i = 0; i < 200; i++) {
        p->now += MSEC(1);
        SAY(p, .flags = TCP_SYN, .seq = (uint32_t)i * 1000, .opts = peer_opts(p));
        struct conn c = {0};
        conn_name(&c, (struct endpoint){host_addr(), HOST_PORT},
                  (struct endpoint){peer_addr(), PEER_PORT});
        uint32_t now = tcp_ms_at(p->h, p->now) + tcp_ts_offset(p->h, &c);
        uint32_t stamp = p->out[0].seg.opts.ts_val;
        if (now - stamp > 64) ck_abort_msg("%u ms off", now - stamp);
        if (i > 0 && (int32_t)(stamp - before) < 0) ck_abort_msg("it went back");
        before = stamp;
    }
    peer_free(p);
}
END_TEST

// The first bytes may come with the ACK that brings the cookie, or after it was lost.
START_TEST(bytes_come_with_the_cookie)
{
    struct peer *p = peer("2");
    ng_sock listener = peer_listener(p, 5);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    SAY(p, .flags = TCP_ACK | TCP_PSH | TCP_FIN, .seq = 1, .ack = 1, .len = 10);
    ck_assert_uint_ne(accepted(p, listener), 0);
    char buf[20];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), 10);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), 0);
    ck_assert_int_eq(peer_state(p), TCP_CLOSE_WAIT);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, buf, 10), 10);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_eq(p->out[0].seq, 1);
    ck_assert_uint_eq(p->out[0].len, 10);
    peer_free(p);
}
END_TEST

// --- what is not believed ----------------------------------------------------------------------

static const struct { const char *what; struct say say; nsec later; } lies[] = {
    {"another number",       {.flags = TCP_ACK, .seq = 1, .ack = 2}, 0},
    {"one minute off",       {.flags = TCP_ACK, .seq = 1, .ack = 1u + (1u << 24)}, 0},
    {"another size's index", {.flags = TCP_ACK, .seq = 1, .ack = 9}, 0},
    {"another first byte",   {.flags = TCP_ACK, .seq = 2, .ack = 1}, 0},
    {"another port",         {.flags = TCP_ACK, .seq = 1, .ack = 1, .sport = 4711}, 0},
    {"an age of two minutes", {.flags = TCP_ACK, .seq = 1, .ack = 1}, SEC(119)},
    {"a SYN beside the ACK", {.flags = TCP_SYN | TCP_ACK, .seq = 1, .ack = 1}, 0},
};

START_TEST(no_other_number_opens)
{
    struct peer *p = peer("2");
    ng_sock listener = peer_listener(p, 5);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    peer_wait(p, lies[_i].later);
    if (lies[_i].later != 0) {  // one given out later, so that cookies are still expected
        uint16_t port = p->peer_port;
        p->peer_port = 1234;
        SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
        p->peer_port = port;
    }
    struct say say = lies[_i].say;
    peer_say(p, &say);
    bool syn = say.flags & TCP_SYN;
    ck_assert_msg(p->log.drops[syn ? DROP_TCP_BAD_ACK : DROP_TCP_BAD_COOKIE] == 1, "%s",
                  lies[_i].what);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_RST);
    ck_assert_uint_eq(children(p), 0);
    ck_assert_uint_eq(accepted(p, listener), 0);
    peer_free(p);
}
END_TEST

START_TEST(a_cookie_is_good_for_a_minute)
{
    struct peer *p = peer("2");
    ng_sock listener = peer_listener(p, 5);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    peer_wait(p, SEC(59));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_ne(accepted(p, listener), 0);
    SAY(p, .flags = TCP_RST, .seq = 1);
    peer_wait(p, SEC(121));  // and for two at most, though others are given out
    SAY(p, .flags = TCP_SYN, .sport = 999, .opts = peer_syn_opts);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_COOKIE], 1);
    ck_assert_uint_eq(accepted(p, listener), 0);
    peer_free(p);
}
END_TEST

// Who gave none out lately takes none, and says so as ever.
START_TEST(cookies_are_expected_only_after_some_went_out)
{
    struct peer *p = peer("2");
    ng_sock listener = peer_listener(p, 5);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_ACK], 1);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    peer_wait(p, SEC(121));
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_ACK], 2);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_COOKIE], 0);
    ck_assert_uint_eq(accepted(p, listener), 0);
    peer_free(p);
}
END_TEST

// --- when ---------------------------------------------------------------------------------------

// As long as the SYN queue has room, SYNs are kept, as always; then it depends on the setting.
START_TEST(a_full_syn_queue_gives_cookies_if_it_may)
{
    struct peer *p = peer(_i == 0 ? "0" : "1");
    ng_sock listener = peer_listener(p, 1);
    for (uint16_t i = 0; i < 16; i++) {
        SAY(p, .flags = TCP_SYN, .sport = (uint16_t)(1000 + i), .opts = peer_syn_opts);
        ck_assert_int_eq(p->out[0].why, SENT_SYN_ACK);
    }
    ck_assert_uint_eq(children(p), 16);
    p->host_isn_known = false;
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    ck_assert_uint_eq(children(p), 16);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_SYN_QUEUE_FULL], _i == 0);
    ck_assert_uint_eq(p->outs, _i == 1);
    if (_i == 1) {
        ck_assert_int_eq(p->out[0].why, SENT_SYN_COOKIE);
        SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
        ck_assert_uint_ne(accepted(p, listener), 0);
    }
    peer_free(p);
}
END_TEST

// A full accept queue takes nobody, cookie or not; the peer's next segment brings it again.
START_TEST(a_full_accept_queue_lets_the_cookie_wait)
{
    struct peer *p = peer("2");
    ng_sock listener = peer_listener(p, 0);
    for (uint16_t i = 0; i < 2; i++) {
        p->host_isn_known = false;
        p->peer_port = (uint16_t)(1000 + i);
        SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
        if (i == 0) SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    }
    ck_assert_uint_eq(p->log.drops[DROP_TCP_ACCEPT_QUEUE_FULL], 1);  // its SYN already
    ck_assert_uint_ne(accepted(p, listener), 0);
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    p->peer_port = 1002;
    struct seq second = p->host_isn;
    p->host_isn_known = false;
    SAY(p, .flags = TCP_SYN, .opts = peer_syn_opts);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);  // the queue is full again
    p->peer_port = 1001;
    p->host_isn = second;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    ck_assert_uint_eq(p->outs, 0);  // no RST
    ck_assert_uint_eq(p->log.drops[DROP_TCP_ACCEPT_QUEUE_FULL], 2);
    ck_assert_uint_ne(accepted(p, listener), 0);
    SAY(p, .flags = TCP_ACK | TCP_PSH, .seq = 1, .ack = 1, .len = 3);
    ck_assert_uint_ne(accepted(p, listener), 0);
    peer_free(p);
}
END_TEST

// --- a flood ------------------------------------------------------------------------------------

static void flood(struct path *p, struct rng *rng, int n)
{
    for (int i = 0; i < n; i++) {
        uint8_t b[ETH_HDR_LEN + IP6_HDR_LEN + TCP_HDR_MAX] = {0}, *ip = b + ETH_HDR_LEN;
        uint8_t *tcp = ip + family_hdr();
        struct family_packet packet = {.src = family_addr((uint8_t)(10 + rng_below(rng, 200))),
                                       .dst = family_addr(2), .proto = IP_PROTO_TCP};
        struct tcp_seg seg = {.sport = (uint16_t)(1024 + rng_below(rng, 60000)), .dport = 80,
                              .seq = seq_of((uint32_t)rng_below(rng, UINT32_MAX)),
                              .flags = TCP_SYN, .wnd = 1000, .opts = peer_syn_opts};
        eth_emit(&(struct eth_frame){.dst = {{2, 0, 0, 0, 0, 2}}, .src = {{2, 9, 9, 9, 9, 9}},
                                     .type = family == FAMILY_IP4 ? ETH_TYPE_IP4 : ETH_TYPE_IP6},
                 b);
        size_t len = packet.len = tcp_emit(&seg, tcp), hdr = family_emit(&packet, ip);
        uint16_t pseudo = csum_pseudo(packet.src, packet.dst, IP_PROTO_TCP, len);
        put16(tcp + 16, csum_field(csum_add(pseudo, csum_sum(tcp, len))));
        path_put(p, 0, frame_from(&p->pool, b, ETH_HDR_LEN + hdr + len),
                 p->now + (nsec)rng_below(rng, MSEC(1)));
    }
}

// A thousand SYNs a hundredth of a second from strangers that never answer. Without cookies no
// caller gets in; with them each one does, at its first SYN, and the host keeps no memory of a SYN.
START_TEST(a_flood_shuts_nobody_out)
{
    struct path *p = path_new(11, MSEC(2), 0);
    struct rng rng;
    rng_seed(&rng, 11);
    bool cookies = _i == 1;
    ck_assert_int_eq(ng_host_set(p->h[1], "net.ipv4.tcp_syncookies", cookies ? "1" : "0"), 0);
    ng_sock listener = path_listen(p, 80, 64), s[2] = {0};
    for (int i = 0; i < 20; i++) {
        flood(p, &rng, 1000 / every(4));
        if (i == 10) s[0] = path_connect(p, 80);
        path_run(p, MSEC(10));
    }
    s[1] = path_accept(p, listener);
    ck_assert_int_eq(s[1] != 0, cookies);
    ck_assert_uint_le(p->h[1]->tcp->tcps, 1 + 64 + cookies);
    ck_assert_int_eq(p->log.drops[DROP_TCP_SYN_QUEUE_FULL] > 10000U / (unsigned)every(4), !cookies);
    ck_assert_int_eq(ng_host_counts(p->h[1])->sent[SENT_SYN_COOKIE] > 0, cookies);
    ck_assert(ng_host_counts(p->h[1])->cookies_back == cookies);
    if (cookies) {
        struct transfer x = {.from = 0, .s = {s[0], s[1]}, .total = 100000};
        ck_assert(transfer_run(p, &x, SEC(5)));
        struct transfer back = {.from = 1, .s = {s[0], s[1]}, .total = 100000};
        ck_assert(transfer_run(p, &back, SEC(5)));
    }
    path_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, the_number_brings_the_mss_back, 0, SIZES);
    tcase_add_loop_test(tc, the_timestamp_brings_the_options_back, 0, 16);
    tcase_add_test(tc, the_timestamp_is_close_to_the_time);
    tcase_add_test(tc, bytes_come_with_the_cookie);
    tcase_add_loop_test(tc, no_other_number_opens, 0, (int)ARRAY_LEN(lies));
    tcase_add_test(tc, a_cookie_is_good_for_a_minute);
    tcase_add_test(tc, cookies_are_expected_only_after_some_went_out);
    tcase_add_loop_test(tc, a_full_syn_queue_gives_cookies_if_it_may, 0, 2);
    tcase_add_test(tc, a_full_accept_queue_lets_the_cookie_wait);
    tcase_add_loop_test(tc, a_flood_shuts_nobody_out, 0, 2);
}

int main(void)
{
    Suite *s = suite_create("syncookie");
    family_add(s, add_tests);
    return run_claims(s);
}
