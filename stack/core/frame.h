// frame.h - one packet on its way through the stack.
//
//            head chunk                            payload slices (up to 8)
//     +-----------+-------------------+        +---------+   +--------------+
//     | headroom  | eth | ip | tcp    |   +    | bytes   | + | bytes ...    |
//     +-----------+-------------------+        +---------+   +--------------+
//     0           start               start + head_len
//
// Headers lie contiguous in the frame's own chunk, with room in front for the lower layers;
// frame_push moves the start down and frame_pull moves it up. Payload is up to eight slices that
// share memory with the send queue. A received frame has no slices: all its bytes are contiguous in
// the head chunk (so parsers see contiguous bytes only), and frame_slice takes out the part that
// belongs in a receive buffer without copying.
//
// Ownership is in the name: *_input, *_output, *_enqueue, *_give take the frame; others borrow.
#ifndef FRAME_H
#define FRAME_H

#include "base/addr.h"
#include "base/list.h"
#include "base/words.h"
#include "core/chunk.h"

enum { FRAME_HEADROOM = 128, FRAME_SLICES = 8 };
// The longest: an IPv6 packet, whose length does not count its header, with a VLAN tag.
enum { FRAME_MAX = 18 + 40 + 65535 };

enum frame_csum {
    CSUM_NONE,     // received: not looked at yet; to send: complete, or none needed
    CSUM_CHECKED,  // received: the device or the wire vouches for the transport checksum
    CSUM_TODO,     // only the pseudo header is summed; whoever sends it finishes (csum_off)
};

struct frame {
    struct list_node link;  // in a queue of its present owner
    struct pool     *pool;
    union { struct chunk *head; struct frame *next_free; };
    struct slice     payload[FRAME_SLICES];  // the first `slices` of them
    uint32_t         start, head_len;  // the contiguous part: head->data[start], head_len bytes
    uint32_t         len;              // head_len + the slices
    uint64_t         id;               // kept across hosts and links; 0: not given one yet
    uint32_t         conn;             // the socket's id it is sent for; 0: none
    nsec             stamp;            // when it was received, or handed to the driver
    uint16_t         gso_size;         // > 0: cut the TCP payload into segments of this size
    uint16_t         netif;            // received: by which interface of the host
    uint16_t         l2;               // received: where the Ethernet header lies in head
    uint16_t         l3, l4;           // where the IP and transport headers lie: data[l3], data[l4]
                                       // of head, so that push and pull leave them valid
    uint16_t         csum_off;         // CSUM_TODO: the sum of data[l4].. goes there + off
    uint8_t          csum;             // enum frame_csum
    uint8_t          slices;
    uint8_t          why;              // enum sent
    uint8_t          family;           // of the IP packet inside, FAMILY_*; 0: none
};

// A frame to be built: headroom in front, nothing in it. NULL at the pool's limit.
struct frame *frame_new(struct pool *p);
// A frame of bytes as the wire brings them: one contiguous copy of p. NULL at the pool's limit.
struct frame *frame_from(struct pool *pool, const uint8_t *p, size_t len);
// A contiguous frame of len bytes, at most FRAME_MAX, for a driver to read into (frame_start gives
// the place). It too has FRAME_HEADROOM in front. NULL at the pool's limit.
struct frame *frame_blank(struct pool *pool, size_t len);
// A contiguous copy in another pool, with id, gso, csum and why: how a wire carries a frame.
struct frame *frame_copy(struct pool *to, const struct frame *f);
// Frees without a word. Only for frames that did their work (sent, consumed); a frame that dies
// unserved goes through host_drop, which tells the trace why.
void          frame_free(struct frame *f);

static inline uint8_t *frame_start(const struct frame *f) { return f->head->data + f->start; }

uint8_t *frame_push(struct frame *f, size_t n);    // n more bytes in front; CHECKs headroom
void     frame_pull(struct frame *f, size_t n);    // n bytes fewer in front; CHECKs n <= head_len
void     frame_trim(struct frame *f, size_t len);  // cut the tail of a contiguous frame (padding)
void     frame_give(struct frame *f, struct slice s);  // appends payload; takes the count
// A slice of the contiguous part, off counted from the present start; takes a count of its own.
struct slice frame_slice(const struct frame *f, size_t off, size_t len);
// Copies up to cap bytes from the start into p; returns how many.
size_t   frame_flatten(const struct frame *f, uint8_t *p, size_t cap);
// Writes the transport checksum of a CSUM_TODO frame and makes it CSUM_NONE; others stay as they
// are.
void     frame_finish_csum(struct frame *f);

#endif
