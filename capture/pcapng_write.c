// pcapng_write.c - see pcapng_write.h.
#include "capture/pcapng_write.h"

#include "capture/pcapng.h"

enum { LINE = 1024, BLOCK_FRAME = 12 };

// A run of bytes being built. Its users know their sizes: running over is our own mistake.
struct line { uint8_t p[LINE]; size_t len; };

static void put_u32(struct line *l, uint32_t v)
{
    CHECK(l->len + 4 <= LINE);
    le_put32(l->p + l->len, v);
    l->len += 4;
}

static void put_option(struct line *l, uint16_t code, const void *value, size_t len)
{
    size_t padded = (len + 3) & ~(size_t)3;
    CHECK(l->len + 4 + padded <= LINE);
    le_put16(l->p + l->len, code);
    le_put16(l->p + l->len + 2, (uint16_t)len);
    memset(l->p + l->len + 4, 0, padded);
    if (len > 0) memcpy(l->p + l->len + 4, value, len);
    l->len += 4 + padded;
}

static void put_block(struct outfile *o, uint32_t type, const struct line *body)
{
    CHECK(body->len % 4 == 0);
    struct line head, tail;
    head.len = tail.len = 0;
    put_u32(&head, type);
    put_u32(&head, (uint32_t)(BLOCK_FRAME + body->len));
    put_u32(&tail, (uint32_t)(BLOCK_FRAME + body->len));
    outfile_put(o, head.p, head.len);
    outfile_put(o, body->p, body->len);
    outfile_put(o, tail.p, tail.len);
}

void pcapng_put_section(struct outfile *o)
{
    struct line body;
    body.len = 0;
    put_u32(&body, PCAPNG_BYTE_ORDER);
    put_u32(&body, 1);           // version 1.0
    put_u32(&body, UINT32_MAX);  // the section's length is not told
    put_u32(&body, UINT32_MAX);
    put_option(&body, PCAPNG_OPT_USERAPPL, "netglass", 8);
    put_option(&body, PCAPNG_OPT_END, NULL, 0);
    put_block(o, PCAPNG_SECTION, &body);
}

static void put_iface_addr(struct line *l, struct prefix a)
{
    uint8_t value[17];
    size_t len = addr_len(a.addr);
    memcpy(value, a.addr.b, len);
    if (a.addr.family == FAMILY_IP4) {
        put32(value + 4, a.bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> a.bits));
        put_option(l, PCAPNG_OPT_IF_IP4, value, 8);
    } else if (a.addr.family == FAMILY_IP6) {
        value[len] = a.bits;
        put_option(l, PCAPNG_OPT_IF_IP6, value, 17);
    }
}

void pcapng_put_iface(struct outfile *o, const struct pcapng_iface *iface)
{
    struct line body;
    body.len = 0;
    put_u32(&body, LINKTYPE_ETHERNET);
    put_u32(&body, PCAPNG_SNAPLEN);
    put_option(&body, PCAPNG_OPT_IF_NAME, iface->name, strlen(iface->name));
    for (unsigned i = 0; i < iface->addr_count; i++) put_iface_addr(&body, iface->addrs[i]);
    if (!mac_is_zero(iface->mac)) put_option(&body, PCAPNG_OPT_IF_MAC, iface->mac.b, 6);
    put_option(&body, PCAPNG_OPT_IF_TSRESOL, &(uint8_t){9}, 1);
    put_option(&body, PCAPNG_OPT_END, NULL, 0);
    put_block(o, PCAPNG_IFACE, &body);
}

void pcapng_put_packet(struct outfile *o, const struct pcapng_packet *packet)
{
    struct line head, tail;
    head.len = tail.len = 0;
    size_t padding = -(size_t)packet->caplen & 3;
    memset(tail.p, 0, padding);
    tail.len = padding;
    uint8_t flags[4];
    le_put32(flags, packet->flags);
    put_option(&tail, PCAPNG_OPT_FLAGS, flags, sizeof flags);
    if (packet->comment != NULL)
        put_option(&tail, PCAPNG_OPT_COMMENT, packet->comment, strlen(packet->comment));
    put_option(&tail, PCAPNG_OPT_END, NULL, 0);

    size_t total = 7 * 4 + packet->caplen + tail.len + 4;
    put_u32(&head, PCAPNG_PACKET);
    put_u32(&head, (uint32_t)total);
    put_u32(&head, packet->iface);
    put_u32(&head, (uint32_t)((uint64_t)packet->at >> 32));
    put_u32(&head, (uint32_t)(uint64_t)packet->at);
    put_u32(&head, packet->caplen);
    put_u32(&head, packet->len > packet->caplen ? packet->len : packet->caplen);
    put_u32(&tail, (uint32_t)total);
    outfile_put(o, head.p, head.len);
    outfile_put(o, packet->p, packet->caplen);
    outfile_put(o, tail.p, tail.len);
}

void pcapng_put_hello(struct outfile *o, uint64_t schema)
{
    struct line body;
    body.len = 0;
    put_u32(&body, PCAPNG_MAGIC);
    put_u32(&body, PCAPNG_HELLO);
    put_u32(&body, (uint32_t)schema);
    put_u32(&body, (uint32_t)(schema >> 32));
    put_block(o, PCAPNG_LOCAL, &body);
}

void pcapng_put_events(struct outfile *o, const uint8_t *events, size_t len)
{
    struct line head, tail;
    head.len = tail.len = 0;
    size_t padding = -len & 3;
    size_t total = BLOCK_FRAME + PCAPNG_EVENTS_HEAD + len + padding;
    put_u32(&head, PCAPNG_LOCAL);
    put_u32(&head, (uint32_t)total);
    put_u32(&head, PCAPNG_MAGIC);
    put_u32(&head, PCAPNG_EVENTS);
    put_u32(&head, (uint32_t)len);
    memset(tail.p, 0, padding);
    tail.len = padding;
    put_u32(&tail, (uint32_t)total);
    outfile_put(o, head.p, head.len);
    outfile_put(o, events, len);
    outfile_put(o, tail.p, tail.len);
}
