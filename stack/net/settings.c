// settings.c - see settings.h. Some settings are not one whole number: the names of a congestion
// control and of the queues, the key of Fast Open's cookies, the secret of the addresses that we
// make for ourselves; and the range of ports and the sizes of buffers, of which Linux keeps several
// in one.
#include "net/settings.h"

#include <errno.h>

#include "base/addr.h"
#include "base/text.h"

static const char congestion_control[] = "net.ipv4.tcp_congestion_control";
static const char default_qdisc[] = "net.core.default_qdisc";
static const char fastopen_key[] = "net.ipv4.tcp_fastopen_key";
static const char stable_secret[] = "net.ipv6.conf.all.stable_secret";

static const struct { const char *name; size_t off; int64_t first, least, most; } table[] = {
#define SETTING(name_, field, default_, least_, most_) \
    {name_, offsetof(struct settings, field), default_, least_, most_},
#include "net/settings.def"
#undef SETTING
};

enum { ROWS = ARRAY_LEN(table) };

// The rows "name[0]" and on, or the one row "name". Their number; 0: there is no such setting.
static size_t find(const char *name, size_t *first)
{
    size_t len = strlen(name), n = 0;
    if (strchr(name, '[') != NULL) return 0;
    for (size_t i = 0; i < ROWS; i++) {
        const char *rest = table[i].name + len;
        if (strncmp(table[i].name, name, len) != 0 || (*rest != '\0' && *rest != '[')) continue;
        if (n++ == 0) *first = i;
    }
    return n;
}

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

// As many numbers as the setting has, all sound or none taken.
static int set_numbers(struct settings *s, size_t first, size_t count, const char *value)
{
    struct settings with = *s;
    for (size_t i = first; i < first + count; i++) {
        uint64_t v;
        if (!text_take_u64(&value, INT64_MAX, &v)) return -EINVAL;
        size_t blanks = strspn(value, " \t");
        if ((i + 1 < first + count) != (blanks > 0)) return -EINVAL;
        value += blanks;
        if ((int64_t)v < table[i].least || (int64_t)v > table[i].most) return -ERANGE;
        *field_of(&with, table[i].off) = (int64_t)v;
    }
    if (*value != '\0' || with.ip_local_port_first > with.ip_local_port_last) return -EINVAL;
    *s = with;
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
    if (strcmp(name, default_qdisc) == 0) return set_qdisc(s, value);
    if (strcmp(name, fastopen_key) == 0) return set_fastopen_key(s, value);
    size_t first = 0, count = find(name, &first);
    return count == 0 ? -ENOENT : set_numbers(s, first, count, value);
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
    size_t first = 0, count = find(name, &first);
    for (size_t i = 0; i < count; i++) {
        const void *field = (const char *)s + table[first + i].off;
        if (i > 0) text_put_char(&t, '\t');
        text_put_i64(&t, *(const int64_t *)field);
    }
    if (count == 0) return -ENOENT;
    return t.cut ? -ERANGE : 0;
}
