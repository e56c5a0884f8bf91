// icmp4_wire_fuzz.c - an ICMP header means the same after a round trip.
#include "wire/icmp4_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    uint8_t a[ICMP4_HDR_LEN], b[ICMP4_HDR_LEN];
    struct icmp4_message once, twice;
    if (icmp4_parse(&once, p, len) != DROP_NONE) return 0;

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = icmp4_emit(&once, a);
    CHECK(icmp4_parse(&twice, a, used) == DROP_NONE);
    CHECK(icmp4_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
