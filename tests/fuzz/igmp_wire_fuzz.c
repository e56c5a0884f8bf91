// igmp_wire_fuzz.c - group membership means the same after a round trip. The first byte picks IGMP
// or MLD.
#include "wire/igmp_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    static uint8_t a[1 << 16], b[1 << 16];
    struct igmp_message once, twice;
    if (len < 1) return 0;
    enum family family = p[0] % 2 == 0 ? FAMILY_IP4 : FAMILY_IP6;
    if (igmp_parse(&once, family, p + 1, len - 1) != DROP_NONE) return 0;
    CHECK(once.records <= IGMP_RECORDS_MAX);
    CHECK(igmp_max_resp_ms(&once) < 10000000);

    // The buffers are dirty in different ways, so a byte that emit leaves out shows.
    size_t size = igmp_size(&once);
    CHECK(size < len);
    memset(a, 0xa5, size);
    memset(b, 0x5a, size);
    CHECK(igmp_emit(&once, a) == size);
    CHECK(igmp_parse(&twice, family, a, size) == DROP_NONE);
    CHECK(igmp_emit(&twice, b) == size);
    CHECK(memcmp(a, b, size) == 0);
    return 0;
}
