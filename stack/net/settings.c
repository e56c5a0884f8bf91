// settings.c - see settings.h. Five settings are not one whole number: the name of a congestion
// control, that of the queues, the key of Fast Open's cookies, the secret of the addresses that we
// make for ourselves, and the range of ports, which Linux keeps as a pair.
#include "net/settings.h"

#include <errno.h>

#include "base/addr.h"
#include "base/text.h"

static const char congestion_control[] = "net.ipv4.tcp_congestion_control";
static const char default_qdisc[] = "net.core.default_qdisc";
static const char port_range[] = "net.ipv4.ip_local_port_range";
static const char fastopen_key[] = "net.ipv4.tcp_fastopen_key";
static const char stable_secret[] = "net.ipv6.conf.all.stable_secret";

static const struct { const char *name; size_t off; int64_t first, least, most; } table[] = {
#define SETTING(name_, field, default_, least_, most_) \
    {name_, offsetof(struct settings, field), default_, least_, most_},
#include "net/settings.def"
#undef SETTING
};

static int64_t *field_of(struct settings *s, size_t off)
{
    return (int64_t *)(void *)((char *)s + off);
}

void settings_init(struct settings *s)
{
    *s = (struct settings){.tcp_congestion_control = "cubic"};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) *field_of(s, table[i].off) = table[i].first;
}

// A name of letters, digits, - and _; which of them there are is for TCP to know.
static int set_congestion_control(struct settings *s, const char *value)
{
    size_t len = strlen(value);
    if (len == 0) return -EINVAL;
    if (len >= sizeof s->tcp_congestion_control) return -ERANGE;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    if (strspn(value, letters) != len) return -EINVAL;
    memcpy(s->tcp_congestion_control, value, len + 1);
    return 0;
}

// fq: senders are paced, and leave when their moment has come. Others are one plain queue here.
static int set_qdisc(struct settings *s, const char *value)
{
    bool fq = strcmp(value, "fq") == 0;
    if (!fq && strcmp(value, "pfifo_fast") != 0 && strcmp(value, "pfifo") != 0) return -EINVAL;
    s->fq = fq;
    return 0;
}

static int set_port_range(struct settings *s, const char *value)
{
    uint64_t first, last;
    if (!text_take_u64(&value, UINT32_MAX, &first)) return -EINVAL;
    if (*value != ' ' && *value != '\t') return -EINVAL;
    value += strspn(value, " \t");
    if (!text_take_u64(&value, UINT32_MAX, &last) || *value != '\0') return -EINVAL;
    if (first < 1 || last > UINT16_MAX) return -ERANGE;
    if (first > last) return -EINVAL;
    s->ip_local_port_first = (int64_t)first;
    s->ip_local_port_last = (int64_t)last;
    return 0;
}

// "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4": four words, whose bytes the key has little-endian first.
static bool take_key(const char **at, uint8_t key[16])
{
    for (int word = 0; word < 4; word++) {
        uint32_t v = 0;
        int digits = 0;
        if (word > 0 && !text_take_char(at, '-')) return false;
        for (; text_hex_digit(**at) >= 0; (*at)++, digits++)
            v = v << 4 | (uint32_t)text_hex_digit(**at);
        if (digits < 1 || digits > 8) return false;
        for (int i = 0; i < 4; i++) key[4 * word + i] = (uint8_t)(v >> (8 * i));
    }
    return true;
}

static int set_fastopen_key(struct settings *s, const char *value)
{
    uint8_t key[2][16] = {0}, keys = 1;
    if (!take_key(&value, key[0])) return -EINVAL;
    if (text_take_char(&value, ',')) {
        keys = 2;
        if (!take_key(&value, key[1])) return -EINVAL;
    }
    if (*value != '\0') return -EINVAL;
    memcpy(s->tcp_fastopen_key, key, sizeof key);
    s->tcp_fastopen_keys = keys;
    return 0;
}

static void put_fastopen_key(struct text *t, const struct settings *s)
{
    for (int i = 0; i < s->tcp_fastopen_keys || i == 0; i++) {
        if (i > 0) text_put_char(t, ',');
        for (int word = 0; word < 4; word++) {
            const uint8_t *p = &s->tcp_fastopen_key[i][4 * word];
            if (word > 0) text_put_char(t, '-');
            uint32_t high = (uint32_t)p[3] << 8 | p[2], low = (uint32_t)p[1] << 8 | p[0];
            text_put_hex(t, high << 16 | low, 8);
        }
    }
}

// Linux writes it as an IPv6 address.
static int set_stable_secret(struct settings *s, const char *value)
{
    struct addr a;
    if (!addr_parse(&a, value) || a.family != FAMILY_IP6) return -EINVAL;
    memcpy(s->stable_secret, a.b, sizeof s->stable_secret);
    s->has_stable_secret = true;
    return 0;
}

int settings_set(struct settings *s, const char *name, const char *value)
{
    if (strcmp(name, stable_secret) == 0) return set_stable_secret(s, value);
    if (strcmp(name, congestion_control) == 0) return set_congestion_control(s, value);
    if (strcmp(name, port_range) == 0) return set_port_range(s, value);
    if (strcmp(name, default_qdisc) == 0) return set_qdisc(s, value);
    if (strcmp(name, fastopen_key) == 0) return set_fastopen_key(s, value);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(name, table[i].name) != 0) continue;
        uint64_t v;
        if (!text_take_u64(&value, INT64_MAX, &v) || *value != '\0') return -EINVAL;
        if ((int64_t)v < table[i].least || (int64_t)v > table[i].most) return -ERANGE;
        *field_of(s, table[i].off) = (int64_t)v;
        return 0;
    }
    return -ENOENT;
}

int settings_get(const struct settings *s, const char *name, char *value, size_t cap)
{
    if (cap == 0) return -EINVAL;
    struct text t = text_of(value, cap);
    if (strcmp(name, congestion_control) == 0) {
        text_put_str(&t, s->tcp_congestion_control);
        return t.cut ? -ERANGE : 0;
    }
    if (strcmp(name, stable_secret) == 0) {
        if (s->has_stable_secret) text_put_addr(&t, addr_ip6_bytes(s->stable_secret));
        return t.cut ? -ERANGE : 0;
    }
    if (strcmp(name, fastopen_key) == 0) {
        put_fastopen_key(&t, s);
        return t.cut ? -ERANGE : 0;
    }
    if (strcmp(name, default_qdisc) == 0) {
        text_put_str(&t, s->fq ? "fq" : "pfifo_fast");
        return t.cut ? -ERANGE : 0;
    }
    if (strcmp(name, port_range) == 0) {
        text_put_i64(&t, s->ip_local_port_first);
        text_put_char(&t, '\t');
        text_put_i64(&t, s->ip_local_port_last);
        return t.cut ? -ERANGE : 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (strcmp(name, table[i].name) != 0) continue;
        const void *field = (const char *)s + table[i].off;
        text_put_i64(&t, *(const int64_t *)field);
        return t.cut ? -ERANGE : 0;
    }
    return -ENOENT;
}
