// pcap_write.h - classic pcap through libpcap, in nanoseconds: frames only.
#ifndef PCAP_WRITE_H
#define PCAP_WRITE_H

#include "capture/outfile.h"

struct pcap_write;

struct pcap_write *pcap_write_open(struct outfile *o);  // o is borrowed; NULL: no memory
void pcap_write_packet(struct pcap_write *w, nsec at, const uint8_t *p, size_t caplen, size_t len);
void pcap_write_close(struct pcap_write *w);

#endif
