// capfile.h - the packets of any capture file: pcapng (pcapng_read.c) or classic pcap
// (pcap_read.c), of either byte order and any resolution of time.
//
// Everything in the file is hostile: lengths are checked against what is there and against limits,
// and what cannot be understood ends the reading with one sentence. Blocks that mean nothing to us
// are passed over.
#ifndef CAPFILE_H
#define CAPFILE_H

#include "base/text.h"
#include "capture/infile.h"

enum capfile_next {
    CAPFILE_PACKET,  // packet is set
    CAPFILE_LOCAL,   // one of our own blocks (pcapng.h): kind and body are set
    CAPFILE_END,
    CAPFILE_BROKEN,  // error is set
};

struct cap_packet {
    nsec           at;            // since 1970, or whatever the writer's clock counts from
    uint32_t       linktype;
    uint32_t       len, caplen;   // caplen bytes of len are at p, until the next call
    const uint8_t *p;
    uint32_t       iface;         // where it was seen
    uint8_t        direction;     // PCAPNG_INBOUND, PCAPNG_OUTBOUND there, or 0: not told
};

struct cap_iface { uint16_t linktype; uint8_t tsresol; uint32_t snaplen; int64_t tsoffset; };

struct capfile {
    struct infile     in;
    char              name[128], error[256];
    bool              pcapng, swap;      // swap: numbers are big endian
    struct cap_iface *ifaces;            // of the present section
    uint32_t          iface_count, iface_cap;
    bool              nano;              // classic pcap
    uint32_t          linktype;
    nsec              last;              // for packets that have no time
    bool              partial;           // the file ends inside a block of ours: body is its head
    struct cap_packet packet;
    uint32_t          kind;
    const uint8_t    *body;
    size_t            body_len;
};

bool capfile_open(struct capfile *f, const char *path, char *error, size_t error_cap);
bool capfile_of_bytes(struct capfile *f, const uint8_t *p, size_t len, char *error, size_t cap);
void capfile_close(struct capfile *f);
enum capfile_next capfile_next(struct capfile *f);

// For the two readers.
enum capfile_next capfile_broken(struct capfile *f, const char *what);  // adds name and place
enum capfile_next capfile_cut(struct capfile *f);                       // ended, or a read failed
enum capfile_next pcapng_read(struct capfile *f);
enum capfile_next pcap_read(struct capfile *f);
bool              pcap_read_head(struct capfile *f);  // false: error is set

static inline uint16_t capfile_u16(const struct capfile *f, const uint8_t *p)
{
    return f->swap ? get16(p) : (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t capfile_u32(const struct capfile *f, const uint8_t *p)
{
    return f->swap ? get32(p) : capfile_u16(f, p) | (uint32_t)capfile_u16(f, p + 2) << 16;
}

#endif
