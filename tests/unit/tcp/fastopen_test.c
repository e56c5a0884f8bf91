// fastopen_test.c - bytes on a SYN, both ends (RFC 7413).
#include "claims.h"
#include "unit/tcp_path.h"
#include "unit/tcp_peer.h"

static void set(struct peer *p, const char *name, const char *value)
{
    ck_assert_int_eq(ng_host_set(p->h, name, value), 0);
}

static void set_option(struct peer *p, ng_sock s, enum ng_option o, int n)
{
    ck_assert_int_eq(ng_sock_set(p->h, s, o, &n, sizeof n), 0);
}

// --- cookies -----------------------------------------------------------------------------------

// What Linux makes of these addresses and keys.
static const struct { const char *key, *client, *server; uint8_t cookie[8]; } known[] = {
    {"a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4", "192.0.2.1", "192.168.0.1",
     {0x30, 0x21, 0xb9, 0xd8, 0x89, 0x01, 0x7e, 0xeb}},
    {"a0bf63f7-ed803d81-cd641d30-cebc4a90", "10.248.0.2", "192.168.0.2",
     {0x00, 0xab, 0xaa, 0xab, 0xe8, 0xe9, 0x54, 0xc2}},
};

START_TEST(cookies_are_those_of_linux)
{
    struct settings s;
    struct addr client, server;
    char back[80];
    settings_init(&s);
    ck_assert_int_eq(settings_set(&s, "net.ipv4.tcp_fastopen_key", known[_i].key), 0);
    ck_assert_int_eq(settings_get(&s, "net.ipv4.tcp_fastopen_key", back, sizeof back), 0);
    ck_assert_str_eq(back, known[_i].key);
    ck_assert(addr_parse(&client, known[_i].client) && addr_parse(&server, known[_i].server));
    struct tcp_cookie c = fastopen_cookie(s.tcp_fastopen_key[0], client, server);
    ck_assert_int_eq(c.len, 8);
    ck_assert_mem_eq(c.bytes, known[_i].cookie, 8);
}
END_TEST

static const char *const no_keys[] = {"", "a1", "a-b-c", "a-b-c-", "a-b-c-d,", "a-b-c-d-e",
                                      "g-b-c-d", "123456789-b-c-d", "a-b-c-d,e-f-0-1,2-3-4-5"};

START_TEST(what_is_no_key_is_refused)
{
    struct settings s;
    settings_init(&s);
    ck_assert_int_eq(settings_set(&s, "net.ipv4.tcp_fastopen_key", no_keys[_i]), -EINVAL);
}
END_TEST

// --- the client --------------------------------------------------------------------------------

static ssize_t send_open(struct peer *p, size_t n)
{
    static uint8_t zeros[4096];
    struct ng_message m = {.buf = zeros, .len = n, .flags = NG_MSG_FASTOPEN, .has_peer = true,
                           .peer = {peer_addr(), PEER_PORT}};
    p->outs = 0;
    ssize_t rc = ng_sock_send(p->h, p->s, &m);
    peer_collect(p);
    return rc;
}

static void next_call(struct peer *p)
{
    struct endpoint own = {host_addr(), ++p->host_port};
    if (p->s != 0) ck_assert_int_eq(ng_sock_abort(p->h, p->s), 0);
    peer_collect(p);  // its RST, if there was one
    p->s = peer_socket(p);
    p->host_isn_known = false;
    ck_assert_int_eq(ng_sock_bind(p->h, p->s, &own), 0);
}

static struct tcp_opts with_cookie(bool old)
{
    struct tcp_opts o = {.has_mss = true, .mss = 1000, .has_sack_ok = true, .has_fastopen = true,
                         .fastopen_old = old, .fastopen = {.len = 8, .bytes = "cookies!"}};
    return o;
}

// The host asks for a cookie, gets one, and calls again.
static struct peer *with_known_peer(void)
{
    struct peer *p = peer_new();
    next_call(p);
    ck_assert_int_eq(send_open(p, 100), -EINPROGRESS);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN);
    ck_assert_uint_eq(p->out[0].len, 0);
    ck_assert(p->out[0].seg.opts.has_fastopen && p->out[0].seg.opts.fastopen.len == 0);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = with_cookie(false));
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    next_call(p);
    return p;
}

START_TEST(bytes_go_with_a_known_cookie)
{
    struct peer *p = with_known_peer();
    struct ng_tcp_info info;
    ck_assert_int_eq(send_open(p, 2000), 960);  // the peer's MSS, less room for options
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN);
    ck_assert_uint_eq(p->out[0].len, 960);
    ck_assert_mem_eq(p->out[0].seg.opts.fastopen.bytes, "cookies!", 8);
    ck_assert_int_eq(send_open(p, 10), -EALREADY);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 961, .opts = peer_syn_opts);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seq, 961);
    ck_assert_uint_eq(p->out[0].len, 0);
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    ck_assert(info.syn_data);
    ck_assert_int_eq(send_open(p, 10), 10);  // open: as write()
    peer_free(p);
}
END_TEST

// acked: by the SYN,ACK of a SYN with 500 bytes. What is left goes again at once.
static const struct { uint32_t acked, again; } part[] = {{1, 500}, {101, 400}, {500, 1}};

START_TEST(what_the_syn_did_not_bring_goes_again)
{
    struct peer *p = with_known_peer();
    struct ng_tcp_info info;
    ck_assert_int_eq(send_open(p, 500), 500);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = part[_i].acked, .opts = peer_syn_opts);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].why, SENT_SYN_DATA);
    ck_assert_uint_eq(p->out[0].seq, part[_i].acked);
    ck_assert_uint_eq(p->out[0].len, part[_i].again);
    ck_assert_int_eq(ng_tcp_info(p->h, p->s, &info), 0);
    ck_assert(!info.syn_data);
    ck_assert_uint_eq(info.cwnd, 14600);  // no sign of congestion
    peer_free(p);
}
END_TEST

// A SYN that is lost goes again plainly: a path may not like the option, or the bytes.
START_TEST(a_lost_syn_goes_again_without_its_bytes)
{
    struct peer *p = with_known_peer();
    ck_assert_int_eq(send_open(p, 500), 500);
    p->outs = 0;
    peer_wait(p, MSEC(1100));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN);
    ck_assert_uint_eq(p->out[0].len, 0);
    ck_assert(!p->out[0].seg.opts.has_fastopen);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seq, 1);
    ck_assert_uint_eq(p->out[0].len, 500);
    peer_free(p);
}
END_TEST

START_TEST(no_answer_to_one_form_of_the_option_tries_the_other)
{
    struct peer *p = peer_new();
    for (int i = 0; i < 3; i++) {
        next_call(p);
        ck_assert_int_eq(send_open(p, 0), -EINPROGRESS);
        ck_assert_int_eq(p->out[0].seg.opts.fastopen_old, i == 1);
        SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = peer_syn_opts);
    }
    ng_host_flush_peers(p->h);
    next_call(p);
    send_open(p, 0);
    SAY(p, .flags = TCP_SYN | TCP_ACK, .ack = 1, .opts = with_cookie(true));
    next_call(p);
    ck_assert_int_eq(send_open(p, 7), 7);
    ck_assert(p->out[0].seg.opts.fastopen_old && p->out[0].seg.opts.fastopen.len == 8);
    peer_free(p);
}
END_TEST

START_TEST(connect_may_wait_for_the_first_bytes)
{
    struct peer *p = with_known_peer();
    struct endpoint to = {peer_addr(), PEER_PORT};
    char b[4];
    set_option(p, p->s, NG_TCP_FASTOPEN_CONNECT, 1);
    p->outs = 0;
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), 0);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 0);
    ck_assert(ng_sock_events(p->h, p->s) & NG_WRITABLE);
    ck_assert_int_eq(ng_sock_connect(p->h, p->s, &to), -EISCONN);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, b, 4), -EAGAIN);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "four", 4), 4);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN);
    ck_assert_mem_eq(p->out[0].first, "four", 4);
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "more", 4), -EAGAIN);
    peer_free(p);
}
END_TEST

START_TEST(the_settings_may_forbid_or_free_it)
{
    struct peer *p = peer_new();
    int on = 1;
    next_call(p);
    set(p, "net.ipv4.tcp_fastopen", "0");
    ck_assert_int_eq(send_open(p, 10), -EOPNOTSUPP);
    ck_assert_int_eq(ng_sock_set(p->h, p->s, NG_TCP_FASTOPEN_CONNECT, &on, sizeof on),
                     -EOPNOTSUPP);
    set(p, "net.ipv4.tcp_fastopen", "5");  // bit 4: no cookie is needed
    ck_assert_int_eq(send_open(p, 4000), 1420);
    ck_assert_uint_eq(p->out[0].len, 1420);
    ck_assert(!p->out[0].seg.opts.has_fastopen);
    peer_free(p);
}
END_TEST

// --- the server --------------------------------------------------------------------------------

static struct tcp_opts server_cookie(struct peer *p, bool good)
{
    struct tcp_opts o = {.has_mss = true, .mss = 1000, .has_fastopen = true};
    o.fastopen = fastopen_cookie(p->h->set.tcp_fastopen_key[0], peer_addr(), host_addr());
    if (!good) o.fastopen.bytes[3] ^= 1;
    return o;
}

static struct peer *server(ng_sock *listener, int pending)
{
    struct peer *p = peer_new();
    set(p, "net.ipv4.tcp_fastopen", "3");
    set(p, "net.ipv4.tcp_fastopen_key", "1-2-3-4");
    *listener = peer_listener(p, 5);
    set_option(p, *listener, NG_TCP_FASTOPEN, pending);
    return p;
}

static ng_sock accepted(struct peer *p, ng_sock listener)
{
    int error = 0;
    struct endpoint from;
    return p->s = ng_sock_accept(p->h, listener, &from, &error);
}

START_TEST(a_good_cookie_opens_before_the_last_ack)
{
    ng_sock listener;
    struct peer *p = server(&listener, 2);
    char b[32];
    SAY(p, .flags = TCP_SYN, .len = 10, .opts = server_cookie(p, true));
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_int_eq(p->out[0].seg.flags, TCP_SYN | TCP_ACK);
    ck_assert_uint_eq(p->out[0].ack, 11);
    ck_assert(!p->out[0].seg.opts.has_fastopen);
    ck_assert(accepted(p, listener) != 0);
    ck_assert_int_eq(peer_state(p), TCP_SYN_RCVD);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, b, sizeof b), 10);
    p->outs = 0;
    ck_assert_int_eq(ng_sock_write(p->h, p->s, "answer", 6), 6);
    peer_collect(p);
    ck_assert_uint_eq(p->outs, 1);
    ck_assert_uint_eq(p->out[0].seq, 1);
    ck_assert_mem_eq(p->out[0].first, "answer", 6);
    SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 7);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    peer_free(p);
}
END_TEST

START_TEST(a_bad_cookie_or_none_brings_a_good_one)
{
    ng_sock listener;
    struct peer *p = server(&listener, 2);
    struct tcp_opts o = server_cookie(p, false), good = server_cookie(p, true);
    if (_i == 1) o.fastopen.len = 0;
    SAY(p, .flags = TCP_SYN, .len = 10, .opts = o);
    ck_assert_uint_eq(p->out[0].ack, 1);  // the bytes are not taken
    ck_assert(p->out[0].seg.opts.has_fastopen);
    ck_assert_mem_eq(p->out[0].seg.opts.fastopen.bytes, good.fastopen.bytes, 8);
    ck_assert(accepted(p, listener) == 0);
    SAY(p, .flags = TCP_ACK, .seq = 1, .ack = 1, .len = 10);
    ck_assert(accepted(p, listener) != 0);
    ck_assert_int_eq(peer_state(p), TCP_ESTABLISHED);
    peer_free(p);
}
END_TEST

START_TEST(a_key_of_old_is_recognised_and_replaced)
{
    ng_sock listener;
    struct peer *p = server(&listener, 2);
    struct tcp_opts o = server_cookie(p, true);
    set(p, "net.ipv4.tcp_fastopen_key", "5-6-7-8,1-2-3-4");
    struct tcp_opts now = server_cookie(p, true);
    SAY(p, .flags = TCP_SYN, .len = 10, .opts = o);
    ck_assert_uint_eq(p->out[0].ack, 11);
    ck_assert_mem_eq(p->out[0].seg.opts.fastopen.bytes, now.fastopen.bytes, 8);
    peer_free(p);
}
END_TEST

// RFC 7413 §5.1: a bounded number of them may be half open, whatever their cookies say.
START_TEST(only_so_many_may_be_pending)
{
    ng_sock listener;
    struct peer *p = server(&listener, 1);
    struct seq first = {0};
    for (uint16_t i = 0; i < 3; i++) {
        p->host_isn_known = false;
        p->peer_port = (uint16_t)(PEER_PORT + i);
        SAY(p, .flags = TCP_SYN, .len = 10, .opts = server_cookie(p, true));
        ck_assert_uint_eq(p->out[0].ack, i == 1 ? 1 : 11);
        if (i == 0) first = p->host_isn;
        if (i > 0) SAY(p, .flags = TCP_RST, .seq = p->out[0].ack);
        p->peer_port = PEER_PORT;
        if (i != 1) continue;
        // The first one's last ACK comes: there is room for another.
        p->host_isn = first;
        SAY(p, .flags = TCP_ACK, .seq = 11, .ack = 1);
        p->host_isn_known = false;
    }
    peer_free(p);
}
END_TEST

START_TEST(a_reset_child_is_accepted_and_tells)
{
    ng_sock listener;
    struct peer *p = server(&listener, 2);
    char b[32];
    SAY(p, .flags = TCP_SYN, .len = 10, .opts = server_cookie(p, true));
    SAY(p, .flags = TCP_RST, .seq = 11);
    ck_assert(accepted(p, listener) != 0);
    ck_assert_int_eq(peer_state(p), TCP_CLOSED);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, b, sizeof b), 10);
    ck_assert_int_eq(ng_sock_read(p->h, p->s, b, sizeof b), -ECONNRESET);
    peer_free(p);
}
END_TEST

// --- both --------------------------------------------------------------------------------------

START_TEST(two_hosts_open_with_bytes)
{
    struct path *p = path_new(3, MSEC(10), 0);
    ck_assert_int_eq(ng_host_set(p->h[1], "net.ipv4.tcp_fastopen", "1027"), 0);
    ng_sock listener = path_listen(p, 80, 8);
    for (int i = 0; i < 2; i++) {
        ng_sock s = path_socket(p, 0);
        char b[8];
        struct ng_message m = {.buf = (char[]){"hello"}, .len = 5, .flags = NG_MSG_FASTOPEN,
                               .has_peer = true, .peer = path_end(p, 1, 80)};
        ck_assert_int_eq(ng_sock_send(p->h[0], s, &m), i == 0 ? -EINPROGRESS : 5);
        path_run(p, MSEC(i == 0 ? 100 : 15));  // half a round trip is enough the second time
        ng_sock c = path_accept(p, listener);
        ck_assert(c != 0);
        if (i == 1) ck_assert_int_eq(ng_sock_read(p->h[1], c, b, 8), 5);
        path_run(p, MSEC(100));
    }
    path_free(p);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, cookies_are_those_of_linux, 0, ARRAY_LEN(known));
    tcase_add_loop_test(tc, what_is_no_key_is_refused, 0, ARRAY_LEN(no_keys));
    tcase_add_test(tc, bytes_go_with_a_known_cookie);
    tcase_add_loop_test(tc, what_the_syn_did_not_bring_goes_again, 0, ARRAY_LEN(part));
    tcase_add_test(tc, a_lost_syn_goes_again_without_its_bytes);
    tcase_add_test(tc, no_answer_to_one_form_of_the_option_tries_the_other);
    tcase_add_test(tc, connect_may_wait_for_the_first_bytes);
    tcase_add_test(tc, the_settings_may_forbid_or_free_it);
    tcase_add_test(tc, a_good_cookie_opens_before_the_last_ack);
    tcase_add_loop_test(tc, a_bad_cookie_or_none_brings_a_good_one, 0, 2);
    tcase_add_test(tc, a_key_of_old_is_recognised_and_replaced);
    tcase_add_test(tc, only_so_many_may_be_pending);
    tcase_add_test(tc, a_reset_child_is_accepted_and_tells);
    tcase_add_test(tc, two_hosts_open_with_bytes);
}

int main(void)
{
    Suite *s = suite_create("fastopen");
    family_add(s, add_tests);
    return run_claims(s);
}
