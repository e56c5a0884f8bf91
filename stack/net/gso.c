// gso.c - see gso.h.
#include "net/gso.h"

#include "base/csum.h"
#include "wire/ip4_wire.h"
#include "wire/ip6_wire.h"
#include "wire/tcp_wire.h"

static size_t headers_len(const struct frame *super)
{
    const struct tcp_hdr *t = (const struct tcp_hdr *)(super->head->data + super->l4);
    return super->l4 - super->start + (size_t)(t->off >> 4) * 4;
}

uint32_t gso_payload(const struct frame *super)
{
    return super->len - (uint32_t)headers_len(super);
}

uint32_t gso_segments(const struct frame *f)
{
    if (f->gso_size == 0 || f->l4 < f->start) return 1;
    if (f->l4 - f->start + sizeof(struct tcp_hdr) > f->head_len) return 1;
    size_t headers = headers_len(f);
    return headers >= f->len ? 1
                             : (uint32_t)((f->len - headers + f->gso_size - 1) / f->gso_size);
}

// Gives f the bytes [at, at + len) of the payload, which may begin in the contiguous part.
static void give_payload(struct frame *f, const struct frame *super, size_t at, size_t len)
{
    size_t headers = headers_len(super), before = super->head_len - headers;
    if (at < before) {
        size_t part = before - at < len ? before - at : len;
        frame_give(f, frame_slice(super, headers + at, part));
        at += part;
        len -= part;
    }
    at -= before;
    for (unsigned i = 0; i < super->slices && len > 0; i++) {
        struct slice s = super->payload[i];
        if (at >= s.len) { at -= s.len; continue; }
        size_t part = s.len - at < len ? s.len - at : len;
        frame_give(f, slice_part(s, at, part));
        at = 0;
        len -= part;
    }
    CHECK(len == 0);
}

static void patch_ip4(struct frame *f, uint16_t index)
{
    struct ip4_hdr *ip = (struct ip4_hdr *)(f->head->data + f->l3);
    put16(ip->total_len, (uint16_t)(f->len - (f->l3 - f->start)));
    put16(ip->id, (uint16_t)(get16(ip->id) + index));
    put16(ip->csum, 0);
    put16(ip->csum, csum_field(csum_sum(ip, (size_t)(f->l4 - f->l3))));
}

static void patch_ip6(struct frame *f)
{
    struct ip6_hdr *ip = (struct ip6_hdr *)(f->head->data + f->l3);
    put16(ip->payload_len, (uint16_t)(f->len - (f->l3 - f->start) - IP6_HDR_LEN));
}

// An urgent mark lies where it lay; what begins behind it has none.
static void move_mark(struct tcp_hdr *t, uint32_t at)
{
    uint32_t far = get16(t->urg);
    if (far <= at) t->flags &= (uint8_t)~TCP_URG;
    put16(t->urg, (uint16_t)(far > at ? far - at : 0));
}

static void patch_tcp(struct frame *f, const struct frame *super, uint32_t at, bool last)
{
    struct tcp_hdr *t = (struct tcp_hdr *)(f->head->data + f->l4);
    put32(t->seq, get32(t->seq) + at);
    if (!last) t->flags &= (uint8_t)~(TCP_FIN | TCP_PSH);
    if (at > 0) t->flags &= (uint8_t)~TCP_CWR;
    if (t->flags & TCP_URG) move_mark(t, at);
    // The length is a word of the pseudo header: out with the old, in with the new.
    uint16_t was = (uint16_t)(super->len - (super->l4 - super->start));
    uint16_t is = (uint16_t)(f->len - (f->l4 - f->start));
    put16(t->csum, csum_add(csum_add(get16(t->csum), (uint16_t)~was), is));
}

struct frame *gso_next(struct host *h, const struct frame *super, uint32_t *at)
{
    CHECK(super->csum == CSUM_TODO);
    CHECK(super->gso_size > 0);
    uint32_t total = gso_payload(super), left = total - *at;
    uint32_t len = left < super->gso_size ? left : super->gso_size;
    size_t headers = headers_len(super);

    struct frame *f = frame_new(&h->pool);
    if (f == NULL) return NULL;
    memcpy(frame_push(f, headers), frame_start(super), headers);
    f->l3 = (uint16_t)(f->start + (super->l3 - super->start));
    f->l4 = (uint16_t)(f->start + (super->l4 - super->start));
    f->csum = super->csum;
    f->csum_off = super->csum_off;
    f->conn = super->conn;
    f->why = super->why;
    f->family = super->family;
    if (*at == 0) f->id = super->id;
    host_frame_id(h, f);
    give_payload(f, super, *at, len);
    if (f->family == FAMILY_IP4) patch_ip4(f, (uint16_t)(*at / super->gso_size));
    else patch_ip6(f);
    patch_tcp(f, super, *at, *at + len == total);
    *at += len;
    return f;
}
