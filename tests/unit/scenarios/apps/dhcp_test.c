// dhcp_test.c - the DHCP client against a server that a test moves: a lease, its renewals and its
// end, refusals, an address that another has; and messages that lie.
#include <check.h>

#include "claims.h"
#include "core/trace.h"
#include "scenarios/apps/dhcp.h"
#include "scenarios/apps/dhcp_wire.h"

#define SERVER addr_ip4(0x0a000001)

static struct { struct sim *sim; struct host *h, *server; struct netif *n, *sn; ng_sock sock;
                struct dhcp *dhcp; unsigned told; } w;

static void told(void *self, const struct dhcp_lease *lease)
{
    (void)self;
    (void)lease;
    w.told++;
}

static void setup(void)
{
    int error;
    w.sim = sim_new(&(struct sim_config){.name = "dhcp", .seed = 4});
    w.h = sim_add_host(w.sim, "client");
    w.server = sim_add_host(w.sim, "server");
    w.n = sim_add_netif(w.sim, w.h, addr_any(FAMILY_NONE), 0);
    w.sn = sim_add_netif(w.sim, w.server, SERVER, 24);
    ck_assert_ptr_nonnull(sim_add_link(w.sim, w.h, w.n, w.server, w.sn));
    w.sock = ng_sock_open(w.server, 0, KIND_UDP, &error);
    struct endpoint any = {addr_any(FAMILY_IP4), DHCP_SERVER_PORT};
    int on = 1;
    ng_sock_set(w.server, w.sock, NG_SO_BROADCAST, &on, sizeof on);
    ck_assert_int_eq(ng_sock_bind(w.server, w.sock, &any), 0);
    w.told = 0;
    struct dhcp_config cfg = {.netif = w.n, .mac = {{2, 0, 0, 0, 0, 1}}, .changed = told};
    w.dhcp = dhcp_start(w.sim, w.h, &cfg, &error);
    ck_assert_ptr_nonnull(w.dhcp);
}

static void teardown(void) { sim_free(w.sim); }

static void pass(nsec span) { sim_run(w.sim, sim_now(w.sim) + span); }

static struct addr said_to;

// What the client said last since the server looked, and to whom; kind DHCP_NONE: nothing.
static struct dhcp_message heard(void)
{
    uint8_t bytes[1500];
    struct dhcp_message m = {0};
    struct ng_packet_info info;
    struct ng_message in = {.buf = bytes, .len = sizeof bytes, .info = &info};
    for (ssize_t n; (n = ng_sock_receive(w.server, w.sock, &in)) >= 0; said_to = info.local)
        ck_assert(dhcp_parse(&m, bytes, (size_t)n));
    return m;
}

static void say(const struct dhcp_message *to, enum dhcp_kind kind, uint32_t lease_s)
{
    uint8_t bytes[DHCP_EMIT_MAX];
    struct dhcp_message m = {
        .op = DHCP_BOOTREPLY, .kind = (uint8_t)kind, .xid = to->xid, .chaddr = to->chaddr,
        .yiaddr = addr_ip4(0x0a000032), .server = SERVER, .mask_bits = 24, .lease_s = lease_s,
        .routers = 1, .router = {SERVER}, .servers = 1, .dns = {SERVER}};
    if (kind == DHCP_NAK) m.yiaddr = addr_any(FAMILY_IP4);
    size_t len = dhcp_emit(&m, bytes);
    struct endpoint all = {addr_ip4(UINT32_MAX), DHCP_CLIENT_PORT};
    sim_touch(w.sim, w.server);
    ck_assert_int_eq(ng_sock_sendto(w.server, w.sock, bytes, len, &all), (ssize_t)len);
    pass(MSEC(1));
}

// Until the client says this, and then the answer.
static struct dhcp_message expect(enum dhcp_kind kind, nsec within)
{
    struct dhcp_message m = {0};
    for (nsec end = sim_now(w.sim) + within; m.kind == DHCP_NONE && sim_now(w.sim) < end;) {
        pass(MSEC(100));
        m = heard();
    }
    ck_assert_int_eq(m.kind, kind);
    return m;
}

static void lease(uint32_t seconds)
{
    struct dhcp_message m = expect(DHCP_DISCOVER, SEC(70));
    ck_assert(m.broadcast && addr_is_any(m.ciaddr));
    say(&m, DHCP_OFFER, seconds);
    m = expect(DHCP_REQUEST, SEC(2));
    ck_assert(addr_eq(m.requested, addr_ip4(0x0a000032)) && addr_eq(m.server, SERVER));
    say(&m, DHCP_ACK, seconds);
}

START_TEST(a_lease_brings_address_and_route)
{
    lease(1000);
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_BOUND);
    ck_assert_uint_eq(w.told, 1);
    ck_assert_int_eq(ng_netif_addr_state(w.n, addr_ip4(0x0a000032)), OWN_PREFERRED);
    ck_assert(addr_eq(dhcp_lease(w.dhcp)->gateway, SERVER));
    int error;
    ng_sock s = ng_sock_open(w.h, 0, KIND_UDP, &error);
    struct endpoint far = {addr_ip4(0x08080808), 53};
    ck_assert_int_eq(ng_sock_sendto(w.h, s, "x", 1, &far), 1);
    pass(SEC(400));
    ck_assert_int_eq(heard().kind, DHCP_NONE);  // not before half of its time
}
END_TEST

START_TEST(it_is_renewed_at_half_its_time)
{
    lease(1000);
    struct dhcp_message m = expect(DHCP_REQUEST, SEC(501));
    ck_assert(addr_eq(m.ciaddr, addr_ip4(0x0a000032)) && !m.broadcast);
    ck_assert(m.requested.family == FAMILY_NONE && m.server.family == FAMILY_NONE);
    ck_assert(addr_eq(said_to, SERVER));
    say(&m, DHCP_ACK, 1000);
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_BOUND);
    pass(SEC(490));
    ck_assert_int_eq(heard().kind, DHCP_NONE);
    ck_assert_uint_eq(w.told, 1);
}
END_TEST

START_TEST(unanswered_it_asks_all_and_then_gives_it_back)
{
    lease(1000);
    pass(SEC(880));
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_REBINDING);
    ck_assert_int_eq(heard().kind, DHCP_REQUEST);
    ck_assert(addr_is_broadcast(said_to));  // any server will do now
    pass(SEC(125));
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_SELECTING);
    ck_assert_int_eq(ng_netif_addr_state(w.n, addr_ip4(0x0a000032)), OWN_NONE);
    ck_assert_uint_eq(w.told, 2);
    heard();
    lease(1000);
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_BOUND);
}
END_TEST

START_TEST(silence_is_asked_again_ever_more_slowly)
{
    unsigned asked = 0;
    for (int i = 0; i < 1300; i++) {
        pass(MSEC(100));
        asked += heard().kind == DHCP_DISCOVER;
    }
    ck_assert_uint_ge(asked, 5);  // at about 0, 4, 12, 28, 60 and 124 s
    ck_assert_uint_le(asked, 6);
}
END_TEST

START_TEST(a_refusal_begins_anew)
{
    struct dhcp_message m = expect(DHCP_DISCOVER, SEC(2));
    say(&m, DHCP_OFFER, 1000);
    m = expect(DHCP_REQUEST, SEC(2));
    say(&m, DHCP_NAK, 0);
    uint32_t xid = m.xid;
    m = expect(DHCP_DISCOVER, SEC(2));
    ck_assert_uint_ne(m.xid, xid);
    say(&m, DHCP_OFFER, 1000);
    for (int i = 0; i < 5; i++) {
        m = expect(DHCP_REQUEST, SEC(70));
        ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_REQUESTING);
    }
    expect(DHCP_DISCOVER, SEC(70));  // the server went silent
}
END_TEST

START_TEST(an_address_that_another_has_is_declined)
{
    ck_assert_int_eq(ng_host_set(w.h, "net.ipv4.conf.all.addr_probe", "1"), 0);
    ck_assert_int_eq(ng_netif_add_addr(w.sn, addr_ip4(0x0a000032), 24), 0);
    lease(1000);
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_PROBING);
    struct dhcp_message m = expect(DHCP_DECLINE, SEC(10));
    ck_assert(addr_eq(m.requested, addr_ip4(0x0a000032)));
    pass(SEC(5));
    ck_assert_int_eq(heard().kind, DHCP_NONE);  // ten seconds of shame
    expect(DHCP_DISCOVER, SEC(10));
    ck_assert_uint_eq(w.told, 0);
}
END_TEST

START_TEST(what_is_not_for_us_is_not_heard)
{
    struct dhcp_message m = expect(DHCP_DISCOVER, SEC(2)), other = m;
    other.xid++;
    say(&other, DHCP_OFFER, 1000);
    other = m;
    other.chaddr.b[5]++;
    say(&other, DHCP_OFFER, 1000);
    say(&m, DHCP_OFFER, 0);  // a lease of no time
    say(&m, DHCP_ACK, 1000); // not asked for
    ck_assert_int_eq(dhcp_state(w.dhcp), DHCP_SELECTING);
}
END_TEST

START_TEST(a_message_is_read_as_it_is_written)
{
    uint8_t bytes[DHCP_EMIT_MAX];
    memset(bytes, 0xa5, sizeof bytes);
    struct dhcp_message m = {.op = DHCP_BOOTREPLY, .kind = DHCP_ACK, .xid = 0x12345678, .secs = 9,
                             .broadcast = true, .ciaddr = addr_ip4(1), .yiaddr = addr_ip4(2),
                             .chaddr = {{2, 3, 4, 5, 6, 7}}, .requested = addr_ip4(3),
                             .server = addr_ip4(4), .mask_bits = 31, .routers = 2,
                             .router = {addr_ip4(5), addr_ip4(6)}, .servers = 1,
                             .dns = {addr_ip4(7)}, .lease_s = 8, .renew_s = 9, .rebind_s = 10};
    size_t len = dhcp_emit(&m, bytes);
    struct dhcp_message got;
    ck_assert(dhcp_parse(&got, bytes, len));
    ck_assert(got.xid == m.xid && got.secs == 9 && got.broadcast && got.kind == DHCP_ACK);
    ck_assert(addr_eq(got.yiaddr, m.yiaddr) && addr_eq(got.router[1], m.router[1]));
    ck_assert(got.mask_bits == 31 && got.lease_s == 8 && got.renew_s == 9 && got.rebind_s == 10);
    for (size_t n = 0; n < len; n++) {
        struct dhcp_message cut = {0};
        if (dhcp_parse(&cut, bytes, n) && n < 280) ck_assert_int_eq(cut.kind, DHCP_ACK);
    }
    ck_assert(!dhcp_parse(&got, bytes, DHCP_FIXED_LEN));  // no kind
    bytes[DHCP_FIXED_LEN + 1] = 255;
    ck_assert(!dhcp_parse(&got, bytes, len > 290 ? 290 : len));  // an option beyond the end
    bytes[236] = 0;
    ck_assert(!dhcp_parse(&got, bytes, len));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dhcp");
    TCase *tc = tcase_create("dhcp");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_lease_brings_address_and_route);
    tcase_add_test(tc, it_is_renewed_at_half_its_time);
    tcase_add_test(tc, unanswered_it_asks_all_and_then_gives_it_back);
    tcase_add_test(tc, silence_is_asked_again_ever_more_slowly);
    tcase_add_test(tc, a_refusal_begins_anew);
    tcase_add_test(tc, an_address_that_another_has_is_declined);
    tcase_add_test(tc, what_is_not_for_us_is_not_heard);
    tcase_add_test(tc, a_message_is_read_as_it_is_written);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
