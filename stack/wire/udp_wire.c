// udp_wire.c - see udp_wire.h.
#include "wire/udp_wire.h"

enum drop udp_parse(struct udp_datagram *udp, const uint8_t *p, size_t len)
{
    const struct udp_hdr *h = (const struct udp_hdr *)p;
    if (len < UDP_HDR_LEN) return DROP_UDP_TRUNCATED;
    uint16_t says = get16(h->len);
    if (says < UDP_HDR_LEN || says > len) return DROP_UDP_BAD_LENGTH;
    *udp = (struct udp_datagram){get16(h->sport), get16(h->dport), says, get16(h->csum)};
    return DROP_NONE;
}

size_t udp_emit(const struct udp_datagram *udp, uint8_t *p)
{
    struct udp_hdr *h = (struct udp_hdr *)p;
    put16(h->sport, udp->sport);
    put16(h->dport, udp->dport);
    put16(h->len, udp->len);
    put16(h->csum, udp->csum);
    return UDP_HDR_LEN;
}

uint16_t udp_csum_field(uint16_t sum) { return sum == 0xffff ? 0xffff : (uint16_t)~sum; }
