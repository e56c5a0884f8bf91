// dissect_test.c - the bytes of a frame as the layers of a picture: tags of VLANs among them.
#include "claims.h"
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

// The last four bytes of an ICMP header are a field of its type, or none.
static const struct { bool six; uint8_t type, code; const char *field, *value; } messages[] = {
    {false, 8, 0, "Sequence", "1400"}, {false, 0, 0, "Identifier", "258"},
    {false, 3, 4, "Next MTU", "1400"}, {false, 3, 1, NULL, NULL},
    {false, 5, 1, "Gateway", "1.2.5.120"}, {false, 12, 0, "Pointer", "1"},
    {true, 2, 0, "MTU", "16909688"}, {true, 128, 0, "Identifier", "258"},
    {true, 134, 0, "Lifetime, s", "1400"}, {true, 135, 0, "Target", "fd00::2"},
    {true, 136, 0, "Target", "fd00::2"}, {true, 131, 0, "Group", "fd00::2"},
    {true, 143, 0, "Groups", "1400"}, {true, 1, 4, NULL, NULL}};

START_TEST(an_icmp_message_has_the_fields_of_its_type)
{
    static const uint8_t body[20] = {1, 2, 5, 120, 0xfd, [19] = 2};
    bool six = messages[_i].six;
    uint8_t p[14 + 40 + 24] = {[12] = six ? 0x86 : 0x08, [13] = six ? 0xdd : 0};
    uint32_t l4 = six ? 54 : 34, len = l4 + 24;
    if (six) p[14] = 0x60, p[19] = 24, p[20] = IP_PROTO_ICMP6;
    else p[14] = 0x45, p[17] = 44, p[23] = IP_PROTO_ICMP4;
    p[l4] = messages[_i].type, p[l4 + 1] = messages[_i].code;
    memcpy(p + l4 + 4, body, sizeof body);
    struct dissect d;
    struct header_field f[FIELDS_MAX];
    dissect(&d, p, len);
    ck_assert_int_eq(d.kind, PACKET_ICMP);
    size_t n = dissect_fields(&d, p, f), own = 0;
    for (size_t i = 0; i < n; i++) {
        if (f[i].at < l4 + 4 || strcmp(f[i].name, "Payload") == 0) continue;
        own++;
        if (messages[_i].field == NULL || strcmp(f[i].name, messages[_i].field) != 0) continue;
        ck_assert_str_eq(f[i].value, messages[_i].value);
        own += 10;
    }
    ck_assert_msg(messages[_i].field == NULL ? own == 0 : own >= 11, "type %d: %zu fields",
                  messages[_i].type, own);
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
    tcase_add_loop_test(c, an_icmp_message_has_the_fields_of_its_type, 0,
                        (int)ARRAY_LEN(messages));
    tcase_add_test(c, no_byte_is_read_that_is_not_there);
    suite_add_tcase(s, c);
    return run_claims(s);
}
