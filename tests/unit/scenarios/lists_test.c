// lists_test.c - sockets as ss(8) lists them, counters as nstat(8) names them.
#include "claims.h"
#include "scenarios/list/counter_list.h"
#include "scenarios/list/socket_list.h"
#include "unit/wire_pair.h"

enum { TEXT_MAX = 8192 };

static struct wire_pair pair;
static char said[TEXT_MAX];

// A listener on b at port 80 with one connection that nobody accepted, and a UDP socket on a.
static ng_sock open_world(void)
{
    pair_open(&pair, 0);
    pair_meet(&pair);
    ng_app web = ng_app_new(pair.h[1], "web", false);
    int error;
    ng_sock listener = ng_sock_open(pair.h[1], web, KIND_TCP, &error);
    struct endpoint name = at(ADDR_B, 80);
    ck_assert_int_eq(ng_sock_bind(pair.h[1], listener, &name), 0);
    ck_assert_int_eq(ng_sock_listen(pair.h[1], listener, 5), 0);
    ng_app curl = ng_app_new(pair.h[0], "curl", false);
    ng_sock s = ng_sock_open(pair.h[0], curl, KIND_TCP, &error);
    struct endpoint from = at(ADDR_A, 4000);
    ck_assert_int_eq(ng_sock_bind(pair.h[0], s, &from), 0);
    ck_assert_int_eq(ng_sock_connect(pair.h[0], s, &name), -EINPROGRESS);
    pair_settle(&pair);
    ck_assert_int_eq(ng_sock_write(pair.h[0], s, "hello", 5), 5);
    pair_settle(&pair);
    bound_udp(&pair, 0, ADDR_A, 53);
    return s;
}

static const char *list(int host, const char *letters)
{
    struct socket_list_options o = {0};
    char bad;
    ck_assert(socket_list_flags(&o, letters, &bad));
    FILE *to = fmemopen(said, sizeof said - 1, "w");
    memset(said, 0, sizeof said);
    socket_list_print(to, pair.h[host], &o);
    fclose(to);
    return said;
}

#define TITLES "State      Recv-Q  Send-Q        Local Address:Port        Peer Address:Port\n"

START_TEST(connections_listeners_and_datagrams)
{
    open_world();
    ck_assert_str_eq(list(0, "t"), TITLES
        "ESTAB      0       0                  10.0.0.1:4000              10.0.0.2:80\n");
    ck_assert_str_eq(list(1, "tl"), TITLES
        "LISTEN     1       5                    10.0.0.2:80                0.0.0.0:*\n");
    ck_assert_str_eq(list(0, "Hua"),
        "UNCONN     0       0                    10.0.0.1:53                      *:*\n");
    ck_assert_str_eq(list(1, "a"), "Netid " TITLES
        "tcp   LISTEN     1       5                    10.0.0.2:80                0.0.0.0:*\n"
        "tcp   ESTAB      5       0                    10.0.0.2:80            10.0.0.1:4000\n");
    ck_assert_str_eq(list(0, "6a"), "Netid " TITLES);
    pair_close(&pair);
}
END_TEST

START_TEST(who_holds_it_and_what_tcp_knows)
{
    open_world();
    static const char *const parts[] = {
        "users:((\"curl\",pid=1001,fd=3))\n\t ts sack cubic wscale:", " mss:1448 ",
        " bytes_sent:5 bytes_acked:5 bytes_received:0 "};
    const char *text = list(0, "tpi");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        ck_assert_msg(strstr(text, parts[i]) != NULL, "%s", text);
    pair_close(&pair);
}
END_TEST

START_TEST(buffers_and_what_found_no_room)
{
    open_world();
    ng_sock in = bound_udp(&pair, 1, ADDR_B, 7), out = open_sock(pair.h[0], KIND_UDP);
    int size = 2048;
    ng_sock_set(pair.h[1], in, NG_SO_RCVBUF, &size, sizeof size);
    struct endpoint to = at(ADDR_B, 7);
    char big[1000] = "";
    for (int i = 0; i < 5; i++) ng_sock_sendto(pair.h[0], out, big, sizeof big, &to);
    pair_settle(&pair);
    ck_assert_str_eq(list(1, "Huam"),
        "UNCONN     2000    0                     10.0.0.2:7                      *:*\n"
        "\t skmem:(r2000,rb2048,t0,tb212992,d3)\n");
    const char *text = list(1, "tm");
    ck_assert_msg(strstr(text, "10.0.0.1:4000\n\t skmem:(r5,rb") != NULL, "%s", text);
    pair_close(&pair);
}
END_TEST

START_TEST(a_letter_that_ss_does_not_know)
{
    struct socket_list_options o = {0};
    char bad;
    ck_assert(!socket_list_flags(&o, "tx", &bad));
    ck_assert_int_eq(bad, 'x');
}
END_TEST

static uint64_t value(int host, const char *name)
{
    uint64_t v;
    ck_assert_msg(counter_value(ng_host_counts(pair.h[host]), name, &v), "%s", name);
    return v;
}

START_TEST(counters_are_sums)
{
    ng_sock s = open_world();
    ck_assert_uint_eq(value(0, "TcpActiveOpens"), 1);
    ck_assert_uint_eq(value(1, "TcpPassiveOpens"), 1);
    ck_assert_uint_eq(value(0, "TcpPassiveOpens"), 0);
    ck_assert_uint_eq(value(0, "TcpOutSegs"), value(1, "TcpInSegs"));
    ck_assert_uint_eq(value(0, "TcpOutSegs"), 3);  // SYN, ACK, data
    ck_assert_uint_eq(value(0, "UdpOutDatagrams"), 1);
    ck_assert_uint_eq(value(1, "UdpInDatagrams"), 1);
    ck_assert_uint_eq(value(0, "IfOutPkts"), value(1, "IfInPkts"));
    ck_assert_uint_eq(value(0, "IfOutOctets"), value(1, "IfInOctets"));

    pair.down = true;  // the data is sent again, and again
    ck_assert_int_eq(ng_sock_write(pair.h[0], s, "hello", 5), 5);
    pair_until(&pair, pair.now + SEC(2));
    ck_assert_uint_gt(value(0, "TcpRetransSegs"), 0);
    ck_assert_uint_eq(value(0, "TcpRetransSegs"), value(0, "TcpExtTCPTimeouts"));
    pair.down = false;

    ng_sock stray = open_sock(pair.h[0], KIND_UDP);
    struct endpoint nobody = at(ADDR_B, 99);
    ck_assert_int_eq(ng_sock_sendto(pair.h[0], stray, "x", 1, &nobody), 1);
    pair_settle(&pair);
    ck_assert_uint_eq(value(1, "UdpNoPorts"), 1);
    ck_assert_uint_eq(value(1, "UdpInDatagrams"), 1);
    ck_assert_uint_eq(value(1, "IcmpOutDestUnreachs"), 1);
    ck_assert_uint_eq(value(0, "IcmpInMsgs"), 1);
    uint64_t v;
    ck_assert(!counter_value(ng_host_counts(pair.h[0]), "TcpNonsense", &v));
    pair_close(&pair);
}
END_TEST

// A device that takes super-frames takes one for ten segments; ten are counted.
START_TEST(a_super_frame_counts_its_segments)
{
    static char bytes[14480];
    pair_open(&pair, NG_OFFLOAD_CSUM | NG_OFFLOAD_TSO);
    pair_meet(&pair);
    ng_sock l = open_sock(pair.h[1], KIND_TCP), s = open_sock(pair.h[0], KIND_TCP);
    struct endpoint name = at(ADDR_B, 80);
    ck_assert_int_eq(ng_sock_bind(pair.h[1], l, &name), 0);
    ck_assert_int_eq(ng_sock_listen(pair.h[1], l, 5), 0);
    ck_assert_int_eq(ng_sock_connect(pair.h[0], s, &name), -EINPROGRESS);
    pair_settle(&pair);
    uint64_t out = value(0, "TcpOutSegs"), in = value(1, "TcpInSegs"), pkts = value(0, "IfOutPkts");
    ck_assert_int_eq(ng_sock_write(pair.h[0], s, bytes, sizeof bytes), sizeof bytes);
    pair_settle(&pair);
    ck_assert_uint_eq(value(0, "TcpOutSegs") - out, 10);
    ck_assert_uint_eq(value(1, "TcpInSegs") - in, 10);
    ck_assert_uint_lt(value(0, "IfOutPkts") - pkts, 5);
    pair_close(&pair);
}
END_TEST

START_TEST(zeros_and_json_on_request)
{
    open_world();
    for (int i = 0; i < 4; i++) {
        struct counter_list_options o = {.zeros = i & 1, .json = i & 2};
        FILE *to = fmemopen(said, sizeof said - 1, "w");
        memset(said, 0, sizeof said);
        counter_list_print(to, ng_host_counts(pair.h[0]), &o);
        fclose(to);
        ck_assert((strstr(said, "TcpEstabResets") != NULL) == o.zeros);
        ck_assert((strstr(said, "Drop.tcp-paws") != NULL) == o.zeros);
        const char *like = o.json ? "\"TcpActiveOpens\":1," : "\nTcpActiveOpens         ";
        ck_assert_msg(strstr(said, like) != NULL, "%s", said);
        ck_assert_msg(!o.json || strcmp(said + strlen(said) - 3, "}}\n") == 0, "%s", said);
    }
    pair_close(&pair);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lists");
    TCase *tc = tcase_create("lists");
    tcase_add_test(tc, connections_listeners_and_datagrams);
    tcase_add_test(tc, who_holds_it_and_what_tcp_knows);
    tcase_add_test(tc, buffers_and_what_found_no_room);
    tcase_add_test(tc, a_letter_that_ss_does_not_know);
    tcase_add_test(tc, counters_are_sums);
    tcase_add_test(tc, a_super_frame_counts_its_segments);
    tcase_add_test(tc, zeros_and_json_on_request);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
