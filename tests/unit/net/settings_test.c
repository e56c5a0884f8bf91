// settings_test.c - by Linux's names, within their limits, and never half set.
#include <check.h>
#include <errno.h>

#include "claims.h"
#include "net/settings.h"

static const struct { const char *name, *value; int want; } sets[] = {
    {"net.ipv4.ip_default_ttl",             "128",            0},
    {"net.ipv4.ip_default_ttl",             "1",              0},
    {"net.ipv4.ip_default_ttl",             "255",            0},
    {"net.ipv4.ip_default_ttl",             "0",              -ERANGE},
    {"net.ipv4.ip_default_ttl",             "256",            -ERANGE},
    {"net.ipv4.ip_default_ttl",             "",               -EINVAL},
    {"net.ipv4.ip_default_ttl",             "12x",            -EINVAL},
    {"net.ipv4.ip_default_ttl",             " 12",            -EINVAL},
    {"net.ipv4.ip_default_ttl",             "-1",             -EINVAL},
    {"net.ipv4.ip_default_ttl",             "99999999999999999999", -EINVAL},
    {"net.ipv4.no_such",                    "1",              -ENOENT},
    {"",                                    "1",              -ENOENT},
    {"net.ipv4.tcp_congestion_control",     "newreno",        0},
    {"net.ipv4.tcp_congestion_control",     "",               -EINVAL},
    {"net.ipv4.tcp_congestion_control",     "Cubic!",         -EINVAL},
    {"net.ipv4.tcp_congestion_control",     "abcdefghijklmnop", -ERANGE},
    {"net.ipv6.conf.all.stable_secret",     "fd00::1:2:3",    0},
    {"net.ipv6.conf.all.stable_secret",     "10.0.0.1",       -EINVAL},
    {"net.ipv6.conf.all.stable_secret",     "secret",         -EINVAL},
    {"net.ipv4.ip_local_port_range",        "1024 2047",      0},
    {"net.ipv4.ip_local_port_range",        "1024\t2047",     0},
    {"net.ipv4.ip_local_port_range",        "5000 5000",      0},
    {"net.ipv4.ip_local_port_range",        "0 100",          -ERANGE},
    {"net.ipv4.ip_local_port_range",        "1 65536",        -ERANGE},
    {"net.ipv4.ip_local_port_range",        "2 1",            -EINVAL},
    {"net.ipv4.ip_local_port_range",        "1024",           -EINVAL},
    {"net.ipv4.ip_local_port_range",        "1024-2047",      -EINVAL},
    {"net.ipv4.ip_local_port_range",        "1024 2047 1",    -EINVAL},
    {"net.ipv4.ip_local_port_range[0]",     "1024",           -ENOENT},
    {"net.ipv4.ip_local_port",              "1024",           -ENOENT},
    {"net.ipv4.tcp_rmem",                   "4096 50000 4194304", 0},
    {"net.ipv4.tcp_wmem",                   "4096\t50000\t4194305", 0},
    {"net.ipv4.tcp_rmem",                   "4096 50000",     -EINVAL},
    {"net.ipv4.tcp_rmem",                   "4096 50000 4194304 ", -EINVAL},
    {"net.ipv4.tcp_rmem",                   "4096 50000 x",   -EINVAL},
    {"net.ipv4.tcp_rmem",                   "4096 1 4194304", -ERANGE},
    {"net.ipv4.tcp_rmem_max",               "4194304",        -ENOENT},
};

START_TEST(set_takes_what_fits_and_leaves_the_rest)
{
    struct settings s, before;
    char was[64] = "", is[64] = "";
    settings_init(&s);
    before = s;
    settings_get(&s, sets[_i].name, was, sizeof was);
    ck_assert_msg(settings_set(&s, sets[_i].name, sets[_i].value) == sets[_i].want, "%s = '%s'",
                  sets[_i].name, sets[_i].value);
    if (sets[_i].want != 0) {
        ck_assert_mem_eq(&s, &before, sizeof s);
        return;
    }
    ck_assert_int_eq(settings_get(&s, sets[_i].name, is, sizeof is), 0);
    char want[64];
    memcpy(want, sets[_i].value, strlen(sets[_i].value) + 1);
    while (strchr(want, ' ') != NULL) *strchr(want, ' ') = '\t';  // Linux prints tabs
    ck_assert_str_eq(is, want);
    ck_assert_str_ne(is, was);
}
END_TEST

START_TEST(every_default_lies_within_its_limits)
{
    struct settings s;
    settings_init(&s);
#define SETTING(name, field, default_, least, most)              \
    ck_assert_int_eq(s.field, default_);                         \
    ck_assert_msg(s.field >= (least) && s.field <= (most), name);
#include "net/settings.def"
#undef SETTING
    ck_assert_str_eq(s.tcp_congestion_control, "cubic");
}
END_TEST

START_TEST(get_says_when_there_is_no_room_or_no_such)
{
    struct settings s;
    settings_init(&s);
    char small[2];
    ck_assert_int_eq(settings_get(&s, "net.ipv4.ip_default_ttl", small, sizeof small), -ERANGE);
    ck_assert_int_eq(settings_get(&s, "net.ipv4.ip_local_port_range", small, 2), -ERANGE);
    ck_assert_int_eq(settings_get(&s, "net.ipv4.tcp_congestion_control", small, 2), -ERANGE);
    ck_assert_int_eq(settings_get(&s, "net.ipv4.ip_default_ttl", small, 0), -EINVAL);
    ck_assert_int_eq(settings_get(&s, "net.no", small, sizeof small), -ENOENT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("settings");
    TCase *c = tcase_create("settings");
    tcase_add_loop_test(c, set_takes_what_fits_and_leaves_the_rest, 0, ARRAY_LEN(sets));
    tcase_add_test(c, every_default_lies_within_its_limits);
    tcase_add_test(c, get_says_when_there_is_no_room_or_no_such);
    suite_add_tcase(s, c);
    return run_claims(s);
}
