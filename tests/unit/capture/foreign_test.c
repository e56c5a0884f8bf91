// foreign_test.c - what the packets of a stranger's capture prove, and nothing more.
#include "claims.h"
#include "unit/capture/capture_world.h"

#include "capture/pcapng.h"
#include "wire/eth_wire.h"
#include "wire/ip4_wire.h"
#include "wire/tcp_wire.h"

// A classic pcap being built, and the text of the events that it gives.
struct pcap { uint8_t p[16384]; size_t len; uint32_t usec; };

static struct pcap file;
static char told[32768];

static void pcap_begin(uint32_t linktype)
{
    memset(&file, 0, sizeof file);
    le_put32(file.p, 0xa1b2c3d4);
    le_put16(file.p + 4, 2);
    le_put16(file.p + 6, 4);
    le_put32(file.p + 16, 65535);
    le_put32(file.p + 20, linktype);
    file.len = 24;
}

static void pcap_add(const uint8_t *p, size_t len)
{
    uint8_t *record = file.p + file.len;
    NEED(file.len + 16 + len <= sizeof file.p);
    le_put32(record, 1714567890);  // 2024-05-01 12:51:30 UTC
    le_put32(record + 4, file.usec);
    le_put32(record + 8, (uint32_t)len);
    le_put32(record + 12, (uint32_t)len);
    memcpy(record + 16, p, len);
    file.len += 16 + len;
    file.usec += 100;
}

enum { A = 0x0a000001, B = 0x0a000002 };

struct segment {
    uint32_t    src;
    uint8_t     flags;
    uint32_t    seq, ack, len;
    int         wscale;  // -1: no option
};

static size_t segment_bytes(uint8_t p[200], struct segment s)
{
    bool from_a = s.src == A;
    struct tcp_seg seg = {
        .sport = from_a ? 40000 : 80, .dport = from_a ? 80 : 40000, .seq = seq_of(s.seq),
        .ack = seq_of(s.ack), .flags = s.flags, .wnd = 500,
        .opts = {.has_wscale = s.wscale >= 0, .wscale = (uint8_t)(s.wscale < 0 ? 0 : s.wscale)}};
    struct ip4_packet ip = {.src = addr_ip4(s.src), .dst = addr_ip4(from_a ? B : A), .ttl = 64,
                            .proto = IP_PROTO_TCP};
    struct eth_frame eth = {.dst = {{2, 0, 0, 0, 0, 9}}, .type = ETH_TYPE_IP4};
    size_t at = eth_emit(&eth, p);
    size_t hdr_len = tcp_emit(&seg, p + at + IP4_HDR_MIN);
    ip.total_len = (uint16_t)(IP4_HDR_MIN + hdr_len + s.len);
    ip4_emit(&ip, p + at);
    memset(p + at + IP4_HDR_MIN + hdr_len, 'x', s.len);
    return at + ip.total_len;
}

static void add_segment(struct segment s)
{
    uint8_t p[200];
    pcap_add(p, segment_bytes(p, s));
}

static const char *tell(void)
{
    struct text t = text_of(told, sizeof told);
    struct trace_event ev;
    struct replay *r = replay_of(file.p, file.len);
    ck_assert(!replay_is_ours(r));
    enum replay_next next;
    while ((next = replay_next(r, &ev)) == REPLAY_EVENT) {
        trace_print(&t, &ev);
        text_put_char(&t, '\n');
    }
    if (next == REPLAY_BROKEN) text_put_str(&t, replay_error(r));
    replay_close(r);
    NEED(!t.cut);
    return told;
}

// How often a piece of text is there.
static unsigned times(const char *piece)
{
    unsigned n = 0;
    for (const char *at = told; (at = strstr(at, piece)) != NULL; at++) n++;
    return n;
}

#define HAS(piece) \
    ck_assert_msg(times(piece) == 1, "%u times '%s' in\n%.6000s", times(piece), piece, told)
#define HAS_NOT(piece) ck_assert_msg(times(piece) == 0, "'%s' in\n%.6000s", piece, told)

START_TEST(a_whole_connection)
{
    pcap_begin(LINKTYPE_ETHERNET);
    add_segment((struct segment){A, TCP_SYN, 1000, 0, 0, 7});
    add_segment((struct segment){B, TCP_SYN | TCP_ACK, 5000, 1001, 0, 2});
    add_segment((struct segment){A, TCP_ACK, 1001, 5001, 0, -1});
    add_segment((struct segment){A, TCP_ACK | TCP_PSH, 1001, 5001, 10, -1});
    add_segment((struct segment){B, TCP_ACK, 5001, 1011, 0, -1});
    add_segment((struct segment){A, TCP_FIN | TCP_ACK, 1011, 5001, 0, -1});
    add_segment((struct segment){B, TCP_FIN | TCP_ACK, 5001, 1012, 0, -1});
    add_segment((struct segment){A, TCP_ACK, 1012, 5002, 0, -1});
    tell();
    HAS("note text=\"memory begins at 2024-05-01 12:51:30.000000000 UTC.");
    HAS("host_new host=1 name=\"10.0.0.1\"");
    HAS("host_new host=2 name=\"10.0.0.2\"");
    HAS("sock_name host=1 conn=1 local=10.0.0.1:40000 remote=10.0.0.2:80");
    HAS("sock_name host=2 conn=2 local=10.0.0.2:80 remote=10.0.0.1:40000");
    HAS("0.000000000 frame_tx host=1 netif=1 conn=1 frame=1 why=foreign len=58");
    HAS("0.000000000 frame_rx host=2 netif=1 frame=1 len=58");
    HAS("300000 tcp_segment host=1 conn=1 frame=4 out=1 flags=24 seq=1 ack=1 len=10 wnd=64000");
    HAS("300000 tcp_segment host=2 conn=2 frame=4 out=0 flags=24 seq=1 ack=1 len=10 wnd=64000");
    HAS("0.000000000 tcp_state host=1 conn=1 from=CLOSED to=SYN-SENT why=user-connect");
    HAS("0.000100000 tcp_state host=2 conn=2 from=LISTEN to=SYN-RECEIVED why=syn");
    HAS("0.000200000 tcp_state host=1 conn=1 from=SYN-SENT to=ESTABLISHED why=syn-ack");
    HAS("0.000400000 tcp_state host=2 conn=2 from=SYN-RECEIVED to=ESTABLISHED why=ack-of-syn");
    HAS("0.000500000 tcp_state host=1 conn=1 from=ESTABLISHED to=FIN-WAIT-1 why=user-close");
    HAS("0.000600000 tcp_state host=2 conn=2 from=ESTABLISHED to=CLOSE-WAIT why=fin");
    HAS("0.000600000 tcp_state host=2 conn=2 from=CLOSE-WAIT to=LAST-ACK why=user-close");
    HAS("0.000700000 tcp_state host=1 conn=1 from=FIN-WAIT-1 to=FIN-WAIT-2 why=ack-of-fin");
    HAS("0.000700000 tcp_state host=1 conn=1 from=FIN-WAIT-2 to=TIME-WAIT why=fin");
    ck_assert_uint_eq(times(" tcp_state "), 9);  // that LAST-ACK ended, nobody saw
    ck_assert_uint_eq(times(" tcp_segment "), 16);
}
END_TEST

START_TEST(a_bare_ack_of_the_syn_proves_no_server)
{
    pcap_begin(LINKTYPE_ETHERNET);
    add_segment((struct segment){A, TCP_SYN, 1000, 0, 0, -1});
    add_segment((struct segment){B, TCP_SYN | TCP_ACK, 5000, 1001, 0, -1});
    add_segment((struct segment){A, TCP_ACK, 1001, 5001, 0, -1});
    add_segment((struct segment){B, TCP_ACK, 5001, 1001, 0, -1});
    tell();
    HAS("host=1 conn=1 from=SYN-SENT to=ESTABLISHED");
    HAS_NOT("from=SYN-RECEIVED");
}
END_TEST

START_TEST(the_middle_of_a_connection_has_no_state)
{
    pcap_begin(LINKTYPE_ETHERNET);
    add_segment((struct segment){A, TCP_ACK, 70000, 90000, 10, -1});
    add_segment((struct segment){B, TCP_ACK, 90000, 70010, 0, -1});
    add_segment((struct segment){B, TCP_FIN | TCP_ACK, 90000, 70010, 0, -1});
    tell();
    HAS("host=1 conn=1 frame=1 out=1 flags=16 seq=1 ack=1 len=10");
    HAS("host=2 conn=2 frame=2 out=1 flags=16 seq=1 ack=11 len=0");
    HAS_NOT("tcp_state");
}
END_TEST

START_TEST(both_close_at_once)
{
    pcap_begin(LINKTYPE_ETHERNET);
    add_segment((struct segment){A, TCP_SYN, 1000, 0, 0, -1});
    add_segment((struct segment){B, TCP_SYN | TCP_ACK, 5000, 1001, 0, -1});
    add_segment((struct segment){A, TCP_ACK, 1001, 5001, 0, -1});
    add_segment((struct segment){B, TCP_FIN | TCP_ACK, 5001, 1001, 0, -1});
    add_segment((struct segment){A, TCP_FIN | TCP_ACK, 1001, 5001, 0, -1});
    add_segment((struct segment){A, TCP_ACK, 1002, 5002, 0, -1});
    add_segment((struct segment){B, TCP_ACK, 5002, 1002, 0, -1});
    tell();
    HAS("host=1 conn=1 from=FIN-WAIT-1 to=CLOSING why=fin");
    // When B acknowledges A's FIN, A's ACK of B's own may have come first: it could be in two.
    HAS("host=2 conn=2 from=ESTABLISHED to=FIN-WAIT-1 why=user-close");
    HAS_NOT("host=2 conn=2 from=FIN-WAIT-1");
}
END_TEST

START_TEST(a_reset_and_a_new_connection_under_old_names)
{
    pcap_begin(LINKTYPE_ETHERNET);
    add_segment((struct segment){A, TCP_SYN, 1000, 0, 0, -1});
    add_segment((struct segment){A, TCP_SYN, 1000, 0, 0, -1});
    add_segment((struct segment){A, TCP_RST, 1001, 0, 0, -1});
    add_segment((struct segment){A, TCP_SYN, 777000, 0, 0, -1});
    add_segment((struct segment){B, TCP_SYN | TCP_ACK, 5000, 777001, 0, -1});
    tell();
    ck_assert_uint_eq(times("to=SYN-SENT"), 2);
    HAS("conn=1 from=SYN-SENT to=CLOSED why=unseen");
    HAS("0.000300000 sock_gone host=1 conn=1");
    HAS("0.000300000 tcp_state host=1 conn=3 from=CLOSED to=SYN-SENT");
    HAS("0.000400000 sock_gone host=2 conn=2");
    HAS("host=2 conn=4 frame=5 out=1 flags=18 seq=0 ack=1");
}
END_TEST

// A connection's packet in the clothes of each link type that is understood.
static const struct { uint32_t linktype; size_t head; uint8_t bytes[20]; } clothes[] = {
    {LINKTYPE_RAW, 0, {0}},
    {LINKTYPE_RAW_BSD, 0, {0}},
    {LINKTYPE_IPV4, 0, {0}},
    {LINKTYPE_NULL, 4, {2, 0, 0, 0}},
    {LINKTYPE_LOOP, 4, {0, 0, 0, 2}},
    {LINKTYPE_SLL, 16, {0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 7, 0, 0, 8, 0}},
    {LINKTYPE_SLL2, 20, {8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 7, 0, 0}},
};

START_TEST(other_link_types_become_ethernet)
{
    uint8_t p[200], dressed[200];
    size_t len = segment_bytes(p, (struct segment){A, TCP_SYN, 1, 0, 0, -1}) - ETH_HDR_LEN;
    memcpy(dressed, clothes[_i].bytes, clothes[_i].head);
    memcpy(dressed + clothes[_i].head, p + ETH_HDR_LEN, len);
    pcap_begin(clothes[_i].linktype);
    pcap_add(dressed, clothes[_i].head + len);
    tell();
    HAS("The Ethernet headers are made up.");
    HAS("frame_tx host=1 netif=1 conn=1 frame=1 why=foreign len=54 gso=0 csum_todo=0 data=54 ");
    HAS("frame_rx host=2 netif=1 frame=1 len=54");

    pcap_begin(clothes[_i].linktype);
    pcap_add(dressed, clothes[_i].head > 0 ? clothes[_i].head - 1 : 0);
    tell();
    HAS("Some packets do not say what they are");
    HAS_NOT("frame_tx");
}
END_TEST

START_TEST(a_link_type_nobody_knows_ends_with_a_sentence)
{
    pcap_begin(147);
    pcap_add((const uint8_t *)"abc", 3);
    tell();
    HAS("memory: packets of link type 147 cannot be shown: only Ethernet");
}
END_TEST

START_TEST(what_goes_to_many_arrives_nowhere_in_particular)
{
    static const uint8_t arp[42] = {
        255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
        2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
    uint8_t reply[42];
    pcap_begin(LINKTYPE_ETHERNET);
    pcap_add(arp, sizeof arp);
    memcpy(reply, arp, sizeof arp);
    memcpy(reply, arp + 6, 6);
    reply[21] = 2;
    memcpy(reply + 28, arp + 38, 4);
    memcpy(reply + 38, arp + 28, 4);
    pcap_add(reply, sizeof reply);
    pcap_add((const uint8_t *)"ten bytes.", 10);  // no frame at all: somebody sent it
    tell();
    HAS("frame_tx host=1 netif=1 frame=1 ");
    HAS_NOT("frame=1 len=42 gso=0 csum_todo=0 data=42 bytes\n0.000000000 frame_rx");
    HAS("frame_tx host=2 netif=1 frame=2 ");
    HAS("frame_rx host=1 netif=1 frame=2 ");
    HAS("host_new host=3 name=\"?\"");
    HAS("frame_tx host=3 netif=1 frame=3 ");
    ck_assert_uint_eq(times("frame_rx"), 1);
}
END_TEST

START_TEST(time_never_goes_back)
{
    pcap_begin(LINKTYPE_ETHERNET);
    file.usec = 500;
    add_segment((struct segment){A, TCP_SYN, 1, 0, 0, -1});
    file.usec = 900;
    add_segment((struct segment){A, TCP_SYN, 1, 0, 0, -1});
    file.usec = 100;
    add_segment((struct segment){A, TCP_SYN, 1, 0, 0, -1});
    add_segment((struct segment){A, TCP_SYN, 1, 0, 0, -1});
    tell();
    HAS("Times go backwards");
    HAS("0.000400000 frame_tx host=1 netif=1 conn=1 frame=3");
    HAS("0.000400000 frame_tx host=1 netif=1 conn=1 frame=4");
}
END_TEST

// More addresses than hosts are told apart: the rest are one host, and have no connections.
START_TEST(bytes_seen_before_are_sent_again)
{
    pcap_begin(LINKTYPE_ETHERNET);
    add_segment((struct segment){A, TCP_SYN, 1, 0, 0, -1});
    add_segment((struct segment){A, TCP_SYN, 1, 0, 0, -1});              // again
    add_segment((struct segment){B, TCP_SYN | TCP_ACK, 9, 2, 0, -1});
    add_segment((struct segment){A, TCP_ACK, 2, 10, 0, -1});
    add_segment((struct segment){A, TCP_ACK, 2, 10, 20, -1});
    add_segment((struct segment){A, TCP_ACK, 22, 10, 20, -1});
    add_segment((struct segment){A, TCP_ACK, 2, 10, 20, -1});            // again
    add_segment((struct segment){A, TCP_ACK, 12, 10, 40, -1});           // partly new
    add_segment((struct segment){B, TCP_ACK, 10, 52, 0, -1});
    add_segment((struct segment){B, TCP_ACK, 10, 52, 0, -1});            // no numbers
    add_segment((struct segment){A, TCP_ACK, 51, 10, 1, -1});            // a keep-alive
    add_segment((struct segment){A, TCP_FIN | TCP_ACK, 52, 10, 0, -1});
    add_segment((struct segment){A, TCP_FIN | TCP_ACK, 52, 10, 0, -1});  // again
    tell();
    ck_assert_int_eq(times("why=foreign-again"), 2 * 3 + 3);  // the frame, the segment out and in
    char want[40];
    snprintf(want, sizeof want, "why=%s", sent_name(SENT_FOREIGN_AGAIN));
    ck_assert_int_eq(times(want), 9);
}
END_TEST

// A capture of ours that another program wrote anew: the blocks of events are not there.
static size_t without_events(uint8_t *p, size_t len)
{
    size_t to = 0;
    for (size_t at = 0; at + 12 <= len;) {
        uint32_t type = le_get32(p + at), block = le_get32(p + at + 4);
        NEED(block >= 12 && at + block <= len);
        if (type != PCAPNG_LOCAL) memmove(p + to, p + at, block), to += block;
        at += block;
    }
    return to;
}

static void record_frame(struct record *r, nsec at, uint16_t host, const uint8_t *p, size_t len)
{
    struct trace_bytes data = {p, (uint32_t)len};
    struct trace_event ev = {.at = at, .host = host, .netif = 1,
                             .type = host == 1 ? TRACE_FRAME_TX : TRACE_FRAME_RX};
    if (host == 1)
        ev.frame_tx = (struct trace_frame_tx_event){.frame = 7, .len = data.len, .data = data};
    else ev.frame_rx = (struct trace_frame_rx_event){.frame = 7, .len = data.len, .data = data};
    trace_emit(record_sink(r), &ev);
}

// The same ARP-like bytes may leave twice and come twice; what comes unasked is told.
START_TEST(a_frame_captured_at_both_ends_is_told_once)
{
    uint8_t p[200], q[200];
    scratch_begin();
    size_t len = segment_bytes(p, (struct segment){A, TCP_SYN, 1, 0, 0, -1});
    size_t back = segment_bytes(q, (struct segment){B, TCP_SYN | TCP_ACK, 9, 2, 0, -1});
    struct record *r = record_to(scratch_path("a.pcapng"));
    record_frame(r, 10, 1, p, len);
    record_frame(r, 20, 1, p, len);
    record_frame(r, 30, 2, p, len);
    record_frame(r, 40, 2, p, len);
    record_frame(r, 50, 2, p, len);  // this one nobody sent
    record_frame(r, 60, 2, q, back);
    record_end(r);
    file.len = without_events(file.p, slurp(scratch_path("a.pcapng"), file.p, sizeof file.p));
    scratch_end();
    tell();
    ck_assert_int_eq(times("frame_tx"), 4);
    ck_assert_int_eq(times("captured at both their ends"), 1);
}
END_TEST

// The same packet behind n routers: another sender of the frame, a lower TTL, another checksum.
static void add_further(struct segment g, unsigned routers, bool marked)
{
    uint8_t p[200];
    size_t len = segment_bytes(p, g);
    if (routers > 0) p[11] = (uint8_t)(0x50 + routers);
    p[ETH_HDR_LEN + 8] = (uint8_t)(64 - routers);
    p[ETH_HDR_LEN + 10] = (uint8_t)routers;
    if (marked) p[ETH_HDR_LEN + 1] = 3;
    pcap_add(p, len);
}

START_TEST(a_packet_that_routers_send_on_is_told_once)
{
    struct segment data = {A, TCP_ACK, 1, 1, 10, -1};
    pcap_begin(LINKTYPE_ETHERNET);
    add_further(data, 0, false);
    add_further(data, 0, false);  // sent again before the first was sent on
    add_further(data, 1, true);
    add_further(data, 1, false);
    add_further(data, 2, true);
    tell();
    ck_assert_uint_eq(times("frame_tx"), 2);
    ck_assert_uint_eq(times("why=foreign-again"), 3);  // the frame, the segment out and in
    ck_assert_uint_eq(times("before and behind a router"), 1);
    add_further(data, 1, false);  // the third of two
    tell();
    ck_assert_uint_eq(times("frame_tx"), 3);
}
END_TEST

START_TEST(what_is_sent_again_is_not_taken_for_sent_on)
{
    struct segment data = {A, TCP_ACK, 1, 1, 10, -1};
    uint8_t p[200];
    pcap_begin(LINKTYPE_ETHERNET);
    add_further(data, 1, false);
    add_further(data, 1, false);  // captured behind the router only
    file.usec += 1500000;
    add_further(data, 2, false);  // a longer way, and too late to be one of those
    size_t len = segment_bytes(p, data);
    p[11] = 0x52;
    p[ETH_HDR_LEN + 8] = 61;      // the same sender of the frame
    pcap_add(p, len);
    tell();
    ck_assert_uint_eq(times("frame_tx"), 4);
    HAS_NOT("before and behind a router");
}
END_TEST

START_TEST(a_crowd_is_told_as_others)
{
    struct replay *r;
    struct trace_event ev;
    uint8_t p[200], *big = malloc(24 + 3000 * 100);
    unsigned hosts = 0, frames = 0;
    pcap_begin(LINKTYPE_RAW);
    memcpy(big, file.p, 24);
    size_t len = 24, n = segment_bytes(p, (struct segment){A, TCP_SYN, 1, 0, 0, -1}) - ETH_HDR_LEN;
    for (uint32_t i = 0; i < 3000; i++) {
        memset(big + len, 0, 16);
        le_put32(big + len + 8, (uint32_t)n);
        memcpy(big + len + 16, p + ETH_HDR_LEN, n);
        put32(big + len + 16 + 12, 0x0b000000 + i);
        len += 16 + n;
    }
    r = replay_of(big, len);
    while (replay_next(r, &ev) == REPLAY_EVENT) {
        hosts += ev.type == TRACE_HOST_NEW;
        frames += ev.type == TRACE_FRAME_TX;
    }
    ck_assert_str_eq(replay_error(r), "");
    ck_assert_uint_eq(frames, 3000);
    ck_assert_uint_eq(hosts, 1023);
    replay_close(r);
    free(big);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("foreign");
    TCase *c = tcase_create("foreign");
    tcase_add_test(c, a_whole_connection);
    tcase_add_test(c, a_bare_ack_of_the_syn_proves_no_server);
    tcase_add_test(c, the_middle_of_a_connection_has_no_state);
    tcase_add_test(c, both_close_at_once);
    tcase_add_test(c, a_reset_and_a_new_connection_under_old_names);
    tcase_add_loop_test(c, other_link_types_become_ethernet, 0, (int)ARRAY_LEN(clothes));
    tcase_add_test(c, a_link_type_nobody_knows_ends_with_a_sentence);
    tcase_add_test(c, what_goes_to_many_arrives_nowhere_in_particular);
    tcase_add_test(c, time_never_goes_back);
    tcase_add_test(c, bytes_seen_before_are_sent_again);
    tcase_add_test(c, a_frame_captured_at_both_ends_is_told_once);
    tcase_add_test(c, a_packet_that_routers_send_on_is_told_once);
    tcase_add_test(c, what_is_sent_again_is_not_taken_for_sent_on);
    tcase_add_test(c, a_crowd_is_told_as_others);
    suite_add_tcase(s, c);
    return run_claims(s);
}
