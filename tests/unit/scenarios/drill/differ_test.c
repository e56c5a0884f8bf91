// differ_test.c - each field that a script can say of a packet is compared, one wrong value a row;
// and what the language says of segments that are joined, of stamps, and of calls that block.
#include <check.h>

#include "claims.h"
#include "scenarios/drill/drill.h"

#define LISTEN                                       \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"  \
    "+0 bind(3, ..., ...) = 0\n"                     \
    "+0 listen(3, 1) = 0\n"
#define OPEN                                         \
    LISTEN                                           \
    "+0 < S 0:0(0) win 32000 <mss 1000>\n"           \
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"              \
    "+.01 < . 1:1(0) ack 1 win 32000\n"              \
    "+0 accept(3, ..., ...) = 4\n"                   \
    "+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0\n"
#define SYN(options)                                 \
    LISTEN "+0 < S 0:0(0) win 32000 <mss 1000" options ">\n"
#define STAMPED                                      \
    SYN(",nop,nop,TS val 5 ecr 0")                   \
    "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 100 ecr 5>\n"
#define SIX "--ip_version=ipv6\n--mtu=1520\n"
#define TICKS "--tcp_ts_tick_usecs=1000\n"
#define WRITE "+0 write(4, ..., 100) = 100\n"
#define PING "0 socket(..., SOCK_STREAM, 0) = 3\n+0 < icmp echo_request id 7 [raw (8)]\n"
#define STRAY "0 socket(..., SOCK_STREAM, 0) = 3\n+0 < udp 7 > 9 (20)\n"
#define DATAGRAM                                     \
    "0 socket(..., SOCK_DGRAM, 0) = 3\n+0 sendto(3, ..., 10, 0, ..., ...) = 10\n"

// Without a message it must pass.
static const struct { const char *text, *message, *story; } cases[] = {
    // Options.
    {SYN("") "+0 > S. 0:0(0) ack 1 <mss 1461>", "options differ", "is <mss 1460>"},
    {SYN("") "+0 > S. 0:0(0) ack 1", "options differ", "is <mss 1460>"},
    {SYN("") "+0 > S. 0:0(0) ack 1 <...>", NULL, NULL},
    {SYN(",nop,wscale 7") "+0 > S. 0:0(0) ack 1 <mss 1460,nop,wscale 9>", "options differ",
     "is <mss 1460,nop,wscale 8>"},
    {SYN(",nop,nop,TS val 5 ecr 0") "+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,TS val 1 ecr 6>",
     "options differ", "ecr 5>"},
    {LISTEN "+0 `sysctl -q net.ipv4.tcp_fastopen=3`\n"
     "+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [5], 4) = 0\n"
     "+0 < S 0:0(0) win 32000 <mss 1000,FO,nop,nop>\n"
     "+0 > S. 0:0(0) ack 1 <mss 1460,FO 0011223344556677,nop,nop>", "options differ",
     "is <mss 1460,FO "},
    {TICKS STAMPED "+.1 < . 1:1(0) ack 1 win 9000 <nop,nop,TS val 6 ecr 100>\n"
     "+0 accept(3, ..., ...) = 4\n+0 write(4, ..., 100) = 100\n"
     "+0 > P. 1:101(100) ack 1 <nop,nop,TS val 200 ecr 6>", NULL, NULL},
    {TICKS STAMPED "+.1 < . 1:1(0) ack 1 win 9000 <nop,nop,TS val 6 ecr 100>\n"
     "+0 accept(3, ..., ...) = 4\n+0 write(4, ..., 100) = 100\n"
     "+0 > P. 1:101(100) ack 1 <nop,nop,TS val 300 ecr 6>", "options differ", "TS val 200 ecr 6>"},
    {"--tcp_ts_ecr_scaled\n" STAMPED "+.1 < . 1:1(0) ack 1 win 9000 <nop,nop,TS val 6 ecr 150>",
     NULL, NULL},
    {STAMPED "+.1 < . 1:1(0) ack 1 win 9000 <nop,nop,TS val 6 ecr 150>", "ecr 150", NULL},
    // IP.
    {OPEN WRITE "+0 > [ce] P. 1:101(100) ack 1", "ECN differs", "expected ce, is noecn"},
    {OPEN WRITE "+0 > [ect01] P. 1:101(100) ack 1", "ECN differs", "expected ect01, is noecn"},
    {OPEN WRITE "+0 > [noecn] P. 1:101(100) ack 1", NULL, NULL},
    {OPEN WRITE "+0 > [tos 0x10] P. 1:101(100) ack 1", "TOS differs", "expected 16, is 0"},
    {OPEN WRITE "+0 > [ttl 63] P. 1:101(100) ack 1", "TTL differs", "expected 63, is 64"},
    {SIX OPEN WRITE "+0 > [flowlabel 0x1] P. 1:101(100) ack 1\n" WRITE
     "+0 > [flowlabel 0x1] P. 101:201(100) ack 1", NULL, NULL},
    {SIX OPEN WRITE "+0 > [flowlabel 0x1] P. 1:101(100) ack 1\n" WRITE
     "+0 > [flowlabel 0x2] P. 101:201(100) ack 1", "flow label differs", "expected 2, is"},
    {SIX OPEN WRITE "+0 > [flowlabel 0x0] P. 1:101(100) ack 1", "flow label differs",
     "expected 0, is"},
    // TCP.
    {OPEN WRITE "+0 > P. 2:102(100) ack 1", "sequence differs", "expected 2, is 1"},
    {OPEN WRITE "+0 > P. 1:101(100) ack 2", "acknowledgment differs", "expected 2, is 1"},
    {OPEN WRITE "+0 > P. 1:101(100) ack 1 win 5", "window differs", "expected 5, is 65535"},
    {OPEN WRITE "+0 > P. 1:101(100) ack 1 urg 5", "urgent pointer differs", "expected 5, is 0"},
    {OPEN WRITE "+0 > P4. 1:101(100) ack 1", "flags differ", "expected PA., is P."},
    {OPEN WRITE "+0 > P7. 1:101(100) ack 1", "flags differ", "expected PEWA., is P."},
    {OPEN WRITE "+0 > P0. 1:101(100) ack 1", NULL, NULL},
    {OPEN "+0 < 3. 1:1(0) ack 1 win 32000\n+0 > . 1:1(0) ack 1", "no packet leaves",
     "< EW. 1:1(0) ack 1 win 32000"},
    // UDP and ICMP.
    {DATAGRAM "+0 > udp (11)", "length differs", "expected 11, is 10"},
    {STRAY "+0 > icmp unreachable host_unreachable [udp (20)]", "ICMP code differs",
     "expected 1, is 3"},
    {STRAY "+0 > icmp time_exceeded port_unreachable [udp (20)]", "ICMP type differs",
     "expected 11, is 3"},
    {PING "+0 > icmp echo_reply id 8 [raw (8)]", "id differs", "expected 8, is 7"},
    {PING "+0 > icmp echo_reply id 7 [raw (9)]", "length differs", "expected 9, is 8"},
    {PING "+0 > icmp echo_reply id 7 [raw (8)]", NULL, NULL},
    // Segments that are joined.
    {OPEN "+0 write(4, ..., 2500) = 2500\n+0 > P. 1:2501(2500) ack 1", NULL, NULL},
    {"--strict_segments\n" OPEN "+0 write(4, ..., 2500) = 2500\n+0 > P. 1:2501(2500) ack 1",
     "length differ", "expected 2500, is 1000"},
    {OPEN "+0 write(4, ..., 500) = 500\n+0 write(4, ..., 600) = 600\n"
     "+0 > P. 1:1101(1100) ack 1", "length differ", "is 500"},
    {OPEN "+0 write(4, ..., 500) = 500\n+0 write(4, ..., 400) = 400\n"
     "+0 write(4, ..., 500) = 500\n+0 > P. 1:1401(1400) ack 1", "length differ", "is 900"},
    {OPEN "+0 setsockopt(4, SOL_IP, IP_TOS, [0x20], 4) = 0\n+0 write(4, ..., 500) = 500\n"
     "+0 setsockopt(4, SOL_IP, IP_TOS, [0x40], 4) = 0\n+0 write(4, ..., 500) = 500\n"
     "+0 > P. 1:1001(1000) ack 1", "length differ", "is 500"},
    {OPEN WRITE "+0 close(4) = 0\n+0 > FP. 1:201(200) ack 1", "differ", NULL},
    // Times.
    {OPEN "+0 write(4, ..., 100) = 100\n+.1~+.2 > P. 1:101(100) ack 1", "0.100000 s too early",
     "0.110000~0.210000"},
    {OPEN WRITE "+0 > P. 1:101(100) ack 1\n+.05~+.1 > P. 1:101(100) ack 1",
     "0.110000 s too late", NULL},
    {OPEN WRITE "+0 > P. 1:101(100) ack 1\n+.2~+.3 > P. 1:101(100) ack 1", NULL, NULL},
    {OPEN "+0 < P. 1:11(10) ack 1 win 9\n+0...0.1 read(4, ..., 10) = 10",
     "read returns 0.100000 s too early", "^"},
    {OPEN "+0...0.1 read(4, ..., 10) = 10\n+.1 < P. 1:11(10) ack 1 win 9", NULL, NULL},
    {OPEN "+0...0.1 read(4, ..., 10) = 10\n+0...0.1 read(4, ..., 10) = 10",
     "the call of line 9 has not returned yet", NULL},
};

START_TEST(what_a_script_says_is_compared)
{
    struct drill_report r;
    struct drill_options o = {.seed = 1, .has_tolerance = true};
    const char *text = cases[_i].text, *message = cases[_i].message;
    enum drill_verdict v = drill_run_text("x.pkt", (struct span){text, strlen(text)}, &o, &r);
    ck_assert_msg(v == (message != NULL ? DRILL_FAILED : DRILL_PASSED), "%s\n%s", text, r.text);
    if (message != NULL) ck_assert_msg(strstr(r.message, message), "%s\n%s", text, r.text);
    if (cases[_i].story != NULL)
        ck_assert_msg(strstr(r.text, cases[_i].story) != NULL, "%s\n%s", text, r.text);
    drill_report_free(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("drill differ");
    TCase *c = tcase_create("differ");
    tcase_add_loop_test(c, what_a_script_says_is_compared, 0, ARRAY_LEN(cases));
    suite_add_tcase(s, c);
    return run_claims(s);
}
