// host_bench.c - two hosts in memory on one core: how many 1448-byte segments a second go from
// write() on one to read() on the other, with their acknowledgements, by IPv4 and by IPv6; and the
// same bytes by memcpy.
//
// The wire between them copies each frame, as a wire does, so a byte is copied three times: into
// the send queue, over the wire, and out of the receive queue. Time is this process's own, so that
// a busy machine does not count. Prints TAP with the numbers.
#include <stdio.h>
#include <time.h>

#include "core/frame.h"
#include "stack.h"
#include "unit/family.h"

enum { PIECE = 65536, SEGMENT = 1448, TARGET = 1000000, BUFFER = 256 << 10 };

struct side { struct host *host; struct netif *netif; ng_app app; uint64_t frames; };
static_assert(SEGMENT == 1500 - 20 - 20 - 12, "of an MTU of 1500, or 1520 by IPv6");

static char bytes[PIECE], into[PIECE];

static void need(bool good, const char *what)
{
    if (good) return;
    printf("not ok 1 - host_bench: %s\n1..1\n", what);
    exit(1);
}

static struct side side_new(uint16_t id)
{
    struct ng_host_config hc = {.name = "bench", .id = id, .seed = id};
    struct ng_netif_config nc = {.name = "eth0", .mac = {{2, 0, 0, 0, 0, (uint8_t)id}}};
    struct side s = {.host = ng_host_new(&hc)};
    need(s.host != NULL, "no host");
    s.netif = ng_host_add_netif(s.host, &nc);
    need(s.netif != NULL, "no interface");
    need(ng_netif_set_mtu(s.netif, family_mtu()) == 0, "no MTU");
    need(ng_netif_add_addr(s.netif, family_addr((uint8_t)id), family_bits()) == 0, "no address");
    s.app = ng_app_new(s.host, "bench", false);
    return s;
}

// Carries what `from` has for the wire over to `to`. True if there was anything.
static bool carry(struct side *from, struct side *to, nsec now)
{
    struct frame *f;
    bool any = false;
    while ((f = ng_netif_take(from->netif)) != NULL) {
        struct frame *copy = ng_host_frame(to->host, f->len);
        need(copy != NULL, "no memory for a frame");
        frame_flatten(f, frame_start(copy), f->len);
        if (f->len > SEGMENT) from->frames++;
        frame_free(f);
        ng_host_input(to->host, to->netif, copy, now);
        any = true;
    }
    return any;
}

static void exchange(struct side *a, struct side *b, nsec now)
{
    bool any = true;
    while (any) {
        ng_host_run(a->host, now);
        any = carry(a, b, now);
        ng_host_run(b->host, now);
        any |= carry(b, a, now);
    }
}

static void drain(struct side *s, ng_sock sock, uint64_t *got)
{
    ssize_t n;
    while ((n = ng_sock_read(s->host, sock, into, sizeof into)) > 0) *got += (uint64_t)n;
}

// What is in flight fits into the processor's cache, as it does on a real path of this rate.
static void set_buffers(struct side *s, ng_sock sock)
{
    int room = BUFFER;
    need(ng_sock_set(s->host, sock, NG_SO_SNDBUF, &room, sizeof room) == 0, "SO_SNDBUF");
    need(ng_sock_set(s->host, sock, NG_SO_RCVBUF, &room, sizeof room) == 0, "SO_RCVBUF");
}

static nsec cpu_time(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return SEC(ts.tv_sec) + ts.tv_nsec;
}

static nsec copy_time(uint64_t total)
{
    static char copy[PIECE];
    nsec from = cpu_time();
    for (uint64_t n = 0; n < total; n += PIECE) {
        memcpy(copy, bytes, PIECE);
        __asm__ volatile("" : : "r"(copy) : "memory");
    }
    return cpu_time() - from;
}

static bool measure(void)
{
    struct side a = side_new(1), b = side_new(2);
    struct endpoint to = {.addr = family_addr(2), .port = 9}, peer;
    int error = 0;
    nsec now = SEC(1);

    ng_sock listener = ng_sock_open(b.host, b.app, KIND_TCP, &error);
    need(ng_sock_bind(b.host, listener, &to) == 0, "bind");
    need(ng_sock_listen(b.host, listener, 5) == 0, "listen");
    ng_sock out = ng_sock_open(a.host, a.app, KIND_TCP, &error);
    set_buffers(&b, listener);
    set_buffers(&a, out);
    ng_sock_connect(a.host, out, &to);
    exchange(&a, &b, now);
    ng_sock in = ng_sock_accept(b.host, listener, &peer, &error);
    need(in != 0, "accept");

    uint64_t total = (uint64_t)TARGET * 2 * SEGMENT, sent = 0, got = 0;
    nsec from = cpu_time();
    while (got < total) {
        now += USEC(50);
        while (sent < total) {
            ssize_t n = ng_sock_write(a.host, out, bytes, sizeof bytes);
            if (n <= 0) break;
            sent += (uint64_t)n;
        }
        exchange(&a, &b, now);
        drain(&b, in, &got);
        need(now < SEC(3600), "the transfer stands still");
    }
    nsec took = cpu_time() - from, copied = copy_time(got);

    double per_second = (double)a.frames * 1e9 / (double)took;
    int number = family == FAMILY_IP4 ? 4 : 6;
    printf("# host to host in memory by IPv%d: %.2f million segments/s, %.0f MB/s\n", number,
           per_second / 1e6, (double)got * 1e3 / (double)took);
    printf("# memcpy of the same bytes: %.0f MB/s; ratio %.3f\n",
           (double)got * 1e3 / (double)copied, (double)copied / (double)took);
    bool fast = per_second >= TARGET;
    printf("%s %d - at least 1 million segments of 1448 bytes a second on one core by IPv%d\n",
           fast ? "ok" : "not ok", number / 3, number);
    ng_host_free(a.host);
    ng_host_free(b.host);
    return fast;
}

int main(void)
{
    bool fast = measure();
    family = FAMILY_IP6;
    fast &= measure();
    puts("1..2");
    return fast ? 0 : 1;
}
