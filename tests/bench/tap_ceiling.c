// tap_ceiling.c - how fast bytes can move over a TAP when nobody thinks about them: the yardstick
// of tests/bench/tap.py. No TCP, no acknowledgement, no checksum: 64 KB frames, all that will go.
//
//   down: this program writes frames, the kernel gives their bytes to a UDP socket, which is read
//   up:   a packet socket in the kernel sends frames with vnet headers, this program reads them
//
// Prints "down N" and "up N", megabytes a second that arrived. Run it in a namespace of its own.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/tap.h"

enum { PAYLOAD = 64000, FRAME = 14 + 20 + 8 + PAYLOAD, PORT = 9999 };

static struct virtio_net_hdr vnet;  // zero: a plain frame
static uint8_t frame[FRAME];
static atomic_bool over;

static void build_frame(const uint8_t mac[6])
{
    static const uint8_t head[] = {
        0x02, 0, 0, 0, 0, 9, 0x02, 0, 0, 0, 0, 8, 0x08, 0x00,
        0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 17, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1,
        0x12, 0x34, PORT >> 8, PORT & 255, 0, 0, 0, 0,
    };
    memset(frame, 'x', sizeof frame);
    memcpy(frame, head, sizeof head);
    memcpy(frame, mac, 6);
    put16(frame + 16, FRAME - 14);
    put16(frame + 38, 8 + PAYLOAD);
    uint32_t sum = 0;
    for (int i = 14; i < 34; i += 2) sum += get16(frame + i);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    put16(frame + 24, (uint16_t)~sum);
}

static void *read_datagrams(void *total)
{
    int s = socket(AF_INET, SOCK_DGRAM, 0), room = 64 << 20;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct timeval patience = {.tv_usec = 100000};
    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(s, (struct sockaddr *)&at, sizeof at) < 0) perror("bind");
    static char into[65536];
    while (!over) {
        ssize_t n = recv(s, into, sizeof into, 0);
        if (n > 0) *(uint64_t *)total += (uint64_t)n;
    }
    close(s);
    return NULL;
}

static void *send_frames(void *name)
{
    int s = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
    setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on);
    setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&at, sizeof at) < 0) perror("bind");
    struct virtio_net_hdr v = {.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1448,
                               .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .hdr_len = 54,
                               .csum_start = 34, .csum_offset = 16};
    uint8_t super[FRAME];
    memcpy(super, frame, sizeof super);
    super[23] = 6;                             // TCP, and in it:
    super[46] = 5 << 4;                        // a header of five words
    struct iovec iov[2] = {{&v, sizeof v}, {super, sizeof super}};
    while (!over)
        if (writev(s, iov, 2) < 0 && errno == ENOBUFS) sched_yield();
    close(s);
    return NULL;
}

static double rate(uint64_t bytes, nsec took) { return (double)bytes * 1e3 / (double)took; }

static double measure_down(int fd, nsec length)
{
    pthread_t reader;
    uint64_t total = 0;
    struct iovec iov[2] = {{&vnet, sizeof vnet}, {frame, sizeof frame}};
    over = false;
    pthread_create(&reader, NULL, read_datagrams, &total);
    usleep(100000);
    nsec from = clock_monotonic(), now;
    while ((now = clock_monotonic()) - from < length)
        for (int i = 0; i < 16; i++)
            if (writev(fd, iov, 2) < 0 && errno != EAGAIN) { perror("TAP"); exit(1); }
    over = true;
    pthread_join(reader, NULL);
    return rate(total, now - from);
}

static double measure_up(int fd, char *name, nsec length)
{
    pthread_t sender;
    uint64_t total = 0;
    static char into[70000];
    over = false;
    pthread_create(&sender, NULL, send_frames, name);
    nsec from = clock_monotonic(), now;
    while ((now = clock_monotonic()) - from < length) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 100) <= 0) continue;
        ssize_t n;
        while ((n = read(fd, into, sizeof into)) > 0) total += (uint64_t)n - 10 - 54;
    }
    over = true;
    pthread_join(sender, NULL);
    return rate(total, now - from);
}

int main(int argc, char **argv)
{
    char error[256];
    char *name = argc > 1 ? argv[1] : "tap0";
    struct tap_config cfg = {.name = name, .offload = true, .kernels = 1,
                             .kernel = {{addr_ip4(0x0a090001), 24}}};
    struct tap *t = tap_open(&cfg, error, sizeof error);
    if (t == NULL) { fprintf(stderr, "tap_ceiling: %s\n", error); return 2; }

    struct ifreq r = {0};
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    if (ioctl(s, SIOCGIFHWADDR, &r) < 0) { perror("tap_ceiling"); return 2; }
    close(s);
    build_frame((const uint8_t *)r.ifr_hwaddr.sa_data);
    printf("down %.0f\n", measure_down(tap_fd(t), SEC(2)));
    printf("up %.0f\n", measure_up(tap_fd(t), name, SEC(2)));
    tap_close(t);
    return 0;
}
