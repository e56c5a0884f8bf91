// icmp6_wire_fuzz.c - an ICMPv6 header means the same after a round trip.
#include "wire/icmp6_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    uint8_t a[ICMP6_HDR_LEN], b[ICMP6_HDR_LEN];
    struct icmp6_message once, twice;
    if (icmp6_parse(&once, p, len) != DROP_NONE) return 0;

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = icmp6_emit(&once, a);
    CHECK(icmp6_parse(&twice, a, used) == DROP_NONE);
    CHECK(icmp6_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
