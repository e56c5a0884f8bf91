// eth_wire_fuzz.c - an Ethernet header means the same after a round trip.
#include "wire/eth_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    uint8_t a[ETH_HDR_LEN], b[ETH_HDR_LEN];
    struct eth_frame once, twice;
    if (eth_parse(&once, p, len) != DROP_NONE) return 0;

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = eth_emit(&once, a);
    CHECK(eth_parse(&twice, a, used) == DROP_NONE);
    CHECK(eth_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
