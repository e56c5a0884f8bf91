// eth_wire_test.c - Ethernet headers, VLAN tags and ARP packets, both ways.
#include <check.h>

#include "claims.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/vlan_wire.h"

static const struct mac A = {{2, 0, 0, 0, 0, 1}}, B = {{2, 0, 0, 0, 0, 2}};

START_TEST(ethernet_there_and_back)
{
    static const uint8_t want[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd};
    uint8_t p[ETH_HDR_LEN + 1];
    struct eth_frame f = {.dst = B, .src = A, .type = ETH_TYPE_IP6}, got;
    memset(p, 0xa5, sizeof p);
    ck_assert_uint_eq(eth_emit(&f, p), ETH_HDR_LEN);
    ck_assert_mem_eq(p, want, sizeof want);
    ck_assert_uint_eq(p[ETH_HDR_LEN], 0xa5);
    ck_assert_int_eq(eth_parse(&got, p, ETH_HDR_LEN), DROP_NONE);
    ck_assert(mac_eq(got.dst, B) && mac_eq(got.src, A));
    ck_assert_uint_eq(got.type, ETH_TYPE_IP6);
}
END_TEST

START_TEST(ethernet_cut_short)
{
    uint8_t p[ETH_HDR_LEN] = {0};
    struct eth_frame f;
    for (size_t len = 0; len < ETH_HDR_LEN; len++)
        ck_assert_int_eq(eth_parse(&f, p, len), DROP_ETH_TRUNCATED);
}
END_TEST

static const struct { struct vlan_tag tag; uint8_t bytes[4]; } vlan[] = {
    {{.priority = 0, .vlan = 1, .type = 0x0800}, {0x00, 0x01, 0x08, 0x00}},
    {{.priority = 7, .vlan = 4094, .type = 0x86dd}, {0xef, 0xfe, 0x86, 0xdd}},
    {{.priority = 5, .drop_eligible = true, .vlan = 0, .type = 0x8100}, {0xb0, 0x00, 0x81, 0x00}},
};

START_TEST(vlan_there_and_back)
{
    uint8_t p[VLAN_TAG_LEN + 1];
    struct vlan_tag got, want = vlan[_i].tag;
    memset(p, 0xa5, sizeof p);
    ck_assert_uint_eq(vlan_emit(&want, p), VLAN_TAG_LEN);
    ck_assert_mem_eq(p, vlan[_i].bytes, VLAN_TAG_LEN);
    ck_assert_uint_eq(p[VLAN_TAG_LEN], 0xa5);
    ck_assert_int_eq(vlan_parse(&got, p, VLAN_TAG_LEN), DROP_NONE);
    ck_assert_uint_eq(got.priority, want.priority);
    ck_assert_int_eq(got.drop_eligible, want.drop_eligible);
    ck_assert_uint_eq(got.vlan, want.vlan);
    ck_assert_uint_eq(got.type, want.type);
    ck_assert_int_eq(vlan_parse(&got, p, VLAN_TAG_LEN - 1), DROP_VLAN_TRUNCATED);
}
END_TEST

static const struct {
    const char *what;
    uint16_t    type;
    uint8_t     p[8];
    size_t      len, want;
    uint16_t    is;
} skips[] = {
    {"no tag",          0x0800, {0}, 8, 0, 0x0800},
    {"one",             0x8100, {0, 5, 8, 0}, 8, 4, 0x0800},
    {"two",             0x8100, {0, 5, 0x81, 0, 0, 6, 0x86, 0xdd}, 8, 8, 0x86dd},
    {"two, of three",   0x8100, {0, 5, 0x81, 0, 0, 6, 0x81, 0}, 8, 8, 0x8100},
    {"one cut short",   0x8100, {0, 5, 8}, 3, 0, 0x8100},
    {"a second cut",    0x8100, {0, 5, 0x81, 0, 0, 6, 8}, 7, 4, 0x8100},
};

START_TEST(vlan_tags_are_passed_over)
{
    uint16_t type = skips[_i].type;
    ck_assert_msg(vlan_skip(&type, skips[_i].p, skips[_i].len) == skips[_i].want, "%s",
                  skips[_i].what);
    ck_assert_msg(type == skips[_i].is, "%s: type %x", skips[_i].what, type);
}
END_TEST

START_TEST(arp_there_and_back)
{
    static const uint8_t want[] = {
        0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2,
    };
    uint8_t p[ARP_LEN + 1];
    struct arp_packet got, arp = {
        .op = ARP_REPLY, .sender_mac = A, .target_mac = B,
        .sender = addr_ip4(0x0a000001), .target = addr_ip4(0x0a000002),
    };
    memset(p, 0xa5, sizeof p);
    ck_assert_uint_eq(arp_emit(&arp, p), ARP_LEN);
    ck_assert_mem_eq(p, want, sizeof want);
    ck_assert_uint_eq(p[ARP_LEN], 0xa5);
    ck_assert_int_eq(arp_parse(&got, p, sizeof p), DROP_NONE);  // padding does no harm
    ck_assert_uint_eq(got.op, ARP_REPLY);
    ck_assert(mac_eq(got.sender_mac, A) && mac_eq(got.target_mac, B));
    ck_assert(addr_eq(got.sender, arp.sender) && addr_eq(got.target, arp.target));
}
END_TEST

// A sound request, one of whose bytes is another.
static const struct {
    const char *what;
    size_t      len, at;
    uint8_t     byte;
    enum drop   want;
} arp_bad[] = {
    {"nothing wrong",                28, 0, 0, DROP_NONE},
    {"no bytes",                      0, 0, 0, DROP_ARP_TRUNCATED},
    {"one byte missing",             27, 0, 0, DROP_ARP_TRUNCATED},
    {"another hardware",             28, 1, 6, DROP_ARP_BAD_KIND},
    {"another protocol",             28, 2, 9, DROP_ARP_BAD_KIND},
    {"hardware addresses of eight",  28, 4, 8, DROP_ARP_BAD_KIND},
    {"protocol addresses of 16",     28, 5, 16, DROP_ARP_BAD_KIND},
    {"an unknown operation",         28, 7, 9, DROP_NONE},  // net/arp.c knows what to do
};

START_TEST(arp_rejects)
{
    uint8_t p[ARP_LEN] = {0, 1, 8, 0, 6, 4, 0, 1};
    struct arp_packet arp;
    if (arp_bad[_i].at != 0) p[arp_bad[_i].at] = arp_bad[_i].byte;
    ck_assert_msg(arp_parse(&arp, p, arp_bad[_i].len) == arp_bad[_i].want, "%s", arp_bad[_i].what);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("eth_wire");
    TCase *c = tcase_create("eth_wire");
    tcase_add_test(c, ethernet_there_and_back);
    tcase_add_test(c, ethernet_cut_short);
    tcase_add_loop_test(c, vlan_there_and_back, 0, (int)ARRAY_LEN(vlan));
    tcase_add_loop_test(c, vlan_tags_are_passed_over, 0, (int)ARRAY_LEN(skips));
    tcase_add_test(c, arp_there_and_back);
    tcase_add_loop_test(c, arp_rejects, 0, (int)ARRAY_LEN(arp_bad));
    suite_add_tcase(s, c);
    return run_claims(s);
}
