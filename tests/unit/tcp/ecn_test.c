// ecn_test.c - marks instead of losses (RFC 3168), and their share (DCTCP, RFC 8257).
#include "claims.h"
#include "unit/tcp_path.h"
#include "unit/tcp_peer.h"

static struct peer *peer(const char *ecn)
{
    struct peer *p = peer_new();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_ecn", ecn), 0);
    return p;
}

static bool agreed(struct peer *p)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    return info.ecn;
}

enum { BOTH = TCP_ECE | TCP_CWR };

// Our SYN, and what becomes of the answer (RFC 3168 §6.1.1).
static const struct { const char *setting; uint8_t asks, answer; bool ok; } calls[] = {
    {"1", BOTH, TCP_ECE, true},
    {"1", BOTH, BOTH, false},
    {"1", BOTH, 0, false},
    {"2", 0, TCP_ECE, false},
    {"0", 0, TCP_ECE, false},
};

START_TEST(a_call_asks_for_it)
{
    struct peer *p = peer(calls[_i].setting);
    peer_called(p);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN | calls[_i].asks);
    ck_assert_int_eq(p->out[0].tos & 3, 0);
    SAY(p, .flags = TCP_SYN | TCP_ACK | calls[_i].answer, .ack = 1, .opts = peer_syn_opts);
    ck_assert_int_eq(agreed(p), calls[_i].ok);
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "x", 1), 1);
    peer_collect(p);
    ck_assert_int_eq(p->out[0].tos & 3, calls[_i].ok ? 2 : 0);
    peer_free(p);
}
END_TEST

START_TEST(a_lost_syn_asks_no_more)
{
    struct peer *p = peer("1");
    peer_called(p);
    p->outs = 0;
    peer_wait(p, MSEC(1100));
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN);
    SAY(p, .flags = TCP_SYN | TCP_ACK | TCP_ECE, .ack = 1, .opts = peer_syn_opts);
    ck_assert(!agreed(p));
    peer_free(p);
}
END_TEST

// Their SYN and our answer.
static const struct { const char *setting; uint8_t asks, tos, answer; } called[] = {
    {"1", BOTH, 0, TCP_ECE}, {"2", BOTH, 0, TCP_ECE}, {"0", BOTH, 0, 0},
    {"2", TCP_ECE, 0, 0},    {"2", TCP_CWR, 0, 0},    {"2", 0, 0, 0},
    {"2", BOTH, 3, 0},
};

START_TEST(a_listener_agrees)
{
    struct peer *p = peer(called[_i].setting);
    ng_sock listener = peer_listener(p, 5);
    int error = 0;
    struct endpoint from;
    SAY(p, .flags = TCP_SYN | called[_i].asks, .tos = called[_i].tos, .opts = peer_syn_opts);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN | TCP_ACK | called[_i].answer);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    p->s = ng_sock_accept(p->h, listener, &from, &error);
    ck_assert_int_eq(agreed(p), called[_i].answer != 0);
    peer_free(p);
}
END_TEST

static struct peer *with_ecn(const char *cc)
{
    struct peer *p = peer("1");
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_congestion_control", cc), 0);
    peer_called(p);
    SAY(p, .flags = TCP_SYN | TCP_ACK | TCP_ECE, .ack = 1, .opts = peer_syn_opts);
    ck_assert(agreed(p));
    return p;
}

START_TEST(a_mark_is_echoed_until_the_window_was_cut)
{
    struct peer *p = with_ecn("cubic");
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 100, .tos = 2);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_ACK);
    SAY(p, .flags = TCP_ACK, .seq = 101, .ack = 1, .len = 100, .tos = 3);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_ACK | TCP_ECE);
    ck_assert_int_eq(p->out[0].tos & 3, 0);  // an ACK alone is never marked
    SAY(p, .flags = TCP_ACK, .seq = 201, .ack = 1, .len = 100, .tos = 2);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_ACK | TCP_ECE);
    SAY(p, .flags = TCP_ACK | TCP_CWR, .seq = 301, .ack = 1, .len = 100, .tos = 2);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_ACK);
    SAY(p, .flags = TCP_ACK | TCP_CWR, .seq = 401, .ack = 1, .len = 100, .tos = 3);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_ACK | TCP_ECE);
    peer_free(p);
}
END_TEST

static uint32_t cwnd(struct peer *p)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    return info.cwnd;
}

START_TEST(an_echo_cuts_the_window_once_a_round_trip)
{
    static uint8_t bytes[14600];
    struct peer *p = with_ecn("newreno");
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, bytes, sizeof bytes), sizeof bytes);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 10);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(p->out[i].seg.flags & TCP_CWR, 0);
        ck_assert_int_eq(p->out[i].tos & 3, 2);
    }
    SAY(p, .flags = TCP_ACK | TCP_ECE, .seq = 1, .ack = 1461);
    ck_assert_uint_eq(cwnd(p), 7300);
    SAY(p, .flags = TCP_ACK | TCP_ECE, .seq = 1, .ack = 2921);
    ck_assert_uint_eq(cwnd(p), 7300);
    SAY(p, .flags = TCP_ACK | TCP_ECE, .seq = 1, .ack = 14601);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, bytes, 2920), 2920);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 2);
    ck_assert_int_eq(p->out[0].seg.flags & TCP_CWR, TCP_CWR);
    ck_assert_int_eq(p->out[1].seg.flags & TCP_CWR, 0);
    peer_free(p);
}
END_TEST

static enum ng_ca_state ca_state(struct peer *p)
{
    struct ng_tcp_info info;
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    return info.ca_state;
}

// Linux: TCP_CA_CWR from the echo on, until something is acknowledged that was sent after it; also
// if the echo came with the ACK of all there was. A loss takes its place.
START_TEST(it_is_told_that_the_window_was_cut_for_a_mark)
{
    static uint8_t bytes[14600];
    struct peer *p = with_ecn("newreno");
    uint32_t una = _i == 0 ? 1461 : 14601;
    ng_sock_write(p->h, p->s, bytes, sizeof bytes);
    peer_collect(p);
    ck_assert_int_eq(ca_state(p), NG_CA_OPEN);
    SAY(p, .flags = TCP_ACK | TCP_ECE, .seq = 1, .ack = una);
    ck_assert_int_eq(ca_state(p), NG_CA_CWR);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 14601);
    ck_assert_int_eq(ca_state(p), NG_CA_CWR);
    ng_sock_write(p->h, p->s, bytes, 1460);
    peer_collect(p);
    ck_assert_int_eq(ca_state(p), NG_CA_CWR);
    if (_i == 2) peer_wait(p, SEC(1));
    ck_assert_int_eq(ca_state(p), _i == 2 ? NG_CA_LOSS : NG_CA_CWR);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 16061);
    ck_assert_int_eq(ca_state(p), NG_CA_OPEN);
    peer_free(p);
}
END_TEST

// Both mark the end of a round or of a recovery that is long over: they must not stay behind by
// half of all numbers, where they would look like numbers to come.
START_TEST(what_is_over_does_not_come_round_again)
{
    struct peer *p = with_ecn("newreno");
    for (uint32_t at = 1; at < 5; at++) {
        ng_sock_write(p->h, p->s, "x", 1);
        peer_collect(p);
        SAY(p, .flags = TCP_ACK | (at == 2 ? TCP_ECE : 0), .seq = 1, .ack = at + 1);
    }
    const struct tcp *t = NULL;
    for (uint32_t i = 0; i < p->h->tcp->ids && t == NULL; i++)
        t = (const struct tcp *)(const void *)p->h->tcp->by_id[i].conn;
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(t->ecn_until.raw, t->sent.una.raw);
    ck_assert_uint_eq(t->recover.raw, t->sent.una.raw);
    peer_free(p);
}
END_TEST

START_TEST(what_goes_again_is_not_marked)
{
    static uint8_t bytes[1000];
    struct peer *p = with_ecn("cubic");
    ck_assert_int_eq(ng_sock_write(p->h, p->s, bytes, 1000), 1000);
    peer_collect(p);
    p->outs = 0;
    peer_wait(p, SEC(2));
    ck_assert_uint_ge(p->outs, 1);
    ck_assert_uint_eq(p->out[0].len, 1000);
    ck_assert_int_eq(p->out[0].tos & 3, 0);
    peer_free(p);
}
END_TEST

// RFC 8257 §3.2: ECE follows the marks; at each change what came before is acknowledged at once.
START_TEST(dctcp_tells_of_each_mark)
{
    struct peer *p = with_ecn("dctcp");
    static const uint8_t tos[] = {2, 3, 3, 2, 2, 3};
    for (uint32_t i = 0; i < ARRAY_LEN(tos); i++) {
        SAY(p, .flags = TCP_ACK, .seq = 1 + 100 * i, .ack = 1, .len = 100, .tos = tos[i]);
        ck_assert_uint_ge(p->outs, 1);
        ck_assert_int_eq(p->out[p->outs - 1].seg.flags, TCP_ACK | (tos[i] == 3 ? TCP_ECE : 0));
    }
    int later = 0;
    ng_sock_set(p->h, p->s, NG_TCP_QUICKACK, &later, sizeof later);
    SAY(p, .flags = TCP_ACK, .seq = 601, .ack = 1, .len = 100, .tos = 3);
    ck_assert_uint_eq(p->outs, 0);
    SAY(p, .flags = TCP_ACK, .seq = 701, .ack = 1, .len = 100, .tos = 2);
    ck_assert_uint_eq(p->outs, 2);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(p->out[i].ack, 701 + 100 * i);
        ck_assert_int_eq(p->out[i].seg.flags, TCP_ACK | (i == 0 ? TCP_ECE : 0));
    }
    peer_free(p);
}
END_TEST

// The share of marks, not their being there, cuts a window.
START_TEST(dctcp_cuts_by_the_share)
{
    struct cc_state s = {.mss = 1000, .cwnd = 100000, .ssthresh = 50000};
    cc_dctcp.init(&s);
    ck_assert_uint_eq(cc_dctcp.marked(&s, 0), 50000);  // it begins as careful as a loss
    struct seq at = seq_of(0);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 100; i++) {
            at = seq_add(at, 1000);
            struct cc_ack a = {.acked = 1000, .marked = i % 10 == 0 ? 1000 : 0, .una = at,
                               .nxt = seq_add(at, 100000)};
            cc_dctcp.acked(&s, &a);
        }
    }
    uint32_t cut = 100000 - cc_dctcp.marked(&s, 0);
    ck_assert_uint_ge(cut, 4000);  // a tenth of the bytes: a twentieth of the window
    ck_assert_uint_le(cut, 6000);
    ck_assert_uint_eq(cc_dctcp.ssthresh(&s, 100000), 50000);
}
END_TEST

START_TEST(marks_lose_no_byte_and_need_no_retransmission)
{
    static const char *const names[] = {"newreno", "cubic", "dctcp"};
    struct path *p = path_new(7, MSEC(10), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ng_host_set(p->h[i], "net.ipv4.tcp_ecn", "1"), 0);
        ck_assert_int_eq(ng_host_set(p->h[i], "net.ipv4.tcp_congestion_control", names[_i]), 0);
    }
    struct transfer x = {.total = 600000};
    path_pair(p, x.s);
    p->mark_from = 100;
    p->mark_to = 120;
    ck_assert(transfer_run(p, &x, SEC(60)));
    ck_assert_uint_ge(p->log.cwnds[CWND_ECN], 1);
    ck_assert_uint_le(p->log.cwnds[CWND_ECN], 3);
    ck_assert_uint_eq(p->log.sent[SENT_RTO] + p->log.sent[SENT_RECOVERY], 0);
    path_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, a_call_asks_for_it, 0, ARRAY_LEN(calls));
    tcase_add_test(tc, a_lost_syn_asks_no_more);
    tcase_add_loop_test(tc, a_listener_agrees, 0, ARRAY_LEN(called));
    tcase_add_test(tc, a_mark_is_echoed_until_the_window_was_cut);
    tcase_add_test(tc, an_echo_cuts_the_window_once_a_round_trip);
    tcase_add_loop_test(tc, it_is_told_that_the_window_was_cut_for_a_mark, 0, 3);
    tcase_add_test(tc, what_is_over_does_not_come_round_again);
    tcase_add_test(tc, what_goes_again_is_not_marked);
    tcase_add_test(tc, dctcp_tells_of_each_mark);
    tcase_add_test(tc, dctcp_cuts_by_the_share);
    tcase_add_loop_test(tc, marks_lose_no_byte_and_need_no_retransmission, 0, 3);
}

int main(void)
{
    Suite *s = suite_create("ecn");
    family_add(s, add_tests);
    return run_claims(s);
}
