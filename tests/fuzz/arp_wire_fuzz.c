// arp_wire_fuzz.c - an ARP packet means the same after a round trip.
#include "wire/arp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    uint8_t a[ARP_LEN], b[ARP_LEN];
    struct arp_packet once, twice;
    if (arp_parse(&once, p, len) != DROP_NONE) return 0;

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = arp_emit(&once, a);
    CHECK(arp_parse(&twice, a, used) == DROP_NONE);
    CHECK(arp_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
