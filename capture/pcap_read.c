// pcap_read.c - classic pcap, see capfile.h. A header of 24 bytes, whose magic number tells the
// byte order and whether fractions are micro- or nanoseconds; then 16 bytes before each packet.
#include "capture/capfile.h"
#include "capture/pcapng.h"

enum { PCAP_HEAD = 24, PCAP_RECORD = 16, PCAP_PACKET_MAX = 1 << 20 };
static const uint32_t PCAP_MICRO = 0xa1b2c3d4, PCAP_NANO = 0xa1b23c4d;

bool pcap_read_head(struct capfile *f)
{
    const uint8_t *p = infile_need(&f->in, 4);
    uint32_t little = le_get32(p), big = get32(p);
    f->swap = big == PCAP_MICRO || big == PCAP_NANO;
    f->nano = big == PCAP_NANO || little == PCAP_NANO;
    if (!f->swap && !f->nano && little != PCAP_MICRO) {
        capfile_broken(f, "this is no pcap or pcapng file");
        return false;
    }
    p = infile_need(&f->in, PCAP_HEAD);
    if (p == NULL) return capfile_cut(f) != CAPFILE_BROKEN;
    f->linktype = capfile_u32(f, p + 20) & 0x0fffffff;  // above: how long the check sequence is
    infile_skip(&f->in, PCAP_HEAD);
    return true;
}

enum capfile_next pcap_read(struct capfile *f)
{
    size_t left = infile_left(&f->in, PCAP_RECORD);
    if (left == 0 && f->in.error == 0) return CAPFILE_END;
    const uint8_t *p = infile_need(&f->in, PCAP_RECORD);
    if (p == NULL) return capfile_cut(f);
    uint32_t sec = capfile_u32(f, p), fraction = capfile_u32(f, p + 4);
    uint32_t caplen = capfile_u32(f, p + 8), len = capfile_u32(f, p + 12);
    if (caplen > PCAP_PACKET_MAX) return capfile_broken(f, "a packet's length makes no sense");
    p = infile_need(&f->in, PCAP_RECORD + (size_t)caplen);
    if (p == NULL) return capfile_cut(f);

    infile_skip(&f->in, PCAP_RECORD + (size_t)caplen);
    f->packet = (struct cap_packet){
        .at = SEC(sec) + (nsec)fraction * (f->nano ? 1 : 1000), .linktype = f->linktype,
        .len = len > caplen ? len : caplen, .caplen = caplen, .p = p + PCAP_RECORD};
    return CAPFILE_PACKET;
}
