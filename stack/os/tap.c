// tap.c - see tap.h.
#include "os/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

enum { MADE_UP = 14 };  // a TUN's Ethernet header
enum { TAP_READ_MAX = FRAME_MAX, TAP_SHORT = 2048 };

struct tap {
    int           fd;
    bool          made, tun, vnet, raised;
    unsigned      old_flags;  // of a device that was there: its IFF_*
    uint32_t      old_mtu;    // where we changed it; else 0
    char          name[IFNAMSIZ];
    struct frame *spare;      // a large frame that short packets did not use up
};

// Interface requests go through any socket. Returns 0 or -errno.
static int family_ioctl(int family, unsigned long request, void *r)
{
    int s = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return -errno;
    int rc = ioctl(s, request, r) < 0 ? -errno : 0;
    close(s);
    return rc;
}

static int interface_ioctl(unsigned long request, struct ifreq *r)
{
    return family_ioctl(AF_INET, request, r);
}

static struct ifreq request_for(const char *name)
{
    struct ifreq r;
    memset(&r, 0, sizeof r);
    memcpy(r.ifr_name, name, strlen(name));
    return r;
}

// An attribute of a netlink message; NULL if it is not there.
static const uint8_t *find_attribute(const uint8_t *p, const uint8_t *end, unsigned type,
                                     size_t *len)
{
    struct rtattr a;
    while (p != NULL && (size_t)(end - p) >= sizeof a) {
        memcpy(&a, p, sizeof a);
        if (a.rta_len < sizeof a || a.rta_len > (size_t)(end - p)) return NULL;
        *len = a.rta_len - sizeof a;
        if ((a.rta_type & NLA_TYPE_MASK) == type) return p + sizeof a;
        size_t step = RTA_ALIGN((size_t)a.rta_len);
        p = step < (size_t)(end - p) ? p + step : NULL;
    }
    return NULL;
}

// What an RTM_NEWLINK says of a TUN or TAP, as IFF_* flags; 0: it is another kind of interface.
static unsigned flags_in(const uint8_t *p, const uint8_t *end)
{
    static const struct { unsigned type, if_set, if_not; } bits[] = {
        {IFLA_TUN_PI, 0, IFF_NO_PI}, {IFLA_TUN_VNET_HDR, IFF_VNET_HDR, 0},
    };
    size_t len = 0, n = 0;
    const uint8_t *info = find_attribute(p, end, IFLA_LINKINFO, &len);
    if (info == NULL) return 0;
    end = info + len;
    const uint8_t *data = find_attribute(info, end, IFLA_INFO_DATA, &n);
    const uint8_t *kind = find_attribute(info, end, IFLA_INFO_KIND, &len);
    if (data == NULL || kind == NULL || len < 4 || memcmp(kind, "tun", 4) != 0) return 0;

    const uint8_t *type = find_attribute(data, data + n, IFLA_TUN_TYPE, &len);
    unsigned flags = type == NULL ? 0 : *type;  // IFF_TUN or IFF_TAP
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        const uint8_t *bit = find_attribute(data, data + n, bits[i].type, &len);
        flags |= bit != NULL && *bit != 0 ? bits[i].if_set : bits[i].if_not;
    }
    return flags;
}

// Whether there is a device of that name, and the tun flags it has. The kernel is asked by netlink:
// what /sys shows may be another network namespace's (`unshare -n`, `nsenter -n`).
static bool existing_flags(const char *name, unsigned *flags)
{
    struct { struct nlmsghdr head; struct ifinfomsg link; } ask = {
        .head = {.nlmsg_len = sizeof ask, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST},
    };
    struct ifreq r = request_for(name);
    if (interface_ioctl(SIOCGIFINDEX, &r) < 0) return false;
    ask.link.ifi_index = r.ifr_ifindex;
    *flags = 0;
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (s < 0) return true;

    uint8_t buf[16384];
    ssize_t n = send(s, &ask, sizeof ask, 0) < 0 ? -1 : recv(s, buf, sizeof buf, 0);
    struct nlmsghdr got = {0};
    if (n >= (ssize_t)sizeof ask) memcpy(&got, buf, sizeof got);
    if (got.nlmsg_type == RTM_NEWLINK) *flags = flags_in(buf + sizeof ask, buf + n);
    close(s);
    return true;
}

static bool is_address(const struct sockaddr *sa, struct addr a)
{
    if (sa == NULL) return false;
    if (a.family == FAMILY_IP4 && sa->sa_family == AF_INET)
        return memcmp((const char *)sa + offsetof(struct sockaddr_in, sin_addr), a.b, 4) == 0;
    if (a.family == FAMILY_IP6 && sa->sa_family == AF_INET6)
        return memcmp((const char *)sa + offsetof(struct sockaddr_in6, sin6_addr), a.b, 16) == 0;
    return false;
}

bool tap_kernel_has(struct addr a, char name[16])
{
    struct ifaddrs *list;
    bool has = false;
    if (getifaddrs(&list) < 0) return false;
    for (const struct ifaddrs *i = list; i != NULL && !has; i = i->ifa_next) {
        has = is_address(i->ifa_addr, a);
        if (has) snprintf(name, 16, "%s", i->ifa_name);
    }
    freeifaddrs(list);
    return has;
}

static bool name_is_sound(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len < IFNAMSIZ && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
        && strpbrk(name, "/ \t\n%") == NULL;
}

static int attach(int fd, const char *name, unsigned flags)
{
    struct ifreq r = request_for(name);
    r.ifr_flags = (short)flags;
    return ioctl(fd, TUNSETIFF, &r) < 0 ? -errno : 0;
}

static const char *kind_of(const struct tap_config *cfg) { return cfg->tun ? "TUN" : "TAP"; }

static void say_why(char *error, size_t cap, const struct tap_config *cfg, int err)
{
    const char *name = cfg->name, *kind = kind_of(cfg);
    if (err == -EPERM || err == -EACCES)
        snprintf(error, cap, "cannot open %s %s: it takes the capability CAP_NET_ADMIN "
                 "(run as root, or on a %s that `ip tuntap add` made for this user)", kind, name,
                 kind);
    else if (err == -EBUSY)
        snprintf(error, cap, "cannot open %s %s: another program holds it", kind, name);
    else if (err == -EINVAL)
        snprintf(error, cap, "cannot open %s %s: there is an interface of that name that is no "
                 "single-queue %s", kind, name, kind);
    else if (err == -ERANGE)
        snprintf(error, cap, "%s %s cannot have an MTU of %u", kind, name, cfg->mtu);
    else
        snprintf(error, cap, "cannot open %s %s: %s", kind, name, strerror(-err));
}

static int set_mtu(struct tap *t, uint32_t mtu)
{
    struct ifreq r = request_for(t->name);
    int rc = interface_ioctl(SIOCGIFMTU, &r);
    if (rc < 0 || (uint32_t)r.ifr_mtu == mtu) return rc;
    uint32_t old = (uint32_t)r.ifr_mtu;
    r.ifr_mtu = (int)mtu;
    if (interface_ioctl(SIOCSIFMTU, &r) < 0) return -ERANGE;
    if (t->old_mtu == 0) t->old_mtu = old;
    return 0;
}

static int raise_interface(struct tap *t)
{
    struct ifreq r = request_for(t->name);
    int rc = interface_ioctl(SIOCGIFFLAGS, &r);
    if (rc < 0 || (r.ifr_flags & IFF_UP)) return rc;
    r.ifr_flags |= IFF_UP;
    rc = interface_ioctl(SIOCSIFFLAGS, &r);
    if (rc == 0) t->raised = true;
    return rc;
}

// The kernel may take a second to notice that somebody holds the device now; until then it drops
// what it should send. If it never does (the interface is down), that is its business.
static void wait_for_carrier(const struct tap *t)
{
    enum { STEP_MS = 5, STEPS_MAX = 300 };
    struct timespec step = {.tv_nsec = MSEC(STEP_MS)};
    for (int i = 0; i < STEPS_MAX; i++) {
        struct ifreq r = request_for(t->name);
        if (interface_ioctl(SIOCGIFFLAGS, &r) < 0 || (r.ifr_flags & IFF_RUNNING)) return;
        nanosleep(&step, NULL);
    }
}

// The kernel asks around whether an IPv6 address is free; the sysctl that would let it not ask is
// left alone, so that its end answers a second later.
static int give_address6(const char *name, struct prefix p)
{
    struct ifreq r = request_for(name);
    int rc = interface_ioctl(SIOCGIFINDEX, &r);
    if (rc < 0) return rc;
    struct in6_ifreq r6 = {.ifr6_prefixlen = p.bits, .ifr6_ifindex = r.ifr_ifindex};
    memcpy(&r6.ifr6_addr, p.addr.b, sizeof r6.ifr6_addr);
    return family_ioctl(AF_INET6, SIOCSIFADDR, &r6);
}

static int give_address4(const char *name, struct addr a, unsigned prefix)
{
    struct ifreq r = request_for(name);
    struct sockaddr_in sin = {.sin_family = AF_INET};
    memcpy(&sin.sin_addr, a.b, 4);
    memcpy(&r.ifr_addr, &sin, sizeof sin);
    int rc = interface_ioctl(SIOCSIFADDR, &r);
    if (rc < 0) return rc;
    sin.sin_addr.s_addr = htonl(prefix == 0 ? 0 : ~(uint32_t)0 << (32 - prefix));
    memcpy(&r.ifr_netmask, &sin, sizeof sin);
    return interface_ioctl(SIOCSIFNETMASK, &r);
}

static int give_addresses(const struct tap *t, const struct tap_config *cfg)
{
    int rc = 0;
    for (unsigned i = 0; i < cfg->kernels && rc == 0; i++) {
        struct prefix p = cfg->kernel[i];
        rc = p.addr.family == FAMILY_IP6 ? give_address6(t->name, p)
                                         : give_address4(t->name, p.addr, p.bits);
    }
    return rc;
}

static int ask_offload(struct tap *t, unsigned bits)
{
    return ioctl(t->fd, TUNSETOFFLOAD, (unsigned long)bits) < 0 ? -errno : 0;
}

static int configure(struct tap *t, const struct tap_config *cfg)
{
    t->made = !existing_flags(cfg->name, &t->old_flags);
    t->vnet = cfg->offload;
    unsigned flags = (t->tun ? IFF_TUN : IFF_TAP) | IFF_NO_PI;
    int rc = attach(t->fd, cfg->name, flags | (t->vnet ? IFF_VNET_HDR : 0));
    if (rc < 0) return rc;
    if (t->vnet && ask_offload(t, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) t->vnet = false;
    if (!t->vnet && cfg->offload) {  // a kernel without it: plain frames
        rc = attach(t->fd, cfg->name, flags);
        if (rc < 0) return rc;
    }
    if (cfg->mtu != 0) rc = set_mtu(t, cfg->mtu);
    if (rc == 0) rc = raise_interface(t);
    if (rc == 0 && t->made) rc = give_addresses(t, cfg);
    if (rc == 0) wait_for_carrier(t);
    return rc;
}

struct tap *tap_open(const struct tap_config *cfg, char *error, size_t cap)
{
    if (!name_is_sound(cfg->name)) {
        snprintf(error, cap, "\"%.32s\" cannot be the name of a %s", cfg->name, kind_of(cfg));
        return NULL;
    }
    struct tap *t = calloc(1, sizeof *t);
    if (t == NULL) {
        snprintf(error, cap, "out of memory");
        return NULL;
    }
    snprintf(t->name, sizeof t->name, "%s", cfg->name);
    t->tun = cfg->tun;
    t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (t->fd < 0 && errno != EACCES && errno != EPERM) {
        snprintf(error, cap, "cannot open /dev/net/tun: %s (is the kernel module tun loaded?)",
                 strerror(errno));
        free(t);
        return NULL;
    }
    int rc = t->fd < 0 ? -errno : configure(t, cfg);
    if (rc == 0) return t;
    say_why(error, cap, cfg, rc);
    tap_close(t);
    return NULL;
}

// A device that outlives us gets back what we changed. The flags are set by attaching once more.
static void restore(struct tap *t)
{
    if (t->raised) {
        struct ifreq r = request_for(t->name);
        if (interface_ioctl(SIOCGIFFLAGS, &r) == 0) {
            r.ifr_flags &= (short)~IFF_UP;
            interface_ioctl(SIOCSIFFLAGS, &r);
        }
    }
    if (t->old_mtu != 0) set_mtu(t, t->old_mtu);
    if (t->vnet) ask_offload(t, 0);
    close(t->fd);
    t->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (t->fd >= 0)
        attach(t->fd, t->name, t->old_flags & (IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
}

void tap_close(struct tap *t)
{
    if (t == NULL) return;
    if (t->spare != NULL) frame_free(t->spare);
    if (t->fd >= 0 && !t->made && t->old_flags != 0) restore(t);
    if (t->fd >= 0) close(t->fd);
    free(t);
}

int  tap_fd(const struct tap *t)   { return t->fd; }
bool tap_made(const struct tap *t) { return t->made; }

uint32_t tap_offload(const struct tap *t)
{
    return t->vnet ? NG_OFFLOAD_CSUM | NG_OFFLOAD_TSO : 0;
}

uint32_t tap_mtu(const struct tap *t)
{
    struct ifreq r = request_for(t->name);
    if (interface_ioctl(SIOCGIFMTU, &r) < 0 || r.ifr_mtu < 68) return 1500;
    return (uint32_t)r.ifr_mtu;
}

struct mac tap_mac(const struct tap *t)
{
    struct mac m = {{0}};
    struct ifreq r = request_for(t->name);
    if (!t->tun && interface_ioctl(SIOCGIFHWADDR, &r) == 0)
        memcpy(m.b, r.ifr_hwaddr.sa_data, sizeof m.b);
    return m;
}

// What the virtio-net header says goes into the frame. The kernel is not trusted blindly: places
// outside the frame are ignored, and the transport then checks the sum itself.
static void take_vnet(struct frame *f, const struct virtio_net_hdr *v, size_t made_up)
{
    uint32_t l4 = v->csum_start + (uint32_t)made_up;
    uint8_t gso = v->gso_type & (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
    if (gso == VIRTIO_NET_HDR_GSO_TCPV4 || gso == VIRTIO_NET_HDR_GSO_TCPV6)
        f->gso_size = v->gso_size;
    if (v->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
        if (l4 + v->csum_offset + 2 > f->len) return;
        f->csum = CSUM_TODO;
        f->l4 = (uint16_t)(f->start + l4);
        f->csum_off = v->csum_offset;
    } else if (v->flags & VIRTIO_NET_HDR_F_DATA_VALID) {
        f->csum = CSUM_CHECKED;
    }
}

// A short packet moves to a small frame, so that it does not pin 68 KB; the large one stays spare.
static struct frame *settle(struct tap *t, struct host *h, size_t len)
{
    struct frame *f = t->spare;
    if (len > TAP_SHORT - FRAME_HEADROOM) {
        t->spare = NULL;
        frame_trim(f, len);
        return f;
    }
    struct frame *small = ng_host_frame(h, len);
    if (small != NULL) memcpy(frame_start(small), frame_start(f), len);
    return small;
}

// What a TUN says of a packet is its version.
static void make_up_ethernet(uint8_t *p)
{
    memset(p, 0, MADE_UP);
    bool ip6 = p[MADE_UP] >> 4 == 6;
    put16(p + MADE_UP - 2, ip6 ? 0x86dd : 0x0800);
}

struct frame *tap_read(struct tap *t, struct host *h, int *error)
{
    *error = 0;
    if (t->spare == NULL) t->spare = ng_host_frame(h, TAP_READ_MAX);
    if (t->spare == NULL) { *error = -ENOMEM; return NULL; }

    struct virtio_net_hdr v = {0};
    size_t head = t->vnet ? sizeof v : 0, made_up = t->tun ? MADE_UP : 0;
    uint8_t *p = frame_start(t->spare);
    struct iovec iov[2] = {{&v, sizeof v}, {p + made_up, TAP_READ_MAX - made_up}};
    ssize_t n = readv(t->fd, t->vnet ? iov : iov + 1, t->vnet ? 2 : 1);
    if (n < 0) { *error = errno == EAGAIN || errno == EINTR ? 0 : -errno; return NULL; }
    if ((size_t)n <= head) { *error = -EIO; return NULL; }

    if (t->tun) make_up_ethernet(p);
    struct frame *f = settle(t, h, (size_t)n - head + made_up);
    if (f == NULL) { *error = -ENOMEM; return NULL; }
    if (t->vnet) take_vnet(f, &v, made_up);
    return f;
}

static struct virtio_net_hdr put_vnet(const struct frame *f, size_t made_up)
{
    struct virtio_net_hdr v = {0};
    if (f->csum == CSUM_TODO) {
        v.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        v.csum_start = (uint16_t)(f->l4 - f->start - made_up);
        v.csum_offset = f->csum_off;
    }
    if (f->gso_size > 0) {
        bool ip6 = f->family == FAMILY_IP6;
        v.gso_type = ip6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
        v.gso_size = f->gso_size;
        v.hdr_len = (uint16_t)(f->head_len - made_up);
    }
    return v;
}

int tap_write(struct tap *t, const struct frame *f)
{
    size_t made_up = t->tun ? MADE_UP : 0;
    struct virtio_net_hdr v = put_vnet(f, made_up);
    struct iovec iov[2 + FRAME_SLICES];
    int parts = 0;
    if (t->vnet) iov[parts++] = (struct iovec){&v, sizeof v};
    size_t head = f->head_len - made_up;
    iov[parts++] = (struct iovec){frame_start(f) + made_up, head};
    for (int i = 0; i < f->slices; i++) {
        struct slice s = f->payload[i];
        iov[parts++] = (struct iovec){s.chunk->data + s.off, s.len};
    }
    ssize_t n = writev(t->fd, iov, parts);
    return n < 0 ? -errno : 0;
}
