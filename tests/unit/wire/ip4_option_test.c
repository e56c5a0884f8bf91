// ip4_option_test.c - what the answer to a ping says of its way, by table.
#include <check.h>

#include "claims.h"
#include "wire/ip4_option.h"
#include "wire/ip4_wire.h"

// Options as they come, and as they go back from 10.0.0.2 at 0x01020304 ms after midnight.
static const struct { const char *what; uint8_t in[12]; size_t in_len; uint8_t out[12];
                      size_t out_len; } rows[] = {
    {"none", {0}, 0, {0}, 0},
    {"room for a route", {7, 11, 4}, 12, {7, 11, 8, 10, 0, 0, 2}, 12},
    {"behind another", {7, 11, 8, 1, 1, 1, 1}, 12, {7, 11, 12, 1, 1, 1, 1, 10, 0, 0, 2}, 12},
    {"a full route", {7, 7, 8, 1, 1, 1, 1}, 8, {7, 7, 8, 1, 1, 1, 1}, 8},
    {"a route with room for three bytes", {7, 6, 4, 9, 9, 9}, 8, {7, 6, 4, 9, 9, 9}, 8},
    {"a route that begins in its head", {7, 7, 3, 1, 1, 1, 1}, 8, {0}, 0},
    {"a route without a head", {7, 2, 1, 1}, 4, {0}, 0},
    {"a route of no length to speak of", {7, 3, 255}, 4, {7, 3, 255}, 4},
    {"behind what means nothing", {1, 7, 7, 4}, 8, {7, 7, 8, 10, 0, 0, 2}, 8},
    {"what chooses the way is not answered", {0x83, 7, 8, 1, 1, 1, 1}, 8, {0}, 0},
    {"a time", {68, 12, 5, 0}, 12, {68, 12, 9, 0, 1, 2, 3, 4}, 12},
    {"a second time", {68, 12, 9, 0, 5, 5, 5, 5}, 12,
     {68, 12, 13, 0, 5, 5, 5, 5, 1, 2, 3, 4}, 12},
    {"a time too many", {68, 8, 9, 0, 5, 5, 5, 5}, 8, {68, 8, 9, 0x10, 5, 5, 5, 5}, 8},
    {"the sixteenth too many", {68, 8, 9, 0xf0, 5, 5, 5, 5}, 8, {68, 8, 9, 0xf0, 5, 5, 5, 5}, 8},
    {"an address and a time", {68, 12, 5, 1}, 12, {68, 12, 13, 1, 10, 0, 0, 2, 1, 2, 3, 4}, 12},
    {"half a place for both", {68, 8, 5, 1}, 8, {68, 8, 5, 0x11}, 8},
    {"the time of ours", {68, 12, 5, 3, 10, 0, 0, 2}, 12,
     {68, 12, 13, 3, 10, 0, 0, 2, 1, 2, 3, 4}, 12},
    {"the time of another", {68, 12, 5, 3, 10, 0, 0, 3}, 12, {68, 12, 5, 3, 10, 0, 0, 3}, 12},
    {"a time that begins in its head", {68, 8, 4, 0}, 8, {0}, 0},
    {"a time without a head", {68, 3, 5}, 4, {0}, 0},
};

START_TEST(lists_come_back_with_us_in_them)
{
    uint8_t hdr[32] = {[0] = (uint8_t)(0x45 + rows[_i].in_len / 4),
                       [3] = (uint8_t)(20 + rows[_i].in_len), [9] = 1};
    uint8_t out[IP4_OPTIONS_MAX];
    struct ip4_packet ip;
    memcpy(hdr + 20, rows[_i].in, rows[_i].in_len);
    memset(out, 0xee, sizeof out);
    ck_assert_int_eq(ip4_parse(&ip, hdr, 20 + rows[_i].in_len), DROP_NONE);
    size_t n = ip4_options_echo(out, hdr, addr_ip4(0x0a000002), 0x01020304);
    ck_assert_msg(n == rows[_i].out_len, "%s: %zu", rows[_i].what, n);
    ck_assert_msg(memcmp(out, rows[_i].out, n) == 0, "%s", rows[_i].what);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ip4_option");
    TCase *tc = tcase_create("ip4_option");
    tcase_add_loop_test(tc, lists_come_back_with_us_in_them, 0, (int)ARRAY_LEN(rows));
    suite_add_tcase(s, tc);
    return run_claims(s);
}
