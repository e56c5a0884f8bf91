// segment_test.c - single segments, sound and unsound, and what becomes of them.
#include "claims.h"
#include "unit/tcp_peer.h"

// --- what dies, in ESTABLISHED, and of what ----------------------------------------------------

// RCV.NXT is 1, the window 65535 at first, UNA = NXT = 1. reply: flags of the answer, 0 for none.
static const struct {
    const char *what;
    struct say  say;
    enum drop   drop;
    enum sent   reply;
} odd[] = {
    {"bytes below the window",    {.flags = TCP_ACK, .seq = -50u, .ack = 1, .len = 20},
     DROP_TCP_DUPLICATE, SENT_OLD_ACK},
    {"nothing, below the window", {.flags = TCP_ACK, .seq = 0, .ack = 1},
     DROP_TCP_OUT_OF_WINDOW, SENT_OLD_ACK},
    {"bytes beyond the window",   {.flags = TCP_ACK, .seq = 400000, .ack = 1, .len = 20},
     DROP_TCP_OUT_OF_WINDOW, SENT_OLD_ACK},
    {"a RST beyond the window",   {.flags = TCP_RST, .seq = 400000},
     DROP_TCP_OUT_OF_WINDOW, SENT_NOTHING},
    {"a RST in the window",       {.flags = TCP_RST, .seq = 100},
     DROP_TCP_RST_DOUBTFUL, SENT_CHALLENGE_ACK},
    {"a RST at its edge",         {.flags = TCP_RST, .seq = 1},
     DROP_TCP_RST_TAKEN, SENT_NOTHING},
    {"a SYN in the window",       {.flags = TCP_SYN, .seq = 100},
     DROP_TCP_SYN_DOUBTFUL, SENT_CHALLENGE_ACK},
    {"a SYN at RCV.NXT",          {.flags = TCP_SYN, .seq = 1},
     DROP_TCP_SYN_DOUBTFUL, SENT_CHALLENGE_ACK},
    {"no ACK",                    {.flags = TCP_PSH, .seq = 1, .len = 5},
     DROP_TCP_NO_ACK, SENT_NOTHING},
    {"an ACK of the future",      {.flags = TCP_ACK, .seq = 1, .ack = 1000},
     DROP_TCP_BAD_ACK, SENT_CHALLENGE_ACK},
    {"an ACK of the far past",    {.flags = TCP_ACK, .seq = 1, .ack = -100000u},
     DROP_TCP_BAD_ACK, SENT_CHALLENGE_ACK},
    {"a wrong checksum",          {.flags = TCP_ACK, .seq = 1, .ack = 1, .bad_csum = true},
     DROP_TCP_BAD_CSUM, SENT_NOTHING},
};

START_TEST(odd_segments_die)
{
    struct peer *p = peer_connected();
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1);
    struct say say = odd[_i].say;
    peer_say(p, &say);
    ck_assert_msg(p->log.drops[odd[_i].drop] == 1, "%s", odd[_i].what);
    ck_assert_msg(p->outs == (odd[_i].reply != SENT_NOTHING), "%s: %u answers", odd[_i].what,
                  p->outs);
    if (p->outs == 1) {
        ck_assert_int_eq(p->out[0].why, odd[_i].reply);
        ck_assert_int_eq(p->out[0].seg.flags, TCP_ACK);
        ck_assert_uint_eq(p->out[0].seq, 1);
        ck_assert_uint_eq(p->out[0].ack, 1);
    }
    enum tcp_state state = odd[_i].drop == DROP_TCP_RST_TAKEN ? TCP_CLOSED : TCP_ESTABLISHED;
    ck_assert_int_eq(peer_state(p), state);
    peer_free(p);
}
END_TEST

// --- nobody's segments (RFC 9293 §3.10.7.1) ----------------------------------------------------

static const struct {
    struct say say;
    enum drop  drop;
    uint8_t    reply;
    uint32_t   seq, ack;
} stray[] = {
    {{.flags = TCP_SYN, .seq = 5},                     DROP_TCP_NO_SOCKET, TCP_RST | TCP_ACK, 0, 6},
    {{.flags = TCP_SYN | TCP_FIN, .seq = 5, .len = 9},
                                                 DROP_TCP_NO_SOCKET, TCP_RST | TCP_ACK, 0, 16},
    {{.flags = TCP_ACK, .seq = 5, .ack = 7},           DROP_TCP_NO_SOCKET, TCP_RST, 7, 0},
    {{.flags = 0, .seq = 5, .len = 3},                 DROP_TCP_NO_SOCKET, TCP_RST | TCP_ACK, 0, 8},
    {{.flags = TCP_RST, .seq = 5},                     DROP_TCP_NO_SOCKET_RST, 0, 0, 0},
    {{.flags = TCP_RST | TCP_ACK, .seq = 5, .ack = 7}, DROP_TCP_NO_SOCKET_RST, 0, 0, 0},
};

START_TEST(nobodys_segments_are_refused)
{
    struct peer *p = peer_new();
    struct say say = stray[_i].say;
    peer_say(p, &say);
    ck_assert_uint_eq(p->log.drops[stray[_i].drop], 1);
    ck_assert_uint_eq(p->outs, stray[_i].reply != 0);
    if (p->outs == 1) {
        ck_assert_int_eq(p->out[0].seg.flags, stray[_i].reply);
        ck_assert_uint_eq(p->out[0].seg.seq.raw, stray[_i].seq);
        ck_assert_uint_eq(p->out[0].ack, stray[_i].ack);
    }
    peer_free(p);
}
END_TEST

// --- SYN-SENT (§3.10.7.3) ----------------------------------------------------------------------

static const struct {
    struct say     say;
    enum drop      drop;    // NONE: it is taken
    uint8_t        reply;
    enum tcp_state state;
} calling[] = {
    {{.flags = TCP_ACK, .ack = 0},                 DROP_TCP_BAD_ACK, TCP_RST, TCP_SYN_SENT},
    {{.flags = TCP_ACK, .ack = 2},                 DROP_TCP_BAD_ACK, TCP_RST, TCP_SYN_SENT},
    {{.flags = TCP_SYN | TCP_ACK, .ack = 2},       DROP_TCP_BAD_ACK, TCP_RST, TCP_SYN_SENT},
    {{.flags = TCP_RST | TCP_ACK, .ack = 2},       DROP_TCP_BAD_ACK, 0, TCP_SYN_SENT},
    {{.flags = TCP_RST},                           DROP_TCP_RST_DOUBTFUL, 0, TCP_SYN_SENT},
    {{.flags = TCP_RST | TCP_ACK, .ack = 1},       DROP_TCP_RST_TAKEN, 0, TCP_CLOSED},
    {{.flags = TCP_ACK, .ack = 1},                 DROP_TCP_UNEXPECTED, 0, TCP_SYN_SENT},
    {{.flags = TCP_FIN, .ack = 1},                 DROP_TCP_UNEXPECTED, 0, TCP_SYN_SENT},
    {{.flags = TCP_SYN},                           DROP_NONE, TCP_SYN | TCP_ACK, TCP_SYN_RCVD},
    {{.flags = TCP_SYN | TCP_ACK, .ack = 1},       DROP_NONE, TCP_ACK, TCP_ESTABLISHED},
    {{.flags = TCP_SYN | TCP_ACK | TCP_FIN, .ack = 1}, DROP_NONE, TCP_ACK, TCP_CLOSE_WAIT},
};

START_TEST(a_caller_is_answered)
{
    struct peer *p = peer_new();
    peer_called(p);
    struct say say = calling[_i].say;
    peer_say(p, &say);
    if (calling[_i].drop != DROP_NONE) ck_assert_uint_eq(p->log.drops[calling[_i].drop], 1);
    ck_assert_uint_eq(p->outs, calling[_i].reply != 0);
    if (p->outs == 1) ck_assert_int_eq(p->out[0].seg.flags, calling[_i].reply);
    ck_assert_int_eq(peer_state(p), calling[_i].state);
    peer_free(p);
}
END_TEST

START_TEST(data_on_a_syn_ack_is_taken)
{
    struct peer *p = peer_new();
    peer_called(p);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .len = 10);
    ck_assert_uint_eq(p->out[0].ack, 11);
    char buf[20];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, 20), 10);
    peer_free(p);
}
END_TEST

// --- LISTEN (§3.10.7.2) ------------------------------------------------------------------------

static const struct { struct say say; enum drop drop; uint8_t reply; } heard[] = {
    {{.flags = TCP_RST},                     DROP_TCP_UNEXPECTED, 0},
    {{.flags = TCP_ACK, .ack = 9},           DROP_TCP_BAD_ACK, TCP_RST},
    {{.flags = TCP_SYN | TCP_ACK, .ack = 9}, DROP_TCP_BAD_ACK, TCP_RST},
    {{.flags = TCP_FIN},                     DROP_TCP_UNEXPECTED, 0},
    {{.flags = TCP_SYN},                     DROP_NONE, TCP_SYN | TCP_ACK},
};

START_TEST(a_listener_hears)
{
    struct peer *p = peer_new();
    peer_listener(p, 5);
    struct say say = heard[_i].say;
    peer_say(p, &say);
    if (heard[_i].drop != DROP_NONE) ck_assert_uint_eq(p->log.drops[heard[_i].drop], 1);
    ck_assert_uint_eq(p->outs, heard[_i].reply != 0);
    if (p->outs == 1) ck_assert_int_eq(p->out[0].seg.flags, heard[_i].reply);
    peer_free(p);
}
END_TEST

// A child in SYN-RECEIVED: seq 1 is RCV.NXT, ack 1 acknowledges our SYN.
static const struct { const char *what; struct say say; enum drop drop; uint8_t reply;
                      unsigned children; } child[] = {
    {"its SYN again",     {.flags = TCP_SYN, .seq = 0},             DROP_TCP_DUPLICATE,
     TCP_SYN | TCP_ACK, 1},
    {"a wrong ACK",       {.flags = TCP_ACK, .seq = 1, .ack = 9},   DROP_TCP_BAD_ACK, TCP_RST, 1},
    {"a RST",             {.flags = TCP_RST, .seq = 1},             DROP_TCP_RST_TAKEN, 0, 0},
    {"a RST, blind",      {.flags = TCP_RST, .seq = 99},            DROP_TCP_RST_DOUBTFUL,
     TCP_ACK, 1},
    {"another SYN",       {.flags = TCP_SYN, .seq = 99},            DROP_TCP_SYN_DOUBTFUL, 0, 0},
    {"the last ACK",      {.flags = TCP_ACK, .seq = 1, .ack = 1},   DROP_NONE, 0, 1},
    {"it, with bytes",    {.flags = TCP_ACK, .seq = 1, .ack = 1, .len = 4}, DROP_NONE, TCP_ACK, 1},
};

START_TEST(a_child_hears)
{
    struct peer *p = peer_new();
    peer_listener(p, 5);
    SAY(p, .flags = TCP_SYN, .seq = 0, .opts = peer_syn_opts);
    struct say say = child[_i].say;
    peer_say(p, &say);
    if (child[_i].drop != DROP_NONE)
        ck_assert_msg(p->log.drops[child[_i].drop] == 1, "%s", child[_i].what);
    ck_assert_msg(p->outs == (child[_i].reply != 0), "%s: %u answers", child[_i].what, p->outs);
    if (p->outs == 1) ck_assert_int_eq(p->out[0].seg.flags, child[_i].reply);
    struct ng_sock_entry e;
    unsigned n = 0;
    for (uint32_t cursor = 0; ng_host_walk(p->h, &cursor, &e);) n += e.state != TCP_LISTEN;
    ck_assert_msg(n == child[_i].children, "%s: %u children", child[_i].what, n);
    peer_free(p);
}
END_TEST

// --- malformed ---------------------------------------------------------------------------------

static void inject_tcp(struct peer *p, struct addr src, const uint8_t *tcp, size_t len)
{
    uint8_t b[256], *h = b + family_hdr();
    struct family_packet ip = {.src = src, .dst = host_addr(), .proto = IP_PROTO_TCP, .len = len};
    family_emit(&ip, b);
    memcpy(h, tcp, len);
    if (len >= 20) {
        put16(h + 16, 0);
        uint16_t sum = csum_add(csum_pseudo(src, ip.dst, IP_PROTO_TCP, len), csum_sum(h, len));
        put16(h + 16, csum_field(sum));
    }
    p->outs = 0;
    peer_inject_ip(p, b, family_hdr() + len);
    peer_collect(p);
}

START_TEST(malformed_headers_die)
{
    struct peer *p = peer_connected();
    uint8_t b[24] = {0, 80, 15, 160, [12] = 0x60, [13] = TCP_ACK, [20] = 2, [21] = 0};
    inject_tcp(p, peer_addr(), b, 12);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_TRUNCATED], 1);
    inject_tcp(p, peer_addr(), b, 24);  // MUST-7: an option of length zero
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_OPTION], 1);
    b[12] = 0x40;
    inject_tcp(p, peer_addr(), b, 24);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_OFFSET], 1);
    b[12] = 0x50;
    b[0] = b[1] = 0;  // from port 0: MUST-63
    inject_tcp(p, peer_addr(), b, 20);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_SOURCE], 1);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    peer_free(p);
}
END_TEST

// MUST-63: whoever cannot be answered has not called.
START_TEST(a_syn_from_nowhere_is_ignored)
{
    struct peer *p = peer_new();
    struct addr group = {6, {0xff, 2, [15] = 1}};
    struct addr from[] = {family_any(), family == FAMILY_IP4 ? addr_ip4(0xe0000001) : group,
                          family == FAMILY_IP4 ? family_addr(255) : group};
    uint8_t syn[24] = {0, 80, 15, 160, [12] = 0x60, [13] = TCP_SYN, [20] = 2, 4, 5, 180};
    peer_listener(p, 5);
    for (size_t i = 0; i < ARRAY_LEN(from); i++) {
        inject_tcp(p, from[i], syn, sizeof syn);
        ck_assert_uint_eq(p->h->tcp->used, 0);
    }
    inject_tcp(p, peer_addr(), syn, sizeof syn);
    ck_assert_uint_eq(p->h->tcp->used, 1);
    peer_free(p);
}
END_TEST

START_TEST(tcp_is_never_for_many)  // MUST-57
{
    struct peer *p = peer_new();
    peer_listener(p, 5);
    uint8_t b[64];
    struct say say = {.flags = TCP_SYN};
    size_t n = peer_build(p, &say, b);
    struct family_packet ip;
    ck_assert(family_parse(&ip, b, n));
    ip.dst = (struct addr){6, {0xff, 2, [15] = 1}};  // all nodes of the link
    if (family == FAMILY_IP4) ip.dst = family_addr(255);
    family_emit(&ip, b);
    peer_inject_ip(p, b, n);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_NOT_UNICAST], 1);
    peer_free(p);
}
END_TEST

// --- timestamps (RFC 7323) ---------------------------------------------------------------------

START_TEST(old_timestamps_die)
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_established(p);
    p->ts_val = 2000;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    p->ts_val = 1999;
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 1, .len = 10);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_PAWS], 1);
    ck_assert_uint_eq(p->outs, 1);  // an ACK answers
    ck_assert_uint_eq(p->out[0].ack, 11);
    ck_assert_uint_eq(p->out[0].seg.opts.ts_ecr, 2000);
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 1, .len = 10, .no_ts = true);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_NO_TIMESTAMP], 1);
    ck_assert_uint_eq(p->outs, 0);  // in silence: it ends nothing
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    SAY(p, .flags = TCP_RST, .seq = 11, .no_ts = true);  // a RST is never dropped for it
    ck_assert_uint_eq(p->log.drops[DROP_TCP_RST_TAKEN], 1);
    peer_free(p);
}
END_TEST

// RFC 7323 §3.2: once agreed on, they are on bytes, on what goes again, on an ACK, a FIN and a RST.
START_TEST(each_segment_has_timestamps)
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_established(p);
    p->ts_val = 4711;
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "hello", 5), 5);
    peer_wait(p, MSEC(700));
    ck_assert_int_eq(ng_sock_shutdown(p->h, p->s, NG_SHUT_WR), 0);
    peer_collect(p);
    ck_assert_int_eq(ng_sock_close(p->h, p->s), 0);  // with bytes unread: a RST
    peer_collect(p);
    uint8_t flags = 0;
    unsigned again = 0;
    for (unsigned i = 1; i < p->outs; i++) {
        const struct tcp_seg *s = &p->out[i].seg;
        flags |= s->flags;
        again += p->out[i].len == 5;
        ck_assert_msg(s->opts.has_ts, "segment %u", i);
        ck_assert_uint_eq(s->opts.ts_ecr, 4711);
    }
    ck_assert_uint_ge(again, 2);
    ck_assert_uint_eq(flags, TCP_ACK | TCP_PSH | TCP_FIN | TCP_RST);
    peer_free(p);
}
END_TEST

// RFC 7323 §4.3: with a delayed ACK the echo is of the first segment it answers.
START_TEST(the_echo_is_of_the_first_unanswered)
{
    struct peer *p = peer_new();
    p->ts = true;
    peer_established(p);
    for (int i = 0; i < 20; i++)  // past the quick-ack phase
        SAY(p, .flags = TCP_ACK, .seq = 1 + (uint32_t)i * 1448, .ack = 1, .len = 1448);
    char buf[32768];
    while (ng_sock_read(p->h, p->s, buf, sizeof buf) > 0) {}
    peer_wait(p, MSEC(100));
    uint32_t next = 1 + 20 * 1448;
    p->ts_val = 5000;
    SAY(p, .flags = TCP_ACK, .seq = next, .ack = 1, .len = 100);
    ck_assert_uint_eq(p->outs, 0);
    p->ts_val = 5100;
    SAY(p, .flags = TCP_ACK, .seq = next + 100, .ack = 1, .len = 1448);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seg.opts.ts_ecr, 5000);
    peer_free(p);
}
END_TEST

// --- acknowledging -----------------------------------------------------------------------------

// A peer whose quick phase is over and whose bytes are read.
static struct peer *calm_peer(uint32_t *next)
{
    struct peer *p = peer_connected();
    char buf[32768];
    for (uint32_t i = 0; i < 20; i++)
        SAY(p, .flags = TCP_ACK, .seq = 1 + i * 1460, .ack = 1, .len = 1460);
    while (ng_sock_read(p->h, p->s, buf, sizeof buf) > 0) {}
    peer_wait(p, MSEC(100));
    *next = 1 + 20 * 1460;
    return p;
}

START_TEST(acks_are_delayed_but_not_for_long)  // MUST-40, SHLD-18, SHLD-19
{
    uint32_t next;
    struct peer *p = calm_peer(&next);
    SAY(p, .flags = TCP_ACK, .seq = next, .ack = 1, .len = 1460);
    ck_assert_uint_eq(p->outs, 0);
    SAY(p, .flags = TCP_ACK, .seq = next + 1460, .ack = 1, .len = 1460);
    ck_assert_uint_eq(p->outs, 1);  // every second full segment
    SAY(p, .flags = TCP_ACK, .seq = next + 2920, .ack = 1, .len = 1460);
    ck_assert_uint_eq(p->outs, 0);
    peer_wait(p, MSEC(39));
    ck_assert_uint_eq(p->outs, 0);
    peer_wait(p, MSEC(2));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_DELAYED_ACK);
    peer_free(p);
}
END_TEST

// RFC 5681 §4.2: what fills a gap is told at once, be it ever so short.
START_TEST(a_filled_gap_is_told_at_once)
{
    uint32_t next;
    struct peer *p = calm_peer(&next);
    SAY(p, .flags = TCP_ACK, .seq = next, .ack = 1, .len = 100);
    ck_assert_uint_eq(p->outs, 0);  // else it would wait
    peer_wait(p, MSEC(100));
    SAY(p, .flags = TCP_ACK, .seq = next + 200, .ack = 1, .len = 100);
    ck_assert_uint_eq(p->outs, 1);
    SAY(p, .flags = TCP_ACK, .seq = next + 100, .ack = 1, .len = 100);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].ack, next + 300);
    peer_free(p);
}
END_TEST

// Linux: the peer's window is small at first, so its first segments are acknowledged one by one.
START_TEST(the_first_acks_do_not_wait)
{
    struct peer *p = peer_connected();
    for (uint32_t i = 0; i < 16; i++) {
        SAY(p, .flags = TCP_ACK, .seq = 1 + i * 100, .ack = 1, .len = 100);
        ck_assert_uint_eq(p->outs, 1);
    }
    peer_wait(p, MSEC(100));
    SAY(p, .flags = TCP_ACK, .seq = 1601, .ack = 1, .len = 100);
    ck_assert_uint_eq(p->outs, 0);
    peer_free(p);
}
END_TEST

// MUST-40: however slow the peer was, an ACK waits for less than half a second. Linux: 200 ms.
START_TEST(no_ack_waits_for_half_a_second)
{
    struct peer *p = peer_new();
    peer_called(p);
    peer_wait(p, MSEC(900));
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    nsec longest = 0;
    for (uint32_t at = 1; at < 60; at++) {
        SAY(p, .flags = TCP_ACK, .seq = at, .ack = 1, .len = 1);
        nsec came = p->now;
        while (p->outs == 0) peer_wait(p, MSEC(10));
        if (p->now - came > longest) longest = p->now - came;
        peer_wait(p, MSEC(700) - (p->now - came));
    }
    ck_assert_int_ge(longest, MSEC(150));
    ck_assert_int_le(longest, MSEC(200));
    peer_free(p);
}
END_TEST

// RFC 7323 §2.4: a scaled window is rounded, and its edge may not move back; but the peer of a
// reader that sleeps is not lent more than one unit (256 bytes) beyond the buffer, however short
// its segments are.
START_TEST(rounding_lends_no_more_than_a_unit)
{
    struct peer *p = peer_new();
    peer_called_with_buffer(p, 4096);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    for (uint32_t at = 1; at < 6000; at++) {
        SAY(p, .flags = TCP_ACK, .seq = at, .ack = 1, .len = 1);
        peer_wait(p, MSEC(41));
    }
    struct ng_tcp_info i;
    ng_tcp_info(p->h, p->s, &i);
    ck_assert_uint_eq(i.rcv_wnd, 0);
    ck_assert_uint_ge(i.unread, 4096);
    ck_assert_uint_lt(i.unread, 4096 + 256);
    peer_free(p);
}
END_TEST

// A buffer that is smaller than the unit of the window field (4096 bytes here, of 128 MB that it
// might have grown to) is offered as one unit when it is empty, or nothing would ever come.
START_TEST(a_buffer_of_less_than_a_unit_opens_again)
{
    struct peer *p = peer_new();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_rmem", "4096 540000 134217728"), 0);
    peer_called_with_buffer(p, 2048);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    ck_assert_uint_eq(p->out[0].seg.wnd, 1);
    for (uint32_t at = 1; at < 4097; at += 1024)  // the reader sleeps
        SAY(p, .flags = TCP_ACK, .seq = at, .ack = 1, .len = 1024);
    peer_wait(p, SEC(1));
    ck_assert_uint_eq(p->out[p->outs - 1].seg.wnd, 0);
    uint8_t buf[8192];
    p->outs = 0;
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, 4000), 4000);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 0);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, sizeof buf), 96);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_WINDOW_UPDATE);
    ck_assert_uint_eq(p->out[0].seg.wnd, 1);
    peer_free(p);
}
END_TEST

START_TEST(each_early_segment_is_answered_at_once)  // RFC 5681 §4.2, RFC 2018
{
    struct peer *p = peer_connected();
    for (uint32_t i = 0; i < 3; i++) {
        SAY(p, .flags = TCP_ACK, .seq = 1461 + i * 1460, .ack = 1, .len = 1460);
        ck_assert_uint_eq(p->outs, 1);
        ck_assert_int_eq(p->out[0].why, SENT_DUP_ACK);
        ck_assert_uint_eq(p->out[0].ack, 1);
        const struct tcp_opts *o = &p->out[0].seg.opts;
        ck_assert_uint_eq(o->sacks, 1);
        ck_assert_uint_eq(o->sack[0].to.raw, PEER_ISN + 1461 + (i + 1) * 1460);
    }
    SAY(p, .flags = TCP_ACK, .seq = 1461, .ack = 1, .len = 1460);  // again: RFC 2883
    ck_assert_uint_eq(p->out[0].seg.opts.sacks, 2);
    ck_assert_uint_eq(p->out[0].seg.opts.sack[0].from.raw, PEER_ISN + 1461);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_DUPLICATE], 1);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 1460);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].ack, 1 + 4 * 1460);
    ck_assert_uint_eq(p->out[0].seg.opts.sacks, 0);
    peer_free(p);
}
END_TEST

START_TEST(a_fin_waits_for_its_gap)
{
    struct peer *p = peer_connected();
    SAY(p, .flags = TCP_ACK | TCP_FIN, .seq = 101, .ack = 1, .len = 100);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 100);
    ck_assert_int_eq(peer_state(p), TCP_CLOSE_WAIT);
    ck_assert_uint_eq(p->out[p->outs - 1].ack, 202);
    char buf[300];
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, 300), 200);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, buf, 300), 0);
    peer_free(p);
}
END_TEST

// Little memory is left: it is kept for what is missing, for nothing else can free what is held.
START_TEST(early_bytes_find_no_memory_where_the_next_ones_do)
{
    struct peer *p = peer_connected();
    uint32_t next = 1;
    for (; next < 40 * 1460; next += 1460)
        SAY(p, .flags = TCP_ACK, .seq = next, .ack = 1, .len = 1460);
    p->h->pool.limit = p->h->pool.used + p->h->pool.used / 4;
    SAY(p, .flags = TCP_ACK, .seq = next + 100, .ack = 1, .len = 100);
    ck_assert_uint_eq(p->log.drops[DROP_NO_MEMORY], 1);
    ck_assert_uint_eq(p->out[0].ack, next);
    SAY(p, .flags = TCP_ACK | TCP_PSH, .seq = next, .ack = 1, .len = 100);
    peer_wait(p, MSEC(200));
    ck_assert_uint_eq(p->out[p->outs - 1].ack, next + 100);
    peer_free(p);
}
END_TEST

START_TEST(too_many_holes_are_too_many)
{
    struct peer *p = peer_connected();
    for (uint32_t i = 0; i < RCVQ_RUNS + 10; i++)
        SAY(p, .flags = TCP_ACK, .seq = 3 + 2 * i, .ack = 1, .len = 1);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_HELD_FULL], 10);
    peer_free(p);
}
END_TEST

// --- the window --------------------------------------------------------------------------------

// MUST-66: with the window shut a byte is refused, but ACK and RST are heard.
START_TEST(a_shut_window_still_hears)
{
    struct peer *p = peer_new();
    peer_called_with_buffer(p, 4096);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "abc", 3), 3);
    peer_collect(p);
    for (uint32_t at = 1; at < 4097; at += 1024)
        SAY(p, .flags = TCP_ACK, .seq = at, .ack = 1, .len = 1024);
    ck_assert_uint_eq(p->out[p->outs - 1].seg.wnd, 0);
    SAY(p, .flags = TCP_ACK, .seq = 4097, .ack = 4, .len = 1);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_NO_ROOM], 1);
    ck_assert_uint_eq(p->out[0].ack, 4097);
    struct ng_tcp_info info;
    ng_tcp_info(p->h, p->s, &info);
    ck_assert_uint_eq(info.unacked, 0);  // its ACK was taken
    SAY(p, .flags = TCP_RST, .seq = 4097);
    ck_assert_int_eq(peer_state(p), TCP_CLOSED);
    peer_free(p);
}
END_TEST

START_TEST(the_right_edge_never_moves_left)  // SHLD-14
{
    struct peer *p = peer_connected();
    uint32_t edge = 0;
    char buf[300];  // slower than they come, so the edge waits for a segment's room
    for (uint32_t i = 0; i < 60; i++) {
        int smaller = 20000;
        if (i == 30) ng_sock_set(p->h, p->s, NG_SO_RCVBUF, &smaller, sizeof smaller);
        if (i < 30) ng_sock_read(p->h, p->s, buf, sizeof buf);
        SAY(p, .flags = TCP_ACK, .seq = 1 + i * 777, .ack = 1, .len = 777);
        peer_wait(p, MSEC(50));
        for (unsigned k = 0; k < p->outs; k++) {
            uint32_t now = p->out[k].ack + ((uint32_t)p->out[k].seg.wnd << 8);
            // Nobody reads any more: at the end of the buffer a unit less is told than is taken.
            ck_assert_uint_ge(i < 30 ? now : now + 255, edge);
            if (now > edge) edge = now;
        }
    }
    peer_free(p);
}
END_TEST

// MUST-34: the peer takes back what it offered; what lies beyond waits (SHLD-15).
START_TEST(a_shrunken_window_is_obeyed)
{
    struct peer *p = peer_connected();
    char buf[20000] = {0};
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 8000);
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, buf, sizeof buf), (int)sizeof buf);
    peer_collect(p);
    ck_assert_uint_eq(p->out[p->outs - 1].seq + p->out[p->outs - 1].len, 7301);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 2000);
    ck_assert_uint_eq(p->outs, 0);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 7301, .wnd = -1);
    ck_assert_uint_eq(p->outs, 0);
    peer_wait(p, MSEC(300));  // MUST-35, SHLD-29: probed after an RTO, which is 200 ms here
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_WINDOW_PROBE);
    peer_free(p);
}
END_TEST

START_TEST(silly_windows_are_not_filled)  // MUST-38
{
    struct peer *p = peer_connected();
    char buf[20000] = {0};
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 2920);
    p->outs = 0;
    ng_sock_write(p->h, p->s, buf, sizeof buf);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 2);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 2921, .wnd = 100);
    ck_assert_uint_eq(p->outs, 0);  // 100 bytes are not worth a segment
    peer_wait(p, SEC(3));
    ck_assert_uint_ge(p->outs, 1);  // unless nothing better comes
    ck_assert_uint_eq(p->out[0].len, 100);
    peer_free(p);
}
END_TEST

START_TEST(challenges_are_rationed)  // RFC 5961 §7
{
    struct peer *p = peer_connected();
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_challenge_ack_limit", "100"), 0);
    unsigned count[4] = {0};  // of as many seconds: nobody can tell how many there will be
    for (int i = 0; i < 4 * 300; i++) {
        if (i % 300 == 0) peer_wait(p, SEC(1));
        SAY(p, .flags = TCP_SYN, .seq = 100);
        count[i / 300] += p->outs;
    }
    for (int i = 0; i < 4; i++) ck_assert(count[i] >= 50 && count[i] < 150);
    ck_assert(count[0] != count[1] || count[1] != count[2] || count[2] != count[3]);
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_challenge_ack_limit", "0"), 0);
    peer_wait(p, SEC(1));
    SAY(p, .flags = TCP_SYN, .seq = 100);
    ck_assert_uint_eq(p->outs, 0);
    ck_assert_int_eq(ng_host_set(p->h, "net.ipv4.tcp_challenge_ack_limit", "1"), 0);
    peer_wait(p, SEC(1));
    SAY(p, .flags = TCP_SYN, .seq = 100);
    ck_assert_uint_eq(p->outs, 1);
    peer_free(p);
}
END_TEST

// RFC 5961 §5.2: how old an ACK may be, the largest window says that was ever offered, not today's.
START_TEST(an_old_ack_is_measured_by_the_largest_window)
{
    struct peer *p = peer_connected();
    char buf[5000] = {0};
    ck_assert_int_eq(ng_sock_write(p->h, p->s, buf, sizeof buf), (int)sizeof buf);
    peer_collect(p);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 5001, .wnd = 100);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .wnd = 100, .len = 10);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_ACK], 0);
    ck_assert_uint_eq(p->out[0].ack, 11);
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 5001 - 65536u, .wnd = 100, .len = 10);
    ck_assert_uint_eq(p->log.drops[DROP_TCP_BAD_ACK], 1);
    ck_assert_uint_eq(p->out[0].ack, 11);
    peer_free(p);
}
END_TEST

// --- options of the SYN ------------------------------------------------------------------------

START_TEST(without_mss_it_is_536)  // MUST-15
{
    struct peer *p = peer_new();
    peer_called(p);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1);
    char buf[2000] = {0};
    p->outs = 0;
    ng_sock_write(p->h, p->s, buf, sizeof buf);
    peer_collect(p);
    ck_assert_uint_eq(p->out[0].len, family == FAMILY_IP4 ? 536 : 1220);
    ck_assert(!p->out[0].seg.opts.has_mss);  // MUST-65
    peer_free(p);
}
END_TEST

START_TEST(our_syn_offers)
{
    struct peer *p = peer_new();
    peer_called(p);
    const struct tcp_opts *o = &p->out[0].seg.opts;
    ck_assert(o->has_mss && o->has_wscale && o->has_sack_ok && o->has_ts);
    ck_assert_uint_eq(o->mss, 1460);
    ck_assert_uint_eq(o->wscale, 8);
    ck_assert_uint_eq(p->out[0].seg.wnd, 65535);
    peer_free(p);
}
END_TEST

START_TEST(a_listener_answers_only_what_was_offered)
{
    struct peer *p = peer_new();
    peer_listener(p, 5);
    SAY(p, .flags = TCP_SYN, .opts = {.has_mss = true, .mss = 1000});
    const struct tcp_opts *o = &p->out[0].seg.opts;
    ck_assert(o->has_mss && !o->has_wscale && !o->has_sack_ok && !o->has_ts);
    peer_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, odd_segments_die, 0, (int)ARRAY_LEN(odd));
    tcase_add_loop_test(tc, nobodys_segments_are_refused, 0, (int)ARRAY_LEN(stray));
    tcase_add_loop_test(tc, a_caller_is_answered, 0, (int)ARRAY_LEN(calling));
    tcase_add_test(tc, data_on_a_syn_ack_is_taken);
    tcase_add_loop_test(tc, a_listener_hears, 0, (int)ARRAY_LEN(heard));
    tcase_add_loop_test(tc, a_child_hears, 0, (int)ARRAY_LEN(child));
    tcase_add_test(tc, malformed_headers_die);
    tcase_add_test(tc, a_syn_from_nowhere_is_ignored);
    tcase_add_test(tc, tcp_is_never_for_many);
    tcase_add_test(tc, old_timestamps_die);
    tcase_add_test(tc, each_segment_has_timestamps);
    tcase_add_test(tc, the_echo_is_of_the_first_unanswered);
    tcase_add_test(tc, acks_are_delayed_but_not_for_long);
    tcase_add_test(tc, a_filled_gap_is_told_at_once);
    tcase_add_test(tc, the_first_acks_do_not_wait);
    tcase_add_test(tc, no_ack_waits_for_half_a_second);
    tcase_add_test(tc, rounding_lends_no_more_than_a_unit);
    tcase_add_test(tc, each_early_segment_is_answered_at_once);
    tcase_add_test(tc, a_fin_waits_for_its_gap);
    tcase_add_test(tc, early_bytes_find_no_memory_where_the_next_ones_do);
    tcase_add_test(tc, too_many_holes_are_too_many);
    tcase_add_test(tc, a_buffer_of_less_than_a_unit_opens_again);
    tcase_add_test(tc, a_shut_window_still_hears);
    tcase_add_test(tc, the_right_edge_never_moves_left);
    tcase_add_test(tc, a_shrunken_window_is_obeyed);
    tcase_add_test(tc, silly_windows_are_not_filled);
    tcase_add_test(tc, challenges_are_rationed);
    tcase_add_test(tc, an_old_ack_is_measured_by_the_largest_window);
    tcase_add_test(tc, without_mss_it_is_536);
    tcase_add_test(tc, our_syn_offers);
    tcase_add_test(tc, a_listener_answers_only_what_was_offered);
}

int main(void)
{
    Suite *s = suite_create("segment");
    family_add(s, add_tests);
    return run_claims(s);
}
