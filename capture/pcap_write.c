// pcap_write.c - see pcap_write.h. libpcap writes to a FILE; ours is one whose bytes go to an
// outfile, so that both formats share its temporary name and its errors.
#include "capture/pcap_write.h"

#include <pcap/pcap.h>
#include <stdio.h>

#include "capture/pcapng.h"

struct pcap_write { pcap_t *pcap; pcap_dumper_t *dumper; };

static ssize_t put(void *cookie, const char *p, size_t len)
{
    outfile_put(cookie, p, len);
    return (ssize_t)len;  // a failure is the outfile's to tell
}

struct pcap_write *pcap_write_open(struct outfile *o)
{
    struct pcap_write *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    w->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, PCAPNG_SNAPLEN,
                                                   PCAP_TSTAMP_PRECISION_NANO);
    FILE *f = fopencookie(o, "w", (cookie_io_functions_t){.write = put});
    if (w->pcap != NULL && f != NULL) w->dumper = pcap_dump_fopen(w->pcap, f);
    if (w->dumper != NULL) return w;
    if (f != NULL) fclose(f);
    if (w->pcap != NULL) pcap_close(w->pcap);
    free(w);
    return NULL;
}

void pcap_write_packet(struct pcap_write *w, nsec at, const uint8_t *p, size_t caplen, size_t len)
{
    struct pcap_pkthdr h = {
        .ts = {.tv_sec = at / SEC(1), .tv_usec = at % SEC(1)},  // read as nanoseconds
        .caplen = (bpf_u_int32)caplen,
        .len = (bpf_u_int32)(len > caplen ? len : caplen),
    };
    pcap_dump((u_char *)w->dumper, &h, p);
}

void pcap_write_close(struct pcap_write *w)
{
    pcap_dump_close(w->dumper);
    pcap_close(w->pcap);
    free(w);
}
