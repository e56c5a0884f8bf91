// eth_test.c - which frames are ours, and which protocol takes them.
#include "claims.h"
#include "unit/packet.h"
#include "unit/wire_pair.h"
#include "wire/vlan_wire.h"


static const struct {
    const char *what;
    struct mac  dst;
    uint16_t    type;
    size_t      cut;   // bytes less than there should be
    enum drop   want;
    enum step   step;
} frames[] = {
    {"no byte at all",           {{0}},        0,            99, DROP_ETH_TRUNCATED, 0},
    {"one byte short",           {{2, 0, 0, 0, 0, 2}}, ETH_TYPE_IP4, 1, DROP_ETH_TRUNCATED, 0},
    {"another station's",        {{2, 0, 0, 0, 0, 9}}, ETH_TYPE_IP4, 0, DROP_ETH_NOT_MINE, 0},
    {"a group we are not in",    {{1, 0, 0x5e, 0, 0, 2}}, ETH_TYPE_IP4, 0, DROP_ETH_NOT_MINE, 0},
    {"a type nobody has",        {{2, 0, 0, 0, 0, 2}}, 0x88cc, 0, DROP_ETH_UNKNOWN_TYPE,
     STEP_ETH_MINE},
    {"an 802.3 length",          {{2, 0, 0, 0, 0, 2}}, 0x0026, 0, DROP_ETH_UNKNOWN_TYPE,
     STEP_ETH_MINE},
    {"ours, IPv4, and empty",    {{2, 0, 0, 0, 0, 2}}, ETH_TYPE_IP4, 0, DROP_IP4_TRUNCATED,
     STEP_ETH_MINE},
    {"everyone's, ARP, empty",   {{255, 255, 255, 255, 255, 255}}, ETH_TYPE_ARP, 0,
     DROP_ARP_TRUNCATED, STEP_ETH_BROADCAST},
    {"all hosts' group, IPv4",   {{1, 0, 0x5e, 0, 0, 1}}, ETH_TYPE_IP4, 0, DROP_IP4_TRUNCATED,
     STEP_ETH_BROADCAST},
};

START_TEST(input_sorts_by_address_and_type)
{
    struct wire_pair p;
    pair_open(&p, 0);
    struct packet k = packet_of(NULL, 0);
    packet_eth(&k, frames[_i].dst, MAC_A, frames[_i].type);
    pair_inject(&p, 1, packet_bytes(&k), frames[_i].cut < k.len ? k.len - frames[_i].cut : 0);
    ck_assert_msg(p.log.drops[frames[_i].want] == 1, "%s: %s", frames[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
    ck_assert_uint_eq(ng_host_drops(p.h[1], frames[_i].want), 1);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 1);
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_RX], 1);
    if (frames[_i].step != 0) ck_assert_uint_eq(p.log.steps[frames[_i].step], 1);
    else ck_assert_uint_eq(p.log.events[TRACE_FRAME_STEP], 0);
    pair_close(&p);
}
END_TEST

// --- VLANs ---------------------------------------------------------------------------------------

static const struct {
    const char *what;
    uint16_t    mine;    // the interface's VLAN; 0: none
    int         tag;     // of the frame; -1: none
    size_t      len;     // of what is there behind the Ethernet header
    enum drop   want;
} tags[] = {
    {"my VLAN's",                         10,  10,       24, DROP_IP4_BAD_VERSION},
    {"my VLAN's, urgent",                 10,  0xe00a,   24, DROP_IP4_BAD_VERSION},
    {"another VLAN's",                    10,  11,       24, DROP_VLAN_NOT_MINE},
    {"no VLAN's at all",                  10,  -1,       20, DROP_VLAN_NOT_MINE},
    {"only urgent",                       10,  0xe000,   24, DROP_VLAN_NOT_MINE},
    {"a VLAN's where none is",            0,   10,       24, DROP_VLAN_NOT_MINE},
    {"only urgent where no VLAN is",      0,   0xe000,   24, DROP_IP4_BAD_VERSION},
    {"a tag that is cut short",           10,  10,       3,  DROP_VLAN_TRUNCATED},
    {"a tag of which no byte is there",   0,   10,       0,  DROP_VLAN_TRUNCATED},
    {"a tag and nothing behind it",       10,  10,       4,  DROP_IP4_TRUNCATED},
};

START_TEST(a_vlan_is_heard_by_those_in_it)
{
    struct wire_pair p;
    static const uint8_t zeros[20];
    pair_open(&p, 0);
    p.n[1]->vlan = tags[_i].mine;
    struct packet k = packet_of(zeros, sizeof zeros);
    uint16_t type = ETH_TYPE_IP4;
    if (tags[_i].tag >= 0) {
        uint8_t *tag = packet_push(&k, VLAN_TAG_LEN);
        put16(tag, (uint16_t)tags[_i].tag);
        put16(tag + 2, ETH_TYPE_IP4);
        type = ETH_TYPE_VLAN;
    }
    packet_eth(&k, (struct mac){{2, 0, 0, 0, 0, 2}}, MAC_A, type);
    pair_inject(&p, 1, packet_bytes(&k), ETH_HDR_LEN + tags[_i].len);
    ck_assert_msg(p.log.drops[tags[_i].want] == 1, "%s: %s", tags[_i].what,
                  drop_name(p.log.last[TRACE_FRAME_DROP].frame_drop.why));
    pair_close(&p);
}
END_TEST

// Two hosts in VLAN 10 meet and talk, in both families; each of their frames bears the tag.
START_TEST(all_frames_of_a_vlan_bear_its_tag)
{
    struct wire_pair p;
    pair_open(&p, 0);
    for (int i = 0; i < 2; i++) p.n[i]->vlan = 10;
    pair_ip6(&p);
    ng_sock b = bound_udp(&p, 1, addr_any(FAMILY_IP6), 7), a = open_sock(p.h[0], KIND_UDP);
    struct endpoint four = at(ADDR_B, 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], a, "four", 4, &four), 4);
    ng_sock a6 = open_sock(p.h[0], KIND_UDP);
    struct endpoint six = at(ADDR6_B, 7);
    ck_assert_int_eq(ng_sock_sendto(p.h[0], a6, "six", 3, &six), 3);
    pair_until(&p, p.now + SEC(1));
    char said[8];
    ck_assert_int_eq(ng_sock_read(p.h[1], b, said, sizeof said), 4);
    ck_assert_int_eq(ng_sock_read(p.h[1], b, said, sizeof said), 3);
    ck_assert_uint_gt(p.log.seen_count, 5);
    for (unsigned i = 0; i < p.log.seen_count; i++) {
        ck_assert_uint_eq(get16(p.log.seen[i].data + 12), ETH_TYPE_VLAN);
        ck_assert_uint_eq(get16(p.log.seen[i].data + 14), 10);
    }
    ck_assert_uint_eq(p.log.events[TRACE_FRAME_DROP], 0);
    pair_close(&p);
}
END_TEST

START_TEST(a_vlan_has_a_number_from_1_to_4094)
{
    struct wire_pair p;
    pair_open(&p, 0);
    struct ng_netif_config cfg = {.name = "eth1", .mac = {{2, 0, 0, 0, 0, 9}}, .vlan = 4095};
    ck_assert_ptr_null(ng_host_add_netif(p.h[0], &cfg));
    cfg.vlan = 4094;
    struct netif *n = ng_host_add_netif(p.h[0], &cfg);
    ck_assert_ptr_nonnull(n);
    ck_assert_uint_eq(n->vlan, 4094);
    pair_close(&p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("eth");
    TCase *c = tcase_create("eth");
    tcase_add_loop_test(c, input_sorts_by_address_and_type, 0, ARRAY_LEN(frames));
    tcase_add_loop_test(c, a_vlan_is_heard_by_those_in_it, 0, ARRAY_LEN(tags));
    tcase_add_test(c, all_frames_of_a_vlan_bear_its_tag);
    tcase_add_test(c, a_vlan_has_a_number_from_1_to_4094);
    suite_add_tcase(s, c);
    return run_claims(s);
}
