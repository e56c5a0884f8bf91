// pcapng_write.h - blocks into a file, see pcapng.h. Nothing of the machine goes in: the same run
// gives the same bytes.
#ifndef PCAPNG_WRITE_H
#define PCAPNG_WRITE_H

#include "base/addr.h"
#include "capture/outfile.h"

enum { PCAPNG_ADDRS = 8, PCAPNG_NAME = 128 };

struct pcapng_iface {
    char          name[PCAPNG_NAME];
    struct mac    mac;
    struct prefix addrs[PCAPNG_ADDRS];
    unsigned      addr_count;
};

struct pcapng_packet {
    uint32_t       iface, flags;
    nsec           at;
    uint32_t       len, caplen;  // caplen bytes of len are at p
    const uint8_t *p;
    const char    *comment;      // NULL: none
};

void pcapng_put_section(struct outfile *o);
void pcapng_put_iface(struct outfile *o, const struct pcapng_iface *iface);
void pcapng_put_packet(struct outfile *o, const struct pcapng_packet *packet);
void pcapng_put_hello(struct outfile *o, uint64_t schema);
void pcapng_put_events(struct outfile *o, const uint8_t *events, size_t len);

#endif
