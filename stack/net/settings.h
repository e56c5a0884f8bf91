// settings.h - a host's settings, from settings.def. Numbers only; texts (congestion control) are
// fields of their own, handled in settings.c.
#ifndef SETTINGS_H
#define SETTINGS_H

#include "base/base.h"

struct settings {
#define SETTING(name, field, default_, least, most) int64_t field;
#include "net/settings.def"
#undef SETTING
    char tcp_congestion_control[16];  // "net.ipv4.tcp_congestion_control"
};

void settings_init(struct settings *s);
int  settings_set(struct settings *s, const char *name, const char *value);  // 0, -ENOENT, ...
int  settings_get(const struct settings *s, const char *name, char *value, size_t cap);

#endif
