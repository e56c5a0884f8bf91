// parse_test.c - the language of .pkt scripts, by table: what is understood, and what is refused
// where and why.
#include <check.h>
#include <stdio.h>

#include "claims.h"
#include "scenarios/drill/parse.h"
#include "scenarios/drill/symbol.h"
#include "wire/tcp_wire.h"

static const struct define defines[] = {
    {"COOKIE", "a1b2c3d4"}, {"CODE", "host_unreachable"}, {"LEVEL", "SOL_TCP"}, {"SEVEN", "7"},
    {"TEXT", "\"abc\""},    {"DO", "`true`"},
};

static bool parse(struct script *s, const char *text, struct parse_error *e)
{
    struct parse_input in = {.path = "x.pkt", .text = {text, strlen(text)}, .defines = defines,
                             .defines_count = ARRAY_LEN(defines)};
    return script_parse(s, &in, e);
}

// The one step of a script that must be understood.
static struct drill_step *one(struct script *s, const char *text)
{
    struct parse_error e;
    ck_assert_msg(parse(s, text, &e), "%s: %u:%u: %s", text, e.line, e.column, e.text);
    return s->steps;
}

static const char *const good[] = {
    "0 close(3) = 0",
    "+0 close(3) = 0",
    "0 `true`",
    "0 DO",
    "0 %{ assert 1 }%",
    "// a comment\n0 /* another\n */ close(3) = 0 // and the last",
    "--tolerance_usecs=5 --strict_segments\n0 close(3) = 0",
    "--local_ip=10.0.0.1 // why\n`sysctl -q a=b`\n0 close(3) = 0\n`sysctl -q a=c`",
    "+0...0.2 read(3, ..., 10) = 10",
    "+0 ... +0.2 read(3, ..., 10) = 10",
    "0 close(3) = -1 EBADF (Bad file descriptor)",
    "0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)",
    "0 open(\"a\\x00b\" \"c\", O_RDONLY) = 3",
    "0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0",
    "0 poll([{fd=4,\n events=POLLIN|POLLOUT,\n revents=POLLIN}], 1, -1) = 1",
    "0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, u64=4}) = 0",
    "0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 20}], msg_flags=0}, 0) = 30",
    "0 connect(3, {sa_family = AF_INET, sin_port = htons(80), "
        "sin_addr = inet_addr(\"1.2.3.4\")}, 16) = 0",
    "0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1}], msg_flags=0, "
        "msg_control=[{cmsg_level=LEVEL, cmsg_type=TCP_CM_INQ, cmsg_data=9}]}, 0) = 1",
    "0 < S 0:0(0) win 100",
    "0 < - 1:1(0) win 0",
    "0 < SEWA 0:0(0) win 100 <mss 1000,sackOK,TS val 1 ecr 0,nop,wscale 7>",
    "0 > P5. 1:1001(1000) ack 1",
    "0 > . 4294967295:99(100) ack 1",
    "0 > [ect01, ttl 64] . 1:1(0) ack 1 <...>",
    "0 > (tos 0x20, flowlabel 0x1) . 1:1(0) ack 1",
    "0 < [ce] . 1:1(0) ack 1 win 5 urg 7 <nop,nop,sack 1:2 3:4>",
    "0 < 80 > 90 . 1:1(0) ack 1 win 5 <FO COOKIE,nop,nop>",
    "0 > S 0:0(0) <mss 1460,FOEXP,FO,nop,eol>",
    "0 < . 1:1(0) ack 1 win 5 <md5 000102030405060708090a0b0c0d0e0f,nop,nop>",
    "0 > . 1:1(0) ack 1 <ECN e0b 1 ceb 2 e1b 3,nop>",
    "0 > . 1:1(0) ack 1 <ECN e1b 1 ceb 2,nop,nop,nop,nop>",
    "0 < udp (100)",
    "0 > udp 80 > 90 (100)",
    "0 < icmp unreachable",
    "0 < icmp unreachable CODE [0:10(10)]",
    "0 < icmp unreachable frag_needed mtu SEVEN [udp (10)]",
    "0 < icmp packet_too_big mtu 1280 [5000:6000(1000)]",
    "0 > icmp echo_reply id 5 [raw (64)]",
    "0 < ipv4 1.1.1.1 > 2.2.2.2: S 0:0(0) win 1",
    "0 < ipv6 ::1 > ::2: gre: . 1:1(0) ack 1 win 1",
    "0 > encap psp spi 7 . 1:1(0) ack 1",
    "0 < ipv6 fd00::1 > fd01::: S 0:0(0) win 1",
    "0 < [ce] ipv4 [ect0] 1.1.1.1 > 2.2.2.2 [ttl 9]: . 1:1(0) ack 1 win 1",
    "0 > gre flags [key present] sum 0 off 0 key 7 seq 0: . 1:1(0) ack 1",
    "0 > mpls (label 5, tc 0, [S], ttl 64) (label 6, tc 0, ttl 1): udp (5)",
    "--define=A=3\n--define=B=\"a b\"\n--define=C=`true`\n--define=D=EBADF\n"
        "0 open(B, A) = -1 D\n+0 C",
    "--define=SEVEN=8\n0 close(SEVEN) = 0",
};

START_TEST(understands)
{
    struct script s;
    struct parse_error e;
    ck_assert_msg(parse(&s, good[_i], &e), "%s\n%u:%u: %s", good[_i], e.line, e.column, e.text);
    script_free(&s);
}
END_TEST

// Where the error is told, and a word of it.
static const struct { const char *text; uint32_t line, column; const char *says; } bad[] = {
    {"", 1, 1, "no step"},
    {"// only words", 1, 14, "no step"},
    {"0 /* open", 1, 3, "no end"},
    {"1 close(3) = 0", 1, 1, "time 0"},
    {"* > . 1:1(0) ack 1", 1, 1, "time 0"},
    {"close(3) = 0", 1, 1, "its time"},
    {"0 close(3) = 0\n1 close(3) = 0\n.5 close(3) = 0", 3, 1, "before the step above"},
    {"0~1 close(3) = 0", 1, 1, "outgoing"},
    {"0...1 > . 1:1(0) ack 1", 1, 1, "block"},
    {"+1~1 > . 1:1(0) ack 1", 1, 1, "relative"},
    {"0\n+2...1 read(3, ..., 1) = 1", 2, 1, "missing"},
    {"0 close(3)\n = ", 2, 4, "value is missing"},
    {"0 close(3 = 0", 1, 11, "')'"},
    {"0 close(3) = BANANA", 1, 14, "'BANANA' has no meaning here, and is not defined"},
    {"0 close(3) = -1 O_RDWR", 1, 17, "error's name"},
    {"0 close(\"abc) = 0", 1, 9, "no end"},
    {"0 close(\"a\nb\") = 0", 1, 9, "no end"},
    {"0 close([[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]) = 0", 1, 21, "deeply"},
    {"0 close(\"a\"|1) = 0", 1, 13, "only numbers"},
    {"0 close(99999999999999999999) = 0", 1, 9, "99999999999999999999 is too large"},
    {"0 close(0x12345678123456781) = 0", 1, 9, "is too large: at most 18446744073709551615"},
    {"0 close(3x) = 0", 1, 9, "'3x' is no number"},
    {"0 < S 0:0(0) win MSS", 1, 18, "'MSS' stands for none"},
    {"0 < S 0:0(0) win 5 <mss ,nop>", 1, 25, "a number is missing here"},
    {"0 `true", 1, 3, "missing"},
    {"0 %{ assert 1", 1, 3, "missing"},
    {"0 close(3) = 0\n`a` 0 close(3) = 0", 2, 5, "nothing may follow"},
    {"0 < S 0:0(0)", 1, 13, "win"},
    {"0 < S 0:1(0) win 5", 1, 7, "0 bytes more"},
    {"0 < SS 0:0(0) win 5", 1, 6, "twice"},
    {"0 < Q 0:0(0) win 5", 1, 5, "no TCP flag"},
    {"0 > E5. 0:0(0)", 1, 5, "ACE"},
    {"0 < . 0:70000(70000) ack 1 win 5", 1, 7, "65535"},
    {"0 < S 0:0(0) win 70000", 1, 18, "65535"},
    {"0 < S 0:0(0) win 5 <mss 1000", 1, 29, "','"},
    {"0 < S 0:0(0) win 5 <mss 1000,nop>", 1, 20, "multiple of 4"},
    {"0 < S 0:0(0) win 5 <banana>", 1, 21, "TCP option"},
    {"0 < S 0:0(0) win 5 <FO abc,nop>", 1, 24, "left over"},
    {"0 < S 0:0(0) win 5 <md5 00,nop>", 1, 21, "16 bytes"},
    {"0 < S 0:0(0) win 5 <sack>", 1, 21, "one block"},
    {"0 < S 0:0(0) win 5 <TS val 1>", 1, 29, "ecr"},
    {"0 < S 0:0(0) win 5 <...>", 1, 20, "must be said"},
    {"0 < S 0:0(0) win 5 <TS val 1 ecr 1,TS val 1 ecr 1,TS val 1 ecr 1,TS val 1 ecr 1,"
     "TS val 1 ecr 1>", 1, 81, "40 bytes"},
    {"0 < [ect01] . 1:1(0) win 5", 1, 12, "choice"},
    {"0 < [banana] . 1:1(0) win 5", 1, 6, "ect0"},
    {"0 < icmp banana", 1, 10, "ICMP type"},
    {"0 < icmp unreachable banana", 1, 22, "no ICMP code"},
    {"--\n0 close(3) = 0", 1, 1, "name"},
    {"--define\n0 close(3) = 0", 1, 1, "--define=NAME=value"},
    {"--define=A\n0 close(3) = 0", 1, 1, "--define=NAME=value"},
    {"--define=A=\n0 close(3) = 0", 1, 12, "value is missing"},
    {"--define=A=\"b\n0 close(3) = 0", 1, 12, "missing"},
    {"0 < ipv4 1.1.1 > 2.2.2.2: . 1:1(0) ack 1 win 1", 1, 10, "IP address"},
    {"0 < ipv6 ::1 > ::2 . 1:1(0) ack 1 win 1", 1, 20, "':'"},
    {"0 < mpls: . 1:1(0) ack 1 win 1", 1, 9, "label"},
    {"0 < encap esp: . 1:1(0) ack 1 win 1", 1, 11, "psp spi"},
    {"--a=`id`\n0 close(3) = 0", 1, 5, "command"},
    {"0 banana", 1, 9, "'('"},
    {"0 ?", 1, 3, "is missing here"},
};

START_TEST(refuses)
{
    struct script s;
    struct parse_error e;
    ck_assert_msg(!parse(&s, bad[_i].text, &e), "%s", bad[_i].text);
    ck_assert_msg(e.line == bad[_i].line && e.column == bad[_i].column, "%s\n%u:%u: %s",
                  bad[_i].text, e.line, e.column, e.text);
    ck_assert_msg(strstr(e.text, bad[_i].says) != NULL, "%s\n%s", bad[_i].text, e.text);
}
END_TEST

static const struct { const char *text; struct when when; } times[] = {
    {"0 > . 1:1(0) ack 1", {.from = 0}},
    {"+0 > . 1:1(0) ack 1", {.relative = true}},
    {"+.0 > . 1:1(0) ack 1", {.relative = true}},
    {"+0~+0.0000019 > . 1:1(0) ack 1", {.relative = true, .range = true, .to = 1000}},
    {"0~1.5 > . 1:1(0) ack 1", {.range = true, .to = 1500000000}},
    {"0...0.2 read(3, ..., 1) = 1", {.has_end = true, .end = 200000000}},
};

START_TEST(reads_times)
{
    struct script s;
    const struct when *w = &one(&s, times[_i].text)->when, *x = &times[_i].when;
    ck_assert_int_eq(w->from, x->from);
    ck_assert_int_eq(w->to, x->to);
    ck_assert_int_eq(w->end, x->end);
    ck_assert(w->relative == x->relative && w->range == x->range && w->has_end == x->has_end);
    script_free(&s);
}
END_TEST

START_TEST(reads_a_packet)
{
    struct script s;
    const struct packet *p = one(&s, "0 < [tos 0x8] 7 > 9 FP3. 5:8(3) ack 2 win 4 urg 6 "
                                     "<TS val 10 ecr 11,sack 12:13>")->packet;
    ck_assert(!p->out && p->kind == PACKET_TCP && p->has_ports && p->has_ace && p->has_ack);
    ck_assert_uint_eq(p->sport, 7);
    ck_assert_uint_eq(p->dport, 9);
    ck_assert_uint_eq(p->flags, TCP_FIN | TCP_PSH | TCP_ACK);
    ck_assert_uint_eq(p->ace, 3);
    ck_assert_uint_eq(p->seq, 5);
    ck_assert_uint_eq(p->len, 3);
    ck_assert_uint_eq(p->ack, 2);
    ck_assert_uint_eq(p->win, 4);
    ck_assert_uint_eq(p->urg, 6);
    ck_assert_uint_eq(p->ip.tos, 8);
    ck_assert_uint_eq(p->options, 2);
    ck_assert_uint_eq(p->option[0].number[1], 11);
    ck_assert_uint_eq(p->option[1].number[1], 13);
    script_free(&s);
}
END_TEST

START_TEST(definitions_stand_for_their_values)
{
    struct script s;
    const struct call *c = one(&s, "0 open(TEXT, SEVEN|O_RDWR) = SEVEN")->call;
    ck_assert_uint_eq(c->args->len, 3);
    ck_assert_mem_eq(c->args->bytes, "abc", 3);
    ck_assert_int_eq(c->args->next->number, 7 | 2);
    ck_assert_int_eq(c->result->number, 7);
    script_free(&s);
}
END_TEST

// What is defined outside is stronger than what the script defines; of its own, the last counts.
START_TEST(definitions_have_an_order)
{
    struct script s;
    const struct call *c = one(&s, "--define=SEVEN=8\n--define=A=1\n--define=A=2\n"
                                   "0 open(SEVEN, A) = 0")->call;
    ck_assert_int_eq(c->args->number, 7);
    ck_assert_int_eq(c->args->next->number, 2);
    script_free(&s);
}
END_TEST

START_TEST(strings_have_escapes)
{
    struct script s;
    const struct value *v = one(&s, "0 open(\"a\\n\\x41\\\"\" \"b\") = 3")->call->args;
    ck_assert_uint_eq(v->len, 5);
    ck_assert_mem_eq(v->bytes, "a\nA\"b", 5);
    script_free(&s);
}
END_TEST

START_TEST(symbols_are_in_order)
{
    int64_t n = 0;
    ck_assert_uint_eq(symbol_misordered(), 0);
    ck_assert(symbol_find((struct span){"O_NONBLOCK", 10}, &n) && n == 2048);
    ck_assert(!symbol_find((struct span){"O_NONBLOC", 9}, &n));
    ck_assert_str_eq(symbol_of_error(11), "EAGAIN");
}
END_TEST

// A script of the largest size is read in no time, and one byte more is refused.
START_TEST(size_has_a_limit)
{
    char *text = malloc(SCRIPT_MAX + 1);
    ck_assert_ptr_nonnull(text);
    struct script s;
    struct parse_error e;
    memset(text, '\n', SCRIPT_MAX + 1);
    memcpy(text + SCRIPT_MAX - 20, "0 close(3) = 0", 14);
    struct parse_input in = {.path = "x.pkt", .text = {text, SCRIPT_MAX}};
    ck_assert(script_parse(&s, &in, &e));
    ck_assert_uint_eq(s.steps->line, SCRIPT_MAX - 20 + 1);
    script_free(&s);
    in.text.len++;
    ck_assert(!script_parse(&s, &in, &e));
    ck_assert(strstr(e.text, "bytes") != NULL);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("drill parse");
    TCase *c = tcase_create("parse");
    tcase_add_loop_test(c, understands, 0, ARRAY_LEN(good));
    tcase_add_loop_test(c, refuses, 0, ARRAY_LEN(bad));
    tcase_add_loop_test(c, reads_times, 0, ARRAY_LEN(times));
    tcase_add_test(c, reads_a_packet);
    tcase_add_test(c, definitions_stand_for_their_values);
    tcase_add_test(c, definitions_have_an_order);
    tcase_add_test(c, strings_have_escapes);
    tcase_add_test(c, symbols_are_in_order);
    tcase_add_test(c, size_has_a_limit);
    suite_add_tcase(s, c);
    return run_claims(s);
}
