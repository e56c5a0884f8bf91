// udp_option.c - see udp.h: what setsockopt() can ask of a UDP socket, and the groups it joins.
#include "udp/udp.h"

#include <errno.h>

#include "net/group.h"
#include "net/ip.h"

// --- groups ------------------------------------------------------------------------------------

// The link that the caller names, or the one by which the group would be sent to.
static struct netif *link_for(const struct udp *u, const struct ng_group *g)
{
    struct ip_path path;
    if (g->netif != 0) return netif_by_id(u->host, g->netif);
    return ip_path(u->host, g->group, &path) < 0 ? NULL : path.netif;
}

static int place_of(const struct udp *u, struct addr group, uint16_t netif)
{
    for (int i = 0; i < u->groups; i++)
        if (u->group[i].netif == netif && addr_eq(u->group[i].group, group)) return i;
    return -1;
}

static int join(struct udp *u, const struct ng_group *g)
{
    if (!addr_is_multicast(g->group)) return -EINVAL;
    struct netif *n = link_for(u, g);
    if (n == NULL) return -ENODEV;
    if (place_of(u, g->group, n->id) >= 0) return -EADDRINUSE;
    if (u->groups == UDP_GROUPS) return -ENOBUFS;  // Linux: igmp_max_memberships
    int rc = group_join(n, g->group);
    if (rc < 0) return rc == -ENOSPC ? -ENOBUFS : rc;
    u->group[u->groups++] = (struct ng_group){g->group, n->id};
    return 0;
}

static void leave_at(struct udp *u, int i)
{
    struct netif *n = netif_by_id(u->host, u->group[i].netif);
    if (n != NULL) group_leave(n, u->group[i].group);
    u->group[i] = u->group[--u->groups];
}

static int leave(struct udp *u, const struct ng_group *g)
{
    struct netif *n = link_for(u, g);
    int i = n == NULL ? -1 : place_of(u, g->group, n->id);
    if (i < 0) return -EADDRNOTAVAIL;
    leave_at(u, i);
    return 0;
}

void udp_leave_groups(struct udp *u)
{
    while (u->groups > 0) leave_at(u, u->groups - 1);
}

bool udp_hears(const struct udp *u, struct addr to, uint16_t netif)
{
    if (!addr_is_multicast(to) || addr_eq(to, group_all_nodes(to.family))) return true;
    bool from_here = netif == u->host->lo->id;  // what we sent ourselves says not by which link
    for (int i = 0; i < u->groups; i++)
        if (addr_eq(u->group[i].group, to) && (from_here || u->group[i].netif == netif))
            return true;
    return false;
}

// --- options -----------------------------------------------------------------------------------

static bool in_range(int value, int least, int most) { return value >= least && value <= most; }

static int set_group_netif(struct udp *u, int value)
{
    if (!in_range(value, 0, UINT16_MAX)) return -EINVAL;
    if (value != 0 && netif_by_id(u->host, (uint16_t)value) == NULL) return -EADDRNOTAVAIL;
    u->group_netif = (uint16_t)value;
    return 0;
}

static int set_options(struct udp *u, const void *v, size_t n)
{
    int rc = ip_check_options(v, n);
    if (rc < 0) return rc;
    if (n > 0) memcpy(u->options, v, n);
    u->options_len = (uint8_t)n;
    return 0;
}

static int set_byte(uint8_t *to, int value, int least)
{
    if (!in_range(value, least, UINT8_MAX)) return -EINVAL;
    *to = (uint8_t)value;
    return 0;
}

static int set_number(struct udp *u, enum ng_option o, int value)
{
    uint32_t size = value < 2048 ? 2048 : (uint32_t)value;
    switch (o) {
    case NG_SO_RCVBUF:    u->rcv_max = size; break;
    case NG_SO_SNDBUF:    u->snd_max = size; break;
    case NG_SO_REUSEADDR: u->reuse_addr = value != 0; break;
    case NG_SO_REUSEPORT: u->reuse_port = value != 0; break;
    case NG_SO_BROADCAST: u->broadcast = value != 0; break;
    case NG_SO_NO_CHECK:  u->no_check = value != 0; break;
    case NG_IP_RECVERR:   u->recverr = value != 0; break;
    case NG_IP_MTU_DISCOVER:   u->dont_fragment = value != 0; break;
    case NG_IP_MULTICAST_LOOP: u->group_loop = value != 0; break;
    case NG_IP_MULTICAST_TTL:  return set_byte(&u->group_ttl, value, 0);
    case NG_IP_MULTICAST_IF:   return set_group_netif(u, value);
    case NG_IP_TTL:       return set_byte(&u->ttl, value, 1);
    case NG_IP_TOS:       return set_byte(&u->tos, value, 0);
    default: return -ENOPROTOOPT;
    }
    return 0;
}

int udp_set(struct udp *u, enum ng_option o, const void *v, size_t n)
{
    if (o == NG_IP_OPTIONS) return set_options(u, v, n);
    if (o == NG_IP_JOIN || o == NG_IP_LEAVE) {
        struct ng_group g;
        if (n < sizeof g) return -EINVAL;
        memcpy(&g, v, sizeof g);
        return o == NG_IP_JOIN ? join(u, &g) : leave(u, &g);
    }
    int value;
    if (n < sizeof value) return -EINVAL;
    memcpy(&value, v, sizeof value);
    return set_number(u, o, value);
}

static int get_number(struct udp *u, enum ng_option o, int *value)
{
    switch (o) {
    case NG_SO_ERROR:     *value = -udp_take_error(u); break;
    case NG_SO_RCVBUF:    *value = (int)u->rcv_max; break;
    case NG_SO_DROPS:     *value = (int)u->dropped; break;
    case NG_SO_SNDBUF:    *value = (int)u->snd_max; break;
    case NG_SO_REUSEADDR: *value = u->reuse_addr; break;
    case NG_SO_REUSEPORT: *value = u->reuse_port; break;
    case NG_SO_BROADCAST: *value = u->broadcast; break;
    case NG_SO_NO_CHECK:  *value = u->no_check; break;
    case NG_IP_RECVERR:   *value = u->recverr; break;
    case NG_IP_MTU_DISCOVER:   *value = u->dont_fragment; break;
    case NG_IP_MULTICAST_LOOP: *value = u->group_loop; break;
    case NG_IP_MULTICAST_TTL:  *value = u->group_ttl; break;
    case NG_IP_MULTICAST_IF:   *value = u->group_netif; break;
    case NG_IP_TTL:       *value = u->ttl != 0 ? u->ttl : (int)u->host->set.ip_default_ttl; break;
    case NG_IP_TOS:       *value = u->tos; break;
    default: return -ENOPROTOOPT;
    }
    return 0;
}

int udp_get(struct udp *u, enum ng_option o, void *v, size_t *n)
{
    if (o == NG_IP_OPTIONS) {
        if (*n < u->options_len) return -EINVAL;
        if (u->options_len > 0) memcpy(v, u->options, u->options_len);
        *n = u->options_len;
        return 0;
    }
    int value, rc = get_number(u, o, &value);
    if (rc < 0) return rc;
    if (*n < sizeof value) return -EINVAL;
    memcpy(v, &value, sizeof value);
    *n = sizeof value;
    return 0;
}

int udp_trouble(struct udp *u, struct ng_sock_trouble *t)
{
    if (u->trouble.error == 0) return -EAGAIN;
    *t = u->trouble;
    u->trouble = (struct ng_sock_trouble){0};
    return 0;
}
