// pcapng_read.c - blocks of a pcapng file, see capfile.h and pcapng.h.
#include "capture/capfile.h"
#include "capture/pcapng.h"

enum { BLOCK_FRAME = 12, IFACES_MAX = 65536, PACKET_HEAD = 20, TSRESOL_MICRO = 6,
       TSRESOL_BINARY = 0x80 };

struct block { uint32_t type; const uint8_t *body; size_t len; };

// --- time ----------------------------------------------------------------------------------------

static nsec clamp(__int128 v)
{
    return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (nsec)v;
}

// Units of 10^-n or 2^-n seconds into nanoseconds. Far too fine ones become 0.
static nsec time_of(const struct cap_iface *iface, uint64_t units)
{
    unsigned n = iface->tsresol & 0x7f;
    __int128 ns = units;
    if (iface->tsresol & TSRESOL_BINARY) {
        ns = n > 94 ? 0 : (ns * 1000000000) >> n;
    } else {
        for (; n < 9; n++) ns *= 10;
        for (; n > 9 && ns > 0; n--) ns /= 10;
    }
    return clamp(ns + (__int128)iface->tsoffset * 1000000000);
}

// --- blocks --------------------------------------------------------------------------------------

static enum capfile_next read_section(struct capfile *f, const struct block *b)
{
    if (b->len < 16) return capfile_broken(f, "a section header is too short");
    if (capfile_u16(f, b->body + 4) != 1)
        return capfile_broken(f, "this version of pcapng is unknown");
    f->iface_count = 0;
    return CAPFILE_END;
}

static bool read_iface_options(struct capfile *f, struct cap_iface *iface, const uint8_t *p,
                               size_t len)
{
    while (len >= 4) {
        uint16_t code = capfile_u16(f, p), value_len = capfile_u16(f, p + 2);
        size_t padded = ((size_t)value_len + 3) & ~(size_t)3;
        if (code == PCAPNG_OPT_END) return true;
        if (padded > len - 4) return false;
        if (code == PCAPNG_OPT_IF_TSRESOL && value_len == 1) iface->tsresol = p[4];
        if (code == PCAPNG_OPT_IF_TSOFFSET && value_len == 8) {
            uint32_t a = capfile_u32(f, p + 4), b = capfile_u32(f, p + 8);
            iface->tsoffset = (int64_t)(f->swap ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a);
        }
        p += 4 + padded;
        len -= 4 + padded;
    }
    return len == 0;
}

static enum capfile_next read_iface(struct capfile *f, const struct block *b)
{
    if (b->len < 8) return capfile_broken(f, "an interface's block is too short");
    if (f->iface_count == IFACES_MAX) return capfile_broken(f, "there are too many interfaces");
    if (f->iface_count == f->iface_cap) {
        uint32_t cap = f->iface_cap * 2 + 4;
        struct cap_iface *more = realloc(f->ifaces, cap * sizeof *more);
        if (more == NULL) return capfile_broken(f, "out of memory");
        f->ifaces = more;
        f->iface_cap = cap;
    }
    struct cap_iface iface = {.linktype = capfile_u16(f, b->body), .tsresol = TSRESOL_MICRO,
                              .snaplen = capfile_u32(f, b->body + 4)};
    if (!read_iface_options(f, &iface, b->body + 8, b->len - 8))
        return capfile_broken(f, "an option runs past its block");
    f->ifaces[f->iface_count++] = iface;
    return CAPFILE_END;
}

// Behind the packet, where an Enhanced Packet Block has options: which way it went. Those that make
// no sense tell nothing.
static uint8_t read_direction(struct capfile *f, const uint8_t *p, size_t len)
{
    while (len >= 4) {
        uint16_t code = capfile_u16(f, p), value_len = capfile_u16(f, p + 2);
        size_t padded = ((size_t)value_len + 3) & ~(size_t)3;
        if (code == PCAPNG_OPT_END || padded > len - 4) break;
        if (code == PCAPNG_OPT_FLAGS && value_len == 4) return capfile_u32(f, p + 4) & 3;
        p += 4 + padded;
        len -= 4 + padded;
    }
    return 0;
}

// The obsolete packet block differs in one thing: half its interface field counts drops.
static enum capfile_next read_packet(struct capfile *f, const struct block *b)
{
    if (b->len < PACKET_HEAD) return capfile_broken(f, "a packet's block is too short");
    bool old = b->type == PCAPNG_OLD_PACKET;
    uint32_t iface = old ? capfile_u16(f, b->body) : capfile_u32(f, b->body);
    uint64_t units = (uint64_t)capfile_u32(f, b->body + 4) << 32 | capfile_u32(f, b->body + 8);
    uint32_t caplen = capfile_u32(f, b->body + 12), len = capfile_u32(f, b->body + 16);
    if (iface >= f->iface_count)
        return capfile_broken(f, "a packet names an interface that was not described");
    if (caplen > b->len - PACKET_HEAD)
        return capfile_broken(f, "a packet is longer than its block");
    f->last = time_of(&f->ifaces[iface], units);
    f->packet = (struct cap_packet){
        .at = f->last, .linktype = f->ifaces[iface].linktype, .caplen = caplen,
        .len = len > caplen ? len : caplen, .p = b->body + PACKET_HEAD, .iface = iface};
    size_t used = PACKET_HEAD + (((size_t)caplen + 3) & ~(size_t)3);
    if (!old && used < b->len)
        f->packet.direction = read_direction(f, b->body + used, b->len - used);
    return CAPFILE_PACKET;
}

// It has no time: that of the packet before is the best guess there is.
static enum capfile_next read_simple_packet(struct capfile *f, const struct block *b)
{
    if (b->len < 4) return capfile_broken(f, "a packet's block is too short");
    if (f->iface_count == 0)
        return capfile_broken(f, "a packet names an interface that was not described");
    uint32_t len = capfile_u32(f, b->body), caplen = len, snap = f->ifaces[0].snaplen;
    if (snap != 0 && caplen > snap) caplen = snap;
    if (caplen > b->len - 4) return capfile_broken(f, "a packet is longer than its block");
    f->packet = (struct cap_packet){.at = f->last, .linktype = f->ifaces[0].linktype, .len = len,
                                    .caplen = caplen, .p = b->body + 4};
    return CAPFILE_PACKET;
}

// Ours are little endian whatever the section is.
static enum capfile_next read_local(struct capfile *f, const struct block *b)
{
    if (b->len < 8 || le_get32(b->body) != PCAPNG_MAGIC) return CAPFILE_END;
    f->kind = le_get32(b->body + 4);
    f->body = b->body + 8;
    f->body_len = b->len - 8;
    return CAPFILE_LOCAL;
}

// CAPFILE_END: the block is done with, and there is nothing to tell.
static enum capfile_next read_block(struct capfile *f, const struct block *b)
{
    switch (b->type) {
    case PCAPNG_SECTION:       return read_section(f, b);
    case PCAPNG_IFACE:         return read_iface(f, b);
    case PCAPNG_PACKET:
    case PCAPNG_OLD_PACKET:    return read_packet(f, b);
    case PCAPNG_SIMPLE_PACKET: return read_simple_packet(f, b);
    default:                   return b->type == PCAPNG_LOCAL ? read_local(f, b) : CAPFILE_END;
    }
}

// Only the section header says in which byte order its own length stands, and all that follows.
static bool take_byte_order(struct capfile *f, const uint8_t *p)
{
    bool big = get32(p + 8) == PCAPNG_BYTE_ORDER;
    if (!big && le_get32(p + 8) != PCAPNG_BYTE_ORDER) return false;
    f->swap = big;
    return true;
}

// The file ends inside this block. Of a block of events the head is of use, too.
static enum capfile_next take_head(struct capfile *f, struct block *b, uint32_t total)
{
    size_t have = infile_left(&f->in, total);
    const uint8_t *p = infile_need(&f->in, have);
    if (p == NULL || f->in.error != 0 || have < 8 + PCAPNG_EVENTS_HEAD) return capfile_cut(f);
    bool events = capfile_u32(f, p) == PCAPNG_LOCAL && le_get32(p + 8) == PCAPNG_MAGIC &&
                  le_get32(p + 12) == PCAPNG_EVENTS;
    if (!events) return capfile_cut(f);
    f->partial = true;
    *b = (struct block){PCAPNG_LOCAL, p + 8, have - 8};
    return CAPFILE_PACKET;
}

static enum capfile_next take_block(struct capfile *f, struct block *b)
{
    const uint8_t *p = infile_need(&f->in, BLOCK_FRAME);
    if (p == NULL) return capfile_cut(f);
    if (get32(p) == PCAPNG_SECTION && !take_byte_order(f, p))
        return capfile_broken(f, "the section's byte order cannot be told");
    uint32_t total = capfile_u32(f, p + 4);
    if (total < BLOCK_FRAME || total % 4 != 0 || total > PCAPNG_BLOCK_MAX)
        return capfile_broken(f, "a block's length makes no sense");
    p = infile_need(&f->in, total);
    if (p == NULL) return take_head(f, b, total);
    if (capfile_u32(f, p + total - 4) != total)
        return capfile_broken(f, "a block's two lengths differ");
    *b = (struct block){capfile_u32(f, p), p + 8, total - BLOCK_FRAME};
    return CAPFILE_PACKET;
}

enum capfile_next pcapng_read(struct capfile *f)
{
    while (!f->partial && (infile_left(&f->in, 1) > 0 || f->in.error != 0)) {
        struct block b = {.len = 0};
        enum capfile_next got = take_block(f, &b);
        if (got == CAPFILE_BROKEN) return got;
        got = read_block(f, &b);
        if (got == CAPFILE_BROKEN) return got;
        infile_skip(&f->in, b.len + (f->partial ? BLOCK_FRAME - 4 : BLOCK_FRAME));
        if (got != CAPFILE_END) return got;
    }
    return f->partial ? capfile_cut(f) : CAPFILE_END;
}
