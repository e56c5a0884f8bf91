// config.c - see config.h.
#include "scenarios/drill/config.h"

#include <stdio.h>

enum kind { IP_VERSION, PORT, ADDRESS, NETMASK, NUMBER, PERCENT, USECS, FLAG, NON_FATAL, PATHS,
            IGNORED, REFUSED };

struct known { const char *name; enum kind kind; size_t where; const char *why; };

#define AT(field) offsetof(struct drill_config, field)

static const struct known known[] = {
    {"ip_version", IP_VERSION, 0, NULL},
    {"bind_port", PORT, AT(bind_port), NULL},
    {"connect_port", PORT, AT(connect_port), NULL},
    {"local_ip", ADDRESS, AT(local), NULL},
    {"remote_ip", ADDRESS, AT(remote), NULL},
    {"gateway_ip", ADDRESS, AT(gateway), NULL},
    {"netmask_ip", NETMASK, 0, NULL},
    {"mtu", NUMBER, AT(mtu), NULL},
    {"mss", NUMBER, AT(gro_size), NULL},
    {"tolerance_usecs", USECS, AT(tolerance), NULL},
    {"tolerance_percent", PERCENT, AT(tolerance_ppm), NULL},
    {"tcp_ts_tick_usecs", USECS, AT(stamp_tick), NULL},
    {"tcp_ts_ecr_scaled", FLAG, AT(echo_scaled), NULL},
    {"strict_segments", FLAG, AT(strict_segments), NULL},
    {"non_fatal", NON_FATAL, 0, NULL},
    {"dry_run", FLAG, AT(dry_run), NULL},
    {"speed", IGNORED, 0, NULL},
    {"send_omit_free", IGNORED, 0, NULL},
    {"is_anyip", IGNORED, 0, NULL},
    {"code_format", IGNORED, 0, NULL},
    {"code_command", IGNORED, 0, NULL},
    {"code_sockopt", IGNORED, 0, NULL},
    {"verbose", FLAG, AT(verbose), NULL},
    {"debug", IGNORED, 0, NULL},
    {"init_scripts", PATHS, AT(init_scripts), NULL},
    {"so_filename", REFUSED, 0, "no shared object is driven here"},
    {"so_flags", REFUSED, 0, "no shared object is driven here"},
    {"wire_client", REFUSED, 0, "there is one machine here"},
    {"wire_server", REFUSED, 0, "there is one machine here"},
    {"wire_server_ip", REFUSED, 0, "there is one machine here"},
    {"wire_server_at", REFUSED, 0, "there is one machine here"},
    {"wire_server_port", REFUSED, 0, "there is one machine here"},
    {"wire_client_dev", REFUSED, 0, "there is one machine here"},
    {"wire_server_dev", REFUSED, 0, "there is one machine here"},
    {"psp_udp_port", REFUSED, 0, "PSP is not spoken here"},
};

void config_init(struct drill_config *c)
{
    *c = (struct drill_config){
        .family = FAMILY_IP4, .bind_port = 8080, .connect_port = 8080,
        .tolerance = USEC(4000), .tolerance_ppm = 125000,
    };
}

static const struct known *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].name, name) == 0) return &known[i];
    return NULL;
}

bool config_knows(const char *name) { return find(name) != NULL; }

bool config_lacks_value(const char *word)
{
    const struct known *k = strncmp(word, "--", 2) == 0 ? find(word + 2) : NULL;
    return k != NULL && k->kind != FLAG && k->kind != REFUSED && k->kind != IGNORED;
}

static bool take_version(struct drill_config *c, const char *value)
{
    c->mapped = strcmp(value, "ipv4-mapped-ipv6") == 0;
    c->family = strcmp(value, "ipv6") == 0 ? FAMILY_IP6 : FAMILY_IP4;
    return c->mapped || strcmp(value, "ipv4") == 0 || c->family == FAMILY_IP6;
}

static bool take_number(const char *value, uint64_t most, uint64_t *n)
{
    return text_take_u64(&value, most, n) && *value == 0;
}

static bool take_netmask(struct drill_config *c, const char *value)
{
    struct addr mask;
    if (!addr_parse(&mask, value) || mask.family != FAMILY_IP4) return false;
    uint32_t bits = addr_ip4_u32(mask);
    for (c->prefix = 0; c->prefix < 32 && bits & 0x80000000; c->prefix++) bits <<= 1;
    c->has_prefix = true;
    return bits == 0;
}

static bool take_address(struct drill_config *c, const struct known *k, const char *value)
{
    bool *has = k->where == AT(local) ? &c->has_local
              : k->where == AT(remote) ? &c->has_remote : &c->has_gateway;
    *has = true;
    return addr_parse((struct addr *)(void *)((char *)c + k->where), value);
}

// 12.5 is 125000 parts of a million.
static bool take_percent(struct drill_config *c, const char *value)
{
    uint64_t whole, part = 0;
    if (!text_take_u64(&value, 1000, &whole)) return false;
    if (text_take_char(&value, '.')) {
        uint64_t unit = 1000;
        for (; *value >= '0' && *value <= '9'; value++, unit /= 10)
            part += unit * (uint64_t)(*value - '0');
    }
    c->tolerance_ppm = (uint32_t)(whole * 10000 + part);
    return *value == 0;
}

static bool take_non_fatal(struct drill_config *c, const char *value)
{
    while (*value != 0) {
        size_t n = strcspn(value, ",");
        if (n == 6 && memcmp(value, "packet", n) == 0) c->lax_packets = true;
        else if (n == 7 && memcmp(value, "syscall", n) == 0) c->lax_calls = true;
        else return false;
        value += n + (value[n] == ',');
    }
    return true;
}

static bool take(struct drill_config *c, const struct known *k, const char *value)
{
    char *field = (char *)c + k->where;
    uint64_t n;
    switch (k->kind) {
    case IP_VERSION: return take_version(c, value);
    case ADDRESS:    return take_address(c, k, value);
    case NETMASK:    return take_netmask(c, value);
    case PERCENT:    return take_percent(c, value);
    case NON_FATAL:  return take_non_fatal(c, value);
    case FLAG:       return *(bool *)(void *)field = *value == 0 || strcmp(value, "1") == 0;
    case PATHS:
        *(const char **)(void *)field = value;
        return *value != 0;
    case PORT:
        if (!take_number(value, 65535, &n) || n == 0) return false;
        *(uint16_t *)(void *)field = (uint16_t)n;
        return true;
    case NUMBER:
        if (!take_number(value, 65535, &n)) return false;
        *(uint32_t *)(void *)field = (uint32_t)n;
        return true;
    case USECS:
        if (!take_number(value, 1000000000000, &n)) return false;
        *(nsec *)(void *)field = USEC(n);
        return true;
    default:
        return true;
    }
}

bool config_take(struct drill_config *c, const char *name, const char *value,
                 char error[CONFIG_ERROR])
{
    const struct known *k = find(name);
    error[0] = 0;
    if (k == NULL) {
        snprintf(error, CONFIG_ERROR, "there is no option --%.100s", name);
    } else if (k->kind == REFUSED) {
        snprintf(error, CONFIG_ERROR, "--%s: %s", name, k->why);
    } else if (!take(c, k, value)) {
        snprintf(error, CONFIG_ERROR, "--%s: '%.100s' is no value for it", name, value);
    }
    return error[0] == 0;
}

struct addr config_unmapped(struct addr a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    bool is = a.family == FAMILY_IP6 && memcmp(a.b, mapped, sizeof mapped) == 0;
    return is ? addr_ip4_bytes(a.b + sizeof mapped) : a;
}

static void fill_in(struct addr *a, bool *has, const char *value)
{
    if (!*has) CHECK(addr_parse(a, value));
    *has = true;
}

bool config_finish(struct drill_config *c, char error[CONFIG_ERROR])
{
    bool six = c->family == FAMILY_IP6;
    if (c->mapped) {
        c->local = config_unmapped(c->local);
        c->remote = config_unmapped(c->remote);
        c->gateway = config_unmapped(c->gateway);
    }
    // By IPv6 those of the public suite's runner, not of the tool: cookies are of addresses.
    fill_in(&c->local, &c->has_local, six ? "fd3d:a0b:17d6::1" : "192.168.0.1");
    fill_in(&c->remote, &c->has_remote, six ? "fd3d:fa7b:d17d::1" : "192.0.2.1");
    fill_in(&c->gateway, &c->has_gateway, six ? "fd3d:a0b:17d6:8888::1" : "192.168.0.1");
    if (!c->has_prefix) c->prefix = six ? 48 : 16;
    if (c->mtu == 0) c->mtu = 1500;
    error[0] = 0;
    if (c->local.family != c->family || c->remote.family != c->family)
        snprintf(error, CONFIG_ERROR, "local_ip and remote_ip are not of the script's ip_version");
    else if (c->mtu < (six ? 1280 : 68))
        snprintf(error, CONFIG_ERROR, "an MTU of %u is below what IP needs", c->mtu);
    else if (addr_eq(c->local, c->remote))
        snprintf(error, CONFIG_ERROR, "local_ip and remote_ip are the same");
    return error[0] == 0;
}
