// tap.h - a TAP or TUN device as the wire of an interface.
//
// With offload the device is opened with virtio-net headers and TSO and checksum offload: a 64 KB
// super-frame crosses the kernel's border in one read or one write, its checksum left to do. A
// device that was not there is made for us and vanishes with us; one that was there gets its flags,
// its offload bits, its MTU and its up/down state back at tap_close.
//
// A TUN device carries IP packets without Ethernet. Everything above reads Ethernet, so a header is
// made up here, of two MACs that are all zero as on lo, and taken off again on the way out: for an
// interface that is point to point and has no MAC. With offload it too moves 64 KB at once.
#ifndef TAP_H
#define TAP_H

#include "core/frame.h"
#include "stack.h"

struct tap;

enum { TAP_ADDRS = 8 };

struct tap_config {
    const char *name;      // "tap0"
    bool        tun;       // no Ethernet
    uint32_t    mtu;       // 0: as it is
    bool        offload;   // ask for virtio-net headers, TSO and checksum offload
    struct prefix kernel[TAP_ADDRS];  // for the kernel's end, if we make the device
    unsigned    kernels;
};

// NULL on failure, and in error one sentence that says what is missing.
struct tap *tap_open(const struct tap_config *cfg, char *error, size_t cap);
void        tap_close(struct tap *t);
int         tap_fd(const struct tap *t);
bool        tap_made(const struct tap *t);     // it was not there before
uint32_t    tap_offload(const struct tap *t);  // NG_OFFLOAD_* bits for ng_host_add_netif
uint32_t    tap_mtu(const struct tap *t);
struct mac  tap_mac(const struct tap *t);      // of the kernel's end; all zero if it has none

// True: the kernel itself has this address, on the interface that name then says.
bool        tap_kernel_has(struct addr a, char name[16]);

// The next frame the kernel wrote, from h's pool, or NULL when none waits (*error 0), when the pool
// is at its limit (-ENOMEM; the frame is lost), or when the device is gone (-EIO and the like).
struct frame *tap_read(struct tap *t, struct host *h, int *error);
// Borrows f. 0, or -errno: -EAGAIN when the kernel's queue is full.
int           tap_write(struct tap *t, const struct frame *f);

#endif
