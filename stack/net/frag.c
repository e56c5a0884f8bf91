// frag.c - see frag.h.
#include "net/frag.h"

#include "net/eth.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"

// Where the header ends, and what each piece has of it.
struct cut { size_t head, room, total; uint32_t id; };

// Appends the bytes [at, at + len) behind f's header, which may lie in its slices too.
static bool give_part(struct frame *to, const struct frame *f, size_t at, size_t len)
{
    if (at < f->head_len) {
        size_t part = f->head_len - at < len ? f->head_len - at : len;
        frame_give(to, frame_slice(f, at, part));
        at += part;
        len -= part;
    }
    at -= f->head_len;
    for (unsigned i = 0; i < f->slices && len > 0; i++) {
        struct slice s = f->payload[i];
        if (at >= s.len) { at -= s.len; continue; }
        size_t part = s.len - at < len ? s.len - at : len;
        if (to->slices == FRAME_SLICES) return false;
        frame_give(to, slice_part(s, at, part));
        at = 0;
        len -= part;
    }
    return len == 0;
}

// Options that are not for every fragment give way to no-operations (RFC 791 §3.1).
static void clear_options(uint8_t *p, size_t len)
{
    enum { END = 0, NOP = 1, COPIED = 0x80 };
    for (size_t i = IP4_HDR_MIN; i < len && p[i] != END;) {
        size_t n = p[i] == NOP ? 1 : p[i + 1];
        if (!(p[i] & COPIED)) memset(p + i, NOP, n);
        i += n;
    }
}

static void put_ip4(uint8_t *p, const struct frame *f, const struct cut *c, size_t at, size_t len)
{
    const struct ip4_hdr *was = (const struct ip4_hdr *)frame_start(f);
    struct ip4_hdr *ip = (struct ip4_hdr *)p;
    memcpy(p, was, c->head);
    uint16_t offset = (uint16_t)((get16(was->frag) & 0x1fff) + at / 8);
    bool more = at + len < c->total || (get16(was->frag) & IP4_FRAG_MF) != 0;
    put16(ip->frag, (uint16_t)(offset | (more ? IP4_FRAG_MF : 0)));
    put16(ip->total_len, (uint16_t)(c->head + len));
    if (offset > 0) clear_options(p, c->head);
    ip4_fix_csum(p, c->head);
}

// The fragment header goes behind what every router reads: nothing of ours but the fixed header and
// hop-by-hop options.
static void put_ip6(uint8_t *p, const struct frame *f, const struct cut *c, size_t at, size_t len)
{
    memcpy(p, frame_start(f), c->head);
    uint8_t *next = p + offsetof(struct ip6_hdr, next), *frag = p + c->head;
    if (*next == IP6_NEXT_HOP) next = p + IP6_HDR_LEN;
    frag[0] = *next;
    frag[1] = 0;
    put16(frag + 2, (uint16_t)(at | (at + len < c->total ? 1 : 0)));
    put32(frag + 4, c->id);
    *next = IP6_NEXT_FRAGMENT;
    put16(((struct ip6_hdr *)p)->payload_len,
          (uint16_t)(c->head - IP6_HDR_LEN + IP6_FRAG_LEN + len));
}

static struct frame *piece(struct host *h, const struct frame *f, const struct cut *c, size_t at)
{
    bool ip6 = f->family == FAMILY_IP6;
    size_t len = c->total - at < c->room ? c->total - at : c->room;
    struct frame *to = frame_new(&h->pool);
    if (to == NULL) return NULL;
    uint8_t *p = frame_push(to, c->head + (ip6 ? IP6_FRAG_LEN : 0));
    if (ip6) put_ip6(p, f, c, at, len);
    else put_ip4(p, f, c, at, len);
    to->family = f->family;
    to->why = f->why;
    to->conn = f->conn;
    to->l3 = (uint16_t)to->start;
    to->l4 = (uint16_t)(to->start + to->head_len);
    if (at == 0) to->id = f->id;
    if (!give_part(to, f, c->head + at, len)) {
        frame_free(to);
        return NULL;
    }
    host_frame_id(h, to);
    return to;
}

// What one piece may carry, or 0 if the link is too narrow for any.
static size_t room_in(const struct frame *f, size_t head, uint32_t mtu)
{
    size_t overhead = head + (f->family == FAMILY_IP6 ? IP6_FRAG_LEN : 0);
    return mtu < overhead + 8 ? 0 : (mtu - overhead) & ~(size_t)7;
}

void frag_output(struct host *h, struct frame *f, const struct way *way, uint32_t mtu)
{
    frame_finish_csum(f);
    struct cut c = {.head = (size_t)(f->l4 - f->l3), .id = (uint32_t)rng_next(&h->rng)};
    c.total = f->len - c.head;
    c.room = room_in(f, c.head, mtu);
    if (c.room == 0) {
        host_drop(h, f, DROP_IP_TOO_BIG);
        return;
    }
    for (size_t at = 0; at < c.total; at += c.room) {
        struct frame *to = piece(h, f, &c, at);
        if (to == NULL) {  // a packet that lacks a piece is none
            host_drop(h, f, DROP_NO_MEMORY);
            return;
        }
        host_step(h, to, STEP_IP_CUT, to->conn, to->head_len);
        link_output(way, to);
    }
    frame_free(f);
}
