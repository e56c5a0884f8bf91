// eth_wire.c - see eth_wire.h.
#include "wire/eth_wire.h"

enum drop eth_parse(struct eth_frame *f, const uint8_t *p, size_t len)
{
    const struct eth_hdr *h = (const struct eth_hdr *)p;
    if (len < ETH_HDR_LEN) return DROP_ETH_TRUNCATED;
    *f = (struct eth_frame){mac_of_bytes(h->dst), mac_of_bytes(h->src), get16(h->type)};
    return DROP_NONE;
}

size_t eth_emit(const struct eth_frame *f, uint8_t *p)
{
    struct eth_hdr *h = (struct eth_hdr *)p;
    memcpy(h->dst, f->dst.b, sizeof h->dst);
    memcpy(h->src, f->src.b, sizeof h->src);
    put16(h->type, f->type);
    return ETH_HDR_LEN;
}
