// own_test.c - names of ours: asked for, won, lost, defended; and names of our own making.
#include <stdio.h>

#include "claims.h"
#include "net/group.h"
#include "net/ip.h"
#include "net/own.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"

#define MAC_X ((struct mac){{2, 0, 0, 0, 0, 7}})

static struct wire_pair p;

static void setup(void) { pair_open(&p, 0); }
static void teardown(void) { pair_close(&p); }

static enum own state_of(int i, struct addr a)
{
    const struct own_addr *own = own_find(p.n[i], a);
    return own == NULL ? OWN_NONE : own->state;
}

static struct addr link_local(int i)
{
    for (unsigned k = 0; k < p.n[i]->addrs; k++)
        if (p.n[i]->addr[k].origin == OWN_LINK_LOCAL) return p.n[i]->addr[k].prefix.addr;
    return addr_any(FAMILY_NONE);
}

START_TEST(an_ip6_name_is_asked_for_and_then_ours)
{
    pair_set(&p, "net.ipv6.conf.all.accept_dad", "1");
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    ck_assert_int_eq(state_of(0, ADDR6_A), OWN_TENTATIVE);
    ck_assert(!ip_is_local(p.h[0], ADDR6_A));
    ng_sock s = open_sock(p.h[0], KIND_UDP);
    struct endpoint name = at(ADDR6_A, 7), to = at(ADDR6_B, 7);
    ck_assert_int_eq(ng_sock_bind(p.h[0], s, &name), -EADDRNOTAVAIL);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], s, "x", 1, &to), -EADDRNOTAVAIL);
    pair_until(&p, p.now + SEC(3));
    ck_assert_int_eq(state_of(0, ADDR6_A), OWN_PREFERRED);
    ck_assert_uint_eq(p.log.sent[SENT_NDP_DAD], 2);  // the link-local name too
    ck_assert_uint_ge(p.log.sent[SENT_GROUP_REPORT], 1);  // switches must let answers through
    ck_assert_int_eq(ng_sock_bind(p.h[0], s, &name), 0);
    ck_assert_uint_eq(p.log.events[TRACE_ADDR_STATE], 4);
}
END_TEST

START_TEST(an_ip6_name_that_another_has_is_not_used)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv6.conf.all.accept_dad", "1"), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], ADDR6_A, 64), 0);
    pair_until(&p, p.now + SEC(3));
    ck_assert_int_eq(state_of(0, ADDR6_A), OWN_PREFERRED);
    ck_assert_int_eq(state_of(1, ADDR6_A), OWN_DUPLICATE);
    ck_assert_uint_ge(p.log.drops[DROP_NDP_DUPLICATE], 1);
    ck_assert_int_eq(state_of(1, link_local(1)), OWN_PREFERRED);
}
END_TEST

START_TEST(of_two_that_want_one_name_the_first_to_ask_wins)
{
    pair_set(&p, "net.ipv6.conf.all.accept_dad", "1");
    for (int i = 0; i < 2; i++) ck_assert_int_eq(ng_netif_add_addr(p.n[i], ADDR6_A, 64), 0);
    pair_until(&p, p.now + SEC(3));
    ck_assert_int_eq(state_of(0, ADDR6_A) + state_of(1, ADDR6_A), OWN_PREFERRED + OWN_DUPLICATE);
}
END_TEST

// RFC 7217: the same link, card and secret give the same name, a collision the next one.
START_TEST(a_made_name_is_stable_and_gives_way)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    struct addr first = link_local(0);
    ck_assert(addr_is_link_local(first));
    // And no network can tell that it is the same card: in each it has another number.
    own_autoconf(p.n[0], (struct prefix){addr6("2001:db8:1::"), 64}, 1000, 1000);
    own_autoconf(p.n[0], (struct prefix){addr6("2001:db8:2::"), 64}, 1000, 1000);
    const struct own_addr *made = &p.n[0]->addr[p.n[0]->addrs - 2];
    ck_assert(memcmp(made[0].prefix.addr.b + 8, made[1].prefix.addr.b + 8, 8) != 0);
    ck_assert(memcmp(made[0].prefix.addr.b + 8, first.b + 8, 8) != 0);
    struct wire_pair q = p;
    pair_open(&p, 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    ck_assert(addr_eq(link_local(0), first));
    pair_close(&p);

    pair_open(&p, 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], addr6("fd00::9"), 64), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], first, 64), 0);  // the neighbour has it
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv6.conf.all.accept_dad", "1"), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    pair_until(&p, p.now + SEC(5));
    struct addr second = link_local(0);
    ck_assert(!addr_eq(second, first));
    ck_assert_int_eq(state_of(0, second), OWN_PREFERRED);
    ck_assert_int_eq(state_of(0, first), OWN_NONE);
    pair_close(&p);
    p = q;
    p.h[0]->trace = p.h[1]->trace = NULL;
}
END_TEST

static struct frame *arp_from(struct addr sender, struct addr target)
{
    struct arp_packet arp = {.op = ARP_REQUEST, .sender_mac = MAC_X, .sender = sender,
                             .target = target};
    struct packet k = packet_arp(&arp, MAC_BROADCAST);
    return frame_from(&p.h[1]->pool, packet_bytes(&k), k.len);
}

// RFC 5227 §2.1: three probes, then it is ours and we say so twice.
START_TEST(an_ip4_name_is_probed_and_announced)
{
    pair_set(&p, "net.ipv4.conf.all.addr_probe", "1");
    struct addr a = addr_ip4(0x0a000009);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], a, 24), 0);
    ck_assert_int_eq(state_of(0, a), OWN_TENTATIVE);
    pair_until(&p, p.now + SEC(12));
    ck_assert_int_eq(state_of(0, a), OWN_PREFERRED);
    ck_assert_uint_eq(p.log.sent[SENT_ADDR_PROBE], 3);
    ck_assert_uint_eq(p.log.sent[SENT_ARP_ANNOUNCE], 2);
    for (unsigned i = 0; i < p.log.seen_count; i++) {
        const struct seen *s = &p.log.seen[i];
        uint32_t sender = get32(s->data + ETH_HDR_LEN + 14);
        if (s->why == SENT_ADDR_PROBE) ck_assert_uint_eq(sender, 0);  // nobody shall learn it
        if (s->why == SENT_ARP_ANNOUNCE) ck_assert_uint_eq(sender, 0x0a000009);
    }
}
END_TEST

START_TEST(an_ip4_name_that_another_has_is_not_used)
{
    ck_assert_int_eq(ng_host_set(p.h[0], "net.ipv4.conf.all.addr_probe", "1"), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR_B, 24), 0);
    pair_until(&p, p.now + SEC(12));
    ck_assert_int_eq(state_of(0, ADDR_B), OWN_DUPLICATE);
    ck_assert_uint_eq(p.log.sent[SENT_ADDR_PROBE], 1);
    ck_assert_uint_eq(p.log.drops[DROP_ARP_CONFLICT], 1);
}
END_TEST

START_TEST(another_ones_probe_spoils_ours)
{
    ck_assert_int_eq(ng_host_set(p.h[1], "net.ipv4.conf.all.addr_probe", "1"), 0);
    struct addr a = addr_ip4(0x0a000009);
    ck_assert_int_eq(ng_netif_add_addr(p.n[1], a, 24), 0);
    ng_host_input(p.h[1], p.n[1], arp_from(addr_ip4(0), a), p.now);
    ck_assert_int_eq(state_of(1, a), OWN_DUPLICATE);
    ng_host_input(p.h[1], p.n[1], arp_from(addr_ip4(0), ADDR_B), p.now);  // ours: answered
    ck_assert_uint_eq(p.log.drops[DROP_ARP_CONFLICT], 1);
}
END_TEST

// RFC 5227 §2.4: once in ten seconds, and we keep it.
START_TEST(our_ip4_name_is_defended_now_and_then)
{
    for (int i = 0; i < 3; i++) ng_host_input(p.h[1], p.n[1], arp_from(ADDR_B, ADDR_A), p.now);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_ARP_ANNOUNCE], 1);
    pair_until(&p, p.now + SEC(11));
    ng_host_input(p.h[1], p.n[1], arp_from(ADDR_B, ADDR_A), p.now);
    pair_settle(&p);
    ck_assert_uint_eq(p.log.sent[SENT_ARP_ANNOUNCE], 2);
    ck_assert_int_eq(state_of(1, ADDR_B), OWN_PREFERRED);
}
END_TEST

START_TEST(names_are_told_of_at_once_where_asked)
{
    pair_set(&p, "net.ipv4.conf.all.arp_notify", "1");
    pair_set(&p, "net.ipv6.conf.all.ndisc_notify", "1");
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr_ip4(0x0a000009), 24), 0);
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    pair_until(&p, p.now + SEC(5));
    ck_assert_uint_eq(p.log.sent[SENT_ARP_ANNOUNCE], 2);
    ck_assert_uint_eq(p.log.sent[SENT_NDP_ADVERT], 2);
}
END_TEST

START_TEST(a_name_is_removed_with_its_group)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], ADDR6_A, 64), 0);
    ck_assert(group_has(p.n[0], group_solicited_node(ADDR6_A)));
    ck_assert_int_eq(own_remove(p.n[0], ADDR6_A), 0);
    ck_assert(!group_has(p.n[0], group_solicited_node(ADDR6_A)));
    ck_assert_int_eq(own_remove(p.n[0], ADDR6_A), -EADDRNOTAVAIL);
    ck_assert(!ip_is_local(p.h[0], ADDR6_A));
}
END_TEST

static const struct { const char *addr; unsigned bits; int want; } odd[] = {
    {"ff02::1", 64, -EINVAL}, {"::", 64, -EINVAL}, {"::1", 128, -EEXIST},
    {"fd00::1", 129, -EINVAL}, {"fd00::7", 64, 0}, {"10.0.0.1", 24, -EEXIST},
};

START_TEST(names_that_cannot_be)
{
    ck_assert_int_eq(ng_netif_add_addr(p.n[0], addr6(odd[_i].addr), odd[_i].bits), odd[_i].want);
}
END_TEST

START_TEST(there_is_an_end_to_names)
{
    char text[40];
    int rc = 0, n = 0;
    for (; rc == 0 && n < 100; n++) {
        snprintf(text, sizeof text, "fd00::%x", n + 16);
        rc = ng_netif_add_addr(p.n[0], addr6(text), 64);
    }
    ck_assert_int_eq(rc, -ENOSPC);
    ck_assert_uint_eq(p.n[0]->addrs, NETIF_ADDRS);
}
END_TEST

START_TEST(an_mtu_below_1280_has_no_ip6)
{
    struct netif *n = ng_host_add_netif(p.h[0], &(struct ng_netif_config){
        .name = "small", .mac = {{2, 0, 0, 0, 0, 8}}, .mtu = 1279});
    ck_assert_int_eq(ng_netif_add_addr(n, ADDR6_A, 64), -EINVAL);
    ck_assert(!n->ip6);
}
END_TEST

// RFC 7217: a name follows from prefix, interface and secret, and from nothing else: a host that
// starts again with its secret has its name again.
START_TEST(a_secret_that_is_kept_keeps_the_name)
{
    static const char *const secrets[] = {"fd00::1:2:3", "fd00::1:2:3", "fd00::1:2:4", NULL};
    struct addr made[4];
    for (int i = 0; i < 4; i++) {
        struct host *h = ng_host_new(&(struct ng_host_config){.id = 9, .seed = 100 + (uint64_t)i});
        if (secrets[i] != NULL)
            ng_host_set(h, "net.ipv6.conf.all.stable_secret", secrets[i]);
        struct netif *n = ng_host_add_netif(h, &(struct ng_netif_config){.mac = MAC_X});
        ck_assert_int_eq(ng_netif_add_addr(n, ADDR6_A, 64), 0);
        made[i] = n->addr[0].prefix.addr;
        ck_assert(addr_is_link_local(made[i]));
        ng_host_free(h);
    }
    ck_assert(addr_eq(made[0], made[1]));
    ck_assert(!addr_eq(made[0], made[2]) && !addr_eq(made[0], made[3]));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("own");
    TCase *tc = tcase_create("own");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_ip6_name_is_asked_for_and_then_ours);
    tcase_add_test(tc, an_ip6_name_that_another_has_is_not_used);
    tcase_add_test(tc, of_two_that_want_one_name_the_first_to_ask_wins);
    tcase_add_test(tc, a_made_name_is_stable_and_gives_way);
    tcase_add_test(tc, an_ip4_name_is_probed_and_announced);
    tcase_add_test(tc, an_ip4_name_that_another_has_is_not_used);
    tcase_add_test(tc, another_ones_probe_spoils_ours);
    tcase_add_test(tc, our_ip4_name_is_defended_now_and_then);
    tcase_add_test(tc, names_are_told_of_at_once_where_asked);
    tcase_add_test(tc, a_name_is_removed_with_its_group);
    tcase_add_loop_test(tc, names_that_cannot_be, 0, ARRAY_LEN(odd));
    tcase_add_test(tc, there_is_an_end_to_names);
    tcase_add_test(tc, an_mtu_below_1280_has_no_ip6);
    tcase_add_test(tc, a_secret_that_is_kept_keeps_the_name);
    suite_add_tcase(s, tc);
    return run_claims(s);
}
