// print_test.c - one line for each kind of frame, and for frames that are none.
#include <check.h>

#include "base/rng.h"
#include "claims.h"
#include "wire/arp_wire.h"
#include "wire/eth_wire.h"
#include "wire/icmp4_wire.h"
#include "wire/icmp6_wire.h"
#include "wire/igmp_wire.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/ndp_wire.h"
#include "wire/print.h"
#include "wire/tcp_wire.h"
#include "wire/udp_wire.h"
#include "wire/vlan_wire.h"

// Every ck_assert() writes to a pipe. In a hot loop, test with this and pay only for the failure.
#define NEED(cond) do { if (!(cond)) ck_abort_msg("%s", #cond); } while (0)

// A frame under construction: headers are appended from the outside in.
static uint8_t bytes[4096];
static size_t  len;

static char line[PRINT_TEXT];

static const char *printed(void)
{
    struct text t = text_of(line, sizeof line);
    print_frame(&t, bytes, len);
    return line;
}

static void put_eth(uint16_t type)
{
    memset(bytes, 0, sizeof bytes);
    len = eth_emit(&(struct eth_frame){.dst = {{2, 0, 0, 0, 0, 2}}, .src = {{2, 0, 0, 0, 0, 1}},
                                       .type = type}, bytes);
}

static void put_ip4(uint8_t proto, uint16_t payload_len)
{
    struct ip4_packet ip = {
        .src = addr_ip4(0x0a000001), .dst = addr_ip4(0x0a000002), .ttl = 64, .proto = proto,
        .total_len = (uint16_t)(IP4_HDR_MIN + payload_len),
    };
    len += ip4_emit(&ip, bytes + len);
}

static void put_ip6(uint8_t proto, uint16_t payload_len)
{
    struct ip6_packet ip = {
        .src = {FAMILY_IP6, {0xfd, [15] = 1}}, .dst = {FAMILY_IP6, {0xfd, [15] = 2}},
        .hop_limit = 64, .proto = proto, .payload_len = payload_len,
    };
    len += ip6_emit(&ip, bytes + len);
}

static const struct tcp_seg syn = {
    .sport = 49152, .dport = 80, .seq = {7}, .wnd = 64240, .flags = TCP_SYN,
    .opts = {.has_mss = true, .mss = 1460, .has_sack_ok = true, .has_ts = true, .ts_val = 1,
             .ts_ecr = 0, .has_wscale = true, .wscale = 7},
};

static void put_tcp(const struct tcp_seg *seg, size_t payload)
{
    len += tcp_emit(seg, bytes + len) + payload;
}

START_TEST(tcp_syn)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_TCP, 40);
    put_tcp(&syn, 0);
    ck_assert_str_eq(printed(), "10.0.0.1:49152 > 10.0.0.2:80 Flags [S], seq 7, win 64240, "
                     "options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0");
}
END_TEST

START_TEST(tcp_data_over_ip6)
{
    struct tcp_seg seg = {.sport = 80, .dport = 49152, .seq = {1000}, .ack = {8}, .wnd = 502,
                          .flags = TCP_PSH | TCP_ACK};
    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_TCP, 20 + 100);
    put_tcp(&seg, 100);
    ck_assert_str_eq(printed(), "[fd00::1]:80 > [fd00::2]:49152 Flags [P.], seq 1000:1100, ack 8, "
                     "win 502, length 100");
}
END_TEST

START_TEST(tcp_numbers_count_from_a_base)
{
    struct tcp_seg seg = {.sport = 1, .dport = 2, .seq = {4}, .ack = {0xfffffff0},
                          .flags = TCP_FIN | TCP_ACK, .opts = {.sacks = 1, .sack = {{{1}, {2}}}}};
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_TCP, 32 + 10);
    put_tcp(&seg, 10);
    struct text t = text_of(line, sizeof line);
    print_frame_from(&t, bytes, len, (struct print_base){{0xfffffffe}, {0xffffffef}});
    ck_assert_str_eq(line, "10.0.0.1:1 > 10.0.0.2:2 Flags [F.], seq 6:16, ack 1, win 0, "
                     "options [nop,nop,sack 18:19], length 10");
}
END_TEST

START_TEST(tcp_urgent)
{
    struct tcp_seg seg = {.sport = 1, .dport = 2, .flags = TCP_URG, .urg = 5};
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_TCP, 20);
    put_tcp(&seg, 0);
    ck_assert_str_eq(printed(), "10.0.0.1:1 > 10.0.0.2:2 Flags [U], win 0, urg 5, length 0");
}
END_TEST

START_TEST(tcp_cut_short)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_TCP, 4);
    put16(bytes + len, 1);
    put16(bytes + len + 2, 2);
    len += 4;
    ck_assert_str_eq(printed(), "10.0.0.1:1 > 10.0.0.2:2 TCP [tcp-truncated]");
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_TCP, 3);
    len += 3;
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 TCP [tcp-truncated]");
}
END_TEST

START_TEST(tcp_flags)
{
    char buf[20];
    static const struct { uint8_t flags; const char *want; } row[] = {
        {0, "none"}, {TCP_SYN, "S"}, {TCP_SYN | TCP_ACK, "S."}, {TCP_ACK, "."}, {TCP_RST, "R"},
        {0xff, "FSRP.UEW"}, {TCP_SYN | TCP_ECE | TCP_CWR, "SEW"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct text t = text_of(buf, sizeof buf);
        print_tcp_flags(&t, row[i].flags);
        ck_assert_str_eq(buf, row[i].want);
    }
}
END_TEST

static const struct { const char *want; uint8_t len, opts[20]; } option[] = {
    {"", 0, {0}},
    {"mss 1460,eol", 8, {2, 4, 5, 180, 0, 9, 9, 9}},
    {"tfo cookiereq,nop,nop", 4, {34, 2, 1, 1}},
    {"tfo cookie 01020304", 6, {34, 6, 1, 2, 3, 4}},
    {"exp-tfo cookiereq", 4, {254, 4, 0xf9, 0x89}},
    {"exp-tfo cookie ff00ff00", 8, {254, 8, 0xf9, 0x89, 0xff, 0, 0xff, 0}},
    {"unknown-254 0xf98a", 4, {254, 4, 0xf9, 0x8a}},
    {"unknown-2 0x05,nop", 4, {2, 3, 5, 1}},
    {"unknown-19", 2, {19, 2}},
    {"sack 1:2 3:4", 18, {5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4}},
    {"nop,bad", 3, {1, 2, 9}},
    {"bad", 1, {3}},
};

START_TEST(tcp_options)
{
    struct text t = text_of(line, sizeof line);
    print_tcp_options(&t, option[_i].opts, option[_i].len);
    ck_assert_str_eq(line, option[_i].want);
}
END_TEST

START_TEST(udp)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_UDP, 12);
    len += udp_emit(&(struct udp_datagram){5000, 53, 12, 0}, bytes + len) + 4;
    ck_assert_str_eq(printed(), "10.0.0.1:5000 > 10.0.0.2:53 UDP, length 4");
}
END_TEST

START_TEST(ping)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_ICMP4, 64);
    len += icmp4_emit(&(struct icmp4_message){.type = ICMP4_ECHO, .id = 1, .seq = 2}, bytes + len);
    len += 56;
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 ICMP echo request, id 1, seq 2, length 64");

    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_ICMP6, 64);
    len += icmp6_emit(&(struct icmp6_message){.type = ICMP6_ECHO_REPLY, .id = 1, .seq = 2},
                      bytes + len) + 56;
    ck_assert_str_eq(printed(), "fd00::1 > fd00::2 ICMP6 echo reply, id 1, seq 2, length 64");
}
END_TEST

static const struct { uint8_t type, code, rest[4]; const char *want; } icmp4[] = {
    {3, 0, {0}, "net unreachable"}, {3, 1, {0}, "host unreachable"},
    {3, 2, {0}, "protocol unreachable"}, {3, 13, {0}, "unreachable, prohibited by a filter"},
    {3, 9, {0}, "type 3 code 9"}, {4, 0, {0}, "source quench"},
    {5, 1, {10, 0, 0, 9}, "redirect, to 10.0.0.9"}, {11, 1, {0}, "reassembly time exceeded"},
    {12, 0, {20}, "parameter problem, octet 20"}, {0, 0, {0, 1, 0, 2}, "echo reply, id 1, seq 2"},
    {42, 7, {0}, "type 42 code 7"},
};

START_TEST(icmp4_types)
{
    char want[PRINT_TEXT];
    struct text t = text_of(want, sizeof want);
    text_put_str(&t, "10.0.0.1 > 10.0.0.2 ICMP ");
    text_put_str(&t, icmp4[_i].want);
    text_put_str(&t, ", length 8");
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_ICMP4, 8);
    bytes[len] = icmp4[_i].type;
    bytes[len + 1] = icmp4[_i].code;
    memcpy(bytes + len + 4, icmp4[_i].rest, 4);
    len += 8;
    ck_assert_str_eq(printed(), want);
}
END_TEST

static const struct { uint8_t type, code, rest[4]; const char *want; } icmp6[] = {
    {1, 0, {0}, "no route"}, {1, 1, {0}, "unreachable, prohibited by a filter"},
    {1, 2, {0}, "unreachable, beyond scope"}, {1, 3, {0}, "address unreachable"},
    {1, 4, {0}, "port unreachable"}, {1, 5, {0}, "type 1 code 5"},
    {2, 0, {0, 0, 5, 0}, "packet too big, mtu 1280"}, {3, 0, {0}, "time exceeded in transit"},
    {3, 1, {0}, "reassembly time exceeded"}, {4, 2, {0, 0, 0, 42}, "parameter problem, octet 42"},
    {128, 0, {0, 1, 0, 2}, "echo request, id 1, seq 2"},
    {133, 0, {0}, "router solicitation"},
    {134, 0, {0}, "router advertisement [icmp-truncated]"},
    {135, 0, {0}, "neighbour solicitation [icmp-truncated]"}, {200, 3, {0}, "type 200 code 3"},
};

START_TEST(icmp6_types)
{
    char want[PRINT_TEXT];
    struct text t = text_of(want, sizeof want);
    text_put_str(&t, "fd00::1 > fd00::2 ICMP6 ");
    text_put_str(&t, icmp6[_i].want);
    text_put_str(&t, ", length 8");
    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_ICMP6, 8);
    bytes[len] = icmp6[_i].type;
    bytes[len + 1] = icmp6[_i].code;
    memcpy(bytes + len + 4, icmp6[_i].rest, 4);
    len += 8;
    ck_assert_str_eq(printed(), want);
}
END_TEST

static const struct { struct ndp_message m; uint16_t len; const char *want; } ndp[] = {
    {{.type = ICMP6_NEIGHBOUR_SOLICIT, .target = {FAMILY_IP6, {0xfd, [15] = 2}},
      .has_source_mac = true, .source_mac = {{2, 0, 0, 0, 0, 1}}}, 32,
     "neighbour solicitation, who has fd00::2, from 02:00:00:00:00:01, length 32"},
    {{.type = ICMP6_NEIGHBOUR_ADVERT, .target = {FAMILY_IP6, {0xfd, [15] = 2}},
      .has_target_mac = true, .target_mac = {{2, 0, 0, 0, 0, 2}}}, 32,
     "neighbour advertisement, here is fd00::2 at 02:00:00:00:00:02, length 32"},
    {{.type = ICMP6_ROUTER_ADVERT, .lifetime_s = 1800, .prefixes = 1,
      .prefix = {{.prefix = {{FAMILY_IP6, {0xfd}}, 64}}}}, 48,
     "router advertisement, lifetime 1800, prefix fd00::/64, length 48"},
    {{.type = ICMP6_REDIRECT, .dst = {FAMILY_IP6, {1}}, .target = {FAMILY_IP6, {2}}}, 40,
     "redirect, for 100:: ask 200::, length 40"},
};

START_TEST(ndp_messages)
{
    char want[PRINT_TEXT];
    struct text t = text_of(want, sizeof want);
    text_put_str(&t, "fd00::1 > fd00::2 ICMP6 ");
    text_put_str(&t, ndp[_i].want);
    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_ICMP6, ndp[_i].len);
    len += ndp_emit(&ndp[_i].m, bytes + len);
    ck_assert_str_eq(printed(), want);
}
END_TEST

START_TEST(group_membership)
{
    struct igmp_message m = {.family = FAMILY_IP4, .kind = IGMP_QUERY, .version = 3};
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_IGMP, 12);
    len += igmp_emit(&m, bytes + len);
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 IGMP query v3 group 0.0.0.0, length 12");
    m = (struct igmp_message){
        .family = FAMILY_IP6, .kind = IGMP_RECORDS, .version = 2, .records = 2,
        .record = {{.kind = IGMP_TO_EXCLUDE, .group = {FAMILY_IP6, {0xff, 2, [15] = 5}}},
                   {.kind = 9, .group = {FAMILY_IP6, {0xff, 2, [15] = 6}}, .sources = 1,
                    .source = bytes}},
    };
    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_ICMP6, 64);
    len += igmp_emit(&m, bytes + len);
    ck_assert_str_eq(printed(), "fd00::1 > fd00::2 MLD report v2: to-ex ff02::5, "
                     "unknown ff02::6 sources 1, length 64");
    bytes[ETH_HDR_LEN + IP6_HDR_LEN] = 130;
    len -= 60;
    put16(bytes + ETH_HDR_LEN + 4, 4);
    ck_assert_str_eq(printed(), "fd00::1 > fd00::2 ICMP6 [icmp-truncated]");
}
END_TEST

START_TEST(long_lists_of_records_are_cut)
{
    struct igmp_message m = {.family = FAMILY_IP4, .kind = IGMP_RECORDS, .version = 3};
    for (m.records = 0; m.records < 6; m.records++)
        m.record[m.records] = (struct igmp_record){IGMP_IS_EXCLUDE, addr_ip4(m.records), 0, NULL};
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_IGMP, 56);
    len += igmp_emit(&m, bytes + len);
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 IGMP report v3: is-ex 0.0.0.0, is-ex 0.0.0.1, "
                     "is-ex 0.0.0.2, is-ex 0.0.0.3, and 2 more, length 56");
}
END_TEST

// An error quotes the header and eight bytes of what it complains about (RFC 792).
START_TEST(unreachable_quotes_the_packet)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_ICMP4, 36);
    len += icmp4_emit(&(struct icmp4_message){.type = ICMP4_UNREACHABLE, .code = ICMP4_PORT},
                      bytes + len);
    put_ip4(IP_PROTO_UDP, 500);
    len += udp_emit(&(struct udp_datagram){5000, 53, 500, 0}, bytes + len);
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 ICMP port unreachable "
                     "(10.0.0.1:5000 > 10.0.0.2:53 UDP, length 492), length 36");
}
END_TEST

START_TEST(too_big_quotes_a_segment_cut_short)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_ICMP4, 36);
    len += icmp4_emit(&(struct icmp4_message){.type = ICMP4_UNREACHABLE, .mtu = 1400,
                                              .code = ICMP4_FRAG_NEEDED}, bytes + len);
    put_ip4(IP_PROTO_TCP, 1480);
    tcp_emit(&syn, bytes + len);
    len += 8;
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 ICMP unreachable, need to fragment, mtu 1400 "
                     "(10.0.0.1:49152 > 10.0.0.2:80 TCP seq 7), length 36");
}
END_TEST

START_TEST(an_error_about_an_error_is_not_followed)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_ICMP4, 64);
    struct icmp4_message m = {.type = ICMP4_TIME_EXCEEDED};
    len += icmp4_emit(&m, bytes + len);
    put_ip4(IP_PROTO_ICMP4, 36);
    len += icmp4_emit(&m, bytes + len);
    put_ip4(IP_PROTO_UDP, 8);
    len += 8;
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 ICMP time exceeded in transit (10.0.0.1 > "
                     "10.0.0.2 ICMP time exceeded in transit, length 36), length 64");
}
END_TEST

START_TEST(arp)
{
    struct arp_packet a = {.op = ARP_REQUEST, .sender_mac = {{2, 0, 0, 0, 0, 1}},
                           .sender = addr_ip4(0x0a000001), .target = addr_ip4(0x0a000002)};
    put_eth(ETH_TYPE_ARP);
    arp_emit(&a, bytes + len);
    len += ARP_LEN;
    ck_assert_str_eq(printed(), "ARP who-has 10.0.0.2 tell 10.0.0.1");
    a.op = ARP_REPLY;
    arp_emit(&a, bytes + ETH_HDR_LEN);
    ck_assert_str_eq(printed(), "ARP 10.0.0.1 is-at 02:00:00:00:00:01");
    a.op = 9;
    arp_emit(&a, bytes + ETH_HDR_LEN);
    ck_assert_str_eq(printed(), "ARP op 9");
    len--;
    ck_assert_str_eq(printed(), "ARP [arp-truncated]");
}
END_TEST

START_TEST(vlan_tags_come_first)
{
    put_eth(ETH_TYPE_VLAN);
    len += vlan_emit(&(struct vlan_tag){.priority = 3, .vlan = 5, .type = ETH_TYPE_VLAN},
                     bytes + len);
    len += vlan_emit(&(struct vlan_tag){.vlan = 6, .type = ETH_TYPE_IP4}, bytes + len);
    put_ip4(IP_PROTO_UDP, 8);
    len += udp_emit(&(struct udp_datagram){1, 2, 8, 0}, bytes + len);
    ck_assert_str_eq(printed(), "vlan 5 priority 3 vlan 6 10.0.0.1:1 > 10.0.0.2:2 UDP, length 0");
}
END_TEST

START_TEST(fragments)
{
    struct ip4_packet ip = {.src = addr_ip4(1), .dst = addr_ip4(2), .proto = IP_PROTO_UDP,
                            .total_len = 120, .id = 7, .frag_offset = 1480, .mf = true};
    put_eth(ETH_TYPE_IP4);
    ip4_emit(&ip, bytes + len);
    len += 120;
    ck_assert_str_eq(printed(), "0.0.0.1 > 0.0.0.2 UDP fragment 1480+100, id 7, more follow");
    struct ip6_packet ip6 = {.src = {FAMILY_IP6, {[15] = 1}}, .dst = {FAMILY_IP6, {[15] = 2}},
                             .proto = IP_PROTO_ICMP6, .payload_len = 108, .has_frag = true,
                             .frag_offset = 8, .frag_id = 9};
    put_eth(ETH_TYPE_IP6);
    ip6_emit(&ip6, bytes + len);
    len += 148;
    ck_assert_str_eq(printed(), "::1 > ::2 ICMP6 fragment 8+100, id 9");
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_TCP, 20);
    put_tcp(&(struct tcp_seg){.sport = 1, .dport = 2}, 0);
    size_t tcp = ETH_HDR_LEN + IP4_HDR_MIN;
    bytes[tcp + 12] = 0x40;
    ck_assert_str_eq(printed(), "10.0.0.1:1 > 10.0.0.2:2 TCP [tcp-bad-offset]");
    bytes[ETH_HDR_LEN + 8] ^= 1;
    ck_assert_str_eq(printed(), "10.0.0.1:1 > 10.0.0.2:2 TCP [tcp-bad-offset] [ip4-bad-csum]");
    bytes[ETH_HDR_LEN] = 0x55;
    ck_assert_str_eq(printed(), "IP [ip4-bad-version], length 40");
    len = 13;
    ck_assert_str_eq(printed(), "Ethernet [eth-truncated], length 13");

    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_UDP, 9);
    ck_assert_str_eq(printed(), "IP6 [ip6-bad-length], length 40");
    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_UDP, 2);
    len += 2;
    ck_assert_str_eq(printed(), "fd00::1 > fd00::2 UDP [udp-truncated]");
    put_eth(0x88cc);
    len += 3;
    ck_assert_str_eq(printed(), "02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc 0x000000, "
                     "length 3");
    put_eth(0x0026);
    len += 20;
    ck_assert_str_eq(printed(), "02:00:00:00:00:01 > 02:00:00:00:00:02 802.3 length 0x0026 "
                     "0x00000000000000000000000000000000, length 20");
    put_eth(ETH_TYPE_IP6);
    put_ip6(IP_PROTO_ICMP6, 7);
    len += 7;
    ck_assert_str_eq(printed(), "fd00::1 > fd00::2 ICMP6 [icmp-truncated]");
    put_eth(ETH_TYPE_IP4);
    put_ip4(IP_PROTO_ICMP4, 7);
    len += 7;
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 ICMP [icmp-truncated]");
    put_eth(ETH_TYPE_IP4);
    put_ip4(132, 4);
    len += 4;
    ck_assert_str_eq(printed(), "10.0.0.1 > 10.0.0.2 protocol 132, length 4");
}
END_TEST

// Bytes of any kind give one line of plain characters. Sound headers lead the noise inside.
START_TEST(noise_prints_plainly)
{
    struct rng r;
    rng_seed(&r, 1);
    for (int i = 0; i < 20000; i++) {
        static const uint8_t protos[] = {1, 6, 17, 58, 58, 44, 0, 60, 2};
        uint8_t proto = protos[rng_below(&r, sizeof protos)];
        put_eth(i % 2 == 0 ? ETH_TYPE_IP4 : ETH_TYPE_IP6);
        uint16_t payload = (uint16_t)rng_below(&r, 120);
        if (i % 2 == 0) put_ip4(proto, payload);
        else put_ip6(proto, payload);
        rng_fill(&r, bytes + len, payload);
        if (payload > 12 && rng_chance(&r, 500000)) bytes[len + 12] = 0x80;
        if (payload > 8 && rng_chance(&r, 500000)) bytes[len + 8] = i % 2 == 0 ? 0x45 : 0x60;
        len += payload;
        struct text t = text_of(line, sizeof line);
        print_frame(&t, bytes, len);
        NEED(!t.cut && t.len > 0);
        for (size_t k = 0; k < t.len; k++) NEED(line[k] >= ' ' && line[k] <= '~');
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("print");
    TCase *c = tcase_create("print");
    tcase_add_test(c, tcp_syn);
    tcase_add_test(c, tcp_data_over_ip6);
    tcase_add_test(c, tcp_numbers_count_from_a_base);
    tcase_add_test(c, tcp_urgent);
    tcase_add_test(c, tcp_cut_short);
    tcase_add_test(c, tcp_flags);
    tcase_add_loop_test(c, tcp_options, 0, (int)ARRAY_LEN(option));
    tcase_add_test(c, udp);
    tcase_add_test(c, ping);
    tcase_add_loop_test(c, icmp4_types, 0, (int)ARRAY_LEN(icmp4));
    tcase_add_loop_test(c, icmp6_types, 0, (int)ARRAY_LEN(icmp6));
    tcase_add_loop_test(c, ndp_messages, 0, (int)ARRAY_LEN(ndp));
    tcase_add_test(c, group_membership);
    tcase_add_test(c, long_lists_of_records_are_cut);
    tcase_add_test(c, unreachable_quotes_the_packet);
    tcase_add_test(c, too_big_quotes_a_segment_cut_short);
    tcase_add_test(c, an_error_about_an_error_is_not_followed);
    tcase_add_test(c, arp);
    tcase_add_test(c, vlan_tags_come_first);
    tcase_add_test(c, fragments);
    tcase_add_test(c, what_cannot_be_read_is_named);
    tcase_add_test(c, noise_prints_plainly);
    suite_add_tcase(s, c);
    return run_claims(s);
}
