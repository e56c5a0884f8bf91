// udp_wire_fuzz.c - a UDP header means the same after a round trip.
#include "wire/udp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static uint8_t a[UINT16_MAX], b[UINT16_MAX];
    struct udp_datagram once, twice;
    if (udp_parse(&once, p, len) != DROP_NONE) return 0;
    CHECK(once.len >= UDP_HDR_LEN && once.len <= len);

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    memset(a, 0xa5, sizeof a);
    memset(b, 0x5a, sizeof b);
    size_t used = udp_emit(&once, a);
    CHECK(udp_parse(&twice, a, sizeof a) == DROP_NONE);
    CHECK(udp_emit(&twice, b) == used);
    CHECK(memcmp(a, b, used) == 0);
    return 0;
}
