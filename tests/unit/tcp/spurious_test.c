// spurious_test.c - losses that were none: F-RTO (RFC 5682), Eifel (RFC 3522), D-SACK (RFC 2883,
// 3708), and that what was a loss stays one.
#include "claims.h"
#include "unit/tcp_far.h"

// Ten segments out, more behind them, and a timeout: the first has gone again.
static struct peer *timed_out(bool with_sack, uint32_t bytes)
{
    struct peer *p = far_peer(with_sack, false);
    setting_is(p, "net.ipv4.tcp_early_retrans", "0");
    send(p, bytes);
    ck_assert_uint_eq(p->outs, 10);
    p->outs = 0;
    peer_wait(p, MSEC(310));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    ck_assert_uint_eq(info_of(p).cwnd, MSS);
    return p;
}

static bool forgiven(struct peer *p)
{
    struct ng_tcp_info i = info_of(p);
    return i.cwnd >= 10 * MSS && i.ssthresh == UINT32_MAX && i.lost == 0
        && i.ca_state == NG_CA_OPEN && i.backoff == 0;
}

// --- F-RTO -------------------------------------------------------------------------------------

// The ACKs were late by more than an RTO. The first lets two new segments go (step 2b), the second
// is of a segment that was sent once only (step 3b): nothing was lost.
START_TEST(late_acks_are_no_loss)
{
    struct peer *p = timed_out(_i == 0, 30 * MSS);
    ack(p, 1 + MSS);
    ck_assert_uint_eq(p->outs, 2);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(p->out[i].why, SENT_FRTO);
        ck_assert_uint_eq(p->out[i].seq, 1 + (10 + i) * MSS);
    }
    ck_assert_int_eq(info_of(p).ca_state, NG_CA_LOSS);
    ack(p, 1 + 2 * MSS);
    ck_assert(forgiven(p));
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    for (unsigned i = 0; i < p->outs; i++) ck_assert_uint_ge(p->out[i].seq, 1 + 12 * MSS);
    peer_free(p);
}
END_TEST

// A SACK of one of them says the same.
START_TEST(a_late_sack_is_no_loss)
{
    struct peer *p = timed_out(true, 30 * MSS);
    sack(p, 1, 1 + 3 * MSS, 1 + 4 * MSS);
    ck_assert_uint_ge(info_of(p).cwnd, 7 * MSS);
    ck_assert_uint_eq(p->log.cwnds[CWND_UNDO], 1);
    peer_free(p);
}
END_TEST

// Step 3a: the new segments arrive, the old ones do not. It was a loss, and goes on as one.
START_TEST(a_real_loss_goes_on)
{
    bool with_sack = _i == 0;
    struct peer *p = timed_out(with_sack, 30 * MSS);
    ack(p, 1 + MSS);
    ck_assert_int_eq(p->out[0].why, SENT_FRTO);
    if (with_sack) sack(p, 1 + MSS, 1 + 10 * MSS, 1 + 11 * MSS);
    else ack(p, 1 + MSS);
    ck_assert_uint_ge(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    ck_assert_uint_eq(p->out[0].seq, 1 + MSS);
    ack(p, 1 + 6 * MSS);  // of some that were sent once, too late to say otherwise
    ck_assert(!forgiven(p));
    ck_assert_uint_le(info_of(p).ssthresh, 7 * MSS);
    ck_assert_uint_eq(p->log.cwnds[CWND_UNDO], 0);
    peer_free(p);
}
END_TEST

// Nothing new to send: recovery as without F-RTO, at once.
START_TEST(without_new_data_it_is_an_ordinary_timeout)
{
    struct peer *p = timed_out(true, 10 * MSS);
    ack(p, 1 + MSS);
    ck_assert_uint_eq(p->outs, 2);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    ck_assert_uint_eq(p->out[0].seq, 1 + MSS);
    peer_free(p);
}
END_TEST

// Nor if the peer's window has no room for it.
START_TEST(without_window_it_is_an_ordinary_timeout)
{
    struct peer *p = timed_out(true, 30 * MSS);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1 + MSS, .wnd = 9 * MSS);
    ck_assert_uint_eq(p->outs, 2);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    peer_free(p);
}
END_TEST

START_TEST(frto_can_be_turned_off)
{
    struct peer *p = far_peer(true, false);
    setting_is(p, "net.ipv4.tcp_frto", "0");
    setting_is(p, "net.ipv4.tcp_early_retrans", "0");
    send(p, 30 * MSS);
    peer_wait(p, MSEC(310));
    ack(p, 1 + MSS);
    ck_assert_int_eq(p->out[0].why, SENT_RTO);
    peer_free(p);
}
END_TEST

// Without SACK an ACK of all tells nothing: what the peer held above the hole was sent once too.
START_TEST(without_sack_an_ack_of_all_is_no_proof)
{
    struct peer *p = timed_out(false, 30 * MSS);
    ack(p, 1 + 10 * MSS);
    ck_assert(!forgiven(p));
    ck_assert_uint_le(info_of(p).ssthresh, 7 * MSS);
    peer_free(p);
}
END_TEST

// --- D-SACK ------------------------------------------------------------------------------------

// Segments 1 to `lost` were overtaken by more than we bear, and went again.
static struct peer *overtaken(uint32_t lost)
{
    struct peer *p = far_peer(true, false);
    send(p, 20 * MSS);
    peer_wait(p, MSEC(100));
    sack(p, 1, 1 + lost * MSS, 1 + (lost + 4) * MSS);
    for (uint32_t i = lost + 5; i <= 10; i++) sack(p, 1, 1 + lost * MSS, 1 + i * MSS);
    ck_assert_uint_eq(info_of(p).total_retrans, lost);
    ck_assert_uint_eq(info_of(p).ssthresh, 7 * MSS);
    return p;
}

START_TEST(dsacks_of_all_that_went_again_undo)
{
    struct peer *p = overtaken(2);
    bool over = _i == 1;  // the recovery, when they come
    uint32_t at = 1 + (over ? 10 : 1) * MSS;
    ack(p, at);
    sack(p, at, 1, 1 + MSS);
    ck_assert_uint_eq(info_of(p).ssthresh, 7 * MSS);  // one is not all
    if (over) ck_assert_int_eq(info_of(p).ca_state, NG_CA_OPEN);
    sack(p, 1 + 10 * MSS, 1 + MSS, 1 + 2 * MSS);
    ck_assert_uint_eq(info_of(p).ssthresh, UINT32_MAX);
    ck_assert_uint_ge(info_of(p).cwnd, 10 * MSS);
    ck_assert_uint_eq(p->log.cwnds[CWND_UNDO], 1);
    peer_free(p);
}
END_TEST

// A D-SACK of bytes before all that tells nothing of this recovery.
START_TEST(an_old_dsack_undoes_nothing)
{
    struct peer *p = far_peer(true, false);
    send(p, 2 * MSS);
    ack(p, 1 + 2 * MSS);
    send(p, 10 * MSS);
    peer_wait(p, MSEC(100));
    sack(p, 1 + 2 * MSS, 1 + 3 * MSS, 1 + 8 * MSS);
    ck_assert_uint_eq(info_of(p).total_retrans, 1);
    sack(p, 1 + 12 * MSS, 1, 1 + MSS);
    ck_assert_uint_lt(info_of(p).ssthresh, UINT32_MAX);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, late_acks_are_no_loss, 0, 2);
    tcase_add_test(tc, a_late_sack_is_no_loss);
    tcase_add_loop_test(tc, a_real_loss_goes_on, 0, 2);
    tcase_add_test(tc, without_new_data_it_is_an_ordinary_timeout);
    tcase_add_test(tc, without_window_it_is_an_ordinary_timeout);
    tcase_add_test(tc, frto_can_be_turned_off);
    tcase_add_test(tc, without_sack_an_ack_of_all_is_no_proof);
    tcase_add_loop_test(tc, dsacks_of_all_that_went_again_undo, 0, 2);
    tcase_add_test(tc, an_old_dsack_undoes_nothing);
}

int main(void)
{
    Suite *s = suite_create("spurious");
    family_add(s, add_tests);
    return run_claims(s);
}
