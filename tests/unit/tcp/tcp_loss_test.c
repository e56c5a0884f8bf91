// tcp_loss_test.c - the sender's answer to loss and silence, segment by segment: RFC 5681, 6298,
// 6582, 6937, 8985, 3522.
#include "claims.h"
#include "unit/tcp_far.h"

// --- the window --------------------------------------------------------------------------------

// An older segment must not bring an older window back (RFC 9293 §3.10.7.4, SND.WL1 and WL2).
START_TEST(an_old_window_is_ignored)
{
    struct peer *p = far_peer(true, false);
    send(p, 2000);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 2001, .wnd = 30000);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 9000);  // it was late
    ck_assert_uint_eq(info_of(p).snd_wnd, 30000);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 2001, .wnd = 9000);
    ck_assert_uint_eq(info_of(p).snd_wnd, 9000);
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 2001, .wnd = 20000, .len = 10);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 2001, .wnd = 7000, .len = 10);  // late too
    ck_assert_uint_eq(info_of(p).snd_wnd, 20000);
    peer_free(p);
}
END_TEST

// MUST-39: the reader takes a byte; that is no reason to offer one.
START_TEST(no_silly_window_is_offered)
{
    struct peer *p = peer_new();
    peer_called_with_buffer(p, 8192);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    for (uint32_t at = 1; at < 8193; at += 1024)
        SAY(p, .flags = TCP_ACK, .seq = at, .ack = 1, .len = 1024);
    peer_wait(p, MSEC(50));
    ck_assert_uint_eq(p->out[p->outs - 1].seg.wnd, 0);
    char buf[2000];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, 300), 300);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 0);  // neither told
    SAY(p, .flags = TCP_ACK, .seq = 8193, .ack = 1, .len = 1);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seg.wnd, 0);  // nor offered when asked
    ng_sock_read(p->h, p->s, buf, 2000);
    p->outs = 0;
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_WINDOW_UPDATE);
    peer_free(p);
}
END_TEST

// --- round trips -------------------------------------------------------------------------------

// MUST-18: what was sent twice tells nothing, unless timestamps say which copy was answered.
START_TEST(karn)
{
    bool ts = _i > 0;
    struct peer *p = far_peer(true, ts);
    nsec srtt = info_of(p).srtt;
    ck_assert_int_eq(srtt, MSEC(100));
    send(p, 100);
    ng_host_run(p->h, p->now);
    uint32_t first = p->ts_seen;
    peer_wait(p, MSEC(700));  // a tail probe or an RTO has sent it again
    ck_assert_uint_ge(info_of(p).total_retrans, 1);
    uint32_t echo = _i == 1 ? p->ts_seen : first;
    peer_wait(p, MSEC(20));
    p->ts_seen = echo;
    ack(p, 101);
    ck_assert_uint_eq(info_of(p).unacked, 0);
    // The last copy was 300 ms under way; an echo of the first says nothing of any.
    if (_i == 1) ck_assert_int_gt(info_of(p).srtt, srtt);
    if (_i == 1) ck_assert_int_lt(info_of(p).srtt, srtt + MSEC(80));
    else ck_assert_int_eq(info_of(p).srtt, srtt);
    peer_free(p);
}
END_TEST

// What waited behind a gap at the peer was not under way all that time.
START_TEST(an_ack_over_a_repaired_gap_is_no_sample)
{
    struct peer *p = far_peer(false, false);
    send(p, 5 * MSS);
    nsec srtt = info_of(p).srtt;
    peer_wait(p, MSEC(100));
    for (int i = 0; i < 3; i++) ack(p, 1);
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 5 * MSS);
    ck_assert_int_eq(info_of(p).srtt, srtt);
    peer_free(p);
}
END_TEST

// RFC 7323 §4.1: an echo is a sample only on an ACK of new bytes. Behind a hole it is old.
START_TEST(an_echo_behind_a_hole_is_no_sample)
{
    struct peer *p = far_peer(true, true);
    uint32_t mss = info_of(p).mss_snd;
    send(p, 10 * mss);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + mss, 1 + 2 * mss);
    sack(p, 1, 1 + 3 * mss, 1 + 6 * mss);
    ck_assert_uint_eq(info_of(p).total_retrans, 2);
    unsigned samples = p->log.events[TRACE_TCP_RTT];
    peer_wait(p, MSEC(150));
    sack(p, 1, 1 + mss, 1 + 6 * mss);
    ck_assert_uint_eq(p->log.events[TRACE_TCP_RTT], samples);
    peer_free(p);
}
END_TEST

// RFC 6298 (5.7): a SYN that had to be repeated leaves an RTO of 3 s, until there is a sample.
START_TEST(a_repeated_syn_leaves_three_seconds)
{
    struct peer *p = peer_new();
    peer_called(p);
    peer_wait(p, MSEC(1100));
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_opts(p));
    ck_assert_int_eq(info_of(p).rto, SEC(3));
    peer_free(p);
}
END_TEST

// RFC 5681 §3.1: and a window of one segment. Linux: one SYN that was lost is forgiven.
START_TEST(a_syn_lost_twice_leaves_one_segment)
{
    struct peer *p = peer_new();
    peer_called(p);
    peer_wait(p, MSEC(100) + SEC(1 + _i));
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_opts(p));
    ck_assert_uint_eq(info_of(p).cwnd, _i == 0 ? 10 * MSS : MSS);
    peer_free(p);
}
END_TEST

// --- the RTO -----------------------------------------------------------------------------------

// RFC 5681 §3.1: one segment in flight after an RTO, ssthresh half of what was; and not again half
// at the next one.
START_TEST(a_timeout_leaves_one_segment)
{
    struct peer *p = far_peer(false, false);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_CONGESTION, "newreno", 7), 0);
    send(p, 10 * MSS);
    ck_assert_uint_eq(p->outs, 10);
    p->outs = 0;
    peer_wait(p, MSEC(310));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    ck_assert_uint_eq(p->out[0].seq, 1);
    struct ng_tcp_info i = info_of(p);
    ck_assert_uint_eq(i.cwnd, MSS);
    ck_assert_uint_eq(i.ssthresh, 5 * MSS);
    ck_assert_int_eq(i.rto, MSEC(600));  // (5.5)
    peer_wait(p, MSEC(610));
    ck_assert_uint_eq(p->outs, 2);
    ck_assert_uint_eq(info_of(p).ssthresh, 5 * MSS);
    ck_assert_uint_eq(info_of(p).cwnd, MSS);
    ack(p, 1 + MSS);  // slow start through what was lost
    ck_assert_uint_eq(p->outs, 2);
    ck_assert_uint_eq(p->out[0].seq, 1 + MSS);
    peer_free(p);
}
END_TEST

// --- fast retransmit ---------------------------------------------------------------------------

// RFC 5681 §3.2, RFC 3042: two duplicates let new segments out, the third repeats the lost one.
START_TEST(the_third_duplicate_repeats)
{
    struct peer *p = far_peer(false, false);
    send(p, 20 * MSS);
    ck_assert_uint_eq(p->outs, 10);
    peer_wait(p, MSEC(50));
    for (int i = 0; i < 2; i++) {
        ack(p, 1);
        ck_assert_uint_eq(p->outs, 1);
        ck_assert_int_eq(p->out[0].why, SENT_LIMITED_TRANSMIT);
    }
    ack(p, 1);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_FAST_RETRANSMIT);
    ck_assert_uint_eq(p->out[0].seq, 1);
    ck_assert_uint_eq(p->out[0].len, MSS);
    ack(p, 1 + 3 * MSS);  // a partial ACK: the next hole at once (RFC 6582 §3.2)
    ck_assert_uint_ge(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seq, 1 + 3 * MSS);
    ck_assert_int_eq(p->out[0].why, SENT_RECOVERY);
    peer_free(p);
}
END_TEST

// No ACK that brings a window, data or a FIN is a duplicate (RFC 5681 §2).
START_TEST(what_is_no_duplicate)
{
    struct peer *p = far_peer(false, false);
    send(p, 4 * MSS);
    for (int i = 0; i < 5; i++) SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 20000 + i);
    for (uint32_t i = 0; i < 5; i++)
        SAY(p, .flags = TCP_ACK, .seq = 1 + i * 10, .ack = 1, .wnd = 20004, .len = 10);
    ck_assert_uint_eq(info_of(p).total_retrans, 0);
    peer_free(p);
}
END_TEST

// RFC 6675 §2: with SACK, a duplicate is what tells of bytes that arrived, whatever else it brings.
START_TEST(news_of_bytes_are_a_duplicate)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_recovery", "0");
    send(p, 4 * MSS);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(info_of(p).total_retrans, 0);
        struct tcp_opts o = {.sacks = 1};
        o.sack[0].from = seq_add(p->host_isn, 1 + MSS);
        o.sack[0].to = seq_add(p->host_isn, 1 + MSS + 100 * (i + 1));
        SAY(p, .flags = TCP_ACK, .seq = 1 + i * 10, .ack = 1, .wnd = 20000 + (int)i, .len = 10,
            .opts = o);
    }
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    peer_free(p);
}
END_TEST

// RFC 5681 §3.2: half of what was in flight when the loss was told, and not of cwnd; what limited
// transmit let out does not count.
static const struct { bool sack; uint32_t written, half; } flights[] = {
    {false, 6, 3}, {true, 6, 3}, {false, 20, 5}, {true, 20, 5},
};

START_TEST(half_of_what_was_in_flight)
{
    struct peer *p = far_peer(flights[_i].sack, false);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_CONGESTION, "newreno", 7), 0);
    send(p, flights[_i].written * MSS);
    peer_wait(p, MSEC(100));
    for (uint32_t i = 1; i <= 3; i++) {
        if (flights[_i].sack) sack(p, 1, 1 + MSS, 1 + (i + 1) * MSS);
        else ack(p, 1);
    }
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_RECOVERY);
    ck_assert_uint_eq(info_of(p).ssthresh, flights[_i].half * MSS);
    peer_free(p);
}
END_TEST

// RFC 5681 §3.2 step 4: each further duplicate says that a segment has left, so about one goes for
// two of them (PRR, where Reno waits first and then sends one for one).
START_TEST(further_duplicates_let_more_out)
{
    struct peer *p = far_peer(false, false);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_CONGESTION, "newreno", 7), 0);
    send(p, 40 * MSS);
    peer_wait(p, MSEC(100));
    for (int i = 0; i < 3; i++) ack(p, 1);
    unsigned out = 0;
    for (int i = 0; i < 8; i++) {
        ack(p, 1);
        for (unsigned k = 0; k < p->outs; k++) out += p->out[k].why == SENT_DATA;
    }
    ck_assert_uint_ge(out, 3);
    ck_assert_uint_le(out, 5);
    peer_free(p);
}
END_TEST

// RFC 6937 §3: in recovery no more goes out than the share of what arrived. 10 in flight, the first
// lost: CUBIC's ssthresh is 7, so of 8 more SACKs about 5 or 6 let a segment out.
START_TEST(recovery_is_proportional)
{
    struct peer *p = far_peer(true, false);
    send(p, 40 * MSS);
    ck_assert_uint_eq(p->outs, 10);
    peer_wait(p, MSEC(50));
    unsigned out = 0;
    for (uint32_t i = 1; i < 10; i++) {
        sack(p, 1, 1 + MSS, 1 + (i + 1) * MSS);
        out += p->outs;
        ck_assert_uint_le(p->outs, 2);
    }
    ck_assert_uint_eq(info_of(p).ssthresh, 7 * MSS);
    ck_assert_uint_ge(out, 6);
    ck_assert_uint_le(out, 8);
    struct ng_tcp_info i = info_of(p);
    ck_assert_uint_le(i.cwnd, 8 * MSS);
    ack(p, 1 + 10 * MSS);  // two more were out when it began
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_RECOVERY);
    ack(p, 1 + 12 * MSS);
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_OPEN);
    ck_assert_uint_ge(info_of(p).cwnd, 7 * MSS);  // recovered: at ssthresh, and growing from there
    ck_assert_uint_le(info_of(p).cwnd, 8 * MSS);
    peer_free(p);
}
END_TEST

// Of 20 in flight the first is lost: 14 is where cwnd goes, and of what arrives seven tenths are
// sent, byte for byte, until the pipe is as small; then as much as arrives.
START_TEST(each_byte_that_arrives_lets_its_share_out)
{
    struct peer *p = far_peer(true, false);
    inside(p)->ccs.cwnd = 20 * MSS;
    send(p, 80 * MSS);
    ck_assert_uint_eq(p->outs, 20);
    peer_wait(p, MSEC(100));
    for (uint32_t i = 1; i <= 2; i++) sack(p, 1, 1 + MSS, 1 + (i + 1) * MSS);
    uint32_t out = 0, i = 1;
    for (;; i++) {
        sack(p, 1, 1 + MSS, 1 + (i + 3) * MSS);
        ck_assert_uint_eq(info_of(p).ssthresh, 14 * MSS);
        out += p->outs;
        if (loss_pipe(inside(p)) <= 14 * MSS) break;
        uint32_t share = i * 14 / 22;  // two more went by limited transmit
        ck_assert_uint_eq(out, share > 1 ? share : 1);
    }
    ck_assert_uint_ge(out, 5);
    for (; i < 20; i++) {
        sack(p, 1, 1 + MSS, 1 + (i + 3) * MSS);
        ck_assert_uint_le(loss_pipe(inside(p)), 14 * MSS);
        ck_assert_uint_ge(loss_pipe(inside(p)), 13 * MSS);
    }
    peer_free(p);
}
END_TEST

// Many are lost together: what goes again is no more than what arrives (RFC 6675 §5 (C), RFC 6937
// §3.1), and where the ACK tells of more losses, no segment on top of it (RFC 8985 §9.3).
START_TEST(many_holes_make_no_burst)
{
    struct peer *p = far_peer(true, false);
    inside(p)->ccs.cwnd = 40 * MSS;
    send(p, 40 * MSS);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + 30 * MSS, 1 + 34 * MSS);
    ck_assert_uint_eq(p->outs, 4);
    sack(p, 1, 1 + 30 * MSS, 1 + 40 * MSS);
    ck_assert_uint_eq(p->outs, 6);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + 3 * MSS, 1 + 10 * MSS);  // of what went again, the first three are lost
    ck_assert_uint_eq(p->outs, 7);
    ack(p, 1 + 10 * MSS);  // a step ahead: one more than what arrived
    ck_assert_uint_eq(p->outs, 4);
    peer_free(p);
}
END_TEST

// RFC 8985 §6.2: a retransmission that is lost too is found by what was sent after it.
START_TEST(a_lost_retransmission_is_found)
{
    struct peer *p = far_peer(true, false);
    send(p, 40 * MSS);
    peer_wait(p, MSEC(100));
    for (uint32_t i = 1; i < 10; i++) sack(p, 1, 1 + MSS, 1 + (i + 1) * MSS);
    unsigned before = (unsigned)info_of(p).total_retrans;
    ck_assert_uint_eq(before, 1);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + MSS, 1 + 13 * MSS);  // new segments arrive, but not the first again
    peer_wait(p, MSEC(60));
    ck_assert_uint_eq(info_of(p).total_retrans, 2);
    ck_assert_uint_eq(p->log.events[TRACE_TCP_LOSS], 2);
    peer_free(p);
}
END_TEST

// RFC 8985 §6.2: a little reordering is borne, once it was seen.
START_TEST(reordering_is_borne)
{
    struct peer *p = far_peer(true, false);
    send(p, 10 * MSS);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + MSS, 1 + 2 * MSS);
    ck_assert_uint_eq(info_of(p).total_retrans, 0);
    peer_wait(p, MSEC(20));
    ck_assert_uint_eq(info_of(p).total_retrans, 0);  // a quarter of a round trip is not over
    peer_wait(p, MSEC(10));
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    peer_free(p);
}
END_TEST

// But not where none was seen, and three segments say that there is a hole; then again where it was
// seen, however many say so (§3.3.2, §6.2).
START_TEST(three_segments_outweigh_what_was_never_seen)
{
    struct peer *p = far_peer(true, false);
    send(p, 20 * MSS);
    peer_wait(p, MSEC(100));
    if (_i == 1) sack(p, 1, 0, 1);  // a D-SACK
    sack(p, 1, 1 + MSS, 1 + 3 * MSS);
    ck_assert_uint_eq(info_of(p).total_retrans, 0);
    sack(p, 1, 1 + MSS, 1 + 7 * MSS);
    ck_assert_uint_eq(info_of(p).total_retrans, _i == 0);
    peer_wait(p, MSEC(60));
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    peer_free(p);
}
END_TEST

// §6.2 step 2: an answer that comes sooner than any round trip is not that of what went again, and
// says nothing of what was sent before.
START_TEST(an_early_answer_is_the_originals)
{
    struct peer *p = far_peer(true, false);
    send(p, 4 * MSS);
    peer_wait(p, MSEC(210));
    ck_assert_int_eq(p->out[p->outs - 1].why, SENT_TAIL_PROBE);
    sack(p, 1, 1 + 3 * MSS, 1 + 4 * MSS);
    peer_wait(p, MSEC(50));
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    ck_assert_uint_eq(info_of(p).lost, 0);
    peer_free(p);
}
END_TEST

// §6.3: what left a moment before the RTO is not lost because the oldest is.
START_TEST(a_timeout_spares_what_just_left)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_early_retrans", "0");
    send(p, MSS);
    peer_wait(p, MSEC(100));
    ack(p, 1 + MSS);
    send(p, 2 * MSS);
    peer_wait(p, MSEC(250));
    send(p, MSS);
    peer_wait(p, MSEC(60));
    ck_assert_uint_eq(p->log.cwnds[CWND_RTO], 1);
    ck_assert_uint_eq(info_of(p).lost, 2 * MSS);
    peer_free(p);
}
END_TEST

// RFC 3522: the ACK echoes a time before our retransmission, so it answers the original.
START_TEST(a_false_alarm_is_undone)
{
    struct peer *p = far_peer(true, true);
    send(p, 10 * 1448);
    uint32_t cwnd = info_of(p).cwnd, echo = p->ts_seen;
    peer_wait(p, MSEC(700));
    ck_assert_uint_ge(info_of(p).total_retrans, 1);
    ck_assert_uint_lt(info_of(p).cwnd, cwnd);
    p->ts_seen = echo;
    ack(p, 1 + 1448);
    ck_assert_uint_ge(info_of(p).cwnd, cwnd);
    ck_assert_uint_eq(info_of(p).lost, 0);
    ck_assert_uint_ge(info_of(p).ssthresh, 1u << 30);
    peer_free(p);
}
END_TEST

// An echo of the very time of the retransmission is its own.
START_TEST(a_true_alarm_is_not_undone)
{
    struct peer *p = far_peer(true, true);
    setting_is(p, "net.ipv4.tcp_early_retrans", "0");
    send(p, 10 * 1448);
    uint32_t cwnd = info_of(p).cwnd;
    peer_wait(p, MSEC(310));
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    peer_wait(p, MSEC(100));
    ack(p, 1 + 1448);
    ck_assert_uint_lt(info_of(p).cwnd, cwnd);
    ck_assert_uint_eq(p->log.cwnds[CWND_UNDO], 0);
    peer_free(p);
}
END_TEST

// RFC 2883, RFC 8985 §7.4: the probe was not needed, and the window stays.
START_TEST(a_needless_probe_costs_nothing)
{
    struct peer *p = far_peer(true, false);
    send(p, 2 * MSS);
    uint32_t cwnd = info_of(p).cwnd;
    peer_wait(p, MSEC(250));
    ck_assert_int_eq(p->out[p->outs - 1].why, SENT_TAIL_PROBE);
    ack(p, 1 + 2 * MSS);                            // the ACK was only late
    sack(p, 1 + 2 * MSS, 1 + MSS, 1 + 2 * MSS);     // and the probe came twice
    send(p, MSS);
    ack(p, 1 + 3 * MSS);
    ck_assert_uint_ge(info_of(p).cwnd, cwnd);
    peer_free(p);
}
END_TEST

START_TEST(no_tail_probe_if_not_wanted)
{
    struct peer *p = far_peer(true, false);
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_early_retrans", "0"), 0);
    send(p, 5 * MSS);
    p->outs = 0;
    peer_wait(p, MSEC(310));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    peer_free(p);
}
END_TEST

// RFC 8985 §7.4.2: no such word, and later bytes are acknowledged: there was a loss.
START_TEST(a_probe_that_repaired_costs_the_window)
{
    struct peer *p = far_peer(true, false);
    send(p, 2 * MSS);
    uint32_t cwnd = info_of(p).cwnd;
    peer_wait(p, MSEC(250));
    ack(p, 1 + 2 * MSS);
    ck_assert_uint_ge(info_of(p).cwnd, cwnd);
    send(p, MSS);
    ack(p, 1 + 3 * MSS);
    ck_assert_uint_eq(info_of(p).cwnd, cwnd * 7 / 10);
    peer_free(p);
}
END_TEST

// --- TIME-WAIT and names -----------------------------------------------------------------------

START_TEST(a_fin_again_begins_the_wait_anew)
{
    struct peer *p = peer_new();
    peer_established(p);
    ng_sock_close(p->h, p->s);
    peer_collect(p);
    SAY(p, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    peer_wait(p, SEC(50));
    SAY(p, .flags = TCP_ACK | TCP_FIN, .seq = 1, .ack = 2);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].ack, 2);
    peer_wait(p, SEC(50));
    ck_assert_uint_eq(p->h->tcp->waits, 1);
    SAY(p, .flags = TCP_RST, .seq = 2);  // RFC 1337
    ck_assert_uint_eq(p->h->tcp->waits, 1);
    peer_wait(p, SEC(11));
    ck_assert_uint_eq(p->h->tcp->waits, 0);
    peer_free(p);
}
END_TEST

static const struct { struct addr to; uint16_t port; int error; } nowhere[] = {
    {{4, {255, 255, 255, 255}}, 80, -ENETUNREACH},   // MUST-46
    {{4, {224, 0, 0, 1}},       80, -ENETUNREACH},
    {{4, {10, 0, 0, 2}},        0,  -EADDRNOTAVAIL},
    {{4, {192, 168, 7, 7}},     80, -ENETUNREACH},   // no route
};

START_TEST(nobody_can_be_called_there)
{
    struct peer *p = peer_new();
    ng_sock s = peer_socket(p);
    struct endpoint to = {nowhere[_i].to, nowhere[_i].port};
    ck_assert_int_eq(ng_sock_connect(p->h, s, &to), nowhere[_i].error);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, an_old_window_is_ignored);
    tcase_add_test(tc, no_silly_window_is_offered);
    tcase_add_loop_test(tc, karn, 0, 3);
    tcase_add_test(tc, an_ack_over_a_repaired_gap_is_no_sample);
    tcase_add_test(tc, an_echo_behind_a_hole_is_no_sample);
    tcase_add_test(tc, a_repeated_syn_leaves_three_seconds);
    tcase_add_loop_test(tc, a_syn_lost_twice_leaves_one_segment, 0, 2);
    tcase_add_test(tc, a_timeout_leaves_one_segment);
    tcase_add_test(tc, the_third_duplicate_repeats);
    tcase_add_test(tc, what_is_no_duplicate);
    tcase_add_test(tc, news_of_bytes_are_a_duplicate);
    tcase_add_loop_test(tc, half_of_what_was_in_flight, 0, (int)ARRAY_LEN(flights));
    tcase_add_test(tc, further_duplicates_let_more_out);
    tcase_add_test(tc, recovery_is_proportional);
    tcase_add_test(tc, each_byte_that_arrives_lets_its_share_out);
    tcase_add_test(tc, many_holes_make_no_burst);
    tcase_add_test(tc, a_lost_retransmission_is_found);
    tcase_add_test(tc, reordering_is_borne);
    tcase_add_loop_test(tc, three_segments_outweigh_what_was_never_seen, 0, 2);
    tcase_add_test(tc, an_early_answer_is_the_originals);
    tcase_add_test(tc, a_timeout_spares_what_just_left);
    tcase_add_test(tc, a_false_alarm_is_undone);
    tcase_add_test(tc, a_true_alarm_is_not_undone);
    tcase_add_test(tc, a_needless_probe_costs_nothing);
    tcase_add_test(tc, no_tail_probe_if_not_wanted);
    tcase_add_test(tc, a_probe_that_repaired_costs_the_window);
    tcase_add_test(tc, a_fin_again_begins_the_wait_anew);
    tcase_add_loop_test(tc, nobody_can_be_called_there, 0, (int)ARRAY_LEN(nowhere));
}

int main(void)
{
    Suite *s = suite_create("tcp_loss");
    family_add(s, add_tests);
    return run_claims(s);
}
