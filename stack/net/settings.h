// settings.h - a host's settings, from settings.def. Numbers only; texts (congestion control) are
// fields of their own, handled in settings.c.
#ifndef SETTINGS_H
#define SETTINGS_H

#include "base/base.h"

struct settings {
#define SETTING(name, field, default_, least, most) int64_t field;
#include "net/settings.def"
#undef SETTING
    // "net.ipv4.tcp_fastopen_key": none, one, or the one in use and one still recognised
    uint8_t tcp_fastopen_keys, tcp_fastopen_key[2][16];
    bool fq;                          // "net.core.default_qdisc": fq, or pfifo_fast
    // "net.ipv6.conf.all.stable_secret", as an address: RFC 7217's secret, if it is to outlive us
    bool    has_stable_secret;
    uint8_t stable_secret[16];
    char tcp_congestion_control[16];  // "net.ipv4.tcp_congestion_control"
};

void settings_init(struct settings *s);
int  settings_set(struct settings *s, const char *name, const char *value);  // 0, -ENOENT, ...
int  settings_get(const struct settings *s, const char *name, char *value, size_t cap);

#endif
