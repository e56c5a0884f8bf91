// tcp_plan_test.c - what goes out next, by table: a connection as the row says, and the plan.
#include <check.h>

#include "claims.h"
#include "tcp/tcp.h"

enum { MSS = 1000, ISS = 5000 };

// UNA is ISS + 1. Bytes `sent` are in flight, all of them, in records of MSS; `queued` more wait.
struct row {
    const char *what;
    enum tcp_state state;      // CLOSED stands for ESTABLISHED
    uint32_t sent, queued;
    uint32_t cwnd;             // 0: ten segments
    int32_t  wnd;              // 0: 60000; -1: shut
    uint32_t lost, sacked;     // which record is so, counted from 1
    bool     fin_wanted, fin_sent, nodelay, cork, override, probe, keep, tail, gso, soft,
             urgent;           // all that is queued
    uint8_t  ack_why, recovery;
    uint32_t max_wnd, small_end, srtt_ms;
    uint32_t age_ms;           // of what is in flight; not 0: bursts may wait
    uint32_t search;           // the longest packet that the path may take; 0: that is known
    uint32_t buffers;          // Linux's begin so far behind UNA; 0: there are none
    // wanted: SENT_NOTHING means that nothing is to be sent
    enum sent why;
    uint32_t seq, len;         // seq counted from UNA
    uint8_t  flags;
};

static const struct row rows[] = {
    {"nothing to do", .why = SENT_NOTHING},
    {"a full segment", .queued = 5000, .why = SENT_DATA, .len = MSS, .flags = TCP_ACK},
    {"the last bytes are pushed", .queued = 300, .why = SENT_DATA, .len = 300,
        .flags = TCP_ACK | TCP_PSH},
    {"behind what is in flight", .sent = 3000, .queued = 5000, .why = SENT_DATA, .seq = 3000,
        .len = MSS, .flags = TCP_ACK},
    {"cwnd is full", .sent = 10000, .queued = 5000, .why = SENT_NOTHING},
    {"cwnd has less than a segment", .sent = 9000, .queued = 5000, .cwnd = 9900,
        .why = SENT_NOTHING},
    {"the window is full", .sent = 4000, .queued = 5000, .wnd = 4000, .why = SENT_NOTHING},
    {"the window was taken back", .sent = 4000, .queued = 5000, .wnd = 1000,
        .why = SENT_NOTHING},
    {"the window has a silly rest", .sent = 4000, .queued = 5000, .wnd = 4100,
        .why = SENT_NOTHING},
    {"but half of the largest is no silly rest", .sent = 1000, .queued = 5000, .wnd = 1700,
        .max_wnd = 1400, .why = SENT_DATA, .seq = 1000, .len = 700, .flags = TCP_ACK},
    {"and the persist timer takes it", .queued = 5000, .wnd = 100, .override = true,
        .probe = true, .why = SENT_DATA, .len = 100, .flags = TCP_ACK},
    {"Nagle: a small one is in flight", .sent = 1000, .queued = 300, .small_end = 1000,
        .why = SENT_NOTHING},
    {"Nagle: only full ones are", .sent = 1000, .queued = 300, .why = SENT_DATA, .seq = 1000,
        .len = 300, .flags = TCP_ACK | TCP_PSH},
    {"no Nagle", .sent = 1000, .queued = 300, .small_end = 1000, .nodelay = true,
        .why = SENT_DATA, .seq = 1000, .len = 300, .flags = TCP_ACK | TCP_PSH},
    {"corked", .queued = 300, .cork = true, .why = SENT_NOTHING},
    {"corked, but full", .queued = 1300, .cork = true, .why = SENT_DATA, .len = MSS,
        .flags = TCP_ACK},
    {"a burst where the device cuts", .queued = 8500, .gso = true, .why = SENT_DATA,
        .len = 8500, .flags = TCP_ACK | TCP_PSH},
    {"a burst is bounded by cwnd", .queued = 50000, .gso = true, .why = SENT_DATA,
        .len = 10000, .flags = TCP_ACK | TCP_PSH},
    {"a burst of ours is half of cwnd", .queued = 50000, .gso = true, .soft = true,
        .why = SENT_DATA, .len = 5000, .flags = TCP_ACK | TCP_PSH},
    {"and a millisecond's worth, but two segments", .queued = 50000, .gso = true, .soft = true,
        .srtt_ms = 100, .why = SENT_DATA, .len = 2000, .flags = TCP_ACK | TCP_PSH},
    {"on a short path more", .queued = 50000, .gso = true, .soft = true, .srtt_ms = 1,
        .cwnd = 40000, .why = SENT_DATA, .len = 20000, .flags = TCP_ACK | TCP_PSH},
    {"and one segment is no burst", .queued = 50000, .gso = true, .soft = true, .cwnd = 3000,
        .why = SENT_DATA, .len = MSS, .flags = TCP_ACK},
    {"a short burst waits for the next ACK", .sent = 8000, .queued = 50000, .gso = true,
        .srtt_ms = 100, .age_ms = 50, .why = SENT_NOTHING},
    {"if that is near", .sent = 8000, .queued = 50000, .gso = true, .srtt_ms = 100, .age_ms = 49,
        .why = SENT_DATA, .seq = 8000, .len = 2000, .flags = TCP_ACK | TCP_PSH},
    {"and it is no third of a window", .sent = 6000, .queued = 50000, .gso = true,
        .srtt_ms = 100, .age_ms = 60, .why = SENT_DATA, .seq = 6000, .len = 4000,
        .flags = TCP_ACK | TCP_PSH},
    {"nor all there is", .sent = 8000, .queued = 1500, .gso = true, .srtt_ms = 100, .age_ms = 60,
        .why = SENT_DATA, .seq = 8000, .len = 1500, .flags = TCP_ACK | TCP_PSH},
    {"and not in a recovery", .sent = 8000, .queued = 50000, .gso = true, .srtt_ms = 100,
        .age_ms = 60, .recovery = RECOVERY_RTO, .why = SENT_DATA, .seq = 8000, .len = 2000,
        .flags = TCP_ACK | TCP_PSH},
    {"a probe of the path", .queued = 50000, .cwnd = 20000, .search = 1540,
        .why = SENT_MTU_PROBE, .len = 1250, .flags = TCP_ACK},
    {"is no burst", .queued = 50000, .cwnd = 20000, .gso = true, .search = 1540,
        .why = SENT_MTU_PROBE, .len = 1250, .flags = TCP_ACK},
    {"no burst goes beyond a buffer of Linux's", .queued = 50000, .gso = true, .cwnd = 60000,
        .buffers = 7000, .why = SENT_DATA, .len = 7000, .flags = TCP_ACK | TCP_PSH},
    {"which is half of the window", .sent = 8000, .queued = 50000, .gso = true, .cwnd = 60000,
        .buffers = 7000, .why = SENT_DATA, .seq = 8000, .len = 29000,
        .flags = TCP_ACK | TCP_PSH},
    {"but segment by segment up to an urgent mark", .queued = 8500, .gso = true, .urgent = true,
        .why = SENT_DATA, .len = MSS, .flags = TCP_ACK},
    {"also where we cut", .queued = 8500, .gso = true, .soft = true, .urgent = true,
        .why = SENT_DATA, .len = MSS, .flags = TCP_ACK},
    {"FIN with the last bytes", .state = TCP_FIN_WAIT_1, .queued = 300, .fin_wanted = true,
        .why = SENT_DATA, .len = 300, .flags = TCP_ACK | TCP_PSH | TCP_FIN},
    {"FIN alone", .state = TCP_LAST_ACK, .fin_wanted = true, .why = SENT_FIN,
        .flags = TCP_ACK | TCP_FIN},
    {"FIN waits for a window", .state = TCP_FIN_WAIT_1, .fin_wanted = true, .wnd = -1,
        .why = SENT_NOTHING},
    {"FIN waits for what is before it", .state = TCP_FIN_WAIT_1, .queued = 3000,
        .fin_wanted = true, .why = SENT_DATA, .len = MSS, .flags = TCP_ACK},
    {"lost goes before new", .sent = 4000, .queued = 5000, .lost = 2, .why = SENT_RECOVERY,
        .seq = 1000, .len = MSS, .flags = TCP_ACK},
    {"the first of a recovery goes though cwnd is full", .sent = 4000, .lost = 1, .cwnd = 3000,
        .recovery = RECOVERY_FAST, .why = SENT_FAST_RETRANSMIT, .len = MSS, .flags = TCP_ACK},
    {"lost waits for cwnd", .sent = 4000, .lost = 1, .cwnd = 3000, .why = SENT_NOTHING},
    {"what is SACKed has left the pipe", .sent = 4000, .queued = 5000, .sacked = 2,
        .cwnd = 4000, .why = SENT_DATA, .seq = 4000, .len = MSS, .flags = TCP_ACK},
    {"beyond a shrunken window nothing is repeated", .sent = 4000, .lost = 3, .wnd = 2000,
        .why = SENT_NOTHING},
    {"the oldest byte is", .sent = 4000, .lost = 1, .wnd = -1, .why = SENT_RECOVERY, .len = MSS,
        .flags = TCP_ACK},
    {"a tail probe with new bytes", .sent = 10000, .queued = 5000, .tail = true,
        .why = SENT_TAIL_PROBE, .seq = 10000, .len = MSS, .flags = TCP_ACK},
    {"a tail probe with old bytes", .sent = 3000, .tail = true, .why = SENT_TAIL_PROBE,
        .seq = 2000, .len = MSS, .flags = TCP_ACK | TCP_PSH},
    {"a window probe", .queued = 5000, .wnd = -1, .probe = true, .why = SENT_WINDOW_PROBE,
        .seq = UINT32_MAX, .flags = TCP_ACK},
    {"a keepalive", .keep = true, .why = SENT_KEEPALIVE, .seq = UINT32_MAX, .flags = TCP_ACK},
    {"an ACK alone", .sent = 2000, .ack_why = SENT_DUP_ACK, .why = SENT_DUP_ACK, .seq = 2000,
        .flags = TCP_ACK},
    {"an ACK rides on data", .queued = 100, .ack_why = SENT_ACK, .why = SENT_DATA, .len = 100,
        .flags = TCP_ACK | TCP_PSH},
};

static void build(struct tcp *t, struct host *h, const struct row *r)
{
    static uint8_t bytes[100000];
    uint32_t wnd = r->wnd < 0 ? 0 : r->wnd == 0 ? 60000 : (uint32_t)r->wnd;
    uint8_t state = (uint8_t)(r->state == TCP_CLOSED ? TCP_ESTABLISHED : r->state);
    *t = (struct tcp){.host = h, .state = state, .sack_ok = true, .mss = MSS,
                      .iss = seq_of(ISS), .snd_wnd = wnd,
                      .snd_wnd_max = r->max_wnd != 0 ? r->max_wnd : 60000,
                      .fin_wanted = r->fin_wanted, .fin_sent = r->fin_sent, .nodelay = r->nodelay,
                      .cork = r->cork, .override = r->override, .probe_window = r->probe,
                      .keep_probe = r->keep, .tail_probe = r->tail, .gso_ok = r->gso,
                      .gso_soft = r->soft, .cc = &cc_cubic, .pace_max = PACE_UNLIMITED,
                      .ack_why = r->ack_why, .recovery = r->recovery};
    if (r->srtt_ms > 0) rtt_sample(&t->rtt, MSEC(r->srtt_ms), 1, 0);
    t->ccs.ssthresh = CC_SSTHRESH_MAX;
    t->ccs.cwnd = r->cwnd != 0 ? r->cwnd : 10 * MSS;
    t->snd_small_end = seq_of(ISS + 1 + r->small_end);
    sndq_init(&t->sndq, seq_of(ISS + 1), 1 << 20);
    ck_assert_uint_eq(sndq_append(&t->sndq, &h->pool, bytes, r->sent + r->queued),
                      r->sent + r->queued);
    sent_init(&t->sent, seq_of(ISS + 1));
    ck_assert(sent_reserve(&t->sent, &h->pool, 20));
    static const struct rate_mark mark;
    for (uint32_t at = 0; at < r->sent; at += MSS) sent_add(&t->sent, MSS, 1, &mark);
    h->set.tcp_bursts_wait = r->age_ms > 0;
    h->now = t->last_snd = MSEC(r->age_ms) + 1;
    t->mtu_search_on = r->search > 0;
    t->mtu.low = MSS + 40;
    t->mtu.high = (uint16_t)r->search;
    t->mss_peer = UINT16_MAX;
    t->conn.family = FAMILY_IP4;
    h->set.tcp_sndbuf_linux = r->buffers > 0;
    t->buffers_from = seq_of(ISS + 1 + r->buffers);
    t->push_step = r->buffers > 0 ? 30000 : 0;
    t->snd_urgent = r->urgent;
    t->snd_up = tcp_data_end(t);
    if (r->lost > 0) sent_mark_lost(&t->sent, r->lost - 1);
    struct sent_news news = {0};
    struct seq sacked = seq_of(ISS + 1 + (r->sacked - 1) * MSS);
    if (r->sacked > 0) sent_sack(&t->sent, sacked, seq_add(sacked, MSS), &news);
}

START_TEST(the_plan_is)
{
    const struct row *r = &rows[_i];
    struct host h = {.now = 0};
    struct tcp t;
    struct plan p, again;
    settings_init(&h.set);
    pool_init(&h.pool, 1 << 24);
    build(&t, &h, r);
    struct tcp before = t;
    bool any = tcp_plan(&t, &p);
    ck_assert_msg(any == (r->why != SENT_NOTHING), "%s: %s", r->what, any ? sent_name(p.why) : "-");
    ck_assert_msg(memcmp(&before, &t, sizeof t) == 0, "%s: a plan changes nothing", r->what);
    ck_assert_int_eq(tcp_plan(&t, &again), any);
    if (any) {
        ck_assert_msg(p.why == r->why, "%s: %s", r->what, sent_name(p.why));
        ck_assert_msg(p.seq.raw == ISS + 1 + r->seq, "%s: seq %d", r->what,
                      (int)(p.seq.raw - ISS - 1));
        ck_assert_msg(p.len == r->len, "%s: %u bytes", r->what, p.len);
        ck_assert_msg(p.flags == r->flags, "%s: flags %x", r->what, p.flags);
        ck_assert_mem_eq(&p, &again, sizeof p);
    }
    slices_free(&t.sndq.bytes, &h.pool);
    sent_free(&t.sent, &h.pool);
    pool_drain(&h.pool);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tcp_plan");
    TCase *tc = tcase_create("tcp_plan");
    tcase_add_loop_test(tc, the_plan_is, 0, (int)ARRAY_LEN(rows));
    suite_add_tcase(s, tc);
    return run_claims(s);
}
