// run_test.c - what the runner says of a script that does not hold: which step, and why. And what
// a script may name in its commands, and may not.
#include <check.h>
#include <fcntl.h>
#include <unistd.h>

#include "claims.h"
#include "scenarios/drill/suite.h"

#define OPEN                                         \
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"  \
    "+0 bind(3, ..., ...) = 0\n"                     \
    "+0 listen(3, 1) = 0\n"                          \
    "+0 < S 0:0(0) win 32000 <mss 1000>\n"           \
    "+0 > S. 0:0(0) ack 1 <mss 1460>\n"              \
    "+.01 < . 1:1(0) ack 1 win 32000\n"              \
    "+0 accept(3, ..., ...) = 4\n"

static enum drill_verdict run(struct drill_report *r, const char *text,
                              const struct drill_options *o)
{
    return drill_run_text("x.pkt", (struct span){text, strlen(text)}, o, r);
}

static const struct {
    const char        *text;
    enum drill_verdict verdict;
    uint32_t           line;
    const char        *message, *story;  // parts of them
} cases[] = {
    {OPEN "+0 write(4, ..., 100) = 100\n+0 > . 1:101(100) ack 1", DRILL_FAILED, 9,
     "flags differ", "expected ., is P."},
    {OPEN "+0 write(4, ..., 100) = 100\n+0 > P. 1:201(200) ack 1", DRILL_FAILED, 9,
     "length differs", "left      > P. 1:101(100) ack 1"},
    {OPEN "+0 write(4, ..., 100) = 100\n+.1 > P. 1:101(100) ack 1", DRILL_FAILED, 9,
     "leaves 0.100000 s too early", "tolerance 0.012500"},
    {OPEN "+0 > . 1:1(0) ack 1", DRILL_FAILED, 8, "no packet leaves", "left        nothing"},
    {OPEN "+0 read(4, ..., 100) = 0", DRILL_FAILED, 8, "read blocks", "no time to"},
    {OPEN "+0...0.1 read(4, ..., 100) = 0\n+.2 close(3) = 0", DRILL_FAILED, 8,
     "read has not returned", NULL},
    {OPEN "+0...0.1 read(4, ..., 100) = 0", DRILL_FAILED, 8, "read has not returned", NULL},
    {OPEN "+0 write(4, ..., 100) = 99", DRILL_FAILED, 8, "write returns 100", NULL},
    {OPEN "+0 close(9) = 0", DRILL_FAILED, 8, "-1 EBADF (Bad file descriptor)", NULL},
    {OPEN "+0 close(9) = -1 EINVAL", DRILL_FAILED, 8, "EBADF", NULL},
    {OPEN "+0 close(9) = -1 EBADF", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 close(9) = -1", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 banana(9) = -1", DRILL_BROKEN, 8, "no call named banana", NULL},
    {OPEN "+0 epoll_create(1) = 5\n+0 epoll_ctl(5, EPOLL_CTL_ADD, 5, {events=EPOLLIN, fd=5}) = -1 "
     "EINVAL\n+0 epoll_ctl(5, EPOLL_CTL_DEL, 5, NULL) = -1 EINVAL", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 epoll_create(1) = 5\n+0 epoll_create(1) = 6\n"
     "+0 epoll_ctl(5, EPOLL_CTL_ADD, 6, {events=EPOLLIN, fd=6}) = 0", DRILL_BROKEN, 10,
     "no epoll watches another", NULL},
    {OPEN "+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLIN}], 1, 0) = 1", DRILL_FAILED, 8,
     "poll tells POLLOUT, not POLLIN", NULL},
    {OPEN "+0 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 0) = 0", DRILL_FAILED, 8,
     "poll tells no event, not POLLIN", NULL},
    {OPEN "* > . 1:1(0) ack 1", DRILL_FAILED, 8, "no packet leaves any more",
     "ack 1   at any time\n"},
    {OPEN "+0 close(9, 1) = -1", DRILL_BROKEN, 8, "close takes 1 argument, not 2", NULL},
    {OPEN "+0 %{ assert tcpi_snd_cwnd == 11, tcpi_snd_cwnd }%", DRILL_FAILED, 8,
     "does not hold that tcpi_snd_cwnd == 11, where tcpi_snd_cwnd is 10: 10",
     "\n        |              ^~~~~~~~~~~~~~~~~~~\n  socket 4 is ESTABLISHED"},
    {OPEN "+0 %{ print(tcpi_snd_cwnd) }%", DRILL_PASSED, 0, NULL, "prints 10"},
    {OPEN "+0 %{ print('a\033[2J\\x1b\\nok 2 - b') }%", DRILL_PASSED, 0, NULL,
     "prints a.[2J..ok 2 - b\n"},
    {OPEN "+0 < . 1:1(0) ack 1 win 5 <nop,nop,TS val 1 ecr 77>", DRILL_FAILED, 8, "ecr 77", NULL},
    {OPEN "+0 < gre: . 1:1(0) ack 1 win 5", DRILL_BROKEN, 8, "gre is not spoken", NULL},
    {OPEN "+0 < icmp packet_too_big mtu 1280", DRILL_BROKEN, 8, "no such ICMP", NULL},
    {OPEN "+0 `rm -rf /`", DRILL_PASSED, 0, NULL, NULL},  // of the files a script made
    {OPEN "+0 `re\033[2Jboot`", DRILL_BROKEN, 8, "re.[2Jboot", NULL},
    {OPEN "+0 `reboot`", DRILL_BROKEN, 8, "nothing of a script is executed", NULL},
    {OPEN "+0 `cat /etc/passwd`", DRILL_BROKEN, 8, "'cat' is not known here", NULL},
    {OPEN "+0 `/bin/x.sh`", DRILL_BROKEN, 8, "cannot be read", NULL},
    {OPEN "+0 `sysctl -q net.ipv4.banana=1`", DRILL_BROKEN, 8, "no setting named", NULL},
    {OPEN "+0 `sysctl -q -e net.ipv4.banana=1`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `sysctl -q net.ipv4.banana=1 || true`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `false`", DRILL_FAILED, 8, "status is not 0", NULL},
    {OPEN "+0 `false || true; true && true`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `echo abc | grep b > /dev/null 2>&1`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `echo abc | grep x`", DRILL_FAILED, 8, "status is not 0", NULL},
    {OPEN "+0 `ss | grep 'ESTAB'`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `grep \" 0A \" /proc/net/tcp | grep \":1F90\"`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `sysctl -q net.ipv4.tcp_rmem=\"4096 $((64*x)) 6291456\"`", DRILL_BROKEN, 8,
     "arithmetic is not understood: 64*x", NULL},
    {OPEN "+0 `sysctl -q net.ipv4.tcp_rmem=\"4096 $((1 << 16)) $((600 * (900 + 100)))\" # why\n`",
     DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `echo \"open`", DRILL_BROKEN, 8, "quote", NULL},
    {OPEN "+0 `echo abc | grep -q b && echo abc | grep -v x && echo aBc | grep -i bc`",
     DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `echo abc | grep -v b`", DRILL_FAILED, 8, "status is not 0", NULL},
    {OPEN "+0 `echo abc | grep -c b | grep 1`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `echo abc | grep -w b`", DRILL_BROKEN, 8, "grep -w is not understood", NULL},
    {OPEN "+0 `echo 'a(b' | grep 'a('`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `echo a | grep -E 'a|b'`", DRILL_BROKEN, 8, "plain texts only", NULL},
    {OPEN "+0 `ss -tan | wc -l | grep 3`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `ss -H -tl | grep -c LISTEN | grep 1`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `ss -ti state established sport = :8080 | grep cwnd:10`", DRILL_PASSED, 0,
     NULL, NULL},
    {OPEN "+0 `ss -ta dport = :9 | grep ESTAB`", DRILL_FAILED, 8, "status is not 0", NULL},
    {OPEN "+0 `ss -tZ`", DRILL_BROKEN, 8, "ss -Z is not understood", NULL},
    {OPEN "+0 `ss src 1.2.3.4`", DRILL_BROKEN, 8, "ss src is not understood", NULL},
    {OPEN "+0 `nstat | grep -q TcpPassiveOpens && nstat -s | grep TcpPassiveOpens`", DRILL_FAILED,
     8,
     "status is not 0", NULL},  // the second has nothing new to tell
    {OPEN "+0 `nstat -n; nstat -az 'TcpExt*' TcpPassive* | grep TcpPassive`", DRILL_PASSED, 0,
     NULL, NULL},
    {OPEN "+0 `nstat --json`", DRILL_BROKEN, 8, "nstat --json is not understood", NULL},
    {OPEN "+0 `sysctl -n net.ipv4.tcp_sack | grep 1 && sysctl net/ipv4/tcp_sack | grep 'sack = 1'`",
     DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `sysctl net.ipv4.banana`", DRILL_BROKEN, 8, "no setting named net.ipv4.banana", NULL},
    {OPEN "+0 `sysctl -p`", DRILL_BROKEN, 8, "sysctl -p is not understood", NULL},
    {OPEN "+0 `../x/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0 && sysctl -wq "
     "net.ipv4.tcp_ecn=0x1 && echo 1 > /proc/sys/net/ipv4/tcp_sack`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `sysctl -q net.ipv4.tcp_sack=banana`", DRILL_BROKEN, 8, "'banana' is no value", NULL},
    {OPEN "+0 `ip route change default via 192.168.0.1 dev tun0`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `ip route change banana`", DRILL_BROKEN, 8, "'banana' is no destination", NULL},
    {OPEN "+0 `ip link set eth0 down`", DRILL_BROKEN, 8, "ip link set is not understood", NULL},
    {OPEN "+0 `ip tcp_metrics flush all > /dev/null 2>&1`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `tc qdisc replace dev tun0 root pfifo`", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+0 `tc qdisc replace dev tun0 root netem delay 100ms`", DRILL_BROKEN, 8,
     "tc netem is not understood", NULL},
    {OPEN "+0 `ip route change 192.0.2.1 via 192.168.0.2 dev tun0 rto_min 5ms`", DRILL_BROKEN, 8,
     "rto_min of a route is not understood", NULL},
    {OPEN "+0 `ethtool --nonsense`", DRILL_BROKEN, 8, "ethtool --nonsense is not", NULL},
    {OPEN "+0 `reboot || true`", DRILL_BROKEN, 8, "'reboot' is not known here", NULL},
    {OPEN "+0 `true &`", DRILL_BROKEN, 8, "not understood: &", NULL},
    // As much too late as a part of the time since the step before, not since the start.
    {OPEN "100 write(4, ..., 9) = 9\n+0 > P. 1:10(9) ack 1\n+.22 > P. 1:10(9) ack 1\n"
     "100.1 < . 1:1(0) ack 10 win 9", DRILL_FAILED, 11, "0.110000 s ago", NULL},
    {OPEN "100 write(4, ..., 9) = 9\n+0 > P. 1:10(9) ack 1\n100.2 > P. 1:10(9) ack 1\n"
     "100.2 < . 1:1(0) ack 10 win 9", DRILL_FAILED, 11, "0.010000 s ago", NULL},
    {OPEN "100 write(4, ..., 9) = 9\n+0 > P. 1:10(9) ack 1\n100.2 > P. 1:10(9) ack 1\n"
     "100.2065 < . 1:1(0) ack 10 win 9", DRILL_PASSED, 0, NULL, NULL},
    {OPEN "+1000000000 close(4) = 0", DRILL_BROKEN, 8, "1,000,000,000 s old", NULL},
    {"0 %{ assert tcpi_unacked == 0 }%", DRILL_FAILED, 1, "no socket of a connection", NULL},
    {"0 %{ assert SK_MEMINFO_SNDBUF == 0 }%", DRILL_FAILED, 1, "no socket is open", NULL},
    {OPEN "+0 %{ assert dctcp_alpha == 0 }%", DRILL_FAILED, 8, "dctcp_alpha: DCTCP's", NULL},
    // What makes no sense is known before anything runs.
    {OPEN "+0 close(3) = 1\n+0 %{ assert banana }%", DRILL_BROKEN, 9, "named 'banana'", "^"},
    {OPEN "+0 close(3) = 1\n+0 %{ x = 1\n assert (x == }%", DRILL_BROKEN, 10, "missing", NULL},
    {OPEN "+0 close(3) = 1\n+0 banana(9) = -1", DRILL_BROKEN, 9, "no call named banana", "^"},
    {OPEN "+0 `tc filter show`", DRILL_BROKEN, 8, "tc filter is not understood", NULL},
    {OPEN "+0 `dd if=/etc/passwd of=x`", DRILL_BROKEN, 8, "dd if=/etc/passwd is not", NULL},
    {OPEN "+0 < udp 7 > 9 (20)\n+0 > icmp unreachable port_unreachable [udp (20)]", DRILL_PASSED,
     0, NULL, NULL},
    {OPEN "+0 < udp 7 > 9 (20)\n+0 > icmp unreachable port_unreachable [udp (21)]", DRILL_FAILED,
     9, "quoted length differs", "expected 21, is 20"},
    {OPEN "+0 < udp 7 > 9 (20)\n+0 > icmp unreachable port_unreachable [1:1(0)]", DRILL_FAILED,
     9, "quoted protocol", "expected 6, is 17"},
    {OPEN "+0 psp_rx_assoc(4, 1) = 0", DRILL_BROKEN, 8, "PSP is not spoken", NULL},
    {OPEN "+0 getsockopt(4, SOL_TCP, TCP_NODELAY, [0], [8]) = 0", DRILL_FAILED, 8,
     "4 bytes, not 8", NULL},
    {OPEN "+0 setsockopt(4, SOL_SOCKET, SO_PRIORITY, [5], 4) = 0\n"
     "+0 getsockopt(4, SOL_SOCKET, SO_PRIORITY, [5], [4]) = 0\n"
     "+0 getsockopt(4, SOL_SOCKET, SO_MARK, [0], [4]) = 0\n"
     "+0 getsockopt(4, SOL_SOCKET, SO_PRIORITY, [6], [4]) = 0", DRILL_FAILED, 11, "gives 5, not 6",
     NULL},
    {OPEN "+0 getsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], [4]) = 0", DRILL_FAILED, 8,
     "gives 0, not 1", NULL},
    {"--init_scripts=/x.sh\n" OPEN, DRILL_BROKEN, 1, "/x.sh cannot be read", NULL},
    {"--verbose\n" OPEN, DRILL_PASSED, 0, NULL, "x.pkt:5: 0.000000 < S 0:0(0) win 32000"},
    {"--local_ip=1.2.3\n0 close(3) = 0", DRILL_BROKEN, 1, "--local_ip", NULL},
    {"--banana\n0 close(3) = 0", DRILL_BROKEN, 1, "no option --banana", NULL},
    {"--wire_client\n0 close(3) = 0", DRILL_BROKEN, 1, "one machine", NULL},
    {"0 close(3) = ", DRILL_BROKEN, 1, "value is missing", "^"},
};

// A value is longer when it is decimal, and may stand at the very end of what a word can be.
START_TEST(a_long_name_leaves_no_room_for_its_value)
{
    char text[1024];
    struct drill_options o = {.seed = 1};
    struct drill_report r;
    int n = snprintf(text, sizeof text, "0 `sysctl -q %0493d=0xfffffffffffffff`\n", 0);
    ck_assert(drill_run_text("long.pkt", (struct span){text, (size_t)n}, &o, &r) == DRILL_BROKEN);
    drill_report_free(&r);
}
END_TEST

START_TEST(says_what_is_wrong)
{
    struct drill_report r;
    enum drill_verdict v = run(&r, cases[_i].text, &(struct drill_options){.seed = 1});
    const char *text = cases[_i].text, *message = r.message != NULL ? r.message : "";
    ck_assert_msg(v == cases[_i].verdict, "%s\n%s\n%s", text, drill_verdict_name(v), r.text);
    if (v != DRILL_PASSED) ck_assert_msg(r.line == cases[_i].line, "%s\n%s", text, r.text);
    if (cases[_i].message != NULL)
        ck_assert_msg(strstr(message, cases[_i].message) != NULL, "%s\n%s", text, message);
    if (cases[_i].story != NULL)
        ck_assert_msg(strstr(r.text, cases[_i].story) != NULL, "%s\n%s", text, r.text);
    drill_report_free(&r);
}
END_TEST

struct census { struct trace_sink sink; unsigned hosts, links, sent[3], got[3], flown[3]; };

// A script comes with whatever lies beside it; what is not called .sh, however it is named, is not
// read, for an error would tell of its words.
START_TEST(no_file_but_one_of_commands_is_read)
{
    static const struct { const char *text; enum drill_verdict verdict; } reads[] = {
        {"0 `./good.sh && sysctl net.ipv4.tcp_sack | grep '= 0'`", DRILL_PASSED},
        {"0 `./link.sh && sysctl -n net.ipv4.tcp_sack | grep 0`", DRILL_PASSED},
        {"--init_scripts=good.sh\n0 `:`", DRILL_PASSED},
        {"0 `./bad.sh`", DRILL_BROKEN},         {"--init_scripts=note\n0 `:`", DRILL_BROKEN},
        {"--init_scripts=bad.sh\n0 `:`", DRILL_BROKEN}};
    char folder[] = "/tmp/drill.XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    int at = open(folder, O_DIRECTORY | O_RDONLY);
    int note = openat(at, "note", O_CREAT | O_WRONLY, 0600);
    int good = openat(at, "good.sh", O_CREAT | O_WRONLY, 0600);
    ck_assert_int_eq(write(note, "secret words\n", 13), 13);
    ck_assert_int_eq(write(good, "sysctl -q net.ipv4.tcp_sack=0\n", 30), 30);
    ck_assert_int_eq(symlinkat("note", at, "bad.sh") + symlinkat("good.sh", at, "link.sh"), 0);
    snprintf(path, sizeof path, "%s/x.pkt", folder);
    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        struct drill_report r;
        struct span text = {reads[i].text, strlen(reads[i].text)};
        enum drill_verdict v = drill_run_text(path, text, &(struct drill_options){0}, &r);
        ck_assert_msg(v == reads[i].verdict, "%s\n%s", reads[i].text, r.text);
        ck_assert_msg(v == DRILL_PASSED || strstr(r.message, "cannot be read"), "%s", r.text);
        drill_report_free(&r);
    }
    static const char *const made[] = {"note", "good.sh", "bad.sh", "link.sh"};
    for (size_t i = 0; i < ARRAY_LEN(made); i++) unlinkat(at, made[i], 0);
    close(note);
    close(good);
    close(at);
    rmdir(folder);
}
END_TEST

static void count(struct trace_sink *sink, const struct trace_event *ev)
{
    struct census *c = (struct census *)(void *)sink;
    c->hosts += ev->type == TRACE_HOST_NEW;
    c->links += ev->type == TRACE_LINK_NEW;
    c->sent[ev->host] += ev->type == TRACE_FRAME_TX;
    c->got[ev->host] += ev->type == TRACE_FRAME_RX;
    c->flown[ev->host] += ev->type == TRACE_LINK_FLY;
}

// The window needs somebody on both sides; a capture wants each packet once.
START_TEST(a_run_that_is_looked_at_has_two_hosts)
{
    struct drill_report r;
    for (unsigned looks = 0; looks < 2; looks++) {
        struct census c = {.sink = {.emit = count, .snap = 100}};
        struct drill_options o = {.seed = 1, .trace = &c.sink, .tell_peer = looks == 1};
        ck_assert_int_eq(run(&r, OPEN "+0 write(4, ..., 100) = 100", &o), DRILL_PASSED);
        drill_report_free(&r);
        ck_assert_uint_eq(c.hosts, 1 + looks);
        ck_assert_uint_eq(c.links, looks);
        ck_assert_uint_gt(c.sent[1], 2);
        ck_assert_uint_eq(c.got[2], looks * c.sent[1]);
        ck_assert_uint_eq(c.sent[2], looks * c.got[1]);
        ck_assert_uint_eq(c.flown[1], looks * c.sent[1]);
        ck_assert_uint_eq(c.flown[2], looks * c.got[1]);
    }
}
END_TEST

static const char left_over[] = OPEN "+0 write(4, ..., 100) = 100";

START_TEST(left_over_packets_are_told)
{
    struct drill_report r;
    ck_assert_int_eq(run(&r, left_over, &(struct drill_options){.seed = 1}), DRILL_PASSED);
    ck_assert_uint_eq(r.warnings, 1);
    ck_assert_ptr_nonnull(strstr(r.text, "1 packet left that no step expects"));
    drill_report_free(&r);
    ck_assert_int_eq(run(&r, left_over, &(struct drill_options){.strict = true}), DRILL_FAILED);
    drill_report_free(&r);
}
END_TEST

// Of a connection before the current one, and what belongs to none.
START_TEST(left_over_is_what_no_step_expects_of_any_connection)
{
    static const char *const texts[] = {
        OPEN "+0 write(4, ..., 100) = 100\n+0 listen(3, 1) = 0\n"
        "+0 < S 0:0(0) win 32000 <mss 1000>\n+0 > S. 0:0(0) ack 1 <mss 1460>",
        "0 socket(..., SOCK_STREAM, 0) = 3\n+0 < udp 7 > 9 (20)"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct drill_report r;
        run(&r, texts[i], &(struct drill_options){.strict = true});
        ck_assert_msg(r.verdict == DRILL_FAILED, "%s", texts[i]);
        ck_assert_msg(strstr(r.text, "1 packet left that no step expects") != NULL, "%s", r.text);
        drill_report_free(&r);
    }
}
END_TEST

START_TEST(an_unknown_command_may_be_ignored)
{
    struct drill_report r;
    struct drill_options o = {.ignore_shell = true};
    ck_assert_int_eq(run(&r, OPEN "+0 `reboot`", &o), DRILL_PASSED);
    ck_assert_uint_eq(r.warnings, 1);
    drill_report_free(&r);
}
END_TEST

// What is said on the command line is stronger than what the script says.
START_TEST(options_from_outside_win)
{
    struct drill_report r;
    struct drill_pair port = {"bind_port", "7000"};
    struct drill_options o = {.option = &port, .options = 1};
    const char *text = "--bind_port=6000\n" OPEN
                       "+0 write(4, ..., 1) = 1\n+0 > 7000 > 50000 P. 1:2(1) ack 1";
    ck_assert_msg(run(&r, text, &o) == DRILL_PASSED, "%s", r.text);
    drill_report_free(&r);
}
END_TEST

// Time is exact, so no tolerance at all is one.
START_TEST(tolerance_may_be_none)
{
    struct drill_report r;
    struct drill_options o = {.has_tolerance = true};
    ck_assert_int_eq(run(&r, OPEN "+0 write(4, ..., 1) = 1\n+0 > P. 1:2(1) ack 1", &o),
                     DRILL_PASSED);
    drill_report_free(&r);
    ck_assert_int_eq(run(&r, OPEN "+0 write(4, ..., 1) = 1\n+.000001 > P. 1:2(1) ack 1", &o),
                     DRILL_FAILED);
    drill_report_free(&r);
}
END_TEST

// One script, one seed, one run: the story too is the same each time.
START_TEST(runs_repeat_themselves)
{
    struct drill_report a, b;
    struct drill_options o = {.seed = 7};
    const char *text = OPEN "+0 write(4, ..., 100) = 100\n+0 > . 1:101(100) ack 1";
    run(&a, text, &o);
    run(&b, text, &o);
    ck_assert_str_eq(a.text, b.text);
    drill_report_free(&a);
    drill_report_free(&b);
}
END_TEST

static nsec no_time(void) { return 0; }

static char *report_of(const struct suite *s, void report(const struct suite *, FILE *))
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    ck_assert_ptr_nonnull(f);
    report(s, f);
    fclose(f);
    return text;
}

START_TEST(suites_report)
{
    struct suite s = {0};
    static const struct { void (*fn)(const struct suite *, FILE *); const char *says; } forms[] = {
        {suite_report_tap, "1..1\nnot ok 1 - there/is n\xc3\xa9 <such>\xc3.pkt\n# there/"},
        {suite_report_junit, "name=\"is n\xc3\xa9 &lt;such&gt;?.pkt\""},
        {suite_report_json, "n\xc3\xa9 <such>?.pkt\", \"verdict\": \"broken\""},
    };
    s.entry = calloc(1, sizeof *s.entry);
    ck_assert_ptr_nonnull(s.entry);
    s.entry->path = strdup("there/is n\xc3\xa9 <such>\xc3.pkt");  // half a character last
    s.count = s.room = 1;
    suite_run(&s, &(struct drill_options){0}, 4, no_time);
    ck_assert_uint_eq(s.broken, 1);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        char *text = report_of(&s, forms[i].fn);
        ck_assert_msg(strstr(text, forms[i].says) != NULL, "%s", text);
        free(text);
    }
    suite_free(&s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("drill run");
    TCase *c = tcase_create("run");
    tcase_add_test(c, a_long_name_leaves_no_room_for_its_value);
    tcase_add_test(c, no_file_but_one_of_commands_is_read);
    tcase_add_loop_test(c, says_what_is_wrong, 0, ARRAY_LEN(cases));
    tcase_add_test(c, a_run_that_is_looked_at_has_two_hosts);
    tcase_add_test(c, left_over_packets_are_told);
    tcase_add_test(c, left_over_is_what_no_step_expects_of_any_connection);
    tcase_add_test(c, an_unknown_command_may_be_ignored);
    tcase_add_test(c, options_from_outside_win);
    tcase_add_test(c, tolerance_may_be_none);
    tcase_add_test(c, runs_repeat_themselves);
    tcase_add_test(c, suites_report);
    suite_add_tcase(s, c);
    return run_claims(s);
}
