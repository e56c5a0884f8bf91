// dns_test.c - the resolver against servers that a test moves: answers, silence, refusals, chains,
// answers that are cut, and strangers that guess.
#include "claims.h"
#include "scenarios/apps/dns.h"
#include "net/netif.h"
#include "unit/scenarios/apps/dns_answer.h"

#include <check.h>
#include <errno.h>

enum { SERVERS = 2 };

static struct {
    struct sim  *sim;
    struct host *h, *server[SERVERS];
    ng_sock      udp[SERVERS], tcp[SERVERS];
    struct dns  *dns;
    struct dns_answer answer;
    unsigned     answers;
    struct endpoint asker;  // of the question that was heard last
} w;

static struct addr server_addr(int i) { return addr_ip4(0x0a000001 + ((uint32_t)i << 8)); }

static void done(void *self, const struct dns_answer *a)
{
    ck_assert_ptr_eq(self, &w);
    w.answer = *a;
    w.answers++;
}

static ng_sock serve(struct host *h, enum sock_kind kind)
{
    int error;
    struct endpoint any = {addr_any(FAMILY_IP4), DNS_PORT};
    ng_sock s = ng_sock_open(h, 0, kind, &error);
    ck_assert_int_eq(ng_sock_bind(h, s, &any), 0);
    if (kind == KIND_TCP) ck_assert_int_eq(ng_sock_listen(h, s, 8), 0);
    return s;
}

static void setup(void)
{
    memset(&w, 0, sizeof w);
    w.sim = sim_new(&(struct sim_config){.name = "dns", .seed = 5});
    w.h = sim_add_host(w.sim, "client");
    struct dns_config cfg = {.servers = SERVERS};
    for (int i = 0; i < SERVERS; i++) {
        struct addr a = server_addr(i), mine = a;
        mine.b[3] = 2;
        w.server[i] = sim_add_host(w.sim, "server");
        struct netif *n = sim_add_netif(w.sim, w.h, mine, 24);
        struct netif *sn = sim_add_netif(w.sim, w.server[i], a, 24);
        ck_assert_ptr_nonnull(sim_add_link(w.sim, w.h, n, w.server[i], sn));
        w.udp[i] = serve(w.server[i], KIND_UDP);
        w.tcp[i] = serve(w.server[i], KIND_TCP);
        cfg.server[i] = a;
    }
    w.dns = dns_start(w.sim, w.h, &cfg);
    ck_assert_ptr_nonnull(w.dns);
}

static void teardown(void) { sim_free(w.sim); }

static void pass(nsec span) { sim_run(w.sim, sim_now(w.sim) + span); }

static void look_up(const char *name, uint8_t family)
{
    ck_assert(dns_lookup(w.dns, name, family, done, &w));
    pass(MSEC(1));
}

// The bytes of a question, as the answer to it takes them.
static struct dns_question question_of(const uint8_t *p, size_t len)
{
    struct dns_question q = {get16(p), get16(p + len - 4), ""};
    size_t n = 0;
    for (size_t at = DNS_HDR_LEN; p[at] != 0; at += 1 + (size_t)p[at]) {
        if (n > 0) q.name[n++] = '.';
        memcpy(q.name + n, p + at + 1, p[at]);
        n += p[at];
    }
    return q;
}

// What server i was asked by datagram since it last looked; type 0: nothing.
static struct dns_question heard(int i)
{
    uint8_t bytes[600];
    ssize_t n = ng_sock_recvfrom(w.server[i], w.udp[i], bytes, sizeof bytes, &w.asker);
    if (n < 0) return (struct dns_question){0};
    ck_assert_uint_eq(get16(bytes + 2), 0x0100);  // it wants recursion
    return question_of(bytes, (size_t)n);
}

static void say(int i, const struct dns_bytes *b)
{
    sim_touch(w.sim, w.server[i]);
    ck_assert_int_eq(ng_sock_sendto(w.server[i], w.udp[i], b->p, b->len, &w.asker),
                     (ssize_t)b->len);
    pass(MSEC(1));
}

static void say_addr(int i, const struct dns_question *q, const char *addr)
{
    struct dns_bytes b = answer_to(q, ANSWER_FLAGS);
    answer_addr(&b, "@12", addr);
    say(i, &b);
}

static void say_code(int i, const struct dns_question *q, unsigned code)
{
    struct dns_bytes b = answer_to(q, ANSWER_FLAGS | code);
    say(i, &b);
}

static void expect_addr(const char *addr)
{
    char text[ADDR_TEXT];
    ck_assert_uint_eq(w.answers, 1);
    ck_assert_str_eq(dns_error_name(w.answer.error), "OK");
    ck_assert_str_eq(addr_print(w.answer.addr[0], text), addr);
}

static void expect_error(const char *error)
{
    ck_assert_uint_eq(w.answers, 1);
    ck_assert_str_eq(dns_error_name(w.answer.error), error);
    ck_assert_uint_eq(w.answer.addrs, 0);
}

// --- answers -----------------------------------------------------------------------------------

START_TEST(a_name_becomes_an_address)
{
    look_up("Server.Example.", FAMILY_IP4);
    struct dns_question q = heard(0);
    ck_assert_str_eq(q.name, "server.example");
    ck_assert_uint_eq(q.type, DNS_A);
    ck_assert_uint_eq(w.answers, 0);
    say_addr(0, &q, "10.0.0.7");
    expect_addr("10.0.0.7");
    ck_assert_str_eq(w.answer.name, "server.example");
    ck_assert_uint_eq(heard(0).type, 0);
    pass(SEC(60));
    ck_assert_uint_eq(w.answers, 1);
    ck_assert_uint_eq(heard(1).type, 0);  // nobody else was asked
}
END_TEST

START_TEST(both_families_are_asked_at_once)
{
    look_up("server.example", FAMILY_NONE);
    struct dns_question six = heard(0);
    struct endpoint asker = w.asker;
    struct dns_question four = heard(0);
    ck_assert_uint_eq(six.type, DNS_AAAA);
    ck_assert_uint_eq(four.type, DNS_A);
    ck_assert_uint_ne(w.asker.port, asker.port);
    say_addr(0, &four, "10.0.0.7");
    ck_assert_uint_eq(w.answers, 0);
    w.asker = asker;
    say_addr(0, &six, "2001:db8::7");
    expect_addr("10.0.0.7");  // this host cannot reach the other
    ck_assert_uint_eq(w.answer.addrs, 2);
}
END_TEST

START_TEST(one_family_is_enough)
{
    look_up("server.example", FAMILY_NONE);
    struct dns_question six = heard(0);
    say_code(0, &six, 0);
    struct dns_question four = heard(0);
    say_addr(0, &four, "10.0.0.7");
    expect_addr("10.0.0.7");
}
END_TEST

START_TEST(another_name_is_looked_up_in_turn)
{
    look_up("www.example", FAMILY_IP4);
    struct dns_question q = heard(0);
    struct dns_bytes b = answer_to(&q, ANSWER_FLAGS);
    answer_cname(&b, "@12", "real.example");
    say(0, &b);
    q = heard(0);
    ck_assert_str_eq(q.name, "real.example");
    say_addr(0, &q, "10.0.0.7");
    expect_addr("10.0.0.7");
    ck_assert_str_eq(w.answer.name, "real.example");
}
END_TEST

START_TEST(a_chain_without_end_is_left)
{
    look_up("n.example", FAMILY_IP4);
    for (int i = 0; i <= DNS_CHAIN_MAX; i++) {
        struct dns_question q = heard(0);
        ck_assert_uint_eq(q.type, DNS_A);
        struct dns_bytes b = answer_to(&q, ANSWER_FLAGS);
        answer_cname(&b, "@12", "n@12");  // one label more each time
        say(0, &b);
    }
    expect_error("SERVFAIL");
    ck_assert_uint_eq(heard(0).type, 0);
}
END_TEST

static const struct { unsigned code; const char *error; } final[] = {
    {DNS_NXDOMAIN, "NXDOMAIN"}, {DNS_OK, "NODATA"}};

START_TEST(that_there_is_nothing_is_an_answer)
{
    look_up("nobody.example", FAMILY_IP4);
    struct dns_question q = heard(0);
    say_code(0, &q, final[_i].code);
    expect_error(final[_i].error);
    ck_assert_uint_eq(heard(1).type, 0);
}
END_TEST

START_TEST(a_name_that_cannot_be_is_not_asked_for)
{
    look_up("no name", FAMILY_NONE);
    expect_error("BADNAME");
    ck_assert_uint_eq(heard(0).type, 0);
}
END_TEST

START_TEST(localhost_is_not_asked_for)
{
    look_up(_i == 0 ? "localhost" : "Any.localhost.", FAMILY_IP4);
    expect_addr("127.0.0.1");
    w.answers = 0;
    look_up("localhost", FAMILY_IP6);
    expect_addr("::1");
    ck_assert_uint_eq(heard(0).type, 0);
    look_up("notlocalhost", FAMILY_IP4);
    ck_assert_str_eq(heard(0).name, "notlocalhost");
}
END_TEST

// --- servers that do not answer ------------------------------------------------------------------

START_TEST(silence_moves_on_to_the_next_server)
{
    look_up("server.example", FAMILY_IP4);
    struct dns_question first = heard(0);
    struct endpoint asker = w.asker;
    pass(SEC(4));
    ck_assert_uint_eq(heard(1).type, 0);
    pass(SEC(1));
    struct dns_question second = heard(1);
    ck_assert_uint_eq(second.type, DNS_A);
    ck_assert(first.id != second.id && asker.port != w.asker.port);  // as hard to guess again
    say_addr(1, &second, "10.0.0.7");
    expect_addr("10.0.0.7");
}
END_TEST

START_TEST(after_two_rounds_it_is_over)
{
    look_up("server.example", FAMILY_IP4);
    pass(SEC(19));
    ck_assert_uint_eq(w.answers, 0);
    pass(SEC(1));
    expect_error("TIMEOUT");
    for (int i = 0; i < SERVERS; i++) {
        ck_assert_uint_eq(heard(i).type, DNS_A);
        ck_assert_uint_eq(heard(i).type, DNS_A);
        ck_assert_uint_eq(heard(i).type, 0);
    }
}
END_TEST

static const unsigned refusals[] = {DNS_FORMERR, DNS_SERVFAIL, DNS_NOTIMP, DNS_REFUSED, 9};

START_TEST(a_server_that_cannot_is_passed_over)
{
    look_up("server.example", FAMILY_IP4);
    struct dns_question q = heard(0);
    say_code(0, &q, refusals[_i]);
    q = heard(1);  // at once
    say_addr(1, &q, "10.0.0.7");
    expect_addr("10.0.0.7");
}
END_TEST

START_TEST(a_port_that_is_shut_is_passed_over)
{
    ng_sock_close(w.server[0], w.udp[0]);
    look_up("server.example", FAMILY_IP4);
    struct dns_question q = heard(1);
    say_addr(1, &q, "10.0.0.7");
    expect_addr("10.0.0.7");
}
END_TEST

START_TEST(without_servers_there_is_no_answer)
{
    dns_set_servers(w.dns, NULL, 0);
    look_up("server.example", FAMILY_NONE);
    expect_error("NOSERVER");
    struct addr lost = addr_ip4(0x08080808);  // to whom there is no way
    w.answers = 0;
    dns_set_servers(w.dns, &lost, 1);
    look_up("server.example", FAMILY_NONE);
    expect_error("TIMEOUT");
}
END_TEST

// Servers that a router of the link tells of (RFC 8106), as long as nobody names others.
START_TEST(the_link_knows_servers)
{
    struct netif *n = LIST_ENTRY(list_front(&w.h->netifs), struct netif, link);
    w.dns = dns_start(w.sim, w.h, &(struct dns_config){.link = n});
    look_up("server.example", FAMILY_IP4);
    expect_error("NOSERVER");
    n->server[n->servers++] = server_addr(1);
    n->servers_until = sim_now(w.sim) + SEC(10);
    look_up("server.example", FAMILY_IP4);
    struct dns_question q = heard(1);
    ck_assert_str_eq(q.name, "server.example");
    say_addr(1, &q, "10.0.0.7");
    struct addr other = server_addr(0);
    dns_set_servers(w.dns, &other, 1);
    look_up("server.example", FAMILY_IP4);
    ck_assert_str_eq(heard(0).name, "server.example");
    dns_set_servers(w.dns, NULL, 0);
    pass(SEC(60));
    w.answers = 0;
    look_up("server.example", FAMILY_IP4);
    expect_error("NOSERVER");  // their time is over
}
END_TEST

// --- strangers -----------------------------------------------------------------------------------

START_TEST(a_guess_is_passed_over_and_the_wait_goes_on)
{
    look_up("server.example", FAMILY_IP4);
    struct dns_question q = heard(0), guess = q;
    guess.id++;
    say_addr(0, &guess, "10.6.6.6");             // another id
    guess = q;
    guess.name[0] = 'x';
    say_addr(0, &guess, "10.6.6.6");             // another name
    struct dns_bytes half = answer_to(&q, ANSWER_FLAGS);
    answer_addr(&half, "@12", "10.6.6.6");
    half.len--;
    say(0, &half);                               // cut short
    struct endpoint elsewhere = w.asker;
    elsewhere.addr.b[2] = 1;
    w.asker = elsewhere;
    say_addr(1, &q, "10.6.6.6");                 // by a stranger, if one that we know
    ck_assert_uint_eq(w.answers, 0);
    w.asker.addr.b[2] = 0;
    say_addr(0, &q, "10.0.0.7");
    expect_addr("10.0.0.7");
}
END_TEST

// --- answers that are cut ------------------------------------------------------------------------

// The connection that came, and the question on it.
static ng_sock answer_call(struct dns_question *q)
{
    struct endpoint peer;
    uint8_t bytes[600];
    int error;
    ng_sock c = ng_sock_accept(w.server[0], w.tcp[0], &peer, &error);
    ck_assert_msg(c != 0, "nobody called: %d", error);
    ssize_t n = ng_sock_read(w.server[0], c, bytes, sizeof bytes);
    ck_assert_int_gt(n, 2);
    ck_assert_uint_eq(get16(bytes), (unsigned)n - 2);
    *q = question_of(bytes + 2, (size_t)n - 2);
    return c;
}

static void write_part(ng_sock c, const void *p, size_t len)
{
    sim_touch(w.sim, w.server[0]);
    ck_assert_int_eq(ng_sock_write(w.server[0], c, p, len), (ssize_t)len);
    pass(MSEC(100));
}

static void cut_short(void)
{
    look_up("server.example", FAMILY_IP4);
    struct dns_question q = heard(0);
    struct dns_bytes b = answer_to(&q, ANSWER_FLAGS | ANSWER_CUT);
    say(0, &b);
    pass(MSEC(10));
}

START_TEST(what_was_cut_is_asked_again_over_tcp)
{
    struct dns_question q;
    cut_short();
    ng_sock c = answer_call(&q);
    ck_assert_str_eq(q.name, "server.example");
    struct dns_bytes b = answer_to(&q, ANSWER_FLAGS);
    for (int i = 0; i < 40; i++) answer_addr(&b, "@12", "10.0.0.7");
    uint8_t len[2];
    put16(len, (uint16_t)b.len);
    write_part(c, len, 1);  // in pieces, as streams come
    write_part(c, len + 1, 1);
    write_part(c, b.p, 100);
    ck_assert_uint_eq(w.answers, 0);
    write_part(c, b.p + 100, b.len - 100);
    expect_addr("10.0.0.7");
    ck_assert_uint_eq(w.answer.addrs, DNS_ADDRS);
}
END_TEST

static const char *const ends[] = {"it hangs up", "it aborts", "it is silent", "it lies",
                                   "its answer is cut too", "nobody listens"};

START_TEST(a_call_that_fails_moves_on_to_the_next_server)
{
    struct dns_question q;
    if (_i == 5) ng_sock_close(w.server[0], w.tcp[0]);
    cut_short();
    if (_i < 5) {
        ng_sock c = answer_call(&q);
        struct dns_bytes b = answer_to(&q, _i == 4 ? ANSWER_FLAGS | ANSWER_CUT : 0);
        uint8_t len[2];
        put16(len, (uint16_t)b.len);
        if (_i > 2) write_part(c, len, 2);
        if (_i > 2) write_part(c, b.p, b.len);
        sim_touch(w.sim, w.server[0]);
        if (_i == 0) ng_sock_close(w.server[0], c);
        if (_i == 1) ng_sock_abort(w.server[0], c);
    }
    pass(_i == 2 ? SEC(6) : MSEC(100));
    q = heard(1);
    ck_assert_msg(q.type == DNS_A, "%s", ends[_i]);
    say_addr(1, &q, "10.0.0.7");
    expect_addr("10.0.0.7");
}
END_TEST

// --- which address first (RFC 6724) --------------------------------------------------------------

static const struct { const char *what, *mine, *a, *b; } orders[] = {
    {"IPv6 before IPv4, where both are spoken", "2001:db8:1::2/64", "2001:db8:1::7", "10.0.0.7"},
    {"what can be reached",                     NULL, "10.0.0.7", "2001:db8:1::7"},
    {"and of one family too",                   NULL, "10.0.1.7", "10.9.0.7"},
    {"IPv4 before a unique local address of elsewhere", "2001:db8:1::2/64", "10.0.0.7", "fd99::7"},
    {"the nearer by prefix", "2001:db8:1::2/64", "2001:db8:1::7", "2001:db8:1:0:8000::7"},
    {"else as they came",                       NULL, "10.0.0.7", "10.0.0.8"},
};

START_TEST(the_best_address_is_first)
{
    if (orders[_i].mine != NULL) {
        struct prefix mine;
        ck_assert(prefix_parse(&mine, orders[_i].mine));
        struct netif *n = sim_add_netif(w.sim, w.h, mine.addr, mine.bits);
        ck_assert_ptr_nonnull(n);
    }
    for (int turned = 0; turned < 2; turned++) {
        struct addr a[2], first;
        ck_assert(addr_parse(&a[turned], orders[_i].a) && addr_parse(&a[!turned], orders[_i].b));
        first = a[turned];
        bool as_they_came = _i >= 4;  // no rule puts these in an order, or a stable one
        if (as_they_came && turned) break;
        dns_order(w.h, 0, a, 2);
        ck_assert_msg(addr_eq(a[0], first), "%s", orders[_i].what);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dns");
    TCase *c = tcase_create("dns");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_name_becomes_an_address);
    tcase_add_test(c, both_families_are_asked_at_once);
    tcase_add_test(c, one_family_is_enough);
    tcase_add_test(c, another_name_is_looked_up_in_turn);
    tcase_add_test(c, a_chain_without_end_is_left);
    tcase_add_loop_test(c, that_there_is_nothing_is_an_answer, 0, (int)ARRAY_LEN(final));
    tcase_add_test(c, a_name_that_cannot_be_is_not_asked_for);
    tcase_add_loop_test(c, localhost_is_not_asked_for, 0, 2);
    tcase_add_test(c, silence_moves_on_to_the_next_server);
    tcase_add_test(c, after_two_rounds_it_is_over);
    tcase_add_loop_test(c, a_server_that_cannot_is_passed_over, 0, (int)ARRAY_LEN(refusals));
    tcase_add_test(c, a_port_that_is_shut_is_passed_over);
    tcase_add_test(c, without_servers_there_is_no_answer);
    tcase_add_test(c, the_link_knows_servers);
    tcase_add_test(c, a_guess_is_passed_over_and_the_wait_goes_on);
    tcase_add_test(c, what_was_cut_is_asked_again_over_tcp);
    tcase_add_loop_test(c, a_call_that_fails_moves_on_to_the_next_server, 0, (int)ARRAY_LEN(ends));
    tcase_add_loop_test(c, the_best_address_is_first, 0, (int)ARRAY_LEN(orders));
    suite_add_tcase(s, c);
    return run_claims(s);
}
