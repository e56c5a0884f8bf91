// eth_test.c - which frames are ours, and which protocol takes them.
#include "unit/packet.h"
#include "unit/wire_pair.h"

#define MAC_A ((struct mac){{2, 0, 0, 0, 0, 1}})

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

int main(void)
{
    Suite *s = suite_create("eth");
    TCase *c = tcase_create("eth");
    tcase_add_loop_test(c, input_sorts_by_address_and_type, 0, ARRAY_LEN(frames));
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
