// dissect_test.c - the bytes of a frame as the layers of a picture: tags of VLANs among them.
#include "unit/packet.h"
#include "viz/dissect.h"
#include "wire/vlan_wire.h"

#include <check.h>

static const struct { int tags; uint16_t vlan[2]; } frames[] = {{0, {0}}, {1, {10}}, {2, {7, 10}}};

// A datagram of "hello" behind as many tags.
static struct packet tagged(int i)
{
    struct packet k = packet_of("hello", 5);
    struct ip4_packet ip = {.src = addr_ip4(0x0a000001), .dst = addr_ip4(0x0a000002),
                            .proto = IP_PROTO_UDP};
    packet_udp(&k, &ip, 1000, 7);
    packet_ip4(&k, ip);
    uint16_t type = ETH_TYPE_IP4;
    for (int t = frames[i].tags; t-- > 0; type = ETH_TYPE_VLAN)
        vlan_emit(&(struct vlan_tag){.priority = 5, .vlan = frames[i].vlan[t], .type = type},
                  packet_push(&k, VLAN_TAG_LEN));
    packet_eth(&k, (struct mac){{2}}, (struct mac){{2}}, type);
    return k;
}

START_TEST(layers_stand_behind_the_tags)
{
    struct packet k = tagged(_i);
    struct dissect d;
    uint32_t l3 = ETH_HDR_LEN + (uint32_t)frames[_i].tags * VLAN_TAG_LEN;
    dissect(&d, packet_bytes(&k), k.len);
    ck_assert_int_eq(d.kind, PACKET_UDP);
    ck_assert_uint_eq(d.eth_type, ETH_TYPE_IP4);
    ck_assert_uint_eq(d.l3, l3);
    ck_assert_uint_eq(d.l4, l3 + IP4_HDR_MIN);
    ck_assert_uint_eq(d.payload, l3 + IP4_HDR_MIN + UDP_HDR_LEN);
    ck_assert_uint_eq(d.end, k.len);
    ck_assert_uint_eq(d.dst.port, 7);
    ck_assert_int_eq(dissect_layer(&d, l3 - 1), LAYER_ETH);
    ck_assert_int_eq(dissect_layer(&d, l3), LAYER_IP);
}
END_TEST

START_TEST(a_tag_has_its_fields)
{
    struct packet k = tagged(_i);
    struct dissect d;
    struct header_field f[FIELDS_MAX];
    dissect(&d, packet_bytes(&k), k.len);
    size_t n = dissect_fields(&d, packet_bytes(&k), f);
    int vlans = 0, types = 0;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(f[i].name, "Type") == 0) {
            const char *want = types++ < frames[_i].tags ? "0x8100  802.1Q" : "0x0800  IPv4";
            ck_assert_str_eq(f[i].value, want);
        }
        if (strcmp(f[i].name, "VLAN") != 0) continue;
        ck_assert_int_eq(strtol(f[i].value, NULL, 10), frames[_i].vlan[vlans++]);
        ck_assert_int_eq(f[i].layer, LAYER_ETH);
    }
    ck_assert_int_eq(vlans, frames[_i].tags);
    ck_assert_int_eq(types, frames[_i].tags + 1);
}
END_TEST

START_TEST(no_byte_is_read_that_is_not_there)
{
    struct packet k = tagged(2);
    for (size_t len = 0; len <= k.len; len++) {
        uint8_t *exact = malloc(len > 0 ? len : 1);  // where a sanitizer sees a step too far
        struct dissect d;
        struct header_field f[FIELDS_MAX];
        memcpy(exact, packet_bytes(&k), len);
        dissect(&d, exact, len);
        size_t n = dissect_fields(&d, exact, f);
        for (size_t i = 0; i < n; i++)
            if (f[i].at + f[i].len > len) ck_abort_msg("%s at %zu", f[i].name, len);
        free(exact);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dissect");
    TCase *c = tcase_create("dissect");
    tcase_add_loop_test(c, layers_stand_behind_the_tags, 0, (int)ARRAY_LEN(frames));
    tcase_add_loop_test(c, a_tag_has_its_fields, 0, (int)ARRAY_LEN(frames));
    tcase_add_test(c, no_byte_is_read_that_is_not_there);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
